//! `navi check`: the triage board, once.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::past;
use crate::app::outline::age;
use crate::base::suggest::did_you_mean;
use crate::base::{Diagnostic, text};
use crate::cli::args::Check;
use crate::cli::failure::{self, Failure};
use crate::cli::scope::{Scope, under};
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::engine::checks::{Board, Row, Verdict};
use crate::engine::commands::{Discovery, Kind};
use crate::workers::checks::{Asked, Checks, asked, board, goods, now, run_in_time};
use crate::workers::workspace::labels::{Outward, split_id};
use crate::workers::workspace::merge::triage;
use crate::workers::{Options, crew, list_files};

/// Nothing could be asked.
const COULD_NOT: u8 = 2;
/// Left with ctrl-c.
const LEFT: u8 = 130;
/// Columns of what is printed, as far as it can be cut.
const COLUMNS: usize = 80;
/// Columns before what belongs to a row.
const INDENT: &str = "         ";

#[derive(Serialize)]
struct Body {
    ok: bool,
    took_ms: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repositories: Vec<json::Repository>,
    checks: Vec<RowBody>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct RowBody {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    title: String,
    kind: &'static str,
    service: Option<String>,
    verdict: &'static str,
    summary: String,
    ms: u64,
    rung: Option<&'static str>,
    next: Option<String>,
    last_ok: Option<LastOk>,
    recent_commits: Vec<CommitBody>,
}

#[derive(Serialize)]
struct LastOk {
    age_s: u64,
    summary: String,
    ms: u64,
}

#[derive(Serialize)]
struct CommitBody {
    id: String,
    age_s: u64,
    subject: String,
}

/// What is asked in one repository.
struct Asking<'a> {
    label: &'a str,
    options: Options,
    found: Discovery,
    asked: Vec<Asked>,
}

impl<'a> Asking<'a> {
    fn of(label: &'a str, setup: &Setup, kind: Option<Kind>, said: &mut Vec<Diagnostic>) -> Self {
        let options = setup.options();
        let files = list_files(&options).0.list();
        let found = (options.running.discover)(&files);
        let (asked, faults) = asked(&options.running, &found, kind);
        said.extend(faults.iter().map(|it| under(label, it)));
        Self { label, options, found, asked }
    }

    /// Runs the checks; the rows carry the label.
    fn board(
        &self,
        left: &AtomicBool,
        told: &(dyn Fn() + Sync),
        said: &mut Vec<Diagnostic>,
    ) -> Board {
        let running = &self.options.running;
        let mut own = Vec::new();
        let (known, faults) = running.goods.read();
        own.extend(faults);
        let history = past(&self.options, &mut own);
        let now = now();
        let checks = Checks {
            asked: &self.asked,
            commands: &self.found.commands,
            stacks: &self.found.stacks,
            root: &running.root,
            history: &history,
            known: &known,
            now,
        };
        let made = board(
            &checks,
            &|command, time, cancelled| run_in_time(running, command, time, cancelled),
            &|| left.load(Ordering::Relaxed),
            &|_| told(),
        );
        own.extend(running.goods.add(goods(&made, now)).err());
        said.extend(own.iter().map(|it| under(self.label, it)));
        if self.label.is_empty() { made } else { made.labelled(self.label) }
    }
}

/// Repositories whose checks run at once.
const AT_ONCE: usize = 4;

