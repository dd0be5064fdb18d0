//! The Drill panel's part of the state machine: the deck, a round above the ordinary panels, and
//! what comes out of it.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::critical::holds;
use super::event::{Effect, Place, What};
use super::model::Panel;
use super::outline::{Heading, Line, Mark, Outline, Row};
use super::{App, action::Action};
use crate::base::text;
use crate::engine::drills::{
    Card, Deed, Drawer, End, How, Judged, Kind, Mode, Outcome, Played, Round, Way,
};
use crate::engine::search::Sight;
use crate::engine::symptom;
use crate::protocol::{DrillAsk, DrillDeck, DrillNews, Generation, Request};

/// Files of the coverage map on the panel.
const COVERAGE: usize = 12;
/// Lines of the question above the panels, at most.
const BRIEF: usize = 3;

/// The panel's state.
#[derive(Debug, Clone, Default)]
pub struct Drill {
    /// What the worker told last, and when; `None` until it has.
    pub deck: Option<(DrillDeck, Instant)>,
    /// How it is played.
    pub mode: Mode,
    /// Decides the cards and their order.
    pub seed: u64,
    /// Whether the deck is being built.
    pub busy: bool,
    /// Whether it is to be built as soon as the files are known.
    pub waits: bool,
    /// The round under way.
    pub playing: Option<Playing>,
    /// The round that ended last, while it is shown.
    pub finished: Option<Finished>,
    /// The lines on screen.
    pub outline: Outline,
    /// What a line does.
    targets: Vec<Option<Target>>,
    /// A fix card whose place is being made.
    preparing: Option<Card>,
    /// Cards that were on screen since navi was started.
    done: HashSet<String>,
    /// Of the last request.
    pub asked: Generation,
}

/// A round under way.
#[derive(Debug, Clone)]
pub struct Playing {
    /// It.
    pub round: Round,
    /// When the card was shown.
    pub started: Instant,
    /// The time since then, at the last event.
    pub at: Duration,
    /// Whether the query is still that of the last search.
    searching: bool,
    /// The private place of a fix card.
    root: Option<PathBuf>,
    /// When the editor gave the screen back.
    back: Option<Duration>,
}

/// A round that has ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// It.
    pub round: Round,
    /// The fastest known way, once the worker has looked.
    pub way: Option<Option<Way>>,
    /// The card's box now.
    pub drawer: Option<Drawer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Next,
    Mode,
    Bury,
    Overview,
}

impl Drill {
    /// One that is played in this way, with the cards of this seed.
    pub fn new(mode: Mode, seed: u64) -> Self {
        Self { mode, seed, ..Self::default() }
    }

    /// The deck, once it is there.
    pub fn deck(&self) -> Option<&DrillDeck> {
        self.deck.as_ref().map(|it| &it.0)
    }

    /// Seconds since 1970, as far as the worker has told the time.
    fn now(&self, at: Instant) -> u64 {
        let passed = |since: Instant| at.saturating_duration_since(since).as_secs();
        self.deck.as_ref().map_or(0, |(deck, since)| deck.now + passed(*since))
    }

    /// Cards that are due, and all of them.
    pub fn counts(&self) -> (usize, usize) {
        let Some(deck) = self.deck() else { return (0, 0) };
        let due = deck.cards.iter().filter(|it| deck.record.is_due(&it.id, deck.now)).count();
        (due, deck.cards.len())
    }

    /// What stands above the panels during a round: the question in lines of so many columns.
    pub fn brief(&self, width: usize, height: u16) -> Vec<String> {
        let Some(playing) = &self.playing else { return Vec::new() };
        let most = match height {
            0..14 => 1,
            14..20 => 2,
            _ => BRIEF,
        };
        let prompt = &playing.round.card.prompt;
        let mut lines: Vec<String> =
            prompt.lines().flat_map(|it| text::wrapped(it.trim_end(), width)).collect();
        let hints = playing.round.hints.join(", ");
        let room = most - usize::from(!hints.is_empty() && most > 1);
        if lines.len() > room {
            lines.truncate(room);
            if let Some(last) = lines.last_mut() {
                let cut = text::truncate(last, width.saturating_sub(2)).into_owned();
                *last = format!("{cut} …");
            }
        }
        if !hints.is_empty() {
            lines.push(text::truncate(&format!("hint: {hints}"), width).into_owned());
            // Where there is one line, the newest is what is wanted.
            if lines.len() > most {
                lines.remove(0);
            }
        }
        lines
    }

