//! Cards that people wrote: `[[drill]]` in `.navi.toml` and in `.navi/drills/*.toml`, and the ids
//! of cards that nobody wants, in `.navi/drills/buried`. All of it is data; nothing is run.

use std::collections::HashSet;
use std::path::Path;

use crate::base::diag::{Diagnostic, Origin, quote};
use crate::base::suggest::did_you_mean;
use crate::base::text;
use crate::base::toml::{self, Entry, Kind, Table, Value};
use crate::engine::regular;

/// Where more cards lie, below the root.
pub const FOLDER: &str = ".navi/drills";
/// The list of buried cards, below the root: one id a line, `#` before what is said about it.
pub const BURIED: &str = ".navi/drills/buried";

/// Files of cards that are read.
const MOST_FILES: usize = 200;
/// Cards that are taken.
const MOST_CARDS: usize = 2000;
/// Characters of a question.
const LONGEST: usize = 2000;
/// Least and most seconds of a card.
const SECONDS: std::ops::RangeInclusive<i64> = 5..=3600;

const KEYS: &[&str] = &["prompt", "answer", "line", "seconds"];

/// A card as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The question, cleaned.
    pub prompt: String,
    /// Paths below the root, any of which is right.
    pub answers: Vec<String>,
    /// The 1-based line.
    pub line: Option<u32>,
    /// Seconds that are given.
    pub seconds: Option<u32>,
    /// Where it is written.
    pub origin: Origin,
}

/// All that people wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    /// The cards.
    pub wishes: Vec<Wish>,
    /// What was wrong; a mistake costs its card.
    pub said: Vec<Diagnostic>,
}

