//! The Commands panel: what it says of itself, the output of runs, and the card before one.

use ratatui::Frame;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use super::overlay::popup;
use super::{Look, pane, put, rows, span};
use crate::app::App;
use crate::app::card::Card;
use crate::app::commands::facts;
use crate::app::layout::{Area, Layout};
use crate::app::model::{Model, grouped};
use crate::app::transcript::{Shown, Transcript};
use crate::base::text;
use crate::engine::commands::{Need, Risk};
use crate::engine::output::{self, Colour, Level, Needle, Row, Stream, amount};
use crate::protocol::Offer;
use crate::tui::theme::Slot;

/// What stands beside the panel's name.
pub fn told(model: &Model) -> String {
    let commands = &model.commands;
    let Some(offers) = &commands.offers else { return "reading what can be run".to_owned() };
    let (all, open) = commands.counts();
    let trust =
        if open == 0 { String::new() } else { format!(" · {} not trusted", grouped(open)) };
    let only = if offers.read_only { " · read-only" } else { "" };
    let plural = if all == 1 { "" } else { "s" };
    let production =
        commands.offer().into_iter().flat_map(|it| &it.targets).find(|it| it.production);
    let where_to =
        production.map_or_else(String::new, |it| format!(" · PRODUCTION: {}", it.says()));
    format!("{} command{plural}{trust}{only}{where_to}", grouped(all))
}

/// What stands in the list while it is empty.
pub fn empty(model: &Model) -> &'static str {
    match &model.commands.offers {
        None => "reading what can be run …",
        Some(it) if it.offers.is_empty() => {
            "nothing here can be run: no Compose file, Makefile, scripts; see docs/commands.md"
        }
        Some(_) => "nothing holds these words",
    }
}

/// The output of the selected command, or what would run.
pub fn preview(frame: &mut Frame<'_>, layout: &Layout, model: &Model, look: &Look<'_>) {
    if layout.preview.height == 0 {
        return;
    }
    let commands = &model.commands;
    let Some(offer) = commands.offer() else {
        pane::draw(frame, layout, None, model.in_preview, look);
        return;
    };
    let id = &offer.command.id;
    let right = commands.run().map_or_else(|| offer.command.risk.id().to_owned(), states);
    let title = pane::Title { left: text::clean(id).into_owned(), right };
    pane::draw(frame, layout, Some(&title), model.in_preview, look);
    let body = layout.preview_text();
    let Some(run) = commands.run() else { return describe(frame, body, offer, look) };
    // The last that were kept, as many as can be read.
    let mut others = commands.beside();
    let room = usize::from(body.height / LEAST).saturating_sub(1);
    others.drain(..others.len().saturating_sub(room));
    let share = body.height / (others.len() as u16 + 1);
    transcript(
        frame,
        Area { height: body.height - share * others.len() as u16, ..body },
        run,
        look,
    );
    let mut y = body.y + body.height - share * others.len() as u16;
    for (id, other) in others {
        let line = Area { y, height: 1, ..body };
        let name = format!(" {} · {}", text::clean(id), states(other));
        put(frame, line, Line::from(span(name, look.style(Slot::Title))));
        transcript(frame, Area { y: y + 1, height: share - 1, ..body }, other, look);
        y += share;
    }
}

/// Rows that an output needs to be read beside another.
const LEAST: u16 = 4;

/// How a run stands, and how it is looked at.
fn states(run: &Transcript) -> String {
    let (errors, warnings) = run.ring.loud();
    let mut states = vec![run.state(None)];
    if run.is_running() {
        states = vec!["running".to_owned()];
    }
    if errors > 0 {
        states.push(format!("{} errors", grouped(errors as usize)));
    } else if warnings > 0 {
        states.push(format!("{} warnings", grouped(warnings as usize)));
    }
    if run.comparing {
        states.push("what differs".to_owned());
    } else if run.is_filtered() {
        states.push("filtered".to_owned());
    }
    if let Some(every) = run.every {
        states.push(format!("every {every} s"));
    }
    states.push(if run.follows() { "follows".to_owned() } else { "paused".to_owned() });
    states.join(" · ")
}

