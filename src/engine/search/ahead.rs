//! Looking ahead: between two keys, what may come behind an exact text is found out.
//!
//! The files that can hold a text are known by their grams and have to be read, which for a text of
//! common grams are thousands. The next key asks for the same text and one byte more. So when an
//! answer is on the screen, the files of its text are read for the bytes that stand behind it; then
//! the next key reads those only that hold what was typed.

use std::cell::Cell;

use super::filter::Filter;
use super::known::KnownTexts;
use super::literal::Literal;
use super::{Finder, by_path};
use crate::engine::crew::in_pieces;
use crate::engine::files::{FileId, FileList};
use crate::engine::index::{self, Snapshot};

/// Shorter texts are in most files.
const LEAST: usize = 3;
/// Most files that are read: more would keep the processors busy for long.
const MOST: usize = 1 << 15;
/// With more files outside of the index than this it is being built, and needs the processors itself.
const MOST_UNREAD: usize = 200;
/// Files that are brought into order together: more would keep the next key waiting.
const WAVE: usize = 1 << 11;
/// Files that a thread takes at a time.
const HANDFUL: usize = 16;

/// The bytes that stand behind a text in one file: ASCII, one bit each; in lower case, unless case
/// counts in the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Behind(u128);

impl Behind {
    /// Notes a byte behind a text in which case counts or not.
    pub(super) fn add(&mut self, byte: u8, cased: bool) {
        // Only texts of ASCII are asked for further.
        if byte.is_ascii() {
            self.0 |= 1 << if cased { byte } else { byte.to_ascii_lowercase() };
        }
    }

    /// Whether `byte` stands there: in lower case, unless case counts in the text.
    pub(super) fn has(self, byte: u8) -> bool {
        !byte.is_ascii() || self.0 & 1 << byte != 0
    }
}

/// Reads the files that may hold the text of the last search in `known`, those first that the next
/// search would read first, and notes there what stands behind it, or that it is not there. Ends once
/// `cancelled`; what is known then is kept.
pub(super) fn look_ahead(
    finder: &Finder,
    snapshot: &Snapshot,
    filter: &Filter<'_>,
    known: &mut KnownTexts,
    cancelled: &(dyn Fn() -> bool + Sync),
) {
    let files = &*snapshot.files;
    let Some((word, missed)) = known.last() else { return };
    if word.lower.len() < LEAST || snapshot.unread().len() > MOST_UNREAD {
        return;
    }
    let Some(mut able) = snapshot.may_hold(&word.text) else { return };
    able.retain(|&file| !missed.holds(file) && filter.keeps(file));
    let worth = |file: FileId| files.facts(file).standing.factor();
    let order = |&one: &FileId, &other: &FileId| {
        worth(other).total_cmp(&worth(one)).then_with(|| by_path(files, one, other))
    };
    let sought = (Literal::new(word), word.cased);
    let read = |some: &[FileId]| {
        let mut window = Vec::new();
        let mut told = Vec::with_capacity(some.len());
        for &file in some.iter().take_while(|_| !cancelled()) {
            let (ended, behind) = behind(finder, files, file, &sought, &mut window, cancelled);
            if ended {
                told.push((file, behind));
            }
        }
        told
    };
    let mut told = Vec::new();
    let (mut rest, mut left) = (able.as_mut_slice(), MOST);
    while !rest.is_empty() && left > 0 && !cancelled() {
        let most = left.min(WAVE).min(rest.len());
        if most < rest.len() {
            rest.select_nth_unstable_by(most, order);
        }
        let (now, later) = rest.split_at_mut(most);
        now.sort_unstable_by(order);
        let (crew, pieces) = ((finder.crew, finder.threads), (most, HANDFUL));
        told.extend(in_pieces(crew, pieces, &|piece| read(&now[piece])).into_iter().flatten());
        (rest, left) = (later, left - most);
    }
    known.note(told);
}

/// Whether a file was read to its end, and what stands behind the text in it; nothing when it is not
/// there.
fn behind(
    finder: &Finder,
    files: &FileList,
    file: FileId,
    (literal, cased): &(Literal, bool),
    window: &mut Vec<u8>,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> (bool, Option<Behind>) {
    let (Some(len), Some((root, path))) = (literal.len(), finder.readable(files, file)) else {
        return (false, None);
    };
    let found: Cell<Option<Behind>> = Cell::default();
    let look = |text: &[u8]| {
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| literal.find(rest)) {
            let mut behind = found.get().unwrap_or_default();
            // At the end of a window it comes again at the beginning of the next.
            if let Some(&byte) = text.get(from + at + len) {
                behind.add(byte, *cased);
            }
            found.set(Some(behind));
            from += at + 1;
        }
        // Some files are long and full of what is looked for.
        cancelled()
    };
    let limit = index::exact_limit(finder.file_limit);
    (
        index::any_window(root, &path, limit, window, len, &look).is_ok_and(|ended| !ended),
        found.get(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::crew::alone;
    use std::sync::Arc;

    use crate::engine::files::FileKeeper;
    use crate::engine::roles::RoleSet;
    use crate::engine::search::Word;
    use crate::engine::walk::{Found, Stamp};

    #[test]
    fn what_stands_behind_is_known_across_windows_and_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let finder = Finder {
            root: dir.path().to_owned(),
            roles: Arc::default(),
            owners: Arc::default(),
            habits: Arc::default(),
            file_limit: 1 << 20,
            crew: alone,
            threads: 1,
        };
        let mut keeper = FileKeeper::default();
        let roles = RoleSet::builtin().0;
        let mut behind_in = |text: &[u8]| {
            std::fs::write(dir.path().join("a.rs"), text).unwrap();
            let stamp = Stamp { size: text.len() as u64, modified: 1, changed: 1 };
            let found = Found { path: "a.rs".into(), stamp, link: false };
            let file = keeper.put(&found, &roles).0;
            let sought = (Literal::new(&Word::new("ab")), false);
            behind(&finder, &keeper.list(), file, &sought, &mut Vec::new(), &|| false).1
        };
        let of = |bytes: &[u8]| {
            let mut behind = Behind::default();
            bytes.iter().for_each(|&byte| behind.add(byte, false));
            Some(behind)
        };
        assert_eq!(behind_in(b"nothing"), None);
        assert_eq!(behind_in(b"ab"), of(b""));
        assert_eq!(behind_in(b"abC aBab\xc3"), of(b"ca"));
        for before in index::WINDOW - 3..index::WINDOW + 3 {
            let text = [vec![b'x'; before].as_slice(), b"AbZ"].concat();
            assert_eq!(behind_in(&text), of(b"z"), "{before}");
        }
        let behind = of(b"C").unwrap();
        assert!(behind.has(b'c') && behind.has(0xc3) && !behind.has(b'd'));
    }
}
