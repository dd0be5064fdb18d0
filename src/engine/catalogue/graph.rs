//! Who refers to whom: references resolved to files, and how central that makes each.

use std::collections::HashMap;

use super::Look;
use super::references::{Reference, key};
use crate::base::path::{name_of, stem_of};
use crate::engine::files::{FileId, FileList};
use crate::engine::roles::Language;
use crate::engine::standing::Standing;

/// A name that more files than this carry says nothing.
const AMBIGUOUS: usize = 4;
/// Steps from an entry point within which a file counts as reached.
const STEPS: usize = 4;

/// References between files.
#[derive(Debug, Default)]
pub struct Graph {
    /// How often each file is referred to, in files; a Go package's references are shared.
    incoming: Vec<f32>,
    edges: HashMap<FileId, Vec<FileId>>,
}

struct Resolver<'a> {
    files: &'a FileList,
    /// Paths without extension, and without `/index` and the like, to files.
    exact: HashMap<Vec<u8>, FileId>,
    /// The last component of such a path to files.
    last: HashMap<Vec<u8>, Vec<FileId>>,
    /// Class names to files.
    names: HashMap<Vec<u8>, Vec<FileId>>,
    /// The last component of a folder to folders, and folders to their Go files.
    folders: HashMap<Vec<u8>, Vec<Vec<u8>>>,
    inside: HashMap<Vec<u8>, Vec<FileId>>,
}

/// The path as imports write it: lower case, without extension, a folder's index file as the
/// folder.
fn module(lower: &[u8]) -> Vec<u8> {
    let name = name_of(lower);
    let folder = &lower[..lower.len() - name.len()];
    let stem = stem_of(name);
    if matches!(stem, b"index" | b"__init__" | b"mod") && !folder.is_empty() {
        return folder[..folder.len() - 1].to_vec();
    }
    [folder, stem].concat()
}

/// Whether files of a language are found by the names of their classes.
fn named(language: Language) -> bool {
    matches!(
        language,
        Language::Java | Language::Php | Language::CSharp | Language::Ruby | Language::Elixir
    )
}

impl<'a> Resolver<'a> {
    fn new(files: &'a FileList) -> Self {
        let mut it = Self {
            files,
            exact: HashMap::new(),
            last: HashMap::new(),
            names: HashMap::new(),
            folders: HashMap::new(),
            inside: HashMap::new(),
        };
        for id in files.living() {
            let lower = files.lower(id);
            let name = name_of(lower);
            let Some(language) = Language::of(name) else { continue };
            if matches!(language, Language::Data | Language::Shell) {
                continue;
            }
            if language == Language::Go {
                let folder = &lower[..lower.len() - name.len()];
                if let Some(folder) = folder.strip_suffix(b"/") {
                    if !it.inside.contains_key(folder) {
                        let last = name_of(folder).to_vec();
                        it.folders.entry(last).or_default().push(folder.to_vec());
                    }
                    it.inside.entry(folder.to_vec()).or_default().push(id);
                }
                continue;
            }
            let module = module(lower);
            it.last.entry(name_of(&module).to_vec()).or_default().push(id);
            let standing = files.facts(id).standing;
            // Elsewhere than in Ruby and Elixir, a class and its file are both capitalised.
            let capital = name_of(files.path(id)).first().is_some_and(u8::is_ascii_uppercase)
                || language == Language::Ruby
                || (language == Language::Elixir && !name.ends_with(b".exs"));
            if named(language) && capital && standing == Standing::Source {
                it.names.entry(key(stem_of(name))).or_default().push(id);
            }
            it.exact.entry(module).or_insert(id);
        }
        it
    }

    /// The files whose paths share the most components with the end of `path`.
    fn by_suffix(&self, path: &[u8]) -> Option<FileId> {
        let candidates = self.last.get(name_of(path))?;
        let wanted: Vec<&[u8]> = path.rsplit(|&it| it == b'/').collect();
        let mut best: Option<(usize, FileId)> = None;
        let mut tied = 0;
        for &id in candidates {
            let module = module(self.files.lower(id));
            let common = module
                .rsplit(|&it| it == b'/')
                .zip(&wanted)
                .take_while(|(one, other)| one == *other)
                .count();
            match best {
                Some((most, _)) if common < most => {}
                Some((most, other)) if common == most && !self.above(id, other) => tied += 1,
                _ => {
                    best = Some((common, id));
                    tied = 0;
                }
            }
        }
        let (common, id) = best?;
        (common >= wanted.len().min(2) && tied < AMBIGUOUS).then_some(id)
    }

