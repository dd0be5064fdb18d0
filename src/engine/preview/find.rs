//! Finds a text in one file, forwards or backwards, round its end.
//!
//! Files up to [`LISTED`] bytes are searched whole once per needle, so that every answer says "3 of
//! 17"; larger ones are streamed from where the search begins, in pieces that overlap by the needle's
//! length.

use std::ops::Range;

use crate::base::RepoPath;

use super::document::{Document, line_start};
use super::line_index::Whereabouts;
use super::needle::Needle;
use super::patience::Patience;
use super::read::Lines;
use super::scan::{Stopped, scan, scan_back};
use super::source::Source;
use super::window::Place;

/// Files up to this many bytes have all their matches listed.
const LISTED: u64 = 64 * 1024 * 1024;

/// Most matches that are listed.
const MOST: usize = 500_000;

/// A search within a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindAsk {
    /// The file.
    pub path: RepoPath,
    /// What to find; letter case counts only if it holds a capital. Only its first line counts.
    pub needle: String,
    /// Where to begin.
    pub from: Place,
    /// Tells whether a match right at `from` counts; without, the search goes past it.
    pub inclusive: bool,
    /// Towards the end of the file, or towards its beginning.
    pub forward: bool,
}

/// What came of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The next match.
    At {
        /// Where it begins.
        place: Place,
        /// The byte where it begins, after a byte-order mark.
        byte: u64,
        /// Its number (1-based) and the number of all matches, where they were counted.
        ordinal: Option<(u64, u64)>,
        /// Tells whether the search went round the end (or beginning) of the file.
        wrapped: bool,
    },
    /// The file does not hold it.
    Nowhere,
    /// The search was cancelled before there was an answer.
    Cancelled,
    /// There is no text to search, for this reason.
    Unreadable(String),
}

/// All matches of one needle, by their first bytes.
#[derive(Debug)]
pub(super) struct Matches {
    needle: String,
    starts: Vec<u64>,
}

impl Matches {
    /// Memory held, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.starts.len() * 8
    }
}

/// Where to begin and which way to go.
#[derive(Debug, Clone, Copy)]
struct Course {
    from: u64,
    inclusive: bool,
    forward: bool,
}

/// Searches a document's text.
pub(super) fn find(
    document: &mut Document,
    source: &Source,
    ask: &FindAsk,
    patience: Patience<'_>,
    progress: &mut dyn FnMut(u8),
) -> Found {
    let Some(needle) = Needle::new(&ask.needle) else { return Found::Nowhere };
    let Some(from) = byte_of(document, source, ask.from, patience) else {
        return Found::Cancelled;
    };
    let course = Course { from, inclusive: ask.inclusive, forward: ask.forward };
    let mut progress = told_once(source.len(), progress);
    let listed = match list(document, source, (&needle, &ask.needle), patience, &mut progress) {
        Listing::Done(starts) => Some(among(starts, course)),
        Listing::TooMany => None,
        Listing::Cancelled => return Found::Cancelled,
    };
    let hit = match listed {
        Some(hit) => hit,
        None => match stream(source, &needle, course, patience, &mut progress) {
            Ok(hit) => hit,
            Err(Stopped) => return Found::Cancelled,
        },
    };
    let Some(hit) = hit else { return Found::Nowhere };
    match place_of(document, source, hit.byte, patience) {
        // A place found without patience may be half counted.
        Some(place) if !patience.cancelled() => {
            Found::At { place, byte: hit.byte, ordinal: hit.ordinal, wrapped: hit.wrapped }
        }
        _ => Found::Cancelled,
    }
}

#[derive(Debug, Clone, Copy)]
struct Hit {
    byte: u64,
    ordinal: Option<(u64, u64)>,
    wrapped: bool,
}

fn told_once(len: u64, progress: &mut dyn FnMut(u8)) -> impl FnMut(u64) {
    let mut told = 0;
    move |done: u64| {
        let percent = (done.saturating_mul(100) / len.max(1)).min(100) as u8;
        if percent > told {
            told = percent;
            progress(percent);
        }
    }
}

