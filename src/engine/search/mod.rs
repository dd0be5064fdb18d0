//! Finding: a query against a snapshot gives hits in hard tiers, each with its reason.

mod ahead;
mod content;
mod evidence;
mod filter;
mod habits;
mod known;
mod lines;
mod literal;
mod names;
mod narrowing;
mod parse;
mod pasted;
mod rank;
mod typos;
mod words;

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::{Diagnostic, RepoPath, text};
use crate::engine::crew::{Crew, in_pieces};
use crate::engine::files::{FileId, FileList};
use crate::engine::index::{self, IndexError, Snapshot, TextMemory};
use crate::engine::owners::Owners;
use crate::engine::roles::RoleSet;
use crate::engine::symptom;

use content::{ByContent, Count};
pub use evidence::{Located, Place, Resolved};
use filter::Filter;
pub use habits::{Habits, Opened};
use known::KnownTexts;
use lines::LineFinder;
pub use lines::Spot;
use names::NameMatcher;
use narrowing::Narrowing;
pub use parse::{Query, Word, parse};
pub use rank::{Signals, Weights};
use words::{ByWords, Lifted, Ranked};

/// Why a hit stands where it stands; earlier tiers always come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// A frame of a stack trace, or a place that a log names.
    Frame,
    /// What handles a request.
    Route,
    /// What writes a log line.
    Log,
    /// The path itself, or a whole end of it.
    Path,
    /// The file name or its stem.
    Name,
    /// The file name begins with a word.
    Prefix,
    /// The file name holds a word.
    Contains,
    /// The file defines that name.
    Symbol,
    /// All words match the path.
    Fuzzy,
    /// The content holds the text exactly.
    Literal,
    /// The content, ranked.
    Text,
    /// The path, when a typo is forgiven.
    Typo,
    /// The letters stand scattered in the path.
    Weak,
    /// Nothing was asked but filters.
    All,
}

impl Tier {
    /// The name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Route => "route",
            Self::Log => "log",
            Self::Path => "path",
            Self::Name => "name",
            Self::Prefix => "prefix",
            Self::Contains => "contains",
            Self::Symbol => "symbol",
            Self::Fuzzy => "fuzzy",
            Self::Literal => "literal",
            Self::Text => "text",
            Self::Typo => "typo",
            Self::Weak => "weak",
            Self::All => "all",
        }
    }

    /// The short reason on a row.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Frame => "frame of the trace",
            Self::Route => "handles the request",
            Self::Log => "writes this message",
            Self::Path => "exact path",
            Self::Name => "exact name",
            Self::Prefix => "name starts so",
            Self::Contains => "in the name",
            Self::Symbol => "defined here",
            Self::Fuzzy => "path matches",
            Self::Literal => "exact text",
            Self::Text => "in the text",
            Self::Typo => "typo forgiven",
            Self::Weak => "loose letters",
            Self::All => "listed",
        }
    }
}

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its place in the list of files.
    pub file: FileId,
    /// The file.
    pub path: RepoPath,
    /// 1-based line, when a line is meant and not the file.
    pub line: Option<u64>,
    /// 1-based column in characters.
    pub column: Option<u64>,
    /// Its tier.
    pub tier: Tier,
    /// Comparable within a tier of one query.
    pub score: f32,
    /// The line's text, cleaned.
    pub snippet: Option<String>,
    /// Reasons, the strongest first.
    pub why: Vec<String>,
    /// Roles of the file.
    pub roles: Vec<String>,
    /// Its owners.
    pub owners: Vec<String>,
    /// Characters of the shown path that matched.
    pub marks: Vec<u32>,
    /// What its place among the ranked texts came of.
    pub signals: Option<Signals>,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Results {
    /// Best first.
    pub hits: Vec<Hit>,
    /// How many there are, of which `hits` are the first.
    pub total: usize,
    /// Whether there may be more than `total`: the rest was not looked at.
    pub open_ended: bool,
    /// What was not understood in the query, or could not be searched.
    pub said: Vec<Diagnostic>,
    /// False while the contents are still to be searched.
    pub finished: bool,
}

/// How to search.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// Most hits.
    pub limit: usize,
    /// Whether the last word may be unfinished (as while typing).
    pub unfinished: bool,
    /// Whether every file that holds a literal is counted, or looking ends with the last row.
    pub count_all: bool,
    /// Now, in nanoseconds since 1970, for `changed:`.
    pub now: i64,
}

