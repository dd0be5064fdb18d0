//! The screen in a real terminal: only what nothing else can prove.
//!
//! It starts, follows the window's size, lends the terminal to an editor and takes it back, and
//! gives it back as it was however it ends.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use rustix::process::Signal;

use crate::support::{Home, Keys, Pty, Tree};

/// A home, a small service, and navi on it in a terminal of that size.
fn started(size: (u16, u16), arguments: &[&str]) -> (Home, Tree, Pty) {
    let (home, tree) = (Home::new(), Tree::service());
    let pty = Pty::navi(&home, tree.path(), size, arguments);
    pty.wait_for("auth.py");
    (home, tree, pty)
}

/// An editor that writes its arguments to a file, says so, and waits for enter. Its name says how
/// it wants to be told the line.
fn editor(home: &Home) -> (PathBuf, PathBuf) {
    let script = home.folder("home").join("vim");
    let told = home.folder("home").join("told");
    let text = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\necho EDITING\nread answer\n",
        told.display()
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    (script, told)
}

#[test]
fn it_starts_with_rows_and_the_keys_that_work() {
    let (_home, _tree, pty) = started((80, 24), &[]);
    let screen = pty.wait_for("enter");
    for text in ["main.py", "cache.py", "routes.ts"] {
        assert!(screen.contains(text), "{text} in\n{screen}");
    }
    pty.wait_alternate(true);
    pty.wait_line("the number of files", |line| line.contains("6 files"));
}

#[test]
fn typing_finds() {
    let (_home, _tree, mut pty) = started((120, 30), &[]);
    pty.send("no form was");
    let screen = pty.wait_for("no form was sent");
    assert!(screen.contains("auth.py:6"), "{screen}");
    pty.wait_gone("routes.ts");
    // The query of the command line is as good as a typed one.
    let (home, tree) = (Home::new(), Tree::service());
    let pty = Pty::navi(&home, tree.path(), (120, 30), &["-q", "routes"]);
    pty.wait_for("'/login', '/cart'");
}

#[test]
fn enter_opens_the_editor_at_the_line_and_comes_back() {
    let (home, tree) = (Home::new(), Tree::service());
    let (editor, told) = editor(&home);
    let program = env!("CARGO_BIN_EXE_navi");
    let more: [(&str, &OsStr); 1] = [("EDITOR", editor.as_os_str())];
    let mut pty = Pty::spawn(&home, tree.path(), (100, 30), program, &["-q", "no form was"], &more);
    pty.wait_for("auth.py:6");
    let before = pty.wait_for("return form");
    pty.send(Keys::ENTER);
    pty.wait_for("EDITING");
    let arguments = fs::read_to_string(&told).unwrap();
    let arguments: Vec<&str> = arguments.lines().collect();
    let [line, file] = arguments[..] else { panic!("{arguments:?}") };
    assert_eq!(line, "+6");
    assert!(file.ends_with("api/auth.py"), "{file}");
    assert!(tree.path().join(file).is_file(), "{file}");
    pty.send(Keys::ENTER);
    pty.wait_gone("EDITING");
    let after = pty.wait_for("return form");
    let rows = |screen: &str| -> Vec<String> {
        let mut lines: Vec<String> = screen.lines().skip(2).map(str::to_owned).collect();
        lines.truncate(8);
        lines
    };
    assert_eq!(rows(&before), rows(&after));
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    pty.assert_restored();
}

#[test]
fn what_was_opened_for_a_query_comes_first_the_next_time() {
    let text = "def run():\n    pass\n";
    let tree = Tree::of(&[("alpha/thing.py", text), ("omega/thing.py", text)]);
    let home = Home::new();
    let row = |pty: &Pty, name: &str| {
        pty.wait_line("the selected row", |line| line.contains('▸') && line.contains(name));
    };
    let mut pty = Pty::navi(&home, tree.path(), (120, 30), &["-q", "thing", "--print"]);
    row(&pty, "alpha");
    pty.send("\u{e}");
    row(&pty, "omega");
    pty.send(Keys::ENTER);
    assert_eq!(pty.wait_exit(), 0);
    let pty = Pty::navi(&home, tree.path(), (120, 30), &["-q", "thing"]);
    row(&pty, "omega");
    // Nothing is remembered, and nothing that was counts, without state.
    let pty = Pty::navi(&home, tree.path(), (120, 30), &["-q", "thing", "--no-state"]);
    row(&pty, "alpha");
}

#[test]
fn a_trace_is_pasted_as_it_is() {
    let (_home, _tree, mut pty) = started((120, 30), &[]);
    let trace = "api-1  | Traceback (most recent call last):\rapi-1  |   File \"/srv/api/auth.py\", line 6, in login\rapi-1  |     raise ValueError\rapi-1  | ValueError: no form\r";
    pty.send(&format!("\u{1b}[200~{trace}\u{1b}[201~"));
    let screen = pty.wait_for("innermost frame");
    assert!(screen.contains("auth.py:6"), "{screen}");
}

