//! What this user has decided about the commands of repositories, in the state directory and never
//! in a repository.
//!
//! JSON lines, added one at a time; the newest about a command holds. What is allowed is allowed as
//! it was seen, by its fingerprint, and may have been seen in several states, such as those of two
//! branches. What is denied stays so whatever the command becomes. A file that others can write to
//! is not believed.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::lines::LineFile;
use crate::base::{Checked, Diagnostic, Origin, text};
use crate::engine::commands::{Decision, Subject, Trust};

/// The file of the state directory.
const FILE: &str = "trust.jsonl";

/// Beyond this the oldest decisions go; what they allowed is asked again.
const LONGEST_FILE: u64 = 16 << 20;

/// Bytes of what was seen that are kept, to show what has changed.
const LONGEST_TEXT: usize = 32 << 10;

/// Fingerprints of one command that stay allowed.
const MOST_STATES: usize = 32;

#[derive(Serialize, Deserialize)]
struct Raw {
    version: u32,
    /// Seconds since 1970.
    at: u64,
    root: String,
    id: String,
    decision: Word,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    fingerprint: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    text: String,
}

#[derive(Serialize, Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Word {
    Allow,
    Deny,
    Revoke,
}

/// The decisions about one repository.
#[derive(Debug, Clone)]
pub struct TrustStore {
    state: Option<PathBuf>,
    root: String,
    writes: bool,
}

/// The decisions as they were read.
#[derive(Debug, Clone, Default)]
pub struct TrustBook {
    commands: HashMap<String, Held>,
}

#[derive(Debug, Clone, Default)]
struct Held {
    denied: bool,
    allowed: Vec<String>,
    /// When it was last allowed, and as what.
    last: Option<(u64, String)>,
}

impl TrustStore {
    /// The decisions about the repository at this canonical root. With `writes` false
    /// (`--no-state`) they are read only.
    pub fn new(state: Option<&Path>, root: &Path, writes: bool) -> Self {
        let root = root.to_string_lossy().into_owned();
        Self { state: state.map(Path::to_owned), root, writes }
    }

    fn file(&self) -> Option<LineFile> {
        Some(LineFile::new(self.state.as_ref()?, FILE, LONGEST_FILE))
    }

    /// Reads what was decided. What cannot be read is told and allows nothing.
    pub fn read(&self) -> Checked<TrustBook> {
        let mut book = TrustBook::default();
        let Some(file) = self.file() else { return (book, Vec::new()) };
        let path = file.path();
        let at = |line| Origin { source: path.display().to_string(), line, column: None };
        if let Err(why) = believable(&path) {
            return (book, vec![why.at(at(None))]);
        }
        let (text, first) = match file.read() {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::NotFound => return (book, Vec::new()),
            Err(error) => {
                let fault = format!("what was trusted cannot be read, so nothing is: {error}");
                return (book, vec![Diagnostic::warning(fault).at(at(None))]);
            }
        };
        let mut bad = Vec::new();
        for (number, line) in text.lines().enumerate() {
            match serde_json::from_str::<Raw>(line) {
                Ok(raw) if raw.version != 1 => bad.push(number),
                Ok(raw) if raw.root == self.root => book.take(raw),
                Ok(_) => {}
                Err(_) if line.trim().is_empty() => {}
                Err(_) => bad.push(number),
            }
        }
        let mut said = Vec::new();
        if let Some(one) = bad.first() {
            let line = first.map(|before| before + *one as u32 + 1);
            let fault = match bad.len() {
                1 => "this decision about a command cannot be read".to_owned(),
                many => format!("{many} decisions about commands cannot be read"),
            };
            said.push(
                Diagnostic::warning(fault).at(at(line)).hint("`navi trust` shows what holds"),
            );
        }
        (book, said)
    }

    /// Forgets what was decided about a command that is no longer there; `now` as for
    /// [`TrustStore::decide`].
    pub fn forget(&self, id: &str, now: u64) -> Result<(), Diagnostic> {
        self.append(id, Word::Revoke, None, now)
    }

    /// Keeps a decision about a command as it was seen; `now` in seconds since 1970.
    pub fn decide(
        &self,
        id: &str,
        decision: Decision,
        seen: &Subject,
        now: u64,
    ) -> Result<(), Diagnostic> {
        if decision == Decision::Allow
            && let Some(fault) = &seen.fault
        {
            return Err(undecided(id, fault).hint("it can be run once"));
        }
        match decision {
            Decision::Allow => self.append(id, Word::Allow, Some(seen), now),
            Decision::Deny => self.append(id, Word::Deny, None, now),
            Decision::Revoke => self.append(id, Word::Revoke, None, now),
        }
    }

