//! Whether the files of an index are those that navi left: told by a seal beside them.
//!
//! The seal holds the boot it was made in and what the file system said of every file. With
//! another boot (the machine may have lost what it had not written yet), another size or time of
//! any file (cut, changed, a writer that was killed), the index is checked before it is trusted.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::Path;

use super::exact::EXTENSION;
use crate::engine::walk::Stamp;
use crate::engine::{history, kept};

const NAME: &str = "seal";
/// Kept beside the index, with sums of their own.
const KEPT: [&[u8]; 2] = [kept::NAME.as_bytes(), history::NAME.as_bytes()];

/// Seals the index in `folder` as it is.
pub fn put(folder: &Path) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(describe(folder)?.as_bytes())?;
    file.persist(folder.join(NAME))?;
    Ok(())
}

/// Whether the index in `folder` is as it was sealed.
pub fn is_whole(folder: &Path) -> bool {
    let Ok(seal) = fs::read_to_string(folder.join(NAME)) else { return false };
    describe(folder).is_ok_and(|now| now == seal)
}

/// A part that was there when the index in `folder` was sealed, is gone, and would not be missed by
/// what reads the others.
pub fn missing(folder: &Path) -> Option<String> {
    let seal = fs::read_to_string(folder.join(NAME)).ok()?;
    seal.lines().skip(1).find(|name| !folder.join(name).exists()).map(str::to_owned)
}

/// Whether a file of this name is still to be renamed, or was left behind before it was.
pub fn is_unfinished(name: &[u8]) -> bool {
    name.starts_with(b".tmp") || name.starts_with(b".new-")
}

fn describe(folder: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let bytes = name.as_encoded_bytes();
        let part = bytes.ends_with(b".lock") || bytes == NAME.as_bytes() || is_unfinished(bytes);
        let metadata = entry.metadata()?;
        if !part && metadata.is_file() && !KEPT.contains(&bytes) {
            let stamp = Stamp::of(&metadata);
            files.push((bytes.to_vec(), stamp.size, stamp.modified, stamp.changed));
        }
    }
    files.sort_unstable();
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let mut seal = format!("1 {} {:016x}\n", boot.trim(), hasher.finish());
    for (name, ..) in &files {
        let name = String::from_utf8_lossy(name);
        if Path::new(name.as_ref()).extension().is_some_and(|it| it == EXTENSION) {
            seal.push_str(&name);
            seal.push('\n');
        }
    }
    Ok(seal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_other_byte_breaks_the_seal() {
        let dir = tempfile::tempdir().unwrap();
        let part = dir.path().join("a.term");
        fs::write(&part, "abc").unwrap();
        assert!(!is_whole(dir.path()));
        put(dir.path()).unwrap();
        assert!(is_whole(dir.path()));
        fs::write(dir.path().join("a.term.lock"), "").unwrap();
        assert!(is_whole(dir.path()));
        fs::write(&part, "ab").unwrap();
        assert!(!is_whole(dir.path()));
        put(dir.path()).unwrap();
        fs::write(dir.path().join("foreign"), "").unwrap();
        assert!(!is_whole(dir.path()));
        let segment = format!("s.{EXTENSION}");
        fs::write(dir.path().join(&segment), "").unwrap();
        put(dir.path()).unwrap();
        assert_eq!(missing(dir.path()), None);
        fs::remove_file(dir.path().join(&segment)).unwrap();
        assert_eq!(missing(dir.path()), Some(segment));
    }
}
