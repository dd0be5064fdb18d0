//! Passes over a file's bytes in search of a needle, in pieces that overlap by its length.
//!
//! Memory is one piece, whatever the file's size; a match across two pieces is found once.

use std::ops::Range;

use super::needle::Needle;
use super::patience::Patience;
use super::source::Source;

/// Bytes searched at a time.
const CHUNK: u64 = 512 * 1024;

/// Patience ended.
pub(super) struct Stopped;

/// Tells `each` match that begins in `range`, from the left, none within another, while it wants
/// more.
pub(super) fn scan(
    source: &Source,
    needle: &Needle,
    range: Range<u64>,
    patience: Patience<'_>,
    progress: &mut dyn FnMut(u64),
    each: &mut dyn FnMut(u64) -> bool,
) -> Result<(), Stopped> {
    let mut at = range.start;
    while at < range.end {
        if patience.spent() {
            return Err(Stopped);
        }
        let stop = (at + CHUNK).min(range.end);
        let mut bytes = source.piece(at, (stop - at) as usize + needle.len() - 1);
        needle.prepare(&mut bytes);
        let mut next = stop;
        for start in needle.starts(&bytes) {
            let start = at + start as u64;
            if start >= stop {
                break;
            }
            if !each(start) {
                return Ok(());
            }
            next = next.max(start + needle.len() as u64);
        }
        at = next;
        progress(at - range.start);
    }
    Ok(())
}

/// The last match that begins in `range`.
pub(super) fn scan_back(
    source: &Source,
    needle: &Needle,
    range: Range<u64>,
    patience: Patience<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Option<u64>, Stopped> {
    let mut stop = range.end;
    while stop > range.start {
        if patience.spent() {
            return Err(Stopped);
        }
        let at = stop.saturating_sub(CHUNK).max(range.start);
        let mut bytes = source.piece(at, (stop - at) as usize + needle.len() - 1);
        needle.prepare(&mut bytes);
        if let Some(start) = needle.last(&bytes) {
            return Ok(Some(at + start as u64));
        }
        stop = at;
        progress(range.end - stop);
    }
    Ok(None)
}
