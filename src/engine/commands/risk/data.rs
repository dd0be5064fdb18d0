//! Clients of databases that are told SQL, dumps, and steering a server.

use super::{Arg, Input, Judgement, Line, Walk, sql};

/// What the options of a client mean: an allow-list. One that is not on it may do anything.
struct Client {
    names: &'static [&'static str],
    /// Short options without a value.
    flags: &'static str,
    /// Short options with one.
    values: &'static str,
    long_flags: &'static [&'static str],
    long_values: &'static [&'static str],
    /// Options whose value is SQL.
    sql: &'static [&'static str],
    /// Options whose value is a file of SQL.
    files: &'static [&'static str],
    /// Options that write a file.
    writes: &'static [&'static str],
}

const CLIENTS: &[Client] = &[
    Client {
        names: &["psql"],
        flags: "aAbeEHlnqsStVwWxXz01?",
        values: "cdfFhLopPRTUv",
        long_flags: &[
            "--echo-all",
            "--no-align",
            "--echo-errors",
            "--echo-queries",
            "--echo-hidden",
            "--html",
            "--list",
            "--no-readline",
            "--quiet",
            "--single-step",
            "--single-line",
            "--tuples-only",
            "--version",
            "--no-password",
            "--password",
            "--expanded",
            "--no-psqlrc",
            "--field-separator-zero",
            "--record-separator-zero",
            "--single-transaction",
            "--csv",
            "--help",
        ],
        long_values: &[
            "--command",
            "--dbname",
            "--file",
            "--field-separator",
            "--host",
            "--log-file",
            "--output",
            "--port",
            "--pset",
            "--record-separator",
            "--table-attr",
            "--username",
            "--variable",
            "--set",
        ],
        sql: &["-c", "--command"],
        files: &["-f", "--file"],
        writes: &["-o", "--output", "-L", "--log-file"],
    },
    Client {
        names: &["mysql", "mariadb"],
        flags: "ABCEfGHiNnqrsTtvwVX?IbcUJ",
        values: "DehPSu",
        long_flags: &[
            "--batch",
            "--table",
            "--vertical",
            "--html",
            "--xml",
            "--raw",
            "--silent",
            "--verbose",
            "--quick",
            "--force",
            "--skip-column-names",
            "--column-names",
            "--no-auto-rehash",
            "--compress",
            "--ssl",
            "--skip-ssl",
            "--no-beep",
            "--unbuffered",
            "--wait",
            "--safe-updates",
            "--password",
            "--binary-as-hex",
            "--column-type-info",
            "--show-warnings",
            "--version",
            "--help",
        ],
        long_values: &[
            "--execute",
            "--host",
            "--user",
            "--port",
            "--database",
            "--socket",
            "--protocol",
            "--default-character-set",
            "--connect-timeout",
            "--connect_timeout",
            "--ssl-mode",
            "--ssl-ca",
            "--ssl-cert",
            "--ssl-key",
            "--max-allowed-packet",
        ],
        sql: &["-e", "--execute"],
        files: &[],
        writes: &[],
    },
    Client {
        names: &["clickhouse-client"],
        flags: "mntEV",
        values: "qhud",
        long_flags: &["--multiquery", "--multiline", "--time", "--secure", "--vertical"],
        long_values: &[
            "--query",
            "--host",
            "--port",
            "--user",
            "--password",
            "--database",
            "--format",
        ],
        sql: &["-q", "--query"],
        files: &[],
        writes: &[],
    },
    Client {
        names: &["cqlsh"],
        flags: "C",
        values: "eukp",
        long_flags: &["--ssl", "--no-color", "--color"],
        long_values: &[
            "--execute",
            "--username",
            "--password",
            "--keyspace",
            "--request-timeout",
            "--connect-timeout",
        ],
        sql: &["-e", "--execute"],
        files: &[],
        writes: &[],
    },
    Client {
        names: &["cockroach"],
        flags: "",
        values: "edup",
        long_flags: &["--insecure"],
        long_values: &[
            "--execute",
            "--host",
            "--port",
            "--database",
            "--user",
            "--certs-dir",
            "--url",
            "--format",
        ],
        sql: &["-e", "--execute"],
        files: &[],
        writes: &[],
    },
    Client {
        names: &["sqlcmd"],
        flags: "CNbEIW",
        values: "SUPdQqhsltwyYKHi",
        long_flags: &[],
        long_values: &[],
        sql: &["-Q", "-q"],
        files: &["-i"],
        writes: &["-o"],
    },
];

/// An option with its value, where it has one; an operand has no name.
struct Told<'a> {
    name: String,
    value: Option<(&'a str, &'a Arg)>,
}

