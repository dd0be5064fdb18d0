//! Runs a command: as an argument array, in a process group of its own, with a deadline, and so that
//! nothing of it outlives navi.
//!
//! `supervise.rs` is the process between navi and the command, `descent.rs` knows what descends from
//! it, `flow.rs` brings its output, `program.rs` finds its file, `compose.rs` knows docker's ways,
//! `interior.rs` what may still run inside a container. Whether a command may run at all is decided
//! before, by [`crate::engine::commands::Case`].

mod compose;
mod descent;
mod flow;
mod interior;
mod prepare;
mod program;
mod supervise;

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Process, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::prober;
use crate::engine::commands::{
    self, Command, Outcome, RunRecord, Status, Surroundings, Work, targets,
};
use crate::engine::output::Stream;
use flow::Flow;

pub use compose::Tools;
pub use flow::Lines;
pub use prepare::{Handover, hand_over, surroundings};
pub use supervise::{Order, supervise};

/// Between SIGTERM and SIGKILL.
pub const GRACE: Duration = Duration::from_secs(2);

/// Between two batches of output: 30 a second are more than anybody reads.
const BETWEEN: Duration = Duration::from_millis(33);

/// How often it is looked whether the run is to stop.
const LOOK: Duration = Duration::from_millis(50);

/// What remains of the output is waited for so long after everything has ended.
const REST: Duration = Duration::from_secs(1);

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct RunPlan<'a> {
    /// The command.
    pub command: &'a Command,
    /// Values of its parameters, by name.
    pub values: &'a [(String, String)],
}

/// How to run it.
#[derive(Clone, Copy)]
pub struct RunOptions<'a> {
    /// The canonical root of the repository.
    pub root: &'a Path,
    /// The file of navi itself, which supervises.
    pub navi: &'a Path,
    /// The environment of the user.
    pub variables: &'a [(OsString, OsString)],
    /// After this it is stopped; `None` for the command's own deadline, and none where it has none.
    pub deadline: Option<Duration>,
    /// Between SIGTERM and SIGKILL; [`GRACE`].
    pub grace: Duration,
    /// What is known of Compose.
    pub tools: &'a Tools,
    /// Whether whoever shows the output can take more. While not, a flood is held back.
    pub ready: &'a dyn Fn() -> bool,
}

/// What is told during a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// It has started.
    Started {
        /// What runs.
        argv: Vec<String>,
        /// What was changed of what its author wrote, and why.
        notes: Vec<String>,
    },
    /// Output, at most thirty times a second.
    Lines(Lines),
}

/// Runs it and returns when it has ended, its output has been passed on, and nothing of it is left.
/// `stop` is asked all the time.
pub fn run(
    plan: RunPlan<'_>,
    options: &RunOptions<'_>,
    stop: &dyn Fn() -> bool,
    sink: &mut dyn FnMut(Piece),
) -> RunRecord {
    let began = Instant::now();
    let began_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let around: Surroundings = surroundings(options.variables);
    let landed = targets(plan.command, options.root, &around);
    let mut record = RunRecord {
        id: plan.command.id.clone(),
        template: plan.command.work.argv(),
        argv: Vec::new(),
        risk: plan.command.risk,
        targets: landed.iter().map(commands::Target::says).collect(),
        began_ms: began_ms as u64,
        outcome: not_started(String::new(), began),
        digest: String::new(),
    };
    let own = plan.command.deadline_s.map(|it| Duration::from_secs(it.into()));
    let deadline = options.deadline.or(own);
    let filled = match commands::fill(plan.command, plan.values) {
        Ok(filled) => filled,
        Err(why) => {
            record.outcome = not_started(why, began);
            return record;
        }
    };
    if let Work::Http { .. } | Work::Tcp { .. } = &filled.work {
        record.argv = filled.work.argv();
        sink(Piece::Started { argv: record.argv.clone(), notes: Vec::new() });
        (record.outcome, record.digest) = prober::probe(&filled.work, deadline, stop, sink);
        return record;
    }
    let ready = match prepare::prepare(plan.command, filled, false, options, stop) {
        Ok(ready) => ready,
        Err(why) => {
            record.outcome = not_started(why, began);
            return record;
        }
    };
    record.argv.clone_from(&ready.argv);
    let limits = Limits { began: Instant::now(), deadline };
    match follow(&ready, options, &limits, stop, sink) {
        Ok((outcome, digest)) => {
            record.outcome = outcome;
            record.digest = digest;
        }
        Err(error) => {
            record.outcome = not_started(format!("navi cannot supervise: {error}"), began);
        }
    }
    let halted = matches!(record.outcome.status, Status::Timeout | Status::Cancelled);
    if halted && let Some(inside) = &ready.inside {
        let note = inside.clean(options);
        record.outcome.notes.push(note);
    }
    record
}

