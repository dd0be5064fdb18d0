//! The Incident panel's part of the state machine: what is recorded, notes, declaring and ending.

use std::collections::BTreeMap;
use std::time::Instant;

use super::App;
use super::action::Action;
use super::critical::holds;
use super::edit::TextField;
use super::event::Effect;
use super::model::{Panel, PromptFor};
use super::outline::{Heading, Line, Mark, Outline, Row};
use crate::base::RepoPath;
use crate::engine::checks::Verdict;
use crate::engine::incident::What;
use crate::protocol::{RecordAsk, RecordEntry, RecordLog, RecordNews, Request};

/// The panel's state.
#[derive(Debug, Clone, Default)]
pub struct Incident {
    /// What the recorder told last; `None` until it has.
    pub log: Option<RecordLog>,
    /// The lines on screen.
    pub outline: Outline,
    /// The entry of each line.
    targets: Vec<Option<usize>>,
    /// What is to be written down, oldest first; taken by whoever performs the effects.
    pub noted: Vec<What>,
    /// The query that was written down last, with what it found.
    searched: (String, u64),
    /// The commit that was written down last.
    commit: String,
    /// What was taken from the record itself, and is not written down as a copy.
    given: Option<String>,
    /// The verdicts that were written down last.
    verdicts: BTreeMap<String, Verdict>,
}

impl Incident {
    /// Shows what holds every word of `query`, on a screen of so many rows.
    pub fn filter(&mut self, query: &str, rows: usize) {
        let Some(log) = &self.log else { return };
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let (mut lines, mut targets) = (Vec::new(), Vec::new());
        let mut day = "";
        for (number, entry) in log.entries.iter().enumerate() {
            if !holds(&words, &[entry.kind, &entry.says, &entry.time]) {
                continue;
            }
            if entry.day != day {
                day = &entry.day;
                let heading = Heading {
                    title: day.to_owned(),
                    count: log.zone.clone(),
                    ..Heading::default()
                };
                lines.push(Line::Heading(heading));
                targets.push(None);
            }
            lines.push(Line::Row(row(entry)));
            targets.push(Some(number));
        }
        self.targets = targets;
        self.outline.replace(lines, rows);
    }

    /// The selected entry.
    pub fn entry(&self) -> Option<&RecordEntry> {
        let number = (*self.targets.get(self.outline.cursor.selected)?)?;
        self.log.as_ref()?.entries.get(number)
    }

    /// Where the selected entry leads.
    pub fn place(&self) -> Option<(&RepoPath, Option<u64>)> {
        self.entry()?.place.as_ref().map(|(path, line)| (path, *line))
    }

    /// Whether an incident runs.
    pub fn is_running(&self) -> bool {
        self.log.as_ref().is_some_and(|it| it.running.is_some())
    }
}

fn row(entry: &RecordEntry) -> Row {
    let other = if entry.other { "another navi" } else { "" };
    Row {
        goes: entry.place.is_some(),
        text: format!("{}  {}", entry.time, entry.says),
        mark: if entry.bad { Mark::Bad } else { Mark::Plain },
        reason: other.to_owned(),
        says: [format!("{} UTC", entry.utc), entry.says.clone(), other.to_owned()]
            .into_iter()
            .filter(|it| !it.is_empty())
            .collect(),
        ..Row::default()
    }
}

impl App {
    pub(super) fn ask_record(&self) -> Vec<Effect> {
        vec![Effect::Ask(Request::Record(RecordAsk::Look))]
    }

    /// The panel goes: nobody has to be told any more.
    pub(super) fn leave_record(&self) -> Vec<Effect> {
        vec![Effect::Ask(Request::Record(RecordAsk::LookAway))]
    }

    pub(super) fn take_record(&mut self, news: RecordNews, at: Instant) -> Vec<Effect> {
        match news {
            RecordNews::Log(log) => {
                self.model.incident.log = Some(log);
                if self.model.panel == Panel::Incident {
                    let rows = self.list_rows();
                    let query = self.model.query.text().to_owned();
                    let first = self.model.incident.outline.cursor.selected <= 1;
                    let before = self.shown_place();
                    self.model.incident.filter(&query, rows);
                    // Who looks at the newest goes on to look at the newest.
                    if first {
                        self.model.incident.outline.first(rows);
                    }
                    if self.shown_place() != before {
                        return self.show_selected();
                    }
                }
            }
            RecordNews::Said(text) => self.say(text, false, at),
            RecordNews::Failed(text) => self.say(text, true, at),
            RecordNews::Text(text) => {
                self.model.incident.given = Some(text.clone());
                return vec![Effect::Copy(text)];
            }
        }
        Vec::new()
    }

