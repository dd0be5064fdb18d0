//! The products that services run: one in a file, one line each in [`PRODUCTS`].
//!
//! Everything asked is read-only by construction: statements that only read, sessions that refuse to
//! write, tools that only tell. Credentials come from the container's own environment, inside of it;
//! none reaches an argument. What varies is an argument of its own, never pasted into a script.

mod elasticsearch;
mod http;
mod kafka;
mod memcached;
mod mongodb;
mod mysql;
mod postgres;
mod proxies;
mod rabbitmq;
mod redis;
mod small;
mod workers;

pub use http::INSIDE as HEALTHCHECK;

use super::{Answer, Finding, Judge, Question, Way};
use crate::engine::commands::{Kind, Risk, Service};

/// How a product is recognised, asked and read.
struct Product {
    /// Its name in [`Judge::product`].
    name: &'static str,
    /// Words of an image's last segment, then of a service's name, that mean it.
    words: &'static [&'static str],
    /// Ports that nothing else uses.
    ports: &'static [u16],
    /// What is asked, the most telling first.
    ask: fn(&Service) -> Vec<Question>,
    /// Reads an answer that came.
    judge: fn(&'static str, &Answer<'_>) -> Finding,
    /// For a question on the board the one that shows more.
    details: &'static [(&'static str, &'static str)],
}

/// All of them. Where an image has words of two, the first counts.
const PRODUCTS: &[Product] = &[
    postgres::PRODUCT,
    mongodb::PRODUCT,
    mysql::PRODUCT,
    redis::PRODUCT,
    memcached::PRODUCT,
    rabbitmq::PRODUCT,
    kafka::PRODUCT,
    elasticsearch::PRODUCT,
    small::NATS,
    small::MINIO,
    small::ETCD,
    small::CONSUL,
    small::VAULT,
    small::CLICKHOUSE,
    small::CASSANDRA,
    proxies::NGINX,
    proxies::TRAEFIK,
    proxies::CADDY,
    proxies::HAPROXY,
];

/// Words of images that stand beside a product and are not it.
const BESIDE: &[&str] = &[
    "exporter",
    "ui",
    "gui",
    "express",
    "commander",
    "insight",
    "redisinsight",
    "backup",
    "admin",
    "pgadmin",
    "adminer",
    "operator",
    "init",
    "setup",
    "connect",
    "registry",
    "manager",
    "console",
    "client",
    "cli",
    "migrate",
    "migrations",
    "dashboards",
    "dump",
    "bouncer",
    "pgbouncer",
    "sentinel",
    "rest",
    "mc",
    "seed",
];

fn words(name: &str) -> impl Iterator<Item = String> {
    let lower = name.to_lowercase();
    let parts: Vec<String> = lower.split(['-', '_', '.']).map(str::to_owned).collect();
    parts.into_iter()
}

/// The last segment of an image's name, without tag and digest.
fn segment(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split(':').next().unwrap_or_default()
}

/// The product that a service runs.
fn of(service: &Service) -> Option<&'static Product> {
    let by = |name: &str| {
        let known: Vec<String> = words(name).collect();
        if known.iter().any(|it| BESIDE.contains(&it.as_str())) {
            return Err(());
        }
        // `postgres16`, `redis6`: a version that is part of the word.
        let bare = |word: &String| word.trim_end_matches(|it: char| it.is_ascii_digit()).to_owned();
        Ok(PRODUCTS.iter().find(|it| {
            known.iter().any(|word| {
                it.words.contains(&word.as_str()) || it.words.contains(&bare(word).as_str())
            })
        }))
    };
    for name in [service.image.as_deref().map(segment), Some(service.name.as_str())] {
        match name.map(by) {
            Some(Ok(Some(product))) => return Some(product),
            Some(Err(())) => return None,
            Some(Ok(None)) | None => {}
        }
    }
    let port = |it: &&Product| service.ports.iter().any(|port| it.ports.contains(&port.target));
    PRODUCTS.iter().find(port)
}

/// What is worth asking of a service.
pub fn questions(service: &Service) -> Vec<Question> {
    let worker = workers::questions(service);
    if !worker.is_empty() {
        return worker;
    }
    let mut questions =
        of(service).map_or_else(|| http::questions(service), |it| (it.ask)(service));
    questions.push(shell());
    questions
}

fn shell() -> Question {
    let text = "command -v bash >/dev/null 2>&1 && exec bash; exec sh";
    interactive("shell", "Open a shell in its container", Kind::Other, script(text, &[]))
}

