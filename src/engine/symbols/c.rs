//! C, C++ and what is written like them: functions, methods, structures, types, macros, constants.

use super::Kind;
use super::code::{Code, Inside, Out, Scopes};
use super::lexer::{Hash, Kind as TokenKind, Rules};
use super::texts::Hook;

pub const RULES: Rules = Rules { hash: Hash::Directive, hook: Hook::Cpp, ..Rules::BRACES };

/// Words that stand before brackets and name no function.
const NO_NAMES: &[&[u8]] = &[
    b"if",
    b"for",
    b"while",
    b"switch",
    b"return",
    b"sizeof",
    b"catch",
    b"defined",
    b"do",
    b"else",
    b"__attribute__",
    b"__attribute",
    b"__declspec",
    b"alignas",
    b"_Alignas",
    b"noexcept",
    b"throw",
    b"decltype",
    b"typeof",
    b"__typeof__",
    b"requires",
    b"explicit",
    b"asm",
    b"__asm__",
    b"static_assert",
    b"_Static_assert",
    b"int",
    b"void",
    b"char",
    b"long",
    b"short",
    b"unsigned",
    b"signed",
    b"bool",
    b"float",
    b"double",
    b"const",
    b"auto",
    b"struct",
    b"union",
    b"enum",
    b"constexpr",
    b"delete",
    b"new",
    b"operator",
    b"using",
    b"__except",
    b"__asm",
    b"alignof",
    b"and",
    b"or",
    b"not",
];

/// What a statement turned out to be.
enum Head<'a> {
    /// A body of this kind, with the name of what it belongs to.
    Body(Inside, &'a [u8]),
    /// An initialiser or the like: the statement goes on behind it.
    Value,
    /// A type's body within a statement that goes on: `typedef struct { … } x;`
    Type(Inside, &'a [u8]),
}

pub fn scan<'a>(code: Code<'a, '_>, out: &mut Out<'a, '_, '_>) {
    let mut scopes = Scopes::file(Inside::Space);
    // Where the statement at hand begins, and whether it names a type at its end.
    let mut start = 0;
    let mut at = 0;
    while at < code.len() {
        if scopes.top().close <= at {
            let closed = scopes.top();
            scopes.leave(at);
            at = code.mate(at).max(at) + usize::from(code.is(at, b'}'));
            if closed.inside == Inside::Space || closed.name == CLOSES_STATEMENT {
                start = at;
            }
            continue;
        }
        let top = scopes.top();
        if top.inside == Inside::Enum {
            at = enumerator(code, at, out, &scopes);
            start = at;
            continue;
        }
        match code.mark(at) {
            0 => {
                if code.kind(at) == Some(TokenKind::Define) {
                    define(code, at, out);
                    if at == start {
                        start = at + 1;
                    }
                }
                at += 1;
            }
            b';' => {
                ended(code, start, at, top.inside, top.name, out);
                at += 1;
                start = at;
            }
            b':' if at > start
                && !code.is(at + 1, b':')
                && matches!(
                    code.word(at - 1),
                    b"public" | b"private" | b"protected" | b"signals" | b"slots"
                ) =>
            {
                at += 1;
                start = at;
            }
            b'{' => {
                let close = code.close(at);
                match head(code, start, at, top.inside, top.name, out) {
                    Head::Body(Inside::Code, _) => {
                        body(code, at, out);
                        at = close + 1;
                        start = at;
                    }
                    Head::Body(inside, name) => {
                        scopes.enter(close, inside, name);
                        at += 1;
                        start = at;
                    }
                    Head::Type(inside, name) => {
                        if inside == Inside::Enum {
                            enumerators(code, at, name, out);
                            at = close + 1;
                        } else if code.word(start) == b"typedef" || inside == Inside::Code {
                            members(code, at, name, out);
                            at = close + 1;
                        } else {
                            scopes.enter(close, inside, name);
                            at += 1;
                            start = at;
                        }
                    }
                    Head::Value => at = close + 1,
                }
            }
            b'}' => {
                // Closes nothing that was opened: the rest stands on its own.
                at += 1;
                start = at;
            }
            _ => at = code.next(at),
        }
    }
}