    /// Rows of the screen that a round takes: its clock and its question.
    pub fn rows(&self, (width, height): (u16, u16)) -> u16 {
        let lines = self.brief(usize::from(width).saturating_sub(2), height).len() as u16;
        if lines == 0 || height < 6 { 0 } else { lines + 1 }
    }

    /// Shows what holds every word of `query`, on a screen of so many rows.
    pub fn filter(&mut self, query: &str, rows: usize) {
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let mut all = match &self.finished {
            Some(finished) => finished_lines(finished),
            None => self.overview(),
        };
        if !words.is_empty() {
            all.retain(|(line, _)| match line {
                Line::Heading(it) => holds(&words, &[&it.title]),
                Line::Row(it) => {
                    let path = it.place.as_ref().map_or_else(String::new, |it| it.0.display());
                    holds(&words, &[&it.text, &path])
                }
            });
        }
        let (lines, targets) = all.into_iter().unzip();
        self.targets = targets;
        self.outline.replace(lines, rows);
    }

    fn target(&self) -> Option<Target> {
        self.outline.selected_line()?;
        self.targets.get(self.outline.cursor.selected).copied().flatten()
    }

    fn overview(&self) -> Vec<(Line, Option<Target>)> {
        let Some(deck) = self.deck() else { return Vec::new() };
        let (due, all) = self.counts();
        let mut lines = vec![
            heading("Play", &format!("{due} of {all} cards are due"), Mark::Plain),
            goes("Play the next card", Target::Next),
            goes(&format!("Mode: {}", self.mode.says()), Target::Mode),
            heading("Cards", "", Mark::Plain),
        ];
        for kind in Kind::ALL {
            let cards = || deck.cards.iter().filter(|it| it.kind == kind);
            let due = cards().filter(|it| deck.record.is_due(&it.id, deck.now)).count();
            let count = cards().count();
            if count > 0 {
                let seconds = kind.seconds();
                let title = kind.title();
                lines.push(said(&format!("{title}: {count} cards of {seconds} s, {due} due")));
            }
        }
        let results = deck.record.results();
        lines.push(heading("Results", &results.spark, Mark::Plain));
        if results.rounds == 0 {
            lines.push(said("no round has been played here"));
            return lines;
        }
        lines.push(said(&format!(
            "{} of {} found, {} within 30 s, {} given back",
            results.found, results.rounds, results.within_30s, results.skipped
        )));
        lines.push(said(&format!(
            "half took at most {}, nine of ten {}",
            seconds(results.p50_ms),
            seconds(results.p90_ms)
        )));
        if let Some((now, before)) = results.trend {
            lines.push(said(&format!("the last five took {now:.1} s, those before {before:.1} s")));
        }
        for (title, groups) in [("By role", &results.by_role), ("By folder", &results.by_folder)] {
            lines.push(heading(title, "", Mark::Plain));
            for it in groups {
                let (name, time) = (text::clean(&it.name), seconds(it.p50_ms));
                lines.push(said(&format!("{name}: {} of {}, {time}", it.found, it.rounds)));
            }
        }
        let missed = results.coverage.iter().filter(|it| it.found < it.rounds).take(COVERAGE);
        let missed: Vec<_> = missed.collect();
        if !missed.is_empty() {
            lines.push(heading("What is found least", "", Mark::Middling));
        }
        for it in missed {
            let note = format!("{} of {}", it.found, it.rounds);
            let row = Row {
                place: Some((it.path.as_str().into(), None)),
                says: vec![format!("found {note} times: a better name, a role or a runbook line")],
                note,
                ..Row::default()
            };
            lines.push((Line::Row(row), None));
        }
        lines
    }
}

/// Seconds of milliseconds, for reading.
fn seconds(ms: Option<u64>) -> String {
    ms.map_or_else(|| "-".to_owned(), |it| format!("{:.1} s", it as f64 / 1000.0))
}