/// Before a command has run: what it is.
fn describe(frame: &mut Frame<'_>, body: Area, offer: &Offer, look: &Look<'_>) {
    let width = usize::from(body.width).saturating_sub(2);
    let mut lines = vec![(offer.command.title.clone(), Slot::TextStrong)];
    for (name, said) in facts(offer) {
        let slot = match (name, offer.command.risk) {
            ("risk", Risk::Destroys) | ("but", _) => Slot::StatusError,
            ("risk", Risk::Changes) => Slot::StatusWarning,
            _ => Slot::Text,
        };
        let said = rows::wrapped(&text::clean(&format!("{name:<8}{said}")), width);
        lines.extend(said.into_iter().map(|it| (it, slot)));
    }
    lines.push((String::new(), Slot::Text));
    for line in &offer.text {
        let line = text::clean_line(line);
        lines.push((text::truncate(&line, width).into_owned(), Slot::Syntax));
    }
    for (place, (line, slot)) in lines.into_iter().take(usize::from(body.height)).enumerate() {
        let here = Area { y: body.y + place as u16, height: 1, ..body };
        put(frame, here, Line::from(span(format!(" {line}"), look.style(slot))));
    }
}

fn transcript(frame: &mut Frame<'_>, body: Area, run: &Transcript, look: &Look<'_>) {
    let rows = usize::from(body.height).saturating_sub(1);
    let width = usize::from(body.width).saturating_sub(1);
    let first = Area { height: 1, ..body };
    let note = run.note.as_ref().map_or_else(String::new, |it| format!("  ({it})"));
    let shown = text::truncate(&format!("$ {}{note}", run.command()), width).into_owned();
    put(frame, first, Line::from(span(format!(" {shown}"), look.style(Slot::TextDim))));
    let needle = run.needle.as_deref().and_then(Needle::new);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for shown in run.page(rows) {
        match shown {
            Shown::Row(row, Row::Line(line, _)) => {
                let at = run.at == Some(row);
                lines.extend(output_lines(line, run, needle.as_ref(), at, width, look));
            }
            Shown::Row(_, Row::Gap { lines: gone, bytes }) => {
                let said =
                    format!(" … {} lines, {} left out …", grouped(gone as usize), amount(bytes));
                lines.push(Line::from(span(said, look.style(Slot::TextDim))));
            }
            Shown::Open(line) => lines.extend(output_lines(line, run, None, false, width, look)),
            Shown::Lacking(line) => {
                let said = text::truncate(&format!("- {line}"), width).into_owned();
                lines.push(Line::from(span(format!(" {said}"), look.style(Slot::DiffRemoved))));
            }
        }
    }
    if let Some((outcome, _)) = run.ended.as_ref().filter(|_| run.follows()) {
        let notes = outcome.notes.iter().flat_map(|it| rows::wrapped(it, width.saturating_sub(2)));
        lines.extend(
            notes.map(|it| Line::from(span(format!(" · {it}"), look.style(Slot::StatusWarning)))),
        );
    }
    if lines.is_empty() {
        let said = match (run.is_running(), run.is_filtered()) {
            (_, true) => "no line passes the filter",
            (true, false) => "nothing said so far …",
            (false, false) => "it said nothing",
        };
        lines.push(Line::from(span(format!(" {said}"), look.style(Slot::TextDim))));
    }
    // Broken lines take more rows: of a followed end, the last ones are seen.
    let skip = if run.follows() { lines.len().saturating_sub(rows) } else { 0 };
    for (place, line) in lines.into_iter().skip(skip).take(rows).enumerate() {
        let here = Area { y: body.y + 1 + place as u16, height: 1, ..body };
        put(frame, here, line);
    }
}

/// One line of output: a mark for how loud it is, its colours, what was searched for.
fn output_lines(
    line: &output::Line,
    run: &Transcript,
    needle: Option<&Needle>,
    at: bool,
    width: usize,
    look: &Look<'_>,
) -> Vec<Line<'static>> {
    let (mark, slot) = match (at, line.level, line.stream) {
        (true, ..) => (look.sign("▸", ">"), Slot::QueryPrompt),
        (_, Level::Error, _) => (look.sign("✗", "x"), Slot::StatusError),
        (_, Level::Warning, _) => ("!", Slot::StatusWarning),
        (_, Level::Plain, Stream::Err) => (look.sign("│", "|"), Slot::TextDim),
        (_, Level::Plain, Stream::Out | Stream::Navi) => (" ", Slot::Text),
    };
    let base = match (line.stream, line.level) {
        (Stream::Navi, _) => look.style(Slot::TextDim),
        (_, Level::Error) if line.looks.is_empty() => look.style(Slot::StatusError),
        (_, Level::Warning) if line.looks.is_empty() => look.style(Slot::StatusWarning),
        _ => look.style(Slot::Text),
    };
    let marks = needle.map(|it| it.ranges(&line.text)).unwrap_or_default();
    let room = width.saturating_sub(1).max(1);
    let mut out = Vec::new();
    let mut spans = vec![span(mark, look.style(slot))];
    let mut column = 0;
    let mut skipped = 0;
    let mut broke = false;
    for (piece, style) in pieces(line, &marks, base, look) {
        let mut run_of = String::new();
        for character in piece.chars() {
            let wide = text::width(character.encode_utf8(&mut [0; 4]));
            if !run.wrap && skipped < run.left {
                skipped += wide.max(1);
                continue;
            }
            if column + wide > room {
                if !run.wrap {
                    broke = true;
                    break;
                }
                spans.push(span(std::mem::take(&mut run_of), style));
                out.push(Line::from(std::mem::take(&mut spans)));
                spans.push(span(" ", base));
                column = 0;
            }
            run_of.push(character);
            column += wide;
        }
        spans.push(span(run_of, style));
        if broke {
            break;
        }
    }
    if broke || line.cut {
        spans.push(span(look.sign("›", ">"), look.style(Slot::TextDim)));
    }
    out.push(Line::from(spans));
    out
}

