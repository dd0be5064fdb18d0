//! The sample, looked at with a real git: history, tags, modes, and what failure leaves behind.

use std::collections::BTreeSet;
use std::process::{Command, Output};
use std::time::Duration;

use super::*;

/// Everything that the layout guide names, folders with a trailing slash.
const GUIDE: &str = include_str!("guide-paths.txt");

#[expect(clippy::disallowed_methods, reason = "the tests ask a real git what it thinks")]
fn run_git(root: &Path, arguments: &[&str]) -> Output {
    Command::new("git")
        .current_dir(root)
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git runs")
}

fn git(root: &Path, arguments: &[&str]) -> String {
    let output = run_git(root, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
}

/// 2026-03-09 02:47:00 UTC, a bad moment to be awake.
fn night() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_773_024_420)
}

fn unpacked() -> (tempfile::TempDir, PathBuf, Unpacked) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("not/yet/there");
    let unpacked = unpack(&root, night()).expect("unpacks");
    (folder, root, unpacked)
}

#[test]
fn git_finds_nothing_to_complain_about() {
    let (_folder, root, unpacked) = unpacked();
    assert_eq!(git(&root, &["status", "--porcelain", "--ignored"]), "");
    assert_eq!(git(&root, &["symbolic-ref", "HEAD"]), "refs/heads/main");
    let fsck = run_git(&root, &["fsck", "--strict", "--full"]);
    assert!(fsck.status.success());
    assert!(fsck.stderr.is_empty(), "{}", String::from_utf8_lossy(&fsck.stderr));
    assert!(fsck.stdout.is_empty(), "{}", String::from_utf8_lossy(&fsck.stdout));
    // Nothing differs even when git does not look at the files: the stored stat data is right.
    assert_eq!(git(&root, &["diff-files", "--name-only"]), "");
    assert_eq!(git(&root, &["ls-files"]).lines().count(), unpacked.files);
    assert!((190..=280).contains(&unpacked.files), "{} files", unpacked.files);
    assert!(!root.join(".git/hooks").exists());
}

#[test]
fn the_history_is_what_the_data_says() {
    let (_folder, root, unpacked) = unpacked();
    assert_eq!(git(&root, &["rev-list", "--count", "HEAD"]), unpacked.commits.to_string());
    assert_eq!(HISTORY.matches("\n[[commit]]\n").count(), unpacked.commits);

    let authors = git(&root, &["log", "--format=%an"]);
    assert_eq!(authors.lines().collect::<BTreeSet<_>>().len(), 5);
    let subjects = git(&root, &["log", "--format=%s"]);
    assert!(subjects.lines().filter(|subject| subject.starts_with("fix")).count() >= 10);
    assert!(subjects.lines().any(|subject| subject.starts_with("Revert ")));
    assert_eq!(git(&root, &["log", "-1", "--format=%at %ct"]), "1773022020 1773022020");
    assert_eq!(git(&root, &["log", "--format=%s", "deploy-2026-03-08.."]).lines().count(), 3);

    let tags = git(&root, &["tag", "--list"]);
    let listed: usize = HISTORY
        .lines()
        .filter(|line| line.starts_with("tags ="))
        .map(|line| line.matches('"').count() / 2)
        .sum();
    assert_eq!(tags.lines().count(), listed, "{tags}");
    assert_eq!(git(&root, &["describe", "--abbrev=0"]), "v1.6.2");
    assert_eq!(git(&root, &["cat-file", "-t", "deploy-2026-03-08"]), "commit");

    // One fix as its author saw it: two lines, in the file one looks for.
    let fix = ["log", "--format=", "--numstat", "--grep=login returns 401", "--", "apps/api/app"];
    assert_eq!(git(&root, &fix), "2\t0\tapps/api/app/api/v1/auth.py");
}

#[test]
fn every_edit_is_in_the_history_once() {
    // `replay` refuses edits that do not fit; here the newest state has them as well, but for
    // those that a later commit took back or wrote anew.
    let files = embedded_files().expect("embedded");
    let table = toml::de::DeTable::parse(HISTORY).expect("TOML");
    let mut gone = Vec::new();
    for commit in table.get_ref()["commit"].get_ref().as_array().expect("commits") {
        let Some(edits) = commit.get_ref().get("edit") else { continue };
        for edit in edits.get_ref().as_array().expect("edits") {
            let field = |key: &str| edit.get_ref()[key].get_ref().as_str().expect("text");
            let text = std::str::from_utf8(files[field("path")]).expect("UTF-8");
            if text.matches(field("after")).count() != 1 {
                gone.push(field("path"));
            }
        }
    }
    let again = [
        "apps/api/app/api/v1/__init__.py",
        "apps/api/app/api/v1/__init__.py",
        "apps/api/Dockerfile",
        "apps/api/tests/test_auth.py",
        "docs/runbooks/troubleshooting.md",
    ];
    assert_eq!(gone, again);
}

#[test]
fn the_guide_is_complete() {
    let (_folder, root, _) = unpacked();
    let missing: Vec<_> = GUIDE
        .lines()
        .filter(|path| match path.strip_suffix('/') {
            Some(folder) => fs::read_dir(root.join(folder)).map_or(0, Iterator::count) == 0,
            None => !root.join(path).is_file(),
        })
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[cfg(unix)]
#[test]
fn scripts_can_be_run() {
    use std::os::unix::fs::PermissionsExt as _;

    let (_folder, root, _) = unpacked();
    let mode = |path: &str| fs::metadata(root.join(path)).expect("there").permissions().mode();
    assert_eq!(mode("tools/scripts/deploy.sh") & 0o777, 0o755);
    assert_eq!(mode("README.md") & 0o111, 0);
    let scripts = git(&root, &["ls-files", "--stage", "*.sh"]);
    assert!(scripts.lines().all(|line| line.starts_with("100755 ")), "{scripts}");
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join(".hidden"), "mine").expect("written");
    let error = unpack(folder.path(), night()).expect_err("refused");
    assert!(matches!(error, SampleError::NotEmpty(_)));
    assert!(error.to_string().contains("is not empty"), "{error}");
    let names: Vec<_> =
        fs::read_dir(folder.path()).expect("listed").map(|entry| entry.expect("entry")).collect();
    assert_eq!(names.len(), 1);
    assert_eq!(fs::read_to_string(folder.path().join(".hidden")).expect("read"), "mine");
}

#[test]
fn an_empty_folder_will_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    unpack(folder.path(), night()).expect("unpacks");
    assert_eq!(git(folder.path(), &["status", "--porcelain"]), "");
}

#[test]
fn failure_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    assert!(matches!(unpack(&file, night()), Err(SampleError::Write { .. })));

    // Half-way: something appears in the way of the git folder.
    let root = folder.path().join("a/b");
    let mut made = Made::default();
    made.target(&root).expect("created");
    made.file(&root, "apps/api/main.py", b"", night()).expect("written");
    fs::create_dir(root.join(".git")).expect("created");
    assert!(made.folder(&root.join(".git")).is_err());
    made.remove();
    assert!(root.join(".git").exists(), "what somebody else made stays");
    assert!(!root.join("apps").exists());
}

#[test]
fn the_sample_keeps_to_itself() {
    let words = ["navi ", "lorem", "TODO", "FIXME"];
    for (path, content) in embedded_files().expect("embedded") {
        let text = String::from_utf8_lossy(content);
        for word in words {
            assert!(!text.contains(word), "{path} mentions {word}");
        }
        assert!(text.is_empty() || text.ends_with('\n'), "{path} does not end with a newline");
        assert!(text.lines().count() <= 170, "{path} is long");
    }
}
