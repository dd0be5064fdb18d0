//! What tagging files with roles costs of the time in which they are indexed.
//!
//! Inside this process, since no switch of the program leaves the roles out: the same tree is listed
//! and indexed with the built-in roles and with none, by turns, each time into a folder of its own.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use navi::engine::files::FileKeeper;
use navi::engine::index::{Index, Update, bring_up_to_date, build_threads};
use navi::engine::roles::RoleSet;
use navi::engine::walk;
use navi::workers::crew;

use crate::Bench;
use crate::figures::Figures;

/// Bytes of a file whose words are ranked, as in the settings.
const LIMIT: u64 = 1 << 20;

/// See the module.
pub fn run(bench: &Bench) {
    let sets = [RoleSet::builtin().0, RoleSet::default()];
    let mut times = [Figures::default(), Figures::default()];
    let mut shares = Figures::default();
    // The first round warms the system's caches.
    for round in 0..=bench.options.runs {
        let mut took = [Duration::ZERO; 2];
        // Who comes first changes, so that what the other leaves behind favours neither.
        for turn in 0..2 {
            let which = (turn + round) % 2;
            took[which] = index(bench, &sets[which]);
        }
        if round == 0 {
            continue;
        }
        times[0].time(Some(took[0]));
        times[1].time(Some(took[1]));
        shares.value((took[0].as_secs_f64() / took[1].as_secs_f64() - 1.0) * 100.0);
    }
    times[0].print("list and index", "with roles", "ms");
    times[1].print("list and index", "without", "ms");
    shares.print("more with roles", "asked: at most 15", "%");
}

fn index(bench: &Bench, roles: &RoleSet) -> Duration {
    let folder = tempfile::tempdir_in(&bench.options.scratch).unwrap();
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let root = &bench.tree.root;
    let started = Instant::now();
    let keeper = Mutex::new(FileKeeper::default());
    walk::walk(root, cores, None, &|batch| {
        let mut keeper = keeper.lock().unwrap_or_else(PoisonError::into_inner);
        for found in &batch {
            keeper.put(found, roles);
        }
        true
    });
    let keeper = keeper.into_inner().unwrap_or_else(PoisonError::into_inner);
    let files = keeper.list();
    // As deep as a real one: a sign that keeps walks out is put two folders above it.
    let (index, _) = Index::open(&folder.path().join("indexes/tree/v1")).unwrap();
    let threads = build_threads(cores);
    let update = Update { root, files: &files, roles, limit: LIMIT, crew, threads };
    bring_up_to_date(&index, &keeper, &update, &|_, _| {}).unwrap();
    started.elapsed()
}
