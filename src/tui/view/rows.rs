//! Panels with groups of rows: the Critical paths panel, the audit, the changes.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::{Look, changes, checks, commands, drill, incident, put, runbooks, span};
use crate::app::layout::{Area, Layout};
use crate::app::model::{Model, Panel};
use crate::app::outline::{self, Heading, Mark, Outline, Row};
use crate::base::text;
use crate::tui::theme::Slot;

/// The line of the panel's name and of the filter.
pub fn query(frame: &mut Frame<'_>, layout: &Layout, model: &Model, look: &Look<'_>) {
    let area = layout.query;
    if area.height == 0 {
        return;
    }
    let width = usize::from(area.width);
    let (title, told) = match model.panel {
        Panel::Audit => ("Audit", audit_told(model)),
        Panel::Checks => ("Checks", checks::told(model)),
        Panel::Drill => ("Drill", drill::told(model)),
        Panel::Commands => ("Commands", commands::told(model)),
        Panel::Changes => ("Changes", changes::told(model)),
        Panel::Runbooks => ("Runbooks", runbooks::told(model)),
        Panel::Incident => ("Incident", incident::told(model)),
        Panel::Critical | Panel::Find => ("Critical paths", critical_told(model)),
    };
    // Without a header, the badge has its place here.
    let badge = if layout.header.height == 0 {
        model.badge().0.split(" · ").next().unwrap_or_default().to_owned()
    } else {
        String::new()
    };
    let mut spans = Vec::new();
    let mut used;
    if model.filtering {
        let cursor = model.query.cursor_column();
        let room = width.saturating_sub(4 + text::width(&badge));
        let shown = if cursor >= room {
            text::truncate_start(model.query.text(), room).into_owned()
        } else {
            text::take_width(model.query.text(), room).to_owned()
        };
        used = 3 + text::width(&shown);
        spans.push(span(" / ", look.style(Slot::QueryPrompt)));
        spans.push(span(shown, look.style(Slot::Query)));
        if !model.in_preview && model.prompt.is_none() && model.overlay.is_none() {
            frame.set_cursor_position((area.x + 3 + cursor.min(room) as u16, area.y));
        }
    } else {
        let title = format!(" {title}  ");
        used = text::width(&title);
        spans.push(span(title, look.style(Slot::Title)));
    }
    let right = if badge.is_empty() { badge } else { format!("  {badge} ") };
    let room = width.saturating_sub(used + text::width(&right) + 2);
    let told = text::truncate(&told, room).into_owned();
    if model.filtering {
        let fill = room.saturating_sub(text::width(&told)) + 1;
        used += fill;
        spans.push(Span::raw(" ".repeat(fill)));
    }
    used += text::width(&told);
    spans.push(span(told, look.style(Slot::TextDim)));
    let fill = width.saturating_sub(used + text::width(&right));
    spans.push(Span::raw(" ".repeat(fill)));
    spans.push(span(right, look.style(Slot::TextDim)));
    put(frame, area, Line::from(spans));
}

fn critical_told(model: &Model) -> String {
    if model.critical.board.is_none() {
        return "looking at the files".to_owned();
    }
    let (files, roles, gaps) = model.critical.counts();
    if model.filtering {
        let lines = model.critical.outline.lines().iter();
        let shown = lines.filter(|it| matches!(it, outline::Line::Row(_))).count();
        return format!("{shown} of {files} files");
    }
    let missing = if gaps == 0 { String::new() } else { format!(" · {gaps} missing") };
    format!("{files} files · {roles} roles{missing}")
}

fn audit_told(model: &Model) -> String {
    let Some(audit) = &model.audit.audit else {
        let said = if model.audit.waits { "waits until the files are read" } else { "judging" };
        return said.to_owned();
    };
    let (pass, warn, fail, unknown) = model.audit.counts();
    let again = match (model.audit.busy, model.audit.outdated) {
        (true, _) => " · judging again",
        (false, true) => " · files have changed: ctrl-r judges again",
        (false, false) => "",
    };
    let unknown = if unknown == 0 { String::new() } else { format!(" · {unknown} not judged") };
    format!("score {:.2} · {fail} fail · {warn} warn · {pass} pass{unknown}{again}", audit.score)
}

