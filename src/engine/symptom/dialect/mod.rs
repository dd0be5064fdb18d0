//! Dialects of stack traces: one file each.
//!
//! A dialect is a function that looks at all lines and takes those that are its own, with
//! [`Found::take`], and tells which frames belong together, with [`Found::block`]. The ones that
//! cannot be mistaken for another come first.

mod dotnet;
mod elixir;
mod go;
mod java;
mod javascript;
mod php;
mod place;
mod python;
mod ruby;
mod rust;

use std::collections::HashSet;

use regex::{Captures, Regex};

use super::MOST_FRAMES;
use super::frame::{Block, Frame, is_library, plain_path};
use super::line::Line;

/// The languages whose traces are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// `CPython` and what prints like it.
    Python,
    /// V8, `SpiderMonkey`, `JavaScriptCore`.
    JavaScript,
    /// The JVM.
    Java,
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// .NET.
    DotNet,
    /// Elixir and Erlang.
    Elixir,
}

impl Dialect {
    /// The name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::Java => "java",
            Self::Go => "go",
            Self::Rust => "rust",
            Self::Ruby => "ruby",
            Self::Php => "php",
            Self::DotNet => "dotnet",
            Self::Elixir => "elixir",
        }
    }
}

/// Reads one dialect.
type Read = fn(&[Line], &mut Found);

const DIALECTS: &[Read] = &[
    elixir::read,
    java::read,
    dotnet::read,
    rust::read,
    javascript::read,
    python::read,
    go::read,
    php::read,
    ruby::read,
    place::read,
];

/// What was found in all dialects.
pub struct Traces {
    /// That of most frames.
    pub dialect: Option<Dialect>,
    /// In the order of the text.
    pub frames: Vec<Frame>,
    /// Chain by chain, the root cause of each first.
    pub blocks: Vec<Block>,
    /// Lines that are part of a trace.
    pub taken: HashSet<usize>,
}

/// Collects what the dialects find.
#[derive(Default)]
pub struct Found {
    taken: HashSet<usize>,
    frames: Vec<(usize, Frame)>,
    /// Its first line, and the block with places in `frames`.
    blocks: Vec<(usize, Block)>,
    chains: usize,
}

impl Found {
    /// Whether a line belongs to no trace yet.
    pub fn is_free(&self, line: usize) -> bool {
        !self.taken.contains(&line)
    }

    /// Says that a line is part of a trace without being a frame.
    pub fn mark(&mut self, line: usize) {
        self.taken.insert(line);
    }

    /// Takes a frame that stands on this line; its handle.
    pub fn take(&mut self, line: usize, mut frame: Frame) -> Option<usize> {
        self.taken.insert(line);
        if let Some(file) = &frame.file {
            frame.library |= is_library(&file.replace('\\', "/"));
            frame.file = Some(plain_path(file)).filter(|it| !it.is_empty());
        }
        frame.raw.truncate(frame.raw.trim_end().len());
        frame.raw.drain(..frame.raw.len() - frame.raw.trim_start().len());
        self.frames.push((line, frame));
        Some(self.frames.len() - 1)
    }

    /// The first frame of this place that stands below a line, within the next few.
    pub fn below(&mut self, line: usize, file: &str, number: Option<u64>) -> Option<&mut Frame> {
        let file = plain_path(file);
        let near = |at: usize| at > line && at < line + 12;
        self.frames
            .iter_mut()
            .find(|(at, it)| near(*at) && it.line == number && it.file.as_deref() == Some(&file))
            .map(|it| &mut it.1)
    }

    /// The frame of a handle.
    pub fn frame(&mut self, handle: usize) -> Option<&mut Frame> {
        self.frames.get_mut(handle).map(|it| &mut it.1)
    }

    /// A number for exceptions that caused each other.
    pub fn chain(&mut self) -> usize {
        self.chains += 1;
        self.chains
    }

