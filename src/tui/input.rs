//! Turns what the terminal library reports about keys into navi's own chords.
//!
//! Pure: reading the terminal happens elsewhere. Which presses are one chord is decided in
//! `app::keymap::chord`, not here.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::app::keymap::{Chord, Key, Modifiers};

/// The chord of a key event, or `None` for releases and for keys that cannot be bound.
pub fn chord_of(event: &KeyEvent) -> Option<Chord> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let mut modifiers = Modifiers {
        ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        alt: event.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::META),
        shift: event.modifiers.contains(KeyModifiers::SHIFT),
    };
    let key = match event.code {
        KeyCode::Char(character) if character.is_control() => return None,
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::F(number) => Key::F(number),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => {
            modifiers.shift = true;
            Key::Tab
        }
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        // The NUL byte is what a terminal sends for ctrl-space.
        KeyCode::Null => {
            modifiers.ctrl = true;
            Key::Char(' ')
        }
        KeyCode::CapsLock
        | KeyCode::ScrollLock
        | KeyCode::NumLock
        | KeyCode::PrintScreen
        | KeyCode::Pause
        | KeyCode::Menu
        | KeyCode::KeypadBegin
        | KeyCode::Media(_)
        | KeyCode::Modifier(_) => return None,
    };
    Some(Chord::new(key, modifiers))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: KeyCode, modifiers: KeyModifiers, expect: &str) {
        let chord = chord_of(&KeyEvent::new(code, modifiers));
        assert_eq!(chord.map(|it| it.to_string()).as_deref(), Some(expect));
    }

    #[test]
    fn what_terminals_send_becomes_what_keymaps_write() {
        check(KeyCode::Char('7'), KeyModifiers::CONTROL, "ctrl-/");
        check(KeyCode::Char('_'), KeyModifiers::CONTROL, "ctrl-/");
        check(KeyCode::Char(' '), KeyModifiers::CONTROL, "ctrl-space");
        check(KeyCode::Null, KeyModifiers::NONE, "ctrl-space");
        check(KeyCode::Char('G'), KeyModifiers::SHIFT, "shift-g");
        check(KeyCode::Char('G'), KeyModifiers::NONE, "shift-g");
        check(KeyCode::Char('?'), KeyModifiers::SHIFT, "?");
        check(KeyCode::Char('x'), KeyModifiers::ALT, "alt-x");
        check(KeyCode::BackTab, KeyModifiers::SHIFT, "shift-tab");
        check(KeyCode::Char('h'), KeyModifiers::CONTROL, "ctrl-h");
        check(KeyCode::F(1), KeyModifiers::NONE, "f1");
    }

    #[test]
    fn releases_and_bare_modifiers_are_nothing() {
        let press = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE);
        let of = |kind| chord_of(&KeyEvent { kind, ..press });
        assert_eq!(of(KeyEventKind::Release), None);
        assert_eq!(of(KeyEventKind::Repeat), of(KeyEventKind::Press));
        assert_eq!(chord_of(&KeyEvent::new(KeyCode::CapsLock, KeyModifiers::NONE)), None);
    }
}
