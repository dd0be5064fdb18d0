//! Reads themes: TOML texts that inherit from each other, with a palette and slots.
//!
//! A mistake drops its own entry with a diagnostic; the slot then looks like its parent. Where the
//! texts come from is the caller's business.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry::{Occupied, Vacant};

use ratatui::style::{Color, Modifier, Style};

use super::color::{self, Depth};
use super::{Slot, Theme};
use crate::base::diag::{in_file_order, quote};
use crate::base::suggest::did_you_mean;
use crate::base::toml::{Entry, Family, Kind, Table, Text, Value};
use crate::base::{Checked, Diagnostic, Origin};

const FAMILY: Family = Family {
    word: "theme",
    fallback: "ansi",
    known: &["ansi", "navi-dark", "navi-light", "high-contrast"],
};

/// The keys of a slot that is written as a table.
const FIELDS: &[&str] = &["fg", "bg", "modifiers"];

/// Hiding and blinking are left out on purpose.
const MODIFIERS: &[(&str, Modifier)] = &[
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
    ("crossed-out", Modifier::CROSSED_OUT),
];

/// Loads the theme of this name for a terminal of this depth; `source` gives the text of a name.
pub fn load(name: &str, source: &dyn Fn(&str) -> Option<Text>, depth: Depth) -> Checked<Theme> {
    let (chain, faults) = FAMILY.chain(name, source);
    let mut loader = Loader { palette: BTreeMap::new(), slots: BTreeMap::new(), faults };
    for table in chain.iter().rev() {
        loader.layer(table);
    }
    let theme = loader.finish(name).adapted(depth);
    in_file_order(&mut loader.faults);
    (theme, loader.faults)
}

/// What a theme says about a slot; what it leaves out comes from the slot's parent.
#[derive(Debug, Clone, Default)]
struct Raw {
    fg: Option<(String, Origin)>,
    bg: Option<(String, Origin)>,
    modifiers: Option<Modifier>,
}

struct Loader {
    palette: BTreeMap<String, Color>,
    /// By dotted name; the names are known to be slots or roles.
    slots: BTreeMap<String, Raw>,
    faults: Vec<Diagnostic>,
}

impl Loader {
    fn fault(&mut self, origin: &Origin, message: impl Into<String>, near: Option<&str>) {
        let fault = Diagnostic::warning(message).at(origin.clone()).maybe_meant(near);
        self.faults.push(fault);
    }

    /// Lays one theme over what is there.
    fn layer(&mut self, table: &Table) {
        let mut mine = BTreeMap::new();
        for entry in &table.entries {
            match (entry.key.as_str(), &entry.value.kind) {
                ("inherits", _) => {}
                ("palette", Kind::Table(palette)) => self.palette(palette),
                _ => self.slot("", entry, &mut mine),
            }
        }
        self.slots.extend(mine);
    }

    fn palette(&mut self, palette: &Table) {
        for entry in &palette.entries {
            match &entry.value.kind {
                Kind::Text(text) => match color::parse(text) {
                    Some(color) => {
                        self.palette.insert(entry.key.clone(), color);
                    }
                    None => self.unknown_color(text, &entry.value.origin),
                },
                other => {
                    let message = format!("a colour is written as text, not as {}", other.word());
                    self.fault(&entry.value.origin, message, None);
                }
            }
        }
    }

    fn slot(&mut self, above: &str, entry: &Entry, mine: &mut BTreeMap<String, Raw>) {
        let name = format!("{above}{}", entry.key);
        if let Kind::Table(table) = &entry.value.kind {
            let (fields, below): (Vec<&Entry>, Vec<&Entry>) =
                table.entries.iter().partition(|inner| FIELDS.contains(&inner.key.as_str()));
            for inner in &below {
                self.slot(&format!("{name}."), inner, mine);
            }
            if fields.is_empty() && !below.is_empty() {
                return;
            }
        }
        if !is_slot(&name) {
            let names = Slot::ALL.iter().map(|slot| slot.name());
            let near = did_you_mean(&entry.key, FIELDS.iter().copied())
                .filter(|_| !above.is_empty())
                .or_else(|| did_you_mean(&name, names));
            self.fault(&entry.origin, format!("there is no slot {}", quote(&name)), near);
            return;
        }
        let raw = match &entry.value.kind {
            Kind::Text(text) => {
                Raw { fg: Some((text.clone(), entry.value.origin.clone())), ..Raw::default() }
            }
            Kind::Table(table) => self.fields(table),
            other => {
                let word = other.word();
                let message =
                    format!("a slot takes a colour or {{ fg, bg, modifiers }}, not {word}");
                self.fault(&entry.value.origin, message, None);
                return;
            }
        };
        match mine.entry(name) {
            Vacant(place) => {
                place.insert(raw);
            }
            Occupied(there) => {
                let message = format!("{} is set twice", quote(there.key()));
                self.fault(&entry.origin, message, None);
            }
        }
    }

