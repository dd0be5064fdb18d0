//! The catalogue on the sample monorepo: every line of the guide's list of critical path files.

use std::sync::Arc;

use navi::config::drills::DrillLog;
use navi::engine::catalogue::{self, Overrides};
use navi::engine::drills::Player;
use navi::engine::files::FileList;
use navi::engine::owners::Owners;
use navi::engine::repo::Repo;
use navi::engine::roles::RoleSet;
use navi::engine::search::Finder;
use navi::workers::{Options, Rules, Running, list_files, look_at_all};

use crate::support::Cli;

/// The guide's list, line for line: the place, and the role under which it is looked for.
const GUIDE: &[(&str, &str)] = &[
    ("apps/api/main.py", "entry-point"),
    ("apps/web/src/main.ts", "entry-point"),
    ("apps/api/app/core/config.py", "config"),
    ("apps/web/src/environments/", "config"),
    ("apps/api/app/models/", "model"),
    ("apps/api/app/db/migrations/", "migration"),
    ("apps/api/app/api/v1/", "route"),
    ("apps/web/src/app/core/services/", "service"),
    ("apps/api/app/core/exceptions.py", "error-handling"),
    ("apps/web/src/app/core/services/error-handler.service.ts", "error-handling"),
    ("apps/api/app/api/v1/auth.py", "auth"),
    ("apps/web/src/app/core/guards/", "auth"),
    ("apps/api/app/api/v1/websockets.py", "websocket"),
    ("apps/web/src/app/core/services/websocket.service.ts", "websocket"),
];

/// Options for a folder, without settings and without an index.
pub fn options(root: &std::path::Path) -> Options {
    let finder = Finder {
        root: root.to_owned(),
        roles: Arc::new(RoleSet::builtin().0),
        owners: Arc::new(Owners::default()),
        habits: std::sync::Arc::default(),
        file_limit: 1 << 20,
        crew: navi::engine::crew::alone,
        threads: 1,
    };
    let rules: Rules = Arc::new(|| (Arc::new(RoleSet::builtin().0), Overrides::default(), vec![]));
    let repo = Repo::at(root).unwrap();
    let drills = DrillLog::new(None, root);
    let player = Player::default();
    let running = Running::nothing(&repo.root);
    let (recording, folder) = (None, None);
    Options {
        repo,
        finder,
        folder,
        watch: false,
        cores: 2,
        rules,
        running,
        recording,
        drills,
        player,
        reply: None,
        turns: navi::workers::Turns::new(2),
    }
}

/// The first files of each role, by the role's id.
fn shelves(root: &std::path::Path, limit: usize) -> Vec<(String, Vec<String>)> {
    let options = options(root);
    let files: Arc<FileList> = list_files(&options).0.list();
    let looks = look_at_all(&options, &files, &|| false);
    let catalogue = catalogue::build(&options.finder.roles, &files, &looks, limit);
    let roles = options.finder.roles.roles();
    let path = |id| files.repo_path(id).to_text().into_owned();
    catalogue
        .shelves
        .iter()
        .map(|it| (roles[it.role].id.clone(), it.files.iter().map(|file| path(file.id)).collect()))
        .collect()
}

