//! Who works in the background: the indexer, the historian, the searcher, the cataloguer, the
//! auditor, the previewer, the watcher, those who answer the Changes panel.
//!
//! Each is an ordinary function with a thread around it. They share one thing, the latest
//! snapshot; everything else they tell through the [`Sink`].

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
mod watcher;

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
pub use thread::{Worker, crew};
pub use watcher::remote_kind;

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
}

/// All workers of one repository. They end when this is dropped.
pub struct Workers {
    orders: Sender<Order>,
    latest: Arc<Latest>,
    searches: Arc<Mailbox<searcher::Search>>,
    previews: Arc<Mailbox<previewer::Ask>>,
    catalogues: Arc<Mailbox<cataloguer::Wanted>>,
    histories: Arc<Mailbox<historian::Look>>,
    audits: Arc<Mailbox<Generation>>,
    changes: Arc<Mailbox<Generation>>,
    drills: Arc<Mailbox<driller::Wanted>>,
    patches: Arc<Mailbox<changes::Wanted>>,
    checks: Arc<Mailbox<Generation>>,
    offers: Sender<offers::Asked>,
    runs: runs::Runs,
    libraries: Arc<Mailbox<(Generation, Around)>>,
    pages: Arc<Mailbox<(Generation, RepoPath, u16)>>,
    records: Option<Sender<recorder::Order>>,
    running: Vec<Worker>,
}

impl Workers {
    /// Starts them.
    pub fn start(options: &Options, sink: &Sink) -> std::io::Result<Self> {
        let latest = Arc::new(Latest::default());
        latest.set_habits(Arc::clone(&options.finder.habits));
        let searches = Arc::new(Mailbox::default());
        let previews = Arc::new(Mailbox::default());
        let catalogues = Arc::new(Mailbox::default());
        let histories = Arc::new(Mailbox::default());
        let audits = Arc::new(Mailbox::default());
        let changes = Arc::new(Mailbox::default());
        let drills = Arc::new(Mailbox::default());
        let patches = Arc::new(Mailbox::default());
        let libraries = Arc::new(Mailbox::default());
        let pages = Arc::new(Mailbox::default());
        let mut records = None;
        let checks = Arc::new(Mailbox::default());
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
        {
            let (finder, inbox, report) =
                (options.finder.clone(), Arc::clone(&searches), Arc::clone(sink));
            let latest = Arc::clone(&latest);
            running.push(Worker::start("searcher", sink, move || {
                searcher::run(&finder, &inbox, &latest, &report);
            })?);
        }
        {
            let (options, inbox, report) =
                (options.clone(), Arc::clone(&catalogues), Arc::clone(sink));
            let (latest, shared) = (Arc::clone(&latest), Arc::clone(&shared));
            running.push(Worker::start("cataloguer", sink, move || {
                cataloguer::run(&options, &inbox, &shared, &latest, &report);
            })?);
        }
        {
            let (options, inbox, report) = (options.clone(), Arc::clone(&drills), Arc::clone(sink));
            let (latest, shared) = (Arc::clone(&latest), Arc::clone(&shared));
            running.push(Worker::start("driller", sink, move || {
                driller::run(&options, &inbox, &shared, &latest, &report);
            })?);
        }
        {
            let (options, inbox, report) = (options.clone(), Arc::clone(&audits), Arc::clone(sink));
            let (latest, shared) = (Arc::clone(&latest), Arc::clone(&shared));
            running.push(Worker::start("auditor", sink, move || {
                auditor::run(&options, &inbox, &shared, &latest, &report);
            })?);
        }
        {
            let (options, inbox, report) =
                (options.clone(), Arc::clone(&histories), Arc::clone(sink));
            let latest = Arc::clone(&latest);
            running.push(Worker::start("historian", sink, move || {
                historian::run(&options, &inbox, &latest, &report);
            })?);
        }
        {
            let (options, inbox, report) =
                (options.clone(), Arc::clone(&changes), Arc::clone(sink));
            let latest = Arc::clone(&latest);
            running.push(Worker::start("changes", sink, move || {
                changes::run(&options, &inbox, &latest, &report);
            })?);
        }
        {
            let (options, inbox, report) =
                (options.clone(), Arc::clone(&patches), Arc::clone(sink));
            running.push(Worker::start("patches", sink, move || {
                changes::run_patches(&options, &inbox, &report);
            })?);
        }
        {
            let (root, inbox, report) =
                (options.repo.root.clone(), Arc::clone(&previews), Arc::clone(sink));
            let latest = Arc::clone(&latest);
            running.push(Worker::start("previewer", sink, move || {
                previewer::run(&root, &inbox, &latest, &report);
            })?);
        }
        {
            let (options, inbox, report) = (options.clone(), Arc::clone(&checks), Arc::clone(sink));
            let latest = Arc::clone(&latest);
            running.push(Worker::start("checks", sink, move || {
                checks::run(&options, &inbox, &latest, &report);
            })?);
        }
        if let Some(recording) = options.recording.clone() {
            let (sender, noted) = std::sync::mpsc::channel();
            records = Some(sender);
            let (root, report) = (options.repo.root.clone(), Arc::clone(sink));
            running.push(Worker::start("recorder", sink, move || {
                recorder::run(&recording, &root, &noted, &report);
            })?);
        }
        let mut recorded = options.running.clone();
        if let Some(sender) = records.clone() {
            // Checks are recorded by their verdicts.
            recorded.record = Some(Arc::new(move |record| {
                let note = RecordAsk::Note(Noted::of_run(record));
                let _ = sender.send(recorder::Order::Do(note));
            }));
        }
        let runs = runs::Runs::new(recorded, Arc::clone(&latest), sink);
        let (offers, inbox) = std::sync::mpsc::channel();
        {
            let (of, shown) = (options.running.clone(), runs.shown());
            let (latest, report) = (Arc::clone(&latest), Arc::clone(sink));
            running.push(Worker::start("commands", sink, move || {
                offers::run(&of, &inbox, &shown, &latest, &report);
            })?);
        }
        {
            let (options, inbox, report) =
                (options.clone(), Arc::clone(&libraries), Arc::clone(sink));
            let latest = Arc::clone(&latest);
            running.push(Worker::start("librarian", sink, move || {
                librarian::run(&options, &inbox, &latest, &report);
            })?);
        }
        {
            let (options, inbox, report) = (options.clone(), Arc::clone(&pages), Arc::clone(sink));
            let latest = Arc::clone(&latest);
            running.push(Worker::start("reader", sink, move || {
                librarian::run_pages(&options, &inbox, &latest, &report);
            })?);
        }
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
            runs,
            libraries,
            pages,
            records,
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
            // Whoever lists them may have died; that has been reported.
            Request::Commands { generation } => {
                let _ = self.offers.send(offers::Asked::List(generation));
            }
            Request::Trust { seen, grant } => {
                let _ = self.offers.send(offers::Asked::Decide(seen, grant));
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

impl Drop for Workers {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Stop);
        let _ = self.offers.send(offers::Asked::Stop);
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
        // Runs are recorded at their end, so they end first.
        self.runs.end();
        if let Some(records) = self.records.take() {
            let _ = records.send(recorder::Order::End);
        }
        self.checks.close();
        self.running.clear();
    }
}
