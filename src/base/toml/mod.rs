//! Reads what people write in TOML: every key and value keeps its place, and a mistake costs only
//! the statement it is in.
//!
//! A file without mistakes goes through the `toml` crate at once. Any other is read statement by
//! statement (the crate's own recovery guesses values such as `2` out of `b = = 2`), so that what
//! is wrong is dropped and reported and the rest stands. This knows nothing of what keys mean.

use ::toml::Spanned;
use ::toml::de::{DeArray, DeTable, DeValue};

use crate::base::diag::{Checked, Diagnostic, Origin};

mod inherit;
mod recovery;

pub use inherit::{BUILT_IN, Family};

/// A file longer than this is not something a person wrote as settings, keys or colours.
const LONGEST: usize = 256 * 1024;

/// A text together with the name that diagnostics call it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// A file, or `built-in NAME`.
    pub origin: String,
    /// The content.
    pub text: String,
}

/// A table: its entries in the order in which they were written.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Where the table begins.
    pub origin: Origin,
    /// The entries in file order, each key once.
    pub entries: Vec<Entry>,
}

/// One key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key without its quotes.
    pub key: String,
    /// Where the key stands.
    pub origin: Origin,
    /// The value.
    pub value: Value,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Where the value begins.
    pub origin: Origin,
    /// The value itself.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number that is not whole.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A date or a time, as written.
    Date(String),
    /// An array.
    List(Vec<Value>),
    /// A table, inline or with a header.
    Table(Table),
}

impl Kind {
    /// What it is, for a message: "a number".
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

impl Table {
    /// The entry of this name.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// Reads `text`, which came from `source`, as far as it can be read.
pub fn parse(source: &str, text: &str) -> Checked<Table> {
    if text.len() > LONGEST {
        let fault = Diagnostic::error("the file is larger than 256 KiB and is left out");
        let empty = Table { origin: Origin::whole(source), entries: Vec::new() };
        return (empty, vec![fault.at(Origin::whole(source))]);
    }
    let lines = starts_of_lines(text);
    let place = Place { source, text, lines: &lines, base: 0 };
    match DeTable::parse(text) {
        Ok(table) => (place.table(table.get_ref(), 0), Vec::new()),
        Err(_) => recovery::run(place),
    }
}

/// Turns offsets of a piece of the text into origins.
#[derive(Clone, Copy)]
struct Place<'a> {
    source: &'a str,
    text: &'a str,
    lines: &'a [usize],
    base: usize,
}

impl Place<'_> {
    /// Like [`Origin::at`], without counting the lines from the top for every value: a repository
    /// may supply the file.
    fn at(&self, offset: usize) -> Origin {
        let offset = self.base + offset;
        let line = self.lines.partition_point(|&start| start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let column = self.text.get(start..offset).map_or(1, |before| before.chars().count() + 1);
        Origin {
            source: self.source.to_owned(),
            line: Some(line as u32),
            column: Some(column as u32),
        }
    }

    fn table(&self, table: &DeTable<'_>, start: usize) -> Table {
        // The crate sorts by key; people read diagnostics from the top of the file.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        Table {
            origin: self.at(start),
            entries: entries
                .into_iter()
                .map(|(key, value)| Entry {
                    key: key.get_ref().to_string(),
                    origin: self.at(key.span().start),
                    value: self.value(value),
                })
                .collect(),
        }
    }

    fn value(&self, value: &Spanned<DeValue<'_>>) -> Value {
        let start = value.span().start;
        let kind = match value.get_ref() {
            DeValue::String(text) => Kind::Text(text.to_string()),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => Kind::Integer(number),
                    Err(_) => Kind::Float(number.as_str().parse().unwrap_or(f64::INFINITY)),
                }
            }
            DeValue::Float(number) => Kind::Float(number.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(is) => Kind::Bool(*is),
            DeValue::Datetime(date) => Kind::Date(date.to_string()),
            DeValue::Array(items) => Kind::List(self.list(items)),
            DeValue::Table(table) => Kind::Table(self.table(table, start)),
        };
        Value { origin: self.at(start), kind }
    }

    fn list(&self, items: &DeArray<'_>) -> Vec<Value> {
        items.iter().map(|item| self.value(item)).collect()
    }
}

