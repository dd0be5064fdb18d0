//! The repository's own history: which commits changed which files, when, by whom and saying what.
//!
//! [`read`] brings a [`History`] up to date from git's objects, [`load`] and [`save`] keep it
//! beside the index. `log.rs` is its form, `trees.rs` tells what a commit changed, `git.rs` is the
//! door to git. Texts are as they were written: clean them before they are shown.

mod commit;
mod diff;
mod fixes;
mod git;
mod kept;
mod log;
mod names;
mod past;
mod read;
mod since;
mod tracked;
mod trees;

use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

pub use diff::{FileDiff, Hunk, Line, Side, Sides, changed_ranges, file_diff, hunks, size};
pub use fixes::is_fix;
pub use git::{Git, HistoryError};
pub use kept::{NAME, load, save};
pub use log::{Id, Kind, LISTED};
pub use past::{Alike, Hint, Past};
pub use read::{MOST, Step, read};
pub use since::{Since, SinceError, utc};
pub use tracked::Tracked;

use log::{Log, Row, flag};

/// A name for a commit, such as that of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Without `refs/tags/`.
    pub name: String,
    /// The commit, also of an annotated tag.
    pub commit: Id,
    /// When that was committed, in seconds since 1970.
    pub time: i64,
}

/// The history of one commit, newest first. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct History {
    log: Arc<Log>,
    head: Option<Id>,
    /// The rows of the log that belong to it, newest first.
    order: Arc<[u32]>,
    /// Where the commits of each path begin in `touched`; one more than there are paths.
    starts: Arc<[u32]>,
    touched: Arc<[u32]>,
    tags: Arc<[Tag]>,
    whole: bool,
}

impl History {
    /// How many commits there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The commit that was checked out when it was read.
    pub fn head(&self) -> Option<&Id> {
        self.head.as_ref()
    }

    /// Whether it reaches back to the first commit, or to where a clone or the limit ends it; else
    /// older ones are still to be read.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether nothing was read or found anew between `other` and this one.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.log, &other.log)
            && (self.head, self.whole) == (other.head, other.whole)
            && self.tags == other.tags
    }

    /// The commits, newest first.
    pub fn commits(&self) -> impl DoubleEndedIterator<Item = Commit<'_>> + ExactSizeIterator {
        (0..self.len() as u32).map(|number| self.at(number))
    }

    /// The commit of this number, counted from the newest, 0.
    pub fn commit(&self, number: u32) -> Option<Commit<'_>> {
        ((number as usize) < self.len()).then(|| self.at(number))
    }

    fn at(&self, number: u32) -> Commit<'_> {
        let row = self.order.get(number as usize).and_then(|it| self.log.row(*it));
        Commit { history: self, number, row: row.copied().unwrap_or(NO_ROW) }
    }

    /// Numbers of the commits that changed this file, newest first, also under the names that it
    /// had before it was moved. Merges, and commits that change more than [`LISTED`] files, say
    /// nothing of a single file and are left out.
    pub fn of(&self, path: &[u8]) -> &[u32] {
        let Some(path) = self.log.paths.find(path) else { return &[] };
        let start = self.starts.get(path as usize).copied().unwrap_or(0);
        let end = self.starts.get(path as usize + 1).copied().unwrap_or(start);
        self.touched.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The tags whose commits are known, newest first.
    pub fn tags(&self) -> &[Tag] {
        &self.tags
    }

    /// The number of a commit of this history.
    pub fn find(&self, id: &Id) -> Option<u32> {
        let row = self.log.find(id)?;
        // Asked for single commits only.
        self.order.iter().position(|it| *it == row).map(|it| it as u32)
    }

    /// Puts the history of `head` together from what the log knows of it.
    fn of_head(log: Arc<Log>, head: Option<Id>, tags: Vec<Tag>) -> Self {
        let order = order(&log, head.as_ref());
        let whole =
            !order.iter().any(|it| log.row(*it).is_some_and(|it| it.flags & flag::PENDING != 0));
        Self::put_together(log, head, order, tags, whole)
    }

    fn put_together(
        log: Arc<Log>,
        head: Option<Id>,
        order: Vec<u32>,
        mut tags: Vec<Tag>,
        whole: bool,
    ) -> Self {
        tags.sort_by(|one, other| (other.time, &one.name).cmp(&(one.time, &other.name)));
        let (starts, touched) = touched(&log, &order);
        Self {
            log,
            head,
            order: order.into(),
            starts: starts.into(),
            touched: touched.into(),
            tags: tags.into(),
            whole,
        }
    }
}

/// A commit of a [`History`].
#[derive(Clone, Copy)]
pub struct Commit<'h> {
    history: &'h History,
    number: u32,
    row: Row,
}

const NO_ROW: Row = Row {
    id: [0; 20],
    time: 0,
    author: u32::MAX,
    text: 0,
    subject: 0,
    body: 0,
    parents: 0,
    parent_count: 0,
    flags: flag::UNKNOWN,
    changes: 0,
    listed: 0,
    total: 0,
};

impl<'h> Commit<'h> {
    /// Its number, counted from the newest, 0.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Its id.
    pub fn id(&self) -> Id {
        self.row.id
    }

    /// Its id in forty digits.
    pub fn hex(&self) -> String {
        hex(&self.row.id)
    }

    /// When it was committed, in seconds since 1970.
    pub fn time(&self) -> i64 {
        self.row.time
    }

