//! The preview: plain text, colours, and a jump far into a long file.

use std::fmt::Write;
use std::fs;
use std::time::Duration;

use tempfile::TempDir;

use crate::Bench;
use crate::figures::Figures;
use crate::peers::bat;
use crate::process::{Home, run as run_to_end};
use crate::start::{navi, until_live};
use crate::terminal::{Region, Terminal, preview_cells, preview_text};

const QUIET: Duration = Duration::from_millis(300);
const LIMIT: Duration = Duration::from_secs(10);
/// Lines of the long file.
const LINES: usize = 20_000;

/// See the module.
pub fn run(bench: &Bench) {
    let folder = TempDir::with_prefix_in("navi-bench-preview-", &bench.options.scratch).unwrap();
    let home = Home::new();
    let source = source();
    let short: String = source.split_inclusive('\n').take(LINES / 40).collect();
    for copy in 0..4 {
        fs::write(folder.path().join(format!("short{copy}.ts")), &short).unwrap();
        fs::write(folder.path().join(format!("benchlong{copy}.ts")), &source).unwrap();
    }
    let regions: [Region; 2] = [preview_text, preview_cells];
    let mut figures = vec![Figures::default(); 6];
    for _ in 0..bench.options.runs {
        let finder = navi(bench, &[]);
        let start = || {
            let mut terminal = Terminal::start(
                &finder.program,
                &finder.arguments,
                &finder.variables,
                folder.path(),
                &home,
            );
            until_live(&mut terminal);
            terminal.settle(QUIET, LIMIT);
            terminal
        };
        for (at, query) in [(0, "short"), (2, "benchlong")] {
            // A new process each time: nothing is coloured yet.
            let mut terminal = start();
            terminal.send(query);
            terminal.settle(QUIET, LIMIT);
            let times = terminal.react("\x1b[B", QUIET, LIMIT, &regions);
            figures[at].time(times[0].map(|(_, last)| last));
            figures[at + 1].time(times[1].map(|(_, last)| last));
        }
        let mut terminal = start();
        terminal.send("benchlong0.ts:1000");
        terminal.settle(QUIET, LIMIT);
        let times = terminal.react("0", QUIET, LIMIT, &regions);
        figures[4].time(times[0].map(|(_, last)| last));
        figures[5].time(times[1].map(|(_, last)| last));
    }
    for (at, what) in [
        "next file, short: plain",
        "next file, short: in colour",
        "next file, 20,000 lines: plain",
        "next file, 20,000 lines: in colour",
        "jump to line 10,000: plain",
        "jump to line 10,000: in colour",
    ]
    .into_iter()
    .enumerate()
    {
        figures[at].print(what, "navi", "ms");
    }
    if let Some(bat) = bat() {
        let mut whole = Figures::default();
        for _ in 0..bench.options.runs {
            let range = ["--color=always", "--paging=never", "--line-range=10000:10040"];
            let arguments = [&range[..], &["benchlong0.ts"]].concat();
            whole.time(Some(run_to_end(&bat, &arguments, folder.path(), &home, false).time));
        }
        whole.print("lines 10,000 to 10,040: process", "bat", "ms");
    }
}

/// A program of [`LINES`] lines in which no function is like another.
fn source() -> String {
    let mut out = String::from("import { Session, Store } from './session';\n\n");
    let mut lines = 2;
    let mut number = 0;
    while lines < LINES {
        number += 1;
        let _ = write!(
            out,
            "/** Looks at entry {number} of the store. */\n\
             export async function entry{number}(store: Store, id: string): Promise<Session | null> {{\n\
             \x20 const found = await store.get<Session>(`session:${{id}}:{number}`);\n\
             \x20 if (found === null || found.expires < Date.now() - {number} * 1000) {{\n\
             \x20   throw new Error('no session {number}: ' + id); // told to the caller\n\
             \x20 }}\n\
             \x20 return {{ ...found, seen: true, count: found.count + {number} }};\n\
             }}\n\n"
        );
        lines += 9;
    }
    out
}
