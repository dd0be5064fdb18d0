//! Colours a few lines that are no file of their own: a block of code within a document.

use std::time::{Duration, Instant};

use super::language::by_word;
use super::parser::State;
use super::tint::Tints;
use super::window::{Span, Tint};

/// What is coloured of one block, in lines and in bytes of a line; the rest is plain.
const MOST_LINES: usize = 400;
const LONGEST_LINE: usize = 2000;

/// The lines in the colours of a language that is named as documents name it (`sh`, `python`,
/// `yaml`). The lines have to be clean. Where `until` has passed, they are plain.
pub fn snippet(language: &str, lines: &[String], until: Instant) -> Vec<Vec<Span>> {
    let plain = |line: &String| {
        let whole = Span { text: line.clone(), tint: Tint::Plain };
        if line.is_empty() { Vec::new() } else { vec![whole] }
    };
    let Some(syntax) = by_word(language) else { return lines.iter().map(plain).collect() };
    let mut tints = Tints::new();
    let mut state = Some(State::fresh(syntax, true));
    let mut out = Vec::with_capacity(lines.len());
    for (number, line) in lines.iter().enumerate() {
        let fits = number < MOST_LINES && line.len() < LONGEST_LINE && Instant::now() < until;
        let runs = match state.as_mut().filter(|_| fits) {
            Some(parser) => parser.line(&format!("{line}\n"), Some(&mut tints)),
            None => None,
        };
        let Some(runs) = runs else {
            // What follows a line that was left out cannot be told.
            state = None;
            out.push(plain(line));
            continue;
        };
        let mut spans = Vec::new();
        let mut from = 0;
        for &(end, tint) in &runs {
            let text = line.get(from..(end as usize).min(line.len())).unwrap_or_default();
            if !text.is_empty() {
                spans.push(Span { text: text.to_owned(), tint });
            }
            from = end as usize;
        }
        out.push(spans);
    }
    out
}

/// Time that colouring the blocks of one document may take.
pub const SNIPPETS: Duration = Duration::from_millis(300);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_has_colours_and_nothing_is_lost() {
        let lines = ["for i in 1 2; do # go", "", "  echo \"$i\""].map(str::to_owned);
        let until = Instant::now() + Duration::from_secs(60);
        let out = snippet("bash", &lines, until);
        let text = |it: &Vec<Span>| it.iter().map(|it| it.text.as_str()).collect::<String>();
        assert_eq!(out.iter().map(text).collect::<Vec<_>>(), lines);
        assert!(out[0].iter().any(|it| it.tint == Tint::Keyword && it.text.contains("for")));
        assert!(out[0].iter().any(|it| it.tint == Tint::Comment));
        assert!(snippet("no such language", &lines, until)[0].len() == 1);
        assert!(snippet("bash", &lines, Instant::now())[0].len() == 1, "its time is over");
    }
}
