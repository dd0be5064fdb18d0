//! `navi run`: one command, streaming, under the rules of trust.

use std::cell::Cell;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::card;
use crate::base::suggest::did_you_mean;
use crate::base::text::clean;
use crate::cli::args::{Run, Supervise};
use crate::cli::failure::{Failure, Kind};
use crate::cli::scope::Scope;
use crate::cli::setup::Setup;
use crate::cli::{json, print};
use crate::engine::commands::{
    Command, Consent, Decision, Need, Outcome, Risk, Status, Trust, name_values,
};
use crate::engine::files::FileList;
use crate::engine::output::{Line, Stream, shown};
use crate::tui;
use crate::workers::runner::{self, Piece, RunOptions, RunPlan, hand_over};
use crate::workers::workspace::labels;
use crate::workers::{Judged, Running, list_files};

/// Exit status of a command that was stopped at its deadline, as timeout(1) has it.
const TIMEOUT: u8 = 124;

/// Exit status after ctrl-c.
const CANCELLED: u8 = 130;

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Event<'a> {
    Started {
        id: &'a str,
        argv: &'a [String],
        notes: &'a [String],
    },
    Output {
        stream: &'static str,
        text: &'a str,
    },
    Finished {
        status: &'static str,
        exit: Option<i32>,
        ms: u64,
        dropped_bytes: u64,
        notes: &'a [String],
    },
}

/// The process between navi and a command.
pub fn supervise(args: Supervise) -> Result<u8, Failure> {
    let Supervise { grace_ms, program, argv } = args;
    let grace = Duration::from_millis(grace_ms);
    Ok(runner::supervise(&runner::Order { program, argv, grace }))
}

pub fn run(scope: &Scope, args: &Run) -> Result<u8, Failure> {
    let (label, setup, id) = choose(scope, &args.id)?;
    let mut running = setup.running();
    running.record = Some(super::incident::keeper(&scope.base, label));
    let files = list_files(&setup.options()).0.list();
    let command = find(&running, &files, id)?;
    let values = name_values(&command, &args.values).map_err(|why| {
        Failure::new(Kind::Usage, format!("`{}`: {why}", clean(&command.id)))
            .hint("give values after `--`, as NAME=VALUE or in the order of the parameters")
    })?;
    let (book, faults) = running.book();
    if !args.json {
        setup.warn(&faults);
    }
    let judged = running.judge(&book, vec![command.clone()]).pop();
    let judged = judged.ok_or_else(|| Failure::new(Kind::Internal, "no command to look at"))?;
    let consent = ask(&running, &judged, args)?;
    // Once more, since a person may have looked at the question for long.
    let judged = running
        .admit(&files, &command, Some(&judged.subject), &consent)
        .map_err(|why| Failure::new(Kind::Usage, why))?;
    let plan = RunPlan { command: &judged.command, values: &values };
    let deadline = args.timeout.map(|it| Duration::from_secs(it.into()));
    let options = RunOptions { deadline, ..running.options(&|| true) };
    if judged.command.interactive {
        return interact(plan, &options, args.json);
    }
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Without it the command still ends with navi.
        let _ = signal_hook::flag::register(signal, Arc::clone(&stop));
    }
    let closed = Cell::new(false);
    let record = runner::run(
        plan,
        &options,
        &|| stop.load(Ordering::Relaxed) || closed.get(),
        &mut |piece| {
            if !tell(&args.id, &piece, args.json) {
                closed.set(true);
            }
        },
    );
    if let Some(keep) = &running.record {
        keep(&record);
    }
    Ok(finish(&record.outcome, args.json))
}

