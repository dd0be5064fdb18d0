//! Python: classes, functions, and constants in capitals outside of functions.

use super::Kind;
use super::code::{Code, Out};
use super::lexer::Rules;
use super::texts::Quote;

pub const RULES: Rules = Rules { double: Quote::Triple, single: Quote::Triple, ..Rules::HASHES };

/// A definition whose body is what is indented more.
struct Around<'a> {
    column: usize,
    class: bool,
    name: &'a [u8],
}

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut around: Vec<Around<'a>> = Vec::new();
    let mut at = 0;
    while at < code.len() {
        if !code.fresh(at) && !follows_colon(code, at) {
            at = code.next(at);
            continue;
        }
        let mut place = at;
        if code.word(place) == b"async" {
            place += 1;
        }
        let class = code.word(place) == b"class";
        if (class || code.word(place) == b"def") && code.is_word(place + 1) {
            let column = code.column(at);
            around.retain(|it| it.column < column);
            let within = around.last();
            let (kind, container) = match (class, within) {
                (true, it) => (Kind::Class, it.map_or(b"".as_slice(), |it| it.name)),
                (false, Some(it)) if it.class => (Kind::Method, it.name),
                (false, _) => (Kind::Function, b"".as_slice()),
            };
            out.put(place + 1, kind, container);
            around.push(Around { column, class, name: code.word(place + 1) });
            at = place + 2;
            continue;
        }
        let word = code.word(at);
        if word == b"type" && code.is_word(at + 1) && code.is(code.next_list(at + 2), b'=') {
            out.put(at + 1, Kind::Type, b"");
        } else if is_constant(word) && assigned(code, at + 1) {
            let column = code.column(at);
            around.retain(|it| it.column < column);
            if around.iter().all(|it| it.class) {
                out.put(at, Kind::Constant, around.last().map_or(b"", |it| it.name));
            }
        }
        at = code.next(at);
    }
}

/// `if x: NAME = 1` on one line.
fn follows_colon(code: Code<'_, '_>, at: usize) -> bool {
    at > 0 && (code.is(at - 1, b':') || code.is(at - 1, b';'))
}

fn is_constant(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_uppercase) && !word.iter().any(u8::is_ascii_lowercase)
}

/// Whether `= …` or `: T = …` stands there, and not `==`.
fn assigned(code: Code<'_, '_>, at: usize) -> bool {
    if code.is(at, b'=') {
        return !code.are(at, b"==");
    }
    code.is(at, b':')
        && code
            .seek(at + 1, 60, |it| code.fresh(it) || code.is(it, b'='))
            .is_some_and(|it| code.is(it, b'=') && !code.fresh(it))
}

impl Code<'_, '_> {
    /// Behind a list in brackets that may stand here.
    fn next_list(&self, at: usize) -> usize {
        if self.is(at, b'[') { self.next(at) } else { at }
    }
}
