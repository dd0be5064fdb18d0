//! Drills: the deck of a real history, the self-check, and rounds played by a script in a real
//! terminal, whose scores are exact and outlive the program.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Cli, GitTree, Keys, Pty, eventually};

/// A small service with fixes in its history, and two cards of its own.
fn service() -> GitTree {
    let git = GitTree::new();
    let login =
        "def login(form, attempts):\n    session = open_session(form)\n    return session\n";
    let reports: String =
        (1..60).map(|it| format!("def column_{it}(row):\n    return row[{it}]\n\n\n")).collect();
    git.commit(
        "Start",
        &[
            ("README.md", Some("# Shop\n")),
            (
                "shop/main.py",
                Some("import shop.doors\n\n\ndef start():\n    shop.doors.login(None, 0)\n"),
            ),
            ("shop/doors.py", Some(login)),
            (
                "shop/ledger.py",
                Some(&format!("{reports}def total(invoice):\n    return invoice.net\n")),
            ),
            (
                "shop/mail/sender.py",
                Some("def deliver(message, server):\n    server.send(message)\n"),
            ),
            ("shop/mail/outbox.py", Some("def queued():\n    return []\n")),
            ("tests/test_auth.py", Some("def test():\n    pass\n")),
        ],
    );
    git.commit(
        "fix(shop/doors): locked customers could try passwords for ever (#12)\n\nThe attempts of a locked customer were not counted in the session.\n\nFixes: #12\nSigned-off-by: Ada <ada@x>\n",
        &[(
            "shop/doors.py",
            Some("def login(form, attempts):\n    session = open_session(form)\n    if session.locked and attempts > 3:\n        raise PermissionError(\"customer is locked after too many passwords\")\n    return session\n"),
        )],
    );
    let mended = format!("{reports}def total(invoice):\n    return invoice.net + invoice.tax\n");
    git.commit(
        "Fix the tax missing on the invoice when the net amount is printed",
        &[("shop/ledger.py", Some(&mended))],
    );
    git.commit(
        "Fix typo in the tests of passwords",
        &[("tests/test_auth.py", Some("def test():\n    return\n"))],
    );
    git.commit(
        "Fix indentation of the mail server's send",
        &[(
            "shop/mail/sender.py",
            Some("def deliver(message, server):\n        server.send(message)\n"),
        )],
    );
    git.commit(
        "Cards",
        &[
            (".navi.toml", Some("[[drill]]\nprompt = \"Where do letters wait?\"\nanswer = \"shop/mail/outbox.py\"\n[[drill]]\nprompt = \"Who sends them?\"\nanswer = \"shop/mail/sender.py\"\n")),
            (".navi/drills/more.toml", Some("[[drill]]\nprompt = \"Gone\"\nanswer = \"gone.py\"\n[[drill]]\nprompt = \"Odd\"\n")),
        ],
    );
    git
}

fn cards(json: &Value) -> Vec<&Value> {
    json["cards"].as_array().unwrap().iter().collect()
}

fn of_kind<'a>(json: &'a Value, kind: &str) -> Vec<&'a Value> {
    cards(json).into_iter().filter(|it| it["kind"] == kind).collect()
}

#[test]
fn the_deck_is_made_of_the_repository_and_the_same_for_a_seed() {
    let git = service();
    let cli = Cli::new(git.path());
    let list = |more: &[&str]| {
        let arguments = [&["drill", "list", "--json"], more].concat();
        cli.run(&arguments).exit(0)
    };
    let json = list(&["--answers"]).json();
    let symptoms = of_kind(&json, "symptom");
    let prompts: Vec<&str> = symptoms.iter().map(|it| it["prompt"].as_str().unwrap()).collect();
    assert!(
        prompts.iter().any(|it| it.starts_with("locked customers could try passwords for ever. The attempts")),
        "{prompts:?}"
    );
    let all = prompts.join("\n");
    for gone in ["#12", "Signed-off", "shop/doors", "typo", "indentation", "ledger.py"] {
        assert!(!all.contains(gone), "{gone} in {all}");
    }
    let locked =
        symptoms.iter().find(|it| it["prompt"].as_str().unwrap().starts_with("locked")).unwrap();
    assert_eq!(locked["answers"][0]["path"], "shop/doors.py");
    assert_eq!((&locked["answers"][0]["line"], &locked["seconds"]), (&3.into(), &30.into()));
    let fix = of_kind(&json, "fix");
    assert!(fix.iter().all(|it| it["seconds"] == 120) && !fix.is_empty());
    let own = of_kind(&json, "own");
    assert_eq!(own.len(), 2);
    let said = json["diagnostics"].to_string();
    assert!(
        said.contains("the answer `gone.py` is gone") && said.contains(".navi/drills/more.toml"),
        "{said}"
    );
    assert!(said.contains("a card needs a `prompt` and an `answer`"), "{said}");
    // Without answers nothing tells them, and the seed decides.
    let blind = list(&["--seed", "9"]);
    assert!(!blind.out.contains("answers"), "{}", blind.out);
    assert_eq!(blind.out, list(&["--seed", "9"]).out);
    assert_ne!(blind.out, list(&["--seed", "8"]).out);
    let few = list(&["--kind", "symptom", "--limit", "1"]).json();
    assert_eq!(cards(&few).len(), 1);
    let wrong = cli.run(&["drill", "list", "--kind", "symptoms", "--json"]).exit(2).json();
    assert_eq!(wrong["error"]["kind"], "usage");
    assert!(wrong["error"]["hints"][0].as_str().unwrap().contains("symptom"), "{wrong}");
}

