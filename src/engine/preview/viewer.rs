//! The viewer: opens, remembers and shows files; the one thing a worker needs.
//!
//! It belongs to one thread and starts none. Every call opens the file afresh, so a file that was
//! replaced, truncated or deleted is noticed; what is remembered is bounded in number and bytes.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::base::RepoPath;

use super::document::{Document, Page};
use super::find::{self, FindAsk, Found};
use super::highlight::{Paint, Stretch, Way};
use super::line_index::{Behind, look_behind};
use super::needle::Needle;
use super::patience::Patience;
use super::row::Run;
use super::show::show;
use super::source::{self, Source};
use super::tint::Tints;
use super::window::{Window, WindowAsk};

/// Most files that are remembered.
const MOST_FILES: usize = 24;

/// Most memory that is held for remembered files, in bytes (an estimate).
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Time for counting lines before the first answer; enough for files of some 8 MB.
const FIRST_COUNT: Duration = Duration::from_millis(2);

/// Time for counting lines between the first answer and the coloured one.
const SECOND_COUNT: Duration = Duration::from_millis(15);

/// Time for finding the first row before saying that counting goes on, and between such remarks.
const PATIENCE: Duration = Duration::from_millis(80);

/// Time for finding the ends of long lines on a page, and columns within them.
const LONG_LINES: Duration = Duration::from_millis(60);

/// Time for colours before the first answer, where the language has been used before.
const AT_ONCE: Duration = Duration::from_millis(3);

/// Time for parsing all that lies before the window, before colours from a fresh start are shown.
const ROUGH: Duration = Duration::from_millis(30);

/// Time for replacing such colours by exact ones.
const EXACT: Duration = Duration::from_millis(1500);

/// Time for colouring the page below, ahead of scrolling.
const AHEAD: Duration = Duration::from_millis(200);

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
    /// Time for the ends of long lines, and for columns within them.
    long_lines: Duration,
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
            long_lines: LONG_LINES,
        }
    }

    /// The same with other patience for long lines, for one who waits.
    #[cfg(test)]
    #[must_use]
    pub fn patient(mut self) -> Self {
        self.long_lines = Duration::from_secs(60);
        self
    }

    /// Shows a part of a file: reports it plain at once and again when it is coloured, or once
    /// when colours are at hand; far down a file, colours may be corrected by a third report. While a far line is being looked for, windows without lines report
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
        let page = document.page(&source, top, ask.rows, patience.at_most(self.long_lines));
        let top = page.rows.first().map_or(top, |row| row.start);
        self.shown = Some((ask.clone(), top));
        let rough = Way { exact: false, deadline: Instant::now() + ROUGH };
        let stretch = stretch_of(&source, &page, ask.rows, patience);
        let language = document.paint.language().filter(|_| document.paint.able());
        let (Some(language), Some(stretch)) = (language, stretch) else {
            return report(self.render(&source, ask, &page, patience));
        };
        let near =
            self.practised.contains(language) && document.paint.distance(stretch) <= AT_ONCE * 2;
        let quick = patience.at_most(if near { AT_ONCE } else { Duration::ZERO });
        let done = document.paint.colour(&source, stretch, &mut self.tints, rough, quick);
        if cancelled() {
            return;
        }
        report(self.render(&source, ask, &page, patience));
        let Some((_, document)) = self.documents.first_mut() else { return };
        if !done {
            document.index.extend(&source, patience.at_most(SECOND_COUNT), |_| false);
            let done = document.paint.colour(&source, stretch, &mut self.tints, rough, patience);
            self.practised.insert(language);
            if cancelled() || !done {
                return;
            }
            report(self.render(&source, ask, &page, patience));
        }
        if !page.at_end {
            self.colour_ahead(&source, page.next, ask.rows, patience);
        }
        if self.colour_exactly(&source, &page, stretch, patience) && !cancelled() {
            report(self.render(&source, ask, &page, patience));
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
        let way = Way { exact: false, deadline: Instant::now() + AHEAD };
        document.paint.colour(source, stretch, &mut self.tints, way, patience);
    }

    /// Replaces colours from a fresh start by exact ones; tells whether any of them changed.
    fn colour_exactly(
        &mut self,
        source: &Source,
        page: &Page,
        stretch: Stretch,
        patience: Patience<'_>,
    ) -> bool {
        let Some((_, document)) = self.documents.first_mut() else { return false };
        let paint = &mut document.paint;
        if page.rows.iter().all(|row| paint.exact(row.start)) {
            return false;
        }
        let colours = |paint: &Paint| -> Vec<Option<Vec<Run>>> {
            page.rows.iter().map(|row| paint.runs(row.start).map(<[Run]>::to_vec)).collect()
        };
        let before = colours(paint);
        let way = Way { exact: true, deadline: Instant::now() + EXACT };
        paint.colour(source, stretch, &mut self.tints, way, patience) && colours(paint) != before
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
        let patience = patience.at_most(self.long_lines);
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
