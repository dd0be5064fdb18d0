//! Scripts of `composer.json`.

use super::{Draft, Found, Source, argument, id, label, place};
use crate::base::yaml;
use crate::engine::commands::kind;
use crate::engine::commands::risk::{Recipe, Tool};
use crate::engine::commands::tree::{Item, Tree};
use crate::engine::commands::{Risk, Work};

/// See the module.
pub const SOURCE: Source = Source { takes, find };

fn takes(item: &Item) -> bool {
    item.name() == "composer.json" && !item.is_foreign()
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    for item in items {
        let Some(text) = tree.text(&item.path) else { continue };
        let (documents, faults) = yaml::parse(&item.path, &text);
        found.said.extend(faults);
        let Some(root) = documents.first() else { continue };
        let says = root.get("scripts-descriptions");
        for entry in root.get("scripts").map(yaml::Node::entries).unwrap_or_default() {
            let name = entry.key.as_str();
            let (mut text, mut needs) = (String::new(), Vec::new());
            for step in entry.node.texts() {
                match step.strip_prefix('@') {
                    Some(other) if other.starts_with("php ") || other.starts_with("composer ") => {
                        text.push_str(other);
                        text.push('\n');
                    }
                    Some(other) if other.starts_with("putenv ") => {}
                    Some(other) => {
                        needs.extend(other.split(' ').next().map(str::to_owned));
                    }
                    None => {
                        text.push_str(step);
                        text.push('\n');
                    }
                }
            }
            let recipe = Recipe {
                text: text.clone(),
                folder: Some(item.folder().to_owned()),
                needs,
                files: vec![item.repo_path()],
                // Its plugins run as well.
                least: Some((Risk::Changes, "composer runs what the project sets".to_owned())),
            };
            found.book(Tool::Composer, item.folder()).recipes.insert(name.to_owned(), recipe);
            // Events of composer itself.
            if ["pre-", "post-"].iter().any(|it| name.starts_with(it)) || name.starts_with('-') {
                continue;
            }
            let title = says.and_then(|it| it.text_of(name)).unwrap_or(super::first_line(&text));
            let argv = vec!["composer".to_owned(), "run-script".to_owned(), argument(name)];
            found.drafts.push(
                Draft::new(
                    id(&["composer", &label(item.folder()), name]),
                    title,
                    kind::of(name, &text),
                    Work::Program(argv),
                    place(&item.path, entry.line),
                )
                .within(item.folder())
                .by_recipe(Tool::Composer, item.folder(), name)
                .ranked(45),
            );
        }
    }
}
