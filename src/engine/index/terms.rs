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

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
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

/// Tools that are used again for the next text.
#[derive(Default)]
pub struct Terms {
    names: Counts,
    parts: Counts,
    lower: Vec<u8>,
    runs: Vec<(u32, u32)>,
}

/// A name of the text at hand. Most are short: their first sixteen bytes are compared and hashed as
/// two numbers.
#[derive(Debug, Clone, Copy)]
struct Name {
    head: u64,
    next: u64,
    /// Where it stands first.
    start: u32,
    len: u32,
    count: u32,
}

/// Bytes of a name that are kept as numbers.
const SHORT: usize = 16;

impl Name {
    /// The name of `len` bytes at `start` of a text.
    fn at(text: &[u8], start: usize, len: usize, count: u32) -> Self {
        let next = if len > 8 { number_at(text, start + 8, len - 8) } else { 0 };
        let head = number_at(text, start, len);
        Self { head, next, start: start as u32, len: len as u32, count }
    }

    fn bytes<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        &text[self.start as usize..(self.start + self.len) as usize]
    }

    /// What does not fit into the numbers.
    fn rest<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        self.bytes(text).get(SHORT..).unwrap_or_default()
    }

    fn is_same(&self, other: &Self, text: &[u8]) -> bool {
        (self.head, self.next, self.len) == (other.head, other.next, other.len)
            && (self.len as usize <= SHORT || self.rest(text) == other.rest(text))
    }

    fn hash(&self, text: &[u8]) -> u64 {
        let hash = mixed(self.head, self.next.wrapping_add(u64::from(self.len)));
        self.rest(text).chunks(8).fold(hash, |hash, piece| mixed(hash, number_at(piece, 0, 8)))
    }
}

