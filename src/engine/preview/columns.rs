//! Columns of long lines: which byte stands at a column, and the other way round, without holding
//! the line in memory.
//!
//! Walking remembers a place every 64 kB, so scrolling sideways in a line of megabytes walks only
//! the first time. Widths are summed character by character here; what is shown is measured by
//! grapheme in [`super::row`].

use unicode_width::UnicodeWidthChar;

use crate::base::text;

use super::patience::Patience;
use super::source::Source;

/// Bytes between remembered places.
const CHUNK: usize = 64 * 1024;

/// Bytes that are skipped in one go when they are plain ASCII.
const PIECE: usize = 256;

/// Lines whose places are remembered.
const LINES: usize = 8;

/// A byte of the file and the terminal column at which it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) byte: u64,
    pub(super) column: u64,
}

/// Remembered places of the lines walked last.
#[derive(Debug, Default)]
pub(super) struct Columns {
    lines: Vec<(u64, Vec<Spot>)>,
}

impl Columns {
    /// The first character of the line at `start` that stands at `column` or after it, at most the
    /// byte `end`. When patience ends, as far as it came.
    pub(super) fn spot_at(
        &mut self,
        source: &Source,
        (start, end): (u64, u64),
        column: u64,
        patience: Patience<'_>,
    ) -> Spot {
        self.walk(source, start, Goal { byte: end, column }, patience)
    }

    /// The column of the byte `byte` in the line at `start`.
    pub(super) fn column_of(
        &mut self,
        source: &Source,
        start: u64,
        byte: u64,
        patience: Patience<'_>,
    ) -> u64 {
        self.walk(source, start, Goal { byte, column: u64::MAX }, patience).column
    }

    fn walk(&mut self, source: &Source, start: u64, goal: Goal, patience: Patience<'_>) -> Spot {
        let places = self.places_of(start);
        let known = places.partition_point(|spot| !goal.reached(*spot));
        let mut spot = match known.checked_sub(1).and_then(|last| places.get(last)) {
            Some(&spot) => spot,
            None => Spot { byte: start, column: 0 },
        };
        while !goal.reached(spot) && !patience.spent() {
            let wanted = (goal.byte - spot.byte).min(CHUNK as u64) as usize;
            let mut bytes = source.piece(spot.byte, wanted);
            if spot.byte + (bytes.len() as u64) < goal.byte {
                bytes.truncate(whole_characters(&bytes));
            }
            if bytes.is_empty() {
                break;
            }
            let whole = bytes.len() as u64;
            let from = spot.byte;
            spot = step_through(&bytes, spot, goal.column);
            if spot.byte == from + whole && places.last().is_none_or(|last| last.byte < spot.byte) {
                places.push(spot);
            }
        }
        spot
    }

    fn places_of(&mut self, start: u64) -> &mut Vec<Spot> {
        let entry = match self.lines.iter().position(|(line, _)| *line == start) {
            Some(at) => self.lines.remove(at),
            None => (start, Vec::new()),
        };
        self.lines.truncate(LINES - 1);
        self.lines.insert(0, entry);
        &mut self.lines[0].1
    }
}

#[derive(Clone, Copy)]
struct Goal {
    byte: u64,
    column: u64,
}

impl Goal {
    fn reached(self, spot: Spot) -> bool {
        spot.byte >= self.byte || spot.column >= self.column
    }
}

/// How many of these bytes there are before a character that is cut off at their end.
pub(super) fn whole_characters(bytes: &[u8]) -> usize {
    let tail = bytes.iter().rev().take(4).position(|&byte| byte & 0xc0 != 0x80);
    match tail.and_then(|back| Some((bytes.len() - 1 - back, *bytes.get(bytes.len() - 1 - back)?)))
    {
        Some((at, lead)) if lead >= 0xc0 && at > 0 => {
            let length = if lead >= 0xf0 {
                4
            } else if lead >= 0xe0 {
                3
            } else {
                2
            };
            if at + length > bytes.len() { at } else { bytes.len() }
        }
        _ => bytes.len(),
    }
}

fn step_through(bytes: &[u8], mut spot: Spot, column: u64) -> Spot {
    let mut rest = bytes;
    while !rest.is_empty() && spot.column < column {
        let (piece, after) = rest.split_at(rest.len().min(PIECE));
        if piece.iter().all(|byte| (0x20..0x7f).contains(byte)) {
            let steps = (piece.len() as u64).min(column - spot.column);
            spot = Spot { byte: spot.byte + steps, column: spot.column + steps };
            rest = after;
            continue;
        }
        // Slow pieces end between characters, except at the very end of what is there.
        let cut = if after.is_empty() { piece.len() } else { whole_characters(piece) };
        let (piece, after) = rest.split_at(cut);
        for part in piece.utf8_chunks() {
            for character in part.valid().chars() {
                if spot.column >= column {
                    return spot;
                }
                spot.byte += character.len_utf8() as u64;
                spot.column += width_at(character, spot.column);
            }
            if !part.invalid().is_empty() {
                if spot.column >= column {
                    return spot;
                }
                spot.byte += part.invalid().len() as u64;
                spot.column += 1; // U+FFFD
            }
        }
        rest = after;
    }
    spot
}

fn width_at(character: char, column: u64) -> u64 {
    match character {
        ' '..='~' => 1,
        '\t' => text::TAB as u64 - column % text::TAB as u64,
        _ if text::is_control(character) => {
            text::width(&text::clean(character.encode_utf8(&mut [0; 4]))) as u64
        }
        _ => character.width().unwrap_or(0) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spot(columns: &mut Columns, line: &[u8], column: u64) -> Spot {
        let source = Source::memory(line.into());
        let patience = Patience::endless(&|| false);
        columns.spot_at(&source, (0, line.len() as u64), column, patience)
    }

    #[test]
    fn tabs_wide_characters_and_controls_take_their_columns() {
        let line = "a\t漢\x1b\u{202e}z".as_bytes();
        let at = |column| spot(&mut Columns::default(), line, column);
        assert_eq!(at(1), Spot { byte: 1, column: 1 });
        assert_eq!(at(2), Spot { byte: 2, column: 4 });
        assert_eq!(at(6), Spot { byte: 5, column: 6 });
        assert_eq!(at(7), Spot { byte: 6, column: 7 });
        assert_eq!(at(8), Spot { byte: 9, column: 15 });
        assert_eq!(at(99), Spot { byte: 10, column: 16 });
    }

    #[test]
    fn remembered_places_do_not_change_the_answer() {
        let line = "añ漢 plain text ".repeat(40_000);
        let mut kept = Columns::default();
        spot(&mut kept, line.as_bytes(), u64::MAX);
        assert!(kept.lines[0].1.len() > 5);
        for column in [0, 5, 70_000, 200_001, 500_000] {
            let fresh = spot(&mut Columns::default(), line.as_bytes(), column);
            assert_eq!(spot(&mut kept, line.as_bytes(), column), fresh);
            let source = Source::memory(line.as_bytes().into());
            let back = kept.column_of(&source, 0, fresh.byte, Patience::endless(&|| false));
            assert_eq!(back, fresh.column);
        }
    }

    proptest! {
        #[test]
        fn every_byte_string_can_be_walked(bytes in proptest::collection::vec(any::<u8>(), 0..700),
                                           column in 0u64..900) {
            let got = spot(&mut Columns::default(), &bytes, column);
            prop_assert!(got.byte <= bytes.len() as u64);
            prop_assert!(got.column >= column || got.byte == bytes.len() as u64);
        }
    }
}
