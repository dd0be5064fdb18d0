//! The file format of a segment, and reading it.
//!
//! All numbers are little-endian.
//!
//! ```text
//! "navigram"  version u32  files u32
//! each file:  size u64  modified i64  end of its path in the paths u32
//! paths
//! tables:     257 × u32: where the grams of each first byte begin in the two columns
//!             the grams' other two bytes u16 …
//!             where their lists begin u32 …, and where the last one ends
//! lists:      of the files of each gram; the distance to the file before, as a base-128 number,
//!             or, where that is shorter, one bit for each file (highest bit of the list's start)
//! names:      see `names`
//! footer:     where paths, tables, lists and names begin u32 × 4
//!             CRC-32 of lists and names u32
//!             CRC-32 of all else before the footer u32      "navigram"
//! ```

use std::path::Path;

use tantivy::directory::{Directory, OwnedBytes};

use super::names::Names;
use super::numbers::{number_at, push_number, u32_at};
use super::{Gram, gram_of};
use crate::base::RepoPath;
use crate::engine::walk::Stamp;

const MAGIC: &[u8; 8] = b"navigram";
const VERSION: u32 = 3;
const HEADER: usize = 16;
const ENTRY: usize = 28;
const FOOTER: usize = 32;
/// Marks, in a list's start, that the list has one bit for each file.
const BITS: u32 = 1 << 31;

/// A file that a segment covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path.
    pub path: RepoPath,
    /// Its stamp when it was read.
    pub stamp: Stamp,
}

/// Lays out a segment; see the module.
pub struct SegmentWriter {
    out: Vec<u8>,
    files: usize,
    paths_at: usize,
    firsts: Vec<u32>,
    rests: Vec<u16>,
    starts: Vec<u32>,
    lists: Vec<u8>,
}

impl SegmentWriter {
    /// A segment of these files, numbered in this order.
    pub fn new(entries: &[Entry]) -> Self {
        let mut out = Vec::new();
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&(entries.len() as u32).to_le_bytes());
        let mut end = 0;
        for entry in entries {
            end += entry.path.as_bytes().len() as u32;
            out.extend_from_slice(&entry.stamp.size.to_le_bytes());
            out.extend_from_slice(&entry.stamp.modified.to_le_bytes());
            out.extend_from_slice(&entry.stamp.changed.to_le_bytes());
            out.extend_from_slice(&end.to_le_bytes());
        }
        let paths_at = out.len();
        for entry in entries {
            out.extend_from_slice(entry.path.as_bytes());
        }
        Self {
            out,
            files: entries.len(),
            paths_at,
            firsts: Vec::new(),
            rests: Vec::new(),
            starts: Vec::new(),
            lists: Vec::new(),
        }
    }

    /// Adds the list of a gram, in ascending order of grams and of files.
    pub fn put(&mut self, first: u8, rest: u16, files: &[u16]) {
        while self.firsts.len() <= usize::from(first) {
            self.firsts.push(self.rests.len() as u32);
        }
        let start = self.lists.len();
        let mut before = None;
        for &file in files {
            let file = usize::from(file);
            push_number(&mut self.lists, before.map_or(file, |it| file - it - 1));
            before = Some(file);
        }
        let bits = self.files.div_ceil(8);
        let mark = if self.lists.len() - start > bits {
            self.lists.truncate(start);
            self.lists.resize(start + bits, 0);
            for &file in files {
                self.lists[start + usize::from(file >> 3)] |= 1 << (file & 7);
            }
            BITS
        } else {
            0
        };
        self.rests.push(rest);
        self.starts.push(start as u32 | mark);
    }

    /// The whole file, with this section of names.
    pub fn finish(mut self, names: &[u8]) -> Vec<u8> {
        self.firsts.resize(257, self.rests.len() as u32);
        let tables_at = self.out.len();
        for it in &self.firsts {
            self.out.extend_from_slice(&it.to_le_bytes());
        }
        for it in &self.rests {
            self.out.extend_from_slice(&it.to_le_bytes());
        }
        self.starts.push(self.lists.len() as u32);
        for it in &self.starts {
            self.out.extend_from_slice(&it.to_le_bytes());
        }
        let lists_at = self.out.len();
        let all_else = crc32fast::hash(&self.out);
        self.out.extend_from_slice(&self.lists);
        let names_at = self.out.len();
        self.out.extend_from_slice(names);
        let lists_and_names = crc32fast::hash(self.out.get(lists_at..).unwrap_or_default());
        for it in [self.paths_at, tables_at, lists_at, names_at] {
            self.out.extend_from_slice(&(it as u32).to_le_bytes());
        }
        self.out.extend_from_slice(&lists_and_names.to_le_bytes());
        self.out.extend_from_slice(&all_else.to_le_bytes());
        self.out.extend_from_slice(MAGIC);
        self.out
    }
}

