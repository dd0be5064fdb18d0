//! `navi incident` on the real binary: declared, noted, merged, reported; killed recorders, a full
//! disk, secrets, nothing without leave.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use navi::config::incident::{IncidentStore, Recorder};
use navi::engine::commands::{Outcome, Risk, RunRecord, Status};
use navi::engine::incident::What;
use navi::engine::redact::Redactor;

use crate::support::{Cli, Tree, can_unshare};

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

/// The store that the binary uses on this repository.
fn store(cli: &Cli, tree: &Tree) -> IncidentStore {
    let root = fs::canonicalize(tree.path()).unwrap();
    let state = cli.home.folder("state").join("navi-oncall");
    IncidentStore::new(Some(&state), &root, Redactor::default())
}

#[test]
fn an_incident_is_declared_noted_ended_and_told() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let none = cli.run(&["incident", "status", "--json"]).exit(1).json();
    assert_eq!(none["active"], false);
    cli.run(&["incident", "note", "before it had a name"]).exit(0);
    let started = cli.run(&["incident", "start", "--json", "logins", "answer 500"]).exit(0).json();
    let id = started["incident"]["id"].as_str().unwrap().to_owned();
    assert!(id.ends_with("-logins-answer-500"), "{id}");
    let twice = cli.run(&["incident", "start", "again"]).exit(2);
    assert!(twice.err.contains("running already"), "{}", twice.err);
    cli.run_with("from\nstdin\n", &["incident", "note", "-"]).exit(0);
    let status = cli.run(&["incident", "status"]).exit(0).out;
    assert!(status.contains("logins answer 500: running for"), "{status}");
    assert!(status.contains("note: from stdin"), "{status}");

    let store = store(&cli, &tree);
    let mut recorder = Recorder::new(store, "7-7");
    let record = RunRecord {
        id: "make.migrate".into(),
        template: vec!["make".into(), "migrate".into()],
        argv: ["make", "migrate", "DB_PASSWORD=hunter2"].map(str::to_owned).to_vec(),
        risk: Risk::Changes,
        targets: vec!["docker context default".into()],
        began_ms: now(),
        outcome: Outcome {
            status: Status::Failed,
            exit: Some(2),
            ms: 1500,
            dropped_bytes: 0,
            notes: Vec::new(),
        },
        digest: "ab".repeat(32),
    };
    recorder.record(now(), What::of_run(&record)).unwrap();
    recorder.record(now(), What::Open { path: "api/auth.py".into(), line: Some(6) }).unwrap();

    cli.run(&["incident", "stop"]).exit(0);
    cli.run(&["incident", "stop"]).exit(1);
    let report = cli.run(&["incident", "report"]).exit(0).out;
    for part in [
        "# Incident: logins answer 500\n",
        "## Impact\n",
        "**note: before it had a name**",
        "**note: from stdin**",
        "`make migrate DB_PASSWORD=[redacted: secret]`",
        "exit 2 after 1.5 s",
        "- `api/auth.py:6`\n",
        "**incident over**",
    ] {
        assert!(report.contains(part), "{part}\n{report}");
    }
    assert!(!report.contains("hunter2"));
    let json = cli.run(&["incident", "report", "--format", "json"]).exit(0).json();
    let kinds: Vec<&str> = json["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["note", "start", "promoted", "note", "command", "open", "stop"]);
    assert_eq!(json["timeline"][4]["exit"], 2);
    assert_eq!(json["files"][0]["path"], "api/auth.py");
    let handover = cli.run(&["incident", "handover", &id]).exit(0).out;
    assert!(handover.lines().count() <= 10, "{handover}");
    assert!(handover.contains("make migrate"), "{handover}");
    let list = cli.run(&["incident", "list", "--json"]).exit(0).json();
    assert_eq!(list["incidents"][0]["id"], id.as_str());
    assert_eq!(list["incidents"][0]["active"], false);
    let unknown = cli.run(&["incident", "report", "20200101-0000-x"]).exit(2);
    assert!(unknown.err.contains("navi incident list"), "{}", unknown.err);
}

#[test]
fn what_is_said_is_shown_in_the_users_own_time_as_well() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    cli.run(&["incident", "start", "t"]).exit(0);
    let run = |zone: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_navi"))
            .args(["incident", "report"])
            .current_dir(tree.path())
            .env_clear()
            .envs(cli.home.variables())
            .env("TZ", zone)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(run("UTC").contains("| UTC | local (+00:00) | what |"), "{}", run("UTC"));
    assert!(run("<+0545>-5:45").contains("| UTC | local (+05:45) | what |"));
}

#[test]
fn secrets_of_the_repository_never_reach_the_disk() {
    let tree = Tree::service();
    // In pieces, so that nobody takes this file for one with secrets.
    let secret = ["correct", "horse", "battery9"].join("-");
    tree.write("api/.env.local", &format!("SMTP_PASSWORD={secret}\n"));
    tree.write(".gitignore", ".env*\n");
    let cli = Cli::new(tree.path());
    let token = format!("{}_{}", "ghp", "a1B2".repeat(9));
    cli.run(&["incident", "start", "mail", &secret]).exit(0);
    cli.run(&["incident", "note", &format!("tried {secret} and {token}")]).exit(0);
    cli.run(&["incident", "note", "postgres://app:pw-of-the-app@db/shop"]).exit(0);
    let mut folders = vec![cli.home.folder("state")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()) {
            assert!(!path.display().to_string().contains("battery9"), "{}", path.display());
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let text = fs::read_to_string(&path).unwrap();
            for gone in [secret.as_str(), token.as_str(), "pw-of-the-app"] {
                assert!(!text.contains(gone), "{gone} in {}: {text}", path.display());
            }
        }
    }
    assert!(files > 2);
    let report = cli.run(&["incident", "report"]).exit(0).out;
    assert!(report.contains("tried \\[redacted: value of .env] and \\[redacted: token of GitHub]"));
}

