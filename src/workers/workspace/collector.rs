//! Brings together what the repositories of a workspace answer to one question.
//!
//! What has answered is shown when all have, or after a moment without the others: one that is slow
//! hides nobody, and that it is waited for is said.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::labels::Outward;
use super::merge;
use crate::base::{Diagnostic, RepoPath};
use crate::engine::audit::Audit;
use crate::engine::checks::Board as Triage;
use crate::protocol::{
    Board, ChangeLog, CheckNews, DrillDeck, DrillNews, Generation, HistoryStatus, IndexStatus,
    Library, Offers, Report,
};
use crate::workers::Sink;

/// Those who have not answered after this are not waited for.
const PATIENCE: Duration = Duration::from_millis(150);
/// And are named after this.
const LONG: Duration = Duration::from_secs(5);
/// Between two looks at what has come, where much comes.
const PAUSE: Duration = Duration::from_millis(8);
/// That something changed waits no longer than this for a search to end.
const HELD_BACK: Duration = Duration::from_millis(500);
/// More paths than this are any.
const MOST_PATHS: usize = 200;

/// What comes to the collector.
pub enum Told {
    /// A repository answers.
    Report(usize, Box<Report>),
    /// The seed of the deck that was asked for.
    Seed(u64),
    /// A search has begun.
    Searching,
    /// It has answered.
    Searched,
    /// All is over.
    Stop,
}

/// The answers to one question.
struct Gathered<T> {
    generation: Generation,
    parts: Vec<Option<T>>,
    since: Option<Instant>,
    shown: Option<Instant>,
    /// Whether something came since it was shown.
    fresh: bool,
    /// Whether those who are missing were named.
    named: bool,
}

impl<T: Clone> Gathered<T> {
    fn of(members: usize) -> Self {
        Self {
            generation: 0,
            parts: (0..members).map(|_| None).collect(),
            since: None,
            shown: None,
            fresh: false,
            named: false,
        }
    }

    fn take(&mut self, member: usize, generation: Generation, part: T, now: Instant) {
        if generation < self.generation {
            return;
        }
        if generation > self.generation || self.since.is_none() {
            *self = Self { generation, since: Some(now), ..Self::of(self.parts.len()) };
        }
        if let Some(place) = self.parts.get_mut(member) {
            *place = Some(part);
            self.fresh = true;
        }
    }

    fn is_whole(&self) -> bool {
        self.parts.iter().all(Option::is_some)
    }

    /// When something is to be done about it.
    fn due(&self) -> Option<Instant> {
        let since = self.since?;
        if self.fresh && self.is_whole() {
            return Some(since);
        }
        let show = self.shown.unwrap_or(since) + PATIENCE;
        let name = since + LONG;
        [self.fresh.then_some(show), (!self.named && !self.is_whole()).then_some(name)]
            .into_iter()
            .flatten()
            .min()
    }

    /// What there is to show now.
    fn show(&mut self, now: Instant) -> Option<(Generation, Vec<T>)> {
        let since = self.since?;
        let waited = now >= self.shown.unwrap_or(since) + PATIENCE;
        if !self.fresh || !(self.is_whole() || waited) {
            return None;
        }
        self.fresh = false;
        self.shown = Some(now);
        Some((self.generation, self.parts.iter().flatten().cloned().collect()))
    }

    /// Those who have not answered for long, once.
    fn late(&mut self, now: Instant) -> Vec<usize> {
        let long = self.since.is_some_and(|it| now >= it + LONG);
        if self.named || !long || self.is_whole() {
            return Vec::new();
        }
        self.named = true;
        (0..self.parts.len()).filter(|it| self.parts[*it].is_none()).collect()
    }
}

/// The checks of all, as they come.
struct Checks {
    generation: Generation,
    asked: Vec<usize>,
    boards: Vec<Option<Triage>>,
}

/// See the module.
pub struct Collector {
    labels: Arc<[String]>,
    statuses: Vec<IndexStatus>,
    histories: Vec<HistoryStatus>,
    status_fresh: bool,
    fresh_ms: Option<u64>,
    history_fresh: bool,
    changed: Option<Vec<RepoPath>>,
    /// Since when a search is under way. To hear of a change begins another: at the start, when one
    /// repository after the other has its files, none would ever be answered.
    searching: Option<Instant>,
    boards: Gathered<Board>,
    audits: Gathered<Audit>,
    logs: Gathered<ChangeLog>,
    offers: Gathered<Offers>,
    libraries: Gathered<Library>,
    decks: Gathered<DrillDeck>,
    checks: Checks,
    seed: u64,
    /// To be passed on as it is.
    out: Vec<Report>,
}