#[test]
fn a_missing_editor_is_told_on_the_screen() {
    let (home, tree) = (Home::new(), Tree::service());
    let more: [(&str, &OsStr); 1] = [("EDITOR", OsStr::new("no-such-editor-anywhere"))];
    let program = env!("CARGO_BIN_EXE_navi");
    let mut pty = Pty::spawn(&home, tree.path(), (100, 30), program, &[], &more);
    pty.wait_for("auth.py");
    pty.send(Keys::CTRL_O);
    pty.wait_for("no-such-editor-anywhere");
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    pty.assert_restored();
}

#[test]
fn it_follows_the_window() {
    let (_home, _tree, mut pty) = started((80, 24), &[]);
    pty.resize(40, 10);
    pty.wait_for("auth.py");
    pty.send("cache");
    pty.wait_gone("routes.ts");
    pty.wait_for("cache.py");
    pty.resize(300, 100);
    pty.wait_for("redis.Redis()");
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    pty.assert_restored();
}

#[test]
fn a_burst_of_sizes_leaves_the_whole_screen() {
    let (_home, _tree, mut pty) = started((80, 24), &[]);
    // Back to the size of the last frame: the terminal has cut its cells away all the same.
    for (columns, rows) in [(40, 10), (300, 100), (20, 3), (1, 1), (80, 24)] {
        pty.resize(columns, rows);
    }
    pty.wait_for("routes.ts");
    pty.wait_for("enter open");
}

#[test]
fn leaving_gives_the_terminal_back() {
    let (_home, _tree, mut pty) = started((80, 24), &[]);
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    pty.assert_restored();
    assert!(!pty.screen().contains("auth.py"), "nothing is left behind:\n{}", pty.screen());
}

#[test]
fn escape_clears_and_then_leaves() {
    let (_home, _tree, mut pty) = started((80, 24), &[]);
    pty.send("cache");
    pty.wait_gone("routes.ts");
    pty.send(Keys::ESC);
    pty.wait_for("routes.ts");
    pty.send(Keys::ESC);
    assert_eq!(pty.wait_exit(), 130);
    pty.assert_restored();
}

#[test]
fn signals_that_end_it_restore_the_terminal() {
    for signal in [Signal::TERM, Signal::HUP] {
        let (_home, _tree, mut pty) = started((80, 24), &[]);
        pty.signal(signal);
        pty.wait_exit();
        pty.assert_restored();
    }
}

#[test]
fn it_sleeps_and_wakes_as_a_job_of_the_shell() {
    let (home, tree) = (Home::new(), Tree::service());
    let arguments = ["--norc", "--noprofile", "--noediting", "-i"];
    let more: [(&str, &OsStr); 2] =
        [("PS1", OsStr::new("ready> ")), ("NAVI", OsStr::new(env!("CARGO_BIN_EXE_navi")))];
    let mut pty = Pty::spawn(&home, tree.path(), (80, 24), "bash", &arguments, &more);
    // Typed ahead, a line may go to the program that is about to leave.
    let prompt = |line: &str| line.trim_end() == "ready>";
    pty.wait_line("the prompt", prompt);
    pty.send("\"$NAVI\"\n");
    pty.wait_for("routes.ts");
    pty.send("cache");
    pty.wait_gone("routes.ts");
    pty.send(Keys::CTRL_Z);
    pty.wait_for("Stopped");
    pty.wait_line("the prompt", prompt);
    pty.assert_restored();
    pty.send("fg\n");
    pty.wait_alternate(true);
    pty.wait_for("cache.py");
    pty.send(Keys::CTRL_C);
    pty.wait_alternate(false);
    pty.wait_line("the prompt", prompt);
    pty.send("echo \"status $?\"\n");
    pty.wait_line("the status", |line| line == "status 130");
    pty.send("exit\n");
    pty.wait_exit();
}

#[test]
fn a_shell_gets_the_place_on_standard_output() {
    let (home, tree) = (Home::new(), Tree::service());
    let script = "place=$(\"$NAVI\" --print -q \"no form was\"); echo \"status $? place $place\"";
    let more: [(&str, &OsStr); 1] = [("NAVI", OsStr::new(env!("CARGO_BIN_EXE_navi")))];
    let mut pty = Pty::spawn(&home, tree.path(), (100, 30), "bash", &["-c", script], &more);
    pty.wait_for("no form was sent");
    pty.wait_for("auth.py:6");
    pty.send(Keys::ENTER);
    pty.wait_exit();
    let screen = pty.screen();
    assert!(screen.contains("status 0 place api/auth.py:6"), "{screen}");
    pty.assert_restored();
}

#[test]
fn the_demo_needs_nothing() {
    let (home, tree) = (Home::new(), Tree::of(&[]));
    let mut pty = Pty::navi(&home, tree.path(), (120, 30), &["demo"]);
    pty.wait_for("enter");
    pty.send("login");
    pty.wait_for("auth");
    pty.send(Keys::DOWN);
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    pty.assert_restored();
    let left = fs::read_dir(home.folder("tmp")).unwrap().count();
    assert_eq!(left, 0, "the sample is taken away again");
}

