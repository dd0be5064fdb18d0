//! Reads keymaps: TOML texts that inherit from each other, merged sequence by sequence.
//!
//! A mistake drops its own entry with a diagnostic and nothing else. Whatever was written, ctrl-c
//! quits and every context keeps a way back. Where the texts come from is the caller's business.

use super::{Binding, Chord, Context, Key, Keymap, leave};
use crate::app::action::Action;
use crate::base::diag::{in_file_order, quote};
use crate::base::suggest::did_you_mean;
use crate::base::toml::{Entry, Family, Kind, Table, Text, Value};
use crate::base::{Checked, Diagnostic, Origin};

const FAMILY: Family =
    Family { word: "keymap", fallback: "default", known: &["default", "vim", "emacs"] };

/// Loads the keymap of this name; `source` gives the text of a name.
pub fn load(name: &str, source: &dyn Fn(&str) -> Option<Text>) -> Checked<Keymap> {
    let (chain, faults) = FAMILY.chain(name, source);
    let mut loader = Loader { contexts: Default::default(), faults };
    for (number, table) in chain.iter().rev().enumerate() {
        loader.layer(number, table);
    }
    let keymap = loader.finish(name);
    in_file_order(&mut loader.faults);
    (keymap, loader.faults)
}

/// One line of a keymap, understood.
#[derive(Clone)]
struct Row {
    keys: Vec<Chord>,
    /// Empty: the line says `false`, the sequence does nothing here.
    actions: Vec<Action>,
    origin: Origin,
    /// 0 for the keymap that inherits from none.
    layer: usize,
}

struct Loader {
    /// In the order of [`Context::ALL`].
    contexts: [Vec<Row>; Context::ALL.len()],
    faults: Vec<Diagnostic>,
}

impl Loader {
    fn fault(&mut self, origin: &Origin, message: impl Into<String>) {
        self.faults.push(Diagnostic::warning(message).at(origin.clone()));
    }

    /// Lays one keymap over what is there.
    fn layer(&mut self, number: usize, table: &Table) {
        for &context in Context::ALL {
            if let Some(Entry { value: Value { kind: Kind::Table(inner), .. }, .. }) =
                table.get(context.name())
            {
                let rows = self.rows(context, inner, number);
                self.lay(context, rows);
            }
        }
        for entry in &table.entries {
            let known = Context::from_name(&entry.key).is_some();
            match &entry.value.kind {
                Kind::Table(_) if known => {}
                Kind::Table(_) => {
                    let names = Context::ALL.iter().map(|context| context.name());
                    let fault = Diagnostic::warning(format!(
                        "there is no context called {}; its keys are left out",
                        quote(&entry.key)
                    ));
                    let near = did_you_mean(&entry.key, names);
                    self.faults.push(fault.at(entry.origin.clone()).maybe_meant(near));
                }
                _ if entry.key == "inherits" => {}
                _ => {
                    let message = format!(
                        "{} is neither `inherits` nor a table of keys such as [any]",
                        quote(&entry.key)
                    );
                    self.fault(&entry.origin, message);
                }
            }
        }
    }

