//! Holds the source to the rules of `docs/architecture.md`: layers, homes of crates, headers,
//! lengths, names.
//!
//! Reads the files as text, with comments, strings and `#[cfg(test)]` modules taken out where they
//! are not meant. A rule that turns out wrong is changed here and in the document together.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each layer with those it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("engine", &["base"]),
    ("config", &["base", "engine"]),
    ("protocol", &["base", "engine"]),
    ("workers", &["base", "engine", "config", "protocol"]),
    // Not `config`: settings arrive as plain values. Not `workers`: the two meet in `protocol`.
    ("app", &["base", "engine", "protocol"]),
    ("tui", &["base", "engine", "config", "protocol", "workers", "app"]),
    ("cli", &["base", "engine", "config", "protocol", "workers", "app", "tui", "sample"]),
    // Stands alone, so that the demo's files could move to a crate of their own.
    ("sample", &[]),
];

/// Paths of code with the places where they may be named. A place is a beginning of the file's path
/// below `src/`.
const HOMES: &[(&[&str], &[&str])] = &[
    (&["ratatui", "crossterm"], &["tui/"]),
    (&["nix"], &["tui/"]),
    (&["tantivy"], &["engine/index/"]),
    // CODEOWNERS uses the patterns of ignore files.
    (&["ignore"], &["engine/walk.rs", "engine/tracked.rs", "engine/owners.rs"]),
    (&["syntect", "two_face"], &["engine/preview/"]),
    (&["nucleo_matcher"], &["engine/search/", "app/"]),
    (&["aho_corasick"], &["engine/roles/", "engine/redact/", "engine/search/literal.rs"]),
    (&["regex"], &["engine/symptom/", "engine/routes/"]),
    (&["saphyr_parser"], &["base/yaml.rs"]),
    (&["hashbrown"], &["engine/files.rs", "engine/index/terms.rs"]),
    (&["notify"], &["workers/"]),
    (&["clap", "clap_complete", "clap_mangen"], &["cli/"]),
    (&["gix"], &["sample/", "engine/history/"]),
    (&["anstyle_parse"], &["engine/output/"]),
    (&["sha2"], &["engine/commands/", "workers/runner/", "workers/prober.rs"]),
    // The time zone of the wall clock.
    (&["jiff"], &["config/clock.rs"]),
    (&["pulldown_cmark"], &["engine/runbook/"]),
    (&["imara_diff"], &["engine/history/"]),
    (&["include_dir"], &["sample/"]),
    // The supervisor is a process of its own and lives by signals.
    (&["signal_hook"], &["tui/", "cli/", "workers/runner/supervise.rs"]),
    // Asking for the number of processors is no thread.
    (&["thread::spawn", "thread::Builder", "thread::scope"], &["workers/", "tui/"]),
    // Commands, and the supervisor between them and navi; the editor and what wants a terminal.
    (&["std::process::Command", "process::Command"], &["tui/", "workers/runner/"]),
    (&["std::env"], &["config/paths.rs", "cli/"]),
];

/// Names that say nothing of what is inside.
const BANNED: &[&str] =
    &["util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "stuff"];

/// Lines of one file, not counting its tests: beyond this nobody keeps a file in mind.
const LONGEST: usize = 700;

/// One file of the source.
struct Source {
    /// Below `src/`, with `/`.
    path: String,
    text: String,
    /// Without comments, texts in quotes and test modules; as many lines as the file.
    code: String,
}

impl Source {
    fn layer(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }

    fn is_test(&self) -> bool {
        self.path.ends_with("tests.rs") || self.path.contains("/tests/")
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            // The demo's files are data: their names and their code are those of a web shop.
            if !path.ends_with("sample/tree") {
                files_below(&path, out);
            }
        } else {
            out.push(path);
        }
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    if folder.is_dir() {
        files_below(folder, &mut out);
    }
    out.sort();
    out
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    below(&src)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
            let code = without_tests(&bare(&text));
            Source { path, text, code }
        })
        .collect()
}

/// The code with comments and the insides of texts blanked out, line for line.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    let keep_lines = |out: &mut String, piece: &str| {
        out.extend(piece.chars().filter(|&it| it == '\n'));
    };
    while at < bytes.len() {
        let rest = &text[at..];
        let before = text[..at].chars().next_back().unwrap_or(' ');
        let in_word = before.is_alphanumeric() || before == '_';
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_text(rest).filter(|_| !in_word) {
            length
        } else if rest.starts_with('"') {
            let mut end = 1;
            while end < rest.len() && rest.as_bytes()[end] != b'"' {
                end += if rest.as_bytes()[end] == b'\\' { 2 } else { 1 };
            }
            (end + 1).min(rest.len())
        } else if let Some(length) = character(rest) {
            length
        } else {
            let next = rest.chars().next().unwrap();
            out.push(next);
            at += next.len_utf8();
            continue;
        };
        out.push(' ');
        keep_lines(&mut out, &rest[..length]);
        at += length;
    }
    out
}

