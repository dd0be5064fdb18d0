//! From a message to the statement that wrote it: the constant part of the message is matched
//! against the templates of string literals.

use std::collections::HashMap;

use super::names::letters_of;
use super::{Finder, Place, Snapshot};
use crate::engine::files::FileId;
use crate::engine::index::{TextMemory, TextQuery};
use crate::engine::literals::{self, GAP};
use crate::engine::search::Tier;
use crate::engine::standing::Standing;
use crate::engine::symptom::Message;

/// Words of a message that are looked for.
const MOST_WORDS: usize = 40;
/// Files that are read because of the rarest runs of words.
const MOST_BY_RUN: usize = 80;
/// A run that more files than this hold is too common to be followed.
const COMMON: usize = 60;
/// Files that are read because they hold the words somewhere.
const MOST_BY_WORDS: usize = 40;
/// Places that are told.
const MOST_PLACES: usize = 8;
/// Letters of a message that a template must explain at least.
const LEAST_LETTERS: usize = 8;

impl Finder {
    /// The statements that may have written a message, the likeliest first.
    pub(super) fn emitters(
        &self,
        snapshot: &Snapshot,
        message: &Message,
        cancelled: &dyn Fn() -> bool,
    ) -> Vec<Place> {
        let files = &snapshot.files;
        let words: Vec<&str> = message.text.split_whitespace().take(MOST_WORDS).collect();
        let solid: Vec<&str> = words.iter().copied().filter(|it| is_constant(it)).collect();
        if solid.is_empty() {
            return Vec::new();
        }
        let mut candidates = self.holding_runs(snapshot, &words);
        let query = TextQuery {
            words: solid.iter().map(|it| (*it).to_owned()).collect(),
            unfinished: false,
        };
        let found = snapshot.search_text(
            &query,
            &mut TextMemory::default(),
            MOST_BY_WORDS,
            &mut |hit| Some(hit.share * files.facts(hit.file).standing.factor()),
            cancelled,
        );
        for hit in found.map(|it| it.best).unwrap_or_default() {
            if !candidates.contains(&hit.file) {
                candidates.push(hit.file);
            }
        }
        let logger = message
            .logger
            .as_deref()
            .map(|it| letters_of(it.rsplit(['.', ':', '/']).next().unwrap_or(it)));
        let mut places: Vec<Place> = Vec::new();
        for file in candidates {
            if cancelled() {
                break;
            }
            let facts = files.facts(file);
            let Some(text) = self.read(files, file) else { continue };
            let ending = crate::base::path::extension_of(files.lower(file));
            let mut best: Option<(f32, u64)> = None;
            for template in literals::templates(&text, ending) {
                let Some(fit) = fit(&template.text, &message.text) else { continue };
                if best.is_none_or(|it| fit > it.0) {
                    best = Some((fit, template.line));
                }
            }
            let Some((fit, line)) = best else { continue };
            let standing = match facts.standing {
                Standing::Source => 1.0,
                Standing::Migration => 0.8,
                Standing::Data | Standing::Docs => 0.5,
                Standing::Generated => 0.4,
                Standing::Test | Standing::Example | Standing::Vendored => 0.35,
            };
            let name = letters_of(&String::from_utf8_lossy(crate::base::path::stem_of(
                crate::base::path::name_of(files.lower(file)),
            )));
            let own = logger.as_ref().is_some_and(|it| it.len() > 3 && *it == name);
            let score = fit * standing * if own { 1.3 } else { 1.0 };
            places.push(Place {
                file,
                line: Some(line),
                tier: Tier::Log,
                score,
                why: "writes this message".to_owned(),
            });
        }
        places.sort_by(|one, other| {
            other
                .score
                .total_cmp(&one.score)
                .then_with(|| files.path(one.file).cmp(files.path(other.file)))
        });
        places.truncate(MOST_PLACES);
        if let Some(logger) = &message.logger {
            self.by_logger(snapshot, logger, &mut places);
        }
        places
    }

    /// The files that hold the rarest runs of words of a message.
    fn holding_runs(&self, snapshot: &Snapshot, words: &[&str]) -> Vec<FileId> {
        let mut runs: Vec<String> = Vec::new();
        for size in [3, 2] {
            for run in words.windows(size) {
                if run.iter().all(|it| is_constant(it)) {
                    let run = run.join(" ");
                    runs.push(
                        run.trim_matches(|it: char| {
                            matches!(it, '"' | '\'' | '`' | '.' | ':' | ',' | '(' | ')')
                        })
                        .to_owned(),
                    );
                }
            }
        }
        // A long word alone is as good as two short ones.
        runs.extend(
            words
                .iter()
                .filter(|it| is_constant(it) && it.len() >= 9)
                .map(|it| it.trim_matches(|it: char| !it.is_alphanumeric()).to_owned()),
        );
        let mut lists: Vec<Vec<FileId>> = runs
            .iter()
            .filter(|it| it.len() >= 5)
            .filter_map(|it| snapshot.may_hold(it))
            .filter(|it| !it.is_empty() && it.len() <= COMMON)
            .collect();
        lists.sort_by_key(Vec::len);
        let mut held: HashMap<FileId, usize> = HashMap::new();
        for list in &lists {
            for &file in list {
                *held.entry(file).or_default() += 1;
            }
        }
        let mut found: Vec<(usize, FileId)> =
            held.into_iter().map(|(file, count)| (count, file)).collect();
        found.sort_by_key(|it| (std::cmp::Reverse(it.0), it.1));
        found.into_iter().take(MOST_BY_RUN).map(|it| it.1).collect()
    }

