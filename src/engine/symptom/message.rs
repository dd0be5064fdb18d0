//! A message that a program logged or an exception said: without the time, the level, the thread and
//! the logger before it, and with the names of code in it.

use std::sync::LazyLock;

use regex::Regex;

use super::line::Line;

/// See the module.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Message {
    /// What was said.
    pub text: String,
    /// Whether it has the form of a log.
    pub logged: bool,
    /// Whether a time, a level or a record of fields says so, and not only a name before it.
    pub framed: bool,
    /// Classes and methods that it names, each with what holds it: `Plugin.update`.
    pub names: Vec<(Vec<String>, String)>,
    /// The logger: a class, a module, or a name of neither.
    pub logger: Option<String>,
}

/// What stands before a message; matched again and again.
static LEADS: LazyLock<Vec<(Lead, Regex)>> = LazyLock::new(|| {
    [
        (Lead::Frame, r"^[\[(]?\d{4}[-/.]\d\d[-/.]\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?: ?Z| ?[+-]\d\d:?\d\d)?[\])]?[\s,|:-]*"),
        (Lead::Frame, r"^[\[(]?\d\d?[/-][A-Z][a-z]{2}[/-]\d{4}[ :]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: [+-]\d{4})?[\])]?[\s,|-]*"),
        (Lead::Frame, r"^[\[(]?(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d(?:\.\d+)?(?: \d{4})?[\])]?[\s,|-]*"),
        (Lead::Frame, r"^[\[(]?\d\d:\d\d:\d\d(?:[.,]\d+)?[\])]?[\s,|-]*"),
        (Lead::Frame, r"^\d{10}(?:\d{3})?(?:\.\d+)? "),
        (Lead::Level, r"^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL):(?P<logger>[A-Za-z_][\w.]*):"),
        (Lead::Level, r"^(?i:[\[(<]?(?:trace|debug|info|notice|warn|warning|error|err|fatal|crit|critical|severe|alert|emerg)[\])>]?)(?:\d*)(?:[\s:|-]+|$)"),
        (Lead::Frame, r"^[EWIFD]\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+\s+"),
        (Lead::Noise, r"^(?:---\s+)?\[(?:\s*[\w-]*(?:exec|thread|Thread|pool|worker|main|scheduling)[\w .:#/-]*|\d+|[0-9a-f-]{8,})\]\s*(?:-\s*)?"),
        (Lead::Noise, r"^\(?(?:MainThread|Thread-\d+(?: \(\w+\))?)\)?\s*"),
        (Lead::Noise, r"^(?:pid[=:])?\d{1,7}\s+(?:---\s+|-\s+)?"),
        (Lead::Noise, r"^[-|:]+\s+"),
        (Lead::Logger, r"^\[(?P<logger>[A-Za-z_][\w.$:/-]*)\]:?\s*(?:-\s*)?"),
        (Lead::Logger, r"^(?P<logger>(?:[a-z_][\w$]*\.)+[A-Za-z_]\w*)(?:\[\d+\])?\s*(?: - |: | : |\] )"),
        (Lead::Logger, r"^(?P<logger>[A-Z]\w+(?:Service|Controller|Handler|Module|Job|Worker|Client|Manager|Repository|Provider|Processor|Consumer|Gateway|Guard|Listener))(?: - |: | : )"),
    ]
    .into_iter()
    .filter_map(|(lead, it)| Some((lead, Regex::new(it).ok()?)))
    .collect()
});

#[derive(Clone, Copy, PartialEq)]
enum Lead {
    Frame,
    Level,
    Noise,
    Logger,
}

static NAMES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?P<scope>\b[A-Z]\w*(?:(?:::|\.|\\)[A-Z]\w*)*)(?:\.|#|::|->)(?P<name>[a-z_]\w*[?!]?)(?P<call>\()?").ok()
});

/// Longest message, in bytes.
const LONGEST: usize = 4096;

/// The message of a line.
pub fn read(line: &Line) -> Message {
    let mut message = of_text(&line.text);
    message.framed |= line.fields.is_some();
    message.logged |= line.logged;
    if let Some(fields) = &line.fields {
        message.logger = fields.module.clone().or(message.logger);
    }
    message
}

/// The same of a text alone.
pub fn of_text(text: &str) -> Message {
    let text = text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default();
    let mut message = Message::default();
    let mut rest = text.trim();
    let mut levelled = false;
    for _ in 0..12 {
        let found = LEADS.iter().find_map(|(lead, it)| Some((*lead, it.captures(rest)?)));
        let Some((lead, found)) = found else { break };
        // A number or a dash says nothing at the beginning of a sentence.
        if lead == Lead::Noise && !message.logged {
            break;
        }
        // "Error while reading" is said, "ERROR while reading" is logged.
        if lead == Lead::Level {
            let word = found[0].trim_end();
            let plain = word.bytes().all(|it| it.is_ascii_alphabetic())
                && word.bytes().any(|it| it.is_ascii_lowercase());
            if levelled || (plain && !message.framed) {
                break;
            }
            levelled = true;
        }
        let logger = found.name("logger").map(|it| it.as_str());
        if logger.is_some_and(|it| it.ends_with("Error") || it.ends_with("Exception")) {
            break;
        }
        if let Some(logger) = logger
            && logger != "Nest"
        {
            message.logger = Some(logger.to_owned());
        }
        message.framed |= matches!(lead, Lead::Frame | Lead::Level);
        message.logged = true;
        rest = rest.get(found[0].len()..).unwrap_or_default().trim_start();
        if rest.is_empty() {
            break;
        }
    }
    rest.clone_into(&mut message.text);
    if let Some(names) = &*NAMES {
        for it in names.captures_iter(rest).take(8) {
            let scope = it["scope"].split(['.', ':', '\\']).filter(|it| !it.is_empty());
            message.names.push((scope.map(str::to_owned).collect(), it["name"].to_owned()));
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_message_is_taken_off() {
        for (text, said, logger) in [
            (
                "[Nest] 845    WARN [PortfolioCalculator] Missing initial value for symbol AC.TO",
                "Missing initial value for symbol AC.TO",
                Some("PortfolioCalculator"),
            ),
            (
                "2026-11-25 02:47:00.123 ERROR 7 --- [nio-8080-exec-1] c.a.shop.OrderService : order 17 is gone",
                "order 17 is gone",
                Some("c.a.shop.OrderService"),
            ),
            (
                "2026-11-25 02:47:00,123 - shop.orders - ERROR - order 17 is gone",
                "order 17 is gone",
                Some("shop.orders"),
            ),
            ("ERROR:shop.orders:order 17 is gone", "order 17 is gone", Some("shop.orders")),
            (
                "[ERROR] [shop.orders] Error while closing order 17",
                "Error while closing order 17",
                Some("shop.orders"),
            ),
            ("error reading order 17: not found", "error reading order 17: not found", None),
            ("2026-11-25T02:47:00Z error order 17 is gone", "order 17 is gone", None),
            ("2009/11/10 23:00:00 order 17 is gone", "order 17 is gone", None),
            (
                "TypeError: Plugin.update() got an argument",
                "TypeError: Plugin.update() got an argument",
                None,
            ),
            ("3 of 5 tries failed", "3 of 5 tries failed", None),
        ] {
            let message = of_text(text);
            assert_eq!(message.text, said, "{text}");
            assert_eq!(message.logger.as_deref(), logger, "{text}");
        }
        let names = of_text("TypeError: Plugin.update() got an argument").names;
        assert_eq!(names, [(vec!["Plugin".to_owned()], "update".to_owned())]);
    }
}
