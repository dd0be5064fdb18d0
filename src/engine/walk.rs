//! The walk over a repository's files: ignore rules honoured, hidden files included, `.git` not.
//!
//! Symbolic links are listed when they lead to a file, and never followed into folders; FIFOs,
//! sockets and devices are left out. Nothing is opened, only listed.

use std::fs::Metadata;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::UNIX_EPOCH;

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::base::{Diagnostic, RepoPath, text};
use crate::engine::regular;

/// What the file system says of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: RepoPath,
    /// Its size and age.
    pub stamp: Stamp,
    /// Whether the entry is a symbolic link (its content is that of another file).
    pub link: bool,
}

/// What tells one version of a file from the next without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970.
    pub modified: i64,
}

impl Stamp {
    /// The stamp of a file with this metadata.
    pub fn of(metadata: &Metadata) -> Self {
        let modified = metadata
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .map_or(0, |age| i64::try_from(age.as_nanos()).unwrap_or(i64::MAX));
        Self { size: metadata.len(), modified }
    }
}

/// Files that a thread gathers before it hands them on.
const BATCH: usize = 256;

/// The most unreadable places that are reported one by one.
const MOST_FAULTS: usize = 20;

fn builder(root: &Path, blocked: &Blocked) -> WalkBuilder {
    let mut builder = WalkBuilder::new(root);
    builder.hidden(false).follow_links(false);
    without_blocking_rules(&mut builder, root, blocked);
    let blocked = blocked.clone();
    builder.filter_entry(move |entry| {
        let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        entry.file_name() != ".git" && !(folder && blocked.stops(entry.path()))
    });
    builder
}

/// Files of ignore rules that are pipes, devices or the like, and what became of them. The walk
/// must not open them: it would wait for ever.
#[derive(Clone, Default)]
struct Blocked(Arc<Mutex<Vec<Diagnostic>>>);

impl Blocked {
    /// Whether a folder must not be entered because of its rules.
    fn stops(&self, folder: &Path) -> bool {
        let name = regular::blocking_rules(folder);
        if let Some(name) = name {
            self.say(&folder.join(name), "not a regular file, so its folder is not listed");
        }
        name.is_some()
    }

    fn say(&self, path: &Path, what: &str) {
        let path = text::clean(&path.to_string_lossy()).into_owned();
        if let Ok(mut said) = self.0.lock()
            && said.len() < MOST_FAULTS
        {
            let it = Diagnostic::warning(format!("{path} is {what}"));
            said.push(it.hint("remove it, or make it a file"));
        }
    }
}

/// Leaves away the rules of the root and above it that must not be opened: the walk reads them
/// before it asks for anything.
fn without_blocking_rules(builder: &mut WalkBuilder, root: &Path, blocked: &Blocked) {
    if let Some(name) = regular::blocking_rules(root) {
        builder.git_ignore(false).ignore(false);
        blocked.say(&root.join(name), "not a regular file: no ignore files are followed");
    }
    let above = root.ancestors().skip(1);
    for (folder, name) in above.filter_map(|it| Some((it, regular::blocking_rules(it)?))) {
        builder.parents(false);
        blocked.say(&folder.join(name), "not a regular file: no rules above the root are followed");
    }
    let exclude = root.join(".git/info/exclude");
    if regular::is_blocking(&exclude) {
        builder.git_exclude(false);
        blocked.say(&exclude, "not a regular file: its rules are not followed");
    }
}

/// Walks `root` on `threads` threads. `take` is called from any of them with each batch and
/// answers whether to go on. Returns what could not be read.
pub fn walk(
    root: &Path,
    threads: usize,
    take: &(dyn Fn(Vec<Found>) -> bool + Sync),
) -> Vec<Diagnostic> {
    let faults = Mutex::new((0usize, Vec::new()));
    let blocked = Blocked::default();
    builder(root, &blocked).threads(threads.max(1)).build_parallel().run(|| {
        let mut batch = Batch { found: Vec::new(), first: true, take };
        let faults = &faults;
        Box::new(move |entry| {
            match entry {
                Ok(entry) => {
                    if let Some(found) = look(root, &entry)
                        && !batch.push(found)
                    {
                        return WalkState::Quit;
                    }
                }
                Err(error) => {
                    if let Ok(mut faults) = faults.lock() {
                        faults.0 += 1;
                        if faults.1.len() < MOST_FAULTS {
                            let what = text::clean(&error.to_string()).into_owned();
                            faults.1.push(Diagnostic::warning(format!("not listed: {what}")));
                        }
                    }
                }
            }
            WalkState::Continue
        })
    });
    let (count, mut faults) = faults.into_inner().unwrap_or_default();
    if count > faults.len() {
        let more = count - faults.len();
        faults.push(Diagnostic::warning(format!("not listed: {more} more places")));
    }
    if let Ok(said) = blocked.0.lock() {
        faults.extend(said.iter().cloned());
    }
    faults
}

