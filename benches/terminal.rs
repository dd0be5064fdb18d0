//! A program in a pseudo-terminal: every piece it writes is stamped as it arrives and drawn later.
//!
//! Questions to the terminal (what it is, where the cursor is, its colours) are answered at once, as
//! a terminal does, so that no program waits for a time-out.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::Parser;

use crate::process::Home;

/// Columns and rows of the terminal.
pub const SIZE: (u16, u16) = (120, 40);

/// What is answered to which question.
const ANSWERS: &[(&[u8], &[u8])] = &[
    (b"\x1b[c", b"\x1b[?62;22c"),
    (b"\x1b[0c", b"\x1b[?62;22c"),
    (b"\x1b[>c", b"\x1b[>1;95;0c"),
    (b"\x1b[>0c", b"\x1b[>1;95;0c"),
    (b"\x1b[6n", b"\x1b[1;1R"),
    (b"\x1b[5n", b"\x1b[0n"),
    (b"\x1b[?u", b"\x1b[?0u"),
    (b"\x1b[>q", b"\x1bP>|bench\x1b\\"),
    (b"\x1b[>0q", b"\x1bP>|bench\x1b\\"),
    (b"\x1b]10;?\x07", b"\x1b]10;rgb:cccc/cccc/cccc\x1b\\"),
    (b"\x1b]10;?\x1b\\", b"\x1b]10;rgb:cccc/cccc/cccc\x1b\\"),
    (b"\x1b]11;?\x07", b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
    (b"\x1b]11;?\x1b\\", b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
    (b"\x1b[?2026$p", b"\x1b[?2026;2$y"),
    (b"\x1b[?2027$p", b"\x1b[?2027;2$y"),
    (b"\x1b[18t", b"\x1b[8;40;120t"),
];

/// The longest question.
const LONGEST: usize = 12;

#[derive(Default)]
struct Written {
    pieces: Vec<(Instant, Vec<u8>)>,
    ended: bool,
}

type Keys = Arc<Mutex<Box<dyn Write + Send>>>;

/// A program in its terminal.
pub struct Terminal {
    /// When it was started.
    pub started: Instant,
    written: Arc<(Mutex<Written>, Condvar)>,
    /// How many pieces are on the drawn screen.
    drawn: usize,
    parser: Parser,
    keys: Keys,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

/// A part of the screen that a measurement looks at.
pub type Region = fn(&vt100::Screen) -> String;

impl Terminal {
    /// Starts a program in `folder`.
    pub fn start(
        program: &Path,
        arguments: &[OsString],
        more: &[(OsString, OsString)],
        folder: &Path,
        home: &Home,
    ) -> Self {
        let (columns, rows) = SIZE;
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(folder);
        command.env_clear();
        for (name, value) in home.variables().iter().chain(more) {
            command.env(name, value);
        }
        let mut output = pair.master.try_clone_reader().unwrap();
        let keys: Keys = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let written = Arc::new((Mutex::new(Written::default()), Condvar::new()));
        let (seen, answers) = (Arc::clone(&written), Arc::clone(&keys));
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            let mut tail = Vec::new();
            loop {
                // Linux reports the end of the last program as an error.
                let count = output.read(&mut buffer).unwrap_or(0);
                let now = Instant::now();
                let piece = &buffer[..count];
                answer(&mut tail, piece, &answers);
                let mut written = seen.0.lock().unwrap();
                written.ended = count == 0;
                if count > 0 {
                    written.pieces.push((now, piece.to_vec()));
                }
                seen.1.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        Self {
            started,
            written,
            drawn: 0,
            parser: Parser::new(rows, columns, 0),
            keys,
            child,
            _master: pair.master,
        }
    }

    /// Types; returns when.
    pub fn send(&self, text: &str) -> Instant {
        let now = Instant::now();
        let mut keys = self.keys.lock().unwrap();
        // A program that has ended takes no keys; what follows will notice.
        let _ = keys.write_all(text.as_bytes()).and_then(|()| keys.flush());
        now
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// The screen as far as it is drawn.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Draws the next piece; returns when it came, or `None` when none has come by `deadline`.
    fn draw_next(&mut self, deadline: Instant) -> Option<Instant> {
        let mut written = self.written.0.lock().unwrap();
        loop {
            if let Some((when, piece)) = written.pieces.get(self.drawn) {
                self.parser.process(piece);
                self.drawn += 1;
                return Some(*when);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || written.ended {
                return None;
            }
            written = self.written.1.wait_timeout(written, left).unwrap().0;
        }
    }

    /// Draws until the screen fulfils `wanted`; returns when that piece came.
    pub fn until(
        &mut self,
        within: Duration,
        wanted: impl Fn(&vt100::Screen) -> bool,
    ) -> Option<Instant> {
        let deadline = Instant::now() + within;
        while let Some(when) = self.draw_next(deadline) {
            if wanted(self.parser.screen()) {
                return Some(when);
            }
        }
        None
    }

    /// Waits until nothing has come for `quiet` (at most `limit` in all), without drawing it.
    fn wait_quiet(&self, quiet: Duration, limit: Duration) {
        let end = Instant::now() + limit;
        let mut written = self.written.0.lock().unwrap();
        let mut count = written.pieces.len();
        let mut last = Instant::now();
        while !written.ended {
            let now = Instant::now();
            let wait = (last + quiet).min(end).saturating_duration_since(now);
            if wait.is_zero() {
                return;
            }
            written = self.written.1.wait_timeout(written, wait).unwrap().0;
            if written.pieces.len() != count {
                count = written.pieces.len();
                last = Instant::now();
            }
        }
    }

    /// Waits until the program is quiet, and draws all.
    pub fn settle(&mut self, quiet: Duration, limit: Duration) {
        self.wait_quiet(quiet, limit);
        while self.draw_next(Instant::now()).is_some() {}
    }

    /// Types and waits until the program is quiet; for each region, when it changed first and last
    /// after that. Drawing comes afterwards, so that it takes no time from the program.
    pub fn react(
        &mut self,
        keys: &str,
        quiet: Duration,
        limit: Duration,
        regions: &[Region],
    ) -> Vec<Option<(Duration, Duration)>> {
        let mut before: Vec<String> =
            regions.iter().map(|region| region(self.parser.screen())).collect();
        let mut out = vec![None; regions.len()];
        let sent = self.send(keys);
        self.wait_quiet(quiet, limit);
        while let Some(when) = self.draw_next(Instant::now()) {
            for ((region, before), out) in regions.iter().zip(&mut before).zip(&mut out) {
                let now = region(self.parser.screen());
                if now != *before {
                    *before = now;
                    let time = when.saturating_duration_since(sent);
                    *out = Some((out.map_or(time, |(first, _)| first), time));
                }
            }
        }
        out
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers the questions that end in this piece; `tail` is what came before it.
fn answer(tail: &mut Vec<u8>, piece: &[u8], keys: &Keys) {
    let old = tail.len();
    tail.extend_from_slice(piece);
    let mut found: Vec<(usize, &[u8])> = Vec::new();
    for (question, reply) in ANSWERS {
        for at in memchr::memmem::find_iter(tail, question) {
            if at + question.len() > old {
                found.push((at, reply));
            }
        }
    }
    found.sort_unstable();
    if !found.is_empty() {
        let mut keys = keys.lock().unwrap();
        for (_, reply) in found {
            let _ = keys.write_all(reply);
        }
        let _ = keys.flush();
    }
    let cut = tail.len().saturating_sub(LONGEST);
    tail.drain(..cut);
}

/// All of the screen's text.
pub fn all(screen: &vt100::Screen) -> String {
    screen.contents()
}

/// navi's query line, its count and its list: without the badge above, whose clock moves by
/// itself, and without the preview.
pub fn list(screen: &vt100::Screen) -> String {
    let rows = rows(screen);
    let (top, left) = preview_corner(&rows).unwrap_or((rows.len(), usize::MAX));
    let mut out = String::new();
    for (at, row) in rows.iter().enumerate().skip(1) {
        // The rows above the preview have the count at their right end.
        let wide = if at < top || left == 0 { usize::MAX } else { left };
        out.extend(row.chars().take(wide));
        out.push('\n');
    }
    out
}

/// The rows of navi's list alone: without the count beside the query as well.
pub fn list_rows(screen: &vt100::Screen) -> String {
    let is_query = |row: &&str| row.starts_with(" > ");
    list(screen).lines().skip_while(|row| !is_query(row)).skip(1).collect::<Vec<_>>().join("\n")
}

/// navi's screen without the badge.
pub fn below_badge(screen: &vt100::Screen) -> String {
    rows(screen).split_off(1).join("\n")
}

/// The text of navi's preview.
pub fn preview_text(screen: &vt100::Screen) -> String {
    let rows = rows(screen);
    let Some((top, left)) = preview_corner(&rows) else { return String::new() };
    let mut out = String::new();
    for row in &rows[top..] {
        out.extend(row.chars().skip(left));
        out.push('\n');
    }
    out
}

/// The text and the colours of navi's preview.
pub fn preview_cells(screen: &vt100::Screen) -> String {
    use std::fmt::Write as _;
    let rows = rows(screen);
    let Some((top, left)) = preview_corner(&rows) else { return String::new() };
    let (height, width) = screen.size();
    let mut out = String::new();
    for row in top as u16..height {
        for column in left as u16..width {
            if let Some(cell) = screen.cell(row, column) {
                let _ = write!(out, "{}{:?}{}", cell.contents(), cell.fgcolor(), cell.bold());
            }
        }
    }
    out
}

/// The screen's rows as text, each cell a character or more.
pub fn rows(screen: &vt100::Screen) -> Vec<String> {
    let (_, width) = screen.size();
    screen.rows(0, width).collect()
}

/// Row and column where navi's preview begins.
fn preview_corner(rows: &[String]) -> Option<(usize, usize)> {
    rows.iter()
        .enumerate()
        .find_map(|(top, row)| row.chars().position(|it| it == '┌').map(|left| (top, left)))
}