#[test]
fn without_leave_nothing_is_written() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    for words in [&["start", "t"][..], &["note", "x"], &["stop"], &["status"], &["report"]] {
        let arguments: Vec<&str> =
            ["--no-state", "incident"].iter().chain(words).copied().collect();
        let said = cli.run(&arguments).exit(2);
        assert!(said.err.contains("--no-state"), "{}", said.err);
    }
    assert_eq!(fs::read_dir(cli.home.folder("state")).unwrap().count(), 0);
    let error = cli.run(&["--no-state", "incident", "status", "--json"]).exit(2).json();
    assert_eq!(error["error"]["kind"], "environment");
}

#[test]
fn hostile_notes_steer_nothing() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    cli.run(&["incident", "start", "a\u{1b}[31m|b\u{202e}"]).exit(0);
    cli.run(&["incident", "note", "x\u{1b}]52;c;aGk=\u{7}\r\n| y | <script>"]).exit(0);
    for words in [&["report"][..], &["status"], &["handover"], &["list"], &["report", "--json"]] {
        let arguments: Vec<&str> = ["incident"].iter().chain(words).copied().collect();
        let said = cli.run(&arguments).exit(0);
        let steers = |it: char| it != '\n' && (it.is_control() || it == '\u{202e}');
        assert!(!said.out.contains(steers), "{:?}", said.out);
    }
    let report = cli.run(&["incident", "report"]).exit(0).out;
    assert!(report.contains("\\| y \\| \\<script>"), "{report}");
}

/// The name of the variable that makes [`a_recorder_that_is_killed`] record.
const RECORD_INTO: &str = "NAVI_TEST_RECORD_INTO";

/// Started by the next test as a program of its own; alone it only tries its recorder.
#[test]
fn a_recorder_that_is_killed() {
    let (state, who, most) = if let Ok(it) = std::env::var(RECORD_INTO) {
        let (state, who) = it.rsplit_once('|').unwrap();
        (state.to_owned(), who.to_owned(), usize::MAX)
    } else {
        let state = tempfile::tempdir().unwrap().keep().display().to_string();
        (state, "0-0".to_owned(), 20)
    };
    let store = IncidentStore::new(Some(Path::new(&state)), Path::new("/r"), Redactor::default());
    let mut recorder = Recorder::new(store.clone(), &who);
    let _ = recorder.start("storm", None, now());
    let mut out = std::io::stdout();
    for number in 0..most {
        let text = format!("{who}/{number} {}", "x".repeat(number % 200));
        recorder.record(now(), What::Note { text }).unwrap();
        writeln!(out, "told {who}/{number}.").unwrap();
        out.flush().unwrap();
    }
    let (timeline, said) = store.read(&store.active().unwrap());
    assert_eq!((timeline.notes().len(), said), (20, Vec::new()));
    fs::remove_dir_all(&state).unwrap();
}

#[test]
fn killed_recorders_lose_nothing_that_they_had_told() {
    let place = tempfile::tempdir().unwrap();
    let mut told = BTreeSet::new();
    for run in 0..6 {
        let who = format!("{run}-1");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "incident::a_recorder_that_is_killed", "--nocapture"])
            .env(RECORD_INTO, format!("{}|{who}", place.path().display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut lines = lines.filter_map(|it| {
            let (_, name) = it.split_once("told ")?;
            Some(name.strip_suffix('.')?.to_owned())
        });
        let before = told.len();
        told.extend(lines.by_ref().take(40 + 37 * run));
        child.kill().unwrap();
        told.extend(lines);
        child.wait().unwrap();
        assert!(told.len() >= before + 40, "the recorder did not run");
        // A line that was cut short, as a crash of the machine leaves it.
        let store = IncidentStore::new(Some(place.path()), Path::new("/r"), Redactor::default());
        let folder = store.folder_of(&store.active().unwrap()).unwrap();
        let file = fs::File::options().append(true).open(folder.join(format!("{who}.jsonl")));
        file.unwrap().write_all(b"{\"v\":1,\"n\":99,\"at\":1,\"wh").unwrap();
    }
    let store = IncidentStore::new(Some(place.path()), Path::new("/r"), Redactor::default());
    let (timeline, said) = store.read(&store.active().unwrap());
    let notes = timeline.notes();
    let there: BTreeSet<String> =
        notes.iter().map(|it| it.1.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(told.difference(&there).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(said.len(), 6, "{said:?}");
}

#[test]
fn a_full_disk_keeps_what_was_written_and_goes_on_when_there_is_room() {
    if !can_unshare("a full disk", &["--user", "--map-root-user", "--mount"]) {
        return;
    }
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let state = cli.home.folder("state").join("navi-oncall");
    fs::create_dir(&state).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=64k none '{0}' && \"$1\" incident start full && \
         \"$1\" incident note 'before' && head -c 100k /dev/zero > '{0}/filler'; \
         \"$1\" incident note 'while it is full'; echo \"status $?\"; \
         rm '{0}/filler' && \"$1\" incident note 'after' && \"$1\" incident report",
        state.display()
    );
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"])
        .arg(env!("CARGO_BIN_EXE_navi"))
        .current_dir(tree.path())
        .env_clear()
        .envs(cli.home.variables())
        .output()
        .unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("status 2"), "{out}\n{err}");
    assert!(err.contains("the record cannot be written") && err.contains("make room"), "{err}");
    assert!(out.contains("note: before") && out.contains("note: after"), "{out}\n{err}");
    assert!(!out.contains("while it is full"), "it was refused, and said so");
}
