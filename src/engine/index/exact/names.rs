//! The names that files define, in a segment: each name with the files and lines of its definitions.
//!
//! Names are in lower case and in order. Sixteen of them make a block, in which a name says only
//! what differs from the one before:
//!
//! ```text
//! names u32   blocks u32   where each block begins u32 …
//! each name:  bytes shared with the one before, bytes that follow, these bytes,
//!             definitions, and for each of them the file's number, and the line with
//!             the kind in its lowest four bits
//! ```
//!
//! All of this are base-128 numbers, lowest seven bits first. A block's first name shares nothing.

use crate::engine::symbols::Kind;

use super::numbers::{number_at, push_number, u32_at};

/// Bits of a number that tell the kind, below the line.
const KIND_BITS: usize = 4;
/// Names in a block.
const BLOCK: usize = 16;

/// Where a name is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Definition {
    /// The file's number in its segment.
    pub file: u16,
    /// 1-based.
    pub line: u32,
    /// What is defined.
    pub kind: Kind,
}

/// Gathers names.
#[derive(Default)]
pub struct NamesBuilder {
    text: Vec<u8>,
    all: Vec<Gathered>,
}

struct Gathered {
    /// The first eight bytes, for quick comparison.
    head: u64,
    start: u32,
    len: u16,
    definition: Definition,
}

impl NamesBuilder {
    /// Adds a name in lower case.
    pub fn add(&mut self, name: &[u8], definition: Definition) {
        let mut head = [0; 8];
        let known = name.len().min(8);
        head[..known].copy_from_slice(&name[..known]);
        self.all.push(Gathered {
            head: u64::from_be_bytes(head),
            start: self.text.len() as u32,
            len: name.len() as u16,
            definition,
        });
        self.text.extend_from_slice(name);
    }

    /// Adds the names of another one, whose files come after the first `files`.
    pub fn absorb(&mut self, other: &Self, files: u16) {
        let start = self.text.len() as u32;
        self.text.extend_from_slice(&other.text);
        self.all.extend(other.all.iter().map(|it| {
            let definition = Definition { file: it.definition.file + files, ..it.definition };
            Gathered { start: it.start + start, definition, ..*it }
        }));
    }

    /// Bytes held while gathering.
    pub fn memory(&self) -> usize {
        self.text.len() + self.all.len() * size_of::<Gathered>()
    }

    /// The section; the builder is empty afterwards.
    pub fn finish(&mut self) -> Vec<u8> {
        let (text, mut all) = (std::mem::take(&mut self.text), std::mem::take(&mut self.all));
        let name_of =
            |it: &Gathered| &text[it.start as usize..it.start as usize + usize::from(it.len)];
        all.sort_unstable_by(|one, other| {
            one.head
                .cmp(&other.head)
                .then_with(|| name_of(one).cmp(name_of(other)))
                .then_with(|| one.definition.cmp(&other.definition))
        });
        let mut blocks: Vec<u32> = Vec::new();
        let mut out = Vec::new();
        let mut names = 0usize;
        let mut before: &[u8] = &[];
        for group in
            all.chunk_by(|one, other| one.head == other.head && name_of(one) == name_of(other))
        {
            let Some(name) = group.first().map(name_of) else { continue };
            if names.is_multiple_of(BLOCK) {
                blocks.push(out.len() as u32);
                before = &[];
            }
            names += 1;
            let shared = before.iter().zip(name).take_while(|(one, other)| one == other).count();
            push_number(&mut out, shared);
            push_number(&mut out, name.len() - shared);
            out.extend_from_slice(&name[shared..]);
            push_number(&mut out, group.len());
            for it in group {
                push_number(&mut out, usize::from(it.definition.file));
                let (line, kind) = (it.definition.line as usize, it.definition.kind);
                push_number(&mut out, line << KIND_BITS | usize::from(kind.number()));
            }
            before = name;
        }
        let mut section = Vec::with_capacity(8 + blocks.len() * 4 + out.len());
        section.extend_from_slice(&(names as u32).to_le_bytes());
        section.extend_from_slice(&(blocks.len() as u32).to_le_bytes());
        for block in blocks {
            section.extend_from_slice(&block.to_le_bytes());
        }
        section.extend_from_slice(&out);
        section
    }
}

/// The section of an opened segment. Where it is damaged, it ends.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    section: &'a [u8],
    blocks: usize,
    entries_at: usize,
}

impl<'a> Names<'a> {
    /// Reads the section's head.
    pub fn of(section: &'a [u8]) -> Option<Self> {
        let blocks = u32_at(section, 4)? as usize;
        let entries_at = 8usize.checked_add(blocks.checked_mul(4)?)?;
        (entries_at <= section.len()).then_some(Self { section, blocks, entries_at })
    }

