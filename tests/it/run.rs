//! `navi run` and `navi trust` on the real binary: what is refused and how, what comes out, with
//! which exit status navi ends, and that nothing stays when it is killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::running::runs;
use crate::support::{Cli, Pty, Tree, eventually};

const REPOSITORY: &str = "\
[[command]]
id = \"hello\"
title = \"Say hello\"
shell = \"echo hello; echo odd >&2\"

[[command]]
id = \"status\"
argv = [\"cat\", \"status.txt\"]

[[command]]
id = \"fails\"
shell = \"echo no; exit 7\"

[[command]]
id = \"say\"
argv = [\"echo\", \"said:\"]
parameters = [{ name = \"WHAT\", passing = \"argument\" }]

[[command]]
id = \"make\"
argv = [\"touch\", \"made\"]

[[command]]
id = \"wipe\"
argv = [\"rm\", \"-rf\", \"data\"]

[[command]]
id = \"long\"
shell = \"echo begun; sleep 321.27 & setsid sleep 322.27 & trap '' TERM; sleep 323.27; sleep 323.27\"
";

fn repository() -> Tree {
    Tree::of(&[(".navi.toml", REPOSITORY), ("status.txt", "fine\n"), ("data/x", "kept\n")])
}

fn lines(out: &str) -> Vec<Value> {
    let lines = out.lines().map(|it| serde_json::from_str::<Value>(it).unwrap());
    lines.inspect(|it| assert_eq!(it["version"], 1)).collect()
}

#[test]
fn what_nobody_has_seen_is_refused_with_its_card() {
    let tree = repository();
    let cli = Cli::new(tree.path());
    let said = cli.run(&["run", "status"]).exit(2);
    assert_eq!(said.out, "");
    for part in [
        "from .navi.toml:6",
        "risk read-only",
        "run: cat status.txt",
        "`status` is not trusted",
        "navi trust --allow status",
    ] {
        assert!(said.err.contains(part), "{part}\n{}", said.err);
    }
    let error = &cli.run(&["run", "status", "--json"]).exit(2).json()["error"];
    assert_eq!(
        (error["kind"].as_str(), error["message"].as_str()),
        (Some("usage"), Some("`status` is not trusted"))
    );
    let said = cli.run(&["run", "statsu"]).exit(2);
    assert!(said.err.contains("did you mean `status`?"), "{}", said.err);
    assert_eq!(cli.run(&["run", "status", "--once"]).exit(0).out, "fine\n");
    // `--yes` is no trust.
    cli.run(&["run", "status", "--yes"]).exit(2);
}

#[test]
fn what_is_trusted_runs_until_it_changes() {
    let tree = repository();
    let cli = Cli::new(tree.path());
    let listed = cli.run(&["trust"]).exit(0).out;
    assert!(listed.contains("unknown\tread-only\tstatus\t.navi.toml:6\n"), "{listed}");
    let said = cli.run(&["trust", "--allow", "status"]).exit(0);
    assert_eq!(said.out, "trusted\tstatus\n");
    assert_eq!(cli.run(&["run", "status"]).exit(0).out, "fine\n");
    // Trust is the user's: another home knows nothing of it.
    Cli::new(tree.path()).run(&["run", "status"]).exit(2);
    tree.write(".navi.toml", &REPOSITORY.replace("\"status.txt\"", "\"data/x\""));
    let said = cli.run(&["run", "status"]).exit(2);
    for part in ["changed since it was trusted", "- run: cat status.txt", "+ run: cat data/x"] {
        assert!(said.err.contains(part), "{part}\n{}", said.err);
    }
    let all = cli.run(&["trust", "--json"]).exit(0).json();
    let row = all["commands"].as_array().unwrap().iter().find(|it| it["id"] == "status").unwrap();
    assert_eq!((row["trust"].as_str(), row["source"]["line"].as_u64()), (Some("changed"), Some(6)));
    assert!(row["since"].is_u64() && row["fingerprint"].as_str().unwrap().len() == 64);
    cli.run(&["trust", "--deny", "status"]).exit(0);
    let said = cli.run(&["run", "status", "--once", "--yes"]).exit(2);
    assert!(said.err.contains("was denied"), "{}", said.err);
    cli.run(&["trust", "--revoke", "status"]).exit(0);
    cli.run(&["run", "status", "--once"]).exit(0);
    cli.run(&["trust", "--allow", "nothing"]).exit(2);
    cli.run(&["--no-state", "trust", "--allow", "status"]).exit(2);
}

#[test]
fn a_repository_cannot_trust_itself() {
    let tree = repository();
    let own = format!(
        "trust = \"all\"\n[settings]\nrun.read-only = false\ntrust = true\n[trust]\nallow = [\"status\"]\n{}",
        REPOSITORY.replace("id = \"status\"", "id = \"status\"\ntrusted = true\nconfirm = false")
    );
    tree.write(".navi.toml", &own);
    let cli = Cli::new(tree.path());
    let said = cli.run(&["run", "status"]).exit(2);
    assert_eq!(said.out, "");
    tree.write(".navi.toml", &own.replace("\ntrusted = true\nconfirm = false", ""));
    let said = cli.run(&["run", "status"]).exit(2);
    assert!(said.err.contains("`status` is not trusted"), "{}", said.err);
    let all = cli.run(&["trust", "--json"]).exit(0).json();
    assert!(all["diagnostics"].to_string().contains("trust"), "{all}");
}

#[test]
fn output_and_exit_status_are_the_commands() {
    let tree = repository();
    let cli = Cli::new(tree.path());
    let said = cli.run(&["run", "hello", "--once", "--yes"]).exit(0);
    assert_eq!((said.out.as_str(), said.err.as_str()), ("hello\n", "odd\n"));
    let said = cli.run(&["run", "fails", "--once", "--yes", "--json"]).exit(7);
    let told = lines(&said.out);
    assert_eq!(told[0]["event"], "started");
    assert_eq!((told[0]["id"].as_str(), told[0]["argv"][0].as_str()), (Some("fails"), Some("sh")));
    assert_eq!(
        told[1],
        serde_json::json!({"version":1,"event":"output","stream":"stdout","text":"no"})
    );
    let end = &told[2];
    assert_eq!((end["event"].as_str(), end["status"].as_str()), (Some("finished"), Some("failed")));
    assert_eq!((end["exit"].as_i64(), end["dropped_bytes"].as_u64()), (Some(7), Some(0)));
    assert!(end["ms"].is_u64());
    let said = cli.run(&["run", "say", "--once", "--yes", "--", "$(touch marker); rm"]).exit(0);
    assert_eq!(said.out, "said: $(touch marker); rm\n");
    assert!(!tree.path().join("marker").exists());
    let said = cli.run(&["run", "say", "--once", "--yes", "--", "WHAT=-n"]).exit(2);
    assert!(said.err.contains("read as an option"), "{}", said.err);
    let said = cli.run(&["run", "say", "--once", "--yes"]).exit(2);
    assert!(said.err.contains("it needs a value for `WHAT`"), "{}", said.err);
    cli.run(&["run", "hello", "--once", "--yes", "--", "extra"]).exit(2);
    let said = cli.run(&["run", "long", "--once", "--yes", "--timeout", "1", "--json"]).exit(124);
    assert_eq!(lines(&said.out).last().unwrap()["status"], "timeout");
    assert!(!["321.27", "322.27", "323.27"].into_iter().any(runs));
}

#[test]
fn what_destroys_is_typed_on_a_terminal_or_refused() {
    let tree = repository();
    let cli = Cli::new(tree.path());
    cli.run(&["trust", "--allow", "wipe"]).exit(0);
    let said = cli.run_with("wipe\n", &["run", "wipe", "--yes", "--once"]).exit(2);
    assert!(said.err.contains("to be typed on a terminal"), "{}", said.err);
    assert!(tree.path().join("data/x").exists());
    let mut pty = Pty::navi(&cli.home, tree.path(), (100, 30), &["run", "wipe"]);
    pty.wait_for("Type `wipe` to run it");
    pty.send("yes\r");
    assert_eq!(pty.wait_exit(), 2);
    assert!(tree.path().join("data/x").exists());
    let mut pty = Pty::navi(&cli.home, tree.path(), (100, 30), &["run", "wipe"]);
    pty.wait_for("Type `wipe` to run it");
    pty.send("wipe\r");
    assert_eq!(pty.wait_exit(), 0);
    assert!(!tree.path().join("data").exists());
}

#[test]
fn a_read_only_navi_refuses_what_is_not_known_to_read() {
    let tree = repository();
    let cli = Cli::new(tree.path());
    let said = cli.run(&["--read-only", "run", "make", "--once", "--yes"]).exit(2);
    assert!(said.err.contains("navi is read-only"), "{}", said.err);
    cli.run(&["run", "status", "--once", "--read-only"]).exit(0);
    cli.home.settings("[run]\nread-only = \"of course\"\n");
    cli.run(&["run", "make", "--once", "--yes"]).exit(2);
    assert!(!tree.path().join("made").exists());
    cli.home.settings("");
    let said = cli.run(&["run", "make", "--once"]).exit(2);
    assert!(said.err.contains("has to be confirmed"), "{}", said.err);
    cli.run(&["run", "make", "--once", "--yes"]).exit(0);
    assert!(tree.path().join("made").exists());
}

/// `navi run long` after its first line.
fn begun(cli: &Cli, tree: &Tree) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_navi"))
        .args(["run", "long", "--once", "--yes"])
        .current_dir(tree.path())
        .env_clear()
        .envs(cli.home.variables())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "begun\n");
    child
}

#[test]
fn a_signal_stops_the_command_and_a_kill_leaves_nothing() {
    let marks = ["321.27", "322.27", "323.27"];
    let tree = Tree::of(&[(".navi.toml", &REPOSITORY.replace("32", "33"))]);
    let marks = marks.map(|it| it.replace("32", "33"));
    let none = || (!marks.iter().any(|it| runs(it))).then_some(());
    let cli = Cli::new(tree.path());
    let mut child = begun(&cli, &tree);
    let id = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    none().expect("ctrl-c ends all of it before navi ends");
    let mut child = begun(&cli, &tree);
    assert!(marks.iter().all(|it| runs(it)));
    child.kill().unwrap();
    child.wait().unwrap();
    eventually(&"all of the command to end", none);
}
