//! The fields of the index and the tokenizers that fill them.
//!
//! The folder of an index carries [`VERSION`]: another schema is another folder, never a migration.

use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};

use crate::engine::tokens;

/// Raised with every change of fields or tokenizers.
pub const VERSION: u32 = 2;

/// Longest part that is indexed, in bytes.
const LONGEST_PART: usize = 40;

/// The fields, by what they hold.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// The raw path: the key of a document, and a fast column.
    pub path: Field,
    /// Bytes on disk when it was read.
    pub size: Field,
    /// Modification time in nanoseconds when it was read.
    pub modified: Field,
    /// When the file system last changed the file, in nanoseconds; see
    /// [`Stamp`](crate::engine::walk::Stamp).
    pub changed: Field,
    /// Whole identifiers of the content, in lower case.
    pub word: Field,
    /// Stemmed parts of the content's identifiers.
    pub part: Field,
    /// Stemmed parts of the file name.
    pub name: Field,
    /// Stemmed parts of the folders.
    pub folder: Field,
    /// Whole names that the file defines, in lower case.
    pub symbol: Field,
}

/// The schema and its fields.
pub fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let text = |tokenizer: &str| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(IndexRecordOption::WithFreqs),
        )
    };
    let fast = NumericOptions::default().set_fast();
    let fields = Fields {
        path: schema.add_bytes_field("path", BytesOptions::default().set_indexed().set_fast()),
        size: schema.add_u64_field("size", fast.clone()),
        modified: schema.add_i64_field("modified", fast.clone()),
        changed: schema.add_i64_field("changed", fast),
        word: schema.add_text_field("word", text(WORD)),
        part: schema.add_text_field("part", text(PART)),
        name: schema.add_text_field("name", text(PART)),
        folder: schema.add_text_field("folder", text(PART)),
        symbol: schema.add_text_field("symbol", text(WORD)),
    };
    (schema.build(), fields)
}

const WORD: &str = "navi-word";
const PART: &str = "navi-part";

/// Makes the tokenizers known to an opened index.
pub fn register(index: &tantivy::Index) {
    let tokenizers = index.tokenizers();
    tokenizers.register(WORD, TextAnalyzer::from(CodeTokenizer { parts: false, seen: Vec::new() }));
    tokenizers.register(PART, TextAnalyzer::from(CodeTokenizer { parts: true, seen: Vec::new() }));
}

/// Whole identifiers, or the stems of their parts.
#[derive(Clone)]
struct CodeTokenizer {
    parts: bool,
    /// Token borders and their lower-cased text, reused from document to document.
    seen: Vec<u8>,
}

struct CodeStream<'a> {
    text: &'a [u8],
    at: usize,
    parts: bool,
    /// Ends of parts of the current identifier that are still to come, in reverse.
    pending: Vec<(usize, usize)>,
    lower: &'a mut Vec<u8>,
    token: Token,
}

impl Tokenizer for CodeTokenizer {
    type TokenStream<'a> = CodeStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> CodeStream<'a> {
        CodeStream {
            text: text.as_bytes(),
            at: 0,
            parts: self.parts,
            pending: Vec::new(),
            lower: &mut self.seen,
            token: Token::default(),
        }
    }
}

impl CodeStream<'_> {
    fn next_word(&mut self) -> Option<(usize, usize)> {
        let (start, end, next) = tokens::next_word(self.text, self.at)?;
        self.at = next;
        Some((start, end))
    }

    fn emit(&mut self, start: usize, end: usize) -> bool {
        self.lower.clear();
        tokens::push_lower(self.lower, &self.text[start..end]);
        let shown = if self.parts { tokens::stem(self.lower) } else { self.lower.as_slice() };
        self.token.text.clear();
        match std::str::from_utf8(shown) {
            Ok(text) => self.token.text.push_str(text),
            // A word cut at its longest may end inside a character.
            Err(_) => self.token.text.push_str(&String::from_utf8_lossy(shown)),
        }
        self.token.position = self.token.position.wrapping_add(1);
        self.token.offset_from = start;
        self.token.offset_to = end;
        true
    }
}

impl TokenStream for CodeStream<'_> {
    fn advance(&mut self) -> bool {
        loop {
            if let Some((start, end)) = self.pending.pop() {
                return self.emit(start, end);
            }
            let Some((start, end)) = self.next_word() else { return false };
            if !self.parts {
                return self.emit(start, end);
            }
            let text = self.text;
            let word = &text[start..end];
            let base = word.as_ptr() as usize;
            let pending = &mut self.pending;
            tokens::for_each_part(word, |part| {
                let from = start + (part.as_ptr() as usize - base);
                if part.len() > 1 && part.len() <= LONGEST_PART {
                    pending.push((from, from + part.len()));
                }
            });
            self.pending.reverse();
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens_of(parts: bool, text: &str) -> Vec<String> {
        let mut tokenizer = CodeTokenizer { parts, seen: Vec::new() };
        let mut stream = tokenizer.token_stream(text);
        let mut out = Vec::new();
        while stream.advance() {
            out.push(stream.token().text.clone());
        }
        out
    }

    #[test]
    fn words_are_whole_and_parts_are_stemmed() {
        let text = "retryFailedConnections(E0425, HTTP2Server)";
        assert_eq!(tokens_of(false, text), ["retryfailedconnections", "e0425", "http2server"]);
        assert_eq!(
            tokens_of(true, text),
            ["retr", "fail", "connection", "e0425", "http2", "server"]
        );
    }
}
