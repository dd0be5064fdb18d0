//! Java: classes, interfaces, enumerations, records, methods, constants.

use super::Kind;
use super::code::{Code, Inside, Out, Scopes};
use super::lexer::Rules;
use super::texts::Quote;

pub const RULES: Rules = Rules { double: Quote::Triple, dollar: true, ..Rules::BRACES };

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
        at = match top.inside {
            Inside::Type | Inside::Interface | Inside::Enum => {
                member(code, at, top.inside, top.name, &mut scopes, out)
            }
            Inside::Space | Inside::Code => {
                // A body without a name: new X(…) { … }
                if code.word(at) == b"new" { anonymous(code, at, &mut scopes) } else { at + 1 }
            }
        };
    }
}

/// A type that begins at `at` with its keyword; where the scanner goes on.
fn declared<'a>(
    code: Code<'a, '_>,
    at: usize,
    scopes: &mut Scopes<'a>,
    out: &mut Out<'a, '_, '_>,
) -> Option<usize> {
    let name = at + 1;
    let (kind, inside) = match code.word(at) {
        b"class" => (Kind::Class, Inside::Type),
        b"interface" => (Kind::Interface, Inside::Interface),
        b"enum" => (Kind::Enum, Inside::Enum),
        b"record" if code.is(name + 1, b'(') || code.is(name + 1, b'<') => {
            (Kind::Class, Inside::Type)
        }
        _ => return None,
    };
    if !code.is_word(name) || code.is(at.wrapping_sub(1), b'.') {
        return None;
    }
    let ends = |it: usize| matches!(code.mark(it), b'{' | b';' | b'=' | b'}');
    let body = code.seek(name + 1, 300, ends).filter(|it| code.is(*it, b'{'))?;
    out.put(name, kind, scopes.name());
    let close = code.close(body);
    scopes.enter(close, inside, code.word(name));
    if inside != Inside::Enum {
        return Some(body + 1);
    }
    // The values come first, with arguments and bodies of their own.
    let close = code.mate(body);
    let mut place = body + 1;
    let mut begins = true;
    while place < close && !code.is(place, b';') {
        if code.is(place, b'@') {
            place = code.next(place + 1);
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
    // Again for the methods in their bodies.
    Some(body + 1)
}

/// Behind `new X(…)`, within the body if it has one.
fn anonymous<'a>(code: Code<'a, '_>, at: usize, scopes: &mut Scopes<'a>) -> usize {
    let mut place = at + 1;
    while code.is_word(place) && code.is(place + 1, b'.') {
        place += 2;
    }
    if !code.is_word(place) {
        return at + 1;
    }
    let open = code.angles(place + 1).max(place + 1);
    if code.is(open, b'(') {
        let body = code.next(open);
        if code.is(body, b'{') {
            scopes.enter(code.close(body), Inside::Type, code.word(place));
            // The arguments may have bodies as well; they are rare, and left out.
            return body + 1;
        }
        return open + 1;
    }
    at + 1
}

/// A member that begins at `at`; where the scanner goes on.
fn member<'a>(
    code: Code<'a, '_>,
    start: usize,
    inside: Inside,
    container: &'a [u8],
    scopes: &mut Scopes<'a>,
    out: &mut Out<'a, '_, '_>,
) -> usize {
    let mut at = start;
    let (mut shared, mut fixed) = (inside == Inside::Interface, inside == Inside::Interface);
    let mut words = 0usize;
    let end = scopes.top().close;
    while at < end {
        match code.word(at) {
            b"class" | b"interface" | b"enum" | b"record"
                if at > start && !code.is(at - 1, b'.') && !code.is(at - 1, b'@') =>
            {
                return at;
            }
            b"static" => shared = true,
            b"final" => fixed = true,
            b"" => {}
            _ => words += 1,
        }
        match code.mark(at) {
            b'@' if !code.is(at + 1, b'(') => {
                // An annotation, or the keyword of one's definition.
                if code.word(at + 1) == b"interface" {
                    return at + 1;
                }
                at += 2;
                while code.is(at, b'.') {
                    at += 2;
                }
                if code.is(at, b'(') {
                    at = code.next(at);
                }
                continue;
            }
            b'<' => {
                let after = code.angles(at);
                if after > at {
                    at = after;
                    continue;
                }
            }
            b';' | b'}' | b',' => return at + 1,
            b'=' => {
                if shared && fixed && words > 1 {
                    constants(code, at, end, container, out);
                }
                // The value may hold bodies: it is read as code up to the end of the statement.
                let stop = code.seek(at, 100_000, |it| code.is(it, b';') || it >= end);
                let stop = stop.unwrap_or(end);
                scopes.enter(stop, Inside::Code, container);
                return at + 1;
            }
            b'{' => {
                // An initialiser, a compact constructor, or the body of an enumeration's value.
                let value = inside == Inside::Enum && words == 1;
                let name = at.wrapping_sub(1);
                if !value && at > start && !container.is_empty() && code.word(name) == container {
                    out.put(name, Kind::Method, container);
                }
                let within = if value { Inside::Type } else { Inside::Code };
                scopes.enter(code.close(at), within, container);
                return at + 1;
            }
            b'(' if code.is_word(at.wrapping_sub(1)) => {
                let name = at - 1;
                let after = code.next(at);
                // A value of an enumeration with arguments.
                if inside == Inside::Enum
                    && words == 1
                    && matches!(code.mark(after), b',' | b';' | b'{' | b'}')
                    && code.word(name) != container
                {
                    if code.is(after, b'{') {
                        scopes.enter(code.close(after), Inside::Type, container);
                    }
                    return after + 1;
                }
                let ends = |it: usize| matches!(code.mark(it), b'{' | b';' | b'=' | b'}');
                let body = code.seek(after, 100, ends).unwrap_or(after);
                if words > 1 || code.word(name) == container {
                    out.put(name, Kind::Method, container);
                }
                if code.is(body, b'{') {
                    scopes.enter(code.close(body), Inside::Code, container);
                }
                return body + 1;
            }
            _ => {}
        }
        at = code.next(at);
    }
    at.max(start + 1)
}

/// `A = 1, B = 2;` with the first `=` at `at`.
fn constants<'a>(
    code: Code<'a, '_>,
    at: usize,
    end: usize,
    container: &'a [u8],
    out: &mut Out<'a, '_, '_>,
) {
    let mut place = at;
    let mut name = at.wrapping_sub(1);
    while code.is(name, b']') || code.is(name, b'[') {
        name -= 1;
    }
    if code.is_word(name) {
        out.put(name, Kind::Constant, container);
    }
    while place < end && !code.is(place, b';') {
        if code.is(place, b',')
            && code.is_word(place + 1)
            && code.is(place + 2, b'=')
            && !code.is(place + 3, b'=')
        {
            out.put(place + 1, Kind::Constant, container);
        }
        let after = if code.is(place, b'<') { code.angles(place) } else { place };
        place = if after > place { after } else { code.next(place) };
    }
}
