//! Structured log lines: JSON objects and logfmt, with the names that loggers give to a place.
//!
//! The keys are those of Python's `logging`, structlog, zap, logrus, pino, bunyan, Serilog,
//! logback's JSON encoders, the Elastic Common Schema and OpenTelemetry's code attributes.

use serde_json::Value;

/// What a record says about where it was written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields {
    /// A path, or its last part.
    pub file: Option<String>,
    /// 1-based.
    pub line: Option<u64>,
    /// A function's name.
    pub function: Option<String>,
    /// A module, class or logger.
    pub module: Option<String>,
    /// An HTTP method.
    pub verb: Option<String>,
    /// The path or URL of a request.
    pub url: Option<String>,
}

/// A record: its texts, and where it was written.
#[derive(Debug, Default)]
pub struct Record {
    /// The message, then what looks like a trace.
    pub texts: Vec<String>,
    /// Where.
    pub fields: Fields,
}

const MESSAGE: &[&str] = &[
    "msg",
    "message",
    "event",
    "log",
    "@m",
    "@mt",
    "text",
    "textpayload",
    "messagetemplate",
    "body",
    "error",
    "err",
    "error.message",
    "err.message",
    "exception.message",
    "reason",
    "detail",
];
const TRACE: &[&str] = &[
    "exc_info",
    "exception",
    "stack",
    "stack_trace",
    "error.stack_trace",
    "stacktrace",
    "code.stacktrace",
    "err.stack",
    "error.stack",
    "@x",
    "trace",
    "backtrace",
    "exception.stacktrace",
    "thrown.extendedstacktrace",
    "errorverbose",
];
const FILE: &[&str] = &[
    "pathname",
    "filename",
    "file",
    "code.file.path",
    "code.filepath",
    "caller_file_name",
    "log.origin.file.name",
    "source.file",
    "sourcelocation.file",
    "src.file",
    "logging.googleapis.com/sourcelocation.file",
];
const LINE: &[&str] = &[
    "lineno",
    "line",
    "line_number",
    "code.line.number",
    "code.lineno",
    "caller_line_number",
    "log.origin.file.line",
    "source.line",
    "sourcelocation.line",
    "src.line",
    "linenumber",
];
const FUNCTION: &[&str] = &[
    "funcname",
    "func_name",
    "func",
    "function",
    "code.function.name",
    "code.function",
    "caller_method_name",
    "log.origin.function",
    "method_name",
    "source.function",
];
const MODULE: &[&str] = &[
    "module",
    "logger",
    "logger_name",
    "loggername",
    "target",
    "caller_class_name",
    "sourcecontext",
    "code.namespace",
    "log.logger",
    "name",
    "context",
    "class",
    "component",
];
const CALLER: &[&str] = &["caller", "source", "log.caller"];
const VERB: &[&str] = &[
    "method",
    "http.method",
    "http.request.method",
    "verb",
    "request.method",
    "req.method",
    "httprequest.requestmethod",
    "requestmethod",
];
const URL: &[&str] = &[
    "path",
    "url",
    "uri",
    "http.target",
    "http.route",
    "url.path",
    "request.path",
    "req.url",
    "request_uri",
    "requestpath",
    "route",
    "httprequest.requesturl",
    "http.url",
    "request.url",
];

/// Most values that are looked at in one record.
const MOST_VALUES: usize = 400;

/// Reads a record, when the text is one.
pub fn read(text: &str) -> Option<Record> {
    let trimmed = text.trim();
    if let Some(at) = trimmed.find('{').filter(|at| *at < 200)
        && trimmed.ends_with('}')
        && let Some(Ok(Value::Object(object))) =
            trimmed.get(at..).map(serde_json::from_str::<Value>)
    {
        let mut pairs = Vec::new();
        flatten("", &Value::Object(object), &mut pairs);
        let record = record_of(&pairs);
        let empty = record.texts.is_empty() && record.fields == Fields::default();
        return (!empty).then_some(record);
    }
    logfmt(trimmed)
}

/// The values of an object with dotted keys in lower case. An array of lines, as pino and Elastic
/// write a stack, is one text.
fn flatten(prefix: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    if pairs.len() >= MOST_VALUES {
        return;
    }
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let key = key.to_lowercase();
                let key = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
                flatten(&key, value, pairs);
            }
        }
        Value::Array(items) if items.iter().all(Value::is_string) => {
            let lines: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            pairs.push((prefix.to_owned(), lines.join("\n")));
        }
        Value::Array(items) => items.iter().for_each(|it| flatten(prefix, it, pairs)),
        Value::String(text) => pairs.push((prefix.to_owned(), text.clone())),
        Value::Number(number) => pairs.push((prefix.to_owned(), number.to_string())),
        Value::Bool(_) | Value::Null => {}
    }
}

