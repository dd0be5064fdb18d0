//! What the workers tell: taking it over without moving what the user is looking at.

use std::time::Instant;

use super::event::Effect;
use super::model::Panel;
use super::{App, list};
use crate::base::{Diagnostic, RepoPath};
use crate::engine::search::Results;
use crate::protocol::{Phase, Report};

impl App {
    pub(super) fn report(&mut self, report: Report, at: Instant) -> Vec<Effect> {
        match report {
            Report::Index(status) => {
                let ready = matches!(status.phase, Phase::Live);
                let was = std::mem::replace(&mut self.model.index, status);
                if self.model.drill.waits && self.model.index.phase.is_settled() {
                    return self.ask_deck();
                }
                if self.model.checks.waits && self.model.index.phase != Phase::Scanning {
                    return self.run_checks();
                }
                if self.model.audit.waits && self.model.index.phase.is_settled() {
                    return self.judge();
                }
                if ready && matches!(was.phase, Phase::Indexing { .. }) {
                    return self.look_again();
                }
                Vec::new()
            }
            Report::History(status) => {
                self.model.history = status;
                match self.model.panel {
                    Panel::Changes if !status.reading || self.model.changes.is_short() => {
                        self.ask_changes()
                    }
                    Panel::Critical if !status.reading => self.look_again(),
                    Panel::Drill if !status.reading => self.ask_deck(),
                    _ => Vec::new(),
                }
            }
            Report::Branch(branch) => {
                self.model.branch = branch;
                Vec::new()
            }
            Report::Changed { paths } => {
                let mut effects = self.look_again();
                let shown = self.model.preview.path.as_ref();
                if shown.is_some_and(|path| paths.contains(path)) {
                    effects.extend(self.show_again());
                }
                effects
            }
            Report::Search { generation, results } => {
                if generation == self.asked {
                    self.take_results(results)
                } else {
                    Vec::new()
                }
            }
            Report::Critical { generation, board } => self.take_board(generation, board),
            Report::Audit { generation, audit } => self.take_audit(generation, audit),
            Report::Commands { generation, offers } => self.take_offers(generation, offers),
            Report::Checks { generation, news } => self.take_checks(generation, news, at),
            Report::Run { run, news } => self.take_news(run, news, at),
            Report::Changes { generation, log } => self.take_changes(generation, log),
            Report::Record(news) => self.take_record(news, at),
            Report::Runbooks { generation, library } => self.take_library(generation, library),
            Report::Runbook { generation, opened } => self.take_page(generation, opened),
            Report::Drill { generation, news } => self.take_drill(generation, news, at),
            Report::Patch { generation, patch } => {
                self.take_patch(generation, patch);
                Vec::new()
            }
            Report::Preview { generation, window } => {
                if generation == self.model.preview.asked {
                    self.model.preview.window = Some(window);
                    self.model.preview.until = None;
                }
                Vec::new()
            }
            Report::FoundInFile { generation, found } => self.take_found(generation, found, at),
            Report::Said(diagnostic) => {
                if !self.model.diagnostics.contains(&diagnostic) {
                    self.say(diagnostic.message.clone(), true, at);
                    self.model.diagnostics.push(diagnostic);
                }
                Vec::new()
            }
            Report::WorkerDied { worker, message } => {
                let text = format!("the {worker} failed: {message}");
                self.say(text.clone(), true, at);
                self.model
                    .diagnostics
                    .push(Diagnostic::error(text).hint("leave with ctrl-c and start navi again"));
                Vec::new()
            }
        }
    }

    /// Shows results. Once the user has moved, the selected file of the same query stays selected and
    /// stays where it is on screen; before that, the best row is the selected one.
    pub(super) fn take_results(&mut self, results: Results) -> Vec<Effect> {
        let same_query = self.answered.as_deref() == Some(self.model.query.text());
        if !same_query {
            self.moved = false;
            self.model.cursor = list::ListCursor::default();
        } else if !results.finished && self.model.results.finished {
            // A fresh look at the same query: what is shown stays until all of it is there.
            return Vec::new();
        }
        self.model.searching = !results.finished;
        let whole = results.hits.len() >= results.total.min(self.limit);
        if self.moved
            && !whole
            && self.model.selected().is_some_and(|it| !holds(&results, &it.path))
        {
            // The selected row may be among those that follow.
            return Vec::new();
        }
        self.answered = Some(self.model.query.text().to_owned());
        self.model.stale = false;
        let cursor = self.model.cursor;
        let kept = self.model.selected().filter(|_| self.moved);
        let kept = kept.map(|hit| (hit.path.clone(), hit.line));
        let shown = self.shown_place();
        self.model.results = results;
        let (rows, len) = (self.list_rows(), self.model.results.hits.len());
        let row = kept.and_then(|(path, line)| self.row_of(&path, line));
        let row = row.unwrap_or(cursor.selected);
        self.model.cursor.top = row.saturating_sub(cursor.selected.saturating_sub(cursor.top));
        self.model.cursor.select(row, len, rows);
        if self.shown_place() != shown || self.model.preview.path.is_none() {
            self.show_selected()
        } else if same_query {
            Vec::new()
        } else {
            // Other words are marked now.
            self.show_again()
        }
    }

    pub(super) fn shown_place(&self) -> Option<(RepoPath, Option<u64>)> {
        self.model.selected_place().map(|(path, line, _)| (path.clone(), line))
    }

    /// The row of this place, else that of its file: several frames may lie in one file.
    pub(super) fn row_of(&self, path: &RepoPath, line: Option<u64>) -> Option<usize> {
        let hits = &self.model.results.hits;
        let same = hits.iter().position(|hit| hit.path == *path && hit.line == line);
        same.or_else(|| hits.iter().position(|hit| hit.path == *path))
    }
}

fn holds(results: &Results, path: &RepoPath) -> bool {
    results.hits.iter().any(|hit| hit.path == *path)
}
