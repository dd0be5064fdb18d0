//! The Commands panel's part of the state machine: what the repository offers to run, its runs, and
//! what is asked before one starts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use super::App;
use super::card::Card;
use super::critical::holds;
use super::event::Effect;
use super::model::{Overlay, Panel, PromptFor};
use super::outline::{Heading, Line, Mark, Outline, Row, age};
use super::transcript::{Good, Transcript};
use crate::engine::commands::{Case, Command, Consent, Kind, Need, Risk, Status, Trust};
use crate::protocol::{Generation, Offer, Offers, Request, RunId, RunNews};

/// Outputs that are kept beside that of the selected command.
const BESIDE: usize = 3;

/// The panel's state.
#[derive(Debug, Clone, Default)]
pub struct Commands {
    /// What the worker told last; `None` until it has.
    pub offers: Option<Offers>,
    /// The lines on screen.
    pub outline: Outline,
    /// The offer of each line.
    targets: Vec<Option<usize>>,
    /// Of the last request.
    pub asked: Generation,
    /// The last run of each command, by the command's id.
    pub runs: BTreeMap<String, Transcript>,
    /// The id of the last run.
    started: RunId,
    /// The commands whose output stays beside that of the selected one, first come first.
    pub pinned: Vec<String>,
    /// A command that is to be gone to as soon as the list is known.
    pub wanted: Option<String>,
    /// The seconds that all runs have taken so far, as they are shown.
    seconds: u64,
    /// Commands that run again, each with the pause in seconds and the time of the next run.
    pub repeats: BTreeMap<String, (u64, Option<Instant>)>,
}

impl Commands {
    /// Shows what holds every word of `query`, on a screen of so many rows; `now` counts for what
    /// goes on.
    pub fn filter(&mut self, query: &str, rows: usize, now: Option<Instant>) {
        let Some(offers) = &self.offers else { return };
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let mut lines = Vec::new();
        let mut targets = Vec::new();
        for kind in Kind::ALL {
            let of_kind =
                || offers.offers.iter().enumerate().filter(|(_, it)| it.command.kind == kind);
            let shown: Vec<usize> = of_kind()
                .filter(|(_, it)| holds(&words, &[&text_of(it)]))
                .map(|(number, _)| number)
                .collect();
            if shown.is_empty() {
                continue;
            }
            let (all, some) = (of_kind().count(), shown.len());
            let count = if all == some { all.to_string() } else { format!("{some} of {all}") };
            lines.push(Line::Heading(Heading {
                title: kind.title().to_owned(),
                count,
                ..Heading::default()
            }));
            targets.push(None);
            for number in shown {
                let Some(offer) = offers.offers.get(number) else { continue };
                let run = self.runs.get(&offer.command.id);
                lines.push(Line::Row(row(offer, run, now)));
                targets.push(Some(number));
            }
        }
        self.targets = targets;
        self.outline.replace(lines, rows);
    }

    /// The selected command.
    pub fn offer(&self) -> Option<&Offer> {
        self.outline.selected_line()?;
        let number = (*self.targets.get(self.outline.cursor.selected)?)?;
        self.offers.as_ref()?.offers.get(number)
    }

    /// The offer of this id.
    pub fn offer_of(&self, id: &str) -> Option<&Offer> {
        self.offers.as_ref()?.offers.iter().find(|it| it.command.id == id)
    }

    /// The run of the selected command.
    pub fn run(&self) -> Option<&Transcript> {
        self.runs.get(&self.offer()?.command.id)
    }

    /// The same, to be changed.
    pub fn run_mut(&mut self) -> Option<&mut Transcript> {
        let id = self.offer()?.command.id.clone();
        self.runs.get_mut(&id)
    }

    /// The commands whose output is beside that of the selected one, with their runs.
    pub fn beside(&self) -> Vec<(&str, &Transcript)> {
        let selected = self.offer().map(|it| it.command.id.as_str());
        let others = self.pinned.iter().filter(|it| Some(it.as_str()) != selected);
        others.filter_map(|id| Some((id.as_str(), self.runs.get(id)?))).collect()
    }