/// Never a name: scopes whose end ends their statement are told by it.
const CLOSES_STATEMENT: &[u8] = b"{";

/// What a function's body defines: macros, and types that only it knows.
fn body<'a>(code: Code<'a, '_>, open: usize, out: &mut Out<'a, '_, '_>) {
    let close = code.close(open);
    let mut scopes = Scopes::file(Inside::Code);
    let mut at = open + 1;
    while at < close {
        if scopes.top().close <= at {
            scopes.leave(at);
            at += 1;
            continue;
        }
        let begins = matches!(code.mark(at.wrapping_sub(1)), b';' | b'{' | b'}' | b')');
        match code.word(at) {
            b"" if code.kind(at) == Some(TokenKind::Define) => {
                define(code, at, out);
            }
            b"using" if begins && code.is_word(at + 1) && code.is(at + 2, b'=') => {
                out.put(at + 1, Kind::Type, b"");
            }
            b"typedef" if begins => {
                let end = code.seek(at, 400, |it| code.is(it, b';')).unwrap_or(at);
                ended(code, at, end, Inside::Type, b"", out);
            }
            b"class" | b"struct" | b"union" | b"enum" => {
                let ends = |it: usize| {
                    matches!(code.mark(it), b'{' | b';' | b'(' | b')' | b'=' | b',' | b'*')
                };
                if let Some(brace) = code.seek(at, 40, ends).filter(|it| code.is(*it, b'{'))
                    && let Some(Head::Type(inside, name)) = type_head(code, at, brace, b"", out)
                {
                    if inside == Inside::Enum {
                        enumerators(code, brace, name, out);
                        at = code.close(brace);
                    } else {
                        inner(code, brace, name, out);
                        at = code.close(brace);
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// The members of a type within a function.
fn inner<'a>(code: Code<'a, '_>, open: usize, name: &'a [u8], out: &mut Out<'a, '_, '_>) {
    let close = code.close(open);
    let mut start = open + 1;
    let mut at = start;
    while at < close {
        match code.mark(at) {
            b';' => {
                ended(code, start, at, Inside::Type, name, out);
                at += 1;
                start = at;
            }
            b':' if matches!(code.word(at - 1), b"public" | b"private" | b"protected") => {
                at += 1;
                start = at;
            }
            b'{' => {
                let ends = !matches!(
                    head(code, start, at, Inside::Type, name, out),
                    Head::Value | Head::Type(..)
                );
                at = code.close(at) + 1;
                if ends {
                    start = at;
                }
            }
            _ => at = code.next(at),
        }
    }
}

/// A macro's name.
fn define<'a>(code: Code<'a, '_>, at: usize, out: &mut Out<'a, '_, '_>) {
    let called = code.byte_after(at) == b'(';
    out.put(at, if called { Kind::Macro } else { Kind::Constant }, b"");
}

/// Types within a structure that a `typedef` names.
fn members<'a>(code: Code<'a, '_>, open: usize, name: &'a [u8], out: &mut Out<'a, '_, '_>) {
    let close = code.close(open);
    let mut start = open + 1;
    let mut at = start;
    while at < close {
        match code.mark(at) {
            b';' => {
                at += 1;
                start = at;
            }
            b'{' => {
                if let Head::Type(inside, inner) = head(code, start, at, Inside::Type, name, out) {
                    if inside == Inside::Enum {
                        enumerators(code, at, inner, out);
                        at = code.next(at);
                    } else {
                        at += 1;
                        start = at;
                    }
                } else {
                    at = code.next(at);
                }
            }
            _ => {
                if code.kind(at) == Some(TokenKind::Define) {
                    define(code, at, out);
                }
                at = if code.is(at, b'}') { at + 1 } else { code.next(at) };
            }
        }
    }
}

fn enumerators<'a>(code: Code<'a, '_>, open: usize, name: &'a [u8], out: &mut Out<'a, '_, '_>) {
    let mut scopes = Scopes::file(Inside::Enum);
    let close = code.close(open);
    scopes.enter(close, Inside::Enum, name);
    let mut at = open + 1;
    while at < close {
        at = enumerator(code, at, out, &scopes);
    }
}

fn enumerator<'a>(
    code: Code<'a, '_>,
    at: usize,
    out: &mut Out<'a, '_, '_>,
    scopes: &Scopes<'a>,
) -> usize {
    if code.kind(at) == Some(TokenKind::Define) {
        define(code, at, out);
        return at + 1;
    }
    let mut before = at.wrapping_sub(1);
    while code.kind(before) == Some(TokenKind::Define) {
        before = before.wrapping_sub(1);
    }
    let begins = matches!(code.mark(before), b'{' | b',');
    if begins && code.is_word(at) && !code.is(at + 1, b'(') {
        out.put(at, Kind::Constant, scopes.name());
    }
    code.next(at)
}

/// Behind `template <…>` and attributes, at the beginning of a statement.
fn skip_lead(code: Code<'_, '_>, mut at: usize, end: usize) -> usize {
    loop {
        let before = at;
        if code.kind(at) == Some(TokenKind::Define) {
            at += 1;
        }
        if code.word(at) == b"template" {
            at = code.angles(at + 1).max(at + 1);
        }
        if code.is(at, b'[') && code.is(at + 1, b'[') {
            at = code.next(at);
        }
        if at == before || at >= end {
            return at.min(end);
        }
    }
}

/// What opens with the `{` at `open`, in the statement that begins at `start`.
fn head<'a>(
    code: Code<'a, '_>,
    start: usize,
    open: usize,
    inside: Inside,
    container: &'a [u8],
    out: &mut Out<'a, '_, '_>,
) -> Head<'a> {
    let start = skip_lead(code, start, open);
    let mut keyword = None;
    let mut assigned = false;
    let mut at = start;
    while at < open {
        match code.word(at) {
            b"namespace" => {
                let mut name = at + 1;
                while code.is(name + 1, b':') && code.is_word(name + 3) {
                    name += 3;
                }
                if code.is_word(name) && name < open {
                    out.put(name, Kind::Module, b"");
                }
                return Head::Body(Inside::Space, b"");
            }
            b"extern" if code.is_text(at + 1) && at + 2 == open => {
                return Head::Body(Inside::Space, b"");
            }
            b"class" | b"struct" | b"union" | b"enum" if keyword.is_none() => keyword = Some(at),
            b"operator" => {
                // An operator has no name to look for.
                return Head::Body(Inside::Code, b"");
            }
            _ => {}
        }
        if code.is(at, b'=') && at > start {
            assigned = true;
            break;
        }
        let after = if code.is(at, b'<') { code.angles(at) } else { at };
        at = if after > at { after } else { code.next(at) };
    }
    if assigned {
        return Head::Value;
    }
    if let Some(keyword) = keyword
        && let Some(head) = type_head(code, keyword, open, container, out)
    {
        return head;
    }
    if let Some(name) = function_name(code, start, open, container) {
        let mut of = container;
        let mut method = inside == Inside::Type;
        // `::name` at the very beginning is qualified by nothing.
        if let Some(before) = name.checked_sub(3)
            && code.is(name - 1, b':')
            && code.is(name - 2, b':')
        {
            method = true;
            of = qualifier(code, before);
        }
        if code.is(name.wrapping_sub(1), b'~') {
            return Head::Body(Inside::Code, b"");
        }
        let kind = if method { Kind::Method } else { Kind::Function };
        out.put(name, kind, of);
        return Head::Body(Inside::Code, b"");
    }
    // `X value{1};` or the body of a constructor's initialiser.
    let braced = code.is_word(open.wrapping_sub(1)) && open > start + 1;
    if braced || has_initialisers(code, start, open) {
        constant(code, start, open, inside, container, out);
        return Head::Value;
    }
    Head::Body(Inside::Code, b"")
}

