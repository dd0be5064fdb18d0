//! The list of files in memory: what path search runs on, from the first milliseconds on.
//!
//! Paths lie in two arenas, as they are and in lower case, so that a scan over a hundred thousand
//! of them touches memory in order. An id is a place in the list and is never used again for
//! another path while the list lives.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::{FxHasher, FxSeededState};

use crate::base::RepoPath;
use crate::base::path::name_of;
use crate::engine::roles::{RoleBits, RoleSet};
use crate::engine::standing::Standing;
use crate::engine::walk::{Found, Stamp};

/// A file's place in a [`FileList`].
pub type FileId = u32;

/// What is kept of one file besides its path.
#[derive(Debug, Clone, Copy)]
pub struct FileFacts {
    start: u32,
    len: u32,
    name: u32,
    folder: u32,
    /// How many folders it lies in.
    pub depth: u16,
    /// The roles that its path tells and, once it was read, its text.
    pub roles: RoleBits,
    /// Hand-written source, test, generated, …
    pub standing: Standing,
    /// Size and age on disk.
    pub stamp: Stamp,
    /// A symbolic link: listed, not read.
    pub link: bool,
    /// Gone from disk; the id stays taken.
    pub gone: bool,
}

/// All files of a repository, or of several.
#[derive(Debug, Clone, Default)]
pub struct FileList {
    /// Of several repositories, each; empty when there is one.
    homes: Arc<[Home]>,
    paths: Vec<u8>,
    lower: Vec<u8>,
    facts: Vec<FileFacts>,
    /// Beside the facts, so that a scan which most files fail touches little memory.
    masks: Vec<u64>,
    name_masks: Vec<u64>,
    begun: Vec<u64>,
    living: usize,
    /// What the folders of the last file tell of its standing.
    last: Option<Standing>,
}

/// A repository among several: its files have the ids from `start` to that of the next, and their
/// paths begin with its label.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Home {
    start: FileId,
    label: String,
    root: PathBuf,
}

/// The files of one repository, to be listed together with those of others.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// What the paths begin with, a folder's name that no other part has.
    pub label: &'a str,
    /// Where the files lie.
    pub root: &'a Path,
    /// They.
    pub files: &'a FileList,
    /// For each role of theirs its place among the roles of all.
    pub roles: &'a [Option<usize>],
}

impl FileList {
    /// The files of several repositories, one after the other: the id of a file is what it was,
    /// plus the ids of the parts before.
    pub fn joined(parts: &[Part<'_>]) -> Self {
        let mut all = Self::default();
        let size = |of: fn(&Self) -> usize| parts.iter().map(|it| of(it.files)).sum::<usize>();
        let labels: usize =
            parts.iter().map(|it| it.files.facts.len() * (it.label.len() + 1)).sum();
        let bytes = size(|it| it.paths.len()) + labels;
        (all.paths, all.lower) = (Vec::with_capacity(bytes), Vec::with_capacity(bytes));
        let files = size(|it| it.facts.len());
        all.facts = Vec::with_capacity(files);
        for masks in [&mut all.masks, &mut all.name_masks, &mut all.begun] {
            masks.reserve_exact(files);
        }
        let mut homes = Vec::with_capacity(parts.len());
        let mut folders = 0;
        for part in parts {
            let (label, root) = (part.label.to_owned(), part.root.to_owned());
            homes.push(Home { start: all.ids(), label, root });
            let before = [part.label.as_bytes(), b"/"].concat();
            let mut lower = Vec::new();
            push_lower(&mut lower, &before);
            let (mask, begun) = (mask_of(&lower), begun_mask(&before));
            for (id, facts) in (0..).zip(&part.files.facts) {
                let start = all.paths.len() as u32;
                all.paths.extend_from_slice(&before);
                all.paths.extend_from_slice(part.files.path(id));
                all.lower.extend_from_slice(&lower);
                all.lower.extend_from_slice(part.files.lower(id));
                all.facts.push(FileFacts {
                    start,
                    len: facts.len + before.len() as u32,
                    name: facts.name + before.len() as u32,
                    folder: folders + facts.folder,
                    depth: facts.depth.saturating_add(1),
                    roles: facts.roles.moved(part.roles),
                    ..*facts
                });
            }
            all.masks.extend(part.files.masks.iter().map(|it| it | mask));
            all.name_masks.extend_from_slice(&part.files.name_masks);
            all.begun.extend(part.files.begun.iter().map(|it| it | begun));
            all.living += part.files.living;
            folders += part.files.facts.last().map_or(0, |it| it.folder + 1);
        }
        all.homes = homes.into();
        all
    }

    /// Where a file lies: the root of its repository, and its path below that. With one
    /// repository, `root` is it.
    pub fn place<'a>(&'a self, id: FileId, root: &'a Path) -> (&'a Path, RepoPath) {
        match self.repository(id).and_then(|at| self.homes.get(at)) {
            Some(home) => {
                let path = self.path(id).get(home.label.len() + 1..).unwrap_or_default();
                (&home.root, RepoPath::from_bytes(path))
            }
            None => (root, self.repo_path(id)),
        }
    }

