//! From what an engineer has in hand to places in the repository: frames, then requests, then what
//! was logged, then names.

mod anchor;
mod container;
mod frames;
mod logs;
mod names;
mod routes;
mod suffix;

use super::{Finder, Snapshot, Tier};
use crate::engine::files::FileId;
use crate::engine::symptom::Symptom;

pub use frames::Located;

/// A place that evidence leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// 1-based.
    pub line: Option<u64>,
    /// What led there.
    pub tier: Tier,
    /// From 0 to 1, comparable within a tier.
    pub score: f32,
    /// Why.
    pub why: String,
}

/// What a symptom leads to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resolved {
    /// For each frame of the symptom, where it is.
    pub frames: Vec<Option<Located>>,
    /// Best first, each place once.
    pub places: Vec<Place>,
}

/// A statement that surely writes a message explains so much of it.
const SURE: f32 = 0.6;
/// Most requests and messages that are followed.
const MOST_FOLLOWED: usize = 6;

impl Finder {
    /// Finds the places that a symptom speaks of.
    pub fn resolve(
        &self,
        snapshot: &Snapshot,
        symptom: &Symptom,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Resolved {
        let mut places = Vec::new();
        let mut frames = Vec::new();
        if !symptom.frames.is_empty() {
            let hints = self.container_hints(snapshot, symptom);
            frames = self.locate(snapshot, symptom, &hints, cancelled);
            for (rank, (at, why)) in
                self.culprits(snapshot, symptom, &frames).into_iter().enumerate()
            {
                if let Some(Some(it)) = frames.get(at) {
                    let score = it.confidence / (1.0 + 0.1 * rank as f32);
                    add(
                        &mut places,
                        Place { file: it.file, line: it.line, tier: Tier::Frame, score, why },
                    );
                }
            }
        }
        for request in symptom.requests.iter().take(MOST_FOLLOWED) {
            if cancelled() {
                break;
            }
            for it in self.handlers(snapshot, request, cancelled) {
                add(&mut places, it);
            }
        }
        for message in symptom.messages.iter().take(MOST_FOLLOWED) {
            if cancelled() {
                break;
            }
            // Beside frames only what surely writes the message says more.
            let least = if places.iter().any(|it| it.tier == Tier::Frame) { SURE } else { 0.0 };
            for it in self.emitters(snapshot, message, cancelled) {
                if it.score >= least {
                    add(&mut places, it);
                }
            }
            for (scope, name) in &message.names {
                for it in self.by_name(snapshot, scope, Some(name), None).into_iter().take(2) {
                    if self.defining(snapshot, scope.last().map_or("", String::as_str)).is_empty() {
                        continue;
                    }
                    add(
                        &mut places,
                        Place {
                            file: it.file,
                            line: it.line,
                            tier: Tier::Symbol,
                            score: it.confidence,
                            why: it.why,
                        },
                    );
                }
            }
        }
        places.sort_by_key(|it| it.tier);
        Resolved { frames, places }
    }
}

/// Adds a place unless it is known.
fn add(places: &mut Vec<Place>, place: Place) {
    if !places.iter().any(|it| it.file == place.file && it.line == place.line) {
        places.push(place);
    }
}
