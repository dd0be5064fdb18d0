//! The walk over a repository's files: ignore rules honoured, hidden files included, `.git` not.
//!
//! Symbolic links are listed when they lead to a file, and never followed into folders; FIFOs,
//! sockets and devices are left out. Nothing is opened, only listed.

use std::collections::{BTreeSet, HashSet};
use std::fs::Metadata;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::base::{Diagnostic, RepoPath, text};
use crate::engine::regular;
use crate::engine::tracked::Also;

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
    /// Modification time in nanoseconds since 1970; negative before.
    pub modified: i64,
    /// When the file system last changed anything about the file, in nanoseconds since 1970; 0
    /// where it does not tell. Unlike `modified`, no program can set it back.
    pub changed: i64,
}

/// File systems tell times in steps no longer than this; two writes within one step have the same
/// stamp.
pub const STEP: Duration = Duration::from_millis(15);

impl Stamp {
    /// The stamp of a file with this metadata.
    pub fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().map_or(0, nanoseconds);
        #[cfg(unix)]
        let changed = {
            use std::os::unix::fs::MetadataExt;
            metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec())
        };
        #[cfg(not(unix))]
        let changed = 0;
        Self { size: metadata.len(), modified, changed }
    }

    /// Whether a file with this stamp may still change at `now` without getting another one.
    pub fn is_fresh_at(&self, now: SystemTime) -> bool {
        let last = if self.changed == 0 { self.modified } else { self.changed };
        nanoseconds(now).abs_diff(last) < STEP.as_nanos() as u64
    }
}

/// Nanoseconds since 1970, negative before; at the ends of what can be told beyond.
fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(age) => i64::try_from(age.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |it| -it),
    }
}

/// Hears of each folder before the walk looks into it, from any of its threads.
pub type Enter = Arc<dyn Fn(&Path) + Send + Sync>;

/// Files that a thread gathers before it hands them on.
const BATCH: usize = 256;

/// The most unreadable places that are reported one by one.
const MOST_FAULTS: usize = 20;

