//! Reads small files of a repository (settings, ignore rules, owners, git's own notes) without
//! being held up or led away: never a pipe, a socket or a device, never without a limit, and not
//! through a link that leaves the repository.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The most that is read of such a file, in bytes.
const LIMIT: u64 = 1 << 20;

/// Opens a file for reading if it is a regular one, without ever waiting for a pipe's other end.
pub fn open(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    let file = {
        use std::os::unix::fs::OpenOptionsExt;
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        File::options().read(true).custom_flags(nonblocking).open(path)?
    };
    #[cfg(not(unix))]
    let file = File::open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(not_regular()) }
}

/// The text of a regular file, with U+FFFD where it is not UTF-8. Longer files are an error: half
/// of a file of rules says something else than all of it.
pub fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    open(path)?.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "longer than 1 MiB"));
    }
    Ok(String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Like [`read`], for a file that has to lie below `root`, links followed.
pub fn read_below(root: &Path, path: &Path) -> io::Result<String> {
    let real = fs::canonicalize(path)?;
    if !real.starts_with(fs::canonicalize(root)?) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a link out of the repository"));
    }
    read(&real)
}

/// The file of ignore rules in this folder that cannot be read as such, because it is a pipe, a
/// device or the like. Whoever opened it would wait for ever.
pub fn blocking_rules(folder: &Path) -> Option<&'static str> {
    [".gitignore", ".ignore"].into_iter().find(|name| is_blocking(&folder.join(name)))
}

/// Whether there is something at `path` that is no regular file and no folder.
pub fn is_blocking(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|it| !it.is_file() && !it.is_dir())
}

fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn pipes_devices_and_links_out_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, at(".ignore"), rustix::fs::FileType::Fifo, mode, 0)
            .unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("zero")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", at("out")).unwrap();
        fs::write(at("plain"), "a\n").unwrap();
        std::os::unix::fs::symlink("plain", at("in")).unwrap();
        assert!(read(&at(".ignore")).is_err());
        assert!(read(&at("zero")).is_err());
        assert!(read_below(dir.path(), &at("out")).is_err());
        assert_eq!(read_below(dir.path(), &at("in")).unwrap(), "a\n");
        assert_eq!(blocking_rules(dir.path()), Some(".ignore"));
        assert!(!is_blocking(&at("plain")) && !is_blocking(&at("none")));
    }

    #[test]
    fn what_is_too_long_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("long");
        fs::write(&path, vec![b'x'; LIMIT as usize + 1]).unwrap();
        assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}
