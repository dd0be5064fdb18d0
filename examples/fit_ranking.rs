//! Finds the weights of the ranking on past fixes of real repositories.
//!
//! ```text
//! fit_ranking cases   --mirrors DIR [--most N] [--without NAME,…] > cases.jsonl
//! fit_ranking collect --mirrors DIR --work DIR --navi FILE cases.jsonl > signals.jsonl
//! fit_ranking fit     signals.jsonl
//! ```
//!
//! `DIR` holds bare clones as `owner+name/repo`. A case is a commit that mends something: its subject
//! without the words that only say so is the query, the source files that it changed are the truth,
//! and the tree before it is what is searched. `collect` asks `navi find --explain` and keeps the
//! signals of the files found. `fit` moves one weight at a time to where the mean of reciprocal
//! ranks, and of hits among the first one, five and ten, is greatest; it fits on half of the
//! repositories and tells the figures of the other half, and then the other way round.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]
#![expect(clippy::disallowed_methods, reason = "it runs git and navi")]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use navi::engine::history::is_fix;
use navi::engine::search::{Signals, Weights};
use navi::engine::standing::Standing;
use serde::{Deserialize, Serialize};
use serde_json::Value;

type Fallible<T> = Result<T, Box<dyn Error>>;

#[derive(Serialize, Deserialize)]
struct Case {
    id: String,
    repo: String,
    parent: String,
    query: String,
    truth: Vec<String>,
}

/// What was found for a case: of each file whether it is one to be found, its tier, its signals.
#[derive(Serialize, Deserialize)]
struct Found {
    id: String,
    repo: String,
    files: Vec<Seen>,
}

#[derive(Serialize, Deserialize)]
struct Seen {
    truth: bool,
    tier: f32,
    signals: BTreeMap<String, f32>,
}

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| {
        let at = arguments.iter().position(|it| it == name)?;
        arguments.get(at + 1).cloned()
    };
    let last = || arguments.last().map(PathBuf::from).ok_or("a file is needed");
    let folder = |name: &str| option(name).map(PathBuf::from).ok_or(format!("{name} is needed"));
    match arguments.first().map(String::as_str) {
        Some("cases") => {
            let most = option("--most").map_or(Ok(40), |it| it.parse())?;
            let without = option("--without").unwrap_or_default();
            cases(&folder("--mirrors")?, most, &without)
        }
        Some("collect") => {
            let navi = fs::canonicalize(folder("--navi")?)?;
            collect(&last()?, &folder("--mirrors")?, &folder("--work")?, &navi)
        }
        Some("fit") => fit(&last()?),
        _ => Err("say cases, collect or fit".into()),
    }
}

fn git(folder: &Path, arguments: &[&str]) -> Fallible<String> {
    let run = Command::new("git").arg("-C").arg(folder).args(arguments).output()?;
    if !run.status.success() {
        return Err(format!("git {arguments:?}: {}", String::from_utf8_lossy(&run.stderr)).into());
    }
    Ok(String::from_utf8_lossy(&run.stdout).into_owned())
}

/// Writes the newest cases of each clone.
fn cases(mirrors: &Path, most: usize, without: &str) -> Fallible<()> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(mirrors)?.filter_map(|it| Some(it.ok()?.path())).collect();
    folders.sort();
    let mut out = std::io::stdout().lock();
    for folder in folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().replacen('+', "/", 1);
        if without.split(',').any(|it| it == name) || !folder.join("repo").is_dir() {
            continue;
        }
        let asked = [
            "log",
            "--no-merges",
            "--no-renames",
            "-n",
            "4000",
            "--name-status",
            "--format=%x01%H %P%n%s",
        ];
        let log = match git(&folder.join("repo"), &asked) {
            Ok(log) => log,
            Err(error) => {
                eprintln!("{name}: {error}");
                continue;
            }
        };
        let mut seen = BTreeSet::new();
        let mut taken = 0;
        for entry in log.split('\u{1}').filter(|it| !it.is_empty()) {
            if taken >= most {
                break;
            }
            if let Some(case) = case_of(&name, entry)
                && seen.insert(case.query.to_lowercase())
            {
                taken += 1;
                writeln!(out, "{}", serde_json::to_string(&case)?)?;
            }
        }
        eprintln!("{name}: {taken}");
    }
    Ok(())
}

