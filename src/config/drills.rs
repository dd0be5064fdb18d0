//! The rounds that this user has played, and the cards that they buried: JSON lines in the state
//! directory, see `lines.rs`.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::lines::LineFile;
use crate::base::{Checked, Diagnostic, Origin};
use crate::engine::drills::{Kind, Outcome, Played, Record};

/// The rounds. Of every repository; each line names its own.
const ROUNDS: &str = "drills.jsonl";
/// The buried cards, which are not to go when the rounds grow.
const BURIED: &str = "drills-buried.jsonl";
/// Bytes beyond which the older half goes: some ten thousand rounds.
const LONGEST_FILE: u64 = 4 << 20;

/// Where rounds are kept. Without a state directory (`--no-state`) nothing is read or written.
#[derive(Debug, Clone)]
pub struct DrillLog {
    directory: Option<PathBuf>,
    root: String,
}

/// What is kept of one repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// The rounds, oldest first.
    pub record: Record,
    /// Ids of the buried cards.
    pub buried: HashSet<String>,
}

#[derive(Serialize, Deserialize)]
struct RawRound {
    version: u32,
    at: u64,
    root: String,
    card: String,
    kind: String,
    #[serde(default)]
    role: String,
    path: String,
    outcome: String,
    ms: u64,
    #[serde(default)]
    hints: u32,
    #[serde(default)]
    wrong: u32,
    #[serde(default)]
    searches: u32,
    #[serde(default)]
    mode: String,
}

#[derive(Serialize, Deserialize)]
struct RawBuried {
    version: u32,
    root: String,
    card: String,
}

impl DrillLog {
    /// The rounds in the repository at `root`.
    pub fn new(state: Option<&Path>, root: &Path) -> Self {
        Self { directory: state.map(Path::to_owned), root: root.to_string_lossy().into_owned() }
    }

