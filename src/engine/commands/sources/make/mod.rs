//! Makefiles: targets with their help, sections, prerequisites and included files.
//!
//! make runs what stands in `$(shell …)` while it reads the file, so nothing is asked of make: the
//! text is read here, variables are filled in as text, and what `$(shell …)` would run counts for
//! every target. GNU make manual, "How make Reads a Makefile" and "Functions". Help: `##` behind a
//! target or above it, sections by `##@`, as in most Makefiles that print their own help.

mod expand;

use std::collections::{BTreeMap, HashSet};

use super::{Draft, Found, Source, argument, first_line, id, is_plain_name, label, place};
use crate::engine::commands::kind;
use crate::engine::commands::risk::{Recipe, Tool, joined, steers};
use crate::engine::commands::tree::{Item, Tree, below};
use crate::engine::commands::{Parameter, Passing, Risk, Work};
use expand::{Expander, Variable, names_in};

/// See the module.
pub const SOURCE: Source = Source { takes, find };

/// Files that one Makefile may include, all in all.
const MOST_INCLUDED: usize = 40;
/// Targets of one folder that are offered.
const MOST_TARGETS: usize = 150;

fn takes(item: &Item) -> bool {
    matches!(item.name(), "Makefile" | "makefile" | "GNUmakefile")
}

/// A rule as it is written.
#[derive(Debug, Default, Clone)]
struct Rule {
    file: String,
    line: u32,
    help: Option<String>,
    section: Option<String>,
    needs: Vec<String>,
    recipe: Vec<String>,
    phony: bool,
    /// Whether some of what it needs is told only when make runs.
    unsure: bool,
}

/// What one Makefile says, with what it includes.
#[derive(Default)]
struct Makefile {
    rules: BTreeMap<String, Rule>,
    order: Vec<String>,
    variables: BTreeMap<String, Variable>,
    phony: HashSet<String>,
    default: Option<String>,
    files: Vec<String>,
    /// Makefiles by the names that rules have for them: make makes them anew before anything else.
    remade: Vec<String>,
    /// What is run while the file is read.
    at_reading: Vec<String>,
    /// Whether something of it is made by other rules than can be followed.
    odd: Option<&'static str>,
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    for item in items {
        let folder = item.folder();
        // make takes the first of these three.
        let first = ["GNUmakefile", "makefile", "Makefile"];
        let taken = first.iter().find(|it| tree.has(&below(folder, it)));
        if taken.is_none_or(|it| *it != item.name()) {
            continue;
        }
        let mut makefile = Makefile::default();
        read(tree, &item.path, folder, &mut makefile);
        offer(item, makefile, found);
    }
}

/// Whether a target is meant to be asked for by a person.
fn is_asked_for(name: &str, rule: &Rule, documented: bool) -> bool {
    let plain = is_plain_name(name)
        && !name.starts_with(['.', '_'])
        && !name.contains('%')
        && !name.contains('=')
        // The list of these is what navi shows.
        && name != "help";
    // A file name is made because something else needs it.
    let file = name.contains('/') || (name.contains('.') && !rule.phony);
    let telling = kind::is_telling(name);
    plain && (rule.help.is_some() || (!file && (rule.phony || !documented || telling)))
}

