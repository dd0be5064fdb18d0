//! What a query has left over is all that a longer query can find: a person who types a word asks
//! for ever fewer of the same files. Those that fitted by their paths are remembered.

use std::sync::{Arc, Weak};

use super::names::is_subsequence;
use super::parse::{Query, Word};
use crate::engine::files::{FileId, FileList};

/// Most queries whose files are remembered.
const MOST: usize = 6;
/// Files that are looked at before it is asked whether the next key has come.
const PIECE: usize = 2048;
/// Shorter words leave most files, and may fit in ways in which longer ones do not.
const LEAST: usize = 3;

/// The files that earlier queries found by their paths.
#[derive(Default)]
pub struct Narrowing {
    list: Weak<FileList>,
    steps: Vec<Step>,
}

/// Files among which are all that a query can find by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Among {
    /// All in which its letters can stand together.
    pub together: Vec<FileId>,
    /// The others.
    pub apart: Vec<FileId>,
}

struct Step {
    words: Vec<String>,
    filters: Query,
    files: Arc<Among>,
}

impl Step {
    /// Whether all that `query` finds by path is among these files.
    fn covers(&self, query: &Query) -> bool {
        self.words.len() <= query.words.len()
            && self.words.iter().zip(&query.words).all(|(had, has)| has.lower.starts_with(had))
            && self.filters == query.filters()
    }
}

impl Narrowing {
    /// The fewest files known among which all are that the query can find by path.
    pub fn files(&mut self, list: &Arc<FileList>, query: &Query) -> Option<Arc<Among>> {
        if !std::ptr::eq(self.list.as_ptr(), Arc::as_ptr(list)) {
            // A weak reference keeps the address from being used again.
            self.list = Arc::downgrade(list);
            self.steps.clear();
        }
        if !query.words.iter().all(is_plain) {
            return None;
        }
        self.steps.retain(|step| step.covers(query));
        self.steps.last().map(|step| Arc::clone(&step.files))
    }

    /// Remembers what a query found in the list of the last call of [`Narrowing::files`].
    pub fn remember(&mut self, query: &Query, mut files: Among) {
        let able = query.words.iter().all(|word| is_plain(word) && word.lower.len() >= LEAST);
        if !able || query.changed_within.is_some() {
            return;
        }
        if query.words.iter().any(Word::is_number) {
            // Separators are not left out of numbers, and are of what a number may become.
            files.together.append(&mut files.apart);
        }
        if self.steps.len() == MOST {
            self.steps.remove(0);
        }
        let words = query.words.iter().map(|word| word.lower.clone()).collect();
        self.steps.push(Step { words, filters: query.filters(), files: Arc::new(files) });
    }

    /// Leaves, of what was remembered last, only the files whose paths hold the letters of each word
    /// in their order: no others fit a longer one. It is for the time between two keys, and gives up
    /// once `cancelled`, with what it has left.
    pub fn tighten(&mut self, list: &FileList, cancelled: &dyn Fn() -> bool) {
        let Some(Step { words, files, .. }) = self.steps.last_mut() else { return };
        let files = Arc::make_mut(files);
        // In the order in which they lie in memory.
        files.together.sort_unstable();
        files.apart.sort_unstable();
        let fits = |file: &FileId| {
            let path = list.lower(*file);
            // Letters with accents may stand for those without.
            !path.is_ascii() || words.iter().all(|word| is_subsequence(word.as_bytes(), path))
        };
        let mut kept = Vec::with_capacity(files.apart.len());
        for some in files.apart.chunks(PIECE) {
            if cancelled() {
                kept.extend_from_slice(some);
            } else {
                kept.extend(some.iter().filter(|file| fits(file)));
            }
        }
        files.apart = kept;
    }
}

/// Words of other signs fit in more ways than one, which a longer word need not share.
fn is_plain(word: &Word) -> bool {
    !word.cased && word.lower.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::files::FileKeeper;
    use crate::engine::roles::RoleSet;
    use crate::engine::search::parse;
    use crate::engine::walk::{Found, Stamp};

    #[test]
    fn longer_queries_are_narrowed_and_others_are_not() {
        let roles = RoleSet::builtin().0;
        let mut keeper = FileKeeper::default();
        let mut put = |path: &str| {
            let stamp = Stamp { size: 1, modified: 1, changed: 1 };
            keeper.put(&Found { path: path.into(), stamp, link: false }, &roles);
            keeper.list()
        };
        for name in ["a.rs", "b.rs", "c.rs"] {
            put(name);
        }
        let list = put("d.rs");
        let query = |raw: &str| parse(raw, &roles).0;
        let among = |together: &[FileId], apart: &[FileId]| Among {
            together: together.to_vec(),
            apart: apart.to_vec(),
        };
        let some = among(&[2], &[1, 3]);
        let mut narrowing = Narrowing::default();
        assert_eq!(narrowing.files(&list, &query("reg")), None);
        for (before, raw, known) in [
            ("reg", "reg", true),
            ("reg", "regu", true),
            ("reg", "regu x", true),
            ("reg", "re", false),
            ("reg", "Regu", false),
            ("reg", "reg_u", false),
            ("reg", "regu ext:c", false),
            ("reg", "x regu", false),
            ("re", "reg", false),
        ] {
            let mut narrowing = Narrowing::default();
            narrowing.files(&list, &query(before));
            narrowing.remember(&query(before), some.clone());
            let files = narrowing.files(&list, &query(raw));
            assert_eq!(files.as_deref(), known.then_some(&some), "{before} {raw}");
        }
        narrowing.files(&list, &query("123"));
        narrowing.remember(&query("123"), some.clone());
        let files = narrowing.files(&list, &query("123b"));
        assert_eq!(files.as_deref(), Some(&among(&[2, 1, 3], &[])));
        narrowing.files(&list, &query("brs"));
        narrowing.remember(&query("brs"), among(&[], &[1, 0]));
        narrowing.tighten(&list, &|| true);
        let files = |it: &mut Narrowing| it.files(&list, &query("brs")).as_deref().cloned();
        assert_eq!(files(&mut narrowing), Some(among(&[], &[0, 1])));
        narrowing.tighten(&list, &|| false);
        assert_eq!(files(&mut narrowing), Some(among(&[], &[1])));
        let longer = put("e.rs");
        assert_eq!(narrowing.files(&longer, &query("reg")), None);
    }
}
