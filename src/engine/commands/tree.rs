//! The repository as the sources see it: the listed files by their names, and their text on demand,
//! within a budget.
//!
//! Names come first: a source says by the name alone which files it wants, so that a large
//! repository costs one pass over its list. Only listed files are read, which keeps what is ignored,
//! what lies outside and what is reached by a link out of reach.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use crate::base::RepoPath;
use crate::engine::files::FileList;
use crate::engine::index::is_secret;
use crate::engine::regular;
use crate::engine::roles::{RoleBits, RoleSet};
use crate::engine::standing::Standing;

/// Bytes that are read in all; more is no repository's set of commands.
const MOST_BYTES: usize = 24 << 20;
/// Files that are read in all.
const MOST_FILES: usize = 3000;

/// A listed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its path below the root.
    pub path: String,
    /// What kind of file it is among its peers.
    pub standing: Standing,
    /// Whether it answers whether something is healthy.
    pub health: bool,
    /// Whether it is written for emergencies.
    pub runbook: bool,
}

impl Item {
    /// Its name.
    pub fn name(&self) -> &str {
        name_of(&self.path)
    }

    /// The folder it lies in; empty for the root.
    pub fn folder(&self) -> &str {
        folder_of(&self.path)
    }

    /// The path as the rest of navi has it.
    pub fn repo_path(&self) -> RepoPath {
        RepoPath::from(self.path.as_str())
    }

    /// Whether it is somebody else's or made by a program.
    pub fn is_foreign(&self) -> bool {
        matches!(self.standing, Standing::Vendored | Standing::Generated)
    }
}

/// The last part of a path.
pub fn name_of(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |it| it.1)
}

/// The folder of a path; empty for the root.
pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |it| it.0)
}

/// A file name below a folder.
pub fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

type Reader<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// See the module.
pub struct Tree<'a> {
    items: Vec<Item>,
    places: HashMap<String, usize>,
    reader: Box<Reader<'a>>,
    texts: RefCell<HashMap<String, Option<Rc<str>>>>,
    left: Cell<usize>,
}

impl<'a> Tree<'a> {
    /// The tree of a repository whose files are listed.
    pub fn of(root: &'a Path, files: &FileList, roles: &RoleSet) -> Self {
        let place = |id: &str| roles.place(id);
        let (health, runbook) = (place("health"), place("runbook"));
        let has = |bits: RoleBits, role: Option<usize>| role.is_some_and(|it| bits.has(it));
        let mut items = Vec::with_capacity(files.len());
        for id in files.living() {
            let Ok(path) = std::str::from_utf8(files.path(id)) else { continue };
            let facts = files.facts(id);
            items.push(Item {
                path: path.to_owned(),
                standing: facts.standing,
                health: has(facts.roles, health),
                runbook: has(facts.roles, runbook),
            });
        }
        let reader = move |path: &str| {
            let at = RepoPath::from(path).on_disk(root);
            regular::read_below(root, &at).ok()
        };
        Self::new(items, Box::new(reader))
    }

    /// A tree of texts, for tests.
    pub fn of_texts(texts: &'a [(&'a str, &'a str)]) -> Self {
        let items = texts.iter().map(|(path, _)| Item {
            path: (*path).to_owned(),
            standing: Standing::of(path.to_ascii_lowercase().as_bytes()),
            health: name_of(path).contains("health"),
            runbook: path.contains("runbook"),
        });
        let reader = |path: &str| texts.iter().find(|it| it.0 == path).map(|it| it.1.to_owned());
        Self::new(items.collect(), Box::new(reader))
    }

    fn new(mut items: Vec<Item>, reader: Box<Reader<'a>>) -> Self {
        // Walks find files in any order; ids have to be the same each time.
        items.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        let places = items.iter().enumerate().map(|(at, it)| (it.path.clone(), at)).collect();
        Self { items, places, reader, texts: RefCell::default(), left: Cell::new(MOST_BYTES) }
    }

    /// All files, by path.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The file of this path.
    pub fn item(&self, path: &str) -> Option<&Item> {
        self.places.get(path).and_then(|at| self.items.get(*at))
    }

    /// Whether a file of this path is listed.
    pub fn has(&self, path: &str) -> bool {
        self.places.contains_key(path)
    }

    /// The text of a listed file. What is named like a secret is not read.
    pub fn text(&self, path: &str) -> Option<Rc<str>> {
        if !self.has(path) || is_secret(path.as_bytes()) {
            return None;
        }
        self.read(path)
    }

    /// The text of a file of settings beside a Compose file, which holds values for display.
    pub fn settings(&self, path: &str) -> Option<Rc<str>> {
        self.read(path)
    }

    fn read(&self, path: &str) -> Option<Rc<str>> {
        if let Some(known) = self.texts.borrow().get(path) {
            return known.clone();
        }
        if self.left.get() == 0 || self.texts.borrow().len() >= MOST_FILES {
            return None;
        }
        let text: Option<Rc<str>> = (self.reader)(path).map(Rc::from);
        let used = text.as_ref().map_or(0, |it| it.len());
        self.left.set(self.left.get().saturating_sub(used));
        self.texts.borrow_mut().insert(path.to_owned(), text.clone());
        text
    }
}
