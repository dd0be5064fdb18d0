//! The searches of this user: the last one per repository and the query history.
//!
//! JSON lines in one file of the state directory, readable by its owner only. A line is added in
//! one write, so that two navis do not mix theirs and a crash costs at most the last line; the file
//! is rewritten with its newest lines when it grows. What cannot be read is told and passed over.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

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
        let mut history = SearchHistory::default();
        let Some(file) = self.file() else { return (history, Vec::new()) };
        let (text, first_line) = match tail(&file) {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::NotFound => return (history, Vec::new()),
            Err(error) => {
                let fault = format!("the search history cannot be read: {error}");
                return (history, vec![Diagnostic::warning(fault).at(origin(&file, None))]);
            }
        };
        let mut bad = Vec::new();
        let mut past = Vec::new();
        for (number, line) in text.lines().enumerate() {
            match serde_json::from_str::<RawSearch>(line) {
                Ok(search) if search.root == self.root => past.push(search),
                Ok(_) => {}
                Err(_) if line.trim().is_empty() => {}
                Err(_) => bad.push(number),
            }
        }
        for search in past.into_iter().rev() {
            if let Some(path) = search.path.clone().filter(|_| history.opened.len() < MOST_OPENED) {
                let (query, path) = (search.query.clone(), path.into_bytes());
                history.opened.push(Opened { query, path, at: search.at });
            }
            if history.last.is_none() {
                let RawSearch { path, line, .. } = search;
                let query = search.query.clone();
                history.last = Some(PastSearch { query, path, line });
            }
            if history.queries.len() < self.keep && !history.queries.contains(&search.query) {
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
            faults.push(Diagnostic::note(fault).at(origin(&file, line)));
        }
        (history, faults)
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
        let (Some(directory), Some(file)) = (&self.directory, self.file()) else { return Ok(()) };
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
        append(directory, &file, &raw).map_err(|error| {
            let fault = format!("the search history cannot be written: {error}");
            Diagnostic::warning(fault).at(origin(&file, None)).hint("searching works without it")
        })
    }

    fn file(&self) -> Option<PathBuf> {
        Some(self.directory.as_ref()?.join(FILE))
    }
}

fn origin(file: &Path, line: Option<u32>) -> Origin {
    Origin { source: file.display().to_string(), line, column: None }
}

/// The end of the file as far as it is bounded, and how many lines come before it where known.
fn tail(path: &Path) -> io::Result<(String, Option<u32>)> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let cut = length.saturating_sub(2 * LONGEST_FILE);
    file.seek(SeekFrom::Start(cut))?;
    let mut bytes = Vec::new();
    file.take(2 * LONGEST_FILE).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if cut == 0 {
        return Ok((text, Some(0)));
    }
    let rest = text.split_once('\n').map(|(_, rest)| rest.to_owned());
    Ok((rest.unwrap_or_default(), None))
}

fn append(directory: &Path, path: &Path, search: &RawSearch) -> io::Result<()> {
    create_private_directory(directory)?;
    let mut line = serde_json::to_string(search)?;
    line.push('\n');
    // A write that was cut short leaves a line without its end: start on a new one.
    let mut file = private(OpenOptions::new().read(true).append(true).create(true)).open(path)?;
    make_private(&file)?;
    let length = file.metadata()?.len();
    if length > 0 {
        let mut last = [b'\n'];
        file.seek(SeekFrom::Start(length - 1))?;
        file.read_exact(&mut last)?;
        if last != [b'\n'] {
            line.insert(0, '\n');
        }
    }
    file.write_all(line.as_bytes())?;
    if length > LONGEST_FILE { shorten(directory, path) } else { Ok(()) }
}

/// Leaves the newest half of the lines, replacing the file as a whole. A line that another navi adds
/// at this very moment is lost; a lock would not be worth what it costs on a broken network disk.
fn shorten(directory: &Path, path: &Path) -> io::Result<()> {
    let (text, _) = tail(path)?;
    let mut start = text.len().saturating_sub(LONGEST_FILE as usize / 2);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let newest = text.get(start..).and_then(|end| end.split_once('\n')).map_or("", |(_, end)| end);
    // tempfile makes files that only their owner can read.
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(newest.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Takes a file that was already there, and may have been restored by hand, from other users.
#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if file.metadata()?.permissions().mode() & 0o777 == 0o600 {
        return Ok(());
    }
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn make_private(_: &File) -> io::Result<()> {
    Ok(())
}

/// Creates a directory that only its owner can enter; one that is there stays as it is.
fn create_private_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(directory)
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
