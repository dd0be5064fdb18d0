//! One rule of a role: what must be true of a file, how much that says, and why.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::language::LANGUAGES;
use super::words::{Pieces, singular, words_of};

/// How much a folder says by its distance from the file: the nearest says most.
const NEAR: [f32; 3] = [1.0, 0.7, 0.5];

/// A rule. It holds when each list that is not empty has an item that fits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rule {
    /// The place of its role.
    pub role: u8,
    /// What it adds; below zero it takes away.
    pub weight: f32,
    /// Why, as a short phrase; `{}` stands for the word found in the text.
    pub why: String,
    /// Whole file names, in lower case.
    pub names: Vec<Vec<u8>>,
    /// Words of the file name, in the singular.
    pub parts: Vec<Vec<u8>>,
    /// Folder names, in lower case; words of folder names count in part.
    pub folders: Vec<Vec<u8>>,
    /// Extensions.
    pub extensions: Vec<Vec<u8>>,
    /// Beginnings of the file name.
    pub starts: Vec<Vec<u8>>,
    /// Ends of the file name.
    pub ends: Vec<Vec<u8>>,
    /// Pieces of the path, which begins with `/`.
    pub paths: Vec<Vec<u8>>,
    /// Languages whose text is looked at, one bit each.
    pub languages: u32,
    /// Texts that stand in the file as whole words.
    pub content: Vec<Vec<u8>>,
}

impl Rule {
    /// Whether it looks at the text.
    pub fn reads(&self) -> bool {
        !self.content.is_empty()
    }

    /// Feeds what it does, though not why, to a hasher.
    pub fn digest(&self, hasher: &mut impl Hasher) {
        self.role.hash(hasher);
        self.weight.to_bits().hash(hasher);
        self.languages.hash(hasher);
        for words in [
            &self.names,
            &self.parts,
            &self.folders,
            &self.extensions,
            &self.starts,
            &self.ends,
            &self.paths,
            &self.content,
        ] {
            words.hash(hasher);
        }
    }

    /// Its conditions in words.
    pub fn conditions(&self) -> String {
        let list = |words: &[Vec<u8>]| {
            let words: Vec<String> =
                words.iter().map(|it| format!("`{}`", String::from_utf8_lossy(it))).collect();
            words.join(" ")
        };
        let mut out = Vec::new();
        for (what, words) in [
            ("named", &self.names),
            ("word of the name:", &self.parts),
            ("below", &self.folders),
            ("extension", &self.extensions),
            ("name begins", &self.starts),
            ("name ends", &self.ends),
            ("path holds", &self.paths),
        ] {
            if !words.is_empty() {
                out.push(format!("{what} {}", list(words)));
            }
        }
        if self.reads() {
            let languages: Vec<&str> = LANGUAGES
                .iter()
                .filter(|it| self.languages & it.1.bit() != 0)
                .map(|it| it.0)
                .collect();
            out.push(format!("{} says {}", languages.join(", "), list(&self.content)));
        }
        out.join("; ")
    }

    /// How well its conditions on the path hold: 0 not at all, 1 well. Without any, 1.
    pub fn on_path(&self, pieces: &Pieces) -> f32 {
        let mut best = 1.0f32;
        let mut first = true;
        let mut meet = |said: bool, value: f32| {
            if said {
                best = if first { value } else { best.min(value) };
                first = false;
            }
        };
        let one = |is: bool| if is { 1.0 } else { 0.0 };
        let name = pieces.name();
        meet(!self.names.is_empty(), one(self.names.iter().any(|it| it == name)));
        meet(
            !self.extensions.is_empty(),
            one(self.extensions.iter().any(|it| it == pieces.extension())),
        );
        meet(!self.starts.is_empty(), one(self.starts.iter().any(|it| name.starts_with(it))));
        meet(!self.ends.is_empty(), one(self.ends.iter().any(|it| name.ends_with(it))));
        meet(
            !self.paths.is_empty(),
            one(self.paths.iter().any(|it| memchr::memmem::find(&pieces.path, it).is_some())),
        );
        meet(!self.parts.is_empty(), self.of_words(&pieces.words));
        meet(!self.folders.is_empty(), self.of_folders(pieces));
        best
    }

