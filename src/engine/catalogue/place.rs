//! A file's place in its repository: which application it belongs to, and how close to its heart.

use std::collections::HashSet;

use crate::base::path::name_of;
use crate::engine::files::FileList;
use crate::engine::roles::Language;
use crate::engine::standing::packages_start;

/// Folders of additions to an application.
const ADDED: &[&str] = &[
    "plugins",
    "plugin",
    "contrib",
    "addons",
    "extensions",
    "extension",
    "integrations",
    "connectors",
    "adapters",
    "sdk",
    "sdks",
    "providers",
];
/// Folders of what several applications share.
const SHARED: &[&str] = &["libs", "lib", "packages", "shared", "common", "pkg", "crates"];
/// Folders of what serves the developers.
const AROUND: &[&str] = &[
    "tools",
    "tool",
    "scripts",
    "script",
    "hack",
    "bench",
    "benches",
    "benchmark",
    "benchmarks",
    "devtools",
    ".devcontainer",
    "storybook",
    ".storybook",
    "stories",
    "templates",
    "template",
    "scaffold",
    "generators",
    "generator",
    "stubs",
    "website",
    "playground",
    "playgrounds",
    "ci",
    "docs",
    "doc",
    "site",
    "e2e",
    "legacy",
    "deprecated",
    "archive",
    "misc",
    "dev",
    "mock",
    "mocks",
    "fixtures",
    "tests",
    "test",
    "testing",
    "profiling",
    "loadtest",
    "workbench",
    "cypress",
];
/// Words in folder names that say the same.
const ASIDE: &[&str] = &[
    "test",
    "tests",
    "mock",
    "mocks",
    "msw",
    "smoke",
    "e2e",
    "playwright",
    "storybook",
    "benchmark",
    "fuzz",
    "codegen",
    "example",
    "examples",
    "sample",
    "testing",
    "unittests",
    "functionaltests",
    "testutil",
    "testutils",
    "testdata",
    "testsupport",
    "fakes",
];
/// Names of files that mark the root of an application or a library.
const MANIFESTS: &[&str] = &[
    "package.json",
    "pyproject.toml",
    "setup.py",
    "requirements.txt",
    "go.mod",
    "cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "mix.exs",
    "gemfile",
];

/// The roots of applications and libraries.
#[derive(Debug, Default)]
pub struct Applications {
    roots: HashSet<Vec<u8>>,
}

impl Applications {
    /// Finds them by their manifests.
    pub fn of(files: &FileList) -> Self {
        let mut roots = HashSet::new();
        for id in files.living() {
            let lower = files.lower(id);
            let name = name_of(lower);
            let marks = std::str::from_utf8(name).is_ok_and(|it| MANIFESTS.contains(&it))
                || name.ends_with(b".csproj");
            if marks {
                roots.insert(lower[..lower.len() - name.len()].to_vec());
            }
        }
        Self { roots }
    }

    /// The application of a file: its root folder and whether it is on the side of the browser.
    pub fn of_file(&self, lower: &[u8]) -> (Vec<u8>, bool) {
        let name = name_of(lower);
        let scripted = Language::of(name) == Some(Language::JavaScript);
        let mut end = lower.len() - name.len();
        loop {
            let folder = &lower[..end];
            if self.roots.contains(folder) || end == 0 {
                return (folder.to_vec(), scripted);
            }
            end = folder[..end - 1].iter().rposition(|&it| it == b'/').map_or(0, |at| at + 1);
        }
    }
}

/// How close to the heart of the repository a path lies: 1 in an application's own tree.
pub fn closeness(lower: &[u8]) -> f32 {
    let name = name_of(lower);
    let mut factor = 1.0f32;
    let folders = &lower[..lower.len() - name.len()];
    let depth = memchr::memchr_iter(b'/', folders).count() as i32;
    for folder in folders[..packages_start(folders)].split(|&it| it == b'/') {
        let Ok(folder) = std::str::from_utf8(folder) else { continue };
        // `codemirror-5.17.0` is somebody else's.
        let version = folder.rsplit(['-', '@']).next().unwrap_or_default();
        if version.len() < folder.len()
            && version
                .split('.')
                .filter(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
                .count()
                > 1
        {
            factor *= 0.15;
        }
        let aside = |it: &str| folder.split(['_', '-', '.']).any(|word| word == it);
        if AROUND.contains(&folder) || ASIDE.iter().any(|it| aside(it)) {
            factor *= 0.5;
        } else if ADDED.contains(&folder) {
            factor *= 0.65;
        } else if SHARED.contains(&folder) {
            factor *= 0.9;
        } else if ["lib", "sdk", "kit", "plugin"].iter().any(|it| aside(it)) {
            factor *= 0.75;
        }
    }
    factor.max(0.1) * 0.985f32.powi(depth)
}

/// How much of the look of things rather than their work a file's extension tells.
pub fn working(lower: &[u8]) -> f32 {
    match crate::base::path::extension_of(lower) {
        b"vue" | b"svelte" | b"html" | b"erb" | b"haml" | b"twig" | b"heex" | b"cshtml"
        | b"hbs" | b"css" | b"scss" | b"less" | b"astro" | b"slim" | b"razor" | b"ejs" => 0.6,
        b"tsx" | b"jsx" => 0.8,
        b"pyi" => 0.3,
        _ if memchr::memmem::find(crate::base::path::name_of(lower), b"mock").is_some() => 0.4,
        _ if lower.ends_with(b".blade.php") || lower.ends_with(b".d.ts") => 0.4,
        _ if lower.ends_with(b".stories.ts") => 0.2,
        _ => 1.0,
    }
}

/// Pictures, fonts and the like: never where code is.
pub fn is_asset(lower: &[u8]) -> bool {
    matches!(
        crate::base::path::extension_of(lower),
        b"png"
            | b"jpg"
            | b"jpeg"
            | b"gif"
            | b"svg"
            | b"ico"
            | b"webp"
            | b"woff"
            | b"woff2"
            | b"ttf"
            | b"eot"
            | b"pdf"
            | b"mp3"
            | b"mp4"
            | b"zip"
            | b"gz"
            | b"sln"
            | b"snap"
            | b"map"
            | b"avif"
            | b"po"
            | b"pot"
            | b"mo"
            | b"csv"
            | b"drawio"
    )
}

/// What a file's size tells: next to nothing in a stub, little in a data dump.
pub fn body(bytes: u64) -> f32 {
    match bytes {
        0..=40 => 0.2,
        41..=150 => 0.6,
        151..=400 => 0.85,
        401..=1_000 => 0.93,
        1_001..=3_000 => 0.98,
        3_001..=80_000 => 1.03,
        80_001..=200_000 => 0.95,
        _ => 0.6,
    }
}
