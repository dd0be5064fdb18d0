//! Tests of the viewer as a whole: files of every kind, through its public face.

use std::cell::Cell;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write as _};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tempfile::TempDir;

use crate::base::{RepoPath, text};

use super::highlight::{Paint, Stretch, Way};
use super::patience::Patience;
use super::source::Source;
use super::tint::Tints;
use super::*;

struct Bench {
    folder: TempDir,
    viewer: Viewer,
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let viewer = Viewer::new(folder.path().to_path_buf());
        Self { folder, viewer }
    }

    fn with(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let bench = Self::new();
        fs::write(bench.folder.path().join(name), bytes).unwrap();
        bench
    }

    fn all(&mut self, ask: &WindowAsk) -> Vec<Window> {
        let mut out = Vec::new();
        self.viewer.window(ask, &|| false, &mut |window| out.push(window));
        out
    }

    fn last(&mut self, ask: &WindowAsk) -> Window {
        self.all(ask).pop().unwrap()
    }

    fn note(&mut self, name: &str) -> String {
        let window = self.last(&ask(name, Anchor::Line(1)));
        assert!(window.lines.is_empty());
        window.note.unwrap()
    }

    fn find(&mut self, needle: &str, from: (u64, u32), forward: bool) -> Found {
        let from = Place { line: from.0, column: from.1 };
        let path = "f".into();
        let ask = FindAsk { path, needle: needle.into(), from, inclusive: false, forward };
        self.viewer.find(&ask, &|| false, &mut |_| {})
    }
}

fn ask(name: &str, anchor: Anchor) -> WindowAsk {
    WindowAsk {
        path: RepoPath::from(name),
        anchor,
        rows: 5,
        columns: 80,
        left: 0,
        words: Vec::new(),
        needle: None,
    }
}

fn texts(window: &Window) -> Vec<String> {
    window.lines.iter().map(Line::text).collect()
}

fn numbers(window: &Window) -> Vec<Option<u64>> {
    window.lines.iter().map(|line| line.number).collect()
}

fn numbered(lines: u64) -> String {
    (1..=lines).fold(String::new(), |mut out, n| {
        writeln!(out, "line {n}").unwrap();
        out
    })
}

// ---- files that are not text ----

#[test]
fn what_is_not_text_is_named() {
    let mut bench = Bench::with("elf", b"\x7fELF\0\0");
    let root = bench.folder.path().to_path_buf();
    fs::write(root.join("empty"), "").unwrap();
    fs::create_dir(root.join("folder")).unwrap();
    assert_eq!(bench.note("elf"), "binary file, 6 B, ELF");
    assert_eq!(bench.note("empty"), "empty file");
    assert_eq!(bench.note("folder"), "a folder");
    assert_eq!(bench.note("nothing"), "gone");
    assert_eq!(bench.note("elf/below"), "gone");
    assert_eq!(bench.note("../"), "outside the repository");
    assert_eq!(bench.note("/etc/passwd"), "outside the repository");
}

