//! Rails' routing language: `resources`, `namespace`, `scope`, `get "p", to: "c#a"`, with the
//! controllers that its conventions name.
//!
//! <https://guides.rubyonrails.org/routing.html>

use std::sync::LazyLock;

use regex::Regex;

use super::{Handler, Route, Segment, segments_of};

static BLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?P<what>namespace|scope|resources|resource|member|collection|concern|constraints|authenticate|authenticated|devise_scope|controller|with_options|shallow|direct)\b\s*\(?(?P<rest>.*?)(?P<opens>\bdo\b(?:\s*\|.*\|)?)?\s*$").ok()
});
static VERB: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?P<verb>get|post|put|patch|delete|match|root)\b\s*\(?\s*(?P<rest>.*)$").ok()
});
static NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?::|["'])(?P<name>[\w/:.*()-]+)["']?"#).ok());
static OPTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?::?(?P<key>path|module|to|controller|action|only|except|via|as)(?::|\s*=>)\s*)(?P<value>\[[^\]]*\]|["'][^"']*["']|:\w+|%[iw]\[[^\]]*\])"#).ok()
});

/// Any option.
static KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|,)\s*(?:\w+:(?:\s|$)|:\w+\s*=>)").ok());

/// Whether a file holds Rails' routes.
pub fn is_routes(path: &str) -> bool {
    path.ends_with("config/routes.rb") || (path.contains("config/routes/") && path.ends_with(".rb"))
}

/// Most blocks within each other that are followed.
const DEEPEST: usize = 40;

#[derive(Default)]
struct Level {
    indent: usize,
    segments: Vec<Segment>,
    module: Vec<String>,
    controller: Option<String>,
    member: bool,
    collection: bool,
}

/// The routes of a text.
pub fn routes_of(text: &str) -> Vec<Route> {
    let mut found = Vec::new();
    let mut levels: Vec<Level> = Vec::new();
    let lines: Vec<&str> = text.lines().take(10_000).collect();
    let mut until = 0;
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        if at < until || trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let indent = line.len() - trimmed.len();
        let statement;
        (statement, until) = whole(&lines, at);
        let line = statement.as_str();
        while levels.last().is_some_and(|it| it.indent >= indent) {
            levels.pop();
        }
        let line_number = at as u64 + 1;
        if let Some(it) = BLOCK.as_ref().and_then(|it| it.captures(line)) {
            block(
                &it["what"],
                &it["rest"],
                it.name("opens").is_some(),
                indent,
                line_number,
                &mut levels,
                &mut found,
            );
        } else if let Some(it) = VERB.as_ref().and_then(|it| it.captures(line)) {
            verb(&it["verb"], &it["rest"], line_number, &levels, &mut found);
        }
    }
    found
}

/// A statement that may go on over the next lines, and where the next one begins.
fn whole(lines: &[&str], at: usize) -> (String, usize) {
    let mut all = String::new();
    for (place, line) in lines.iter().enumerate().skip(at).take(16) {
        if place > at {
            all.push(' ');
        }
        all.push_str(if place > at { line.trim() } else { line.trim_end() });
        let depth =
            |open: char, close: char| all.matches(open).count() > all.matches(close).count();
        let goes_on =
            all.ends_with([',', '\\']) || depth('{', '}') || depth('[', ']') || depth('(', ')');
        if !goes_on {
            return (all, place + 1);
        }
    }
    // It never ends: its first line stands alone.
    (lines.get(at).map_or_else(String::new, |it| (*it).to_owned()), at + 1)
}

fn option(rest: &str, key: &str) -> Option<String> {
    OPTION
        .as_ref()?
        .captures_iter(rest)
        .find(|it| &it["key"] == key)
        .map(|it| it["value"].trim_matches(|it: char| matches!(it, '"' | '\'' | ':')).to_owned())
}

fn names(rest: &str) -> Vec<String> {
    // Up to the first option: `resources :a, :b, only: [:index]`.
    let end = KEY.as_ref().and_then(|it| it.find(rest)).map_or(rest.len(), |it| it.start());
    let head = rest.get(..end).unwrap_or(rest);
    NAME.as_ref()
        .map(|it| it.captures_iter(head).map(|it| it["name"].to_owned()).collect())
        .unwrap_or_default()
}

