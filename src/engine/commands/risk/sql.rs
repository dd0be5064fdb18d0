//! What is handed to a database as SQL.
//!
//! Only what asks is read-only, and only with functions that are known to do nothing else: a
//! `SELECT` can end sessions, take locks and write files.

use super::Judgement;

/// Functions that only compute or tell.
const FUNCTIONS: &[&str] = &[
    "abs",
    "age",
    "array_agg",
    "array_length",
    "avg",
    "bool_and",
    "bool_or",
    "cardinality",
    "cast",
    "ceil",
    "char_length",
    "clock_timestamp",
    "coalesce",
    "concat",
    "concat_ws",
    "count",
    "current_database",
    "current_schema",
    "current_setting",
    "date",
    "date_part",
    "date_trunc",
    "datediff",
    "date_sub",
    "date_add",
    "dense_rank",
    "exists",
    "extract",
    "floor",
    "format",
    "format_type",
    "generate_series",
    "greatest",
    "group_concat",
    "has_table_privilege",
    "ifnull",
    "inet_server_addr",
    "interval",
    "isnull",
    "json_agg",
    "json_build_object",
    "jsonb_pretty",
    "lag",
    "lead",
    "least",
    "left",
    "length",
    "lower",
    "ltrim",
    "max",
    "md5",
    "min",
    "now",
    "nullif",
    "obj_description",
    "octet_length",
    "pg_backend_pid",
    "pg_blocking_pids",
    "pg_column_size",
    "pg_conf_load_time",
    "pg_current_wal_lsn",
    "pg_database_size",
    "pg_get_constraintdef",
    "pg_get_indexdef",
    "pg_get_viewdef",
    "pg_indexes_size",
    "pg_is_in_recovery",
    "pg_last_wal_receive_lsn",
    "pg_last_wal_replay_lsn",
    "pg_last_xact_replay_timestamp",
    "pg_postmaster_start_time",
    "pg_relation_size",
    "pg_size_pretty",
    "pg_stat_file",
    "pg_stat_get_activity",
    "pg_table_size",
    "pg_tablespace_size",
    "pg_total_relation_size",
    "pg_wal_lsn_diff",
    "power",
    "quote_ident",
    "rank",
    "regexp_replace",
    "repeat",
    "replace",
    "right",
    "round",
    "row_number",
    "row_to_json",
    "rtrim",
    "sqrt",
    "strftime",
    "string_agg",
    "substr",
    "substring",
    "sum",
    "to_char",
    "to_timestamp",
    "total",
    "trim",
    "txid_current_snapshot",
    "unnest",
    "upper",
    "uptime",
    "version",
    "toInt64",
    "tostring",
    "formatreadablesize",
    "if",
    "timediff",
    "timestampdiff",
    "database",
    "unix_timestamp",
    "from_unixtime",
    "hex",
    "json_extract",
    "typeof",
    "inet_client_addr",
];

/// Words of the language that may stand before a bracket.
const KEYWORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "in",
    "any",
    "all",
    "some",
    "as",
    "on",
    "using",
    "over",
    "from",
    "where",
    "select",
    "values",
    "filter",
    "by",
    "exists",
    "when",
    "then",
    "else",
    "union",
    "except",
    "intersect",
    "join",
    "between",
    "is",
    "like",
    "limit",
    "distinct",
    "having",
    "within",
    "group",
    "partition",
    "interval",
    "case",
    "end",
    "lateral",
    "explain",
    "with",
    "materialized",
    "row",
    "array",
    "varchar",
    "char",
    "numeric",
    "decimal",
    "timestamp",
    "time",
    "set",
    "show",
    "order",
];

/// Words with which something is lost.
const DESTROYING: &[&str] = &[
    "drop",
    "truncate",
    "delete",
    "update",
    "replace",
    "pg_terminate_backend",
    "shutdown",
    "kill",
    "purge",
    "reset",
    "detach",
    "pg_promote",
    "lo_unlink",
    "pg_drop_replication_slot",
];