    /// Whether something runs.
    pub fn is_running(&self) -> bool {
        self.runs.values().any(Transcript::is_running)
    }

    /// Commands, and those of them that are not trusted.
    pub fn counts(&self) -> (usize, usize) {
        let offers = self.offers.as_ref().map_or(&[][..], |it| &it.offers);
        (offers.len(), offers.iter().filter(|it| it.trust != Trust::Trusted).count())
    }

    /// What a person still has to say before a command runs.
    pub fn needs(&self, offer: &Offer, said: &Consent) -> Need {
        let read_only = self.offers.as_ref().is_some_and(|it| it.read_only);
        let Offer { command, trust, targets, .. } = offer;
        Case { command, trust, targets, read_only }.needs(said)
    }

    /// The commands that only read and are not trusted yet, as they were seen.
    pub fn to_be_trusted(&self) -> Vec<(Command, Vec<String>)> {
        let open = |it: &&Offer| {
            let undecided = matches!(it.trust, Trust::Unknown | Trust::Changed { .. });
            it.command.risk == Risk::ReadOnly && undecided && it.fault.is_none()
        };
        let offers = self.offers.iter().flat_map(|it| &it.offers);
        offers.filter(open).map(|it| (it.command.clone(), it.text.clone())).collect()
    }

    fn select(&mut self, id: &str, rows: usize) -> bool {
        let Some(offers) = &self.offers else { return false };
        let of = |target: &Option<usize>| {
            target.and_then(|it| offers.offers.get(it)).is_some_and(|it| it.command.id == id)
        };
        let Some(line) = self.targets.iter().position(of) else { return false };
        self.outline.select(line, rows);
        true
    }
}

fn text_of(offer: &Offer) -> String {
    let it = &offer.command;
    let service = it.service.as_deref().unwrap_or_default();
    format!(
        "{} {} {} {} {service} {} {}",
        it.id,
        it.title,
        it.kind.id(),
        it.risk.id(),
        it.place.path.display(),
        it.work.argv().join(" ")
    )
}

fn row(offer: &Offer, run: Option<&Transcript>, now: Option<Instant>) -> Row {
    let it = &offer.command;
    let place = format!("{}:{}", it.place.path.display(), it.place.line);
    let state = match (run, &offer.trust) {
        (Some(run), _) => run.state(now),
        (None, Trust::Trusted | Trust::Unknown) => String::new(),
        (None, Trust::Changed { .. }) => "changed".to_owned(),
        (None, Trust::Denied) => "denied".to_owned(),
    };
    let mark = match run.and_then(|it| it.ended.as_ref()).map(|(outcome, _)| outcome.status) {
        None if run.is_none() && offer.trust != Trust::Trusted => Mark::Unknown,
        None => Mark::Plain,
        Some(Status::Ok) => Mark::Good,
        Some(Status::Cancelled) => Mark::Middling,
        Some(Status::Failed | Status::Timeout | Status::NotStarted) => Mark::Bad,
    };
    let mut says =
        vec![it.id.clone(), crate::engine::output::shown(&it.work.argv()), place.clone()];
    says.push(format!("{}: {}", it.risk.id(), it.risk_why));
    Row {
        place: None,
        goes: true,
        text: it.title.clone(),
        note: place,
        mark,
        // Most commands only read: what does more stands out.
        owner: match it.risk {
            Risk::ReadOnly => String::new(),
            Risk::Changes | Risk::Destroys => it.risk.id().to_owned(),
        },
        changed: state,
        // What a command may do, and how it went, is seen on every screen.
        keeps: true,
        says,
        ..Row::default()
    }
}

impl App {
    pub(super) fn ask_commands(&mut self) -> Vec<Effect> {
        let commands = &mut self.model.commands;
        commands.asked += 1;
        vec![Effect::Ask(Request::Commands { generation: commands.asked })]
    }

