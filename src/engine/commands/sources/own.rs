//! `[[command]]` of `.navi.toml`: what the people of a repository want to have at hand.
//!
//! A mistake costs its entry. A risk can be raised here and never lowered.

use std::collections::HashSet;

use super::{Draft, Found, Source, id};
use crate::base::diag::{Diagnostic, quote};
use crate::base::suggest::did_you_mean;
use crate::base::toml::{self, Entry, Kind as Toml, Table, Value};
use crate::engine::commands::risk::joined;
use crate::engine::commands::tree::{Item, Tree};
use crate::engine::commands::{Kind, Parameter, Passing, Place, Risk, Work, kind};

/// See the module.
pub const SOURCE: Source = Source { takes, find };

const KEYS: &[&str] = &[
    "id",
    "title",
    "kind",
    "argv",
    "shell",
    "cwd",
    "env",
    "risk",
    "parameters",
    "follows",
    "interactive",
    "deadline",
];
const PARAMETER_KEYS: &[&str] = &["name", "default", "passing", "says"];

fn takes(item: &Item) -> bool {
    item.path == ".navi.toml"
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    for item in items {
        let Some(text) = tree.text(&item.path) else { continue };
        // What is wrong with the file as a whole is said by whoever reads its settings.
        let (table, _) = toml::parse(&item.path, &text);
        let Some(entry) = table.get("command") else { continue };
        let values = match &entry.value.kind {
            Toml::List(values) => values.as_slice(),
            _ => std::slice::from_ref(&entry.value),
        };
        let mut known = HashSet::new();
        for value in values {
            let before = found.said.len();
            let draft = command(value, item, &mut found.said);
            let whole = found
                .said
                .iter()
                .skip(before)
                .all(|it| it.severity < crate::base::Severity::Warning);
            match draft {
                Some(draft) if whole && known.insert(draft.command.id.clone()) => {
                    found.drafts.push(draft);
                }
                Some(draft) if whole => {
                    let said = format!("the id {} was given before", quote(&draft.command.id));
                    found.said.push(Diagnostic::warning(said).at(value.origin.clone()));
                }
                _ => {
                    let note = Diagnostic::note("this command is left out");
                    found.said.push(note.at(value.origin.clone()));
                }
            }
        }
    }
}

fn command(value: &Value, item: &Item, said: &mut Vec<Diagnostic>) -> Option<Draft> {
    let Toml::Table(table) = &value.kind else {
        said.push(Diagnostic::warning("`command` is a list of tables").at(value.origin.clone()));
        return None;
    };
    unknown_keys(table, KEYS, "a command", said);
    let name = text(table, "id", said)?;
    let plain = |it: char| it.is_ascii_alphanumeric() || "._-:".contains(it);
    if name.is_empty() || name.starts_with('-') || !name.chars().all(plain) {
        let fault = format!("{} is no id: letters, digits, `.`, `_`, `-`, `:`", quote(&name));
        said.push(Diagnostic::warning(fault).at(value.origin.clone()));
        return None;
    }
    let argv = table.get("argv").map(|it| texts(it, said));
    let shell = table.get("shell").and_then(|_| text(table, "shell", said));
    let work = match (argv, shell) {
        (Some(argv), None) if argv.first().is_some_and(|it| !it.is_empty()) => Work::Program(argv),
        (None, Some(shell)) if !shell.trim().is_empty() => Work::Shell(shell),
        _ => {
            let fault = "a command needs either `argv`, a list of texts, or `shell`, a text";
            said.push(Diagnostic::warning(fault).at(value.origin.clone()));
            return None;
        }
    };
    let shown = match &work {
        Work::Program(argv) => argv.join(" "),
        Work::Shell(text) => text.clone(),
        Work::Http { url } => url.clone(),
        Work::Tcp { host, port } => format!("{host}:{port}"),
    };
    let kind = match table.get("kind") {
        None => kind::of(&name, &shown),
        Some(entry) => {
            let word = text(table, "kind", said)?;
            let found = Kind::of(&word);
            if found.is_none() {
                let known = Kind::ALL.map(Kind::id);
                let fault = Diagnostic::warning(format!("{} is no kind", quote(&word)));
                let near = did_you_mean(&word, known).map(str::to_owned);
                said.push(fault.at(entry.value.origin.clone()).maybe_meant(near.as_deref()));
            }
            found?
        }
    };
    let title = table.get("title").and_then(|_| text(table, "title", said));
    let line = value.origin.line.unwrap_or(1);
    let place = Place { path: item.repo_path(), line };
    let mut draft = Draft::new(id(&["own", &name]), "", kind, work, place).ranked(0);
    // As it was written; dots in it are its own.
    draft.command.id = name;
    draft.command.title = super::tidy(title.as_deref().unwrap_or(&shown));
    // All that the file says of it is in the command itself: what is said of others changes nothing.
    if table.get("cwd").is_some() {
        let cwd = text(table, "cwd", said)?;
        let Some(cwd) = joined("", &cwd) else {
            let fault = format!("{} is no folder below the root", quote(&cwd));
            said.push(Diagnostic::warning(fault).at(value.origin.clone()));
            return None;
        };
        draft = draft.within(&cwd);
    }
    if let Some(entry) = table.get("risk") {
        let word = text(table, "risk", said)?;
        let Some(risk) = Risk::of(&word) else {
            let known = ["read-only", "changes", "destroys"];
            let fault = Diagnostic::warning(format!("{} is no risk", quote(&word)));
            said.push(fault.at(entry.value.origin.clone()).maybe_meant(did_you_mean(&word, known)));
            return None;
        };
        draft.least =
            Some((risk, format!("said so in .navi.toml:{}", entry.origin.line.unwrap_or(line))));
    }
    environment(table, &mut draft, said);
    draft.command.follows = flag(table, "follows", said);
    draft.command.interactive = flag(table, "interactive", said);
    if let Some(entry) = table.get("deadline") {
        match &entry.value.kind {
            Toml::Integer(seconds @ 1..=86_400) => {
                draft.command.deadline_s = u32::try_from(*seconds).ok();
            }
            _ => said.push(
                Diagnostic::warning("`deadline` is a number of seconds, 1 to 86400")
                    .at(entry.value.origin.clone()),
            ),
        }
    }
    if let Some(entry) = table.get("parameters") {
        parameters(entry, &mut draft, said);
    }
    Some(draft)
}

