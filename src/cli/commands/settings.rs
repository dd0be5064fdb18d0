//! `navi keys`, `navi themes`, `navi config`: what is set, by whom, and what is wrong with it.

use serde::Serialize;

use crate::app::keymap;
use crate::base::{Diagnostic, text};
use crate::cli::args::Named;
use crate::cli::failure::Failure;
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::config::Shelf;

#[derive(Serialize)]
struct Checked<T> {
    name: String,
    ok: bool,
    rows: Vec<T>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct KeyBody {
    context: String,
    keys: String,
    actions: Vec<String>,
    origin: String,
}

pub fn keys(setup: &Setup, args: &Named) -> Result<u8, Failure> {
    let name = args.name.clone().unwrap_or_else(|| setup.settings.keymap.value.clone());
    let (keymap, mut said) = setup.keymap(&name);
    if args.name.is_none() {
        said.extend(about(setup, "keymap"));
    }
    let rows: Vec<KeyBody> = keymap::rows(&keymap)
        .into_iter()
        .map(|row| KeyBody {
            context: row.context.name().to_owned(),
            keys: row.keys.clone(),
            actions: row.actions.iter().map(ToString::to_string).collect(),
            origin: row.origin.to_string(),
        })
        .collect();
    let lines = rows
        .iter()
        .map(|row| format!("{:<8} {:<16} {}", row.context, row.keys, row.actions.join(", ")))
        .collect();
    finish(name, rows, lines, &said, args)
}

#[derive(Serialize)]
struct ThemeBody {
    name: String,
    origin: String,
    shadows: bool,
}

pub fn themes(setup: &Setup, args: &Named) -> Result<u8, Failure> {
    let name = args.name.clone().unwrap_or_else(|| setup.settings.theme.value.clone());
    let (_, mut said) = setup.theme(&name);
    if args.name.is_none() {
        said.extend(about(setup, "theme"));
    }
    let rows: Vec<ThemeBody> = setup
        .assets
        .list(Shelf::Themes)
        .into_iter()
        .map(|it| ThemeBody { name: it.name, origin: it.origin, shadows: it.shadows })
        .collect();
    let lines = rows
        .iter()
        .map(|row| {
            let mark = if row.name == name { "*" } else { " " };
            format!("{mark} {:<16} {}", row.name, text::clean(&row.origin))
        })
        .collect();
    finish(name, rows, lines, &said, args)
}

fn about(setup: &Setup, key: &str) -> Vec<Diagnostic> {
    setup.said.iter().filter(|it| it.message.contains(key)).cloned().collect()
}

fn finish<T: Serialize>(
    name: String,
    rows: Vec<T>,
    lines: Vec<String>,
    said: &[Diagnostic],
    args: &Named,
) -> Result<u8, Failure> {
    let ok = said.is_empty();
    if args.json {
        let rows = if args.check { Vec::new() } else { rows };
        print::out(&json::object(Checked { name, ok, rows, diagnostics: json::said(said) }));
    } else {
        if !args.check {
            for line in lines {
                print::out(&line);
            }
        }
        for it in said {
            print::err(&text::clean(&it.to_string()));
        }
        if args.check && ok {
            print::out(&format!("{name}: nothing is wrong"));
        }
    }
    Ok(if args.check && !ok { NOTHING } else { 0 })
}

#[derive(Serialize)]
struct ConfigBody {
    settings: Vec<SettingBody>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct SettingBody {
    key: String,
    value: String,
    origin: String,
}

pub fn config(setup: &Setup, as_json: bool) -> Result<u8, Failure> {
    let mut rows: Vec<SettingBody> = setup
        .settings
        .rows()
        .iter()
        .map(|row| SettingBody {
            key: row.key.to_owned(),
            value: row.value.clone(),
            origin: row.origin.to_string(),
        })
        .collect();
    rows.extend(setup.settings.workspaces.iter().map(|it| {
        let paths = it.repositories.iter().map(|it| it.value.display().to_string());
        SettingBody {
            key: format!("workspace.{}", it.name),
            value: paths.collect::<Vec<_>>().join(", "),
            origin: it.origin.to_string(),
        }
    }));
    rows.extend(setup.locations.rows().into_iter().map(|(key, folder)| SettingBody {
        key: format!("folder.{key}"),
        value: folder.map_or_else(|| "none".into(), |it| it.display().to_string()),
        origin: "environment".into(),
    }));
    if as_json {
        let diagnostics = json::said(&setup.said);
        print::out(&json::object(ConfigBody { settings: rows, diagnostics }));
    } else {
        for row in rows {
            let (key, value) = (text::clean(&row.key), text::clean(&row.value));
            print::out(&format!("{key:<22} {value:<34} {}", text::clean(&row.origin)));
        }
        setup.warn(&[]);
    }
    Ok(0)
}