pub fn run(scope: &Scope, args: &Check) -> Result<u8, Failure> {
    let kind = args.kind.as_deref().map(kind_of).transpose()?;
    let mut said = Vec::new();
    let each = scope.each().into_iter();
    let all: Vec<Asking<'_>> =
        each.map(|(label, setup)| Asking::of(label, setup, kind, &mut said)).collect();
    let many: usize = all.iter().map(|it| it.asked.len()).sum();
    if many == 0 {
        let of = kind.map_or_else(String::new, |it| format!(" of kind {}", it.id()));
        let none =
            Failure::new(failure::Kind::Environment, format!("there are no checks{of} here"));
        return Err(none.hint("`navi commands` lists what was found"));
    }
    let left = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // Without it the checks end with navi, and the board is not printed.
        let _ = signal_hook::flag::register(signal, Arc::clone(&left));
    }
    let terminal = std::io::stderr().is_terminal();
    let done = AtomicUsize::new(0);
    let told = || {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if terminal {
            print::progress(&format!("{done} of {many} checks"));
        }
    };
    let next = AtomicUsize::new(0);
    let boards: Vec<Mutex<(Board, Vec<Diagnostic>)>> =
        all.iter().map(|_| Mutex::default()).collect();
    crew(all.len().min(AT_ONCE), &|_| {
        while let Some(number) = Some(next.fetch_add(1, Ordering::Relaxed))
            && let (Some(asking), Some(place)) = (all.get(number), boards.get(number))
        {
            let mut faults = Vec::new();
            let made = asking.board(&left, &told, &mut faults);
            *place.lock().unwrap_or_else(PoisonError::into_inner) = (made, faults);
        }
    });
    if terminal {
        print::progress("");
    }
    let boards = boards.into_iter().map(Mutex::into_inner);
    let boards = boards.map(|it| it.unwrap_or_else(PoisonError::into_inner));
    let (boards, faults): (Vec<Board>, Vec<Vec<Diagnostic>>) = boards.unzip();
    said.extend(faults.into_iter().flatten());
    let made = triage(&boards);
    let verdicts = made.rows.iter().filter(|it| it.finding.verdict != Verdict::Skipped);
    let verdicts =
        verdicts.map(|it| (it.id.as_str(), it.finding.verdict, it.finding.summary.as_str()));
    super::incident::keep_verdicts(&scope.base, verdicts);
    let asked_some = made.rows.iter().any(|it| it.finding.verdict != Verdict::Skipped);
    if args.json {
        let mut faults = scope.said();
        for it in &all {
            faults.extend(it.found.said.iter().map(|said| under(it.label, said)));
        }
        faults.extend(said);
        let body = Body {
            ok: asked_some && made.is_ok(),
            took_ms: made.ms,
            repositories: json::repositories(scope),
            checks: made.rows.iter().map(|it| wire(it, scope.is_workspace())).collect(),
            diagnostics: json::said(&faults),
        };
        print::out(&json::object(body));
    } else {
        scope.warn(&said);
        print::out(&as_text(&made));
    }
    Ok(match (left.load(Ordering::Relaxed), asked_some, made.is_ok()) {
        (true, ..) => LEFT,
        (_, false, _) => COULD_NOT,
        (_, _, true) => 0,
        (_, _, false) => NOTHING,
    })
}

fn kind_of(name: &str) -> Result<Kind, Failure> {
    Kind::of(name).ok_or_else(|| {
        let known = Kind::ALL.map(Kind::id);
        let text = format!("unknown kind `{}`", text::clean(name));
        let failure = Failure::new(failure::Kind::Usage, text);
        match did_you_mean(name, known) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("known: {}", known.join(", "))),
        }
    })
}

fn wire(row: &Row, workspace: bool) -> RowBody {
    let label = split_id(&row.id).filter(|_| workspace);
    let commit = |it: &crate::engine::checks::Recent| CommitBody {
        id: it.id.clone(),
        age_s: it.age_s,
        subject: it.subject.clone(),
    };
    RowBody {
        repository: label.map(|it| it.0.to_owned()),
        id: row.id.clone(),
        title: row.title.clone(),
        kind: row.kind.id(),
        service: row.service.clone(),
        verdict: row.finding.verdict.id(),
        summary: row.finding.summary.clone(),
        ms: row.ms,
        rung: row.finding.rung.map(crate::engine::checks::Rung::id),
        next: row.finding.next.clone(),
        last_ok: row.last_good.as_ref().map(|it| LastOk {
            age_s: it.age_s,
            summary: it.summary.clone(),
            ms: it.ms,
        }),
        recent_commits: row.commits.iter().map(commit).collect(),
    }
}

