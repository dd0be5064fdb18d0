//! Schemas: GraphQL and Protocol Buffers.

use super::Kind;
use super::code::{Code, Inside, Out, Scopes};
use super::lexer::Rules;
use super::texts::Quote;

pub const GRAPHQL: Rules = Rules { double: Quote::Triple, single: Quote::Mark, ..Rules::HASHES };
pub const PROTO: Rules = Rules { single: Quote::Line, ..Rules::BRACES };

/// Types, inputs, operations, fragments, and the values of enumerations.
pub fn graphql<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut at = 0;
    while at < code.len() {
        let name = at + 1;
        let extends = at > 0 && code.word(at - 1) == b"extend";
        let kind = match code.word(at) {
            b"type" | b"input" => Some(Kind::Class),
            b"interface" => Some(Kind::Interface),
            b"enum" => Some(Kind::Enum),
            b"union" | b"scalar" => Some(Kind::Type),
            b"query" | b"mutation" | b"subscription" | b"fragment" => Some(Kind::Function),
            _ => None,
        };
        if code.word(at) == b"directive" && code.is(name, b'@') && code.is_word(name + 1) {
            out.put(name + 1, Kind::Function, b"");
        }
        if let Some(kind) = kind.filter(|_| code.is_word(name)) {
            if !extends {
                out.put(name, kind, b"");
            }
            if kind == Kind::Enum
                && let Some(body) = code.seek(name, 40, |it| code.is(it, b'{'))
            {
                let mut place = body + 1;
                while place < code.mate(body) {
                    if code.is_word(place) && !code.is(place - 1, b'@') {
                        out.put(place, Kind::Constant, code.word(name));
                    }
                    place = code.next(place);
                }
            }
            at = name;
        }
        at = code.next(at);
    }
}

/// Messages, enumerations with their values, services with their calls.
pub fn proto<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut scopes = Scopes::file(Inside::Space);
    let mut at = 0;
    while at < code.len() {
        scopes.leave(at);
        let top = scopes.top();
        let name = at + 1;
        let begins = at == 0 || matches!(code.mark(at - 1), b';' | b'{' | b'}');
        if begins && code.is_word(at) {
            let opens = code.is_word(name) && code.is(name + 1, b'{');
            match code.word(at) {
                word @ (b"message" | b"enum" | b"service") if opens => {
                    let (kind, inside) = match word {
                        b"enum" => (Kind::Enum, Inside::Enum),
                        b"service" => (Kind::Interface, Inside::Interface),
                        _ => (Kind::Class, Inside::Type),
                    };
                    out.put(name, kind, top.name);
                    scopes.enter(code.close(name + 1), inside, code.word(name));
                    at = name + 1;
                }
                b"rpc" if code.is(name + 1, b'(') => out.put(name, Kind::Method, top.name),
                _ if top.inside == Inside::Enum && code.is(name, b'=') => {
                    out.put(at, Kind::Constant, top.name);
                }
                _ => {}
            }
        }
        at += 1;
    }
}
