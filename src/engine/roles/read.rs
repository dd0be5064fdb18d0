//! Reads a role file. What is wrong in it is left out and reported with its line; the rest counts.

use super::language::LANGUAGES;
use super::rule::Rule;
use super::words::singular;
use crate::base::diag::{Diagnostic, quote};
use crate::base::suggest::did_you_mean;
use crate::base::toml::{self, Entry, Kind, Table, Value};
use crate::engine::standing::Standing;

/// What a role file says.
#[derive(Debug, Clone, Default)]
pub struct RoleFile {
    /// Its name in queries.
    pub id: String,
    /// Its name on screen; empty when not said.
    pub title: Option<String>,
    /// The character that stands for it.
    pub glyph: Option<String>,
    /// What a file of this role does.
    pub why: Option<String>,
    /// What kinds of files count in full besides hand-written source.
    pub accepts: Vec<Standing>,
    /// Points below which a file is not shown as canonical.
    pub least: Option<f32>,
    /// What each further file of one folder is multiplied by in the catalogue.
    pub spread: Option<f32>,
    /// How much it counts that a file is about what the repository is about.
    pub domain: Option<f32>,
    /// How much it counts that other files refer to it.
    pub central: Option<f32>,
    /// Whether the newest of files with numbered names stands for them.
    pub newest: bool,
    /// Rules, still without their role's place.
    pub rules: Vec<Rule>,
    /// Its examples, which are its tests.
    pub examples: Vec<Example>,
}

/// A file that has the role, or has not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Example {
    /// Its path.
    pub path: String,
    /// What it says.
    pub content: String,
    /// Whether it must not have the role.
    pub not: bool,
    /// Its line in the role file.
    pub line: u32,
}

const ROLE_KEYS: &[&str] = &[
    "id", "title", "glyph", "why", "accepts", "least", "spread", "domain", "central", "newest",
    "rule", "example",
];
const RULE_KEYS: &[&str] = &[
    "weight",
    "why",
    "names",
    "parts",
    "folders",
    "extensions",
    "starts",
    "ends",
    "paths",
    "languages",
    "content",
];

/// The most that one rule can say, either way.
const HEAVIEST: f64 = 10.0;

/// Reads the text of a role file; `None` when it has no usable `id`.
pub fn role_file(source: &str, text: &str, said: &mut Vec<Diagnostic>) -> Option<RoleFile> {
    let (table, faults) = toml::parse(source, text);
    said.extend(faults);
    role(&table, said)
}

/// Reads one role from a table.
pub fn role(table: &Table, said: &mut Vec<Diagnostic>) -> Option<RoleFile> {
    let mut file = RoleFile::default();
    for entry in &table.entries {
        match entry.key.as_str() {
            "id" => {
                if let Some(id) = text(entry, said) {
                    if is_id(&id) {
                        file.id = id;
                    } else {
                        said.push(
                            Diagnostic::warning(format!("{} cannot be a role's id", quote(&id)))
                                .at(entry.value.origin.clone())
                                .hint("use lower-case letters, digits and `-`"),
                        );
                    }
                }
            }
            "title" => file.title = text(entry, said),
            "glyph" => file.glyph = text(entry, said),
            "why" => file.why = text(entry, said),
            "accepts" => file.accepts = standings(entry, said),
            "least" => file.least = number(entry, said),
            "spread" => file.spread = number(entry, said),
            "domain" => file.domain = number(entry, said),
            "newest" => file.newest = matches!(entry.value.kind, Kind::Bool(true)),
            "central" => file.central = number(entry, said),
            "rule" => {
                for value in items(&entry.value) {
                    file.rules.extend(rule(value, said));
                }
            }
            "example" => {
                for value in items(&entry.value) {
                    file.examples.extend(example(value, said));
                }
            }
            other => said.push(unknown("a role", other, entry, ROLE_KEYS)),
        }
    }
    if file.id.is_empty() {
        said.push(Diagnostic::warning("a role needs an `id`").at(table.origin.clone()));
        return None;
    }
    Some(file)
}

fn is_id(id: &str) -> bool {
    id.len() <= 40
        && id.starts_with(|it: char| it.is_ascii_lowercase())
        && id.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
}

/// One rule; `None` when it could hold for no file or for every file.
pub fn rule(value: &Value, said: &mut Vec<Diagnostic>) -> Option<Rule> {
    let Kind::Table(table) = &value.kind else {
        said.push(Diagnostic::warning("a rule is a table").at(value.origin.clone()));
        return None;
    };
    let before = said.len();
    let mut rule = Rule { weight: 1.0, ..Rule::default() };
    for entry in &table.entries {
        match entry.key.as_str() {
            "weight" => {
                if let Some(weight) = number(entry, said) {
                    rule.weight = weight;
                }
            }
            "why" => rule.why = text(entry, said).unwrap_or_default(),
            "names" => rule.names = lower(entry, said),
            "parts" => {
                let words = lower(entry, said);
                rule.parts = words.iter().map(|it| singular(it).into_owned()).collect();
            }
            "folders" => rule.folders = lower(entry, said),
            "extensions" => rule.extensions = lower(entry, said),
            "starts" => rule.starts = lower(entry, said),
            "ends" => rule.ends = lower(entry, said),
            "paths" => rule.paths = lower(entry, said),
            "languages" => rule.languages = languages(entry, said),
            "content" => {
                rule.content = words(entry, said).into_iter().map(String::into_bytes).collect();
            }
            other => said.push(unknown("a rule", other, entry, RULE_KEYS)),
        }
    }
    let fault = |message: &str| Diagnostic::warning(message).at(value.origin.clone());
    if said.len() > before {
        said.push(Diagnostic::note("this rule is left out").at(value.origin.clone()));
        return None;
    }
    if rule.content.is_empty() != (rule.languages == 0) {
        said.push(fault("`content` and `languages` belong together; this rule is left out"));
        return None;
    }
    let lists = [
        &rule.names,
        &rule.parts,
        &rule.folders,
        &rule.extensions,
        &rule.starts,
        &rule.ends,
        &rule.paths,
        &rule.content,
    ];
    if lists.iter().all(|it| it.is_empty()) {
        said.push(fault("a rule without conditions would hold for every file; it is left out"));
        return None;
    }
    if rule.why.is_empty() {
        said.push(fault("a rule needs a `why`, which is shown beside the file; it is left out"));
        return None;
    }
    Some(rule)
}

