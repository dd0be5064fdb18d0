//! What happens to the state machine, and what it wants done.

use std::path::PathBuf;
use std::time::Instant;

use crate::app::keymap::Chord;
use crate::base::RepoPath;
use crate::engine::commands::{Command, Consent};
use crate::engine::drills::Played;
use crate::protocol::{Report, Request};

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// When. The state machine asks no clock.
    pub at: Instant,
    /// What.
    pub what: What,
}

/// The kinds of things that happen.
#[derive(Debug, Clone)]
pub enum What {
    /// A key was pressed.
    Key(Chord),
    /// Text was pasted.
    Paste(String),
    /// The screen has this many columns and rows now.
    Resize(u16, u16),
    /// The mouse did something at this column and row.
    Mouse(Mouse, u16, u16),
    /// A worker tells something.
    Report(Report),
    /// The deadline that was asked for has come.
    Tick,
    /// The editor, or the shell after a suspension, gave the screen back; with a complaint if any.
    Back(Option<String>),
    /// A copy was made, in this way.
    Copied(String),
    /// A file was written, here; or not, because of this.
    Saved(Result<String, String>),
}

/// What a mouse does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// The first button went down.
    Press,
    /// The wheel turned up.
    WheelUp,
    /// The wheel turned down.
    WheelDown,
}

/// Something to be done outside.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Pass it to the workers.
    Ask(Request),
    /// Lend the terminal to a command that wants one, and come back.
    Interact {
        /// The command as it was shown.
        command: Box<Command>,
        /// Its values, each with the parameter's name.
        values: Vec<(String, String)>,
        /// What a person has said.
        consent: Consent,
    },
    /// Write this text into a new file, at the path as it was typed.
    Save {
        /// The path.
        path: String,
        /// What is written.
        text: String,
    },
    /// Open this place in the user's editor and come back.
    OpenEditor(Place),
    /// Open this place, with `root` in place of the repository's, in the user's editor.
    EditCopy {
        /// The private place of a fix card.
        root: PathBuf,
        /// The file in it.
        place: Place,
    },
    /// Keep this round of a drill.
    Played(Box<Played>),
    /// Do not ask the card of this id again.
    Bury(String),
    /// Put this on the clipboard.
    Copy(String),
    /// Keep this query in the history, with the place that was opened for it.
    Remember(String, Option<Place>),
    /// Return to the shell until woken.
    Suspend,
    /// Draw everything afresh.
    Redraw,
    /// Leave.
    Quit(Leave),
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: RepoPath,
    /// 1-based; `None` when the file as a whole is meant.
    pub line: Option<u64>,
    /// 1-based, in characters.
    pub column: Option<u64>,
}

impl Place {
    /// `path:line`, or the path alone. As it is, not cleaned: for other programs.
    pub fn to_text(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.path.to_text()),
            None => self.path.to_text().into_owned(),
        }
    }
}

/// How navi is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leave {
    /// Exit status: 0 after a choice, 130 without.
    pub status: u8,
    /// What was chosen, to be printed.
    pub chosen: Option<Place>,
}
