//! What a check's output means: verdicts, the telling line, the rung of the failure ladder.
//!
//! One product in one file: how it is recognised in a Compose file, what is asked of it, and how
//! the answers read. Nothing here runs anything.

mod board;
mod containers;
mod ladder;
mod probes;
mod products;
mod telling;

use super::commands::{Kind, Outcome, Risk, Service, Status};

pub use board::{Board, LastGood, Recent, Row, recent_commits, stack_of};
pub use containers::{Container, Health, State, containers};
pub use ladder::{Listing, Trouble, climb, inspect_argv, list_argv, not_up, trouble};
pub use products::detail_of;

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
    /// Seconds that it may take; 0 for an interactive one, which a person ends.
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

/// What a check said, as it is judged.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// How the run ended.
    pub outcome: &'a Outcome,
    /// Standard output, cleaned, within bounds.
    pub out: &'a str,
    /// Standard error, cleaned, within bounds.
    pub err: &'a str,
}

impl Judge {
    /// Goes by the exit status alone.
    pub const EXIT: Self = Self { product: "generic", question: "exit" };
    /// The health check that the engine itself runs, inside the container.
    pub const HEALTHCHECK: Self = Self { product: products::HEALTHCHECK, question: "exit" };
    /// An HTTP health endpoint: anything but success is a fault.
    pub const HTTP_HEALTH: Self = Self { product: "http", question: "health" };
    /// Any page of an HTTP service: it is fine as long as it answers for itself.
    pub const HTTP_ANSWERS: Self = Self { product: "http", question: "answers" };
    /// Whether a TCP port accepts a connection.
    pub const TCP: Self = Self { product: "tcp", question: "connects" };
    /// `docker compose ps -a`, as a table or with `--format json`.
    pub const COMPOSE_PS: Self = Self { product: "compose", question: "ps" };
    /// `docker stats --no-stream`, as a table or with a JSON format.
    pub const DOCKER_STATS: Self = Self { product: "docker", question: "stats" };
}

impl Finding {
    fn of(verdict: Verdict, summary: &str) -> Self {
        Self { verdict, summary: telling::summary(summary), rung: None, next: None }
    }

    /// It is fine.
    pub fn ok(summary: impl AsRef<str>) -> Self {
        Self::of(Verdict::Ok, summary.as_ref())
    }

    /// It works, and something is odd inside.
    pub fn warn(summary: impl AsRef<str>) -> Self {
        Self { rung: Some(Rung::App), ..Self::of(Verdict::Warn, summary.as_ref()) }
    }

    /// What answers is broken.
    pub fn fail(summary: impl AsRef<str>) -> Self {
        Self { rung: Some(Rung::App), ..Self::of(Verdict::Fail, summary.as_ref()) }
    }

    /// It did not answer, and why is not known yet.
    pub fn mute(summary: impl AsRef<str>) -> Self {
        Self::of(Verdict::Fail, summary.as_ref())
    }

    /// It was not asked, or not to the end.
    pub fn skipped(summary: impl AsRef<str>) -> Self {
        Self::of(Verdict::Skipped, summary.as_ref())
    }

    /// The worse of two.
    fn or_worse(self, other: Self) -> Self {
        if other.verdict < self.verdict { other } else { self }
    }
}

/// What is worth asking of a service, the most telling first.
pub fn questions(service: &Service) -> Vec<Question> {
    products::questions(service)
}

/// Reads an answer: how the run ended first, then what the container engine said, then the answer
/// itself. A rung that only the list of containers can tell is left to [`climb`].
pub fn judge(judge: &Judge, answer: &Answer<'_>) -> Finding {
    let outcome = answer.outcome;
    match outcome.status {
        Status::Cancelled => return Finding::skipped("stopped before it answered"),
        Status::Timeout => {
            let text = format!("no answer in {}", telling::millis(outcome.ms));
            return Finding::of(Verdict::Timeout, &text);
        }
        Status::Ok | Status::Failed | Status::NotStarted => {}
    }
    let native = matches!(judge.product, "http" | "tcp");
    if outcome.status != Status::Ok
        && !native
        && let Some(mut trouble) = trouble(answer)
    {
        if trouble == Trouble::NoTool && outcome.exit.is_some() && products::is_inside(judge) {
            trouble = Trouble::NoProgramInside;
        }
        let line = telling::line(answer);
        let known = outcome.status == Status::NotStarted && !outcome.notes.is_empty();
        let text = if known { line } else { trouble.says(&line) };
        return Finding { rung: Some(trouble.rung()), ..Finding::fail(text) };
    }
    // Compose 1 says nothing at all of a service that has no container.
    let silent = outcome.exit == Some(1) && answer.out.is_empty() && answer.err.is_empty();
    if silent && products::is_inside(judge) {
        return Finding::mute("exit 1 without a word");
    }
    probes::judge(judge, answer)
        .or_else(|| products::judge(judge, answer))
        .unwrap_or_else(|| probes::by_exit(answer))
}
