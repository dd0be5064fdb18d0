//! The triage board on a real stack with real faults.
//!
//! `tests/stack/stack.sh` makes the images and starts a container engine of its own; the Compose
//! file is the sample's. Where the script cannot, the test says that it was skipped, and why. One
//! test runs all of it in a row, since there is one stack.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use navi::base::RepoPath;
use navi::config::Good;
use navi::engine::checks::{Board, Judge, Way, questions};
use navi::engine::commands::{Command, Kind, Place, Port, Risk, Service, Stack, Work};
use navi::engine::history::History;
use navi::workers::Running;
use navi::workers::checks::{Asked, Checks, board, run_in_time};

use crate::support::Cli;

const FILE: &str = "tools/docker/docker-compose.yml";

/// What a run may take beyond the longest deadline.
const SPARE: Duration = Duration::from_secs(1);

/// What a fault needs at most to show.
const PATIENCE: Duration = Duration::from_secs(90);

/// The engine, ended when this is dropped.
pub struct Engine {
    /// What docker has to be told to find it.
    pub variables: Vec<(String, String)>,
    pid: u32,
    /// Held, so that two runs of the tests do not share ports.
    _lock: File,
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stack/stack.sh")
}

impl Engine {
    /// Starts it, or says why it cannot be.
    pub fn start() -> Result<Self, String> {
        let lock = std::env::temp_dir().join("navi-stack.lock");
        let lock = File::create(&lock).map_err(|it| it.to_string())?;
        lock.lock().map_err(|it| it.to_string())?;
        let out = Process::new(script()).arg("start").output().map_err(|it| it.to_string())?;
        let said = String::from_utf8_lossy(&out.stderr).trim().to_owned();
        match out.status.code() {
            Some(0) => {}
            Some(77) => return Err(said),
            other => panic!("stack.sh start: {other:?} {said}"),
        }
        let out = String::from_utf8_lossy(&out.stdout).into_owned();
        let mut variables: Vec<(String, String)> = out
            .lines()
            .filter_map(|it| it.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let pid = variables.iter().find(|it| it.0 == "ENGINE").unwrap().1.parse().unwrap();
        variables.retain(|it| it.0 != "ENGINE");
        Ok(Self { variables, pid, _lock: lock })
    }

    fn signal(&self, signal: &str) {
        let done = Process::new("kill").args([signal, &self.pid.to_string()]).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = Process::new(script()).arg("stop").status();
    }
}

/// The sample with its stack.
struct Rig {
    engine: Engine,
    root: PathBuf,
    /// What `COMPOSE_PROJECT_NAME` is for the checks.
    project: Option<&'static str>,
}

impl Rig {
    /// Runs docker and returns what it printed; it has to succeed.
    fn docker(&self, arguments: &[&str]) -> String {
        let out = Process::new("docker")
            .args(arguments)
            .current_dir(&self.root)
            .envs(self.engine.variables.iter().cloned())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(out.status.success(), "docker {arguments:?}: {err}");
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    fn compose(&self, arguments: &[&str]) -> String {
        self.docker(&[&["compose", "-f", FILE], arguments].concat())
    }
}

/// What a check has to show.
struct Shows {
    id: &'static str,
    verdict: &'static str,
    rung: Option<&'static str>,
    summary: &'static str,
}

const fn fails(id: &'static str, rung: &'static str, summary: &'static str) -> Shows {
    Shows { id, verdict: "fail", rung: Some(rung), summary }
}

impl Rig {
    /// Looks at the board until it shows all of these, and returns it. Looking takes its time, so
    /// that nothing has to wait in between.
    fn until(&self, what: &str, shows: &[Shows]) -> Board {
        let started = Instant::now();
        loop {
            let board = self.board();
            let missing = shows.iter().find(|wanted| {
                !board.rows.iter().any(|it| {
                    it.id.ends_with(wanted.id)
                        && it.finding.verdict.id() == wanted.verdict
                        && it.finding.rung.map(|it| it.id()) == wanted.rung
                        && it.finding.summary.contains(wanted.summary)
                })
            });
            let Some(missing) = missing else {
                println!("{what}: {:?}", started.elapsed());
                return board;
            };
            if started.elapsed() > PATIENCE {
                let rows: Vec<String> = board
                    .rows
                    .iter()
                    .map(|it| {
                        let rung = it.finding.rung.map_or("-", |it| it.id());
                        format!(
                            "{:<8} {:<10} {:<32} {}",
                            it.finding.verdict.id(),
                            rung,
                            it.id,
                            it.finding.summary
                        )
                    })
                    .collect();
                panic!("{what}: {} is not told as it should:\n{}", missing.id, rows.join("\n"));
            }
        }
    }
}

impl Rig {
    fn board(&self) -> Board {
        let mut variables: Vec<(OsString, OsString)> = std::env::vars_os().collect();
        variables.retain(|it| it.0 != "COMPOSE_PROJECT_NAME");
        let engine = self.engine.variables.iter();
        variables.extend(engine.map(|(name, value)| (name.into(), value.into())));
        variables.extend(self.project.map(|it| ("COMPOSE_PROJECT_NAME".into(), it.into())));
        let running = Running {
            navi: env!("CARGO_BIN_EXE_navi").into(),
            variables: variables.into(),
            ..Running::nothing(&self.root)
        };
        let run = |command: &Command, time: Duration, cancelled: &dyn Fn() -> bool| {
            run_in_time(&running, command, time, cancelled)
        };
        let stack = stack();
        let asked: Vec<Asked> = stack
            .services
            .iter()
            .flat_map(|service| questions(service).into_iter().map(move |it| (service, it)))
            .filter(|it| it.1.judge.is_some())
            .map(|(service, question)| {
                let work = match question.way {
                    Way::Exec(inside) => {
                        let mut argv: Vec<String> =
                            ["docker", "compose", "-f", FILE, "exec", "-T", &service.name]
                                .map(str::to_owned)
                                .into();
                        argv.extend(inside);
                        Work::Program(argv)
                    }
                    Way::Http { port, path } => {
                        Work::Http { url: format!("http://localhost:{port}{path}") }
                    }
                    Way::Tcp { port } => Work::Tcp { host: "localhost".into(), port },
                };
                let command = command(
                    &format!("compose.{}.{}", service.name, question.id),
                    question.kind,
                    work,
                    Some(&service.name),
                    question.judge,
                    question.deadline_s,
                );
                Asked { command, refused: None }
            })
            .collect();
        let checks = Checks {
            asked: &asked,
            commands: &[],
            stacks: &[stack.clone()],
            root: &self.root,
            history: &History::default(),
            known: &BTreeMap::<String, Good>::new(),
            now: 0,
        };
        let board = board(&checks, &run, &|| false, &|_| {});
        board
    }
}

fn command(
    id: &str,
    kind: Kind,
    work: Work,
    service: Option<&str>,
    judge: Option<Judge>,
    deadline: u32,
) -> Command {
    Command {
        id: id.into(),
        title: String::new(),
        kind,
        work,
        env: vec![],
        cwd: RepoPath::from(""),
        place: Place { path: RepoPath::from(FILE), line: 1 },
        risk: Risk::ReadOnly,
        risk_why: String::new(),
        body: String::new(),
        files: vec![],
        parameters: vec![],
        follows: false,
        interactive: false,
        service: service.map(str::to_owned),
        judge,
        deadline_s: Some(deadline),
    }
}

fn stack() -> Stack {
    let service = |name: &str, image: Option<&str>, port: u16, health: &[&str]| Service {
        name: name.into(),
        place: Place { path: RepoPath::from(FILE), line: 1 },
        image: image.map(str::to_owned),
        build: None,
        command: String::new(),
        ports: vec![Port { target: port, published: Some(port), host: None }],
        environment: vec![],
        healthcheck: health.iter().map(|it| (*it).to_owned()).collect(),
        container_name: None,
        profiles: vec![],
        depends_on: vec![],
    };
    Stack {
        files: vec![RepoPath::from(FILE)],
        folder: Some(RepoPath::from("tools/docker")),
        name: Some("tech-platform".into()),
        services: vec![
            service("postgres", Some("postgres:16-alpine"), 5432, &["pg_isready"]),
            service("redis", Some("redis:7-alpine"), 6379, &[]),
            service("sessions", Some("redis:7-alpine"), 6380, &[]),
            service(
                "api",
                None,
                8000,
                &[
                    "python",
                    "-c",
                    "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health')",
                ],
            ),
            service(
                "web",
                None,
                4200,
                &["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:4200/"],
            ),
            service(
                "nginx",
                Some("nginx:1.27-alpine"),
                80,
                &["wget", "-q", "-O", "/dev/null", "http://127.0.0.1/healthz"],
            ),
        ],
    }
}

#[test]
fn faults_of_a_real_stack_are_named() {
    let engine = match Engine::start() {
        Ok(engine) => engine,
        Err(why) => {
            println!("skipped: {why}");
            return;
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap().join("sample");
    let cli = Cli::new(folder.path());
    assert_eq!(cli.run(&["demo", "--unpack", &root.to_string_lossy()]).status, 0);
    let rig = Rig { engine, root, project: None };
    let down = || rig.compose(&["down", "--volumes", "--remove-orphans", "--timeout", "1"]);
    down();
    rig.compose(&["up", "-d", "--no-build"]);
    rig.compose(&["exec", "-T", "api", "alembic", "upgrade", "head"]);
    rig.until(
        "all is well",
        &[
            Shows {
                id: "postgres.status",
                verdict: "ok",
                rung: None,
                summary: "of 100 connections",
            },
            Shows { id: "redis.info", verdict: "ok", rung: None, summary: "of 256 MiB" },
            Shows { id: "api.http", verdict: "ok", rung: None, summary: "HTTP 200" },
            Shows { id: "web.http", verdict: "ok", rung: None, summary: "HTTP 200" },
            Shows { id: "nginx.http", verdict: "ok", rung: None, summary: "HTTP 200" },
        ],
    );
    blocked_query(&rig);
    redis_without_memory(&rig);
    api_answers_500(&rig);
    hanging_port(&rig);
    wrong_project(&rig);
    restart_loop(&rig);
    stopped_database(&rig);
    killed_api(&rig);
    frozen_engine(&rig);
    down();
}

fn blocked_query(rig: &Rig) {
    let psql = "psql -U dev_user -d tech_platform -c";
    let hold = format!("{psql} 'BEGIN; LOCK TABLE users; SELECT pg_sleep(300)'");
    rig.compose(&["exec", "-d", "postgres", "sh", "-c", &hold]);
    rig.until(
        "the lock is held",
        &[Shows { id: "postgres.status", verdict: "ok", rung: None, summary: "" }],
    );
    rig.compose(&[
        "exec",
        "-d",
        "postgres",
        "sh",
        "-c",
        &format!("{psql} 'SELECT count(*) FROM users'"),
    ]);
    rig.until("a blocked query", &[fails("postgres.status", "app", "1 blocked, oldest ")]);
    let end = format!(
        "{psql} \"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(300)%' AND pid <> pg_backend_pid()\""
    );
    rig.compose(&["exec", "-T", "postgres", "sh", "-c", &end]);
}

fn redis_without_memory(rig: &Rig) {
    let redis = |arguments: &[&str]| {
        rig.compose(&[&["exec", "-T", "redis", "redis-cli"], arguments].concat())
    };
    redis(&["config", "set", "maxmemory", "4mb"]);
    // Keys that never expire, which the sample's policy may not evict.
    let fill = "for i = 1, 100000 do redis.call('set', 'k' .. i, string.rep('x', 1000)) end";
    redis(&["eval", fill, "0"]);
    rig.until("redis has no memory left", &[fails("redis.info", "app", "% of maxmemory")]);
    redis(&["flushall"]);
    redis(&["config", "set", "maxmemory", "256mb"]);
}

fn api_answers_500(rig: &Rig) {
    let file = rig.root.join("apps/api/app/api/v1/health.py");
    let text = std::fs::read_to_string(&file).unwrap();
    let broken = text.replace(
        "async def live() -> HealthReport:",
        "async def live() -> HealthReport:\n    raise RuntimeError('no')",
    );
    assert_ne!(text, broken);
    std::fs::write(&file, broken).unwrap();
    rig.until("the API answers 500", &[fails("api.http", "app", "HTTP 500 in ")]);
    std::fs::write(&file, text).unwrap();
    rig.until(
        "the API is well again",
        &[Shows { id: "api.http", verdict: "ok", rung: None, summary: "HTTP 200" }],
    );
}

fn hanging_port(rig: &Rig) {
    rig.compose(&["exec", "-T", "api", "sh", "-c", "kill -STOP -1"]);
    let board = rig.until(
        "a port hangs",
        &[Shows {
            id: "api.http",
            verdict: "timeout",
            rung: Some("app"),
            summary: "no answer in ",
        }],
    );
    assert!(board.ms < 10_000 + SPARE.as_millis() as u64, "{} ms", board.ms);
    rig.compose(&["exec", "-T", "api", "sh", "-c", "kill -CONT -1"]);
    rig.until(
        "the API is well again",
        &[Shows { id: "api.http", verdict: "ok", rung: None, summary: "HTTP 200" }],
    );
}

fn wrong_project(rig: &Rig) {
    let other = Rig {
        engine: Engine {
            variables: rig.engine.variables.clone(),
            pid: rig.engine.pid,
            _lock: File::open("/dev/null").unwrap(),
        },
        root: rig.root.clone(),
        project: Some("other"),
    };
    other.until(
        "a wrong project",
        &[
            fails(
                "postgres.status",
                "project",
                "it runs as tech-platform-postgres-1 of project tech-platform",
            ),
            fails("redis.ping", "project", "of project tech-platform"),
        ],
    );
    std::mem::forget(other);
}

fn restart_loop(rig: &Rig) {
    let file = rig.root.join(FILE);
    let text = std::fs::read_to_string(&file).unwrap();
    let more = "services:\n  sessions:\n    image: redis:7-alpine\n    command: [\"redis-server\", \"/nowhere.conf\"]\n    restart: always\n    ports: [\"6380:6379\"]\n\n";
    std::fs::write(&file, text.replacen("services:\n", more, 1)).unwrap();
    rig.compose(&["up", "-d", "--no-build", "--no-deps", "sessions"]);
    rig.until("a restart loop", &[fails("sessions.ping", "container", "restarts over and over")]);
    rig.compose(&["rm", "--stop", "--force", "sessions"]);
    std::fs::write(&file, text).unwrap();
}

fn stopped_database(rig: &Rig) {
    rig.compose(&["stop", "postgres"]);
    rig.until(
        "the database is stopped",
        &[fails("postgres.status", "container", "tech-platform-postgres-1 has ended (0)")],
    );
    rig.compose(&["start", "postgres"]);
}

fn killed_api(rig: &Rig) {
    rig.compose(&["kill", "api"]);
    rig.until(
        "the API is killed",
        &[
            fails("api.http", "container", "tech-platform-api-1 has ended (137), killed"),
            fails("nginx.config", "app", "host not found in upstream \"api:8000\""),
        ],
    );
    rig.compose(&["start", "api"]);
}

fn frozen_engine(rig: &Rig) {
    rig.engine.signal("-STOP");
    let board = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        rig.until(
            "the engine is frozen",
            &[
                Shows {
                    id: "postgres.status",
                    verdict: "timeout",
                    rung: Some("daemon"),
                    summary: "the container engine is silent",
                },
                Shows {
                    id: "redis.ping",
                    verdict: "timeout",
                    rung: Some("daemon"),
                    summary: "the container engine is silent",
                },
                Shows { id: "web.http", verdict: "ok", rung: None, summary: "HTTP 200" },
            ],
        )
    }));
    rig.engine.signal("-CONT");
    let board = board.unwrap();
    assert!(board.ms < 10_000 + SPARE.as_millis() as u64, "{} ms", board.ms);
}
