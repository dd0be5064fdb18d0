//! Who owns a file, as `CODEOWNERS` says: the last matching rule wins.
//!
//! Format: <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>.

use std::path::{Component, Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::engine::regular;

/// The rules of a repository.
#[derive(Debug, Default)]
pub struct Owners {
    rules: Vec<(Gitignore, Vec<String>)>,
}

impl Owners {
    /// Reads the first `CODEOWNERS` of the places where one may lie; none is no fault.
    pub fn read(root: &Path) -> Self {
        [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"]
            .iter()
            .find_map(|place| regular::read_below(root, &root.join(place)).ok())
            .map_or_else(Self::default, |text| Self::parse(&text))
    }

    /// The rules in `text`; lines that are no rules are passed over.
    pub fn parse(text: &str) -> Self {
        let mut rules = Vec::new();
        for line in text.lines() {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with('#') || line.starts_with('[') {
                continue;
            }
            let mut words = line.split_whitespace();
            let Some(pattern) = words.next() else { continue };
            let mut builder = GitignoreBuilder::new("");
            if builder.add_line(None, pattern).is_ok()
                && let Ok(rule) = builder.build()
            {
                rules.push((rule, words.map(str::to_owned).collect()));
            }
        }
        Self { rules }
    }

    /// The owners of a path relative to the root. Of one that is not, those of its names below it.
    pub fn of(&self, path: &str) -> &[String] {
        // The rules panic at a path with a root, and they take a leading `./` off themselves.
        let named = |it: &Component<'_>| matches!(it, Component::Normal(_));
        let path: PathBuf = Path::new(path).components().filter(named).collect();
        let hit = self
            .rules
            .iter()
            .rev()
            .find(|(rule, _)| rule.matched_path_or_any_parents(&path, false).is_ignore());
        hit.map_or(&[], |(_, owners)| owners)
    }

    /// Whether there are any rules.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_rule_wins() {
        let owners = Owners::parse("* @all\n/apps/api/ @api # the API\n*.sql @dba @api\n");
        assert_eq!(owners.of("README.md"), ["@all"]);
        assert_eq!(owners.of("apps/api/main.py"), ["@api"]);
        assert_eq!(owners.of("apps/api/x.sql"), ["@dba", "@api"]);
        assert!(Owners::default().of("x").is_empty());
        assert_eq!(owners.of(".///README.md"), ["@all"]);
        assert_eq!(owners.of("/"), ["@all"]);
    }
}