fn example(value: &Value, said: &mut Vec<Diagnostic>) -> Option<Example> {
    let Kind::Table(table) = &value.kind else {
        said.push(Diagnostic::warning("an example is a table").at(value.origin.clone()));
        return None;
    };
    let mut example = Example { line: value.origin.line.unwrap_or(0), ..Example::default() };
    for entry in &table.entries {
        match entry.key.as_str() {
            "path" => example.path = text(entry, said)?,
            "content" => example.content = text(entry, said)?,
            "not" => example.not = matches!(entry.value.kind, Kind::Bool(true)),
            other => {
                said.push(unknown("an example", other, entry, &["path", "content", "not"]));
            }
        }
    }
    Some(example)
}

/// The items of a list; a single table stands for a list of one.
fn items(value: &Value) -> &[Value] {
    match &value.kind {
        Kind::List(items) => items,
        _ => std::slice::from_ref(value),
    }
}

fn unknown(what: &str, key: &str, entry: &Entry, known: &[&str]) -> Diagnostic {
    let near = did_you_mean(key, known.iter().copied());
    Diagnostic::warning(format!("unknown key {} in {what}", quote(key)))
        .at(entry.origin.clone())
        .maybe_meant(near)
}

fn wrong(entry: &Entry, wanted: &str) -> Diagnostic {
    let is = entry.value.kind.word();
    Diagnostic::warning(format!("{} is {is}, not {wanted}", quote(&entry.key)))
        .at(entry.value.origin.clone())
}

/// A text, or a diagnostic.
pub fn text(entry: &Entry, said: &mut Vec<Diagnostic>) -> Option<String> {
    if let Kind::Text(text) = &entry.value.kind {
        return Some(text.clone());
    }
    said.push(wrong(entry, "a text"));
    None
}

fn number(entry: &Entry, said: &mut Vec<Diagnostic>) -> Option<f32> {
    let value = match entry.value.kind {
        Kind::Integer(number) => number as f64,
        Kind::Float(number) => number,
        _ => {
            said.push(wrong(entry, "a number"));
            return None;
        }
    };
    if value.is_finite() && value.abs() <= HEAVIEST {
        return Some(value as f32);
    }
    let message = format!("{} is beyond ±{HEAVIEST}", quote(&entry.key));
    said.push(Diagnostic::warning(message).at(entry.value.origin.clone()));
    None
}

/// A list of texts, or a single one; what is no text is reported.
pub fn words(entry: &Entry, said: &mut Vec<Diagnostic>) -> Vec<String> {
    let mut out = Vec::new();
    for item in items(&entry.value) {
        match &item.kind {
            Kind::Text(text) if text.trim().is_empty() => {
                let fault = Diagnostic::warning(format!("{} has an empty item", quote(&entry.key)));
                said.push(fault.at(item.origin.clone()));
            }
            Kind::Text(text) => out.push(text.clone()),
            _ => said.push(wrong(entry, "a list of texts")),
        }
    }
    out
}

fn lower(entry: &Entry, said: &mut Vec<Diagnostic>) -> Vec<Vec<u8>> {
    words(entry, said).into_iter().map(|it| it.to_lowercase().into_bytes()).collect()
}

fn languages(entry: &Entry, said: &mut Vec<Diagnostic>) -> u32 {
    let mut bits = 0;
    for word in words(entry, said) {
        if word == "code" {
            let code = LANGUAGES.iter().filter(|it| it.0 != "data" && it.0 != "shell");
            bits |= code.fold(0, |bits, it| bits | it.1.bit());
            continue;
        }
        if let Some((_, language)) = LANGUAGES.iter().find(|it| it.0 == word) {
            bits |= language.bit();
            continue;
        }
        let known = LANGUAGES.iter().map(|it| it.0).chain(["code"]);
        said.push(
            Diagnostic::warning(format!("unknown language {}", quote(&word)))
                .at(entry.value.origin.clone())
                .maybe_meant(did_you_mean(&word, known)),
        );
    }
    bits
}

fn standings(entry: &Entry, said: &mut Vec<Diagnostic>) -> Vec<Standing> {
    const KNOWN: &[(&str, Standing)] = &[
        ("data", Standing::Data),
        ("docs", Standing::Docs),
        ("tests", Standing::Test),
        ("examples", Standing::Example),
        ("migrations", Standing::Migration),
        ("generated", Standing::Generated),
        ("vendored", Standing::Vendored),
    ];
    let mut out = Vec::new();
    for word in words(entry, said) {
        match KNOWN.iter().find(|it| it.0 == word) {
            Some((_, standing)) => out.push(*standing),
            None => said.push(
                Diagnostic::warning(format!("unknown kind of file {}", quote(&word)))
                    .at(entry.value.origin.clone())
                    .maybe_meant(did_you_mean(&word, KNOWN.iter().map(|it| it.0))),
            ),
        }
    }
    out
}
