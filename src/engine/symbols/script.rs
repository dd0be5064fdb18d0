//! JavaScript and TypeScript: functions, classes with their methods, types, constants of modules.

use super::Kind;
use super::code::{Code, Inside, Out, Scopes};
use super::lexer::{Rules, Value};
use super::texts::{Hook, Quote};

pub const TYPED: Rules = Rules {
    single: Quote::Line,
    back: Quote::Lines,
    value: Value::Dollar,
    dollar: true,
    hook: Hook::Script,
    ..Rules::BRACES
};
pub const MARKUP: Rules = Rules { hook: Hook::ScriptMarkup, ..TYPED };

/// Words that are called without being defined.
const NO_NAMES: &[&[u8]] = &[
    b"if",
    b"for",
    b"while",
    b"switch",
    b"return",
    b"catch",
    b"function",
    b"await",
    b"typeof",
    b"new",
    b"super",
    b"with",
    b"else",
    b"do",
];
const MODIFIERS: &[&[u8]] = &[
    b"public",
    b"private",
    b"protected",
    b"static",
    b"async",
    b"readonly",
    b"override",
    b"abstract",
    b"declare",
    b"get",
    b"set",
    b"accessor",
];

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut scopes = Scopes::file(Inside::Space);
    let mut at = 0;
    while at < code.len() {
        scopes.leave(at);
        let top = scopes.top();
        let before = at.checked_sub(1).map_or(0, |it| code.mark(it));
        match top.inside {
            Inside::Type | Inside::Interface => {
                let begins = code.fresh(at) || matches!(before, b';' | b'{' | b'}' | b',');
                if begins && let Some(next) = member(code, at, top.name, out, &mut scopes) {
                    at = next;
                    continue;
                }
            }
            Inside::Enum => {
                if matches!(before, b'{' | b',') && code.is_word(at) {
                    out.put(at, Kind::Constant, top.name);
                }
                at = code.next(at);
                continue;
            }
            Inside::Space | Inside::Code => {}
        }
        if code.is(at, b'{') {
            at = brace(code, at, out, &mut scopes);
            continue;
        }
        if !code.is_word(at) || before == b'.' {
            at += 1;
            continue;
        }
        at = keyword(code, at, top.inside, top.name, out, &mut scopes);
    }
}

/// What a word begins; where the scanner goes on.
fn keyword<'a>(
    code: Code<'a, '_>,
    at: usize,
    inside: Inside,
    container: &'a [u8],
    out: &mut Out<'a, '_, '_>,
    scopes: &mut Scopes<'a>,
) -> usize {
    let mut name = at + 1;
    let labels = code.is(name, b':') || code.is(name, b'?') && code.is(name + 1, b':');
    if labels {
        return at + 1;
    }
    match code.word(at) {
        b"function" => {
            name += usize::from(code.is(name, b'*'));
            let value = !declares(code, at);
            if code.is_word(name) && !value {
                out.put(name, Kind::Function, b"");
            }
            name
        }
        b"class" if code.is_word(name) || code.is(name, b'{') => {
            let own = if matches!(code.word(name), b"extends" | b"implements") {
                b""
            } else {
                code.word(name)
            };
            if !own.is_empty() {
                out.put(name, Kind::Class, b"");
            }
            let body = code.seek(name, 200, |it| {
                code.is(it, b'{') && !matches!(code.mark(it - 1), b'<' | b',')
                    || matches!(code.mark(it), b';' | b'}')
            });
            match body {
                Some(body) if code.is(body, b'{') => {
                    scopes.enter(code.close(body), Inside::Type, own);
                    body + 1
                }
                _ => name + 1,
            }
        }
        b"interface" if code.is_word(name) => {
            let body = code.seek(name + 1, 200, |it| {
                code.is(it, b'{') && !matches!(code.mark(it - 1), b'<' | b',' | b'=' | b'|')
                    || matches!(code.mark(it), b';' | b'}' | b')')
            });
            match body {
                Some(body) if code.is(body, b'{') => {
                    out.put(name, Kind::Interface, b"");
                    scopes.enter(code.close(body), Inside::Interface, code.word(name));
                    body + 1
                }
                _ => name,
            }
        }
        b"enum" if code.is_word(name) && code.is(name + 1, b'{') => {
            out.put(name, Kind::Enum, b"");
            scopes.enter(code.close(name + 1), Inside::Enum, code.word(name));
            name + 2
        }
        b"type" if code.is_word(name) && begins_type(code, name + 1) => {
            out.put(name, Kind::Type, b"");
            name + 1
        }
        b"namespace" | b"module" if code.is_word(name) => {
            let mut last = name;
            while code.is(last + 1, b'.') && code.is_word(last + 2) {
                last += 2;
            }
            if code.is(last + 1, b'{') {
                out.put(last, Kind::Module, b"");
                scopes.enter(code.close(last + 1), Inside::Space, b"");
                return last + 2;
            }
            name
        }
        b"const" | b"let" | b"var" => declared(code, at, inside, out),
        _ => assigned(code, at, container, out),
    }
}

