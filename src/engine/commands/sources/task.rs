//! Taskfiles: tasks with their description, commands, dependencies, included files and variables.
//!
//! Read as text: `task --list` would run what `status:` says. Taskfile version 3.

use super::{Draft, Found, Source, argument, id, label, place};
use crate::base::yaml::{self, Node, Value};
use crate::engine::commands::kind;
use crate::engine::commands::risk::{Recipe, Risky, Tool, joined};
use crate::engine::commands::tree::{Item, Tree, below, folder_of};
use crate::engine::commands::{Parameter, Passing, Risk, Work};

/// See the module.
pub const SOURCE: Source = Source { takes, find };

const NAMES: &[&str] = &[
    "Taskfile.yml",
    "taskfile.yml",
    "Taskfile.yaml",
    "taskfile.yaml",
    "Taskfile.dist.yml",
    "Taskfile.dist.yaml",
];
/// Taskfiles that one includes, all in all.
const MOST_INCLUDED: usize = 30;

fn takes(item: &Item) -> bool {
    NAMES.contains(&item.name()) && !item.is_foreign()
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    let mut included = Vec::new();
    for item in items {
        if included.contains(&item.path) {
            continue;
        }
        let mut reading = Reading {
            tree,
            folder: item.folder(),
            files: Vec::new(),
            first: String::new(),
            least: None,
        };
        reading.gather(&item.path, &mut Vec::new());
        reading.read(&item.path, item.folder(), "", found);
        included.extend(reading.files.into_iter().skip(1));
    }
    // What another Taskfile includes has its names from there.
    found.drafts.retain(|it| {
        !(it.command.id.starts_with("task.")
            && included.iter().any(|path| folder_of(path).as_bytes() == it.command.cwd.as_bytes())
            && it.command.cwd.as_bytes() != b"")
    });
}

struct Reading<'a> {
    tree: &'a Tree<'a>,
    /// The folder in which task is called.
    folder: &'a str,
    files: Vec<String>,
    /// What runs before any task: variables of a Taskfile and of all that it includes are one.
    first: String,
    least: Option<Risky>,
}

