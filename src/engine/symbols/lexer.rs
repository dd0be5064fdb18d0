//! Cuts source into words, numbers, texts and marks, without comments: all that the scanners of
//! the languages look at.
//!
//! One lexer for all languages, led by their [`Rules`]. Brackets know their mates, so that a scanner
//! steps over a body at once. Whatever the bytes, every one is looked at a bounded number of times.

use super::texts::{Hook, Quote};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// An identifier or a keyword.
    Word,
    /// A number.
    Number,
    /// A text in quotes; the token covers what is between them.
    Text,
    /// One byte of punctuation.
    Mark,
    /// The name that a `#define` gives.
    Define,
}

/// A token.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// Byte where it begins.
    pub start: u32,
    /// Of a bracket: the token that closes or opens it; 0 where there is none.
    pub mate: u32,
    /// 1-based.
    pub line: u32,
    /// Bytes, at most 65,535.
    pub len: u16,
    /// What it is.
    pub kind: Kind,
    /// Whether it is the first of its line.
    pub fresh: bool,
}

/// What `#` begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// A comment to the end of the line.
    Comment,
    /// The same, where a word could begin.
    SpacedComment,
    /// A directive of the C preprocessor.
    Directive,
    /// A directive that is left out, to the end of the line.
    Skipped,
    /// Nothing of its own.
    Mark,
}

/// What stands for a value in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Nothing does.
    None,
    /// `${…}`.
    Dollar,
    /// `#{…}`.
    Hash,
    /// `\(…)`.
    Backslash,
    /// `{…}`.
    Brace,
    /// `$(…)` and `${…}`.
    Shell,
}

/// How a language writes what is no code.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// What `#` begins.
    pub hash: Hash,
    /// Whether `//` and `/* */` are comments.
    pub slash: bool,
    /// Whether `/* */` nests.
    pub nested: bool,
    /// Whether `--` is a comment.
    pub dash: bool,
    /// `"`
    pub double: Quote,
    /// `'`
    pub single: Quote,
    /// `` ` ``
    pub back: Quote,
    /// Values in texts.
    pub value: Value,
    /// Whether `$` belongs to words.
    pub dollar: bool,
    /// What the language has of its own.
    pub hook: Hook,
}

impl Rules {
    /// Like C: `//`, `/* */`, texts on one line, characters.
    pub const BRACES: Self = Self {
        hash: Hash::Mark,
        slash: true,
        nested: false,
        dash: false,
        double: Quote::Line,
        single: Quote::Character,
        back: Quote::Mark,
        value: Value::None,
        dollar: false,
        hook: Hook::None,
    };
    /// Like Python: `#`, texts in either quotes.
    pub const HASHES: Self =
        Self { hash: Hash::Comment, slash: false, single: Quote::Line, ..Self::BRACES };
}

/// Texts within values within texts: deeper ones are taken as plain.
pub(super) const DEEPEST: usize = 48;
/// Brackets that a closing one may leave unclosed.
const FORGIVEN: usize = 16;

/// Whether a byte can be inside a word.
pub(super) const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The class of each byte, for the main loop.
const SPACE: u8 = 0;
const NEWLINE: u8 = 1;
const NAME: u8 = 2;
const DIGIT: u8 = 3;
const OPEN: u8 = 4;
const CLOSE: u8 = 5;
const OTHER: u8 = 6;

const CLASSES: [u8; 256] = {
    let mut table = [OTHER; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = if byte == b'\n' {
            NEWLINE
        } else if byte <= b' ' {
            SPACE
        } else if byte.is_ascii_digit() {
            DIGIT
        } else if is_name(byte) {
            NAME
        } else if matches!(byte, b'(' | b'[' | b'{') {
            OPEN
        } else if matches!(byte, b')' | b']' | b'}') {
            CLOSE
        } else {
            OTHER
        };
        at += 1;
    }
    table
};

/// [`is_name`] of each byte.
const IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < 256 {
        table[at] = is_name(at as u8);
        at += 1;
    }
    table
};

