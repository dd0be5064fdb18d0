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
