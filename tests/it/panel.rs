//! The Commands panel of the real binary in a real terminal: what is kept of an output, commands
//! that get the terminal, and floods, whose end is shown while keys go on working.

use std::ffi::OsStr;
use std::fs;

use crate::hostile::own_sequences_only;
use crate::support::{Home, Keys, Pty, Tree};

const REPOSITORY: &str = r#"
[[command]]
id = "hello"
title = "Say hello"
shell = "echo hello; echo ERROR: no pool >&2"

[[command]]
id = "odd"
title = "Print oddly"
shell = '''
head -c 90000 /dev/zero | tr '\0' b; echo
printf 'a\377b after-invalid\n'
printf '\033]8;;http://x\033\\link\033]8;;\033\\ after-osc8\n'
printf '\033]0;title after-unterminated\nnext-line\n'
printf '\033P+q\033\\ after-dcs\033[2J\033[H\033c after-clear\n'
printf '\033]52;c;aGk=\007 after-clipboard\n'
printf '10 %%\r50 %%\r100 %% after-bar\n'
printf 'after-all\n'
'''

[[command]]
id = "flood"
title = "Say yes"
shell = "printf '\\033]0;x'; yes"

[[command]]
id = "asks"
title = "Ask something"
shell = "echo ASKING; read answer; echo \"GOT $answer\""
interactive = true

[[command]]
id = "raw"
title = "Leave a mess"
shell = "stty raw -echo; kill -9 $$"
interactive = true

[[command]]
id = "session"
title = "Open a session"
argv = ["sh", "-i"]
interactive = true
env = { PS1 = "inner> " }
"#;

/// The panel on a repository with commands, in a terminal.
fn opened(home: &Home, tree: &Tree) -> Pty {
    let pty = Pty::navi(home, tree.path(), (100, 30), &["--panel", "commands"]);
    pty.wait_for("Say hello");
    pty
}

/// Filters for a command, and runs it from its card. What destroys is not among them.
fn run(pty: &mut Pty, title: &str) {
    pty.send("/");
    pty.send(title);
    pty.send(Keys::ENTER);
    pty.wait_for("run this?");
    pty.send("r");
}

fn repository() -> Tree {
    Tree::of(&[(".navi.toml", REPOSITORY)])
}

#[test]
fn an_output_is_saved_where_the_person_says_and_never_over_something() {
    let (home, tree) = (Home::new(), repository());
    let mut pty = opened(&home, &tree);
    run(&mut pty, "say hello");
    pty.wait_for("ERROR: no pool");
    pty.wait_for("ok ·");
    pty.send("\t");
    pty.wait_for("next error");
    let folder = home.folder("state").join("navi-oncall/outputs");
    for (number, name) in ["hello.md", "hello-2.md"].into_iter().enumerate() {
        pty.send("s");
        pty.wait_for("save as:");
        pty.send(Keys::ENTER);
        pty.wait_for(&format!("written: {}", folder.join(name).display()));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), number + 1);
    }
    let text = fs::read_to_string(folder.join("hello.md")).unwrap();
    for part in ["```console\n$ sh -c ", "\nhello\n", "\nERROR: no pool\n", ": ok, exit 0, "] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let when = text.lines().last().unwrap();
    assert!(when.starts_with("20") && when.contains(':'), "when it began: {when}");
    // A path that is typed is taken as from a shell; one that cannot be is told.
    pty.send("s");
    pty.wait_for("save as:");
    pty.send("\u{1b}u");
    pty.wait_gone("outputs/hello");
    pty.send("~/mine.md");
    pty.send(Keys::ENTER);
    pty.wait_for("mine.md");
    pty.wait_for("written: ~/mine.md");
    assert!(home.folder("home").join("mine.md").is_file());
    pty.send("s");
    pty.wait_for("save as:");
    pty.send("\u{1b}u~/no/such/x");
    pty.send(Keys::ENTER);
    pty.wait_for("not written: there is no folder ~/no/such");
    let of_repository = fs::read_dir(tree.path()).unwrap().count();
    assert_eq!(of_repository, 1, "nothing is written into the repository");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
    pty.assert_restored();
}

#[test]
fn odd_output_is_shown_whole_and_nothing_of_it_reaches_the_terminal() {
    let (home, tree) = (Home::new(), repository());
    let mut pty = opened(&home, &tree);
    run(&mut pty, "print oddly");
    let screen = pty.wait_for("after-all");
    for text in [
        "bbbb",
        "b after-invalid",
        "link after-osc8",
        "after-unterminated",
        "next-line",
        "after-dcs",
        "after-clear",
        "after-clipboard",
        "100 % after-bar",
    ] {
        assert!(screen.contains(text), "{text} in\n{screen}");
    }
    assert!(!screen.contains("50 %"), "{screen}");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
    own_sequences_only(&pty.written());
}