    /// Which of several repositories a file is of; `None` when there is one.
    pub fn repository(&self, id: FileId) -> Option<usize> {
        self.homes.partition_point(|it| it.start <= id).checked_sub(1)
    }

    /// The labels of the repositories, when there are several.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.homes.iter().map(|it| it.label.as_str())
    }

    /// Files that exist.
    pub fn len(&self) -> usize {
        self.living
    }

    /// Whether no file exists.
    pub fn is_empty(&self) -> bool {
        self.living == 0
    }

    /// One more than the highest id in use.
    pub fn ids(&self) -> FileId {
        self.facts.len() as FileId
    }

    /// The facts of file `id`.
    pub fn facts(&self, id: FileId) -> &FileFacts {
        &self.facts[id as usize]
    }

    /// Every file's facts in id order, gone ones included.
    pub fn all_facts(&self) -> &[FileFacts] {
        &self.facts
    }

    /// Which characters each lower-case path holds, in id order, gone files included; see
    /// [`mask_of`].
    pub fn masks(&self) -> &[u64] {
        &self.masks
    }

    /// Which characters the lower-case name of file `id` holds; see [`mask_of`].
    pub fn name_mask(&self, id: FileId) -> u64 {
        self.name_masks[id as usize]
    }

    /// With which characters, in lower case, parts of the path of file `id` begin.
    pub fn begun_mask(&self, id: FileId) -> u64 {
        self.begun[id as usize]
    }

    /// The path of file `id`.
    pub fn path(&self, id: FileId) -> &[u8] {
        let facts = &self.facts[id as usize];
        &self.paths[facts.start as usize..(facts.start + facts.len) as usize]
    }

    /// The path in lower case (ASCII and, where the length stays, Unicode).
    pub fn lower(&self, id: FileId) -> &[u8] {
        let facts = &self.facts[id as usize];
        &self.lower[facts.start as usize..(facts.start + facts.len) as usize]
    }

    /// Byte offset of the file name in its path.
    pub fn name_start(&self, id: FileId) -> usize {
        self.facts[id as usize].name as usize
    }

    /// A number that files next to each other in the list share when they lie in one folder, and
    /// no others do: what is known of the folders of one is known of the next.
    pub fn folder_run(&self, id: FileId) -> u32 {
        self.facts[id as usize].folder
    }

    /// The path of file `id` as its own value.
    pub fn repo_path(&self, id: FileId) -> RepoPath {
        RepoPath::from_bytes(self.path(id).to_vec())
    }

    /// Ids of the files that exist.
    pub fn living(&self) -> impl Iterator<Item = FileId> + '_ {
        self.facts.iter().enumerate().filter(|(_, it)| !it.gone).map(|(id, _)| id as FileId)
    }

    fn push(&mut self, found: &Found, roles: RoleBits) {
        let path = found.path.as_bytes();
        let start = self.paths.len() as u32;
        self.paths.extend_from_slice(path);
        push_lower(&mut self.lower, path);
        let lower = &self.lower[start as usize..];
        let name = path.len() - name_of(path).len();
        let before = self.ids().checked_sub(1);
        let is_same =
            before.is_some_and(|it| self.path(it).get(..self.name_start(it)) == path.get(..name));
        let folder = before.map_or(0, |it| self.folder_run(it) + u32::from(!is_same));
        let folders = self.last.filter(|_| is_same);
        let folders = folders.unwrap_or_else(|| Standing::of_folders(&lower[..name]));
        let standing = folders.max(Standing::of_name(&lower[name..]));
        self.last = Some(folders);
        self.masks.push(mask_of(lower));
        self.name_masks.push(mask_of(&lower[name..]));
        self.begun.push(begun_mask(path));
        self.facts.push(FileFacts {
            start,
            len: path.len() as u32,
            name: name as u32,
            folder,
            depth: memchr::memchr_iter(b'/', lower).count().try_into().unwrap_or(u16::MAX),
            roles,
            standing,
            stamp: found.stamp,
            link: found.link,
            gone: false,
        });
        self.living += 1;
    }
}

