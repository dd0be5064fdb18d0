//! Ranked text search: BM25F over content, symbols and path, with coverage and standing inside
//! the score.
//!
//! Formula: S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
//! (2009), §3.6: term frequencies are summed over the fields, weighted and normalised by each
//! field's length, before they saturate.

use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, SegmentReader, TERMINATED, Term};

use super::IndexError;
use super::exact::Wanted;
use super::snapshot::{ContentView, Snapshot};
use crate::engine::files::FileId;
use crate::engine::tokens;

/// Saturation of repeated words.
const K1: f32 = 1.2;
/// How much a field's length counts.
const B: f32 = 0.75;
/// Weight of all parts of a word that has several.
const PART: f32 = 0.6;
/// Weight of a word in the content, and of the same word standing alone.
const CONTENT: f32 = 1.0;
/// Weight of a whole identifier of several parts.
const WHOLE: f32 = 2.0;
/// Weight in the file name.
const NAME: f32 = 5.0;
/// Weight in the folders.
const FOLDER: f32 = 2.0;
/// Weight of a word that the file defines.
const SYMBOL: f32 = 3.0;
/// Most files that may hold a whole identifier for it to count.
const MOST_WHOLE: usize = 400;
/// How much covering all words of the query adds, as a share of the score.
const COVERAGE: f32 = 1.0;
/// Most words that a beginning of a word stands for.
const MOST_EXPANSIONS: usize = 48;
/// Most dictionary entries that are looked at for those.
const MOST_LOOKED_AT: usize = 4096;

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct TextQuery {
    /// The words as typed.
    pub words: Vec<String>,
    /// Whether the last word may still be unfinished.
    pub unfinished: bool,
}

/// One file that holds at least one of the words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextHit {
    /// The file.
    pub file: FileId,
    /// Higher is better; comparable within one query only.
    pub score: f32,
    /// Bit n is set when word n occurs.
    pub covered: u32,
}

/// One thing to look up: the terms of its fields, each with its weight.
struct Group {
    word: usize,
    weight: f32,
    terms: Vec<(Term, f32)>,
}

impl Snapshot {
    /// The files that fit the query, best first, at most `limit`. `keep` filters by file.
    pub fn search_text(
        &self,
        query: &TextQuery,
        keep: &dyn Fn(FileId) -> bool,
        limit: usize,
    ) -> Result<(Vec<TextHit>, usize), IndexError> {
        let Some(view) = &self.content else { return Ok((Vec::new(), 0)) };
        let groups = groups_of(view, query)?;
        let documents = view.searcher.num_docs().max(1) as f32;
        let mut weights = Vec::with_capacity(groups.len());
        for group in &groups {
            let mut frequency = 0;
            for (term, _) in &group.terms {
                frequency = frequency.max(view.searcher.doc_freq(term)?);
            }
            weights.push(idf(documents, frequency as f32) * group.weight);
        }
        let names = self.names_of(query, documents);
        let all_words = query.words.len().max(1) as f32;
        let mut hits = Vec::new();
        for (place, segment) in view.searcher.segment_readers().iter().enumerate() {
            let size = segment.max_doc() as usize;
            let mut scores = vec![0f32; size];
            let mut covered = vec![0u32; size];
            let mut frequency = vec![0f32; size];
            let mut touched = Vec::new();
            for (group, weight) in groups.iter().zip(&weights) {
                gather(segment, group, &mut frequency, &mut touched)?;
                for doc in touched.drain(..) {
                    let tf = std::mem::take(&mut frequency[doc as usize]);
                    scores[doc as usize] += weight * saturated(tf);
                    covered[doc as usize] |= 1 << group.word.min(31);
                }
            }
            for doc in 0..segment.max_doc() {
                let score = scores[doc as usize];
                if score <= 0.0 || segment.is_deleted(doc) {
                    continue;
                }
                let Some(file) = view.id(&self.files, place, doc) else { continue };
                if !keep(file) {
                    continue;
                }
                let score = score + names.get(file as usize).copied().unwrap_or_default();
                let covered = covered[doc as usize];
                let share = covered.count_ones() as f32 / all_words;
                let standing = self.files.facts(file).standing.factor();
                let score = score * (1.0 + COVERAGE * share * share) * standing;
                hits.push(TextHit { file, score, covered });
            }
        }
        let total = hits.len();
        let order = |one: &TextHit, other: &TextHit| {
            other
                .score
                .total_cmp(&one.score)
                .then_with(|| self.files.path(one.file).cmp(self.files.path(other.file)))
        };
        if hits.len() > limit {
            hits.select_nth_unstable_by(limit, order);
            hits.truncate(limit);
        }
        hits.sort_unstable_by(order);
        Ok((hits, total))
    }

