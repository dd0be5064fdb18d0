//! The handlers that a call names: the last of its arguments, the verbs that are chained to a path,
//! and what frameworks wrap around a function.

use std::sync::LazyLock;

use regex::Regex;

use super::{Handler, Route, Segment};

/// Lines over which a chain of verbs may go on.
const NEAR: usize = 30;

static REFERENCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z_$\\][\w$\\]*(?:(?:\.|::|->|/)[A-Za-z_$][\w$]*)*(?:::class)?").ok()
});
static INNER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?P<verb>get|post|put|patch|delete|head|options|any)\((?P<name>[A-Za-z_][\w:]*)")
        .ok()
});
/// Verbs that follow each other: `.Combo("/p").Get(a).Post(b)`, `.route('/p').get(a).post(b)`.
static CHAINED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\.\s*(?P<verb>(?i:get|post|put|patch|delete|head|options|any|all))\(").ok()
});
/// actix: `.route("/p", web::get().to(f))`, `.route(post().to(f))`.
static TO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\b(?P<verb>get|post|put|patch|delete|head|any)\(\)(?:\.\w+\([^()]*\))*\.to\((?P<name>[A-Za-z_][\w:]*)").ok()
});

/// axum: `.route("/p", get(list).post(create))`; actix: `.route("/p", web::get().to(list))`.
pub fn inner_routes(segments: &[Segment], rest: &str, line: u64) -> Vec<Route> {
    let patterns = [TO.as_ref(), INNER.as_ref()];
    let found = patterns.into_iter().flatten().map(|pattern| {
        let routes = pattern.captures_iter(rest).map(|it| Route {
            verbs: if &it["verb"] == "any" { Vec::new() } else { vec![it["verb"].to_uppercase()] },
            segments: segments.to_vec(),
            line,
            handler: Some(handler_of(&it["name"])),
        });
        routes.collect::<Vec<_>>()
    });
    found.into_iter().find(|it| !it.is_empty()).unwrap_or_default()
}

/// The verbs of one path that follow it, on its line and on the next ones.
pub fn chained(
    lines: &[&str],
    at: usize,
    rest: &str,
    segments: &[Segment],
    found: &mut Vec<Route>,
) {
    let Some(pattern) = &*CHAINED else { return };
    let mut open = true;
    for (place, line) in lines.iter().enumerate().skip(at).take(NEAR) {
        let trimmed = line.trim();
        let text = if place == at { rest } else { trimmed };
        if place > at && !(open || trimmed.starts_with('.')) {
            break;
        }
        open = trimmed.ends_with(['.', '(']);
        let number = place as u64 + 1;
        let inner =
            if text.contains(".to(") { inner_routes(segments, text, number) } else { Vec::new() };
        if !inner.is_empty() {
            found.extend(inner);
            continue;
        }
        // A dot may stand at the end of the line before.
        let dotted = format!(".{}", text.trim_start_matches([')', '.']));
        let marks: Vec<_> = pattern
            .captures_iter(&dotted)
            .filter_map(|it| Some((it.get(0)?.range(), it.name("verb")?.as_str().to_uppercase())))
            .collect();
        for (index, (range, verb)) in marks.iter().enumerate() {
            let end = marks.get(index + 1).map_or(dotted.len(), |it| it.0.start);
            let arguments = dotted.get(range.end..end).unwrap_or_default();
            let verbs = if matches!(verb.as_str(), "ANY" | "ALL") {
                Vec::new()
            } else {
                vec![verb.clone()]
            };
            found.push(Route {
                verbs,
                segments: segments.to_vec(),
                line: number,
                handler: last_reference(arguments),
            });
        }
    }
}

/// `user.LoginPost`, `[LoginController::class, 'login']`, `'LoginController@login'`,
/// `LoginController, :create`, `views.Login.as_view()`: the last thing named is the handler.
pub fn last_reference(rest: &str) -> Option<Handler> {
    // Java's references to methods: what follows only describes.
    if let Some((_, name)) = rest.split_once("this::") {
        let name: String =
            name.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
        return Some(Handler { scope: Vec::new(), name: Some(name) });
    }
    let inline = ["=>", "func(", "function", "lambda", "move |", "async (", "fn ("]
        .iter()
        .any(|it| rest.contains(it));
    if inline {
        return None;
    }
    if let Some(at) = rest.find(['@', '#'])
        && let Some((class, method)) = rest.get(..at).zip(rest.get(at + 1..))
        && let Some(class) = class
            .rsplit(|it: char| !(it.is_alphanumeric() || it == '_' || it == '\\' || it == '/'))
            .next()
            .filter(|it| !it.is_empty())
    {
        let method: String =
            method.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
        let scope = class.split(['\\', '/']).map(str::to_owned).collect();
        return Some(Handler { scope, name: Some(method) });
    }
    if let Some((before, action)) = rest.rsplit_once(", :") {
        let action: String =
            action.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
        let class = before.trim().rsplit([' ', ',', '(']).next().unwrap_or_default();
        return Some(Handler {
            scope: class.split('.').filter(|it| !it.is_empty()).map(str::to_owned).collect(),
            name: Some(action),
        });
    }
    if let Some((class, rest)) = rest.split_once("::class") {
        let class = class
            .rsplit(|it: char| !(it.is_alphanumeric() || it == '_' || it == '\\'))
            .next()
            .unwrap_or_default();
        let scope = class.split('\\').filter(|it| !it.is_empty()).map(str::to_owned).collect();
        let method = rest.trim_start_matches([',', ' ', '\'', '"']);
        let method: String =
            method.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
        return Some(Handler {
            scope,
            name: Some(method).filter(|it| !it.is_empty()).or(Some("__invoke".to_owned())),
        });
    }
    let pattern = REFERENCE.as_ref()?;
    let text =
        ["basename=", "name="].iter().fold(rest, |text, it| text.split(it).next().unwrap_or(text));
    let ignored = [
        "name",
        "methods",
        "as_view",
        "GET",
        "POST",
        "PUT",
        "DELETE",
        "PATCH",
        "Methods",
        "Name",
        "true",
        "false",
        "None",
        "null",
        "tags",
        "strict_slashes",
        "include",
        "new",
        "await",
    ];
    let all: Vec<&str> = pattern
        .find_iter(text)
        .filter(|it| !it.as_str().is_empty() && !ignored.contains(&it.as_str()))
        .filter(|it| {
            !text.get(..it.start()).is_some_and(|before| before.ends_with(['"', '\'', '.']))
        })
        .map(|it| it.as_str())
        .collect();
    let last = all.last()?;
    Some(handler_of(last.trim_end_matches(".as_view").trim_end_matches(".bind")))
}

fn handler_of(reference: &str) -> Handler {
    let mut parts: Vec<String> = reference
        .split(['.', ':', '\\', '/'])
        .filter(|it| !it.is_empty() && *it != "self" && *it != "this")
        .map(str::to_owned)
        .collect();
    let name = parts.pop();
    Handler { scope: parts, name }
}