impl Collector {
    /// One for the repositories of these labels.
    pub fn new(labels: Arc<[String]>) -> Self {
        let many = labels.len();
        Self {
            labels,
            statuses: vec![IndexStatus::default(); many],
            histories: vec![HistoryStatus::default(); many],
            status_fresh: false,
            fresh_ms: None,
            history_fresh: false,
            changed: None,
            searching: None,
            boards: Gathered::of(many),
            audits: Gathered::of(many),
            logs: Gathered::of(many),
            offers: Gathered::of(many),
            libraries: Gathered::of(many),
            decks: Gathered::of(many),
            checks: Checks { generation: 0, asked: vec![0; many], boards: vec![None; many] },
            seed: 0,
            out: Vec::new(),
        }
    }

    /// Takes what a repository answers.
    pub fn take(&mut self, member: usize, report: Report, now: Instant) {
        let Some(label) = self.labels.get(member) else { return };
        match report {
            Report::Index(status) => {
                if status.fresh_ms != self.statuses[member].fresh_ms {
                    self.fresh_ms = status.fresh_ms;
                }
                self.statuses[member] = status;
                self.status_fresh = true;
            }
            Report::History(status) => {
                self.histories[member] = status;
                self.history_fresh = true;
            }
            Report::Changed { paths } => {
                let paths = paths.iter().map(|it| it.under(label));
                self.changed = match (self.changed.take(), paths.len()) {
                    (None, _) => Some(paths.collect()),
                    // Any may have changed.
                    (Some(known), _) if known.is_empty() => Some(known),
                    (Some(_), 0) => Some(Vec::new()),
                    (Some(known), _) => Some(known.into_iter().chain(paths).collect()),
                };
                if self.changed.as_ref().is_some_and(|it| it.len() > MOST_PATHS) {
                    self.changed = Some(Vec::new());
                }
            }
            Report::Critical { generation, board } => {
                self.boards.take(member, generation, board.labelled(label), now);
            }
            Report::Audit { generation, audit } => {
                self.audits.take(member, generation, audit.labelled(label), now);
            }
            Report::Changes { generation, log } => {
                self.logs.take(member, generation, log.labelled(label), now);
            }
            Report::Commands { generation, offers } => {
                self.offers.take(member, generation, offers.labelled(label), now);
            }
            Report::Runbooks { generation, library } => {
                self.libraries.take(member, generation, library.labelled(label), now);
            }
            Report::Drill { generation, news: DrillNews::Deck(deck) } => {
                self.decks.take(member, generation, deck.labelled(label), now);
            }
            Report::Checks { generation, news } => {
                let news = news.labelled(label);
                self.take_checks(member, generation, news);
            }
            other => self.out.push(other),
        }
    }

    fn take_checks(&mut self, member: usize, generation: Generation, news: CheckNews) {
        let checks = &mut self.checks;
        if generation < checks.generation {
            return;
        }
        if generation > checks.generation {
            let many = checks.asked.len();
            *checks = Checks { generation, asked: vec![0; many], boards: vec![None; many] };
        }
        let news = match news {
            CheckNews::Asked(many) => {
                checks.asked[member] = many;
                CheckNews::Asked(checks.asked.iter().sum())
            }
            CheckNews::Finished(board) => {
                checks.boards[member] = Some(board);
                let boards: Option<Vec<Triage>> = checks.boards.iter().cloned().collect();
                let Some(boards) = boards else { return };
                CheckNews::Finished(merge::triage(&boards))
            }
            found @ CheckNews::Found(_) => found,
        };
        self.out.push(Report::Checks { generation, news });
    }

