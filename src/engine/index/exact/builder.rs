//! Gathers the grams and names of files and lays them out as a segment.

use super::grams::Grams;
use super::names::{Definition, NamesBuilder};
use super::segment::{self, Entry};
use crate::base::RepoPath;
use crate::engine::symbols::Scanner;
use crate::engine::tokens;
use crate::engine::walk::Stamp;

/// Occurrences after which a segment is written; four bytes each while they are gathered.
const MOST_OCCURRENCES: usize = 12_000_000;
/// Bytes of names after which a segment is written.
const MOST_NAMES: usize = 24_000_000;
/// Longest name that is kept, in bytes; longer ones are data.
const LONGEST_NAME: usize = 200;
/// Files of one segment: their numbers have sixteen bits.
const MOST_FILES: usize = 1 << 16;

/// A segment being made.
pub struct ExactBuilder {
    grams: Grams,
    /// By the first byte of the gram: its other two bytes above, the file's number below.
    occurrences: Vec<Vec<u32>>,
    count: usize,
    names: NamesBuilder,
    scanner: Scanner,
    /// The name being added, in lower case.
    folded: Vec<u8>,
    entries: Vec<Entry>,
}

impl Default for ExactBuilder {
    fn default() -> Self {
        Self {
            grams: Grams::default(),
            occurrences: vec![Vec::new(); 256],
            count: 0,
            names: NamesBuilder::default(),
            scanner: Scanner::default(),
            folded: Vec::new(),
            entries: Vec::new(),
        }
    }
}

impl ExactBuilder {
    /// Adds a file with its whole content as it is on disk, or with none where it has no text.
    pub fn add(&mut self, path: RepoPath, stamp: Stamp, text: &[u8]) {
        let number = self.entries.len() as u32;
        let (names, folded) = (&mut self.names, &mut self.folded);
        self.scanner.for_each(path.as_bytes(), text, &mut |it| {
            folded.clear();
            tokens::push_lower(folded, it.name);
            if folded.len() <= LONGEST_NAME {
                let (file, line, kind) = (number as u16, it.line, it.kind);
                names.add(folded, Definition { file, line, kind });
            }
        });
        self.entries.push(Entry { path, stamp });
        let grams = self.grams.of(text);
        self.count += grams.len();
        for gram in grams {
            self.occurrences[(gram >> 16) as usize].push(gram << 16 | number);
        }
    }

    /// Whether it should be written now.
    pub fn is_full(&self) -> bool {
        self.count >= MOST_OCCURRENCES
            || self.entries.len() == MOST_FILES
            || self.names.memory() >= MOST_NAMES
    }

    /// Whether no file was added.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes over what another builder has gathered, unless that is too much for one segment: then
    /// the other is given back.
    pub fn absorb(&mut self, mut other: Self) -> Option<Self> {
        let too_much = self.count + other.count > MOST_OCCURRENCES
            || self.entries.len() + other.entries.len() > MOST_FILES
            || self.names.memory() + other.names.memory() > MOST_NAMES;
        if too_much {
            return Some(other);
        }
        let first = self.entries.len() as u32;
        for (mine, theirs) in self.occurrences.iter_mut().zip(&mut other.occurrences) {
            // The number of a file is below; the sum stays within its sixteen bits.
            mine.extend(std::mem::take(theirs).into_iter().map(|it| it + first));
        }
        self.count += other.count;
        self.names.absorb(&other.names, first as u16);
        self.entries.append(&mut other.entries);
        None
    }

    /// The bytes of the segment; the builder is empty afterwards.
    pub fn finish(&mut self) -> Vec<u8> {
        let entries = std::mem::take(&mut self.entries);
        let mut writer = segment::SegmentWriter::new(&entries);
        let mut starts = vec![0u32; (1 << 16) + 1];
        let mut files: Vec<u16> = Vec::new();
        for (first, occurrences) in self.occurrences.iter_mut().enumerate() {
            // A counting sort by the gram's other bytes; the files of each stay in order.
            let mut least = u32::MAX;
            let mut most = 0;
            for &it in occurrences.iter() {
                let rest = it >> 16;
                starts[rest as usize + 1] += 1;
                (least, most) = (least.min(rest), most.max(rest));
            }
            if occurrences.is_empty() {
                continue;
            }
            for rest in least..=most {
                starts[rest as usize + 1] += starts[rest as usize];
            }
            files.clear();
            files.resize(occurrences.len(), 0);
            for &it in occurrences.iter() {
                let slot = &mut starts[(it >> 16) as usize];
                files[*slot as usize] = it as u16;
                *slot += 1;
            }
            // Each start has moved to its own end, which is where the next one started.
            let mut start = 0;
            for rest in least..=most {
                let end = starts[rest as usize] as usize;
                if end > start {
                    writer.put(first as u8, rest as u16, &files[start..end]);
                }
                start = end;
            }
            starts[least as usize..=most as usize + 1].fill(0);
            // Its room is kept: the next segment will be as large.
            occurrences.clear();
        }
        self.count = 0;
        writer.finish(&self.names.finish())
    }
}
