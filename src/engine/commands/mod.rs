//! Emergency commands: what a repository offers to run, found by reading alone.
//!
//! Nothing here starts a program or evaluates anything of the repository. `sources/` finds
//! commands, one source in one file; `risk/` judges what they do; `trust.rs` says what has to be
//! looked at by a person before it runs. Running is the runner's (`workers/runner/`), judging
//! what came out is `engine/checks/`.

mod consent;
mod discover;
mod kind;
mod outcome;
mod record;
pub mod risk;
pub mod shell;
mod sources;
mod stack;
mod target;
mod tree;
mod trust;
mod values;

use crate::base::{Diagnostic, RepoPath};
use crate::engine::checks::Judge;

pub use consent::{Case, Consent, Need};
pub use discover::{Ask, discover, in_tree};
pub use outcome::{Outcome, Status};
pub use record::RunRecord;
pub use stack::{Port, Service, Stack};
pub use target::{Reach, Surroundings, Target, looks_like_production, targets};
pub use tree::Tree;
pub use trust::{Decision, Fingerprint, Subject, Trust, hex, subject};
pub use values::{Filled, fill, name_values};

/// What a command is good for. The order is that of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Is it up?
    Health,
    /// What does it say?
    Logs,
    /// Databases: state, slow and blocked work.
    Database,
    /// Caches.
    Cache,
    /// Tests and lints.
    Tests,
    /// Processor, memory, disk.
    Resources,
    /// Brings something up, down or to a new version.
    Deploy,
    /// Everything else.
    Other,
}

impl Kind {
    /// All, in the order of the screen.
    pub const ALL: [Self; 8] = [
        Self::Health,
        Self::Logs,
        Self::Database,
        Self::Cache,
        Self::Tests,
        Self::Resources,
        Self::Deploy,
        Self::Other,
    ];

    /// Its name on the command line and in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Logs => "logs",
            Self::Database => "database",
            Self::Cache => "cache",
            Self::Tests => "tests",
            Self::Resources => "resources",
            Self::Deploy => "deploy",
            Self::Other => "other",
        }
    }

    /// The kind of this name.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.id() == id)
    }

    /// Its heading on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Health => "Health",
            Self::Logs => "Logs",
            Self::Database => "Database",
            Self::Cache => "Cache",
            Self::Tests => "Tests",
            Self::Resources => "Resources",
            Self::Deploy => "Deploy",
            Self::Other => "Other",
        }
    }
}

/// What a command may do, from the least. What is not known to be less changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Looks only.
    ReadOnly,
    /// Changes something that can be changed back.
    Changes,
    /// May lose data or take a service away.
    Destroys,
}

impl Risk {
    /// Its name on the command line and in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::Changes => "changes",
            Self::Destroys => "destroys",
        }
    }

    /// The risk of this name.
    pub fn of(id: &str) -> Option<Self> {
        [Self::ReadOnly, Self::Changes, Self::Destroys].into_iter().find(|it| it.id() == id)
    }
}

/// Where a command is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub path: RepoPath,
    /// Its line, from 1.
    pub line: u32,
}

/// How a parameter's value reaches the command. It is never pasted into a text that a shell reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// As an argument of its own, after those that are there.
    Argument,
    /// As an argument `NAME=VALUE`, as make and just take their variables.
    Assignment,
    /// In the environment under its name.
    Environment,
}

/// A value that a person may give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What is taken when none is given; without it one has to be given.
    pub default: Option<String>,
    /// How it is passed.
    pub passing: Passing,
    /// What its author says about it.
    pub says: Option<String>,
}

/// What is done when a command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// A program with its arguments; no shell looks at them.
    Program(Vec<String>),
    /// What its author wrote for a shell, run by `sh -c` as it stands.
    Shell(String),
    /// One HTTP GET, by navi itself.
    Http {
        /// The address, `http` only.
        url: String,
    },
    /// Whether a TCP port accepts a connection, by navi itself.
    Tcp {
        /// The host.
        host: String,
        /// The port.
        port: u16,
    },
}

impl Work {
    /// As an argument array, for JSON and for the screen.
    pub fn argv(&self) -> Vec<String> {
        match self {
            Self::Program(argv) => argv.clone(),
            Self::Shell(text) => vec!["sh".into(), "-c".into(), text.clone()],
            Self::Http { url } => vec!["GET".into(), url.clone()],
            Self::Tcp { host, port } => vec!["connect".into(), format!("{host}:{port}")],
        }
    }
}

/// An emergency command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Stable and unique in its repository, such as `compose.postgres.tables` or `make.test`.
    pub id: String,
    /// What it does, in a few words of its author where there are some.
    pub title: String,
    /// What it is good for.
    pub kind: Kind,
    /// What runs.
    pub work: Work,
    /// What is set in its environment beyond navi's own.
    pub env: Vec<(String, String)>,
    /// The folder it runs in, below the root; empty for the root.
    pub cwd: RepoPath,
    /// Where it is written.
    pub place: Place,
    /// What it may do.
    pub risk: Risk,
    /// Why that is its risk, as a phrase.
    pub risk_why: String,
    /// What would run in the end where that is not the work itself: a recipe with those it depends
    /// on, a script's text. Shown before it is trusted and part of what is trusted.
    pub body: String,
    /// Files of the repository whose content decides what it does: included files, scripts. Part of
    /// what is trusted.
    pub files: Vec<RepoPath>,
    /// What may be given.
    pub parameters: Vec<Parameter>,
    /// Whether it goes on until it is stopped.
    pub follows: bool,
    /// Whether it wants a terminal.
    pub interactive: bool,
    /// The Compose service it looks at.
    pub service: Option<String>,
    /// How its output becomes a verdict, for what belongs on the triage board.
    pub judge: Option<Judge>,
    /// Seconds after which it is stopped; `None` for the default of what runs it.
    pub deadline_s: Option<u32>,
}

/// What was found in a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// The commands, by kind and then best first.
    pub commands: Vec<Command>,
    /// The Compose stacks.
    pub stacks: Vec<Stack>,
    /// What could not be read, and what was left out.
    pub said: Vec<Diagnostic>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A command that only reads, for tests to change.
    pub fn command(id: &str, argv: &[&str]) -> Command {
        Command {
            id: id.into(),
            title: id.into(),
            kind: Kind::Other,
            work: Work::Program(argv.iter().map(|it| (*it).into()).collect()),
            env: Vec::new(),
            cwd: "".into(),
            place: Place { path: "Makefile".into(), line: 1 },
            risk: Risk::ReadOnly,
            risk_why: "only reads".into(),
            body: String::new(),
            files: Vec::new(),
            parameters: Vec::new(),
            follows: false,
            interactive: false,
            service: None,
            judge: None,
            deadline_s: None,
        }
    }
}
