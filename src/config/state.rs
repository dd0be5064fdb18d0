//! The searches of this user: the last one per repository and the query history.
//!
//! JSON lines in one file of the state directory; see `lines.rs`. What cannot be read is told and
//! passed over.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::lines::LineFile;
use crate::base::{Checked, Diagnostic, Origin};
use crate::engine::search::Opened;
use crate::engine::symptom::LINE_END;

/// The file of the state directory.
const FILE: &str = "searches.jsonl";

/// The file is rewritten with its newest half beyond this.
const LONGEST_FILE: u64 = 512 * 1024;

/// A longer query is pasted output rather than a search: it is not kept, for it may hold secrets.
const LONGEST_QUERY: usize = 500;

/// Openings that are looked at, from the newest.
const MOST_OPENED: usize = 500;

/// A search as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastSearch {
    /// What was typed.
    pub query: String,
    /// The path of the row that was selected, relative to the repository.
    pub path: Option<String>,
    /// Its line, from 1.
    pub line: Option<u32>,
}

/// What is remembered of one repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchHistory {
    /// The last search, to resume.
    pub last: Option<PastSearch>,
    /// The queries, newest first, each once.
    pub queries: Vec<String>,
    /// The files that were opened for them, newest first.
    pub opened: Vec<Opened>,
}

/// One line of the file.
#[derive(Serialize, Deserialize)]
struct RawSearch {
    version: u32,
    /// Seconds since 1970.
    at: u64,
    root: String,
    query: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

/// The memory of searches in one repository.
#[derive(Debug, Clone)]
pub struct SearchLog {
    directory: Option<PathBuf>,
    root: String,
    keep: usize,
}

impl SearchLog {
    /// The memory for the repository at `root`, of at most `keep` queries. Without a state
    /// directory (`--no-state`) or with `keep` 0 nothing is read or written.
    pub fn new(state: Option<&Path>, root: &Path, keep: usize) -> Self {
        Self {
            directory: state.filter(|_| keep > 0).map(Path::to_path_buf),
            root: root.to_string_lossy().into_owned(),
            keep,
        }
    }

    /// What is remembered. A file that does not exist yet is an empty memory.
    pub fn read(&self) -> Checked<SearchHistory> {
        let root = Path::new(&self.root);
        let (mut all, faults) = Self::read_all(self.directory.as_deref(), &[root], self.keep);
        (all.pop().unwrap_or_default(), faults)
    }

    /// What is remembered of each of several repositories, in their order.
    pub fn read_all(
        state: Option<&Path>,
        roots: &[&Path],
        keep: usize,
    ) -> Checked<Vec<SearchHistory>> {
        let mut all = vec![SearchHistory::default(); roots.len()];
        let Some(directory) = state.filter(|_| keep > 0) else { return (all, Vec::new()) };
        let file = LineFile::new(directory, FILE, LONGEST_FILE);
        let (text, first_line) = match file.read() {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::NotFound => return (all, Vec::new()),
            Err(error) => {
                let fault = format!("the search history cannot be read: {error}");
                return (all, vec![Diagnostic::warning(fault).at(origin(&file.path(), None))]);
            }
        };
        let places: HashMap<String, usize> = roots
            .iter()
            .enumerate()
            .map(|(place, root)| (root.to_string_lossy().into_owned(), place))
            .collect();
        let mut bad = Vec::new();
        let mut past = Vec::new();
        for (number, line) in text.lines().enumerate() {
            match serde_json::from_str::<RawSearch>(line) {
                Ok(search) => past.extend(places.get(&search.root).map(|it| (*it, search))),
                Err(_) if line.trim().is_empty() => {}
                Err(_) => bad.push(number),
            }
        }
        for (place, search) in past.into_iter().rev() {
            let history = &mut all[place];
            if let Some(path) = search.path.clone().filter(|_| history.opened.len() < MOST_OPENED) {
                let (query, path) = (search.query.clone(), path.into_bytes());
                history.opened.push(Opened { query, path, at: search.at });
            }
            if history.last.is_none() {
                let RawSearch { path, line, .. } = &search;
                let (path, line, query) = (path.clone(), *line, search.query.clone());
                history.last = Some(PastSearch { query, path, line });
            }
            if history.queries.len() < keep && !history.queries.contains(&search.query) {
                history.queries.push(search.query);
            }
        }
        let mut faults = Vec::new();
        if let Some(first) = bad.first() {
            let line = first_line.map(|before| before + *first as u32 + 1);
            let fault = match bad.len() {
                1 => "this line of the search history cannot be read".to_owned(),
                many => format!("{many} lines of the search history cannot be read"),
            };
            faults.push(Diagnostic::note(fault).at(origin(&file.path(), line)));
        }
        (all, faults)
    }

    /// Whether such a query is remembered.
    pub fn keeps(&self, query: &str) -> bool {
        let query = query.trim();
        self.directory.is_some()
            && !query.is_empty()
            && query.len() <= LONGEST_QUERY
            && !query.contains(['\n', LINE_END])
    }

