//! justfiles: recipes with their comments, groups, parameters and `[confirm]`.
//!
//! Read as text; `just --dump` would evaluate backticks. The just manual, "Recipe Parameters" and
//! "Attributes".

use super::{Draft, Found, Source, argument, id, is_plain_name, label, place};
use crate::engine::commands::kind;
use crate::engine::commands::risk::{Recipe, Tool, joined, steers};
use crate::engine::commands::tree::{Item, Tree};
use crate::engine::commands::{Parameter, Passing, Risk, Work};

/// See the module.
pub const SOURCE: Source = Source { takes, find };

/// justfiles that one imports, all in all.
const MOST_IMPORTED: usize = 20;

fn takes(item: &Item) -> bool {
    let name = item.name().to_ascii_lowercase();
    matches!(name.as_str(), "justfile" | ".justfile") && !item.is_foreign()
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    for item in items {
        let mut whole = Whole::default();
        whole.gather(tree, &item.path);
        for path in whole.files.clone() {
            read(tree, &path, item.folder(), &whole, found);
        }
    }
}

/// What a justfile and those that it imports say together: just evaluates all of it before any recipe.
#[derive(Default)]
struct Whole {
    files: Vec<String>,
    /// What runs while they are read.
    at_reading: String,
    /// Whether they set another shell, or variables that nobody sees here.
    set: bool,
}

impl Whole {
    fn gather(&mut self, tree: &Tree<'_>, path: &str) {
        if self.files.len() >= MOST_IMPORTED || self.files.iter().any(|it| it == path) {
            return;
        }
        let Some(text) = tree.text(path) else { return };
        self.files.push(path.to_owned());
        for line in text.lines().filter(|it| !it.starts_with([' ', '\t', '#'])) {
            let line = line.trim();
            let word = line.strip_prefix("set ").map(str::trim).unwrap_or_default();
            let exported = line.strip_prefix("export ").and_then(|it| it.split([' ', ':']).next());
            self.set |= exported.is_some_and(steers)
                || ["shell", "windows-shell", "script-interpreter", "dotenv"]
                    .iter()
                    .any(|it| word.starts_with(it));
            if let Some(place) = imported(line, path) {
                self.gather(tree, &place);
            } else if let Some((_, value)) = line.split_once(":=") {
                let value = value.trim();
                let whole = value.strip_prefix('`').and_then(|it| it.strip_suffix('`'));
                if let Some(command) = whole.filter(|it| !it.contains('`')) {
                    self.at_reading.push_str(command);
                    self.at_reading.push('\n');
                } else if value.contains('`') || value.contains("shell(") {
                    self.at_reading.push_str("just-shell\n");
                }
            }
        }
    }
}

/// The file that a line imports.
fn imported(line: &str, path: &str) -> Option<String> {
    let name =
        line.strip_prefix("import")?.trim_start_matches('?').trim().trim_matches(['\'', '"']);
    joined(super::super::tree::folder_of(path), name)
}

/// What stands above a recipe.
#[derive(Default)]
struct Above {
    says: Option<String>,
    group: Option<String>,
    confirm: bool,
    private: bool,
}