    fn append(
        &self,
        id: &str,
        decision: Word,
        seen: Option<&Subject>,
        at: u64,
    ) -> Result<(), Diagnostic> {
        let Some(file) = self.file().filter(|_| self.writes) else {
            return Err(undecided(id, "nothing is written")
                .hint("leave out --no-state, or set XDG_STATE_HOME"));
        };
        // Writing makes the file private again, which would make what others wrote believable.
        believable(&file.path())?;
        let kept = |it: &Subject| {
            let end = it.text.floor_char_boundary(LONGEST_TEXT);
            it.text.get(..end).unwrap_or_default().to_owned()
        };
        let raw = Raw {
            version: 1,
            at,
            root: self.root.clone(),
            id: id.to_owned(),
            decision,
            fingerprint: seen.map(|it| it.fingerprint.as_str().to_owned()).unwrap_or_default(),
            text: seen.map(kept).unwrap_or_default(),
        };
        file.append(&raw).map_err(|error| {
            let fault = format!("the decision cannot be kept: {error}");
            let origin = Origin::whole(file.path().display().to_string());
            Diagnostic::error(fault).at(origin).hint("commands can still be run once")
        })
    }
}

fn undecided(id: &str, why: &str) -> Diagnostic {
    Diagnostic::error(format!("`{}` cannot be decided about: {why}", text::clean(id)))
}

impl TrustBook {
    fn take(&mut self, raw: Raw) {
        let held = self.commands.entry(raw.id).or_default();
        match raw.decision {
            Word::Allow => {
                held.denied = false;
                held.allowed.retain(|it| *it != raw.fingerprint);
                held.allowed.push(raw.fingerprint);
                if held.allowed.len() > MOST_STATES {
                    held.allowed.remove(0);
                }
                // The file may have been restored by hand.
                held.last = Some((raw.at, text::clean_lines(&raw.text).into_owned()));
            }
            Word::Deny => *held = Held { denied: true, ..Held::default() },
            Word::Revoke => *held = Held::default(),
        }
    }

    /// How much a command is trusted as it is now.
    pub fn of(&self, id: &str, now: &Subject) -> Trust {
        let Some(held) = self.commands.get(id) else { return Trust::Unknown };
        let known = held.allowed.iter().any(|it| it == now.fingerprint.as_str());
        match (&held.last, held.denied) {
            (_, true) => Trust::Denied,
            (_, false) if known && now.fault.is_none() => Trust::Trusted,
            (Some((since, before)), false) => {
                Trust::Changed { since: *since, before: before.clone() }
            }
            (None, false) => Trust::Unknown,
        }
    }

    /// The commands about which something holds.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let holds = |held: &Held| held.denied || held.last.is_some();
        self.commands.iter().filter(move |(_, held)| holds(held)).map(|(id, _)| id.as_str())
    }
}

/// Whether only this user can have written the file.
#[cfg(unix)]
fn believable(path: &Path) -> Result<(), Diagnostic> {
    use std::os::unix::fs::MetadataExt;
    let Ok(it) = std::fs::symlink_metadata(path) else { return Ok(()) };
    let own = it.uid() == rustix::process::geteuid().as_raw();
    if it.is_file() && own && it.mode() & 0o022 == 0 {
        return Ok(());
    }
    let fault = "what was trusted is not believed: others can write to this file, or it is no file";
    Err(Diagnostic::warning(fault).hint("look at it; then `chmod 600` it, or remove it"))
}

