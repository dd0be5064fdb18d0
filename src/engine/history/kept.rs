//! The history as it was when navi last read it: a file beside the index.
//!
//! Lists of fixed-size items with their lengths before them, little-endian, and a sum over all at
//! the end. It holds nothing that git does not: when it is damaged or of another form, it is as if
//! there were none.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use super::log::{Id, Log, Rename, Row};
use super::names::Names;
use super::{History, Tag};

/// Its name in the index folder.
pub const NAME: &str = "history";

/// Raised with every change of its form, or of what is read into it.
const MAGIC: &[u8; 8] = b"navi hs1";
/// Bytes of a row.
const ROW: usize = 20 + 8 + 4 + 4 + 2 + 2 + 4 + 1 + 1 + 4 + 1 + 4;
/// Bytes of a file that are read at most.
const LARGEST: u64 = 1 << 30;

/// Keeps a history in `folder`.
pub fn save(folder: &Path, history: &History) -> io::Result<()> {
    let log = &history.log;
    let mut out = Vec::with_capacity(log.texts.len() + log.rows.len() * 120);
    out.extend_from_slice(MAGIC);
    out.push(u8::from(history.head.is_some()));
    out.extend_from_slice(&history.head.unwrap_or_default());
    put_length(&mut out, log.rows.len());
    for row in &log.rows {
        put_row(&mut out, row);
    }
    put_bytes(&mut out, log.texts.as_bytes());
    put_length(&mut out, log.parents.len());
    log.parents.iter().for_each(|it| out.extend_from_slice(it));
    put_numbers(&mut out, log.changes.iter().copied(), log.changes.len());
    let renames = log.renames.iter().flat_map(|it| [it.row, it.from, it.to]);
    put_numbers(&mut out, renames, log.renames.len() * 3);
    for names in [&log.paths, &log.authors] {
        let (ends, bytes) = names.parts();
        put_numbers(&mut out, ends.iter().copied(), ends.len());
        put_bytes(&mut out, bytes);
    }
    put_length(&mut out, history.tags.len());
    for tag in history.tags.iter() {
        put_bytes(&mut out, tag.name.as_bytes());
        out.extend_from_slice(&tag.commit);
        out.extend_from_slice(&tag.time.to_le_bytes());
    }
    out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&out)?;
    file.persist(folder.join(NAME))?;
    Ok(())
}

/// The history that was kept in `folder`; `None` when there is none to be relied on.
pub fn load(folder: &Path) -> Option<History> {
    let path = folder.join(NAME);
    if fs::metadata(&path).ok()?.len() > LARGEST {
        return None;
    }
    let bytes = fs::read(&path).ok()?;
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    if u32::from_le_bytes(*sum) != crc32fast::hash(body) {
        return None;
    }
    let mut rest = body.strip_prefix(MAGIC)?;
    let rest = &mut rest;
    let (has_head, head) = (take::<1>(rest)?[0] != 0, take::<20>(rest)?);
    let mut log = Log::default();
    let rows = take_length(rest, ROW)?;
    log.rows.reserve(rows);
    for _ in 0..rows {
        log.rows.push(take_row(rest)?);
    }
    log.texts = String::from_utf8(take_bytes(rest)?.to_vec()).ok()?;
    for _ in 0..take_length(rest, 20)? {
        log.parents.push(take::<20>(rest)?);
    }
    log.changes = take_numbers(rest)?;
    let renames = take_numbers(rest)?;
    log.renames = renames
        .chunks_exact(3)
        .filter_map(|it| Some(Rename { row: *it.first()?, from: *it.get(1)?, to: *it.get(2)? }))
        .collect();
    log.paths = take_names(rest)?;
    log.authors = take_names(rest)?;
    let mut tags = Vec::new();
    for _ in 0..take_length(rest, 32)? {
        let name = String::from_utf8(take_bytes(rest)?.to_vec()).ok()?;
        let commit: Id = take::<20>(rest)?;
        tags.push(Tag { name, commit, time: i64::from_le_bytes(take::<8>(rest)?) });
    }
    log.renumber();
    Some(History::of_head(Arc::new(log), has_head.then_some(head), tags))
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    out.extend_from_slice(&(length as u32).to_le_bytes());
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_length(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn put_numbers(out: &mut Vec<u8>, numbers: impl Iterator<Item = u32>, length: usize) {
    put_length(out, length);
    numbers.for_each(|it| out.extend_from_slice(&it.to_le_bytes()));
}

fn put_row(out: &mut Vec<u8>, row: &Row) {
    out.extend_from_slice(&row.id);
    out.extend_from_slice(&row.time.to_le_bytes());
    out.extend_from_slice(&row.author.to_le_bytes());
    out.extend_from_slice(&row.text.to_le_bytes());
    out.extend_from_slice(&row.subject.to_le_bytes());
    out.extend_from_slice(&row.body.to_le_bytes());
    out.extend_from_slice(&row.parents.to_le_bytes());
    out.extend_from_slice(&[row.parent_count, row.flags]);
    out.extend_from_slice(&row.changes.to_le_bytes());
    out.push(row.listed);
    out.extend_from_slice(&row.total.to_le_bytes());
}

fn take<const LENGTH: usize>(rest: &mut &[u8]) -> Option<[u8; LENGTH]> {
    let (found, after) = rest.split_first_chunk::<LENGTH>()?;
    *rest = after;
    Some(*found)
}

/// A length; `None` when fewer bytes are left than so many items of this size need.
fn take_length(rest: &mut &[u8], size: usize) -> Option<usize> {
    let length = u32::from_le_bytes(take(rest)?) as usize;
    (length.checked_mul(size)? <= rest.len()).then_some(length)
}

fn take_bytes<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = take_length(rest, 1)?;
    let (found, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(found)
}

fn take_numbers(rest: &mut &[u8]) -> Option<Vec<u32>> {
    let length = take_length(rest, 4)?;
    let (found, after) = rest.split_at_checked(length * 4)?;
    *rest = after;
    let (numbers, _) = found.as_chunks::<4>();
    Some(numbers.iter().map(|it| u32::from_le_bytes(*it)).collect())
}

fn take_names(rest: &mut &[u8]) -> Option<Names> {
    let ends = take_numbers(rest)?;
    Names::from_parts(ends, take_bytes(rest)?.to_vec())
}

fn take_row(rest: &mut &[u8]) -> Option<Row> {
    let id = take(rest)?;
    let time = i64::from_le_bytes(take(rest)?);
    let author = u32::from_le_bytes(take(rest)?);
    let text = u32::from_le_bytes(take(rest)?);
    let subject = u16::from_le_bytes(take(rest)?);
    let body = u16::from_le_bytes(take(rest)?);
    let parents = u32::from_le_bytes(take(rest)?);
    let [parent_count, flags] = take(rest)?;
    let changes = u32::from_le_bytes(take(rest)?);
    let [listed] = take(rest)?;
    let total = u32::from_le_bytes(take(rest)?);
    Some(Row {
        id,
        time,
        author,
        text,
        subject,
        body,
        parents,
        parent_count,
        flags,
        changes,
        listed,
        total,
    })
}
