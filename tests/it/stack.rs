//! The triage board and the emergency commands on a real stack with real faults.
//!
//! `tests/stack/stack.sh` makes the images and starts a container engine of its own; the Compose
//! file is the sample's. Where the script cannot, the test says that it was skipped, and why. One
//! test runs all of it in a row, since there is one stack.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::scripted::an_incident_is_played;
use crate::support::{Home, Keys, Pty};

const FILE: &str = "tools/docker/docker-compose.yml";

/// What a board may take beyond the longest deadline of the sample's checks, in milliseconds.
const SPARE_MS: u64 = 1000;

/// The longest deadline of the sample's checks, in milliseconds.
const LONGEST_MS: u64 = 10_000;

/// What a fault needs at most to show.
const PATIENCE: Duration = Duration::from_secs(90);

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stack/stack.sh")
}

/// The engine, ended when this is dropped.
pub struct Engine {
    /// What has to be set for its clients.
    pub variables: Vec<(String, String)>,
    pid: String,
    /// Held, so that two runs of the tests do not share ports.
    _lock: File,
}

impl Engine {
    /// Starts it; tells why that cannot be here.
    pub fn start() -> Result<Self, String> {
        let lock = std::env::temp_dir().join("navi-stack.lock");
        let lock = File::create(&lock).map_err(|it| it.to_string())?;
        lock.lock().map_err(|it| it.to_string())?;
        let out = Command::new(script()).arg("start").output().map_err(|it| it.to_string())?;
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
        let pid = variables.iter().find(|it| it.0 == "ENGINE").unwrap().1.clone();
        variables.retain(|it| it.0 != "ENGINE");
        Ok(Self { variables, pid, _lock: lock })
    }

    fn signal(&self, signal: &str) {
        let done = Command::new("kill").args([signal, &self.pid]).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = Command::new(script()).arg("stop").status();
    }
}

/// What a check has to show.
pub struct Shows {
    id: &'static str,
    verdict: &'static str,
    rung: Option<&'static str>,
    summary: &'static str,
}

pub const fn fails(id: &'static str, rung: &'static str, summary: &'static str) -> Shows {
    Shows { id, verdict: "fail", rung: Some(rung), summary }
}

const fn late(id: &'static str, rung: &'static str, summary: &'static str) -> Shows {
    Shows { id, verdict: "timeout", rung: Some(rung), summary }
}

pub const fn fine(id: &'static str, summary: &'static str) -> Shows {
    Shows { id, verdict: "ok", rung: None, summary }
}

impl Shows {
    fn is_in(&self, board: &Value) -> bool {
        board["checks"].as_array().unwrap().iter().any(|it| {
            it["id"] == self.id
                && it["verdict"] == self.verdict
                && it["rung"].as_str() == self.rung
                && it["summary"].as_str().unwrap().contains(self.summary)
        })
    }
}

/// The sample with its stack.
pub struct Rig {
    /// Its container engine.
    pub engine: Engine,
    /// The user's folders.
    pub home: Home,
    /// The sample.
    pub root: PathBuf,
}

impl Rig {
    fn new() -> Result<Self, String> {
        let engine = Engine::start()?;
        let home = Home::new();
        let root = home.folder("tmp").canonicalize().unwrap().join("sample");
        let rig = Self { engine, home, root };
        fs::create_dir(&rig.root).unwrap();
        rig.navi(&["demo", "--unpack", &rig.root.to_string_lossy()], None);
        rig.down();
        rig.compose(&["up", "-d", "--no-build"]);
        rig.compose(&["exec", "-T", "api", "alembic", "upgrade", "head"]);
        rig.navi(&["trust", "--allow-all"], None);
        Ok(rig)
    }

    fn down(&self) {
        self.compose(&["down", "--volumes", "--remove-orphans", "--timeout", "1"]);
    }