#[cfg(not(unix))]
fn believable(_: &Path) -> Result<(), Diagnostic> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::subject;
    use crate::engine::commands::{Command, Kind, Place, Risk, Work};

    fn seen(argv: &str) -> Subject {
        let command = Command {
            id: "make.x".into(),
            title: String::new(),
            kind: Kind::Other,
            work: Work::Program(vec![argv.into()]),
            env: Vec::new(),
            cwd: "".into(),
            place: Place { path: "Makefile".into(), line: 1 },
            risk: Risk::ReadOnly,
            risk_why: String::new(),
            body: String::new(),
            files: Vec::new(),
            parameters: Vec::new(),
            follows: false,
            interactive: false,
            service: None,
            judge: None,
            deadline_s: None,
        };
        subject(Path::new("/repo"), &command)
    }

    fn store(state: &Path, root: &str) -> TrustStore {
        TrustStore::new(Some(state), Path::new(root), true)
    }

    #[test]
    fn what_was_seen_is_trusted_and_what_changed_is_asked_again() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("state");
        let it = store(&state, "/repo");
        let of = |subject: &Subject| it.read().0.of("make.x", subject);
        let (one, two) = (seen("one"), seen("two"));
        assert_eq!(of(&one), Trust::Unknown);
        it.decide("make.x", Decision::Allow, &one, 7).unwrap();
        assert_eq!(of(&one), Trust::Trusted);
        assert_eq!(of(&two), Trust::Changed { since: 7, before: "run: one\n".into() });
        it.decide("make.x", Decision::Allow, &two, 8).unwrap();
        assert_eq!((of(&one), of(&two)), (Trust::Trusted, Trust::Trusted), "as on two branches");
        assert_eq!(it.read().0.of("make.y", &one), Trust::Unknown);
        assert_eq!(store(&state, "/other").read().0.of("make.x", &one), Trust::Unknown);
        it.decide("make.x", Decision::Revoke, &two, 9).unwrap();
        assert_eq!((of(&one), of(&two)), (Trust::Unknown, Trust::Unknown));
        assert_eq!(it.read().0.ids().count(), 0);
    }

    #[test]
    fn what_is_denied_stays_so() {
        let home = tempfile::tempdir().unwrap();
        let it = store(home.path(), "/repo");
        it.decide("make.x", Decision::Allow, &seen("one"), 1).unwrap();
        it.decide("make.x", Decision::Deny, &seen("one"), 2).unwrap();
        for now in ["one", "two"] {
            assert_eq!(it.read().0.of("make.x", &seen(now)), Trust::Denied);
        }
        it.decide("make.x", Decision::Allow, &seen("two"), 3).unwrap();
        assert_eq!(it.read().0.of("make.x", &seen("two")), Trust::Trusted);
        assert_ne!(it.read().0.of("make.x", &seen("one")), Trust::Trusted);
    }

    #[test]
    fn a_subject_with_a_fault_is_never_trusted() {
        let home = tempfile::tempdir().unwrap();
        let it = store(home.path(), "/repo");
        let faulty = Subject { fault: Some("x cannot be read".into()), ..seen("one") };
        assert!(it.decide("make.x", Decision::Allow, &faulty, 1).is_err());
        it.decide("make.x", Decision::Allow, &seen("one"), 1).unwrap();
        assert_ne!(it.read().0.of("make.x", &faulty), Trust::Trusted);
    }

    #[test]
    fn broken_lines_are_told_and_the_rest_holds() {
        let home = tempfile::tempdir().unwrap();
        let it = store(home.path(), "/repo");
        it.decide("make.x", Decision::Allow, &seen("one"), 1).unwrap();
        let path = home.path().join(FILE);
        let text = std::fs::read_to_string(&path).unwrap();
        let newer = text.replace("\"version\":1", "\"version\":2").replace("make.x", "make.z");
        std::fs::write(&path, format!("{text}{{broken\n{newer}{{\"version\":1,\"at\"")).unwrap();
        let (book, said) = it.read();
        assert_eq!(book.of("make.x", &seen("one")), Trust::Trusted);
        assert_ne!(book.of("make.z", &seen("one")), Trust::Trusted);
        assert!(said[0].to_string().contains(":2: warning: 3 decisions"), "{}", said[0]);
        it.decide("make.y", Decision::Allow, &seen("one"), 1).unwrap();
        assert_eq!(it.read().0.of("make.y", &seen("one")), Trust::Trusted);
    }

    #[cfg(unix)]
    #[test]
    fn only_this_users_own_file_is_believed() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let it = store(home.path(), "/repo");
        it.decide("make.x", Decision::Allow, &seen("one"), 1).unwrap();
        let path = home.path().join(FILE);
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        let (book, said) = it.read();
        assert_eq!(book.of("make.x", &seen("one")), Trust::Unknown);
        assert!(said[0].to_string().contains("not believed"), "{}", said[0]);
        assert!(it.decide("make.x", Decision::Allow, &seen("two"), 1).is_err());
        let real = home.path().join("real");
        std::fs::rename(&path, &real).unwrap();
        std::os::unix::fs::symlink(&real, &path).unwrap();
        assert_eq!(it.read().0.of("make.x", &seen("one")), Trust::Unknown);
    }

    #[test]
    fn without_state_nothing_is_written() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join("s");
        let it = TrustStore::new(Some(&state), Path::new("/repo"), false);
        assert!(it.decide("make.x", Decision::Allow, &seen("one"), 1).is_err());
        let none = TrustStore::new(None, Path::new("/repo"), true);
        assert!(none.decide("make.x", Decision::Allow, &seen("one"), 1).is_err());
        assert_eq!(none.read().0.of("make.x", &seen("one")), Trust::Unknown);
        assert!(!state.exists());
    }
}