/// Words with which something changes.
const CHANGING: &[&str] = &[
    "insert",
    "create",
    "alter",
    "grant",
    "revoke",
    "copy",
    "into",
    "vacuum",
    "analyze",
    "analyse",
    "reindex",
    "cluster",
    "refresh",
    "call",
    "do",
    "execute",
    "prepare",
    "load",
    "merge",
    "lock",
    "unlock",
    "notify",
    "listen",
    "comment",
    "security",
    "import",
    "optimize",
    "repair",
    "flush",
    "rename",
    "attach",
    "pragma",
    "handler",
    "install",
    "upsert",
    "nextval",
    "setval",
    "outfile",
    "dumpfile",
    "checkpoint",
    "discard",
    "reassign",
    "share",
    "pg_cancel_backend",
    "system",
];

/// Commands of psql that only look.
const META: &[&str] = &[
    "l",
    "list",
    "conninfo",
    "x",
    "timing",
    "q",
    "?",
    "h",
    "echo",
    "pset",
    "a",
    "t",
    "encoding",
    "z",
    "sf",
    "sv",
    "copyright",
    "errverbose",
    "warn",
    "qecho",
    "c",
    "connect",
    "watch",
];

/// Judges a text of SQL statements and, of psql, commands with a backslash.
pub(super) fn judge(text: &str) -> Judgement {
    let Some(words) = words(text) else {
        return Judgement::changes("the SQL is not understood");
    };
    let mut all = Judgement::nothing();
    let mut start = 0;
    for end in words.iter().enumerate().filter(|it| it.1 == ";").map(|it| it.0).chain([words.len()])
    {
        all = all.or_worse(statement(words.get(start..end).unwrap_or_default()));
        start = end + 1;
    }
    all
}

fn statement(words: &[String]) -> Judgement {
    let Some(first) = words.first() else { return Judgement::nothing() };
    if let Some(meta) = first.strip_prefix('\\') {
        let name = meta.trim_end_matches('+');
        let looks =
            META.contains(&name) || (name.starts_with('d') && name.len() <= 4 && name != "do");
        return if looks && !words.iter().any(|it| it == "|") {
            Judgement::reads(format!("`\\{name}` only looks"))
        } else {
            Judgement::changes("a command of psql that may write or run programs")
        };
    }
    let at = |at: usize| words.get(at).map_or("", String::as_str);
    let calls = words.iter().any(|it| it == "(");
    let prepared = words.iter().any(|it| it == "prepared" || it == "release");
    let shows = match first.as_str() {
        "show" | "use" | "begin" | "help" | "status" => true,
        "commit" | "rollback" => !prepared,
        "start" => at(1) == "transaction",
        "describe" | "desc" => words.len() <= 3 && at(1) != "analyze",
        _ => false,
    };
    let reaches = |it: &String| {
        matches!(it.as_str(), "global" | "password" | "role" | "authorization" | "resource")
            || it.starts_with("persist")
            || it.starts_with('@')
    };
    let sets = first == "set" && !calls && !words.iter().any(reaches);
    if shows || sets {
        return Judgement::reads(format!("SQL: `{first}` only looks"));
    }
    if first == "kill" && at(1) == "query" {
        return Judgement::changes("SQL: ends a query");
    }
    for (at, word) in words.iter().enumerate() {
        // `FOR UPDATE`, `FOR NO KEY UPDATE` take locks.
        let before = at.checked_sub(1).and_then(|at| words.get(at)).map_or("", String::as_str);
        if word == "update" && matches!(before, "for" | "key") {
            continue;
        }
        if DESTROYING.contains(&word.as_str()) {
            // `replace(…)` computes.
            let call = word == "replace"
                && words.windows(2).any(|it| matches!(it, [a, b] if a == "replace" && b == "("));
            if !call {
                return Judgement::destroys(format!("SQL: `{}`", word.to_uppercase()));
            }
        }
    }
    if let Some(word) = words.iter().find(|it| CHANGING.contains(&it.as_str())) {
        return Judgement::changes(format!("SQL: `{}`", word.to_uppercase()));
    }
    if !matches!(first.as_str(), "select" | "explain" | "with" | "table" | "values" | "(") {
        return Judgement::changes("SQL: a statement that is not known");
    }
    if words
        .windows(2)
        .any(|it| matches!(it, [a, b] if a == "for" && (b == "update" || b == "no" || b == "key")))
    {
        return Judgement::changes("SQL: takes locks");
    }
    for pair in words.windows(2) {
        let [name, bracket] = pair else { continue };
        let word = name.starts_with(|it: char| it.is_alphabetic() || it == '_');
        if bracket == "(" && word {
            // Of a schema of their own there may be functions with these names as well.
            let (schema, bare) = name.rsplit_once('.').unwrap_or(("", name));
            let own = matches!(schema, "" | "pg_catalog" | "information_schema" | "sys");
            if !own || !FUNCTIONS.contains(&bare) && !KEYWORDS.contains(&bare) {
                let shown = crate::base::diag::quote(name);
                return Judgement::changes(format!("SQL: what {shown} does is not known"));
            }
        }
    }
    Judgement::reads("SQL: only asks")
}

