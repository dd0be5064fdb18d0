//! The ranking of files by their text: one function of named signals.
//!
//! It works in two steps. Every file that holds a word is judged by what costs nothing to know; the
//! best of those are judged again with what their paths and lines say. The weights are those that
//! `examples/fit_ranking.rs` finds on past fixes of public repositories; see `docs/ranking.md`.

use std::collections::BTreeMap;

use super::filter::Filter;
use crate::base::text;
use crate::engine::files::{FileId, FileList};
use crate::engine::history::{Alike, Hint, Past};
use crate::engine::index::{Snapshot, TextHit};
use crate::engine::standing::Standing;
use crate::engine::tokens;

/// What is known of a file in the light of a query.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Signals {
    /// How well its text fits, from 0 to 1 for the best of all files.
    pub text: f32,
    /// The share of the words that it holds.
    pub covered: f32,
    /// The share of what the query says that its path says too.
    pub path: f32,
    /// The share of what its own name says that the query says too.
    pub name: f32,
    /// The share of what the query says that its best line says too.
    pub line: f32,
    /// The share of what neighbouring words of the query say that stand next to each other in it too.
    pub pairs: f32,
    /// What kind of file it is: its place in [`Standing`].
    pub standing: f32,
    /// How lately it was changed, from 0 to 1.
    pub recent: f32,
    /// How often it was mended, by age and by how few files were touched.
    pub mended: f32,
    /// How much commits that touched it say what the query says, from 0 to about 1.
    pub alike: f32,
    /// The factor for what kind of file it is.
    pub factor: f32,
}

impl Signals {
    /// Each with its name.
    pub fn named(&self) -> [(&'static str, f32); 11] {
        [
            ("text", self.text),
            ("covered", self.covered),
            ("path", self.path),
            ("name", self.name),
            ("line", self.line),
            ("pairs", self.pairs),
            ("standing", self.standing),
            ("factor", self.factor),
            ("recent", self.recent),
            ("mended", self.mended),
            ("alike", self.alike),
        ]
    }
}

/// How much each signal counts, against the best text of all files.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// What covering all words adds to the text, as a share.
    pub coverage: f32,
    /// The path.
    pub path: f32,
    /// The file's own name.
    pub name: f32,
    /// The best line.
    pub line: f32,
    /// Neighbouring words.
    pub pairs: f32,
    /// What a change of today adds, as a share.
    pub recent: f32,
    /// What one fix of today adds, as a share.
    pub mended: f32,
    /// A commit that says the same.
    pub alike: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            coverage: 1.0,
            path: 3.0,
            name: 0.5,
            line: 1.4,
            pairs: 2.5,
            recent: 0.15,
            mended: 0.05,
            alike: 2.75,
        }
    }
}

impl Weights {
    /// The score of a file.
    pub fn score(&self, it: &Signals) -> f32 {
        let text = it.text * (1.0 + self.coverage * it.covered * it.covered);
        let names = self.path * it.path + self.name * it.name;
        let words = text + names + self.line * it.line + self.pairs * it.pairs;
        let past = (1.0 + self.recent * it.recent) * (1.0 + self.mended * it.mended.sqrt());
        (words * past + self.alike * it.alike) * it.factor
    }
}

/// Judges files for one query.
pub(super) struct Judge<'a> {
    files: &'a FileList,
    filter: &'a Filter<'a>,
    past: Option<&'a Past>,
    alike: Alike,
    words: usize,
    /// The stems of the query with what each says.
    worth: BTreeMap<Vec<u8>, f32>,
    needles: Vec<Needle>,
    /// Needles, by their places, that stand next to each other in the query, and what they say.
    pairs: Vec<(usize, usize, f32)>,
    all: f32,
    /// What is left of a score, by the place of the file's [`Standing`].
    factors: [f32; STANDINGS.len()],
    weights: Weights,
}

impl<'a> Judge<'a> {
    /// One for these words.
    pub(super) fn new(snapshot: &'a Snapshot, filter: &'a Filter<'a>, words: &[&str]) -> Self {
        let past = snapshot.past.as_deref().filter(|it| !it.is_empty());
        // While a name is typed, every key would ask anew for what no commit says.
        let alike = past.filter(|_| words.len() > 1).map(|it| it.alike(&words.join(" ")));
        // In order, so that the same query always sums up to the same.
        let mut worth = BTreeMap::new();
        for word in words {
            for_each_stem(word.as_bytes(), |stem| {
                worth
                    .entry(stem.to_vec())
                    .or_insert_with(|| snapshot.worth_of(&String::from_utf8_lossy(stem)));
            });
        }
        let all = worth.values().sum::<f32>().max(0.01);
        let mut needles: Vec<Needle> = worth
            .iter()
            .map(|(stem, worth): (&Vec<u8>, &f32)| Needle {
                stem: stem.clone(),
                worth: *worth,
                finder: memchr::memmem::Finder::new(stem).into_owned(),
            })
            .collect();
        needles.sort_by(|one, other| {
            other.worth.total_cmp(&one.worth).then(one.stem.cmp(&other.stem))
        });
        needles.truncate(MOST_NEEDLES);
        let pairs = pairs(words, &needles);
        let alike = alike.unwrap_or_default();
        let factors = STANDINGS.map(|it| factor(it, &worth));
        let (files, weights) = (&*snapshot.files, Weights::default());
        Self {
            files,
            filter,
            past,
            alike,
            words: words.len(),
            worth,
            needles,
            pairs,
            all,
            factors,
            weights,
        }
    }