pub fn list(frame: &mut Frame<'_>, area: Area, outline: &Outline, model: &Model, look: &Look<'_>) {
    if area.height == 0 {
        return;
    }
    if outline.lines().is_empty() {
        let known = match model.panel {
            Panel::Audit => model.audit.audit.is_some(),
            Panel::Critical
            | Panel::Find
            | Panel::Changes
            | Panel::Checks
            | Panel::Commands
            | Panel::Runbooks
            | Panel::Drill
            | Panel::Incident => model.critical.board.is_some(),
        };
        let said = match model.panel {
            Panel::Checks => checks::empty(model),
            Panel::Drill => drill::empty(model),
            Panel::Commands => commands::empty(model),
            Panel::Changes => changes::empty(model),
            Panel::Runbooks => runbooks::empty(model),
            Panel::Incident => incident::empty(model),
            _ if known => "nothing holds these words",
            _ => "looking at the files …",
        };
        put(frame, area, Line::from(span(format!("   {said}"), look.style(Slot::Text))));
        return;
    }
    let labels = model.labels();
    let shown = outline.lines().iter().enumerate().skip(outline.cursor.top);
    for (place, (number, line)) in shown.take(usize::from(area.height)).enumerate() {
        let here = Area { y: area.y + place as u16, height: 1, ..area };
        let selected = number == outline.cursor.selected;
        let label = labels.iter().find(|(at, _)| *at == number).map(|(_, it)| *it);
        let width = usize::from(area.width);
        put(
            frame,
            here,
            match line {
                outline::Line::Heading(it) => heading(it, label, selected, width, look),
                outline::Line::Row(it) => row(it, label, selected, width, look),
            },
        );
    }
}

fn heading(
    it: &Heading,
    label: Option<char>,
    selected: bool,
    width: usize,
    look: &Look<'_>,
) -> Line<'static> {
    let base = if selected { Slot::ListSelected } else { Slot::List };
    let plain = look.style(base);
    let on = |slot: Slot| {
        if selected { look.theme.on(base, look.style(slot)) } else { look.style(slot) }
    };
    let mark = if selected { look.sign("▸", ">") } else { " " };
    let (sign, told) = sign_of(it.mark, look);
    let told_style = on(told);
    let label = label.map_or_else(|| "  ".to_owned(), |it| format!("{it} "));
    let count = format!("{sign}{}", it.count);
    let count = text::truncate(&count, width.saturating_sub(8));
    let room = width.saturating_sub(5 + text::width(&count));
    let title = text::truncate(&it.title, room).into_owned();
    let fill = width.saturating_sub(5 + text::width(&title) + text::width(&count));
    Line::from(vec![
        span(mark, plain),
        span(label, on(Slot::Key)),
        span(title, on(Slot::Title)),
        span("  ", plain),
        span(count.into_owned(), told_style),
        span(" ".repeat(fill), plain),
    ])
}

/// The sign of a mark, and how it looks.
fn sign_of(mark: Mark, look: &Look<'_>) -> (&'static str, Slot) {
    match mark {
        Mark::Plain => ("", Slot::TextDim),
        Mark::Missing => (look.sign("✗ ", "x "), Slot::StatusWarning),
        Mark::Bad => (look.sign("✗ ", "x "), Slot::StatusError),
        Mark::Middling => ("! ", Slot::StatusWarning),
        Mark::Good => (look.sign("✓ ", "+ "), Slot::StatusSuccess),
        Mark::Unknown => ("? ", Slot::TextDim),
    }
}

/// A column's text, padded on its left.
fn column(said: &str, width: usize) -> String {
    if width < 3 {
        return String::new();
    }
    let cut = text::truncate(said, width - 2).into_owned();
    format!("{}{cut}", " ".repeat(width - text::width(&cut)))
}

/// Of `2 d ago · Ana` the age.
fn age_of(changed: &str) -> &str {
    changed.split(" · ").next().unwrap_or(changed)
}

/// The same for owners, of whom the end of the name tells most: `@company/team`.
fn owner_column(said: &str, width: usize) -> String {
    if text::width(said) + 2 <= width {
        return column(said, width);
    }
    let team = match said.rsplit_once('/') {
        Some((_, team)) if !team.contains(' ') => format!("…/{team}"),
        _ => said.to_owned(),
    };
    column(&text::truncate_start(&team, width.saturating_sub(2)), width)
}

