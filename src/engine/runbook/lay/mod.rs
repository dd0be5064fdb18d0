//! Lays a document out in so many columns.

use super::table;
use super::{Block, Document, Kind, Piece, Target, Within, plain};
use crate::base::text;
use crate::engine::preview::{Span, Tint};

/// Columns that prose takes at most: longer lines are hard to follow.
const WIDEST: usize = 100;
/// The least that anything is laid out in.
const NARROWEST: usize = 16;
/// Rows of a document.
const MOST_ROWS: usize = 100_000;

/// What a bit of a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Text.
    #[default]
    Plain,
    /// A sign of the layout: bars, rules, what a code block is written in.
    Dim,
    /// A heading of this level.
    Heading(u8),
    /// Code within text.
    Code,
    /// Code in a block.
    Block(Tint),
    /// A link.
    Link,
    /// A link that leads nowhere.
    Missing,
    /// The sign of a list's item.
    Sign,
}

/// A bit of a row in one look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bit {
    /// Cleaned.
    pub text: String,
    /// What it is.
    pub tone: Tone,
    /// Bold.
    pub strong: bool,
    /// Italic.
    pub emphasis: bool,
    /// Struck through.
    pub struck: bool,
    /// The stop that it belongs to.
    pub stop: Option<usize>,
}

/// A row of the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// From left to right.
    pub bits: Vec<Bit>,
    /// The line of the document it comes from, from 1.
    pub line: u32,
}

impl Row {
    /// Its text.
    pub fn text(&self) -> String {
        self.bits.iter().map(|it| it.text.as_str()).collect()
    }
}

/// Something in a page that one can go to and act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Its first row.
    pub row: usize,
    /// What it is.
    pub place: Place,
}

/// What a stop is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A link.
    Link(Target),
    /// A block of code.
    Code {
        /// Its language.
        language: String,
        /// Its text, with line breaks.
        text: String,
        /// Its first line in the document, from 1.
        line: u32,
        /// Its last.
        last: u32,
    },
}

/// Gives the lines of a block of code in the colours of the language that is named.
pub type Colour<'a> = dyn FnMut(&str, &[String]) -> Vec<Vec<Span>> + 'a;

/// A document in rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// The headings: level, text, row.
    pub headings: Vec<(u8, String, usize)>,
    /// Links and blocks of code, from top to bottom.
    pub stops: Vec<Stop>,
}

/// Lays the document out. `colour` gives the lines of a block in the colours of their language.
pub fn lay_out(document: &Document, width: usize, colour: &mut Colour<'_>) -> Page {
    let mut page = Page::default();
    let width = width.max(NARROWEST);
    let mut before: Option<&Block> = None;
    for block in &document.blocks {
        if page.rows.len() >= MOST_ROWS {
            break;
        }
        if before.is_some_and(|it| parted(it, block)) {
            let line = block.line;
            let lead = lead(&block.within, false, width).0;
            // The bars of a quotation go on where both stand in it.
            let both = before.is_some_and(|it| it.within.first() == Some(&Within::Quote));
            let bits = if both { lead } else { Vec::new() };
            page.rows.push(Row { bits, line });
        }
        lay_block(&mut page, block, width, colour);
        before = Some(block);
    }
    page
}

/// Whether a row is left free between the two: not between the items of a list.
fn parted(one: &Block, other: &Block) -> bool {
    let item = |it: &Block| it.within.iter().any(|it| matches!(it, Within::Item { .. }));
    let text = |it: &Block| matches!(it.kind, Kind::Text(_));
    !(item(one) && item(other) && text(one) && text(other))
}