/// The line in pieces of one look each.
fn pieces<'a>(
    line: &'a output::Line,
    marks: &[std::ops::Range<usize>],
    base: Style,
    look: &Look<'_>,
) -> Vec<(&'a str, Style)> {
    let mut cuts: Vec<usize> = vec![0, line.text.len()];
    cuts.extend(line.looks.iter().flat_map(|(range, _)| [range.start, range.end]));
    cuts.extend(marks.iter().flat_map(|range| [range.start, range.end]));
    cuts.sort_unstable();
    cuts.dedup();
    let piece = |pair: &[usize]| {
        let [start, end] = pair else { return None };
        let text = line.text.get(*start..*end)?;
        let asked = line.looks.iter().find(|(range, _)| range.contains(start));
        let style = asked.map_or(base, |(_, it)| base.patch(style_of(*it, look)));
        let marked = marks.iter().any(|range| range.contains(start));
        Some((text, if marked { style.patch(look.style(Slot::PreviewMatch)) } else { style }))
    };
    cuts.windows(2).filter_map(piece).collect()
}

fn style_of(asked: output::Look, look: &Look<'_>) -> Style {
    let colour = |it: Colour| {
        look.theme.shown(match it {
            Colour::Ansi(number) | Colour::Indexed(number) => Color::Indexed(number),
            Colour::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
        })
    };
    let mut style = Style {
        fg: asked.fore.and_then(colour),
        bg: asked.back.and_then(colour),
        ..Style::default()
    };
    for (on, modifier) in [
        (asked.bold, Modifier::BOLD),
        (asked.dim, Modifier::DIM),
        (asked.underline, Modifier::UNDERLINED),
        (asked.reverse, Modifier::REVERSED),
    ] {
        if on {
            style = style.add_modifier(modifier);
        }
    }
    style
}

/// The card: what would run, and what has to be said.
pub fn card(frame: &mut Frame<'_>, app: &App, card: &Card, look: &Look<'_>) {
    let Some(offer) = app.model().commands.offer_of(&card.id) else { return };
    let all = frame.area();
    let inner = popup(frame, look, " run this? ", all.width, all.height);
    let width = usize::from(inner.width).saturating_sub(2);
    let mut top: Vec<Line<'static>> = vec![Line::from(span(
        format!(" {}", text::truncate(&offer.command.title, width)),
        look.style(Slot::TextStrong),
    ))];
    for (name, said) in facts(offer) {
        let slot = match (name, offer.command.risk) {
            ("risk", Risk::Destroys) | ("but", _) => Slot::StatusError,
            ("risk", Risk::Changes) => Slot::StatusWarning,
            ("goes to", _) if offer.targets.iter().any(|it| it.production) => Slot::StatusError,
            _ => Slot::Text,
        };
        let said = text::truncate(&said, width.saturating_sub(9)).into_owned();
        top.push(Line::from(vec![
            span(format!(" {name:<8} "), look.style(Slot::TextDim)),
            span(text::clean(&said).into_owned(), look.style(slot)),
        ]));
    }
    let (bottom, cursor) = asked(card, offer, app, width, look);
    // What has to be said and the keys to say it are on the smallest screen.
    let rest = usize::from(inner.height).saturating_sub(bottom.len());
    let mut lines = top;
    lines.truncate(rest);
    let room = rest.saturating_sub(lines.len() + 2);
    let start = card.cursor.top.min(card.lines.len().saturating_sub(room));
    if lines.len() < rest {
        lines.push(Line::default());
    }
    for line in card.lines.iter().skip(start).take(room) {
        let (sign, slot) = match line.new {
            None => (" ", Slot::Syntax),
            Some(true) => ("+", Slot::DiffAdded),
            Some(false) => ("-", Slot::DiffRemoved),
        };
        let shown = text::clean_line(&line.text);
        let shown = text::truncate(&shown, width.saturating_sub(1)).into_owned();
        lines.push(Line::from(span(format!(" {sign}{shown}"), look.style(slot))));
    }
    let more = card.lines.len().saturating_sub(start + room);
    let more =
        if more > 0 { format!("   {more} more lines, down shows them") } else { String::new() };
    if lines.len() < rest {
        lines.push(Line::from(span(more, look.style(Slot::TextDim))));
    }
    let from = lines.len();
    lines.extend(bottom);
    for (place, line) in lines.into_iter().take(usize::from(inner.height)).enumerate() {
        let here = Area { x: inner.x, y: inner.y + place as u16, width: inner.width, height: 1 };
        put(frame, here, line);
    }
    if let Some((row, column)) = cursor {
        let y = inner.y + ((from + row) as u16).min(inner.height.saturating_sub(1));
        frame.set_cursor_position((inner.x + column as u16, y));
    }
}