    /// Whether earlier commits say what the query says.
    pub(super) fn has_alike(&self) -> bool {
        !self.alike.is_empty()
    }

    /// What is known of every file.
    pub(super) fn signals(&self, hit: TextHit) -> Signals {
        let standing = self.files.facts(hit.file).standing;
        Signals {
            text: hit.share,
            covered: hit.covered.count_ones() as f32 / self.words.clamp(1, 32) as f32,
            standing: f32::from(standing as u8),
            factor: self.factors[standing as usize],
            recent: self.past.map_or(0.0, |it| it.recent(hit.file)),
            mended: self.past.map_or(0.0, |it| it.mended(hit.file)),
            alike: self.hint(hit.file).alike,
            ..Signals::default()
        }
    }

    /// The same with what its path and its lines say.
    pub(super) fn closer(&self, known: Signals, file: FileId, text: Option<&[u8]>) -> Signals {
        let lower = self.files.lower(file);
        let name = crate::base::path::stem_of(crate::base::path::name_of(lower));
        let (mut said, mut own, mut asked) = (0.0, 0.0, 0.0);
        let mut seen: Vec<Vec<u8>> = Vec::new();
        for_each_stem(self.files.path(file), |stem| {
            if let Some(worth) = self.worth.get(stem)
                && !seen.iter().any(|it| it == stem)
            {
                seen.push(stem.to_vec());
                said += worth;
            }
        });
        for_each_stem(original(self.files.path(file), name.len()), |stem| {
            // What the query does not say counts as much as its common words.
            let worth = self.worth.get(stem).copied();
            own += worth.unwrap_or(2.0);
            asked += worth.unwrap_or_default();
        });
        let (line, pairs) = text.map_or((0.0, 0.0), |it| self.lines(it));
        Signals {
            path: (said / self.all).min(1.0),
            name: if own > 0.0 { asked / own } else { 0.0 },
            line,
            pairs,
            ..known
        }
    }

    /// The share of the query that the best line of a text says, and the share of its neighbours that
    /// are neighbours there: words of one identifier, or with a mark or two between them.
    fn lines(&self, text: &[u8]) -> (f32, f32) {
        let lower = text.to_ascii_lowercase();
        let mut hits: Vec<Hit> = Vec::new();
        for (needle, it) in self.needles.iter().enumerate() {
            let found = it.finder.find_iter(&lower);
            let parts = found.filter_map(|at| {
                part_end(text, &lower, at, &it.stem).map(|end| Hit { at, end, needle })
            });
            hits.extend(parts.take(MOST_OF_ONE));
        }
        hits.sort_unstable_by_key(|it| it.at);
        let (mut best, mut said, mut seen, mut end) = (0.0f32, 0.0, 0u64, 0);
        for hit in &hits {
            if hit.at >= end {
                (said, seen) = (0.0, 0);
                end = memchr::memchr(b'\n', &lower[hit.at..]).map_or(lower.len(), |it| hit.at + it);
            }
            if seen & (1 << hit.needle) == 0 {
                seen |= 1 << hit.needle;
                said += self.needles[hit.needle].worth;
                best = best.max(said);
            }
        }
        ((best / self.all).min(1.0), self.neighbours(text, &hits))
    }

    /// The share of the query's neighbours that stand next to each other in a text.
    fn neighbours(&self, text: &[u8], hits: &[Hit]) -> f32 {
        let all: f32 = self.pairs.iter().map(|it| it.2).sum();
        if all <= 0.0 {
            return 0.0;
        }
        let mut found = vec![false; self.pairs.len()];
        for two in hits.windows(2) {
            let between = text.get(two[0].end..two[1].at);
            let near = between.is_some_and(|it| {
                it.len() <= MOST_BETWEEN
                    && !it.iter().any(|it| it.is_ascii_alphanumeric() || *it == b'\n')
            });
            let is_pair = |it: &(usize, usize, f32)| (it.0, it.1) == (two[0].needle, two[1].needle);
            if near && let Some(place) = self.pairs.iter().position(is_pair) {
                found[place] = true;
            }
        }
        let said: f32 = self.pairs.iter().zip(&found).filter(|it| *it.1).map(|it| it.0.2).sum();
        said / all
    }

    /// Its score by the signals.
    pub(super) fn score(&self, signals: &Signals) -> f32 {
        self.weights.score(signals)
    }

    /// The score by what is known of every file, unless a filter leaves it out.
    pub(super) fn judge(&self, hit: TextHit) -> Option<f32> {
        self.filter.keeps(hit.file).then(|| self.score(&self.signals(hit)))
    }

