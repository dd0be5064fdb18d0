//! Output on its way from the pipes to whoever shows it: two threads read, one passes on.
//!
//! Between them lies one bounded batch. When it is full the readers leave out what comes, unread
//! but for its end, so that a flood costs neither memory nor much time; and when they have left out
//! [`SKIP`] bytes they wait, so that the pipe holds the program back. What a stream ended with is
//! never left out.

use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use sha2::{Digest, Sha256};

use crate::engine::commands::hex;
use crate::engine::output::{Line, Parser, Stream};

/// Lines of a batch.
const LINES: usize = 2000;

/// Bytes of text of a batch.
const BYTES: usize = 1 << 20;

/// Bytes that may be left out for each batch that is passed on.
const SKIP: usize = 8 << 20;

/// Bytes of the end of what is left out that are kept, in case that nothing follows.
const END: usize = 64 << 10;

/// Bytes of one read.
const PIECE: usize = 64 << 10;

/// Nanoseconds between two looks for room.
const LOOK: i64 = 8_000_000;

/// What is shared.
pub struct Flow {
    batch: Mutex<Batch>,
    changed: Condvar,
    feeds: [Mutex<Feed>; 2],
}

#[derive(Default)]
struct Batch {
    lines: Vec<Line>,
    bytes: usize,
    dropped: u64,
    /// Whether a line has grown that has not ended.
    grown: bool,
    /// Bytes left out since the last one was taken.
    skipped: usize,
    /// Readers that are at work.
    reading: usize,
    /// Nobody takes it any more.
    closed: bool,
    /// What the supervisor has said.
    said: Vec<String>,
    /// Whether the supervisor has ended.
    silent: bool,
}

impl Batch {
    fn has_some(&self) -> bool {
        !self.lines.is_empty() || self.dropped > 0 || self.grown
    }
}

struct Feed {
    parser: Parser,
    digest: Sha256,
}

/// What is passed on at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    /// Lines that have ended.
    pub lines: Vec<Line>,
    /// The lines that have not ended, at most one of each stream. They stand for the moment and are
    /// given again as they grow.
    pub open: Vec<Line>,
    /// Bytes that were left out before these lines.
    pub dropped_bytes: u64,
}

/// What the passing thread finds.
pub struct Seen {
    /// Whether there is something to take.
    pub some: bool,
    /// What the supervisor has said since the last time.
    pub said: Vec<String>,
    /// Whether the supervisor has ended.
    pub silent: bool,
    /// Whether both streams have ended.
    pub read: bool,
}

impl Flow {
    /// An empty one, for two readers.
    pub fn new() -> Self {
        let feed = |stream| Mutex::new(Feed { parser: Parser::new(stream), digest: Sha256::new() });
        Self {
            batch: Mutex::new(Batch { reading: 2, ..Batch::default() }),
            changed: Condvar::new(),
            feeds: [feed(Stream::Out), feed(Stream::Err)],
        }
    }

    fn batch(&self) -> MutexGuard<'_, Batch> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn feed(&self, stream: Stream) -> MutexGuard<'_, Feed> {
        let [out, err] = &self.feeds;
        let feed = if stream == Stream::Err { err } else { out };
        feed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something happens, at most so long.
    pub fn wait(&self, longest: Duration, for_lines: bool) -> Seen {
        let quiet = |it: &mut Batch| {
            let lines = for_lines && it.has_some();
            !lines && it.said.is_empty() && !(it.silent && it.reading == 0)
        };
        let waited = self.changed.wait_timeout_while(self.batch(), longest, quiet);
        let mut batch = waited.unwrap_or_else(PoisonError::into_inner).0;
        Seen {
            some: batch.has_some(),
            said: std::mem::take(&mut batch.said),
            silent: batch.silent,
            read: batch.reading == 0,
        }
    }

    /// Takes what there is, and gives the readers room again.
    pub fn take(&self) -> Lines {
        let mut batch = self.batch();
        let lines = std::mem::take(&mut batch.lines);
        let dropped_bytes = std::mem::take(&mut batch.dropped);
        (batch.bytes, batch.skipped, batch.grown) = (0, 0, false);
        drop(batch);
        self.changed.notify_all();
        let open = [Stream::Out, Stream::Err];
        let open = open.iter().filter_map(|&it| self.feed(it).parser.open()).collect();
        Lines { lines, open, dropped_bytes }
    }

    /// Lets the readers go, whatever is still to be read.
    pub fn close(&self) {
        self.batch().closed = true;
        self.changed.notify_all();
    }

    /// Bytes that were cut off from lines, and the digest of what was read.
    pub fn finish(&self) -> (u64, String) {
        let mut digest = Sha256::new();
        let mut cut = 0;
        for stream in [Stream::Out, Stream::Err] {
            let mut feed = self.feed(stream);
            cut += feed.parser.dropped();
            digest.update(std::mem::take(&mut feed.digest).finalize());
        }
        (cut, hex(&digest.finalize()))
    }

    /// Reads what the supervisor says, until it ends.
    pub fn listen(&self, line: &UnixStream) {
        use std::io::BufRead;
        let reader = std::io::BufReader::new(line);
        for said in reader.lines().map_while(Result::ok) {
            self.batch().said.push(said);
            self.changed.notify_all();
        }
        self.batch().silent = true;
        self.changed.notify_all();
    }

    /// Reads a stream to its end, or until `quit` closes.
    pub fn read(&self, pipe: impl AsFd, stream: Stream, quit: &UnixStream) {
        let mut reader = Reader { flow: self, stream, held: Vec::new(), torn: false };
        let mut piece = vec![0; PIECE];
        loop {
            let mut watched = [PollFd::new(&pipe, PollFlags::IN), PollFd::new(quit, PollFlags::IN)];
            // With lines in hand it is looked again and again whether there is room for them, so that
            // meanwhile the program can go on.
            let soon = Timespec { tv_sec: 0, tv_nsec: LOOK };
            match poll(&mut watched, Some(&soon).filter(|_| !reader.held.is_empty())) {
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => break,
                Ok(0) => {
                    if reader.has_room() {
                        reader.parse_held();
                    }
                    continue;
                }
                Ok(_) => {}
            }
            let [ready, over] = watched;
            if !over.revents().is_empty() || ready.revents().is_empty() {
                break;
            }
            match rustix::io::read(&pipe, &mut piece) {
                Ok(0) => break,
                Ok(read) => reader.take(piece.get(..read).unwrap_or_default()),
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => break,
            }
        }
        reader.end();
        self.batch().reading -= 1;
        self.changed.notify_all();
    }
}

/// One of the two.
struct Reader<'a> {
    flow: &'a Flow,
    stream: Stream,
    /// Bytes that were read and not yet looked at, because there was no room for their lines.
    held: Vec<u8>,
    /// Whether bytes before those were left out.
    torn: bool,
}

