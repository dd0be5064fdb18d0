//! From a command to what the system is asked to run: the program's file, the argument array, the
//! environment, the folder, and what was changed of what its author wrote.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::interior::Inside;
use super::{Limits, Piece, RunOptions, RunPlan, compose, folder_of, follow, next_mark, program};
use crate::engine::commands::{self, Command, Filled, Status, Surroundings, Work};

/// Time for a program to tell its version.
const VERSION: Duration = Duration::from_secs(2);

/// Set for every command, unless the user has set it: lines as they come, colours although there is
/// no terminal, no pagers, no advertising, and nothing of Compose's from elsewhere
/// (CVE-2025-62725).
const ALWAYS: &[(&str, &str)] = &[
    ("PYTHONUNBUFFERED", "1"),
    ("DOCKER_CLI_HINTS", "false"),
    ("COMPOSE_EXPERIMENTAL_GIT_REMOTE", "0"),
    ("COMPOSE_EXPERIMENTAL_OCI_REMOTE", "0"),
];

/// The same for those whose output is read.
const CAPTURED: &[(&str, &str)] = &[("PAGER", "cat"), ("GIT_PAGER", "cat")];

/// The same, unless the user wants no colours.
const COLOURS: &[(&str, &str)] = &[("FORCE_COLOR", "1"), ("CLICOLOR_FORCE", "1")];

/// What the system is asked to run.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The program's file.
    pub program: PathBuf,
    /// The argument array, with the name it is called by.
    pub argv: Vec<String>,
    /// All of its environment.
    pub env: Vec<(OsString, OsString)>,
    /// Its folder.
    pub folder: PathBuf,
    /// What was changed, and why.
    pub notes: Vec<String>,
    /// What may be left in a container when it is stopped.
    pub inside: Option<Inside>,
}

/// What targets are told by, from the environment.
pub fn surroundings(variables: &[(OsString, OsString)]) -> Surroundings {
    let text = |it: &OsString| it.to_string_lossy().into_owned();
    Surroundings {
        home: program::variable(variables, "HOME").map(PathBuf::from),
        variables: variables.iter().map(|(name, value)| (text(name), text(value))).collect(),
    }
}

/// Prepares a program or a shell's text; `terminal` says whether it gets one.
pub fn prepare(
    command: &Command,
    filled: Filled,
    terminal: bool,
    options: &RunOptions<'_>,
    stop: &dyn Fn() -> bool,
) -> Result<Ready, String> {
    let root = options.root;
    let folder = folder_of(root, command)?;
    let path = program::variable(options.variables, "PATH");
    let mut argv = filled.work.argv();
    if let Work::Shell(_) = filled.work
        && !filled.arguments.is_empty()
    {
        // What `$0` is; then come `$1` and so on.
        argv.push("sh".into());
        argv.extend(filled.arguments);
    }
    let env = environment(&filled.env, terminal, options);
    let mut notes = Vec::new();
    let mut inside = None;
    if let Work::Program(_) = filled.work
        && let Some(call) = compose::read(&argv)
    {
        let mut call = call;
        if let Some(wanted) = call.way {
            let works = |way: &[&str]| works(way, options, &env, stop);
            let way = options.tools.way(wanted, &works);
            let Some(way) = way else {
                return Err("Compose is not here: none of `docker compose`, `docker-compose`, \
                            `podman compose` and `podman-compose` works"
                    .into());
            };
            if compose::WAYS.get(wanted) != Some(&way) {
                let was = compose::WAYS.get(wanted).map(|it| it.join(" ")).unwrap_or_default();
                let is = way.join(" ");
                notes.push(format!("written for `{was}`, run as `{is}`, which is what is here"));
                argv = call.by(&argv, way);
                call = compose::read(&argv).ok_or("the call of Compose cannot be read")?;
            }
        }
        let (changed, note) = call.terminal(&argv, terminal);
        argv = changed;
        notes.extend(note);
        if !terminal && let Some(call) = compose::read(&argv).filter(compose::Call::is_exec) {
            let mark = next_mark();
            let unmarked = std::mem::take(&mut argv);
            argv = call.marked(&unmarked, &mark);
            notes.push(format!("marked with {mark}, to be found inside the container"));
            inside = Some((call, unmarked, mark));
        }
    }
    let name = argv.first().map_or("", String::as_str);
    let program = program::find(name, root, &folder, path)?;
    let mut ready = Ready { program, argv, env, folder, notes, inside: None };
    if let Some((call, argv, mark)) = inside {
        ready.inside = Some(Inside { call, argv, mark, ready: Box::new(ready.clone()) });
    }
    Ok(ready)
}

/// Whether a way to call Compose works: the program is there and tells its version; `None` when it
/// does not in time. It runs outside of the repository, whose files it would read otherwise.
fn works(
    way: &[&str],
    options: &RunOptions<'_>,
    env: &[(OsString, OsString)],
    stop: &dyn Fn() -> bool,
) -> Option<bool> {
    let path = program::variable(options.variables, "PATH");
    let folder = PathBuf::from("/");
    let name = way.first().copied().unwrap_or_default();
    let Ok(program) = program::find(name, options.root, &folder, path) else { return Some(false) };
    let argv = way.iter().copied().chain(["version"]).map(str::to_owned).collect();
    let env = env.to_vec();
    let ready = Ready { program, argv, env, folder, notes: Vec::new(), inside: None };
    let limits = Limits { began: Instant::now(), deadline: Some(VERSION) };
    let options = RunOptions { ready: &|| true, ..*options };
    let ended = follow(&ready, &options, &limits, stop, &mut |_: Piece| {});
    match ended.ok()?.0.status {
        Status::Ok => Some(true),
        Status::Failed | Status::NotStarted => Some(false),
        Status::Timeout | Status::Cancelled => None,
    }
}

fn environment(
    own: &[(String, String)],
    terminal: bool,
    options: &RunOptions<'_>,
) -> Vec<(OsString, OsString)> {
    let mut all = options.variables.to_vec();
    let is_set = |name: &str| options.variables.iter().any(|(it, _)| it == name);
    let plain = is_set("NO_COLOR");
    let tables = [(ALWAYS, true), (CAPTURED, !terminal), (COLOURS, !terminal && !plain)];
    for (table, _) in tables.into_iter().filter(|(_, wanted)| *wanted) {
        let missing = table.iter().filter(|(name, _)| !is_set(name));
        all.extend(missing.map(|(name, value)| (name.into(), value.into())));
    }
    all.extend(own.iter().map(|(name, value)| (name.into(), value.into())));
    all
}

/// A command that gets the terminal.
#[derive(Debug, Clone)]
pub struct Handover {
    /// The program's file.
    pub program: PathBuf,
    /// The argument array, with the name it is called by.
    pub argv: Vec<String>,
    /// All of its environment.
    pub env: Vec<(OsString, OsString)>,
    /// Its folder.
    pub folder: PathBuf,
    /// What was changed, and why.
    pub notes: Vec<String>,
}

/// Prepares a command that gets the terminal. Whether it may run is decided before, as for [`run`].
///
/// [`run`]: super::run
pub fn hand_over(plan: RunPlan<'_>, options: &RunOptions<'_>) -> Result<Handover, String> {
    let filled = commands::fill(plan.command, plan.values)?;
    if matches!(filled.work, Work::Http { .. } | Work::Tcp { .. }) {
        return Err("a probe needs no terminal".into());
    }
    let ready = prepare(plan.command, filled, true, options, &|| false)?;
    let Ready { program, argv, env, folder, notes, inside: _ } = ready;
    Ok(Handover { program, argv, env, folder, notes })
}
