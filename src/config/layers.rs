//! Lays the sources of settings over each other: built-in, user, repository, environment, flags.
//!
//! Every value keeps the place that set it; a mistake drops its own value only. Which settings
//! exist is in `spec`; what they are used for is not known here.

use std::path::Path;

use super::paths::{Environment, PREFIX};
use super::spec::{PLACES, SPECS, Shape, Spec, find, takes, variable};
use super::workspaces::{self, Defined};
use crate::base::diag::{in_file_order, quote};
use crate::base::suggest::did_you_mean;
use crate::base::toml::{self, Kind, Table, Text};
use crate::base::{Diagnostic, Origin};

/// A setting given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The setting, such as `theme`.
    pub key: &'static str,
    /// The value as written.
    pub value: String,
    /// The flag for messages, such as `--theme`.
    pub flag: String,
}

/// Where settings come from, beside the built-in defaults.
#[derive(Debug, Default)]
pub struct Inputs<'a> {
    /// The user's `config.toml`.
    pub user: Option<Text>,
    /// The repository's parsed `.navi.toml`, of which `[settings]` is taken. What is wrong with its
    /// syntax is reported by whoever parsed it.
    pub repository: Option<&'a Table>,
    /// The environment.
    pub environment: Environment,
    /// Settings given on the command line.
    pub flags: Vec<Flag>,
}

/// One setting with its value and the place that set it: a line of `navi config`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The dotted name.
    pub key: &'static str,
    /// The value as one would write it.
    pub value: String,
    /// Who set it.
    pub origin: Origin,
}

/// A value of any setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Datum {
    Flag(bool),
    Text(String),
    Number(i64),
}

/// The value of each setting that has one, in the order of the table of settings.
#[derive(Debug, Default)]
pub(super) struct Store {
    values: Vec<(&'static Spec, Datum, Origin)>,
    pub(super) workspaces: Vec<Defined>,
    faults: Vec<Diagnostic>,
}

/// Lays every source over the built-in defaults.
pub(super) fn collect(defaults: &str, inputs: &Inputs<'_>) -> (Store, Vec<Diagnostic>) {
    let mut store = Store::default();
    store.file(&Text { origin: "built-in".to_owned(), text: defaults.to_owned() }, None);
    if let Some(text) = &inputs.user {
        store.file(text, inputs.environment.home.as_deref());
    }
    if let Some(entry) = inputs.repository.and_then(|table| table.get("settings")) {
        match &entry.value.kind {
            Kind::Table(table) => store.table("", table, true),
            other => store
                .wrong(&entry.value.origin, format!("`settings` is a table, not {}", other.word())),
        }
    }
    for (name, value) in &inputs.environment.overrides {
        store.variable(name, value);
    }
    for flag in &inputs.flags {
        store.written(flag.key, &flag.value, Origin::whole(&flag.flag));
    }
    let mut faults = std::mem::take(&mut store.faults);
    in_file_order(&mut faults);
    (store, faults)
}

impl Store {
    /// The value of a setting and who set it.
    pub(super) fn get(&self, key: &str) -> Option<(&Datum, &Origin)> {
        let (_, datum, origin) = self.values.iter().find(|(spec, ..)| spec.key == key)?;
        Some((datum, origin))
    }

    /// Every setting as a line of `navi config`.
    pub(super) fn rows(&self) -> Vec<Row> {
        SPECS
            .iter()
            .filter_map(|spec| {
                let (datum, origin) = self.get(spec.key)?;
                let value = match datum {
                    Datum::Flag(is) => is.to_string(),
                    Datum::Number(number) => number.to_string(),
                    Datum::Text(text) => format!("{text:?}"),
                };
                Some(Row { key: spec.key, value, origin: origin.clone() })
            })
            .collect()
    }

    fn file(&mut self, text: &Text, home: Option<&Path>) {
        let (table, faults) = toml::parse(&text.origin, &text.text);
        self.faults.extend(faults);
        self.table("", &table, false);
        if let Some(entry) = table.get(workspaces::KEY) {
            let base = Path::new(&text.origin).parent().unwrap_or(Path::new(""));
            self.workspaces = workspaces::read(&entry.value, base, home, &mut self.faults);
        }
    }

    fn table(&mut self, above: &str, table: &Table, repository: bool) {
        for entry in &table.entries {
            let key = format!("{above}{}", entry.key);
            if let Some(spec) = find(&key) {
                if repository && !spec.repository {
                    let allowed: Vec<&str> =
                        SPECS.iter().filter(|it| it.repository).map(|it| it.key).collect();
                    let fault = format!("a repository may not set `{key}`");
                    let fault = Diagnostic::warning(fault).at(entry.origin.clone());
                    self.faults.push(fault.hint(format!("it may set {}", allowed.join(", "))));
                    continue;
                }
                match datum(&entry.value.kind) {
                    Some(datum) => self.set(spec, datum, entry.value.origin.clone()),
                    None => self.wrong(
                        &entry.value.origin,
                        format!("`{key}` takes {}, not {}", takes(spec), entry.value.kind.word()),
                    ),
                }
            } else if let Kind::Table(inner) = &entry.value.kind
                && SPECS.iter().any(|spec| spec.key.starts_with(&format!("{key}.")))
            {
                self.table(&format!("{key}."), inner, repository);
            } else if key == workspaces::KEY && !repository {
                // It has a form of its own.
            } else if key == workspaces::KEY {
                let fault = Diagnostic::warning("a repository may not define a workspace");
                let fault = fault.at(entry.origin.clone());
                self.faults.push(fault.hint("define it in your own settings"));
            } else {
                let near = did_you_mean(&key, SPECS.iter().map(|spec| spec.key)).or_else(|| {
                    let groups = SPECS.iter().filter_map(|spec| Some(spec.key.split_once('.')?.0));
                    did_you_mean(&key, groups)
                });
                let fault = Diagnostic::warning(format!("there is no setting {}", quote(&key)));
                self.faults.push(fault.at(entry.origin.clone()).maybe_meant(near));
            }
        }
    }