/// `class X : public Y {`, `enum class X : int {`, `struct {`; nothing where the keyword only
/// belongs to a function's type.
fn type_head<'a>(
    code: Code<'a, '_>,
    keyword: usize,
    open: usize,
    container: &'a [u8],
    out: &mut Out<'a, '_, '_>,
) -> Option<Head<'a>> {
    let of_enum = code.word(keyword) == b"enum";
    let mut at = keyword + 1;
    if matches!(code.word(at), b"class" | b"struct") {
        at += 1;
    }
    let mut name = None;
    let mut called = false;
    while at < open {
        match code.mark(at) {
            b':' if code.is(at + 1, b':') => at += 1,
            b':' => break,
            b'(' => {
                // An attribute, or the parameters of a function.
                let by = code.word(at - 1);
                let attribute = by.starts_with(b"__")
                    || by == b"alignas"
                    || by
                        .iter()
                        .all(|it| it.is_ascii_uppercase() || *it == b'_' || it.is_ascii_digit());
                if !attribute || by.is_empty() {
                    called = true;
                }
                if name == Some(at - 1) {
                    name = None;
                }
            }
            b'*' | b'&' => called = true,
            _ if code.is_word(at) && !matches!(code.word(at), b"final" | b"sealed") => {
                // Behind its name a type has only attributes.
                let attribute = code.word(at).starts_with(b"__") && name.is_some();
                if !attribute {
                    name = Some(at);
                }
            }
            _ => {}
        }
        let after = if code.is(at, b'<') { code.angles(at) } else { at };
        at = if after > at { after } else { code.next(at) };
    }
    if called {
        return None;
    }
    let inside = if of_enum { Inside::Enum } else { Inside::Type };
    let Some(name) = name else { return Some(Head::Type(inside, b"")) };
    let kind = if of_enum { Kind::Enum } else { Kind::Class };
    out.put(name, kind, container);
    Some(Head::Type(inside, code.word(name)))
}

