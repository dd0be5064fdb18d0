//! The last line: what is being typed, a message, or the keys that matter here.

use ratatui::Frame;
use ratatui::text::Line;

use super::{Look, put, span};
use crate::app::App;
use crate::app::action::Action;
use crate::app::keymap::Context;
use crate::app::layout::Area;
use crate::app::model::{Model, Overlay, Panel, PromptFor};
use crate::base::text;
use crate::tui::theme::Slot;

pub fn draw(frame: &mut Frame<'_>, area: Area, app: &App, look: &Look<'_>) {
    if area.height == 0 {
        return;
    }
    let model = app.model();
    let width = usize::from(area.width);
    if let Some(prompt) = &model.prompt {
        let sign = match model.prompt_for {
            PromptFor::Preview | PromptFor::OutputFind => " find: ",
            PromptFor::OutputFilter => " only: ",
            PromptFor::SaveAs => " save as: ",
            PromptFor::Every => " again every how many seconds? ",
            PromptFor::Page => " find: ",
            PromptFor::Note => " note: ",
            PromptFor::Title => " what fails? ",
            PromptFor::End => " type `end` if it is over: ",
        };
        let room = width.saturating_sub(text::width(sign) + 1);
        let shown = text::truncate_start(prompt.text(), room).into_owned();
        let at = (text::width(sign) + prompt.cursor_column().min(room)) as u16;
        let line = Line::from(vec![
            span(sign, look.style(Slot::QueryPrompt)),
            span(shown, look.style(Slot::Query)),
        ]);
        put(frame, area, line);
        frame.set_cursor_position((area.x + at, area.y));
        return;
    }
    if let Some(message) = &model.message {
        let slot = if message.bad { Slot::StatusWarning } else { Slot::Status };
        let text = text::truncate(&message.text, width.saturating_sub(2)).into_owned();
        put(frame, area, Line::from(span(format!(" {text}"), look.style(slot))));
        return;
    }
    if !model.pending.is_empty() {
        put(frame, area, Line::from(span(format!(" {} …", model.pending), look.style(Slot::Key))));
        return;
    }
    let mut spans = Vec::new();
    let mut used = 1;
    let mut hint = |key: &str, word: &str| {
        let wide = text::width(key) + 1 + text::width(word) + 3;
        if used + wide > width {
            return false;
        }
        used += wide;
        spans.push(span(format!(" {key}"), look.style(Slot::Key)));
        spans.push(span(format!(" {word}  "), look.style(Slot::KeyHint)));
        true
    };
    if app.context() == Context::Rows {
        hint("a-z", "row");
        if width >= 60 {
            hint("A-Z", "group");
        }
    }
    for (action, word) in hints(app) {
        let keys = app.keymap().keys_for(app.context(), action);
        if keys.first().is_some_and(|key| !hint(key, &word)) {
            break;
        }
    }
    put(frame, area, Line::from(spans));
}

/// What enter does while something is typed.
fn open_word(model: &Model) -> &'static str {
    match model.panel {
        Panel::Commands => "run",
        Panel::Checks => "its command",
        _ if model.print => "print",
        _ => "open",
    }
}

