//! Keeps the catalogue: looks at files on several threads, again only at those that changed, and
//! answers the Critical paths panel.
//!
//! What `.navi.toml` and the user's files say about roles is read again when `.navi.toml` changes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use super::shared::Latest;
use super::{Mailbox, Options, Sink};
use crate::base::{Diagnostic, RepoPath, text};
use crate::engine::catalogue::{self, Catalogue, Entry, Look, Overrides};
use crate::engine::files::{FileId, FileList};
use crate::engine::history::History;
use crate::engine::index::read_raw;
use crate::engine::roles::{LOOKED_AT, RoleSet};
use crate::engine::walk::Stamp;
use crate::protocol::{Board, BoardFile, BoardShelf, Generation, LastChange, Report};

/// Files that a thread takes at once.
const BATCH: usize = 64;
/// Files of a role in the panel.
const SHOWN: usize = 5;

/// The roles and what the repository says about the catalogue, as they are now.
pub type Rules = Arc<dyn Fn() -> (Arc<RoleSet>, Overrides, Vec<Diagnostic>) + Send + Sync>;

/// A question of the panel.
pub struct Wanted {
    /// Comes back with the answer.
    pub generation: Generation,
}

/// What is seen of each file, in the order of the ids. A file that cannot be read is judged by its
/// path.
pub fn look_at_all(
    options: &Options,
    files: &FileList,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Vec<Look> {
    let ids: Vec<FileId> = files.living().filter(|&id| !files.facts(id).link).collect();
    look_at(options, &options.finder.roles, files, &ids, cancelled)
}

fn look_at(
    options: &Options,
    roles: &RoleSet,
    files: &FileList,
    ids: &[FileId],
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Vec<Look> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut looks = Vec::new();
        while !cancelled() {
            let start = next.fetch_add(BATCH, Ordering::Relaxed);
            let Some(batch) = ids.get(start..).filter(|it| !it.is_empty()) else { break };
            for &id in batch.iter().take(BATCH) {
                let text = if catalogue::reads(files, id) {
                    let path = files.repo_path(id);
                    read_raw(&options.repo.root, &path, LOOKED_AT as u64).ok().flatten()
                } else {
                    None
                };
                let text = text.as_ref().map(|it| it.0.as_slice());
                looks.push(catalogue::look(roles, files, id, text));
            }
        }
        looks
    };
    let threads = if ids.len() > BATCH { options.cores } else { 1 };
    let mut looks: Vec<Look> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut looks = work();
        for other in others {
            looks.extend(other.join().unwrap_or_default());
        }
        looks
    });
    looks.sort_by_key(|it| it.id);
    looks
}

/// What the cataloguer keeps, for it and for those who build on the catalogue.
#[derive(Default)]
pub struct Shared(Mutex<Kept>);

/// The catalogue of a list of files.
pub struct Gathered {
    /// The files.
    pub files: Arc<FileList>,
    /// The roles as they are now.
    pub roles: Arc<RoleSet>,
    /// The catalogue.
    pub catalogue: Catalogue,
    /// What was seen of each file.
    pub looks: Vec<Look>,
}

impl Shared {
    /// Brings the catalogue to these files and calls `use_it` with what is kept; `None` when
    /// something newer is asked meanwhile.
    fn with<T>(
        &self,
        options: &Options,
        files: &Arc<FileList>,
        cancelled: &(dyn Fn() -> bool + Sync),
        sink: &Sink,
        use_it: impl FnOnce(&Kept) -> T,
    ) -> Option<T> {
        // A panic while it was locked is reported; what is kept is made anew from the files.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = kept.is_of(files) || kept.refresh(options, Arc::clone(files), cancelled, sink);
        ready.then(|| use_it(&kept))
    }

    /// The catalogue of these files; `None` when something newer is asked meanwhile.
    pub fn gather(
        &self,
        options: &Options,
        files: &Arc<FileList>,
        cancelled: &(dyn Fn() -> bool + Sync),
        sink: &Sink,
    ) -> Option<Gathered> {
        self.with(options, files, cancelled, sink, |kept| Gathered {
            files: Arc::clone(files),
            roles: Arc::clone(&kept.roles),
            catalogue: kept.catalogue.clone(),
            looks: kept.looks_in_order(files),
        })
    }
}

/// Works until the mailbox is closed.
pub fn run(
    options: &Options,
    inbox: &Mailbox<Wanted>,
    shared: &Shared,
    latest: &Latest,
    sink: &Sink,
) {
    while let Some(wanted) = inbox.take() {
        let files = latest.get().files;
        let overtaken = || inbox.is_overtaken();
        let history = latest.history();
        let board =
            shared.with(options, &files, &overtaken, sink, |kept| kept.board(options, &history));
        if let Some(board) = board {
            sink(Report::Critical { generation: wanted.generation, board });
        }
    }
}

