//! From a keystroke to the last change that it makes on the screen.

use std::time::Duration;

use crate::Bench;
use crate::figures::Figures;
use crate::peers::{Finder, finders, live_grep};
use crate::process::Home;
use crate::start::{indexed, navi, start, until_live};
use crate::terminal::{Region, Terminal, below_badge, list_rows, rows};

/// A key has settled when nothing has come for this long.
const QUIET: Duration = Duration::from_millis(250);
/// The longest that a key is waited for.
const LIMIT: Duration = Duration::from_secs(10);
/// Texts that are typed key by key.
pub const TEXTS: usize = 5;

/// What one finder did.
#[derive(Default, Clone)]
struct Typed {
    first: Figures,
    settled: Figures,
    one_letter: Figures,
    rows: Figures,
    screen: Figures,
}

impl Typed {
    /// Takes the changes of the list and of its rows.
    fn note(&mut self, times: &[Option<(Duration, Duration)>]) {
        self.settled.time(times[0].map(|(_, last)| last));
        self.rows.time(times[1].map(|(_, last)| last));
    }
}

/// Keys of names of files.
pub fn names(bench: &Bench) {
    indexed(bench);
    let mut all: Vec<Finder> = vec![navi(bench, &[])];
    all.extend(finders());
    compare(bench, &all, &bench.tree.typed_names(TEXTS), "name");
}

/// Keys of contents: words, and exact texts.
pub fn content(bench: &Bench) {
    indexed(bench);
    let phrases = bench.tree.phrases(TEXTS);
    compare(bench, &[navi(bench, &[])], &phrases, "words");
    let quoted: Vec<String> = phrases.iter().map(|it| format!("\"{it}\"")).collect();
    compare(bench, &[navi(bench, &[])], &quoted, "exact text");
    if let Some(grep) = live_grep() {
        // One run: each key takes as long as ripgrep takes.
        let mut typed = Typed::default();
        let mut terminal = ready(bench, &grep);
        type_all(&mut terminal, &grep, &phrases, &mut typed);
        typed.settled.print("words: key to settled list", grep.name, "ms");
    }
}

/// Types the texts key by key into each finder, by turns.
pub fn compare(bench: &Bench, finders: &[Finder], texts: &[String], what: &str) {
    println!("  typed: {}", texts.join(" · "));
    let mut typed = vec![Typed::default(); finders.len()];
    let rounds = bench.options.runs.div_ceil(3);
    for _ in 0..rounds {
        for (finder, typed) in finders.iter().zip(&mut typed) {
            let mut terminal = ready(bench, finder);
            type_all(&mut terminal, finder, texts, typed);
        }
    }
    for (finder, typed) in finders.iter().zip(&typed) {
        typed.first.print(&format!("{what}: key to first change"), finder.name, "ms");
        typed.settled.print(&format!("{what}: key to settled list"), finder.name, "ms");
        typed.one_letter.print(&format!("{what}: one-letter query"), finder.name, "ms");
        if finder.name == "navi" {
            typed.rows.print(
                &format!("{what}: key to settled rows, count aside"),
                finder.name,
                "ms",
            );
            typed.screen.print(&format!("{what}: key to settled preview"), finder.name, "ms");
        }
    }
}

/// A finder that has loaded all.
fn ready(bench: &Bench, finder: &Finder) -> Terminal {
    let mut terminal = start(bench, finder, &bench.home);
    if finder.name == "navi" {
        until_live(&mut terminal);
    }
    terminal.settle(Duration::from_secs(1), Duration::from_secs(30));
    terminal
}

fn type_all(terminal: &mut Terminal, finder: &Finder, texts: &[String], typed: &mut Typed) {
    let regions: [Region; 3] = [finder.list, below_badge, list_rows];
    for text in texts {
        for (at, key) in text.chars().enumerate() {
            let times = terminal.react(&key.to_string(), QUIET, LIMIT, &regions);
            typed.first.time(times[0].map(|(first, _)| first));
            typed.settled.time(times[0].map(|(_, last)| last));
            typed.screen.time(times[1].map(|(_, last)| last));
            typed.rows.time(times[2].map(|(_, last)| last));
            if at == 0 {
                typed.one_letter.time(times[0].map(|(_, last)| last));
            }
        }
        clear(terminal, text);
    }
}

/// Takes a query away again.
pub fn clear(terminal: &mut Terminal, text: &str) {
    terminal.send(&"\x7f".repeat(text.chars().count()));
    terminal.settle(QUIET, LIMIT);
}

/// Keys while the first index is built, beside the same keys afterwards.
///
/// Meanwhile the list changes without a key too: files are found, and parts of the index become
/// searchable, which adds to the count and to the end of the list. So the rows on screen are told
/// apart from the whole list; while files are still being found, they change as well.
pub fn indexing(bench: &Bench) {
    let texts = bench.tree.typed_names(TEXTS);
    let finder = navi(bench, &[]);
    let (mut busy, mut idle, mut scanning) = (Typed::default(), Typed::default(), Typed::default());
    let badge = |terminal: &Terminal, word: &str| {
        rows(terminal.screen()).first().is_some_and(|row| row.contains(word))
    };
    for _ in 0..bench.options.runs.div_ceil(3) {
        let home = Home::new();
        let mut terminal = start(bench, &finder, &home);
        // The screen never becomes quiet meanwhile: its badge counts. So each key is given a fixed
        // time in which to settle.
        let wait = Duration::from_millis(200);
        terminal.settle(wait, wait);
        'building: for text in texts.iter().cycle() {
            for key in text.chars() {
                let listed = !badge(&terminal, "scanning");
                let regions: [Region; 2] = [finder.list, list_rows];
                let times = terminal.react(&key.to_string(), QUIET, wait, &regions);
                if badge(&terminal, "live") {
                    break 'building;
                }
                if listed { &mut busy } else { &mut scanning }.note(&times);
            }
            clear(&mut terminal, text);
            if badge(&terminal, "live") {
                break;
            }
        }
        drop(terminal);
        let mut terminal = start(bench, &finder, &home);
        until_live(&mut terminal);
        for text in &texts {
            for key in text.chars() {
                let regions: [Region; 2] = [finder.list, list_rows];
                idle.note(&terminal.react(&key.to_string(), wait, wait, &regions));
            }
            clear(&mut terminal, text);
        }
    }
    let all =
        [(&scanning, "navi, listing files"), (&busy, "navi, indexing"), (&idle, "navi, at rest")];
    for (typed, when) in all {
        typed.rows.print("key to settled rows", when, "ms");
        typed.settled.print("key to settled list", when, "ms");
    }
    let ratio = |of: fn(&Typed) -> &Figures| of(&busy).median() / of(&idle).median();
    let (rows, list) = (ratio(|it| &it.rows), ratio(|it| &it.settled));
    println!("  ratio of the medians: {rows:.1} and {list:.1}");
}
