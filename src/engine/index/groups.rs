//! What a word of a query is looked up as: terms of several fields, each with where it stands in
//! every segment.
//!
//! Of an unfinished word there are dozens, and of several repositories there are hundreds of
//! segments. So what reading a dictionary tells is kept, and nothing is looked up twice.

use rustc_hash::FxHashMap;
use tantivy::Term;
use tantivy::postings::TermInfo;
use tantivy::schema::Field;

use super::IndexError;
use super::snapshot::ContentView;
use crate::engine::tokens;

/// Weight of all parts of a word that has several.
const PART: f32 = 0.6;
/// Weight of a word in the content, and of the same word standing alone.
const CONTENT: f32 = 1.0;
/// Weight in the file name.
const NAME: f32 = 5.0;
/// Weight in the folders.
const FOLDER: f32 = 2.0;
/// Weight of all that an unfinished word may become.
const UNFINISHED: f32 = 0.5;
/// Most words that a beginning of a word stands for.
const MOST_EXPANSIONS: usize = 48;
/// Most dictionary entries of a segment that are looked at for those.
const MOST_LOOKED_AT: usize = 4096;

/// One thing to look up: several terms that count as one.
pub(super) struct Group {
    /// How much it counts.
    pub(super) weight: f32,
    /// Those of one field follow each other.
    pub(super) entries: Vec<Entry>,
}

/// A term and where it is.
pub(super) struct Entry {
    /// Of which field.
    pub(super) field: Field,
    /// How much an occurrence counts.
    pub(super) weight: f32,
    /// By the segments that have it, in their order.
    found: Vec<(usize, TermInfo)>,
}

impl Group {
    /// In how many documents its commonest term stands.
    pub(super) fn documents(&self) -> u64 {
        let of = |entry: &Entry| entry.found.iter().map(|it| u64::from(it.1.doc_freq)).sum();
        self.entries.iter().map(of).max().unwrap_or_default()
    }
}

impl Entry {
    fn look_up(
        view: &ContentView,
        field: Field,
        text: &str,
        weight: f32,
    ) -> Result<Self, IndexError> {
        let term = Term::from_field_text(field, text);
        let mut found = Vec::new();
        for (place, segment) in view.segments.iter().enumerate() {
            let info = segment.inverted_index(field)?.get_term_info(&term);
            found.extend(info.map_err(tantivy::TantivyError::from)?.map(|it| (place, it)));
        }
        Ok(Self { field, weight, found })
    }

    /// Where it stands in a segment.
    pub(super) fn in_segment(&self, segment: usize) -> Option<&TermInfo> {
        let at = self.found.binary_search_by_key(&segment, |it| it.0).ok()?;
        self.found.get(at).map(|it| &it.1)
    }
}

/// The groups of a typed word; it may be the beginning of another one when it is `unfinished`.
pub(super) fn groups_of(
    view: &ContentView,
    typed: &str,
    unfinished: bool,
) -> Result<Vec<Group>, IndexError> {
    let fields = &view.fields;
    let mut all: Vec<(f32, String)> = Vec::new();
    tokens::for_each_word(typed.as_bytes(), |_, word| {
        let start = all.len();
        tokens::for_each_part(word, |part| {
            let mut lower = Vec::new();
            tokens::push_lower(&mut lower, part);
            if lower.len() > 1 {
                all.push((1.0, String::from_utf8_lossy(tokens::stem(&lower)).into_owned()));
            }
        });
        let parts = all.len() - start;
        if parts > 1 {
            all[start..].iter_mut().for_each(|it| it.0 = PART / parts as f32);
        }
    });
    let mut groups = Vec::new();
    for (weight, part) in &all {
        let fields = [(fields.part, CONTENT), (fields.name, NAME), (fields.folder, FOLDER)];
        let entries = fields.map(|(field, each)| Entry::look_up(view, field, part, each));
        let entries = entries.into_iter().collect::<Result<_, _>>()?;
        groups.push(Group { weight: *weight, entries });
    }
    if unfinished && typed.len() >= 3 {
        groups.extend(expand(view, typed)?);
    }
    Ok(groups)
}

/// The identifiers that an unfinished word may become: the commonest ones.
fn expand(view: &ContentView, typed: &str) -> Result<Option<Group>, IndexError> {
    let start = typed.to_lowercase();
    if !start.bytes().all(tokens::is_word_byte) {
        return Ok(None);
    }
    let mut words: Vec<(Vec<u8>, u64)> = Vec::new();
    let mut places: FxHashMap<Vec<u8>, usize> = FxHashMap::default();
    let mut found: Vec<(usize, usize, TermInfo)> = Vec::new();
    for segment in 0..view.segments.len() {
        let most = MOST_LOOKED_AT;
        for_each_longer(view, segment, view.fields.part, &start, most, |word, info| {
            let place = places.get(word).copied().unwrap_or_else(|| {
                places.insert(word.to_vec(), words.len());
                words.push((word.to_vec(), 0));
                words.len() - 1
            });
            words[place].1 += u64::from(info.doc_freq);
            found.push((place, segment, info.clone()));
        })?;
    }
    let order = |&one: &usize, &other: &usize| {
        let ((one, count), (other, others)) = (&words[one], &words[other]);
        others.cmp(count).then_with(|| one.cmp(other))
    };
    let mut best: Vec<usize> = (0..words.len()).collect();
    if best.len() > MOST_EXPANSIONS {
        best.select_nth_unstable_by(MOST_EXPANSIONS, order);
        best.truncate(MOST_EXPANSIONS);
    }
    best.sort_unstable_by(order);
    let entries = |field, weight| best.iter().map(move |_| Entry { field, weight, found: vec![] });
    let mut parts: Vec<Entry> = entries(view.fields.part, CONTENT).collect();
    let mut names: Vec<Entry> = entries(view.fields.name, NAME).collect();
    let mut chosen = vec![None; words.len()];
    for (number, &place) in best.iter().enumerate() {
        chosen[place] = Some(number);
    }
    for (place, segment, info) in found {
        if let Some(number) = chosen[place] {
            parts[number].found.push((segment, info));
        }
    }
    for segment in 0..view.segments.len() {
        let most = usize::MAX;
        for_each_longer(view, segment, view.fields.name, &start, most, |word, info| {
            if let Some(number) = places.get(word).and_then(|&place| chosen[place]) {
                names[number].found.push((segment, info.clone()));
            }
        })?;
    }
    parts.append(&mut names);
    Ok((!parts.is_empty()).then_some(Group { weight: UNFINISHED, entries: parts }))
}

/// Calls `take` with the terms of a field in one segment that begin with `start` and are longer, in
/// their order, at most `most` of them.
fn for_each_longer(
    view: &ContentView,
    segment: usize,
    field: Field,
    start: &str,
    most: usize,
    mut take: impl FnMut(&[u8], &TermInfo),
) -> Result<(), IndexError> {
    let Some(segment) = view.segments.get(segment) else { return Ok(()) };
    let index = segment.inverted_index(field)?;
    let terms = index.terms().range().gt(start.as_bytes());
    let mut stream = terms.into_stream().map_err(tantivy::TantivyError::from)?;
    for _ in 0..most {
        if !stream.advance() || !stream.key().starts_with(start.as_bytes()) {
            break;
        }
        take(stream.key(), stream.value());
    }
    Ok(())
}
