//! Which files have to be read to find a literal text or a definition.

use super::exact::{Defined, Wanted};
use super::snapshot::Snapshot;
use crate::engine::files::{FileId, FileSet};

impl Snapshot {
    /// The files that may hold `literal` in any case, in order of their ids; `None` when that may
    /// be any file.
    pub fn may_hold(&self, literal: &str) -> Option<Vec<FileId>> {
        let mut files = self.exact.able(&Wanted::of(literal), &self.files)?;
        files.extend(self.unread());
        files.sort_unstable();
        files.dedup();
        Some(files)
    }

    /// How many of the files that may hold `literal` surely hold it in any case, as `able` are all of
    /// [`Snapshot::may_hold`] that count. It is exact below `enough`, but for [`Snapshot::unread`], which
    /// are not certain. `None` when that is not known without reading: of texts longer than a gram.
    pub fn surely_hold(&self, literal: &str, able: FileSet, enough: usize) -> Option<usize> {
        let text = literal.as_bytes().to_ascii_lowercase();
        match text.len() {
            _ if !text.is_ascii() => None,
            // Every file may hold it.
            1 => {
                let (all, mut others) = (able.len(), able);
                self.exact.holding(&text, &self.files, &mut |file| {
                    others.remove(file);
                    all - others.len() >= enough
                });
                Some(all - others.len())
            }
            // Its grams are it.
            2 | 3 => Some(able.len() - self.unread().iter().filter(|it| able.holds(**it)).count()),
            _ => None,
        }
    }

    /// The files whose texts and names are not known yet: all of them while the first index is
    /// made, later the few that have changed last.
    pub fn unread(&self) -> &[FileId] {
        self.unread.get_or_init(|| self.exact.uncovered(&self.files))
    }

    /// Where exactly this name is defined (in any case), but for [`Snapshot::unread`].
    pub fn defining(&self, name: &str) -> Vec<Defined> {
        self.exact.defining(name.to_lowercase().as_bytes(), &self.files)
    }

    /// Where names are defined that `part` begins (in any case), or, when it begins none, that hold
    /// it, but for [`Snapshot::unread`]. At most `most` names; nothing once `cancelled`.
    pub fn defining_like(
        &self,
        part: &str,
        most: usize,
        cancelled: &dyn Fn() -> bool,
    ) -> Vec<Defined> {
        self.exact.defining_like(part.to_lowercase().as_bytes(), most, &self.files, cancelled)
    }
}
