//! Queries that were copied from somewhere: a symptom with its places, a sentence with quotes, the
//! words of a message.

use super::content::ByContent;
use super::filter::Filter;
use super::parse::{Query, Word};
use super::words::ByWords;
use super::{Answer, Ask, Bare, Finder, Place, Results, Session, Tier, lines};
use crate::base::Diagnostic;
use crate::engine::files::FileList;
use crate::engine::index::Snapshot;
use crate::engine::symptom::Symptom;

/// Shortest quote in a sentence that is looked for exactly, in bytes.
const LONG_QUOTE: usize = 8;
/// A quote that more files hold is only words.
const MOST_QUOTING: usize = 8;
/// Most words of a text that are looked for.
const MOST_WORDS: usize = 60;

impl Finder {
    /// A sentence with quotes: what few files hold exactly comes first, then all words are ranked.
    pub(super) fn by_quotes(
        &self,
        session: &mut Session,
        snapshot: &Snapshot,
        query: &Query,
        filter: &Filter<'_>,
        said: Vec<Diagnostic>,
        answer: Answer<'_>,
    ) {
        let long = query.literals.iter().filter(|it| it.text.len() >= LONG_QUOTE);
        let quotes = Query { literals: long.cloned().collect(), ..query.filters() };
        let ask = Ask { limit: MOST_QUOTING + 1, count_all: false, ..answer.ask };
        let mut first = Vec::new();
        if !quotes.literals.is_empty() {
            let search = ByContent { finder: self, snapshot, query: &quotes, filter, ask };
            let found = search.run(&mut session.texts, answer.cancelled, &mut |_, _| {});
            first = found.hits;
            first.retain(|it| it.tier == Tier::Literal);
            if first.len() > MOST_QUOTING {
                first.clear();
            }
        }
        let mut words = query.words.clone();
        for word in query
            .literals
            .iter()
            .map(|it| it.text.as_str())
            .chain(query.symbols.iter().map(String::as_str))
        {
            words.extend(word.split_whitespace().map(Word::new));
        }
        let all = Query { words, raw: query.raw.clone(), ..query.filters() };
        let Answer { finder, files, cancelled, report, ask, .. } = answer;
        let answer = Answer {
            finder,
            files,
            query: &all,
            cancelled,
            report: &mut *report,
            open_ended: false,
            ask,
            first,
        };
        let search = ByWords { finder: self, snapshot, query: &all, filter, ask };
        search.run(session, said, answer);
    }

    /// Answers with the places that a symptom leads to, then with what its words find; false when it
    /// leads nowhere.
    #[expect(clippy::too_many_arguments, reason = "a search with what it is for")]
    pub(super) fn by_symptom(
        &self,
        session: &Session,
        snapshot: &Snapshot,
        raw: &str,
        symptom: &Symptom,
        ask: Ask,
        cancelled: &(dyn Fn() -> bool + Sync),
        report: &mut dyn FnMut(Results),
    ) -> bool {
        let resolved = self.resolve(snapshot, symptom, cancelled);
        if resolved.places.is_empty() && !cancelled() {
            return false;
        }
        let files = &snapshot.files;
        let mut bare: Vec<Bare> =
            resolved.places.into_iter().map(|it| self.bare_of(files, it)).collect();
        let mut total = bare.len();
        if let Some(message) = symptom.messages.first() {
            let mut found = Results::default();
            self.find_words(snapshot, &message.text, ask, cancelled, &mut |it| found = it);
            let ranked = found.hits.iter().filter(|it| it.tier >= Tier::Symbol);
            let ranked = ranked.filter(|it| !bare.iter().any(|known| known.file == it.file));
            let more: Vec<Bare> = ranked
                .map(|it| Bare {
                    signals: it.signals,
                    why: it.why.first().cloned(),
                    ..Bare::new(it.file, it.tier, it.score)
                })
                .collect();
            total += found.total.saturating_sub(found.hits.len()) + more.len();
            bare.extend(more);
        }
        if cancelled() {
            return true;
        }
        bare.truncate(ask.limit);
        let words = symptom.messages.first().map_or("", |it| it.text.as_str());
        let query = Query { raw: raw.to_owned(), ..of_words(words) };
        let mut answer = Answer::new(self, snapshot, &query, ask, cancelled, report);
        answer.give(bare, total, Vec::new(), session.rows);
        true
    }

    fn bare_of(&self, files: &FileList, place: Place) -> Bare {
        let spot = place.line.and_then(|line| {
            let text = self.read(files, place.file)?;
            lines::line_spot(&text, line, "")
        });
        Bare { spot, why: Some(place.why), ..Bare::new(place.file, place.tier, place.score) }
    }

    /// Searches for the words of a text, none of which is taken for a mark of the query language.
    pub fn find_words(
        &self,
        snapshot: &Snapshot,
        text: &str,
        ask: Ask,
        cancelled: &(dyn Fn() -> bool + Sync),
        report: &mut dyn FnMut(Results),
    ) {
        let query = of_words(text);
        let files = &snapshot.files;
        let filter = Filter::new(self, &query, files, ask.now);
        let answer = Answer::new(self, snapshot, &query, ask, cancelled, report);
        let search = ByWords { finder: self, snapshot, query: &query, filter: &filter, ask };
        search.run(&mut Session::default(), Vec::new(), answer);
    }
}

/// A query for the words of a text, none of which is taken for a mark of the query language.
fn of_words(text: &str) -> Query {
    let words = text.split_whitespace().map(Word::new).take(MOST_WORDS).collect();
    Query { raw: text.to_owned(), words, ..Query::default() }
}
