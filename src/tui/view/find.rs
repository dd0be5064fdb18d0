//! The Find panel: query line, rows, the reason of the selected row; and the header of every panel.

use ratatui::Frame;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Look, put, span};
use crate::app::layout::{Area, Layout};
use crate::app::model::{Freshness, Model, grouped};
use crate::base::text;
use crate::engine::search::{Hit, Tier};
use crate::tui::theme::Slot;

pub fn header(frame: &mut Frame<'_>, area: Area, model: &Model, look: &Look<'_>) {
    if area.height == 0 {
        return;
    }
    let width = usize::from(area.width);
    let badge = badge(model, look);
    let badge_width = text::width(&badge.content);
    let room = width.saturating_sub(badge_width + 8);
    let repo = text::truncate(&model.repo, room).into_owned();
    let left = room.saturating_sub(text::width(&repo) + 2);
    let branch = text::truncate(model.branch.as_deref().unwrap_or_default(), left).into_owned();
    let used = 6 + text::width(&repo) + 2 + text::width(&branch);
    let line = Line::from(vec![
        span(" navi ", look.style(Slot::Title)),
        span(repo, look.style(Slot::Header)),
        span("  ", look.style(Slot::Header)),
        span(branch, look.style(Slot::TextDim)),
        Span::raw(" ".repeat(width.saturating_sub(used + badge_width + 1))),
        badge,
    ]);
    put(frame, area, line);
}

