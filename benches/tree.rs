//! The repository that is measured, and what is typed on it.
//!
//! Queries are taken from the tree itself, evenly spaced over its sorted paths, so that every tree
//! has some and the same tree always has the same.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ignore::WalkBuilder;
use tempfile::TempDir;

use crate::options::Options;
use crate::process::prepare;

/// How often the sample is copied into a generated tree.
const COPIES: usize = 40;

/// A tree of files.
pub struct Workload {
    /// Its root.
    pub root: PathBuf,
    /// Its files, sorted, relative to the root.
    pub files: Vec<String>,
    names: HashSet<String>,
    bytes: u64,
    generated: bool,
    _kept: Option<TempDir>,
}

impl Workload {
    /// The tree that was asked for, or a generated one.
    pub fn open(options: &Options) -> Self {
        match &options.tree {
            Some(root) => Self::at(fs::canonicalize(root).unwrap(), None, false),
            None => generate(options),
        }
    }

    fn at(root: PathBuf, kept: Option<TempDir>, generated: bool) -> Self {
        let (mut files, mut names, mut bytes) = (Vec::new(), HashSet::new(), 0);
        for entry in walk(&root) {
            let Ok(path) = entry.path().strip_prefix(&root) else { continue };
            let Some(path) = path.to_str() else { continue };
            bytes += entry.metadata().map_or(0, |it| it.len());
            files.push(path.to_owned());
            let name = path.rsplit('/').next().unwrap_or_default();
            if name.len() > 4 && name.contains('.') {
                names.insert(name.to_owned());
            }
        }
        files.sort();
        assert!(files.len() > 100, "{} holds too few files to measure on", root.display());
        Self { root, files, names, bytes, generated, _kept: kept }
    }

    /// A line about it.
    pub fn description(&self) -> String {
        let what = if self.generated {
            format!("generated, {COPIES} copies of the sample monorepo")
        } else {
            self.root.file_name().unwrap_or_default().to_string_lossy().into_owned()
        };
        format!("{what}: {} files, {} MB", self.files.len(), self.bytes / 1_000_000)
    }

    /// A copy that may be written to, as a git repository with everything committed.
    pub fn copy(&self, options: &Options) -> Self {
        let kept = TempDir::with_prefix_in("navi-bench-copy-", &options.scratch).unwrap();
        let root = fs::canonicalize(kept.path()).unwrap();
        for file in &self.files {
            let (from, to) = (self.root.join(file), root.join(file));
            // A link would lead back into the tree that must not be written to.
            if fs::symlink_metadata(&from).is_ok_and(|it| it.is_file()) {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(from, to).unwrap();
            }
        }
        prepare("git", &["init", "-q"], &root);
        commit(&root, "all");
        Self::at(root, Some(kept), self.generated)
    }

    /// Whether a row of a screen shows a file of this tree.
    pub fn shown_in(&self, row: &str) -> bool {
        row.split(|it: char| it.is_whitespace() || "/│┃|".contains(it)).any(|part| {
            let part = part.split_once(':').map_or(part, |(name, _)| name);
            self.names.contains(part)
        })
    }

    /// `count` files, evenly spaced, that fulfil `wanted`.
    fn spaced(&self, count: usize, wanted: impl Fn(&str) -> bool) -> Vec<&str> {
        let fitting: Vec<&str> =
            self.files.iter().map(String::as_str).filter(|it| wanted(it)).collect();
        let step = fitting.len() / (count + 1).max(1);
        (1..=count).filter_map(|at| fitting.get(at * step).copied()).collect()
    }

    /// Texts that people type to reach a file: a piece of its folder and the beginning of its name.
    pub fn typed_names(&self, count: usize) -> Vec<String> {
        let plain = |text: &str| text.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
        let parts = |path: &str| -> Option<(String, String)> {
            let (folder, name) = path.rsplit_once('/')?;
            let stem = name.split('.').next()?;
            let folder = folder.rsplit('/').next()?;
            (stem.len() > 5 && folder.len() > 2 && plain(stem) && plain(folder))
                .then(|| (folder.to_owned(), stem.to_owned()))
        };
        self.spaced(count, |path| parts(path).is_some())
            .into_iter()
            .filter_map(parts)
            .map(|(folder, stem)| {
                folder.chars().take(3).chain(stem.chars().take(6)).filter(|it| *it != '_').collect()
            })
            .collect()
    }

