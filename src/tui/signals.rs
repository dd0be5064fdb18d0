//! Signals become events: the terminal is given back before one ends navi.

use std::io;
use std::sync::mpsc::Sender;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::{Handle, Signals};

use super::runtime::Incoming;
use crate::workers::{Sink, Worker};

/// The waiting thread.
pub struct Waiter {
    handle: Handle,
    _worker: Worker,
}

impl Waiter {
    /// Starts waiting.
    pub fn start(inbox: &Sender<Incoming>, sink: &Sink) -> io::Result<Self> {
        let mut signals = Signals::new([SIGCONT, SIGHUP, SIGTERM, SIGTSTP, SIGWINCH])?;
        let handle = signals.handle();
        let inbox = inbox.clone();
        let worker = Worker::start("signals", sink, move || {
            for signal in signals.forever() {
                let incoming = match signal {
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
