//! Which files can hold a literal text, told by the dictionary of identifiers.
//!
//! Every run of identifier characters in the indexed content is a term, in lower case. A literal
//! falls into such runs: one that is closed on both sides inside the literal must be a term of the
//! file; one at its edge must end, begin or lie within one. What remains is read and compared, so
//! the answer is that of a grep over the indexed files.

use tantivy::Term;

use super::IndexError;
use super::snapshot::Snapshot;
use super::text::CANCEL_EVERY;
use crate::engine::files::FileId;
use crate::engine::tokens;

/// Where a run of identifier characters touches the literal's ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    Whole,
    Start,
    End,
    Inside,
}

/// Files that are sooner read than narrowed by a walk over the whole dictionary.
const FEW: usize = 4000;

impl Snapshot {
    /// The files that may hold `literal` in any case, in no order; `None` when the index cannot
    /// tell and every file must be read. The answer means nothing once `cancelled`.
    pub fn may_hold(
        &self,
        literal: &str,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<FileId>>, IndexError> {
        let Some(view) = &self.content else { return Ok(None) };
        let runs = runs_of(literal);
        if runs.is_empty() {
            return Ok(None);
        }
        let mut answer: Option<Vec<FileId>> = None;
        // Whole runs are one look-up each and narrow the most; the edges need the dictionary.
        for (run, _) in runs.iter().filter(|(_, edge)| *edge == Edge::Whole) {
            let files = self.holding(view, &Term::from_field_text(view.fields.word, run))?;
            answer = Some(intersect(answer, files));
            if answer.as_ref().is_some_and(Vec::is_empty) {
                return Ok(answer);
            }
        }
        // An end in the literal is the start of a term: one range of the dictionary. The other edges
        // need all of it, which only pays while many files are left.
        let mut edges: Vec<_> = runs.iter().filter(|(_, edge)| *edge != Edge::Whole).collect();
        edges.sort_by_key(|(_, edge)| *edge != Edge::End);
        for (run, edge) in edges {
            if answer.as_ref().is_some_and(|files| files.len() <= FEW) {
                return Ok(answer);
            }
            let mut files = Vec::new();
            let finder = memchr::memmem::Finder::new(run.as_bytes());
            for segment in view.searcher.segment_readers() {
                let index = segment.inverted_index(view.fields.word)?;
                let terms = index.terms();
                let mut stream = if *edge == Edge::End {
                    terms.range().ge(run.as_bytes()).into_stream()
                } else {
                    terms.stream()
                }
                .map_err(tantivy::TantivyError::from)?;
                let mut seen = 0usize;
                while stream.advance() {
                    seen += 1;
                    if seen.is_multiple_of(CANCEL_EVERY) && cancelled() {
                        return Ok(Some(Vec::new()));
                    }
                    let key = stream.key();
                    let fits = match edge {
                        Edge::Whole => key == run.as_bytes(),
                        Edge::End => {
                            if !key.starts_with(run.as_bytes()) {
                                break;
                            }
                            true
                        }
                        Edge::Start => key.ends_with(run.as_bytes()),
                        Edge::Inside => finder.find(key).is_some(),
                    };
                    if fits {
                        let text = String::from_utf8_lossy(key).into_owned();
                        let term = Term::from_field_text(view.fields.word, &text);
                        files.extend(self.holding(view, &term)?);
                    }
                }
            }
            answer = Some(intersect(answer, files));
        }
        Ok(answer)
    }
}

/// The literal's runs of identifier characters in lower case, with what is known of their ends.
/// Runs that may be cut by the tokenizer's longest word are left out: they would not be terms.
fn runs_of(literal: &str) -> Vec<(String, Edge)> {
    let mut runs = Vec::new();
    let bytes = literal.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && tokens::is_word_byte(bytes[at]) {
            at += 1;
        }
        // A run of other than ASCII may change its length in lower case; the rest decides.
        if at > start && at - start <= tokens::LONGEST / 2 && bytes[start..at].is_ascii() {
            let edge = match (start == 0, at == bytes.len()) {
                (false, false) => Edge::Whole,
                (true, false) => Edge::Start,
                (false, true) => Edge::End,
                (true, true) => Edge::Inside,
            };
            if let Ok(run) = std::str::from_utf8(&bytes[start..at]) {
                runs.push((run.to_ascii_lowercase(), edge));
            }
        }
        at += 1;
    }
    runs
}

fn intersect(answer: Option<Vec<FileId>>, mut files: Vec<FileId>) -> Vec<FileId> {
    files.sort_unstable();
    files.dedup();
    match answer {
        None => files,
        Some(kept) => kept.into_iter().filter(|id| files.binary_search(id).is_ok()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_falls_into_runs() {
        assert_eq!(
            runs_of("foo->bar(baz"),
            [
                ("foo".to_owned(), Edge::Start),
                ("bar".to_owned(), Edge::Whole),
                ("baz".to_owned(), Edge::End)
            ]
        );
        assert_eq!(runs_of("Foo"), [("foo".to_owned(), Edge::Inside)]);
        assert_eq!(runs_of("});"), []);
    }
}
