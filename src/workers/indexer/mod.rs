//! Keeps the list of files and the index as the disk is, and publishes snapshots.
//!
//! The list is usable while it grows; contents follow. It owns the only writer of this process.
//! `listing.rs` looks at the disk, `content.rs` at the index; this file decides when.

mod content;
mod listing;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::answerer::{Current, Door};
use super::historian::Look;
use super::shared::Latest;
use super::turns::{Stage, Turn};
use super::watcher::{News, Trouble, Watcher};
use super::{Desk, Options, Sink};
use crate::base::{Diagnostic, RepoPath};
use crate::engine::files::{FileId, FileKeeper};
use crate::engine::history::Tracked;
use crate::engine::index::{Index, Snapshot, SnapshotMaker, Writer, sweep};
use crate::engine::roles::RoleSet;
use crate::engine::walk::Stamp;
use crate::protocol::{IndexStatus, Phase, Report};

pub use listing::list_files;

/// What the indexer is told.
pub enum Order {
    /// The file system told of changes.
    Told(News),
    /// The user asks for a new look at everything.
    Rescan,
    /// Somebody asks for the snapshot of all that has happened so far.
    Asked(Current),
    /// All that had happened when somebody asked has been told.
    CaughtUp(Current),
    /// End.
    Stop,
}

/// Without a word from the system, a reader looks for commits and for the writer's leaving this
/// often. Where the system tells of them, this is for what it may have lost.
const READER_LOOKS: Duration =
    Duration::from_millis(if cfg!(target_os = "linux") { 3000 } else { 700 });
/// A repository that has gone is looked for this often.
const GONE_LOOKS: Duration = Duration::from_secs(1);
/// Between two looks when polling, at least.
const POLL_LEAST: Duration = Duration::from_secs(2);
/// And at least this many times what a look takes.
const POLL_SHARE: u32 = 20;
/// A disk that could not be written is tried again after this, then twice as long each time.
const RETRY: Duration = Duration::from_secs(5);
const RETRY_MOST: Duration = Duration::from_secs(300);

/// More paths than this that are tracked otherwise than before are a new look at everything.
const MOST_TRACKED: usize = 400;

/// The file in which a repository has roles of its own.
const RULES: &[u8] = b".navi.toml";

/// How changes are heard of.
enum Follows {
    /// The system tells.
    Events,
    /// Everything is looked at again and again, because of this.
    Looks { why: String, every: Duration },
    /// Not at all, because of this.
    Nothing(String),
}

/// Orders that have come and are to be done.
#[derive(Default)]
struct Waiting {
    news: News,
    rescan: bool,
    asked: Vec<Current>,
    caught_up: Vec<Current>,
    stop: bool,
}

impl Waiting {
    fn take(&mut self, order: Order) {
        match order {
            Order::Told(news) => self.news.merge(news),
            Order::Rescan => self.rescan = true,
            Order::Asked(it) => self.asked.push(it),
            Order::CaughtUp(it) => self.caught_up.push(it),
            Order::Stop => self.stop = true,
        }
    }

    fn take_all(&mut self, inbox: &Receiver<Order>) {
        while let Ok(order) = inbox.try_recv() {
            self.take(order);
        }
    }

    fn is_empty(&self) -> bool {
        let nobody = self.asked.is_empty() && self.caught_up.is_empty();
        self.news.is_empty() && !self.rescan && nobody && !self.stop
    }
}

/// What differs from before.
#[derive(Default)]
struct Difference {
    /// Files to read; `true` for those that were never listed.
    put: Vec<(FileId, bool)>,
    removed: Vec<RepoPath>,
}

impl Difference {
    fn is_empty(&self) -> bool {
        self.put.is_empty() && self.removed.is_empty()
    }

    fn len(&self) -> usize {
        self.put.len() + self.removed.len()
    }
}

