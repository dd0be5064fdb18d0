//! The catalogue on the sample monorepo: every line of the guide's list of critical path files.

use std::sync::Arc;

use navi::engine::catalogue;
use navi::engine::files::FileList;
use navi::engine::owners::Owners;
use navi::engine::repo::Repo;
use navi::engine::roles::RoleSet;
use navi::engine::search::Finder;
use navi::workers::{Options, list_files, look_at_all};

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
        file_limit: 1 << 20,
        crew: navi::engine::index::alone,
        threads: 1,
    };
    Options { repo: Repo::at(root).unwrap(), finder, folder: None, watch: false, cores: 2 }
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
