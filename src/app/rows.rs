//! What the panels with groups of rows have in common: the Critical paths panel and the audit.

use std::time::Instant;

use super::App;
use super::event::Effect;
use super::model::Panel;
use crate::engine::audit::Audit;
use crate::protocol::{Board, Generation, Request};

impl App {
    /// What a panel asks for when it comes on screen. What it showed last is there at once.
    pub(super) fn enter_panel(&mut self) -> Vec<Effect> {
        let mut effects = match self.model.panel {
            Panel::Find => return self.search(),
            Panel::Critical => self.ask_critical(),
            Panel::Audit if self.model.audit.audit.is_some() && !self.model.audit.outdated => {
                Vec::new()
            }
            Panel::Audit => self.judge(),
            Panel::Checks => self.enter_checks(),
            Panel::Commands => self.ask_commands(),
            Panel::Changes => self.ask_changes(),
            Panel::Runbooks => self.ask_runbooks(),
            Panel::Incident => self.ask_record(),
            Panel::Drill => self.enter_drill(),
        };
        effects.extend(self.filter_rows());
        effects.extend(self.show_selected());
        effects
    }

    /// The files or their contents have changed.
    pub(super) fn look_again(&mut self) -> Vec<Effect> {
        self.model.audit.outdated = self.model.audit.audit.is_some();
        match self.model.panel {
            Panel::Find => self.search(),
            Panel::Critical => self.ask_critical(),
            // Judging takes a while: it is done again when somebody wants it. Commits come with
            // the history, not with files.
            Panel::Audit | Panel::Changes | Panel::Checks | Panel::Drill | Panel::Incident => {
                Vec::new()
            }
            Panel::Runbooks => {
                let mut effects = self.ask_runbooks();
                effects.extend(self.show_page_anew());
                effects
            }
            Panel::Commands => self.ask_commands(),
        }
    }

    /// Something was typed in the query line.
    pub(super) fn query_changed(&mut self) -> Vec<Effect> {
        match self.model.panel {
            Panel::Find => self.search(),
            Panel::Critical
            | Panel::Audit
            | Panel::Changes
            | Panel::Checks
            | Panel::Commands
            | Panel::Runbooks
            | Panel::Drill
            | Panel::Incident => {
                let before = self.shown_place();
                let effects = self.filter_rows();
                if effects.is_empty() && self.shown_place() != before {
                    return self.show_selected();
                }
                effects
            }
        }
    }

    fn ask_critical(&mut self) -> Vec<Effect> {
        self.model.critical.asked += 1;
        vec![Effect::Ask(Request::Critical { generation: self.model.critical.asked })]
    }

    /// Has the structure judged.
    pub(super) fn judge(&mut self) -> Vec<Effect> {
        let ready = self.model.index.phase.is_settled();
        let audit = &mut self.model.audit;
        audit.busy = true;
        // Of half the files, nothing can be said.
        audit.waits = !ready;
        if !ready {
            return Vec::new();
        }
        audit.asked += 1;
        audit.outdated = false;
        vec![Effect::Ask(Request::Audit { generation: audit.asked })]
    }

    pub(super) fn take_board(&mut self, generation: Generation, board: Board) -> Vec<Effect> {
        if generation != self.model.critical.asked {
            return Vec::new();
        }
        self.model.critical.board = Some(board);
        if self.model.panel == Panel::Critical { self.filter_rows() } else { Vec::new() }
    }

    pub(super) fn take_audit(&mut self, generation: Generation, audit: Audit) -> Vec<Effect> {
        if generation != self.model.audit.asked {
            return Vec::new();
        }
        self.model.audit.audit = Some(audit);
        self.model.audit.busy = false;
        if self.model.panel == Panel::Audit { self.filter_rows() } else { Vec::new() }
    }

    /// Shows the rows that hold what is typed, and the place that is selected then.
    fn filter_rows(&mut self) -> Vec<Effect> {
        let rows = self.list_rows();
        let before = self.shown_place();
        let query = self.model.query.text().to_owned();
        match self.model.panel {
            Panel::Find => return Vec::new(),
            Panel::Critical => self.model.critical.filter(&query, rows),
            Panel::Audit => self.model.audit.filter(&query, rows),
            Panel::Checks => self.model.checks.filter(&query, rows),
            Panel::Commands => self.model.commands.filter(&query, rows, self.now),
            Panel::Changes => self.model.changes.filter(&query, rows),
            Panel::Runbooks => self.model.runbooks.filter(&query, rows),
            Panel::Incident => self.model.incident.filter(&query, rows),
            Panel::Drill => self.model.drill.filter(&query, rows),
        }
        if self.shown_place() == before { Vec::new() } else { self.show_selected() }
    }

    /// Goes to the row that carries `letter`.
    pub(super) fn jump(&mut self, letter: char, at: Instant) -> Vec<Effect> {
        let labels = self.model.labels();
        let Some(&(line, _)) = labels.iter().find(|(_, it)| *it == letter) else {
            self.say(format!("no row carries the letter {letter}; / filters"), true, at);
            return Vec::new();
        };
        if letter.is_ascii_lowercase() || letter.is_ascii_digit() {
            return self.select_line(line);
        }
        let (rows, before) = (self.list_rows(), self.shown_place());
        if let Some(outline) = self.model.outline_mut() {
            outline.select_group(line, rows);
        }
        if self.shown_place() == before { Vec::new() } else { self.show_selected() }
    }

    /// A click on a line of the list, so many below its top.
    pub(super) fn press_line(&mut self, below: usize, y: u16, at: Instant) -> Vec<Effect> {
        let twice = self.is_second_click(y, at);
        let Some(outline) = self.model.outline() else { return Vec::new() };
        let line = outline.cursor.top + below;
        if line >= outline.lines().len() {
            return Vec::new();
        }
        let effects = self.select_line(line);
        if twice { self.open(self.model.print, at) } else { effects }
    }

    fn select_line(&mut self, line: usize) -> Vec<Effect> {
        let rows = self.list_rows();
        let before = self.shown_place();
        if let Some(outline) = self.model.outline_mut() {
            outline.select(line, rows);
        }
        if self.model.panel == Panel::Runbooks {
            return self.show_item();
        }
        if self.shown_place() == before { Vec::new() } else { self.show_selected() }
    }
}
