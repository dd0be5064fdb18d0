//! The syntax parser's state between two lines, and one careful step of it.
//!
//! The parser is foreign code fed with hostile text: a panic or an error in it ends the colouring
//! of a file and nothing else.

use std::panic::{AssertUnwindSafe, catch_unwind};

use syntect::parsing::{ParseState, ScopeStack, SyntaxReference};

use super::language::syntaxes;
use super::row::Run;
use super::tint::Tints;
use super::window::Tint;

/// The parser before some line.
#[derive(Debug, Clone)]
pub(super) struct State {
    parse: ParseState,
    scopes: ScopeStack,
    /// Tells whether everything from the file's beginning on was parsed.
    pub(super) exact: bool,
}

impl State {
    /// The state at the beginning of a file, or (not `exact`) somewhere in it for want of better.
    pub(super) fn fresh(syntax: &SyntaxReference, exact: bool) -> Self {
        Self { parse: ParseState::new(syntax), scopes: ScopeStack::new(), exact }
    }

    /// Takes one line (with its newline) and tells its tints, when `tints` are wanted; `None` when
    /// the parser failed.
    pub(super) fn line(&mut self, text: &str, tints: Option<&mut Tints>) -> Option<Box<[Run]>> {
        let work = AssertUnwindSafe(|| {
            let changes = self.parse.parse_line(text, syntaxes()).ok()?;
            let Some(tints) = tints else {
                for (_, change) in &changes {
                    self.scopes.apply(change).ok()?;
                }
                return Some(Box::default());
            };
            let mut runs: Vec<Run> = Vec::new();
            let mut from = 0;
            for (at, change) in &changes {
                if *at > from {
                    push(&mut runs, *at, tints.of(&self.scopes));
                    from = *at;
                }
                self.scopes.apply(change).ok()?;
            }
            if text.len() > from {
                push(&mut runs, text.len(), tints.of(&self.scopes));
            }
            Some(runs.into())
        });
        catch_unwind(work).ok().flatten()
    }
}

fn push(runs: &mut Vec<Run>, end: usize, tint: Tint) {
    match runs.last_mut() {
        Some(last) if last.1 == tint => last.0 = end as u32,
        _ => runs.push((end as u32, tint)),
    }
}
