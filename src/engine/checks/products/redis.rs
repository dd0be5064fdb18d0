//! Redis and its likes: Valkey, KeyDB, Dragonfly.

use super::super::{Answer, Finding, Way, telling};
use super::{Product, Question, Service, ask, interactive, number, script, value};
use crate::engine::commands::{Kind, Status};

/// See the module.
pub(super) const PRODUCT: Product = Product {
    name: "redis",
    words: &["redis", "valkey", "keydb", "dragonfly", "redict", "garnet"],
    ports: &[6379],
    ask: questions,
    judge,
    details: &[("info", "memory"), ("ping", "info")],
};

/// At this share of its memory a server that may not evict refuses writes any moment.
const MEMORY_FULL: u64 = 95;
/// At this share it is time to look.
const MEMORY_MUCH: u64 = 90;
/// Above this share of its clients new ones are refused in the next burst.
const CLIENTS_MANY: u64 = 90;

/// The password is that of the container's environment, passed on in the environment; the clients of
/// all of them read it there.
const AUTH: &str = r#"a="${REDISCLI_AUTH:-${REDIS_PASSWORD:-$(cat "${REDIS_PASSWORD_FILE:-/dev/null}")}}"; REDISCLI_AUTH="$a" exec "#;

/// A call of the product's own client.
fn client(service: &Service, arguments: &[&str]) -> Way {
    let image = service.image.as_deref().unwrap_or(&service.name).to_lowercase();
    let own = ["valkey", "keydb"].into_iter().find(|it| image.contains(it)).unwrap_or("redis");
    script(&format!("{AUTH}{own}-cli \"$@\""), arguments)
}

fn questions(service: &Service) -> Vec<Question> {
    let call = |arguments: &[&str]| client(service, arguments);
    let cache = |id, title, arguments: &[&str]| ask(id, title, Kind::Cache, call(arguments));
    vec![
        ask("ping", "Does it answer?", Kind::Health, call(&["ping"])).judged(PRODUCT.name, "ping"),
        cache("info", "Memory, clients, persistence, replication", &["info"])
            .judged(PRODUCT.name, "info"),
        cache("memory", "Its memory", &["info", "memory"]),
        cache("slowlog", "The last slow commands", &["slowlog", "get", "10"]),
        cache("latency", "What it says of its latency", &["latency", "doctor"]),
        cache("clients", "Who is connected", &["client", "list"]),
        interactive("cli", "Open its client", Kind::Cache, call(&[])),
    ]
}

fn judge(question: &'static str, answer: &Answer<'_>) -> Finding {
    let out = answer.out.trim();
    // The client ends with 0 on most errors of the server.
    let error = ["NOAUTH", "WRONGPASS", "NOPERM", "LOADING", "MISCONF", "ERR ", "(error) "];
    if let Some(line) =
        out.lines().next().filter(|line| error.iter().any(|it| line.starts_with(it)))
    {
        return if line.contains("NOAUTH") {
            Finding::warn("it asks for a password that its container's environment does not hold")
        } else {
            Finding::fail(line)
        };
    }
    if answer.outcome.status != Status::Ok {
        return Finding::fail(telling::line(answer));
    }
    match question {
        "ping" if out.ends_with("PONG") => Finding::ok("PONG"),
        "ping" => Finding::fail(telling::line(answer)),
        _ => info(answer),
    }
}

