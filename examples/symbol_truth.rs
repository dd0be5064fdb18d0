//! Measures what the scanners of definitions find against a list that another program made.
//!
//! ```text
//! cargo run --release --example symbol_truth -- TREE TAGS.json [--ending EXT] [--show N]
//! ```
//!
//! `TAGS.json` holds one tag a line, as `ctags --output-format=json --fields=+n` writes them, with
//! paths below TREE. Where `TAGS.json.files` exists it names the files that the other program has read
//! whole, one a line; else those with a tag are compared. A definition is found when name and line
//! agree. It prints, for each ending, how many there are, how many of them are found (recall), how many
//! of those found are among them (precision), of how many the kinds agree, and the speed; `--show`
//! prints the first that differ.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program to measure with")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use navi::engine::symbols::Scanner;

#[derive(Default)]
struct Figures {
    files: usize,
    bytes: usize,
    truth: usize,
    found: usize,
    both: usize,
    kinds: usize,
    took: Duration,
}

/// Kinds that mean the same.
fn coarse(kind: &str) -> &'static str {
    match kind {
        "function" | "method" | "func" | "macro" | "subroutine" | "rpc" | "m" | "f" => "callable",
        "module" | "namespace" | "package" => "module",
        "class" | "struct" | "interface" | "trait" | "protocol" | "enum" | "type" | "typedef"
        | "union" | "object" | "table" | "view" | "definition" => "type",
        _ => "value",
    }
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut places, mut ending, mut show) = (Vec::new(), None, 0usize);
    while let Some(it) = arguments.next() {
        match it.as_str() {
            "--ending" => ending = arguments.next(),
            "--show" => show = arguments.next().and_then(|it| it.parse().ok()).unwrap_or(20),
            _ => places.push(it),
        }
    }
    let [tree, tags] = places.as_slice() else {
        eprintln!("usage: symbol_truth TREE TAGS.json [--ending EXT] [--show N]");
        return ExitCode::from(2);
    };
    let text = match std::fs::read_to_string(tags) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{tags}: {error}");
            return ExitCode::from(2);
        }
    };
    let mut truth: HashMap<String, HashMap<(String, u32), String>> = HashMap::new();
    if let Ok(files) = std::fs::read_to_string(format!("{tags}.files")) {
        truth.extend(files.lines().map(|it| (it.to_owned(), HashMap::new())));
    }
    for line in text.lines() {
        let Ok(tag) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let word = |key: &str| tag.get(key).and_then(|it| it.as_str()).map(str::to_owned);
        let number = tag.get("line").and_then(serde_json::Value::as_u64);
        if let (Some(path), Some(name), Some(line), Some(kind)) =
            (word("path"), word("name"), number, word("kind"))
        {
            truth.entry(path).or_default().insert((name, line as u32), kind);
        }
    }
    let mut all: BTreeMap<String, Figures> = BTreeMap::new();
    let mut scanner = Scanner::default();
    let mut paths: Vec<_> = truth.keys().cloned().collect();
    paths.sort();
    for path in paths {
        let own = path.rsplit('.').next().unwrap_or_default().to_owned();
        if ending.as_ref().is_some_and(|it| *it != own) {
            continue;
        }
        let Ok(text) = std::fs::read(Path::new(tree).join(&path)) else { continue };
        let figures = all.entry(own).or_default();
        let started = Instant::now();
        let definitions = scanner.all(path.as_bytes(), &text);
        figures.took += started.elapsed();
        let wanted = &truth[&path];
        let mut seen = HashSet::new();
        for it in &definitions {
            let key = (String::from_utf8_lossy(it.name).into_owned(), it.line);
            if !seen.insert(key.clone()) {
                continue;
            }
            figures.found += 1;
            match wanted.get(&key) {
                Some(kind) => {
                    figures.both += 1;
                    figures.kinds += usize::from(coarse(kind) == coarse(it.kind.name()));
                }
                None if show > 0 => {
                    show -= 1;
                    println!("  more {path}:{}: {} ({})", key.1, key.0, it.kind.name());
                }
                None => {}
            }
        }
        let mut missing: Vec<_> = wanted.iter().filter(|(key, _)| !seen.contains(key)).collect();
        missing.sort();
        for ((name, line), kind) in missing {
            if show > 0 {
                show -= 1;
                println!("  miss {path}:{line}: {name} ({kind})");
            }
        }
        figures.files += 1;
        figures.bytes += text.len();
        figures.truth += wanted.len();
    }
    println!("ending    files   truth   found  recall  precision  kinds    MB/s");
    for (ending, it) in &all {
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        println!(
            "{ending:8} {:6} {:7} {:7}  {:.3}   {:.3}      {:.3}  {:6.0}",
            it.files,
            it.truth,
            it.found,
            share(it.both, it.truth),
            share(it.both, it.found),
            share(it.kinds, it.both),
            it.bytes as f64 / 1e6 / it.took.as_secs_f64().max(1e-9),
        );
    }
    ExitCode::SUCCESS
}
