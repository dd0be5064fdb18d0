//! `navi init`: a commented `.navi.toml` from what was found.

use std::fmt::Write as _;
use std::io::Write as _;

use super::catalogue::gather;
use crate::cli::args::Init;
use crate::cli::failure::{Failure, Kind};
use crate::cli::print;
use crate::cli::setup::Setup;

/// Files of a role that are proposed.
const PROPOSED: usize = 2;

pub fn run(setup: &Setup, args: Init) -> Result<u8, Failure> {
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
    let path = setup.repo.root.join(".navi.toml");
    // Never over one that is there, not even over one that came about meanwhile.
    let file = std::fs::File::options().write(true).create_new(true).open(&path);
    let failed = |error: std::io::Error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            Failure::new(Kind::Environment, "there is a .navi.toml already")
                .hint("`navi init --stdout` prints a new one beside it")
        } else {
            Failure::new(Kind::Environment, format!(".navi.toml cannot be written: {error}"))
        }
    };
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)?;
    print::out(&format!("wrote {}", crate::base::text::clean(&path.display().to_string())));
    Ok(0)
}

/// A text as TOML has it, which is as JSON has it but for one character.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
