//! Texts in quotes, and what else of a language is no code: raw texts, texts that begin with the
//! next line, patterns, markup between code.

use super::lexer::{DEEPEST, Kind, Lexer, Value, is_name};

/// What a quote begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// Nothing.
    Mark,
    /// A text with `\` escapes that ends with its line at the latest.
    Line,
    /// The same over any lines.
    Lines,
    /// Three of them: over any lines; one: within a line.
    Triple,
    /// Over any lines, without escapes.
    Plain,
    /// A single character, or nothing (a lifetime, a digit's mark).
    Character,
    /// A word of any characters.
    Name,
}

/// What a language has of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    /// Nothing.
    None,
    /// `r"…"`, `r#"…"#`, `r#name`.
    Rust,
    /// `R"x(…)x"`.
    Cpp,
    /// `@"…"`, `$"…{…}"`, `"""…"""`.
    CSharp,
    /// `r'…'`, values in either quotes.
    Dart,
    /// `#"…"#`.
    Swift,
    /// `"""…"""` without escapes.
    Raw,
    /// Patterns.
    Script,
    /// Patterns and markup.
    ScriptMarkup,
    /// `%w[…]`, `<<~X`, patterns, `?x`, `=begin`, `__END__`.
    Ruby,
    /// `~r/…/`, `?x`.
    Elixir,
    /// `<<<X`, markup around code.
    Php,
    /// `<<X`, `\x`, `$'…'`.
    Shell,
}

/// A text that begins with the next line.
pub(super) struct Heredoc<'a> {
    word: &'a [u8],
    /// Whether code goes on behind the closing word.
    goes_on: bool,
}

/// Texts that one line may begin below it.
const MOST_HEREDOCS: usize = 8;
/// Words before which `/` divides nothing.
const BEFORE_PATTERN: &[&[u8]] = &[
    b"return",
    b"typeof",
    b"case",
    b"in",
    b"of",
    b"do",
    b"else",
    b"void",
    b"delete",
    b"throw",
    b"new",
    b"await",
    b"yield",
    b"if",
    b"unless",
    b"when",
    b"and",
    b"or",
    b"not",
    b"while",
    b"until",
    b"elsif",
    b"then",
    b"default",
    b"instanceof",
];