    /// Who wrote it: the name, at most 120 bytes of it.
    pub fn author(&self) -> std::borrow::Cow<'h, str> {
        String::from_utf8_lossy(self.history.log.authors.get(self.row.author))
    }

    /// The first line of its message, at most 300 bytes.
    pub fn subject(&self) -> &'h str {
        self.text(self.row.text, self.row.subject)
    }

    /// The rest of its message without lines that only name people, at most 2 KiB.
    pub fn body(&self) -> &'h str {
        self.text(self.row.text.saturating_add(self.row.subject.into()), self.row.body)
    }

    fn text(&self, start: u32, length: u16) -> &'h str {
        let start = start as usize;
        self.history.log.texts.get(start..start + usize::from(length)).unwrap_or_default()
    }

    /// Paths of the files that it changed, in order, with what it did to them; of a merge, against
    /// its first parent. At most [`LISTED`]. A file that was moved is deleted and added.
    pub fn changed_files(&self) -> impl ExactSizeIterator<Item = (&'h [u8], Kind)> + use<'h> {
        let log = &self.history.log;
        let changes = log.changes_of(&self.row).iter();
        changes.map(|it| (log.paths.get(it >> 2), Kind::from_bits(*it)))
    }

    /// Pairs of paths that are one file which it moved without changing it, from and to.
    pub fn moved(&self) -> impl Iterator<Item = (&'h [u8], &'h [u8])> + use<'h> {
        let log = &self.history.log;
        let row = self.history.order.get(self.number as usize).copied();
        let moved = log.renames.iter().filter(move |it| Some(it.row) == row);
        moved.map(|it| (log.paths.get(it.from), log.paths.get(it.to)))
    }

    /// How many files it changed.
    pub fn files_total(&self) -> usize {
        self.row.total as usize
    }

    /// Whether it brings several lines of history together.
    pub fn is_merge(&self) -> bool {
        self.row.parent_count > 1
    }

    /// Whether its message speaks of a fix: of a bug, a crash, a regression, a revert, or of an
    /// issue that it closes.
    pub fn is_fix(&self) -> bool {
        self.row.flags & flag::FIX != 0
    }

    /// Whether it is known what it changed. It is not where a shallow clone ends, or where objects
    /// are missing.
    pub fn is_known(&self) -> bool {
        self.row.flags & (flag::PENDING | flag::CUT | flag::UNKNOWN) == 0
    }

    /// The ids of the commits before it.
    pub fn parents(&self) -> &'h [Id] {
        self.history.log.parents_of(&self.row)
    }
}

/// An id in forty digits.
pub fn hex(id: &Id) -> String {
    use std::fmt::Write;
    id.iter().fold(String::with_capacity(40), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Commits under way: the newest first, and of those of one second the one met first.
#[derive(Default)]
struct Front {
    heap: BinaryHeap<(i64, std::cmp::Reverse<u32>, u32)>,
    met: u32,
    seen: Vec<bool>,
}

impl Front {
    fn put(&mut self, log: &Log, number: u32) {
        let at = number as usize;
        if self.seen.len() <= at {
            self.seen.resize(log.rows.len().max(at + 1), false);
        }
        let Some(row) = log.row(number) else { return };
        if let Some(seen) = self.seen.get_mut(at)
            && !*seen
        {
            *seen = true;
            self.met += 1;
            self.heap.push((row.time, std::cmp::Reverse(self.met), number));
        }
    }

    fn take(&mut self) -> Option<u32> {
        self.heap.pop().map(|it| it.2)
    }
}

/// The commits that the log knows of the history of `head`, newest first.
fn order(log: &Log, head: Option<&Id>) -> Vec<u32> {
    let mut front = Front::default();
    if let Some(number) = head.and_then(|it| log.find(it)) {
        front.put(log, number);
    }
    let mut order = Vec::with_capacity(log.rows.len().min(MOST));
    while let Some(number) = front.take() {
        let Some(row) = log.row(number).filter(|_| order.len() < MOST) else { break };
        order.push(number);
        for parent in log.parents_of(row) {
            if let Some(number) = log.find(parent) {
                front.put(log, number);
            }
        }
    }
    order
}

/// Which commits touched which path: where those of each path begin, and their numbers.
fn touched(log: &Log, order: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut renames: HashMap<u32, Vec<(u32, u32)>, rustc_hash::FxBuildHasher> = HashMap::default();
    for rename in &log.renames {
        renames.entry(rename.row).or_default().push((rename.from, rename.to));
    }
    // What the file that had this path at this point of the past is called now.
    let mut now: Vec<u32> = (0..log.paths.len() as u32).collect();
    let name = |now: &[u32], path: u32| now.get(path as usize).copied().unwrap_or(path);
    let mut pairs: Vec<u64> = Vec::with_capacity(log.changes.len());
    for (position, number) in order.iter().enumerate() {
        let Some(row) = log.row(*number).filter(|it| it.parent_count <= 1) else { continue };
        if row.total as usize <= LISTED {
            for change in log.changes_of(row) {
                pairs.push(u64::from(name(&now, change >> 2)) << 32 | position as u64);
            }
        }
        let Some(moved) = renames.get(number) else { continue };
        let new: Vec<(u32, u32)> =
            moved.iter().map(|(from, to)| (*from, name(&now, *to))).collect();
        for (from, to) in new {
            if let Some(it) = now.get_mut(from as usize) {
                *it = to;
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    let mut starts = vec![0; log.paths.len() + 1];
    for pair in &pairs {
        if let Some(count) = starts.get_mut((pair >> 32) as usize + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    (starts, pairs.iter().map(|it| *it as u32).collect())
}
