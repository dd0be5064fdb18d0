//! Drills: timed questions about this repository, so that the next real one goes faster.
//!
//! A [`Deck`] is built from what is known already (the catalogue, the history, the source) and from
//! what people wrote; the same repository and seed give the same deck, and nothing is fetched or
//! run. `session.rs` plays one card as a state machine without a clock, `score.rs` says what the
//! rounds tell, `fastest.rs` how the answer could have been found. `own.rs` reads cards that people
//! wrote; `message.rs` and `mask.rs` make questions of commit messages.

mod deck;
mod dice;
mod fastest;
mod fix;
mod mask;
mod message;
mod own;
mod roles;
mod score;
mod selfcheck;
mod session;
mod stacks;
mod symptoms;
mod traces;
mod words;

use crate::base::RepoPath;
use crate::engine::history::Id;

pub use deck::{Deck, Given, Player, build};
pub use dice::Dice;
pub use fastest::{How, Way, fastest};
pub use fix::{Workspace, is_mended, sweep_state};
pub use own::{BURIED, FOLDER, Own, buried_in};
pub use score::{Coverage, Drawer, Outcome, Played, Record, Results, RoleResult};
pub use selfcheck::{Check, check};
pub use session::{Deed, End, Judged, Mode, Round};
pub use symptoms::is_empty_word;

/// What a card asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The file of a role.
    Role,
    /// The file that a past fix changed, by what its message says.
    Symptom,
    /// The innermost place of a stack trace.
    Trace,
    /// The place of a past fault, and the edit that mends it.
    Fix,
    /// What somebody wrote down.
    Own,
}

impl Kind {
    /// All, in the order of the screen.
    pub const ALL: [Self; 5] = [Self::Role, Self::Symptom, Self::Trace, Self::Fix, Self::Own];

    /// Its name on the command line and in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Symptom => "symptom",
            Self::Trace => "trace",
            Self::Fix => "fix",
            Self::Own => "own",
        }
    }

    /// The kind of this name.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.id() == id)
    }

    /// Its name on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Role => "Roles",
            Self::Symptom => "Symptoms",
            Self::Trace => "Stack traces",
            Self::Fix => "Fixes",
            Self::Own => "Own cards",
        }
    }

    /// Seconds that a card of this kind gives.
    pub fn seconds(self) -> u32 {
        match self {
            Self::Fix => 120,
            Self::Role | Self::Symptom | Self::Trace | Self::Own => 30,
        }
    }
}

/// A place that is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The file.
    pub path: RepoPath,
    /// The 1-based line, where one is meant.
    pub line: Option<u32>,
}

/// What a fix card needs beside its question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The commit that mended it.
    pub commit: Id,
    /// The file, under the name that it had then.
    pub then: RepoPath,
    /// First line and number of the lines, before it was mended, that the fix took out; of lines
    /// that were only put in, the line after which and 0.
    pub hunks: Vec<(u32, u32)>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Stable in its repository; tells nothing of the answer.
    pub id: String,
    /// What is asked for.
    pub kind: Kind,
    /// The question. Cleaned; of several lines where it is a stack trace.
    pub prompt: String,
    /// Seconds that are given.
    pub seconds: u32,
    /// What is right; any of them.
    pub answers: Vec<Answer>,
    /// The id of the first answer's role; empty when it has none.
    pub role: String,
    /// Of a fix card.
    pub fault: Option<Fault>,
}

impl Card {
    /// The folder of the first answer; empty for the root.
    pub fn folder(&self) -> String {
        let path = self.answers.first().map(|it| it.path.display()).unwrap_or_default();
        path.rsplit_once('/').map_or_else(String::new, |(folder, _)| folder.to_owned())
    }
}

/// The id of a card: its kind and a hash of what it is made of, which is the same on every machine.
fn card_id(kind: Kind, of: &[&[u8]]) -> String {
    // FNV-1a; it only has to keep a few thousand cards apart.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in of.iter().flat_map(|it| it.iter().chain(&[0])) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{}-{:010x}", kind.id(), hash >> 24)
}
