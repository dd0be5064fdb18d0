//! Which files differ between two trees of git. Folders that are the same are not entered.

use std::cmp::Ordering;
use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::git::{Git, Missing};
use super::log::{Id, Kind};
use crate::base::path::name_of;

/// Differences that are looked for; with more, a commit is no smaller for us.
const MOST: usize = 50_000;
/// Bytes of a path that are followed.
const LONGEST: usize = 4096;
/// The empty file: having it in common makes no two files one.
const EMPTY: Id = [
    0xe6, 0x9d, 0xe2, 0x9b, 0xb2, 0xd1, 0xd6, 0x43, 0x4b, 0x8b, 0x29, 0xae, 0x77, 0x5a, 0xd8, 0xc2,
    0xe4, 0x8c, 0x53, 0x91,
];

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub path: Vec<u8>,
    pub kind: Kind,
    /// What it is, or was when it is gone.
    pub content: Id,
}

/// Buffers for trees.
#[derive(Default)]
pub(super) struct Buffers {
    old: Vec<u8>,
    new: Vec<u8>,
}

/// The files that differ between two trees, in the order of their paths; `None` stands for no tree
/// at all. The answer is `Ok(None)` when it was cancelled.
pub(super) fn compare(
    git: &Git,
    old: Option<Id>,
    new: Option<Id>,
    buffers: &mut Buffers,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<Vec<Change>>, Missing> {
    let mut changes = Vec::new();
    let mut folders = vec![(old, new, Vec::new())];
    while let Some((old, new, prefix)) = folders.pop() {
        if changes.len() >= MOST || folders.len() >= MOST {
            break;
        }
        if cancelled() {
            return Ok(None);
        }
        let mut ours = Entries(read(git, old, &mut buffers.old)?);
        let mut theirs = Entries(read(git, new, &mut buffers.new)?);
        let (mut one, mut other) = (ours.next(), theirs.next());
        loop {
            let order = match (&one, &other) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(one), Some(other)) => one.key().cmp(other.key()),
            };
            let before =
                if order.is_le() { std::mem::replace(&mut one, ours.next()) } else { None };
            let after =
                if order.is_ge() { std::mem::replace(&mut other, theirs.next()) } else { None };
            let Some(entry) = after.or(before) else { break };
            let same = matches!((before, after), (Some(one), Some(other))
                if one.content == other.content && one.mode == other.mode);
            if same || !entry.is_sound() || prefix.len() + entry.name.len() >= LONGEST {
                continue;
            }
            let mut path = prefix.clone();
            path.extend_from_slice(entry.name);
            if entry.is_folder() {
                path.push(b'/');
                folders.push((before.map(|it| it.content), after.map(|it| it.content), path));
                continue;
            }
            let kind = match (before, after) {
                (Some(_), Some(_)) => Kind::Modified,
                (Some(_), None) => Kind::Deleted,
                _ => Kind::Added,
            };
            changes.push(Change { path, kind, content: entry.content });
        }
    }
    changes.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    Ok(Some(changes))
}

fn read<'b>(git: &Git, tree: Option<Id>, buffer: &'b mut Vec<u8>) -> Result<&'b [u8], Missing> {
    tree.map_or(Ok(&[]), |it| git.tree(&it, buffer))
}

/// Pairs of a path that is gone and a new one with the same content.
pub(super) fn moved(changes: &[Change]) -> Vec<(&[u8], &[u8])> {
    type Sides<'c> = (Vec<&'c [u8]>, Vec<&'c [u8]>);
    let mut by_content: HashMap<Id, Sides<'_>, FxBuildHasher> = HashMap::default();
    for change in changes.iter().filter(|it| it.kind == Kind::Deleted && it.content != EMPTY) {
        by_content.entry(change.content).or_default().0.push(&change.path);
    }
    if by_content.is_empty() {
        return Vec::new();
    }
    for change in changes.iter().filter(|it| it.kind == Kind::Added) {
        if let Some((_, new)) = by_content.get_mut(&change.content) {
            new.push(&change.path);
        }
    }
    let mut pairs = Vec::new();
    for (gone, new) in by_content.into_values() {
        if let ([from], [to]) = (gone.as_slice(), new.as_slice()) {
            pairs.push((*from, *to));
            continue;
        }
        // Several with one content: those that kept their name, where that is clear.
        let alone = |list: &[&[u8]], path: &[u8]| {
            list.iter().filter(|it| name_of(it) == name_of(path)).take(2).count() == 1
        };
        if gone.len() * new.len() <= 10_000 {
            for from in gone.iter().filter(|it| alone(&gone, it) && alone(&new, it)) {
                pairs.extend(
                    new.iter().find(|it| name_of(it) == name_of(from)).map(|to| (*from, *to)),
                );
            }
        }
    }
    pairs.sort_unstable();
    pairs
}

/// What a tree has under this name: whether that is a folder, and its content.
pub(super) fn entry(tree: &[u8], name: &[u8]) -> Option<(bool, Id)> {
    let entry = Entries(tree).find(|it| it.name == name)?;
    Some((entry.is_folder(), entry.content))
}

/// One line of a tree.
#[derive(Clone, Copy)]
struct Entry<'t> {
    mode: &'t [u8],
    name: &'t [u8],
    content: Id,
}

impl Entry<'_> {
    fn is_folder(&self) -> bool {
        matches!(self.mode, b"40000" | b"040000")
    }

    /// Whether it can be a name of a file below the root.
    fn is_sound(&self) -> bool {
        !matches!(self.name, b"" | b"." | b"..") && memchr::memchr(b'/', self.name).is_none()
    }

    /// What trees are sorted by: folders as if their names ended with a slash.
    fn key(&self) -> Key<'_> {
        Key { name: self.name, folder: self.is_folder() }
    }
}

#[derive(PartialEq, Eq, Clone, Copy)]
struct Key<'t> {
    name: &'t [u8],
    folder: bool,
}

impl Key<'_> {
    fn cmp(self, other: Self) -> Ordering {
        let common = self.name.len().min(other.name.len());
        let end = |it: Self| match it.name.get(common) {
            Some(&byte) => byte,
            None if it.folder => b'/',
            None => 0,
        };
        self.name
            .get(..common)
            .cmp(&other.name.get(..common))
            .then_with(|| end(self).cmp(&end(other)))
            .then_with(|| self.name.len().cmp(&other.name.len()))
            .then_with(|| self.folder.cmp(&other.folder))
    }
}

/// The lines of a tree; they end where the form does.
struct Entries<'t>(&'t [u8]);

impl<'t> Iterator for Entries<'t> {
    type Item = Entry<'t>;

    fn next(&mut self) -> Option<Entry<'t>> {
        let space = memchr::memchr(b' ', self.0)?;
        let (mode, rest) = self.0.split_at_checked(space)?;
        let rest = rest.get(1..)?;
        let (name, rest) = rest.split_at_checked(memchr::memchr(0, rest)?)?;
        let (content, rest) = rest.get(1..)?.split_first_chunk::<20>()?;
        self.0 = rest;
        Some(Entry { mode, name, content: *content })
    }
}
