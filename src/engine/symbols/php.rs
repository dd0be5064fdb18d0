//! PHP: classes, interfaces, traits, enumerations, functions, methods, constants.

use super::Kind;
use super::code::{Code, Inside, Out, Scopes};
use super::lexer::{Hash, Rules, Value};
use super::texts::{Hook, Quote};

pub const RULES: Rules = Rules {
    hash: Hash::SpacedComment,
    double: Quote::Lines,
    single: Quote::Lines,
    back: Quote::Lines,
    value: Value::None,
    dollar: true,
    hook: Hook::Php,
    ..Rules::BRACES
};

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut scopes = Scopes::file(Inside::Space);
    let mut at = 0;
    while at < code.len() {
        scopes.leave(at);
        let top = scopes.top();
        let before = at.checked_sub(1).map_or(0, |it| code.mark(it));
        let lead: &[u8] = if at > 0 { code.word(at - 1) } else { b"" };
        let word = code.word(at).to_ascii_lowercase();
        let mut name = at + 1;
        let reached = before == b'>' && code.is(at.wrapping_sub(2), b'-');
        match word.as_slice() {
            b"" if code.is(at, b'{') => scopes.enter(code.close(at), Inside::Code, b""),
            _ if before == b':' && code.is(at.wrapping_sub(2), b':') || reached => {}
            b"class" if lead == b"new" || code.is(at + 1, b'(') => {
                // A class without a name: new class(…) extends X { … }
                let ends = |it: usize| matches!(code.mark(it), b'{' | b';');
                if let Some(body) = code.seek(name, 100, ends).filter(|it| code.is(*it, b'{')) {
                    scopes.enter(code.close(body), Inside::Type, b"");
                    at = body;
                }
            }
            b"class" | b"interface" | b"trait" | b"enum" if named(code, name) => {
                let kind = match word.as_slice() {
                    b"interface" => Kind::Interface,
                    b"enum" => Kind::Enum,
                    _ => Kind::Class,
                };
                let ends = |it: usize| matches!(code.mark(it), b'{' | b';' | b')' | b'(' | b'=');
                if let Some(body) = code.seek(name + 1, 200, ends).filter(|it| code.is(*it, b'{')) {
                    out.put(name, kind, b"");
                    let inside = if kind == Kind::Enum { Inside::Enum } else { Inside::Type };
                    scopes.enter(code.close(body), inside, code.word(name));
                    at = body;
                }
            }
            b"function" if lead != b"use" => {
                name += usize::from(code.is(name, b'&'));
                if named(code, name) && code.is(name + 1, b'(') {
                    let method = matches!(top.inside, Inside::Type | Inside::Enum);
                    let kind = if method { Kind::Method } else { Kind::Function };
                    out.put(name, kind, if method { top.name } else { b"" });
                }
            }
            b"const" if lead != b"use" && top.inside != Inside::Code => {
                // const int A = 1, B = 2;
                let Some(end) = code.seek(name, 4000, |it| code.is(it, b';')) else {
                    at += 1;
                    continue;
                };
                let mut first = true;
                let mut place = name;
                while place < end {
                    if code.is(place, b'=') && first && code.is_word(place - 1) {
                        out.put(place - 1, Kind::Constant, top.name);
                        first = false;
                    } else if code.is(place, b',') {
                        first = true;
                    }
                    place = code.next(place);
                }
                at = end;
            }
            b"case" if top.inside == Inside::Enum && code.is_word(name) => {
                out.put(name, Kind::Constant, top.name);
            }
            _ => {}
        }
        at += 1;
    }
}

fn named(code: Code<'_, '_>, at: usize) -> bool {
    code.is_word(at) && !code.word(at).starts_with(b"$")
}
