//! Searching for what files hold exactly: literals, and the names that they define.
//!
//! The index narrows; what is left is read and compared, the likeliest files first, on several
//! threads. On the screen it ends with the last row that is asked for; on the command line the
//! files are counted to the end.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::filter::Filter;
use super::known::{Known, KnownTexts};
use super::lines::{self, Spot};
use super::literal::Literal;
use super::names::{Letters, NameMatcher};
use super::parse::{Query, Word};
use super::{Ask, Bare, Finder, Tier, by_path};
use crate::base::RepoPath;
use crate::engine::files::{FileId, FileList, FileSet};
use crate::engine::index::{self, Defined, Snapshot};

/// Most names that a beginning of a name stands for.
const MOST_NAMES: usize = 2000;
/// Files outside of the index that are read for a name.
const MOST_UNREAD: usize = 200;
/// Files whose definitions are looked up for one screen.
const MOST_DEFINING: usize = 200;
/// Files that are compared before it is asked whether there are enough; each time more.
const FIRST_WAVE: usize = 64;
/// Fewer files than this are compared by the thread that asks.
const WORTH_A_CREW: usize = 48;
/// Files of which it is not known whether they hold a text that are read to count all: as many have
/// been saved since they were indexed.
const FEW_UNKNOWN: usize = 128;
/// Files that a thread takes at a time.
const HANDFUL: usize = 8;

/// How many files hold what is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    pub(super) total: usize,
    /// Whether there may be more: the others were not looked at.
    pub(super) open_ended: bool,
}

/// What was found.
pub(super) struct Found {
    pub(super) hits: Vec<Bare>,
    pub(super) count: Count,
    /// Whether what was read is known for a longer text.
    pub(super) kept: bool,
}

/// What a file's content must and must not hold.
struct Test<'a> {
    query: &'a Query,
    literals: Vec<Literal>,
    not_literals: Vec<Literal>,
    words: Vec<Literal>,
}

/// A file passes; the place to show, where a place was asked for.
struct Passed(Option<Spot>);

/// A file that may be a hit. There may be as many as there are files, so it is kept small.
struct Candidate {
    file: FileId,
    score: f32,
    /// Bytes of its path: the shorter of equals comes first.
    length: u32,
    /// Whether its path already has all loose words.
    named: bool,
    /// The line of the definition that was asked for, where the index knows it.
    line: Option<u32>,
}

/// Parts the best `count` from the others, in their order: those that nobody asks for need none.
fn take_best<'a>(
    files: &FileList,
    all: &'a mut [Candidate],
    count: usize,
) -> (&'a [Candidate], &'a mut [Candidate]) {
    let order = |one: &Candidate, other: &Candidate| {
        let by_score = other.score.total_cmp(&one.score);
        let by_length = || one.length.cmp(&other.length);
        by_score.then_with(by_length).then_with(|| by_path(files, one.file, other.file))
    };
    if count < all.len() {
        all.select_nth_unstable_by(count, order);
    }
    let (best, others) = all.split_at_mut(count.min(all.len()));
    best.sort_unstable_by(order);
    (best, others)
}

impl Test<'_> {
    /// Whether a file passes, and with which place, whatever follows this beginning of its text:
    /// the line that holds all that is asked for ends in it.
    fn is_told_by(&self, beginning: &[u8]) -> bool {
        let query = self.query;
        let one =
            query.words.is_empty() && query.symbols.is_empty() && query.not_literals.is_empty();
        let [literal] = self.literals.as_slice() else { return false };
        one && literal.find(beginning).is_some_and(|at| {
            beginning.get(at..).is_some_and(|rest| memchr::memchr(b'\n', rest).is_some())
        })
    }

    /// Whether a file passes, and the place to show.
    fn passes(&self, files: &FileList, it: &Candidate, text: &[u8]) -> Option<Passed> {
        let path = files.lower(it.file);
        let loose = |(word, literal): (&Word, &Literal)| {
            memchr::memmem::find(path, word.lower.as_bytes()).is_some()
                || literal.find(text).is_some()
        };
        if !it.named && !self.query.words.iter().zip(&self.words).all(loose) {
            return None;
        }
        if self.not_literals.iter().any(|it| it.find(text).is_some()) {
            return None;
        }
        let mut first = None;
        for literal in &self.literals {
            let at = literal.find(text)?;
            first = first.or(Some(at));
        }
        let mut spot = first.map(|at| lines::spot_at(text, at, 1.0));
        for name in &self.query.symbols {
            if let Some(line) = it.line {
                spot = lines::line_spot(text, u64::from(line), name);
                continue;
            }
            let path = files.path(it.file);
            let exact = lines::definition_line(path, text, name);
            spot = Some(exact.or_else(|| lines::definition_like(path, text, name))?);
        }
        Some(Passed(spot))
    }
}

