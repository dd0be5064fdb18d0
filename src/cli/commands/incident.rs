//! `navi incident`: declares, notes, ends, and tells what was recorded.

use std::io::Read;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::base::{Diagnostic, text};
use crate::cli::args::{Incident, IncidentCommand, RecordForm};
use crate::cli::failure::{Failure, Kind};
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::config::clock::Zone;
use crate::config::incident::{IncidentError, IncidentStore, Kept, Recorder};
use crate::engine::checks::Verdict;
use crate::engine::commands::RunRecord;
use crate::engine::incident::{Clock, Entry, Timeline, What, duration, handover, report, told};
use crate::workers::workspace::labels;

/// Bytes that are read of a note from stdin.
const LONGEST_NOTE: u64 = 64 << 10;

#[derive(Serialize)]
struct StatusBody {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<IncidentBody>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct ListBody {
    incidents: Vec<IncidentBody>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct IncidentBody {
    id: String,
    title: String,
    active: bool,
    started: Option<String>,
    stopped: Option<String>,
    duration_s: u64,
    entries: usize,
    location: String,
}

#[derive(Serialize)]
struct NoteBody {
    /// The incident it went into; null for the black box.
    incident: Option<String>,
}

#[derive(Serialize)]
struct HandoverBody {
    id: String,
    lines: Vec<String>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct ReportBody {
    #[serde(flatten)]
    incident: IncidentBody,
    repository: String,
    branch: String,
    timeline: Vec<EntryBody>,
    files: Vec<FileBody>,
    commits: Vec<CommitBody>,
    checks: Vec<CheckBody>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize, Default)]
struct EntryBody {
    at: String,
    local: String,
    kind: &'static str,
    by: String,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    risk: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    targets: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

#[derive(Serialize)]
struct FileBody {
    path: String,
    lines: Vec<u64>,
    times: usize,
}

#[derive(Serialize)]
struct CommitBody {
    id: String,
    subject: String,
}

#[derive(Serialize)]
struct CheckBody {
    id: String,
    verdict: &'static str,
    summary: String,
}

pub fn run(setup: &Setup, args: &Incident) -> Result<u8, Failure> {
    let store = setup.incidents();
    if !store.keeps() {
        return Err(failure(&IncidentError::NoState));
    }
    let zone = Zone::here();
    let offset = |at| zone.offset_s(at);
    let clock = Clock { offset: &offset };
    match &args.command {
        IncidentCommand::Start { title, json } => start(setup, store, &title.join(" "), *json),
        IncidentCommand::Note { text, json } => note(setup, store, text, *json),
        IncidentCommand::Stop { json } => stop(setup, store, &clock, *json),
        IncidentCommand::Status { json } => status(setup, &store, &clock, *json),
        IncidentCommand::List { json } => list(setup, &store, &clock, *json),
        IncidentCommand::Report { id, format, json } => {
            let (id, timeline, said) = read(&store, id.as_deref())?;
            if *json || *format == RecordForm::Json {
                tell_json(setup, &store, &clock, &id, &timeline, &said);
            } else {
                setup.warn(&said);
                print::out(report(&timeline, &clock, now()).trim_end());
            }
            Ok(0)
        }
        IncidentCommand::Handover { id, json } => {
            let (id, timeline, said) = read(&store, id.as_deref())?;
            let lines = handover(&timeline, &clock, now());
            if *json {
                let all: Vec<_> = setup.said.iter().chain(&said).cloned().collect();
                print::out(&json::object(HandoverBody {
                    id,
                    lines,
                    diagnostics: json::said(&all),
                }));
            } else {
                setup.warn(&said);
                print::out(&lines.join("\n"));
            }
            Ok(0)
        }
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}

/// A name for this process among all that record.
pub fn who() -> String {
    format!("{:x}-{}", now(), std::process::id())
}

/// Writes down what each run leaves, of a repository with this label among several. Nothing is read
/// or made before the first one has ended.
pub fn keeper(setup: &Setup, label: &str) -> crate::workers::Recorder {
    let (setup, label) = (setup.recording(), label.to_owned());
    std::sync::Arc::new(move |record| {
        let id = if label.is_empty() { record.id.clone() } else { labels::id(&label, &record.id) };
        let record = &RunRecord { id, ..record.clone() };
        let mut recorder = Recorder::new(setup(), &who());
        recorder.sweep(SystemTime::now());
        // A run is done whether or not it could be written down; its output is what counts.
        if let Err(fault) = recorder.record(now(), What::of_run(record)) {
            print::err(&text::clean(&fault.to_string()));
        }
        let _ = recorder.sync();
    })
}

/// Writes the verdicts of a board into the incident that runs, if one does.
pub fn keep_verdicts<'a>(
    setup: &Setup,
    verdicts: impl Iterator<Item = (&'a str, Verdict, &'a str)>,
) {
    if setup.is_calm() {
        return;
    }
    let mut recorder = Recorder::new(setup.incidents(), &who());
    for (id, verdict, summary) in verdicts {
        let (id, summary) = (id.to_owned(), summary.to_owned());
        if let Err(fault) = recorder.record(now(), What::Check { id, verdict, summary }) {
            print::err(&text::clean(&fault.to_string()));
        }
    }
    let _ = recorder.sync();
}

fn failure(error: &IncidentError) -> Failure {
    let kind = match error {
        IncidentError::NoState | IncidentError::Io(_) => Kind::Environment,
        IncidentError::Running(_) | IncidentError::None => Kind::Input,
    };
    let mut message = error.to_string();
    if let IncidentError::Io(cause) = error {
        message = format!("{message}: {cause}");
    }
    let failure = Failure::new(kind, message);
    match error {
        IncidentError::NoState => failure.hint("leave --no-state out, and set HOME"),
        IncidentError::Running(_) => {
            failure.hint("`navi incident note` adds to it, `navi incident stop` ends it")
        }
        IncidentError::None => failure.hint("`navi incident start TITLE` declares one"),
        IncidentError::Io(_) => failure.hint("make room, or set XDG_STATE_HOME to another disk"),
    }
}

fn start(setup: &Setup, store: IncidentStore, title: &str, as_json: bool) -> Result<u8, Failure> {
    if title.trim().is_empty() {
        return Err(Failure::new(Kind::Usage, "an incident needs a title")
            .hint("say what fails: navi incident start 'logins answer 500'"));
    }
    let mut recorder = Recorder::new(store.clone(), &who());
    let branch = setup.repo.branch();
    let id = recorder.start(title.trim(), branch.as_deref(), now()).map_err(|it| failure(&it))?;
    let (timeline, said) = store.read(&id);
    if as_json {
        let incident = Some(body(&store, &Clock { offset: &|_| 0 }, &id, true, &timeline));
        let all: Vec<_> = setup.said.iter().chain(&said).cloned().collect();
        let diagnostics = json::said(&all);
        print::out(&json::object(StatusBody { active: true, incident, diagnostics }));
    } else {
        setup.warn(&said);
        print::out(&format!(
            "incident {id} declared; every navi on this repository records into it"
        ));
        let before = timeline.entries.iter().find_map(|it| match it.what {
            What::Promoted { entries } => Some(entries),
            _ => None,
        });
        if let Some(entries) = before {
            print::out(&format!("{entries} entries of the last hour were taken over"));
        }
    }
    Ok(0)
}

fn note(
    setup: &Setup,
    store: IncidentStore,
    words: &[String],
    as_json: bool,
) -> Result<u8, Failure> {
    let mut text = words.join(" ");
    if text == "-" {
        text.clear();
        let read = std::io::stdin().lock().take(LONGEST_NOTE).read_to_string(&mut text);
        read.map_err(|error| {
            Failure::new(Kind::Input, format!("the note cannot be read from stdin: {error}"))
        })?;
    }
    let text = text.trim().to_owned();
    if text.is_empty() {
        return Err(Failure::new(Kind::Usage, "the note is empty")
            .hint("say what you saw or did: navi incident note 'restarted the api'"));
    }
    let mut recorder = Recorder::new(store, &who());
    recorder.sweep(SystemTime::now());
    recorder.follow(now());
    let incident = recorder.incident().map(str::to_owned);
    let failed = |fault: String| {
        Failure::new(Kind::Environment, fault)
            .hint("make room, or set XDG_STATE_HOME to another disk, and note it again")
    };
    recorder.record(now(), What::Note { text }).map_err(|it| failed(it.message))?;
    recorder.sync().map_err(|error| failed(format!("the record cannot be written: {error}")))?;
    setup.warn(&[]);
    if incident.is_none() {
        print::err(
            "no incident is running; the note belongs to one that is declared within an hour",
        );
    }
    if as_json {
        print::out(&json::object(NoteBody { incident }));
    }
    Ok(0)
}

fn stop(
    setup: &Setup,
    store: IncidentStore,
    clock: &Clock<'_>,
    as_json: bool,
) -> Result<u8, Failure> {
    let mut recorder = Recorder::new(store.clone(), &who());
    let id = match recorder.stop(now()) {
        Ok(id) => id,
        Err(IncidentError::None) => return Ok(none(setup, as_json)),
        Err(error) => return Err(failure(&error)),
    };
    let (timeline, said) = store.read(&id);
    if as_json {
        let incident = Some(body(&store, clock, &id, false, &timeline));
        let all: Vec<_> = setup.said.iter().chain(&said).cloned().collect();
        let diagnostics = json::said(&all);
        print::out(&json::object(StatusBody { active: false, incident, diagnostics }));
    } else {
        setup.warn(&said);
        let took = duration(timeline.length(now()));
        print::out(&format!(
            "incident {id} is over after {took}; `navi incident report` drafts the post-mortem"
        ));
    }
    Ok(0)
}

/// Tells that no incident runs.
fn none(setup: &Setup, as_json: bool) -> u8 {
    if as_json {
        let diagnostics = json::said(&setup.said);
        print::out(&json::object(StatusBody { active: false, incident: None, diagnostics }));
    } else {
        setup.warn(&[]);
        print::err("no incident is running; `navi incident start TITLE` declares one");
    }
    NOTHING
}

fn status(
    setup: &Setup,
    store: &IncidentStore,
    clock: &Clock<'_>,
    as_json: bool,
) -> Result<u8, Failure> {
    let Some(id) = store.active() else { return Ok(none(setup, as_json)) };
    let (timeline, said) = store.read(&id);
    if as_json {
        let incident = Some(body(store, clock, &id, true, &timeline));
        let all: Vec<_> = setup.said.iter().chain(&said).cloned().collect();
        let diagnostics = json::said(&all);
        print::out(&json::object(StatusBody { active: true, incident, diagnostics }));
    } else {
        setup.warn(&said);
        show(&id, true, &timeline, clock);
        for entry in timeline.entries.iter().rev().take(5).rev() {
            let line = format!("  {}  {}", clock.local(entry.at), told(entry));
            print::out(&text::clean(&line.replace(['\n', '\t'], " ")));
        }
    }
    Ok(0)
}

fn list(
    setup: &Setup,
    store: &IncidentStore,
    clock: &Clock<'_>,
    as_json: bool,
) -> Result<u8, Failure> {
    let (all, said) = store.list();
    let found = !all.is_empty();
    if as_json {
        let said: Vec<_> = setup.said.iter().chain(&said).cloned().collect();
        let of = |it: &Kept| body(store, clock, &it.id, it.active, &it.timeline);
        let incidents = all.iter().map(of).collect();
        print::out(&json::object(ListBody { incidents, diagnostics: json::said(&said) }));
    } else {
        setup.warn(&said);
        for it in &all {
            show(&it.id, it.active, &it.timeline, clock);
        }
        if !found {
            print::err("no incident was recorded in this repository");
        }
    }
    Ok(if found { 0 } else { NOTHING })
}

fn show(id: &str, active: bool, timeline: &Timeline, clock: &Clock<'_>) {
    let state = if active { "running for" } else { "took" };
    let length = duration(timeline.length(now()));
    let began =
        timeline.started.map_or_else(String::new, |at| format!(", since {} UTC", clock.utc(at)));
    let count = timeline.entries.len();
    let line = format!("{id}  {}: {state} {length}{began}, {count} entries", timeline.title);
    print::out(&text::clean(&line));
}

/// The incident that is meant.
fn read(
    store: &IncidentStore,
    id: Option<&str>,
) -> Result<(String, Timeline, Vec<Diagnostic>), Failure> {
    let Some(meant) = id.map(str::to_owned).or_else(|| store.current()) else {
        return Err(Failure::new(Kind::Input, "no incident was recorded in this repository")
            .hint("`navi incident start TITLE` declares one"));
    };
    let (timeline, said) = store.read(&meant);
    if timeline.entries.is_empty() {
        let shown = crate::base::diag::quote(&meant);
        return Err(Failure::new(Kind::Input, format!("there is no incident {shown}"))
            .hint("`navi incident list` names those that there are"));
    }
    Ok((meant, timeline, said))
}

/// A time as RFC 3339 has it.
fn wire_time(shown: &str, zone: &str) -> String {
    format!("{}{zone}", shown.replacen(' ', "T", 1))
}

fn body(
    store: &IncidentStore,
    clock: &Clock<'_>,
    id: &str,
    active: bool,
    timeline: &Timeline,
) -> IncidentBody {
    let utc = |at: u64| wire_time(&clock.utc(at), "Z");
    IncidentBody {
        id: id.to_owned(),
        title: timeline.title.clone(),
        active,
        started: timeline.started.map(utc),
        stopped: timeline.stopped.map(utc),
        duration_s: timeline.length(now()) / 1000,
        entries: timeline.entries.len(),
        location: store.folder_of(id).unwrap_or_default().display().to_string(),
    }
}

fn tell_json(
    setup: &Setup,
    store: &IncidentStore,
    clock: &Clock<'_>,
    id: &str,
    timeline: &Timeline,
    said: &[Diagnostic],
) {
    let active = store.active().as_deref() == Some(id);
    let all: Vec<_> = setup.said.iter().chain(said).cloned().collect();
    let files = timeline.files().into_iter().map(|it| FileBody {
        path: it.path.to_text().into_owned(),
        lines: it.lines,
        times: it.times,
    });
    let commits = timeline.commits();
    let commits = commits
        .iter()
        .map(|(id, subject)| CommitBody { id: (*id).to_owned(), subject: (*subject).to_owned() });
    let checks = timeline.checks();
    let checks = checks.iter().map(|(id, verdict, summary)| CheckBody {
        id: (*id).to_owned(),
        verdict: verdict.id(),
        summary: (*summary).to_owned(),
    });
    print::out(&json::object(ReportBody {
        incident: body(store, clock, id, active, timeline),
        repository: timeline.root.clone(),
        branch: timeline.branch.clone(),
        timeline: timeline.entries.iter().map(|it| wire(it, clock)).collect(),
        files: files.collect(),
        commits: commits.collect(),
        checks: checks.collect(),
        diagnostics: json::said(&all),
    }));
}

fn wire(entry: &Entry, clock: &Clock<'_>) -> EntryBody {
    let mut out = EntryBody {
        at: wire_time(&clock.utc(entry.at), "Z"),
        local: wire_time(&clock.local(entry.at), &clock.zone(entry.at)),
        kind: entry.what.kind(),
        by: entry.who.clone(),
        says: told(entry),
        ..EntryBody::default()
    };
    match &entry.what {
        What::Open { path, line } => {
            out.path = Some(path.to_text().into_owned());
            out.line = *line;
        }
        What::Runbook { path } => out.path = Some(path.to_text().into_owned()),
        What::Commit { id, .. } => out.id = Some(id.clone()),
        What::Check { id, verdict, .. } => {
            out.id = Some(id.clone());
            out.status = Some(verdict.id());
        }
        What::Command { id, line, risk, targets, status, exit, ms, digest } => {
            out.id = Some(id.clone());
            out.command = Some(line.clone());
            out.risk = Some(risk.id());
            out.targets.clone_from(targets);
            out.status = Some(status.id());
            out.exit = *exit;
            out.ms = Some(*ms);
            out.digest = Some(digest.clone());
        }
        What::Search { .. }
        | What::Copy { .. }
        | What::Note { .. }
        | What::Start { .. }
        | What::Promoted { .. }
        | What::Stop => {}
    }
    out
}
