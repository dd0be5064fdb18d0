//! The first index: time, peak memory, size on disk, beside `cindex`.

use crate::Bench;
use crate::figures::Figures;
use crate::peers::find;
use crate::process::{Home, bytes_below, run as run_to_end};

/// See the module.
pub fn run(bench: &Bench) {
    let cindex = find("cindex");
    let mut navi = [Figures::default(), Figures::default(), Figures::default()];
    let mut peer = [Figures::default(), Figures::default(), Figures::default()];
    let rounds = bench.options.runs.div_ceil(3);
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    for round in 0..=rounds {
        let home = Home::new();
        let root = &bench.tree.root;
        let done = run_to_end(&bench.options.navi, &["index", "--json"], root, &home, true);
        assert!(done.good, "navi index fails");
        let said: serde_json::Value = serde_json::from_slice(&done.out).unwrap();
        if round == 0 {
            // Warms the system's caches.
            println!("  navi: {} files, {} bytes of files", said["files"], said["bytes"]);
            continue;
        }
        navi[0].time(Some(done.time));
        navi[1].value(done.peak);
        navi[2].value(mebibytes(said["index_bytes"].as_u64().unwrap_or_default()));
        if let Some(cindex) = &cindex {
            let done = run_to_end(cindex, &[root.as_os_str()], root, &home, true);
            assert!(done.good, "cindex fails");
            peer[0].time(Some(done.time));
            peer[1].value(done.peak);
            let size = std::fs::metadata(home.csearch_index()).map_or(0, |it| it.len());
            peer[2].value(mebibytes(size + bytes_below(&home.csearch_index())));
        }
    }
    for (what, unit, at) in
        [("build", "ms", 0), ("peak resident memory", "MiB", 1), ("size on disk", "MiB", 2)]
    {
        navi[at].print(what, "navi index", unit);
        if cindex.is_some() {
            peer[at].print(what, "cindex", unit);
        }
    }
}
