//! Lines as programs printed them: what terminals, containers and log drivers put around them is
//! taken off, JSON is opened, and what several services wrote in turns is put together again.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::structured::{self, Fields};

/// Longest line that is read, in bytes.
const LONGEST: usize = 64 << 10;
/// Most lines that one line of JSON becomes.
const MOST_INNER: usize = 400;

/// One line of a program.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// Without what was put before it, and without colours.
    pub text: String,
    /// Who printed it, where a prefix says so.
    pub source: String,
    /// Whether it had a time, a level, or a frame of a log driver around it.
    pub logged: bool,
    /// What a structured log says about itself.
    pub fields: Option<Fields>,
}

/// Escape sequences of terminals: CSI, OSC, and two-character ones (ECMA-48), also as the visible
/// letters that some logs keep of them.
static ESCAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]|\\u001b\[[0-9;]*m|\\x1b\[[0-9;]*m|\\033\[[0-9;]*m|\^\[\[[0-9;]*m").ok()
});

/// What log drivers put before a line, and the part that names the service.
static DRIVERS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        // docker compose: `api-1  | text`
        r"^(?P<source>[A-Za-z0-9][\w.-]*)\s+\| ?",
        // Kubernetes, CRI: `2026-11-25T02:47:00.1Z stderr F text`
        r"^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d) (?:stdout|stderr) [FP] ",
        // kubectl logs --prefix: `[pod/api-7d9/api] text`
        r"^\[(?P<source>pod/[^\]]+)\] ",
        // syslog, journald: `Nov 25 02:47:00 host api[123]: text`
        r"^(?:<\d+>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?:[\w.-]+ )?(?P<source>[\w./@-]+)(?:\[\d+\])?: ",
        // Heroku: `2026-11-25T02:47:00.000000+00:00 app[web.1]: text`
        r"^\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d (?P<source>\w+\[[\w.]+\]): ",
        // git: `remote: text`
        r"^(?P<source>remote): ?",
        // GitHub Actions, `docker logs -t`: `2026-11-25T02:47:00.1234567Z text`
        r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,9}Z ",
        // quoted mail and issues
        r"^> ?",
    ]
    .iter()
    .filter_map(|it| Regex::new(it).ok())
    .collect()
});

/// Bars that Python draws around the exceptions of a group.
static BARS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:\| ?)+(?:\+-[+-]*)?").ok());

/// Most lines that are kept; of more, the first quarter and the last three.
const MOST_LINES: usize = 20_000;

/// The lines of `texts`; those of one service stand together, in the order in which the services
/// first spoke.
pub fn lines_of(texts: &[&str]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut all: Vec<&str> = texts.iter().flat_map(|it| it.split('\n')).collect();
    if all.len() > MOST_LINES {
        all.drain(MOST_LINES / 4..all.len() - MOST_LINES / 4 * 3);
    }
    for raw in all {
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        // Progress is drawn over itself: the last state counts.
        let raw = raw.rsplit('\r').next().unwrap_or(raw);
        let raw = raw.get(..raw.floor_char_boundary(LONGEST)).unwrap_or(raw);
        open(raw, 0, &mut lines);
        // Strings that were opened may be many lines each.
        if lines.len() > MOST_LINES * 2 {
            break;
        }
    }
    let mut sources: Vec<String> = Vec::new();
    for line in &lines {
        if !sources.contains(&line.source) {
            // More than a handful is no handful of services but something that looks like one.
            if sources.len() > 64 {
                return lines;
            }
            sources.push(line.source.clone());
        }
    }
    if sources.len() > 1 {
        lines.sort_by_cached_key(|line| sources.iter().position(|it| *it == line.source));
    }
    lines
}

/// What the lines of a trace look like within a string.
const ESCAPED: &[&str] = &[
    "\\n   at ",
    "\\n    at ",
    "\\n\\tat ",
    "\\n  File ",
    "\\ngoroutine ",
    "\\n\\t/",
    "\\n#0 ",
    "\\n#1 ",
    "\\n\\tfrom ",
    "\\n   0: ",
    "\\n    (",
    "\\n    lib/",
];

/// What stands between a key and its string.
const KEYS: &[&str] = &["\":\"", "\": \""];

/// Whether a line has lines within a string.
fn is_string(text: &str) -> bool {
    ESCAPED.iter().any(|it| text.contains(it))
        || (KEYS.iter().any(|it| text.contains(it)) && text.matches("\\n").nth(2).is_some())
}

