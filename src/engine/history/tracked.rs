//! Which files git tracks: the paths in its index.
//!
//! The form is that of `gitformat-index(5)`, versions 2 to 4. It is read here and not by gix, which
//! opens the file itself (and would wait for a pipe), maps it into memory while git may replace it,
//! and knows names of 20 bytes only. Checksums are not compared: what is read are names to look for,
//! and a wrong one is not found.

use std::io::Read;
use std::path::Path;

use crate::base::{Checked, Diagnostic, RepoPath};
use crate::engine::regular;
use crate::engine::repo::Repo;
use crate::engine::walk::Stamp;

/// The most that is read of an index, in bytes: about two million files.
const LARGEST: u64 = 256 << 20;
/// Times, device, number, mode, owner and size before an entry's hash.
const STAT: usize = 40;
/// Where in these the mode is.
const MODE: usize = 24;

/// The paths that git tracks, in the order of their bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tracked {
    text: Vec<u8>,
    /// Where each path begins and ends in the text.
    places: Vec<(u32, u32)>,
}

/// Why an index is not what it should be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Fault {
    #[error("it is damaged")]
    Damaged,
    #[error("its form {0} is not known")]
    Version(u32),
    #[error("{0}")]
    Unreadable(String),
}

impl Tracked {
    /// The index of a repository. Empty without git, before the first `git add`, and, with a
    /// diagnostic, where it cannot be read.
    pub fn read(repo: &Repo) -> Checked<Self> {
        let Some(git_dir) = &repo.git_dir else { return (Self::default(), Vec::new()) };
        let mut tracked = Self::default();
        let fault = match tracked.take_file(git_dir, "index", hash_length(git_dir)) {
            Ok(None) => None,
            Ok(Some(shared)) => {
                // A split index: most of its entries lie in another file. Those that it takes away
                // from there are names too many, which does no harm.
                let name = format!("sharedindex.{shared}");
                tracked.take_file(git_dir, &name, shared.len() / 2).err()
            }
            Err(fault) => Some(fault),
        };
        tracked.put_in_order();
        let said = fault.map(|fault| {
            Diagnostic::warning(format!("git's index is not read whole: {fault}"))
                .hint("files that are tracked though they are ignored may be missing")
        });
        (tracked, said.into_iter().collect())
    }

    /// Of these paths.
    #[cfg(test)]
    pub fn of_paths(paths: &[&str]) -> Self {
        let mut tracked = Self::default();
        for path in paths {
            let start = tracked.text.len() as u32;
            tracked.text.extend_from_slice(path.as_bytes());
            tracked.places.push((start, tracked.text.len() as u32));
        }
        tracked.put_in_order();
        tracked
    }

    /// What tells one index from the next without reading it; `None` where there is none.
    pub fn stamp(repo: &Repo) -> Option<Stamp> {
        let path = repo.git_dir.as_ref()?.join("index");
        std::fs::metadata(path).ok().map(|it| Stamp::of(&it))
    }

    /// Reads one file of an index; the name of the file that it shares, if it does.
    fn take_file(
        &mut self,
        git_dir: &Path,
        name: &str,
        hash: usize,
    ) -> Result<Option<String>, Fault> {
        let unreadable = |error: std::io::Error| Fault::Unreadable(error.to_string());
        let file = match regular::open(&git_dir.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && name == "index" => {
                return Ok(None);
            }
            Err(error) => return Err(unreadable(error)),
        };
        let mut bytes = Vec::new();
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > LARGEST {
            return Err(Fault::Unreadable("it is larger than 256 MiB".into()));
        }
        self.take(&bytes, hash)
    }

