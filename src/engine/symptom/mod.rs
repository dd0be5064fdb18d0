//! Reading what an engineer has in hand: a stack trace, log lines, a request that failed.
//!
//! Only text is looked at here, never the repository: `search/evidence/` finds the places. To add a
//! dialect of stack traces, add a file to `dialect/`.

mod dialect;
mod extent;
mod frame;
mod line;
mod message;
mod request;
mod structured;

pub use dialect::Dialect;
pub use extent::trace_around;
pub use frame::{Block, Frame};
pub use message::Message;
pub use request::Request;

use line::Line;

/// Most bytes that are read. Of a longer text the beginning and the end are.
pub const MOST_BYTES: usize = 1 << 20;
/// How many of these come from the beginning.
const HEAD_BYTES: usize = 256 << 10;
/// Most frames that are kept.
const MOST_FRAMES: usize = 2_000;
/// Most requests and messages that are kept, each.
const MOST_OTHERS: usize = 50;

/// What a text says of where to look.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Symptom {
    /// The dialect of most frames.
    pub dialect: Option<Dialect>,
    /// What went wrong, in the program's words.
    pub headline: Option<String>,
    /// The frames, in the order of the text.
    pub frames: Vec<Frame>,
    /// The exceptions that the frames belong to, the root cause of each chain first.
    pub blocks: Vec<Block>,
    /// Requests.
    pub requests: Vec<Request>,
    /// What was logged, or said by an exception: the root cause first.
    pub messages: Vec<Message>,
    /// Bytes in the middle that were not read.
    pub unread: usize,
}

impl Symptom {
    /// Whether the text is more than words: it has frames, requests, or the form of a log.
    pub fn is_evidence(&self) -> bool {
        !self.frames.is_empty()
            || !self.requests.is_empty()
            || self.messages.iter().any(|it| it.logged)
    }
}

/// Stands for the end of a line where a text of several lines is shown on one (U+2424, SYMBOL FOR
/// NEWLINE).
pub const LINE_END: char = '\u{2424}';
/// Most bytes of a text that is put on one line.
const MOST_ON_ONE_LINE: usize = 64 << 10;

/// A text of several lines as one line, as a field for a query takes it: without the sequences that
/// colour a terminal, with [`LINE_END`] between its lines. Of a long text its beginning and its end.
pub fn on_one_line(text: &str) -> String {
    // A terminal sends the lines of what is pasted with carriage returns.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_end();
    let half = MOST_ON_ONE_LINE / 2;
    let (head, tail) = if text.len() <= MOST_ON_ONE_LINE {
        (text, "")
    } else {
        let (head, tail) =
            (text.floor_char_boundary(half), text.ceil_char_boundary(text.len() - half));
        (text.get(..head).unwrap_or_default(), text.get(tail..).unwrap_or_default())
    };
    let mut out = String::with_capacity(head.len() + tail.len() + 4);
    for (place, part) in [head, tail].iter().filter(|it| !it.is_empty()).enumerate() {
        if place > 0 {
            out.push(LINE_END);
        }
        for (place, line) in part.split('\n').enumerate() {
            if place > 0 {
                out.push(LINE_END);
            }
            out.push_str(&line::without_escapes(line.trim_end_matches('\r')).replace('\t', "    "));
        }
    }
    out
}

/// Reads what was typed as a query, when it is a symptom and not only words: a trace, a request, a
/// line of a log. A single place such as `main.py:42` is a name.
pub fn of_query(typed: &str) -> Option<Symptom> {
    let lines = typed.contains(LINE_END) || typed.contains('\n');
    // What is shorter says nothing that words do not.
    let marked = typed.contains([':', '/', '(', '[', '=', '|', '@']);
    if typed.len() < 8 || (!lines && (!marked || !typed.contains([' ', '/']))) {
        return None;
    }
    let symptom = read(typed);
    let framed =
        symptom.messages.iter().any(|it| it.framed && it.text.split_whitespace().count() > 2);
    let traced = symptom.frames.iter().any(|it| it.dialect.is_some() || typed.trim().contains(' '));
    // A line in quotes is that text, even if it looks like a frame; a whole trace in quotes is one.
    let traced = traced && (symptom.frames.len() > 1 || !is_quoted(typed));
    let asked = symptom.requests.iter().any(|it| it.certain);
    (framed || traced || asked || (lines && symptom.is_evidence())).then_some(symptom)
}