#[test]
fn this_test_notices_a_terminal_that_is_left_behind() {
    let (home, tree) = (Home::new(), Tree::of(&[]));
    for (left, seen) in [
        ("printf '\\033[?1049h'", "alternate"),
        ("printf '\\033[?25l'", "cursor"),
        ("printf '\\033[?2004h'", "bracketed"),
        ("printf '\\033[?1000h'", "mouse"),
        ("stty raw -echo", "raw"),
        ("true", ""),
    ] {
        let mut pty = Pty::spawn(&home, tree.path(), (80, 24), "sh", &["-c", left], &[]);
        assert_eq!(pty.wait_exit(), 0);
        let fault =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pty.assert_restored()));
        let told = fault.err().and_then(|it| it.downcast_ref::<String>().cloned());
        match told {
            None => assert_eq!(seen, "", "{left}"),
            Some(told) => assert!(!seen.is_empty() && told.contains(seen), "{left}: {told}"),
        }
    }
}

/// Set in the process that is to panic: this very test, run once more inside a terminal.
const PANIC: &str = "NAVI_ONCALL_TEST_PANIC";

#[test]
fn a_panic_of_the_screen_gives_the_terminal_back_and_one_of_a_worker_does_not() {
    if std::env::var_os(PANIC).is_some() {
        let mut screen = navi::tui::screen::Screen::take(false, true).unwrap();
        let worker = std::thread::spawn(|| panic!("a worker fails"));
        assert!(worker.join().is_err());
        screen.draw(|frame| frame.render_widget("still on screen", frame.area())).unwrap();
        std::io::Read::read_exact(&mut std::io::stdin(), &mut [0]).unwrap();
        panic!("the screen fails");
    }
    let (home, tree) = (Home::new(), Tree::service());
    let name = "pty::a_panic_of_the_screen_gives_the_terminal_back_and_one_of_a_worker_does_not";
    let arguments = ["--exact", name, "--nocapture"];
    let program = std::env::current_exe().unwrap();
    let more: [(&str, &OsStr); 1] = [(PANIC, OsStr::new("1"))];
    let program = program.to_str().unwrap();
    let mut pty = Pty::spawn(&home, tree.path(), (100, 40), program, &arguments, &more);
    pty.wait_for("still on screen");
    pty.wait_alternate(true);
    pty.send("x");
    assert_eq!(pty.wait_exit(), 101);
    pty.assert_restored();
    assert!(pty.screen().contains("the screen fails"), "{}", pty.screen());
    assert!(!pty.screen().contains("a worker fails"), "{}", pty.screen());
}

#[test]
fn the_critical_paths_are_a_key_away_and_follow_what_the_repository_says() {
    let (_home, tree, mut pty) = started((120, 36), &[]);
    pty.send("\u{1b}2");
    pty.wait_for("Critical paths");
    pty.wait_line("a role with its count", |line| line.contains("Entry points  1 of 1"));
    pty.wait_line("a gap", |line| line.contains("missing"));
    let pin =
        "[[critical]]\nrole = \"runbook\"\npath = \"api/auth.py\"\nnote = \"ask the baker\"\n";
    fs::write(tree.path().join(".navi.toml"), pin).unwrap();
    pty.wait_for("ask the baker");
    pty.send("/baker");
    pty.wait_gone("Entry points");
    pty.wait_line("the pinned file", |line| line.contains("▸") && line.contains("auth.py"));
    pty.send("\u{1b}");
    pty.wait_for("Entry points");
    // The letter before a row goes to it, and the audit is one key away.
    pty.send("b");
    pty.wait_line("the second row", |line| line.contains("▸ b "));
    pty.send("!");
    pty.wait_for("Audit  score");
    pty.wait_for("Emergency navigation");
    pty.send("\u{1b}");
    pty.wait_for("Critical paths");
}

#[test]
fn a_role_that_the_repository_changes_is_live_in_the_search_and_in_the_panel() {
    let (_home, tree, mut pty) = started((120, 36), &[]);
    pty.wait_for("live");
    let role = |content: &str| {
        format!(
            "[[role]]\nid = \"stored\"\ntitle = \"Stored things\"\n[[role.rule]]\n\
             languages = [\"python\"]\ncontent = [\"{content}\"]\nweight = 2\nwhy = \"keeps: {{}}\"\n"
        )
    };
    pty.send("role:stored");
    tree.write(".navi.toml", &role("import redis"));
    pty.wait_for("1 of 7");
    let row = |name: &'static str| move |line: &str| line.contains("▸") && line.contains(name);
    pty.wait_line("the file that its text tells", row("cache.py"));
    tree.write(".navi.toml", &role("def login"));
    pty.wait_line("the file that the other rule tells", row("auth.py"));
    pty.send("\x1b2");
    pty.wait_for("Stored things  1 of 1");
    tree.write(".navi.toml", "");
    pty.wait_gone("Stored things");
}
