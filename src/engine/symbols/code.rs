//! What the scanners of the languages see: tokens with the ways between them, the scopes they are
//! in, and where definitions go.

use super::lexer::{Kind as TokenKind, Token};
use super::{Definition, Kind};

/// The tokens of a text. Beyond their ends there is nothing, at any place.
#[derive(Clone, Copy)]
pub struct Code<'a, 't> {
    text: &'a [u8],
    tokens: &'t [Token],
}

/// Longest list of type parameters that is followed, in tokens.
const LONGEST_ANGLES: usize = 400;
/// Bytes before a name on its line; behind more of them it is in minified code or data.
const FARTHEST: usize = 1000;
/// Longest name, in bytes.
const LONGEST_NAME: usize = 200;

impl<'a, 't> Code<'a, 't> {
    /// The tokens of this text.
    pub fn new(text: &'a [u8], tokens: &'t [Token]) -> Self {
        Self { text, tokens }
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    fn token(&self, at: usize) -> Option<&'t Token> {
        self.tokens.get(at)
    }

    /// The bytes of any token.
    pub fn bytes(&self, at: usize) -> &'a [u8] {
        let Some(it) = self.token(at) else { return b"" };
        let start = it.start as usize;
        self.text.get(start..start + usize::from(it.len)).unwrap_or_default()
    }

    /// The bytes of a token and `more` behind it.
    pub fn bytes_and(&self, at: usize, more: usize) -> &'a [u8] {
        let Some(it) = self.token(at) else { return b"" };
        let start = it.start as usize;
        self.text.get(start..start + usize::from(it.len) + more).unwrap_or_default()
    }

    /// The bytes from one token to the end of another.
    pub fn span(&self, first: usize, last: usize) -> &'a [u8] {
        let (Some(first), Some(last)) = (self.token(first), self.token(last)) else { return b"" };
        let end = last.start as usize + usize::from(last.len);
        self.text.get(first.start as usize..end).unwrap_or_default()
    }

    /// The word at a place; empty where there is none.
    pub fn word(&self, at: usize) -> &'a [u8] {
        if self.kind(at) == Some(TokenKind::Word) { self.bytes(at) } else { b"" }
    }

    /// What kind of token is there.
    pub fn kind(&self, at: usize) -> Option<TokenKind> {
        self.token(at).map(|it| it.kind)
    }

    /// Whether a word is there.
    pub fn is_word(&self, at: usize) -> bool {
        self.kind(at) == Some(TokenKind::Word)
    }

    /// Whether a text in quotes is there.
    pub fn is_text(&self, at: usize) -> bool {
        self.kind(at) == Some(TokenKind::Text)
    }

    /// Whether this mark is there.
    pub fn is(&self, at: usize, mark: u8) -> bool {
        self.mark(at) == mark
    }

    /// The mark that is there; 0 where there is none.
    pub fn mark(&self, at: usize) -> u8 {
        match self.token(at) {
            Some(it) if it.kind == TokenKind::Mark => {
                self.text.get(it.start as usize).copied().unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// Whether these marks are there, without anything between them.
    pub fn are(&self, at: usize, marks: &[u8]) -> bool {
        marks.iter().enumerate().all(|(place, mark)| {
            self.is(at + place, *mark) && (place == 0 || self.touches(at + place))
        })
    }

    /// Whether a token follows the one before it without a blank.
    pub fn touches(&self, at: usize) -> bool {
        at.checked_sub(1)
            .and_then(|before| Some((self.token(before)?, self.token(at)?)))
            .is_some_and(|(before, it)| before.start + u32::from(before.len) == it.start)
    }

    /// Whether a token is the first of its line; so is the end.
    pub fn fresh(&self, at: usize) -> bool {
        self.token(at).is_none_or(|it| it.fresh)
    }

    /// The byte behind a token; 0 at the end.
    pub fn byte_after(&self, at: usize) -> u8 {
        let Some(it) = self.token(at) else { return 0 };
        self.text.get(it.start as usize + usize::from(it.len)).copied().unwrap_or(0)
    }

    /// The byte before a token; 0 at the beginning.
    pub fn byte_before(&self, at: usize) -> u8 {
        let start = self.token(at).and_then(|it| (it.start as usize).checked_sub(1));
        start.and_then(|it| self.text.get(it)).copied().unwrap_or(0)
    }

    /// How far a token is from the beginning of its line, in bytes.
    pub fn column(&self, at: usize) -> usize {
        let Some(start) = self.token(at).map(|it| it.start as usize) else { return 0 };
        let from = start.saturating_sub(FARTHEST);
        let before = self.text.get(from..start).unwrap_or_default();
        memchr::memrchr(b'\n', before).map_or(before.len(), |it| before.len() - it - 1)
    }

    /// The other bracket; the place itself where there is none.
    pub fn mate(&self, at: usize) -> usize {
        match self.token(at) {
            Some(it) if it.mate != 0 => it.mate as usize,
            _ => at,
        }
    }

    /// Where the body ends that opens here: its closing bracket, or the end of the text.
    pub fn close(&self, at: usize) -> usize {
        let mate = self.mate(at);
        if mate > at { mate } else { self.len() }
    }

    /// The place behind a token, or behind the brackets that it opens.
    pub fn next(&self, at: usize) -> usize {
        self.mate(at).max(at) + 1
    }

    /// Behind the `<…>` that begins here; the place itself where none does.
    pub fn angles(&self, at: usize) -> usize {
        if !self.is(at, b'<') {
            return at;
        }
        let mut depth = 0usize;
        let mut place = at;
        while place < self.len() && place - at < LONGEST_ANGLES {
            match self.mark(place) {
                b'<' => depth += 1,
                b'>' => {
                    let arrow = self.touches(place) && matches!(self.mark(place - 1), b'=' | b'-');
                    if !arrow {
                        depth -= 1;
                    }
                    if depth == 0 {
                        return place + 1;
                    }
                }
                b';' => return at,
                b'{' if self.mate(place) == place => return at,
                _ => {}
            }
            place = self.next(place);
        }
        at
    }

    /// The first place at or after `at`, brackets stepped over, at which `ends` holds; at most
    /// `most` steps.
    pub fn seek(&self, at: usize, most: usize, ends: impl Fn(usize) -> bool) -> Option<usize> {
        let mut place = at;
        for _ in 0..most {
            if place >= self.len() {
                return None;
            }
            if ends(place) {
                return Some(place);
            }
            place = self.next(place);
        }
        None
    }
}

/// Where definitions go.
pub struct Out<'a, 't, 'f> {
    code: Code<'a, 't>,
    /// Lines before the text in its file.
    pub lines: u32,
    take: &'f mut dyn FnMut(Definition<'a>),
}