fn offer(item: &Item, makefile: Makefile, found: &mut Found) {
    let folder = item.folder().to_owned();
    let expander = Expander::new(&makefile.variables);
    let documented = makefile.rules.values().filter(|it| it.help.is_some()).count() > 2;
    let at_reading: Vec<String> =
        makefile.at_reading.iter().map(|it| expander.shell(it, "", &[])).collect();
    let files: Vec<_> = makefile.files.iter().map(|it| it.as_str().into()).collect();
    let mut least = makefile.odd.map(|why| (Risk::Changes, why.to_owned()));
    // make hands these on to what it runs, whether they are exported or not.
    for (name, variable) in &makefile.variables {
        let harmless = match name.as_str() {
            "SHELL" => variable.several.is_empty() && is_shell(&variable.value),
            ".SHELLFLAGS" => is_shell_flags(&variable.value),
            "MAKEFLAGS" => {
                is_quiet(&variable.value) && variable.several.iter().all(|it| is_quiet(it))
            }
            name => !steers(name),
        };
        if !harmless {
            let name = crate::base::text::clean(name).into_owned();
            least = Some((Risk::Changes, format!("`{name}` of the Makefile decides what is run")));
        }
    }
    let mut extra = makefile.remade.clone();
    extra.push(item.name().to_owned());
    if let Some(all) = makefile.variables.get(".EXTRA_PREREQS") {
        let words = std::iter::once(&all.value).chain(&all.several);
        extra.extend(words.flat_map(|it| it.split_whitespace()).map(str::to_owned));
    }
    let makes = |rule: &str, name: &str| match rule.split_once('%') {
        Some((before, behind)) => name.starts_with(before) && name.ends_with(behind),
        None => rule == name,
    };
    extra.retain(|name| makefile.rules.keys().any(|rule| makes(rule, name)));
    let mut offered = 0;
    for name in &makefile.order {
        let Some(rule) = makefile.rules.get(name) else { continue };
        let mut lines = Vec::new();
        for line in &rule.recipe {
            lines.push(expander.shell(line, name, &rule.needs));
        }
        let mut needs = rule.needs.clone();
        needs.extend(extra.iter().cloned());
        let mut whole = least.clone();
        if rule.unsure {
            whole = Some((Risk::Changes, "needs what is known only when make runs".into()));
        }
        if expander.is_unsure(&rule.recipe) {
            whole = Some((Risk::Changes, "uses functions of make that are not followed".into()));
        }
        let mut text = lines.join("\n");
        if !at_reading.is_empty() {
            text = format!("{}\n{text}", at_reading.join("\n"));
        }
        let recipe = Recipe {
            text,
            folder: Some(folder.clone()),
            needs,
            files: files.clone(),
            least: whole,
        };
        let book = found.book(Tool::Make, &folder);
        if let Some((before, behind)) = name.split_once('%') {
            book.patterns.push((before.to_owned(), behind.to_owned(), name.clone()));
        }
        book.recipes.insert(name.clone(), recipe);
        let asked = is_asked_for(name, rule, documented) && !item.is_foreign();
        if !asked || offered >= MOST_TARGETS {
            continue;
        }
        offered += 1;
        let shown = lines.join("\n");
        let title = match (&rule.help, lines.iter().find(|it| !it.trim().is_empty())) {
            (Some(help), _) => help.clone(),
            (None, Some(line)) => first_line(line).to_owned(),
            (None, None) if !rule.needs.is_empty() => format!("make {}", rule.needs.join(", ")),
            (None, None) => format!("make {name}"),
        };
        let kind = kind::of_name(name)
            .or_else(|| kind::of_text(&shown))
            .or_else(|| rule.section.as_deref().and_then(kind::of_name))
            .unwrap_or(super::Kind::Other);
        let argv = vec!["make".to_owned(), argument(name)];
        let parts = ["make", &label(&folder), name];
        let mut draft =
            Draft::new(id(&parts), &title, kind, Work::Program(argv), place(&rule.file, rule.line))
                .within(&folder)
                .by_recipe(Tool::Make, &folder, name)
                .ranked(if rule.help.is_some() { 20 } else { 40 });
        draft.command.parameters = parameters(rule, &makefile);
        draft.command.follows = follows(&shown);
        draft.command.interactive = interactive(&shown);
        found.drafts.push(draft);
    }
    found.book(Tool::Make, &folder).default =
        makefile.default.or_else(|| makefile.order.first().cloned());
}

fn is_shell(value: &str) -> bool {
    let words: Vec<&str> = value.split_whitespace().collect();
    let name = |it: &str| it.rsplit('/').next().unwrap_or(it).to_owned();
    let shells = ["sh", "bash", "dash", "zsh", "ash", "ksh"];
    match words.as_slice() {
        [one] => shells.contains(&name(one).as_str()),
        [env, one] => name(env) == "env" && shells.contains(&name(one).as_str()),
        _ => false,
    }
}