impl Finder {
    /// The files that define exactly this name (in any case), in order of their ids.
    pub(super) fn defining(&self, snapshot: &Snapshot, name: &str) -> Vec<FileId> {
        let mut found: Vec<FileId> = snapshot.defining(name).iter().map(|it| it.file).collect();
        let unread = snapshot.unread();
        // While the first index is made, names wait for it: reading everything would take longer.
        if unread.len() <= MOST_UNREAD {
            let mut text = Vec::new();
            found.extend(unread.iter().copied().filter(|&file| {
                self.read_exact(&snapshot.files, file, &mut text, &|_| false)
                    && lines::definition_line(snapshot.files.path(file), &text, name).is_some()
            }));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Reads what is searched exactly of a file, of a long one only the beginning when that is
    /// `enough`. A file that cannot be read, or is binary, holds nothing.
    fn read_exact(
        &self,
        files: &FileList,
        file: FileId,
        text: &mut Vec<u8>,
        enough: &dyn Fn(&[u8]) -> bool,
    ) -> bool {
        let Some((root, path)) = self.readable(files, file) else { return false };
        let limit = index::exact_limit(self.file_limit);
        matches!(index::read_until(root, &path, limit, text, enough), Ok(Some(_)))
    }

    /// Whether a long file may pass: nothing of it is kept, as most are of no use.
    fn may_pass(
        &self,
        files: &FileList,
        test: &Test<'_>,
        file: FileId,
        window: &mut Vec<u8>,
    ) -> bool {
        let known = test.literals.iter().filter_map(|it| Some((it, it.len()?)));
        let Some((literal, len)) = known.max_by_key(|it| it.1) else { return true };
        let Some((root, path)) = self.readable(files, file) else { return false };
        let limit = index::exact_limit(self.file_limit);
        let (overlap, holds) = (len.saturating_sub(1), |it: &[u8]| literal.find(it).is_some());
        matches!(index::any_window(root, &path, limit, window, overlap, &holds), Ok(true))
    }

    /// Where a file lies, unless its content is nobody's business.
    pub(super) fn readable<'a>(
        &'a self,
        files: &'a FileList,
        file: FileId,
    ) -> Option<(&'a Path, RepoPath)> {
        let (root, path) = files.place(file, &self.root);
        (!files.facts(file).link && !index::is_secret(path.as_bytes())).then_some((root, path))
    }
}

/// A search for what files hold exactly.
pub(super) struct ByContent<'a> {
    /// Who searches.
    pub(super) finder: &'a Finder,
    /// In what.
    pub(super) snapshot: &'a Snapshot,
    /// For what.
    pub(super) query: &'a Query,
    /// What a file must be.
    pub(super) filter: &'a Filter<'a>,
    /// How.
    pub(super) ask: Ask,
}

