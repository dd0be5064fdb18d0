//! A moment of the index together with the files of that moment.
//!
//! Documents know paths; searching works with file ids. Each segment's map from documents to ids
//! is made once, when the segment is first seen.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use tantivy::index::SegmentId;
use tantivy::{IndexReader, Searcher, SegmentReader, Term};

use super::IndexError;
use super::exact::{ExactMaker, ExactView};
use super::schema::Fields;
use crate::base::RepoPath;
use crate::engine::files::{FileId, FileKeeper, FileList, Part};
use crate::engine::history::Past;
use crate::engine::roles::RoleBits;
use crate::engine::walk::Stamp;

/// Stands for a document whose file is not listed.
const NONE: FileId = FileId::MAX;

/// What searches run on; never changes once made.
#[derive(Clone, Default)]
pub struct Snapshot {
    /// The files.
    pub files: Arc<FileList>,
    /// Whether the index holds every file of the list.
    pub complete: bool,
    /// What the history says of the files, once it is read.
    pub past: Option<Arc<Past>>,
    pub(super) content: Option<Arc<ContentView>>,
    pub(super) exact: Arc<ExactView>,
    /// The files that no segment of `exact` covers, once somebody asked.
    pub(super) unread: Arc<OnceLock<Vec<FileId>>>,
}

/// The committed text, of one index or of several.
pub(super) struct ContentView {
    /// They keep the files of their segments from being removed.
    searchers: Vec<Searcher>,
    pub(super) segments: Vec<SegmentReader>,
    pub(super) fields: Fields,
    /// File ids by segment and document.
    pub(super) ids: Vec<Arc<Vec<FileId>>>,
}

impl Snapshot {
    /// A snapshot of paths only.
    pub fn of_files(files: Arc<FileList>) -> Self {
        Self { files, ..Self::default() }
    }

    /// The same text with a newer list of files.
    #[must_use]
    pub fn with_files(&self, files: Arc<FileList>, complete: bool) -> Self {
        let (content, exact) = (self.content.clone(), Arc::clone(&self.exact));
        let past = self.past.clone();
        Self { files, complete, past, content, exact, unread: Arc::default() }
    }

    /// The same with what the history says.
    #[must_use]
    pub fn with_past(mut self, past: Arc<Past>) -> Self {
        self.past = Some(past);
        self
    }

    /// The same without what the history says.
    #[must_use]
    pub fn without_past(mut self) -> Self {
        self.past = None;
        self
    }

