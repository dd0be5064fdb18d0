//! What is searched for in a file, and the rule for letter case: a needle with a capital is taken
//! as it is, any other matches capitals too.
//!
//! Lower-casing keeps every byte where it is: a character is lowered only when its lower-case form
//! takes as many bytes. That leaves out a handful (`İ`, `ẞ`, the Kelvin sign) and makes matches
//! ranges of the original bytes, in files of any size.

use std::ops::Range;

use memchr::memmem;

/// A text to find.
#[derive(Debug)]
pub(super) struct Needle {
    finder: memmem::Finder<'static>,
    reverse: memmem::FinderRev<'static>,
    rule: Rule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Exact,
    LowerAscii,
    LowerAll,
}

impl Needle {
    /// The needle for `text`, of which only the first line counts; `None` when that is empty.
    pub(super) fn new(text: &str) -> Option<Self> {
        let line = text.lines().next().filter(|line| !line.is_empty())?;
        let rule = if line.chars().any(char::is_uppercase) {
            Rule::Exact
        } else if line.is_ascii() {
            Rule::LowerAscii
        } else {
            Rule::LowerAll
        };
        let mut bytes = line.as_bytes().to_vec();
        lower(&mut bytes, rule);
        Some(Self {
            finder: memmem::Finder::new(&bytes).into_owned(),
            reverse: memmem::FinderRev::new(&bytes).into_owned(),
            rule,
        })
    }

    /// Its length in bytes, which is that of every match.
    pub(super) fn len(&self) -> usize {
        self.finder.needle().len()
    }

    /// Makes bytes ready for [`Needle::starts`] and [`Needle::last`]; lengths stay.
    pub(super) fn prepare(&self, bytes: &mut [u8]) {
        lower(bytes, self.rule);
    }

    /// Where matches begin in prepared bytes, from the left, none within another.
    pub(super) fn starts<'a>(&'a self, prepared: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        self.finder.find_iter(prepared)
    }

    /// Where the last match begins in prepared bytes.
    pub(super) fn last(&self, prepared: &[u8]) -> Option<usize> {
        self.reverse.rfind(prepared)
    }

    /// The matches in a text.
    pub(super) fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let mut bytes = text.as_bytes().to_vec();
        self.prepare(&mut bytes);
        self.starts(&bytes).map(|start| start..start + self.len()).collect()
    }
}

fn lower(bytes: &mut [u8], rule: Rule) {
    match rule {
        Rule::Exact => {}
        Rule::LowerAscii => bytes.make_ascii_lowercase(),
        Rule::LowerAll => lower_all(bytes),
    }
}

fn lower_all(bytes: &mut [u8]) {
    let mut at = 0;
    while let Some(rest) = bytes.get_mut(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.iter().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        if plain > 0 {
            rest.get_mut(..plain).unwrap_or_default().make_ascii_lowercase();
            at += plain;
            continue;
        }
        let longest = rest.get(..rest.len().min(4)).unwrap_or_default();
        let first = longest.utf8_chunks().next();
        let Some(character) = first.and_then(|chunk| chunk.valid().chars().next()) else {
            at += 1;
            continue;
        };
        let size = character.len_utf8();
        let mut lowered = character.to_lowercase();
        if let (Some(one), None) = (lowered.next(), lowered.next())
            && one.len_utf8() == size
            && let Some(place) = rest.get_mut(..size)
        {
            one.encode_utf8(place);
        }
        at += size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(needle: &str, text: &str) -> Vec<(usize, usize)> {
        let ranges = Needle::new(needle).unwrap().ranges(text);
        ranges.into_iter().map(|range| (range.start, range.end)).collect()
    }

    #[test]
    fn case_counts_only_when_there_is_a_capital() {
        assert_eq!(ranges("err", "Err err ERR"), [(0, 3), (4, 7), (8, 11)]);
        assert_eq!(ranges("Err", "Err err ERR"), [(0, 3)]);
        assert_eq!(ranges("größe", "GRÖSSE Größe GRÖßE"), [(8, 15), (16, 23)]);
        assert_eq!(ranges("жук", "ЖУК жук"), [(0, 6), (7, 13)]);
    }

    #[test]
    fn letters_whose_lower_case_has_another_length_stay() {
        assert_eq!(ranges("k", "\u{212a}k"), [(3, 4)]);
        assert_eq!(ranges("é", "İÉ"), [(2, 4)]);
    }

    #[test]
    fn matches_do_not_overlap_and_lines_are_not_crossed() {
        assert_eq!(ranges("aa", "aaaa a"), [(0, 2), (2, 4)]);
        assert_eq!(ranges("one\ntwo", "one two"), [(0, 3)]);
        assert!(Needle::new("").is_none());
        assert!(Needle::new("\nx").is_none());
    }

    #[test]
    fn bytes_that_are_no_text_are_kept() {
        let mut bytes = b"\xc3\xffA\xc3\x89\xe2".to_vec();
        lower_all(&mut bytes);
        assert_eq!(bytes, b"\xc3\xffa\xc3\xa9\xe2");
    }
}
