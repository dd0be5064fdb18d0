//! A mailbox with one place: the latest request wins, and putting one in never waits.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// See the module.
pub struct Mailbox<R> {
    state: Mutex<State<R>>,
    changed: Condvar,
}

struct State<R> {
    next: Option<R>,
    closed: bool,
}

impl<R> Default for Mailbox<R> {
    fn default() -> Self {
        Self { state: Mutex::new(State { next: None, closed: false }), changed: Condvar::new() }
    }
}

impl<R> Mailbox<R> {
    fn state(&self) -> MutexGuard<'_, State<R>> {
        // A panic while the lock was held cannot leave a half-written state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves a request, in place of one that has not been taken yet.
    pub fn put(&self, request: R) {
        self.state().next = Some(request);
        self.changed.notify_one();
    }

    /// Waits for a request; `None` once closed.
    pub fn take(&self) -> Option<R> {
        let mut state = self.state();
        loop {
            if state.closed {
                return None;
            }
            if let Some(request) = state.next.take() {
                return Some(request);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether what is being done now is out of date: a newer request waits, or all is over.
    pub fn is_overtaken(&self) -> bool {
        let state = self.state();
        state.closed || state.next.is_some()
    }

    /// Ends all waiting; nothing is taken any more.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_wins_and_closing_ends() {
        let mailbox = Mailbox::default();
        mailbox.put(1);
        mailbox.put(2);
        assert!(mailbox.is_overtaken());
        assert_eq!(mailbox.take(), Some(2));
        assert!(!mailbox.is_overtaken());
        mailbox.close();
        assert_eq!(mailbox.take(), None);
        assert!(mailbox.is_overtaken());
    }
}
