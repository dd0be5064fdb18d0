//! Clients of databases that are told SQL, dumps, and steering a server.

use super::{Arg, Input, Judgement, Line, Walk, sql};

/// psql, mysql and the like: judged by the SQL they are given.
pub(super) fn sql_shell(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    if super::programs::asks_version(line) {
        return Judgement::reads(format!("`{}` tells its version", line.name));
    }
    let flags: &[&str] = match line.name {
        "psql" => &["-c", "--command"],
        "mysql" | "mariadb" | "cqlsh" | "cockroach" => &["-e", "--execute"],
        "clickhouse-client" => &["-q", "--query"],
        "sqlcmd" => &["-Q", "-q"],
        _ => &[],
    };
    let unknown =
        || Judgement::changes(format!("what `{}` is told is known only when it runs", line.name));
    if line.args.iter().any(|it| it.open && it.text.starts_with('…') && it.text.len() <= "…".len())
    {
        return unknown();
    }
    let foreign = ["--defaults", "--init", "--tee", "--pager", "--plugin", "--log", "--load", "-L"];
    if line.name != "psql"
        && line.args.iter().any(|it| foreign.iter().any(|word| it.text.starts_with(word)))
    {
        return Judgement::changes(format!("`{}` with an option that may do more", line.name));
    }
    let plain = [
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
    if line.name == "sqlite3"
        && line.args.iter().any(|it| it.is_option() && !plain.contains(&it.text.as_str()))
    {
        return Judgement::changes("`sqlite3` with an option that may do more");
    }
    let mut all: Option<Judgement> = None;
    let mut add = |one: Judgement| {
        all = Some(match all.take() {
            Some(it) => it.or_worse(one),
            None => one,
        });
    };
    let mut at = 0;
    while let Some(arg) = line.args.get(at) {
        at += 1;
        let text = arg.text.as_str();
        let glued = flags.iter().find_map(|it| {
            if it.starts_with("--") {
                text.strip_prefix(it)?.strip_prefix('=')
            } else if !text.starts_with("--") && text.starts_with('-') {
                // `-Atc`, `-Ne`, `-e'SELECT 1'`
                let letter = it.chars().nth(1)?;
                let place = text.find(letter)?;
                Some(text.get(place + 1..).unwrap_or_default())
            } else {
                None
            }
        });
        let glued_to = |short: &str, long: &str| {
            let rest = text.strip_prefix(long).and_then(|it| it.strip_prefix('='));
            rest.or_else(|| {
                text.strip_prefix(short).filter(|it| !text.starts_with("--") && !it.is_empty())
            })
        };
        if line.name == "psql" {
            if let Some(file) = glued_to("-f", "--file") {
                let file = Arg { text: file.to_owned(), ..arg.clone() };
                add(sql_file(walk, &file));
                continue;
            }
            if glued_to("-o", "--output").or(glued_to("-L", "--log-file")).is_some() {
                add(Judgement::changes("`psql` writes a file"));
                continue;
            }
        }
        let Some(glued) = glued else {
            let file = match text {
                "-f" | "--file" | "-i" if line.name == "psql" || line.name == "sqlcmd" => {
                    line.args.get(at)
                }
                _ => None,
            };
            if let Some(file) = file {
                at += 1;
                add(sql_file(walk, file));
            } else if matches!(
                text,
                "-o" | "-L" | "--output" | "--log-file" | "-init" | "--init-command"
            ) || text.starts_with("--tee")
                || text.starts_with("--init-command=")
            {
                add(Judgement::changes(format!("`{}` writes a file", line.name)));
                at += 1;
            } else if matches!(
                text,
                "-U" | "-d"
                    | "-h"
                    | "-p"
                    | "-P"
                    | "-v"
                    | "-u"
                    | "-S"
                    | "-D"
                    | "-F"
                    | "--username"
                    | "--dbname"
                    | "--host"
                    | "--port"
                    | "--set"
                    | "--user"
                    | "--password"
            ) && (line.name != "mysql" && line.name != "mariadb" || text != "-p")
            {
                at += 1;
            }
            continue;
        };
        // `-c` in a word such as `--pset=pager=off` was not meant; that begins with two dashes.
        let (sql, known) = if glued.is_empty() {
            let next = line.args.get(at);
            at += 1;
            next.map_or(("", false), |it| (it.text.as_str(), it.known))
        } else {
            (glued, arg.known)
        };
        add(if known { sql::judge(sql) } else { unknown().or_worse(sql::judge(sql)) });
    }
    if line.name == "sqlite3" {
        let words: Vec<&Arg> = line.operands().skip(1).collect();
        for word in words {
            let looks = [
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
            let first = word.text.split_whitespace().next().unwrap_or_default();
            add(if !word.known {
                unknown()
            } else if first.starts_with('.') {
                if looks.contains(&first) {
                    Judgement::reads("`sqlite3` only looks")
                } else {
                    unknown()
                }
            } else {
                sql::judge(&word.text)
            });
        }
    }
    if line.name == "psql" && line.has(&["-l", "--list"]) {
        add(Judgement::reads("`psql -l` only looks"));
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
    if line.may_have(&writes)
        || bundled
        || !prints
        || line.has(&["--flush-logs", "--delete-master-logs", "--lock-all-tables"])
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
    if line.name == "pg_restore" && line.has(&["-l", "--list"]) && !line.has(&["-d", "--dbname"]) {
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
