//! Reads a file that has a mistake: statement by statement, dropping what cannot be read.
//!
//! The work is bounded whatever the text is, because a repository may supply it.

use ::toml::de::{DeTable, Error};

use super::{Kind, LONGEST, Place, Table, Value};
use crate::base::diag::{Checked, Diagnostic, Origin, quote};
use crate::base::text;

/// Lines that a value over several lines may take in a file that has mistakes elsewhere.
const LONGEST_STATEMENT: usize = 400;

/// Mistakes reported one by one; more would hide what matters.
const MOST_FAULTS: usize = 100;

/// Reads the whole text of `place`, which is known to have a mistake.
pub(super) fn run(place: Place<'_>) -> Checked<Table> {
    Recovery::new(place).run()
}

/// Where the keys of the statements that follow belong.
enum Section {
    Path(Vec<String>),
    /// Below a header that could not be read; reported once, at the header.
    Unknown,
}

/// Reads a file that has a mistake, one statement at a time.
struct Recovery<'a> {
    place: Place<'a>,
    lines: Vec<&'a str>,
    root: Table,
    section: Section,
    faults: Vec<Diagnostic>,
    /// Bytes that may still be read again in search of the end of a value.
    patience: usize,
}

impl<'a> Recovery<'a> {
    fn new(place: Place<'a>) -> Self {
        Self {
            place,
            lines: place.text.split_inclusive('\n').collect(),
            root: Table { origin: place.at(0), entries: Vec::new() },
            section: Section::Path(Vec::new()),
            faults: Vec::new(),
            patience: 16 * LONGEST,
        }
    }

    fn run(mut self) -> Checked<Table> {
        let mut line = 0;
        while line < self.lines.len() {
            line += self.statement(line);
        }
        let more = self.faults.len().saturating_sub(MOST_FAULTS);
        if more > 0 {
            self.faults.truncate(MOST_FAULTS);
            let rest = Diagnostic::warning(format!("{more} more mistakes are not listed"));
            self.faults.push(rest.at(Origin::whole(self.place.source)));
        }
        (self.root, self.faults)
    }

    /// Reads the statement that begins at `line`; returns the lines it takes.
    fn statement(&mut self, line: usize) -> usize {
        let first = self.lines[line].trim_start_matches('\u{feff}');
        let place = Place { base: offset_of(self.place.text, first), ..self.place };
        let header = first.trim_start().starts_with('[');
        let error = match DeTable::parse(first) {
            Ok(table) => {
                self.take(&place, table.get_ref(), header);
                return 1;
            }
            Err(error) => error,
        };
        if !header && may_go_on(first) {
            for taken in 2..=LONGEST_STATEMENT.min(self.lines.len() - line) {
                let end = offset_of(self.place.text, self.lines[line + taken - 1])
                    + self.lines[line + taken - 1].len();
                let piece = self.place.text.get(place.base..end).unwrap_or(first);
                let Some(left) = self.patience.checked_sub(piece.len()) else { break };
                self.patience = left;
                if let Ok(table) = DeTable::parse(piece) {
                    self.take(&place, table.get_ref(), header);
                    return taken;
                }
            }
        }
        self.unreadable(&place, first, header, &error);
        1
    }

    fn unreadable(&mut self, place: &Place<'_>, line: &str, header: bool, error: &Error) {
        let at = error.span().map_or(0, |span| span.start.min(line.trim_end().len()));
        let fault = if header {
            self.section = Section::Unknown;
            let after = "the keys below it are left out too, up to the next [table]";
            Diagnostic::warning(format!("this line is left out: {}", why(error))).hint(after)
        } else if matches!(self.section, Section::Unknown) {
            return;
        } else if let Some(word) = unquoted(line) {
            let word = text::clean(word);
            Diagnostic::warning(format!("this line is left out: `{word}` is not in quotes"))
                .hint(format!("write \"{word}\""))
        } else {
            Diagnostic::warning(format!("this line is left out: {}", why(error)))
        };
        self.faults.push(fault.at(place.at(at)));
    }

    fn take(&mut self, place: &Place<'_>, table: &DeTable<'_>, header: bool) {
        let table = place.table(table, 0);
        if header {
            let mut path = Vec::new();
            let mut inner = &table;
            while let Some(entry) = inner.entries.first() {
                path.push(entry.key.clone());
                match &entry.value.kind {
                    Kind::Table(next) => inner = next,
                    _ => break,
                }
            }
            self.section = Section::Path(path);
            merge(&mut self.root, table, true, &mut self.faults);
            return;
        }
        let Section::Path(path) = &self.section else { return };
        let Some(home) = descend(&mut self.root, path) else { return };
        merge(home, table, false, &mut self.faults);
    }
}

/// Adds the entries of `more`; what is there already stays and the newcomer is reported. A table
/// header may come twice, for its keys have only one place to go.
fn merge(into: &mut Table, more: Table, header: bool, faults: &mut Vec<Diagnostic>) {
    for entry in more.entries {
        let Some(there) = into.entries.iter_mut().find(|it| it.key == entry.key) else {
            into.entries.push(entry);
            continue;
        };
        match (&mut there.value.kind, entry.value.kind) {
            (Kind::Table(there), Kind::Table(table)) => merge(there, table, header, faults),
            (Kind::List(there), Kind::List(items)) if header => there.extend(items),
            (Kind::List(there), Kind::Table(table)) if header => {
                if let Some(Value { kind: Kind::Table(last), .. }) = there.last_mut() {
                    merge(last, table, header, faults);
                }
            }
            _ => faults.push(
                Diagnostic::warning(format!("{} is set twice; the first stays", quote(&entry.key)))
                    .at(entry.origin),
            ),
        }
    }
}

/// The table at the end of `path`; the last one of a list of tables.
fn descend<'t>(table: &'t mut Table, path: &[String]) -> Option<&'t mut Table> {
    let Some((key, rest)) = path.split_first() else { return Some(table) };
    let entry = table.entries.iter_mut().find(|entry| entry.key == *key)?;
    match &mut entry.value.kind {
        Kind::Table(inner) => descend(inner, rest),
        Kind::List(items) => match &mut items.last_mut()?.kind {
            Kind::Table(inner) => descend(inner, rest),
            _ => None,
        },
        _ => None,
    }
}

/// Where `part`, a slice of `text`, begins.
fn offset_of(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// Tells whether the value of this line may end on a later one.
fn may_go_on(line: &str) -> bool {
    line.split_once('=').is_some_and(|(_, value)| {
        let value = value.trim_start();
        value.starts_with(['[', '{']) || value.starts_with("\"\"\"") || value.starts_with("'''")
    })
}

/// The bare word after `=`, where that is the likely mistake.
fn unquoted(line: &str) -> Option<&str> {
    let (_, value) = line.split_once('=')?;
    let value = value.trim();
    let word = value.split('#').next().unwrap_or(value).trim();
    let bare = word.starts_with(|first: char| first.is_alphabetic());
    (bare && !word.contains(['"', '\'']) && word.len() < 60).then_some(word)
}

/// The crate's message in one line.
fn why(error: &Error) -> String {
    text::clean(error.message().lines().next().unwrap_or("it is not TOML")).into_owned()
}
