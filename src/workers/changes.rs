//! Answers the Changes panel: the newest commits with their files and roles, and what a commit
//! changed inside a file.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use super::shared::Latest;
use super::{Mailbox, Options, Sink};
use crate::base::{RepoPath, text};
use crate::engine::history::{Commit, FileDiff, Git, History, Id, file_diff, utc};
use crate::engine::roles::{RoleBits, RoleSet};
use crate::protocol::{Change, ChangeLog, ChangedFile, Generation, Patch, PatchLine, Report};

/// Commits in the panel.
const SHOWN: usize = 500;
/// Lines of a difference.
const LINES: usize = 5000;
/// Bytes of a line that are shown.
const LINE: usize = 1000;

/// Works until the mailbox is closed.
pub fn run(options: &Options, inbox: &Mailbox<Generation>, latest: &Latest, sink: &Sink) {
    while let Some(generation) = inbox.take() {
        let history = latest.history();
        let roles = latest.roles().unwrap_or_else(|| options.finder.roles.clone());
        let log = gather(options, &history, &roles, latest);
        sink(Report::Changes { generation, log });
    }
}

fn gather(options: &Options, history: &History, roles: &RoleSet, latest: &Latest) -> ChangeLog {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
    let mut tagged: HashMap<&[u8], RoleBits> = HashMap::new();
    for commit in history.commits().take(SHOWN) {
        tagged.extend(commit.changed_files().map(|(path, _)| (path, RoleBits::default())));
    }
    for (path, bits) in &mut tagged {
        *bits = roles.of_path(path);
    }
    let files = latest.get().files;
    for id in files.living() {
        // Contents tell more than paths.
        if let Some(bits) = tagged.get_mut(files.path(id)) {
            *bits = files.facts(id).roles;
        }
    }
    let mut tags: HashMap<Id, Vec<String>> = HashMap::new();
    for tag in history.tags() {
        tags.entry(tag.commit).or_default().push(clean(&tag.name));
    }
    let commits = history.commits().take(SHOWN);
    ChangeLog {
        commits: commits
            .map(|it| change(&it, now, roles, &tagged, tags.remove(&it.id())))
            .collect(),
        total: history.len(),
        git: options.repo.git_dir.is_some(),
    }
}

fn change(
    commit: &Commit<'_>,
    now: i64,
    roles: &RoleSet,
    tagged: &HashMap<&[u8], RoleBits>,
    tags: Option<Vec<String>>,
) -> Change {
    let moved: Vec<(&[u8], &[u8])> = commit.moved().collect();
    let ids = |bits: RoleBits| roles.ids(bits).into_iter().map(clean).collect::<Vec<_>>();
    let mut all = RoleBits::default();
    let mut files = Vec::new();
    for (path, kind) in commit.changed_files() {
        if moved.iter().any(|(from, _)| *from == path) {
            continue;
        }
        let bits = tagged.get(path).copied().unwrap_or_default();
        all.0 |= bits.0;
        let from = moved.iter().find(|(_, to)| *to == path).map(|it| RepoPath::from_bytes(it.0));
        files.push(ChangedFile { path: RepoPath::from_bytes(path), kind, from, roles: ids(bits) });
    }
    Change {
        id: commit.id(),
        hex: commit.hex(),
        repository: None,
        age_s: now.saturating_sub(commit.time()).max(0) as u64,
        when: utc(commit.time()),
        author: clean(&commit.author()),
        subject: clean(commit.subject()),
        body: commit.body().lines().map(clean).collect(),
        tags: tags.unwrap_or_default(),
        merge: commit.is_merge(),
        fix: commit.is_fix(),
        roles: ids(all),
        total: commit.files_total().saturating_sub(moved.len()),
        known: commit.is_known(),
        files,
    }
}

fn clean(it: &str) -> String {
    text::clean(it).into_owned()
}

/// A question for a difference.
pub struct Wanted {
    /// Comes back with the answer.
    pub generation: Generation,
    /// The commit.
    pub commit: Id,
    /// The file.
    pub path: RepoPath,
}

/// Works until the mailbox is closed.
pub fn run_patches(options: &Options, inbox: &Mailbox<Wanted>, sink: &Sink) {
    while let Some(Wanted { generation, commit, path }) = inbox.take() {
        let git = Git::open(&options.repo).ok().flatten();
        let diff = git.and_then(|git| {
            let sides = git.sides(&commit)?;
            Some(file_diff(&git, sides, path.as_bytes()))
        });
        let (lines, note) = patch(diff.unwrap_or(FileDiff::Missing));
        sink(Report::Patch { generation, patch: Patch { commit, path, lines, note } });
    }
}

fn patch(diff: FileDiff) -> (Vec<PatchLine>, Option<String>) {
    let hunks = match diff {
        FileDiff::Lines(hunks) => hunks,
        FileDiff::Binary => return (Vec::new(), Some("binary, not compared".into())),
        FileDiff::TooLarge(bytes) => {
            return (Vec::new(), Some(format!("too large to be compared: {bytes} bytes")));
        }
        FileDiff::Missing => {
            return (Vec::new(), Some("not in this clone of the repository".into()));
        }
    };
    let mut lines = Vec::new();
    for hunk in &hunks {
        let ((old, gone), (new, come)) = (hunk.old, hunk.new);
        let text = format!("@@ -{old},{gone} +{new},{come} @@");
        lines.push(PatchLine { side: None, number: new.max(1), text });
        let mut number = new.max(1);
        for line in &hunk.lines {
            let side = Some(line.side);
            lines.push(PatchLine { side, number, text: shown(&line.text) });
            if line.side != crate::engine::history::Side::Old {
                number = number.saturating_add(1);
            }
        }
    }
    let note = if hunks.is_empty() {
        Some("its lines are the same: it was moved, or its rights or its kind changed".into())
    } else if lines.len() > LINES {
        Some(format!("the first {LINES} of {} lines", lines.len()))
    } else {
        None
    };
    lines.truncate(LINES);
    (lines, note)
}

fn shown(line: &str) -> String {
    let cut = (0..=LINE.min(line.len())).rev().find_map(|end| line.get(..end));
    clean(&cut.unwrap_or_default().replace('\t', "    "))
}
