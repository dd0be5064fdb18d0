//! How long a piece of work may go on: until it is cancelled, or until a moment.
//!
//! Every loop over a file's bytes or lines polls one of these; nothing in the preview runs longer
//! than one read or one line past it.

use std::time::{Duration, Instant};

/// The right to go on working.
#[derive(Clone, Copy)]
pub(super) struct Patience<'a> {
    cancelled: &'a dyn Fn() -> bool,
    until: Option<Instant>,
}

impl<'a> Patience<'a> {
    /// As long as it takes, unless cancelled.
    pub(super) fn endless(cancelled: &'a dyn Fn() -> bool) -> Self {
        Self { cancelled, until: None }
    }

    /// The same for at most `time` from now.
    pub(super) fn at_most(self, time: Duration) -> Self {
        let end = Instant::now() + time;
        Self { until: Some(self.until.map_or(end, |until| until.min(end))), ..self }
    }

    /// Tells whether to stop now.
    pub(super) fn spent(self) -> bool {
        self.cancelled() || self.until.is_some_and(|until| Instant::now() >= until)
    }

    /// Tells whether nobody wants the result any more.
    pub(super) fn cancelled(self) -> bool {
        (self.cancelled)()
    }
}
