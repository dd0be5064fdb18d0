//! Keeps the list of files and the index as the disk is, and publishes snapshots.
//!
//! The list is usable while it grows; contents follow. It owns the only writer of this process.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use super::shared::Latest;
use super::thread::{aside, crew};
use super::watcher::{self, Watcher};
use super::{Options, Sink};
use crate::base::{Diagnostic, RepoPath};
use crate::engine::files::FileKeeper;
use crate::engine::index::{
    Counts, Index, IndexError, Plan, Snapshot, SnapshotMaker, Update, Watch, Writer, alone,
    build_threads,
};
use crate::engine::walk::{self, Found};
use crate::protocol::{IndexStatus, Phase, Report};

/// What the indexer is told.
pub enum Order {
    /// These changed, the first of them at that moment.
    Changed(BTreeSet<PathBuf>, Instant),
    /// Anything may have changed since that moment.
    RescanSince(Instant),
    /// The user asks for a new look at everything.
    Rescan,
    /// End.
    Stop,
}

/// More changed files than this are read on several threads of low priority.
const BUILD_FROM: usize = 200;
/// Progress is told this often.
const PROGRESS: Duration = Duration::from_millis(100);
/// A reader looks for the writer's commits, and for its leaving, this often.
const READER_LOOKS: Duration = Duration::from_millis(500);

struct Indexer<'a> {
    options: &'a Options,
    latest: &'a Latest,
    sink: &'a Sink,
    keeper: FileKeeper,
    status: IndexStatus,
    index: Option<Index>,
    maker: Option<SnapshotMaker>,
    writer: Option<Writer>,
    unwatched: Option<String>,
}

/// Works until told to stop.
pub fn run(
    options: &Options,
    inbox: &Receiver<Order>,
    orders: &Sender<Order>,
    latest: &Latest,
    sink: &Sink,
) {
    let mut it = Indexer {
        options,
        latest,
        sink,
        keeper: FileKeeper::default(),
        status: IndexStatus::default(),
        index: None,
        maker: None,
        writer: None,
        unwatched: None,
    };
    it.open();
    it.scan();
    let watcher = it.watch(orders);
    if !it.update(inbox) {
        return;
    }
    it.settle(None);
    it.follow(inbox);
    drop(watcher);
}

