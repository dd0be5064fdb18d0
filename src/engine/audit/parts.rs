//! The parts of a repository: its applications and its libraries, and which of them refers to
//! which.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::signs::begins_comment;
use crate::base::path::{name_of, stem_of};
use crate::engine::catalogue::{Applications, Graph};
use crate::engine::files::{FileId, FileList};
use crate::engine::index::read_raw;

/// Folders that hold applications, one each.
const OF_APPS: &[&str] = &["apps", "services", "applications", "microservices"];
/// Folders that hold libraries, one each. `lib/` and `app/` are halves of one application.
const OF_LIBS: &[&str] = &["libs", "packages", "crates"];
/// Names of folders at the top that are applications by themselves.
const APPS: &[&str] = &[
    "backend", "frontend", "server", "client", "api", "web", "webapp", "ui", "mobile", "worker",
    "admin", "site",
];
/// Source files from which a folder counts as a part.
const LEAST: usize = 3;
/// Bytes of a file in which an import is looked for.
const MOST_BYTES: u64 = 256 << 10;

/// What kind of part it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It runs by itself.
    App,
    /// Others use it.
    Lib,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its folder in lower case, with `/` at the end.
    pub root: String,
    /// What kind it is.
    pub kind: Kind,
    /// Its source files.
    pub files: Vec<FileId>,
}

impl Part {
    /// The name of its folder.
    pub fn name(&self) -> &str {
        let root = self.root.trim_end_matches('/');
        match root.rsplit('/').next() {
            Some("") | None => "the top folder",
            Some(name) => name,
        }
    }
}

/// All parts, by their folders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// In the order of their folders.
    pub all: Vec<Part>,
    of_file: BTreeMap<FileId, usize>,
}

/// A file of one part that refers to a file of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// The part that refers.
    pub from: usize,
    /// The part that is referred to.
    pub to: usize,
    /// The file that refers.
    pub file: FileId,
    /// The 1-based line that does.
    pub line: u32,
    /// The file that is referred to.
    pub target: FileId,
}

impl Parts {
    /// The parts that hold `sources`, told by manifests and by the usual folders; `starts` tells
    /// whether a file starts a program.
    pub fn of(files: &FileList, sources: &[FileId], starts: &dyn Fn(FileId) -> bool) -> Self {
        let manifests = Applications::of(files);
        let mut found: BTreeMap<String, (Option<Kind>, Vec<FileId>)> = BTreeMap::new();
        for &id in sources {
            let lower = files.lower(id);
            let root = String::from_utf8_lossy(&manifests.of_file(lower).0).into_owned();
            let path = String::from_utf8_lossy(lower).into_owned();
            let (root, kind) = match by_folder(&path, &root) {
                Some((root, kind)) => (root, Some(kind)),
                None => (root, None),
            };
            found.entry(root).or_insert((kind, Vec::new())).1.push(id);
        }
        // What lies in none of the others is a part of its own when it is no mere rest.
        found.retain(|root, (_, own)| {
            own.len() >= LEAST && (!root.is_empty() || own.len() * 5 >= sources.len())
        });
        let kind_of = |root: &str, told: Option<Kind>, own: &[FileId]| {
            let name = root.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            let app = APPS.contains(&name) || own.iter().any(|&id| starts(id));
            told.unwrap_or(if app { Kind::App } else { Kind::Lib })
        };
        let all: Vec<Part> = found
            .into_iter()
            .map(|(root, (kind, own))| Part { kind: kind_of(&root, kind, &own), root, files: own })
            .collect();
        let of_file = all
            .iter()
            .enumerate()
            .flat_map(|(number, part)| part.files.iter().map(move |&id| (id, number)))
            .collect();
        Self { all, of_file }
    }

    /// The parts of one kind.
    pub fn kind(&self, kind: Kind) -> impl Iterator<Item = &Part> {
        self.all.iter().filter(move |it| it.kind == kind)
    }