impl ByContent<'_> {
    /// The files that hold the query's literals and define its symbols, best first. What is found comes
    /// in that order, so `report` is told after each wave what will not change any more, and the count
    /// where that is known before the files are read.
    pub(super) fn run(
        &self,
        texts: &mut KnownTexts,
        cancelled: &(dyn Fn() -> bool + Sync),
        report: &mut dyn FnMut(&[Bare], Option<Count>),
    ) -> Found {
        let (files, query, ask) = (&self.snapshot.files, self.query, self.ask);
        let Known { lacking: mut missed, holding } = texts.of(files, query);
        let mut candidates = self.candidates(&missed, cancelled);
        let tier = if query.symbols.is_empty() { Tier::Literal } else { Tier::Symbol };
        let test = Test {
            query,
            literals: query.literals.iter().map(Literal::new).collect(),
            not_literals: query.not_literals.iter().map(Literal::new).collect(),
            words: query.words.iter().map(|it| Literal::any_case(&it.lower)).collect(),
        };
        let mut found = Found { hits: Vec::new(), count: Count::default(), kept: false };
        let mut wave = FIRST_WAVE;
        let enough =
            if query.symbols.is_empty() { ask.limit } else { ask.limit.min(MOST_DEFINING) };
        let count = self.count(&test, &candidates, holding, enough);
        let mut rest = candidates.as_mut_slice();
        let mut ended = false;
        while !rest.is_empty() && !cancelled() {
            if !ask.count_all && found.hits.len() >= enough {
                ended = true;
                break;
            }
            let (now, later) = take_best(files, rest, wave);
            let most = if ask.count_all { usize::MAX } else { enough - found.hits.len() };
            let (passed, looked) = self.compare(&test, now, most, cancelled);
            if cancelled() {
                break;
            }
            let mut holding = passed.iter().map(|it| it.0.file).peekable();
            for it in &now[..looked] {
                if holding.next_if_eq(&it.file).is_none() {
                    missed.insert(it.file);
                }
            }
            found.hits.extend(
                passed
                    .into_iter()
                    .map(|(it, Passed(spot))| Bare { spot, ..Bare::new(it.file, tier, it.score) }),
            );
            if looked < now.len() {
                ended = true;
                break;
            }
            if !later.is_empty() {
                report(&found.hits, count);
            }
            rest = later;
            wave = wave.saturating_mul(4);
        }
        if ended {
            // How many are found beyond what is asked for depends on the threads.
            found.hits.truncate(enough);
        }
        found.count = Count { total: found.hits.len(), open_ended: ended };
        // Once all were looked at, what was known before is not needed.
        if let Some(count) = count.filter(|it| ended || it.open_ended) {
            found.count = count;
        }
        found.kept = texts.remember(query, missed);
        if found.hits.is_empty() && query.symbols.is_empty() {
            // Nothing holds it: a name may.
            let held = |&file: &FileId| {
                let path = files.lower(file);
                query
                    .literals
                    .iter()
                    .all(|it| memchr::memmem::find(path, it.lower.as_bytes()).is_some())
            };
            let named = files.living().filter(|&file| self.filter.keeps(file)).filter(held);
            found.hits.extend(named.map(|file| Bare::new(file, Tier::Contains, 0.0)));
            found.hits.sort_unstable_by(|one, other| by_path(files, one.file, other.file));
            found.count.total = found.hits.len();
        }
        found
    }

    /// How many files there will be, where that is known before they are read in their order: `enough`
    /// and perhaps more, or exactly so many. `holding` are files that surely hold the only text asked
    /// for.
    fn count(
        &self,
        test: &Test<'_>,
        candidates: &[Candidate],
        holding: FileSet,
        enough: usize,
    ) -> Option<Count> {
        let text = self.query.only_text().filter(|_| !self.ask.count_all)?;
        if candidates.len() <= FIRST_WAVE {
            return None;
        }
        let by_index = || {
            let mut able = FileSet::of(&self.snapshot.files);
            candidates.iter().for_each(|it| _ = able.insert(it.file));
            self.snapshot.surely_hold(&text.text, &able, enough)
        };
        let sure = if text.cased { None } else { by_index() }.unwrap_or(holding);
        let unknown: Vec<&Candidate> =
            candidates.iter().filter(|it| !sure.holds(it.file)).collect();
        let mut held = candidates.len() - unknown.len();
        if unknown.len() <= FEW_UNKNOWN.min(held) {
            let (mut text, mut window) = (Vec::new(), Vec::new());
            for it in unknown {
                held += usize::from(self.check(test, it, &mut text, &mut window).is_some());
            }
            return Some(Count { total: held, open_ended: false });
        }
        (held >= enough).then_some(Count { total: enough, open_ended: true })
    }

    /// The files that may be hits, in no order, but for those that are known to lack what is asked.
    fn candidates(
        &self,
        lacking: &FileSet,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Candidate> {
        let Self { snapshot, query, filter, .. } = *self;
        let files = &snapshot.files;
        let mut narrowed: Option<Vec<FileId>> = None;
        let mut narrow = |mut found: Vec<FileId>| {
            found.sort_unstable();
            found.dedup();
            narrowed = Some(match narrowed.take() {
                None => found,
                Some(kept) => {
                    kept.into_iter().filter(|id| found.binary_search(id).is_ok()).collect()
                }
            });
        };
        // The line of the best definition that is known; a whole name is better than a part.
        let mut defined: HashMap<FileId, Defined> = HashMap::new();
        for name in &query.symbols {
            let known = snapshot.defining_like(name, MOST_NAMES, cancelled);
            narrow(
                known.iter().map(|it| it.file).chain(snapshot.unread().iter().copied()).collect(),
            );
            for it in known {
                let best = defined.entry(it.file).or_insert(it);
                // A whole name is better than a part, and a class than a field of that name.
                if (it.exact, it.kind.rank()) > (best.exact, best.kind.rank()) {
                    *best = it;
                }
            }
        }
        for literal in &query.literals {
            if let Some(found) = snapshot.may_hold(&literal.text) {
                narrow(found);
            }
        }
        let mut matcher = NameMatcher::new(&query.words, true);
        let mut candidate = |file: FileId| {
            let facts = files.facts(file);
            if facts.link || lacking.holds(file) || !filter.keeps(file) {
                return None;
            }
            let named = if query.words.is_empty() {
                None
            } else {
                matcher.fit(files, file, Letters::Apart)
            };
            let score = 10.0 * facts.standing.factor()
                + named.map_or(0.0, |it| it.score)
                + defined.get(&file).map_or(0.0, |it| {
                    f32::from(it.kind.rank()) + if it.exact { 100.0 } else { 0.0 }
                });
            let line = defined.get(&file).map(|it| it.line).filter(|_| query.symbols.len() == 1);
            let length = files.path(file).len() as u32;
            Some(Candidate { file, score, length, named: named.is_some(), line })
        };
        match narrowed {
            Some(found) => found.into_iter().filter_map(&mut candidate).collect(),
            None => files.living().filter_map(&mut candidate).collect(),
        }
    }

    /// Reads candidates, from the first on, until `most` have passed. Gives those that pass, in
    /// their order, and how many were looked at.
    fn compare<'b>(
        &self,
        test: &Test<'_>,
        candidates: &'b [Candidate],
        most: usize,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> (Vec<(&'b Candidate, Passed)>, usize) {
        // What was taken is looked at to its end, so all before the last handful taken is known.
        let (next, count) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let passed = Mutex::new(Vec::new());
        let job = |_: usize| {
            let (mut text, mut window) = (Vec::new(), Vec::new());
            let mut mine = Vec::new();
            while count.load(Ordering::Relaxed) < most {
                let from = next.fetch_add(HANDFUL, Ordering::Relaxed);
                let Some(some) = candidates.get(from..) else { break };
                if some.is_empty() || cancelled() {
                    break;
                }
                for (place, it) in some.iter().take(HANDFUL).enumerate() {
                    if let Some(spot) = self.check(test, it, &mut text, &mut window) {
                        count.fetch_add(1, Ordering::Relaxed);
                        mine.push((from + place, spot));
                    }
                }
            }
            if let Ok(mut passed) = passed.lock() {
                passed.append(&mut mine);
            }
        };
        if candidates.len() < WORTH_A_CREW {
            job(0);
        } else {
            (self.finder.crew)(self.finder.threads, &job);
        }
        let mut passed: Vec<(usize, Passed)> = passed.into_inner().unwrap_or_default();
        passed.sort_unstable_by_key(|it| it.0);
        let passed = passed.into_iter();
        let passed = passed.filter_map(|(place, it)| Some((candidates.get(place)?, it)));
        (passed.collect(), next.into_inner().min(candidates.len()))
    }

    fn check(
        &self,
        test: &Test<'_>,
        it: &Candidate,
        text: &mut Vec<u8>,
        window: &mut Vec<u8>,
    ) -> Option<Passed> {
        let files = &self.snapshot.files;
        if files.facts(it.file).stamp.size > index::WINDOW as u64
            && !self.finder.may_pass(files, test, it.file, window)
        {
            return None;
        }
        let enough = |beginning: &[u8]| test.is_told_by(beginning);
        if !self.finder.read_exact(files, it.file, text, &enough) {
            return None;
        }
        test.passes(files, it, text)
    }
}
