//! Files that git tracks and the ignore rules name: git's rules do not apply to what is tracked, so
//! they are listed like any other, and the folders that lead to them are followed.
//!
//! `.ignore` is no file of git's. Who names a tracked file there wants it out of searches.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::Gitignore;

use super::history::Tracked;
use super::regular;
use super::walk::{Enter, Found, look_at};
use crate::base::RepoPath;

/// What a walk lists besides what the rules leave.
#[derive(Clone)]
pub struct Also {
    /// What git tracks.
    pub tracked: Arc<Tracked>,
    /// Hears of each folder that is ignored and has tracked files, before these are looked at.
    pub enter: Option<Enter>,
}

impl Also {
    /// For a list that is made once.
    pub fn of(tracked: Tracked) -> Self {
        Self { tracked: Arc::new(tracked), enter: None }
    }

    /// The tracked files at or below each of `paths` that a walk has not listed, as it would have
    /// listed them; of all files with the path of the root, which is empty.
    pub fn left_out<'a>(
        &self,
        root: &Path,
        paths: impl IntoIterator<Item = &'a [u8]>,
        listed: &dyn Fn(&[u8]) -> bool,
    ) -> Vec<Found> {
        let mut folders = Folders { root, enter: self.enter.as_ref(), known: HashMap::new() };
        let mut seen: HashSet<&[u8]> = HashSet::new();
        let mut found = Vec::new();
        for path in paths {
            for path in self.tracked.below(path) {
                if !listed(path) && seen.insert(path) {
                    let path = RepoPath::from_bytes(path);
                    found.extend(folders.file(&path));
                }
            }
        }
        found
    }
}

/// The folders on the way to tracked files.
struct Folders<'a> {
    root: &'a Path,
    enter: Option<&'a Enter>,
    known: HashMap<PathBuf, Option<Rules>>,
}

/// What a folder's `.ignore` says, if it has one.
type Rules = Option<Gitignore>;

impl Folders<'_> {
    /// The file, if it is there and nothing hides it.
    fn file(&mut self, path: &RepoPath) -> Option<Found> {
        let place = path.on_disk(self.root);
        let folders: Vec<PathBuf> = place
            .ancestors()
            .skip(1)
            .take_while(|it| it.starts_with(self.root))
            .map(Path::to_owned)
            .collect();
        // From the root downward: a folder that is a link is none of the repository's.
        for folder in folders.iter().rev() {
            self.known(folder)?.as_ref();
        }
        let found = look_at(self.root, path)?;
        // The nearest rule decides.
        for folder in &folders {
            if let Some(rules) = self.known(folder)? {
                let verdict = rules.matched_path_or_any_parents(&place, false);
                if verdict.is_ignore() {
                    return None;
                }
                if verdict.is_whitelist() {
                    break;
                }
            }
        }
        Some(found)
    }

    /// The rules of a folder; `None` where it is no folder.
    fn known(&mut self, folder: &Path) -> Option<&Rules> {
        if !self.known.contains_key(folder) {
            let rules = self.look(folder);
            self.known.insert(folder.to_owned(), rules);
        }
        self.known.get(folder)?.as_ref()
    }

    fn look(&self, folder: &Path) -> Option<Rules> {
        let is_folder = std::fs::symlink_metadata(folder).is_ok_and(|it| it.is_dir());
        if !is_folder && folder != self.root {
            return None;
        }
        if folder != self.root
            && let Some(enter) = self.enter
        {
            enter(folder);
        }
        let rules = folder.join(".ignore");
        if !rules.is_file() || regular::is_blocking(&rules) {
            return Some(None);
        }
        Some(Some(Gitignore::new(&rules).0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tracked_files_are_found_where_no_link_leads_out_and_no_ignore_file_names_them() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for folder in ["log/deep", "elsewhere", "hidden"] {
            std::fs::create_dir_all(root.join(folder)).unwrap();
        }
        for file in ["log/a.go", "log/deep/b.go", "elsewhere/c.go", "hidden/d.go", "hidden/e.go"] {
            std::fs::write(root.join(file), "x").unwrap();
        }
        std::fs::write(root.join("hidden/.ignore"), "d.go\n").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("elsewhere", root.join("link")).unwrap();
        let tracked = Tracked::of_paths(&[
            "gone.go",
            "hidden/d.go",
            "hidden/e.go",
            "link/c.go",
            "log/a.go",
            "log/deep/b.go",
        ]);
        let entered = Arc::new(std::sync::Mutex::new(Vec::new()));
        let told = Arc::clone(&entered);
        let enter: Enter = Arc::new(move |it: &Path| told.lock().unwrap().push(it.to_owned()));
        let also = Also { tracked: Arc::new(tracked), enter: Some(enter) };
        let listed = |path: &[u8]| path == b"log/a.go";
        let found = |below: &[&[u8]]| -> Vec<String> {
            let found = also.left_out(root, below.iter().copied(), &listed);
            found.iter().map(|it| it.path.display()).collect()
        };
        assert_eq!(found(&[b""]), ["hidden/e.go", "log/deep/b.go"]);
        let folders = std::mem::take(&mut *entered.lock().unwrap());
        assert_eq!(folders, ["hidden", "log", "log/deep"].map(|it| root.join(it)));
        assert_eq!(found(&[b"log", b"log/deep/b.go"]), ["log/deep/b.go"]);
        assert!(found(&[b"none"]).is_empty());
    }
}
