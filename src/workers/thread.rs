//! The one place that starts threads: named, caught when they fail, joined when dropped.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::{Mailbox, Sink};
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

/// A thread that starts when it is first needed: most panels are never looked at.
pub struct OnDemand {
    name: &'static str,
    sink: Sink,
    state: Mutex<State>,
}

enum State {
    Asleep(Box<dyn FnOnce() + Send>),
    Awake {
        _worker: Worker,
    },
    /// No thread was to be had, which has been reported.
    Failed,
}

impl OnDemand {
    /// Nothing runs yet.
    pub fn new(name: &'static str, sink: &Sink, work: impl FnOnce() + Send + 'static) -> Self {
        let state = Mutex::new(State::Asleep(Box::new(work)));
        Self { name, sink: Sink::clone(sink), state }
    }

    /// Starts the thread, unless it was started before.
    pub fn wake(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*state, State::Asleep(_)) {
            return;
        }
        let State::Asleep(work) = std::mem::replace(&mut *state, State::Failed) else { return };
        match Worker::start(self.name, &self.sink, work) {
            Ok(worker) => *state = State::Awake { _worker: worker },
            Err(error) => {
                let message = format!("no thread can be started: {error}");
                (self.sink)(Report::WorkerDied { worker: self.name, message });
            }
        }
    }
}

/// A mailbox, and who works on what is put into it from the first time on.
pub struct Desk<R> {
    inbox: Arc<Mailbox<R>>,
    worker: OnDemand,
}

impl<R: Send + 'static> Desk<R> {
    /// One at which `work` will answer.
    pub fn new(
        name: &'static str,
        sink: &Sink,
        work: impl FnOnce(&Mailbox<R>) + Send + 'static,
    ) -> Self {
        let inbox = Arc::new(Mailbox::default());
        let own = Arc::clone(&inbox);
        Self { inbox, worker: OnDemand::new(name, sink, move || work(&own)) }
    }

    /// Leaves a request, in place of one that has not been taken yet.
    pub fn put(&self, request: R) {
        self.inbox.put(request);
        self.worker.wake();
    }

    /// Ends all waiting; nothing is taken any more.
    pub fn close(&self) {
        self.inbox.close();
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_thread_starts_with_the_first_request_and_ends_with_the_desk() {
        let (told, heard) = channel();
        let sink: Sink = Arc::new(|_| {});
        let desk = Desk::new("test", &sink, move |inbox: &Mailbox<u32>| {
            let _ = told.send(0);
            while let Some(it) = inbox.take() {
                let _ = told.send(it);
            }
        });
        assert!(heard.try_recv().is_err(), "nothing runs before it is needed");
        desk.put(7);
        assert_eq!((heard.recv(), heard.recv()), (Ok(0), Ok(7)));
        desk.close();
        drop(desk);
        assert!(heard.recv().is_err(), "it has ended");
    }

    #[test]
    fn a_thread_that_fails_is_told() {
        let (told, heard) = channel();
        let sink: Sink = Arc::new(move |report| {
            let _ = told.send(report);
        });
        let thread = OnDemand::new("test", &sink, || panic!("on purpose"));
        thread.wake();
        thread.wake();
        drop(thread);
        let Ok(Report::WorkerDied { worker, message }) = heard.recv() else { panic!("not told") };
        assert_eq!((worker, message.as_str()), ("test", "on purpose"));
        assert!(heard.try_recv().is_err());
    }
}