/// Reads an answer; `None` for what is no product's.
pub fn judge(judge: &Judge, answer: &Answer<'_>) -> Option<Finding> {
    if judge.product == workers::NAME {
        return Some(workers::judge(judge.question, answer));
    }
    let product = PRODUCTS.iter().find(|it| it.name == judge.product)?;
    Some((product.judge)(judge.question, answer))
}

/// Whether a check asks inside a container.
pub fn is_inside(judge: &Judge) -> bool {
    judge.product == workers::NAME
        || judge.product == HEALTHCHECK
        || PRODUCTS.iter().any(|it| it.name == judge.product)
}

/// The question that shows more of what a check of the board found, by its id.
pub fn detail_of(judge: &Judge) -> Option<&'static str> {
    let product = PRODUCTS.iter().find(|it| it.name == judge.product)?;
    product.details.iter().find(|it| it.0 == judge.question).map(|it| it.1)
}

/// Seconds for what answers from memory.
const QUICK: u32 = 5;
/// Seconds for tools that start a virtual machine first.
const SLOW: u32 = 20;

/// A script of ours for the container's `sh`, with its arguments as `$1` and on.
fn script(text: &str, arguments: &[&str]) -> Way {
    let mut argv = vec!["sh".to_owned(), "-c".to_owned(), text.to_owned()];
    if !arguments.is_empty() {
        argv.push("sh".to_owned());
        argv.extend(arguments.iter().map(|it| (*it).to_owned()));
    }
    Way::Exec(argv)
}

fn exec(argv: &[&str]) -> Way {
    Way::Exec(argv.iter().map(|it| (*it).to_owned()).collect())
}

/// A question that changes nothing, for people to read.
fn ask(id: &'static str, title: &str, kind: Kind, way: Way) -> Question {
    Question {
        id,
        title: title.to_owned(),
        kind,
        way,
        risk: Risk::ReadOnly,
        risk_why: "a recipe of navi that only reads",
        judge: None,
        interactive: false,
        deadline_s: QUICK,
    }
}

/// A way in for a person, who may do anything there.
fn interactive(id: &'static str, title: &str, kind: Kind, way: Way) -> Question {
    Question {
        risk: Risk::Changes,
        risk_why: "whatever is typed there",
        interactive: true,
        deadline_s: 0,
        ..ask(id, title, kind, way)
    }
}

impl Question {
    /// On the board, read by a product's judge.
    fn judged(self, product: &'static str, question: &'static str) -> Self {
        Self { judge: Some(Judge { product, question }), ..self }
    }

    fn within(self, seconds: u32) -> Self {
        Self { deadline_s: seconds, ..self }
    }
}

/// Whether one of its ports can be reached from here.
fn is_published(service: &Service, port: u16) -> bool {
    service.ports.iter().any(|it| it.target == port && it.published.is_some())
}

/// Values of `name: value` or `name<TAB>value` lines, by name.
fn value<'a>(out: &'a str, name: &str) -> Option<&'a str> {
    out.lines().find_map(|line| {
        let rest = line.trim_start().strip_prefix(name)?;
        // A tab comes as blanks.
        rest.starts_with([':', '\t', ' ']).then(|| rest.trim_start_matches(':').trim())
    })
}

