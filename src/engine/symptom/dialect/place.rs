//! Places that any program may print: `path:line`, `path(line,column)`, `"path", line N`.
//!
//! The forms are those that terminals and editors make links of. A path has a known end or a
//! folder; whether the file exists is asked later.

use std::sync::LazyLock;

use regex::Regex;

use super::{Found, group, number, pattern};
use crate::engine::symptom::frame::Frame;
use crate::engine::symptom::line::Line;

static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"(?:^|[\s"'`(\[<=,])(?P<path>(?:[A-Za-z]:[\\/])?[\w.@~+$/\\-]*[\w$\])+-]\.(?:py|pyx|pyi|rb|erb|rake|js|jsx|mjs|cjs|ts|tsx|mts|cts|vue|svelte|java|kt|kts|scala|groovy|clj|go|rs|php|phtml|cs|fs|vb|cshtml|razor|ex|exs|eex|heex|erl|c|h|cc|cpp|cxx|hpp|hh|m|mm|swift|dart|lua|pl|pm|sh|bash|sql|yml|yaml|toml|json|xml|tf|html|css|scss|ini|conf|cfg|properties|gradle|proto|graphql|prisma|md|r|jl|hs|ml|nim|zig))["'`]?(?::(?P<line>\d+)(?::(?P<column>\d+))?|\((?P<line2>\d+)(?:, ?(?P<column2>\d+))?\)|,? (?:on )?line (?P<line3>\d+)|#L(?P<line4>\d+))"#,
    )
});

/// Most places of one line.
const MOST: usize = 8;

pub fn read(lines: &[Line], found: &mut Found) {
    let Some(place) = &*PLACE else { return };
    let mut block = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(fields) = &line.fields
            && (fields.file.is_some() || (fields.function.is_some() && fields.module.is_some()))
        {
            let scope = fields
                .module
                .iter()
                .flat_map(|it| it.split(['.', ':', '/', '\\']))
                .filter(|it| !it.is_empty());
            let function = fields
                .function
                .as_deref()
                .map(|it| it.rsplit(['.', ':']).next().unwrap_or(it).to_owned());
            let frame = Frame {
                raw: line.text.clone(),
                file: fields.file.clone(),
                line: fields.line,
                function,
                scope: scope.map(str::to_owned).collect(),
                ..Frame::default()
            };
            if let Some(handle) = found.take(at, frame) {
                block.push(handle);
            }
            continue;
        }
        if !found.is_free(at) {
            continue;
        }
        let mut handles = Vec::new();
        for it in place.captures_iter(&line.text).take(MOST) {
            let first = |names: &[&str]| names.iter().find_map(|name| number(&it, name));
            let frame = Frame {
                raw: line.text.clone(),
                file: group(&it, "path"),
                line: first(&["line", "line2", "line3", "line4"]),
                column: first(&["column", "column2"]),
                ..Frame::default()
            };
            handles.extend(found.take(at, frame));
        }
        block.extend(handles);
    }
    // They say nothing of each other: each stands for itself, in the order of the text.
    for handle in block {
        let chain = found.chain();
        let message = found.frame(handle).map(|it| it.raw.clone());
        found.block(message, vec![handle], chain, 0);
    }
}
