//! Changes: `navi changes` on real repositories.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use navi::engine::history::{FileDiff, Git, Side, file_diff};
use navi::engine::repo::Repo;
use serde_json::Value;

use crate::support::{Cli, GitTree, START, Tree};
#[cfg(unix)]
use crate::support::{Keys, Pty};

fn shop() -> GitTree {
    let git = GitTree::new();
    git.commit(
        "Start",
        &[
            ("api/auth/login.py", Some("def login():\n    pass\n")),
            ("api/main.py", Some("1\n")),
            ("README.md", Some("# Shop\n")),
        ],
    );
    git.git(&["tag", "-a", "-m", "first", "v1.0"]);
    git.commit("Fix login", &[("api/auth/login.py", Some("def login():\n    return 1\n"))]);
    git.commit("Move main", &[("api/main.py", None), ("api/app.py", Some("1\n"))]);
    git
}

fn subjects(json: &Value) -> Vec<&str> {
    json["commits"].as_array().unwrap().iter().map(|it| it["subject"].as_str().unwrap()).collect()
}

#[test]
fn commits_with_files_lines_and_roles() {
    let git = shop();
    let cli = Cli::new(git.path());
    let json = cli.run(&["changes", "--json"]).exit(0).json();
    assert_eq!(subjects(&json), ["Move main", "Fix login", "Start"]);
    assert_eq!((&json["since"], &json["total"]), (&Value::Null, &3.into()));
    let fix = &json["commits"][1];
    assert_eq!(fix["id"], git.git(&["rev-parse", "HEAD~1"]));
    assert!(fix["id"].as_str().unwrap().starts_with(fix["short"].as_str().unwrap()));
    assert_eq!((&fix["author"], &fix["time"]), (&"Ada".into(), &(START + 60).into()));
    assert_eq!(
        (&fix["fix"], &fix["merge"], &fix["files_total"]),
        (&true.into(), &false.into(), &1.into())
    );
    let file = &fix["files"][0];
    assert_eq!((&file["path"], &file["kind"]), (&"api/auth/login.py".into(), &"modified".into()));
    assert_eq!((&file["added"], &file["removed"]), (&1.into(), &1.into()));
    assert!(file["roles"].as_array().unwrap().contains(&"auth".into()), "{file}");
    let moved = &json["commits"][0]["files"];
    assert_eq!(moved.as_array().unwrap().len(), 1, "{moved}");
    assert_eq!((&moved[0]["kind"], &moved[0]["from"]), (&"moved".into(), &"api/main.py".into()));
    assert_eq!((&moved[0]["path"], &moved[0]["added"]), (&"api/app.py".into(), &0.into()));
    let auth = json["roles"].as_array().unwrap().iter().find(|it| it["role"] == "auth").unwrap();
    assert_eq!(auth["commits"], 2);
    assert_eq!(
        (&auth["files"][0]["path"], &auth["files"][0]["commits"]),
        (&"api/auth/login.py".into(), &2.into())
    );
    let text = cli.run(&["changes"]).exit(0).out;
    assert!(text.contains("Ada: Fix login (fix)"), "{text}");
    assert!(text.contains("modified api/auth/login.py  +1 -1"), "{text}");
    assert!(text.contains("moved    api/app.py from api/main.py  +0 -0"), "{text}");
}

