//! Elixir and Erlang: `(app version) PATH:LINE: Module.function/arity`, the innermost first, below
//! `** (Error) message`.

use std::sync::LazyLock;

use regex::Regex;

use super::{Dialect, Found, Open, group, number, pattern};
use crate::engine::symptom::frame::Frame;
use crate::engine::symptom::line::Line;

static FRAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^\s*(?:\((?P<app>\w+)(?: [^)]*)?\) )?(?P<path>[\w./-]+\.(?:exs?|erl|eex|heex|leex)):(?P<line>\d+): (?P<name>.+)$",
    )
});

/// Applications that come with the language, and those that call every web application.
const LIBRARIES: &[&str] = &[
    "elixir",
    "stdlib",
    "kernel",
    "logger",
    "mix",
    "ex_unit",
    "phoenix",
    "plug",
    "plug_cowboy",
    "cowboy",
    "bandit",
    "thousand_island",
    "ecto",
    "ecto_sql",
    "phoenix_live_view",
    "db_connection",
    "telemetry",
    "absinthe",
    "oban",
    "postgrex",
    "eex",
    "iex",
    "phoenix_html",
    "phoenix_template",
];

pub fn read(lines: &[Line], found: &mut Found) {
    let Some(frame_pattern) = &*FRAME else { return };
    let mut open = Open::default();
    let mut message: Option<String> = None;
    let end = |open: &mut Open, found: &mut Found| {
        let open = std::mem::take(open);
        if !open.frames.is_empty() {
            let chain = found.chain();
            found.block(open.message, open.frames, chain, 0);
        }
    };
    for (at, line) in lines.iter().enumerate() {
        let text = line.text.as_str();
        if let Some(it) = frame_pattern.captures(text) {
            let app = group(&it, "app");
            let name = group(&it, "name").unwrap_or_default();
            // `Shop.Orders.load/1`, or with the values instead of their number.
            if app.is_none() && !name.contains('/') && !name.ends_with(')') {
                continue;
            }
            let file = group(&it, "path");
            let library = app.as_deref().is_some_and(|app| LIBRARIES.contains(&app));
            // "anonymous fn/2 in Shop.Cart.total/1"
            let named = name.rsplit(" in ").next().unwrap_or(&name);
            let named = named.split('/').next().unwrap_or(named);
            let named = named.split('(').next().unwrap_or(named);
            let (scope, function) = match named.rsplit_once('.') {
                Some((scope, function)) => (scope, function),
                None => ("", named),
            };
            let frame = Frame {
                raw: text.to_owned(),
                dialect: Some(Dialect::Elixir),
                library,
                file,
                line: number(&it, "line"),
                function: Some(function.trim_matches('"').to_owned())
                    .filter(|it| !it.is_empty() && !it.starts_with('<')),
                scope: scope
                    .trim_start_matches(':')
                    .split('.')
                    .filter(|it| !it.is_empty())
                    .map(str::to_owned)
                    .collect(),
                ..Frame::default()
            };
            if open.frames.is_empty() {
                open.message = message.take();
            }
            open.frames.extend(found.take(at, frame));
            continue;
        }
        let trimmed = text.trim();
        if let Some((_, said)) = trimmed.split_once("** (") {
            end(&mut open, found);
            message = Some(format!("({said}").trim_start_matches('(').replacen(')', ":", 1));
        } else if !trimmed.is_empty() && !trimmed.starts_with('(') {
            end(&mut open, found);
        }
    }
    end(&mut open, found);
}
