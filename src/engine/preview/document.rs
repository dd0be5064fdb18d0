//! One file as the viewer knows it between requests: what it is, where its lines begin, its colours.
//!
//! A document belongs to one state of the file ([`Identity`]); when that changes, the document is
//! thrown away. The bytes themselves come with each request as a [`Source`].

use std::sync::Arc;

use crate::base::RepoPath;

use super::columns::Columns;
use super::find::Matches;
use super::highlight::Paint;
use super::kind::{self, Kind};
use super::language;
use super::line_index::{Behind, LineIndex, Whereabouts, look_behind};
use super::patience::Patience;
use super::read::Lines;
use super::source::{Identity, Source};
use super::window::{Anchor, Total};

/// What is remembered of one state of a file.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) identity: Identity,
    body: Body,
    pub(super) index: LineIndex,
    pub(super) columns: Columns,
    pub(super) paint: Paint,
    pub(super) matches: Option<Matches>,
}

#[derive(Debug)]
enum Body {
    /// On disk, after a mark of this many bytes.
    Disk(u64),
    /// Converted.
    Memory(Arc<[u8]>),
    /// Nothing to show, for this reason.
    Note(String),
}

/// One line to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extent {
    /// Its first byte.
    pub(super) start: u64,
    /// The byte after its text; `None` when that was not found in time.
    pub(super) end: Option<u64>,
    /// Its bytes, when it is short.
    pub(super) text: Option<Vec<u8>>,
}

/// The lines of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) rows: Vec<Extent>,
    /// The byte after the last row.
    pub(super) next: u64,
    /// Tells whether the file ends with the last row.
    pub(super) at_end: bool,
}

impl Document {
    /// Looks at the beginning of a file for the first time.
    pub(super) fn new(path: &RepoPath, source: &Source, identity: Identity) -> Self {
        let head = source.piece(0, kind::HEAD);
        let mut syntax = None;
        let (body, len) = match kind::sniff(&head, source.len()) {
            Kind::Text { skip } => (Body::Disk(skip), source.len() - skip),
            Kind::Wide { little } => {
                let bytes = source.piece(0, source.len() as usize);
                let text: Arc<[u8]> = kind::narrow(&bytes, little).into_bytes().into();
                let len = text.len() as u64;
                (Body::Memory(text), len)
            }
            Kind::Other(note) => (Body::Note(note), 0),
        };
        if !matches!(body, Body::Note(_)) {
            let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
            let line = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
            let line = String::from_utf8_lossy(line.get(..line.len().min(256)).unwrap_or_default());
            syntax = language::detect(path.name(), &line);
        }
        Self {
            identity,
            body,
            index: LineIndex::new(len),
            columns: Columns::default(),
            paint: Paint::new(syntax),
            matches: None,
        }
    }

    /// The text's bytes, given the file's; or why there is no text.
    pub(super) fn source(&self, file: Source) -> Result<Source, String> {
        match &self.body {
            Body::Disk(skip) => Ok(file.without(*skip)),
            Body::Memory(text) => Ok(Source::memory(Arc::clone(text))),
            Body::Note(note) => Err(note.clone()),
        }
    }

    /// Memory held, in bytes, as an estimate.
    pub(super) fn weight(&self) -> usize {
        let text = match &self.body {
            Body::Memory(text) => text.len(),
            Body::Disk(_) | Body::Note(_) => 0,
        };
        let matches = self.matches.as_ref().map_or(0, Matches::weight);
        4096 + text + matches + self.paint.weight()
    }

    /// How many lines there are, as far as it is known.
    pub(super) fn total(&self, source: &Source) -> Total {
        if self.index.complete() {
            return Total::Exact(self.index.lines());
        }
        let percent = self.index.scanned().saturating_mul(100) / source.len().max(1);
        Total::Counting { at_least: self.index.lines(), percent: percent.min(99) as u8 }
    }