    fn block(&self, number: usize) -> Option<Cursor<'a>> {
        let at = self.entries_at + u32_at(self.section, 8 + number * 4)? as usize;
        Some(Cursor { section: self.section, at, name: Vec::new(), definitions: 0..0, count: 0 })
    }

    /// All names, in order.
    pub fn all(&self) -> Option<Cursor<'a>> {
        self.block(0)
    }

    /// The names from `name` on.
    pub fn from(&self, name: &[u8]) -> Option<Cursor<'a>> {
        // The last block whose first name is not above.
        let (mut low, mut high) = (0, self.blocks);
        while low < high {
            let middle = usize::midpoint(low, high);
            let mut cursor = self.block(middle)?;
            if cursor.advance() && cursor.name() <= name { low = middle + 1 } else { high = middle }
        }
        let mut cursor = self.block(low.saturating_sub(1))?;
        loop {
            let before = cursor.clone();
            if !cursor.advance() || cursor.name() >= name {
                return Some(before);
            }
        }
    }
}

/// Goes through names in order.
#[derive(Clone)]
pub struct Cursor<'a> {
    section: &'a [u8],
    at: usize,
    name: Vec<u8>,
    definitions: std::ops::Range<usize>,
    count: usize,
}

impl Cursor<'_> {
    /// The next name; false at the end.
    pub fn advance(&mut self) -> bool {
        self.step().is_some()
    }

    fn step(&mut self) -> Option<()> {
        let mut at = self.at;
        let shared = number_at(self.section, &mut at)?;
        let more = number_at(self.section, &mut at)?;
        let rest = self.section.get(at..at.checked_add(more)?)?;
        if shared > self.name.len() {
            return None;
        }
        self.name.truncate(shared);
        self.name.extend_from_slice(rest);
        at += more;
        self.count = number_at(self.section, &mut at)?;
        let start = at;
        for _ in 0..self.count.checked_mul(2)? {
            number_at(self.section, &mut at)?;
        }
        self.definitions = start..at;
        self.at = at;
        Some(())
    }

    /// The name it is at.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Where that is defined.
    pub fn definitions(&self) -> impl Iterator<Item = Definition> {
        let mut at = self.definitions.start;
        (0..self.count).map_while(move |_| {
            let file = u16::try_from(number_at(self.section, &mut at)?).ok()?;
            let number = number_at(self.section, &mut at)?;
            let kind = Kind::of_number((number & ((1 << KIND_BITS) - 1)) as u8)?;
            Some(Definition { file, line: (number >> KIND_BITS) as u32, kind })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn names_come_back_in_order(
            given in proptest::collection::vec(("[ab_]{1,12}", any::<u16>(), 1u32..9999), 0..200),
            wanted in "[ab_]{0,4}",
        ) {
            let mut builder = NamesBuilder::default();
            let mut expected: BTreeMap<Vec<u8>, Vec<Definition>> = BTreeMap::new();
            for (name, file, line) in &given {
                let definition = Definition { file: *file, line: *line, kind: Kind::Method };
                builder.add(name.as_bytes(), definition);
                expected.entry(name.clone().into_bytes()).or_default().push(definition);
            }
            for it in expected.values_mut() {
                it.sort_unstable();
            }
            let section = builder.finish();
            let names = Names::of(&section).unwrap();
            let mut found = BTreeMap::new();
            let mut cursor = names.all();
            while let Some(it) = cursor.as_mut()
                && it.advance()
            {
                found.insert(it.name().to_vec(), it.definitions().collect::<Vec<_>>());
            }
            prop_assert_eq!(&found, &expected);
            let first = names.from(wanted.as_bytes()).and_then(|mut it| it.advance().then(|| it.name().to_vec()));
            let least = expected.range(wanted.clone().into_bytes()..).next().map(|it| it.0.clone());
            prop_assert_eq!(first, least);
        }

        #[test]
        fn damage_ends_it(mut section in proptest::collection::vec(any::<u8>(), 0..300), blocks in 0u8..4) {
            if section.len() > 8 {
                section[4..8].copy_from_slice(&[blocks, 0, 0, 0]);
            }
            if let Some(names) = Names::of(&section) {
                for cursor in [names.all(), names.from(b"m")] {
                    let Some(mut cursor) = cursor else { continue };
                    let mut seen = 0;
                    while cursor.advance() && seen < 1000 {
                        seen += 1;
                        cursor.definitions().count();
                    }
                }
            }
        }
    }
}
