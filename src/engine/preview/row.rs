//! Makes one row: cleans the text, expands tabs, cuts it to the visible columns and puts tints and
//! marks where the characters ended up.
//!
//! Everything goes by grapheme, which is what a terminal cell holds; one that is cut in half by the
//! left edge leaves blanks, one that is cut by the right edge is left out.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use crate::base::text;

use super::needle::Needle;
use super::window::{Line, Span, Tint};

/// The end of a stretch of text (in bytes of it) and its tint; stretches follow each other.
pub(super) type Run = (u32, Tint);

/// The columns that are visible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    /// Columns scrolled to the right.
    pub(super) left: u64,
    /// Columns shown.
    pub(super) columns: u16,
}

/// A text to lay out, or the visible stretch of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Strip<'a> {
    pub(super) text: &'a str,
    /// The column at which it begins in its line.
    pub(super) column: u64,
    /// Tints; what they do not cover is plain.
    pub(super) runs: &'a [Run],
    /// Bytes of `text` to mark, ascending, not overlapping.
    pub(super) marks: &'a [Range<usize>],
}

/// Lays the strip out in the frame. Number and byte are left for the caller.
pub(super) fn lay_out(strip: Strip<'_>, frame: Frame) -> Line {
    let mut row = Row {
        left: frame.left,
        right: frame.left + u64::from(frame.columns),
        column: strip.column,
        line: Line {
            number: None,
            byte: 0,
            spans: Vec::new(),
            cut_left: false,
            cut_right: false,
            marks: Vec::new(),
        },
    };
    row.line.cut_left = strip.column > 0 && frame.left > 0;
    // The strip may begin after a wide character that the left edge cuts.
    for _ in 0..strip.column.saturating_sub(frame.left).min(u64::from(frame.columns)) {
        row.append(" ", Tint::Plain);
    }
    let mut runs = strip.runs.iter().copied().peekable();
    let mut marks = strip.marks.iter().peekable();
    for (at, grapheme) in strip.text.grapheme_indices(true) {
        while runs.next_if(|(end, _)| *end as usize <= at).is_some() {}
        while marks.next_if(|mark| mark.end <= at).is_some() {}
        let tint = runs.peek().map_or(Tint::Plain, |(_, tint)| *tint);
        let marked = marks.peek().is_some_and(|mark| mark.start < at + grapheme.len());
        if !row.push(grapheme, tint, marked) {
            break;
        }
    }
    row.line
}

struct Row {
    left: u64,
    right: u64,
    column: u64,
    line: Line,
}

impl Row {
    /// Adds a grapheme; `false` once nothing more fits.
    fn push(&mut self, grapheme: &str, tint: Tint, marked: bool) -> bool {
        if let [byte @ b' '..=b'~'] = *grapheme.as_bytes() {
            return self.put(char::from(byte).encode_utf8(&mut [0; 4]), 1, tint, marked);
        }
        if grapheme == "\t" {
            let blanks = text::TAB - (self.column % text::TAB as u64) as usize;
            return (0..blanks).all(|_| self.put(" ", 1, tint, marked));
        }
        let clean = text::clean(grapheme);
        if clean == grapheme {
            return self.put(grapheme, text::width(grapheme) as u64, tint, marked);
        }
        // Made visible: several cells now, each of which may be cut by itself.
        clean.graphemes(true).all(|cell| self.put(cell, text::width(cell) as u64, tint, marked))
    }

    fn put(&mut self, cell: &str, width: u64, tint: Tint, marked: bool) -> bool {
        let from = self.column;
        let to = from + width;
        if to > self.right {
            self.line.cut_right = true;
            return false;
        }
        self.column = to;
        if from < self.left {
            self.line.cut_left = true;
            let blanks = to.saturating_sub(self.left);
            for _ in 0..blanks {
                self.append(" ", tint);
            }
        } else {
            self.append(cell, tint);
        }
        if marked && to > self.left && width > 0 {
            let start = (from.max(self.left) - self.left) as u16;
            let end = (to - self.left) as u16;
            match self.line.marks.last_mut() {
                Some(last) if last.end >= start => last.end = end,
                _ => self.line.marks.push(start..end),
            }
        }
        true
    }

    fn append(&mut self, cell: &str, tint: Tint) {
        match self.line.spans.last_mut() {
            Some(last) if last.tint == tint => last.text.push_str(cell),
            _ => self.line.spans.push(Span { text: cell.to_owned(), tint }),
        }
    }
}

/// The bytes of `text` that any of the needles matches, ascending and merged.
pub(super) fn marks_in(text: &str, needles: &[Needle]) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> =
        needles.iter().flat_map(|needle| needle.ranges(text)).collect();
    all.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(all.len());
    for range in all {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lay(text: &str, left: u64, columns: u16) -> Line {
        lay_out(Strip { text, column: 0, runs: &[], marks: &[] }, Frame { left, columns })
    }

    #[test]
    fn both_edges_tell_what_they_cut() {
        let line = lay("abcdef", 2, 3);
        assert_eq!((line.text().as_str(), line.cut_left, line.cut_right), ("cde", true, true));
        let line = lay("abcdef", 0, 6);
        assert_eq!((line.text().as_str(), line.cut_left, line.cut_right), ("abcdef", false, false));
        let line = lay("", 5, 6);
        assert_eq!((line.text().as_str(), line.cut_left, line.cut_right), ("", false, false));
        assert_eq!(lay("ab", 9, 4).text(), "");
    }

    #[test]
    fn wide_characters_and_tabs_are_cut_cleanly() {
        assert_eq!(lay("漢字x", 1, 3).text(), " 字");
        assert_eq!(lay("漢字x", 0, 3).text(), "漢");
        assert_eq!(lay("a\tb", 2, 9).text(), "  b");
        assert_eq!(lay("a\x1b[0m\u{202e}", 0, 80).text(), "a␛[0m<U+202E>");
        assert_eq!(lay("a\u{202e}", 3, 3).text(), "+20");
    }

    #[test]
    fn tints_and_marks_follow_their_characters() {
        let runs = [(1, Tint::Keyword), (5, Tint::String)];
        let marks = [0..2, 4..6];
        let line = lay_out(
            Strip { text: "a\t漢b", column: 0, runs: &runs, marks: &marks },
            Frame { left: 0, columns: 9 },
        );
        assert_eq!(
            line.spans,
            [
                Span { text: "a".into(), tint: Tint::Keyword },
                Span { text: "   漢".into(), tint: Tint::String },
                Span { text: "b".into(), tint: Tint::Plain },
            ]
        );
        assert_eq!(
            line.marks.iter().map(|mark| (mark.start, mark.end)).collect::<Vec<_>>(),
            [(0, 7)]
        );
    }

    #[test]
    fn overlapping_words_are_marked_once() {
        let needles: Vec<Needle> = ["auth", "thor"].into_iter().filter_map(Needle::new).collect();
        assert_eq!(marks_in("author auth", &needles), [0..6, 7..11]);
    }

    proptest! {
        #[test]
        fn what_is_shown_fits_and_is_clean(text in any::<String>(), left in 0u64..20, columns in 0u16..30) {
            let line = lay(&text, left, columns);
            let cells: usize = line.spans.iter()
                .flat_map(|span| span.text.graphemes(true)).map(text::width).sum();
            prop_assert!(cells <= usize::from(columns));
            prop_assert!(line.text().chars().all(|c| !text::is_control(c)));
        }
    }
}
