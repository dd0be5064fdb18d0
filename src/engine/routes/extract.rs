//! Routes that calls, decorators, annotations and attributes declare.
//!
//! The forms are few though the frameworks are many: a verb (or `route`, `path`, `handle`) with a
//! path as its first text. Prefixes of a class, of a variable and of a block around are put before.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::handlers::{chained, inner_routes, last_reference};
use super::{Handler, Route, Segment, segments_of};

/// Most lines of a file.
const MOST_LINES: usize = 20_000;
/// Lines below a decorator among which its function is looked for.
const NEAR: usize = 30;

/// `@Get("p")`, `@router.post("/p")`, `[HttpGet("p")]`, `#[get("/p")]`, `@Path("p")`.
static DECORATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:@|\[|#\[|#\[\\?)(?:[\w.:]+[.:])?(?P<what>(?i:get|post|put|patch|delete|head|options|all|any|route|path|api_route|websocket|websocket_route|sse|head|options|action|requestmapping|getmapping|postmapping|putmapping|patchmapping|deletemapping|httpget|httppost|httpput|httppatch|httpdelete|subscribemessage|messagemapping|webget|httproute|view|resource|rest|trace|connect|expose|endpoint))(?:::class)?\s*(?:\((?P<arguments>.*)|\]|$|\s)").ok()
});
/// The class around them: `@Controller("p")`, `@RequestMapping("p")`, `[Route("p")]`, `@Path("p")`.
static CONTROLLER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:@|\[|#\[\\?)(?P<what>Controller|RestController|RequestMapping|Route|Path|JsonController|RoutePrefix|WebSocketGateway|ApiController|Area)\b\s*(?:\((?P<arguments>.*)|\]|$)").ok()
});
/// `r.GET("/p", h)`, `app.use("/p", r)`, `Route::get('p', …)`, `path("p", v)`, `.route("/p", get(h))`.
static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:(?P<on>[\w$]+)(?:\(\))?(?:\.|::|->)|^\s*|[\s(\[.,]|->|\.)(?P<what>(?i:get|post|put|patch|delete|head|options|any|all|route|path|re_path|url|handle|handlefunc|handler|mapget|mappost|mapput|mappatch|mapdelete|mapmethods|maphub|mapgroup|group|use|mount|nest|scope|prefix|live|resource|resources|apiresource|register|add_url_rule|add_api_route|add_route|websocket|ws|match|methodfunc|method|pathprefix|forward|include_router|register_blueprint|namespace|combo|web|basepath|at))\s*(?:::<[^>]*>)?\s*[(\s]\s*(?:[A-Z]+\s*,\s*)?r?(?P<quote>["'`])(?P<path>[^"'`\s]*|(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) [^"'`\s]+)["'`](?P<rest>.*)$"#).ok()
});
/// `x = APIRouter(prefix="/p")`, `g := e.Group("/p")`, `bp = Blueprint(…, url_prefix="/p")`.
static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^\s*(?:var |let |const |val |final )?(?:mut )?(?P<name>[\w$]+)(?:\s*:\s*[\w<>\[\]*.]+)?\s*:?=\s*[^"'`]*?(?:(?P<what>APIRouter|Blueprint|Router|Group|MapGroup|PathPrefix|Namespace|NewGroup|basePath|Subrouter|Route|scope)\s*\(.*?(?:prefix\s*[=:]\s*|url_prefix\s*=\s*|\(\s*)|(?:Group|MapGroup|PathPrefix|NewGroup|basePath)\s*\(\s*)(?P<quote>["'`])(?P<path>/?[^"'`\s]*)["'`]"#).ok()
});
static METHODS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b").ok());
static TEXT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:(?P<key>\w+)\s*[=:]\s*)?[\[{(]?\s*r?["'`](?P<text>[^"'`\s]*)["'`]"#).ok()
});
static CLASS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:export\s+)?(?:default\s+)?(?:(?:public|private|internal|final|open|abstract|sealed|static|partial|data)\s+)*(?:class|interface|object)\s+(?P<name>\w+)").ok()
});
static FUNCTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|\s)(?:def|fn|func|fun|function|async)\s+(?P<name>\w+)|(?P<method>\w+)\s*(?:<[^>]*>)?\(").ok()
});

/// A prefix that holds while lines are indented more than its own.
struct Block {
    indent: usize,
    segments: Vec<Segment>,
}

/// Most blocks within each other that are followed.
const DEEPEST: usize = 40;

/// The routes of a text.
pub fn routes_of(path: &str, text: &str) -> Vec<Route> {
    let lines: Vec<&str> = text.lines().take(MOST_LINES).collect();
    let mut found = Vec::new();
    let mut variables: HashMap<String, Vec<Segment>> = HashMap::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut class: Vec<Segment> = Vec::new();
    let mut class_indent = 0;
    let mut pending: Option<Vec<Segment>> = None;
    let ending = path.rsplit_once('.').map_or("", |it| it.1);
    let python = ending == "py";
    // Pages ask, they do not answer.
    if matches!(ending, "vue" | "svelte" | "html" | "css" | "md") {
        return found;
    }
    for (at, line) in lines.iter().enumerate() {
        if line.len() > 1000 || line.trim().is_empty() {
            continue;
        }
        let trimmed = line.trim_start();
        if trimmed.starts_with("//")
            || trimmed.starts_with("* ")
            || (trimmed.starts_with('#') && !trimmed.starts_with("#["))
        {
            continue;
        }
        let indent = line.len() - trimmed.len();
        while blocks
            .last()
            .is_some_and(|it| it.indent >= indent && !trimmed.starts_with(['}', ')', ']']))
        {
            blocks.pop();
        }
        if let Some(it) = CLASS.as_ref().and_then(|it| it.captures(line)) {
            class = pending.take().unwrap_or_default();
            let name = it["name"].trim_end_matches("Controller").to_lowercase();
            for part in &mut class {
                if matches!(part, Segment::Text(it) if it == "[controller]")
                    || *part == Segment::Parameter
                        && lines
                            .get(at.saturating_sub(8)..at)
                            .is_some_and(|it| it.iter().any(|it| it.contains("[controller]")))
                {
                    *part = Segment::Text(name.clone());
                }
            }
            class_indent = indent;
        }
        if let Some(it) = CONTROLLER.as_ref().and_then(|it| it.captures(line))
            && opens_class(&lines, at)
        {
            let arguments = whole(&lines, at, it.name("arguments").map_or("", |it| it.as_str()));
            let text = first_text(&arguments, &["path", "value", "prefix", "namespace"]);
            let version =
                named_text(&arguments, "version").filter(|_| it["what"].starts_with("Controller"));
            let mut segments = segments_of(&text.unwrap_or_default());
            if let Some(version) = version {
                segments.insert(0, Segment::Text(format!("v{version}")));
            }
            if pending.as_ref().is_none_or(Vec::is_empty) {
                pending = Some(segments);
            }
            continue;
        }
        if let Some(it) = DECORATED.as_ref().and_then(|it| it.captures(line))
            && !trimmed.starts_with("[Route")
        {
            let arguments = whole(&lines, at, it.name("arguments").map_or("", |it| it.as_str()));
            let what = it["what"].to_lowercase();
            if let Some(route) = decorated(&lines, at, &what, &arguments, python, line) {
                let mut route = route;
                let on = trimmed
                    .trim_start_matches(['@', '#', '['])
                    .split('.')
                    .next()
                    .unwrap_or_default();
                let mut segments = variables.get(on).cloned().unwrap_or_default();
                let absolute = first_text(&arguments, &[]).is_some_and(|it| it.starts_with("~/"));
                if indent > class_indent && !absolute || !class.is_empty() && indent >= class_indent
                {
                    segments.extend(class.iter().cloned());
                }
                segments.append(&mut route.segments);
                found.push(Route { segments, ..route });
            }
            continue;
        }
        if let Some(it) = VARIABLE.as_ref().and_then(|it| it.captures(line)) {
            let mut segments = Vec::new();
            let on = line
                .split(['='])
                .nth(1)
                .unwrap_or_default()
                .trim()
                .split(['.', ':'])
                .next()
                .unwrap_or_default();
            segments.extend(variables.get(on).into_iter().flatten().cloned());
            segments.extend(segments_of(&it["path"]));
            variables.insert(it["name"].to_owned(), segments);
            continue;
        }
        let joined;
        let window = if trimmed.trim_end().ends_with('(') {
            joined = if matches!(ending, "js" | "ts" | "mjs" | "cjs") {
                // The handler is the last of many lines.
                format!("{trimmed} {}", whole(&lines, at, ""))
                    .trim_end()
                    .trim_end_matches([')', ';'])
                    .to_owned()
            } else {
                lines[at..lines.len().min(at + if python { 6 } else { 4 })]
                    .iter()
                    .map(|it| it.trim())
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            joined.as_str()
        } else {
            trimmed
        };
        // The next lines only end what this one begins.
        let begins = |it: &regex::Captures<'_>| {
            it.name("what").is_some_and(|it| it.start() < trimmed.trim_end().len())
        };
        let Some(it) = CALL.as_ref().and_then(|it| it.captures(window)).filter(begins) else {
            continue;
        };
        let what = it["what"].to_lowercase();
        let on = it.name("on").map_or("", |it| it.as_str());
        let written = &it["path"];
        let rest = it.name("rest").map_or("", |it| it.as_str());
        if !likely(&what, on, written, rest, python, ending) {
            continue;
        }
        let mut segments: Vec<Segment> = blocks.iter().flat_map(|it| it.segments.clone()).collect();
        segments.extend(variables.get(on).into_iter().flatten().cloned());
        // `scope("/a").route("/b", …)` on one line.
        if what == "scope" && rest.contains("route(") {
            segments.extend(segments_of(written));
            let inner = CALL.as_ref().and_then(|it| it.captures(rest.trim_start_matches(')')));
            if let Some(it) = inner {
                segments.extend(segments_of(&it["path"]));
                found.extend(inner_routes(
                    &segments,
                    it.name("rest").map_or("", |it| it.as_str()),
                    at as u64 + 1,
                ));
                continue;
            }
            segments.clear();
        }
        if matches!(what.as_str(), "combo" | "route" | "resource")
            && rest.trim_start().starts_with(')')
            && ending != "php"
        {
            segments.extend(segments_of(written));
            let before = found.len();
            chained(&lines, at, rest, &segments, &mut found);
            if found.len() > before {
                continue;
            }
            segments.clear();
        }
        let (verb, written) = match written.split_once(' ') {
            Some((verb, path)) => (Some(verb.to_owned()), path),
            None => (None, written),
        };
        let mut segments: Vec<Segment> = blocks.iter().flat_map(|it| it.segments.clone()).collect();
        segments.extend(variables.get(on).into_iter().flatten().cloned());
        segments.extend(segments_of(written));
        // Django: what is included is written here, or is another file's.
        let included = rest.split_once("include(").map(|it| it.1.trim_start());
        if python && included.is_some_and(|it| it.is_empty() || it.starts_with(['[', '('])) {
            blocks.push(Block { indent, segments: segments_of(written) });
            continue;
        }
        let opens = rest.trim_end().ends_with(['{', '('])
            || rest.trim_end().ends_with("do")
            || rest.contains("func(")
            || rest.contains("function (")
            || rest.contains("function()")
            || rest.contains("include(") && rest.trim_end().ends_with('[');
        if matches!(
            what.as_str(),
            "group" | "scope" | "prefix" | "namespace" | "nest" | "pathprefix" | "mapgroup"
        ) || (matches!(what.as_str(), "route" | "path")
            && opens
            && !rest.contains("get(")
            && (rest.contains("func(") || rest.contains('[')))
        {
            if blocks.len() < DEEPEST && (opens || what == "prefix" || what == "scope") {
                blocks.push(Block { indent, segments: segments_of(written) });
            }
            continue;
        }
        found.extend(called(&what, verb, &segments, rest, at as u64 + 1, window));
    }
    found
}

/// Whether the next line that is no decorator begins a class.
fn opens_class(lines: &[&str], at: usize) -> bool {
    for line in lines.iter().skip(at).take(NEAR) {
        if CLASS.as_ref().is_some_and(|it| it.is_match(line)) {
            return true;
        }
        let trimmed = line.trim();
        let goes_on = trimmed.is_empty()
            || trimmed.starts_with(['@', '[', '#', ')', '}', '/', '*', '"', '\''])
            || trimmed.ends_with([',', '(', '{'])
            || trimmed.contains(':');
        if !goes_on {
            return false;
        }
    }
    false
}

/// The arguments of a call that goes on over the next lines.
fn whole(lines: &[&str], at: usize, begun: &str) -> String {
    let mut all = begun.to_owned();
    let open = |text: &str| text.matches('(').count() + 1 > text.matches(')').count();
    for line in lines.iter().skip(at + 1).take(12) {
        if !open(&all) || all.len() > 4000 {
            break;
        }
        all.push(' ');
        all.push_str(line.trim());
    }
    all
}

/// The first text among arguments that has no key, or one of these.
fn first_text(arguments: &str, keys: &[&str]) -> Option<String> {
    let pattern = TEXT.as_ref()?;
    pattern
        .captures_iter(arguments)
        .find(|it| it.name("key").is_none_or(|key| keys.contains(&key.as_str())))
        .map(|it| it["text"].to_owned())
}

fn named_text(arguments: &str, key: &str) -> Option<String> {
    let pattern = TEXT.as_ref()?;
    pattern
        .captures_iter(arguments)
        .find(|it| it.name("key").is_some_and(|it| it.as_str() == key))
        .map(|it| it["text"].to_owned())
}

fn decorated(
    lines: &[&str],
    at: usize,
    what: &str,
    arguments: &str,
    python: bool,
    line: &str,
) -> Option<Route> {
    let bare = what.trim_end_matches("mapping").trim_start_matches("http");
    // utoipa: #[utoipa::path(get, path = "/p")]
    let spoken = arguments.trim_start().split([',', ' ']).next().unwrap_or_default();
    let bare = if what == "path" && line.contains("::path") { spoken } else { bare };
    let mut verbs: Vec<String> = Vec::new();
    if matches!(bare, "get" | "post" | "put" | "patch" | "delete" | "head" | "options") {
        verbs.push(bare.to_uppercase());
    } else if let Some(methods) = &*METHODS {
        // methods=["get"]
        let named = arguments.split_once("methods").map(|it| it.1.to_uppercase());
        verbs.extend(
            methods
                .find_iter(named.as_deref().unwrap_or(arguments))
                .map(|it| it.as_str().to_owned()),
        );
    }
    let keys = ["path", "value", "url_path", "url", "uri", "route", "name", "pattern"];
    let keys = if what == "route" && !line.contains('@') { &keys[..1] } else { &keys[..6] };
    let text = first_text(arguments, keys);
    // Python's `@property` and the like have no path; annotations may have none.
    if text.is_none()
        && what != "action"
        && (python
            || !matches!(bare, "get" | "post" | "put" | "patch" | "delete" | "request" | "action"))
    {
        return None;
    }
    if python
        && what == "get"
        && text.as_ref().is_some_and(|it| !it.starts_with('/') && !it.is_empty())
    {
        return None;
    }
    let mut target = at as u64 + 1;
    for (place, below) in lines.iter().enumerate().skip(at + 1).take(NEAR) {
        let trimmed = below.trim_start();
        let other = trimmed.is_empty()
            || trimmed.starts_with(['@', '[', '#', ')', '/', '*', '"', '\'', '}'])
            || trimmed.starts_with("summary");
        if other {
            continue;
        }
        // Attributes go on over lines with calls in them: in Rust and PHP a function has its word.
        let worded = line.trim_start().starts_with("#[");
        if FUNCTION
            .as_ref()
            .and_then(|it| it.captures(below))
            .is_some_and(|it| !worded || it.name("name").is_some())
        {
            target = place as u64 + 1;
            break;
        }
    }
    let bare = text.is_none();
    let mut segments = segments_of(&text.unwrap_or_default());
    if what == "action" {
        // Of Django's REST framework: named like the function, of one thing or of all.
        if bare
            && let Some(it) =
                lines.get(target as usize - 1).and_then(|it| FUNCTION.as_ref()?.captures(it))
        {
            segments.extend(
                it.name("name")
                    .or(it.name("method"))
                    .map(|it| Segment::Text(it.as_str().to_lowercase())),
            );
        }
        if !arguments.contains("detail=False") {
            segments.insert(0, Segment::Parameter);
        }
    }
    Some(Route { verbs, segments, line: target, handler: None })
}

/// Whether a call with a text is a route: many objects have a `get`.
fn likely(what: &str, on: &str, path: &str, rest: &str, python: bool, ending: &str) -> bool {
    let absolute = path.starts_with('/') || path.contains(' ');
    let bare = rest.trim_start();
    if path.contains("://") || path.len() > 200 {
        return false;
    }
    match what {
        "path" | "re_path" | "url" => python && on.is_empty() && bare.starts_with(','),
        // macaron, actix
        "combo" => ending == "go",
        "resource" if ending == "rs" => true,
        "register" => {
            python && bare.starts_with(',') && (on.contains("router") || rest.contains("View"))
        }
        "live" | "forward" | "scope" | "resources" if matches!(ending, "ex" | "exs") => true,
        "prefix" | "resource" | "apiresource" | "match" => ending == "php",
        "get" | "post" | "put" | "patch" | "delete" | "any" | "options" | "head"
            if ending == "php" || matches!(ending, "ex" | "exs") =>
        {
            bare.starts_with(',')
                && (ending != "php"
                    || on == "Route"
                    || on.is_empty()
                    || on.contains("app")
                    || on.contains("router")
                    || on.contains("group"))
        }
        "group" | "mapgroup" | "nest" | "scope" | "pathprefix" | "namespace" => {
            absolute || path.is_empty() || ending == "go"
        }
        "use" | "mount" | "at" | "web" | "method" | "methodfunc" | "handler" | "basepath" => {
            absolute && bare.starts_with(',')
        }
        "route" => absolute || (path.is_empty() && ending == "rs"),
        "mapget" | "mappost" | "mapput" | "mappatch" | "mapdelete" | "mapmethods" | "maphub" => {
            true
        }
        "include_router" | "register_blueprint" => false,
        _ => {
            // `client.get("/p")` asks, `router.get("/p", handler)` answers.
            let on = on.to_lowercase();
            let asks = [
                "client",
                "http",
                "axios",
                "request",
                "requests",
                "session",
                "supertest",
                "agent",
                "fetch",
                "cy",
                "self",
            ]
            .iter()
            .any(|it| on == *it || on.ends_with(&format!("{it}s")) || on.ends_with("client"))
                || on.trim_start_matches('$') == "http"
                || (on == "api" && matches!(ending, "js" | "ts" | "jsx" | "tsx" | "mjs"));
            // Spring: `.GET("users", this::list, …)`, where no base path is written.
            let asks = asks && ending != "go";
            let spoken = matches!(ending, "java" | "kt") && rest.contains("::");
            (absolute || ending == "go" || spoken) && bare.starts_with(',') && !asks
        }
    }
}

fn called(
    what: &str,
    verb: Option<String>,
    segments: &[Segment],
    rest: &str,
    line: u64,
    whole: &str,
) -> Vec<Route> {
    let rest = rest.trim_start().trim_start_matches(',');
    let mut verbs: Vec<String> = verb.into_iter().collect();
    let bare = what.trim_start_matches("map");
    if matches!(bare, "get" | "post" | "put" | "patch" | "delete" | "head" | "options") {
        verbs.push(bare.to_uppercase());
    } else if matches!(
        what,
        "handle"
            | "handlefunc"
            | "route"
            | "method"
            | "methodfunc"
            | "mapmethods"
            | "add_url_rule"
            | "add_route"
            | "add_api_route"
            | "match"
    ) && let Some(methods) = &*METHODS
    {
        verbs.extend(methods.find_iter(whole).map(|it| it.as_str().to_owned()));
    }
    if what == "route" {
        let found = inner_routes(segments, rest, line);
        if !found.is_empty() {
            return found;
        }
    }
    let handler = last_reference(rest);
    let mut segments = segments.to_vec();
    if matches!(what, "use" | "mount" | "nest" | "forward") || rest.contains("include(") {
        segments.push(Segment::Rest);
    }
    if matches!(what, "resource" | "resources" | "apiresource" | "register") {
        let mut one = segments.clone();
        one.push(Segment::Parameter);
        let of = |segments, name: &str, verbs: &[&str]| Route {
            verbs: verbs.iter().map(|it| (*it).to_owned()).collect(),
            segments,
            line,
            handler: handler.clone().map(|it| {
                let mut scope = it.scope;
                scope.extend(it.name);
                Handler { scope, name: Some(name.to_owned()) }
            }),
        };
        return vec![
            of(segments.clone(), if what == "register" { "list" } else { "index" }, &["GET"]),
            of(segments, if what == "register" { "create" } else { "store" }, &["POST"]),
            of(one.clone(), if what == "register" { "retrieve" } else { "show" }, &["GET"]),
            of(one.clone(), "update", &["PUT", "PATCH"]),
            of(one, "destroy", &["DELETE"]),
        ];
    }
    vec![Route { verbs, segments, line, handler }]
}
