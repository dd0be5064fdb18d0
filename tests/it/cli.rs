//! The command line and its JSON, on the real binary: what scripts and bots rely on.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Cli, Tree};

/// Names that must be there, of which the value is an object.
#[track_caller]
fn has(value: &Value, names: &[&str]) {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    let missing: Vec<_> = names.iter().filter(|name| !object.contains_key(**name)).collect();
    assert!(missing.is_empty(), "{missing:?} missing in {value}");
}

/// The error object of a `--json` run that failed.
#[track_caller]
fn error_of(said: &str) -> Value {
    let value: Value = serde_json::from_str(said).unwrap_or_else(|it| panic!("{it}: {said}"));
    assert_eq!(value["version"], 1);
    has(&value["error"], &["kind", "message", "causes", "hints"]);
    value["error"].clone()
}

/// Checks that no control character is in what is shown but those that part rows and columns.
#[track_caller]
fn clean(shown: &str) {
    let bad = shown.chars().find(|it| it.is_control() && !matches!(it, '\n' | '\t'));
    assert_eq!(bad, None, "in {shown:?}");
}

#[test]
fn find_answers_with_the_promised_fields() {
    let tree = Tree::service();
    let said = Cli::new(tree.path()).run(&["find", "--json", "--explain", "login"]).exit(0);
    let value = said.json();
    has(&value, &["query", "took_ms", "total", "index", "results", "diagnostics"]);
    has(&value["index"], &["state", "files", "age_ms"]);
    assert_eq!(value["query"], "login");
    assert_eq!(value["index"]["files"], 6);
    let results = value["results"].as_array().unwrap();
    assert_eq!(value["total"].as_u64().unwrap() as usize, results.len());
    for (at, result) in results.iter().enumerate() {
        has(
            result,
            &[
                "rank", "path", "line", "column", "score", "tier", "roles", "snippet", "why",
                "owners", "signals",
            ],
        );
        assert_eq!(result["rank"].as_u64().unwrap() as usize, at + 1);
        assert!(!result["why"].as_array().unwrap().is_empty(), "a reason on every row: {result}");
        assert!(result["signals"].is_object());
    }
    let auth = results.iter().find(|it| it["path"] == "api/auth.py").expect("the definition");
    assert_eq!((&auth["line"], &auth["tier"]), (&4.into(), &"symbol".into()));
    // The command line speaks of whole files with no line.
    let runbook = results.iter().find(|it| it["path"] == "docs/runbooks/login down.md").unwrap();
    assert_eq!(runbook["line"], Value::Null);
}

#[test]
fn signals_are_only_told_when_asked_for() {
    let tree = Tree::service();
    let value = Cli::new(tree.path()).run(&["find", "--json", "login"]).exit(0).json();
    assert!(value["results"][0].get("signals").is_none());
}

#[test]
fn nothing_found_is_status_one() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let said = cli.run(&["find", "--json", "'no such words anywhere'"]).exit(1);
    assert_eq!(said.json()["total"], 0);
    assert_eq!(cli.run(&["find", "'no such words anywhere'"]).exit(1).out, "");
}

#[test]
fn what_cannot_be_done_is_status_two() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let said = cli.run(&["find", "--json", "--role", "auht", "login"]).exit(2);
    let error = error_of(&said.out);
    assert_eq!(error["kind"], "usage");
    assert!(error["message"].as_str().unwrap().contains("auht"), "{error}");
    assert!(error["hints"].to_string().contains("auth"), "{error}");

    let said = cli.run(&["find", "--role", "auht", "login"]).exit(2);
    assert_eq!(said.out, "");
    assert!(said.err.contains("auht") && said.err.contains("auth"), "{}", said.err);

    let said = cli.run(&["find", "--json", "--root", "no/such/folder", "login"]).exit(2);
    assert_eq!(error_of(&said.out)["kind"], "environment");
    cli.run(&["find", "--no-such-flag"]).exit(2);
    let said = cli.run(&["find", "--json", "--no-such-flag"]).exit(2);
    assert_eq!(error_of(&said.out)["kind"], "usage");
    cli.run(&["no-such-command-or-folder"]).exit(2);
}