    /// Does what belongs to the record, and to its prompts; `None` for everything else.
    pub(super) fn record_act(&mut self, action: Action, at: Instant) -> Option<Vec<Effect>> {
        let ask = |ask| Some(vec![Effect::Ask(Request::Record(ask))]);
        match action {
            Action::IncidentNote => {
                self.open_record_prompt(PromptFor::Note);
                return Some(Vec::new());
            }
            Action::IncidentStart => {
                self.open_record_prompt(PromptFor::Title);
                return Some(Vec::new());
            }
            Action::IncidentStop => {
                self.open_record_prompt(PromptFor::End);
                return Some(Vec::new());
            }
            Action::IncidentHandover => return ask(RecordAsk::Handover),
            Action::IncidentReport => return ask(RecordAsk::Report),
            Action::IncidentSave => return ask(RecordAsk::Save),
            _ => {}
        }
        let prompt_for = self.model.prompt_for;
        if !matches!(prompt_for, PromptFor::Note | PromptFor::Title | PromptFor::End) {
            return None;
        }
        let prompt = self.model.prompt.as_mut()?;
        match action {
            Action::AppBack => self.close_prompt(),
            Action::OverlayAccept | Action::OpenSelected => {
                let text = prompt.text().trim().to_owned();
                self.close_prompt();
                return Some(self.answer_prompt(prompt_for, text, at));
            }
            action => {
                if !prompt.edit(action) {
                    return None;
                }
            }
        }
        Some(Vec::new())
    }

    fn close_prompt(&mut self) {
        self.model.prompt = None;
        self.model.prompt_for = PromptFor::Preview;
    }

    fn open_record_prompt(&mut self, prompt: PromptFor) {
        self.model.overlay = None;
        self.model.prompt_for = prompt;
        self.model.prompt = Some(TextField::default());
    }

    fn answer_prompt(&mut self, prompt: PromptFor, text: String, at: Instant) -> Vec<Effect> {
        let ask = match (prompt, text.is_empty()) {
            (PromptFor::End, _) if text == "end" => RecordAsk::Stop,
            (PromptFor::End, _) => {
                self.say("the incident goes on", false, at);
                return Vec::new();
            }
            (_, true) => return Vec::new(),
            (PromptFor::Title, false) => {
                RecordAsk::Start { title: text, branch: self.model.branch.clone() }
            }
            (_, false) => RecordAsk::Note(What::Note { text }),
        };
        vec![Effect::Ask(Request::Record(ask))]
    }

    /// What has happened since the last call, to be written down. Whoever performs the effects of
    /// [`App::update`] passes it on.
    pub fn take_noted(&mut self) -> Vec<What> {
        std::mem::take(&mut self.model.incident.noted)
    }

    /// Sees what of an event and its effects is to be written down.
    pub(super) fn watch(&mut self, effects: &[Effect]) {
        let mut noted = Vec::new();
        let mut searched = None;
        let model = &self.model;
        let record = &model.incident;
        if model.panel == Panel::Find && model.results.finished && !model.stale {
            let now = (model.query.text().trim().to_owned(), model.results.total as u64);
            if !now.0.is_empty() && now != record.searched {
                searched = Some(now.clone());
                noted.push(What::Search { query: now.0, hits: now.1 });
            }
        }
        for effect in effects {
            match effect {
                Effect::OpenEditor(place) => {
                    noted.push(What::Open { path: place.path.clone(), line: place.line });
                }
                Effect::Quit(leave) => noted.extend(
                    leave
                        .chosen
                        .as_ref()
                        .map(|place| What::Open { path: place.path.clone(), line: place.line }),
                ),
                Effect::Copy(text) if record.given.as_ref() != Some(text) => {
                    noted.push(What::Copy { text: text.clone() });
                }
                _ => {}
            }
        }
        let commit = match model.changes.inside {
            Some(_) => model.changes.commit().filter(|it| it.hex != record.commit),
            None => None,
        };
        let commit = commit.map(|it| (it.hex.clone(), it.subject.clone()));
        let mut verdicts = Vec::new();
        if let Some(board) = model.checks.board.as_ref().filter(|_| !model.checks.busy) {
            for row in &board.rows {
                let verdict = row.finding.verdict;
                let known = record.verdicts.get(&row.id);
                // What was never run says nothing.
                if known != Some(&verdict) && !(known.is_none() && verdict == Verdict::Skipped) {
                    let (id, summary) = (row.id.clone(), row.finding.summary.clone());
                    verdicts.push((id.clone(), verdict));
                    noted.push(What::Check { id, verdict, summary });
                }
            }
        }
        let record = &mut self.model.incident;
        if let Some((id, subject)) = commit {
            record.commit.clone_from(&id);
            noted.push(What::Commit { id, subject });
        }
        if let Some(searched) = searched {
            record.searched = searched;
        }
        record.verdicts.extend(verdicts);
        record.noted.extend(noted);
    }
}
