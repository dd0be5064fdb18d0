//! Which files can hold an exact text, and which define a name: what an index must answer without
//! a miss.
//!
//! For texts it knows the grams of each file, the runs of three bytes that occur in it, ASCII letters
//! in lower case. A literal can only stand in files that have all its grams; those few are read and
//! compared, so the answer is that of a grep. The idea is that of R. Cox, "Regular Expression
//! Matching with a Trigram Index" (2012). For names it knows the definitions with their lines.
//!
//! A [`Segment`] is one file of the index folder that never changes once written. It names the
//! files it covers with their stamps: an entry counts only while the file still has that stamp,
//! and a file without such an entry is always read. So a segment may be missing, left over from
//! another time or written by another process, and the answer is still right; nothing ties it to
//! tantivy's commits, and there is no list of segments to keep.

mod builder;
mod grams;
mod names;
mod numbers;
mod segment;
mod view;

pub use builder::ExactBuilder;
pub use segment::Segment;
pub use view::{Defined, ExactMaker, ExactStore, ExactView};

/// Three bytes of a text, the first one highest.
pub type Gram = u32;

/// Ends the names of segment files.
pub const EXTENSION: &str = "exact";

/// Stands behind the last byte of a file, twice, so that its last two bytes begin grams too.
const END: u8 = 0;

/// The gram of three bytes that are in lower case.
fn gram_of(one: u8, two: u8, three: u8) -> Gram {
    Gram::from(one) << 16 | Gram::from(two) << 8 | Gram::from(three)
}

/// What a text asks of the grams of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All of these, none twice.
    All(Vec<Gram>),
    /// One that begins with these two bytes.
    Beginning(u8, u8),
    /// Nothing that grams could tell.
    Anything,
}

impl Wanted {
    /// What `literal` asks, in any case. With letters beyond ASCII their own bytes ask nothing, as
    /// their other case has others, and neither do `k` and `i`, which some of them become in lower
    /// case (U+212A, U+0130).
    pub fn of(literal: &str) -> Self {
        let lower = literal.as_bytes().to_ascii_lowercase();
        let plain = lower.is_ascii();
        let usable = |byte: u8| plain || (byte.is_ascii() && byte != b'k' && byte != b'i');
        if let [one, two] = lower[..]
            && plain
        {
            return Self::Beginning(one, two);
        }
        let mut grams: Vec<Gram> = lower
            .windows(3)
            .filter(|run| run.iter().all(|&byte| usable(byte)))
            .map(|run| gram_of(run[0], run[1], run[2]))
            .collect();
        grams.sort_unstable();
        grams.dedup();
        if grams.is_empty() { Self::Anything } else { Self::All(grams) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_asks_for_its_grams_in_lower_case() {
        let grams = |text: &str| match Wanted::of(text) {
            Wanted::All(grams) => grams.len(),
            Wanted::Beginning(..) => 2,
            Wanted::Anything => 0,
        };
        assert_eq!(Wanted::of("ABC"), Wanted::All(vec![gram_of(b'a', b'b', b'c')]));
        assert_eq!(grams("aaaaaa"), 1);
        assert_eq!(Wanted::of("X("), Wanted::Beginning(b'x', b'('));
        assert_eq!(Wanted::of("x"), Wanted::Anything);
        assert_eq!(Wanted::of("é"), Wanted::Anything);
        // `tra`, `ra?`…: of the non-ASCII word only what surely stays.
        assert_eq!(grams("straße"), 2);
        assert_eq!(grams("kiß"), 0);
    }
}
