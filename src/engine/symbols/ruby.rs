//! Ruby: modules, classes, methods, constants, attributes.

use super::Kind;
use super::code::{Code, Out};
use super::lexer::{Rules, Value};
use super::texts::{Hook, Quote};

pub const RULES: Rules = Rules {
    double: Quote::Lines,
    single: Quote::Lines,
    back: Quote::Lines,
    value: Value::Hash,
    hook: Hook::Ruby,
    ..Rules::HASHES
};

/// A definition whose body is what is indented more.
struct Around<'a> {
    column: usize,
    method: bool,
    name: &'a [u8],
}

/// What defines a method for each symbol behind it.
const ATTRIBUTES: &[&[u8]] =
    &[b"attr_accessor", b"attr_reader", b"attr_writer", b"cattr_accessor", b"mattr_accessor"];

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut around: Vec<Around<'a>> = Vec::new();
    for at in 0..code.len() {
        let word = code.word(at);
        if word.is_empty() || at > 0 && matches!(code.mark(at - 1), b'.' | b':' | b'&') {
            continue;
        }
        // `class: "x"` is a keyword of a call.
        let labels = code.is(at + 1, b':') && code.touches(at + 1);
        if labels {
            continue;
        }
        let begins = code.fresh(at) || code.is(at - 1, b';');
        match word {
            b"class" | b"module" if begins || code.is(at.wrapping_sub(1), b'=') => {
                // `class << self` has no name of its own.
                let Some(name) = last_of_path(code, at + 1) else { continue };
                let column = leave(code, at, &mut around);
                let kind = if word == b"class" { Kind::Class } else { Kind::Module };
                out.put(name, kind, around.last().map_or(b"", |it| it.name));
                if begins {
                    around.push(Around { column, method: false, name: code.word(name) });
                }
            }
            b"def" => {
                let mut name = at + 1;
                if code.is(name + 1, b'.') && code.is_word(name) {
                    name += 2;
                }
                if !code.is_word(name) {
                    continue;
                }
                let column = leave(code, first_of_line(code, at), &mut around);
                let container = around.iter().rev().find(|it| !it.method);
                let container = container.map_or(b"".as_slice(), |it| it.name);
                let kind = if container.is_empty() { Kind::Function } else { Kind::Method };
                out.put_as(method_name(code, name), name, kind, container);
                around.push(Around { column, method: true, name: container });
            }
            b"define_method" => {
                let open = at + 1 + usize::from(code.is(at + 1, b'('));
                if code.is(open, b':') && code.is_word(open + 1) {
                    leave(code, first_of_line(code, at), &mut around);
                    let container = around.last().map_or(b"".as_slice(), |it| it.name);
                    out.put_as(method_name(code, open + 1), open + 1, Kind::Property, container);
                }
            }
            _ if begins && ATTRIBUTES.contains(&word) => {
                leave(code, at, &mut around);
                let container = around.last().map_or(b"".as_slice(), |it| it.name);
                let mut place = at + 1 + usize::from(code.is(at + 1, b'('));
                while code.is(place, b':') && code.is_word(place + 1) {
                    out.put_as(method_name(code, place + 1), place + 1, Kind::Property, container);
                    place += 2;
                    place += usize::from(matches!(code.mark(place), b'?' | b'!'));
                    if !code.is(place, b',') {
                        break;
                    }
                    place += 1;
                }
            }
            _ if begins
                && word.first().is_some_and(u8::is_ascii_uppercase)
                && code.is(at + 1, b'=')
                && !matches!(code.mark(at + 2), b'=' | b'>' | b'~') =>
            {
                leave(code, at, &mut around);
                if !around.iter().any(|it| it.method) {
                    out.put(at, Kind::Constant, around.last().map_or(b"", |it| it.name));
                }
            }
            _ => {}
        }
    }
}

/// Leaves what the token at `at` is not indented in; tells its column.
fn leave(code: Code<'_, '_>, at: usize, around: &mut Vec<Around<'_>>) -> usize {
    let column = code.column(at);
    around.retain(|it| it.column < column);
    column
}

/// The first token of the line: `private def x`.
fn first_of_line(code: Code<'_, '_>, mut at: usize) -> usize {
    for _ in 0..20 {
        if code.fresh(at) {
            break;
        }
        at -= 1;
    }
    at
}

/// The last name of `A::B::C`.
fn last_of_path(code: Code<'_, '_>, mut at: usize) -> Option<usize> {
    if code.are(at, b"::") {
        at += 2;
    }
    let mut name = code.is_word(at).then_some(at)?;
    while code.are(name + 1, b"::") && code.is_word(name + 3) {
        name += 3;
    }
    Some(name)
}

/// A method's name with its `?`, `!` or `=`.
fn method_name<'a>(code: Code<'a, '_>, at: usize) -> &'a [u8] {
    match code.byte_after(at) {
        b'?' | b'!' => code.bytes_and(at, 1),
        b'=' if code.is(at + 2, b'(') && code.touches(at + 2) => code.bytes_and(at, 1),
        _ => code.bytes(at),
    }
}