    /// The first byte of the first row, or `None` when patience ended before it was found.
    pub(super) fn top(
        &mut self,
        source: &Source,
        anchor: Anchor,
        rows: u16,
        patience: Patience<'_>,
    ) -> Option<u64> {
        let rows = u64::from(rows.max(1));
        match anchor {
            Anchor::Line(number) => self.top_of_line(source, number, rows, patience),
            Anchor::Centre(number) => {
                let first = number.saturating_sub((rows - 1) / 2);
                self.top_of_line(source, first, rows, patience)
            }
            Anchor::End => Some(end_top(source, rows, patience)),
            Anchor::Byte(byte) => Some(line_start(source, byte, patience)),
            Anchor::Step { byte, lines } => {
                let start = line_start(source, byte, patience);
                if lines <= 0 {
                    let back = lines.unsigned_abs() + 1;
                    Some(found(look_behind(source, start, back, patience)))
                } else {
                    Some(step_down(source, start, lines.unsigned_abs(), patience))
                }
            }
        }
    }

    fn top_of_line(
        &mut self,
        source: &Source,
        number: u64,
        rows: u64,
        patience: Patience<'_>,
    ) -> Option<u64> {
        match self.start_of(source, number, patience) {
            Whereabouts::At(byte) => Some(byte),
            Whereabouts::Past => Some(end_top(source, rows, patience)),
            Whereabouts::Unknown => None,
        }
    }

    /// Where line `number` begins, counting on as long as patience lasts.
    pub(super) fn start_of(
        &mut self,
        source: &Source,
        number: u64,
        patience: Patience<'_>,
    ) -> Whereabouts {
        self.index.extend(source, patience, |index| index.lines() >= number.max(1));
        self.index.start_of(source, number)
    }

    /// The page that begins at byte `top`, or the last page when that would not be full.
    pub(super) fn page(
        &self,
        source: &Source,
        top: u64,
        rows: u16,
        patience: Patience<'_>,
    ) -> Page {
        let rows = usize::from(rows.max(1));
        let page = self.rows(source, top, rows, patience);
        if page.at_end && page.rows.len() < rows && top > 0 {
            let top = end_top(source, rows as u64, patience);
            return self.rows(source, top, rows, patience);
        }
        page
    }

    fn rows(&self, source: &Source, top: u64, rows: usize, patience: Patience<'_>) -> Page {
        let mut page = Page { rows: Vec::with_capacity(rows), next: top, at_end: false };
        let mut lines = Lines::new(source, top);
        while page.rows.len() < rows {
            let Some(line) = lines.next(patience) else {
                page.at_end = true;
                break;
            };
            let mut extent =
                Extent { start: line.start, end: line.end, text: line.text.map(<[u8]>::to_vec) };
            page.next = line.next;
            if extent.end.is_none() {
                // The end may have come by while the lines were counted.
                if let Some((end, next)) = self.known_end(source, extent.start) {
                    extent.end = Some(end);
                    page.next = next;
                    lines = Lines::new(source, next);
                }
            }
            let lost = extent.end.is_none();
            page.rows.push(extent);
            if lost {
                return page;
            }
        }
        page.at_end |= page.next >= source.len();
        page
    }

    fn known_end(&self, source: &Source, start: u64) -> Option<(u64, u64)> {
        let number = self.index.number_at(source, start)?;
        match self.index.start_of(source, number + 1) {
            Whereabouts::At(next) if next > start => {
                let tail = source.piece(next.saturating_sub(2).max(start), 2);
                let end = next - if tail == b"\r\n" { 2 } else { 1 };
                Some((end, next))
            }
            Whereabouts::Past => Some((source.len(), source.len())),
            Whereabouts::At(_) | Whereabouts::Unknown => None,
        }
    }
}

/// The first byte of the last page.
fn end_top(source: &Source, rows: u64, patience: Patience<'_>) -> u64 {
    let ended = source.len().checked_sub(1).is_some_and(|last| source.piece(last, 1) == b"\n");
    found(look_behind(source, source.len(), rows + u64::from(ended), patience))
}

/// The first byte of the line that holds `byte`.
pub(super) fn line_start(source: &Source, byte: u64, patience: Patience<'_>) -> u64 {
    let byte = byte.min(source.len().saturating_sub(1));
    found(look_behind(source, byte, 1, patience))
}

fn step_down(source: &Source, start: u64, steps: u64, patience: Patience<'_>) -> u64 {
    let mut lines = Lines::new(source, start);
    let mut at = start;
    for step in 0..=steps {
        let Some(line) = lines.next(patience) else { break };
        at = line.start;
        if step % 256 == 255 && patience.spent() {
            break;
        }
    }
    at
}

fn found(behind: Behind) -> u64 {
    match behind {
        Behind::After(byte) | Behind::GaveUp(byte) => byte,
        Behind::Start => 0,
    }
}
