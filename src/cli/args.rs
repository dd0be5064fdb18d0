//! What can be typed on the command line. Types only.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Emergency navigation: find the file to fix in under 30 seconds.
#[derive(Debug, Parser)]
#[command(name = "navi", version)]
#[command(after_help = "Examples:
  navi                      the screen, on the repository around this folder
  navi -q 'login 401'       the same, with a search typed already
  navi api web              the screen, on several repositories at once
  navi find --json auth     ranked files for scripts
  vim \"$(navi --print)\"     choose a file, then open it
  navi demo                 try it on a sample repository

Exit status: 0 done or found, 1 nothing found or a fault found, 2 could not do it,
130 left without a choice.")]
pub struct Args {
    #[command(flatten)]
    pub common: Common,
    #[command(flatten)]
    pub screen: Screen,
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Args {
    /// Whether errors are told as JSON.
    pub fn json(&self) -> bool {
        match &self.command {
            Some(Command::Find(it)) => it.json,
            Some(Command::Trace(it)) => it.json,
            Some(Command::Audit(it)) => it.json,
            Some(Command::Commands(it)) => it.json,
            Some(Command::Drill(it)) => it.json(),
            Some(Command::Incident(it)) => it.json(),
            Some(Command::Catalogue(it)) => it.json,
            Some(Command::Changes(it)) => it.json,
            Some(Command::Check(it)) => it.json,
            Some(Command::Index(it)) => it.json,
            Some(Command::Run(it)) => it.json,
            Some(Command::Trust(it)) => it.json,
            Some(Command::Doctor(it) | Command::Config(it)) => it.json,
            Some(Command::Keys(it) | Command::Themes(it)) => it.json,
            Some(
                Command::Demo(_)
                | Command::Init(_)
                | Command::Completions { .. }
                | Command::Man
                | Command::Supervise(_),
            )
            | None => false,
        }
    }
}

#[derive(Debug, Clone, clap::Args)]
pub struct Common {
    /// Work on this folder instead of the repository around the current one; may be given again to
    /// work on several at once.
    #[arg(long, global = true, value_name = "DIR")]
    pub root: Vec<PathBuf>,
    /// Work on the repositories of this workspace of the settings.
    #[arg(short, long, global = true, value_name = "NAME")]
    pub workspace: Option<String>,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: When,
    /// Read settings from this file instead of config.toml.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Write nothing: no index, no history.
    #[arg(long, global = true)]
    pub no_state: bool,
    /// Run only commands that are known to only read.
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Use this theme.
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// Use this keymap.
    #[arg(long, global = true, value_name = "NAME")]
    pub keymap: Option<String>,
    /// Say more on stderr.
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Clone, Default, clap::Args)]
pub struct Screen {
    /// A folder in the repository to work on.
    // By itself: a list would take the name of a command that follows for one more folder.
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// More of them, to work on several repositories at once.
    #[arg(value_name = "PATH")]
    more: Vec<PathBuf>,
    /// Start with this query.
    #[arg(short, long, value_name = "QUERY")]
    pub query: Option<String>,
    /// Print path:line of what is chosen, and leave.
    #[arg(long)]
    pub print: bool,
    /// Start in this panel [default: find].
    #[arg(long, value_name = "NAME")]
    pub panel: Option<Panel>,
}