    /// The rows of one table, without those that are mistaken.
    fn rows(&mut self, context: Context, table: &Table, layer: usize) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        for entry in &table.entries {
            let Some(row) = self.row(context, entry, layer) else { continue };
            match rows.iter().find(|other| other.keys == row.keys) {
                Some(other) => {
                    let line = other.origin.line.unwrap_or(0);
                    let keys = Chord::sequence(&row.keys);
                    let message = format!("`{keys}` is bound on line {line} already");
                    self.fault(&row.origin, message);
                }
                None => rows.push(row),
            }
        }
        rows
    }

    fn row(&mut self, context: Context, entry: &Entry, layer: usize) -> Option<Row> {
        let keys = match Chord::parse_sequence(&entry.key) {
            Ok(keys) => keys,
            Err(why) => {
                let near = Chord::nearest(&entry.key);
                let fault = Diagnostic::warning(format!("{}: {why}", quote(&entry.key)));
                self.faults.push(fault.at(entry.origin.clone()).maybe_meant(near.as_deref()));
                return None;
            }
        };
        let actions = self.actions(entry)?;
        let first = *keys.first()?;
        if first == leave() && (keys.len() > 1 || !actions.contains(&Action::AppQuit)) {
            self.fault(&entry.origin, "`ctrl-c` always leaves navi and cannot mean anything else");
            return None;
        }
        if context.takes_text() && !actions.is_empty() && first.typed().is_some() {
            let fault = format!("`{first}` is text where a query is typed, and cannot be a key");
            let fault = Diagnostic::warning(fault).hint("bind it in [preview] or [overlay]");
            self.faults.push(fault.at(entry.origin.clone()));
            return None;
        }
        Some(Row { keys, actions, origin: entry.origin.clone(), layer })
    }

    /// What an entry does: nothing when it unbinds; `None` is a mistake that has been reported.
    fn actions(&mut self, entry: &Entry) -> Option<Vec<Action>> {
        let values = match &entry.value.kind {
            Kind::Bool(false) => return Some(Vec::new()),
            Kind::Text(_) => std::slice::from_ref(&entry.value),
            Kind::List(values) if !values.is_empty() => values.as_slice(),
            _ => {
                let message = "a key takes the name of an action, a list of names, or false";
                self.fault(&entry.value.origin, message);
                return None;
            }
        };
        let mut actions = Vec::new();
        for value in values {
            let Kind::Text(name) = &value.kind else {
                let message = format!("an action is written as text, not as {}", value.kind.word());
                self.fault(&value.origin, message);
                return None;
            };
            let Some(action) = Action::from_name(name) else {
                let fault =
                    Diagnostic::warning(format!("there is no action called {}", quote(name)))
                        .at(value.origin.clone())
                        .maybe_meant(Action::nearest(name));
                self.faults.push(fault);
                return None;
            };
            actions.push(action);
        }
        Some(actions)
    }

    /// Merges rows into a context: `false` first takes away, then the rest is added.
    fn lay(&mut self, context: Context, rows: Vec<Row>) {
        let mut table = std::mem::take(&mut self.contexts[context as usize]);
        let (off, on): (Vec<Row>, Vec<Row>) =
            rows.into_iter().partition(|row| row.actions.is_empty());
        for row in off {
            let begins =
                |other: &Row| !other.actions.is_empty() && other.keys.starts_with(&row.keys);
            if !table.iter().chain(&self.contexts[Context::Any as usize]).any(begins) {
                let keys = Chord::sequence(&row.keys);
                let note =
                    format!("`{keys}` is not bound in [{}]; nothing to unbind", context.name());
                self.faults.push(Diagnostic::note(note).at(row.origin.clone()));
            }
            table.retain(|other| !other.keys.starts_with(&row.keys));
            table.push(row);
        }
        for row in on {
            if let Some(other) = table.iter().find(|other| clash(other, &row)) {
                let fault = clash_message(&row, other);
                self.faults.push(fault);
                continue;
            }
            table.retain(|other| other.keys != row.keys);
            table.push(row);
        }
        self.contexts[context as usize] = table;
    }

    /// What holds in each context, with `any` behind it and a way out in all of them.
    fn finish(&mut self, name: &str) -> Keymap {
        let everywhere = nearest_first(&self.contexts[Context::Any as usize]);
        let mut contexts = Vec::new();
        for &context in Context::ALL {
            let mut bindings = Vec::new();
            let mut behind = everywhere.clone();
            if context != Context::Any {
                let own = nearest_first(&self.contexts[context as usize]);
                for row in own.iter().filter(|row| row.actions.is_empty()) {
                    behind.retain(|other| !other.keys.starts_with(&row.keys));
                }
                for row in own {
                    if row.actions.is_empty() {
                        continue;
                    }
                    // A nearer keymap gave `any` the sequence without knowing of this context:
                    // the context keeps its own.
                    if let Some(other) =
                        behind.iter().find(|it| clash(it, &row) && it.layer <= row.layer)
                    {
                        self.faults.push(clash_message(&row, other));
                        continue;
                    }
                    behind.retain(|other| other.keys != row.keys && !clash(other, &row));
                    bindings.push(binding(row, context));
                }
            }
            behind.retain(|row| !row.actions.is_empty());
            bindings.extend(behind.into_iter().map(|row| binding(row, Context::Any)));
            contexts.push(bindings);
        }
        let mut keymap = Keymap { name: name.to_owned(), contexts };
        self.guard(&mut keymap);
        keymap
    }

    /// Adds ctrl-c and a way back where none is left.
    fn guard(&mut self, keymap: &mut Keymap) {
        let escape = Chord::plain(Key::Esc);
        let mut stuck = Vec::new();
        for (context, bindings) in Context::ALL.iter().zip(&mut keymap.contexts) {
            let has = |action| bindings.iter().any(|it: &Binding| it.actions.contains(&action));
            let (back, quit) =
                (has(Action::AppBack), bindings.iter().any(|it| it.keys == [leave()]));
            let mut add = |key: Chord, action: Action| {
                bindings.retain(|it| !it.keys.starts_with(&[key]));
                bindings.push(Binding {
                    keys: vec![key],
                    actions: vec![action],
                    origin: Origin::whole("navi itself"),
                    context: Context::Any,
                });
            };
            if !quit {
                add(leave(), Action::AppQuit);
            }
            if !back {
                add(escape, Action::AppBack);
                stuck.push(context.name());
            }
        }
        if !stuck.is_empty() {
            let message =
                format!("no key is left for app.back in {}; `esc` does it", stuck.join(", "));
            let origin = Origin::whole(format!("keymap {}", keymap.name));
            self.faults.push(Diagnostic::warning(message).at(origin));
        }
    }
}

