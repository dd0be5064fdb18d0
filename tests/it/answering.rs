//! `navi find` beside a navi that follows the repository: it is asked, and what it answers is what
//! looking at the disk would have told.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Cli, GitTree, Tree, Watching, eventually};

/// Who answered.
fn by(said: &Value) -> &str {
    said["index"]["answered_by"].as_str().unwrap()
}

/// Waits until the watching navi answers, for a short while longer than a busy machine needs.
fn await_live(cli: &Cli) {
    eventually(&"a live answer", || {
        let said = cli.run(&["find", "--json", "login"]);
        (by(&said.json()) == "live").then_some(())
    });
}

/// The command line beside a navi that watches `folder` and answers.
fn beside(folder: &Path) -> (Cli, Watching) {
    let cli = Cli::new(folder);
    let writer = watching(&cli, folder);
    (cli, writer)
}

/// Another one that watches and answers.
fn watching(cli: &Cli, folder: &Path) -> Watching {
    let mut writer = Watching::start(&cli.home, folder);
    writer.wait_state("live");
    await_live(cli);
    writer
}

/// The folder of the only index.
fn index_folder(cli: &Cli) -> PathBuf {
    let said = cli.run(&["index", "--json", "--status"]).json();
    PathBuf::from(said["location"].as_str().unwrap())
}

#[test]
fn what_happened_before_asking_is_in_the_answer() {
    let tree = Tree::service();
    let (cli, _writer) = beside(tree.path());
    let mut live = 0;
    let mut expect = |query: &str, paths: &[&str]| {
        let said = cli.run(&["find", "--json", query]);
        assert_eq!(said.paths(), paths, "{query}: {}", said.out);
        live += usize::from(by(&said.json()) == "live");
    };
    for number in 0..8 {
        // Written in place, made anew, moved, removed; exact text and ranked words.
        tree.write("api/cache.py", &format!("dugong_{number} = 1\n"));
        expect(&format!("'dugong_{number}"), &["api/cache.py"]);
        let new = format!("api/new_{number}.py");
        tree.write(&new, &format!("manatee{number}word = 1\n"));
        expect(&format!("manatee{number}word"), &[&new]);
        let folder = format!("moved_{number}/deep");
        std::fs::create_dir_all(tree.path().join(&folder)).unwrap();
        let moved = format!("{folder}/it.py");
        std::fs::rename(tree.path().join(&new), tree.path().join(&moved)).unwrap();
        expect(&format!("'manatee{number}word"), &[&moved]);
        std::fs::remove_dir_all(tree.path().join(format!("moved_{number}"))).unwrap();
        expect(&format!("'manatee{number}word"), &[]);
    }
    tree.write(".ignore", "cache.py\n");
    expect("'dugong_7", &[]);
    std::fs::remove_file(tree.path().join(".ignore")).unwrap();
    expect("'dugong_7", &["api/cache.py"]);
    assert!(live > 0, "nothing was answered by the one that watches");
}

#[test]
fn both_answers_are_the_same() {
    let tree = GitTree::new();
    let service = [
        ("api/auth.py", "def login(form):\n    raise ValueError(\"no form was sent\")\n"),
        ("api/main.py", "from api import auth\n\ndef start():\n    auth.login(None)\n"),
        ("web/src/routes.ts", "export const routes = ['/login', '/cart'];\n"),
        ("CODEOWNERS", "/api/ @shop/backend\n"),
        (
            ".navi.toml",
            "[[role]]\nid = \"shop\"\n[[role.rule]]\npath = \"web/**\"\nweight = 2\nwhy = \"shop\"\n",
        ),
    ];
    tree.commit("first", &service.map(|(path, text)| (path, Some(text))));
    tree.commit(
        "fix: numbat crash at login",
        &[("api/auth.py", Some("def login(form):\n    pass\n"))],
    );
    let (cli, mut writer) = beside(tree.path());
    let asked: &[&[&str]] = &[
        &["--json", "login"],
        &["--json", "--explain", "numbat crash"],
        &["--json", "--limit", "2", "def"],
        &["--json", "'login"],
        &["--json", "--role", "auth"],
        &["--json", "owner:@shop/backend"],
        &["--json", "File \"/app/api/auth.py\", line 2, in login"],
        &["--json", "zzqqzz"],
        &["login"],
        &["--explain", "login"],
        &["zzqqzz"],
    ];
    let answers = |wanted: &str| -> Vec<(String, i32)> {
        asked
            .iter()
            .map(|asked| {
                let arguments: Vec<&str> = ["find"].iter().chain(*asked).copied().collect();
                eventually(&|| format!("{asked:?} by {wanted}"), || {
                    let said = cli.run(&arguments);
                    if asked[0] != "--json" {
                        return Some((said.out, said.status));
                    }
                    let mut json = said.json();
                    (by(&json) == wanted).then(|| {
                        json["took_ms"].take();
                        json["index"].take();
                        (json.to_string(), said.status)
                    })
                })
            })
            .collect()
    };
    let live = answers("live");
    writer.signal(Signal::TERM);
    writer.end();
    assert_eq!(live, answers("self"));
    assert!(live[0].0.contains("@shop/backend"), "{}", live[0].0);
}

