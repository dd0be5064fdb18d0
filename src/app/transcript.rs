//! The output of a run as it is read: following its end, scrolling, searching, filtering, comparing.

use std::hash::Hasher;
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::{FxHashSet, FxHasher};

use crate::base::text;
use crate::engine::commands::Outcome;
use crate::engine::output::{
    Level, Line, Needle, Ring, Row, line_like, next_match, next_of_level, shown,
};
use crate::protocol::RunId;

/// A run and how it is looked at.
#[derive(Debug, Clone)]
pub struct Transcript {
    /// The run.
    pub id: RunId,
    /// What runs.
    pub argv: Vec<String>,
    /// What navi changed in it, and why.
    pub note: Option<String>,
    /// When it was asked for.
    pub since: Instant,
    /// What the clock on the wall showed when it began.
    pub clock: String,
    /// Seconds from each end to the next start, where it runs again and again.
    pub every: Option<u64>,
    /// How and when it ended.
    pub ended: Option<(Outcome, Instant)>,
    /// Its output.
    pub ring: Ring,
    /// Lines that have not ended yet, such as a prompt or a bar that grows.
    open: Vec<Line>,
    /// The first row on screen; `None` follows the end.
    top: Option<usize>,
    /// First column shown.
    pub left: usize,
    /// Whether long lines are broken instead of cut.
    pub wrap: bool,
    /// What is searched for.
    pub needle: Option<String>,
    /// The row of the last match, or of the last error that was gone to.
    pub at: Option<usize>,
    /// Only lines with this are shown.
    pub filter: Option<String>,
    /// Only lines that are at least so loud are shown.
    pub least: Level,
    /// The last run that went well, to compare with.
    pub good: Option<Arc<Good>>,
    /// Whether only what differs from it is shown.
    pub comparing: bool,
}

/// The lines of a run that went well.
#[derive(Debug, Default)]
pub struct Good {
    lines: Vec<String>,
    /// What they say.
    said: FxHashSet<u64>,
}

impl Good {
    /// Of these lines.
    pub fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        let said = lines.iter().map(|it| saying(it)).collect();
        Self { lines, said }
    }
}