#[cfg(unix)]
#[test]
fn links_lead_only_to_files_below_the_root() {
    use std::os::unix::fs::symlink;
    let mut bench = Bench::with("real", "inside\n");
    let root = bench.folder.path().to_path_buf();
    symlink("real", root.join("good")).unwrap();
    symlink("/etc/hostname", root.join("out")).unwrap();
    symlink("/etc", root.join("etc")).unwrap();
    symlink("missing\x1b[31m", root.join("broken")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    assert_eq!(texts(&bench.last(&ask("good", Anchor::Line(1)))), ["inside"]);
    assert_eq!(bench.note("out"), "link to /etc/hostname, outside the repository");
    assert_eq!(bench.note("etc/hostname"), "outside the repository");
    assert_eq!(bench.note("broken"), "link to missing␛[31m, which is gone");
    assert!(bench.note("loop").starts_with("cannot read: "));
}

#[cfg(unix)]
#[test]
fn nothing_that_could_block_is_opened() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let mut bench = Bench::new();
    let root = bench.folder.path().to_path_buf();
    mknodat(CWD, root.join("pipe"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    assert_eq!(bench.note("pipe"), "a named pipe, not opened");
    assert_eq!(bench.note("socket"), "a socket, not opened");
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let mut bench = Bench::with("secret", "x\n");
    let place = bench.folder.path().join("secret");
    fs::set_permissions(&place, fs::Permissions::from_mode(0o000)).unwrap();
    if File::open(&place).is_err() {
        // root reads everything
        assert_eq!(bench.note("secret"), "cannot read: permission denied");
    }
}

// ---- encodings ----

#[test]
fn encodings_become_readable() {
    let mut bench = Bench::with("bom.txt", "\u{feff}one\r\ntwo");
    let root = bench.folder.path().to_path_buf();
    let wide: Vec<u8> = "\u{feff}eins\r\nzwö\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(root.join("wide.txt"), wide).unwrap();
    fs::write(root.join("latin.txt"), b"gr\xf6\xdfe \x1b[2J\nx\ry\n").unwrap();
    let window = bench.last(&ask("bom.txt", Anchor::Line(1)));
    assert_eq!((texts(&window), window.total), (vec!["one".into(), "two".into()], Total::Exact(2)));
    assert_eq!(texts(&bench.last(&ask("wide.txt", Anchor::Line(1)))), ["eins", "zwö"]);
    assert_eq!(
        texts(&bench.last(&ask("latin.txt", Anchor::Line(1)))),
        ["gr\u{fffd}\u{fffd}e ␛[2J", "x␍y"]
    );
    let marked = bench.last(&ask("bom.txt", Anchor::Byte(5)));
    assert_eq!(marked.lines[1].byte, 5);
}

// ---- places ----

#[test]
fn anchors_put_lines_where_they_belong() {
    let mut bench = Bench::with("f", numbered(100));
    let mut first = |anchor| {
        let window = bench.last(&ask("f", anchor));
        assert_eq!(window.lines.len(), 5);
        assert_eq!(window.total, Total::Exact(100));
        let number = window.lines[0].number.unwrap();
        assert_eq!(window.at_end, number == 96);
        assert_eq!(texts(&window)[0], format!("line {number}"));
        number
    };
    assert_eq!(first(Anchor::Line(0)), 1);
    assert_eq!(first(Anchor::Line(42)), 42);
    assert_eq!(first(Anchor::Line(96)), 96);
    assert_eq!(first(Anchor::Line(99)), 96);
    assert_eq!(first(Anchor::Line(u64::MAX)), 96);
    assert_eq!(first(Anchor::Centre(50)), 48);
    assert_eq!(first(Anchor::Centre(2)), 1);
    assert_eq!(first(Anchor::Centre(100)), 96);
    assert_eq!(first(Anchor::End), 96);
    assert_eq!(first(Anchor::Byte(0)), 1);
    assert_eq!(first(Anchor::Byte(6)), 1);
    assert_eq!(first(Anchor::Byte(7)), 2);
    assert_eq!(first(Anchor::Byte(u64::MAX)), 96);
    assert_eq!(first(Anchor::Step { byte: 7, lines: 3 }), 5);
    assert_eq!(first(Anchor::Step { byte: 8, lines: -1 }), 1);
    assert_eq!(first(Anchor::Step { byte: 7, lines: i64::MIN }), 1);
    assert_eq!(first(Anchor::Step { byte: 0, lines: i64::MAX }), 96);
}

#[test]
fn a_short_file_shows_from_its_beginning_whatever_is_asked() {
    let mut bench = Bench::with("f", "a\nb");
    for anchor in [Anchor::Line(2), Anchor::Centre(2), Anchor::End, Anchor::Byte(3)] {
        let window = bench.last(&ask("f", anchor));
        assert_eq!(texts(&window), ["a", "b"]);
        assert_eq!((window.total, window.at_end), (Total::Exact(2), true));
    }
}

#[test]
fn the_window_is_cut_and_marked() {
    let mut bench = Bench::with("f", "\tLogin failed: login of user\n");
    let mut question = ask("f", Anchor::Line(1));
    question.columns = 10;
    question.left = 2;
    question.words = vec!["login".into(), "User".into()];
    let line = bench.last(&question).lines.remove(0);
    assert_eq!((line.text().as_str(), line.cut_left, line.cut_right), ("  Login fa", true, true));
    assert_eq!((line.marks[0].start, line.marks[0].end, line.marks.len()), (2, 7, 1));
    question.left = 15;
    question.columns = 40;
    let line = bench.last(&question).lines.remove(0);
    assert_eq!(line.text(), "d: login of user");
    assert_eq!((line.marks[0].start, line.marks.len()), (3, 1), "`User` has a capital");
    question.needle = Some("user".into());
    let line = bench.last(&question).lines.remove(0);
    assert_eq!((line.marks[0].start, line.marks.len()), (12, 1));
}

// ---- large and long ----

/// Text, a hole of 3 GB without a newline (all NUL), and text again.
fn huge() -> Bench {
    let bench = Bench::with("f", numbered(2000));
    let mut file = OpenOptions::new().write(true).open(bench.folder.path().join("f")).unwrap();
    file.set_len(3_000_000_000).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(b"\nERROR at the end\nlast\n").unwrap();
    bench
}

#[test]
fn a_huge_file_opens_at_both_ends_without_being_read() {
    let mut bench = huge();
    let window = bench.last(&ask("f", Anchor::Line(3)));
    assert_eq!(texts(&window)[0], "line 3");
    assert!(matches!(window.total, Total::Counting { at_least: 2000.., .. }), "{:?}", window.total);
    let mut question = ask("f", Anchor::End);
    question.rows = 2;
    let window = bench.last(&question);
    assert_eq!(texts(&window), ["ERROR at the end", "last"]);
    assert_eq!(numbers(&window), [None, None]);
    assert!(window.at_end);
    let up = Anchor::Step { byte: window.lines[1].byte, lines: -1 };
    assert_eq!(texts(&bench.last(&WindowAsk { anchor: up, ..question }))[0], "ERROR at the end");
}

#[test]
fn a_line_without_end_in_sight_does_not_hold_up_the_page() {
    let mut bench = huge();
    let window = bench.last(&ask("f", Anchor::Line(1999)));
    assert_eq!(texts(&window)[..2], ["line 1999", "line 2000"]);
    assert_eq!(window.lines[2].text(), "␀".repeat(80));
    assert!(window.truncated || window.at_end);
}

#[test]
fn counting_goes_on_when_there_is_time() {
    let mut bench = Bench::with("f", numbered(8_000_000));
    let mut window = bench.last(&ask("f", Anchor::End));
    assert_eq!(texts(&window)[4], "line 8000000");
    let mut rounds = 0;
    while let Some(next) = bench.viewer.count_more(Duration::from_millis(2)) {
        assert_eq!(texts(&next), texts(&window));
        window = next;
        rounds += 1;
        assert!(rounds < 1_000_000);
    }
    assert_eq!(window.total, Total::Exact(8_000_000));
    assert_eq!(numbers(&window)[4], Some(8_000_000));
    // A far line is counted up to while it is being asked for.
    bench.viewer.forget();
    let window = bench.last(&ask("f", Anchor::Centre(7_999_000)));
    assert_eq!(texts(&window)[2], "line 7999000");
}

#[test]
fn looking_for_a_far_line_can_be_cancelled() {
    let mut bench = huge();
    let polls = Cell::new(0);
    let mut reports = Vec::new();
    let cancelled = || {
        polls.set(polls.get() + 1);
        polls.get() > 200
    };
    bench.viewer.window(&ask("f", Anchor::Line(5000)), &cancelled, &mut |it| reports.push(it));
    assert!(reports.iter().all(|window| window.lines.is_empty()));
}

#[test]
fn a_line_of_megabytes_is_shown_at_any_column() {
    let mut line = String::new();
    for n in 0..350_000 {
        write!(line, "v{n:06}=\"é\";").unwrap();
    }
    let mut bench = Bench::with("app.min.js", format!("{line}\nsecond"));
    // What is shown is asked here, not how soon on a busy machine.
    bench.viewer = bench.viewer.patient();
    let plain: String = line.chars().skip(3_000_000).take(80).collect();
    let mut question = ask("app.min.js", Anchor::Line(1));
    question.left = 3_000_000;
    for _ in 0..2 {
        let window = bench.last(&question);
        assert_eq!(window.lines[0].text(), plain);
        assert!(window.lines[0].cut_left && window.lines[0].cut_right);
        assert_eq!((window.lines[1].number, window.lines[1].cut_left), (Some(2), true));
    }
    question.left = 0;
    question.needle = Some("v000001".into());
    let window = bench.last(&question);
    assert_eq!((window.lines[0].marks[0].start, window.lines[0].marks[0].end), (12, 19));
    assert_eq!((window.lines[1].text().as_str(), window.total), ("second", Total::Exact(2)));
    question.left = 15;
    assert_eq!(bench.last(&question).lines[0].marks[0].end, 4);
}

// ---- change ----

#[test]
fn a_file_that_changes_is_noticed() {
    let mut bench = Bench::with("f", numbered(1000));
    let place = bench.folder.path().join("f");
    assert_eq!(texts(&bench.last(&ask("f", Anchor::End)))[4], "line 1000");
    OpenOptions::new().write(true).open(&place).unwrap().set_len(14).unwrap();
    let window = bench.last(&ask("f", Anchor::Line(900)));
    assert_eq!(
        (texts(&window), window.total),
        (vec!["line 1".into(), "line 2".into()], Total::Exact(2))
    );
    fs::write(bench.folder.path().join("g"), "other\n").unwrap();
    fs::rename(bench.folder.path().join("g"), &place).unwrap();
    assert_eq!(texts(&bench.last(&ask("f", Anchor::Line(1)))), ["other"]);
    fs::remove_file(&place).unwrap();
    assert_eq!(bench.note("f"), "gone");
    assert_eq!(bench.viewer.count_more(Duration::from_secs(1)), None);
}

// ---- colour ----

fn program(functions: usize) -> String {
    (0..functions).fold(String::new(), |mut out, n| {
        let quotes = if n % 7 == 3 { "\"\"\"a text\nof lines # no comment\n\"\"\"" } else { "1.5" };
        writeln!(out, "def f{n}(x):\n    # remark\n    return {quotes}, 'it' if x else None")
            .unwrap();
        out
    })
}

#[test]
fn code_is_coloured_after_being_shown_plain() {
    let mut bench = Bench::with("a.py", "def run(x):\n    return 'it', 1  # why\n");
    let reports = bench.all(&ask("a.py", Anchor::Line(1)));
    assert_eq!(reports.len(), 2);
    assert_eq!(texts(&reports[0]), texts(&reports[1]));
    assert!(!reports[0].coloured && reports[1].coloured);
    assert_eq!(reports[1].language, Some("Python"));
    let spans = |line: usize| -> Vec<(&str, Tint)> {
        let spans = &reports[1].lines[line].spans;
        spans.iter().map(|span| (span.text.as_str(), span.tint)).collect()
    };
    assert!(spans(0).contains(&("def", Tint::Keyword)), "{:?}", spans(0));
    assert!(spans(0).contains(&("run", Tint::Function)));
    assert!(spans(1).contains(&("'it'", Tint::String)));
    assert!(spans(1).contains(&("1", Tint::Number)));
    assert!(spans(1).contains(&("# why", Tint::Comment)));
    let again = bench.all(&ask("a.py", Anchor::Line(1)));
    assert_eq!(again, [reports[1].clone()], "at hand by now");
}

#[test]
fn common_languages_get_their_colours() {
    for (name, code, word, tint) in [
        ("a.rs", "pub fn run() -> u32 { 1 }\n", "run", Tint::Function),
        ("a.ts", "export class Guard { ok = true }\n", "Guard", Tint::Type),
        ("a.tsx", "const a = <b>x</b>;\n", "const", Tint::Keyword),
        ("a.go", "func run() int { return 1 }\n", "run", Tint::Function),
        ("a.java", "class A { int b = 1; }\n", "A", Tint::Type),
        ("a.yaml", "name: value # why\n", "name", Tint::Tag),
        ("a.json", "{\"name\": \"v\"}\n", "\"name\"", Tint::Tag),
        ("a.toml", "name = 1\n", "name", Tint::Tag),
        ("Dockerfile", "FROM alpine\n", "FROM", Tint::Keyword),
        ("a.sql", "select 1 from users\n", "select", Tint::Keyword),
        ("a.sh", "if true; then echo 'x'; fi\n", "'x'", Tint::String),
        ("a.md", "# Title\n", "Title", Tint::Heading),
        ("a.diff", "-gone\n+new\n", "-gone", Tint::Invalid),
        (".env", "KEY=value # x\n", "KEY", Tint::Variable),
    ] {
        let mut bench = Bench::with(name, code);
        let window = bench.last(&ask(name, Anchor::Line(1)));
        let spans: Vec<_> = window.lines.iter().flat_map(|line| &line.spans).collect();
        let found = spans.iter().any(|span| span.text.trim().contains(word) && span.tint == tint);
        assert!(found, "{name}: {spans:?}");
    }
}

#[test]
fn colours_after_a_jump_are_those_from_the_beginning() {
    let code = program(6000);
    let lines = code.lines().count() as u64;
    assert!(lines > 19_000);
    let mut whole = Paint::new(language::detect(b"a.py", ""));
    let source = Source::memory(code.as_bytes().into());
    let starts: Vec<u64> = std::iter::once(0)
        .chain(memchr::memchr_iter(b'\n', code.as_bytes()).map(|at| at as u64 + 1))
        .collect();
    let stretch = Stretch { keep: 0, first: 0, last: starts[7000] };
    let way = Way { exact: false, deadline: Instant::now() + Duration::from_secs(3600) };
    let patience = Patience::endless(&|| false);
    assert!(whole.colour(&source, stretch, &mut Tints::new(), way, patience));

    let mut jumping = Paint::new(language::detect(b"a.py", ""));
    for line in [6990, 3000, 2990, 3005, 1, 199, 201, 5000] {
        let (first, last) = (starts[line], starts[line + 9]);
        let stretch = Stretch { keep: first, first, last };
        assert!(jumping.colour(&source, stretch, &mut Tints::new(), way, patience));
        for start in &starts[line..line + 10] {
            assert_eq!(jumping.runs(*start), whole.runs(*start));
        }
    }
}

#[test]
fn a_way_that_is_too_long_is_cut_short_and_made_good_later() {
    // The fresh start above the window lies within a string and takes it for code.
    let text = "word\n".repeat(400);
    let code = format!("{}x = \"\"\"\n{text}\"\"\"\nlast = 'it'\n", program(1000));
    let mut paint = Paint::new(language::detect(b"a.py", ""));
    let source = Source::memory(code.as_bytes().into());
    let start = code.rfind("last").unwrap() as u64;
    let stretch = Stretch { keep: start, first: start, last: start };
    let patience = Patience::endless(&|| false);
    let mut tints = Tints::new();
    let passed = Way { exact: false, deadline: Instant::now() };
    assert!(paint.colour(&source, stretch, &mut tints, passed, patience));
    assert!(!paint.exact(start));
    assert_eq!(paint.runs(start).unwrap().len(), 1);
    let hopeless = Way { exact: true, deadline: Instant::now() };
    assert!(!paint.colour(&source, stretch, &mut tints, hopeless, patience));
    let long = Way { exact: true, deadline: Instant::now() + Duration::from_secs(3600) };
    assert!(paint.colour(&source, stretch, &mut tints, long, patience));
    assert!(paint.exact(start));
    assert!(paint.runs(start).unwrap().iter().any(|(_, tint)| *tint == Tint::String));
    assert!(paint.runs(start).unwrap().len() > 1);
    // At the file's beginning the last resort ends.
    let stretch = Stretch { keep: 0, first: 0, last: 0 };
    assert!(paint.colour(&source, stretch, &mut tints, passed, patience));
}

#[test]
fn a_fresh_start_prefers_the_top_level() {
    let text = "    word\n".repeat(250);
    let code = format!(
        "{}\n\ndef late():\n    \"\"\"\n{text}\n    \"\"\"\n\ndef last(x):\n{}",
        program(1000),
        "    y = 'it'\n".repeat(100),
    );
    let mut paint = Paint::new(language::detect(b"a.py", ""));
    let source = Source::memory(code.as_bytes().into());
    let start = code.rfind("    y").unwrap() as u64;
    let stretch = Stretch { keep: start, first: start, last: start };
    let passed = Way { exact: false, deadline: Instant::now() };
    let patience = Patience::endless(&|| false);
    assert!(paint.colour(&source, stretch, &mut Tints::new(), passed, patience));
    assert!(!paint.exact(start));
    assert!(paint.runs(start).unwrap().len() > 1);
}

#[test]
fn colouring_stops_when_cancelled_and_goes_on_where_it_was() {
    let code = program(2000);
    let mut bench = Bench::with("a.py", &code);
    // Cancelled soon after the plain window, before even the lines nearby can be coloured.
    let (plain, polls) = (Cell::new(false), Cell::new(0));
    let cancelled = || {
        polls.set(polls.get() + usize::from(plain.get()));
        polls.get() > 50
    };
    let question = ask("a.py", Anchor::Line(6000));
    let mut reports = Vec::new();
    bench.viewer.window(&question, &cancelled, &mut |window| {
        plain.set(true);
        reports.push(window);
    });
    assert_eq!(reports.len(), 1);
    assert!(!reports[0].coloured);
    assert!(bench.last(&question).coloured);
}

#[test]
fn lines_that_would_choke_the_parser_stay_plain() {
    let deep = "[".repeat(100_000);
    let mut bench = Bench::with("a.js", format!("let a = 1;\n{deep}\nlet b = 2;\n"));
    let window = bench.last(&ask("a.js", Anchor::Line(1)));
    assert!(window.coloured);
    assert_eq!(window.lines[1].spans.len(), 1);
    assert_eq!(window.lines[1].spans[0].tint, Tint::Plain);
    assert_eq!(window.lines[2].spans[0].tint, Tint::Keyword);
    assert!(window.lines[1].cut_right);
}

#[test]
fn hostile_code_is_harmless() {
    for (name, code) in [
        ("a.js", "[".repeat(1900)),
        ("a.md", "*_[`<".repeat(380)),
        ("a.html", "<a ".repeat(600)),
        ("a.py", "f'{".repeat(600)),
        ("a.php", "<?php \"$a{".repeat(150)),
        ("a.sh", "$((`".repeat(400)),
    ] {
        let mut bench = Bench::with(name, format!("{code}\n").repeat(6));
        let window = bench.last(&ask(name, Anchor::Line(1)));
        assert_eq!(texts(&window)[0], code.chars().take(80).collect::<String>());
    }
}

// ---- searching ----

fn at(found: &Found) -> (u64, u32, Option<(u64, u64)>, bool) {
    let Found::At { place, ordinal, wrapped, .. } = found else { panic!("{found:?}") };
    (place.line, place.column, *ordinal, *wrapped)
}

#[test]
fn searching_goes_both_ways_and_round() {
    let mut bench = Bench::with("f", "an error\n\tERROR error\nfine\nerror\n");
    assert_eq!(at(&bench.find("error", (1, 0), true)), (1, 3, Some((1, 4)), false));
    assert_eq!(at(&bench.find("error", (1, 3), true)), (2, 4, Some((2, 4)), false));
    assert_eq!(at(&bench.find("error", (2, 4), true)), (2, 10, Some((3, 4)), false));
    assert_eq!(at(&bench.find("error", (4, 0), true)), (1, 3, Some((1, 4)), true));
    assert_eq!(at(&bench.find("error", (2, 10), false)), (2, 4, Some((2, 4)), false));
    assert_eq!(at(&bench.find("error", (1, 3), false)), (4, 0, Some((4, 4)), true));
    assert_eq!(at(&bench.find("ERROR", (1, 0), true)), (2, 4, Some((1, 1)), false));
    assert_eq!(at(&bench.find("error", (99, 0), true)), (1, 3, Some((1, 4)), true));
    assert_eq!(at(&bench.find("ERROR", (2, 4), true)), (2, 4, Some((1, 1)), true));
    assert_eq!(bench.find("panic", (1, 0), true), Found::Nowhere);
    assert_eq!(bench.find("", (1, 0), true), Found::Nowhere);
    let ask = FindAsk {
        path: "f".into(),
        needle: "error".into(),
        from: Place { line: 1, column: 3 },
        inclusive: true,
        forward: true,
    };
    assert_eq!(at(&bench.viewer.find(&ask, &|| false, &mut |_| {})).0, 1);
    let gone = FindAsk { path: "g".into(), ..ask.clone() };
    let found = bench.viewer.find(&gone, &|| false, &mut |_| {});
    assert_eq!(found, Found::Unreadable("gone".into()));
    assert_eq!(bench.viewer.find(&ask, &|| true, &mut |_| {}), Found::Cancelled);
}

#[test]
fn a_match_across_pieces_is_found() {
    // Pieces are 512 kB; the matches lie across the first and the second border.
    let mut bytes = vec![b'.'; 1_200_000];
    for border in [512 * 1024, 1024 * 1024] {
        bytes[border - 4..border + 4].copy_from_slice("FÜHLERN".as_bytes());
    }
    let mut bench = Bench::with("f", &bytes);
    let first = (512 * 1024 - 4) as u32;
    let second = (1024 * 1024 - 4 - 1) as u32; // one column less than bytes: the first ü
    assert_eq!(at(&bench.find("fühler", (1, 0), true)), (1, first, Some((1, 2)), false));
    assert_eq!(at(&bench.find("fühler", (1, first), true)), (1, second, Some((2, 2)), false));
    assert_eq!(at(&bench.find("fühler", (1, second), true)), (1, first, Some((1, 2)), true));
}

#[test]
fn files_too_large_to_list_are_streamed() {
    let mut bench = Bench::with("f", "needle one\n");
    let mut file = OpenOptions::new().append(true).open(bench.folder.path().join("f")).unwrap();
    let filler = ("x".repeat(1023) + "\n").repeat(1024);
    for _ in 0..35 {
        file.write_all(filler.as_bytes()).unwrap();
    }
    file.write_all(b"NEEDLE two\n").unwrap();
    for _ in 0..35 {
        file.write_all(filler.as_bytes()).unwrap();
    }
    let middle = 2 + 35 * 1024;
    assert_eq!(at(&bench.find("needle", (1, 0), true)), (middle, 0, None, false));
    assert_eq!(at(&bench.find("needle", (middle, 0), true)), (1, 0, None, true));
    assert_eq!(at(&bench.find("needle", (middle, 0), false)), (1, 0, None, false));
    assert_eq!(at(&bench.find("needle", (1, 0), false)), (middle, 0, None, true));
    let mut told = Vec::new();
    let ask = FindAsk {
        path: "f".into(),
        needle: "absent".into(),
        from: Place { line: middle, column: 0 },
        inclusive: false,
        forward: true,
    };
    assert_eq!(bench.viewer.find(&ask, &|| false, &mut |it| told.push(it)), Found::Nowhere);
    assert!(told.len() > 20 && told.is_sorted() && told.last() == Some(&100), "{told:?}");
}

// ---- against a plain split ----

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn windows_hold_the_lines_of_a_plain_split(
        lines in proptest::collection::vec("[a-zé漢\t\u{202e}\r]{0,12}", 1..60),
        crlf in any::<bool>(),
        ended in any::<bool>(),
        number in 1u64..80,
        rows in 1u16..20,
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let text = lines.join(end) + if ended { end } else { "" };
        prop_assume!(!text.is_empty());
        let plain: Vec<&str> = text.lines().collect();
        let mut bench = Bench::with("f.txt", &text);
        let mut question = ask("f.txt", Anchor::Line(number));
        question.rows = rows;
        question.columns = 500;
        let window = bench.last(&question);
        let top = (number as usize - 1).min(plain.len().saturating_sub(usize::from(rows)));
        let expected: Vec<String> = plain.iter().skip(top).take(usize::from(rows))
            .map(|line| text::clean_line(line)).collect();
        prop_assert_eq!(texts(&window), expected);
        prop_assert_eq!(window.total, Total::Exact(plain.len() as u64));
        prop_assert_eq!(window.lines[0].number, Some(top as u64 + 1));
        question.anchor = Anchor::End;
        let window = bench.last(&question);
        prop_assert_eq!(window.lines.last().unwrap().number, Some(plain.len() as u64));
    }

    #[test]
    fn searches_agree_with_a_plain_search(
        text in "[abA\n]{1,80}", needle in "[ab]{1,3}", from in 0usize..80, forward in any::<bool>(),
    ) {
        let mut bench = Bench::with("f", &text);
        let lower = text.to_lowercase();
        let starts: Vec<usize> = lower.match_indices(&needle).map(|(at, _)| at).collect();
        // A place on a line break is the line's end.
        let from = from.min(text.len() - 1);
        let head = text.get(..from).unwrap();
        let line = head.matches('\n').count() as u64 + 1;
        let column = from - head.rfind('\n').map_or(0, |at| at + 1);
        let expected = if forward {
            starts.iter().position(|&at| at > from).or((!starts.is_empty()).then_some(0))
        } else {
            starts.iter().rposition(|&at| at < from).or(starts.len().checked_sub(1))
        };
        match (bench.find(&needle, (line, column as u32), forward), expected) {
            (Found::At { byte, ordinal, .. }, Some(nth)) => {
                prop_assert_eq!(byte, starts[nth] as u64);
                prop_assert_eq!(ordinal, Some((nth as u64 + 1, starts.len() as u64)));
            }
            (found, expected) => {
                prop_assert_eq!((found, expected), (Found::Nowhere, None));
            }
        }
    }
}
