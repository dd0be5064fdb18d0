//! The string literals of code as templates: constant pieces with gaps where values go.
//!
//! One scanner for all languages: quotes of three kinds, tripled ones, escapes, comments. Literals
//! that one statement puts together (`"a " + x + " b"`, `"a " "b"`) are one template as well.

/// Stands for a value in a template.
pub const GAP: char = '\u{0}';

/// A literal, or several that one statement joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// 1-based line where it begins.
    pub line: u64,
    /// The text, with [`GAP`] for values.
    pub text: String,
}

/// Longest literal that is kept, in bytes.
const LONGEST: usize = 2000;
/// Most code between two literals of one statement, in bytes.
const MOST_BETWEEN: usize = 160;
/// Most literals of a file.
const MOST: usize = 20_000;

struct Literal {
    line: u64,
    start: usize,
    end: usize,
    text: String,
}

/// The templates of a text with this ending of its name.
pub fn templates(text: &[u8], ending: &[u8]) -> Vec<Template> {
    let literals = scan(text, ending);
    let mut found: Vec<Template> = Vec::new();
    let mut joined: Option<(u64, usize, String, usize)> = None;
    for it in &literals {
        let goes_on = joined.as_ref().and_then(|(_, end, ..)| {
            let between = text.get(*end..it.start)?;
            joins(between)
        });
        match (&mut joined, goes_on) {
            (Some((_, end, all, count)), Some(gap)) if all.len() < LONGEST => {
                if gap {
                    all.push(GAP);
                }
                all.push_str(&it.text);
                *end = it.end;
                *count += 1;
            }
            (joined, _) => {
                finish(joined.take(), &mut found);
                *joined = Some((it.line, it.end, it.text.clone(), 1));
            }
        }
        found.push(Template { line: it.line, text: it.text.clone() });
    }
    finish(joined, &mut found);
    found
}

fn finish(joined: Option<(u64, usize, String, usize)>, found: &mut Vec<Template>) {
    if let Some((line, _, text, count)) = joined
        && count > 1
    {
        found.push(Template { line, text });
    }
}

