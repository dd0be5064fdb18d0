//! The recent commits as their panel shows them. Every text is cleaned.

use crate::base::RepoPath;
use crate::engine::history::{Id, Kind, Side};

/// The newest commits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangeLog {
    /// Newest first.
    pub commits: Vec<Change>,
    /// How many there are, as far as is known.
    pub total: usize,
    /// Whether there is a history at all.
    pub git: bool,
}

/// One commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Its id.
    pub id: Id,
    /// Its id in forty digits.
    pub hex: String,
    /// The label of its repository, where there are several.
    pub repository: Option<String>,
    /// Seconds since it was committed.
    pub age_s: u64,
    /// When it was committed, in UTC: `2026-11-01 14:30`.
    pub when: String,
    /// Who wrote it.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
    /// The lines that follow.
    pub body: Vec<String>,
    /// Tags on it.
    pub tags: Vec<String>,
    /// Whether it brings several lines of history together.
    pub merge: bool,
    /// Whether its message speaks of a fix.
    pub fix: bool,
    /// Ids of the roles of its files.
    pub roles: Vec<String>,
    /// Its files, at most two hundred.
    pub files: Vec<ChangedFile>,
    /// How many files it changed.
    pub total: usize,
    /// Whether it is known what it changed.
    pub known: bool,
}

impl Change {
    /// The beginning of its id.
    pub fn short(&self) -> &str {
        self.hex.get(..9).unwrap_or(&self.hex)
    }
}

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFile {
    /// Where it is, or was.
    pub path: RepoPath,
    /// What was done to it.
    pub kind: Kind,
    /// Where it was before, if it was moved without being changed.
    pub from: Option<RepoPath>,
    /// Ids of its roles.
    pub roles: Vec<String>,
}

/// What a commit changed in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// The commit.
    pub commit: Id,
    /// The file.
    pub path: RepoPath,
    /// The lines, as git shows them.
    pub lines: Vec<PatchLine>,
    /// Why there are none, or not all.
    pub note: Option<String>,
}

/// A line of a [`Patch`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchLine {
    /// What it is; `None` for the line that says where a place begins.
    pub side: Option<Side>,
    /// Its number in the file after the commit, or of the place's first line.
    pub number: u32,
    /// Its text, tabs as spaces.
    pub text: String,
}