#[test]
fn a_commit_is_known_at_once() {
    let tree = GitTree::new();
    let pages = [("api/pay.py", Some("pay = 1\n")), ("api/payer.py", Some("pay = 2\n"))];
    tree.commit("first", &pages);
    let (cli, _writer) = beside(tree.path());
    let ask = |more: &[&str]| {
        let arguments = ["find", "--json", "--explain", "what pay does"].iter().chain(more);
        let said = cli.run(&arguments.copied().collect::<Vec<_>>()).json();
        let found = said["results"].as_array().unwrap().iter();
        let signals = ["mended", "recent"];
        let told =
            found.map(|it| (it["path"].clone(), signals.map(|of| it["signals"][of].clone())));
        told.collect::<Vec<_>>()
    };
    let mut before = Vec::new();
    for number in 0..4 {
        let text = format!("pay = {}\n", number + 10);
        tree.commit("fix: wrong sum", &[("api/payer.py", Some(&text))]);
        let told = ask(&[]);
        assert_ne!(told, before, "the history is among what ranks");
        assert_eq!(told, ask(&["--no-state"]));
        before = told;
    }
}

#[test]
fn whoever_would_search_otherwise_is_not_answered() {
    let tree = Tree::service();
    let (cli, _writer) = beside(tree.path());
    let other = cli.home.folder("tmp").join("other.toml");
    std::fs::write(&other, "[index]\nmax-file-bytes = 4096\n").unwrap();
    let said = cli.run(&["find", "--json", "--config", other.to_str().unwrap(), "login"]).json();
    assert_eq!(by(&said), "self");
    let said = cli.run(&["find", "--json", "--no-state", "login"]).json();
    assert_eq!(by(&said), "self");
    // A role of the user's own, which the running navi has not read.
    let roles = cli.home.folder("config").join("navi-oncall/roles");
    std::fs::create_dir_all(&roles).unwrap();
    let rule = "[[rule]]\nparts = [\"cache\"]\nweight = 2\nwhy = \"cache\"\n";
    std::fs::write(roles.join("odd.toml"), format!("id = \"odd\"\n{rule}")).unwrap();
    let said = cli.run(&["find", "--json", "role:odd"]);
    assert_eq!((by(&said.json()), said.paths()), ("self", vec!["api/cache.py".to_owned()]));
}

#[test]
fn one_that_was_killed_or_says_nothing_is_not_waited_for() {
    let tree = Tree::service();
    let (cli, mut writer) = beside(tree.path());
    let socket = index_folder(&cli).join("asked");
    // Who asks and says nothing keeps the others waiting for a moment only.
    let mut silent = UnixStream::connect(&socket).unwrap();
    await_live(&cli);
    silent.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert_eq!(silent.read(&mut [0]).unwrap_or(0), 0, "nothing is answered to nothing");
    for nonsense in [&b"\xff\x00 not a question"[..], b"{}", b"{\"query\":1}"] {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(nonsense).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(answer.len() <= 1, "{answer:?}");
    }
    writer.signal(Signal::STOP);
    let said = cli.run(&["find", "--json", "'login"]).json();
    assert_eq!(by(&said), "self");
    // Nor does who does not take the answer keep it from leaving.
    writer.signal(Signal::CONT);
    await_live(&cli);
    let _idle = UnixStream::connect(&socket).unwrap();
    writer.signal(Signal::TERM);
    writer.end();
    assert!(!socket.exists());
    let mut writer = watching(&cli, tree.path());
    writer.signal(Signal::KILL);
    writer.end();
    assert!(socket.exists(), "one that is killed leaves it behind");
    let said = cli.run(&["find", "--json", "'login"]).json();
    assert_eq!(by(&said), "self");
    let _writer = watching(&cli, tree.path());
}
