//! The programs that navi is measured beside, when they are installed.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use crate::process::version;
use crate::terminal::{Region, all};

/// A finder with a screen.
pub struct Finder {
    /// What the lines call it.
    pub name: &'static str,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// More of its environment.
    pub variables: Vec<(OsString, OsString)>,
    /// What of its screen is its list.
    pub list: Region,
}

/// A program on the PATH. A script there only leads to the program and would be measured with it,
/// so it is passed over.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file() && fs::read(file).is_ok_and(|bytes| !bytes.starts_with(b"#!")))
}

/// `bat`, which Debian calls `batcat`.
pub fn bat() -> Option<PathBuf> {
    find("bat").or_else(|| find("batcat"))
}

/// A line for each peer: its version, or that it is absent.
pub fn versions() -> Vec<String> {
    let with = |name: &str, program: Option<PathBuf>| match program {
        None => format!("{name}: absent"),
        // The codesearch programs have no version to tell.
        Some(program) if name.starts_with('c') => format!("{name}: {}", program.display()),
        Some(program) => format!("{name}: {}", version(&program)),
    };
    ["fzf", "sk", "tv", "rg", "cindex", "csearch"]
        .into_iter()
        .map(|name| with(name, find(name)))
        .chain([with("bat", bat())])
        .collect()
}

/// The finders that are there, without preview panes.
pub fn finders() -> Vec<Finder> {
    let mut out = Vec::new();
    let mut add = |name, arguments: &[&str], variables| {
        if let Some(program) = find(name) {
            let arguments = arguments.iter().map(OsString::from).collect();
            out.push(Finder { name, program, arguments, variables, list: all });
        }
    };
    add("fzf", &[], Vec::new());
    add("sk", &[], Vec::new());
    // television 0.15 ends at the first key on a machine with fewer than four processors: a library
    // that claims four can be preloaded.
    let preload = std::env::var_os("NAVI_BENCH_TV_PRELOAD");
    let preload = preload.map(|it| ("LD_PRELOAD".into(), it)).into_iter().collect();
    add("tv", &["files", "--no-preview", "--no-remote"], preload);
    out
}

/// fzf as a live grep: each key starts ripgrep anew.
pub fn live_grep() -> Option<Finder> {
    let (program, rg) = (find("fzf")?, find("rg")?);
    let rg = rg.display();
    let search =
        format!("{rg} --line-number --no-heading --color=never --fixed-strings -- {{q}} || true");
    let arguments = ["--disabled", "--bind", &format!("change:reload:{search}")];
    Some(Finder {
        name: "fzf reloading rg",
        program,
        arguments: arguments.iter().map(OsString::from).collect(),
        variables: vec![("FZF_DEFAULT_COMMAND".into(), "true".into())],
        list: all,
    })
}
