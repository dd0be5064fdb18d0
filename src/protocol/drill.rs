//! What the Drill panel and its worker say to each other.

use std::path::PathBuf;

use crate::base::Diagnostic;
use crate::engine::drills::{Card, Mode, Record, Way};

/// What is asked of the worker. The latest wins.
#[derive(Debug, Clone)]
pub enum DrillAsk {
    /// The deck, and what was played.
    Deck {
        /// How it is played.
        mode: Mode,
        /// Decides which cards there are and their order.
        seed: u64,
    },
    /// A private place with the fault of a fix card.
    Prepare(Box<Card>),
    /// Whether what lies in that place was mended.
    Look,
    /// How the answer of a card could have been found; the private place, if any, is given up.
    Way(Box<Card>),
}

/// What the worker tells.
#[derive(Debug, Clone)]
pub enum DrillNews {
    /// The deck.
    Deck(DrillDeck),
    /// The private place stands at this folder, in place of the repository's root.
    Prepared(PathBuf),
    /// It cannot be made, because of this.
    Unprepared(String),
    /// Whether it was mended.
    Mended(bool),
    /// The fastest known way; `None` when none was found.
    Way(Option<Way>),
}

/// The deck, and what was played.
#[derive(Debug, Clone, Default)]
pub struct DrillDeck {
    /// The cards, in the order of the seed.
    pub cards: Vec<Card>,
    /// What was played in this repository.
    pub record: Record,
    /// Seconds since 1970 when this was told.
    pub now: u64,
    /// What was wrong.
    pub said: Vec<Diagnostic>,
}
