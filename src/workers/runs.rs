//! Runs commands for the screen: several at once, each on a thread of its own, told piece by piece.
//!
//! What may run is looked at once more just before the start, by [`Running::admit`]. Output that the
//! screen has not taken yet holds the next back, so that a screen that stands still costs no memory.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use super::runner::{Handover, Piece, RunPlan, hand_over, run};
use super::running::Running;
use super::shared::Latest;
use super::{Sink, Worker};
use crate::config::clock::Zone;
use crate::engine::commands::{Command, Consent, Outcome, Status, Subject};
use crate::engine::files::FileList;
use crate::engine::incident::Clock;
use crate::protocol::{Report, RunId, RunNews, Taken};

/// Runs at once; more are refused.
const MOST: usize = 32;

/// Pieces of output that may be on their way to the screen.
const ON_THE_WAY: usize = 4;

/// See the module.
pub struct Runs {
    running: Running,
    latest: Arc<Latest>,
    sink: Sink,
    going: Mutex<HashMap<RunId, Going>>,
    /// What was shown last of each command.
    shown: Arc<Mutex<HashMap<String, Subject>>>,
}

struct Going {
    stop: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
    _worker: Worker,
}

impl Drop for Going {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// What is to be run.
pub struct Wanted {
    /// Comes back with the news.
    pub run: RunId,
    /// The command as it was shown.
    pub command: Command,
    /// Values of its parameters.
    pub values: Vec<(String, String)>,
    /// What a person has said.
    pub consent: Consent,
}

impl Runs {
    /// Nothing runs yet.
    pub fn new(running: Running, latest: Arc<Latest>, sink: &Sink) -> Self {
        let (going, shown) = (Mutex::default(), Arc::default());
        Self { running, latest, sink: Arc::clone(sink), going, shown }
    }

    /// What was shown last of each command, to be kept up to date by whoever shows them.
    pub fn shown(&self) -> Arc<Mutex<HashMap<String, Subject>>> {
        Arc::clone(&self.shown)
    }

    /// Starts a run. Never waits; that it cannot start is told as its end.
    pub fn start(&self, wanted: Wanted) {
        let run = wanted.run;
        let mut going = self.going.lock().unwrap_or_else(PoisonError::into_inner);
        going.retain(|_, it| !it.over.load(Ordering::Relaxed));
        if going.len() >= MOST {
            let why = format!("{MOST} commands run already; stop one of them first");
            return self.tell(run, RunNews::Finished(not_started(why)));
        }
        let (stop, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let shown = {
            let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.get(&wanted.command.id).cloned()
        };
        let job = Job {
            running: self.running.clone(),
            latest: Arc::clone(&self.latest),
            sink: Arc::clone(&self.sink),
            stop: Arc::clone(&stop),
            shown,
        };
        let ended = Arc::clone(&over);
        let worker = Worker::start("run", &self.sink, move || {
            let outcome = job.perform(wanted);
            ended.store(true, Ordering::Relaxed);
            (job.sink)(Report::Run { run, news: RunNews::Finished(outcome) });
        });
        match worker {
            Ok(worker) => drop(going.insert(run, Going { stop, over, _worker: worker })),
            Err(error) => {
                let why = format!("no thread can be started: {error}");
                self.tell(run, RunNews::Finished(not_started(why)));
            }
        }
    }

    /// Prepares a command that gets the terminal.
    pub fn hand_over(
        &self,
        files: &FileList,
        command: &Command,
        values: &[(String, String)],
        consent: &Consent,
    ) -> Result<Handover, String> {
        let shown = {
            let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.get(&command.id).cloned()
        };
        let judged = self.running.admit(files, command, shown.as_ref(), consent)?;
        let plan = RunPlan { command: &judged.command, values };
        hand_over(plan, &self.running.options(&|| true))
    }

    /// Stops a run, if it still goes on.
    pub fn stop(&self, run: RunId) {
        let going = self.going.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(it) = going.get(&run) {
            it.stop.store(true, Ordering::Relaxed);
        }
    }

    fn tell(&self, run: RunId, news: RunNews) {
        (self.sink)(Report::Run { run, news });
    }
}

impl Runs {
    /// Ends all runs and lets go of whoever records them.
    pub fn end(&mut self) {
        let going = self.going.get_mut().unwrap_or_else(PoisonError::into_inner);
        // All at once: each takes its grace.
        for it in going.values() {
            it.stop.store(true, Ordering::Relaxed);
        }
        going.clear();
        self.running.record = None;
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the clock on the wall shows now.
fn on_the_wall() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
    let zone = Zone::here();
    let clock = Clock { offset: &|at| zone.offset_s(at) };
    format!("{} {}", clock.local(now), clock.zone(now))
}

fn not_started(why: String) -> Outcome {
    let status = Status::NotStarted;
    Outcome { status, exit: None, ms: 0, dropped_bytes: 0, notes: vec![why] }
}

struct Job {
    running: Running,
    latest: Arc<Latest>,
    sink: Sink,
    stop: Arc<AtomicBool>,
    shown: Option<Subject>,
}

impl Job {
    fn perform(&self, wanted: Wanted) -> Outcome {
        let Wanted { run: number, command, values, consent } = wanted;
        let files = self.latest.get().files;
        let judged = match self.running.admit(&files, &command, self.shown.as_ref(), &consent) {
            Ok(judged) => judged,
            Err(why) => return not_started(why),
        };
        // Each piece carries one of these; the screen drops it when it has taken the piece.
        let on_the_way: Mutex<Vec<Weak<()>>> = Mutex::default();
        let ready = || {
            let mut all = on_the_way.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|it| it.strong_count() > 0);
            all.len() < ON_THE_WAY
        };
        let options = self.running.options(&ready);
        let plan = RunPlan { command: &judged.command, values: &values };
        let stop = || self.stop.load(Ordering::Relaxed);
        let record = run(plan, &options, &stop, &mut |piece| {
            let news = match piece {
                Piece::Started { argv, notes } => {
                    let note = (!notes.is_empty()).then(|| notes.join("; "));
                    RunNews::Started { argv, note, clock: on_the_wall() }
                }
                Piece::Lines(it) => {
                    let token = Arc::new(());
                    let mut all = on_the_way.lock().unwrap_or_else(PoisonError::into_inner);
                    all.push(Arc::downgrade(&token));
                    RunNews::Lines {
                        lines: it.lines,
                        open: it.open,
                        dropped_bytes: it.dropped_bytes,
                        taken: Taken(token),
                    }
                }
            };
            (self.sink)(Report::Run { run: number, news });
        });
        if let Some(keep) = &self.running.record {
            keep(&record);
        }
        record.outcome
    }
}