/// Among several repositories, the one that an id names, and the id inside of it.
fn choose<'a>(scope: &'a Scope, id: &'a str) -> Result<(&'a str, &'a Setup, &'a str), Failure> {
    if !scope.is_workspace() {
        return Ok(("", &scope.base, id));
    }
    let known = || scope.members.iter().map(|it| it.0.as_str());
    let hint = || format!("write LABEL:ID with one of {}", known().collect::<Vec<_>>().join(", "));
    let Some((label, inside)) = labels::split_id(id) else {
        let text = format!("`{}` does not say of which repository it is", clean(id));
        return Err(Failure::new(Kind::Usage, text).hint(hint()));
    };
    if let Some((label, setup)) = scope.members.iter().find(|it| it.0 == label) {
        return Ok((label, setup, inside));
    }
    let text = format!("there is no repository `{}` here", clean(label));
    let failure = Failure::new(Kind::Usage, text);
    Err(match did_you_mean(label, known()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => failure.hint(hint()),
    })
}

/// The command of this id.
fn find(running: &Running, files: &FileList, id: &str) -> Result<Command, Failure> {
    let found = (running.discover)(files).commands;
    if let Some(it) = found.iter().find(|it| it.id == id) {
        return Ok(it.clone());
    }
    let near = did_you_mean(id, found.iter().map(|it| it.id.as_str())).map(str::to_owned);
    let failure = Failure::new(Kind::Usage, format!("there is no command `{}` here", clean(id)));
    Err(match near {
        Some(near) => failure.hint(format!("did you mean `{}`?", clean(&near))),
        None => failure.hint("`navi commands` lists them"),
    })
}

/// What a person says, or has said on the command line, about a run.
fn ask(running: &Running, judged: &Judged, args: &Run) -> Result<Consent, Failure> {
    let id = clean(&judged.command.id).into_owned();
    let whole = clean(&args.id);
    // Trust is of one repository: among several, it has to be said of which.
    let root = clean(&running.root.display().to_string()).into_owned();
    let at = if args.id == judged.command.id { String::new() } else { format!(" --root {root}") };
    let terminal = !args.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    let refused = |why: String, hint: String| {
        if !args.json {
            print::err(&card::of(judged));
        }
        Err(Failure::new(Kind::Usage, why).hint(hint))
    };
    match judged.needs(&Consent::Trusted) {
        Need::Nothing => Ok(Consent::Trusted),
        Need::Refused(why) => refused(why, "`navi trust` shows what was decided".into()),
        Need::Type { name, why } if terminal => {
            print::err(&card::of(judged));
            let typed = answer(&format!("{why}. Type `{}` to run it:", clean(&name)));
            if typed == name { Ok(Consent::Typed(typed)) } else { Err(left(&id)) }
        }
        Need::Type { name, why } => refused(
            format!("`{id}` needs `{}` to be typed on a terminal: {why}", clean(&name)),
            "run it where somebody can type; `--yes` does not confirm this".into(),
        ),
        Need::Confirm if args.yes => Ok(Consent::Once),
        Need::Confirm if terminal => {
            print::err(&card::of(judged));
            match answer("Run it? [y/N]").as_str() {
                "y" | "yes" => Ok(Consent::Once),
                _ => Err(left(&id)),
            }
        }
        Need::Confirm => refused(
            format!("`{id}` has to be confirmed: {}", clean(&judged.command.risk_why)),
            "`--yes` confirms what changes something".into(),
        ),
        Need::Look if args.once => {
            if judged.command.risk == Risk::ReadOnly || args.yes {
                return Ok(Consent::Once);
            }
            refused(
                format!("`{id}` has to be confirmed: {}", clean(&judged.command.risk_why)),
                "`--once --yes` runs it this once".into(),
            )
        }
        Need::Look if terminal => {
            print::err(&card::of(judged));
            let can_trust = judged.subject.fault.is_none();
            let question = if can_trust {
                "Run it once [r], trust it as it is and run it [t], leave it [N]?"
            } else {
                "Run it once [r], leave it [N]?"
            };
            match answer(question).as_str() {
                "r" => Ok(Consent::Once),
                "t" if can_trust => {
                    let seen = Some(judged.subject.text.as_str());
                    if let Err(fault) = running.decide(&judged.command, Decision::Allow, seen) {
                        print::err(&clean(&fault.to_string()));
                    }
                    Ok(Consent::Once)
                }
                _ => Err(left(&id)),
            }
        }
        Need::Look => refused(
            match judged.trust {
                Trust::Changed { .. } => format!("`{id}` has changed since it was trusted"),
                _ => format!("`{id}` is not trusted"),
            },
            format!("look at it, then `navi trust{at} --allow {id}`, or `navi run {whole} --once`"),
        ),
    }
}