/// Whether code between two literals only joins them, and whether a value comes between.
fn joins(between: &[u8]) -> Option<bool> {
    if between.len() > MOST_BETWEEN {
        return None;
    }
    let code = between.trim_ascii();
    if code.is_empty() || code == b"\\" {
        return Some(false);
    }
    let ends = [b';', b'{', b'}', b'='];
    let mut depth = 0i32;
    for byte in code {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            it if ends.contains(it) && depth == 0 => return None,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    let joiner = |it: u8| matches!(it, b'+' | b'.' | b'&' | b'~');
    let (first, last) = (code.first().copied()?, code.last().copied()?);
    let streamed = code.starts_with(b"<<") && code.ends_with(b"<<") || code.starts_with(b"<>");
    if (joiner(first) && joiner(last)) || streamed {
        let bare = code.iter().all(|it| joiner(*it) || it.is_ascii_whitespace());
        return Some(!bare);
    }
    None
}

/// How a language writes what is no string.
struct Language {
    hash_comments: bool,
    slash_comments: bool,
    /// `'` is only for single characters, or for lifetimes.
    single_is_character: bool,
    /// Braces hold values in plain literals (`format!("{x}")`, `logger.info("{}")`).
    markup: bool,
}

fn language_of(ending: &[u8]) -> Language {
    let hash = matches!(
        ending,
        b"py"
            | b"pyi"
            | b"rb"
            | b"erb"
            | b"rake"
            | b"sh"
            | b"bash"
            | b"ex"
            | b"exs"
            | b"php"
            | b"yml"
            | b"yaml"
            | b"toml"
            | b"pl"
            | b"r"
    );
    let slash = matches!(
        ending,
        b"js"
            | b"jsx"
            | b"ts"
            | b"tsx"
            | b"mjs"
            | b"cjs"
            | b"mts"
            | b"java"
            | b"kt"
            | b"kts"
            | b"go"
            | b"rs"
            | b"php"
            | b"cs"
            | b"c"
            | b"h"
            | b"cc"
            | b"cpp"
            | b"hpp"
            | b"swift"
            | b"scala"
            | b"dart"
            | b"groovy"
    );
    let character = matches!(
        ending,
        b"java"
            | b"kt"
            | b"kts"
            | b"go"
            | b"rs"
            | b"cs"
            | b"c"
            | b"h"
            | b"cc"
            | b"cpp"
            | b"hpp"
            | b"swift"
            | b"scala"
    );
    let markup = matches!(
        ending,
        b"vue" | b"svelte" | b"html" | b"htm" | b"properties" | b"po" | b"md" | b"txt"
    );
    Language { hash_comments: hash, slash_comments: slash, single_is_character: character, markup }
}

fn scan(text: &[u8], ending: &[u8]) -> Vec<Literal> {
    let language = language_of(ending);
    let mut found = Vec::new();
    let mut line = 1;
    let mut at = 0;
    // Where a scan for the quote that closes ended without one, for each kind of quote: up to there
    // no other of its kind can open a literal.
    let mut unclosed = [0; 3];
    while let Some(&byte) = text.get(at) {
        if found.len() >= MOST {
            break;
        }
        match byte {
            b'\n' => line += 1,
            b'#' if language.hash_comments && !language.markup => {
                let begins = at == 0 || text[at - 1].is_ascii_whitespace();
                if begins {
                    at = end_of_line(text, at);
                    continue;
                }
            }
            b'/' if language.slash_comments
                && text.get(at + 1) == Some(&b'/')
                && at.checked_sub(1).and_then(|it| text.get(it)) != Some(&b':') =>
            {
                at = end_of_line(text, at);
                continue;
            }
            b'/' if language.slash_comments && text.get(at + 1) == Some(&b'*') => {
                let end =
                    memchr::memmem::find(&text[at..], b"*/").map_or(text.len(), |it| at + it + 2);
                line += memchr::memchr_iter(b'\n', &text[at..end]).count() as u64;
                at = end;
                continue;
            }
            b'"' | b'\'' | b'`' => {
                if byte == b'\'' && language.single_is_character {
                    at = after_character(text, at);
                    continue;
                }
                if byte == b'\''
                    && at > 0
                    && text[at - 1].is_ascii_alphanumeric()
                    && !raw_prefix(text, at)
                {
                    at += 1;
                    continue;
                }
                let kind = match byte {
                    b'"' => 0,
                    b'\'' => 1,
                    _ => 2,
                };
                if at < unclosed[kind] {
                    at += 1;
                    continue;
                }
                match literal_at(text, at, byte) {
                    Err(end) => unclosed[kind] = end,
                    Ok((end, inner)) => {
                        let lines = memchr::memchr_iter(b'\n', &text[at..end]).count() as u64;
                        let kept = &inner[..inner.len().min(LONGEST)];
                        let template = template_of(&String::from_utf8_lossy(kept));
                        if template.len() > 2 {
                            found.push(Literal {
                                line,
                                start: prefix_start(text, at),
                                end,
                                text: template,
                            });
                        }
                        line += lines;
                        at = end;
                        continue;
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn end_of_line(text: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |it| at + it)
}

/// Past `'x'` or `'\n'`, or past the quote of a lifetime.
fn after_character(text: &[u8], at: usize) -> usize {
    if text.get(at + 1) == Some(&b'\\') {
        let rest = text.get(at + 2..text.len().min(at + 12)).unwrap_or_default();
        return rest.iter().position(|it| *it == b'\'').map_or(at + 1, |it| at + it + 3);
    }
    if text.get(at + 2) == Some(&b'\'') { at + 3 } else { at + 1 }
}

/// Whether the letters before a quote are marks of a literal: `f'…'`, `rb'…'`.
fn raw_prefix(text: &[u8], at: usize) -> bool {
    let start = prefix_start(text, at);
    start < at && start.checked_sub(1).is_none_or(|it| !text[it].is_ascii_alphanumeric())
}

fn prefix_start(text: &[u8], at: usize) -> usize {
    let mut start = at;
    while start > 0 && at - start < 2 && b"fFrRbBuU$@".contains(&text[start - 1]) {
        start -= 1;
    }
    start
}

/// The literal that begins with the quote at `at`: where it ends, and what is between the quotes; or
/// where the search for the end ended.
fn literal_at(text: &[u8], at: usize, quote: u8) -> Result<(usize, &[u8]), usize> {
    let triple = [quote; 3];
    if quote != b'`' && text.get(at..at + 3) == Some(&triple[..]) {
        let body = at + 3;
        let found = memchr::memmem::find(text.get(body..).unwrap_or_default(), &triple);
        let end = body + found.ok_or(text.len())?;
        return Ok((end + 3, &text[body..end]));
    }
    let mut place = at + 1;
    while let Some(&byte) = text.get(place) {
        match byte {
            b'\\' => place += 1,
            // A quote that its line does not close is an apostrophe.
            b'\n' if quote != b'`' => return Err(place),
            it if it == quote => return Ok((place + 1, &text[at + 1..place])),
            _ => {}
        }
        if place - at > LONGEST * 8 {
            return Err(place);
        }
        place += 1;
    }
    Err(place)
}

/// Puts gaps where values go: `%s`, `%(name)s`, `{}`, `{name}`, `${x}`, `#{x}`, `\(x)`.
fn template_of(literal: &str) -> String {
    let mut out = String::with_capacity(literal.len());
    let mut rest = literal;
    let gap = |out: &mut String| {
        if !out.ends_with(GAP) {
            out.push(GAP);
        }
    };
    while let Some(it) = rest.chars().next() {
        let after = rest.get(it.len_utf8()..).unwrap_or_default();
        let next = after.chars().next();
        match (it, next) {
            ('$' | '#', Some('{')) => {
                gap(&mut out);
                rest = closed(after.get(1..).unwrap_or_default());
            }
            ('\\', Some('(')) => {
                gap(&mut out);
                rest = after.find(')').and_then(|it| after.get(it + 1..)).unwrap_or_default();
            }
            ('\\', Some(escaped)) => {
                out.push(match escaped {
                    'n' | 't' | 'r' => ' ',
                    other => other,
                });
                rest = after.get(escaped.len_utf8()..).unwrap_or_default();
            }
            ('{', Some('{')) | ('}', Some('}')) | ('%', Some('%')) => {
                out.push(it);
                rest = after.get(1..).unwrap_or_default();
            }
            ('{', _) => {
                let inner = after.find('}').and_then(|it| after.get(..it));
                if inner.is_some_and(|it| it.len() <= 80 && !it.contains(['"', ';', '\n'])) {
                    gap(&mut out);
                    rest = closed(after);
                } else {
                    out.push(it);
                    rest = after;
                }
            }
            ('%', Some(_)) => {
                let skip = conversion(after);
                if skip > 0 {
                    gap(&mut out);
                    rest = after.get(skip..).unwrap_or_default();
                } else {
                    out.push(it);
                    rest = after;
                }
            }
            ('$', Some(first)) if first.is_ascii_alphabetic() || first == '_' => {
                // PHP, Kotlin, shell: $name, and $name->part.
                let end = after
                    .find(|it: char| !(it.is_ascii_alphanumeric() || it == '_'))
                    .unwrap_or(after.len());
                gap(&mut out);
                rest = after.get(end..).unwrap_or_default();
            }
            _ => {
                out.push(it);
                rest = after;
            }
        }
    }
    out
}

/// What follows the brace that closes.
fn closed(inner: &str) -> &str {
    let mut depth = 1;
    for (at, it) in inner.char_indices() {
        match it {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return inner.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}

/// How long a conversion of `printf` behind its `%` is; 0 when it is none.
fn conversion(after: &str) -> usize {
    let mut rest = after;
    if let Some(named) = rest.strip_prefix('(') {
        rest = named.find(')').and_then(|it| named.get(it + 1..)).unwrap_or_default();
    }
    if let Some(named) = rest.strip_prefix('{') {
        rest = named.find('}').and_then(|it| named.get(it + 1..)).unwrap_or_default();
        return after.len() - rest.len();
    }
    let flags = rest.trim_start_matches(|it: char| it.is_ascii_digit() || "+-#0 .*$".contains(it));
    let size = flags.trim_start_matches(['l', 'h', 'z', 'j']);
    match size.chars().next() {
        Some(it) if "sdiufgGeExXcpvqtTUobrBaw@".contains(it) => after.len() - size.len() + 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, ending: &str) -> Vec<(u64, String)> {
        templates(text.as_bytes(), ending.as_bytes())
            .into_iter()
            .map(|it| (it.line, it.text.replace(GAP, "·")))
            .collect()
    }

    #[test]
    fn values_leave_gaps() {
        for (text, ending, template) in [
            ("log.info(\"user %s has %d\", a, b)", "py", "user · has ·"),
            ("log.info(f\"user {a.b!r} is gone\")", "py", "user · is gone"),
            ("log.info('%(name)s is gone', x)", "py", "· is gone"),
            ("log(`user ${a.map(x => {x})} is gone`)", "ts", "user · is gone"),
            ("puts \"user #{a} is gone\"", "rb", "user · is gone"),
            ("error!(\"user {} is gone\", a)", "rs", "user · is gone"),
            ("log.Printf(\"user %+v is gone: %w\", a)", "go", "user · is gone: ·"),
            ("$this->log(\"user $name is gone\");", "php", "user · is gone"),
            ("let x: &'a str = \"it's gone\";", "rs", "it's gone"),
        ] {
            assert_eq!(
                of(text, ending).last().map(|it| it.1.clone()),
                Some(template.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_a_statement_joins_is_one() {
        let text = "log(\"user \" + id +\n  \" is gone\");\nlog(\"other\");";
        let found = of(text, "java");
        assert!(found.contains(&(1, "user · is gone".to_owned())), "{found:?}");
        assert!(found.contains(&(3, "other".to_owned())), "{found:?}");
        let found = of("raise E(\"one \"\n  \"two\")", "py");
        assert!(found.contains(&(1, "one two".to_owned())), "{found:?}");
    }

    #[test]
    fn comments_hold_none() {
        assert!(of("# \"a comment\"\nx = 1  # don't \"read\"", "py").is_empty());
        assert!(of("/* \"one\" */ // \"two\"\n", "ts").is_empty());
    }
}
