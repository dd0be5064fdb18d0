//! Looks at the disk: the first walk, later ones, single changes.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::{Difference, Indexer};
use crate::base::{Diagnostic, RepoPath};
use crate::engine::files::{FileId, FileKeeper, FileSet};
use crate::engine::history::Tracked;
use crate::engine::index::Snapshot;
use crate::engine::kept;
use crate::engine::roles::RoleSet;
use crate::engine::tracked::Also;
use crate::engine::walk::{self, Found};
use crate::protocol::{IndexStatus, Phase, Report};
use crate::workers::Options;
use crate::workers::thread::crew;
use crate::workers::watcher::Watcher;

/// While the first list grows, it is shown this often.
const GROWS: Duration = Duration::from_millis(40);

/// What a walk has found so far, shared by its threads.
struct Growing {
    keeper: FileKeeper,
    difference: Difference,
    seen: HashSet<FileId>,
    shown: usize,
    shown_at: Instant,
}

impl Indexer<'_> {
    /// Takes the list that was kept beside the index, if there is one.
    pub(super) fn load_kept(&mut self) -> bool {
        let Some(folder) = &self.options.folder else { return false };
        let (latest, sink) = (self.latest, self.sink);
        let mut begun = |keeper: &FileKeeper| {
            latest.set(Snapshot::of_files(keeper.list()));
            sink(Report::Changed { paths: Vec::new() });
        };
        let roles = &self.roles;
        let Some((keeper, when)) = kept::load(folder, roles, &mut begun) else {
            return false;
        };
        if keeper.list().is_empty() {
            return false;
        }
        self.keeper = keeper;
        self.unkept = false;
        let age = SystemTime::now().duration_since(when).unwrap_or_default();
        self.status.phase = Phase::Checking { age_s: age.as_secs() };
        true
    }

    /// Keeps the list beside the index.
    pub(super) fn keep(&mut self) {
        let Some(folder) = self.options.folder.as_ref().filter(|_| self.unkept && !self.gone)
        else {
            return;
        };
        // Without it the next start waits for the walk, as the first did.
        if kept::save(folder, &self.keeper).is_ok() {
            self.unkept = false;
        }
    }

    /// Whether the root is there; says when it went, came back, or is another one.
    fn look_at_root(&mut self) -> bool {
        let id = root_id(&self.options.repo.root);
        let root = self.options.repo.root.display();
        if id.is_none() {
            if !self.gone {
                let text = format!("{root} is gone: the list is that of before");
                self.say(Diagnostic::warning(text).hint("navi goes on when it comes back"));
            }
            self.gone = true;
            return false;
        }
        if self.gone {
            self.say(Diagnostic::note(format!("{root} is back")));
        } else if self.root_id.is_some() && self.root_id != id {
            self.say(Diagnostic::note(format!("{root} was replaced, everything is compared")));
        }
        self.gone = false;
        self.root_id = id;
        true
    }

    /// Reads what git tracks, if its index was replaced; what is tracked otherwise than before.
    pub(super) fn look_at_tracked(&mut self) -> Vec<RepoPath> {
        let stamp = Tracked::stamp(&self.options.repo);
        if stamp == self.tracked_as_of {
            return Vec::new();
        }
        self.tracked_as_of = stamp;
        let (tracked, said) = Tracked::read(&self.options.repo);
        let fault = said.first().map(|it| it.message.clone());
        if fault != self.tracked_fault {
            self.tracked_fault = fault;
            for it in said {
                self.say(it);
            }
        }
        let before = std::mem::replace(&mut self.tracked, Arc::new(tracked));
        before.difference(&self.tracked)
    }

    fn also(&self) -> Also {
        let tracked = Arc::clone(&self.tracked);
        Also { enter: self.watcher.as_ref().map(|it| it.enter_tracked(&tracked)), tracked }
    }

    /// Walks over everything and takes over what it finds. On the first walk the list grows on
    /// screen.
    pub(super) fn scan(&mut self) -> Difference {
        if !self.look_at_root() {
            return Difference::default();
        }
        let started = Instant::now();
        let first = self.keeper.list().is_empty();
        let before = self.keeper.list().ids();
        let enter = self.watcher.as_ref().map(Watcher::enter);
        if let Some(watcher) = &self.watcher {
            watcher.begin_walk();
        }
        self.look_at_tracked();
        let also = self.also();
        let roles = Arc::clone(&self.roles);
        let growing = Mutex::new(Growing {
            keeper: std::mem::take(&mut self.keeper),
            difference: Difference::default(),
            seen: HashSet::new(),
            shown: 0,
            shown_at: started,
        });
        let (root, cores) = (&self.options.repo.root, self.options.cores);
        let (latest, sink) = (self.latest, self.sink);
        let take = |batch: Vec<Found>| {
            let mut growing = growing.lock().unwrap_or_else(PoisonError::into_inner);
            let Growing { keeper, difference, seen, shown, shown_at } = &mut *growing;
            for found in &batch {
                let (id, changed) = keeper.put(found, &roles);
                if changed {
                    difference.put.push((id, id >= before));
                }
                seen.insert(id);
            }
            let count = keeper.list().len();
            let due = count >= *shown * 2 || shown_at.elapsed() > GROWS;
            if first && count > *shown && due {
                *shown_at = Instant::now();
                *shown = count;
                latest.set(Snapshot::of_files(keeper.list()));
                sink(Report::Index(IndexStatus { files: count, ..IndexStatus::default() }));
                sink(Report::Changed { paths: Vec::new() });
            }
            true
        };
        let faults = walk::walk_also(root, cores, enter.as_ref(), Some(&also), &take);
        let growing = growing.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.keeper = growing.keeper;
        let mut difference = growing.difference;
        self.walk_took = started.elapsed();
        if let Some(watcher) = &self.watcher {
            watcher.end_walk();
        }
        self.check_watcher();
        // A root that went meanwhile has not lost its files.
        if self.look_at_root() {
            let files = self.keeper.list();
            for id in files.living().filter(|id| !growing.seen.contains(id)) {
                let path = files.repo_path(id);
                self.keeper.remove(&path);
                difference.removed.push(path);
            }
        }
        for fault in faults {
            self.say(fault);
        }
        if first {
            self.publish(true, Vec::new());
            self.tell();
        }
        difference
    }

    /// Takes over single changes.
    pub(super) fn take_changes(
        &mut self,
        files: &BTreeSet<RepoPath>,
        folders: &BTreeSet<RepoPath>,
    ) -> Difference {
        let root = &self.options.repo.root;
        let before = self.keeper.list().ids();
        let mut difference = Difference::default();
        let mut wanted = folders.clone();
        let mut found = Vec::new();
        let mut gone = Vec::new();
        for path in files {
            let listed = self
                .keeper
                .id(path.as_bytes())
                .is_some_and(|id| !self.keeper.list().facts(id).gone);
            match walk::look_at(root, path) {
                // The rules have not changed, or everything would be looked at.
                Some(file) if listed => found.push(file),
                Some(_) => {
                    wanted.insert(path.clone());
                }
                None if listed => gone.push(path.clone()),
                None => {}
            }
        }
        if !wanted.is_empty() {
            let enter = self.watcher.as_ref().map(Watcher::enter);
            let also = self.also();
            found.extend(walk::walk_below(root, &wanted, enter.as_ref(), Some(&also)));
            self.check_watcher();
        }
        let mut seen = HashSet::new();
        for file in &found {
            let (id, changed) = self.keeper.put(file, &self.roles);
            seen.insert(id);
            if changed {
                difference.put.push((id, id >= before));
            }
        }
        if !folders.is_empty() {
            // A folder that went away took its files along.
            let list = self.keeper.list();
            let lost = list.living().filter(|id| !seen.contains(id));
            gone.extend(
                lost.filter(|id| is_below_any(list.path(*id), folders))
                    .map(|id| list.repo_path(id)),
            );
        }
        if !gone.is_empty() && !self.look_at_root() {
            return difference;
        }
        for path in gone {
            if self.keeper.remove(&path).is_some() {
                difference.removed.push(path);
            }
        }
        difference.put.sort_unstable();
        difference.put.dedup();
        difference
    }
}

