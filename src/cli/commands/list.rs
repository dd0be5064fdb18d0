//! `navi commands`: the emergency commands that the repository offers, and what each may do.

use serde::Serialize;

use crate::base::RepoPath;
use crate::base::suggest::did_you_mean;
use crate::base::text::clean;
use crate::cli::args::Commands as Args;
use crate::cli::failure::{Failure, Kind as Fault};
use crate::cli::scope::{Scope, under};
use crate::cli::{NOTHING, json, print};
use crate::engine::commands::{Kind, Trust};
use crate::engine::output::shown;
use crate::workers::workspace::labels;
use crate::workers::{Judged, list_files};

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repositories: Vec<json::Repository>,
    commands: Vec<Row<'a>>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'a str>,
    title: &'a str,
    kind: &'static str,
    argv: Vec<String>,
    cwd: String,
    source: Source<'a>,
    risk: &'static str,
    risk_why: &'a str,
    trusted: bool,
    parameters: Vec<Parameter<'a>>,
    follows: bool,
    interactive: bool,
    service: Option<&'a str>,
}

#[derive(Serialize)]
struct Source<'a> {
    path: std::borrow::Cow<'a, str>,
    line: u32,
}

#[derive(Serialize)]
struct Parameter<'a> {
    name: &'a str,
    default: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<&'a str>,
}

/// A command with the label of its repository; of a single one, the label is empty.
type Listed<'a> = (&'a str, Judged);

pub fn run(scope: &Scope, args: &Args) -> Result<u8, Failure> {
    let kind = args.kind.as_deref().map(kind_of).transpose()?;
    let mut said = Vec::new();
    let mut all: Vec<Listed<'_>> = Vec::new();
    for (label, setup) in scope.each() {
        let running = setup.running();
        let (keeper, mut own) = list_files(&setup.options());
        let found = (running.discover)(&keeper.list());
        own.extend(found.said);
        let (book, faults) = running.book();
        own.extend(faults);
        said.extend(own.iter().map(|it| under(label, it)));
        let mut commands = found.commands;
        commands.retain(|it| {
            kind.is_none_or(|kind| it.kind == kind)
                && args.service.as_deref().is_none_or(|name| it.service.as_deref() == Some(name))
        });
        all.extend(running.judge(&book, commands).into_iter().map(|it| (label, it)));
    }
    if scope.is_workspace() {
        // As the screen has them: by kind, and of a kind by repository.
        all.sort_by_key(|(_, it)| it.command.kind);
    }
    if args.json {
        let mut faults = scope.said();
        faults.extend(said);
        let body = Body {
            repositories: json::repositories(scope),
            commands: all.iter().map(row).collect(),
            diagnostics: json::said(&faults),
        };
        print::out(&json::object(body));
    } else {
        scope.warn(&said);
        show(&all);
    }
    Ok(if all.is_empty() { NOTHING } else { 0 })
}

/// The id by which `navi run` knows a command.
fn id_of((label, it): &Listed<'_>) -> String {
    if label.is_empty() { it.command.id.clone() } else { labels::id(label, &it.command.id) }
}

fn kind_of(word: &str) -> Result<Kind, Failure> {
    Kind::of(word).ok_or_else(|| {
        let known = Kind::ALL.map(Kind::id);
        let failure = Failure::new(Fault::Usage, format!("there is no kind `{}`", clean(word)));
        match did_you_mean(word, known) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("known: {}", known.join(", "))),
        }
    })
}

fn row<'a>(listed: &'a Listed<'_>) -> Row<'a> {
    let (label, it) = listed;
    let command = &it.command;
    let cwd = command.cwd.to_text();
    Row {
        id: id_of(listed),
        repository: Some(*label).filter(|it| !it.is_empty()),
        title: &command.title,
        kind: command.kind.id(),
        argv: command.work.argv(),
        cwd: if cwd.is_empty() { ".".to_owned() } else { cwd.into_owned() },
        source: Source { path: command.place.path.to_text(), line: command.place.line },
        risk: command.risk.id(),
        risk_why: &command.risk_why,
        trusted: it.trust == Trust::Trusted,
        parameters: command
            .parameters
            .iter()
            .map(|it| Parameter {
                name: &it.name,
                default: it.default.as_deref(),
                says: it.says.as_deref(),
            })
            .collect(),
        follows: command.follows,
        interactive: command.interactive,
        service: command.service.as_deref(),
    }
}

/// By kind: a line with risk, id and place for whoever reads by columns, and below it what runs.
fn show(all: &[Listed<'_>]) {
    if all.is_empty() {
        print::err("no commands were found");
        return;
    }
    for kind in Kind::ALL {
        let mut titled = false;
        for listed in all.iter().filter(|it| it.1.command.kind == kind) {
            let (label, it) = listed;
            if !titled {
                print::out(kind.title());
                titled = true;
            }
            let command = &it.command;
            let whole = |path: &RepoPath| {
                if label.is_empty() { path.display() } else { path.under(label).display() }
            };
            let place = format!("{}:{}", whole(&command.place.path), command.place.line);
            let mark = if it.trust == Trust::Trusted { "*" } else { " " };
            let (risk, id) = (command.risk.id(), id_of(listed));
            print::out(&format!("{mark} {risk:9}  {}  {place}", clean(&id)));
            let within = whole(&command.cwd);
            let within = if within.is_empty() { within } else { format!("  (in {within})") };
            print::out(&format!("             {}{within}", shown(&command.work.argv())));
        }
    }
}
