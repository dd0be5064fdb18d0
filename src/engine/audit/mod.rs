//! The structure audit: ten points of a checklist and four defensive principles, judged by what is
//! in the tree and what the source says.
//!
//! Each check gives its verdict, what it saw and where, and what to do. A check that cannot judge
//! says so and why; it counts for nothing. Whether critical files are found by searching is measured
//! by the caller, who has an index, and handed in, as is what only the history tells.

mod build;
mod dependencies;
mod isolation;
mod navigation;
mod parts;
mod running;
mod secrets;
mod security;
mod settings;
mod shape;
mod signs;
mod structure;
mod swallowed;

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::base::RepoPath;
use crate::base::path::name_of;
use crate::engine::catalogue::{Catalogue, Graph, Look};
use crate::engine::crew::Crew;
use crate::engine::files::{FileId, FileList};
use crate::engine::index::read_raw;
use crate::engine::owners::Owners;
use crate::engine::roles::{Language, RoleBits, RoleSet};
use crate::engine::standing::Standing;

pub use navigation::{CRITICAL, Missed, Navigation, ROWS, row_of};
use parts::{Crossing, Parts};
pub use shape::People;
use signs::Signs;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// In part.
    Warn,
    /// Not so.
    Fail,
    /// Cannot be judged here.
    NotApplicable,
}

impl Verdict {
    /// The word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// This, but no better than `most`.
    fn at_best(self, most: Self) -> Self {
        let rank = |it: Self| match it {
            Self::Pass => 3,
            Self::Warn => 2,
            Self::Fail => 1,
            Self::NotApplicable => 0,
        };
        if rank(self) > rank(most) { most } else { self }
    }

    /// `Pass` from `good` on, `Warn` from `fair` on.
    fn of(share: f64, good: f64, fair: f64) -> Self {
        if share >= good {
            Self::Pass
        } else if share >= fair {
            Self::Warn
        } else {
            Self::Fail
        }
    }
}

/// Something that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where, with the 1-based line where one is meant.
    pub place: Option<(RepoPath, Option<u64>)>,
    /// What.
    pub text: String,
}

impl Evidence {
    /// Seen at a line of a file.
    pub fn at(path: RepoPath, line: u64, text: impl Into<String>) -> Self {
        Self { place: Some((path, Some(line))), text: text.into() }
    }

    /// Seen of a file as a whole.
    pub fn of(path: RepoPath, text: impl Into<String>) -> Self {
        Self { place: Some((path, None)), text: text.into() }
    }

    /// With its place before it, as `path:line: text`.
    pub fn to_text(&self) -> String {
        match &self.place {
            Some((path, Some(line))) => format!("{}:{line}: {}", path.to_text(), self.text),
            Some((path, None)) => format!("{}: {}", path.to_text(), self.text),
            None => self.text.clone(),
        }
    }
}

impl From<String> for Evidence {
    fn from(text: String) -> Self {
        Self { place: None, text }
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name in JSON.
    pub id: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was seen.
    pub evidence: Vec<Evidence>,
    /// What to do; empty when all is well.
    pub fix: String,
}

/// The whole audit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Audit {
    /// The checks, in the order of the checklist, then the principles.
    pub checks: Vec<Check>,
    /// See [`score`].
    pub score: f64,
    /// One repository or several: what fits.
    pub advice: String,
    /// What speaks for that.
    pub shape: Vec<Evidence>,
}

/// What is given to be judged.
pub struct Given<'a> {
    /// The repository's root.
    pub root: &'a Path,
    /// The roles.
    pub roles: &'a RoleSet,
    /// The files.
    pub files: &'a FileList,
    /// The catalogue, with at least [`CRITICAL`] files a role.
    pub catalogue: &'a Catalogue,
    /// What was seen of each file.
    pub looks: &'a [Look],
    /// Who is asked about which file.
    pub owners: &'a Owners,
    /// What searching found.
    pub navigation: &'a Navigation,
    /// What the history tells, where it is known.
    pub people: Option<People>,
    /// Who reads, and on how many threads.
    pub crew: Crew,
    /// On how many threads.
    pub threads: usize,
    /// Whether nobody waits for the judgement any more.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// What the checks look at.
struct Subject<'a> {
    root: &'a Path,
    roles: &'a RoleSet,
    files: &'a FileList,
    catalogue: &'a Catalogue,
    graph: Graph,
    /// The roles of each file, by path and text.
    tags: HashMap<FileId, RoleBits>,
    owners: &'a Owners,
    navigation: &'a Navigation,
    people: Option<People>,
    cancelled: &'a (dyn Fn() -> bool + Sync),
    /// All files, in the order of their paths.
    listed: Vec<FileId>,
    /// Hand-written source files, in the same order.
    sources: Vec<FileId>,
    signs: Signs,
    parts: Parts,
    crossings: Vec<Crossing>,
}

