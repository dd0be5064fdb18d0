//! Holds the documents to what is there: links lead somewhere, shell functions work, tables are
//! complete.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Home, Tree};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The project's own documents, with their folder.
fn documents() -> Vec<(PathBuf, String)> {
    let mut out = vec![(root(), read("README.md"))];
    for entry in fs::read_dir(root().join("docs")).unwrap().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|it| it == "md") {
            out.push((root().join("docs"), fs::read_to_string(entry.path()).unwrap()));
        }
    }
    out
}

#[test]
fn links_lead_somewhere() {
    let mut dead = Vec::new();
    for (folder, text) in documents() {
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap();
            let path = target.split('#').next().unwrap();
            // The picture is made by an example; a checkout without it is whole all the same.
            let outside = path.contains("://") || path.is_empty() || path == "docs/find.svg";
            if !outside && !folder.join(path).exists() {
                dead.push(target.to_owned());
            }
        }
    }
    assert!(dead.is_empty(), "{dead:?}");
}

#[test]
fn pages_that_the_source_sends_readers_to_exist() {
    let mut folders = vec![root().join("src"), root().join("keymaps"), root().join("themes")];
    let mut dead = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                if !path.ends_with("sample/tree") {
                    folders.push(path);
                }
                continue;
            }
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let headers =
                text.lines().filter(|line| line.starts_with("//!") || line.starts_with('#'));
            for (page, line) in headers.flat_map(|line| {
                let pages = line.match_indices("docs/").map(|(at, _)| &line[at..]);
                pages.map(move |rest| (rest, line))
            }) {
                let Some(end) = page.find(".md") else { continue };
                if !root().join(&page[..end + 3]).is_file() {
                    dead.push(format!("{}: {line}", path.display()));
                }
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn the_map_names_what_exists() {
    let text = read("docs/architecture.md");
    let mut missing = Vec::new();
    for piece in text.split('`').skip(1).step_by(2) {
        if piece.starts_with("src/") && !piece.contains("NAME") && !root().join(piece).exists() {
            missing.push(piece.to_owned());
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
    let mut folders = Vec::new();
    for entry in fs::read_dir(root().join("src")).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            let name = format!("### `src/{}/`", entry.file_name().to_str().unwrap());
            if !text.contains(&name) {
                folders.push(name);
            }
        }
    }
    assert!(folders.is_empty(), "the code map lacks {folders:?}");
    assert!(text.lines().count() <= 250, "a map that is read is short");
}

#[test]
fn the_table_of_settings_is_that_of_the_defaults() {
    let defaults = read("src/config/defaults.toml");
    let mut section = String::new();
    let mut known = BTreeSet::new();
    for line in defaults.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            section = format!("{name}.");
        } else if let (Some((key, value)), false) = (line.split_once(" = "), line.starts_with('#'))
        {
            known.insert((format!("{section}{key}"), value.to_owned()));
        }
    }
    let listed: BTreeSet<(String, String)> = read("docs/settings.md")
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(|it| it.trim().trim_matches('`')).collect();
            (cells[1].to_owned(), cells[2].to_owned())
        })
        .collect();
    assert_eq!(listed, known);
}

#[test]
fn every_key_of_the_readme_is_bound() {
    let keymap = read("keymaps/default.toml");
    let readme = read("README.md");
    let table = readme.split("| key | does |").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let keys = line.split('|').nth(1).unwrap();
        for key in keys.split('`').skip(1).step_by(2) {
            assert!(keymap.contains(&format!("\n\"{key}\" = ")), "{key}");
        }
    }
}

#[test]
fn every_role_is_in_the_readme() {
    let readme = read("README.md");
    let (roles, _) = navi::engine::roles::RoleSet::builtin();
    for role in roles.roles() {
        assert!(readme.contains(&format!("`{}`", role.id)), "{}", role.id);
    }
}