impl Lexer<'_> {
    /// What stands before the code.
    pub(super) fn begin(&mut self) {
        if self.text.starts_with(b"\xef\xbb\xbf") {
            self.at = 3;
        }
        if self.rules.hook == Hook::Php {
            self.pass_to_php();
        } else if self.text.get(self.at..).is_some_and(|it| it.starts_with(b"#!")) {
            self.at = self.line_end(self.at);
        }
    }

    pub(super) fn quoted(&mut self, byte: u8, quote: Quote) {
        let triple = self.peek(1) == byte && self.peek(2) == byte;
        let value = match (byte, self.rules.hook) {
            (b'\'', Hook::Dart | Hook::Elixir) | (b'"' | b'`', _) => self.rules.value,
            _ => Value::None,
        };
        let close = [byte; 3];
        match quote {
            Quote::Mark => {}
            Quote::Triple if triple => {
                let escapes = self.rules.hook != Hook::Raw;
                self.text(3, &close, Form { lines: true, escapes, value });
            }
            Quote::Line | Quote::Triple => {
                self.text(1, &[byte], Form { lines: false, escapes: true, value });
            }
            Quote::Lines => self.text(1, &[byte], Form { lines: true, escapes: true, value }),
            Quote::Plain => {
                let form = Form { lines: true, escapes: false, value: Value::None };
                self.text(1, &[byte], form);
            }
            Quote::Character => self.character(),
            Quote::Name => {
                let start = self.at + 1;
                let rest = self.text.get(start..).unwrap_or_default();
                match memchr::memchr2(byte, b'\n', rest) {
                    Some(len) if rest.get(len) == Some(&byte) => {
                        self.push(Kind::Word, start, len);
                        self.at = start + len + 1;
                    }
                    _ => self.at += 1,
                }
            }
        }
    }

    fn character(&mut self) {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let len = match rest.first() {
            Some(b'\\') => {
                let body = rest.get(2..rest.len().min(14)).unwrap_or_default();
                memchr::memchr(b'\'', body).map(|it| it + 2)
            }
            Some(_) => {
                // One character, of up to four bytes.
                let body = rest.get(1..rest.len().min(6)).unwrap_or_default();
                let close = memchr::memchr(b'\'', body).map(|it| it + 1);
                close.filter(|&it| it == 1 || rest.get(..it).is_some_and(|it| !it.is_ascii()))
            }
            None => None,
        };
        if let Some(len) = len {
            self.push(Kind::Text, self.at + 1, len);
            self.pass(self.at + len + 2);
        } else {
            // A lifetime: its word is none of the code's.
            let name = rest.iter().take_while(|it| is_name(**it)).count();
            self.push(Kind::Mark, self.at, 1);
            self.at += 1 + name;
        }
    }

    /// A text whose opening has `open` bytes.
    fn text(&mut self, open: usize, close: &[u8], form: Form) {
        let body = self.at + open;
        let token = self.tokens.len();
        self.push(Kind::Text, body, 0);
        let first = close.first().copied().unwrap_or(b'"');
        let mut at = body;
        let end = loop {
            let Some(&byte) = self.text.get(at) else {
                break self.text.len();
            };
            match byte {
                b'\n' if !form.lines => {
                    self.pass(at);
                    break at;
                }
                _ if byte == first
                    && self.text.get(at..).is_some_and(|it| it.starts_with(close)) =>
                {
                    // SQL and C# double a quote that is meant.
                    if close.len() == 1 && !form.escapes && self.text.get(at + 1) == Some(&first) {
                        at += 2;
                        continue;
                    }
                    // Of more quotes than three the last three close.
                    if close.len() == 3 && self.text.get(at + 3) == Some(&first) {
                        at += 1;
                        continue;
                    }
                    self.pass(at + close.len());
                    break at;
                }
                b'\\' if form.escapes => {
                    if form.value == Value::Backslash && self.text.get(at + 1) == Some(&b'(') {
                        at = self.inner(at + 1);
                    } else {
                        at += 2;
                    }
                }
                b'$' if form.value == Value::Dollar && self.text.get(at + 1) == Some(&b'{') => {
                    at = self.inner(at + 1);
                }
                b'$' if form.value == Value::Shell
                    && matches!(self.text.get(at + 1), Some(b'(' | b'{')) =>
                {
                    at = self.inner(at + 1);
                }
                b'#' if form.value == Value::Hash && self.text.get(at + 1) == Some(&b'{') => {
                    at = self.inner(at + 1);
                }
                b'{' if form.value == Value::Brace => {
                    at = if self.text.get(at + 1) == Some(&b'{') { at + 2 } else { self.inner(at) };
                }
                _ => at += 1,
            }
        };
        if self.at < end {
            self.pass(end);
        }
        if let Some(it) = self.tokens.get_mut(token) {
            it.len = end.saturating_sub(body).min(usize::from(u16::MAX)) as u16;
        }
    }

    /// The value whose bracket is at `at`; where the text goes on.
    fn inner(&mut self, at: usize) -> usize {
        if self.depth >= DEEPEST {
            return at + 1;
        }
        self.pass(at);
        self.value();
        self.at
    }

    /// The word from `start` to `end` is a mark before a quote: the text is passed.
    pub(super) fn prefixed(&mut self, start: usize, end: usize) -> bool {
        let word = self.text.get(start..end).unwrap_or_default();
        let next = self.text.get(end).copied().unwrap_or(0);
        match self.rules.hook {
            Hook::Rust if matches!(word, b"r" | b"br" | b"cr") && matches!(next, b'"' | b'#') => {
                let rest = self.text.get(end..).unwrap_or_default();
                let hashes = rest.iter().take_while(|it| **it == b'#').count();
                if rest.get(hashes) != Some(&b'"') {
                    let name = rest.get(1..).unwrap_or_default();
                    let len = name.iter().take_while(|it| is_name(**it)).count();
                    if word != b"r" || hashes != 1 || len == 0 {
                        return false;
                    }
                    self.push(Kind::Word, start, 2 + len);
                    self.at = start + 2 + len;
                    return true;
                }
                self.closed_by(start, end + hashes + 1, b'"', b'#', hashes);
                true
            }
            Hook::Cpp if word.ends_with(b"R") && next == b'"' => {
                let rest = self.text.get(end + 1..).unwrap_or_default();
                let Some(open) =
                    memchr::memchr(b'(', rest.get(..rest.len().min(18)).unwrap_or_default())
                else {
                    return false;
                };
                let mut close = vec![b')'];
                close.extend_from_slice(rest.get(..open).unwrap_or_default());
                close.push(b'"');
                let body = end + 1 + open + 1;
                let rest = self.text.get(body..).unwrap_or_default();
                let len = memchr::memmem::find(rest, &close).unwrap_or(rest.len());
                self.push(Kind::Text, body, len);
                self.pass(body + len + close.len());
                true
            }
            Hook::Dart if word == b"r" && matches!(next, b'"' | b'\'') => {
                self.at = end;
                let triple = self.peek(1) == next && self.peek(2) == next;
                let form = Form { lines: triple, escapes: false, value: Value::None };
                let close = [next; 3];
                let length = if triple { 3 } else { 1 };
                self.text(length, close.get(..length).unwrap_or_default(), form);
                true
            }
            Hook::Ruby if word == b"__END__" && self.fresh => {
                self.at = self.text.len();
                true
            }
            _ => false,
        }
    }

    /// A text from `body` on that ends with `quote` and then `count` times `mark`.
    fn closed_by(&mut self, start: usize, body: usize, quote: u8, mark: u8, count: usize) {
        let mut from = body;
        let end = loop {
            let rest = self.text.get(from..).unwrap_or_default();
            let Some(place) = memchr::memchr(quote, rest) else { break self.text.len() };
            let after = rest.get(place + 1..).unwrap_or_default();
            if after.iter().take(count).take_while(|it| **it == mark).count() == count {
                break from + place;
            }
            from += place + 1;
        };
        self.at = start;
        self.push(Kind::Text, body, end.saturating_sub(body));
        self.pass(end + 1 + count);
    }

    /// What only this language has at such a byte; false where it is a mark like any other.
    pub(super) fn special(&mut self, byte: u8) -> bool {
        match (self.rules.hook, byte) {
            (Hook::CSharp, b'@' | b'$') => self.sharp_text(),
            (Hook::Swift, b'#') => {
                let rest = self.text.get(self.at..).unwrap_or_default();
                let hashes = rest.iter().take_while(|it| **it == b'#').count();
                if rest.get(hashes) != Some(&b'"') {
                    return false;
                }
                self.closed_by(self.at, self.at + hashes + 1, b'"', b'#', hashes);
                true
            }
            (Hook::Script | Hook::ScriptMarkup | Hook::Ruby, b'/') => self.pattern(),
            (Hook::ScriptMarkup, b'<') => self.markup(),
            (Hook::Ruby, b'%') => self.percent(),
            (Hook::Ruby | Hook::Shell | Hook::Php, b'<') => self.heredoc(),
            (Hook::Ruby | Hook::Elixir, b'?') => {
                // `?x` is a character where a value can begin; `??` and `a ? b : c` are not.
                let lone = !self.text.get(self.at + 2).is_some_and(|it| is_name(*it));
                if lone && self.peek(1) > b' ' && !self.after_value() {
                    self.at += if self.peek(1) == b'\\' { 3 } else { 2 };
                    return true;
                }
                false
            }
            (Hook::Ruby, b'=') if self.starts_line(b"=begin") => {
                while self.at < self.text.len() && !self.starts_line(b"=end") {
                    let end = self.line_end(self.at);
                    self.pass(end + 1);
                }
                let end = self.line_end(self.at);
                self.pass(end);
                true
            }
            (Hook::Elixir, b'~') => self.sigil(),
            (Hook::Php, b'?') if self.peek(1) == b'>' => {
                self.pass_to_php();
                true
            }
            (Hook::Shell, b'\\') => {
                self.pass(self.at + 2);
                true
            }
            _ => false,
        }
    }

    fn starts_line(&self, word: &[u8]) -> bool {
        let begins = self.at == 0 || self.text.get(self.at - 1) == Some(&b'\n');
        begins && self.text.get(self.at..).is_some_and(|it| it.starts_with(word))
    }

    /// Whether what was read last is a value, so that an operator may follow.
    fn after_value(&self) -> bool {
        match self.last() {
            (_, None) => false,
            (word, Some(Kind::Word)) => !BEFORE_PATTERN.contains(&word),
            (_, Some(Kind::Number | Kind::Text)) => true,
            (_, Some(Kind::Define)) => false,
            (mark, Some(Kind::Mark)) => matches!(mark, b")" | b"]" | b"}"),
        }
    }

    /// A pattern in slashes, if it can be one.
    fn pattern(&mut self) -> bool {
        let ruby = self.rules.hook == Hook::Ruby;
        let before = self.at.checked_sub(1).and_then(|it| self.text.get(it)).copied();
        if self.after_value() {
            // `split /x/` has a blank before the slash and none behind it.
            let called = ruby
                && self.last().1 == Some(Kind::Word)
                && before == Some(b' ')
                && self.peek(1) > b' '
                && self.peek(1) != b'=';
            if !called {
                return false;
            }
        }
        let method = ruby && matches!(self.last().0, b"." | b"def");
        if !ruby && before == Some(b'<') || method {
            return false;
        }
        let mut at = self.at + 1;
        let mut class = false;
        while let Some(&byte) = self.text.get(at) {
            match byte {
                b'\n' if !ruby => return false,
                b'\\' => at += 1,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class || ruby => {
                    self.push(Kind::Text, self.at + 1, at - self.at - 1);
                    self.pass(at + 1);
                    while is_name(self.peek(0)) {
                        self.at += 1;
                    }
                    return true;
                }
                _ => {}
            }
            at += 1;
            if at - self.at > LONGEST_PATTERN {
                return false;
            }
        }
        false
    }

    fn sharp_text(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let marks = rest.iter().take(6).take_while(|it| matches!(**it, b'@' | b'$')).count();
        if rest.get(marks) != Some(&b'"') {
            return false;
        }
        let lead = rest.get(..marks).unwrap_or_default();
        let (verbatim, valued) = (lead.contains(&b'@'), lead.contains(&b'$'));
        let raw = rest.get(marks..).is_some_and(|it| it.starts_with(b"\"\"\""));
        if raw && !verbatim {
            let quotes = rest.get(marks..).unwrap_or_default();
            let count = quotes.iter().take_while(|it| **it == b'"').count();
            self.closed_by(self.at, self.at + marks + count, b'"', b'"', count - 1);
            return true;
        }
        let value = if valued { Value::Brace } else { Value::None };
        self.text(marks + 1, b"\"", Form { lines: verbatim, escapes: !verbatim, value });
        true
    }

    fn percent(&mut self) -> bool {
        let kind = self.peek(1);
        let (open, length) = if b"wWqQiIrxs".contains(&kind) && !is_name(self.peek(2)) {
            (self.peek(2), 3)
        } else if !self.after_value() {
            (kind, 2)
        } else {
            return false;
        };
        let close = match open {
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            b'<' => b'>',
            b'|' | b'!' | b'/' | b'#' | b'-' | b'"' | b'\'' | b'^' | b':' => open,
            _ => return false,
        };
        self.delimited(length, open, close);
        true
    }

    /// A text between two marks that may nest.
    fn delimited(&mut self, length: usize, open: u8, close: u8) {
        let body = self.at + length;
        let mut depth = 1usize;
        let mut at = body;
        while let Some(&byte) = self.text.get(at) {
            if byte == b'\\' {
                at += 1;
            } else if byte == close {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            } else if byte == open {
                depth += 1;
            }
            at += 1;
        }
        let end = at.min(self.text.len());
        self.push(Kind::Text, body, end.saturating_sub(body));
        self.pass(end + 1);
    }

    fn sigil(&mut self) -> bool {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let letters = rest.iter().take(12).take_while(|it| it.is_ascii_alphabetic()).count();
        let Some(&open) = rest.get(letters) else { return false };
        if letters == 0 {
            return false;
        }
        let triple = [open; 3];
        if matches!(open, b'"' | b'\'')
            && rest.get(letters..).is_some_and(|it| it.starts_with(&triple))
        {
            let form = Form { lines: true, escapes: true, value: Value::None };
            self.text(1 + letters + 3, &triple, form);
            return true;
        }
        let close = match open {
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            b'<' => b'>',
            b'|' | b'/' | b'"' | b'\'' => open,
            _ => return false,
        };
        self.delimited(1 + letters + 1, open, close);
        true
    }

    fn heredoc(&mut self) -> bool {
        let php = self.rules.hook == Hook::Php;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(mut rest) = rest.strip_prefix(if php { b"<<<".as_slice() } else { b"<<" }) else {
            return false;
        };
        let full = rest.len();
        let shell = self.rules.hook == Hook::Shell;
        let mut marked = php;
        if let Some(after) =
            rest.strip_prefix(b"~").filter(|_| !shell).or_else(|| rest.strip_prefix(b"-"))
        {
            (rest, marked) = (after, true);
        }
        if php || shell {
            rest = rest.trim_ascii_start();
        }
        if shell {
            rest = rest.strip_prefix(b"\\").unwrap_or(rest);
        }
        let quote = rest.first().copied().filter(|it| matches!(it, b'"' | b'\'' | b'`'));
        let body = rest.get(usize::from(quote.is_some())..).unwrap_or_default();
        let len = body.iter().take(120).take_while(|it| is_name(**it)).count();
        let Some(word) = body.get(..len).filter(|it| !it.is_empty()) else { return false };
        let capital = word.first().is_some_and(|it| it.is_ascii_uppercase() || *it == b'_');
        if quote.is_some() && body.get(len) != quote.as_ref() {
            return false;
        }
        // `list <<item` adds an item.
        let likely = marked || shell || capital || quote.is_some();
        let appends = !marked && !shell && (word.first().is_some_and(u8::is_ascii_digit));
        if !likely || appends || self.heredocs.len() >= MOST_HEREDOCS {
            return false;
        }
        if shell && (self.text.get(self.at + 2) == Some(&b'<') || word[0].is_ascii_digit()) {
            return false;
        }
        let used = full - body.len() + len + usize::from(quote.is_some());
        self.heredocs.push(Heredoc { word, goes_on: php });
        self.push(Kind::Text, self.at, 0);
        self.at += used + if php { 3 } else { 2 };
        true
    }

    /// At the beginning of a line: the texts that begin here.
    pub(super) fn skip_heredocs(&mut self) {
        for it in std::mem::take(&mut self.heredocs) {
            while self.at < self.text.len() {
                let end = self.line_end(self.at);
                let line = self.text.get(self.at..end).unwrap_or_default();
                let bare = line.trim_ascii_start();
                if it.goes_on {
                    if let Some(after) = bare.strip_prefix(it.word)
                        && !after.first().is_some_and(|it| is_name(*it))
                    {
                        self.at = end - after.len();
                        break;
                    }
                } else if bare.trim_ascii_end() == it.word {
                    self.pass(end);
                    break;
                }
                self.pass(end + 1);
            }
        }
        self.fresh = true;
    }

    /// Passes what is not PHP.
    fn pass_to_php(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(open) = memchr::memmem::find(rest, b"<?") else {
            return self.pass(self.text.len());
        };
        let after = self.at + open + 2;
        let tag = self
            .text
            .get(after..)
            .is_some_and(|it| it.get(..3).is_some_and(|it| it.eq_ignore_ascii_case(b"php")));
        self.pass(after + if tag { 3 } else { usize::from(self.text.get(after) == Some(&b'=')) });
        self.fresh = true;
    }

    /// An element of markup within code, if one begins here; values in it are read as code.
    fn markup(&mut self) -> bool {
        let next = self.peek(1);
        if !(next.is_ascii_alphabetic() || next == b'>') || self.depth >= DEEPEST {
            return false;
        }
        let expected = match self.last() {
            (_, None) => true,
            (word, Some(Kind::Word)) => BEFORE_PATTERN.contains(&word),
            (mark, Some(Kind::Mark)) => !matches!(mark, b")" | b"]" | b"."),
            (_, Some(_)) => false,
        };
        if !expected {
            return false;
        }
        // `<T,>(x: T) =>` and `<T extends U>(…)` are no elements.
        let name = self.text.get(self.at + 1..).unwrap_or_default();
        let len = name.iter().take_while(|it| is_name(**it)).count();
        let after = name.get(len..).unwrap_or_default().trim_ascii_start();
        if after.starts_with(b",") || after.starts_with(b"extends ") {
            return false;
        }
        self.push(Kind::Text, self.at, 0);
        let mut depth = 0usize;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'<' if self.peek(1) == b'/' => {
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    let end =
                        memchr::memchr(b'>', rest).map_or(self.text.len(), |it| self.at + it + 1);
                    self.pass(end);
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break;
                    }
                }
                b'<' if self.peek(1).is_ascii_alphabetic() || self.peek(1) == b'>' => {
                    self.at += 1;
                    if self.tag() {
                        depth += 1;
                    } else if depth == 0 {
                        break;
                    }
                }
                b'{' => self.value(),
                b'\n' => self.pass(self.at + 1),
                _ => self.at += 1,
            }
        }
        // What follows an element is an operator.
        if self.last().1 != Some(Kind::Text) {
            self.push(Kind::Text, self.at.min(self.text.len()), 0);
        }
        true
    }

    /// The rest of an opening tag; whether there is something to come before the closing one.
    fn tag(&mut self) -> bool {
        let mut angles = 0usize;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'/' if self.peek(1) == b'>' => {
                    self.at += 2;
                    return false;
                }
                b'/' if self.peek(1) == b'/' => self.at = self.line_end(self.at),
                b'<' => {
                    angles += 1;
                    self.at += 1;
                }
                b'>' => {
                    self.at += 1;
                    if angles == 0 {
                        return true;
                    }
                    angles -= 1;
                }
                b'"' | b'\'' => {
                    let rest = self.text.get(self.at + 1..).unwrap_or_default();
                    let len = memchr::memchr(byte, rest).unwrap_or(rest.len());
                    self.pass(self.at + len + 2);
                }
                b'{' => self.value(),
                b'\n' => self.pass(self.at + 1),
                _ => self.at += 1,
            }
        }
        false
    }
}

/// Longest pattern, in bytes.
const LONGEST_PATTERN: usize = 4000;

/// How a text is written.
#[derive(Clone, Copy)]
struct Form {
    /// Whether it may go over lines.
    lines: bool,
    /// Whether `\` takes the next byte's meaning.
    escapes: bool,
    value: Value,
}