fn heading(title: &str, count: &str, mark: Mark) -> (Line, Option<Target>) {
    let (title, count) = (title.to_owned(), count.to_owned());
    (Line::Heading(Heading { title, count, mark, ..Heading::default() }), None)
}

fn said(said: &str) -> (Line, Option<Target>) {
    let text = said.to_owned();
    (Line::Row(Row { says: vec![text.clone()], text, ..Row::default() }), None)
}

fn goes(said: &str, target: Target) -> (Line, Option<Target>) {
    let text = said.to_owned();
    let row = Row { goes: true, says: vec![text.clone()], text, ..Row::default() };
    (Line::Row(row), Some(target))
}

fn finished_lines(it: &Finished) -> Vec<(Line, Option<Target>)> {
    let round = &it.round;
    let (end, time) = round.end.unwrap_or((End::Skipped, Duration::ZERO));
    let time = format!("{:.1} s", time.as_secs_f64());
    let (title, mark) = match end {
        End::Found => (format!("Found in {time}"), Mark::Good),
        End::Missed { near: true } => {
            ("Time is up: half, for the right folder".into(), Mark::Middling)
        }
        End::Missed { near: false } => ("Time is up".to_owned(), Mark::Bad),
        End::Skipped => ("Given back".to_owned(), Mark::Unknown),
    };
    let counts = format!(
        "{} searches, {} wrong files, {} hints",
        round.searches,
        round.wrong,
        round.hints.len()
    );
    let mut lines = vec![
        heading(&title, &counts, mark),
        goes("Next card", Target::Next),
        heading("It was", round.card.kind.id(), Mark::Plain),
    ];
    for answer in &round.card.answers {
        let row = Row {
            place: Some((answer.path.clone(), answer.line.map(u64::from))),
            says: vec![round.card.prompt.lines().next().unwrap_or_default().to_owned()],
            ..Row::default()
        };
        lines.push((Line::Row(row), None));
    }
    lines.push(heading("The fastest known way", "", Mark::Plain));
    lines.push(said(&way_of(it.way.as_ref())));
    lines.push(heading("What now", "", Mark::Plain));
    if let Some(drawer) = it.drawer {
        lines.push(said(&format!("the card lies in box {} of 5", drawer.number + 1)));
    }
    lines.push(goes("Bury this card: it is a bad question", Target::Bury));
    lines.push(goes("Back to the deck", Target::Overview));
    lines
}

fn way_of(way: Option<&Option<Way>>) -> String {
    match way {
        None => "looking …".to_owned(),
        Some(None) => "none was found by words of the question or by names".to_owned(),
        Some(Some(it)) => {
            let query = text::clean(&it.query);
            let (row, keys) = (it.row, it.keys);
            match it.how {
                How::Paste => format!("put the trace into the search: row {row}, {keys} keys"),
                How::Words => format!("type `{query}`: row {row}, {keys} keys"),
                How::Name => format!("know the name and type `{query}`: row {row}, {keys} keys"),
            }
        }
    }
}

impl App {
    /// What a search may look at now.
    pub(super) fn sight(&self) -> Sight {
        match (&self.model.drill.playing, self.model.drill.mode) {
            (None, _) => Sight::All,
            (Some(_), Mode::Degraded) => Sight::NamesOnly,
            (Some(_), _) => Sight::NoPast,
        }
    }

    /// Has the deck built, unless it is there.
    pub(super) fn enter_drill(&mut self) -> Vec<Effect> {
        if self.model.drill.deck.is_some() { Vec::new() } else { self.ask_deck() }
    }

    /// Has the deck built anew, once the files are known. Never in the middle of a round.
    pub(super) fn ask_deck(&mut self) -> Vec<Effect> {
        let ready = self.model.index.phase.is_settled();
        let drill = &mut self.model.drill;
        if drill.playing.is_some() || drill.preparing.is_some() {
            return Vec::new();
        }
        drill.waits = !ready;
        drill.busy = true;
        if !ready {
            return Vec::new();
        }
        let (mode, seed) = (drill.mode, drill.seed);
        self.ask_drill(DrillAsk::Deck { mode, seed })
    }