#[test]
fn keys_are_answered_during_a_flood_and_it_ends_with_navi() {
    let (home, tree) = (Home::new(), repository());
    let mut pty = opened(&home, &tree);
    run(&mut pty, "say yes");
    pty.wait_line("the flood", |line| line.trim_end().ends_with("│ y"));
    pty.send("\t");
    pty.wait_for("next error");
    // It is stopped to be read, searched, followed again.
    pty.send("f");
    pty.wait_for("paused");
    pty.send("f");
    pty.wait_for("follows");
    pty.send("/");
    pty.wait_for("find:");
    pty.send("y\r");
    pty.wait_line("a match", |line| line.contains("▸y"));
    pty.send("x");
    pty.wait_for("cancelled");
    pty.send("?");
    pty.wait_for("Leave navi.");
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    own_sequences_only(&pty.written());
}

#[test]
fn a_command_gets_the_terminal_and_gives_it_back() {
    let (home, tree) = (Home::new(), repository());
    let mut pty = opened(&home, &tree);
    run(&mut pty, "ask something");
    pty.wait_alternate(false);
    pty.wait_line("the question", |line| line.trim_end() == "ASKING");
    pty.send("blue\n");
    pty.wait_alternate(true);
    pty.wait_for("Ask something");
    // It is answered as ever.
    pty.send(Keys::ESC);
    pty.wait_for("Say hello");
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    pty.assert_restored();
    assert!(pty.screen().contains("GOT blue"), "{}", pty.screen());
}

#[test]
fn a_killed_command_leaves_the_terminal_as_it_was() {
    let (home, tree) = (Home::new(), repository());
    let mut pty = opened(&home, &tree);
    run(&mut pty, "leave a mess");
    pty.send("aw\r");
    pty.wait_for("it ended with exit 137");
    // A shell makes itself the foreground; killed, it leaves that to nobody.
    pty.send(Keys::ESC);
    pty.wait_for("Say hello");
    run(&mut pty, "open a session");
    pty.wait_alternate(false);
    pty.wait_for("inner>");
    pty.send("kill -9 $$\n");
    pty.wait_alternate(true);
    pty.wait_for("it ended with exit 137");
    pty.send(Keys::ESC);
    pty.wait_for("Say hello");
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    pty.assert_restored();
}

#[test]
fn a_stopped_command_sleeps_and_wakes_with_navi() {
    let (home, tree) = (Home::new(), repository());
    let arguments = ["--norc", "--noprofile", "--noediting", "-i"];
    let more: [(&str, &OsStr); 2] =
        [("PS1", OsStr::new("ready> ")), ("NAVI", OsStr::new(env!("CARGO_BIN_EXE_navi")))];
    let mut pty = Pty::spawn(&home, tree.path(), (100, 30), "bash", &arguments, &more);
    let prompt = |line: &str| line.trim_end() == "ready>";
    pty.wait_line("the prompt", prompt);
    pty.send("\"$NAVI\" --panel commands\n");
    pty.wait_for("Say hello");
    run(&mut pty, "ask something");
    pty.wait_alternate(false);
    pty.wait_line("the question", |line| line.trim_end() == "ASKING");
    pty.send(Keys::CTRL_Z);
    pty.wait_for("Stopped");
    pty.wait_line("the prompt", prompt);
    pty.assert_restored();
    pty.send("fg\n");
    pty.wait_line("the job", |line| line.ends_with("--panel commands"));
    pty.send("green\n");
    pty.wait_alternate(true);
    pty.wait_for("Ask something");
    // ctrl-z was for the command: navi itself does not go to sleep now.
    pty.send(Keys::ESC);
    pty.wait_for("Say hello");
    pty.send(Keys::CTRL_C);
    pty.wait_alternate(false);
    pty.wait_line("the prompt", prompt);
    assert!(pty.screen().contains("GOT green"), "{}", pty.screen());
    pty.send("exit\n");
    pty.wait_exit();
}

#[test]
fn the_board_is_not_empty_where_it_is_the_first_thing_on_screen() {
    let home = Home::new();
    let compose = "services:\n  redis:\n    image: redis:7\n    ports: ['6379:6379']\n";
    let tree = Tree::of(&[("docker-compose.yml", compose)]);
    let mut pty = Pty::navi(&home, tree.path(), (100, 30), &["--panel", "checks"]);
    let screen = pty.wait_for("redis.ping");
    assert!(screen.contains("not trusted"), "{screen}");
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
}
