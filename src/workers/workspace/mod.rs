//! Several repositories at once, with the face of one: a workspace.
//!
//! Each repository has its own workers, which know nothing of the others. Outside of here a path
//! begins with the label of its repository and so does an id (`labels.rs`). What is asked of one
//! file or command goes to its repository; what is asked of everything goes to all, and the answers
//! are brought together (`collector.rs`, `merge.rs`). Searching is done once over all of them, by
//! one measure (`joined.rs`). What is done is recorded once.

mod collector;
mod joined;
pub mod labels;
pub mod merge;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::recorder::{self, Recording};
use super::shared::Latest;
use super::{Desk, Options, Sink, Worker, Workers, searcher};
use crate::base::{Diagnostic, RepoPath};
use crate::engine::commands::{Command, Consent, RunRecord};
use crate::engine::incident::What as Noted;
use crate::engine::owners::Owners;
use crate::engine::runbook::Around;
use crate::engine::search::Finder;
use crate::protocol::{DrillAsk, DrillNews, Patch, RecordAsk, Report, Request, RunId};
use collector::Told;
pub use joined::all_roles;
use joined::{Joined, Source};
use labels::{Outward, command_inside, consent_inside, inside, split_id};

use super::runner::Handover;

/// A repository of a workspace.
#[derive(Clone)]
pub struct Member {
    /// What its paths and ids begin with.
    pub label: String,
    /// What its workers work on.
    pub options: Options,
}

/// What a workspace is made of.
#[derive(Clone)]
pub struct Members {
    /// The repositories. Their options share their turns, and record nothing themselves.
    pub all: Vec<Member>,
    /// Where what is done is recorded, and at which root.
    pub recording: Option<(Recording, PathBuf)>,
}

/// The workers of several repositories. They end when this is dropped.
pub struct Workspace {
    labels: Arc<[String]>,
    members: Arc<Started>,
    searches: Desk<searcher::Search>,
    collector: Sender<Told>,
    records: Option<Sender<recorder::Order>>,
    /// The repository with the private place of a fix card.
    prepared: AtomicUsize,
    /// Which repository runs what.
    runs: Mutex<Vec<(RunId, usize)>>,
    starter: Option<Worker>,
    running: Vec<Worker>,
}

/// The workers of each repository, once they are there. Fifty times as many threads take their
/// time, which is not the screen's.
struct Started {
    members: Vec<OnceLock<Workers>>,
    /// What was asked before, in its order.
    early: Mutex<Vec<(usize, Request)>>,
    /// Whether the rest is not wanted any more.
    over: AtomicBool,
}

impl Started {
    fn of(many: usize) -> Self {
        let members = (0..many).map(|_| OnceLock::new()).collect();
        Self { members, early: Mutex::default(), over: AtomicBool::new(false) }
    }

    fn early(&self) -> MutexGuard<'_, Vec<(usize, Request)>> {
        self.early.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of a repository have come.
    fn put(&self, number: usize, workers: Workers) {
        let mut early = self.early();
        for (_, request) in early.extract_if(.., |it| it.0 == number) {
            workers.ask(request);
        }
        if let Some(place) = self.members.get(number) {
            let _ = place.set(workers);
        }
    }

    fn ask(&self, number: usize, request: Request) {
        let workers = || self.members.get(number).and_then(OnceLock::get);
        if let Some(it) = workers() {
            return it.ask(request);
        }
        let mut early = self.early();
        match workers() {
            Some(it) => it.ask(request),
            None => early.push((number, request)),
        }
    }
}

impl Members {
    /// What searches all of them together.
    pub fn finder(&self) -> Option<Finder> {
        let first = &self.all.first()?.options.finder;
        let owners = |it: &Member| (it.label.clone(), Arc::clone(&it.options.finder.owners));
        let (roles, _) = all_roles(self.all.iter().map(|it| &it.options.finder.roles));
        Some(Finder {
            // Each file is looked for below the root of its own repository.
            root: PathBuf::new(),
            roles,
            owners: Arc::new(Owners::joined(self.all.iter().map(owners).collect())),
            ..first.clone()
        })
    }
}

