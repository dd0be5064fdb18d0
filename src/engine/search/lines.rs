//! The line of a file that a query is about.

use std::ops::Range;

use memchr::memmem;

use super::literal::Literal;
use super::parse::Word;
use crate::engine::symbols::{self, Scanner};
use crate::engine::tokens;

/// A line worth looking at.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    /// 1-based.
    pub line: u64,
    /// 1-based, in characters.
    pub column: u64,
    /// The line's text, as it stands in the file, cut around the match.
    pub text: String,
    /// Higher is better.
    pub score: f32,
}

/// Longest piece of a line that is kept, in bytes.
const KEPT: usize = 300;

/// Looks for the lines of many files that a query's words are about.
pub struct LineFinder {
    needles: Vec<Needle>,
    /// The text at hand in lower case (ASCII).
    lower: Vec<u8>,
}

impl LineFinder {
    /// A finder for these words.
    pub fn new(words: &[Word]) -> Self {
        let needles =
            words.iter().enumerate().flat_map(|(place, word)| Needle::of(place, word)).collect();
        Self { needles, lower: Vec::new() }
    }

    /// The line that holds the most of the words, definitions first; the earliest of equals.
    pub fn best(&mut self, text: &[u8]) -> Option<Spot> {
        self.lower.clear();
        self.lower.extend_from_slice(text);
        self.lower.make_ascii_lowercase();
        let lower = self.lower.as_slice();
        for needle in &mut self.needles {
            needle.next = needle.finder.find(lower).unwrap_or(NOWHERE);
        }
        let mut best: Option<(f32, usize, usize)> = None;
        loop {
            let at = self.needles.iter().map(|needle| needle.next).min()?;
            if at == NOWHERE {
                break;
            }
            // Only lines that hold something are looked at, each once.
            let start = memchr::memrchr(b'\n', &lower[..at]).map_or(0, |it| it + 1);
            let end = memchr::memchr(b'\n', &lower[at..]).map_or(lower.len(), |it| at + it + 1);
            let shown = start..end.min(start + LONGEST_LINE);
            let most = best.map(|(most, _, _)| most);
            if let Some((score, first)) = self.judge(&text[shown.clone()], shown, most) {
                best = Some((score, start, first));
            }
            for needle in self.needles.iter_mut().filter(|needle| needle.next < end) {
                needle.next = needle.finder.find(&lower[end..]).map_or(NOWHERE, |it| end + it);
            }
        }
        best.map(|(score, start, first)| spot_at(text, start + first, score))
    }

    /// The score of a line and the first byte that counts for it, when it is better than `most`.
    fn judge(&self, shown: &[u8], place: Range<usize>, most: Option<f32>) -> Option<(f32, usize)> {
        let lower = &self.lower[place.clone()];
        let mut score = 0.0;
        let mut first = None;
        let mut seen = 0u32;
        for needle in &self.needles {
            let Some(at) = needle.next.checked_sub(place.start) else { continue };
            if !lower.get(at..).is_some_and(|it| it.starts_with(&needle.stem)) {
                continue;
            }
            let border = at == 0 || !tokens::is_word_byte(lower[at - 1]);
            let whole = border && lower.get(at..).is_some_and(|it| it.starts_with(&needle.whole));
            score += 1.0 + if border { 0.5 } else { 0.0 } + if whole { 0.5 } else { 0.0 };
            score += needle.stem.len().min(12) as f32 * 0.08;
            seen |= 1 << needle.word.min(31);
            first = Some(first.map_or(at, |it: usize| it.min(at)));
        }
        let first = first?;
        score *= 1.0 + 0.4 * (seen.count_ones() - 1) as f32;
        let beats = |score: f32| most.is_none_or(|most| score > most);
        if !beats(score * DEFINES) {
            return None;
        }
        if let Some(name) = symbols::definition(shown) {
            let name = name.to_ascii_lowercase();
            if self.needles.iter().any(|it| it.finder.find(&name).is_some()) {
                score *= DEFINES;
            }
        }
        let lead = shown.trim_ascii_start();
        if lead.starts_with(b"//") || lead.starts_with(b"#") || lead.starts_with(b"*") {
            score *= 0.7;
        }
        if lead.starts_with(b"import ") || lead.starts_with(b"from ") {
            score *= 0.5;
        }
        beats(score).then_some((score, first))
    }
}

/// The line on which a name is defined, in any case.
pub fn definition_line(path: &[u8], text: &[u8], name: &str) -> Option<Spot> {
    first_definition(path, text, name, <[u8]>::eq_ignore_ascii_case)
}