/// The files at or below `path`, as [`walk`] would list them; nothing when they are ignored or
/// gone. For following single changes.
pub fn walk_below(root: &Path, path: &RepoPath) -> Vec<Found> {
    let wanted = path.on_disk(root);
    // The walk starts at the root so that every ignore file on the way counts, and descends only
    // towards the path.
    let blocked = Blocked::default();
    let mut builder = WalkBuilder::new(root);
    let target = wanted.clone();
    builder.hidden(false).follow_links(false);
    without_blocking_rules(&mut builder, root, &blocked);
    builder.filter_entry(move |entry| {
        let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        entry.file_name() != ".git"
            && (target.starts_with(entry.path()) || entry.path().starts_with(&target))
            && !(folder && blocked.stops(entry.path()))
    });
    builder
        .build()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().starts_with(&wanted))
        .filter_map(|entry| look(root, &entry))
        .collect()
}

struct Batch<'a> {
    found: Vec<Found>,
    /// The first batch is small, so that a first screen has rows at once.
    first: bool,
    take: &'a (dyn Fn(Vec<Found>) -> bool + Sync),
}

impl Batch<'_> {
    fn push(&mut self, found: Found) -> bool {
        self.found.push(found);
        let full = if self.first { 32 } else { BATCH };
        if self.found.len() < full {
            return true;
        }
        self.first = false;
        (self.take)(std::mem::take(&mut self.found))
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if !self.found.is_empty() {
            (self.take)(std::mem::take(&mut self.found));
        }
    }
}

fn look(root: &Path, entry: &DirEntry) -> Option<Found> {
    let kind = entry.file_type()?;
    let link = kind.is_symlink();
    if !kind.is_file() && !link {
        return None;
    }
    let metadata =
        if link { std::fs::metadata(entry.path()).ok()? } else { entry.metadata().ok()? };
    if !metadata.is_file() {
        return None;
    }
    let path = RepoPath::below(root, entry.path())?;
    Some(Found { path, stamp: Stamp::of(&metadata), link })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn listed(root: &Path) -> Vec<String> {
        let all = Mutex::new(Vec::new());
        walk(root, 2, &|batch| {
            all.lock().unwrap().extend(batch.into_iter().map(|it| it.path.display()));
            true
        });
        let mut all = all.into_inner().unwrap();
        all.sort();
        all
    }

    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for folder in [".git", ".github/workflows", "src", "target"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        fs::write(root.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(root.join(".gitignore"), "target/\n*.log\n").unwrap();
        fs::write(root.join(".github/workflows/ci.yml"), "on: push\n").unwrap();
        fs::write(root.join("src/main.rs"), "fn main() {}\n").unwrap();
        fs::write(root.join("target/x.o"), "x").unwrap();
        fs::write(root.join("a.log"), "x").unwrap();
        dir
    }

    #[test]
    fn hidden_files_are_listed_and_ignored_ones_are_not() {
        let dir = tree();
        assert_eq!(listed(dir.path()), [".github/workflows/ci.yml", ".gitignore", "src/main.rs"]);
    }

    #[test]
    fn a_single_path_is_judged_by_the_same_rules() {
        let dir = tree();
        let count = |path: &str| walk_below(dir.path(), &path.into()).len();
        assert_eq!(count("src/main.rs"), 1);
        assert_eq!(count("src"), 1);
        assert_eq!(count("a.log"), 0);
        assert_eq!(count("target/x.o"), 0);
        assert_eq!(count("gone.rs"), 0);
        assert_eq!(count(".git/HEAD"), 0);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_listed_once_and_never_followed_into_loops() {
        let dir = tree();
        std::os::unix::fs::symlink(dir.path().join("src/main.rs"), dir.path().join("link.rs"))
            .unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).unwrap();
        assert_eq!(
            listed(dir.path()),
            [".github/workflows/ci.yml", ".gitignore", "link.rs", "src/main.rs"]
        );
    }
}
