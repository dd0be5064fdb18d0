//! The state machine of the screen: what a key, an answer or a tick changes.
//!
//! Nothing here reads files, asks a clock, starts a thread or knows that there is a terminal.
//! [`App::update`] is the only place where the [`Model`] changes; what is to be done outside comes
//! back as [`Effect`]s.

pub mod action;
mod answers;
pub mod audit;
pub mod card;
pub mod changes;
pub mod checks;
pub mod commands;
pub mod critical;
pub mod drill;
pub mod edit;
pub mod event;
pub mod incident;
pub mod keymap;
pub mod layout;
pub mod list;
pub mod model;
mod mouse;
pub mod outline;
mod output;
mod overlay;
mod preview;
mod rows;
pub mod runbooks;
pub mod transcript;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use action::Action;
pub use event::{Effect, Event, Leave, Mouse, Place, What};
use keymap::{Chord, Context, Keymap, Resolved};
use layout::Place as PreviewPlace;
use model::{Message, Model, Panel, PromptFor};

use crate::base::{Diagnostic, RepoPath};
use crate::engine::drills::Mode;
use crate::engine::search::Results;
use crate::engine::symptom;
use crate::protocol::{Generation, Request};

/// How long a message stays.
const MESSAGE: Duration = Duration::from_secs(4);

/// What the state machine starts with.
#[derive(Debug, Clone)]
pub struct Start {
    /// Name of the repository.
    pub repo: String,
    /// Its branch.
    pub branch: Option<String>,
    /// The keys.
    pub keymap: Keymap,
    /// Where the preview goes.
    pub preview: PreviewPlace,
    /// Most results.
    pub limit: usize,
    /// The first query.
    pub query: String,
    /// Earlier queries, oldest first.
    pub history: Vec<String>,
    /// Whether enter prints and leaves.
    pub print: bool,
    /// The first panel.
    pub panel: Panel,
    /// How a drill is played, and the seed of its deck.
    pub drill: (Mode, u64),
    /// The folder that outputs are kept in, as it is typed.
    pub outputs: String,
    /// What was wrong so far.
    pub diagnostics: Vec<Diagnostic>,
}

/// The state machine.
#[derive(Debug, Clone)]
pub struct App {
    model: Model,
    keymap: Keymap,
    pending: Vec<Chord>,
    limit: usize,
    asked: Generation,
    /// The query that the shown results belong to.
    answered: Option<String>,
    /// Whether the user moved in the list since the query changed.
    moved: bool,
    /// Whether what is typed next begins a filter anew: what the last one was for has been done.
    done_with: bool,
    history: Vec<String>,
    /// Place in the history while walking through it.
    walking: Option<usize>,
    /// What was remembered last.
    remembered: Option<(String, Option<Place>)>,
    /// The file that was opened last.
    looked_at: Option<RepoPath>,
    /// What was typed in the panels that are not on screen.
    elsewhere: BTreeMap<Panel, String>,
    preview_wanted: PreviewPlace,
    last_click: Option<(Instant, u16)>,
    /// When the last event happened.
    now: Option<Instant>,
}

impl App {
    /// A state machine, and what it wants done first.
    pub fn new(start: Start) -> (Self, Vec<Effect>) {
        let letters = outline::letters(|it| {
            let chord = Chord::new(keymap::Key::Char(it), keymap::Modifiers::default());
            let bound = start.keymap.bindings(Context::Rows);
            bound.iter().any(|binding| binding.keys.first() == Some(&chord))
        });
        let mut app = Self {
            model: Model {
                letters,
                filtering: start.panel != Panel::Find && !start.query.is_empty(),
                repo: start.repo,
                branch: start.branch,
                size: (80, 24),
                preview_place: start.preview,
                print: start.print,
                panel: start.panel,
                query: edit::TextField::new(""),
                drill: drill::Drill::new(start.drill.0, start.drill.1),
                outputs: start.outputs,
                diagnostics: start.diagnostics,
                ..Model::default()
            },
            keymap: start.keymap,
            pending: Vec::new(),
            limit: start.limit,
            asked: 0,
            answered: None,
            moved: false,
            done_with: false,
            history: start.history,
            walking: None,
            remembered: None,
            looked_at: None,
            elsewhere: BTreeMap::new(),
            preview_wanted: start.preview,
            last_click: None,
            now: None,
        };
        app.model.query.insert(&start.query);
        let effects = app.enter_panel();
        (app, effects)
    }

