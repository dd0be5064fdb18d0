//! What the history says about each file of today: when it was changed last, how often it was mended,
//! and which earlier commits speak of the same as a query.
//!
//! That commits which say alike touch the same files is the base of history-based fault
//! localisation; that what was mended lately and often will be mended again is the idea of S. Kim et
//! al., "Predicting Faults from Cached History" (2007).

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::{Commit, History};
use crate::engine::files::{FileId, FileList};
use crate::engine::tokens;

/// Days after which a change counts a third (1/e) of one of today.
const RECENT_DAYS: f32 = 60.0;
/// Days after which a fix counts half.
const FIX_HALF_LIFE_DAYS: f32 = 365.0;
/// Commits whose messages are known, from the newest.
const MOST_COMMITS: usize = 20_000;
/// Most bytes of a message's body that are read.
const MOST_BODY: usize = 600;
/// How much a word of the body counts, against one of the subject.
const BODY: f32 = 0.4;
/// Most commits that are taken as alike.
const MOST_ALIKE: usize = 400;
/// Shortest vector of a message: two common words alone are not alike to everything.
const LEAST_LENGTH: f32 = 9.0;

type Terms = HashMap<Box<[u8]>, Vec<(u32, f32)>, FxBuildHasher>;

/// See the module.
#[derive(Debug, Default)]
pub struct Past {
    history: History,
    terms: Terms,
    /// Lengths of the messages as vectors.
    lengths: Vec<f32>,
    /// How much a commit says of each single file that it touched.
    shares: Vec<f32>,
    /// Where the commits of each file begin in `touched`, by its id; one more than there are ids.
    starts: Vec<u32>,
    touched: Vec<u32>,
    /// By the files' ids.
    recent: Vec<f32>,
    mended: Vec<f32>,
    /// Of several repositories: each with the id of its first file. What is above is empty then.
    parts: Vec<(FileId, Arc<Past>)>,
}

/// What the history says of a file in the light of a query.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Hint {
    /// From 0 to about 1: how much earlier commits that touched it say what the query says.
    pub alike: f32,
    /// The number of the commit that is most alike.
    pub commit: Option<u32>,
}

/// Commits that speak of the same as a query.
#[derive(Debug, Default)]
pub struct Alike {
    /// By the numbers of the commits.
    likeness: HashMap<u32, f32, FxBuildHasher>,
    /// The same in each of several repositories.
    parts: Vec<Alike>,
}

impl Alike {
    /// Whether no commit is alike.
    pub fn is_empty(&self) -> bool {
        self.likeness.is_empty() && self.parts.iter().all(Self::is_empty)
    }
}

impl Past {
    /// The pasts of several repositories, each with the id that its first file has among all.
    pub fn joined(parts: Vec<(FileId, Arc<Self>)>) -> Self {
        Self { parts, ..Self::default() }
    }

    /// The part that a file is of with its id there, and the part's number.
    fn part(&self, file: FileId) -> Option<(usize, &Self, FileId)> {
        let at = self.parts.partition_point(|it| it.0 <= file).checked_sub(1)?;
        let (start, past) = self.parts.get(at)?;
        Some((at, past, file - start))
    }

    /// The past of these files. The newest commit is its today.
    pub fn of(history: &History, files: &FileList) -> Self {
        let mut past = Self { history: history.clone(), ..Self::default() };
        let today = history.commit(0).map_or(0, |it| it.time());
        let days = |time: i64| (today.saturating_sub(time).max(0) as f32) / 86_400.0;
        let mut frequency: HashMap<Box<[u8]>, f32, FxBuildHasher> = HashMap::default();
        let mut ages = Vec::with_capacity(history.len());
        let mut fixes = Vec::with_capacity(history.len());
        for commit in history.commits() {
            let number = commit.number();
            ages.push(days(commit.time()));
            fixes.push(commit.is_fix());
            past.shares.push(1.0 / (1.0 + (commit.files_total().max(1) as f32).ln()));
            if (number as usize) < MOST_COMMITS && !commit.is_merge() {
                frequency.clear();
                add_words(commit.subject(), 1.0, &mut frequency);
                let body = commit.body();
                add_words(
                    body.get(..body.floor_char_boundary(MOST_BODY)).unwrap_or_default(),
                    BODY,
                    &mut frequency,
                );
                for (term, weight) in frequency.drain() {
                    past.terms.entry(term).or_default().push((number, weight));
                }
            }
        }
        let known = history.len().clamp(1, MOST_COMMITS) as f32;
        past.lengths = vec![0.0; history.len()];
        for postings in past.terms.values() {
            let worth = idf(known, postings.len() as f32);
            for &(commit, weight) in postings {
                past.lengths[commit as usize] += (worth * weight).powi(2);
            }
        }
        past.lengths.iter_mut().for_each(|it| *it = it.sqrt().max(LEAST_LENGTH));
        past.starts.push(0);
        for file in 0..files.ids() {
            let commits = history.of(files.path(file));
            let age = commits.first().and_then(|it| ages.get(*it as usize));
            past.recent.push(age.map_or(0.0, |it| (-it / RECENT_DAYS).exp()));
            let mended =
                commits.iter().filter(|it| fixes.get(**it as usize).copied().unwrap_or(false));
            past.mended.push(
                mended
                    .map(|it| {
                        0.5f32.powf(ages[*it as usize] / FIX_HALF_LIFE_DAYS)
                            * past.shares[*it as usize]
                    })
                    .sum(),
            );
            past.touched.extend_from_slice(commits);
            past.starts.push(past.touched.len() as u32);
        }
        past
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.touched.is_empty() && self.parts.iter().all(|it| it.1.is_empty())
    }

