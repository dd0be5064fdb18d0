//! The terms of a text, each once with how often it occurs: what a document is made of.
//!
//! A text says the same few hundred names again and again. Counting them here, before tantivy sees
//! them, saves it three of four look-ups, and splitting an identifier once instead of each time
//! saves most of the splitting. Of a count, the number of its doublings is kept, up to [`MOST`]: one
//! more of what is there already says little (BM25 saturates in the same way).
//!
//! Whole identifiers are no terms: there are millions of them, and `exact` finds them.
//!
//! The counted terms go to tantivy as one packed string: a character below U+0020 that is the
//! count, then the term, and so on. No term holds such a character.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};

use rustc_hash::FxBuildHasher;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::engine::tokens;

/// Highest count after compression.
const MOST: u32 = 8;
/// Longest identifier that has terms, in bytes; longer runs are data, not names.
const LONGEST_NAME: usize = 80;
/// Longest part of an identifier that is a term, in bytes.
const LONGEST_PART: usize = 40;
/// Longest term that begins with a digit: checksums and addresses are not words.
const LONGEST_NUMBER: usize = 12;

/// Bytes of code for which there is one more name, roughly.
const BYTES_A_NAME: usize = 32;

type Counts<'a> = HashMap<Name<'a>, u32, FxBuildHasher>;

/// A name that is counted. Most are short: their first eight bytes are compared and hashed as one
/// number.
#[derive(Clone, Copy)]
struct Name<'a> {
    head: u64,
    text: &'a [u8],
}

impl<'a> Name<'a> {
    /// The name of `len` bytes at `start` of a text.
    fn at(text: &'a [u8], start: usize, len: usize) -> Self {
        let name = &text[start..start + len];
        let head = match text.get(start..start + 8).and_then(|it| it.try_into().ok()) {
            Some(bytes) => {
                let beyond = 64 - 8 * len.clamp(1, 8) as u32;
                u64::from_le_bytes(bytes) & (u64::MAX >> beyond)
            }
            None => name.iter().rev().fold(0, |head, &byte| head << 8 | u64::from(byte)),
        };
        Self { head, text: name }
    }

    fn tail(&self) -> &'a [u8] {
        self.text.get(8..).unwrap_or_default()
    }
}

impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.head == other.head
            && self.text.len() == other.text.len()
            && (self.text.len() <= 8 || self.tail() == other.tail())
    }
}

impl Eq for Name<'_> {}

impl Hash for Name<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.head);
        if self.text.len() > 8 {
            state.write(self.tail());
        }
    }
}

const WORD_BYTE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = tokens::is_word_byte(byte as u8);
        byte += 1;
    }
    table
};

/// The stems of the parts of a text's identifiers, packed.
pub fn of_text(text: &[u8]) -> String {
    // About as many as code has: growing would hash them all again.
    let room = text.len() / BYTES_A_NAME;
    let mut names: HashMap<Name<'_>, (u32, u32), FxBuildHasher> =
        HashMap::with_capacity_and_hasher(room, FxBuildHasher);
    let mut at = 0;
    while let Some(run) = text.get(at..) {
        let Some(start) = run.iter().position(|&byte| WORD_BYTE[usize::from(byte)]) else { break };
        let start = at + start;
        let rest = &text[start..];
        let len = rest.iter().position(|&byte| !WORD_BYTE[usize::from(byte)]).unwrap_or(rest.len());
        at = start + len;
        if len > 1 && len <= LONGEST_NAME {
            match names.entry(Name::at(text, start, len)) {
                Entry::Occupied(mut found) => found.get_mut().1 += 1,
                Entry::Vacant(new) => {
                    new.insert((start as u32, 1));
                }
            }
        }
    }
    let lower = text.to_ascii_lowercase();
    let mut parts = Counts::with_capacity_and_hasher(names.len(), FxBuildHasher);
    let mut others: HashMap<Vec<u8>, u32, FxBuildHasher> = HashMap::default();
    for (Name { text: name, .. }, (start, count)) in names {
        let start = start as usize;
        if !name.is_ascii() {
            let mut folded = Vec::new();
            tokens::push_lower(&mut folded, name);
            *others.entry(folded).or_default() += count;
            continue;
        }
        let base = name.as_ptr() as usize;
        tokens::for_each_part(name, |part| {
            let from = start + (part.as_ptr() as usize - base);
            let part = &lower[from..from + part.len()];
            if is_term(part, LONGEST_PART) {
                // A stem is where its word begins.
                let stem = Name::at(&lower, from, tokens::stem(part).len());
                *parts.entry(stem).or_default() += count;
            }
        });
    }
    let parts = parts.iter().map(|(name, count)| (name.text, *count));
    let others = others.iter().map(|(name, count)| (name.as_slice(), *count));
    pack(parts.chain(others))
}

