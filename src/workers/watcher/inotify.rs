//! Linux: one watch a folder, placed by the walk.
//!
//! Reads are not asked for, so that neither navi's own nor a grep over the tree wakes anyone.

use std::collections::HashMap;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

use super::news::Gathering;
use super::{Note, Places, Trouble, remote_kind};
use crate::base::RepoPath;
use crate::engine::history::Tracked;
use crate::engine::walk::is_rules;
use crate::workers::answerer::Current;
use crate::workers::indexer::Order;

/// What is placed on a folder of the tree.
const FOLDER: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MODIFY)
    .union(WatchFlags::CLOSE_WRITE)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::ONLYDIR)
    .union(WatchFlags::DONT_FOLLOW)
    .union(WatchFlags::EXCL_UNLINK);

/// In addition on the root and on the index folder.
const ITSELF: WatchFlags = WatchFlags::DELETE_SELF.union(WatchFlags::MOVE_SELF);

/// What a watch is on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum On {
    /// A folder of the tree.
    Folder(RepoPath),
    /// An ignored folder of the tree, in which only these files matter.
    Ignored(RepoPath, Arc<Tracked>),
    /// The folder in which git replaces its index.
    Tracked,
    /// The file that names the branch, and git's log of what was checked out: a new commit is
    /// another one.
    Head,
    /// The folder of a file, of this name, that says what is ignored.
    Rules(Vec<u8>),
    /// The index folder.
    Index,
    /// The lock of the index's writer.
    Lock,
}

struct State {
    by_id: HashMap<i32, (On, u32)>,
    /// Counts the walks: what the last one did not enter is older.
    walk: u32,
    trouble: Option<Trouble>,
}

/// All watches of one repository.
pub struct Watches {
    fd: OwnedFd,
    places: Places,
    /// Files within the tree that say what is ignored without being named so.
    rules: Vec<RepoPath>,
    state: Mutex<State>,
    /// Who waits for all that has happened so far, and what wakes the listener for them.
    asked: Mutex<Vec<Current>>,
    bell: OwnedFd,
}

/// Ends the listening when dropped.
pub struct Stop {
    _pipe: OwnedFd,
}

/// What listens.
pub struct Listen {
    stop: OwnedFd,
}

