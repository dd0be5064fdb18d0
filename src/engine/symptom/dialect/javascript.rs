//! JavaScript: V8's `at NAME (LOCATION)`, and `NAME@LOCATION` of `SpiderMonkey` and `JavaScriptCore`;
//! the innermost first; a `[cause]` below is nearer to the root.
//!
//! Format: <https://v8.dev/docs/stack-trace-api>.

use std::sync::LazyLock;

use regex::Regex;

use super::{Dialect, Found, Open, group, number, pattern, qualified};
use crate::engine::symptom::frame::Frame;
use crate::engine::symptom::line::Line;

static V8: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^\s*at (?:async )?(?:new )?(?:(?P<name>[^()]*?(?:\[as [^\]]+\])?) \()?(?P<path>(?:[a-z-]+:/{0,3})?[^()]*(?:\([^()]*\)[^()]*)?|eval at .*):(?P<line>\d+):(?P<column>\d+)\)?,?(?: \{.*)?$",
    )
});
static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^\s*at (?:async )?(?:new )?(?P<name>[\w$.<>#\[\] ]+?) \((?P<path><anonymous>|native|index \d+|node:[^)]*|[^()]+\.[cm]?[jt]sx?)\),?(?: \{.*)?$",
    )
});
static GECKO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^\s*(?P<name>[\w$.<>/*\[\] -]*)@(?P<path>(?:https?|file|webpack|webpack-internal|app|resource|moz-extension)://?\S*?|/\S*?):(?P<line>\d+)(?::(?P<column>\d+))?$",
    )
});
static EVAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"eval at (?P<name>[^(]*) \((?P<path>[^()]+?):(?P<line>\d+):(?P<column>\d+)\)")
});
static SHOWN: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^(?P<path>(?:file://)?/?[^\s:()]+\.[cm]?[jt]sx?):(?P<line>\d+)$"));

pub fn read(lines: &[Line], found: &mut Found) {
    let mut open = Open::default();
    let mut above: Option<String> = None;
    let mut chain = 0;
    let mut depth: usize = 1000;
    for (at, line) in lines.iter().enumerate() {
        if !found.is_free(at) {
            end(&mut open, &mut chain, depth, found);
            above = None;
            continue;
        }
        let text = line.text.as_str();
        if let Some(frame) = frame_of(text) {
            if open.frames.is_empty() {
                open.message = above.take();
                if chain == 0 {
                    chain = found.chain();
                }
            }
            open.frames.extend(found.take(at, frame));
            continue;
        }
        let trimmed = text.trim();
        if trimmed.is_empty() {
            continue;
        }
        let caused = trimmed.starts_with("[cause]") || trimmed.starts_with("Caused by:");
        let more = trimmed.starts_with("... ") && trimmed.contains("lines matching cause");
        if more {
            found.mark(at);
            continue;
        }
        let closed = !open.frames.is_empty();
        end(&mut open, &mut chain, depth, found);
        if caused {
            depth = depth.saturating_sub(1);
            above = Some(
                trimmed.trim_start_matches("[cause]:").trim_start_matches("Caused by:").to_owned(),
            );
            continue;
        }
        if closed {
            (chain, depth) = (0, 1000);
        }
        above = Some(trimmed.trim_end_matches('{').to_owned());
    }
    end(&mut open, &mut chain, depth, found);
    shown(lines, found);
}

fn end(open: &mut Open, chain: &mut usize, depth: usize, found: &mut Found) {
    let open = std::mem::take(open);
    if !open.frames.is_empty() {
        found.block(open.message, open.frames, *chain, depth);
    }
}

fn frame_of(text: &str) -> Option<Frame> {
    let it = V8
        .as_ref()
        .and_then(|it| it.captures(text))
        .or_else(|| BARE.as_ref().and_then(|it| it.captures(text)))
        .or_else(|| GECKO.as_ref().and_then(|it| it.captures(text)))?;
    let mut file = group(&it, "path")?;
    let mut line = number(&it, "line");
    let mut column = it.name("column").and_then(|it| it.as_str().parse().ok());
    let mut name = group(&it, "name").unwrap_or_default();
    if let Some(inner) = EVAL.as_ref().and_then(|it| it.captures(&file)) {
        // The place is where `eval` was called, in the function that it names.
        name = group(&inner, "name").unwrap_or_default();
        line = number(&inner, "line");
        column = number(&inner, "column");
        file = group(&inner, "path")?;
    }
    let name = name.split(" [as ").next().unwrap_or_default();
    let name = ["async ", "new ", "get ", "set "]
        .iter()
        .fold(name, |name, it| name.trim_start_matches(it));
    let name = name.trim_end_matches("/<");
    let (scope, function) = qualified(name, &[".", "#", "/"]);
    let anonymous = function.contains('<') || function.is_empty();
    let scope = scope
        .into_iter()
        .filter(|it| {
            !matches!(
                it.as_str(),
                "Object" | "Module" | "exports" | "Function" | "process" | "global" | "default"
            )
        })
        .collect();
    let known = file.contains('/') || file.contains('\\') || file.contains('.');
    Some(Frame {
        raw: text.to_owned(),
        dialect: Some(Dialect::JavaScript),
        library: !known || file.starts_with('<'),
        file: known.then_some(file).filter(|it| !it.starts_with('<')),
        line,
        column,
        function: (!anonymous).then_some(function),
        scope,
        code: None,
    })
}

/// Node shows where an error was thrown above the trace: `path:line`, the line, a caret.
fn shown(lines: &[Line], found: &mut Found) {
    for at in 0..lines.len().saturating_sub(2) {
        if !found.is_free(at) || !lines[at + 2].text.trim().starts_with('^') {
            continue;
        }
        let Some(it) = SHOWN.as_ref().and_then(|it| it.captures(&lines[at].text)) else { continue };
        let (file, line) = (group(&it, "path"), number(&it, "line"));
        let code = Some(lines[at + 1].text.trim().to_owned()).filter(|it| !it.is_empty());
        // The trace below has the same place, and says more.
        if let Some(frame) = file.as_deref().and_then(|it| found.below(at, it, line)) {
            frame.code = code;
            (at..at + 3).for_each(|it| found.mark(it));
            continue;
        }
        let frame = Frame {
            raw: lines[at].text.clone(),
            dialect: Some(Dialect::JavaScript),
            file,
            line,
            code,
            ..Frame::default()
        };
        if let Some(handle) = found.take(at, frame) {
            found.mark(at + 1);
            found.mark(at + 2);
            let chain = found.chain();
            found.block(None, vec![handle], chain, 0);
        }
    }
}
