//! The only writer to stdout and stderr. A reader that has gone is no fault.
//!
//! Whatever is printed as text is cleaned here once more, whoever has put it together: a message of
//! the argument parser repeats what was typed, one of the system a path.

use std::io::{self, IsTerminal, Write};

use crate::base::text::{clean, clean_bytes, clean_lines};

/// Prints a text of one or more lines on stdout.
pub fn out(text: &str) {
    // `navi find … | head` closes the pipe early.
    let _ = writeln!(io::stdout().lock(), "{}", clean_lines(text));
}

/// Prints a text that comes in parts on stdout, as [`out`] prints one.
pub fn out_parts(parts: &[&str]) {
    let mut stdout = io::stdout().lock();
    let _ = parts
        .iter()
        .try_for_each(|part| stdout.write_all(clean_lines(part).as_bytes()))
        .and_then(|()| stdout.write_all(b"\n"));
}

/// Prints like [`out`], and tells whether somebody reads it.
pub fn out_all(text: &str) -> bool {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", clean_lines(text)).and_then(|()| stdout.flush()).is_ok()
}

/// Prints bytes and a line end on stdout: as they are for other programs, cleaned for a terminal.
pub fn out_bytes(bytes: &[u8]) {
    let mut stdout = io::stdout().lock();
    let _ = if stdout.is_terminal() {
        writeln!(stdout, "{}", clean_bytes(bytes))
    } else {
        stdout.write_all(bytes).and_then(|()| stdout.write_all(b"\n"))
    };
}

/// Prints a text of one or more lines on stderr.
pub fn err(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", clean_lines(text));
}

/// Prints over the current line of stderr, for progress.
pub fn progress(line: &str) {
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "\r\x1b[K{}", clean(line)).and_then(|()| stderr.flush());
}
