//! The critical paths as their panel shows them. Every text is cleaned.

use crate::base::RepoPath;

/// All roles, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Board {
    /// One for each role.
    pub shelves: Vec<BoardShelf>,
}

/// One role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardShelf {
    /// The name in queries.
    pub id: String,
    /// The name on screen.
    pub title: String,
    /// What a file of this role does.
    pub why: String,
    /// How many files could have been named.
    pub total: usize,
    /// The canonical files, best first; none is a gap.
    pub files: Vec<BoardFile>,
}

/// One canonical file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardFile {
    /// The file.
    pub path: RepoPath,
    /// 1-based line at which the role shows.
    pub line: u64,
    /// Why it is here, most telling first.
    pub why: Vec<String>,
    /// What the repository says about it.
    pub note: Option<String>,
    /// Who is asked about it.
    pub owners: Vec<String>,
    /// Its last change, once the history is known.
    pub changed: Option<LastChange>,
}

/// The last commit that touched a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastChange {
    /// Seconds ago.
    pub age_s: u64,
    /// Its author.
    pub who: String,
}