#[test]
fn renames_are_followed_and_what_is_buried_or_ones_own_is_not_asked() {
    let git = service();
    git.git(&["mv", "shop/doors.py", "shop/gates.py"]);
    git.commit("Move it", &[]);
    let cli = Cli::new(git.path());
    let list = || cli.run(&["drill", "list", "--answers", "--json", "--kind", "symptom"]).json();
    let json = list();
    let of = |json: &Value, path: &str| -> Option<String> {
        let cards = json["cards"].as_array()?;
        let it = cards.iter().find(|it| it["answers"][0]["path"] == path)?;
        Some(it["id"].as_str()?.to_owned())
    };
    let id = of(&json, "shop/gates.py").unwrap_or_else(|| panic!("{json}"));
    let invoices = of(&json, "shop/ledger.py").unwrap();
    git.tree.write(".navi/drills/buried", &format!("# a bad one\n{id} # too vague\n"));
    let json = list();
    assert_eq!((of(&json, "shop/gates.py"), of(&json, "shop/ledger.py")), (None, Some(invoices)));
    // A fix of one's own counts for thirty days.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    git.set_time(i64::try_from(now.as_secs()).unwrap() - 86_400);
    git.commit(
        "Fix letters that are lost while the printer waits for paper",
        &[("shop/mail/outbox.py", Some("def queued():\n    return [it for it in letters if not lost(it, printer, paper)]\n"))],
    );
    let json = list();
    assert!(of(&json, "shop/mail/outbox.py").is_some(), "{json}");
    git.git(&["config", "user.email", "Ada@example.org"]);
    assert!(of(&list(), "shop/mail/outbox.py").is_none());
}

#[test]
fn the_sample_passes_its_own_check_and_misses_are_told() {
    let git = service();
    let cli = Cli::new(git.path());
    let json = cli.run(&["drill", "selfcheck", "--json"]).exit(0).json();
    assert_eq!(json["checked"], json["in_first_five"], "{json}");
    assert_eq!((&json["share"], &json["missed"]), (&1.0.into(), &Value::Array(vec![])));
    assert!(json["fixes"]["checked"].as_u64().unwrap() >= 2, "{json}");
    assert!(json["fixes"]["share"].is_number());
    cli.run(&["drill", "selfcheck", "--threshold", "2"]).exit(2);
    // Files that share their words with many hide each other.
    let many: Vec<(String, &str)> = (0..9)
        .flat_map(|it| {
            (0..9).map(move |other| {
                (format!("p{it}/auth/q{other}/auth/login_auth.py"), "def login(): pass\n")
            })
        })
        .collect();
    for (path, text) in &many {
        git.tree.write(path, text);
    }
    let json = cli.run(&["drill", "selfcheck", "--json"]).exit(1).json();
    let missed = json["missed"].as_array().unwrap();
    assert!(!missed.is_empty() && missed.iter().all(|it| it["query"].is_string()), "{json}");
    cli.run(&["drill", "selfcheck", "--threshold", "0"]).exit(0);
}

#[test]
fn a_report_of_nothing_says_so() {
    let git = service();
    let cli = Cli::new(git.path());
    let json = cli.run(&["drill", "report", "--json"]).exit(1).json();
    assert_eq!((&json["rounds"], &json["p50_s"]), (&0.into(), &Value::Null));
    assert!(cli.run(&["drill", "report"]).exit(1).out.contains("no round has been played"));
    assert!(
        cli.run(&["drill", "report", "--format", "md"]).exit(1).out.starts_with("# Drill report")
    );
}

/// The cards that the screen will ask, in its order, with the path of the first answer.
fn order(cli: &Cli, seed: &str) -> Vec<(String, String, String)> {
    let json = cli.run(&["drill", "list", "--answers", "--json", "--seed", seed]).exit(0).json();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    cards(&json)
        .iter()
        .map(|it| (text(&it["kind"]), text(&it["answers"][0]["path"]), text(&it["id"])))
        .collect()
}