    /// A file whose name no other file has, and its stem.
    pub fn single_name(&self) -> (&str, &str) {
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        for file in &self.files {
            *count.entry(file.rsplit('/').next().unwrap_or_default()).or_default() += 1;
        }
        let path = self
            .spaced(1, |path| {
                let (folder, name) = path.rsplit_once('/').unwrap_or_default();
                count.get(name) == Some(&1)
                    && name.len() > 8
                    && name.len() < 24
                    && !folder.is_empty()
                    && name.bytes().all(|it| it.is_ascii_lowercase() || it == b'_' || it == b'.')
            })
            .pop()
            // A generated tree has every name many times.
            .unwrap_or_else(|| self.spaced(1, |path| path.ends_with(".py"))[0]);
        let name = path.rsplit('/').next().unwrap_or_default();
        (name, name.split('.').next().unwrap_or_default())
    }

    fn text_of(&self, file: &str) -> Option<String> {
        let path = self.root.join(file);
        (fs::metadata(&path).ok()?.len() < 1 << 20).then(|| fs::read_to_string(path).ok())?
    }

    /// Two neighbouring words of a line, as one remembers of a log line.
    pub fn phrases(&self, count: usize) -> Vec<String> {
        let word =
            |it: &str| (4..12).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_lowercase());
        let phrase = |file: &str| -> Option<String> {
            let text = self.text_of(file)?;
            // Beyond the licence, which everybody has.
            text.lines().skip(30).find_map(|line| {
                let words: Vec<&str> = line.split(' ').collect();
                let pair = words.windows(2).find(|it| it.iter().all(|it| word(it)))?;
                Some(pair.join(" "))
            })
        };
        let mut out: Vec<String> =
            self.spaced(count * 8, |_| true).into_iter().filter_map(phrase).collect();
        out.dedup();
        out.truncate(count);
        out
    }

    /// Exact texts by kind: one that few files hold, a common word, one with punctuation.
    pub fn literals(&self) -> Vec<(&'static str, String)> {
        let mut held: BTreeMap<String, usize> = BTreeMap::new();
        let mut marks: Option<String> = None;
        for file in self.spaced(600, |_| true) {
            let Some(text) = self.text_of(file) else { continue };
            let words: HashSet<&str> = text
                .split(|it: char| !it.is_ascii_alphanumeric() && it != '_')
                .filter(|it| it.len() > 5 && it.len() < 40)
                .collect();
            for word in words {
                *held.entry(word.to_owned()).or_default() += 1;
            }
            marks = marks.or_else(|| text.lines().skip(20).find_map(punctuated));
        }
        let common = held.iter().max_by_key(|(_, count)| **count).map(|(word, _)| word.clone());
        let seldom: Vec<&String> = held
            .iter()
            .filter(|(word, count)| **count == 1 && word.len() > 11 && word.contains('_'))
            .map(|(word, _)| word)
            .collect();
        let rare = seldom.get(seldom.len() / 2).map(|it| (*it).clone());
        [("rare", rare), ("common", common), ("punctuation", marks)]
            .into_iter()
            .filter_map(|(kind, text)| Some((kind, text?)))
            .collect()
    }
}

/// A piece of a line with three marks or more in it.
fn punctuated(line: &str) -> Option<String> {
    let line = line.trim();
    let piece = line.get(..line.len().min(22))?.trim_end();
    let marks = piece.bytes().filter(|it| b"()[]{}<>-=.,;&".contains(it)).count();
    // Quotes would end the quoted query.
    let fine = piece.len() > 11 && marks > 2 && !piece.contains(['"', '\'', '\\', '\t', '`']);
    (fine && piece.is_ascii() && piece.contains(char::is_alphabetic)).then(|| piece.to_owned())
}

fn walk(root: &Path) -> impl Iterator<Item = ignore::DirEntry> {
    WalkBuilder::new(root)
        .hidden(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|it| it.is_file()))
}

/// Commits all there is, whoever is set as author.
pub fn commit(root: &Path, message: &str) {
    prepare("git", &["add", "-A"], root);
    let author = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"];
    let commit = ["-c", "commit.gpgsign=false", "commit", "-q", "--no-verify", "-m", message];
    prepare("git", &[&author[..], &commit[..]].concat(), root);
}

fn generate(options: &Options) -> Workload {
    let kept = TempDir::with_prefix_in("navi-bench-tree-", &options.scratch).unwrap();
    let root = fs::canonicalize(kept.path()).unwrap();
    let one = root.join("part-00");
    navi::sample::unpack(&one, SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
        .unwrap();
    fs::remove_dir_all(one.join(".git")).unwrap();
    let files: Vec<PathBuf> = walk(&one).map(|it| it.path().to_owned()).collect();
    for part in 1..COPIES {
        let copy = root.join(format!("part-{part:02}"));
        for file in &files {
            let path = file.strip_prefix(&one).unwrap();
            let to = copy.join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            let mut content = fs::read(file).unwrap();
            // No two files alike, as in a real tree.
            content.extend(format!("# part {part} of {}\n", path.display()).bytes());
            fs::write(to, content).unwrap();
        }
    }
    Workload::at(root, Some(kept), true)
}
