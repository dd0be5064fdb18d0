//! Measures the search for commands in a repository: `discovery_speed REPOSITORY…`.
//!
//! The files are listed first, which is not measured; then the commands are found five times.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measuring tool for developers"
)]

use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use navi::engine::commands::{Ask, discover};
use navi::engine::files::FileKeeper;
use navi::engine::roles::RoleSet;
use navi::engine::walk::walk;

fn main() {
    let roles = RoleSet::builtin().0;
    for root in std::env::args().skip(1) {
        let root = Path::new(&root).canonicalize().unwrap();
        let keeper = Mutex::new(FileKeeper::default());
        walk(&root, 2, None, &|found| {
            let mut keeper = keeper.lock().unwrap();
            for it in &found {
                keeper.put(it, &roles);
            }
            true
        });
        let files = keeper.into_inner().unwrap().list();
        let ask = Ask { root: &root, files: &files, roles: &roles, cancelled: &|| false };
        let mut times = Vec::new();
        let mut found = 0;
        for _ in 0..5 {
            let started = Instant::now();
            found = discover(&ask).commands.len();
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        println!(
            "{}: {} files, {found} commands, median {:.1} ms, slowest {:.1} ms",
            root.display(),
            files.len(),
            times[2],
            times[4]
        );
    }
}