/// The board for people: what is broken with all that is known of it, the rest in a line each, and
/// what was skipped by its reason.
fn as_text(board: &Board) -> String {
    let mut lines = Vec::new();
    let (skipped, shown): (Vec<&Row>, Vec<&Row>) =
        board.rows.iter().partition(|it| it.finding.verdict == Verdict::Skipped);
    for row in shown {
        let finding = &row.finding;
        let first = format!("{:<8} {}", finding.verdict.id().to_uppercase(), row.id);
        if text::width(&first) + 2 + text::width(&finding.summary) <= COLUMNS {
            lines.push(format!("{first}  {}", finding.summary));
        } else {
            lines.push(first);
            lines.push(format!("{INDENT}{}", finding.summary));
        }
        if finding.verdict == Verdict::Ok {
            continue;
        }
        let rung = finding.rung.map(|it| format!("it fails at the {}", it.id()));
        let says: Vec<String> = rung.into_iter().chain(row.differs()).collect();
        lines.extend(says.iter().map(|it| format!("{INDENT}{it}")));
        lines.extend(finding.next.iter().map(|it| format!("{INDENT}next: {it}")));
        lines.extend(row.commits.iter().map(|it| {
            let id = it.id.get(..9).unwrap_or(&it.id);
            let line = format!("{INDENT}{id}  {:>4}  {}", age(it.age_s), it.subject);
            text::truncate(&line, COLUMNS).into_owned()
        }));
    }
    let mut reasons: Vec<(String, usize)> = Vec::new();
    for row in &skipped {
        let next = row.finding.next.as_ref().filter(|it| it.contains("--allow-all"));
        let next = next.map_or_else(String::new, |it| format!(" (`{it}` after a look)"));
        let reason = format!("{}{next}", row.finding.summary);
        match reasons.iter_mut().find(|it| it.0 == reason) {
            Some(known) => known.1 += 1,
            None => reasons.push((reason, 1)),
        }
    }
    let skips = reasons.iter().map(|(reason, count)| format!("{:<8} {count}: {reason}", "SKIPPED"));
    lines.extend(skips);
    let of = |verdicts: &[Verdict]| {
        board.rows.iter().filter(|it| verdicts.contains(&it.finding.verdict)).count()
    };
    let broken = of(&[Verdict::Fail, Verdict::Timeout]);
    let (odd, fine) = (of(&[Verdict::Warn]), of(&[Verdict::Ok]));
    let seconds = board.ms / 1000;
    let tenth = board.ms % 1000 / 100;
    lines.push(format!("{broken} broken, {odd} odd, {fine} fine, in {seconds}.{tenth} s"));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::checks::{Finding, LastGood, Recent, Rung};

    fn row(id: &str, finding: Finding) -> Row {
        Row {
            id: id.into(),
            title: "x".into(),
            kind: Kind::Database,
            service: Some("db".into()),
            finding,
            ms: 41,
            last_good: None,
            commits: vec![],
        }
    }

    #[test]
    fn the_board_fits_a_narrow_screen_and_groups_what_was_skipped() {
        let fail = Finding {
            rung: Some(Rung::App),
            next: Some("navi run compose.db.activity".into()),
            ..Finding::fail("3 blocked, oldest 4 m 12 s")
        };
        let mut broken = row("compose.db.status", fail);
        broken.last_good =
            Some(LastGood { age_s: 7200, summary: "4 of 100 connections".into(), ms: 40 });
        broken.commits = vec![Recent {
            id: "0123456789abcdef".into(),
            age_s: 7200,
            subject: "word ".repeat(40),
        }];
        let skip = Finding {
            next: Some("navi trust --allow-all".into()),
            ..Finding::skipped("not trusted")
        };
        let board = Board {
            rows: vec![
                broken,
                row("compose.a.x", skip.clone()),
                row("compose.b.x", skip),
                row("compose.c.x", Finding::ok("PONG")),
            ],
            ms: 5123,
        };
        let text = as_text(&board);
        assert!(text.lines().all(|it| text::width(it) <= 80), "{text}");
        for line in [
            "FAIL     compose.db.status  3 blocked, oldest 4 m 12 s",
            "         it fails at the app",
            "         was ok 2 h 0 m ago: 4 of 100 connections in 40 ms",
            "         next: navi run compose.db.activity",
            "OK       compose.c.x  PONG",
            "SKIPPED  2: not trusted (`navi trust --allow-all` after a look)",
            "1 broken, 0 odd, 1 fine, in 5.1 s",
        ] {
            assert!(text.lines().any(|it| it == line), "{line} in\n{text}");
        }
    }
}
