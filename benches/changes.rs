//! Files that change under a running navi, on a copy of the tree.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::Bench;
use crate::figures::Figures;
use crate::keys::clear;
use crate::peers::find;
use crate::process::{Home, Teller, prepare, replace, run as run_to_end};
use crate::start::{navi, until_live};
use crate::terminal::{Terminal, rows};
use crate::tree::{Workload, commit};

/// Longest wait for a change to be seen.
const PATIENCE: Duration = Duration::from_secs(60);
/// Files that a checkout replaces.
const MANY: usize = 5_000;

/// The copy, with an index in a home of its own.
fn copied(bench: &Bench) -> Option<(Workload, Home)> {
    if find("git").is_none() {
        println!("  git: absent, not measured");
        return None;
    }
    let (copy, home) = (bench.tree.copy(&bench.options), Home::new());
    let done = run_to_end(&bench.options.navi, &["index"], &copy.root, &home, false);
    assert!(done.good, "navi index fails");
    Some((copy, home))
}

/// navi at rest, with room in its list for all that a checkout changes: it counts no further.
fn on_screen(bench: &Bench, copy: &Workload, home: &Home) -> Terminal {
    let mut finder = navi(bench, &[]);
    let rows = (2 * MANY).to_string();
    finder.variables.push(("NAVI_ONCALL_SEARCH_LIMIT".into(), rows.into()));
    let mut terminal =
        Terminal::start(&finder.program, &finder.arguments, &finder.variables, &copy.root, home);
    until_live(&mut terminal);
    terminal.settle(Duration::from_millis(500), PATIENCE);
    terminal
}

/// A word that is nowhere in the tree.
fn marker(number: usize) -> String {
    format!("zqbench{}x{number}", std::process::id())
}

/// One file saved, to its being found by its new content.
pub fn save(bench: &Bench) {
    let Some((copy, home)) = copied(bench) else { return };
    let file = copy.files[copy.files.len() / 2].clone();
    let path = copy.root.join(&file);
    let name = file.rsplit('/').next().unwrap_or_default();
    // Long names are cut on the screen.
    let name: String = name.chars().take(16).collect();
    let original = fs::read(&path).unwrap();
    let content = |word: &str| [&original[..], b"\n", word.as_bytes(), b"\n"].concat();

    let mut screen = Figures::default();
    let mut terminal = on_screen(bench, &copy, &home);
    for run in 0..bench.options.runs * 3 {
        let word = marker(run);
        terminal.send(&word);
        terminal.settle(Duration::from_millis(300), PATIENCE);
        let content = content(&word);
        replace(&path, &content);
        let saved = Instant::now();
        let when = terminal
            .until(PATIENCE, |screen| rows(screen).iter().skip(2).any(|row| row.contains(&name)));
        screen.time(when.map(|when| when.saturating_duration_since(saved)));
        clear(&mut terminal, &word);
    }
    drop(terminal);
    screen.print("saved to found on the screen", "navi", "ms");

    let mut watch = Figures::default();
    let mut wrong = 0;
    let teller =
        Teller::start(&bench.options.navi, &["index", "--watch", "--json"], &copy.root, &home);
    let live = |line: &str| line.contains("\"live\"");
    while let Some((_, line)) = teller.line(PATIENCE) {
        if live(&line) {
            break;
        }
    }
    // What came before the first save is told before it.
    while teller.line(Duration::from_secs(1)).is_some() {}
    for run in 0..bench.options.runs * 3 {
        let word = marker(100_000 + run);
        let content = content(&word);
        replace(&path, &content);
        let saved = Instant::now();
        let when = teller.line(PATIENCE).map(|(when, _)| when);
        watch.time(when.map(|when| when.saturating_duration_since(saved)));
        let arguments = ["find", "--json", &format!("\"{word}\"")];
        let done = run_to_end(&bench.options.navi, &arguments, &copy.root, &home, false);
        if !String::from_utf8_lossy(&done.out).contains("\"total\":1") {
            wrong += 1;
        }
        while teller.line(Duration::from_millis(200)).is_some() {}
    }
    watch.print("saved to fresh", "navi index --watch", "ms");
    println!("  told fresh, but a search by another process did not find it: {wrong}");
}

/// `git checkout` to and fro between two commits that differ in thousands of files.
pub fn checkout(bench: &Bench) {
    let Some((copy, home)) = copied(bench) else { return };
    let mut changed: Vec<PathBuf> = Vec::new();
    let step = (copy.files.len() / MANY).max(1);
    for file in copy.files.iter().step_by(step) {
        let path = copy.root.join(file);
        let Ok(text) = fs::read_to_string(&path) else { continue };
        if text.len() < 200_000 && !text.contains('\0') && changed.len() < MANY {
            changed.push(path);
        }
    }
    let word = marker(0);
    prepare("git", &["branch", "before"], &copy.root);
    prepare("git", &["checkout", "-q", "-b", "after"], &copy.root);
    for path in &changed {
        let mut text = fs::read(path).unwrap();
        text.extend(format!("\n{word}\n").bytes());
        fs::write(path, text).unwrap();
    }
    commit(&copy.root, "after");
    prepare("git", &["checkout", "-q", "before"], &copy.root);
    let mut terminal = on_screen(bench, &copy, &home);
    terminal.send(&format!("\"{word}\""));
    terminal.settle(Duration::from_millis(500), PATIENCE);
    let total = changed.len();
    let (mut git, mut there, mut back) =
        (Figures::default(), Figures::default(), Figures::default());
    for _ in 0..bench.options.runs.div_ceil(3) {
        for (branch, figures, wanted) in [("after", &mut there, total), ("before", &mut back, 0)] {
            let started = Instant::now();
            prepare("git", &["checkout", "-q", branch], &copy.root);
            let done = Instant::now();
            git.time(Some(done - started));
            let when = terminal.until(PATIENCE, |screen| shown_total(screen) == Some(wanted));
            figures.time(when.map(|when| when.saturating_duration_since(done)));
            terminal.settle(Duration::from_millis(1500), PATIENCE);
        }
    }
    git.print(&format!("git checkout of {total} files"), "git", "ms");
    there.print("end of git to all of them found", "navi", "ms");
    back.print("end of git to none of them found", "navi", "ms");
}

/// The number of files that the screen says it has found.
fn shown_total(screen: &vt100::Screen) -> Option<usize> {
    // Beside the query, which stands below the badge and the names of the panels.
    let rows = rows(screen);
    let row = rows.iter().find(|row| row.trim_start().starts_with('>'))?;
    let before = row.rsplit_once(" of ")?.0;
    let number = before.rsplit(' ').next()?;
    number.replace(',', "").parse().ok()
}