fn read(tree: &Tree<'_>, path: &str, folder: &str, whole: &Whole, found: &mut Found) {
    let Some(text) = tree.text(path) else { return };
    let mut above = Above::default();
    let mut variables: Vec<(String, String)> = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        let trimmed = line.trim();
        if line.starts_with([' ', '\t']) || trimmed.is_empty() {
            above = if trimmed.is_empty() { Above::default() } else { above };
            continue;
        }
        if let Some(comment) = trimmed.strip_prefix('#') {
            above.says = Some(comment.trim().to_owned());
            continue;
        }
        if trimmed.starts_with('[') {
            attribute(trimmed, &mut above);
            continue;
        }
        if let Some((name, value)) = trimmed.split_once(":=") {
            let value = value.trim();
            let name = name.trim().trim_start_matches("export ").trim();
            let plain = value.trim_matches(['\'', '"']);
            if value.starts_with(['\'', '"']) && !plain.contains(['\'', '"']) {
                variables.push((name.to_owned(), plain.to_owned()));
            }
            continue;
        }
        let Some(head) = heading(trimmed) else {
            above = Above::default();
            continue;
        };
        let line_number = at as u32;
        let mut body = Vec::new();
        while let Some(next) = lines.get(at) {
            if !next.trim().is_empty() && !next.starts_with([' ', '\t']) {
                break;
            }
            body.push(*next);
            at += 1;
        }
        let body = body_of(&body, &variables);
        let said = std::mem::take(&mut above);
        let mut least = head.odd.then(|| (Risk::Changes, "has defaults that are run".to_owned()));
        if whole.set {
            least = Some((Risk::Changes, "the justfile sets what runs it".to_owned()));
        }
        let recipe = Recipe {
            text: format!("{}{body}", whole.at_reading),
            folder: Some(folder.to_owned()),
            needs: head.needs,
            files: whole.files.iter().map(|it| it.as_str().into()).collect(),
            least,
        };
        let book = found.book(Tool::Just, folder);
        book.default.get_or_insert_with(|| head.name.clone());
        book.recipes.insert(head.name.clone(), recipe);
        let hidden = said.private || head.name.starts_with('_') || !is_plain_name(&head.name);
        if hidden || head.name == "default" {
            continue;
        }
        let title = said.says.unwrap_or_else(|| super::first_line(&body).to_owned());
        let kind = kind::of_name(&head.name)
            .or_else(|| kind::of_text(&body))
            .or_else(|| said.group.as_deref().and_then(kind::of_name))
            .unwrap_or(super::Kind::Other);
        let argv = vec!["just".to_owned(), argument(&head.name)];
        let mut draft = Draft::new(
            id(&["just", &label(folder), &head.name]),
            &title,
            kind,
            Work::Program(argv),
            place(path, line_number),
        )
        .within(folder)
        .by_recipe(Tool::Just, folder, &head.name)
        .ranked(20);
        if said.confirm {
            let why = "its author wants it confirmed".to_owned();
            draft.least = Some((Risk::Changes, why));
        }
        draft.command.parameters = head.parameters;
        draft.command.follows = super::make::follows(&body);
        draft.command.interactive = super::make::interactive(&body) || said.confirm;
        found.drafts.push(draft);
    }
}

fn attribute(line: &str, above: &mut Above) {
    let inside = line.trim_start_matches('[').trim_end_matches(']');
    for part in inside.split(',') {
        let part = part.trim();
        let value =
            || part.split_once(['(', ':']).map(|it| it.1.trim_matches([')', ' ', '\'', '"']));
        match part.split(['(', ':']).next().unwrap_or_default() {
            "confirm" => above.confirm = true,
            "private" => above.private = true,
            "group" => above.group = value().map(str::to_owned),
            "doc" => above.says = value().map(str::to_owned),
            _ => {}
        }
    }
}

/// The line that names a recipe.
struct Heading {
    name: String,
    parameters: Vec<Parameter>,
    needs: Vec<String>,
    odd: bool,
}

fn heading(line: &str) -> Option<Heading> {
    // The colon outside of quotes that ends the parameters.
    let mut quote = None;
    let mut colon = None;
    for (at, it) in line.char_indices() {
        match (quote, it) {
            (None, '\'' | '"' | '`') => quote = Some(it),
            (Some(open), it) if open == it => quote = None,
            (None, ':') => {
                colon = Some(at);
                break;
            }
            _ => {}
        }
    }
    let colon = colon?;
    let before = line.get(..colon)?.trim_start_matches('@');
    let odd = before.contains('`') || before.contains("shell(");
    let mut words = split_quoted(before).into_iter();
    let name = words.next()?;
    if !name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_')
        || matches!(name.as_str(), "set" | "alias" | "mod" | "export")
    {
        return None;
    }
    let mut parameters = Vec::new();
    for word in words {
        let rest = word.trim_start_matches(['*', '+', '$']);
        let many = word.starts_with('*');
        let (name, default) = match rest.split_once('=') {
            Some((name, value)) => (name, Some(value.trim_matches(['\'', '"']).to_owned())),
            None => (rest, many.then(String::new)),
        };
        parameters.push(Parameter {
            name: name.to_owned(),
            default,
            passing: Passing::Argument,
            says: None,
        });
    }
    let after = line.get(colon + 1..)?.replace("&&", " ");
    let needs = after
        .split(['(', ')', ' '])
        .filter(|it| !it.is_empty() && !it.starts_with(['#', '\'', '"']))
        .map(str::to_owned)
        .collect();
    Some(Heading { name, parameters, needs, odd })
}

