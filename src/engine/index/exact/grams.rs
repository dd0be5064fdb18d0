//! The grams of a text, each once.
//!
//! Nearly all bytes of code are one of sixty-four. Which grams of these were seen takes 32 KiB, which
//! stay in the processor's nearest memory, where a bit for each of all grams takes 2 MiB.

use super::{END, Gram, gram_of};

/// Besides letters and digits, the bytes that are common.
const MARKS: &[u8; 28] = b" \n\t_.,;:(){}[]<>=+-*/&|!\"'#\\";
/// Stands for all bytes that are not common.
const RARE: u8 = 64;

/// The number of each byte among the common ones, in any case.
const CLASS: [u8; 256] = {
    let mut table = [RARE; 256];
    let mut byte = 0;
    while byte < 26 {
        table[b'a' as usize + byte] = byte as u8;
        table[b'A' as usize + byte] = byte as u8;
        byte += 1;
    }
    let mut digit = 0;
    while digit < 10 {
        table[b'0' as usize + digit] = 26 + digit as u8;
        digit += 1;
    }
    let mut mark = 0;
    while mark < MARKS.len() {
        table[MARKS[mark] as usize] = 36 + mark as u8;
        mark += 1;
    }
    table
};

/// The class of each byte, and of rare ones instead a bit that stays above those of three classes
/// while two more bytes are added to them.
const ADDED: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = if CLASS[byte] == RARE { 1 << 32 } else { CLASS[byte] as u64 };
        byte += 1;
    }
    table
};
/// The classes of three bytes.
const COMMON: u64 = (1 << 18) - 1;
/// The same, and the bits of those that are rare.
const KEPT: u64 = COMMON | 1 << 32 | 1 << 38 | 1 << 44;

/// Bytes that are looked at in one go.
const PIECE: usize = 512;

/// Finds the grams of one text after the other.
pub struct Grams {
    /// One bit for each gram of three common bytes, by their classes.
    common: Box<[u64; (1 << 18) / 64]>,
    /// One bit for each gram; only others are set.
    others: Vec<u64>,
    found: Vec<Gram>,
}

impl Default for Grams {
    #[allow(clippy::large_stack_arrays, reason = "32 KiB, once for each thread")]
    fn default() -> Self {
        Self {
            common: Box::new([0; (1 << 18) / 64]),
            others: vec![0; (1 << 24) / 64],
            found: Vec::new(),
        }
    }
}

impl Grams {
    /// The grams of `text`, in the order in which they come first. It ends with two bytes more, so
    /// that its last two begin grams too.
    pub fn of(&mut self, text: &[u8]) -> &[Gram] {
        self.found.clear();
        let Self { common, others, found } = self;
        let mut classes = 0;
        let mut shift = |byte: u8| {
            classes = (classes << 6 | ADDED[usize::from(byte)]) & KEPT;
            classes
        };
        let (head, rest) = text.split_at(text.len().min(2));
        for &byte in head {
            shift(byte);
        }
        let mut start = head.len();
        for piece in rest.chunks(PIECE) {
            // Whether a gram is new cannot be foretold, so there is no branch on it: each place is
            // noted, and the next one overwrites it unless it was new.
            let (mut fresh, mut count) = ([0u16; PIECE], 0);
            for (place, &byte) in (0u16..).zip(piece) {
                let classes = shift(byte);
                let (bits, bit) = if classes <= COMMON {
                    (&mut common[(classes >> 6) as usize & 0xfff], (classes & 63) as usize)
                } else {
                    let gram = gram_at(text, start + usize::from(place));
                    (&mut others[(gram >> 6) as usize], (gram & 63) as usize)
                };
                fresh[count % PIECE] = place;
                count += usize::from(*bits >> bit & 1 == 0);
                *bits |= 1 << bit;
            }
            let fresh = fresh[..count].iter();
            found.extend(fresh.map(|&place| gram_at(text, start + usize::from(place))));
            start += piece.len();
        }
        if !text.is_empty() {
            for place in text.len().max(2)..text.len() + 2 {
                let gram = gram_at(text, place);
                let (bits, bit) = (&mut others[(gram >> 6) as usize], 1 << (gram & 63));
                if *bits & bit == 0 {
                    *bits |= bit;
                    found.push(gram);
                }
            }
        }
        common.fill(0);
        for gram in &self.found {
            self.others[(gram >> 6) as usize] = 0;
        }
        &self.found
    }
}

/// The gram whose last byte stands at `place`, which is at least 2.
fn gram_at(text: &[u8], place: usize) -> Gram {
    let at = |place: usize| text.get(place).map_or(END, u8::to_ascii_lowercase);
    gram_of(at(place - 2), at(place - 1), at(place))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sixty_four_classes_have_a_byte_each() {
        let classes: BTreeSet<u8> = CLASS.into_iter().collect();
        assert_eq!(classes, (0..=RARE).collect());
    }

    proptest! {
        #[test]
        fn each_run_of_three_bytes_is_told_once(texts in prop::collection::vec("[aAbB_ %é\u{0}\u{1}]{0,30}|[aAbB_ %é]{500,600}", 1..4)) {
            let mut grams = Grams::default();
            for text in texts {
                let mut lower = text.to_ascii_lowercase().into_bytes();
                if !lower.is_empty() {
                    lower.extend([END; 2]);
                }
                let wanted: BTreeSet<Gram> =
                    lower.windows(3).map(|it| gram_of(it[0], it[1], it[2])).collect();
                let found = grams.of(text.as_bytes());
                prop_assert_eq!(found.len(), wanted.len());
                prop_assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), wanted);
            }
        }
    }
}