    fn of_words(&self, words: &[(Vec<u8>, f32)]) -> f32 {
        words
            .iter()
            .filter(|(word, _)| self.parts.contains(word))
            .map(|(_, place)| *place)
            .fold(0.0, f32::max)
    }

    fn of_folders(&self, pieces: &Pieces) -> f32 {
        let mut best = 0.0f32;
        for (distance, folder) in pieces.folders().enumerate() {
            let near = NEAR[distance.min(NEAR.len() - 1)];
            if self.folders.iter().any(|it| it == folder) {
                best = best.max(near);
            } else if best < near * 0.6
                && words_of(folder)
                    .iter()
                    .any(|(word, _)| self.folders.iter().any(|it| *singular(it) == **word))
            {
                best = near * 0.6;
            }
        }
        best
    }
}

/// Finds the rules that may hold for a path, without trying each.
#[derive(Debug, Clone, Default)]
pub struct Triggers {
    names: HashMap<Vec<u8>, Vec<u16>>,
    parts: HashMap<Vec<u8>, Vec<u16>>,
    folders: HashMap<Vec<u8>, Vec<u16>>,
    extensions: HashMap<Vec<u8>, Vec<u16>>,
    starts: Vec<(Vec<u8>, u16)>,
    ends: Vec<(Vec<u8>, u16)>,
    paths: Vec<(Vec<u8>, u16)>,
    /// All of `paths` at once, made when first needed.
    in_paths: OnceLock<Option<AhoCorasick>>,
}

impl Triggers {
    /// Adds the rule at `place`, by its most telling condition.
    pub fn add(&mut self, rule: &Rule, place: u16) {
        if rule.reads() {
            return;
        }
        let put = |map: &mut HashMap<Vec<u8>, Vec<u16>>, words: &[Vec<u8>]| {
            for word in words {
                map.entry(word.clone()).or_default().push(place);
            }
        };
        let pair = |words: &[Vec<u8>]| -> Vec<(Vec<u8>, u16)> {
            words.iter().map(|word| (word.clone(), place)).collect()
        };
        if !rule.names.is_empty() {
            put(&mut self.names, &rule.names);
        } else if !rule.parts.is_empty() {
            put(&mut self.parts, &rule.parts);
        } else if !rule.ends.is_empty() {
            self.ends.extend(pair(&rule.ends));
        } else if !rule.starts.is_empty() {
            self.starts.extend(pair(&rule.starts));
        } else if !rule.extensions.is_empty() {
            put(&mut self.extensions, &rule.extensions);
        } else if !rule.folders.is_empty() {
            put(&mut self.folders, &rule.folders);
            let words: Vec<Vec<u8>> =
                rule.folders.iter().map(|it| singular(it).into_owned()).collect();
            put(&mut self.folders, &words);
        } else {
            self.paths.extend(pair(&rule.paths));
            self.in_paths = OnceLock::new();
        }
    }

    /// Places of the rules that a word of a file name may meet.
    pub fn of_word(&self, word: &[u8]) -> &[u16] {
        self.parts.get(word).map_or(&[], Vec::as_slice)
    }

    /// Places of the rules to try, each once, in order.
    pub fn of(&self, pieces: &Pieces) -> Vec<u16> {
        let mut out: Vec<u16> = Vec::new();
        let mut take = |found: Option<&Vec<u16>>| out.extend(found.into_iter().flatten());
        let name = pieces.name();
        take(self.names.get(name));
        take(self.extensions.get(pieces.extension()));
        for (word, _) in &pieces.words {
            take(self.parts.get(word));
        }
        for folder in pieces.folders() {
            take(self.folders.get(folder));
            if folder.iter().any(|byte| !byte.is_ascii_lowercase()) || folder.ends_with(b"s") {
                for (word, _) in words_of(folder) {
                    take(self.folders.get(&word));
                }
            }
        }
        out.extend(self.starts.iter().filter(|it| name.starts_with(&it.0)).map(|it| it.1));
        out.extend(self.ends.iter().filter(|it| name.ends_with(&it.0)).map(|it| it.1));
        let searcher = self.in_paths.get_or_init(|| {
            let patterns = self.paths.iter().map(|it| &it.0);
            AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(patterns).ok()
        });
        if let Some(searcher) = searcher {
            let found = searcher.find_overlapping_iter(&pieces.path);
            out.extend(found.map(|it| self.paths[it.pattern().as_usize()].1));
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}
