//! `inherits = "NAME"`: a keymap or theme together with those it builds on.
//!
//! Where the texts come from, and what they mean, is the caller's business.

use super::{Kind, Table, Text, parse};
use crate::base::diag::quote;
use crate::base::suggest::did_you_mean;
use crate::base::{Checked, Diagnostic, Origin};

/// Before a name that inherits from itself: a user's `default.toml` may build on navi's own.
pub const BUILT_IN: &str = "built-in:";

/// Files that may inherit from each other in a row.
const LONGEST_CHAIN: usize = 8;

/// A kind of file that inherits: what to call it and what to fall back to.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// The word for one of them in messages: `keymap`.
    pub word: &'static str,
    /// Taken when the wanted one does not exist.
    pub fallback: &'static str,
    /// Names to suggest for a mistyped one.
    pub known: &'static [&'static str],
}

impl Family {
    /// The wanted file and those it inherits from, nearest first; `source` gives the text of a
    /// name.
    pub fn chain(&self, name: &str, source: &dyn Fn(&str) -> Option<Text>) -> Checked<Vec<Table>> {
        let mut chain = Vec::new();
        let mut faults = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut wanted = Some((name.to_owned(), Origin::whole(self.word)));
        while let Some((name, asked)) = wanted.take() {
            if seen.contains(&name) || seen.len() >= LONGEST_CHAIN {
                seen.push(name);
                let fault = format!("{}s inherit in a circle: {}", self.word, seen.join(" -> "));
                faults.push(Diagnostic::warning(fault).at(asked));
                break;
            }
            let Some(text) = source(&name) else {
                let fault = format!("there is no {} called {}", self.word, quote(&name));
                let near = did_you_mean(&name, self.known.iter().copied());
                faults.push(Diagnostic::error(fault).at(asked).maybe_meant(near));
                if seen.is_empty() && name != self.fallback {
                    wanted = Some((self.fallback.to_owned(), Origin::whole(self.word)));
                }
                continue;
            };
            let (table, more) = parse(&text.origin, &text.text);
            faults.extend(more);
            wanted = self.parent(&name, &table, &mut faults);
            seen.push(name);
            chain.push(table);
        }
        (chain, faults)
    }

    fn parent(
        &self,
        name: &str,
        table: &Table,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<(String, Origin)> {
        let value = &table.get("inherits")?.value;
        let Kind::Text(parent) = &value.kind else {
            let word = value.kind.word();
            let fault = format!("`inherits` is the name of a {}, not {word}", self.word);
            faults.push(Diagnostic::warning(fault).at(value.origin.clone()));
            return None;
        };
        let parent = if parent == name { format!("{BUILT_IN}{name}") } else { parent.clone() };
        Some((parent, value.origin.clone()))
    }
}