/// Length of a raw text such as `r#"…"#` at the beginning.
fn raw_text(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = body.chars().take_while(|&it| it == '#').count();
    let inside = body[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = inside.find(&close)? + close.len();
    Some(rest.len() - inside.len() + end)
}

/// Length of a character such as `'"'` at the beginning; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    if inside.starts_with('\\') {
        let end = inside.char_indices().skip(2).find(|(_, it)| *it == '\'')?.0;
        return Some(end + 2);
    }
    let first = inside.chars().next()?;
    inside[first.len_utf8()..].starts_with('\'').then(|| first.len_utf8() + 2)
}

/// The code with every item under `#[cfg(test)]` blanked out, line for line.
fn without_tests(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        let item = &rest[at..];
        let mut depth = 0usize;
        let mut end = item.len();
        for (place, character) in item.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        end = place + 1;
                        break;
                    }
                }
                ';' if depth == 0 => {
                    end = place + 1;
                    break;
                }
                _ => {}
            }
        }
        out.extend(item[..end].chars().filter(|&it| it == '\n'));
        rest = &item[end..];
    }
    out.push_str(rest);
    out
}

/// Where `path` is named in the code, as 1-based lines: not as a part of a longer word.
fn lines_naming(code: &str, path: &str) -> Vec<usize> {
    code.lines()
        .enumerate()
        .filter(|(_, line)| {
            line.match_indices(path).any(|(at, _)| {
                let before = line[..at].chars().next_back().unwrap_or(' ');
                let after = line[at + path.len()..].chars().next().unwrap_or(' ');
                let word = |it: char| it.is_alphanumeric() || it == '_';
                !word(before) && !word(after)
            })
        })
        .map(|(at, _)| at + 1)
        .collect()
}

/// The modules of this crate that the code names, with their 1-based lines: `crate::x`,
/// `crate::{x, y::z}`.
fn crate_modules(code: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back().unwrap_or(' ');
        // `$crate::` in a macro is this crate as well; `some_crate::` is another.
        if before.is_alphanumeric() || before == '_' {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = &code[at + "crate::".len()..];
        let word = |text: &str| -> String {
            text.trim_start().chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect()
        };
        let Some(list) = rest.strip_prefix('{') else {
            out.push((line, word(rest)));
            continue;
        };
        let mut depth = 0usize;
        let mut start = 0;
        for (place, character) in list.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    out.push((line, word(&list[start..place])));
                    break;
                }
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    out.push((line, word(&list[start..place])));
                    start = place + 1;
                }
                _ => {}
            }
        }
    }
    out.retain(|(_, name)| !name.is_empty());
    out
}

#[track_caller]
fn none(faults: &[String], rule: &str) {
    assert!(faults.is_empty(), "{rule} (docs/architecture.md):\n{}", faults.join("\n"));
}

#[test]
fn layers_only_look_left() {
    let known: BTreeSet<&str> = LAYERS.iter().map(|(layer, _)| *layer).collect();
    let mut faults = Vec::new();
    for source in sources() {
        let layer = source.layer();
        if matches!(source.path.as_str(), "lib.rs" | "main.rs") {
            continue;
        }
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            faults.push(format!("src/{}: `{layer}` is no layer", source.path));
            continue;
        };
        for (line, seen) in crate_modules(&source.code) {
            if known.contains(seen.as_str()) && seen != layer && !allowed.contains(&seen.as_str()) {
                faults.push(format!("src/{}:{line}: {layer} must not use {seen}", source.path));
            }
        }
    }
    none(&faults, "a layer uses only those to its left");
}

#[test]
fn each_crate_has_its_home() {
    let mut faults = Vec::new();
    for source in sources() {
        if source.is_test() {
            continue;
        }
        for (paths, homes) in HOMES {
            if homes.iter().any(|home| source.path.starts_with(home)) {
                continue;
            }
            for path in *paths {
                // A crate is named as `name::`; a word such as `ignore` alone may be anything.
                let named =
                    if path.contains("::") { (*path).to_owned() } else { format!("{path}::") };
                for line in lines_naming(&format!("{} ", source.code), named.trim_end_matches("::"))
                {
                    let text = source.code.lines().nth(line - 1).unwrap_or_default();
                    let used = text.contains(&named)
                        || text.trim_start().starts_with(&format!("use {path};"));
                    if used && !text.contains(&format!("crate::{path}::")) {
                        faults.push(format!(
                            "src/{}:{line}: `{path}` lives in {}",
                            source.path,
                            homes.join(" and ")
                        ));
                    }
                }
            }
        }
    }
    none(&faults, "a crate, and each door to the system, has its home");
}

