//! Names and contents made to steer a terminal, to hold navi up or to lead it out of the tree, on
//! the real binary: without a screen and in a terminal whose every byte is looked at.

use std::ffi::OsStr;
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::support::{Cli, Home, Keys, Pty, Tree};

/// What the hostile texts try: to set the clipboard, the title, a device string, the screen; to
/// turn the direction of writing; to hide.
const ATTACK: &str = "\x1b]52;c;aGFja2Vk\x07\x1b]0;hacked\x07\x1bPhacked\x1b\\\x1b[2J\u{9b}2J\u{9d}0;hacked\u{9c}\
                      \u{202e}\u{2066}\u{200b}\u{ad}\u{feff}\u{2060}\u{e0041}\u{2028}\u{2029}\x7f\x08";

/// The parts of it that must never be found in what navi writes.
const FORBIDDEN: &[&str] = &[
    "\x1b]52;c;aGFja2Vk",
    "\x1b]0;hacked",
    "\x1bPhacked",
    "\u{9b}",
    "\u{9d}",
    "\u{9c}",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{ad}",
    "\u{feff}",
    "\u{2060}",
    "\u{e0041}",
    "\u{2028}",
    "\u{2029}",
    "\x7f",
    "\x08",
];

/// The attack as it fits into a file name, and bytes that are not UTF-8 among it a lone C1.
fn name(begin: &str) -> Vec<u8> {
    let mut name = begin.as_bytes().to_vec();
    name.extend(b"\x1b]0;hacked\x07\x1b[2J\n\x9b2J\xff");
    name.extend("\u{202e}\u{200b}\u{9b}".bytes());
    name.extend(b".py");
    name
}

fn put(tree: &Tree, name: &[u8], content: &[u8]) {
    fs::write(tree.path().join(OsStr::from_bytes(name)), content).unwrap();
}

fn node(path: &Path, kind: FileType) {
    mknodat(CWD, path, kind, Mode::from_raw_mode(0o600), 0).unwrap();
}

/// A tree with hostile names, contents and owners.
fn hostile() -> Tree {
    let tree = Tree::of(&[
        ("plain.py", &format!("def target():\n    # {ATTACK} target word\n    pass\n")),
        ("CODEOWNERS", &format!("* @team{}\n", ATTACK.replace(['\u{2028}', '\u{2029}'], ""))),
        (".navi.toml", &format!("[ui]\nthe{ATTACK}me = \"{ATTACK}\"\n")),
        ("-rf target.py", "target with a dash\n"),
        ("+!touch target.py", "target with a plus\n"),
        ("new\nline target.py", "target on two lines\n"),
    ]);
    put(&tree, &name("target"), b"target \x1b]52;c;aGFja2Vk\x07 \x9b2J \xff in bytes\n");
    tree
}

/// Checks text that is printed as lines: it may hold line breaks and tabs, nothing else.
#[track_caller]
fn harmless(what: &str, text: &str) {
    for attack in FORBIDDEN {
        assert!(!text.contains(attack), "{what} holds {attack:?}:\n{text:?}");
    }
    let fine = |it: char| !it.is_control() || matches!(it, '\n' | '\t');
    assert!(text.chars().all(fine), "{what} holds a control:\n{text:?}");
}

#[test]
fn nothing_printed_steers_the_terminal() {
    let tree = hostile();
    let cli = Cli::new(tree.path());
    let missing = format!("no{ATTACK}such");
    let settings = cli.home.settings(&format!("the{ATTACK}me = 1\neditor = \"{ATTACK}\"\n"));
    assert!(settings.is_file());
    let themes = cli.home.folder("config").join("navi-oncall/themes");
    fs::create_dir_all(&themes).unwrap();
    fs::write(themes.join(OsStr::from_bytes(&[&name("x")[..], b".toml"].concat())), "[").unwrap();
    let calls: &[&[&str]] = &[
        &["find", "target"],
        &["find", "--explain", "'word"],
        &["find", "--json", "target"],
        &["find", &missing],
        &["find", "--role", &missing],
        &["find", &format!("lang:{ATTACK} owner:{ATTACK} role:{ATTACK} changed:{ATTACK}")],
        &["find", &format!("--{missing}")],
        &["find", "--json", &format!("--{missing}")],
        &["find", "--limit", &missing, "x"],
        &["--config", &missing],
        &["find", "--config", &missing, "x"],
        &["find", "--root", &missing, "x"],
        &["find", "--json", "--root", &missing, "x"],
        &[&missing],
        &["keys", &missing],
        &["keys", "--json", &missing],
        &["themes", &missing],
        &["themes"],
        &["themes", "--json"],
        &["config"],
        &["config", "--json"],
        &["doctor"],
        &["doctor", "--json"],
        &["index"],
        &["index", "--json"],
        &["demo", "--unpack", &format!("/proc/{missing}")],
        &["completions", &missing],
        &["man"],
        &["--help"],
    ];
    for call in calls {
        let said = cli.run(call);
        harmless(&format!("{call:?}: stdout"), &said.out);
        harmless(&format!("{call:?}: stderr"), &said.err);
        assert!(said.status >= 0, "{call:?} was ended by a signal");
        if call.contains(&"--json") {
            said.json();
        }
    }
}