fn lay_block(page: &mut Page, block: &Block, width: usize, colour: &mut Colour<'_>) {
    let (first, next, used) = leads(&block.within, width);
    let room = (width - used).min(WIDEST);
    let line = block.line;
    let mut rows: Vec<Vec<Bit>> = Vec::new();
    match &block.kind {
        Kind::Heading(level, pieces) => {
            page.headings.push((*level, plain(pieces), page.rows.len()));
            let tone = Tone::Heading(*level);
            rows = wrap(&bits(page, pieces, Some(tone)), room);
            if *level <= 2 {
                let wide = rows.iter().map(|it| width_of(it)).max().unwrap_or(0);
                let sign = if *level == 1 { "═" } else { "─" };
                rows.push(vec![dim(sign.repeat(wide.clamp(1, room)))]);
            }
        }
        Kind::Text(pieces) => rows = wrap(&bits(page, pieces, None), room),
        Kind::Rule => rows.push(vec![dim("─".repeat(room))]),
        Kind::Table(table) => {
            let cells: Vec<Vec<Vec<Bit>>> = table
                .iter()
                .map(|row| row.iter().map(|cell| bits(page, cell, None)).collect())
                .collect();
            rows = table::lay_out(&cells, room);
        }
        Kind::Code { language, lines } => {
            let stop = page.stops.len();
            page.stops.push(Stop {
                row: page.rows.len(),
                place: Place::Code {
                    language: language.clone(),
                    text: lines.join("\n"),
                    line: block.line,
                    last: block.last,
                },
            });
            let name = if language.is_empty() { "code" } else { language };
            let mut head = dim(text::truncate(&format!("┌ {name}"), room).into_owned());
            head.stop = Some(stop);
            rows.push(vec![head]);
            let bar = || Bit {
                text: "│ ".to_owned(),
                tone: Tone::Dim,
                stop: Some(stop),
                ..Bit::default()
            };
            // Code may be wider than prose.
            let room = (width - used).saturating_sub(2).max(8);
            for spans in colour(language, lines) {
                let bit = |it: Span| Bit {
                    text: it.text,
                    tone: Tone::Block(it.tint),
                    stop: Some(stop),
                    ..Bit::default()
                };
                let bits: Vec<Bit> = spans.into_iter().map(bit).collect();
                for row in fold(&bits, room) {
                    rows.push(std::iter::once(bar()).chain(row).collect());
                    if rows.len() >= MOST_ROWS {
                        break;
                    }
                }
            }
        }
    }
    if rows.is_empty() {
        rows.push(Vec::new());
    }
    for (number, row) in rows.into_iter().take(MOST_ROWS).enumerate() {
        let lead = if number == 0 { &first } else { &next };
        let bits = lead.iter().cloned().chain(row).filter(|it| !it.text.is_empty()).collect();
        // Of a block of code each row comes from a line of its own, behind its fence.
        page.rows.push(Row { bits, line });
    }
    for stop in &mut page.stops {
        // Links are found while their text is gathered: their row is told by where it came to.
        if stop.row == usize::MAX {
            stop.row = page.rows.len().saturating_sub(1);
        }
    }
    settle(page);
}

/// Puts each link of the rows that were added last to the row in which it begins.
fn settle(page: &mut Page) {
    let from = page.rows.len().saturating_sub(2000);
    for (number, row) in page.rows.iter().enumerate().skip(from).rev() {
        for stop in row.bits.iter().filter_map(|it| it.stop) {
            if let Some(stop) = page.stops.get_mut(stop) {
                stop.row = number;
            }
        }
    }
}

/// What stands before the first row of a block, before the others, and how wide that is.
fn leads(within: &[Within], width: usize) -> (Vec<Bit>, Vec<Bit>, usize) {
    let (first, used) = lead(within, true, width);
    let (next, _) = lead(within, false, width);
    (first, next, used)
}

fn lead(within: &[Within], is_first: bool, width: usize) -> (Vec<Bit>, usize) {
    let (mut out, mut used) = (Vec::new(), 0);
    for around in within {
        let bit = match around {
            Within::Quote => dim("▎ ".to_owned()),
            Within::Item { sign, first } => {
                let wide = text::width(sign) + 1;
                let shown = *first && is_first;
                let sign = if shown { format!("{sign} ") } else { " ".repeat(wide) };
                Bit { text: sign, tone: Tone::Sign, ..Bit::default() }
            }
        };
        // What is read has to have room.
        let wide = text::width(&bit.text);
        if used + wide + NARROWEST > width {
            break;
        }
        used += wide;
        out.push(bit);
    }
    (out, used)
}

fn dim(text: impl Into<String>) -> Bit {
    Bit { text: text.into(), tone: Tone::Dim, ..Bit::default() }
}