    fn variable(&mut self, name: &str, value: &str) {
        let short = name.strip_prefix(PREFIX).unwrap_or(name);
        if short == "CONFIG" {
            return;
        }
        if let Some(spec) = SPECS.iter().find(|spec| variable(spec) == short) {
            self.written(spec.key, value, Origin::whole(name));
            return;
        }
        let known: Vec<String> =
            SPECS.iter().map(|spec| format!("{PREFIX}{}", variable(spec))).collect();
        let near = did_you_mean(name, known.iter().map(String::as_str));
        let fault = Diagnostic::warning("this variable sets no setting");
        self.faults.push(fault.at(Origin::whole(name)).maybe_meant(near));
    }

    /// Sets a value that is text whatever the setting takes, as variables and flags are.
    fn written(&mut self, key: &str, value: &str, origin: Origin) {
        let Some(spec) = find(key) else { return };
        let datum = match spec.shape {
            Shape::Flag => match value {
                "true" | "1" | "yes" | "on" => Some(Datum::Flag(true)),
                "false" | "0" | "no" | "off" => Some(Datum::Flag(false)),
                _ => None,
            },
            Shape::Number(..) => value.trim().parse().ok().map(Datum::Number),
            Shape::Text | Shape::Template | Shape::Choice(_) => Some(Datum::Text(value.to_owned())),
        };
        match datum {
            Some(datum) => self.set(spec, datum, origin),
            None => {
                self.wrong(&origin, format!("`{key}` takes {}, not {}", takes(spec), quote(value)));
            }
        }
    }

    fn wrong(&mut self, origin: &Origin, message: String) {
        self.faults.push(Diagnostic::warning(message).at(origin.clone()));
    }

    /// Takes a value if the setting takes such values; what was set before stays otherwise.
    fn set(&mut self, spec: &'static Spec, datum: Datum, origin: Origin) {
        if let Err((fault, near)) = fits(spec, &datum) {
            self.faults.push(Diagnostic::warning(fault).at(origin).maybe_meant(near));
            return;
        }
        self.values.retain(|(known, ..)| known.key != spec.key);
        self.values.push((spec, datum, origin));
    }
}

fn datum(kind: &Kind) -> Option<Datum> {
    match kind {
        Kind::Text(text) => Some(Datum::Text(text.clone())),
        Kind::Integer(number) => Some(Datum::Number(*number)),
        Kind::Bool(is) => Some(Datum::Flag(*is)),
        Kind::Float(_) | Kind::Date(_) | Kind::List(_) | Kind::Table(_) => None,
    }
}

/// Tells whether a setting takes a value; if not, why, and what was probably meant.
fn fits(spec: &Spec, datum: &Datum) -> Result<(), (String, Option<&'static str>)> {
    let key = spec.key;
    let refused = |what: &str| Err((format!("`{key}` takes {}, not {what}", takes(spec)), None));
    match (spec.shape, datum) {
        (Shape::Flag, Datum::Flag(_)) => Ok(()),
        (Shape::Number(least, most), Datum::Number(number)) => {
            if (least..=most).contains(number) {
                Ok(())
            } else {
                refused(&number.to_string())
            }
        }
        (Shape::Choice(words), Datum::Text(text)) => {
            if words.contains(&text.as_str()) {
                return Ok(());
            }
            let near = did_you_mean(text, words.iter().copied());
            Err((format!("`{key}` takes {}, not {}", takes(spec), quote(text)), near))
        }
        (Shape::Text, Datum::Text(text)) => {
            if text.trim().is_empty() {
                refused("nothing")
            } else {
                Ok(())
            }
        }
        (Shape::Template, Datum::Text(text)) => match unknown_place(text) {
            Some(place) => refused(&quote(place)),
            None => Ok(()),
        },
        (_, Datum::Flag(_)) => refused("true or false"),
        (_, Datum::Text(text)) => refused(&format!("the text {}", quote(text))),
        (_, Datum::Number(_)) => refused("a number"),
    }
}

/// The first `{…}` of a template that is none of the places it may hold.
fn unknown_place(template: &str) -> Option<&str> {
    template.split('{').skip(1).find_map(|after| {
        let name = after.split('}').next().unwrap_or(after);
        (!PLACES.contains(&name)).then_some(name)
    })
}