    /// The file of a logger stands behind the statements that fit, or alone when none does.
    fn by_logger(&self, snapshot: &Snapshot, logger: &str, places: &mut Vec<Place>) {
        let scope: Vec<String> = logger
            .split(['.', ':', '/', '$'])
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
            .collect();
        for it in self.by_name(snapshot, &scope, None, None).into_iter().take(2) {
            if !places.iter().any(|place| place.file == it.file) {
                let why = format!("is the logger {logger}");
                places.push(Place {
                    file: it.file,
                    line: it.line,
                    tier: Tier::Log,
                    score: 0.3 * it.confidence,
                    why,
                });
            }
        }
    }
}

/// Whether a word of a message is likely the program's own and no value.
fn is_constant(word: &str) -> bool {
    let inner = word.trim_matches(|it: char| !it.is_alphanumeric());
    let letters = inner.chars().filter(|it| it.is_alphabetic()).count();
    letters > 0
        && !inner.chars().any(|it| it.is_ascii_digit())
        && !inner.contains(['/', '@', '\\', '='])
        && !word.starts_with(['"', '\'', '<', '`'])
}

/// How well a template explains a message, from 0 to 1; nothing when its constant pieces do not
/// stand in the message in their order.
fn fit(template: &str, message: &str) -> Option<f32> {
    let mut at = 0;
    let mut letters = 0;
    let mut first = None;
    let mut words = 0;
    let mut gaps = 0;
    // Signs that agree settle between templates of the same words, and values that are not there.
    let mut signs = 0;
    let mut lacking = 0;
    for piece in template.split(GAP) {
        let piece = piece.trim();
        gaps += 1;
        if piece.is_empty() {
            continue;
        }
        // A value may have swallowed the punctuation; the words must stand.
        let rest = message.get(at..)?;
        let found = rest.find(piece).or_else(|| {
            let bare = piece.trim_matches(|it: char| !it.is_alphanumeric());
            (bare.len() > 2).then(|| rest.find(bare)).flatten()
        })?;
        lacking +=
            usize::from(gaps > 1 && rest.get(..found).is_some_and(|it| it.trim().is_empty()));
        signs += piece.chars().filter(|it| !it.is_alphanumeric() && !it.is_whitespace()).count();
        let solid = piece.chars().filter(|it| it.is_alphabetic()).count();
        if first.is_none() && solid > 0 {
            first = Some(at + found);
        }
        letters += solid;
        words += piece
            .split_whitespace()
            .filter(|it| it.chars().filter(|it| it.is_alphabetic()).count() > 1)
            .count();
        at += found + piece.len().min(rest.len() - found);
        at = message.ceil_char_boundary(at.min(message.len()));
    }
    let all = message
        .split_whitespace()
        .filter(|it| is_constant(it))
        .map(|it| it.chars().filter(|it| it.is_alphabetic()).count())
        .sum::<usize>()
        .max(1);
    let share = (letters as f32 / all as f32).min(1.0);
    // One short word in a long message is chance; so are single letters between many values.
    let weak = letters < LEAST_LETTERS.min(all)
        || (words < 2 && share < 0.5)
        || share < 0.2
        || (gaps > 4 && letters < gaps * 4);
    if weak {
        return None;
    }
    let size = (letters as f32 / 40.0).min(1.0);
    let early = if first.is_some_and(|it| it == 0) { 0.1 } else { 0.0 };
    let fine = 0.002 * signs.min(10) as f32 - 0.05 * lacking.min(4) as f32;
    Some(0.6 * share + 0.3 * size + early + fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(template: &str, message: &str) -> Option<f32> {
        fit(&template.replace('·', "\u{0}"), message)
    }

    #[test]
    fn the_constant_part_must_stand_in_order() {
        let message = "Fetched 1 quotes from YAHOO in 1.153 seconds";
        let best = of("Fetched · quotes from · in · seconds", message).unwrap();
        assert!(of("quotes from", message).is_none_or(|it| it < best));
        assert!(of("seconds · Fetched", message).is_none());
        assert!(of("in", message).is_none());
        assert!(of("Fetched · candles from · in · seconds", message).is_none());
        assert!(of("order · is gone", "order 17 is gone").is_some());
        let message = "Processing signals for organization acme";
        assert!(
            of("Processing · signals for organization ·", message)
                < of("Processing signals for organization ·", message)
        );
    }
}