    fn ask_drill(&mut self, ask: DrillAsk) -> Vec<Effect> {
        self.model.drill.asked += 1;
        let generation = self.model.drill.asked;
        vec![Effect::Ask(Request::Drill { generation, ask })]
    }

    pub(super) fn take_drill(
        &mut self,
        generation: Generation,
        news: DrillNews,
        at: Instant,
    ) -> Vec<Effect> {
        if generation != self.model.drill.asked {
            return Vec::new();
        }
        match news {
            DrillNews::Deck(deck) => {
                for it in &deck.said {
                    if !self.model.diagnostics.contains(it) {
                        self.model.diagnostics.push(it.clone());
                    }
                }
                self.model.drill.busy = false;
                self.model.drill.deck = Some((deck, at));
                self.show_drill()
            }
            DrillNews::Prepared(root) => {
                let Some(card) = self.model.drill.preparing.take() else { return Vec::new() };
                self.begin(card, Some(root), at)
            }
            DrillNews::Unprepared(why) => {
                self.model.drill.preparing = None;
                self.say(why, true, at);
                self.play_next(at)
            }
            DrillNews::Mended(mended) => {
                let since = |it: &Playing| it.back.unwrap_or(it.at);
                let Some(when) = self.model.drill.playing.as_ref().map(since) else {
                    return Vec::new();
                };
                self.deed(Deed::Edited(mended), Some(when));
                if !mended {
                    self.say("the fault is still there", true, at);
                }
                self.end_if_over(at)
            }
            DrillNews::Way(way) => {
                if let Some(finished) = &mut self.model.drill.finished {
                    finished.way = Some(way);
                }
                self.show_drill()
            }
        }
    }

    /// Puts the panel's lines together again, when it is on screen.
    fn show_drill(&mut self) -> Vec<Effect> {
        if self.model.panel == Panel::Drill { self.query_changed() } else { Vec::new() }
    }

    /// The next moment at which the clock of a round changes.
    pub(super) fn next_of_drill(&self) -> Option<Instant> {
        let playing = self.model.drill.playing.as_ref()?;
        Some(playing.started + playing.round.next_tick(playing.at)?)
    }

    /// Lets time go by; what is to be done when that ends the round.
    pub(super) fn drill_time(&mut self, at: Instant) -> Option<Vec<Effect>> {
        let playing = self.model.drill.playing.as_mut()?;
        playing.at = at.saturating_duration_since(playing.started);
        let now = playing.at;
        playing.round.take(now, Deed::Tick);
        playing.round.is_over().then(|| self.end_if_over(at))
    }

    fn deed(&mut self, deed: Deed, when: Option<Duration>) -> Option<Judged> {
        let playing = self.model.drill.playing.as_mut()?;
        let when = when.unwrap_or(playing.at);
        playing.round.take(when, deed)
    }

    /// The card that is asked next: one that is due, else the one that is due soonest.
    fn next_card(&self, at: Instant) -> Option<Card> {
        let drill = &self.model.drill;
        let deck = drill.deck()?;
        let now = drill.now(at);
        let fresh = || deck.cards.iter().filter(|it| !drill.done.contains(&it.id));
        let due = fresh().find(|it| deck.record.is_due(&it.id, now));
        let soonest = || fresh().min_by_key(|it| deck.record.box_of(&it.id).map(|it| it.due));
        due.or_else(soonest).cloned()
    }

    fn play_next(&mut self, at: Instant) -> Vec<Effect> {
        let Some(card) = self.next_card(at) else {
            let why = if self.model.drill.busy {
                "the deck is being built"
            } else {
                "every card was asked"
            };
            self.say(why, true, at);
            self.model.drill.finished = None;
            return self.show_drill();
        };
        self.model.drill.done.insert(card.id.clone());
        if card.kind == Kind::Fix {
            self.model.drill.preparing = Some(card.clone());
            return self.ask_drill(DrillAsk::Prepare(Box::new(card)));
        }
        self.begin(card, None, at)
    }