/// Whether the options of the shell only make it strict.
fn is_shell_flags(value: &str) -> bool {
    let plain = |it: &str| {
        it == "pipefail"
            || it.strip_prefix('-').is_some_and(|it| it.chars().all(|it| "euxocE".contains(it)))
    };
    value.split_whitespace().all(plain)
}

/// Whether options of make change nothing of what runs.
fn is_quiet(value: &str) -> bool {
    value.split_whitespace().all(|it| {
        matches!(
            it,
            "--no-print-directory"
                | "--no-builtin-rules"
                | "--no-builtin-variables"
                | "-r"
                | "-R"
                | "-rR"
                | "-s"
                | "--silent"
                | "--warn-undefined-variables"
                | "--quiet"
                | "-k"
        ) || it.starts_with("-j")
            || it.starts_with("--jobs")
            || it.starts_with("--output-sync")
    })
}

/// Whether a text goes on until it is stopped, as far as its words tell.
pub fn follows(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let has = |it: &str| words.contains(&it);
    ((has("logs") || has("tail") || has("journalctl"))
        && (has("-f") || has("--follow") || has("-tf") || has("-ft")))
        || has("--reload")
        || words
            .iter()
            .any(|it| matches!(*it, "runserver" | "--watch" | "nodemon" | "webpack-dev-server"))
        || words.windows(2).any(|it| matches!(it, ["docker" | "compose", "stats"]))
            && !has("--no-stream")
}

/// Whether a text wants a terminal, as far as its words tell.
pub fn interactive(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some(last) = words.last() else { return false };
    let shell = ["sh", "bash", "zsh", "ash", "psql", "redis-cli", "mongosh", "mysql", "ipython"];
    let name = last.rsplit('/').next().unwrap_or(last);
    let exec = words.windows(1).any(|it| matches!(it, ["exec"])) && !words.contains(&"-T");
    let session = words.iter().any(|it| matches!(*it, "psql" | "redis-cli" | "mongosh" | "mysql"))
        && !words
            .iter()
            .any(|it| matches!(*it, "-c" | "-e" | "-f" | "--eval" | "-T" | "<" | "<<<"))
        && exec;
    shell.contains(&name)
        || words.iter().any(|it| matches!(*it, "-it" | "-ti" | "shell_plus" | "dbshell"))
        || session
        || matches!(words.as_slice(), [.., "console" | "shell" | "repl"])
}

/// Variables that the recipe uses and a person may set: those with `?=`, and those that nobody sets.
fn parameters(rule: &Rule, makefile: &Makefile) -> Vec<Parameter> {
    let mut out: Vec<Parameter> = Vec::new();
    for line in &rule.recipe {
        for name in names_in(line) {
            let known = makefile.variables.get(&name);
            let asked = match known {
                Some(it) => it.default && !it.value.contains("$("),
                None => !expand::BUILT_IN.contains(&name.as_str()),
            };
            if !asked || out.iter().any(|it| it.name == name) || out.len() >= 8 {
                continue;
            }
            out.push(Parameter {
                name,
                default: Some(known.map_or_else(String::new, |it| it.value.clone())),
                passing: Passing::Assignment,
                says: None,
            });
        }
    }
    out
}

