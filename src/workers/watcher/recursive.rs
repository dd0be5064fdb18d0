//! Systems other than Linux: the system itself follows everything below a folder.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Instant;

use notify::event::{CreateKind, EventKind, ModifyKind, RemoveKind};
use notify::{RecursiveMode, Watcher as _};

use super::news::Gathering;
use super::{Note, Places, Trouble};
use crate::base::RepoPath;
use crate::engine::history::Tracked;
use crate::engine::walk::is_rules;
use crate::workers::answerer::Current;
use crate::workers::indexer::Order;

type Event = Result<notify::Event, notify::Error>;

/// What is watched.
pub struct Watches {
    places: Places,
}

/// Ends the listening when dropped.
pub struct Stop {
    _inner: notify::RecommendedWatcher,
}

/// What listens.
pub struct Listen {
    events: Receiver<Event>,
}

impl Watches {
    /// Everything below the root, the branch, and the index folder are watched.
    pub fn start(places: &Places) -> Result<(Self, Stop, Listen), Trouble> {
        let explain = |error: notify::Error| match error.kind {
            notify::ErrorKind::MaxFilesWatch => Trouble::Watches,
            _ => Trouble::Other(error.to_string()),
        };
        let (inbox, events) = channel::<Event>();
        let mut inner = notify::recommended_watcher(move |event: Event| {
            // The thread ends only when this watcher is dropped.
            let _ = inbox.send(event);
        })
        .map_err(explain)?;
        inner.watch(&places.root, RecursiveMode::Recursive).map_err(explain)?;
        let folders = places.rules.iter().filter_map(|it| it.parent());
        for folder in folders.chain(places.git_dir.as_deref()).chain(places.index.as_deref()) {
            if !folder.starts_with(&places.root) && folder.is_dir() {
                inner.watch(folder, RecursiveMode::NonRecursive).map_err(explain)?;
            }
        }
        Ok((Self { places: places.clone() }, Stop { _inner: inner }, Listen { events }))
    }

    /// Every folder is watched already.
    pub fn enter(&self, _folder: &Path) {}

    /// Every folder is watched already.
    pub fn enter_tracked(&self, _folder: &Path, _tracked: &Arc<Tracked>) {}

    pub fn begin_walk(&self) {}

    pub fn end_walk(&self) {}

    pub fn watch_index(&self, _reader: bool) {}

    /// The system tells with a delay, so what has happened so far is not known.
    pub fn catch_up(&self, _asked: Current) {}

    pub fn trouble(&self) -> Option<Trouble> {
        None
    }

    fn note(&self, kind: EventKind, path: &Path) -> Option<Note> {
        if self.places.rules.iter().any(|it| it == path) {
            return Some(Note::Everything);
        }
        let heads = |it: &std::path::PathBuf| [it.join("HEAD"), it.join("logs/HEAD")];
        if self.places.git_dir.as_ref().is_some_and(|it| heads(it).iter().any(|it| path == it)) {
            return Some(Note::Head);
        }
        if self.places.git_dir.as_ref().is_some_and(|it| path == it.join("index")) {
            return Some(Note::Tracked);
        }
        if self.places.index.as_ref().is_some_and(|it| path == it.join("meta.json")) {
            return Some(Note::Index);
        }
        if self.places.indexes.as_ref().is_some_and(|it| path.starts_with(it)) {
            return None;
        }
        let inside = RepoPath::below(&self.places.root, path)?;
        if inside.as_bytes().split(|&it| it == b'/').any(|name| name == b".git") {
            return None;
        }
        if inside.as_bytes().is_empty() || is_rules(inside.name()) {
            return Some(Note::Everything);
        }
        let folder = match kind {
            EventKind::Access(_) => return None,
            EventKind::Create(CreateKind::File) | EventKind::Remove(RemoveKind::File) => false,
            EventKind::Modify(ModifyKind::Data(_)) => false,
            EventKind::Create(CreateKind::Folder) | EventKind::Remove(RemoveKind::Folder) => true,
            // What was removed or moved may have been either.
            _ => !path.is_file(),
        };
        Some(if folder { Note::Folder(inside) } else { Note::File(inside) })
    }
}

impl Listen {
    /// Until [`Stop`] is dropped, or `tell` wants no more.
    pub fn run(self, watches: &Watches, tell: &mut dyn FnMut(Order) -> bool) {
        let mut gathering = Gathering::default();
        loop {
            let event = match gathering.deadline() {
                None => self.events.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    self.events.recv_timeout(left)
                }
            };
            let now = Instant::now();
            match event {
                Ok(Ok(event)) if event.need_rescan() => gathering.add(Note::Everything, now),
                Ok(Ok(event)) => {
                    for path in &event.paths {
                        if let Some(note) = watches.note(event.kind, path) {
                            gathering.add(note, now);
                        }
                    }
                }
                Ok(Err(_)) => gathering.add(Note::Everything, now),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if let Some(news) = gathering.take(now)
                && !tell(Order::Told(news))
            {
                return;
            }
        }
    }
}
