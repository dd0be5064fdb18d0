//! Measures navi and its peers from outside: `cargo bench` runs everything, `cargo bench -- keys`
//! one part. `docs/benchmarks.md` says what each figure means and how to read it.
//!
//! Figures of the screen are read off the screen, as a person sees it: the program runs in a
//! pseudo-terminal, each piece of its output is stamped as it arrives and drawn by a VT100 parser.
//! Figures of commands are the whole process, its start included. Peers run in the same call,
//! taking turns with navi; those that are not installed are said to be absent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a tool of this project: it starts programs, prints, and stops when it cannot measure"
)]

mod build;
mod changes;
mod figures;
mod keys;
mod literal;
mod options;
mod peers;
mod preview;
mod process;
mod rest;
mod start;
mod tags;
mod terminal;
mod tree;
mod workspace;

use options::Options;
use tree::Workload;

/// The name that chooses it, what it measures, and what does so.
type Part = (&'static str, &'static str, fn(&Bench));

/// The parts in the order in which they run.
const PARTS: &[Part] = &[
    ("build", "the first index, beside cindex", build::run),
    ("tags", "what tagging with roles adds to indexing", tags::run),
    ("literal", "exact texts without a screen, beside ripgrep and csearch", literal::run),
    ("start", "exec to first list content, and to live", start::run),
    ("keys", "keystroke to settled list", keys::names),
    ("content", "keystroke to settled content results", keys::content),
    ("indexing", "typing while the first index is built", keys::indexing),
    ("workspace", "many repositories at once: start and keys", workspace::run),
    ("preview", "preview plain, in colour, and at line 10,000", preview::run),
    ("rest", "memory and processor time of a screen at rest", rest::run),
    ("save", "a saved file to its being found", changes::save),
    ("checkout", "a git checkout of thousands of files to a fresh list", changes::checkout),
];

/// What every part needs.
struct Bench {
    options: Options,
    /// The tree that is looked at and never written to.
    tree: Workload,
    /// A home with an index of the tree.
    home: process::Home,
}

fn main() {
    let options = match Options::read(PARTS) {
        Ok(options) => options,
        Err(fault) => {
            println!("{fault}");
            return;
        }
    };
    let tree = Workload::open(&options);
    println!("tree: {}", tree.description());
    println!("navi: {}", process::version(&options.navi));
    for line in peers::versions() {
        println!("{line}");
    }
    let bench = Bench { home: process::Home::new(), options, tree };
    for (name, what, run) in PARTS {
        if bench.options.wants(name) {
            println!("\n{name}: {what}");
            run(&bench);
        }
    }
}
