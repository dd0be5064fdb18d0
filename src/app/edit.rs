//! A line of text that is edited: by graphemes, so that the cursor never stands inside a character.

use unicode_segmentation::UnicodeSegmentation;

use crate::app::action::Action;
use crate::base::text;

/// A one-line text field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextField {
    text: String,
    /// Byte offset of the cursor, between graphemes.
    cursor: usize,
}

impl TextField {
    /// A field with this outside text, the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        let mut field = Self::default();
        field.insert(&text.into());
        field
    }

    /// What it holds.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Columns before the cursor.
    pub fn cursor_column(&self) -> usize {
        text::width(self.before())
    }

    fn before(&self) -> &str {
        self.text.get(..self.cursor).unwrap_or_default()
    }

    fn after(&self) -> &str {
        self.text.get(self.cursor..).unwrap_or_default()
    }

    /// Puts other text in, the cursor at its end.
    pub fn set(&mut self, text: impl Into<String>) {
        *self = Self::new(text);
    }

    /// Types outside text at the cursor; controls are made visible and line breaks become blanks.
    pub fn insert(&mut self, typed: &str) {
        let one_line = typed.replace(['\r', '\n', '\t'], " ");
        let clean = text::clean(&one_line);
        self.text.insert_str(self.cursor, &clean);
        self.cursor += clean.len();
    }

    /// Applies an editing action; tells whether it was one.
    pub fn edit(&mut self, action: Action) -> bool {
        match action {
            Action::EditLeft => self.cursor -= self.last_grapheme(),
            Action::EditRight => self.cursor += self.next_grapheme(),
            Action::EditWordLeft => self.cursor = self.word_left(),
            Action::EditWordRight => self.cursor = self.word_right(),
            Action::EditStart => self.cursor = 0,
            Action::EditEnd => self.cursor = self.text.len(),
            Action::EditDeleteBack => self.delete(self.cursor - self.last_grapheme(), self.cursor),
            Action::EditDeleteForward => {
                self.delete(self.cursor, self.cursor + self.next_grapheme());
            }
            Action::EditDeleteWordBack => self.delete(self.word_left(), self.cursor),
            Action::EditDeleteWordForward => self.delete(self.cursor, self.word_right()),
            Action::EditDeleteToStart => self.delete(0, self.cursor),
            Action::EditDeleteToEnd => self.delete(self.cursor, self.text.len()),
            _ => return false,
        }
        true
    }

    fn delete(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    fn last_grapheme(&self) -> usize {
        self.before().graphemes(true).next_back().map_or(0, str::len)
    }

    fn next_grapheme(&self) -> usize {
        self.after().graphemes(true).next().map_or(0, str::len)
    }

    fn word_left(&self) -> usize {
        let before = self.before().trim_end_matches(|it: char| !it.is_alphanumeric());
        before.trim_end_matches(char::is_alphanumeric).len()
    }

    fn word_right(&self) -> usize {
        let after = self.after();
        let rest = after.trim_start_matches(|it: char| !it.is_alphanumeric());
        let rest = rest.trim_start_matches(char::is_alphanumeric);
        self.cursor + after.len() - rest.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_and_graphemes() {
        let mut field = TextField::new("auth token e\u{301}");
        field.edit(Action::EditDeleteBack);
        assert_eq!(field.text(), "auth token ");
        field.edit(Action::EditDeleteWordBack);
        assert_eq!(field.text(), "auth ");
        field.edit(Action::EditStart);
        field.insert("x\ny\x1b");
        assert_eq!(field.text(), "x y␛auth ");
        field.edit(Action::EditDeleteToEnd);
        assert_eq!((field.text(), field.cursor_column()), ("x y␛", 4));
    }

    proptest! {
        #[test]
        fn no_edit_breaks_the_text(
            start in any::<String>(),
            edits in proptest::collection::vec(0usize..Action::ALL.len(), 0..30),
        ) {
            let mut field = TextField::default();
            field.insert(&start);
            for at in edits {
                field.edit(Action::ALL[at]);
                prop_assert!(field.text.is_char_boundary(field.cursor));
            }
        }
    }
}
