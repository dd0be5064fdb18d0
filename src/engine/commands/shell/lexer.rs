//! The reader itself: one pass over the text, by recursive descent, within bounds.

use super::{Function, Part, Redirect, Script, Simple, Statement, Word};

/// Characters of a text.
const LONGEST: usize = 256 * 1024;
/// Substitutions and subshells within each other.
pub(super) const DEEPEST: usize = 40;
/// Commands of a text.
const MOST: usize = 20_000;

/// Takes a text for a shell apart.
pub fn read(text: &str) -> Script {
    let mut lexer = Lexer::new(text.chars().take(LONGEST).collect(), 0);
    if text.len() > LONGEST {
        lexer.out.odd = Some("it is too long to be looked at");
    }
    lexer.list(Until::End);
    if lexer.nest != 0 {
        lexer.doubt("something in it is not closed");
    }
    lexer.out
}

/// What ends a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    End,
    Paren,
}

/// A here-document whose text comes after the line.
struct Pending {
    mark: String,
    /// Whether nothing in it is expanded.
    quoted: bool,
    /// Whether tabs at the beginning of lines go.
    strip: bool,
    /// The text once it was read.
    slot: usize,
}

pub(super) struct Lexer {
    pub(super) chars: Vec<char>,
    /// Places of line breaks.
    breaks: Vec<usize>,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// Compound commands that are open.
    nest: i32,
    pending: Vec<Pending>,
    /// Texts of here-documents, and the commands that read them.
    texts: Vec<Word>,
    readers: Vec<(usize, usize)>,
    pub(super) out: Script,
}

const OPENS: &[&str] = &["if", "while", "until", "{"];
const CLOSES: &[&str] = &["fi", "done", "}", "esac"];
const BETWEEN: &[&str] = &["then", "else", "elif", "do", "!", "time"];
const SETTERS: &[&str] = &["export", "local", "declare", "readonly", "typeset"];

impl Lexer {
    pub(super) fn new(chars: Vec<char>, depth: usize) -> Self {
        let breaks = chars.iter().enumerate().filter(|(_, it)| **it == '\n');
        Self {
            breaks: breaks.map(|(at, _)| at).collect(),
            chars,
            at: 0,
            depth,
            nest: 0,
            pending: Vec::new(),
            texts: Vec::new(),
            readers: Vec::new(),
            out: Script::default(),
        }
    }