/// Whether the `function` at a place is a declaration and not a value with a name.
fn declares(code: Code<'_, '_>, at: usize) -> bool {
    let mut before = at.wrapping_sub(1);
    if code.word(before) == b"async" {
        before = before.wrapping_sub(1);
    }
    if code.fresh(before.wrapping_add(1))
        && !matches!(code.mark(before), b'(' | b',' | b'=' | b':' | b'?' | b'&' | b'|')
    {
        return true;
    }
    match code.word(before) {
        b"export" | b"default" | b"declare" | b"else" => true,
        b"" => matches!(code.mark(before), 0 | b';' | b'{' | b'}' | b')'),
        _ => false,
    }
}

fn begins_type(code: Code<'_, '_>, at: usize) -> bool {
    let after = code.angles(at);
    code.is(after, b'=') && !code.is(after + 1, b'=')
}

/// `const a = …, b = () => …`: functions anywhere, and constants of a module.
fn declared<'a>(code: Code<'a, '_>, at: usize, inside: Inside, out: &mut Out<'a, '_, '_>) -> usize {
    let constant = code.word(at) == b"const" && inside == Inside::Space;
    let mut name = at + 1;
    if code.word(name) == b"enum" {
        return name;
    }
    // Where the first function's body is still to be read.
    let mut first = None;
    for _ in 0..100 {
        if !code.is_word(name) {
            return first.unwrap_or(name);
        }
        let mut place = name + 1;
        if code.is(place, b'!') {
            place += 1;
        }
        if code.is(place, b':') {
            place = after_type(code, place + 1);
        }
        if !code.is(place, b'=') {
            if constant {
                // declare const X: T
                let declared =
                    code.word(at.wrapping_sub(1)) == b"declare" || code.is(name + 1, b':');
                if declared && !matches!(code.word(place), b"of" | b"in") {
                    out.put(name, Kind::Constant, b"");
                }
            }
            return first.unwrap_or(name + 1);
        }
        if let Some(end) = function_end(code, place + 1) {
            out.put(name, Kind::Function, b"");
            if code.is(end, b',') && code.is_word(end + 1) && code.is(end + 2, b'=') {
                first.get_or_insert(place + 1);
                name = end + 1;
                continue;
            }
            return first.unwrap_or(place + 1);
        }
        if constant {
            out.put(name, Kind::Constant, b"");
        }
        // Another one behind a comma, if the value is short.
        let end = code.seek(place + 1, 12, |it| {
            matches!(code.mark(it), b',' | b';' | b'{' | b'(') || code.fresh(it)
        });
        match end {
            Some(end) if code.is(end, b',') && code.is_word(end + 1) && code.is(end + 2, b'=') => {
                name = end + 1;
            }
            _ => return first.unwrap_or(place + 1),
        }
    }
    first.unwrap_or(name)
}