/// A condition of the C preprocessor.
struct Condition {
    /// Brackets that were open where it began.
    open: usize,
    /// Whether a branch of it was read.
    read: bool,
}

/// Cuts one text.
pub struct Lexer<'a> {
    pub(super) text: &'a [u8],
    pub(super) rules: &'a Rules,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    pub(super) line: u32,
    pub(super) fresh: bool,
    /// Open brackets.
    opens: Vec<u32>,
    conditions: Vec<Condition>,
    /// Texts that begin with the next line: their closing words.
    pub(super) heredocs: Vec<super::texts::Heredoc<'a>>,
    pub(super) depth: usize,
}

/// The tokens of `text`, into `tokens`, whose room is used again.
pub fn tokens_of(text: &[u8], rules: &Rules, mut tokens: Vec<Token>) -> Vec<Token> {
    tokens.clear();
    let mut lexer = Lexer {
        text,
        rules,
        tokens,
        at: 0,
        line: 1,
        fresh: true,
        opens: Vec::new(),
        conditions: Vec::new(),
        heredocs: Vec::new(),
        depth: 0,
    };
    lexer.begin();
    lexer.run(None);
    lexer.tokens
}

impl Lexer<'_> {
    /// The byte `ahead` of the place.
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn push(&mut self, kind: Kind, start: usize, len: usize) {
        self.tokens.push(Token {
            start: start as u32,
            mate: 0,
            line: self.line,
            len: len.min(usize::from(u16::MAX)) as u16,
            kind,
            fresh: self.fresh,
        });
        self.fresh = false;
    }

    /// Goes to `end` and counts the lines on the way.
    pub(super) fn pass(&mut self, end: usize) {
        let end = end.min(self.text.len());
        if let Some(passed) = self.text.get(self.at..end) {
            let lines = memchr::memchr_iter(b'\n', passed).count() as u32;
            self.line += lines;
            self.fresh |= lines > 0;
        }
        self.at = end;
    }

    /// Where the line ends.
    pub(super) fn line_end(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        memchr::memchr(b'\n', rest).map_or(self.text.len(), |it| from + it)
    }

    /// Reads code until the text ends, or until a bracket closes that was opened before: `closer`.
    pub(super) fn run(&mut self, closer: Option<u8>) {
        let base = self.opens.len();
        while let Some(&byte) = self.text.get(self.at) {
            match CLASSES[usize::from(byte)] {
                SPACE => {
                    let rest = &self.text[self.at..];
                    let other = rest.iter().position(|it| CLASSES[usize::from(*it)] != SPACE);
                    self.at += other.unwrap_or(rest.len());
                }
                NEWLINE => {
                    self.at += 1;
                    self.line += 1;
                    self.fresh = true;
                    if !self.heredocs.is_empty() {
                        self.skip_heredocs();
                    }
                }
                NAME => self.word(),
                DIGIT => self.number(),
                OPEN => self.open(),
                CLOSE => {
                    if closer == Some(byte) && self.opens.len() <= base {
                        return;
                    }
                    self.close(byte, if closer.is_some() { base } else { 0 });
                }
                _ => self.other(byte),
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let mut end = start + 1;
        let dollar = self.rules.dollar;
        while let Some(&byte) = self.text.get(end) {
            if !(IN_NAME[usize::from(byte)] || (dollar && byte == b'$')) {
                break;
            }
            end += 1;
        }
        // A mark before a quote says how the text is written.
        if end - start <= 6 && self.prefixed(start, end) {
            return;
        }
        self.at = end;
        self.push(Kind::Word, start, end - start);
    }

    fn number(&mut self) {
        let start = self.at;
        let mut end = start + 1;
        while let Some(&byte) = self.text.get(end) {
            let point = byte == b'.' && self.text.get(end + 1).is_some_and(u8::is_ascii_digit);
            // C++ and others write 1'000.
            let apart = byte == b'\''
                && self.rules.single == Quote::Character
                && self.text.get(end + 1).is_some_and(u8::is_ascii_hexdigit)
                && self.text.get(end + 2) != Some(&b'\'');
            if !(is_name(byte) || point || apart) {
                break;
            }
            end += 1;
        }
        self.at = end;
        self.push(Kind::Number, start, end - start);
    }

    /// Opens the bracket at the place.
    pub(super) fn open(&mut self) {
        self.opens.push(self.tokens.len() as u32);
        self.push(Kind::Mark, self.at, 1);
        self.at += 1;
    }

    /// Closes a bracket; those opened below `base` stay.
    pub(super) fn close(&mut self, byte: u8, base: usize) {
        let wanted = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        let here = self.tokens.len();
        let candidates = self.opens.len().saturating_sub(base).min(FORGIVEN);
        let found = (1..=candidates).find(|back| {
            self.opens
                .get(self.opens.len() - back)
                .and_then(|&it| self.tokens.get(it as usize))
                .is_some_and(|it| self.text.get(it.start as usize) == Some(&wanted))
        });
        self.push(Kind::Mark, self.at, 1);
        if let Some(back) = found {
            let place = self.opens.len() - back;
            let opened = self.opens.get(place).copied().unwrap_or_default();
            self.opens.truncate(place);
            if let Some(it) = self.tokens.get_mut(opened as usize) {
                it.mate = here as u32;
            }
            if let Some(it) = self.tokens.get_mut(here) {
                it.mate = opened;
            }
        }
        self.at += 1;
    }

    fn other(&mut self, byte: u8) {
        let quote = match byte {
            b'"' => self.rules.double,
            b'\'' => self.rules.single,
            b'`' => self.rules.back,
            _ => Quote::Mark,
        };
        if quote != Quote::Mark {
            return self.quoted(byte, quote);
        }
        match byte {
            b'/' if self.rules.slash && self.peek(1) == b'/' => {
                return self.at = self.line_end(self.at);
            }
            b'/' if self.rules.slash && self.peek(1) == b'*' => return self.comment(),
            b'-' if self.rules.dash && self.peek(1) == b'-' => {
                return self.at = self.line_end(self.at);
            }
            b'$' if self.rules.dollar => return self.word(),
            b'#' => match self.rules.hash {
                Hash::Comment => return self.at = self.line_end(self.at),
                Hash::SpacedComment => {
                    let before = self.at.checked_sub(1).and_then(|it| self.text.get(it));
                    if before.is_none_or(|it| it.is_ascii_whitespace() || matches!(it, b';' | b'('))
                    {
                        return self.at = self.line_end(self.at);
                    }
                }
                Hash::Directive if self.fresh => return self.directive(),
                Hash::Skipped if self.fresh => return self.at = self.line_end(self.at),
                Hash::Directive | Hash::Skipped | Hash::Mark => {}
            },
            b'\\' if self.rules.hash == Hash::Directive => {
                // A line that goes on.
                self.at += 1;
                return;
            }
            _ => {}
        }
        if self.rules.hook != Hook::None && self.special(byte) {
            return;
        }
        self.push(Kind::Mark, self.at, 1);
        self.at += 1;
    }

    fn comment(&mut self) {
        let mut from = self.at + 2;
        let mut depth = 1usize;
        loop {
            let rest = self.text.get(from..).unwrap_or_default();
            let Some(place) = memchr::memchr2(b'*', b'/', rest) else {
                return self.pass(self.text.len());
            };
            let at = from + place;
            match (self.text.get(at), self.text.get(at + 1)) {
                (Some(b'*'), Some(b'/')) => {
                    depth -= 1;
                    from = at + 2;
                }
                (Some(b'/'), Some(b'*')) if self.rules.nested => {
                    depth += 1;
                    from = at + 2;
                }
                _ => from = at + 1,
            }
            if depth == 0 {
                return self.pass(from);
            }
        }
    }

    /// A directive of the C preprocessor, over all its lines. Of a condition whose branches open
    /// different brackets only the first is read.
    fn directive(&mut self) {
        let mut at = self.at + 1;
        while self.text.get(at).is_some_and(|it| matches!(it, b' ' | b'\t')) {
            at += 1;
        }
        let word = self.word_at(at);
        let (end, after) = (self.directive_end(at), at + word.len());
        match word {
            b"define" => {
                let mut name = after;
                while self.text.get(name).is_some_and(|it| matches!(it, b' ' | b'\t')) {
                    name += 1;
                }
                let len = self.word_at(name).len();
                if len > 0 {
                    self.push(Kind::Define, name, len);
                    self.fresh = true;
                }
            }
            b"if" | b"ifdef" | b"ifndef" => {
                let never = word == b"if"
                    && self.text.get(after..end).is_some_and(|it| it.trim_ascii() == b"0");
                self.conditions.push(Condition { open: self.opens.len(), read: !never });
                self.pass(end);
                if never {
                    self.skip_branch();
                }
                return;
            }
            b"else" | b"elif" | b"elifdef" | b"elifndef" => {
                let open = self.opens.len();
                self.pass(end);
                let Some(it) = self.conditions.last_mut() else { return };
                if it.read && it.open != open {
                    self.skip_branch();
                } else {
                    it.read = true;
                }
                return;
            }
            b"endif" => {
                self.conditions.pop();
            }
            _ => {}
        }
        self.pass(end);
    }

    fn word_at(&self, at: usize) -> &[u8] {
        let rest = self.text.get(at..).unwrap_or_default();
        let len = rest.iter().take(200).take_while(|it| is_name(**it)).count();
        rest.get(..len).unwrap_or_default()
    }

    /// The end of a directive: of the first line that does not go on, nor ends within a comment.
    fn directive_end(&self, mut at: usize) -> usize {
        loop {
            let end = self.line_end(at);
            let line = self.text.get(at..end).unwrap_or_default();
            if let Some(comment) = memchr::memmem::find(line, b"/*") {
                let inside = at + comment + 2;
                let rest = self.text.get(inside..).unwrap_or_default();
                at =
                    memchr::memmem::find(rest, b"*/").map_or(self.text.len(), |it| inside + it + 2);
                if at >= self.text.len() {
                    return at;
                }
                continue;
            }
            let goes_on = line.strip_suffix(b"\r").unwrap_or(line).ends_with(b"\\");
            if !goes_on || end >= self.text.len() {
                return end;
            }
            at = end + 1;
        }
    }

    /// Goes to the directive that ends this branch.
    fn skip_branch(&mut self) {
        let mut depth = 0usize;
        while self.at < self.text.len() {
            let end = self.line_end(self.at);
            let line = self.text.get(self.at..end).unwrap_or_default().trim_ascii_start();
            if let Some(rest) = line.strip_prefix(b"#") {
                let rest = rest.trim_ascii_start();
                if rest.starts_with(b"if") {
                    depth += 1;
                } else if rest.starts_with(b"endif") {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                } else if depth == 0 && rest.starts_with(b"el") {
                    break;
                }
            }
            self.pass(end + 1);
        }
        self.fresh = true;
    }

    /// The last token's bytes; empty where there is none.
    pub(super) fn last(&self) -> (&[u8], Option<Kind>) {
        self.tokens.last().map_or((&[], None), |it| {
            let start = it.start as usize;
            (self.text.get(start..start + usize::from(it.len)).unwrap_or_default(), Some(it.kind))
        })
    }

    /// Reads the value inside of a text whose opening bracket is at the place, and its closing
    /// bracket.
    pub(super) fn value(&mut self) {
        let closer = if self.peek(0) == b'(' { b')' } else { b'}' };
        let base = self.opens.len();
        self.open();
        self.depth += 1;
        self.run(Some(closer));
        self.depth -= 1;
        if self.peek(0) == closer {
            self.close(closer, base);
        }
        self.opens.truncate(base);
    }
}
