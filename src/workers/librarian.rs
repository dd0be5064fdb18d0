//! Answers the Runbooks panel: which documents there are, which are near, and each laid out to read.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::shared::Latest;
use super::{Mailbox, Options, Sink};
use crate::base::path::{extension_of, name_of, stem_of};
use crate::base::{RepoPath, text};
use crate::engine::files::FileList;
use crate::engine::preview::{SNIPPETS, snippet};
use crate::engine::regular;
use crate::engine::roles::RoleSet;
use crate::engine::runbook::{self, Around, Candidate, Document, Kind};
use crate::engine::standing::Standing;
use crate::engine::walk::Stamp;
use crate::protocol::{Book, Generation, Library, Opened, Report};

/// Documents that are listed.
const MOST: usize = 400;

/// Knows the documents of a repository.
pub struct Librarian {
    root: PathBuf,
    roles: Arc<RoleSet>,
    known: HashMap<RepoPath, (Stamp, Book, Vec<String>)>,
}

/// Lists documents until the mailbox is closed.
pub fn run(options: &Options, lists: &Mailbox<(Generation, Around)>, latest: &Latest, sink: &Sink) {
    let root = options.repo.root.clone();
    let mut librarian = Librarian::new(root, Arc::clone(&options.finder.roles));
    while let Some((generation, around)) = lists.take() {
        let files = latest.get().files;
        if let Some(library) = librarian.list(&files, &around, &|| lists.is_overtaken()) {
            sink(Report::Runbooks { generation, library });
        }
    }
}

/// Lays documents out until the mailbox is closed.
pub fn run_pages(
    options: &Options,
    inbox: &Mailbox<(Generation, RepoPath, u16)>,
    latest: &Latest,
    sink: &Sink,
) {
    let root = options.repo.root.clone();
    let librarian = Librarian::new(root, Arc::clone(&options.finder.roles));
    while let Some((generation, path, width)) = inbox.take() {
        let opened = librarian.open(&latest.get().files, &path, width);
        sink(Report::Runbook { generation, opened });
    }
}

fn is_markdown(lower: &[u8]) -> bool {
    matches!(extension_of(name_of(lower)), b"md" | b"markdown" | b"mdx" | b"mkd")
}

impl Librarian {
    /// One that has seen nothing so far.
    pub fn new(root: PathBuf, roles: Arc<RoleSet>) -> Self {
        Self { root, roles, known: HashMap::new() }
    }

    fn read(&self, files: &HashSet<RepoPath>, path: &RepoPath) -> Result<Document, String> {
        let markdown = regular::read_below(&self.root, &path.on_disk(&self.root));
        let markdown = markdown.map_err(|it| it.to_string())?;
        Ok(runbook::read(&markdown, path, &|it| files.contains(it)))
    }

    /// The documents among these files, and which are near; `None` when something newer is asked
    /// meanwhile.
    pub fn list(
        &mut self,
        files: &FileList,
        around: &Around,
        overtaken: &dyn Fn() -> bool,
    ) -> Option<Library> {
        let role = self.roles.roles().iter().position(|it| it.id == "runbook");
        let mut wanted = Vec::new();
        for id in files.living() {
            let facts = files.facts(id);
            let lower = files.lower(id);
            let aside =
                matches!(facts.standing, Standing::Vendored | Standing::Generated | Standing::Test);
            if facts.link || aside || !is_markdown(lower) {
                continue;
            }
            let runbook = role.is_some_and(|it| facts.roles.has(it));
            let depth = memchr::memchr_iter(b'/', lower).count();
            // A file of changes is long and helps nobody at night.
            let news = stem_of(name_of(lower)).starts_with(b"change");
            wanted.push(((!runbook, news, depth), files.repo_path(id), facts.stamp, runbook));
        }
        wanted
            .sort_by(|one, other| (&one.0, one.1.as_bytes()).cmp(&(&other.0, other.1.as_bytes())));
        wanted.truncate(MOST);
        let all: HashSet<RepoPath> = HashSet::new();
        let mut books = Vec::new();
        for (_, path, stamp, runbook) in wanted {
            if overtaken() {
                return None;
            }
            let fresh =
                self.known.get(&path).is_some_and(|it| it.0 == stamp && it.1.runbook == runbook);
            if !fresh {
                // Whether links lead anywhere matters only once it is opened.
                let document = self.read(&all, &path).unwrap_or_default();
                let (book, names) = describe(&path, &document, runbook);
                self.known.insert(path.clone(), (stamp, book, names));
            }
            books.extend(self.known.get(&path).map(|it| (it.1.clone(), it.2.clone())));
        }
        let candidates: Vec<Candidate<'_>> = books
            .iter()
            .map(|(it, names)| Candidate {
                path: &it.path,
                title: &it.title,
                headings: &it.headings,
                names,
            })
            .collect();
        let mut near = runbook::near(around, &candidates);
        // A document that only shares a word is not what one is looking for: runbooks come first.
        near.sort_by_key(|it| !books.get(it.0).is_some_and(|it| it.0.runbook));
        let news = |it: &RepoPath| {
            stem_of(name_of(it.as_bytes())).to_ascii_lowercase().starts_with(b"change")
        };
        near.retain(|it| books.get(it.0).is_some_and(|it| !news(&it.0.path)));
        near.truncate(3);
        let near_to = match &around.path {
            Some(path) => path.display(),
            None => around.words.first().map(|it| text::clean(it).into_owned()).unwrap_or_default(),
        };
        Some(Library { near, near_to, books: books.into_iter().map(|it| it.0).collect() })
    }

    /// A document in so many columns.
    pub fn open(&self, files: &FileList, path: &RepoPath, width: u16) -> Opened {
        let all: HashSet<RepoPath> = files.living().map(|id| files.repo_path(id)).collect();
        match self.read(&all, path) {
            Ok(document) => {
                let until = Instant::now() + SNIPPETS;
                let page =
                    runbook::lay_out(&document, usize::from(width), &mut |language, lines| {
                        snippet(language, lines, until)
                    });
                let title = document.title.unwrap_or_default();
                Opened { path: path.clone(), title, page: Arc::new(page), fault: None }
            }
            Err(why) => Opened {
                path: path.clone(),
                title: String::new(),
                page: Arc::default(),
                fault: Some(format!("this document cannot be read: {}", text::clean(&why))),
            },
        }
    }
}

/// A document in a list, and what it names.
fn describe(path: &RepoPath, document: &Document, runbook: bool) -> (Book, Vec<String>) {
    let mut names = Vec::new();
    let mut scripts = 0;
    for block in &document.blocks {
        match &block.kind {
            Kind::Text(pieces) => {
                names.extend(pieces.iter().filter(|it| it.code).map(|it| it.text.clone()));
            }
            Kind::Code { language, .. } => {
                let shells = ["sh", "bash", "shell", "console", "zsh"];
                scripts += usize::from(shells.contains(&language.to_lowercase().as_str()));
            }
            Kind::Heading(..) | Kind::Table(_) | Kind::Rule => {}
        }
    }
    names.truncate(500);
    let headings = document.headings().into_iter().skip(1).map(|it| it.1).collect();
    let title = document.title.clone().filter(|it| !it.trim().is_empty());
    let title = title.unwrap_or_else(|| text::clean_bytes(stem_of(name_of(path.as_bytes()))));
    (Book { path: path.clone(), title, headings, scripts, runbook }, names)
}
