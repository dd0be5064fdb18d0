//! What a commit's message says of the fault: without trailers, numbers of issues, templates of
//! pull requests and the prefixes that name a part of the code.

use super::words::{CHANGES, KINDS, TEMPLATE, TRAILERS, is_in};
use crate::base::text;

/// Characters of a question made of a message.
const LONGEST: usize = 420;
/// Lines of the body that are kept.
const LINES: usize = 8;

/// What a message says, on one line; `parts` are the names on the paths that it changed, in lower
/// case, so that a prefix that names one of them is known for what it is.
pub fn told(subject: &str, body: &str, parts: &[String]) -> String {
    let mut out = sentence(&subject_of(subject, parts));
    let mut lines = 0;
    // What a squashed pull request lists are the steps of the work, not the fault.
    let steps = body.lines().filter(|it| it.starts_with("* ")).count() > 1;
    let mut fenced = false;
    let mut comment = false;
    for line in body.lines() {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        // A commit may quote a patch or a log; its lines are evidence, but long ones.
        if comment || line.starts_with("<!--") {
            comment = !line.contains("-->");
            continue;
        }
        if line.starts_with("---") || line.starts_with("diff --git") {
            break;
        }
        let lower = line.to_lowercase();
        let fault = ["error", "exception", "panic", "fail", "cannot"];
        if fenced && !fault.iter().any(|it| lower.contains(it))
            || steps && line.starts_with("* ")
            || is_noise(line)
        {
            continue;
        }
        let line = line.trim_start_matches(['*', '-', '>', '•', '+', ' ']);
        let line = sentence(&subject_of(&without_references(line), parts));
        if line.split_whitespace().count() < 2 || similar(&out, &line) {
            continue;
        }
        if out.len() + line.len() > LONGEST || lines >= LINES {
            break;
        }
        let ends = out.ends_with(['.', '!', '?', ':', ',', ';']);
        // A line that goes on where the one before was broken begins with a small letter.
        let goes_on = lines > 0 && line.starts_with(|it: char| it.is_lowercase());
        out.push_str(if ends || goes_on { " " } else { ". " });
        out.push_str(&line);
        lines += 1;
    }
    let clean = text::clean(&out).into_owned();
    let end = clean.floor_char_boundary(LONGEST);
    let mut cut = clean.get(..end).unwrap_or_default();
    if cut.len() < clean.len() {
        cut = cut.rsplit_once(' ').map_or(cut, |it| it.0);
    }
    cut.trim().trim_end_matches([',', ';', '-']).to_owned()
}

/// A first line without its prefixes and references.
fn subject_of(line: &str, parts: &[String]) -> String {
    let mut line = without_references(line);
    for _ in 0..4 {
        let bare = without_prefix(&line, parts);
        if bare == line {
            break;
        }
        line = bare;
    }
    line
}

/// Takes one prefix off: `fix(scope)!:`, `[tag]`, `ABC-12:`, `auth/session:`, an emoji.
fn without_prefix(line: &str, parts: &[String]) -> String {
    let line = line.trim_start();
    let bare = line
        .trim_start_matches(|it: char| !it.is_alphanumeric() && !"`'\"([<#@$/._-~*".contains(it));
    if bare.len() < line.len() {
        return bare.trim_start().to_owned();
    }
    if let Some(rest) = line.strip_prefix(':')
        && let Some((name, rest)) = rest.split_once(':')
        && !name.contains(' ')
    {
        return rest.trim_start().to_owned();
    }
    if let Some(rest) = line.strip_prefix('[')
        && let Some((tag, rest)) = rest.split_once(']')
        && tag.len() <= 40
        && !rest.starts_with('(')
        && !rest.trim().is_empty()
    {
        return rest.trim_start_matches([':', '-', ' ']).to_owned();
    }
    // The name of a branch.
    if let Some((kind, rest)) = line.split_once('/')
        && ["bugfix", "bugix", "hotfix", "fix", "bug"].contains(&kind.to_lowercase().as_str())
    {
        return rest.to_owned();
    }
    let Some((head, rest)) = line.split_once(':') else { return without_key(line) };
    if rest.is_empty() || !rest.starts_with(' ') || head.len() > 60 {
        return without_key(line);
    }
    let name = head.split(['(', '!']).next().unwrap_or(head).trim().to_lowercase();
    let scoped = head.ends_with(')') || head.ends_with(")!");
    let named = |it: &str| {
        let it = it.trim().to_lowercase();
        is_in(&it, KINDS) || parts.contains(&it) || it.contains('/')
    };
    let one = !head.contains(' ') && (named(&name) || (scoped && !name.contains(' ')));
    let list = head.split([',', '/', '&', '+']).all(|it| !it.trim().contains(' '))
        && head.split([',', '/', '&', '+', ' ']).filter(|it| !it.is_empty()).all(named);
    if one || list { rest.trim_start().to_owned() } else { without_key(line) }
}

