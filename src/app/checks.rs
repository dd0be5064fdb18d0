//! The Checks panel's part of the state machine: the triage board, what is broken first.

use std::time::Instant;

use super::App;
use super::critical::holds;
use super::event::Effect;
use super::model::Panel;
use super::outline::{Heading, Line, Mark, Outline, Row as OutlineRow, age};
use super::transcript::duration;
use crate::engine::checks::{Board, Row, Verdict};
use crate::protocol::{CheckNews, Generation, Phase, Request};

/// The panel's state.
#[derive(Debug, Clone, Default)]
pub struct Checks {
    /// The last board that was finished.
    pub board: Option<Board>,
    /// What the checks that are under way have found so far.
    coming: Vec<Row>,
    /// How many were asked.
    total: usize,
    /// Whether checks are under way.
    pub busy: bool,
    /// Whether they are to be run as soon as the files are known.
    pub waits: bool,
    /// When the last board was finished.
    pub finished: Option<Instant>,
    /// The lines on screen.
    pub outline: Outline,
    /// The check of each line.
    targets: Vec<Option<String>>,
    /// Of the last request.
    pub asked: Generation,
}

impl Checks {
    /// Shows what holds every word of `query`, on a screen of so many rows.
    pub fn filter(&mut self, query: &str, rows: usize) {
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let shown: Vec<&Row> =
            self.rows().into_iter().filter(|it| holds(&words, &[&text_of(it)])).collect();
        let mut lines = Vec::new();
        let mut targets = Vec::new();
        for verdict in
            [Verdict::Fail, Verdict::Timeout, Verdict::Warn, Verdict::Ok, Verdict::Skipped]
        {
            let of: Vec<&&Row> = shown.iter().filter(|it| it.finding.verdict == verdict).collect();
            if of.is_empty() {
                continue;
            }
            lines.push(Line::Heading(Heading {
                title: title_of(verdict).to_owned(),
                count: of.len().to_string(),
                mark: mark_of(verdict),
                ..Heading::default()
            }));
            targets.push(None);
            for row in of {
                targets.push(Some(row.id.clone()));
                lines.push(Line::Row(line_of(row)));
            }
        }
        self.targets = targets;
        self.outline.replace_coming(lines, rows);
    }

    /// What is shown: the board, or what is known of the one under way.
    fn rows(&self) -> Vec<&Row> {
        match &self.board {
            Some(board) if !self.busy => board.rows.iter().collect(),
            _ => {
                let mut rows: Vec<&Row> = self.coming.iter().collect();
                rows.sort_by(|one, other| {
                    (one.finding.verdict, &one.id).cmp(&(other.finding.verdict, &other.id))
                });
                rows
            }
        }
    }

    /// The id of the selected check.
    pub fn selected(&self) -> Option<&str> {
        self.outline.selected_line()?;
        self.targets.get(self.outline.cursor.selected)?.as_deref()
    }

    /// Checks that are done, and those that were asked.
    pub fn progress(&self) -> (usize, usize) {
        (self.coming.len(), self.total)
    }

    /// Checks with this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows().iter().filter(|it| it.finding.verdict == verdict).count()
    }
}

fn title_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fail => "Broken",
        Verdict::Timeout => "No answer in time",
        Verdict::Warn => "Odd",
        Verdict::Ok => "Fine",
        Verdict::Skipped => "Not run",
    }
}

fn mark_of(verdict: Verdict) -> Mark {
    match verdict {
        Verdict::Fail | Verdict::Timeout => Mark::Bad,
        Verdict::Warn => Mark::Middling,
        Verdict::Ok => Mark::Good,
        Verdict::Skipped => Mark::Unknown,
    }
}

fn text_of(row: &Row) -> String {
    let service = row.service.as_deref().unwrap_or_default();
    format!("{} {} {service} {} {}", row.id, row.title, row.kind.id(), row.finding.summary)
}

fn line_of(row: &Row) -> OutlineRow {
    let finding = &row.finding;
    // Compose is what most of them come from: it says nothing.
    let name = row.id.strip_prefix("compose.").unwrap_or(&row.id);
    let mut says = vec![format!("{}: {}", row.id, finding.summary), row.title.clone()];
    if let Some(rung) = finding.rung {
        says.push(format!("it fails at the {}", rung.id()));
    }
    if let Some(next) = &finding.next {
        says.push(format!("next: {next}"));
    }
    says.extend(row.differs());
    if !row.commits.is_empty() {
        says.push("changed near it:".to_owned());
    }
    for commit in &row.commits {
        let id = commit.id.get(..9).unwrap_or(&commit.id);
        says.push(format!("{id} {} ago  {}", age(commit.age_s), commit.subject));
    }
    OutlineRow {
        goes: true,
        text: format!("{name}  {}", finding.summary),
        mark: mark_of(finding.verdict),
        owner: finding.rung.map_or_else(|| row.kind.id(), |it| it.id()).to_owned(),
        changed: if row.ms == 0 { String::new() } else { duration(row.ms) },
        says,
        ..OutlineRow::default()
    }
}

impl App {
    /// Runs all checks, if none are under way.
    pub(super) fn run_checks(&mut self) -> Vec<Effect> {
        let checks = &mut self.model.checks;
        if checks.busy {
            return Vec::new();
        }
        checks.asked += 1;
        checks.waits = false;
        checks.busy = true;
        checks.coming.clear();
        checks.total = 0;
        let generation = checks.asked;
        self.filter_checks();
        vec![Effect::Ask(Request::Checks { generation })]
    }

    pub(super) fn enter_checks(&mut self) -> Vec<Effect> {
        if self.model.checks.board.is_some() {
            return Vec::new();
        }
        // Without files there is nothing that could be checked, which would read as good news.
        if self.model.index.phase == Phase::Scanning {
            self.model.checks.waits = true;
            return Vec::new();
        }
        self.run_checks()
    }

    pub(super) fn take_checks(
        &mut self,
        generation: Generation,
        news: CheckNews,
        at: Instant,
    ) -> Vec<Effect> {
        let checks = &mut self.model.checks;
        if generation != checks.asked {
            return Vec::new();
        }
        match news {
            CheckNews::Asked(total) => checks.total = total,
            CheckNews::Found(row) => checks.coming.push(*row),
            CheckNews::Finished(board) => {
                checks.busy = false;
                checks.finished = Some(at);
                checks.board = Some(board);
            }
        }
        self.filter_checks();
        Vec::new()
    }

    fn filter_checks(&mut self) {
        if self.model.panel == Panel::Checks {
            let rows = self.list_rows();
            let query = self.model.query.text().to_owned();
            self.model.checks.filter(&query, rows);
        }
    }

    /// Goes to the command of the selected check.
    pub(super) fn open_check(&mut self, at: Instant) -> Vec<Effect> {
        let Some(id) = self.model.checks.selected().map(str::to_owned) else {
            self.say("no check is selected; ctrl-r runs them", true, at);
            return Vec::new();
        };
        self.go_to_command(&id)
    }
}
