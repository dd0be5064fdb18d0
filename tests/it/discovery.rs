//! `navi commands` on the real binary: the guide's emergency commands on the sample monorepo, what
//! scripts rely on, and a hostile repository of which nothing runs.

use std::fs;

use serde_json::Value;

use crate::support::{Cli, GitTree, Tree};
#[cfg(unix)]
use crate::support::{Home, Keys, Pty};

/// The sample, written out.
fn sample() -> (tempfile::TempDir, Cli) {
    let folder = tempfile::tempdir().unwrap();
    let cli = Cli::new(folder.path());
    let place = folder.path().join("sample");
    cli.run(&["demo", "--unpack", place.to_str().unwrap()]).exit(0);
    let cli = Cli::new(&place);
    (folder, cli)
}

fn commands(cli: &Cli, more: &[&str]) -> Vec<Value> {
    let mut arguments = vec!["commands", "--json", "--no-state"];
    arguments.extend(more);
    let value = cli.run(&arguments).exit(0).json();
    value["commands"].as_array().unwrap().clone()
}

#[track_caller]
fn one<'a>(all: &'a [Value], id: &str) -> &'a Value {
    all.iter().find(|it| it["id"] == id).unwrap_or_else(|| {
        let ids: Vec<_> = all.iter().map(|it| it["id"].as_str().unwrap()).collect();
        panic!("{id} is not among {ids:#?}")
    })
}

/// The guide's list line by line: the command, its kind, its risk, its file, and a text of its line.
const GUIDE: &[(&str, &str, &str, &str, &str)] = &[
    // make dev && curl http://localhost:8000/health
    ("make.dev", "deploy", "changes", "Makefile", "dev: ## Start"),
    ("compose.api.http", "health", "read-only", "tools/docker/docker-compose.yml", "api:"),
    ("http.api.health-ready", "health", "read-only", "apps/api/app/api/v1/health.py", "ready("),
    ("make.health", "health", "read-only", "Makefile", "health: ##"),
    // docker-compose -f tools/docker/docker-compose.yml logs api, logs web
    ("compose.api.logs", "logs", "read-only", "tools/docker/docker-compose.yml", "api:"),
    ("compose.web.logs", "logs", "read-only", "tools/docker/docker-compose.yml", "web:"),
    ("make.logs", "logs", "read-only", "Makefile", "logs: ##"),
    // … exec postgres psql -U dev_user -d tech_platform -c "\dt"
    (
        "compose.postgres.tables",
        "database",
        "read-only",
        "tools/docker/docker-compose.yml",
        "postgres:",
    ),
    ("make.db-tables", "database", "read-only", "Makefile", "db-tables: ##"),
    // … exec redis redis-cli info
    ("compose.redis.info", "cache", "read-only", "tools/docker/docker-compose.yml", "redis:"),
    ("make.cache-info", "cache", "read-only", "Makefile", "cache-info: ##"),
    // make test
    ("make.test", "tests", "changes", "Makefile", "test: test-api test-web"),
    // docker stats
    ("docker.stats", "resources", "read-only", "tools/docker/docker-compose.yml", "#"),
    // What must never be mistaken for one of these.
    ("make.clean", "deploy", "destroys", "Makefile", "clean: ##"),
    ("make.stop", "deploy", "destroys", "Makefile", "stop: ##"),
    ("make.db-reset", "database", "destroys", "Makefile", "db-reset: ##"),
    ("make.db-shell", "database", "changes", "Makefile", "db-shell: ##"),
    ("make.deploy-prod", "deploy", "destroys", "Makefile", "deploy-prod: ##"),
];

#[test]
fn the_emergency_commands_of_the_guide_are_found_on_the_sample() {
    let (folder, cli) = sample();
    let all = commands(&cli, &[]);
    for (id, kind, risk, path, text) in GUIDE {
        let it = one(&all, id);
        assert_eq!(it["kind"], *kind, "{id}");
        assert_eq!(it["risk"], *risk, "{id}: {}", it["risk_why"]);
        assert_eq!(it["source"]["path"], *path, "{id}");
        let line = it["source"]["line"].as_u64().unwrap() as usize;
        let file = fs::read_to_string(folder.path().join("sample").join(path)).unwrap();
        let found = file.lines().nth(line - 1).unwrap();
        assert!(found.contains(text), "{id}: {path}:{line} is {found:?}");
        assert_eq!(it["trusted"], false, "{id}");
    }
    let logs = one(&all, "compose.api.logs");
    assert_eq!(
        logs["argv"].as_array().unwrap(),
        &[
            "docker",
            "compose",
            "-f",
            "tools/docker/docker-compose.yml",
            "logs",
            "--tail",
            "200",
            "api"
        ]
    );
    assert_eq!(one(&all, "compose.api.follow")["follows"], true);
    assert_eq!(one(&all, "make.test")["cwd"], ".");
    // The runbook's own, under the comment above each.
    let runbook =
        all.iter().filter(|it| it["source"]["path"] == "docs/runbooks/incident-response.md");
    let titles: Vec<_> = runbook.map(|it| it["title"].as_str().unwrap()).collect();
    assert!(titles.contains(&"Is Redis there, and is it full?"), "{titles:?}");
    // Looking at any of it has written nothing.
    let state = cli.home.folder("state").join("navi-oncall");
    assert!(!state.exists() || fs::read_dir(state).unwrap().next().is_none());
}

