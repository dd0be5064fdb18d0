//! The Drill panel: what it says of itself, and the clock and question above the panels of a round.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::{Look, put, span};
use crate::app::App;
use crate::app::action::Action;
use crate::app::layout::Area;
use crate::app::model::{Model, grouped};
use crate::base::text;
use crate::engine::drills::Mode;
use crate::tui::theme::Slot;

/// What stands beside the panel's name.
pub fn told(model: &Model) -> String {
    let drill = &model.drill;
    if drill.deck().is_none() || drill.busy {
        return if drill.waits { "waits until the files are read" } else { "building the deck" }
            .into();
    }
    let (due, all) = drill.counts();
    let reading = if model.history.reading { " so far" } else { "" };
    format!("{} of {} cards are due{reading}", grouped(due), grouped(all))
}

/// What stands in the list while it is empty.
pub fn empty(model: &Model) -> &'static str {
    if model.drill.deck().is_some() { "nothing holds these words" } else { "building the deck …" }
}

/// The clock and the question of a round, at the top of the screen.
pub fn brief(frame: &mut Frame<'_>, app: &App, look: &Look<'_>) {
    let model = app.model();
    let rows = model.drill.rows(model.size);
    let Some(playing) = model.drill.playing.as_ref().filter(|_| rows > 0) else { return };
    let width = usize::from(model.size.0);
    let round = &playing.round;
    let clock = if round.mode == Mode::Host {
        format!("{} s", playing.at.as_secs())
    } else {
        // A second that has begun is still there.
        format!("{} s left", round.left(playing.at).as_millis().div_ceil(1000))
    };
    let slot = if round.is_calm(playing.at) { Slot::Title } else { Slot::StatusWarning };
    let mut spans = vec![
        span(format!(" {clock} "), look.style(slot)),
        span(format!(" {} ", round.card.kind.id()), look.style(Slot::TextDim)),
    ];
    let mut used: usize = spans.iter().map(|it| text::width(&it.content)).sum();
    let keys = [
        (Action::DrillHint, "hint"),
        (Action::DrillSkip, "give back"),
        (Action::DrillPaste, "put into the search"),
        (Action::DrillBury, "bury"),
    ];
    for (action, word) in keys {
        let bound = app.keymap().keys_for(app.context(), action);
        let Some(key) = bound.first() else { continue };
        let wide = text::width(key) + text::width(word) + 4;
        if used + wide > width {
            break;
        }
        used += wide;
        spans.push(span(format!(" {key}"), look.style(Slot::Key)));
        spans.push(span(format!(" {word}  "), look.style(Slot::KeyHint)));
    }
    spans.push(Span::raw(" ".repeat(width.saturating_sub(used))));
    let mut area = Area { x: 0, y: 0, width: model.size.0, height: 1 };
    put(frame, area, Line::from(spans));
    for line in model.drill.brief(width.saturating_sub(2), model.size.1) {
        area.y += 1;
        put(frame, area, Line::from(span(format!(" {line}"), look.style(Slot::Text))));
    }
}
