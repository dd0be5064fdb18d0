//! Reads a file for the index: what is binary, secret or too large is listed, not read.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::base::RepoPath;
use crate::base::path::{extension_of, name_of};

/// What became of a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Text; `cut` when it is longer than what is read of it.
    Text {
        /// Whether the file is longer than the limit.
        cut: bool,
    },
    /// Holds a NUL byte near its beginning.
    Binary,
    /// A name that holds secrets: never read for the index.
    Secret,
    /// A symbolic link: its target has its own entry.
    Link,
}

/// Bytes at a file's beginning in which a NUL byte makes it binary (as git judges).
const PROBE: usize = 8000;

/// Bytes that are read before it is known whether a file is text: most files are no longer.
const FIRST: usize = 64 << 10;

/// How many times as much of a file is searched for exact text as has ranked words.
const EXACT: u64 = 32;

/// Bytes of a file that are searched for exact text, where `limit` bytes have ranked words.
pub fn exact_limit(limit: u64) -> u64 {
    limit.saturating_mul(EXACT)
}

/// Reads at most `limit` bytes of the file at `path` into `bytes`, which is empty unless it is
/// text.
pub fn read(
    root: &Path,
    path: &RepoPath,
    link: bool,
    limit: u64,
    bytes: &mut Vec<u8>,
) -> io::Result<Content> {
    bytes.clear();
    if link {
        return Ok(Content::Link);
    }
    if is_secret(path.as_bytes()) {
        return Ok(Content::Secret);
    }
    Ok(match read_into(root, path, limit, bytes)? {
        None => Content::Binary,
        Some(cut) => Content::Text { cut },
    })
}

/// The first `limit` bytes and whether there are more; `None` when the file is binary.
pub fn read_raw(root: &Path, path: &RepoPath, limit: u64) -> io::Result<Option<(Vec<u8>, bool)>> {
    let mut bytes = Vec::new();
    Ok(read_into(root, path, limit, &mut bytes)?.map(|cut| (bytes, cut)))
}

/// [`read_raw`] into bytes that are used again; they are empty when the file is binary. Tells
/// whether there is more.
pub fn read_into(
    root: &Path,
    path: &RepoPath,
    limit: u64,
    bytes: &mut Vec<u8>,
) -> io::Result<Option<bool>> {
    read_until(root, path, limit, bytes, &|_| false)
}

/// The same, but of a long file only the beginning when that is `enough`.
pub fn read_until(
    root: &Path,
    path: &RepoPath,
    limit: u64,
    bytes: &mut Vec<u8>,
    enough: &dyn Fn(&[u8]) -> bool,
) -> io::Result<Option<bool>> {
    bytes.clear();
    let (mut file, size) = open_regular(&path.on_disk(root))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut probed = false;
    loop {
        // One more than the limit tells whether there is more.
        let most = size.min(limit.saturating_add(1)).min(if probed { usize::MAX } else { FIRST });
        bytes.reserve(most.saturating_sub(bytes.len()).max(1));
        let ended = read_more(&mut file, bytes)? == 0;
        // What is as long as it was is whole: a write that comes now changes the stamp. Some file
        // systems tell no sizes.
        let whole = ended || bytes.len() > limit || (bytes.len() == size && size > 0);
        if !probed && (whole || bytes.len() >= PROBE) {
            probed = true;
            if memchr::memchr(0, &bytes[..bytes.len().min(PROBE)]).is_some() {
                bytes.clear();
                return Ok(None);
            }
            if !whole && enough(bytes) {
                return Ok(Some(true));
            }
        }
        if whole {
            let cut = bytes.len() > limit;
            bytes.truncate(limit);
            return Ok(Some(cut));
        }
    }
}

/// Bytes that are looked at together: few enough to stay in the processor's caches.
pub const WINDOW: usize = 96 << 10;

/// Whether one of the windows of at most [`WINDOW`] bytes, into which the first `limit` bytes of a
/// file are cut, `holds` what is looked for; each begins with the last `overlap` bytes of the one
/// before. A binary file holds nothing. It costs a fraction of reading a long file whole.
pub fn any_window(
    root: &Path,
    path: &RepoPath,
    limit: u64,
    window: &mut Vec<u8>,
    overlap: usize,
    holds: &dyn Fn(&[u8]) -> bool,
) -> io::Result<bool> {
    window.clear();
    let (mut file, size) = open_regular(&path.on_disk(root))?;
    window.reserve_exact(WINDOW + overlap);
    let mut left = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut probed = false;
    let mut read = 0u64;
    loop {
        let came = read_more(&mut file, window)?;
        read += came as u64;
        let whole = came == 0 || (read == size && size > 0);
        // What makes a file binary is told by its first bytes together, in however many pieces.
        if !whole && !probed && window.len() < PROBE {
            continue;
        }
        if !probed && memchr::memchr(0, &window[..window.len().min(PROBE)]).is_some() {
            return Ok(false);
        }
        probed = true;
        let seen = window.len().min(left);
        if holds(&window[..seen]) {
            return Ok(true);
        }
        if whole || seen == left {
            return Ok(false);
        }
        let kept = window.len().saturating_sub(overlap);
        left -= kept;
        window.drain(..kept);
    }
}