    fn begin(&mut self, card: Card, root: Option<PathBuf>, at: Instant) -> Vec<Effect> {
        let drill = &mut self.model.drill;
        drill.finished = None;
        drill.playing = Some(Playing {
            round: Round::new(card, drill.mode),
            started: at,
            at: Duration::ZERO,
            searching: false,
            root,
            back: None,
        });
        self.elsewhere.clear();
        self.model.message = None;
        self.go_to(Panel::Find)
    }

    /// Ends a round that is over: keeps it and shows what came out.
    fn end_if_over(&mut self, at: Instant) -> Vec<Effect> {
        let over = |it: &Playing| it.round.is_over();
        if !self.model.drill.playing.as_ref().is_some_and(over) {
            return Vec::new();
        }
        let now = self.model.drill.now(at);
        let Some(playing) = self.model.drill.playing.take() else { return Vec::new() };
        let played = played(&playing.round, now);
        let card = Box::new(playing.round.card.clone());
        let mut effects = vec![Effect::Played(Box::new(played.clone()))];
        let mut drawer = None;
        if let Some((deck, _)) = &mut self.model.drill.deck {
            deck.record.rounds.push(played);
            drawer = deck.record.box_of(&card.id);
        }
        self.model.drill.finished = Some(Finished { round: playing.round, way: None, drawer });
        effects.extend(self.ask_drill(DrillAsk::Way(card)));
        effects.extend(self.go_to_drill());
        effects
    }

    /// Goes to the panel, with nothing typed anywhere.
    fn go_to_drill(&mut self) -> Vec<Effect> {
        self.model.prompt = None;
        self.model.query.set("");
        let effects = self.go_to(Panel::Drill);
        self.elsewhere.clear();
        self.model.drill.outline.first(self.list_rows());
        effects
    }

    /// Does what an action means in a drill; `None` when it means there what it means elsewhere.
    pub(super) fn drill_act(&mut self, action: Action, at: Instant) -> Option<Vec<Effect>> {
        if action == Action::DrillBury {
            return Some(self.bury(at));
        }
        let panel = self.model.panel;
        if self.model.drill.playing.is_none() {
            return match action {
                Action::DrillHint | Action::DrillSkip | Action::DrillPaste => {
                    self.say("no round is being played", true, at);
                    Some(Vec::new())
                }
                Action::IndexRescan if panel == Panel::Drill => Some(self.ask_deck()),
                Action::AppBack if panel == Panel::Drill && self.model.drill.finished.is_some() => {
                    self.model.drill.finished = None;
                    Some(self.show_drill())
                }
                Action::OpenSelected if panel == Panel::Drill => {
                    let target = self.model.drill.target()?;
                    Some(self.drill_go(target, at))
                }
                _ => None,
            };
        }
        Some(match action {
            Action::DrillHint => {
                let fresh = self.model.drill.playing.as_ref().is_some_and(|it| it.round.has_hint());
                self.deed(Deed::Hint, None);
                if !fresh {
                    self.say("there is no further hint", true, at);
                }
                self.end_if_over(at)
            }
            Action::DrillSkip => {
                self.deed(Deed::Skip, None);
                self.end_if_over(at)
            }
            Action::DrillPaste => {
                let prompt = &self.model.drill.playing.as_ref()?.round.card.prompt;
                let prompt = symptom::on_one_line(prompt);
                let mut effects = self.go_to(Panel::Find);
                effects.extend(self.set_query(prompt));
                effects
            }
            Action::AppBack
                if panel == Panel::Find
                    && !self.model.in_preview
                    && self.model.prompt.is_none()
                    && self.model.preview.needle.is_none()
                    && self.model.query.text().is_empty() =>
            {
                self.deed(Deed::Skip, None);
                self.end_if_over(at)
            }
            Action::OpenSelected | Action::OpenEditor if self.model.prompt.is_none() => {
                self.open_in_round(at)
            }
            Action::PanelChanges
            | Action::PanelAudit
            | Action::PanelChecks
            | Action::PanelCommands
            | Action::PanelDrill => {
                self.say("not during a round: the history would give it away", true, at);
                Vec::new()
            }
            _ => return None,
        })
    }

