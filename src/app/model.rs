//! What the screen shows: read by drawing, changed only by `update`.

use std::time::Instant;

use crate::app::audit::Auditing;
use crate::app::card::Card;
use crate::app::changes::Changes;
use crate::app::checks::Checks;
use crate::app::commands::Commands;
use crate::app::critical::Critical;
use crate::app::drill::Drill;
use crate::app::edit::TextField;
use crate::app::incident::Incident;
use crate::app::layout::{Layout, Place as PreviewPlace};
use crate::app::list::ListCursor;
use crate::app::outline::{Outline, age};
use crate::app::runbooks::Runbooks;
use crate::base::{Diagnostic, RepoPath};
use crate::engine::preview::Window;
use crate::engine::search::{Hit, Results};
use crate::protocol::{Generation, HistoryStatus, IndexStatus, Phase};

/// Everything that is shown.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// Name of the repository.
    pub repo: String,
    /// The branch, if known.
    pub branch: Option<String>,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Where the preview goes.
    pub preview_place: PreviewPlace,
    /// Whether enter prints the place and leaves.
    pub print: bool,
    /// Whether the preview has the keys.
    pub in_preview: bool,
    /// Which panel has the screen.
    pub panel: Panel,
    /// The query line.
    pub query: TextField,
    /// Whether a filter is typed, in a panel whose rows carry letters otherwise.
    pub filtering: bool,
    /// The letters that rows can carry.
    pub letters: Vec<char>,
    /// The Critical paths panel.
    pub critical: Critical,
    /// The audit.
    pub audit: Auditing,
    /// The Changes panel.
    pub changes: Changes,
    /// The Drill panel, and the round under way.
    pub drill: Drill,
    /// The Checks panel.
    pub checks: Checks,
    /// The Commands panel.
    pub commands: Commands,
    /// The Runbooks panel.
    pub runbooks: Runbooks,
    /// The Incident panel, and what is to be recorded.
    pub incident: Incident,
    /// The last results.
    pub results: Results,
    /// Whether results for what is typed are still to come.
    pub searching: bool,
    /// Whether the results still belong to an earlier query.
    pub stale: bool,
    /// The cursor in the results.
    pub cursor: ListCursor,
    /// The preview.
    pub preview: Preview,
    /// What is laid over the panel.
    pub overlay: Option<Overlay>,
    /// The line that searches inside the preview or the output, while open.
    pub prompt: Option<TextField>,
    /// What is typed there.
    pub prompt_for: PromptFor,
    /// Where the index stands.
    pub index: IndexStatus,
    /// How far the repository's history is read.
    pub history: HistoryStatus,
    /// A message, and when it goes.
    pub message: Option<Message>,
    /// The folder that outputs are kept in, as it is typed.
    pub outputs: String,
    /// What was wrong with settings, keys, colours, files.
    pub diagnostics: Vec<Diagnostic>,
    /// Presses that wait for the next key.
    pub pending: String,
}

/// What has the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Panel {
    /// Find files.
    #[default]
    Find,
    /// The catalogue: roles with their files.
    Critical,
    /// The structure audit, which is reached from the catalogue.
    Audit,
    /// The triage board.
    Checks,
    /// What the repository offers to run.
    Commands,
    /// The recent commits.
    Changes,
    /// The runbooks and other documents.
    Runbooks,
    /// What is recorded.
    Incident,
    /// Timed questions about this repository.
    Drill,
}

/// What a prompt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PromptFor {
    /// To search inside the preview.
    #[default]
    Preview,
    /// To search inside the output.
    OutputFind,
    /// To show only some lines of the output.
    OutputFilter,
    /// Where the output is written to.
    SaveAs,
    /// How many seconds pass until the command runs again.
    Every,
    /// To search in a document.
    Page,
    /// To note something.
    Note,
    /// The title of an incident.
    Title,
    /// Whether the incident is over.
    End,
}

impl Panel {
    /// Those that have a number, in its order.
    pub const ALL: &[Self] = &[
        Self::Find,
        Self::Critical,
        Self::Checks,
        Self::Commands,
        Self::Changes,
        Self::Runbooks,
        Self::Drill,
        Self::Incident,
    ];

