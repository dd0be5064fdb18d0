//! Who owns a file, as `CODEOWNERS` says: the last matching rule wins.
//!
//! Format: <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>.

use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::engine::regular;

/// A pattern, and who owns what it matches.
type Rule = (Gitignore, Vec<String>);

/// The rules of a repository, or of several.
#[derive(Debug, Default)]
pub struct Owners {
    /// The root below which they are written down.
    root: Option<PathBuf>,
    /// Once somebody asked.
    rules: OnceLock<Vec<Rule>>,
    /// Of several repositories, by the label with which their paths begin.
    parts: Vec<(String, Arc<Owners>)>,
}

impl Owners {
    /// Those in the first `CODEOWNERS` of the places where one may lie; none is no fault. Read when
    /// somebody asks for the first time.
    pub fn read(root: &Path) -> Self {
        Self { root: Some(root.to_owned()), ..Self::default() }
    }

    fn rules(&self) -> &[Rule] {
        self.rules.get_or_init(|| {
            let Some(root) = &self.root else { return Vec::new() };
            [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"]
                .iter()
                .find_map(|place| regular::read_below(root, &root.join(place)).ok())
                .map_or_else(Vec::new, |text| rules_in(&text))
        })
    }

    /// The owners in several repositories, each with the label with which its paths begin.
    pub fn joined(parts: Vec<(String, Arc<Self>)>) -> Self {
        Self { parts, ..Self::default() }
    }

    /// The rules in `text`; lines that are no rules are passed over.
    pub fn parse(text: &str) -> Self {
        Self { rules: OnceLock::from(rules_in(text)), ..Self::default() }
    }

    /// The owners of a path relative to the root. Of one that is not, those of its names below it.
    pub fn of(&self, path: &str) -> &[String] {
        if !self.parts.is_empty() {
            let Some((label, rest)) = path.split_once('/') else { return &[] };
            let part = self.parts.iter().find(|it| it.0 == label);
            return part.map_or(&[], |(_, owners)| owners.of(rest));
        }
        if self.rules().is_empty() {
            return &[];
        }
        // The rules panic at a path with a root, and they take a leading `./` off themselves.
        let named = |it: &Component<'_>| matches!(it, Component::Normal(_));
        let path: PathBuf = Path::new(path).components().filter(named).collect();
        let hit = self
            .rules()
            .iter()
            .rev()
            .find(|(rule, _)| rule.matched_path_or_any_parents(&path, false).is_ignore());
        hit.map_or(&[], |(_, owners)| owners)
    }

    /// Whether there are any rules.
    pub fn is_empty(&self) -> bool {
        self.rules().is_empty() && self.parts.iter().all(|it| it.1.is_empty())
    }
}

fn rules_in(text: &str) -> Vec<Rule> {
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
    rules
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
        let none = Owners::default();
        let all =
            Owners::joined(vec![("a".into(), Arc::new(owners)), ("b".into(), Arc::new(none))]);
        assert_eq!(all.of("a/apps/api/main.py"), ["@api"]);
        assert!(all.of("b/apps/api/main.py").is_empty() && all.of("c").is_empty());
        assert!(!all.is_empty());
    }
}
