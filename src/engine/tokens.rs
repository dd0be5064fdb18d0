//! Splits code into the tokens that are searched: whole identifiers and their parts.
//!
//! An identifier is a run of letters, digits and `_` (any non-ASCII character counts as a letter).
//! `getUserById` gives the word `getuserbyid` and the parts `get`, `user`, `by`, `id`;
//! `HTTP2Server` gives `http2`, `server`; numbers and codes such as `E0425` or `0042` stay whole.

/// Longest identifier that is indexed, in bytes; longer runs are data, not names.
pub const LONGEST: usize = 120;

/// Whether a byte belongs to an identifier.
pub const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The next identifier of `text` at or after byte `at`: its start, its end, and where to go on.
///
/// Identifiers longer than [`LONGEST`] come as overlapping pieces, so that any run of half that
/// length lies whole within one piece.
pub fn next_word(text: &[u8], at: usize) -> Option<(usize, usize, usize)> {
    let start = at + text.get(at..)?.iter().position(|&byte| is_word_byte(byte))?;
    let run =
        text[start..].iter().take(LONGEST + 1).take_while(|&&byte| is_word_byte(byte)).count();
    if run <= LONGEST {
        Some((start, start + run, start + run))
    } else {
        Some((start, start + LONGEST, start + LONGEST / 2))
    }
}

/// Calls `take` with each identifier of `text`, as [`next_word`] cuts them.
pub fn for_each_word<'a>(text: &'a [u8], mut take: impl FnMut(usize, &'a [u8])) {
    let mut at = 0;
    while let Some((start, end, next)) = next_word(text, at) {
        take(start, &text[start..end]);
        at = next;
    }
}

/// Calls `take` with each part of one identifier, cut at `_`, at a change from lower to upper
/// case, and before the last capital of a run of capitals. Digits stay with the letters before
/// them.
pub fn for_each_part<'a>(word: &'a [u8], mut take: impl FnMut(&'a [u8])) {
    let mut start = 0;
    for at in 0..word.len() {
        let byte = word[at];
        if byte == b'_' {
            if start < at {
                take(&word[start..at]);
            }
            start = at + 1;
            continue;
        }
        if at <= start {
            continue;
        }
        let before = word[at - 1];
        let next_is_lower = word.get(at + 1).is_some_and(u8::is_ascii_lowercase);
        let cut = byte.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase() && next_is_lower));
        if cut {
            take(&word[start..at]);
            start = at;
        }
    }
    if start < word.len() {
        take(&word[start..]);
    }
}

/// Lower case in place of ASCII capitals, appended to `out`.
pub fn push_lower(out: &mut Vec<u8>, word: &[u8]) {
    if word.is_ascii() {
        out.extend(word.iter().map(u8::to_ascii_lowercase));
    } else {
        let text = String::from_utf8_lossy(word).to_lowercase();
        out.extend_from_slice(text.as_bytes());
    }
}

/// A light English stem of a lower-case word: plural, `-ing`, `-ed` and a silent `e` are taken
/// off, so that `connections`, `connecting` and `connected` meet. Words with digits stay.
///
/// It follows the first step of M. F. Porter, "An algorithm for suffix stripping" (1980), in
/// outline only.
pub fn stem(word: &[u8]) -> &[u8] {
    let len = word.len();
    if len < 4 || !word.iter().all(u8::is_ascii_lowercase) {
        return word;
    }
    let has_vowel = |part: &[u8]| part.iter().any(|byte| b"aeiouy".contains(byte));
    let cut = |by: usize| &word[..len - by];
    let mut out = word;
    if word.ends_with(b"sses") {
        out = cut(2);
    } else if word.ends_with(b"ies") {
        out = cut(if len > 4 { 2 } else { 1 });
    } else if word.ends_with(b"s") && !word.ends_with(b"ss") && !word.ends_with(b"us") {
        out = cut(1);
    }
    let len = out.len();
    if out.ends_with(b"ing") && len > 5 && has_vowel(&out[..len - 3]) {
        out = undouble(&out[..len - 3]);
    } else if out.ends_with(b"ed") && len > 4 && has_vowel(&out[..len - 2]) {
        out = undouble(&out[..len - 2]);
    }
    let len = out.len();
    if len > 3 && (out.ends_with(b"e") || out.ends_with(b"y") || out.ends_with(b"i")) {
        // `e` falls, and `y` and `i` meet: `retry`, `retries`, `retried`.
        out = &out[..len - 1];
    }
    out
}

fn undouble(word: &[u8]) -> &[u8] {
    let len = word.len();
    if len > 3 && word[len - 1] == word[len - 2] && !b"lsz".contains(&word[len - 1]) {
        &word[..len - 1]
    } else {
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts(word: &str) -> Vec<String> {
        let mut out = Vec::new();
        for_each_part(word.as_bytes(), |it| out.push(String::from_utf8_lossy(it).to_lowercase()));
        out
    }

    #[test]
    fn identifiers_fall_into_their_parts() {
        assert_eq!(parts("getUserById"), ["get", "user", "by", "id"]);
        assert_eq!(parts("HTTP2Server"), ["http2", "server"]);
        assert_eq!(parts("snake_case_name"), ["snake", "case", "name"]);
        assert_eq!(parts("XMLParser"), ["xml", "parser"]);
        assert_eq!(parts("E0425"), ["e0425"]);
        assert_eq!(parts("__init__"), ["init"]);
        assert_eq!(parts("straße"), ["straße"]);
    }

    #[test]
    fn words_are_runs_of_identifier_characters() {
        let mut words = Vec::new();
        for_each_word(b"a->b_c(0x1F, \"kebab-case\")", |_, word| {
            words.push(String::from_utf8_lossy(word).into_owned());
        });
        assert_eq!(words, ["a", "b_c", "0x1F", "kebab", "case"]);
    }

    #[test]
    fn forms_of_a_word_meet() {
        for group in [
            &["connection", "connections"][..],
            &["retry", "retries", "retried", "retrying"],
            &["timeout", "timeouts"],
            &["cache", "caches", "cached", "caching"],
            &["stop", "stopped", "stopping"],
        ] {
            let stems: Vec<_> = group.iter().map(|word| stem(word.as_bytes())).collect();
            assert!(stems.windows(2).all(|pair| pair[0] == pair[1]), "{group:?} {stems:?}");
        }
        assert_eq!(stem(b"status"), b"status");
        assert_eq!(stem(b"2026"), b"2026");
    }

    proptest! {
        #[test]
        fn no_identifier_byte_is_lost(text in proptest::collection::vec(any::<u8>(), 0..400)) {
            let mut seen = vec![false; text.len()];
            for_each_word(&text, |start, word| {
                for flag in &mut seen[start..start + word.len()] { *flag = true; }
            });
            for (byte, seen) in text.iter().zip(seen) {
                prop_assert_eq!(is_word_byte(*byte), seen);
            }
        }
    }
}
