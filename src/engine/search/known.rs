//! What reading files has told of exact texts: while a person types one, each key asks for the text
//! before and one byte more. Files that lack the one lack the other; and where it was seen what
//! stands behind the one, those are known that hold the other.

use std::sync::{Arc, Weak};

use super::ahead::Behind;
use super::parse::{Query, Word};
use crate::engine::files::{FileId, FileList, FileSet};

/// Most texts that are remembered.
const MOST: usize = 6;

/// What is known of the texts that were searched last.
#[derive(Default)]
pub struct KnownTexts {
    list: Weak<FileList>,
    steps: Vec<Searched>,
}

/// What is known of one text.
struct Searched {
    text: Word,
    lacking: FileSet,
    behind: Vec<(FileId, Behind)>,
}

/// What is known of the files before any is read for a query.
pub(super) struct Known {
    /// These lack one of its exact texts.
    pub(super) lacking: FileSet,
    /// These hold its only one.
    pub(super) holding: FileSet,
}

impl KnownTexts {
    /// What is known for a query, unless the files have changed.
    pub(super) fn of(&mut self, list: &Arc<FileList>, query: &Query) -> Known {
        if !std::ptr::eq(self.list.as_ptr(), Arc::as_ptr(list)) {
            // A weak reference keeps the address from being used again.
            self.list = Arc::downgrade(list);
            self.steps.clear();
        }
        self.steps.retain(|it| query.literals.iter().any(|text| holds(text, &it.text)));
        let mut known = Known { lacking: FileSet::of(list), holding: FileSet::of(list) };
        let Some(last) = self.steps.last() else { return known };
        known.lacking.clone_from(&last.lacking);
        let Some(next) = query.literals.iter().find_map(|text| Next::of(text, &last.text)) else {
            return known;
        };
        let exact = next.exact && query.only_text().is_some();
        for &(file, behind) in &last.behind {
            match next.byte {
                Some(byte) if !behind.has(byte) => {
                    known.lacking.insert(file);
                }
                _ if exact => {
                    known.holding.insert(file);
                }
                _ => {}
            }
        }
        known
    }

    /// Remembers the files that lack what a query asks for, in the list of the last call of
    /// [`KnownTexts::of`], when that is one exact text and nothing else. Tells whether it is.
    pub fn remember(&mut self, query: &Query, lacking: FileSet) -> bool {
        let Some(text) = query.only_text().filter(|text| text.lower.is_ascii()) else {
            return false;
        };
        if self.steps.len() == MOST {
            self.steps.remove(0);
        }
        self.steps.push(Searched { text: text.clone(), lacking, behind: Vec::new() });
        true
    }

    /// The text that was remembered last, and the files that lack it.
    pub(super) fn last(&self) -> Option<(&Word, &FileSet)> {
        self.steps.last().map(|it| (&it.text, &it.lacking))
    }

    /// Notes what stands behind the text that was remembered last; nothing where the file lacks it.
    pub(super) fn note(&mut self, files: Vec<(FileId, Option<Behind>)>) {
        let Some(last) = self.steps.last_mut() else { return };
        last.behind.clear();
        for (file, behind) in files {
            match behind {
                Some(behind) => last.behind.push((file, behind)),
                None => {
                    last.lacking.insert(file);
                }
            }
        }
    }
}

/// How a text goes on from another.
#[derive(Debug, PartialEq, Eq)]
struct Next {
    /// The byte behind the other; none where they are the same.
    byte: Option<u8>,
    /// Whether that byte behind the other is all that the text asks for.
    exact: bool,
}

impl Next {
    /// How `text` goes on from `part`, when it begins with that; in small letters, unless in both
    /// case counts.
    fn of(text: &Word, part: &Word) -> Option<Self> {
        let (whole, begins) = if part.cased {
            (text.text.as_bytes(), text.cased && text.text.starts_with(&part.text))
        } else {
            (text.lower.as_bytes(), text.lower.starts_with(&part.lower))
        };
        let len = if part.cased { part.text.len() } else { part.lower.len() };
        (begins && text.text.is_ascii()).then(|| Self {
            byte: whole.get(len).copied(),
            exact: whole.len() <= len + 1 && text.cased == part.cased,
        })
    }
}

/// Whether a file that holds `text` surely holds `part`. With letters beyond ASCII their other cases
/// would count too.
fn holds(text: &Word, part: &Word) -> bool {
    if part.cased {
        text.cased && text.text.contains(&part.text)
    } else {
        text.lower.is_ascii() && text.lower.contains(&part.lower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::roles::RoleSet;
    use crate::engine::search::parse;

    fn query(raw: &str) -> Query {
        parse(raw, &RoleSet::builtin().0).0
    }

    #[test]
    fn what_lacks_a_text_lacks_every_longer_one() {
        for (before, raw, lacks) in [
            ("'retry", "'retry(", true),
            ("'retry", "'maxRetry", true),
            ("'retry", "'other 'my_retry", true),
            ("'Retry", "'maxRetry", true),
            ("'Retry", "'retry", false),
            ("'Retry", "'retrY", false),
            ("'retry", "'retr", false),
            ("'retry", "'retrié", false),
            ("'retry", "'retryé", false),
            ("'é", "'éa", false),
            ("'retry word", "'retry", false),
            ("'retry !'x", "'retry", false),
        ] {
            let list = Arc::new(FileList::default());
            let mut known = KnownTexts::default();
            known.of(&list, &query(before));
            let mut files = FileSet::of(&list);
            files.insert(7);
            known.remember(&query(before), files);
            assert_eq!(known.of(&list, &query(raw)).lacking.holds(7), lacks, "{before} {raw}");
            let other = Arc::new(FileList::default());
            assert!(known.of(&other, &query(raw)).lacking.is_empty());
        }
    }

    #[test]
    fn what_stands_behind_tells_who_holds_one_byte_more() {
        let (holds, lacks, unknown) = ((true, false), (false, true), (false, false));
        for (before, behind, raw, told) in [
            ("'retry", "(", "'retry(", holds),
            ("'retry", "(", "'retry", holds),
            ("'retry", "(x", "'retryx", holds),
            ("'retry", "(", "'retryx", lacks),
            ("'retry", "(", "'retry(x", unknown),
            ("'retry", "(", "'retryx(", lacks),
            ("'retry", "S", "'retrys", holds),
            ("'retry", "s", "'retryS", unknown),
            ("'Retry", "S", "'RetryS", holds),
            ("'Retry", "S", "'Retrys", lacks),
            ("'Retry", "s", "'RetryS", lacks),
            ("'retry", "(", "'retry( word", unknown),
            ("'retry", "(", "'retry( 'other", unknown),
            ("'retry", "(", "'myretry(", unknown),
        ] {
            let list = Arc::new(FileList::default());
            let mut known = KnownTexts::default();
            known.of(&list, &query(before));
            known.remember(&query(before), FileSet::of(&list));
            let cased = known.last().unwrap().0.cased;
            let mut seen = Behind::default();
            behind.bytes().for_each(|byte| seen.add(byte, cased));
            known.note(vec![(7, Some(seen))]);
            let now = known.of(&list, &query(raw));
            assert_eq!((now.holding.holds(7), now.lacking.holds(7)), told, "{before} {raw}");
        }
    }
}