/// What a search may look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sight {
    /// Everything.
    #[default]
    All,
    /// Not what the history says of the files, nor what was opened before: in a drill, that would
    /// be the answer.
    NoPast,
    /// Names only, as when nothing but the tree is left.
    NamesOnly,
}

/// What one who searches again and again keeps from query to query, such as a person who types.
/// It changes how long an answer takes, never the answer.
pub struct Session {
    /// Rows that are shown at once: they are answered first, what lies below them follows.
    pub rows: usize,
    narrowing: Narrowing,
    texts: KnownTexts,
    text: TextMemory,
    lifted: Lifted,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            rows: usize::MAX,
            narrowing: Narrowing::default(),
            texts: KnownTexts::default(),
            text: TextMemory::default(),
            lifted: Lifted::default(),
        }
    }
}

/// Searches one repository.
#[derive(Clone)]
pub struct Finder {
    /// The repository's root. A list of files of several knows theirs.
    pub root: PathBuf,
    /// The known roles.
    pub roles: Arc<RoleSet>,
    /// The repository's owners.
    pub owners: Arc<Owners>,
    /// What was opened for which query.
    pub habits: Arc<Habits>,
    /// Bytes of a file that are read.
    pub file_limit: u64,
    /// Who compares many files.
    pub crew: Crew,
    /// How many compare at once.
    pub threads: usize,
}

/// Most hits from contents whose lines are looked up.
const MOST_TEXT: usize = 100;

/// Definitions of which it is said what they belong to.
const MOST_DESCRIBED: usize = 40;

/// Hits that a thread dresses at a time.
const DRESSED: usize = 2000;

/// A hit before it is dressed for showing.
struct Bare {
    file: FileId,
    tier: Tier,
    score: f32,
    spot: Option<Spot>,
    covered: u32,
    signals: Option<Signals>,
    /// The reason, where it is another than the tier's.
    why: Option<String>,
    /// The commit that says what the query says, as it is shown.
    commit: Option<String>,
}

impl Bare {
    fn new(file: FileId, tier: Tier, score: f32) -> Self {
        Self { file, tier, score, spot: None, covered: 0, signals: None, why: None, commit: None }
    }
}

impl From<Ranked> for Bare {
    fn from(it: Ranked) -> Self {
        Self {
            file: it.file,
            tier: it.tier,
            score: it.score,
            spot: None,
            covered: it.covered,
            signals: None,
            why: None,
            commit: None,
        }
    }
}

impl Finder {
    /// Searches once. Stops early, with nothing more reported, once `cancelled` says so.
    pub fn find(
        &self,
        snapshot: &Snapshot,
        raw: &str,
        ask: Ask,
        cancelled: &(dyn Fn() -> bool + Sync),
        report: &mut dyn FnMut(Results),
    ) {
        self.find_again(&mut Session::default(), snapshot, raw, ask, cancelled, report);
    }

    /// Searches with what is known from the query before. `report` gets what the paths alone tell
    /// when contents take their time; then the answer as far as it is shown; then all of it. From
    /// the second on, nothing in the rows shown changes.
    pub fn find_again(
        &self,
        session: &mut Session,
        snapshot: &Snapshot,
        raw: &str,
        ask: Ask,
        cancelled: &(dyn Fn() -> bool + Sync),
        report: &mut dyn FnMut(Results),
    ) {
        if let Some(symptom) = symptom::of_query(raw)
            && self.by_symptom(session, snapshot, raw, &symptom, ask, cancelled, report)
        {
            return;
        }
        let (query, mut said) = parse(raw, &self.roles);
        let files = &snapshot.files;
        said.extend(filter::unknown_repositories(self, &query, files));
        let filter = Filter::new(self, &query, files, ask.now);
        let mut answer = Answer::new(self, snapshot, &query, ask, cancelled, report);
        if !query.asks_content() && query.symbols.is_empty() {
            let (bare, total) = self.listing(files, &filter, ask);
            answer.give(bare, total, said, session.rows);
            return;
        }
        if query.is_quoting_sentence() {
            self.by_quotes(session, snapshot, &query, &filter, said, answer);
            return;
        }
        if query.literals.is_empty() && query.symbols.is_empty() {
            let search = ByWords { finder: self, snapshot, query: &query, filter: &filter, ask };
            search.run(session, said, answer);
            return;
        }
        // Definitions are looked at again before they are shown.
        let mut early = query.symbols.is_empty() && session.rows < ask.limit;
        let (finder, query, filter) = (self, &query, &filter);
        let search = ByContent { finder, snapshot, query, filter, ask };
        let rows = session.rows;
        let found = search.run(&mut session.texts, cancelled, &mut |hits, count| {
            let Some(shown) = hits.get(..rows).filter(|_| early) else { return };
            early = false;
            let mut results = self.dress(files, query, shown);
            let Count { total, open_ended } =
                count.unwrap_or(Count { total: hits.len(), open_ended: true });
            (results.total, results.open_ended) = (total, open_ended);
            results.finished = count.is_some();
            results.said.clone_from(&said);
            (answer.report)(results);
        });
        if cancelled() {
            return;
        }
        let mut bare = found.hits;
        bare.truncate(ask.limit);
        answer.open_ended = found.count.open_ended;
        answer.give(bare, found.count.total, said, session.rows);
        if ask.unfinished && found.kept {
            ahead::look_ahead(self, snapshot, filter, &mut session.texts, cancelled);
        }
    }

