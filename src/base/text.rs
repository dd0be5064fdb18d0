//! The sanitiser and the width arithmetic: every text from outside passes here once before it
//! reaches a screen, a clipboard or a pipe.
//!
//! What could steer a terminal or mislead a reader is made visible instead of being dropped: C0
//! and DEL as control pictures (U+2400 block), C1, bidirectional and zero-width controls, blank
//! fillers, tags and whatever else takes no room and may hide text as `<U+XXXX>`. Joiners and
//! variation selectors stay where they shape the character before them, as in emoji, and become
//! visible where they only hide. Background: Unicode TR36 (bidi), CVE-2021-42574 and the
//! terminal-escape advisories of other file browsers.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that a tab advances to a multiple of.
pub const TAB: usize = 4;

/// Tells how a character is made visible, or `None` when it may be shown as it is.
fn escape_of(character: char) -> Option<Visible> {
    match character {
        '\u{0}'..='\u{1f}' => {
            Some(Visible::Picture(char::from_u32(0x2400 + character as u32).unwrap_or('\u{fffd}')))
        }
        '\u{7f}' => Some(Visible::Picture('\u{2421}')),
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{61c}'
        // Hangul and Khmer letters that are drawn as nothing.
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'
        | '\u{200c}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        // Format characters of shorthand and of music.
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        // Tags, and what is kept free beside them.
        | '\u{e0000}'..='\u{e00ff}'
        | '\u{e01f0}'..='\u{e0fff}' => Some(Visible::Code(character as u32)),
        _ => None,
    }
}

/// Marks over one character that are shown as they are, as in Unicode's stream-safe format; what
/// comes beyond them is no writing.
const MOST_MARKS: usize = 30;

/// What decides whether a character that shapes the one before it may do so.
#[derive(Clone, Copy, Default)]
struct Before {
    character: Option<char>,
    marks: usize,
}

impl Before {
    /// Parts the run of plain characters at the beginning of a text from what follows, and goes
    /// on to the latter: most text is nothing else.
    fn skip_plain<'a>(&mut self, text: &'a str) -> (&'a str, &'a str) {
        let (plain, rest) = text.split_at(plain_run(text));
        if let Some(&last) = plain.as_bytes().last() {
            *self = Self { character: Some(char::from(last)), marks: 0 };
        }
        (plain, rest)
    }

    /// Tells how the next character is made visible, and goes on to it.
    fn next(&mut self, character: char, following: Option<char>) -> Option<Visible> {
        if character.is_ascii() {
            *self = Self { character: Some(character), marks: 0 };
            return escape_of(character);
        }
        let visible = escape_of(character).or_else(|| {
            let fits = match character {
                '\u{200d}' => {
                    let shaped = self.character.is_some_and(|it| is_sign(it) || it == '\u{fe0f}');
                    shaped && following.is_some_and(is_sign)
                }
                '\u{fe00}'..='\u{fe0f}' => self.character.is_some_and(is_sign),
                '\u{e0100}'..='\u{e01ef}' => self.character.is_some_and(is_ideograph),
                _ => self.marks < MOST_MARKS || character.width() != Some(0),
            };
            (!fits).then_some(Visible::Code(character as u32))
        });
        if visible.is_some() {
            // More marks of the same tower stay too many.
            self.character = None;
        } else {
            let marks = if character.width() == Some(0) { self.marks + 1 } else { 0 };
            *self = Self { character: Some(character), marks };
        }
        visible
    }
}

/// Whether a character has several looks, as emoji and other signs have.
fn is_sign(character: char) -> bool {
    matches!(
        character,
        '\u{a9}'
            | '\u{ae}'
            | '\u{203c}'
            | '\u{2049}'
            | '\u{2100}'..='\u{2bff}'
            | '\u{3030}'
            | '\u{303d}'
            | '\u{3297}'
            | '\u{3299}'
            | '\u{1f000}'..='\u{1faff}'
    )
}

fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

enum Visible {
    Picture(char),
    Code(u32),
}

/// Makes one line of outside text safe to show; newlines and tabs count as controls too.
pub fn clean(text: &str) -> Cow<'_, str> {
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    push_clean(&mut out, text);
    Cow::Owned(out)
}

/// Whether [`clean`] would change nothing.
pub fn is_clean(text: &str) -> bool {
    let mut before = Before::default();
    let mut rest = text;
    loop {
        rest = before.skip_plain(rest).1;
        let mut characters = rest.chars();
        let Some(character) = characters.next() else { return true };
        rest = characters.as_str();
        if before.next(character, characters.next()).is_some() {
            return false;
        }
    }
}

