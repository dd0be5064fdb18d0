//! `navi init`: a commented `.navi.toml` from what was found, or a first runbook.

use std::fmt::Write as _;
use std::io::Write as _;

use super::catalogue::gather;
use crate::cli::args::Init;
use crate::cli::failure::{Failure, Kind};
use crate::cli::print;
use crate::cli::setup::Setup;
use crate::engine::commands::{Ask, discover};
use crate::engine::runbook::{self, Draft, Found};

/// Files of a role that are proposed.
const PROPOSED: usize = 2;

pub fn run(setup: &Setup, args: Init) -> Result<u8, Failure> {
    if args.runbook {
        return runbook(setup, args.stdout);
    }
    let options = setup.options();
    let (catalogue, _, files, said) = gather(setup, &options, PROPOSED);
    setup.warn(&said);
    let mut text = String::from(
        "# What navi should know about this repository; see docs/extending.md of navi.\n\
         # Everything below is a proposal from what was found: take away the `#` from what is right.\n\
         # `do` is \"pin\" (first of its role), \"add\" or \"remove\"; owner, note and anchor are yours.\n",
    );
    for shelf in &catalogue.shelves {
        let role = &setup.roles.roles()[shelf.role];
        let _ = write!(text, "\n# {}: ", role.title);
        if shelf.files.is_empty() {
            text.push_str("none found. If there is one, name it here.\n");
            continue;
        }
        let _ = writeln!(text, "{} found.", shelf.total);
        for entry in &shelf.files {
            let path = files.repo_path(entry.id).to_text().into_owned();
            let why = crate::base::text::clean_line(&entry.why.join(", "));
            let _ = writeln!(text, "# {why}");
            text.push_str("#[[critical]]\n");
            let _ = writeln!(text, "#role = {}", quoted(&role.id));
            let _ = writeln!(text, "#path = {}", quoted(&path));
            if let Some(owner) = options.finder.owners.of(&path).first() {
                let _ = writeln!(text, "#owner = {}", quoted(owner));
            }
        }
    }
    if args.stdout {
        print::out(text.trim_end());
        return Ok(0);
    }
    write(setup, ".navi.toml", &text)?;
    Ok(0)
}

/// Writes a new file: never over one that is there, not even over one that came about meanwhile.
fn write(setup: &Setup, name: &str, text: &str) -> Result<(), Failure> {
    let path = setup.repo.root.join(name);
    let failed = |error: std::io::Error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            Failure::new(Kind::Environment, format!("there is a {name} already"))
                .hint("with --stdout, navi prints a new one and leaves yours as it is")
        } else {
            Failure::new(Kind::Environment, format!("{name} cannot be written: {error}"))
        }
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = std::fs::File::options().write(true).create_new(true).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)?;
    print::out(&format!("wrote {}", crate::base::text::clean(&path.display().to_string())));
    Ok(())
}

/// Drafts a first runbook.
fn runbook(setup: &Setup, only_print: bool) -> Result<u8, Failure> {
    let options = setup.options();
    let (catalogue, _, files, said) = gather(setup, &options, PROPOSED);
    setup.warn(&said);
    let found = discover(&Ask {
        root: &setup.repo.root,
        files: &files,
        roles: &setup.roles,
        cancelled: &|| false,
    });
    let mut draft = Draft { name: setup.repo.name(), commands: found.commands, ..Draft::default() };
    for shelf in &catalogue.shelves {
        let role = &setup.roles.roles()[shelf.role];
        // Tests and manifests are no place to look at first.
        if matches!(role.id.as_str(), "test" | "manifest" | "runbook") {
            continue;
        }
        let entries = shelf.files.iter().map(|entry| {
            let path = files.repo_path(entry.id).to_text().into_owned();
            let owners = options.finder.owners.of(&path).join(" ");
            let why = entry.why.first().cloned().unwrap_or_default();
            Found { path, line: entry.line, why, owners }
        });
        let entries: Vec<_> = entries.collect();
        if entries.is_empty() {
            draft.missing.push(role.title.clone());
        } else {
            draft.roles.push((role.title.clone(), entries));
        }
    }
    for service in found.stacks.iter().flat_map(|it| &it.services) {
        let place = format!("{}:{}", service.place.path.display(), service.place.line);
        if !draft.services.iter().any(|it| it.0 == service.name) {
            draft.services.push((service.name.clone(), place));
        }
    }
    let text = runbook::draft(&draft);
    if only_print {
        print::out(text.trim_end());
        return Ok(0);
    }
    let docs = setup.repo.root.join("docs").is_dir();
    write(setup, if docs { "docs/runbooks/emergency.md" } else { "RUNBOOK.md" }, &text)?;
    Ok(0)
}

/// A text as TOML has it, which is as JSON has it but for one character.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
