//! What must hold for whatever comes from outside, on inputs that look like the real thing: bytes
//! at random hardly ever make a keymap or a line of code. The exercises are those of the fuzz
//! targets.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::exercises::{owners, preview, query, sanitiser, settings, symptom, tokens};

/// Pieces of text that steer, hide, or are cut in the middle of a character.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        vec(any::<u8>(), 0..6),
        any::<char>().prop_map(|it| it.to_string().into_bytes()),
        proptest::sample::select(vec![
            &b"\x1b[2J"[..],
            b"\x1b]52;c;aGk=\x07",
            b"\x9b2J",
            b"\xc2\x9b",
            b"\xe2\x80\xae",
            b"\xe2\x80",
            b"\xf3\xa0\x81\x81",
            b"\xef\xb8\x8f",
            b"\xe2\x80\x8d",
            b"\r\n",
            b"\t",
            b"\0",
            b"\xef\xbb\xbf",
        ])
        .prop_map(<[u8]>::to_vec),
        "[a-zA-Z_ ]{0,8}".prop_map(String::into_bytes),
    ];
    vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

/// Lines of code in several tongues, with hostile text inside.
fn code() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        "(pub |export |async |static )?(fn|function|def|class|struct|const|type) [a-zA-Z_é0-9]{0,12}[({:= ]{0,3}"
            .prop_map(String::into_bytes),
        "[a-z]+([A-Z][a-z0-9]+){0,4}(_[A-Za-z0-9]+){0,3}".prop_map(String::into_bytes),
        hostile(),
    ];
    vec(line, 0..12).prop_map(|lines| lines.join(&b'\n'))
}

/// Lines of traces, logs and routes, with hostile text inside.
fn pasted() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        "[ \t]{0,4}at (async )?[a-zA-Z.$<>é]{0,8} ?\\(?[a-z/.:]{0,12}(js|java|cs|rs)?:[0-9]{0,20}(:[0-9]{1,3})?\\)?( \\{)?",
        "(  \\| )?  File \"[a-z/.<>é]{0,8}\", line [0-9]{1,3}(, in [a-z<>é]{0,6})?",
        "(\tfrom |[0-9]: from )?[a-z/é]{1,6}\\.rb:[0-9]{1,3}:in `(block in )?[a-z#]{1,6}'(: [a-z é]{1,8} \\(E\\))?",
        "(#[0-9]{1,2} )?[/a-z.]{1,8}(php|go|ex)[(:][0-9]{1,4}\\)?:? ?([a-zA-Z>:\\\\{}-]{0,8}\\(\\))?( \\+0x1)?",
        "(Caused by: |panic: |\\[cause\\]: |Traceback \\(most recent call last\\):|\\+ Exception Group Traceback|goroutine 1 \\[|\\*\\* \\()[a-zé: ]{0,8}",
        "[a-z]{1,4}-1 +\\| (GET|POST) /[a-z/:{}é%]{0,12} [0-9]{3}",
        "\\{\"(msg|stack|path|line)\":\"?[a-z\\\\né/]{0,10}\"?\\}?",
        "([a-z]{1,4}=\"?[a-zé\\\\]{0,4}\"? ){0,5}(msg|level)=[a-z]{0,3}",
        "[ ]{0,4}(@|r\\.|\\[|#\\[)(Get|get|Route|Group|Controller|resources)\\(?[\"'][a-z/:{}<é*]{0,8}[\"'](, [a-z.:>]{0,6}\\)?)?",
        "[a-z(]{0,6}[\"'`]{1,3}[a-z%$#{}()é\\\\ ]{0,10}[\"'`]{0,3}( ?\\+ ?[a-z]{0,2})?",
    ]
    .prop_map(String::into_bytes);
    vec(prop_oneof![4 => line, 1 => hostile()], 0..16).prop_map(|lines| lines.join(&b'\n'))
}

/// Queries with all that means something in them.
fn asked() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[!^'\"#@]{0,3}(role|lang|ext|path|changed|owner|foo)?:?[a-zA-Z0-9./_-]{0,8}(:[0-9]{0,20}){0,3}[$'\"]{0,2}",
        "changed:[0-9]{0,25}[mhdwyé]?",
        any::<String>(),
    ];
    vec(word, 0..6).prop_map(|words| words.join(" "))
}

/// Files of settings, keys, colours and roles, most lines of which mean something.
fn written() -> impl Strategy<Value = String> {
    let key = proptest::sample::select(vec![
        "theme",
        "keymap",
        "editor",
        "inherits",
        "id",
        "title",
        "ui.preview",
        "ui.ascii",
        "preview",
        "mouse",
        "index.max-file-bytes",
        "max-file-bytes",
        "limit",
        "history",
        "files",
        "folders",
        "names",
        "\"ctrl-x ctrl-x\"",
        "\"alt-enter\"",
        "\"\"",
        "list",
        "\"list.selected\"",
        "border",
        "order",
        "\"\\u001b[2J\"",
        "text",
        "patterns",
        "fg",
        "bg",
    ]);
    let value = proptest::sample::select(vec![
        "1",
        "-1",
        "99999999999999999999",
        "0.5",
        "nan",
        "true",
        "false",
        "\"\"",
        "\"mine\"",
        "\"default\"",
        "\"vim\"",
        "\"#ff0000\"",
        "\"red\"",
        "\"app.quit\"",
        "[\"list.next\", \"nothing\"]",
        "[]",
        "{}",
        "{ fg = \"blue\", bold = true }",
        "\"\\u001b]0;x\\u0007\"",
        "1979-05-27",
        "\"\"\"a\nb\"\"\"",
        "[1,",
        "=",
        "\"**/*.rs\"",
        "[\"*auth*\", \"[\"]",
    ]);
    let line = prop_oneof![
        (key, value).prop_map(|(key, value)| format!("{key} = {value}")),
        proptest::sample::select(vec![
            "[ui]",
            "[settings]",
            "[find]",
            "[any]",
            "[index]",
            "[search]",
            "[slots]",
            "[palette]",
            "[[rule]]",
            "[a.b]",
            "[",
            "[]",
            "# note",
            "roles = ["
        ])
        .prop_map(str::to_owned),
        "[ -~é\u{202e}\u{9b}]{0,12}",
    ];
    vec(line, 0..16).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn text_is_made_harmless(data in hostile()) {
        sanitiser(&data);
    }

    #[test]
    fn code_falls_into_words(data in code()) {
        tokens(&data);
    }

    #[test]
    fn everything_pasted_is_read(data in pasted()) {
        symptom(&data);
    }

    #[test]
    fn everything_typed_is_a_query(text in asked()) {
        query(text.as_bytes());
    }

    #[test]
    fn owners_may_be_anything(rules in "([*!\\[\\]{}?/a-z.]{0,8}( @[a-z]{0,4}){0,2}\n){0,6}", path in "[a-z*/.é]{0,12}") {
        owners(format!("{rules}\0{path}").as_bytes());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn settings_keys_colours_and_roles_may_be_anything(text in written()) {
        settings(text.as_bytes());
    }

    #[test]
    fn windows_fit_and_are_clean(head in any::<[u8; 5]>(), content in code()) {
        preview(&[&head[..], &content].concat());
    }
}