    fn fields(&mut self, table: &Table) -> Raw {
        let mut raw = Raw::default();
        for entry in &table.entries {
            let value = &entry.value;
            match (entry.key.as_str(), &value.kind) {
                ("fg", Kind::Text(text)) => raw.fg = Some((text.clone(), value.origin.clone())),
                ("bg", Kind::Text(text)) => raw.bg = Some((text.clone(), value.origin.clone())),
                ("fg" | "bg", other) => {
                    let message = format!("a colour is written as text, not as {}", other.word());
                    self.fault(&value.origin, message, None);
                }
                ("modifiers", Kind::List(values)) => raw.modifiers = Some(self.modifiers(values)),
                ("modifiers", other) => {
                    let message = format!("`modifiers` is a list, not {}", other.word());
                    self.fault(&value.origin, message, None);
                }
                _ => {}
            }
        }
        raw
    }

    fn modifiers(&mut self, values: &[Value]) -> Modifier {
        let mut modifiers = Modifier::empty();
        for value in values {
            let Kind::Text(text) = &value.kind else {
                let message = format!("a modifier is text, not {}", value.kind.word());
                self.fault(&value.origin, message, None);
                continue;
            };
            if let Some((_, modifier)) = MODIFIERS.iter().find(|(name, _)| name == text) {
                modifiers |= *modifier;
                continue;
            }
            let near = did_you_mean(text, MODIFIERS.iter().map(|(name, _)| *name));
            self.fault(&value.origin, format!("there is no modifier {}", quote(text)), near);
        }
        modifiers
    }

    fn unknown_color(&mut self, text: &str, origin: &Origin) {
        let message = format!("{} is no colour", quote(text));
        let known: Vec<String> =
            self.palette.keys().cloned().chain(color::names().map(str::to_owned)).collect();
        let near = did_you_mean(text, known.iter().map(String::as_str));
        let fault = Diagnostic::warning(message).at(origin.clone());
        self.faults.push(match near {
            Some(_) => fault.maybe_meant(near),
            None => fault.hint("write #rgb, #rrggbb, a name of the palette or of ANSI, or default"),
        });
    }

    fn color(&mut self, raw: Option<&(String, Origin)>) -> Option<Color> {
        let (text, origin) = raw?;
        let found = self.palette.get(text).copied().or_else(|| color::parse(text));
        if found.is_none() {
            self.unknown_color(text, origin);
        }
        found
    }

    /// Looks colours up and fills what is left out from the parents.
    fn finish(&mut self, name: &str) -> Theme {
        let mut own: BTreeMap<String, (Style, bool)> = BTreeMap::new();
        for (name, raw) in self.slots.clone() {
            let (fg, bg) = (self.color(raw.fg.as_ref()), self.color(raw.bg.as_ref()));
            let modifiers = raw.modifiers.unwrap_or_default();
            let style = Style { fg, bg, add_modifier: modifiers, ..Style::default() };
            own.insert(name, (style, raw.modifiers.is_some()));
        }
        let styles: Vec<Style> = Slot::ALL.iter().map(|slot| resolve(*slot, &own)).collect();
        let role = styles.get(Slot::Role as usize).copied().unwrap_or_default();
        let roles = own
            .iter()
            .filter_map(|(name, mine)| {
                Some((name.strip_prefix("role.")?.to_owned(), fill(Some(mine), role)))
            })
            .collect();
        Theme { name: name.to_owned(), depth: Depth::True, styles, roles }
    }
}

/// Tells whether a theme may give this name a style.
fn is_slot(name: &str) -> bool {
    let role = name.strip_prefix("role.").is_some_and(|id| !id.is_empty() && !id.contains('.'));
    role || Slot::from_name(name).is_some()
}

/// A slot's style with what is left out taken from its parents.
fn resolve(slot: Slot, own: &BTreeMap<String, (Style, bool)>) -> Style {
    let above = slot.parent().map(|parent| resolve(parent, own)).unwrap_or_default();
    fill(own.get(slot.name()), above)
}

fn fill(mine: Option<&(Style, bool)>, above: Style) -> Style {
    let Some((style, says_modifiers)) = mine else { return above };
    Style {
        fg: style.fg.or(above.fg),
        bg: style.bg.or(above.bg),
        add_modifier: if *says_modifiers { style.add_modifier } else { above.add_modifier },
        ..Style::default()
    }
}