impl<'a, 't, 'f> Out<'a, 't, 'f> {
    /// Of this code, to `take`.
    pub fn new(code: Code<'a, 't>, lines: u32, take: &'f mut dyn FnMut(Definition<'a>)) -> Self {
        Self { code, lines, take }
    }

    /// The token at `at` names something, in what `container` names (empty where nothing does).
    pub fn put(&mut self, at: usize, kind: Kind, container: &'a [u8]) {
        self.put_as(self.code.bytes(at), at, kind, container);
    }

    /// The same under another name.
    pub fn put_as(&mut self, name: &'a [u8], at: usize, kind: Kind, container: &'a [u8]) {
        let Some(token) = self.code.token(at) else { return };
        let far = self.code.column(at) >= FARTHEST;
        if name.is_empty() || name.len() > LONGEST_NAME || far {
            return;
        }
        let line = token.line + self.lines;
        (self.take)(Definition { name, line, kind, container });
    }
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    /// Of a class or the like: its statements are members.
    Type,
    /// Of an interface.
    Interface,
    /// Of an enumeration.
    Enum,
    /// Of a namespace or the like, whose statements are those of a file.
    Space,
    /// Of a function, or anything else.
    Code,
}

/// A body that the scanner is in.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Where it ends.
    pub close: usize,
    /// What it is.
    pub inside: Inside,
    /// What it is of; empty where that has no name.
    pub name: &'a [u8],
}

/// The bodies around a place.
pub struct Scopes<'a> {
    all: Vec<Scope<'a>>,
}

/// Bodies within bodies; deeper ones are taken as parts of what they are in.
const DEEPEST: usize = 400;

impl<'a> Scopes<'a> {
    /// A file, whose own statements are inside of this.
    pub fn file(inside: Inside) -> Self {
        Self { all: vec![Scope { close: usize::MAX, inside, name: b"" }] }
    }

    /// Leaves what ends at or before this place.
    pub fn leave(&mut self, at: usize) {
        while self.all.len() > 1 && self.all.last().is_some_and(|it| it.close <= at) {
            self.all.pop();
        }
    }

    /// Enters a body.
    pub fn enter(&mut self, close: usize, inside: Inside, name: &'a [u8]) {
        if self.all.len() < DEEPEST {
            self.all.push(Scope { close, inside, name });
        }
    }

    /// The innermost one.
    pub fn top(&self) -> Scope<'a> {
        let file = Scope { close: usize::MAX, inside: Inside::Code, name: b"" };
        self.all.last().copied().unwrap_or(file)
    }

    /// The name of the innermost one that is no code.
    pub fn name(&self) -> &'a [u8] {
        self.top().name
    }
}
