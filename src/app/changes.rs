//! The Changes panel's part of the state machine: the newest commits, the files of one, and what it
//! changed in each.

use std::time::Instant;

use super::App;
use super::action::Action;
use super::critical::holds;
use super::event::Effect;
use super::model::Panel;
use super::outline::{Heading, Line, Outline, Row, age};
use crate::base::RepoPath;
use crate::engine::history::{Id, Kind, Side};
use crate::protocol::{Change, ChangeLog, ChangedFile, Generation, Patch, Request};

/// The panel's state.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// What the worker told last; `None` until it has.
    pub log: Option<ChangeLog>,
    /// The lines on screen.
    pub outline: Outline,
    /// The commit or file of each line.
    targets: Vec<Target>,
    /// The commit whose files are shown.
    pub inside: Option<Id>,
    /// What was typed to filter the commits, while inside of one.
    outer: String,
    /// Of the last request for commits.
    pub asked: Generation,
    /// Of the last request for a difference.
    pub patch_asked: Generation,
    /// What was asked for last.
    wanted: Option<(Id, RepoPath)>,
    /// The last difference.
    pub patch: Option<Patch>,
    /// The first of its lines on screen.
    pub top: usize,
}

/// What a line stands for: numbers in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Heading,
    Commit(usize),
    File(usize, usize),
}

/// Groups of commits: the age in seconds that the oldest has, and the name.
const GROUPS: &[(u64, &str)] = &[
    (3600, "Hour"),
    (24 * 3600, "Day"),
    (7 * 24 * 3600, "Week"),
    (30 * 24 * 3600, "Month"),
    (u64::MAX, "Earlier"),
];

impl Changes {
    /// Shows what holds every word of `query`, on a screen of so many rows.
    pub fn filter(&mut self, query: &str, rows: usize) {
        let Some(log) = &self.log else { return };
        let words: Vec<String> =
            query.split_whitespace().map(|it| it.trim_start_matches('@').to_lowercase()).collect();
        let inside = self.inside.and_then(|id| log.commits.iter().position(|it| it.id == id));
        let (lines, targets) = match inside {
            Some(number) => files(log, number, &words),
            None => commits(log, &words),
        };
        if inside.is_none() {
            self.inside = None;
        }
        self.targets = targets;
        self.outline.replace(lines, rows);
    }

    fn target(&self) -> Option<Target> {
        self.outline.selected_line()?;
        self.targets.get(self.outline.cursor.selected).copied()
    }

    /// The commit that is selected, or whose files are shown.
    pub fn commit(&self) -> Option<&Change> {
        let commits = &self.log.as_ref()?.commits;
        match (self.inside, self.target()?) {
            (Some(id), _) => commits.iter().find(|it| it.id == id),
            (None, Target::Commit(number) | Target::File(number, _)) => commits.get(number),
            (None, Target::Heading) => None,
        }
    }

    /// The file that is selected, with its commit.
    pub fn file(&self) -> Option<(&Change, &ChangedFile)> {
        let Target::File(commit, file) = self.target()? else { return None };
        let commit = self.log.as_ref()?.commits.get(commit)?;
        Some((commit, commit.files.get(file)?))
    }

    /// The difference of the selected file, once it is known.
    pub fn current_patch(&self) -> Option<&Patch> {
        let (commit, file) = self.file()?;
        self.patch.as_ref().filter(|it| it.commit == commit.id && it.path == file.path)
    }

    /// The line of the selected file to go to: the first that is new on screen, or else the first
    /// that is shown.
    pub fn line(&self) -> Option<u64> {
        let lines = self.current_patch()?.lines.get(self.top..)?;
        let new = lines.iter().find(|it| matches!(it.side, Some(Side::New | Side::Old)));
        new.or(lines.first()).map(|it| u64::from(it.number))
    }

    /// The command that takes the selected commit back.
    fn revert(&self) -> Option<String> {
        let commit = self.commit()?;
        let parent = if commit.merge { "-m 1 " } else { "" };
        Some(format!("git revert {parent}{}", commit.hex))
    }

    /// Whether hardly anything is known yet.
    pub fn is_short(&self) -> bool {
        self.log.as_ref().is_none_or(|it| it.commits.len() < 100)
    }

    /// How many commits of how many are shown.
    pub fn counts(&self) -> (usize, usize) {
        let shown = self.targets.iter().filter(|it| matches!(it, Target::Commit(_))).count();
        (shown, self.log.as_ref().map_or(0, |it| it.total))
    }
}