fn number(out: &str, name: &str) -> Option<u64> {
    let value = value(out, name)?;
    value.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::RepoPath;
    use crate::engine::checks::Verdict;
    use crate::engine::commands::{Outcome, Place, Port, Status};

    pub fn service(name: &str, image: Option<&str>) -> Service {
        Service {
            name: name.to_owned(),
            place: Place { path: RepoPath::from("docker-compose.yml"), line: 1 },
            image: image.map(str::to_owned),
            build: None,
            command: String::new(),
            ports: Vec::new(),
            environment: Vec::new(),
            healthcheck: Vec::new(),
            container_name: None,
            profiles: Vec::new(),
            depends_on: Vec::new(),
        }
    }

    /// The finding of an answer that came.
    pub fn read(product: &'static str, question: &'static str, out: &str) -> Finding {
        end(product, question, 0, out, "")
    }

    /// The finding of a run that ended so.
    pub fn end(
        product: &'static str,
        question: &'static str,
        exit: i32,
        out: &str,
        err: &str,
    ) -> Finding {
        let status = if exit == 0 { Status::Ok } else { Status::Failed };
        let outcome = Outcome { status, exit: Some(exit), ms: 40, dropped_bytes: 0, notes: vec![] };
        crate::engine::checks::judge(
            &Judge { product, question },
            &Answer { outcome: &outcome, out, err },
        )
    }

    #[test]
    fn products_are_known_by_image_then_by_name_then_by_port() {
        let known = |name: &str, image: &str| {
            let image = Some(image).filter(|it| !it.is_empty());
            of(&service(name, image)).map_or("-", |it| it.name)
        };
        for (name, image, product) in [
            ("db", "postgres:16-alpine", "postgres"),
            ("db", "docker.io/bitnami/postgresql:15", "postgres"),
            ("db", "registry.local:5000/team/postgis/postgis:16@sha256:00", "postgres"),
            ("db", "timescale/timescaledb-ha:pg16", "postgres"),
            ("db", "percona/percona-server-mongodb:7", "mongodb"),
            ("db", "percona/percona-server:8.0", "mysql"),
            ("db", "mariadb", "mysql"),
            ("cache", "docker.dragonflydb.io/dragonflydb/dragonfly", "redis"),
            ("cache", "eqalpha/keydb:latest", "redis"),
            ("cache", "redis/redis-stack-server", "redis"),
            ("x", "confluentinc/cp-kafka:7.6.1", "kafka"),
            ("x", "docker.redpanda.com/redpandadata/redpanda:v24", "kafka"),
            ("x", "nginxinc/nginx-unprivileged", "nginx"),
            ("x", "docker.elastic.co/elasticsearch/elasticsearch:8.13.0", "elasticsearch"),
            ("x", "postgres16", "postgres"),
            ("redis", "", "redis"),
            ("my_postgres", "internal/thing", "postgres"),
            ("x", "oliver006/redis_exporter", "-"),
            ("redis", "oliver006/redis_exporter", "-"),
            ("x", "prometheuscommunity/postgres-exporter", "-"),
            ("x", "provectuslabs/kafka-ui", "-"),
            ("mongo-express", "mongo-express", "-"),
            ("x", "dpage/pgadmin4", "-"),
            ("postgres-backup", "", "-"),
            ("api", "", "-"),
        ] {
            assert_eq!(known(name, image), product, "{name} {image}");
        }
        let mut store = service("store", None);
        store.ports = vec![Port { target: 5432, published: None, host: None }];
        assert_eq!(of(&store).map(|it| it.name), Some("postgres"));
    }

    #[test]
    fn what_is_asked_is_unique_reads_only_and_holds_no_secret() {
        let mut seen = 0;
        for product in PRODUCTS {
            let mut service = service(product.words[0], None);
            service.environment = vec![("POSTGRES_PASSWORD".into(), "hunter2".into())];
            service.ports = [80, 8222, 9000]
                .map(|target| Port { target, published: Some(target), host: None })
                .into();
            let mut ids = Vec::new();
            for question in questions(&service) {
                seen += 1;
                assert!(!ids.contains(&question.id), "{} {}", product.name, question.id);
                ids.push(question.id);
                assert_eq!(question.interactive, question.risk == Risk::Changes, "{}", question.id);
                assert_eq!(question.interactive, question.deadline_s == 0, "{}", question.id);
                if let Way::Exec(argv) = &question.way {
                    assert!(!argv.iter().any(|it| it.contains("hunter2")));
                    for bad in
                        ["KEYS *", "MONITOR", "FLUSH", "DELETE ", "DROP ", "UPDATE ", "INSERT "]
                    {
                        assert!(!argv.iter().any(|it| it.contains(bad)), "{bad} in {argv:?}");
                    }
                }
                if let Some(judge) = question.judge {
                    // A judge's product is in the table, or nothing would read the answer.
                    assert!(
                        is_inside(&judge) || ["http", "tcp", "generic"].contains(&judge.product),
                        "{judge:?}"
                    );
                }
            }
            assert!(ids.len() > 1, "{}", product.name);
            for (question, detail) in product.details {
                assert!(ids.contains(question) && ids.contains(detail), "{question} {detail}");
            }
        }
        assert!(seen > 60, "{seen}");
    }

    #[test]
    fn every_judge_stands_any_answer() {
        for product in PRODUCTS {
            for question in
                questions(&service(product.words[0], None)).iter().filter_map(|it| it.judge)
            {
                for out in [
                    "",
                    "\n\n",
                    "garbage",
                    "a|b|c",
                    "{}",
                    "[1,2",
                    "\u{1b}[2J\u{202e}",
                    "1|2|3|4|5|6|7|8|9",
                ] {
                    for exit in [0, 1] {
                        let finding = end(question.product, question.question, exit, out, "");
                        assert!(!finding.summary.is_empty(), "{question:?} of {out:?}");
                        assert!(crate::base::text::is_clean(&finding.summary));
                        assert!(
                            exit == 0 || finding.verdict != Verdict::Ok,
                            "{question:?} of {out:?}"
                        );
                    }
                }
            }
        }
    }
}
