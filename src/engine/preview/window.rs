//! What goes in and out of the preview: the question ([`WindowAsk`]) and the answer ([`Window`]).
//!
//! Plain values without behaviour. Texts in an answer are already cleaned and have their tabs
//! expanded, so the view only picks colours.

use std::ops::Range;

use crate::base::RepoPath;

/// What a piece of text is, as far as its colour is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tint {
    /// Nothing in particular.
    Plain,
    /// A remark for readers.
    Comment,
    /// A text literal, with its quotes.
    String,
    /// A number literal.
    Number,
    /// Another literal: `true`, `nil`, an escape in a string, a constant's name.
    Constant,
    /// A word of the language.
    Keyword,
    /// The name of a function, where it is defined or called.
    Function,
    /// The name of a type, class, module or namespace.
    Type,
    /// The name of a variable or parameter.
    Variable,
    /// A markup tag, or the key of a mapping.
    Tag,
    /// A markup attribute, annotation or decorator.
    Attribute,
    /// An operator.
    Operator,
    /// Brackets, commas, semicolons.
    Punctuation,
    /// A title in prose.
    Heading,
    /// What the language does not allow; a removed line of a diff; an error in a log.
    Invalid,
}

/// A stretch of one line in one tint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Cleaned text, never empty.
    pub text: String,
    /// What it is.
    pub tint: Tint,
}

/// One row of the preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// 1-based number; `None` while the lines before it have not been counted.
    pub number: Option<u64>,
    /// Offset in bytes of the line's beginning, for [`Anchor::Byte`] and [`Anchor::Step`].
    pub byte: u64,
    /// The visible part, at most as many columns as were asked for.
    pub spans: Vec<Span>,
    /// Tells whether there is text to the left of the visible part.
    pub cut_left: bool,
    /// Tells whether there is text to the right of the visible part.
    pub cut_right: bool,
    /// Columns to mark, counted from the first visible column; ascending, never touching.
    pub marks: Vec<Range<u16>>,
}

impl Line {
    /// The visible text without its tints.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// How many lines the file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// This many, and no more.
    Exact(u64),
    /// Counting is under way; [`super::Viewer::count_more`] goes on with it.
    Counting {
        /// Lines seen so far.
        at_least: u64,
        /// Share of the file counted, 0 to 99.
        percent: u8,
    },
}

/// Which part of the file is wanted. Whatever the anchor, the page stays full where the file has
/// enough lines: the first row never goes past the last page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// This line (1-based) on the first row.
    Line(u64),
    /// This line (1-based) on the middle row.
    Centre(u64),
    /// The last line on the last row; answered without counting lines.
    End,
    /// The line that holds this byte on the first row; answered without counting lines.
    Byte(u64),
    /// The line that lies `lines` after (or, negative, before) the one that holds `byte`; this is
    /// how to scroll where lines have no numbers yet.
    Step {
        /// A byte of the line to count from, usually [`Line::byte`].
        byte: u64,
        /// Lines to go down; negative goes up.
        lines: i64,
    },
}

/// A question to the viewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowAsk {
    /// The file, relative to the viewer's root.
    pub path: RepoPath,
    /// The part of it.
    pub anchor: Anchor,
    /// Rows to fill.
    pub rows: u16,
    /// Columns of text per row.
    pub columns: u16,
    /// Columns scrolled to the right.
    pub left: u32,
    /// Words to mark while there is no needle; letter case counts only for words with capitals.
    pub words: Vec<String>,
    /// What is searched for in the file: marked instead of `words`, with the same rule for case.
    pub needle: Option<String>,
}

/// A place in a file, as a person counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// 1-based line.
    pub line: u64,
    /// 0-based terminal column from the line's beginning, tabs expanded.
    pub column: u32,
}

/// The answer: what to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The file that was asked for.
    pub path: RepoPath,
    /// The rows, at most as many as were asked for; none when there is a note instead.
    pub lines: Vec<Line>,
    /// How many lines the file has.
    pub total: Total,
    /// The file's size in bytes.
    pub bytes: u64,
    /// Columns scrolled to the right, as asked.
    pub left: u32,
    /// Tells whether every row has its colour; `false` for good where `language` is `None`.
    pub coloured: bool,
    /// What to say instead of text ("binary file, 2.1 MB, ELF", "gone"), or beside it.
    pub note: Option<String>,
    /// Tells that a row is not the last line and yet the end of it was not found in time; the rows
    /// after it are missing.
    pub truncated: bool,
    /// Tells whether the last line of the file is among the rows.
    pub at_end: bool,
    /// The language's name, where it is known.
    pub language: Option<&'static str>,
}

impl Window {
    /// A window that says `note` and shows no text.
    pub(super) fn remark(path: RepoPath, bytes: u64, note: String) -> Self {
        Self {
            path,
            lines: Vec::new(),
            total: Total::Exact(0),
            bytes,
            left: 0,
            coloured: false,
            note: Some(note),
            truncated: false,
            at_end: true,
            language: None,
        }
    }
}