/// An opened segment.
pub struct Segment {
    files: usize,
    paths_at: usize,
    tables_at: usize,
    grams: usize,
    lists_at: usize,
    names_at: usize,
    footer_at: usize,
    bytes: OwnedBytes,
}

impl Segment {
    /// Opens the segment file at `path`. `None` when it is not one, or damaged: its files count as
    /// not covered then.
    pub fn open(directory: &dyn Directory, path: &Path) -> Option<Self> {
        let bytes = directory.open_read(path).ok()?.read_bytes().ok()?;
        Self::of_bytes(bytes)
    }

    /// The segment with these bytes; see [`Segment::open`].
    pub fn of_bytes(bytes: OwnedBytes) -> Option<Self> {
        let footer_at = bytes.len().checked_sub(FOOTER)?;
        let number = |at: usize| Some(u32_at(&bytes, at)? as usize);
        let good = bytes.get(..8)? == MAGIC
            && bytes.get(footer_at + 24..)? == MAGIC
            && u32_at(&bytes, 8)? == VERSION;
        let files = number(12)?;
        let (paths_at, tables_at) = (number(footer_at)?, number(footer_at + 4)?);
        let (lists_at, names_at) = (number(footer_at + 8)?, number(footer_at + 12)?);
        let grams = number(tables_at + 256 * 4)?;
        let in_order = paths_at == HEADER + files * ENTRY
            && tables_at >= paths_at
            && lists_at == tables_at + 257 * 4 + grams * 2 + (grams + 1) * 4
            && lists_at <= names_at
            && names_at <= footer_at;
        if !good || !in_order {
            return None;
        }
        let all_else = crc32fast::hash(bytes.get(..lists_at)?);
        (all_else == u32_at(&bytes, footer_at + 20)?).then_some(Self {
            files,
            paths_at,
            tables_at,
            grams,
            lists_at,
            names_at,
            footer_at,
            bytes,
        })
    }

    /// Whether lists and names are as they were written; all else is checked when it is opened.
    pub fn is_sound(&self) -> bool {
        self.bytes
            .get(self.lists_at..self.footer_at)
            .is_some_and(|it| Some(crc32fast::hash(it)) == u32_at(&self.bytes, self.footer_at + 16))
    }

