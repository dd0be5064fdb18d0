//! The structure audit: ten points of a checklist and four defensive principles, judged by what is
//! in the tree.
//!
//! Each check gives its verdict, what it saw, and what to do. A check that cannot judge says so and
//! why; it counts for nothing. Whether critical files are found by searching is measured by the
//! caller, who has an index, and handed in.

mod navigation;

use std::collections::{BTreeMap, BTreeSet};

use crate::base::RepoPath;
use crate::base::path::name_of;
use crate::engine::catalogue::Catalogue;
use crate::engine::files::{FileId, FileList};
use crate::engine::index::is_secret;
use crate::engine::roles::{Language, RoleSet};
use crate::engine::standing::Standing;

pub use navigation::{CRITICAL, Navigation};

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

/// What the checks look at.
pub struct Subject<'a> {
    /// The roles.
    pub roles: &'a RoleSet,
    /// The files.
    pub files: &'a FileList,
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// What searching found.
    pub navigation: &'a Navigation,
}

/// Pieces of evidence of one check that are shown.
const SHOWN: usize = 5;
/// Source files directly in one folder beyond which it has more than one purpose.
const CROWDED: usize = 60;
/// Bytes of a source file beyond which nobody keeps it in mind.
const HUGE: u64 = 80_000;
/// Fewer source files than this tell nothing about structure.
const FEW: usize = 5;

/// Judges the structure.
pub fn judge(subject: &Subject<'_>) -> Audit {
    let checks = run(subject);
    let score = score(&checks);
    let (advice, shape) = shape(subject);
    let shape = shape.into_iter().map(Evidence::from).collect();
    Audit { checks, score, advice: advice.to_owned(), shape }
}

