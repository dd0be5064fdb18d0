//! Shells: functions.

use super::Kind;
use super::code::{Code, Out};
use super::lexer::{Hash, Rules, Value};
use super::texts::{Hook, Quote};

pub const RULES: Rules = Rules {
    hash: Hash::SpacedComment,
    slash: false,
    double: Quote::Lines,
    single: Quote::Plain,
    back: Quote::Mark,
    value: Value::Shell,
    hook: Hook::Shell,
    ..Rules::BRACES
};

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    for at in 0..code.len() {
        let begins = code.fresh(at) || matches!(code.mark(at - 1), b';' | b'}' | b'{' | b'&');
        if !begins || !code.is_word(at) {
            continue;
        }
        let led = code.word(at) == b"function" && !code.touches(at + 1) && code.is_word(at + 1);
        let first = at + usize::from(led);
        // Names may hold `-`, `.`, `:` and more.
        let mut last = first;
        while code.touches(last + 1)
            && (code.is_word(last + 1)
                || matches!(code.mark(last + 1), b'-' | b'.' | b':' | b'@' | b'+'))
        {
            last += 1;
        }
        let called = code.is(last + 1, b'(') && code.is(last + 2, b')');
        if called || led && code.is(last + 1, b'{') {
            out.put_as(code.span(first, last), first, Kind::Function, b"");
        }
    }
}
