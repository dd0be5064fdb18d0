//! The ranking of files by their text: one function of named signals.
//!
//! `score = text × (1 + coverage·covered²) × standing × (1 + recent·R) × (1 + mended·√M) + alike·A × standing`
//!
//! The weights are those that `examples/fit_ranking.rs` finds on past fixes of public repositories;
//! see `docs/ranking.md`.

use super::Filter;
use crate::engine::files::{FileId, FileList};
use crate::engine::history::{Alike, Hint, Past};
use crate::engine::index::TextHit;

/// What is known of a file in the light of a query.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Signals {
    /// How well its text fits, from 0 to 1 for the best of all files.
    pub text: f32,
    /// The share of the words that it holds.
    pub covered: f32,
    /// What is left of its score for what kind of file it is.
    pub standing: f32,
    /// How lately it was changed, from 0 to 1.
    pub recent: f32,
    /// How often it was mended, by age and by how few files were touched.
    pub mended: f32,
    /// How much commits that touched it say what the query says, from 0 to about 1.
    pub alike: f32,
}

impl Signals {
    /// Each with its name.
    pub fn named(&self) -> [(&'static str, f32); 6] {
        [
            ("text", self.text),
            ("covered", self.covered),
            ("standing", self.standing),
            ("recent", self.recent),
            ("mended", self.mended),
            ("alike", self.alike),
        ]
    }
}

/// How much each signal counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// What covering all words adds, as a share.
    pub coverage: f32,
    /// What a change of today adds, as a share.
    pub recent: f32,
    /// What one fix of today adds, as a share.
    pub mended: f32,
    /// What a commit that says the same adds, against the best text.
    pub alike: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self { coverage: 1.0, recent: 0.3, mended: 0.5, alike: 1.5 }
    }
}

impl Weights {
    /// The score of a file.
    pub fn score(&self, it: &Signals) -> f32 {
        let text = it.text * (1.0 + self.coverage * it.covered * it.covered);
        let past = (1.0 + self.recent * it.recent) * (1.0 + self.mended * it.mended.sqrt());
        (text * past + self.alike * it.alike) * it.standing
    }
}

/// Judges files for one query.
pub(super) struct Judge<'a> {
    pub(super) files: &'a FileList,
    pub(super) filter: &'a Filter<'a>,
    pub(super) past: Option<&'a Past>,
    pub(super) alike: Alike,
    pub(super) words: usize,
    pub(super) weights: Weights,
}

impl Judge<'_> {
    /// What is known of a file.
    pub(super) fn signals(&self, hit: TextHit) -> Signals {
        let hint = self.hint(hit.file);
        Signals {
            text: hit.score,
            covered: hit.covered.count_ones() as f32 / self.words.clamp(1, 32) as f32,
            standing: self.files.facts(hit.file).standing.factor(),
            recent: self.past.map_or(0.0, |it| it.recent(hit.file)),
            mended: self.past.map_or(0.0, |it| it.mended(hit.file)),
            alike: hint.alike,
        }
    }

    /// Its score in the end, unless a filter leaves it out.
    pub(super) fn judge(&self, hit: TextHit) -> Option<f32> {
        self.filter.keeps(hit.file).then(|| self.weights.score(&self.signals(hit)))
    }

    /// What commits that are alike say of a file.
    pub(super) fn hint(&self, file: FileId) -> Hint {
        self.past.map(|it| it.hint(file, &self.alike)).unwrap_or_default()
    }
}
