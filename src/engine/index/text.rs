//! Ranked text search: BM25F over content, symbols and path. What else is known of a file is brought
//! in by the caller, for every file, not only for the best.
//!
//! Formula: S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
//! (2009), §3.6: term frequencies are summed over the fields, weighted and normalised by each
//! field's length, before they saturate.

use std::sync::{Arc, Weak};

use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{DocId, InvertedIndexReader, SegmentReader, Term};

use super::IndexError;
use super::exact::Wanted;
use super::groups::{Group, groups_of};
use super::snapshot::{ContentView, Snapshot};
use crate::engine::files::FileId;
use crate::engine::tokens;

/// Saturation of repeated words.
const K1: f32 = 1.2;
/// How much a field's length counts.
const B: f32 = 0.75;
/// Weight of a whole identifier of several parts.
const WHOLE: f32 = 2.0;
/// Most files that may hold a whole identifier for it to count.
const MOST_WHOLE: usize = 400;
/// Weight of a word that the file defines. Small: nearly every word of a sentence is also the name of
/// some method.
const SYMBOL: f32 = 0.2;

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
    /// How well its text fits, as a share of the best.
    pub share: f32,
    /// Bit n is set when word n occurs.
    pub covered: u32,
}

/// Most words whose scores are kept for the next query.
const MOST_KEPT: usize = 8;

/// Files that hold words of a query, best first.
#[derive(Debug, Default)]
pub struct TextHits {
    /// The best of them.
    pub best: Vec<TextHit>,
    /// How many there are, of which `best` are the first.
    pub total: usize,
}

/// What a searcher keeps from query to query: while a person types, all words but the last stay
/// what they were.
#[derive(Default)]
pub struct TextMemory {
    /// The text that the words were looked up in.
    view: Weak<ContentView>,
    words: Vec<KnownWord>,
    scores: Vec<f32>,
    covered: Vec<u32>,
    frequency: Vec<f32>,
    touched: Vec<DocId>,
}

/// What a word adds to documents of one segment.
type Scores = Vec<(DocId, f32)>;

/// The scores of one word by segment, where it occurs.
struct KnownWord {
    text: String,
    unfinished: bool,
    scores: Vec<Scores>,
}