#[test]
fn roles_and_limits_narrow_the_results() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let all = cli.run(&["find", "--json", "login"]).exit(0);
    let one = cli.run(&["find", "--json", "--limit", "1", "login"]).exit(0);
    assert_eq!(one.paths(), all.paths()[..1]);
    assert_eq!(one.json()["total"], all.json()["total"], "the total counts what is not listed");
    let runbooks = cli.run(&["find", "--json", "--role", "runbook", "login"]).exit(0);
    assert_eq!(runbooks.paths(), ["docs/runbooks/login down.md"]);
    let two = cli.run(&["find", "--json", "--role", "runbook", "--role", "auth", "login"]).exit(0);
    let two: BTreeSet<String> = two.paths().into_iter().collect();
    assert_eq!(two, ["api/auth.py", "docs/runbooks/login down.md"].map(str::to_owned).into());
}

#[test]
fn a_query_comes_from_arguments_or_standard_input() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let words = cli.run(&["find", "--json", "no", "form"]).exit(0);
    assert_eq!(words.json()["query"], "no form");
    let piped = cli.run_with("no form\n", &["find", "--json", "-"]).exit(0);
    assert_eq!(piped.json()["query"], "no form");
    assert_eq!(piped.paths(), words.paths());
}

#[test]
fn text_output_names_the_place_on_each_line() {
    let tree = Tree::service();
    let said = Cli::new(tree.path()).run(&["find", "'no form was sent'"]).exit(0);
    assert!(said.out.starts_with("api/auth.py:6"), "{}", said.out);
    assert!(!said.out.contains('\x1b'), "no colours into a pipe: {:?}", said.out);
}

#[test]
fn the_repository_is_found_from_within_and_may_be_named() {
    let tree = Tree::service();
    fs::create_dir(tree.path().join(".git")).unwrap();
    tree.write(".git/HEAD", "ref: refs/heads/main\n");
    let within = Cli::new(&tree.path().join("docs/runbooks"));
    assert_eq!(within.run(&["find", "--json", "auth.py"]).exit(0).paths()[0], "api/auth.py");
    let elsewhere = Tree::of(&[]);
    let root = tree.path().to_str().unwrap();
    let said = Cli::new(elsewhere.path()).run(&["find", "--json", "--root", root, "auth.py"]);
    assert_eq!(said.exit(0).paths()[0], "api/auth.py");
}

#[test]
fn common_flags_stand_before_and_after_the_command_and_those_of_the_screen_do_not() {
    let tree = Tree::service();
    let elsewhere = Tree::of(&[]);
    let cli = Cli::new(elsewhere.path());
    let root = tree.path().to_str().unwrap();
    let auth = ["find", "--json", "auth.py"];
    for flags in [&["--root", root][..], &["--no-state", "--color", "never", "--root", root]] {
        let before: Vec<&str> = flags.iter().chain(&auth).copied().collect();
        assert_eq!(cli.run(&before).exit(0).paths()[0], "api/auth.py", "{before:?}");
        let after: Vec<&str> = auth.iter().chain(flags).copied().collect();
        assert_eq!(cli.run(&after).exit(0).paths()[0], "api/auth.py", "{after:?}");
    }
    for flags in [&["-q", "x"][..], &["--print"], &["--panel", "critical"], &[root]] {
        let all: Vec<&str> = flags.iter().chain(&auth).copied().collect();
        let error = error_of(&cli.run(&all).exit(2).out);
        assert_eq!(error["kind"], "usage", "{all:?}");
        assert!(error["hints"][0].as_str().unwrap().contains("--root DIR"), "{error}");
    }
}