#[test]
fn every_line_of_the_guide_is_among_the_first_three_of_its_role() {
    let dir = tempfile::tempdir().unwrap();
    navi::sample::unpack(dir.path(), std::time::SystemTime::now()).unwrap();
    let shelves = shelves(dir.path(), 3);
    let mut missed = Vec::new();
    for (wanted, role) in GUIDE {
        let (_, files) = shelves.iter().find(|it| it.0 == *role).unwrap();
        let hit =
            |file: &String| file == wanted || (wanted.ends_with('/') && file.starts_with(wanted));
        if !files.iter().any(hit) {
            missed.push(format!("{wanted} ({role}): {files:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn what_a_repository_lacks_is_missing_and_what_imitates_it_does_not_count() {
    let dir = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put(
        "app/main.py",
        "from fastapi import FastAPI\n\napp = FastAPI()\n\nfrom app.orders import router\n",
    );
    put("app/orders.py", "router = APIRouter()\n\n@router.get('/orders')\ndef orders(): ...\n");
    put("tests/test_websocket.py", "def test_websocket():\n    WebSocketDisconnect\n");
    put(
        "vendor/gorilla/websocket.go",
        "package websocket\nimport \"github.com/gorilla/websocket\"\n",
    );
    put("docs/cache.md", "# How the cache works\n");
    put("examples/auth.py", "OAuth2PasswordBearer()\n");
    put("static/websocket.min.js", "new WebSocket('x')");
    let shelves = shelves(dir.path(), 5);
    let of = |role: &str| &shelves.iter().find(|it| it.0 == role).unwrap().1;
    assert_eq!(of("entry-point"), &["app/main.py"]);
    assert_eq!(of("route")[0], "app/orders.py");
    for role in ["websocket", "cache", "auth", "migration", "database"] {
        assert!(of(role).is_empty(), "{role}: {:?}", of(role));
    }
}

#[test]
fn the_catalogue_is_the_same_each_time() {
    let dir = tempfile::tempdir().unwrap();
    navi::sample::unpack(dir.path(), std::time::SystemTime::now()).unwrap();
    assert_eq!(shelves(dir.path(), 10), shelves(dir.path(), 10));
}

fn write(root: &std::path::Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A service whose files' names tell nothing.
fn nameless() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    write(root, "one.py", "@app.websocket('/live')\nasync def live(): ...\n");
    write(root, "two.py", "engine = create_engine(url)\n");
    write(root, "three.py", "def nothing(): ...\n");
    dir
}

#[test]
fn the_command_answers_with_the_promised_fields() {
    let dir = nameless();
    let said = Cli::new(dir.path()).run(&["catalogue", "--json", "--role", "websocket"]).exit(0);
    let value = said.json();
    assert_eq!(value["version"], 1);
    let role = &value["roles"][0];
    assert_eq!((&role["role"], &role["missing"]), (&"websocket".into(), &false.into()));
    let file = &role["files"][0];
    assert_eq!(
        (&file["path"], &file["rank"], &file["line"]),
        (&"one.py".into(), &1.into(), &1.into())
    );
    assert_eq!(file["why"][0], "speaks it: @app.websocket(");
    assert!(file["score"].is_number() && file["owners"].is_array());
    let said = Cli::new(dir.path()).run(&["catalogue", "--json", "--role", "cache"]).exit(1);
    assert_eq!(said.json()["roles"][0]["missing"], true);
    let said = Cli::new(dir.path()).run(&["catalogue", "--role", "cahce"]).exit(2);
    assert!(said.err.contains("did you mean `cache`?"), "{}", said.err);
}

#[test]
fn a_role_that_only_the_text_tells_is_found_by_its_filter() {
    let dir = nameless();
    let cli = Cli::new(dir.path());
    let paths = |query: &str| -> Vec<String> {
        let value = cli.run(&["find", "--json", query]).json();
        let results = value["results"].as_array().unwrap();
        results.iter().map(|it| it["path"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(paths("role:websocket"), ["one.py"]);
    // The same from an index that was there, and after the file changed.
    assert_eq!(paths("role:websocket"), ["one.py"]);
    assert_eq!(paths("role:database"), ["two.py"]);
    write(dir.path(), "one.py", "def live():\n    pass\n");
    assert_eq!(paths("role:websocket"), Vec::<String>::new());
    // A rule of the user's counts from the next run on, for files that were read before.
    write(
        &cli.home.folder("config"),
        "navi-oncall/roles/live.toml",
        "id = \"websocket\"\n[[rule]]\nlanguages = [\"python\"]\ncontent = [\"def nothing\"]\nwhy = \"x\"\n",
    );
    assert_eq!(paths("role:websocket"), ["three.py"]);
}

#[test]
fn the_repository_pins_removes_and_is_told_what_drifted() {
    let dir = nameless();
    write(
        dir.path(),
        ".navi.toml",
        "[[critical]]\nrole = \"websocket\"\npath = \"three.py\"\nnote = \"start here\"\nanchor = \"nothing\"\n\
         [[critical]]\nrole = \"websocket\"\npath = \"one.py\"\ndo = \"remove\"\n\
         [[critical]]\nrole = \"cache\"\npath = \"gone.py\"\n\
         [[role]]\nid = \"odd\"\n[[role.rule]]\nparts = [\"three\"]\nweight = 2\nwhy = \"the third\"\n",
    );
    let value = Cli::new(dir.path()).run(&["catalogue", "--json"]).exit(0).json();
    let roles = value["roles"].as_array().unwrap();
    let of = |id: &str| roles.iter().find(|it| it["role"] == id).unwrap();
    let files = of("websocket")["files"].as_array().unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!((&files[0]["path"], &files[0]["pinned"]), (&"three.py".into(), &true.into()));
    assert_eq!(files[0]["note"], "start here");
    assert_eq!(of("odd")["files"][0]["why"][0], "the third");
    let said = value["diagnostics"].to_string();
    assert!(said.contains("the critical path `gone.py` is gone"), "{said}");
    assert!(said.contains(".navi.toml:10:1"), "{said}");
}

#[test]
fn what_init_writes_is_read_without_a_word_and_never_over_another() {
    let dir = nameless();
    let cli = Cli::new(dir.path());
    let shown = cli.run(&["init", "--stdout"]).exit(0).out;
    assert!(!dir.path().join(".navi.toml").exists());
    assert!(shown.contains("#path = \"one.py\""), "{shown}");
    cli.run(&["init"]).exit(0);
    assert!(cli.run(&["init"]).exit(2).err.contains("already"));
    // With the marks taken away it is what it says.
    let live: Vec<&str> = shown
        .lines()
        .map(|line| line.strip_prefix('#').filter(|it| !it.starts_with(' ')).unwrap_or(line))
        .collect();
    write(dir.path(), ".navi.toml", &live.join("\n"));
    let value = cli.run(&["catalogue", "--json"]).exit(0).json();
    assert_eq!(value["diagnostics"], serde_json::json!([]));
    let roles = value["roles"].as_array().unwrap();
    let pinned = roles.iter().find(|it| it["role"] == "websocket").unwrap();
    assert_eq!(pinned["files"][0]["pinned"], true);
}
