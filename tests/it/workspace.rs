//! Several repositories at once: on the screen in a real terminal, and headless.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Cli, Home, Keys, Pty, START, Tree, git_in};

/// A folder with three repositories: `api`, `web` and `ops`.
fn three() -> Tree {
    let tree = Tree::of(&[
        ("api/.navi.toml", COMMANDS),
        ("api/CODEOWNERS", "/src/ @api-team\n"),
        (
            "api/src/main.py",
            "app = FastAPI()\n\n\ndef login(user):\n    raise Denied(\"bad login\")\n",
        ),
        ("api/src/auth.py", "def verify_token(token):\n    return decode(token)\n"),
        ("api/docs/runbooks/login.md", "# Login is down\n\nSee [it](../../src/auth.py).\n"),
        ("web/src/auth.guard.ts", "export class AuthGuard {\n  canActivate() {}\n}\n"),
        ("web/src/main.ts", "export function login() {\n  return post('/login');\n}\n"),
        ("web/.navi.toml", COMMANDS),
        ("ops/scripts/restart.sh", "#!/bin/sh\necho restart the api\n"),
    ]);
    for (number, name) in ["api", "web", "ops"].into_iter().enumerate() {
        let time = START + 60 * number as i64;
        let folder = tree.path().join(name);
        git_in(&folder, time, &["init", "-q", "-b", "main"]);
        git_in(&folder, time, &["add", "-A"]);
        git_in(&folder, time, &["commit", "-q", "-m", &format!("Begin {name}")]);
    }
    tree
}

/// A command that only reads, in the folder that it runs in.
const COMMANDS: &str = "[[command]]\nid = \"own.where\"\ntitle = \"Where it runs\"\nargv = [\"pwd\"]\nkind = \"health\"\n";

fn on_all<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["--root", "api", "--root", "web", "--root", "ops"];
    all.extend(more);
    all
}

fn started(arguments: &[&str]) -> (Home, Tree, Pty) {
    let (home, tree) = (Home::new(), three());
    let mut all = vec!["api", "web", "ops"];
    all.extend(arguments);
    let pty = Pty::navi(&home, tree.path(), (120, 36), &all);
    pty.wait_for("live · ");
    (home, tree, pty)
}

/// An editor that tells what it was given and waits for enter.
fn editor(home: &Home) -> (PathBuf, PathBuf) {
    let script = home.folder("home").join("vim");
    let told = home.folder("home").join("told");
    let to = told.display();
    let text = format!(
        "#!/bin/sh\npwd > '{to}'\nprintf '%s\\n' \"$@\" >> '{to}'\necho EDITING\nread answer\n"
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    (script, told)
}

/// The repository and the path of each item of a list.
fn places(list: &Value) -> Vec<(String, String)> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter().map(|it| (text(&it["repository"]), text(&it["path"]))).collect()
}

fn place(repository: &str, path: &str) -> (String, String) {
    (repository.to_owned(), path.to_owned())
}

fn on_disk(tree: &Tree, path: &str) -> PathBuf {
    fs::canonicalize(tree.path()).unwrap().join(path)
}

#[test]
fn one_list_holds_the_files_of_all_and_says_of_which() {
    let (_home, _tree, mut pty) = started(&[]);
    let screen = pty.wait_for("3 repositories");
    for row in ["main.py  api/src", "main.ts  web/src", "restart.sh  ops/scripts"] {
        assert!(screen.contains(row), "{row} in\n{screen}");
    }
    pty.send("login");
    let screen = pty.wait_for("main.ts:1");
    assert!(screen.contains("main.py:4") && !screen.contains("restart.sh"), "{screen}");
    // The path as it is shown is a query.
    pty.send(Keys::ESC);
    pty.wait_for("restart.sh");
    pty.send("web/src/main.ts:2");
    pty.wait_for("exact path");
    // The preview is of that file.
    pty.wait_for("post('/login')");
    pty.send(Keys::ESC);
    pty.wait_for("restart.sh");
    pty.send("repo:api ");
    let screen = pty.wait_gone("restart.sh");
    assert!(screen.contains("auth.py") && !screen.contains("auth.guard.ts"), "{screen}");
    pty.send(Keys::CTRL_C);
    assert_eq!(pty.wait_exit(), 130);
    pty.assert_restored();
}

