//! Commands and their runs as the panels show them. Every text is cleaned, except what a command
//! consists of, which the view cleans as it shows it.

use std::sync::Arc;

use super::LastChange;
use crate::engine::checks;
use crate::engine::commands::{Command, Outcome, Target, Trust};
use crate::engine::output::Line;

/// Counts the runs of one navi.
pub type RunId = u64;

/// All commands of the repository.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offers {
    /// By kind, and then best first.
    pub offers: Vec<Offer>,
    /// Whether only what reads may run.
    pub read_only: bool,
}

/// One command.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// It.
    pub command: Command,
    /// How much it is trusted.
    pub trust: Trust,
    /// What would run, to read: lines.
    pub text: Vec<String>,
    /// Why it cannot be trusted beyond one run.
    pub fault: Option<String>,
    /// Where it would land.
    pub targets: Vec<Target>,
    /// The last commit that touched its file, once the history is known.
    pub changed: Option<LastChange>,
}

/// What a person decides about a command beyond this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// As it was seen, it may run from now on.
    Allow,
    /// It never runs, whatever becomes of it.
    Deny,
    /// Neither any longer.
    Revoke,
}

/// Output holds back what follows it until this is dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken(pub Arc<()>);

/// What is told of the checks.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckNews {
    /// So many are asked.
    Asked(usize),
    /// One has answered.
    Found(Box<checks::Row>),
    /// All have.
    Finished(checks::Board),
}

/// What is told of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum RunNews {
    /// It has started.
    Started {
        /// What runs.
        argv: Vec<String>,
        /// What navi changed in it, and why.
        note: Option<String>,
        /// What the clock on the wall showed.
        clock: String,
    },
    /// It has said something.
    Lines {
        /// The lines.
        lines: Vec<Line>,
        /// The lines that have not ended yet, at most one of each stream. They hold until the next
        /// news and are given again as they grow.
        open: Vec<Line>,
        /// Bytes after them that were left out because they came too fast.
        dropped_bytes: u64,
        /// Tells, when it is dropped, that these lines have been taken.
        taken: Taken,
    },
    /// It has ended.
    Finished(Outcome),
}
