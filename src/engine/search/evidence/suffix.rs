//! From a path where a program ran to a file of the repository: by the longest common end, and where
//! that leaves several, by what the other frames of the trace say.

use std::collections::HashMap;

use crate::engine::files::{FileId, FileList};
use crate::engine::standing::Standing;

/// Most files of one name that are compared.
const MOST_NAMESAKES: usize = 2000;
/// Names that say little by themselves: every other project has one.
const COMMON: &[&str] = &[
    "index",
    "main",
    "app",
    "__init__",
    "mod",
    "lib",
    "utils",
    "util",
    "helpers",
    "types",
    "server",
    "config",
    "base",
    "core",
    "client",
    "common",
    "page",
    "route",
    "application",
    "program",
    "base64",
    "loader",
    "module",
    "router",
    "request",
    "response",
    "error",
    "errors",
    "worker",
    "queue",
    "test",
];
/// Endings that become each other when they are built.
const BUILT: &[&str] = &["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"];
/// Folders that a build puts sources into.
const OUTPUT: &[&str] =
    &["dist", "build", "out", "lib", "target", ".next", ".output", "compiled", "esm", "cjs"];

/// A path as it is compared.
struct Wanted {
    /// Segments in lower case, the last without its ending.
    segments: Vec<String>,
    ending: String,
}

/// A file that a path may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The file.
    pub file: FileId,
    /// Segments that agree, from the end.
    pub common: usize,
    /// Whether the other frames say the same.
    pub voted: bool,
    /// From 0 to 1: how sure it is.
    pub confidence: f32,
}

impl Wanted {
    fn of(path: &str) -> Self {
        let lower = path.to_lowercase();
        let mut segments: Vec<String> = lower
            .split('/')
            .filter(|it| !it.is_empty() && *it != "..")
            .map(str::to_owned)
            .collect();
        let mut ending = String::new();
        if let Some(last) = segments.last_mut()
            && let Some((stem, end)) =
                last.rsplit_once('.').map(|(stem, end)| (stem.to_owned(), end.to_owned()))
            && !stem.is_empty()
        {
            ending = if end == "pyc" { "py".to_owned() } else { end };
            *last = stem;
        }
        Self { segments, ending }
    }

    fn stem(&self) -> &str {
        self.segments.last().map_or("", String::as_str)
    }

    fn is_built(&self) -> bool {
        BUILT.contains(&self.ending.as_str())
    }

    /// Segments that agree with a file's, from the end. What a build has moved is put back.
    fn common(&self, segments: &[&str]) -> usize {
        let agree = |mine: &mut dyn Iterator<Item = &str>| {
            mine.zip(segments.iter().rev()).take_while(|(one, other)| one == *other).count()
        };
        let plain = agree(&mut self.segments.iter().rev().map(String::as_str));
        if !self.is_built() {
            return plain;
        }
        let replaced = agree(
            &mut self
                .segments
                .iter()
                .rev()
                .map(|it| if OUTPUT.contains(&it.as_str()) { "src" } else { it }),
        );
        let removed = agree(
            &mut self
                .segments
                .iter()
                .rev()
                .map(String::as_str)
                .filter(|it| !OUTPUT.contains(it) && *it != "src"),
        );
        plain.max(replaced).max(removed)
    }
}

/// Tells for each path the files that it may be, the likeliest first; `hints` are folders where
/// programs run with the folders of the repository that they come from.
pub fn resolve(
    files: &FileList,
    paths: &[Option<&str>],
    hints: &[(String, String)],
) -> Vec<Vec<Candidate>> {
    let wanted: Vec<Option<Wanted>> = paths.iter().map(|it| it.map(Wanted::of)).collect();
    let mut namesakes: HashMap<&str, Vec<FileId>> = HashMap::new();
    for it in wanted.iter().flatten() {
        namesakes.entry(it.stem()).or_default();
    }
    for file in files.living() {
        let lower = files.lower(file);
        let name = crate::base::path::name_of(lower);
        let stem = match memchr::memrchr(b'.', name) {
            Some(at) if at > 0 => &name[..at],
            _ => name,
        };
        if let Ok(stem) = std::str::from_utf8(stem)
            && let Some(list) = namesakes.get_mut(stem)
            && list.len() < MOST_NAMESAKES
        {
            list.push(file);
        }
    }
    let mut found: Vec<Vec<Candidate>> = wanted
        .iter()
        .map(|it| it.as_ref().map(|it| candidates(files, it, &namesakes)).unwrap_or_default())
        .collect();
    let votes = votes(files, &wanted, &found, hints);
    for (wanted, found) in wanted.iter().zip(&mut found) {
        if let Some(wanted) = wanted {
            settle(files, wanted, found, &votes);
        }
    }
    found
}

fn candidates(
    files: &FileList,
    wanted: &Wanted,
    namesakes: &HashMap<&str, Vec<FileId>>,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    for &file in namesakes.get(wanted.stem()).into_iter().flatten() {
        let Ok(lower) = std::str::from_utf8(files.lower(file)) else { continue };
        let ending = lower.rsplit_once('.').map_or("", |it| it.1);
        let same = ending == wanted.ending
            || (wanted.is_built() && BUILT.contains(&ending))
            || (wanted.ending == "java" && ending == "kt");
        if !same || files.facts(file).link {
            continue;
        }
        let common = wanted.common(&segments_of(lower));
        if common > 0 {
            found.push(Candidate { file, common, voted: false, confidence: 0.0 });
        }
    }
    found
}