    /// The state directory, for what else a drill keeps there for a while.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_deref()
    }

    /// What is kept. Lines that cannot be read are told of and passed over.
    pub fn read(&self) -> Checked<Kept> {
        let mut kept = Kept::default();
        let mut said = Vec::new();
        for raw in self.lines::<RawRound>(ROUNDS, &mut said) {
            if raw.root != self.root {
                continue;
            }
            // Written by a later navi: it is not for this one.
            let (Some(kind), Some(outcome)) = (Kind::of(&raw.kind), Outcome::of(&raw.outcome))
            else {
                continue;
            };
            kept.record.rounds.push(Played {
                card: raw.card,
                kind,
                role: raw.role,
                path: raw.path,
                outcome,
                ms: raw.ms,
                hints: raw.hints,
                wrong: raw.wrong,
                searches: raw.searches,
                mode: raw.mode,
                at: raw.at,
            });
        }
        for raw in self.lines::<RawBuried>(BURIED, &mut said) {
            if raw.root == self.root {
                kept.buried.insert(raw.card);
            }
        }
        // Two navis may have written in turn.
        kept.record.rounds.sort_by_key(|it| it.at);
        (kept, said)
    }

    /// Keeps a round.
    pub fn keep(&self, round: &Played) -> Result<(), Diagnostic> {
        self.append(
            ROUNDS,
            &RawRound {
                version: 1,
                at: round.at,
                root: self.root.clone(),
                card: round.card.clone(),
                kind: round.kind.id().to_owned(),
                role: round.role.clone(),
                path: round.path.clone(),
                outcome: round.outcome.id().to_owned(),
                ms: round.ms,
                hints: round.hints,
                wrong: round.wrong,
                searches: round.searches,
                mode: round.mode.clone(),
            },
        )
    }

    /// Buries a card: it is not asked again.
    pub fn bury(&self, card: &str) -> Result<(), Diagnostic> {
        let (root, card) = (self.root.clone(), card.to_owned());
        self.append(BURIED, &RawBuried { version: 1, root, card })
    }

    fn append(&self, name: &'static str, line: &impl Serialize) -> Result<(), Diagnostic> {
        let Some(directory) = &self.directory else { return Ok(()) };
        let file = LineFile::new(directory, name, LONGEST_FILE);
        file.append(line).map_err(|error| {
            Diagnostic::warning(format!("what was played cannot be kept: {error}"))
                .at(Origin::whole(file.path().display().to_string()))
                .hint("the drill goes on without it")
        })
    }

    fn lines<T: for<'de> Deserialize<'de>>(
        &self,
        name: &'static str,
        said: &mut Vec<Diagnostic>,
    ) -> Vec<T> {
        let Some(directory) = &self.directory else { return Vec::new() };
        let file = LineFile::new(directory, name, LONGEST_FILE);
        let source = file.path().display().to_string();
        let (text, before) = match file.read() {
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
            Err(error) => {
                let fault = format!("what was played cannot be read: {error}");
                said.push(Diagnostic::warning(fault).at(Origin::whole(source)));
                return Vec::new();
            }
        };
        let mut bad = None;
        let mut lines = Vec::new();
        for (number, line) in (1u32..).zip(text.lines()) {
            match serde_json::from_str(line) {
                Ok(read) => lines.push(read),
                Err(_) if line.trim().is_empty() => {}
                Err(_) => _ = bad.get_or_insert(number),
            }
        }
        if let Some(number) = bad {
            let line = before.map(|it| it + number);
            said.push(
                Diagnostic::note("lines from here cannot be read and are passed over").at(Origin {
                    source,
                    line,
                    column: None,
                }),
            );
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(card: &str, at: u64) -> Played {
        Played {
            card: card.into(),
            kind: Kind::Role,
            role: "auth".into(),
            path: "a.py".into(),
            outcome: Outcome::Found,
            ms: 1234,
            hints: 1,
            wrong: 2,
            searches: 3,
            mode: "alone".into(),
            at,
        }
    }

    #[test]
    fn rounds_and_buried_cards_come_back_to_their_repository() {
        let state = tempfile::tempdir().unwrap();
        let log = DrillLog::new(Some(state.path()), Path::new("/r"));
        assert_eq!(log.read(), (Kept::default(), vec![]));
        log.keep(&round("b", 2)).unwrap();
        log.keep(&round("a", 1)).unwrap();
        log.bury("role-1").unwrap();
        let other = DrillLog::new(Some(state.path()), Path::new("/other"));
        other.keep(&round("c", 3)).unwrap();
        let (kept, said) = log.read();
        assert_eq!(kept.record.rounds, [round("a", 1), round("b", 2)]);
        assert_eq!((kept.buried.len(), said.len()), (1, 0));
        assert!(other.read().0.buried.is_empty());
    }

    #[test]
    fn torn_lines_and_those_of_later_versions_are_passed_over() {
        let state = tempfile::tempdir().unwrap();
        let log = DrillLog::new(Some(state.path()), Path::new("/r"));
        log.keep(&round("a", 1)).unwrap();
        let file = state.path().join(ROUNDS);
        let text = std::fs::read_to_string(&file).unwrap();
        let later = text
            .replace("\"role\",", "\"dream\",")
            .replace("\"kind\":\"role\"", "\"kind\":\"dream\"");
        std::fs::write(&file, format!("{text}{later}{}", text.get(..40).unwrap())).unwrap();
        log.keep(&round("b", 2)).unwrap();
        let (kept, said) = log.read();
        assert_eq!(kept.record.rounds, [round("a", 1), round("b", 2)]);
        assert!(said[0].to_string().contains("drills.jsonl:3: note"), "{}", said[0]);
    }

    #[test]
    fn without_state_nothing_is_written() {
        let log = DrillLog::new(None, Path::new("/r"));
        log.keep(&round("a", 1)).unwrap();
        log.bury("x").unwrap();
        assert_eq!(log.read(), (Kept::default(), vec![]));
    }
}
