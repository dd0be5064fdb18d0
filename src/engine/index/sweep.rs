//! Removes indexes that nobody will use again, only below navi's own folder of indexes and only
//! what is named as navi names it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{schema, store};

/// An index whose repository is gone is kept this long: a disk may be away for a while.
const ORPHAN: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// An index that nothing uses is kept this long when a newer navi made it.
const UNUSED: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// All indexes together take at most this many bytes, but for those in use.
const MOST: u64 = 8_000_000_000;

struct Kept {
    folder: PathBuf,
    bytes: u64,
    used: SystemTime,
}

/// Removes, below the folder that holds `current` and the other indexes, those of older schemas,
/// those of repositories that are gone, and, beyond a total size, those not used for longest.
/// Returns the bytes given back.
pub fn sweep(current: &Path) -> u64 {
    sweep_to(current, MOST)
}

fn sweep_to(current: &Path, most: u64) -> u64 {
    let Some(indexes) = current.parent().and_then(Path::parent) else { return 0 };
    let mut kept = Vec::new();
    let mut given = 0;
    for repository in folders(indexes, is_repository) {
        let note = repository.join(store::ROOT);
        let used = fs::metadata(&note)
            .or_else(|_| fs::metadata(&repository))
            .and_then(|it| it.modified())
            .unwrap_or_else(|_| SystemTime::now());
        let unused = used.elapsed().unwrap_or_default();
        let root = fs::read(&note).ok().map(|bytes| {
            let path = crate::base::RepoPath::from_bytes(bytes);
            path.on_disk(Path::new("/"))
        });
        let orphan = root.as_ref().is_some_and(|it| !it.exists()) && unused > ORPHAN;
        for folder in folders(&repository, |name| version(name).is_some()) {
            let version = folder.file_name().and_then(|it| version(it.to_str()?));
            let bytes = store::bytes_of(&folder);
            if folder == current || store::is_being_written(&folder) {
                kept.push(Kept { folder, bytes, used: SystemTime::now() });
                continue;
            }
            let old = version.is_some_and(|it| it < schema::VERSION);
            let new = version.is_some_and(|it| it > schema::VERSION);
            if old || orphan || (new && unused > UNUSED) {
                given += remove(&folder, bytes);
            } else {
                kept.push(Kept { folder, bytes, used });
            }
        }
    }
    kept.sort_by_key(|it| std::cmp::Reverse(it.used));
    let mut total: u64 = kept.iter().map(|it| it.bytes).sum();
    while total > most
        && let Some(last) = kept.pop()
    {
        if last.folder == current || store::is_being_written(&last.folder) {
            continue;
        }
        total -= last.bytes;
        given += remove(&last.folder, last.bytes);
    }
    given
}

/// Removes one, and what is left of its repository's folder when it was the last.
fn remove(folder: &Path, bytes: u64) -> u64 {
    if store::remove(folder).is_err() {
        return 0;
    }
    if let Some(above) = folder.parent()
        && folders(above, |_| true).next().is_none()
    {
        let _ = fs::remove_file(above.join(store::ROOT));
        let _ = fs::remove_file(above.join("turn.lock"));
        let _ = fs::remove_dir(above);
    }
    bytes
}

/// Real folders in `folder` with a fitting name, never behind links.
fn folders(folder: &Path, fits: impl Fn(&str) -> bool) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(move |it| it.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter(move |it| it.file_name().to_str().is_some_and(&fits))
        .map(|it| it.path())
}

/// Named as [`store::location`] names it: `NAME-0123456789abcdef`.
fn is_repository(name: &str) -> bool {
    name.rsplit_once('-')
        .is_some_and(|(_, hash)| hash.len() == 16 && hash.bytes().all(|it| it.is_ascii_hexdigit()))
}

fn version(name: &str) -> Option<u32> {
    name.strip_prefix('v')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(cache: &Path, root: &Path, version: u32, bytes: usize) -> PathBuf {
        let folder = store::location(cache, root).with_file_name(format!("v{version}"));
        store::make_folder(&folder).unwrap();
        store::note_use(&folder, root).unwrap();
        fs::write(folder.join("meta.json"), vec![b'x'; bytes]).unwrap();
        folder
    }

    fn age(folder: &Path, by: Duration) {
        let note = fs::File::options().write(true).open(folder.with_file_name("root")).unwrap();
        note.set_modified(SystemTime::now() - by).unwrap();
    }

    #[test]
    fn older_schemas_and_orphans_go_and_what_is_not_navis_stays() {
        let dir = tempfile::tempdir().unwrap();
        let there = dir.path().join("app");
        fs::create_dir(&there).unwrap();
        let current = make(dir.path(), &there, schema::VERSION, 10);
        let old = make(dir.path(), &there, schema::VERSION - 1, 10);
        let newer = make(dir.path(), &there, schema::VERSION + 1, 10);
        let gone = make(dir.path(), &dir.path().join("gone"), schema::VERSION, 10);
        let away = make(dir.path(), &dir.path().join("away"), schema::VERSION, 10);
        age(&gone, ORPHAN * 2);
        let foreign = current.parent().unwrap().with_file_name("my-notes").join("v1");
        fs::create_dir_all(&foreign).unwrap();
        assert!(sweep(&current) >= 20);
        let left = [&current, &old, &newer, &gone, &away, &foreign].map(|it| it.exists());
        assert_eq!(left, [true, false, true, false, true, true]);
        assert!(!gone.parent().unwrap().exists());
    }

    #[test]
    fn beyond_the_total_the_longest_unused_go_first() {
        let dir = tempfile::tempdir().unwrap();
        let [one, two, current] = ["one", "two", "current"].map(|name| {
            fs::create_dir(dir.path().join(name)).unwrap();
            make(dir.path(), &dir.path().join(name), schema::VERSION, 1000)
        });
        age(&one, Duration::from_secs(500));
        age(&two, Duration::from_secs(1000));
        sweep_to(&current, 2500);
        assert_eq!([&one, &two, &current].map(|it| it.exists()), [true, false, true]);
        sweep_to(&current, 0);
        assert!(current.exists() && !one.exists());
    }
}
