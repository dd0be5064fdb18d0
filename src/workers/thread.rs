//! The one place that starts threads: named, caught when they fail, joined when dropped.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::RecvTimeoutError;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

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

/// Runs `job` on so many threads at once, each with its number, and returns when all are done.
pub fn crew(threads: usize, job: &(dyn Fn(usize) + Sync)) {
    std::thread::scope(|scope| {
        for number in 1..threads {
            let name = format!("crew-{number}");
            // With fewer threads the others do more.
            let _ = Builder::new().name(name).spawn_scoped(scope, move || job(number));
        }
        job(0);
    });
}

/// How often [`aside`] looks at what else is to be done.
const LOOK_UP: Duration = Duration::from_millis(20);

/// Does long work on a thread of low priority, which what it starts inherits, so that the screen
/// stays quick on a machine with few processors. Calls `meanwhile` now and then until it is done.
pub fn aside<R: Send>(work: impl FnOnce() -> R + Send, meanwhile: &mut dyn FnMut()) -> R {
    let (done, ended) = std::sync::mpsc::channel::<()>();
    let outcome = std::thread::scope(|scope| {
        let handle = Builder::new().name("builder".to_owned()).spawn_scoped(scope, move || {
            // Dropped at the end, by a panic too.
            let _done = done;
            yield_to_others();
            work()
        })?;
        while ended.recv_timeout(LOOK_UP) == Err(RecvTimeoutError::Timeout) {
            meanwhile();
        }
        Ok::<_, std::io::Error>(handle.join())
    });
    match outcome {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => resume_unwind(panic),
        // No thread to be had: nothing sensible can go on. The worker's end is reported.
        Err(error) => resume_unwind(Box::new(format!("no thread could be started: {error}"))),
    }
}

/// Gives this thread the lowest priority. On Linux a thread has its own.
pub fn yield_to_others() {
    #[cfg(target_os = "linux")]
    {
        // It stays as it is where that is forbidden.
        let _ = rustix::process::nice(19);
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
