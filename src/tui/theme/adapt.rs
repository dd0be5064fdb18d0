//! Fits a finished theme to the colours a terminal has, keeping what must stay visible visible.
//!
//! Without colours no style sets a foreground or background at all: under `NO_COLOR` the terminal
//! library turns every colour command into a reset that would also clear bold and reverse.

use ratatui::style::{Color, Modifier, Style};

use super::color::{Depth, adapt, contrast, readable_on};
use super::{Slot, Theme};

/// Below this contrast, after colours were taken away, black or white is better.
const LEAST: f64 = 3.0;

impl Theme {
    /// The theme as a terminal of this depth can show it.
    pub(super) fn adapted(mut self, depth: Depth) -> Self {
        self.depth = depth;
        let background = self.style(Slot::Background).bg;
        let background = background.filter(|_| depth != Depth::None).map(|it| adapt(it, depth));
        for (slot, style) in Slot::ALL.iter().zip(&mut self.styles) {
            *style = fit(*style, depth, background);
            if depth == Depth::None {
                style.add_modifier |= mark_without_colour(*slot);
            }
        }
        for style in self.roles.values_mut() {
            *style = fit(*style, depth, background);
        }
        for slot in [Slot::ListSelected, Slot::ListSelectedMatch, Slot::OverlaySelected] {
            if let Some(style) = self.styles.get_mut(slot as usize) {
                keep_selection_visible(style, background);
            }
        }
        self
    }
}

fn fit(style: Style, depth: Depth, background: Option<Color>) -> Style {
    if depth == Depth::None {
        return Style { fg: None, bg: None, ..style };
    }
    let fg = style.fg.map(|color| adapt(color, depth));
    let bg = style.bg.map(|color| adapt(color, depth));
    let changed = fg != style.fg || bg != style.bg;
    let fg = match (fg, bg.or(background)) {
        (Some(fg), Some(bg)) if changed && contrast(fg, bg) < LEAST => Some(readable_on(bg)),
        _ => fg,
    };
    Style { fg, bg, ..style }
}

/// Selection and matches are told apart by these when there is no colour.
fn mark_without_colour(slot: Slot) -> Modifier {
    match slot {
        Slot::ListSelected | Slot::OverlaySelected => Modifier::REVERSED,
        Slot::ListSelectedMatch => Modifier::REVERSED | Modifier::UNDERLINED | Modifier::BOLD,
        Slot::ListMatch | Slot::PreviewMatch => Modifier::UNDERLINED | Modifier::BOLD,
        Slot::PreviewCurrentLine | Slot::BadgeStale | Slot::StatusError => Modifier::BOLD,
        _ => Modifier::empty(),
    }
}

/// A selection whose background fell together with the screen's is reversed instead.
fn keep_selection_visible(style: &mut Style, background: Option<Color>) {
    let behind = background.unwrap_or(Color::Reset);
    if style.bg.unwrap_or(behind) == behind && !style.add_modifier.contains(Modifier::REVERSED) {
        (style.fg, style.bg) = (None, None);
        style.add_modifier |= Modifier::REVERSED;
    }
}