    pub(super) fn take_offers(&mut self, generation: Generation, offers: Offers) -> Vec<Effect> {
        if generation != self.model.commands.asked {
            return Vec::new();
        }
        self.model.commands.offers = Some(offers);
        self.filter_commands();
        if let Some(id) = self.model.commands.wanted.take() {
            let rows = self.list_rows();
            self.model.commands.select(&id, rows);
        }
        // What the card shows may have changed while it was read.
        if let Some(Overlay::Card(card)) = &mut self.model.overlay {
            let offer = self.model.commands.offer_of(&card.id).cloned();
            match offer {
                Some(offer) => card.renew(&offer),
                None => self.model.overlay = None,
            }
        }
        Vec::new()
    }

    /// Shows the list anew, where it is on screen.
    pub(super) fn filter_commands(&mut self) {
        if self.model.panel == Panel::Commands {
            let (rows, now) = (self.list_rows(), self.now);
            let query = self.model.query.text().to_owned();
            self.model.commands.filter(&query, rows, now);
        }
    }

    /// Goes to this command in its panel.
    pub(super) fn go_to_command(&mut self, id: &str) -> Vec<Effect> {
        self.model.commands.wanted = Some(id.to_owned());
        let mut effects = self.go_to(Panel::Commands);
        effects.extend(self.set_query(String::new()));
        self.model.filtering = false;
        self.filter_commands();
        let rows = self.list_rows();
        if self.model.commands.select(id, rows) {
            self.model.commands.wanted = None;
        }
        effects
    }

    /// Runs the selected command, or asks what has to be asked first.
    pub(super) fn run_selected(&mut self, at: Instant) -> Vec<Effect> {
        let Some(offer) = self.model.commands.offer().cloned() else {
            self.say("no command is selected", true, at);
            return Vec::new();
        };
        if self.model.commands.run().is_some_and(Transcript::is_running) {
            // The output that comes is what one wants to see.
            self.model.in_preview = self.model.layout().preview.height > 0;
            return Vec::new();
        }
        // What has a default is changed on the card, which has a key of its own.
        let form = needs_values(&offer.command);
        match self.model.commands.needs(&offer, &Consent::Trusted) {
            Need::Nothing if !form => self.start(&offer.command, Vec::new(), Consent::Trusted, at),
            Need::Refused(why) => {
                self.say(why, true, at);
                Vec::new()
            }
            need => {
                self.model.overlay = Some(Overlay::Card(Card::new(&offer, need)));
                Vec::new()
            }
        }
    }

    /// Starts a run.
    pub(super) fn start(
        &mut self,
        command: &Command,
        values: Vec<(String, String)>,
        consent: Consent,
        at: Instant,
    ) -> Vec<Effect> {
        self.model.overlay = None;
        self.done_with = self.model.panel == Panel::Commands && self.model.filtering;
        let command = Box::new(command.clone());
        if command.interactive {
            return vec![Effect::Interact { command, values, consent }];
        }
        let commands = &mut self.model.commands;
        commands.started += 1;
        let run = commands.started;
        let mut transcript = Transcript::new(run, command.work.argv(), at);
        if let Some(before) = commands.runs.remove(&command.id) {
            transcript.wrap = before.wrap;
            transcript.filter.clone_from(&before.filter);
            transcript.least = before.least;
            transcript.good = good_of(&before).map(Arc::new).or(before.good);
            // Whoever runs it again while comparing wants to see what is different now.
            transcript.comparing = before.comparing && transcript.good.is_some();
        }
        transcript.every = commands.repeats.get(&command.id).map(|it| it.0);
        commands.runs.insert(command.id.clone(), transcript);
        self.filter_commands();
        vec![Effect::Ask(Request::Run { run, command, values, consent })]
    }

    /// Stops the run of the selected command.
    pub(super) fn stop_selected(&mut self, at: Instant) -> Vec<Effect> {
        let id = self.model.commands.offer().map(|it| it.command.id.clone());
        if let Some(id) = id {
            self.stop_repeat(&id, at);
        }
        if let Some(run) = self.model.commands.run().filter(|it| it.is_running()) {
            return vec![Effect::Ask(Request::StopRun { run: run.id })];
        }
        self.say("the selected command is not running", true, at);
        Vec::new()
    }

