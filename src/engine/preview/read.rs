//! Reads a file line by line from any byte on, with bounded memory whatever the lines look like.
//!
//! A line longer than [`SHORT`] is told as such and its bytes are passed over; who wants to see a
//! part of it reads that part ([`super::columns`]).

use memchr::memchr;

use super::patience::Patience;
use super::source::Source;

/// Bytes up to which a line is handled whole: coloured, decoded and cut in memory.
pub(super) const SHORT: usize = 2000;

const CHUNK: usize = 64 * 1024;

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RawLine<'a> {
    /// Byte at which it begins.
    pub(super) start: u64,
    /// Byte after its text, before `\n` or `\r\n`; `None` when it was not reached in time.
    pub(super) end: Option<u64>,
    /// Byte at which the next line begins.
    pub(super) next: u64,
    /// Its text, when it is short.
    pub(super) text: Option<&'a [u8]>,
}

/// The lines of a source, from a line's beginning on.
pub(super) struct Lines<'a> {
    source: &'a Source,
    buffer: Vec<u8>,
    /// Place in the source of the buffer's first byte.
    base: u64,
    at: usize,
}

impl<'a> Lines<'a> {
    /// The lines from byte `start` on.
    pub(super) fn new(source: &'a Source, start: u64) -> Self {
        Self { source, buffer: Vec::new(), base: start, at: 0 }
    }

    /// The next line, or `None` at the end. Only the search for the end of a long line asks
    /// `patience`; after it ended there, nothing more comes.
    pub(super) fn next(&mut self, patience: Patience<'_>) -> Option<RawLine<'_>> {
        let mut searched = 0;
        let found = loop {
            let rest = self.buffer.get(self.at + searched..).unwrap_or_default();
            if let Some(found) = memchr(b'\n', rest) {
                break Some(searched + found);
            }
            searched += rest.len();
            if searched > SHORT + 1 {
                return Some(self.skip_long(patience));
            }
            if !self.fill() {
                break None;
            }
        };
        let start = self.base + self.at as u64;
        let (length, step) = match found {
            Some(found) => (found, found + 1),
            None if searched == 0 => return None,
            None => (searched, searched),
        };
        let from = self.at;
        self.at += step;
        let line = self.buffer.get(from..from + length).unwrap_or_default();
        let line = if found.is_some() { line.strip_suffix(b"\r").unwrap_or(line) } else { line };
        Some(RawLine {
            start,
            end: Some(start + line.len() as u64),
            next: start + step as u64,
            text: (line.len() <= SHORT).then_some(line),
        })
    }

    /// Drops what has been handed out and reads on; `false` at the end.
    fn fill(&mut self) -> bool {
        self.buffer.drain(..self.at);
        self.base += self.at as u64;
        self.at = 0;
        let have = self.buffer.len();
        self.buffer.resize(have + CHUNK, 0);
        let fresh = self.buffer.get_mut(have..).unwrap_or_default();
        let count = self.source.read_at(self.base + have as u64, fresh);
        self.buffer.truncate(have + count);
        count > 0
    }

    fn skip_long(&mut self, patience: Patience<'_>) -> RawLine<'static> {
        let start = self.base + self.at as u64;
        let mut last = None;
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            if let Some(found) = memchr(b'\n', rest) {
                last = found.checked_sub(1).and_then(|at| rest.get(at)).copied().or(last);
                let newline = self.base + (self.at + found) as u64;
                self.at += found + 1;
                let end = newline - u64::from(last == Some(b'\r'));
                return RawLine { start, end: Some(end), next: newline + 1, text: None };
            }
            last = rest.last().copied().or(last);
            self.at = self.buffer.len();
            let here = self.base + self.at as u64;
            if patience.spent() {
                self.base = self.source.len();
                self.buffer.clear();
                self.at = 0;
                return RawLine { start, end: None, next: here, text: None };
            }
            if !self.fill() {
                return RawLine { start, end: Some(here), next: here, text: None };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_all(bytes: &[u8]) -> Vec<Vec<u8>> {
        let source = Source::memory(bytes.into());
        let mut lines = Lines::new(&source, 0);
        let mut out = Vec::new();
        let mut expected_start = 0;
        while let Some(line) = lines.next(Patience::endless(&|| false)) {
            assert_eq!(line.start, expected_start);
            expected_start = line.next;
            let length = (line.end.unwrap() - line.start) as usize;
            let piece = source.piece(line.start, length);
            assert_eq!(line.text.is_some(), length <= SHORT);
            assert!(line.text.is_none_or(|text| text == piece));
            out.push(piece);
        }
        out
    }

    fn expected(bytes: &[u8]) -> Vec<Vec<u8>> {
        bytes
            .split_inclusive(|&byte| byte == b'\n')
            .map(|line| match line.strip_suffix(b"\n") {
                Some(line) => line.strip_suffix(b"\r").unwrap_or(line).to_vec(),
                None => line.to_vec(),
            })
            .collect()
    }

    #[test]
    fn lengths_around_the_limits_are_read_whole() {
        let mut bytes = Vec::new();
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, SHORT + 2, CHUNK - 1, CHUNK, 3 * CHUNK] {
            for end in [&b"\n"[..], b"\r\n"] {
                bytes.extend(std::iter::repeat_n(b'x', length));
                bytes.extend_from_slice(end);
            }
        }
        bytes.extend_from_slice(b"open end\r");
        assert_eq!(read_all(&bytes), expected(&bytes));
    }

    #[test]
    fn a_line_without_end_in_sight_is_given_up() {
        let mut bytes = vec![b'x'; 10 * CHUNK];
        bytes.extend_from_slice(b"\nlast");
        let source = Source::memory(bytes.into());
        let mut lines = Lines::new(&source, 0);
        let line = lines.next(Patience::endless(&|| true)).unwrap();
        assert_eq!((line.end, line.text), (None, None));
        assert_eq!(lines.next(Patience::endless(&|| false)), None);
    }

    proptest! {
        #[test]
        fn lines_are_those_of_a_split(bytes in proptest::collection::vec(
            proptest::sample::select(vec![b'a', b'\n', b'\r', 0xff]), 0..200)) {
            prop_assert_eq!(read_all(&bytes), expected(&bytes));
        }
    }
}
