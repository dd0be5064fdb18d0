//! Brings the index to the state of the files: what changed is read, what is gone is taken out.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::content::{self, Content};
use super::exact::{ExactBuilder, ExactView};
use super::snapshot::{Snapshot, SnapshotMaker};
use super::terms::Terms;
use super::{Index, IndexError, Tags, Writer};
use crate::base::RepoPath;
use crate::engine::crew::{Crew, alone};
use crate::engine::files::{FileId, FileKeeper, FileList};
use crate::engine::roles::RoleSet;
use crate::engine::walk::{STEP, Stamp};

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Files to read; `true` where the index holds nothing under that path yet.
    pub put: Vec<(FileId, bool)>,
    /// Paths to take out.
    pub remove: Vec<RepoPath>,
    /// Files that the index holds as they are.
    pub unchanged: usize,
}

impl Plan {
    /// Compares what is indexed with the files; `maker` is `None` for a new index.
    pub fn compare(
        keeper: &FileKeeper,
        maker: Option<&mut SnapshotMaker>,
    ) -> Result<Self, IndexError> {
        let files = keeper.list();
        let mut indexed: Vec<Option<Stamp>> = vec![None; files.ids() as usize];
        let mut plan = Self::default();
        if let Some(maker) = maker {
            let mut gone = Vec::new();
            plan.remove =
                maker.for_each_indexed(keeper, |id, stamp| match indexed.get_mut(id as usize) {
                    Some(place) if !files.facts(id).gone => *place = Some(stamp),
                    _ => gone.push(id),
                })?;
            plan.remove.extend(gone.into_iter().map(|id| files.repo_path(id)));
        }
        for id in files.living() {
            match indexed[id as usize] {
                Some(stamp) if stamp == files.facts(id).stamp => plan.unchanged += 1,
                Some(_) => plan.put.push((id, false)),
                None => plan.put.push((id, true)),
            }
        }
        // What is likeliest to be looked for is searchable first.
        plan.put.sort_by_key(|(id, _)| {
            let facts = files.facts(*id);
            (facts.standing, std::cmp::Reverse(facts.stamp.modified))
        });
        Ok(plan)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.remove.is_empty()
    }
}

/// What became of the files of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files put in, whether or not their text was read.
    pub indexed: usize,
    /// Files taken out.
    pub removed: usize,
    /// Files that were already as they should be.
    pub unchanged: usize,
    /// Bytes of text read.
    pub bytes: u64,
    /// Binary files: listed, not read.
    pub binary: usize,
    /// Files read only up to the limit.
    pub too_large: usize,
    /// Files that could not be read.
    pub unreadable: usize,
    /// Files with names of secrets: listed, not read.
    pub secret: usize,
}

/// How an update is done.
pub struct Update<'a> {
    /// The repository's root.
    pub root: &'a Path,
    /// The files.
    pub files: &'a FileList,
    /// The rules that tag what is read.
    pub roles: &'a RoleSet,
    /// Bytes of a file whose words are ranked.
    pub limit: u64,
    /// Who reads.
    pub crew: Crew,
    /// How many read at once.
    pub threads: usize,
}

/// How an update goes on, for those who wait.
pub struct Watch<'a> {
    /// Hears of the counts now and then, from any thread; answers whether to go on.
    pub told: &'a (dyn Fn(&Counts) -> bool + Sync),
    /// Hears of each commit before the last.
    pub committed: &'a mut dyn FnMut() -> Result<(), IndexError>,
}

/// Bytes of the first files that are committed, so that they can be found soon.
const FIRST_ROUND: u64 = 6 << 20;
/// How much more each round holds than the one before.
const GROWTH: u64 = 5;
/// Files that a thread takes at a time.
const HANDFUL: usize = 16;
/// With fewer files than this, no segment for exact searches is written; until there are more they
/// are read when searched.
const SEGMENT_FROM: usize = 64;
/// Files outside of all segments after which they get one.
const MOST_LOOSE: usize = 128;

/// One thread's tools.
#[derive(Default)]
struct Bench {
    bytes: Vec<u8>,
    terms: Terms,
    exact: ExactBuilder,
}

/// What the threads of a round share.
struct Round<'a> {
    update: &'a Update<'a>,
    writer: &'a Writer,
    put: &'a [(FileId, bool)],
    next: AtomicUsize,
    counts: &'a Mutex<Counts>,
    failed: &'a Mutex<Option<IndexError>>,
    exact: bool,
}