    /// References from part to part, one for each file and other part. Only those count whose line
    /// is found and names the other part, so that a like name elsewhere is not taken for one.
    pub fn crossings(
        &self,
        root: &Path,
        files: &FileList,
        graph: &Graph,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Crossing> {
        let mut out: Vec<Crossing> = Vec::new();
        for (&file, &from) in &self.of_file {
            if cancelled() {
                break;
            }
            let mut seen: BTreeSet<usize> = BTreeSet::new();
            let mut text: Option<Vec<u8>> = None;
            for &target in graph.targets(file) {
                let Some(&to) = self.of_file.get(&target) else { continue };
                if to == from || seen.contains(&to) {
                    continue;
                }
                let text = text.get_or_insert_with(|| {
                    let read = read_raw(root, &files.repo_path(file), MOST_BYTES);
                    read.ok().flatten().map(|it| it.0).unwrap_or_default()
                });
                if let Some(line) =
                    import_line(text, self.all[to].name(), &imported_as(files.lower(target)))
                {
                    seen.insert(to);
                    out.push(Crossing { from, to, file, line, target });
                }
            }
        }
        out.sort_by(|a, b| {
            (files.path(a.file), a.line, a.to).cmp(&(files.path(b.file), b.line, b.to))
        });
        out
    }
}

/// The folder of a part, when the usual folders tell it; `root` is the nearest folder above with a
/// manifest.
fn by_folder(path: &str, root: &str) -> Option<(String, Kind)> {
    let parts: Vec<&str> = path.split('/').collect();
    for depth in 0..2 {
        let (Some(group), Some(name), true) =
            (parts.get(depth), parts.get(depth + 1), parts.len() > depth + 2)
        else {
            break;
        };
        let kind = if OF_APPS.contains(group) {
            Kind::App
        } else if OF_LIBS.contains(group) {
            Kind::Lib
        } else {
            continue;
        };
        let part = format!("{}/{name}/", parts[..=depth].join("/"));
        // Without manifests of their own, `services` are a layer of one application.
        if *group == "services" && part != root {
            continue;
        }
        return Some((part, kind));
    }
    None
}

/// A word without capitals and dashes, as imports of several languages write it.
fn plain(word: &str) -> String {
    word.to_lowercase().replace(['-', '_'], "")
}

/// The word by which a file is imported: its stem, or its folder where the file stands for it.
fn imported_as(lower: &[u8]) -> String {
    let name = name_of(lower);
    let folder = lower[..lower.len() - name.len()].strip_suffix(b"/").unwrap_or_default();
    let stem = stem_of(name);
    let whole = matches!(stem, b"index" | b"__init__" | b"mod" | b"lib") || name.ends_with(b".go");
    String::from_utf8_lossy(if whole { name_of(folder) } else { stem }).into_owned()
}

/// The 1-based line that imports `target` of the part with the name `part`; both must stand in it.
/// `@acme/client` alone is no import of a file of `apps/client`.
fn import_line(text: &[u8], part: &str, target: &str) -> Option<u32> {
    let (part, target) = (plain(part), plain(target));
    let words = ["import", "from ", "require", "use ", "include", "using ", "alias "];
    for (number, line) in text.split(|&it| it == b'\n').enumerate() {
        // A minified file is no evidence.
        if line.len() > 400 || begins_comment(line.trim_ascii_start()) {
            continue;
        }
        let shown = String::from_utf8_lossy(line).to_lowercase();
        let listed = shown.trim_start().starts_with('"');
        if !listed && !words.iter().any(|it| shown.contains(it)) {
            continue;
        }
        let mut pieces = shown
            .split(|it: char| !(it.is_alphanumeric() || matches!(it, '-' | '_' | '.')))
            .flat_map(|word| {
                // `auth.service` is one name to some, a path to others.
                word.split('.').map(plain).chain([plain(word)])
            });
        // The part comes first, unless it is meant as a whole.
        let there = pieces.by_ref().any(|it| it == part);
        if there && (part == target || pieces.any(|it| it == target)) {
            return Some(number as u32 + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_tell_parts() {
        let of = |path| by_folder(path, "services/pay/").map(|it| it.0);
        assert_eq!(of("apps/api/main.py").as_deref(), Some("apps/api/"));
        assert_eq!(of("libs/shared-types/src/a.ts").as_deref(), Some("libs/shared-types/"));
        assert_eq!(of("app/models/user.rb"), None);
        assert_eq!(of("src/packages/ui/a.ts").as_deref(), Some("src/packages/ui/"));
        assert_eq!(of("main.py"), None);
        assert_eq!(of("services/pay/main.go").as_deref(), Some("services/pay/"));
        assert_eq!(of("services/user/main.go"), None);
    }

    #[test]
    fn an_import_names_the_part() {
        let line = |text: &str, part| import_line(text.as_bytes(), part, "user");
        assert_eq!(line("import a\nfrom shared_types.user import User\n", "shared-types"), Some(2));
        assert_eq!(line("import x from '../../web/src/user'\n", "web"), Some(1));
        assert_eq!(line("// import x from 'web/user'\nconst web = 1\n", "web"), None);
        assert_eq!(line("import (\n\t\"acme.io/shop/web/user\"\n)", "web"), Some(2));
        assert_eq!(line("import user from 'website'", "web"), None);
        assert_eq!(line("import { User } from '@prisma/client'", "client"), None);
        assert_eq!(imported_as(b"libs/types/index.ts"), "types");
        assert_eq!(imported_as(b"apps/web/auth.service.ts"), "auth.service");
        let angular = b"import x from '../../web/src/auth.service'";
        assert_eq!(import_line(angular, "web", "auth.service"), Some(1));
    }
}