fn not_started(why: String, began: Instant) -> Outcome {
    Outcome {
        status: Status::NotStarted,
        exit: None,
        ms: began.elapsed().as_millis() as u64,
        dropped_bytes: 0,
        notes: if why.is_empty() { Vec::new() } else { vec![why] },
    }
}

struct Limits {
    began: Instant,
    deadline: Option<Duration>,
}

/// A supervisor with its command.
struct Supervised {
    child: Child,
    line: UnixStream,
    asked: Option<Instant>,
}

impl Supervised {
    #[expect(clippy::disallowed_methods, reason = "this starts what a person asked to run")]
    fn start(ready: &prepare::Ready, options: &RunOptions<'_>) -> std::io::Result<Self> {
        let (line, other) = UnixStream::pair()?;
        let mut process = Process::new(options.navi);
        process
            .arg("supervise")
            .arg("--grace-ms")
            .arg(options.grace.as_millis().to_string())
            .arg(&ready.program)
            .arg("--")
            .args(&ready.argv)
            .current_dir(&ready.folder)
            .env_clear()
            .envs(ready.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::from(OwnedFd::from(other)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // What ends navi's own group, such as ctrl-c, is not to end the one that cleans up.
            .process_group(0);
        Ok(Self { child: process.spawn()?, line, asked: None })
    }

    /// Asks for the end; asking again does nothing.
    fn ask_to_stop(&mut self) {
        if self.asked.is_none() {
            self.asked = Some(Instant::now());
            let _ = self.line.shutdown(std::net::Shutdown::Write);
        }
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.ask_to_stop();
        // It ends by itself; waiting here is what reaps it.
        let _ = self.child.wait();
    }
}

/// Starts it, passes its output on, and waits for its end.
fn follow(
    ready: &prepare::Ready,
    options: &RunOptions<'_>,
    limits: &Limits,
    stop: &dyn Fn() -> bool,
    sink: &mut dyn FnMut(Piece),
) -> std::io::Result<(Outcome, String)> {
    let mut supervised = Supervised::start(ready, options)?;
    let out = supervised.child.stdout.take().ok_or_else(|| std::io::Error::other("no pipe"))?;
    let err = supervised.child.stderr.take().ok_or_else(|| std::io::Error::other("no pipe"))?;
    let line = supervised.line.try_clone()?;
    let (quit, quitting) = UnixStream::pair()?;
    let flow = Flow::new();
    let mut end = End::default();
    let mut dropped = 0;
    let mut pass = |piece: Piece| {
        if let Piece::Lines(lines) = &piece {
            dropped += lines.dropped_bytes;
        }
        sink(piece);
    };
    std::thread::scope(|scope| {
        let named = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let (flow, line, quitting) = (&flow, &line, &quitting);
        let (out, err) = (&out, &err);
        let started = (|| {
            named("run-control").spawn_scoped(scope, move || flow.listen(line))?;
            let read = move || flow.read(out, Stream::Out, quitting);
            named("run-out").spawn_scoped(scope, read)?;
            let read = move || flow.read(err, Stream::Err, quitting);
            named("run-err").spawn_scoped(scope, read)?;
            Ok::<(), std::io::Error>(())
        })();
        if started.is_ok() {
            end.wait(flow, &mut supervised, ready, options, limits, stop, &mut pass);
        }
        // The readers may wait for room or for a pipe that somebody holds who cannot be killed.
        flow.close();
        drop(quit);
        let _ = supervised.line.shutdown(std::net::Shutdown::Both);
        started
    })?;
    let rest = flow.take();
    if rest != Lines::default() {
        pass(Piece::Lines(rest));
    }
    let (cut, digest) = flow.finish();
    Ok((end.outcome(dropped + cut), digest))
}

/// What is known of the end of a run.
#[derive(Default)]
struct End {
    started: bool,
    exit: Option<u8>,
    ms: u64,
    failed: Option<String>,
    left: Option<String>,
    halted: Option<Status>,
    lost: bool,
}

impl End {
    #[expect(clippy::too_many_arguments, reason = "all of them are one run's")]
    fn wait(
        &mut self,
        flow: &Flow,
        supervised: &mut Supervised,
        ready: &prepare::Ready,
        options: &RunOptions<'_>,
        limits: &Limits,
        stop: &dyn Fn() -> bool,
        sink: &mut dyn FnMut(Piece),
    ) {
        let mut last: Option<Instant> = None;
        let mut silent_since: Option<Instant> = None;
        loop {
            let due = last.map_or(Duration::ZERO, |it| BETWEEN.saturating_sub(it.elapsed()));
            // Output may be quicker than the word that it has started, which comes first.
            let takes = self.started && (options.ready)();
            let longest = if due.is_zero() { LOOK } else { due.min(LOOK) };
            let seen = flow.wait(longest, due.is_zero() && takes);
            for said in &seen.said {
                self.hear(said, ready, limits, sink);
            }
            if seen.some && takes && last.is_none_or(|it| it.elapsed() >= BETWEEN) {
                last = Some(Instant::now());
                sink(Piece::Lines(flow.take()));
            }
            if seen.silent && self.exit.is_none() && self.failed.is_none() {
                self.lost = true;
            }
            if seen.silent {
                let since = *silent_since.get_or_insert_with(Instant::now);
                // What is left of the output is passed on by the caller.
                if seen.read || since.elapsed() >= REST {
                    return;
                }
            }
            // A deadline is for the command: what it left behind has ended with it.
            if self.exit.is_none() && self.halted.is_none() {
                let late = limits.deadline.is_some_and(|it| limits.began.elapsed() >= it);
                self.halted =
                    if stop() { Some(Status::Cancelled) } else { late.then_some(Status::Timeout) };
            }
            if self.halted.is_some() || (self.exit.is_some() && stop()) {
                supervised.ask_to_stop();
            }
            let longest = options.grace + Duration::from_secs(5);
            if supervised.asked.is_some_and(|it| it.elapsed() > longest) && !seen.silent {
                // It may be stopped or starved; without it nobody waits for the command.
                let _ = supervised.child.kill();
                self.lost = true;
            }
        }
    }

    fn hear(
        &mut self,
        said: &str,
        ready: &prepare::Ready,
        limits: &Limits,
        sink: &mut dyn FnMut(Piece),
    ) {
        let (word, rest) = said.split_once(' ').unwrap_or((said, ""));
        match word {
            "started" => {
                self.started = true;
                sink(Piece::Started { argv: ready.argv.clone(), notes: ready.notes.clone() });
            }
            "exit" => {
                self.exit = rest.parse().ok();
                self.ms = limits.began.elapsed().as_millis() as u64;
            }
            "failed" => self.failed = Some(rest.to_owned()),
            "left" => self.left = Some(crate::base::text::clean(rest).into_owned()),
            _ => {}
        }
    }

    fn outcome(self, dropped_bytes: u64) -> Outcome {
        let mut notes = Vec::new();
        if let Some(left) = &self.left {
            notes.push(format!(
                "it left processes behind, which were ended with it: {left}; start outside of navi \
                 what is to stay"
            ));
        }
        if self.lost {
            notes.push("its supervisor was lost: some of it may still run".to_owned());
        }
        if let Some(why) = self.failed {
            notes.insert(0, format!("it could not be started: {why}"));
            return Outcome { status: Status::NotStarted, exit: None, ms: 0, dropped_bytes, notes };
        }
        let exit = self.exit.map(i32::from);
        let status = match (self.halted, exit) {
            (Some(status), _) => status,
            (None, Some(0)) => Status::Ok,
            (None, _) => Status::Failed,
        };
        Outcome { status, exit, ms: self.ms, dropped_bytes, notes }
    }
}

/// Numbers the marks of this navi's runs.
static MARKS: AtomicU64 = AtomicU64::new(1);

fn next_mark() -> String {
    let own = std::process::id();
    format!("NAVI_RUN={own}.{}", MARKS.fetch_add(1, Ordering::Relaxed))
}

/// A path of the repository that exists and lies inside of it, links followed.
fn folder_of(root: &Path, command: &Command) -> Result<PathBuf, String> {
    let folder = command.cwd.on_disk(root);
    let shown = command.cwd.display();
    let real =
        std::fs::canonicalize(&folder).map_err(|error| format!("its folder {shown}: {error}"))?;
    if real.starts_with(root) && real.is_dir() {
        Ok(real)
    } else {
        Err(format!("its folder {shown} is not in the repository"))
    }
}
