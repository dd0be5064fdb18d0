//! Words: names that fit, then what defines the words, then what holds them, then typos and loose
//! letters.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::filter::Filter;
use super::habits::Habits;
use super::names::{Letters, NameHit, NameMatcher};
use super::narrowing::Among;
use super::parse::{Query, Word};
use super::rank::{Judge, Signals};
use super::typos::TypoMatcher;
use super::{Answer, Ask, Bare, Finder, MOST_TEXT, Results, Session, Tier, by_path, not_searched};
use crate::base::Diagnostic;
use crate::engine::files::{FileId, FileList, FileSet};
use crate::engine::index::{IndexError, Snapshot, TextHit, TextHits, TextMemory, TextQuery};
use crate::engine::tokens;

/// Loose letters are only shown while fewer than this many hits are better.
const WEAK_BELOW: usize = 50;
/// Where names fit as well, loose letters are shown up to this many better hits.
const WEAK_BESIDE: usize = 10;
/// Letters that stand apart are only looked for while fewer names than this have them together.
const APART_BELOW: usize = 200;
/// When more names than this have the letters in their order, they are only looked for where they
/// stand out.
const MOST_APART: usize = 2000;
/// A typo is only forgiven while fewer than this many hits are good.
const TYPO_BELOW: usize = 3;
/// Most words in which typos are looked for.
const TYPO_WORDS: usize = 4;
/// So many words are a sentence and not a name.
const SENTENCE: usize = 4;
/// How many of the best are judged again by what costs more to know.
const JUDGED_AGAIN: usize = 300;
/// How many of these are read.
const READ_AGAIN: usize = 60;
/// With fewer words a line says no more than the file does.
const WORTH_READING: usize = 3;
/// A file without any of the words is told when commits that touched it are at least so much alike.
const LEAST_ALIKE: f32 = 0.15;
/// How long names wait for contents before they are shown alone: two frames for one answer would
/// only flicker.
const ALONE_AFTER: Duration = Duration::from_millis(12);
/// Files that a thread looks at before it asks whether the search is still wanted.
const PIECE: usize = 2048;
/// Fewer files than this are sooner done than a thread is started.
const WORTH_A_CREW: usize = 8192;
/// Most threads for one look at all files.
const MOST_THREADS: usize = 4;

/// Looks at some of the places and adds what fits.
type Look<'a> = Box<dyn FnMut(Range<usize>, &mut Looked) + 'a>;

/// What a look at many files left.
#[derive(Default)]
struct Looked {
    /// What fits.
    fits: Vec<NameHit>,
    /// What has the letters, though not together.
    apart: Vec<FileId>,
    /// Those of them in which the letters stand out.
    likely: Vec<FileId>,
}

/// What a file's place came of, and the commit that says what the query says.
type Known = (Signals, Option<String>);

/// A file with its rank.
#[derive(Debug, Clone, Copy)]
pub struct Ranked {
    /// The file.
    pub file: FileId,
    /// Its tier.
    pub tier: Tier,
    /// Higher is better inside the tier.
    pub score: f32,
    /// Bit n is set when the content holds word n.
    pub covered: u32,
}

impl From<NameHit> for Ranked {
    fn from(hit: NameHit) -> Self {
        Self { file: hit.file, tier: hit.tier, score: hit.score, covered: 0 }
    }
}

/// The files that were opened before, by their ids.
#[derive(Default)]
pub struct Lifted {
    files: Weak<FileList>,
    habits: Weak<Habits>,
    paths: HashMap<FileId, Vec<u8>>,
}

impl Lifted {
    /// Looks the files up anew when others are listed or were opened.
    fn turn_to(&mut self, files: &Arc<FileList>, habits: &Arc<Habits>) {
        let same = std::ptr::eq(self.files.as_ptr(), Arc::as_ptr(files))
            && std::ptr::eq(self.habits.as_ptr(), Arc::as_ptr(habits));
        if same {
            return;
        }
        // A weak reference keeps the address from being used again.
        (self.files, self.habits) = (Arc::downgrade(files), Arc::downgrade(habits));
        let opened = habits.lifts("", 0);
        self.paths = files
            .living()
            .filter_map(|file| Some((file, opened.get_key_value(files.path(file))?.0.to_vec())))
            .collect();
    }
}

/// A search for words.
pub struct ByWords<'a> {
    /// Who searches.
    pub finder: &'a Finder,
    /// In what.
    pub snapshot: &'a Snapshot,
    /// For what.
    pub query: &'a Query,
    /// What a file must be.
    pub filter: &'a Filter<'a>,
    /// How.
    pub ask: Ask,
}

