//! From the names in a trace or a message to a file: a class and its method, a module and its
//! function, a logger.

use super::anchor::{Lines, Span};
use super::{Finder, Snapshot};
use crate::engine::files::FileId;
use crate::engine::standing::Standing;

/// Most files that are read for one name.
const MOST_READ: usize = 24;
/// A name that more files than this define tells nothing.
const MOST_DEFINING: usize = 200;

/// Where a name leads.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// The file.
    pub file: FileId,
    /// 1-based: the definition, or the line that was named where it lies inside.
    pub line: Option<u64>,
    /// From 0 to 1.
    pub confidence: f32,
    /// Why.
    pub why: String,
}

impl Finder {
    /// Where `scope.function` is, the likeliest first. `line` is where the program was in it.
    pub(super) fn by_name(
        &self,
        snapshot: &Snapshot,
        scope: &[String],
        function: Option<&str>,
        line: Option<u64>,
    ) -> Vec<Named> {
        let files = &snapshot.files;
        let holder = scope.last().map(String::as_str);
        let holders = holder.map(|it| self.defining(snapshot, it)).unwrap_or_default();
        let functions = function.map(|it| self.defining(snapshot, it)).unwrap_or_default();
        let folded = holder.map(letters_of).filter(|it| it.len() > 2);
        let mut candidates: Vec<(FileId, f32)> = Vec::new();
        let mut add = |file: FileId, score: f32| match candidates.iter_mut().find(|it| it.0 == file)
        {
            Some(it) => it.1 += score,
            None => candidates.push((file, score)),
        };
        if holders.len() <= MOST_DEFINING {
            for &it in &holders {
                add(it, 4.0);
            }
        }
        if let Some(folded) = &folded {
            for file in files.living() {
                let lower = files.lower(file);
                let name = crate::base::path::name_of(lower);
                let stem = name.split(|it| *it == b'.').next().unwrap_or(name);
                // user.service.ts is UserService; auth.py is auth.
                let whole = memchr::memrchr(b'.', name).map_or(name, |at| &name[..at]);
                if letters_are(whole, folded) || letters_are(stem, folded) {
                    add(file, 3.0);
                } else if (stem == b"__init__" || stem == b"index" || stem == b"mod")
                    && parent_of(lower).is_some_and(|it| letters_are(it, folded))
                {
                    add(file, 2.5);
                }
            }
        }
        if functions.len() <= MOST_DEFINING && (holder.is_none() || !functions.is_empty()) {
            for &file in &functions {
                let near = parents(files.lower(file))
                    .any(|it| folded.as_ref().is_some_and(|folded| letters_are(it, folded)));
                add(file, if near { 2.0 } else { 1.0 });
            }
        }
        // The packages around the holder lie in the path.
        let outer: Vec<String> =
            scope.iter().rev().skip(1).take(4).map(|it| letters_of(it)).collect();
        for (file, score) in &mut candidates {
            let lower = files.lower(*file);
            let named =
                parents(lower).filter(|part| outer.iter().any(|it| letters_are(part, it))).count();
            *score += 0.5 * named as f32;
            *score *= match files.facts(*file).standing {
                Standing::Source => 1.0,
                Standing::Test | Standing::Example | Standing::Generated | Standing::Vendored => {
                    0.4
                }
                _ => 0.6,
            };
        }
        candidates.sort_by(|one, other| {
            other.1.total_cmp(&one.1).then_with(|| files.path(one.0).cmp(files.path(other.0)))
        });
        candidates.truncate(MOST_READ);
        let mut found: Vec<(f32, Named)> = Vec::new();
        for (file, mut score) in candidates {
            let mut at = None;
            let mut confirmed = false;
            if let Some(text) = self.read(files, file) {
                let lines = Lines::of(files.path(file), &text);
                let spans = function.map(|it| lines.defining(it)).unwrap_or_default();
                let inside =
                    line.and_then(|line| spans.iter().find(|it| it.holds(line)).map(|_| line));
                let first = best_span(&lines, &spans, holder).map(|it| it.first);
                at = inside.or(first);
                confirmed = at.is_some();
                if function.is_some() {
                    score += if inside.is_some() {
                        4.0
                    } else if confirmed {
                        3.0
                    } else {
                        -2.0
                    };
                }
                if at.is_none()
                    && let Some(holder) = holder
                {
                    at = lines.defining(holder).first().map(|it| it.first);
                }
            }
            if score < 2.0 {
                continue;
            }
            let why = match (holder, function, confirmed) {
                (Some(holder), Some(function), true) => {
                    format!("{holder}.{function} is defined here")
                }
                (None, Some(function), _) => format!("{function} is defined here"),
                (Some(holder), ..) => format!("{holder} is defined here"),
                (None, None, _) => continue,
            };
            found.push((score, Named { file, line: at, confidence: 0.0, why }));
        }
        found.sort_by(|one, other| {
            other
                .0
                .total_cmp(&one.0)
                .then_with(|| files.path(one.1.file).cmp(files.path(other.1.file)))
        });
        let best = found.first().map_or(0.0, |it| it.0);
        let rivals = found.iter().filter(|it| it.0 > best - 0.5).count().max(1);
        found
            .into_iter()
            .map(|(score, it)| {
                let sure = (score / 9.0).clamp(0.2, 0.95) / (rivals as f32).sqrt();
                Named { confidence: sure, ..it }
            })
            .collect()
    }
}

/// Of several definitions the first below that of the holder.
fn best_span(lines: &Lines<'_>, spans: &[Span], holder: Option<&str>) -> Option<Span> {
    if spans.len() > 1
        && let Some(holder) = holder
    {
        let around = lines.defining(holder);
        if let Some(inner) =
            spans.iter().find(|it| around.iter().any(|around| around.holds(it.first)))
        {
            return Some(*inner);
        }
    }
    spans.first().copied()
}

/// A name in lower case without what separates its words.
pub(super) fn letters_of(name: &str) -> String {
    name.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn letters_are(path_part: &[u8], letters: &str) -> bool {
    let mut wanted = letters.bytes();
    path_part
        .iter()
        .filter(|it| it.is_ascii_alphanumeric() || **it >= 0x80)
        .all(|it| wanted.next() == Some(*it))
        && wanted.next().is_none()
}

fn parents(lower: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = memchr::memrchr(b'/', lower).unwrap_or(0);
    lower[..end].split(|it| *it == b'/').filter(|it| !it.is_empty())
}

fn parent_of(lower: &[u8]) -> Option<&[u8]> {
    parents(lower).last()
}