    /// The snapshots of several repositories as one; each part's files are those of its snapshot.
    /// What their histories say is joined too, where it is known.
    pub fn joined(parts: &[(Part<'_>, &Self)]) -> Self {
        let files: Vec<Part<'_>> = parts.iter().map(|it| it.0).collect();
        let files = FileList::joined(&files);
        let (mut exact, mut content, mut past, mut start) = (vec![], vec![], vec![], 0);
        for (part, snapshot) in parts {
            exact.push((start, Arc::clone(&snapshot.exact)));
            content.extend(snapshot.content.iter().map(|it| (start, Arc::clone(it))));
            // A file's part is told by where the next one begins.
            past.push((start, snapshot.past.clone().unwrap_or_default()));
            start += part.files.ids();
        }
        let past = Past::joined(past);
        Self {
            files: Arc::new(files),
            complete: parts.iter().all(|it| it.1.complete),
            past: (!past.is_empty()).then(|| Arc::new(past)),
            content: ContentView::joined(&content).map(Arc::new),
            exact: Arc::new(ExactView::joined(&exact)),
            unread: Arc::default(),
        }
    }

    /// Whether both are of the same moment, but for what the history says.
    pub fn is_same(&self, other: &Self) -> bool {
        let content = match (&self.content, &other.content) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        content && Arc::ptr_eq(&self.files, &other.files) && Arc::ptr_eq(&self.exact, &other.exact)
    }

    /// What is known for exact searches.
    pub fn exact(&self) -> &ExactView {
        &self.exact
    }

    /// Whether text can be searched.
    pub fn has_content(&self) -> bool {
        self.content.is_some()
    }
}

/// Makes snapshots of what has been committed.
pub struct SnapshotMaker {
    reader: IndexReader,
    fields: Fields,
    known: HashMap<SegmentId, Arc<Vec<FileId>>>,
    exact: ExactMaker,
}

impl SnapshotMaker {
    pub(super) fn new(reader: IndexReader, fields: Fields, exact: ExactMaker) -> Self {
        Self { reader, fields, known: HashMap::new(), exact }
    }

    /// The newest commit, with the files of `keeper`.
    ///
    /// A path that is not listed maps to nothing. Ids are never given to another path, so a map
    /// once made stays right, but documents that were unlisted then are looked up again when
    /// `relist` is set.
    pub fn take(&mut self, keeper: &FileKeeper, relist: bool) -> Result<Snapshot, IndexError> {
        self.reader.reload()?;
        let searcher = self.reader.searcher();
        if relist {
            self.known.clear();
        }
        let mut known = HashMap::new();
        let mut ids = Vec::new();
        for segment in searcher.segment_readers() {
            let map = match self.known.remove(&segment.segment_id()) {
                Some(map) => map,
                None => Arc::new(map_of(segment, keeper)?),
            };
            known.insert(segment.segment_id(), Arc::clone(&map));
            ids.push(map);
        }
        self.known = known;
        let content = ContentView::of(searcher, self.fields, ids);
        Ok(Snapshot {
            files: keeper.list(),
            complete: false,
            past: None,
            content: Some(Arc::new(content)),
            exact: Arc::new(self.exact.take(keeper, relist)),
            unread: Arc::default(),
        })
    }

    /// The same, after the list of files has taken over what their texts told of their roles.
    pub fn take_tagged(
        &mut self,
        keeper: &mut FileKeeper,
        relist: bool,
    ) -> Result<Snapshot, IndexError> {
        let mut snapshot = self.take(keeper, relist)?;
        let mut tags = Vec::new();
        for segment in self.reader.searcher().segment_readers() {
            let Some(ids) = self.known.get(&segment.segment_id()) else { continue };
            let roles = segment.fast_fields().u64("roles")?;
            let rules = segment.fast_fields().u64("rules")?;
            for doc in segment.doc_ids_alive() {
                let Some(&id) = ids.get(doc as usize).filter(|id| **id != NONE) else { continue };
                let bits = RoleBits(roles.first(doc).unwrap_or_default());
                let current = rules.first(doc) == Some(keeper.rules());
                if current && snapshot.files.facts(id).roles != bits {
                    tags.push((id, bits));
                }
            }
        }
        if !tags.is_empty() {
            keeper.tag(&tags);
            snapshot.files = keeper.list();
        }
        Ok(snapshot)
    }

    /// Calls `take` with the path and stamp of each indexed file. What was tagged by other rules
    /// than those with the fingerprint `rules` has no stamp, so that it is read again.
    pub fn for_each_indexed(
        &mut self,
        rules: u64,
        mut take: impl FnMut(RepoPath, Stamp),
    ) -> Result<(), IndexError> {
        self.reader.reload()?;
        for segment in self.reader.searcher().segment_readers() {
            let paths = paths_of(segment)?;
            let fast = segment.fast_fields();
            let column = fast.bytes("path")?;
            let by = fast.u64("rules")?;
            let sizes = fast.u64("size")?;
            let times = fast.i64("modified")?;
            let changes = fast.i64("changed")?;
            let Some(column) = column else { continue };
            for doc in segment.doc_ids_alive() {
                let Some(path) = column.ords().first(doc).and_then(|ord| paths.get(ord as usize))
                else {
                    continue;
                };
                let stamp = if by.first(doc) == Some(rules) {
                    Stamp {
                        size: sizes.first(doc).unwrap_or_default(),
                        modified: times.first(doc).unwrap_or_default(),
                        changed: changes.first(doc).unwrap_or_default(),
                    }
                } else {
                    Stamp { size: u64::MAX, modified: 0, changed: 0 }
                };
                take(path.clone(), stamp);
            }
        }
        Ok(())
    }
}

fn paths_of(segment: &SegmentReader) -> Result<Vec<RepoPath>, IndexError> {
    let mut paths = Vec::new();
    if let Some(column) = segment.fast_fields().bytes("path")? {
        let mut stream = column.dictionary().stream().map_err(tantivy::TantivyError::from)?;
        while stream.advance() {
            paths.push(RepoPath::from_bytes(stream.key().to_vec()));
        }
    }
    Ok(paths)
}

fn map_of(segment: &SegmentReader, keeper: &FileKeeper) -> Result<Vec<FileId>, IndexError> {
    let by_ord: Vec<FileId> =
        paths_of(segment)?.iter().map(|path| keeper.id(path).unwrap_or(NONE)).collect();
    let mut ids = vec![NONE; segment.max_doc() as usize];
    if let Some(column) = segment.fast_fields().bytes("path")? {
        for doc in 0..segment.max_doc() {
            if let Some(ord) = column.ords().first(doc) {
                ids[doc as usize] = by_ord.get(ord as usize).copied().unwrap_or(NONE);
            }
        }
    }
    Ok(ids)
}

impl ContentView {
    fn of(searcher: Searcher, fields: Fields, ids: Vec<Arc<Vec<FileId>>>) -> Self {
        let segments = searcher.segment_readers().to_vec();
        Self { searchers: vec![searcher], segments, fields, ids }
    }

    /// The texts of several indexes, each with the id that its first file has among all.
    fn joined(views: &[(FileId, Arc<Self>)]) -> Option<Self> {
        let fields = views.first()?.1.fields;
        let mut all = Self { searchers: Vec::new(), segments: Vec::new(), fields, ids: Vec::new() };
        for (start, view) in views {
            all.searchers.extend(view.searchers.iter().cloned());
            all.segments.extend(view.segments.iter().cloned());
            let moved = |id: &FileId| if *id == NONE { NONE } else { start + id };
            all.ids.extend(view.ids.iter().map(|ids| Arc::new(ids.iter().map(moved).collect())));
        }
        Some(all)
    }

    /// How many documents there are; one when there is none.
    pub(super) fn documents(&self) -> f32 {
        self.segments.iter().map(SegmentReader::num_docs).sum::<u32>().max(1) as f32
    }

    /// How many documents hold a term.
    pub(super) fn frequency(&self, term: &Term) -> tantivy::Result<u64> {
        let mut all = 0;
        for segment in &self.segments {
            all += u64::from(segment.inverted_index(term.field())?.doc_freq(term)?);
        }
        Ok(all)
    }

    /// The id of a document's file, when the file is listed and exists.
    pub(super) fn id(&self, files: &FileList, segment: usize, doc: u32) -> Option<FileId> {
        let id = *self.ids.get(segment)?.get(doc as usize)?;
        (id < files.ids() && !files.facts(id).gone).then_some(id)
    }
}