/// Leaves only the cards that fit, by the list that a repository may carry.
fn leave_only(
    cli: &Cli,
    git: &GitTree,
    fits: impl Fn(&str, &str) -> bool,
) -> Vec<(String, String, String)> {
    let all = order(cli, SEED);
    let out = all.iter().filter(|it| !fits(&it.0, &it.1));
    let ids: Vec<String> = out.map(|it| it.2.clone()).collect();
    git.tree.write(".navi/drills/buried", &ids.join("\n"));
    order(cli, SEED)
}

/// The seed of the decks that are played.
const SEED: &str = "7";

fn ready(pty: &Pty, cards: usize) {
    pty.wait_line("the deck of the whole history", |line| {
        line.contains(&format!("of {cards} cards are due"))
            && !line.contains("so far")
            && line.contains("Drill")
    });
}

#[test]
fn a_drill_is_played_by_a_script() {
    let git = service();
    let cli = Cli::new(git.path());
    let deck = leave_only(&cli, &git, |kind, _| kind != "fix");
    let arguments = ["drill", "--seed", SEED];
    let mut pty = Pty::navi(&cli.home, git.path(), (100, 30), &arguments);
    ready(&pty, deck.len());
    // Right at once: the path, and enter.
    pty.send(Keys::ENTER);
    pty.wait_for("s left");
    pty.send(&deck[0].1);
    pty.wait_line("the answer as a row", |line| {
        line.contains('▸') && line.contains(name(&deck[0].1))
    });
    pty.send(Keys::ENTER);
    pty.wait_for("Found in");
    pty.wait_for("1 searches, 0 wrong files, 0 hints");
    pty.wait_for("box");
    // Wrong, then right, in a window that changes its size.
    pty.send(Keys::ENTER);
    pty.wait_for("s left");
    pty.resize(60, 16);
    let wrong = if deck[1].1 == "README.md" { "shop/main.py" } else { "README.md" };
    pty.send(wrong);
    pty.wait_line("the wrong row", |line| line.contains('▸') && line.contains(name(wrong)));
    pty.send(Keys::ENTER);
    pty.wait_for("not this file");
    pty.resize(100, 30);
    pty.send("\x1b");
    pty.wait_for("type a name");
    pty.send(&deck[1].1);
    pty.wait_line("the answer as a row", |line| {
        line.contains('▸') && line.contains(name(&deck[1].1))
    });
    pty.send(Keys::ENTER);
    pty.wait_for("2 searches, 1 wrong files, 0 hints");
    // With a hint.
    pty.send(Keys::ENTER);
    pty.wait_for("s left");
    pty.send("\x1bh");
    pty.wait_for("hint: it");
    // The history would give it away.
    pty.send("\x1b5");
    pty.wait_for("not during a round");
    pty.send(&deck[2].1);
    pty.wait_line("the answer as a row", |line| {
        line.contains('▸') && line.contains(name(&deck[2].1))
    });
    pty.send(Keys::ENTER);
    pty.wait_for("0 wrong files, 1 hints");
    // Given back, which is no failure.
    pty.send(Keys::ENTER);
    pty.wait_for("s left");
    pty.send("\x1bj");
    pty.wait_for("Given back");
    // Buried with one key.
    pty.send(Keys::ENTER);
    pty.wait_for("s left");
    pty.send("\x1bz");
    pty.wait_for("buried");
    pty.wait_line("the smaller deck", |line| {
        line.contains(&format!("of {} cards are due", deck.len() - 1))
    });
    // Killed in the middle of the next: what was played is kept.
    pty.send(Keys::ENTER);
    pty.wait_for("s left");
    pty.signal(Signal::KILL);
    pty.wait_exit();
    let json = cli.run(&["drill", "report", "--json"]).exit(0).json();
    assert_eq!(
        (&json["rounds"], &json["found"], &json["skipped"]),
        (&3.into(), &3.into(), &1.into())
    );
    assert_eq!((&json["hints"], &json["wrong_opens"]), (&1.into(), &1.into()), "{json}");
    assert!(json["p90_s"].as_f64().unwrap() >= 10.0, "the hint counts ten seconds: {json}");
    let left: Vec<String> = order(&cli, SEED).into_iter().map(|it| it.2).collect();
    assert!(!left.contains(&deck[4].2) && left.contains(&deck[0].2));
    // Played cards are not due; the first that is comes next.
    let mut pty = Pty::navi(&cli.home, git.path(), (100, 30), &arguments);
    pty.wait_line("those that are left", |line| {
        line.contains(&format!("{} of {} cards are due", deck.len() - 4, deck.len() - 1))
    });
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    pty.assert_restored();
    let state = cli.home.folder("state").join("navi-oncall/drills.jsonl");
    assert_eq!(fs::metadata(&state).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(state).unwrap().lines().count(), 4);
}

