//! What a file must be, whatever the words: roles, extensions, owners, age, the repository, marks on
//! the path.
//!
//! To add a filter, give [`Query`] a field, read it in `parse.rs`, and judge it here.

use super::Finder;
use super::parse::{Query, Word};
use crate::base::Diagnostic;
use crate::base::diag::quote;
use crate::base::path::name_of;
use crate::base::suggest::did_you_mean;
use crate::engine::files::{FileId, FileList};
use crate::engine::owners::Owners;

/// What a file must be, whatever the words.
pub(super) struct Filter<'a> {
    query: &'a Query,
    files: &'a FileList,
    owners: &'a Owners,
    /// Files changed before this are left out.
    since: Option<i64>,
    /// Whether files of each repository pass, where some repositories are left out; of a single one
    /// alone.
    repositories: Option<Vec<bool>>,
    /// Nothing is asked: every file passes.
    open: bool,
}

/// The repositories of a list of files, in lower case: their labels, or the root's name of the only
/// one.
fn names_of(finder: &Finder, files: &FileList) -> Vec<String> {
    let mut names: Vec<String> = files.labels().map(str::to_lowercase).collect();
    if names.is_empty() {
        let name = finder.root.file_name().unwrap_or_default();
        names.push(name.to_string_lossy().to_lowercase());
    }
    names
}

/// Whether `asked` means a repository: by its whole name, else, while it is being typed, by its
/// beginning.
fn means(asked: &str, name: &str, all: &[String]) -> bool {
    if all.iter().any(|it| it == asked) { name == asked } else { name.starts_with(asked) }
}

/// What is wrong with the names of repositories in a query.
pub(super) fn unknown_repositories(
    finder: &Finder,
    query: &Query,
    files: &FileList,
) -> Vec<Diagnostic> {
    if query.repositories.is_empty() && query.not_repositories.is_empty() {
        return Vec::new();
    }
    let names = names_of(finder, files);
    let asked = query.repositories.iter().chain(&query.not_repositories);
    let unknown = asked.filter(|it| !names.iter().any(|name| means(it, name, &names)));
    let fault = |it: &String| {
        let near = did_you_mean(it, names.iter().map(String::as_str));
        Diagnostic::warning(format!("no repository is called {}", quote(it))).maybe_meant(near)
    };
    unknown.map(fault).collect()
}

/// Which repositories pass; `None` when all do.
fn repositories(finder: &Finder, query: &Query, files: &FileList) -> Option<Vec<bool>> {
    if query.repositories.is_empty() && query.not_repositories.is_empty() {
        return None;
    }
    let names = names_of(finder, files);
    let pass = |name: &String| {
        let one_of = |asked: &[String]| asked.iter().any(|it| means(it, name, &names));
        (query.repositories.is_empty() || one_of(&query.repositories))
            && !one_of(&query.not_repositories)
    };
    Some(names.iter().map(pass).collect())
}

impl<'a> Filter<'a> {
    /// The filter of a query; `now` is in nanoseconds since 1970.
    pub(super) fn new(finder: &'a Finder, query: &'a Query, files: &'a FileList, now: i64) -> Self {
        let since = query.changed_within.map(|age| {
            now.saturating_sub(i64::try_from(age).unwrap_or(i64::MAX).saturating_mul(1_000_000_000))
        });
        let asked = query.filters();
        let open = asked == Query::default();
        let repositories = repositories(finder, query, files);
        Self { query, files, owners: &finder.owners, since, repositories, open }
    }

    /// Whether the file passes.
    pub(super) fn keeps(&self, file: FileId) -> bool {
        if self.open {
            return true;
        }
        let query = self.query;
        if let Some(pass) = &self.repositories
            && !pass[self.files.repository(file).unwrap_or_default()]
        {
            return false;
        }
        let facts = self.files.facts(file);
        if query.roles.0 != 0 && !facts.roles.meets(query.roles) {
            return false;
        }
        if self.since.is_some_and(|since| facts.stamp.modified < since) {
            return false;
        }
        let path = self.files.path(file);
        let lower = self.files.lower(file);
        let extension = crate::base::path::extension_of(name_of(lower));
        if !query.extensions.is_empty()
            && !query.extensions.iter().any(|it| it.as_bytes() == extension)
        {
            return false;
        }
        let holds = |word: &Word| {
            let (text, wanted) = self.cased(word, path, lower);
            memchr::memmem::find(text, wanted).is_some()
        };
        query.paths.iter().all(|it| memchr::memmem::find(lower, it.as_bytes()).is_some())
            && !query.nots.iter().any(holds)
            && query.prefixes.iter().all(|word| {
                let (text, wanted) = self.cased(word, path, lower);
                text.starts_with(wanted) || name_of(text).starts_with(wanted)
            })
            && query.suffixes.iter().all(|word| {
                let (text, wanted) = self.cased(word, path, lower);
                text.ends_with(wanted)
            })
            && (query.owners.is_empty() || {
                let path = String::from_utf8_lossy(path);
                let owners = self.owners.of(&path);
                query.owners.iter().all(|wanted| {
                    let wanted = wanted.trim_start_matches('@');
                    owners.iter().any(|it| it.to_lowercase().contains(wanted))
                })
            })
    }

    /// Smart case: the path and the wanted text in the case that counts.
    fn cased<'b>(&self, word: &'b Word, path: &'b [u8], lower: &'b [u8]) -> (&'b [u8], &'b [u8]) {
        if word.cased { (path, word.text.as_bytes()) } else { (lower, word.lower.as_bytes()) }
    }
}