/// Whether a text of one line stands in quotes as a whole.
fn is_quoted(typed: &str) -> bool {
    let typed = typed.trim();
    !typed.contains('\n')
        && ['\'', '"']
            .iter()
            .any(|&mark| typed.len() > 1 && typed.starts_with(mark) && typed.ends_with(mark))
}

/// Reads a text of any size and kind.
pub fn read(text: &str) -> Symptom {
    let broken;
    let text = if text.contains(LINE_END) {
        broken = text.replace(LINE_END, "\n");
        &broken
    } else {
        text
    };
    let (head, tail) = ends_of(text);
    let unread = text.len() - head.len() - tail.len();
    let lines: Vec<Line> = line::lines_of(&[head, tail]);
    let mut symptom = Symptom { unread, ..Symptom::default() };
    let traces = dialect::read(&lines);
    symptom.dialect = traces.dialect;
    symptom.frames = traces.frames;
    symptom.blocks = traces.blocks;
    symptom.headline = symptom.blocks.first().and_then(|it| it.message.clone());
    let mut plain = false;
    for (place, line) in lines.iter().enumerate() {
        let request = request::read(line);
        let asked = request.as_ref().is_some_and(|it| it.certain);
        if symptom.requests.len() < MOST_OTHERS
            && let Some(request) = request
            // A path alone is the frame's own.
            && (request.certain || !traces.taken.contains(&place))
            && !symptom.requests.contains(&request)
        {
            symptom.requests.push(request);
        }
        if traces.taken.contains(&place) || symptom.messages.len() >= MOST_OTHERS {
            continue;
        }
        // A line of an access log tells of its request, and is no message of the program's own.
        if asked && words_of(&line.text) < LEAST_WORDS {
            continue;
        }
        let message = message::read(line);
        plain |= !message.logged;
        if message.text.len() > 3 && !symptom.messages.contains(&message) {
            symptom.messages.push(message);
        }
    }
    // Beside a trace, what the exception says comes before what else was logged.
    for block in symptom.blocks.iter().rev() {
        if let Some(text) = &block.message {
            let said = message::of_text(text);
            if let Some(at) = symptom.messages.iter().position(|it| it.text.contains(&said.text)) {
                symptom.messages.remove(at);
            }
            symptom.messages.insert(0, said);
        }
    }
    if symptom.headline.is_none() {
        let asked = || symptom.requests.first().map(Request::shown);
        symptom.headline = symptom.messages.first().map(|it| it.text.clone()).or_else(asked);
    }
    // Single plain words are a query, not a log.
    if plain && lines.len() == 1 && symptom.frames.is_empty() {
        symptom.messages.iter_mut().for_each(|it| it.logged &= it.framed);
    }
    symptom
}

/// A line with a request has at least so many words if it is a message as well.
const LEAST_WORDS: usize = 5;

/// How many words of a sentence a text has: no paths, numbers, or words in capitals.
fn words_of(text: &str) -> usize {
    let plain = |word: &&str| {
        let letters = word.chars().filter(|it| it.is_alphabetic()).count();
        letters > 2
            && word.chars().any(char::is_lowercase)
            && !word.contains(|it: char| it.is_ascii_digit() || it == '/')
    };
    text.split_whitespace().filter(plain).count()
}

/// The beginning and the end of a text that are read; the end is empty for a short one.
fn ends_of(text: &str) -> (&str, &str) {
    if text.len() <= MOST_BYTES {
        return (text, "");
    }
    let line_at = |at: usize| {
        let at = text.floor_char_boundary(at);
        text.get(at..)
            .and_then(|rest| rest.find('\n').filter(|it| *it < 4096))
            .map_or(at, |it| at + it + 1)
    };
    let head = text.get(..line_at(HEAD_BYTES)).unwrap_or_default();
    let tail = text.get(line_at(text.len() - (MOST_BYTES - HEAD_BYTES))..).unwrap_or_default();
    (head, tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_in_quotes_is_that_text_and_a_trace_or_request_is_not() {
        assert!(of_query("  at ./src/a.rs:1:2").is_some());
        for text in ["'  at ./src/a.rs:1:2'", "\"  at ./src/a.rs:1:2\\na\""] {
            assert!(of_query(text).is_none(), "{text}");
        }
        for text in [
            "\"GET /api/users HTTP/1.1\"",
            "'  at ./src/a.rs:1:2\n  at ./src/b.rs:3:4'",
            "'  at ./src/a.rs:1:2' failed",
        ] {
            assert!(of_query(text).is_some(), "{text}");
        }
    }
}