#[test]
fn the_editor_opens_the_file_of_its_repository() {
    let (home, tree) = (Home::new(), three());
    let (editor, told) = editor(&home);
    let program = env!("CARGO_BIN_EXE_navi");
    let more: [(&str, &OsStr); 1] = [("EDITOR", editor.as_os_str())];
    let arguments = ["api", "web", "-q", "post("];
    let mut pty = Pty::spawn(&home, tree.path(), (100, 30), program, &arguments, &more);
    pty.wait_for("main.ts:2");
    pty.send(Keys::ENTER);
    pty.wait_for("EDITING");
    let told = fs::read_to_string(&told).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    let [folder, line, file] = lines[..] else { panic!("{told}") };
    assert_eq!(line, "+2");
    assert_eq!(Path::new(folder).join(file), on_disk(&tree, "web/src/main.ts"));
    pty.send(Keys::ENTER);
    pty.wait_gone("EDITING");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
    // It counts in that repository, alone or among others.
    let alone = Pty::navi(&home, &tree.path().join("web"), (100, 30), &[]);
    alone.wait_for("main.ts");
    let log = fs::read_to_string(home.folder("state").join("navi-oncall/searches.jsonl")).unwrap();
    assert!(log.contains("\"path\":\"src/main.ts\""), "{log}");
    assert!(log.contains(&format!("\"root\":\"{}\"", on_disk(&tree, "web").display())), "{log}");
}

#[test]
fn what_is_chosen_is_printed_as_others_can_open_it() {
    let (_home, tree, mut pty) = started(&["--print", "-q", "verify_token"]);
    pty.wait_for("auth.py:1");
    pty.send(Keys::ENTER);
    assert_eq!(pty.wait_exit(), 0);
    let place = format!("{}:1", on_disk(&tree, "api/src/auth.py").display());
    let written = String::from_utf8_lossy(&pty.written()).replace(['\r', '\n'], "");
    assert!(written.contains(&place), "{place} in\n{written}");
}

#[test]
fn the_panels_bring_the_repositories_together() {
    let (_home, _tree, mut pty) = started(&[]);
    pty.send("\u{1b}2");
    let screen = pty.wait_for("auth.guard.ts:1  web/src");
    assert!(screen.contains("auth.py:1  api/src"), "{screen}");
    pty.send("\u{1b}5");
    let screen = pty.wait_for("ops Begin ops");
    let row = |name: &str| screen.find(&format!("{name} Begin {name}")).unwrap();
    assert!(row("ops") < row("web") && row("web") < row("api"), "newest first:\n{screen}");
    pty.send("\u{1b}6");
    pty.wait_for("Login is down");
    pty.wait_for("api/docs/runbooks/login.md");
    pty.send("\u{1b}7");
    pty.wait_line("cards", |line| line.contains("Roles: ") && line.contains("due"));
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
}

#[test]
fn a_command_runs_in_its_repository_once_it_is_trusted() {
    let (home, tree, mut pty) = started(&[]);
    pty.send("\u{1b}4");
    pty.wait_for("Where it runs");
    // That of the second repository, by what it is written in.
    pty.send("/web/.navi.toml");
    pty.wait_gone("api/.navi");
    pty.send(Keys::ENTER);
    pty.wait_for("run this?");
    pty.wait_line("the folder", |line| line.contains("in       web "));
    pty.send("t");
    let folder = on_disk(&tree, "web");
    let shown = folder.display().to_string();
    pty.wait_for(&shown[shown.len() - 20..]);
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
    // What was decided is that of the repository, wherever it is opened from.
    let web = Cli::with(home, &folder);
    let trust = web.run(&["commands", "--json"]).exit(0).json();
    assert_eq!(trust["commands"][0]["trusted"], true, "{trust}");
    let api = Cli::with(web.home, &on_disk(&tree, "api"));
    let trust = api.run(&["commands", "--json"]).exit(0).json();
    assert_eq!(trust["commands"][0]["trusted"], false, "{trust}");
}

