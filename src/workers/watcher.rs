//! Follows the file system and tells the indexer, in bundles.
//!
//! Reads never count as changes, and neither does anything inside `.git`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use notify::event::{EventKind, ModifyKind};
use notify::{RecursiveMode, Watcher as _};

use super::Sink;
use super::indexer::Order;
use super::thread::Worker;
use crate::base::RepoPath;

/// A change waits this long for those that belong to it.
const QUIET: Duration = Duration::from_millis(30);
/// And at most this long.
const LONGEST: Duration = Duration::from_millis(150);
/// More changes than this are a new look at everything.
const MOST: usize = 400;

/// Watches until dropped.
pub struct Watcher {
    // Dropped first: it closes the channel that the thread reads.
    _inner: notify::RecommendedWatcher,
    _worker: Worker,
}

type Event = Result<notify::Event, notify::Error>;

impl Watcher {
    /// Watches everything below `root`; the error says why it cannot.
    pub fn start(root: &Path, orders: &Sender<Order>, sink: &Sink) -> Result<Self, String> {
        let (events, inbox) = std::sync::mpsc::channel::<Event>();
        let mut inner = notify::recommended_watcher(move |event: Event| {
            // The thread ends only when this watcher is dropped.
            let _ = events.send(event);
        })
        .map_err(|error| explain(&error))?;
        inner.watch(root, RecursiveMode::Recursive).map_err(|error| explain(&error))?;
        let (root, orders) = (root.to_owned(), orders.clone());
        let worker = Worker::start("watcher", sink, move || gather(&root, &inbox, &orders))
            .map_err(|error| error.to_string())?;
        Ok(Self { _inner: inner, _worker: worker })
    }
}

fn explain(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the system's limit of watches is reached (raise fs.inotify.max_user_watches)".into()
        }
        _ => crate::base::text::clean(&error.to_string()).into_owned(),
    }
}

fn gather(root: &Path, inbox: &Receiver<Event>, orders: &Sender<Order>) {
    let mut bundle = Bundle::default();
    loop {
        let event = match bundle.deadline() {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(deadline) => {
                inbox.recv_timeout(deadline.saturating_duration_since(Instant::now()))
            }
        };
        match event {
            Ok(event) => bundle.take(root, event),
            Err(RecvTimeoutError::Timeout) => {
                if orders.send(std::mem::take(&mut bundle).into_order()).is_err() {
                    return;
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[derive(Default)]
struct Bundle {
    paths: BTreeSet<PathBuf>,
    everything: bool,
    first: Option<Instant>,
    last: Option<Instant>,
}

impl Bundle {
    fn deadline(&self) -> Option<Instant> {
        Some((self.last? + QUIET).min(self.first? + LONGEST))
    }

    fn take(&mut self, root: &Path, event: Event) {
        let before = (self.paths.len(), self.everything);
        match event {
            Ok(event) => {
                self.everything |= event.need_rescan();
                let counts = match event.kind {
                    EventKind::Access(_) => false,
                    EventKind::Modify(ModifyKind::Metadata(_)) => false,
                    EventKind::Any
                    | EventKind::Create(_)
                    | EventKind::Modify(_)
                    | EventKind::Remove(_)
                    | EventKind::Other => true,
                };
                if counts {
                    for path in event.paths {
                        let inside = path.strip_prefix(root).unwrap_or(&path);
                        if inside.components().any(|it| it.as_os_str() == ".git") {
                            continue;
                        }
                        let name = path.file_name().unwrap_or_default();
                        self.everything |= name == ".gitignore" || name == ".ignore";
                        self.paths.insert(path);
                    }
                }
            }
            Err(_) => self.everything = true,
        }
        self.everything |= self.paths.len() > MOST;
        if before != (self.paths.len(), self.everything) || self.first.is_some() {
            let now = Instant::now();
            self.first.get_or_insert(now);
            self.last = Some(now);
        }
    }

    fn into_order(self) -> Order {
        let since = self.first.unwrap_or_else(Instant::now);
        if self.everything { Order::RescanSince(since) } else { Order::Changed(self.paths, since) }
    }
}

/// The paths of a bundle as the repository knows them.
pub fn repo_paths(root: &Path, paths: &BTreeSet<PathBuf>) -> Vec<RepoPath> {
    paths.iter().filter_map(|path| RepoPath::below(root, path)).collect()
}