/// How many bytes at the beginning are printable ASCII, which is shown as it is wherever it stands.
pub fn plain_run(text: &str) -> usize {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~');
    let (blocks, _) = text.as_bytes().as_chunks::<32>();
    // Without a way out of the middle of a block, it is looked at in one go.
    let whole = |block: &&[u8; 32]| block.iter().fold(true, |all, byte| all & plain(byte));
    let start = blocks.iter().take_while(whole).count() * 32;
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    start + rest.iter().position(|it| !plain(it)).unwrap_or(rest.len())
}

/// Like [`clean`], with each tab turned into blanks up to the next multiple of [`TAB`] columns.
pub fn clean_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut column = 0;
    for part in text.split_inclusive('\t') {
        let (body, tab) = part.strip_suffix('\t').map_or((part, false), |body| (body, true));
        let body = clean(body);
        column += width(&body);
        out.push_str(&body);
        if tab {
            let blanks = TAB - column % TAB;
            out.extend(std::iter::repeat_n(' ', blanks));
            column += blanks;
        }
    }
    out
}

/// Makes outside text of several lines safe to print: line breaks and tabs stay, the rest is as in
/// [`clean`].
pub fn clean_lines(text: &str) -> Cow<'_, str> {
    let mut start = 0;
    let breaks = memchr::memchr2_iter(b'\n', b'\t', text.as_bytes()).chain([text.len()]);
    let clean_to = |end: usize| {
        let part = text.get(std::mem::replace(&mut start, end + 1)..end);
        part.is_some_and(is_clean)
    };
    if breaks.into_iter().all(clean_to) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive(['\n', '\t']) {
        let body = part.trim_end_matches(['\n', '\t']);
        out.push_str(&clean(body));
        out.push_str(part.get(body.len()..).unwrap_or_default());
    }
    Cow::Owned(out)
}

/// Like [`clean`] for bytes; what is not UTF-8 becomes U+FFFD.
pub fn clean_bytes(bytes: &[u8]) -> String {
    clean(&String::from_utf8_lossy(bytes)).into_owned()
}

fn push_clean(out: &mut String, text: &str) {
    let mut before = Before::default();
    let mut rest = text;
    loop {
        let (plain, after) = before.skip_plain(rest);
        out.push_str(plain);
        let mut characters = after.chars();
        let Some(character) = characters.next() else { return };
        rest = characters.as_str();
        match before.next(character, characters.next()) {
            None => out.push(character),
            Some(Visible::Picture(picture)) => out.push(picture),
            Some(Visible::Code(code)) => {
                use std::fmt::Write;
                // Writing to a String cannot fail.
                let _ = write!(out, "<U+{code:04X}>");
            }
        }
    }
}

/// Tells whether a character is made visible wherever it stands.
pub fn is_control(character: char) -> bool {
    escape_of(character).is_some()
}

