//! The routes that code declares, and how well one fits a request.
//!
//! A whole URL is seldom in one place: prefixes come from other files, proxies and settings. So a
//! route is compared from its end, as far as its own file tells it. `extract.rs` reads what calls,
//! decorators and annotations declare, `rails.rs` what Rails' routing language does, `files.rs` what
//! the place of a file does.

mod extract;
mod files;
mod handlers;
mod proto;
mod rails;

use crate::engine::symptom::Request;

/// One part of a route between slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// A text, in lower case.
    Text(String),
    /// A parameter.
    Parameter,
    /// Any number of segments.
    Rest,
}

/// Who answers a route.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Handler {
    /// Class, module or package.
    pub scope: Vec<String>,
    /// Function or method.
    pub name: Option<String>,
}

/// A declared route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Methods in capitals; none for any.
    pub verbs: Vec<String>,
    /// What its file tells of its path.
    pub segments: Vec<Segment>,
    /// 1-based line: of the handler where it stands in the file, else of the declaration.
    pub line: u64,
    /// The handler, where it is named and stands elsewhere.
    pub handler: Option<Handler>,
}

/// The routes of a file. `path` is its path in the repository.
pub fn routes_of(path: &str, text: &[u8]) -> Vec<Route> {
    let mut routes = files::routes_of(path, text);
    let text = String::from_utf8_lossy(text);
    if rails::is_routes(path) {
        routes.extend(rails::routes_of(&text));
    } else if path.ends_with(".proto") {
        routes.extend(proto::routes_of(&text));
    } else {
        routes.extend(extract::routes_of(path, &text));
    }
    routes
}

/// The segments of a route as it is written, in any framework's way.
pub fn segments_of(written: &str) -> Vec<Segment> {
    let path =
        written.split_once("://").map_or(written, |it| it.1.split_once('/').map_or("", |it| it.1));
    let path = path.trim_start_matches(['^', '~']).trim_end_matches(['$', '?']);
    let path = path.split('?').next().unwrap_or(path);
    let path = path.replace("(?P<", "{").replace("\\/", "/");
    path.split('/').filter(|it| !it.is_empty()).map(segment_of).collect()
}

fn segment_of(text: &str) -> Segment {
    if text == "*"
        || text == "**"
        || text.starts_with("[...")
        || text.starts_with("[[...")
        || text.starts_with("{*")
        || text.starts_with('*')
        || text.starts_with("(.*")
    {
        return Segment::Rest;
    }
    let parameter = text.contains(['{', '<', '[', '('])
        || text.starts_with(':')
        || text.starts_with('$')
        || text.contains(':')
        || text.contains("\\d")
        || text.contains('*');
    if parameter {
        Segment::Parameter
    } else {
        Segment::Text(text.trim_end_matches(['.', '$']).to_lowercase())
    }
}

/// The same as [`fit`] for a route of the file at `path`: a prefix that another file gives is often
/// what the file or its folder is called, as `/incidents` of what `incident/views.py` declares.
pub fn fit_in(path: &str, route: &Route, request: &Request) -> Option<f32> {
    let covered = route.segments.len();
    let asked = &request.segments;
    let ends = asked.len().checked_sub(covered + 1);
    let implied = match ends.and_then(|it| asked.get(it)) {
        Some(before) if route.segments.last() != Some(&Segment::Rest) => {
            called(path, before).map(|it| (it, before))
        }
        _ => None,
    };
    let plain = implied.and_then(|(less, before)| {
        let mut whole = route.clone();
        whole.segments.insert(0, Segment::Text(before.to_lowercase()));
        // Less than what is written.
        fit(&whole, request).map(|it| it - less)
    });
    let best = match (plain, fit(route, request)) {
        (Some(one), Some(other)) => one.max(other),
        (one, other) => one.or(other)?,
    };
    let api = |part: &str| part == "api";
    let beside = path.to_lowercase().split(['/', '.']).any(api)
        && !asked.iter().any(|it| api(&it.to_lowercase()));
    Some(if beside { best - 0.15 } else { best })
}