/// A line on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown<'a> {
    /// Of the output: its row, and itself.
    Row(usize, Row<'a>),
    /// Of the output, and not ended yet.
    Open(&'a Line),
    /// It was there when all went well, and is not now.
    Lacking(&'a str),
}

impl Transcript {
    /// A run that begins now.
    pub fn new(id: RunId, argv: Vec<String>, since: Instant) -> Self {
        Self {
            id,
            argv,
            note: None,
            since,
            clock: String::new(),
            every: None,
            ended: None,
            ring: Ring::default(),
            open: Vec::new(),
            top: None,
            left: 0,
            wrap: false,
            needle: None,
            at: None,
            filter: None,
            least: Level::Plain,
            good: None,
            comparing: false,
        }
    }

    /// Whether it goes on.
    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    /// Whether new lines are scrolled to.
    pub fn follows(&self) -> bool {
        self.top.is_none()
    }

    /// Takes new lines, what was left out after them, and the lines that have not ended yet.
    pub fn take(&mut self, lines: Vec<Line>, dropped: u64, open: Vec<Line>) {
        self.open = open;
        let (first, from) = (self.number_of_top(), self.number(self.at));
        for line in lines {
            self.ring.push(line);
        }
        self.ring.skip(dropped);
        // What is looked at stays where it is while lines before it are let go.
        if let Some(number) = first {
            self.top = Some(self.ring.row_of(number));
        }
        self.at = from.map(|number| self.ring.row_of(number));
    }

    fn number(&self, row: Option<usize>) -> Option<u64> {
        match self.ring.row(row?)? {
            Row::Line(_, number) => Some(number),
            Row::Gap { .. } => None,
        }
    }

    fn number_of_top(&self) -> Option<u64> {
        self.number(self.top)
    }

    fn passes(&self, line: &Line, filter: Option<&Needle>) -> bool {
        let new = !self.comparing
            || self.good.as_ref().is_none_or(|it| !it.said.contains(&saying(&line.text)));
        new && line_like(line, filter, self.least)
    }

    /// Whether some lines are not shown on purpose.
    pub fn is_filtered(&self) -> bool {
        self.filter.is_some() || self.least > Level::Plain || self.comparing
    }

    /// What stands on a screen of so many rows, from the top.
    pub fn page(&self, rows: usize) -> Vec<Shown<'_>> {
        if !self.is_filtered() {
            let open = self.open.iter().take(rows).map(Shown::Open);
            let (all, rest) = (self.ring.rows(), rows.saturating_sub(self.open.len()));
            let top = self.top.unwrap_or(usize::MAX).min(all.saturating_sub(rest));
            let ended = (top..all.min(top + rows)).filter_map(|it| self.shown(it));
            return ended.chain(open).take(rows).collect();
        }
        let filter = self.filter.as_deref().and_then(Needle::new);
        let passing = |row: &usize| {
            self.ring.line(*row).is_some_and(|line| self.passes(line, filter.as_ref()))
        };
        let lacking = self.lacking();
        let all = self.ring.rows();
        let on_page: Vec<usize> = if let Some(top) = self.top {
            (top..all).filter(passing).take(rows).collect()
        } else {
            let mut last: Vec<usize> = (0..all).rev().filter(passing).take(rows).collect();
            last.reverse();
            last
        };
        let mut page: Vec<Shown<'_>> =
            on_page.into_iter().filter_map(|it| self.shown(it)).collect();
        let room = rows.saturating_sub(page.len());
        page.extend(lacking.into_iter().take(room).map(Shown::Lacking));
        page
    }

    fn shown(&self, row: usize) -> Option<Shown<'_>> {
        Some(Shown::Row(row, self.ring.row(row)?))
    }

    /// Lines of the last good run that this one lacks, while comparing.
    fn lacking(&self) -> Vec<&str> {
        let Some(good) = self.good.as_ref().filter(|_| self.comparing && !self.is_running()) else {
            return Vec::new();
        };
        let here: FxHashSet<u64> = self.ring.lines().map(|it| saying(&it.text)).collect();
        let lacks = |old: &&String| !here.contains(&saying(old));
        good.lines.iter().filter(lacks).map(String::as_str).collect()
    }

    /// Scrolls by rows that are shown, on a screen of so many.
    pub fn scroll(&mut self, by: isize, rows: usize) {
        let filter = self.filter.as_deref().and_then(Needle::new);
        let all = self.ring.rows();
        let passing: Vec<usize> = if self.is_filtered() {
            let pass = |row: &usize| {
                self.ring.line(*row).is_some_and(|line| self.passes(line, filter.as_ref()))
            };
            (0..all).filter(pass).collect()
        } else {
            (0..all).collect()
        };
        let last = passing.len().saturating_sub(rows);
        let now = self.top.map_or(last, |top| passing.partition_point(|&it| it < top).min(last));
        let next = now.saturating_add_signed(by).min(last);
        // At the end, new lines are scrolled to again.
        self.top = if next >= last && by > 0 { None } else { passing.get(next).copied() };
    }

    /// Goes to the first row, or to the end to follow it.
    pub fn go_to_end(&mut self, end: bool) {
        self.top = (!end).then_some(0);
    }

    /// Follows the end, or stops where it is on a screen of so many rows.
    pub fn toggle_follow(&mut self, rows: usize) {
        self.top = match self.top {
            Some(_) => None,
            None => Some(self.ring.rows().saturating_sub(rows)),
        };
    }

    /// Goes to the next match, or the one before. Tells whether there is one.
    pub fn find(&mut self, forward: bool, rows: usize) -> bool {
        let Some(needle) = self.needle.as_deref().and_then(Needle::new) else { return true };
        let from = self.at.or(self.top.filter(|_| forward).and_then(|it| it.checked_sub(1)));
        let found = next_match(&self.ring, from, forward, &needle);
        self.bring(found, rows)
    }

    /// Scrolls to the side until the match that was gone to is among so many columns.
    pub fn bring_sideways(&mut self, columns: usize) {
        let needle = self.needle.as_deref().and_then(Needle::new);
        let line = self.at.and_then(|row| self.ring.line(row));
        let (Some(needle), Some(line)) = (needle, line) else { return };
        let Some(found) = needle.ranges(&line.text).into_iter().next() else { return };
        let before = line.text.get(..found.start).map_or(0, text::width);
        let ends = before + line.text.get(found).map_or(0, text::width);
        if self.wrap || ends <= columns {
            self.left = 0;
        } else if before < self.left || ends > self.left + columns {
            self.left = before.saturating_sub(columns / 3);
        }
    }

    /// Goes to the next error, or warning if there is no error. Tells whether there is one.
    pub fn find_loud(&mut self, forward: bool, rows: usize) -> bool {
        let least = if self.ring.loud().0 > 0 { Level::Error } else { Level::Warning };
        let found = next_of_level(&self.ring, self.at, forward, least);
        self.bring(found, rows)
    }

    fn bring(&mut self, row: Option<usize>, rows: usize) -> bool {
        let Some(row) = row else { return false };
        self.at = Some(row);
        // A third of the screen above it shows what led there.
        self.top = Some(row.saturating_sub(rows / 3));
        true
    }

    /// The row that copying and going to the source mean: the last match, or else the one at the
    /// top of a screen of so many rows.
    pub fn row_meant(&self, rows: usize) -> Option<usize> {
        let page = self.page(rows);
        let on_screen =
            |row: &usize| page.iter().any(|it| matches!(it, Shown::Row(at, _) if at == row));
        let first = page.iter().find_map(|it| match it {
            Shown::Row(row, _) => Some(*row),
            Shown::Lacking(_) | Shown::Open(_) => None,
        });
        self.at.filter(on_screen).or(first)
    }

    /// How it stands, in a few words; `now` counts for what goes on.
    pub fn state(&self, now: Option<Instant>) -> String {
        let Some((outcome, _)) = &self.ended else {
            let ran = now.map_or(0, |now| now.saturating_duration_since(self.since).as_secs());
            // Short, since most lists have ten columns for it.
            return match ran {
                0..60 => format!("runs {ran} s"),
                60..3600 => format!("runs {} m", ran / 60),
                _ => format!("runs {} h", ran / 3600),
            };
        };
        let took = duration(outcome.ms);
        match (outcome.status.id(), outcome.exit) {
            ("failed", Some(exit)) => format!("exit {exit} · {took}"),
            ("not-started", _) => "not started".to_owned(),
            (word, _) => format!("{word} · {took}"),
        }
    }

    /// The command as one would type it.
    pub fn command(&self) -> String {
        shown(&self.argv)
    }
}