fn environment(table: &Table, draft: &mut Draft, said: &mut Vec<Diagnostic>) {
    let Some(entry) = table.get("env") else { return };
    let Toml::Table(env) = &entry.value.kind else {
        said.push(Diagnostic::warning("`env` is a table of texts").at(entry.value.origin.clone()));
        return;
    };
    for entry in &env.entries {
        match &entry.value.kind {
            Toml::Text(text) => draft.command.env.push((entry.key.clone(), text.clone())),
            _ => said.push(
                Diagnostic::warning(format!("{} is a text", quote(&entry.key)))
                    .at(entry.value.origin.clone()),
            ),
        }
    }
}

fn parameters(entry: &Entry, draft: &mut Draft, said: &mut Vec<Diagnostic>) {
    let Toml::List(items) = &entry.value.kind else {
        let fault = Diagnostic::warning("`parameters` is a list of tables");
        said.push(fault.at(entry.value.origin.clone()));
        return;
    };
    for item in items {
        let Toml::Table(table) = &item.kind else {
            said.push(Diagnostic::warning("a parameter is a table").at(item.origin.clone()));
            continue;
        };
        unknown_keys(table, PARAMETER_KEYS, "a parameter", said);
        let Some(name) = text(table, "name", said) else { continue };
        let plain = |it: char| it.is_ascii_alphanumeric() || it == '_';
        if name.is_empty() || !name.chars().all(plain) {
            let fault = format!("{} is no name of a parameter", quote(&name));
            said.push(Diagnostic::warning(fault).at(item.origin.clone()));
            continue;
        }
        let optional = |key: &str, said: &mut Vec<Diagnostic>| {
            table.get(key).and_then(|_| text(table, key, said))
        };
        let passing = match optional("passing", said).as_deref() {
            None | Some("environment") => Passing::Environment,
            Some("argument") => Passing::Argument,
            Some("assignment") => Passing::Assignment,
            Some(other) => {
                let known = ["environment", "argument", "assignment"];
                let fault =
                    Diagnostic::warning(format!("{} is no way to pass a value", quote(other)));
                said.push(fault.at(item.origin.clone()).maybe_meant(did_you_mean(other, known)));
                continue;
            }
        };
        let (default, says) = (optional("default", said), optional("says", said));
        draft.command.parameters.push(Parameter { name, default, passing, says });
    }
}

