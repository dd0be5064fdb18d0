//! What `navi find` has found, as it is printed. It is made where the search was done: in this
//! process, or in the navi that follows the repository.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::base::{Diagnostic, RepoPath, text};
use crate::cli::json;
use crate::cli::setup::Setup;
use crate::engine::crew::in_pieces;
use crate::engine::index::Snapshot;
use crate::engine::search::{Ask, Finder, Hit, Results, Signals};

/// What is to be found, and what the search depends on beside the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Which program asks: another one may search otherwise.
    navi: String,
    /// The fingerprint of the roles.
    roles: u64,
    /// Bytes of a file whose words are ranked.
    file_limit: u64,
    query: String,
    limit: usize,
    /// Nanoseconds since 1970.
    now: i64,
    form: Form,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// As items of a JSON list; else as lines.
    pub json: bool,
    /// With the signals of each.
    pub explain: bool,
    /// Lines for a person, not for a program.
    pub terminal: bool,
}

/// What was found.
#[derive(Serialize, Deserialize)]
pub struct Found {
    /// Milliseconds that the search took.
    pub took_ms: f64,
    /// How many files there are.
    pub files: usize,
    /// How many results there are in all.
    pub total: usize,
    /// The results that were asked for, as they are printed.
    #[serde(skip)]
    pub shown: String,
    /// What was not understood, or could not be searched.
    #[serde(skip)]
    pub said: Vec<Diagnostic>,
}

/// The label of a path's repository, where there are several, and the path inside of it.
pub type Apart<'a> = &'a (dyn Fn(&RepoPath) -> (Option<String>, RepoPath) + Sync);

/// Results that a thread writes at a time.
const PIECE: usize = 2000;

impl Question {
    /// A question about the repository of `setup`, or about several with these `roles`.
    pub fn new(setup: &Setup, roles: u64, query: &str, limit: usize, form: Form) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            navi: setup.build(),
            roles,
            file_limit: setup.settings.index.max_file_bytes.value,
            query: query.to_owned(),
            limit,
            now: i64::try_from(now.as_nanos()).unwrap_or(i64::MAX),
            form,
        }
    }

    /// The answer, by the one who is asked.
    pub fn answer(
        &self,
        finder: &Finder,
        snapshot: &Snapshot,
        apart: Apart<'_>,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Found {
        let ask = Ask { limit: self.limit, unfinished: false, count_all: true, now: self.now };
        let mut results = Results::default();
        let started = Instant::now();
        finder.find(snapshot, &self.query, ask, cancelled, &mut |it| results = it);
        let took = started.elapsed();
        Found {
            took_ms: (took.as_secs_f64() * 1e4).round() / 10.0,
            files: snapshot.files.len(),
            total: results.total,
            shown: self.form.written(&results.hits, finder, apart),
            said: results.said,
        }
    }

    /// The bytes that are sent.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Answers a question of another process, as [`Found::of_bytes`] reads it: unless it would
    /// search otherwise, or has to be told something.
    pub fn answer_bytes(
        navi: &str,
        asked: &[u8],
        finder: &Finder,
        snapshot: &Snapshot,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Option<Vec<u8>> {
        let question: Self = serde_json::from_slice(asked).ok()?;
        let same = question.navi == navi
            && question.roles == finder.roles.fingerprint()
            && question.file_limit == finder.file_limit;
        if !same {
            return None;
        }
        let found = question.answer(finder, snapshot, &|path| (None, path.clone()), cancelled);
        if cancelled() || !found.said.is_empty() {
            return None;
        }
        let mut bytes = serde_json::to_vec(&found).ok()?;
        bytes.push(b'\n');
        bytes.extend_from_slice(found.shown.as_bytes());
        Some(bytes)
    }
}

impl Found {
    /// What [`Question::answer_bytes`] has written; `None` for anything else.
    pub fn of_bytes(mut bytes: Vec<u8>) -> Option<Self> {
        let end = memchr::memchr(b'\n', &bytes)?;
        let found: Self = serde_json::from_slice(&bytes[..end]).ok()?;
        bytes.drain(..=end);
        Some(Self { shown: String::from_utf8(bytes).ok()?, ..found })
    }
}

impl Form {
    fn written(self, hits: &[Hit], finder: &Finder, apart: Apart<'_>) -> String {
        let best = hits.first().map_or(1.0, |hit| f64::from(hit.score).abs().max(1e-6));
        let pieces = in_pieces((finder.crew, finder.threads), (hits.len(), PIECE), &|piece| {
            let some = &hits[piece.clone()];
            if !self.json {
                return some.iter().map(|it| self.line(it)).collect::<Vec<_>>().join("\n");
            }
            let ranked = some.iter().zip(piece.start + 1..);
            json::items(ranked.map(|(hit, rank)| self.item(hit, rank, best, apart)))
        });
        pieces.join(if self.json { "," } else { "\n" })
    }

    fn item<'a>(self, hit: &'a Hit, rank: usize, best: f64, apart: Apart<'_>) -> Item<'a> {
        let (repository, path) = apart(&hit.path);
        let share = f64::from(hit.score) / best;
        Item {
            rank,
            repository,
            path_hex: hex_unless_text(path.as_bytes()),
            path: path.to_text().into_owned(),
            line: hit.line,
            column: hit.column,
            score: (share.clamp(0.0, 1.0) * 1000.0).round() / 1000.0,
            tier: hit.tier.name(),
            roles: &hit.roles,
            snippet: hit.snippet.as_deref(),
            why: &hit.why,
            owners: &hit.owners,
            signals: self.explain.then(|| {
                let tier = [("tier", f64::from(hit.tier as u8)), ("score", f64::from(hit.score))];
                let named = hit.signals.iter().flat_map(Signals::named);
                tier.into_iter().chain(named.map(|(name, it)| (name, f64::from(it)))).collect()
            }),
        }
    }

    fn line(self, hit: &Hit) -> String {
        let line = hit.line.map_or_else(String::new, |line| format!(":{line}"));
        let snippet = hit.snippet.as_deref().unwrap_or_default();
        let mut signals = String::new();
        if self.explain {
            // Writing to a String cannot fail.
            let _ = write!(signals, "  [tier {} score {:.2}", hit.tier.name(), hit.score);
            for (name, it) in hit.signals.iter().flat_map(Signals::named) {
                let _ = write!(signals, " {name} {it:.2}");
            }
            signals.push(']');
        }
        let why = text::clean(&hit.why.join(", ")).into_owned();
        let path = hit.path.display();
        if self.terminal {
            let snippet = hit.snippet.as_ref().map_or_else(String::new, |it| format!("  {it}"));
            format!("{path}{line}  ({why}){signals}{snippet}")
        } else {
            format!("{path}{line}\t{why}{signals}\t{}", snippet.trim())
        }
    }
}

#[derive(Serialize)]
struct Item<'a> {
    rank: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    path: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
    line: Option<u64>,
    column: Option<u64>,
    score: f64,
    tier: &'static str,
    roles: &'a [String],
    snippet: Option<&'a str>,
    why: &'a [String],
    owners: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    signals: Option<BTreeMap<&'static str, f64>>,
}

fn hex_unless_text(path: &[u8]) -> Option<String> {
    std::str::from_utf8(path).is_err().then(|| {
        path.iter().fold(String::new(), |mut out, byte| {
            // Writing to a String cannot fail.
            let _ = write!(out, "{byte:02x}");
            out
        })
    })
}
