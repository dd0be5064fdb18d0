//! Kills navis at random moments and checks that every next one works by itself, with an index
//! that equals a new one.
//!
//! ```text
//! cargo run --release --example kill_storm -- target/release/navi --runs 300 --navis 1
//! ```
//!
//! Each run changes files of a made-up repository, starts so many `navi index --watch`, goes on
//! changing files and ends some or all of them by SIGKILL after 0 to 700 ms: while they start, build
//! from nothing, read what changed, commit, merge or wait. Then, with nothing mended by hand,
//! `navi index` must succeed, `navi index --status` must find the same paths and stamps in the index
//! as on disk, and random queries must find what they find with an index that has just been built
//! in another folder. With several navis, those that are left must have one that writes, and a new
//! file must be found beside them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for developers, which starts navi and fails loudly"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A small generator of numbers (Marsaglia's xorshift), so that a seed repeats a storm's choices.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// The repository and the places of its indexes.
struct Storm {
    navi: PathBuf,
    place: tempfile::TempDir,
    chance: Chance,
    files: usize,
    made: usize,
}

/// What went wrong, and how often what was mended.
#[derive(Default)]
struct Tally {
    kills: usize,
    repairs: usize,
    failures: Vec<String>,
}

impl Storm {
    fn root(&self) -> PathBuf {
        self.place.path().join("repository")
    }

    fn text(&mut self) -> String {
        self.made += 1;
        let mut text = format!("def made_{}(request):\n", self.made);
        for _ in 0..20 + self.chance.below(60) {
            let (one, two) = (self.chance.below(400), 100 + self.chance.below(400));
            let line = format!("    call_{one}(value_{two}, \"text number {one}\")\n");
            text.push_str(&line);
        }
        text
    }

    fn path(&mut self) -> PathBuf {
        let number = self.chance.below(self.files);
        self.root().join(format!("src/part{}/deeper{}/file{number}.py", number % 23, number % 7))
    }

    fn write(&mut self, path: &Path) {
        let text = self.text();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if self.chance.below(2) == 0 {
            fs::write(path, text).unwrap();
        } else {
            // As editors save.
            fs::write(path.with_extension("new"), text).unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        }
    }

    /// Changes `count` files: most are written, some removed; now and then a folder moves.
    fn change(&mut self, count: usize) {
        for _ in 0..count {
            let path = self.path();
            match self.chance.below(12) {
                0 => {
                    let _ = fs::remove_file(&path);
                }
                1 => {
                    let (from, to) = (self.path(), self.path());
                    let to = to.parent().unwrap().with_file_name(format!("moved{}", self.made));
                    let _ = fs::rename(from.parent().unwrap(), to);
                    let _ = fs::create_dir_all(from.parent().unwrap());
                }
                _ => self.write(&path),
            }
        }
    }