    /// The names that its files define.
    pub fn names(&self) -> Option<Names<'_>> {
        Names::of(self.bytes.get(self.names_at..self.footer_at)?)
    }

    /// Bytes that it takes on disk.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Files that it covers.
    pub fn files(&self) -> usize {
        self.files
    }

    /// The stamp of file `number` when it was read.
    pub fn stamp(&self, number: usize) -> Option<Stamp> {
        let at = HEADER + number * ENTRY;
        let size = u64::from_le_bytes(self.bytes.get(at..at + 8)?.try_into().ok()?);
        let modified = i64::from_le_bytes(self.bytes.get(at + 8..at + 16)?.try_into().ok()?);
        let changed = i64::from_le_bytes(self.bytes.get(at + 16..at + 24)?.try_into().ok()?);
        Some(Stamp { size, modified, changed })
    }

    /// The path of file `number`.
    pub fn path(&self, number: usize) -> Option<&[u8]> {
        let end_of =
            |number: usize| Some(u32_at(&self.bytes, HEADER + number * ENTRY + 24)? as usize);
        let start = if number == 0 { 0 } else { end_of(number - 1)? };
        self.bytes.get(self.paths_at + start..self.paths_at + end_of(number)?)
    }

    fn first(&self, first: usize) -> Option<usize> {
        Some(u32_at(&self.bytes, self.tables_at + first * 4)? as usize)
    }

    /// The place of the first gram at or after `gram` among those with its first byte, and the
    /// end of those.
    fn place(&self, gram: Gram) -> Option<(usize, usize)> {
        let first = (gram >> 16) as usize;
        let (start, end) = (self.first(first)?, self.first(first + 1)?);
        let rest = gram as u16;
        let (mut low, mut high) = (start, end);
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.rest(middle)? < rest { low = middle + 1 } else { high = middle }
        }
        Some((low, end))
    }

    fn rest(&self, place: usize) -> Option<u16> {
        let at = self.tables_at + 257 * 4 + place * 2;
        Some(u16::from_le_bytes(self.bytes.get(at..at + 2)?.try_into().ok()?))
    }

    /// The list at a place.
    fn list(&self, place: usize) -> Option<List<'_>> {
        let at = self.tables_at + 257 * 4 + self.grams * 2 + place * 4;
        let (start, end) = (u32_at(&self.bytes, at)?, u32_at(&self.bytes, at + 4)?);
        let bytes = self.bytes.get(
            self.lists_at + (start & !BITS) as usize..self.lists_at + (end & !BITS) as usize,
        )?;
        Some(if start & BITS == 0 { List::Distances(bytes) } else { List::Bits(bytes) })
    }

    /// The files that have this gram.
    pub fn having(&self, gram: Gram) -> Option<List<'_>> {
        let (place, end) = self.place(gram)?;
        if place < end && self.rest(place)? == gram as u16 { self.list(place) } else { None }
    }

    /// The lists of all grams that begin with these bytes, one to three.
    pub fn beginning(&self, bytes: &[u8]) -> impl Iterator<Item = List<'_>> {
        let at = |place: usize| bytes.get(place).copied().unwrap_or_default();
        let from = gram_of(at(0), at(1), at(2));
        let same = match bytes.len() {
            0 | 1 => 0,
            2 => 0xff00,
            _ => 0xffff,
        };
        let (mut place, end) = self.place(from).unwrap_or((0, 0));
        std::iter::from_fn(move || {
            if place >= end || self.rest(place)? & same != from as u16 & same {
                return None;
            }
            place += 1;
            self.list(place - 1)
        })
    }
}

