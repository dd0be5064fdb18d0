//! Matching words against paths when a typo is forgiven: the last resort of a search by name.
//!
//! One edit is forgiven, two in words of eight letters and more, none in words with digits. What is
//! compared are the parts of the path and the whole file name, with the word or a beginning of them.

use memchr::memmem;

use super::Tier;
use super::names::NameHit;
use super::parse::Word;
use crate::base::path::stem_of;
use crate::base::suggest::edit_distance;
use crate::engine::files::{FileId, FileList, mask_of};

/// Words of at least this many letters may hold a typo.
const LEAST: usize = 4;

/// Words ready to be compared with many paths.
pub struct TypoMatcher {
    words: Vec<Wanted>,
    rows: [Vec<usize>; 3],
}

struct Wanted {
    text: String,
    finder: memmem::FinderRev<'static>,
    mask: u64,
    /// Edits that are forgiven.
    allowed: u32,
}

impl TypoMatcher {
    /// A matcher for these words.
    pub fn new(words: &[Word]) -> Self {
        let words = words
            .iter()
            .map(|word| {
                let text = word.lower.clone();
                let allowed = match text.len() {
                    len if len < LEAST || text.bytes().any(|it| it.is_ascii_digit()) => 0,
                    len if len < 8 => 1,
                    _ => 2,
                };
                let finder = memmem::FinderRev::new(text.as_bytes()).into_owned();
                Wanted { finder, mask: mask_of(text.as_bytes()), allowed, text }
            })
            .collect();
        Self { words, rows: Default::default() }
    }

    /// Whether the path fits when edits are forgiven; a path that fits without is no answer here.
    /// The score counts edits down.
    pub fn fit(&mut self, files: &FileList, file: FileId) -> Option<NameHit> {
        // One edit takes away one character at most.
        let held = files.masks()[file as usize];
        if self.words.iter().any(|word| (word.mask & !held).count_ones() > word.allowed) {
            return None;
        }
        let lower = files.lower(file);
        let name_start = files.name_start(file);
        let mut score = 0.0;
        let mut edits = 0;
        for word in &self.words {
            if let Some(at) = word.finder.rfind(lower) {
                score += if at >= name_start { 300.0 } else { 200.0 };
                continue;
            }
            if word.allowed == 0 {
                return None;
            }
            let (distance, points) = word.nearest(lower, name_start, &mut self.rows)?;
            edits += distance;
            score += 100.0 + points;
        }
        if edits == 0 {
            return None;
        }
        let standing = files.facts(file).standing.factor();
        let score = score / self.words.len() as f32 + 40.0 * standing - 0.1 * lower.len() as f32;
        Some(NameHit { file, tier: Tier::Typo, score })
    }
}

impl Wanted {
    /// The part of the path that the word comes nearest to: the edits, and points for the place.
    fn nearest(
        &self,
        lower: &[u8],
        name_start: usize,
        rows: &mut [Vec<usize>; 3],
    ) -> Option<(usize, f32)> {
        let want = self.text.as_bytes();
        let allowed = self.allowed as usize;
        let mut best: Option<(usize, f32)> = None;
        let mut take = |distance: usize, points: f32| {
            if best.is_none_or(|(_, it)| points > it) {
                best = Some((distance, points));
            }
        };
        let mut place = 0;
        for part in lower.split(|byte| !byte.is_ascii_alphanumeric() && byte.is_ascii()) {
            let start = place;
            place += part.len() + 1;
            if part.len() + allowed < want.len() {
                continue;
            }
            if let Some(distance) = near(&self.text, part, allowed, rows) {
                let in_name = if start >= name_start { 100.0 } else { 0.0 };
                let longer = part.len().abs_diff(want.len()) as f32;
                take(distance, in_name - 50.0 * distance as f32 - longer);
            }
        }
        let whole = lower.get(name_start..).unwrap_or_default();
        for name in [whole, stem_of(whole)] {
            if let Some(distance) = near(&self.text, name, allowed, rows) {
                take(distance, 150.0 - 50.0 * distance as f32);
            }
        }
        best
    }
}

/// The edit distance of `want` to `part` or to a beginning of it, when it is at most `most`.
fn near(want: &str, part: &[u8], most: usize, rows: &mut [Vec<usize>; 3]) -> Option<usize> {
    let [one, two, ..] = want.as_bytes() else { return None };
    let [first, second, ..] = part else { return None };
    // A typo in both of the first two letters is another word.
    if one != first && two != second && (one, two) != (second, first) {
        return None;
    }
    let lengths = want.len().saturating_sub(most)..=want.len() + most;
    // A longer part counts by its beginning only when the word is long enough to tell.
    let counts = |len: usize| len == part.len() || (len < part.len() && want.len() >= 6);
    let longest = lengths.clone().rev().find(|&len| counts(len))?;
    let start = part.get(..longest)?;
    if want.is_ascii() && start.is_ascii() {
        distances(want.as_bytes(), start, rows);
        let last = &rows[2];
        return lengths
            .filter(|&len| counts(len))
            .filter_map(|len| last.get(len).copied())
            .filter(|&distance| distance <= most)
            .min();
    }
    lengths
        .filter(|&len| counts(len))
        .filter_map(|len| std::str::from_utf8(part.get(..len)?).ok())
        .map(|start| edit_distance(want, start))
        .filter(|&distance| distance <= most)
        .min()
}

/// Leaves in the last of `rows` the distance of `want` to each beginning of `other`, as
/// [`edit_distance`] counts.
fn distances(want: &[u8], other: &[u8], rows: &mut [Vec<usize>; 3]) {
    let [before, current, last] = rows;
    last.clear();
    last.extend(0..=other.len());
    for (row, &left) in want.iter().enumerate() {
        current.clear();
        current.push(row + 1);
        let mut beside = row + 1;
        for (column, &right) in other.iter().enumerate() {
            let mut least = (last[column] + usize::from(left != right))
                .min(last[column + 1] + 1)
                .min(beside + 1);
            if row > 0 && column > 0 && left == other[column - 1] && want[row - 1] == right {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
            beside = least;
        }
        // The rows move up: `last` becomes the one before, `current` the last.
        std::mem::swap(before, last);
        std::mem::swap(last, current);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slowly(want: &str, part: &str, most: usize) -> Option<usize> {
        let (one, two) = (want.as_bytes(), part.as_bytes());
        if one[0] != two[0] && one[1] != two[1] && !(one[0] == two[1] && one[1] == two[0]) {
            return None;
        }
        (want.len().saturating_sub(most)..=want.len() + most)
            .filter(|&len| len <= part.len() && (len == part.len() || want.len() >= 6))
            .map(|len| edit_distance(want, part.get(..len).unwrap_or(part)))
            .filter(|&distance| distance <= most)
            .min()
    }

    proptest! {
        #[test]
        fn beginnings_are_compared_all_at_once(
            want in "[abc]{4,9}", part in "[abc]{2,12}", most in 1usize..3,
        ) {
            let mut rows = Default::default();
            prop_assert_eq!(near(&want, part.as_bytes(), most, &mut rows), slowly(&want, &part, most));
        }
    }
}
