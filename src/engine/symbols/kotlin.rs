//! Kotlin: classes, interfaces, objects, functions, properties of files and classes.

use super::Kind;
use super::code::{Code, Inside, Out, Scopes};
use super::lexer::{Rules, Value};
use super::texts::{Hook, Quote};

pub const RULES: Rules = Rules {
    nested: true,
    double: Quote::Triple,
    back: Quote::Name,
    value: Value::Dollar,
    hook: Hook::Raw,
    ..Rules::BRACES
};

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut scopes = Scopes::file(Inside::Space);
    let mut at = 0;
    while at < code.len() {
        scopes.leave(at);
        let top = scopes.top();
        let before = at.checked_sub(1).map_or(0, |it| code.mark(it));
        let name = at + 1;
        let named = code.is_word(name);
        match code.word(at) {
            b"" => {
                // Nothing in brackets is a member; parameters of classes are none.
                if matches!(code.mark(at), b'{' | b'(') {
                    scopes.enter(code.close(at), Inside::Code, b"");
                }
            }
            _ if matches!(before, b'.' | b':') && code.touches(at) => {}
            word @ (b"class" | b"interface" | b"object") if named => {
                let of_enum = at > 0 && code.word(at - 1) == b"enum";
                let kind = match word {
                    b"interface" => Kind::Interface,
                    _ if of_enum => Kind::Enum,
                    _ => Kind::Class,
                };
                out.put(name, kind, top.name);
                at = enter_type(code, name, of_enum, out, &mut scopes);
                continue;
            }
            // A companion, or an object of a class without a name.
            b"object" => {
                at = enter_type(code, at, false, out, &mut scopes);
                continue;
            }
            b"typealias" if named => out.put(name, Kind::Type, top.name),
            b"fun" => {
                if let Some(name) = function_name(code, at + 1) {
                    let method = matches!(top.inside, Inside::Type | Inside::Enum);
                    let kind = if method { Kind::Method } else { Kind::Function };
                    out.put(name, kind, if method { top.name } else { b"" });
                    at = name;
                }
            }
            b"val" | b"var" if top.inside != Inside::Code => {
                if let Some(name) = property_name(code, at + 1) {
                    let constant = code.word(at) == b"val";
                    let kind = if constant { Kind::Constant } else { Kind::Property };
                    out.put(name, kind, top.name);
                    at = name;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Enters the body of a type, if it has one; where the scanner goes on.
fn enter_type<'a>(
    code: Code<'a, '_>,
    name: usize,
    of_enum: bool,
    out: &mut Out<'a, '_, '_>,
    scopes: &mut Scopes<'a>,
) -> usize {
    let mut place = code.angles(name + 1).max(name + 1);
    for _ in 0..200 {
        if code.is(place, b'{') {
            break;
        }
        // A type without a body ends with its line, if what comes next does not go on with it.
        let goes_on = matches!(code.mark(place), b':' | b',' | b'(')
            || place > 0 && matches!(code.mark(place - 1), b':' | b',')
            || matches!(
                code.word(place),
                b"by" | b"where" | b"constructor" | b"private" | b"internal"
            );
        let header = !code.fresh(place) || goes_on;
        let ends = place >= code.len()
            || code.is(place, b';')
            || code.is(place, b'}')
            || code.is(place, b')')
            || !header
            || matches!(code.word(place), b"class" | b"fun" | b"val" | b"var" | b"object");
        if ends {
            return name + 1;
        }
        let after = code.angles(place);
        place = if after > place { after } else { code.next(place) };
    }
    if !code.is(place, b'{') {
        return name + 1;
    }
    let own = code.word(name);
    let own = if own == b"object" { b"".as_slice() } else { own };
    let close = code.close(place);
    let inside = if of_enum { Inside::Enum } else { Inside::Type };
    scopes.enter(close, inside, own);
    if of_enum {
        let close = code.mate(place);
        let mut at = place + 1;
        let mut begins = true;
        while at < close && !code.is(at, b';') {
            if code.is(at, b'@') {
                at += 2;
                if code.is(at, b'(') {
                    at = code.next(at);
                }
                continue;
            }
            if begins
                && code.is_word(at)
                && !matches!(code.word(at), b"fun" | b"companion" | b"val")
            {
                out.put(at, Kind::Constant, own);
            }
            begins = code.is(at, b',');
            at = code.next(at);
        }
    }
    place + 1
}

/// The name in `<T> Receiver<T>.name(`.
fn function_name(code: Code<'_, '_>, at: usize) -> Option<usize> {
    let mut place = code.angles(at);
    let mut name = None;
    for _ in 0..60 {
        if code.is(place, b'(') {
            // `(suspend () -> T).name(…)`
            if name.is_none() && code.is(code.next(place), b'.') {
                place = code.next(place) + 1;
                continue;
            }
            return name;
        }
        match code.mark(place) {
            b'<' => {
                let after = code.angles(place);
                if after == place {
                    return None;
                }
                place = after;
                continue;
            }
            b'.' | b'?' | b'@' | b'*' => {}
            _ if code.is_word(place) => name = Some(place),
            _ => return None,
        }
        place += 1;
    }
    None
}

/// The name in `<T> Receiver<T>.name: T`, `name = `, `name by`.
fn property_name(code: Code<'_, '_>, at: usize) -> Option<usize> {
    let mut place = code.angles(at);
    let mut name = code.is_word(place).then_some(place)?;
    loop {
        place = code.angles(name + 1).max(name + 1);
        if code.is(place, b'?') {
            place += 1;
        }
        if code.is(place, b'.') && code.is_word(place + 1) {
            name = place + 1;
        } else {
            return Some(name);
        }
    }
}