/// The bits of the pieces; links become stops of the page.
fn bits(page: &mut Page, pieces: &[Piece], tone: Option<Tone>) -> Vec<Bit> {
    let mut out = Vec::new();
    let mut last: Option<(Target, usize)> = None;
    for piece in pieces {
        let stop = piece.link.as_ref().filter(|it| it.leads()).map(|target| match &last {
            Some((known, stop)) if known == target => *stop,
            _ => {
                let stop = page.stops.len();
                page.stops.push(Stop { row: usize::MAX, place: Place::Link(target.clone()) });
                stop
            }
        });
        last = piece.link.clone().zip(stop);
        let own = match &piece.link {
            Some(it) if it.leads() => Tone::Link,
            Some(_) => Tone::Missing,
            None if piece.code => Tone::Code,
            None => Tone::Plain,
        };
        let tone = match (tone, own) {
            (Some(tone), Tone::Plain) => tone,
            (_, own) => own,
        };
        out.push(Bit {
            text: piece.text.clone(),
            tone,
            strong: piece.strong || matches!(tone, Tone::Heading(_)),
            emphasis: piece.emphasis,
            struck: piece.struck,
            stop,
        });
    }
    out
}

/// Columns of a row.
pub(super) fn width_of(row: &[Bit]) -> usize {
    row.iter().map(|it| text::width(&it.text)).sum()
}

/// Breaks the bits into rows of at most `width` columns, between words where that can be.
pub(super) fn wrap(bits: &[Bit], width: usize) -> Vec<Vec<Bit>> {
    let width = width.max(1);
    let mut rows: Vec<Vec<Bit>> = vec![Vec::new()];
    let mut used = 0;
    let mut blank: Option<Bit> = None;
    for (word, glued) in split(bits) {
        let wide: usize = word.iter().map(|it| text::width(&it.text)).sum();
        match glued {
            Gap::Break => {
                rows.push(Vec::new());
                (used, blank) = (0, None);
                continue;
            }
            Gap::Blank => {
                if used > 0 {
                    blank = word.first().cloned();
                }
                continue;
            }
            Gap::None => {}
        }
        let gap = usize::from(blank.is_some());
        if used > 0 && used + gap + wide > width {
            rows.push(Vec::new());
            (used, blank) = (0, None);
        }
        if let Some(blank) = blank.take() {
            used += 1;
            push(&mut rows, Bit { text: " ".to_owned(), ..blank });
        }
        // A word that fits no row is cut.
        let pieces = if wide > width { cut(&word, width) } else { vec![word] };
        let many = pieces.len();
        for (number, piece) in pieces.into_iter().enumerate() {
            used = if number == 0 { used } else { 0 };
            used += width_of(&piece);
            for bit in piece {
                push(&mut rows, bit);
            }
            if number + 1 < many {
                rows.push(Vec::new());
            }
        }
        if rows.len() >= MOST_ROWS {
            break;
        }
    }
    rows
}

/// What a part of a text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Blank,
    Break,
}

/// Words, blanks and breaks. A word may have several looks.
fn split(bits: &[Bit]) -> Vec<(Vec<Bit>, Gap)> {
    let mut out: Vec<(Vec<Bit>, Gap)> = Vec::new();
    for bit in bits {
        let mut start = 0;
        let word = |text: &str, out: &mut Vec<(Vec<Bit>, Gap)>| {
            if text.is_empty() {
                return;
            }
            let bit = Bit { text: text.to_owned(), ..bit.clone() };
            match out.last_mut() {
                Some((word, Gap::None)) => word.push(bit),
                _ => out.push((vec![bit], Gap::None)),
            }
        };
        for (at, character) in bit.text.char_indices() {
            let gap = match character {
                ' ' => Gap::Blank,
                '\n' => Gap::Break,
                _ => continue,
            };
            word(bit.text.get(start..at).unwrap_or_default(), &mut out);
            out.push((vec![Bit { text: " ".to_owned(), ..bit.clone() }], gap));
            start = at + 1;
        }
        word(bit.text.get(start..).unwrap_or_default(), &mut out);
    }
    out
}

