//! The preview's part of the state machine: what it shows, scrolling, searching inside.

use std::time::{Duration, Instant};

use super::App;
use super::action::Action;
use super::edit::TextField;
use super::event::Effect;
use super::layout::Place;
use super::model::{Panel, PromptFor};
use crate::engine::preview::{self, Anchor, FindAsk, Found, WindowAsk};
use crate::protocol::{Generation, Request};

/// How long the file before stays in the preview while the next is on its way.
const HELD: Duration = Duration::from_millis(100);
/// Columns of one step to the side.
const SIDE: u32 = 16;

impl App {
    /// Shows the selected row's file at its line.
    pub(super) fn show_selected(&mut self) -> Vec<Effect> {
        if self.model.panel == Panel::Changes {
            return self.show_patch();
        }
        if self.model.panel == Panel::Runbooks {
            return self.show_page();
        }
        if matches!(self.model.panel, Panel::Commands | Panel::Checks) {
            return Vec::new();
        }
        let Some((path, line, _)) = self.model.selected_place() else {
            self.model.preview = super::model::Preview {
                asked: self.model.preview.asked + 1,
                ..super::model::Preview::default()
            };
            self.model.in_preview = false;
            return Vec::new();
        };
        let path = path.clone();
        let preview = &mut self.model.preview;
        if preview.path.as_ref() != Some(&path) {
            // An empty preview for a few milliseconds would only flicker.
            let held = preview.window.as_ref().and(self.now).map(|now| now + HELD);
            preview.until = preview.until.or(held);
            preview.left = 0;
            preview.at = None;
        }
        preview.path = Some(path);
        preview.line = line;
        self.show(line.map_or(Anchor::Line(1), Anchor::Centre))
    }

    /// Shows the same part once more: the screen or the file has changed.
    pub(super) fn show_again(&mut self) -> Vec<Effect> {
        if self.model.panel == Panel::Changes {
            self.scroll_patch(0);
            return Vec::new();
        }
        if self.model.panel == Panel::Runbooks {
            let effects = self.show_page();
            self.scroll_page(0);
            return effects;
        }
        if matches!(self.model.panel, Panel::Commands | Panel::Checks) {
            return Vec::new();
        }
        let first = self.model.preview.current().and_then(|it| it.lines.first());
        match first.map(|line| line.byte) {
            Some(byte) => self.show(Anchor::Step { byte, lines: 0 }),
            None => self.show_selected(),
        }
    }

    fn show(&mut self, anchor: Anchor) -> Vec<Effect> {
        let area = self.model.layout().preview_text();
        let Some(path) = self.model.preview.path.clone() else { return Vec::new() };
        if area.height == 0 || area.width < 10 {
            return Vec::new();
        }
        let words = self
            .model
            .query
            .text()
            .split_whitespace()
            .map(|word| word.trim_matches(['\'', '"', '#', '^', '$']))
            .filter(|word| word.len() > 1 && !word.contains(':') && !word.starts_with(['!', '@']))
            .map(str::to_owned)
            .collect();
        let preview = &mut self.model.preview;
        preview.asked += 1;
        let ask = WindowAsk {
            path,
            anchor,
            rows: area.height,
            // The line numbers and the sign of a cut line take their columns on screen.
            columns: area.width.saturating_sub(7),
            left: preview.left,
            words,
            needle: preview.needle.clone(),
        };
        vec![Effect::Ask(Request::Preview { generation: preview.asked, ask })]
    }

    /// Scrolls by lines.
    pub(super) fn scroll(&mut self, lines: i64) -> Vec<Effect> {
        if self.model.panel == Panel::Changes {
            self.scroll_patch(lines as isize);
            return Vec::new();
        }
        if self.model.panel == Panel::Runbooks {
            self.scroll_page(lines as isize);
            return Vec::new();
        }
        if self.model.panel == Panel::Commands {
            let rows = self.output_rows();
            if let Some(run) = self.model.commands.run_mut() {
                run.scroll(lines as isize, rows);
            }
            return Vec::new();
        }
        let first = self.model.preview.current().and_then(|it| it.lines.first());
        match first.map(|line| line.byte) {
            Some(byte) => self.show(Anchor::Step { byte, lines }),
            None => Vec::new(),
        }
    }

