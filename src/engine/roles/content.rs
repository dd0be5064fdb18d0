//! What rules look for in a file's text: one pass of one automaton per language.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind};

use super::language::Language;
use super::rule::Rule;
use crate::engine::tokens::is_word_byte;

/// Bytes at a file's beginning that are looked at: imports, decorators and classes come early.
pub const LOOKED_AT: usize = 64 * 1024;

/// How often a rule's words occur, where first, and which.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    /// The rule's place in the set.
    pub rule: u16,
    /// The place of the first word found among the rule's words.
    pub needle: u16,
    /// Occurrences.
    pub count: u32,
    /// Byte offset of the first.
    pub at: u32,
}

/// The words of one language.
#[derive(Debug, Clone)]
pub struct Automaton {
    inner: AhoCorasick,
    /// For each pattern: its rule and its place among the rule's words.
    owners: Vec<(u16, u16)>,
    /// Whether comments begin with `#`.
    hash: bool,
}

impl Automaton {
    /// The automaton over the words of the rules that speak of `language`; none when no rule does.
    pub fn build(rules: &[Rule], language: Language) -> Option<Self> {
        let mut patterns: Vec<&[u8]> = Vec::new();
        let mut owners = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            if rule.languages & language.bit() == 0 {
                continue;
            }
            for (needle, word) in rule.content.iter().enumerate() {
                patterns.push(word);
                owners.push((place as u16, needle as u16));
            }
        }
        if patterns.is_empty() {
            return None;
        }
        let inner = AhoCorasickBuilder::new()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(patterns)
            .ok()?;
        let hash = matches!(
            language,
            Language::Python | Language::Ruby | Language::Elixir | Language::Shell | Language::Data
        );
        Some(Self { inner, owners, hash })
    }

    /// The rules whose words occur in `text` as whole words.
    pub fn hits(&self, text: &[u8]) -> Vec<Hit> {
        let text = text.get(..LOOKED_AT).unwrap_or(text);
        let mut hits: Vec<Hit> = Vec::new();
        for found in self.inner.find_overlapping_iter(text) {
            let (start, end) = (found.start(), found.end());
            let joins = |one: Option<&u8>, other: Option<&u8>| match (one, other) {
                (Some(&one), Some(&other)) => is_word_byte(one) && is_word_byte(other),
                _ => false,
            };
            let before = start.checked_sub(1).and_then(|at| text.get(at));
            if joins(before, text.get(start)) || joins(text.get(end - 1), text.get(end)) {
                continue;
            }
            if self.in_comment(text, start) {
                continue;
            }
            let (rule, needle) = self.owners[found.pattern().as_usize()];
            match hits.iter_mut().find(|hit| hit.rule == rule) {
                Some(hit) => hit.count += 1,
                None => hits.push(Hit { rule, needle, count: 1, at: start as u32 }),
            }
        }
        hits
    }

    /// Whether the line of byte `at` is a comment, as far as its beginning tells.
    fn in_comment(&self, text: &[u8], at: usize) -> bool {
        let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |it| it + 1);
        let line = text[start..at].trim_ascii_start();
        if self.hash {
            line.starts_with(b"#")
        } else {
            line.starts_with(b"//") || line.starts_with(b"* ")
        }
    }
}
