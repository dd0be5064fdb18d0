//! .NET: `at Namespace.Class.Method(Type name) in PATH:line N`, the innermost first; frames of an
//! inner exception stand above `--- End of inner exception stack trace ---`.
//!
//! The words `at`, `in` and `line` are in the language of the machine; those of English, German,
//! French, Spanish and Russian are read.

use std::sync::LazyLock;

use regex::Regex;

use super::{Dialect, Found, Open, group, number, pattern};
use crate::engine::symptom::frame::Frame;
use crate::engine::symptom::line::Line;

static FRAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^\s*(?:at|bei|à|en|в) (?P<name>[\w.`<>|+$\[\],]+?(?:\.?<[^>]*>[\w$|]*)?(?:\.\w+)*)(?:\[[\w`,. ]+\])?\((?P<arguments>[^()]*)\)(?: (?:in|dans|en|в) (?P<path>.+?):(?:\S+ )?(?P<line>\d+))?$",
    )
});

/// Namespaces of the runtime and of frameworks.
const LIBRARIES: &[&str] = &[
    "System.",
    "Microsoft.",
    "Npgsql.",
    "MySql.",
    "Newtonsoft.",
    "Castle.",
    "MediatR.",
    "Grpc.",
    "Serilog.",
    "Xunit.",
    "NUnit.",
];

pub fn read(lines: &[Line], found: &mut Found) {
    let Some(frame_pattern) = &*FRAME else { return };
    let mut open = Open::default();
    let mut said: Vec<String> = Vec::new();
    let mut chain = 0;
    let mut depth = 0;
    for (at, line) in lines.iter().enumerate() {
        if !found.is_free(at) {
            continue;
        }
        let text = line.text.as_str();
        if let Some(it) = frame_pattern.captures(text) {
            let name = &it["name"];
            // JavaScript has `at name (place)`; here nothing stands before the parenthesis, and a
            // place comes behind it or the name has a namespace.
            if it.name("path").is_none() && !(name.contains('.') && plausible(&it["arguments"])) {
                continue;
            }
            if open.frames.is_empty() && chain == 0 {
                chain = found.chain();
            }
            open.frames.extend(
                found.take(at, frame_of(text, name, group(&it, "path"), number(&it, "line"))),
            );
            continue;
        }
        let trimmed = text.trim();
        if trimmed.starts_with("--- End of inner exception")
            || trimmed.starts_with("--- Ende der inneren")
        {
            found.mark(at);
            end(&mut open, said.pop(), chain, depth, found);
            depth += 1;
        } else if trimmed.starts_with("--- End of stack trace from previous") {
            found.mark(at);
        } else if let Some((outer, inner)) = trimmed.split_once("---> ") {
            if !outer.trim().is_empty() {
                said.push(headline(outer));
            }
            said.extend(inner.split(" ---> ").map(headline));
        } else if !trimmed.is_empty() {
            if !open.frames.is_empty() {
                end(&mut open, said.pop(), chain, depth, found);
                (chain, depth) = (0, 0);
                said.clear();
            }
            if said.is_empty() || !text.starts_with(' ') {
                said = vec![headline(trimmed)];
            }
        }
    }
    end(&mut open, said.pop(), chain, depth, found);
}

fn end(open: &mut Open, message: Option<String>, chain: usize, depth: usize, found: &mut Found) {
    let open = std::mem::take(open);
    if !open.frames.is_empty() {
        found.block(message, open.frames, chain, depth);
    }
}

fn headline(text: &str) -> String {
    text.trim()
        .trim_start_matches("Unhandled exception. ")
        .trim_start_matches("Unhandled Exception: ")
        .to_owned()
}

/// Whether the parentheses hold types and names, or nothing.
fn plausible(arguments: &str) -> bool {
    arguments.is_empty()
        || (!arguments.contains(':')
            && arguments.split(',').all(|it| {
                let words = it.split_whitespace().count();
                (1..=3).contains(&words)
            })
            && arguments.chars().any(char::is_uppercase))
}

fn frame_of(text: &str, name: &str, path: Option<String>, line: Option<u64>) -> Frame {
    // Shop.Auth.<Login>d__5.MoveNext is the asynchronous Login; <Login>b__0 a lambda in it.
    let mut scope: Vec<String> = Vec::new();
    let mut function = None;
    for part in name.replace('+', ".").split('.').filter(|it| !it.is_empty()) {
        if let Some((inner, _)) = part.strip_prefix('<').and_then(|it| it.split_once('>')) {
            if !inner.is_empty() && function.is_none() {
                function = Some(inner.split('$').next().unwrap_or(inner).to_owned());
            }
        } else if function.is_none() {
            scope.push(part.split(['`', '[']).next().unwrap_or(part).to_owned());
        }
    }
    let function = function.or_else(|| scope.pop());
    let function = match function.as_deref() {
        Some("ctor" | "cctor") => scope.last().cloned(),
        _ => function,
    };
    Frame {
        raw: text.to_owned(),
        dialect: Some(Dialect::DotNet),
        library: LIBRARIES.iter().any(|it| name.starts_with(it)) && path.is_none(),
        file: path,
        line,
        column: None,
        function,
        scope,
        code: None,
    }
}