/// A set of files, one bit each.
#[derive(Debug, Clone, Default)]
pub struct FileSet {
    bits: Vec<u64>,
    len: usize,
}

impl FileSet {
    /// An empty set with room for the files of a list.
    pub fn of(files: &FileList) -> Self {
        Self { bits: vec![0; files.facts.len().div_ceil(64)], len: 0 }
    }

    /// Puts a file in; false when it was in.
    pub fn insert(&mut self, file: FileId) -> bool {
        let (word, bit) = (file as usize / 64, 1 << (file % 64));
        if word >= self.bits.len() {
            self.bits.resize(word + 1, 0);
        }
        let new = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        self.len += usize::from(new);
        new
    }

    /// Takes a file out; false when it was not in.
    pub fn remove(&mut self, file: FileId) -> bool {
        let was = self.holds(file);
        if was {
            self.bits[file as usize / 64] &= !(1 << (file % 64));
            self.len -= 1;
        }
        was
    }

    /// Whether the file is in.
    pub fn holds(&self, file: FileId) -> bool {
        self.bits.get(file as usize / 64).is_some_and(|word| word & 1 << (file % 64) != 0)
    }

    /// How many files are in.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no file is in.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// A [`FileList`] that is being kept, with the way from a path to its id.
#[derive(Debug, Default)]
pub struct FileKeeper {
    list: Arc<FileList>,
    /// By the paths in `list`, which are not kept twice.
    ids: HashTable<FileId>,
    hashing: PathHashing,
    rules: u64,
}

/// Hashes paths fast. Its seed is another one in each process, so that nobody can make up names
/// beforehand that all collide.
#[derive(Clone)]
struct PathHashing(FxSeededState);

impl fmt::Debug for PathHashing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PathHashing")
    }
}

impl Default for PathHashing {
    fn default() -> Self {
        Self(FxSeededState::with_seed(RandomState::new().hash_one(0) as usize))
    }
}

impl BuildHasher for PathHashing {
    type Hasher = FxHasher;

    fn build_hasher(&self) -> FxHasher {
        self.0.build_hasher()
    }
}

impl FileKeeper {
    /// An empty list with room for so many files, whose paths have so many bytes together.
    pub fn with_room(files: usize, bytes: usize) -> Self {
        let mut list = FileList::default();
        list.paths.reserve(bytes);
        list.lower.reserve(bytes);
        list.facts.reserve(files);
        for masks in [&mut list.masks, &mut list.name_masks, &mut list.begun] {
            masks.reserve(files);
        }
        let ids = HashTable::with_capacity(files);
        Self { list: Arc::new(list), ids, ..Self::default() }
    }

    /// The list as it stands now; cheap, and unchanged by later changes.
    pub fn list(&self) -> Arc<FileList> {
        Arc::clone(&self.list)
    }