/// What is kept from one question to the next.
#[derive(Default)]
struct Kept {
    files: Option<Arc<FileList>>,
    looks: HashMap<FileId, (Stamp, Look)>,
    /// Whether the rules were read at all.
    ruled: bool,
    /// Of `.navi.toml`, when the rules were read.
    rules_of: Option<Stamp>,
    roles: Arc<RoleSet>,
    overrides: Overrides,
    catalogue: Catalogue,
}

impl Kept {
    fn is_of(&self, files: &Arc<FileList>) -> bool {
        self.files.as_ref().is_some_and(|it| Arc::ptr_eq(it, files))
    }

    /// Brings the catalogue to these files. False when something newer is asked meanwhile.
    fn refresh(
        &mut self,
        options: &Options,
        files: Arc<FileList>,
        cancelled: &(dyn Fn() -> bool + Sync),
        sink: &Sink,
    ) -> bool {
        let own = files.living().find(|&id| files.path(id) == b".navi.toml");
        let stamp = own.map(|id| files.facts(id).stamp);
        if !self.ruled || self.rules_of != stamp {
            let (roles, overrides, said) = (options.rules)();
            // At the start the same has been said already.
            for it in said.into_iter().filter(|_| self.ruled) {
                sink(Report::Said(it));
            }
            if roles.fingerprint() != self.roles.fingerprint() {
                self.looks.clear();
            }
            (self.roles, self.overrides) = (roles, overrides);
            (self.ruled, self.rules_of) = (true, stamp);
        }
        let seen = |id: FileId| {
            self.looks.get(&id).is_some_and(|(stamp, _)| *stamp == files.facts(id).stamp)
        };
        let ids: Vec<FileId> =
            files.living().filter(|&id| !files.facts(id).link && !seen(id)).collect();
        for look in look_at(options, &self.roles, &files, &ids, cancelled) {
            self.looks.insert(look.id, (files.facts(look.id).stamp, look));
        }
        if cancelled() {
            return false;
        }
        let looks = self.looks_in_order(&files);
        let most = SHOWN.saturating_add(self.overrides.len());
        self.catalogue = catalogue::build(&self.roles, &files, &looks, most);
        let read = |path: &str| {
            let limit = options.finder.file_limit;
            read_raw(&options.repo.root, &path.into(), limit).ok().flatten().map(|it| it.0)
        };
        for it in self.overrides.apply(&mut self.catalogue, &files, &read) {
            sink(Report::Said(it));
        }
        self.files = Some(files);
        true
    }

    fn looks_in_order(&self, files: &FileList) -> Vec<Look> {
        let known = files.living().filter_map(|id| self.looks.get(&id));
        known.map(|(_, look)| look.clone()).collect()
    }

    /// The catalogue as the panel shows it.
    fn board(&self, options: &Options, history: &History) -> Board {
        let Some(files) = &self.files else { return Board::default() };
        let clean = |it: &str| text::clean(it).into_owned();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
        let changed = |path: &RepoPath| {
            let commit = history.commit(*history.of(path.as_bytes()).first()?)?;
            let age_s = now.saturating_sub(commit.time()).max(0) as u64;
            Some(LastChange { age_s, who: clean(&commit.author()) })
        };
        let shelf = |shelf: &catalogue::Shelf| {
            let role = &self.roles.roles()[shelf.role];
            // Beside the best, whatever somebody said something about.
            let told = |it: &Entry| it.pinned || it.note.is_some() || it.owner.is_some();
            let shown = shelf.files.iter().enumerate();
            let shown = shown.filter(|(place, it)| *place < SHOWN || told(it));
            let file = |entry: &Entry| {
                let path = files.repo_path(entry.id);
                let owners = match &entry.owner {
                    Some(owner) => vec![owner.clone()],
                    None => options.finder.owners.of(&path.to_text()).to_vec(),
                };
                BoardFile {
                    changed: changed(&path),
                    path,
                    line: u64::from(entry.line),
                    why: entry.why.iter().map(|it| clean(it)).collect(),
                    note: entry.note.as_deref().map(clean),
                    owners: owners.iter().map(|it| clean(it)).collect(),
                }
            };
            BoardShelf {
                id: clean(&role.id),
                title: clean(&role.title),
                why: clean(&role.why),
                total: shelf.total,
                files: shown.map(|(_, it)| file(it)).collect(),
            }
        };
        Board { shelves: self.catalogue.shelves.iter().map(shelf).collect() }
    }
}
