//! Commits as flat lists: rows of fixed size; texts, paths and authors by number.
//!
//! Rows are only ever added, in the order in which they were read. Which of them belong to the
//! history of the commit that is checked out, and in which order, is [`super::History`]'s matter.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::fixes;
use super::names::Names;

/// The id of a git object: its SHA-1.
pub type Id = [u8; 20];

/// Files that are listed of a commit; of one that changes more, the first in the order of paths.
pub const LISTED: usize = 200;
/// Bytes of a subject.
const SUBJECT: usize = 300;
/// Bytes of the rest of a message.
const BODY: usize = 2048;
/// Bytes of an author's name.
const AUTHOR: usize = 120;
/// Parents that are followed.
const PARENTS: usize = 64;
/// Bytes of all messages; beyond, only subjects are kept.
const TEXTS: usize = 64 << 20;
/// Bytes of all paths; beyond, changes of other files are counted and not listed.
const PATHS: usize = 64 << 20;
/// Renames that are kept.
const RENAMES: usize = 1 << 20;

/// What a commit did to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is new.
    Added,
    /// Its content, kind or rights differ.
    Modified,
    /// It is gone.
    Deleted,
}

impl Kind {
    /// Its name in messages and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Modified => "modified",
            Self::Deleted => "deleted",
        }
    }

    pub(super) fn to_bits(self) -> u32 {
        match self {
            Self::Added => 0,
            Self::Modified => 1,
            Self::Deleted => 2,
        }
    }

    pub(super) fn from_bits(bits: u32) -> Self {
        match bits & 3 {
            0 => Self::Added,
            2 => Self::Deleted,
            _ => Self::Modified,
        }
    }
}

/// Facts about a row, as bits.
pub(super) mod flag {
    /// The message speaks of a fix.
    pub const FIX: u8 = 1;
    /// What was changed has not been read yet.
    pub const PENDING: u8 = 2;
    /// What was before is not there: the end of a shallow clone, or a missing object.
    pub const CUT: u8 = 4;
    /// What was changed cannot be told: a tree is missing or damaged.
    pub const UNKNOWN: u8 = 8;
}

/// One commit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub id: Id,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
    pub author: u32,
    /// Where its subject begins in the texts; the body follows it.
    pub text: u32,
    pub subject: u16,
    pub body: u16,
    /// Its first parent's place in the parents.
    pub parents: u32,
    pub parent_count: u8,
    pub flags: u8,
    /// Its first change's place in the changes.
    pub changes: u32,
    pub listed: u8,
    /// Files changed.
    pub total: u32,
}

/// What is read of a commit object.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Parsed {
    pub tree: Id,
    pub parents: Vec<Id>,
    pub time: i64,
    pub author: Vec<u8>,
    pub subject: String,
    pub body: String,
}

/// A file that was moved without being changed, by numbers of rows and paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rename {
    pub row: u32,
    pub from: u32,
    pub to: u32,
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub(super) struct Log {
    pub rows: Vec<Row>,
    pub texts: String,
    pub parents: Vec<Id>,
    /// A path's number, and two bits of what was done to it.
    pub changes: Vec<u32>,
    /// In the order of rows' reading, which is not that of their numbers.
    pub renames: Vec<Rename>,
    pub paths: Names,
    pub authors: Names,
    numbers: HashMap<Id, u32, FxBuildHasher>,
}

impl Log {
    /// The number of a commit.
    pub fn find(&self, id: &Id) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    /// Builds the way from ids to numbers again.
    pub fn renumber(&mut self) {
        self.numbers = self.rows.iter().zip(0..).map(|(row, number)| (row.id, number)).collect();
    }

    pub fn row(&self, number: u32) -> Option<&Row> {
        self.rows.get(number as usize)
    }

    pub fn parents_of(&self, row: &Row) -> &[Id] {
        let start = row.parents as usize;
        self.parents.get(start..start + usize::from(row.parent_count)).unwrap_or_default()
    }

    pub fn changes_of(&self, row: &Row) -> &[u32] {
        let start = row.changes as usize;
        self.changes.get(start..start + usize::from(row.listed)).unwrap_or_default()
    }

