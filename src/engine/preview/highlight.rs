//! Colours the visible lines of one file, from the nearest remembered state of the parser.
//!
//! A state is kept every [`STRIDE`] lines and after the last line coloured, so scrolling costs a
//! few lines and a jump costs what lies between. Where that would take too long, the parser starts
//! afresh a little above the window, which is right except within long comments and strings. The
//! parser is foreign code fed with hostile text: its panics are caught, its lines are bounded, and a
//! file on which it dawdles is left plain.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use syntect::parsing::{ParseState, ScopeStack, SyntaxReference};

use super::language::syntaxes;
use super::line_index::{Behind, look_behind};
use super::patience::Patience;
use super::read::Lines;
use super::row::Run;
use super::source::Source;
use super::tint::Tints;
use super::window::Tint;

/// Lines between remembered states.
const STRIDE: u32 = 200;

/// Lines above the window at which a fresh start begins.
const RUN_UP: u64 = 300;

/// Bytes that a run-up may cost before another fresh start is cheaper.
const NEAR: u64 = 64 * 1024;

/// How long the way from a remembered state to the window may take.
pub(super) const BUDGET: Duration = Duration::from_millis(1500);

/// Bytes per second taken for granted until the file has shown its own pace.
const PACE: u64 = 1024 * 1024;

/// A line that takes longer than this is a strike; after [`STRIKES`] the file stays plain.
const SLOW: Duration = Duration::from_millis(500);
const STRIKES: u8 = 3;

/// Time for finding the end of one long line, which stays plain anyway.
const LONG_LINE: Duration = Duration::from_millis(100);

/// Most states kept per file; beyond, every second one is dropped.
const MOST_STATES: usize = 2048;

/// Most coloured lines kept per file.
const MOST_RUNS: usize = 8192;

/// The parser before the line at some byte.
#[derive(Debug, Clone)]
struct State {
    parse: ParseState,
    scopes: ScopeStack,
    /// Tells whether everything from the file's beginning on was parsed.
    exact: bool,
}

