//! Runbooks and other documents in Markdown: what is in them, where their links lead, how they look
//! in so many columns, and which of them is near to what one looks at.
//!
//! Texts are cleaned when they are read. Nothing of a document is fetched, opened or run here.

mod draft;
mod lay;
mod link;
mod near;
mod read;
mod table;

use crate::base::RepoPath;

pub use draft::{Draft, Found, draft};
pub use lay::{Bit, Colour, Page, Place, Row, Stop, Tone, find, lay_out};
pub use link::slug;
pub use near::{Around, Candidate, near, words};
pub use read::read;

/// A document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Its first heading.
    pub title: Option<String>,
    /// Its parts, in their order.
    pub blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The line at which it begins, from 1.
    pub line: u32,
    /// The line at which it ends.
    pub last: u32,
    /// What it stands in, outermost first.
    pub within: Vec<Within>,
    /// What it is.
    pub kind: Kind,
}

/// What a block stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// A quotation.
    Quote,
    /// An item of a list, whose sign stands before its first block.
    Item {
        /// `•`, `3.`, `[x]`.
        sign: String,
        /// Whether this block is its first.
        first: bool,
    },
}

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A heading of level 1 to 6.
    Heading(u8, Vec<Piece>),
    /// A paragraph.
    Text(Vec<Piece>),
    /// Code, in the language that its author named.
    Code {
        /// The language; empty where none is named.
        language: String,
        /// Its lines.
        lines: Vec<String>,
    },
    /// A table: its first row is its head.
    Table(Vec<Vec<Vec<Piece>>>),
    /// A line between parts.
    Rule,
}

/// A piece of text in one look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// Strong.
    pub strong: bool,
    /// Emphasised.
    pub emphasis: bool,
    /// Struck through.
    pub struck: bool,
    /// Code.
    pub code: bool,
    /// Where it leads.
    pub link: Option<Target>,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file of the repository that is there.
    File {
        /// It.
        path: RepoPath,
        /// A line in it, from 1.
        line: Option<u64>,
        /// A heading in it.
        heading: Option<String>,
    },
    /// A heading of this document.
    Heading(String),
    /// Anywhere else. Never followed, only copied.
    Web(String),
    /// A file that is not there.
    Missing(String),
}

impl Document {
    /// The headings: level, text, number of the block.
    pub fn headings(&self) -> Vec<(u8, String, usize)> {
        let heading = |(number, block): (usize, &Block)| match &block.kind {
            Kind::Heading(level, pieces) => Some((*level, plain(pieces), number)),
            _ => None,
        };
        self.blocks.iter().enumerate().filter_map(heading).collect()
    }
}

/// The text of the pieces.
fn plain(pieces: &[Piece]) -> String {
    pieces.iter().map(|it| it.text.as_str()).collect()
}
