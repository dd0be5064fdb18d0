//! `navi commands`: the emergency commands that the repository offers, and what each may do.

use serde::Serialize;

use crate::base::suggest::did_you_mean;
use crate::base::text::clean;
use crate::cli::args::Commands as Args;
use crate::cli::failure::{Failure, Kind as Fault};
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::engine::commands::{Kind, Trust};
use crate::engine::output::shown;
use crate::workers::{Judged, list_files};

#[derive(Serialize)]
struct Body<'a> {
    commands: Vec<Row<'a>>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
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

pub fn run(setup: &Setup, args: &Args) -> Result<u8, Failure> {
    let kind = args.kind.as_deref().map(kind_of).transpose()?;
    let running = setup.running();
    let (keeper, mut said) = list_files(&setup.options());
    let found = (running.discover)(&keeper.list());
    said.extend(found.said);
    let (book, faults) = running.book();
    said.extend(faults);
    let mut commands = found.commands;
    commands.retain(|it| {
        kind.is_none_or(|kind| it.kind == kind)
            && args.service.as_deref().is_none_or(|name| it.service.as_deref() == Some(name))
    });
    let judged = running.judge(&book, commands);
    if args.json {
        let all: Vec<_> = setup.said.iter().chain(&said).cloned().collect();
        let body =
            Body { commands: judged.iter().map(row).collect(), diagnostics: json::said(&all) };
        print::out(&json::object(body));
    } else {
        setup.warn(&said);
        show(&judged);
    }
    Ok(if judged.is_empty() { NOTHING } else { 0 })
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

fn row(it: &Judged) -> Row<'_> {
    let command = &it.command;
    let cwd = command.cwd.to_text();
    Row {
        id: &command.id,
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
fn show(judged: &[Judged]) {
    if judged.is_empty() {
        print::err("no commands were found");
        return;
    }
    for kind in Kind::ALL {
        let mut titled = false;
        for it in judged.iter().filter(|it| it.command.kind == kind) {
            if !titled {
                print::out(kind.title());
                titled = true;
            }
            let command = &it.command;
            let place = format!("{}:{}", command.place.path.display(), command.place.line);
            let mark = if it.trust == Trust::Trusted { "*" } else { " " };
            let (risk, id) = (command.risk.id(), clean(&command.id));
            print::out(&format!("{mark} {risk:9}  {id}  {place}"));
            let within = command.cwd.display();
            let within = if within.is_empty() { within } else { format!("  (in {within})") };
            print::out(&format!("             {}{within}", shown(&command.work.argv())));
        }
    }
}
