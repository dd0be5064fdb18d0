//! Finds definitions by the words that introduce them, line by line: of languages without a scanner
//! of their own, and of a line that stands alone.
//!
//! It knows keyword-led definitions (`fn`, `def`, `class`, `func`, `interface`, …) of the common
//! languages and C-like functions that begin in column one.

use super::{Definition, Kind};

/// Whether a word may stand before the introducing keyword.
fn is_modifier(word: &[u8]) -> bool {
    matches!(
        word,
        b"pub"
            | b"export"
            | b"default"
            | b"async"
            | b"static"
            | b"public"
            | b"private"
            | b"protected"
            | b"internal"
            | b"abstract"
            | b"final"
            | b"sealed"
            | b"override"
            | b"virtual"
            | b"unsafe"
            | b"extern"
            | b"inline"
            | b"declare"
            | b"partial"
            | b"open"
            | b"data"
            | b"suspend"
            | b"readonly"
            | b"local"
            | b"const"
    )
}

/// Whether a word introduces a definition of the name that follows.
fn is_keyword(word: &[u8]) -> bool {
    matches!(
        word,
        b"fn"
            | b"def"
            | b"class"
            | b"func"
            | b"function"
            | b"struct"
            | b"enum"
            | b"trait"
            | b"interface"
            | b"type"
            | b"module"
            | b"mod"
            | b"namespace"
            | b"object"
            | b"record"
            | b"protocol"
            | b"defmodule"
            | b"defp"
            | b"macro"
            | b"fun"
            | b"union"
            | b"defmacro"
    )
}

/// Longest line that is looked at, in bytes; longer ones are data or minified code.
const LONGEST_LINE: usize = 400;

/// Calls `take` with each definition in `text`.
pub fn for_each<'a>(text: &'a [u8], take: &mut dyn FnMut(Definition<'a>)) {
    for (number, line) in text.split(|&byte| byte == b'\n').enumerate() {
        if let Some(name) = definition_in(line) {
            let line = number as u32 + 1;
            take(Definition { name, line, kind: Kind::Function, container: b"" });
        }
    }
}

/// The name that this line of a text defines; nothing for lines that are too long to be code.
pub fn definition_in(line: &[u8]) -> Option<&[u8]> {
    if line.len() <= LONGEST_LINE { definition(line) } else { None }
}

/// The name that this line defines, if it defines one.
pub fn definition(line: &[u8]) -> Option<&[u8]> {
    let mut rest = line.trim_ascii_start();
    let first = *rest.first()?;
    if !(first.is_ascii_alphabetic() || first == b'_' || first == b'#') {
        return None;
    }
    if let Some(after) = rest.strip_prefix(b"#define ") {
        return identifier(after.trim_ascii_start());
    }
    let mut constant = false;
    for _ in 0..6 {
        let word = identifier(rest)?;
        let after = &rest[word.len()..];
        if is_keyword(word) {
            let mut after = after.strip_prefix(b" ")?.trim_ascii_start();
            if word == b"func" && after.first() == Some(&b'(') {
                // A Go method: the receiver stands before the name.
                let close = memchr::memchr(b')', after)?;
                after = after[close + 1..].trim_ascii_start();
            }
            let after = after.strip_prefix(b"self.").unwrap_or(after);
            return identifier(after.strip_prefix(b"*").unwrap_or(after));
        }
        if !is_modifier(word) {
            if (constant || word == b"let" || word == b"var")
                && let Some(name) = constant_name(rest, constant)
            {
                return Some(name);
            }
            break;
        }
        constant |= word == b"const" || word == b"static";
        let after = match after.strip_prefix(b"(") {
            Some(inner) => inner.get(memchr::memchr(b')', inner)? + 1..)?,
            None => after,
        };
        rest = after.trim_ascii_start();
    }
    c_function(line)
}

/// The name in `NAME =`, `NAME: T =` after `const`, when it is long enough to be looked for.
fn constant_name(rest: &[u8], constant: bool) -> Option<&[u8]> {
    let name = identifier(rest)?;
    let next = rest[name.len()..].trim_ascii_start().first()?;
    (constant && matches!(next, b'=' | b':')).then_some(name)
}

/// A C function or method that begins in column one: `type name(…` without `;` at its end.
fn c_function(line: &[u8]) -> Option<&[u8]> {
    if line.first().is_none_or(u8::is_ascii_whitespace) || line.trim_ascii_end().ends_with(b";") {
        return None;
    }
    let open = memchr::memchr(b'(', line)?;
    let before = line[..open].trim_ascii_end();
    if before.iter().any(|byte| matches!(byte, b'=' | b'"' | b'.' | b'\'' | b'{' | b'#' | b'@')) {
        return None;
    }
    let start = before.iter().rposition(|&byte| !is_name_byte(byte))? + 1;
    let name = &before[start..];
    let lead = before[..start].trim_ascii();
    let plain = !lead.is_empty() && !name.is_empty() && !name[0].is_ascii_digit();
    let statement = matches!(
        identifier(lead),
        Some(b"return" | b"else" | b"if" | b"while" | b"for" | b"switch" | b"case" | b"import")
    );
    (plain && !statement && name != b"if" && name != b"while").then_some(name)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn identifier(text: &[u8]) -> Option<&[u8]> {
    let len = text.iter().take_while(|&&byte| is_name_byte(byte)).count();
    (len > 0 && !text[0].is_ascii_digit()).then(|| &text[..len])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_of_many_languages() {
        for (line, name) in [
            ("pub(crate) async fn verify_token(x: u8) {", Some("verify_token")),
            ("    def login(self, form):", Some("login")),
            ("export default class AuthGuard implements X {", Some("AuthGuard")),
            ("func (s *Server) Handle(w http.ResponseWriter) {", Some("Handle")),
            ("export const LOGIN_URL = '/login';", Some("LOGIN_URL")),
            ("public static final class Foo {", Some("Foo")),
            ("static int amdgpu_init(struct device *dev)", Some("amdgpu_init")),
            ("#define MAX_RETRY 3", Some("MAX_RETRY")),
            ("export interface User {", Some("User")),
            ("    return login(form)", None),
            ("const x", None),
            ("login(form)", None),
            ("if (a) {", None),
            ("// class of its own", None),
            ("    let x = 1;", None),
        ] {
            let got = definition(line.as_bytes()).map(|it| std::str::from_utf8(it).unwrap());
            assert_eq!(got, name, "{line}");
        }
    }
}