/// One row: mark, letter, name and line, folder or text; to the right a note, the owner, the last
/// change.
fn row(
    it: &Row,
    label: Option<char>,
    selected: bool,
    width: usize,
    look: &Look<'_>,
) -> Line<'static> {
    let base = if selected { Slot::ListSelected } else { Slot::List };
    let plain = look.style(base);
    let on = |slot: Slot| {
        if selected { look.theme.on(base, look.style(slot)) } else { look.style(slot) }
    };
    let dim = on(Slot::ListReason);
    let mark = if selected { look.sign("▸ ", "> ") } else { "  " };
    let label = label.map_or_else(|| "  ".to_owned(), |it| format!("{it} "));
    let (sign, told) = sign_of(it.mark, look);
    let mut spans = vec![span(mark, plain), span(label, on(Slot::Key)), span(sign, on(told))];
    let mut used = 4 + text::width(sign);
    // What stands to the right takes what the name can spare.
    let wanted = |said: &str, most: usize| match text::width(said).min(most) {
        0 => 0,
        wide => wide + 2,
    };
    let alone = it.owner.is_empty() && it.changed.is_empty();
    let note = match (it.note.is_empty(), alone || width >= 100) {
        (false, _) => &it.note,
        (true, true) => &it.reason,
        (true, false) => "",
    };
    let (owner, changed, most) = match width {
        30..48 if it.keeps => (wanted(&it.owner, 8), wanted(age_of(&it.changed), 10), 0),
        0..48 => (0, 0, 0),
        48..72 if alone => (0, 0, 22),
        48..72 => (wanted(&it.owner, 14), wanted(age_of(&it.changed), 10), 0),
        72..100 => (wanted(&it.owner, 14), wanted(&it.changed, 16), 20),
        _ => (wanted(&it.owner, 20), wanted(&it.changed, 22), 32),
    };
    let noted = if it.keeps {
        // What a command does is told first; where it is written stands in whole elsewhere.
        let left = width.saturating_sub(used + owner + changed + text::width(&it.text) + 3);
        let noted = wanted(note, most.min(left));
        if noted < 12 { 0 } else { noted }
    } else {
        wanted(note, most)
    };
    let note = if it.keeps {
        text::truncate_start(note, noted.saturating_sub(2))
    } else {
        std::borrow::Cow::Borrowed(note)
    };
    let said = if width < 72 { age_of(&it.changed) } else { &it.changed };
    let right = [
        (column(&note, noted), dim),
        (owner_column(&it.owner, owner), on(Slot::Text)),
        (column(said, changed), dim),
    ];
    let tail: usize = right.iter().map(|(text, _)| text::width(text)).sum();
    let room = width.saturating_sub(used + tail + 1);
    if let Some((path, line)) = &it.place {
        let shown = path.display();
        let name_from = shown.rfind('/').map_or(0, |at| at + 1);
        let (folder, name) = shown.split_at(name_from);
        let line = line.map_or_else(String::new, |line| format!(":{line}"));
        let most = room.saturating_sub(text::width(&line)).max(4);
        // Beside what is said of it, a path is cut where it tells least.
        let cut = if it.text.is_empty() {
            text::truncate(name, most)
        } else {
            text::truncate_start(&shown, most.min(room * 11 / 20).max(4))
        };
        used += text::width(&cut) + text::width(&line);
        spans.push(span(cut.into_owned(), plain));
        spans.push(span(line, plain));
        let left = width.saturating_sub(used + tail + 1);
        // Evidence says something; of a critical path the folder does.
        let beside = if it.text.is_empty() {
            text::truncate_start(folder.trim_end_matches('/'), left.saturating_sub(2))
        } else {
            text::truncate(&it.text, left.saturating_sub(2))
        };
        if left >= 5 && !beside.is_empty() {
            used += 2 + text::width(&beside);
            spans.push(span("  ", plain));
            spans.push(span(beside.into_owned(), dim));
        }
    } else {
        let cut = text::truncate(&it.text, room).into_owned();
        used += text::width(&cut);
        spans.push(span(cut, plain));
    }
    spans.push(span(" ".repeat(width.saturating_sub(used + tail)), plain));
    spans.extend(right.into_iter().map(|(text, style)| span(text, style)));
    Line::from(spans)
}

/// All there is to say about the selected row.
pub fn detail(frame: &mut Frame<'_>, area: Area, outline: &Outline, look: &Look<'_>) {
    if area.height == 0 {
        return;
    }
    let said = outline.says().join(look.sign(" · ", " - "));
    let cut = text::truncate(&said, usize::from(area.width).saturating_sub(2)).into_owned();
    put(frame, area, Line::from(span(format!(" {cut}"), look.style(Slot::TextDim))));
}

/// What the preview shows of a row that is no place: all it says, in whole.
pub fn told(frame: &mut Frame<'_>, area: Area, outline: &Outline, look: &Look<'_>) {
    let width = usize::from(area.width).saturating_sub(3);
    let lines = outline.says().iter().flat_map(|it| wrapped(it, width));
    for (place, line) in lines.take(usize::from(area.height)).enumerate() {
        let here = Area { y: area.y + place as u16, height: 1, ..area };
        put(frame, here, Line::from(span(format!(" {line}"), look.style(Slot::Text))));
    }
}

/// The text in lines of at most `width` columns, broken between words.
pub fn wrapped(said: &str, width: usize) -> Vec<String> {
    text::wrapped(said, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_break_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), [""]);
        assert_eq!(wrapped("overlongword x", 6).len(), 2);
        assert_eq!(column("abc", 5), "  abc");
        assert_eq!(column("abc", 2), "");
        assert_eq!(owner_column("@company/team", 10), "    …/team");
        assert_eq!(owner_column("@me", 10), "       @me");
    }
}
