//! Clients of caches, queues, document and key-value stores.

use super::programs::Verbs;
use super::{Arg, Input, Judgement, Line, Walk, by_words};

/// `etcdctl`
pub(super) const ETCD: Verbs = Verbs {
    values: &[
        "--endpoints",
        "--cacert",
        "--cert",
        "--key",
        "-w",
        "--write-out",
        "--command-timeout",
    ],
    flags: &[],
    reads: &[
        "get",
        "endpoint health",
        "endpoint status",
        "endpoint hashkv",
        "member list",
        "version",
        "alarm list",
    ],
    destroys: &["del", "defrag", "member remove", "snapshot restore", "lease revoke"],
    writes: &[],
};
/// `consul`
pub(super) const CONSUL: Verbs = Verbs {
    values: &[],
    flags: &[],
    reads: &[
        "members",
        "info",
        "catalog *",
        "operator raft list-peers",
        "kv get",
        "monitor",
        "rtt",
        "version",
        "health *",
    ],
    destroys: &["leave", "force-leave", "kv delete", "services deregister"],
    writes: &[],
};
/// `vault`
pub(super) const VAULT: Verbs = Verbs {
    values: &[],
    flags: &[],
    reads: &["status", "version", "token lookup", "audit list", "auth list", "secrets list"],
    destroys: &[
        "delete",
        "operator seal",
        "kv delete",
        "kv destroy",
        "secrets disable",
        "auth disable",
    ],
    writes: &[],
};
/// `nomad`
pub(super) const NOMAD: Verbs = Verbs {
    values: &["-address", "-namespace"],
    flags: &[],
    reads: &[
        "status",
        "node status",
        "job status",
        "alloc status",
        "alloc logs",
        "server members",
        "deployment status",
        "eval status",
        "version",
        "logs",
    ],
    destroys: &["stop", "job stop", "alloc stop", "node drain", "system gc"],
    writes: &[],
};
/// `nodetool`
pub(super) const NODETOOL: Verbs = Verbs {
    values: &["-h", "-p", "-u", "-pw"],
    flags: &[],
    reads: &[
        "status",
        "info",
        "tpstats",
        "compactionstats",
        "netstats",
        "ring",
        "describecluster",
        "gossipinfo",
        "version",
        "tablestats",
        "cfstats",
        "proxyhistograms",
        "tablehistograms",
    ],
    destroys: &[
        "decommission",
        "removenode",
        "drain",
        "assassinate",
        "clearsnapshot",
        "stopdaemon",
    ],
    writes: &[],
};
/// Redpanda's `rpk`
pub(super) const RPK: Verbs = Verbs {
    values: &["-X", "--brokers"],
    flags: &[],
    reads: &[
        "cluster health",
        "cluster info",
        "cluster metadata",
        "cluster status",
        "topic list",
        "topic describe",
        "group list",
        "group describe",
        "version",
    ],
    destroys: &["topic delete", "group delete", "group offset-delete", "topic trim-prefix"],
    writes: &[],
};
/// `nats`
pub(super) const NATS: Verbs = Verbs {
    values: &["-s", "--server", "--context", "--creds", "--user", "--password", "--timeout"],
    flags: &[],
    reads: &[
        "server ping",
        "server info",
        "server list",
        "server check",
        "server report",
        "stream ls",
        "stream list",
        "stream info",
        "stream report",
        "consumer ls",
        "consumer info",
        "consumer report",
        "rtt",
        "account info",
    ],
    destroys: &["stream rm", "stream purge", "consumer rm", "kv rm", "kv del"],
    writes: &[],
};
/// `MinIO`'s `mc`
pub(super) const MINIO: Verbs = Verbs {
    values: &[],
    flags: &["--json", "--no-color", "--quiet"],
    reads: &[
        "ls",
        "stat",
        "du",
        "tree",
        "find",
        "ping",
        "ready",
        "admin info",
        "admin trace",
        "admin prometheus",
        "version",
        "diff",
    ],
    destroys: &["rm", "rb", "mv", "mirror", "admin service"],
    writes: &["--exec", "--remove"],
};