/// Pieces of evidence of one check that are shown, besides those that tell how many there are.
const SHOWN: usize = 8;
/// Fewer source files than this tell nothing about structure.
const FEW: usize = 5;
/// Bytes of a manifest that are read.
const MANIFEST: u64 = 64 << 10;

/// Judges the structure.
pub fn judge(given: &Given<'_>) -> Audit {
    let made: HashSet<FileId> =
        given.looks.iter().filter(|it| it.is_generated()).map(|it| it.id).collect();
    // Walks find files in any order; what is told comes in that of their paths.
    let mut listed: Vec<FileId> = given.files.living().collect();
    listed.sort_unstable_by_key(|&id| given.files.path(id));
    let sources: Vec<FileId> = listed
        .iter()
        .copied()
        .filter(|&id| is_source(given.files, id) && !made.contains(&id))
        .collect();
    let tags: HashMap<FileId, RoleBits> =
        given.looks.iter().map(|it| (it.id, it.evidence.bits())).collect();
    let start = given.roles.place("entry-point");
    let starts =
        |id: FileId| start.is_some_and(|place| tags.get(&id).is_some_and(|bits| bits.has(place)));
    let parts = Parts::of(given.files, &sources, &starts);
    let graph = Graph::build(given.files, given.looks);
    let subject = Subject {
        root: given.root,
        roles: given.roles,
        files: given.files,
        catalogue: given.catalogue,
        owners: given.owners,
        navigation: given.navigation,
        people: given.people,
        cancelled: given.cancelled,
        crossings: parts.crossings(given.root, given.files, &graph, given.cancelled),
        tags,
        signs: Signs::read(given, &sources),
        graph,
        listed,
        sources,
        parts,
    };
    let checks = run(&subject);
    let score = score(&checks);
    let (advice, shape) = shape::shape(&subject);
    Audit { checks, score, advice, shape }
}

/// All checks, in the order of the checklist, then the principles.
fn run(subject: &Subject<'_>) -> Vec<Check> {
    vec![
        navigation::emergency_navigation(subject.navigation),
        dependencies::dependency_clarity(subject),
        structure::responsibility_isolation(subject),
        structure::scalability_readiness(subject),
        structure::testing_integration(subject),
        structure::documentation_proximity(subject),
        settings::configuration_management(subject),
        build::build_optimization(subject),
        running::monitoring_integration(subject),
        security::security_boundaries(subject),
        isolation::isolation_boundaries(subject),
        running::failure_recovery(subject),
        running::scalability_preparation(subject),
        security::security_principle(subject),
    ]
}

/// The share of what could be judged that is as it should be; what is so in part counts half.
pub fn score(checks: &[Check]) -> f64 {
    let judged = checks.iter().filter(|it| it.verdict != Verdict::NotApplicable);
    let (mut sum, mut count) = (0.0, 0.0);
    for check in judged {
        count += 1.0;
        sum += match check.verdict {
            Verdict::Pass => 1.0,
            Verdict::Warn => 0.5,
            Verdict::Fail | Verdict::NotApplicable => 0.0,
        };
    }
    if count > 0.0 { sum / count } else { 1.0 }
}

fn is_source(files: &FileList, id: FileId) -> bool {
    let lower = files.lower(id);
    let language = Language::of(name_of(lower));
    files.facts(id).standing == Standing::Source
        && !lower.split(|&it| it == b'/').any(|it| is_release(it) || it.starts_with(b"."))
        && !lower.ends_with(b".min.js")
        && !matches!(language, None | Some(Language::Data | Language::Shell))
}

/// Whether a folder is a release of somebody else's, such as `pdfjs-5.2.133`.
fn is_release(folder: &[u8]) -> bool {
    let Some(at) = folder.iter().rposition(|it| matches!(it, b'-' | b'@')) else { return false };
    let version = &folder[at + 1..];
    version.contains(&b'.') && version.iter().all(|it| it.is_ascii_digit() || *it == b'.')
}

/// Whether a file works in the browser, where other services are asked by other rules.
fn is_browsers(lower: &[u8]) -> bool {
    let folders =
        ["client", "frontend", "web", "webapp", "ui", "public", "static", "assets", "src/app"];
    let path = String::from_utf8_lossy(lower);
    [".tsx", ".jsx", ".vue", ".svelte"].iter().any(|it| path.ends_with(it))
        || (Language::of(name_of(lower)) == Some(Language::JavaScript)
            && folders.iter().any(|it| format!("/{path}").contains(&format!("/{it}/"))))
}