#[test]
fn what_is_asked_for_narrows_the_list_and_decides_the_exit_status() {
    let (_folder, cli) = sample();
    let logs = commands(&cli, &["--kind", "logs"]);
    assert!(logs.len() > 5 && logs.iter().all(|it| it["kind"] == "logs"));
    let api = commands(&cli, &["--service", "api"]);
    assert!(api.iter().all(|it| it["service"] == "api") && api.len() > 3);
    let said = cli.run(&["commands", "--kind", "helth"]).exit(2);
    assert!(said.err.contains("did you mean `health`?"), "{}", said.err);
    cli.run(&["commands", "--service", "none"]).exit(1);
    let text = cli.run(&["commands", "--kind", "cache", "--no-state"]).exit(0).out;
    assert!(text.starts_with("Cache\n"), "{text}");
    assert!(text.contains("  read-only  make.cache-info  Makefile:52\n"), "{text}");

    let empty = Tree::of(&[("a.txt", "nothing")]);
    let said = Cli::new(empty.path()).run(&["commands", "--json"]).exit(1).json();
    assert_eq!(said["commands"].as_array().unwrap().len(), 0);
}

#[test]
fn the_repositorys_own_commands_and_their_mistakes() {
    let tree = Tree::of(&[(
        ".navi.toml",
        "[[command]]\nid = \"queue\"\ntitle = \"Queue depth\"\nkind = \"cache\"\n\
         argv = [\"redis-cli\", \"llen\", \"q\"]\nparameters = [{ name = \"Q\", default = \"q\" }]\n\n\
         [[command]]\nid = \"odd\"\nargv = \"ls\"\n",
    )]);
    let cli = Cli::new(tree.path());
    let value = cli.run(&["commands", "--json"]).exit(0).json();
    let all = value["commands"].as_array().unwrap();
    assert_eq!(all.len(), 1, "{value}");
    assert_eq!((&all[0]["id"], &all[0]["source"]["line"]), (&"queue".into(), &1.into()));
    assert_eq!(all[0]["parameters"][0]["default"], "q");
    let said = value["diagnostics"].to_string();
    assert!(said.contains("`argv` is a list of texts") && said.contains(".navi.toml:10"), "{said}");
}

