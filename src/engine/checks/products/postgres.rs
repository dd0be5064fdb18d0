//! PostgreSQL and what is built on it.

use super::super::{Answer, Finding, Way, telling};
use super::{Product, Question, Service, ask, interactive, script};
use crate::engine::commands::{Kind, Status};

/// See the module.
pub(super) const PRODUCT: Product = Product {
    name: "postgres",
    words: &["postgres", "postgresql", "postgis", "timescaledb", "pgvector", "pg", "spilo"],
    ports: &[5432],
    ask: questions,
    judge,
    details: &[("status", "activity"), ("ready", "status")],
};

/// Somebody who waits for a lock this long waits visibly; shorter waits are everyday.
const BLOCKED_LONG_S: u64 = 5;
/// Above this share of the connections the next burst is refused.
const CONNECTIONS_MANY: u64 = 80;
/// The rest is reserved for the superuser: applications are refused already.
const CONNECTIONS_FULL: u64 = 97;
/// A transaction that is open and idle holds its locks and holds back vacuum.
const IDLE_LONG_S: u64 = 60;
/// A statement that runs this long is a report, a migration, or lost.
const QUERY_LONG_S: u64 = 300;
/// A replica this far behind shows old data to people.
const LAG_ODD_S: u64 = 30;
/// A replica this far behind does not catch up by itself.
const LAG_BROKEN_S: u64 = 300;

/// Connects by the socket as the image's user, in sessions that refuse to write and give up soon.
/// Bitnami's image has names of its own.
const PSQL: &str = r#"export PGOPTIONS='-c default_transaction_read_only=on -c statement_timeout=5000 -c lock_timeout=1000' PGCONNECT_TIMEOUT=3 PGPASSWORD="${POSTGRES_PASSWORD:-${POSTGRESQL_PASSWORD:-$(cat "${POSTGRES_PASSWORD_FILE:-/dev/null}")}}"; u="${POSTGRES_USER:-${POSTGRESQL_USERNAME:-postgres}}"; exec psql -X -U "$u" -d "${POSTGRES_DB:-${POSTGRESQL_DATABASE:-$u}}" -P pager=off "$@""#;

const SHELL: &str = r#"export PGPASSWORD="${POSTGRES_PASSWORD:-${POSTGRESQL_PASSWORD:-}}"; u="${POSTGRES_USER:-${POSTGRESQL_USERNAME:-postgres}}"; exec psql -U "$u" -d "${POSTGRES_DB:-${POSTGRESQL_DATABASE:-$u}}""#;

const READY: &str =
    r#"exec pg_isready -t 3 -U "${POSTGRES_USER:-${POSTGRESQL_USERNAME:-postgres}}""#;

/// One row: clients, most clients, blocked, the longest block, the longest idle transaction, the
/// longest statement, the lag of replicas, the lag of this one.
const STATUS: &str = "SELECT count(*) FILTER (WHERE backend_type = 'client backend'), \
current_setting('max_connections'), \
count(*) FILTER (WHERE cardinality(pg_blocking_pids(pid)) > 0), \
coalesce(extract(epoch FROM max(now() - query_start) FILTER (WHERE cardinality(pg_blocking_pids(pid)) > 0)), 0)::bigint, \
coalesce(extract(epoch FROM max(now() - state_change) FILTER (WHERE state LIKE 'idle in transaction%')), 0)::bigint, \
coalesce(extract(epoch FROM max(now() - query_start) FILTER (WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_backend_pid())), 0)::bigint, \
(SELECT coalesce(extract(epoch FROM max(replay_lag)), 0)::bigint FROM pg_stat_replication), \
CASE WHEN pg_is_in_recovery() AND pg_last_wal_receive_lsn() <> pg_last_wal_replay_lsn() \
THEN coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0)::bigint ELSE 0 END \
FROM pg_stat_activity";

const ACTIVITY: &str = "SELECT pid, date_trunc('second', now() - query_start) AS age, state, \
wait_event_type AS waits, pg_blocking_pids(pid) AS blocked_by, usename AS who, left(query, 80) AS query \
FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid() ORDER BY query_start LIMIT 20";

const BLOCKED: &str = "SELECT a.pid, date_trunc('second', now() - a.query_start) AS waits_for, \
left(a.query, 60) AS query, b.pid AS by, b.state, date_trunc('second', now() - b.xact_start) AS open_for, \
left(b.query, 60) AS its_last FROM pg_stat_activity a \
JOIN pg_stat_activity b ON b.pid = ANY (pg_blocking_pids(a.pid)) ORDER BY a.query_start LIMIT 20";

const CONNECTIONS: &str = "SELECT coalesce(usename, '-') AS who, coalesce(application_name, '') AS application, \
coalesce(client_addr::text, 'local') AS address, state, count(*) FROM pg_stat_activity \
WHERE backend_type = 'client backend' GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC LIMIT 20";

const SIZES: &str = "SELECT relname AS table, pg_size_pretty(pg_total_relation_size(relid)) AS size, \
n_live_tup AS rows, n_dead_tup AS dead, last_autovacuum::timestamp(0) AS vacuumed \
FROM pg_stat_user_tables ORDER BY pg_total_relation_size(relid) DESC LIMIT 20";

const REPLICATION: &str = "SELECT application_name, client_addr, state, sync_state, replay_lag \
FROM pg_stat_replication";

