//! The Runbooks panel's part of the state machine: the documents, and reading one.

use std::time::Instant;

use super::App;
use super::action::Action;
use super::critical::holds;
use super::edit::TextField;
use super::event::{Effect, Place as Spot};
use super::model::{Panel, PromptFor};
use super::outline::{Heading, Line, Outline, Row};
use crate::base::RepoPath;
use crate::engine::checks::Verdict;
use crate::engine::incident::What;
use crate::engine::runbook::{self, Around, Page, Place, Stop, Target};
use crate::protocol::{Book, Generation, Library, Opened, Request};

/// The panel's state.
#[derive(Debug, Clone, Default)]
pub struct Runbooks {
    /// What the worker told last; `None` until it has.
    pub library: Option<Library>,
    /// The lines on screen: documents, or the headings of the one that is read.
    pub outline: Outline,
    /// What each line stands for.
    targets: Vec<Option<Item>>,
    /// Of the last request for the list.
    pub asked: Generation,
    /// The document that is read, rather than looked at from the list.
    pub inside: Option<RepoPath>,
    /// What was typed in the list of documents, while one is read.
    outer: String,
    /// The document whose text is shown or asked for, with the columns.
    wanted: Option<(RepoPath, u16)>,
    /// Of the last request for a document.
    pub page_asked: Generation,
    /// The document that came last.
    pub opened: Option<Opened>,
    /// The first row on screen.
    pub top: usize,
    /// The selected link or block of code.
    pub stop: Option<usize>,
    /// What is searched for in the document.
    pub needle: String,
    /// Where to go in the document that is on its way: a heading or a line.
    goal: Option<Goal>,
    /// Documents that were read before this one, with their first rows.
    past: Vec<(RepoPath, usize)>,
}

/// What a line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    /// A document, by its number.
    Book(usize),
    /// A heading, by its number.
    Heading(usize),
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Goal {
    Heading(String),
    Line(u64),
    Row(usize),
}

impl Runbooks {
    /// Shows what holds every word of `query`, on a screen of so many rows.
    pub fn filter(&mut self, query: &str, rows: usize) {
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let (lines, targets) = match &self.inside {
            Some(_) => self.headings(&words),
            None => self.books(&words),
        };
        self.targets = targets;
        self.outline.replace(lines, rows);
    }

    fn books(&self, words: &[String]) -> (Vec<Line>, Vec<Option<Item>>) {
        let (mut lines, mut targets) = (Vec::new(), Vec::new());
        let Some(library) = &self.library else { return (lines, targets) };
        let mut group = |title: String, books: Vec<(usize, &Book, String)>| {
            if books.is_empty() {
                return;
            }
            let count = books.len().to_string();
            lines.push(Line::Heading(Heading { title, count, ..Heading::default() }));
            targets.push(None);
            for (number, book, why) in books {
                lines.push(Line::Row(row_of(book, why)));
                targets.push(Some(Item::Book(number)));
            }
        };
        let shown =
            |it: &Book| holds(words, &[&it.path.display(), &it.title, &it.headings.join(" ")]);
        let near = library.near.iter().filter_map(|(number, why)| {
            let book = library.books.get(*number).filter(|it| shown(it))?;
            Some((*number, book, why.clone()))
        });
        group(format!("Near {}", library.near_to), near.collect());
        for (title, runbook) in [("Runbooks", true), ("Other documents", false)] {
            let of = library.books.iter().enumerate();
            let of = of.filter(|(_, it)| it.runbook == runbook && shown(it));
            group(title.to_owned(), of.map(|(number, it)| (number, it, String::new())).collect());
        }
        (lines, targets)
    }

    fn headings(&self, words: &[String]) -> (Vec<Line>, Vec<Option<Item>>) {
        let (mut lines, mut targets) = (Vec::new(), Vec::new());
        let Some(opened) = self.current() else { return (lines, targets) };
        lines.push(Line::Heading(Heading { title: opened.title.clone(), ..Heading::default() }));
        targets.push(None);
        for (number, (level, title, _)) in opened.page.headings.iter().enumerate() {
            if holds(words, &[title]) {
                let indent = "  ".repeat(usize::from(level.saturating_sub(1)));
                let text = format!("{indent}{title}");
                lines.push(Line::Row(Row { goes: true, text, ..Row::default() }));
                targets.push(Some(Item::Heading(number)));
            }
        }
        (lines, targets)
    }

    fn item(&self) -> Option<Item> {
        *self.targets.get(self.outline.cursor.selected)?
    }

