//! Tasks of mise: `[tasks]` of its files, and files in its folders of tasks.

use super::{Draft, Found, Source, argument, id, label, place, tidy};
use crate::base::toml::{self, Kind as Toml, Table};
use crate::engine::commands::kind;
use crate::engine::commands::risk::{Recipe, Risky, Tool};
use crate::engine::commands::tree::{Item, Tree};
use crate::engine::commands::{Risk, Work};

/// See the module.
pub const SOURCE: Source = Source { takes, find };

/// Files that hold tasks.
const FILES: &[&str] =
    &["mise.toml", ".mise.toml", ".mise/config.toml", "mise/config.toml", ".config/mise.toml"];
/// Folders in which each file is a task.
const FOLDERS: &[&str] =
    &["mise-tasks/", ".mise-tasks/", "mise/tasks/", ".mise/tasks/", ".config/mise/tasks/"];

fn takes(item: &Item) -> bool {
    FILES.contains(&item.path.as_str()) || FOLDERS.iter().any(|it| item.path.starts_with(it))
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    for item in items {
        let Some(text) = tree.text(&item.path) else { continue };
        if let Some(name) = FOLDERS.iter().find_map(|it| item.path.strip_prefix(it)) {
            let name = name.trim_end_matches("/_default").replace('/', ":");
            let says = text.lines().find_map(|line| {
                let at = line.find("description=")?;
                Some(line.get(at..)?.split_once('=')?.1.trim_matches(['"', '\'']).to_owned())
            });
            let line = argument(&item.path);
            let run = format!("./{}", line.trim_start_matches("./"));
            offer(item, &name, says.as_deref(), &run, Vec::new(), 1, None, found);
            continue;
        }
        let (root, faults) = toml::parse(&item.path, &text);
        found.said.extend(faults);
        let Some(Toml::Table(tasks)) = root.get("tasks").map(|it| &it.value.kind) else { continue };
        for entry in &tasks.entries {
            let line = entry.origin.line.unwrap_or(1);
            let (run, needs, says, confirm) = match &entry.value.kind {
                Toml::Table(it) => (
                    texts(it, "run").join("\n"),
                    [texts(it, "depends"), texts(it, "depends_post")].concat(),
                    texts(it, "description").into_iter().next(),
                    it.get("confirm").is_some(),
                ),
                Toml::Text(text) => (text.clone(), Vec::new(), None, false),
                _ => continue,
            };
            let least =
                confirm.then(|| (Risk::Changes, "its author wants it confirmed".to_owned()));
            offer(item, &entry.key, says.as_deref(), &run, needs, line, least, found);
        }
    }
}

/// One text or several under a key.
fn texts(table: &Table, key: &str) -> Vec<String> {
    let text = |it: &Toml| match it {
        Toml::Text(text) => Some(text.clone()),
        _ => None,
    };
    match table.get(key).map(|it| &it.value.kind) {
        Some(Toml::List(items)) => items.iter().filter_map(|it| text(&it.kind)).collect(),
        Some(it) => text(it).into_iter().collect(),
        None => Vec::new(),
    }
}

#[expect(clippy::too_many_arguments, reason = "one task as both forms give it")]
fn offer(
    item: &Item,
    name: &str,
    says: Option<&str>,
    run: &str,
    needs: Vec<String>,
    line: u32,
    least: Option<Risky>,
    found: &mut Found,
) {
    let run = run.replace("{{", "${of_mise}{{");
    let recipe = Recipe {
        text: run.clone(),
        folder: Some(String::new()),
        needs,
        files: vec![item.repo_path()],
        // Its hooks and its environment run programs too.
        least: Some((Risk::Changes, "mise runs what the project sets".to_owned())),
    };
    found.book(Tool::Mise, "").recipes.insert(name.to_owned(), recipe);
    if name.starts_with(['_', '-']) {
        return;
    }
    let mut draft = Draft::new(
        id(&["mise", &label(""), name]),
        &says.map_or_else(|| tidy(super::first_line(&run)), str::to_owned),
        kind::of(name, &run),
        Work::Program(vec!["mise".to_owned(), "run".to_owned(), argument(name)]),
        place(&item.path, line),
    )
    .by_recipe(Tool::Mise, "", name)
    .ranked(if says.is_some() { 20 } else { 40 });
    draft.least = least;
    found.drafts.push(draft);
}
