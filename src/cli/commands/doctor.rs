//! `navi doctor`: what helps or hinders navi on this machine.

use std::io::IsTerminal;

use serde::Serialize;

use super::Fresh;
use crate::app::model::grouped;
use crate::base::{Severity, text};
use crate::cli::failure::Failure;
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::engine::index::bytes_of;
use crate::workers::list_files;

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
    let checks = vec![
        repository(setup),
        terminal(setup),
        editor(setup),
        cache(setup),
        index(setup),
        watches(setup),
    ];
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
        Ok(Some((plan, files))) => {
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

fn watches(setup: &Setup) -> Check {
    let (keeper, _) = list_files(&setup.options());
    let files = keeper.list();
    let mut folders = std::collections::HashSet::new();
    for id in files.living() {
        folders.insert(files.path(id)[..files.name_start(id)].to_vec());
    }
    let need = folders.len();
    let limit = std::fs::read_to_string("/proc/sys/fs/inotify/max_user_watches")
        .ok()
        .and_then(|it| it.trim().parse::<usize>().ok());
    match limit {
        Some(limit) if limit < need + 1024 => Check::warn(
            "watches",
            format!("{} folders, but only {} watches", grouped(need), grouped(limit)),
            "sudo sysctl fs.inotify.max_user_watches=524288",
        ),
        Some(limit) => {
            Check::ok("watches", format!("{} folders of {}", grouped(need), grouped(limit)))
        }
        None => Check::ok("watches", format!("{} folders", grouped(need))),
    }
}
