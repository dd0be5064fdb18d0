//! SQL: what `CREATE` makes.

use super::Kind;
use super::code::{Code, Out};
use super::lexer::Rules;
use super::texts::Quote;

pub const RULES: Rules = Rules {
    dash: true,
    double: Quote::Name,
    single: Quote::Plain,
    back: Quote::Name,
    ..Rules::BRACES
};

/// Words between `CREATE` and what is created.
const BETWEEN: &[&[u8]] = &[
    b"or",
    b"replace",
    b"temp",
    b"temporary",
    b"global",
    b"local",
    b"unlogged",
    b"unique",
    b"materialized",
    b"recursive",
    b"force",
    b"definer",
    b"algorithm",
    b"sql",
    b"security",
    b"invoker",
    b"constraint",
    b"editionable",
    b"noneditionable",
    b"alter",
    b"virtual",
    b"external",
];

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut at = 0;
    while at < code.len() {
        if !code.word(at).eq_ignore_ascii_case(b"create") {
            at += 1;
            continue;
        }
        let mut place = at + 1;
        let is_between =
            |place: usize| BETWEEN.iter().any(|it| code.word(place).eq_ignore_ascii_case(it));
        while is_between(place) {
            place += 1;
        }
        let kind = match code.word(place).to_ascii_lowercase().as_slice() {
            b"table" | b"view" | b"type" | b"domain" => Kind::Type,
            b"function" | b"procedure" | b"aggregate" => Kind::Function,
            b"trigger" | b"index" | b"sequence" => Kind::Thing,
            _ => {
                at += 1;
                continue;
            }
        };
        place += 1;
        let says = |place: usize, word: &[u8]| code.word(place).eq_ignore_ascii_case(word);
        if says(place, b"concurrently") {
            place += 1;
        }
        if says(place, b"if") {
            place += 3;
        }
        let mut name = place;
        // [dbo].[name], schema.name
        let plain = |at: usize| if code.is(at, b'[') { at + 1 } else { at };
        name = plain(name);
        for _ in 0..3 {
            let end = name + 1 + usize::from(code.is(name + 1, b']'));
            if !code.is(end, b'.') {
                break;
            }
            name = plain(end + 1);
        }
        if code.is_word(name) && !says(name, b"on") {
            out.put(name, kind, b"");
        }
        at = name.max(at + 1);
    }
}
