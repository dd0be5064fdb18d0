//! How a run ended.

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It ended with exit status 0.
    Ok,
    /// It ended with another status, or by a signal.
    Failed,
    /// It was stopped at its deadline.
    Timeout,
    /// It was stopped by a person.
    Cancelled,
    /// It could not be started.
    NotStarted,
}

impl Status {
    /// Its name in JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::NotStarted => "not-started",
        }
    }
}

/// What is known of a run that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// The exit status; 128 and the signal's number where a signal ended it.
    pub exit: Option<i32>,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// Bytes of output that were let go because nobody could have read them.
    pub dropped_bytes: u64,
    /// Why it could not start, what may still be running elsewhere: what a person has to know.
    pub notes: Vec<String>,
}