    /// The id of a path that is or was listed.
    pub fn id(&self, path: &[u8]) -> Option<FileId> {
        let hash = self.hashing.hash_one(path);
        self.ids.find(hash, |&id| self.list.path(id) == path).copied()
    }

    /// The fingerprint of the rules by which files were tagged.
    pub fn rules(&self) -> u64 {
        self.rules
    }

    /// Takes over what the files' texts tell of their roles.
    pub fn tag(&mut self, tags: &[(FileId, RoleBits)]) {
        if tags.is_empty() {
            return;
        }
        let list = Arc::make_mut(&mut self.list);
        for (id, roles) in tags {
            if let Some(facts) = list.facts.get_mut(*id as usize) {
                facts.roles = *roles;
            }
        }
    }

    /// Takes other roles in place: each file keeps those it had, by their ids, and gets those that
    /// its path tells now. What its text tells follows when it is read again.
    pub fn tag_by(&mut self, before: &RoleSet, now: &RoleSet) {
        self.rules = now.fingerprint();
        let moved: Vec<Option<usize>> =
            before.roles().iter().map(|role| now.place(&role.id)).collect();
        let list = Arc::make_mut(&mut self.list);
        let FileList { paths, facts, .. } = list;
        for it in facts {
            let kept = moved.iter().enumerate().filter(|(place, _)| it.roles.has(*place));
            let kept = kept.filter_map(|(_, to)| *to).fold(0, |bits, to| bits | 1 << to);
            let path = &paths[it.start as usize..(it.start + it.len) as usize];
            it.roles = RoleBits(kept | now.of_path(path).0);
        }
    }

    /// Adds a file or takes over its new facts; tells the id and whether anything changed.
    pub fn put(&mut self, found: &Found, roles: &RoleSet) -> (FileId, bool) {
        self.rules = roles.fingerprint();
        if let Some(id) = self.id(found.path.as_bytes()) {
            let facts = self.list.facts(id);
            let changed = facts.gone || facts.stamp != found.stamp || facts.link != found.link;
            if changed {
                // Only now: a list that a snapshot holds is copied by this.
                let list = Arc::make_mut(&mut self.list);
                let facts = &mut list.facts[id as usize];
                if facts.gone {
                    list.living += 1;
                }
                facts.gone = false;
                facts.stamp = found.stamp;
                facts.link = found.link;
            }
            return (id, changed);
        }
        (self.add(found, roles.of_path(found.path.as_bytes())), true)
    }

    /// Adds a file that is not listed yet, with roles that the rules with the fingerprint `rules`
    /// once told.
    pub fn put_tagged(&mut self, found: &Found, roles: RoleBits, rules: u64) {
        self.rules = rules;
        self.add(found, roles);
    }

    /// The id of a file, which is listed now if it was not.
    fn add(&mut self, found: &Found, roles: RoleBits) -> FileId {
        let Self { list, ids, hashing, .. } = self;
        let path = found.path.as_bytes();
        let same = |id: &FileId| list.path(*id) == path;
        match ids.entry(hashing.hash_one(path), same, |&id| hashing.hash_one(list.path(id))) {
            Entry::Occupied(place) => *place.get(),
            Entry::Vacant(place) => {
                let id = list.ids();
                place.insert(id);
                Arc::make_mut(list).push(found, roles);
                id
            }
        }
    }

    /// Marks a file as gone; tells its id when it was there.
    pub fn remove(&mut self, path: &RepoPath) -> Option<FileId> {
        let id = self.id(path.as_bytes())?;
        if self.list.facts(id).gone {
            return None;
        }
        let list = Arc::make_mut(&mut self.list);
        list.facts[id as usize].gone = true;
        list.living -= 1;
        Some(id)
    }
}

