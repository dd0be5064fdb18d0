//! `navi trust`: which commands of this repository are trusted, and decisions about them.

use serde::Serialize;

use super::card;
use crate::base::suggest::did_you_mean;
use crate::base::text::clean;
use crate::cli::args::Trust as Args;
use crate::cli::failure::{Failure, Kind};
use crate::cli::setup::Setup;
use crate::cli::{json, print};
use crate::engine::commands::{Decision, Risk, Trust};
use crate::workers::{Judged, Running, list_files};

#[derive(Serialize)]
struct Body<'a> {
    commands: Vec<Row<'a>>,
    /// Decisions about commands that are not here now.
    gone: Vec<&'a str>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    trust: &'static str,
    risk: &'static str,
    source: Source<'a>,
    fingerprint: &'a str,
    /// When the state that was trusted before was trusted, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<u64>,
}

#[derive(Serialize)]
struct Source<'a> {
    path: std::borrow::Cow<'a, str>,
    line: u32,
}

pub fn run(setup: &Setup, args: &Args) -> Result<u8, Failure> {
    let running = setup.running();
    let files = list_files(&setup.options()).0.list();
    let found = (running.discover)(&files).commands;
    let (book, faults) = running.book();
    let judged = running.judge(&book, found);
    decide(&running, &judged, &book.ids().collect::<Vec<_>>(), args)?;
    // As it is after that.
    let commands = judged.into_iter().map(|it| it.command).collect();
    let book = running.book().0;
    let judged = running.judge(&book, commands);
    let mut gone: Vec<&str> = book.ids().collect();
    gone.retain(|id| !judged.iter().any(|it| it.command.id == *id));
    gone.sort_unstable();
    if args.json {
        let mut said = setup.said.clone();
        said.extend(faults);
        let body = Body {
            commands: judged.iter().map(row).collect(),
            gone,
            diagnostics: json::said(&said),
        };
        print::out(&json::object(body));
        return Ok(0);
    }
    setup.warn(&faults);
    let changes =
        args.allow_all || [&args.allow, &args.deny, &args.revoke].iter().any(|it| !it.is_empty());
    if changes {
        return Ok(0);
    }
    for it in &judged {
        let place = format!("{}:{}", it.command.place.path.display(), it.command.place.line);
        let (trust, risk) = (it.trust.id(), it.command.risk.id());
        print::out(&format!("{trust}\t{risk}\t{}\t{place}", clean(&it.command.id)));
    }
    for id in &gone {
        print::out(&format!("gone\t\t{}\t", clean(id)));
    }
    if judged.is_empty() {
        print::err("no commands were found in this repository");
    }
    Ok(0)
}

fn row(it: &Judged) -> Row<'_> {
    Row {
        id: &it.command.id,
        trust: it.trust.id(),
        risk: it.command.risk.id(),
        source: Source { path: it.command.place.path.to_text(), line: it.command.place.line },
        fingerprint: it.subject.fingerprint.as_str(),
        since: match it.trust {
            Trust::Changed { since, .. } => Some(since),
            Trust::Trusted | Trust::Unknown | Trust::Denied => None,
        },
    }
}

/// Keeps the decisions of the command line. Nothing is kept when one of the names is unknown.
fn decide(running: &Running, judged: &[Judged], held: &[&str], args: &Args) -> Result<(), Failure> {
    let find = |id: &String| judged.iter().find(|it| it.command.id == *id);
    for id in args.allow.iter().chain(&args.deny) {
        if find(id).is_none() {
            let failure =
                Failure::new(Kind::Usage, format!("there is no command `{}` here", clean(id)));
            let near = did_you_mean(id, judged.iter().map(|it| it.command.id.as_str()));
            return Err(match near {
                Some(near) => failure.hint(format!("did you mean `{}`?", clean(near))),
                None => failure.hint("`navi trust` without options lists them"),
            });
        }
    }
    for id in &args.revoke {
        if find(id).is_none() && !held.contains(&id.as_str()) {
            let text = format!("nothing was decided about `{}`", clean(id));
            return Err(Failure::new(Kind::Usage, text));
        }
    }
    let keep = |it: &Judged, decision: Decision| {
        let seen = Some(it.subject.text.as_str());
        running.decide(&it.command, decision, seen).map_err(|fault| {
            let failure = Failure::new(Kind::Environment, fault.message);
            fault.hint.into_iter().fold(failure, Failure::hint)
        })
    };
    let all = judged.iter().filter(|it| {
        args.allow_all
            && it.command.risk == Risk::ReadOnly
            && matches!(it.trust, Trust::Unknown | Trust::Changed { .. })
            && it.subject.fault.is_none()
    });
    for it in args.allow.iter().filter_map(find).chain(all) {
        if !args.json {
            // Of many, what runs; the rest is in their files.
            let run = it.subject.text.lines().next().unwrap_or_default();
            let short = || format!("{}\n    {run}", clean(&it.command.id));
            print::err(&if args.allow_all { short() } else { card::of(it) });
        }
        keep(it, Decision::Allow)?;
        if !args.json {
            print::out(&format!("trusted\t{}", clean(&it.command.id)));
        }
    }
    for it in args.deny.iter().filter_map(find) {
        keep(it, Decision::Deny)?;
        if !args.json {
            print::out(&format!("denied\t{}", clean(&it.command.id)));
        }
    }
    for id in &args.revoke {
        match find(id) {
            Some(it) => keep(it, Decision::Revoke)?,
            None => running
                .forget(id)
                .map_err(|fault| Failure::new(Kind::Environment, fault.message))?,
        }
        if !args.json {
            print::out(&format!("forgotten\t{}", clean(id)));
        }
    }
    Ok(())
}
