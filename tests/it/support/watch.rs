//! `navi index --watch --json` in the background, and what it says.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::Home;

/// Two cores that also compile are slow; a test that fails may be too.
const PATIENCE: Duration = Duration::from_secs(40);

/// A watching navi.
pub struct Watching {
    child: Child,
    lines: Receiver<Value>,
    /// Everything that it has said so far.
    pub said: Vec<Value>,
}

impl Watching {
    /// Starts it in `folder`.
    pub fn start(home: &Home, folder: &Path) -> Self {
        Self::start_by(home, folder, &[])
    }

    /// Starts it through another program, which gets navi's command line behind its own.
    pub fn start_by(home: &Home, folder: &Path, through: &[&str]) -> Self {
        let navi = env!("CARGO_BIN_EXE_navi");
        let all: Vec<&str> =
            through.iter().copied().chain([navi, "index", "--watch", "--json"]).collect();
        let mut child = Command::new(all[0])
            .args(&all[1..])
            .current_dir(folder)
            .env_clear()
            .envs(home.variables())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (inbox, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // A test that has failed is no longer interested.
                if inbox.send(serde_json::from_str(&line).unwrap()).is_err() {
                    return;
                }
            }
        });
        Self { child, lines, said: Vec::new() }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line that fits.
    #[track_caller]
    pub fn wait(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.said.push(line.clone());
                    if fits(&line) {
                        return line;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!("waited in vain for {what}; it said {:?}", self.said)
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let mut err = String::new();
                    self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
                    panic!("ended before {what}; it said {:?} and {err}", self.said)
                }
            }
        }
    }

    /// Waits for this state.
    #[track_caller]
    pub fn wait_state(&mut self, state: &str) -> Value {
        self.wait(state, |it| it["state"] == state)
    }

    /// Waits until it lists so many files.
    #[track_caller]
    pub fn wait_files(&mut self, files: usize) -> Value {
        self.wait(&format!("{files} files"), |it| it["files"] == files)
    }

    /// The states of all lines that have come, without waiting.
    pub fn drain(&mut self) -> Vec<Value> {
        self.said.extend(self.lines.try_iter());
        self.said.clone()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(i32::try_from(self.id()).unwrap()).unwrap(), signal).unwrap();
    }

    /// Waits for its end: its exit status, -1 when a signal ended it, and its standard error.
    pub fn end(&mut self) -> (i32, String) {
        let status = self.child.wait().unwrap();
        let mut err = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        (status.code().unwrap_or(-1), err)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        // A failed test leaves no program behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is waited for, told when it did not come.
pub trait Words {
    /// As a clause.
    fn words(&self) -> String;
}

impl Words for &str {
    fn words(&self) -> String {
        (*self).to_owned()
    }
}

impl<F: Fn() -> String> Words for F {
    fn words(&self) -> String {
        self()
    }
}

/// Waits until `done` answers.
#[track_caller]
pub fn eventually<R>(what: &dyn Words, mut done: impl FnMut() -> Option<R>) -> R {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(result) = done() {
            return result;
        }
        assert!(Instant::now() < deadline, "waited in vain for {}", what.words());
        std::thread::yield_now();
    }
}

/// Whether another user namespace can be had, in which this test is root.
pub fn can_unshare(what: &str, flags: &[&str]) -> bool {
    let able = Command::new("unshare")
        .args(flags)
        .arg("true")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|it| it.success());
    if !able {
        let text = format!("skipped: {what} needs `unshare {}`\n", flags.join(" "));
        // Nobody reads it where tests are quiet.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }
    able
}
