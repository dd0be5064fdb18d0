//! Where the lines of a file begin, for files of any size: how many newlines lie before each block
//! of it.
//!
//! A block count needs 8 bytes per 128 kB whatever the lines look like, is built by counting alone,
//! and answers both ways (line to byte, byte to line) with one look into one block. The index grows
//! in steps; what it does not know yet it does not guess.

use memchr::{memchr_iter, memrchr};

use super::patience::Patience;
use super::source::Source;

/// Bytes read at a time, and the least size of a block.
const CHUNK: u64 = 128 * 1024;

/// Most blocks that are kept; larger files get larger blocks, so that the index stays below 1 MB.
const MOST_BLOCKS: u64 = 128 * 1024;

/// Newline counts of a file's beginning, as far as it has been read.
#[derive(Debug)]
pub(super) struct LineIndex {
    /// Bytes per block, a multiple of [`CHUNK`].
    block: u64,
    /// Newlines before each block that has been begun.
    before: Vec<u64>,
    scanned: u64,
    newlines: u64,
    /// Tells whether the last byte read is not a newline.
    open_end: bool,
    complete: bool,
}

/// Where a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// At this byte.
    At(u64),
    /// Nowhere: the file has fewer lines.
    Past,
    /// Further than has been read.
    Unknown,
}

impl LineIndex {
    /// The empty index of a file of `len` bytes.
    pub(super) fn new(len: u64) -> Self {
        let block = len.div_ceil(MOST_BLOCKS).max(1).div_ceil(CHUNK) * CHUNK;
        Self {
            block,
            before: vec![0],
            scanned: 0,
            newlines: 0,
            open_end: false,
            complete: len == 0,
        }
    }

    /// Reads on until `enough`, the end of the file, or until patience is spent.
    pub(super) fn extend(
        &mut self,
        source: &Source,
        patience: Patience<'_>,
        enough: impl Fn(&Self) -> bool,
    ) {
        let mut buffer = Vec::new();
        while !self.complete && !enough(self) && !patience.spent() {
            buffer.resize(CHUNK as usize, 0);
            let count = source.read_at(self.scanned, &mut buffer);
            let part = buffer.get(..count).unwrap_or_default();
            self.newlines += memchr_iter(b'\n', part).count() as u64;
            if let Some(&last) = part.last() {
                self.open_end = last != b'\n';
            }
            self.scanned += count as u64;
            if self.scanned.is_multiple_of(self.block) {
                self.before.push(self.newlines);
            }
            // A short read is the end, even of a file that has shrunk meanwhile.
            self.complete = count < CHUNK as usize || self.scanned >= source.len();
        }
    }

    /// Tells whether the whole file has been counted.
    pub(super) fn complete(&self) -> bool {
        self.complete
    }

    /// Lines known so far; all of them once complete.
    pub(super) fn lines(&self) -> u64 {
        self.newlines + u64::from(self.open_end)
    }

    /// Bytes read so far.
    pub(super) fn scanned(&self) -> u64 {
        self.scanned
    }

    /// The first byte of line `number` (1-based; 0 counts as 1).
    pub(super) fn start_of(&self, source: &Source, number: u64) -> Whereabouts {
        let nth = number.saturating_sub(1);
        if self.complete && number > self.lines() {
            return Whereabouts::Past;
        }
        if nth == 0 {
            return Whereabouts::At(0);
        }
        if nth > self.newlines {
            return Whereabouts::Unknown;
        }
        let block = self.before.partition_point(|&before| before < nth).saturating_sub(1);
        let mut left = nth - self.before.get(block).copied().unwrap_or(0);
        let mut at = block as u64 * self.block;
        let mut buffer = vec![0; CHUNK as usize];
        loop {
            let count = source.read_at(at, &mut buffer);
            let part = buffer.get(..count).unwrap_or_default();
            if part.is_empty() {
                return Whereabouts::Past; // it shrank under our hands
            }
            for found in memchr_iter(b'\n', part) {
                left -= 1;
                if left == 0 {
                    return Whereabouts::At(at + found as u64 + 1);
                }
            }
            at += count as u64;
        }
    }