impl Snapshot {
    /// The files that hold any of the words, best first, at most `limit` and all of them counted.
    /// `judge` is asked once for each file what its score is
    /// in the end; nothing when it does not count. Without an answer once `cancelled`.
    pub fn search_text(
        &self,
        query: &TextQuery,
        memory: &mut TextMemory,
        limit: usize,
        judge: &mut dyn FnMut(TextHit) -> Option<f32>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<TextHits, IndexError> {
        let Some(view) = &self.content else { return Ok(TextHits::default()) };
        memory.turn_to(view);
        let last = query.words.len().saturating_sub(1);
        let asked = |place: usize| query.unfinished && place == last;
        if limit == 0 {
            return self.count_text(view, query, memory, judge, cancelled);
        }
        for (place, word) in query.words.iter().enumerate() {
            if !memory.words.iter().any(|it| it.is(word, asked(place))) {
                let Some(scores) = score(view, word, asked(place), memory, cancelled)? else {
                    return Ok(TextHits::default());
                };
                let (text, unfinished) = (word.clone(), asked(place));
                memory.words.push(KnownWord { text, unfinished, scores });
            }
        }
        let names = self.names_of(query, view.documents());
        let mut hits = Vec::new();
        for (segment, reader) in view.segments.iter().enumerate() {
            memory.scores.clear();
            memory.scores.resize(reader.max_doc() as usize, 0.0);
            memory.covered.clear();
            memory.covered.resize(reader.max_doc() as usize, 0);
            for (place, word) in query.words.iter().enumerate() {
                let known = memory.words.iter().find(|it| it.is(word, asked(place)));
                for &(doc, score) in known.map_or(&[][..], |it| &it.scores[segment]) {
                    memory.scores[doc as usize] += score;
                    memory.covered[doc as usize] |= 1 << place.min(31);
                }
            }
            for (doc, (&score, &covered)) in memory.scores.iter().zip(&memory.covered).enumerate() {
                if score <= 0.0 || reader.is_deleted(doc as DocId) {
                    continue;
                }
                let Some(file) = view.id(&self.files, segment, doc as DocId) else { continue };
                let score = score + names.get(file as usize).copied().unwrap_or_default();
                hits.push(TextHit { file, score, share: 0.0, covered });
            }
        }
        memory.words.retain(|it| query.words.contains(&it.text));
        let surplus = memory.words.len().saturating_sub(MOST_KEPT);
        memory.words.drain(..surplus);
        let most = hits.iter().map(|it| it.score).fold(f32::MIN_POSITIVE, f32::max);
        hits.retain_mut(|hit| {
            hit.share = hit.score / most;
            let judged = judge(*hit);
            hit.score = judged.unwrap_or_default();
            judged.is_some()
        });
        let total = hits.len();
        let order = |one: &TextHit, other: &TextHit| {
            other.score.total_cmp(&one.score).then_with(|| {
                let (one, other) = (self.files.path(one.file), self.files.path(other.file));
                one.len().cmp(&other.len()).then_with(|| one.cmp(other))
            })
        };
        if hits.len() > limit {
            hits.select_nth_unstable_by(limit, order);
            hits.truncate(limit);
        }
        hits.sort_unstable_by(order);
        Ok(TextHits { best: hits, total })
    }

    /// How much a word says, by how few files hold its stem: its idf. The stem is in lower case.
    pub fn worth_of(&self, stem: &str) -> f32 {
        let Some(view) = &self.content else { return 1.0 };
        let frequency = [view.fields.part, view.fields.name, view.fields.folder]
            .into_iter()
            .filter_map(|field| view.frequency(&Term::from_field_text(field, stem)).ok())
            .max();
        idf(view.documents(), frequency.unwrap_or_default() as f32)
    }

    /// Only counts: no place in the list is left for what the contents hold.
    fn count_text(
        &self,
        view: &ContentView,
        query: &TextQuery,
        memory: &mut TextMemory,
        judge: &mut dyn FnMut(TextHit) -> Option<f32>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<TextHits, IndexError> {
        let last = query.words.len().saturating_sub(1);
        let mut groups = Vec::new();
        for (place, word) in query.words.iter().enumerate() {
            groups.extend(groups_of(view, word, query.unfinished && place == last)?);
        }
        let mut total = 0;
        for (segment, reader) in view.segments.iter().enumerate() {
            let held = &mut memory.covered;
            held.clear();
            held.resize(reader.max_doc() as usize, 0);
            for entry in groups.iter().flat_map(|group| &group.entries) {
                if cancelled() {
                    return Ok(TextHits::default());
                }
                let Some(info) = entry.in_segment(segment) else { continue };
                let index = reader.inverted_index(entry.field)?;
                let read = index.read_block_postings_from_terminfo(info, IndexRecordOption::Basic);
                let mut block = read.map_err(tantivy::TantivyError::from)?;
                while !block.docs().is_empty() {
                    for &doc in block.docs() {
                        held[doc as usize] = 1;
                    }
                    block.advance();
                }
            }
            for doc in (0..reader.max_doc()).filter(|&doc| held[doc as usize] != 0) {
                if !reader.is_deleted(doc)
                    && let Some(file) = view.id(&self.files, segment, doc)
                {
                    let hit = TextHit { file, score: 1.0, share: 1.0, covered: 0 };
                    total += usize::from(judge(hit).is_some());
                }
            }
        }
        Ok(TextHits { best: Vec::new(), total })
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

impl KnownWord {
    fn is(&self, text: &str, unfinished: bool) -> bool {
        self.text == text && self.unfinished == unfinished
    }
}

impl TextMemory {
    /// Forgets what was looked up in another text.
    fn turn_to(&mut self, view: &Arc<ContentView>) {
        if !std::ptr::eq(self.view.as_ptr(), Arc::as_ptr(view)) {
            // A weak reference keeps the address from being used again.
            self.view = Arc::downgrade(view);
            self.words.clear();
        }
    }
}

/// What a word adds to the scores of the documents that hold it, by segment; `None` once cancelled.
fn score(
    view: &ContentView,
    word: &str,
    unfinished: bool,
    memory: &mut TextMemory,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<Vec<Scores>>, IndexError> {
    let groups = groups_of(view, word, unfinished)?;
    let documents = view.documents();
    let weight = |group: &Group| idf(documents, group.documents() as f32) * group.weight;
    let weights: Vec<f32> = groups.iter().map(weight).collect();
    let mut lengths: Vec<(Field, [f32; 256])> = Vec::new();
    for entry in groups.iter().flat_map(|it| &it.entries) {
        if lengths.iter().all(|it| it.0 != entry.field) {
            lengths.push((entry.field, lengths_of(view, entry.field)?));
        }
    }
    let TextMemory { scores, frequency, touched, .. } = memory;
    let mut found = Vec::new();
    for (place, segment) in view.segments.iter().enumerate() {
        let size = segment.max_doc() as usize;
        scores.clear();
        scores.resize(size, 0.0);
        frequency.clear();
        frequency.resize(size, 0.0);
        for (group, weight) in groups.iter().zip(&weights) {
            touched.clear();
            if !gather(view, place, group, &lengths, frequency, touched, cancelled)? {
                return Ok(None);
            }
            for &doc in &*touched {
                let tf = std::mem::take(&mut frequency[doc as usize]);
                scores[doc as usize] += weight * saturated(tf);
            }
        }
        let held = scores.iter().enumerate().filter(|(_, score)| **score > 0.0);
        found.push(held.map(|(doc, &score)| (doc as DocId, score)).collect());
    }
    Ok(Some(found))
}

/// Adds up the weighted, length-normalised frequencies of a group's terms per document; false once
/// cancelled.
fn gather(
    view: &ContentView,
    place: usize,
    group: &Group,
    lengths: &[(Field, [f32; 256])],
    frequency: &mut [f32],
    touched: &mut Vec<DocId>,
    cancelled: &dyn Fn() -> bool,
) -> Result<bool, IndexError> {
    let Some(segment) = view.segments.get(place) else { return Ok(true) };
    let mut opened: Option<(Field, FieldNormReader, Arc<InvertedIndexReader>)> = None;
    for entry in &group.entries {
        if cancelled() {
            return Ok(false);
        }
        let Some(info) = entry.in_segment(place) else { continue };
        let Some((_, lengths)) = lengths.iter().find(|it| it.0 == entry.field) else { continue };
        let (_, norms, index) = match opened.take() {
            Some(same) if same.0 == entry.field => opened.insert(same),
            _ => {
                let norms = segment.get_fieldnorms_reader(entry.field)?;
                opened.insert((entry.field, norms, segment.inverted_index(entry.field)?))
            }
        };
        let read = index.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs);
        let mut block = read.map_err(tantivy::TantivyError::from)?;
        while !block.docs().is_empty() {
            for (&doc, &count) in block.docs().iter().zip(block.freqs()) {
                let add =
                    entry.weight * count as f32 / lengths[usize::from(norms.fieldnorm_id(doc))];
                let slot = &mut frequency[doc as usize];
                if *slot == 0.0 {
                    touched.push(doc);
                }
                *slot += add;
            }
            block.advance();
        }
    }
    Ok(true)
}

/// What a frequency is divided by, for each id of a field's length. The mean length is that of all
/// segments: with one for each of them, a file's place would depend on how the build happened to
/// share out the files.
fn lengths_of(view: &ContentView, field: Field) -> Result<[f32; 256], IndexError> {
    let mut tokens = 0;
    for segment in &view.segments {
        tokens += segment.inverted_index(field)?.total_num_tokens();
    }
    let documents: u32 = view.segments.iter().map(SegmentReader::max_doc).sum();
    let average = (tokens as f32 / documents.max(1) as f32).max(1.0);
    let mut lengths = [0f32; 256];
    for (id, slot) in (0u8..=255).zip(&mut lengths) {
        *slot = 1.0 - B + B * FieldNormReader::id_to_fieldnorm(id) as f32 / average;
    }
    Ok(lengths)
}