    /// Only filters were typed, or nothing: the files that pass, the likeliest first, and how many.
    fn listing(&self, files: &FileList, filter: &Filter<'_>, ask: Ask) -> (Vec<Bare>, usize) {
        let start = self.roles.place("entry-point");
        let mut passed: Vec<Ranked> = files
            .living()
            .filter(|&file| filter.keeps(file))
            .map(|file| {
                let facts = files.facts(file);
                let depth = f32::from(facts.depth);
                let entry = start.is_some_and(|place| facts.roles.has(place));
                let score = 10.0 * facts.standing.factor() - depth + if entry { 5.0 } else { 0.0 };
                Ranked { file, tier: Tier::All, score, covered: 0 }
            })
            .collect();
        let total = passed.len();
        words::keep_best(files, &mut passed, ask.limit);
        (passed.into_iter().map(Bare::from).collect(), total)
    }

    /// Looks for the line that a hit from contents is about.
    fn look_up(&self, files: &FileList, query: &Query, lines: &mut LineFinder, hit: &mut Bare) {
        let known = hit.spot.is_some();
        if known && hit.tier != Tier::Symbol || !matches!(hit.tier, Tier::Text | Tier::Symbol) {
            return;
        }
        let Some(text) = self.read(files, hit.file) else { return };
        if hit.tier == Tier::Text {
            hit.spot = lines.best(&text);
            return;
        }
        let path = files.path(hit.file);
        let asked = words::symbols_of(query);
        let names = asked.iter().map(|it| it.text.as_str());
        for name in names.chain(query.symbols.iter().map(String::as_str)) {
            if !known {
                hit.spot = lines::definition_line(path, &text, name);
            }
            if let Some(spot) = &hit.spot {
                let what = lines::described(path, &text, spot.line, name);
                hit.why = what.map(|it| format!("{it}, {}", hit.tier.reason()));
                return;
            }
        }
    }

    /// The file's text as the index reads it: nothing for what is not indexed.
    fn read(&self, files: &FileList, file: FileId) -> Option<Vec<u8>> {
        let (root, path) = files.place(file, &self.root);
        if files.facts(file).link || index::is_secret(path.as_bytes()) {
            return None;
        }
        let (text, _) = index::read_raw(root, &path, self.file_limit).ok()??;
        Some(text)
    }

    fn dress(&self, files: &FileList, query: &Query, bare: &[Bare]) -> Results {
        let pieces = in_pieces((self.crew, self.threads), (bare.len(), DRESSED), &|piece| {
            self.dress_some(files, query, &bare[piece])
        });
        Results { hits: pieces.into_iter().flatten().collect(), ..Results::default() }
    }

