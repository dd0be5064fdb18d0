//! C#: namespaces, types, methods, properties, constants, local functions.

use super::Kind;
use super::code::{Code, Inside, Out, Scopes};
use super::lexer::{Hash, Rules};
use super::texts::{Hook, Quote};

pub const RULES: Rules =
    Rules { hash: Hash::Skipped, double: Quote::Triple, hook: Hook::CSharp, ..Rules::BRACES };

/// Words that stand before a name in brackets without being its type.
const NO_TYPES: &[&[u8]] = &[
    b"return",
    b"await",
    b"new",
    b"throw",
    b"else",
    b"yield",
    b"using",
    b"lock",
    b"in",
    b"is",
    b"as",
    b"case",
    b"when",
    b"not",
    b"and",
    b"or",
    b"out",
    b"ref",
    b"do",
    b"goto",
    b"typeof",
    b"nameof",
    b"select",
    b"where",
    b"from",
    b"join",
    b"orderby",
    b"on",
    b"equals",
    b"by",
    b"default",
    b"fixed",
    b"checked",
    b"unchecked",
    b"if",
    b"while",
    b"for",
    b"foreach",
    b"switch",
    b"catch",
    b"this",
    b"base",
    b"class",
    b"struct",
    b"record",
    b"interface",
    b"enum",
    b"delegate",
    b"namespace",
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
        at = match top.inside {
            Inside::Type | Inside::Interface => member(code, at, top.name, &mut scopes, out),
            Inside::Enum => {
                let begins = matches!(code.mark(at.wrapping_sub(1)), b'{' | b',' | b']');
                if begins && code.is_word(at) {
                    out.put(at, Kind::Constant, top.name);
                }
                code.next(at)
            }
            Inside::Space | Inside::Code => local(code, at, out),
        };
    }
}

/// A namespace or a type that begins at `at` with its keyword; where the scanner goes on.
fn declared<'a>(
    code: Code<'a, '_>,
    at: usize,
    scopes: &mut Scopes<'a>,
    out: &mut Out<'a, '_, '_>,
) -> Option<usize> {
    let mut name = at + 1;
    let before = at.checked_sub(1).map_or(0, |it| code.mark(it));
    let (kind, inside) = match code.word(at) {
        // `where T : class`, `record class X`
        b"class" | b"struct" if matches!(before, b':' | b',') => return None,
        b"class" | b"struct" => (Kind::Class, Inside::Type),
        b"record" => {
            name += usize::from(matches!(code.word(name), b"class" | b"struct"));
            if !matches!(code.mark(name + 1), b'(' | b'{' | b'<' | b':' | b';') {
                return None;
            }
            (Kind::Class, Inside::Type)
        }
        b"interface" => (Kind::Interface, Inside::Interface),
        b"enum" => (Kind::Enum, Inside::Enum),
        b"namespace" => {
            while code.is(name + 1, b'.') && code.is_word(name + 2) {
                name += 2;
            }
            if !code.is_word(name) {
                return None;
            }
            out.put(name, Kind::Module, b"");
            if code.is(name + 1, b'{') {
                scopes.enter(code.close(name + 1), Inside::Space, b"");
            }
            return Some(name + 2);
        }
        b"delegate" => {
            let open =
                code.seek(name, 60, |it| matches!(code.mark(it), b'(' | b';' | b'{' | b'='))?;
            let mut last = open - 1;
            if code.is(last, b'>') {
                last = (at..last).rev().take(40).find(|it| code.is(*it, b'<'))?.checked_sub(1)?;
            }
            if !code.is(open, b'(') || last <= name || !code.is_word(last) {
                return None;
            }
            out.put(last, Kind::Type, scopes.name());
            return Some(code.next(open));
        }
        _ => return None,
    };
    if !code.is_word(name) || before == b'.' || before == b'(' {
        return None;
    }
    let body = code.seek(name + 1, 400, |it| matches!(code.mark(it), b'{' | b';' | b'}'))?;
    if code.is(body, b'}') {
        return None;
    }
    out.put(name, kind, scopes.name());
    if code.is(body, b'{') {
        scopes.enter(code.close(body), inside, code.word(name));
    }
    Some(body + 1)
}