fn push_lower(out: &mut Vec<u8>, path: &[u8]) {
    if path.is_ascii() {
        out.extend(path.iter().map(u8::to_ascii_lowercase));
        return;
    }
    match std::str::from_utf8(path) {
        Ok(text) => {
            for character in text.chars() {
                let mut lower = character.to_lowercase();
                let first = lower.next().unwrap_or(character);
                // Offsets must stay those of the path itself.
                let same = lower.next().is_none() && first.len_utf8() == character.len_utf8();
                let kept = if same { first } else { character };
                out.extend_from_slice(kept.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        Err(_) => out.extend(path.iter().map(u8::to_ascii_lowercase)),
    }
}

/// A set of the characters in bytes, one bit each for `a`–`z` in any case, `0`–`9` and the common
/// separators; everything else shares one bit. A word can match only where its mask is a subset.
pub fn mask_of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |mask, &byte| mask | BITS[usize::from(byte)])
}

/// The bit in masks of bytes that have none of their own.
pub const OTHER: u64 = 1 << 40;

/// The bit of each byte in masks: a list is made of millions of bytes.
const BITS: [u64; 256] = {
    let mut bits = [OTHER; 256];
    let mut letter = 0;
    while letter < 26 {
        bits[b'a' as usize + letter] = 1 << letter;
        bits[b'A' as usize + letter] = 1 << letter;
        letter += 1;
    }
    let mut digit = 0;
    while digit < 10 {
        bits[b'0' as usize + digit] = 1 << (26 + digit);
        digit += 1;
    }
    bits[b'/' as usize] = 1 << 36;
    bits[b'.' as usize] = 1 << 37;
    bits[b'_' as usize] = 1 << 38;
    bits[b'-' as usize] = 1 << 39;
    bits
};

/// What a byte is for the parts of names.
#[derive(Clone, Copy)]
enum Kind {
    Sign,
    Lower,
    Upper,
    Digit,
}

const KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Sign; 256];
    let mut byte = 0;
    while byte < 128 {
        let at = byte as usize;
        kinds[at] = match byte {
            b'a'..=b'z' => Kind::Lower,
            b'A'..=b'Z' => Kind::Upper,
            b'0'..=b'9' => Kind::Digit,
            _ => Kind::Sign,
        };
        byte += 1;
    }
    kinds
};

/// Whether a part begins between two bytes, by what the first one (row) and the second one are.
const BORDERS: [[bool; 4]; 4] = [
    [true, true, true, true],
    [true, false, true, true],
    [true, false, false, true],
    [true, true, true, false],
];

/// The mask of the bytes with which the parts of a path begin.
fn begun_mask(path: &[u8]) -> u64 {
    let mut before = Kind::Sign;
    path.iter().fold(0, |mask, &byte| {
        let here = KINDS[usize::from(byte)];
        let begins = BORDERS[before as usize][here as usize];
        before = here;
        mask | if begins { BITS[usize::from(byte)] } else { 0 }
    })
}