    /// What there is to tell now.
    pub fn tell(&mut self, now: Instant) -> Vec<Report> {
        let mut out = std::mem::take(&mut self.out);
        if std::mem::take(&mut self.status_fresh) {
            let status = merge::statuses(&self.statuses, &self.labels);
            out.push(Report::Index(IndexStatus { fresh_ms: self.fresh_ms, ..status }));
        }
        if std::mem::take(&mut self.history_fresh) {
            out.push(Report::History(merge::histories(&self.histories)));
        }
        if self.searching.is_none_or(|since| now >= since + HELD_BACK) {
            out.extend(self.changed.take().map(|paths| Report::Changed { paths }));
        }
        if let Some((generation, parts)) = self.boards.show(now) {
            out.push(Report::Critical { generation, board: merge::boards(&parts) });
        }
        if let Some((generation, parts)) = self.audits.show(now) {
            out.push(Report::Audit { generation, audit: merge::audits(&parts) });
        }
        if let Some((generation, parts)) = self.logs.show(now) {
            out.push(Report::Changes { generation, log: merge::changes(&parts) });
        }
        if let Some((generation, parts)) = self.offers.show(now) {
            out.push(Report::Commands { generation, offers: merge::offers(&parts) });
        }
        if let Some((generation, parts)) = self.libraries.show(now) {
            out.push(Report::Runbooks { generation, library: merge::libraries(&parts) });
        }
        if let Some((generation, _)) = self.decks.show(now) {
            let told = self.decks.parts.iter().zip(&*self.labels);
            let (parts, labels): (Vec<_>, Vec<_>) =
                told.filter_map(|(part, label)| Some((part.clone()?, label.clone()))).unzip();
            let deck = merge::decks(&parts, &labels, self.seed);
            out.push(Report::Drill { generation, news: DrillNews::Deck(deck) });
        }
        let mut late = self.boards.late(now);
        late.extend(self.audits.late(now));
        late.extend(self.logs.late(now));
        late.extend(self.offers.late(now));
        late.extend(self.libraries.late(now));
        late.extend(self.decks.late(now));
        late.sort_unstable();
        late.dedup();
        if !late.is_empty() {
            let labels: Vec<&str> = late.iter().map(|it| self.labels[*it].as_str()).collect();
            let text = format!("no answer yet from {}", labels.join(", "));
            let said = Diagnostic::warning(text).hint("what is shown is that of the others");
            out.push(Report::Said(said));
        }
        out
    }

    /// When there is something to be done next, if nothing comes.
    pub fn next(&self) -> Option<Instant> {
        let held = self.searching.filter(|_| self.changed.is_some()).map(|it| it + HELD_BACK);
        [
            held,
            self.boards.due(),
            self.audits.due(),
            self.logs.due(),
            self.offers.due(),
            self.libraries.due(),
            self.decks.due(),
        ]
        .into_iter()
        .flatten()
        .min()
    }
}

