//! What the fuzz targets have found stays mended: their corpora are run through the same
//! exercises. `docs/testing.md` says how to fuzz.

use std::fs;
use std::path::Path;

use crate::exercises::TARGETS;

#[test]
fn every_input_that_fuzzing_kept_passes() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let mut size = 0;
    for (name, exercise) in TARGETS {
        let mut inputs = 0;
        for entry in fs::read_dir(corpus.join(name)).unwrap().map(Result::unwrap) {
            let input = fs::read(entry.path()).unwrap();
            size += input.len();
            inputs += 1;
            let run = std::panic::AssertUnwindSafe(|| exercise(&input));
            let path = entry.path();
            assert!(std::panic::catch_unwind(run).is_ok(), "{}: {input:?}", path.display());
        }
        assert!(inputs > 0, "{name} has no corpus");
    }
    assert!(size < 300_000, "the corpora have grown to {size} bytes: keep what is small and new");
}