/// `redis-cli`
pub(super) fn redis(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    const VALUES: &[&str] = &[
        "-h",
        "-p",
        "-a",
        "-n",
        "-u",
        "-t",
        "--user",
        "--pass",
        "-s",
        "-i",
        "-r",
        "-d",
        "--cacert",
        "--cert",
        "--key",
        "--sni",
        "--pattern",
        "--count",
        "-D",
        "--tls-ciphers",
        "--memkeys-samples",
    ];
    const FLAGS: &[&str] = &[
        "--raw",
        "--no-raw",
        "--csv",
        "--json",
        "-c",
        "--tls",
        "--insecure",
        "--no-auth-warning",
        "-2",
        "-3",
        "-e",
        "-4",
        "-6",
    ];
    const SCANS: &[&str] = &[
        "--scan",
        "--bigkeys",
        "--memkeys",
        "--hotkeys",
        "--stat",
        "--latency",
        "--latency-history",
        "--latency-dist",
    ];
    let args: Vec<Arg> =
        line.args.iter().filter(|it| !SCANS.contains(&it.text.as_str())).cloned().collect();
    let scans = args.len() < line.args.len();
    let Some((_, rest)) = super::split_verb(&args, VALUES, FLAGS) else {
        return by_words("`redis-cli` in a way that is not known", line.args);
    };
    if rest.is_empty() {
        return match line.input {
            _ if scans => Judgement::reads("`redis-cli` only scans"),
            Input::Text(text) => text.lines().fold(Judgement::nothing(), |all, it| {
                let args: Vec<Arg> = it.split_whitespace().map(Arg::of).collect();
                if args.is_empty() { all } else { all.or_worse(redis_words(&args)) }
            }),
            Input::Unknown => Judgement::changes("what `redis-cli` is told is not known"),
            Input::None => Judgement::changes("`redis-cli` opens a session"),
        };
    }
    redis_words(rest)
}

fn redis_words(rest: &[Arg]) -> Judgement {
    const READS: &[&str] = &[
        "info",
        "ping",
        "get",
        "mget",
        "ttl",
        "pttl",
        "type",
        "scan",
        "hget",
        "hgetall",
        "hmget",
        "hlen",
        "hscan",
        "hkeys",
        "hvals",
        "llen",
        "lrange",
        "lindex",
        "scard",
        "smembers",
        "sismember",
        "sscan",
        "zrange",
        "zcard",
        "zscore",
        "zcount",
        "zrank",
        "zscan",
        "exists",
        "dbsize",
        "strlen",
        "lastsave",
        "time",
        "role",
        "echo",
        "getrange",
        "xinfo",
        "xlen",
        "xrange",
        "xrevrange",
        "xpending",
        "object",
        "pfcount",
        "bitcount",
        "getbit",
        "randomkey",
        "expiretime",
        "lolwut",
        "command",
    ];
    const PAIRS: &[&str] = &[
        "config get",
        "client list",
        "client info",
        "client id",
        "client getname",
        "memory usage",
        "memory stats",
        "memory doctor",
        "slowlog get",
        "slowlog len",
        "latency doctor",
        "latency latest",
        "latency history",
        "latency graph",
        "cluster info",
        "cluster nodes",
        "cluster slots",
        "cluster shards",
        "acl whoami",
        "acl list",
        "acl cat",
        "acl users",
        "sentinel masters",
        "sentinel master",
        "sentinel replicas",
        "sentinel slaves",
        "sentinel ckquorum",
        "sentinel get-master-addr-by-name",
        "module list",
        "pubsub channels",
        "pubsub numsub",
        "function list",
    ];
    const DESTROYS: &[&str] = &[
        "flushall",
        "flushdb",
        "del",
        "unlink",
        "shutdown",
        "swapdb",
        "debug",
        "getdel",
        "spop",
        "lpop",
        "rpop",
        "ltrim",
        "hdel",
        "srem",
        "zrem",
        "xtrim",
        "xdel",
        "zremrangebyscore",
        "zremrangebyrank",
        "rename",
        "restore",
        "migrate",
        "failover",
        "replicaof",
        "slaveof",
    ];
    let first = rest.first().map_or("", |it| it.text.as_str()).to_ascii_lowercase();
    let second = rest.get(1).map_or("", |it| it.text.as_str()).to_ascii_lowercase();
    let pair = format!("{first} {second}");
    if DESTROYS.contains(&first.as_str())
        || matches!(
            pair.as_str(),
            "cluster reset"
                | "cluster forget"
                | "client kill"
                | "script kill"
                | "function flush"
                | "script flush"
                | "xgroup destroy"
        )
    {
        return Judgement::destroys(format!("Redis: `{}`", first.to_uppercase()));
    }
    match first.as_str() {
        "keys" => return Judgement::changes("Redis: `KEYS` holds everything up"),
        "monitor" => return Judgement::changes("Redis: `MONITOR` slows everything down"),
        "object"
            if second == "freq"
                || second == "encoding"
                || second == "idletime"
                || second == "refcount" => {}
        "object" => return Judgement::changes("Redis: what `OBJECT` does is not known"),
        _ => {}
    }
    if READS.contains(&first.as_str()) || PAIRS.contains(&pair.as_str()) {
        let shown = if PAIRS.contains(&pair.as_str()) { pair } else { first };
        return Judgement::reads(format!("Redis: `{}` only looks", shown.to_uppercase()));
    }
    by_words(&format!("Redis: `{}`", crate::base::text::clean(&first.to_uppercase())), rest)
}

