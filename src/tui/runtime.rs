//! The loop: draw, wait for one event, take whatever else has come, draw again.
//!
//! It never waits for a worker, and with nothing to do it sleeps without a deadline.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::homes::Homes;
use super::reader::Reader;
use super::screen::Screen;
use super::signals::{self, Loan, Waiter};
use super::theme::Theme;
use super::{handover, view};
use crate::app::{App, Effect, Event, Leave, Place, Start, What};
use crate::base::Diagnostic;
use crate::config::Outputs;
use crate::config::state::PastSearch;
use crate::engine::commands::{Command, Outcome, RunRecord, Status};
use crate::engine::drills::Played;
use crate::engine::incident::What as Noted;
use crate::engine::output::amount;
use crate::protocol::{RecordAsk, Report, Request};
use crate::workers::{Backend, Members, Options, Sink, Workers, Workspace};

/// What the screen starts with.
pub struct Startup {
    /// For the state machine.
    pub start: Start,
    /// The colours.
    pub theme: Theme,
    /// Plain characters only.
    pub ascii: bool,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// The editor command, if one is set.
    pub editor: Option<String>,
    /// Where the repositories are.
    pub homes: Homes,
    /// Where outputs are kept.
    pub outputs: Outputs,
    /// What is worked on.
    pub work: Work,
}

/// What is worked on.
pub enum Work {
    /// One repository.
    One(Box<Options>),
    /// Several, once they have been looked at: not before the first frame.
    Several(Box<dyn FnOnce() -> Members>),
}

impl Work {
    fn start(self, sink: &Sink) -> io::Result<Backend> {
        Ok(match self {
            Self::One(options) => Backend::One(Box::new(Workers::start(&options, sink)?)),
            Self::Several(members) => {
                Backend::Several(Box::new(Workspace::start(&members(), sink)?))
            }
        })
    }
}

/// Why the screen could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// No terminal, or it failed.
    #[error("the terminal cannot be used")]
    Terminal(#[from] io::Error),
}

/// What comes in from threads.
pub enum Incoming {
    /// For the state machine.
    Happened(What),
    /// The size may have changed, or the shell woke navi.
    Resized,
    /// ctrl-z from outside.
    Suspend,
    /// This signal ends navi.
    Ended(i32),
    /// The terminal is gone.
    HungUp,
}

/// Events that are taken before the next frame.
const BURST: usize = 64;

struct Runtime {
    app: App,
    screen: Screen,
    reader: Reader,
    workers: Backend,
    theme: Theme,
    ascii: bool,
    editor: Option<String>,
    homes: Homes,
    outputs: Outputs,
    /// Whether somebody else has the terminal.
    loan: Arc<Loan>,
}

/// Shows the screen until the user leaves.
pub fn run(startup: Startup) -> Result<Leave, TuiError> {
    let (inbox, events) = channel();
    let print = startup.start.print;
    let mut screen = Screen::take(print, startup.mouse)?;
    let (mut app, effects) = App::new(startup.start);
    let size = screen.size()?;
    app.update(Event { at: Instant::now(), what: What::Resize(size.0, size.1) });
    let look = view::Look { theme: &startup.theme, ascii: startup.ascii };
    // The first frame comes before the index, the files and the threads.
    screen.draw(|frame| view::draw(frame, &app, &look))?;
    let sink = sink(&inbox);
    let loan = Arc::new(Loan::default());
    let _signals = Waiter::start(&inbox, &sink, &loan)?;
    let reader = Reader::start(&inbox, &sink)?;
    let workers = startup.work.start(&sink)?;
    let mut runtime = Runtime {
        app,
        screen,
        reader,
        workers,
        theme: startup.theme,
        ascii: startup.ascii,
        editor: startup.editor,
        homes: startup.homes,
        outputs: startup.outputs,
        loan,
    };
    for effect in effects {
        runtime.perform(effect)?;
    }
    runtime.run(&events)
}

fn sink(inbox: &Sender<Incoming>) -> Sink {
    let inbox = inbox.clone();
    // Reports that come while navi ends have no reader any more.
    Arc::new(move |report: Report| {
        let _ = inbox.send(Incoming::Happened(What::Report(report)));
    })
}

