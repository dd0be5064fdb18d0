//! The latest snapshot, made by the indexer, and the latest history, made by the historian; read by
//! the others.

use std::sync::{PoisonError, RwLock};

use crate::engine::history::History;
use crate::engine::index::Snapshot;

/// Holds the newest snapshot; readers keep theirs while newer ones come.
#[derive(Default)]
pub struct Latest {
    snapshot: RwLock<Snapshot>,
    history: RwLock<History>,
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

    /// The newest history: as far as it has been read.
    pub fn history(&self) -> History {
        self.history.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a newer one in place.
    pub fn set_history(&self, history: History) {
        *self.history.write().unwrap_or_else(PoisonError::into_inner) = history;
    }
}