/// Reads once, into the room that `bytes` has, of which there must be some. Tells how many bytes
/// came; 0 at the end.
#[cfg(unix)]
fn read_more(file: &mut File, bytes: &mut Vec<u8>) -> io::Result<usize> {
    loop {
        match rustix::io::read(&*file, rustix::buffer::spare_capacity(bytes)) {
            Err(rustix::io::Errno::INTR) => {}
            read => return Ok(read?),
        }
    }
}

#[cfg(not(unix))]
fn read_more(file: &mut File, bytes: &mut Vec<u8>) -> io::Result<usize> {
    let room = bytes.capacity() - bytes.len();
    io::Read::take(file, room as u64).read_to_end(bytes)
}

/// Opens a regular file without ever waiting for a FIFO's other end, and not through a link that
/// has taken the file's place since it was listed.
fn open_regular(path: &Path) -> io::Result<(File, u64)> {
    #[cfg(unix)]
    let file = {
        use std::os::unix::fs::OpenOptionsExt;
        let careful = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOFOLLOW;
        File::options().read(true).custom_flags(careful.bits().cast_signed()).open(path)?
    };
    #[cfg(not(unix))]
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() {
        Ok((file, metadata.len()))
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
    }
}

/// Whether a path's name says that it holds secrets: environment files, keys, certificates,
/// password stores. Templates (`.env.example`) do not.
pub fn is_secret(path: &[u8]) -> bool {
    let name = name_of(path).to_ascii_lowercase();
    let extension = extension_of(&name);
    let text = String::from_utf8_lossy(&name);
    if text == ".env" || text.starts_with(".env.") || text.ends_with(".env") {
        let template = ["example", "sample", "template", "dist", "defaults"];
        return !template.iter().any(|word| text.contains(word));
    }
    matches!(
        extension,
        b"pem"
            | b"key"
            | b"p12"
            | b"pfx"
            | b"jks"
            | b"keystore"
            | b"kdbx"
            | b"asc"
            | b"ppk"
            | b"der"
            | b"crt"
            | b"cer"
            | b"gpg"
    ) || matches!(
        text.as_ref(),
        ".netrc"
            | "_netrc"
            | ".pgpass"
            | ".htpasswd"
            | ".npmrc"
            | ".pypirc"
            | ".git-credentials"
            | "id_rsa"
            | "id_dsa"
            | "id_ecdsa"
            | "id_ed25519"
            | "credentials"
            | "master.key"
            | ".vault_pass"
            | "secrets.yml"
            | "secrets.yaml"
            | "secrets.json"
            | "kubeconfig"
    ) || text.ends_with(".tfstate")
        || text.ends_with(".tfstate.backup")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn secrets_are_known_by_name() {
        for name in [".env", "a/.env.production", "tls/server.key", "id_rsa", "x.pem", "prod.env"] {
            assert!(is_secret(name.as_bytes()), "{name}");
        }
        for name in [".env.example", "env.py", "keys.py", "keyboard.rs", "environment.ts"] {
            assert!(!is_secret(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn what_stands_across_windows_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let mut text = vec![b'x'; 3 * WINDOW];
        fs::write(dir.path().join("a"), &text).unwrap();
        let find = |limit: usize, wanted: &[u8]| {
            let holds = |window: &[u8]| memchr::memmem::find(window, wanted).is_some();
            let overlap = wanted.len() - 1;
            let most = limit as u64;
            any_window(dir.path(), &"a".into(), most, &mut Vec::new(), overlap, &holds).unwrap()
        };
        assert!(!find(usize::MAX, b"needle"));
        let places = [0, 1, WINDOW - 3, WINDOW, WINDOW + 3, 2 * WINDOW + 4, 3 * WINDOW - 6];
        for at in places {
            text[at..at + 6].copy_from_slice(b"needle");
            fs::write(dir.path().join("a"), &text).unwrap();
            assert!(find(usize::MAX, b"needle") && find(at + 6, b"needle"), "{at}");
            assert!(!find(at + 5, b"needle"), "{at}");
            text[at..at + 6].fill(b'x');
        }
        text[PROBE] = 0;
        text[WINDOW..WINDOW + 6].copy_from_slice(b"needle");
        fs::write(dir.path().join("a"), &text).unwrap();
        assert!(find(usize::MAX, b"needle"));
        text[PROBE - 1] = 0;
        fs::write(dir.path().join("a"), &text).unwrap();
        assert!(!find(usize::MAX, b"needle"));
    }

    #[test]
    fn binary_cut_and_odd_text() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
        put("bin", b"ab\0cd");
        put("latin", b"caf\xe9");
        put("long", &[b'x'; 100]);
        let get = |name: &str, limit| {
            let mut bytes = Vec::new();
            let content = read(dir.path(), &name.into(), false, limit, &mut bytes).unwrap();
            (content, bytes)
        };
        assert_eq!(get("bin", 10).0, Content::Binary);
        assert_eq!(get("latin", 10), (Content::Text { cut: false }, b"caf\xe9".to_vec()));
        assert_eq!(get("long", 10), (Content::Text { cut: true }, vec![b'x'; 10]));
        assert_eq!(
            read(dir.path(), &"bin".into(), true, 9, &mut Vec::new()).unwrap(),
            Content::Link
        );
    }
}
