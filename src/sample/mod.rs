//! The sample monorepo of `navi demo`: unpacked with a real git history, without a git binary.
//!
//! `tree/` holds its files exactly as they are written, `history.toml` the story of how they came
//! about. Nothing here imports another layer, reads the user's git configuration or starts a
//! process.

mod history;
mod pack;
mod repo;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use include_dir::{Dir, include_dir};

static TREE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/sample/tree");
static HISTORY: &str = include_str!("history.toml");

/// The files of the sample by their `/`-separated path.
type Files = BTreeMap<&'static str, &'static [u8]>;

/// What [`unpack`] has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpacked {
    /// Files in the working tree.
    pub files: usize,
    /// Commits on `main`.
    pub commits: usize,
}

/// Why the sample could not be unpacked. Nothing of it is left behind.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The folder holds something already.
    #[error("{} is not empty; name a folder that is empty or does not exist yet", .0.display())]
    NotEmpty(PathBuf),
    /// A file or folder could not be created.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The git repository could not be created.
    #[error("cannot write the sample's git history: {0}")]
    Git(Box<dyn std::error::Error + Send + Sync>),
    /// The embedded history does not fit the embedded files. A build with this error is broken.
    #[error("the sample's history is broken: {0}")]
    History(String),
}

/// Writes the sample monorepo into `target` with its git history, as if committed before `now`.
///
/// `target` has to be empty or absent; missing parents are created. When anything fails, all that
/// was written is removed again.
pub fn unpack(target: &Path, now: SystemTime) -> Result<Unpacked, SampleError> {
    let files = embedded_files()?;
    let commits = history::replay(HISTORY, &files, now)?;
    let mut made = Made::default();
    let unpacked = write_all(target, &files, &commits, &mut made);
    if unpacked.is_err() {
        made.remove();
    }
    unpacked
}

fn write_all(
    target: &Path,
    files: &Files,
    commits: &[history::Commit<'_>],
    made: &mut Made,
) -> Result<Unpacked, SampleError> {
    made.target(target)?;
    // A file is as old as the commit that touched it last.
    let mut ages = BTreeMap::new();
    for commit in commits {
        ages.extend(commit.writes.keys().map(|path| (*path, commit.time)));
    }
    for (path, content) in files {
        made.file(target, path, content, ages.get(path).copied().unwrap_or(UNIX_EPOCH))?;
    }
    let git = target.join(".git");
    made.folder(&git)?;
    made.git = Some(git.clone());
    repo::write(&git, target, commits)?;
    Ok(Unpacked { files: files.len(), commits: commits.len() })
}

fn embedded_files() -> Result<Files, SampleError> {
    fn walk(dir: &'static Dir<'static>, files: &mut Files) -> Result<(), SampleError> {
        for file in dir.files() {
            let path = file.path().to_str().ok_or_else(|| {
                SampleError::History(format!("{} is not UTF-8", file.path().display()))
            })?;
            files.insert(path, file.contents());
        }
        dir.dirs().try_for_each(|dir| walk(dir, files))
    }
    let mut files = Files::new();
    walk(&TREE, &mut files)?;
    Ok(files)
}

/// Scripts are recognised by their first line: the embedded files have no modes.
fn is_script(content: &[u8]) -> bool {
    content.starts_with(b"#!")
}

fn fill(mut file: fs::File, content: &[u8], modified: SystemTime) -> io::Result<()> {
    file.write_all(content)?;
    #[cfg(unix)]
    if is_script(content) {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(fs::Permissions::from_mode(0o755))?;
    }
    file.set_modified(modified)
}

fn cannot_write(path: &Path, source: io::Error) -> SampleError {
    SampleError::Write { path: path.to_owned(), source }
}

/// What has been created so far, so that a failure can take exactly that away again.
#[derive(Default)]
struct Made {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
    git: Option<PathBuf>,
}

impl Made {
    /// Creates the target with its missing parents, or makes sure that it is empty.
    fn target(&mut self, target: &Path) -> Result<(), SampleError> {
        match fs::read_dir(target) {
            Ok(mut entries) => match entries.next() {
                None => Ok(()),
                Some(Ok(_)) => Err(SampleError::NotEmpty(target.to_owned())),
                Some(Err(source)) => Err(cannot_write(target, source)),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.folder_with_parents(target)
            }
            Err(source) => Err(cannot_write(target, source)),
        }
    }

    fn folder_with_parents(&mut self, folder: &Path) -> Result<(), SampleError> {
        if folder.as_os_str().is_empty() || folder.is_dir() {
            return Ok(());
        }
        if let Some(parent) = folder.parent() {
            self.folder_with_parents(parent)?;
        }
        self.folder(folder)
    }

    fn folder(&mut self, folder: &Path) -> Result<(), SampleError> {
        fs::create_dir(folder).map_err(|source| cannot_write(folder, source))?;
        self.folders.push(folder.to_owned());
        Ok(())
    }

    fn file(
        &mut self,
        target: &Path,
        path: &str,
        content: &[u8],
        modified: SystemTime,
    ) -> Result<(), SampleError> {
        let place = target.join(path);
        if let Some(parent) = place.parent() {
            self.folder_with_parents(parent)?;
        }
        // `create_new`: whatever appeared here in the meantime is not ours to overwrite.
        let file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&place)
            .map_err(|source| cannot_write(&place, source))?;
        self.files.push(place.clone());
        fill(file, content, modified).map_err(|source| cannot_write(&place, source))
    }

    /// Best effort: what cannot be removed stays, and the first error is the one that is told.
    fn remove(self) {
        if let Some(git) = self.git {
            let _ = fs::remove_dir_all(git);
        }
        for file in self.files {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}
