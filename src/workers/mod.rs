//! Who works in the background: the indexer, the historian, the searcher, the cataloguer, the
//! auditor, the previewer, the watcher, those who answer the Changes panel.
//!
//! Each is an ordinary function with a thread around it. They share one thing, the latest
//! snapshot; everything else they tell through the [`Sink`].

pub mod answerer;
mod auditor;
mod cataloguer;
mod changes;
pub mod checks;
mod driller;
mod historian;
mod indexer;
mod librarian;
mod mailbox;
mod offers;
mod previewer;
mod prober;
mod recorder;
pub mod runner;
mod running;
mod runs;
mod searcher;
mod shared;
mod thread;
mod turns;
mod watcher;
pub mod workspace;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use crate::base::RepoPath;
use crate::config::drills::DrillLog;
use crate::engine::commands::{Command, Consent};
use crate::engine::drills::Player;
use crate::engine::incident::What as Noted;
use crate::engine::repo::Repo;
use crate::engine::runbook::Around;
use crate::engine::search::Finder;
use crate::protocol::{Generation, RecordAsk, Report, Request};

pub use cataloguer::{Rules, look_at_all};
pub use historian::history_of;
pub use indexer::{Order, list_files};
pub use librarian::Librarian;
use mailbox::Mailbox;
pub use recorder::Recording;
use runner::Handover;
pub use running::{Discover, Judged, Recorder, Running};
pub use shared::Latest;
use thread::{Desk, OnDemand};
pub use thread::{Worker, crew};
pub use turns::Turns;
pub use watcher::remote_kind;
pub use workspace::{Member, Members, Workspace};

/// Takes the reports of all workers.
pub type Sink = Arc<dyn Fn(Report) + Send + Sync>;

/// What the workers work on.
#[derive(Clone)]
pub struct Options {
    /// The repository.
    pub repo: Repo,
    /// Roles, owners and limits.
    pub finder: Finder,
    /// The index folder; `None` keeps no index, so that only paths are searched.
    pub folder: Option<PathBuf>,
    /// Whether changes are followed.
    pub watch: bool,
    /// Processors to use.
    pub cores: usize,
    /// Reads the roles, and what the repository says about its critical paths.
    pub rules: Rules,
    /// What running commands needs.
    pub running: Running,
    /// What was played.
    pub drills: DrillLog,
    /// Who plays.
    pub player: Player,
    /// Where what is done is recorded; `None` where nobody works.
    pub recording: Option<Recording>,
    /// Answers other processes that ask about this repository; `None` where nobody shall.
    pub reply: Option<answerer::Reply>,
    /// Shared by the repositories that are worked on together.
    pub turns: Arc<Turns>,
}

/// All workers of one repository. They end when this is dropped. Only those who follow the
/// repository have a thread from the start.
pub struct Workers {
    orders: Sender<Order>,
    latest: Arc<Latest>,
    searches: Desk<searcher::Search>,
    previews: Desk<previewer::Ask>,
    catalogues: Desk<cataloguer::Wanted>,
    histories: Arc<Desk<historian::Look>>,
    audits: Desk<Generation>,
    changes: Desk<Generation>,
    drills: Desk<driller::Wanted>,
    patches: Desk<changes::Wanted>,
    checks: Desk<Generation>,
    offers: Sender<offers::Asked>,
    lister: OnDemand,
    runs: runs::Runs,
    libraries: Desk<(Generation, Around)>,
    pages: Desk<(Generation, RepoPath, u16)>,
    records: Option<Sender<recorder::Order>>,
    turns: Arc<Turns>,
    running: Vec<Worker>,
}

impl Workers {
    /// Starts them.
    pub fn start(options: &Options, sink: &Sink) -> std::io::Result<Self> {
        Self::start_at(options, Arc::default(), sink)
    }

