//! Go: functions, methods, types, the methods of interfaces, constants and variables of packages.

use super::Kind;
use super::code::{Code, Inside, Out, Scopes};
use super::lexer::Rules;
use super::texts::Quote;

pub const RULES: Rules = Rules { back: Quote::Plain, ..Rules::BRACES };

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut scopes = Scopes::file(Inside::Space);
    let mut at = 0;
    while at < code.len() {
        scopes.leave(at);
        let top = scopes.top();
        if top.inside == Inside::Interface {
            if (code.fresh(at) || code.is(at - 1, b'{') || code.is(at - 1, b';'))
                && code.is_word(at)
                && code.is(at + 1, b'(')
            {
                out.put(at, Kind::Method, top.name);
            }
            at = code.next(at);
            continue;
        }
        let begins = code.fresh(at) || at > 0 && code.is(at - 1, b';');
        if !begins {
            at += 1;
            continue;
        }
        let file = top.inside == Inside::Space;
        match code.word(at) {
            b"func" if file => at = function(code, at, out, &mut scopes),
            b"type" => at = each(code, at, &mut |at| one_type(code, at, out, &mut scopes)),
            b"const" | b"var" if file => {
                let constant = code.word(at) == b"const";
                let kind = if constant { Kind::Constant } else { Kind::Property };
                each(code, at, &mut |at| values(code, at, kind, out));
                at += 1;
            }
            _ => at += 1,
        }
    }
}

fn function<'a>(
    code: Code<'a, '_>,
    at: usize,
    out: &mut Out<'a, '_, '_>,
    scopes: &mut Scopes<'a>,
) -> usize {
    let mut name = at + 1;
    let mut receiver: &[u8] = b"";
    if code.is(name, b'(') {
        let close = code.close(name);
        // (s *Server[T]): the last word before the type's parameters.
        let end = code.seek(name + 1, 20, |it| it >= close || code.is(it, b'[')).unwrap_or(close);
        receiver = code.word(end - 1);
        name = code.next(name);
    }
    if code.is_word(name) {
        let kind = if receiver.is_empty() { Kind::Function } else { Kind::Method };
        out.put(name, kind, receiver);
    }
    // The body is what opens on the line where the signature ends.
    let body = code.seek(name + 1, 200, |it| code.is(it, b'{') || code.fresh(it));
    match body {
        Some(body)
            if code.is(body, b'{') && !matches!(code.word(body - 1), b"interface" | b"struct") =>
        {
            scopes.enter(code.close(body), Inside::Code, b"");
            body + 1
        }
        _ => name + 1,
    }
}

/// What a keyword says of one thing, or of several in brackets; where the rest begins.
fn each(code: Code<'_, '_>, at: usize, one: &mut dyn FnMut(usize) -> Option<usize>) -> usize {
    if !code.is(at + 1, b'(') {
        return one(at + 1).unwrap_or(at + 1);
    }
    let close = code.mate(at + 1);
    let mut place = at + 2;
    while place < close {
        let begins = code.fresh(place) || code.is(place - 1, b';') || place == at + 2;
        if begins && let Some(inner) = one(place) {
            // A type with a body: go on inside of the scanner, which knows where that ends.
            place = code.next(inner - 1).max(inner);
            continue;
        }
        place = code.next(place);
    }
    close
}

fn one_type<'a>(
    code: Code<'a, '_>,
    at: usize,
    out: &mut Out<'a, '_, '_>,
    scopes: &mut Scopes<'a>,
) -> Option<usize> {
    if !code.is_word(at) {
        return None;
    }
    let mut place = at + 1;
    if code.is(place, b'[') && code.is_word(place + 1) && code.mate(place) > place + 2 {
        place = code.next(place);
    }
    if code.is(place, b'=') {
        place += 1;
    }
    let kind = match code.word(place) {
        b"struct" => Kind::Class,
        b"interface" => Kind::Interface,
        _ => Kind::Type,
    };
    out.put(at, kind, b"");
    if kind == Kind::Interface && code.is(place + 1, b'{') {
        let close = code.close(place + 1);
        let name = code.word(at);
        let mut member = place + 2;
        while member < close {
            let begins = code.fresh(member) || matches!(code.mark(member - 1), b'{' | b';');
            if begins && code.is_word(member) && code.is(member + 1, b'(') {
                out.put(member, Kind::Method, name);
            }
            member = code.next(member);
        }
        return Some(close + 1);
    }
    let _ = scopes;
    None
}

/// `A, B T = …`: the names before the type.
fn values<'a>(
    code: Code<'a, '_>,
    at: usize,
    kind: Kind,
    out: &mut Out<'a, '_, '_>,
) -> Option<usize> {
    let mut place = at;
    while code.is_word(place) {
        if code.word(place) != b"_" {
            out.put(place, kind, b"");
        }
        if !code.is(place + 1, b',') {
            break;
        }
        place += 2;
    }
    None
}