/// The fields and keys at the bottom of a card, and where the cursor stands in them.
fn asked(
    card: &Card,
    offer: &Offer,
    app: &App,
    width: usize,
    look: &Look<'_>,
) -> (Vec<Line<'static>>, Option<(usize, usize)>) {
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut cursor = None;
    let mut field = |lines: &mut Vec<Line<'static>>,
                     name: &str,
                     text_of: &str,
                     column: Option<usize>,
                     note: &str| {
        let label = format!(" {} = ", text::clean(name));
        let before = text::width(&label);
        if let Some(column) = column {
            cursor = Some((lines.len(), before + column.min(width.saturating_sub(before))));
        }
        let shown = text::truncate(text_of, width.saturating_sub(before)).into_owned();
        lines.push(Line::from(vec![
            span(label, look.style(Slot::QueryPrompt)),
            span(shown, look.style(Slot::Query)),
            span(format!("  {note}"), look.style(Slot::TextDim)),
        ]));
    };
    for (number, ((name, value), parameter)) in
        card.values.iter().zip(&offer.command.parameters).enumerate()
    {
        let column = (card.field == number).then(|| value.cursor_column());
        let note = parameter.says.clone().unwrap_or_else(|| {
            if parameter.default.is_none() { "needed".to_owned() } else { String::new() }
        });
        field(&mut lines, name, value.text(), column, &text::clean(&note));
    }
    if let Need::Type { name, why } = &card.need {
        let said = text::truncate(&format!(" type {name} to run it: {why}"), width).into_owned();
        lines.push(Line::from(span(said, look.style(Slot::StatusError))));
        let column = (card.field == card.values.len()).then(|| card.typed.cursor_column());
        field(&mut lines, "name", card.typed.text(), column, "enter runs it");
    }
    let others = app.model().commands.to_be_trusted().len();
    let typing = card.field < card.fields();
    let all = format!("trust all {others} that only read");
    let mut keys: Vec<(&str, &str)> = Vec::new();
    match (&card.need, typing) {
        (need, true) => {
            let last = card.field + 1 >= card.fields();
            let runs = last && matches!(need, Need::Nothing | Need::Type { .. });
            keys.push(("enter", if runs { "run" } else { "next" }));
            if card.fields() > 1 {
                keys.push(("tab", "next field"));
            }
        }
        (Need::Look, _) => {
            keys.extend([("r", "run once"), ("t", "trust and run")]);
            if others > 1 {
                keys.push(("a", &all));
            }
            keys.push(("d", "deny"));
        }
        (Need::Confirm, _) => keys.push(("r", "run")),
        (Need::Nothing, _) => keys.push(("enter", "run")),
        (Need::Type { .. } | Need::Refused(_), _) => {}
    }
    if !typing {
        if !card.values.is_empty() {
            keys.push(("tab", "values"));
        }
        keys.push(("e", "source"));
    }
    keys.push(("esc", "leave it"));
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut used = 0;
    for (key, word) in keys {
        let wide = text::width(key) + text::width(word) + 4;
        // No key is left out: what has no room on this line begins the next.
        if used + wide > width && used > 0 {
            lines.push(Line::from(std::mem::take(&mut spans)));
            used = 0;
        }
        used += wide;
        spans.push(span(format!(" {key}"), look.style(Slot::Key)));
        spans.push(span(format!(" {word}  "), look.style(Slot::KeyHint)));
    }
    lines.push(Line::from(spans));
    (lines, cursor)
}
