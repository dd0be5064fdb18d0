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

pub fn read(lines: &[Line], found: &mut Found) {
    let Some(frame_pattern) = &*FRAME else { return };
    let mut open = Open::default();
    let mut above: Option<String> = None;
    let mut reversed = false;
    let end = |open: &mut Open, reversed: bool, found: &mut Found| {
        let mut open = std::mem::take(open);
        if !open.frames.is_empty() {
            if reversed {
                open.frames.reverse();
            }
            let chain = found.chain();
            found.block(open.message, open.frames, chain, 0);
        }
    };
    for (at, line) in lines.iter().enumerate() {
        if !found.is_free(at) {
            continue;
        }
        let text = line.text.as_str();
        let Some(it) = frame_pattern.captures(text) else {
            if !text.trim().is_empty() {
                end(&mut open, reversed, found);
                reversed = text.contains("most recent call last");
                above = Some(text.trim().to_owned());
            }
            continue;
        };
        let method = group(&it, "method");
        let before = group(&it, "before").unwrap_or_default();
        let before = before.trim_end_matches([':', '(', '[', ' ']).trim();
        let numbered = before.strip_suffix("from").unwrap_or(before).trim().trim_end_matches(':');
        let lead = numbered.is_empty() || numbered.bytes().all(|it| it.is_ascii_digit());
        let after = it.name("after").map(|it| it.as_str().trim_start_matches([':', '\'']).trim());
        if open.frames.is_empty() {
            let behind = after.filter(|it| it.len() > 3).map(str::to_owned);
            open.message = if lead { behind.or(above.take()) } else { Some(before.to_owned()) };
        }
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
    end(&mut open, reversed, found);
}
