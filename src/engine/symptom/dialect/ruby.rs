//! Ruby: ``PATH:LINE:in `method'``, the innermost first, with the message before, behind or above it.
//!
//! Format: `Exception#full_message`; since 3.4 with `'Class#method'`.

use std::sync::LazyLock;

use regex::Regex;

use super::{Dialect, Found, Open, group, number, pattern};
use crate::engine::symptom::frame::Frame;
use crate::engine::symptom::line::Line;

static FRAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?P<before>^|^.*?[\s(\[])(?P<path>[^\s:(\[]*\.(?:rb|erb|rake|ru|haml|slim|jbuilder|builder|gemspec)|[^\s:(]*/(?:bin/\w+|Rakefile)):(?P<line>\d+)(?::in [`'](?P<method>[^']*)'?)?(?P<after>.*)$",
    )
});

/// The depth of an error of which nothing is known yet.
const MIDDLE: usize = 1000;

pub fn read(lines: &[Line], found: &mut Found) {
    let Some(frame_pattern) = &*FRAME else { return };
    let mut open = Open::default();
    let mut above: Option<String> = None;
    let mut reversed = false;
    // An error with its cause is one chain, the cause below; above, in the reversed order.
    let (mut chain, mut depth) = (0, MIDDLE);
    // Whether the last line said what went wrong: its source may follow, with marks below.
    let mut said = false;
    for (at, line) in lines.iter().enumerate() {
        if !found.is_free(at) {
            continue;
        }
        let text = line.text.as_str();
        let Some(it) = frame_pattern.captures(text) else {
            let trimmed = text.trim();
            if said && (trimmed.is_empty() || text.starts_with([' ', '\t'])) {
                let marks = trimmed.bytes().all(|it| matches!(it, b'^' | b'~' | b' '));
                if !trimmed.is_empty() {
                    found.mark(at);
                }
                if !marks && let Some(frame) = open.frames.last().and_then(|it| found.frame(*it)) {
                    frame.code.get_or_insert_with(|| trimmed.to_owned());
                }
            } else if !trimmed.is_empty() {
                end(&mut open, reversed, chain, depth, found);
                (chain, depth, said) = (0, MIDDLE, false);
                reversed = text.contains("most recent call last");
                above = Some(trimmed.to_owned());
            }
            continue;
        };
        let method = group(&it, "method");
        let before = group(&it, "before").unwrap_or_default();
        let before = before.trim_end_matches([':', '(', '[', ' ']).trim();
        let numbered = before.strip_suffix("from").unwrap_or(before).trim().trim_end_matches(':');
        let lead = numbered.is_empty() || numbered.bytes().all(|it| it.is_ascii_digit());
        let after = it.name("after").map(|it| it.as_str().trim_start_matches([':', '\'']).trim());
        let behind = after.filter(|it| it.len() > 3).map(str::to_owned);
        if open.frames.is_empty() {
            // `5: from …`: the outermost first, as terminals showed it once.
            reversed |=
                before.ends_with("from") && before.starts_with(|it: char| it.is_ascii_digit());
        }
        let heads = before.is_empty() && behind.is_some() && method.is_some();
        if heads && !reversed && !open.frames.is_empty() {
            end(&mut open, false, chain, depth, found);
            depth -= 1;
        } else if reversed && said {
            end(&mut open, true, chain, depth, found);
            depth += 1;
        }
        if chain == 0 {
            chain = found.chain();
        }
        if heads && reversed {
            open.message.clone_from(&behind);
        } else if open.frames.is_empty() {
            open.message = if lead { behind.or(above.take()) } else { Some(before.to_owned()) };
        }
        said = heads;
        let mut frame = Frame {
            raw: text.to_owned(),
            dialect: Some(Dialect::Ruby),
            file: group(&it, "path"),
            line: number(&it, "line"),
            ..Frame::default()
        };
        if let Some(method) = method {
            let name = method.rsplit(" in ").next().unwrap_or(&method);
            let name = name
                .trim_start_matches("block in ")
                .trim_start_matches("rescue in ")
                .trim_start_matches("ensure in ");
            let (holder, name) = match name.rsplit_once(['#', '.']) {
                Some((holder, name)) => (holder, name),
                None => ("", name),
            };
            frame.scope =
                holder.split("::").filter(|it| !it.is_empty()).map(str::to_owned).collect();
            frame.function = Some(name.to_owned()).filter(|it| !it.starts_with('<'));
        }
        open.frames.extend(found.take(at, frame));
    }
    end(&mut open, reversed, chain, depth, found);
}

fn end(open: &mut Open, reversed: bool, chain: usize, depth: usize, found: &mut Found) {
    let mut open = std::mem::take(open);
    if !open.frames.is_empty() {
        if reversed {
            open.frames.reverse();
        }
        found.block(open.message, open.frames, chain, depth);
    }
}