fn record_of(pairs: &[(String, String)]) -> Record {
    let named = |keys: &[&str]| {
        keys.iter().find_map(|key| {
            let found = pairs.iter().find(|(name, _)| {
                name == key
                    || name
                        .strip_suffix(key)
                        .is_some_and(|it| it.ends_with('.') && it.matches('.').count() == 1)
            });
            found.map(|(_, value)| value.clone()).filter(|it| !it.is_empty())
        })
    };
    let mut texts = Vec::new();
    for key in MESSAGE.iter().chain(TRACE) {
        for (_, value) in pairs.iter().filter(|(name, _)| name == key) {
            if !value.is_empty() && !texts.contains(value) {
                texts.push(value.clone());
            }
        }
    }
    // What looks like a trace is one, whatever its key.
    for (_, value) in pairs {
        let trace = value.contains("\n    at ")
            || value.contains("\n  File \"")
            || value.contains("\n\tat ")
            || value.contains("\ngoroutine ");
        if trace && !texts.contains(value) {
            texts.push(value.clone());
        }
    }
    let mut fields = Fields {
        file: named(FILE).filter(|it| it.contains('.')),
        line: named(LINE).and_then(|it| it.parse().ok()).filter(|it| *it > 0),
        function: named(FUNCTION),
        module: named(MODULE),
        verb: named(VERB),
        url: named(URL).filter(|it| it.starts_with('/') || it.contains("://")),
    };
    if let Some(caller) = named(CALLER)
        && let Some((file, line)) = caller.rsplit_once(':')
        && let Ok(line) = line.parse()
        && fields.file.is_none()
    {
        fields.file = Some(file.to_owned());
        fields.line = Some(line);
    }
    Record { texts, fields }
}

/// Reads `key=value key="some words"`; at least three pairs and a message make a record.
fn logfmt(text: &str) -> Option<Record> {
    if text.len() > 8192 || text.matches('=').count() < 3 {
        return None;
    }
    let mut pairs = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('=') {
        let before = rest.get(..at)?;
        let key = before.rsplit([' ', '\t']).next().unwrap_or(before);
        let after = rest.get(at + 1..)?;
        let key_like = !key.is_empty()
            && key.bytes().all(|it| it.is_ascii_alphanumeric() || b"_.-@".contains(&it));
        if let Some(quoted) = after.strip_prefix('"') {
            let mut end = None;
            let mut escaped = false;
            for (at, it) in quoted.char_indices() {
                match it {
                    _ if escaped => escaped = false,
                    '\\' => escaped = true,
                    '"' => {
                        end = Some(at);
                        break;
                    }
                    _ => {}
                }
            }
            let end = end.unwrap_or(quoted.len());
            if key_like {
                let value = quoted
                    .get(..end)?
                    .replace("\\n", "\n")
                    .replace("\\t", "\t")
                    .replace("\\\"", "\"");
                pairs.push((key.to_lowercase(), value));
            }
            rest = quoted.get(end + 1..).unwrap_or_default();
        } else {
            let end = after.find([' ', '\t']).unwrap_or(after.len());
            if key_like {
                pairs.push((key.to_lowercase(), after.get(..end)?.to_owned()));
            }
            rest = after.get(end..)?;
        }
        if pairs.len() > MOST_VALUES {
            break;
        }
    }
    let known = |key: &str| MESSAGE.contains(&key) || key == "level" || key == "lvl";
    if pairs.len() < 3 || !pairs.iter().any(|(key, _)| known(key)) {
        return None;
    }
    Some(record_of(&pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loggers_name_their_place_in_many_ways() {
        for (text, file, line, function, module) in [
            (
                r#"{"level":"error","msg":"x failed","caller":"db/pool.go:42"}"#,
                Some("db/pool.go"),
                Some(42),
                None,
                None,
            ),
            (
                r#"{"message":"x failed","module":"auth","funcName":"login","lineno":7}"#,
                None,
                Some(7),
                Some("login"),
                Some("auth"),
            ),
            (
                r#"{"message":"x failed","log":{"origin":{"file":{"name":"A.java","line":9},"function":"run"},"logger":"com.acme.A"}}"#,
                Some("A.java"),
                Some(9),
                Some("run"),
                Some("com.acme.A"),
            ),
            (
                r#"INFO {"msg":"x failed","code.file.path":"/app/src/x.py","code.line.number":3}"#,
                Some("/app/src/x.py"),
                Some(3),
                None,
                None,
            ),
            (
                r#"ts=2026-11-25T02:47:00Z level=error caller=pool.go:42 msg="x failed" err="no route""#,
                Some("pool.go"),
                Some(42),
                None,
                None,
            ),
        ] {
            let record = read(text).unwrap();
            assert_eq!(record.texts[0], "x failed", "{text}");
            let fields = record.fields;
            assert_eq!(fields.file.as_deref(), file, "{text}");
            assert_eq!(fields.line, line, "{text}");
            assert_eq!(fields.function.as_deref(), function, "{text}");
            assert_eq!(fields.module.as_deref(), module, "{text}");
        }
    }

    #[test]
    fn what_is_no_record_stays_text() {
        for text in ["{", "{}", "[1,2]", "a = b", "if x = 1 && y = 2 || z = 3", "{\"a\":true}"] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
