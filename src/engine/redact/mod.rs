//! Blanks secrets out of text before it is kept or handed on: what a name says is one, what has the
//! form of one, what stands in an address, and the values of the repository's `.env` files.
//!
//! One automaton finds where to look, small readers decide. The text may come in pieces of any size
//! ([`Stream`]): the result is that of the whole, and no more than a window of it is held. What is
//! replaced reads `[redacted: kind]` and is left alone by another pass. `shapes.rs` and `names.rs`
//! are the tables to add to.

mod assigned;
mod joined;
mod known;
mod names;
mod shapes;
mod span;
mod values;

use std::borrow::Cow;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use assigned::Window;
use joined::Joined;
use shapes::SHAPES;
use span::{Open, Span};

pub use shapes::{SHAPES as TOKEN_SHAPES, Set, Shape, is_random};
pub use values::{Values, values_of, values_of_all};

/// Bytes behind a place that decide about it.
const AHEAD: usize = 4096;
/// Bytes before a place that decide about it.
const BEHIND: usize = 512;
/// Bytes before a place at which what it stands for may begin.
const BACK: usize = 64;
/// Line breaks with their blanks, at the ends of a window.
const BREAK: usize = 80;
/// Bytes that are taken at once.
const STEP: usize = 64 << 10;

/// What replaces a secret begins so.
const MARK: &[u8] = b"[redacted: ";

/// What is to be read where a pattern was found.
#[derive(Debug, Clone, Copy)]
enum Look {
    Name,
    Shape(usize),
    WebToken,
    PrivateKey,
    Address,
    Scheme,
    Option,
    JoinedOption,
    Bot,
    Telegram,
    Mailchimp,
    Azure,
    /// A value of the repository's own.
    Value(usize),
}

/// Finds and replaces secrets. Cheap to clone.
#[derive(Clone)]
pub struct Redactor {
    rules: Arc<Rules>,
}

struct Rules {
    automaton: Option<AhoCorasick>,
    looks: Vec<Look>,
    values: Vec<Vec<u8>>,
}

impl Default for Redactor {
    fn default() -> Self {
        Self::new(&Values::default())
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Redactor({} values)", self.rules.values.len())
    }
}

impl Redactor {
    /// One that knows these values besides all names and forms.
    pub fn new(values: &Values) -> Self {
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        let mut looks = Vec::new();
        let mut add = |pattern: &[u8], look| {
            patterns.push(pattern.to_vec());
            looks.push(look);
        };
        for name in names::TRIGGERS {
            add(name.as_bytes(), Look::Name);
        }
        for (at, shape) in SHAPES.iter().enumerate() {
            add(shape.start.as_bytes(), Look::Shape(at));
        }
        add(b"eyJ", Look::WebToken);
        add(b"-----BEGIN ", Look::PrivateKey);
        add(b"://", Look::Address);
        for scheme in ["bearer", "basic"] {
            add(scheme.as_bytes(), Look::Scheme);
        }
        for option in ["-u ", "--user ", "-p ", "-a "] {
            add(option.as_bytes(), Look::Option);
        }
        add(b" -p", Look::JoinedOption);
        add(b".", Look::Bot);
        add(b":AA", Look::Telegram);
        add(b"-us", Look::Mailchimp);
        add(b"q~", Look::Azure);
        for (at, value) in values.all().iter().enumerate() {
            add(value, Look::Value(at));
        }
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(&patterns)
            .ok();
        Self { rules: Arc::new(Rules { automaton, looks, values: values.all().to_vec() }) }
    }

    /// The text without its secrets.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut out = Vec::with_capacity(text.len());
        let mut stream = self.stream();
        stream.push(text.as_bytes(), &mut out);
        if stream.finish(&mut out) == 0 {
            return Cow::Borrowed(text);
        }
        Cow::Owned(match String::from_utf8(out) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        })
    }

    /// A pass over a text that comes in pieces.
    pub fn stream(&self) -> Stream {
        Stream {
            rules: Arc::clone(&self.rules),
            held: Vec::new(),
            done: 0,
            hidden: 0,
            open: Vec::new(),
            looked: 0,
            found: Vec::new(),
            joined: Joined::default(),
            replaced: 0,
        }
    }
}

/// A pass over a text that comes in pieces.
pub struct Stream {
    rules: Arc<Rules>,
    /// The end of what came, from some way before what has been given out.
    held: Vec<u8>,
    /// Bytes of `held` that have been given out, or replaced.
    done: usize,
    /// The end in `held` of a replaced part whose sign has been given out.
    hidden: usize,
    /// How replaced parts go on that reached the end of `held`.
    open: Vec<Open>,
    /// Bytes of `held` at which nothing has to be looked for any more.
    looked: usize,
    /// What was found and begins behind what has been given out.
    found: Vec<Span>,
    joined: Joined,
    replaced: usize,
}