    fn drill_go(&mut self, target: Target, at: Instant) -> Vec<Effect> {
        match target {
            Target::Next => self.play_next(at),
            Target::Mode => {
                let mode = self.model.drill.mode;
                let place = Mode::ALL.iter().position(|it| *it == mode).map_or(0, |it| it + 1);
                self.model.drill.mode = Mode::ALL.get(place).copied().unwrap_or_default();
                // Whose files are out is the deck's matter.
                let mut effects = self.ask_deck();
                effects.extend(self.show_drill());
                effects
            }
            Target::Bury => self.bury(at),
            Target::Overview => {
                self.model.drill.finished = None;
                self.show_drill()
            }
        }
    }

    /// Takes the card that is asked, or was asked last, out of the deck for good.
    fn bury(&mut self, at: Instant) -> Vec<Effect> {
        let drill = &mut self.model.drill;
        let playing = drill.playing.take().map(|it| it.round);
        let Some(round) = playing.or_else(|| drill.finished.take().map(|it| it.round)) else {
            self.say("there is no card to bury", true, at);
            return Vec::new();
        };
        let id = round.card.id;
        if let Some((deck, _)) = &mut drill.deck {
            deck.cards.retain(|it| it.id != id);
        }
        drill.finished = None;
        let mut effects = vec![Effect::Bury(id)];
        effects.extend(self.go_to_drill());
        effects.extend(self.show_drill());
        self.say("buried: it is not asked again", false, at);
        effects
    }

    /// Counts an open; the right one ends the round, or on a fix card opens the editor on the fault.
    fn open_in_round(&mut self, at: Instant) -> Vec<Effect> {
        let Some(place) = self.place() else {
            self.say(self.why_nothing(), true, at);
            return Vec::new();
        };
        let judged = self.deed(Deed::Opened(place.path.clone()), None);
        if let Some(playing) = &mut self.model.drill.playing {
            playing.searching = false;
        }
        match judged {
            Some(Judged::Right) => {
                let root = self.model.drill.playing.as_ref().and_then(|it| it.root.clone());
                match root {
                    Some(root) => {
                        vec![Effect::EditCopy { root, place: Place { column: None, ..place } }]
                    }
                    None => self.end_if_over(at),
                }
            }
            Some(Judged::Near) => {
                self.say("not this file, but the right folder", true, at);
                Vec::new()
            }
            Some(Judged::Wrong) => {
                self.say("not this file", true, at);
                Vec::new()
            }
            None => self.end_if_over(at),
        }
    }

    /// The editor gave the screen back on a fix card: is the fault mended?
    pub(super) fn back_in_round(&mut self) -> Vec<Effect> {
        let Some(playing) = self.model.drill.playing.as_mut().filter(|it| it.root.is_some()) else {
            return Vec::new();
        };
        playing.back = Some(playing.at);
        self.ask_drill(DrillAsk::Look)
    }

    /// Something else is searched for: from the first letter on, it is one search.
    pub(super) fn searched_in_round(&mut self) {
        let query = self.model.query.text().to_owned();
        let Some(playing) = &mut self.model.drill.playing else { return };
        if query.trim().is_empty() {
            playing.searching = false;
        } else if !playing.searching {
            playing.searching = true;
            let now = playing.at;
            playing.round.take(now, Deed::Searched(query));
        }
    }

    /// Whether what happened is something that the player did, which comes too late once time is up.
    pub(super) fn is_of_player(what: &What) -> bool {
        matches!(what, What::Key(_) | What::Paste(_) | What::Mouse(..))
    }
}

/// A round as it is kept.
fn played(round: &Round, now: u64) -> Played {
    let (end, time) = round.end.unwrap_or((End::Skipped, Duration::ZERO));
    let path = round.card.answers.first().map(|it| it.path.to_text().into_owned());
    Played {
        card: round.card.id.clone(),
        kind: round.card.kind,
        role: round.card.role.clone(),
        path: path.unwrap_or_default(),
        outcome: match end {
            End::Found => Outcome::Found,
            End::Missed { near: true } => Outcome::Near,
            End::Missed { near: false } => Outcome::Missed,
            End::Skipped => Outcome::Skipped,
        },
        ms: time.as_millis() as u64,
        hints: round.hints.len() as u32,
        wrong: round.wrong,
        searches: round.searches,
        mode: round.mode.id().to_owned(),
        at: now,
    }
}