impl Own {
    /// Reads everything below this root.
    pub fn read(root: &Path) -> Self {
        let mut own = Self::default();
        let mut sources = vec![".navi.toml".to_owned()];
        let listed = std::fs::read_dir(root.join(FOLDER)).into_iter().flatten();
        let mut names: Vec<String> = listed
            .filter_map(|it| it.ok()?.file_name().into_string().ok())
            .filter(|it| it.ends_with(".toml"))
            .collect();
        names.sort();
        if names.len() > MOST_FILES {
            let fault = format!("only the first {MOST_FILES} files of cards are read");
            own.said.push(Diagnostic::warning(fault).at(Origin::whole(FOLDER)));
            names.truncate(MOST_FILES);
        }
        sources.extend(names.iter().map(|it| format!("{FOLDER}/{it}")));
        for source in sources {
            match regular::read_below(root, &root.join(&source)) {
                Ok(text) => {
                    let (table, faults) = toml::parse(&source, &text);
                    // What is wrong with `.navi.toml` itself is told by whoever reads its settings.
                    let settings = source == ".navi.toml";
                    own.said.extend(faults.into_iter().filter(|_| !settings));
                    own.take(&table, settings);
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => own.said.push(
                    Diagnostic::warning(format!("its cards cannot be read: {error}"))
                        .at(Origin::whole(&source)),
                ),
            }
        }
        own
    }

    /// Takes the cards of one file; in a file of settings, other tables are somebody else's.
    fn take(&mut self, table: &Table, settings: bool) {
        for entry in &table.entries {
            if entry.key != "drill" {
                if !settings {
                    let near = did_you_mean(&entry.key, ["drill"]);
                    self.said.push(
                        Diagnostic::warning(format!("unknown table {}", quote(&entry.key)))
                            .at(entry.origin.clone())
                            .maybe_meant(near),
                    );
                }
                continue;
            }
            let items = match &entry.value.kind {
                Kind::List(items) => items.as_slice(),
                _ => std::slice::from_ref(&entry.value),
            };
            for item in items {
                if self.wishes.len() >= MOST_CARDS {
                    return;
                }
                let wish = wish(item, &mut self.said);
                self.wishes.extend(wish);
            }
        }
    }
}

/// The ids of the list at [`BURIED`].
pub fn buried_in(root: &Path) -> HashSet<String> {
    let text = regular::read_below(root, &root.join(BURIED)).unwrap_or_default();
    let lines = text.lines().map(|it| it.split('#').next().unwrap_or_default().trim());
    lines.filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

fn wish(value: &Value, said: &mut Vec<Diagnostic>) -> Option<Wish> {
    let Kind::Table(table) = &value.kind else {
        said.push(Diagnostic::warning("`drill` is a list of tables").at(value.origin.clone()));
        return None;
    };
    let mut it = Wish {
        prompt: String::new(),
        answers: Vec::new(),
        line: None,
        seconds: None,
        origin: value.origin.clone(),
    };
    let before = said.len();
    for entry in &table.entries {
        let fault = |message: String| Diagnostic::warning(message).at(entry.value.origin.clone());
        match (entry.key.as_str(), &entry.value.kind) {
            ("prompt", Kind::Text(prompt)) => {
                let clean = text::clean_lines(prompt.trim()).replace('\t', "    ");
                it.prompt = clean.chars().take(LONGEST).collect();
            }
            ("answer", Kind::Text(path)) => it.answers.extend(path_of(path, entry, said)),
            ("answer", Kind::List(items)) => {
                for item in items {
                    match &item.kind {
                        Kind::Text(path) => it.answers.extend(path_of(path, entry, said)),
                        other => said.push(
                            Diagnostic::warning(format!("a path is text, not {}", other.word()))
                                .at(item.origin.clone()),
                        ),
                    }
                }
            }
            ("line", Kind::Integer(line)) if (1..=i64::from(u32::MAX)).contains(line) => {
                it.line = u32::try_from(*line).ok();
            }
            ("seconds", Kind::Integer(seconds)) if SECONDS.contains(seconds) => {
                it.seconds = u32::try_from(*seconds).ok();
            }
            ("line", _) => said.push(fault("`line` is a number from 1".into())),
            ("seconds", _) => said.push(fault(format!(
                "`seconds` is a number from {} to {}",
                SECONDS.start(),
                SECONDS.end()
            ))),
            ("prompt" | "answer", other) => {
                said.push(fault(format!("`{}` is text, not {}", entry.key, other.word())));
            }
            (other, _) => said.push(
                Diagnostic::warning(format!("unknown key {} in a card", quote(other)))
                    .at(entry.origin.clone())
                    .maybe_meant(did_you_mean(other, KEYS.iter().copied())),
            ),
        }
    }
    if said.len() == before && (it.prompt.is_empty() || it.answers.is_empty()) {
        let fault = "a card needs a `prompt` and an `answer`";
        said.push(Diagnostic::warning(fault).at(value.origin.clone()));
    }
    let whole = said.len() == before;
    if !whole {
        said.push(Diagnostic::note("this card is left out").at(value.origin.clone()));
    }
    whole.then_some(it)
}

fn path_of(path: &str, entry: &Entry, said: &mut Vec<Diagnostic>) -> Option<String> {
    let bare = path.trim_start_matches("./");
    if bare.is_empty() || bare.starts_with('/') || bare.split('/').any(|it| it == "..") {
        said.push(
            Diagnostic::warning(format!("{} is no path below the root", quote(path)))
                .at(entry.value.origin.clone()),
        );
        return None;
    }
    Some(bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_of_several_files_and_a_mistake_costs_its_card() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        assert_eq!(Own::read(dir.path()), Own::default());
        write(
            ".navi.toml",
            "[settings]\nx = 1\n[[drill]]\nprompt = \"Where?\"\nanswer = \"a.py\"\nseconds = 20\n\
             [[drill]]\nprompt = \"No\"\nanswr = \"a.py\"\n",
        );
        write(
            ".navi/drills/b.toml",
            "[[drill]]\nprompt = \"\\u001b[31mred\"\nanswer = [\"a.py\", \"b/c.py\"]\nline = 4\n\
             [[drill]]\nprompt = \"Out\"\nanswer = \"../x\"\n[[drill]]\nprompt = \"No\"\nanswer = \"a\"\nseconds = 0\n[drlil]\n",
        );
        write(".navi/drills/buried", "role-1 # twice\n\n# all\nsymptom-2\n");
        let own = Own::read(dir.path());
        let shown: Vec<&str> = own.wishes.iter().map(|it| it.prompt.as_str()).collect();
        assert_eq!(shown, ["Where?", "␛[31mred"]);
        assert_eq!(own.wishes[1].answers, ["a.py", "b/c.py"]);
        assert_eq!((own.wishes[0].seconds, own.wishes[1].line), (Some(20), Some(4)));
        let said: Vec<String> = own.said.iter().map(ToString::to_string).collect();
        let all = said.join("\n");
        for wanted in [
            ".navi.toml:9:1: warning: unknown key `answr` in a card (did you mean `answer`?)",
            ".navi/drills/b.toml:7:10: warning: `../x` is no path below the root",
            "`seconds` is a number from 5 to 3600",
            "unknown table `drlil` (did you mean `drill`?)",
        ] {
            assert!(all.contains(wanted), "{wanted}\n{all}");
        }
        assert_eq!(buried_in(dir.path()), HashSet::from(["role-1".into(), "symptom-2".into()]));
    }
}
