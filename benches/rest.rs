//! What a screen costs that nobody touches.

use std::time::Duration;

use crate::Bench;
use crate::figures::Figures;
use crate::peers::{Finder, finders};
use crate::process::{processor_ms, status_mib};
use crate::start::{indexed, navi, start, until_live};

/// How long it is left alone.
const REST: Duration = Duration::from_secs(10);

/// See the module.
pub fn run(bench: &Bench) {
    indexed(bench);
    let mut all: Vec<Finder> = vec![navi(bench, &[])];
    all.extend(finders());
    let mut memory = vec![Figures::default(); all.len()];
    let mut resident = vec![Figures::default(); all.len()];
    let mut processor = vec![Figures::default(); all.len()];
    for _ in 0..bench.options.runs.div_ceil(4) {
        for (at, finder) in all.iter().enumerate() {
            let mut terminal = start(bench, finder, &bench.home);
            if finder.name == "navi" {
                until_live(&mut terminal);
            }
            terminal.settle(Duration::from_millis(1500), Duration::from_secs(30));
            let before = processor_ms(terminal.id());
            std::thread::sleep(REST);
            let after = processor_ms(terminal.id());
            if let (Some(before), Some(after)) = (before, after) {
                processor[at].value(after - before);
            }
            if let Some(mib) = status_mib(terminal.id(), "RssAnon:") {
                memory[at].value(mib);
            }
            if let Some(mib) = status_mib(terminal.id(), "VmRSS:") {
                resident[at].value(mib);
            }
        }
    }
    for (at, finder) in all.iter().enumerate() {
        memory[at].print("anonymous memory", finder.name, "MiB");
        resident[at].print("resident memory, mapped files included", finder.name, "MiB");
        processor[at].print("processor time in 10 s", finder.name, "ms");
    }
}
