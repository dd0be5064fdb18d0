//! `navi index`: builds, updates, watches, tells, removes.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Instant;

use serde::Serialize;

use super::{Fresh, refresh};
use crate::app::model::grouped;
use crate::cli::args::Index;
use crate::cli::failure::{Failure, Kind};
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::engine::index::{bytes_of, clear};
use crate::protocol::{Phase, Report};
use crate::workers::{Sink, Workers};

#[derive(Serialize, Default)]
struct Body {
    state: &'static str,
    files: usize,
    bytes: u64,
    indexed: usize,
    removed: usize,
    unchanged: usize,
    skipped: Skipped,
    seconds: f64,
    index_bytes: u64,
    location: String,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "kebab-case")]
struct Skipped {
    binary: usize,
    too_large: usize,
    unreadable: usize,
    secret: usize,
}

pub fn run(setup: &Setup, args: &Index) -> Result<u8, Failure> {
    let Some(folder) = setup.index_folder() else {
        return Err(Failure::new(Kind::Environment, "there is no folder to keep an index in")
            .hint("set HOME or XDG_CACHE_HOME, and leave --no-state away"));
    };
    let location = folder.display().to_string();
    if args.clear {
        clear(&folder).map_err(|error| {
            Failure::new(Kind::Environment, format!("cannot remove {location}: {error}"))
        })?;
        let body = Body { state: "cleared", location: location.clone(), ..Body::default() };
        show(&body, args.json);
        return Ok(0);
    }
    let options = setup.options();
    if args.status {
        let body = match Fresh::compare(setup, &options)? {
            None => Body { state: "missing", location, ..Body::default() },
            Some((plan, files)) => Body {
                state: if plan.is_empty() { "live" } else { "stale" },
                files,
                indexed: plan.put.len(),
                removed: plan.remove.len(),
                unchanged: plan.unchanged,
                index_bytes: bytes_of(&folder),
                location,
                ..Body::default()
            },
        };
        let good = body.state == "live";
        show(&body, args.json);
        return Ok(if good { 0 } else { NOTHING });
    }
    if args.watch {
        return watch(setup, args.json);
    }
    let started = Instant::now();
    if args.rebuild {
        clear(&folder).map_err(|error| {
            Failure::new(Kind::Environment, format!("cannot remove {location}: {error}"))
        })?;
    }
    let fresh = refresh(&options);
    if fresh.index.is_none() {
        setup.warn(&fresh.said);
        return Err(Failure::new(Kind::Environment, "the index could not be brought up to date")
            .hint("`navi doctor` looks at its folder"));
    }
    let files = fresh.keeper.list();
    let counts = fresh.counts;
    let state = match () {
        () if fresh.reader => "reader",
        () if args.rebuild => "rebuilt",
        () if counts.indexed == 0 && counts.removed == 0 => "unchanged",
        () if fresh.from_nothing => "built",
        () => "updated",
    };
    let mut said = setup.said.clone();
    said.extend(fresh.said.iter().cloned());
    let body = Body {
        state,
        files: files.len(),
        bytes: files.living().map(|id| files.facts(id).stamp.size).sum(),
        indexed: counts.indexed,
        removed: counts.removed,
        unchanged: counts.unchanged,
        skipped: Skipped {
            binary: counts.binary,
            too_large: counts.too_large,
            unreadable: counts.unreadable,
            secret: counts.secret,
        },
        seconds: (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        index_bytes: bytes_of(&folder),
        location,
        diagnostics: json::said(&said),
    };
    if !args.json {
        setup.warn(&fresh.said);
    }
    show(&body, args.json);
    Ok(0)
}

fn show(body: &Body, as_json: bool) {
    if as_json {
        print::out(&json::object(body));
        return;
    }
    print::out(&format!(
        "{}: {} files, {} indexed, {} removed, {} unchanged in {:.2} s",
        body.state,
        grouped(body.files),
        grouped(body.indexed),
        grouped(body.removed),
        grouped(body.unchanged),
        body.seconds
    ));
    let skipped = &body.skipped;
    if skipped.binary + skipped.too_large + skipped.unreadable + skipped.secret > 0 {
        print::out(&format!(
            "listed by path only: {} binary, {} secret, {} unreadable; {} too large to read whole",
            skipped.binary, skipped.secret, skipped.unreadable, skipped.too_large
        ));
    }
    print::out(&format!("{} bytes in {}", grouped(body.index_bytes as usize), body.location));
}

#[derive(Serialize)]
struct WatchBody {
    state: &'static str,
    files: usize,
    fresh_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// Keeps the index fresh until the process is ended, telling each change of state.
fn watch(setup: &Setup, as_json: bool) -> Result<u8, Failure> {
    let (inbox, reports) = channel();
    let sink: Sink = Arc::new(move |report| {
        // The loop below ends only with the process.
        let _ = inbox.send(report);
    });
    let _workers = Workers::start(&setup.options(), &sink)
        .map_err(|error| Failure::new(Kind::Environment, format!("cannot start: {error}")))?;
    setup.warn(&[]);
    let mut last = None;
    while let Ok(report) = reports.recv() {
        match report {
            Report::Index(status) => {
                let (state, why) = match status.phase {
                    Phase::Scanning | Phase::Indexing { .. } => continue,
                    Phase::Live => ("live", None),
                    Phase::Unwatched(why) => ("unwatched", Some(why)),
                    Phase::Reader => ("reader", None),
                    Phase::PathsOnly(why) => ("paths-only", Some(why)),
                };
                let body = WatchBody { state, files: status.files, fresh_ms: status.fresh_ms, why };
                let line = if as_json {
                    json::object(&body)
                } else {
                    let fresh = body.fresh_ms.map_or_else(String::new, |ms| format!(", {ms} ms"));
                    let why = body.why.as_ref().map_or_else(String::new, |it| format!(": {it}"));
                    format!("{state}{why}, {} files{fresh}", grouped(body.files))
                };
                if last.as_ref() != Some(&line) {
                    print::out(&line);
                    last = Some(line);
                }
            }
            Report::Said(fault) => setup.warn(&[fault]),
            Report::WorkerDied { worker, message } => {
                return Err(Failure::new(
                    Kind::Internal,
                    format!("the {worker} failed: {message}"),
                ));
            }
            Report::Changed { .. }
            | Report::Search { .. }
            | Report::Critical { .. }
            | Report::Preview { .. }
            | Report::FoundInFile { .. } => {}
        }
    }
    Ok(0)
}
