//! One round: a card that is being played, as a state machine over times and deeds.
//!
//! It asks no clock: each deed comes with the time since the card was shown.

use std::time::Duration;

use super::{Card, Kind};
use crate::base::RepoPath;

/// What a hint costs.
pub const HINT: Duration = Duration::from_secs(10);
/// The countdown is calm until this much is left of a card of 30 s: 20 s have gone by then.
const CALM: Duration = Duration::from_secs(20);

/// How a drill is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Mode {
    /// Alone, against the clock.
    #[default]
    Alone,
    /// A game master reads out the card and gives hints, which cost nothing; the clock counts and
    /// never ends the round.
    Host,
    /// The expert is away: what the player owns by CODEOWNERS is not asked.
    ExpertAway,
    /// Only the tree is left: names can be searched, contents cannot.
    Degraded,
}

impl Mode {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Alone, Self::Host, Self::ExpertAway, Self::Degraded];

    /// Its name in what is kept.
    pub fn id(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Host => "host",
            Self::ExpertAway => "expert-away",
            Self::Degraded => "degraded",
        }
    }

    /// The mode of this name.
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.id() == id)
    }

    /// What it means, for the screen.
    pub fn says(self) -> &'static str {
        match self {
            Self::Alone => "alone against the clock",
            Self::Host => "host: hints are free, the clock ends nothing",
            Self::ExpertAway => "expert away: no file that you own is asked for",
            Self::Degraded => "degraded: only names can be searched",
        }
    }
}

/// Something that the player did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Changed what is searched for, to this.
    Searched(String),
    /// Opened a file.
    Opened(RepoPath),
    /// Came back from the editor on a fix card; whether the edit touches the fault.
    Edited(bool),
    /// Asked for a hint.
    Hint,
    /// Gave the card back.
    Skip,
    /// Nothing: time has gone by.
    Tick,
}

/// How a round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The right file was opened; on a fix card, mended too.
    Found,
    /// Time was up; whether the right folder had been reached, which counts half, or on a fix card
    /// the right file.
    Missed {
        /// See above.
        near: bool,
    },
    /// The card was given back, which is no failure.
    Skipped,
}

/// What an opened file was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// The right one.
    Right,
    /// Another one in the right folder.
    Near,
    /// Another one.
    Wrong,
}

/// A card being played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// What is asked.
    pub card: Card,
    /// How.
    pub mode: Mode,
    /// The hints given so far, in words.
    pub hints: Vec<String>,
    /// How many times something else was searched for.
    pub searches: u32,
    /// How many wrong files were opened.
    pub wrong: u32,
    /// Whether a file of the right folder was opened.
    pub near: bool,
    /// On a fix card: whether the file was found.
    pub located: Option<Duration>,
    /// What was done, with its time; for the host's account of the round.
    pub log: Vec<(Duration, Deed)>,
    /// How it ended, and when.
    pub end: Option<(End, Duration)>,
}

/// Deeds that are kept of a round.
const MOST_DEEDS: usize = 1000;

impl Round {
    /// Shows a card.
    pub fn new(card: Card, mode: Mode) -> Self {
        Self {
            card,
            mode,
            hints: Vec::new(),
            searches: 0,
            wrong: 0,
            near: false,
            located: None,
            log: Vec::new(),
            end: None,
        }
    }

    /// The time that the card gives.
    pub fn limit(&self) -> Duration {
        Duration::from_secs(u64::from(self.card.seconds))
    }

    /// What counts at this time: the time gone by and the price of the hints.
    pub fn spent(&self, at: Duration) -> Duration {
        let hints = if self.mode == Mode::Host { 0 } else { self.hints.len() as u32 };
        at + HINT * hints
    }

    /// What is left at this time.
    pub fn left(&self, at: Duration) -> Duration {
        self.limit().saturating_sub(self.spent(at))
    }

