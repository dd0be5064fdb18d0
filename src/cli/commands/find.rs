//! `navi find`: ranked results.

use std::io::{IsTerminal, Read};
use std::time::Instant;

use serde::Serialize;

use super::found::{Form, Found, Question};
use super::searched::Searched;
use super::wanted_roles;
use crate::base::Diagnostic;
use crate::cli::args::Find;
use crate::cli::failure::{Failure, Kind};
use crate::cli::scope::{Scope, apart};
use crate::cli::{NOTHING, json, print};
use crate::workers::answerer;

#[derive(Serialize)]
struct Body<'a> {
    query: &'a str,
    took_ms: f64,
    total: usize,
    index: IndexBody,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repositories: Vec<json::Repository>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct IndexBody {
    state: &'static str,
    files: usize,
    age_ms: u64,
    /// `self`, or `live` when the navi that follows the repository was asked.
    answered_by: &'static str,
}

/// Longest query that is read from stdin, in bytes.
const LONGEST: u64 = 1 << 20;

pub fn run(scope: &Scope, args: &Find) -> Result<u8, Failure> {
    if args.limit == 0 {
        return Err(Failure::new(Kind::Usage, "--limit 0 would show nothing")
            .hint("give a limit of 1 or more"));
    }
    let query = query_of(scope, args)?;
    let terminal = std::io::stdout().is_terminal();
    let form = Form { json: args.json, explain: args.explain, terminal };
    let roles = scope.roles().fingerprint();
    let question = Question::new(&scope.base, roles, &query, args.limit, form);
    let asked = Instant::now();
    let (found, said, index) = match ask(scope, &question) {
        Some(found) => {
            let (state, files) = ("live", found.files);
            let age_ms = asked.elapsed().as_millis() as u64;
            (found, Vec::new(), IndexBody { state, files, age_ms, answered_by: "live" })
        }
        None => search(scope, &question)?,
    };
    let said = || said.iter().chain(&found.said);
    if args.json {
        let mut diagnostics = scope.said();
        diagnostics.extend(said().cloned());
        let body = Body {
            query: &query,
            took_ms: found.took_ms,
            total: found.total,
            index,
            repositories: json::repositories(scope),
            diagnostics: json::said(&diagnostics),
        };
        let (before, behind) = json::around_list(&body, "results");
        print::out_parts(&[&before, &found.shown, behind]);
    } else {
        scope.warn(&without_notes(said(), scope.base.verbose));
        if found.shown.is_empty() {
            print::err("nothing found");
        } else {
            print::out(&found.shown);
        }
    }
    Ok(if found.shown.is_empty() { NOTHING } else { 0 })
}

/// The answer of the navi that follows the repository, where there is one.
fn ask(scope: &Scope, question: &Question) -> Option<Found> {
    if scope.is_workspace() {
        return None;
    }
    let folder = scope.base.index_folder()?;
    Found::of_bytes(answerer::ask(&folder, &question.to_bytes())?)
}

/// The answer of this process.
fn search(
    scope: &Scope,
    question: &Question,
) -> Result<(Found, Vec<Diagnostic>, IndexBody), Failure> {
    let searched = Searched::of(scope)?;
    let updated = Instant::now();
    let (finder, snapshot) = (&searched.finder, &searched.snapshot);
    let several = scope.is_workspace();
    let found = question.answer(finder, snapshot, &|path| apart(several, path), &|| false);
    let state = match (searched.paths_only, searched.reader) {
        (true, _) => "paths-only",
        (_, true) => "reader",
        _ => "live",
    };
    let (files, age_ms) = (snapshot.files.len(), updated.elapsed().as_millis() as u64);
    Ok((found, searched.said, IndexBody { state, files, age_ms, answered_by: "self" }))
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