/// Whether a part of a name begins or ends before byte `at` of a path.
pub fn is_border(path: &[u8], at: usize) -> bool {
    let (Some(&before), Some(&here)) =
        (at.checked_sub(1).and_then(|it| path.get(it)), path.get(at))
    else {
        return true;
    };
    let (before, here) = (KINDS[usize::from(before)], KINDS[usize::from(here)]);
    BORDERS[before as usize][here as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str) -> Found {
        Found { path: path.into(), stamp: Stamp { size: 1, modified: 1, changed: 1 }, link: false }
    }

    #[test]
    fn parts_begin_where_the_kind_of_letters_changes() {
        let path = "src/webHTTPUtil2go_x-y.é";
        let borders: String = path
            .bytes()
            .enumerate()
            .map(|(at, _)| if is_border(path.as_bytes(), at) { '|' } else { '.' })
            .collect();
        assert_eq!(borders, "|..||..|.......||.|||||||");
        assert_eq!(begun_mask(path.as_bytes()), mask_of(b"s/wh2g_x-y.\xc3"));
        assert_eq!(mask_of(b"AbZ09/._- "), mask_of(b"aBz90/._-~"));
    }

    #[test]
    fn ids_stay_and_snapshots_do_not_move() {
        let roles = RoleSet::builtin().0;
        let mut keeper = FileKeeper::default();
        let (one, _) = keeper.put(&found("src/A.rs"), &roles);
        let before = keeper.list();
        keeper.remove(&"src/A.rs".into());
        assert_eq!((before.len(), keeper.list().len()), (1, 0));
        assert_eq!(keeper.put(&found("src/A.rs"), &roles), (one, true));
        assert_eq!(keeper.put(&found("src/A.rs"), &roles), (one, false));
        assert_eq!(keeper.list().lower(one), b"src/a.rs");
        assert_eq!(keeper.list().name_start(one), 4);
    }

    #[test]
    fn other_rules_add_at_once_and_take_nothing_away_before_files_are_read() {
        let before = RoleSet::builtin().0;
        let mut keeper = FileKeeper::default();
        let (id, _) = keeper.put(&found("src/odd.rs"), &before);
        let role = |set: &RoleSet, id: &str| RoleBits(1 << set.place(id).unwrap());
        keeper.tag(&[(id, role(&before, "auth"))]);
        let mut now = RoleSet::default();
        let rule = "[[rule]]\nparts = [\"odd\"]\nweight = 2\nwhy = \"odd\"\n";
        now.add("x", &format!("id = \"strange\"\n{rule}"), &mut Vec::new());
        now.add("x", "id = \"auth\"\n", &mut Vec::new());
        keeper.tag_by(&before, &now);
        let bits = keeper.list().facts(id).roles;
        assert_eq!(bits.0, role(&now, "strange").0 | role(&now, "auth").0);
        assert_eq!(keeper.rules(), now.fingerprint());
    }

    #[test]
    fn lists_are_joined_under_their_labels() {
        let roles = RoleSet::builtin().0;
        let list = |paths: &[&str]| {
            let mut keeper = FileKeeper::default();
            for path in paths {
                keeper.put(&found(path), &roles);
            }
            keeper.remove(&"gone.rs".into());
            keeper.list()
        };
        let (api, web) = (list(&["src/Main.rs", "gone.rs"]), list(&["auth/login.ts"]));
        let same: Vec<Option<usize>> = (0..roles.roles().len()).map(Some).collect();
        let part = |label, root, files| Part { label, root, files, roles: &same };
        let all = FileList::joined(&[
            part("Api", Path::new("/a"), &api),
            part("web", Path::new("/w"), &web),
        ]);
        assert_eq!((all.len(), all.ids()), (2, 3));
        assert_eq!((all.path(0), all.lower(0)), (&b"Api/src/Main.rs"[..], &b"api/src/main.rs"[..]));
        assert_eq!(&all.path(0)[all.name_start(0)..], b"Main.rs");
        assert_eq!((all.facts(0).depth, all.facts(0).standing), (2, api.facts(0).standing));
        assert_eq!(all.masks()[2], mask_of(b"web/auth/login.ts"));
        assert_eq!(all.facts(2).roles, web.facts(0).roles);
        assert!(all.facts(1).gone);
        let other = Path::new("/other");
        assert_eq!(all.place(0, other), (Path::new("/a"), "src/Main.rs".into()));
        assert_eq!(all.place(2, other), (Path::new("/w"), "auth/login.ts".into()));
        assert_eq!((all.repository(1), all.repository(2)), (Some(0), Some(1)));
        assert_eq!(web.place(0, other), (other, "auth/login.ts".into()));
        assert_eq!(web.repository(0), None);
    }

    #[test]
    fn a_set_counts_each_file_once() {
        let mut set = FileSet::default();
        assert!(set.is_empty() && !set.holds(700));
        assert!(set.insert(700) && !set.insert(700) && set.insert(0));
        assert_eq!((set.len(), set.holds(700), set.holds(701)), (2, true, false));
    }

    #[test]
    fn lower_case_keeps_offsets() {
        let mut out = Vec::new();
        push_lower(&mut out, "ÉTÉ/İx.RS".as_bytes());
        assert_eq!(out.len(), "ÉTÉ/İx.RS".len());
        assert!(out.ends_with(b"x.rs"));
    }
}
