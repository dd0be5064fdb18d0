//! Words and what is expanded in them: quotes, variables, substitutions, arithmetic.

use super::lexer::{DEEPEST, Lexer, Until};
use super::{Part, Simple, Word};

impl Lexer {
    /// One word; empty when none begins here.
    pub(super) fn word(&mut self) -> Word {
        let mut word = Word::default();
        let mut text = String::new();
        let (mut brace, mut comma) = (false, false);
        let flush = |text: &mut String, word: &mut Word| {
            if !text.is_empty() {
                word.parts.push(Part::Text { text: std::mem::take(text), quoted: false });
            }
        };
        while let Some(next) = self.peek(0) {
            match next {
                '<' | '>' if self.peek(1) == Some('(') => {
                    flush(&mut text, &mut word);
                    self.at += 2;
                    self.list(Until::Paren);
                    word.parts.push(Part::Unknown { quoted: true });
                }
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\\' => {
                    let escaped = self.peek(1);
                    self.at += 2;
                    match escaped {
                        Some('\n') => {}
                        Some(it) => {
                            flush(&mut text, &mut word);
                            word.parts.push(Part::Text { text: it.into(), quoted: true });
                        }
                        None => self.at = self.chars.len(),
                    }
                }
                '\'' => {
                    flush(&mut text, &mut word);
                    self.at += 1;
                    let start = self.at;
                    while self.peek(0).is_some_and(|it| it != '\'') {
                        self.at += 1;
                    }
                    let inside = self.chars.get(start..self.at).unwrap_or_default();
                    word.parts.push(Part::Text { text: inside.iter().collect(), quoted: true });
                    if self.peek(0).is_none() {
                        self.doubt("a quote in it is not closed");
                    }
                    self.at += 1;
                }
                '"' => {
                    flush(&mut text, &mut word);
                    self.at += 1;
                    self.double(&mut word, true);
                }
                '$' => {
                    flush(&mut text, &mut word);
                    self.dollar(&mut word, false);
                }
                '`' => {
                    flush(&mut text, &mut word);
                    self.backtick();
                    word.parts.push(Part::Unknown { quoted: false });
                }
                _ => {
                    brace |= next == '{';
                    comma |= brace && (next == ',' || (next == '.' && self.peek(1) == Some('.')));
                    text.push(next);
                    self.at += 1;
                }
            }
        }
        flush(&mut text, &mut word);
        if brace && comma {
            // `{a,b}` becomes words of its own.
            word.parts.push(Part::Unknown { quoted: false });
        }
        self.at = self.at.min(self.chars.len());
        word
    }

    /// The inside of double quotes up to and with the closing one, or a text to its end.
    pub(super) fn double(&mut self, word: &mut Word, closes: bool) {
        let mut text = String::new();
        loop {
            let Some(next) = self.peek(0) else {
                if closes {
                    self.doubt("a quote in it is not closed");
                }
                break;
            };
            match next {
                '"' if closes => {
                    self.at += 1;
                    break;
                }
                '\\' => {
                    match self.peek(1) {
                        Some('\n') => {}
                        Some(it) if "$`\"\\".contains(it) => text.push(it),
                        Some(it) => text.extend(['\\', it]),
                        None => text.push('\\'),
                    }
                    self.at += 2;
                }
                '$' => {
                    word.parts.push(Part::Text { text: std::mem::take(&mut text), quoted: true });
                    self.dollar(word, true);
                }
                '`' => {
                    word.parts.push(Part::Text { text: std::mem::take(&mut text), quoted: true });
                    self.backtick();
                    word.parts.push(Part::Unknown { quoted: true });
                }
                _ => {
                    text.push(next);
                    self.at += 1;
                }
            }
        }
        self.at = self.at.min(self.chars.len());
        word.parts.retain(|it| !matches!(it, Part::Text { text, .. } if text.is_empty()));
        if !text.is_empty() || word.parts.is_empty() {
            word.parts.push(Part::Text { text, quoted: true });
        }
    }

    /// What begins with `$`.
    fn dollar(&mut self, word: &mut Word, quoted: bool) {
        self.at += 1;
        match self.peek(0) {
            Some('(') => {
                if self.peek(1) == Some('(')
                    && let Some(end) = self.arithmetic_end(2)
                {
                    self.at += 2;
                    self.expansions(end - 2);
                    self.at = end;
                } else {
                    self.at += 1;
                    self.list(Until::Paren);
                }
                word.parts.push(Part::Unknown { quoted });
            }
            Some('{') => self.parameter(word, quoted),
            Some('\'') if !quoted => {
                self.at += 1;
                let text = self.escaped();
                word.parts.push(Part::Text { text, quoted: true });
            }
            Some('"') if !quoted => {
                self.at += 1;
                self.double(word, true);
            }
            Some(it) if it == '_' || it.is_ascii_alphabetic() => {
                let start = self.at;
                while self.peek(0).is_some_and(|it| it == '_' || it.is_ascii_alphanumeric()) {
                    self.at += 1;
                }
                let name = self.chars.get(start..self.at).unwrap_or_default().iter().collect();
                word.parts.push(Part::Variable { name, quoted, all: false });
            }
            Some(it) if it.is_ascii_digit() || "*#?$!-".contains(it) => {
                self.at += 1;
                word.parts.push(Part::Unknown { quoted: quoted && it != '*' });
            }
            Some('@') => {
                self.at += 1;
                word.parts.push(Part::Unknown { quoted: false });
            }
            _ => word.parts.push(Part::Text { text: "$".into(), quoted: true }),
        }
    }

    /// `${…}`.
    fn parameter(&mut self, word: &mut Word, quoted: bool) {
        self.at += 1;
        let start = self.at;
        while self.peek(0).is_some_and(|it| it == '_' || it.is_ascii_alphanumeric()) {
            self.at += 1;
        }
        let name: String = self.chars.get(start..self.at).unwrap_or_default().iter().collect();
        let all = self.starts("[@]") || self.starts("[*]");
        if all {
            self.at += 3;
        }
        if self.peek(0) == Some('@') {
            // `${x@P}` runs what is in the value.
            self.doubt("a variable in it is expanded twice");
        }
        let assigns = self.peek(0) == Some('=') || self.starts(":=");
        let plain = self.peek(0) == Some('}');
        self.until_brace();
        if assigns && !name.is_empty() {
            let sets = vec![(name, vec![Word::unknown()])];
            self.out.simples.push(Simple { line: self.line(), sets, ..Simple::default() });
            word.parts.push(Part::Unknown { quoted });
        } else if plain && name.starts_with(|it: char| it == '_' || it.is_ascii_alphabetic()) {
            word.parts.push(Part::Variable { name, quoted: quoted && !all, all });
        } else {
            word.parts.push(Part::Unknown { quoted: quoted && !all });
        }
    }

    /// Goes behind the `}` that closes `${`, and takes along what would run on the way.
    fn until_brace(&mut self) {
        if self.depth >= DEEPEST {
            self.doubt("it is nested too deeply");
            self.at = self.chars.len();
            return;
        }
        self.depth += 1;
        let mut scrap = Word::default();
        loop {
            match self.peek(0) {
                None => {
                    self.doubt("something in it is not closed");
                    break;
                }
                Some('}') => {
                    self.at += 1;
                    break;
                }
                Some('\\') => self.at += 2,
                Some('\'') => {
                    self.at += 1;
                    let rest = self.chars.get(self.at..).unwrap_or_default();
                    // Within double quotes it is an apostrophe.
                    let brace = rest.iter().position(|it| *it == '}').unwrap_or(rest.len());
                    let quote = rest.iter().position(|it| *it == '\'').unwrap_or(rest.len());
                    let dollar = rest.iter().take(quote).any(|it| matches!(it, '$' | '`'));
                    if quote < brace && !dollar {
                        self.at += quote + 1;
                    }
                }
                Some('"') => {
                    self.at += 1;
                    self.double(&mut scrap, true);
                }
                Some('$') => self.dollar(&mut scrap, true),
                Some('`') => self.backtick(),
                Some(_) => self.at += 1,
            }
        }
        self.at = self.at.min(self.chars.len());
        self.depth -= 1;
    }

    /// Where `((…))`, whose inside begins `ahead`, ends; `None` when it is something else.
    pub(super) fn arithmetic_end(&self, ahead: usize) -> Option<usize> {
        let mut open = 2;
        let mut at = self.at + ahead;
        let limit = (at + 2000).min(self.chars.len());
        while at < limit {
            match self.chars.get(at)? {
                '(' => open += 1,
                ')' => {
                    open -= 1;
                    if open == 0 {
                        return (self.chars.get(at.checked_sub(1)?) == Some(&')'))
                            .then_some(at + 1);
                    }
                    if open == 1 && self.chars.get(at + 1) != Some(&')') {
                        return None;
                    }
                }
                '\n' | ';' if open < 2 => return None,
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// Takes along what would run in an arithmetic text that ends at `end`.
    pub(super) fn expansions(&mut self, end: usize) {
        let inside: Vec<char> = self.chars.get(self.at..end).unwrap_or_default().to_vec();
        let text: String = inside.iter().collect();
        if text.contains(['$', '`']) {
            if self.depth >= DEEPEST {
                self.doubt("it is nested too deeply");
                return;
            }
            self.depth += 1;
            self.quoted_text(&text);
            self.depth -= 1;
        }
    }

    /// `` `…` ``, whose inside is a text of its own.
    fn backtick(&mut self) {
        self.at += 1;
        let mut inside = Vec::new();
        let mut closed = false;
        while let Some(next) = self.peek(0) {
            self.at += 1;
            match next {
                '`' => {
                    closed = true;
                    break;
                }
                '\\' if matches!(self.peek(0), Some('`' | '\\' | '$')) => {
                    inside.extend(self.peek(0));
                    self.at += 1;
                }
                _ => inside.push(next),
            }
        }
        if !closed {
            self.doubt("a quote in it is not closed");
        }
        if self.depth >= DEEPEST {
            self.doubt("it is nested too deeply");
            return;
        }
        let mut inner = Self::new(inside, self.depth);
        inner.list(Until::End);
        self.take_over(inner);
    }

    /// The inside of `$'…'`.
    fn escaped(&mut self) -> String {
        let mut out = String::new();
        while let Some(next) = self.peek(0) {
            self.at += 1;
            match next {
                '\'' => return out,
                '\\' => {
                    let Some(kind) = self.peek(0) else { break };
                    self.at += 1;
                    match kind {
                        'n' => out.push('\n'),
                        't' => out.push('\t'),
                        'r' => out.push('\r'),
                        'e' | 'E' => out.push('\u{1b}'),
                        'x' | 'u' | 'U' => {
                            let most = match kind {
                                'x' => 2,
                                'u' => 4,
                                _ => 8,
                            };
                            out.extend(self.number(16, most));
                        }
                        '0'..='7' => {
                            self.at -= 1;
                            out.extend(self.number(8, 3));
                        }
                        it => out.push(it),
                    }
                }
                it => out.push(it),
            }
        }
        self.doubt("a quote in it is not closed");
        out
    }

    fn number(&mut self, radix: u32, most: usize) -> Option<char> {
        let mut value = 0u32;
        for _ in 0..most {
            let Some(digit) = self.peek(0).and_then(|it| it.to_digit(radix)) else { break };
            value = value.wrapping_mul(radix).wrapping_add(digit);
            self.at += 1;
        }
        char::from_u32(value)
    }
}
