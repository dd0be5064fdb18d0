//! Reads the repository's history and keeps it, a part at a time and never in the way.

use std::time::{Duration, Instant};

use super::shared::Latest;
use super::thread::yield_to_others;
use super::turns::Stage;
use super::{Mailbox, Options, Sink};
use crate::base::Diagnostic;
use crate::engine::history::{self, Git, History, Step};
use crate::protocol::{HistoryStatus, Report};

/// Progress is told this often.
const PROGRESS: Duration = Duration::from_millis(100);

/// With the same commit checked out, new tags are looked for this often at most.
const TAGS: Duration = Duration::from_secs(60);

/// There may be something new.
pub struct Look;

/// Works until the mailbox is closed: what was kept is there at once, the rest is read when the
/// indexer has had its first pass.
pub fn run(options: &Options, inbox: &Mailbox<Look>, latest: &Latest, sink: &Sink) {
    let mut known = History::default();
    let mut said_before = Vec::new();
    let publish = |history: &History, reading: bool| {
        latest.set_history(history.clone());
        sink(Report::History(HistoryStatus { commits: history.len(), reading }));
    };
    yield_to_others();
    let mut first = true;
    let mut looked: Option<Instant> = None;
    while inbox.take().is_some() {
        let turn = options.turns.take(Stage::History);
        if std::mem::take(&mut first) {
            known = options.folder.as_deref().and_then(history::load).unwrap_or_default();
            if !known.is_empty() {
                publish(&known, false);
            }
        }
        let recent = looked.is_some_and(|it| it.elapsed() < TAGS);
        if recent && is_history_of_head(options, &known) {
            continue;
        }
        looked = Some(Instant::now());
        let mut told = Instant::now();
        let (read, said) =
            bring_up_to_date(options, &known, &|| inbox.is_overtaken(), &mut |step| {
                turn.go_on();
                // What was there before is worth more than a smaller part of what is new.
                let larger = |it: &History| it.len() > latest.history().len();
                if let Some(history) = step.history.filter(larger) {
                    publish(&history, true);
                } else if told.elapsed() >= PROGRESS {
                    let status = HistoryStatus { commits: step.done, reading: true };
                    sink(Report::History(status));
                    told = Instant::now();
                }
            });
        if said != said_before {
            for it in &said {
                sink(Report::Said(it.clone()));
            }
            said_before = said;
        }
        // One that was interrupted early has less to say than the one before; what was read of it
        // is not read again.
        if read.is_whole() || read.len() > latest.history().len() {
            publish(&read, !read.is_whole());
        }
        known = read;
    }
}

/// Whether this is all the history of what is checked out; without git, there is none.
pub fn is_history_of_head(options: &Options, history: &History) -> bool {
    match Git::open(&options.repo) {
        Ok(None) => history.is_empty(),
        Ok(Some(git)) => {
            history.is_whole() && git.head().is_ok_and(|it| it.as_ref() == history.head())
        }
        Err(_) => false,
    }
}

/// The history of the commit that is checked out: what was kept of it, with what is new since,
/// which is kept in turn. When `cancelled`, as far as it was read.
pub fn history_of(
    options: &Options,
    cancelled: &dyn Fn() -> bool,
    told: &mut dyn FnMut(Step),
) -> (History, Vec<Diagnostic>) {
    let known = options.folder.as_deref().and_then(history::load).unwrap_or_default();
    bring_up_to_date(options, &known, cancelled, told)
}

fn bring_up_to_date(
    options: &Options,
    known: &History,
    cancelled: &dyn Fn() -> bool,
    told: &mut dyn FnMut(Step),
) -> (History, Vec<Diagnostic>) {
    let read = match Git::open(&options.repo) {
        Ok(None) => return (History::default(), Vec::new()),
        Ok(Some(git)) => history::read(&git, known, cancelled, told),
        Err(error) => Err(error),
    };
    match read {
        Ok(new) => {
            if let Some(folder) = &options.folder
                && !new.is_same(known)
            {
                // It only spares the next start some time: that it cannot be kept is no fault.
                let _ = history::save(folder, &new);
            }
            (new, Vec::new())
        }
        Err(error) => {
            let text = format!("the repository's history cannot be read: {error}");
            let said = Diagnostic::warning(text).hint("all else works without it");
            (known.clone(), vec![said])
        }
    }
}