#[test]
fn the_index_is_built_once_and_then_kept() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let value = cli.run(&["index", "--json"]).exit(0).json();
    has(
        &value,
        &[
            "state",
            "files",
            "bytes",
            "indexed",
            "removed",
            "unchanged",
            "skipped",
            "seconds",
            "index_bytes",
            "location",
        ],
    );
    has(&value["skipped"], &["binary", "too-large", "unreadable"]);
    assert_eq!((&value["state"], &value["indexed"]), (&"built".into(), &6.into()));

    let value = cli.run(&["index", "--json"]).exit(0).json();
    assert_eq!((&value["state"], &value["unchanged"]), (&"unchanged".into(), &6.into()));

    tree.write("api/cache.py", "import redis\n\nclient = redis.Redis(db=1)  # changed\n");
    fs::remove_file(tree.path().join("README.md")).unwrap();
    let value = cli.run(&["index", "--json"]).exit(0).json();
    assert_eq!(value["state"], "updated");
    assert_eq!((&value["indexed"], &value["removed"]), (&1.into(), &1.into()));

    let value = cli.run(&["index", "--json", "--rebuild"]).exit(0).json();
    assert_eq!((&value["state"], &value["indexed"]), (&"rebuilt".into(), &5.into()));

    let value = cli.run(&["index", "--json", "--status"]).exit(0).json();
    assert_eq!(value["files"], 5, "{value}");
    assert!(value["index_bytes"].as_u64().unwrap() > 0, "{value}");
}

#[test]
fn clearing_takes_the_index_away_and_finding_brings_it_back() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let value = cli.run(&["index", "--json"]).exit(0).json();
    let folder = PathBuf::from(value["location"].as_str().unwrap());
    assert!(folder.is_dir());
    cli.run(&["index", "--clear"]).exit(0);
    assert!(!folder.exists());
    cli.run(&["index", "--clear"]).exit(0);
    cli.run(&["find", "login"]).exit(0);
    assert!(folder.is_dir());
}

#[test]
fn a_damaged_index_is_built_anew() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let value = cli.run(&["index", "--json"]).exit(0).json();
    let folder = PathBuf::from(value["location"].as_str().unwrap());
    fs::write(folder.join("meta.json"), "{ this is no index").unwrap();
    assert_eq!(cli.run(&["find", "--json", "auth.py"]).exit(0).paths()[0], "api/auth.py");
}

#[test]
fn without_state_nothing_is_written() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    assert_eq!(
        cli.run(&["find", "--json", "--no-state", "auth.py"]).exit(0).paths()[0],
        "api/auth.py"
    );
    for folder in ["cache", "state", "config", "home"] {
        let count = files_below(&cli.home.folder(folder)).len();
        assert_eq!(count, 0, "in {folder}");
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            out.extend(files_below(&entry.path()));
        } else {
            out.push(entry.path());
        }
    }
    out
}

/// Every term of an index. Its files hold them compressed, so looking at bytes proves little.
fn words_of(folder: &Path) -> BTreeSet<String> {
    let index = tantivy::Index::open_in_dir(folder).unwrap();
    let searcher = index.reader().unwrap().searcher();
    let mut words = BTreeSet::new();
    for segment in searcher.segment_readers() {
        for (field, entry) in index.schema().fields() {
            if !entry.is_indexed() {
                continue;
            }
            let inverted = segment.inverted_index(field).unwrap();
            let mut terms = inverted.terms().stream().unwrap();
            while terms.advance() {
                words.insert(String::from_utf8_lossy(terms.key()).into_owned());
            }
        }
    }
    words
}

#[cfg(unix)]
#[test]
fn the_index_is_private_outside_the_repository_and_without_secrets() {
    use std::os::unix::fs::PermissionsExt;
    let secret = "correcthorsebatterystaple4711";
    let tree = Tree::service();
    tree.write(".env", &format!("PASSWORD={secret}\n"));
    tree.write("deploy/id_rsa", &format!("{secret}\n"));
    tree.write("open.txt", "unmistakablyindexed4711\n");
    let before = files_below(tree.path());
    let cli = Cli::new(tree.path());
    let value = cli.run(&["index", "--json"]).exit(0).json();
    let folder = PathBuf::from(value["location"].as_str().unwrap());
    assert!(!folder.starts_with(tree.path()));
    assert!(folder.starts_with(cli.home.folder("cache")), "{}", folder.display());
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(files_below(tree.path()), before, "nothing is written into the repository");

    let words = words_of(&folder);
    assert!(words.contains("unmistakablyindexed4711"), "this looks where the words are");
    assert!(!words.iter().any(|word| word.contains("staple4711")));
    for file in files_below(&cli.home.folder("cache")) {
        let bytes = fs::read(&file).unwrap();
        assert_eq!(memchr::memmem::find(&bytes, b"staple4711"), None, "{}", file.display());
    }
    // By its name it is found all the same, and what is shown is not its content.
    let said = cli.run(&["find", "--json", ".env"]).exit(0);
    assert_eq!(said.paths()[0], ".env");
    assert!(!said.out.contains(secret));
    let said = cli.run(&["find", "--json", &format!("'{secret}'")]).exit(1);
    assert_eq!(said.json()["total"], 0);
}