/// `mongosh --eval`
pub(super) fn mongo(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let unknown = || Judgement::changes("what `mongosh` is told is not known");
    let files = ["-f", "--file", "--shell", "--username-from"];
    if line.may_have(&files)
        || line.args.iter().any(|it| it.text.ends_with(".js") || it.text.ends_with(".mongodb"))
    {
        return Judgement::changes("`mongosh` runs a file");
    }
    let mut text = String::new();
    let mut at = 0;
    while let Some(arg) = line.args.get(at) {
        at += 1;
        let told = if arg.text == "--eval" {
            at += 1;
            line.args.get(at - 1).map(|it| (it.text.as_str(), it.known))
        } else {
            arg.text.strip_prefix("--eval=").map(|it| (it, arg.known))
        };
        match told {
            Some((told, true)) => {
                text.push_str(told);
                text.push(';');
            }
            Some((_, false)) => return unknown(),
            None => {}
        }
    }
    match line.input {
        Input::Text(more) => text.push_str(more),
        Input::Unknown if text.is_empty() => return unknown(),
        Input::None if text.is_empty() => return Judgement::changes("`mongosh` opens a session"),
        Input::Unknown | Input::None => {}
    }
    javascript(&text)
}

fn javascript(text: &str) -> Judgement {
    const CALLS: &[&str] = &[
        "find",
        "findOne",
        "count",
        "countDocuments",
        "estimatedDocumentCount",
        "stats",
        "currentOp",
        "serverStatus",
        "status",
        "conf",
        "printReplicationInfo",
        "printSecondaryReplicationInfo",
        "getCollectionNames",
        "getCollection",
        "getSiblingDB",
        "limit",
        "sort",
        "pretty",
        "toArray",
        "forEach",
        "map",
        "filter",
        "print",
        "printjson",
        "stringify",
        "ping",
        "hello",
        "isMaster",
        "version",
        "dbStats",
        "getIndexes",
        "explain",
        "distinct",
        "getName",
        "getMongo",
        "getDBNames",
        "listDatabases",
        "hostInfo",
        "latencyStats",
        "projection",
        "skip",
        "size",
        "keys",
        "getCollectionInfos",
        "runCommand",
        "adminCommand",
        "getProfilingStatus",
        "totalSize",
        "dataSize",
        "getReplicationInfo",
        "tojson",
    ];
    const COMMANDS: &[&str] = &[
        "ping",
        "serverStatus",
        "hello",
        "isMaster",
        "dbStats",
        "collStats",
        "buildInfo",
        "hostInfo",
        "top",
        "replSetGetStatus",
        "connectionStatus",
        "listDatabases",
        "listCollections",
        "currentOp",
        "getParameter",
        "connPoolStats",
        "getCmdLineOpts",
    ];
    let lower = text.to_ascii_lowercase();
    for word in [
        "drop",
        "remove",
        "delete",
        "shutdown",
        "killop",
        "killsessions",
        "renamecollection",
        "stepdown",
    ] {
        if lower.contains(word) {
            return Judgement::destroys(format!("MongoDB: `{word}`"));
        }
    }
    let mut word = String::new();
    let mut last: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(next) = chars.next() {
        if next.is_alphanumeric() || next == '_' || next == '$' {
            word.push(next);
            last = Some(next);
            continue;
        }
        if next.is_whitespace() && !word.is_empty() && chars.peek().is_some_and(|it| *it == '(') {
            continue;
        }
        // A call of what is not named right before it.
        let odd = |it: char| matches!(it, ')' | ']' | '.' | '/' | '*' | '}' | '"' | '\'');
        if next == '(' && word.is_empty() && last.is_some_and(odd) {
            return Judgement::changes("MongoDB: the text is not understood");
        }
        if next == '(' && !word.is_empty() {
            if !CALLS.contains(&word.as_str()) {
                let shown = crate::base::diag::quote(&word);
                return Judgement::changes(format!("MongoDB: what {shown} does is not known"));
            }
            if matches!(word.as_str(), "runCommand" | "adminCommand") {
                let rest: String = chars.clone().take(80).collect();
                let name: String = rest
                    .trim_start_matches([' ', '{', '\'', '"'])
                    .chars()
                    .take_while(|it| it.is_alphanumeric())
                    .collect();
                if !COMMANDS.contains(&name.as_str()) {
                    return Judgement::changes("MongoDB: a command that is not known");
                }
            }
        }
        word.clear();
        if !next.is_whitespace() {
            last = Some(next);
        }
        // Calls by index, templates and assignments can hide what is called.
        if matches!(next, '`' | '=') && !(next == '=' && matches!(chars.peek(), Some('>' | '='))) {
            return Judgement::changes("MongoDB: the text is not understood");
        }
        if next == '[' && text.contains("](") {
            return Judgement::changes("MongoDB: the text is not understood");
        }
    }
    Judgement::reads("MongoDB: only asks")
}

