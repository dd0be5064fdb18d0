//! From exec to the first row of the list, to the answer of a query, to a live list.

use std::ffi::OsString;
use std::time::Duration;

use crate::Bench;
use crate::figures::Figures;
use crate::peers::{Finder, finders};
use crate::process::{Home, run as run_to_end};
use crate::terminal::{Terminal, list, rows};

/// Longest wait for anything here.
const PATIENCE: Duration = Duration::from_secs(10);

/// navi on a screen.
pub fn navi(bench: &Bench, arguments: &[&str]) -> Finder {
    Finder {
        name: "navi",
        program: bench.options.navi.clone(),
        arguments: arguments.iter().map(OsString::from).collect(),
        variables: Vec::new(),
        list,
    }
}

/// Starts a finder on the tree.
pub fn start(bench: &Bench, finder: &Finder, home: &Home) -> Terminal {
    Terminal::start(&finder.program, &finder.arguments, &finder.variables, &bench.tree.root, home)
}

/// Makes sure that the home holds an index of the tree.
pub fn indexed(bench: &Bench) {
    let done = run_to_end(&bench.options.navi, &["index"], &bench.tree.root, &bench.home, false);
    assert!(done.good, "navi index fails");
}

/// Waits for the badge that says that the list is what is on disk.
pub fn until_live(terminal: &mut Terminal) -> Option<Duration> {
    let when = terminal.until(Duration::from_secs(120), |screen| {
        rows(screen).first().is_some_and(|row| row.contains("live"))
    });
    if when.is_none() {
        println!("  this screen is not live:\n{}", terminal.screen().contents());
    }
    Some(when? - terminal.started)
}

/// See the module.
pub fn run(bench: &Bench) {
    indexed(bench);
    let mut finders: Vec<Finder> = vec![navi(bench, &[])];
    finders.extend(self::finders());
    let mut first = vec![Figures::default(); finders.len()];
    let (mut fresh, mut answered, mut live) =
        (Figures::default(), Figures::default(), Figures::default());
    let (name, stem) = bench.tree.single_name();
    for round in 0..=bench.options.runs {
        for (finder, figures) in finders.iter().zip(&mut first) {
            let mut terminal = start(bench, finder, &bench.home);
            let time = first_row(bench, &mut terminal);
            // The first round only fills the caches of the system.
            if round > 0 {
                figures.time(time);
            }
        }
        let home = Home::new();
        let mut terminal = start(bench, &finders[0], &home);
        let time = first_row(bench, &mut terminal);
        drop(terminal);
        let query = navi(bench, &["--query", stem]);
        let mut terminal = start(bench, &query, &bench.home);
        let when = terminal
            .until(PATIENCE, |screen| rows(screen).iter().skip(2).any(|row| row.contains(name)));
        let answer = when.map(|when| when - terminal.started);
        drop(terminal);
        let mut terminal = start(bench, &finders[0], &bench.home);
        let settled = until_live(&mut terminal);
        if round > 0 {
            fresh.time(time);
            answered.time(answer);
            live.time(settled);
        }
    }
    for (finder, figures) in finders.iter().zip(&first) {
        figures.print("exec to first list content", finder.name, "ms");
    }
    fresh.print("exec to first list content", "navi, no index yet", "ms");
    answered.print("exec to the answer of --query", "navi", "ms");
    live.print("exec to live, nothing changed", "navi", "ms");
}

/// When the first row of the list shows a file of the tree.
pub fn first_row(bench: &Bench, terminal: &mut Terminal) -> Option<Duration> {
    let when = terminal
        .until(PATIENCE, |screen| rows(screen).iter().skip(1).any(|row| bench.tree.shown_in(row)));
    if when.is_none() {
        println!("  no file of the tree is on this screen:\n{}", terminal.screen().contents());
    }
    Some(when? - terminal.started)
}