fn case_of(repo: &str, entry: &str) -> Option<Case> {
    let mut lines = entry.lines();
    let mut ids = lines.next()?.split(' ');
    let (id, parent) = (ids.next()?, ids.next()?);
    let subject = lines.next()?;
    let other = [
        "typo",
        "lint",
        "flaky",
        "changelog",
        "readme",
        "docs",
        "test",
        "tests",
        "ci",
        "deps",
        "bump",
        "merge",
        "revert",
        "translation",
        "translations",
        "rubocop",
        "eslint",
        "clippy",
        "spelling",
    ];
    let words: Vec<String> =
        subject.split(|it: char| !it.is_alphanumeric()).map(str::to_lowercase).collect();
    if !is_fix(subject, "") || words.iter().any(|it| other.contains(&it.as_str())) {
        return None;
    }
    let mut truth = Vec::new();
    let mut changed = 0;
    for line in lines.filter(|it| !it.is_empty()) {
        let (kind, path) = line.split_once('\t')?;
        changed += 1;
        if kind == "M" && Standing::of(path.to_lowercase().as_bytes()) == Standing::Source {
            truth.push(path.to_owned());
        }
    }
    let query = query_of(subject);
    let long_enough = query.split_whitespace().count() >= 4;
    ((1..=5).contains(&truth.len()) && changed <= 30 && long_enough).then(|| Case {
        id: format!("{}-{}", repo.replace('/', "-"), id.get(..8).unwrap_or(id)),
        repo: repo.to_owned(),
        parent: parent.to_owned(),
        query,
        truth,
    })
}

/// A subject without what only says that it is a fix, and without names of files.
fn query_of(subject: &str) -> String {
    let mut text = subject.trim();
    if let Some((before, after)) = text.split_once(": ")
        && before.len() < 30
        && (before.starts_with("fix") || before.starts_with("bug") || before.starts_with("hotfix"))
    {
        text = after;
    }
    let noise = |word: &str| {
        let bare = word.trim_matches(|it: char| !it.is_alphanumeric()).to_lowercase();
        matches!(bare.as_str(), "fix" | "fixes" | "fixed" | "bug" | "bugfix" | "hotfix" | "fixing")
            || word.starts_with("(#")
            || word.starts_with('#')
            || (word.contains('/') && word.contains('.'))
            || [
                ".py", ".rb", ".ts", ".js", ".go", ".rs", ".java", ".php", ".vue", ".tsx", ".cs",
                ".ex",
            ]
            .iter()
            .any(|it| bare.ends_with(it))
    };
    text.split_whitespace().filter(|it| !noise(it)).collect::<Vec<_>>().join(" ")
}