/// The name before the parameters of a function whose body opens at `open`.
fn function_name(code: Code<'_, '_>, start: usize, open: usize, class: &[u8]) -> Option<usize> {
    let mut candidates = [0; 4];
    let mut count = 0;
    let mut at = start;
    while at < open {
        if code.is(at, b':') && !code.is(at + 1, b':') && !code.is(at.wrapping_sub(1), b':') {
            // The initialisers of a constructor follow.
            if count > 0 {
                break;
            }
        }
        if code.is(at, b'(') && at > start {
            let by = at - 1;
            let name = code.word(by);
            if !name.is_empty() && !NO_NAMES.contains(&name) {
                if count < candidates.len() {
                    candidates[count] = by;
                    count += 1;
                }
            } else if count == 0 && code.is(at + 1, b'*') {
                // int (*name(int))(int)
                let inner = code.seek(at + 2, 12, |it| code.is(it, b'(') || code.is(it, b')'))?;
                if code.is(inner, b'(') && code.is_word(inner - 1) {
                    return Some(inner - 1);
                }
            } else if count == 0 && code.is(by, b'>') {
                // name<T>(…)
                let opens = (start..by).rev().take(60).find(|it| code.is(*it, b'<'))?;
                if opens > start && code.is_word(opens - 1) {
                    candidates[0] = opens - 1;
                    count = 1;
                }
            }
        }
        let after = if code.is(at, b'<') { code.angles(at) } else { at };
        at = if after > at { after } else { code.next(at) };
    }
    let all = candidates.get(..count)?;
    let shouting = |it: usize| {
        let word = code.word(it);
        word.starts_with(b"__") || !word.iter().any(u8::is_ascii_lowercase) && word.len() > 1
    };
    // Macros with brackets may stand before the name and behind the parameters.
    let name = all.iter().copied().find(|it| !shouting(*it)).or(all.first().copied())?;
    if shouting(name) && count == 1 && !code.word(name).starts_with(b"__") {
        // TEST(Suite, Name) { … } and static CALLBACK(name) { … } name what is in them.
        let inner = code.close(name + 1).saturating_sub(1);
        let listed = matches!(code.mark(inner.wrapping_sub(1)), b',' | b'(');
        if code.is_word(inner) && listed && code.word(inner) != b"void" {
            return Some(inner);
        }
        if name == start {
            return None;
        }
    }
    let own = code.word(name) == class || code.is(name.wrapping_sub(1), b':');
    (name > start || own || code.column(name) == 0).then_some(name)
}

/// The class in `Class<T>::name`, whose end is at `at`.
fn qualifier<'a>(code: Code<'a, '_>, at: usize) -> &'a [u8] {
    if !code.is(at, b'>') {
        return code.word(at);
    }
    let open = (0..at).rev().take(60).find(|it| code.is(*it, b'<'));
    open.map_or(b"", |it| code.word(it.wrapping_sub(1)))
}