/// `rabbitmqctl`, `rabbitmq-diagnostics`
pub(super) fn rabbit(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let values = ["-n", "--node", "-p", "--vhost", "-t", "--timeout", "--formatter"];
    let flags = ["-q", "--quiet", "-s", "--silent", "-l", "--longnames"];
    let Some((_, rest)) = super::split_verb(line.args, &values, &flags) else {
        return by_words(&format!("`{}`", line.name), line.args);
    };
    let verb = rest.first().map_or("", |it| it.text.as_str());
    if ["stop", "reset", "force_reset", "purge", "delete", "forget", "shutdown", "clear", "close"]
        .iter()
        .any(|it| verb.starts_with(it))
    {
        return Judgement::destroys(format!("`{} {verb}` takes something away", line.name));
    }
    let looks = verb.starts_with("list_")
        || verb.starts_with("check_")
        || matches!(
            verb,
            "status"
                | "cluster_status"
                | "environment"
                | "report"
                | "ping"
                | "alarms"
                | "memory_breakdown"
                | "node_health_check"
                | "server_version"
                | "version"
                | "listeners"
                | "observer"
                | "is_running"
                | "is_booting"
                | "erlang_version"
                | "log_tail"
                | "maybe_stuck"
        );
    if looks && rest.first().is_some_and(|it| it.known) {
        return Judgement::reads(format!("`{} {verb}` only looks", line.name));
    }
    by_words(&format!("`{}`", line.name), rest)
}

/// Kafka's scripts
pub(super) fn kafka(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    if line.may_have(&["--delete", "--reset-offsets", "--delete-offsets"]) {
        return Judgement::destroys(format!("`{}` removes something", line.name));
    }
    let looks = line.has(&["--list", "--describe", "--state", "--members"])
        || line.name.contains("broker-api");
    if looks
        && !line.may_have(&["--create", "--alter", "--execute", "--to-json-file"])
        && !line.is_open()
    {
        return Judgement::reads(format!("`{}` only looks", line.name));
    }
    Judgement::changes(format!("`{}` changes something", line.name))
}

/// `celery`
pub(super) fn celery(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    const ASKS: &[&str] = &[
        "active",
        "active_queues",
        "clock",
        "conf",
        "ping",
        "query_task",
        "registered",
        "report",
        "reserved",
        "revoked",
        "scheduled",
        "stats",
    ];
    let words: Vec<&str> = line.args.iter().map(|it| it.text.as_str()).collect();
    if words.contains(&"purge") || words.contains(&"shutdown") {
        return Judgement::destroys("`celery` throws tasks or workers away");
    }
    let asks = words.windows(2).any(|it| matches!(it, ["inspect", what] if ASKS.contains(what)))
        || words.iter().any(|it| matches!(*it, "status" | "report"));
    if asks && !words.contains(&"control") && !line.is_open() {
        return Judgement::reads("`celery` only asks its workers");
    }
    Judgement::changes("`celery` runs the project's code")
}