struct Indexer<'a> {
    options: &'a Options,
    inbox: &'a Receiver<Order>,
    orders: &'a Sender<Order>,
    latest: &'a Arc<Latest>,
    sink: &'a Sink,
    histories: &'a Desk<Look>,
    waiting: Waiting,
    /// While there is much to do.
    turn: Option<Turn>,

    keeper: FileKeeper,
    /// As `.navi.toml` says now.
    roles: Arc<RoleSet>,
    /// What git tracks, as of the index with this stamp.
    tracked: Arc<Tracked>,
    tracked_as_of: Option<Stamp>,
    /// What was said of git's index last.
    tracked_fault: Option<String>,
    /// Device and number of the root, to notice another folder in its place.
    root_id: Option<(u64, u64)>,
    /// Whether the root is away; nothing is taken to be removed then.
    gone: bool,
    /// Whether the list differs from the one kept beside the index.
    unkept: bool,
    follows: Follows,
    watcher: Option<Watcher>,
    walk_took: Duration,

    index: Option<Index>,
    maker: Option<SnapshotMaker>,
    writer: Option<Writer>,
    /// Where others may ask.
    door: Option<Door>,
    /// Whether the index holds what the list says, so that single changes can be applied to it.
    in_step: bool,
    /// What the index's `meta.json` was when it was last read.
    commit: Option<Stamp>,
    /// Why the index cannot be written or used now, and when to try again.
    hindered: Option<(Phase, Instant, Duration)>,
    repairs: usize,
    /// Files that were read one by one since their segments were looked at.
    loose: usize,
    /// Whether a build has left its segments as they were written.
    built: bool,

    status: IndexStatus,
    branch: Option<String>,
    settled: bool,
}

/// Where the indexer puts what it has.
#[derive(Clone, Copy)]
pub struct Outlets<'a> {
    /// Snapshots.
    pub latest: &'a Arc<Latest>,
    /// Reports.
    pub sink: &'a Sink,
    /// Told when the history may be read, or may be another one.
    pub histories: &'a Desk<Look>,
}

/// Works until told to stop.
pub fn run(options: &Options, inbox: &Receiver<Order>, orders: &Sender<Order>, to: Outlets<'_>) {
    let Outlets { latest, sink, histories } = to;
    let mut it = Indexer {
        options,
        inbox,
        orders,
        latest,
        sink,
        histories,
        waiting: Waiting::default(),
        turn: None,
        keeper: FileKeeper::default(),
        roles: Arc::clone(&options.finder.roles),
        tracked: Arc::default(),
        tracked_as_of: None,
        tracked_fault: None,
        root_id: None,
        gone: false,
        unkept: true,
        follows: Follows::Events,
        watcher: None,
        walk_took: Duration::ZERO,
        index: None,
        maker: None,
        writer: None,
        door: None,
        in_step: false,
        commit: None,
        hindered: None,
        repairs: 0,
        loose: 0,
        built: false,
        status: IndexStatus::default(),
        branch: options.repo.branch(),
        settled: false,
    };
    // Names first, of every repository: contents take their time.
    let list = options.turns.take(Stage::List);
    let kept = it.load_kept();
    if kept {
        it.publish(true, Vec::new());
        it.tell();
    } else {
        it.watch();
        it.scan();
    }
    drop(list);
    it.turn = Some(options.turns.take(Stage::Index));
    it.waiting.take_all(inbox);
    if it.waiting.stop {
        return;
    }
    it.open();
    if kept {
        // Searched at once, in names and soon in contents; the walk below tells what has changed
        // since.
        it.publish(true, Vec::new());
        it.tell();
        it.watch();
        it.scan();
    }
    it.catch_up(None);
    it.turn = None;
    // The first pass has all the disk and the processors.
    histories.put(Look);
    it.follow();
    it.leave();
}

