//! The triage board: all checks at once, each with its own deadline, then one look at what the
//! container engine says of its containers, to name the rung on which each failed.
//!
//! The board is complete within the longest deadline: a check that comes to its turn late has less
//! time, and one that has none left is told as skipped.

mod asking;
mod overdue;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::thread::crew;
use crate::config::Good;
use crate::engine::checks::{
    Answer, Board, Finding, LastGood, Listing, Row, Verdict, climb, inspect_argv, judge, list_argv,
    not_up, recent_commits, stack_of,
};
use crate::engine::commands::{Command, Outcome, Risk, Stack, Work};
use crate::engine::history::History;

/// Seconds for a check that says nothing of its own.
const DEADLINE_S: u32 = 5;
/// No check takes longer, whatever it says: somebody waits for the board.
const LONGEST_S: u32 = 60;
/// Checks that run at once. Each is a process or two; more would make each other late.
const AT_ONCE: usize = 32;
/// With less time than this no check is worth starting.
const TOO_LATE: Duration = Duration::from_millis(100);

pub use asking::{asked, now, run};
pub use overdue::run_in_time;

/// A run of a command, as whoever runs it tells of it.
#[derive(Debug, Clone)]
pub struct Ran {
    /// How it ended.
    pub outcome: Outcome,
    /// Standard output, cleaned, within bounds.
    pub out: String,
    /// Standard error, cleaned, within bounds.
    pub err: String,
}

/// Runs a command within a time, unless told to stop.
pub type Run<'a> = &'a (dyn Fn(&Command, Duration, &dyn Fn() -> bool) -> Ran + Sync);

/// A check for the board.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The command.
    pub command: Command,
    /// Why it is not run, and what to do about it; `None` runs it.
    pub refused: Option<(String, Option<String>)>,
}

/// What the board is made with.
pub struct Checks<'a> {
    /// The checks.
    pub asked: &'a [Asked],
    /// Every command that was found, to name one that tells more.
    pub commands: &'a [Command],
    /// The Compose stacks.
    pub stacks: &'a [Stack],
    /// The repository's root.
    pub root: &'a Path,
    /// Its history.
    pub history: &'a History,
    /// What was fine before, by the check's id.
    pub known: &'a BTreeMap<String, Good>,
    /// Seconds since 1970.
    pub now: i64,
}

/// Runs the checks. `told` hears of each as soon as it is judged, from several threads; its rung is
/// known only on the finished board.
pub fn board(
    checks: &Checks<'_>,
    run: Run<'_>,
    cancelled: &(dyn Fn() -> bool + Sync),
    told: &(dyn Fn(&Row) + Sync),
) -> Board {
    let started = Instant::now();
    let longest = checks.asked.iter().map(|it| deadline(&it.command)).max().unwrap_or_default();
    let end = started + longest;
    let next = AtomicUsize::new(0);
    let rows: Mutex<Vec<(usize, Row)>> = Mutex::new(Vec::new());
    let listing = Mutex::new(Listing::Unasked);
    let wants_list = checks.asked.iter().any(|it| {
        it.refused.is_none() && (it.command.service.is_some() || is_of_engine(&it.command))
    });
    let work = |number: usize| {
        if number == 0 && wants_list {
            let found = list(run, end.min(started + seconds(DEADLINE_S)), cancelled);
            *listing.lock().unwrap_or_else(PoisonError::into_inner) = found;
        }
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(asked) = checks.asked.get(place) else { return };
            let row = ask(asked, run, end, cancelled);
            told(&row);
            rows.lock().unwrap_or_else(PoisonError::into_inner).push((place, row));
        }
    };
    crew(checks.asked.len().min(AT_ONCE) + usize::from(wants_list), &work);
    let listing = listing.into_inner().unwrap_or_else(PoisonError::into_inner);
    let root = checks.root.to_string_lossy();
    let rows = rows.into_inner().unwrap_or_else(PoisonError::into_inner);
    let some_up = checks.stacks.iter().any(|it| listing.has(it, &root) == Some(true));
    let finish = |(place, mut row): (usize, Row)| {
        let Some(asked) = checks.asked.get(place) else { return row };
        let command = &asked.command;
        let stack = stack_of(command, checks.stacks);
        let is_down = |it: &&Stack| some_up && listing.has(it, &root) == Some(false);
        row.finding = match stack.filter(is_down) {
            Some(down) if asked.refused.is_none() => not_up(down),
            _ => climb(row.finding, command, stack, &root, &listing),
        };
        if matches!(row.finding.verdict, Verdict::Ok | Verdict::Skipped) {
            return row;
        }
        if let Some(next) = checks.detail(command, &row.finding) {
            row.finding.next = Some(next);
        }
        row.commits = recent_commits(command, checks.stacks, checks.history, checks.now);
        row.last_good = checks.known.get(&command.id).map(|it| LastGood {
            age_s: (checks.now.max(0) as u64).saturating_sub(it.at),
            summary: it.summary.clone(),
            ms: it.ms,
        });
        row
    };
    let mut board = Board { rows: rows.into_iter().map(finish).collect(), ms: 0 };
    board.sort();
    board.ms = millis(started.elapsed());
    board
}