    /// Says that these frames are one exception, the innermost first.
    pub fn block(
        &mut self,
        message: Option<String>,
        frames: Vec<usize>,
        chain: usize,
        depth: usize,
    ) {
        let first = frames.iter().filter_map(|it| self.frames.get(*it)).map(|it| it.0).min();
        if let Some(first) = first {
            let message = message.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
            self.blocks.push((first, Block { message, frames, chain, depth }));
        }
    }
}

/// Reads all dialects.
pub fn read(lines: &[Line]) -> Traces {
    let mut found = Found::default();
    for read in DIALECTS {
        read(lines, &mut found);
    }
    let Found { taken, frames, mut blocks, .. } = found;
    // A chain stands where its first line does.
    let mut begins = std::collections::HashMap::new();
    for (first, block) in &blocks {
        let begin = begins.entry(block.chain).or_insert(*first);
        *begin = (*begin).min(*first);
    }
    // A place without a dialect, such as a log line's own, says less than a trace.
    let loose = |block: &Block| {
        block.frames.iter().all(|it| frames[*it].1.dialect.is_none())
            || block.message.as_deref().is_some_and(php::only_warns)
    };
    blocks.sort_by_key(|(first, block)| {
        (loose(block), begins.get(&block.chain).copied(), block.depth, *first)
    });
    let mut order: Vec<usize> = (0..frames.len()).collect();
    if frames.len() > MOST_FRAMES {
        keep_innermost(&mut blocks);
        order = blocks.iter().flat_map(|it| it.1.frames.iter().copied()).collect();
    }
    order.sort_by_key(|&it| frames[it].0);
    let mut place = vec![0; frames.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old] = new;
    }
    let blocks = blocks
        .into_iter()
        .map(|(_, mut block)| {
            block.frames.iter_mut().for_each(|it| *it = place[*it]);
            block
        })
        .collect();
    let mut counts: Vec<(Dialect, usize)> = Vec::new();
    for dialect in frames.iter().filter_map(|it| it.1.dialect) {
        match counts.iter_mut().find(|it| it.0 == dialect) {
            Some(count) => count.1 += 1,
            None => counts.push((dialect, 1)),
        }
    }
    let most = counts.iter().map(|it| it.1).max();
    let dialect = counts.iter().find(|it| Some(it.1) == most).map(|it| it.0);
    let mut frames: Vec<Option<Frame>> = frames.into_iter().map(|it| Some(it.1)).collect();
    let frames = order.into_iter().filter_map(|it| frames[it].take()).collect();
    Traces { dialect, frames, blocks, taken }
}

/// Of very long traces the innermost frames of each exception stay in it.
fn keep_innermost(blocks: &mut Vec<(usize, Block)>) {
    let each = (MOST_FRAMES / blocks.len().max(1)).max(8);
    let mut left = MOST_FRAMES;
    for (_, block) in &mut *blocks {
        block.frames.truncate(each.min(left));
        left -= block.frames.len();
    }
    blocks.retain(|it| !it.1.frames.is_empty());
}

/// A pattern of this folder; none of them can fail, and a test says so.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// A group of a match as text.
fn group(found: &Captures<'_>, name: &str) -> Option<String> {
    found.name(name).map(|it| it.as_str().trim().to_owned()).filter(|it| !it.is_empty())
}

/// A group of a match as a number.
fn number(found: &Captures<'_>, name: &str) -> Option<u64> {
    found.name(name).and_then(|it| it.as_str().parse().ok()).filter(|it| *it > 0)
}

/// Takes `a.b.c` apart at any of `marks`: what holds it, and the last name.
fn qualified(name: &str, marks: &[&str]) -> (Vec<String>, String) {
    let mut parts = vec![name];
    for mark in marks {
        parts = parts.into_iter().flat_map(|it| it.split(mark)).collect();
    }
    let mut parts: Vec<String> =
        parts.into_iter().map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
    let last = parts.pop().unwrap_or_default();
    (parts, last)
}

/// Frames that follow each other, with the message before them.
#[derive(Default)]
struct Open {
    message: Option<String>,
    frames: Vec<usize>,
}

#[cfg(test)]
mod tests;