/// Says of lines that were one line of a log where that came from.
fn within(lines: &mut [Line], source: &str) {
    for line in lines {
        line.logged = true;
        if line.source.is_empty() {
            source.clone_into(&mut line.source);
        }
    }
}

fn open(raw: &str, depth: usize, lines: &mut Vec<Line>) {
    let (text, source, driven) = bare(raw);
    if depth < 2
        && let Some(found) = structured::read(&text)
    {
        let begin = lines.len();
        for inner in found.texts.iter().flat_map(|it| it.lines()).take(MOST_INNER) {
            open(inner, depth + 1, lines);
        }
        if lines.len() == begin {
            lines.push(Line::default());
        }
        within(&mut lines[begin..], &source);
        if let Some(first) = lines.get_mut(begin)
            && first.fields.is_none()
        {
            first.fields = Some(found.fields);
        }
        return;
    }
    // A trace inside of a string, of which the end or the frame is missing.
    if depth < 2 && text.contains("\\n") && is_string(&text) {
        let begin = lines.len();
        let opened = text
            .replace("\\n", "\n")
            .replace("\\t", "\t")
            .replace("\\\"", "\"")
            .replace("\\\\", "\\");
        // What stands before the string is its key.
        let head = opened.find('\n').unwrap_or(opened.len());
        let key =
            KEYS.iter().filter_map(|it| Some(opened.get(..head)?.rfind(it)? + it.len())).max();
        let opened = opened.get(key.unwrap_or_default()..).unwrap_or_default();
        for inner in opened.lines().take(MOST_INNER) {
            open(inner, depth + 1, lines);
        }
        within(&mut lines[begin..], &source);
        return;
    }
    lines.push(Line { text, source, logged: driven, fields: None });
}

/// A line without the sequences that colour a terminal.
pub fn without_escapes(raw: &str) -> Cow<'_, str> {
    match &*ESCAPES {
        Some(escapes) if raw.contains(['\u{1b}', '\\', '^']) => escapes.replace_all(raw, ""),
        _ => raw.into(),
    }
}

/// A line without colours and without what log drivers put before it.
pub(super) fn bare(raw: &str) -> (String, String, bool) {
    let plain = without_escapes(raw);
    let mut text: &str = &plain;
    let mut source = String::new();
    let mut driven = false;
    // A driver may stand behind another: `docker compose logs` of what journald wrote.
    for _ in 0..3 {
        let Some(found) = DRIVERS.iter().find_map(|it| it.captures(text)) else { break };
        if let Some(name) = found.name("source") {
            if !source.is_empty() {
                source.push(' ');
            }
            source.push_str(name.as_str());
        }
        driven |= found.name("source").is_some() || !found[0].starts_with('>');
        text = text.get(found[0].len()..).unwrap_or_default();
    }
    if (text.contains("| ") || text.contains("+-"))
        && let Some(found) = BARS.as_ref().and_then(|it| it.find(text))
    {
        text = text.get(found.end()..).unwrap_or_default();
    }
    (text.trim_end().replace('\u{a0}', " "), source, driven)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(raw: &str) -> Vec<String> {
        lines_of(&[raw]).into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn what_drivers_add_is_taken_off() {
        for raw in [
            "api-1  | boom",
            "2026-11-25T02:47:00.123456789Z stderr F boom",
            "[pod/api-7d9/api] boom",
            "Nov 25 02:47:00 host api[17]: boom",
            "2026-11-25T02:47:00.000000+00:00 app[web.1]: boom",
            "remote: boom",
            "\u{1b}[31mboom\u{1b}[0m",
            "web_1      | \u{1b}[1;31mboom\u{1b}[0m\r",
            "> boom",
        ] {
            assert_eq!(texts(raw), ["boom"], "{raw:?}");
        }
    }

    #[test]
    fn what_two_services_wrote_in_turns_is_put_together() {
        let raw = "api-1 | a1\nweb-1 | w1\napi-1 | a2\nweb-1 | w2";
        assert_eq!(texts(raw), ["a1", "a2", "w1", "w2"]);
    }

    #[test]
    fn indentation_stays() {
        assert_eq!(
            texts("api-1  |   File \"a.py\", line 1, in f"),
            ["  File \"a.py\", line 1, in f"]
        );
        assert_eq!(
            texts("  | Traceback (most recent call last):"),
            ["Traceback (most recent call last):"]
        );
    }
}
