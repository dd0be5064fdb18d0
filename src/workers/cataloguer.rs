//! Looks at every file for the catalogue, on several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::Options;
use crate::engine::catalogue::{self, Look};
use crate::engine::files::{FileId, FileList};
use crate::engine::index::read_raw;
use crate::engine::roles::LOOKED_AT;

/// Files that a thread takes at once.
const BATCH: usize = 64;

/// What is seen of each file, in the order of the ids. A file that cannot be read is judged by its
/// path.
pub fn look_at_all(
    options: &Options,
    files: &FileList,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Vec<Look> {
    let ids: Vec<FileId> = files.living().filter(|&id| !files.facts(id).link).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut looks = Vec::new();
        while !cancelled() {
            let start = next.fetch_add(BATCH, Ordering::Relaxed);
            let Some(batch) = ids.get(start..).filter(|it| !it.is_empty()) else { break };
            for &id in batch.iter().take(BATCH) {
                let text = if catalogue::reads(files, id) {
                    let path = files.repo_path(id);
                    read_raw(&options.repo.root, &path, LOOKED_AT as u64).ok().flatten()
                } else {
                    None
                };
                let text = text.as_ref().map(|it| it.0.as_slice());
                looks.push(catalogue::look(&options.finder.roles, files, id, text));
            }
        }
        looks
    };
    let mut looks: Vec<Look> = thread::scope(|scope| {
        let others: Vec<_> = (1..options.cores).map(|_| scope.spawn(work)).collect();
        let mut looks = work();
        for other in others {
            looks.extend(other.join().unwrap_or_default());
        }
        looks
    });
    looks.sort_by_key(|it| it.id);
    looks
}
