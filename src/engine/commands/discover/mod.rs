//! Finds what a repository offers to run, judges it, and puts it into the order of the screen.

use std::collections::HashSet;
use std::path::Path;

use super::risk::{Around, Judgement, Recipe, Tool, Walk};
use super::sources::{Book, Draft, Found, Judged, SOURCES};
use super::tree::{Item, Tree, folder_of};
use super::{Command, Discovery, Risk, Work};
use crate::base::text;
use crate::engine::files::FileList;
use crate::engine::roles::RoleSet;
use crate::engine::standing::Standing;

/// Bytes of a command's body; what is longer is known by its files.
const LONGEST_BODY: usize = 64 * 1024;

/// What is asked.
pub struct Ask<'a> {
    /// The repository's root.
    pub root: &'a Path,
    /// Its files.
    pub files: &'a FileList,
    /// The roles by which they are tagged.
    pub roles: &'a RoleSet,
    /// Whether nobody waits any more.
    pub cancelled: &'a dyn Fn() -> bool,
}

/// Finds the commands of a repository. Nothing is run and nothing outside of the listed files is
/// read; a cancelled search returns what it has.
pub fn discover(ask: &Ask<'_>) -> Discovery {
    let tree = Tree::of(ask.root, ask.files, ask.roles);
    in_tree(&tree, ask.cancelled)
}

/// The same on a tree that is known.
pub fn in_tree(tree: &Tree<'_>, cancelled: &dyn Fn() -> bool) -> Discovery {
    let mut wanted: Vec<Vec<&Item>> = vec![Vec::new(); SOURCES.len()];
    for item in tree.items() {
        for (source, list) in SOURCES.iter().zip(&mut wanted) {
            if (source.takes)(item) {
                list.push(item);
            }
        }
    }
    let mut found = Found::default();
    for (source, items) in SOURCES.iter().zip(&wanted) {
        if cancelled() {
            break;
        }
        if !items.is_empty() {
            (source.find)(tree, items, &mut found);
        }
    }
    finish(tree, found, cancelled)
}

/// What calls may reach: the tree's files and the sources' recipes.
struct Reachable<'a, 'b> {
    tree: &'a Tree<'b>,
    found: &'a Found,
}

impl Reachable<'_, '_> {
    fn book(&self, tool: Tool, folder: &str) -> Option<&Book> {
        self.found.books.get(&(tool, folder.to_owned()))
    }
}

impl Around for Reachable<'_, '_> {
    fn file(&self, path: &str) -> Option<String> {
        self.tree.text(path).map(|it| it.to_string())
    }

    fn recipe(&self, tool: Tool, folder: &str, name: &str) -> Option<(String, Recipe)> {
        let mut folder = folder;
        loop {
            if let Some(book) = self.book(tool, folder) {
                return book.get(name).map(|(key, it)| (key.to_owned(), it.clone()));
            }
            // make looks where it is called, the others upward as well.
            if tool == Tool::Make || folder.is_empty() {
                return None;
            }
            folder = folder_of(folder);
        }
    }
}

fn finish(tree: &Tree<'_>, mut found: Found, cancelled: &dyn Fn() -> bool) -> Discovery {
    let drafts = std::mem::take(&mut found.drafts);
    let around = Reachable { tree, found: &found };
    let mut all: Vec<(u32, Command)> = Vec::with_capacity(drafts.len());
    let mut ids: HashSet<String> = HashSet::new();
    for draft in drafts {
        if cancelled() {
            break;
        }
        let rank = draft.rank + aside(tree, &draft);
        let mut command = judged(&around, draft);
        // The same name twice, as in two Makefiles of one folder: both stay.
        let first = command.id.clone();
        let mut number = 2;
        while !ids.insert(command.id.clone()) {
            command.id = format!("{first}-{number}");
            number += 1;
        }
        all.push((rank, command));
    }
    all.sort_by(|(one_rank, one), (other_rank, other)| {
        one.kind.cmp(&other.kind).then(one_rank.cmp(other_rank))
    });
    let commands = all.into_iter().map(|it| it.1).collect();
    Discovery { commands, stacks: found.stacks, said: found.said }
}

/// How much further down what lies in a folder of tests or examples stands.
fn aside(tree: &Tree<'_>, draft: &Draft) -> u32 {
    let path = draft.command.place.path.to_text();
    match tree.item(&path).map(|it| it.standing) {
        Some(Standing::Test | Standing::Example) => 3000,
        _ => 0,
    }
}

fn judged(around: &Reachable<'_, '_>, draft: Draft) -> Command {
    let mut command = draft.command;
    let folder = command.cwd.to_text().into_owned();
    let mut walk = Walk::new(around);
    let mut own = String::new();
    let mut judgement = match &draft.judged {
        Judged::Known(risk, why) => Judgement::known(*risk, why.clone()),
        Judged::Recipe(tool, folder, name) => {
            if let Some((_, recipe)) = around.recipe(*tool, folder, name) {
                own.clone_from(&recipe.text);
            }
            walk.recipe(*tool, folder, name)
                .unwrap_or_else(|| Judgement::changes("what it runs is not known"))
        }
        Judged::Work => match &command.work {
            Work::Program(argv) => walk.argv(argv, Some(&folder)),
            Work::Shell(text) => walk.script(text, Some(&folder)),
            Work::Http { .. } => Judgement::reads("one GET by navi itself"),
            Work::Tcp { .. } => Judgement::reads("one connection by navi itself"),
        },
    };
    for (name, value) in &command.env {
        let text = format!("{name}='{}' true", value.replace('\'', ""));
        judgement = judgement.or_worse(walk.script(&text, Some(&folder)));
    }
    if let Some((risk, why)) = draft.least
        && risk > judgement.risk
    {
        judgement = Judgement::known(risk, why);
    }
    // A value given on the command line may be anything.
    if judgement.risk == Risk::ReadOnly
        && command.parameters.iter().any(|it| it.passing == super::Passing::Assignment)
    {
        let why = "its variables can be given other values";
        judgement.why = format!("{}; {why}", judgement.why);
    }
    command.risk = judgement.risk;
    command.risk_why = text::clean(&judgement.why).into_owned();
    let mut body = if own.is_empty() { std::mem::take(&mut command.body) } else { own };
    if !walk.called.is_empty() {
        if !body.is_empty() && !body.ends_with('\n') {
            body.push('\n');
        }
        body.push_str(&walk.called);
    }
    if body.len() > LONGEST_BODY {
        body = body.chars().take(LONGEST_BODY / 4).collect();
        body.push_str("\n…");
    }
    command.body = text::clean_lines(body.trim_end()).into_owned();
    for file in walk.files {
        if !command.files.contains(&file) {
            command.files.push(file);
        }
    }
    command
}

#[cfg(test)]
mod tests;
