//! Rakefiles and `lib/tasks/*.rake`: tasks that have a `desc`, within their namespaces.
//!
//! A task is Ruby, of which nothing is known here: it changes something, or destroys where its name
//! says so.

use super::{Draft, Found, Source, id, label, place};
use crate::engine::commands::tree::{Item, Tree, folder_of};
use crate::engine::commands::{Kind, Work, kind};

/// See the module.
pub const SOURCE: Source = Source { takes, find };

fn takes(item: &Item) -> bool {
    let named = matches!(item.name(), "Rakefile" | "rakefile" | "Rakefile.rb" | "rakefile.rb");
    (named || item.name().ends_with(".rake")) && !item.is_foreign()
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    let root = |item: &Item| -> String {
        // `lib/tasks/x.rake` belongs to the Rakefile above.
        let mut folder = item.folder();
        loop {
            let at = crate::engine::commands::tree::below(folder, "Rakefile");
            if tree.has(&at) || folder.is_empty() {
                return folder.to_owned();
            }
            folder = folder_of(folder);
        }
    };
    for item in items {
        let Some(text) = tree.text(&item.path) else { continue };
        let folder = root(item);
        let mut names: Vec<(usize, String)> = Vec::new();
        let mut says: Option<String> = None;
        for (at, line) in text.lines().enumerate() {
            let trimmed = line.trim_start();
            let indent = line.len() - trimmed.len();
            if trimmed.starts_with("end") {
                names.retain(|it| it.0 < indent);
            }
            if let Some(rest) = trimmed.strip_prefix("namespace ") {
                names.push((indent, word(rest)));
            } else if let Some(rest) = trimmed.strip_prefix("desc ") {
                says = quoted(rest);
            } else if let Some(rest) = trimmed.strip_prefix("task ")
                && let Some(says) = says.take()
            {
                let mut parts: Vec<&str> = names.iter().map(|it| it.1.as_str()).collect();
                let name = word(rest);
                parts.push(&name);
                let whole = parts.join(":");
                if name.is_empty() {
                    continue;
                }
                let rails = tree.has(&crate::engine::commands::tree::below(&folder, "bin/rails"));
                let argv = if rails {
                    vec!["bin/rails".to_owned(), whole.clone()]
                } else {
                    vec!["rake".to_owned(), whole.clone()]
                };
                let mut draft = Draft::new(
                    id(&["rake", &label(&folder), &whole]),
                    &says,
                    kind::of_name(&whole).unwrap_or(Kind::Other),
                    Work::Program(argv),
                    place(&item.path, at as u32 + 1),
                )
                .within(&folder)
                .ranked(50);
                draft.command.body = body(&text, at);
                draft.command.files.push(item.repo_path());
                found.drafts.push(draft);
            }
        }
    }
}

/// The task's lines, to be shown.
fn body(text: &str, at: usize) -> String {
    let mut lines = text.lines().skip(at);
    let Some(first) = lines.next() else { return String::new() };
    let indent = first.len() - first.trim_start().len();
    let mut out = first.to_owned();
    for line in lines.take(60) {
        out.push('\n');
        out.push_str(line);
        let trimmed = line.trim_start();
        if trimmed.starts_with("end") && line.len() - trimmed.len() <= indent {
            break;
        }
    }
    out
}

/// The name behind `task` or `namespace`, as a symbol, a text or a key.
fn word(rest: &str) -> String {
    let rest = rest.trim_start().trim_start_matches(['(', ':', '"', '\'']);
    rest.chars().take_while(|it| it.is_alphanumeric() || matches!(it, '_' | '-')).collect()
}

fn quoted(rest: &str) -> Option<String> {
    let rest = rest.trim();
    let mark = rest.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    let inside = rest.get(1..)?;
    inside.find(mark).and_then(|end| inside.get(..end)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_with_a_description_within_namespaces() {
        let texts = [
            ("Rakefile", "desc 'Say hi'\ntask :hi do\nend\ntask :hidden do\nend\n"),
            (
                "lib/tasks/db.rake",
                "namespace :db do\n  desc \"Throws all away\"\n  task wipe: :environment do\n    x\n  end\nend\n",
            ),
        ];
        let tree = Tree::of_texts(&texts);
        let items: Vec<&Item> = tree.items().iter().filter(|it| takes(it)).collect();
        let mut found = Found::default();
        find(&tree, &items, &mut found);
        let all: Vec<_> =
            found.drafts.iter().map(|it| (it.command.id.as_str(), it.command.place.line)).collect();
        assert_eq!(all, [("rake.hi", 2), ("rake.db:wipe", 3)]);
    }
}
