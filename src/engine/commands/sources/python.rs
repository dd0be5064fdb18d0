//! Scripts and tasks of `pyproject.toml`: poe, pdm, hatch, poetry, `project.scripts`.

use super::{Draft, Found, Source, argument, id, label, place, tidy};
use crate::base::toml::{self, Kind as Toml, Table, Value};
use crate::engine::commands::kind;
use crate::engine::commands::risk::{Recipe, Tool};
use crate::engine::commands::tree::{Item, Tree, below};
use crate::engine::commands::{Kind, Risk, Work};

/// See the module.
pub const SOURCE: Source = Source { takes, find };

fn takes(item: &Item) -> bool {
    item.name() == "pyproject.toml" && !item.is_foreign()
}

/// The table below these keys.
fn table<'a>(mut table: &'a Table, keys: &[&str]) -> Option<&'a Table> {
    for key in keys {
        let Toml::Table(next) = &table.get(key)?.value.kind else { return None };
        table = next;
    }
    Some(table)
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    for item in items {
        let Some(text) = tree.text(&item.path) else { continue };
        let (root, faults) = toml::parse(&item.path, &text);
        found.said.extend(faults);
        let tasks = |keys: &[&str]| table(&root, keys).map(|it| it.entries.as_slice());
        let runner = |word: &str| vec![word.to_owned()];
        let run = |word: &str| vec![word.to_owned(), "run".to_owned()];
        // Tasks, whose text is known, then entry points, which are code.
        let mut all: Vec<(Vec<String>, &[toml::Entry], bool)> = Vec::new();
        all.extend(tasks(&["tool", "poe", "tasks"]).map(|it| (runner("poe"), it, true)));
        all.extend(tasks(&["tool", "pdm", "scripts"]).map(|it| (run("pdm"), it, true)));
        all.extend(tasks(&["tool", "taskipy", "tasks"]).map(|it| (runner("task"), it, true)));
        all.extend(
            tasks(&["tool", "hatch", "envs", "default", "scripts"])
                .map(|it| (run("hatch"), it, true)),
        );
        let poetry = tasks(&["tool", "poetry", "scripts"]);
        all.extend(poetry.map(|it| (run("poetry"), it, false)));
        let with = |lock: &str| tree.has(&below(item.folder(), lock));
        if let Some(scripts) = tasks(&["project", "scripts"]).filter(|_| poetry.is_none()) {
            let manager = if with("uv.lock") {
                "uv"
            } else if with("poetry.lock") {
                "poetry"
            } else if with("pdm.lock") {
                "pdm"
            } else {
                ""
            };
            // Without one of these they are installed under their own names.
            let argv = if manager.is_empty() { Vec::new() } else { run(manager) };
            all.push((argv, scripts, false));
        }
        for (argv, entries, known) in all {
            let names: Vec<String> = entries.iter().map(|it| it.key.clone()).collect();
            for entry in entries {
                offer(item, &argv, entry, known, &names, found);
            }
        }
    }
}

fn offer(
    item: &Item,
    argv: &[String],
    entry: &toml::Entry,
    known: bool,
    names: &[String],
    found: &mut Found,
) {
    let name = entry.key.as_str();
    let mut steps = Vec::new();
    if known {
        collect(&entry.value, &mut steps, 0);
    }
    // A step that is another task's name stands for it.
    let (needs, steps): (Vec<String>, Vec<String>) =
        steps.into_iter().partition(|it| known && names.contains(it) && it != name);
    let text = steps.join("\n");
    if name == "_" || name.starts_with(['_', '-']) {
        return;
    }
    let help = match &entry.value.kind {
        Toml::Table(it) => it.get("help").and_then(|it| match &it.value.kind {
            Toml::Text(text) => Some(text.clone()),
            _ => None,
        }),
        _ => None,
    };
    let entry_point = match &entry.value.kind {
        Toml::Text(text) => text.clone(),
        _ => String::new(),
    };
    let title =
        help.unwrap_or_else(|| if known { tidy(&text) } else { format!("runs {entry_point}") });
    let mut words = argv.to_vec();
    words.push(argument(name));
    let kind = match kind::of_name(name) {
        Some(kind) => kind,
        None if known => kind::of_text(&text).unwrap_or(Kind::Other),
        None => Kind::Other,
    };
    let source = words.first().map_or("", String::as_str);
    let source = if argv.is_empty() { "python" } else { source };
    let mut draft = Draft::new(
        id(&[source, &label(item.folder()), name]),
        &title,
        kind,
        Work::Program(words.clone()),
        place(&item.path, entry.origin.line.unwrap_or(1)),
    )
    .within(item.folder())
    .ranked(if known { 45 } else { 75 });
    if known {
        let recipe = Recipe {
            text,
            folder: Some(item.folder().to_owned()),
            needs,
            files: vec![item.repo_path()],
            least: Some((Risk::Changes, "runs in what the project has installed".to_owned())),
        };
        found.book(Tool::Python, item.folder()).recipes.insert(name.to_owned(), recipe);
        draft = draft.by_recipe(Tool::Python, item.folder(), name);
    } else {
        draft.command.body = format!("{name} = {entry_point}");
        draft.command.files.push(item.repo_path());
    }
    found.drafts.push(draft);
}

/// What a task runs: a text, a list of them, or a table with one of the usual keys.
fn collect(value: &Value, out: &mut Vec<String>, depth: usize) {
    if depth > 8 || out.len() > 200 {
        return;
    }
    match &value.kind {
        Toml::Text(text) => out.push(text.clone()),
        Toml::List(items) => items.iter().for_each(|it| collect(it, out, depth + 1)),
        Toml::Table(table) => {
            for key in ["cmd", "shell", "sequence", "composite", "ref", "deps", "chain"] {
                if let Some(entry) = table.get(key) {
                    collect(&entry.value, out, depth + 1);
                }
            }
            if table.get("script").is_some()
                || table.get("call").is_some()
                || table.get("expr").is_some()
            {
                out.push("python -c project-code".to_owned());
            }
        }
        Toml::Integer(_) | Toml::Float(_) | Toml::Bool(_) | Toml::Date(_) => {}
    }
}
