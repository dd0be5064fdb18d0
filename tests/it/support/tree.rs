//! A folder of files that lives as long as its test.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

/// A temporary folder with files, removed at the end of the test.
pub struct Tree {
    dir: TempDir,
}

impl Tree {
    /// A folder with these files; folders on the way are made.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let tree = Self { dir: TempDir::with_prefix("navi-it-").unwrap() };
        for (path, content) in files {
            tree.write(path, content);
        }
        tree
    }

    /// A small service, as most tests search it.
    pub fn service() -> Self {
        Self::of(&[
            ("README.md", "# Shop\n\nThe shop's services.\n"),
            ("api/main.py", "from api import auth\n\n\ndef start():\n    auth.login(None)\n"),
            (
                "api/auth.py",
                "LIMIT = 3\n\n\ndef login(form):\n    if form is None:\n        raise ValueError(\"no form was sent\")\n    return form\n",
            ),
            ("api/cache.py", "import redis\n\nclient = redis.Redis()\n"),
            ("web/src/routes.ts", "export const routes = ['/login', '/cart'];\n"),
            ("docs/runbooks/login down.md", "# Login is down\n\nLook at the sessions first.\n"),
        ])
    }

    /// Writes one more file, or another content.
    pub fn write(&self, path: &str, content: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}
