//! Terraform: resources, data, modules, variables, outputs.

use super::Kind;
use super::code::{Code, Out};
use super::lexer::{Hash, Rules, Value};
use super::texts::{Hook, Quote};

pub const RULES: Rules = Rules {
    hash: Hash::Comment,
    single: Quote::Mark,
    value: Value::Dollar,
    hook: Hook::Shell,
    ..Rules::BRACES
};

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut at = 0;
    while at < code.len() {
        let kind = match code.word(at) {
            b"resource" | b"data" | b"module" => Some(Kind::Thing),
            b"variable" | b"output" => Some(Kind::Constant),
            _ => None,
        };
        if let Some(kind) = kind
            && code.is_text(at + 1)
        {
            let two = code.is_text(at + 2);
            let name = if two { at + 2 } else { at + 1 };
            if code.is(name + 1, b'{') {
                out.put(name, kind, if two { code.bytes(at + 1) } else { b"" });
            }
            at = name;
        }
        at = code.next(at);
    }
}
