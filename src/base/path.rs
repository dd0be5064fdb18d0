//! Paths inside a repository: relative, `/`-separated, and not always valid UTF-8.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::base::text;

/// A path relative to the repository's root, as raw bytes with `/` between its segments.
///
/// File names are bytes on Unix; a name that is not UTF-8 must still be listed, opened and
/// followed, so nothing here is lossy except [`RepoPath::display`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RepoPath(Box<[u8]>);

/// Sets of paths are asked for bytes: both have one hash.
impl std::borrow::Borrow<[u8]> for RepoPath {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl RepoPath {
    /// The path made of these bytes, which are taken as they are.
    pub fn from_bytes(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// `path` relative to `root`, or `None` when it does not lie below it.
    pub fn below(root: &Path, path: &Path) -> Option<Self> {
        if let Some(plain) = plainly_below(root, path) {
            return Some(Self(plain.into()));
        }
        let rest = path.strip_prefix(root).ok()?;
        let mut bytes = Vec::with_capacity(rest.as_os_str().len());
        for part in rest.components() {
            let std::path::Component::Normal(name) = part else { return None };
            if !bytes.is_empty() {
                bytes.push(b'/');
            }
            bytes.extend_from_slice(name.as_encoded_bytes());
        }
        Some(Self(bytes.into()))
    }

    /// The same path below a folder of this name.
    #[must_use]
    pub fn under(&self, folder: &str) -> Self {
        let slash = usize::from(!self.0.is_empty());
        let mut bytes = Vec::with_capacity(folder.len() + slash + self.0.len());
        bytes.extend_from_slice(folder.as_bytes());
        bytes.extend_from_slice(&b"/"[..slash]);
        bytes.extend_from_slice(&self.0);
        Self(bytes.into())
    }

    /// The first segment, and what follows it; the inverse of [`RepoPath::under`].
    pub fn split_first(&self) -> (&[u8], Self) {
        match memchr::memchr(b'/', &self.0) {
            Some(at) => (&self.0[..at], Self(self.0[at + 1..].into())),
            None => (&self.0, Self(Box::default())),
        }
    }

    /// The raw bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The last segment.
    pub fn name(&self) -> &[u8] {
        name_of(&self.0)
    }

    /// The path as text, exact when it is UTF-8 and with U+FFFD where it is not. It is not cleaned:
    /// for JSON and for comparing, not for a terminal.
    pub fn to_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// The path as it may be shown on a terminal.
    pub fn display(&self) -> String {
        text::clean_bytes(&self.0)
    }

    /// The file's place on disk, below `root`.
    pub fn on_disk(&self, root: &Path) -> PathBuf {
        root.join(os_path(&self.0))
    }
}

/// What follows `root` in `path`, where nothing has to be put in order: a walk tells such paths only.
fn plainly_below<'a>(root: &Path, path: &'a Path) -> Option<&'a [u8]> {
    if !cfg!(unix) {
        return None;
    }
    let path = path.as_os_str().as_encoded_bytes();
    let rest = path.strip_prefix(root.as_os_str().as_encoded_bytes())?.strip_prefix(b"/")?;
    let plain = |name: &[u8]| !matches!(name, b"" | b"." | b"..");
    rest.split(|&byte| byte == b'/').all(plain).then_some(rest)
}

impl From<&str> for RepoPath {
    fn from(path: &str) -> Self {
        Self(path.as_bytes().into())
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.to_text())
    }
}

/// The last segment of a `/`-separated path.
pub fn name_of(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).map_or(path, |at| &path[at + 1..])
}

/// The file name without its last extension; dot files keep their whole name.
pub fn stem_of(name: &[u8]) -> &[u8] {
    match memchr::memrchr(b'.', name) {
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

/// The extension without its dot, or nothing.
pub fn extension_of(name: &[u8]) -> &[u8] {
    match memchr::memrchr(b'.', name) {
        Some(at) if at > 0 => &name[at + 1..],
        _ => &[],
    }
}

#[cfg(unix)]
fn os_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn os_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_names() {
        assert_eq!(name_of(b"a/b/c.rs"), b"c.rs");
        assert_eq!(stem_of(b"auth.service.ts"), b"auth.service");
        assert_eq!(stem_of(b".env"), b".env");
        assert_eq!(extension_of(b"auth.service.ts"), b"ts");
        assert_eq!(extension_of(b".env"), b"");
        assert_eq!(extension_of(b"Makefile"), b"");
    }

    #[test]
    fn only_paths_below_the_root_are_taken() {
        let root = Path::new("/r");
        assert_eq!(RepoPath::below(root, Path::new("/r/a/b")), Some("a/b".into()));
        assert_eq!(RepoPath::below(root, Path::new("/other")), None);
        assert_eq!(RepoPath::below(root, Path::new("/r/../x")), None);
        assert_eq!(RepoPath::below(root, Path::new("/rx/a")), None);
        assert_eq!(RepoPath::below(root, Path::new("/r/a/..b/.c")), Some("a/..b/.c".into()));
        for same in ["/r//a/b", "/r/./a/b", "/r/a//b/", "/r/a/b/."] {
            assert_eq!(RepoPath::below(root, Path::new(same)), Some("a/b".into()), "{same}");
        }
        assert_eq!(RepoPath::below(root, root), Some("".into()));
        assert_eq!(RepoPath::below(Path::new("/"), Path::new("/a")), Some("a".into()));
        assert_eq!(RepoPath::below(Path::new("/r/"), Path::new("/r/a")), Some("a".into()));
    }

    #[test]
    fn a_folder_is_put_before_and_taken_off() {
        let path = RepoPath::from("a/b.rs");
        let under = path.under("api");
        assert_eq!(under, "api/a/b.rs".into());
        assert_eq!(under.split_first(), (&b"api"[..], path));
        assert_eq!(RepoPath::from("").under("api"), "api".into());
        assert_eq!(RepoPath::from("api").split_first(), (&b"api"[..], "".into()));
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_survive() {
        let path = RepoPath::from_bytes(b"a/\xff.txt".to_vec());
        assert_eq!(RepoPath::below(Path::new("/r"), &path.on_disk(Path::new("/r"))), Some(path));
    }
}
