//! Brings the index to the state of the files: what changed is read, what is gone is taken out.

use std::collections::HashMap;
use std::path::Path;
use std::time::SystemTime;

use super::content::{self, Content};
use super::snapshot::SnapshotMaker;
use super::{Index, IndexError, Writer};
use crate::base::RepoPath;
use crate::engine::files::{FileId, FileKeeper, FileList};
use crate::engine::walk::Stamp;

/// What is to be done.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Files to read; `true` where the index holds nothing under that path yet.
    pub put: Vec<(FileId, bool)>,
    /// Paths to take out.
    pub remove: Vec<RepoPath>,
    /// Files that the index holds as they are.
    pub unchanged: usize,
}

impl Plan {
    /// Compares what is indexed with the files; `maker` is `None` for a new index.
    pub fn compare(
        keeper: &FileKeeper,
        maker: Option<&mut SnapshotMaker>,
    ) -> Result<Self, IndexError> {
        let files = keeper.list();
        let mut indexed: HashMap<FileId, Stamp> = HashMap::new();
        let mut plan = Self::default();
        if let Some(maker) = maker {
            maker.for_each_indexed(|path, stamp| match keeper.id(&path) {
                Some(id) if !files.facts(id).gone => {
                    indexed.insert(id, stamp);
                }
                _ => plan.remove.push(path),
            })?;
        }
        for id in files.living() {
            match indexed.get(&id) {
                Some(stamp) if *stamp == files.facts(id).stamp => plan.unchanged += 1,
                Some(_) => plan.put.push((id, false)),
                None => plan.put.push((id, true)),
            }
        }
        // What is likeliest to be looked for is searchable first.
        plan.put.sort_by_key(|(id, _)| {
            let facts = files.facts(*id);
            (facts.standing, std::cmp::Reverse(facts.stamp.modified))
        });
        Ok(plan)
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.remove.is_empty()
    }
}

/// What became of the files of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Files put in, whether or not their text was read.
    pub indexed: usize,
    /// Files taken out.
    pub removed: usize,
    /// Files that were already as they should be.
    pub unchanged: usize,
    /// Bytes of text read.
    pub bytes: u64,
    /// Binary files: listed, not read.
    pub binary: usize,
    /// Files read only up to the limit.
    pub too_large: usize,
    /// Files that could not be read.
    pub unreadable: usize,
    /// Files with names of secrets: listed, not read.
    pub secret: usize,
}

/// How an update is done.
pub struct Update<'a> {
    /// The repository's root.
    pub root: &'a Path,
    /// The files.
    pub files: &'a FileList,
    /// Bytes of a file that are read.
    pub limit: u64,
}

impl Update<'_> {
    /// Carries out the plan without committing. `progress` hears of each file and answers whether
    /// to go on.
    pub fn apply(
        &self,
        writer: &mut Writer,
        plan: &Plan,
        progress: &mut dyn FnMut(&mut Writer, &Counts) -> Result<bool, IndexError>,
    ) -> Result<Counts, IndexError> {
        let mut counts = Counts { unchanged: plan.unchanged, ..Counts::default() };
        for path in &plan.remove {
            writer.remove(path);
            counts.removed += 1;
        }
        for &(id, fresh) in &plan.put {
            let path = self.files.repo_path(id);
            let facts = self.files.facts(id);
            // Written this very moment, it may be written again without a trace in its stamp.
            let stamp = if facts.stamp.is_fresh_at(SystemTime::now()) {
                facts.stamp.doubtful()
            } else {
                facts.stamp
            };
            let content =
                if let Ok(content) = content::read(self.root, &path, facts.link, self.limit) {
                    content
                } else {
                    counts.unreadable += 1;
                    // Listed by path all the same.
                    Content::Link
                };
            match &content {
                Content::Text { text, cut } => {
                    counts.bytes += text.len() as u64;
                    counts.too_large += usize::from(*cut);
                }
                Content::Binary => counts.binary += 1,
                Content::Secret => counts.secret += 1,
                Content::Link => {}
            }
            writer.put(&path, stamp, &content, fresh)?;
            counts.indexed += 1;
            if !progress(writer, &counts)? {
                break;
            }
        }
        Ok(counts)
    }
}

/// Threads that build: one is left to the screen on machines with many.
pub fn build_threads(cores: usize) -> usize {
    cores.clamp(1, 4)
}

/// Compares, writes and commits in one go, for the command line. The writer's lock must be free.
pub fn bring_up_to_date(
    index: &Index,
    keeper: &FileKeeper,
    update: &Update<'_>,
    threads: usize,
    progress: &mut dyn FnMut(&Counts, usize),
) -> Result<(Counts, Plan), IndexError> {
    let mut maker = index.snapshots()?;
    let plan = Plan::compare(keeper, Some(&mut maker))?;
    if plan.is_empty() {
        return Ok((Counts { unchanged: plan.unchanged, ..Counts::default() }, plan));
    }
    let building = plan.put.len() > 200;
    let mut writer = index.writer(building.then_some(threads))?;
    let all = plan.put.len();
    let counts = update.apply(&mut writer, &plan, &mut |_, counts| {
        progress(counts, all);
        Ok(true)
    })?;
    writer.commit()?;
    writer.finish()?;
    Ok((counts, plan))
}