/// `docs/roles.md` as the role files give it.
fn roles_page() -> String {
    use std::fmt::Write;
    let (set, _) = navi::engine::roles::RoleSet::builtin();
    let mut page = String::from(
        "# Roles\n\nWhat each file is for, and the rules that tell. Made from \
         `src/engine/roles/builtin/` by `UPDATE=1 cargo test roles_page`; do not edit it here. \
         [extending.md](extending.md) says how to add a role or a rule.\n\nA rule adds its weight \
         when all its conditions hold; words of a name or folder that stand less prominently count \
         in part. A file carries a role from 0.5 points on and can be canonical from the role's \
         least on, after tests, examples, generated and vendored files have been marked down.\n",
    );
    for (place, role) in set.roles().iter().enumerate() {
        write!(
            page,
            "\n## {} `{}` {}\n\n{}. Least: {}.\n\n",
            role.glyph, role.id, role.title, role.why, role.least
        )
        .unwrap();
        page.push_str("| weight | when | why |\n| ---: | --- | --- |\n");
        for (weight, when, why) in set.rules_of(place) {
            writeln!(page, "| {weight} | {} | {why} |", when.replace('|', "\\|")).unwrap();
        }
        page.push_str("\nExamples:");
        for it in &role.examples {
            write!(page, " {}`{}`", if it.not { "not " } else { "" }, it.path).unwrap();
        }
        page.push('\n');
    }
    page
}

#[test]
fn roles_page_is_that_of_the_role_files() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/roles.md");
    let page = roles_page();
    if std::env::var("UPDATE").is_ok() {
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "docs/roles.md is old: UPDATE=1 cargo test roles_page");
}

/// The block of `docs/shell.md` in this language.
fn functions(shell: &str) -> String {
    let text = read("docs/shell.md");
    let fence = format!("```{shell}\n");
    let block = text.split(&fence).nth(1).unwrap_or_else(|| panic!("no block for {shell}"));
    block.split("```").next().unwrap().to_owned()
}

fn script(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn the_shell_functions_open_the_editor_at_the_line() {
    for shell in ["bash", "zsh", "fish"] {
        let installed = Command::new(shell).arg("--version").output().is_ok();
        if !installed {
            // Only bash can be taken for granted.
            assert_ne!(shell, "bash", "bash is needed");
            continue;
        }
        // (what navi prints, its exit status, what the editor is to be told)
        let cases = [
            ("api/auth.py:42", 0, Some(("+42", "api/auth.py"))),
            (
                "docs/login down $(date) 'now'.md:7",
                0,
                Some(("+7", "docs/login down $(date) 'now'.md")),
            ),
            ("notes/a:b.txt", 0, Some(("+1", "notes/a:b.txt"))),
            ("-rf *.txt:3", 0, Some(("+3", "-rf *.txt"))),
            ("", 130, None),
        ];
        for (printed, status, told) in cases {
            let (home, tree) = (Home::new(), Tree::of(&[("printed", printed)]));
            let bin = home.folder("home");
            let (root, asked) = (tree.path().display(), bin.join("asked"));
            let navi = format!(
                "#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\ncat '{root}/printed'\nexit {status}\n",
                asked.display()
            );
            script(&bin, "navi", &navi);
            script(&bin, "git", "#!/bin/sh\nexit 128\n");
            script(&bin, "editor", "#!/bin/sh\nprintf '%s|' \"$@\"\n");
            let file = bin.join("functions");
            fs::write(&file, format!("{}\nnv two words\n", functions(shell))).unwrap();
            let path = std::env::var("PATH").unwrap();
            let output = Command::new(shell)
                .args(if shell == "zsh" { &["-f"][..] } else { &[] })
                .arg(&file)
                .current_dir(tree.path())
                .env_clear()
                .envs(home.variables())
                .env("PATH", format!("{}:{path}", bin.display()))
                .env("EDITOR", "editor --wait")
                .output()
                .unwrap();
            let out = String::from_utf8_lossy(&output.stdout);
            let err = String::from_utf8_lossy(&output.stderr);
            let here = fs::canonicalize(tree.path()).unwrap();
            let want = told.map_or(String::new(), |(line, path)| {
                format!("--wait|{line}|{}|", here.join(path).display())
            });
            assert_eq!(out, want, "{shell} on {printed:?}: {err}");
            assert_eq!(output.status.code(), Some(status), "{shell} on {printed:?}: {err}");
            assert_eq!(fs::read_to_string(&asked).unwrap(), "--print\n-q\ntwo words\n", "{shell}");
        }
    }
}
