//! `navi init --runbook` on the real binary, and the recorder and the Runbooks panel in a terminal.

use std::fs;

use rustix::process::Signal;

use crate::support::{Cli, Home, Keys, Pty, Tree};

#[test]
fn a_first_runbook_is_drafted_from_what_was_found_and_never_over_one() {
    let tree = Tree::service();
    tree.write("compose.yml", "services:\n  db:\n    image: postgres:16\n");
    tree.write("Makefile", "logs: ## Show the log\n\ttail -n 50 app.log\n");
    let cli = Cli::new(tree.path());
    let printed = cli.run(&["init", "--runbook", "--stdout"]).exit(0).out;
    for part in [
        "# Runbook: ",
        "## Whom to call",
        "| db | `compose.yml:2` |",
        "`api/auth.py:",
        "`navi run make.logs`",
    ] {
        assert!(printed.contains(part), "{part}\n{printed}");
    }
    let files = |tree: &Tree| fs::read_dir(tree.path()).unwrap().count();
    let before = files(&tree);
    assert!(!tree.path().join("docs/runbooks/emergency.md").exists());
    cli.run(&["init", "--runbook"]).exit(0);
    assert_eq!(files(&tree), before, "it lies where documents lie");
    let path = tree.path().join("docs/runbooks/emergency.md");
    assert!(fs::read_to_string(&path).unwrap().starts_with("# Runbook: "));
    fs::write(&path, "mine\n").unwrap();
    let refused = cli.run(&["init", "--runbook"]).exit(2);
    assert!(refused.err.contains("already") && refused.err.contains("--stdout"), "{}", refused.err);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine\n");
}

#[test]
fn without_a_folder_of_documents_it_lies_at_the_root() {
    let tree = Tree::of(&[("main.py", "print(1)\n")]);
    let cli = Cli::new(tree.path());
    cli.run(&["init", "--runbook"]).exit(0);
    assert!(tree.path().join("RUNBOOK.md").is_file());
}

#[test]
fn hostile_documents_steer_no_terminal() {
    let tree = Tree::service();
    tree.write(
        "docs/runbooks/evil.md",
        "# Evil \u{1b}[31m\u{202e}title\n\n`\u{1b}]52;c;aGk=\u{7}` [x\u{9b}2J](\u{1b}y)\n\n```sh\u{1b}c\nls \u{1b}[2J\n```\n",
    );
    let home = Home::new();
    let mut pty = Pty::navi(&home, tree.path(), (100, 30), &["--panel", "runbooks"]);
    pty.wait_for("Evil ␛[31m<U+202E>title");
    // Which document comes first is known only when all files are.
    pty.send("/evil");
    pty.wait_for("▸   Evil");
    pty.send(Keys::ENTER);
    pty.wait_for("ls ␛[2J");
}

#[test]
fn what_is_done_on_the_screen_is_in_the_report_after_a_kill() {
    let tree = Tree::service();
    let home = Home::new();
    let mut pty = Pty::navi(&home, tree.path(), (100, 30), &["--panel", "runbooks"]);
    pty.wait_for("Login is down");
    pty.send("/login");
    pty.wait_for("▸   Login is down");
    pty.send(Keys::ENTER);
    pty.wait_for("Look at the sessions first.");
    pty.send("\u{1b}i");
    pty.wait_for("what fails?");
    pty.send("logins answer 500");
    pty.send(Keys::ENTER);
    pty.wait_for("incident declared: logins answer 500");
    pty.send("\u{1b}m");
    pty.wait_for("note:");
    pty.send("sessions are full, password=hunter2");
    pty.send(Keys::ENTER);
    pty.wait_for("noted");
    pty.send("\u{1b}8");
    pty.wait_for("RUNNING: logins answer 500");
    pty.wait_for("note: sessions are full");
    pty.signal(Signal::KILL);
    pty.wait_exit();
    let cli = Cli::with(home, tree.path());
    let report = cli.run(&["incident", "report"]).exit(0).out;
    for part in [
        "read the runbook docs/runbooks/login down.md",
        "note: sessions are full, password=\\[redacted: secret]",
    ] {
        assert!(report.contains(part), "{part}\n{report}");
    }
    assert!(!report.contains("hunter2"), "{report}");
}