#[test]
fn one_that_goes_hides_none_of_the_others() {
    let (_home, tree, mut pty) = started(&[]);
    pty.wait_for("restart.sh");
    fs::rename(tree.path().join("ops"), tree.path().join("elsewhere")).unwrap();
    pty.wait_for("ops: folder gone");
    pty.send("login");
    let screen = pty.wait_for("main.ts:1");
    assert!(screen.contains("main.py:4"), "{screen}");
    fs::rename(tree.path().join("elsewhere"), tree.path().join("ops")).unwrap();
    pty.wait_gone("folder gone");
    // Changes are found under the label.
    tree.write("ops/scripts/login_probe.sh", "curl localhost\n");
    pty.wait_for("login_probe.sh");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
}

#[test]
fn a_workspace_of_the_settings_opens_by_its_name() {
    let (home, tree) = (Home::new(), three());
    let root = tree.path().display();
    home.settings(&format!(
        "[workspace.shop]\nrepositories = [\"{root}/api\", \"{root}/web\", \"{root}/nowhere\"]\n"
    ));
    let mut pty = Pty::navi(&home, tree.path(), (120, 36), &["-w", "shop"]);
    let screen = pty.wait_for("auth.guard.ts");
    assert!(screen.contains("shop  2 of 3 repositories"), "{screen}");
    assert!(!screen.contains("restart.sh"), "{screen}");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
    let cli = Cli::with(home, tree.path());
    let found = cli.run(&["find", "--json", "-w", "shop", "auth"]).exit(0).json();
    let said = found["diagnostics"].to_string();
    assert!(said.contains("nowhere") && said.contains("config.toml:2:"), "{said}");
    let all = places(&found["results"]);
    assert_eq!(all[..2], [place("api", "src/auth.py"), place("web", "src/auth.guard.ts")]);
    let config = cli.run(&["config", "--json"]).exit(0).json();
    let row =
        config["settings"].as_array().unwrap().iter().find(|it| it["key"] == "workspace.shop");
    assert!(row.is_some_and(|it| it["value"].as_str().unwrap().contains("/web")), "{config}");
    let doctor = cli.run(&["doctor", "--json"]).json();
    let check = doctor["checks"].as_array().unwrap().iter().find(|it| it["id"] == "workspaces");
    assert!(check.is_some_and(|it| it["verdict"] == "warn"), "{doctor}");
    let unknown = cli.run(&["find", "--json", "-w", "shp", "auth"]).exit(2).json();
    assert_eq!(unknown["error"]["hints"][0], "did you mean `shop`?");
    let both = cli.run(&["find", "-w", "shop", "--root", "api", "auth"]).exit(2);
    assert!(both.err.contains("one or the other"), "{}", both.err);
}

#[test]
fn a_repository_defines_no_workspace() {
    let tree = three();
    tree.write("ops/.navi.toml", "[workspace.all]\nrepositories = [\"/\"]\n");
    let cli = Cli::new(tree.path());
    let found = cli.run(&["find", "--json", "--root", "ops", "restart"]).exit(0).json();
    let said = found["diagnostics"][0].clone();
    assert_eq!(said["message"], "a repository may not define a workspace");
    assert_eq!(said["origin"], ".navi.toml:1:2");
    cli.run(&["find", "-w", "all", "restart"]).exit(2);
}

