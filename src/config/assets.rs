//! Texts by name: the user's settings file, keymaps and themes, the user's own before navi's.
//!
//! What is inside is not known here. Names never leave their directory.

use std::cell::RefCell;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::paths::{Environment, Locations, PREFIX};
use crate::base::toml::BUILT_IN;
use crate::base::{Diagnostic, Origin};

pub use crate::base::toml::Text;

/// Keymaps that navi carries, by name.
const KEYMAPS: &[(&str, &str)] = &[
    ("default", include_str!("../../keymaps/default.toml")),
    ("emacs", include_str!("../../keymaps/emacs.toml")),
    ("vim", include_str!("../../keymaps/vim.toml")),
];

/// Themes that navi carries, by name.
const THEMES: &[(&str, &str)] = &[
    ("ansi", include_str!("../../themes/ansi.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("navi-dark", include_str!("../../themes/navi-dark.toml")),
    ("navi-light", include_str!("../../themes/navi-light.toml")),
];

/// More than any of these files may be long; the parser reports what is longer.
const LONGEST_FILE: u64 = 1024 * 1024;

/// A family of files that are known by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// `keymaps/NAME.toml`.
    Keymaps,
    /// `themes/NAME.toml`.
    Themes,
}

impl Shelf {
    fn folder(self) -> &'static str {
        match self {
            Self::Keymaps => "keymaps",
            Self::Themes => "themes",
        }
    }

    fn embedded(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Keymaps => KEYMAPS,
            Self::Themes => THEMES,
        }
    }
}

/// A keymap or theme that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name to choose it by.
    pub name: String,
    /// The file, or `built-in keymaps/NAME.toml`.
    pub origin: String,
    /// A file of the user's has taken the place of navi's own.
    pub shadows: bool,
}

/// Keymaps and themes: the user's directory first, then what navi carries.
#[derive(Debug, Default)]
pub struct Assets {
    directory: Option<PathBuf>,
    faults: RefCell<Vec<Diagnostic>>,
}

impl Assets {
    /// The assets with this configuration directory, if there is one.
    pub fn new(directory: Option<PathBuf>) -> Self {
        Self { directory, faults: RefCell::default() }
    }

    /// The keymap of this name.
    pub fn keymap(&self, name: &str) -> Option<Text> {
        self.text(Shelf::Keymaps, name)
    }

    /// The theme of this name.
    pub fn theme(&self, name: &str) -> Option<Text> {
        self.text(Shelf::Themes, name)
    }

    /// The text of this name; a name with `built-in:` before it means navi's own.
    pub fn text(&self, shelf: Shelf, name: &str) -> Option<Text> {
        let own = name.strip_prefix(BUILT_IN);
        if own.is_none()
            && is_name(name)
            && let Some(directory) = &self.directory
        {
            let path = directory.join(shelf.folder()).join(format!("{name}.toml"));
            match read_text(&path) {
                Ok(text) => return Some(text),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => self.unreadable(&path, &error),
            }
        }
        let name = own.unwrap_or(name);
        let (_, text) = shelf.embedded().iter().find(|(known, _)| *known == name)?;
        Some(Text { origin: built_in(shelf, name), text: (*text).to_owned() })
    }

    /// Everything that can be chosen, by name.
    pub fn list(&self, shelf: Shelf) -> Vec<Listed> {
        let mut listed: Vec<Listed> = shelf
            .embedded()
            .iter()
            .map(|(name, _)| Listed {
                name: (*name).to_owned(),
                origin: built_in(shelf, name),
                shadows: false,
            })
            .collect();
        for (name, path) in self.files(shelf) {
            let shadows = listed.iter().any(|it| it.name == name);
            listed.retain(|it| it.name != name);
            listed.push(Listed { name, origin: path.display().to_string(), shadows });
        }
        listed.sort_by(|one, other| one.name.cmp(&other.name));
        listed
    }

    /// What went wrong with the files so far; asked for once, after loading.
    pub fn take_faults(&self) -> Vec<Diagnostic> {
        self.faults.take()
    }