    /// The commit of this number in the history of a file's repository.
    pub fn commit(&self, file: FileId, number: u32) -> Option<Commit<'_>> {
        match self.part(file) {
            Some((_, part, file)) => part.commit(file, number),
            None => self.history.commit(number),
        }
    }

    /// How lately a file was changed: 1 for now, towards 0 for long ago or never.
    pub fn recent(&self, file: FileId) -> f32 {
        if let Some((_, part, file)) = self.part(file) {
            return part.recent(file);
        }
        self.recent.get(file as usize).copied().unwrap_or_default()
    }

    /// How often a file was mended: each fix counts by its age and by how few files it touched.
    pub fn mended(&self, file: FileId) -> f32 {
        if let Some((_, part, file)) = self.part(file) {
            return part.mended(file);
        }
        self.mended.get(file as usize).copied().unwrap_or_default()
    }

    /// The numbers of the commits that changed a file, newest first.
    fn commits_of(&self, file: FileId) -> &[u32] {
        let start = self.starts.get(file as usize).copied().unwrap_or_default() as usize;
        let end = self.starts.get(file as usize + 1).copied().unwrap_or(start as u32) as usize;
        self.touched.get(start..end).unwrap_or_default()
    }

    /// The commits whose messages are alike to a text: the cosine of their words, rare words
    /// counting more.
    pub fn alike(&self, text: &str) -> Alike {
        if !self.parts.is_empty() {
            let parts = self.parts.iter().map(|it| it.1.alike(text)).collect();
            return Alike { likeness: HashMap::default(), parts };
        }
        let mut asked = HashMap::default();
        add_words(text, 1.0, &mut asked);
        let known = self.lengths.len().clamp(1, MOST_COMMITS) as f32;
        let mut length = 0.0;
        let mut sums: HashMap<u32, f32, FxBuildHasher> = HashMap::default();
        for term in asked.keys() {
            let postings = self.terms.get(term).map_or(&[][..], Vec::as_slice);
            let worth = idf(known, postings.len() as f32);
            length += worth * worth;
            for &(commit, weight) in postings {
                *sums.entry(commit).or_default() += worth * worth * weight;
            }
        }
        let length = length.sqrt().max(1.0);
        let mut all: Vec<(u32, f32)> = sums
            .into_iter()
            .map(|(commit, sum)| (commit, sum / (length * self.lengths[commit as usize])))
            .collect();
        if all.len() > MOST_ALIKE {
            all.select_nth_unstable_by(MOST_ALIKE, |one, other| {
                other.1.total_cmp(&one.1).then(one.0.cmp(&other.0))
            });
            all.truncate(MOST_ALIKE);
        }
        Alike { likeness: all.into_iter().collect(), parts: Vec::new() }
    }

    /// What commits that are alike say of a file: the best counts whole, the next half, and so on.
    pub fn hint(&self, file: FileId, alike: &Alike) -> Hint {
        if let Some((at, part, file)) = self.part(file) {
            return alike.parts.get(at).map(|it| part.hint(file, it)).unwrap_or_default();
        }
        if alike.likeness.is_empty() {
            return Hint::default();
        }
        let mut best = [(0.0f32, None); 3];
        for &commit in self.commits_of(file) {
            let Some(&likeness) = alike.likeness.get(&commit) else { continue };
            let mut it = (likeness * self.shares[commit as usize], Some(commit));
            for place in &mut best {
                if it.0 > place.0 {
                    std::mem::swap(place, &mut it);
                }
            }
        }
        Hint { alike: best[0].0 + 0.5 * best[1].0 + 0.25 * best[2].0, commit: best[0].1 }
    }
}

/// How much a rare word counts more than a common one.
fn idf(all: f32, having: f32) -> f32 {
    (1.0 + (all - having + 0.5).max(0.0) / (having + 0.5)).ln()
}

/// Adds the stems of a text; each counts once, as where it counts most.
fn add_words(text: &str, weight: f32, into: &mut HashMap<Box<[u8]>, f32, FxBuildHasher>) {
    let mut lower = Vec::new();
    tokens::for_each_word(text.as_bytes(), |_, word| {
        tokens::for_each_part(word, |part| {
            lower.clear();
            tokens::push_lower(&mut lower, part);
            let stem = tokens::stem(&lower);
            if stem.len() > 1 && stem.len() <= 40 && !stem.iter().all(u8::is_ascii_digit) {
                let known = into.entry(stem.into()).or_insert(weight);
                *known = known.max(weight);
            }
        });
    });
}
