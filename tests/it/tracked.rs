//! What git tracks is listed, also where an ignore rule names it; what is ignored and not tracked is
//! not, and wakes nobody.

use std::fs;

use navi::engine::history::Tracked;
use navi::engine::repo::Repo;

#[cfg(unix)]
use crate::support::Watching;
use crate::support::{Cli, GitTree, eventually};

/// A repository whose rules name a folder with tracked files.
fn ignoring() -> GitTree {
    let git = GitTree::new();
    for (path, text) in [
        ("main.go", "package main\n"),
        ("modules/log/log.go", "func WriteLine() {}\n"),
        ("modules/log/deep/file.go", "func OpenFile() {}\n"),
        (".env", "SECRET=hunter2\n"),
    ] {
        let place = git.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    git.git(&["add", "--all"]);
    git.commit("Start", &[(".gitignore", Some("log/\n.env\n"))]);
    fs::write(git.path().join("modules/log/out.log"), "a line of WriteLine\n").unwrap();
    git
}

fn paths(cli: &Cli, query: &str) -> Vec<String> {
    let said = cli.run(&["find", "--json", query]);
    assert!(said.status <= 1, "{}\n{}", said.out, said.err);
    let mut paths = said.paths();
    paths.sort();
    paths
}

#[track_caller]
fn wait_paths(cli: &Cli, query: &str, wanted: &[&str]) {
    let last = std::cell::RefCell::new(Vec::new());
    let done = || {
        *last.borrow_mut() = paths(cli, query);
        (*last.borrow() == wanted).then_some(())
    };
    eventually(&|| format!("`{query}` in {wanted:?}, found {:?}", last.borrow()), done);
}

#[test]
fn tracked_files_are_listed_whatever_the_rules_say() {
    let git = ignoring();
    let cli = Cli::new(git.path());
    assert_eq!(paths(&cli, "#WriteLine"), ["modules/log/log.go"]);
    assert_eq!(paths(&cli, "'OpenFile"), ["modules/log/deep/file.go"]);
    assert!(paths(&cli, "path:out.log").is_empty(), "ignored, and not tracked");
    // A secret is listed and never read, tracked or not.
    assert!(paths(&cli, "'hunter2").is_empty());
    assert_eq!(paths(&cli, "path:.env"), [".env"]);
    // What is tracked and gone from the disk is not listed.
    fs::remove_file(git.path().join("modules/log/log.go")).unwrap();
    assert!(paths(&cli, "#WriteLine").is_empty());
    // `.ignore` is for searches, and holds.
    fs::write(git.path().join("modules/.ignore"), "deep/\n").unwrap();
    assert!(paths(&cli, "'OpenFile").is_empty());
}

#[test]
fn every_form_of_gits_index_is_read() {
    let git = ignoring();
    let names = |git: &GitTree| -> Vec<String> {
        let (tracked, said) = Tracked::read(&Repo::at(git.path()).unwrap());
        assert!(said.is_empty(), "{said:?}");
        tracked.paths().map(|it| String::from_utf8_lossy(it).into_owned()).collect()
    };
    let all = git.git(&["ls-files"]);
    let mut all: Vec<&str> = all.lines().collect();
    all.sort_unstable();
    for version in ["2", "3", "4"] {
        git.git(&["update-index", "--index-version", version]);
        assert_eq!(names(&git), all, "version {version}");
    }
    git.git(&["update-index", "--split-index"]);
    fs::write(git.path().join("more.go"), "package main\n").unwrap();
    git.git(&["add", "more.go"]);
    assert_eq!(names(&git).len(), all.len() + 1, "split");
    git.git(&["update-index", "--no-split-index"]);
    git.git(&["update-index", "--skip-worktree", "main.go"]);
    assert!(!names(&git).contains(&"main.go".to_owned()), "not on disk in a sparse checkout");
    let other = git.path().with_extension("other");
    git.git(&["worktree", "add", other.to_str().unwrap()]);
    let (tracked, said) = Tracked::read(&Repo::at(&other).unwrap());
    assert!(said.is_empty() && tracked.holds(b"modules/log/log.go"), "{said:?}");
    fs::remove_dir_all(other).unwrap();
}

#[test]
fn a_damaged_index_is_told_of_and_costs_nothing_else() {
    let git = ignoring();
    let cli = Cli::new(git.path());
    fs::write(git.path().join(".git/index"), "DIRC and no more").unwrap();
    let said = cli.run(&["find", "--json", "path:main.go"]).exit(0);
    assert_eq!(said.paths(), ["main.go"]);
    let told = format!("{}{}", said.out, said.err);
    assert!(told.contains("git's index is not read whole"), "{told}");
}

#[cfg(unix)]
#[test]
fn tracked_files_are_followed_and_what_is_ignored_wakes_nobody() {
    let git = ignoring();
    let cli = Cli::new(git.path());
    cli.run(&["index"]).exit(0);
    let mut navi = Watching::start(&cli.home, git.path());
    let files = navi.wait_state("live")["files"].as_u64().unwrap() as usize;
    // A log grows beside what is tracked.
    for number in 0..50 {
        fs::write(git.path().join("modules/log/out.log"), format!("{number}\n")).unwrap();
        fs::write(git.path().join(format!("modules/log/{number}.log")), "x\n").unwrap();
    }
    fs::write(git.path().join("modules/log/log.go"), "func WriteTwice() {}\n").unwrap();
    wait_paths(&cli, "#WriteTwice", &["modules/log/log.go"]);
    // git looks at its files, which replaces the index and changes nothing.
    git.git(&["status"]);
    git.git(&["update-index", "-q", "--refresh"]);
    fs::write(git.path().join("last.go"), "package main\n").unwrap();
    navi.wait_files(files + 1);
    // The history is told of when it is read.
    let mut lines = navi.drain();
    lines.retain(|it| !it["fresh_ms"].is_null());
    assert!(lines.len() <= 3, "woken for nothing: {lines:?}");
    // Tracked from now on, and no longer.
    git.git(&["add", "--force", "modules/log/out.log"]);
    navi.wait_files(files + 2);
    git.git(&["rm", "--cached", "-q", "modules/log/out.log"]);
    navi.wait_files(files + 1);
    fs::remove_dir_all(git.path().join("modules/log")).unwrap();
    navi.wait_files(files - 1);
    git.git(&["checkout", "--", "modules/log"]);
    navi.wait_files(files + 1);
    wait_paths(&cli, "#WriteLine", &["modules/log/log.go"]);
}
