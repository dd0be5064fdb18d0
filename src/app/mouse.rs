//! What the mouse does.

use std::time::{Duration, Instant};

use super::App;
use super::action::Action;
use super::event::{Effect, Mouse};

/// Two clicks within this open the row.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);

impl App {
    pub(super) fn mouse(&mut self, mouse: Mouse, x: u16, y: u16, at: Instant) -> Vec<Effect> {
        let layout = self.model.layout();
        let by = if mouse == Mouse::WheelUp { -3 } else { 3 };
        if self.model.overlay.is_some() {
            let action = if by < 0 { Action::ListPrevious } else { Action::ListNext };
            if mouse != Mouse::Press {
                return self.overlay_act(action, at).unwrap_or_default();
            }
            return Vec::new();
        }
        if layout.preview.holds(x, y) {
            if mouse == Mouse::Press {
                self.model.in_preview = true;
                return Vec::new();
            }
            return self.scroll(by);
        }
        if !layout.list.holds(x, y) {
            return Vec::new();
        }
        if mouse != Mouse::Press {
            return self.travel(by.signum() as isize);
        }
        self.model.in_preview = false;
        let below = usize::from(y - layout.list.y);
        if self.model.outline().is_some() {
            return self.press_line(below, y, at);
        }
        let row = self.model.cursor.top + below;
        if row >= self.model.results.hits.len() {
            return Vec::new();
        }
        let twice = self.is_second_click(y, at);
        let effects = self.travel(row as isize - self.model.cursor.selected as isize);
        if twice { self.open(self.model.print, at) } else { effects }
    }

    pub(super) fn is_second_click(&mut self, y: u16, at: Instant) -> bool {
        let last = self.last_click.replace((at, y));
        last.is_some_and(|(then, line)| line == y && at.duration_since(then) < DOUBLE_CLICK)
    }
}