/// At most eight bytes from `at` on as a number.
fn number_at(text: &[u8], at: usize, len: usize) -> u64 {
    if let Some(bytes) = text.get(at..at + 8).and_then(|it| it.try_into().ok()) {
        return u64::from_le_bytes(bytes) & (u64::MAX >> (64 - 8 * len.clamp(1, 8) as u32));
    }
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().take(len).rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// A hash of two numbers: both halves of their product, as in wyhash.
fn mixed(one: u64, two: u64) -> u64 {
    let all = u128::from(one ^ 0x9e37_79b9_7f4a_7c15) * u128::from(two ^ 0xd1b5_4a32_d192_ed03);
    (all >> 64) as u64 ^ all as u64
}

/// The names of one text, each once, in the order in which they come first.
#[derive(Default)]
struct Counts {
    ids: HashTable<u32>,
    names: Vec<Name>,
}

impl Counts {
    /// Empties it for a text of so many bytes. The room of one much longer is given back: clearing
    /// it would take longer than filling it.
    fn clear(&mut self, bytes: usize) {
        let room = bytes / BYTES_A_NAME;
        if self.ids.capacity() > 4 * room + 256 {
            *self = Self { ids: HashTable::with_capacity(room), names: Vec::with_capacity(room) };
        }
        self.ids.clear();
        self.names.clear();
        // Growing would hash all names again.
        self.ids.reserve(room, |_| 0);
    }

    fn add(&mut self, text: &[u8], name: Name) {
        let Self { ids, names } = self;
        let same = |id: &u32| names[*id as usize].is_same(&name, text);
        match ids.entry(name.hash(text), same, |id| names[*id as usize].hash(text)) {
            Entry::Occupied(known) => names[*known.get() as usize].count += name.count,
            Entry::Vacant(place) => {
                place.insert(names.len() as u32);
                names.push(name);
            }
        }
    }
}

/// Bytes that are looked at together.
const BLOCK: usize = 64;

/// One bit for each byte of a block that belongs to a name, the first byte's the lowest.
fn mask_of(block: &[u8; BLOCK]) -> u64 {
    let mut belongs = [0; BLOCK];
    for (belongs, &byte) in belongs.iter_mut().zip(block) {
        *belongs = u8::from(tokens::is_word_byte(byte));
    }
    let mut mask = 0;
    for (at, eight) in belongs.as_chunks::<8>().0.iter().enumerate() {
        // The product brings the lowest bits of eight bytes together in the highest byte.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= bits << (8 * at);
    }
    mask
}

/// Where the names of a text begin, and how long they are. Code changes between names and other
/// bytes all the time, so the edges are told by blocks and not byte by byte.
fn runs_of(text: &[u8], runs: &mut Vec<(u32, u32)>) {
    runs.clear();
    let mut begun = None;
    let mut take = |mask: u64, base: u32| {
        let mut edges = mask ^ (mask << 1 | u64::from(begun.is_some()));
        while edges != 0 {
            let at = base + edges.trailing_zeros();
            edges &= edges - 1;
            match begun.take() {
                Some(start) => runs.push((start, at - start)),
                None => begun = Some(at),
            }
        }
    };
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    let mut base = 0;
    for block in blocks {
        take(mask_of(block), base);
        base += BLOCK as u32;
    }
    // What is not there belongs to no name.
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    take(mask_of(&last), base);
}

impl Terms {
    /// The stems of the parts of a text's identifiers, packed. At most 4 GiB of it are looked at.
    pub fn of_text(&mut self, text: &[u8]) -> String {
        let Self { names, parts, lower, runs } = self;
        let text = text.get(..u32::MAX as usize - 2 * BLOCK).unwrap_or(text);
        runs_of(text, runs);
        names.clear(text.len());
        for &(start, len) in runs.iter() {
            if len > 1 && len as usize <= LONGEST_NAME {
                names.add(text, Name::at(text, start as usize, len as usize, 1));
            }
        }
        lower.clear();
        lower.extend_from_slice(text);
        lower.make_ascii_lowercase();
        parts.clear(text.len());
        let mut others: HashMap<Vec<u8>, u32, FxBuildHasher> = HashMap::default();
        for it in &names.names {
            let name = it.bytes(text);
            if !name.is_ascii() {
                let mut folded = Vec::new();
                tokens::push_lower(&mut folded, name);
                *others.entry(folded).or_default() += it.count;
                continue;
            }
            let (start, base) = (it.start as usize, name.as_ptr() as usize);
            tokens::for_each_part(name, |part| {
                let from = start + (part.as_ptr() as usize - base);
                let part = &lower[from..from + part.len()];
                if is_term(part, LONGEST_PART) {
                    // A stem is where its word begins.
                    parts.add(lower, Name::at(lower, from, tokens::stem(part).len(), it.count));
                }
            });
        }
        let parts = parts.names.iter().map(|it| (it.bytes(lower), it.count));
        let others = others.iter().map(|(name, count)| (name.as_slice(), *count));
        pack(parts.chain(others))
    }
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
    use std::collections::BTreeMap;

    use super::*;
    use proptest::prelude::*;

    fn of_text(text: &[u8]) -> String {
        Terms::default().of_text(text)
    }

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
        fn names_are_counted_by_their_bytes(texts in prop::collection::vec("[abZ_9 é-]{0,9}|[ab]{6,26}( [ab]{6,26}){0,9}|[ab ]{60,200}", 1..4)) {
            let mut terms = Terms::default();
            for text in texts {
                let mut wanted: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
                for name in text.as_bytes().split(|it| !tokens::is_word_byte(*it)) {
                    if name.len() < 2 || name.len() > LONGEST_NAME {
                        continue;
                    }
                    let mut add = |lower: Vec<u8>| *wanted.entry(lower).or_default() += 1;
                    if name.is_ascii() {
                        tokens::for_each_part(name, |part| {
                            let lower = part.to_ascii_lowercase();
                            if is_term(&lower, LONGEST_PART) {
                                add(tokens::stem(&lower).to_vec());
                            }
                        });
                    } else {
                        add(String::from_utf8_lossy(name).to_lowercase().into_bytes());
                    }
                }
                let wanted = pack(wanted.iter().map(|(term, count)| (term.as_slice(), *count)));
                prop_assert_eq!(unpacked(&terms.of_text(text.as_bytes())), unpacked(&wanted));
            }
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