/// Files that would touch a marker if anything of them ran, that lead outside, or that have no end.
fn hostile(marker: &str, secret: &str) -> Vec<(String, String)> {
    let touch = format!("touch {marker}");
    let mut bomb = "x-0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let below = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb += &format!("x-{level}: &a{level} [{below}]\n");
    }
    let files: Vec<(&str, String)> = vec![
        (
            "Makefile",
            format!(
                "X := $(shell {touch})\nY != {touch}\ninclude {secret}\n-include /etc/passwd\n\
                 $(eval $(shell {touch}))\nall: ## All\n\techo $(shell {touch}) `{touch}`\n\
                 -rf: ## Option\n\tls\n"
            ),
        ),
        (
            "sub/Makefile",
            "include ../../../../../../etc/passwd\nA = $(A)$(B)\nB = $(A)$(A)\na:\n\techo $(A)\n"
                .into(),
        ),
        (
            "package.json",
            format!(
                "{{\"scripts\": {{\"test\": \"{touch}\", \"--all\": \"ls\", \"a\\u001b[2J\": \"ls\"}}}}"
            ),
        ),
        (
            "justfile",
            format!("x := `{touch}`\nset shell := ['{touch}']\na y=`{touch}`:\n  {touch}\n"),
        ),
        (
            "Taskfile.yml",
            format!(
                "version: '3'\nvars: {{X: {{sh: {touch}}}}}\nincludes: {{o: {secret}}}\ntasks:\n  a: {{status: ['{touch}'], cmds: [ls]}}\n"
            ),
        ),
        ("Procfile", format!("web: {touch}\n-x: ls\n")),
        ("Rakefile", format!("`{touch}`\ndesc 'x'\ntask :a do\nend\n")),
        (
            "mise.toml",
            format!(
                "[env]\nX = \"{{{{ exec(command='{touch}') }}}}\"\n[tasks.a]\nrun = \"{touch}\"\n"
            ),
        ),
        (".cargo/config.toml", format!("[alias]\nevil = \"run -- {touch}\"\n")),
        ("pyproject.toml", format!("[tool.poe.tasks]\na = {{ shell = \"{touch}\" }}\n")),
        ("composer.json", format!("{{\"scripts\": {{\"a\": \"{touch}\"}}}}")),
        (
            "compose.yml",
            format!(
                "include: [/etc/passwd, '{secret}', 'https://example.invalid/compose.yml', '../../x.yml']\n\
                 services:\n  web:\n    image: 'x:$(${{{touch}}})'\n    env_file: {secret}\n    \
                 extends: {{file: {secret}, service: x}}\n  --help: {{image: x}}\n"
            ),
        ),
        (
            "docker-compose.bomb.yml",
            format!("{bomb}services: {{a: {{image: x, environment: *a29}}}}\n"),
        ),
        (
            "k8s/a.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: '--all; rm x'}\n".into(),
        ),
        ("-rf.service", format!("[Service]\nExecStart={touch}\n")),
        ("README.md", format!("# x\n```sh\n$({touch})\nmake all; {touch}\n```\n")),
        ("docs/runbook.md", "```sh\nls \u{1b}]52;c;aGk=\u{7}\n```\n".into()),
        (
            ".navi.toml",
            format!(
                "trust = true\n[[command]]\nid = \"a\"\nshell = \"{touch}\"\nrisk = \"read-only\"\n\
                 trusted = true\n[[command]]\nid = \"b\"\nshell = \"{touch}\"\nrisk = \"read-only\"\n"
            ),
        ),
        ("evil/\u{1b}[2J/Makefile", "a: ## x\n\tls\n".into()),
    ];
    files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect()
}

#[test]
fn nothing_of_a_hostile_repository_runs_or_is_read_outside_of_it() {
    let outside = tempfile::tempdir().unwrap();
    let marker = outside.path().join("ran");
    let secret = outside.path().join("secret.yml");
    let hidden =
        "services: {stolen-service: {image: stolen-image}}\nstolen-target: ## stolen\n\tls\n";
    fs::write(&secret, hidden).unwrap();
    let files = hostile(marker.to_str().unwrap(), secret.to_str().unwrap());
    let texts: Vec<(&str, &str)> = files.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
    let tree = Tree::of(&texts);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&secret, tree.path().join("docker-compose.link.yml")).unwrap();
        std::os::unix::fs::symlink(&secret, tree.path().join("GNUmakefile")).unwrap();
    }
    let cli = Cli::new(tree.path());
    for arguments in [
        &["commands", "--json"][..],
        &["commands"],
        &["commands", "--kind", "tests"],
        &["trust", "--json"],
        &["trust"],
    ] {
        let said = cli.run(arguments);
        assert!(said.status <= 1, "{arguments:?}: {}", said.err);
        assert!(!marker.exists(), "{arguments:?} ran something");
        for text in [&said.out, &said.err] {
            assert!(!text.contains("stolen"), "{arguments:?}: {text}");
            let steers = |it: char| it.is_control() && it != '\n' && it != '\t';
            assert!(!text.contains(steers), "{arguments:?}: {text:?}");
        }
    }
    let value = cli.run(&["commands", "--json"]).exit(0).json();
    let all = value["commands"].as_array().unwrap();
    for it in all {
        let id = it["id"].as_str().unwrap();
        assert!(!id.starts_with('-'), "{id}");
        assert_eq!(it["trusted"], false, "{id}");
        let argv = it["argv"].as_array().unwrap();
        // Names of the repository never stand where an option could.
        assert!(
            argv.iter().skip(1).all(|it| it != "--help" && it != "-rf" && it != "--all"),
            "{argv:?}"
        );
        if argv.iter().any(|it| it.as_str().unwrap().contains("touch")) {
            assert_ne!(it["risk"], "read-only", "{it}");
        }
    }
    // Whatever make is asked for, it runs what the file asks for while it is read.
    for it in all.iter().filter(|it| it["source"]["path"] == "Makefile") {
        assert_ne!(it["risk"], "read-only", "{it}");
    }
    assert!(all.iter().any(|it| it["id"] == "b" && it["risk"] == "changes"), "{all:#?}");
}