fn read<T: for<'a> Deserialize<'a>>(file: &Path) -> Fallible<Vec<T>> {
    let text = fs::read_to_string(file)?;
    let lines = text.lines().filter(|it| !it.trim().is_empty());
    Ok(lines.map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// Writes the signals of what `navi find` finds for each case.
fn collect(file: &Path, mirrors: &Path, work: &Path, navi: &Path) -> Fallible<()> {
    let mut cases: Vec<Case> = read(file)?;
    cases.sort_by(|one, other| one.repo.cmp(&other.repo));
    let home = work.join("home");
    fs::create_dir_all(&home)?;
    let mut out = std::io::stdout().lock();
    for case in &cases {
        let folder = case.repo.replacen('/', "+", 1);
        let tree = work.join(&folder);
        if let Err(error) = check_out(&mirrors.join(&folder).join("repo"), &tree, &case.parent) {
            eprintln!("{}: {error}", case.id);
            continue;
        }
        let run = Command::new(navi)
            .args(["find", "--json", "--explain", "--limit", "300", "--root"])
            .arg(&tree)
            .args(["--", &case.query])
            .env("HOME", &home)
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_STATE_HOME", home.join("state"))
            .env("XDG_CONFIG_HOME", home.join("config"))
            .stderr(Stdio::null())
            .output()?;
        let answer: Value = serde_json::from_slice(&run.stdout)?;
        let results = answer["results"].as_array().cloned().unwrap_or_default();
        let files = results
            .iter()
            .map(|it| {
                let number = |it: &Value| it.as_f64().unwrap_or_default() as f32;
                let signals: BTreeMap<String, f32> = it["signals"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| (name.clone(), number(value)))
                    .collect();
                let path = it["path"].as_str().unwrap_or_default();
                Seen {
                    truth: case.truth.iter().any(|it| it == path),
                    tier: signals.get("tier").copied().unwrap_or_default(),
                    signals,
                }
            })
            .collect();
        let found = Found { id: case.id.clone(), repo: case.repo.clone(), files };
        writeln!(out, "{}", serde_json::to_string(&found)?)?;
    }
    Ok(())
}

/// Puts the tree of a commit into `tree`, with a history that ends there.
fn check_out(mirror: &Path, tree: &Path, commit: &str) -> Fallible<()> {
    if !tree.exists() {
        let (from, to) = (mirror.to_string_lossy(), tree.to_string_lossy());
        git(Path::new("."), &["clone", "-q", "--shared", "--no-checkout", &from, &to])?;
    }
    git(tree, &["update-ref", "--no-deref", "HEAD", commit])?;
    git(tree, &["read-tree", commit])?;
    // A clone may lack its largest files; the others are there.
    let _ = git(tree, &["checkout-index", "-q", "-f", "-a"]);
    git(tree, &["clean", "-qfdx"])?;
    Ok(())
}

fn signals_of(it: &Seen) -> Signals {
    let of = |name: &str| it.signals.get(name).copied().unwrap_or_default();
    Signals {
        text: of("text"),
        covered: of("covered"),
        path: of("path"),
        name: of("name"),
        line: of("line"),
        pairs: of("pairs"),
        standing: of("standing"),
        factor: of("factor"),
        recent: of("recent"),
        mended: of("mended"),
        alike: of("alike"),
    }
}

/// Hits among the first one, five and ten, and the mean of reciprocal ranks.
#[derive(Default, Clone, Copy)]
struct Figures {
    cases: f32,
    first: f32,
    five: f32,
    ten: f32,
    reciprocal: f32,
}

impl Figures {
    fn goal(self) -> f32 {
        (self.reciprocal * 2.0 + self.first + self.five + self.ten) / self.cases.max(1.0)
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let share = |it: f32| 100.0 * it / self.cases.max(1.0);
        write!(
            out,
            "n {} top-1 {:.1} top-5 {:.1} top-10 {:.1} MRR {:.3}",
            self.cases,
            share(self.first),
            share(self.five),
            share(self.ten),
            self.reciprocal / self.cases.max(1.0)
        )
    }
}

fn measure(cases: &[(&Found, Vec<Signals>)], weights: &Weights) -> Figures {
    // Each repository counts the same, however many cases it has.
    let mut figures = Figures::default();
    for (found, signals) in cases {
        let score = |at: usize| {
            let seen = &found.files[at];
            // What stands in a tier of names stays where it is.
            let named = !seen.signals.contains_key("text");
            (if named { seen.tier } else { 100.0 }, -weights.score(&signals[at]))
        };
        let best = (0..found.files.len())
            .filter(|at| found.files[*at].truth)
            .map(score)
            .min_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
        figures.cases += 1.0;
        let Some(best) = best else { continue };
        let before = (0..found.files.len())
            .filter(|at| !found.files[*at].truth && score(*at) < best)
            .count();
        figures.first += f32::from(before < 1);
        figures.five += f32::from(before < 5);
        figures.ten += f32::from(before < 10);
        figures.reciprocal += if before < 10 { 1.0 / (before + 1) as f32 } else { 0.0 };
    }
    figures
}

fn fit(file: &Path) -> Fallible<()> {
    let found: Vec<Found> = read(file)?;
    let repos: BTreeSet<&str> = found.iter().map(|it| it.repo.as_str()).collect();
    let half: BTreeSet<&str> = repos.iter().copied().step_by(2).collect();
    let of = |keep: &dyn Fn(&Found) -> bool| -> Vec<(&Found, Vec<Signals>)> {
        let kept = found.iter().filter(|it| keep(it));
        kept.map(|it| (it, it.files.iter().map(signals_of).collect())).collect()
    };
    let sets = [
        ("one half", of(&|it| half.contains(it.repo.as_str()))),
        ("other half", of(&|it| !half.contains(it.repo.as_str()))),
        ("all", of(&|_| true)),
    ];
    let default = Weights::default();
    for (name, set) in &sets {
        println!("{name}, as it is: {}", measure(set, &default));
    }
    for (fitted, tested) in [(0, 1), (1, 0), (2, 2)] {
        let weights = climb(&sets[fitted].1, default);
        println!("fitted on {}: {weights:?}", sets[fitted].0);
        println!("  on {}: {}", sets[fitted].0, measure(&sets[fitted].1, &weights));
        println!("  on {}: {}", sets[tested].0, measure(&sets[tested].1, &weights));
    }
    for repo in repos {
        let set = of(&|it| it.repo == repo);
        println!("{repo}: {}", measure(&set, &default));
    }
    Ok(())
}

/// Moves one weight at a time while that helps.
fn climb(set: &[(&Found, Vec<Signals>)], from: Weights) -> Weights {
    let mut best = (measure(set, &from).goal(), from);
    let fields: &[fn(&mut Weights) -> &mut f32] = &[
        |it| &mut it.coverage,
        |it| &mut it.path,
        |it| &mut it.name,
        |it| &mut it.line,
        |it| &mut it.pairs,
        |it| &mut it.recent,
        |it| &mut it.mended,
        |it| &mut it.alike,
    ];
    loop {
        let before = best.0;
        for field in fields {
            for value in
                [0.0, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.4, 2.0, 2.5, 3.0, 4.0, 5.5, 7.0]
            {
                let mut weights = best.1;
                *field(&mut weights) = value;
                let goal = measure(set, &weights).goal();
                if goal > best.0 + 1e-5 {
                    best = (goal, weights);
                }
            }
        }
        if best.0 <= before + 1e-4 {
            return best.1;
        }
    }
}
