//! What the workers and the screen's state machine say to each other: plain data.
//!
//! A request carries a generation; its answers carry the same, so that answers to a question that
//! has changed since are dropped.

mod board;
mod changes;
mod commands;
mod drill;
mod incident;
mod runbooks;

use crate::base::{Diagnostic, RepoPath};
use crate::engine::audit::Audit;
use crate::engine::commands::{Command, Consent};
use crate::engine::history::Id;
use crate::engine::index::Counts;
use crate::engine::preview::{FindAsk, Found, Window, WindowAsk};
use crate::engine::runbook::Around;
use crate::engine::search::{Results, Sight};

pub use board::{Board, BoardFile, BoardShelf, LastChange};
pub use changes::{Change, ChangeLog, ChangedFile, Patch, PatchLine};
pub use commands::{CheckNews, Grant, Offer, Offers, RunId, RunNews, Taken};
pub use drill::{DrillAsk, DrillDeck, DrillNews};
pub use incident::{RecordAsk, RecordEntry, RecordLog, RecordNews, RunningIncident};
pub use runbooks::{Book, Library, Opened};

/// Counts the questions of one kind.
pub type Generation = u64;

/// What the state machine asks of the workers. For each kind the latest wins.
#[derive(Debug, Clone)]
pub enum Request {
    /// Search for a query.
    Search {
        /// Comes back with the answers.
        generation: Generation,
        /// What was typed.
        query: String,
        /// Most hits.
        limit: usize,
        /// Hits that are wanted first: those on the screen, with some to scroll to.
        rows: usize,
        /// What may be looked at.
        sight: Sight,
    },
    /// Something for the Drill panel.
    Drill {
        /// Comes back with the answer.
        generation: Generation,
        /// What.
        ask: DrillAsk,
    },
    /// List the critical paths.
    Critical {
        /// Comes back with the answer.
        generation: Generation,
    },
    /// Judge the structure of the repository.
    Audit {
        /// Comes back with the answer.
        generation: Generation,
    },
    /// List the recent commits.
    Changes {
        /// Comes back with the answer.
        generation: Generation,
    },
    /// Show what a commit changed in a file.
    Patch {
        /// Comes back with the answer.
        generation: Generation,
        /// The commit.
        commit: Id,
        /// The file, where it is after the commit or was before it.
        path: RepoPath,
    },
    /// List the commands.
    Commands {
        /// Comes back with the answer.
        generation: Generation,
    },
    /// Run every trusted check that only reads.
    Checks {
        /// Comes back with the answers.
        generation: Generation,
    },
    /// Run a command. Several may run at once.
    Run {
        /// Comes back with all that is told of it.
        run: RunId,
        /// The command as it was shown.
        command: Box<Command>,
        /// Its values, each with the parameter's name.
        values: Vec<(String, String)>,
        /// What a person has said.
        consent: Consent,
    },
    /// Stop a run.
    StopRun {
        /// It.
        run: RunId,
    },
    /// Keep what a person has decided about commands.
    Trust {
        /// Each command with the text that was seen.
        seen: Vec<(Command, Vec<String>)>,
        /// The decision.
        grant: Grant,
    },
    /// Show a part of a file.
    Preview {
        /// Comes back with the answers.
        generation: Generation,
        /// What to show.
        ask: WindowAsk,
    },
    /// Search inside a file.
    FindInFile {
        /// Comes back with the answer.
        generation: Generation,
        /// What to look for.
        ask: FindAsk,
    },
    /// A file was opened for a query: it counts from now on.
    Opened {
        /// What was typed.
        query: String,
        /// The file.
        path: RepoPath,
    },
    /// Something for the recorder. None gets lost: they are taken one after the other.
    Record(RecordAsk),
    /// List the runbooks.
    Runbooks {
        /// Comes back with the answer.
        generation: Generation,
        /// What is looked at, to find those that are near.
        around: Around,
    },
    /// Lay a runbook out in so many columns.
    Runbook {
        /// Comes back with the answer.
        generation: Generation,
        /// Which.
        path: RepoPath,
        /// Columns.
        width: u16,
    },
    /// Look at every file again.
    Rescan,
}

