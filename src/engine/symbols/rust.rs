//! Rust: items of every kind, with the type or trait they belong to.

use super::Kind;
use super::code::{Code, Inside, Out, Scopes};
use super::lexer::Rules;
use super::texts::{Hook, Quote};

pub const RULES: Rules =
    Rules { nested: true, double: Quote::Lines, hook: Hook::Rust, ..Rules::BRACES };

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut scopes = Scopes::file(Inside::Space);
    let mut at = 0;
    while at < code.len() {
        scopes.leave(at);
        let top = scopes.top();
        let named = code.is_word(at + 1);
        let before = at.checked_sub(1).map_or(0, |it| code.mark(it));
        let word = code.word(at);
        if word.is_empty() || matches!(before, b'.' | b':' | b'$' | b'\'') {
            at += 1;
            continue;
        }
        match word {
            b"fn" if named => {
                let method = matches!(top.inside, Inside::Type | Inside::Interface);
                let kind = if method { Kind::Method } else { Kind::Function };
                out.put(at + 1, kind, if method { top.name } else { b"" });
                let ends = |it: usize| matches!(code.mark(it), b'{' | b';');
                if let Some(body) = code.seek(at + 2, 400, ends).filter(|it| code.is(*it, b'{')) {
                    scopes.enter(code.close(body), Inside::Code, b"");
                    at = body;
                }
            }
            b"struct" | b"union" | b"enum" | b"trait"
                if named && (word != b"union" || opens_union(code, at + 2)) =>
            {
                let kind = match word {
                    b"enum" => Kind::Enum,
                    b"trait" => Kind::Interface,
                    _ => Kind::Class,
                };
                out.put(at + 1, kind, b"");
                let body = code
                    .seek(at + 2, 400, |it| matches!(code.mark(it), b'{' | b';' | b'}'))
                    .filter(|it| code.is(*it, b'{'));
                if let Some(body) = body {
                    match word {
                        b"enum" => variants(code, body, code.word(at + 1), out),
                        b"trait" => {
                            scopes.enter(code.close(body), Inside::Interface, code.word(at + 1));
                        }
                        _ => {}
                    }
                    at = if word == b"trait" { body } else { code.close(body) };
                }
            }
            b"type" if named => {
                out.put(at + 1, Kind::Type, top.name);
                at += 1;
            }
            b"mod" if named && matches!(code.mark(at + 2), b'{' | b';') => {
                out.put(at + 1, Kind::Module, b"");
                at += 1;
            }
            b"const" | b"static" if !matches!(before, b'*' | b'<' | b',') => {
                let name = at + 1 + usize::from(code.word(at + 1) == b"mut");
                let typed = code.is(name + 1, b':') && !code.are(name + 1, b"::");
                if typed && code.is_word(name) && code.word(name) != b"_" {
                    out.put(name, Kind::Constant, top.name);
                    at = name;
                }
            }
            b"macro_rules" if code.is(at + 1, b'!') && code.is_word(at + 2) => {
                out.put(at + 2, Kind::Macro, b"");
                // What a macro writes is not defined here.
                at = code.next(at + 3).saturating_sub(1);
            }
            b"impl" if !matches!(before, b'(' | b'<' | b',' | b'&' | b'=' | b'>' | b'+') => {
                if let Some(body) =
                    code.seek(at + 1, 400, |it| matches!(code.mark(it), b'{' | b';' | b')'))
                    && code.is(body, b'{')
                {
                    scopes.enter(code.close(body), Inside::Type, implemented(code, at + 1, body));
                    at = body;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

fn opens_union(code: Code<'_, '_>, at: usize) -> bool {
    matches!(code.mark(at), b'{' | b'<') || code.word(at) == b"where"
}

/// The type in `impl<T> Trait for path::Type<T> where …`.
fn implemented<'a>(code: Code<'a, '_>, at: usize, body: usize) -> &'a [u8] {
    let mut place = code.angles(at);
    let mut name: &[u8] = b"";
    while place < body {
        match code.word(place) {
            b"for" => name = b"",
            b"where" => break,
            b"dyn" | b"mut" | b"const" | b"" => {}
            word => name = word,
        }
        let after = code.angles(place);
        place = if after > place { after } else { code.next(place) };
    }
    name
}

fn variants<'a>(code: Code<'a, '_>, body: usize, name: &'a [u8], out: &mut Out<'a, '_, '_>) {
    let close = code.close(body);
    let mut at = body + 1;
    let mut begins = true;
    while at < close {
        if code.is(at, b'#') {
            at = code.next(at + 1);
            continue;
        }
        if begins && code.is_word(at) {
            out.put(at, Kind::Constant, name);
        }
        begins = code.is(at, b',');
        at = code.next(at);
    }
}