/// Whether parameters and then `:` stand in the statement: initialisers follow.
fn has_initialisers(code: Code<'_, '_>, start: usize, open: usize) -> bool {
    (start..open)
        .any(|at| code.is(at, b':') && code.is(at.wrapping_sub(1), b')') && !code.is(at + 1, b':'))
}

/// The statement ends at `end` without a body of its own.
fn ended<'a>(
    code: Code<'a, '_>,
    start: usize,
    end: usize,
    inside: Inside,
    container: &'a [u8],
    out: &mut Out<'a, '_, '_>,
) {
    let start = skip_lead(code, start, end);
    match code.word(start) {
        b"typedef" => {
            if let Some(name) = typedef_name(code, start + 1, end) {
                out.put(name, Kind::Type, container);
                // typedef struct x x_t, *x_p;
                let mut at = name + 1;
                while at < end {
                    if code.is(at, b',') {
                        let mut next = at + 1;
                        while code.is(next, b'*') {
                            next += 1;
                        }
                        if code.is_word(next) {
                            out.put(next, Kind::Type, container);
                        }
                    }
                    at = code.next(at);
                }
            }
        }
        b"using" if code.is_word(start + 1) => {
            let assigned = code.seek(start + 2, 12, |it| code.is(it, b'=') || it >= end);
            if assigned.is_some_and(|it| it < end) {
                out.put(start + 1, Kind::Type, container);
            }
        }
        b"concept" if code.is_word(start + 1) => out.put(start + 1, Kind::Type, container),
        _ => constant(code, start, end, inside, container, out),
    }
}

/// `const T NAME = …` outside of functions.
fn constant<'a>(
    code: Code<'a, '_>,
    start: usize,
    end: usize,
    inside: Inside,
    container: &'a [u8],
    out: &mut Out<'a, '_, '_>,
) {
    let mut constant = false;
    let mut at = start;
    let mut name = None;
    while at < end {
        match code.word(at) {
            b"const" | b"constexpr" | b"constinit" => constant = true,
            b"operator" => return,
            b"" => {}
            _ => name = Some(at),
        }
        match code.mark(at) {
            b'=' => break,
            b'(' => return,
            _ => {}
        }
        let after = if code.is(at, b'<') { code.angles(at) } else { at };
        at = if after > at { after } else { code.next(at) };
    }
    let assigned = code.is(at, b'=') && at < end || at == end && code.is(end, b'{');
    if constant
        && assigned
        && inside != Inside::Code
        && let Some(name) = name
        && name > start
    {
        out.put(name, Kind::Constant, container);
    }
}

/// The (first) name that a `typedef` gives.
fn typedef_name(code: Code<'_, '_>, start: usize, end: usize) -> Option<usize> {
    let mut name = None;
    let mut at = start;
    while at < end {
        match code.mark(at) {
            b'(' => {
                if code.word(at - 1).starts_with(b"__a") {
                    at = code.next(at);
                    continue;
                }
                // typedef int (*name)(void); typedef int (CALL *name)(void);
                let close = code.close(at);
                let pointer =
                    (at + 1..close).take(4).any(|it| matches!(code.mark(it), b'*' | b'^'));
                let bare = code.is_word(at + 1) && close == at + 2 && at > start;
                if (pointer || bare) && code.is(close + 1, b'(') {
                    let inner = (at + 1..close).find(|it| {
                        code.is_word(*it) && matches!(code.mark(it + 1), b')' | b'(' | b'[')
                    });
                    return inner;
                }
                // typedef LIST(x) name;
                if code.is_word(close + 1) && !code.word(close + 1).starts_with(b"__") {
                    at = close + 1;
                    continue;
                }
                return name;
            }
            b',' | b'[' => return name,
            _ if code.is_word(at) && !code.word(at).starts_with(b"__attribute") => {
                name = Some(at);
            }
            _ => {}
        }
        let after = if code.is(at, b'<') { code.angles(at) } else { at };
        at = if after > at { after } else { code.next(at) };
    }
    name
}
