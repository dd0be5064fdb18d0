//! Matching words against paths: which tier a file belongs to, and how well it fits there.
//!
//! The tiers are hard: nothing soft lifts a file across them. Inside a tier the score is a sum of
//! how each word fits (see [`WordFit`]) and of the file's standing.

use memchr::memmem;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::Tier;
use super::parse::Word;
use crate::base::path::stem_of;
use crate::engine::files::{FileId, FileList, OTHER, is_border, mask_of};

/// A file whose path fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NameHit {
    /// The file.
    pub file: FileId,
    /// Its tier.
    pub tier: Tier,
    /// Higher is better inside the tier.
    pub score: f32,
}

/// Whether letters may stand apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letters {
    /// They stand together.
    Together,
    /// They may stand apart.
    Apart,
    /// They stand apart: no word stands together, as is known.
    OnlyApart,
}

/// How one word fits one path, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Path,
    Name,
    Prefix,
    InName,
    InPath,
    Loose,
    Weak,
}

#[derive(Debug, Clone, Copy)]
struct WordFit {
    class: Class,
    score: f32,
}

/// Words ready to be matched against many paths.
pub struct NameMatcher {
    words: Vec<ReadyWord>,
    /// All words without separators, for `user service` and `user_service`.
    joined: Vec<u8>,
    /// What every path that fits holds.
    mask: u64,
    /// Scores letters that stand apart.
    matcher: Matcher,
    buffer: Vec<char>,
    /// A name without its separators.
    plain: Vec<u8>,
}

struct ReadyWord {
    text: Vec<u8>,
    lower: Vec<u8>,
    cased: bool,
    number: bool,
    mask: u64,
    finder: memmem::Finder<'static>,
    /// Without `_`, `-`, `.` and blanks.
    plain: Vec<u8>,
    plain_finder: memmem::Finder<'static>,
    segments: Vec<Vec<u8>>,
    /// Runs of digits, which are never scattered.
    digits: Vec<memmem::Finder<'static>>,
    atom: nucleo_matcher::pattern::Atom,
    /// How it fits the folders of the file before; see [`FileList::folder_run`].
    in_folders: Option<(u32, Option<WordFit>)>,
}

/// The least of nucleo's points for each character at which a loose match counts as meant: gaps
/// only at the borders of words. Sixteen points is what a matched character gives.
const TIGHT: f32 = 17.5;

/// The bit of `.` in masks: a name may fit without it.
const DOT: u64 = 1 << 37;

impl NameMatcher {
    /// A matcher for these words; `cased` says whether capitals count.
    pub fn new(words: &[Word], cased: bool) -> Self {
        let ready = words.iter().map(|word| ReadyWord::new(word, cased)).collect::<Vec<_>>();
        let joined = ready.iter().flat_map(|word| word.plain.iter().copied()).collect();
        let mask = ready.iter().fold(0, |mask, word| mask | word.mask);
        Self {
            words: ready,
            joined,
            mask,
            matcher: Matcher::new(Config::DEFAULT.match_paths()),
            buffer: Vec::new(),
            plain: Vec::new(),
        }
    }

    /// The characters that a path must hold to fit, as in [`FileList::masks`].
    pub fn mask(&self) -> u64 {
        self.mask
    }

    /// How the path of `file` fits, if all words do.
    pub fn fit(&mut self, files: &FileList, file: FileId, letters: Letters) -> Option<NameHit> {
        if self.mask & !files.masks()[file as usize] != 0 {
            return None;
        }
        let facts = files.facts(file);
        let lower = files.lower(file);
        let path = files.path(file);
        let name_start = files.name_start(file);
        let mut best = Class::Weak;
        let mut worst = Class::Path;
        let mut sum = 0.0;
        let (folder, name_mask) = (files.folder_run(file), files.name_mask(file));
        for word in &mut self.words {
            let together = if letters == Letters::OnlyApart {
                None
            } else {
                let in_name = word.mask & !DOT & !name_mask == 0;
                let plain = in_name.then_some(&mut self.plain);
                word.fit(lower, path, name_start, plain, folder)
            };
            let fit = match letters {
                Letters::Together => together,
                Letters::Apart | Letters::OnlyApart => {
                    together.or_else(|| loose(word, path, &mut self.matcher, &mut self.buffer))
                }
            }?;
            best = best.min(fit.class);
            worst = worst.max(fit.class);
            sum += fit.score;
        }
        let count = self.words.len() as f32;
        let mut score = sum / count;
        if count > 1.0 && best > Class::Name {
            let name = lower.get(name_start..).unwrap_or_default();
            let stem = put_plain(&mut self.plain, name);
            if self.plain == self.joined || self.plain.get(..stem) == Some(&self.joined) {
                best = Class::Name;
                worst = Class::Name;
                score = 940.0;
            }
        }
        let tier = match (best, worst) {
            (_, Class::Weak) => Tier::Weak,
            (_, Class::Loose) => Tier::Fuzzy,
            (Class::Path, _) => Tier::Path,
            (Class::Name, _) => Tier::Name,
            (Class::Prefix, _) => Tier::Prefix,
            (Class::InName, _) => Tier::Contains,
            _ => Tier::Fuzzy,
        };
        let depth = f32::from(facts.depth);
        score += 40.0 * facts.standing.factor() - 0.1 * lower.len() as f32 - depth;
        Some(NameHit { file, tier, score })
    }

