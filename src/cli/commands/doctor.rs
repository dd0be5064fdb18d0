//! `navi doctor`: what helps or hinders navi on this machine.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use super::Fresh;
use crate::app::model::grouped;
use crate::base::{Severity, text};
use crate::cli::failure::Failure;
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::engine::index::bytes_of;
use crate::engine::walk::{self, Enter};
use crate::workers::remote_kind;

#[derive(Serialize)]
struct Body {
    ok: bool,
    checks: Vec<Check>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct Check {
    id: &'static str,
    verdict: &'static str,
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl Check {
    fn ok(id: &'static str, summary: impl Into<String>) -> Self {
        Self { id, verdict: "ok", summary: summary.into(), next: None }
    }

    fn warn(id: &'static str, summary: impl Into<String>, next: &str) -> Self {
        Self { id, verdict: "warn", summary: summary.into(), next: Some(next.into()) }
    }
}

pub fn run(setup: &Setup, as_json: bool) -> Result<u8, Failure> {
    let (_, theme_faults) = setup.theme(&setup.settings.theme.value);
    let (_, key_faults) = setup.keymap(&setup.settings.keymap.value);
    let mut said = setup.said.clone();
    said.extend(theme_faults);
    said.extend(key_faults);
    let mut checks = vec![
        repository(setup),
        terminal(setup),
        editor(setup),
        cache(setup),
        index(setup),
        watches(setup),
    ];
    checks.extend(workspaces(setup));
    let ok = checks.iter().all(|it| it.verdict == "ok")
        && said.iter().all(|it| it.severity == Severity::Note);
    if as_json {
        print::out(&json::object(Body { ok, checks, diagnostics: json::said(&said) }));
    } else {
        for check in &checks {
            let line = format!("{:<5} {:<10} {}", check.verdict, check.id, check.summary);
            print::out(&text::clean(&line));
            if let Some(next) = &check.next {
                print::out(&format!("                 {next}"));
            }
        }
        for it in &said {
            print::out(&text::clean(&it.to_string()));
        }
    }
    Ok(if ok { 0 } else { NOTHING })
}

fn repository(setup: &Setup) -> Check {
    let root = setup.repo.root.display();
    match &setup.repo.git_dir {
        Some(_) => Check::ok("repository", format!("{root}")),
        None => Check::ok("repository", format!("{root} (a plain folder, without git)")),
    }
}

/// Whether the repositories of the workspaces are there; nothing where none is defined.
fn workspaces(setup: &Setup) -> Option<Check> {
    let all = &setup.settings.workspaces;
    let repositories = || all.iter().flat_map(|it| &it.repositories);
    let missing: Vec<String> = repositories()
        .filter(|it| !it.value.is_dir())
        .map(|it| format!("{} ({})", it.value.display(), it.origin))
        .collect();
    let names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
    if names.is_empty() {
        return None;
    }
    Some(if missing.is_empty() {
        let many = repositories().count();
        Check::ok("workspaces", format!("{}: {many} repositories", names.join(", ")))
    } else {
        let summary = format!("not there: {}", missing.join(", "));
        Check::warn("workspaces", summary, "clone them, or take them out of the settings")
    })
}

fn terminal(setup: &Setup) -> Check {
    let term = setup.environment.term.clone().unwrap_or_else(|| "not set".into());
    let colours = setup.depth().word();
    let summary = format!("TERM is {term}, colours: {colours}");
    if term == "dumb" || setup.environment.term.is_none() {
        return Check::warn("terminal", summary, "set TERM to what your terminal is");
    }
    if !std::io::stdout().is_terminal() {
        return Check::ok("terminal", format!("{summary} (stdout is not a terminal here)"));
    }
    Check::ok("terminal", summary)
}

fn editor(setup: &Setup) -> Check {
    match setup.settings.editor_command(&setup.environment) {
        Some(editor) => Check::ok("editor", format!("{} (from {})", editor.value, editor.origin)),
        None => Check::warn("editor", "none is set, vi is tried", "set VISUAL or EDITOR"),
    }
}

fn cache(setup: &Setup) -> Check {
    let Some(folder) = setup.index_folder() else {
        return Check::warn("cache", "no index is kept", "set HOME or XDG_CACHE_HOME");
    };
    // Probing writes nothing that stays.
    let mut there = folder.as_path();
    while !there.exists() {
        match there.parent() {
            Some(parent) => there = parent,
            None => break,
        }
    }
    match tempfile::tempfile_in(there) {
        Ok(_) => Check::ok("cache", folder.display().to_string()),
        Err(error) => Check::warn(
            "cache",
            format!("{} cannot be written: {error}", there.display()),
            "make it writable, or set XDG_CACHE_HOME",
        ),
    }
}

fn index(setup: &Setup) -> Check {
    match Fresh::compare(setup, &setup.options()) {
        Ok(Some((_, _, Some(damage)))) => Check::warn(
            "index",
            format!("it was damaged: {damage}"),
            "nothing: the next command builds it anew",
        ),
        Ok(Some((plan, files, None))) => {
            let bytes = setup.index_folder().map_or(0, |it| bytes_of(&it));
            let size = format!("{:.1} MB", bytes as f64 / 1e6);
            let behind = plan.put.len() + plan.remove.len();
            let stands = if behind == 0 {
                "fresh".to_owned()
            } else {
                format!("{} files behind, the next command brings it up to date", grouped(behind))
            };
            Check::ok("index", format!("{} files, {size}, {stands}", grouped(files)))
        }
        Ok(None) => Check::ok("index", "not built yet, the first search builds it"),
        Err(_) => Check::warn("index", "it cannot be opened", "`navi index --rebuild`"),
    }
}

/// Watches that others may need: fewer left than this is a warning.
const SPARE: usize = 1024;

fn watches(setup: &Setup) -> Check {
    let count = Arc::new(AtomicUsize::new(0));
    let enter: Enter = {
        let count = Arc::clone(&count);
        Arc::new(move |_: &Path| {
            count.fetch_add(1, Ordering::Relaxed);
        })
    };
    // What cannot be read is told by every other command.
    walk::walk(&setup.repo.root, setup.options().cores, Some(&enter), &|_| true);
    let need = count.load(Ordering::Relaxed);
    if let Some(kind) = remote_kind(&setup.repo.root) {
        let summary = format!("{kind} does not tell of changes made elsewhere: navi polls");
        return Check::warn("watches", summary, "a copy on a local disk is followed at once");
    }
    let limit = |name: &str| {
        let text = std::fs::read_to_string(format!("/proc/sys/fs/inotify/{name}")).ok()?;
        text.trim().parse::<usize>().ok()
    };
    let (Some(most), Some(watchers)) = (limit("max_user_watches"), limit("max_user_instances"))
    else {
        return Check::ok("watches", format!("{} folders", grouped(need)));
    };
    let (used, using) = watches_in_use();
    let summary = format!(
        "{} folders to watch; {} of {} watches and {} of {} watchers in use",
        grouped(need),
        grouped(used),
        grouped(most),
        grouped(using),
        grouped(watchers)
    );
    if using >= watchers {
        return Check::warn("watches", summary, "sudo sysctl fs.inotify.max_user_instances=1024");
    }
    if most < need.max(used) + SPARE {
        return Check::warn("watches", summary, "sudo sysctl fs.inotify.max_user_watches=524288");
    }
    Check::ok("watches", summary)
}

/// The watches and the watchers of all processes that may be looked at.
fn watches_in_use() -> (usize, usize) {
    let (mut watches, mut watchers) = (0, 0);
    let list = |path: &Path| std::fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
    for process in list(Path::new("/proc")) {
        let folder = process.path();
        for handle in list(&folder.join("fd")) {
            let inotify = std::fs::read_link(handle.path())
                .is_ok_and(|it| it.as_os_str() == "anon_inode:inotify");
            if !inotify {
                continue;
            }
            watchers += 1;
            let info = std::fs::read_to_string(folder.join("fdinfo").join(handle.file_name()));
            let lines = info.unwrap_or_default();
            watches += lines.lines().filter(|it| it.starts_with("inotify ")).count();
        }
    }
    (watches, watchers)
}