/// Tells whether a character takes no room of its own, so that text could be hidden in it: a
/// control, a joiner or a variation selector.
pub fn is_hidden(character: char) -> bool {
    is_control(character)
        || matches!(character, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Terminal columns that `text` takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The longest beginning of `text` that fits `columns`, with `…` as its last column when cut.
pub fn truncate(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut out = take_width(text, columns - 1).to_owned();
    out.push('…');
    Cow::Owned(out)
}

/// The longest beginning of `text` that fits `columns`, cut between graphemes.
pub fn take_width(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > columns {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// The longest end of `text` that fits `columns`, with `…` as its first column when cut.
pub fn truncate_start(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut used = 1;
    let mut from = text.len();
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += width(grapheme);
        if used > columns {
            break;
        }
        from = at;
    }
    Cow::Owned(format!("…{}", text.get(from..).unwrap_or_default()))
}

/// A text in lines of at most `columns`, broken between words; a longer word is cut.
pub fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().map_or(0, |it| width(it));
        if last > 0 && last + 1 + width(word) > columns {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.iter().map(|it| truncate(it, columns).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn controls_become_visible() {
        assert_eq!(clean("a\x1b[31mb"), "a␛[31mb");
        assert_eq!(clean("x\u{9b}2J"), "x<U+009B>2J");
        assert_eq!(clean("a\u{202e}cod"), "a<U+202E>cod");
        assert_eq!(clean("a\nb\tc\x7f"), "a␊b␉c␡");
        assert!(matches!(clean("plain é 漢"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_hides_becomes_visible_and_what_shapes_stays() {
        assert_eq!(clean("a\u{ad}b\u{2060}c\u{feff}d"), "a<U+00AD>b<U+2060>c<U+FEFF>d");
        assert_eq!(clean("a\u{e0041}b\u{3164}c"), "a<U+E0041>b<U+3164>c");
        assert_eq!(clean("a\u{2028}b\u{85}c"), "a<U+2028>b<U+0085>c");
        // Emoji and variants of ideographs are writing.
        for plain in ["❤\u{fe0f}", "👩\u{200d}🚒", "🏳\u{fe0f}\u{200d}🌈", "葛\u{e0100}"]
        {
            assert_eq!(clean(plain), plain);
        }
        // Behind a letter, or one behind the other, they carry something else.
        assert_eq!(clean("a\u{fe0f}b\u{200d}c"), "a<U+FE0F>b<U+200D>c");
        assert_eq!(clean("❤\u{fe0f}\u{fe0e}"), "❤\u{fe0f}<U+FE0E>");
        assert_eq!(clean("葛\u{e0100}\u{e0101}"), "葛\u{e0100}<U+E0101>");
        assert_eq!(clean("👩\u{200d}x"), "👩<U+200D>x");
    }

    #[test]
    fn a_tower_of_marks_is_not_endless() {
        let tower = format!("a{}", "\u{301}".repeat(1000));
        let shown = clean(&tower);
        assert_eq!(shown.matches('\u{301}').count(), MOST_MARKS);
        assert!(shown.ends_with("<U+0301>"));
        let short = format!("e{}", "\u{301}".repeat(3));
        assert_eq!(clean(&short), short);
    }

    #[test]
    fn no_line_of_several_lines_steers() {
        assert_eq!(clean_lines("a\tb\nc\r\x1b[2J\n"), "a\tb\nc␍␛[2J\n");
        assert_eq!(clean_bytes(b"a\x9b2J\xff\x07"), "a\u{fffd}2J\u{fffd}␇");
    }

    /// What is dangerous, said once more and in other words than the code does.
    fn steers(text: &str) -> bool {
        text.bytes().any(|it| it < 0x20 || it == 0x7f)
            || text.chars().any(|it| {
                it.is_control()
                    || "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}"
                        .contains(it)
                    || "\u{200b}\u{200c}\u{200e}\u{200f}\u{2028}\u{2029}\u{feff}\u{ad}".contains(it)
                    || ('\u{e0000}'..='\u{e007f}').contains(&it)
            })
    }

    /// Texts in which the interesting is frequent: whole Unicode hardly ever draws a control.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            (0u32..0x20).prop_map(|it| char::from_u32(it).unwrap().into()),
            (0x7fu32..0xa0).prop_map(|it| char::from_u32(it).unwrap().into()),
            (0x2000u32..0x2070).prop_map(|it| char::from_u32(it).unwrap().into()),
            (0xfe00u32..0xfe10).prop_map(|it| char::from_u32(it).unwrap().into()),
            (0xe0000u32..0xe0200).prop_map(|it| char::from_u32(it).unwrap().into()),
            Just("👩".to_owned()),
            Just("\u{301}".repeat(20)),
            Just("\x1b]52;c;aGk=\x07".to_owned()),
            "[a-z \t\n]{0,6}",
        ];
        proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    #[test]
    fn tabs_become_blanks_in_lines() {
        assert_eq!(clean_line("a\tb\t\tc"), "a   b       c");
    }

    #[test]
    fn cutting_respects_width() {
        assert_eq!(truncate("abcdef", 4), "abc…");
        assert_eq!(truncate("漢字漢字", 5), "漢字…");
        assert_eq!(truncate_start("abcdef", 4), "…def");
        assert_eq!(truncate("abc", 3), "abc");
        assert_eq!(take_width("漢字", 3), "漢");
    }

    proptest! {
        #[test]
        fn nothing_that_steers_a_terminal_survives(text in hostile()) {
            let out = clean(&text);
            prop_assert!(!steers(&out), "{out:?}");
            prop_assert!(out.chars().all(|c| !is_control(c)));
            prop_assert!(is_clean(&out));
            prop_assert_eq!(clean(&out), out.clone());
            prop_assert_eq!(is_clean(&text), out == text);
        }

        #[test]
        fn lines_and_blanks_are_all_that_stays(text in hostile()) {
            let line = clean_line(&text);
            prop_assert!(!steers(&line), "{line:?}");
            let lines = clean_lines(&text);
            prop_assert!(!steers(&lines.replace(['\n', '\t'], " ")), "{lines:?}");
            prop_assert_eq!(lines.matches('\n').count(), text.matches('\n').count());
        }

        #[test]
        fn bytes_are_as_harmless_as_text(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(!steers(&clean_bytes(&bytes)));
        }

        #[test]
        fn writing_is_left_alone(text in "[a-zA-Z0-9 äöüßéñçøłżАяΩω漢字かな한글עבריתعربي.,;:(){}-]{0,60}") {
            prop_assert_eq!(clean(&text), text.clone());
        }

        #[test]
        fn truncation_never_exceeds_the_columns(text in hostile(), columns in 0usize..40) {
            let text = clean(&text);
            prop_assert!(width(&truncate(&text, columns)) <= columns);
            prop_assert!(width(&truncate_start(&text, columns)) <= columns);
        }
    }
}