/// What a line says but for numbers, which times, sizes and counts are. A number, since each frame
/// asks it of every line there is.
fn saying(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    for piece in text.split(|it: char| it.is_ascii_digit()).filter(|it| !it.is_empty()) {
        for byte in piece.bytes() {
            hasher.write_u8(byte);
        }
    }
    hasher.finish()
}

/// A duration in milliseconds, as it is said: `41 ms`, `2.1 s`, `4 m 12 s`.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{:.1} s", ms as f64 / 1000.0),
        _ => format!("{} m {} s", ms / 60_000, ms % 60_000 / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::Status;
    use crate::engine::output::{Stream, level_of};

    fn run(texts: &[&str]) -> Transcript {
        let mut it = Transcript::new(1, vec!["x".into()], Instant::now());
        it.take(lines(texts), 0, Vec::new());
        it
    }

    fn lines(texts: &[&str]) -> Vec<Line> {
        let line = |text: &&str| {
            let (stream, level) = (Stream::Out, level_of(text));
            Line { stream, text: (*text).into(), looks: Vec::new(), level, cut: false }
        };
        texts.iter().map(line).collect()
    }

    fn page(it: &Transcript, rows: usize) -> Vec<&str> {
        let text = |shown| match shown {
            Shown::Row(row, _) => it.ring.line(row).map_or("gap", |line| line.text.as_str()),
            Shown::Open(line) => line.text.as_str(),
            Shown::Lacking(_) => "lacking",
        };
        it.page(rows).into_iter().map(text).collect()
    }

    #[test]
    fn the_end_is_followed_until_somebody_scrolls_and_again_at_the_end() {
        let mut it = run(&["a", "b", "c", "d"]);
        assert_eq!(page(&it, 2), ["c", "d"]);
        it.scroll(-1, 2);
        assert!(!it.follows());
        it.take(lines(&["e"]), 0, Vec::new());
        assert_eq!(page(&it, 2), ["b", "c"]);
        it.scroll(9, 2);
        assert!(it.follows());
        assert_eq!(page(&it, 2), ["d", "e"]);
        it.go_to_end(false);
        assert_eq!(page(&it, 2), ["a", "b"]);
        it.toggle_follow(2);
        assert!(it.follows());
        it.take(Vec::new(), 0, lines(&["40 %"]));
        assert_eq!(page(&it, 2), ["e", "40 %"]);
        it.take(lines(&["100 %"]), 0, Vec::new());
        assert_eq!(page(&it, 2), ["e", "100 %"]);
    }

    #[test]
    fn filters_errors_and_matches() {
        let mut it = run(&["one", "ERROR two", "three", "WARN four", "ERROR five"]);
        assert!(it.find_loud(true, 3) && it.at == Some(1));
        assert!(it.find_loud(true, 3) && it.at == Some(4));
        it.needle = Some("thr".into());
        assert!(it.find(true, 3) && it.at == Some(2), "round the end");
        it.needle = Some("nothing".into());
        assert!(!it.find(true, 3));
        it.go_to_end(true);
        it.least = Level::Warning;
        assert_eq!(page(&it, 9), ["ERROR two", "WARN four", "ERROR five"]);
        it.filter = Some("fi".into());
        assert_eq!(page(&it, 9), ["ERROR five"]);
        it.scroll(-5, 9);
        assert_eq!(page(&it, 9), ["ERROR five"]);
        assert_eq!(it.row_meant(9), Some(4));
    }

    #[test]
    fn a_match_far_to_the_right_is_brought_to_sight() {
        let long = format!("{}needle{}", "x".repeat(500), "y".repeat(90_000));
        let mut it = run(&["needle", &long]);
        it.needle = Some("needle".into());
        it.at = Some(1);
        it.bring_sideways(60);
        assert!(it.left <= 500 && it.left + 60 >= 506, "{}", it.left);
        it.at = Some(0);
        it.bring_sideways(60);
        assert_eq!(it.left, 0);
    }

    #[test]
    fn what_differs_from_the_last_good_run_is_shown() {
        let mut it = run(&["up 12 s", "down"]);
        it.good = Some(Arc::new(Good::of(["up 9 s", "ready"].into_iter())));
        it.comparing = true;
        let (status, notes) = (Status::Failed, Vec::new());
        let outcome = Outcome { status, exit: Some(3), ms: 2100, dropped_bytes: 0, notes };
        it.ended = Some((outcome, it.since));
        assert_eq!(it.page(9), [Shown::Row(1, it.ring.row(1).unwrap()), Shown::Lacking("ready"),]);
        assert_eq!(it.state(None), "exit 3 · 2.1 s");
        assert_eq!(duration(252_000), "4 m 12 s");
    }
}