/// The files that have a gram.
#[derive(Debug, Clone, Copy)]
pub enum List<'a> {
    /// See the module.
    Distances(&'a [u8]),
    /// See the module.
    Bits(&'a [u8]),
}

impl List<'_> {
    /// Bytes that it takes: a measure of how many files it names.
    pub fn weight(&self) -> usize {
        match self {
            Self::Distances(bytes) => bytes.len(),
            // A list of distances would have been longer.
            Self::Bits(bytes) => bytes.len() + 1,
        }
    }

    /// Calls `take` with the number of each file, in order.
    pub fn for_each(&self, mut take: impl FnMut(usize)) {
        match self {
            Self::Distances(bytes) => {
                let (mut next, mut at) = (0, 0);
                while let Some(distance) = number_at(bytes, &mut at) {
                    take(next + distance);
                    next += distance + 1;
                }
            }
            Self::Bits(bytes) => {
                for (place, &byte) in bytes.iter().enumerate() {
                    let mut byte = byte;
                    while byte != 0 {
                        take(place * 8 + byte.trailing_zeros() as usize);
                        byte &= byte - 1;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ExactBuilder;
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// A builder with these files, of which the first has the number `from` in its name.
    fn builder_of(texts: &[Vec<u8>], from: usize) -> ExactBuilder {
        let mut builder = ExactBuilder::default();
        for (number, text) in (from..).zip(texts) {
            let stamp = Stamp { size: text.len() as u64, modified: number as i64, changed: 5 };
            builder.add(format!("f/{number}.rs").as_str().into(), stamp, text);
        }
        builder
    }

    fn segment_of(texts: &[Vec<u8>]) -> Vec<u8> {
        builder_of(texts, 0).finish()
    }

    /// The same, gathered by two builders, of which the second has the files from `cut` on.
    fn segment_of_two(texts: &[Vec<u8>], cut: usize) -> Vec<u8> {
        let (first, second) = texts.split_at(cut);
        let mut builder = builder_of(first, 0);
        assert!(builder.absorb(builder_of(second, cut)).is_none());
        builder.finish()
    }

    fn files_of(list: Option<List<'_>>) -> Vec<usize> {
        let mut files = Vec::new();
        if let Some(list) = list {
            list.for_each(|file| files.push(file));
        }
        files
    }

    fn grams_of(text: &[u8]) -> BTreeSet<Gram> {
        let mut bytes = text.to_ascii_lowercase();
        if !bytes.is_empty() {
            bytes.extend([0, 0]);
        }
        bytes.windows(3).map(|it| super::super::gram_of(it[0], it[1], it[2])).collect()
    }

    proptest! {
        // A builder clears megabytes: a few dozen rounds are enough for a test run.
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn every_gram_names_its_files(
            texts in proptest::collection::vec(proptest::collection::vec(
                prop_oneof![Just(b'a'), Just(b'B'), Just(0xffu8), any::<u8>()], 0..60), 1..200)
        ) {
            let bytes = segment_of(&texts);
            prop_assert!(segment_of_two(&texts, texts.len() / 3) == bytes);
            let segment = Segment::of_bytes(OwnedBytes::new(bytes)).unwrap();
            prop_assert!(segment.is_sound());
            prop_assert_eq!(segment.files(), texts.len());
            let mut wanted: BTreeMap<Gram, Vec<usize>> = BTreeMap::new();
            for (number, text) in texts.iter().enumerate() {
                let path = format!("f/{number}.rs");
                prop_assert_eq!(segment.path(number).unwrap(), path.as_bytes());
                prop_assert_eq!(segment.stamp(number).unwrap().modified, number as i64);
                for gram in grams_of(text) {
                    wanted.entry(gram).or_default().push(number);
                }
            }
            for (gram, files) in &wanted {
                prop_assert_eq!(&files_of(segment.having(*gram)), files);
            }
            prop_assert!(files_of(segment.having(0x01_02_03)).is_empty() || wanted.contains_key(&0x01_02_03));
            for part in [&b"a"[..], b"ab", b"abb"] {
                let mut beginning = BTreeSet::new();
                for list in segment.beginning(part) {
                    list.for_each(|file| {
                        beginning.insert(file);
                    });
                }
                let holds = |text: &Vec<u8>| text.to_ascii_lowercase().windows(part.len()).any(|it| it == part);
                let expected = texts.iter().enumerate().filter(|it| holds(it.1)).map(|it| it.0);
                prop_assert_eq!(beginning, expected.collect::<BTreeSet<usize>>());
            }
        }

        #[test]
        fn a_damaged_file_is_refused_or_harmless(at in any::<prop::sample::Index>(), to in any::<u8>(), cut in any::<prop::sample::Index>()) {
            let bytes = segment_of(&[b"fn main() {}".to_vec(), b"let x = 1;".to_vec()]);
            let mut damaged = bytes.clone();
            let at = at.index(damaged.len());
            damaged[at] = to;
            if let Some(segment) = Segment::of_bytes(OwnedBytes::new(damaged.clone())) {
                prop_assert_eq!(segment.is_sound(), damaged == bytes);
                for gram in grams_of(b"fn main() {}") {
                    files_of(segment.having(gram));
                }
            }
            prop_assert!(Segment::of_bytes(OwnedBytes::new(bytes[..cut.index(bytes.len())].to_vec())).is_none());
        }
    }
}