    /// What is shown.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The keys, for hints.
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// When a tick is wanted next.
    pub fn next_deadline(&self) -> Option<Instant> {
        let message = self.model.message.as_ref().map(|message| message.until);
        let command = self.next_of_commands();
        let drill = self.next_of_drill();
        [message, self.model.preview.until, command, drill].into_iter().flatten().min()
    }

    /// Where keys go now.
    pub fn context(&self) -> Context {
        if self.model.overlay.is_some() {
            Context::Overlay
        } else if self.model.prompt.is_some() {
            Context::Prompt
        } else if self.model.in_preview {
            self.preview_context()
        } else if self.model.outline().is_some() && !self.model.filtering {
            Context::Rows
        } else {
            Context::Find
        }
    }

    /// What has the keys beside the list.
    fn preview_context(&self) -> Context {
        if self.model.panel == Panel::Commands { Context::Output } else { Context::Preview }
    }

    /// Takes an event and says what is to be done.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = match self.drill_time(event.at) {
            // The key was meant for the round that has just ended.
            Some(effects) if Self::is_of_player(&event.what) => return effects,
            ended => ended.unwrap_or_default(),
        };
        effects.extend(self.take(event));
        effects
    }

    fn take(&mut self, event: Event) -> Vec<Effect> {
        let at = event.at;
        self.now = Some(at);
        let effects = self.happened(event.what, at);
        self.watch(&effects);
        effects
    }

    fn happened(&mut self, what: What, at: Instant) -> Vec<Effect> {
        match what {
            What::Key(chord) => self.key(chord, at),
            What::Paste(text) => self.typed(&symptom::on_one_line(&text)),
            What::Resize(width, height) => {
                self.model.size = (width, height);
                self.settle_list();
                self.show_again()
            }
            What::Mouse(mouse, x, y) => self.mouse(mouse, x, y, at),
            What::Report(report) => self.report(report, at),
            What::Tick => {
                if self.model.message.as_ref().is_some_and(|it| it.until <= at) {
                    self.model.message = None;
                }
                if self.model.preview.until.is_some_and(|until| until <= at) {
                    self.model.preview.until = None;
                    self.model.preview.window = None;
                }
                self.count_seconds(at);
                self.run_repeats(at)
            }
            What::Back(complaint) => {
                if let Some(complaint) = complaint {
                    self.say(complaint, true, at);
                }
                let mut effects = vec![Effect::Redraw];
                effects.extend(self.show_again());
                effects.extend(self.back_in_round());
                effects
            }
            What::Copied(how) => {
                self.say(how, false, at);
                Vec::new()
            }
            What::Saved(written) => {
                match written {
                    Ok(path) => self.say(format!("written: {path}"), false, at),
                    Err(why) => self.say(format!("not written: {why}"), true, at),
                }
                Vec::new()
            }
        }
    }

    fn say(&mut self, text: impl Into<String>, bad: bool, at: Instant) {
        self.model.message = Some(Message { text: text.into(), bad, until: at + MESSAGE });
    }

    fn key(&mut self, chord: Chord, at: Instant) -> Vec<Effect> {
        self.pending.push(chord);
        let resolved = self.keymap.resolve(self.context(), &self.pending);
        match resolved {
            Resolved::Pending => {
                self.model.pending = Chord::sequence(&self.pending);
                Vec::new()
            }
            Resolved::Found(actions) => {
                self.forget_pending();
                // `?` and the like are text while a query is being typed.
                actions.into_iter().flat_map(|action| self.act(action, at)).collect()
            }
            Resolved::Unbound => {
                let single = self.pending.len() == 1;
                self.forget_pending();
                match chord.typed() {
                    Some(character) if single && self.context() == Context::Rows => {
                        self.jump(character, at)
                    }
                    Some(character) if single => self.typed(character.encode_utf8(&mut [0; 4])),
                    _ => Vec::new(),
                }
            }
        }
    }

    fn forget_pending(&mut self) {
        self.pending.clear();
        self.model.pending.clear();
    }

    /// Text that goes into whatever takes text now.
    fn typed(&mut self, text: &str) -> Vec<Effect> {
        if self.model.overlay.is_some() {
            let at = self.now;
            return at.map_or_else(Vec::new, |at| self.overlay_typed(text, at));
        }
        if let Some(prompt) = &mut self.model.prompt {
            prompt.insert(text);
            match self.model.prompt_for {
                PromptFor::Note
                | PromptFor::Title
                | PromptFor::End
                | PromptFor::SaveAs
                | PromptFor::Every => return Vec::new(),
                PromptFor::Page => {
                    if let Some(at) = self.now {
                        self.page_prompted(at);
                    }
                    return Vec::new();
                }
                PromptFor::Preview | PromptFor::OutputFind | PromptFor::OutputFilter => {}
            }
            if self.model.prompt_for != PromptFor::Preview {
                self.output_prompted();
                return Vec::new();
            }
            return self.find_in_preview(true, true);
        }
        if self.model.in_preview {
            return Vec::new();
        }
        let done_with = std::mem::take(&mut self.done_with) && self.model.filtering;
        self.model.filtering = self.model.outline().is_some();
        if done_with {
            self.model.query.set("");
        }
        // The key that opens a filter where none is typed.
        if !(done_with && text == "/") {
            self.model.query.insert(text);
        }
        self.walking = None;
        self.query_changed()
    }

    /// Does one action.
    pub fn act(&mut self, action: Action, at: Instant) -> Vec<Effect> {
        self.done_with &= action.group() != "edit";
        if self.model.overlay.is_some()
            && let Some(effects) = self.overlay_act(action, at)
        {
            return effects;
        }
        if let Some(effects) = self.record_act(action, at) {
            return effects;
        }
        if let Some(effects) = self.page_act(action, at) {
            return effects;
        }
        if let Some(effects) = self.output_act(action, at) {
            return effects;
        }
        if let Some(effects) = self.drill_act(action, at) {
            return effects;
        }
        if let Some(effects) = self.preview_act(action, at) {
            return effects;
        }
        match action {
            Action::AppQuit => self.leave(),
            Action::AppBack => self.back(),
            Action::AppSuspend => vec![Effect::Suspend],
            Action::AppRedraw => vec![Effect::Redraw],
            Action::HelpOpen | Action::PaletteOpen | Action::DiagnosticsOpen => {
                self.open_overlay(action);
                Vec::new()
            }
            Action::IndexRescan if self.model.panel == Panel::Checks => self.run_checks(),
            Action::IndexRescan => {
                self.say("looking at every file again", false, at);
                let mut effects = vec![Effect::Ask(Request::Rescan)];
                if self.model.panel == Panel::Audit {
                    effects.extend(self.judge());
                }
                effects
            }
            Action::PanelFind => self.go_to(Panel::Find),
            Action::PanelCritical => self.go_to(Panel::Critical),
            Action::PanelChecks => self.go_to(Panel::Checks),
            Action::PanelCommands => self.go_to(Panel::Commands),
            Action::CommandStop => self.stop_selected(at),
            Action::CommandRepeat => self.toggle_repeat(at),
            Action::CommandPin => self.toggle_pin(at),
            Action::CommandCard => self.show_card(at),
            Action::PanelChanges => self.go_to(Panel::Changes),
            Action::PanelRunbooks => self.go_to(Panel::Runbooks),
            Action::PanelIncident => self.go_to(Panel::Incident),
            Action::PanelDrill => self.go_to(Panel::Drill),
            // They were done where a drill does them.
            Action::DrillHint | Action::DrillSkip | Action::DrillBury | Action::DrillPaste => {
                Vec::new()
            }
            Action::PanelAudit if self.model.panel == Panel::Audit => self.go_to(Panel::Critical),
            Action::PanelAudit => self.go_to(Panel::Audit),
            Action::FilterOpen => {
                self.model.filtering = self.model.outline().is_some();
                Vec::new()
            }
            Action::ListNext => self.travel(1),
            Action::ListPrevious => self.travel(-1),
            Action::ListPageDown => self.travel(self.list_rows().max(2) as isize - 1),
            Action::ListPageUp => self.travel(1 - self.list_rows().max(2) as isize),
            Action::ListFirst => self.travel(isize::MIN / 2),
            Action::ListLast => self.travel(isize::MAX / 2),
            Action::OpenSelected => self.open(self.model.print, at),
            Action::OpenEditor => self.open(false, at),
            Action::CopyPlace => self.copy(false, at),
            Action::CopyPath => self.copy(true, at),
            Action::CopyRevert => self.copy_revert(at),
            Action::SearchResume => {
                if let Some(query) = self.history.last().cloned() {
                    self.set_query(query)
                } else {
                    self.say("no earlier search in this repository", false, at);
                    Vec::new()
                }
            }
            Action::SearchPrevious => self.walk_history(true),
            Action::SearchNext => self.walk_history(false),
            Action::SearchClear => self.set_query(String::new()),
            action => {
                let before = self.model.query.text().to_owned();
                if self.model.query.edit(action) && self.model.query.text() != before {
                    return self.query_changed();
                }
                Vec::new()
            }
        }
    }

    /// Changes the panel. Each keeps what was typed in it.
    fn go_to(&mut self, panel: Panel) -> Vec<Effect> {
        self.model.overlay = None;
        self.model.in_preview = false;
        if self.model.panel == panel {
            return Vec::new();
        }
        let mut effects = Vec::new();
        if self.model.panel == Panel::Incident {
            effects = self.leave_record();
        }
        if let Some((path, ..)) = self.model.selected_place()
            && self.model.panel != Panel::Runbooks
        {
            self.looked_at = Some(path.clone());
        }
        self.elsewhere.insert(self.model.panel, self.model.query.text().to_owned());
        self.model.panel = panel;
        let other = self.elsewhere.remove(&panel).unwrap_or_default();
        self.model.filtering = panel != Panel::Find && !other.is_empty();
        self.answered = None;
        self.model.results = Results::default();
        self.model.query.set("");
        self.model.query.insert(&other);
        effects.extend(self.enter_panel());
        effects
    }

    fn leave(&self) -> Vec<Effect> {
        vec![Effect::Quit(Leave { status: 130, chosen: None })]
    }

    fn back(&mut self) -> Vec<Effect> {
        if self.model.in_preview {
            self.model.in_preview = false;
            return Vec::new();
        }
        if self.model.preview.needle.take().is_some() {
            return self.show_again();
        }
        if self.model.filtering {
            self.model.filtering = false;
            return self.set_query(String::new());
        }
        match self.model.panel {
            Panel::Audit => self.go_to(Panel::Critical),
            Panel::Changes if self.model.changes.inside.is_some() => {
                self.leave_commit().unwrap_or_default()
            }
            Panel::Runbooks if self.model.runbooks.inside.is_some() => {
                self.leave_page().unwrap_or_default()
            }
            Panel::Critical
            | Panel::Changes
            | Panel::Checks
            | Panel::Commands
            | Panel::Runbooks
            | Panel::Drill
            | Panel::Incident => self.go_to(Panel::Find),
            Panel::Find if self.model.query.text().is_empty() => self.leave(),
            Panel::Find => self.set_query(String::new()),
        }
    }

    fn set_query(&mut self, query: String) -> Vec<Effect> {
        self.model.query.set("");
        self.model.query.insert(&query);
        self.model.in_preview = false;
        self.query_changed()
    }

    fn walk_history(&mut self, back: bool) -> Vec<Effect> {
        let place = match (self.walking, back) {
            (None, true) => self.history.len().checked_sub(1),
            (Some(place), true) => Some(place.saturating_sub(1)),
            (None, false) => None,
            (Some(place), false) => Some(place + 1),
        };
        let Some(place) = place else { return Vec::new() };
        let query = self.history.get(place).cloned();
        self.walking = query.is_some().then_some(place);
        self.set_query(query.unwrap_or_default())
    }

    fn search(&mut self) -> Vec<Effect> {
        self.searched_in_round();
        self.asked += 1;
        self.model.stale = self.answered.as_deref() != Some(self.model.query.text());
        // A fresh look at what is shown already is not worth a word.
        self.model.searching |= self.model.stale;
        let (generation, query) = (self.asked, self.model.query.text().to_owned());
        let rows = self.model.cursor.top + 2 * self.list_rows().max(10);
        vec![Effect::Ask(Request::Search {
            generation,
            query,
            limit: self.limit,
            rows,
            sight: self.sight(),
        })]
    }

    fn list_rows(&self) -> usize {
        usize::from(self.model.layout().list.height)
    }

    fn travel(&mut self, by: isize) -> Vec<Effect> {
        let rows = self.list_rows();
        let before = self.shown_line();
        if let Some(outline) = self.model.outline_mut() {
            outline.travel(by, rows);
        } else {
            let len = self.model.results.hits.len();
            self.model.cursor.travel(by, len, rows);
        }
        self.moved = true;
        match (self.shown_line() == before, self.model.panel) {
            (true, _) => Vec::new(),
            (false, Panel::Runbooks) => self.show_item(),
            (false, _) => self.show_selected(),
        }
    }

    /// The number of the selected row in the list.
    fn shown_line(&self) -> usize {
        self.model.outline().map_or(self.model.cursor.selected, |it| it.cursor.selected)
    }

    /// Keeps the selection on a screen of another size.
    fn settle_list(&mut self) {
        let (rows, len) = (self.list_rows(), self.model.results.hits.len());
        match self.model.outline_mut() {
            Some(outline) => outline.settle(rows),
            None => self.model.cursor.select(self.model.cursor.selected, len, rows),
        }
    }

    /// The place that is selected; in the preview, the line at its top or its last match.
    fn place(&self) -> Option<Place> {
        // What was found for another query is not what is asked for now.
        let fresh = self.model.outline().is_some() || !self.model.stale;
        let (path, at, column) = self.model.selected_place().filter(|_| fresh)?;
        let mut place = Place { path: path.clone(), line: at, column };
        if self.model.in_preview {
            let shown = self.model.preview.current().and_then(|it| it.lines.first()?.number);
            let found = self.model.preview.at.map(|(line, _)| line);
            let visible = |line: u64| {
                self.model
                    .preview
                    .current()
                    .is_some_and(|window| window.lines.iter().any(|it| it.number == Some(line)))
            };
            let line = [found, at].into_iter().flatten().find(|&it| visible(it)).or(shown);
            if line != place.line {
                place = Place { line, column: None, ..place };
            }
        }
        Some(place)
    }

    fn why_nothing(&self) -> &'static str {
        if let Some(outline) = self.model.outline() {
            return match outline.selected_line() {
                Some(_) => "this row is no place in a file",
                None => "nothing is selected",
            };
        }
        if self.model.stale { "still searching" } else { "nothing is selected" }
    }

    fn open(&mut self, print: bool, at: Instant) -> Vec<Effect> {
        if self.model.panel == Panel::Changes
            && let Some(effects) = self.enter_commit()
        {
            return effects;
        }
        match self.model.panel {
            Panel::Commands => return self.run_selected(at),
            Panel::Checks => return self.open_check(at),
            Panel::Runbooks if !self.model.in_preview => return self.read_selected(at),
            Panel::Find
            | Panel::Critical
            | Panel::Audit
            | Panel::Changes
            | Panel::Runbooks
            | Panel::Drill
            | Panel::Incident => {}
        }
        if let Some(why) = self.gone() {
            self.say(why, true, at);
            return Vec::new();
        }
        let Some(place) = self.place() else {
            self.say(self.why_nothing(), true, at);
            return Vec::new();
        };
        let mut effects = self.remember();
        effects.push(if print {
            Effect::Quit(Leave { status: 0, chosen: Some(place) })
        } else {
            Effect::OpenEditor(place)
        });
        effects
    }

    fn copy(&mut self, path_only: bool, at: Instant) -> Vec<Effect> {
        if self.model.panel == Panel::Changes
            && self.model.changes.file().is_none()
            && let Some(commit) = self.model.changes.commit()
        {
            return vec![Effect::Copy(commit.hex.clone())];
        }
        let Some(place) = self.place() else {
            self.say(self.why_nothing(), true, at);
            return Vec::new();
        };
        let place = if path_only { Place { line: None, ..place } } else { place };
        let mut effects = self.remember();
        // A copied place is pasted into terminals and chats.
        effects.push(Effect::Copy(crate::base::text::clean(&place.to_text()).into_owned()));
        effects
    }

    fn remember(&mut self) -> Vec<Effect> {
        let query = self.model.query.text().to_owned();
        // What is opened in a drill is no habit.
        let kept = self.model.panel == Panel::Find && self.model.drill.playing.is_none();
        let search = (query.clone(), self.place());
        // Opened and then copied is opened once.
        if !kept || query.trim().is_empty() || self.remembered.as_ref() == Some(&search) {
            return Vec::new();
        }
        self.remembered = Some(search.clone());
        self.history.retain(|it| *it != query);
        self.history.push(query.clone());
        vec![Effect::Remember(search.0, search.1)]
    }
}

#[cfg(test)]
mod tests;