    fn dress_some(&self, files: &FileList, query: &Query, bare: &[Bare]) -> Vec<Hit> {
        let mut marker = NameMatcher::new(&query.words, false);
        bare.iter()
            .map(|it| {
                let path = files.repo_path(it.file);
                let facts = files.facts(it.file);
                let mut why = vec![self.reason(it, query)];
                why.extend(it.commit.clone().filter(|commit| *commit != why[0]));
                why.extend(facts.standing.word().map(str::to_owned));
                let named = matches!(
                    it.tier,
                    Tier::Path
                        | Tier::Name
                        | Tier::Prefix
                        | Tier::Contains
                        | Tier::Fuzzy
                        | Tier::Weak
                );
                Hit {
                    file: it.file,
                    line: query.line.map(|(line, _)| line).or(it.spot.as_ref().map(|it| it.line)),
                    column: query
                        .line
                        .map(|(_, column)| column)
                        .or(it.spot.as_ref().map(|it| it.column)),
                    tier: it.tier,
                    score: it.score,
                    snippet: it.spot.as_ref().map(|it| text::clean_line(&it.text)),
                    why,
                    roles: self.roles.ids(facts.roles).into_iter().map(str::to_owned).collect(),
                    owners: self.owners.of(&path.to_text()).to_vec(),
                    marks: if named { marker.marks(&path.display()) } else { Vec::new() },
                    signals: it.signals,
                    path,
                }
            })
            .collect()
    }

    fn reason(&self, hit: &Bare, query: &Query) -> String {
        if let Some(why) = &hit.why {
            return text::clean_line(why);
        }
        let words = query.words.len();
        if let Some(commit) =
            hit.commit.as_ref().filter(|_| hit.tier == Tier::Text && hit.covered == 0)
        {
            return commit.clone();
        }
        match hit.tier {
            Tier::Text if words > 1 => {
                let held = (hit.covered.count_ones() as usize).min(words);
                format!("{held} of {words} words")
            }
            tier => tier.reason().to_owned(),
        }
    }
}

fn not_searched(error: &IndexError) -> Diagnostic {
    Diagnostic::warning(format!("the contents were not searched: {error}"))
        .hint("`navi index --rebuild` builds the index anew")
}

/// Where an answer goes.
struct Answer<'a> {
    finder: &'a Finder,
    files: &'a FileList,
    query: &'a Query,
    cancelled: &'a (dyn Fn() -> bool + Sync),
    report: &'a mut dyn FnMut(Results),
    /// Whether there may be more hits than were looked for.
    open_ended: bool,
    ask: Ask,
    /// Hits that come before all others.
    first: Vec<Bare>,
}

impl<'a> Answer<'a> {
    fn new(
        finder: &'a Finder,
        snapshot: &'a Snapshot,
        query: &'a Query,
        ask: Ask,
        cancelled: &'a (dyn Fn() -> bool + Sync),
        report: &'a mut dyn FnMut(Results),
    ) -> Self {
        let (files, first) = (&*snapshot.files, Vec::new());
        Self { finder, files, query, cancelled, report, open_ended: false, ask, first }
    }

    /// Reports the first `rows` hits with their lines, and then all of them.
    fn give(&mut self, mut bare: Vec<Bare>, total: usize, said: Vec<Diagnostic>, rows: usize) {
        let mut total = total;
        if !self.first.is_empty() {
            let first = std::mem::take(&mut self.first);
            bare.retain(|it| !first.iter().any(|known| known.file == it.file));
            total = total.max(bare.len() + first.len());
            bare.splice(0..0, first);
            bare.truncate(self.ask.limit);
        }
        let mut lines = LineFinder::new(&self.query.words);
        let mut texts = 0;
        let mut defined = 0;
        let mut done = 0;
        for rows in [rows.min(bare.len()), bare.len()] {
            for hit in &mut bare[done..rows] {
                if (self.cancelled)() {
                    return;
                }
                texts += usize::from(hit.tier == Tier::Text);
                defined += usize::from(hit.tier == Tier::Symbol && hit.spot.is_some());
                if texts <= MOST_TEXT && (defined <= MOST_DESCRIBED || hit.spot.is_none()) {
                    self.finder.look_up(self.files, self.query, &mut lines, hit);
                }
            }
            done = rows;
            let mut results = self.finder.dress(self.files, self.query, &bare[..rows]);
            results.total = total;
            results.open_ended = self.open_ended;
            results.said.clone_from(&said);
            results.finished = true;
            (self.report)(results);
            if rows == bare.len() {
                return;
            }
        }
    }
}

/// Among equals the shorter path comes first.
fn by_path(files: &FileList, one: FileId, other: FileId) -> std::cmp::Ordering {
    let (one, other) = (files.path(one), files.path(other));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}