/// Takes the key of an issue off the beginning: `ABC-12`, `#12`.
fn without_key(line: &str) -> String {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let bare = word.trim_matches(['[', ']', '(', ')', ':', ',', '-']);
    if is_key(bare) && !rest.is_empty() {
        return rest.trim_start_matches([':', '-', ' ']).to_owned();
    }
    line.to_owned()
}

/// Whether a word is the number or the key of an issue or of a commit.
fn is_key(word: &str) -> bool {
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
    if let Some((_, number)) = word.rsplit_once('#') {
        return digits(number);
    }
    if let Some((key, number)) = word.split_once('-') {
        let key =
            key.len() >= 2 && key.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit());
        return key && digits(number);
    }
    word.len() >= 7
        && word.bytes().all(|it| it.is_ascii_hexdigit())
        && word.bytes().any(|it| it.is_ascii_digit())
        && word.bytes().any(|it| it.is_ascii_lowercase())
}

/// Without numbers of issues, the words that lead to them, and addresses.
fn without_references(line: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for word in line.split_whitespace() {
        let bare = word.trim_matches(['(', ')', '[', ']', ',', '.', ';', ':', '*', '!', '"']);
        let address = bare.contains("://") || bare.starts_with("www.");
        let image = word.starts_with("![") || word.starts_with("<img");
        if is_key(bare) || address || image {
            while kept.last().is_some_and(|it| leads(it)) {
                kept.pop();
            }
            continue;
        }
        kept.push(word);
    }
    // What opened for a reference closes for nothing.
    while kept.last().is_some_and(|it| leads(it) || matches!(*it, "(" | "[" | "-" | "–")) {
        kept.pop();
    }
    kept.join(" ")
}

/// Whether a word only leads to a reference.
fn leads(word: &str) -> bool {
    let word = word.trim_matches(['(', '[', ':', ',', ')', ']', '.']).to_lowercase();
    matches!(
        word.as_str(),
        "" | "fixes"
            | "closes"
            | "close"
            | "closing"
            | "resolves"
            | "resolve"
            | "refs"
            | "ref"
            | "see"
            | "issue"
            | "issues"
            | "pr"
            | "via"
            | "from"
            | "in"
            | "for"
            | "and"
            | "bug"
            | "ticket"
            | "addresses"
            | "references"
            | "related"
            | "to"
            | "re"
            | "gh"
            | "with"
            | "solves"
            | "more"
            | "details"
    )
}

/// Whether a line of a body says nothing of the fault.
fn is_noise(line: &str) -> bool {
    let lower = line.to_lowercase();
    if line.is_empty()
        || line.starts_with('#')
        || line.starts_with('|')
        || line.starts_with("![")
        || line.starts_with(['<', '/'])
        || lower.contains("this pr")
        || lower.contains("issue(s)")
        || lower.starts_with("thanks")
        || lower.contains("user-facing change")
        || lower.contains("[ ]")
        || lower.contains("[x]")
        || lower.contains("cherry picked from")
        || lower.starts_with("this reverts commit")
        || lower.starts_with("this pull request")
        || lower.starts_with("merge ")
        || lower.contains("co-authored-by")
        || lower.contains("signed-off-by")
        || line.starts_with("@@")
        || line.starts_with("http")
    {
        return true;
    }
    let bare = lower.trim_matches(|it: char| !it.is_alphanumeric());
    if TEMPLATE.lines().any(|it| it == bare && !it.is_empty()) {
        return true;
    }
    if let Some((key, rest)) = lower.split_once(':')
        && !key.contains(' ')
        && (key.ends_with("-by") || is_in(key, TRAILERS))
        && (key.contains('-') || rest.trim().split(' ').count() <= 2)
    {
        return true;
    }
    // Squashed messages list what happened on the way.
    let first = bare.split(' ').next().unwrap_or_default();
    if bare.split(' ').count() < 7 && is_change(first) {
        return true;
    }
    let on_the_way = [
        "lint",
        "typo",
        "prettier",
        "rubocop",
        "eslint",
        "phpcs",
        "wip",
        "cleanup",
        "rebase",
        "changelog",
        "review",
        "feedback",
        "pr",
        "format",
        "formatting",
        "cs",
    ];
    bare.split(' ').count() <= 4 && bare.split(' ').any(|it| on_the_way.contains(&it))
}

