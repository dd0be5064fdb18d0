//! The viewer: opens, remembers and shows files; the one thing a worker needs.
//!
//! It belongs to one thread and starts none. Every call opens the file afresh, so a file that was
//! replaced, truncated or deleted is noticed; what is remembered is bounded in number and bytes.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::base::RepoPath;

use super::columns::whole_characters;
use super::document::{Document, Extent, Page};
use super::find::{self, FindAsk, Found};
use super::highlight::{BUDGET, Stretch};
use super::line_index::{Behind, look_behind};
use super::needle::Needle;
use super::patience::Patience;
use super::row::{Frame, Strip, lay_out, marks_in};
use super::source::{self, Source};
use super::tint::Tints;
use super::window::{Line, Window, WindowAsk};

/// Most files that are remembered.
const MOST_FILES: usize = 24;

/// Most memory that is held for remembered files, in bytes (an estimate).
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Time for counting lines before the first answer; enough for files of some 16 MB.
const FIRST_COUNT: Duration = Duration::from_millis(4);

/// Time for finding the first row before saying that counting goes on, and between such remarks.
const PATIENCE: Duration = Duration::from_millis(80);

/// Time for finding the ends of long lines on a page, and columns within them.
const LONG_LINES: Duration = Duration::from_millis(60);

/// Time for colours before the first answer, where the language has been used before.
const AT_ONCE: Duration = Duration::from_millis(6);

/// Time for colouring the page below, ahead of scrolling.
const AHEAD: Duration = Duration::from_millis(200);

/// Longest part of a needle that is looked for to the left of the visible part of a long line.
const MARGIN: u64 = 1024;

/// Shows files below one root.
#[derive(Debug)]
pub struct Viewer {
    root: PathBuf,
    /// What is remembered, the file shown last in front.
    documents: Vec<(RepoPath, Document)>,
    tints: Tints,
    /// Languages whose rules have been used, and so are compiled.
    practised: HashSet<&'static str>,
    shown: Option<(WindowAsk, u64)>,
}

impl Viewer {
    /// A viewer of the files below `root`, an absolute folder.
    pub fn new(root: PathBuf) -> Self {
        Self {
            root,
            documents: Vec::new(),
            tints: Tints::new(),
            practised: HashSet::new(),
            shown: None,
        }
    }

    /// Shows a part of a file: reports it plain at once and again when it is coloured, or once
    /// when colours are at hand. While a far line is being looked for, windows without lines report
    /// how far counting has got. Stops soon after `cancelled` says so, perhaps without any report.
    pub fn window(
        &mut self,
        ask: &WindowAsk,
        cancelled: &dyn Fn() -> bool,
        report: &mut dyn FnMut(Window),
    ) {
        let patience = Patience::endless(cancelled);
        self.shown = None;
        let source = match self.open(&ask.path) {
            Ok(source) => source,
            Err(remark) => return report(*remark),
        };
        let Some(top) = self.find_top(&source, ask, patience, report) else { return };
        let Some((_, document)) = self.documents.first_mut() else { return };
        let page = document.page(&source, top, ask.rows, patience.at_most(LONG_LINES));
        let top = page.rows.first().map_or(top, |row| row.start);
        self.shown = Some((ask.clone(), top));
        let deadline = Instant::now() + BUDGET;
        let stretch = stretch_of(&source, &page, ask.rows, patience);
        let language = document.paint.language().filter(|_| document.paint.able());
        let (Some(language), Some(stretch)) = (language, stretch) else {
            return report(self.render(&source, ask, &page, patience));
        };
        let known = self.practised.contains(language);
        let quick = patience.at_most(if known { AT_ONCE } else { Duration::ZERO });
        let mut done = document.paint.colour(&source, stretch, &mut self.tints, deadline, quick);
        if cancelled() {
            return;
        }
        report(self.render(&source, ask, &page, patience));
        if !done {
            let Some((_, document)) = self.documents.first_mut() else { return };
            done = document.paint.colour(&source, stretch, &mut self.tints, deadline, patience);
            self.practised.insert(language);
            if cancelled() || !done {
                return;
            }
            report(self.render(&source, ask, &page, patience));
        }
        if done && !page.at_end {
            self.colour_ahead(&source, page.next, ask.rows, patience);
        }
    }

