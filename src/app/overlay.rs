//! What is laid over the panel: help, the palette, diagnostics.

use std::time::Instant;

use super::App;
use super::action::Action;
use super::edit::TextField;
use super::event::Effect;
use super::keymap::Context;
use super::list::ListCursor;
use super::model::{Overlay, Panel};

/// What can be typed into the query line, shown before the keys.
const QUERY_HELP: &[(&str, &str)] = &[
    ("words", "in any order, loosely, over paths and contents"),
    ("'text", "exactly this text in the content; 'two words' too"),
    ("^start end$ !not", "beginning and end of the path; what it must not hold"),
    ("#name", "files that define this name"),
    ("role:auth @auth", "files of a role"),
    ("lang:py ext:ts", "files of a language, of an extension"),
    ("path:apps/api", "files with this in their path"),
    ("changed:2d", "files modified on disk within two days"),
    ("owner:@team", "files of an owner"),
    ("repo:api !repo:api", "files of a repository, or of the others"),
    ("name.py:42", "this line of it"),
];

/// What the letters of rows do.
const ROWS_HELP: &[(&str, &str)] = &[
    ("a-z 1-9", "goes to the row that carries this letter"),
    ("A-Z", "goes to the group that carries this letter, on screen or not"),
];

impl App {
    pub(super) fn open_overlay(&mut self, action: Action) {
        self.model.prompt = None;
        self.model.overlay = match action {
            Action::HelpOpen => Some(Overlay::Help(ListCursor::default())),
            Action::PaletteOpen => {
                Some(Overlay::Palette(TextField::default(), ListCursor::default()))
            }
            Action::DiagnosticsOpen => Some(Overlay::Diagnostics(ListCursor::default())),
            _ => None,
        };
    }

    /// The context below the overlay.
    pub fn context_below(&self) -> Context {
        if self.model.in_preview {
            self.preview_context()
        } else if self.model.outline().is_some() && !self.model.filtering {
            Context::Rows
        } else {
            Context::Find
        }
    }

    /// The rows of the help: what can be typed, then the keys that work here.
    pub fn help_rows(&self) -> Vec<(String, &'static str)> {
        let context = self.context_below();
        let typed = match context {
            Context::Rows => ROWS_HELP,
            Context::Find if self.model.panel == Panel::Find => QUERY_HELP,
            // What is typed elsewhere is words alone, and most is not typed at all.
            _ => &[],
        };
        let query = typed.iter().map(|(typed, what)| ((*typed).to_owned(), *what));
        let keys = Action::ALL.iter().filter_map(|&action| {
            let keys = self.keymap().keys_for(context, action);
            (!keys.is_empty()).then(|| (keys.join("  "), action.doc()))
        });
        query.chain(keys).collect()
    }

    /// The actions that the palette offers for what is typed.
    pub fn palette_rows(&self, typed: &str) -> Vec<Action> {
        let typed = typed.to_lowercase();
        Action::ALL
            .iter()
            .copied()
            .filter(|action| {
                let text = format!("{} {}", action.name(), action.doc()).to_lowercase();
                !matches!(action.group(), "edit" | "overlay")
                    && typed.split_whitespace().all(|word| text.contains(word))
            })
            .collect()
    }

    /// Rows that an overlay can show.
    pub fn overlay_rows(&self) -> usize {
        usize::from(self.model.size.1).saturating_sub(6).max(1)
    }

    pub(super) fn overlay_typed(&mut self, text: &str, at: Instant) -> Vec<Effect> {
        if let Some(Overlay::Card(_)) = &self.model.overlay {
            return self.card_typed(text, at);
        }
        if let Some(Overlay::Palette(field, cursor)) = &mut self.model.overlay {
            field.insert(text);
            *cursor = ListCursor::default();
        }
        Vec::new()
    }

    /// Does an action in an overlay; `None` when the panel below is meant.
    pub(super) fn overlay_act(&mut self, action: Action, at: Instant) -> Option<Vec<Effect>> {
        if let Some(effects) = self.card_act(action, at) {
            return Some(effects);
        }
        let rows = self.overlay_rows();
        let len = match &self.model.overlay {
            None => return None,
            Some(Overlay::Help(_)) => self.help_rows().len(),
            Some(Overlay::Palette(field, _)) => self.palette_rows(field.text()).len(),
            Some(Overlay::Diagnostics(_)) => self.model.diagnostics.len(),
            Some(Overlay::Card(card)) => card.lines.len(),
        };
        let page = rows as isize - 1;
        let by = match action {
            Action::ListNext | Action::PreviewLineDown => 1,
            Action::ListPrevious | Action::PreviewLineUp => -1,
            Action::ListPageDown | Action::PreviewHalfDown => page,
            Action::ListPageUp | Action::PreviewHalfUp => -page,
            Action::ListFirst => isize::MIN / 2,
            Action::ListLast => isize::MAX / 2,
            Action::AppQuit | Action::AppSuspend | Action::AppRedraw => return None,
            Action::AppBack => {
                self.model.overlay = None;
                return Some(Vec::new());
            }
            Action::HelpOpen | Action::PaletteOpen | Action::DiagnosticsOpen => {
                let same = matches!(
                    (&self.model.overlay, action),
                    (Some(Overlay::Help(_)), Action::HelpOpen)
                        | (Some(Overlay::Palette(..)), Action::PaletteOpen)
                        | (Some(Overlay::Diagnostics(_)), Action::DiagnosticsOpen)
                );
                self.model.overlay = None;
                if !same {
                    self.open_overlay(action);
                }
                return Some(Vec::new());
            }
            Action::OverlayAccept | Action::OpenSelected => {
                let chosen = match &self.model.overlay {
                    Some(Overlay::Palette(field, cursor)) => {
                        self.palette_rows(field.text()).get(cursor.selected).copied()
                    }
                    _ => None,
                };
                self.model.overlay = None;
                return Some(chosen.map_or_else(Vec::new, |action| self.act(action, at)));
            }
            action => {
                if let Some(Overlay::Palette(field, cursor)) = &mut self.model.overlay {
                    field.edit(action);
                    *cursor = ListCursor::default();
                }
                return Some(Vec::new());
            }
        };
        match &mut self.model.overlay {
            Some(
                Overlay::Help(cursor) | Overlay::Palette(_, cursor) | Overlay::Diagnostics(cursor),
            ) => cursor.travel(by, len, rows),
            Some(Overlay::Card(_)) | None => {}
        }
        Some(Vec::new())
    }
}
