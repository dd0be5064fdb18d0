//! Follows the file system and tells the indexer, in bundles.
//!
//! Only folders that the walk enters are watched, so that those which are ignored cost nothing.
//! Reads never count as changes, and neither does anything inside `.git` but the branch and the
//! rules of what is ignored.

#[cfg(target_os = "linux")]
mod inotify;
mod news;
#[cfg(not(target_os = "linux"))]
mod recursive;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use super::Sink;
use super::answerer::Current;
use super::indexer::Order;
use super::thread::Worker;
use crate::engine::history::Tracked;
use crate::engine::repo::Repo;
use crate::engine::walk::{self, Enter};

#[cfg(target_os = "linux")]
use inotify::{Stop, Watches};
pub use news::{News, Note};
#[cfg(not(target_os = "linux"))]
use recursive::{Stop, Watches};

/// What is watched.
#[derive(Debug, Clone)]
pub struct Places {
    /// The repository's root.
    pub root: PathBuf,
    /// The git directory, for the branch.
    pub git_dir: Option<PathBuf>,
    /// Files outside of the tree that say what is ignored.
    pub rules: Vec<PathBuf>,
    /// The index folder, if it is on disk.
    pub index: Option<PathBuf>,
    /// The folder of all indexes: never watched as a part of the tree.
    pub indexes: Option<PathBuf>,
}

impl Places {
    /// Those of a repository.
    pub fn of(repo: &Repo, index: Option<&Path>) -> Self {
        // Watches are compared with what the walk enters, which has no links in it.
        let index = index.map(|it| it.canonicalize().unwrap_or_else(|_| it.to_owned()));
        Self {
            root: repo.root.clone(),
            git_dir: repo.git_dir.clone(),
            rules: walk::outside_rules(repo.git_dir.as_deref()),
            // indexes/NAME/vN
            indexes: index.as_deref().and_then(Path::parent).and_then(Path::parent).map(Into::into),
            index,
        }
    }
}

/// Why not everything is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The user's watches are used up.
    Watches,
    /// The user's watchers are used up.
    Watchers,
    /// The file system, of this kind, tells of no changes that come from other machines.
    Remote(&'static str),
    /// Anything else.
    Other(String),
}

impl Trouble {
    /// What is wrong, as a clause.
    pub fn why(&self) -> String {
        match self {
            Self::Watches => "the limit of watches is reached".into(),
            Self::Watchers => "the limit of watchers is reached".into(),
            Self::Remote(kind) => format!("{kind} does not tell of changes made elsewhere"),
            Self::Other(why) => crate::base::text::clean(why).into_owned(),
        }
    }

    /// What helps.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Watches => "sudo sysctl fs.inotify.max_user_watches=524288, then ctrl-r",
            Self::Watchers => "sudo sysctl fs.inotify.max_user_instances=1024, then ctrl-r",
            Self::Remote(_) => "ctrl-r looks at once; a copy on a local disk is followed at once",
            Self::Other(_) => "ctrl-r looks at once",
        }
    }
}

/// Watches until dropped.
pub struct Watcher {
    watches: Arc<Watches>,
    // Dropped in this order: the first ends the second.
    _stop: Stop,
    _worker: Worker,
}

impl Watcher {
    /// Starts to listen; what is watched comes with [`Watcher::enter`].
    pub fn start(places: &Places, orders: &Sender<Order>, sink: &Sink) -> Result<Self, Trouble> {
        let (watches, stop, listen) = Watches::start(places)?;
        let watches = Arc::new(watches);
        let (heard, orders) = (Arc::clone(&watches), orders.clone());
        let worker = Worker::start("watcher", sink, move || {
            listen.run(&heard, &mut |order| orders.send(order).is_ok());
        })
        .map_err(|error| Trouble::Other(error.to_string()))?;
        Ok(Self { watches, _stop: stop, _worker: worker })
    }

    /// For the walk: watches each folder that it enters.
    pub fn enter(&self) -> Enter {
        let watches = Arc::clone(&self.watches);
        Arc::new(move |folder: &Path| watches.enter(folder))
    }

    /// The same for folders that are ignored and have tracked files: of what happens in them only
    /// that is told which has to do with these.
    pub fn enter_tracked(&self, tracked: &Arc<Tracked>) -> Enter {
        let (watches, tracked) = (Arc::clone(&self.watches), Arc::clone(tracked));
        Arc::new(move |folder: &Path| watches.enter_tracked(folder, &tracked))
    }

    /// Before a walk over everything.
    pub fn begin_walk(&self) {
        self.watches.begin_walk();
    }

    /// After it: gives up the watches of folders that it did not enter.
    pub fn end_walk(&self) {
        self.watches.end_walk();
    }

    /// Watches the index folder: for its removal, and, as a `reader`, for commits and for the
    /// writer's leaving.
    pub fn watch_index(&self, reader: bool) {
        self.watches.watch_index(reader);
    }

    /// Tells the indexer of all that has happened so far, and then [`Order::CaughtUp`]. Where that
    /// cannot be known, `asked` is dropped.
    pub fn catch_up(&self, asked: Current) {
        self.watches.catch_up(asked);
    }

    /// Why not everything is watched.
    pub fn trouble(&self) -> Option<Trouble> {
        self.watches.trouble()
    }
}

/// The kind of file system at `root` when it is one whose changes may come from elsewhere.
#[cfg(target_os = "linux")]
pub fn remote_kind(root: &Path) -> Option<&'static str> {
    // From linux/magic.h and the file systems' own headers.
    match rustix::fs::statfs(root).ok()?.f_type as u64 & 0xffff_ffff {
        0x6969 => Some("NFS"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Some("SMB"),
        0x6573_5546 => Some("FUSE"),
        0x0102_1997 => Some("9P"),
        0x00c3_6400 => Some("Ceph"),
        0x5346_414f | 0x6b41_4653 => Some("AFS"),
        0x786f_4256 => Some("a VirtualBox folder"),
        0xbacb_acbc => Some("a VMware folder"),
        0x4750_4653 => Some("GPFS"),
        0x0bd0_0bd0 => Some("Lustre"),
        _ => None,
    }
}

/// The kind of file system at `root` when it is one whose changes may come from elsewhere.
#[cfg(not(target_os = "linux"))]
pub fn remote_kind(_root: &Path) -> Option<&'static str> {
    None
}
