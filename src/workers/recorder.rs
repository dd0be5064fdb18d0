//! Writes down what is done, declares and ends incidents, and tells the panel what is recorded.
//!
//! Entries come through a channel that never makes the screen wait. One that has been written
//! survives the end of navi in any way; when there is a pause, the disk is waited for as well.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Sink, Worker};
use crate::base::{Diagnostic, text};
use crate::config::clock::Zone;
use crate::config::incident::{IncidentError, IncidentStore, Recorder};
use crate::engine::checks::Verdict;
use crate::engine::commands::Status;
use crate::engine::drills::sweep_state;
use crate::engine::incident::{
    Clock, Entry, Settle, Timeline, What, duration, handover, report, told,
};
use crate::engine::redact::{Redactor, values_of_all};
use crate::protocol::{RecordAsk, RecordEntry, RecordLog, RecordNews, Report, RunningIncident};

/// A pause after which a search counts as typed, and the disk is waited for.
const PAUSE: Duration = Duration::from_secs(2);
/// Entries that the panel shows.
const SHOWN: usize = 1000;

/// What the recorder starts with.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The state directory; `None` keeps nothing.
    pub state: Option<PathBuf>,
    /// Roots whose `.env` files hold values that never go into a record.
    pub secrets_of: Vec<PathBuf>,
    /// A name that no other navi has.
    pub who: String,
}

/// What comes to the recorder.
pub enum Order {
    /// Something to do.
    Do(RecordAsk),
    /// navi ends.
    End,
}

/// Starts a recorder of what is done at `root`; it takes orders until it is told to end.
pub fn start(
    recording: Recording,
    root: &Path,
    sink: &Sink,
) -> std::io::Result<(Sender<Order>, Worker)> {
    let (sender, noted) = std::sync::mpsc::channel();
    let (root, report) = (root.to_owned(), Arc::clone(sink));
    let worker = Worker::start("recorder", sink, move || run(&recording, &root, &noted, &report))?;
    Ok((sender, worker))
}

