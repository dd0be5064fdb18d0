//! Stack traces that real programs printed (`tests/fixtures/traces`): alone, and within what log
//! drivers put around them.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use navi::engine::symptom::{self, Frame, Symptom};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/traces")
}

/// The printed traces: the name, such as `python/chained`, and the text.
fn printed() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for dialect in fs::read_dir(folder()).unwrap().map(|it| it.unwrap().path()) {
        for path in fs::read_dir(&dialect).into_iter().flatten().map(|it| it.unwrap().path()) {
            if path.extension().is_some_and(|it| it == "txt") {
                let name = path.strip_prefix(folder()).unwrap().with_extension("");
                found.push((name.to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() > 20, "{found:?}");
    found
}

fn shown(frame: &Frame) -> String {
    let number = frame.line.map_or_else(String::new, |it| format!(":{it}"));
    let file = frame.file.as_deref().unwrap_or("-");
    let function = frame.function_shown().map_or_else(String::new, |it| format!(" {it}"));
    let library = if frame.library { " (library)" } else { "" };
    format!("{file}{number}{function}{library}")
}

/// Each exception with its frames, the root cause first, the innermost frame first.
fn read_as(symptom: &Symptom) -> String {
    let mut out = format!("{}\n", symptom.dialect.map_or("none", |it| it.name()));
    for block in &symptom.blocks {
        let said = block.message.as_deref().unwrap_or("nothing said");
        writeln!(out, "{said}").unwrap();
        for &at in &block.frames {
            writeln!(out, "    {}", shown(&symptom.frames[at])).unwrap();
        }
    }
    out
}

/// Where one looks first: the innermost frame of the root cause that is the program's own.
fn first(symptom: &Symptom) -> Option<String> {
    let mut all = symptom.blocks.iter().flat_map(|it| &it.frames).map(|it| &symptom.frames[*it]);
    all.find(|it| !it.library).map(shown)
}

/// `NAVI_KEEP_READ=1` writes what is read, to be looked over.
#[test]
fn traces_of_real_programs_are_read() {
    let mut wrong = String::new();
    for (name, text) in printed() {
        let kept = folder().join(&name).with_extension("read");
        let read = read_as(&symptom::read(&text));
        if std::env::var_os("NAVI_KEEP_READ").is_some() {
            fs::write(&kept, &read).unwrap();
        }
        let expected = fs::read_to_string(&kept).unwrap_or_default();
        if read != expected {
            writeln!(wrong, "{name} is read as\n{read}and not as\n{expected}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What a log driver makes of a text, and whether it takes the blanks before each line away.
type Wrap = fn(&str) -> String;

fn each_line(text: &str, with: impl Fn(usize, &str) -> String) -> String {
    text.lines().enumerate().map(|(at, it)| with(at, it) + "\n").collect()
}

const DRIVERS: &[(&str, Wrap)] = &[
    ("compose", |text| each_line(text, |_, it| format!("api-1  | {it}"))),
    ("compose, coloured", |text| {
        each_line(text, |_, it| format!("\x1b[36mapi-1  |\x1b[0m \x1b[1;31m{it}\x1b[0m\r"))
    }),
    ("compose, two services in turns", |text| {
        each_line(text, |at, it| format!("api-1  | {it}\nweb-1  | GET /health {at} ms"))
    }),
    ("kubernetes", |text| {
        each_line(text, |at, it| format!("2026-11-25T02:47:00.{at:09}Z stderr F {it}"))
    }),
    ("kubectl", |text| each_line(text, |_, it| format!("[pod/api-7d9c4-x2x/api] {it}"))),
    ("journald", |text| each_line(text, |_, it| format!("Nov 25 02:47:00 host api[1234]: {it}"))),
    ("heroku", |text| {
        each_line(text, |_, it| format!("2026-11-25T02:47:00.123456+00:00 app[web.1]: {it}"))
    }),
    ("a remote of git", |text| each_line(text, |_, it| format!("remote: {it}"))),
    ("a quotation", |text| each_line(text, |_, it| format!("> {it}"))),
    ("a JSON record", |text| {
        serde_json::json!({"level": "error", "msg": "it failed", "stack": text}).to_string()
    }),
    ("a JSON record within another, behind a prefix", |text| {
        let inner = serde_json::json!({"level": "error", "message": text}).to_string();
        format!("api-1  | {}", serde_json::json!({"log": inner, "stream": "stderr"}))
    }),
    ("a JSON record that is cut at both ends", |text| {
        let all = serde_json::json!({"level": "error", "stack": format!("{text}\nthe end")});
        let all = all.to_string();
        all.get(10..all.len() - 5).unwrap().to_owned()
    }),
    ("one line of a query", |text| symptom::on_one_line(text)),
    ("windows", |text| text.replace('\n', "\r\n")),
];

#[test]
fn what_drivers_put_around_a_trace_changes_nothing() {
    let mut wrong = String::new();
    for (name, text) in printed() {
        let plain = symptom::read(&text);
        let frames = |it: &Symptom| it.frames.iter().map(shown).collect::<Vec<_>>();
        for (driver, wrap) in DRIVERS {
            let read = symptom::read(&wrap(&text));
            let same = (read.dialect, first(&read), frames(&read))
                == (plain.dialect, first(&plain), frames(&plain));
            if !same {
                writeln!(wrong, "{name} in {driver}:\n{}", read_as(&read)).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Each line of a text may be the first or the last that was copied.
#[test]
fn a_trace_that_is_cut_is_read_as_far_as_it_goes() {
    for (name, text) in printed() {
        let whole = symptom::read(&text);
        let lines: Vec<&str> = text.lines().collect();
        for at in 0..lines.len() {
            for part in [&lines[at..], &lines[..at]] {
                let read = symptom::read(&part.join("\n"));
                assert!(read.frames.len() <= whole.frames.len(), "{name} cut at {at}");
                let known: Vec<_> = whole.frames.iter().map(|it| (&it.file, it.line)).collect();
                for frame in &read.frames {
                    assert!(
                        known.contains(&(&frame.file, frame.line)),
                        "{name} cut at {at}: {frame:?}"
                    );
                }
            }
        }
    }
}
