//! Dart: classes, mixins, extensions, enumerations, functions, methods, constants.

use super::Kind;
use super::code::{Code, Inside, Out, Scopes};
use super::lexer::{Rules, Value};
use super::texts::{Hook, Quote};

pub const RULES: Rules = Rules {
    nested: true,
    double: Quote::Triple,
    single: Quote::Triple,
    value: Value::Dollar,
    dollar: true,
    hook: Hook::Dart,
    ..Rules::BRACES
};

/// Words that stand before brackets and name no function.
const NO_NAMES: &[&[u8]] = &[
    b"if",
    b"for",
    b"while",
    b"switch",
    b"return",
    b"catch",
    b"assert",
    b"await",
    b"throw",
    b"super",
    b"this",
    b"in",
    b"is",
    b"as",
    b"else",
    b"case",
    b"when",
    b"yield",
    b"new",
    b"const",
    b"Function",
    b"do",
    b"on",
    b"try",
    b"finally",
];

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut scopes = Scopes::file(Inside::Space);
    let mut at = 0;
    while at < code.len() {
        scopes.leave(at);
        let top = scopes.top();
        if let Some(next) = declared(code, at, &mut scopes, out) {
            at = next;
            continue;
        }
        let begins = at == 0 || matches!(code.mark(at - 1), b';' | b'{' | b'}');
        if !begins {
            at += 1;
            continue;
        }
        at = statement(code, at, top.inside, top.name, &mut scopes, out);
    }
}

fn declared<'a>(
    code: Code<'a, '_>,
    at: usize,
    scopes: &mut Scopes<'a>,
    out: &mut Out<'a, '_, '_>,
) -> Option<usize> {
    let mut name = at + 1;
    if code.is(at.wrapping_sub(1), b'.') || scopes.top().inside == Inside::Code {
        return None;
    }
    let (kind, inside) = match code.word(at) {
        b"class" | b"mixin" if code.word(name) != b"class" => (Kind::Class, Inside::Type),
        b"extension" => {
            name += usize::from(code.word(name) == b"type");
            (Kind::Class, Inside::Type)
        }
        b"enum" => (Kind::Enum, Inside::Enum),
        b"typedef" => {
            let end = code.seek(name, 80, |it| matches!(code.mark(it), b';' | b'='))?;
            if code.is(end, b'=') {
                out.put(name, Kind::Type, b"");
            } else {
                let open = code.seek(name, 80, |it| code.is(it, b'('))?;
                out.put(open - 1, Kind::Type, b"");
            }
            return Some(end + 1);
        }
        _ => return None,
    };
    let ends = |it: usize| matches!(code.mark(it), b'{' | b';' | b'=' | b'}');
    let body = code.seek(name, 300, ends)?;
    let unnamed = code.word(at) == b"extension" && code.word(name) == b"on";
    if !code.is_word(name) || code.is(body, b'}') {
        return None;
    }
    if !unnamed {
        out.put(name, kind, b"");
    }
    if !code.is(body, b'{') {
        return Some(body + 1);
    }
    let close = code.close(body);
    scopes.enter(close, inside, code.word(name));
    if inside == Inside::Enum {
        let close = code.mate(body);
        let mut place = body + 1;
        let mut begins = true;
        while place < close && !code.is(place, b';') {
            if code.is(place, b'@') {
                place += 2;
                if code.is(place, b'(') {
                    place = code.next(place);
                }
                continue;
            }
            if begins && code.is_word(place) {
                out.put(place, Kind::Constant, code.word(name));
            }
            begins = code.is(place, b',');
            place = code.next(place);
        }
        return Some(place.max(body) + 1);
    }
    Some(body + 1)
}