/// The keys worth a place in the last line, the most needed first.
fn hints(app: &App) -> Vec<(Action, String)> {
    let of = |pairs: &[(Action, &str)]| {
        pairs.iter().map(|(action, word)| (*action, (*word).to_owned())).collect::<Vec<_>>()
    };
    let model = app.model();
    match app.context() {
        Context::Output => of(&[
            (Action::AppBack, "list"),
            (Action::PreviewFind, "search"),
            (Action::OutputFilter, "filter"),
            (Action::OutputNextError, "next error"),
            (Action::OutputSource, "source"),
            (Action::OutputFollow, "follow"),
            (Action::CommandStop, "stop"),
            (Action::OpenSelected, "again"),
            (Action::OutputCopyBlock, "copy"),
            (Action::HelpOpen, "help"),
        ]),
        Context::Preview if model.panel == Panel::Runbooks => of(&[
            (Action::AppBack, if model.runbooks.inside.is_some() { "headings" } else { "list" }),
            (Action::PreviewRight, "next link or code"),
            (Action::OpenEditor, if model.runbooks.stop.is_some() { "follow" } else { "editor" }),
            (Action::PreviewFind, "search"),
            (Action::PreviewPageDown, "page"),
            (Action::CopyPlace, "copy"),
            (Action::HelpOpen, "help"),
        ]),
        Context::Preview => of(&[
            (Action::AppBack, "list"),
            (Action::PreviewFind, "search here"),
            (Action::OpenEditor, "editor"),
            (Action::PreviewBottom, "end"),
            (Action::CopyPlace, "copy path:line"),
            (Action::HelpOpen, "help"),
        ]),
        Context::Rows => {
            let other = if model.panel == Panel::Audit { "paths" } else { "audit" };
            let mut hints = of(&[
                (Action::OpenSelected, if model.print { "print" } else { "open" }),
                (Action::FilterOpen, "filter"),
                (Action::PanelAudit, other),
                (Action::AppBack, if model.panel == Panel::Audit { "paths" } else { "find" }),
                (Action::HelpOpen, "help"),
                (Action::CopyPlace, "copy path:line"),
                (Action::PreviewFocus, "preview"),
                (Action::PaletteOpen, "actions"),
            ]);
            if !model.diagnostics.is_empty() {
                let word = format!("{} diagnostics", model.diagnostics.len());
                hints.insert(4, (Action::DiagnosticsOpen, word));
            }
            if model.panel == Panel::Audit {
                hints.remove(2);
            }
            if model.panel == Panel::Runbooks {
                let inside = model.runbooks.inside.is_some();
                hints = of(&[
                    (Action::OpenSelected, if inside { "go there" } else { "read" }),
                    (Action::FilterOpen, "filter"),
                    (Action::AppBack, if inside { "documents" } else { "find" }),
                    (Action::HelpOpen, "help"),
                    (Action::PreviewFocus, "text"),
                    (Action::OpenEditor, "editor"),
                    (Action::PreviewFind, "search"),
                ]);
            }
            if model.panel == Panel::Incident {
                hints = if model.incident.is_running() {
                    of(&[(Action::IncidentNote, "note"), (Action::IncidentStop, "end")])
                } else {
                    of(&[(Action::IncidentStart, "declare"), (Action::IncidentNote, "note")])
                };
                hints.extend(of(&[
                    (Action::IncidentHandover, "hand over"),
                    (Action::OpenSelected, "open"),
                    (Action::FilterOpen, "filter"),
                    (Action::AppBack, "find"),
                    (Action::HelpOpen, "help"),
                    (Action::PaletteOpen, "report and more"),
                ]));
            }
            if model.panel == Panel::Checks {
                hints = of(&[
                    (Action::OpenSelected, "its command"),
                    (Action::IndexRescan, "check again"),
                    (Action::FilterOpen, "filter"),
                    (Action::AppBack, "find"),
                    (Action::HelpOpen, "help"),
                    (Action::PaletteOpen, "actions"),
                ]);
            }
            if model.panel == Panel::Commands {
                hints = of(&[
                    (Action::OpenSelected, "run"),
                    (Action::PreviewFocus, "output"),
                    (Action::CommandStop, "stop"),
                    (Action::FilterOpen, "filter"),
                    (Action::AppBack, "find"),
                    (Action::HelpOpen, "help"),
                    (Action::CommandCard, "what runs"),
                    (Action::CommandPin, "keep"),
                    (Action::PaletteOpen, "actions"),
                ]);
            }
            if model.panel == Panel::Drill {
                let shown = model.drill.finished.is_some();
                hints = of(&[
                    (Action::OpenSelected, "take"),
                    (Action::AppBack, if shown { "deck" } else { "find" }),
                    (Action::DrillBury, "bury"),
                    (Action::FilterOpen, "filter"),
                    (Action::HelpOpen, "help"),
                    (Action::PaletteOpen, "actions"),
                ]);
                if !shown {
                    hints.remove(2);
                }
            }
            if model.panel == Panel::Changes {
                let inside = model.changes.inside.is_some();
                hints = of(&[
                    (Action::OpenSelected, if inside { "open" } else { "files" }),
                    (Action::FilterOpen, "filter"),
                    (Action::AppBack, if inside { "commits" } else { "find" }),
                    (Action::CopyRevert, "copy git revert"),
                    (Action::HelpOpen, "help"),
                    (Action::PreviewHalfDown, "scroll"),
                    (Action::PaletteOpen, "actions"),
                ]);
            }
            hints
        }
        // A card names its keys itself.
        Context::Overlay if matches!(model.overlay, Some(Overlay::Card(_))) => Vec::new(),
        Context::Overlay => of(&[(Action::AppBack, "close"), (Action::OverlayAccept, "take")]),
        Context::Find if model.panel == Panel::Commands => of(&[
            (Action::OpenSelected, "run"),
            (Action::AppBack, "clear"),
            (Action::PreviewFocus, "output"),
            (Action::CommandStop, "stop"),
            (Action::HelpOpen, "help"),
            (Action::CommandCard, "what runs"),
            (Action::CommandPin, "keep"),
            (Action::PaletteOpen, "actions"),
        ]),
        Context::Any | Context::Find | Context::Prompt => {
            let mut hints = of(&[
                (Action::OpenSelected, open_word(model)),
                (Action::HelpOpen, "help"),
                (Action::AppBack, if model.query.text().is_empty() { "leave" } else { "clear" }),
                (Action::CopyPlace, "copy path:line"),
                (Action::PreviewFocus, "preview"),
                (Action::PaletteOpen, "actions"),
            ]);
            if !model.diagnostics.is_empty() {
                let word = format!("{} diagnostics", model.diagnostics.len());
                hints.insert(2, (Action::DiagnosticsOpen, word));
            }
            hints
        }
    }
}