impl Update<'_> {
    /// Carries out the plan and commits it. Ends early, with what is done committed, when
    /// `watch.told` says so.
    pub fn apply(
        &self,
        writer: &mut Writer,
        plan: &Plan,
        watch: &mut Watch<'_>,
    ) -> Result<Counts, IndexError> {
        let counts = Mutex::new(Counts { unchanged: plan.unchanged, ..Counts::default() });
        let now = SystemTime::now();
        if plan.put.iter().any(|(id, _)| self.files.facts(*id).stamp.is_fresh_at(now)) {
            // What is written until then may leave no trace in the stamp; later writes do.
            std::thread::sleep(STEP);
        }
        for path in &plan.remove {
            writer.remove(path);
        }
        lock(&counts).removed = plan.remove.len();
        // All there is gets one too, however little: then nothing has to be read when searched.
        let exact = plan.put.len() >= SEGMENT_FROM.min(self.files.len());
        let threads = if exact { self.threads.max(1) } else { 1 };
        let benches: Vec<Mutex<Option<Bench>>> = (0..threads).map(|_| Mutex::default()).collect();
        let failed = Mutex::new(None);
        let (mut start, mut most) = (0, FIRST_ROUND);
        loop {
            let end = self.round_end(&plan.put, start, most);
            let round = Round {
                update: self,
                writer,
                put: &plan.put[start..end],
                next: AtomicUsize::new(0),
                counts: &counts,
                failed: &failed,
                exact,
            };
            let going = AtomicBool::new(true);
            let job = |number: usize| {
                let Some(bench) = benches.get(number) else { return };
                let mut bench = bench.lock().unwrap_or_else(PoisonError::into_inner);
                round.work(bench.get_or_insert_default(), watch.told, &going);
            };
            (if threads == 1 { alone } else { self.crew })(threads, &job);
            let stopped = !going.load(Ordering::Relaxed);
            if let Some(error) = lock(&failed).take() {
                return Err(error);
            }
            let last = stopped || end == plan.put.len();
            if last {
                // The fewer segments, the sooner a search has looked into all of them.
                let mut whole = ExactBuilder::default();
                for bench in &benches {
                    let bench = bench.lock().unwrap_or_else(PoisonError::into_inner).take();
                    let rest = bench.and_then(|it| whole.absorb(it.exact));
                    if let Some(mut rest) = rest {
                        writer.put_segment(rest.finish())?;
                    }
                }
                if !whole.is_empty() {
                    writer.put_segment(whole.finish())?;
                }
            }
            writer.commit()?;
            if last {
                return Ok(*lock(&counts));
            }
            (watch.committed)()?;
            start = end;
            most = most.saturating_mul(GROWTH);
        }
    }

    fn round_end(&self, put: &[(FileId, bool)], start: usize, most: u64) -> usize {
        let mut bytes = 0u64;
        let rest = put.iter().skip(start);
        let within = rest.take_while(|(id, _)| {
            // An empty file has a path all the same.
            bytes += self.files.facts(*id).stamp.size.min(self.limit) + 200;
            bytes <= most
        });
        put.len().min(start + within.count().max(HANDFUL))
    }

    /// Does what [`Update::tend_segments`] does for what a snapshot sees.
    pub fn tend(&self, writer: &Writer, snapshot: &Snapshot) -> Result<bool, IndexError> {
        self.tend_segments(writer, &snapshot.exact)
    }

    /// Gives a segment to files that are in none, and replaces segments that are no longer worth
    /// keeping, when there are enough of them. Tells whether anything was done.
    pub fn tend_segments(&self, writer: &Writer, view: &ExactView) -> Result<bool, IndexError> {
        let loose = view.uncovered(self.files).len();
        let worn = view.worn(self.files);
        if loose < MOST_LOOSE && worn.is_empty() {
            return Ok(false);
        }
        let mut exact = ExactBuilder::default();
        let mut bytes = Vec::new();
        for id in view.without(&worn).uncovered(self.files) {
            let (path, facts) = (self.files.repo_path(id), self.files.facts(id));
            let limit = content::exact_limit(self.limit);
            // What cannot be read stays uncovered.
            if content::read(self.root, &path, facts.link, limit, &mut bytes).is_ok() {
                exact.add(path, facts.stamp, &bytes);
            }
            if exact.is_full() {
                writer.put_segment(exact.finish())?;
            }
        }
        if !exact.is_empty() {
            writer.put_segment(exact.finish())?;
        }
        for name in worn {
            writer.remove_segment(&name)?;
        }
        Ok(true)
    }
}

