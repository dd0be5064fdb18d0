//! Where parsing may begin: the parser's states that are remembered for one file, and the best place
//! for a fresh start where none of them is near.

use std::collections::BTreeMap;
use std::time::Duration;

use super::line_index::{Behind, look_behind};
use super::parser::State;
use super::patience::Patience;
use super::read::Lines;
use super::source::Source;

/// Lines between remembered states.
pub(super) const STRIDE: u32 = 200;

/// Bytes that a run-up may cost before another fresh start is cheaper.
pub(super) const NEAR: u64 = 64 * 1024;

/// Lines above the window at which a fresh start begins.
const RUN_UP: u64 = 300;

/// Time for finding the end of one long line, which stays plain anyway.
pub(super) const LONG_LINE: Duration = Duration::from_millis(100);

/// Most states kept per file; beyond, every second one is dropped.
const MOST_STATES: usize = 2048;

/// States by the byte of the line before which they hold.
#[derive(Debug, Default)]
pub(super) struct States {
    exact: BTreeMap<u64, State>,
    near: BTreeMap<u64, State>,
    /// The state after the last line parsed.
    tip: Option<(u64, State)>,
}

impl States {
    /// The last state at or before byte `at`, among those that are exact or those that are not.
    pub(super) fn best(&self, at: u64, exact: bool) -> Option<(u64, State)> {
        let states = if exact { &self.exact } else { &self.near };
        let kept = states.range(..=at).next_back();
        let tip = self.tip.iter().filter(|(tip, state)| *tip <= at && state.exact == exact);
        let tip = tip.map(|(tip, state)| (tip, state));
        let (from, state) = kept.into_iter().chain(tip).max_by_key(|(from, _)| **from)?;
        Some((*from, state.clone()))
    }

    /// The place of the last state at or before byte `at`; 0 when there is none.
    pub(super) fn nearest(&self, at: u64) -> u64 {
        let last = |states: &BTreeMap<u64, State>| states.range(..=at).next_back().map(|it| *it.0);
        let tip = self.tip.as_ref().map(|(tip, _)| *tip).filter(|tip| *tip <= at);
        last(&self.exact).max(last(&self.near)).max(tip).unwrap_or(0)
    }

    /// Remembers a state; beyond [`MOST_STATES`] every second one is dropped.
    pub(super) fn keep(&mut self, at: u64, state: State) {
        let states = if state.exact { &mut self.exact } else { &mut self.near };
        states.insert(at, state);
        if states.len() > MOST_STATES {
            let mut nth = 0;
            states.retain(|_, _| {
                nth += 1;
                nth % 2 == 0
            });
        }
    }

    /// Remembers the state after the last line parsed.
    pub(super) fn set_tip(&mut self, at: u64, state: State) {
        self.tip = Some((at, state));
    }

    /// Memory held, in bytes, as an estimate.
    pub(super) fn weight(&self) -> usize {
        (self.exact.len() + self.near.len()) * 2048
    }
}

/// Where to start afresh in order to colour the line at `missing`: some hundred lines above it.
pub(super) fn fresh_start(source: &Source, missing: u64, patience: Patience<'_>) -> u64 {
    match look_behind(source, missing, RUN_UP + 1, patience.at_most(LONG_LINE)) {
        Behind::Start => 0,
        Behind::After(from) => top_level(source, from, missing, patience),
        Behind::GaveUp(_) => missing,
    }
}

/// A line near `from`, before `missing`, that looks like the beginning of something at the top
/// level: not indented, after an empty line. Texts within documentation strings and comments are
/// mostly indented, and a fresh start within one would turn code and text round.
fn top_level(source: &Source, from: u64, missing: u64, patience: Patience<'_>) -> u64 {
    let mut lines = Lines::new(source, from);
    let mut after_empty = false;
    while let Some(line) = lines.next(patience.at_most(LONG_LINE)) {
        if line.start >= missing || line.end.is_none() {
            break;
        }
        let first = line.text.and_then(|text| text.first());
        if after_empty && first.is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'@') {
            return line.start;
        }
        after_empty = line.text.is_some_and(|text| text.trim_ascii().is_empty());
    }
    from
}