impl Screen {
    /// The folders.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.path.iter().chain(&self.more).cloned().collect()
    }

    /// What of it was typed, in words. A command other than the screen has no use for it.
    pub fn typed(&self) -> Option<String> {
        let path = self.path.as_ref().map(|it| format!("the folder `{}`", it.display()));
        let query = self.query.is_some().then(|| "--query".to_owned());
        let print = self.print.then(|| "--print".to_owned());
        let panel = self.panel.is_some().then(|| "--panel".to_owned());
        path.or(query).or(print).or(panel)
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Panel {
    /// Find files.
    #[default]
    Find,
    /// The critical paths, by role.
    Critical,
    /// The audit of the structure.
    Audit,
    /// The triage board.
    Checks,
    /// What the repository offers to run.
    Commands,
    /// The recent commits.
    Changes,
    /// The runbooks.
    Runbooks,
    /// What is recorded.
    Incident,
    /// Timed questions about this repository.
    Drill,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the screen on a sample monorepo in a temporary folder.
    Demo(Demo),
    /// Search, and print ranked results.
    Find(Find),
    /// Find the places that a stack trace, log lines or a request lead to.
    Trace(Trace),
    /// List the files that matter in an emergency, by role.
    Catalogue(Catalogue),
    /// List recent commits and the files they changed, by role.
    Changes(Changes),
    /// Run all trusted checks at once, and tell what is broken.
    Check(Check),
    /// Judge the structure of the repository by the checklist.
    Audit(Audit),
    /// List the emergency commands that the repository offers.
    Commands(Commands),
    /// Practise finding: timed questions about this repository.
    Drill(Drill),
    /// Record an incident: start, note, stop; report on it, hand it over.
    Incident(Incident),
    /// Write a commented .navi.toml from what was found.
    Init(Init),
    /// Build or update the index.
    Index(Index),
    /// Look at the environment, the terminal, the watches, the index and the settings.
    Doctor(Json),
    /// List the keys of a keymap, or check it.
    Keys(Named),
    /// List the themes, or check one.
    Themes(Named),
    /// List the settings, and where each value comes from.
    Config(Json),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Run a command of the repository.
    Run(Run),
    /// Show or change which commands are trusted.
    Trust(Trust),
    /// Print the manual page.
    Man,
    /// Run a program so that nothing of it outlives navi; navi calls itself so.
    #[command(hide = true)]
    Supervise(Supervise),
}

#[derive(Debug, Clone, clap::Args)]
pub struct Run {
    /// Its id, as `navi commands` lists it.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Confirm what changes something; never what destroys.
    #[arg(long)]
    pub yes: bool,
    /// Run it this once although it is not trusted.
    #[arg(long)]
    pub once: bool,
    /// Stop it after so many seconds.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub timeout: Option<u32>,
    /// Print JSON, one object a line.
    #[arg(long)]
    pub json: bool,
    /// Values of its parameters: NAME=VALUE, or in their order.
    #[arg(value_name = "ARGS", last = true)]
    pub values: Vec<String>,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Trust {
    /// Trust this command as it is now; may be given again.
    #[arg(long, value_name = "ID")]
    pub allow: Vec<String>,
    /// Trust all commands that only read, as they are now.
    #[arg(long, conflicts_with_all = ["allow", "deny", "revoke"])]
    pub allow_all: bool,
    /// Never run this command, whatever it becomes; may be given again.
    #[arg(long, value_name = "ID")]
    pub deny: Vec<String>,
    /// Forget what was decided about this command; may be given again.
    #[arg(long, value_name = "ID")]
    pub revoke: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Supervise {
    /// Milliseconds between SIGTERM and SIGKILL.
    #[arg(long, value_name = "MS", default_value_t = 2000)]
    pub grace_ms: u64,
    /// The program's file.
    #[arg(value_name = "PROGRAM")]
    pub program: PathBuf,
    /// Its arguments, beginning with the name it is called by.
    #[arg(value_name = "ARGV", last = true)]
    pub argv: Vec<OsString>,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Demo {
    /// Only write the sample to this folder, which must be empty or absent.
    #[arg(long, value_name = "DIR")]
    pub unpack: Option<PathBuf>,
    #[command(flatten)]
    pub screen: DemoScreen,
}

#[derive(Debug, Clone, clap::Args)]
pub struct DemoScreen {
    /// Start with this query.
    #[arg(short, long, value_name = "QUERY", default_value = "")]
    pub query: String,
    /// Print path:line of what is chosen, and leave.
    #[arg(long)]
    pub print: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Find {
    /// What to look for; `-` reads it from stdin.
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Most results.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// Only files of this role; may be given again for more roles.
    #[arg(long, value_name = "ROLE")]
    pub role: Vec<String>,
    /// Tell the signals behind each result.
    #[arg(long)]
    pub explain: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Trace {
    /// The file that holds the trace; `-`, or nothing, reads it from stdin.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Most results.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Commands {
    /// Only this kind: health, logs, database, cache, tests, resources, deploy, other.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Only those that look at this Compose service.
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Audit {
    /// Exit with 1 below this score.
    #[arg(long, value_name = "SHARE", default_value_t = 0.7)]
    pub threshold: f64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Drill {
    /// How it is played.
    #[arg(long, value_name = "MODE", default_value = "alone")]
    pub mode: DrillMode,
    /// Decides which cards there are and their order [default: the day].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    #[command(subcommand)]
    pub command: Option<DrillCommand>,
}

impl Drill {
    /// Whether errors are told as JSON.
    fn json(&self) -> bool {
        match &self.command {
            Some(DrillCommand::List(it)) => it.json,
            Some(DrillCommand::Report(it)) => it.json,
            Some(DrillCommand::Selfcheck(it)) => it.json,
            None => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DrillMode {
    /// Alone, against the clock.
    Alone,
    /// A game master gives hints, which are free, and the clock ends nothing.
    Host,
    /// The files that you own by CODEOWNERS are not asked for.
    ExpertAway,
    /// Only names can be searched.
    Degraded,
}

#[derive(Debug, Subcommand, Clone)]
pub enum DrillCommand {
    /// List the cards of the deck.
    List(DrillList),
    /// Tell how long finding takes, and what nobody finds.
    Report(DrillReport),
    /// Check without a human that navi's own search finds the critical files.
    Selfcheck(DrillSelfcheck),
}

#[derive(Debug, Clone, clap::Args)]
pub struct DrillList {
    /// Tell the answers too.
    #[arg(long)]
    pub answers: bool,
    /// Decides which cards there are and their order.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Only cards of this kind: role, symptom, trace, fix, own.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Most cards.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub struct DrillReport {
    /// In which form, where it is not JSON.
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub format: ReportForm,
    /// Print JSON.
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// For the terminal.
    Text,
    /// Markdown.
    Md,
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub struct DrillSelfcheck {
    /// Exit with 1 when a smaller share of the critical files is found.
    #[arg(long, value_name = "SHARE", default_value_t = 0.9)]
    pub threshold: f64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Init {
    /// Draft a first runbook instead, from what was found.
    #[arg(long)]
    pub runbook: bool,
    /// Only print it.
    #[arg(long)]
    pub stdout: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Catalogue {
    /// Only this role; may be given again for more roles.
    #[arg(long, value_name = "ROLE")]
    pub role: Vec<String>,
    /// Most files a role.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub limit: usize,
    /// Every file that carries the role.
    #[arg(long, conflicts_with = "limit")]
    pub all: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Changes {
    /// Since when: 24h, 2d, 2026-11-01, or a tag, branch or commit.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Only commits and files of this role; may be given again for more roles.
    #[arg(long, value_name = "ROLE")]
    pub role: Vec<String>,
    /// Most commits.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub limit: usize,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Check {
    /// Only checks of this kind: health, logs, database, cache, tests, resources, deploy, other.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Index {
    /// Build it anew.
    #[arg(long, conflicts_with_all = ["status", "clear", "watch"])]
    pub rebuild: bool,
    /// Only tell how it stands.
    #[arg(long, conflicts_with_all = ["clear", "watch"])]
    pub status: bool,
    /// Keep it fresh until ctrl-c.
    #[arg(long, conflicts_with = "clear")]
    pub watch: bool,
    /// Remove it.
    #[arg(long)]
    pub clear: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Json {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Named {
    /// Which one; the one in use if not said.
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Only tell what is wrong with it; exit status 1 when something is.
    #[arg(long)]
    pub check: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub struct Incident {
    #[command(subcommand)]
    pub command: IncidentCommand,
}

impl Incident {
    /// Whether errors are told as JSON.
    pub fn json(&self) -> bool {
        match &self.command {
            IncidentCommand::Start { json, .. }
            | IncidentCommand::Note { json, .. }
            | IncidentCommand::Status { json }
            | IncidentCommand::Stop { json }
            | IncidentCommand::List { json }
            | IncidentCommand::Handover { json, .. } => *json,
            IncidentCommand::Report { format, json, .. } => *json || *format == RecordForm::Json,
        }
    }
}

#[derive(Debug, Clone, Subcommand)]
pub enum IncidentCommand {
    /// Declare an incident; what was recorded in the last hour becomes its beginning.
    Start {
        /// What it is called.
        #[arg(value_name = "TITLE", required = true)]
        title: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Note something.
    Note {
        /// It; `-` reads it from stdin.
        #[arg(value_name = "TEXT", required = true)]
        text: Vec<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tell whether an incident runs, and since when; exit status 1 when none does.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// End the incident that runs.
    Stop {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the incidents of this repository, newest first.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the draft of a post-mortem.
    Report {
        /// Which incident; the one that runs, or the last, if not said.
        #[arg(value_name = "ID")]
        id: Option<String>,
        /// How.
        #[arg(long, value_name = "FORMAT", default_value = "md")]
        format: RecordForm,
        /// The same as `--format json`.
        #[arg(long, conflicts_with = "format")]
        json: bool,
    },
    /// Print ten lines for whoever takes over.
    Handover {
        /// Which incident; the one that runs, or the last, if not said.
        #[arg(value_name = "ID")]
        id: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RecordForm {
    /// Markdown.
    Md,
    /// JSON.
    Json,
}
