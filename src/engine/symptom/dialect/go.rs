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
static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^(?:created by )?(?P<name>[A-Za-z_][\w./~%·@-]*\.[\w./()*\[\]{}·…-]*?)(?:\([^()]*\)|\(\{?\.\.\.\}?\)|\(.*\))?(?: in goroutine \d+)?$",
    )
});
static SHOWN: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^\s+(?P<name>[\w.()*]+): (?P<code>.+)$"));

pub fn read(lines: &[Line], found: &mut Found) {
    let Some(place) = &*PLACE else { return };
    let mut open = Open::default();
    let mut message: Option<String> = None;
    let mut chain = 0;
    let mut depth = 0;
    let end = |open: &mut Open, chain: &mut usize, depth: &mut usize, found: &mut Found| {
        let open = std::mem::take(open);
        if !open.frames.is_empty() {
            if *chain == 0 {
                *chain = found.chain();
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
            let call = above.and_then(|it| CALL.as_ref().and_then(|pattern| pattern.captures(it)));
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
            if let Some(name) =
                call.and_then(|it| group(&it, "name")).filter(|_| it.name("old").is_none())
            {
                name_it(&mut frame, &name);
                frame.library |= name.starts_with("runtime.")
                    || name.starts_with("reflect.")
                    || name == "panic"
                    || name.starts_with("net/http.")
                    || name.starts_with("testing.");
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
            end(&mut open, &mut chain, &mut depth, found);
            found.mark(at);
        } else if let Some(said) = ["panic: ", "fatal error: ", "PANIC: ", "http: panic serving "]
            .iter()
            .find_map(|it| trimmed.split_once(it))
        {
            end(&mut open, &mut chain, &mut depth, found);
            (chain, depth) = (0, 0);
            let said = said.1.trim_end_matches(" [recovered]");
            message = Some(said.to_owned());
        } else if trimmed.starts_with("[signal ")
            || trimmed == "panic(...)"
            || trimmed.starts_with("exit status ")
        {
            found.mark(at);
        }
    }
    end(&mut open, &mut chain, &mut depth, found);
}

/// `github.com/acme/shop/db.(*Pool).Get.func1` is `Get`, of `Pool`, in `db`.
fn name_it(frame: &mut Frame, name: &str) {
    let last = name.rsplit('/').next().unwrap_or(name);
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