impl Subject<'_> {
    /// All files, in the order of their paths.
    fn listed(&self) -> impl Iterator<Item = FileId> + '_ {
        self.listed.iter().copied()
    }

    /// The places at which other services are called by what runs on a server.
    fn calls(&self) -> impl Iterator<Item = &signs::Seen> + '_ {
        let all = self.signs.of(signs::Sign::Call);
        all.filter(|it| !is_browsers(self.files.lower(it.file)))
    }

    /// The first files of a role, each with the 1-based line at which it shows.
    fn entries(&self, role: &str, most: usize) -> impl Iterator<Item = (FileId, u64)> + '_ {
        let place = self.roles.place(role);
        let shelf = self.catalogue.shelves.iter().find(move |it| Some(it.role) == place);
        let files = shelf.into_iter().flat_map(|it| &it.files);
        files.take(most).map(|it| (it.id, u64::from(it.line)))
    }

    /// The ids of the roles that a file carries, by its path and its text.
    fn roles_of(&self, id: FileId) -> Vec<&str> {
        self.roles.ids(self.tags.get(&id).copied().unwrap_or_default())
    }

    /// Whether a file changes the schema of a database.
    fn changes_schema(&self, id: FileId) -> bool {
        self.files.facts(id).standing == Standing::Migration
            || self.roles_of(id).contains(&"migration")
    }

    /// Whether something here starts or answers requests.
    fn runs(&self) -> bool {
        self.entries("entry-point", 1).chain(self.entries("route", 1)).next().is_some()
    }

    /// The text of a file, as far as it is read; empty when it cannot be.
    fn text(&self, id: FileId, most: u64) -> Vec<u8> {
        let read = read_raw(self.root, &self.files.repo_path(id), most);
        read.ok().flatten().map(|it| it.0).unwrap_or_default()
    }

    /// The 1-based line of the first of these words in a file.
    fn line_with(&self, id: FileId, words: &[&str], most: u64) -> Option<u64> {
        let text = self.text(id, most);
        let at = words.iter().find_map(|it| memchr::memmem::find(&text, it.as_bytes()))?;
        Some(u64::from(signs::line_at(&text, at)))
    }

    /// The first file with one of these lower-case names that is no test or example.
    fn file_named(&self, names: &[&str]) -> Option<FileId> {
        self.listed().find(|&id| {
            let name = name_of(self.files.lower(id));
            let standing = self.files.facts(id).standing;
            !matches!(standing, Standing::Test | Standing::Example | Standing::Vendored)
                && names.iter().any(|it| it.as_bytes() == name)
        })
    }

    /// Whether a manifest wants packages of which it should be kept which ones were taken.
    fn wants_packages(&self, id: FileId) -> bool {
        let text = self.text(id, MANIFEST);
        let has = |word: &str| memchr::memmem::find(&text, word.as_bytes()).is_some();
        match name_of(self.files.lower(id)) {
            b"package.json" => has("ependencies\""),
            b"go.mod" => has("require"),
            b"cargo.toml" => has("[[bin]]"),
            b"pyproject.toml" => has("[tool.poetry") || has("[tool.uv") || has("[tool.pdm"),
            b"gemfile" => !has("gemspec"),
            _ => true,
        }
    }
}

/// A number with its noun: `1 file`, `2 files`.
fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn not_judged((id, title): (&'static str, &'static str), what: &str) -> Check {
    Check {
        id,
        title,
        verdict: Verdict::NotApplicable,
        evidence: vec![what.to_owned().into()],
        fix: String::new(),
    }
}

/// A check with what was seen; of many places the first are shown, and how many more there are.
fn done(
    (id, title): (&'static str, &'static str),
    verdict: Verdict,
    mut evidence: Vec<Evidence>,
    fix: &str,
) -> Check {
    let more = evidence.len().saturating_sub(SHOWN + 2);
    if more > 1 {
        evidence.truncate(SHOWN + 2);
        evidence.push(Evidence::from(format!("and {more} more")));
    }
    let fix = if verdict == Verdict::Pass { String::new() } else { fix.to_owned() };
    Check { id, title, verdict, evidence, fix }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_of_others_and_browsers_are_known() {
        assert!(
            is_release(b"pdfjs-5.2.133") && !is_release(b"api-v2") && !is_release(b"shared-types")
        );
        assert!(is_browsers(b"apps/web/src/main.ts") && is_browsers(b"a.tsx"));
        assert!(!is_browsers(b"apps/web/main.py") && !is_browsers(b"src/server.ts"));
    }

    #[test]
    fn a_verdict_is_no_better_than_its_worst_part() {
        assert_eq!(Verdict::Pass.at_best(Verdict::Warn), Verdict::Warn);
        assert_eq!(Verdict::Fail.at_best(Verdict::Warn), Verdict::Fail);
        assert_eq!(Verdict::of(0.8, 0.9, 0.7), Verdict::Warn);
    }
}
