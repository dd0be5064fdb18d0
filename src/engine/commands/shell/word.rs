//! A word of shell text: pieces of plain text, variables, and what nobody knows before it runs.

/// A piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Plain text.
    Text {
        /// Without its quotes.
        text: String,
        /// Whether it was quoted, so that no character of it means anything.
        quoted: bool,
    },
    /// The value of a variable.
    Variable {
        /// Its name.
        name: String,
        /// Whether it stays one word whatever it holds.
        quoted: bool,
        /// Whether it is all of an array, each item a word.
        all: bool,
    },
    /// What only running would tell.
    Unknown {
        /// Whether it stays one word.
        quoted: bool,
    },
}

/// A word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Word {
    /// Its pieces in order.
    pub parts: Vec<Part>,
}

impl Word {
    /// A word of plain text.
    pub fn of(text: &str) -> Self {
        Self { parts: vec![Part::Text { text: text.to_owned(), quoted: true }] }
    }

    /// A word of which nothing is known.
    pub fn unknown() -> Self {
        Self { parts: vec![Part::Unknown { quoted: false }] }
    }

    /// Its text where all of it is known. Patterns count as known: they stay what they are, or
    /// become names of files.
    pub fn known(&self) -> Option<String> {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text { text, .. } => out.push_str(text),
                Part::Variable { .. } | Part::Unknown { .. } => return None,
            }
        }
        Some(out)
    }

    /// The text it begins with, as far as that is known.
    pub fn start(&self) -> String {
        let mut out = String::new();
        for part in &self.parts {
            let Part::Text { text, .. } = part else { break };
            out.push_str(text);
        }
        out
    }

    /// Its text with `…` for what is not known, to read.
    pub fn shown(&self) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text { text, .. } => out.push_str(text),
                Part::Variable { name, .. } => {
                    out.push('$');
                    out.push_str(name);
                }
                Part::Unknown { .. } => out.push('…'),
            }
        }
        out
    }

    /// Whether it may turn out as more than one word.
    pub fn is_wide(&self) -> bool {
        self.parts.iter().any(|it| {
            matches!(
                it,
                Part::Variable { quoted: false, .. }
                    | Part::Variable { all: true, .. }
                    | Part::Unknown { quoted: false }
            )
        })
    }

    /// Whether it may turn out as more than one word, or begin with anything.
    pub fn is_open(&self) -> bool {
        let free = !matches!(self.parts.first(), Some(Part::Text { text, .. }) if !text.is_empty());
        self.is_wide() || (free && self.known().is_none())
    }

    /// The variable that it is.
    pub fn variable(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Variable { name, .. }] => Some(name),
            _ => None,
        }
    }

    /// Whether a character that stands without quotes is one of these.
    pub fn has_bare(&self, these: &[char]) -> bool {
        self.parts
            .iter()
            .any(|it| matches!(it, Part::Text { text, quoted: false } if text.contains(these)))
    }

    /// Its text where it means just that to a shell.
    pub fn plain(&self) -> Option<String> {
        if self.has_bare(&['*', '?', '[', '{', '~', '!', '^']) {
            return None;
        }
        self.known()
    }
}
