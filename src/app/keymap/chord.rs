//! One press of a key with its modifiers, and how people write it: `ctrl-x`, `shift-tab`, `f1`.
//!
//! Presses that a terminal cannot tell apart are one chord, so that a keymap cannot promise what
//! no terminal delivers. This knows nothing of any terminal library.

use std::fmt;

/// A key without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A character; letters are lower case.
    Char(char),
    /// A function key, from 1.
    F(u8),
    /// The return key.
    Enter,
    /// The escape key.
    Esc,
    /// The tab key.
    Tab,
    /// The key that deletes to the left.
    Backspace,
    /// The key that deletes to the right.
    Delete,
    /// The insert key.
    Insert,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// The home key.
    Home,
    /// The end key.
    End,
    /// The page-up key.
    PageUp,
    /// The page-down key.
    PageDown,
}

/// Names of keys that are no characters; the first of each is the one that is printed.
const NAMES: &[(&str, Key)] = &[
    ("enter", Key::Enter),
    ("return", Key::Enter),
    ("ret", Key::Enter),
    ("esc", Key::Esc),
    ("escape", Key::Esc),
    ("tab", Key::Tab),
    ("backspace", Key::Backspace),
    ("bs", Key::Backspace),
    ("delete", Key::Delete),
    ("del", Key::Delete),
    ("insert", Key::Insert),
    ("ins", Key::Insert),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("home", Key::Home),
    ("end", Key::End),
    ("pageup", Key::PageUp),
    ("page-up", Key::PageUp),
    ("pgup", Key::PageUp),
    ("pagedown", Key::PageDown),
    ("page-down", Key::PageDown),
    ("pgdn", Key::PageDown),
    ("pgdown", Key::PageDown),
    ("space", Key::Char(' ')),
    ("spc", Key::Char(' ')),
    ("minus", Key::Char('-')),
    ("plus", Key::Char('+')),
    ("slash", Key::Char('/')),
    ("backslash", Key::Char('\\')),
];

const MODIFIERS: &[(&str, Modifiers)] = &[
    ("control", Modifiers { ctrl: true, ..Modifiers::NONE }),
    ("ctrl", Modifiers { ctrl: true, ..Modifiers::NONE }),
    ("ctl", Modifiers { ctrl: true, ..Modifiers::NONE }),
    ("c", Modifiers { ctrl: true, ..Modifiers::NONE }),
    ("alt", Modifiers { alt: true, ..Modifiers::NONE }),
    ("meta", Modifiers { alt: true, ..Modifiers::NONE }),
    ("option", Modifiers { alt: true, ..Modifiers::NONE }),
    ("m", Modifiers { alt: true, ..Modifiers::NONE }),
    ("a", Modifiers { alt: true, ..Modifiers::NONE }),
    ("shift", Modifiers { shift: true, ..Modifiers::NONE }),
    ("s", Modifiers { shift: true, ..Modifiers::NONE }),
];

/// The highest function key that terminals report.
const LAST_F: u8 = 24;

/// The keys held down with another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Modifiers {
    /// Control.
    pub ctrl: bool,
    /// Alt, Meta or Option.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
}

impl Modifiers {
    /// No key held down.
    pub const NONE: Self = Self { ctrl: false, alt: false, shift: false };
}

/// One press: a key with its modifiers, in the one form that equal presses share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    key: Key,
    modifiers: Modifiers,
}

impl Chord {
    /// The press of `key` with `modifiers`, normalised.
    ///
    /// A capital letter is shift with the letter, except with ctrl, where no terminal reports a
    /// difference. Other characters carry their shift in themselves.
    pub fn new(key: Key, modifiers: Modifiers) -> Self {
        let mut chord = Self { key, modifiers };
        if let Key::Char(character) = key {
            let mut lower = character.to_lowercase();
            if let (Some(small), None) = (lower.next(), lower.next())
                && small != character
            {
                chord.key = Key::Char(small);
                chord.modifiers.shift |= !modifiers.ctrl;
            } else if !character.is_lowercase() {
                chord.modifiers.shift = false;
            }
            if modifiers.ctrl {
                chord.alias();
            }
        }
        chord
    }

