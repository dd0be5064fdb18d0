//! `navi find`: ranked results.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal, Read};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::searched::Searched;
use super::wanted_roles;
use crate::base::{Diagnostic, text};
use crate::cli::args::Find;
use crate::cli::failure::{Failure, Kind};
use crate::cli::scope::Scope;
use crate::cli::{NOTHING, json, print};
use crate::engine::search::{Ask, Hit, Results, Signals};

#[derive(Serialize)]
struct Body<'a> {
    query: &'a str,
    took_ms: f64,
    total: usize,
    index: IndexBody,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repositories: Vec<json::Repository>,
    results: Vec<ResultBody>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct IndexBody {
    state: &'static str,
    files: usize,
    age_ms: u64,
}

#[derive(Serialize)]
struct ResultBody {
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
    roles: Vec<String>,
    snippet: Option<String>,
    why: Vec<String>,
    owners: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signals: Option<BTreeMap<&'static str, f64>>,
}

/// Longest query that is read from stdin, in bytes.
const LONGEST: u64 = 1 << 20;

pub fn run(scope: &Scope, args: &Find) -> Result<u8, Failure> {
    if args.limit == 0 {
        return Err(Failure::new(Kind::Usage, "--limit 0 would show nothing")
            .hint("give a limit of 1 or more"));
    }
    let query = query_of(scope, args)?;
    let searched = Searched::of(scope)?;
    let updated = Instant::now();
    let snapshot = &searched.snapshot;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_nanos()).unwrap_or(i64::MAX);
    let ask = Ask { limit: args.limit, unfinished: false, count_all: true, now };
    let mut results = Results::default();
    let started = Instant::now();
    searched.finder.find(snapshot, &query, ask, &|| false, &mut |it| results = it);
    let took = started.elapsed();
    if args.json {
        let mut said = scope.said();
        said.extend(searched.said.iter().cloned());
        said.extend(results.said.iter().cloned());
        let best = results.hits.first().map_or(1.0, |hit| f64::from(hit.score).abs().max(1e-6));
        let state = match (searched.paths_only, searched.reader) {
            (true, _) => "paths-only",
            (_, true) => "reader",
            _ => "live",
        };
        let body = Body {
            query: &query,
            took_ms: (took.as_secs_f64() * 1e4).round() / 10.0,
            total: results.total,
            index: IndexBody {
                state,
                files: snapshot.files.len(),
                age_ms: updated.elapsed().as_millis() as u64,
            },
            repositories: json::repositories(scope),
            results: results
                .hits
                .iter()
                .enumerate()
                .map(|(place, hit)| wire(scope, hit, place + 1, best, args.explain))
                .collect(),
            diagnostics: json::said(&said),
        };
        print::out(&json::object(&body));
    } else {
        let said = searched.said.iter().chain(&results.said);
        scope.warn(&without_notes(said, scope.base.verbose));
        let terminal = std::io::stdout().is_terminal();
        for hit in &results.hits {
            show(hit, terminal, args.explain);
        }
        if results.hits.is_empty() {
            print::err("nothing found");
        }
    }
    Ok(if results.hits.is_empty() { NOTHING } else { 0 })
}

fn without_notes<'a>(said: impl Iterator<Item = &'a Diagnostic>, verbose: bool) -> Vec<Diagnostic> {
    said.filter(|it| verbose || it.severity > crate::base::Severity::Note).cloned().collect()
}

fn query_of(scope: &Scope, args: &Find) -> Result<String, Failure> {
    let mut query = if args.query.len() == 1 && args.query[0] == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().take(LONGEST).read_to_end(&mut bytes).map_err(|error| {
            Failure::new(Kind::Input, format!("the query cannot be read from stdin: {error}"))
        })?;
        String::from_utf8_lossy(&bytes).trim().to_owned()
    } else {
        args.query.join(" ")
    };
    wanted_roles(&scope.roles(), &args.role)?;
    for role in &args.role {
        query.push_str(" role:");
        query.push_str(role);
    }
    if query.trim().is_empty() {
        return Err(Failure::new(Kind::Usage, "there is nothing to look for")
            .hint("give words, such as `navi find login 401`, or --role"));
    }
    Ok(query)
}

fn wire(scope: &Scope, hit: &Hit, rank: usize, best: f64, explain: bool) -> ResultBody {
    let (repository, path) = scope.apart(&hit.path);
    let share = f64::from(hit.score) / best;
    ResultBody {
        rank,
        repository,
        path_hex: hex_unless_text(path.as_bytes()),
        path: path.to_text().into_owned(),
        line: hit.line,
        column: hit.column,
        score: (share.clamp(0.0, 1.0) * 1000.0).round() / 1000.0,
        tier: hit.tier.name(),
        roles: hit.roles.clone(),
        snippet: hit.snippet.clone(),
        why: hit.why.clone(),
        owners: hit.owners.clone(),
        signals: explain.then(|| {
            let tier = [("tier", f64::from(hit.tier as u8)), ("score", f64::from(hit.score))];
            let named = hit.signals.iter().flat_map(Signals::named);
            tier.into_iter().chain(named.map(|(name, it)| (name, f64::from(it)))).collect()
        }),
    }
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

fn show(hit: &Hit, terminal: bool, explain: bool) {
    let line = hit.line.map_or_else(String::new, |line| format!(":{line}"));
    let snippet = hit.snippet.as_ref().map_or_else(String::new, |it| format!("  {it}"));
    let signals = if explain {
        let named = hit.signals.iter().flat_map(Signals::named);
        let mut all = String::new();
        for (name, it) in named {
            // Writing to a String cannot fail.
            let _ = write!(all, " {name} {it:.2}");
        }
        format!("  [tier {} score {:.2}{all}]", hit.tier.name(), hit.score)
    } else {
        String::new()
    };
    let why = text::clean(&hit.why.join(", ")).into_owned();
    if terminal {
        print::out(&format!("{}{line}  ({why}){signals}{snippet}", hit.path.display()));
    } else {
        print::out(&format!("{}{line}\t{why}{signals}\t{}", hit.path.display(), snippet.trim()));
    }
}