impl Round<'_> {
    /// What one thread does: takes handfuls of files until none is left.
    fn work(&self, bench: &mut Bench, told: &dyn Fn(&Counts) -> bool, going: &AtomicBool) {
        while going.load(Ordering::Relaxed) {
            let from = self.next.fetch_add(HANDFUL, Ordering::Relaxed);
            if from >= self.put.len() {
                return;
            }
            let handful = &self.put[from..self.put.len().min(from + HANDFUL)];
            let mut done = Counts::default();
            for &(id, fresh) in handful {
                if let Err(error) = self.put(bench, id, fresh, &mut done) {
                    *lock(self.failed) = Some(error);
                    going.store(false, Ordering::Relaxed);
                    return;
                }
            }
            let counts = {
                let mut counts = lock(self.counts);
                counts.add(&done);
                *counts
            };
            if !told(&counts) {
                going.store(false, Ordering::Relaxed);
            }
        }
    }

    fn put(
        &self,
        bench: &mut Bench,
        id: FileId,
        fresh: bool,
        counts: &mut Counts,
    ) -> Result<(), IndexError> {
        let update = self.update;
        let path = update.files.repo_path(id);
        let facts = update.files.facts(id);
        let limit = if self.exact { content::exact_limit(update.limit) } else { update.limit };
        let read = content::read(update.root, &path, facts.link, limit, &mut bench.bytes);
        counts.indexed += 1;
        let words = bench.bytes.len().min(usize::try_from(update.limit).unwrap_or(usize::MAX));
        let text = &bench.bytes[..words];
        match &read {
            Ok(Content::Text { cut }) => {
                counts.bytes += text.len() as u64;
                counts.too_large += usize::from(*cut || words < bench.bytes.len());
            }
            Ok(Content::Binary) => counts.binary += 1,
            Ok(Content::Secret) => counts.secret += 1,
            Ok(Content::Link) => {}
            // Listed by path all the same.
            Err(_) => counts.unreadable += 1,
        }
        let tags = Tags {
            roles: update.roles.tag(path.as_bytes(), facts.standing, text),
            rules: update.roles.fingerprint(),
        };
        self.writer.put(&mut bench.terms, &path, facts.stamp, text, tags, fresh)?;
        if self.exact && read.is_ok() {
            bench.exact.add(path, facts.stamp, &bench.bytes);
            if bench.exact.is_full() {
                self.writer.put_segment(bench.exact.finish())?;
            }
        }
        if bench.bytes.capacity() > LARGE {
            bench.bytes = Vec::new();
        }
        Ok(())
    }
}

/// Bytes that a thread keeps for the next file.
const LARGE: usize = 1 << 20;

impl Counts {
    /// Adds what was done elsewhere.
    pub fn merge(&mut self, other: &Self) {
        self.removed += other.removed;
        self.unchanged += other.unchanged;
        self.add(other);
    }

    fn add(&mut self, other: &Self) {
        self.indexed += other.indexed;
        self.bytes += other.bytes;
        self.binary += other.binary;
        self.too_large += other.too_large;
        self.unreadable += other.unreadable;
        self.secret += other.secret;
    }
}

fn lock<T>(it: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A thread that failed while it held the lock has left whole values.
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Threads that build: the screen's come before them, so none need be left to it.
pub fn build_threads(cores: usize) -> usize {
    cores.clamp(1, 4)
}

/// Compares, writes and commits in one go, for the command line. The writer's lock must be free.
pub fn bring_up_to_date(
    index: &Index,
    keeper: &FileKeeper,
    update: &Update<'_>,
    told: &(dyn Fn(&Counts, usize) + Sync),
) -> Result<(Counts, Plan), IndexError> {
    let mut maker = index.snapshots()?;
    let plan = Plan::compare(keeper, Some(&mut maker))?;
    if plan.is_empty() {
        return Ok((Counts { unchanged: plan.unchanged, ..Counts::default() }, plan));
    }
    let building = plan.put.len() > 200;
    let mut writer = index.writer(building.then_some(update.threads))?;
    let all = plan.put.len();
    let mut watch = Watch {
        told: &|counts| {
            told(counts, all);
            true
        },
        committed: &mut || Ok(()),
    };
    let counts = update.apply(&mut writer, &plan, &mut watch)?;
    update.tend_segments(&writer, &maker.take(keeper, true)?.exact)?;
    if building {
        // What is still being read would stay on the disk.
        drop(maker);
        writer.join_segments()?;
    }
    writer.finish()?;
    Ok((counts, plan))
}