    /// The document that is read, or selected in the list.
    pub fn path(&self) -> Option<&RepoPath> {
        self.inside.as_ref().or_else(|| match self.item()? {
            Item::Book(number) => Some(&self.library.as_ref()?.books.get(number)?.path),
            Item::Heading(_) => None,
        })
    }

    /// The document, if it is the one that is meant.
    pub fn current(&self) -> Option<&Opened> {
        self.opened.as_ref().filter(|it| self.path() == Some(&it.path))
    }

    /// The selected link or block of code.
    pub fn stop(&self) -> Option<&Stop> {
        self.current()?.page.stops.get(self.stop?)
    }

    /// The line of the document at the top of the screen, from 1, or that of the selected stop.
    pub fn line(&self) -> Option<u64> {
        let page = &self.current()?.page;
        let row = self.stop().map_or(self.top, |it| it.row);
        page.rows.get(row).map(|it| u64::from(it.line))
    }
}

fn row_of(book: &Book, why: String) -> Row {
    let scripts = match book.scripts {
        0 => String::new(),
        1 => "1 block of commands".to_owned(),
        many => format!("{many} blocks of commands"),
    };
    let path = book.path.display();
    let mut says = vec![book.title.clone(), path.clone()];
    says.extend([&why, &scripts].into_iter().filter(|it| !it.is_empty()).cloned());
    Row {
        goes: true,
        text: book.title.clone(),
        reason: if why.is_empty() { path } else { why },
        says,
        ..Row::default()
    }
}

impl App {
    pub(super) fn ask_runbooks(&mut self) -> Vec<Effect> {
        let failing = self.model.checks.board.iter().flat_map(|it| &it.rows);
        let failing =
            failing.filter(|it| matches!(it.finding.verdict, Verdict::Fail | Verdict::Timeout));
        let words: Vec<String> = failing
            .take(3)
            .flat_map(|it| [Some(it.id.clone()), it.service.clone(), Some(it.title.clone())])
            .flatten()
            .collect();
        // What fails matters more than what was looked at.
        let path = if words.is_empty() { self.looked_at.clone() } else { None };
        let runbooks = &mut self.model.runbooks;
        runbooks.asked += 1;
        let (generation, around) = (runbooks.asked, Around { path, words });
        vec![Effect::Ask(Request::Runbooks { generation, around })]
    }

    pub(super) fn take_library(&mut self, generation: Generation, library: Library) -> Vec<Effect> {
        if generation != self.model.runbooks.asked {
            return Vec::new();
        }
        let first = self.model.runbooks.library.is_none();
        self.model.runbooks.library = Some(library);
        if self.model.panel != Panel::Runbooks || self.model.runbooks.inside.is_some() {
            return Vec::new();
        }
        let rows = self.list_rows();
        let query = self.model.query.text().to_owned();
        self.model.runbooks.filter(&query, rows);
        if first {
            self.model.runbooks.outline.first(rows);
        }
        self.show_page()
    }

    /// Another row was selected: shows its document, or goes to its heading.
    pub(super) fn show_item(&mut self) -> Vec<Effect> {
        if let Some(Item::Heading(number)) = self.model.runbooks.item() {
            let runbooks = &mut self.model.runbooks;
            let row = runbooks.current().and_then(|it| it.page.headings.get(number)).map(|it| it.2);
            runbooks.top = row.unwrap_or(runbooks.top);
            runbooks.stop = None;
            self.scroll_page(0);
        }
        self.show_page()
    }

    /// Asks for the document that is meant, unless it is there or asked for.
    pub(super) fn show_page(&mut self) -> Vec<Effect> {
        let area = self.model.layout().preview_text();
        let width = area.width.saturating_sub(2);
        let runbooks = &mut self.model.runbooks;
        let path = runbooks.path().cloned();
        let wanted = path.map(|it| (it, width)).filter(|_| area.height > 0 && width > 0);
        if wanted == runbooks.wanted {
            return Vec::new();
        }
        let shown = runbooks.opened.as_ref().map(|it| &it.path);
        let other = wanted.as_ref().map(|it| &it.0) != shown;
        if other {
            (runbooks.top, runbooks.stop) = (0, None);
            runbooks.needle.clear();
        } else if let Some(line) = runbooks.line() {
            // The same document in other columns: what was on top stays there.
            runbooks.goal = runbooks.goal.take().or(Some(Goal::Line(line)));
        }
        runbooks.wanted.clone_from(&wanted);
        let Some((path, width)) = wanted else { return Vec::new() };
        runbooks.page_asked += 1;
        vec![Effect::Ask(Request::Runbook { generation: runbooks.page_asked, path, width })]
    }

