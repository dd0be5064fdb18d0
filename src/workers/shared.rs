//! The latest snapshot: made by the indexer, read by the searcher.

use std::sync::{PoisonError, RwLock};

use crate::engine::index::Snapshot;

/// Holds the newest snapshot; readers keep theirs while newer ones come.
#[derive(Default)]
pub struct Latest {
    snapshot: RwLock<Snapshot>,
}

impl Latest {
    /// The newest snapshot.
    pub fn get(&self) -> Snapshot {
        self.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a newer one in place.
    pub fn set(&self, snapshot: Snapshot) {
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }
}