/// What is recorded of a run that had the terminal: what it said, nobody saw but the user.
fn interactive(
    command: &Command,
    argv: &[String],
    ended: &Result<i32, String>,
    began: SystemTime,
) -> Noted {
    let (status, exit) = match ended {
        Ok(0) => (Status::Ok, Some(0)),
        Ok(exit) => (Status::Failed, Some(*exit)),
        Err(_) => (Status::NotStarted, None),
    };
    let ms = began.elapsed().unwrap_or_default().as_millis() as u64;
    let outcome = Outcome { status, exit, ms, dropped_bytes: 0, notes: Vec::new() };
    Noted::of_run(&RunRecord {
        id: command.id.clone(),
        template: command.work.argv(),
        argv: argv.to_vec(),
        risk: command.risk,
        targets: Vec::new(),
        began_ms: began.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64,
        outcome,
        digest: String::new(),
    })
}

/// What is said of a text that was copied.
fn copied(text: &str) -> String {
    /// Bytes that every terminal takes.
    const SURE: usize = 100_000;
    let how = "sent to the terminal's clipboard (OSC 52)";
    let size = amount(text.len() as u64);
    match text.lines().count() {
        0..=1 => format!("{how}: {}", text.trim_end()),
        _ if text.len() > SURE => format!("{how}: {size}, more than some terminals take"),
        lines => format!("{how}: {lines} lines, {size}"),
    }
}

impl Runtime {
    fn run(&mut self, events: &Receiver<Incoming>) -> Result<Leave, TuiError> {
        loop {
            let first = match self.app.next_deadline() {
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(deadline) => {
                    events.recv_timeout(deadline.saturating_duration_since(Instant::now()))
                }
            };
            let first = match first {
                Ok(incoming) => incoming,
                Err(RecvTimeoutError::Timeout) => Incoming::Happened(What::Tick),
                Err(RecvTimeoutError::Disconnected) => Incoming::HungUp,
            };
            let mut incoming = Some(first);
            let mut taken = 0;
            while let Some(event) = incoming {
                if let Some(leave) = self.take(event)? {
                    return Ok(leave);
                }
                taken += 1;
                incoming = if taken < BURST { events.try_recv().ok() } else { None };
            }
            let look = view::Look { theme: &self.theme, ascii: self.ascii };
            let app = &self.app;
            self.screen.draw(|frame| view::draw(frame, app, &look))?;
        }
    }

    fn take(&mut self, incoming: Incoming) -> Result<Option<Leave>, TuiError> {
        let what = match incoming {
            Incoming::Happened(what) => what,
            Incoming::Resized => {
                // After a burst that ends at the old size, the terminal has cut cells away that
                // only a whole frame brings back.
                self.screen.forget()?;
                let size = self.screen.size()?;
                What::Resize(size.0, size.1)
            }
            Incoming::Suspend => {
                self.suspend()?;
                return Ok(None);
            }
            Incoming::Ended(signal) => {
                self.screen.leave();
                signals::end_by(signal)?;
                return Ok(Some(Leave { status: 130, chosen: None }));
            }
            Incoming::HungUp => return Ok(Some(Leave { status: 130, chosen: None })),
        };
        self.happen(what)
    }

    fn happen(&mut self, what: What) -> Result<Option<Leave>, TuiError> {
        let effects = self.app.update(Event { at: Instant::now(), what });
        // Before the editor has the screen, or navi ends.
        for what in self.app.take_noted() {
            self.workers.ask(Request::Record(RecordAsk::Note(what)));
        }
        for effect in effects {
            if let Some(leave) = self.perform(effect)? {
                return Ok(Some(leave));
            }
        }
        Ok(None)
    }