    /// Runs docker and returns what it printed; it has to succeed.
    fn docker(&self, arguments: &[&str]) -> String {
        let out = Command::new("docker")
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

    /// Runs navi in the sample, with this `COMPOSE_PROJECT_NAME`.
    pub fn navi(&self, arguments: &[&str], project: Option<&str>) -> Output {
        Command::new(env!("CARGO_BIN_EXE_navi"))
            .args(arguments)
            .current_dir(&self.root)
            .env_clear()
            .envs(self.home.variables())
            .envs(self.engine.variables.iter().cloned())
            .envs(project.map(|it| ("COMPOSE_PROJECT_NAME", it)))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn board(&self, project: Option<&str>) -> Value {
        let out = self.navi(&["check", "--json"], project);
        let text = String::from_utf8_lossy(&out.stdout);
        let board: Value = serde_json::from_str(&text)
            .unwrap_or_else(|it| panic!("{it}: {text} {}", String::from_utf8_lossy(&out.stderr)));
        let exit = i32::from(board["ok"] != true);
        assert_eq!(out.status.code(), Some(exit), "{board}");
        let took = board["took_ms"].as_u64().unwrap();
        assert!(took <= LONGEST_MS + SPARE_MS, "{took} ms: {board}");
        board
    }

    /// Looks at the board until it shows all of these, and returns it. Looking takes its time, so
    /// that nothing has to wait in between.
    pub fn until(&self, what: &str, project: Option<&str>, shows: &[Shows]) -> Value {
        let started = Instant::now();
        loop {
            let board = self.board(project);
            let Some(missing) = shows.iter().find(|it| !it.is_in(&board)) else {
                println!("{what}: {:?}", started.elapsed());
                return board;
            };
            if started.elapsed() > PATIENCE {
                let rows = board["checks"].as_array().unwrap().iter().map(|it| {
                    format!("{} {} {} {}", it["verdict"], it["rung"], it["id"], it["summary"])
                });
                let rows: Vec<String> = rows.collect();
                panic!("{what}: {} is not told as it should:\n{}", missing.id, rows.join("\n"));
            }
        }
    }

    /// Runs an emergency command that has to succeed and to say this.
    fn runs(&self, id: &str, says: &str) {
        let out = self.navi(&["run", id, "--once"], None);
        let text = String::from_utf8_lossy(&out.stdout);
        let err = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success() && text.contains(says), "{id}: {text}\n{err}");
    }
}

#[test]
fn a_real_stack_is_run_and_its_faults_are_named() {
    let rig = match Rig::new() {
        Ok(rig) => rig,
        Err(why) => {
            println!("skipped: {why}");
            return;
        }
    };
    all_is_well(&rig);
    emergency_commands(&rig);
    emergency_commands_from_the_panel(&rig);
    blocked_query(&rig);
    redis_without_memory(&rig);
    api_answers_500(&rig);
    an_incident_is_played(&rig);
    hanging_port(&rig);
    wrong_project(&rig);
    restart_loop(&rig);
    stopped_database(&rig);
    killed_api(&rig);
    frozen_engine(&rig);
    rig.down();
}

fn all_is_well(rig: &Rig) {
    let board = rig.until(
        "all is well",
        None,
        &[
            fine("compose.ps", "5 up"),
            fine("compose.postgres.ready", "accepting connections"),
            fine("compose.postgres.status", "of 100 connections"),
            fine("compose.redis.info", "of 256 MiB"),
            fine("compose.api.http", "HTTP 200"),
            fine("compose.api.healthcheck", "exit 0"),
            fine("http.api.health-ready", "HTTP 200"),
            fine("compose.web.http", "HTTP 200"),
            fine("compose.nginx.http", "HTTP 200"),
            fine("compose.nginx.config", "its configuration is right"),
            fine("docker.stats", "5 containers"),
        ],
    );
    // Its other stacks are not up, which is no fault while one of them is.
    assert_eq!(board["ok"], true, "{board}");
    let other = Shows {
        id: "compose.tools-docker-test.postgres.ready",
        verdict: "skipped",
        rung: None,
        summary: "nothing of this stack is up",
    };
    assert!(other.is_in(&board), "{board}");
}

/// The guide's emergency debugging commands.
fn emergency_commands(rig: &Rig) {
    // What stands for the virtual environment: the API's tests run in its container.
    let tests = rig.root.join("apps/api/.venv/bin/pytest");
    fs::create_dir_all(tests.parent().unwrap()).unwrap();
    let text = format!(
        "#!/bin/sh\ncd ../..\nexec docker compose -f {FILE} exec -T api python -m pytest -q \
         -p no:cacheprovider tests\n"
    );
    fs::write(&tests, text).unwrap();
    fs::set_permissions(&tests, fs::Permissions::from_mode(0o755)).unwrap();
    rig.runs("make.health", "\"status\":\"ok\"");
    rig.runs("compose.api.http", "HTTP/1.1 200");
    rig.runs("compose.api.logs", "api starting");
    rig.runs("compose.web.logs", "GET / HTTP");
    rig.runs("compose.postgres.tables", "users");
    rig.runs("compose.redis.info", "used_memory_human");
    rig.runs("docker.stats", "tech-platform-api-1");
    rig.runs("compose.ps", "tech-platform-nginx-1");
    let out = rig.navi(&["run", "make.test-api", "--once", "--yes"], None);
    let text = String::from_utf8_lossy(&out.stdout);
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success() && text.contains(" passed"), "{text}\n{said}");
}

