//! Finding: a query against a snapshot gives hits in hard tiers, each with its reason.

mod content;
mod filter;
mod lines;
mod literal;
mod names;
mod parse;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::base::{Diagnostic, RepoPath, text};
use crate::engine::files::{FileId, FileList};
use crate::engine::index::{self, Crew, IndexError, Snapshot, TextQuery};
use crate::engine::owners::Owners;
use crate::engine::roles::RoleSet;

use filter::Filter;
pub use lines::Spot;
use names::{NameHit, NameMatcher};
pub use parse::{Query, Word, parse};

/// Why a hit stands where it stands; earlier tiers always come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
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

/// Most hits from contents whose lines are looked up while typing.
const MOST_TEXT: usize = 100;
/// Loose letters are only shown while fewer than this many hits are better.
const WEAK_BELOW: usize = 50;
/// A typo is only forgiven while fewer than this many hits are good.
const TYPO_BELOW: usize = 3;

/// Searches one repository.
#[derive(Clone)]
pub struct Finder {
    /// The repository's root.
    pub root: PathBuf,
    /// The known roles.
    pub roles: Arc<RoleSet>,
    /// The repository's owners.
    pub owners: Arc<Owners>,
    /// Bytes of a file that are read.
    pub file_limit: u64,
    /// Who compares many files.
    pub crew: Crew,
    /// How many compare at once.
    pub threads: usize,
}

/// A hit before it is dressed for showing.
struct Bare {
    file: FileId,
    tier: Tier,
    score: f32,
    spot: Option<Spot>,
    covered: u32,
}

impl Bare {
    fn new(file: FileId, tier: Tier, score: f32) -> Self {
        Self { file, tier, score, spot: None, covered: 0 }
    }
}

impl Finder {
    /// Searches; `report` first gets what the paths alone tell, then everything. Stops early, with
    /// nothing more reported, once `cancelled` says so.
    pub fn find(
        &self,
        snapshot: &Snapshot,
        raw: &str,
        ask: Ask,
        cancelled: &(dyn Fn() -> bool + Sync),
        report: &mut dyn FnMut(Results),
    ) {
        let (query, mut said) = parse(raw, &self.roles);
        let files = &snapshot.files;
        let filter = Filter::new(self, &query, files, ask.now);
        if !query.asks_content() && query.symbols.is_empty() {
            report(self.listing(files, &query, &filter, ask, said));
            return;
        }
        let mut bare = self.by_name(files, &query, &filter, cancelled);
        if cancelled() {
            return;
        }
        let only_names = query.literals.is_empty() && query.symbols.is_empty();
        if only_names && query.may_be_name() && bare.iter().any(|it| it.tier <= Tier::Fuzzy) {
            let shown = bare.iter().take_while(|it| it.tier <= Tier::Fuzzy).count();
            let mut early = self.dress(files, &query, &bare[..shown.min(ask.limit)]);
            early.total = shown;
            early.finished = false;
            report(early);
        }
        let mut open_ended = false;
        let outcome = if only_names {
            self.by_text(snapshot, &query, &filter, ask, &mut bare, cancelled)
        } else {
            let found = self.by_content(snapshot, &query, &filter, ask, cancelled);
            bare = found.hits;
            open_ended = found.open_ended;
            Ok(0)
        };
        if cancelled() {
            return;
        }
        let unlisted = outcome.unwrap_or_else(|error| {
            said.push(
                Diagnostic::warning(format!("the contents were not searched: {error}"))
                    .hint("`navi index --rebuild` builds the index anew"),
            );
            0
        });
        if only_names {
            self.forgive(files, &query, &filter, &mut bare);
        }
        let total = bare.len() + unlisted;
        bare.truncate(ask.limit);
        let mut results = self.dress(files, &query, &bare);
        results.total = total;
        results.open_ended = open_ended;
        results.said = said;
        results.finished = true;
        report(results);
    }

