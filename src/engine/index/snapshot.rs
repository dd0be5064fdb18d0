//! A moment of the index together with the files of that moment.
//!
//! Documents know paths; searching works with file ids. Each segment's map from documents to ids
//! is made once, when the segment is first seen.

use std::collections::{HashMap, HashSet};
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
    pub(super) ids: Vec<FileIds>,
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
    known: HashMap<SegmentId, DocumentIds>,
    exact: ExactMaker,
}

/// File ids by document.
type FileIds = Arc<Vec<FileId>>;

/// The file of each document of a segment.
struct DocumentIds {
    ids: FileIds,
    /// Whether all were listed, so that there is nothing to look up again.
    whole: bool,
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
        let (searcher, ids) = self.newest(keeper, relist)?;
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

    /// The newest commit, and of each of its segments which files its documents are.
    fn newest(
        &mut self,
        keeper: &FileKeeper,
        relist: bool,
    ) -> Result<(Searcher, Vec<FileIds>), IndexError> {
        self.reader.reload()?;
        let searcher = self.reader.searcher();
        let mut known = HashMap::new();
        let mut ids = Vec::new();
        for segment in searcher.segment_readers() {
            let before = self.known.remove(&segment.segment_id());
            let map = match before.filter(|it| it.whole || !relist) {
                Some(map) => map,
                None => DocumentIds::of(segment, keeper)?,
            };
            ids.push(Arc::clone(&map.ids));
            known.insert(segment.segment_id(), map);
        }
        self.known = known;
        Ok((searcher, ids))
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
            let Some(DocumentIds { ids, .. }) = self.known.get(&segment.segment_id()) else {
                continue;
            };
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

    /// Calls `take` with the id and stamp of each indexed file, and gives the paths of those that
    /// are not listed. What was tagged by other rules than those of `keeper` has no stamp, so that
    /// it is read again.
    pub fn for_each_indexed(
        &mut self,
        keeper: &FileKeeper,
        mut take: impl FnMut(FileId, Stamp),
    ) -> Result<Vec<RepoPath>, IndexError> {
        let mut unlisted = Vec::new();
        let (searcher, all) = self.newest(keeper, true)?;
        for (segment, ids) in searcher.segment_readers().iter().zip(all) {
            let fast = segment.fast_fields();
            let by = fast.u64("rules")?;
            let sizes = fast.u64("size")?;
            let times = fast.i64("modified")?;
            let changes = fast.i64("changed")?;
            let mut strangers = Vec::new();
            for doc in segment.doc_ids_alive() {
                let id = ids.get(doc as usize).copied().unwrap_or(NONE);
                if id == NONE {
                    strangers.push(doc);
                    continue;
                }
                let stamp = if by.first(doc) == Some(keeper.rules()) {
                    Stamp {
                        size: sizes.first(doc).unwrap_or_default(),
                        modified: times.first(doc).unwrap_or_default(),
                        changed: changes.first(doc).unwrap_or_default(),
                    }
                } else {
                    Stamp { size: u64::MAX, modified: 0, changed: 0 }
                };
                take(id, stamp);
            }
            if let Some(column) = fast.bytes("path")?.filter(|_| !strangers.is_empty()) {
                let wanted: HashSet<u64> =
                    strangers.iter().filter_map(|doc| column.ords().first(*doc)).collect();
                for_each_path(segment, |ord, path| {
                    if wanted.contains(&ord) {
                        unlisted.push(RepoPath::from_bytes(path));
                    }
                })?;
            }
        }
        Ok(unlisted)
    }
}

/// Calls `take` with each path of a segment and its number in the order of paths.
fn for_each_path(
    segment: &SegmentReader,
    mut take: impl FnMut(u64, &[u8]),
) -> Result<(), IndexError> {
    if let Some(column) = segment.fast_fields().bytes("path")? {
        let mut stream = column.dictionary().stream().map_err(tantivy::TantivyError::from)?;
        while stream.advance() {
            take(stream.term_ord(), stream.key());
        }
    }
    Ok(())
}

impl DocumentIds {
    fn of(segment: &SegmentReader, keeper: &FileKeeper) -> Result<Self, IndexError> {
        let mut by_ord = Vec::with_capacity(segment.max_doc() as usize);
        for_each_path(segment, |_, path| by_ord.push(keeper.id(path).unwrap_or(NONE)))?;
        let mut ids = vec![NONE; segment.max_doc() as usize];
        if let Some(column) = segment.fast_fields().bytes("path")? {
            for (doc, id) in (0..).zip(&mut ids) {
                let ord = column.ords().first(doc);
                *id = ord.and_then(|it| by_ord.get(it as usize).copied()).unwrap_or(NONE);
            }
        }
        let whole = segment.doc_ids_alive().all(|doc| ids[doc as usize] != NONE);
        Ok(Self { ids: Arc::new(ids), whole })
    }
}

impl ContentView {
    fn of(searcher: Searcher, fields: Fields, ids: Vec<FileIds>) -> Self {
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

    /// How many documents there are; one when there is none. Those that were removed since their
    /// segment was written count, as they do in [`Self::frequency`].
    pub(super) fn documents(&self) -> f32 {
        self.segments.iter().map(SegmentReader::max_doc).sum::<u32>().max(1) as f32
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
