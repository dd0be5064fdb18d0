//! Opens a file to look at, safely: only regular files below the root, and never one that could
//! block (pipes, sockets, devices).
//!
//! A [`Source`] lives for one request. No descriptor is kept between requests, so a rotated log
//! that fills the disk can be freed while navi shows it.

use std::cell::RefCell;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::base::{RepoPath, text};

/// What tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    inode: (u64, u64),
    size: u64,
    modified: Option<SystemTime>,
}

impl Identity {
    /// The file's size in bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }
}

/// Why there is no text to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) note: String,
    pub(super) bytes: u64,
}

/// The bytes of one file, read by position.
#[derive(Debug)]
pub(super) struct Source {
    bytes: Bytes,
    skip: u64,
    len: u64,
    trouble: RefCell<Option<io::ErrorKind>>,
}

#[derive(Debug)]
enum Bytes {
    File(File),
    Memory(Arc<[u8]>),
}

impl Source {
    /// The text as it is in memory.
    pub(super) fn memory(bytes: Arc<[u8]>) -> Self {
        let len = bytes.len() as u64;
        Self { bytes: Bytes::Memory(bytes), skip: 0, len, trouble: RefCell::new(None) }
    }

    /// The same bytes without the first `skip`, which are a byte-order mark.
    pub(super) fn without(mut self, skip: u64) -> Self {
        self.skip += skip;
        self.len = self.len.saturating_sub(skip);
        self
    }

    /// Length in bytes when it was opened.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Fills `buffer` from `offset` on and tells how much was there; less than asked only at the
    /// end, or after trouble, which is kept for [`Source::trouble`].
    pub(super) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> usize {
        let wanted = (self.len.saturating_sub(offset)).min(buffer.len() as u64) as usize;
        let Some(buffer) = buffer.get_mut(..wanted) else { return 0 };
        match &self.bytes {
            Bytes::Memory(bytes) => {
                let from = (offset + self.skip) as usize;
                let Some(part) = bytes.get(from..from + wanted) else { return 0 };
                buffer.copy_from_slice(part);
                wanted
            }
            Bytes::File(file) => match fill(file, offset + self.skip, buffer) {
                Ok(count) => count,
                Err(error) => {
                    self.trouble.borrow_mut().get_or_insert(error.kind());
                    0
                }
            },
        }
    }

    /// Up to `length` bytes from `offset` on.
    pub(super) fn piece(&self, offset: u64, length: usize) -> Vec<u8> {
        let mut buffer = vec![0; (self.len.saturating_sub(offset)).min(length as u64) as usize];
        let count = self.read_at(offset, &mut buffer);
        buffer.truncate(count);
        buffer
    }

    /// The first thing that went wrong with reading, as a note.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.borrow().map(|kind| format!("cannot read: {kind}"))
    }
}

fn fill(mut file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    file.seek(SeekFrom::Start(offset))?;
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Opens `path` below `root`, or says what it is instead of a readable file.
///
/// Links are followed when they end at a regular file below the root.
pub(super) fn open(root: &Path, path: &RepoPath) -> Result<(Source, Identity), Refusal> {
    let place = path.on_disk(root);
    let own = fs::symlink_metadata(&place).map_err(|error| refusal_of(&error))?;
    let real = resolve(root, &place, own.is_symlink())?;
    let seen = fs::symlink_metadata(&real).map_err(|error| refusal_of(&error))?;
    only_regular(&seen)?;
    let file = open_without_waiting(&real).map_err(|error| refusal_of(&error))?;
    // Looked at again through the descriptor: the name may have changed hands in between.
    let facts = file.metadata().map_err(|error| refusal_of(&error))?;
    only_regular(&facts)?;
    let identity =
        Identity { inode: inode_of(&facts), size: facts.len(), modified: facts.modified().ok() };
    let source =
        Source { bytes: Bytes::File(file), skip: 0, len: facts.len(), trouble: RefCell::new(None) };
    Ok((source, identity))
}

fn resolve(root: &Path, place: &Path, link: bool) -> Result<PathBuf, Refusal> {
    let real = match fs::canonicalize(place) {
        Ok(real) => real,
        Err(error) if link && error.kind() == io::ErrorKind::NotFound => {
            return Err(refuse(format!("link to {}, which is gone", target_of(place))));
        }
        Err(error) => return Err(refusal_of(&error)),
    };
    let root = fs::canonicalize(root).map_err(|error| refusal_of(&error))?;
    if real.starts_with(&root) {
        Ok(real)
    } else if link {
        Err(refuse(format!("link to {}, outside the repository", target_of(place))))
    } else {
        Err(refuse("outside the repository".to_owned()))
    }
}

fn target_of(link: &Path) -> String {
    fs::read_link(link)
        .map(|target| text::clean_bytes(target.as_os_str().as_encoded_bytes()))
        .unwrap_or_default()
}

fn refuse(note: String) -> Refusal {
    Refusal { note, bytes: 0 }
}

fn refusal_of(error: &io::Error) -> Refusal {
    refuse(match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "gone".to_owned(),
        kind => format!("cannot read: {kind}"),
    })
}

#[cfg(unix)]
fn only_regular(facts: &Metadata) -> Result<(), Refusal> {
    use std::os::unix::fs::FileTypeExt;
    let kind = facts.file_type();
    let what = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a named pipe, not opened"
    } else if kind.is_socket() {
        "a socket, not opened"
    } else if kind.is_block_device() || kind.is_char_device() {
        "a device, not opened"
    } else {
        "not a regular file"
    };
    Err(refuse(what.to_owned()))
}

#[cfg(not(unix))]
fn only_regular(facts: &Metadata) -> Result<(), Refusal> {
    if facts.is_file() {
        Ok(())
    } else {
        let what = if facts.is_dir() { "a folder" } else { "not a regular file" };
        Err(refuse(what.to_owned()))
    }
}

#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags =
        OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(unix)]
fn inode_of(facts: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (facts.dev(), facts.ino())
}

#[cfg(not(unix))]
fn inode_of(_facts: &Metadata) -> (u64, u64) {
    (0, 0)
}