#[test]
fn results_carry_their_repository() {
    let tree = three();
    let cli = Cli::new(tree.path());
    let find = |query: &str| {
        let found = cli.run(&on_all(&["find", "--json", query])).exit(0).json();
        places(&found["results"])
    };
    let auth = find("auth");
    assert!(auth.contains(&place("api", "src/auth.py")), "{auth:?}");
    assert!(auth.contains(&place("web", "src/auth.guard.ts")), "{auth:?}");
    assert_eq!(find("web/src/main.ts")[0], place("web", "src/main.ts"));
    assert_eq!(find("path:ops/scripts"), [place("ops", "scripts/restart.sh")]);
    assert_eq!(find("'raise Denied"), [place("api", "src/main.py")]);
    assert_eq!(find("#AuthGuard"), [place("web", "src/auth.guard.ts")]);
    assert_eq!(find("login !repo:api role:entry-point"), [place("web", "src/main.ts")]);
    // Owners are those of each repository.
    let owned = find("owner:@api-team");
    assert_eq!(owned.len(), 2, "{owned:?}");
    assert!(owned.iter().all(|it| it.0 == "api"), "{owned:?}");
    let unknown = cli.run(&on_all(&["find", "--json", "repo:wbe login"])).exit(1).json();
    assert_eq!(unknown["diagnostics"][0]["hint"], "did you mean `web`?");
    // What is not there has no label to be told apart by.
    let alone = cli.run(&["find", "--json", "--root", "api", "auth"]).exit(0).json();
    assert!(alone["results"][0].get("repository").is_none(), "{alone}");
    assert!(alone.get("repositories").is_none(), "{alone}");
    let roots = cli.run(&on_all(&["find", "--json", "auth"])).exit(0).json();
    assert_eq!(roots["repositories"][1]["label"], "web");
    let root = roots["repositories"][1]["root"].as_str().unwrap();
    assert_eq!(Path::new(root), on_disk(&tree, "web"));
}

#[test]
fn a_trace_leads_into_the_repository_that_it_is_of() {
    let tree = three();
    let cli = Cli::new(tree.path());
    let trace = "Traceback (most recent call last):\n  File \"/srv/src/main.py\", line 5, in login\n    raise Denied(\"bad login\")\nDenied: bad login\n";
    let told = cli.run_with(trace, &on_all(&["trace", "--json", "-"])).exit(0).json();
    assert_eq!(places(&told["results"])[0], place("api", "src/main.py"));
    assert_eq!(told["frames"][0]["repository"], "api");
}

#[test]
fn roles_changes_and_cards_cover_every_repository() {
    let tree = three();
    let cli = Cli::new(tree.path());
    let told = cli.run(&on_all(&["catalogue", "--json", "--role", "auth"])).exit(0).json();
    let role = &told["roles"][0];
    assert_eq!(role["missing"], false);
    let files = places(&role["files"]);
    assert_eq!(files, [place("api", "src/auth.py"), place("web", "src/auth.guard.ts")]);
    assert_eq!(role["files"][1]["rank"], 2);
    let told = cli.run(&on_all(&["changes", "--json"])).exit(0).json();
    let of: Vec<&str> = told["commits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["repository"].as_str().unwrap())
        .collect();
    assert_eq!(of, ["ops", "web", "api"]);
    let told = cli.run(&on_all(&["drill", "list", "--json", "--answers"])).exit(0).json();
    let cards = told["cards"].as_array().unwrap();
    let labels: Vec<&str> = cards.iter().map(|it| it["repository"].as_str().unwrap()).collect();
    assert!(labels.contains(&"api") && labels.contains(&"web"), "{labels:?}");
    assert_ne!(labels[0], labels[1], "they take turns: {labels:?}");
    let first = &cards[0];
    let label = first["repository"].as_str().unwrap();
    assert!(first["id"].as_str().unwrap().starts_with(&format!("{label}:")), "{first}");
    let path = first["answers"][0]["path"].as_str().unwrap();
    assert!(tree.path().join(label).join(path).is_file(), "{first}");
    cli.run(&on_all(&["drill", "selfcheck", "--json", "--threshold", "0"])).exit(0).json();
}

#[test]
fn a_command_is_named_with_its_repository() {
    let tree = three();
    let cli = Cli::new(tree.path());
    let told = cli.run(&on_all(&["commands", "--json"])).exit(0).json();
    let rows = told["commands"].as_array().unwrap();
    let ids: Vec<&str> = rows.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"api:own.where") && ids.contains(&"web:own.where"), "{ids:?}");
    let web = rows.iter().find(|it| it["id"] == "web:own.where").unwrap();
    assert_eq!((&web["repository"], &web["source"]["path"]), (&"web".into(), &".navi.toml".into()));
    let ran = cli.run(&on_all(&["run", "web:own.where", "--once", "--yes"])).exit(0);
    assert_eq!(ran.out.trim(), on_disk(&tree, "web").display().to_string());
    let whose = cli.run(&on_all(&["run", "own.where", "--once"])).exit(2);
    assert!(whose.err.contains("api, web, ops"), "{}", whose.err);
    let unknown = cli.run(&on_all(&["run", "wbe:own.where", "--once"])).exit(2);
    assert!(unknown.err.contains("did you mean `web`?"), "{}", unknown.err);
    let untrusted = cli.run(&on_all(&["run", "api:own.where", "--json"])).exit(2);
    assert!(untrusted.out.contains("is not trusted"), "{}", untrusted.out);
}