fn segments_of(lower: &str) -> Vec<&str> {
    let mut segments: Vec<&str> = lower.split('/').collect();
    if let Some(last) = segments.last_mut() {
        *last = match last.rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => last,
        };
    }
    segments
}

/// Which folder of the repository a folder where the program ran seems to be, with how many frames
/// say so.
type Votes = HashMap<(String, String), f32>;

fn votes(
    files: &FileList,
    wanted: &[Option<Wanted>],
    found: &[Vec<Candidate>],
    hints: &[(String, String)],
) -> Votes {
    let mut votes = Votes::new();
    for (wanted, found) in wanted.iter().zip(found) {
        let Some(wanted) = wanted else { continue };
        let most = found.iter().map(|it| it.common).max().unwrap_or_default();
        let mut best = found.iter().filter(|it| it.common == most);
        if most >= 2
            && let (Some(only), None) = (best.next(), best.next())
            && let Some(roots) = roots(files, wanted, *only)
        {
            *votes.entry(roots).or_default() += 1.0;
        }
    }
    for (from, to) in hints {
        *votes.entry((from.to_lowercase(), to.to_lowercase())).or_default() += 0.5;
    }
    votes
}

/// What is left of both paths without their common end.
fn roots(files: &FileList, wanted: &Wanted, it: Candidate) -> Option<(String, String)> {
    let lower = std::str::from_utf8(files.lower(it.file)).ok()?;
    let segments = segments_of(lower);
    let mine = wanted.segments.get(..wanted.segments.len().checked_sub(it.common)?)?;
    let other = segments.get(..segments.len().checked_sub(it.common)?)?;
    Some((mine.join("/"), other.join("/")))
}

/// Orders the candidates and says how sure each is; none is left when none is likely.
fn settle(files: &FileList, wanted: &Wanted, found: &mut Vec<Candidate>, votes: &Votes) {
    let most = found.iter().map(|it| it.common).max().unwrap_or_default();
    if most == 0 {
        return;
    }
    let whole = wanted.segments.len();
    let count = found.iter().filter(|it| it.common == most).count();
    for it in found.iter_mut() {
        // A mapping that holds for longer beginnings holds here as well.
        it.voted = (1..=it.common).any(|common| {
            roots(files, wanted, Candidate { common, ..*it })
                .is_some_and(|it| votes.contains_key(&it))
        });
        let alike = if it.common == most { count as f32 } else { f32::INFINITY };
        let known = (it.common as f32 / whole.min(4) as f32).min(1.0);
        it.confidence = (0.55 + 0.43 * known) / alike.sqrt();
        if it.voted {
            it.confidence = it.confidence.max(0.9);
        }
    }
    let rank = |it: &Candidate| {
        let standing = files.facts(it.file).standing;
        let hidden = matches!(standing, Standing::Generated | Standing::Vendored);
        (
            std::cmp::Reverse(it.common),
            !it.voted,
            hidden,
            standing != Standing::Source,
            files.facts(it.file).depth,
        )
    };
    found.sort_by(|one, other| {
        rank(one).cmp(&rank(other)).then_with(|| files.path(one.file).cmp(files.path(other.file)))
    });
    found.retain(|it| it.common == most || it.voted);
    // One segment that agrees of a long path is chance, for a name that every project has.
    if most == 1 && whole > 2 {
        let voted = found.iter().any(|it| it.voted);
        if voted {
            found.retain(|it| it.voted);
        } else if count > 1 || COMMON.contains(&wanted.stem()) {
            found.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::files::FileKeeper;
    use crate::engine::roles::RoleSet;
    use crate::engine::walk::{Found, Stamp};

    fn first(repo: &[&str], paths: &[&str], hints: &[(String, String)]) -> Vec<String> {
        let roles = RoleSet::builtin().0;
        let mut keeper = FileKeeper::default();
        for path in repo {
            let stamp = Stamp { size: 1, modified: 1, changed: 1 };
            keeper.put(&Found { path: (*path).into(), stamp, link: false }, &roles);
        }
        let files = keeper.list();
        let paths: Vec<Option<&str>> = paths.iter().map(|it| Some(*it)).collect();
        let found = resolve(&files, &paths, hints);
        found
            .iter()
            .map(|it| it.first().map_or(String::new(), |it| files.repo_path(it.file).display()))
            .collect()
    }

    #[test]
    fn the_longest_common_end_wins() {
        let repo = [
            "backend/app/core/config.py",
            "worker/app/config.py",
            "web/src/user/user.service.ts",
            "web/test/user/user.service.ts",
        ];
        assert_eq!(first(&repo, &["/app/app/core/config.py"], &[]), [repo[0]]);
        assert_eq!(first(&repo, &["/srv/web/dist/user/user.service.js"], &[]), [repo[2]]);
        assert_eq!(first(&repo, &["/opt/other/deep/config.py"], &[]), [""]);
    }

    #[test]
    fn other_frames_and_hints_settle_what_is_open() {
        let repo = ["api/main.py", "api/db/pool.py", "worker/main.py"];
        assert_eq!(
            first(&repo, &["/srv/x/app/db/pool.py", "/srv/x/app/main.py"], &[]),
            [repo[1], repo[0]]
        );
        let hint = [("app".to_owned(), "worker".to_owned())];
        assert_eq!(first(&repo, &["/app/main.py"], &hint), [repo[2]]);
    }
}