fn starts_of_lines(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(table: &Table) -> String {
        let parts: Vec<String> = table
            .entries
            .iter()
            .map(|entry| match &entry.value.kind {
                Kind::Table(inner) => format!("{}{{{}}}", entry.key, shape(inner)),
                Kind::List(items) => format!("{}[{}]", entry.key, items.len()),
                Kind::Integer(number) => format!("{}={number}", entry.key),
                other => format!("{}:{}", entry.key, other.word()),
            })
            .collect();
        parts.join(" ")
    }

    fn flatten(table: &Table, out: &mut Vec<String>) {
        for entry in &table.entries {
            out.push(format!("{} {}", entry.origin, entry.key));
            match &entry.value.kind {
                Kind::Table(inner) => flatten(inner, out),
                Kind::List(items) => {
                    for item in items {
                        out.push(format!("{} item", item.kind.word()));
                        if let Kind::Table(inner) = &item.kind {
                            flatten(inner, out);
                        }
                    }
                }
                other => out.push(format!("{} {other:?}", entry.value.origin)),
            }
        }
    }

    fn check(text: &str, expect: &str, faults: &[&str]) {
        let (table, found) = parse("f", text);
        assert_eq!(shape(&table), expect, "{text}");
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, faults, "{text}");
    }

    #[test]
    fn values_keep_their_place() {
        let (table, faults) = parse("f", "a = 1\n[t]\n\"x y\" = [\"p\", 2]\n");
        assert!(faults.is_empty());
        let Kind::Table(inner) = &table.get("t").unwrap().value.kind else { unreachable!() };
        let entry = inner.get("x y").unwrap();
        assert_eq!(entry.origin.to_string(), "f:3:1");
        let Kind::List(items) = &entry.value.kind else { unreachable!() };
        assert_eq!(items[1].origin.to_string(), "f:3:15");
    }

    #[test]
    fn a_mistake_costs_its_line_only() {
        check(
            "a = 1\nb = = 2\nc = 3\n[t]\nd = 4\n",
            "a=1 c=3 t{d=4}",
            &["f:2:5: warning: this line is left out: extra `=`, expected nothing"],
        );
        check(
            "a = fg\nb = 2\n",
            "b=2",
            &["f:1:5: warning: this line is left out: `fg` is not in quotes (write \"fg\")"],
        );
        check(
            "a = \"x\nb = 2\n",
            "b=2",
            &["f:1:7: warning: this line is left out: invalid basic string, expected `\"`"],
        );
    }

    #[test]
    fn values_over_several_lines_survive_a_mistake_elsewhere() {
        check(
            "a = [\n 1, # one\n 2,\n]\nb ==\nc = \"\"\"\n[t]\n\"\"\"\nd = 4\n",
            "a[2] c:text d=4",
            &["f:5:4: warning: this line is left out: extra `=`, expected nothing"],
        );
    }

    #[test]
    fn an_unreadable_header_takes_its_keys_with_it() {
        check(
            "a = 1\n[ui\nb = 2\n[y]\nc = 3\n",
            "a=1 y{c=3}",
            &["f:2:4: warning: this line is left out: unclosed table, expected `]` \
               (the keys below it are left out too, up to the next [table])"],
        );
    }

    #[test]
    fn what_comes_twice_stays_once() {
        check(
            "a = 1\na = 2\nb = 3\n[t]\nx = 1\n[u]\ny = 1\n[t]\nz = 2\nx = 5\n",
            "a=1 b=3 t{x=1 z=2} u{y=1}",
            &[
                "f:2:1: warning: `a` is set twice; the first stays",
                "f:10:1: warning: `x` is set twice; the first stays",
            ],
        );
        check(
            "[[p]]\na = 1\n[[p]]\na = 2\nb = ?\n",
            "p[2]",
            &["f:5:5: warning: this line is left out: string values must be quoted, \
               expected literal string"],
        );
    }

    #[test]
    fn statement_by_statement_agrees_with_the_crate() {
        let text = "\u{feff}x = 1 # c\r\n\r\n[a.b]\nc.d = 2\nc.e = 3\n\"q r\" = { s = [1, 2] }\n\
                    [[l]]\nm = 1\n[l.n]\no = 2\n[[l]]\nm = 3\n";
        let (whole, none) = parse("f", text);
        let lines = starts_of_lines(text);
        let place = Place { source: "f", text, lines: &lines, base: 0 };
        let (pieces, still_none) = recovery::run(place);
        assert_eq!((none, still_none), (vec![], vec![]));
        let mut entries = (Vec::new(), Vec::new());
        flatten(&whole, &mut entries.0);
        flatten(&pieces, &mut entries.1);
        assert_eq!(entries.0, entries.1);
    }

    #[test]
    fn a_hostile_file_is_read_in_bounded_time() {
        let text = "a = [\n".repeat(20_000);
        let (table, faults) = parse("f", &text);
        assert!(table.entries.is_empty());
        assert_eq!(faults.len(), 101);
    }

    proptest::proptest! {
        #[test]
        fn nothing_typed_makes_it_fail(text in "[a-c=\\[\\]{}\"'.#,1\n é]{0,60}") {
            let (_, faults) = parse("f", &text);
            proptest::prop_assert_eq!(faults.is_empty(), DeTable::parse(&text).is_ok());
        }
    }
}