/// What is known of the colours of one file.
#[derive(Debug)]
pub(super) struct Paint {
    syntax: Option<&'static SyntaxReference>,
    exact: BTreeMap<u64, State>,
    near: BTreeMap<u64, State>,
    /// The state after the last line parsed.
    tip: Option<(u64, State)>,
    runs: BTreeMap<u64, Box<[Run]>>,
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
            exact: BTreeMap::new(),
            near: BTreeMap::new(),
            tip: None,
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
        self.runs.get(&start).map(AsRef::as_ref)
    }

    /// Memory held, in bytes, as an estimate.
    pub(super) fn weight(&self) -> usize {
        (self.exact.len() + self.near.len()) * 2048 + self.runs.len() * 160
    }

    /// Colours the stretch; `false` when patience ended first (the way made so far is kept). Past
    /// `deadline` the way to the stretch is cut short by a fresh start.
    pub(super) fn colour(
        &mut self,
        source: &Source,
        stretch: Stretch,
        tints: &mut Tints,
        deadline: Instant,
        patience: Patience<'_>,
    ) -> bool {
        while self.able() {
            let Some(missing) = self.first_missing(source, stretch, patience) else { return true };
            if patience.spent() {
                return false;
            }
            let Some((from, state)) = self.origin(source, missing, deadline, patience) else {
                return false;
            };
            if self.parse(source, (from, state), (missing, stretch), tints, deadline, patience)
                == Pass::OutOfPatience
            {
                return false;
            }
        }
        false
    }

    fn first_missing(
        &self,
        source: &Source,
        stretch: Stretch,
        patience: Patience<'_>,
    ) -> Option<u64> {
        let mut lines = Lines::new(source, stretch.first);
        while let Some(line) = lines.next(patience.at_most(LONG_LINE)) {
            if line.start > stretch.last {
                break;
            }
            if !self.runs.contains_key(&line.start) {
                return Some(line.start);
            }
            if line.end.is_none() {
                break;
            }
        }
        None
    }

    /// Where to start parsing in order to colour the line at `missing`.
    fn origin(
        &self,
        source: &Source,
        missing: u64,
        deadline: Instant,
        patience: Patience<'_>,
    ) -> Option<(u64, State)> {
        let syntax = self.syntax?;
        let fresh =
            |exact| State { parse: ParseState::new(syntax), scopes: ScopeStack::new(), exact };
        let tip = self.tip.as_ref().filter(|(at, _)| *at <= missing);
        let best = |states: &BTreeMap<u64, State>, exact: bool| {
            let kept = states.range(..=missing).next_back().map(|(at, state)| (*at, state.clone()));
            let tip = tip.filter(|(_, state)| state.exact == exact).cloned();
            kept.into_iter().chain(tip).max_by_key(|(at, _)| *at)
        };
        let (from, state) = best(&self.exact, true).unwrap_or_else(|| (0, fresh(true)));
        // The estimate may be off; only what is hopeless is not tried.
        let left = deadline.saturating_duration_since(Instant::now());
        if !left.is_zero() && self.estimate(missing - from) <= left * 2 {
            return Some((from, state));
        }
        if let Some((from, state)) = best(&self.near, false)
            && missing - from <= NEAR
        {
            return Some((from, state));
        }
        match look_behind(source, missing, RUN_UP + 1, patience.at_most(BUDGET)) {
            // Right too, but not to be given up for taking long: this is the last resort.
            Behind::Start => Some((0, fresh(false))),
            Behind::After(from) => Some((from, fresh(false))),
            Behind::GaveUp(_) => Some((missing, fresh(false))),
        }
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
        (missing, stretch): (u64, Stretch),
        tints: &mut Tints,
        deadline: Instant,
        patience: Patience<'_>,
    ) -> Pass {
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
            if wanted {
                self.runs.insert(start, runs);
            }
            let now = Instant::now();
            if now - clock > SLOW {
                self.strikes += 1;
            }
            clock = now;
            since += 1;
            if since == STRIDE {
                since = 0;
                let states = if state.exact { &mut self.exact } else { &mut self.near };
                states.insert(at, state.clone());
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
            if state.exact && at < missing && now >= deadline {
                break Pass::TooFar;
            }
        };
        self.parsed += at - from;
        self.spent += clock - began;
        self.tip = Some((at, state));
        if pass == Pass::Arrived && !self.runs.contains_key(&missing) {
            // The lines moved under our hands (the file shrank): call it plain.
            self.runs.insert(missing, Box::default());
        }
        self.thin(stretch);
        pass
    }

    /// Keeps what is remembered within its bounds.
    fn thin(&mut self, stretch: Stretch) {
        for states in [&mut self.exact, &mut self.near] {
            if states.len() > MOST_STATES {
                let mut nth = 0;
                states.retain(|_, _| {
                    nth += 1;
                    nth % 2 == 0
                });
            }
        }
        if self.runs.len() > MOST_RUNS {
            self.runs.retain(|start, _| (stretch.keep..=stretch.last).contains(start));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Arrived,
    OutOfPatience,
    TooFar,
    Broken,
}

impl State {
    /// Takes one line (with its newline) and tells its tints, when `tints` are wanted; `None` when
    /// the parser failed.
    fn line(&mut self, text: &str, tints: Option<&mut Tints>) -> Option<Box<[Run]>> {
        let work = AssertUnwindSafe(|| {
            let changes = self.parse.parse_line(text, syntaxes()).ok()?;
            let Some(tints) = tints else {
                for (_, change) in &changes {
                    self.scopes.apply(change).ok()?;
                }
                return Some(Box::default());
            };
            let mut runs: Vec<Run> = Vec::new();
            let mut from = 0;
            for (at, change) in &changes {
                if *at > from {
                    push(&mut runs, *at, tints.of(&self.scopes));
                    from = *at;
                }
                self.scopes.apply(change).ok()?;
            }
            if text.len() > from {
                push(&mut runs, text.len(), tints.of(&self.scopes));
            }
            Some(runs.into())
        });
        catch_unwind(work).ok().flatten()
    }
}

fn push(runs: &mut Vec<Run>, end: usize, tint: Tint) {
    match runs.last_mut() {
        Some(last) if last.1 == tint => last.0 = end as u32,
        _ => runs.push((end as u32, tint)),
    }
}
