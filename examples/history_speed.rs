//! Measures the reading of a repository's history: `history_speed REPOSITORY [FOLDER]`.
//!
//! Reads it from nothing, keeps it in the folder, loads it again, and reads what is new: nothing.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measuring tool for developers"
)]

use std::path::Path;
use std::time::Instant;

use navi::engine::history::{Commit, Git, History, load, read, save};
use navi::engine::repo::Repo;

fn main() {
    let root = std::env::args().nth(1).unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let folder = std::env::args().nth(2).map_or(temporary.path().to_owned(), Into::into);
    let repo = Repo::at(Path::new(&root)).unwrap();
    let open = || Git::open(&repo).unwrap().unwrap();
    let mut now = Instant::now();
    let mut lap = |what: &str| {
        println!("{what}: {:.1} ms", now.elapsed().as_secs_f64() * 1e3);
        now = Instant::now();
    };
    let git = open();
    lap("open");
    let started = Instant::now();
    let history = read(&git, &History::default(), &|| false, &mut |step| {
        if step.history.is_some() {
            println!("  {} after {:.0} ms", step.done, started.elapsed().as_secs_f64() * 1e3);
        }
    })
    .unwrap();
    lap("read");
    save(&folder, &history).unwrap();
    lap("save");
    let kept = load(&folder).unwrap();
    lap("load");
    let git = open();
    let again = read(&git, &kept, &|| false, &mut |_| {}).unwrap();
    lap("read again");
    let bytes = std::fs::metadata(folder.join("history")).unwrap().len();
    let known = history.commits().filter(Commit::is_known).count();
    let fixes = history.commits().filter(Commit::is_fix).count();
    let merges = history.commits().filter(Commit::is_merge).count();
    println!(
        "{} commits ({known} known, {merges} merges, {fixes} fixes), {} tags, {bytes} bytes, same: {}",
        history.len(),
        history.tags().len(),
        again.is_same(&kept),
    );
}
