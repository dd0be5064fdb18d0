//! Draws the model. Reads, never writes.

mod changes;
mod checks;
mod commands;
mod drill;
mod find;
mod footer;
mod incident;
mod overlay;
mod pane;
mod preview;
mod rows;
mod runbooks;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

use super::theme::{Depth, Slot, Theme};
use crate::app::App;
use crate::app::layout::Area;
use crate::app::model::{Model, Panel};
use crate::base::text;

/// How things look.
pub struct Look<'a> {
    /// Colours.
    pub theme: &'a Theme,
    /// Plain characters only.
    pub ascii: bool,
}

impl Look<'_> {
    fn style(&self, slot: Slot) -> Style {
        self.theme.style(slot)
    }

    /// The fancy text, or the plain one on terminals that ask for it.
    fn sign(&self, fancy: &'static str, plain: &'static str) -> &'static str {
        if self.ascii { plain } else { fancy }
    }
}

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, app: &App, look: &Look<'_>) {
    let all = frame.area();
    frame.render_widget(Block::new().style(look.style(Slot::Background)), all);
    let model = app.model();
    if (all.width, all.height) != model.size || all.width == 0 || all.height == 0 {
        // A resize is on its way.
        return;
    }
    let layout = model.layout();
    drill::brief(frame, app, look);
    find::header(frame, layout.header, model, look);
    tabs(frame, layout.tabs, model, look);
    if let Some(outline) = model.outline() {
        rows::query(frame, &layout, model, look);
        rows::list(frame, layout.list, outline, model, look);
        match model.panel {
            Panel::Changes => changes::preview(frame, &layout, model, look),
            Panel::Runbooks => runbooks::preview(frame, &layout, model, look),
            Panel::Checks => checks::preview(frame, &layout, model, look),
            Panel::Commands => commands::preview(frame, &layout, model, look),
            Panel::Find | Panel::Critical | Panel::Audit | Panel::Drill | Panel::Incident => {
                preview::draw(frame, &layout, model, look);
                if model.selected_place().is_none() {
                    rows::told(frame, layout.preview_text(), outline, look);
                }
            }
        }
        rows::detail(frame, layout.detail, outline, look);
    } else {
        find::query(frame, &layout, model, look);
        find::list(frame, layout.list, model, look);
        preview::draw(frame, &layout, model, look);
        find::detail(frame, layout.detail, model, look);
    }
    footer::draw(frame, layout.footer, app, look);
    overlay::draw(frame, app, look);
    if look.ascii {
        plain(frame);
    }
}

/// The panels with their numbers, the one on screen marked.
fn tabs(frame: &mut Frame<'_>, area: Area, model: &Model, look: &Look<'_>) {
    if area.height == 0 {
        return;
    }
    let plain = look.theme.depth() == Depth::None;
    let whole: usize = Panel::ALL.iter().map(|it| text::width(it.title()) + 4).sum();
    let wide = usize::from(area.width) > whole;
    let mut spans = Vec::new();
    for panel in Panel::ALL {
        let here = model.panel.tab() == *panel;
        let title = if wide { panel.title() } else { panel.short_title() };
        let title = if here && plain { format!(" [{title}]") } else { format!(" {title}") };
        let gap = if wide { "  " } else { " " };
        spans.push(span(gap, look.style(Slot::TextDim)));
        spans.push(span(panel.number().to_string(), look.style(Slot::Key)));
        spans.push(span(title, look.style(if here { Slot::Title } else { Slot::TextDim })));
    }
    put(frame, area, Line::from(spans));
}

/// Puts plain characters in place of the signs of cut and joined texts, which come from below the
/// view.
fn plain(frame: &mut Frame<'_>) {
    for cell in &mut frame.buffer_mut().content {
        match cell.symbol() {
            "…" => _ = cell.set_symbol("~"),
            "·" | "─" | "═" => _ = cell.set_symbol("-"),
            "│" | "▎" => _ = cell.set_symbol("|"),
            "┌" | "┼" => _ = cell.set_symbol("+"),
            "•" => _ = cell.set_symbol("*"),
            _ => {}
        }
    }
}

fn rect(area: Area) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height)
}

fn put(frame: &mut Frame<'_>, area: Area, line: Line<'_>) {
    if area.width > 0 && area.height > 0 {
        frame.render_widget(Paragraph::new(line), rect(area));
    }
}

/// A piece of a line. What comes here is clean already; a message that somebody forgot to clean
/// must not reach the terminal all the same.
fn span(text: impl Into<String>, style: Style) -> Span<'static> {
    let text = text.into();
    let clean = if text::is_clean(&text) { text } else { text::clean(&text).into_owned() };
    Span::styled(clean, style)
}
