//! The line of a file that a query is about.

use memchr::memmem;

use super::literal::Literal;
use super::parse::Word;
use crate::engine::{symbols, tokens};

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

/// The line that holds the most of the words, definitions first; the earliest of equals.
pub fn best_line(text: &[u8], words: &[Word]) -> Option<Spot> {
    let needles: Vec<Needle> =
        words.iter().enumerate().flat_map(|(place, word)| Needle::of(place, word)).collect();
    if needles.is_empty() {
        return None;
    }
    let mut best: Option<(f32, usize, usize)> = None;
    let mut start = 0;
    let mut lower = Vec::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let shown = line.get(..line.len().min(2000)).unwrap_or_default();
        lower.clear();
        lower.extend(shown.iter().map(u8::to_ascii_lowercase));
        let mut score = 0.0;
        let mut first = None;
        let mut seen = 0u32;
        for needle in &needles {
            let Some(at) = memmem::find(&lower, &needle.stem) else { continue };
            let border = at == 0 || !tokens::is_word_byte(lower[at - 1]);
            let whole = border && lower.get(at..).is_some_and(|it| it.starts_with(&needle.whole));
            score += 1.0 + if border { 0.5 } else { 0.0 } + if whole { 0.5 } else { 0.0 };
            score += needle.stem.len().min(12) as f32 * 0.08;
            seen |= 1 << needle.word.min(31);
            first = Some(first.map_or(at, |it: usize| it.min(at)));
        }
        if let Some(first) = first {
            score *= 1.0 + 0.4 * (seen.count_ones() - 1) as f32;
            if let Some(name) = symbols::definition(shown) {
                let name = name.to_ascii_lowercase();
                if needles.iter().any(|it| memmem::find(&name, &it.stem).is_some()) {
                    score *= 1.5;
                }
            }
            let lead = shown.trim_ascii_start();
            if lead.starts_with(b"//") || lead.starts_with(b"#") || lead.starts_with(b"*") {
                score *= 0.7;
            }
            if lead.starts_with(b"import ") || lead.starts_with(b"from ") {
                score *= 0.5;
            }
            if best.is_none_or(|(most, _, _)| score > most) {
                best = Some((score, start, first));
            }
        }
        start += line.len();
    }
    best.map(|(score, start, first)| spot_at(text, start + first, score))
}

/// The line on which a name is defined.
pub fn definition_line(text: &[u8], name: &str) -> Option<Spot> {
    let mut line = None;
    symbols::for_each_definition(text, |found, number| {
        if line.is_none() && found.eq_ignore_ascii_case(name.as_bytes()) {
            line = Some(number);
        }
    });
    line_spot(text, u64::from(line?), name)
}

/// The first definition whose name holds `part`.
pub fn definition_like(text: &[u8], part: &str) -> Option<Spot> {
    let part = part.to_ascii_lowercase();
    let mut line = None;
    symbols::for_each_definition(text, |found, number| {
        let holds = memmem::find(&found.to_ascii_lowercase(), part.as_bytes()).is_some();
        if line.is_none() && holds {
            line = Some(number);
        }
    });
    line_spot(text, u64::from(line?), &part)
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
}

impl Needle {
    /// The identifiers of the query's word at `place`.
    fn of(place: usize, word: &Word) -> Vec<Self> {
        let mut out = Vec::new();
        tokens::for_each_word(word.lower.as_bytes(), |_, piece| {
            if piece.len() > 1 {
                let whole = piece.to_vec();
                out.push(Self { word: place, stem: tokens::stem(piece).to_vec(), whole });
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
        assert_eq!(best_line(TEXT, &words("login")).unwrap().line, 4);
        assert_eq!(best_line(TEXT, &words("password verify")).unwrap().line, 6);
        let spot = best_line(TEXT, &words("401")).unwrap();
        assert_eq!((spot.line, spot.column), (7, 29));
        assert_eq!(spot.text, "raise HTTPException(401)");
        assert_eq!(best_line(TEXT, &words("absent")), None);
    }

    #[test]
    fn names_are_found_where_they_are_defined() {
        assert_eq!(definition_line(TEXT, "Login").unwrap().line, 4);
        assert_eq!(definition_like(TEXT, "logi").unwrap().line, 4);
        assert_eq!(definition_line(TEXT, "find"), None);
    }
}