impl Workspace {
    /// Starts them.
    pub fn start(members: &Members, sink: &Sink) -> io::Result<Self> {
        let labels: Arc<[String]> = members.all.iter().map(|it| it.label.clone()).collect();
        let (collector, inbox) = channel();
        let mut running = Vec::new();
        {
            let (labels, report) = (Arc::clone(&labels), Arc::clone(sink));
            running.push(Worker::start("workspace", sink, move || {
                collector::run(labels, &inbox, &report);
            })?);
        }
        let mut records = None;
        if let Some((recording, root)) = members.recording.clone() {
            let (sender, worker) = recorder::start(recording, &root, sink)?;
            records = Some(sender);
            running.push(worker);
        }
        let latest: Vec<Arc<Latest>> = members.all.iter().map(|_| Arc::default()).collect();
        let source = |(member, latest): (&Member, &Arc<Latest>)| Source {
            label: member.label.clone(),
            root: member.options.repo.root.clone(),
            roles: Arc::clone(&member.options.finder.roles),
            latest: Arc::clone(latest),
        };
        let joined = Joined::new(members.all.iter().zip(&latest).map(source).collect());
        let started = Arc::new(Started::of(members.all.len()));
        let starter;
        {
            let (all, started) = (members.all.clone(), Arc::clone(&started));
            let (collector, records) = (collector.clone(), records.clone());
            let report = Arc::clone(sink);
            starter = Some(Worker::start("starter", sink, move || {
                for (number, (member, latest)) in all.iter().zip(latest).enumerate() {
                    if started.over.load(Ordering::Relaxed) {
                        return;
                    }
                    let told = outward(number, &member.label, &collector, &report);
                    let mut options = member.options.clone();
                    options.running.record = records.clone().map(|it| recorder(&member.label, it));
                    match Workers::start_at(&options, latest, &told) {
                        Ok(workers) => started.put(number, workers),
                        Err(error) => {
                            let text = format!("no thread can be started: {error}");
                            told(Report::Said(Diagnostic::error(text)));
                        }
                    }
                }
            })?);
        }
        let finder = members.finder();
        let searches = {
            let (began, ended, sink) = (collector.clone(), collector.clone(), Arc::clone(sink));
            let report: Sink = Arc::new(move |report| {
                let whole = matches!(&report, Report::Search { results, .. } if results.finished);
                (sink)(report);
                if whole {
                    let _ = ended.send(Told::Searched);
                }
            });
            Desk::new("searcher", &report.clone(), move |inbox| {
                let Some(finder) = finder else { return };
                let before = || {
                    let _ = began.send(Told::Searching);
                    joined.look();
                };
                searcher::run(&finder, inbox, joined.latest(), &before, &report);
            })
        };
        Ok(Self {
            labels,
            members: started,
            searches,
            collector,
            records,
            prepared: AtomicUsize::new(0),
            runs: Mutex::default(),
            starter,
            running,
        })
    }

    /// The number of the repository of a path.
    fn of_path(&self, path: &RepoPath) -> Option<usize> {
        let (label, _) = path.split_first();
        self.labels.iter().position(|it| it.as_bytes() == label)
    }

    /// The number of the repository of an id.
    fn of_id(&self, id: &str) -> Option<usize> {
        let (label, _) = split_id(id)?;
        self.labels.iter().position(|it| it == label)
    }

    fn ask_one(&self, member: Option<usize>, request: Request) {
        // What is of no repository was never on the screen.
        if let Some(it) = member {
            self.members.ask(it, request);
        }
    }

    fn ask_all(&self, request: &Request) {
        (0..self.labels.len()).for_each(|it| self.members.ask(it, request.clone()));
    }

    /// Passes a request on. Never waits.
    pub fn ask(&self, request: Request) {
        match request {
            Request::Search { generation, query, limit, rows, sight } => {
                self.searches.put(searcher::Search { generation, query, limit, rows, sight });
            }
            Request::Record(ask) => {
                let ask = match ask {
                    // What the screen has in place of a branch is how many repositories there are.
                    RecordAsk::Start { title, .. } => RecordAsk::Start { title, branch: None },
                    ask => ask,
                };
                // The recorder may have died; that has been reported.
                let _ = self.records.as_ref().map(|it| it.send(recorder::Order::Do(ask)));
            }
            Request::Critical { .. }
            | Request::Audit { .. }
            | Request::Changes { .. }
            | Request::Commands { .. }
            | Request::Checks { .. }
            | Request::Rescan => self.ask_all(&request),
            Request::Runbooks { generation, around } => {
                let of = around.path.as_ref().and_then(|it| self.of_path(it));
                for number in 0..self.labels.len() {
                    let path = around.path.as_ref().filter(|_| of == Some(number)).map(inside);
                    let around = Around { path, words: around.words.clone() };
                    self.members.ask(number, Request::Runbooks { generation, around });
                }
            }
            Request::Drill { generation, ask } => {
                let (member, ask) = match ask {
                    DrillAsk::Deck { mode, seed } => {
                        let _ = self.collector.send(Told::Seed(seed));
                        let ask = DrillAsk::Deck { mode, seed };
                        return self.ask_all(&Request::Drill { generation, ask });
                    }
                    DrillAsk::Look => (Some(self.prepared.load(Ordering::Relaxed)), DrillAsk::Look),
                    DrillAsk::Prepare(card) => {
                        let member = self.of_id(&card.id);
                        self.prepared.store(member.unwrap_or_default(), Ordering::Relaxed);
                        (member, DrillAsk::Prepare(Box::new(labels::card_inside(*card))))
                    }
                    DrillAsk::Way(card) => {
                        let member = self.of_id(&card.id);
                        (member, DrillAsk::Way(Box::new(labels::card_inside(*card))))
                    }
                };
                self.ask_one(member, Request::Drill { generation, ask });
            }
            Request::Patch { generation, commit, path } => {
                let path_inside = inside(&path);
                let request = Request::Patch { generation, commit, path: path_inside };
                self.ask_one(self.of_path(&path), request);
            }
            Request::Preview { generation, mut ask } => {
                let member = self.of_path(&ask.path);
                ask.path = inside(&ask.path);
                self.ask_one(member, Request::Preview { generation, ask });
            }
            Request::FindInFile { generation, mut ask } => {
                let member = self.of_path(&ask.path);
                ask.path = inside(&ask.path);
                self.ask_one(member, Request::FindInFile { generation, ask });
            }
            Request::Opened { query, path } => {
                let request = Request::Opened { query, path: inside(&path) };
                self.ask_one(self.of_path(&path), request);
            }
            Request::Runbook { generation, path, width } => {
                let request = Request::Runbook { generation, path: inside(&path), width };
                self.ask_one(self.of_path(&path), request);
            }
            Request::Trust { seen, grant } => {
                for number in 0..self.labels.len() {
                    let own = seen.iter().filter(|it| self.of_id(&it.0.id) == Some(number));
                    let own: Vec<_> = own
                        .map(|(command, text)| (command_inside(command.clone()), text.clone()))
                        .collect();
                    if !own.is_empty() {
                        self.members.ask(number, Request::Trust { seen: own, grant });
                    }
                }
            }
            Request::Run { run, command, values, consent } => {
                let member = self.of_id(&command.id);
                let consent = consent_inside(consent, &command.id);
                let command = Box::new(command_inside(*command));
                let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
                runs.extend(member.map(|it| (run, it)));
                drop(runs);
                self.ask_one(member, Request::Run { run, command, values, consent });
            }
            Request::StopRun { run } => {
                let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
                let member = runs.iter().find(|it| it.0 == run).map(|it| it.1);
                drop(runs);
                self.ask_one(member, Request::StopRun { run });
            }
        }
    }