    /// The commit that is most alike of those that touched a file, when it is much alike.
    pub(super) fn commit_shown(&self, file: FileId) -> Option<String> {
        let hint = self.hint(file);
        let number = hint.commit.filter(|_| hint.alike >= TELLING)?;
        let commit = self.past?.commit(file, number)?;
        let id = commit.hex();
        let subject = text::clean_line(commit.subject());
        let subject = text::truncate(&subject, LONGEST_SUBJECT);
        Some(format!("like {} {subject}", id.get(..7).unwrap_or(&id)))
    }

    /// What commits that are alike say of a file.
    pub(super) fn hint(&self, file: FileId) -> Hint {
        self.past.map(|it| it.hint(file, &self.alike)).unwrap_or_default()
    }
}

/// All of them, in their order.
const STANDINGS: [Standing; 8] = [
    Standing::Source,
    Standing::Data,
    Standing::Docs,
    Standing::Test,
    Standing::Example,
    Standing::Migration,
    Standing::Generated,
    Standing::Vendored,
];

/// The factor for a kind of file, lifted where the stems of the query name that kind.
fn factor(standing: Standing, stems: &BTreeMap<Vec<u8>, f32>) -> f32 {
    let named = |words: &[&str]| words.iter().any(|it| stems.contains_key(it.as_bytes()));
    let lifted = match standing {
        Standing::Test => named(&["test", "spec", "fixtur", "cypress"]),
        Standing::Migration => named(&["migration", "migrat", "schema", "alembic"]),
        Standing::Docs => named(&["doc", "documentation", "readm", "changelog"]),
        Standing::Example => named(&["exampl", "sampl", "demo"]),
        Standing::Data => named(&[
            "css", "styl", "html", "templat", "yaml", "yml", "json", "config", "compos",
            "workflow", "docker", "nginx", "toml", "layout",
        ]),
        Standing::Source | Standing::Generated | Standing::Vendored => false,
    };
    let factor = standing.factor();
    if lifted { factor.max(0.9) } else { factor }
}

/// Columns of a commit's subject in a reason.
const LONGEST_SUBJECT: usize = 50;
/// A commit so much alike is told as a reason.
const TELLING: f32 = 0.12;
/// Most stems that are looked for in lines.
const MOST_NEEDLES: usize = 64;

/// Bytes between two words that stand next to each other, as in `pool->size` or `"pool": size`.
const MOST_BETWEEN: usize = 3;
/// Most places of one stem in a file.
const MOST_OF_ONE: usize = 2000;

/// A stem of the query, ready to be looked for.
struct Needle {
    stem: Vec<u8>,
    worth: f32,
    finder: memchr::memmem::Finder<'static>,
}

/// A stem of the query in a text.
struct Hit {
    at: usize,
    /// Where the word ends.
    end: usize,
    needle: usize,
}

/// Which needles stand next to each other in the words of a query, each pair once, and what the one
/// that says less says.
fn pairs(words: &[&str], needles: &[Needle]) -> Vec<(usize, usize, f32)> {
    let mut order = Vec::new();
    for word in words {
        for_each_stem(word.as_bytes(), |stem| {
            order.push(needles.iter().position(|it| it.stem == stem));
        });
    }
    let mut pairs: Vec<(usize, usize, f32)> = Vec::new();
    for two in order.windows(2) {
        if let [Some(one), Some(other)] = *two
            && one != other
            && !pairs.iter().any(|it| (it.0, it.1) == (one, other))
        {
            pairs.push((one, other, needles[one].worth.min(needles[other].worth)));
        }
    }
    pairs
}

/// Where the part of an identifier ends that begins at this place, if it has this stem.
fn part_end(text: &[u8], lower: &[u8], at: usize, stem: &[u8]) -> Option<usize> {
    let before = at.checked_sub(1).map(|it| text[it]);
    let begins = before.is_none_or(|it| {
        !tokens::is_word_byte(it)
            || it == b'_'
            || (text[at].is_ascii_uppercase() && !it.is_ascii_uppercase())
    });
    if !begins {
        return None;
    }
    let rest = &text[at..];
    let letters = rest.iter().take(40).position(|it| !tokens::is_word_byte(*it) || *it == b'_');
    let word = letters.unwrap_or(rest.len().min(40));
    let turn = rest[..word]
        .windows(2)
        .position(|it| it[0].is_ascii_lowercase() && it[1].is_ascii_uppercase());
    let end = at + turn.map_or(word, |it| it + 1);
    (tokens::stem(&lower[at..end]) == stem).then_some(end)
}

/// The file's name without its ending, with its capitals: they part its words.
fn original(path: &[u8], stem: usize) -> &[u8] {
    let name = crate::base::path::name_of(path);
    name.get(..stem).unwrap_or(name)
}

fn for_each_stem(text: &[u8], mut take: impl FnMut(&[u8])) {
    let mut lower = Vec::new();
    tokens::for_each_word(text, |_, word| {
        tokens::for_each_part(word, |part| {
            lower.clear();
            tokens::push_lower(&mut lower, part);
            if lower.len() > 1 {
                take(tokens::stem(&lower));
            }
        });
    });
}