/// Reads a Makefile into what is known so far.
fn read(tree: &Tree<'_>, path: &str, folder: &str, out: &mut Makefile) {
    if out.files.iter().any(|it| it == path) || out.files.len() >= MOST_INCLUDED {
        return;
    }
    let Some(text) = tree.text(path) else {
        // A file of secrets: which variables it sets counts, their values are nobody's business.
        let values = tree
            .settings(path)
            .is_some_and(|text| text.lines().all(|line| hidden_value(line, &mut out.variables)));
        if !values {
            out.odd.get_or_insert("includes a file that cannot be read");
        }
        return;
    };
    out.files.push(path.to_owned());
    let mut current: Vec<String> = Vec::new();
    let mut help: Option<String> = None;
    let mut section: Option<String> = None;
    let mut define: Option<String> = None;
    let mut lines = text.lines().enumerate().peekable();
    while let Some((at, first)) = lines.next() {
        let mut line = first.to_owned();
        while line.ends_with('\\') {
            let Some((_, next)) = lines.next() else { break };
            line.push('\n');
            line.push_str(next);
        }
        if let Some(name) = &define {
            if line.trim() == "endef" {
                define = None;
            } else {
                let it = out.variables.entry(name.clone()).or_default();
                it.value.push_str(&line);
                it.value.push('\n');
            }
            continue;
        }
        if let Some(recipe) = line.strip_prefix('\t') {
            for name in &current {
                if let Some(rule) = out.rules.get_mut(name) {
                    rule.recipe.push(recipe.to_owned());
                }
            }
            continue;
        }
        let trimmed = line.trim();
        if let Some(title) = trimmed.strip_prefix("##@") {
            section = Some(title.trim().to_owned());
            continue;
        }
        if let Some(comment) = trimmed.strip_prefix('#') {
            // `# name: what it does` or `## what it does`, right above the target.
            let says = comment.trim_start_matches('#').trim();
            help = trimmed.starts_with("##").then(|| says.to_owned()).filter(|it| !it.is_empty());
            continue;
        }
        if trimmed.is_empty() {
            help = None;
            continue;
        }
        let joined_line = trimmed.replace("\\\n", " ");
        if conditional(&joined_line) {
            continue;
        }
        if let Some(files) = included(&joined_line) {
            let expander = Expander::new(&out.variables);
            let names = expander.text(files);
            if expander.is_open(files) || names.is_empty() {
                out.odd.get_or_insert("includes a file that is known only when make runs");
            }
            out.remade.extend(names.split_whitespace().map(str::to_owned));
            for name in names.split_whitespace() {
                match joined(folder, name).filter(|it| tree.has(it)) {
                    Some(place) => read(tree, &place, folder, out),
                    // `-include .env`, or something that make would make first.
                    None if joined_line.starts_with('-') || joined_line.starts_with("sinclude") => {
                    }
                    None => {
                        out.odd
                            .get_or_insert("includes a file that is not one of the repository's");
                    }
                }
            }
            current.clear();
            continue;
        }
        if let Some(rest) = strip_word(&joined_line, "define") {
            let name = rest.split(['=', ':', ' ']).next().unwrap_or_default().to_owned();
            out.variables.insert(name.clone(), Variable { function: true, ..Variable::default() });
            define = Some(name);
            continue;
        }
        if let Some((name, operator, value)) = assignment(&joined_line) {
            assign(out, name, operator, value);
            current.clear();
            help = None;
            continue;
        }
        note_shell(&joined_line, &mut out.at_reading);
        if strip_word(&joined_line, "load").or(strip_word(&joined_line, "-load")).is_some() {
            out.odd.get_or_insert("loads a library into make");
        }
        note_odd(&joined_line, out);
        if joined_line.contains("$(eval") || joined_line.starts_with("$(foreach") {
            out.odd.get_or_insert("makes rules while it is read");
        }
        let Some((targets, rest)) = rule_line(&joined_line) else {
            current.clear();
            continue;
        };
        current = rule(out, path, at as u32 + 1, targets, rest, help.take(), section.as_deref());
    }
}

/// Whether a line of a file of secrets does nothing but set a variable, which then holds something.
fn hidden_value(line: &str, variables: &mut BTreeMap<String, Variable>) -> bool {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return true;
    }
    if line.contains("$(") || line.contains("${") {
        return false;
    }
    let Some((name, _, _)) = assignment(line) else { return false };
    let value = format!("$${{{name}}}");
    variables.insert(name.to_owned(), Variable { value, ..Variable::default() });
    true
}

fn conditional(line: &str) -> bool {
    let word = line.split([' ', '(', '\t']).next().unwrap_or_default();
    matches!(word, "ifeq" | "ifneq" | "ifdef" | "ifndef" | "else" | "endif" | "vpath" | "unexport")
}

