//! Reads what is new: from the commit that is checked out back to what is known, newest first.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;

use super::git::{Git, HistoryError};
use super::log::{Id, Log, flag};
use super::trees::{Buffers, compare, moved};
use super::{Front, History, Tag};

/// Commits that are read at most: the newest.
pub const MOST: usize = 50_000;
/// Commits that are waited for at most, beyond those that are read: as many branches, or merges of
/// as many parents, nobody has.
const FRONT: usize = 50_000;
/// Known commits that belong to other branches and are kept for when these are checked out again.
const OTHERS: usize = 10_000;
/// Commits after which what is read so far is handed on; then after twice as many, and so on.
const FIRST: usize = 500;

/// How far reading has come.
pub struct Step {
    /// Commits of the history so far.
    pub done: usize,
    /// Those of them that were not known before.
    pub new: usize,
    /// The newest commits, whenever there are twice as many as before.
    pub history: Option<History>,
}

struct Reading<'g> {
    git: &'g Git,
    log: Arc<Log>,
    front: Front,
    order: Vec<u32>,
    /// Trees of commits that were read, by their numbers.
    trees: HashMap<u32, Id, FxBuildHasher>,
    buffer: Vec<u8>,
    buffers: Buffers,
}

/// Reads the history of the commit that is checked out, and takes from `known` what that knows of
/// it. When `cancelled`, what was read so far comes back, with [`History::is_whole`] false.
pub fn read(
    git: &Git,
    known: &History,
    cancelled: &dyn Fn() -> bool,
    told: &mut dyn FnMut(Step),
) -> Result<History, HistoryError> {
    let head = git.head()?;
    let mut reading = Reading {
        git,
        log: Arc::clone(&known.log),
        front: Front::default(),
        order: Vec::new(),
        trees: HashMap::default(),
        buffer: Vec::new(),
        buffers: Buffers::default(),
    };
    if let Some(number) = head.and_then(|it| reading.row(&it)) {
        reading.front.put(&reading.log, number);
    }
    let mut new = 0;
    let mut next = FIRST;
    let mut whole = true;
    while let Some(number) = reading.front.take() {
        if reading.order.len() >= MOST {
            break;
        }
        if cancelled() {
            whole = false;
            break;
        }
        let Some(read) = reading.visit(number, cancelled) else {
            whole = false;
            break;
        };
        reading.order.push(number);
        if read {
            new += 1;
            let history = (new >= next).then(|| {
                next *= 2;
                let (log, order) = (Arc::clone(&reading.log), reading.order.clone());
                History::put_together(log, head, order, known.tags.to_vec(), false)
            });
            told(Step { done: reading.order.len(), new, history });
        }
    }
    let tags = reading.tags(cancelled);
    let order = reading.order;
    let mut log = reading.log;
    if log.rows.len() > order.len() + OTHERS && whole {
        // In their order, so that the next walk is over memory in a row.
        let mut kept: Vec<u32> = order.clone();
        let mut others = vec![true; log.rows.len()];
        for number in &order {
            if let Some(it) = others.get_mut(*number as usize) {
                *it = false;
            }
        }
        let others = (0..log.rows.len() as u32).rev().filter(|it| others[*it as usize]);
        kept.extend(others.take(OTHERS / 2));
        log = Arc::new(log.only(&kept));
        let order = (0..order.len() as u32).collect();
        return Ok(History::put_together(log, head, order, tags, whole));
    }
    Ok(History::put_together(log, head, order, tags, whole))
}

impl Reading<'_> {
    /// The row of a commit, which is read if it is not known; `None` when it is missing.
    fn row(&mut self, id: &Id) -> Option<u32> {
        if let Some(number) = self.log.find(id) {
            return Some(number);
        }
        if self.front.met as usize > MOST + FRONT {
            return None;
        }
        let parsed = self.git.commit(id, &mut self.buffer).ok()?;
        let number = Arc::make_mut(&mut self.log).add(*id, &parsed);
        self.trees.insert(number, parsed.tree);
        Some(number)
    }

    fn tree_of(&mut self, number: u32) -> Option<Id> {
        if let Some(tree) = self.trees.get(&number) {
            return Some(*tree);
        }
        let id = self.log.row(number)?.id;
        Some(self.git.commit(&id, &mut self.buffer).ok()?.tree)
    }

    /// Goes on to the commits before this one, and tells what it changed. The answer is whether
    /// anything had to be read, or `None` when cancelled.
    fn visit(&mut self, number: u32, cancelled: &dyn Fn() -> bool) -> Option<bool> {
        let row = *self.log.row(number)?;
        let parents = self.log.parents_of(&row).to_vec();
        let mut first = None;
        let cut = self.git.is_shallow(&row.id);
        for (at, parent) in parents.iter().enumerate().filter(|_| !cut) {
            if let Some(parent) = self.row(parent) {
                self.front.put(&self.log, parent);
                if at == 0 {
                    first = Some(parent);
                }
            }
        }
        if row.flags & (flag::PENDING | flag::CUT) == 0 {
            return Some(false);
        }
        let end = if parents.is_empty() { None } else { Some(first) };
        if end == Some(None) {
            if row.flags & flag::PENDING != 0 {
                Arc::make_mut(&mut self.log).set_flag(number, flag::CUT);
            }
            return Some(row.flags & flag::PENDING != 0);
        }
        let old = first.and_then(|it| self.tree_of(it));
        let new = self.tree_of(number);
        self.trees.remove(&number);
        let known = new.is_some() && (old.is_some() || first.is_none());
        let changes = if known {
            compare(self.git, old, new, &mut self.buffers, cancelled)
        } else {
            Ok(None)
        };
        if !known {
            Arc::make_mut(&mut self.log).set_flag(number, flag::UNKNOWN);
            return Some(true);
        }
        match changes {
            Ok(None) => None,
            Err(_) => {
                Arc::make_mut(&mut self.log).set_flag(number, flag::UNKNOWN);
                Some(true)
            }
            Ok(Some(changes)) => {
                let listed = changes.iter().map(|it| (it.path.as_slice(), it.kind));
                let merge = parents.len() > 1;
                let moved = if merge { Vec::new() } else { moved(&changes) };
                Arc::make_mut(&mut self.log).set_changes(
                    number,
                    changes.len(),
                    listed,
                    moved.into_iter(),
                );
                Some(true)
            }
        }
    }

    /// The tags, with the times of their commits.
    fn tags(&mut self, cancelled: &dyn Fn() -> bool) -> Vec<Tag> {
        let log = &self.log;
        let mut tags = self.git.tags(&|id| log.find(id).is_some());
        for tag in &mut tags {
            if cancelled() {
                break;
            }
            tag.time = match self.log.find(&tag.commit).and_then(|it| self.log.row(it)) {
                Some(row) => row.time,
                None => self.git.commit(&tag.commit, &mut self.buffer).map_or(0, |it| it.time),
            };
        }
        tags
    }
}