/// The same, each from its row in the panel: run, waited for, and read.
fn emergency_commands_from_the_panel(rig: &Rig) {
    let more: Vec<(&str, &OsStr)> =
        rig.engine.variables.iter().map(|it| (it.0.as_str(), OsStr::new(it.1.as_str()))).collect();
    let program = env!("CARGO_BIN_EXE_navi");
    let arguments = ["--panel", "commands"];
    let mut pty = Pty::spawn(&rig.home, &rig.root, (160, 40), program, &arguments, &more);
    pty.wait_for("commands");
    pty.wait_for("Health");
    for (id, says) in [
        ("make.health", "\"status\":\"ok\""),
        ("compose.api.logs", "api starting"),
        ("compose.web.logs", "GET / HTTP"),
        ("compose.postgres.tables", "users"),
        ("compose.redis.info", "used_memory_human"),
        ("docker.stats", "tech-platform-api-1"),
        ("make.test-api", "passed"),
    ] {
        // After a run the same key begins another filter.
        pty.send("/");
        pty.send(id);
        pty.wait_line(id, |line| line.starts_with(&format!(" / {id} ")));
        pty.wait_line(id, |line| line.contains(&format!("─ {id} ─")));
        pty.send(Keys::ENTER);
        if id == "make.test-api" {
            pty.wait_for("run this?");
            pty.send("r");
        }
        let ended = format!("─ {id} ─");
        pty.wait_line("its end", |line| line.contains(&ended) && line.contains(" ok · "));
        pty.send("\t");
        pty.wait_for("next error");
        pty.send("/");
        pty.wait_for("find:");
        pty.send(says);
        pty.send(Keys::ENTER);
        pty.wait_line(says, |line| line.contains('▸') && line.contains(says));
        pty.send("q");
        pty.wait_gone("next error");
    }
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    pty.assert_restored();
}

fn blocked_query(rig: &Rig) {
    let psql = |sql: &str| format!("psql -U dev_user -d tech_platform -c \"{sql}\"");
    let run = |sql: &str| {
        rig.compose(&["exec", "-d", "postgres", "sh", "-c", &psql(sql)]);
    };
    run("BEGIN; LOCK TABLE users; SELECT pg_sleep(300)");
    let held = "SELECT 'held' FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' \
                AND relation = 'users'::regclass";
    let asked = Instant::now();
    while !rig.compose(&["exec", "-T", "postgres", "sh", "-c", &psql(held)]).contains("held\n") {
        assert!(asked.elapsed() < PATIENCE, "nobody holds the lock");
    }
    run("SELECT count(*) FROM users");
    let shown = [fails("compose.postgres.status", "app", "1 blocked, oldest ")];
    let board = rig.until("a blocked query", None, &shown);
    let first = &board["checks"][0];
    assert_eq!(first["next"], "navi run compose.postgres.activity");
    assert!(first["last_ok"]["summary"].as_str().unwrap().contains("of 100 connections"));
    rig.runs("compose.postgres.blocked", "SELECT count(*) FROM users");
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE query LIKE '%pg_sleep(300)%' AND pid <> pg_backend_pid()";
    rig.compose(&["exec", "-T", "postgres", "sh", "-c", &psql(end)]);
}

fn redis_without_memory(rig: &Rig) {
    let redis = |arguments: &[&str]| {
        rig.compose(&[&["exec", "-T", "redis", "redis-cli"], arguments].concat());
    };
    redis(&["config", "set", "maxmemory", "4mb"]);
    // Keys that never expire, which the sample's policy may not evict.
    let fill = "for i = 1, 100000 do redis.call('set', 'k' .. i, string.rep('x', 1000)) end";
    redis(&["eval", fill, "0"]);
    // A script that has begun may go on; the next write is refused.
    redis(&["set", "one", "more"]);
    let shown = [fails("compose.redis.info", "app", "% of maxmemory, writes refused: ")];
    rig.until("redis has no memory left", None, &shown);
    redis(&["flushall"]);
    redis(&["config", "set", "maxmemory", "256mb"]);
}