/// Behind the type that begins at `at`: at what follows it.
fn after_type(code: Code<'_, '_>, at: usize) -> usize {
    let mut place = at;
    for _ in 0..120 {
        match code.mark(place) {
            b'=' if code.is(place + 1, b'>') => place += 2,
            b'=' | b';' | b',' | b')' | b'}' => return place,
            b'<' => {
                let after = code.angles(place);
                place = if after > place { after } else { place + 1 };
            }
            b'{' | b'(' | b'[' => place = code.next(place),
            0 if code.fresh(place) && !continues(code, place) => return place,
            0 if matches!(code.word(place), b"of" | b"in") => return place,
            _ => place += 1,
        }
        if place >= code.len() {
            return place;
        }
    }
    place
}

/// Whether a line goes on with the type of the one before.
fn continues(code: Code<'_, '_>, at: usize) -> bool {
    matches!(code.mark(at), b'|' | b'&' | b'?' | b':' | b'>')
        || matches!(code.mark(at.wrapping_sub(1)), b'|' | b'&' | b'=' | b'?' | b':' | b'<' | b',')
}

/// Whether the value at `at` is a function.
fn is_function(code: Code<'_, '_>, at: usize) -> bool {
    function_end(code, at).is_some()
}

/// Where the function ends that the value at `at` is: behind its body in braces, or anywhere in a
/// body without. Nothing where the value is another one, such as what a function gives that is
/// called at once.
fn function_end(code: Code<'_, '_>, mut at: usize) -> Option<usize> {
    let parens = code.is(at, b'(')
        && (code.word(at + 1) == b"function"
            || code.word(at + 1) == b"async" && code.word(at + 2) == b"function");
    if parens {
        let end = function_end(code, at + 1)?;
        let after = code.next(at);
        return (end < after && !code.is(after, b'(')).then_some(after);
    }
    if code.word(at) == b"async" && !code.are(at + 1, b"=>") {
        at += 1;
    }
    if code.word(at) == b"function" {
        let body = code.seek(at + 1, 40, |it| matches!(code.mark(it), b'{' | b';' | b'}'))?;
        let after = code.next(body);
        return (!code.is(after, b'(')).then_some(after);
    }
    let behind_arrow = |arrow: usize| {
        let body = arrow + 2;
        Some(if code.is(body, b'{') { code.next(body) } else { body })
    };
    if code.is_word(at) {
        return if code.are(at + 1, b"=>") { behind_arrow(at + 1) } else { None };
    }
    let open = code.angles(at);
    if !code.is(open, b'(') {
        return None;
    }
    let after = code.next(open);
    if code.are(after, b"=>") {
        return behind_arrow(after);
    }
    if !code.is(after, b':') {
        return (open == at && wrapped(code, open) && !code.is(after, b'(')).then_some(after);
    }
    // (x): T => …, where the type may hold arrows of its own.
    let mut place = after + 1;
    for _ in 0..80 {
        match code.mark(place) {
            b'=' => return if code.is(place + 1, b'>') { behind_arrow(place) } else { None },
            b';' | b',' | b'}' | b')' => return None,
            b'<' => {
                let after = code.angles(place);
                place = if after > place { after } else { place + 1 };
            }
            _ => place = code.next(place),
        }
        if place >= code.len() {
            return None;
        }
    }
    None
}

/// `((x) => …)`
fn wrapped(code: Code<'_, '_>, open: usize) -> bool {
    let inner = open + 1;
    code.is(inner, b'(') && code.are(code.next(inner), b"=>")
}