/// Works until navi ends.
fn run(recording: &Recording, root: &Path, inbox: &Receiver<Order>, sink: &Sink) {
    if let Some(state) = &recording.state {
        // What a navi left that was killed in the middle of a drill's round.
        sweep_state(state);
    }
    let kept = recording.secrets_of.iter().filter(|_| recording.state.is_some());
    let values = values_of_all(kept.map(PathBuf::as_path));
    let store = IncidentStore::new(recording.state.as_deref(), root, Redactor::new(&values));
    let recorder = Recorder::new(store.clone(), &recording.who);
    recorder.sweep(SystemTime::now());
    let mut it = Work {
        store,
        recorder,
        who: recording.who.clone(),
        zone: Zone::here(),
        settle: Settle::default(),
        looking: false,
        unsynced: false,
        sink,
    };
    loop {
        let busy = it.settle.holds() || it.unsynced || it.looking;
        let ask = if busy {
            inbox.recv_timeout(PAUSE)
        } else {
            inbox.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        match ask {
            Ok(Order::Do(ask)) => {
                let mut changed = it.take(ask);
                let mut ends = false;
                // A burst is told of once.
                while let Ok(order) = inbox.try_recv() {
                    match order {
                        Order::Do(ask) => changed |= it.take(ask),
                        Order::End => ends = true,
                    }
                }
                if ends {
                    return it.pause();
                }
                if changed && it.looking {
                    it.tell();
                }
            }
            Err(RecvTimeoutError::Timeout) => it.pause(),
            Ok(Order::End) | Err(RecvTimeoutError::Disconnected) => return it.pause(),
        }
    }
}

struct Work<'a> {
    store: IncidentStore,
    recorder: Recorder,
    who: String,
    zone: Zone,
    settle: Settle,
    /// Whether the panel is on screen.
    looking: bool,
    unsynced: bool,
    sink: &'a Sink,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}

impl Work<'_> {
    /// Does what is asked. Tells whether the record is another now.
    fn take(&mut self, ask: RecordAsk) -> bool {
        match ask {
            RecordAsk::Note(what) => {
                // What somebody typed for the record is waited for.
                let typed = matches!(what, What::Note { .. });
                let mut wrote = false;
                for (at, what) in self.settle.take(now(), what) {
                    self.write(at, what);
                    wrote = true;
                }
                if typed {
                    self.sync();
                    let place = match self.recorder.incident() {
                        Some(_) => "noted",
                        None => "noted in the black box; no incident is running",
                    };
                    self.say(RecordNews::Said(place.to_owned()));
                }
                wrote
            }
            RecordAsk::Start { title, branch } => {
                self.flush();
                let news = match self.recorder.start(&title, branch.as_deref(), now()) {
                    Ok(_) => {
                        let shown = text::clean(&title).into_owned();
                        RecordNews::Said(format!("incident declared: {shown}"))
                    }
                    Err(error) => RecordNews::Failed(said(&error)),
                };
                self.say(news);
                true
            }
            RecordAsk::Stop => {
                self.flush();
                let news = match self.recorder.stop(now()) {
                    Ok(id) => {
                        let (timeline, _) = self.store.read(&id);
                        let took = duration(timeline.length(now()));
                        RecordNews::Said(format!("incident over after {took}"))
                    }
                    Err(error) => RecordNews::Failed(said(&error)),
                };
                self.say(news);
                true
            }
            RecordAsk::Look => {
                self.looking = true;
                self.recorder.follow(now());
                true
            }
            RecordAsk::LookAway => {
                self.looking = false;
                false
            }
            RecordAsk::Handover => {
                self.give(|timeline, clock| handover(timeline, clock, now()).join("\n"))
            }
            RecordAsk::Report => self.give(|timeline, clock| report(timeline, clock, now())),
            RecordAsk::Save => {
                self.save();
                false
            }
        }
    }

    /// What is held is written, and the disk has it.
    fn pause(&mut self) {
        let before = self.recorder.incident().map(str::to_owned);
        self.flush();
        self.sync();
        if self.looking {
            // Other navis write as well.
            self.recorder.follow(now());
            if before.as_deref() != self.recorder.incident() || self.recorder.incident().is_some() {
                self.tell();
            }
        }
    }

    fn flush(&mut self) {
        if let Some((at, what)) = self.settle.flush() {
            self.write(at, what);
        }
    }

    fn write(&mut self, at: u64, what: What) {
        if let Err(fault) = self.recorder.record(at, what) {
            (self.sink)(Report::Said(fault));
        }
        self.unsynced = true;
    }

    fn sync(&mut self) {
        self.unsynced = false;
        if let Err(error) = self.recorder.sync() {
            let fault = Diagnostic::warning(format!("the record is not safe on the disk: {error}"));
            (self.sink)(Report::Said(fault));
        }
    }

    fn say(&self, news: RecordNews) {
        (self.sink)(Report::Record(news));
    }

    /// The record that is meant: of the incident that runs, else of the last one.
    fn meant(&mut self) -> Option<(String, Timeline)> {
        self.flush();
        let id = self.store.current()?;
        Some((id.clone(), self.store.read(&id).0))
    }

    fn give(&mut self, text: impl Fn(&Timeline, &Clock<'_>) -> String) -> bool {
        let news = match self.meant() {
            Some((_, timeline)) => {
                let offset = |at| self.zone.offset_s(at);
                RecordNews::Text(text(&timeline, &Clock { offset: &offset }))
            }
            None => RecordNews::Failed("no incident was recorded yet".to_owned()),
        };
        self.say(news);
        false
    }

    fn save(&mut self) {
        let news = match self.meant() {
            Some((id, timeline)) => {
                let offset = |at| self.zone.offset_s(at);
                let draft = report(&timeline, &Clock { offset: &offset }, now());
                match self.store.save(&id, "report.md", &draft) {
                    Ok(path) => {
                        let shown = path.display().to_string();
                        RecordNews::Said(format!("kept as {}", text::clean(&shown)))
                    }
                    Err(error) => RecordNews::Failed(said(&error)),
                }
            }
            None => RecordNews::Failed("no incident was recorded yet".to_owned()),
        };
        self.say(news);
    }

    fn tell(&mut self) {
        let now = now();
        let active = self.store.active();
        let timeline = match &active {
            Some(id) => self.store.read(id).0,
            None => self.store.read_box().0,
        };
        let offset = |at| self.zone.offset_s(at);
        let clock = Clock { offset: &offset };
        let running = active.map(|id| RunningIncident {
            id,
            title: text::clean(&timeline.title).into_owned(),
            since: timeline.started.map(|at| clock.local(at)).unwrap_or_default(),
            for_ms: timeline.length(now),
        });
        let entries = timeline.entries.iter().rev().take(SHOWN);
        let log = RecordLog {
            keeps: self.store.keeps(),
            running,
            entries: entries.map(|it| shown(it, &clock, &self.who)).collect(),
            total: timeline.entries.len(),
            zone: clock.zone(now),
        };
        self.say(RecordNews::Log(log));
    }
}

fn said(error: &IncidentError) -> String {
    match error {
        IncidentError::Io(cause) => format!("{error}: {cause}"),
        error => error.to_string(),
    }
}

fn shown(entry: &Entry, clock: &Clock<'_>, who: &str) -> RecordEntry {
    let local = clock.local(entry.at);
    let (day, time) = local.split_once(' ').unwrap_or((&local, ""));
    let place = match &entry.what {
        What::Open { path, line } => Some((path.clone(), *line)),
        What::Runbook { path } => Some((path.clone(), None)),
        _ => None,
    };
    let bad = match &entry.what {
        What::Command { status, .. } => *status != Status::Ok,
        What::Check { verdict, .. } => matches!(verdict, Verdict::Fail | Verdict::Timeout),
        _ => false,
    };
    RecordEntry {
        day: day.to_owned(),
        time: time.to_owned(),
        utc: clock.utc(entry.at),
        kind: entry.what.kind(),
        says: text::clean(&told(entry).replace(['\n', '\r', '\t'], " ")).into_owned(),
        bad,
        other: entry.who != who,
        place,
    }
}