    /// A press of a bare key.
    pub fn plain(key: Key) -> Self {
        Self::new(key, Modifiers::NONE)
    }

    /// A character with ctrl.
    pub fn ctrl(character: char) -> Self {
        Self::new(Key::Char(character), Modifiers { ctrl: true, ..Modifiers::NONE })
    }

    /// Folds the presses for which a terminal sends one and the same control byte. Which byte
    /// stands for which key: ECMA-48 C0, and xterm's table of ctrl with digits.
    fn alias(&mut self) {
        let Key::Char(character) = self.key else { return };
        let (key, ctrl) = match character {
            '7' | '_' => (Key::Char('/'), true),
            '4' => (Key::Char('\\'), true),
            '5' => (Key::Char(']'), true),
            '6' => (Key::Char('^'), true),
            '2' | '@' => (Key::Char(' '), true),
            'i' => (Key::Tab, false),
            'm' => (Key::Enter, false),
            '[' | '3' => (Key::Esc, false),
            '8' | '?' => (Key::Backspace, false),
            _ => return,
        };
        self.key = key;
        self.modifiers.ctrl = ctrl;
    }

    /// The key.
    pub fn key(self) -> Key {
        self.key
    }

    /// What is held down with it.
    pub fn modifiers(self) -> Modifiers {
        self.modifiers
    }

    /// The character that this press types into a text field, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.key {
            Key::Char(_) if self.modifiers.ctrl || self.modifiers.alt => None,
            Key::Char(character) if self.modifiers.shift => {
                let mut upper = character.to_uppercase();
                match (upper.next(), upper.next()) {
                    (Some(only), None) => Some(only),
                    _ => Some(character),
                }
            }
            Key::Char(character) => Some(character),
            _ => None,
        }
    }

    /// Reads one chord; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rest = text;
        let mut modifiers = Modifiers::NONE;
        'modifiers: loop {
            for (name, modifier) in MODIFIERS {
                let Some((head, tail)) = split_at(rest, name.len()) else { continue };
                let mut tail_chars = tail.chars();
                if !head.eq_ignore_ascii_case(name)
                    || !matches!(tail_chars.next(), Some('-' | '+'))
                    || tail_chars.as_str().is_empty()
                {
                    continue;
                }
                modifiers.ctrl |= modifier.ctrl;
                modifiers.alt |= modifier.alt;
                modifiers.shift |= modifier.shift;
                rest = tail_chars.as_str();
                continue 'modifiers;
            }
            break;
        }
        Self::parse_key(rest, modifiers)
    }

    fn parse_key(name: &str, mut modifiers: Modifiers) -> Result<Self, String> {
        let mut characters = name.chars();
        if let (Some(only), None) = (characters.next(), characters.next()) {
            if crate::base::text::is_control(only) {
                return Err("a control character is no key".to_owned());
            }
            return Ok(Self::new(Key::Char(only), modifiers));
        }
        let lower = name.to_ascii_lowercase();
        if lower == "backtab" {
            modifiers.shift = true;
            return Ok(Self::new(Key::Tab, modifiers));
        }
        if let Some((_, key)) = NAMES.iter().find(|(known, _)| *known == lower) {
            return Ok(Self::new(*key, modifiers));
        }
        if let Some(number) = lower.strip_prefix('f').and_then(|rest| rest.parse::<u8>().ok()) {
            return if (1..=LAST_F).contains(&number) {
                Ok(Self::new(Key::F(number), modifiers))
            } else {
                Err(format!("function keys go from f1 to f{LAST_F}"))
            };
        }
        Err(format!("there is no key called {}", crate::base::diag::quote(name)))
    }

    /// Reads presses that follow each other, separated by blanks; there is at least one.
    pub fn parse_sequence(text: &str) -> Result<Vec<Self>, String> {
        let chords: Vec<Self> =
            text.split_whitespace().map(Self::parse).collect::<Result<_, _>>()?;
        match chords.len() {
            0 => Err("no key is named; the space bar is `space`".to_owned()),
            1..=4 => Ok(chords),
            _ => Err("a sequence has at most four presses".to_owned()),
        }
    }

    /// The sequence as text, separated by blanks.
    pub fn sequence(chords: &[Self]) -> String {
        let words: Vec<String> = chords.iter().map(ToString::to_string).collect();
        words.join(" ")
    }

    /// The known spelling nearest to a mistyped chord.
    pub fn nearest(text: &str) -> Option<String> {
        let cut = text.rfind(['-', '+']).map_or(0, |at| at + 1);
        let (head, tail) = split_at(text, cut)?;
        let names = NAMES.iter().map(|(name, _)| *name);
        let near = crate::base::suggest::did_you_mean(tail, names)?;
        let repaired = format!("{head}{near}");
        Self::parse(&repaired).ok().map(|chord| chord.to_string())
    }
}