/// A statement or member that begins at `at`; where the scanner goes on.
fn statement<'a>(
    code: Code<'a, '_>,
    start: usize,
    inside: Inside,
    container: &'a [u8],
    scopes: &mut Scopes<'a>,
    out: &mut Out<'a, '_, '_>,
) -> usize {
    let local = inside == Inside::Code;
    let method = matches!(inside, Inside::Type | Inside::Enum);
    let kind = if method { Kind::Method } else { Kind::Function };
    let mut at = start;
    let mut constant = false;
    let mut words = 0usize;
    for _ in 0..60 {
        let word = code.word(at);
        if code.is(at, b'@') {
            at += 2;
            while code.is(at, b'.') {
                at += 2;
            }
            if code.is(at, b'(') && code.touches(at) {
                at = code.next(at);
            }
            continue;
        }
        match word {
            b"const" => constant = true,
            b"final" => constant = true,
            b"class" | b"mixin" | b"enum" | b"extension" | b"typedef" if !local && at > start => {
                return at;
            }
            b"operator" => {
                let body =
                    code.seek(at, 60, |it| matches!(code.mark(it), b'{' | b';')).unwrap_or(at);
                if code.is(body, b'{') {
                    scopes.enter(code.close(body), Inside::Code, b"");
                }
                return body + 1;
            }
            b"get" | b"set" if code.is_word(at + 1) && !code.is(at + 1, b'(') => {
                out.put(at + 1, kind, container);
                return enter(code, at + 2, scopes);
            }
            b"" => {}
            _ => words += 1,
        }
        match code.mark(at) {
            b'<' => {
                let after = code.angles(at);
                if after == at {
                    return start + 1;
                }
                at = after;
                continue;
            }
            b'(' => {
                let mut name = at.wrapping_sub(1);
                if code.is(name, b'>') {
                    let open = (start..name)
                        .rev()
                        .take(60)
                        .find(|it| code.is(*it, b'<') && code.angles(*it) == at);
                    name = open.map_or(name, |it| it.wrapping_sub(1));
                }
                let after = code.next(at);
                if !code.is_word(name) || name < start || code.word(name) == b"Function" {
                    // A record, or a function's type.
                    if code.is_word(name) || name.wrapping_add(1) == start || words == 0 {
                        words += 1;
                        at = after;
                        continue;
                    }
                    return start + 1;
                }
                let named = code.is(name.wrapping_sub(1), b'.');
                if NO_NAMES.contains(&code.word(name)) || named && local {
                    return start + 1;
                }
                let ends = |it: usize| {
                    matches!(code.mark(it), b'{' | b';' | b'}' | b',') || code.are(it, b"=>")
                };
                let opens = code.is(after, b'{')
                    || code.are(after, b"=>")
                    || matches!(code.word(after), b"async" | b"sync");
                let declared = opens || !local && matches!(code.mark(after), b';' | b':' | b'=');
                if !declared || local && words < 1 {
                    return start + 1;
                }
                let constructs = named || code.word(name) == container;
                if !constructs {
                    out.put(name, kind, container);
                }
                let body = code.seek(after, 200, ends).unwrap_or(after);
                return enter(code, body, scopes);
            }
            b'=' => {
                if constant && !local && code.is_word(at - 1) {
                    let shared =
                        inside == Inside::Space || (start..at).any(|it| code.word(it) == b"static");
                    if shared {
                        out.put(at - 1, Kind::Constant, container);
                    }
                }
                if local {
                    return start + 1;
                }
                let end = code.seek(at, 20_000, |it| code.is(it, b';')).unwrap_or(at);
                return end + 1;
            }
            b';' | b'}' => return at + 1,
            b'{' => {
                if local {
                    return start + 1;
                }
                scopes.enter(code.close(at), Inside::Code, b"");
                return at + 1;
            }
            b'.' | b'?' | b',' | b'[' => {}
            _ if code.is_word(at) => {
                if local && NO_NAMES.contains(&word) {
                    return start + 1;
                }
            }
            _ => return start + 1,
        }
        at = code.next(at);
    }
    start + 1
}

/// Enters the body that opens at or near `at`.
fn enter<'a>(code: Code<'a, '_>, at: usize, scopes: &mut Scopes<'a>) -> usize {
    let ends = |it: usize| matches!(code.mark(it), b'{' | b';' | b'}') || code.are(it, b"=>");
    let Some(body) = code.seek(at, 60, ends) else { return at };
    if code.is(body, b'{') {
        scopes.enter(code.close(body), Inside::Code, b"");
        return body + 1;
    }
    if code.is(body, b'=') {
        let end = code.seek(body, 20_000, |it| code.is(it, b';')).unwrap_or(body);
        scopes.enter(end, Inside::Code, b"");
        return body + 2;
    }
    body + 1
}