    /// Takes over the entries of an index whose hashes have `hash` bytes. What was read before a
    /// damaged place stays.
    fn take(&mut self, bytes: &[u8], hash: usize) -> Result<Option<String>, Fault> {
        if bytes.get(..4) != Some(b"DIRC") {
            return Err(Fault::Damaged);
        }
        let version = number(bytes, 4).ok_or(Fault::Damaged)?;
        if !(2..=4).contains(&version) {
            return Err(Fault::Version(version));
        }
        let count = number(bytes, 8).ok_or(Fault::Damaged)?;
        let mut at = 12;
        let mut path = Vec::new();
        for _ in 0..count {
            at = self.entry(bytes, at, version, hash, &mut path).ok_or(Fault::Damaged)?;
        }
        // Extensions, up to the checksum.
        let end = bytes.len().saturating_sub(hash);
        while let Some(name) = bytes.get(at..at + 4).filter(|_| at + 8 <= end) {
            let size = number(bytes, at + 4).ok_or(Fault::Damaged)? as usize;
            if name == b"link" {
                let shared = bytes.get(at + 8..at + 8 + hash).ok_or(Fault::Damaged)?;
                let none = shared.iter().all(|it| *it == 0);
                return Ok((!none).then(|| shared.iter().map(|it| format!("{it:02x}")).collect()));
            }
            at = at.checked_add(8 + size).ok_or(Fault::Damaged)?;
        }
        Ok(None)
    }

    /// Takes over the entry at `at`; where the next one begins. `path` is that of the one before.
    fn entry(
        &mut self,
        bytes: &[u8],
        at: usize,
        version: u32,
        hash: usize,
        path: &mut Vec<u8>,
    ) -> Option<usize> {
        let kind = number(bytes, at + MODE)? >> 12;
        let mut name = at + STAT + hash + 2;
        let flags = short(bytes, name - 2)?;
        let mut absent = false;
        if version >= 3 && flags & 0x4000 != 0 {
            // Not on disk in a sparse checkout.
            absent = short(bytes, name)? & 0x4000 != 0;
            name += 2;
        }
        if version == 4 {
            let removed = offset_number(bytes, &mut name)?;
            path.truncate(path.len().checked_sub(removed)?);
        } else {
            path.clear();
        }
        let rest = bytes.get(name..)?;
        let length = memchr::memchr(0, rest)?;
        path.extend_from_slice(rest.get(..length)?);
        let end = name + length;
        // Files and links; neither folders of a sparse index nor other repositories.
        if matches!(kind, 0o10 | 0o12) && !absent && is_plain(path) {
            let start = u32::try_from(self.text.len()).ok()?;
            self.text.extend_from_slice(path);
            self.places.push((start, u32::try_from(self.text.len()).ok()?));
        }
        Some(if version == 4 { end + 1 } else { at + ((end - at) / 8 + 1) * 8 })
    }