    pub(super) fn doubt(&mut self, why: &'static str) {
        self.out.odd.get_or_insert(why);
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    pub(super) fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(at, it)| self.peek(at) == Some(it))
    }

    pub(super) fn line(&self) -> u32 {
        self.breaks.partition_point(|it| *it < self.at) as u32 + 1
    }

    /// Blanks and continued lines.
    fn blanks(&mut self) {
        loop {
            match self.peek(0) {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.peek(1) == Some('\n') => self.at += 2,
                Some('\\') if self.peek(1) == Some('\r') && self.peek(2) == Some('\n') => {
                    self.at += 3;
                }
                _ => return,
            }
        }
    }

    /// A list of commands. Tells nothing: what it finds is in `out`.
    pub(super) fn list(&mut self, until: Until) {
        if self.depth >= DEEPEST {
            self.doubt("it is nested too deeply");
            self.at = self.chars.len();
            return;
        }
        self.depth += 1;
        let mut cases = 0usize;
        let mut from: Option<usize> = None;
        let top = self.depth == 1 && until == Until::End;
        let mut start = self.at;
        loop {
            self.blanks();
            if top && self.nest == 0 && cases == 0 && self.between_statements(start) {
                start = self.at;
            }
            match self.peek(0) {
                None => {
                    if until == Until::Paren || cases > 0 {
                        self.doubt("something in it is not closed");
                    }
                    break;
                }
                Some('#') => self.comment(),
                Some('\n') => {
                    if top && self.nest == 0 && cases == 0 {
                        self.newline();
                        self.statement(start, self.at);
                        start = self.at;
                    } else {
                        self.newline();
                    }
                    from = None;
                }
                Some(';') => {
                    let many = self.peek(1) == Some(';') || self.peek(1) == Some('&');
                    self.at += 1;
                    if many && cases > 0 {
                        while matches!(self.peek(0), Some(';' | '&')) {
                            self.at += 1;
                        }
                        self.pattern(&mut cases);
                    }
                    from = None;
                }
                Some('|') if self.peek(1) == Some('|') => {
                    self.at += 2;
                    from = None;
                }
                Some('|') => {
                    self.at += if self.peek(1) == Some('&') { 2 } else { 1 };
                    from = self.out.simples.len().checked_sub(1);
                }
                Some('&') if self.peek(1) != Some('>') => {
                    self.at += if self.peek(1) == Some('&') { 2 } else { 1 };
                    from = None;
                }
                Some(')') => {
                    self.at += 1;
                    if until == Until::Paren {
                        if cases > 0 {
                            self.doubt("something in it is not closed");
                        }
                        self.depth -= 1;
                        return;
                    }
                    self.doubt("a bracket in it closes nothing");
                }
                Some('(') if self.peek(1) == Some('(') && self.arithmetic_end(2).is_some() => {
                    // To some shells these are two subshells.
                    self.doubt("`((` means another thing to other shells");
                    let end = self.arithmetic_end(2).unwrap_or(self.at + 2);
                    self.at += 2;
                    self.expansions(end - 2);
                    self.at = end;
                }
                Some('(') => {
                    self.at += 1;
                    self.list(Until::Paren);
                    self.simple(&mut cases, None, true);
                }
                Some(_) => {
                    let before = self.at;
                    self.simple(&mut cases, from, false);
                    if self.at == before {
                        self.at += 1;
                        self.doubt("a part of it cannot be read");
                    }
                }
            }
            if self.out.simples.len() > MOST {
                self.doubt("it is too long to be looked at");
                self.at = self.chars.len();
            }
        }
        if top {
            self.statement(start, self.at);
            self.read_texts();
        }
        self.depth -= 1;
    }

    /// Whether only blanks lie between `start` and here.
    fn between_statements(&self, start: usize) -> bool {
        self.at > start
            && self
                .chars
                .get(start..self.at)
                .is_some_and(|it| it.iter().all(|it| it.is_whitespace()))
    }

    fn statement(&mut self, start: usize, end: usize) {
        let line = self.breaks.partition_point(|it| *it < start) as u32 + 1;
        let text: String = self.chars.get(start..end).unwrap_or_default().iter().collect();
        let text = text.trim();
        if !text.is_empty() && !text.lines().all(|it| it.trim_start().starts_with('#')) {
            self.out.statements.push(Statement { line, text: text.to_owned() });
        }
    }

    fn comment(&mut self) {
        while self.peek(0).is_some_and(|it| it != '\n') {
            self.at += 1;
        }
    }

    /// A line break, and the here-documents that begin behind it.
    fn newline(&mut self) {
        self.at += 1;
        for it in std::mem::take(&mut self.pending) {
            let mut body = String::new();
            let mut closed = false;
            while self.at < self.chars.len() {
                let rest = self.chars.get(self.at..).unwrap_or_default();
                let length = rest.iter().position(|it| *it == '\n').unwrap_or(rest.len());
                let mut line: String = rest.iter().take(length).collect();
                self.at = (self.at + length + 1).min(self.chars.len());
                if it.strip {
                    line = line.trim_start_matches('\t').to_owned();
                }
                if line.trim_end_matches('\r') == it.mark {
                    closed = true;
                    // The line break itself still ends the statement.
                    self.at = self.at.min(self.chars.len());
                    break;
                }
                body.push_str(&line);
                body.push('\n');
            }
            if !closed {
                self.doubt("a here-document in it has no end");
            }
            let word = if it.quoted { Word::of(&body) } else { self.quoted_text(&body) };
            if let Some(slot) = self.texts.get_mut(it.slot) {
                *slot = word;
            }
        }
    }

    /// Puts the texts of here-documents where they are read.
    fn read_texts(&mut self) {
        for (simple, slot) in std::mem::take(&mut self.readers) {
            let Some(word) = self.texts.get(slot).cloned() else { continue };
            if let Some(it) = self.out.simples.get_mut(simple) {
                it.redirects.push(Redirect::Text(word));
            }
        }
    }

    /// A text in which only `$` and backticks mean something.
    pub(super) fn quoted_text(&mut self, text: &str) -> Word {
        let mut inner = Self::new(text.chars().collect(), self.depth);
        let mut word = Word::default();
        inner.double(&mut word, false);
        self.take_over(inner);
        word
    }

    fn define(&mut self, name: String) {
        let before = self.out.simples.len();
        self.out.functions.push(Function { name, before });
    }

    /// What another reader has found.
    pub(super) fn take_over(&mut self, mut inner: Self) {
        inner.read_texts();
        let base = self.out.simples.len();
        for mut it in inner.out.simples {
            it.reads = it.reads.map(|at| at + base);
            self.out.simples.push(it);
        }
        let moved = |it: Function| Function { before: it.before + base, ..it };
        self.out.functions.extend(inner.out.functions.into_iter().map(moved));
        if let Some(why) = inner.out.odd {
            self.doubt(why);
        }
        if inner.nest != 0 {
            self.doubt("something in it is not closed");
        }
    }

    /// The pattern of a `case`, or its `esac`.
    fn pattern(&mut self, cases: &mut usize) {
        loop {
            self.blanks();
            match self.peek(0) {
                Some('\n') => self.newline(),
                Some('#') => self.comment(),
                Some('(') => self.at += 1,
                _ => break,
            }
        }
        let ends = self.starts("esac")
            && self.peek(4).is_none_or(|it| it.is_whitespace() || ";)&|".contains(it));
        if ends {
            self.at += 4;
            *cases = cases.saturating_sub(1);
            self.nest -= 1;
            return;
        }
        loop {
            self.blanks();
            match self.peek(0) {
                Some(')') => {
                    self.at += 1;
                    return;
                }
                Some('|') => self.at += 1,
                None | Some('\n' | ';' | '&' | '(' | '<' | '>') => {
                    self.doubt("a `case` in it cannot be read");
                    return;
                }
                Some(_) => {
                    let before = self.at;
                    self.word();
                    if self.at == before {
                        self.at += 1;
                    }
                }
            }
        }
    }

    /// A simple command, or the keyword before one. `bare` is what may follow a subshell.
    fn simple(&mut self, cases: &mut usize, from: Option<usize>, bare: bool) {
        let mut it = Simple { line: self.line(), reads: from, ..Simple::default() };
        let mut slots = Vec::new();
        loop {
            self.blanks();
            let Some(next) = self.peek(0) else { break };
            match next {
                '\n' | ';' | '|' | ')' => break,
                '#' => {
                    self.comment();
                    break;
                }
                '&' if self.peek(1) == Some('>') => {
                    self.at += 1;
                    self.redirect(&mut it, &mut slots);
                }
                '&' => break,
                '<' | '>' if (self.peek(1) != Some('(')) => self.redirect(&mut it, &mut slots),
                '(' => {
                    let names = it.words.len() == 1 && it.sets.is_empty();
                    let name = it.words.first().and_then(Word::known).filter(|_| names);
                    let mut end = 1;
                    while matches!(self.peek(end), Some(' ' | '\t')) {
                        end += 1;
                    }
                    if let Some(name) = name.filter(|_| self.peek(end) == Some(')')) {
                        self.at += end + 1;
                        self.define(name);
                        return;
                    }
                    self.doubt("a bracket in it cannot be read");
                    self.at += 1;
                    break;
                }
                _ if next.is_ascii_digit() && self.descriptor() => {
                    self.redirect(&mut it, &mut slots);
                }
                _ if !bare && self.assignment_name().is_some_and(|_| sets(&it)) => {
                    self.assignment(&mut it);
                }
                _ => {
                    let word = self.word();
                    let first = it.words.is_empty() && it.sets.is_empty() && !bare;
                    if first && self.keyword(&word, cases) {
                        return;
                    }
                    it.words.push(word);
                    if first && it.words.first().and_then(Word::known).as_deref() == Some("[[") {
                        self.condition();
                    }
                }
            }
        }
        if it.words.is_empty() && it.sets.is_empty() && it.redirects.is_empty() && slots.is_empty()
        {
            return;
        }
        let place = self.out.simples.len();
        self.readers.extend(slots.into_iter().map(|slot| (place, slot)));
        self.out.simples.push(it);
    }

    /// Whether the word is a keyword, which is then dealt with.
    fn keyword(&mut self, word: &Word, cases: &mut usize) -> bool {
        let [Part::Text { text, quoted: false }] = word.parts.as_slice() else { return false };
        match text.as_str() {
            it if OPENS.contains(&it) => self.nest += 1,
            it if CLOSES.contains(&it) => {
                self.nest -= 1;
                if it == "esac" {
                    *cases = cases.saturating_sub(1);
                }
                // `done < file`, `} > file`
                self.simple(cases, None, true);
            }
            "time" => {
                self.blanks();
                if self.starts("-p") {
                    self.at += 2;
                }
            }
            it if BETWEEN.contains(&it) => {}
            "for" | "select" => {
                self.nest += 1;
                self.blanks();
                if self.starts("((") {
                    let end = self.arithmetic_end(2);
                    self.at += 2;
                    self.expansions(end.map_or(self.at, |it| it - 2));
                    self.at = end.unwrap_or(self.at);
                    return true;
                }
                let name = self.word().known().unwrap_or_default();
                loop {
                    self.blanks();
                    match self.peek(0) {
                        None | Some('\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' | '#') => break,
                        Some(_) => {
                            let before = self.at;
                            self.word();
                            if self.at == before {
                                break;
                            }
                        }
                    }
                }
                // Whatever it runs over, nobody knows its value.
                let sets = vec![(name, vec![Word::unknown()])];
                self.out.simples.push(Simple { line: self.line(), sets, ..Simple::default() });
            }
            "case" => {
                self.nest += 1;
                *cases += 1;
                self.blanks();
                self.word();
                self.blanks();
                while self.peek(0) == Some('\n') {
                    self.newline();
                    self.blanks();
                }
                if self.starts("in") {
                    self.at += 2;
                    self.pattern(cases);
                } else {
                    self.doubt("a `case` in it cannot be read");
                }
            }
            "function" => {
                self.blanks();
                let name = self.word().known().unwrap_or_default();
                self.blanks();
                if self.starts("()") {
                    self.at += 2;
                }
                self.define(name);
            }
            _ => return false,
        }
        true
    }

    /// The inside of `[[ … ]]`, in which `<` and `(` mean other things. A shell that does not know
    /// it takes `||` for the end of a command, and `>` for a redirection.
    fn condition(&mut self) {
        let mut behind: Option<Vec<Word>> = None;
        loop {
            self.blanks();
            match self.peek(0) {
                None => return self.doubt("something in it is not closed"),
                Some('\n') => self.newline(),
                Some('>') => {
                    self.at += 1;
                    self.doubt("`>` within `[[` writes a file to other shells");
                }
                Some('&' | '|' | ';') => {
                    self.at += 1;
                    self.perhaps(behind.replace(Vec::new()));
                }
                Some('<' | '(' | ')') => self.at += 1,
                Some(_) => {
                    let before = self.at;
                    let word = self.word();
                    if self.at == before {
                        self.at += 1;
                    }
                    // `-eq` and its like take even a quoted text as arithmetic, and expand it.
                    if word.known().is_some_and(|it| it.contains("$(") || it.contains('`')) {
                        self.doubt("a text within `[[` may be expanded");
                    }
                    let closes = matches!(word.parts.as_slice(),
                        [Part::Text { text, quoted: false }] if text == "]]");
                    if closes {
                        return self.perhaps(behind);
                    }
                    if let Some(words) = &mut behind {
                        words.push(word);
                    }
                }
            }
        }
    }

    /// Keeps words that may be a command.
    fn perhaps(&mut self, words: Option<Vec<Word>>) {
        let words = words.unwrap_or_default();
        let compares = words.get(1).and_then(Word::known).is_some_and(|it| {
            matches!(
                it.as_str(),
                "==" | "=" | "!=" | "=~" | "-eq" | "-ne" | "-lt" | "-gt" | "-le" | "-ge"
            )
        });
        if !words.is_empty() && !compares {
            let line = self.line();
            self.out.simples.push(Simple { line, words, maybe: true, ..Simple::default() });
        }
    }

    /// Whether digits here are the descriptor of a redirection.
    fn descriptor(&mut self) -> bool {
        let mut ahead = 0;
        while self.peek(ahead).is_some_and(|it| it.is_ascii_digit()) && ahead < 4 {
            ahead += 1;
        }
        let is = matches!(self.peek(ahead), Some('<' | '>')) && self.peek(ahead + 1) != Some('(');
        if is {
            self.at += ahead;
        }
        is
    }

    fn redirect(&mut self, it: &mut Simple, slots: &mut Vec<usize>) {
        let rest: String = self.chars.iter().skip(self.at).take(3).collect();
        let (length, kind) = match rest.as_str() {
            _ if rest.starts_with("<<<") => (3, '='),
            _ if rest.starts_with("<<-") => (3, '-'),
            _ if rest.starts_with("<<") => (2, 'h'),
            _ if rest.starts_with("<&") => (2, '&'),
            _ if rest.starts_with(">&") => (2, '&'),
            _ if rest.starts_with("<>") => (2, 'w'),
            _ if rest.starts_with(">>") || rest.starts_with(">|") => (2, 'w'),
            _ if rest.starts_with('>') => (1, 'w'),
            _ => (1, 'r'),
        };
        self.at += length;
        self.blanks();
        if matches!(kind, 'h' | '-') {
            let start = self.at;
            let word = self.word();
            let raw = self.chars.get(start..self.at).unwrap_or_default();
            let quoted = raw.iter().any(|it| matches!(it, '\'' | '"' | '\\'));
            let slot = self.texts.len();
            self.texts.push(Word::unknown());
            slots.push(slot);
            let mark = word.known().unwrap_or_default();
            self.pending.push(Pending { mark, quoted, strip: kind == '-', slot });
            return;
        }
        let word = self.word();
        it.redirects.push(match kind {
            '=' => Redirect::Text(word),
            '&' => {
                let known = word.known().unwrap_or_default();
                let copies = known == "-"
                    || (!known.is_empty()
                        && known.trim_end_matches('-').chars().all(|it| it.is_ascii_digit()));
                // `>& file` writes both streams to it.
                if copies { Redirect::Copy } else { Redirect::Write(word) }
            }
            'r' => Redirect::Read(word),
            _ => Redirect::Write(word),
        });
    }

    /// The length of `NAME=`, `NAME+=` or `NAME[…]=` here, and of the name alone.
    fn assignment_name(&self) -> Option<(usize, usize)> {
        let mut name = 0;
        while self.peek(name).is_some_and(|it| {
            it == '_' || it.is_ascii_alphabetic() || (name > 0 && it.is_ascii_digit())
        }) {
            name += 1;
        }
        let mut end = name;
        if name > 0 && self.peek(end) == Some('[') {
            while self.peek(end).is_some_and(|it| it != ']' && it != '\n' && it != '$' && it != '`')
            {
                end += 1;
            }
            end += 1;
        }
        if self.peek(end) == Some('+') {
            end += 1;
        }
        (name > 0 && self.peek(end) == Some('=')).then_some((name, end + 1))
    }

    fn assignment(&mut self, it: &mut Simple) {
        let Some((name, length)) = self.assignment_name() else { return };
        let adds = length > name + 1;
        let name: String = self.chars.iter().skip(self.at).take(name).collect();
        self.at += length;
        let mut words = Vec::new();
        if self.peek(0) == Some('(') {
            self.at += 1;
            loop {
                self.blanks();
                match self.peek(0) {
                    None => break self.doubt("something in it is not closed"),
                    Some(')') => break self.at += 1,
                    Some('\n') => self.newline(),
                    Some('#') => self.comment(),
                    Some(_) => {
                        let before = self.at;
                        words.push(self.word());
                        if self.at == before {
                            self.at += 1;
                            self.doubt("a part of it cannot be read");
                        }
                    }
                }
            }
        } else {
            words.push(self.word());
        }
        if adds {
            words.push(Word::unknown());
        }
        it.sets.push((name, words));
    }
}

/// Whether `NAME=` at this place of a command sets a variable.
fn sets(it: &Simple) -> bool {
    it.words.is_empty()
        || it
            .words
            .first()
            .and_then(Word::known)
            .is_some_and(|first| SETTERS.contains(&first.as_str()))
}
