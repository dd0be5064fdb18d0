//! Where an index lives: a private folder in the user's cache, one per repository and schema.
//!
//! Never inside the repository. A damaged index is cleared and built anew; a second writer is
//! refused by tantivy's lock file and becomes a reader.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::schema;

/// A name for what is kept of the repository at `root`: the same in every run, and another for every
/// other place.
pub fn name_of_root(root: &Path) -> String {
    // DefaultHasher::new has fixed keys: the same path gives the same folder in every run.
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    let name: String = root
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
        .take(40)
        .collect();
    format!("{name}-{:016x}", hasher.finish())
}

/// The folder of the index of `root` below the cache folder.
pub fn location(cache: &Path, root: &Path) -> PathBuf {
    cache.join("indexes").join(name_of_root(root)).join(format!("v{}", schema::VERSION))
}

/// Makes the folder of an index, and keeps every walk out of it: a cache inside the searched tree
/// (navi started in the home folder) would else index itself without end.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    make_private(folder)?;
    for place in [folder.parent().and_then(Path::parent), Some(folder)].into_iter().flatten() {
        let sign = place.join(".ignore");
        if !sign.exists() {
            fs::write(sign, "*\n")?;
        }
    }
    Ok(())
}

/// Notes whose index `folder` is, and that it is in use.
pub fn note_use(folder: &Path, root: &Path) -> io::Result<()> {
    let Some(above) = folder.parent() else { return Ok(()) };
    let note = above.join(ROOT);
    let recent = fs::metadata(&note)
        .and_then(|it| it.modified())
        .is_ok_and(|it| it.elapsed().is_ok_and(|age| age < DAY));
    if recent { Ok(()) } else { fs::write(note, root.as_os_str().as_encoded_bytes()) }
}

/// A day.
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The file beside the versions of an index that tells its repository; as old as its last use.
pub const ROOT: &str = "root";
/// tantivy's lock of the one who writes.
const WRITER: &str = ".tantivy-writer.lock";

/// Whether another process, or another handle of this one, writes the index in `folder`.
pub fn is_being_written(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        use rustix::fs::{FlockOperation, flock};
        // Opened for reading: whoever waits for the lock hears of files closed after writing.
        let Ok(file) = fs::File::open(folder.join(WRITER)) else { return false };
        flock(&file, FlockOperation::NonBlockingLockShared).is_err()
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        false
    }
}

/// Holds the writer's lock of the index in `folder` until the file is dropped; `None` when another
/// holds it.
pub fn lock_writer(folder: &Path) -> Option<fs::File> {
    #[cfg(unix)]
    {
        use rustix::fs::{FlockOperation, flock};
        let file = fs::File::open(folder.join(WRITER)).ok()?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).ok()?;
        Some(file)
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// Waits for the turn to open, make or clear the index in `folder`; it ends when the file is
/// dropped. `None` where there is nothing to wait with, or somebody holds on to it.
pub fn turn(folder: &Path) -> Option<fs::File> {
    let file = fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.parent()?.join("turn.lock"))
        .ok()?;
    #[cfg(unix)]
    {
        use rustix::fs::{FlockOperation, flock};
        let started = Instant::now();
        while flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            if started.elapsed() > TURN {
                return None;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    Some(file)
}

/// An index that needs a check takes its turn this long at most.
const TURN: Duration = Duration::from_secs(3);

/// Whether the folder can be written now: the error says why not.
pub fn probe(folder: &Path) -> io::Result<()> {
    fs::metadata(folder)?;
    // More than a block, so that a disk without room shows it.
    let mut file = tempfile::tempfile_in(folder)?;
    io::Write::write_all(&mut file, &vec![1; 512 * 1024])
}

/// Makes `folder` and what is missing above it, readable by the user alone.
fn make_private(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut rights = fs::metadata(folder)?.permissions();
        if rights.mode() & 0o077 != 0 {
            rights.set_mode(0o700);
            fs::set_permissions(folder, rights)?;
        }
        Ok(())
    }
    #[cfg(not(unix))]
    {
        fs::create_dir_all(folder)
    }
}

/// Bytes that the files in `folder` take.
pub fn bytes_of(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries.filter_map(Result::ok).filter_map(|it| it.metadata().ok()).map(|it| it.len()).sum()
}

/// Removes the index in `folder`; a missing one is fine. Folders inside are not navi's and stay.
pub fn clear(folder: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        // Not a folder: put aside, since it is not navi's.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            let mut aside = folder.as_os_str().to_owned();
            aside.push(".aside");
            return fs::rename(folder, aside);
        }
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            continue;
        }
        // The lock of a writer stays, or two could hold one each.
        if entry.file_name() == WRITER {
            continue;
        }
        match fs::remove_file(entry.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Removes the folder of an index with all that navi has put there.
pub fn remove(folder: &Path) -> io::Result<()> {
    clear(folder)?;
    let _ = fs::remove_file(folder.join(WRITER));
    match fs::remove_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_of_one_name_have_their_own_folders() {
        let cache = Path::new("/c");
        let one = location(cache, Path::new("/a/app"));
        assert_ne!(one, location(cache, Path::new("/b/app")));
        assert_eq!(one, location(cache, Path::new("/a/app")));
        assert!(one.to_string_lossy().contains("/indexes/app-"));
    }

    #[test]
    fn no_walk_enters_an_index() {
        let dir = tempfile::tempdir().unwrap();
        make_folder(&dir.path().join("x/v1")).unwrap();
        fs::write(dir.path().join("x/v1/meta.json"), "{}").unwrap();
        let found = crate::engine::walk::walk_below(dir.path(), &["x".into()].into(), None, None);
        assert_eq!(found, []);
    }

    #[test]
    fn clearing_leaves_what_is_not_an_index() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("x/v1");
        make_folder(&folder).unwrap();
        fs::create_dir(folder.join("mine")).unwrap();
        fs::write(folder.join("meta.json"), "{}").unwrap();
        remove(&folder).unwrap();
        assert!(folder.join("mine").is_dir() && !folder.join("meta.json").exists());
        fs::remove_dir(folder.join("mine")).unwrap();
        remove(&folder).unwrap();
        assert!(!folder.exists());
        fs::write(&folder, "a file in its place").unwrap();
        clear(&folder).unwrap();
        assert!(!folder.exists() && dir.path().join("x/v1.aside").exists());
    }

    #[cfg(unix)]
    #[test]
    fn folders_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("x/y");
        make_private(&folder).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