fn commits(log: &ChangeLog, words: &[String]) -> (Vec<Line>, Vec<Target>) {
    let (mut lines, mut targets) = (Vec::new(), Vec::new());
    let mut group: Option<(usize, &str)> = None;
    for (number, commit) in log.commits.iter().enumerate() {
        if !words.is_empty() {
            let mut told = vec![commit.hex.clone(), commit.subject.clone(), commit.author.clone()];
            told.extend(commit.roles.iter().chain(&commit.tags).cloned());
            told.extend(commit.repository.clone());
            told.extend(commit.files.iter().map(|it| it.path.display()));
            let told: Vec<&str> = told.iter().map(String::as_str).collect();
            if !holds(words, &told) {
                continue;
            }
        }
        let name = GROUPS.iter().find(|it| commit.age_s < it.0).map_or("Earlier", |it| it.1);
        if group.is_none_or(|(_, open)| open != name) {
            group = Some((lines.len(), name));
            lines.push(Line::Heading(Heading { title: name.to_owned(), ..Heading::default() }));
            targets.push(Target::Heading);
        }
        lines.push(Line::Row(commit_row(commit)));
        targets.push(Target::Commit(number));
    }
    for at in 0..lines.len() {
        let count = targets.iter().skip(at + 1).take_while(|it| **it != Target::Heading).count();
        if let Some(Line::Heading(heading)) = lines.get_mut(at) {
            heading.count = format!("{count} {}", if count == 1 { "commit" } else { "commits" });
        }
    }
    (lines, targets)
}

fn commit_row(commit: &Change) -> Row {
    let mut says = vec![format!("{} · {} UTC · {}", commit.author, commit.when, commit.hex)];
    says.push(commit.subject.clone());
    says.extend(commit.body.iter().cloned());
    let files = match (commit.known, commit.total) {
        (false, _) => "what it changed is not in this clone".to_owned(),
        (true, 1) => "1 file".to_owned(),
        (true, total) => format!("{total} files"),
    };
    let merge = if commit.merge { " against its first parent" } else { "" };
    says.push(format!("{files}{merge}"));
    says.extend(commit.files.iter().map(|it| format!("  {} {}", word(it), it.path.display())));
    let tags = match commit.tags.join(", ") {
        tags if tags.is_empty() => tags,
        tags => format!("({tags}) "),
    };
    let id = commit.hex.get(..7).unwrap_or_default();
    let repository = commit.repository.as_ref().map_or_else(String::new, |it| format!("{it} "));
    Row {
        text: format!("{id} {repository}{tags}{}", commit.subject),
        note: commit.roles.join(" "),
        changed: format!("{} ago · {}", age(commit.age_s), commit.author),
        says,
        goes: true,
        ..Row::default()
    }
}

fn files(log: &ChangeLog, number: usize, words: &[String]) -> (Vec<Line>, Vec<Target>) {
    let Some(commit) = log.commits.get(number) else { return (Vec::new(), Vec::new()) };
    let title = format!("{} {}", commit.short(), commit.subject);
    let count = format!("{} · {} ago", commit.author, age(commit.age_s));
    let says = match (commit.known, commit.files.is_empty()) {
        (false, _) => "what it changed is not in this clone of the repository",
        (true, true) => "it changed no file",
        (true, false) => "",
    };
    let heading = Heading { title, count, says: vec![says.to_owned()], ..Heading::default() };
    let (mut lines, mut targets) = (vec![Line::Heading(heading)], vec![Target::Heading]);
    for (place, file) in commit.files.iter().enumerate() {
        let (path, roles) = (file.path.display(), file.roles.join(" "));
        if !holds(words, &[&path, &roles, word(file)]) {
            continue;
        }
        let mut says = vec![format!("{} {path}", word(file))];
        says.extend(file.from.iter().map(|it| format!("from {}", it.display())));
        says.extend(Some(roles.clone()).filter(|it| !it.is_empty()));
        lines.push(Line::Row(Row {
            place: Some((file.path.clone(), None)),
            note: roles,
            changed: word(file).to_owned(),
            says,
            ..Row::default()
        }));
        targets.push(Target::File(number, place));
    }
    (lines, targets)
}

/// What was done to a file, in a word.
pub fn word(file: &ChangedFile) -> &'static str {
    if file.from.is_some() { "moved" } else { file.kind.name() }
}

impl App {
    pub(super) fn ask_changes(&mut self) -> Vec<Effect> {
        self.model.changes.asked += 1;
        vec![Effect::Ask(Request::Changes { generation: self.model.changes.asked })]
    }

    pub(super) fn take_changes(&mut self, generation: Generation, log: ChangeLog) -> Vec<Effect> {
        if generation != self.model.changes.asked {
            return Vec::new();
        }
        self.model.changes.log = Some(log);
        if self.model.panel != Panel::Changes {
            return Vec::new();
        }
        let rows = self.list_rows();
        let query = self.model.query.text().to_owned();
        self.model.changes.filter(&query, rows);
        self.show_patch()
    }