#[test]
fn the_same_repository_is_taken_once() {
    let tree = three();
    let home = Home::new();
    // Two ways into one repository are one repository, as if it were named alone.
    let mut pty = Pty::navi(&home, tree.path(), (120, 36), &["api", "api/src"]);
    let screen = pty.wait_for("main.py  src");
    assert!(screen.contains("api  main"), "{screen}");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
    let cli = Cli::with(home, tree.path());
    let told =
        cli.run(&["find", "--json", "--root", "api", "--root", "api", "--root", "web", "auth"]);
    let told = told.exit(0).json();
    assert_eq!(told["repositories"].as_array().unwrap().len(), 2, "{told}");
    assert!(told["diagnostics"].to_string().contains("listed once"), "{told}");
    // Folders of one name are told apart by the folders above.
    git_in(tree.path(), START, &["clone", "-q", "api", "other/api"]);
    let told = cli.run(&["find", "--json", "--root", "api", "--root", "other/api", "verify_token"]);
    let told = told.exit(0).json();
    let labels: Vec<String> = places(&told["results"]).into_iter().map(|it| it.0).collect();
    assert!(labels.contains(&"other-api".to_owned()) && labels.len() == 2, "{labels:?}");
}

#[test]
fn folders_that_cannot_be_opened_are_said() {
    let tree = three();
    let cli = Cli::new(tree.path());
    let told =
        cli.run(&["find", "--json", "--root", "api", "--root", "gone", "auth"]).exit(0).json();
    assert_eq!(places(&told["results"])[0], place("api", "src/auth.py"));
    assert!(told["diagnostics"].to_string().contains("gone"), "{told}");
    let none =
        cli.run(&["find", "--json", "--root", "gone", "--root", "lost", "auth"]).exit(2).json();
    assert!(none["error"]["hints"].to_string().contains("none of the repositories"), "{none}");
    let one = cli.run(&["init", "--stdout", "--root", "api", "--root", "web"]).exit(2);
    assert!(one.err.contains("one repository at a time"), "{}", one.err);
    // A repository inside of another.
    tree.write("api/lib/tool.py", "def tool():\n    pass\n");
    git_in(&tree.path().join("api/lib"), START, &["init", "-q"]);
    let told =
        cli.run(&["find", "--json", "--root", "api", "--root", "api/lib", "tool"]).exit(0).json();
    assert!(told["diagnostics"].to_string().contains("lib lies inside of api"), "{told}");
    assert!(places(&told["results"]).contains(&place("lib", "tool.py")), "{told}");
}

#[test]
fn a_round_is_played_and_kept_in_its_repository() {
    let (home, tree, mut pty) = started(&["--panel", "drill"]);
    pty.wait_for("Play the next card");
    pty.send(Keys::ENTER);
    let screen = pty.wait_for("In ");
    let at = screen.find("In ").unwrap();
    let label: String = screen[at + 3..].chars().take_while(|it| *it != ':').collect();
    assert!(["api", "web", "ops"].contains(&label.as_str()), "{screen}");
    // Given back: that is kept as well.
    pty.send("\u{1b}j");
    pty.wait_for("It was");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
    let log = fs::read_to_string(home.folder("state").join("navi-oncall/drills.jsonl")).unwrap();
    let round: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(Path::new(round["root"].as_str().unwrap()), on_disk(&tree, &label));
    let path = round["path"].as_str().unwrap();
    assert!(on_disk(&tree, &label).join(path).is_file(), "{round}");
    assert!(!round["card"].as_str().unwrap().contains(':'), "{round}");
}