impl Watches {
    /// Nothing is watched yet but the branch and the rules outside of the tree.
    pub fn start(places: &Places) -> Result<(Self, Stop, Listen), Trouble> {
        let fd =
            inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).map_err(
                |error| match error {
                    Errno::MFILE => Trouble::Watchers,
                    error => Trouble::Other(error.to_string()),
                },
            )?;
        let pipe = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC);
        let (stop, pipe) = pipe.map_err(|error| Trouble::Other(error.to_string()))?;
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK);
        let bell = bell.map_err(|error| Trouble::Other(error.to_string()))?;
        let rules = places.rules.iter().filter_map(|it| RepoPath::below(&places.root, it));
        let watches = Self {
            fd,
            asked: Mutex::default(),
            bell,
            rules: rules.collect(),
            places: places.clone(),
            state: Mutex::new(State {
                by_id: HashMap::new(),
                walk: 0,
                trouble: remote_kind(&places.root).map(Trouble::Remote),
            }),
        };
        Ok((watches, Stop { _pipe: pipe }, Listen { stop }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, path: &Path, flags: WatchFlags, on: On) {
        // The lock is held meanwhile: an event of this watch is not looked up before it is noted.
        let mut state = self.state();
        if state.trouble == Some(Trouble::Watches) {
            return;
        }
        match inotify::add_watch(&self.fd, path, flags) {
            Ok(id) => {
                let walk = state.walk;
                state.by_id.insert(id, (on, walk));
            }
            Err(Errno::NOSPC) => state.trouble = Some(Trouble::Watches),
            // Gone again, or no longer a folder: its parent tells. Unreadable: so does its change.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::ACCESS) => {}
            Err(error) => {
                let what = format!("{} cannot be watched: {error}", path.display());
                state.trouble.get_or_insert(Trouble::Other(what));
            }
        }
    }

    /// Watches a folder of the tree.
    pub fn enter(&self, folder: &Path) {
        if self.places.indexes.as_deref().is_some_and(|it| folder.starts_with(it)) {
            return;
        }
        if let Some(path) = RepoPath::below(&self.places.root, folder) {
            let flags = if path.as_bytes().is_empty() { FOLDER | ITSELF } else { FOLDER };
            self.add(folder, flags, On::Folder(path));
        }
    }

    /// Watches an ignored folder of the tree for what is tracked in it, unless it is watched anyhow.
    pub fn enter_tracked(&self, folder: &Path, tracked: &Arc<Tracked>) {
        let Some(path) = RepoPath::below(&self.places.root, folder) else { return };
        let known = {
            let state = self.state();
            let is_it = |on: &On| matches!(on, On::Folder(it) if *it == path);
            state.by_id.values().any(|(on, seen)| *seen == state.walk && is_it(on))
        };
        if !known {
            self.add(folder, FOLDER, On::Ignored(path, Arc::clone(tracked)));
        }
    }

    pub fn begin_walk(&self) {
        let mut state = self.state();
        state.walk = state.walk.wrapping_add(1);
        drop(state);
        self.watch_head();
        for file in &self.places.rules {
            let inside = RepoPath::below(&self.places.root, file);
            let git = self.places.git_dir.as_deref().is_some_and(|it| file.starts_with(it));
            if inside.is_some() && !git {
                continue;
            }
            if let (Some(folder), Some(name)) = (file.parent(), file.file_name()) {
                let flags = WatchFlags::CREATE
                    | WatchFlags::CLOSE_WRITE
                    | WatchFlags::DELETE
                    | WatchFlags::MOVED_FROM
                    | WatchFlags::MOVED_TO
                    | WatchFlags::ONLYDIR;
                self.add(folder, flags, On::Rules(name.as_bytes().to_vec()));
            }
        }
    }

    fn watch_head(&self) {
        if let Some(git_dir) = &self.places.git_dir {
            // git replaces the file, which ends the watch: it is placed anew.
            let flags = WatchFlags::CLOSE_WRITE | WatchFlags::ATTRIB | ITSELF;
            self.add(&git_dir.join("HEAD"), flags, On::Head);
            self.add(&git_dir.join("logs/HEAD"), flags, On::Head);
            self.add(git_dir, WatchFlags::MOVED_TO | WatchFlags::ONLYDIR, On::Tracked);
        }
    }

    pub fn end_walk(&self) {
        let mut state = self.state();
        let walk = state.walk;
        let left =
            |on: &On, seen: u32| matches!(on, On::Folder(_) | On::Ignored(..)) && seen != walk;
        for (id, _) in state.by_id.iter().filter(|(_, (on, seen))| left(on, *seen)) {
            // Gone already when its folder is.
            let _ = inotify::remove_watch(&self.fd, *id);
        }
        state.by_id.retain(|_, (on, seen)| !left(on, *seen));
    }

    pub fn watch_index(&self, reader: bool) {
        let Some(folder) = &self.places.index else { return };
        let mut flags = ITSELF | WatchFlags::ONLYDIR;
        let mut state = self.state();
        if reader {
            flags |= WatchFlags::MOVED_TO;
        } else {
            for (id, _) in state.by_id.iter().filter(|(_, (on, _))| *on == On::Lock) {
                let _ = inotify::remove_watch(&self.fd, *id);
            }
            state.by_id.retain(|_, (on, _)| *on != On::Lock);
        }
        drop(state);
        self.add(folder, flags, On::Index);
        if reader {
            // The lock is released by closing the file, however the writer ends.
            self.add(&folder.join(".tantivy-writer.lock"), WatchFlags::CLOSE_WRITE, On::Lock);
        }
    }

    pub fn catch_up(&self, asked: Current) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        // Full only when it has been rung already.
        let _ = rustix::io::write(&self.bell, &1u64.to_ne_bytes());
    }

    fn take_asked(&self) -> Vec<Current> {
        // Empty when nobody rang.
        let _ = rustix::io::read(&self.bell, &mut [0; 8]);
        std::mem::take(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn trouble(&self) -> Option<Trouble> {
        self.state().trouble.clone()
    }

    /// Gives up the watches on a folder that was moved away, and on all below it: they would tell
    /// of it under its old name.
    fn forget(&self, folder: &RepoPath) {
        let mut state = self.state();
        let inside = |on: &On| matches!(on, On::Folder(path) | On::Ignored(path, _) if is_below(path, folder));
        for (id, _) in state.by_id.iter().filter(|(_, (on, _))| inside(on)) {
            let _ = inotify::remove_watch(&self.fd, *id);
        }
        state.by_id.retain(|_, (on, _)| !inside(on));
    }

    fn note(&self, event: &inotify::Event<'_>) -> Option<Note> {
        let told = event.events();
        if told.contains(ReadFlags::QUEUE_OVERFLOW) {
            return Some(Note::Everything);
        }
        let on = {
            let mut state = self.state();
            if told.contains(ReadFlags::IGNORED) {
                state.by_id.remove(&event.wd()).map(|(on, _)| on)
            } else {
                state.by_id.get(&event.wd()).map(|(on, _)| on.clone())
            }
        }?;
        let name = event.file_name().map(std::ffi::CStr::to_bytes);
        let itself = ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::UNMOUNT;
        match on {
            On::Folder(folder) => {
                let Some(name) = name else {
                    let root = folder.as_bytes().is_empty();
                    let matters = root && !told.contains(ReadFlags::IGNORED);
                    return (matters || told.contains(ReadFlags::UNMOUNT))
                        .then_some(Note::Everything);
                };
                if name == b".git" {
                    return None;
                }
                let path = join(&folder, name);
                if is_rules(name) || self.rules.contains(&path) {
                    return Some(Note::Everything);
                }
                if !told.contains(ReadFlags::ISDIR) {
                    return Some(Note::File(path));
                }
                if told.contains(ReadFlags::MOVED_FROM) {
                    self.forget(&path);
                }
                Some(Note::Folder(path))
            }
            On::Ignored(folder, tracked) => {
                let path = join(&folder, name?);
                if !told.contains(ReadFlags::ISDIR) {
                    return tracked.holds(path.as_bytes()).then_some(Note::File(path));
                }
                if told.contains(ReadFlags::MOVED_FROM) {
                    self.forget(&path);
                }
                let leads = tracked.below(path.as_bytes()).next().is_some();
                leads.then_some(Note::Folder(path))
            }
            On::Tracked => (name == Some(b"index")).then_some(Note::Tracked),
            On::Head => {
                if told.intersects(ReadFlags::IGNORED | itself) {
                    self.watch_head();
                }
                Some(Note::Head)
            }
            On::Rules(file) => (name == Some(&file)).then_some(Note::Everything),
            On::Index if told.intersects(itself) => Some(Note::IndexGone),
            On::Index => (name == Some(b"meta.json")).then_some(Note::Index),
            On::Lock => Some(Note::Index),
        }
    }
}

impl Listen {
    /// Until [`Stop`] is dropped, or `tell` wants no more.
    pub fn run(self, watches: &Watches, tell: &mut dyn FnMut(Order) -> bool) {
        let mut buffer = vec![MaybeUninit::uninit(); 64 * 1024];
        let mut gathering = Gathering::default();
        loop {
            let wait = gathering.deadline().map(|deadline| {
                let left = deadline.saturating_duration_since(Instant::now());
                Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() }
            });
            let mut fds =
                [&watches.fd, &self.stop, &watches.bell].map(|fd| PollFd::new(fd, PollFlags::IN));
            match poll(&mut fds, wait.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(_) => return,
            }
            if !fds[1].revents().is_empty() {
                return;
            }
            // Taken before the events are read: what happened before they asked is among these.
            let asked = watches.take_asked();
            if !fds[0].revents().is_empty() || !asked.is_empty() {
                let mut reader = Reader::new(&watches.fd, &mut buffer);
                let now = Instant::now();
                // Until there are no more for now.
                while let Ok(event) = reader.next() {
                    if let Some(note) = watches.note(&event) {
                        gathering.add(note, now);
                    }
                }
            }
            let news = if asked.is_empty() {
                gathering.take(Instant::now())
            } else {
                gathering.take_all()
            };
            let told = news.map(Order::Told).into_iter();
            if !told.chain(asked.into_iter().map(Order::CaughtUp)).all(&mut *tell) {
                return;
            }
        }
    }
}

fn join(folder: &RepoPath, name: &[u8]) -> RepoPath {
    if folder.as_bytes().is_empty() {
        return RepoPath::from_bytes(name.to_vec());
    }
    let mut path = folder.as_bytes().to_vec();
    path.push(b'/');
    path.extend_from_slice(name);
    RepoPath::from_bytes(path)
}

fn is_below(path: &RepoPath, folder: &RepoPath) -> bool {
    let rest = path.as_bytes().strip_prefix(folder.as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || rest.first() == Some(&b'/'))
}