#[cfg(unix)]
#[test]
fn hostile_names_never_reach_the_terminal() {
    use std::os::unix::ffi::OsStrExt;
    let tree = Tree::of(&[("plain-needle.txt", "needle\n")]);
    let names: [&[u8]; 6] = [
        b"\x1b[31mneedle.txt",
        b"two\nlines-needle.txt",
        b"bad-\xff\xfe-needle.txt",
        b"-needle.txt",
        b"--help",
        "right\u{202e}needle.txt".as_bytes(),
    ];
    for name in names {
        fs::write(tree.path().join(OsStr::from_bytes(name)), "a \x1b]0;needle\x07 in text\n")
            .unwrap();
    }
    let cli = Cli::new(tree.path());
    for query in ["needle", "'needle'", "help"] {
        let said = cli.run(&["find", "--", query]).exit(0);
        clean(&said.out);
        clean(&said.err);
        assert!(!said.out.contains('\u{202e}'), "{:?}", said.out);
        let said = cli.run(&["find", "--json", "--limit", "50", "--", query]).exit(0);
        clean(&said.out);
        said.json();
    }
    let said = cli.run(&["find", "--json", "--limit", "50", "--", "needle"]).exit(0);
    assert_eq!(said.paths().len(), 7, "{:?}", said.paths());
    clean(&cli.run(&["index", "--status"]).exit(0).out);
    clean(&cli.run(&["find", "--role", "\x1b[31m", "x"]).exit(2).err);
    clean(&cli.run(&["--root", "\x1b[31mnowhere", "find", "x"]).exit(2).err);
}

#[test]
fn the_demo_is_only_unpacked_where_there_is_room() {
    let tree = Tree::of(&[("taken/here.txt", "mine")]);
    let cli = Cli::new(tree.path());
    cli.run(&["demo", "--unpack", "shop"]).exit(0);
    assert!(tree.path().join("shop/.git/HEAD").is_file());
    let said = cli.run(&["demo", "--unpack", "taken"]).exit(2);
    assert!(said.err.contains("not empty"), "{}", said.err);
    assert_eq!(files_below(&tree.path().join("taken")).len(), 1);
    assert_eq!(fs::read_to_string(tree.path().join("taken/here.txt")).unwrap(), "mine");

    let found =
        Cli::new(&tree.path().join("shop")).run(&["find", "--json", "--limit", "5", "login"]);
    assert!(!found.exit(0).paths().is_empty());
}

#[test]
fn doctor_tells_how_things_are() {
    let tree = Tree::service();
    let said = Cli::new(tree.path()).run(&["doctor"]);
    assert!(matches!(said.status, 0 | 1), "{}{}", said.out, said.err);
    assert!(!said.out.is_empty());
    clean(&said.out);
    let value = Cli::new(tree.path()).run(&["doctor", "--json"]).json();
    assert_eq!(value["version"], 1);
}

#[test]
fn keys_themes_and_settings_are_listed_and_checked() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let keys = cli.run(&["keys"]).exit(0).out;
    assert!(keys.contains("open.editor") && keys.contains("ctrl-o"), "{keys}");
    cli.run(&["keys", "--check"]).exit(0);
    let themes = cli.run(&["themes"]).exit(0).out;
    assert!(themes.contains("ansi") && themes.contains("high-contrast"), "{themes}");
    cli.run(&["themes", "--check"]).exit(0);
    let settings = cli.run(&["config"]).exit(0).out;
    assert!(
        settings.contains("index.max-file-bytes") && settings.contains("1048576"),
        "{settings}"
    );
    for command in ["keys", "themes", "config"] {
        assert_eq!(cli.run(&[command, "--json"]).exit(0).json()["version"], 1, "{command}");
    }
}