#[test]
fn json_tells_names_exactly() {
    let tree = hostile();
    let said = Cli::new(tree.path()).run(&["find", "--json", "target"]).exit(0);
    let paths = said.paths();
    for exact in ["-rf target.py", "new\nline target.py", "+!touch target.py"] {
        assert!(paths.iter().any(|it| it == exact), "{exact:?} in {paths:?}");
    }
    // A name that is no text comes with its bytes.
    let results = said.json()["results"].as_array().unwrap().clone();
    let odd = results.iter().find(|it| !it["path_hex"].is_null()).expect("the name in bytes");
    let hex = odd["path_hex"].as_str().unwrap();
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect();
    assert_eq!(bytes, name("target"));
    assert!(results.iter().any(|it| it["path_hex"].is_null()));
}

/// Checks everything that a program has written to a terminal: besides text there is only what
/// navi's own library writes.
#[track_caller]
pub fn own_sequences_only(written: &[u8]) {
    let text = String::from_utf8(written.to_vec()).expect("what is written is UTF-8");
    for attack in FORBIDDEN {
        assert!(!text.contains(attack), "{attack:?} was written:\n{text:?}");
    }
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\x1b' => {
                let kind = rest.next();
                // Cursor, colours, modes; nothing that begins a string (OSC, DCS, APC, PM).
                assert!(matches!(kind, Some('[' | '7' | '8' | '(' | '>' | '=')), "ESC {kind:?}");
                if kind == Some('[') {
                    let end = rest
                        .by_ref()
                        .find(|it| !matches!(it, '0'..='9' | ';' | ':' | '?' | '>' | '<' | '='));
                    assert!(
                        end.is_some_and(|it| "ABCDGHJKLMPXdfhlmnqrsu".contains(it)),
                        "CSI … {end:?}"
                    );
                } else if kind == Some('(') {
                    rest.next();
                }
            }
            // What moves the cursor without a sequence, which the library may use.
            '\r' | '\n' => {}
            other => assert!(!other.is_control(), "{other:?} was written"),
        }
    }
}

#[test]
fn nothing_drawn_steers_the_terminal() {
    let tree = hostile();
    // The folder and the branch are on screen as well.
    let root = tree.path().join(OsStr::from_bytes(b"root\x1b]0;hacked\x07\x9b\xe2\x80\xae"));
    fs::create_dir_all(root.join(".git")).unwrap();
    fs::write(root.join(".git/HEAD"), format!("ref: refs/heads/{ATTACK}\n")).unwrap();
    for entry in fs::read_dir(tree.path()).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), root.join(entry.file_name())).unwrap();
        }
    }
    symlink(OsStr::from_bytes(&name("/etc/target")), root.join("gone-target.py")).unwrap();
    symlink("/etc/hostname", root.join(OsStr::from_bytes(&name("linked-target")))).unwrap();
    let home = Home::new();
    home.settings(&format!(
        "the{ATTACK}me = 1\neditor = \"no{}such\"\n",
        "\\u001b]0;hacked\\u0007"
    ));
    let query = format!("target {ATTACK}");
    let mut pty = Pty::navi(&home, &root, (120, 40), &["--query", &query]);
    pty.wait_for("<U+2029>");
    for _ in 0..query.chars().count() * 8 {
        pty.send("\x7f");
    }
    pty.send("target");
    pty.wait_for("plain.py");
    // Every row is looked at, and its preview.
    for _ in 0..8 {
        pty.send(Keys::DOWN);
    }
    pty.wait_for("-rf target.py");
    // What is pasted is outside text too.
    pty.send(&format!("\x1b[200~{}\x1b[201~", "plain\u{202e}\u{9b}2J\u{200b}"));
    pty.wait_for("<U+202E>");
    pty.send(Keys::ESC);
    pty.wait_for("type a name");
    pty.send("plain");
    pty.wait_for("1 of 8");
    // The editor cannot be started, which is told with its name.
    pty.send(Keys::CTRL_O);
    pty.wait_for("could not be started");
    // Diagnostics of the settings.
    pty.send("\x07");
    pty.wait_for("config.toml");
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    pty.assert_restored();
    own_sequences_only(&pty.written());
}

