//! What people say about the catalogue in `.navi.toml`: critical paths that are pinned, added or
//! taken out, with owner, note and anchor.
//!
//! A mistake costs the entry it is in. What was right once and is no longer (a file or an anchor
//! that is gone) is told as drift.

use super::{Catalogue, Entry};
use crate::base::diag::{Diagnostic, Origin, quote};
use crate::base::suggest::did_you_mean;
use crate::base::toml::{Kind, Table, Value};
use crate::engine::files::FileList;
use crate::engine::roles::{RoleSet, text};

/// What is to become of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// First of its role, in the order of the file.
    Pin,
    /// Of its role, wherever it comes.
    Add,
    /// Not of its role.
    Remove,
}

/// One `[[critical]]` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Critical {
    /// The place of the role.
    pub role: usize,
    /// The file, relative to the root, with `/`.
    pub path: String,
    /// What is to become of it.
    pub wish: Wish,
    /// Who is asked about it.
    pub owner: Option<String>,
    /// What to know about it.
    pub note: Option<String>,
    /// A text in the file at which to open it.
    pub anchor: Option<String>,
    /// Where this was written.
    pub origin: Origin,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    entries: Vec<Critical>,
}

const KEYS: &[&str] = &["role", "path", "do", "owner", "note", "anchor"];

impl Overrides {
    /// Reads the `[[critical]]` entries of a repository's table.
    pub fn read(table: &Table, roles: &RoleSet, said: &mut Vec<Diagnostic>) -> Self {
        let mut all = Self::default();
        let Some(entry) = table.get("critical") else { return all };
        let items = match &entry.value.kind {
            Kind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&entry.value),
        };
        for item in items {
            let Some(it) = critical(item, roles, said) else { continue };
            let same = |other: &&Critical| other.role == it.role && other.path == it.path;
            if let Some(first) = all.entries.iter().find(same) {
                let line = first.origin.line.unwrap_or_default();
                let role = &roles.roles()[it.role].id;
                said.push(
                    Diagnostic::warning(format!(
                        "{} has its say about `{role}` on line {line} already; this entry is left \
                         out",
                        quote(&it.path)
                    ))
                    .at(it.origin)
                    .hint("keep one of the two"),
                );
                continue;
            }
            all.entries.push(it);
        }
        all
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Changes the catalogue accordingly; `read` gives a file's text. Returns the drift.
    pub fn apply(
        &self,
        catalogue: &mut Catalogue,
        files: &FileList,
        read: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) -> Vec<Diagnostic> {
        let mut drift = Vec::new();
        let mut pinned = vec![0usize; catalogue.shelves.len()];
        for it in &self.entries {
            let Some(shelf) = catalogue.shelves.get_mut(it.role) else { continue };
            let Some(id) = files.living().find(|&id| files.path(id) == it.path.as_bytes()) else {
                drift.push(
                    Diagnostic::warning(format!("the critical path {} is gone", quote(&it.path)))
                        .at(it.origin.clone())
                        .hint("name the file that took its place, or remove the entry"),
                );
                continue;
            };
            let known = shelf.files.iter().position(|file| file.id == id);
            if it.wish == Wish::Remove {
                if let Some(place) = known {
                    shelf.files.remove(place);
                    shelf.total = shelf.total.saturating_sub(1);
                }
                continue;
            }
            let mut entry = if let Some(place) = known {
                shelf.files.remove(place)
            } else {
                shelf.total += 1;
                Entry { id, line: 1, ..Entry::default() }
            };
            if let Some(anchor) = &it.anchor {
                match read(&it.path).and_then(|text| line_of(&text, anchor)) {
                    Some(line) => entry.line = line,
                    None => drift.push(
                        Diagnostic::warning(format!(
                            "the anchor {} is no longer in {}",
                            quote(anchor),
                            quote(&it.path)
                        ))
                        .at(it.origin.clone())
                        .hint("name a text that stands in the file"),
                    ),
                }
            }
            entry.owner.clone_from(&it.owner);
            entry.note.clone_from(&it.note);
            let line = it.origin.line.unwrap_or_default();
            if it.wish == Wish::Pin {
                entry.pinned = true;
                entry.score = 1.0;
                entry.why.insert(0, format!("pinned in .navi.toml:{line}"));
                let place = pinned[it.role].min(shelf.files.len());
                shelf.files.insert(place, entry);
                pinned[it.role] += 1;
            } else {
                entry.why.insert(0, format!("added in .navi.toml:{line}"));
                let place = known.unwrap_or(shelf.files.len());
                shelf.files.insert(place.min(shelf.files.len()), entry);
            }
        }
        drift
    }
}