    /// Counts on the lines of the file shown last, for about `budget`, and tells how it looks now;
    /// `None` when there is nothing left to count, or the file has changed meanwhile. For a worker
    /// that has nothing better to do.
    pub fn count_more(&mut self, budget: Duration) -> Option<Window> {
        let never = || false;
        let patience = Patience::endless(&never);
        let (ask, top) = self.shown.take()?;
        let before = self.documents.first().map(|(_, document)| document.identity)?;
        let source = self.open(&ask.path).ok()?;
        let (_, document) = self.documents.first_mut()?;
        if document.identity != before || document.index.complete() {
            return None;
        }
        document.index.extend(&source, patience.at_most(budget), |_| false);
        let page = document.page(&source, top, ask.rows, patience.at_most(budget));
        let window = self.render(&source, &ask, &page, patience);
        self.shown = Some((ask, top));
        Some(window)
    }

    /// Searches within a file; `progress` hears the share searched in percent, ascending, where it
    /// takes a while. Marks in windows follow [`WindowAsk::needle`], not this.
    pub fn find(
        &mut self,
        ask: &FindAsk,
        cancelled: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(u8),
    ) -> Found {
        let source = match self.open(&ask.path) {
            Ok(source) => source,
            Err(remark) => return Found::Unreadable(remark.note.unwrap_or_default()),
        };
        let Some((_, document)) = self.documents.first_mut() else { return Found::Nowhere };
        find::find(document, &source, ask, Patience::endless(cancelled), progress)
    }

    /// Forgets everything; the next window starts from nothing.
    pub fn forget(&mut self) {
        self.documents.clear();
        self.shown = None;
    }

    /// Opens the file and puts its document in front; or says why there is no text.
    fn open(&mut self, path: &RepoPath) -> Result<Source, Box<Window>> {
        let remark = |bytes, note| Box::new(Window::remark(path.clone(), bytes, note));
        let kept = self.documents.iter().position(|(known, _)| known == path);
        let kept = kept.map(|at| self.documents.remove(at).1);
        let (file, identity) = source::open(&self.root, path)
            .map_err(|refusal| remark(refusal.bytes, refusal.note))?;
        let document = match kept.filter(|document| document.identity == identity) {
            Some(document) => document,
            None => Document::new(path, &file, identity),
        };
        if let Some(note) = file.trouble() {
            return Err(remark(file.len(), note));
        }
        let bytes = file.len();
        let source = document.source(file);
        self.documents.insert(0, (path.clone(), document));
        self.evict();
        source.map_err(|note| remark(bytes, note))
    }

    fn evict(&mut self) {
        self.documents.truncate(MOST_FILES);
        let mut held = 0;
        let fits = self.documents.iter().take_while(|(_, document)| {
            held += document.weight();
            held <= MOST_BYTES
        });
        let keep = fits.count().max(1);
        self.documents.truncate(keep);
    }

    fn find_top(
        &mut self,
        source: &Source,
        ask: &WindowAsk,
        patience: Patience<'_>,
        report: &mut dyn FnMut(Window),
    ) -> Option<u64> {
        let (path, document) = self.documents.first_mut()?;
        document.index.extend(source, patience.at_most(FIRST_COUNT), |_| false);
        loop {
            if patience.cancelled() {
                return None;
            }
            let slice = patience.at_most(PATIENCE);
            if let Some(top) = document.top(source, ask.anchor, ask.rows, slice) {
                return Some(top);
            }
            if patience.cancelled() {
                return None;
            }
            let mut window =
                Window::remark(path.clone(), document.identity.size(), "counting lines".to_owned());
            window.total = document.total(source);
            window.at_end = false;
            window.language = document.paint.language();
            report(window);
        }
    }

    fn colour_ahead(&mut self, source: &Source, next: u64, rows: u16, patience: Patience<'_>) {
        let Some((_, document)) = self.documents.first_mut() else { return };
        let patience = patience.at_most(AHEAD);
        let page = document.page(source, next, rows, patience);
        let (Some(first), Some(last)) = (page.rows.first(), page.rows.last()) else { return };
        let stretch = Stretch { keep: first.start, first: first.start, last: last.start };
        let deadline = Instant::now() + AHEAD;
        document.paint.colour(source, stretch, &mut self.tints, deadline, patience);
    }