fn push(rows: &mut [Vec<Bit>], bit: Bit) {
    let Some(row) = rows.last_mut() else { return };
    let alike = |it: &&mut Bit| {
        Bit { text: String::new(), ..(*it).clone() } == Bit { text: String::new(), ..bit.clone() }
    };
    match row.last_mut().filter(alike) {
        Some(last) => last.text.push_str(&bit.text),
        None => row.push(bit),
    }
}

/// Cuts the bits into rows of exactly `width` columns, wherever that falls.
fn cut(bits: &[Bit], width: usize) -> Vec<Vec<Bit>> {
    let mut rows: Vec<Vec<Bit>> = vec![Vec::new()];
    let mut used = 0;
    for bit in bits {
        let mut rest = bit.text.as_str();
        while !rest.is_empty() {
            let mut now = text::take_width(rest, width - used);
            if now.is_empty() {
                if used > 0 {
                    rows.push(Vec::new());
                    used = 0;
                    continue;
                }
                // Wider than a row: nothing that stands in a document is, but a row must end.
                let end = rest.char_indices().nth(1).map_or(rest.len(), |it| it.0);
                now = rest.get(..end).unwrap_or(rest);
            }
            used += text::width(now);
            push(&mut rows, Bit { text: now.to_owned(), ..bit.clone() });
            rest = rest.get(now.len()..).unwrap_or_default();
            if used >= width && !rest.is_empty() {
                rows.push(Vec::new());
                used = 0;
            }
        }
        if rows.len() >= MOST_ROWS {
            break;
        }
    }
    rows
}

/// Cuts a line of code into rows of at most `width` columns: between words where that leaves at
/// least half a row, and with what goes on set in.
fn fold(bits: &[Bit], width: usize) -> Vec<Vec<Bit>> {
    let line: String = bits.iter().map(|it| it.text.as_str()).collect();
    if text::width(&line) <= width {
        return vec![bits.to_vec()];
    }
    let mut rows = Vec::new();
    let mut from = 0;
    while from < line.len() && rows.len() < MOST_ROWS {
        let inset = if from == 0 { 0 } else { 2 };
        let rest = line.get(from..).unwrap_or_default();
        let room = width.saturating_sub(inset).max(2);
        let most = text::take_width(rest, room);
        let gap = most.rfind(' ').map(|it| it + 1).filter(|it| *it * 2 > most.len());
        let now = if most.len() == rest.len() { rest.len() } else { gap.unwrap_or(most.len()) };
        // Wider than a row: a row has to take something.
        let now = if now == 0 { rest.chars().next().map_or(1, char::len_utf8) } else { now };
        let mut row = part(bits, from, from + now);
        if inset > 0 {
            let like = row.first().cloned().unwrap_or_default();
            row.insert(0, Bit { text: "  ".to_owned(), ..like });
        }
        rows.push(row);
        from += now;
    }
    rows
}

/// The bits that these bytes of their text came from.
fn part(bits: &[Bit], from: usize, to: usize) -> Vec<Bit> {
    let mut at = 0;
    let mut out = Vec::new();
    for bit in bits {
        let end = at + bit.text.len();
        let (start, stop) = (from.max(at), to.min(end));
        if start < stop {
            let text = bit.text.get(start - at..stop - at).unwrap_or_default().to_owned();
            out.push(Bit { text, ..bit.clone() });
        }
        at = end;
    }
    out
}

/// The next row that holds `needle`, from `from` on, and round from the other end.
pub fn find(page: &Page, needle: &str, from: usize, forward: bool) -> Option<usize> {
    let needle = needle.to_lowercase();
    let count = page.rows.len();
    if needle.is_empty() || count == 0 {
        return None;
    }
    let from = from.min(count - 1);
    let order: Box<dyn Iterator<Item = usize>> = if forward {
        Box::new((from..count).chain(0..from))
    } else {
        Box::new((0..=from).rev().chain((from + 1..count).rev()))
    };
    order.into_iter().find(|&it| {
        page.rows.get(it).is_some_and(|row| row.text().to_lowercase().contains(&needle))
    })
}

#[cfg(test)]
mod tests;
