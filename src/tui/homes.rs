//! Where the repositories on the screen are at home on disk, and what is remembered of each: a path
//! or an id of the screen leads to one of them.

use std::path::PathBuf;

use crate::base::RepoPath;
use crate::config::drills::DrillLog;
use crate::config::state::SearchLog;
use crate::workers::workspace::labels::split_id;

/// One repository.
pub struct Home {
    /// What its paths and ids begin with; empty for the only one.
    pub label: String,
    /// Its root.
    pub root: PathBuf,
    /// Where queries are remembered.
    pub log: SearchLog,
    /// Where rounds are.
    pub drills: DrillLog,
}

/// All of them.
pub struct Homes(pub Vec<Home>);

impl Homes {
    /// The repository of a path, and the path below its root.
    pub fn of_path(&self, path: &RepoPath) -> Option<(&Home, RepoPath)> {
        if let [only] = &self.0[..]
            && only.label.is_empty()
        {
            return Some((only, path.clone()));
        }
        let (label, rest) = path.split_first();
        let home = self.0.iter().find(|it| it.label.as_bytes() == label)?;
        Some((home, rest))
    }

    /// The repository of an id, and the id inside of it.
    pub fn of_id<'a>(&self, id: &'a str) -> Option<(&Home, &'a str)> {
        if let [only] = &self.0[..]
            && only.label.is_empty()
        {
            return Some((only, id));
        }
        let (label, rest) = split_id(id)?;
        Some((self.0.iter().find(|it| it.label == label)?, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn home(label: &str) -> Home {
        Home {
            label: label.to_owned(),
            root: Path::new("/src").join(label),
            log: SearchLog::new(None, Path::new("/"), 0),
            drills: DrillLog::new(None, Path::new("/")),
        }
    }

    #[test]
    fn a_label_leads_home() {
        let homes = Homes(vec![home("api"), home("web")]);
        let (at, path) = homes.of_path(&"web/src/a.ts".into()).unwrap();
        assert_eq!((at.root.as_path(), path), (Path::new("/src/web"), "src/a.ts".into()));
        assert!(homes.of_path(&"other/a.ts".into()).is_none());
        let (at, id) = homes.of_id("api:npm.test:unit").unwrap();
        assert_eq!((at.label.as_str(), id), ("api", "npm.test:unit"));
        assert!(homes.of_id("npm.test").is_none());
    }

    #[test]
    fn the_only_one_has_no_label() {
        let homes = Homes(vec![home("")]);
        assert_eq!(homes.of_path(&"a/b".into()).unwrap().1, "a/b".into());
        assert_eq!(homes.of_id("npm.test:unit").unwrap().1, "npm.test:unit");
    }
}
