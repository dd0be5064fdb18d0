//! `navi index`: builds, updates, watches, tells, removes.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use serde::Serialize;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::{Fresh, refresh};
use crate::app::model::grouped;
use crate::base::{Diagnostic, text};
use crate::cli::args::Index;
use crate::cli::failure::{Failure, Kind};
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::engine::index::{bytes_of, remove};
use crate::protocol::{IndexStatus, Phase, Report};
use crate::workers::{Sink, Worker, Workers};

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
        remove(&folder).map_err(|error| {
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
            Some((plan, files, damage)) => Body {
                diagnostics: json::said(
                    &damage
                        .map(|it| Diagnostic::warning(format!("the index was damaged: {it}")))
                        .into_iter()
                        .collect::<Vec<_>>(),
                ),
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
        remove(&folder).map_err(|error| {
            Failure::new(Kind::Environment, format!("cannot remove {location}: {error}"))
        })?;
    }
    let fresh = refresh(&options);
    if fresh.index.is_none() || fresh.failed {
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
    /// Commits of the history that are known.
    history: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// What the loop below hears of.
enum Heard {
    Report(Report),
    Signal(i32),
}

/// Keeps the index fresh until the process is told to end, telling each change of state.
fn watch(setup: &Setup, as_json: bool) -> Result<u8, Failure> {
    let cannot = |error| Failure::new(Kind::Environment, format!("cannot start: {error}"));
    let (inbox, heard) = channel();
    let signals_inbox = inbox.clone();
    // The loop below may have ended before the last reports come.
    let sink: Sink = Arc::new(move |report| {
        let _ = inbox.send(Heard::Report(report));
    });
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(cannot)?;
    let handle = signals.handle();
    let waiter = Worker::start("signals", &sink, move || {
        for signal in signals.forever() {
            if signals_inbox.send(Heard::Signal(signal)).is_err() {
                return;
            }
        }
    })
    .map_err(cannot)?;
    let workers = Workers::start(&setup.options(), &sink).map_err(cannot)?;
    setup.warn(&[]);
    let outcome = tell(as_json, &heard);
    // The index's lock is given back before the process ends.
    drop(workers);
    handle.close();
    drop(waiter);
    outcome
}

/// Until a signal or a fault.
fn tell(as_json: bool, heard: &Receiver<Heard>) -> Result<u8, Failure> {
    let mut index = IndexStatus::default();
    let mut commits = 0;
    while let Ok(heard) = heard.recv() {
        match heard {
            Heard::Signal(signal) => return Ok(if signal == SIGINT { 130 } else { 0 }),
            Heard::Report(Report::Index(status)) => {
                if let Some(line) = state_line(&status, commits, as_json) {
                    print::out(&line);
                }
                index = status;
            }
            Heard::Report(Report::History(status)) => {
                if !status.reading && status.commits != commits {
                    commits = status.commits;
                    if let Some(line) = state_line(&index, commits, as_json) {
                        print::out(&line);
                    }
                }
            }
            Heard::Report(Report::Said(fault)) => print::err(&text::clean(&fault.to_string())),
            Heard::Report(Report::WorkerDied { worker, message }) => {
                return Err(Failure::new(
                    Kind::Internal,
                    format!("the {worker} failed: {message}"),
                ));
            }
            Heard::Report(
                Report::Changed { .. }
                | Report::Branch(_)
                | Report::Search { .. }
                | Report::Critical { .. }
                | Report::Changes { .. }
                | Report::Patch { .. }
                | Report::Drill { .. }
                | Report::Commands { .. }
                | Report::Run { .. }
                | Report::Checks { .. }
                | Report::Audit { .. }
                | Report::Record(_)
                | Report::Runbooks { .. }
                | Report::Runbook { .. }
                | Report::Preview { .. }
                | Report::FoundInFile { .. },
            ) => {}
        }
    }
    Ok(0)
}

/// The line that tells a state; none while it is still to come.
fn state_line(status: &IndexStatus, commits: usize, as_json: bool) -> Option<String> {
    let (state, why) = match &status.phase {
        Phase::Scanning | Phase::Checking { .. } | Phase::Indexing { .. } => return None,
        Phase::Live => ("live", None),
        Phase::Polling { why, every_ms } => {
            ("polling", Some(format!("every {} s, {why}", every_ms.div_ceil(1000))))
        }
        Phase::Behind(why) => ("behind", Some(why.clone())),
        Phase::Gone => ("gone", None),
        Phase::Unwatched(why) => ("unwatched", Some(why.clone())),
        Phase::Reader => ("reader", None),
        Phase::PathsOnly(why) => ("paths-only", Some(why.clone())),
    };
    let (files, fresh_ms) = (status.files, status.fresh_ms);
    let body = WatchBody { state, files, fresh_ms, history: commits, why };
    if as_json {
        return Some(json::object(&body));
    }
    let fresh = body.fresh_ms.map_or_else(String::new, |ms| format!(", {ms} ms"));
    let why = body.why.as_ref().map_or_else(String::new, |it| format!(": {it}"));
    let history = match commits {
        0 => String::new(),
        commits => format!(", {} commits", grouped(commits)),
    };
    Some(format!("{state}{why}, {} files{history}{fresh}", grouped(body.files)))
}
