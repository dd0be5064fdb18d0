//! Keeps the catalogue: looks at files on several threads, again only at those that changed, and
//! answers the Critical paths panel.
//!
//! What `.navi.toml` and the user's files say about roles is read again when `.navi.toml` changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::shared::Latest;
use super::{Mailbox, Options, Sink};
use crate::base::Diagnostic;
use crate::engine::catalogue::{self, Catalogue, Look, Overrides};
use crate::engine::files::{FileId, FileList};
use crate::engine::index::read_raw;
use crate::engine::roles::{LOOKED_AT, RoleSet};
use crate::engine::search::{Hit, Results, Tier};
use crate::engine::walk::Stamp;
use crate::protocol::{Generation, Report};

/// Files that a thread takes at once.
const BATCH: usize = 64;
/// Files of a role in the panel.
const SHOWN: usize = 5;

/// The roles and what the repository says about the catalogue, as they are now.
pub type Rules = Arc<dyn Fn() -> (Arc<RoleSet>, Overrides, Vec<Diagnostic>) + Send + Sync>;

/// A question of the panel.
pub struct Wanted {
    /// Comes back with the answer.
    pub generation: Generation,
    /// Words that a row must hold.
    pub query: String,
}

/// What is seen of each file, in the order of the ids. A file that cannot be read is judged by its
/// path.
pub fn look_at_all(
    options: &Options,
    files: &FileList,
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Vec<Look> {
    let ids: Vec<FileId> = files.living().filter(|&id| !files.facts(id).link).collect();
    look_at(options, &options.finder.roles, files, &ids, cancelled)
}

fn look_at(
    options: &Options,
    roles: &RoleSet,
    files: &FileList,
    ids: &[FileId],
    cancelled: &(dyn Fn() -> bool + Sync),
) -> Vec<Look> {
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
                looks.push(catalogue::look(roles, files, id, text));
            }
        }
        looks
    };
    let threads = if ids.len() > BATCH { options.cores } else { 1 };
    let mut looks: Vec<Look> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut looks = work();
        for other in others {
            looks.extend(other.join().unwrap_or_default());
        }
        looks
    });
    looks.sort_by_key(|it| it.id);
    looks
}

/// Works until the mailbox is closed.
pub fn run(options: &Options, inbox: &Mailbox<Wanted>, latest: &Latest, sink: &Sink) {
    let mut kept = Kept::default();
    while let Some(wanted) = inbox.take() {
        let files = latest.get().files;
        if !kept.is_of(&files) && !kept.refresh(options, files, &|| inbox.is_overtaken(), sink) {
            continue;
        }
        let (results, gaps) = kept.answer(options, &wanted.query);
        sink(Report::Critical { generation: wanted.generation, results, gaps });
    }
}

/// What is kept from one question to the next.
#[derive(Default)]
struct Kept {
    files: Option<Arc<FileList>>,
    looks: HashMap<FileId, (Stamp, Look)>,
    /// Whether the rules were read at all.
    ruled: bool,
    /// Of `.navi.toml`, when the rules were read.
    rules_of: Option<Stamp>,
    roles: Arc<RoleSet>,
    overrides: Overrides,
    catalogue: Catalogue,
}

impl Kept {
    fn is_of(&self, files: &Arc<FileList>) -> bool {
        self.files.as_ref().is_some_and(|it| Arc::ptr_eq(it, files))
    }

    /// Brings the catalogue to these files. False when something newer is asked meanwhile.
    fn refresh(
        &mut self,
        options: &Options,
        files: Arc<FileList>,
        cancelled: &(dyn Fn() -> bool + Sync),
        sink: &Sink,
    ) -> bool {
        let own = files.living().find(|&id| files.path(id) == b".navi.toml");
        let stamp = own.map(|id| files.facts(id).stamp);
        if !self.ruled || self.rules_of != stamp {
            let (roles, overrides, said) = (options.rules)();
            // At the start the same has been said already.
            for it in said.into_iter().filter(|_| self.ruled) {
                sink(Report::Said(it));
            }
            if roles.fingerprint() != self.roles.fingerprint() {
                self.looks.clear();
            }
            (self.roles, self.overrides) = (roles, overrides);
            (self.ruled, self.rules_of) = (true, stamp);
        }
        let seen = |id: FileId| {
            self.looks.get(&id).is_some_and(|(stamp, _)| *stamp == files.facts(id).stamp)
        };
        let ids: Vec<FileId> =
            files.living().filter(|&id| !files.facts(id).link && !seen(id)).collect();
        for look in look_at(options, &self.roles, &files, &ids, cancelled) {
            self.looks.insert(look.id, (files.facts(look.id).stamp, look));
        }
        if cancelled() {
            return false;
        }
        let mut looks: Vec<Look> = files
            .living()
            .filter_map(|id| self.looks.get(&id))
            .map(|(_, look)| look.clone())
            .collect();
        looks.sort_by_key(|it| it.id);
        let most = SHOWN.saturating_add(self.overrides.len());
        self.catalogue = catalogue::build(&self.roles, &files, &looks, most);
        let read = |path: &str| {
            let limit = options.finder.file_limit;
            read_raw(&options.repo.root, &path.into(), limit).ok().flatten().map(|it| it.0)
        };
        for it in self.overrides.apply(&mut self.catalogue, &files, &read) {
            sink(Report::Said(it));
        }
        self.files = Some(files);
        true
    }

    /// The rows that hold every word, and the titles of the roles that have none.
    fn answer(&self, options: &Options, query: &str) -> (Results, Vec<String>) {
        let words: Vec<String> =
            query.split_whitespace().map(|it| it.trim_start_matches('@').to_lowercase()).collect();
        let mut results = Results { finished: true, ..Results::default() };
        let mut gaps = Vec::new();
        let Some(files) = &self.files else { return (results, gaps) };
        for shelf in &self.catalogue.shelves {
            let role = &self.roles.roles()[shelf.role];
            if shelf.files.is_empty() {
                gaps.push(role.title.clone());
                continue;
            }
            for entry in shelf.files.iter().take(SHOWN) {
                let path = files.repo_path(entry.id);
                let owners = match &entry.owner {
                    Some(owner) => vec![owner.clone()],
                    None => options.finder.owners.of(&path.to_text()).to_vec(),
                };
                let mut why = entry.why.clone();
                why.splice(0..0, entry.note.clone());
                let row = format!(
                    "{} {} {} {} {}",
                    path.to_text(),
                    role.id,
                    role.title,
                    why.join(" "),
                    owners.join(" ")
                )
                .to_lowercase();
                if !words.iter().all(|word| row.contains(word)) {
                    continue;
                }
                results.hits.push(Hit {
                    file: entry.id,
                    path,
                    line: Some(u64::from(entry.line)),
                    column: None,
                    tier: Tier::All,
                    score: entry.score,
                    snippet: None,
                    why,
                    roles: vec![role.id.clone()],
                    owners,
                    marks: Vec::new(),
                });
            }
        }
        results.total = results.hits.len();
        (results, gaps)
    }
}
