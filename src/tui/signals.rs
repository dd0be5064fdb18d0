//! Signals become events: the terminal is given back before one ends navi.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::{Handle, Signals};

use super::runtime::Incoming;
use crate::workers::{Sink, Worker};

/// Whether somebody else has the terminal. ctrl-z is for them then: it stops them, and navi with
/// them, but does not ask navi to go to sleep.
#[derive(Debug, Default)]
pub struct Loan {
    on: AtomicBool,
    /// Whether ctrl-z was heard meanwhile.
    asked: Mutex<bool>,
    heard: Condvar,
}

impl Loan {
    /// The terminal is lent.
    pub fn begin(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.on.store(true, Ordering::SeqCst);
    }

    /// The terminal is back.
    pub fn end(&self) {
        self.on.store(false, Ordering::SeqCst);
    }

    /// Waits until the signal that has stopped the others was heard here too, so that it does not
    /// turn up once the terminal is back. Who was stopped in another way is not waited for long.
    pub fn settle(&self) {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let most = Duration::from_millis(200);
        let waited = self.heard.wait_timeout_while(asked, most, |asked| !*asked);
        if let Ok((mut asked, _)) = waited {
            *asked = false;
        }
    }

    /// ctrl-z was pressed: whether that was for others.
    fn takes(&self) -> bool {
        let on = self.on.load(Ordering::SeqCst);
        if on {
            *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = true;
            self.heard.notify_all();
        }
        on
    }
}

/// The waiting thread.
pub struct Waiter {
    handle: Handle,
    _worker: Worker,
}

impl Waiter {
    /// Starts waiting.
    pub fn start(inbox: &Sender<Incoming>, sink: &Sink, loan: &Arc<Loan>) -> io::Result<Self> {
        let mut signals = Signals::new([SIGCONT, SIGHUP, SIGTERM, SIGTSTP, SIGWINCH])?;
        let handle = signals.handle();
        let (inbox, loan) = (inbox.clone(), Arc::clone(loan));
        let worker = Worker::start("signals", sink, move || {
            for signal in signals.forever() {
                let incoming = match signal {
                    SIGTSTP if loan.takes() => continue,
                    SIGTSTP => Incoming::Suspend,
                    SIGCONT | SIGWINCH => Incoming::Resized,
                    signal => Incoming::Ended(signal),
                };
                if inbox.send(incoming).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { handle, _worker: worker })
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.handle.close();
    }
}

/// Stops this process as ctrl-z would, until it is woken.
pub fn stop_here() -> io::Result<()> {
    signal_hook::low_level::emulate_default_handler(SIGTSTP)
}

/// Ends this process as the signal would have, for the parent to see.
pub fn end_by(signal: i32) -> io::Result<()> {
    signal_hook::low_level::emulate_default_handler(signal)
}
