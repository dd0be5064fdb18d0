//! Byte strings by number: each is kept once, and found again by its bytes.

use std::hash::{BuildHasher, RandomState};

/// Byte strings, numbered in the order in which they first came.
#[derive(Debug, Clone, Default)]
pub struct Names {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<u32>,
    /// Numbers plus one, by hash, with free places in between; a power of two long.
    table: Vec<u32>,
    /// Keyed anew in every run: nobody can choose names that collide.
    hasher: RandomState,
}

impl Names {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all together.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes of a number; nothing for one that was not given.
    pub fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = match number.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(0),
            None => 0,
        };
        let end = self.ends.get(number).copied().unwrap_or(0);
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The number of a name, if it is there.
    pub fn find(&self, name: &[u8]) -> Option<u32> {
        if self.table.is_empty() {
            return None;
        }
        match self.table.get(self.place(name))? {
            0 => None,
            number => Some(number - 1),
        }
    }

    /// The number of a name, which is added when it is new.
    pub fn add(&mut self, name: &[u8]) -> u32 {
        if self.table.len() < (self.len() + 1) * 2 {
            self.grow();
        }
        let place = self.place(name);
        match self.table.get_mut(place) {
            Some(number) if *number != 0 => *number - 1,
            free => {
                let number = self.ends.len() as u32;
                if let Some(free) = free {
                    *free = number + 1;
                }
                self.bytes.extend_from_slice(name);
                self.ends.push(self.bytes.len() as u32);
                number
            }
        }
    }

    /// The names as they are kept: where each ends, and the bytes.
    pub fn parts(&self) -> (&[u32], &[u8]) {
        (&self.ends, &self.bytes)
    }

    /// Names from their parts; `None` when these do not fit.
    pub fn from_parts(ends: Vec<u32>, bytes: Vec<u8>) -> Option<Self> {
        let last = ends.last().copied().unwrap_or(0);
        if last as usize != bytes.len() || !ends.is_sorted() {
            return None;
        }
        let mut names = Self { bytes, ends, ..Self::default() };
        names.grow();
        Some(names)
    }

    /// Where a name is in the table, or would be.
    fn place(&self, name: &[u8]) -> usize {
        let mask = self.table.len().wrapping_sub(1);
        let mut place = self.hasher.hash_one(name) as usize & mask;
        while let Some(&number) = self.table.get(place)
            && number != 0
            && self.get(number - 1) != name
        {
            place = (place + 1) & mask;
        }
        place
    }

    fn grow(&mut self) {
        let wanted = ((self.len() + 1) * 4).next_power_of_two().max(64);
        self.table = vec![0; wanted];
        for number in 0..self.ends.len() as u32 {
            let place = self.place(self.get(number));
            if let Some(free) = self.table.get_mut(place) {
                *free = number + 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_one_number() {
        let mut names = Names::default();
        assert_eq!(names.find(b"a"), None);
        for round in 0..2 {
            for number in 0..1000_u32 {
                let name = format!("folder/{number}");
                assert_eq!(names.add(name.as_bytes()), number, "round {round}");
            }
        }
        assert_eq!(
            (names.len(), names.get(7), names.get(1000)),
            (1000, &b"folder/7"[..], &b""[..])
        );
        let (ends, bytes) = names.parts();
        let again = Names::from_parts(ends.to_vec(), bytes.to_vec()).unwrap();
        assert_eq!((again.find(b"folder/999"), again.find(b"folder/1000")), (Some(999), None));
        assert!(Names::from_parts(vec![2, 1], vec![0]).is_none());
    }
}