/// A hostile repository under git, whose own settings, hooks and attributes would run something as
/// soon as git were asked for anything.
#[cfg(unix)]
fn poisoned(marker: &str) -> GitTree {
    use std::os::unix::fs::PermissionsExt;
    let git = GitTree::new();
    let files = hostile(marker, "/nowhere/secret.yml");
    let files: Vec<(&str, Option<&str>)> =
        files.iter().map(|it| (it.0.as_str(), Some(it.1.as_str()))).collect();
    git.commit("begin", &files);
    git.commit(
        "fix: login times out",
        &[
            ("app/auth.py", Some("def login(form):\n    return form\n")),
            (".gitattributes", Some("* diff=evil filter=evil merge=evil\n")),
        ],
    );
    git.commit(
        "fix: login answers 500 (#7)",
        &[("app/auth.py", Some("def login(form):\n    return check(form)\n"))],
    );
    let script = git.path().join(".git/evil");
    fs::write(&script, format!("#!/bin/sh\ntouch '{marker}'\ncat\n")).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let evil = script.to_str().unwrap();
    let mut config = fs::read_to_string(git.path().join(".git/config")).unwrap();
    config += &format!(
        "[core]\n\tfsmonitor = {evil}\n\tpager = {evil}\n\teditor = {evil}\n\tsshCommand = {evil}\n\t\
         hooksPath = .git/evil-hooks\n[log]\n\tshowSignature = true\n[gpg]\n\tprogram = {evil}\n\
         [diff]\n\texternal = {evil}\n[diff \"evil\"]\n\ttextconv = {evil}\n\tcommand = {evil}\n\
         [filter \"evil\"]\n\tclean = {evil}\n\tsmudge = {evil}\n\tprocess = {evil}\n\
         [merge \"evil\"]\n\tdriver = {evil}\n[alias]\n\tstatus = !{evil}\n\
         [credential]\n\thelper = !{evil}\n"
    );
    fs::write(git.path().join(".git/config"), config).unwrap();
    for folder in ["hooks", "evil-hooks"] {
        let hooks = git.path().join(".git").join(folder);
        fs::create_dir_all(&hooks).unwrap();
        for hook in ["post-checkout", "pre-commit", "post-index-change", "fsmonitor-watchman"] {
            fs::copy(&script, hooks.join(hook)).unwrap();
        }
    }
    git
}

#[cfg(unix)]
#[test]
fn a_hostile_repository_is_opened_indexed_previewed_and_drilled_and_nothing_runs() {
    let outside = tempfile::tempdir().unwrap();
    let marker = outside.path().join("ran");
    let git = poisoned(marker.to_str().unwrap());
    let cli = Cli::new(git.path());
    for arguments in [
        &["index"][..],
        &["index", "--rebuild"],
        &["find", "login", "--explain"],
        &["catalogue", "--all"],
        &["changes", "--since", "9000d"],
        &["audit"],
        &["commands"],
        &["check"],
        &["trust"],
        &["init", "--stdout"],
        &["drill", "list", "--answers", "--json"],
        &["drill", "selfcheck"],
        &["incident", "status"],
        &["doctor"],
    ] {
        let said = cli.run(arguments);
        assert!(said.status <= 2, "{arguments:?}: {}", said.err);
        assert!(!marker.exists(), "{arguments:?} ran something");
    }
    let home = Home::new();
    let mut pty = Pty::navi(&home, git.path(), (120, 36), &[]);
    pty.wait_for("auth.py");
    for (panel, shows) in [
        ("2", "2 Critical paths"),
        ("3", "Checks"),
        ("5", "login answers 500"),
        ("6", "Other documents"),
        ("7", "Drill"),
        ("8", "Incident"),
        ("4", "commands ·"),
    ] {
        pty.send(&format!("\u{1b}{panel}"));
        pty.wait_for(shows);
        // Each row is looked at: a file, a commit, a document, a command.
        for _ in 0..12 {
            pty.send(Keys::DOWN);
        }
    }
    // What runs is shown, and left.
    pty.send(Keys::ENTER);
    pty.wait_for("run this?");
    pty.send(Keys::ESC);
    pty.wait_gone("run this?");
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    assert!(!marker.exists(), "the screen ran something");
    // That nothing was left says something: git itself runs it at once.
    let status = std::process::Command::new("git")
        .args(["status", "--short"])
        .current_dir(git.path())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(marker.exists(), "{}", String::from_utf8_lossy(&status.stderr));
}