    /// Whether the path of `file` holds the letters of all words in their order, and if so, whether
    /// they stand out: in the file name, or each at the beginning of a part or behind the one before.
    pub fn in_order(&self, files: &FileList, file: FileId) -> Option<bool> {
        let (lower, path) = (files.lower(file), files.path(file));
        let name = lower.get(files.name_start(file)..).unwrap_or_default();
        let mut all = true;
        for word in &self.words {
            if is_subsequence(&word.lower, name) {
                continue;
            }
            if !is_subsequence(&word.lower, lower) {
                if lower.is_ascii() {
                    return None;
                }
                // Letters with accents may stand for those without.
                continue;
            }
            all &= begins_parts(&word.lower, lower, path);
        }
        Some(all)
    }

    /// Whether [`NameMatcher::in_order`] may say that the letters stand out, as far as is told without
    /// looking at the path.
    pub fn may_stand_out(&self, files: &FileList, file: FileId) -> bool {
        let (name, begun) = (files.name_mask(file), files.begun_mask(file));
        let may = |word: &ReadyWord| {
            let first = mask_of(word.lower.get(..1).unwrap_or_default());
            word.mask & !name == 0 || first & begun != 0
        };
        // Letters with accents may stand for those without.
        files.masks()[file as usize] & OTHER != 0 || self.words.iter().all(may)
    }

    /// Columns of `path` (as characters) that the words match, for highlighting.
    pub fn marks(&mut self, path: &str) -> Vec<u32> {
        let mut marks = Vec::new();
        let lower = path.to_lowercase();
        for word in &self.words {
            let name_start = lower.rfind('/').map_or(0, |at| at + 1);
            let in_name = lower
                .get(name_start..)
                .and_then(|name| word.finder.find(name.as_bytes()))
                .map(|at| at + name_start);
            if let Some(at) = in_name.or_else(|| word.finder.find(lower.as_bytes())) {
                let start = lower.get(..at).map_or(0, |before| before.chars().count());
                let len = String::from_utf8_lossy(&word.lower).chars().count();
                marks.extend((start..start + len).map(|it| it as u32));
                continue;
            }
            self.buffer.clear();
            let haystack = Utf32Str::new(path, &mut self.buffer);
            word.atom.indices(haystack, &mut self.matcher, &mut marks);
        }
        marks.sort_unstable();
        marks.dedup();
        marks
    }
}

impl ReadyWord {
    fn new(word: &Word, cased: bool) -> Self {
        let lower = word.lower.clone().into_bytes();
        let cased = cased && word.cased;
        let case = if cased { CaseMatching::Respect } else { CaseMatching::Ignore };
        Self {
            text: word.text.clone().into_bytes(),
            cased,
            number: word.is_number(),
            mask: mask_of(&lower) & !(1 << 38 | 1 << 39),
            finder: memmem::Finder::new(&lower).into_owned(),
            plain_finder: memmem::Finder::new(&without_separators(&lower)).into_owned(),
            plain: without_separators(&lower),
            digits: lower
                .split(|byte| !byte.is_ascii_digit())
                .filter(|run| !run.is_empty())
                .map(|run| memmem::Finder::new(run).into_owned())
                .collect(),
            segments: lower.split(|&byte| byte == b'/').map(<[u8]>::to_vec).collect(),
            atom: nucleo_matcher::pattern::Atom::new(
                &word.text,
                case,
                Normalization::Smart,
                AtomKind::Fuzzy,
                false,
            ),
            in_folders: None,
            lower,
        }
    }