    fn perform(&mut self, effect: Effect) -> Result<Option<Leave>, TuiError> {
        match effect {
            Effect::Ask(request) => self.workers.ask(request),
            Effect::OpenEditor(place) => {
                if let Some((home, path)) = self.homes.of_path(&place.path) {
                    let root = home.root.clone();
                    return self.edit(&root, &Place { path, ..place });
                }
            }
            Effect::EditCopy { root, place } => {
                if let Some((_, path)) = self.homes.of_path(&place.path) {
                    return self.edit(&root, &Place { path, ..place });
                }
            }
            Effect::Played(round) => {
                if let Err(fault) = self.keep_round(*round) {
                    return self.happen(What::Report(Report::Said(fault)));
                }
            }
            Effect::Bury(card) => {
                let home = self.homes.of_id(&card);
                if let Some(Err(fault)) = home.map(|(home, card)| home.drills.bury(card)) {
                    return self.happen(What::Report(Report::Said(fault)));
                }
            }
            Effect::Interact { command, values, consent } => {
                let complaint = match self.workers.hand_over(&command, &values, &consent) {
                    Err(why) => Some(why),
                    Ok(call) => {
                        let began = SystemTime::now();
                        let ended = self.lend(|loan| handover::interact(&call, Some(loan)))?;
                        let note = interactive(&command, &call.argv, &ended, began);
                        self.workers.ask(Request::Record(RecordAsk::Note(note)));
                        match ended {
                            Ok(0) => None,
                            Ok(exit) => Some(format!("it ended with exit {exit}")),
                            Err(why) => Some(why),
                        }
                    }
                };
                return self.happen(What::Back(complaint));
            }
            Effect::Save { path, text } => {
                return self.happen(What::Saved(self.outputs.write(&path, &text)));
            }
            Effect::Copy(text) => {
                self.screen.copy(&text)?;
                return self.happen(What::Copied(copied(&text)));
            }
            Effect::Remember(query, place) => {
                if let Err(fault) = self.remember(query, place) {
                    return self.happen(What::Report(Report::Said(fault)));
                }
            }
            Effect::Suspend => self.suspend()?,
            Effect::Redraw => self.screen.forget()?,
            Effect::Quit(leave) => return Ok(Some(leave)),
        }
        Ok(None)
    }

    /// Keeps a round with the repository that its card is of.
    fn keep_round(&self, round: Played) -> Result<(), Diagnostic> {
        let Some((home, card)) = self.homes.of_id(&round.card) else { return Ok(()) };
        let path = self.homes.of_path(&round.path.as_str().into());
        let path = path.map(|it| it.1.to_text().into_owned()).unwrap_or_default();
        home.drills.keep(&Played { card: card.to_owned(), path, ..round.clone() })
    }

    /// Keeps a query, with the place that was opened for it, with the repository of that; where
    /// none was, with the first.
    fn remember(&self, query: String, place: Option<Place>) -> Result<(), Diagnostic> {
        let found = place.as_ref().and_then(|it| self.homes.of_path(&it.path));
        let Some(home) = found.as_ref().map(|it| it.0).or(self.homes.0.first()) else {
            return Ok(());
        };
        if let Some(place) = place.as_ref().filter(|_| home.log.keeps(&query)) {
            let (query, path) = (query.clone(), place.path.clone());
            self.workers.ask(Request::Opened { query, path });
        }
        let path = found.as_ref().map(|(_, path)| path.to_text().into_owned());
        let line = place.and_then(|it| it.line).and_then(|it| it.try_into().ok());
        home.log.remember(&PastSearch { query, path, line }, SystemTime::now())
    }

    /// Lends the terminal to the user's editor for a place below `root`.
    fn edit(&mut self, root: &Path, place: &Place) -> Result<Option<Leave>, TuiError> {
        let editor = self.editor.clone();
        let complaint = self.lend(|loan| handover::edit(editor.as_deref(), root, place, loan))?;
        self.happen(What::Back(complaint))
    }

    /// Gives the terminal away while `what` goes on.
    fn lend<T>(&mut self, what: impl FnOnce(&Loan) -> T) -> Result<T, TuiError> {
        self.reader.pause();
        self.screen.leave();
        self.loan.begin();
        let out = what(&self.loan);
        self.loan.end();
        self.screen.enter()?;
        self.reader.go_on();
        let size = self.screen.size()?;
        self.happen(What::Resize(size.0, size.1))?;
        Ok(out)
    }

    fn suspend(&mut self) -> Result<(), TuiError> {
        self.reader.pause();
        self.screen.leave();
        signals::stop_here()?;
        self.screen.enter()?;
        self.reader.go_on();
        let size = self.screen.size()?;
        self.happen(What::Resize(size.0, size.1))?;
        self.happen(What::Back(None))?;
        Ok(())
    }
}