/// Whether a sentence that begins with this word, in lower case, tells what was done and not what
/// was wrong.
pub fn is_change(first: &str) -> bool {
    is_in(first, CHANGES)
}

/// Whether a first line says that something was built, and not mended: by the kind before its
/// colon, or by its first word.
pub fn is_building(subject: &str) -> bool {
    let kind = subject.split([':', '(', '!']).next().unwrap_or_default().trim().to_lowercase();
    let built = ["feat", "feature", "chore", "refactor", "docs", "style", "test", "build", "ci"];
    let bare = subject_of(subject, &[]);
    let first = bare.split(' ').next().unwrap_or_default().to_lowercase();
    let mended = ["fix", "bugfix", "hotfix", "bug"].contains(&kind.as_str())
        || crate::engine::history::is_fix(&bare, "");
    (subject.contains(':') && built.contains(&kind.as_str())) || (is_change(&first) && !mended)
}

/// With a capital letter and without a full stop, so that lines join.
fn sentence(line: &str) -> String {
    line.trim().trim_end_matches(['.', ' ']).replace("**", "")
}

/// Whether a line repeats what was said, as bodies of squashed commits do.
fn similar(said: &str, line: &str) -> bool {
    let letters = |it: &str| -> String {
        it.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    letters(said).contains(&letters(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_numbers_and_trailers_go() {
        let parts = ["pool".to_owned(), "db".to_owned()];
        for (subject, wanted) in [
            ("fix(db/pool): Timeout after idle (#123)", "Timeout after idle"),
            ("[PLAT-12] Login fails with 401", "Login fails with 401"),
            ("ABC-9: Login fails", "Login fails"),
            (":bug: Login fails", "Login fails"),
            ("🐛 fix: Login fails", "Login fails"),
            ("Bugfix/login fails", "login fails"),
            ("pool: return what was taken", "return what was taken"),
            ("db, pool: return what was taken", "return what was taken"),
            ("Error: too many clients", "Error: too many clients"),
            ("Login fails, fixes #12", "Login fails,"),
            ("Crash when list is empty, see https://x.example/1", "Crash when list is empty,"),
            ("Fix deadlock from deadbeef12", "Fix deadlock"),
        ] {
            assert_eq!(told(subject, "", &parts), wanted.trim_end_matches(','), "{subject}");
        }
    }

    #[test]
    fn what_was_built_is_told_from_what_was_mended() {
        for built in
            ["feat(api): login", "Add a list of tags", "chore: fix the pool", "[x] Support y"]
        {
            assert!(is_building(built), "{built}");
        }
        for mended in ["fix: add a check", "Add a check to fix the crash", "Hide the ghost"] {
            assert!(!is_building(mended), "{mended}");
        }
    }

    #[test]
    fn bodies_keep_what_tells() {
        let body = "## Description\n\nUsers were logged out after\na minute. The clock was read twice.\n\n\
                    - [x] I have tested\n/kind bug\nWhat this PR does:\nFixes: #12\nChange-Id: I12\nReviewed-by: Ada <a@x>\n\
                    * Logged out too early\n* fix lint\n<!-- please\nfill -->\n---\nmore";
        assert_eq!(
            told("Logged out too early (#9)", body, &[]),
            "Logged out too early. Users were logged out after a minute. The clock was read twice"
        );
        let long = format!("One word more. {}", "word ".repeat(300));
        assert!(told("A", &long, &[]).len() <= LONGEST);
    }

    proptest::proptest! {
        #[test]
        fn any_message_is_read(subject in "\\PC{0,60}", body in "(\\PC|\n){0,300}") {
            let told = told(&subject, &body, &[]);
            proptest::prop_assert!(told.len() <= LONGEST && crate::base::text::is_clean(&told));
        }
    }
}
