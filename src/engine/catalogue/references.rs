//! What a file refers to: imports by path or by module, and names of classes, read line by line.
//!
//! A quick reading, made for counting who is referred to most. What it misses costs a little order,
//! never a file.

use std::collections::HashSet;

use crate::base::path::name_of;
use crate::engine::roles::Language;
use crate::engine::tokens;

/// One reference, still without its target.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A path from the root, in lower case, perhaps without its extension.
    Path(Vec<u8>),
    /// The end of a path, in lower case, without extension: `app/core/config`.
    Module(Vec<u8>),
    /// The end of a folder's path: a Go package.
    Folder(Vec<u8>),
    /// The name of a class or module: lower case, letters and digits only.
    Name(Vec<u8>),
}

/// References of one file that are kept.
const MOST: usize = 400;
/// Shortest class name that is looked up.
const SHORTEST: usize = 4;

/// The references in `text`, the content of the file at `path`.
pub fn of(path: &[u8], language: Language, text: &[u8]) -> Vec<Reference> {
    let mut out = Found { seen: HashSet::new(), list: Vec::new() };
    let folder = &path[..path.len() - name_of(path).len()];
    match language {
        Language::JavaScript => javascript(folder, text, &mut out),
        Language::Python => python(folder, text, &mut out),
        Language::Go => go(text, &mut out),
        Language::Rust => rust(folder, text, &mut out),
        Language::C => includes(text, &mut out),
        Language::Java | Language::Php | Language::CSharp | Language::Ruby | Language::Elixir => {
            names(text, &mut out);
        }
        Language::Shell | Language::Data => {}
    }
    out.list
}

struct Found {
    seen: HashSet<Reference>,
    list: Vec<Reference>,
}

impl Found {
    fn put(&mut self, it: Reference) {
        if self.list.len() < MOST && self.seen.insert(it.clone()) {
            self.list.push(it);
        }
    }
}

