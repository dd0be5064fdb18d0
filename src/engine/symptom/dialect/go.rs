//! Go: a function, and below it `PATH:LINE +0xOFFSET`; the innermost first; each goroutine by itself,
//! the one that failed first.
//!
//! Format: the runtime's traceback, and the older `PATH:LINE (0xPC)` with the source below, which
//! recovery handlers of web frameworks print.

use std::sync::LazyLock;

use regex::Regex;

use super::{Dialect, Found, Open, group, number, pattern};
use crate::engine::symptom::frame::Frame;
use crate::engine::symptom::line::Line;

static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^\s*(?P<path>(?:[A-Za-z]:)?[^\s:]+\.(?:go|s|c)):(?P<line>\d+)(?: \+0x[0-9a-f]+)?(?P<old> \(0x[0-9a-f]+\))?(?: fp=.*)?$",
    )
});
static NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^(?:[A-Za-z_][\w./~%·@-]*\.[\w./()*\[\]{}·…,-]*|panic)$"));
static SHOWN: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^\s+(?P<name>[\w.()*]+): (?P<code>.+)$"));

/// Packages of the standard library that programs are often in when they fail; all but these are
/// told by their path.
const STANDARD: &[&str] = &[
    "runtime.",
    "runtime/",
    "reflect.",
    "net/http.",
    "net.",
    "testing.",
    "sync.",
    "sync/",
    "database/sql.",
    "encoding/",
    "io.",
    "os.",
    "os/",
    "bufio.",
    "bytes.",
    "strings.",
    "context.",
    "crypto/",
    "syscall.",
    "time.",
    "internal/poll.",
    "html/template.",
    "text/template.",
    "fmt.",
    "sort.",
    "strconv.",
    "regexp.",
];

pub fn read(lines: &[Line], found: &mut Found) {
    let Some(place) = &*PLACE else { return };
    let mut open = Open::default();
    let mut message: Option<String> = None;
    // What was said before it was recovered and said again.
    let mut first: Option<String> = None;
    let mut chain = 0;
    let mut depth = 0;
    let end = |open: &mut Open,
               first: &mut Option<String>,
               chain: &mut usize,
               depth: &mut usize,
               found: &mut Found| {
        let mut open = std::mem::take(open);
        if !open.frames.is_empty() {
            if *chain == 0 {
                *chain = found.chain();
            }
            // What stands above a panic's own frame only dealt with it.
            let panicked = open.frames.iter().rposition(|it| {
                found.frame(*it).is_some_and(|it| {
                    it.library && matches!(it.function.as_deref(), Some("panic" | "gopanic"))
                })
            });
            if let Some(at) = panicked.filter(|at| at + 1 < open.frames.len()) {
                let root = open.frames.split_off(at + 1);
                found.block(first.take().or_else(|| open.message.clone()), root, *chain, *depth);
                *depth += 1;
            }
            found.block(open.message, open.frames, *chain, *depth);
            *depth += 1;
        }
    };
    for (at, line) in lines.iter().enumerate() {
        if !found.is_free(at) {
            continue;
        }
        let text = line.text.as_str();
        let trimmed = text.trim();
        if let Some(it) = place.captures(text) {
            let above = at.checked_sub(1).and_then(|it| lines.get(it)).map(|it| it.text.trim());
            let call = above.and_then(name_of);
            // A line of a log may end like that; in a trace it is indented or below its function.
            let indented = text.starts_with([' ', '\t']);
            if !indented && call.is_none() && it.name("old").is_none() {
                continue;
            }
            let mut frame = Frame {
                raw: text.to_owned(),
                dialect: Some(Dialect::Go),
                file: group(&it, "path"),
                line: number(&it, "line"),
                ..Frame::default()
            };
            if let Some(name) = call.filter(|_| it.name("old").is_none()) {
                name_it(&mut frame, name);
                frame.library |= name == "panic" || STANDARD.iter().any(|it| name.starts_with(it));
                found.mark(at - 1);
            }
            if let Some(below) = lines.get(at + 1)
                && it.name("old").is_some()
                && let Some(it) = SHOWN.as_ref().and_then(|it| it.captures(&below.text))
            {
                frame.code = group(&it, "code");
                name_it(&mut frame, &group(&it, "name").unwrap_or_default());
                found.mark(at + 1);
            }
            if open.frames.is_empty() {
                open.message = message.take();
            }
            open.frames.extend(found.take(at, frame));
        } else if trimmed.starts_with("goroutine ") && trimmed.contains('[') {
            end(&mut open, &mut first, &mut chain, &mut depth, found);
            found.mark(at);
        } else if let Some(said) = ["panic: ", "fatal error: ", "PANIC: ", "http: panic serving "]
            .iter()
            .find_map(|it| trimmed.split_once(it))
        {
            end(&mut open, &mut first, &mut chain, &mut depth, found);
            (chain, depth) = (0, 0);
            let before = message.take();
            first = first.or(before).filter(|_| text.starts_with([' ', '\t']));
            let said = said
                .1
                .trim_end_matches(" [recovered]")
                .trim_end_matches(" [recovered, repanicked]");
            message = Some(said.to_owned());
        } else if trimmed.starts_with("[signal ")
            || trimmed == "panic(...)"
            || trimmed.starts_with("exit status ")
        {
            found.mark(at);
        }
    }
    end(&mut open, &mut first, &mut chain, &mut depth, found);
}

/// The function of a line such as `main.(*Pool).Get(0x1, ...)` or `created by main.main`.
fn name_of(text: &str) -> Option<&str> {
    let text = text.strip_prefix("created by ").unwrap_or(text);
    let text = text.split(" in goroutine ").next().unwrap_or(text);
    // The values have no parentheses in them.
    let name = if text.ends_with(')') { text.get(..text.rfind('(')?)? } else { text };
    (name.len() < 1000 && NAME.as_ref()?.is_match(name)).then_some(name)
}

/// `github.com/acme/shop/db.(*Pool).Get.func1` is `Get`, of `Pool`, in `db`.
fn name_it(frame: &mut Frame, name: &str) {
    // each[...] holds for any type.
    let name = name.replace("[...]", "");
    let last = name.rsplit('/').next().unwrap_or(&name);
    let mut parts: Vec<&str> = last
        .split('.')
        .map(|it| it.trim_matches(|it| matches!(it, '(' | ')' | '*')))
        .map(|it| it.split('[').next().unwrap_or(it))
        .filter(|it| !it.is_empty())
        .collect();
    while parts.len() > 2
        && parts.last().is_some_and(|it| {
            let number = it.trim_start_matches("func").trim_start_matches("gowrap");
            number.bytes().all(|it| it.is_ascii_digit())
        })
    {
        parts.pop();
    }
    frame.function = parts.pop().map(|it| it.trim_end_matches("-fm").to_owned());
    frame.scope = parts.into_iter().map(str::to_owned).collect();
}