#[test]
fn no_engine_code_prints() {
    let mut faults = Vec::new();
    for source in sources() {
        if source.layer() == "cli" || source.is_test() {
            continue;
        }
        for call in ["println!", "eprintln!", "print!", "eprint!", "io::stdout", "io::stderr"] {
            if call.starts_with("io::") && source.layer() == "tui" {
                continue;
            }
            for (at, line) in source.code.lines().enumerate() {
                if line.contains(call) {
                    faults.push(format!("src/{}:{}: {call}", source.path, at + 1));
                }
            }
        }
    }
    none(&faults, "only the command line and the screen write to the terminal");
}

#[test]
fn one_crossterm() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let count = lock.matches("name = \"crossterm\"\n").count();
    assert_eq!(count, 1, "two crosstermes would each believe that they own the terminal's state");
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut all = below(&root().join("src"));
    all.extend(below(&root().join("tests")));
    all.extend(below(&root().join("examples")));
    all.extend(below(&root().join("benches")));
    let faults: Vec<String> = all
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//!"))
        .map(|path| path.strip_prefix(root()).unwrap().display().to_string())
        .collect();
    none(&faults, "a file begins with `//!` and what it is for");
}

#[test]
fn no_file_is_too_long() {
    let mut lengths: Vec<(usize, String)> = sources()
        .iter()
        .filter(|source| !source.is_test())
        .map(|source| {
            let all = source.text.lines().count();
            let tests = source.text.find("#[cfg(test)]\nmod tests {");
            let tests = tests.map_or(0, |at| source.text[at..].lines().count());
            (all - tests, source.path.clone())
        })
        .collect();
    lengths.sort_unstable_by(|one, other| other.cmp(one));
    let list: Vec<String> =
        lengths.iter().take(10).map(|(lines, path)| format!("{lines:5} src/{path}")).collect();
    assert!(lengths[0].0 <= LONGEST, "at most {LONGEST} lines without tests:\n{}", list.join("\n"));
}

#[test]
fn names_say_something() {
    let mut faults = Vec::new();
    for source in sources() {
        for part in source.path.trim_end_matches(".rs").split('/') {
            if part.split('_').any(|word| BANNED.contains(&word)) {
                faults.push(format!("src/{}: `{part}`", source.path));
            }
        }
        for (at, line) in source.code.lines().enumerate() {
            let line = line.trim_start().trim_start_matches("pub ");
            let Some(name) = line.strip_prefix("mod ") else { continue };
            let name = name.trim_end_matches([';', ' ', '{', '}']);
            if name.split('_').any(|word| BANNED.contains(&word)) {
                faults.push(format!("src/{}:{}: `mod {name}`", source.path, at + 1));
            }
        }
    }
    none(&faults, "a name says what is inside");
}

#[test]
fn nothing_names_the_machine_it_was_written_on() {
    let mut all = below(&root().join("docs"));
    all.extend(below(&root().join("keymaps")));
    all.extend(below(&root().join("themes")));
    all.extend(["README.md", "Cargo.toml"].map(|name| root().join(name)));
    let mut faults = Vec::new();
    for path in all {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (at, line) in text.lines().enumerate() {
            // Written apart, so that this file would pass its own test.
            for place in [["/ro", "ot/"], ["/wo", "rk/"], ["/tm", "p/wt-"], ["/tm", "p/navi"]] {
                let place = place.concat();
                let inside = line.find(&place).is_some_and(|start| {
                    !line[..start].ends_with(|it: char| it.is_alphanumeric() || "./-_".contains(it))
                });
                if inside {
                    let path = path.strip_prefix(root()).unwrap().display().to_string();
                    faults.push(format!("{path}:{}: {}", at + 1, line.trim()));
                }
            }
        }
    }
    none(&faults, "documents hold for every machine");
}

#[test]
fn the_rules_see_what_they_look_for() {
    let text = "use crate::{base::diag, engine};\n// crate::tui\nlet a = \"crate::cli\"; let c = '\"';\n\
                #[cfg(test)]\nmod tests {\n    use crate::cli;\n}\nfn f<'a>() { $crate::app::x() }\n";
    let code = without_tests(&bare(text));
    let seen: Vec<String> = crate_modules(&code).into_iter().map(|it| it.1).collect();
    assert_eq!(seen, ["base", "engine", "app"]);
    assert_eq!(code.lines().count(), text.lines().count());
    assert_eq!(bare("a r#\"x \" y\"# b"), "a   b");
    assert_eq!(lines_naming("std::thread::spawn\nmy_std::thread", "std::thread"), [1]);
}