fn split_at(text: &str, at: usize) -> Option<(&str, &str)> {
    text.split_at_checked(at)
}

impl fmt::Display for Chord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [
            (self.modifiers.ctrl, "ctrl-"),
            (self.modifiers.alt, "alt-"),
            (self.modifiers.shift, "shift-"),
        ] {
            if held {
                out.write_str(name)?;
            }
        }
        match self.key {
            Key::Char(character) if character != ' ' => write!(out, "{character}"),
            Key::F(number) => write!(out, "f{number}"),
            key => {
                let name = NAMES.iter().find(|(_, known)| *known == key);
                out.write_str(name.map_or("?", |(name, _)| name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(written: &str, printed: &str) {
        let chord = Chord::parse(written).unwrap();
        assert_eq!(chord.to_string(), printed, "{written}");
        assert_eq!(Chord::parse(printed), Ok(chord), "{printed}");
    }

    #[test]
    fn spellings_of_one_press_are_one_chord() {
        same("ctrl-x", "ctrl-x");
        same("C-x", "ctrl-x");
        same("Ctrl+X", "ctrl-x");
        same("M-x", "alt-x");
        same("M-X", "alt-shift-x");
        same("G", "shift-g");
        same("shift-g", "shift-g");
        same("shift-?", "?");
        same("backtab", "shift-tab");
        same("S-Tab", "shift-tab");
        same("PgUp", "pageup");
        same("space", "space");
        same("F12", "f12");
        same("ctrl--", "ctrl--");
        same("-", "-");
        same("+", "+");
        same("c", "c");
        same("alt-ctrl-left", "ctrl-alt-left");
        same("É", "shift-é");
    }

    #[test]
    fn presses_no_terminal_tells_apart_are_one_chord() {
        for (written, printed) in [
            ("ctrl-7", "ctrl-/"),
            ("ctrl-_", "ctrl-/"),
            ("ctrl-/", "ctrl-/"),
            ("ctrl-4", "ctrl-\\"),
            ("ctrl-@", "ctrl-space"),
            ("ctrl-i", "tab"),
            ("ctrl-m", "enter"),
            ("ctrl-[", "esc"),
            ("ctrl-alt-7", "ctrl-alt-/"),
        ] {
            same(written, printed);
        }
        assert_ne!(Chord::parse("ctrl-h"), Chord::parse("backspace"));
    }

    #[test]
    fn what_is_no_key_is_refused_with_a_reason() {
        assert!(Chord::parse("ctrl-entr").is_err());
        assert_eq!(Chord::nearest("ctrl-entr").as_deref(), Some("ctrl-enter"));
        assert_eq!(Chord::parse("f99").unwrap_err(), "function keys go from f1 to f24");
        assert!(Chord::parse("\u{1b}").is_err());
        assert!(Chord::parse_sequence(" ").is_err());
        assert_eq!(Chord::sequence(&Chord::parse_sequence("g  G").unwrap()), "g shift-g");
    }

    #[test]
    fn only_unmodified_characters_are_typed() {
        assert_eq!(Chord::parse("G").unwrap().typed(), Some('G'));
        assert_eq!(Chord::parse("space").unwrap().typed(), Some(' '));
        assert_eq!(Chord::parse("alt-g").unwrap().typed(), None);
        assert_eq!(Chord::parse("tab").unwrap().typed(), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_printed_is_read_back(text in "\\PC{1,12}") {
            if let Ok(chord) = Chord::parse(&text) {
                proptest::prop_assert_eq!(Chord::parse(&chord.to_string()), Ok(chord));
            }
        }
    }
}
