//! Swift: types, protocols, functions, properties of types and files, cases.

use super::Kind;
use super::code::{Code, Inside, Out, Scopes};
use super::lexer::{Hash, Rules, Value};
use super::texts::{Hook, Quote};

pub const RULES: Rules = Rules {
    hash: Hash::Mark,
    nested: true,
    double: Quote::Triple,
    single: Quote::Mark,
    back: Quote::Name,
    value: Value::Backslash,
    hook: Hook::Swift,
    ..Rules::BRACES
};

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut scopes = Scopes::file(Inside::Space);
    let mut at = 0;
    while at < code.len() {
        scopes.leave(at);
        let top = scopes.top();
        let before = at.checked_sub(1).map_or(0, |it| code.mark(it));
        let member = top.inside != Inside::Code;
        let name = at + 1;
        let named = code.is_word(name);
        match code.word(at) {
            b"" => match code.mark(at) {
                b'{' => scopes.enter(code.close(at), Inside::Code, b""),
                // Nothing in brackets is a member.
                b'(' | b'[' if member => scopes.enter(code.close(at), Inside::Code, b""),
                _ => {}
            },
            _ if before == b'.' || code.is(at + 1, b':') && before != 0 || code.fresh(name) => {}
            _ if at > 0 && code.word(at - 1) == b"import" => {}
            b"class" if matches!(code.word(name), b"func" | b"var" | b"let" | b"subscript") => {}
            word @ (b"class" | b"struct" | b"enum" | b"protocol" | b"actor" | b"extension")
                if named =>
            {
                let kind = match word {
                    b"enum" => Kind::Enum,
                    b"protocol" => Kind::Interface,
                    _ => Kind::Class,
                };
                let mut last = name;
                while code.is(last + 1, b'.') && code.is_word(last + 2) {
                    last += 2;
                }
                if word != b"extension" {
                    out.put(name, kind, top.name);
                }
                let ends = |it: usize| matches!(code.mark(it), b'{' | b'}' | b';');
                if let Some(body) = code.seek(last + 1, 200, ends).filter(|it| code.is(*it, b'{')) {
                    let inside = match word {
                        b"enum" => Inside::Enum,
                        b"protocol" => Inside::Interface,
                        _ => Inside::Type,
                    };
                    scopes.enter(code.close(body), inside, code.word(last));
                    at = body;
                }
            }
            b"func" if named => {
                let method = matches!(top.inside, Inside::Type | Inside::Enum | Inside::Interface);
                let kind = if method { Kind::Method } else { Kind::Function };
                out.put(name, kind, if method { top.name } else { b"" });
                at = name;
            }
            b"typealias" | b"associatedtype" if named => {
                out.put(name, Kind::Type, top.name);
                at = name;
            }
            b"macro" if named && code.is(name + 1, b'(') => out.put(name, Kind::Macro, b""),
            b"var" | b"let" if member && named => {
                out.put(name, Kind::Property, top.name);
                at = name;
            }
            b"case" if top.inside == Inside::Enum => {
                let mut place = name;
                while code.is_word(place) {
                    out.put(place, Kind::Constant, top.name);
                    place += 1;
                    if code.is(place, b'(') {
                        place = code.next(place);
                    }
                    if code.is(place, b'=') {
                        place += 1 + usize::from(code.is(place + 1, b'-'));
                        place += 1;
                    }
                    if !code.is(place, b',') {
                        break;
                    }
                    place += 1;
                }
                at = place.max(name) - 1;
            }
            _ => {}
        }
        at += 1;
    }
}
