//! Real git repositories, made by the real git with nobody's settings.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Tree;

/// A folder that is a git repository.
pub struct GitTree {
    /// Its files.
    pub tree: Tree,
    clock: std::cell::Cell<i64>,
}

/// When the first commit is made, in seconds since 1970; each further one is a minute later.
pub const START: i64 = 1_700_000_000;

impl GitTree {
    /// An empty repository on the branch `main`.
    pub fn new() -> Self {
        let it = Self { tree: Tree::of(&[]), clock: std::cell::Cell::new(START) };
        it.git(&["init", "-q", "-b", "main"]);
        it
    }

    /// The next commit is made at this time, in seconds since 1970.
    pub fn set_time(&self, time: i64) {
        self.clock.set(time);
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.tree.path()
    }

    /// Runs git in it and tells what it printed, without the last newline.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        git_in(self.path(), self.clock.get(), arguments)
    }

    /// Writes the files (`None` removes one) and commits everything; tells the commit's id.
    #[track_caller]
    pub fn commit(&self, message: &str, files: &[(&str, Option<&str>)]) -> String {
        for (path, content) in files {
            match content {
                Some(content) => self.tree.write(path, content),
                None => std::fs::remove_file(self.path().join(path)).unwrap(),
            }
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.clock.set(self.clock.get() + 60);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Merges a branch, never by moving forward only.
    #[track_caller]
    pub fn merge(&self, branch: &str) -> String {
        self.git(&["merge", "-q", "--no-ff", "-m", &format!("Merge {branch}"), branch]);
        self.clock.set(self.clock.get() + 60);
        self.git(&["rev-parse", "HEAD"])
    }

    /// The file of a loose object.
    pub fn object(&self, id: &str) -> PathBuf {
        self.path().join(".git/objects").join(&id[..2]).join(&id[2..])
    }
}

/// Runs git in a folder at this time, and tells what it printed, without the last newline.
#[track_caller]
pub fn git_in(folder: &Path, time: i64, arguments: &[&str]) -> String {
    let date = format!("{time} +0000");
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "protocol.file.allow=always", "-c", "gc.auto=0"])
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("HOME", folder)
        .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.org")])
        .envs([("GIT_COMMITTER_NAME", "Bo"), ("GIT_COMMITTER_EMAIL", "bo@example.org")])
        .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}