impl Reader<'_> {
    fn take(&mut self, piece: &[u8]) {
        if self.held.is_empty() {
            let read = self.parse(piece);
            self.hold(piece.get(read..).unwrap_or_default());
            return;
        }
        self.hold(piece);
        if self.has_room() {
            self.parse_held();
        }
    }

    fn has_room(&self) -> bool {
        let batch = self.flow.batch();
        batch.lines.len() < LINES && batch.bytes < BYTES
    }

    /// Waits until lines can be put; false when nobody takes them any more.
    fn wait_for_room(&self) -> bool {
        let full = |it: &mut Batch| (it.lines.len() >= LINES || it.bytes >= BYTES) && !it.closed;
        let batch = self.flow.changed.wait_while(self.flow.batch(), full);
        !batch.unwrap_or_else(PoisonError::into_inner).closed
    }

    /// Makes lines of it as long as there is room. Returns how many bytes were used.
    fn parse(&self, bytes: &[u8]) -> usize {
        let (mut lines, mut size) = (Vec::new(), 0);
        let (room, free) = {
            let batch = self.flow.batch();
            (LINES.saturating_sub(batch.lines.len()), BYTES.saturating_sub(batch.bytes))
        };
        if room == 0 || free == 0 {
            return 0;
        }
        let mut feed = self.flow.feed(self.stream);
        let used = feed.parser.feed(bytes, &mut |line| {
            size += line.text.len();
            lines.push(line);
            lines.len() < room && size < free
        });
        feed.digest.update(bytes.get(..used).unwrap_or_default());
        let grown = !feed.parser.is_at_start();
        drop(feed);
        let mut batch = self.flow.batch();
        batch.grown |= grown;
        drop(batch);
        self.put(lines, size);
        used
    }

    fn put(&self, lines: Vec<Line>, size: usize) {
        let mut batch = self.flow.batch();
        batch.bytes += size;
        batch.lines.extend(lines);
        drop(batch);
        self.flow.changed.notify_all();
    }

    /// Keeps bytes for later, and leaves out the oldest of those that are kept when they are many.
    fn hold(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
        if self.held.len() <= 2 * END {
            return;
        }
        let gone = self.held.len() - END;
        self.held.drain(..gone);
        self.torn = true;
        let mut batch = self.flow.batch();
        batch.dropped += gone as u64;
        batch.skipped += gone;
        // As much as may be left out: the program has to wait for whoever reads.
        let full = |it: &mut Batch| it.skipped >= SKIP && !it.closed;
        drop(self.flow.changed.wait_while(batch, full));
    }

    fn parse_held(&mut self) {
        let held = std::mem::take(&mut self.held);
        let mut rest = held.as_slice();
        if std::mem::take(&mut self.torn) {
            let broken = self.flow.feed(self.stream).parser.break_off();
            if let Some(line) = broken {
                let size = line.text.len();
                self.put(vec![line], size);
            }
            // The rest of a line whose beginning was left out says little, and may begin inside an
            // escape.
            if let Some(end) = memchr::memchr(b'\n', rest) {
                self.flow.batch().dropped += end as u64 + 1;
                rest = rest.get(end + 1..).unwrap_or_default();
            }
        }
        let used = self.parse(rest);
        let left = rest.get(used..).unwrap_or_default();
        self.held.extend_from_slice(left);
    }

    /// The stream has ended: what is held are its last lines, which are always shown.
    fn end(&mut self) {
        while !self.held.is_empty() {
            let ends: Vec<usize> = memchr::memrchr_iter(b'\n', &self.held).take(LINES).collect();
            if let Some(&first) = ends.last().filter(|_| ends.len() == LINES) {
                self.held.drain(..=first);
                self.torn = true;
                self.flow.batch().dropped += first as u64 + 1;
                let broken = self.flow.feed(self.stream).parser.break_off();
                // Whole lines are left: none of them is to be left out as the rest of one.
                self.torn = false;
                self.put(broken.into_iter().collect(), 0);
            }
            if !self.wait_for_room() {
                self.flow.batch().dropped += self.held.len() as u64;
                break;
            }
            self.parse_held();
        }
        let last = self.flow.feed(self.stream).parser.finish();
        self.put(last.into_iter().collect(), 0);
    }
}
