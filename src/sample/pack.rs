//! A git pack with its index: all objects of the sample in two files.
//!
//! Loose objects would be seven hundred files, and creating those is what unpacking would spend
//! its time on. Nothing is stored as a difference: the whole history is small.

use std::collections::BTreeMap;
use std::io::Write as _;

use gix::ObjectId;
use gix::objs::Kind;
use gix::zlib::Compression;
use gix::zlib::stream::deflate;

use super::SampleError;
use super::repo::{HASH, failed};

const HEADER: usize = 12;

/// A pack in the making.
pub(super) struct Pack {
    bytes: Vec<u8>,
    entries: BTreeMap<ObjectId, Entry>,
}

struct Entry {
    offset: u32,
    crc: u32,
}

/// The two files, and the name they share.
pub(super) struct Finished {
    /// `pack-` and the checksum, without an extension.
    pub(super) name: String,
    /// The content of the `.pack` file.
    pub(super) pack: Vec<u8>,
    /// The content of the `.idx` file.
    pub(super) index: Vec<u8>,
}

impl Pack {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; HEADER], entries: BTreeMap::new() }
    }

    /// Adds an object, unless it is there already.
    pub(super) fn put(&mut self, kind: Kind, content: &[u8]) -> Result<ObjectId, SampleError> {
        let id = gix::objs::compute_hash(HASH, kind, content).map_err(failed)?;
        if self.entries.contains_key(&id) {
            return Ok(id);
        }
        let start = self.bytes.len();
        entry_header(kind, content.len(), &mut self.bytes);
        let mut out = deflate::Write::new(&mut self.bytes, Compression::BEST_SPEED);
        out.write_all(content).and_then(|()| out.flush()).map_err(failed)?;
        let crc = crc32(self.bytes.get(start..).unwrap_or_default());
        self.entries.insert(id, Entry { offset: start as u32, crc });
        Ok(id)
    }

    /// Closes the pack and describes it, in the order that version 2 of the index prescribes.
    pub(super) fn finish(self) -> Result<Finished, SampleError> {
        let mut pack = self.bytes;
        let count = self.entries.len() as u32;
        let header = [*b"PACK", 2_u32.to_be_bytes(), count.to_be_bytes()].concat();
        pack.splice(..HEADER, header);
        let checksum = digest(&pack)?;
        pack.extend_from_slice(checksum.as_slice());

        let mut index = vec![0xff, b't', b'O', b'c', 0, 0, 0, 2];
        for first in 0..=u8::MAX {
            let upto = self.entries.keys().filter(|id| id.first_byte() <= first).count();
            index.extend_from_slice(&(upto as u32).to_be_bytes());
        }
        self.entries.keys().for_each(|id| index.extend_from_slice(id.as_slice()));
        self.entries.values().for_each(|entry| index.extend_from_slice(&entry.crc.to_be_bytes()));
        self.entries.values().for_each(|entry| index.extend(entry.offset.to_be_bytes()));
        index.extend_from_slice(checksum.as_slice());
        let own = digest(&index)?;
        index.extend_from_slice(own.as_slice());
        Ok(Finished { name: format!("pack-{checksum}"), pack, index })
    }
}

fn digest(bytes: &[u8]) -> Result<ObjectId, SampleError> {
    let mut hasher = gix::hash::hasher(HASH);
    hasher.update(bytes);
    hasher.try_finalize().map_err(failed)
}

/// Kind and size: four bits of the size in the first byte, seven in each that follows.
fn entry_header(kind: Kind, size: usize, out: &mut Vec<u8>) {
    let kind = match kind {
        Kind::Commit => 1,
        Kind::Tree => 2,
        Kind::Blob => 3,
        Kind::Tag => 4,
    };
    let mut byte = kind << 4 | (size & 0b1111) as u8;
    let mut rest = size >> 4;
    while rest > 0 {
        out.push(byte | 0x80);
        byte = (rest & 0x7f) as u8;
        rest >>= 7;
    }
    out.push(byte);
}

fn crc32(bytes: &[u8]) -> u32 {
    let fold = |sum: u32| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
    !bytes
        .iter()
        .fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| fold(sum)))
}