/// A walk that enters what `wanted` lets it enter. Only what no rule ignores is asked for, and a
/// folder is told to `enter` before its own rules and entries are read, so that whoever watches it
/// misses nothing.
fn builder(
    root: &Path,
    enter: Option<&Enter>,
    blocked: &Blocked,
    wanted: impl Fn(&Path) -> bool + Send + Sync + 'static,
) -> WalkBuilder {
    if let Some(enter) = enter {
        enter(root);
    }
    let enter = enter.cloned();
    let mut builder = WalkBuilder::new(root);
    without_blocking_rules(&mut builder, root, blocked);
    let blocked = blocked.clone();
    builder.hidden(false).follow_links(false).filter_entry(move |entry| {
        if entry.file_name() == ".git" || !wanted(entry.path()) {
            return false;
        }
        if entry.file_type().is_some_and(|kind| kind.is_dir()) {
            if blocked.stops(entry.path()) {
                return false;
            }
            if let Some(enter) = &enter {
                enter(entry.path());
            }
        }
        true
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
    enter: Option<&Enter>,
    take: &(dyn Fn(Vec<Found>) -> bool + Sync),
) -> Vec<Diagnostic> {
    walk_also(root, threads, enter, None, take)
}

/// The same with tracked files that are ignored; they come last.
pub fn walk_also(
    root: &Path,
    threads: usize,
    enter: Option<&Enter>,
    also: Option<&Also>,
    take: &(dyn Fn(Vec<Found>) -> bool + Sync),
) -> Vec<Diagnostic> {
    let Some(also) = also.filter(|it| !it.tracked.is_empty()) else {
        return walk_by_rules(root, threads, enter, take);
    };
    let (listed, ended) = (Mutex::new(HashSet::<RepoPath>::new()), AtomicBool::new(false));
    let faults = walk_by_rules(root, threads, enter, &|batch| {
        if let Ok(mut listed) = listed.lock() {
            listed.extend(batch.iter().map(|it| it.path.clone()));
        }
        let goes_on = take(batch);
        ended.fetch_or(!goes_on, Ordering::Relaxed);
        goes_on
    });
    let listed = listed.into_inner().unwrap_or_default();
    if !ended.into_inner() {
        let all = [b"".as_slice()];
        let found = also.left_out(root, all, &|path| listed.contains(path));
        if !found.is_empty() {
            take(found);
        }
    }
    faults
}

fn walk_by_rules(
    root: &Path,
    threads: usize,
    enter: Option<&Enter>,
    take: &(dyn Fn(Vec<Found>) -> bool + Sync),
) -> Vec<Diagnostic> {
    let faults = Mutex::new((0usize, Vec::new()));
    let blocked = Blocked::default();
    builder(root, enter, &blocked, |_| true).threads(threads.max(1)).build_parallel().run(|| {
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

/// The files at or below each of `paths`, as [`walk`] would list them: those that are ignored or
/// gone are not among them. For following changes; one walk for all of them.
pub fn walk_below(
    root: &Path,
    paths: &BTreeSet<RepoPath>,
    enter: Option<&Enter>,
    also: Option<&Also>,
) -> Vec<Found> {
    let wanted: Arc<BTreeSet<PathBuf>> =
        Arc::new(paths.iter().map(|path| path.on_disk(root)).collect());
    let below = |wanted: &BTreeSet<PathBuf>, path: &Path| {
        path.ancestors().any(|folder| wanted.contains(folder))
    };
    // The walk starts at the root so that every ignore file on the way counts, and descends only
    // towards the paths.
    let targets = Arc::clone(&wanted);
    let towards = move |path: &Path| {
        let next = targets.range::<Path, _>((Bound::Included(path), Bound::Unbounded)).next();
        next.is_some_and(|target| target.starts_with(path)) || below(&targets, path)
    };
    // What cannot be entered was told by the walk over all.
    let mut found: Vec<Found> = builder(root, enter, &Blocked::default(), towards)
        .build()
        .filter_map(Result::ok)
        .filter(|entry| below(&wanted, entry.path()))
        .filter_map(|entry| look(root, &entry))
        .collect();
    if let Some(also) = also {
        let listed: HashSet<RepoPath> = found.iter().map(|it| it.path.clone()).collect();
        let paths = paths.iter().map(RepoPath::as_bytes);
        found.extend(also.left_out(root, paths, &|path| listed.contains(path)));
    }
    found
}

/// Files outside of the walked folders that also say what is ignored: the repository's
/// `info/exclude` and the user's own ignore file. They need not exist.
pub fn outside_rules(git_dir: Option<&Path>) -> Vec<PathBuf> {
    let shared = git_dir.map(|folder| {
        let common = regular::read(&folder.join("commondir"));
        common.map_or_else(|_| folder.to_owned(), |path| folder.join(path.trim()))
    });
    shared
        .map(|folder| folder.join("info").join("exclude"))
        .into_iter()
        .chain(ignore::gitignore::gitconfig_excludes_path())
        .collect()
}

/// Whether a file of this name says what is ignored.
pub fn is_rules(name: &[u8]) -> bool {
    matches!(name, b".gitignore" | b".ignore")
}

/// What the file system says of the file at `path` when it is one that [`walk`] would list but for
/// the ignore rules; `None` for anything else, or nothing.
pub fn look_at(root: &Path, path: &RepoPath) -> Option<Found> {
    let place = path.on_disk(root);
    let mut metadata = std::fs::symlink_metadata(&place).ok()?;
    let link = metadata.is_symlink();
    if link {
        metadata = std::fs::metadata(&place).ok()?;
    }
    metadata.is_file().then(|| Found { path: path.clone(), stamp: Stamp::of(&metadata), link })
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
        walk(root, 2, None, &|batch| {
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
        let count = |path: &str| walk_below(dir.path(), &[path.into()].into(), None, None).len();
        assert_eq!(count("src/main.rs"), 1);
        assert_eq!(count("src"), 1);
        assert_eq!(count("a.log"), 0);
        assert_eq!(count("target/x.o"), 0);
        assert_eq!(count("gone.rs"), 0);
        assert_eq!(count(".git/HEAD"), 0);
    }

    #[test]
    fn several_paths_are_one_walk_that_tells_the_folders_it_enters() {
        let dir = tree();
        let entered = Arc::new(Mutex::new(Vec::new()));
        let enter: Enter = {
            let (entered, root) = (Arc::clone(&entered), dir.path().to_owned());
            Arc::new(move |folder: &Path| {
                let below = folder.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                entered.lock().unwrap().push(below);
            })
        };
        let paths = [".github".into(), "src/main.rs".into(), "a.log".into(), "none".into()].into();
        let mut found: Vec<_> = walk_below(dir.path(), &paths, Some(&enter), None)
            .into_iter()
            .map(|it| it.path.display())
            .collect();
        found.sort();
        assert_eq!(found, [".github/workflows/ci.yml", "src/main.rs"]);
        let mut entered = std::mem::take(&mut *entered.lock().unwrap());
        entered.sort();
        assert_eq!(entered, ["", ".github", ".github/workflows", "src"]);
    }

    #[test]
    fn ignored_folders_are_never_entered() {
        let dir = tree();
        let entered = Arc::new(Mutex::new(0));
        let count = Arc::clone(&entered);
        let enter: Enter = Arc::new(move |folder: &Path| {
            assert!(!folder.ends_with("target") && !folder.ends_with(".git"));
            *count.lock().unwrap() += 1;
        });
        walk(dir.path(), 2, Some(&enter), &|_| true);
        assert_eq!(*entered.lock().unwrap(), 4);
    }

    #[test]
    fn a_stamp_is_fresh_while_its_step_lasts() {
        let dir = tree();
        let stamp = Stamp::of(&fs::metadata(dir.path().join("src/main.rs")).unwrap());
        let last = UNIX_EPOCH + Duration::from_nanos(stamp.changed.max(stamp.modified) as u64);
        assert!(stamp.is_fresh_at(last + Duration::from_millis(3)));
        assert!(!stamp.is_fresh_at(last + Duration::from_millis(30)));
        assert_eq!(nanoseconds(UNIX_EPOCH - Duration::from_nanos(5)), -5);
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