#[test]
fn time_ends_a_round_and_what_comes_too_late_does_not_count() {
    let git = service();
    let text = "[[drill]]\nprompt = \"In a hurry?\"\nanswer = \"README.md\"\nseconds = 5\n";
    git.tree.write(".navi.toml", text);
    let cli = Cli::new(git.path());
    leave_only(&cli, &git, |kind, path| kind == "own" && path == "README.md");
    let mut pty = Pty::navi(&cli.home, git.path(), (100, 30), &["drill", "--seed", SEED]);
    ready(&pty, 1);
    pty.send(Keys::ENTER);
    pty.wait_for("In a hurry?");
    pty.send("outbox");
    pty.wait_line("a wrong row", |line| line.contains('▸') && line.contains("outbox.py"));
    pty.wait_for("Time is up");
    pty.wait_for("README.md");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
    pty.assert_restored();
    let json = cli.run(&["drill", "report", "--json"]).exit(0).json();
    assert_eq!((&json["rounds"], &json["found"]), (&1.into(), &0.into()), "{json}");
    assert_eq!(json["within_30s"], 0, "{json}");
    // Once is chance; nobody finds it when it was asked for twice.
    assert_eq!(json["never_found"].as_array().unwrap().len(), 0, "{json}");
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[test]
fn a_fault_is_mended_in_a_private_place_that_goes_away() {
    let git = service();
    let cli = Cli::new(git.path());
    let deck = leave_only(&cli, &git, |kind, path| {
        kind == "own" || (kind == "fix" && path == "shop/ledger.py")
    });
    git.commit("Bury the rest", &[]);
    assert_eq!(deck.len(), 3);
    let script = cli.home.folder("home").join("vim");
    let told = cli.home.folder("home").join("told");
    // Puts a line in at the end, which is where the fault is, and tells which file it was.
    let text = format!(
        "#!/bin/sh\nfor file do :; done\ntail -n 1 \"$file\" > '{0}'\npwd >> '{0}'\necho \"$file\" >> '{0}'\necho '    # mended' >> \"$file\"\n",
        told.display()
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let work = cli.home.folder("state").join("navi-oncall/drill-work");
    fs::create_dir_all(work.join("fix-left")).unwrap();
    fs::write(work.join("fix-left/lock"), "").unwrap();
    let program = env!("CARGO_BIN_EXE_navi");
    let more = [("EDITOR", script.as_os_str())];
    let mut pty =
        Pty::spawn(&cli.home, git.path(), (100, 30), program, &["drill", "--seed", SEED], &more);
    ready(&pty, deck.len());
    eventually(&"what a killed navi left to go", || {
        (!work.join("fix-left").exists()).then_some(())
    });
    pty.send(Keys::ENTER);
    pty.wait_for("s left");
    for _ in deck.iter().take_while(|it| it.0 == "own") {
        pty.send("\x1bj");
        pty.wait_for("Given back");
        pty.send(Keys::ENTER);
        pty.wait_gone("Given back");
    }
    pty.wait_line("the fix card", |line| line.contains(" fix ") && line.contains("s left"));
    pty.send("shop/ledger.py");
    pty.wait_line("the row", |line| line.contains('▸') && line.contains("ledger.py"));
    pty.send(Keys::ENTER);
    pty.wait_for("Found in");
    let told = fs::read_to_string(&told).unwrap();
    let (last, file) = told.trim_end().split_once('\n').unwrap();
    assert_eq!(last, "    return invoice.net", "the fault as it was");
    assert!(file.contains("drill-work"), "{file}");
    eventually(&"the private place to go", || {
        (fs::read_dir(&work).unwrap().count() == 0).then_some(())
    });
    let own = fs::read_to_string(git.path().join("shop/ledger.py")).unwrap();
    assert!(
        own.contains("invoice.tax") && !own.contains("mended"),
        "nobody touched the repository"
    );
    assert_eq!(git.git(&["status", "--porcelain"]), "");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
    // Without state there is nowhere to lay a fault out, and nothing is written.
    let before = fs::read_dir(cli.home.folder("state").join("navi-oncall")).unwrap().count();
    let fixes = deck.iter().filter(|it| it.0 == "fix").count();
    let mut pty =
        Pty::navi(&cli.home, git.path(), (100, 30), &["drill", "--seed", SEED, "--no-state"]);
    assert_eq!(fixes, 1);
    ready(&pty, 2);
    pty.send(Keys::ENTER);
    pty.wait_for("s left");
    pty.send("\x1bj");
    pty.wait_for("Given back");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
    assert_eq!(fs::read_dir(cli.home.folder("state").join("navi-oncall")).unwrap().count(), before);
}