fn line_of(text: &[u8], anchor: &str) -> Option<u32> {
    let at = memchr::memmem::find(text, anchor.as_bytes())?;
    Some(memchr::memchr_iter(b'\n', &text[..at]).count() as u32 + 1)
}

fn critical(value: &Value, roles: &RoleSet, said: &mut Vec<Diagnostic>) -> Option<Critical> {
    let Kind::Table(table) = &value.kind else {
        said.push(Diagnostic::warning("`critical` is a list of tables").at(value.origin.clone()));
        return None;
    };
    let mut it = Critical {
        role: usize::MAX,
        path: String::new(),
        wish: Wish::Pin,
        owner: None,
        note: None,
        anchor: None,
        origin: value.origin.clone(),
    };
    let before = said.len();
    for entry in &table.entries {
        let fault = |message: String| Diagnostic::warning(message).at(entry.value.origin.clone());
        match entry.key.as_str() {
            "role" => {
                let Some(id) = text(entry, said) else { continue };
                if let Some(place) = roles.place(&id) {
                    it.role = place;
                    continue;
                }
                let known = roles.roles().iter().map(|role| role.id.as_str());
                said.push(
                    fault(format!("unknown role {}", quote(&id)))
                        .maybe_meant(did_you_mean(&id, known)),
                );
            }
            "path" => {
                let Some(path) = text(entry, said) else { continue };
                let path = path.trim_start_matches("./");
                if path.is_empty() || path.starts_with('/') || path.split('/').any(|it| it == "..")
                {
                    said.push(fault(format!("{} is no path below the root", quote(path))));
                } else {
                    path.clone_into(&mut it.path);
                }
            }
            "do" => match text(entry, said).as_deref() {
                Some("pin") => it.wish = Wish::Pin,
                Some("add") => it.wish = Wish::Add,
                Some("remove") => it.wish = Wish::Remove,
                Some(other) => said.push(
                    fault(format!("{} is none of `pin`, `add`, `remove`", quote(other)))
                        .maybe_meant(did_you_mean(other, ["pin", "add", "remove"])),
                ),
                None => {}
            },
            "owner" => it.owner = text(entry, said),
            "note" => it.note = text(entry, said),
            "anchor" => it.anchor = text(entry, said).filter(|it| !it.is_empty()),
            other => said.push(
                Diagnostic::warning(format!("unknown key {} in a critical path", quote(other)))
                    .at(entry.origin.clone())
                    .maybe_meant(did_you_mean(other, KEYS.iter().copied())),
            ),
        }
    }
    if said.len() == before && (it.role == usize::MAX || it.path.is_empty()) {
        said.push(
            Diagnostic::warning("a critical path needs a `role` and a `path`")
                .at(value.origin.clone()),
        );
    }
    let whole = said.len() == before;
    if !whole {
        said.push(Diagnostic::note("this critical path is left out").at(value.origin.clone()));
    }
    whole.then_some(it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::toml;
    use crate::engine::catalogue::Shelf;
    use crate::engine::files::FileKeeper;
    use crate::engine::walk::{Found, Stamp};

    fn listed(roles: &RoleSet, paths: &[&str]) -> std::sync::Arc<FileList> {
        let mut keeper = FileKeeper::default();
        for path in paths {
            let stamp = Stamp { size: 9, modified: 1, changed: 1 };
            keeper.put(&Found { path: (*path).into(), stamp, link: false }, roles);
        }
        keeper.list()
    }

    fn read(text: &str) -> (Overrides, Vec<String>, RoleSet) {
        let roles = RoleSet::builtin().0;
        let (table, faults) = toml::parse(".navi.toml", text);
        assert!(faults.is_empty());
        let mut said = Vec::new();
        let overrides = Overrides::read(&table, &roles, &mut said);
        (overrides, said.iter().map(ToString::to_string).collect(), roles)
    }

    #[test]
    fn pins_come_first_and_what_is_removed_goes() {
        let (overrides, said, roles) = read(
            "[[critical]]\nrole = \"auth\"\npath = \"b.py\"\nowner = \"@id\"\nanchor = \"def b\"\n\
             [[critical]]\nrole = \"auth\"\npath = \"a.py\"\ndo = \"remove\"\n\
             [[critical]]\nrole = \"auth\"\npath = \"c.py\"\ndo = \"add\"\n",
        );
        assert!(said.is_empty(), "{said:?}");
        let files = listed(&roles, &["a.py", "b.py", "c.py"]);
        let auth = roles.place("auth").unwrap();
        let entry = |id| Entry { id, line: 1, score: 1.0, ..Entry::default() };
        let mut catalogue = Catalogue::default();
        for role in 0..roles.roles().len() {
            catalogue.shelves.push(Shelf { role, ..Shelf::default() });
        }
        catalogue.shelves[auth] = Shelf { role: auth, files: vec![entry(0)], total: 1 };
        let drift = overrides.apply(&mut catalogue, &files, &|_| Some(b"\n\ndef b():\n".to_vec()));
        assert!(drift.is_empty(), "{drift:?}");
        let shelf = &catalogue.shelves[auth];
        assert_eq!(shelf.files.iter().map(|it| it.id).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((shelf.files[0].line, shelf.files[0].pinned, shelf.total), (3, true, 2));
        assert_eq!(shelf.files[0].owner.as_deref(), Some("@id"));
    }

    #[test]
    fn a_mistake_costs_its_entry_and_says_where() {
        let (overrides, said, _) = read(
            "[[critical]]\nrole = \"auht\"\npath = \"a.py\"\n\
             [[critical]]\nrole = \"cache\"\npath = \"../a.py\"\n\
             [[critical]]\nrole = \"cache\"\npath = \"a.py\"\n\
             [[critical]]\nrole = \"cache\"\npath = \"a.py\"\ndo = \"remove\"\n\
             [[critical]]\nnotes = \"x\"\n",
        );
        assert_eq!(overrides.entries.len(), 1);
        let all = said.join("\n");
        for wanted in [
            ".navi.toml:2:8: warning: unknown role `auht` (did you mean `auth`?)",
            ".navi.toml:6:8: warning: `../a.py` is no path below the root",
            "`a.py` has its say about `cache` on line 7 already",
            "unknown key `notes` in a critical path (did you mean `note`?)",
        ] {
            assert!(all.contains(wanted), "{wanted}\n{all}");
        }
    }

    #[test]
    fn what_is_gone_is_drift() {
        let (overrides, _, roles) = read(
            "[[critical]]\nrole = \"auth\"\npath = \"gone.py\"\n\
             [[critical]]\nrole = \"auth\"\npath = \"a.py\"\nanchor = \"def gone\"\n",
        );
        let files = listed(&roles, &["a.py"]);
        let mut catalogue = Catalogue::default();
        for role in 0..roles.roles().len() {
            catalogue.shelves.push(Shelf { role, ..Shelf::default() });
        }
        let drift = overrides.apply(&mut catalogue, &files, &|_| Some(b"x".to_vec()));
        let shown: Vec<String> = drift.iter().map(ToString::to_string).collect();
        assert!(
            shown[0].starts_with(".navi.toml:1:1: warning: the critical path `gone.py` is gone")
        );
        assert!(shown[1].contains("the anchor `def gone` is no longer in `a.py`"), "{shown:?}");
        let auth = roles.place("auth").unwrap();
        assert_eq!(catalogue.shelves[auth].files.len(), 1, "the file itself is still there");
    }
}
