//! PHP: `#N PATH(LINE): call()`, the innermost first, and the place where it was thrown in the line
//! above: `in PATH:LINE` or `in PATH on line LINE`.

use std::sync::LazyLock;

use regex::Regex;

use super::{Dialect, Found, Open, group, number, pattern, qualified};
use crate::engine::symptom::frame::Frame;
use crate::engine::symptom::line::Line;

static FRAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^\s*#\d+ (?:(?P<path>\S.*?\.\w+)\((?P<line>\d+)\)(?:: (?P<call>.*))?|\[internal function\](?:: (?P<internal>.*))?|\{main\}.*)$",
    )
});
static THROWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^(?P<text>.*?)(?:thrown |, | | \()?(?:in|at) (?P<path>(?:[A-Za-z]:)?[/\\][^:\s()]*\.(?:php|phtml|inc|module|twig)|[\w./-]+\.php)(?::(?P<line>\d+)| on line (?P<other>\d+)|\((?P<third>\d+)\))",
    )
});

pub fn read(lines: &[Line], found: &mut Found) {
    let (Some(frame_pattern), Some(thrown)) = (&*FRAME, &*THROWN) else { return };
    let mut open = Open::default();
    let mut chain = 0;
    let mut depth: usize = 1000;
    // The frame whose function the next one tells: it is what that one calls.
    let mut called: Option<usize> = None;
    for (at, line) in lines.iter().enumerate() {
        if !found.is_free(at) {
            continue;
        }
        let text = line.text.as_str();
        if let Some(it) = frame_pattern.captures(text) {
            let call = group(&it, "call").or_else(|| group(&it, "internal"));
            if let (Some(call), Some(frame)) = (&call, called.take().and_then(|it| found.frame(it)))
            {
                name_it(frame, call);
            }
            let Some(file) = group(&it, "path") else {
                if !open.frames.is_empty() {
                    found.mark(at);
                }
                continue;
            };
            let frame = Frame {
                raw: text.to_owned(),
                dialect: Some(Dialect::Php),
                file: Some(file),
                line: number(&it, "line"),
                ..Frame::default()
            };
            called = found.take(at, frame);
            open.frames.extend(called);
        } else if let Some(it) = thrown.captures(text) {
            let repeated = text.trim_start().starts_with("thrown in");
            if repeated {
                found.mark(at);
                continue;
            }
            let caused =
                text.trim_start().starts_with("Next ") || text.contains("[previous exception]");
            end(&mut open, &mut chain, depth, found);
            // `Next` wraps what stands above it: that is nearer to the root.
            if caused {
                depth += 1;
            } else {
                (chain, depth) = (0, 1000);
            }
            let said = group(&it, "text").map(|it| it.trim_start_matches("Next ").to_owned());
            open.message = said.map(|it| {
                let it = it.split_once("Uncaught ").map_or(it.as_str(), |it| it.1);
                it.split_once("PHP Fatal error:").map_or(it, |it| it.1).trim().to_owned()
            });
            let frame = Frame {
                raw: text.to_owned(),
                dialect: Some(Dialect::Php),
                file: group(&it, "path"),
                line: number(&it, "line").or(number(&it, "other")).or(number(&it, "third")),
                ..Frame::default()
            };
            called = found.take(at, frame);
            open.frames.extend(called);
        } else if text.trim() == "Stack trace:" || text.trim() == "[stacktrace]" {
            found.mark(at);
        }
    }
    end(&mut open, &mut chain, depth, found);
}

/// Whether a message is only a warning, beside which an error counts.
pub fn only_warns(message: &str) -> bool {
    let message = message.trim_start_matches("PHP ");
    ["Warning:", "Notice:", "Deprecated:", "Strict Standards:"]
        .iter()
        .any(|it| message.starts_with(it))
}

/// `Shop\Orders->load(Object(Order))` is `load` of `Orders` in `Shop`.
fn name_it(frame: &mut Frame, call: &str) {
    let named = call.split('(').next().unwrap_or(call);
    if named.contains('{') {
        return;
    }
    let (mut scope, function) = qualified(named, &["->", "::", "\\"]);
    // App\Http\Kernel->Illuminate\Pipeline\{closure}
    scope.retain(|it| !it.contains('@'));
    frame.scope = scope;
    frame.function = Some(function).filter(|it| !it.is_empty());
}

fn end(open: &mut Open, chain: &mut usize, depth: usize, found: &mut Found) {
    let open = std::mem::take(open);
    if !open.frames.is_empty() {
        if *chain == 0 {
            *chain = found.chain();
        }
        found.block(open.message, open.frames, *chain, depth);
    }
}