    fn put_in_order(&mut self) {
        let text = &self.text;
        let path = |it: &(u32, u32)| text.get(it.0 as usize..it.1 as usize).unwrap_or_default();
        if !self.places.is_sorted_by(|one, other| path(one) < path(other)) {
            self.places.sort_unstable_by(|one, other| path(one).cmp(path(other)));
            self.places.dedup_by(|one, other| path(one) == path(other));
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The path at a place; empty beyond the last.
    pub fn path(&self, place: usize) -> &[u8] {
        let place = self.places.get(place);
        place.and_then(|it| self.text.get(it.0 as usize..it.1 as usize)).unwrap_or_default()
    }

    /// All paths, in order.
    pub fn paths(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|it| self.path(it))
    }

    /// The first place whose path is not below this one.
    fn from(&self, path: &[u8]) -> usize {
        let text = &self.text;
        self.places
            .partition_point(|it| text.get(it.0 as usize..it.1 as usize).unwrap_or_default() < path)
    }

    /// Whether this is tracked.
    pub fn holds(&self, path: &[u8]) -> bool {
        !path.is_empty() && self.path(self.from(path)) == path
    }

    /// The tracked paths that are this one or lie below it.
    pub fn below(&self, path: &[u8]) -> impl Iterator<Item = &[u8]> {
        let own = self.holds(path).then(|| self.path(self.from(path)));
        let mut folder = path.to_vec();
        if !folder.is_empty() {
            folder.push(b'/');
        }
        let from = self.from(&folder);
        let below = (from..self.len()).map(|it| self.path(it));
        own.into_iter().chain(below.take_while(move |it| it.starts_with(&folder)))
    }

    /// What is in one of the two and not in the other.
    pub fn difference(&self, other: &Self) -> Vec<RepoPath> {
        let mut differing = Vec::new();
        let (mut one, mut two) = (self.paths().peekable(), other.paths().peekable());
        loop {
            let order = match (one.peek(), two.peek()) {
                (Some(one), Some(two)) => one.cmp(two),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (None, None) => return differing,
            };
            let path = match order {
                std::cmp::Ordering::Less => one.next(),
                std::cmp::Ordering::Greater => two.next(),
                std::cmp::Ordering::Equal => {
                    one.next();
                    two.next();
                    None
                }
            };
            differing.extend(path.map(RepoPath::from_bytes));
        }
    }
}

/// Whether a path stays below the root and out of git's own folder.
fn is_plain(path: &[u8]) -> bool {
    path.split(|it| *it == b'/')
        .all(|part| !matches!(part, b"" | b"." | b"..") && !part.eq_ignore_ascii_case(b".git"))
}

/// Bytes of a hash: 32 where the repository says so, 20 otherwise.
fn hash_length(git_dir: &Path) -> usize {
    let common = regular::read(&git_dir.join("commondir"))
        .map_or_else(|_| git_dir.to_owned(), |text| git_dir.join(text.trim()));
    let config = regular::read(&common.join("config")).unwrap_or_default();
    let says = |line: &str| {
        let line: String = line.to_ascii_lowercase().split_whitespace().collect();
        line == "objectformat=sha256"
    };
    if config.lines().any(says) { 32 } else { 20 }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// A number as git writes offsets: seven bits a byte, highest first, one added for each byte that
/// follows.
fn offset_number(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut number = 0usize;
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number = number.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
        number = number.checked_add(1)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An index of version 2 with these paths.
    fn index(paths: &[&str]) -> Vec<u8> {
        let mut out = b"DIRC\0\0\0\x02".to_vec();
        out.extend_from_slice(&(paths.len() as u32).to_be_bytes());
        for path in paths {
            let start = out.len();
            out.extend_from_slice(&[0; MODE]);
            out.extend_from_slice(&0o100_644_u32.to_be_bytes());
            out.extend_from_slice(&[0; STAT - MODE - 4 + 20]);
            out.extend_from_slice(&(path.len() as u16).to_be_bytes());
            out.extend_from_slice(path.as_bytes());
            let length = out.len() - start;
            out.resize(start + (length / 8 + 1) * 8, 0);
        }
        out.extend_from_slice(&[0; 20]);
        out
    }

    fn of(bytes: &[u8]) -> (Tracked, Result<Option<String>, Fault>) {
        let mut tracked = Tracked::default();
        let outcome = tracked.take(bytes, 20);
        tracked.put_in_order();
        (tracked, outcome)
    }

    #[test]
    fn paths_are_read_and_found() {
        let (tracked, outcome) =
            of(&index(&["a/b.rs", "a/c/d.rs", "a-b", "z", "../out", "x/.GIT/y"]));
        assert_eq!(outcome, Ok(None));
        let paths: Vec<_> = tracked.paths().collect();
        assert_eq!(paths, [&b"a-b"[..], b"a/b.rs", b"a/c/d.rs", b"z"]);
        assert!(tracked.holds(b"z") && !tracked.holds(b"a") && !tracked.holds(b""));
        let below = |path: &str| tracked.below(path.as_bytes()).count();
        assert_eq!((below("a"), below("a/c"), below("z"), below(""), below("b")), (2, 1, 1, 4, 0));
        let (later, _) = of(&index(&["a/b.rs", "y", "z"]));
        let differing = tracked.difference(&later);
        let differing: Vec<_> = differing.iter().map(RepoPath::display).collect();
        assert_eq!(differing, ["a-b", "a/c/d.rs", "y"]);
    }

    #[test]
    fn what_is_damaged_keeps_what_came_before() {
        let whole = index(&["a", "b"]);
        let (tracked, outcome) = of(&whole[..100]);
        assert_eq!((tracked.len(), outcome), (1, Err(Fault::Damaged)));
        assert_eq!(of(b"DIRC\0\0\0\x09\0\0\0\0").1, Err(Fault::Version(9)));
        assert_eq!(of(b"z").1, Err(Fault::Damaged));
    }

    proptest! {
        #[test]
        fn no_bytes_do_harm(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..400),
            version in 2u8..5,
        ) {
            if bytes.len() > 12 {
                bytes[..8].copy_from_slice(&[b'D', b'I', b'R', b'C', 0, 0, 0, version]);
            }
            let (tracked, _) = of(&bytes);
            prop_assert!(tracked.paths().all(|it| !it.is_empty()));
        }
    }
}