    /// The same with the place where the latest snapshot will be.
    fn start_at(options: &Options, latest: Arc<Latest>, sink: &Sink) -> std::io::Result<Self> {
        latest.set_habits(Arc::clone(&options.finder.habits));
        let histories = {
            let (options, latest, sink) = (options.clone(), Arc::clone(&latest), Arc::clone(sink));
            Arc::new(Desk::new("historian", &sink.clone(), move |inbox| {
                historian::run(&options, inbox, &latest, &sink);
            }))
        };
        let shared = Arc::new(cataloguer::Shared::default());
        let (orders, inbox) = std::sync::mpsc::channel();
        let mut running = Vec::new();
        {
            let (options, latest, sink) = (options.clone(), Arc::clone(&latest), Arc::clone(sink));
            let (orders, histories) = (orders.clone(), Arc::clone(&histories));
            running.push(Worker::start("indexer", &sink.clone(), move || {
                let to = indexer::Outlets { latest: &latest, sink: &sink, histories: &histories };
                indexer::run(&options, &inbox, &orders, to);
            })?);
        }
        let mut records = None;
        if let Some(recording) = options.recording.clone() {
            let (sender, worker) = recorder::start(recording, &options.repo.root, sink)?;
            records = Some(sender);
            running.push(worker);
        }
        let mut recorded = options.running.clone();
        if let Some(sender) = records.clone() {
            // Checks are recorded by their verdicts.
            recorded.record = Some(Arc::new(move |record| {
                let note = RecordAsk::Note(Noted::of_run(record));
                let _ = sender.send(recorder::Order::Do(note));
            }));
        }
        let with = || (options.clone(), Arc::clone(&latest), Arc::clone(sink));
        let searches = {
            let (options, latest, sink) = with();
            Desk::new("searcher", &sink.clone(), move |inbox| {
                searcher::run(&options.finder, inbox, &latest, &|| {}, &sink);
            })
        };
        let catalogues = {
            let ((options, latest, sink), shared) = (with(), Arc::clone(&shared));
            Desk::new("cataloguer", &sink.clone(), move |inbox| {
                cataloguer::run(&options, inbox, &shared, &latest, &sink);
            })
        };
        let drills = {
            let ((options, latest, sink), shared) = (with(), Arc::clone(&shared));
            Desk::new("driller", &sink.clone(), move |inbox| {
                driller::run(&options, inbox, &shared, &latest, &sink);
            })
        };
        let audits = {
            let ((options, latest, sink), shared) = (with(), Arc::clone(&shared));
            Desk::new("auditor", &sink.clone(), move |inbox| {
                auditor::run(&options, inbox, &shared, &latest, &sink);
            })
        };
        let changes = {
            let (options, latest, sink) = with();
            Desk::new("changes", &sink.clone(), move |inbox| {
                changes::run(&options, inbox, &latest, &sink);
            })
        };
        let patches = {
            let (options, _, sink) = with();
            Desk::new("patches", &sink.clone(), move |inbox| {
                changes::run_patches(&options, inbox, &sink);
            })
        };
        let previews = {
            let (options, latest, sink) = with();
            Desk::new("previewer", &sink.clone(), move |inbox| {
                previewer::run(&options.repo.root, inbox, &latest, &sink);
            })
        };
        let checks = {
            let (options, latest, sink) = with();
            Desk::new("checks", &sink.clone(), move |inbox| {
                checks::run(&options, inbox, &latest, &sink);
            })
        };
        let libraries = {
            let (options, latest, sink) = with();
            Desk::new("librarian", &sink.clone(), move |inbox| {
                librarian::run(&options, inbox, &latest, &sink);
            })
        };
        let pages = {
            let (options, latest, sink) = with();
            Desk::new("reader", &sink.clone(), move |inbox| {
                librarian::run_pages(&options, inbox, &latest, &sink);
            })
        };
        let runs = runs::Runs::new(recorded, Arc::clone(&latest), sink);
        let (offers, inbox) = std::sync::mpsc::channel();
        let lister = {
            let ((options, latest, sink), shown) = (with(), runs.shown());
            OnDemand::new("commands", &sink.clone(), move || {
                offers::run(&options.running, &inbox, &shown, &latest, &sink);
            })
        };
        let turns = Arc::clone(&options.turns);
        Ok(Self {
            orders,
            latest,
            searches,
            previews,
            catalogues,
            histories,
            audits,
            changes,
            drills,
            patches,
            checks,
            offers,
            lister,
            runs,
            libraries,
            pages,
            records,
            turns,
            running,
        })
    }