fn included(line: &str) -> Option<&str> {
    ["include", "-include", "sinclude"].iter().find_map(|it| strip_word(line, it))
}

fn strip_word<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(word)?;
    rest.starts_with([' ', '\t']).then(|| rest.trim())
}

/// `NAME := value`, with the operator.
fn assignment(line: &str) -> Option<(&str, &str, &str)> {
    let mut line = line;
    for word in ["export", "override", "private"] {
        line = strip_word(line, word).unwrap_or(line);
    }
    let at = line.find('=')?;
    let before = line.get(..at)?;
    let (name, operator) = ["::", "?", "+", ":", "!"]
        .iter()
        .find_map(|it| before.strip_suffix(it).map(|name| (name, *it)))
        .unwrap_or((before, ""));
    let name = name.trim_end_matches(':').trim();
    let plain = !name.is_empty() && !name.contains([' ', '\t', ':', '#', '$', '(']);
    plain.then(|| (name, operator, line.get(at + 1..).unwrap_or_default().trim()))
}

fn assign(out: &mut Makefile, name: &str, operator: &str, value: &str) {
    let value = value.split(" #").next().unwrap_or(value).trim();
    if operator == "!" {
        out.at_reading.push(value.to_owned());
    }
    note_shell(value, &mut out.at_reading);
    note_odd(value, out);
    if value.contains("$(eval") {
        out.odd.get_or_insert("makes rules while it is read");
    }
    if name == ".RECIPEPREFIX" {
        out.odd.get_or_insert("its recipes begin with another character");
    }
    if name == ".DEFAULT_GOAL" {
        out.default = Some(value.to_owned());
    }
    let known = out.variables.contains_key(name);
    let it = out.variables.entry(name.to_owned()).or_default();
    match operator {
        "+" => {
            it.value.push(' ');
            it.value.push_str(value);
        }
        "?" if known => {}
        // Of several values in `ifeq` … `else` the first is shown, and none is relied on.
        _ if known && it.value != value => it.several.push(value.to_owned()),
        _ => {
            it.value = if operator == "!" { format!("$(shell {value})") } else { value.to_owned() };
            it.default = operator == "?";
        }
    }
}

/// Notes what make does while it reads this line that cannot be followed.
fn note_odd(line: &str, out: &mut Makefile) {
    for open in ["$(", "${"] {
        for function in ["guile", "file", "call shell", "call eval", "call file", "call guile"] {
            if line.contains(&format!("{open}{function}")) {
                out.odd.get_or_insert("uses functions of make that are not followed");
            }
        }
    }
}

/// Notes what `$(shell …)` in a line would run.
fn note_shell(line: &str, out: &mut Vec<String>) {
    let line = &line.replace('\t', " ");
    for (at, _) in line.match_indices("$(shell ").chain(line.match_indices("${shell ")) {
        let rest = line.get(at + 2..).unwrap_or_default();
        let end = expand::closing(rest).unwrap_or(rest.len());
        let inside = rest.get("shell ".len()..end).unwrap_or_default();
        if !out.iter().any(|it| it == inside) && out.len() < 60 {
            out.push(inside.to_owned());
        }
    }
}

/// Targets and what follows the colon.
fn rule_line(line: &str) -> Option<(&str, &str)> {
    let mut depth = 0usize;
    for (at, it) in line.char_indices() {
        match it {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            '#' if depth == 0 => return None,
            ':' if depth == 0 => {
                let rest = line.get(at + 1..)?;
                return Some((line.get(..at)?, rest.strip_prefix(':').unwrap_or(rest)));
            }
            _ => {}
        }
    }
    None
}