    /// Adds a commit whose changes are not known yet.
    pub fn add(&mut self, id: Id, parsed: &Parsed) -> u32 {
        let number = self.rows.len() as u32;
        let subject = cut(&parsed.subject, SUBJECT);
        let room = self.texts.len() < TEXTS;
        let body = cut(&parsed.body, if room { BODY } else { 0 });
        let parents = parsed.parents.get(..PARENTS).unwrap_or(&parsed.parents);
        let fix = if fixes::is_fix(subject, body) { flag::FIX } else { 0 };
        let author = parsed.author.get(..AUTHOR).unwrap_or(&parsed.author);
        self.rows.push(Row {
            id,
            time: parsed.time,
            author: self.authors.add(author),
            text: self.texts.len() as u32,
            subject: subject.len() as u16,
            body: body.len() as u16,
            parents: self.parents.len() as u32,
            parent_count: parents.len() as u8,
            flags: flag::PENDING | fix,
            changes: 0,
            listed: 0,
            total: 0,
        });
        self.texts.push_str(subject);
        self.texts.push_str(body);
        self.parents.extend_from_slice(parents);
        self.numbers.insert(id, number);
        number
    }

    /// Notes what a commit changed: paths with what was done to them, in order, and pairs of paths
    /// that are one file moved.
    pub fn set_changes<'a>(
        &mut self,
        number: u32,
        total: usize,
        listed: impl Iterator<Item = (&'a [u8], Kind)>,
        moved: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    ) {
        let start = self.changes.len();
        for (path, kind) in listed.take(LISTED) {
            if let Some(path) = self.path(path) {
                self.changes.push(path << 2 | kind.to_bits());
            }
        }
        for (from, to) in moved {
            if self.renames.len() < RENAMES
                && let (Some(from), Some(to)) = (self.path(from), self.path(to))
            {
                self.renames.push(Rename { row: number, from, to });
            }
        }
        let listed = self.changes.len() - start;
        if let Some(row) = self.rows.get_mut(number as usize) {
            row.changes = start as u32;
            row.listed = listed as u8;
            row.total = total as u32;
            row.flags &= !(flag::PENDING | flag::UNKNOWN | flag::CUT);
        }
    }

    /// Notes why a commit's changes are not to be had.
    pub fn set_flag(&mut self, number: u32, bits: u8) {
        if let Some(row) = self.rows.get_mut(number as usize) {
            row.flags = row.flags & !flag::PENDING | bits;
        }
    }

    fn path(&mut self, path: &[u8]) -> Option<u32> {
        let room = self.paths.size() + path.len() <= PATHS && self.paths.len() < 1 << 29;
        if room { Some(self.paths.add(path)) } else { self.paths.find(path) }
    }

    /// A log of these rows only, in their order.
    pub fn only(&self, numbers: &[u32]) -> Self {
        let mut out = Self::default();
        let mut moved_to = vec![u32::MAX; self.rows.len()];
        for &number in numbers {
            let Some(row) = self.row(number) else { continue };
            let text = |start: u32, length: u16| {
                let start = start as usize;
                self.texts.get(start..start + usize::from(length)).unwrap_or_default()
            };
            let mut new = *row;
            new.text = out.texts.len() as u32;
            out.texts.push_str(text(row.text, row.subject));
            out.texts.push_str(text(row.text + u32::from(row.subject), row.body));
            new.author = out.authors.add(self.authors.get(row.author));
            new.parents = out.parents.len() as u32;
            out.parents.extend_from_slice(self.parents_of(row));
            new.changes = out.changes.len() as u32;
            for change in self.changes_of(row) {
                let path = out.paths.add(self.paths.get(change >> 2));
                out.changes.push(path << 2 | change & 3);
            }
            if let Some(it) = moved_to.get_mut(number as usize) {
                *it = out.rows.len() as u32;
            }
            out.rows.push(new);
        }
        for rename in &self.renames {
            let row = moved_to.get(rename.row as usize).copied().unwrap_or(u32::MAX);
            if row != u32::MAX {
                let from = out.paths.add(self.paths.get(rename.from));
                let to = out.paths.add(self.paths.get(rename.to));
                out.renames.push(Rename { row, from, to });
            }
        }
        out.renumber();
        out
    }
}

/// At most so many bytes of a text, whole characters.
fn cut(text: &str, most: usize) -> &str {
    (0..=most.min(text.len())).rev().find_map(|end| text.get(..end)).unwrap_or_default()
}
