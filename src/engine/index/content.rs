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
