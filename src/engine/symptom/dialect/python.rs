//! Python: `  File "PATH", line N, in FUNCTION`, the innermost last; the exception below (or, in
//! some reporters, above); chained exceptions with the root cause first.
//!
//! Format: <https://docs.python.org/3/library/traceback.html>, with the carets of PEP 657.

use std::sync::LazyLock;

use regex::Regex;

use super::{Dialect, Found, Open, group, number, pattern};
use crate::engine::symptom::frame::Frame;
use crate::engine::symptom::line::Line;

static FRAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"^\s*(?:at )?File ["'](?P<path>[^"']+)["'], line (?P<line>\d+)(?:,? in (?P<function>.+?))?\s*$"#,
    )
});
static RAISED: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(r"^(?P<name>[A-Za-z_][\w.]*)(?::(?: .*)?)?$"));

/// Most lines of code below a frame: since 3.13 several, each with its carets, with `...<3 lines>...`
/// between the first and the last.
const MOST_CODE: usize = 10;
/// The depth of a group of exceptions; those in it are less deep.
const GROUP: usize = 1000;

pub fn read(lines: &[Line], found: &mut Found) {
    let Some(frame_pattern) = &*FRAME else { return };
    let mut open = Open::default();
    let mut above: Option<String> = None;
    let mut chain = 0;
    let mut depth = 0;
    let mut newest_first = false;
    let mut since = 0;
    // Inside of a group: what it holds comes before what it is.
    let mut grouped = false;
    let end = |open: &mut Open,
               chain: &mut usize,
               depth: usize,
               newest_first: bool,
               found: &mut Found| {
        let mut open = std::mem::take(open);
        if open.frames.is_empty() {
            return;
        }
        if *chain == 0 {
            *chain = found.chain();
        }
        if !newest_first {
            open.frames.reverse();
        }
        found.block(open.message, open.frames, *chain, depth);
    };
    for (at, line) in lines.iter().enumerate() {
        if !found.is_free(at) {
            continue;
        }
        let text = line.text.as_str();
        if let Some(it) = frame_pattern.captures(text) {
            let file = group(&it, "path").unwrap_or_default();
            let function = group(&it, "function").filter(|it| !it.starts_with('<'));
            let pseudo = file.starts_with('<');
            let frame = Frame {
                raw: text.to_owned(),
                dialect: Some(Dialect::Python),
                library: pseudo,
                file: (!pseudo).then_some(file),
                line: number(&it, "line"),
                function: function.map(|it| it.rsplit('.').next().unwrap_or(&it).to_owned()),
                ..Frame::default()
            };
            if open.frames.is_empty() {
                open.message = above.take();
            }
            open.frames.extend(found.take(at, frame));
            since = 0;
            continue;
        }
        let trimmed = text.trim();
        // A group begins with `+ `.
        let trimmed = trimmed.strip_prefix("+ ").unwrap_or(trimmed);
        if trimmed.starts_with("Traceback (most recent call")
            || trimmed.starts_with("Exception Group Traceback")
        {
            end(&mut open, &mut chain, depth, newest_first, found);
            newest_first = trimmed.contains("call first");
            let group = trimmed.starts_with("Exception Group");
            if grouped {
                depth = if group { GROUP } else { depth };
            } else if group {
                (chain, depth, grouped) = (found.chain(), GROUP, true);
            } else if depth == 0 {
                chain = 0;
            }
            above = None;
            found.mark(at);
        } else if grouped && trimmed.contains("----") {
            // `+---------------- 2 ----------------` stands before each, and a bare one at the end.
            end(&mut open, &mut chain, depth, newest_first, found);
            grouped = trimmed.bytes().any(|it| it.is_ascii_digit());
            depth = if grouped { GROUP / 2 } else { 0 };
            above = None;
            found.mark(at);
        } else if trimmed.starts_with("During handling of the above exception")
            || trimmed.starts_with("The above exception was the direct cause")
        {
            end(&mut open, &mut chain, depth, newest_first, found);
            depth += 1;
            found.mark(at);
        } else if !open.frames.is_empty() {
            since += 1;
            let indented = text.starts_with([' ', '\t']);
            if trimmed.is_empty() {
                continue;
            }
            let carets = trimmed.bytes().all(|it| matches!(it, b'^' | b'~' | b' '));
            if indented && since <= MOST_CODE || trimmed.starts_with("[Previous line repeated") {
                if since == 1
                    && !carets
                    && let Some(&last) = open.frames.last()
                    && let Some(frame) = found.frame(last)
                {
                    frame.code = Some(trimmed.to_owned());
                }
                found.mark(at);
                continue;
            }
            if RAISED.as_ref().is_some_and(|it| it.is_match(trimmed)) {
                open.message = Some(trimmed.to_owned());
                found.mark(at);
            }
            end(&mut open, &mut chain, depth, newest_first, found);
            above = None;
            // What follows may still belong to it, when a marker says so.
            if !grouped && !follows(lines, at) {
                (chain, depth) = (0, 0);
            }
        } else if !trimmed.is_empty() {
            above = Some(trimmed.to_owned());
        }
    }
    end(&mut open, &mut chain, depth, newest_first, found);
}

/// Whether a chain goes on within the next lines.
fn follows(lines: &[Line], at: usize) -> bool {
    lines.iter().skip(at + 1).take(4).any(|it| {
        let text = it.text.trim();
        text.starts_with("During handling of the above")
            || text.starts_with("The above exception was")
    })
}

#[cfg(test)]
mod tests {
    use crate::engine::symptom;

    #[test]
    fn a_call_over_many_lines_ends_no_trace() {
        let text = "Traceback (most recent call last):\n  File \"/app/app/door.py\", line 35, in dispatch\n    \
                    raw_response = await run(\n                   ^^^^\n        \"unhandled\", self.all\n        \
                    ^^^^^^^^^^^\n    ...<3 lines>...\n    )\n    ^\n  File \"/app/app/health.py\", line 9, in live\n    \
                    raise RuntimeError('pool is gone')\nRuntimeError: pool is gone\n";
        let read = symptom::read(text);
        assert_eq!((read.frames.len(), read.blocks.len()), (2, 1), "{read:?}");
        assert_eq!(read.headline.as_deref(), Some("RuntimeError: pool is gone"));
    }
}
