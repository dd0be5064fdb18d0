//! Lends the terminal to the user's editor. The only place that starts a process.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::app::Place;
use crate::engine::editor;

/// Runs the editor at a place and waits for it. Answers with a complaint when it did not go well.
#[expect(clippy::disallowed_methods, reason = "this is the one place that may start a process")]
pub fn edit(command: Option<&str>, root: &Path, place: &Place) -> Option<String> {
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
    // navi's own stdout may be a pipe that waits for the chosen place.
    if let Ok(tty) = File::options().read(true).write(true).open("/dev/tty")
        && let (Ok(input), Ok(output)) = (tty.try_clone(), tty.try_clone())
    {
        child.stdin(Stdio::from(input)).stdout(Stdio::from(output));
    }
    match child.status() {
        Ok(status) if status.success() => None,
        Ok(status) => Some(format!("{program} ended with {status}")),
        Err(error) => {
            Some(format!("{program} could not be started: {error}; set `editor`, VISUAL or EDITOR"))
        }
    }
}