/// All checks, in the order of the checklist, then the principles.
pub fn run(subject: &Subject<'_>) -> Vec<Check> {
    vec![
        navigation::emergency_navigation(subject.navigation),
        dependency_clarity(subject),
        responsibility_isolation(subject),
        scalability_readiness(subject),
        testing_integration(subject),
        documentation_proximity(subject),
        of_roles(
            subject,
            ("configuration-management", "Configuration management"),
            &["config"],
            "keep settings in one module and one file for each environment, with an .env.example",
        ),
        build_optimization(subject),
        of_roles(
            subject,
            ("monitoring-integration", "Monitoring integration"),
            &["logging", "health"],
            "set up logging and metrics in one module and answer /health",
        ),
        security_boundaries(subject),
        of_roles(
            subject,
            ("isolation-boundaries", "Isolation boundaries"),
            &["database", "service", "config"],
            "keep data access, services and settings each in a place of its own",
        ),
        of_roles(
            subject,
            ("failure-recovery", "Failure recovery"),
            &["error-handling", "health", "migration"],
            "handle errors in one place, answer health checks, keep schema changes as migrations",
        ),
        of_roles(
            subject,
            ("scalability-preparation", "Scalability preparation"),
            &["infra", "database", "cache"],
            "describe how it runs in containers; put data access and caching behind modules",
        ),
        of_roles(
            subject,
            ("security-principle", "Security boundaries by design"),
            &["auth", "middleware", "config"],
            "check who asks in one module, in the way of every request, with secrets outside",
        ),
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

impl Subject<'_> {
    fn text(&self, id: FileId) -> String {
        self.files.repo_path(id).to_text().into_owned()
    }

    /// Hand-written source files.
    fn sources(&self) -> impl Iterator<Item = FileId> + '_ {
        self.files.living().filter(|&id| {
            let language = Language::of(name_of(self.files.lower(id)));
            self.files.facts(id).standing == Standing::Source
                && !matches!(language, None | Some(Language::Data | Language::Shell))
        })
    }

    /// The first file of a role as `path:line`.
    fn first_of(&self, role: &str) -> Option<String> {
        let place = self.roles.place(role)?;
        let entry = self.catalogue.shelves.iter().find(|it| it.role == place)?.files.first()?;
        Some(format!("{}:{}", self.text(entry.id), entry.line))
    }
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

fn done(
    (id, title): (&'static str, &'static str),
    verdict: Verdict,
    evidence: Vec<impl Into<Evidence>>,
    fix: &str,
) -> Check {
    let evidence = evidence.into_iter().take(SHOWN + 1).map(Into::into).collect();
    let fix = if verdict == Verdict::Pass { String::new() } else { fix.to_owned() };
    Check { id, title, verdict, evidence, fix }
}

fn dependency_clarity(subject: &Subject<'_>) -> Check {
    let name = ("dependency-clarity", "Dependency clarity");
    let sources: Vec<FileId> = subject.sources().collect();
    if sources.len() < FEW {
        return not_judged(name, "too few source files to judge");
    }
    let depth = |id: &FileId| memchr::memchr_iter(b'/', subject.files.lower(*id)).count();
    let deep: Vec<FileId> = sources.iter().copied().filter(|id| depth(id) > 9).collect();
    let share = 1.0 - deep.len() as f64 / sources.len() as f64;
    let mut evidence = vec![format!(
        "{} of {} source files lie deeper than nine folders",
        deep.len(),
        sources.len()
    )];
    evidence.extend(deep.iter().map(|&id| subject.text(id)));
    done(
        name,
        Verdict::of(share, 0.95, 0.8),
        evidence,
        "flatten these folders, so that an import path can be read at a glance",
    )
}

fn responsibility_isolation(subject: &Subject<'_>) -> Check {
    let name = ("responsibility-isolation", "Responsibility isolation");
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    for id in subject.sources() {
        let path = subject.text(id);
        let folder = path.rsplit_once('/').map_or("", |it| it.0);
        *folders.entry(folder.to_owned()).or_default() += 1;
    }
    if folders.len() < 2 {
        return not_judged(name, "all source lies in one folder");
    }
    let grab_bag = |folder: &str| {
        let last = folder.rsplit('/').next().unwrap_or_default().to_lowercase();
        matches!(last.as_str(), "util" | "utils" | "helpers" | "helper" | "misc" | "common")
    };
    let crowded: Vec<String> = folders
        .iter()
        .filter(|(folder, count)| **count > CROWDED || (**count > 15 && grab_bag(folder)))
        .map(|(folder, count)| format!("{folder}/: {count} source files"))
        .collect();
    let share = 1.0 - crowded.len() as f64 / folders.len() as f64;
    let verdict = if crowded.is_empty() { Verdict::Pass } else { Verdict::of(share, 2.0, 0.95) };
    let mut evidence = vec![format!("{} of {} folders are crowded", crowded.len(), folders.len())];
    evidence.extend(crowded);
    done(name, verdict, evidence, "split these folders by what their files are for")
}

fn scalability_readiness(subject: &Subject<'_>) -> Check {
    let name = ("scalability-readiness", "Scalability readiness");
    let sources: Vec<FileId> = subject.sources().collect();
    if sources.len() < FEW {
        return not_judged(name, "too few source files to judge");
    }
    let size = |id: &FileId| subject.files.facts(*id).stamp.size;
    let mut huge: Vec<FileId> = sources.iter().copied().filter(|id| size(id) > HUGE).collect();
    huge.sort_by_key(|id| std::cmp::Reverse(size(id)));
    let share = 1.0 - huge.len() as f64 / sources.len() as f64;
    let mut evidence =
        vec![format!("{} of {} source files are beyond 80 kB", huge.len(), sources.len())];
    evidence.extend(huge.iter().map(|id| format!("{}: {} kB", subject.text(*id), size(id) / 1000)));
    done(name, Verdict::of(share, 0.99, 0.95), evidence, "split these files before they grow on")
}

fn testing_integration(subject: &Subject<'_>) -> Check {
    let name = ("testing-integration", "Testing integration");
    let sources = subject.sources().count();
    if sources < FEW {
        return not_judged(name, "too few source files to judge");
    }
    let tests: Vec<FileId> = subject
        .files
        .living()
        .filter(|&id| subject.files.facts(id).standing == Standing::Test)
        .collect();
    let share = tests.len() as f64 / sources as f64;
    let mut evidence = vec![format!("{} test files for {sources} source files", tests.len())];
    evidence.extend(tests.first().map(|&id| subject.text(id)));
    done(
        name,
        Verdict::of(share, 0.15, 0.05),
        evidence,
        "put tests beside the source, beginning with the critical files",
    )
}

fn documentation_proximity(subject: &Subject<'_>) -> Check {
    let name = ("documentation-proximity", "Documentation proximity");
    let mut sources: BTreeMap<String, usize> = BTreeMap::new();
    for id in subject.sources() {
        let path = subject.text(id);
        let mut parts = path.split('/');
        let (Some(one), Some(two)) = (parts.next(), parts.next()) else { continue };
        let group = matches!(one, "apps" | "libs" | "packages" | "services" | "crates");
        let folder = match parts.next() {
            Some(_) if group => format!("{one}/{two}"),
            _ => one.to_owned(),
        };
        *sources.entry(folder).or_default() += 1;
    }
    sources.retain(|_, count| *count >= FEW);
    if sources.is_empty() {
        return not_judged(name, "no folder has enough source to need a README");
    }
    let mut with: BTreeSet<String> = BTreeSet::new();
    for id in subject.files.living() {
        let path = subject.text(id);
        if let Some((folder, file)) = path.rsplit_once('/')
            && file.to_lowercase().starts_with("readme")
        {
            with.insert(folder.to_owned());
        }
    }
    let bare: Vec<&String> = sources.keys().filter(|it| !with.contains(*it)).collect();
    let share = 1.0 - bare.len() as f64 / sources.len() as f64;
    let mut evidence = vec![format!(
        "{} of {} major folders have a README",
        sources.len() - bare.len(),
        sources.len()
    )];
    evidence.extend(bare.iter().map(|it| format!("{it}/ has none")));
    done(
        name,
        Verdict::of(share, 0.7, 0.3),
        evidence,
        "say in a README of each of these folders what it is for and where to begin",
    )
}

fn build_optimization(subject: &Subject<'_>) -> Check {
    let name = ("build-optimization", "Build optimization");
    let listed = |wanted: &[&str]| -> Vec<String> {
        let named = |id: &FileId| {
            let name = name_of(subject.files.lower(*id));
            wanted.iter().any(|it| it.as_bytes() == name)
        };
        subject.files.living().filter(named).map(|id| subject.text(id)).collect()
    };
    let manifests = listed(&[
        "package.json",
        "cargo.toml",
        "pyproject.toml",
        "requirements.txt",
        "go.mod",
        "gemfile",
        "composer.json",
        "pom.xml",
        "build.gradle",
        "build.gradle.kts",
        "mix.exs",
    ]);
    if manifests.is_empty() {
        return not_judged(name, "no manifest of a known build tool");
    }
    let ci = subject.files.living().map(|id| subject.text(id)).find(|it| {
        it.starts_with(".github/workflows/")
            || it.contains("github-actions/")
            || it.starts_with(".gitlab-ci")
            || it.starts_with(".circleci/")
            || it.ends_with("Jenkinsfile")
    });
    let mut evidence = vec![format!("{} manifests, such as {}", manifests.len(), manifests[0])];
    let verdict = match &ci {
        Some(path) => {
            evidence.push(format!("built by {path}"));
            Verdict::Pass
        }
        None => Verdict::Warn,
    };
    done(name, verdict, evidence, "let continuous integration build each manifest")
}

fn security_boundaries(subject: &Subject<'_>) -> Check {
    let name = ("security-boundaries", "Security boundaries");
    let secret: Vec<String> = subject
        .files
        .living()
        .filter(|&id| {
            let facts = subject.files.facts(id);
            !matches!(facts.standing, Standing::Test | Standing::Example | Standing::Vendored)
                && is_secret(subject.files.path(id))
        })
        .map(|id| subject.text(id))
        .collect();
    if !secret.is_empty() {
        let evidence =
            secret.iter().map(|it| format!("{it}: the name says that it holds secrets")).collect();
        let fix = "take secrets out of the tree and rotate them; keep an .env.example instead";
        return done(name, Verdict::Fail, evidence, fix);
    }
    match subject.first_of("auth") {
        Some(path) => done(name, Verdict::Pass, vec![format!("who asks is checked in {path}")], ""),
        None if subject.first_of("route").is_none() => {
            not_judged(name, "nothing answers requests, so nobody has to be checked")
        }
        None => done(
            name,
            Verdict::Fail,
            vec!["requests are answered and no file checks who asks".to_owned()],
            "check who asks in one module, before requests are answered",
        ),
    }
}

/// A check that asks for files of some roles.
fn of_roles(
    subject: &Subject<'_>,
    name: (&'static str, &'static str),
    wanted: &[&str],
    fix: &str,
) -> Check {
    if subject.first_of("entry-point").is_none() && subject.first_of("route").is_none() {
        return not_judged(name, "nothing here starts or answers requests");
    }
    let mut evidence = Vec::new();
    let mut there = 0;
    for role in wanted {
        match subject.first_of(role) {
            Some(path) => {
                there += 1;
                evidence.push(format!("{role}: {path}"));
            }
            None => evidence.push(format!("{role}: no file found")),
        }
    }
    let share = f64::from(there) / wanted.len() as f64;
    done(name, Verdict::of(share, 1.0, 0.5), evidence, fix)
}

/// What speaks for one repository, and what for several, of what is seen here.
pub fn shape(subject: &Subject<'_>) -> (&'static str, Vec<String>) {
    let mut apps: BTreeSet<String> = BTreeSet::new();
    let mut libs: BTreeSet<String> = BTreeSet::new();
    let mut languages: BTreeSet<Language> = BTreeSet::new();
    for id in subject.sources() {
        let path = subject.text(id);
        languages.extend(Language::of(name_of(subject.files.lower(id))));
        let mut parts = path.split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("apps" | "services"), Some(name), Some(_)) => _ = apps.insert(name.to_owned()),
            (Some("libs" | "packages" | "crates" | "shared"), Some(name), Some(_)) => {
                _ = libs.insert(name.to_owned());
            }
            _ => {}
        }
    }
    let list =
        |names: &BTreeSet<String>| names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let mut evidence = Vec::new();
    if !apps.is_empty() {
        evidence.push(format!("{} applications: {}", apps.len(), list(&apps)));
    }
    if !libs.is_empty() {
        evidence.push(format!("{} shared libraries: {}", libs.len(), list(&libs)));
    }
    evidence.push(format!("{} languages", languages.len()));
    evidence.push("the number of contributors and their releases were not looked at".to_owned());
    let advice = match (apps.len(), libs.len()) {
        (0 | 1, _) => "one application: the question does not arise",
        (_, 0) => "several applications that share nothing: separate repositories would do",
        _ => "several applications that share libraries: one repository fits",
    };
    (advice, evidence)
}
