//! Scripts of `package.json`, also those of a workspace's packages, run by the package manager whose
//! lock file lies there.

use super::{Draft, Found, Source, argument, id, label, place, tidy};
use crate::base::yaml;
use crate::engine::commands::kind;
use crate::engine::commands::risk::{Recipe, Tool};
use crate::engine::commands::tree::{Item, Tree, below, folder_of};
use crate::engine::commands::{Kind, Risk, Work};

/// See the module.
pub const SOURCE: Source = Source { takes, find };

/// Lock files and whose they are.
const LOCKS: &[(&str, &str)] = &[
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("bun.lockb", "bun"),
    ("bun.lock", "bun"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
];

/// Packages below the root of which all scripts are offered that tell what they are for.
const FEW_PACKAGES: usize = 5;
/// Scripts of packages below the root that are offered.
const MOST_OF_PACKAGES: usize = 60;

/// Scripts of a package below the root that are worth offering: the rest is for those who work on
/// that package. Of many packages only the usual names are.
fn is_worth(name: &str, few: bool) -> bool {
    let told = kind::of_name(name);
    if few {
        return told.is_some();
    }
    matches!(name, "start" | "dev" | "serve" | "test")
        || matches!(told, Some(Kind::Database | Kind::Health | Kind::Logs))
}

fn takes(item: &Item) -> bool {
    item.name() == "package.json" && !item.is_foreign()
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    let few = items.iter().filter(|it| !it.folder().is_empty()).count() <= FEW_PACKAGES;
    let mut left = MOST_OF_PACKAGES;
    for item in items {
        let Some(text) = tree.text(&item.path) else { continue };
        let (documents, faults) = yaml::parse(&item.path, &text);
        found.said.extend(faults);
        let Some(root) = documents.first() else { continue };
        let Some(scripts) = root.get("scripts") else { continue };
        let folder = item.folder();
        let manager = manager(tree, folder, root.text_of("packageManager"));
        let package = root.text_of("name").unwrap_or_default();
        for entry in scripts.entries() {
            let Some(script) = entry.node.text() else { continue };
            let recipe = Recipe {
                text: script.to_owned(),
                folder: Some(folder.to_owned()),
                needs: vec![format!("pre{}", entry.key), format!("post{}", entry.key)],
                files: vec![item.repo_path()],
                // Which shell runs it is for `.npmrc` and its like to say, and there are hooks.
                least: Some((
                    Risk::Changes,
                    "the package manager runs what the project sets".to_owned(),
                )),
            };
            found.book(Tool::Node, folder).recipes.insert(entry.key.clone(), recipe);
        }
        for entry in scripts.entries() {
            let name = entry.key.as_str();
            let Some(script) = entry.node.text() else { continue };
            // What runs around another script, or when packages are installed, is not asked for.
            let hook = ["pre", "post"]
                .iter()
                .any(|it| name.strip_prefix(it).is_some_and(|rest| scripts.get(rest).is_some()))
                || matches!(name, "prepare" | "preinstall" | "postinstall" | "prepublishOnly");
            let odd = name.starts_with(['-', '_', '#', '/']) || name.contains("//");
            // `echo no tests yet`
            if script.trim_start().starts_with("echo ") && !script.contains(['&', ';', '|']) {
                continue;
            }
            let inner = !folder.is_empty();
            if hook || odd || (inner && (left == 0 || !is_worth(name, few))) {
                continue;
            }
            left -= usize::from(inner);
            let argv = vec![manager.to_owned(), "run".to_owned(), argument(name)];
            let shown = if folder.is_empty() || package.is_empty() {
                tidy(script)
            } else {
                tidy(&format!("{package}: {script}"))
            };
            let rank = if folder.is_empty() { 45 } else { 60 };
            let mut draft = Draft::new(
                id(&["npm", &label(folder), name]),
                &shown,
                kind::of(name, script),
                Work::Program(argv),
                place(&item.path, entry.line),
            )
            .within(folder)
            .by_recipe(Tool::Node, folder, name)
            .ranked(rank);
            draft.command.follows = follows(name, script);
            found.drafts.push(draft);
        }
    }
}

/// Whether a script goes on: servers and watchers do.
fn follows(name: &str, script: &str) -> bool {
    let first = name.split(':').next().unwrap_or(name);
    matches!(first, "dev" | "start" | "serve" | "watch")
        || script.split_whitespace().any(|it| matches!(it, "--watch" | "-w" | "nodemon" | "watch"))
}

/// The package manager: what the package itself says, else the nearest lock file upward.
fn manager(tree: &Tree<'_>, folder: &str, said: Option<&str>) -> &'static str {
    let names = ["pnpm", "yarn", "bun", "npm"];
    if let Some(said) = said
        && let Some(name) = names.iter().find(|it| said.starts_with(**it))
    {
        return name;
    }
    let mut folder = folder;
    loop {
        let lock = LOCKS.iter().find(|it| tree.has(&below(folder, it.0)));
        if let Some((_, manager)) = lock {
            return manager;
        }
        if folder.is_empty() {
            return "npm";
        }
        folder = folder_of(folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_with_the_manager_of_the_lock_file() {
        let texts = [
            (
                "package.json",
                "{\n  \"name\": \"a\",\n  \"scripts\": {\n    \"test\": \"jest\",\n    \
                 \"pretest\": \"rm -rf x\",\n    \"odd\": \"ls\"\n  }\n}\n",
            ),
            ("pnpm-lock.yaml", ""),
            (
                "apps/web/package.json",
                "{\"name\":\"web\",\"scripts\":{\"dev\":\"vite\",\"x\":\"y\"}}",
            ),
        ];
        let tree = Tree::of_texts(&texts);
        let items: Vec<&Item> = tree.items().iter().filter(|it| takes(it)).collect();
        let mut found = Found::default();
        find(&tree, &items, &mut found);
        let all: Vec<_> = found.drafts.iter().map(|it| it.command.id.as_str()).collect();
        assert_eq!(all, ["npm.apps-web.dev", "npm.test", "npm.odd"]);
        let test = &found.drafts[1].command;
        assert_eq!(
            (test.work.argv(), test.place.line),
            (vec!["pnpm".into(), "run".into(), "test".into()], 4)
        );
        assert_eq!(test.kind, Kind::Tests);
        assert_eq!(found.drafts[0].command.cwd, "apps/web".into());
    }
}