#[test]
fn a_mistake_in_the_settings_costs_only_itself() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    cli.home.settings("# mine\nthme = \"ansi\"\n\n[search]\nlimit = 7\n");
    let said = cli.run(&["config"]).exit(0);
    assert!(said.out.contains("search.limit") && said.out.contains('7'), "{}", said.out);
    let all = format!("{}{}", said.out, said.err);
    assert!(all.contains("config.toml:2:1") && all.contains("did you mean `theme`?"), "{all}");
    let said = cli.run(&["find", "--json", "auth.py"]).exit(0);
    assert_eq!(said.paths()[0], "api/auth.py");
    let said = cli.run(&["doctor"]);
    assert!(format!("{}{}", said.out, said.err).contains("config.toml:2:1"), "{}", said.out);
}

#[test]
fn settings_tell_who_set_them() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let file = cli.home.settings("[search]\nlimit = 7\n");
    let said = cli.run(&["config"]).exit(0);
    let line = said.out.lines().find(|line| line.contains("search.limit")).unwrap();
    assert!(line.contains("config.toml:2"), "{line}");
    let other = tree.path().join("other.toml");
    fs::write(&other, "[search]\nlimit = 9\n").unwrap();
    let said = cli.run(&["config", "--config", other.to_str().unwrap()]).exit(0);
    let line = said.out.lines().find(|line| line.contains("search.limit")).unwrap();
    assert!(line.contains("other.toml:2") && line.contains('9'), "{line}");
    assert!(file.is_file());
    cli.run(&["config", "--config", "no-such-file.toml"]).exit(2);
}

#[test]
fn a_keymap_with_a_mistake_fails_its_check() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    cli.home.settings("keymap = \"mine\"\n");
    let folder = cli.home.folder("config").join("navi-oncall/keymaps");
    fs::create_dir_all(&folder).unwrap();
    let text = "inherits = \"default\"\n[any]\n\"ctrl-o\" = \"open.edtor\"\n";
    fs::write(folder.join("mine.toml"), text).unwrap();
    let said = cli.run(&["keys", "--check"]).exit(1);
    let all = format!("{}{}", said.out, said.err);
    assert!(all.contains("mine.toml:3") && all.contains("open.editor"), "{all}");
}

#[test]
fn completions_manual_and_help_are_printed() {
    let tree = Tree::of(&[]);
    let cli = Cli::new(tree.path());
    for shell in ["bash", "zsh", "fish"] {
        let said = cli.run(&["completions", shell]).exit(0);
        assert!(said.out.contains("navi") && said.out.contains("find"), "{shell}");
    }
    cli.run(&["completions", "no-such-shell"]).exit(2);
    assert!(cli.run(&["man"]).exit(0).out.contains(".TH"));
    let help = cli.run(&["--help"]).exit(0).out;
    for command in ["find", "index", "demo", "doctor", "keys", "themes", "config", "completions"] {
        assert!(help.contains(command), "{command} in\n{help}");
    }
    assert!(cli.run(&["--version"]).exit(0).out.starts_with("navi "));
}

#[test]
fn a_closed_pipe_is_no_fault() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    cli.run(&["index"]).exit(0);
    let script =
        format!("'{}' find e | head -n 1; echo \"${{PIPESTATUS[0]}}\"", env!("CARGO_BIN_EXE_navi"));
    let output = std::process::Command::new("bash")
        .args(["-c", &script])
        .current_dir(tree.path())
        .env_clear()
        .envs(cli.home.variables())
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(!err.contains("panicked") && !err.contains("roken pipe"), "{err}");
}

#[test]
fn without_a_terminal_the_screen_is_refused_with_a_way_out() {
    let tree = Tree::service();
    let said = Cli::new(tree.path()).run::<&str>(&[]).exit(2);
    assert!(said.err.contains("terminal") && said.err.contains("find"), "{}", said.err);
}

#[test]
fn two_navis_on_one_repository_both_answer() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| cli.run(&["find", "--json", "auth.py"]).exit(0).paths()))
            .collect();
        for run in runs {
            assert_eq!(run.join().unwrap()[0], "api/auth.py");
        }
    });
}