    /// Fits that need no scattered letters. `plain` is room for a name without separators, or
    /// nothing when the name lacks letters of the word.
    fn fit(
        &mut self,
        lower: &[u8],
        path: &[u8],
        name_start: usize,
        plain: Option<&mut Vec<u8>>,
        folder: u32,
    ) -> Option<WordFit> {
        if self.segments.len() > 1 {
            return self.fit_path(lower, path, name_start);
        }
        let in_name = plain.and_then(|plain| self.fit_name(lower, path, name_start, plain));
        if in_name.is_some() {
            return in_name;
        }
        if let Some((known, fit)) = self.in_folders
            && known == folder
        {
            return fit;
        }
        let fit = self.fit_folders(lower, path, name_start);
        self.in_folders = Some((folder, fit));
        fit
    }

    /// Whether the word stands at byte `place` of the path in the case that counts.
    fn stands(&self, path: &[u8], place: usize) -> bool {
        !self.cased || path.get(place..place + self.text.len()) == Some(self.text.as_slice())
    }

    fn fit_name(
        &self,
        lower: &[u8],
        path: &[u8],
        name_start: usize,
        plain: &mut Vec<u8>,
    ) -> Option<WordFit> {
        let at = |class, score| Some(WordFit { class, score });
        let name = lower.get(name_start..)?;
        let word = self.lower.as_slice();
        let mut in_name: Option<WordFit> = None;
        for place in self.finder.find_iter(name).take(4) {
            if !self.stands(path, name_start + place) {
                continue;
            }
            let end = place + word.len();
            let share = word.len() as f32 / name.len() as f32;
            let ends = is_border(path, name_start + end);
            let fit = if place == 0 {
                if end == name.len() {
                    WordFit { class: Class::Name, score: 1000.0 }
                } else if end == stem_of(name).len() {
                    WordFit { class: Class::Name, score: 960.0 }
                } else if name.get(end) == Some(&b'.') {
                    // `auth` in `auth.service.ts`: the whole of the name's first part.
                    WordFit { class: Class::Prefix, score: 860.0 + 50.0 * share }
                } else {
                    let border = if ends { 30.0 } else { 0.0 };
                    WordFit { class: Class::Prefix, score: 700.0 + 100.0 * share + border }
                }
            } else {
                let starts = is_border(path, name_start + place);
                let whole =
                    if starts { 60.0 } else { 0.0 } + if starts && ends { 40.0 } else { 0.0 };
                WordFit { class: Class::InName, score: 500.0 + 100.0 * share + whole }
            };
            if in_name.is_none_or(|best| fit.score > best.score) {
                in_name = Some(fit);
            }
        }
        if in_name.is_some() {
            return in_name;
        }
        if self.number || self.cased || self.plain.len() <= 2 {
            return None;
        }
        let stem = put_plain(plain, name);
        if plain.len() == name.len() && self.plain.len() == word.len() {
            return None;
        }
        if *plain == self.plain || plain.get(..stem) == Some(&self.plain) {
            at(Class::Name, 930.0)
        } else if plain.starts_with(&self.plain) {
            at(Class::Prefix, 690.0)
        } else if self.plain_finder.find(plain).is_some() {
            at(Class::InName, 480.0)
        } else {
            None
        }
    }

    fn fit_folders(&self, lower: &[u8], path: &[u8], name_start: usize) -> Option<WordFit> {
        let word = self.lower.as_slice();
        let folders = lower.get(..name_start)?;
        let mut best: Option<f32> = None;
        for place in self.finder.find_iter(folders) {
            if !self.stands(path, place) {
                continue;
            }
            let end = place + word.len();
            let starts = place == 0 || folders[place - 1] == b'/';
            let ends = folders.get(end).is_none_or(|&byte| byte == b'/');
            // The nearer to the file, the more it tells.
            let near = 20.0 * end as f32 / folders.len() as f32;
            let score = near
                + match (starts, ends) {
                    (true, true) => 460.0,
                    (true, false) => 400.0,
                    _ if is_border(path, place) => 370.0,
                    _ => 340.0,
                };
            best = Some(best.map_or(score, |it: f32| it.max(score)));
        }
        best.map(|score| WordFit { class: Class::InPath, score })
    }

