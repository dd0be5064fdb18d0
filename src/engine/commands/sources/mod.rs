//! Where commands come from: one source, one file, one line in [`SOURCES`].
//!
//! A source says by a file's name whether it wants it, and then reads text. What it finds are
//! [`Draft`]s, of which the risk is judged later in one place, and books of recipes for what calls
//! them.

mod cargo;
mod compose;
mod composer;
mod health;
mod just;
mod kubernetes;
mod make;
mod markdown;
mod mise;
mod node;
mod own;
mod procfile;
mod python;
mod rake;
mod systemd;
mod task;

use std::collections::HashMap;

use super::risk::{Recipe, Tool};
use super::tree::{Item, Tree};
use super::{Command, Kind, Place, Risk, Stack, Work};
use crate::base::{Diagnostic, Origin, RepoPath, text};

/// A kind of file in which commands are found.
pub struct Source {
    /// Whether it wants a file.
    pub takes: fn(&Item) -> bool,
    /// Reads the files it wanted, which come by path.
    pub find: fn(&Tree<'_>, &[&Item], &mut Found),
}

/// All sources. Those whose commands others build on come first.
pub const SOURCES: &[Source] = &[
    own::SOURCE,
    make::SOURCE,
    node::SOURCE,
    just::SOURCE,
    task::SOURCE,
    python::SOURCE,
    composer::SOURCE,
    rake::SOURCE,
    mise::SOURCE,
    cargo::SOURCE,
    procfile::SOURCE,
    compose::SOURCE,
    kubernetes::SOURCE,
    kubernetes::HELM,
    systemd::SOURCE,
    health::SOURCE,
    markdown::SOURCE,
];

/// What decides a draft's risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// Its work as it stands.
    Work,
    /// A recipe that a tool keeps in this folder under this name.
    Recipe(Tool, String, String),
    /// This, and why; the source knows better than its text tells.
    Known(Risk, String),
}

/// A command without its risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The command; `risk`, `risk_why`, `body` and `files` are filled in later.
    pub command: Command,
    /// What decides its risk.
    pub judged: Judged,
    /// What it is at the least, whatever its text says.
    pub least: Option<(Risk, String)>,
    /// The lower the further up it stands within its kind.
    pub rank: u32,
}

impl Draft {
    /// A draft that runs `work` from the root.
    pub fn new(id: String, title: &str, kind: Kind, work: Work, place: Place) -> Self {
        Self {
            command: Command {
                id,
                title: tidy(title),
                kind,
                work,
                env: Vec::new(),
                cwd: RepoPath::from(""),
                place,
                risk: Risk::Changes,
                risk_why: String::new(),
                body: String::new(),
                files: Vec::new(),
                parameters: Vec::new(),
                follows: false,
                interactive: false,
                service: None,
                judge: None,
                deadline_s: None,
            },
            judged: Judged::Work,
            least: None,
            rank: 50,
        }
    }

    /// The same in another folder.
    #[must_use]
    pub fn within(mut self, folder: &str) -> Self {
        self.command.cwd = RepoPath::from(folder);
        self
    }

    /// The same with the recipe that decides its risk.
    #[must_use]
    pub fn by_recipe(mut self, tool: Tool, folder: &str, name: &str) -> Self {
        self.judged = Judged::Recipe(tool, folder.to_owned(), name.to_owned());
        self
    }

    /// The same at another place within its kind.
    #[must_use]
    pub fn ranked(mut self, rank: u32) -> Self {
        self.rank = rank;
        self
    }
}

/// The recipes of one tool in one folder.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// By name.
    pub recipes: HashMap<String, Recipe>,
    /// The name of what runs when none is asked for.
    pub default: Option<String>,
    /// Pattern rules: what stands before and behind `%`, and the recipe's name.
    pub patterns: Vec<(String, String, String)>,
}

impl Book {
    /// The recipe that would be taken for a name, under its own name.
    pub fn get(&self, name: &str) -> Option<(&str, &Recipe)> {
        let name = if name.is_empty() { self.default.as_deref()? } else { name };
        if let Some((name, recipe)) = self.recipes.get_key_value(name) {
            return Some((name, recipe));
        }
        let fits = |it: &&(String, String, String)| {
            name.len() > it.0.len() + it.1.len() && name.starts_with(&it.0) && name.ends_with(&it.1)
        };
        let (_, _, key) = self.patterns.iter().find(fits)?;
        self.recipes.get_key_value(key).map(|(name, recipe)| (name.as_str(), recipe))
    }
}

/// What the sources have found.
#[derive(Default)]
pub struct Found {
    /// Commands.
    pub drafts: Vec<Draft>,
    /// Recipes by tool and folder.
    pub books: HashMap<(Tool, String), Book>,
    /// Compose stacks.
    pub stacks: Vec<Stack>,
    /// What was wrong.
    pub said: Vec<Diagnostic>,
}

impl Found {
    /// The book of a tool in a folder.
    pub fn book(&mut self, tool: Tool, folder: &str) -> &mut Book {
        self.books.entry((tool, folder.to_owned())).or_default()
    }

    /// Says that something in a file was left out.
    pub fn warn(&mut self, path: &str, line: u32, message: impl Into<String>) {
        let origin =
            Origin { source: text::clean(path).into_owned(), line: Some(line), column: None };
        self.said.push(Diagnostic::warning(message).at(origin));
    }
}

/// A place in a file.
pub fn place(path: &str, line: u32) -> Place {
    Place { path: RepoPath::from(path), line: line.max(1) }
}

/// An id made of parts: what could steer a terminal or a shell becomes `-`.
pub fn id(parts: &[&str]) -> String {
    let part = |part: &&str| -> String {
        let safe = |it: char| if it.is_alphanumeric() || "_-:@".contains(it) { it } else { '-' };
        let out: String = part.chars().take(60).map(safe).collect();
        // An id is typed as an argument.
        out.trim_matches('-').to_owned()
    };
    let parts: Vec<String> = parts.iter().map(part).filter(|it| !it.is_empty()).collect();
    parts.join(".")
}

/// A name for what is in a folder: nothing at the root, else the folder's parts.
pub fn label(folder: &str) -> String {
    folder.replace('/', "-")
}

/// A title of one clean line that is not long.
pub fn tidy(title: &str) -> String {
    let one = title.split_whitespace().collect::<Vec<_>>().join(" ");
    text::truncate(&text::clean(&one), 100).into_owned()
}

/// A file or folder as an argument: never taken for an option.
pub fn argument(path: &str) -> String {
    if path.starts_with('-') { format!("./{path}") } else { path.to_owned() }
}

/// A name that can be handed to a program as it is: no option, no control, not empty.
pub fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 100
        && !name.starts_with('-')
        && name.chars().all(|it| it.is_alphanumeric() || "._-:/@+".contains(it))
}

/// A text as one line for a title: the first that says something.
pub fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|it| !it.is_empty()).unwrap_or_default()
}

/// The work of a text for a shell: a program where no shell is needed.
pub fn work_of(text: &str) -> Work {
    match super::shell::read(text).plain() {
        Some(argv) if !super::risk::needs_shell(&argv) => Work::Program(argv),
        _ => Work::Shell(text.trim().to_owned()),
    }
}
