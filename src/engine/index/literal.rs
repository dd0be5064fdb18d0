//! Which files have to be read to find a literal text.

use super::grams::Wanted;
use super::snapshot::Snapshot;
use crate::engine::files::FileId;

impl Snapshot {
    /// The files that may hold `literal` in any case, in order of their ids; `None` when that may
    /// be any file.
    pub fn may_hold(&self, literal: &str) -> Option<Vec<FileId>> {
        let mut files = self.grams.able(&Wanted::of(literal), &self.files)?;
        files.extend(self.uncovered.get_or_init(|| self.grams.uncovered(&self.files)));
        files.sort_unstable();
        files.dedup();
        Some(files)
    }
}