impl Client {
    fn of(name: &str) -> Option<&'static Self> {
        CLIENTS.iter().find(|it| it.names.contains(&name))
    }

    /// Takes the arguments apart; `None` where one of the options is not known.
    fn read<'a>(&self, args: &'a [Arg]) -> Option<Vec<Told<'a>>> {
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(arg) = args.get(at) {
            at += 1;
            let text = arg.text.as_str();
            if !arg.is_option() {
                out.push(Told { name: String::new(), value: Some((text, arg)) });
                continue;
            }
            if text.starts_with("--") {
                let (name, glued) = match text.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (text, None),
                };
                let optional = name == "--password" && self.long_flags.contains(&name);
                let value = if self.long_values.contains(&name) {
                    if let Some(value) = glued {
                        Some((value, arg))
                    } else {
                        let next = args.get(at)?;
                        at += 1;
                        Some((next.text.as_str(), next))
                    }
                } else if self.long_flags.contains(&name) && (glued.is_none() || optional) {
                    None
                } else {
                    return None;
                };
                out.push(Told { name: name.to_owned(), value });
                continue;
            }
            // What is not known may hold more options than it shows.
            for (place, letter) in text.char_indices().skip(1) {
                let rest = text.get(place + letter.len_utf8()..).unwrap_or_default();
                let name = format!("-{letter}");
                if letter == 'p' && self.names.contains(&"mysql") {
                    // The password, or the question for it.
                    break;
                }
                if self.values.contains(letter) {
                    let value = if rest.is_empty() {
                        let next = args.get(at)?;
                        at += 1;
                        (next.text.as_str(), next)
                    } else {
                        (rest, arg)
                    };
                    out.push(Told { name, value: Some(value) });
                    break;
                }
                if !self.flags.contains(letter) || !arg.known {
                    return None;
                }
                out.push(Told { name, value: None });
            }
        }
        Some(out)
    }
}

/// psql, mysql and the like: judged by the SQL they are given.
pub(super) fn sql_shell(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    if super::programs::asks_version(line) {
        return Judgement::reads(format!("`{}` tells its version", line.name));
    }
    let unknown =
        || Judgement::changes(format!("what `{}` is told is known only when it runs", line.name));
    // A variable without quotes may turn out as options.
    if line.args.iter().any(|it| it.wide) {
        return unknown();
    }
    if line.name == "sqlite3" {
        return sqlite(line);
    }
    let odd = || Judgement::changes(format!("`{}` with an option that may do more", line.name));
    let Some(client) = Client::of(line.name) else { return odd() };
    let Some(told) = client.read(line.args) else {
        // What can be read of it may still destroy.
        return line
            .args
            .iter()
            .filter(|it| it.known)
            .map(|it| sql::judge(it.text.trim_start_matches(['-', 'e', 'c', 'q', 'Q'])))
            .filter(|it| it.risk == super::Risk::Destroys)
            .fold(odd(), Judgement::or_worse);
    };
    if line.name == "cockroach" {
        let verb = told.iter().find(|it| it.name.is_empty()).and_then(|it| it.value);
        if verb.is_none_or(|it| it.0 != "sql") {
            return super::by_words("`cockroach`", line.args);
        }
    }
    let mut all: Option<Judgement> = None;
    let mut add = |one: Judgement| {
        all = Some(match all.take() {
            Some(it) => it.or_worse(one),
            None => one,
        });
    };
    for Told { name, value } in &told {
        let name = name.as_str();
        let Some((text, arg)) = value else {
            if matches!(name, "-l" | "--list") && line.name == "psql" {
                add(Judgement::reads("`psql -l` only looks"));
            }
            continue;
        };
        if client.sql.contains(&name) {
            // Clients have commands of their own in it.
            let own = line.name == "sqlcmd"
                && (text.contains("$(")
                    || text.lines().any(|it| it.trim_start().starts_with([':', '!'])));
            let judged = sql::judge(text);
            add(if arg.known && !own { judged } else { unknown().or_worse(judged) });
        } else if client.files.contains(&name) {
            let file = Arg { text: (*text).to_owned(), ..(*arg).clone() };
            add(sql_file(walk, &file));
        } else if client.writes.contains(&name) {
            add(Judgement::changes(format!("`{}` writes a file", line.name)));
        }
    }
    match (line.input, all) {
        (_, Some(all)) if all.risk > super::Risk::ReadOnly => all,
        (Input::Text(text), all) => {
            let one = sql::judge(text);
            all.map_or(one.clone(), |it| it.or_worse(one))
        }
        // What is given by option is all that is read then.
        (_, Some(all)) => all,
        (Input::Unknown, None) => unknown(),
        (Input::None, None) => Judgement::changes(format!("`{}` opens a session", line.name)),
    }
}

