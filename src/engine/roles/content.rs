//! What rules look for in a file's text: one pass of one automaton per language.
//!
//! A pass finds where words begin, the longest one of each place; those that begin another one are
//! known beforehand. Few words are looked for many bytes at a time, many by a table of states.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, MatchKind, Span, packed};

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
    inner: Inner,
    words: Vec<Needle>,
    /// Whether comments begin with `#`.
    hash: bool,
}

#[derive(Debug, Clone)]
enum Inner {
    Few(packed::Searcher),
    Many(AhoCorasick),
}

/// So many words are looked for at once by comparing many bytes at a time; with more of them, too
/// many places look like one.
const FEW: usize = 64;

/// A word that is looked for.
#[derive(Debug, Clone)]
struct Needle {
    len: usize,
    /// Its rule, and its place among the rule's words.
    owner: (u16, u16),
    /// The words that stand wherever it stands, itself among them.
    begun_by: Vec<u16>,
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
        let words = patterns.iter().zip(owners).map(|(word, owner)| {
            let begins = |(_, it): &(u16, &&[u8])| word.starts_with(it);
            let begun_by = (0..).zip(&patterns).filter(begins).map(|it| it.0).collect();
            Needle { len: word.len(), owner, begun_by }
        });
        let words = words.collect();
        let few = (patterns.len() <= FEW).then(|| {
            let mut builder =
                packed::Config::new().match_kind(packed::MatchKind::LeftmostLongest).builder();
            builder.extend(&patterns).build()
        });
        let inner = match few.flatten() {
            Some(few) => Inner::Few(few),
            None => Inner::Many(
                AhoCorasickBuilder::new()
                    .match_kind(MatchKind::LeftmostLongest)
                    .kind(Some(AhoCorasickKind::DFA))
                    .build(&patterns)
                    .ok()?,
            ),
        };
        let hash = matches!(
            language,
            Language::Python | Language::Ruby | Language::Elixir | Language::Shell | Language::Data
        );
        Some(Self { inner, words, hash })
    }

    /// The rules whose words occur in `text` as whole words.
    pub fn hits(&self, text: &[u8]) -> Vec<Hit> {
        let text = text.get(..LOOKED_AT).unwrap_or(text);
        let mut hits: Vec<Hit> = Vec::new();
        let joins = |one: Option<&u8>, other: Option<&u8>| match (one, other) {
            (Some(&one), Some(&other)) => is_word_byte(one) && is_word_byte(other),
            _ => false,
        };
        let mut from = 0;
        while let Some((start, longest)) = self.next(text, from) {
            from = start + 1;
            let before = start.checked_sub(1).and_then(|at| text.get(at));
            if joins(before, text.get(start)) {
                continue;
            }
            let whole = |it: &&Needle| {
                let end = start + it.len;
                !joins(text.get(end - 1), text.get(end))
            };
            let words = self.words[longest].begun_by.iter();
            let words = words.map(|&it| &self.words[usize::from(it)]).filter(whole);
            let mut in_comment = None;
            for &Needle { owner: (rule, needle), .. } in words {
                if *in_comment.get_or_insert_with(|| self.in_comment(text, start)) {
                    break;
                }
                match hits.iter_mut().find(|hit| hit.rule == rule) {
                    Some(hit) => hit.count += 1,
                    None => hits.push(Hit { rule, needle, count: 1, at: start as u32 }),
                }
            }
        }
        hits
    }

    /// Where the next word begins, and which is the longest there.
    fn next(&self, text: &[u8], from: usize) -> Option<(usize, usize)> {
        let span = Span { start: from, end: text.len() };
        let found = match &self.inner {
            Inner::Few(few) => few.find_in(text, span),
            Inner::Many(many) => many.find(aho_corasick::Input::new(text).span(span)),
        }?;
        Some((found.start(), found.pattern().as_usize()))
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