    fn command(&self, cache: &str, arguments: &[&str]) -> Command {
        let home = self.place.path();
        let mut command = Command::new(&self.navi);
        command
            .args(arguments)
            .current_dir(self.root())
            .env_clear()
            .env("HOME", home.join("home"))
            .env("XDG_CACHE_HOME", home.join(cache))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs to the end: the JSON on standard output, with the exit status and standard error.
    fn run(&self, cache: &str, arguments: &[&str]) -> Result<(Value, String), String> {
        let output = self.command(cache, arguments).output().map_err(|it| it.to_string())?;
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = || format!("{arguments:?}: {}\n{out}\n{err}", output.status);
        if output.status.code().is_none_or(|it| it > 1) || err.contains("panicked") {
            return Err(told());
        }
        let json = serde_json::from_str(&out).map_err(|_| told())?;
        Ok((json, err))
    }

    fn find(&self, cache: &str, query: &str) -> Result<BTreeSet<String>, String> {
        let (found, _) = self.run(cache, &["find", "--json", "--limit", "5000", query])?;
        Ok(paths(&found))
    }

    fn watch(&self) -> Navi {
        let mut child = self.command("cache", &["index", "--watch", "--json"]).spawn().unwrap();
        let (inbox, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if inbox.send(line).is_err() {
                    return;
                }
            }
        });
        Navi { child, lines, last: String::new() }
    }

    /// Compares with an index that has just been built.
    fn check(&mut self, tally: &mut Tally) -> Result<(), String> {
        let (index, _) = self.run("cache", &["index", "--json"])?;
        if index["diagnostics"].to_string().contains("damaged") {
            tally.repairs += 1;
            println!("repaired: {}", index["diagnostics"]);
        }
        let (status, _) = self.run("cache", &["index", "--status", "--json"])?;
        if status["state"] != "live" || status["unchanged"] != status["files"] {
            return Err(format!("after `navi index` it is not as on disk: {status}"));
        }
        let _ = fs::remove_dir_all(self.place.path().join("fresh"));
        let (fresh, _) = self.run("fresh", &["index", "--json"])?;
        if fresh["files"] != status["files"] {
            return Err(format!("{} files, a new index has {}", status["files"], fresh["files"]));
        }
        for _ in 0..4 {
            let number = 100 + self.chance.below(400);
            let word = format!("value_{number}");
            let exact = format!("'{word}, ");
            let symbol = format!("#made_{}", self.chance.below(self.made));
            for query in [&exact, &symbol] {
                let (one, two) = (self.find("cache", query)?, self.find("fresh", query)?);
                if one != two {
                    return Err(told(query, &one, &two));
                }
            }
            // Which files of fewer words than asked are shown besides depends on how often words
            // occur in files of before; those that hold the word must be there.
            let holding = self.find("fresh", &exact)?;
            let ranked = self.find("cache", &word)?;
            if !holding.is_subset(&ranked) {
                return Err(told(&word, &ranked, &holding));
            }
        }
        Ok(())
    }

    fn once(&mut self, navis: usize, tally: &mut Tally) -> Result<(), String> {
        // Most runs go on with the index of before; some begin without one.
        if self.chance.below(6) == 0 {
            let _ = fs::remove_dir_all(self.place.path().join("cache"));
        }
        let count = [3, 40, 600][self.chance.below(3)];
        self.change(count);
        let mut running: Vec<Navi> = (0..navis).map(|_| self.watch()).collect();
        let until = Instant::now() + Duration::from_millis(self.chance.below(700) as u64);
        while Instant::now() < until {
            self.change(1);
            let left = until.saturating_duration_since(Instant::now());
            std::thread::sleep(left.min(Duration::from_millis(self.chance.below(60) as u64)));
        }
        let victims = if navis == 1 { 1 } else { 1 + self.chance.below(navis) };
        for _ in 0..victims {
            let mut victim = running.remove(self.chance.below(running.len()));
            victim.child.kill().unwrap();
            victim.child.wait().unwrap();
            tally.kills += 1;
        }
        let outcome = if running.is_empty() { Ok(()) } else { self.beside(&mut running) };
        for mut navi in running {
            navi.child.kill().unwrap();
            navi.child.wait().unwrap();
            tally.kills += 1;
        }
        outcome?;
        self.check(tally)
    }

    /// Those that are left have one that writes, and what is written now is found beside them.
    fn beside(&mut self, left: &mut [Navi]) -> Result<(), String> {
        self.made += 1;
        let name = format!("beside_{}", self.made);
        let path = self.root().join(format!("src/{name}.py"));
        fs::write(&path, format!("{name} = 1\n")).unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let (found, _) = self.run("cache", &["find", "--json", &name])?;
            let there = paths(&found).iter().any(|it| it.ends_with(&format!("{name}.py")));
            let writers = left.iter_mut().map(Navi::state).filter(|it| it == "live").count();
            if there && writers == 1 {
                return Ok(());
            }
            for navi in left.iter_mut() {
                if let Some(status) = navi.child.try_wait().unwrap() {
                    return Err(format!("one that was not killed ended: {status}"));
                }
            }
            if Instant::now() > deadline {
                let states: Vec<String> = left.iter_mut().map(Navi::state).collect();
                return Err(format!("{name} found: {there}, states {states:?}"));
            }
        }
    }
}

/// A watching navi.
struct Navi {
    child: Child,
    lines: Receiver<String>,
    last: String,
}

impl Navi {
    fn state(&mut self) -> String {
        if let Some(line) = self.lines.try_iter().last() {
            self.last = line;
        }
        let line: Value = serde_json::from_str(&self.last).unwrap_or_default();
        line["state"].as_str().unwrap_or("starting").to_owned()
    }
}

fn paths(found: &Value) -> BTreeSet<String> {
    let results = found["results"].as_array().cloned().unwrap_or_default();
    results.iter().filter_map(|it| it["path"].as_str().map(str::to_owned)).collect()
}

fn told(query: &str, one: &BTreeSet<String>, two: &BTreeSet<String>) -> String {
    let some = |one: &BTreeSet<String>, two: &BTreeSet<String>| {
        format!(
            "{} {:?}",
            two.difference(one).count(),
            two.difference(one).take(3).collect::<Vec<_>>()
        )
    };
    format!("`{query}`: missing {}, too many {}", some(one, two), some(two, one))
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str, default: usize| {
        let at = arguments.iter().position(|it| it == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let navi = arguments.first().map_or("target/release/navi", String::as_str);
    let (runs, navis) = (option("--runs", 300), option("--navis", 1));
    let seed = option("--seed", 0x6e61_7669) as u64;
    let mut storm = Storm {
        navi: Path::new(navi).canonicalize().unwrap(),
        place: tempfile::TempDir::with_prefix("navi-storm-").unwrap(),
        chance: Chance(seed.max(1)),
        files: option("--files", 1200),
        made: 0,
    };
    fs::create_dir_all(storm.root()).unwrap();
    for _ in 0..storm.files {
        let path = storm.path();
        storm.write(&path);
    }
    let started = Instant::now();
    let mut tally = Tally::default();
    for run in 1..=runs {
        if let Err(why) = storm.once(navis, &mut tally) {
            println!("run {run}: {why}");
            tally.failures.push(why);
        }
        if run % 25 == 0 {
            let seconds = started.elapsed().as_secs();
            println!("{run} runs, {} failures, {seconds} s", tally.failures.len());
        }
    }
    println!(
        "{runs} runs of {navis} navis, seed {seed}: {} kills, {} damaged indexes built anew, {} \
         failures, {:.0} s",
        tally.kills,
        tally.repairs,
        tally.failures.len(),
        started.elapsed().as_secs_f64()
    );
    assert!(tally.failures.is_empty(), "{} of {runs} runs failed", tally.failures.len());
}
