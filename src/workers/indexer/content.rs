//! Looks after the index: opens it, brings it to what the list says, repairs it, reads along.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Difference, Indexer, RETRY, RETRY_MOST};
use crate::base::Diagnostic;
use crate::engine::files::FileList;
use crate::engine::index::{
    Counts, Index, IndexError, Plan, Update, Watch, Writer, build_threads, chain, is_being_written,
    note_use, probe,
};
use crate::engine::roles::RoleSet;
use crate::engine::walk::Stamp;
use crate::protocol::{IndexStatus, Phase, Report};
use crate::workers::Options;
use crate::workers::thread::{aside, crew};
use crate::workers::turns::Stage;

/// Progress is told this often.
const PROGRESS: Duration = Duration::from_millis(100);
/// More changes than this are read on all threads.
pub(super) const SMALL: usize = 200;
/// After so many files that were read one by one, their segments are looked at.
const LOOSE: usize = 256;
/// An index that fails this often after having been built anew is given up.
const REPAIRS: usize = 3;

impl Indexer<'_> {
    pub(super) fn open(&mut self) {
        let Some(folder) = &self.options.folder else {
            return self.use_index(Index::in_memory());
        };
        match Index::open(folder) {
            Ok((index, damage)) => {
                if let Some(damage) = damage {
                    self.say_damaged(&damage);
                }
                // Without the note the index is swept away some day.
                let _ = note_use(folder, &self.options.repo.root);
                self.use_index(index);
            }
            // Damaged while another one writes it: that one mends it.
            Err(IndexError::Busy { .. }) => self.hinder(Phase::Reader),
            Err(error) => {
                let text = format!("the index is kept in memory only: {}", chain(&error));
                self.say(Diagnostic::warning(text).hint("`navi doctor` looks at the index folder"));
                self.use_index(Index::in_memory());
            }
        }
    }

    fn say_damaged(&self, why: &str) {
        self.say(Diagnostic::warning(format!("the index was damaged and is built anew: {why}")));
    }

    fn use_index(&mut self, index: Index) {
        // Its socket went with what was in the folder.
        self.door = None;
        self.in_step = false;
        match index.snapshots() {
            Ok(maker) => {
                self.maker = Some(maker);
                self.index = Some(index);
            }
            Err(error) => self.hinder(Phase::PathsOnly(chain(&error))),
        }
    }

    /// Notes why the index cannot be used or written now, and when to try again.
    fn hinder(&mut self, phase: Phase) {
        let wait = self.hindered.as_ref().map_or(RETRY, |(.., wait)| (*wait * 2).min(RETRY_MOST));
        self.in_step = false;
        self.hindered = Some((phase, Instant::now() + wait, wait));
    }

    /// Something about the index failed: what can be done, is.
    pub(super) fn stumble(&mut self, error: &IndexError) {
        let why = chain(error);
        self.in_step = false;
        let reading = self.writer.take().is_none();
        let Some(folder) = &self.options.folder else {
            return self.hinder(Phase::PathsOnly(why));
        };
        match probe(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                self.reopen("its folder was removed");
            }
            Err(error) => {
                let why = format!("the index cannot be written: {error}");
                self.say(
                    Diagnostic::warning(why.clone()).hint(
                        "names are up to date, contents are those of before; navi tries again",
                    ),
                );
                self.hinder(Phase::Behind(why));
            }
            Ok(()) if self.repairs < REPAIRS => {
                self.repairs += 1;
                self.maker = None;
                self.index = None;
                if reading && is_being_written(folder) {
                    // Not ours to mend.
                    return self.hinder(Phase::Reader);
                }
                match Index::renew(folder) {
                    Ok(index) => {
                        self.say_damaged(&why);
                        self.use_index(index);
                    }
                    Err(IndexError::Busy { .. }) => self.hinder(Phase::Reader),
                    Err(error) => self.hinder(Phase::PathsOnly(chain(&error))),
                }
            }
            Ok(()) => {
                self.say(
                    Diagnostic::warning(format!("only paths are searched: {why}"))
                        .hint("`navi doctor` looks at the index folder"),
                );
                self.maker = None;
                self.index = None;
                self.hinder(Phase::PathsOnly(why));
            }
        }
    }

    /// The index is gone from under its readers and writer.
    pub(super) fn reopen(&mut self, why: &str) {
        // Even when another one has made it again by now: what this navi holds, its lock too, is of
        // the folder that is gone.
        self.say(Diagnostic::warning(format!("the index is built anew: {why}")));
        self.writer = None;
        self.maker = None;
        self.index = None;
        self.unkept = true;
        self.settled = false;
        self.hindered = None;
        self.open();
        self.catch_up(None);
    }

    /// After a while: can it be used now?
    pub(super) fn try_again(&mut self) {
        let before = self.hindered.take();
        if self.index.is_none() {
            self.open();
        }
        if let Some(folder) = &self.options.folder
            && self.hindered.is_none()
            && !is_being_written(folder)
            && let Err(error) = probe(folder)
        {
            self.hindered = before;
            return self.hinder(Phase::Behind(format!("the index cannot be written: {error}")));
        }
        if self.hindered.is_none() {
            self.catch_up(None);
        }
        if self.hindered.is_none() && before.is_some_and(|(phase, ..)| phase != Phase::Reader) {
            self.say(Diagnostic::note("the index is written again"));
        }
    }

    /// Brings the index to what the list says, repairs included, and tells how it stands.
    pub(super) fn catch_up(&mut self, since: Option<Instant>) {
        for _ in 0..=REPAIRS {
            if self.hindered.is_some() || self.waiting.stop {
                break;
            }
            let plan = Plan::compare(&self.keeper, self.maker.as_mut());
            match plan.and_then(|plan| self.update(plan)) {
                Ok(()) => break,
                Err(error) => self.stumble(&error),
            }
        }
        if let Some(watcher) = &self.watcher {
            watcher.watch_index(self.writer.is_none());
        }
        self.publish(true, Vec::new());
        if !self.waiting.stop {
            self.settle(since);
            self.loose = LOOSE;
            self.tend_or_stumble();
        }
    }

    /// Takes over what differs from before.
    pub(super) fn apply(&mut self, difference: Difference, relist: bool, since: Option<Instant>) {
        if !self.in_step {
            return self.catch_up(since);
        }
        if let Some(Err(error)) = self.index.as_ref().map(Index::still_there) {
            self.stumble(&error);
            return self.catch_up(since);
        }
        let paths = self.paths_of(&difference);
        // Whether the index holds something under a path that is new here, only comparing tells.
        let put = difference.put.into_iter().map(|(id, _)| (id, false)).collect();
        let plan = Plan { put, remove: difference.removed, unchanged: 0 };
        if let Err(error) = self.update(plan) {
            self.stumble(&error);
            return self.catch_up(since);
        }
        if self.waiting.stop {
            return;
        }
        self.publish(relist, paths);
        self.settle(since);
        self.tend_or_stumble();
    }

    fn tend_or_stumble(&mut self) {
        if let Err(error) = self.tend() {
            self.stumble(&error);
            self.catch_up(None);
        }
    }

    /// Carries out a plan and commits. The writer's lock is taken when it is free; when it is not,
    /// this navi reads.
    fn update(&mut self, plan: Plan) -> Result<(), IndexError> {
        let Some(index) = &self.index else { return Ok(()) };
        let building = (plan.put.len() > SMALL).then(|| build_threads(self.options.cores));
        let kept = self.writer.take().filter(|_| building.is_none());
        let files = self.keeper.list();
        self.status.counts = Counts { unchanged: plan.unchanged, ..Counts::default() };
        self.in_step = false;
        self.loose += plan.put.len();
        self.built |= building.is_some();
        let started = Instant::now();
        let total = plan.put.len();
        // A build has its turn, unless it is a part of the first look, which has its own.
        let mut own = None;
        if building.is_some() && self.turn.is_none() {
            own = Some(self.options.turns.take(Stage::Index));
        }
        let turn = self.turn.as_ref().or(own.as_ref());
        let (latest, sink, inbox, keeper) = (self.latest, self.sink, self.inbox, &self.keeper);
        let (maker, waiting) = (&mut self.maker, &mut self.waiting);
        let status = IndexStatus { files: files.len(), ..self.status.clone() };
        let stopped = AtomicBool::new(false);
        let told = Mutex::new(started);
        let tell = |counts: &Counts| {
            if let Ok(mut told) = told.try_lock()
                && building.is_some()
                && told.elapsed() > PROGRESS
            {
                *told = Instant::now();
                turn.inspect(|it| it.go_on());
                let elapsed_ms = started.elapsed().as_millis() as u64;
                let phase = Phase::Indexing { done: counts.indexed, total, elapsed_ms };
                sink(Report::Index(IndexStatus { phase, ..status.clone() }));
            }
            !stopped.load(Ordering::Relaxed)
        };
        let (options, roles) = (self.options, &self.roles);
        let work = || -> Result<(Counts, Option<Writer>), IndexError> {
            let mut writer = match kept {
                Some(writer) => writer,
                None => index.writer(building)?,
            };
            if plan.is_empty() {
                return Ok((
                    Counts { unchanged: plan.unchanged, ..Counts::default() },
                    Some(writer),
                ));
            }
            let update = update_of(options, roles, &files, building.unwrap_or(1));
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
                waiting.take_all(inbox);
                stopped.fetch_or(waiting.stop, Ordering::Relaxed);
            })
        } else {
            work()
        };
        let writer = match outcome {
            Ok((counts, writer)) => {
                self.status.counts = counts;
                writer
            }
            Err(IndexError::Busy { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        if self.waiting.stop {
            // What was committed stays; the rest is read at the next start.
            if let Some(writer) = writer {
                writer.leave();
            }
            return Ok(());
        }
        self.writer = match writer.map_or_else(|| index.writer(None), Ok) {
            Ok(writer) => Some(writer),
            Err(IndexError::Busy { .. }) => None,
            Err(error) => return Err(error),
        };
        self.in_step = self.writer.is_some();
        Ok(())
    }

    /// Makes few segments of the many that a build leaves. Gives single files that were read lately a
    /// segment, when there are enough of them.
    fn tend(&mut self) -> Result<(), IndexError> {
        let (Some(writer), Some(maker)) = (&mut self.writer, self.maker.as_mut()) else {
            return Ok(());
        };
        if std::mem::take(&mut self.built) && writer.join_segments()? {
            self.latest.set(maker.take(&self.keeper, false)?);
            writer.drop_unseen()?;
            writer.seal();
        }
        if self.loose < LOOSE {
            return Ok(());
        }
        self.loose = 0;
        let snapshot = self.latest.get();
        let files = self.keeper.list();
        if update_of(self.options, &self.roles, &files, 1).tend(writer, &snapshot)? {
            // Should this navi be killed, the segments that it removed are not missed.
            writer.seal();
            self.latest.set(maker.take(&self.keeper, false)?);
        }
        Ok(())
    }

    pub(super) fn stamp_of_commit(&self) -> Option<Stamp> {
        let folder = self.options.folder.as_ref()?;
        std::fs::metadata(folder.join("meta.json")).ok().map(|it| Stamp::of(&it))
    }

    /// Sees what the writing navi committed, and takes over when it has left.
    pub(super) fn look_as_reader(&mut self) {
        let Some(folder) = &self.options.folder else { return };
        if !is_being_written(folder) {
            // Opened anew: the writer may have been killed, and what tantivy remembers of the
            // folder is that of the moment it was opened.
            self.maker = None;
            self.index = None;
            self.open();
            self.catch_up(None);
            return;
        }
        let commit = self.stamp_of_commit();
        if commit.is_none() {
            return self.reopen("its folder was removed");
        }
        if commit != self.commit {
            self.publish(false, Vec::new());
        }
        if self.phase() != self.status.phase {
            self.settle(None);
        }
    }
}

fn update_of<'a>(
    options: &'a Options,
    roles: &'a RoleSet,
    files: &'a FileList,
    threads: usize,
) -> Update<'a> {
    let limit = options.finder.file_limit;
    Update { root: &options.repo.root, files, roles, limit, crew, threads }
}
