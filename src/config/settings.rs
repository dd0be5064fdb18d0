//! The settings as the rest of navi uses them: small structs, one per consumer.
//!
//! Every value knows who set it. How the sources are laid over each other is in `layers`.

use super::layers::{Datum, Inputs, Row, Store, collect};
use super::paths::Environment;
use super::workspaces::Defined;
use crate::base::{Checked, Diagnostic, Origin};

/// The setting that has to hold when it is in doubt.
const READ_ONLY: &str = "run.read-only";

/// Every setting with its default; the only place that holds one.
const DEFAULTS: &str = include_str!("defaults.toml");

/// A value and who set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// The file and line, variable or flag.
    pub origin: Origin,
}

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The name of the theme.
    pub theme: Sourced<String>,
    /// The name of the keymap.
    pub keymap: Sourced<String>,
    /// The command that opens a place; empty when VISUAL or EDITOR decides.
    pub editor: Sourced<String>,
    /// What the screen needs.
    pub ui: Ui,
    /// What the index needs.
    pub index: Index,
    /// What searching needs.
    pub search: Search,
    /// What running commands needs.
    pub run: Run,
    /// The workspaces that the user has defined.
    pub workspaces: Vec<Defined>,
    rows: Vec<Row>,
}

/// Settings of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ui {
    /// Take the mouse.
    pub mouse: Sourced<bool>,
    /// Where the preview is.
    pub preview: Sourced<PreviewPlace>,
    /// Plain characters instead of box drawing.
    pub ascii: Sourced<bool>,
}

/// Settings of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Bytes of each file that are read for the index; of a larger one, its beginning.
    pub max_file_bytes: Sourced<u64>,
    /// Follow changes while navi runs.
    pub watch: Sourced<bool>,
}

/// Settings of searching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Most results of one search.
    pub limit: Sourced<usize>,
    /// Queries remembered per repository; 0 remembers none.
    pub history: Sourced<usize>,
}

/// Settings of running commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Run only what is known to only read. Where somebody tried to set it and was mistaken, it
    /// holds.
    pub read_only: Sourced<bool>,
}

/// Where the preview is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewPlace {
    /// By the size of the screen.
    Auto,
    /// Beside the list.
    Right,
    /// Under the list.
    Below,
    /// Nowhere.
    Off,
}

/// Lays the sources over each other; what is mistaken is dropped and told.
pub fn load(inputs: &Inputs<'_>) -> Checked<Settings> {
    let (store, faults) = collect(DEFAULTS, inputs);
    let mut settings = Settings {
        theme: text(&store, "theme"),
        keymap: text(&store, "keymap"),
        editor: text(&store, "editor"),
        ui: Ui {
            mouse: flag(&store, "ui.mouse"),
            preview: preview(&store),
            ascii: flag(&store, "ui.ascii"),
        },
        index: Index {
            max_file_bytes: number(&store, "index.max-file-bytes"),
            watch: flag(&store, "index.watch"),
        },
        search: Search {
            limit: number(&store, "search.limit"),
            history: number(&store, "search.history"),
        },
        run: Run { read_only: flag(&store, READ_ONLY) },
        workspaces: store.workspaces.clone(),
        rows: store.rows(),
    };
    // A repository may not set it, so what it tried says nothing.
    let meant = |it: &&Diagnostic| {
        it.message.contains("`run.read-only` takes")
            || it.hint.as_deref() == Some("did you mean `run.read-only`?")
    };
    if let Some(fault) = faults.iter().find(meant) {
        let origin = fault.origin.clone().unwrap_or_else(|| Origin::whole("a mistake"));
        settings.run.read_only = Sourced { value: true, origin };
    }
    (settings, faults)
}

impl Settings {
    /// What `navi config` lists: each setting, its value, and who set it.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The command that opens a place: the setting, or VISUAL, or EDITOR.
    pub fn editor_command(&self, environment: &Environment) -> Option<Sourced<String>> {
        if !self.editor.value.trim().is_empty() {
            return Some(self.editor.clone());
        }
        let set = [("VISUAL", &environment.visual), ("EDITOR", &environment.editor)];
        set.into_iter().find_map(|(name, value)| {
            let value = value.clone().filter(|value| !value.trim().is_empty())?;
            Some(Sourced { value, origin: Origin::whole(name) })
        })
    }
}

// A test holds `defaults.toml` to giving every setting a value of its kind, so what these fall back
// to is never seen.

fn origin_of(store: &Store, key: &str) -> Origin {
    store.get(key).map_or_else(|| Origin::whole("built-in"), |(_, origin)| origin.clone())
}

fn text(store: &Store, key: &str) -> Sourced<String> {
    let value = match store.get(key) {
        Some((Datum::Text(text), _)) => text.clone(),
        _ => String::new(),
    };
    Sourced { value, origin: origin_of(store, key) }
}

