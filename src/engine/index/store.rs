//! Where an index lives: a private folder in the user's cache, one per repository and schema.
//!
//! Never inside the repository. A damaged index is set aside and built anew; a second writer is
//! refused by tantivy's lock file and becomes a reader.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use super::schema;

/// The folder of the index of `root` below the cache folder.
pub fn location(cache: &Path, root: &Path) -> PathBuf {
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
    cache
        .join("indexes")
        .join(format!("{name}-{:016x}", hasher.finish()))
        .join(format!("v{}", schema::VERSION))
}

/// Makes the folder of an index, and keeps every walk out of it: a cache inside the searched tree
/// (navi started in the home folder) would else index itself without end.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    make_private(folder)?;
    let sign = folder.join(".ignore");
    if sign.exists() { Ok(()) } else { fs::write(sign, "*\n") }
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

/// Removes the index in `folder`; a missing one is fine.
pub fn clear(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
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
        let found = crate::engine::walk::walk_below(dir.path(), &"x".into());
        assert_eq!(found, []);
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