    /// A word with `/` in it: its segments are those of the path, one after the other.
    fn fit_path(&self, lower: &[u8], path: &[u8], name_start: usize) -> Option<WordFit> {
        let word = self.lower.as_slice();
        if lower == word {
            return Some(WordFit { class: Class::Path, score: 1000.0 });
        }
        // A pasted path may have more in front of it than the repository has.
        let whole = |long: &[u8], short: &[u8]| {
            long.ends_with(short)
                && (long.len() == short.len() || long[long.len() - short.len() - 1] == b'/')
        };
        if whole(lower, word.strip_prefix(b"/").unwrap_or(word)) {
            return Some(WordFit { class: Class::Path, score: 990.0 });
        }
        if whole(word, lower) && name_start > 0 {
            return Some(WordFit { class: Class::Path, score: 900.0 + lower.len() as f32 });
        }
        let wanted: Vec<&[u8]> = self.segments.iter().map(Vec::as_slice).collect();
        let found: Vec<&[u8]> = lower.split(|&byte| byte == b'/').collect();
        let mut best: Option<WordFit> = None;
        for start in 0..found.len() {
            if found.len() - start < wanted.len() {
                break;
            }
            let fit = fit_segments(&wanted, &found[start..], start + wanted.len() == found.len());
            if let Some(fit) = fit
                && best.is_none_or(|it| (fit.class, -fit.score) < (it.class, -it.score))
            {
                best = Some(fit);
            }
        }
        if self.cased && memmem::find(path, &self.text).is_none() {
            return best.filter(|fit| fit.class == Class::Loose);
        }
        best
    }
}

fn fit_segments(wanted: &[&[u8]], found: &[&[u8]], to_the_end: bool) -> Option<WordFit> {
    let mut class = Class::Prefix;
    let mut score: f32 = 0.0;
    for (place, (want, have)) in wanted.iter().zip(found).enumerate() {
        let last = place + 1 == wanted.len();
        let points = if want.is_empty() {
            300.0
        } else if want == have || (last && to_the_end && *want == stem_of(have)) {
            if last && to_the_end {
                class = Class::Name;
            }
            900.0
        } else if have.starts_with(want) {
            700.0
        } else if memmem::find(have, want).is_some() {
            class = class.max(Class::InName);
            500.0
        } else if is_subsequence(want, have) {
            class = Class::Loose;
            200.0
        } else {
            return None;
        };
        if last && !to_the_end && class < Class::InPath {
            class = Class::InPath;
        }
        score += points;
    }
    Some(WordFit { class, score: score / wanted.len() as f32 })
}

fn loose(
    word: &ReadyWord,
    path: &[u8],
    matcher: &mut Matcher,
    buffer: &mut Vec<char>,
) -> Option<WordFit> {
    if word.number || word.segments.len() > 1 {
        return None;
    }
    if word.digits.iter().any(|run| run.find(path).is_none()) {
        return None;
    }
    let haystack = if path.is_ascii() {
        Utf32Str::Ascii(path)
    } else {
        buffer.clear();
        Utf32Str::new(std::str::from_utf8(path).ok()?, buffer)
    };
    let points = word.atom.score(haystack, matcher)?;
    let each = f32::from(points) / word.lower.len().max(1) as f32;
    let class = if each >= TIGHT { Class::Loose } else { Class::Weak };
    Some(WordFit { class, score: (each * 10.0).min(330.0) })
}

/// Whether the bytes of `short` stand in `long` in their order.
pub(super) fn is_subsequence(short: &[u8], long: &[u8]) -> bool {
    let mut rest = long;
    short.iter().all(|&want| {
        let at = memchr::memchr(want, rest);
        rest = at.and_then(|at| rest.get(at + 1..)).unwrap_or_default();
        at.is_some()
    })
}

/// Whether the letters of `word` stand in a path in their order, each at the beginning of a part or
/// behind the one before.
fn begins_parts(word: &[u8], lower: &[u8], path: &[u8]) -> bool {
    let mut rest = word;
    let mut behind = false;
    for (at, &byte) in lower.iter().enumerate() {
        let Some((&want, after)) = rest.split_first() else { return true };
        behind = byte == want && (behind || is_border(path, at));
        if behind {
            rest = after;
        }
    }
    rest.is_empty()
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b'.' | b' ')
}

fn without_separators(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|&byte| !is_separator(byte)).collect()
}

/// Puts a file name without its separators into `plain`, and tells how much of that is its stem.
fn put_plain(plain: &mut Vec<u8>, name: &[u8]) -> usize {
    plain.clear();
    plain.extend(name.iter().copied().filter(|&byte| !is_separator(byte)));
    let extension = name.len() - stem_of(name).len();
    let tail = name.iter().rev().take(extension).filter(|&&byte| !is_separator(byte)).count();
    plain.len() - tail
}