#[test]
fn what_is_copied_is_clean() {
    let (home, tree) = (Home::new(), Tree::of(&[]));
    put(&tree, &name("only"), b"one\n");
    let mut pty = Pty::navi(&home, tree.path(), (100, 30), &[]);
    pty.wait_for("only");
    pty.send("\x19");
    pty.wait_for("clipboard");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
    let written = String::from_utf8_lossy(&pty.written()).into_owned();
    let (_, rest) = written.split_once("\x1b]52;c;").expect("the clipboard is set");
    let coded: String =
        rest.chars().take_while(|it| it.is_ascii_graphic() && *it != '\\').collect();
    let copied = String::from_utf8(base64(&coded)).unwrap();
    assert!(copied.starts_with("only␛]0;hacked"), "{copied:?}");
    harmless("the clipboard", &copied);
}

fn base64(text: &str) -> Vec<u8> {
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for digit in text.chars().filter_map(|it| digits.find(it)) {
        bits = (bits << 6) | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    out
}

#[test]
fn a_chosen_place_is_exact_for_programs_and_clean_for_a_terminal() {
    let (home, tree) = (Home::new(), Tree::of(&[]));
    put(&tree, &name("only"), b"one\n");
    let mut pty = Pty::navi(&home, tree.path(), (100, 30), &["--print"]);
    pty.wait_for("only");
    pty.send(Keys::ENTER);
    assert_eq!(pty.wait_exit(), 0);
    own_sequences_only(&pty.written());
    assert!(pty.screen().contains("only␛]0;hacked"), "{}", pty.screen());

    let told = home.folder("home").join("told");
    let script = format!("\"$NAVI\" --print > '{}'", told.display());
    let more: [(&str, &OsStr); 1] = [("NAVI", OsStr::new(env!("CARGO_BIN_EXE_navi")))];
    let mut pty = Pty::spawn(&home, tree.path(), (100, 30), "sh", &["-c", &script], &more);
    pty.wait_for("only");
    pty.send(Keys::ENTER);
    assert_eq!(pty.wait_exit(), 0);
    let line = fs::read(told).unwrap();
    assert!(line.starts_with(&name("only")), "{line:?}");
}

#[test]
fn an_editor_takes_no_name_for_an_option() {
    for file in ["-c!id", "+!id"] {
        let (home, tree) = (Home::new(), Tree::of(&[(file, "one\n")]));
        let told = home.folder("home").join("told");
        let script = home.folder("home").join("vim");
        let text = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\n", told.display());
        fs::write(&script, text).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let more: [(&str, &OsStr); 1] = [("EDITOR", script.as_os_str())];
        let program = env!("CARGO_BIN_EXE_navi");
        let mut pty = Pty::spawn(&home, tree.path(), (80, 24), program, &[], &more);
        pty.wait_for(file);
        pty.send(Keys::ENTER);
        pty.wait_line("the list again", |line| line.contains(file) && told.is_file());
        pty.send(Keys::CTRL_C);
        pty.wait_exit();
        assert_eq!(fs::read_to_string(told).unwrap(), format!("+1\n./{file}\n"));
    }
}

#[test]
fn pipes_sockets_devices_loops_and_links_out_hold_nothing_up() {
    let tree = Tree::of(&[("a/real.py", "def needle(): pass\n"), ("b/locked/x.py", "needle\n")]);
    let root = tree.path();
    node(&root.join("pipe.py"), FileType::Fifo);
    let _listening = UnixListener::bind(root.join("socket.py")).unwrap();
    symlink("/dev/zero", root.join("zero.py")).unwrap();
    symlink("/etc/passwd", root.join("out.py")).unwrap();
    symlink("..", root.join("a/up")).unwrap();
    symlink("loop.py", root.join("loop.py")).unwrap();
    symlink("real.py", root.join("a/inside.py")).unwrap();
    fs::set_permissions(root.join("b/locked"), fs::Permissions::from_mode(0o000)).unwrap();
    let said = Cli::new(root).run(&["find", "--json", "needle"]);
    let unreadable = fs::read_dir(root.join("b/locked")).is_err();
    fs::set_permissions(root.join("b/locked"), fs::Permissions::from_mode(0o755)).unwrap();
    let said = said.exit(0);
    let paths = said.paths();
    assert!(paths.contains(&"a/real.py".to_owned()), "{paths:?}");
    assert!(!paths.iter().any(|it| it.contains("pipe") || it.contains("socket")), "{paths:?}");
    if unreadable {
        let told = said.json()["diagnostics"].to_string();
        assert!(told.contains("b/locked"), "{told}");
    }
    // Nothing of a file outside is found, whatever the link to it is called.
    let said = Cli::new(root).run(&["find", "--json", "'root:x:0"]);
    assert_eq!(said.json()["total"], 0, "{}", said.out);
}

#[test]
fn the_preview_says_where_a_link_out_points_and_does_not_go_there() {
    let (home, tree) = (Home::new(), Tree::of(&[("real.py", "inside the tree\n")]));
    let outside = Tree::of(&[("secret.txt", "outside the tree\n")]);
    symlink(outside.path().join("secret.txt"), tree.path().join("linked.py")).unwrap();
    let mut pty = Pty::navi(&home, tree.path(), (160, 30), &[]);
    pty.wait_for("real.py");
    pty.send("linked.py");
    let screen = pty.wait_for("outside the repository");
    assert!(screen.contains("secret.txt"), "{screen}");
    assert!(!screen.contains("outside the tree"), "{screen}");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
}

#[test]
fn rules_and_settings_that_are_pipes_or_devices_hold_nothing_up() {
    for (file, told) in [
        (".gitignore", ".gitignore"),
        ("sub/.gitignore", ".gitignore"),
        (".ignore", ".ignore"),
        ("sub/.ignore", ".ignore"),
        (".git/info/exclude", "exclude"),
        (".git/HEAD", ""),
        ("CODEOWNERS", ""),
        (".github/CODEOWNERS", ""),
        (".navi.toml", ".navi.toml"),
    ] {
        for device in [false, true] {
            let tree = Tree::of(&[("a.py", "needle\n"), ("sub/b.py", "needle\n")]);
            fs::create_dir_all(tree.path().join(".git/info")).unwrap();
            fs::write(tree.path().join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
            let place = tree.path().join(file);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            let _ = fs::remove_file(&place);
            if device {
                symlink("/dev/zero", &place).unwrap();
            } else {
                node(&place, FileType::Fifo);
            }
            let said = Cli::new(tree.path()).run(&["find", "--json", "needle"]).exit(0);
            assert!(said.paths().contains(&"a.py".to_owned()), "{file}: {}", said.out);
            let diagnostics = said.json()["diagnostics"].to_string();
            assert!(diagnostics.contains(told), "{file}: {diagnostics}");
        }
    }
    // A pipe as `.git` makes no repository of the folder, and no wait.
    let tree = Tree::of(&[("a.py", "needle\n")]);
    node(&tree.path().join(".git"), FileType::Fifo);
    Cli::new(tree.path()).run(&["find", "needle"]).exit(0);
}

#[test]
fn enormous_lines_and_files_are_searched_and_shown() {
    let tree = Tree::of(&[("plain.py", "needle\n")]);
    let long = format!("{}needle_long{}\n", "a b ".repeat(22_500), "c d ".repeat(100));
    tree.write("long.txt", &long);
    // One line, as packed scripts are.
    let script = "function f(a){return a+1};".repeat(5_000_000 / 26);
    tree.write("packed.min.js", &format!("{script}var needle_packed=1;"));
    let mut log = fs::File::create(tree.path().join("huge.log")).unwrap();
    log.write_all(b"needle_log at the beginning\n").unwrap();
    log.seek(SeekFrom::Start(2 << 30)).unwrap();
    log.write_all(b"\nthe end of the log\n").unwrap();
    let cli = Cli::new(tree.path());
    for (query, path) in [("'needle_long", "long.txt"), ("packed.min", "packed.min.js")] {
        let said = cli.run(&["find", "--json", query]).exit(0);
        assert!(said.paths().contains(&path.to_owned()), "{query}: {}", said.out);
        // A line of the answer stays one that can be read.
        assert!(said.out.len() < 20_000, "{query}: {} bytes", said.out.len());
    }
    let home = Home::new();
    let mut pty = Pty::navi(&home, tree.path(), (120, 30), &[]);
    pty.wait_for("plain.py");
    for name in ["long.txt", "packed.min.js", "huge.log"] {
        pty.send(name);
        pty.wait_for("1 of 4");
        pty.wait_line("its preview", |line| line.contains('┌') && line.contains(name));
        pty.send(Keys::ESC);
        pty.wait_for("type a name");
    }
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
}

#[test]
fn a_folder_of_very_many_files_is_listed_whole() {
    const MANY: usize = 20_000;
    let tree = Tree::of(&[]);
    for number in 0..MANY {
        fs::write(tree.path().join(format!("f{number:06}.txt")), "").unwrap();
    }
    let said = Cli::new(tree.path()).run(&["find", "--json", "--no-state", "f019999"]).exit(0);
    assert_eq!(said.json()["index"]["files"], MANY);
    assert_eq!(said.paths()[0], "f019999.txt");
}