    /// Passes a request on. Never waits.
    pub fn ask(&self, request: Request) {
        match request {
            Request::Search { generation, query, limit, rows, sight } => {
                self.searches.put(searcher::Search { generation, query, limit, rows, sight });
            }
            Request::Drill { generation, ask } => {
                self.drills.put(driller::Wanted { generation, ask });
            }
            Request::Critical { generation } => {
                self.catalogues.put(cataloguer::Wanted { generation });
            }
            Request::Audit { generation } => self.audits.put(generation),
            Request::Changes { generation } => self.changes.put(generation),
            Request::Patch { generation, commit, path } => {
                self.patches.put(changes::Wanted { generation, commit, path });
            }
            Request::Preview { generation, ask } => {
                self.previews.put(previewer::Ask::Window(generation, ask));
            }
            Request::FindInFile { generation, ask } => {
                self.previews.put(previewer::Ask::Find(generation, ask));
            }
            Request::Checks { generation } => self.checks.put(generation),
            Request::Commands { generation } => self.tell_lister(offers::Asked::List(generation)),
            Request::Trust { seen, grant } => {
                self.tell_lister(offers::Asked::Decide(seen, grant));
            }
            Request::Run { run, command, values, consent } => {
                self.runs.start(runs::Wanted { run, command: *command, values, consent });
            }
            Request::StopRun { run } => self.runs.stop(run),
            Request::Opened { query, path } => self.latest.add_opened(query, &path),
            Request::Record(ask) => {
                // The recorder may have died; that has been reported.
                let order = recorder::Order::Do(ask);
                let _ = self.records.as_ref().map(|it| it.send(order));
            }
            Request::Runbooks { generation, around } => self.libraries.put((generation, around)),
            Request::Runbook { generation, path, width } => {
                self.pages.put((generation, path, width));
            }
            Request::Rescan => {
                // The indexer may have died; that has been reported.
                let _ = self.orders.send(Order::Rescan);
            }
        }
    }

    fn tell_lister(&self, asked: offers::Asked) {
        // Whoever lists them may have died; that has been reported.
        let _ = self.offers.send(asked);
        self.lister.wake();
    }
}

/// Who answers the screen.
pub enum Backend {
    /// The workers of one repository.
    One(Box<Workers>),
    /// Those of several.
    Several(Box<Workspace>),
}

impl Backend {
    /// Passes a request on. Never waits.
    pub fn ask(&self, request: Request) {
        match self {
            Self::One(it) => it.ask(request),
            Self::Several(it) => it.ask(request),
        }
    }

    /// As [`Workers::hand_over`].
    pub fn hand_over(
        &self,
        command: &Command,
        values: &[(String, String)],
        consent: &Consent,
    ) -> Result<Handover, String> {
        match self {
            Self::One(it) => it.hand_over(command, values, consent),
            Self::Several(it) => it.hand_over(command, values, consent),
        }
    }
}

impl Workers {
    /// Prepares a command that gets the terminal, under the same rules as any other run. For the
    /// moment before the screen is left: it reads the disk.
    pub fn hand_over(
        &self,
        command: &Command,
        values: &[(String, String)],
        consent: &Consent,
    ) -> Result<Handover, String> {
        self.runs.hand_over(&self.latest.get().files, command, values, consent)
    }
}

impl Workers {
    /// Tells all to end, without waiting for it.
    fn close(&self) {
        let _ = self.orders.send(Order::Stop);
        let _ = self.offers.send(offers::Asked::Stop);
        self.turns.close();
        self.searches.close();
        self.previews.close();
        self.catalogues.close();
        self.histories.close();
        self.audits.close();
        self.changes.close();
        self.drills.close();
        self.patches.close();
        self.libraries.close();
        self.pages.close();
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.close();
        // Runs are recorded at their end, so they end first.
        self.runs.end();
        if let Some(records) = self.records.take() {
            let _ = records.send(recorder::Order::End);
        }
        self.checks.close();
        self.running.clear();
    }
}