#[test]
fn since_a_tag_a_branch_a_commit_a_date_an_age() {
    let git = shop();
    git.git(&["branch", "other", "HEAD~1"]);
    let cli = Cli::new(git.path());
    let second = git.git(&["rev-parse", "HEAD~1"]);
    for (since, expected) in [
        ("v1.0", 2),
        ("tags/v1.0", 2),
        ("other", 1),
        ("HEAD~1", 1),
        ("HEAD^", 1),
        ("other~1", 2),
        (&second, 1),
        (&second[..8], 1),
        ("2023-11-14", 3),
        ("2023-11-14T22:14:00", 2),
    ] {
        let json = cli.run(&["changes", "--json", "--since", since]).exit(0).json();
        assert_eq!((subjects(&json).len(), &json["since"]), (expected, &since.into()), "{since}");
        assert_eq!(json["total"], expected, "{since}");
    }
    let said = cli.run(&["changes", "--since", "24h"]).exit(1);
    assert_eq!((said.out.as_str(), said.err.trim()), ("", "nothing changed since 24h"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    git.set_time(now - 3600);
    git.commit("Just now", &[("a", Some("1\n"))]);
    let json = cli.run(&["changes", "--json", "--since", "24h"]).exit(0).json();
    assert_eq!(subjects(&json), ["Just now"]);
    assert!((3600..3900).contains(&json["commits"][0]["age_s"].as_u64().unwrap()));
    let json = cli.run(&["changes", "--json", "--since", "30m"]).exit(1).json();
    assert_eq!(json["commits"], Value::Array(Vec::new()));
}

#[test]
fn a_branch_that_is_not_checked_out_excludes_what_it_shares() {
    let git = shop();
    git.git(&["checkout", "-q", "-b", "release", "v1.0"]);
    git.commit("Only there", &[("b", Some("1\n"))]);
    git.git(&["tag", "deploy"]);
    git.git(&["checkout", "-q", "main"]);
    let cli = Cli::new(git.path());
    let json = cli.run(&["changes", "--json", "--since", "deploy"]).exit(0).json();
    assert_eq!(subjects(&json), ["Move main", "Fix login"]);
}

#[test]
fn roles_and_limits_narrow() {
    let git = shop();
    let cli = Cli::new(git.path());
    let json = cli.run(&["changes", "--json", "--role", "auth"]).exit(0).json();
    assert_eq!(subjects(&json), ["Fix login", "Start"]);
    let start = &json["commits"][1];
    assert_eq!((start["files"].as_array().unwrap().len(), &start["files_total"]), (1, &3.into()));
    let roles: Vec<&Value> =
        json["roles"].as_array().unwrap().iter().map(|it| &it["role"]).collect();
    assert_eq!(roles, ["auth"]);
    let json = cli.run(&["changes", "--json", "--limit", "1", "--since", "v1.0"]).exit(0).json();
    assert_eq!((subjects(&json).len(), &json["total"]), (1, &2.into()));
}

#[test]
fn what_cannot_be_done_says_why() {
    let git = shop();
    let cli = Cli::new(git.path());
    let said = cli.run(&["changes", "--since", "v1.1"]).exit(2);
    assert!(said.err.contains("did you mean `v1.0`?"), "{}", said.err);
    let json = cli.run(&["changes", "--json", "--since", "qqqqqqq"]).exit(2).json();
    assert_eq!(json["error"]["kind"], "usage");
    assert!(json["error"]["hints"][0].as_str().unwrap().contains("a tag, a branch"), "{json}");
    cli.run(&["changes", "--role", "auht"]).exit(2);
    cli.run(&["changes", "--limit", "0"]).exit(2);
    let plain = Tree::service();
    let said = Cli::new(plain.path()).run(&["changes"]).exit(2);
    assert!(said.err.contains("has no git history"), "{}", said.err);
    let empty = GitTree::new();
    Cli::new(empty.path()).run(&["changes"]).exit(1);
}

#[test]
fn hostile_messages_and_names_are_harmless() {
    let git = GitTree::new();
    git.commit("Evil \u{1b}[2J\u{202e}subject", &[("a\u{1b}]0;x\u{7}.py", Some("1\n"))]);
    let cli = Cli::new(git.path());
    let said = cli.run(&["changes"]).exit(0);
    assert!(!said.out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{}", said.out);
    let json = cli.run(&["changes", "--json"]).exit(0);
    assert!(!json.out.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{}", json.out);
    assert_eq!(json.json()["commits"][0]["files"][0]["path"], "a\u{1b}]0;x\u{7}.py");
}

#[test]
fn nothing_is_written_without_state_and_what_is_kept_is_used() {
    let git = shop();
    let cli = Cli::new(git.path());
    cli.run(&["changes", "--no-state"]).exit(0);
    assert_eq!(std::fs::read_dir(cli.home.folder("cache")).unwrap().count(), 0);
    cli.run(&["changes"]).exit(0);
    git.commit("One more", &[("c", Some("1\n"))]);
    let json = cli.run(&["changes", "--json"]).exit(0).json();
    assert_eq!(subjects(&json)[0], "One more");
    assert_eq!(git.git(&["status", "--porcelain"]), "", "nothing in the repository");
}

/// The difference as git would print it, without its head.
fn unified(diff: &FileDiff) -> String {
    let FileDiff::Lines(hunks) = diff else { panic!("{diff:?}") };
    let mut out = String::new();
    for hunk in hunks {
        let range = |(start, count): (u32, u32)| {
            if count == 1 { start.to_string() } else { format!("{start},{count}") }
        };
        writeln!(out, "@@ -{} +{} @@", range(hunk.old), range(hunk.new)).unwrap();
        for line in &hunk.lines {
            let sign = match line.side {
                Side::Both => ' ',
                Side::Old => '-',
                Side::New => '+',
            };
            writeln!(out, "{sign}{}", line.text).unwrap();
        }
    }
    out
}

#[test]
fn differences_are_those_of_git() {
    let git = GitTree::new();
    let lines = |edit: &dyn Fn(usize) -> Option<String>| -> String {
        (1..=60).filter_map(|it| edit(it).map(|it| it + "\n")).collect()
    };
    let plain = |number: usize| Some(format!("line {number}"));
    let before = lines(&plain);
    git.commit("Start", &[("a", Some(&before)), ("gone", Some("x\ny\n")), ("pic", Some("a\0b"))]);
    let after = lines(&|number| match number {
        1 | 30 => None,
        5 => Some("line five\nand more".into()),
        12 | 40 | 47 => Some(format!("changed {number}")),
        60 => Some("line 60\nthe end".into()),
        other => plain(other),
    });
    git.commit(
        "Change",
        &[("a", Some(&after)), ("gone", None), ("new", Some("1\n2\n")), ("pic", Some("a\0c"))],
    );
    let source = Git::open(&Repo::at(git.path()).unwrap()).unwrap().unwrap();
    let sides = source.sides(&source.head().unwrap().unwrap()).unwrap();
    for path in ["a", "gone", "new"] {
        let theirs = git.git(&["diff", "--histogram", "HEAD~1", "HEAD", "--", path]);
        let start = theirs.find("@@").unwrap();
        let theirs: Vec<String> = theirs[start..]
            .lines()
            // git shows the line of the function behind the second sign.
            .map(|it| {
                if it.starts_with("@@") {
                    it.rsplit_once("@@").unwrap().0.to_owned() + "@@"
                } else {
                    it.to_owned()
                }
            })
            .collect();
        let ours = unified(&file_diff(&source, sides, path.as_bytes()));
        assert_eq!(ours.lines().collect::<Vec<_>>(), theirs, "{path}");
    }
    assert_eq!(file_diff(&source, sides, b"pic"), FileDiff::Binary);
    assert_eq!(file_diff(&source, sides, b"none"), FileDiff::Missing);
}

#[test]
#[cfg(unix)]
fn the_panel_shows_commits_their_files_and_lines_and_the_command_to_revert() {
    let git = shop();
    git.git(&["tag", "deploy-7", "HEAD~1"]);
    let cli = Cli::new(git.path());
    let mut screen = Pty::navi(&cli.home, git.path(), (120, 24), &["--panel", "changes"]);
    screen.wait_for("3 of 3 commits");
    screen.wait_for("Move main");
    screen.wait_for("deploy-7");
    screen.send("/");
    screen.send("fix login");
    screen.wait_for("1 of 3 commits");
    screen.send(Keys::ENTER);
    screen.wait_for("+    return 1");
    screen.wait_for("-    pass");
    screen.wait_for("@@ -1,2 +1,2 @@");
    // Alt and g.
    screen.send("\u{1b}g");
    screen.wait_for("git revert");
    screen.send(Keys::ESC);
    screen.wait_for("1 of 3 commits");
    // A commit that is made meanwhile.
    screen.send(Keys::ESC);
    screen.wait_for("3 of 3 commits");
    git.commit("Mend the cart", &[("web/cart.ts", Some("1\n"))]);
    screen.wait_for("Mend the cart");
    screen.send(Keys::CTRL_C);
    screen.wait_exit();
    screen.assert_restored();
}
