//! Searching and filtering what was kept. Cheap on the lines that are seen, and quick enough on all.

use std::ops::Range;

use super::{Level, Line, Ring};

/// A text that is looked for: in any case, unless it has a capital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    text: String,
    exact: bool,
}

impl Needle {
    /// What to look for; `None` when there is nothing.
    pub fn new(text: &str) -> Option<Self> {
        let exact = text.chars().any(char::is_uppercase);
        let text = if exact { text.to_owned() } else { text.to_lowercase() };
        (!text.is_empty()).then_some(Self { text, exact })
    }

    /// Whether the text occurs.
    pub fn is_in(&self, text: &str) -> bool {
        if self.exact {
            return text.contains(&self.text);
        }
        if text.is_ascii() && self.text.is_ascii() {
            return first_ascii(text.as_bytes(), self.text.as_bytes()).is_some();
        }
        text.to_lowercase().contains(&self.text)
    }

    /// Where it occurs: byte ranges of `text`, in order, without overlap.
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        if self.exact {
            return text.match_indices(&self.text).map(|(at, it)| at..at + it.len()).collect();
        }
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(range) = text.get(from..).and_then(|it| self.first(it)) {
            found.push(from + range.start..from + range.end);
            from += range.end;
        }
        found
    }

    /// The first place in any case. Lower case may be longer or shorter than what it is of.
    fn first(&self, text: &str) -> Option<Range<usize>> {
        if text.is_ascii() && self.text.is_ascii() {
            let at = first_ascii(text.as_bytes(), self.text.as_bytes())?;
            return Some(at..at + self.text.len());
        }
        text.char_indices().find_map(|(start, _)| {
            let mut wanted = self.text.chars();
            for (at, character) in text.get(start..)?.char_indices() {
                for lower in character.to_lowercase() {
                    match wanted.next() {
                        None => return None,
                        Some(it) if it != lower => return None,
                        Some(_) => {}
                    }
                }
                if wanted.as_str().is_empty() {
                    return Some(start..start + at + character.len_utf8());
                }
            }
            None
        })
    }
}

/// The first place of a lower-case text in any case.
fn first_ascii(text: &[u8], lower: &[u8]) -> Option<usize> {
    let first = *lower.first()?;
    let last = text.len().checked_sub(lower.len())?;
    let starts = memchr::memchr2_iter(first, first.to_ascii_uppercase(), text.get(..=last)?);
    starts
        .into_iter()
        .find(|&at| text.get(at..at + lower.len()).is_some_and(|it| it.eq_ignore_ascii_case(lower)))
}

/// Whether a line passes a filter: it has the text, and is at least so loud.
pub fn line_like(line: &Line, needle: Option<&Needle>, least: Level) -> bool {
    line.level >= least && needle.is_none_or(|it| it.is_in(&line.text))
}

/// The next row from `from` on, itself not included, whose line has the text; forwards or
/// backwards, and round the end.
pub fn next_match(
    ring: &Ring,
    from: Option<usize>,
    forward: bool,
    needle: &Needle,
) -> Option<usize> {
    next(ring, from, forward, &|line| needle.is_in(&line.text))
}

/// The next row that is at least so loud, in the same way.
pub fn next_of_level(
    ring: &Ring,
    from: Option<usize>,
    forward: bool,
    least: Level,
) -> Option<usize> {
    next(ring, from, forward, &|line| line.level >= least)
}

fn next(
    ring: &Ring,
    from: Option<usize>,
    forward: bool,
    wanted: &dyn Fn(&Line) -> bool,
) -> Option<usize> {
    let rows = ring.rows();
    let step = |row: usize| if forward { (row + 1) % rows } else { (row + rows - 1) % rows };
    let mut row = match from {
        Some(row) if rows > 0 => step(row.min(rows - 1)),
        _ if forward => 0,
        _ => rows.checked_sub(1)?,
    };
    for _ in 0..rows {
        if ring.line(row).is_some_and(wanted) {
            return Some(row);
        }
        row = step(row);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::Stream;
    use super::*;
    use proptest::prelude::*;

    fn ring(texts: &[&str]) -> Ring {
        let mut ring = Ring::default();
        for text in texts {
            let level = super::super::level_of(text);
            let (stream, text) = (Stream::Out, (*text).to_owned());
            ring.push(Line { stream, text, looks: Vec::new(), level, cut: false });
        }
        ring
    }

    #[test]
    fn a_capital_makes_it_exact() {
        let any = Needle::new("err").unwrap();
        assert_eq!(any.ranges("Err and ERR, error"), [0..3, 8..11, 13..16]);
        let exact = Needle::new("Err").unwrap();
        assert_eq!(exact.ranges("Err and ERR, error"), vec![0..3]);
        assert_eq!(Needle::new("straße").unwrap().ranges("die STRAße, İx"), vec![4..11]);
        assert_eq!(Needle::new(""), None);
    }

    #[test]
    fn the_next_one_is_found_both_ways_and_round() {
        let ring = ring(&["a", "ERROR b", "c", "ERROR d"]);
        let next = |from, forward| next_of_level(&ring, from, forward, Level::Error);
        assert_eq!((next(None, true), next(None, false)), (Some(1), Some(3)));
        assert_eq!((next(Some(1), true), next(Some(3), true)), (Some(3), Some(1)));
        assert_eq!((next(Some(1), false), next(Some(9), false)), (Some(3), Some(1)));
        let needle = Needle::new("c").unwrap();
        assert_eq!(next_match(&ring, None, true, &needle), Some(2));
        assert_eq!(next_match(&Ring::default(), None, true, &needle), None);
        assert!(!line_like(ring.line(1).unwrap(), Needle::new("B").as_ref(), Level::Plain));
        assert!(line_like(ring.line(1).unwrap(), Needle::new("b").as_ref(), Level::Error));
    }

    proptest! {
        #[test]
        fn ranges_are_of_the_text_and_say_the_same(text in "[a-cA-CéÉßİ ]{0,30}", needle in "[a-cé]{1,3}") {
            let needle = Needle::new(&needle).unwrap();
            let ranges = needle.ranges(&text);
            prop_assert!(ranges.iter().all(|it| text.get(it.clone()).is_some()));
            prop_assert!(ranges.windows(2).all(|it| it[0].end <= it[1].start));
            prop_assert_eq!(needle.is_in(&text), !ranges.is_empty());
        }
    }
}