    /// The document may be another on the disk.
    pub(super) fn show_page_anew(&mut self) -> Vec<Effect> {
        self.model.runbooks.wanted = None;
        self.show_page()
    }

    pub(super) fn take_page(&mut self, generation: Generation, opened: Opened) -> Vec<Effect> {
        if generation != self.model.runbooks.page_asked {
            return Vec::new();
        }
        let runbooks = &mut self.model.runbooks;
        let page = std::sync::Arc::clone(&opened.page);
        runbooks.stop = runbooks.stop.filter(|it| *it < page.stops.len());
        runbooks.opened = Some(opened);
        match runbooks.goal.take() {
            Some(Goal::Heading(slug)) => {
                let found = page.headings.iter().find(|it| runbook::slug(&it.1) == slug);
                runbooks.top = found.map_or(0, |it| it.2);
            }
            Some(Goal::Line(line)) => {
                runbooks.top = page.rows.partition_point(|it| u64::from(it.line) < line);
            }
            Some(Goal::Row(row)) => runbooks.top = row,
            None => {}
        }
        self.scroll_page(0);
        if self.model.panel == Panel::Runbooks && self.model.runbooks.inside.is_some() {
            let rows = self.list_rows();
            let query = self.model.query.text().to_owned();
            self.model.runbooks.filter(&query, rows);
        }
        Vec::new()
    }

    pub(super) fn scroll_page(&mut self, by: isize) {
        let rows = usize::from(self.model.layout().preview_text().height);
        let runbooks = &mut self.model.runbooks;
        let count = runbooks.current().map_or(0, |it| it.page.rows.len());
        let most = count.saturating_sub(rows.max(1));
        runbooks.top = runbooks.top.saturating_add_signed(by).min(most);
    }

    /// Enter in the panel: on a document, reads it; on a heading, goes there.
    pub(super) fn read_selected(&mut self, at: Instant) -> Vec<Effect> {
        match self.model.runbooks.item() {
            Some(Item::Book(_)) => {
                let path = self.model.runbooks.path().cloned();
                path.map_or_else(Vec::new, |path| self.read(path, None))
            }
            Some(Item::Heading(_)) => {
                let effects = self.show_item();
                self.model.in_preview = true;
                effects
            }
            None => {
                let nothing =
                    self.model.runbooks.library.as_ref().is_some_and(|it| it.books.is_empty());
                if nothing {
                    self.say(
                        "leave navi and run: navi init --runbook (--stdout only prints)",
                        false,
                        at,
                    );
                }
                Vec::new()
            }
        }
    }

    fn read(&mut self, path: RepoPath, goal: Option<Goal>) -> Vec<Effect> {
        let runbooks = &mut self.model.runbooks;
        match runbooks.inside.take() {
            Some(before) => runbooks.past.push((before, runbooks.top)),
            None => self.model.query.text().clone_into(&mut runbooks.outer),
        }
        let known = runbooks.opened.as_ref().is_some_and(|it| it.path == path);
        self.model.incident.noted.push(What::Runbook { path: path.clone() });
        runbooks.inside = Some(path);
        runbooks.goal = goal;
        let mut effects = self.enter_page(known);
        if self.model.commands.offers.is_none() {
            // Of its blocks, some are commands.
            effects.extend(self.ask_commands());
        }
        effects
    }

    /// Shows the document that is read now, with its headings as rows.
    fn enter_page(&mut self, known: bool) -> Vec<Effect> {
        self.model.filtering = false;
        self.model.query.set("");
        self.model.in_preview = true;
        let rows = self.list_rows();
        self.model.runbooks.filter("", rows);
        self.model.runbooks.outline.first(rows);
        if !known {
            self.model.runbooks.wanted = None;
        }
        let top = self.model.runbooks.top;
        let effects = self.show_page();
        if known && effects.is_empty() {
            self.model.runbooks.top = top;
        }
        effects
    }

    /// One step back: to the document before, then to the list; `None` when the list is shown.
    pub(super) fn leave_page(&mut self) -> Option<Vec<Effect>> {
        let path = self.model.runbooks.inside.take()?;
        if let Some((before, top)) = self.model.runbooks.past.pop() {
            self.model.runbooks.inside = Some(before);
            self.model.runbooks.goal = Some(Goal::Row(top));
            return Some(self.enter_page(false));
        }
        let outer = std::mem::take(&mut self.model.runbooks.outer);
        self.model.filtering = !outer.is_empty();
        self.model.in_preview = false;
        self.model.query.set("");
        self.model.query.insert(&outer);
        let rows = self.list_rows();
        let runbooks = &mut self.model.runbooks;
        runbooks.filter(&outer, rows);
        let books = runbooks.library.as_ref().map_or(&[][..], |it| &it.books);
        let is_it = |it: &Option<Item>| match it {
            Some(Item::Book(number)) => books.get(*number).is_some_and(|it| it.path == path),
            _ => false,
        };
        if let Some(line) = runbooks.targets.iter().position(is_it) {
            runbooks.outline.select(line, rows);
        }
        Some(self.show_page())
    }

