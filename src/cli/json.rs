//! The wire format: one object with `"version": 1`, safe to show on a terminal.
//!
//! Adding a field is fine; renaming or removing one is not. Characters that could steer a terminal
//! are written as `\uXXXX`, so that the text is exact and harmless at once.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::base::{Diagnostic, text};

/// What every object carries.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Envelope<T> {
    version: u32,
    #[serde(flatten)]
    body: T,
}

#[derive(Serialize)]
struct ErrorBody<T> {
    error: T,
}

/// A diagnostic on the wire.
#[derive(Serialize)]
pub struct Said {
    severity: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl From<&Diagnostic> for Said {
    fn from(it: &Diagnostic) -> Self {
        Self {
            severity: it.severity.word(),
            message: it.message.clone(),
            origin: it.origin.as_ref().map(ToString::to_string),
            hint: it.hint.clone(),
        }
    }
}

/// The diagnostics on the wire.
pub fn said(diagnostics: &[Diagnostic]) -> Vec<Said> {
    diagnostics.iter().map(Said::from).collect()
}

/// An object as one line.
pub fn object<T: Serialize>(body: T) -> String {
    write(&Envelope { version: VERSION, body })
}

/// An error as one line.
pub fn error<T: Serialize>(body: T) -> String {
    object(ErrorBody { error: body })
}

/// What stands before and behind the items of a list with this name, with which an object ends, on
/// one line. The items, of which there may be very many, are written by [`items`].
pub fn around_list<T: Serialize>(body: T, name: &str) -> (String, &'static str) {
    let mut before = object(body);
    // The brace at its end.
    before.pop();
    for part in [",\"", name, "\":["] {
        before.push_str(part);
    }
    (before, "]}")
}

/// The items of a list without its brackets.
pub fn items<T: Serialize>(all: impl Iterator<Item = T>) -> String {
    let mut out = Vec::new();
    for item in all {
        if !out.is_empty() {
            out.push(b',');
        }
        push(&mut out, &item);
    }
    String::from_utf8(out).unwrap_or_default()
}

fn write<T: Serialize>(value: &T) -> String {
    let mut out = Vec::new();
    push(&mut out, value);
    String::from_utf8(out).unwrap_or_default()
}

fn push<T: Serialize>(out: &mut Vec<u8>, value: &T) {
    // Only a map with keys that are no texts could fail; there is none.
    let _ = value.serialize(&mut Serializer::with_formatter(out, Harmless));
}

struct Harmless;

impl Formatter for Harmless {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if text::plain_run(fragment) == fragment.len() {
            return writer.write_all(fragment.as_bytes());
        }
        let mut plain = 0;
        for (at, character) in fragment.char_indices() {
            if !text::is_hidden(character) {
                continue;
            }
            writer.write_all(fragment.as_bytes().get(plain..at).unwrap_or_default())?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain = at + character.len_utf8();
        }
        writer.write_all(fragment.as_bytes().get(plain..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_exact_and_harmless() {
        let hostile = "a\u{1b}[2J\u{9b}\u{202e}\"\n\u{e0001}";
        let line = object(serde_json::json!({ "path": hostile }));
        assert!(!line.chars().any(text::is_control), "{line}");
        let back: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(back["path"], hostile);
        assert_eq!(back["version"], 1);
    }
}

/// A repository among several.
#[derive(Serialize)]
pub struct Repository {
    /// What results name it by.
    label: String,
    root: String,
}

/// The repositories, where there are several.
pub fn repositories(scope: &super::scope::Scope) -> Vec<Repository> {
    let all = scope.members.iter();
    let one = |(label, setup): &(String, super::setup::Setup)| Repository {
        label: label.clone(),
        root: setup.repo.root.to_string_lossy().into_owned(),
    };
    all.map(one).collect()
}
