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

    /// Those of `able` that surely hold `literal`, in any case: at least `enough` of them, or else all
    /// but for [`Snapshot::unread`]. `able` are of [`Snapshot::may_hold`]. `None` when that is not known
    /// without reading them: of texts longer than a gram.
    pub fn surely_hold(&self, literal: &str, able: &FileSet, enough: usize) -> Option<FileSet> {
        let text = literal.as_bytes().to_ascii_lowercase();
        match text.len() {
            _ if !text.is_ascii() => None,
            // Every file may hold it.
            1 => {
                let mut sure = FileSet::of(&self.files);
                self.exact.holding(&text, &self.files, &mut |file| {
                    if able.holds(file) {
                        sure.insert(file);
                    }
                    sure.len() >= enough
                });
                Some(sure)
            }
            // Its grams are it.
            2 | 3 => {
                let mut sure = able.clone();
                for &file in self.unread() {
                    sure.remove(file);
                }
                Some(sure)
            }
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
