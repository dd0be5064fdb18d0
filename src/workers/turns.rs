//! A semaphore for work that many repositories want to do at the same time: at most so many do it
//! at once, and what shows something on the screen comes first and is held up by nothing else.
//!
//! Who holds a turn and gives no sign of life is not waited for: one repository on a disk that hangs
//! must not hold up the others.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a turn is for, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// To read the list of files that was kept.
    List,
    /// To open the index, to look at the disk and to read what is new.
    Index,
    /// To read the history.
    History,
    /// To run checks, which wait for others rather than work: they hold up only each other.
    Checks,
}

/// Repositories whose checks run at once.
const BOARDS: usize = 4;

/// A holder that gave no sign of life for so long is not counted.
const PATIENCE: Duration = Duration::from_secs(5);

/// See the module.
pub struct Turns {
    most: usize,
    patience: Duration,
    state: Mutex<State>,
    changed: Condvar,
    swept: AtomicBool,
}

#[derive(Default)]
struct State {
    holders: Vec<Holder>,
    next: u64,
    /// Who waits, by stage.
    waiting: [usize; 4],
    closed: bool,
}

struct Holder {
    number: u64,
    stage: Stage,
    /// Its last sign of life.
    alive: Instant,
}

/// The right to work, until this is dropped.
pub struct Turn {
    of: Arc<Turns>,
    number: u64,
}

impl Turns {
    /// At most so many at once.
    pub fn new(most: usize) -> Arc<Self> {
        let most = most.max(1);
        Arc::new(Self {
            most,
            patience: PATIENCE,
            state: Mutex::default(),
            changed: Condvar::new(),
            swept: AtomicBool::new(false),
        })
    }

    /// Whether whoever asks is the one to sweep what all share: the first to ask.
    pub fn sweeps(&self) -> bool {
        !self.swept.swap(true, Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while the lock was held cannot leave a half-written state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn. Once all is over, everybody gets one at once, to see that it is over.
    pub fn take(self: &Arc<Self>, stage: Stage) -> Turn {
        let mut state = self.state();
        state.waiting[stage as usize] += 1;
        loop {
            let now = Instant::now();
            // What is less urgent holds nobody up, however long it takes.
            let counts =
                |it: &&Holder| it.stage <= stage && now.duration_since(it.alive) < self.patience;
            let busy = state.holders.iter().filter(counts).count();
            let (most, first) = match stage {
                Stage::Checks => (BOARDS, true),
                _ => (self.most, state.waiting[..stage as usize].iter().all(|it| *it == 0)),
            };
            if state.closed || (busy < most && first) {
                break;
            }
            let oldest = state.holders.iter().filter(counts).map(|it| it.alive).min();
            let until = oldest
                .map_or(self.patience, |it| self.patience.saturating_sub(now.duration_since(it)));
            let wait = self.changed.wait_timeout(state, until.max(Duration::from_millis(1)));
            state = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.waiting[stage as usize] -= 1;
        let number = state.next;
        state.next += 1;
        state.holders.push(Holder { number, stage, alive: Instant::now() });
        // A less urgent one may have waited for this one only.
        self.changed.notify_all();
        Turn { of: Arc::clone(self), number }
    }

    /// All is over: nobody waits any more.
    pub fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }
}

impl Turn {
    /// A sign of life.
    pub fn go_on(&self) {
        let mut state = self.of.state();
        if let Some(it) = state.holders.iter_mut().find(|it| it.number == self.number) {
            it.alive = Instant::now();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.of.state().holders.retain(|it| it.number != self.number);
        self.of.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workers::{Sink, Worker};
    use std::sync::mpsc::{Receiver, Sender, channel};

    #[must_use]
    fn taker(turns: &Arc<Turns>, stage: Stage, told: &Sender<(Stage, Turn)>) -> Worker {
        let (turns, told) = (Arc::clone(turns), told.clone());
        let sink: Sink = Arc::new(|_| {});
        Worker::start("taker", &sink, move || {
            let turn = turns.take(stage);
            let _ = told.send((stage, turn));
        })
        .unwrap()
    }

    /// Waits until so many wait.
    fn wait_for(turns: &Arc<Turns>, many: usize) {
        while turns.state().waiting.iter().sum::<usize>() < many {
            std::thread::yield_now();
        }
    }

    fn next(heard: &Receiver<(Stage, Turn)>) -> (Stage, Turn) {
        heard.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    #[test]
    fn the_most_urgent_comes_first_and_only_so_many_at_once() {
        let turns = Turns::new(1);
        let (busy, held) = (turns.take(Stage::Index), turns.take(Stage::List));
        let (told, heard) = channel();
        let stages = [Stage::History, Stage::Index, Stage::List];
        let _takers = stages.map(|stage| taker(&turns, stage, &told));
        wait_for(&turns, 3);
        assert!(heard.try_recv().is_err(), "one has its turn already");
        drop(held);
        let (stage, list) = next(&heard);
        assert_eq!(stage, Stage::List, "a build holds up no list");
        assert!(heard.try_recv().is_err());
        drop((busy, list));
        let mut order = Vec::new();
        for _ in 0..2 {
            let (stage, turn) = next(&heard);
            assert!(heard.try_recv().is_err(), "one at a time");
            order.push(stage);
            drop(turn);
        }
        assert_eq!(order, [Stage::Index, Stage::History]);
    }

    #[test]
    fn checks_hold_up_only_each_other() {
        let turns = Turns::new(1);
        let held: Vec<Turn> = (0..BOARDS).map(|_| turns.take(Stage::Checks)).collect();
        drop(turns.take(Stage::History));
        let (told, heard) = channel();
        let _taker = taker(&turns, Stage::Checks, &told);
        wait_for(&turns, 1);
        assert!(heard.try_recv().is_err());
        drop(held);
        assert_eq!(next(&heard).0, Stage::Checks);
    }

    #[test]
    fn who_hangs_is_not_waited_for() {
        let turns = Arc::new(Turns {
            most: 1,
            patience: Duration::from_millis(1),
            state: Mutex::default(),
            changed: Condvar::new(),
            swept: AtomicBool::new(false),
        });
        let hangs = turns.take(Stage::Index);
        let other = turns.take(Stage::Index);
        hangs.go_on();
        drop((hangs, other));
        assert!(turns.state().holders.is_empty());
    }

    #[test]
    fn nobody_waits_once_all_is_over() {
        let turns = Turns::new(1);
        let held = turns.take(Stage::List);
        let (told, heard) = channel();
        let _taker = taker(&turns, Stage::History, &told);
        wait_for(&turns, 1);
        turns.close();
        assert_eq!(next(&heard).0, Stage::History);
        drop(held);
    }
}