impl Indexer<'_> {
    fn open(&mut self) {
        let opened = match &self.options.folder {
            Some(folder) => Index::open(folder),
            None => Ok((Index::in_memory(), false)),
        };
        let (index, repaired) = opened.unwrap_or_else(|error| {
            let why = std::error::Error::source(&error)
                .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
            let text = format!("the index is kept in memory only: {why}");
            (self.sink)(Report::Said(
                Diagnostic::warning(text).hint("`navi doctor` looks at the index folder"),
            ));
            (Index::in_memory(), false)
        });
        if repaired {
            let text = "the index was damaged and is built anew";
            (self.sink)(Report::Said(Diagnostic::note(text)));
        }
        self.maker = index.snapshots().ok();
        self.index = Some(index);
    }

    fn fail(&mut self, error: &IndexError) {
        let why = std::error::Error::source(error)
            .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
        (self.sink)(Report::Said(
            Diagnostic::warning(format!("only paths are searched: {why}"))
                .hint("`navi doctor` looks at the index folder"),
        ));
        self.status.phase = Phase::PathsOnly(why);
        self.writer = None;
    }

    fn tell(&mut self) {
        self.status.files = self.keeper.list().len();
        (self.sink)(Report::Index(self.status.clone()));
    }

    fn publish(&mut self, relist: bool, paths: Vec<RepoPath>) {
        let keeper = &mut self.keeper;
        let snapshot = match self.maker.as_mut().map(|it| it.take_tagged(keeper, relist)) {
            Some(Ok(snapshot)) => snapshot,
            Some(Err(error)) => {
                self.fail(&error);
                Snapshot::of_files(self.keeper.list())
            }
            None => Snapshot::of_files(self.keeper.list()),
        };
        self.latest.set(snapshot);
        (self.sink)(Report::Changed { paths });
    }

    /// Walks over everything. On the first walk the list grows on screen.
    fn scan(&mut self) -> bool {
        let first = self.keeper.list().is_empty();
        let roles = std::sync::Arc::clone(&self.options.finder.roles);
        let seen = Mutex::new(HashSet::new());
        let keeper = Mutex::new((std::mem::take(&mut self.keeper), Instant::now(), 0usize, false));
        let faults = walk::walk(&self.options.repo.root, self.options.cores, &|batch: Vec<
            Found,
        >| {
            let Ok(mut state) = keeper.lock() else { return false };
            let Ok(mut seen) = seen.lock() else { return false };
            for found in &batch {
                let (id, changed) = state.0.put(found, &roles);
                state.3 |= changed;
                seen.insert(id);
            }
            let count = state.0.list().len();
            let due = count >= state.2 * 2 || state.1.elapsed() > Duration::from_millis(40);
            if first && count > state.2 && due {
                state.1 = Instant::now();
                state.2 = count;
                self.latest.set(Snapshot::of_files(state.0.list()));
                (self.sink)(Report::Index(IndexStatus { files: count, ..IndexStatus::default() }));
                (self.sink)(Report::Changed { paths: Vec::new() });
            }
            true
        });
        let (keeper, _, _, mut changed) =
            keeper.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.keeper = keeper;
        let seen = seen.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let files = self.keeper.list();
        for id in files.living().filter(|id| !seen.contains(id)) {
            self.keeper.remove(&files.repo_path(id));
            changed = true;
        }
        for fault in faults {
            (self.sink)(Report::Said(fault));
        }
        self.publish(true, Vec::new());
        self.tell();
        changed
    }

    fn watch(&mut self, orders: &Sender<Order>) -> Option<Watcher> {
        if !self.options.watch {
            self.unwatched = Some("switched off".into());
            return None;
        }
        match Watcher::start(&self.options.repo.root, orders, self.sink) {
            Ok(watcher) => Some(watcher),
            Err(why) => {
                (self.sink)(Report::Said(
                    Diagnostic::warning(format!("changes are not followed: {why}"))
                        .hint("ctrl-r looks at every file again"),
                ));
                self.unwatched = Some(why);
                None
            }
        }
    }

    /// Reads what changed since the index was written. False when told to stop meanwhile.
    fn update(&mut self, inbox: &Receiver<Order>) -> bool {
        let Some(index) = &self.index else { return true };
        let plan = match Plan::compare(&self.keeper, self.maker.as_mut()) {
            Ok(plan) => plan,
            Err(error) => {
                self.fail(&error);
                return true;
            }
        };
        self.status.counts = Counts { unchanged: plan.unchanged, ..Counts::default() };
        if plan.is_empty() {
            return self.take_writer();
        }
        let building = (plan.put.len() > BUILD_FROM).then(|| build_threads(self.options.cores));
        let kept = self.writer.take().filter(|_| building.is_none());
        let files = self.keeper.list();
        let started = Instant::now();
        let total = plan.put.len();
        let (latest, sink, keeper) = (self.latest, self.sink, &self.keeper);
        let maker = &mut self.maker;
        let status = IndexStatus { files: files.len(), ..self.status.clone() };
        let stopped = AtomicBool::new(false);
        let told = Mutex::new(started);
        let tell = |counts: &Counts| {
            if let Ok(mut told) = told.try_lock()
                && told.elapsed() > PROGRESS
            {
                *told = Instant::now();
                let elapsed_ms = started.elapsed().as_millis() as u64;
                let phase = Phase::Indexing { done: counts.indexed, total, elapsed_ms };
                sink(Report::Index(IndexStatus { phase, ..status.clone() }));
            }
            !stopped.load(Ordering::Relaxed)
        };
        let work = || -> Result<(Counts, Option<Writer>), IndexError> {
            let mut writer = match kept {
                Some(writer) => writer,
                None => index.writer(building)?,
            };
            let update = Update {
                root: &self.options.repo.root,
                files: &files,
                roles: &self.options.finder.roles,
                limit: self.options.finder.file_limit,
                crew,
                threads: building.unwrap_or(1),
            };
            let mut committed = || {
                if let Some(maker) = maker.as_mut() {
                    latest.set(maker.take(keeper, false)?);
                    sink(Report::Changed { paths: Vec::new() });
                }
                Ok(())
            };
            let mut watch = Watch { told: &tell, committed: &mut committed };
            let counts = update.apply(&mut writer, &plan, &mut watch)?;
            if building.is_some() {
                // The arenas of a build would stay with the writer.
                writer.finish()?;
                return Ok((counts, None));
            }
            Ok((counts, Some(writer)))
        };
        let outcome = if building.is_some() {
            aside(work, &mut || {
                // Anything else that waits is about changes, which the next comparison finds.
                while let Ok(order) = inbox.try_recv() {
                    if matches!(order, Order::Stop) {
                        stopped.store(true, Ordering::Relaxed);
                    }
                }
            })
        } else {
            work()
        };
        match outcome {
            Ok((counts, writer)) => {
                self.status.counts = counts;
                self.writer = writer;
            }
            Err(IndexError::Busy { .. }) => {
                self.status.phase = Phase::Reader;
                return true;
            }
            Err(error) => {
                self.fail(&error);
                return !stopped.into_inner();
            }
        }
        if stopped.into_inner() {
            return false;
        }
        self.publish(false, Vec::new());
        // What changed while it was read is found by comparing once more.
        self.take_writer()
    }

    fn take_writer(&mut self) -> bool {
        if self.writer.is_some() {
            return true;
        }
        match self.index.as_ref().map(|index| index.writer(None)) {
            Some(Ok(writer)) => self.writer = Some(writer),
            Some(Err(IndexError::Busy { .. })) => self.status.phase = Phase::Reader,
            Some(Err(error)) => self.fail(&error),
            None => {}
        }
        true
    }

    /// Says where the index stands after all was brought up to date.
    fn settle(&mut self, since: Option<Instant>) {
        if self.writer.is_some() {
            self.status.phase = match &self.unwatched {
                None => Phase::Live,
                Some(why) => Phase::Unwatched(why.clone()),
            };
        }
        if let Some(since) = since {
            self.status.fresh_ms = Some(since.elapsed().as_millis() as u64);
        }
        self.tell();
    }

    fn follow(&mut self, inbox: &Receiver<Order>) {
        loop {
            let reading = self.status.phase == Phase::Reader;
            let order = if reading {
                match inbox.recv_timeout(READER_LOOKS) {
                    Ok(order) => order,
                    Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                        self.look_as_reader();
                        continue;
                    }
                    Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return,
                }
            } else {
                match inbox.recv() {
                    Ok(order) => order,
                    Err(_) => return,
                }
            };
            let since = match order {
                Order::Stop => return,
                Order::Rescan => {
                    let since = Instant::now();
                    self.scan();
                    since
                }
                Order::RescanSince(since) => {
                    self.scan();
                    since
                }
                Order::Changed(paths, since) => {
                    if self.take_changes(&paths) {
                        self.settle(Some(since));
                    }
                    continue;
                }
            };
            if !self.update(inbox) {
                return;
            }
            self.settle(Some(since));
        }
    }

    /// Sees what the writing navi committed, and takes over when it has left.
    fn look_as_reader(&mut self) {
        self.take_writer();
        if self.writer.is_some() {
            self.scan();
            self.settle(None);
            return;
        }
        self.publish(false, Vec::new());
    }

    /// Takes over single changes; tells whether there were any.
    fn take_changes(&mut self, paths: &BTreeSet<PathBuf>) -> bool {
        let root = &self.options.repo.root;
        let mut put = Vec::new();
        let mut removed = Vec::new();
        for path in watcher::repo_paths(root, paths) {
            let found = walk::walk_below(root, &path);
            let files = self.keeper.list();
            let mut living = HashSet::new();
            for file in &found {
                let (id, changed) = self.keeper.put(file, &self.options.finder.roles);
                living.insert(id);
                if changed {
                    put.push((id, false));
                }
            }
            // A folder that went away took its files along.
            let below = |other: &[u8]| {
                other
                    .strip_prefix(path.as_bytes())
                    .is_some_and(|rest| rest.is_empty() || rest.first() == Some(&b'/'))
            };
            for id in files.living().filter(|id| !living.contains(id)) {
                if below(files.path(id)) {
                    let gone = files.repo_path(id);
                    self.keeper.remove(&gone);
                    removed.push(gone);
                }
            }
        }
        put.sort_unstable();
        put.dedup();
        if put.is_empty() && removed.is_empty() {
            return false;
        }
        let files = self.keeper.list();
        let mut changed: Vec<RepoPath> = put.iter().map(|(id, _)| files.repo_path(*id)).collect();
        changed.extend(removed.iter().cloned());
        if let Some(mut writer) = self.writer.take() {
            let plan = Plan { put, remove: removed, unchanged: 0 };
            let update = Update {
                root,
                files: &files,
                roles: &self.options.finder.roles,
                limit: self.options.finder.file_limit,
                crew: alone,
                threads: 1,
            };
            let mut watch = Watch { told: &|_| true, committed: &mut || Ok(()) };
            let outcome = update.apply(&mut writer, &plan, &mut watch);
            self.writer = Some(writer);
            if let Err(error) = outcome {
                self.fail(&error);
            }
        }
        self.publish(false, changed);
        true
    }
}

/// Walks once and makes the list, for the command line.
pub fn list_files(options: &Options) -> (FileKeeper, Vec<Diagnostic>) {
    let keeper = Mutex::new(FileKeeper::default());
    let roles = &options.finder.roles;
    let faults = walk::walk(&options.repo.root, options.cores, &|batch: Vec<Found>| {
        let Ok(mut keeper) = keeper.lock() else { return false };
        for found in &batch {
            keeper.put(found, roles);
        }
        true
    });
    (keeper.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner), faults)
}
