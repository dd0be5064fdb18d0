//! The latest snapshot and the latest roles, made by the indexer, and the latest history, made by the
//! historian; read by the others.

use std::sync::{Arc, PoisonError, RwLock};

use crate::engine::history::{History, Past};
use crate::engine::index::Snapshot;
use crate::engine::roles::RoleSet;

/// Holds the newest snapshot; readers keep theirs while newer ones come.
#[derive(Default)]
pub struct Latest {
    snapshot: RwLock<Snapshot>,
    history: RwLock<History>,
    past: RwLock<Option<Arc<Past>>>,
    /// Once they are others than those of the start.
    roles: RwLock<Option<Arc<RoleSet>>>,
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

    /// What the newest history says of the files.
    pub fn past(&self) -> Option<Arc<Past>> {
        self.past.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a newer one in place, with what it says of the files.
    pub fn set_history(&self, history: History) {
        let past = Past::of(&history, &self.get().files);
        *self.past.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(past));
        *self.history.write().unwrap_or_else(PoisonError::into_inner) = history;
    }

    /// The roles by which the files of the newest snapshot are tagged, once they have changed.
    pub fn roles(&self) -> Option<Arc<RoleSet>> {
        self.roles.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts other roles in place.
    pub fn set_roles(&self, roles: Arc<RoleSet>) {
        *self.roles.write().unwrap_or_else(PoisonError::into_inner) = Some(roles);
    }
}