impl Checks<'_> {
    /// The command that shows more of what a check found inside, to be run next.
    fn detail(&self, command: &Command, finding: &Finding) -> Option<String> {
        use crate::engine::checks::{Rung, detail_of};
        if finding.rung != Some(Rung::App) || finding.verdict == Verdict::Timeout {
            return None;
        }
        let wanted = detail_of(command.judge.as_ref()?)?;
        let known = self.commands.iter().find(|it| {
            it.service == command.service
                && it.place.path == command.place.path
                && it.id.rsplit('.').next() == Some(wanted)
        })?;
        Some(format!("navi run {}", known.id))
    }
}

/// What was fine on a board, to be remembered.
pub fn goods(board: &Board, now: i64) -> BTreeMap<String, Good> {
    let fine = board.rows.iter().filter(|it| it.finding.verdict == Verdict::Ok);
    let good =
        |it: &Row| Good { at: now.max(0) as u64, summary: it.finding.summary.clone(), ms: it.ms };
    fine.map(|it| (it.id.clone(), good(it))).collect()
}

fn seconds(seconds: u32) -> Duration {
    Duration::from_secs(u64::from(seconds))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn deadline(command: &Command) -> Duration {
    seconds(command.deadline_s.filter(|it| *it > 0).unwrap_or(DEADLINE_S).min(LONGEST_S))
}

/// Whether a command asks the container engine itself.
fn is_of_engine(command: &Command) -> bool {
    command.judge.is_some_and(|it| matches!(it.product, "compose" | "docker"))
}

fn ask(asked: &Asked, run: Run<'_>, end: Instant, cancelled: &dyn Fn() -> bool) -> Row {
    let command = &asked.command;
    let row = |finding: Finding, ms: u64| Row {
        id: command.id.clone(),
        title: command.title.clone(),
        kind: command.kind,
        service: command.service.clone(),
        finding,
        ms,
        last_good: None,
        commits: Vec::new(),
    };
    if let Some((why, next)) = &asked.refused {
        return row(Finding { next: next.clone(), ..Finding::skipped(why) }, 0);
    }
    let left = end.saturating_duration_since(Instant::now());
    if cancelled() || left < TOO_LATE {
        return row(Finding::skipped("no time was left for it"), 0);
    }
    let ran = run(command, deadline(command).min(left), cancelled);
    let how = command.judge.unwrap_or(crate::engine::checks::Judge::EXIT);
    let answer = Answer { outcome: &ran.outcome, out: &ran.out, err: &ran.err };
    row(judge(&how, &answer), ran.outcome.ms)
}

/// Asks the engine for its containers, and of those that ended why.
fn list(run: Run<'_>, end: Instant, cancelled: &dyn Fn() -> bool) -> Listing {
    let asked = |argv: Vec<String>| {
        let left = end.saturating_duration_since(Instant::now());
        (left >= TOO_LATE).then(|| run(&engine_command(argv), left, cancelled))
    };
    let Some(ran) = asked(list_argv()) else { return Listing::Unasked };
    let mut listing = Listing::of(&Answer { outcome: &ran.outcome, out: &ran.out, err: &ran.err });
    let names = listing.to_inspect();
    if !names.is_empty()
        && let Some(more) = asked(inspect_argv(&names))
    {
        listing.add_inspected(&more.out);
    }
    listing
}

/// A question of navi's own to the container engine. It only reads.
fn engine_command(argv: Vec<String>) -> Command {
    use crate::base::RepoPath;
    use crate::engine::commands::{Kind, Place};
    Command {
        id: "navi.containers".to_owned(),
        title: "The containers of Compose projects".to_owned(),
        kind: Kind::Health,
        work: Work::Program(argv),
        env: Vec::new(),
        cwd: RepoPath::from(""),
        place: Place { path: RepoPath::from(""), line: 1 },
        risk: Risk::ReadOnly,
        risk_why: "it lists containers".to_owned(),
        body: String::new(),
        files: Vec::new(),
        parameters: Vec::new(),
        follows: false,
        interactive: false,
        service: None,
        judge: None,
        deadline_s: Some(DEADLINE_S),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::checks::{Judge, Rung};
    use crate::engine::commands::Status;

    fn asked(id: &str, service: Option<&str>, deadline_s: u32) -> Asked {
        let mut command = engine_command(vec!["docker".into(), "compose".into(), id.into()]);
        command.id = id.to_owned();
        command.service = service.map(str::to_owned);
        command.deadline_s = Some(deadline_s);
        command.judge = Some(Judge { product: "redis", question: "ping" });
        Asked { command, refused: None }
    }

    fn ran(status: Status, ms: u64, out: &str) -> Ran {
        let exit = (status != Status::Timeout).then_some(i32::from(status != Status::Ok));
        let outcome = Outcome { status, exit, ms, dropped_bytes: 0, notes: vec![] };
        Ran { outcome, out: out.to_owned(), err: String::new() }
    }

    fn made(asked: &[Asked], known: &BTreeMap<String, Good>, run: Run<'_>) -> Board {
        let (history, now) = (History::default(), 1000);
        let commands: Vec<Command> = asked.iter().map(|it| it.command.clone()).collect();
        let root = Path::new("/r");
        let checks =
            Checks { asked, commands: &commands, stacks: &[], root, history: &history, known, now };
        board(&checks, run, &|| false, &|_| {})
    }

    #[test]
    fn all_run_at_once_and_the_broken_one_comes_first() {
        // Each waits for all others: one that ran alone would wait for ever.
        let together = std::sync::Barrier::new(3);
        let run = |command: &Command, _: Duration, _: &dyn Fn() -> bool| {
            if command.id == "navi.containers" {
                return ran(
                    Status::Ok,
                    1,
                    "p|cache|p-cache-1|restarting|Restarting (1) 1 second ago|\n",
                );
            }
            together.wait();
            match command.id.as_str() {
                "cache.ping" => ran(Status::Failed, 4, ""),
                _ => ran(Status::Ok, 2, "PONG\n"),
            }
        };
        let all = [asked("a", None, 5), asked("cache.ping", Some("cache"), 5), asked("b", None, 5)];
        let known = BTreeMap::from([(
            "cache.ping".to_owned(),
            Good { at: 400, summary: "PONG".into(), ms: 3 },
        )]);
        let board = made(&all, &known, &run);
        let first = &board.rows[0];
        assert_eq!((first.id.as_str(), first.finding.rung), ("cache.ping", Some(Rung::Container)));
        assert_eq!(first.finding.summary, "p-cache-1 restarts over and over (1)");
        assert_eq!(first.differs().as_deref(), Some("was ok 10 m 0 s ago: PONG in 3 ms"));
        assert_eq!(board.rows[1].id, "a");
        assert_eq!(goods(&board, 1000).keys().collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn what_is_not_trusted_is_skipped_with_its_reason() {
        let run = |_: &Command, _: Duration, _: &dyn Fn() -> bool| panic!("nothing runs");
        let mut one = asked("a", Some("cache"), 5);
        one.refused = Some(("not trusted".into(), Some("navi trust --allow-all".into())));
        let board = made(&[one], &BTreeMap::new(), &run);
        let row = &board.rows[0];
        assert_eq!(row.finding.verdict, Verdict::Skipped);
        assert_eq!(row.finding.next.as_deref(), Some("navi trust --allow-all"));
        assert!(board.is_ok());
    }

    #[test]
    fn a_frozen_engine_is_named_once_for_all_that_hang() {
        let run = |_: &Command, time: Duration, _: &dyn Fn() -> bool| {
            assert!(time <= Duration::from_secs(5));
            ran(Status::Timeout, 5000, "")
        };
        let all: Vec<Asked> =
            (0..40).map(|it| asked(&format!("check-{it}"), Some("cache"), 5)).collect();
        let board = made(&all, &BTreeMap::new(), &run);
        assert_eq!(board.rows.len(), 40);
        for row in &board.rows {
            let found = (row.finding.verdict, row.finding.rung);
            assert_eq!(found, (Verdict::Timeout, Some(Rung::Daemon)), "{row:?}");
        }
    }
}