/// Whether one of `folders` is `path` or leads to it.
fn is_below_any(path: &[u8], folders: &BTreeSet<RepoPath>) -> bool {
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
    ends.chain([path.len()])
        .any(|end| path.get(..end).is_some_and(|it| folders.contains(&RepoPath::from_bytes(it))))
}

#[cfg(unix)]
fn root_id(root: &std::path::Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(root).ok().filter(std::fs::Metadata::is_dir)?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn root_id(root: &std::path::Path) -> Option<(u64, u64)> {
    root.is_dir().then_some((0, 0))
}

/// What a walk has found, and the list that was kept.
#[derive(Default)]
struct Listing {
    /// Once what was kept is read.
    keeper: Option<FileKeeper>,
    /// What was found before that.
    early: Vec<Vec<Found>>,
    /// Files that were kept: ids below this.
    kept: FileId,
    seen: FileSet,
}

impl Listing {
    fn take(&mut self, batch: Vec<Found>, roles: &RoleSet) {
        let Some(keeper) = &mut self.keeper else { return self.early.push(batch) };
        for found in &batch {
            let (id, _) = keeper.put(found, roles);
            self.seen.insert(id);
        }
    }

    fn begin(&mut self, keeper: FileKeeper, roles: &RoleSet) {
        self.kept = keeper.list().ids();
        self.keeper = Some(keeper);
        for batch in std::mem::take(&mut self.early) {
            self.take(batch, roles);
        }
    }

    /// The list, without what was kept and is gone.
    fn end(self) -> FileKeeper {
        let mut keeper = self.keeper.unwrap_or_default();
        let gone = (0..self.kept).filter(|id| !self.seen.holds(*id));
        for path in gone.map(|id| keeper.list().repo_path(id)).collect::<Vec<_>>() {
            keeper.remove(&path);
        }
        keeper
    }
}

/// Walks once and makes the list, for the command line. What was kept beside the index is read
/// meanwhile, and need not be made again.
pub fn list_files(options: &Options) -> (FileKeeper, Vec<Diagnostic>) {
    let roles = &options.finder.roles;
    let listing = Mutex::new(Listing::default());
    let lock = || listing.lock().unwrap_or_else(PoisonError::into_inner);
    let load = || {
        let folder = options.folder.as_deref();
        let kept = folder.and_then(|it| kept::load(it, roles, &mut |_| {}));
        kept.map(|it| it.0).unwrap_or_default()
    };
    let (tracked, mut faults) = Tracked::read(&options.repo);
    let also = Also::of(tracked);
    let take = |batch: Vec<Found>| {
        lock().take(batch, roles);
        true
    };
    let said = Mutex::new(Vec::new());
    crew(2, &|number| {
        if number == 1 {
            let keeper = load();
            return lock().begin(keeper, roles);
        }
        let faults = walk::walk_also(&options.repo.root, options.cores, None, Some(&also), &take);
        said.lock().unwrap_or_else(PoisonError::into_inner).extend(faults);
    });
    faults.extend(said.into_inner().unwrap_or_else(PoisonError::into_inner));
    let mut listing = listing.into_inner().unwrap_or_else(PoisonError::into_inner);
    if listing.keeper.is_none() {
        // There was no other thread.
        listing.begin(load(), roles);
    }
    (listing.end(), faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_leads_to_what_is_below_it() {
        let folders = BTreeSet::from([RepoPath::from("a/b"), RepoPath::from("c")]);
        let cases =
            [("a/b/x", true), ("a/b", true), ("a/bc", false), ("a/x", false), ("c/d/e", true)];
        for (path, below) in cases {
            assert_eq!(is_below_any(path.as_bytes(), &folders), below, "{path}");
        }
    }
}
