//! Where segments lie, and what they tell about the files of one moment.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::directory::{MmapDirectory, OwnedBytes};

use super::names::Cursor;
use super::segment::List;
use super::{EXTENSION, Segment, Wanted};
use crate::engine::files::{FileId, FileKeeper, FileList};
use crate::engine::symbols::Kind;

/// Stands for an entry whose file is not listed.
const NONE: FileId = FileId::MAX;
/// Lists that are looked at to narrow an answer; the rarest come first. One more costs a fraction of a
/// millisecond, and spares the reading of files of which each costs hundredths.
const MOST_LISTS: usize = 64;
/// Names between two looks at whether the search is still wanted.
const CANCEL_EVERY: usize = 8192;
/// With so few files left, reading them is quicker than another list.
const FEW: usize = 8;

/// The segments of an index, in its folder or in memory.
pub enum ExactStore {
    /// A folder, mapped into memory when read.
    Folder(PathBuf, MmapDirectory),
    /// Ends with this process.
    Memory(Mutex<Vec<(String, Arc<Segment>)>>),
}

impl ExactStore {
    /// Adds a segment with these bytes, which appears whole or not at all.
    pub fn put(&self, bytes: Vec<u8>) -> io::Result<()> {
        match self {
            Self::Folder(folder, _) => {
                let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
                file.write_all(&bytes)?;
                let path = file.into_temp_path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let name = name.trim_start_matches(".new-");
                path.persist(folder.join(name).with_extension(EXTENSION))?;
            }
            Self::Memory(all) => {
                if let Some(segment) = Segment::of_bytes(OwnedBytes::new(bytes)) {
                    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                    let name = format!("{}", all.len());
                    all.push((name, Arc::new(segment)));
                }
            }
        }
        Ok(())
    }

    /// The names of all segments.
    fn names(&self) -> Vec<String> {
        match self {
            Self::Folder(folder, _) => fs::read_dir(folder)
                .into_iter()
                .flatten()
                .filter_map(Result::ok)
                .filter(|it| {
                    Path::new(&it.file_name()).extension().is_some_and(|it| it == EXTENSION)
                })
                .filter_map(|it| it.file_name().into_string().ok())
                .collect(),
            Self::Memory(all) => {
                let all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.iter().map(|(name, _)| name.clone()).collect()
            }
        }
    }

    /// A segment that is not as it was written. Reads all of them.
    pub fn unsound(&self) -> Option<String> {
        self.names()
            .into_iter()
            .find(|name| !self.open(name).is_some_and(|segment| segment.is_sound()))
    }

    fn open(&self, name: &str) -> Option<Arc<Segment>> {
        match self {
            Self::Folder(_, directory) => Segment::open(directory, Path::new(name)).map(Arc::new),
            Self::Memory(all) => {
                let all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.iter().find(|it| it.0 == name).map(|it| Arc::clone(&it.1))
            }
        }
    }

    /// Removes a segment. Who has it open keeps it.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match self {
            Self::Folder(folder, _) => fs::remove_file(folder.join(name)),
            Self::Memory(all) => {
                let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
                all.retain(|it| it.0 != name);
                Ok(())
            }
        }
    }
}

/// Makes views of the segments that are there.
pub struct ExactMaker {
    store: Arc<ExactStore>,
    known: HashMap<String, Option<Part>>,
}

/// A segment, and which file each of its entries is.
#[derive(Clone)]
struct Part {
    segment: Arc<Segment>,
    ids: Arc<Vec<FileId>>,
}

impl ExactMaker {
    /// What makes views of the segments in `store`.
    pub fn new(store: Arc<ExactStore>) -> Self {
        Self { store, known: HashMap::new() }
    }