    /// Its number: with alt or as a function key, the key that leads there.
    pub fn number(self) -> u8 {
        match self {
            Self::Find => 1,
            Self::Critical | Self::Audit => 2,
            Self::Checks => 3,
            Self::Commands => 4,
            Self::Changes => 5,
            Self::Runbooks => 6,
            Self::Incident => 8,
            Self::Drill => 7,
        }
    }

    /// Its name on the screen.
    pub fn title(self) -> &'static str {
        match self {
            Self::Find => "Find",
            Self::Critical => "Critical paths",
            Self::Audit => "Audit",
            Self::Checks => "Checks",
            Self::Commands => "Commands",
            Self::Changes => "Changes",
            Self::Runbooks => "Runbooks",
            Self::Incident => "Incident",
            Self::Drill => "Drill",
        }
    }

    /// The same where there is little room.
    pub fn short_title(self) -> &'static str {
        if self == Self::Critical { "Critical" } else { self.title() }
    }

    /// The panel with a number that it belongs to.
    #[must_use]
    pub fn tab(self) -> Self {
        if self == Self::Audit { Self::Critical } else { self }
    }
}

/// A message in the last line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The text.
    pub text: String,
    /// Whether something went wrong.
    pub bad: bool,
    /// When it goes.
    pub until: Instant,
}

/// The preview's state.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// The file asked for.
    pub path: Option<RepoPath>,
    /// The line that was found in it.
    pub line: Option<u64>,
    /// What is shown: of the file asked for, or of the one before while its text is on the way.
    pub window: Option<Window>,
    /// When a window of the file before is taken away.
    pub until: Option<Instant>,
    /// Of the last request.
    pub asked: Generation,
    /// First column shown.
    pub left: u32,
    /// What is searched for inside.
    pub needle: Option<String>,
    /// The line and column of the last match inside.
    pub at: Option<(u64, u32)>,
}

impl Preview {
    /// The window, if it shows the file asked for.
    pub fn current(&self) -> Option<&Window> {
        self.window.as_ref().filter(|window| Some(&window.path) == self.path.as_ref())
    }
}

/// Something laid over the panel.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// Keys of this place.
    Help(ListCursor),
    /// All actions, narrowed by what is typed.
    Palette(TextField, ListCursor),
    /// All diagnostics.
    Diagnostics(ListCursor),
    /// What would run, before it runs.
    Card(Card),
}

impl Model {
    /// Where things are.
    pub fn layout(&self) -> Layout {
        let (width, height) = self.size;
        // A round has its clock and its question above everything.
        let above = self.drill.rows(self.size);
        let height = height.saturating_sub(above);
        let layout = match self.panel {
            Panel::Find => Layout::of(width, height, self.preview_place),
            Panel::Critical
            | Panel::Audit
            | Panel::Changes
            | Panel::Checks
            | Panel::Drill
            | Panel::Incident => Layout::for_rows(width, height, self.preview_place),
            Panel::Commands => Layout::for_output(width, height, self.preview_place),
            Panel::Runbooks => {
                let reading = self.in_preview && self.runbooks.inside.is_some();
                Layout::for_reading(width, height, self.preview_place, reading)
            }
        };
        layout.below(above)
    }

    /// The list of groups, in panels that have one.
    pub fn outline(&self) -> Option<&Outline> {
        match self.panel {
            Panel::Find => None,
            Panel::Critical => Some(&self.critical.outline),
            Panel::Audit => Some(&self.audit.outline),
            Panel::Checks => Some(&self.checks.outline),
            Panel::Commands => Some(&self.commands.outline),
            Panel::Changes => Some(&self.changes.outline),
            Panel::Runbooks => Some(&self.runbooks.outline),
            Panel::Incident => Some(&self.incident.outline),
            Panel::Drill => Some(&self.drill.outline),
        }
    }

