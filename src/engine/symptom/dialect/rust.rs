//! Rust: `N: path::function`, and below it `at PATH:LINE:COLUMN`; the innermost first. The place of
//! the panic itself stands in the first line.
//!
//! Format: the standard library's panic hook before and after 1.73, and color-eyre's reports.

use std::sync::LazyLock;

use regex::Regex;

use super::{Dialect, Found, Open, group, number, pattern, qualified};
use crate::engine::symptom::frame::Frame;
use crate::engine::symptom::line::Line;

static PANIC: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"panicked at (?:'(?P<text>.*)', )?(?P<path>[^\s:']+\.rs):(?P<line>\d+):(?P<column>\d+):?$",
    )
});
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"^\s*\d+: (?:\s*0x[0-9a-f]+ - )?(?P<name>[<\w_][^\s]*(?: as [^\s]+>[^\s]*)?)$")
});
static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"^\s+at (?P<path>[^\s:()]+\.rs):(?P<line>\d+)(?::(?P<column>\d+))?$")
});

pub fn read(lines: &[Line], found: &mut Found) {
    let (Some(panic), Some(place)) = (&*PANIC, &*PLACE) else { return };
    let mut open = Open::default();
    let end = |open: &mut Open, found: &mut Found| {
        let open = std::mem::take(open);
        if !open.frames.is_empty() {
            let chain = found.chain();
            found.block(open.message, open.frames, chain, 0);
        }
    };
    for (at, line) in lines.iter().enumerate() {
        if !found.is_free(at) {
            continue;
        }
        let text = line.text.as_str();
        if let Some(it) = panic.captures(text) {
            end(&mut open, found);
            open.message = group(&it, "text").or_else(|| {
                let next = lines.get(at + 1).map(|it| it.text.clone());
                found.mark(at + 1);
                next
            });
            let frame = Frame {
                raw: text.to_owned(),
                dialect: Some(Dialect::Rust),
                file: group(&it, "path"),
                line: number(&it, "line"),
                column: number(&it, "column"),
                ..Frame::default()
            };
            open.frames.extend(found.take(at, frame));
        } else if let Some(it) = place.captures(text) {
            let above = at.checked_sub(1).and_then(|it| lines.get(it));
            let name = above.and_then(|it| NAME.as_ref().and_then(|name| name.captures(&it.text)));
            let mut frame = Frame {
                raw: text.to_owned(),
                dialect: Some(Dialect::Rust),
                file: group(&it, "path"),
                line: number(&it, "line"),
                column: number(&it, "column"),
                ..Frame::default()
            };
            if let Some(name) = name.and_then(|it| group(&it, "name")) {
                found.mark(at - 1);
                frame.library = [
                    "std::",
                    "core::",
                    "alloc::",
                    "tokio::",
                    "rust_begin_unwind",
                    "__rust",
                    "<alloc::",
                    "<core::",
                ]
                .iter()
                .any(|it| name.starts_with(it));
                let name = name.replace("::{{closure}}", "").replace("::{closure#0}", "");
                let (scope, function) = qualified(&without_types(&name), &["::"]);
                let hash = function.len() == 17 && function.starts_with('h');
                (frame.scope, frame.function) = (scope, Some(function));
                if hash {
                    frame.function = frame.scope.pop();
                }
                frame.function = frame.function.take().filter(|it| !it.starts_with('{'));
            }
            open.frames.extend(found.take(at, frame));
        }
    }
    end(&mut open, found);
}

/// `<shop::Orders as shop::Ship>::ship::<u32>` is `shop::Orders::ship`.
fn without_types(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut depth = 0;
    // Of a type in front the type itself stays, and of what it is seen as nothing.
    let front = name.starts_with('<');
    let mut seen_as = false;
    for (at, it) in name.char_indices() {
        match it {
            '<' => depth += 1,
            '>' if depth > 0 && !name.get(..at).is_some_and(|it| it.ends_with('-')) => {
                depth -= 1;
                seen_as |= front && depth == 0;
            }
            ' ' if front && depth == 1 => seen_as = true,
            _ if depth == 0 || front && depth == 1 && !seen_as => out.push(it),
            _ => {}
        }
    }
    out
}