fn badge(model: &Model, look: &Look<'_>) -> Span<'static> {
    let (text, freshness) = model.badge();
    let slot = match freshness {
        Freshness::Live => Slot::BadgeLive,
        Freshness::Busy => Slot::BadgeBusy,
        Freshness::Stale => Slot::BadgeStale,
    };
    span(if look.ascii { text.replace('·', "-") } else { text }, look.style(slot))
}

pub fn query(frame: &mut Frame<'_>, layout: &Layout, model: &Model, look: &Look<'_>) {
    let area = layout.query;
    if area.height == 0 {
        return;
    }
    let width = usize::from(area.width);
    let count = if model.stale || (model.results.hits.is_empty() && model.searching) {
        "searching".to_owned()
    } else if model.searching {
        // Where files come from a cold disk, this may stand for seconds.
        format!("{}+ so far", grouped(model.results.total))
    } else {
        let more = if model.results.open_ended { "+" } else { "" };
        format!("{}{more} of {}", grouped(model.results.total), grouped(model.index.files))
    };
    // Without a header, the badge has its place here.
    let right = if layout.header.height == 0 {
        let short = model.badge().0.split(" · ").next().unwrap_or_default().to_owned();
        format!("{count} {short} ")
    } else {
        format!("{count} ")
    };
    let right = if text::width(&right) + 16 > width { String::new() } else { right };
    let room = width.saturating_sub(text::width(&right) + 4);
    // The end of a long query with the cursor stays in view.
    let cursor = model.query.cursor_column();
    let shown = if cursor >= room {
        text::truncate_start(model.query.text(), room).into_owned()
    } else {
        text::take_width(model.query.text(), room).to_owned()
    };
    let at = cursor.min(room) as u16;
    let blanks = width.saturating_sub(3 + text::width(&shown) + text::width(&right));
    let focused = !model.in_preview && model.prompt.is_none() && model.overlay.is_none();
    let mut spans =
        vec![span(" > ", look.style(Slot::QueryPrompt)), span(shown, look.style(Slot::Query))];
    if model.query.text().is_empty() {
        let hint = "type a name, words, 'exact text or #symbol";
        let hint = text::take_width(hint, room).to_owned();
        let blanks = blanks.saturating_sub(text::width(&hint));
        spans.push(span(hint, look.style(Slot::TextDim)));
        spans.push(Span::raw(" ".repeat(blanks)));
    } else {
        spans.push(Span::raw(" ".repeat(blanks)));
    }
    spans.push(span(right, look.style(Slot::TextDim)));
    put(frame, area, Line::from(spans));
    if focused {
        frame.set_cursor_position((area.x + 3 + at, area.y));
    }
}

pub fn list(frame: &mut Frame<'_>, area: Area, model: &Model, look: &Look<'_>) {
    if area.height == 0 {
        return;
    }
    if model.results.hits.is_empty() {
        empty(frame, area, model, look);
        return;
    }
    let rows = model.results.hits.iter().enumerate().skip(model.cursor.top);
    for (place, (number, hit)) in rows.take(usize::from(area.height)).enumerate() {
        let here = Area { y: area.y + place as u16, height: 1, ..area };
        let selected = number == model.cursor.selected;
        put(frame, here, row(hit, selected, usize::from(area.width), look));
    }
}

fn empty(frame: &mut Frame<'_>, area: Area, model: &Model, look: &Look<'_>) {
    let lines: Vec<&str> = if model.searching {
        vec!["searching …"]
    } else if model.index.files == 0 {
        vec!["no files here", "every file may be ignored: see .gitignore"]
    } else {
        vec!["nothing found", "fewer words, another spelling,", "or ctrl-/ for what can be typed"]
    };
    for (place, line) in lines.iter().take(usize::from(area.height)).enumerate() {
        let here = Area { y: area.y + place as u16, height: 1, ..area };
        let slot = if place == 0 { Slot::Text } else { Slot::TextDim };
        put(frame, here, Line::from(span(format!("   {line}"), look.style(slot))));
    }
}

/// One row: mark, name and line, folder, and the reason at the right edge.
fn row(hit: &Hit, selected: bool, width: usize, look: &Look<'_>) -> Line<'static> {
    let base = if selected { Slot::ListSelected } else { Slot::List };
    let plain = look.style(base);
    let dim = if selected {
        look.theme.on(base, look.style(Slot::ListReason))
    } else {
        look.style(Slot::ListReason)
    };
    let matched = look.style(if selected { Slot::ListSelectedMatch } else { Slot::ListMatch });
    let shown = hit.path.display();
    let name_from = shown.rfind('/').map_or(0, |at| at + 1);
    let (folder, name) = shown.split_at(name_from);
    let folder_chars = folder.chars().count() as u32;
    let line = hit.line.map_or_else(String::new, |line| format!(":{line}"));
    let reason = hit.why.first().cloned().unwrap_or_default();
    let reason = text::truncate(&reason, (width / 3).clamp(8, 16)).into_owned();
    let role =
        if width >= 60 { hit.roles.first().cloned().unwrap_or_default() } else { String::new() };
    let role_width = if role.is_empty() { 0 } else { text::width(&role) + 2 };
    let fixed = 2 + text::width(&reason) + 2 + role_width;
    let room = width.saturating_sub(fixed);
    let name_room = room.saturating_sub(text::width(&line)).max(4);
    let cut = text::truncate(name, name_room).into_owned();
    let used = text::width(&cut) + text::width(&line);
    let folder_room = room.saturating_sub(used + 2);
    let folder_text = folder.trim_end_matches('/');
    let folder_cut = text::truncate_start(folder_text, folder_room).into_owned();
    let mark = if selected { look.sign("▸ ", "> ") } else { "  " };
    let mut spans = vec![span(mark, plain)];
    spans.extend(marked(&cut, folder_chars, &hit.marks, plain, matched));
    spans.push(span(line, plain));
    let mut filled = 2 + used;
    if folder_room >= 3 && !folder_cut.is_empty() {
        spans.push(span("  ", plain));
        filled += 2 + text::width(&folder_cut);
        if folder_cut.len() == folder_text.len() {
            spans.extend(marked(&folder_cut, 0, &hit.marks, dim, matched));
        } else {
            spans.push(span(folder_cut, dim));
        }
    }
    let tail = role_width + text::width(&reason) + 1;
    spans.push(span(" ".repeat(width.saturating_sub(filled + tail)), plain));
    if !role.is_empty() {
        let style = look.theme.role(&role);
        let style = if selected { look.theme.on(base, style) } else { style };
        spans.push(span(role, style));
        spans.push(span("  ", plain));
    }
    let strong = matches!(hit.tier, Tier::Path | Tier::Name);
    spans.push(span(format!("{reason} "), if strong { plain } else { dim }));
    Line::from(spans)
}

/// A text whose marked characters, counted from `from`, look like a match.
fn marked(
    text: &str,
    from: u32,
    marks: &[u32],
    plain: Style,
    matched: Style,
) -> Vec<Span<'static>> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut run = String::new();
    let mut in_match = false;
    for (place, character) in text.chars().enumerate() {
        let hit = marks.binary_search(&(from + place as u32)).is_ok();
        if hit != in_match && !run.is_empty() {
            spans.push(span(std::mem::take(&mut run), if in_match { matched } else { plain }));
        }
        in_match = hit;
        run.push(character);
    }
    if !run.is_empty() {
        spans.push(span(run, if in_match { matched } else { plain }));
    }
    spans
}

pub fn detail(frame: &mut Frame<'_>, area: Area, model: &Model, look: &Look<'_>) {
    if area.height == 0 {
        return;
    }
    let dim = look.style(Slot::TextDim);
    let Some(hit) = model.selected() else { return };
    let dot = look.sign(" · ", " - ");
    let mut parts = hit.why.clone();
    if !hit.roles.is_empty() {
        parts.push(hit.roles.join(", "));
    }
    if !hit.owners.is_empty() {
        parts.push(text::clean(&hit.owners.join(" ")).into_owned());
    }
    let mut spans = vec![span(format!(" {}", parts.join(dot)), dim)];
    if let Some(snippet) = &hit.snippet {
        spans.push(span(dot, dim));
        spans.push(span(snippet.clone(), look.style(Slot::Text)));
    }
    put(frame, area, Line::from(spans));
}