impl Stream {
    /// Takes the next piece, and appends to `out` what is known to be no secret.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        for part in piece.chunks(STEP) {
            self.held.extend_from_slice(part);
            if self.held.len() - self.done > 2 * (AHEAD + BACK + BREAK) {
                self.work(false, out);
            }
        }
    }

    /// Appends the rest. Tells how many secrets were replaced.
    pub fn finish(mut self, out: &mut Vec<u8>) -> usize {
        self.work(true, out);
        self.replaced
    }

    /// Bytes that are held back.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    fn work(&mut self, last: bool, out: &mut Vec<u8>) {
        let len = self.held.len();
        let known = if last { len } else { len.saturating_sub(AHEAD + BREAK) };
        let until = if last { len } else { known.saturating_sub(BACK) };
        let mut spans = std::mem::take(&mut self.found);
        self.look(known, &mut spans);
        spans.sort_by_key(|it| (it.start, std::cmp::Reverse(it.end)));
        // Where what went on before this piece ends.
        let mut open = Vec::new();
        for how in std::mem::take(&mut self.open) {
            self.hidden = self.hidden.max(self.go_on(self.hidden, how, &mut open));
        }
        let mut at = self.done;
        for span in spans {
            if span.start >= until && !last {
                self.found.push(span);
                continue;
            }
            if span.end <= self.done {
                continue;
            }
            let mut end = span.end;
            if let Some(how) = span.open {
                end = end.max(self.go_on(end, how, &mut open));
            }
            // A part of one that is hidden already makes that longer.
            if span.start >= self.hidden.max(self.done) {
                let from = at.max(self.hidden);
                out.extend_from_slice(self.held.get(from..span.start).unwrap_or_default());
                out.extend_from_slice(MARK);
                out.extend_from_slice(span.kind.as_bytes());
                out.push(b']');
                self.replaced += 1;
                at = span.start;
            }
            self.hidden = self.hidden.max(end);
        }
        let from = at.max(self.hidden);
        out.extend_from_slice(self.held.get(from..until).unwrap_or_default());
        self.open = open;
        self.done = until.max(at);
        self.looked = known;
        let gone = self.done.saturating_sub(BEHIND + BREAK + BACK);
        self.held.drain(..gone);
        self.done -= gone;
        self.looked -= gone;
        self.hidden = self.hidden.saturating_sub(gone);
        for span in &mut self.found {
            span.start -= gone;
            span.end -= gone;
        }
    }

    /// Where a part that goes on so ends; noted in `open` when that is not known yet.
    fn go_on(&self, from: usize, how: Open, open: &mut Vec<Open>) -> usize {
        let rest = self.held.get(from..).unwrap_or_default();
        if let Some(end) = rest.iter().position(|it| !how.holds(*it)) {
            let rest = rest.get(end..).unwrap_or_default();
            let mark = how == Open::Key && rest.starts_with(b"-----END ");
            let close = memchr::memmem::find(rest.get(9..).unwrap_or_default(), b"-----");
            from + end + if mark { close.map_or(rest.len(), |it| it + 14) } else { 0 }
        } else {
            if !open.contains(&how) {
                open.push(how);
            }
            self.held.len()
        }
    }

    /// Adds the secrets that are found at places up to `known` that have not been looked at.
    fn look(&mut self, known: usize, spans: &mut Vec<Span>) {
        let Some(automaton) = &self.rules.automaton else { return };
        self.joined.fill(&self.held);
        let marks = marks(&self.held);
        let text = &self.joined;
        for found in automaton.find_overlapping_iter(text.bytes()) {
            let (start, end) = (found.start(), found.end());
            let place = text.from(start);
            if place < self.looked || place >= known {
                continue;
            }
            // Nothing is read through the sign of an earlier pass: what it has left alone has to
            // be left alone again, though it stands nearer to other things now.
            let next = marks.partition_point(|it| it.1 <= place);
            let behind = next.checked_sub(1).and_then(|it| marks.get(it)).map_or(0, |it| it.1 - 1);
            let ahead = marks.get(next).map_or(usize::MAX, |it| it.0 + 1);
            let window = Window {
                text,
                from: text.at(place.saturating_sub(BEHIND).max(behind)),
                to: text.at((place + AHEAD).min(ahead)),
            };
            let Some(look) = self.rules.looks.get(found.pattern().as_usize()) else { continue };
            let span = match *look {
                Look::Name => assigned::find(window, start, end),
                Look::Shape(at) => SHAPES.get(at).and_then(|it| known::token(window, start, it)),
                Look::WebToken => known::web_token(window, start),
                Look::PrivateKey => known::private_key(window, start),
                Look::Address => known::address(window, start),
                Look::Scheme => known::scheme(window, start, end),
                Look::Option => known::option(window, start, end),
                Look::JoinedOption => known::joined_option(window, start),
                Look::Bot => known::bot(window, start),
                Look::Telegram => known::telegram(window, start),
                Look::Mailchimp => known::mailchimp(window, start),
                Look::Azure => known::azure(window, start),
                Look::Value(at) => {
                    let exact =
                        self.rules.values.get(at).is_some_and(|it| *it == window.part(start, end));
                    exact.then(|| Span::of(text, start, end, "value of .env"))
                }
            };
            let Some(span) = span else { continue };
            let clash = span.start < behind + 1 && behind > 0 || span.end >= ahead;
            if !clash && span.start < span.end {
                spans.push(span);
            }
        }
    }
}

/// Where signs of an earlier pass stand.
fn marks(text: &[u8]) -> Vec<(usize, usize)> {
    memchr::memmem::find_iter(text, MARK)
        .filter_map(|at| {
            let rest = text.get(at + MARK.len()..)?;
            let word = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b' ' | b'.');
            let end = rest.iter().take(40).take_while(|it| word(it)).count();
            if rest.get(end) != Some(&b']') {
                return None;
            }
            Some((at, at + MARK.len() + end + 1))
        })
        .collect()
}
