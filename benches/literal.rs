//! Exact texts without a screen: whole processes, their start included, in turns; alone, and beside
//! a navi that follows the tree.

use std::path::Path;
use std::time::Duration;

use crate::Bench;
use crate::figures::Figures;
use crate::peers::find;
use crate::process::{Teller, run as run_to_end};
use crate::start::indexed;

/// See the module.
pub fn run(bench: &Bench) {
    indexed(bench);
    let (rg, csearch, cindex) = (find("rg"), find("csearch"), find("cindex"));
    if let Some(cindex) = &cindex {
        let root = &bench.tree.root;
        let done = run_to_end(cindex, &[root.as_os_str()], root, &bench.home, false);
        assert!(done.good, "cindex fails");
    }
    for (kind, text) in bench.tree.literals() {
        println!("  {kind}: {text:?}");
        let (mut whole, mut inside) = (Figures::default(), Figures::default());
        let (mut grep, mut code) = (Figures::default(), Figures::default());
        let mut counts = [0; 3];
        for round in 0..=bench.options.runs {
            let query = format!("\"{text}\"");
            let arguments = ["find", "--json", "--limit", "1000000", &query];
            let root = &bench.tree.root;
            let done = run_to_end(&bench.options.navi, &arguments, root, &bench.home, false);
            assert!(done.good, "navi find {query} fails");
            let said: serde_json::Value = serde_json::from_slice(&done.out).unwrap();
            let mut note = |figures: &mut Figures, place: usize, time, count| {
                if round > 0 {
                    figures.time(Some(time));
                }
                counts[place] = count;
            };
            let total = said["total"].as_u64().unwrap_or_default() as usize;
            note(&mut whole, 0, done.time, total);
            if round > 0 {
                inside.value(said["took_ms"].as_f64().unwrap_or(f64::NAN));
            }
            if let Some(rg) = &rg {
                let done = ripgrep(bench, rg, &text);
                note(&mut grep, 1, done.time, lines(&done.out));
            }
            if let Some(csearch) = cindex.as_ref().and(csearch.as_ref()) {
                let done = run_csearch(bench, csearch, &text);
                note(&mut code, 2, done.time, lines(&done.out));
            }
        }
        whole.print(&format!("{kind}: process, {} files", counts[0]), "navi find --json", "ms");
        inside.print(&format!("{kind}: search alone"), "navi (took_ms)", "ms");
        if rg.is_some() {
            grep.print(&format!("{kind}: process, {} files", counts[1]), "rg -F -l", "ms");
        }
        if cindex.is_some() && csearch.is_some() {
            code.print(&format!("{kind}: process, {} files", counts[2]), "csearch -l", "ms");
        }
    }
    beside(bench);
}

/// The same beside a navi that follows the tree, which is asked.
fn beside(bench: &Bench) {
    let rg = find("rg");
    let root = &bench.tree.root;
    let watch = ["index", "--watch", "--json"];
    let teller = Teller::start(&bench.options.navi, &watch, root, &bench.home);
    while let Some((_, line)) = teller.line(Duration::from_secs(60)) {
        if line.contains("\"live\"") {
            break;
        }
    }
    for (kind, text) in bench.tree.literals() {
        let (mut whole, mut grep) = (Figures::default(), Figures::default());
        let mut otherwise = 0;
        for round in 0..=bench.options.runs {
            let query = format!("\"{text}\"");
            let arguments = ["find", "--json", "--limit", "1000000", &query];
            let done = run_to_end(&bench.options.navi, &arguments, root, &bench.home, false);
            let said: serde_json::Value = serde_json::from_slice(&done.out).unwrap();
            let grepped = rg.as_ref().map(|rg| ripgrep(bench, rg, &text).time);
            if round > 0 {
                whole.time(Some(done.time));
                otherwise += usize::from(said["index"]["answered_by"] != "live");
                grep.time(grepped);
            }
        }
        let what = format!("{kind}: process");
        whole.print(&what, "navi find --json, beside a live navi", "ms");
        if rg.is_some() {
            grep.print(&what, "rg -F -l", "ms");
        }
        if otherwise > 0 {
            println!("  {otherwise} of these were not answered by the live navi");
        }
    }
}

/// ripgrep over the same files: hidden ones too, and with navi's rule for case.
fn ripgrep(bench: &Bench, rg: &Path, text: &str) -> crate::process::Ended {
    let flags = ["--no-config", "--hidden", "--glob", "!.git", "-F", "-l", "-S", "--", text];
    run_to_end(rg, &flags, &bench.tree.root, &bench.home, false)
}

fn run_csearch(bench: &Bench, csearch: &Path, text: &str) -> crate::process::Ended {
    let mut pattern = String::new();
    for character in text.chars() {
        if !character.is_alphanumeric() && character != '_' && character != ' ' {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    let mut flags = vec!["-l"];
    if !text.contains(char::is_uppercase) {
        flags.push("-i");
    }
    flags.push(&pattern);
    run_to_end(csearch, &flags, &bench.tree.root, &bench.home, false)
}

fn lines(out: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', out).count()
}
