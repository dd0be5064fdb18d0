//! How the answer of a card could have been found: the query with the fewest keys that shows it
//! among the first rows, by navi's own search.

use super::mask::MASK;
use super::{Card, Kind, is_empty_word};
use crate::base::path::{name_of, stem_of};
use crate::base::text;
use crate::engine::index::Snapshot;
use crate::engine::search::{Ask, Finder, Results};

/// Rows among which the answer has to stand.
const ROWS: usize = 5;
/// Queries that are tried.
const MOST_TRIED: usize = 60;
/// Words of the question that are combined.
const MOST_WORDS: usize = 9;

/// What a way begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The card's text is put in as it is.
    Paste,
    /// Words of the question, or the role it is about.
    Words,
    /// A part of the file's name, which one has to know.
    Name,
}

/// A way to the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What it begins with.
    pub how: How,
    /// What is typed; empty when the card's text is put in.
    pub query: String,
    /// The row in which the answer stands, from 1.
    pub row: usize,
    /// Keys in all: typing, moving down, enter.
    pub keys: usize,
}

/// The way with the fewest keys; a way by the question's words is told before one by a name.
pub fn fastest(
    finder: &Finder,
    snapshot: &Snapshot,
    card: &Card,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Option<Way> {
    let mut tried = 0;
    let mut row = |query: &str| -> Option<usize> {
        if tried >= MOST_TRIED || cancelled() {
            return None;
        }
        tried += 1;
        let ask = Ask { limit: ROWS, unfinished: true, count_all: false, now: 0 };
        let mut results = Results::default();
        finder.find(snapshot, query, ask, cancelled, &mut |found| results = found);
        let right = |path: &_| card.answers.iter().any(|it| it.path == *path);
        results.hits.iter().take(ROWS).position(|it| right(&it.path)).map(|it| it + 1)
    };
    if card.kind == Kind::Trace
        && let Some(row) = row(&crate::engine::symptom::on_one_line(&card.prompt))
    {
        return Some(Way { how: How::Paste, query: String::new(), row, keys: row + 1 });
    }
    let mut best: Option<Way> = None;
    let mut look = |how: How, queries: Vec<String>, best: &mut Option<Way>| {
        for query in queries {
            let length = text::width(&query);
            // A longer query that is right at once is no better.
            if best.as_ref().is_some_and(|it| it.keys <= length + 1) {
                continue;
            }
            let Some(row) = row(&query) else { continue };
            let keys = length + row;
            if best.as_ref().is_none_or(|it| keys < it.keys) {
                *best = Some(Way { how, query, row, keys });
            }
        }
    };
    look(How::Words, by_words(card), &mut best);
    if best.is_none() {
        look(How::Name, by_name(card), &mut best);
    }
    best
}

/// Queries of the question's words: each alone, each with the next, three in a row, all; the
/// shortest first.
fn by_words(card: &Card) -> Vec<String> {
    let bare = card.prompt.replace(MASK, " ");
    let mut words: Vec<String> = Vec::new();
    for word in bare.split(|it: char| !it.is_alphanumeric() && it != '_') {
        let word = word.to_lowercase();
        if word.chars().count() > 2 && !is_empty_word(&word) && !words.contains(&word) {
            words.push(word);
        }
    }
    words.truncate(MOST_WORDS);
    let mut queries: Vec<String> = words.clone();
    for length in [2, 3] {
        queries.extend(words.windows(length).map(|it| it.join(" ")));
    }
    queries.push(words.join(" "));
    if card.kind == Kind::Role && !card.role.is_empty() {
        queries.push(format!("@{}", card.role));
        let folder = card.folder();
        queries.extend(folder.split('/').map(|it| format!("@{} {it}", card.role)));
    }
    queries.sort_by_key(std::string::String::len);
    queries.dedup();
    queries
}

/// Beginnings of the answers' names.
fn by_name(card: &Card) -> Vec<String> {
    let mut queries = Vec::new();
    for answer in &card.answers {
        let stem = stem_of(name_of(answer.path.as_bytes()));
        let stem = String::from_utf8_lossy(stem).to_lowercase();
        let letters: Vec<char> = stem.chars().collect();
        queries.extend((3..=letters.len().min(16)).map(|end| letters[..end].iter().collect()));
        queries.push(answer.path.to_text().to_lowercase());
    }
    queries.sort_by_key(String::len);
    queries.dedup();
    queries
}