    /// Does an action on the document; `None` for what is no such action.
    pub(super) fn page_act(&mut self, action: Action, at: Instant) -> Option<Vec<Effect>> {
        if self.model.panel != Panel::Runbooks || self.model.overlay.is_some() {
            return None;
        }
        if self.model.prompt_for == PromptFor::Page && self.model.prompt.is_some() {
            return self.page_prompt(action, at);
        }
        if self.model.prompt.is_some() {
            return None;
        }
        let page = (self.model.layout().preview_text().height as isize).max(2);
        let reading = self.model.in_preview;
        let by = match action {
            Action::PreviewLineDown => 1,
            Action::PreviewLineUp => -1,
            Action::PreviewHalfDown => page / 2,
            Action::PreviewHalfUp => -(page / 2),
            Action::PreviewPageDown => page - 1,
            Action::PreviewPageUp => 1 - page,
            Action::PreviewTop => isize::MIN / 2,
            Action::PreviewBottom => isize::MAX / 2,
            Action::PreviewRight => return Some(self.next_stop(true, at)),
            Action::PreviewLeft => return Some(self.next_stop(false, at)),
            Action::PreviewFind => {
                self.model.prompt_for = PromptFor::Page;
                self.model.prompt = Some(TextField::default());
                return Some(Vec::new());
            }
            Action::PreviewFindNext | Action::PreviewFindPrevious => {
                self.find_in_page(action == Action::PreviewFindNext, at);
                return Some(Vec::new());
            }
            Action::PreviewMatch => return Some(Vec::new()),
            // Enter in the text follows what is selected; ctrl-o is for the editor anywhere.
            Action::OpenEditor | Action::OpenSelected
                if reading && self.model.runbooks.stop().is_some() =>
            {
                return Some(self.follow(at));
            }
            Action::CopyPlace if reading => match self.model.runbooks.stop().map(|it| &it.place) {
                Some(Place::Code { text, .. }) => return Some(vec![Effect::Copy(text.clone())]),
                Some(Place::Link(Target::Web(address))) => {
                    return Some(vec![Effect::Copy(address.clone())]);
                }
                _ => return None,
            },
            _ => return None,
        };
        self.scroll_page(by);
        self.model.runbooks.stop = self.visible_stop();
        Some(Vec::new())
    }

    /// The selected stop, while it is on the screen.
    fn visible_stop(&self) -> Option<usize> {
        let rows = usize::from(self.model.layout().preview_text().height);
        let runbooks = &self.model.runbooks;
        let row = runbooks.stop()?.row;
        (runbooks.top..runbooks.top + rows).contains(&row).then_some(runbooks.stop?)
    }

    fn next_stop(&mut self, forward: bool, at: Instant) -> Vec<Effect> {
        let rows = usize::from(self.model.layout().preview_text().height);
        let runbooks = &mut self.model.runbooks;
        let Some(page) = runbooks.current().map(|it| std::sync::Arc::clone(&it.page)) else {
            return Vec::new();
        };
        let (top, count) = (runbooks.top, page.stops.len());
        let next = match (runbooks.stop, forward) {
            (Some(stop), true) => Some(stop + 1).filter(|it| *it < count),
            (Some(stop), false) => stop.checked_sub(1),
            (None, true) => page.stops.iter().position(|it| it.row >= top),
            (None, false) => page.stops.iter().rposition(|it| it.row < top + rows),
        };
        let Some(next) = next else {
            let way = if forward { "below" } else { "above" };
            self.say(format!("no link and no code {way}"), false, at);
            return Vec::new();
        };
        runbooks.stop = Some(next);
        let row = page.stops.get(next).map_or(0, |it| it.row);
        if !(top..top + rows.max(1)).contains(&row) {
            runbooks.top = row.saturating_sub(rows / 3);
            self.scroll_page(0);
        }
        self.say_stop(at);
        Vec::new()
    }