fn api_answers_500(rig: &Rig) {
    let file = rig.root.join("apps/api/app/api/v1/health.py");
    let text = fs::read_to_string(&file).unwrap();
    let head = "async def live() -> HealthReport:";
    let broken = text.replace(head, &format!("{head}\n    raise RuntimeError('no')"));
    assert_ne!(text, broken);
    fs::write(&file, broken).unwrap();
    let shown = [fails("compose.api.http", "app", "HTTP 500 in ")];
    let board = rig.until("the API answers 500", None, &shown);
    let checks = board["checks"].as_array().unwrap();
    let api = checks.iter().find(|it| it["id"] == "compose.api.http").unwrap();
    // The sample's history has commits of the last week to the folder that the API is built from.
    assert!(!api["recent_commits"].as_array().unwrap().is_empty(), "{api}");
    fs::write(&file, text).unwrap();
    rig.until("the API is well again", None, &[fine("compose.api.http", "HTTP 200")]);
}

fn hanging_port(rig: &Rig) {
    rig.compose(&["exec", "-T", "api", "sh", "-c", "kill -STOP -1"]);
    let shown = [
        late("compose.api.http", "app", "no answer in 5."),
        fine("compose.postgres.ready", "accepting connections"),
    ];
    rig.until("a port hangs", None, &shown);
    rig.compose(&["exec", "-T", "api", "sh", "-c", "kill -CONT -1"]);
    rig.until("the API is well again", None, &[fine("compose.api.http", "HTTP 200")]);
}

fn wrong_project(rig: &Rig) {
    let project = "it runs as tech-platform-postgres-1 of project tech-platform";
    let shown = [
        fails("compose.postgres.status", "project", project),
        fails("compose.redis.ping", "project", "of project tech-platform"),
        fails("compose.ps", "project", "no container of this project"),
        fine("compose.api.http", "HTTP 200"),
    ];
    rig.until("a wrong project", Some("other"), &shown);
}

fn restart_loop(rig: &Rig) {
    let file = rig.root.join(FILE);
    let text = fs::read_to_string(&file).unwrap();
    let more = "services:\n  sessions:\n    image: redis:7-alpine\n    \
                command: [\"redis-server\", \"/nowhere.conf\"]\n    restart: always\n    \
                ports: [\"6380:6379\"]\n\n";
    fs::write(&file, text.replacen("services:\n", more, 1)).unwrap();
    rig.compose(&["up", "-d", "--no-build", "--no-deps", "sessions"]);
    // The file has changed, and with it what was trusted.
    let board = rig.board(None);
    let changed = Shows {
        id: "compose.postgres.ready",
        verdict: "skipped",
        rung: None,
        summary: "changed since it was trusted",
    };
    assert!(changed.is_in(&board), "{board}");
    rig.navi(&["trust", "--allow-all"], None);
    let shown = [
        fails("compose.sessions.ping", "container", "restarts over and over"),
        fails("compose.ps", "container", "sessions restarting"),
    ];
    rig.until("a restart loop", None, &shown);
    rig.compose(&["rm", "--stop", "--force", "sessions"]);
    fs::write(&file, text).unwrap();
    rig.navi(&["trust", "--allow-all"], None);
}

fn stopped_database(rig: &Rig) {
    rig.compose(&["stop", "postgres"]);
    let shown = [
        fails("compose.postgres.status", "container", "tech-platform-postgres-1 has ended (0)"),
        fails("http.api.health-ready", "app", "HTTP 503 in "),
    ];
    rig.until("the database is stopped", None, &shown);
    rig.compose(&["start", "postgres"]);
}

fn killed_api(rig: &Rig) {
    rig.compose(&["kill", "api"]);
    let config = "host not found in upstream \"api:8000\"";
    let shown = [
        fails("compose.api.http", "container", "tech-platform-api-1 has ended (137), killed"),
        fails("compose.nginx.config", "app", config),
        fine("compose.web.http", "HTTP 200"),
    ];
    rig.until("the API is killed", None, &shown);
    rig.compose(&["start", "api"]);
}

fn frozen_engine(rig: &Rig) {
    struct Thaw<'a>(&'a Engine);
    impl Drop for Thaw<'_> {
        fn drop(&mut self) {
            self.0.signal("-CONT");
        }
    }
    rig.engine.signal("-STOP");
    let _thaw = Thaw(&rig.engine);
    let silent = "the container engine is silent";
    let shown = [
        late("compose.postgres.status", "daemon", silent),
        late("compose.redis.ping", "daemon", silent),
        late("compose.ps", "daemon", silent),
        fine("compose.web.http", "HTTP 200"),
    ];
    rig.until("the engine is frozen", None, &shown);
}
