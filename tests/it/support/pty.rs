//! A real terminal for the real binary: a pseudo-terminal whose output a VT100 parser draws.
//!
//! Nobody answers the program's questions to the terminal, as on a serial line: it must cope.
//! Waiting is for the screen to show something, against a deadline; nothing sleeps.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, tcgetattr};
use vt100::{MouseProtocolMode, Parser};

use super::Home;

/// Two cores that also compile are slow; a test that fails may be too.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bytes that keys send.
pub struct Keys;

impl Keys {
    /// Enter.
    pub const ENTER: &'static str = "\r";
    /// Escape.
    pub const ESC: &'static str = "\x1b";
    /// Ctrl-c.
    pub const CTRL_C: &'static str = "\x03";
    /// Ctrl-o.
    pub const CTRL_O: &'static str = "\x0f";
    /// Ctrl-z.
    pub const CTRL_Z: &'static str = "\x1a";
    /// Cursor down.
    pub const DOWN: &'static str = "\x1b[B";
}

struct Shown {
    parser: Parser,
    /// Every byte that came.
    written: Vec<u8>,
    /// How many times something came; tells whether the screen has changed.
    pieces: usize,
    ended: bool,
}

/// A program in a terminal.
pub struct Pty {
    shown: Arc<(Mutex<Shown>, Condvar)>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
}

impl Pty {
    /// The navi binary with these arguments, in a terminal of `columns` and `rows`.
    pub fn navi(home: &Home, folder: &Path, size: (u16, u16), arguments: &[&str]) -> Self {
        Self::spawn(home, folder, size, env!("CARGO_BIN_EXE_navi"), arguments, &[])
    }

    /// Any program; `more` is added to the environment.
    pub fn spawn(
        home: &Home,
        folder: &Path,
        (columns, rows): (u16, u16),
        program: &str,
        arguments: &[&str],
        more: &[(&str, &OsStr)],
    ) -> Self {
        let pair = native_pty_system().openpty(size_of(columns, rows)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(folder);
        command.env_clear();
        for (name, value) in home.variables() {
            command.env(name, value);
        }
        for (name, value) in more {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut output = pair.master.try_clone_reader().unwrap();
        let parser = Parser::new(rows, columns, 0);
        let shown = Arc::new((
            Mutex::new(Shown { parser, written: Vec::new(), pieces: 0, ended: false }),
            Condvar::new(),
        ));
        let seen = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            loop {
                // Linux reports the end of the last program as an error.
                let count = output.read(&mut buffer).unwrap_or(0);
                // A test that has failed is no longer interested.
                let Ok(mut shown) = seen.0.lock() else { return };
                shown.parser.process(&buffer[..count]);
                shown.written.extend_from_slice(&buffer[..count]);
                shown.pieces += 1;
                shown.ended = count == 0;
                seen.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { shown, master: pair.master, keys, child }
    }

    /// Types.
    pub fn send(&mut self, text: &str) {
        self.keys.write_all(text.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Makes the window another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.shown.0.lock().unwrap().parser.screen_mut().set_size(rows, columns);
        self.master.resize(size_of(columns, rows)).unwrap();
    }

    /// Sends a signal to the program.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.process_id().unwrap()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits until the screen shows `text`; returns the screen's text.
    #[track_caller]
    pub fn wait_for(&self, text: &str) -> String {
        self.wait(&format!("`{text}`"), |shown| shown.parser.screen().contents().contains(text))
    }

    /// Waits until the screen no longer shows `text`.
    #[track_caller]
    pub fn wait_gone(&self, text: &str) -> String {
        self.wait(&format!("the end of `{text}`"), |shown| {
            !shown.parser.screen().contents().contains(text)
        })
    }

    /// Waits until a line of the screen fulfils `wanted`.
    #[track_caller]
    pub fn wait_line(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        self.wait(what, |shown| shown.parser.screen().contents().lines().any(&wanted))
    }

    /// Waits until the program's own screen is up, or the shell's is back.
    #[track_caller]
    pub fn wait_alternate(&self, up: bool) {
        self.wait("the other screen", |shown| shown.parser.screen().alternate_screen() == up);
    }

    #[track_caller]
    fn wait(&self, what: &str, fits: impl Fn(&Shown) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut shown = self.shown.0.lock().unwrap();
        loop {
            if fits(&shown) {
                return shown.parser.screen().contents();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !shown.ended,
                "waited in vain for {what}{}; the screen:\n{}",
                if shown.ended { " (the program has ended)" } else { "" },
                shown.parser.screen().contents()
            );
            shown = self.shown.1.wait_timeout(shown, left).unwrap().0;
        }
    }

    /// Waits for the program's end and for all it wrote; returns its exit status, or 1000 when a
    /// signal ended it.
    #[track_caller]
    pub fn wait_exit(&mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        let mut shown = self.shown.0.lock().unwrap();
        while !shown.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "did not end:\n{}", shown.parser.screen().contents());
            shown = self.shown.1.wait_timeout(shown, left).unwrap().0;
        }
        drop(shown);
        let status = self.child.wait().unwrap();
        if status.signal().is_some() { 1000 } else { status.exit_code() }
    }

    /// The screen's text now.
    pub fn screen(&self) -> String {
        self.shown.0.lock().unwrap().parser.screen().contents()
    }

    /// Every byte that the program has written so far.
    pub fn written(&self) -> Vec<u8> {
        self.shown.0.lock().unwrap().written.clone()
    }

    /// Checks that the terminal is as a shell wants it: its own screen, a visible cursor, no mouse,
    /// no bracketed paste, and a line discipline that echoes.
    #[track_caller]
    pub fn assert_restored(&self) {
        let shown = self.shown.0.lock().unwrap();
        let screen = shown.parser.screen();
        let text = screen.contents();
        assert!(!screen.alternate_screen(), "still on the alternate screen:\n{text}");
        assert!(!screen.hide_cursor(), "the cursor is hidden:\n{text}");
        assert!(!screen.bracketed_paste(), "pasting is still bracketed:\n{text}");
        assert_eq!(screen.mouse_protocol_mode(), MouseProtocolMode::None, "the mouse is caught");
        let line = File::options()
            .read(true)
            .custom_flags(rustix::fs::OFlags::NOCTTY.bits().cast_signed())
            .open(self.master.tty_name().unwrap())
            .unwrap();
        let modes = tcgetattr(&line).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ECHO | LocalModes::ICANON), "still raw: {modes:?}");
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // A failed test leaves no program behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size_of(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}
