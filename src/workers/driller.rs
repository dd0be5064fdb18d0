//! Answers the Drill panel: builds the deck on what the cataloguer and the historian keep, makes the
//! private place of a fix card, and looks how an answer could have been found.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::cataloguer::Shared;
use super::shared::Latest;
use super::{Mailbox, Options, Sink};
use crate::engine::audit::CRITICAL;
use crate::engine::drills::{self, Card, Given, Mode, Own, Workspace, buried_in, fastest};
use crate::engine::history::Git;
use crate::protocol::{DrillAsk, DrillDeck, DrillNews, Generation, Report};

/// A question of the panel.
pub struct Wanted {
    /// Comes back with the answer.
    pub generation: Generation,
    /// What is asked.
    pub ask: DrillAsk,
}

/// Works until the mailbox is closed.
pub fn run(
    options: &Options,
    inbox: &Mailbox<Wanted>,
    shared: &Shared,
    latest: &Latest,
    sink: &Sink,
) {
    let mut work = Work { options, latest, space: None };
    while let Some(Wanted { generation, ask }) = inbox.take() {
        let overtaken = || inbox.is_overtaken();
        let news = match ask {
            DrillAsk::Deck { mode, seed } => {
                match work.deck(shared, mode, seed, &overtaken, sink) {
                    Some(deck) => DrillNews::Deck(deck),
                    None => continue,
                }
            }
            DrillAsk::Prepare(card) => match work.prepare(&card) {
                Ok(root) => DrillNews::Prepared(root),
                Err(why) => DrillNews::Unprepared(why),
            },
            DrillAsk::Look => {
                DrillNews::Mended(work.space.as_ref().is_some_and(Workspace::is_mended))
            }
            DrillAsk::Way(card) => {
                work.leave();
                let snapshot = latest.get().without_past();
                let finder = work.options.finder.clone();
                let way = fastest(&finder, &snapshot, &card, &overtaken);
                if overtaken() {
                    continue;
                }
                DrillNews::Way(way)
            }
        };
        sink(Report::Drill { generation, news });
    }
    work.leave();
}

struct Work<'a> {
    options: &'a Options,
    latest: &'a Latest,
    space: Option<Workspace>,
}

impl Work<'_> {
    fn leave(&mut self) {
        self.latest.set_overlay(None);
        self.space = None;
    }

    fn deck(
        &mut self,
        shared: &Shared,
        mode: Mode,
        seed: u64,
        overtaken: &(dyn Fn() -> bool + Sync),
        sink: &Sink,
    ) -> Option<DrillDeck> {
        self.leave();
        let snapshot = self.latest.get().without_past();
        let options = self.options;
        let gathered = shared.gather(options, &snapshot.files, overtaken, sink)?;
        let mut catalogue = gathered.catalogue;
        for shelf in &mut catalogue.shelves {
            shelf.files.truncate(CRITICAL);
        }
        let mut finder = options.finder.clone();
        finder.roles = Arc::clone(&gathered.roles);
        finder.habits = Arc::default();
        let history = self.latest.history();
        let git = Git::open(&options.repo).ok().flatten();
        let (kept, faults) = options.drills.read();
        let mut buried: HashSet<String> = kept.buried;
        buried.extend(buried_in(&options.repo.root));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let given = Given {
            finder: &finder,
            snapshot: &snapshot,
            catalogue: &catalogue,
            looks: &gathered.looks,
            history: &history,
            git: git.as_ref(),
            player: &options.player,
            buried: &buried,
            mode,
            must_lead: true,
            now: i64::try_from(now).unwrap_or(i64::MAX),
            seed,
            cancelled: overtaken,
        };
        let mut deck = drills::build(&given, &Own::read(&options.repo.root));
        if overtaken() {
            return None;
        }
        // Without a place to put it, there is nothing to mend.
        if options.drills.directory().is_none() {
            deck.cards.retain(|it| it.fault.is_none());
        }
        deck.said.extend(faults);
        Some(DrillDeck { cards: deck.cards, record: kept.record, now, said: deck.said })
    }

    fn prepare(&mut self, card: &Card) -> Result<PathBuf, String> {
        self.leave();
        let state = self.options.drills.directory().ok_or("nothing may be written")?;
        let (fault, answer) = card.fault.as_ref().zip(card.answers.first()).ok_or("no fix card")?;
        let git = Git::open(&self.options.repo).ok().flatten().ok_or("git cannot be read")?;
        let space = Workspace::make(state, &git, fault, &answer.path)
            .map_err(|error| format!("the fault cannot be laid out: {error}"))?;
        let root = space.root();
        self.latest.set_overlay(Some(root.clone()));
        self.space = Some(space);
        Ok(root)
    }
}