/// `path` relative to `folder` as a path from the root.
fn join(folder: &[u8], path: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<&[u8]> =
        folder.split(|&it| it == b'/').filter(|it| !it.is_empty()).collect();
    for part in path.split(|&it| it == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/').to_ascii_lowercase())
}

fn quoted(rest: &[u8]) -> Option<&[u8]> {
    let rest = rest.trim_ascii_start();
    let quote = *rest.first().filter(|it| matches!(it, b'\'' | b'"' | b'`'))?;
    let end = memchr::memchr(quote, &rest[1..])?;
    Some(&rest[1..=end])
}

fn javascript(folder: &[u8], text: &[u8], out: &mut Found) {
    for (mark, after) in
        [("from ", 5), ("require(", 8), ("import(", 7), ("import '", 7), ("import \"", 7)]
    {
        for at in memchr::memmem::find_iter(text, mark) {
            let Some(target) = text.get(at + after..).and_then(quoted) else { continue };
            if target.is_empty() || target.len() > 200 {
                continue;
            }
            if target.starts_with(b".") {
                if let Some(path) = join(folder, target) {
                    out.put(Reference::Path(path));
                }
            } else {
                // `@app/core/config`, `~/lib/db`, `src/x`: the end of it names the file.
                let target = target.strip_prefix(b"@/").unwrap_or(target);
                let target = target.strip_prefix(b"~/").unwrap_or(target);
                if memchr::memchr(b'/', target).is_some() {
                    out.put(Reference::Module(target.to_ascii_lowercase()));
                }
            }
        }
    }
}

fn python(folder: &[u8], text: &[u8], out: &mut Found) {
    for line in text.split(|&it| it == b'\n') {
        let line = line.trim_ascii_start();
        if let Some(rest) = line.strip_prefix(b"from ") {
            let Some(at) = memchr::memmem::find(rest, b" import ") else { continue };
            let module = &rest[..at];
            let dots = module.iter().take_while(|&&it| it == b'.').count();
            let tail = module[dots..].to_ascii_lowercase();
            let tail: Vec<u8> = tail.iter().map(|&it| if it == b'.' { b'/' } else { it }).collect();
            let base = if dots > 0 {
                let up = [b"./".to_vec(), b"../".repeat(dots - 1), tail].concat();
                match join(folder, &up) {
                    Some(path) => path,
                    None => continue,
                }
            } else {
                tail
            };
            let make = |it: Vec<u8>| {
                if dots > 0 { Reference::Path(it) } else { Reference::Module(it) }
            };
            out.put(make(base.clone()));
            for name in rest[at + 8..].split(|&it| it == b',').take(20) {
                let name = name.trim_ascii().trim_ascii_start();
                let word: Vec<u8> = name
                    .iter()
                    .skip_while(|&&it| it == b'(' || it == b' ')
                    .take_while(|&&it| tokens::is_word_byte(it))
                    .map(u8::to_ascii_lowercase)
                    .collect();
                if !word.is_empty() {
                    out.put(make([base.as_slice(), b"/", &word].concat()));
                }
            }
        } else if let Some(rest) = line.strip_prefix(b"import ") {
            for module in rest.split(|&it| it == b',').take(10) {
                let word = module.trim_ascii().split(|&it| it == b' ').next().unwrap_or_default();
                let word: Vec<u8> = word
                    .iter()
                    .map(|&it| if it == b'.' { b'/' } else { it.to_ascii_lowercase() })
                    .collect();
                if memchr::memchr(b'/', &word).is_some() {
                    out.put(Reference::Module(word));
                }
            }
        }
    }
}

fn go(text: &[u8], out: &mut Found) {
    // Imports stand at the beginning.
    for line in text.split(|&it| it == b'\n').take(120) {
        let line = line.trim_ascii();
        let Some(at) = memchr::memchr(b'"', line) else { continue };
        let before = line[..at].trim_ascii();
        let alias = before.iter().all(|&it| tokens::is_word_byte(it) || it == b'.' || it == b' ');
        if alias
            && let Some(target) = quoted(&line[at..])
            && memchr::memchr(b'/', target).is_some()
        {
            out.put(Reference::Folder(target.to_ascii_lowercase()));
        }
    }
}

fn rust(folder: &[u8], text: &[u8], out: &mut Found) {
    for line in text.split(|&it| it == b'\n') {
        let line = line.trim_ascii_start();
        let line = line.strip_prefix(b"pub ").unwrap_or(line);
        let line = line.strip_prefix(b"pub(crate) ").unwrap_or(line);
        if let Some(rest) = line.strip_prefix(b"use ") {
            let path: Vec<&[u8]> = rest
                .split(|&it| it == b':')
                .map(|it| {
                    let end = it.iter().position(|&it| !tokens::is_word_byte(it));
                    &it[..end.unwrap_or(it.len())]
                })
                .filter(|it| !it.is_empty() && !matches!(*it, b"crate" | b"super" | b"self"))
                .collect();
            for end in 1..=path.len().min(4) {
                out.put(Reference::Module(path[..end].join(&b'/').to_ascii_lowercase()));
            }
        } else if let Some(rest) = line.strip_prefix(b"mod ")
            && let Some(name) = rest.strip_suffix(b";")
            && let Some(path) = join(folder, name)
        {
            out.put(Reference::Path(path));
        }
    }
}

fn includes(text: &[u8], out: &mut Found) {
    for line in text.split(|&it| it == b'\n') {
        if let Some(rest) = line.trim_ascii_start().strip_prefix(b"#include ")
            && let Some(target) = quoted(rest)
        {
            let stem = target.iter().rposition(|&it| it == b'.').unwrap_or(target.len());
            out.put(Reference::Module(target[..stem].to_ascii_lowercase()));
        }
    }
}

fn names(text: &[u8], out: &mut Found) {
    tokens::for_each_word(text, |start, word| {
        // Of `Shop::Orders::Total` and `Shop.Orders.Total` only the last names a file.
        let inside = match text.get(start + word.len()..) {
            Some([b':', b':', ..] | [b'\\', ..]) => true,
            Some([b'.', next, ..]) => next.is_ascii_uppercase(),
            _ => false,
        };
        if word.len() >= SHORTEST && word[0].is_ascii_uppercase() && !inside {
            out.put(Reference::Name(key(word)));
        }
    });
}

/// A name without case and punctuation, by which a class finds its file.
pub fn key(name: &[u8]) -> Vec<u8> {
    name.iter().filter(|it| it.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str, language: Language, text: &str) -> Vec<String> {
        of(path.as_bytes(), language, text.as_bytes())
            .into_iter()
            .map(|it| match it {
                Reference::Path(it) => format!("={}", String::from_utf8(it).unwrap()),
                Reference::Module(it) => String::from_utf8(it).unwrap(),
                Reference::Folder(it) => format!("{}/", String::from_utf8(it).unwrap()),
                Reference::Name(it) => format!("#{}", String::from_utf8(it).unwrap()),
            })
            .collect()
    }

    #[test]
    fn imports_are_read() {
        assert_eq!(
            shown(
                "src/a/b.ts",
                Language::JavaScript,
                "import x from '../Core/config';\nrequire('@app/db/pool')"
            ),
            ["=src/core/config", "@app/db/pool"]
        );
        assert_eq!(
            shown(
                "app/a/b.py",
                Language::Python,
                "from ..core import config, x\nfrom app.db import y\nimport os\n"
            ),
            ["=app/core", "=app/core/config", "=app/core/x", "app/db", "app/db/y"]
        );
        assert_eq!(
            shown("m.go", Language::Go, "import (\n\t\"fmt\"\n\tx \"acme.io/shop/db\"\n)"),
            ["acme.io/shop/db/"]
        );
        assert_eq!(
            shown("src/m.rs", Language::Rust, "mod a;\nuse crate::db::Pool;\n"),
            ["=src/a", "db", "db/pool"]
        );
        assert_eq!(
            shown("a.rb", Language::Ruby, "UserMailer.hi(Shop::User, Api.Pool)"),
            ["#usermailer", "#user", "#pool"]
        );
    }
}
