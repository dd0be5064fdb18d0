//! Colours the visible lines of one file, from the nearest remembered state of the parser.
//!
//! A state is kept every [`STRIDE`] lines and after the last line coloured, so scrolling costs a
//! few lines and a jump costs what lies between. Where that takes too long, the parser starts afresh
//! a little above the window, which is right except within long comments and strings; the exact
//! colours may follow. Lines are bounded, and a file on which the parser dawdles is left plain.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use syntect::parsing::SyntaxReference;

use super::parser::State;
use super::patience::Patience;
use super::read::Lines;
use super::row::Run;
use super::source::Source;
use super::states::{LONG_LINE, NEAR, STRIDE, States, fresh_start};
use super::tint::Tints;

/// Bytes per second taken for granted until the file has shown its own pace.
const PACE: u64 = 1024 * 1024;

/// A line that takes longer than this is a strike; after [`STRIKES`] the file stays plain.
const SLOW: Duration = Duration::from_millis(500);
const STRIKES: u8 = 3;

/// Most coloured lines kept per file.
const MOST_RUNS: usize = 8192;

/// The tints of one line.
#[derive(Debug)]
struct Coloured {
    runs: Box<[Run]>,
    exact: bool,
}

/// How to get to a stretch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// Whether only the way through everything before it will do.
    pub(super) exact: bool,
    /// When that way is given up: in favour of a fresh start nearby, or altogether.
    pub(super) deadline: Instant,
}

/// What is known of the colours of one file.
#[derive(Debug)]
pub(super) struct Paint {
    syntax: Option<&'static SyntaxReference>,
    states: States,
    runs: BTreeMap<u64, Coloured>,
    parsed: u64,
    spent: Duration,
    strikes: u8,
}

/// The lines to be coloured, by their first bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// Colours are kept from here on, where they come by the way.
    pub(super) keep: u64,
    /// The first line that is needed.
    pub(super) first: u64,
    /// The last line that is needed.
    pub(super) last: u64,
}

impl Paint {
    /// No colours yet, for a file in this language.
    pub(super) fn new(syntax: Option<&'static SyntaxReference>) -> Self {
        Self {
            syntax,
            states: States::default(),
            runs: BTreeMap::new(),
            parsed: 0,
            spent: Duration::ZERO,
            strikes: 0,
        }
    }