    /// Whether `one` lies in fewer folders than `other`.
    fn above(&self, one: FileId, other: FileId) -> bool {
        let depth = |id: FileId| memchr::memchr_iter(b'/', self.files.lower(id)).count();
        depth(one) < depth(other)
    }

    /// The file that a class name most likely stands for: the one in the fewest folders.
    fn by_name(&self, name: &[u8]) -> Option<FileId> {
        let depth = |id: FileId| memchr::memchr_iter(b'/', self.files.lower(id)).count();
        let found = self.names.get(name)?;
        let least = found.iter().map(|&id| depth(id)).min()?;
        let mut first = found.iter().filter(|&&id| depth(id) == least);
        let id = first.next().copied();
        if first.count() < AMBIGUOUS { id } else { None }
    }

    fn folder(&self, path: &[u8]) -> Option<&Vec<FileId>> {
        let candidates = self.folders.get(name_of(path))?;
        let wanted: Vec<&[u8]> = path.rsplit(|&it| it == b'/').collect();
        let best = candidates.iter().max_by_key(|folder| {
            folder.rsplit(|&it| it == b'/').zip(&wanted).take_while(|(a, b)| a == *b).count()
        })?;
        self.inside.get(best)
    }
}

impl Graph {
    /// Resolves all references.
    pub fn build(files: &FileList, looks: &[Look]) -> Self {
        let resolver = Resolver::new(files);
        let mut graph = Self { incoming: vec![0.0; files.ids() as usize], edges: HashMap::new() };
        let mut known: HashMap<&Reference, Option<FileId>> = HashMap::new();
        for look in looks {
            let mut targets: Vec<FileId> = Vec::new();
            for reference in &look.references {
                if let Reference::Folder(path) = reference {
                    let package = name_of(path);
                    for &id in resolver.folder(path).into_iter().flatten() {
                        let stem = stem_of(name_of(files.lower(id)));
                        graph.incoming[id as usize] += if stem == package { 1.0 } else { 0.3 };
                        targets.push(id);
                    }
                    continue;
                }
                let target = *known.entry(reference).or_insert_with(|| match reference {
                    Reference::Path(path) => {
                        let bare = match path.iter().rposition(|&it| it == b'.') {
                            Some(at) if at > 0 => path.get(..at).unwrap_or(path),
                            _ => path,
                        };
                        resolver.exact.get(path).or_else(|| resolver.exact.get(bare)).copied()
                    }
                    Reference::Module(path) => resolver.by_suffix(path),
                    Reference::Name(name) => resolver.by_name(name),
                    Reference::Folder(_) => None,
                });
                targets.extend(target.filter(|&it| it != look.id));
            }
            targets.sort_unstable();
            targets.dedup();
            for &id in &targets {
                if Language::of(name_of(files.lower(id))) != Some(Language::Go) {
                    graph.incoming[id as usize] += 1.0;
                }
            }
            graph.edges.insert(look.id, targets);
        }
        graph
    }

    /// How often a file is referred to.
    pub fn incoming(&self, id: FileId) -> f32 {
        self.incoming.get(id as usize).copied().unwrap_or(0.0)
    }

    /// The files that a file refers to.
    pub fn targets(&self, id: FileId) -> &[FileId] {
        self.edges.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The files that are reached from `starts` in a few steps, as a set over ids.
    pub fn reached(&self, starts: &[FileId]) -> Vec<bool> {
        let mut reached = vec![false; self.incoming.len()];
        let mut edge: Vec<FileId> = starts.to_vec();
        for _ in 0..STEPS {
            let mut next = Vec::new();
            for id in edge {
                for &target in self.edges.get(&id).into_iter().flatten() {
                    if let Some(seen) = reached.get_mut(target as usize)
                        && !*seen
                    {
                        *seen = true;
                        next.push(target);
                    }
                }
            }
            edge = next;
        }
        reached
    }
}