fn byte_of(
    document: &mut Document,
    source: &Source,
    place: Place,
    patience: Patience<'_>,
) -> Option<u64> {
    let start = match document.start_of(source, place.line, patience) {
        Whereabouts::At(start) => start,
        Whereabouts::Past => return Some(source.len()),
        Whereabouts::Unknown => return None,
    };
    if place.column == 0 {
        return Some(start);
    }
    let end = Lines::new(source, start).next(patience).map_or(Some(start), |line| line.end)?;
    let column = u64::from(place.column);
    Some(document.columns.spot_at(source, (start, end), column, patience).byte)
}

fn place_of(
    document: &mut Document,
    source: &Source,
    byte: u64,
    patience: Patience<'_>,
) -> Option<Place> {
    document.index.extend(source, patience, |index| index.scanned() >= byte);
    let line = document.index.number_at(source, byte)?;
    let start = match document.index.start_of(source, line) {
        Whereabouts::At(start) => start,
        Whereabouts::Past | Whereabouts::Unknown => line_start(source, byte, patience),
    };
    let column = document.columns.column_of(source, start, byte, patience);
    Some(Place { line, column: column.min(u64::from(u32::MAX)) as u32 })
}

enum Listing<'a> {
    Done(&'a [u64]),
    TooMany,
    Cancelled,
}

fn list<'a>(
    document: &'a mut Document,
    source: &Source,
    (needle, word): (&Needle, &str),
    patience: Patience<'_>,
    progress: &mut dyn FnMut(u64),
) -> Listing<'a> {
    if source.len() > LISTED {
        return Listing::TooMany;
    }
    if document.matches.as_ref().is_none_or(|matches| matches.needle != word) {
        let mut starts = Vec::new();
        let all = scan(source, needle, 0..source.len(), patience, progress, &mut |start| {
            starts.push(start);
            starts.len() <= MOST
        });
        if all.is_err() {
            return Listing::Cancelled;
        }
        document.matches = Some(Matches { needle: word.to_owned(), starts });
    }
    match &document.matches {
        Some(matches) if matches.starts.len() <= MOST => Listing::Done(&matches.starts),
        _ => Listing::TooMany,
    }
}

/// The match to go to among all of them.
fn among(starts: &[u64], course: Course) -> Option<Hit> {
    let before = starts.partition_point(|&start| start < course.from);
    let here = usize::from(starts.get(before) == Some(&course.from));
    let (next, wrapped) = if course.forward {
        let next = if course.inclusive { before } else { before + here };
        if next < starts.len() { (next, false) } else { (0, true) }
    } else {
        let after = if course.inclusive { before + here } else { before };
        after.checked_sub(1).map_or((starts.len().checked_sub(1)?, true), |next| (next, false))
    };
    let byte = *starts.get(next)?;
    Some(Hit { byte, ordinal: Some((next as u64 + 1, starts.len() as u64)), wrapped })
}

fn stream(
    source: &Source,
    needle: &Needle,
    course: Course,
    patience: Patience<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Option<Hit>, Stopped> {
    let len = source.len();
    let mut done = 0;
    let mut part = |range: Range<u64>| {
        let width = range.end.saturating_sub(range.start);
        let mut tell = |so_far: u64| progress(done + so_far);
        let hit = if course.forward {
            let mut hit = None;
            scan(source, needle, range, patience, &mut tell, &mut |start| {
                hit = Some(start);
                false
            })
            .map(|()| hit)
        } else {
            scan_back(source, needle, range, patience, &mut tell)
        };
        done += width;
        hit
    };
    let hit = |wrapped| move |byte| Hit { byte, ordinal: None, wrapped };
    let (first, second) = if course.forward {
        let split = (course.from + u64::from(!course.inclusive)).min(len);
        (split..len, 0..split)
    } else {
        let split = (course.from + u64::from(course.inclusive)).min(len);
        (0..split, split..len)
    };
    if let Some(byte) = part(first)? {
        return Ok(Some(hit(false)(byte)));
    }
    Ok(part(second)?.map(hit(true)))
}