    fn files(&self, shelf: Shelf) -> Vec<(String, PathBuf)> {
        let Some(directory) = &self.directory else { return Vec::new() };
        let folder = directory.join(shelf.folder());
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                self.unreadable(&folder, &error);
                return Vec::new();
            }
        };
        entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let name = path.file_name()?.to_str()?.strip_suffix(".toml")?.to_owned();
                is_name(&name).then_some((name, path))
            })
            .collect()
    }

    fn unreadable(&self, path: &Path, error: &std::io::Error) {
        let fault = Diagnostic::warning(format!("this cannot be read: {error}"));
        self.faults.borrow_mut().push(fault.at(Origin::whole(path.display().to_string())));
    }
}

/// Reads the user's settings file: `chosen` (`--config FILE`), or `NAVI_ONCALL_CONFIG`, or
/// `config.toml` of the configuration directory, which need not exist.
pub fn user_file(
    chosen: Option<&Path>,
    environment: &Environment,
    locations: &Locations,
) -> Result<Option<Text>, Diagnostic> {
    let name = format!("{PREFIX}CONFIG");
    let variable = environment.overrides.iter().find(|(known, _)| *known == name);
    let (path, asked) = match (chosen, variable, &locations.config) {
        (Some(path), _, _) => (path.to_path_buf(), true),
        (None, Some((_, path)), _) => (path.into(), true),
        (None, None, Some(directory)) => (directory.join("config.toml"), false),
        (None, None, None) => return Ok(None),
    };
    match read_text(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound && !asked => Ok(None),
        Err(error) => {
            let fault = format!("the settings cannot be read: {error}");
            Err(Diagnostic::error(fault).at(Origin::whole(path.display().to_string())))
        }
    }
}

fn read_text(path: &Path) -> std::io::Result<Text> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LONGEST_FILE).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Text { origin: path.display().to_string(), text })
}

fn built_in(shelf: Shelf, name: &str) -> String {
    format!("built-in {}/{name}.toml", shelf.folder())
}

/// Tells whether this names a file of a folder, and not one elsewhere.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.chars().all(|it| it.is_alphanumeric() || "-_.".contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folders_is_embedded() {
        for shelf in [Shelf::Keymaps, Shelf::Themes] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(shelf.folder());
            let mut files: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            files.sort();
            let known: Vec<String> =
                shelf.embedded().iter().map(|(name, _)| format!("{name}.toml")).collect();
            assert_eq!(files, known);
        }
    }

    #[test]
    fn the_users_files_come_first_and_names_stay_inside() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("keymaps")).unwrap();
        std::fs::write(home.path().join("keymaps/vim.toml"), "mine").unwrap();
        std::fs::write(home.path().join("secret.toml"), "secret").unwrap();
        let assets = Assets::new(Some(home.path().to_path_buf()));
        assert_eq!(assets.keymap("vim").unwrap().text, "mine");
        assert!(assets.keymap("built-in:vim").unwrap().origin.starts_with("built-in"));
        assert_eq!(assets.keymap("../secret"), None);
        assert_eq!(assets.keymap("built-in:../secret"), None);
        let vim = assets.list(Shelf::Keymaps).into_iter().find(|it| it.name == "vim").unwrap();
        assert!(vim.shadows && vim.origin.ends_with("keymaps/vim.toml"));
        assert_eq!(assets.take_faults(), vec![]);
    }

    #[test]
    fn what_cannot_be_read_is_told_and_replaced() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(home.path().join("themes/ansi.toml")).unwrap();
        let assets = Assets::new(Some(home.path().to_path_buf()));
        assert!(assets.theme("ansi").unwrap().origin.starts_with("built-in"));
        assert_eq!(assets.take_faults().len(), 1);
    }

    #[test]
    fn a_settings_file_is_missed_only_when_it_was_asked_for() {
        let home = tempfile::tempdir().unwrap();
        let locations =
            Locations { config: Some(home.path().to_path_buf()), ..Locations::default() };
        let plain = Environment::default();
        assert_eq!(user_file(None, &plain, &locations), Ok(None));
        let missing = home.path().join("x.toml");
        let fault = user_file(Some(&missing), &plain, &locations).unwrap_err().to_string();
        assert!(fault.contains("x.toml: error: the settings cannot be read"), "{fault}");
        std::fs::write(home.path().join("config.toml"), "theme = \"navi-dark\"").unwrap();
        assert!(user_file(None, &plain, &locations).unwrap().is_some());
        let pointed = Environment {
            overrides: vec![("NAVI_ONCALL_CONFIG".into(), missing.display().to_string())],
            ..Environment::default()
        };
        assert!(user_file(None, &pointed, &locations).is_err());
    }
}