    /// Does an action of the preview; `None` when it is none.
    pub(super) fn preview_act(&mut self, action: Action, at: Instant) -> Option<Vec<Effect>> {
        if self.model.panel == Panel::Changes
            && let Some(effects) = self.patch_act(action, at)
        {
            return Some(effects);
        }
        let page = i64::from(self.model.layout().preview_text().height).max(2);
        Some(match action {
            Action::PreviewLineDown => self.scroll(1),
            Action::PreviewLineUp => self.scroll(-1),
            Action::PreviewHalfDown => self.scroll(page / 2),
            Action::PreviewHalfUp => self.scroll(-page / 2),
            Action::PreviewPageDown => self.scroll(page - 1),
            Action::PreviewPageUp => self.scroll(1 - page),
            Action::PreviewTop => self.show(Anchor::Line(1)),
            Action::PreviewBottom => self.show(Anchor::End),
            Action::PreviewLeft => {
                self.model.preview.left = self.model.preview.left.saturating_sub(SIDE);
                self.show_again()
            }
            Action::PreviewRight => {
                self.model.preview.left += SIDE;
                self.show_again()
            }
            Action::PreviewMatch => self.show_selected(),
            Action::PreviewToggle => {
                let off = self.model.preview_place == Place::Off
                    || self.model.layout().preview.height == 0;
                self.model.preview_place = match (off, self.preview_wanted) {
                    (false, _) => Place::Off,
                    (true, Place::Off) => Place::Auto,
                    (true, wanted) => wanted,
                };
                self.model.in_preview = false;
                if off && self.model.layout().preview.height == 0 {
                    self.say("the screen is too small for a preview", true, at);
                }
                self.settle_list();
                self.show_again()
            }
            Action::PreviewFocus => {
                let room = self.model.layout().preview.height > 0;
                if !room {
                    self.say("the screen is too small for a preview", true, at);
                }
                self.model.in_preview = room && !self.model.in_preview;
                Vec::new()
            }
            Action::PreviewFind => {
                if self.model.preview.path.is_none() || self.model.layout().preview.height == 0 {
                    self.say("there is no preview to search in", true, at);
                } else {
                    self.model.overlay = None;
                    self.model.prompt_for = PromptFor::Preview;
                    self.model.prompt = Some(TextField::default());
                }
                Vec::new()
            }
            Action::PreviewFindNext => self.find_in_preview(true, false),
            Action::PreviewFindPrevious => self.find_in_preview(false, false),
            Action::AppBack | Action::OverlayAccept | Action::OpenSelected
                if self.model.prompt.is_some() && self.model.prompt_for != PromptFor::Preview =>
            {
                self.output_prompt_left(action != Action::AppBack, at)
            }
            Action::AppBack if self.model.prompt.is_some() => {
                self.model.prompt = None;
                self.model.preview.needle = None;
                self.show_again()
            }
            Action::OverlayAccept | Action::OpenSelected if self.model.prompt.is_some() => {
                self.model.prompt = None;
                self.model.in_preview = self.model.preview.needle.is_some();
                Vec::new()
            }
            action => {
                let prompt = self.model.prompt.as_mut()?;
                if !prompt.edit(action) {
                    return None;
                }
                if self.model.prompt_for != PromptFor::Preview {
                    self.output_prompted();
                    return Some(Vec::new());
                }
                self.find_in_preview(true, true)
            }
        })
    }

    /// Looks for the needle: from the last match on, or while `typing` from the top of the screen.
    pub(super) fn find_in_preview(&mut self, forward: bool, typing: bool) -> Vec<Effect> {
        if let Some(prompt) = &self.model.prompt {
            let needle = prompt.text().to_owned();
            self.model.preview.needle = (!needle.is_empty()).then_some(needle);
        }
        let preview = &mut self.model.preview;
        let (Some(needle), Some(path)) = (preview.needle.clone(), preview.path.clone()) else {
            return self.show_again();
        };
        let top = preview.current().and_then(|it| it.lines.first()?.number).unwrap_or(1);
        let from = match preview.at {
            Some((line, column)) if !typing => preview::Place { line, column },
            _ => preview::Place { line: top, column: 0 },
        };
        preview.asked += 1;
        let ask =
            FindAsk { path, needle, from, inclusive: typing || preview.at.is_none(), forward };
        vec![Effect::Ask(Request::FindInFile { generation: preview.asked, ask })]
    }

    pub(super) fn take_found(
        &mut self,
        generation: Generation,
        found: Found,
        at: Instant,
    ) -> Vec<Effect> {
        if generation != self.model.preview.asked {
            return Vec::new();
        }
        match found {
            Found::At { place, ordinal, wrapped, .. } => {
                self.model.preview.at = Some((place.line, place.column));
                let shown =
                    ordinal.map_or_else(String::new, |(one, all)| format!("{one} of {all}"));
                let round = if wrapped { " · from the other end" } else { "" };
                self.say(format!("match {shown}{round}"), false, at);
                // A match far to the right is brought into view.
                let width = u32::from(self.model.layout().preview_text().width).saturating_sub(16);
                let left = &mut self.model.preview.left;
                if place.column < *left || place.column > *left + width {
                    *left = place.column.saturating_sub(width / 2);
                }
                self.show(Anchor::Centre(place.line))
            }
            Found::Nowhere => {
                self.model.preview.at = None;
                let needle = self.model.preview.needle.clone().unwrap_or_default();
                self.say(format!("`{needle}` is not in this file"), true, at);
                self.show_again()
            }
            Found::Cancelled => Vec::new(),
            Found::Unreadable(why) => {
                self.say(why, true, at);
                Vec::new()
            }
        }
    }
}
