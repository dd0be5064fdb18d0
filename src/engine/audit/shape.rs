//! One repository or several: what speaks for each, of what is seen here.
//!
//! The questions are the guide's: the same people, shared types, releases together, how many
//! people. It is advice and counts for nothing in the score.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::{Kind, Part};
use super::{Evidence, SHOWN, Subject, counted};
use crate::base::path::name_of;
use crate::engine::history::History;
use crate::engine::roles::Language;

/// People from which several repositories are worth their trouble.
const MANY: usize = 20;

/// What the history tells of those who work here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct People {
    /// Authors in the last year of the history.
    pub contributors: usize,
    /// Tags in the same time.
    pub releases: usize,
}

/// Seconds of a year.
const YEAR: i64 = 365 * 86_400;

impl People {
    /// Counts them in the last year of the history; nothing can be told without one.
    pub fn of(history: &History) -> Option<Self> {
        let newest = history.commits().map(|it| it.time()).max()?;
        let since = newest - YEAR;
        let recent = history.commits().filter(|it| it.time() >= since);
        let authors: BTreeSet<String> = recent.map(|it| it.author().into_owned()).collect();
        let releases = history.tags().iter().filter(|it| it.time >= since).count();
        Some(Self { contributors: authors.len(), releases })
    }
}

/// The advice, and what speaks for it.
pub fn shape(subject: &Subject<'_>) -> (String, Vec<Evidence>) {
    let parts = &subject.parts;
    let apps: Vec<&Part> = parts.kind(Kind::App).collect();
    let libs: Vec<&Part> = parts.kind(Kind::Lib).collect();
    let mut evidence = Vec::new();
    let list = |parts: &[&Part]| {
        parts.iter().take(SHOWN).map(|it| it.name()).collect::<Vec<_>>().join(", ")
    };
    if !apps.is_empty() {
        let what = counted(apps.len(), "application", "applications");
        evidence.push(Evidence::from(format!("{what}: {}", list(&apps))));
    }
    if !libs.is_empty() {
        let what = counted(libs.len(), "shared library", "shared libraries");
        evidence.push(Evidence::from(format!("{what}: {}", list(&libs))));
    }
    // Who uses what is shared.
    let mut users: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for it in subject.crossings.iter().filter(|it| parts.all[it.to].kind == Kind::Lib) {
        users.entry(it.to).or_default().insert(it.from);
    }
    let shared = users.iter().max_by_key(|(_, users)| users.len());
    let shared = shared.filter(|(_, users)| users.len() > 1);
    if let Some((lib, users)) = shared
        && let Some(it) = subject.crossings.iter().find(|it| it.to == *lib)
    {
        let said =
            format!("`{}` is used by {} parts, such as here", parts.all[*lib].name(), users.len());
        let path = subject.files.repo_path(it.file);
        evidence.push(Evidence::at(path, u64::from(it.line), said));
    }
    let typed = |it: &&&Part| {
        ["type", "model", "schema", "contract", "proto"].iter().any(|word| it.name().contains(word))
    };
    if let Some(lib) = libs.iter().find(typed)
        && let Some(&first) = lib.files.first()
    {
        let path = subject.files.repo_path(first);
        evidence.push(Evidence::of(path, format!("`{}` holds shared types", lib.name())));
    }
    let mut languages: BTreeMap<Language, usize> = BTreeMap::new();
    for &id in &subject.sources {
        if let Some(language) = Language::of(name_of(subject.files.lower(id))) {
            *languages.entry(language).or_default() += 1;
        }
    }
    evidence.push(Evidence::from(counted(languages.len(), "language", "languages")));
    // The owners of the applications, where they are told.
    let teams: BTreeSet<&str> = apps
        .iter()
        .filter_map(|it| it.files.first())
        .flat_map(|&id| subject.owners.of(&subject.files.repo_path(id).to_text()))
        .map(String::as_str)
        .collect();
    if !teams.is_empty() {
        let list = teams.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
        let what = counted(teams.len(), "owner", "owners");
        evidence.push(Evidence::from(format!("{what} of applications: {list}")));
    }
    let together = subject.file_named(&[
        "pnpm-workspace.yaml",
        "nx.json",
        "turbo.json",
        "lerna.json",
        "go.work",
        "settings.gradle",
        "settings.gradle.kts",
        "docker-compose.yml",
        "docker-compose.yaml",
        "compose.yml",
        "compose.yaml",
    ]);
    if let Some(id) = together.filter(|_| apps.len() > 1) {
        let said = "builds or starts the applications together";
        evidence.push(Evidence::of(subject.files.repo_path(id), said));
    }
    match subject.people {
        Some(People { contributors, releases }) => evidence.push(Evidence::from(format!(
            "{} and {} in the last year of the history",
            counted(contributors, "author", "authors"),
            counted(releases, "release", "releases")
        ))),
        None => evidence.push(Evidence::from(
            "without a history nothing is known of contributors and releases".to_owned(),
        )),
    }
    let crowd = subject.people.is_some_and(|it| it.contributors >= MANY);
    let apart = apps.len() > 1 && teams.len() >= apps.len() && teams.len() > 2;
    let advice = match (apps.len(), shared.is_some() || !libs.is_empty()) {
        (0 | 1, _) => "one application: the question does not arise",
        (_, false) if together.is_some() => {
            "several applications that share no library, yet are built or started together: one \
             repository fits"
        }
        (_, false) => "several applications that share nothing: separate repositories would do",
        (_, true) if crowd && apart => {
            "many people and each application with owners of its own: separate repositories would do, \
             with what is shared released on its own"
        }
        (_, true) if crowd => {
            "several applications that share libraries: one repository fits; with so many people, \
             give each application owners"
        }
        _ => "several applications that share libraries: one repository fits",
    };
    (advice.to_owned(), evidence)
}