    /// The segments that are there now. `relist` looks up entries again that were not listed.
    pub fn take(&mut self, keeper: &FileKeeper, relist: bool) -> ExactView {
        let mut known = HashMap::new();
        let mut parts = Vec::new();
        for name in self.store.names() {
            let before = self.known.remove(&name);
            let part = match before {
                // Not a segment; it will not become one.
                Some(None) => None,
                Some(Some(part)) if !relist => Some(part),
                Some(Some(part)) => Some(Part::of(part.segment, keeper)),
                None => self.store.open(&name).map(|segment| Part::of(segment, keeper)),
            };
            if let Some(part) = &part {
                parts.push((name.clone(), part.clone()));
            }
            known.insert(name, part);
        }
        self.known = known;
        parts.sort_by(|one, other| one.0.cmp(&other.0));
        ExactView { parts }
    }
}

impl Part {
    fn of(segment: Arc<Segment>, keeper: &FileKeeper) -> Self {
        let ids = (0..segment.files())
            .map(|number| segment.path(number).and_then(|it| keeper.id(it)).unwrap_or(NONE))
            .collect();
        Self { segment, ids: Arc::new(ids) }
    }

    /// The file of an entry, while the file is as it was read.
    fn file(&self, files: &FileList, number: usize) -> Option<FileId> {
        let id = *self.ids.get(number)?;
        let valid = id < files.ids()
            && !files.facts(id).gone
            && Some(files.facts(id).stamp) == self.segment.stamp(number);
        valid.then_some(id)
    }

    fn take_defined(
        &self,
        files: &FileList,
        at: &Cursor<'_>,
        exact: bool,
        found: &mut Vec<Defined>,
    ) {
        found.extend(at.definitions().filter_map(|it| {
            let file = self.file(files, usize::from(it.file))?;
            Some(Defined { file, line: it.line, kind: it.kind, exact })
        }));
    }

    fn living(&self, files: &FileList) -> impl Iterator<Item = FileId> {
        (0..self.segment.files()).filter_map(|number| self.file(files, number))
    }
}

/// A definition in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defined {
    /// The file.
    pub file: FileId,
    /// 1-based.
    pub line: u32,
    /// What is defined.
    pub kind: Kind,
    /// Whether it has the whole name that was asked for.
    pub exact: bool,
}

/// The segments of one moment.
#[derive(Clone, Default)]
pub struct ExactView {
    parts: Vec<(String, Part)>,
}

impl ExactView {
    /// The segments of several repositories, each with the id that its first file has among all.
    pub fn joined(views: &[(FileId, Arc<Self>)]) -> Self {
        let moved = |start: FileId, part: &Part| {
            let id = |id: &FileId| if *id == NONE { NONE } else { start + id };
            let ids = part.ids.iter().map(id).collect();
            Part { segment: Arc::clone(&part.segment), ids: Arc::new(ids) }
        };
        let parts = views.iter().flat_map(|(start, view)| {
            view.parts.iter().map(|(name, part)| (name.clone(), moved(*start, part)))
        });
        Self { parts: parts.collect() }
    }

    /// The files whose content no segment knows: they have to be read.
    pub fn uncovered(&self, files: &FileList) -> Vec<FileId> {
        let mut covered = vec![false; files.ids() as usize];
        for (_, part) in &self.parts {
            for id in part.living(files) {
                covered[id as usize] = true;
            }
        }
        files.living().filter(|&id| !covered[id as usize]).collect()
    }

    /// The covered files that can hold what is wanted, in no order; `None` when every file can.
    pub fn able(&self, wanted: &Wanted, files: &FileList) -> Option<Vec<FileId>> {
        let mut able = Vec::new();
        for (_, part) in &self.parts {
            let mut take = |number: usize| able.extend(part.file(files, number));
            match wanted {
                Wanted::Anything => return None,
                Wanted::All(grams) => {
                    let lists: Option<Vec<List<'_>>> =
                        grams.iter().map(|&gram| part.segment.having(gram)).collect();
                    if let Some(lists) = lists {
                        common(lists).into_iter().for_each(take);
                    }
                }
                Wanted::Beginning(one, two) => {
                    let mut having = vec![false; part.segment.files()];
                    for list in part.segment.beginning(&[*one, *two]) {
                        list.for_each(|number| {
                            if let Some(it) = having.get_mut(number) {
                                *it = true;
                            }
                        });
                    }
                    having.iter().enumerate().filter(|it| *it.1).for_each(|it| take(it.0));
                }
            }
        }
        able.sort_unstable();
        able.dedup();
        Some(able)
    }

