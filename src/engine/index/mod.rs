//! The index of a repository's text: tantivy behind a small face.
//!
//! One process writes ([`Writer`]), any number read. What has been committed is seen through a
//! [`Snapshot`], which also holds the list of files of the same moment.

mod content;
mod directory;
mod exact;
mod groups;
mod literal;
mod schema;
mod seal;
mod snapshot;
mod store;
mod sweep;
mod terms;
mod text;
mod update;

use std::collections::HashSet;
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tantivy::directory::MmapDirectory;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy, NoMergePolicy};
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term};

use crate::base::RepoPath;
use crate::base::path::name_of;
use crate::engine::roles::RoleBits;
use crate::engine::walk::Stamp;

use directory::UnsyncedDirectory;
use exact::{ExactMaker, ExactStore};
use terms::Terms;

pub use content::{Content, WINDOW, any_window, exact_limit, is_secret, read_raw, read_until};
pub use exact::{Defined, ExactView};
pub use schema::VERSION;
pub use snapshot::{Snapshot, SnapshotMaker};
pub use store::{bytes_of, is_being_written, location, name_of_root, note_use, probe, remove};
pub use sweep::sweep;
pub use text::{TextHit, TextHits, TextMemory, TextQuery};
pub use update::{Counts, Plan, Update, Watch, bring_up_to_date, build_threads};

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Another process holds the writer's lock.
    #[error("another navi is already writing the index at {}", path.display())]
    Busy {
        /// The index folder.
        path: PathBuf,
    },
    /// The folder cannot be made or written.
    #[error("cannot write the index folder {}", path.display())]
    Folder {
        /// The index folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody removed a part of it.
    #[error("{file} was removed from the index")]
    Lost {
        /// The missing file.
        file: String,
    },
    /// tantivy failed.
    #[error("the search index failed")]
    Engine(#[from] tantivy::TantivyError),
}

/// What of an index did not hold, as a clause.
type Damage = String;

/// Documents of a segment beyond which it is left as it is: rewriting it for a few changed files
/// would cost seconds.
const LARGEST_MERGED: usize = 8000;
/// Arena of the writer while it builds: the more, the fewer segments there are to merge.
const BUILD_MEMORY: usize = 160_000_000;
/// Arena while single files are followed; tantivy's least is 15 MB a thread.
const FOLLOW_MEMORY: usize = 15_000_000;

/// An opened index.
pub struct Index {
    inner: tantivy::Index,
    fields: schema::Fields,
    folder: PathBuf,
    exact: Arc<ExactStore>,
}

impl Index {
    /// Opens or makes the index in `folder`. A damaged one is cleared and made anew; the second
    /// value tells what was damaged. One that is not as it was left is read whole and checked.
    pub fn open(folder: &Path) -> Result<(Self, Option<Damage>), IndexError> {
        let unwritable = |source| IndexError::Folder { path: folder.to_owned(), source };
        let made = store::make_folder(folder);
        // One at a time: another one must not find it half made or half cleared.
        let turn = store::turn(folder);
        let damage = match made.and_then(|()| fs::read_dir(folder).map(|_| ())) {
            Ok(()) => match Self::open_checked(folder) {
                Ok(index) => return Ok((index, None)),
                Err(damage) => damage,
            },
            // A file in its place.
            Err(error) if folder.is_file() => error.to_string(),
            Err(error) => return Err(unwritable(error)),
        };
        if turn.is_none() {
            return Err(IndexError::Busy { path: folder.to_owned() });
        }
        Ok((Self::make(folder)?, Some(damage)))
    }

    /// Clears the index in `folder`, which has failed, and makes it anew.
    pub fn renew(folder: &Path) -> Result<Self, IndexError> {
        match store::turn(folder) {
            Some(_turn) => Self::make(folder),
            None => Err(IndexError::Busy { path: folder.to_owned() }),
        }
    }

    fn make(folder: &Path) -> Result<Self, IndexError> {
        if store::is_being_written(folder) {
            return Err(IndexError::Busy { path: folder.to_owned() });
        }
        let unwritable = |source| IndexError::Folder { path: folder.to_owned(), source };
        store::clear(folder).map_err(unwritable)?;
        store::make_folder(folder).map_err(unwritable)?;
        Self::open_as_is(folder)
    }

    fn open_checked(folder: &Path) -> Result<Self, Damage> {
        let new = !folder.join("meta.json").exists();
        // What a writer is changing is not as it was sealed, and it has been checked by its writer.
        let trusted = new || seal::is_whole(folder) || store::is_being_written(folder);
        let checked = || {
            let index = Self::open_as_is(folder).map_err(|error| chain(&error))?;
            index.reader().map_err(|error| chain(&error))?;
            if !trusted {
                index.check()?;
                index.drop_leftovers();
                // A seal that cannot be put costs another check.
                let _ = seal::put(folder);
            }
            Ok(index)
        };
        // Flipped bytes can make any reader stumble.
        catch_unwind(AssertUnwindSafe(checked))
            .unwrap_or_else(|_| Err("its files contradict each other".into()))
    }

    /// Reads every byte of the index and compares with what was noted when it was written.
    fn check(&self) -> Result<(), Damage> {
        // Only what tantivy's own list of files names has its sum compared below.
        let listed = self.inner.directory().list_managed_files();
        let commit = self.inner.load_metas().map_err(|error| error.to_string())?;
        let is_skipped = |it: &PathBuf| !listed.contains(it) && self.folder.join(it).exists();
        if let Some(file) = commit.list_segment_files().into_iter().find(is_skipped) {
            return Err(format!("its list of files does not name {}", file.display()));
        }
        let damaged = self.inner.validate_checksum().map_err(|error| error.to_string())?;
        if let Some(file) = damaged.iter().next() {
            return Err(format!("{} does not hold what was written", file.display()));
        }
        if let Some(file) = seal::missing(&self.folder) {
            return Err(format!("{file} is missing"));
        }
        if let Some(file) = self.exact.unsound() {
            return Err(format!("{file} does not hold what was written"));
        }
        for segment in self.reader().map_err(|error| chain(&error))?.searcher().segment_readers() {
            let sizes = segment.fast_fields().u64("size").map_err(|error| error.to_string())?;
            if sizes.values.num_vals() != segment.max_doc() {
                return Err("its list of parts is not that of its parts".into());
            }
        }
        Ok(())
    }

    /// Fails when a file of the last commit is gone. Who has it open does not notice, but nobody
    /// else can read the index.
    pub fn still_there(&self) -> Result<(), IndexError> {
        if self.folder.as_os_str().is_empty() {
            return Ok(());
        }
        let needed = |file: &Path| {
            let parts = ["idx", "term", "fast", "fieldnorm"];
            file.extension().is_some_and(|it| parts.iter().any(|part| it == *part))
        };
        let mut files = self.inner.load_metas()?.list_segment_files().into_iter();
        match files.find(|it| needed(it) && !self.folder.join(it).exists()) {
            Some(file) => Err(IndexError::Lost { file: file.display().to_string() }),
            None => Ok(()),
        }
    }

    /// Removes the files of segments that a killed writer never committed.
    fn drop_leftovers(&self) {
        let Some(_alone) = store::lock_writer(&self.folder) else { return };
        let Ok(commit) = self.inner.load_metas() else { return };
        // Names of deletions tell the commit, whose number the next writer gives again: one that
        // was left behind would keep it from ever committing.
        let living: HashSet<PathBuf> = commit.list_segment_files();
        let entries = fs::read_dir(&self.folder).into_iter().flatten();
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let id =
                name.to_str().and_then(|name| name.split(['.', '-']).next()).unwrap_or_default();
            let segment = id.len() == 32 && id.bytes().all(|it| it.is_ascii_hexdigit());
            let unfinished = seal::is_unfinished(entry.file_name().as_encoded_bytes());
            if unfinished || (segment && !living.contains(Path::new(&name))) {
                // What stays only takes room.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn open_as_is(folder: &Path) -> Result<Self, IndexError> {
        let (schema, fields) = schema::build();
        let mapped = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?;
        let inner = tantivy::Index::open_or_create(UnsyncedDirectory::open(folder)?, schema)?;
        schema::register(&inner);
        let exact = Arc::new(ExactStore::Folder(folder.to_owned(), mapped));
        Ok(Self { inner, fields, folder: folder.to_owned(), exact })
    }

    /// An index that lives in memory and ends with this process, for when no folder can be used.
    pub fn in_memory() -> Self {
        let (schema, fields) = schema::build();
        let inner = tantivy::Index::create_in_ram(schema);
        schema::register(&inner);
        let exact = Arc::new(ExactStore::Memory(Mutex::default()));
        Self { inner, fields, folder: PathBuf::new(), exact }
    }

    /// A reader, which sees a commit after its next reload.
    pub fn reader(&self) -> Result<IndexReader, IndexError> {
        Ok(self.inner.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?)
    }

    /// What turns commits into snapshots.
    pub fn snapshots(&self) -> Result<SnapshotMaker, IndexError> {
        let exact = ExactMaker::new(Arc::clone(&self.exact));
        Ok(SnapshotMaker::new(self.reader()?, self.fields, exact))
    }

    /// The only writer, on `threads` threads for a build or on one to follow changes.
    pub fn writer(&self, building: Option<usize>) -> Result<Writer, IndexError> {
        let (threads, memory) =
            building.map_or((1, FOLLOW_MEMORY), |threads| (threads, BUILD_MEMORY));
        // With its own number of threads for merges, fifty repositories would have hundreds.
        let options = IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .memory_budget_per_thread(memory / threads)
            .num_merge_threads(1)
            .build();
        let inner = match self.inner.writer_with_options(options) {
            Err(tantivy::TantivyError::LockFailure(..)) => {
                return Err(IndexError::Busy { path: self.folder.clone() });
            }
            other => other?,
        };
        if building.is_some() {
            // A build writes few segments, and merging them would take as long as the build.
            inner.set_merge_policy(Box::new(NoMergePolicy));
        } else {
            let mut policy = LogMergePolicy::default();
            // With its defaults, every eighth commit of one file would rewrite an index of less
            // than 10,000 documents.
            policy.set_min_layer_size(64);
            policy.set_max_docs_before_merge(LARGEST_MERGED);
            policy.set_del_docs_ratio_before_merge(0.3);
            inner.set_merge_policy(Box::new(policy));
        }
        Ok(Writer {
            inner,
            fields: self.fields,
            exact: Arc::clone(&self.exact),
            folder: self.folder.clone(),
        })
    }
}

/// The roles of a file, and the fingerprint of the rules that told them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tags {
    roles: RoleBits,
    rules: u64,
}

/// The one who changes the index. Nothing is seen before [`Writer::commit`].
pub struct Writer {
    inner: IndexWriter,
    fields: schema::Fields,
    /// Empty in memory.
    folder: PathBuf,
    exact: Arc<ExactStore>,
}

impl Writer {
    /// Puts a file in, in place of what was there under its path. `fresh` says that nothing was.
    fn put(
        &self,
        terms: &mut Terms,
        path: &RepoPath,
        stamp: Stamp,
        text: &[u8],
        tags: Tags,
        fresh: bool,
    ) -> Result<(), IndexError> {
        if !fresh {
            self.remove(path);
        }
        let fields = &self.fields;
        let mut document = TantivyDocument::default();
        document.add_bytes(fields.path, path.as_bytes());
        document.add_u64(fields.size, stamp.size);
        document.add_i64(fields.modified, stamp.modified);
        document.add_i64(fields.changed, stamp.changed);
        document.add_u64(fields.roles, tags.roles.0);
        document.add_u64(fields.rules, tags.rules);
        let shown = path.to_text();
        let name_len = name_of(shown.as_bytes()).len();
        let (folders, name) = shown.split_at(shown.len() - name_len);
        document.add_text(fields.name, terms.of_text(name.as_bytes()));
        document.add_text(fields.folder, terms.of_text(folders.as_bytes()));
        if !text.is_empty() {
            document.add_text(fields.part, terms.of_text(text));
        }
        self.inner.add_document(document)?;
        Ok(())
    }

    /// Adds a segment for exact searches; it is there at once.
    fn put_segment(&self, bytes: Vec<u8>) -> Result<(), IndexError> {
        self.exact.put(bytes).map_err(|source| self.unwritable(source))
    }

    /// Removes such a segment.
    fn remove_segment(&self, name: &str) -> Result<(), IndexError> {
        match self.exact.remove(name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.unwritable(error)),
            _ => Ok(()),
        }
    }

    fn unwritable(&self, source: io::Error) -> IndexError {
        let path = match self.exact.as_ref() {
            ExactStore::Folder(folder, _) => folder.clone(),
            ExactStore::Memory(_) => PathBuf::new(),
        };
        IndexError::Folder { path, source }
    }

    /// Takes a file out.
    pub fn remove(&self, path: &RepoPath) {
        self.inner.delete_term(Term::from_field_bytes(self.fields.path, path.as_bytes()));
    }

    /// Makes all changes since the last commit visible to readers, all at once.
    pub fn commit(&mut self) -> Result<(), IndexError> {
        self.inner.commit()?;
        Ok(())
    }

    /// Makes one segment of all where that is soon done: a word is looked up in each of them, and of
    /// fifty repositories at once there would be hundreds. Tells whether there is something new to
    /// see; what nobody sees any more is removed with [`Writer::drop_unseen`].
    pub fn join_segments(&mut self) -> Result<bool, IndexError> {
        let commit = self.inner.index().load_metas()?;
        let documents: usize = commit.segments.iter().map(|it| it.max_doc() as usize).sum();
        if commit.segments.len() < 2 || documents > LARGEST_MERGED {
            return Ok(false);
        }
        let ids: Vec<_> = commit.segments.iter().map(tantivy::SegmentMeta::id).collect();
        // Whoever knows of a segment keeps its files.
        drop(commit);
        self.inner.merge(&ids).wait()?;
        Ok(true)
    }

    /// Removes the files of segments that are in no commit and that nobody reads.
    pub fn drop_unseen(&self) -> Result<(), IndexError> {
        self.inner.garbage_collect_files().wait()?;
        Ok(())
    }

    /// Waits for merges under way and gives the lock back.
    pub fn finish(self) -> Result<(), IndexError> {
        self.inner.wait_merging_threads()?;
        seal_if_on_disk(&self.folder);
        Ok(())
    }

    /// Seals the index as it is now.
    pub fn seal(&self) {
        seal_if_on_disk(&self.folder);
    }

    /// Gives the lock back without waiting for merges.
    pub fn leave(self) {
        drop(self.inner);
        seal_if_on_disk(&self.folder);
    }
}

fn seal_if_on_disk(folder: &Path) {
    if folder != Path::new("") {
        // Without a seal the next one to open checks every byte.
        let _ = seal::put(folder);
    }
}

/// An error and what caused it, as one line.
pub fn chain(error: &IndexError) -> String {
    std::error::Error::source(error)
        .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}