fn info(answer: &Answer<'_>) -> Finding {
    let out = answer.out;
    let Some(used) = number(out, "used_memory") else {
        return Finding::warn(format!(
            "an answer that navi cannot read: {}",
            telling::line(answer)
        ));
    };
    let most = number(out, "maxmemory").unwrap_or(0);
    let clients = number(out, "connected_clients").unwrap_or(0);
    let is = |name, word| value(out, name) == Some(word);
    if is("loading", "1") {
        return Finding::fail("it still loads its data");
    }
    if is("aof_last_write_status", "err") {
        return Finding::fail("the last write to the append-only file failed");
    }
    if is("rdb_last_bgsave_status", "err") {
        return Finding::fail("the last save failed; it may refuse writes");
    }
    if is("master_link_status", "down") {
        let since = number(out, "master_link_down_since_seconds").unwrap_or(0);
        return Finding::fail(format!(
            "the link to its master is down for {}",
            telling::span(since)
        ));
    }
    let full = telling::percent(used, most);
    let policy = value(out, "maxmemory_policy").unwrap_or("noeviction");
    // `volatile-…` evicts only keys that expire.
    let keys: Vec<&str> =
        out.lines().filter(|it| it.starts_with("db") && it.contains("keys=")).collect();
    let none_expires = !keys.is_empty() && keys.iter().all(|it| it.contains("expires=0"));
    let stuck = policy == "noeviction" || (policy.starts_with("volatile") && none_expires);
    let refused = out.lines().find_map(|it| it.trim().strip_prefix("errorstat_OOM:count="));
    if most > 0 && full >= MEMORY_MUCH && (stuck || refused.is_some()) {
        let refused =
            refused.map_or_else(String::new, |it| format!(", writes refused: {}", it.trim()));
        let text = format!("used_memory {full} % of maxmemory{refused}");
        return if full >= MEMORY_FULL { Finding::fail(text) } else { Finding::warn(text) };
    }
    if let Some(limit) = number(out, "maxclients").filter(|it| *it > 0)
        && telling::percent(clients, limit) >= CLIENTS_MANY
    {
        return Finding::warn(format!("{clients} of {limit} clients"));
    }
    let system = number(out, "total_system_memory").unwrap_or(0);
    let rss = number(out, "used_memory_rss").unwrap_or(used);
    if most == 0 && telling::percent(rss, system) >= MEMORY_MUCH {
        let share = telling::percent(rss, system);
        return Finding::warn(format!("{share} % of the machine's memory, and no maxmemory"));
    }
    let of = if most > 0 { format!(" of {}", telling::bytes(most)) } else { String::new() };
    Finding::ok(format!("{}{of}, {clients} clients", telling::bytes(used)))
}

#[cfg(test)]
mod tests {
    use super::super::super::{Rung, Verdict};
    use super::super::tests::{end, read};

    const INFO: &str = "# Clients\r\nconnected_clients:4\r\nmaxclients:10000\r\n# Memory\r\n\
        used_memory:1048576\r\nused_memory_rss:9000000\r\nmaxmemory:268435456\r\n\
        maxmemory_policy:volatile-lru\r\nloading:0\r\nrdb_last_bgsave_status:ok\r\n\
        aof_last_write_status:ok\r\n# Keyspace\r\ndb0:keys=10,expires=0,avg_ttl=0\r\n";

    #[test]
    fn memory_is_told_against_its_limit() {
        let told = |text: &str| {
            let finding = read("redis", "info", text);
            (finding.verdict, finding.summary)
        };
        assert_eq!(told(INFO), (Verdict::Ok, "1 MiB of 256 MiB, 4 clients".into()));
        let full = INFO.replace("used_memory:1048576", "used_memory:263066746");
        assert_eq!(told(&full), (Verdict::Fail, "used_memory 97 % of maxmemory".into()));
        // A cache that evicts is full all day.
        assert_eq!(told(&full.replace("volatile", "allkeys")).0, Verdict::Ok);
        let refused = format!("{full}errorstat_OOM:count=12\r\n").replace("volatile", "allkeys");
        assert_eq!(told(&refused).1, "used_memory 97 % of maxmemory, writes refused: 12");
        assert_eq!(told(&INFO.replace("loading:0", "loading:1")).0, Verdict::Fail);
        assert_eq!(told("# Server\r\n").0, Verdict::Warn);
    }

    #[test]
    fn errors_of_the_server_end_with_zero() {
        let finding = read("redis", "ping", "NOAUTH Authentication required.\n");
        assert_eq!((finding.verdict, finding.rung), (Verdict::Warn, Some(Rung::App)));
        let finding = read("redis", "ping", "MISCONF Redis is configured to save\n");
        assert_eq!(finding.verdict, Verdict::Fail);
        assert_eq!(read("redis", "ping", "PONG\n").verdict, Verdict::Ok);
        let err = "Could not connect to Redis at 127.0.0.1:6379: Connection refused\n";
        assert_eq!(end("redis", "ping", 1, "", err).summary, err.trim());
    }
}