    /// Calls `take` with covered files that hold the bytes of `text`, ASCII and in lower case, in any
    /// case: all of them, perhaps more than once, unless `take` says that it has enough. Of longer
    /// texts than a gram none is certain.
    pub fn holding(&self, text: &[u8], files: &FileList, take: &mut dyn FnMut(FileId) -> bool) {
        if !(1..=3).contains(&text.len()) {
            return;
        }
        for (_, part) in &self.parts {
            for list in part.segment.beginning(text) {
                let mut enough = false;
                list.for_each(|number| enough |= part.file(files, number).is_some_and(&mut *take));
                if enough {
                    return;
                }
            }
        }
    }

    /// Where names are defined that `part` begins, or, when it begins none, that hold it; in lower
    /// case, at most `most` names. Nothing once `cancelled`.
    pub fn defining_like(
        &self,
        part: &[u8],
        most: usize,
        files: &FileList,
        cancelled: &dyn Fn() -> bool,
    ) -> Vec<Defined> {
        let mut found = Vec::new();
        let mut names = 0;
        for (_, it) in &self.parts {
            let Some(mut cursor) = it.segment.names().and_then(|names| names.from(part)) else {
                continue;
            };
            while names < most && cursor.advance() && cursor.name().starts_with(part) {
                names += 1;
                it.take_defined(files, &cursor, cursor.name() == part, &mut found);
            }
        }
        if !found.is_empty() {
            return found;
        }
        let finder = memchr::memmem::Finder::new(part);
        for (_, it) in &self.parts {
            let Some(mut cursor) = it.segment.names().and_then(|names| names.all()) else {
                continue;
            };
            let mut seen = 0usize;
            while names < most && cursor.advance() {
                seen += 1;
                if seen.is_multiple_of(CANCEL_EVERY) && cancelled() {
                    return Vec::new();
                }
                if finder.find(cursor.name()).is_some() {
                    names += 1;
                    it.take_defined(files, &cursor, false, &mut found);
                }
            }
        }
        found
    }

    /// Where exactly this name is defined; in lower case.
    pub fn defining(&self, name: &[u8], files: &FileList) -> Vec<Defined> {
        let mut found = Vec::new();
        for (_, it) in &self.parts {
            if let Some(mut cursor) = it.segment.names().and_then(|names| names.from(name))
                && cursor.advance()
                && cursor.name() == name
            {
                it.take_defined(files, &cursor, true, &mut found);
            }
        }
        found
    }

    /// Segments that are worth replacing: those with nothing that is still valid, those mostly
    /// outdated, and small ones when they have become many.
    pub fn worn(&self, files: &FileList) -> Vec<String> {
        /// Bytes below which a segment is small. Few files may make a large one.
        const SMALL: usize = 1 << 20;
        /// Small segments that are too many.
        const MANY: usize = 8;
        let mut worn = Vec::new();
        let mut small = Vec::new();
        for (name, part) in &self.parts {
            let living = part.living(files).count();
            if living * 2 < part.segment.files() {
                worn.push(name.clone());
            } else if part.segment.size() < SMALL {
                small.push(name.clone());
            }
        }
        if small.len() >= MANY {
            worn.append(&mut small);
        }
        worn
    }

    /// The same without these segments.
    #[must_use]
    pub fn without(&self, names: &[String]) -> Self {
        let parts = self.parts.iter().filter(|it| !names.contains(&it.0)).cloned().collect();
        Self { parts }
    }

    /// Whether the lists of every segment are as they were written; reads all of them.
    pub fn is_sound(&self) -> bool {
        self.parts.iter().all(|it| it.1.segment.is_sound())
    }
}