    /// What each file gains, by its id, for defining a word of the query or for holding one that has
    /// several parts as a whole. Empty when none does.
    fn names_of(&self, query: &TextQuery, documents: f32) -> Vec<f32> {
        let mut gains = Vec::new();
        let mut add = |mut files: Vec<FileId>, weight: f32| {
            files.sort_unstable();
            files.dedup();
            let worth = idf(documents, files.len() as f32) * saturated(weight);
            gains.resize(self.files.ids() as usize, 0.0);
            for file in files {
                if let Some(gain) = gains.get_mut(file as usize) {
                    *gain += worth;
                }
            }
        };
        for typed in &query.words {
            tokens::for_each_word(typed.as_bytes(), |_, word| {
                let mut lower = Vec::new();
                tokens::push_lower(&mut lower, word);
                let defined = self.exact.defining(&lower, &self.files);
                if !defined.is_empty() {
                    add(defined.iter().map(|it| it.file).collect(), SYMBOL);
                }
                let mut parts = 0;
                tokens::for_each_part(word, |_| parts += 1);
                if parts > 1 {
                    let wanted = Wanted::of(&String::from_utf8_lossy(word));
                    let files = self.exact.able(&wanted, &self.files).unwrap_or_default();
                    if !files.is_empty() && files.len() <= MOST_WHOLE {
                        add(files, WHOLE);
                    }
                }
            });
        }
        gains
    }
}

/// How much a rare word counts more than a common one.
fn idf(documents: f32, frequency: f32) -> f32 {
    (1.0 + (documents - frequency + 0.5).max(0.0) / (frequency + 0.5)).ln()
}

/// A weighted frequency as it counts: the more, the less one more adds.
fn saturated(frequency: f32) -> f32 {
    frequency * (K1 + 1.0) / (frequency + K1)
}

fn groups_of(view: &ContentView, query: &TextQuery) -> Result<Vec<Group>, IndexError> {
    let fields = &view.fields;
    let mut groups = Vec::new();
    let last = query.words.len().saturating_sub(1);
    for (place, typed) in query.words.iter().enumerate() {
        tokens::for_each_word(typed.as_bytes(), |_, word| {
            let mut parts: Vec<String> = Vec::new();
            tokens::for_each_part(word, |part| {
                let mut lower = Vec::new();
                tokens::push_lower(&mut lower, part);
                if lower.len() > 1 {
                    parts.push(String::from_utf8_lossy(tokens::stem(&lower)).into_owned());
                }
            });
            let weight = if parts.len() == 1 { 1.0 } else { PART / parts.len() as f32 };
            for part in &parts {
                let of = |field, weight| (Term::from_field_text(field, part), weight);
                groups.push(Group {
                    word: place,
                    weight,
                    terms: vec![
                        of(fields.part, CONTENT),
                        of(fields.name, NAME),
                        of(fields.folder, FOLDER),
                    ],
                });
            }
        });
        if query.unfinished
            && place == last
            && typed.len() >= 3
            && let Some(group) = expand(view, place, typed)?
        {
            groups.push(group);
        }
    }
    Ok(groups)
}

/// The identifiers that an unfinished word may become.
fn expand(view: &ContentView, word: usize, typed: &str) -> Result<Option<Group>, IndexError> {
    let start = typed.to_lowercase();
    if !start.bytes().all(tokens::is_word_byte) {
        return Ok(None);
    }
    let mut found: Vec<(u32, String)> = Vec::new();
    for segment in view.searcher.segment_readers() {
        let index = segment.inverted_index(view.fields.part)?;
        let mut stream = index
            .terms()
            .range()
            .gt(start.as_bytes())
            .into_stream()
            .map_err(tantivy::TantivyError::from)?;
        let mut looked_at = 0;
        while stream.advance() && looked_at < MOST_LOOKED_AT {
            if !stream.key().starts_with(start.as_bytes()) {
                break;
            }
            looked_at += 1;
            if let Ok(term) = std::str::from_utf8(stream.key()) {
                found.push((stream.value().doc_freq, term.to_owned()));
            }
        }
    }
    found.sort_by(|one, other| one.1.cmp(&other.1));
    found.dedup_by(|next, kept| {
        let same = next.1 == kept.1;
        if same {
            kept.0 += next.0;
        }
        same
    });
    found.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    found.truncate(MOST_EXPANSIONS);
    if found.is_empty() {
        return Ok(None);
    }
    let terms = found
        .iter()
        .flat_map(|(_, term)| {
            [(view.fields.part, CONTENT), (view.fields.name, NAME)]
                .map(|(field, weight)| (Term::from_field_text(field, term), weight))
        })
        .collect();
    Ok(Some(Group { word, weight: 0.5, terms }))
}

/// Adds up the weighted, length-normalised frequencies of a group's terms per document.
fn gather(
    segment: &SegmentReader,
    group: &Group,
    frequency: &mut [f32],
    touched: &mut Vec<u32>,
) -> Result<(), IndexError> {
    for (term, weight) in &group.terms {
        let index = segment.inverted_index(term.field())?;
        let Some(mut postings) = index
            .read_postings(term, IndexRecordOption::WithFreqs)
            .map_err(tantivy::TantivyError::from)?
        else {
            continue;
        };
        let norms = segment.get_fieldnorms_reader(term.field())?;
        let average = average_length(segment, index.total_num_tokens());
        while postings.doc() != TERMINATED {
            let doc = postings.doc();
            let length = norms.fieldnorm(doc) as f32;
            let tf = tantivy::postings::Postings::term_freq(&postings) as f32;
            let add = weight * tf / (1.0 - B + B * length / average);
            let slot = &mut frequency[doc as usize];
            if *slot == 0.0 {
                touched.push(doc);
            }
            *slot += add;
            postings.advance();
        }
    }
    Ok(())
}

fn average_length(segment: &SegmentReader, tokens: u64) -> f32 {
    (tokens as f32 / segment.max_doc().max(1) as f32).max(1.0)
}