    pub(super) fn take_news(&mut self, run: RunId, news: RunNews, at: Instant) -> Vec<Effect> {
        let found = self.model.commands.runs.iter_mut().find(|(_, it)| it.id == run);
        let Some((id, transcript)) = found else { return Vec::new() };
        let id = id.clone();
        match news {
            RunNews::Started { argv, note, clock } => {
                transcript.argv = argv;
                transcript.note = note;
                transcript.clock = clock;
            }
            RunNews::Lines { lines, dropped_bytes, open, taken: _ } => {
                transcript.take(lines, dropped_bytes, open);
                self.count_seconds(at);
            }
            RunNews::Finished(outcome) => {
                let refused = outcome.status == Status::NotStarted;
                let why = outcome.notes.first().cloned().filter(|_| refused);
                transcript.ended = Some((outcome, at));
                if let Some((pause, next)) = self.model.commands.repeats.get_mut(&id) {
                    *next = Some(at + std::time::Duration::from_secs(*pause));
                }
                if let Some(why) = why {
                    self.stop_repeat(&id, at);
                    self.say(why, true, at);
                }
                self.filter_commands();
            }
        }
        Vec::new()
    }

    /// Runs again what is due.
    pub(super) fn run_repeats(&mut self, at: Instant) -> Vec<Effect> {
        let is_due = |next: &Option<Instant>| next.is_some_and(|it| it <= at);
        let repeats = self.model.commands.repeats.iter();
        let due: Vec<String> =
            repeats.filter(|(_, (_, next))| is_due(next)).map(|(id, _)| id.clone()).collect();
        let mut effects = Vec::new();
        for id in due {
            let offer = self.model.commands.offer_of(&id).cloned();
            if let Some((_, next)) = self.model.commands.repeats.get_mut(&id) {
                *next = None;
            }
            let Some(offer) = offer else { continue };
            effects.extend(self.start(&offer.command, Vec::new(), Consent::Trusted, at));
        }
        effects
    }

    /// Runs the selected command again and again, or no longer.
    pub(super) fn toggle_repeat(&mut self, at: Instant) -> Vec<Effect> {
        let Some(offer) = self.model.commands.offer().cloned() else { return Vec::new() };
        let id = offer.command.id.clone();
        if self.stop_repeat(&id, at) {
            return Vec::new();
        }
        let reads = offer.command.risk == Risk::ReadOnly;
        let free = self.model.commands.needs(&offer, &Consent::Trusted) == Need::Nothing;
        if !reads || !free || offer.command.interactive || needs_values(&offer.command) {
            let why =
                "only a trusted command that reads and needs no values is run again by itself";
            self.say(why, true, at);
            return Vec::new();
        }
        self.open_prompt(PromptFor::Every);
        Vec::new()
    }

    /// Lets a command run no longer again and again; tells whether it did.
    fn stop_repeat(&mut self, id: &str, at: Instant) -> bool {
        let commands = &mut self.model.commands;
        let was = commands.repeats.remove(id).is_some();
        if let Some(run) = commands.runs.get_mut(id) {
            run.every = None;
        }
        if was {
            self.say("it is not run again", false, at);
        }
        was
    }

    /// Runs the selected command again and again, so many seconds after each end.
    pub(super) fn start_repeat(&mut self, typed: &str, at: Instant) -> Vec<Effect> {
        let Some(id) = self.model.commands.offer().map(|it| it.command.id.clone()) else {
            return Vec::new();
        };
        let Some(pause) = typed.trim().parse().ok().filter(|it| (1..=86_400).contains(it)) else {
            self.say("a number of seconds is needed: 1 to 86400", true, at);
            return Vec::new();
        };
        let running = self.model.commands.run().is_some_and(Transcript::is_running);
        let next = (!running).then_some(at);
        self.model.commands.repeats.insert(id.clone(), (pause, next));
        if let Some(run) = self.model.commands.runs.get_mut(&id) {
            run.every = Some(pause);
        }
        self.say(format!("runs again {pause} s after each end"), false, at);
        self.run_repeats(at)
    }

