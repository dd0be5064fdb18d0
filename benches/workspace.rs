//! Every folder of the tree as a repository of its own, all of them at once: start and keys.

use std::fs;

use crate::Bench;
use crate::figures::Figures;
use crate::keys;
use crate::peers::{Finder, finders};
use crate::process::{Home, run as run_to_end};
use crate::start::{first_row, navi, start, until_live};

/// Most folders that are taken.
const MOST: usize = 50;

/// See the module.
pub fn run(bench: &Bench) {
    let listed = fs::read_dir(&bench.tree.root).into_iter().flatten().flatten();
    let mut folders: Vec<String> = listed
        .filter(|it| it.file_type().is_ok_and(|it| it.is_dir()))
        .filter_map(|it| it.file_name().into_string().ok())
        .filter(|it| !it.starts_with('.'))
        .collect();
    folders.sort();
    folders.truncate(MOST);
    println!("  {} repositories", folders.len());
    if folders.len() < 2 {
        return;
    }
    for folder in &folders {
        let arguments = ["index", "--root", folder];
        let done =
            run_to_end(&bench.options.navi, &arguments, &bench.tree.root, &bench.home, false);
        assert!(done.good, "navi index fails");
    }
    let arguments: Vec<&str> = folders.iter().flat_map(|it| ["--root", it]).collect();
    let mut all: Vec<Finder> = vec![navi(bench, &arguments)];
    all.extend(finders());
    let mut first = vec![Figures::default(); all.len()];
    let (mut fresh, mut live) = (Figures::default(), Figures::default());
    for round in 0..=bench.options.runs {
        for (finder, figures) in all.iter().zip(&mut first) {
            let time = first_row(bench, &mut start(bench, finder, &bench.home));
            // The first round only fills the caches of the system.
            if round > 0 {
                figures.time(time);
            }
        }
        let settled = until_live(&mut start(bench, &all[0], &bench.home));
        let time = first_row(bench, &mut start(bench, &all[0], &Home::new()));
        if round > 0 {
            live.time(settled);
            fresh.time(time);
        }
    }
    for (finder, figures) in all.iter().zip(&first) {
        figures.print("exec to first list content", finder.name, "ms");
    }
    fresh.print("exec to first list content", "navi, no index yet", "ms");
    live.print("exec to live, nothing changed", "navi", "ms");
    keys::compare(bench, &all, &bench.tree.typed_names(keys::TEXTS), "name");
    keys::compare(bench, &all[..1], &bench.tree.phrases(keys::TEXTS), "words");
}
