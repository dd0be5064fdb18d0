//! The frames of a trace in the repository, and which of them is the likeliest culprit.

use super::anchor::{Lines, anchor};
use super::suffix::{self, Candidate};
use super::{Finder, Snapshot};
use crate::engine::files::FileId;
use crate::engine::standing::Standing;
use crate::engine::symptom::{Dialect, Frame, Symptom};

/// Most files that are read to tell namesakes apart.
const MOST_READ: usize = 6;

/// A frame in the repository.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// The file.
    pub file: FileId,
    /// 1-based.
    pub line: Option<u64>,
    /// From 0 to 1.
    pub confidence: f32,
    /// What is to be said of the place beside that it is the frame's.
    pub note: Option<String>,
}

/// Names of functions that only report what another did.
const REPORTERS: &[&str] = &[
    "raise",
    "throw",
    "panic",
    "assert",
    "abort",
    "fail",
    "fatal",
    "die",
    "must",
    "invariant",
    "unwrap",
    "expect",
    "check",
    "ensure",
    "require",
    "log",
    "error",
    "warn",
    "debug",
    "info",
    "trace",
    "print",
];

impl Finder {
    /// Where each frame is; those of libraries are nowhere.
    pub(super) fn locate(
        &self,
        snapshot: &Snapshot,
        symptom: &Symptom,
        hints: &[(String, String)],
        cancelled: &dyn Fn() -> bool,
    ) -> Vec<Option<Located>> {
        let files = &snapshot.files;
        let own = |frame: &Frame| !frame.library;
        let all_library = !symptom.frames.iter().any(own);
        let paths: Vec<Option<&str>> = symptom
            .frames
            .iter()
            .map(|it| {
                it.file.as_deref().filter(|path| !it.library || all_library && path.contains('/'))
            })
            .collect();
        let candidates = suffix::resolve(files, &paths, hints);
        symptom
            .frames
            .iter()
            .zip(candidates)
            .map(|(frame, found)| {
                if cancelled() || (frame.library && !all_library) {
                    return None;
                }
                self.locate_one(snapshot, frame, &found)
            })
            .collect()
    }

    fn locate_one(
        &self,
        snapshot: &Snapshot,
        frame: &Frame,
        found: &[Candidate],
    ) -> Option<Located> {
        let files = &snapshot.files;
        // One long line is a bundle: its numbers say nothing of the source.
        let bundled = frame.line == Some(1) && frame.column.is_some_and(|it| it > 500);
        let ending = |path: &[u8]| crate::base::path::extension_of(path).to_vec();
        let built = frame.file.as_ref().is_some_and(|path| {
            let path = path.as_bytes();
            found.first().is_some_and(|it| ending(path) != ending(files.path(it.file)))
        });
        let line = frame.line.filter(|_| !bundled);
        let mut best: Option<(f32, Located)> = None;
        for (place, it) in found.iter().take(MOST_READ).enumerate() {
            let Some(text) = self.read(files, it.file) else { continue };
            let lines = Lines::of(files.path(it.file), &text);
            let there = anchor(&lines, line, frame.function.as_deref(), frame.code.as_deref());
            let mut note = there.moved;
            let mut sure = it.confidence;
            // The numbers are those of what was built; only the function tells the place.
            let at = if built && !there.confirmed { None } else { there.line };
            if built {
                note = None;
            }
            if there.confirmed {
                sure = (sure + 0.05).min(0.99);
            } else if at.is_none() {
                sure *= 0.7;
            }
            let score = sure + if there.confirmed { 0.5 } else { 0.0 } - 0.01 * place as f32
                + if at.is_some() { 0.2 } else { 0.0 };
            if best.as_ref().is_none_or(|it| score > it.0) {
                best = Some((score, Located { file: it.file, line: at, confidence: sure, note }));
            }
            if found.len() == 1
                || found.get(1).is_some_and(|next| next.confidence < it.confidence - 0.2)
            {
                break;
            }
        }
        if let Some((_, located)) = best {
            return Some(located);
        }
        // Where traces name files by their paths, a file that is not here is of other code.
        let by_path = matches!(
            frame.dialect,
            Some(
                Dialect::Python
                    | Dialect::Go
                    | Dialect::Rust
                    | Dialect::Ruby
                    | Dialect::Php
                    | Dialect::Elixir
            )
        );
        let other_code = by_path && frame.file.is_some();
        if other_code || (frame.scope.is_empty() && frame.dialect.is_some()) {
            return None;
        }
        let named = self.by_name(snapshot, &frame.scope, frame.function.as_deref(), line);
        let first = named.into_iter().next()?;
        Some(Located {
            file: first.file,
            line: first.line,
            confidence: first.confidence,
            note: Some(first.why),
        })
    }

    /// Places in `located`, the likeliest culprit first, each with the reason.
    pub(super) fn culprits(
        &self,
        snapshot: &Snapshot,
        symptom: &Symptom,
        located: &[Option<Located>],
    ) -> Vec<(usize, String)> {
        let files = &snapshot.files;
        let mut order: Vec<(usize, String)> = Vec::new();
        for block in &symptom.blocks {
            let own: Vec<usize> = block
                .frames
                .iter()
                .copied()
                .filter(|it| located.get(*it).is_some_and(Option::is_some))
                .collect();
            let mut ranked: Vec<(f32, usize, String)> = Vec::new();
            for (place, &at) in own.iter().enumerate() {
                let (Some(frame), Some(Some(it))) = (symptom.frames.get(at), located.get(at))
                else {
                    continue;
                };
                let reporter = frame.function.as_ref().is_some_and(|name| {
                    let name = name.to_lowercase();
                    let first = name.split('_').find(|it| !it.is_empty()).unwrap_or(&name);
                    REPORTERS.contains(&first)
                        && own.len() > place + 1
                        && name.len() <= first.len() + 6
                        && self.reports(files.facts(it.file).roles)
                });
                let standing = match files.facts(it.file).standing {
                    Standing::Source | Standing::Data | Standing::Migration => 1.0,
                    Standing::Test | Standing::Example | Standing::Docs => 0.35,
                    Standing::Generated | Standing::Vendored => 0.3,
                };
                let mut weight = standing * (0.3 + it.confidence) / (1.0 + place as f32);
                if reporter {
                    weight *= 0.4;
                }
                let first = if place == 0 {
                    "innermost frame in this repository"
                } else {
                    "frame in this repository"
                };
                let mut why = match &frame.function_shown() {
                    Some(name) => format!("{first}: {name}"),
                    None if frame.dialect.is_none() => "named in the text".to_owned(),
                    None => first.to_owned(),
                };
                if block.depth > 0 && symptom.blocks.len() > 1 {
                    why.push_str(", of a later exception");
                }
                if let Some(note) = &it.note {
                    why.push_str(", ");
                    why.push_str(note);
                }
                ranked.push((weight, at, why));
            }
            ranked.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
            order.extend(ranked.into_iter().map(|(_, at, why)| (at, why)));
        }
        order
    }

    /// Whether a file's roles say that it reports errors rather than makes them.
    fn reports(&self, roles: crate::engine::roles::RoleBits) -> bool {
        ["error-handling", "logging"]
            .iter()
            .any(|id| self.roles.place(id).is_some_and(|it| roles.has(it)))
    }
}
