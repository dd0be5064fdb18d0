//! The one place that starts threads: named, caught when they fail, joined when dropped.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};

use super::Sink;
use crate::protocol::Report;

/// A running thread, joined on drop.
pub struct Worker {
    handle: Option<JoinHandle<()>>,
}

impl Worker {
    /// Runs `work` on a thread of its own. A panic in it becomes a report.
    pub fn start(
        name: &'static str,
        sink: &Sink,
        work: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<Self> {
        let sink = Sink::clone(sink);
        let handle = Builder::new().name(name.to_owned()).spawn(move || {
            if let Err(fault) = catch_unwind(AssertUnwindSafe(work)) {
                let message = fault
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| fault.downcast_ref::<&str>().map(|it| (*it).to_owned()))
                    .unwrap_or_default();
                sink(Report::WorkerDied { worker: name, message });
            }
        })?;
        Ok(Self { handle: Some(handle) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            // A panic has been caught and reported inside.
            let _ = handle.join();
        }
    }
}