    /// The language's name.
    pub(super) fn language(&self) -> Option<&'static str> {
        self.syntax.map(|syntax| syntax.name.as_str())
    }

    /// Tells whether colouring makes sense: there is a language and it behaves.
    pub(super) fn able(&self) -> bool {
        self.syntax.is_some() && self.strikes < STRIKES
    }

    /// The tints of the line at this byte, once they are known.
    pub(super) fn runs(&self, start: u64) -> Option<&[Run]> {
        self.runs.get(&start).map(|line| line.runs.as_ref())
    }

    /// Memory held, in bytes, as an estimate.
    pub(super) fn weight(&self) -> usize {
        self.states.weight() + self.runs.len() * 160
    }

    /// Tells whether the line at this byte has its final tints.
    pub(super) fn exact(&self, start: u64) -> bool {
        self.runs.get(&start).is_some_and(|line| line.exact)
    }

    /// Colours the stretch; `false` when it did not get there (how far it got is kept).
    pub(super) fn colour(
        &mut self,
        source: &Source,
        stretch: Stretch,
        tints: &mut Tints,
        way: Way,
        patience: Patience<'_>,
    ) -> bool {
        while self.able() {
            let missing = self.first_missing(source, stretch, way.exact, patience);
            let Some(missing) = missing else { return true };
            if patience.spent() {
                return false;
            }
            let Some((from, state)) = self.origin(source, missing, way, patience) else {
                return false;
            };
            let target = Target { missing, stretch, way };
            if self.parse(source, (from, state), target, tints, patience) == Pass::OutOfPatience {
                return false;
            }
        }
        false
    }

    fn first_missing(
        &self,
        source: &Source,
        stretch: Stretch,
        exact: bool,
        patience: Patience<'_>,
    ) -> Option<u64> {
        let mut lines = Lines::new(source, stretch.first);
        while let Some(line) = lines.next(patience.at_most(LONG_LINE)) {
            if line.start > stretch.last {
                break;
            }
            if self.runs.get(&line.start).is_none_or(|line| exact && !line.exact) {
                return Some(line.start);
            }
            if line.end.is_none() {
                break;
            }
        }
        None
    }

    /// Where to start parsing in order to colour the line at `missing`; `None` when there is no way.
    fn origin(
        &self,
        source: &Source,
        missing: u64,
        way: Way,
        patience: Patience<'_>,
    ) -> Option<(u64, State)> {
        let syntax = self.syntax?;
        let (from, state) =
            self.states.best(missing, true).unwrap_or_else(|| (0, State::fresh(syntax, true)));
        // The estimate may be off; only what is hopeless is not tried.
        let left = way.deadline.saturating_duration_since(Instant::now());
        if !left.is_zero() && self.estimate(missing - from) <= left * 2 {
            return Some((from, state));
        }
        if way.exact {
            return None;
        }
        if let Some((from, state)) = self.states.best(missing, false)
            && missing - from <= NEAR
        {
            return Some((from, state));
        }
        let from = fresh_start(source, missing, patience);
        Some((from, State::fresh(syntax, false)))
    }

    /// How long it may take to get to the stretch from what is known.
    pub(super) fn distance(&self, stretch: Stretch) -> Duration {
        if self.runs.contains_key(&stretch.first) && self.runs.contains_key(&stretch.last) {
            return Duration::ZERO;
        }
        let from = self.states.nearest(stretch.last);
        self.estimate(stretch.last.saturating_sub(from))
    }

    fn estimate(&self, bytes: u64) -> Duration {
        let pace = if self.parsed >= NEAR {
            (self.parsed as f64 / self.spent.as_secs_f64().max(1e-6)) as u64
        } else {
            PACE
        };
        Duration::from_millis(bytes.saturating_mul(1000) / pace.max(1))
    }

    fn parse(
        &mut self,
        source: &Source,
        (from, mut state): (u64, State),
        target: Target,
        tints: &mut Tints,
        patience: Patience<'_>,
    ) -> Pass {
        let Target { missing, stretch, way } = target;
        let began = Instant::now();
        let mut lines = Lines::new(source, from);
        let mut at = from;
        let mut since = 0;
        let mut clock = began;
        let pass = loop {
            let line = lines.next(patience.at_most(LONG_LINE));
            let Some(line) = line.filter(|line| line.start <= stretch.last) else {
                break Pass::Arrived;
            };
            at = line.next;
            let wanted = line.start >= stretch.keep;
            let start = line.start;
            let runs = match line.text {
                Some(text) => {
                    let mut text = String::from_utf8_lossy(text).into_owned();
                    text.push('\n');
                    state.line(&text, wanted.then_some(&mut *tints))
                }
                None => Some(Box::default()),
            };
            let Some(runs) = runs else {
                self.strikes = STRIKES;
                return Pass::Broken;
            };
            if wanted && (state.exact || !self.exact(start)) {
                self.runs.insert(start, Coloured { runs, exact: state.exact });
            }
            let now = Instant::now();
            if now - clock > SLOW {
                self.strikes += 1;
            }
            clock = now;
            since += 1;
            if since == STRIDE {
                since = 0;
                self.states.keep(at, state.clone());
            }
            if !self.able() {
                return Pass::Broken;
            }
            if start >= stretch.last {
                break Pass::Arrived;
            }
            if patience.spent() {
                break Pass::OutOfPatience;
            }
            if state.exact && at < missing && now >= way.deadline {
                break Pass::TooFar;
            }
        };
        self.parsed += at - from;
        self.spent += clock - began;
        self.states.set_tip(at, state);
        let lacking = |line: &Coloured| way.exact && !line.exact;
        if pass == Pass::Arrived && self.runs.get(&missing).is_none_or(lacking) {
            // The lines moved under our hands (the file shrank): call it plain.
            self.runs.insert(missing, Coloured { runs: Box::default(), exact: true });
        }
        if self.runs.len() > MOST_RUNS {
            self.runs.retain(|start, _| (stretch.keep..=stretch.last).contains(start));
        }
        pass
    }
}

/// What a pass is after.
#[derive(Debug, Clone, Copy)]
struct Target {
    missing: u64,
    stretch: Stretch,
    way: Way,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Arrived,
    OutOfPatience,
    TooFar,
    Broken,
}
