//! Elixir: modules, protocols, functions, macros.

use super::Kind;
use super::code::{Code, Out};
use super::lexer::{Rules, Value};
use super::texts::{Hook, Quote};

pub const RULES: Rules = Rules {
    double: Quote::Triple,
    single: Quote::Triple,
    value: Value::Hash,
    hook: Hook::Elixir,
    ..Rules::HASHES
};

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut modules: Vec<(usize, &'a [u8])> = Vec::new();
    for at in 0..code.len() {
        let begins = code.fresh(at) || code.word(at - 1) == b"do" || code.is(at - 1, b':');
        if !begins || !code.is_word(at) {
            continue;
        }
        match code.word(at) {
            b"defmodule" | b"defprotocol" => {
                let mut name = at + 1;
                while code.is(name + 1, b'.') && code.is_word(name + 2) {
                    name += 2;
                }
                if !code.is_word(name) {
                    continue;
                }
                let column = code.column(at);
                modules.retain(|it| it.0 < column);
                out.put(name, Kind::Module, modules.last().map_or(b"", |it| it.1));
                modules.push((column, code.word(name)));
            }
            b"def" | b"defp" | b"defmacro" | b"defmacrop" | b"defguard" | b"defguardp"
            | b"defdelegate" => {
                let name = at + 1 + usize::from(code.is(at + 1, b'('));
                if !code.is_word(name) || matches!(code.word(name), b"unquote") {
                    continue;
                }
                let column = code.column(at);
                modules.retain(|it| it.0 < column);
                let kind =
                    if code.word(at).starts_with(b"defm") { Kind::Macro } else { Kind::Function };
                let full = match code.byte_after(name) {
                    b'?' | b'!' => code.bytes_and(name, 1),
                    _ => code.bytes(name),
                };
                out.put_as(full, name, kind, modules.last().map_or(b"", |it| it.1));
            }
            _ => {}
        }
    }
}
