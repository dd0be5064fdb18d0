//! What a check's output means: verdicts, the telling line, the rung of the failure ladder.
//!
//! One product in one file: how it is recognised in a Compose file, what is asked of it, and how
//! the answers read. Nothing here runs anything.

use super::commands::{Kind, Risk, Service};

/// How the output of a check becomes a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Judge {
    /// The product's name, such as `postgres`; `generic` goes by the exit status alone.
    pub product: &'static str,
    /// Which of its questions.
    pub question: &'static str,
}

/// How a check came out. The order is that of the board: what is broken first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It is broken.
    Fail,
    /// It did not answer before its deadline.
    Timeout,
    /// It works, and something is odd.
    Warn,
    /// It was not run, for a reason.
    Skipped,
    /// It is fine.
    Ok,
}

impl Verdict {
    /// Its name in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Timeout => "timeout",
            Self::Warn => "warn",
            Self::Skipped => "skipped",
            Self::Ok => "ok",
        }
    }
}

/// How far down the ladder a failing check got before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// The program that asks is missing.
    Tool,
    /// The container engine does not answer.
    Daemon,
    /// The stack runs under another project name, or not at all.
    Project,
    /// The container is missing, stopped, restarting or out of memory.
    Container,
    /// The container runs and says of itself that it is not healthy.
    Health,
    /// The program inside answers wrongly or not at all.
    App,
}

impl Rung {
    /// Its name in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Daemon => "daemon",
            Self::Project => "project",
            Self::Container => "container",
            Self::Health => "health",
            Self::App => "app",
        }
    }
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How it came out.
    pub verdict: Verdict,
    /// The telling line, such as `3 blocked, oldest 4 m 12 s`. Cleaned.
    pub summary: String,
    /// Where on the ladder it failed.
    pub rung: Option<Rung>,
    /// The command to look at next, as text to read or copy.
    pub next: Option<String>,
}

/// Something that can be asked of a running service of a Compose stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Unique within its service, such as `tables`; the last part of the command's id.
    pub id: &'static str,
    /// What it tells, in a few words.
    pub title: String,
    /// What it is good for.
    pub kind: Kind,
    /// How it is asked.
    pub way: Way,
    /// What asking may do.
    pub risk: Risk,
    /// Why that is its risk.
    pub risk_why: &'static str,
    /// How the answer becomes a verdict; `None` keeps it off the triage board.
    pub judge: Option<Judge>,
    /// Whether it wants a terminal.
    pub interactive: bool,
    /// Seconds that it may take.
    pub deadline_s: u32,
}

/// How a service is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// By a program inside its container.
    Exec(Vec<String>),
    /// By HTTP on one of its ports, from this machine.
    Http {
        /// The port inside; it has to be published.
        port: u16,
        /// The path with its `/`.
        path: String,
    },
    /// By connecting to one of its ports, from this machine.
    Tcp {
        /// The port inside; it has to be published.
        port: u16,
    },
}

/// What is worth asking of a service, the most telling first.
pub fn questions(_service: &Service) -> Vec<Question> {
    Vec::new()
}

/// What a check said, as it is judged.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// How the run ended.
    pub outcome: &'a super::commands::Outcome,
    /// Standard output, cleaned, within bounds.
    pub out: &'a str,
    /// Standard error, cleaned, within bounds.
    pub err: &'a str,
}