/// Works until told to stop.
pub fn run(labels: Arc<[String]>, inbox: &Receiver<Told>, sink: &Sink) {
    let mut collector = Collector::new(labels);
    let mut looked: Option<Instant> = None;
    loop {
        let told = match collector.next() {
            None => inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(at) => inbox.recv_timeout(at.saturating_duration_since(Instant::now())),
        };
        let mut next = match told {
            Ok(told) => Some(told),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        // At the start much comes at once.
        let until = looked.map(|it| it + PAUSE);
        while let Some(told) = next {
            match told {
                Told::Report(member, report) => collector.take(member, *report, Instant::now()),
                Told::Seed(seed) => collector.seed = seed,
                Told::Searching => collector.searching = Some(Instant::now()),
                Told::Searched => collector.searching = None,
                Told::Stop => return,
            }
            next = match until.map(|it| it.saturating_duration_since(Instant::now())) {
                Some(left) if !left.is_zero() => inbox.recv_timeout(left).ok(),
                _ => inbox.try_recv().ok(),
            };
        }
        let now = Instant::now();
        looked = Some(now);
        for report in collector.tell(now) {
            sink(report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{BoardShelf, Change, Phase};

    fn collector(many: usize) -> Collector {
        Collector::new((0..many).map(|it| format!("r{it}")).collect())
    }

    fn board(id: &str) -> Board {
        Board { shelves: vec![BoardShelf { id: id.into(), ..BoardShelf::default() }] }
    }

    fn critical(generation: Generation, id: &str) -> Report {
        Report::Critical { generation, board: board(id) }
    }

    fn shelves(reports: &[Report]) -> Option<(Generation, usize)> {
        reports.iter().find_map(|it| match it {
            Report::Critical { generation, board } => Some((*generation, board.shelves.len())),
            _ => None,
        })
    }

    #[test]
    fn an_answer_is_shown_when_all_have_answered() {
        let (mut all, now) = (collector(2), Instant::now());
        all.take(0, critical(1, "a"), now);
        assert_eq!(shelves(&all.tell(now)), None);
        all.take(1, critical(1, "b"), now);
        assert_eq!(shelves(&all.tell(now)), Some((1, 2)));
        assert_eq!(shelves(&all.tell(now + LONG)), None, "nothing new");
        assert_eq!(all.next(), None, "nothing to wake up for");
    }

    #[test]
    fn who_is_slow_hides_nobody_and_is_named() {
        let (mut all, now) = (collector(2), Instant::now());
        all.take(0, critical(1, "a"), now);
        assert_eq!(all.next(), Some(now + PATIENCE));
        assert_eq!(shelves(&all.tell(now + PATIENCE)), Some((1, 1)));
        assert_eq!(all.next(), Some(now + LONG));
        let told = all.tell(now + LONG);
        let [Report::Said(said)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(said.message, "no answer yet from r1");
        assert_eq!(all.next(), None);
        all.take(1, critical(1, "b"), now + LONG);
        assert_eq!(shelves(&all.tell(now + LONG)), Some((1, 2)));
    }

    #[test]
    fn answers_to_an_older_question_are_dropped() {
        let (mut all, now) = (collector(2), Instant::now());
        all.take(0, critical(2, "a"), now);
        all.take(1, critical(1, "b"), now);
        assert_eq!(shelves(&all.tell(now)), None);
        all.take(1, critical(2, "b"), now);
        assert_eq!(shelves(&all.tell(now)), Some((2, 2)));
    }

    #[test]
    fn what_changed_is_told_under_its_label() {
        let (mut all, now) = (collector(2), Instant::now());
        all.take(0, Report::Changed { paths: vec!["x.py".into()] }, now);
        all.take(1, Report::Changed { paths: vec!["y.py".into()] }, now);
        let told = all.tell(now);
        let [Report::Changed { paths }] = &told[..] else { panic!("{told:?}") };
        assert_eq!(*paths, ["r0/x.py".into(), "r1/y.py".into()]);
        all.take(0, Report::Changed { paths: vec!["x.py".into()] }, now);
        all.take(1, Report::Changed { paths: Vec::new() }, now);
        let told = all.tell(now);
        assert!(matches!(&told[..], [Report::Changed { paths }] if paths.is_empty()));
    }

    #[test]
    fn a_change_waits_for_the_search_that_is_under_way() {
        let (mut all, now) = (collector(1), Instant::now());
        all.searching = Some(now);
        all.take(0, Report::Changed { paths: Vec::new() }, now);
        assert!(all.tell(now).is_empty());
        assert_eq!(all.next(), Some(now + HELD_BACK), "and not for ever");
        all.searching = None;
        assert!(matches!(&all.tell(now)[..], [Report::Changed { .. }]));
        assert_eq!(all.next(), None);
    }

    #[test]
    fn checks_are_told_as_they_come_and_finished_when_all_are() {
        let (mut all, now) = (collector(2), Instant::now());
        let news = |news| Report::Checks { generation: 3, news };
        all.take(0, news(CheckNews::Asked(2)), now);
        all.take(1, news(CheckNews::Asked(1)), now);
        all.take(0, news(CheckNews::Finished(Triage { ms: 5, ..Triage::default() })), now);
        let told = all.tell(now);
        let asked = told.iter().rev().find_map(|it| match it {
            Report::Checks { news: CheckNews::Asked(many), .. } => Some(*many),
            _ => None,
        });
        assert_eq!(asked, Some(3));
        let ends = |told: &[Report]| {
            told.iter().any(|it| {
                matches!(it, Report::Checks { news: CheckNews::Finished(board), .. } if board.ms == 9)
            })
        };
        assert!(!ends(&told));
        all.take(1, news(CheckNews::Finished(Triage { ms: 9, ..Triage::default() })), now);
        assert!(ends(&all.tell(now)));
    }

    #[test]
    fn commits_carry_the_label_of_their_repository() {
        let (mut all, now) = (collector(1), Instant::now());
        let log = ChangeLog { commits: vec![Change::default()], ..ChangeLog::default() };
        all.take(0, Report::Changes { generation: 1, log }, now);
        let told = all.tell(now);
        let [Report::Changes { log, .. }] = &told[..] else { panic!("{told:?}") };
        assert_eq!(log.commits[0].repository.as_deref(), Some("r0"));
    }

    #[test]
    fn the_state_is_told_once_for_all_that_came() {
        let (mut all, now) = (collector(2), Instant::now());
        for member in 0..2 {
            let status = IndexStatus { phase: Phase::Live, files: 4, ..IndexStatus::default() };
            all.take(member, Report::Index(status), now);
        }
        let told = all.tell(now);
        let [Report::Index(status)] = &told[..] else { panic!("{told:?}") };
        assert_eq!((status.files, &status.phase), (8, &Phase::Live));
    }
}