    pub(super) fn take_patch(&mut self, generation: Generation, patch: Patch) {
        if generation == self.model.changes.patch_asked {
            self.model.changes.patch = Some(patch);
        }
    }

    /// Asks for the difference of the selected file, unless it is there or asked for.
    pub(super) fn show_patch(&mut self) -> Vec<Effect> {
        self.model.preview = super::model::Preview {
            asked: self.model.preview.asked + 1,
            ..super::model::Preview::default()
        };
        let changes = &mut self.model.changes;
        let file = changes.file().map(|(commit, file)| (commit.id, file.path.clone()));
        if file == changes.wanted {
            return Vec::new();
        }
        changes.top = 0;
        changes.wanted.clone_from(&file);
        let Some((commit, path)) = file else { return Vec::new() };
        changes.patch_asked += 1;
        let generation = changes.patch_asked;
        vec![Effect::Ask(Request::Patch { generation, commit, path })]
    }

    /// On a commit, shows its files; `None` when no commit is selected.
    pub(super) fn enter_commit(&mut self) -> Option<Vec<Effect>> {
        let changes = &mut self.model.changes;
        if !matches!(changes.target(), Some(Target::Commit(_))) {
            return None;
        }
        let id = changes.commit()?.id;
        changes.inside = Some(id);
        self.model.query.text().clone_into(&mut changes.outer);
        self.model.filtering = false;
        let rows = self.list_rows();
        self.model.query.set("");
        self.model.changes.filter("", rows);
        self.model.changes.outline.first(rows);
        Some(self.show_patch())
    }

    /// From the files of a commit back to the commits; `None` when none is shown.
    pub(super) fn leave_commit(&mut self) -> Option<Vec<Effect>> {
        let id = self.model.changes.inside.take()?;
        let outer = std::mem::take(&mut self.model.changes.outer);
        self.model.filtering = !outer.is_empty();
        self.model.query.set("");
        self.model.query.insert(&outer);
        let rows = self.list_rows();
        let changes = &mut self.model.changes;
        changes.filter(&outer, rows);
        let commits = changes.log.as_ref().map_or(&[][..], |it| &it.commits);
        let is_it = |target: &Target| match target {
            Target::Commit(number) => commits.get(*number).is_some_and(|it| it.id == id),
            _ => false,
        };
        if let Some(line) = changes.targets.iter().position(is_it) {
            changes.outline.select(line, rows);
        }
        Some(self.show_patch())
    }

    /// Copies the command that takes the selected commit back.
    pub(super) fn copy_revert(&mut self, at: Instant) -> Vec<Effect> {
        let command = match self.model.panel {
            Panel::Changes => self.model.changes.revert(),
            _ => None,
        };
        let Some(command) = command else {
            let why = "a commit of the Changes panel can be reverted: none is selected";
            self.say(why, true, at);
            return Vec::new();
        };
        vec![Effect::Copy(command)]
    }

    /// Scrolls the difference; `None` for what is no scrolling.
    pub(super) fn patch_act(&mut self, action: Action, at: Instant) -> Option<Vec<Effect>> {
        let page = (self.model.layout().preview_text().height as isize).max(2);
        let by = match action {
            Action::PreviewLineDown => 1,
            Action::PreviewLineUp => -1,
            Action::PreviewHalfDown => page / 2,
            Action::PreviewHalfUp => -(page / 2),
            Action::PreviewPageDown => page - 1,
            Action::PreviewPageUp => 1 - page,
            Action::PreviewTop | Action::PreviewMatch => isize::MIN / 2,
            Action::PreviewBottom => isize::MAX / 2,
            Action::PreviewFind | Action::PreviewFindNext | Action::PreviewFindPrevious => {
                self.say("there is no search inside of differences", true, at);
                return Some(Vec::new());
            }
            _ => return None,
        };
        self.scroll_patch(by);
        Some(Vec::new())
    }

    pub(super) fn scroll_patch(&mut self, by: isize) {
        let rows = usize::from(self.model.layout().preview_text().height);
        let lines = self.model.changes.current_patch().map_or(0, |it| it.lines.len());
        let most = lines.saturating_sub(rows);
        let top = self.model.changes.top.saturating_add_signed(by);
        self.model.changes.top = top.min(most);
    }

    /// Why the selected file cannot be opened.
    pub(super) fn gone(&self) -> Option<&'static str> {
        let (_, file) = self.model.changes.file().filter(|_| self.model.panel == Panel::Changes)?;
        let gone = file.kind == Kind::Deleted;
        gone.then_some("this commit deleted the file: there is nothing to open")
    }
}