    /// Only filters were typed, or nothing: the files that pass, the likeliest first.
    fn listing(
        &self,
        files: &FileList,
        query: &Query,
        filter: &Filter<'_>,
        ask: Ask,
        said: Vec<Diagnostic>,
    ) -> Results {
        let start = self.roles.place("entry-point");
        let mut bare: Vec<Bare> = files
            .living()
            .filter(|&file| filter.keeps(file))
            .map(|file| {
                let facts = files.facts(file);
                let depth = memchr::memchr_iter(b'/', files.lower(file)).count() as f32;
                let entry = start.is_some_and(|place| facts.roles.has(place));
                let score = 10.0 * facts.standing.factor() - depth + if entry { 5.0 } else { 0.0 };
                Bare::new(file, Tier::All, score)
            })
            .collect();
        let total = bare.len();
        let order = |one: &Bare, other: &Bare| order(files, one, other);
        if bare.len() > ask.limit {
            bare.select_nth_unstable_by(ask.limit, order);
            bare.truncate(ask.limit);
        }
        bare.sort_unstable_by(order);
        let mut results = self.dress(files, query, &bare);
        results.total = total;
        results.said = said;
        results.finished = true;
        results
    }

    fn by_name(
        &self,
        files: &FileList,
        query: &Query,
        filter: &Filter<'_>,
        cancelled: &dyn Fn() -> bool,
    ) -> Vec<Bare> {
        if query.words.is_empty() || !query.literals.is_empty() || !query.symbols.is_empty() {
            return Vec::new();
        }
        let cased = query.words.iter().any(|word| word.cased);
        let mut hits = scan(files, &query.words, cased, filter, cancelled);
        if cased && hits.iter().all(|hit| hit.tier > Tier::Fuzzy) {
            // Capitals that nothing bears were not meant.
            hits = scan(files, &query.words, false, filter, cancelled);
        }
        if query.line.is_some() {
            // A place was named: the file is meant, not what mentions it.
            hits.retain(|hit| hit.tier <= Tier::Fuzzy);
        }
        let mut bare: Vec<Bare> =
            hits.into_iter().map(|hit| Bare::new(hit.file, hit.tier, hit.score)).collect();
        bare.sort_unstable_by(|one, other| order(files, one, other));
        bare
    }

    /// Adds what defines the words and what holds them to the hits by name. Tells how many more
    /// files hold some of the words than are listed.
    fn by_text(
        &self,
        snapshot: &Snapshot,
        query: &Query,
        filter: &Filter<'_>,
        ask: Ask,
        bare: &mut Vec<Bare>,
        cancelled: &dyn Fn() -> bool,
    ) -> Result<usize, IndexError> {
        if query.line.is_some() && !bare.is_empty() {
            return Ok(0);
        }
        let files = &snapshot.files;
        let mut seen: HashSet<FileId> =
            bare.iter().filter(|it| it.tier <= Tier::Contains).map(|it| it.file).collect();
        let mut more = Vec::new();
        for word in &query.words {
            let single = query.words.len() == 1;
            if !single && !looks_like_identifier(&word.text) {
                continue;
            }
            for defined in snapshot.defining(&word.text) {
                let file = defined.file;
                if more.len() >= MOST_TEXT || cancelled() {
                    break;
                }
                if !filter.keeps(file) || !seen.insert(file) {
                    continue;
                }
                let mut hit = Bare::new(file, Tier::Symbol, 0.0);
                hit.score = 10.0 * files.facts(file).standing.factor();
                hit.spot = self
                    .read(files, file)
                    .and_then(|text| lines::line_spot(&text, u64::from(defined.line), &word.text));
                more.push(hit);
            }
        }
        bare.retain(|it| it.tier <= Tier::Contains || !seen.contains(&it.file));
        seen.extend(bare.iter().filter(|it| it.tier <= Tier::Fuzzy).map(|it| it.file));
        let text = TextQuery {
            words: query.words.iter().map(|word| word.text.clone()).collect(),
            unfinished: ask.unfinished,
        };
        let new = |file| filter.keeps(file) && !seen.contains(&file);
        let (hits, total) = snapshot.search_text(&text, &new, ask.limit)?;
        let unlisted = total - hits.len();
        let mut shown = 0;
        for hit in hits {
            if cancelled() {
                return Ok(0);
            }
            seen.insert(hit.file);
            let mut text = Bare::new(hit.file, Tier::Text, hit.score);
            text.covered = hit.covered;
            if shown < MOST_TEXT {
                shown += 1;
                text.spot = self
                    .read(files, hit.file)
                    .and_then(|content| lines::best_line(&content, &query.words));
            }
            more.push(text);
        }
        bare.retain(|it| it.tier <= Tier::Fuzzy || !seen.contains(&it.file));
        bare.extend(more);
        bare.sort_by(|one, other| order(files, one, other));
        Ok(unlisted)
    }