fn rule(
    out: &mut Makefile,
    path: &str,
    line: u32,
    targets: &str,
    rest: &str,
    above: Option<String>,
    section: Option<&str>,
) -> Vec<String> {
    let expander = Expander::new(&out.variables);
    let (rest, help) = match rest.split_once("##") {
        Some((rest, help)) => (rest, Some(help.trim().to_owned())),
        None => (rest, above),
    };
    let (rest, inline) = match rest.split_once(';') {
        Some((rest, recipe)) => (rest, Some(recipe.trim().to_owned())),
        None => (rest, None),
    };
    let rest = rest.split(" #").next().unwrap_or(rest).replace(['|', '&'], " ");
    let targets = expander.text(targets);
    // `target: NAME = value` sets a variable for one target.
    if let Some((name, _, value)) = assignment(rest.trim())
        && !rest.contains('%')
    {
        let (name, value) = (name.to_owned(), value.to_owned());
        if let Some(it) = out.variables.get_mut(&name) {
            it.several.push(value);
        } else {
            out.variables.insert(name, Variable { value, ..Variable::default() });
        }
        return Vec::new();
    }
    let unsure = expander.is_open(&rest);
    let needs = expander.text(&rest);
    let needs: Vec<String> =
        needs.split_whitespace().filter(|it| *it != ":").map(str::to_owned).collect();
    let names: Vec<String> = targets.split_whitespace().map(str::to_owned).collect();
    if names.iter().any(|it| it == ".PHONY") {
        for it in needs {
            if let Some(rule) = out.rules.get_mut(&it) {
                rule.phony = true;
            }
            out.phony.insert(it);
        }
        return Vec::new();
    }
    for name in &names {
        if !out.rules.contains_key(name) && !name.starts_with('.') {
            out.order.push(name.clone());
        }
        let phony = out.phony.contains(name);
        let it = out.rules.entry(name.clone()).or_insert_with(|| Rule {
            file: path.to_owned(),
            line,
            section: section.map(str::to_owned),
            phony,
            ..Rule::default()
        });
        if it.help.is_none() && help.as_ref().is_some_and(|it| !it.is_empty()) {
            it.help.clone_from(&help);
            (it.file, it.line) = (path.to_owned(), line);
        }
        it.unsure |= unsure;
        it.needs.extend(needs.iter().cloned());
        it.recipe.extend(inline.clone());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[(&str, &str)]) -> Found {
        let tree = Tree::of_texts(texts);
        let items: Vec<&Item> = tree.items().iter().filter(|it| takes(it)).collect();
        let mut found = Found::default();
        find(&tree, &items, &mut found);
        found
    }

    fn recipe<'a>(found: &'a Found, name: &str) -> &'a Recipe {
        found.books[&(Tool::Make, String::new())].get(name).unwrap().1
    }

    #[test]
    fn targets_with_help_sections_and_variables() {
        let found = found(&[(
            "Makefile",
            "COMPOSE := docker compose -f tools/a.yml\nSVC ?= api\n.PHONY: up\n\n##@ Run\n\
             up: build ## Start all\n\t@$(COMPOSE) up -d\n\t-echo $$HOME $@ $<\n\
             ## Show logs\nlogs:\n\t$(COMPOSE) logs $(SVC) \\\n\t  --tail 5\nbuild:\n\tdocker build .\n\
             %.o: %.c\n\tcc $<\n.hidden:\n\ttrue\n",
        )]);
        let drafts: Vec<_> = found
            .drafts
            .iter()
            .map(|it| (it.command.id.as_str(), it.command.title.as_str(), it.command.place.line))
            .collect();
        assert_eq!(
            drafts,
            [
                ("make.up", "Start all", 6),
                ("make.logs", "Show logs", 10),
                ("make.build", "docker build .", 13)
            ]
        );
        assert_eq!(
            recipe(&found, "up").text,
            "docker compose -f tools/a.yml up -d\necho $HOME up build"
        );
        assert_eq!(recipe(&found, "up").needs, ["build"]);
        let logs = &found.drafts[1].command.parameters;
        assert_eq!((logs[0].name.as_str(), logs[0].default.as_deref()), ("SVC", Some("api")));
        assert!(recipe(&found, "x.o").text.starts_with("cc "));
    }

    #[test]
    fn what_runs_while_it_is_read_counts_for_every_target() {
        let found = found(&[("Makefile", "X := $(shell rm -rf y)\nls:\n\tls\n")]);
        assert!(recipe(&found, "ls").text.contains("rm -rf y"));
        let found = super::tests::found(&[("Makefile", "ls:\n\techo $(shell rm y)\n")]);
        assert!(recipe(&found, "ls").text.contains("$(rm y)"), "{}", recipe(&found, "ls").text);
    }

    #[test]
    fn included_files_bring_targets_with_their_own_lines() {
        let found = found(&[
            ("Makefile", "include mk/*.none\ninclude mk/docker.mk\n-include .env\na:\n\ttrue\n"),
            ("mk/docker.mk", "\n\nup: ## Up\n\tdocker compose up\n"),
        ]);
        let up = found.drafts.iter().find(|it| it.command.id == "make.up").unwrap();
        assert_eq!(up.command.place, place("mk/docker.mk", 3));
        assert_eq!(recipe(&found, "up").files.len(), 2);
    }

    #[test]
    fn what_decides_which_programs_run_counts_for_every_target() {
        for (line, changes) in [
            ("PATH := ./bin:$(PATH)", true),
            ("export LD_PRELOAD = x.so", true),
            ("SHELL := ./sh-of-mine", true),
            ("SHELL := /usr/bin/env bash", false),
            (".SHELLFLAGS := -eu -o pipefail -c", false),
            (".SHELLFLAGS := -c 'rm x'", true),
            ("MAKEFLAGS += --no-print-directory", false),
            ("MAKEFLAGS += --eval=x", true),
            ("VERSION := 1", false),
            ("load ./x.so", true),
            (".RECIPEPREFIX = >", true),
            ("include $(X).mk", true),
            ("-include $(wildcard *.mk)", true),
            ("X := $(call shell,touch x)", true),
            ("X := $(file >x,y)", true),
            ("X := ${guile (x)}", true),
            ("a: $(addprefix e,vil)", true),
        ] {
            let makefile = format!("{line}\na:\n\tls\n");
            let found = found(&[("Makefile", &makefile)]);
            assert_eq!(recipe(&found, "a").least.is_some(), changes, "{line}");
        }
    }

    #[test]
    fn what_make_makes_before_anything_else_counts_for_every_target() {
        for text in [
            "a:\n\tls\nMakefile: b\n\ttrue\nb:\n\trm x\n",
            "-include c.mk\na:\n\tls\nc.mk:\n\trm x\n",
            ".EXTRA_PREREQS = b\na:\n\tls\nb:\n\trm x\n",
            "a: .EXTRA_PREREQS = b\na:\n\tls\nb:\n\trm x\n",
        ] {
            let found = found(&[("Makefile", text)]);
            let needs = &recipe(&found, "a").needs;
            let made =
                ["Makefile", "c.mk", "b"].iter().any(|it| needs.iter().any(|need| need == it));
            assert!(made, "{text}: {needs:?}");
        }
        let found = found(&[("Makefile", "a:\n\tls\n")]);
        assert!(recipe(&found, "a").least.is_none());
    }

    #[test]
    fn a_file_of_secrets_sets_variables_that_are_not_shown() {
        let found = found(&[
            ("Makefile", "-include .env\na: ## A\n\techo $(DB_PASSWORD) $(X)\n"),
            (".env", "# c\nDB_PASSWORD=hunter2\nX=y\n"),
        ]);
        let it = recipe(&found, "a");
        assert_eq!((it.text.as_str(), &it.least), ("echo ${DB_PASSWORD} ${X}", &None));
        assert!(found.drafts[0].command.parameters.is_empty());
    }

    #[test]
    fn another_value_is_no_value() {
        let found = found(&[(
            "Makefile",
            "ifdef CI\nRUN = ls\nelse\nRUN = rm -rf x\nendif\na:\n\t$(RUN)\nb:\n\t$(call run,x)\n",
        )]);
        assert!(recipe(&found, "a").text.contains("rm -rf x"), "{}", recipe(&found, "a").text);
        assert!(recipe(&found, "b").least.is_some());
    }
}