fn flag(store: &Store, key: &str) -> Sourced<bool> {
    let value = matches!(store.get(key), Some((Datum::Flag(true), _)));
    Sourced { value, origin: origin_of(store, key) }
}

fn number<T: TryFrom<i64> + Default>(store: &Store, key: &str) -> Sourced<T> {
    let value = match store.get(key) {
        Some((Datum::Number(number), _)) => T::try_from(*number).unwrap_or_default(),
        _ => T::default(),
    };
    Sourced { value, origin: origin_of(store, key) }
}

fn preview(store: &Store) -> Sourced<PreviewPlace> {
    let Sourced { value, origin } = text(store, "ui.preview");
    let value = match value.as_str() {
        "right" => PreviewPlace::Right,
        "below" => PreviewPlace::Below,
        "off" => PreviewPlace::Off,
        _ => PreviewPlace::Auto,
    };
    Sourced { value, origin }
}

#[cfg(test)]
mod tests {
    use super::super::layers::Flag;
    use super::super::spec::SPECS;
    use super::*;
    use crate::base::toml::{self, Text};

    fn user(text: &str) -> Inputs<'static> {
        let text = Text { origin: "config.toml".to_owned(), text: text.to_owned() };
        Inputs { user: Some(text), ..Inputs::default() }
    }

    fn told(faults: &[crate::base::Diagnostic]) -> Vec<String> {
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_defaults_are_whole() {
        let (settings, faults) = load(&Inputs::default());
        assert_eq!(faults, vec![]);
        let keys: Vec<&str> = settings.rows().iter().map(|row| row.key).collect();
        let known: Vec<&str> = SPECS.iter().map(|spec| spec.key).collect();
        assert_eq!(keys, known);
        assert_eq!(settings.theme.value, "ansi");
        assert_eq!(settings.index.max_file_bytes.value, 1024 * 1024);
        assert_eq!(settings.search.history.value, 100);
        assert_eq!(settings.ui.preview.value, PreviewPlace::Auto);
        assert!(settings.ui.mouse.value && !settings.ui.ascii.value);
        let line = DEFAULTS.lines().position(|it| it.starts_with("limit")).unwrap() + 1;
        assert_eq!(settings.search.limit.origin.to_string(), format!("built-in:{line}:9"));
    }

    #[test]
    fn the_documentation_knows_every_setting() {
        let page = include_str!("../../docs/settings.md");
        for row in load(&Inputs::default()).0.rows() {
            let row = format!("| `{}` | `{}` |", row.key, row.value);
            assert!(page.contains(&row), "docs/settings.md lacks: {row}");
        }
    }

    #[test]
    fn later_sources_win_and_are_remembered() {
        let (table, _) = toml::parse(".navi.toml", "[settings]\nsearch.limit = 50\n");
        let inputs = Inputs {
            repository: Some(&table),
            environment: Environment {
                overrides: vec![
                    ("NAVI_ONCALL_THEME".into(), "navi-light".into()),
                    ("NAVI_ONCALL_UI_MOUSE".into(), "off".into()),
                ],
                ..Environment::default()
            },
            flags: vec![Flag { key: "theme", value: "ansi".into(), flag: "--theme".into() }],
            ..user("theme = \"navi-dark\"\nui.mouse = true\n[search]\nlimit = 20\nhistory = 7\n")
        };
        let (settings, faults) = load(&inputs);
        assert_eq!(faults, vec![]);
        let rows: Vec<String> = settings
            .rows()
            .iter()
            .filter(|row| !row.origin.source.starts_with("built-in"))
            .map(|row| format!("{} = {} ({})", row.key, row.value, row.origin))
            .collect();
        assert_eq!(
            rows,
            [
                "theme = \"ansi\" (--theme)",
                "ui.mouse = false (NAVI_ONCALL_UI_MOUSE)",
                "search.limit = 50 (.navi.toml:2:16)",
                "search.history = 7 (config.toml:5:11)",
            ]
        );
    }

    #[test]
    fn each_mistake_drops_its_own_value() {
        let (settings, faults) = load(&user(
            "thme = \"x\"\nkeymap = 3\neditor = \"vi +{lin} {path}\"\n[ui]\nmouse = maybe\n\
             preview = \"belw\"\nascii = true\n[serch]\nlimit = 3\n[index]\n\
             max-file-bytes = 12\nwatch = \"no\"\nwatc = false\n",
        ));
        assert_eq!(
            told(&faults),
            [
                "config.toml:1:1: warning: there is no setting `thme` (did you mean `theme`?)",
                "config.toml:2:10: warning: `keymap` takes a name, not a number",
                "config.toml:3:10: warning: `editor` takes a command with {path}, {line} and {column}, not `lin`",
                "config.toml:5:9: warning: this line is left out: `maybe` is not in quotes (write \"maybe\")",
                "config.toml:6:11: warning: `ui.preview` takes one of auto, right, below, off, not `belw` (did you mean `below`?)",
                "config.toml:8:2: warning: there is no setting `serch` (did you mean `search`?)",
                "config.toml:11:18: warning: `index.max-file-bytes` takes a whole number from 1024 to 67108864, not 12",
                "config.toml:12:9: warning: `index.watch` takes true or false, not the text `no`",
                "config.toml:13:1: warning: there is no setting `index.watc` (did you mean `index.watch`?)",
            ]
        );
        assert!(settings.ui.ascii.value);
        let (plain, _) = load(&Inputs::default());
        assert_eq!(settings.index, plain.index);
        assert_eq!(settings.keymap, plain.keymap);
    }

    #[test]
    fn a_repository_sets_only_what_is_harmless() {
        let (table, _) =
            toml::parse(".navi.toml", "[settings]\neditor = \"rm\"\nui.preview = \"off\"\n");
        let (settings, faults) = load(&Inputs { repository: Some(&table), ..Inputs::default() });
        assert_eq!(settings.editor.value, "");
        assert_eq!(settings.ui.preview.value, PreviewPlace::Off);
        assert_eq!(
            told(&faults),
            [".navi.toml:2:1: warning: a repository may not set `editor` \
              (it may set ui.preview, index.max-file-bytes, search.limit)"]
        );
    }

    #[test]
    fn only_the_user_defines_workspaces() {
        let text = "[workspace.shop]\nrepositories = [\"api\"]\n[ui]\nmouse = false\n";
        let (settings, faults) = load(&user(text));
        assert_eq!((faults, settings.workspaces.len()), (vec![], 1));
        assert!(!settings.ui.mouse.value);
        let text = "[settings.workspace.shop]\nrepositories = [\"/etc\"]\n";
        let (table, _) = toml::parse(".navi.toml", text);
        let (settings, faults) = load(&Inputs { repository: Some(&table), ..Inputs::default() });
        assert_eq!(settings.workspaces, vec![]);
        assert!(told(&faults)[0].contains("a repository may not define a workspace"));
    }

    #[test]
    fn read_only_holds_when_in_doubt() {
        let set = |text: &str| load(&user(text)).0.run.read_only.value;
        assert!(!set("") && !set("run.read-only = false") && set("run.read-only = true"));
        assert!(set("run.read-only = \"no\"") && set("run.readonly = true"));
        let (table, _) = toml::parse(".navi.toml", "[settings]\nrun.read-only = false\n");
        let inputs = Inputs { repository: Some(&table), ..user("run.read-only = true") };
        assert!(load(&inputs).0.run.read_only.value);
        let (table, _) = toml::parse(".navi.toml", "[settings]\nrun.read-only = true\n");
        let inputs = Inputs { repository: Some(&table), ..Inputs::default() };
        assert!(!load(&inputs).0.run.read_only.value, "nobody locks navi but its user");
    }

    #[test]
    fn variables_are_checked_too() {
        let overrides = vec![
            ("NAVI_ONCALL_CONFIG".into(), "/x".into()),
            ("NAVI_ONCALL_SEARCH_LIMIT".into(), "many".into()),
            ("NAVI_ONCALL_THEM".into(), "x".into()),
        ];
        let environment = Environment { overrides, ..Environment::default() };
        let (_, faults) = load(&Inputs { environment, ..Inputs::default() });
        assert_eq!(
            told(&faults),
            [
                "NAVI_ONCALL_SEARCH_LIMIT: warning: `search.limit` takes a whole number from 1 to 100000, not `many`",
                "NAVI_ONCALL_THEM: warning: this variable sets no setting (did you mean `NAVI_ONCALL_THEME`?)",
            ]
        );
    }

    #[test]
    fn the_editor_is_the_setting_or_the_environments() {
        let environment = Environment {
            editor: Some("vi".into()),
            visual: Some("code -w".into()),
            ..Environment::default()
        };
        let editor = |inputs: &Inputs<'_>, environment: &Environment| {
            load(inputs)
                .0
                .editor_command(environment)
                .map(|it| format!("{}: {}", it.origin, it.value))
        };
        assert_eq!(editor(&Inputs::default(), &environment).unwrap(), "VISUAL: code -w");
        assert_eq!(editor(&Inputs::default(), &Environment::default()), None);
        let set = user("editor = \"hx {path}:{line}\"");
        assert_eq!(editor(&set, &environment).unwrap(), "config.toml:1:10: hx {path}:{line}");
    }
}
