//! The only writer to stdout and stderr. A reader that has gone is no fault.

use std::io::{self, Write};

/// Prints a line on stdout.
pub fn out(line: &str) {
    // `navi find … | head` closes the pipe early.
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Prints bytes and a line end on stdout, as they are: for other programs.
pub fn out_bytes(bytes: &[u8]) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(bytes).and_then(|()| stdout.write_all(b"\n"));
}

/// Prints a line on stderr.
pub fn err(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Prints over the current line of stderr, for progress.
pub fn progress(line: &str) {
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "\r\x1b[K{line}").and_then(|()| stderr.flush());
}
