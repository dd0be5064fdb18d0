//! `navi trace`: a stack trace, log lines or requests, and the places they lead to.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::searched::Searched;
use crate::base::{Diagnostic, RepoPath, text};
use crate::cli::args::Trace;
use crate::cli::failure::{Failure, Kind};
use crate::cli::scope::Scope;
use crate::cli::{NOTHING, json, print};
use crate::engine::files::FileList;
use crate::engine::index::Snapshot;
use crate::engine::search::{Ask, Finder, Resolved, Results};
use crate::engine::symptom::{self, Symptom};

#[derive(Serialize)]
struct Body {
    dialect: Option<&'static str>,
    message: Option<String>,
    took_ms: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repositories: Vec<json::Repository>,
    frames: Vec<FrameBody>,
    results: Vec<ResultBody>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct FrameBody {
    index: usize,
    raw: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    path: Option<String>,
    line: Option<u64>,
    function: Option<String>,
    in_repo: bool,
    confidence: f64,
}

#[derive(Serialize)]
struct ResultBody {
    rank: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    path: String,
    /// With the label of its repository, where there are several.
    #[serde(skip)]
    whole: RepoPath,
    line: Option<u64>,
    tier: &'static str,
    score: f64,
    roles: Vec<String>,
    owners: Vec<String>,
    why: Vec<String>,
}

/// Longest text that is taken, in bytes.
const LONGEST: u64 = 256 << 20;

pub fn run(scope: &Scope, args: &Trace) -> Result<u8, Failure> {
    let pasted = read(args.file.as_deref())?;
    if pasted.trim().is_empty() {
        return Err(Failure::new(Kind::Input, "there is nothing to trace: the text is empty")
            .hint("pipe a stack trace or log lines into `navi trace -`, or name a file"));
    }
    let symptom = symptom::read(&pasted);
    let Searched { finder, snapshot, mut said, .. } = Searched::of(scope)?;
    let started = Instant::now();
    let resolved = finder.resolve(&snapshot, &symptom, &|| false);
    let mut results = results_of(scope, &finder, &snapshot.files, &resolved, args.limit);
    if results.len() < args.limit {
        in_words(scope, &finder, &snapshot, &symptom, args.limit, &mut results);
    }
    let took = started.elapsed();
    if symptom.unread > 0 {
        let text = format!(
            "the text is long: {} KiB in its middle were not read",
            symptom.unread.div_ceil(1024)
        );
        said.push(Diagnostic::note(text).hint("give the part around the error"));
    }
    let found = !results.is_empty();
    if args.json {
        let mut all = scope.said();
        all.extend(said);
        let body = Body {
            dialect: dialect_of(&symptom, &resolved),
            message: symptom.headline.clone(),
            took_ms: (took.as_secs_f64() * 1e4).round() / 10.0,
            repositories: json::repositories(scope),
            frames: frames_of(scope, &symptom, &snapshot.files, &resolved),
            results,
            diagnostics: json::said(&all),
        };
        print::out(&json::object(&body));
    } else {
        scope.warn(&said);
        show(&symptom, &snapshot.files, &resolved, &results);
    }
    Ok(if found { 0 } else { NOTHING })
}

fn read(file: Option<&Path>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let failed = |error: std::io::Error, what: &str| {
        Failure::new(Kind::Input, format!("{what} cannot be read: {error}"))
    };
    if let Some(path) = file.filter(|it| *it != Path::new("-")) {
        let name = text::clean(&path.display().to_string()).into_owned();
        let file = File::open(path).map_err(|error| failed(error, &name))?;
        file.take(LONGEST).read_to_end(&mut bytes).map_err(|error| failed(error, &name))?;
    } else {
        if std::io::stdin().is_terminal() {
            print::err("paste the trace, then press ctrl-d");
        }
        let read = std::io::stdin().take(LONGEST).read_to_end(&mut bytes);
        read.map_err(|error| failed(error, "the standard input"))?;
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

/// What the text is: the dialect of its frames, else what led to the first place.
fn dialect_of(symptom: &Symptom, resolved: &Resolved) -> Option<&'static str> {
    if let Some(dialect) = symptom.dialect {
        return Some(dialect.name());
    }
    let led = resolved.places.first().map(|it| it.tier.name());
    match led {
        Some("route") => Some("route"),
        Some("log" | "frame" | "symbol") => Some("log"),
        _ if symptom.requests.iter().any(|it| it.certain) => Some("route"),
        _ if symptom.messages.iter().any(|it| it.logged) => Some("log"),
        _ => None,
    }
}

fn frames_of(
    scope: &Scope,
    symptom: &Symptom,
    files: &FileList,
    resolved: &Resolved,
) -> Vec<FrameBody> {
    symptom
        .frames
        .iter()
        .enumerate()
        .map(|(index, frame)| {
            let at = resolved.frames.get(index).and_then(Option::as_ref);
            let (repository, path) = at.map(|it| scope.apart(&files.repo_path(it.file))).unzip();
            FrameBody {
                index,
                raw: frame.raw.clone(),
                repository: repository.flatten(),
                path: path.map(|it| it.to_text().into_owned()),
                line: at.map_or(frame.line, |it| it.line),
                function: frame.function.clone(),
                in_repo: at.is_some(),
                confidence: at.map_or(0.0, |it| rounded(it.confidence)),
            }
        })
        .collect()
}

fn results_of(
    scope: &Scope,
    finder: &Finder,
    files: &FileList,
    resolved: &Resolved,
    limit: usize,
) -> Vec<ResultBody> {
    let places = resolved.places.iter().take(limit).enumerate();
    places
        .map(|(place, it)| {
            let whole = files.repo_path(it.file);
            let (repository, path) = scope.apart(&whole);
            ResultBody {
                rank: place + 1,
                repository,
                line: it.line,
                tier: it.tier.name(),
                score: rounded(it.score),
                roles: finder
                    .roles
                    .ids(files.facts(it.file).roles)
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                owners: finder.owners.of(&whole.to_text()).to_vec(),
                why: vec![it.why.clone()],
                path: path.to_text().into_owned(),
                whole,
            }
        })
        .collect()
}

/// Adds what the words of the messages find.
fn in_words(
    scope: &Scope,
    finder: &Finder,
    snapshot: &Snapshot,
    symptom: &Symptom,
    limit: usize,
    results: &mut Vec<ResultBody>,
) {
    let Some(message) = symptom.messages.first() else { return };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_nanos()).unwrap_or(i64::MAX);
    let ask = Ask { limit, unfinished: false, count_all: false, now };
    let mut found = Results::default();
    finder.find_words(snapshot, &message.text, ask, &|| false, &mut |it| found = it);
    for hit in found.hits {
        if results.len() >= limit || results.iter().any(|it| it.whole == hit.path) {
            continue;
        }
        let (repository, path) = scope.apart(&hit.path);
        results.push(ResultBody {
            rank: results.len() + 1,
            repository,
            path: path.to_text().into_owned(),
            whole: hit.path,
            line: hit.line,
            tier: hit.tier.name(),
            score: 0.0,
            roles: hit.roles,
            owners: hit.owners,
            why: hit.why,
        });
    }
}

fn rounded(share: f32) -> f64 {
    (f64::from(share).clamp(0.0, 1.0) * 100.0).round() / 100.0
}

fn show(symptom: &Symptom, files: &FileList, resolved: &Resolved, results: &[ResultBody]) {
    if let Some(message) = &symptom.headline {
        print::out(&text::clean_line(message));
    }
    for it in results {
        let line = it.line.map_or_else(String::new, |line| format!(":{line}"));
        let why = text::clean(&it.why.join(", ")).into_owned();
        print::out(&format!("{}{line}\t{why}", it.whole.display()));
    }
    let own = resolved.frames.iter().flatten().count();
    let all = symptom.frames.len();
    if all > own {
        print::err(&format!("{} of {all} frames are of libraries or of other code", all - own));
    }
    if let Some(moved) = resolved.frames.iter().flatten().find(|it| it.note.is_some())
        && let Some(note) = &moved.note
    {
        let path = files.repo_path(moved.file).display();
        print::err(&format!("{path}: {}", text::clean(note)));
    }
    if results.is_empty() {
        print::err("nothing in this repository fits");
    }
}
