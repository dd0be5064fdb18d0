//! Tells by its message whether a commit mends something.

/// Words of a subject that speak of something mended, in lower case and as whole words.
const WORDS: &[&str] = &[
    "bug",
    "bugfix",
    "bugfixes",
    "bugs",
    "crash",
    "crashed",
    "crashes",
    "crashing",
    "deadlock",
    "fix",
    "fixed",
    "fixes",
    "fixing",
    "fixup",
    "hotfix",
    "hotfixes",
    "panic",
    "panics",
    "regression",
    "regressions",
    "repair",
    "repairs",
    "revert",
    "reverted",
    "reverts",
    "workaround",
];

/// Words that close an issue when its number or address follows, as on GitHub and GitLab.
const CLOSING: &[&str] =
    &["close", "closed", "closes", "fix", "fixed", "fixes", "resolve", "resolved", "resolves"];

/// Whether a commit with this subject and body is a fix: a word of [`WORDS`] in its subject, or
/// anywhere one of [`CLOSING`] before an issue.
pub fn is_fix(subject: &str, body: &str) -> bool {
    let mut words = subject.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    words.any(|word| is_in(word, WORDS)) || closes(subject) || closes(body)
}

fn is_in(word: &str, list: &[&str]) -> bool {
    list.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn closes(text: &str) -> bool {
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let word = word.trim_start_matches(['(', '[', '*', '-']).trim_end_matches(':');
        if is_in(word, CLOSING) && words.peek().is_some_and(|next| is_issue(next)) {
            return true;
        }
    }
    false
}

fn is_issue(word: &str) -> bool {
    let word = word.trim_start_matches(['(', '[']);
    if let Some((_, number)) = word.split_once('#') {
        return number.starts_with(|it: char| it.is_ascii_digit());
    }
    let start = word.get(..3).unwrap_or_default();
    start.eq_ignore_ascii_case("gh-") || word.starts_with("http") && word.contains("/issues/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_are_told_by_words_and_closed_issues() {
        for (subject, body) in [
            ("Fix login after a reset", ""),
            ("auth: fixes the 401", ""),
            ("HOTFIX: pool", ""),
            ("Revert \"Use one pool\"", ""),
            ("Keep the pool (#12)", "Closes: #11"),
            ("Keep the pool", "resolves shop/api#11."),
            ("Keep the pool", "Fixes https://example.org/shop/issues/3"),
        ] {
            assert!(is_fix(subject, body), "{subject} / {body}");
        }
        for (subject, body) in [
            ("Add a prefix", "suffixes are fixed later"),
            ("debug logs", "closes the file"),
            ("Close the pool at the end", ""),
            ("", ""),
        ] {
            assert!(!is_fix(subject, body), "{subject} / {body}");
        }
    }
}
