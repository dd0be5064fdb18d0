//! Finds the repository a path lies in, and reads of git only what plain files tell.
//!
//! Nothing is executed: no git binary, no hooks, no configured filters.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::text;
use crate::engine::regular;

/// A folder tree that navi works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repo {
    /// The absolute root, without symbolic links.
    pub root: PathBuf,
    /// The git directory, when the root is a git work tree.
    pub git_dir: Option<PathBuf>,
}

/// Why a path cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum RepoError {
    /// The path does not exist or cannot be entered.
    #[error("cannot open {}", path.display())]
    Open {
        /// The path as it was given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The path is a file.
    #[error("{} is not a folder", path.display())]
    NotAFolder {
        /// The path as it was given.
        path: PathBuf,
    },
}

impl Repo {
    /// The repository that holds `start`: the nearest folder upward with a `.git`, or `start`
    /// itself when there is none.
    pub fn discover(start: &Path) -> Result<Self, RepoError> {
        let start = Self::folder(start)?;
        for folder in start.ancestors() {
            if let Some(git_dir) = git_dir_of(folder) {
                return Ok(Self { root: folder.to_owned(), git_dir: Some(git_dir) });
            }
        }
        Ok(Self { root: start, git_dir: None })
    }

    /// Exactly this folder, whether or not it lies inside a larger repository.
    pub fn at(root: &Path) -> Result<Self, RepoError> {
        let root = Self::folder(root)?;
        let git_dir = git_dir_of(&root);
        Ok(Self { root, git_dir })
    }

    fn folder(path: &Path) -> Result<PathBuf, RepoError> {
        let found = fs::canonicalize(path)
            .map_err(|source| RepoError::Open { path: path.to_owned(), source })?;
        if !found.is_dir() {
            return Err(RepoError::NotAFolder { path: path.to_owned() });
        }
        fs::read_dir(&found).map_err(|source| RepoError::Open { path: path.to_owned(), source })?;
        Ok(found)
    }

    /// The root's own name, cleaned for the screen.
    pub fn name(&self) -> String {
        self.root.file_name().map_or_else(
            || "/".to_owned(),
            |name| text::clean(&name.to_string_lossy()).into_owned(),
        )
    }

    /// The branch that is checked out, the first seven digits of a detached commit, or `None`
    /// without git.
    pub fn branch(&self) -> Option<String> {
        let head = regular::read(&self.git_dir.as_ref()?.join("HEAD")).ok()?;
        let head = head.trim();
        let shown = match head.strip_prefix("ref: refs/heads/") {
            Some(branch) => branch,
            None => head.get(..7).unwrap_or(head),
        };
        Some(text::clean(shown).into_owned())
    }
}

/// The git directory of a work tree's root: `.git` itself, or where a `.git` file points (linked
/// work trees and submodules).
fn git_dir_of(folder: &Path) -> Option<PathBuf> {
    let dot_git = folder.join(".git");
    let kind = fs::metadata(&dot_git).ok()?;
    if kind.is_dir() {
        return dot_git.join("HEAD").is_file().then_some(dot_git);
    }
    let text = regular::read(&dot_git).ok()?;
    let target = text.trim().strip_prefix("gitdir:")?.trim();
    let target = folder.join(target);
    target.is_dir().then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_git_folder_upward_is_the_root() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("r/.git")).unwrap();
        fs::write(dir.path().join("r/.git/HEAD"), "ref: refs/heads/fix/login\n").unwrap();
        fs::create_dir_all(dir.path().join("r/a/b")).unwrap();
        let repo = Repo::discover(&dir.path().join("r/a/b")).unwrap();
        assert_eq!(repo.name(), "r");
        assert_eq!(repo.branch().as_deref(), Some("fix/login"));
        let plain = Repo::at(&dir.path().join("r/a")).unwrap();
        assert_eq!(plain.branch(), None);
    }

    #[test]
    fn files_and_missing_paths_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("f"), "").unwrap();
        assert!(matches!(Repo::discover(&dir.path().join("f")), Err(RepoError::NotAFolder { .. })));
        assert!(matches!(Repo::at(&dir.path().join("none")), Err(RepoError::Open { .. })));
    }
}