    /// The last resorts: typos when little fits, scattered letters when not much fits.
    fn forgive(&self, files: &FileList, query: &Query, filter: &Filter<'_>, bare: &mut Vec<Bare>) {
        let good = bare.iter().filter(|it| it.tier <= Tier::Fuzzy).count();
        if good < TYPO_BELOW && query.words.len() <= 4 {
            let seen: HashSet<FileId> =
                bare.iter().filter(|it| it.tier <= Tier::Fuzzy).map(|it| it.file).collect();
            let typos: Vec<NameHit> = files
                .living()
                .filter(|&file| filter.keeps(file) && !seen.contains(&file))
                .filter_map(|file| names::fit_with_typo(&query.words, files, file))
                .collect();
            let found: HashSet<FileId> = typos.iter().map(|it| it.file).collect();
            bare.retain(|it| it.tier <= Tier::Fuzzy || !found.contains(&it.file));
            bare.extend(typos.into_iter().map(|it| Bare::new(it.file, it.tier, it.score)));
            bare.sort_by(|one, other| order(files, one, other));
        }
        let better = bare.iter().take_while(|it| it.tier < Tier::Weak).count();
        if better >= WEAK_BELOW || (good > 0 && better > 10) {
            bare.truncate(better);
        }
    }

    /// The file's text as the index reads it: nothing for what is not indexed.
    fn read(&self, files: &FileList, file: FileId) -> Option<Vec<u8>> {
        let path = files.repo_path(file);
        if files.facts(file).link || index::is_secret(path.as_bytes()) {
            return None;
        }
        let (text, _) = index::read_raw(&self.root, &path, self.file_limit).ok()??;
        Some(text)
    }

    fn dress(&self, files: &FileList, query: &Query, bare: &[Bare]) -> Results {
        let mut marker = NameMatcher::new(&query.words, false);
        let hits = bare
            .iter()
            .map(|it| {
                let path = files.repo_path(it.file);
                let facts = files.facts(it.file);
                let shown = path.display();
                let mut why = vec![self.reason(it, query)];
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
                    marks: if named { marker.marks(&shown) } else { Vec::new() },
                    path,
                }
            })
            .collect();
        Results { hits, ..Results::default() }
    }

    fn reason(&self, hit: &Bare, query: &Query) -> String {
        let words = query.words.len();
        match hit.tier {
            Tier::Text if words > 1 => {
                let held = (hit.covered.count_ones() as usize).min(words);
                format!("{held} of {words} words")
            }
            tier => tier.reason().to_owned(),
        }
    }
}

fn looks_like_identifier(text: &str) -> bool {
    let inner = text.get(1..).unwrap_or_default();
    text.contains('_') || (inner.bytes().any(|it| it.is_ascii_uppercase()) && text.len() > 3)
}

/// All files whose paths fit, without their order.
fn scan(
    files: &FileList,
    words: &[Word],
    cased: bool,
    filter: &Filter<'_>,
    cancelled: &dyn Fn() -> bool,
) -> Vec<NameHit> {
    let mut matcher = NameMatcher::new(words, cased);
    let mut hits = Vec::new();
    for (count, file) in files.living().enumerate() {
        if count % 4096 == 0 && cancelled() {
            return Vec::new();
        }
        if let Some(hit) = matcher.fit(files, file)
            && filter.keeps(file)
        {
            hits.push(hit);
        }
    }
    hits
}

fn order(files: &FileList, one: &Bare, other: &Bare) -> std::cmp::Ordering {
    one.tier.cmp(&other.tier).then_with(|| other.score.total_cmp(&one.score)).then_with(|| {
        let (one, other) = (files.path(one.file), files.path(other.file));
        one.len().cmp(&other.len()).then_with(|| one.cmp(other))
    })
}