/// The first definition whose name holds `part`.
pub fn definition_like(path: &[u8], text: &[u8], part: &str) -> Option<Spot> {
    first_definition(path, text, part, |found, part| {
        memmem::find(&found.to_ascii_lowercase(), part).is_some()
    })
}

/// The first line that defines a name for which `fits` holds; such a name holds `part`.
fn first_definition(
    path: &[u8],
    text: &[u8],
    part: &str,
    fits: impl Fn(&[u8], &[u8]) -> bool,
) -> Option<Spot> {
    // Most files do not hold it at all.
    let word = Literal::any_case(&part.to_lowercase());
    word.find(text)?;
    let part = part.to_ascii_lowercase();
    let mut first: Option<u32> = None;
    Scanner::default().for_each(path, text, &mut |it| {
        if first.is_none_or(|line| it.line < line) && fits(it.name, part.as_bytes()) {
            first = Some(it.line);
        }
    });
    line_spot(text, u64::from(first?), &part)
}

/// What a definition of this name on this line is, when something else is around it: "method of X".
pub fn described(path: &[u8], text: &[u8], line: u64, name: &str) -> Option<String> {
    let mut found = None;
    Scanner::default().for_each(path, text, &mut |it| {
        let meant = u64::from(it.line) == line && it.name.eq_ignore_ascii_case(name.as_bytes());
        if meant && !it.container.is_empty() && found.is_none() {
            found = Some(it.describe());
        }
    });
    found
}

/// The line with this number, at `word` where it holds that.
pub fn line_spot(text: &[u8], number: u64, word: &str) -> Option<Spot> {
    let start = if number <= 1 {
        0
    } else {
        memchr::memchr_iter(b'\n', text).nth(number as usize - 2)? + 1
    };
    let rest = text.get(start..)?;
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let at = Literal::any_case(&word.to_lowercase()).find(&rest[..end]).unwrap_or(0);
    Some(spot_at(text, start + at, 1.0))
}

/// The line around byte `at`.
pub fn spot_at(text: &[u8], at: usize, score: f32) -> Spot {
    let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |it| it + 1);
    let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |it| at + it);
    let line = memchr::memchr_iter(b'\n', &text[..start]).count() as u64 + 1;
    let column = String::from_utf8_lossy(&text[start..at]).chars().count() as u64 + 1;
    // A match far into a long line is shown with a little before it.
    let from = if at - start > KEPT / 2 { at - KEPT / 4 } else { start };
    let kept = &text[from..end.min(from + KEPT)];
    let text = String::from_utf8_lossy(kept).trim().to_owned();
    Spot { line, column, text, score }
}

struct Needle {
    word: usize,
    whole: Vec<u8>,
    stem: Vec<u8>,
    finder: memmem::Finder<'static>,
    /// Where the stem occurs next in the text at hand.
    next: usize,
}

/// Stands for no further occurrence.
const NOWHERE: usize = usize::MAX;

/// How much of a line is looked at, in bytes.
const LONGEST_LINE: usize = 2000;

/// How much more a line counts that defines what is looked for.
const DEFINES: f32 = 1.5;

impl Needle {
    /// The identifiers of the query's word at `place`.
    fn of(place: usize, word: &Word) -> Vec<Self> {
        let mut out = Vec::new();
        tokens::for_each_word(word.lower.as_bytes(), |_, piece| {
            if piece.len() > 1 {
                let stem = tokens::stem(piece);
                let finder = memmem::Finder::new(stem).into_owned();
                let (stem, whole) = (stem.to_vec(), piece.to_vec());
                out.push(Self { word: place, whole, stem, finder, next: NOWHERE });
            }
        });
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"import login\n\n# login here\ndef login(form):\n    user = find(form)\n    if not verify(form.password):\n        raise HTTPException(401)\n";

    fn words(text: &str) -> Vec<Word> {
        text.split(' ').map(Word::new).collect()
    }

    #[test]
    fn definitions_and_many_words_win() {
        let best = |query| LineFinder::new(&words(query)).best(TEXT);
        assert_eq!(best("login").unwrap().line, 4);
        assert_eq!(best("password verify").unwrap().line, 6);
        let spot = best("401").unwrap();
        assert_eq!((spot.line, spot.column), (7, 29));
        assert_eq!(spot.text, "raise HTTPException(401)");
        assert_eq!(best("absent"), None);
    }

    #[test]
    fn names_are_found_where_they_are_defined() {
        assert_eq!(definition_line(b"a.py", TEXT, "Login").unwrap().line, 4);
        assert_eq!(definition_like(b"a.py", TEXT, "logi").unwrap().line, 4);
        assert_eq!(definition_line(b"a.py", TEXT, "find"), None);
    }
}