/// `x.y = function`, `exports.y = () =>` where a statement begins.
fn assigned<'a>(
    code: Code<'a, '_>,
    at: usize,
    container: &'a [u8],
    out: &mut Out<'a, '_, '_>,
) -> usize {
    let begins = code.fresh(at) || matches!(code.mark(at.wrapping_sub(1)), b';' | b'{' | b'}');
    if !begins {
        return at + 1;
    }
    let mut name = at;
    while code.is(name + 1, b'.') && code.is_word(name + 2) {
        name += 2;
    }
    if name > at
        && code.is(name + 1, b'=')
        && !code.is(name + 2, b'=')
        && is_function(code, name + 2)
    {
        out.put(name, Kind::Function, container);
    }
    name + 1
}

/// A brace outside of classes: a block, or an object, whose functions are found.
fn brace<'a>(
    code: Code<'a, '_>,
    at: usize,
    out: &mut Out<'a, '_, '_>,
    scopes: &mut Scopes<'a>,
) -> usize {
    let before = at.wrapping_sub(1);
    let object = match code.mark(before) {
        b':' if matches!(code.mark(before.wrapping_sub(1)), b'}' | b')') => {
            return types(code, at, b"", scopes);
        }
        b'=' if alias(code, before).is_some() => {
            let name = alias(code, before).unwrap_or_default();
            return types(code, at, name, scopes);
        }
        b'(' | b',' | b'=' | b'[' | b'?' | b'&' | b'|' | b':' | b'!' | b'.' => true,
        // The value of an attribute in markup.
        b'{' => code.byte_before(before) == b'=',
        0 => {
            matches!(code.word(before), b"return" | b"default" | b"await" | b"yield" | b"satisfies")
        }
        _ => false,
    };
    // The keys are members of an object: those that are functions.
    if object {
        properties(code, at, out);
    }
    scopes.enter(code.close(at), Inside::Code, b"");
    at + 1
}

/// The functions of the object that opens at `at`.
fn properties<'a>(code: Code<'a, '_>, at: usize, out: &mut Out<'a, '_, '_>) {
    // An object that nothing closes is not looked through, or many of them would take long.
    let close = code.mate(at);
    let mut place = at + 1;
    while place < close {
        property(code, place, out);
        // On to behind the next comma.
        while place < close && !code.is(place, b',') {
            place = code.next(place);
        }
        place += 1;
    }
}

/// Enters a type in braces.
fn types<'a>(code: Code<'a, '_>, at: usize, name: &'a [u8], scopes: &mut Scopes<'a>) -> usize {
    scopes.enter(code.close(at), Inside::Interface, name);
    at + 1
}

/// The name in `type Name<T> =` before the `=` at `at`.
fn alias<'a>(code: Code<'a, '_>, at: usize) -> Option<&'a [u8]> {
    let mut name = at.checked_sub(1)?;
    if code.is(name, b'>') {
        let open = (0..name).rev().take(60).find(|it| code.angles(*it) == at)?;
        name = open.checked_sub(1)?;
    }
    let keyword = name.checked_sub(1)?;
    (code.is_word(name) && code.word(keyword) == b"type").then(|| code.word(name))
}

/// `name(…) {` or `name: function` in an object.
fn property<'a>(code: Code<'a, '_>, at: usize, out: &mut Out<'a, '_, '_>) {
    let mut name = at;
    while MODIFIERS.contains(&code.word(name)) && code.is_word(name + 1) {
        name += 1;
    }
    name += usize::from(code.is(name, b'*'));
    if !code.is_word(name) {
        return;
    }
    if code.is(name + 1, b':') {
        if is_function(code, name + 2) {
            out.put(name, Kind::Method, b"");
        }
        return;
    }
    let open = code.angles(name + 1);
    if code.is(open, b'(')
        && opens_body(code, code.next(open))
        && !NO_NAMES.contains(&code.word(name))
    {
        out.put(name, Kind::Method, b"");
    }
}

/// Whether a body opens here, behind a type that may stand before it.
fn opens_body(code: Code<'_, '_>, at: usize) -> bool {
    if code.is(at, b'{') {
        return true;
    }
    code.is(at, b':') && body_of(code, at).is_some()
}