fn questions(_: &Service) -> Vec<Question> {
    let psql = |sql: &str| script(PSQL, &["-c", sql]);
    let status = script(PSQL, &["-At", "-c", STATUS]);
    let database = |id, title, way: Way| ask(id, title, Kind::Database, way);
    vec![
        ask("ready", "Does it take connections?", Kind::Health, script(READY, &[]))
            .judged(PRODUCT.name, "ready"),
        database("status", "Blocked work, connections, long transactions, lag", status)
            .judged(PRODUCT.name, "status"),
        database("activity", "What it works on", psql(ACTIVITY)),
        database("blocked", "Who waits for whom", psql(BLOCKED)),
        database("tables", "List the tables", psql("\\dt")),
        database("connections", "Who is connected", psql(CONNECTIONS)),
        database("sizes", "The largest tables", psql(SIZES)),
        database("replication", "Its replicas", psql(REPLICATION)),
        interactive("psql", "Open psql", Kind::Database, script(SHELL, &[])),
    ]
}

fn judge(question: &'static str, answer: &Answer<'_>) -> Finding {
    if answer.outcome.status != Status::Ok {
        let line = telling::line(answer);
        // psql and pg_isready say where they asked before they say what came back.
        return Finding::fail(line.split_once("failed: ").map_or(line.as_str(), |it| it.1));
    }
    match question {
        "ready" => {
            let line = answer.out.trim();
            Finding::ok(line.split_once(" - ").map_or("accepting connections", |it| it.1))
        }
        _ => status(answer),
    }
}

fn status(answer: &Answer<'_>) -> Finding {
    let row = answer.out.lines().map(|it| it.trim().split('|')).find_map(|it| {
        let numbers: Option<Vec<u64>> =
            it.map(|it| it.trim().parse::<i64>().ok().map(|it| it.max(0) as u64)).collect();
        numbers.filter(|it| it.len() == 8)
    });
    let Some(&[clients, most, blocked, oldest, idle, query, lag, behind]) = row.as_deref() else {
        return Finding::warn(format!(
            "an answer that navi cannot read: {}",
            telling::line(answer)
        ));
    };
    let full = telling::percent(clients, most);
    let mut finding = Finding::ok(format!("{clients} of {most} connections, nothing blocked"));
    let mut found = |bad: bool, odd: bool, text: String| {
        if bad || odd {
            let next = if bad { Finding::fail(text) } else { Finding::warn(text) };
            finding = std::mem::replace(&mut finding, Finding::ok("")).or_worse(next);
        }
    };
    found(
        oldest >= BLOCKED_LONG_S,
        blocked > 0,
        format!("{blocked} blocked, oldest {}", telling::span(oldest)),
    );
    found(
        full >= CONNECTIONS_FULL,
        full >= CONNECTIONS_MANY,
        format!("{clients} of {most} connections"),
    );
    let lag = lag.max(behind);
    found(
        lag >= LAG_BROKEN_S,
        lag >= LAG_ODD_S,
        format!("replication {} behind", telling::span(lag)),
    );
    found(
        false,
        idle >= IDLE_LONG_S,
        format!("a transaction is open and idle for {}", telling::span(idle)),
    );
    found(false, query >= QUERY_LONG_S, format!("a statement runs for {}", telling::span(query)));
    finding
}

#[cfg(test)]
mod tests {
    use super::super::super::{Rung, Verdict};
    use super::super::tests::{end, read};

    #[test]
    fn the_telling_line_is_the_worst_of_the_row() {
        for (row, verdict, said) in [
            ("4|100|0|0|0|0|0|0", Verdict::Ok, "4 of 100 connections, nothing blocked"),
            ("9|100|3|252|0|252|0|0", Verdict::Fail, "3 blocked, oldest 4 m 12 s"),
            ("9|100|1|1|0|1|0|0", Verdict::Warn, "1 blocked, oldest 1 s"),
            ("412|500|0|0|0|0|0|0", Verdict::Warn, "412 of 500 connections"),
            ("98|100|1|1|0|1|0|0", Verdict::Fail, "98 of 100 connections"),
            ("4|100|0|0|3600|0|0|0", Verdict::Warn, "a transaction is open and idle for 1 h 0 m"),
            ("4|100|0|0|0|301|0|0", Verdict::Warn, "a statement runs for 5 m 1 s"),
            ("4|100|0|0|0|0|0|900", Verdict::Fail, "replication 15 m 0 s behind"),
            ("4|100|0|0|0|0|31|0", Verdict::Warn, "replication 31 s behind"),
        ] {
            let finding = read("postgres", "status", &format!("{row}\n"));
            assert_eq!((finding.verdict, finding.summary.as_str()), (verdict, said), "{row}");
        }
        assert_eq!(read("postgres", "status", "SET\n").verdict, Verdict::Warn);
    }

    #[test]
    fn refusals_are_told_without_where_it_was_asked() {
        let err = "psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" \
                   failed: FATAL:  sorry, too many clients already\n";
        let finding = end("postgres", "status", 2, "", err);
        assert_eq!(finding.summary, "FATAL:  sorry, too many clients already");
        assert_eq!((finding.verdict, finding.rung), (Verdict::Fail, Some(Rung::App)));
        let out = "/var/run/postgresql:5432 - accepting connections\n";
        assert_eq!(read("postgres", "ready", out).summary, "accepting connections");
        let out = "/var/run/postgresql:5432 - rejecting connections\n";
        assert_eq!(
            end("postgres", "ready", 1, out, "").summary,
            "/var/run/postgresql:5432 - rejecting connections"
        );
    }
}
