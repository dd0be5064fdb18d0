//! One step of a stack trace, as the program printed it.

use super::Dialect;

/// Where a program was, in its own terms.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Frame {
    /// The line of the text, without what a log driver put around it.
    pub raw: String,
    /// Who printed it; nothing for a place that any program may print.
    pub dialect: Option<Dialect>,
    /// The path where the program ran, with `/` between its segments.
    pub file: Option<String>,
    /// 1-based.
    pub line: Option<u64>,
    /// 1-based.
    pub column: Option<u64>,
    /// The name of the function alone, such as `login`.
    pub function: Option<String>,
    /// What holds the function: classes, modules, packages, from the outermost in.
    pub scope: Vec<String>,
    /// The line of source that the trace shows beside the frame.
    pub code: Option<String>,
    /// Whether it is the runtime's or a library's by its form.
    pub library: bool,
}

impl Frame {
    /// The function with what holds it, as a person writes it.
    pub fn function_shown(&self) -> Option<String> {
        self.function
            .as_ref()
            .map(|it| self.scope.last().map_or_else(|| it.clone(), |scope| format!("{scope}.{it}")))
    }
}

/// One exception, panic or goroutine with its frames.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    /// What it says of itself.
    pub message: Option<String>,
    /// Places in the list of frames, the innermost first.
    pub frames: Vec<usize>,
    /// Which chain of exceptions it is of.
    pub chain: usize,
    /// 0 for the root cause of its chain, more for what followed from it.
    pub depth: usize,
}

/// Folders in a path that belong to libraries or to a runtime.
const LIBRARY: &[&str] = &[
    "/site-packages/",
    "/dist-packages/",
    "/node_modules/",
    "/.cargo/registry/",
    "/.cargo/git/",
    "/rustc/",
    "/library/std/src/",
    "/library/core/src/",
    "/pkg/mod/",
    "/vendor/bundle/",
    "/gems/",
    "/usr/lib/",
    "/usr/local/lib/python",
    "/usr/local/go/src/",
    "/usr/local/lib/ruby",
    "/.rbenv/",
    "/.rvm/",
    "/.pyenv/versions/",
    "/webpack/bootstrap",
    "/webpack/runtime",
    "/.yarn/cache/",
    "/.pnpm/",
    "/libexec/",
    "/opt/hostedtoolcache/",
];
/// Beginnings of such paths.
const LIBRARY_START: &[&str] =
    &["node:", "<", "vendor/", "/_/src/", "bun:", "deno:", "ext:", "native ", "["];

/// Whether a path where a program ran is a library's or the runtime's.
pub fn is_library(path: &str) -> bool {
    LIBRARY.iter().any(|it| path.contains(it))
        || LIBRARY_START.iter().any(|it| path.starts_with(it))
        || ["node_modules/", "gems/", "site-packages/"].iter().any(|it| path.starts_with(it))
        // Python's own modules, where they are installed.
        || (path.contains("/lib/python3") && !path.contains("/app/"))
        // Go's own: /usr/lib/go, /usr/local/go, $(HOME)/sdk/go1.22.
        || path.contains("/go/src/runtime/")
        || path.contains("/sdk/go1.")
        || path.starts_with("runtime/")
        || (path.starts_with("internal/") && path.ends_with(".js"))
        || path.contains("/vendor/")
}

/// A path as it is compared: without a scheme, a drive, a query, and with `/`.
pub fn plain_path(written: &str) -> String {
    let mut path = written.trim().trim_matches(|it| matches!(it, '"' | '\'' | '`'));
    for scheme in [
        "webpack-internal:///",
        "webpack://",
        "file://",
        "app://",
        "capacitor://",
        "ng://",
        "rollup://",
        "vite://",
    ] {
        if let Some(rest) = path.strip_prefix(scheme) {
            path = rest;
            if scheme == "webpack://" {
                // webpack://NAME/./src/x.ts: the name is the bundle's.
                path = path.split_once("/./").map_or(path, |it| it.1);
            }
            break;
        }
    }
    for scheme in ["http://", "https://"] {
        if let Some(rest) = path.strip_prefix(scheme) {
            path = rest.split_once('/').map_or(rest, |it| it.1);
        }
    }
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let path = path.replace('\\', "/");
    let mut path = path.as_str();
    // (rsc)/./app/page.tsx, C:/src/x.cs
    if path.starts_with('(') {
        path = path.split_once(")/").map_or(path, |it| it.1);
    }
    if path.as_bytes().get(1) == Some(&b':')
        && path.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
    {
        path = path.get(2..).unwrap_or(path);
    }
    while let Some(rest) = path.strip_prefix("./").or_else(|| path.strip_prefix("../")) {
        path = rest;
    }
    path.replace("/./", "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lose_what_is_no_path() {
        for (written, plain) in [
            ("webpack://shop/./src/app/a.ts?1f2e", "src/app/a.ts"),
            ("webpack-internal:///(rsc)/./app/page.tsx", "app/page.tsx"),
            ("http://localhost:5173/src/main.ts?t=17", "src/main.ts"),
            ("file:///app/src/x.mjs", "/app/src/x.mjs"),
            (r"D:\a\shop\Api\Program.cs", "/a/shop/Api/Program.cs"),
            ("./app/models/user.rb", "app/models/user.rb"),
            ("../../src/x.c", "src/x.c"),
        ] {
            assert_eq!(plain_path(written), plain);
        }
    }

    #[test]
    fn libraries_are_told_by_their_place() {
        for path in [
            "/usr/local/lib/python3.12/site-packages/flask/app.py",
            "node:internal/process/task_queues",
            "/app/node_modules/express/lib/router.js",
            "/root/go/pkg/mod/github.com/gin-gonic/gin@v1.9.1/context.go",
            "/usr/lib/go/src/runtime/panic.go",
            "/rustc/90b35a6239c3d8bdabc530a6a0816f7ff89a0aaf/library/std/src/panicking.rs",
            "/app/vendor/bundle/ruby/3.2.0/gems/activejob-6.1.7.3/lib/active_job/execution.rb",
            "<frozen importlib._bootstrap>",
        ] {
            assert!(is_library(path), "{path}");
        }
        for path in ["/app/app/main.py", "src/index.ts", "internal/db/update.go"] {
            assert!(!is_library(path), "{path}");
        }
    }
}
