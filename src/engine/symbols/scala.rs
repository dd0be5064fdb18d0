//! Scala: classes, objects, traits, enumerations, methods, types, values of types.

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
                if matches!(code.mark(at), b'{' | b'(') {
                    scopes.enter(code.close(at), Inside::Code, b"");
                }
            }
            _ if matches!(before, b'.' | b'#') => {}
            b"package" if code.fresh(at) && code.word(name) != b"object" => {
                // package a.b { … } holds what a file does.
                let mut place = name;
                while code.is_word(place) && code.is(place + 1, b'.') {
                    place += 2;
                }
                if code.is(place + 1, b'{') {
                    scopes.enter(code.close(place + 1), Inside::Space, b"");
                    at = place + 1;
                }
            }
            word @ (b"class" | b"object" | b"trait" | b"enum") if named => {
                let kind = match word {
                    b"trait" => Kind::Interface,
                    b"enum" => Kind::Enum,
                    _ => Kind::Class,
                };
                out.put(name, kind, top.name);
                at = enter_body(code, name, word == b"enum", &mut scopes);
                continue;
            }
            b"new" if named => {
                at = enter_body(code, name, false, &mut scopes);
                continue;
            }
            b"def" if named && code.word(name) != b"this" => {
                let method = matches!(top.inside, Inside::Type | Inside::Enum);
                let kind = if method { Kind::Method } else { Kind::Function };
                let full = code.byte_after(name);
                let operator = b"+-*/<>=!&|^~%?:".contains(&full);
                // `name_=` is a name with an operator at its end.
                if !operator || !code.word(name).ends_with(b"_") {
                    out.put(name, kind, if method { top.name } else { b"" });
                }
                at = name;
            }
            b"type" if named => {
                out.put(name, Kind::Type, top.name);
                at = name;
            }
            b"given" if named && matches!(code.mark(name + 1), b':' | b'[' | b'(') => {
                out.put(name, Kind::Constant, top.name);
            }
            b"val" | b"var"
                if named && matches!(top.inside, Inside::Type | Inside::Space | Inside::Enum) =>
            {
                // `val Some(x) = …` takes a value apart.
                if !matches!(code.mark(name + 1), b'(' | b',') && code.word(at) == b"val" {
                    out.put(name, Kind::Constant, top.name);
                }
                at = name;
            }
            b"case" if top.inside == Inside::Enum && named => {
                let mut place = name;
                while code.is_word(place) && !matches!(code.word(place), b"class" | b"object") {
                    out.put(place, Kind::Constant, top.name);
                    if !code.is(place + 1, b',') {
                        break;
                    }
                    place += 2;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Enters the body of a type, if it has one in braces; where the scanner goes on.
fn enter_body<'a>(
    code: Code<'a, '_>,
    name: usize,
    of_enum: bool,
    scopes: &mut Scopes<'a>,
) -> usize {
    let mut place = name + 1;
    for _ in 0..200 {
        match code.mark(place) {
            b'{' => {
                // `extends X { self => … }` opens the body as well.
                let inside = if of_enum { Inside::Enum } else { Inside::Type };
                scopes.enter(code.close(place), inside, code.word(name));
                return place + 1;
            }
            b'}' | b')' | b']' | b';' | b'=' | b',' => return name + 1,
            _ => {}
        }
        let continues = matches!(code.word(place), b"extends" | b"with" | b"derives")
            || matches!(code.mark(place), b'(' | b'[' | b'@' | b'{')
            || matches!(code.word(place.saturating_sub(1)), b"extends" | b"with");
        if place >= code.len() || (code.fresh(place) && !continues) {
            return name + 1;
        }
        place = code.next(place);
    }
    name + 1
}
