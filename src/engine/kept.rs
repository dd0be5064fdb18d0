//! The list of files as it was when navi last left: a file beside the index.
//!
//! With it names and contents can be searched before the walk has ended. It is a copy of what the
//! walk finds anew: when it is damaged or of another form, it is as if there were none.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use super::files::{FileId, FileKeeper};
use super::roles::{RoleBits, RoleSet};
use super::walk::{Found, Stamp};
use crate::base::RepoPath;

/// Its name in the index folder.
pub const NAME: &str = "files";

/// Raised with every change of its form.
const MAGIC: &[u8; 8] = b"navi fl2";
/// Bytes of one entry before its path: size, two times, roles, length of the path with the link's
/// bit.
const HEAD: usize = 8 + 8 + 8 + 8 + 4;
/// Files after which they are shown while the rest is read: a screen's rows.
const FIRST: usize = 200;
const LINK: u32 = 1 << 31;

/// Keeps the files of `keeper` in `folder`.
pub fn save(folder: &Path, keeper: &FileKeeper) -> io::Result<()> {
    let files = keeper.list();
    let mut bytes = Vec::with_capacity(files.len() * 80);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&keeper.rules().to_le_bytes());
    // What lies in one folder is looked up together when it comes back.
    let mut ids: Vec<FileId> = files.living().collect();
    ids.sort_unstable_by_key(|&id| files.path(id));
    for id in ids {
        let (facts, path) = (files.facts(id), files.path(id));
        bytes.extend_from_slice(&facts.stamp.size.to_le_bytes());
        bytes.extend_from_slice(&facts.stamp.modified.to_le_bytes());
        bytes.extend_from_slice(&facts.stamp.changed.to_le_bytes());
        bytes.extend_from_slice(&facts.roles.0.to_le_bytes());
        let length = path.len() as u32 | if facts.link { LINK } else { 0 };
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(path);
    }
    bytes.extend_from_slice(&sum(&bytes).to_le_bytes());
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&bytes)?;
    file.persist(folder.join(NAME))?;
    Ok(())
}

/// The files that were kept in `folder`, and when; `None` when there are none to be relied on.
/// `begun` gets the first of them while the rest is read.
pub fn load(
    folder: &Path,
    roles: &RoleSet,
    begun: &mut dyn FnMut(&FileKeeper),
) -> Option<(FileKeeper, SystemTime)> {
    let path = folder.join(NAME);
    let bytes = fs::read(&path).ok()?;
    let when = fs::metadata(&path).and_then(|it| it.modified()).ok()?;
    let (body, end) = bytes.split_last_chunk::<8>()?;
    if u64::from_le_bytes(*end) != sum(body) {
        return None;
    }
    let (rules, mut rest) = body.strip_prefix(MAGIC)?.split_first_chunk::<8>()?;
    let rules = u64::from_le_bytes(*rules);
    let known = rules == roles.fingerprint();
    let mut count = 0;
    // Most paths are about as long as a head.
    let (files, bytes) = (body.len() / (2 * HEAD), body.len() / 2);
    let mut keeper = FileKeeper::with_room(files, bytes);
    while !rest.is_empty() {
        let (head, after) = rest.split_first_chunk::<HEAD>()?;
        let number = |at: usize| -> Option<[u8; 8]> { head.get(at..at + 8)?.try_into().ok() };
        let stamp = Stamp {
            size: u64::from_le_bytes(number(0)?),
            modified: i64::from_le_bytes(number(8)?),
            changed: i64::from_le_bytes(number(16)?),
        };
        let bits = RoleBits(u64::from_le_bytes(number(24)?));
        let length = u32::from_le_bytes(head.get(32..36)?.try_into().ok()?);
        let (path, after) = after.split_at_checked((length & !LINK) as usize)?;
        let path = RepoPath::from_bytes(path);
        let found = Found { path, stamp, link: length & LINK != 0 };
        if known {
            keeper.put_tagged(&found, bits, rules);
        } else {
            keeper.put(&found, roles);
        }
        count += 1;
        if count == FIRST {
            begun(&keeper);
        }
        rest = after;
    }
    Some((keeper, when))
}

fn sum(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeper() -> FileKeeper {
        let roles = RoleSet::builtin().0;
        let mut keeper = FileKeeper::default();
        for (path, link) in [("src/A.rs", false), ("gone", false), ("link", true)] {
            let stamp = Stamp { size: 7, modified: -1, changed: 9 };
            keeper.put(&Found { path: path.into(), stamp, link }, &roles);
        }
        keeper.remove(&"gone".into());
        keeper
    }

    #[test]
    fn what_is_kept_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let roles = RoleSet::builtin().0;
        save(dir.path(), &keeper()).unwrap();
        let files = load(dir.path(), &roles, &mut |_| {}).unwrap().0.list();
        assert_eq!(
            (files.len(), files.path(0), files.path(1)),
            (2, &b"link"[..], &b"src/A.rs"[..])
        );
        assert!(files.facts(0).link && !files.facts(1).link);
        assert_eq!(files.facts(1).stamp, Stamp { size: 7, modified: -1, changed: 9 });
    }

    #[test]
    fn damage_of_any_byte_and_any_length_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let roles = RoleSet::builtin().0;
        save(dir.path(), &keeper()).unwrap();
        let good = fs::read(dir.path().join(NAME)).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            fs::write(dir.path().join(NAME), &bad).unwrap();
            assert!(load(dir.path(), &roles, &mut |_| {}).is_none(), "byte {at}");
            fs::write(dir.path().join(NAME), &good[..at]).unwrap();
            assert!(load(dir.path(), &roles, &mut |_| {}).is_none(), "cut at {at}");
        }
    }
}