/// The words of the text in lower case, brackets and semicolons among them, without texts in
/// quotes and comments. `None` where a quote is not closed.
fn words(text: &str) -> Option<Vec<String>> {
    let chars: Vec<char> = text.chars().take(64 * 1024).collect();
    let mut out = Vec::new();
    let mut at = 0;
    let find = |from: usize, what: &[char]| {
        (from..chars.len()).find(|&it| chars.get(it..it + what.len()) == Some(what))
    };
    while let Some(&next) = chars.get(at) {
        match next {
            // `U&"\0070g…"` spells names and texts in another way, `:name` is what psql was told.
            '&' if matches!(chars.get(at + 1), Some('\'' | '"')) => return None,
            ':' if chars
                .get(at + 1)
                .is_some_and(|it| it.is_alphabetic() || matches!(it, '_' | '\'' | '"' | '{'))
                && !matches!(at.checked_sub(1).and_then(|it| chars.get(it)), Some(':')) =>
            {
                return None;
            }
            '\'' => {
                let end = find(at + 1, &['\''])?;
                // Whether this escapes the quote, databases disagree about.
                if chars.get(at..end)?.contains(&'\\') && chars.get(end - 1) == Some(&'\\') {
                    return None;
                }
                at = end + 1;
                out.push("''".to_owned());
            }
            '"' | '`' => {
                let end = find(at + 1, &[next])?;
                if chars.get(end - 1) == Some(&'\\') {
                    return None;
                }
                // A name in quotes may be that of a function.
                out.push(chars.get(at + 1..end)?.iter().collect::<String>().to_lowercase());
                at = end + 1;
            }
            // A comment to some.
            '#' => return None,
            '-' if chars.get(at + 1) == Some(&'-')
                && chars.get(at + 2).is_some_and(|it| !it.is_whitespace() && *it != '-') =>
            {
                return None;
            }
            '-' if chars.get(at + 1) == Some(&'-') => {
                at = find(at, &['\n']).unwrap_or(chars.len());
            }
            '/' if chars.get(at + 1) == Some(&'*') => {
                // MySQL runs what is in `/*! … */`.
                if matches!(chars.get(at + 2), Some('!' | '+' | 'M')) {
                    return None;
                }
                at = find(at + 2, &['*', '/'])? + 2;
            }
            '$' if chars.get(at + 1).is_some_and(|it| *it == '$' || it.is_alphabetic()) => {
                return None;
            }
            '\\' => {
                let start = at;
                at += 1;
                while chars.get(at).is_some_and(|it| !it.is_whitespace() && *it != ';') {
                    at += 1;
                }
                let word: String = chars.get(start..at)?.iter().collect();
                // `\g`, `\G`, `\x` may end a statement.
                if !out.is_empty() && out.last().is_none_or(|it| it != ";") {
                    if matches!(word.as_str(), "\\G" | "\\x") {
                        out.push(";".to_owned());
                        continue;
                    }
                    out.push(";".to_owned());
                }
                out.push(word);
                let line = (at..chars.len())
                    .find(|&it| chars.get(it) == Some(&'\n'))
                    .unwrap_or(chars.len());
                let rest: String = chars.get(at..line)?.iter().collect();
                // A pipe, a program, and after another backslash one more command or SQL.
                if rest.contains(['|', '`', '\\']) {
                    out.push("|".to_owned());
                }
                at = line;
                out.push(";".to_owned());
            }
            it if it.is_alphanumeric() || it == '_' || it == '@' => {
                let start = at;
                while chars.get(at).is_some_and(|it| it.is_alphanumeric() || "_.@".contains(*it)) {
                    at += 1;
                }
                out.push(chars.get(start..at)?.iter().collect::<String>().to_lowercase());
            }
            '(' | ')' | ';' => {
                out.push(next.to_string());
                at += 1;
            }
            _ => at += 1,
        }
    }
    Some(out)
}