fn block(
    what: &str,
    rest: &str,
    opens: bool,
    indent: usize,
    line: u64,
    levels: &mut Vec<Level>,
    found: &mut Vec<Route>,
) {
    let mut level = Level { indent, ..Level::default() };
    match what {
        "namespace" => {
            for name in names(rest) {
                let path = option(rest, "path").unwrap_or_else(|| name.clone());
                level.segments.extend(segments_of(&path));
                level.module.push(option(rest, "module").unwrap_or(name));
            }
        }
        "scope" => {
            let path =
                option(rest, "path").or_else(|| names(rest).into_iter().next()).unwrap_or_default();
            level.segments = segments_of(&path);
            level.module.extend(option(rest, "module"));
            level.controller = option(rest, "controller");
        }
        "controller" => level.controller = names(rest).into_iter().next(),
        "member" => level.member = true,
        "collection" => level.collection = true,
        "resources" | "resource" => {
            let single = what == "resource";
            for name in names(rest) {
                let path = option(rest, "path").unwrap_or_else(|| name.clone());
                let controller = option(rest, "controller")
                    .unwrap_or_else(|| if single { plural(&name) } else { name.clone() });
                let mut segments = prefix(levels);
                segments.extend(segments_of(&path));
                let mut one = segments.clone();
                if !single {
                    one.push(Segment::Parameter);
                }
                let mut actions: Vec<(&str, &[&str], Vec<Segment>)> = vec![
                    ("show", &["GET"], one.clone()),
                    ("create", &["POST"], segments.clone()),
                    ("update", &["PATCH", "PUT"], one.clone()),
                    ("destroy", &["DELETE"], one.clone()),
                ];
                if !single {
                    actions.push(("index", &["GET"], segments.clone()));
                }
                for (action, base) in [("new", &segments), ("edit", &one)] {
                    let mut segments = base.clone();
                    segments.push(Segment::Text(action.to_owned()));
                    actions.push((action, &["GET"], segments));
                }
                let only = option(rest, "only");
                let except = option(rest, "except");
                for (action, verbs, segments) in actions {
                    if only.as_ref().is_some_and(|it| !it.contains(action))
                        || except.as_ref().is_some_and(|it| it.contains(action))
                    {
                        continue;
                    }
                    found.push(Route {
                        verbs: verbs.iter().map(|it| (*it).to_owned()).collect(),
                        segments,
                        line,
                        handler: Some(handler(levels, &controller, action)),
                    });
                }
                level.segments = segments_of(&path);
                if !single {
                    level.segments.push(Segment::Parameter);
                }
                level.controller = Some(controller);
                level.module.extend(option(rest, "module"));
            }
        }
        _ => {}
    }
    if opens && levels.len() < DEEPEST {
        levels.push(level);
    }
}

fn verb(verb: &str, rest: &str, line: u64, levels: &[Level], found: &mut Vec<Route>) {
    let written = if verb == "root" {
        String::new()
    } else {
        names(rest.split("=>").next().unwrap_or(rest)).into_iter().next().unwrap_or_default()
    };
    let arrow = rest
        .split_once("=>")
        .map(|it| it.1)
        .and_then(|it| NAME.as_ref()?.captures(it).map(|it| it["name"].to_owned()));
    let to = option(rest, "to")
        .or_else(|| {
            rest.split_once("=>").and_then(|it| it.1.split(['"', '\'']).nth(1)).map(str::to_owned)
        })
        .or(arrow);
    let mut segments = prefix(levels);
    // Inside `collection` of a resource the parameter of one is not part of the path.
    if (levels.last().is_some_and(|it| it.collection) || rest.contains("on: :collection"))
        && segments.last() == Some(&Segment::Parameter)
    {
        segments.pop();
    }
    let written = written.trim_end_matches("(.:format)");
    segments.extend(segments_of(written));
    let handler = if let Some((controller, action)) = to.as_ref().and_then(|it| it.split_once('#'))
    {
        let controller = if controller.is_empty() {
            holder(levels).unwrap_or_default()
        } else {
            controller.to_owned()
        };
        Some(handler(levels, &controller, action))
    } else {
        let action = option(rest, "action")
            .or(to)
            .unwrap_or_else(|| written.rsplit('/').next().unwrap_or(written).to_owned());
        option(rest, "controller")
            .or_else(|| holder(levels))
            .map(|it| handler(levels, &it, &action))
    };
    let verbs = match verb {
        "match" => option(rest, "via")
            .map(|it| {
                it.to_uppercase()
                    .split(|it: char| !it.is_alphabetic())
                    .filter(|it| it.len() > 2 && *it != "ALL")
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default(),
        "root" => vec!["GET".to_owned()],
        verb => vec![verb.to_uppercase()],
    };
    found.push(Route { verbs, segments, line, handler });
}

fn prefix(levels: &[Level]) -> Vec<Segment> {
    levels.iter().flat_map(|it| it.segments.clone()).collect()
}

fn holder(levels: &[Level]) -> Option<String> {
    levels.iter().rev().find_map(|it| it.controller.clone())
}

fn handler(levels: &[Level], controller: &str, action: &str) -> Handler {
    let mut scope: Vec<String> = levels.iter().flat_map(|it| it.module.clone()).collect();
    let mut parts: Vec<&str> = controller.split('/').filter(|it| !it.is_empty()).collect();
    let last = parts.pop().unwrap_or(controller);
    scope.extend(parts.into_iter().map(str::to_owned));
    scope.push(format!("{last}_controller"));
    Handler { scope, name: Some(action.trim_start_matches(':').to_owned()) }
}

fn plural(name: &str) -> String {
    if name.ends_with('s') {
        name.to_owned()
    } else if let Some(stem) = name.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{name}s")
    }
}