    /// Remembers a search. Blank queries, and such as are pasted output, are not kept.
    pub fn remember(&self, search: &PastSearch, at: SystemTime) -> Result<(), Diagnostic> {
        let Some(file) = self.file() else { return Ok(()) };
        let query = search.query.trim();
        if !self.keeps(query) {
            return Ok(());
        }
        let raw = RawSearch {
            version: 1,
            at: at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            root: self.root.clone(),
            query: query.to_owned(),
            path: search.path.clone(),
            line: search.line,
        };
        file.append(&raw).map_err(|error| {
            let fault = format!("the search history cannot be written: {error}");
            Diagnostic::warning(fault)
                .at(origin(&file.path(), None))
                .hint("searching works without it")
        })
    }

    fn file(&self) -> Option<LineFile> {
        Some(LineFile::new(self.directory.as_ref()?, FILE, LONGEST_FILE))
    }
}

fn origin(file: &Path, line: Option<u32>) -> Origin {
    Origin { source: file.display().to_string(), line, column: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(query: &str) -> PastSearch {
        PastSearch { query: query.to_owned(), path: None, line: None }
    }

    fn log(state: &Path, root: &str) -> SearchLog {
        SearchLog::new(Some(state), Path::new(root), 3)
    }

    #[test]
    fn searches_are_remembered_per_repository_newest_first() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("a/b");
        let log = log(&state, "/repo");
        assert_eq!(log.read(), (SearchHistory::default(), vec![]));
        for query in ["one", "two", " one ", "  ", "three", "four"] {
            log.remember(&search(query), UNIX_EPOCH).unwrap();
        }
        let place = PastSearch { path: Some("a/b.rs".into()), line: Some(7), ..search("four") };
        log.remember(&place, UNIX_EPOCH).unwrap();
        let other = super::tests::log(&state, "/other");
        other.remember(&search("elsewhere"), UNIX_EPOCH).unwrap();
        let (history, faults) = log.read();
        assert_eq!(faults, vec![]);
        assert_eq!(history.last, Some(place));
        assert_eq!(history.queries, ["four", "three", "one"]);
        assert_eq!(other.read().0.queries, ["elsewhere"]);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        log(&state, "/r").remember(&search("x"), UNIX_EPOCH).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&state), 0o700);
        let file = state.join(FILE);
        assert_eq!(mode(&file), 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        log(&state, "/r").remember(&search("y"), UNIX_EPOCH).unwrap();
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn broken_lines_are_told_and_passed_over() {
        let home = tempfile::tempdir().unwrap();
        let log = log(home.path(), "/r");
        log.remember(&search("one"), UNIX_EPOCH).unwrap();
        let file = home.path().join(FILE);
        let mut text = std::fs::read(&file).unwrap();
        text.extend_from_slice(b"\xff{broken\n{\"version\":1,\"at\":0,\"root\":\"/r\",\"que");
        std::fs::write(&file, text).unwrap();
        log.remember(&search("two"), UNIX_EPOCH).unwrap();
        let (history, faults) = log.read();
        assert_eq!(history.queries, ["two", "one"]);
        assert_eq!(faults.len(), 1);
        let told = faults[0].to_string();
        assert!(told.ends_with(":2: note: 2 lines of the search history cannot be read"), "{told}");
    }

    #[test]
    fn the_file_does_not_grow_without_end() {
        let home = tempfile::tempdir().unwrap();
        let log = log(home.path(), "/r");
        let file = home.path().join(FILE);
        log.remember(&search("old"), UNIX_EPOCH).unwrap();
        let line = std::fs::read_to_string(&file).unwrap();
        let times = LONGEST_FILE as usize / line.len() + 2;
        std::fs::write(&file, line.repeat(times)).unwrap();
        log.remember(&search("new"), UNIX_EPOCH).unwrap();
        assert!(std::fs::metadata(&file).unwrap().len() <= LONGEST_FILE / 2);
        assert_eq!(log.read().0.queries, ["new", "old"]);
        assert_eq!(log.read().1, vec![]);
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_is_written_when_nothing_is_wanted() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("s");
        for log in [
            SearchLog::new(None, Path::new("/r"), 5),
            SearchLog::new(Some(&state), Path::new("/r"), 0),
        ] {
            log.remember(&search("x"), UNIX_EPOCH).unwrap();
            assert_eq!(log.read(), (SearchHistory::default(), vec![]));
        }
        log(&state, "/r").remember(&search(&"x".repeat(501)), UNIX_EPOCH).unwrap();
        log(&state, "/r").remember(&search("a\nb"), UNIX_EPOCH).unwrap();
        assert!(!state.exists());
    }

    #[test]
    fn a_state_directory_that_cannot_be_made_is_a_diagnostic() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("file"), "").unwrap();
        let log = log(&home.path().join("file/state"), "/r");
        let told = log.remember(&search("x"), UNIX_EPOCH).unwrap_err().to_string();
        assert!(told.contains("the search history cannot be written"), "{told}");
        let (history, _) = log.read();
        assert_eq!(history, SearchHistory::default());
    }
}