fn left(id: &str) -> Failure {
    Failure::new(Kind::Usage, format!("`{id}` was not run"))
}

/// What is typed on one line.
fn answer(question: &str) -> String {
    print::err(question);
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line);
    if read.is_ok() { line.trim().to_owned() } else { String::new() }
}

fn interact(plan: RunPlan<'_>, options: &RunOptions<'_>, json: bool) -> Result<u8, Failure> {
    let failed = |why: String| Failure::new(Kind::Environment, why);
    if json || !std::io::stdin().is_terminal() {
        return Err(
            failed("this command wants a terminal".into()).hint("run it on one, without --json")
        );
    }
    let call = hand_over(plan, options).map_err(failed)?;
    for note in &call.notes {
        print::err(&clean(note));
    }
    let exit = tui::interact(&call, None).map_err(failed)?;
    Ok(u8::try_from(exit & 0xff).unwrap_or(1))
}

/// Prints a piece; false when nobody reads what is printed.
fn tell(id: &str, piece: &Piece, as_json: bool) -> bool {
    match piece {
        Piece::Started { argv, notes } if as_json => {
            print::out_all(&json::object(Event::Started { id, argv, notes }))
        }
        Piece::Started { argv, notes } => {
            if std::io::stderr().is_terminal() {
                print::err(&format!("$ {}", shown(argv)));
            }
            for it in notes {
                print::err(&clean(it));
            }
            true
        }
        Piece::Lines(it) => {
            let mut open = true;
            let mut text = String::new();
            for line in &it.lines {
                if as_json {
                    let Line { stream, text: said, .. } = line;
                    let stream = if *stream == Stream::Err { "stderr" } else { "stdout" };
                    text.push_str(&json::object(Event::Output { stream, text: said }));
                    text.push('\n');
                } else if line.stream == Stream::Err {
                    print::err(&line.text);
                } else {
                    text.push_str(&line.text);
                    text.push_str(if line.cut { "…\n" } else { "\n" });
                }
            }
            if let Some(body) = text.strip_suffix('\n') {
                open = print::out_all(body);
            }
            if it.dropped_bytes > 0 && !as_json {
                let amount = crate::engine::output::amount(it.dropped_bytes);
                print::err(&format!("… {amount} left out, for they came too fast …"));
            }
            open
        }
    }
}

/// Tells how it ended, and with what navi ends.
fn finish(outcome: &Outcome, as_json: bool) -> u8 {
    let Outcome { status, exit, ms, dropped_bytes, notes } = outcome;
    if as_json {
        let (exit, ms, dropped_bytes) = (*exit, *ms, *dropped_bytes);
        let event = Event::Finished { status: status.id(), exit, ms, dropped_bytes, notes };
        print::out_all(&json::object(event));
    } else {
        for it in notes {
            print::err(&clean(it));
        }
        let seconds = *ms as f64 / 1000.0;
        match status {
            Status::Ok | Status::NotStarted => {}
            Status::Failed => {
                let exit = exit.map_or_else(String::new, |it| format!(" with exit {it}"));
                print::err(&format!("failed{exit} after {seconds:.1} s"));
            }
            Status::Timeout => {
                print::err(&format!("stopped at its deadline, after {seconds:.1} s"));
            }
            Status::Cancelled => print::err(&format!("stopped after {seconds:.1} s")),
        }
    }
    match status {
        Status::Ok => 0,
        Status::Failed => {
            exit.and_then(|it| u8::try_from(it).ok()).filter(|&it| it > 0).unwrap_or(1)
        }
        Status::Timeout => TIMEOUT,
        Status::Cancelled => CANCELLED,
        Status::NotStarted => 2,
    }
}
