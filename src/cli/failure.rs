//! The one place that turns errors into kinds, causes, hints and exit status.

use std::error::Error;
use std::process::ExitCode;

use serde::Serialize;

use super::{json, print};
use crate::base::text;
use crate::engine::index::IndexError;
use crate::engine::repo::RepoError;
use crate::sample::SampleError;
use crate::tui::TuiError;

/// Whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The command line.
    Usage,
    /// The machine: files, terminal.
    Environment,
    /// What was given to read.
    Input,
    /// navi itself.
    Internal,
}

/// Why a command could not be done.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    message: String,
    causes: Vec<String>,
    hints: Vec<String>,
}

#[derive(Serialize)]
struct Wire<'a> {
    kind: Kind,
    message: &'a str,
    causes: &'a [String],
    hints: &'a [String],
}

impl Failure {
    /// A failure with its message.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), hints: Vec::new() }
    }

    /// What could not be done, with its causes.
    pub fn message(&self) -> String {
        let whole = std::iter::once(&self.message).chain(&self.causes);
        whole.map(String::as_str).collect::<Vec<_>>().join(": ")
    }

    fn of(kind: Kind, error: &dyn Error) -> Self {
        let mut failure = Self::new(kind, error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            failure.causes.push(cause.to_string());
            source = cause.source();
        }
        failure
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Prints it: as JSON on stdout, or in words on stderr.
    pub fn show(&self, as_json: bool) {
        if as_json {
            let wire = Wire {
                kind: self.kind,
                message: &self.message,
                causes: &self.causes,
                hints: &self.hints,
            };
            print::out(&json::error(&wire));
            return;
        }
        print::err(&format!("error: {}", text::clean_lines(&self.message)));
        for cause in &self.causes {
            print::err(&format!("caused by: {}", text::clean_lines(cause)));
        }
        for hint in &self.hints {
            print::err(&format!("hint: {}", text::clean_lines(hint)));
        }
    }
}

impl From<RepoError> for Failure {
    fn from(error: RepoError) -> Self {
        Self::of(Kind::Environment, &error).hint("give a folder that exists and can be read")
    }
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        match &error {
            IndexError::Busy { .. } => Self::of(Kind::Environment, &error)
                .hint("searching still works; leave the other navi to write here"),
            IndexError::Folder { .. } => Self::of(Kind::Environment, &error)
                .hint("set XDG_CACHE_HOME to a folder that can be written, or use --no-state"),
            IndexError::Engine(_) | IndexError::Lost { .. } => Self::of(Kind::Internal, &error)
                .hint("`navi index --rebuild` builds the index anew"),
        }
    }
}

impl From<TuiError> for Failure {
    fn from(error: TuiError) -> Self {
        Self::of(Kind::Environment, &error)
            .hint("the screen needs a terminal; `navi find QUERY` works without one")
    }
}

impl From<SampleError> for Failure {
    fn from(error: SampleError) -> Self {
        Self::of(Kind::Environment, &error)
    }
}

/// Shows what clap says: help and version on stdout, mistakes as failures.
pub fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        print::out(error.render().to_string().trim_end());
        return ExitCode::SUCCESS;
    }
    let text = error.render().to_string();
    if std::env::args_os().any(|it| it == "--json") {
        let message = text.lines().next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(message);
        Failure::new(Kind::Usage, message).hint("`navi --help` lists what can be typed").show(true);
    } else {
        print::err(text.trim_end());
    }
    ExitCode::from(2)
}
