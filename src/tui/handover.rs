//! Lends the terminal to the user's editor, or to a command that wants one, and takes it back as it
//! was, however that ended.

use std::fs::File;
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use nix::sys::signal::{SigSet, SigmaskHow, Signal as Blocked, pthread_sigmask};
use rustix::process::{
    Pid, Signal, WaitOptions, getpgrp, kill_process, test_kill_process_group, waitpid,
};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr, tcsetpgrp};
use signal_hook::consts::{SIGINT, SIGQUIT};

use super::signals::{self, Loan};
use crate::app::Place;
use crate::engine::editor;
use crate::workers::runner::Handover;

/// Runs the editor at a place and waits for it. Answers with a complaint when it did not go well.
#[expect(clippy::disallowed_methods, reason = "it gets the terminal, which only this layer has")]
pub fn edit(command: Option<&str>, root: &Path, place: &Place, loan: &Loan) -> Option<String> {
    let command = command.unwrap_or("vi");
    let Ok(path) = std::str::from_utf8(place.path.as_bytes()) else {
        return Some("this file's name is not UTF-8, so no editor can be told it".into());
    };
    let (line, column) = (place.line.unwrap_or(1), place.column.unwrap_or(1));
    let Some(call) = editor::call(command, path, line, column) else {
        return Some("the editor setting is empty: set `editor`, VISUAL or EDITOR".into());
    };
    let (program, arguments) = call.split_first()?;
    let mut child = Command::new(program);
    child.args(arguments).current_dir(root);
    match lend(&mut child, Some(loan)) {
        Ok(status) if status.success() => None,
        Ok(status) => Some(format!("{program} ended with {status}")),
        Err(error) => {
            Some(format!("{program} could not be started: {error}; set `editor`, VISUAL or EDITOR"))
        }
    }
}

/// Runs a command that wants a terminal and waits for it. Whether it may run has been decided.
/// Answers with its exit status, 128 and the signal's number where a signal ended it.
#[expect(clippy::disallowed_methods, reason = "it gets the terminal, which only this layer has")]
pub fn interact(call: &Handover, loan: Option<&Loan>) -> Result<i32, String> {
    let Some((name, arguments)) = call.argv.split_first() else {
        return Err("there is no program to run".into());
    };
    let mut child = Command::new(&call.program);
    child
        .arg0(name)
        .args(arguments)
        .current_dir(&call.folder)
        .env_clear()
        .envs(call.env.iter().map(|(name, value)| (name, value)));
    // ctrl-c is for the command: psql cancels a query with it. A handler, unlike ignoring, is not
    // inherited.
    let caught: Vec<_> = [SIGINT, SIGQUIT]
        .into_iter()
        .filter_map(|it| signal_hook::flag::register(it, Arc::new(AtomicBool::new(false))).ok())
        .collect();
    let ended = lend(&mut child, loan);
    for it in caught {
        signal_hook::low_level::unregister(it);
    }
    match ended {
        Ok(status) => Ok(status.code().or(status.signal().map(|it| 128 + it)).unwrap_or(1)),
        Err(error) => Err(format!("{name} could not be started: {error}")),
    }
}

/// Starts a program on the terminal, waits for its end, and brings the terminal back to how it was.
fn lend(program: &mut Command, loan: Option<&Loan>) -> io::Result<ExitStatus> {
    // navi's own stdout may be a pipe that waits for the chosen place.
    let tty = File::options().read(true).write(true).open("/dev/tty").ok();
    if let Some(tty) = &tty
        && let (Ok(input), Ok(output)) = (tty.try_clone(), tty.try_clone())
    {
        program.stdin(Stdio::from(input)).stdout(Stdio::from(output));
    }
    let before = tty.as_ref().and_then(|it| tcgetattr(it).ok());
    let ended = program.spawn().and_then(|child| wait(&child, loan));
    if let Some(tty) = &tty {
        take_back(tty, before.as_ref());
    }
    ended
}

/// Waits for what has the terminal. When it is stopped, by ctrl-z or otherwise, navi stops as well:
/// to the shell both are one job, and neither alone could be woken from there. Without a loan navi
/// has no screen and sleeps and wakes as any program does.
fn wait(child: &Child, loan: Option<&Loan>) -> io::Result<ExitStatus> {
    let Some(id) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else {
        return Err(io::Error::other("it has no process id"));
    };
    let options = loan.map_or(WaitOptions::empty(), |_| WaitOptions::UNTRACED);
    loop {
        match waitpid(Some(id), options) {
            Ok(Some((_, status))) if status.stopped() => {
                if let Some(loan) = loan {
                    loan.settle();
                }
                signals::stop_here()?;
                // The shell wakes the whole job, whoever else woke navi only navi.
                let _ = kill_process(id, Signal::CONT);
            }
            Ok(Some((_, status))) => return Ok(ExitStatus::from_raw(status.as_raw())),
            Ok(None) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// A program that is killed tidies nothing up: a shell leaves the terminal to a process group that
/// is gone, a line editor leaves it without echo.
fn take_back(tty: &File, before: Option<&Termios>) {
    let own = getpgrp();
    let gone = |group: Pid| group != own && test_kill_process_group(group).is_err();
    // Without a group in the foreground there is no answer that rustix can give.
    if tcgetpgrp(tty).map_or(true, gone) {
        // Taking the foreground from the background stops whoever does not block this.
        let mut stops = SigSet::empty();
        stops.add(Blocked::SIGTTOU);
        let mut mask = SigSet::empty();
        if pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&stops), Some(&mut mask)).is_ok() {
            let _ = tcsetpgrp(tty, own);
            let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&mask), None);
        }
    }
    if let Some(before) = before {
        let _ = tcsetattr(tty, OptionalActions::Drain, before);
    }
}