/// Whether a file or a folder of a path is called like a segment, in the singular or the plural: how
/// much less that says than the segment itself.
fn called(path: &str, segment: &str) -> Option<f32> {
    let one = |text: &str| {
        let letters: String =
            text.chars().filter(|it| it.is_alphanumeric()).collect::<String>().to_lowercase();
        match letters.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => letters.strip_suffix('s').unwrap_or(&letters).to_owned(),
        }
    };
    let wanted = one(segment);
    if wanted.len() < 3 || wanted.chars().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let lower = path.to_lowercase();
    let folders = lower.rsplit_once('/').map_or("", |it| it.0);
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let stem = name.split('.').next().unwrap_or(name);
    let ends = [
        "controller",
        "router",
        "routes",
        "route",
        "views",
        "view",
        "handlers",
        "handler",
        "endpoint",
        "endpoints",
        "resource",
        "api",
        "apis",
    ];
    let bare = ends.iter().find_map(|it| stem.strip_suffix(it)).unwrap_or(stem);
    // `orders.ts`, `incident/views.py`, `orders/v1/routes.ts`; the deeper, the less it is meant.
    let deep = 0.01 * folders.split('/').count() as f32;
    let near =
        [stem, bare].into_iter().chain(folders.rsplit('/').take(1)).any(|it| one(it) == wanted);
    let far = folders.rsplit('/').nth(1).is_some_and(|it| one(it) == wanted);
    match (near, far) {
        (true, _) => Some(0.2 + deep),
        (false, true) => Some(0.5 + deep),
        _ => None,
    }
}

/// How well a route fits a request; more is better, nothing when it does not.
pub fn fit(route: &Route, request: &Request) -> Option<f32> {
    let asked: Vec<String> = request.segments.iter().map(|it| it.to_lowercase()).collect();
    let mut score = 0.0;
    let mut texts = 0;
    let mut left = asked.len();
    let segments = &route.segments;
    let open = segments.last() == Some(&Segment::Rest);
    let fixed = if open { &segments[..segments.len() - 1] } else { &segments[..] };
    if open {
        // The fixed part may begin anywhere; what follows is anything.
        let at = (0..asked.len()).find(|&at| {
            fixed.len() <= asked.len() - at
                && fixed.iter().zip(&asked[at..]).all(|(one, other)| fits(one, other).is_some())
        })?;
        for (one, other) in fixed.iter().zip(&asked[at..]) {
            score += fits(one, other)? * 0.8;
            texts += usize::from(matches!(one, Segment::Text(_)));
        }
        // What leads to other routes is no handler: the more it leaves open, the less it says.
        score -= 0.4 * (asked.len() - at - fixed.len()) as f32;
        left = at;
    } else {
        for segment in fixed.iter().rev() {
            left = left.checked_sub(1)?;
            score += fits(segment, &asked[left])?;
            texts += usize::from(matches!(segment, Segment::Text(_)));
        }
    }
    if texts == 0 && !(asked.is_empty() && segments.is_empty()) {
        return None;
    }
    for before in &asked[..left] {
        let common = before == "api" || before == "rest" || version(before);
        score -= if common { 0.1 } else { 0.35 };
    }
    match &request.verb {
        Some(verb) if route.verbs.iter().any(|it| it == verb) => score += 0.6,
        Some(verb) if verb == "HEAD" && route.verbs.iter().any(|it| it == "GET") => score += 0.5,
        Some(_) if !route.verbs.is_empty() => score -= 1.2,
        _ => {}
    }
    (score > 0.0).then_some(score)
}

fn version(text: &str) -> bool {
    text.strip_prefix('v')
        .is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit() || it == b'.'))
}

fn fits(segment: &Segment, asked: &str) -> Option<f32> {
    match segment {
        Segment::Text(text) if text == asked => Some(1.0),
        // `users.json` asks for `users`.
        Segment::Text(text) if asked.rsplit_once('.').is_some_and(|it| it.0 == text) => Some(0.9),
        Segment::Text(_) => None,
        Segment::Parameter => Some(0.45),
        Segment::Rest => Some(0.2),
    }
}

#[cfg(test)]
mod tests;