/// The stems of the parts of a file's name or folders.
pub fn of_path(path: &str) -> String {
    of_text(path.as_bytes())
}

fn is_term(lower: &[u8], longest: usize) -> bool {
    let number = lower.first().is_some_and(u8::is_ascii_digit);
    lower.len() > 1 && lower.len() <= if number { LONGEST_NUMBER } else { longest }
}

fn pack<'a>(counts: impl IntoIterator<Item = (&'a [u8], u32)>) -> String {
    let mut packed = Vec::new();
    for (term, count) in counts {
        packed.push(compressed(count));
        packed.extend_from_slice(term);
    }
    String::from_utf8(packed)
        .unwrap_or_else(|it| String::from_utf8_lossy(it.as_bytes()).into_owned())
}

/// One more for each doubling.
fn compressed(count: u32) -> u8 {
    (1 + count.max(1).ilog2()).min(MOST) as u8
}

/// Unpacks terms: each term as often as its count says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unpack;

/// See [`Unpack`].
pub struct UnpackStream<'a> {
    rest: &'a str,
    again: u8,
    token: Token,
}

impl Tokenizer for Unpack {
    type TokenStream<'a> = UnpackStream<'a>;

    fn token_stream<'a>(&'a mut self, packed: &'a str) -> UnpackStream<'a> {
        UnpackStream { rest: packed, again: 0, token: Token::default() }
    }
}

impl TokenStream for UnpackStream<'_> {
    fn advance(&mut self) -> bool {
        if self.again == 0 {
            let Some((&count, term)) = self.rest.as_bytes().split_first() else { return false };
            let len = term.iter().position(|&byte| byte < b' ').unwrap_or(term.len());
            self.token.text.clear();
            self.token.text.push_str(self.rest.get(1..=len).unwrap_or_default());
            self.rest = self.rest.get(len + 1..).unwrap_or_default();
            self.again = count;
        }
        self.again = self.again.saturating_sub(1);
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unpacked(packed: &str) -> Vec<String> {
        let mut unpack = Unpack;
        let mut stream = unpack.token_stream(packed);
        let mut out = Vec::new();
        while stream.advance() {
            out.push(stream.token().text.clone());
        }
        out.sort();
        out
    }

    #[test]
    fn identifiers_fall_into_stems() {
        let terms = of_text(b"retryFailedConnections(E0425, HTTP2Server, e, retry) RETRY");
        assert_eq!(
            unpacked(&terms),
            ["connection", "e0425", "fail", "http2", "retr", "retr", "server"]
        );
    }

    #[test]
    fn data_has_no_terms() {
        let terms = of_text(b"id = 0x00112233445566778899; 42 abc123 \xe9t\xe9 stra\xc3\x9fe");
        let parts = unpacked(&terms);
        assert!(parts.contains(&"42".to_owned()) && parts.contains(&"straße".to_owned()));
        assert!(!parts.iter().any(|it| it.starts_with("0x")), "{parts:?}");
    }

    #[test]
    fn many_of_one_count_for_less() {
        let text = "token ".repeat(1000);
        assert_eq!(unpacked(&of_text(text.as_bytes())).len(), MOST as usize);
        assert_eq!([1, 2, 3, 4, 9, 200].map(compressed), [1, 2, 2, 3, 4, 8]);
    }

    proptest! {
        #[test]
        fn names_are_the_same_when_their_bytes_are(text in "[ab]{1,24}", one in 0usize..12, other in 0usize..12, len in 1usize..12) {
            let text = text.as_bytes();
            let place = |start: usize| start.min(text.len() - 1);
            let of = |start: usize| Name::at(text, place(start), len.min(text.len() - place(start)));
            let (one, other) = (of(one), of(other));
            prop_assert_eq!(one == other, one.text == other.text);
            let hash = |name: Name<'_>| std::hash::BuildHasher::hash_one(&FxBuildHasher, name);
            prop_assert!(one != other || hash(one) == hash(other));
        }

        #[test]
        fn any_bytes_make_clean_terms(text in proptest::collection::vec(any::<u8>(), 0..600)) {
            let terms = of_text(&text);
            for term in unpacked(&terms) {
                prop_assert!(!term.is_empty());
                prop_assert!(!term.contains(|it: char| it < ' '));
            }
        }
    }
}