/// The files whose paths fit.
#[derive(Default)]
struct Named {
    /// Up to [`Tier::Fuzzy`].
    strong: Vec<Ranked>,
    /// Those of [`Tier::Weak`].
    weak: Vec<Ranked>,
    /// For a longer query.
    among: Among,
}

impl ByWords<'_> {
    /// Searches, and gives what is found to `answer`.
    pub fn run(&self, session: &mut Session, mut said: Vec<Diagnostic>, mut answer: Answer<'_>) {
        let began = Instant::now();
        let files = &*self.snapshot.files;
        let Some(mut named) = self.names(session, answer.cancelled) else { return };
        let mut seen = FileSet::of(files);
        for hit in named.strong.iter().filter(|hit| hit.tier <= Tier::Contains) {
            seen.insert(hit.file);
        }
        let any = !(named.strong.is_empty() && named.weak.is_empty());
        let contents = self.query.line.is_none() || !any;
        // Once names alone fill the list, what contents would add is only a number.
        let is_full = |found: usize| found >= self.ask.limit && !self.ask.count_all;
        let mut failed = None;
        let mut defining = Vec::new();
        if contents && !is_full(seen.len()) {
            defining = self.defining(&mut seen);
        }
        // What a file defines is above what its path only resembles.
        named.strong.retain(|hit| hit.tier <= Tier::Contains || seen.insert(hit.file));
        let good = seen.len();
        let mut strong = named.strong;
        strong.append(&mut defining);
        let mut typos = Vec::new();
        if good < TYPO_BELOW && self.query.words.len() <= TYPO_WORDS {
            let Some(found) = self.typos(&mut seen, answer.cancelled) else { return };
            typos = found;
        }
        let mut text = TextHits::default();
        let mut signals = HashMap::new();
        answer.open_ended = contents && is_full(strong.len());
        if contents && !answer.open_ended {
            let waiting = Cell::new(self.query.may_be_name() && good > 0);
            let report = RefCell::new(&mut *answer.report);
            let poll = || {
                if waiting.get() && began.elapsed() > ALONE_AFTER {
                    waiting.set(false);
                    (report.borrow_mut())(self.alone(&strong, session.rows));
                }
                (answer.cancelled)()
            };
            match self.texts(&mut session.text, good, &mut seen, &mut signals, &poll) {
                Ok(found) => text = found,
                Err(error) => failed = Some(error),
            }
        }
        if (answer.cancelled)() {
            return;
        }
        said.extend(failed.map(|error| not_searched(&error)));
        let better = good + typos.len() + text.total;
        if better >= WEAK_BELOW || (good > 0 && better > WEAK_BESIDE) {
            named.weak.clear();
        }
        named.weak.retain(|hit| !seen.holds(hit.file));
        let total = better + named.weak.len();
        let mut all = strong;
        all.append(&mut typos);
        all.append(&mut named.weak);
        all.extend(text.best.iter().map(|hit| Ranked {
            file: hit.file,
            tier: Tier::Text,
            score: hit.score,
            covered: hit.covered,
        }));
        self.lift(&mut session.lifted, &mut all);
        keep_best(files, &mut all, self.ask.limit);
        let bare = all
            .into_iter()
            .map(|it| {
                let (signals, commit) = signals.remove(&it.file).unzip();
                Bare { signals, commit: commit.flatten(), ..Bare::from(it) }
            })
            .collect();
        answer.give(bare, total, said, session.rows);
        if self.ask.unfinished {
            session.narrowing.tighten(files, answer.cancelled);
        }
    }

    /// Lifts what was opened before, within its tier.
    fn lift(&self, lifted: &mut Lifted, all: &mut [Ranked]) {
        let habits = &self.finder.habits;
        if habits.is_empty() {
            return;
        }
        lifted.turn_to(&self.snapshot.files, habits);
        let now = u64::try_from(self.ask.now / 1_000_000_000).unwrap_or_default();
        let lifts = habits.lifts(&self.query.raw, now);
        for hit in all {
            let lift = lifted.paths.get(&hit.file).and_then(|it| lifts.get(it.as_slice()));
            hit.score *= 1.0 + lift.copied().unwrap_or_default();
        }
    }

    /// What the paths alone tell, while contents take their time.
    fn alone(&self, strong: &[Ranked], rows: usize) -> Results {
        let files = &*self.snapshot.files;
        let mut shown = strong.to_vec();
        keep_best(files, &mut shown, self.ask.limit.min(rows));
        let bare: Vec<Bare> = shown.into_iter().map(Bare::from).collect();
        let results = self.finder.dress(files, self.query, &bare);
        Results { total: strong.len(), finished: false, ..results }
    }

    /// The files whose paths fit; `None` once cancelled.
    fn names(&self, session: &mut Session, cancelled: &(dyn Fn() -> bool + Sync)) -> Option<Named> {
        let query = self.query;
        let cased = query.words.iter().any(|word| word.cased);
        let among = session.narrowing.files(&self.snapshot.files, query);
        let among = among.as_deref();
        let mut named = self.scan(among, cased, cancelled)?;
        if cased && named.strong.is_empty() {
            // Capitals that nothing bears were not meant.
            named = self.scan(among, false, cancelled)?;
        }
        session.narrowing.remember(query, std::mem::take(&mut named.among));
        if query.line.is_some() {
            // A place was named: the file is meant, not what mentions it.
            named.weak.clear();
        }
        Some(named)
    }

    /// The files whose paths fit the words: first those in which the letters stand together. They are
    /// better and much sooner known; the others are looked at only where these are few.
    fn scan(
        &self,
        among: Option<&Among>,
        cased: bool,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Option<Named> {
        let together = among.map(|it| it.together.as_slice());
        let mut looked = self.scan_for(Letters::Together, together, cased, cancelled)?;
        if let Some(among) = among {
            let mask = NameMatcher::new(&self.query.words, cased).mask();
            let masks = self.snapshot.files.masks();
            let held = among.apart.iter().filter(|&&file| mask & !masks[file as usize] == 0);
            looked.apart.extend(held);
        }
        let together = looked.fits.iter().map(|hit| hit.file).collect();
        let better = looked.fits.iter().filter(|hit| hit.tier <= Tier::Contains).count();
        if better < APART_BELOW {
            let apart = std::mem::take(&mut looked.apart);
            let (likely, others) = self.parted(apart, cased, cancelled)?;
            let (letters, among) = match self.query.words.len() {
                1 if likely.len() + others.len() > MOST_APART => {
                    looked.apart = others;
                    (Letters::OnlyApart, likely)
                }
                1 => (Letters::OnlyApart, [likely, others].concat()),
                _ => (Letters::Apart, [likely, others].concat()),
            };
            let mut more = self.scan_for(letters, Some(&among), cased, cancelled)?;
            looked.apart.extend(more.fits.iter().map(|hit| hit.file));
            looked.fits.append(&mut more.fits);
        }
        let among = Among { together, apart: looked.apart };
        let mut named = Named { among, ..Named::default() };
        for hit in looked.fits {
            let list = if hit.tier <= Tier::Fuzzy { &mut named.strong } else { &mut named.weak };
            list.push(Ranked::from(hit));
        }
        Some(named)
    }

    /// Parts the files whose paths hold the letters in their order: those in which they stand out,
    /// and the others. In the order of their ids; nothing once cancelled. Once the others are more
    /// than [`MOST_APART`], there may be some among them that lack the letters.
    fn parted(
        &self,
        files: Vec<FileId>,
        cased: bool,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Option<(Vec<FileId>, Vec<FileId>)> {
        let list = &*self.snapshot.files;
        // Of several words all these files are looked at, not only where letters stand out.
        let single = self.query.words.len() == 1;
        let others = AtomicUsize::new(0);
        let parted = self.in_pieces(files.len(), cancelled, &|| {
            let matcher = NameMatcher::new(&self.query.words, cased);
            let (files, others) = (&files, &others);
            Box::new(move |piece: Range<usize>, looked: &mut Looked| {
                let enough = single && others.load(Ordering::Relaxed) > MOST_APART;
                let before = looked.apart.len();
                for &file in &files[piece] {
                    if enough && !matcher.may_stand_out(list, file) {
                        looked.apart.push(file);
                        continue;
                    }
                    match matcher.in_order(list, file) {
                        Some(true) => looked.likely.push(file),
                        Some(false) => looked.apart.push(file),
                        None => {}
                    }
                }
                others.fetch_add(looked.apart.len() - before, Ordering::Relaxed);
            })
        })?;
        let (mut likely, mut others) = (parted.likely, parted.apart);
        likely.sort_unstable();
        others.sort_unstable();
        Some((likely, others))
    }

    fn scan_for(
        &self,
        letters: Letters,
        among: Option<&[FileId]>,
        cased: bool,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Option<Looked> {
        let files = &*self.snapshot.files;
        let all = among.map_or(files.ids() as usize, <[FileId]>::len);
        self.in_pieces(all, cancelled, &|| {
            let mut matcher = NameMatcher::new(&self.query.words, cased);
            let mask = matcher.mask();
            Box::new(move |piece: Range<usize>, looked: &mut Looked| {
                let mut look = |file: FileId| {
                    let passes = mask & !files.masks()[file as usize] == 0
                        && !files.facts(file).gone
                        && self.filter.keeps(file);
                    if !passes {
                        return;
                    }
                    match matcher.fit(files, file, letters) {
                        Some(hit) => looked.fits.push(hit),
                        None => looked.apart.push(file),
                    }
                };
                match among {
                    Some(among) => among[piece].iter().copied().for_each(look),
                    None => piece.for_each(|at| look(at as FileId)),
                }
            })
        })
    }

    /// Looks at so many places, on several threads where there are many, each with a look of its own.
    /// What is found comes in no order; nothing once cancelled.
    fn in_pieces<'b>(
        &self,
        all: usize,
        cancelled: &(dyn Fn() -> bool + Sync),
        look: &(dyn Fn() -> Look<'b> + Sync),
    ) -> Option<Looked> {
        let threads =
            if all > WORTH_A_CREW { self.finder.threads.clamp(1, MOST_THREADS) } else { 1 };
        let next = AtomicUsize::new(0);
        let found = Mutex::new(Looked::default());
        (self.finder.crew)(threads, &|_| {
            let mut look = look();
            let mut mine = Looked::default();
            while !cancelled() {
                let start = next.fetch_add(PIECE, Ordering::Relaxed);
                if start >= all {
                    break;
                }
                look(start..all.min(start + PIECE), &mut mine);
            }
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.fits.append(&mut mine.fits);
            found.apart.append(&mut mine.apart);
            found.likely.append(&mut mine.likely);
        });
        if cancelled() {
            return None;
        }
        Some(found.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// The files that define a word of the query and are not yet seen.
    fn defining(&self, seen: &mut FileSet) -> Vec<Ranked> {
        let files = &*self.snapshot.files;
        let mut found = Vec::new();
        let sentence = self.query.words.len() >= SENTENCE;
        for word in symbols_of(self.query) {
            if sentence && !is_code(&word.text) {
                continue;
            }
            for file in self.finder.defining(self.snapshot, &word.text) {
                // In a sentence a name is meant as it is written.
                if sentence && !self.writes(file, &word.text) {
                    continue;
                }
                if found.len() >= MOST_TEXT {
                    break;
                }
                if self.filter.keeps(file) && seen.insert(file) {
                    let score = 10.0 * files.facts(file).standing.factor();
                    found.push(Ranked { file, tier: Tier::Symbol, score, covered: 0 });
                }
            }
        }
        found
    }

    /// Whether a file holds a word with just these capitals.
    fn writes(&self, file: FileId, word: &str) -> bool {
        let text = self.finder.read(&self.snapshot.files, file).unwrap_or_default();
        memchr::memmem::find(&text, word.as_bytes()).is_some()
    }

    /// The files that fit when typos are forgiven and are not yet seen; `None` once cancelled.
    fn typos(
        &self,
        seen: &mut FileSet,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Option<Vec<Ranked>> {
        let files = &*self.snapshot.files;
        let known = &*seen;
        let found = self.in_pieces(files.ids() as usize, cancelled, &|| {
            let mut matcher = TypoMatcher::new(&self.query.words);
            Box::new(move |piece: Range<usize>, looked: &mut Looked| {
                let fits = piece.filter_map(|at| matcher.fit(files, at as FileId));
                looked.fits.extend(fits.filter(|hit| {
                    let file = hit.file;
                    !files.facts(file).gone && !known.holds(file) && self.filter.keeps(file)
                }));
            })
        })?;
        for hit in &found.fits {
            seen.insert(hit.file);
        }
        Some(found.fits.into_iter().map(Ranked::from).collect())
    }

    /// The files that hold the words and are not yet seen. `good` files stand above them.
    fn texts(
        &self,
        memory: &mut TextMemory,
        good: usize,
        seen: &mut FileSet,
        signals: &mut HashMap<FileId, Known>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<TextHits, IndexError> {
        let text = TextQuery {
            words: self.query.words.iter().map(|word| word.text.clone()).collect(),
            unfinished: self.ask.unfinished,
        };
        let room = self.ask.limit.saturating_sub(good);
        let words: Vec<&str> = self.query.words.iter().map(|it| it.text.as_str()).collect();
        let judge = Judge::new(self.snapshot, self.filter, &words);
        let mut once = |hit: TextHit| judge.judge(hit).filter(|_| seen.insert(hit.file));
        let wide = if room > 0 { room.max(JUDGED_AGAIN) } else { 0 };
        let mut found = self.snapshot.search_text(&text, memory, wide, &mut once, cancelled)?;
        if room > 0 {
            self.told_by_the_past(&judge, seen, wide, &mut found);
            *signals = self.judge_again(&judge, &mut found);
            found.best.truncate(room);
        }
        Ok(found)
    }

    /// Brings in what the paths and lines of the best say.
    fn judge_again(&self, judge: &Judge<'_>, found: &mut TextHits) -> HashMap<FileId, Known> {
        let mut all = HashMap::new();
        for (place, hit) in found.best.iter_mut().take(JUDGED_AGAIN).enumerate() {
            let read = place < READ_AGAIN && self.query.words.len() >= WORTH_READING;
            let text = if read { self.finder.read(&self.snapshot.files, hit.file) } else { None };
            let signals = judge.closer(judge.signals(*hit), hit.file, text.as_deref());
            hit.score = judge.score(&signals);
            all.insert(hit.file, (signals, judge.commit_shown(hit.file)));
        }
        let files = &*self.snapshot.files;
        found.best.sort_by(|one, other| {
            other
                .score
                .total_cmp(&one.score)
                .then_with(|| files.path(one.file).cmp(files.path(other.file)))
        });
        all
    }

    /// Files that hold none of the words but were touched by commits that say the same.
    fn told_by_the_past(
        &self,
        judge: &Judge<'_>,
        seen: &mut FileSet,
        room: usize,
        found: &mut TextHits,
    ) {
        if !judge.has_alike() {
            return;
        }
        let least = found.best.get(room - 1).map_or(0.0, |it| it.score);
        let mut more = Vec::new();
        for file in self.snapshot.files.living().filter(|&it| !seen.holds(it)) {
            if judge.hint(file).alike < LEAST_ALIKE {
                continue;
            }
            let hit = TextHit { file, score: 0.0, share: 0.0, covered: 0 };
            if let Some(score) = judge.judge(hit).filter(|it| *it > least) {
                more.push(TextHit { score, ..hit });
            }
        }
        for hit in &more {
            seen.insert(hit.file);
        }
        found.total += more.len();
        found.best.append(&mut more);
        found.best.sort_by(|one, other| {
            other.score.total_cmp(&one.score).then(one.file.cmp(&other.file))
        });
        found.best.truncate(room);
    }
}

/// Leaves the best `limit` files, in their order.
pub fn keep_best(files: &FileList, found: &mut Vec<Ranked>, limit: usize) {
    let order = |one: &Ranked, other: &Ranked| {
        one.tier
            .cmp(&other.tier)
            .then_with(|| other.score.total_cmp(&one.score))
            .then_with(|| by_path(files, one.file, other.file))
    };
    if found.len() > limit {
        found.select_nth_unstable_by(limit, order);
        found.truncate(limit);
    }
    found.sort_unstable_by(order);
}

/// The words of a query that may be the names of what a file defines.
pub fn symbols_of(query: &Query) -> Vec<&Word> {
    let single = query.words.len() == 1;
    query.words.iter().filter(|word| single || looks_like_identifier(&word.text)).collect()
}

/// Whether a word of a sentence is surely a name of code: of several parts, each more than a letter
/// or two. `OAuth` and `PostgreSQL` are names of products.
fn is_code(text: &str) -> bool {
    let mut parts = 0;
    let mut short = 0;
    tokens::for_each_part(text.as_bytes(), |part| {
        parts += 1;
        short += usize::from(part.len() < 3);
    });
    let shouted = text.ends_with(|it: char| it.is_ascii_uppercase()) && !text.contains('_');
    parts >= 2 && short == 0 && !shouted
}

fn looks_like_identifier(text: &str) -> bool {
    let inner = text.get(1..).unwrap_or_default();
    text.contains('_') || (inner.bytes().any(|it| it.is_ascii_uppercase()) && text.len() > 3)
}
