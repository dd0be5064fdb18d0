//! The sanitiser and the width arithmetic: every text from outside passes here once before it
//! reaches a screen, a clipboard or a pipe.
//!
//! What could steer a terminal or mislead a reader is made visible instead of being dropped: C0
//! and DEL as control pictures (U+2400 block), C1, bidirectional and zero-width controls as
//! `<U+XXXX>`. Background: Unicode TR36 (bidi), CVE-2021-42574 and the terminal-escape advisories of
//! other file browsers.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns that a tab advances to a multiple of.
pub const TAB: usize = 4;

/// Tells how a character is made visible, or `None` when it may be shown as it is.
fn escape_of(character: char) -> Option<Visible> {
    match character {
        '\u{0}'..='\u{1f}' => {
            Some(Visible::Picture(char::from_u32(0x2400 + character as u32).unwrap_or('\u{fffd}')))
        }
        '\u{7f}' => Some(Visible::Picture('\u{2421}')),
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200c}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Some(Visible::Code(character as u32)),
        _ => None,
    }
}

enum Visible {
    Picture(char),
    Code(u32),
}

/// Makes one line of outside text safe to show; newlines and tabs count as controls too.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(|character| escape_of(character).is_none()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push_clean(&mut out, character);
    }
    Cow::Owned(out)
}

/// Like [`clean`], with each tab turned into blanks up to the next multiple of [`TAB`] columns.
pub fn clean_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut column = 0;
    for part in text.split_inclusive('\t') {
        let (body, tab) = part.strip_suffix('\t').map_or((part, false), |body| (body, true));
        let body = clean(body);
        column += width(&body);
        out.push_str(&body);
        if tab {
            let blanks = TAB - column % TAB;
            out.extend(std::iter::repeat_n(' ', blanks));
            column += blanks;
        }
    }
    out
}

/// Makes outside text of several lines safe to print: line breaks and tabs stay, the rest is as in
/// [`clean`].
pub fn clean_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\n' | '\t') {
            out.push(character);
        } else {
            push_clean(&mut out, character);
        }
    }
    out
}

/// Like [`clean`] for bytes; what is not UTF-8 becomes U+FFFD.
pub fn clean_bytes(bytes: &[u8]) -> String {
    clean(&String::from_utf8_lossy(bytes)).into_owned()
}

fn push_clean(out: &mut String, character: char) {
    match escape_of(character) {
        None => out.push(character),
        Some(Visible::Picture(picture)) => out.push(picture),
        Some(Visible::Code(code)) => {
            use std::fmt::Write;
            // Writing to a String cannot fail.
            let _ = write!(out, "<U+{code:04X}>");
        }
    }
}

/// Tells whether a character would be made visible rather than shown as it is.
pub fn is_control(character: char) -> bool {
    escape_of(character).is_some()
}

/// Terminal columns that `text` takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The longest beginning of `text` that fits `columns`, with `…` as its last column when cut.
pub fn truncate(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut out = take_width(text, columns - 1).to_owned();
    out.push('…');
    Cow::Owned(out)
}

/// The longest beginning of `text` that fits `columns`, cut between graphemes.
pub fn take_width(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > columns {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// The longest end of `text` that fits `columns`, with `…` as its first column when cut.
pub fn truncate_start(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut used = 1;
    let mut from = text.len();
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += width(grapheme);
        if used > columns {
            break;
        }
        from = at;
    }
    Cow::Owned(format!("…{}", text.get(from..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn controls_become_visible() {
        assert_eq!(clean("a\x1b[31mb"), "a␛[31mb");
        assert_eq!(clean("x\u{9b}2J"), "x<U+009B>2J");
        assert_eq!(clean("a\u{202e}cod"), "a<U+202E>cod");
        assert_eq!(clean("a\nb\tc\x7f"), "a␊b␉c␡");
        assert!(matches!(clean("plain é 漢"), Cow::Borrowed(_)));
    }

    #[test]
    fn tabs_become_blanks_in_lines() {
        assert_eq!(clean_line("a\tb\t\tc"), "a   b       c");
    }

    #[test]
    fn cutting_respects_width() {
        assert_eq!(truncate("abcdef", 4), "abc…");
        assert_eq!(truncate("漢字漢字", 5), "漢字…");
        assert_eq!(truncate_start("abcdef", 4), "…def");
        assert_eq!(truncate("abc", 3), "abc");
        assert_eq!(take_width("漢字", 3), "漢");
    }

    proptest! {
        #[test]
        fn nothing_that_steers_a_terminal_survives(text in any::<String>()) {
            let out = clean(&text);
            prop_assert!(out.chars().all(|c| !is_control(c)));
            prop_assert_eq!(clean(&out), out.clone());
        }

        #[test]
        fn truncation_never_exceeds_the_columns(text in any::<String>(), columns in 0usize..40) {
            let text = clean(&text);
            prop_assert!(width(&truncate(&text, columns)) <= columns);
            prop_assert!(width(&truncate_start(&text, columns)) <= columns);
        }
    }
}
