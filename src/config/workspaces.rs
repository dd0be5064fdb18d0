//! `[workspace.NAME]` of the user's settings: several repositories under one name.
//!
//! Only the user defines them: a repository must not make navi look elsewhere.

use std::path::{Path, PathBuf};

use super::settings::Sourced;
use crate::base::diag::quote;
use crate::base::suggest::did_you_mean;
use crate::base::toml::{Kind, Table, Value};
use crate::base::{Diagnostic, Origin};

/// The table in which they are.
pub(super) const KEY: &str = "workspace";

/// The only key of a workspace.
const REPOSITORIES: &str = "repositories";

/// Several repositories under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defined {
    /// The name.
    pub name: String,
    /// Folders in them, as absolute as they can be made.
    pub repositories: Vec<Sourced<PathBuf>>,
    /// Where it is defined.
    pub origin: Origin,
}

/// Reads them from the value of `workspace`. Paths are relative to the folder `base`; `~` is `home`.
pub(super) fn read(
    value: &Value,
    base: &Path,
    home: Option<&Path>,
    faults: &mut Vec<Diagnostic>,
) -> Vec<Defined> {
    let mut wrong = |origin: &Origin, message: String| {
        faults.push(
            Diagnostic::warning(message)
                .at(origin.clone())
                .hint("write [workspace.NAME] and below it repositories = [\"…\"]"),
        );
    };
    let Kind::Table(names) = &value.kind else {
        wrong(&value.origin, format!("`workspace` is a table, not {}", value.kind.word()));
        return Vec::new();
    };
    let mut all = Vec::new();
    for entry in &names.entries {
        let name = quote(&entry.key);
        let Kind::Table(table) = &entry.value.kind else {
            let what = entry.value.kind.word();
            wrong(&entry.value.origin, format!("the workspace {name} is a table, not {what}"));
            continue;
        };
        let repositories = repositories(&name, table, base, home, &mut wrong);
        if repositories.is_empty() {
            wrong(&entry.origin, format!("the workspace {name} names no repository"));
            continue;
        }
        let origin = entry.origin.clone();
        all.push(Defined { name: entry.key.clone(), repositories, origin });
    }
    all
}

fn repositories(
    name: &str,
    table: &Table,
    base: &Path,
    home: Option<&Path>,
    wrong: &mut impl FnMut(&Origin, String),
) -> Vec<Sourced<PathBuf>> {
    let mut all = Vec::new();
    for entry in &table.entries {
        if entry.key != REPOSITORIES {
            let near = did_you_mean(&entry.key, [REPOSITORIES]);
            let near = near.map_or_else(String::new, |it| format!(", did you mean `{it}`?"));
            let key = quote(&entry.key);
            wrong(&entry.origin, format!("the workspace {name} has no key {key}{near}"));
            continue;
        }
        let Kind::List(items) = &entry.value.kind else {
            let what = entry.value.kind.word();
            wrong(&entry.value.origin, format!("`repositories` is a list of folders, not {what}"));
            continue;
        };
        for item in items {
            match &item.kind {
                Kind::Text(path) if !path.trim().is_empty() => {
                    let value = absolute(path, base, home);
                    all.push(Sourced { value, origin: item.origin.clone() });
                }
                Kind::Text(_) => wrong(&item.origin, "a repository has no path".to_owned()),
                other => wrong(&item.origin, format!("a repository is text, not {}", other.word())),
            }
        }
    }
    all
}

fn absolute(path: &str, base: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_owned(),
        (Some(rest), Some(home)) if rest.starts_with('/') => {
            home.join(rest.trim_start_matches('/'))
        }
        _ => base.join(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::toml;

    fn read_all(text: &str) -> (Vec<Defined>, Vec<String>) {
        let (table, faults) = toml::parse("config.toml", text);
        assert_eq!(faults, vec![]);
        let mut faults = Vec::new();
        let value = &table.get(KEY).unwrap().value;
        let all = read(value, Path::new("/conf"), Some(Path::new("/home/me")), &mut faults);
        (all, faults.iter().map(|it| it.message.clone()).collect())
    }

    #[test]
    fn paths_are_of_the_file_and_of_the_home() {
        let (all, faults) = read_all(
            "[workspace.shop]\nrepositories = [\"~/src/api\", \"../web\", \"/abs\", \"~\", \"~x\"]\n",
        );
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(all[0].name, "shop");
        let paths: Vec<String> =
            all[0].repositories.iter().map(|it| it.value.display().to_string()).collect();
        assert_eq!(paths, ["/home/me/src/api", "/conf/../web", "/abs", "/home/me", "/conf/~x"]);
        assert_eq!(all[0].repositories[1].origin.to_string(), "config.toml:2:30");
    }

    #[test]
    fn one_mistake_costs_itself_alone() {
        let (all, faults) = read_all(
            "[workspace]\nodd = 3\n[workspace.a]\nrepositries = [\"x\"]\nrepositories = [1, \"\", \"ok\"]\n\
             [workspace.none]\nrepositories = []\n[workspace.text]\nrepositories = \"x\"\n",
        );
        let names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["a"]);
        assert_eq!(all[0].repositories.len(), 1);
        assert_eq!(
            faults,
            [
                "the workspace `odd` is a table, not a number",
                "the workspace `a` has no key `repositries`, did you mean `repositories`?",
                "a repository is text, not a number",
                "a repository has no path",
                "the workspace `none` names no repository",
                "`repositories` is a list of folders, not text",
                "the workspace `text` names no repository",
            ]
        );
    }
}
