//! Finding an exact text in bytes, in one case or in any.

use aho_corasick::{Span, packed};
use memchr::memmem;

use super::parse::Word;

/// A text ready to be looked for in many files.
pub struct Literal {
    how: How,
}

enum How {
    /// Exactly these bytes.
    Cased(Box<memmem::Finder<'static>>),
    /// These ASCII bytes in any case.
    AnyCase(AnyCase),
    /// This text in any case, with letters beyond ASCII.
    Folded(String),
}

impl Literal {
    /// The text of `word`, in any case unless capitals were typed.
    pub fn new(word: &Word) -> Self {
        if word.cased {
            let finder = memmem::Finder::new(word.text.as_bytes()).into_owned();
            return Self { how: How::Cased(Box::new(finder)) };
        }
        Self::any_case(&word.lower)
    }

    /// A text in lower case, to be found in any case.
    pub fn any_case(lower: &str) -> Self {
        if !lower.is_ascii() {
            return Self { how: How::Folded(lower.to_owned()) };
        }
        Self { how: How::AnyCase(AnyCase::new(lower.as_bytes())) }
    }

    /// How many bytes the text has wherever it stands; `None` when that depends on the letters.
    pub fn len(&self) -> Option<usize> {
        match &self.how {
            How::Cased(finder) => Some(finder.needle().len()),
            How::AnyCase(it) => Some(it.lower.len()),
            How::Folded(_) => None,
        }
    }

    /// Byte offset of the first place in `text`.
    pub fn find(&self, text: &[u8]) -> Option<usize> {
        match &self.how {
            How::Cased(finder) => finder.find(text),
            How::AnyCase(it) => it.find(text),
            How::Folded(lower) => find_folded(text, lower),
        }
    }
}

/// How often a byte occurs in source code, roughly: the letters of English by their frequency, then
/// what separates words, then the rest.
fn commonness(byte: u8) -> usize {
    const COMMON: &[u8] =
        b"zqjxkwv~`^@$%!?|&+[]{}<>98765#43\\'\";:*ybhgfmpu210=dlc/,).(_-nsroiate\n\t ";
    COMMON.iter().position(|&it| it == byte).map_or(0, |place| place + 1)
}

/// Bytes of a text that are looked for in all their cases at once.
const RUN: usize = 3;

/// ASCII bytes to be found in any case.
struct AnyCase {
    lower: Vec<u8>,
    /// The place of the byte that occurs least.
    rare: usize,
    /// The run of bytes that occurs least, in all its cases, and its place; none where the text is
    /// shorter or the processor knows no such search.
    run: Option<(usize, packed::Searcher)>,
}

impl AnyCase {
    fn new(lower: &[u8]) -> Self {
        let rare = lower.iter().enumerate().min_by_key(|it| commonness(*it.1)).map_or(0, |it| it.0);
        let common = |run: &[u8]| run.iter().map(|it| commonness(*it)).sum::<usize>();
        let run = lower.windows(RUN).enumerate().min_by_key(|it| common(it.1));
        let run = run.and_then(|(at, run)| Some((at, packed::Searcher::new(cases(run))?)));
        Self { lower: lower.to_vec(), rare, run }
    }

    fn find(&self, text: &[u8]) -> Option<usize> {
        if let Some((place, run)) = &self.run {
            let mut from = 0;
            while let Some(found) = run.find_in(text, Span { start: from, end: text.len() }) {
                if let Some(start) = self.begins(text, found.start(), *place) {
                    return Some(start);
                }
                // Runs may overlap.
                from = found.start() + 1;
            }
            return None;
        }
        let byte = *self.lower.get(self.rare)?;
        let upper = byte.to_ascii_uppercase();
        let begins = |at: usize| self.begins(text, at, self.rare);
        if upper == byte {
            memchr::memchr_iter(byte, text).find_map(begins)
        } else {
            memchr::memchr2_iter(byte, upper, text).find_map(begins)
        }
    }

    /// Where the text begins whose byte number `place` stands at `at`, if it stands there.
    fn begins(&self, text: &[u8], at: usize, place: usize) -> Option<usize> {
        let start = at.checked_sub(place)?;
        let have = text.get(start..start + self.lower.len())?;
        have.eq_ignore_ascii_case(&self.lower).then_some(start)
    }
}

/// All ways to write these bytes in small letters and capitals.
fn cases(lower: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    for &byte in lower {
        let upper = byte.to_ascii_uppercase();
        let letters = if upper == byte { &[byte][..] } else { &[byte, upper][..] };
        let with = |it: &Vec<u8>| {
            letters.iter().map(|&letter| [it.as_slice(), &[letter]].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}

/// Looks line by line. The offset is that of the line's character with the same number, which is
/// exact unless a letter changes its length in lower case.
fn find_folded(text: &[u8], lower: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let shown = String::from_utf8_lossy(line);
        let folded = shown.to_lowercase();
        if let Some(at) = folded.find(lower) {
            let number = folded.get(..at).unwrap_or_default().chars().count();
            let offset = shown.char_indices().nth(number).map_or(0, |(offset, _)| offset);
            return Some(start + offset.min(line.len().saturating_sub(1)));
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn capitals_count_once_typed() {
        let text = "x\nune ÉCOLE HttpExceptIon(\n".as_bytes();
        assert_eq!(Literal::new(&Word::new("httpexception(")).find(text), Some(13));
        assert_eq!(Literal::new(&Word::new("HttpException")).find(text), None);
        assert_eq!(Literal::new(&Word::new("HttpExceptIon")).find(text), Some(13));
        assert_eq!(Literal::new(&Word::new("école")).find(text), Some(6));
    }

    proptest! {
        #[test]
        fn any_case_is_what_lower_case_holds(text in "[aAbB_ ]{0,90}", part in "[ab_ ]{1,5}") {
            let found = Literal::any_case(&part).find(text.as_bytes());
            prop_assert_eq!(found, text.to_ascii_lowercase().find(&part));
        }
    }
}
