//! Requests: `POST /api/v1/login 500`, a URL, a line of an access log.

use std::sync::LazyLock;

use regex::Regex;

use super::line::Line;

/// What a client asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method in capitals, when it is told.
    pub verb: Option<String>,
    /// The path's segments, without a query; decoded are only `%20` and the like that are text.
    pub segments: Vec<String>,
    /// The status of the answer, when it is told.
    pub status: Option<u16>,
    /// Whether the text says that it is a request, and not only that it is a path.
    pub certain: bool,
}

impl Request {
    /// The request as a person writes it.
    pub fn shown(&self) -> String {
        let verb = self.verb.as_ref().map_or_else(String::new, |it| format!("{it} "));
        format!("{verb}/{}", self.segments.join("/"))
    }
}

static VERB: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?:^|[\s"'\[(|=:])(?P<verb>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|WS|Get|Post|Put|Patch|Delete)\b["']?[\s:,]+["'\[(]?(?P<url>(?:(?:https?|wss?)://[^/\s"'<>]+)?/[^\s"'<>)\],]*|(?:https?|wss?)://[^/\s"'<>]+)"#,
    )
    .ok()
});
static URL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[\s"'(\[=])(?P<url>(?:https?|wss?)://[^/\s"'<>]+/[^\s"'<>)\]]*)"#).ok()
});
static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?P<url>/[\w.~%:@{}-]+(?:/[\w.~%:@{}-]*)*)(?:\?\S*)?(?: (?P<status>[1-5]\d\d))?$")
        .ok()
});
static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[\s"'|=\[:(>])(?P<status>[1-5]\d\d)(?:$|[\s"'|,\]);])"#).ok()
});

/// The longest path that is read, in segments.
const MOST_SEGMENTS: usize = 24;

/// The request of a line, if it tells of one.
pub fn read(line: &Line) -> Option<Request> {
    if let Some(fields) = &line.fields
        && let Some(url) = &fields.url
    {
        return request_of(fields.verb.clone(), url, &line.text, true);
    }
    let text = line.text.trim();
    if let Some(it) = VERB.as_ref().and_then(|it| it.captures(text)) {
        return request_of(Some(it["verb"].to_uppercase()), &it["url"], text, true);
    }
    if let Some(it) = URL.as_ref().and_then(|it| it.captures(text)) {
        let alone = it.get(0).is_some_and(|it| it.len() == text.len());
        let status = status_of(text).is_some();
        return request_of(None, &it["url"], text, alone || status);
    }
    let it = BARE.as_ref().and_then(|it| it.captures(text))?;
    request_of(None, &it["url"], text, it.name("status").is_some())
}

fn status_of(text: &str) -> Option<u16> {
    STATUS.as_ref()?.captures_iter(text).find_map(|it| it["status"].parse().ok())
}

fn request_of(verb: Option<String>, url: &str, text: &str, certain: bool) -> Option<Request> {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |it| it.1),
        None => url,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let segments: Vec<String> = path
        .split('/')
        .filter(|it| !it.is_empty())
        .map(|it| it.trim_end_matches(['.', ',', ';']).replace("%20", " "))
        .take(MOST_SEGMENTS)
        .collect();
    // A file of a web page is no route.
    let file = segments.last().and_then(|it| it.rsplit_once('.')).is_some_and(|(_, end)| {
        matches!(
            end,
            "js" | "css"
                | "png"
                | "jpg"
                | "svg"
                | "ico"
                | "woff"
                | "woff2"
                | "map"
                | "ts"
                | "tsx"
                | "py"
                | "rb"
                | "go"
                | "java"
                | "php"
                | "rs"
                | "cs"
        )
    });
    if file || (segments.is_empty() && verb.is_none()) {
        return None;
    }
    let rest = text.replacen(url, " ", 1);
    Some(Request {
        verb: verb.map(|it| it.to_uppercase()),
        segments,
        status: status_of(&rest),
        certain,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(String, Option<u16>)> {
        let line = Line { text: text.to_owned(), ..Line::default() };
        read(&line).map(|it| (it.shown(), it.status))
    }

    #[test]
    fn access_logs_of_many_servers() {
        for (text, shown, status) in [
            ("POST /api/v1/auth/login 500", "POST /api/v1/auth/login", Some(500)),
            (
                r#"10.0.0.1 - - [25/Nov/2026:02:47:00 +0000] "GET /users/42?x=1 HTTP/1.1" 502 157"#,
                "GET /users/42",
                Some(502),
            ),
            (
                r#"INFO:     127.0.0.1:53124 - "POST /login HTTP/1.1" 500 Internal Server Error"#,
                "POST /login",
                Some(500),
            ),
            (
                r#"[GIN] 2026/11/25 - 02:47:00 | 500 |  1.2ms |  10.0.0.1 | POST     "/v1/orders""#,
                "POST /v1/orders",
                Some(500),
            ),
            (
                r#"Started POST "/sessions" for 127.0.0.1 at 2026-11-25 02:47:00 +0000"#,
                "POST /sessions",
                None,
            ),
            (
                "500 Internal Server Error  GET http://home:3333/api/v1/portfolio/details",
                "GET /api/v1/portfolio/details",
                Some(500),
            ),
            ("https://shop.example/api/cart/17", "/api/cart/17", None),
            ("/api/cart/17 404", "/api/cart/17", Some(404)),
        ] {
            assert_eq!(of(text), Some((shown.to_owned(), status)), "{text}");
        }
        for text in ["get /dev/null ready", "login fails", "at /app/src/main.js:1:2"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