    /// The 1-based number of the line that holds byte `offset`, or `None` when the index does not
    /// reach that far.
    pub(super) fn number_at(&self, source: &Source, offset: u64) -> Option<u64> {
        if offset > self.scanned {
            return None;
        }
        let block = ((offset / self.block) as usize).min(self.before.len() - 1);
        let mut number = 1 + self.before.get(block).copied().unwrap_or(0);
        let mut at = block as u64 * self.block;
        while at < offset {
            let part = source.piece(at, (offset - at).min(CHUNK) as usize);
            if part.is_empty() {
                break;
            }
            number += memchr_iter(b'\n', &part).count() as u64;
            at += part.len() as u64;
        }
        Some(number)
    }
}

/// What a look backwards found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behind {
    /// The byte after the newline that was looked for.
    After(u64),
    /// The beginning of the file came first.
    Start,
    /// Patience ended; the last newline that was passed ends at this byte, or nothing was found at
    /// all and this is how far the look went.
    GaveUp(u64),
}

/// Looks backwards from byte `from` (not included) for the `nth` newline (1-based).
pub(super) fn look_behind(source: &Source, from: u64, nth: u64, patience: Patience<'_>) -> Behind {
    let mut end = from;
    let mut left = nth.max(1);
    let mut best = None;
    while end > 0 {
        let start = end.saturating_sub(CHUNK);
        let part = source.piece(start, (end - start) as usize);
        let mut rest = part.as_slice();
        while let Some(at) = memrchr(b'\n', rest) {
            left -= 1;
            best = Some(start + at as u64 + 1);
            if left == 0 {
                return Behind::After(start + at as u64 + 1);
            }
            rest = rest.get(..at).unwrap_or_default();
        }
        end = start;
        if end > 0 && patience.spent() {
            return Behind::GaveUp(best.unwrap_or(end));
        }
    }
    Behind::Start
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn source(text: &str) -> Source {
        Source::memory(text.as_bytes().into())
    }

    fn full(source: &Source) -> LineIndex {
        let mut index = LineIndex::new(source.len());
        index.extend(source, Patience::endless(&|| false), |_| false);
        index
    }

    #[test]
    fn ends_without_newline_count() {
        for (text, lines) in [("", 0), ("a", 1), ("a\n", 1), ("\n", 1), ("a\nb", 2), ("\n\n", 2)] {
            assert_eq!(full(&source(text)).lines(), lines, "{text:?}");
        }
    }

    #[test]
    fn many_blocks_agree_with_a_plain_split() {
        let text: String = (0..60_000).flat_map(|n| ["x".repeat(n % 13), "\n".into()]).collect();
        let source = source(&text);
        assert!(source.len() > 3 * CHUNK);
        let index = full(&source);
        assert_eq!(index.lines(), 60_000);
        let mut at = 0;
        for (nth, line) in text.split_inclusive('\n').enumerate() {
            if nth % 997 == 0 || nth > 59_990 {
                let number = nth as u64 + 1;
                assert_eq!(index.start_of(&source, number), Whereabouts::At(at));
                assert_eq!(index.number_at(&source, at), Some(number));
                assert_eq!(index.number_at(&source, at + line.len() as u64 - 1), Some(number));
            }
            at += line.len() as u64;
        }
        assert_eq!(index.start_of(&source, 60_001), Whereabouts::Past);
    }

    #[test]
    fn an_index_that_has_not_got_far_says_so() {
        let source = source(&"line\n".repeat(100_000));
        let mut index = LineIndex::new(source.len());
        index.extend(&source, Patience::endless(&|| false), |index| index.scanned() > 0);
        assert!(!index.complete());
        assert_eq!(index.start_of(&source, 90_000), Whereabouts::Unknown);
        assert_eq!(index.number_at(&source, source.len() - 1), None);
        index.extend(&source, Patience::endless(&|| true), |_| false);
        assert_eq!(index.scanned(), CHUNK);
    }

    proptest! {
        #[test]
        fn looking_behind_finds_every_newline(text in "[a\n]{0,60}", from in 0usize..60, nth in 1u64..9) {
            let from = from.min(text.len());
            let expected = text.get(..from).unwrap().rmatch_indices('\n').nth(nth as usize - 1)
                .map_or(Behind::Start, |(at, _)| Behind::After(at as u64 + 1));
            let got = look_behind(&source(&text), from as u64, nth, Patience::endless(&|| false));
            prop_assert_eq!(got, expected);
        }
    }
}
