//! Routes that Protocol Buffers declare for a gateway: `option (google.api.http) = {get: "/p"}` in an
//! `rpc`.
//!
//! <https://cloud.google.com/endpoints/docs/grpc/transcoding>

use std::sync::LazyLock;

use regex::Regex;

use super::{Handler, Route, Segment};

static RPC: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\s*rpc\s+(?P<name>\w+)").ok());
static HTTP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"\b(?P<verb>get|post|put|patch|delete):\s*"(?P<path>/[^"\s]*)""#).ok()
});

/// The routes of a text.
pub fn routes_of(text: &str) -> Vec<Route> {
    let (Some(rpc), Some(http)) = (&*RPC, &*HTTP) else { return Vec::new() };
    let mut found = Vec::new();
    let mut named: Option<String> = None;
    for (at, line) in text.lines().enumerate().filter(|it| it.1.len() < 1000) {
        if let Some(it) = rpc.captures(line) {
            named = Some(it["name"].to_owned());
        }
        for it in http.captures_iter(line) {
            found.push(Route {
                verbs: vec![it["verb"].to_uppercase()],
                segments: segments_of(&it["path"]),
                line: at as u64 + 1,
                handler: named.clone().map(|name| Handler { scope: Vec::new(), name: Some(name) }),
            });
        }
    }
    found
}

/// `/v1/{name=memos/*}/comments`: the pattern of a variable stands for it.
fn segments_of(path: &str) -> Vec<Segment> {
    let mut plain = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        plain.push_str(before);
        let (inside, behind) = after.split_once('}').unwrap_or((after, ""));
        plain.push_str(inside.split_once('=').map_or("*", |it| it.1));
        rest = behind;
    }
    plain.push_str(rest);
    let parts = plain.split('/').filter(|it| !it.is_empty());
    parts
        .map(|it| match it {
            "*" => Segment::Parameter,
            "**" => Segment::Rest,
            text => Segment::Text(text.to_lowercase()),
        })
        .collect()
}