impl Reading<'_> {
    /// Gathers what counts for all tasks, wherever it is written.
    fn gather(&mut self, path: &str, seen: &mut Vec<String>) {
        if seen.len() >= MOST_INCLUDED || seen.iter().any(|it| it == path) {
            return;
        }
        let Some(text) = self.tree.text(path) else { return };
        seen.push(path.to_owned());
        let documents = yaml::parse(path, &text).0;
        let Some(root) = documents.first() else { return };
        self.first.push_str(&shells(root.get("vars")));
        self.first.push_str(&shells(root.get("env")));
        // Which programs are found is decided there.
        if let Some(set) = ["env", "dotenv"].iter().find(|it| root.get(it).is_some()) {
            let why = format!("`{set}` of the Taskfile decides what is run");
            self.least = Some((Risk::Changes, why));
        }
        for entry in root.get("includes").map(Node::entries).unwrap_or_default() {
            if let Some(file) = self.included(path, &entry.node) {
                self.gather(&file, seen);
            }
        }
    }

    /// The file that an entry of `includes` means, when it is in the repository.
    fn included(&self, path: &str, node: &Node) -> Option<String> {
        let target = node.text().or_else(|| node.text_of("taskfile"))?;
        let place = joined(folder_of(path), target)?;
        let file = NAMES.iter().map(|it| below(&place, it)).find(|it| self.tree.has(it));
        Some(file.unwrap_or(place))
    }

    fn read(&mut self, path: &str, within: &str, prefix: &str, found: &mut Found) {
        if self.files.len() >= MOST_INCLUDED || self.files.iter().any(|it| it == path) {
            return;
        }
        let Some(text) = self.tree.text(path) else { return };
        self.files.push(path.to_owned());
        let (documents, faults) = yaml::parse(path, &text);
        found.said.extend(faults);
        let Some(root) = documents.first() else { return };
        for entry in root.get("includes").map(Node::entries).unwrap_or_default() {
            let node = &entry.node;
            let Some(target) = node.text().or_else(|| node.text_of("taskfile")) else { continue };
            if node.get("internal").is_some_and(Node::is_true) {
                continue;
            }
            let Some(file) = self.included(path, node) else {
                let shown = crate::base::diag::quote(target);
                found.warn(path, entry.line, format!("{shown} is outside and is left out"));
                continue;
            };
            let dir = node.text_of("dir").and_then(|it| joined(folder_of(path), it));
            let within = dir.unwrap_or_else(|| folder_of(&file).to_owned());
            let name = format!("{prefix}{}:", entry.key);
            self.read(&file, &within, &name, found);
        }
        let (at_reading, least) = (self.first.clone(), self.least.clone());
        for entry in root.get("tasks").map(Node::entries).unwrap_or_default() {
            let (path, name) = (path.to_owned(), format!("{prefix}{}", entry.key));
            self.task(&path, within, prefix, &name, entry, (&at_reading, &least), found);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one task within its file and its names")]
    fn task(
        &self,
        path: &str,
        within: &str,
        prefix: &str,
        name: &str,
        entry: &yaml::Entry,
        (at_reading, least): (&str, &Option<Risky>),
        found: &mut Found,
    ) {
        let node = &entry.node;
        let mut text = String::from(at_reading);
        text.push_str(&shells(node.get("vars")));
        let mut needs = Vec::new();
        let own = |it: &str| {
            let root = it.strip_prefix(':');
            root.map_or_else(|| format!("{prefix}{it}"), str::to_owned)
        };
        for dep in node.get("deps").map(Node::items).unwrap_or_default() {
            needs.extend(dep.text().or_else(|| dep.text_of("task")).map(own));
        }
        let list = node.get("cmds").or_else(|| node.get("cmd"));
        let bare = if matches!(node.value, Value::Map(_)) { list } else { Some(node) };
        let items: Vec<&Node> = match bare {
            Some(Node { value: Value::List(items), .. }) => items.iter().collect(),
            Some(it) => vec![it],
            None => Vec::new(),
        };
        for item in items {
            if let Some(task) = item.text_of("task") {
                needs.push(own(task));
            }
            let command =
                item.text().or_else(|| item.text_of("cmd")).or_else(|| item.text_of("defer"));
            if let Some(command) = command {
                text.push_str(&filled(command));
                text.push('\n');
            }
        }
        for check in ["status", "preconditions"] {
            for item in node.get(check).map(Node::items).unwrap_or_default() {
                if let Some(command) = item.text().or_else(|| item.text_of("sh")) {
                    text.push_str(&filled(command));
                    text.push('\n');
                }
            }
        }
        let folder = match node.text_of("dir") {
            Some(dir) => joined(within, dir),
            None => Some(within.to_owned()),
        };
        let recipe = Recipe {
            text: text.trim().to_owned(),
            folder,
            needs,
            files: self.files.iter().map(|it| it.as_str().into()).collect(),
            least: least.clone(),
        };
        let shown = recipe.text.clone();
        found.book(Tool::Task, self.folder).recipes.insert(name.to_owned(), recipe);
        if entry.key == "default" {
            found.book(Tool::Task, self.folder).default.get_or_insert_with(|| name.to_owned());
        }
        let odd = name.contains('*') || name.starts_with(['-', '_']) || name.contains(' ');
        if node.get("internal").is_some_and(Node::is_true) || odd || entry.key == "default" {
            return;
        }
        let says = node.text_of("desc").or_else(|| node.text_of("summary"));
        let title = says.map_or_else(|| super::first_line(&shown).to_owned(), str::to_owned);
        let mut draft = Draft::new(
            id(&["task", &label(self.folder), name]),
            &title,
            kind::of(name, &shown),
            Work::Program(vec!["task".to_owned(), argument(name)]),
            place(path, entry.line),
        )
        .within(self.folder)
        .by_recipe(Tool::Task, self.folder, name)
        .ranked(if says.is_some() { 20 } else { 40 });
        if node.get("prompt").is_some() {
            draft.least = Some((Risk::Changes, "its author wants it confirmed".to_owned()));
        }
        let wanted = node.get("requires").and_then(|it| it.get("vars"));
        for it in wanted.map(Node::items).unwrap_or_default() {
            let Some(name) = it.text().or_else(|| it.text_of("name")) else { continue };
            draft.command.parameters.push(Parameter {
                name: name.to_owned(),
                default: None,
                passing: Passing::Assignment,
                says: None,
            });
        }
        draft.command.interactive =
            node.get("interactive").is_some_and(Node::is_true) || node.get("prompt").is_some();
        draft.command.follows = super::make::follows(&shown);
        found.drafts.push(draft);
    }
}

/// What `sh:` asks for while the file is read.
fn shells(vars: Option<&Node>) -> String {
    let mut out = String::new();
    for entry in vars.map(Node::entries).unwrap_or_default() {
        if let Some(command) = entry.node.text_of("sh") {
            out.push_str(&filled(command));
            out.push('\n');
        }
    }
    out
}

/// The text with `{{…}}` as a variable of the shell.
fn filled(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        out.push_str("${of_task}");
        rest = after.split_once("}}").map_or("", |it| it.1);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_with_includes_and_requirements() {
        let texts = [
            (
                "Taskfile.yml",
                "version: '3'\nincludes:\n  db: ./db\n  out: ../../etc\nvars:\n  V: {sh: git describe}\n\
                 tasks:\n  up:\n    desc: Start\n    deps: [build]\n    cmds:\n      - docker compose up {{.X}}\n      \
                 - task: db:reset\n  build: go build\n  inner: {internal: true, cmds: [ls]}\n",
            ),
            (
                "db/Taskfile.yml",
                "tasks:\n  reset:\n    prompt: Sure?\n    requires: {vars: [NAME]}\n    cmds: [dropdb x]\n",
            ),
        ];
        let tree = Tree::of_texts(&texts);
        let items: Vec<&Item> = tree.items().iter().filter(|it| takes(it)).collect();
        let mut found = Found::default();
        find(&tree, &items, &mut found);
        let all: Vec<_> = found.drafts.iter().map(|it| it.command.id.as_str()).collect();
        assert_eq!(all, ["task.db:reset", "task.up", "task.build"]);
        let book = &found.books[&(Tool::Task, String::new())];
        assert_eq!(book.recipes["up"].needs, ["build", "db:reset"]);
        assert_eq!(book.recipes["up"].text, "git describe\ndocker compose up ${of_task}");
        assert_eq!(found.drafts[0].command.parameters[0].name, "NAME");
        assert_eq!(found.said.len(), 1, "{:?}", found.said);
    }
}
