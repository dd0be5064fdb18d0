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

/// A label for each of several repositories, by which paths and queries name it: the name of its
/// folder, with that of the folder above or a number where several have the same. None is empty,
/// and none holds a blank, a slash or a colon.
pub fn labels(repos: &[Repo]) -> Vec<String> {
    let plain = |name: Option<&std::ffi::OsStr>| -> String {
        let name = name.unwrap_or_default().to_string_lossy();
        let sign = |it: char| {
            if it.is_alphanumeric() || matches!(it, '.' | '_' | '-') { it } else { '-' }
        };
        let name: String = text::clean(&name).chars().map(sign).collect();
        name.trim_matches('-').to_owned()
    };
    let own: Vec<String> = repos
        .iter()
        .map(|it| plain(it.root.file_name()))
        .map(|it| if it.is_empty() { "root".to_owned() } else { it })
        .collect();
    let times = |label: &str, all: &[String]| {
        all.iter().filter(|it| it.to_lowercase() == label.to_lowercase()).count()
    };
    let longer: Vec<String> = repos
        .iter()
        .zip(&own)
        .map(|(it, own_name)| {
            let above = plain(it.root.parent().and_then(Path::file_name));
            let clash = times(own_name, &own) > 1 && !above.is_empty();
            if clash { format!("{above}-{own_name}") } else { own_name.clone() }
        })
        .collect();
    let mut labels: Vec<String> = Vec::with_capacity(longer.len());
    for label in longer {
        let numbered = (2..).map(|number| format!("{label}-{number}"));
        let mut names = std::iter::once(label.clone()).chain(numbered);
        labels.extend(names.find(|it| times(it, &labels) == 0));
    }
    labels
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
    fn labels_tell_repositories_apart() {
        let of = |roots: &[&str]| {
            let repo = |root: &&str| Repo { root: root.into(), git_dir: None };
            labels(&roots.iter().map(repo).collect::<Vec<_>>())
        };
        assert_eq!(of(&["/src/api", "/src/web"]), ["api", "web"]);
        assert_eq!(of(&["/a/api", "/b/API", "/src/web"]), ["a-api", "b-API", "web"]);
        assert_eq!(of(&["/x/a/api", "/y/a/api"]), ["a-api", "a-api-2"]);
        assert_eq!(of(&["/", "/src/My App: 1", "/src/-"]), ["root", "My-App--1", "src-root"]);
        assert_eq!(of(&["/src/a\u{1b}[31mb"]).len(), 1);
        for label in of(&["/src/a\u{1b}[31m b", "/tmp/x:y/z"]) {
            assert!(!label.contains(['/', ':', ' ', '\u{1b}']), "{label:?}");
        }
    }

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
