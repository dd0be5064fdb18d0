//! What a query has left over is all that a longer query can find: a person who types a word asks
//! for ever fewer of the same files.

use std::sync::{Arc, Weak};

use super::parse::{Query, Word};
use crate::engine::files::{FileId, FileList};

/// Most queries whose files are remembered.
const MOST: usize = 6;
/// Shorter words leave most files, and may fit in ways in which longer ones do not.
const LEAST: usize = 3;

/// The files that earlier queries found by their paths.
#[derive(Default)]
pub struct Narrowing {
    list: Weak<FileList>,
    steps: Vec<Step>,
}

struct Step {
    words: Vec<String>,
    filters: Query,
    files: Vec<FileId>,
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
    pub fn files(&mut self, list: &Arc<FileList>, query: &Query) -> Option<Vec<FileId>> {
        if !std::ptr::eq(self.list.as_ptr(), Arc::as_ptr(list)) {
            // A weak reference keeps the address from being used again.
            self.list = Arc::downgrade(list);
            self.steps.clear();
        }
        if !query.words.iter().all(is_plain) {
            return None;
        }
        self.steps.retain(|step| step.covers(query));
        self.steps.last().map(|step| step.files.clone())
    }

    /// Remembers what a query found in the list of the last call of [`Narrowing::files`].
    pub fn remember(
        &mut self,
        list: &FileList,
        query: &Query,
        files: impl IntoIterator<Item = FileId>,
    ) {
        let able = query.words.iter().all(|word| is_plain(word) && word.lower.len() >= LEAST);
        if !able || query.changed_within.is_some() {
            return;
        }
        let mut files: Vec<FileId> = files.into_iter().collect();
        if files.len() > list.len() / 2 {
            return;
        }
        // In the order in which they lie in memory.
        files.sort_unstable();
        if self.steps.len() == MOST {
            self.steps.remove(0);
        }
        let words = query.words.iter().map(|word| word.lower.clone()).collect();
        self.steps.push(Step { words, filters: query.filters(), files });
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
        let mut narrowing = Narrowing::default();
        assert_eq!(narrowing.files(&list, &query("reg")), None);
        narrowing.remember(&list, &query("reg"), [1, 2]);
        for (raw, known) in [
            ("reg", true),
            ("regu", true),
            ("regu x", true),
            ("re", false),
            ("Regu", false),
            ("reg_u", false),
            ("regu ext:c", false),
            ("x regu", false),
        ] {
            let mut narrowing = Narrowing::default();
            narrowing.files(&list, &query("reg"));
            narrowing.remember(&list, &query("reg"), [1, 2]);
            assert_eq!(narrowing.files(&list, &query(raw)), known.then(|| vec![1, 2]), "{raw}");
        }
        let longer = put("e.rs");
        assert_eq!(narrowing.files(&longer, &query("reg")), None);
    }
}