/// The body behind parameters and the type of what is returned.
fn body_of(code: Code<'_, '_>, at: usize) -> Option<usize> {
    if code.is(at, b'{') {
        return Some(at);
    }
    if !code.is(at, b':') {
        return None;
    }
    let mut place = at + 1;
    for _ in 0..120 {
        match code.mark(place) {
            b'{' => {
                // An object's type, or the body: behind a type there is one or nothing.
                let arrow = code.is(place - 2, b'=');
                let typed = matches!(code.mark(place - 1), b':' | b'|' | b'&' | b'<' | b'=')
                    || code.is(place - 1, b'>') && arrow
                    || matches!(code.word(place - 1), b"is" | b"extends" | b"keyof");
                if !typed {
                    return Some(place);
                }
                place = code.next(place);
            }
            b';' | b'}' | b')' | b',' => return None,
            b'=' if !code.is(place + 1, b'>') => return None,
            b'<' => {
                let after = code.angles(place);
                place = if after > place { after } else { place + 1 };
            }
            _ => place = code.next(place),
        }
        if place >= code.len() {
            return None;
        }
    }
    None
}

/// A member of a class or an interface that begins at `at`; where the scanner goes on.
fn member<'a>(
    code: Code<'a, '_>,
    at: usize,
    container: &'a [u8],
    out: &mut Out<'a, '_, '_>,
    scopes: &mut Scopes<'a>,
) -> Option<usize> {
    let mut name = at;
    // Decorators.
    while code.is(name, b'@') {
        name += 2;
        while code.is(name, b'.') {
            name += 2;
        }
        if code.is(name, b'(') {
            if code.is(name + 1, b'{') {
                properties(code, name + 1, out);
            }
            name = code.next(name);
        }
    }
    while MODIFIERS.contains(&code.word(name))
        && (code.is_word(name + 1) || matches!(code.mark(name + 1), b'*' | b'#' | b'['))
    {
        name += 1;
    }
    while matches!(code.mark(name), b'*' | b'#') {
        name += 1;
    }
    if code.is(name, b'[') {
        // A computed name.
        return None;
    }
    if !code.is_word(name) {
        return None;
    }
    let mut open = name + 1;
    if matches!(code.mark(open), b'?' | b'!') {
        open += 1;
    }
    open = code.angles(open);
    if code.is(open, b'(') {
        out.put(name, Kind::Method, container);
        let after = code.next(open);
        if let Some(body) = body_of(code, after) {
            // Parameters may hold properties of the class; they are no functions.
            scopes.enter(code.close(body), Inside::Code, b"");
            return Some(body + 1);
        }
        return Some(after);
    }
    if code.is(open, b':') {
        open = after_type(code, open + 1);
    }
    if code.is(open, b'=') && !code.is(open + 1, b'=') {
        if is_function(code, open + 1) {
            out.put(name, Kind::Method, container);
        }
        // The value is code up to the next member.
        let end = code.seek(open + 1, 100_000, |it| {
            code.is(it, b';')
                || code.is(it, b'}')
                || code.fresh(it) && it > open + 1 && !joined(code, it)
        });
        scopes.enter(end.unwrap_or(code.len()), Inside::Code, b"");
        return Some(open + 1);
    }
    Some(open.max(name + 1))
}

/// Whether a line goes on with the value of the one before.
fn joined(code: Code<'_, '_>, at: usize) -> bool {
    matches!(
        code.mark(at),
        b'.' | b'?' | b':' | b'+' | b'|' | b'&' | b')' | b']' | b',' | b'=' | b'>'
    ) || matches!(
        code.mark(at.wrapping_sub(1)),
        b'=' | b'>' | b'(' | b'+' | b'|' | b'&' | b'?' | b':' | b',' | b'.'
    )
}