/// What the workers tell.
#[derive(Debug, Clone)]
pub enum Report {
    /// Where the index stands. Told at each change.
    Index(IndexStatus),
    /// The files or their contents changed: what is shown may be asked for again.
    Changed {
        /// The paths, when they are few; empty when any may have changed.
        paths: Vec<RepoPath>,
    },
    /// Search results.
    Search {
        /// Of the request.
        generation: Generation,
        /// What was found.
        results: Results,
    },
    /// The critical paths.
    Critical {
        /// Of the request.
        generation: Generation,
        /// The files, role by role.
        board: Board,
    },
    /// The judgement on the structure.
    Audit {
        /// Of the request.
        generation: Generation,
        /// What it is.
        audit: Audit,
    },
    /// Something of a drill.
    Drill {
        /// Of the request.
        generation: Generation,
        /// What.
        news: DrillNews,
    },
    /// The recent commits.
    Changes {
        /// Of the request.
        generation: Generation,
        /// They.
        log: ChangeLog,
    },
    /// What a commit changed in a file.
    Patch {
        /// Of the request.
        generation: Generation,
        /// It.
        patch: Patch,
    },
    /// The commands of the repository.
    Commands {
        /// Of the request.
        generation: Generation,
        /// They.
        offers: Offers,
    },
    /// Something about the checks.
    Checks {
        /// Of the request.
        generation: Generation,
        /// It.
        news: CheckNews,
    },
    /// Something about a run.
    Run {
        /// Of the request.
        run: RunId,
        /// It.
        news: RunNews,
    },
    /// Something of the recorder.
    Record(RecordNews),
    /// The runbooks.
    Runbooks {
        /// Of the request.
        generation: Generation,
        /// They.
        library: Library,
    },
    /// A runbook to read.
    Runbook {
        /// Of the request.
        generation: Generation,
        /// It.
        opened: Opened,
    },
    /// A part of a file.
    Preview {
        /// Of the request.
        generation: Generation,
        /// What it looks like.
        window: Window,
    },
    /// The answer to a search inside a file.
    FoundInFile {
        /// Of the request.
        generation: Generation,
        /// Where it is.
        found: Found,
    },
    /// How far the repository's history is read.
    History(HistoryStatus),
    /// Another branch is checked out; `None` without git.
    Branch(Option<String>),
    /// Something to know.
    Said(Diagnostic),
    /// A worker ended by a fault of the program.
    WorkerDied {
        /// Its name.
        worker: &'static str,
        /// What the fault said.
        message: String,
    },
}

/// How far the repository's history is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HistoryStatus {
    /// Commits that are known.
    pub commits: usize,
    /// Whether more are being read.
    pub reading: bool,
}

/// Where the index stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct IndexStatus {
    /// What is being done.
    pub phase: Phase,
    /// Of several repositories, whose state this is, where others are in a better one.
    pub member: Option<String>,
    /// Files listed.
    pub files: usize,
    /// Milliseconds that the last change took from the disk to the results.
    pub fresh_ms: Option<u64>,
    /// Totals of the last build or update.
    pub counts: Counts,
}

/// What the indexer is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Phase {
    /// Walking over the files for the first time.
    #[default]
    Scanning,
    /// The list is that of the last time; the walk that tells what has changed is under way.
    Checking {
        /// Seconds since the list was made.
        age_s: u64,
    },
    /// Reading contents.
    Indexing {
        /// Files read.
        done: usize,
        /// Files to read.
        total: usize,
        /// Milliseconds since reading began.
        elapsed_ms: u64,
    },
    /// Everything is as on disk, and changes are followed.
    Live,
    /// As [`Phase::Live`], but everything is looked at again and again instead of followed.
    Polling {
        /// What keeps it from being followed.
        why: String,
        /// Milliseconds between two looks.
        every_ms: u64,
    },
    /// Names are as on disk; contents cannot be written to the index, because of this.
    Behind(String),
    /// The repository's folder is away; what is shown is that of before.
    Gone,
    /// Everything was as on disk at the last scan; changes are not followed, because of this.
    Unwatched(String),
    /// Another navi writes the index; this one reads it.
    Reader,
    /// Only paths can be searched, because of this.
    PathsOnly(String),
}

impl Phase {
    /// Whether everything that can be known of the files is, for now.
    pub fn is_settled(&self) -> bool {
        !matches!(self, Self::Scanning | Self::Checking { .. } | Self::Indexing { .. })
    }
}