/// `sqlite3`: a file, then SQL and commands with a dot.
fn sqlite(line: &Line<'_>) -> Judgement {
    const PLAIN: &[&str] = &[
        "-readonly",
        "-header",
        "-noheader",
        "-json",
        "-column",
        "-csv",
        "-line",
        "-list",
        "-box",
        "-table",
        "-markdown",
        "-batch",
        "-safe",
        "-bail",
        "-echo",
    ];
    const LOOKS: &[&str] = &[
        ".tables",
        ".schema",
        ".databases",
        ".indexes",
        ".dbinfo",
        ".indices",
        ".mode",
        ".headers",
        ".stats",
    ];
    let unknown = || Judgement::changes("what `sqlite3` is told is known only when it runs");
    if line.args.iter().any(|it| it.is_option() && !PLAIN.contains(&it.text.as_str())) {
        return Judgement::changes("`sqlite3` with an option that may do more");
    }
    let mut all: Option<Judgement> = None;
    for word in line.operands().skip(1) {
        let first = word.text.split_whitespace().next().unwrap_or_default();
        let one = if !word.known {
            unknown()
        } else if first.starts_with('.') {
            let looks = LOOKS.contains(&first) && word.text.lines().count() == 1;
            if looks { Judgement::reads("`sqlite3` only looks") } else { unknown() }
        } else {
            sql::judge(&word.text)
        };
        all = Some(match all {
            Some(it) => it.or_worse(one),
            None => one,
        });
    }
    match (line.input, all) {
        (_, Some(all)) => all,
        (Input::Text(text), None) => sql::judge(text),
        (Input::Unknown, None) => unknown(),
        (Input::None, None) => Judgement::changes("`sqlite3` opens a session"),
    }
}

/// A file of SQL of the repository.
fn sql_file(walk: &mut Walk<'_>, file: &Arg) -> Judgement {
    match walk.read_file(&file.text).filter(|_| file.known) {
        Some(text) => sql::judge(&text),
        None => Judgement::changes("runs SQL from a file"),
    }
}

/// Dumps read all and print it, unless they write a file.
pub(super) fn dump(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let writes = [
        "-f",
        "--file",
        "-r",
        "--result-file",
        "-o",
        "--out",
        "-D",
        "--pgdata",
        "-T",
        "--tab",
        "--archive",
    ];
    let prints = matches!(line.name, "pg_dump" | "pg_dumpall" | "mysqldump" | "mariadb-dump");
    let bundled = line.args.iter().any(|it| it.text.starts_with("-f") || it.text.starts_with("-r"));
    // Locks, logs that go, replication that stops, libraries that are loaded.
    let more = [
        "--flush-logs",
        "--flush-privileges",
        "--delete-master-logs",
        "--delete-source-logs",
        "--lock-all-tables",
        "--master-data",
        "--source-data",
        "--dump-slave",
        "--dump-replica",
        "--defaults-file",
        "--defaults-extra-file",
        "--plugin-dir",
    ];
    let mysql = line.name != "pg_dump" && line.name != "pg_dumpall";
    if line.may_have(&writes)
        || bundled
        || !prints
        || line.may_have(&more)
        || (mysql && line.may_have(&["-F", "-x"]))
    {
        return Judgement::changes(format!("`{}` writes files", line.name));
    }
    if line.args.iter().any(|it| it.open && it.text.starts_with('…') && it.text.len() <= "…".len())
    {
        return Judgement::changes(format!("what `{}` is asked for is not known", line.name));
    }
    Judgement::reads(format!("`{}` reads all data", line.name))
}

/// Restoring overwrites.
pub(super) fn restore(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let more = ["-d", "--dbname", "-f", "--file", "-L", "--use-list"];
    if line.name == "pg_restore" && line.has(&["-l", "--list"]) && !line.may_have(&more) {
        return Judgement::reads("`pg_restore --list` only looks");
    }
    Judgement::destroys(format!("`{}` overwrites data", line.name))
}

/// Steering a database server.
pub(super) fn server(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let looks = ["status", "ping", "processlist", "extended-status", "variables", "version"];
    let words: Vec<&str> = line.args.iter().map(|it| it.text.as_str()).collect();
    if words.iter().any(|it| matches!(*it, "shutdown" | "drop" | "kill" | "stop" | "promote")) {
        return Judgement::destroys(format!("`{}` stops something", line.name));
    }
    let foreign = ["--defaults-file", "--defaults-extra-file", "--plugin-dir", "--init-command"];
    if line.may_have(&foreign) {
        return Judgement::changes(format!("`{}` with an option that may do more", line.name));
    }
    let verbs = words.iter().filter(|it| looks.contains(it)).count();
    let others = line.operands().filter(|it| !looks.contains(&it.text.as_str())).count();
    let values = line
        .args
        .iter()
        .filter(|it| {
            matches!(it.text.as_str(), "-h" | "-u" | "-P" | "-D" | "-S" | "--host" | "--user")
        })
        .count();
    if verbs > 0 && others <= values && !line.is_open() {
        return Judgement::reads(format!("`{}` only looks", line.name));
    }
    Judgement::changes(format!("`{}` steers a server", line.name))
}