    /// Counts the seconds of what runs, on screen.
    pub(super) fn count_seconds(&mut self, at: Instant) {
        let running = self.model.commands.runs.values().filter(|it| it.is_running());
        let ran = running.map(|it| at.saturating_duration_since(it.since).as_secs()).sum();
        if self.model.commands.is_running() && self.model.commands.seconds != ran {
            self.model.commands.seconds = ran;
            self.filter_commands();
        }
    }

    /// Keeps the output of the selected command on screen, or no longer.
    pub(super) fn toggle_pin(&mut self, at: Instant) -> Vec<Effect> {
        let id = self.model.commands.offer().map(|it| it.command.id.clone());
        let Some(id) = id else {
            self.say("no command is selected", true, at);
            return Vec::new();
        };
        let pinned = &mut self.model.commands.pinned;
        let said = if let Some(place) = pinned.iter().position(|it| *it == id) {
            pinned.remove(place);
            format!("the output of {id} is no longer kept on screen")
        } else {
            if pinned.len() >= BESIDE {
                pinned.remove(0);
            }
            pinned.push(id.clone());
            format!("the output of {id} stays beside that of other commands")
        };
        self.say(said, false, at);
        Vec::new()
    }

    /// Shows what would run, also where nothing has to be asked.
    pub(super) fn show_card(&mut self, at: Instant) -> Vec<Effect> {
        let Some(offer) = self.model.commands.offer().cloned() else {
            self.say("no command is selected: alt-4 lists them", true, at);
            return Vec::new();
        };
        let need = self.model.commands.needs(&offer, &Consent::Trusted);
        self.model.overlay = Some(Overlay::Card(Card::new(&offer, need)));
        Vec::new()
    }

    /// When something of this panel has to happen next.
    pub(super) fn next_of_commands(&self) -> Option<Instant> {
        let commands = &self.model.commands;
        let repeat = commands.repeats.values().filter_map(|(_, next)| *next).min();
        let ticking = commands.is_running() && self.model.panel == Panel::Commands;
        // Seconds are counted while something runs.
        let tick = self.now.filter(|_| ticking).map(|now| now + std::time::Duration::from_secs(1));
        [repeat, tick].into_iter().flatten().min()
    }
}

/// Whether a value has to be given before it can run.
fn needs_values(command: &Command) -> bool {
    command.parameters.iter().any(|it| it.default.is_none())
}

/// The lines of a run that went well.
fn good_of(run: &Transcript) -> Option<Good> {
    let ok = run.ended.as_ref().is_some_and(|(outcome, _)| outcome.status == Status::Ok);
    ok.then(|| Good::of(run.ring.lines().map(|it| it.text.as_str())))
}

/// What there is to say about a command beside what would run.
pub fn facts(offer: &Offer) -> Vec<(&'static str, String)> {
    let it = &offer.command;
    let changed = offer
        .changed
        .as_ref()
        .map_or_else(String::new, |it| format!(" · changed {} ago by {}", age(it.age_s), it.who));
    let place = format!("{}:{}{changed}", it.place.path.display(), it.place.line);
    let mut facts = vec![("risk", format!("{} · {}", it.risk.id(), it.risk_why))];
    facts.extend(offer.targets.iter().map(|it| ("goes to", it.says())));
    facts.push(("from", place));
    if !it.cwd.as_bytes().is_empty() {
        facts.push(("in", it.cwd.display()));
    }
    let trust = match &offer.trust {
        Trust::Trusted => "trusted",
        Trust::Changed { .. } => "changed since it was trusted",
        Trust::Unknown => "not trusted yet",
        Trust::Denied => "denied",
    };
    facts.push(("trust", trust.to_owned()));
    if let Some(fault) = &offer.fault {
        facts.push(("but", fault.clone()));
    }
    facts
}