fn binding(row: Row, context: Context) -> Binding {
    Binding { keys: row.keys, actions: row.actions, origin: row.origin, context }
}

/// The rows with those of the nearest keymap first: what a user bound is the better hint.
fn nearest_first(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| std::cmp::Reverse(row.layer));
    rows
}

/// Tells whether one of two bound sequences begins the other, so that one could never be reached.
fn clash(one: &Row, other: &Row) -> bool {
    let (short, long) = if one.keys.len() < other.keys.len() { (one, other) } else { (other, one) };
    !one.actions.is_empty()
        && !other.actions.is_empty()
        && short.keys.len() < long.keys.len()
        && long.keys.starts_with(&short.keys)
}

fn clash_message(row: &Row, other: &Row) -> Diagnostic {
    let (keys, others) = (Chord::sequence(&row.keys), Chord::sequence(&other.keys));
    let message = if row.keys.len() < other.keys.len() {
        format!("`{keys}` would hide `{others}`, bound at {}", other.origin)
    } else {
        format!("`{keys}` cannot be reached: `{others}` is bound at {}", other.origin)
    };
    Diagnostic::warning(message)
        .at(row.origin.clone())
        .hint(format!("unbind the other first: \"{others}\" = false"))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::super::Context::{Find, Overlay, Preview, Prompt};
    use super::super::Resolved;
    use super::*;
    use crate::base::toml::BUILT_IN;

    fn built_in(name: &str) -> Option<Text> {
        let text = match name.trim_start_matches(BUILT_IN) {
            "default" => include_str!("../../../keymaps/default.toml"),
            "vim" => include_str!("../../../keymaps/vim.toml"),
            "emacs" => include_str!("../../../keymaps/emacs.toml"),
            _ => return None,
        };
        Some(Text { origin: format!("built-in keymaps/{name}.toml"), text: text.to_owned() })
    }

    /// The keymap `mine` over the built-in ones, with its diagnostics as lines.
    fn mine(text: &str) -> (Keymap, Vec<String>) {
        let source = |name: &str| match name {
            "mine" => Some(Text { origin: "mine.toml".to_owned(), text: text.to_owned() }),
            _ => built_in(name),
        };
        let (keymap, faults) = load("mine", &source);
        (keymap, faults.iter().map(ToString::to_string).collect())
    }

    fn press(keymap: &Keymap, context: Context, keys: &str) -> String {
        match keymap.resolve(context, &Chord::parse_sequence(keys).unwrap()) {
            Resolved::Found(actions) => {
                actions.iter().map(|action| action.name()).collect::<Vec<_>>().join(" ")
            }
            Resolved::Pending => "…".to_owned(),
            Resolved::Unbound => "-".to_owned(),
        }
    }

    /// Reachable from the palette only, on purpose.
    const PALETTE_ONLY: &[Action] =
        &[Action::SearchClear, Action::IncidentReport, Action::IncidentSave];

    #[test]
    fn built_in_keymaps_have_no_mistakes_and_ways_out() {
        for name in ["default", "vim", "emacs"] {
            let (keymap, faults) = load(name, &built_in);
            assert_eq!(faults, vec![], "{name}");
            for &context in Context::ALL {
                assert_eq!(press(&keymap, context, "ctrl-c"), "app.quit", "{name} {context:?}");
                assert!(!keymap.keys_for(context, Action::AppBack).is_empty(), "{name}");
            }
            for &action in Action::ALL {
                let bound = Context::ALL.iter().any(|&it| !keymap.keys_for(it, action).is_empty());
                assert_eq!(bound, !PALETTE_ONLY.contains(&action), "{name} {action}");
            }
        }
    }

    #[test]
    fn the_documentation_knows_every_action_and_context() {
        let page = include_str!("../../../docs/keymaps.md");
        for action in Action::ALL {
            let row = format!("| `{action}` | {} |", action.doc());
            assert!(page.contains(&row), "docs/keymaps.md lacks: {row}");
        }
        for context in Context::ALL {
            assert!(page.contains(&format!("| `{}` |", context.name())), "{context:?}");
        }
    }

    #[test]
    fn the_default_keys_are_those_of_the_documents() {
        let (keymap, _) = load("default", &built_in);
        for (context, keys, expect) in [
            (Find, "enter", "open.selected"),
            (Find, "ctrl-_", "help.open"),
            (Find, "?", "-"),
            (Find, "g", "-"),
            (Find, "ctrl-u", "preview.half-up"),
            (Find, "C-Space", "palette.open"),
            (Preview, "?", "help.open"),
            (Preview, "g", "…"),
            (Preview, "g g", "preview.top"),
            (Preview, "g x", "-"),
            (Preview, "g ctrl-c", "app.quit"),
            (Preview, "G", "preview.bottom"),
            (Preview, "N", "preview.find-previous"),
            (Preview, "tab", "preview.focus"),
            (Preview, "esc", "app.back"),
            (Prompt, "enter", "overlay.accept"),
            (Overlay, "enter", "overlay.accept"),
            (Overlay, "down", "list.next"),
        ] {
            assert_eq!(press(&keymap, context, keys), expect, "{context:?} {keys}");
        }
        assert_eq!(keymap.keys_for(Find, Action::PaletteOpen), ["ctrl-x", "ctrl-space"]);
        assert_eq!(
            keymap.continuations(Preview, &Chord::parse_sequence("g").unwrap()),
            [("g".to_owned(), &[Action::PreviewTop][..])]
        );
    }

    #[test]
    fn emacs_turns_ctrl_x_into_a_prefix() {
        let (keymap, _) = load("emacs", &built_in);
        assert_eq!(press(&keymap, Context::Find, "ctrl-x"), "…");
        assert_eq!(press(&keymap, Context::Find, "ctrl-x ctrl-c"), "app.quit");
        assert_eq!(press(&keymap, Context::Overlay, "ctrl-g"), "app.back");
        assert_eq!(keymap.keys_for(Context::Find, Action::PaletteOpen), ["alt-x", "ctrl-space"]);
    }

    #[test]
    fn a_users_keymap_changes_only_what_it_names() {
        let (keymap, faults) = mine(
            "inherits = \"default\"\n[any]\n\"ctrl-n\" = false\n\
             \"f5\" = [\"index.rescan\", \"list.first\"]\n[preview]\n\"x\" = \"copy.path\"\n\
             \"esc\" = false\n",
        );
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(press(&keymap, Context::Find, "ctrl-n"), "-");
        assert_eq!(press(&keymap, Context::Find, "f5"), "index.rescan list.first");
        assert_eq!(press(&keymap, Context::Find, "ctrl-p"), "list.previous");
        assert_eq!(press(&keymap, Context::Preview, "x"), "copy.path");
        assert_eq!(press(&keymap, Context::Preview, "esc"), "-");
        assert_eq!(press(&keymap, Context::Find, "esc"), "app.back");
        assert_eq!(keymap.keys_for(Context::Find, Action::IndexRescan), ["ctrl-r", "f5"]);
    }

    #[test]
    fn each_mistake_is_told_and_costs_its_own_line() {
        let (keymap, faults) = mine(
            "inherits = \"default\"\ncolour = 1\n[any]\n\"ctrl-entr\" = \"app.back\"\n\
             \"f6\" = \"list.nxt\"\n\"f7\" = 7\n\"C-q\" = \"app.quit\"\n\"ctrl-q\" = \"app.back\"\n\
             \"j\" = \"list.next\"\n\"f8\" = \"app.back\"\n\"f9\" = []\n\"ctrl-b\" = false\n\
             [prevew]\n\"x\" = \"app.quit\"\n[preview]\n\"g\" = \"preview.top\"\n\
             \"j k\" = \"app.back\"\n\"tab\" = broken\n",
        );
        let default = built_in("default").unwrap().text;
        let line = |key: &str| default.lines().position(|it| it.starts_with(key)).unwrap() + 1;
        let faults: Vec<String> = faults
            .iter()
            .map(|it| it.replace(&format!("toml:{}:1 ", line("\"g g\"")), "toml:G:1 "))
            .map(|it| it.replace(&format!("toml:{}:1 ", line("\"j\"")), "toml:J:1 "))
            .collect();
        assert_eq!(
            faults,
            [
                "mine.toml:2:1: warning: `colour` is neither `inherits` nor a table of keys such as [any]",
                "mine.toml:4:1: warning: `ctrl-entr`: there is no key called `entr` (did you mean `ctrl-enter`?)",
                "mine.toml:5:8: warning: there is no action called `list.nxt` (did you mean `list.next`?)",
                "mine.toml:6:8: warning: a key takes the name of an action, a list of names, or false",
                "mine.toml:8:1: warning: `ctrl-q` is bound on line 7 already",
                "mine.toml:9:1: warning: `j` is text where a query is typed, and cannot be a key (bind it in [preview] or [overlay])",
                "mine.toml:11:8: warning: a key takes the name of an action, a list of names, or false",
                "mine.toml:12:1: note: `ctrl-b` is not bound in [any]; nothing to unbind",
                "mine.toml:13:2: warning: there is no context called `prevew`; its keys are left out (did you mean `preview`?)",
                "mine.toml:16:1: warning: `g` would hide `g g`, bound at built-in keymaps/default.toml:G:1 (unbind the other first: \"g g\" = false)",
                "mine.toml:17:1: warning: `j k` cannot be reached: `j` is bound at built-in keymaps/default.toml:J:1 (unbind the other first: \"j\" = false)",
                "mine.toml:18:9: warning: this line is left out: `broken` is not in quotes (write \"broken\")",
            ]
        );
        assert_eq!(press(&keymap, Context::Find, "ctrl-q"), "app.quit");
        assert_eq!(press(&keymap, Context::Find, "f8"), "app.back");
        assert_eq!(press(&keymap, Context::Preview, "g g"), "preview.top");
    }

    #[test]
    fn ctrl_c_quits_whatever_is_written() {
        let says = "warning: `ctrl-c` always leaves navi and cannot mean anything else";
        for line in ["\"ctrl-c\" = false", "\"C-c\" = \"copy.path\"", "\"ctrl-c x\" = \"app.back\""]
        {
            let (keymap, faults) = mine(&format!("[preview]\n{line}\n\"esc\" = \"app.back\""));
            assert!(faults[0].ends_with(says), "{faults:?}");
            assert_eq!(press(&keymap, Context::Preview, "ctrl-c"), "app.quit");
        }
    }

    #[test]
    fn a_keymap_without_a_way_back_gets_one() {
        let (keymap, faults) = mine("[any]\n\"esc\" = \"list.next\"\n\"f2\" = \"app.quit\"\n");
        assert_eq!(
            faults,
            [
                "keymap mine: warning: no key is left for app.back in any, find, rows, preview, output, \
              prompt, overlay; `esc` does it"
            ]
        );
        assert_eq!(press(&keymap, Context::Overlay, "esc"), "app.back");
        assert_eq!(press(&keymap, Context::Prompt, "ctrl-c"), "app.quit");
    }

    #[test]
    fn circles_and_missing_keymaps_are_told() {
        let source = |name: &str| {
            let text = match name {
                "a" => "inherits = \"b\"",
                "b" => "inherits = \"a\"\n[any]\n\"f2\" = \"app.back\"",
                "default" => "inherits = \"default\"\n[any]\n\"f3\" = \"help.open\"",
                other => return built_in(other).filter(|_| other.starts_with(BUILT_IN)),
            };
            Some(Text { origin: format!("{name}.toml"), text: text.to_owned() })
        };
        let (keymap, faults) = load("a", &source);
        assert_eq!(
            faults[0].to_string(),
            "b.toml:1:12: warning: keymaps inherit in a circle: a -> b -> a"
        );
        assert_eq!(press(&keymap, Context::Find, "f2"), "app.back");

        let (keymap, faults) = load("vmi", &source);
        assert_eq!(
            faults[0].to_string(),
            "keymap: error: there is no keymap called `vmi` (did you mean `vim`?)"
        );
        // The user's default builds on navi's own of the same name.
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(press(&keymap, Context::Find, "f3"), "help.open");
        assert_eq!(press(&keymap, Context::Find, "ctrl-o"), "open.editor");
    }

    proptest::proptest! {
        #[test]
        fn every_keymap_leaves_a_way_out(
            lines in proptest::collection::vec(
                ("(ctrl-c|esc|ctrl-x|f1|q|ctrl-x x|esc esc)", "(false|\"app.back\"|\"list.next\"|\"app.quit\")"),
                0..8,
            ),
            context in "(any|find|preview|overlay|prompt)",
            inherits in proptest::bool::ANY,
        ) {
            let mut text = if inherits { "inherits = \"default\"\n" } else { "" }.to_owned();
            writeln!(text, "[{context}]").unwrap();
            for (key, value) in lines {
                writeln!(text, "\"{key}\" = {value}").unwrap();
            }
            let (keymap, _) = mine(&text);
            for &context in Context::ALL {
                proptest::prop_assert_eq!(press(&keymap, context, "ctrl-c"), "app.quit");
                let back = keymap.keys_for(context, Action::AppBack);
                proptest::prop_assert!(!back.is_empty());
                proptest::prop_assert!(press(&keymap, context, &back[0]).contains("app.back"));
            }
        }
    }
}
