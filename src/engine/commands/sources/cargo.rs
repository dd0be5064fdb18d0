//! Aliases of `.cargo/config.toml`, `cargo xtask` among them.

use super::{Draft, Found, Source, argument, id, label, place};
use crate::base::toml::{self, Kind as Toml};
use crate::engine::commands::tree::{Item, Tree, folder_of};
use crate::engine::commands::{Work, kind};

/// See the module.
pub const SOURCE: Source = Source { takes, find };

fn takes(item: &Item) -> bool {
    matches!(item.name(), "config.toml" | "config")
        && (item.path.ends_with(".cargo/config.toml") || item.path.ends_with(".cargo/config"))
        && !item.is_foreign()
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    for item in items {
        let Some(text) = tree.text(&item.path) else { continue };
        let (table, faults) = toml::parse(&item.path, &text);
        found.said.extend(faults);
        let Some(Toml::Table(aliases)) = table.get("alias").map(|it| &it.value.kind) else {
            continue;
        };
        let folder = folder_of(item.folder());
        for entry in &aliases.entries {
            let words: Vec<String> = match &entry.value.kind {
                Toml::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
                Toml::List(items) => items
                    .iter()
                    .filter_map(|it| match &it.kind {
                        Toml::Text(text) => Some(text.clone()),
                        _ => None,
                    })
                    .collect(),
                _ => continue,
            };
            // A letter or two only shortens what everybody types anyway.
            if entry.key.len() < 3 || words.is_empty() {
                continue;
            }
            let shown = format!("cargo {}", words.join(" "));
            let argv = vec!["cargo".to_owned(), argument(&entry.key)];
            let mut draft = Draft::new(
                id(&["cargo", &label(folder), &entry.key]),
                &shown,
                kind::of(&entry.key, &shown),
                Work::Program(argv),
                place(&item.path, entry.origin.line.unwrap_or(1)),
            )
            .within(folder)
            .ranked(45);
            draft.command.body = shown;
            draft.command.files.push(item.repo_path());
            found.drafts.push(draft);
        }
    }
}
