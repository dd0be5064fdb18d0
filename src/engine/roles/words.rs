//! A path taken apart for the rules: the words of its name, its folders, in one form.
//!
//! Names are cut at punctuation and at changes of case. Two words in a row also count as one
//! (`health-check`, `webSocket`), and plurals count as their singular.

use std::borrow::Cow;

use crate::base::path::{extension_of, name_of};
use crate::engine::tokens;

/// Where a word stands in its name: the last word is what the thing is, the ones before say which.
const WHOLE: f32 = 1.25;
const LAST: f32 = 1.0;
const FIRST: f32 = 0.9;
const MIDDLE: f32 = 0.7;

/// The words of a file name or of a folder, with how much each says.
pub type Words = Vec<(Vec<u8>, f32)>;

/// What rules look at in a path.
#[derive(Debug)]
pub struct Pieces {
    /// The path in lower case, after a `/`.
    pub path: Vec<u8>,
    /// Where the name begins in `path`.
    name: usize,
    /// The words of the name without its extension.
    pub words: Words,
}

impl Pieces {
    /// Takes a path apart.
    pub fn of(path: &[u8]) -> Self {
        let name = name_of(path);
        let mut lower = Vec::with_capacity(path.len() + 1);
        lower.push(b'/');
        lower.extend(path.iter().map(u8::to_ascii_lowercase));
        let extension = extension_of(name).len();
        let stem = if extension > 0 { &name[..name.len() - extension - 1] } else { name };
        Self { name: lower.len() - name.len(), path: lower, words: words_of(stem) }
    }

    /// The file name in lower case.
    pub fn name(&self) -> &[u8] {
        &self.path[self.name..]
    }

    /// The extension in lower case.
    pub fn extension(&self) -> &[u8] {
        extension_of(self.name())
    }

    /// The folders in lower case, nearest first.
    pub fn folders(&self) -> impl Iterator<Item = &[u8]> {
        let folders = self.path.get(1..self.name.saturating_sub(1)).unwrap_or_default();
        folders.rsplit(|&byte| byte == b'/').filter(|it| !it.is_empty())
    }
}

/// The words of one name, in one form, with how much each says.
pub fn words_of(name: &[u8]) -> Words {
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    for run in name.split(|&byte| !byte.is_ascii_alphanumeric() && byte < 0x80) {
        tokens::for_each_part(run, |part| pieces.push(part.to_ascii_lowercase()));
    }
    let count = pieces.len();
    let place = |from: usize, to: usize| match (from == 0, to == count) {
        (true, true) => WHOLE,
        (_, true) => LAST,
        (true, _) => FIRST,
        _ => MIDDLE,
    };
    let mut words = Vec::with_capacity(count * 2);
    for at in 0..count {
        words.push((singular(&pieces[at]).into_owned(), place(at, at + 1)));
        if let Some(next) = pieces.get(at + 1) {
            let joined = [pieces[at].as_slice(), next.as_slice()].concat();
            words.push((singular(&joined).into_owned(), place(at, at + 2)));
        }
    }
    words
}

/// A word without the ending of its plural; words that only look like plurals stay.
pub fn singular(word: &[u8]) -> Cow<'_, [u8]> {
    match word {
        [head @ .., b'i', b'e', b's'] if head.len() > 2 => {
            Cow::Owned([head, b"y".as_slice()].concat())
        }
        [.., b's' | b'i' | b'u', b's'] => Cow::Borrowed(word),
        [head @ .., b's'] if head.len() > 2 => Cow::Borrowed(head),
        _ => Cow::Borrowed(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words_in_one_form() {
        let shown = |name: &str| -> Vec<String> {
            words_of(name.as_bytes())
                .into_iter()
                .map(|(word, _)| String::from_utf8(word).unwrap())
                .collect()
        };
        assert_eq!(shown("Exceptions"), ["exception"]);
        assert_eq!(shown("health-check"), ["health", "healthcheck", "check"]);
        assert_eq!(
            shown("WebSocketGateway"),
            ["web", "websocket", "socket", "socketgateway", "gateway"]
        );
        assert_eq!(singular(b"repositories").as_ref(), b"repository");
        assert_eq!(singular(b"redis").as_ref(), b"redis");
        assert_eq!(singular(b"access").as_ref(), b"access");
    }

    #[test]
    fn folders_come_nearest_first() {
        let pieces = Pieces::of(b"Apps/api/main.py");
        let folders: Vec<&[u8]> = pieces.folders().collect();
        assert_eq!(folders, [b"api".as_slice(), b"apps"]);
        assert_eq!(pieces.name(), b"main.py");
        assert_eq!(Pieces::of(b"Makefile").folders().count(), 0);
    }
}