    fn render(
        &mut self,
        source: &Source,
        ask: &WindowAsk,
        page: &Page,
        patience: Patience<'_>,
    ) -> Window {
        let mut window = Window::remark(ask.path.clone(), 0, String::new());
        window.note = None;
        let Some((_, document)) = self.documents.first_mut() else { return window };
        let needles: Vec<Needle> = match ask.needle.as_deref().filter(|it| !it.is_empty()) {
            Some(needle) => Needle::new(needle).into_iter().collect(),
            None => ask.words.iter().filter_map(|word| Needle::new(word)).collect(),
        };
        let patience = patience.at_most(LONG_LINES);
        let first = page.rows.first().and_then(|row| document.index.number_at(source, row.start));
        let mut coloured = document.paint.language().is_some();
        for (nth, row) in page.rows.iter().enumerate() {
            coloured &= document.paint.runs(row.start).is_some();
            let mut line = show(document, source, row, ask, &needles, patience);
            line.number = first.map(|first| first + nth as u64);
            line.byte = row.start;
            window.lines.push(line);
        }
        window.total = document.total(source);
        window.bytes = document.identity.size();
        window.left = ask.left;
        window.coloured = coloured;
        window.note = source.trouble();
        window.truncated = page.rows.last().is_some_and(|row| row.end.is_none());
        window.at_end = page.at_end;
        window.language = document.paint.language();
        window
    }
}

/// The lines of the page, and where the page above it begins.
fn stretch_of(source: &Source, page: &Page, rows: u16, patience: Patience<'_>) -> Option<Stretch> {
    let first = page.rows.first()?.start;
    let last = page.rows.last()?.start;
    let above = look_behind(source, first, u64::from(rows) + 1, patience.at_most(AT_ONCE));
    let keep = match above {
        Behind::After(byte) | Behind::GaveUp(byte) => byte.min(first),
        Behind::Start => 0,
    };
    Some(Stretch { keep, first, last })
}

/// One row of the window.
fn show(
    document: &mut Document,
    source: &Source,
    row: &Extent,
    ask: &WindowAsk,
    needles: &[Needle],
    patience: Patience<'_>,
) -> Line {
    let frame = Frame { left: u64::from(ask.left), columns: ask.columns };
    if let Some(bytes) = &row.text {
        let text = String::from_utf8_lossy(bytes);
        let runs = document.paint.runs(row.start).unwrap_or_default();
        let marks = marks_in(&text, needles);
        return lay_out(Strip { text: &text, column: 0, runs, marks: &marks }, frame);
    }
    let end = row.end.unwrap_or(source.len());
    let spot = document.columns.spot_at(source, (row.start, end), frame.left, patience);
    let room = usize::from(ask.columns) * 8 + 256;
    let mut bytes = source.piece(spot.byte, room.min((end - spot.byte) as usize));
    if spot.byte + (bytes.len() as u64) < end {
        bytes.truncate(whole_characters(&bytes));
    }
    let longest = needles.iter().map(|needle| needle.len() as u64).max().unwrap_or(0);
    let margin = longest.min(MARGIN).min(spot.byte - row.start);
    let before = source.piece(spot.byte - margin, margin as usize);
    let before = String::from_utf8_lossy(&before);
    let text = String::from_utf8_lossy(&bytes);
    let marks: Vec<_> = marks_in(&format!("{before}{text}"), needles)
        .into_iter()
        .filter(|mark| mark.end > before.len())
        .map(|mark| mark.start.saturating_sub(before.len())..mark.end - before.len())
        .collect();
    let mut line =
        lay_out(Strip { text: &text, column: spot.column, runs: &[], marks: &marks }, frame);
    line.cut_right |= spot.byte + (bytes.len() as u64) < end;
    // A row that begins in the middle of a line whose beginning was out of reach.
    line.cut_left |= row.start > 0 && source.piece(row.start - 1, 1) != b"\n";
    line
}