    /// The same, to be changed.
    pub fn outline_mut(&mut self) -> Option<&mut Outline> {
        match self.panel {
            Panel::Find => None,
            Panel::Critical => Some(&mut self.critical.outline),
            Panel::Audit => Some(&mut self.audit.outline),
            Panel::Checks => Some(&mut self.checks.outline),
            Panel::Commands => Some(&mut self.commands.outline),
            Panel::Changes => Some(&mut self.changes.outline),
            Panel::Runbooks => Some(&mut self.runbooks.outline),
            Panel::Incident => Some(&mut self.incident.outline),
            Panel::Drill => Some(&mut self.drill.outline),
        }
    }

    /// The selected row of the results.
    pub fn selected(&self) -> Option<&Hit> {
        self.results.hits.get(self.cursor.selected)
    }

    /// Where the selected row leads: the file, line and column.
    pub fn selected_place(&self) -> Option<(&RepoPath, Option<u64>, Option<u64>)> {
        match self.outline() {
            Some(_) if self.panel == Panel::Incident => {
                self.incident.place().map(|(path, line)| (path, line, None))
            }
            Some(_) if self.panel == Panel::Runbooks => {
                self.runbooks.path().map(|path| (path, self.runbooks.line(), None))
            }
            Some(outline) => {
                let (path, line) = outline.selected_place()?;
                let line = if self.panel == Panel::Changes { self.changes.line() } else { *line };
                Some((path, line, None))
            }
            None => self.selected().map(|hit| (&hit.path, hit.line, hit.column)),
        }
    }

    /// The lines on screen that carry a letter.
    pub fn labels(&self) -> Vec<(usize, char)> {
        let rows = usize::from(self.layout().list.height);
        match self.outline() {
            Some(outline) if !self.filtering => outline.labels(&self.letters, rows),
            _ => Vec::new(),
        }
    }

    /// The freshness badge, and how good its news is.
    pub fn badge(&self) -> (String, Freshness) {
        let (mut text, freshness) = self.index_badge();
        if self.history.reading {
            text.push_str(" · history ");
            text.push_str(&grouped(self.history.commits));
        }
        (text, freshness)
    }

    fn index_badge(&self) -> (String, Freshness) {
        let (text, freshness) = self.state_badge();
        match &self.index.member {
            Some(member) => (format!("{member}: {text}"), freshness),
            None => (text, freshness),
        }
    }

    fn state_badge(&self) -> (String, Freshness) {
        let files = grouped(self.index.files);
        match &self.index.phase {
            Phase::Scanning => (format!("scanning · {files} files"), Freshness::Busy),
            Phase::Indexing { done, total, elapsed_ms } => {
                let percent = done * 100 / total.max(&1);
                let left = if *done > 0 {
                    let per_file = *elapsed_ms as f64 / *done as f64;
                    let seconds = per_file * total.saturating_sub(*done) as f64 / 1000.0;
                    format!(" · {} s left", seconds.ceil() as u64)
                } else {
                    String::new()
                };
                (format!("indexing {percent} %{left} · {files} files"), Freshness::Busy)
            }
            Phase::Live => {
                let fresh = self
                    .index
                    .fresh_ms
                    .map_or_else(String::new, |ms| format!(" · {:.1} s", ms as f64 / 1000.0));
                (format!("live · {files} files{fresh}"), Freshness::Live)
            }
            Phase::Checking { age_s } => {
                let text = format!("as of {} · checking · {files} files", age(*age_s));
                (text, Freshness::Busy)
            }
            Phase::Polling { every_ms, .. } => {
                (format!("polling {} s · {files} files", every_ms.div_ceil(1000)), Freshness::Busy)
            }
            Phase::Behind(_) => (format!("contents behind · {files} files"), Freshness::Stale),
            Phase::Gone => (format!("folder gone · {files} files of before"), Freshness::Stale),
            Phase::Unwatched(_) => {
                (format!("not followed · {files} files · ctrl-r rescans"), Freshness::Stale)
            }
            Phase::Reader => (format!("reader of another navi · {files} files"), Freshness::Live),
            Phase::PathsOnly(_) => (format!("paths only · {files} files"), Freshness::Stale),
        }
    }
}

/// How good the news of the badge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// As on disk.
    Live,
    /// Getting there.
    Busy,
    /// Not to be relied on.
    Stale,
}

/// A number with commas between thousands.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(78_255), "78,255");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