    /// As [`Workers::hand_over`].
    pub fn hand_over(
        &self,
        command: &Command,
        values: &[(String, String)],
        consent: &Consent,
    ) -> Result<Handover, String> {
        let member = self.of_id(&command.id).and_then(|it| self.members.members.get(it));
        let member = member.and_then(OnceLock::get);
        let member = member.ok_or_else(|| format!("`{}` is of no repository", command.id))?;
        let consent = consent_inside(consent.clone(), &command.id);
        member.hand_over(&command_inside(command.clone()), values, &consent)
    }
}

/// Takes what the runs of a repository leave.
fn recorder(label: &str, records: Sender<recorder::Order>) -> super::Recorder {
    let label = label.to_owned();
    Arc::new(move |record: &RunRecord| {
        let id = labels::id(&label, &record.id);
        let note = Noted::of_run(&RunRecord { id, ..record.clone() });
        // The recorder may have died; that has been reported.
        let _ = records.send(recorder::Order::Do(RecordAsk::Note(note)));
    })
}

/// Where a repository tells what it has: what is of one file or run goes straight out under its
/// label, the rest is brought together with that of the others.
fn outward(number: usize, label: &str, collector: &Sender<Told>, sink: &Sink) -> Sink {
    let (label, collector, sink) = (label.to_owned(), collector.clone(), Arc::clone(sink));
    Arc::new(move |report| {
        let report = match report {
            Report::Index(_)
            | Report::History(_)
            | Report::Changed { .. }
            | Report::Critical { .. }
            | Report::Audit { .. }
            | Report::Changes { .. }
            | Report::Commands { .. }
            | Report::Checks { .. }
            | Report::Runbooks { .. }
            | Report::Drill { news: DrillNews::Deck(_), .. } => {
                // It ends last, and with it nobody listens any more.
                let _ = collector.send(Told::Report(number, Box::new(report)));
                return;
            }
            // One branch says nothing of several repositories.
            Report::Branch(_) => return,
            Report::Preview { generation, mut window } => {
                window.path = window.path.under(&label);
                Report::Preview { generation, window }
            }
            Report::Patch { generation, patch } => {
                let patch = Patch { path: patch.path.under(&label), ..patch };
                Report::Patch { generation, patch }
            }
            Report::Runbook { generation, opened } => {
                Report::Runbook { generation, opened: opened.labelled(&label) }
            }
            Report::Said(said) => Report::Said(said.labelled(&label)),
            Report::WorkerDied { worker, message } => {
                let text = format!("{label}: the {worker} failed: {message}");
                let hint = "leave with ctrl-c and start navi again";
                Report::Said(Diagnostic::error(text).hint(hint))
            }
            Report::Search { .. }
            | Report::Drill { .. }
            | Report::Run { .. }
            | Report::Record(_)
            | Report::FoundInFile { .. } => report,
        };
        sink(report);
    })
}

impl Drop for Workspace {
    fn drop(&mut self) {
        self.searches.close();
        self.members.over.store(true, Ordering::Relaxed);
        // All at once: each may take a moment.
        for it in self.members.members.iter().filter_map(OnceLock::get) {
            it.close();
        }
        // The one that starts them has ended then, and those that it has started end with this.
        self.starter = None;
        self.members = Arc::new(Started::of(0));
        if let Some(records) = self.records.take() {
            let _ = records.send(recorder::Order::End);
        }
        let _ = self.collector.send(Told::Stop);
        self.running.clear();
    }
}