impl Indexer<'_> {
    fn say(&self, diagnostic: Diagnostic) {
        (self.sink)(Report::Said(diagnostic));
    }

    fn tell(&mut self) {
        self.status.files = self.keeper.list().len();
        (self.sink)(Report::Index(self.status.clone()));
    }

    fn publish(&mut self, relist: bool, paths: Vec<RepoPath>) {
        self.commit = self.stamp_of_commit();
        let keeper = &mut self.keeper;
        let snapshot = match self.maker.as_mut().map(|it| it.take_tagged(keeper, relist)) {
            Some(Ok(snapshot)) => snapshot,
            Some(Err(error)) => {
                self.stumble(&error);
                Snapshot::of_files(self.keeper.list())
            }
            None => Snapshot::of_files(self.keeper.list()),
        };
        self.latest.set(snapshot.clone());
        (self.sink)(Report::Changed { paths });
        // The next search would have to look for them.
        snapshot.unread();
    }

    /// Says where the index stands after all was brought up to date.
    fn settle(&mut self, since: Option<Instant>) {
        self.status.phase = self.phase();
        if let Some(since) = since {
            self.status.fresh_ms = Some(since.elapsed().as_millis() as u64);
        }
        self.tell();
        if !self.settled && self.writer.is_some() {
            self.settled = true;
            self.keep();
            if let Some(folder) =
                self.options.folder.as_ref().filter(|_| self.options.turns.sweeps())
            {
                sweep(folder);
            }
        }
    }

    fn phase(&self) -> Phase {
        if self.gone {
            return Phase::Gone;
        }
        if let Some((phase, ..)) = &self.hindered {
            return phase.clone();
        }
        if self.writer.is_none() && self.index.is_some() {
            return Phase::Reader;
        }
        match &self.follows {
            Follows::Events => Phase::Live,
            Follows::Looks { why, every } => {
                Phase::Polling { why: why.clone(), every_ms: every.as_millis() as u64 }
            }
            Follows::Nothing(why) => Phase::Unwatched(why.clone()),
        }
    }

    fn watch(&mut self) {
        self.watcher = None;
        if !self.options.watch {
            self.follows = Follows::Nothing("switched off".into());
            return;
        }
        let places = super::watcher::Places::of(&self.options.repo, self.options.folder.as_deref());
        match Watcher::start(&places, self.orders, self.sink) {
            Ok(watcher) => {
                self.follows = Follows::Events;
                self.watcher = Some(watcher);
            }
            Err(trouble) => self.fall_back(&trouble),
        }
    }

    /// After a walk: is everything watched that it entered?
    fn check_watcher(&mut self) {
        if let Some(trouble) = self.watcher.as_ref().and_then(Watcher::trouble) {
            self.fall_back(&trouble);
        }
        if let Follows::Looks { every, .. } = &mut self.follows {
            *every = (self.walk_took * POLL_SHARE).max(POLL_LEAST);
        }
    }

    fn fall_back(&mut self, trouble: &Trouble) {
        // What is written on this machine is heard of all the same; with anything else, half of
        // the watches would only be missing elsewhere.
        if !matches!(trouble, Trouble::Remote(_)) {
            self.watcher = None;
        }
        if matches!(self.follows, Follows::Looks { .. }) {
            return;
        }
        let why = trouble.why();
        let text = format!("changes are looked for instead of heard of: {why}");
        self.say(Diagnostic::warning(text).hint(trouble.hint()));
        self.follows = Follows::Looks { why, every: POLL_LEAST };
    }

    /// When something is to be done without being told to.
    fn deadline(&self, looked: Instant) -> Option<Instant> {
        let poll = match &self.follows {
            Follows::Looks { every, .. } => Some(looked + *every),
            Follows::Events | Follows::Nothing(_) => None,
        };
        let gone = self.gone.then(|| looked + GONE_LOOKS);
        let retry = self.hindered.as_ref().map(|(_, at, _)| *at);
        let reads = self.writer.is_none() && self.index.is_some() && self.hindered.is_none();
        let read = reads.then(|| Instant::now() + READER_LOOKS);
        [poll, gone, retry, read].into_iter().flatten().min()
    }

    fn follow(&mut self) {
        let mut looked = Instant::now();
        while !self.waiting.stop {
            self.look_after_door();
            if self.waiting.is_empty() {
                let order = match self.deadline(looked) {
                    None => self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
                    Some(at) => {
                        self.inbox.recv_timeout(at.saturating_duration_since(Instant::now()))
                    }
                };
                match order {
                    Ok(order) => self.waiting.take(order),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            self.waiting.take_all(self.inbox);
            let Waiting { news, rescan, asked, caught_up, stop } =
                std::mem::take(&mut self.waiting);
            if stop {
                return;
            }
            let now = Instant::now();
            let due = match &self.follows {
                Follows::Looks { every, .. } => looked + *every <= now,
                Follows::Events | Follows::Nothing(_) => false,
            };
            let back = self.gone && looked + GONE_LOOKS <= now;
            if rescan && matches!(self.follows, Follows::Looks { .. }) {
                // The limit may have been raised.
                self.watch();
            }
            if news.head {
                self.look_at_branch();
            }
            if news.head || rescan || news.everything || due {
                self.histories.put(Look);
            }
            if news.index_gone {
                self.reopen("its folder was removed");
            }
            let since = news.since.unwrap_or(now);
            if rescan || news.everything || due || back {
                let difference = self.scan();
                looked = Instant::now();
                self.take_in(difference, (!due && !back).then_some(since));
            } else {
                let differing = if news.tracked { self.look_at_tracked() } else { Vec::new() };
                if differing.len() > MOST_TRACKED {
                    let difference = self.scan();
                    looked = Instant::now();
                    self.take_in(difference, Some(since));
                } else if !(news.files.is_empty()
                    && news.folders.is_empty()
                    && differing.is_empty())
                {
                    // The rules decide on what is no longer tracked: as if it were a folder.
                    let folders = news.folders.iter().cloned().chain(differing).collect();
                    let difference = self.take_changes(&news.files, &folders);
                    self.take_in(difference, Some(since));
                }
            }
            if self.hindered.as_ref().is_some_and(|(_, at, _)| *at <= Instant::now()) {
                self.try_again();
            }
            if self.writer.is_none() && self.hindered.is_none() {
                self.look_as_reader();
            }
            self.tell_askers(asked, caught_up);
        }
    }

    /// Whoever `asked` is told later, when the watcher has told what has happened so far; who was
    /// waiting for that is told now, unless the index is not as the disk was then.
    fn tell_askers(&self, asked: Vec<Current>, caught_up: Vec<Current>) {
        if self.phase() != Phase::Live || !self.in_step {
            return;
        }
        for it in caught_up {
            // Who waited may be gone.
            let _ = it.send(self.latest.get());
        }
        if let Some(watcher) = &self.watcher {
            asked.into_iter().for_each(|it| watcher.catch_up(it));
        }
    }

    /// Listens to those who ask while this navi writes the index and hears of all changes.
    fn look_after_door(&mut self) {
        let (Some(folder), Some(reply)) = (&self.options.folder, &self.options.reply) else {
            return;
        };
        if self.writer.is_none() || self.phase() != Phase::Live {
            self.door = None;
        } else if self.door.is_none() {
            // Without it, whoever asks looks for itself.
            let Self { options, latest, orders, sink, .. } = *self;
            self.door = Door::open(folder, options, reply, latest, orders, sink).ok();
        }
    }

    fn look_at_branch(&mut self) {
        let branch = self.options.repo.branch();
        if branch != self.branch {
            self.branch.clone_from(&branch);
            (self.sink)(Report::Branch(branch));
        }
    }

    /// Takes over what differs, and tells.
    fn take_in(&mut self, difference: Difference, since: Option<Instant>) {
        if difference.is_empty() {
            if self.phase() != self.status.phase {
                self.settle(None);
            }
            return;
        }
        self.unkept = true;
        if self.reread_rules(&difference) {
            self.publish(true, Vec::new());
            return self.catch_up(since);
        }
        let relist = difference.put.iter().any(|(_, new)| *new);
        if self.writer.is_none() || difference.len() > content::SMALL {
            // Names at once; contents when they are read, or from the writer.
            self.publish(relist, self.paths_of(&difference));
        }
        if self.writer.is_some() {
            self.apply(difference, relist, since);
        } else {
            self.settle(since);
        }
    }

    /// Reads the roles again when the file that holds them is among what differs; tells whether
    /// files are to be tagged anew. Until they are, each has the roles it had and those that its
    /// path tells now.
    fn reread_rules(&mut self, difference: &Difference) -> bool {
        let files = self.keeper.list();
        let put = difference.put.iter().any(|(id, _)| files.path(*id) == RULES);
        if !put && !difference.removed.iter().any(|it| it.as_bytes() == RULES) {
            return false;
        }
        drop(files);
        let (roles, _, said) = (self.options.rules)();
        for it in said {
            self.say(it);
        }
        let others = roles.fingerprint() != self.roles.fingerprint();
        if others {
            self.keeper.tag_by(&self.roles, &roles);
        }
        self.roles = roles;
        self.latest.set_roles(Arc::clone(&self.roles));
        others
    }

    /// The paths, when they are few.
    fn paths_of(&self, difference: &Difference) -> Vec<RepoPath> {
        if difference.len() > content::SMALL {
            return Vec::new();
        }
        let files = self.keeper.list();
        let put = difference.put.iter().map(|(id, _)| files.repo_path(*id));
        put.chain(difference.removed.iter().cloned()).collect()
    }

    fn leave(&mut self) {
        self.door = None;
        self.watcher = None;
        if let Some(writer) = self.writer.take() {
            self.keep();
            writer.leave();
        }
    }
}