/// Words apart by blanks outside of quotes.
fn split_quoted(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for it in text.chars() {
        match (quote, it) {
            (None, '\'' | '"') => {
                quote = Some(it);
                word.push(it);
            }
            (Some(open), it) if open == it => {
                quote = None;
                word.push(it);
            }
            (None, it) if it.is_whitespace() => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
            }
            (_, it) => word.push(it),
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

/// The recipe's text for a shell: `{{name}}` as its value or as a variable.
fn body_of(lines: &[&str], variables: &[(String, String)]) -> String {
    let mut out = Vec::new();
    let script = lines.iter().find(|it| !it.trim().is_empty());
    let foreign = script.is_some_and(|it| {
        let it = it.trim();
        it.starts_with("#!") && !it.contains("sh")
    });
    if foreign {
        return format!("{}-script", "foreign");
    }
    for line in lines {
        let line = line.trim_start().trim_start_matches(['@', '-']);
        let mut text = String::new();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("{{") {
            text.push_str(before);
            let Some((inside, next)) = after.split_once("}}") else {
                rest = after;
                break;
            };
            let name = inside.trim();
            match variables.iter().find(|it| it.0 == name) {
                Some((_, value)) => text.push_str(value),
                None if name.contains('`') => text.push_str("$(just-shell)"),
                None => text.push_str("${of_just}"),
            }
            rest = next;
        }
        text.push_str(rest);
        out.push(text);
    }
    out.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_before_any_recipe_counts_for_all_wherever_it_is_written() {
        for texts in [
            [("justfile", "a:\n  ls\nx := `rm y`\n"), ("b.just", "")],
            [("justfile", "a:\n  ls\nimport 'b.just'\n"), ("b.just", "x := `rm y`\n")],
        ] {
            let tree = Tree::of_texts(&texts);
            let items: Vec<&Item> = tree.items().iter().filter(|it| takes(it)).collect();
            let mut found = Found::default();
            find(&tree, &items, &mut found);
            let recipe = &found.books[&(Tool::Just, String::new())].recipes["a"];
            assert!(recipe.text.contains("rm y"), "{texts:?}: {}", recipe.text);
            assert_eq!(recipe.files.len(), if texts[1].1.is_empty() { 1 } else { 2 });
        }
    }

    #[test]
    fn recipes_with_parameters_groups_and_confirmation() {
        let texts = [(
            "justfile",
            "compose := 'docker compose'\n\ndefault:\n  @just --list\n\n# Show logs\n\
             logs svc='api' *args:\n  {{compose}} logs {{svc}}\n\n[confirm(\"sure?\")]\n[group('db')]\n\
             reset: stop && migrate\n  dropdb x\n\n[private]\nhidden:\n  ls\n\
             migrate:\n\tsqlx migrate run\n",
        )];
        let tree = Tree::of_texts(&texts);
        let items: Vec<&Item> = tree.items().iter().filter(|it| takes(it)).collect();
        let mut found = Found::default();
        find(&tree, &items, &mut found);
        let all: Vec<_> =
            found.drafts.iter().map(|it| (it.command.id.as_str(), it.command.place.line)).collect();
        assert_eq!(all, [("just.logs", 7), ("just.reset", 12), ("just.migrate", 18)]);
        let logs = &found.drafts[0].command;
        assert_eq!(logs.title, "Show logs");
        assert_eq!(logs.parameters[0].default.as_deref(), Some("api"));
        assert!(found.drafts[1].least.is_some());
        let book = &found.books[&(Tool::Just, String::new())];
        assert_eq!(book.recipes["logs"].text, "docker compose logs ${of_just}");
        assert_eq!(book.recipes["reset"].needs, ["stop", "migrate"]);
    }
}