    /// What enter does with the selected stop.
    fn say_stop(&mut self, at: Instant) {
        let Some(stop) = self.model.runbooks.stop() else { return };
        let said = match &stop.place {
            Place::Link(Target::File { path, line, .. }) => {
                let line = line.map_or_else(String::new, |it| format!(":{it}"));
                format!("enter opens {}{line}", path.display())
            }
            Place::Link(Target::Heading(name)) => format!("enter goes to #{name}"),
            Place::Link(Target::Web(address)) => format!("enter copies {address}"),
            Place::Link(Target::Missing(path)) => format!("{path} is not there"),
            Place::Code { .. } => match self.command_at_stop() {
                Some(id) => format!("enter goes to the command {id}; y copies"),
                None => "enter or y copies this block".to_owned(),
            },
        };
        self.say(said, false, at);
    }

    /// The command that was made of the selected block.
    fn command_at_stop(&self) -> Option<String> {
        let runbooks = &self.model.runbooks;
        let Place::Code { line, last, .. } = &runbooks.stop()?.place else { return None };
        let path = runbooks.path()?;
        let offers = self.model.commands.offers.as_ref()?;
        let here = |it: &&crate::protocol::Offer| {
            let place = &it.command.place;
            place.path == *path && (*line..=*last).contains(&place.line)
        };
        offers.offers.iter().find(here).map(|it| it.command.id.clone())
    }

    fn follow(&mut self, at: Instant) -> Vec<Effect> {
        let Some(stop) = self.model.runbooks.stop().cloned() else { return Vec::new() };
        match stop.place {
            Place::Link(Target::File { path, line, heading }) => {
                if path.display().to_lowercase().ends_with(".md") && line.is_none() {
                    return self.read(path, heading.map(Goal::Heading));
                }
                vec![Effect::OpenEditor(Spot { path, line, column: None })]
            }
            Place::Link(Target::Heading(slug)) => {
                let page = self.model.runbooks.current().map(|it| std::sync::Arc::clone(&it.page));
                let found = page.as_ref().and_then(|page| {
                    page.headings.iter().find(|it| runbook::slug(&it.1) == slug).map(|it| it.2)
                });
                match found {
                    Some(row) => {
                        self.model.runbooks.top = row;
                        self.model.runbooks.stop = None;
                        self.scroll_page(0);
                    }
                    None => self.say(format!("there is no heading #{slug} here"), true, at),
                }
                Vec::new()
            }
            Place::Link(Target::Web(address)) => vec![Effect::Copy(address)],
            Place::Link(Target::Missing(path)) => {
                self.say(format!("{path} is not in this repository"), true, at);
                Vec::new()
            }
            Place::Code { text, .. } => match self.command_at_stop() {
                Some(id) => self.go_to_command(&id),
                None => vec![Effect::Copy(text)],
            },
        }
    }

    fn page_prompt(&mut self, action: Action, at: Instant) -> Option<Vec<Effect>> {
        match action {
            Action::AppBack => {
                self.model.prompt = None;
                self.model.prompt_for = PromptFor::Preview;
                self.model.runbooks.needle.clear();
            }
            Action::OverlayAccept | Action::OpenSelected => {
                self.model.prompt = None;
                self.model.prompt_for = PromptFor::Preview;
                self.model.in_preview = self.model.layout().preview.height > 0;
            }
            action => {
                if !self.model.prompt.as_mut()?.edit(action) {
                    return None;
                }
                self.page_prompted(at);
            }
        }
        Some(Vec::new())
    }

    /// Something was typed in the prompt that searches in the document.
    pub(super) fn page_prompted(&mut self, at: Instant) {
        let needle = self.model.prompt.as_ref().map_or("", |it| it.text()).to_owned();
        self.model.runbooks.needle = needle;
        if !self.model.runbooks.needle.is_empty() {
            self.find_from(self.model.runbooks.top, true, at);
        }
    }

    fn find_in_page(&mut self, forward: bool, at: Instant) {
        if self.model.runbooks.needle.is_empty() {
            self.say("nothing is searched for: / searches", true, at);
            return;
        }
        let top = self.model.runbooks.top;
        let last =
            self.model.runbooks.current().map_or(0, |it| it.page.rows.len()).saturating_sub(1);
        let from = match (forward, top) {
            (true, top) if top < last => top + 1,
            (true, _) => 0,
            (false, 0) => last,
            (false, top) => top - 1,
        };
        self.find_from(from, forward, at);
    }

    fn find_from(&mut self, from: usize, forward: bool, at: Instant) {
        let page: Option<std::sync::Arc<Page>> =
            self.model.runbooks.current().map(|it| std::sync::Arc::clone(&it.page));
        let Some(page) = page else { return };
        let needle = self.model.runbooks.needle.clone();
        match runbook::find(&page, &needle, from, forward) {
            Some(row) => self.model.runbooks.top = row,
            None => self.say(format!("`{needle}` is not in this document"), true, at),
        }
    }
}
