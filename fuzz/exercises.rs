//! What must hold for whatever bytes come from outside, one function for each part of navi that
//! reads them. The fuzz targets call these, and so does `tests/it/corpus.rs` with what they found.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use navi::app::keymap;
use navi::app::keymap::Context;
use navi::base::text::{
    clean, clean_bytes, clean_line, clean_lines, is_clean, truncate, truncate_start, width,
};
use navi::base::toml::{self, Text};
use navi::base::{Diagnostic, RepoPath, yaml};
use navi::config::{self, Environment, Inputs};
use navi::engine::commands::{self, Risk, risk, shell};
use navi::engine::literals::templates;
use navi::engine::owners::Owners;
use navi::engine::preview::{Anchor, Viewer, WindowAsk};
use navi::engine::roles::RoleSet;
use navi::engine::routes::{fit, routes_of};
use navi::engine::search::parse;
use navi::engine::symbols::Scanner;
use navi::engine::symptom::{of_query, on_one_line, read};
use navi::engine::tokens::{LONGEST, for_each_part, for_each_word, push_lower, stem};
use navi::tui::theme::{self, Depth};
use tempfile::TempDir;

/// A target's name and what it does with each input.
pub type Target = (&'static str, fn(&[u8]));

/// The targets by their names.
pub const TARGETS: &[Target] = &[
    ("sanitiser", sanitiser),
    ("tokens", tokens),
    ("symbols", symbols),
    ("query", query),
    ("settings", settings),
    ("preview", preview),
    ("owners", owners),
    ("symptom", symptom),
    ("yaml", yaml),
    ("shell", shell),
    ("recipes", recipes),
];

/// No control, no change of direction and nothing hidden is left; what is clean stays as it is.
pub fn sanitiser(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let out = clean(&text);
    assert!(out.chars().all(harmless), "{out:?}");
    assert!(is_clean(&out));
    assert_eq!(clean(&out), out, "a second time");
    assert_eq!(is_clean(&text), out == text);
    assert_eq!(clean_bytes(data), out);
    assert!(clean_line(&text).chars().all(harmless));
    let lines = clean_lines(&text);
    assert!(lines.chars().all(|it| matches!(it, '\n' | '\t') || harmless(it)), "{lines:?}");
    let columns = usize::from(data.first().copied().unwrap_or_default()) % 60;
    assert!(width(&truncate(&out, columns)) <= columns);
    assert!(width(&truncate_start(&out, columns)) <= columns);
}

fn harmless(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Words lie in the text, in their order; parts lie in their word, apart.
pub fn tokens(data: &[u8]) {
    let mut last = None;
    for_each_word(data, |at, word| {
        // Pieces of a very long word overlap.
        assert!(last.is_none_or(|last| at > last) && !word.is_empty() && word.len() <= LONGEST);
        assert_eq!(data.get(at..at + word.len()), Some(word));
        last = Some(at);
        let mut next = 0;
        for_each_part(word, |part| {
            assert!(!part.is_empty());
            let place = part.as_ptr() as usize - word.as_ptr() as usize;
            assert!(place >= next && place + part.len() <= word.len(), "{word:?}");
            next = place + part.len();
        });
        let mut lower = Vec::new();
        push_lower(&mut lower, word);
        let root = stem(&lower);
        assert!(!root.is_empty() && root.len() <= lower.len(), "{lower:?}");
    });
}

/// Definitions have names that lie in the text, and lines that the text has. The first line is the
/// file's name, whose ending tells the language.
pub fn symbols(data: &[u8]) {
    let end = memchr::memchr(b'\n', data).unwrap_or(data.len());
    let (path, text) = data.split_at(end);
    let lines = memchr::memchr_iter(b'\n', text).count() + 1;
    Scanner::default().for_each(path, text, &mut |it| {
        assert!(!it.name.is_empty());
        assert!((1..=lines).contains(&(it.line as usize)), "{it:?}");
        assert!(memchr::memmem::find(text, it.name).is_some());
    });
}

thread_local! {
    static ROLES: RoleSet = RoleSet::builtin().0;
    static FOLDER: TempDir = TempDir::with_prefix("navi-fuzz-").unwrap();
    static VIEWER: RefCell<Option<Viewer>> = const { RefCell::new(None) };
}

/// Whatever is typed is a query, keeps what was typed, and complains in clean words.
pub fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (query, said) = ROLES.with(|roles| parse(&text, roles));
    assert_eq!(query.raw, text);
    speaks(&said);
    for word in query.words.iter().chain(&query.literals).chain(&query.prefixes) {
        let _ = word.is_number();
    }
    let _ = (query.is_empty(), query.may_be_name(), query.asks_content());
}

/// No file of settings, keys, colours or roles makes navi unusable, whatever is in it.
pub fn settings(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    let (table, said) = toml::parse("fuzz.toml", &text);
    speaks(&said);
    let user = Some(Text { origin: "config.toml".to_owned(), text: text.clone() });
    let environment = Environment::from_pairs([]);
    let inputs = Inputs { user, repository: Some(&table), environment, flags: Vec::new() };
    let (settings, said) = config::load(&inputs);
    speaks(&said);
    assert!(!settings.rows().is_empty());
    let mine = |name: &str| {
        (name == "mine").then(|| Text { origin: "mine.toml".to_owned(), text: text.clone() })
    };
    let (keys, said) = keymap::load("mine", &mine);
    speaks(&said);
    let leave = keymap::chord::Chord::ctrl('c');
    for &context in Context::ALL {
        let found = keys.resolve(context, &[leave]);
        assert!(format!("{found:?}").contains("Quit"), "ctrl-c in {context:?}: {found:?}");
    }
    for depth in [Depth::None, Depth::Sixteen, Depth::Palette, Depth::True] {
        let (theme, said) = theme::load("mine", &mine, depth);
        speaks(&said);
        assert!(!theme.rows().is_empty());
    }
    let (mut roles, _) = RoleSet::builtin();
    let before = roles.roles().len();
    let mut said = Vec::new();
    roles.add("mine.toml", &text, &mut said);
    speaks(&said);
    assert!(roles.roles().len() >= before);
}

/// Complaints are made of clean text, whatever they quote.
fn speaks(said: &[Diagnostic]) {
    for it in said {
        let line = it.to_string();
        assert!(clean_lines(&line).chars().all(|it| it == '\n' || it == '\t' || harmless(it)));
        assert!(!it.message.is_empty());
        assert!(line.len() < 100_000, "a complaint of {} bytes", line.len());
    }
}

/// Every window of every file fits and is clean. The first bytes say which window.
pub fn preview(data: &[u8]) {
    let Some(([kind, line, rows, columns, left], content)) = data.split_first_chunk() else {
        return;
    };
    let name =
        ["f.rs", "f.ts", "f.py", "f.md", "f.json", "f.txt", "f.yml", "f"][usize::from(kind % 8)];
    let number = u64::from(*line);
    let anchor = match kind / 8 % 5 {
        0 => Anchor::Line(number.max(1)),
        1 => Anchor::Centre(number.max(1)),
        2 => Anchor::End,
        3 => Anchor::Byte(number * 3),
        _ => Anchor::Step { byte: number * 3, lines: i64::from(*rows) - 128 },
    };
    let ask = WindowAsk {
        path: name.into(),
        anchor,
        rows: u16::from(rows % 60) + 1,
        columns: u16::from(*columns),
        left: u32::from(*left) * u32::from(kind / 64 + 1),
        words: vec!["return".to_owned()],
        needle: (kind & 128 != 0).then(|| "a".to_owned()),
    };
    FOLDER.with(|folder| {
        fs::write(folder.path().join(name), content).unwrap();
        VIEWER.with_borrow_mut(|viewer| {
            let viewer = viewer.get_or_insert_with(|| Viewer::new(folder.path().to_owned()));
            let mut windows = 0;
            viewer.window(&ask, &|| false, &mut |window| {
                windows += 1;
                assert!(window.lines.len() <= usize::from(ask.rows));
                for line in &window.lines {
                    let text = line.text();
                    assert!(text.chars().all(harmless), "{text:?}");
                    assert!(width(&text) <= usize::from(ask.columns), "{text:?}");
                    assert!(line.marks.windows(2).all(|pair| pair[0].end < pair[1].start));
                }
            });
            assert!(windows > 0, "no answer at all");
        });
    });
}

/// Whatever is pasted is a symptom whose parts belong together; whatever a file holds has literals
/// and routes that lie in it.
pub fn symptom(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let symptom = read(&text);
    for frame in symptom.blocks.iter().flat_map(|it| &it.frames) {
        assert!(*frame < symptom.frames.len());
    }
    for frame in &symptom.frames {
        assert!(frame.line != Some(0) && frame.file.as_deref() != Some(""), "{frame:?}");
        let _ = frame.function_shown();
    }
    let one = on_one_line(&text);
    assert!(!one.contains(['\n', '\t']));
    let _ = of_query(&one);
    let last = data.split(|it| *it == b'\n').count() as u64;
    for ending in [b"py".as_slice(), b"java", b"ts", b"md"] {
        for it in templates(data, ending) {
            assert!((1..=last).contains(&it.line), "{it:?}");
        }
    }
    for path in [
        "a/urls.py",
        "a.ts",
        "A.java",
        "a.go",
        "a.rs",
        "a.php",
        "a.ex",
        "config/routes.rb",
        "app/a/[id]/route.ts",
    ] {
        for route in routes_of(path, data) {
            assert!((1..=last).contains(&route.line), "{route:?}");
            for request in &symptom.requests {
                assert!(fit(&route, request).is_none_or(f32::is_finite));
            }
        }
    }
}

/// Rules of owners can be anything, and paths too.
pub fn owners(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (rules, path) = text.split_once('\0').unwrap_or((&text, "src/main.rs"));
    let owners = Owners::parse(rules);
    let path = path.trim_matches('/');
    for owner in owners.of(path) {
        assert!(rules.contains(owner.as_str()));
    }
    let path = RepoPath::from_bytes(path.as_bytes());
    assert!(path.display().chars().all(harmless));
    let _ = path.on_disk(Path::new("/root"));
}

/// Whatever a document holds becomes a tree of bounded size whose lines lie in the text.
pub fn yaml(data: &[u8]) {
    fn look(node: &yaml::Node, last: u32, left: &mut usize) {
        assert!((1..=last).contains(&node.line), "line {} of {last}", node.line);
        *left = left.checked_sub(1).expect("a tree without bounds");
        node.items().iter().for_each(|it| look(it, last, left));
        node.entries().iter().for_each(|it| look(&it.node, last, left));
    }
    let text = String::from_utf8_lossy(data);
    let (documents, said) = yaml::parse("fuzz.yml", &text);
    speaks(&said);
    // YAML has more line breaks than `lines` knows.
    let breaks = text.matches(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count();
    let mut left = 200_000;
    for document in &documents {
        look(document, breaks as u32 + 2, &mut left);
    }
}

/// Whatever a text for a shell holds is judged, and no removal behind a line break only looks.
pub fn shell(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let script = shell::read(&text);
    for (at, it) in script.simples.iter().enumerate() {
        assert!(it.reads.is_none_or(|from| from < at), "{it:?}");
    }
    if let Some(argv) = script.plain() {
        let _ = risk::of_argv(&argv);
    }
    let judged = risk::of_text(&text);
    assert!(!judged.why.is_empty() && judged.why.chars().all(harmless), "{:?}", judged.why);
    let more = risk::of_text(&format!("rm -rf data\n{text}"));
    assert!(more.risk > Risk::ReadOnly, "{}", more.why);
}

/// Whatever stands in the files in which commands are found, they are found and shown cleanly.
pub fn recipes(data: &[u8]) {
    const NAMES: &[&str] = &[
        "Makefile",
        "justfile",
        "Taskfile.yml",
        "package.json",
        "compose.yml",
        "README.md",
        ".navi.toml",
        "Procfile",
        "pyproject.toml",
        "mise.toml",
        "Rakefile",
        "composer.json",
        "k8s/a.yaml",
        "chart/Chart.yaml",
        "a.service",
        ".cargo/config.toml",
    ];
    let text = String::from_utf8_lossy(data);
    // The same text as every file: each reader gets what the others understand.
    let texts: Vec<(&str, &str)> = NAMES.iter().map(|it| (*it, text.as_ref())).collect();
    let found = commands::in_tree(&commands::Tree::of_texts(&texts), &|| false);
    speaks(&found.said);
    for it in &found.commands {
        for shown in [&it.id, &it.title, &it.risk_why] {
            assert!(shown.chars().all(harmless), "{shown:?}");
        }
        assert!(
            it.body.chars().all(|it| matches!(it, '\n' | '\t') || harmless(it)),
            "{:?}",
            it.body
        );
        assert!(!it.id.is_empty() && !it.id.starts_with('-') && it.place.line > 0);
    }
}