    /// Whether the clock need not be looked at yet.
    pub fn is_calm(&self, at: Duration) -> bool {
        self.mode == Mode::Host || self.spent(at) < CALM.max(self.limit() * 2 / 3)
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// Takes a deed at this time; tells what an opened file was. Nothing changes once it is over.
    pub fn take(&mut self, at: Duration, deed: Deed) -> Option<Judged> {
        if self.is_over() {
            return None;
        }
        if self.mode != Mode::Host && self.spent(at) >= self.limit() {
            // What comes too late, even in the same moment, is too late.
            self.time_up();
            return None;
        }
        if deed != Deed::Tick && self.log.len() < MOST_DEEDS {
            self.log.push((at, deed.clone()));
        }
        match deed {
            Deed::Searched(_) => self.searches += 1,
            Deed::Opened(path) => return Some(self.opened(at, &path)),
            Deed::Edited(mended) => {
                if mended && self.located.is_some() {
                    self.end = Some((End::Found, self.spent(at)));
                }
            }
            Deed::Hint => {
                if let Some(hint) = self.next_hint() {
                    self.hints.push(hint);
                    if self.mode != Mode::Host && self.spent(at) >= self.limit() {
                        self.time_up();
                    }
                }
            }
            Deed::Skip => self.end = Some((End::Skipped, self.spent(at))),
            Deed::Tick => {}
        }
        None
    }

    fn time_up(&mut self) {
        let near = self.near || self.located.is_some();
        self.end = Some((End::Missed { near }, self.limit()));
    }

    fn opened(&mut self, at: Duration, path: &RepoPath) -> Judged {
        if self.card.answers.iter().any(|it| it.path == *path) {
            if self.card.kind == Kind::Fix {
                self.located.get_or_insert(at);
            } else {
                self.end = Some((End::Found, self.spent(at)));
            }
            return Judged::Right;
        }
        self.wrong += 1;
        let folder = folder_of(path.as_bytes());
        // At the root lies everything: to have been there is no credit.
        let beside = |it: &super::Answer| folder_of(it.path.as_bytes()) == folder;
        if !folder.is_empty() && self.card.answers.iter().any(beside) {
            self.near = true;
            return Judged::Near;
        }
        Judged::Wrong
    }

    /// The next hint: the role, then the folder.
    fn next_hint(&self) -> Option<String> {
        let role =
            Some(&self.card.role).filter(|it| !it.is_empty() && self.card.kind != Kind::Role);
        let folder = self.card.folder();
        let folder = if folder.is_empty() {
            "it lies at the root".to_owned()
        } else {
            format!("it lies in {folder}/")
        };
        let all = [role.map(|it| format!("its role is {it}")), Some(folder)];
        all.into_iter().flatten().nth(self.hints.len())
    }

    /// Whether there is a hint left.
    pub fn has_hint(&self) -> bool {
        self.next_hint().is_some()
    }

    /// The next moment at which something changes by itself, counted from the start.
    pub fn next_tick(&self, at: Duration) -> Option<Duration> {
        if self.is_over() {
            return None;
        }
        // The second that is shown changes when a whole one has gone by.
        Some(Duration::from_secs(at.as_secs() + 1))
    }
}

fn folder_of(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).map_or(&[], |at| path.get(..at).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::{Answer, card_id};
    use super::*;

    fn card(kind: Kind) -> Card {
        Card {
            id: card_id(kind, &[b"x"]),
            kind,
            prompt: "Where?".into(),
            seconds: kind.seconds(),
            answers: vec![Answer { path: "api/db/pool.py".into(), line: Some(3) }],
            role: "database".into(),
            fault: None,
        }
    }

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_first_right_open_stops_the_clock() {
        let mut round = Round::new(card(Kind::Symptom), Mode::Alone);
        round.take(s(1), Deed::Searched("po".into()));
        round.take(s(2), Deed::Searched("pool".into()));
        assert_eq!(round.take(s(3), Deed::Opened("web/a.ts".into())), Some(Judged::Wrong));
        assert_eq!(round.take(s(4), Deed::Opened("api/db/x.py".into())), Some(Judged::Near));
        assert_eq!(round.take(s(7), Deed::Opened("api/db/pool.py".into())), Some(Judged::Right));
        assert_eq!(round.end, Some((End::Found, s(7))));
        assert_eq!((round.searches, round.wrong), (2, 2));
        assert_eq!(round.take(s(8), Deed::Skip), None);
        assert_eq!(round.end, Some((End::Found, s(7))), "what is over stays");
        assert_eq!(round.next_tick(s(8)), None);
    }

    #[test]
    fn hints_are_the_role_and_then_the_folder_and_cost_ten_seconds_each() {
        let mut round = Round::new(card(Kind::Symptom), Mode::Alone);
        round.take(s(1), Deed::Hint);
        round.take(s(2), Deed::Hint);
        assert_eq!(round.hints, ["its role is database", "it lies in api/db/"]);
        assert!(!round.has_hint());
        round.take(s(2), Deed::Hint);
        assert_eq!(round.left(s(3)), s(7));
        round.take(s(4), Deed::Opened("api/db/pool.py".into()));
        assert_eq!(round.end, Some((End::Found, s(24))));
        let mut late = Round::new(card(Kind::Symptom), Mode::Alone);
        late.take(s(21), Deed::Hint);
        assert_eq!(late.end, Some((End::Missed { near: false }, s(30))));
        let mut role = Round::new(card(Kind::Role), Mode::Alone);
        role.take(s(1), Deed::Hint);
        assert_eq!(role.hints, ["it lies in api/db/"], "a role card has told the role");
    }

    #[test]
    fn time_ends_a_round_with_half_credit_for_the_folder() {
        let mut round = Round::new(card(Kind::Symptom), Mode::Alone);
        assert!(round.is_calm(s(19)) && !round.is_calm(s(20)));
        assert_eq!(round.next_tick(Duration::from_millis(1500)), Some(s(2)));
        round.take(s(9), Deed::Opened("api/db/x.py".into()));
        round.take(s(29), Deed::Tick);
        assert!(!round.is_over());
        assert_eq!(round.take(s(30), Deed::Opened("api/db/pool.py".into())), None);
        assert_eq!(round.end, Some((End::Missed { near: true }, s(30))));
    }

    #[test]
    fn skipping_is_no_failure_and_the_host_has_no_deadline() {
        let mut round = Round::new(card(Kind::Trace), Mode::Alone);
        round.take(s(5), Deed::Skip);
        assert_eq!(round.end, Some((End::Skipped, s(5))));
        let mut hosted = Round::new(card(Kind::Trace), Mode::Host);
        hosted.take(s(100), Deed::Hint);
        assert!(hosted.is_calm(s(1000)));
        hosted.take(s(200), Deed::Opened("api/db/pool.py".into()));
        assert_eq!(hosted.end, Some((End::Found, s(200))), "hints are free");
        assert_eq!(hosted.log.len(), 2);
    }

    #[test]
    fn a_fix_card_ends_with_the_edit() {
        let mut round = Round::new(card(Kind::Fix), Mode::Alone);
        round.take(s(5), Deed::Edited(true));
        assert!(!round.is_over(), "not in the file yet");
        assert_eq!(round.take(s(40), Deed::Opened("api/db/pool.py".into())), Some(Judged::Right));
        round.take(s(50), Deed::Edited(false));
        assert!(round.is_calm(s(79)) && !round.is_calm(s(80)) && !round.is_over());
        round.take(s(90), Deed::Edited(true));
        assert_eq!((round.end, round.located), (Some((End::Found, s(90))), Some(s(40))));
        let mut late = Round::new(card(Kind::Fix), Mode::Alone);
        late.take(s(40), Deed::Opened("api/db/pool.py".into()));
        late.take(s(120), Deed::Tick);
        assert_eq!(late.end, Some((End::Missed { near: true }, s(120))));
    }
}