fn unknown_keys(table: &Table, known: &[&str], what: &str, said: &mut Vec<Diagnostic>) {
    for entry in table.entries.iter().filter(|it| !known.contains(&it.key.as_str())) {
        said.push(
            Diagnostic::warning(format!("unknown key {} in {what}", quote(&entry.key)))
                .at(entry.origin.clone())
                .maybe_meant(did_you_mean(&entry.key, known.iter().copied())),
        );
    }
}

fn text(table: &Table, key: &str, said: &mut Vec<Diagnostic>) -> Option<String> {
    let Some(entry) = table.get(key) else {
        let fault = Diagnostic::warning(format!("`{key}` is missing"));
        said.push(fault.at(table.origin.clone()));
        return None;
    };
    if let Toml::Text(text) = &entry.value.kind {
        return Some(text.clone());
    }
    let fault = format!("`{key}` is text, not {}", entry.value.kind.word());
    said.push(Diagnostic::warning(fault).at(entry.value.origin.clone()));
    None
}

fn texts(entry: &Entry, said: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut out = Vec::new();
    if let Toml::List(items) = &entry.value.kind {
        for item in items {
            match &item.kind {
                Toml::Text(text) => out.push(text.clone()),
                _ => said
                    .push(Diagnostic::warning("`argv` is a list of texts").at(item.origin.clone())),
            }
        }
    } else {
        said.push(Diagnostic::warning("`argv` is a list of texts").at(entry.value.origin.clone()));
    }
    out
}

fn flag(table: &Table, key: &str, said: &mut Vec<Diagnostic>) -> bool {
    match table.get(key).map(|it| (&it.value.kind, &it.value.origin)) {
        None => false,
        Some((Toml::Bool(is), _)) => *is,
        Some((_, origin)) => {
            let fault = format!("`{key}` is true or false");
            said.push(Diagnostic::warning(fault).at(origin.clone()));
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Found {
        let texts = [(".navi.toml", text)];
        let tree = Tree::of_texts(&texts);
        let items: Vec<&Item> = tree.items().iter().filter(|it| takes(it)).collect();
        let mut found = Found::default();
        find(&tree, &items, &mut found);
        found
    }

    #[test]
    fn a_command_with_all_it_may_have() {
        let found = found(
            "[[command]]\nid = \"queue.depth\"\ntitle = \"Queue\"\nkind = \"cache\"\n\
             argv = [\"redis-cli\", \"llen\", \"q\"]\ncwd = \"tools\"\nenv = { A = \"b\" }\n\
             risk = \"changes\"\ndeadline = 5\nfollows = true\n\
             parameters = [{ name = \"N\", default = \"1\", says = \"how many\" }]\n",
        );
        assert!(found.said.is_empty(), "{:?}", found.said);
        let draft = &found.drafts[0];
        assert_eq!((draft.command.id.as_str(), draft.command.kind), ("queue.depth", Kind::Cache));
        assert_eq!(draft.least.as_ref().unwrap().0, Risk::Changes);
        assert_eq!(draft.command.parameters[0].passing, Passing::Environment);
        assert_eq!((draft.command.place.line, draft.command.deadline_s), (1, Some(5)));
    }

    #[test]
    fn a_mistake_costs_its_entry_and_says_where() {
        let found = found(
            "[[command]]\nid = \"a\"\nargv = [\"ls\"]\n[[command]]\nid = \"b\"\n\
             [[command]]\nid = \"c\"\nargv = [\"ls\"]\nkind = \"helth\"\n\
             [[command]]\nid = \"d\"\nshell = \"ls\"\ncwd = \"../..\"\n\
             [[command]]\nid = \"a\"\nargv = [\"ls\"]\n[[command]]\nid = \"-e\"\nargv = [\"ls\"]\n\
             [[command]]\nid = \"f\"\nargv = [\"ls\"]\ntrust = true\n",
        );
        assert_eq!(found.drafts.len(), 1);
        let all: Vec<String> = found.said.iter().map(ToString::to_string).collect();
        let all = all.join("\n");
        for wanted in [
            "did you mean `health`?",
            "`../..` is no folder",
            "was given before",
            "unknown key `trust`",
        ] {
            assert!(all.contains(wanted), "{wanted}\n{all}");
        }
    }
}
