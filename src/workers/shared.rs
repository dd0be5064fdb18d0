//! The latest snapshot and the latest roles, made by the indexer, and the latest history, made by the
//! historian; read by the others.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::base::RepoPath;

use crate::engine::history::{History, Past};
use crate::engine::index::Snapshot;
use crate::engine::roles::RoleSet;
use crate::engine::search::{Habits, Opened};

/// Holds the newest snapshot; readers keep theirs while newer ones come.
#[derive(Default)]
pub struct Latest {
    snapshot: RwLock<Snapshot>,
    history: RwLock<History>,
    past: RwLock<Option<Arc<Past>>>,
    /// Once something was opened.
    habits: RwLock<Option<Arc<Habits>>>,
    /// A folder whose files are shown in place of the repository's, while a fix card is played.
    overlay: RwLock<Option<PathBuf>>,
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

    /// Puts in place what the histories of several repositories say of the files.
    pub fn set_past(&self, past: Option<Arc<Past>>) {
        *self.past.write().unwrap_or_else(PoisonError::into_inner) = past;
    }

    /// The folder whose files are shown in place of the repository's.
    pub fn overlay(&self) -> Option<PathBuf> {
        self.overlay.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another in place.
    pub fn set_overlay(&self, folder: Option<PathBuf>) {
        *self.overlay.write().unwrap_or_else(PoisonError::into_inner) = folder;
    }

    /// What is known of what was opened, once something was.
    pub fn habits(&self) -> Option<Arc<Habits>> {
        self.habits.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins with what was opened before.
    pub fn set_habits(&self, habits: Arc<Habits>) {
        *self.habits.write().unwrap_or_else(PoisonError::into_inner) = Some(habits);
    }

    /// A file was opened for a query.
    pub fn add_opened(&self, query: String, path: &RepoPath) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let opened = Opened { query, path: path.as_bytes().to_vec(), at: since.as_secs() };
        let mut habits = self.habits.write().unwrap_or_else(PoisonError::into_inner);
        *habits = Some(Arc::new(habits.as_deref().cloned().unwrap_or_default().and(opened)));
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
