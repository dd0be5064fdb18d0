//! Fills one row of a window from the file: whole for a short line, the visible part of a long one.

use super::columns::whole_characters;
use super::document::{Document, Extent};
use super::needle::Needle;
use super::patience::Patience;
use super::row::{Frame, Strip, lay_out, marks_in};
use super::source::Source;
use super::window::{Line, WindowAsk};

/// Longest part of a needle that is looked for to the left of the visible part of a long line.
const MARGIN: u64 = 1024;

/// One row of the window.
pub(super) fn show(
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
