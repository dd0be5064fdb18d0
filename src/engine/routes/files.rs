//! Routes that are told by a file's place: Next.js, Nuxt, `SvelteKit`, Remix, and frameworks that
//! took it over from them.

use std::sync::LazyLock;

use regex::Regex;

use super::{Route, Segment, segments_of};

static EXPORTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^export\s+(?:async\s+)?(?:const|function)\s+(?P<verb>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b").ok()
});
static DEFAULT: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^export\s+default\b").ok());

/// The routes of a file with this path.
pub fn routes_of(path: &str, text: &[u8]) -> Vec<Route> {
    let Some((folders, name)) = path.rsplit_once('/') else { return Vec::new() };
    let Some((stem, ending)) = name.rsplit_once('.') else { return Vec::new() };
    if !matches!(ending, "ts" | "tsx" | "js" | "jsx" | "mjs" | "vue" | "svelte")
        || stem.ends_with(".test")
        || stem.ends_with(".spec")
    {
        return Vec::new();
    }
    // The folder that the tree of routes begins with.
    let below = |marks: &[&str]| {
        marks.iter().find_map(|mark| {
            let at = format!("/{folders}/").rfind(&format!("/{mark}/"))?;
            Some(
                folders
                    .get(at + mark.len()..)
                    .unwrap_or_default()
                    .trim_start_matches('/')
                    .to_owned(),
            )
        })
    };
    let text = String::from_utf8_lossy(text);
    let (place, whole) = match stem {
        "route" | "page" => match below(&["src/api", "app"]) {
            Some(rest) => (rest, false),
            None => return Vec::new(),
        },
        "+server" | "+page" | "+page.server" => match below(&["routes"]) {
            Some(rest) => (rest, false),
            None => return Vec::new(),
        },
        _ => match below(&["pages"])
            .or_else(|| below(&["server/api"]).map(|it| format!("api/{it}")))
        {
            Some(rest) => (rest, true),
            None => return Vec::new(),
        },
    };
    let mut segments: Vec<Segment> = Vec::new();
    // `(group)` and `@slot` are no part of a path.
    let group = |it: &str| it.starts_with('(') && it.ends_with(')');
    let written =
        place.split('/').filter(|it| !(it.is_empty() || group(it) || it.starts_with('@')));
    segments.extend(written.flat_map(segments_of));
    if whole && stem != "index" {
        segments.extend(segments_of(stem));
    }
    if segments.is_empty() && whole {
        return Vec::new();
    }
    let line_of = |at: usize| text.get(..at).map_or(1, |it| it.matches('\n').count() as u64 + 1);
    let exported: Vec<Route> = EXPORTED
        .as_ref()
        .map(|it| {
            it.captures_iter(&text)
                .map(|it| Route {
                    verbs: vec![it["verb"].to_owned()],
                    segments: segments.clone(),
                    line: line_of(it.get(0).map_or(0, |it| it.start())),
                    handler: None,
                })
                .collect()
        })
        .unwrap_or_default();
    if !exported.is_empty() {
        return exported;
    }
    let line = DEFAULT.as_ref().and_then(|it| it.find(&text)).map_or(1, |it| line_of(it.start()));
    vec![Route { verbs: Vec::new(), segments, line, handler: None }]
}