/// A member that begins at `at`; where the scanner goes on.
fn member<'a>(
    code: Code<'a, '_>,
    start: usize,
    container: &'a [u8],
    scopes: &mut Scopes<'a>,
    out: &mut Out<'a, '_, '_>,
) -> usize {
    let mut at = start;
    let (mut shared, mut fixed) = (false, false);
    let mut words = 0usize;
    let end = scopes.top().close;
    while at < end {
        match code.word(at) {
            b"class" | b"struct" | b"interface" | b"enum" | b"delegate" if at > start => return at,
            b"record" if at > start && code.is_word(at + 1) => return at,
            b"const" => (shared, fixed) = (true, true),
            b"static" => shared = true,
            b"readonly" => fixed = true,
            b"operator" => {
                // An operator has no name to look for.
                let ends = |it: usize| matches!(code.mark(it), b'{' | b';');
                let body = code.seek(at, 200, ends).unwrap_or(at);
                return code.next(body);
            }
            b"" => {}
            _ => words += 1,
        }
        match code.mark(at) {
            b'<' => {
                let after = code.angles(at);
                if after > at {
                    at = after;
                    continue;
                }
            }
            b';' | b'}' => return at + 1,
            b'=' => {
                let arrow = code.is(at + 1, b'>');
                let name = code.is_word(at.wrapping_sub(1)).then(|| at - 1);
                if let Some(name) = name.filter(|_| words > 1) {
                    if arrow {
                        out.put(name, Kind::Property, container);
                    } else if shared && fixed {
                        constants(code, at, end, container, out);
                    }
                }
                let stop = code.seek(at, 100_000, |it| code.is(it, b';') || it >= end);
                let stop = stop.unwrap_or(end);
                scopes.enter(stop, Inside::Code, container);
                return at + 1;
            }
            b'{' => {
                // A property with its accessors.
                let name = at - 1;
                let event = (start..at).any(|it| code.word(it) == b"event");
                if words > 1 && code.is_word(name) && !event {
                    out.put(name, Kind::Property, container);
                }
                scopes.enter(code.close(at), Inside::Code, container);
                return at + 1;
            }
            b'(' if at > start => {
                let mut name = at - 1;
                if code.is(name, b'>') {
                    let open = (start..name)
                        .rev()
                        .take(80)
                        .find(|it| code.is(*it, b'<') && code.angles(*it) == at);
                    name = open.map_or(name, |it| it.wrapping_sub(1));
                }
                // A tuple is a type: (int, string) Name(…)
                let after = code.next(at);
                let parameters = code.is_word(name)
                    && (words > 1 || code.word(name) == container)
                    && !matches!(
                        code.word(name),
                        b"public"
                            | b"private"
                            | b"static"
                            | b"internal"
                            | b"protected"
                            | b"async"
                            | b"override"
                            | b"readonly"
                            | b"virtual"
                            | b"new"
                            | b"extern"
                            | b"sealed"
                            | b"abstract"
                            | b"unsafe"
                            | b"required"
                    );
                if !parameters {
                    words += 1;
                    at = after;
                    continue;
                }
                let finalizer = code.is(name.wrapping_sub(1), b'~');
                if !finalizer {
                    out.put(name, Kind::Method, container);
                }
                let ends =
                    |it: usize| matches!(code.mark(it), b'{' | b';' | b'}') || code.are(it, b"=>");
                let Some(body) = code.seek(after, 400, ends) else { return after };
                if code.is(body, b'{') {
                    scopes.enter(code.close(body), Inside::Code, container);
                } else if code.is(body, b'=') {
                    let stop = code.seek(body, 100_000, |it| code.is(it, b';') || it >= end);
                    scopes.enter(stop.unwrap_or(end), Inside::Code, container);
                }
                return body + 1;
            }
            _ => {}
        }
        at = code.next(at);
    }
    at.max(start + 1)
}

fn constants<'a>(
    code: Code<'a, '_>,
    at: usize,
    end: usize,
    container: &'a [u8],
    out: &mut Out<'a, '_, '_>,
) {
    out.put(at - 1, Kind::Constant, container);
    let mut place = at;
    while place < end && !code.is(place, b';') {
        if code.is(place, b',') && code.is_word(place + 1) && code.is(place + 2, b'=') {
            out.put(place + 1, Kind::Constant, container);
        }
        place = code.next(place);
    }
}

/// A function within a function: `T Name(…) {` or `=>` where a statement begins.
fn local<'a>(code: Code<'a, '_>, at: usize, out: &mut Out<'a, '_, '_>) -> usize {
    let begins = at == 0 || matches!(code.mark(at - 1), b';' | b'{' | b'}');
    if !begins || !(code.is_word(at) || code.is(at, b'(')) || NO_TYPES.contains(&code.word(at)) {
        return at + 1;
    }
    let mut place = at;
    let mut words = 0usize;
    for _ in 0..24 {
        match code.mark(place) {
            b'<' => {
                let after = code.angles(place);
                if after == place {
                    return at + 1;
                }
                place = after;
                continue;
            }
            b'(' if words > 1 => break,
            // A tuple.
            b'(' if words == 0
                || code.word(place.wrapping_sub(1)) == b"static"
                || code.word(place.wrapping_sub(1)) == b"async" =>
            {
                words += 1;
            }
            b'[' | b'?' | b'*' | b'.' => {
                words = words.saturating_sub(usize::from(code.is(place, b'.')));
            }
            _ if code.is_word(place) => {
                if NO_TYPES.contains(&code.word(place)) {
                    return at + 1;
                }
                words += 1;
            }
            _ => return at + 1,
        }
        place = code.next(place);
    }
    if !code.is(place, b'(') {
        return at + 1;
    }
    let mut name = place - 1;
    if code.is(name, b'>') {
        let open =
            (at..name).rev().take(80).find(|it| code.is(*it, b'<') && code.angles(*it) == place);
        name = open.map_or(name, |it| it.wrapping_sub(1));
    }
    let after = code.next(place);
    let body = code.is(after, b'{') || code.are(after, b"=>") || code.word(after) == b"where";
    if body && code.is_word(name) && !code.is(name.wrapping_sub(1), b'.') {
        out.put(name, Kind::Function, b"");
        return after;
    }
    at + 1
}