/// The files that all lists name.
fn common(mut lists: Vec<List<'_>>) -> Vec<usize> {
    lists.sort_unstable_by_key(List::weight);
    lists.truncate(MOST_LISTS);
    let mut lists = lists.into_iter();
    let mut files = Vec::new();
    if let Some(first) = lists.next() {
        first.for_each(|file| files.push(file));
    }
    for list in lists {
        if files.len() <= FEW {
            break;
        }
        if let List::Bits(bits) = list {
            files.retain(|&file| bits.get(file / 8).is_some_and(|it| it & (1 << (file % 8)) != 0));
            continue;
        }
        let mut kept = 0;
        let mut at = 0;
        list.for_each(|file| {
            while files.get(at).is_some_and(|&it| it < file) {
                at += 1;
            }
            if files.get(at) == Some(&file) {
                files[kept] = file;
                kept += 1;
                at += 1;
            }
        });
        files.truncate(kept);
    }
    files
}

#[cfg(test)]
mod tests {
    use super::super::ExactBuilder;
    use super::*;
    use crate::engine::roles::RoleSet;
    use crate::engine::walk::{Found, Stamp};

    fn found(path: &str, modified: i64) -> Found {
        Found { path: path.into(), stamp: Stamp { size: 9, modified, changed: 0 }, link: false }
    }

    fn segment(files: &[(&Found, &str)]) -> Vec<u8> {
        let mut builder = ExactBuilder::default();
        for (found, text) in files {
            builder.add(found.path.clone(), found.stamp, text.as_bytes());
        }
        builder.finish()
    }

    #[test]
    fn an_entry_counts_while_its_file_is_the_same() {
        let roles = RoleSet::builtin().0;
        let mut keeper = FileKeeper::default();
        let (one, two) = (found("a.rs", 1), found("b.rs", 1));
        let a = keeper.put(&one, &roles).0;
        let b = keeper.put(&two, &roles).0;
        for store in [ExactStore::Memory(Mutex::default()), {
            let dir = tempfile::tempdir().unwrap().keep();
            ExactStore::Folder(dir.clone(), MmapDirectory::open(dir).unwrap())
        }] {
            let store = Arc::new(store);
            store.put(segment(&[(&one, "let alpha = 1;"), (&two, "let beta = 2;")])).unwrap();
            let mut maker = ExactMaker::new(Arc::clone(&store));
            let view = maker.take(&keeper, false);
            let files = keeper.list();
            assert_eq!(view.able(&Wanted::of("Alpha"), &files), Some(vec![a]));
            assert_eq!(view.able(&Wanted::of("let"), &files), Some(vec![a, b]));
            assert_eq!(view.able(&Wanted::of("be"), &files), Some(vec![b]));
            assert_eq!(view.able(&Wanted::of(";"), &files), None);
            assert!(view.uncovered(&files).is_empty());
            assert!(view.worn(&files).is_empty() && view.is_sound());
            // b.rs is written again, and a file comes that no segment knows.
            let mut later = FileKeeper::default();
            later.put(&one, &roles);
            let b = later.put(&found("b.rs", 2), &roles).0;
            let c = later.put(&found("c.rs", 1), &roles).0;
            let files = later.list();
            let view = maker.take(&later, true);
            assert_eq!(view.able(&Wanted::of("let"), &files), Some(vec![a]));
            assert_eq!(view.uncovered(&files), [b, c]);
            // A second segment covers them again.
            store.put(segment(&[(&found("b.rs", 2), "let beta = 3;")])).unwrap();
            let view = maker.take(&later, false);
            assert_eq!(view.able(&Wanted::of("let"), &files), Some(vec![a, b]));
            assert_eq!(view.uncovered(&files), [c]);
            for name in store.names() {
                store.remove(&name).unwrap();
            }
            assert_eq!(maker.take(&later, false).uncovered(&files).len(), 3);
        }
    }
}
