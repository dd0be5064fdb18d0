//! A first runbook, from what was found in a repository.

use std::fmt::Write;

use crate::base::text;
use crate::engine::commands::{Command, Kind, Risk};

/// What a first runbook is made from.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The repository's name.
    pub name: String,
    /// Titles of the roles that have files, with these.
    pub roles: Vec<(String, Vec<Found>)>,
    /// Titles of the roles that no file has.
    pub missing: Vec<String>,
    /// What the repository offers to run.
    pub commands: Vec<Command>,
    /// Services, with where they are written.
    pub services: Vec<(String, String)>,
}

/// A file of a role.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// It.
    pub path: String,
    /// The line at which the role shows, from 1.
    pub line: u32,
    /// Why it has the role.
    pub why: String,
    /// Who is asked about it.
    pub owners: String,
}

/// Commands of a kind that are named.
const COMMANDS: usize = 6;

/// The text, in Markdown. What only people know is asked for in italics.
pub fn draft(from: &Draft) -> String {
    let mut out = String::new();
    let name = text::clean(&from.name);
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# Runbook: {name}\n");
    out.push_str("What to do when it breaks. Drafted by navi from what is in this repository; fill in what is\nin italics, and strike what does not hold.\n");
    out.push_str("\n## Whom to call\n\n- _On call: …_\n- _Who decides about users and customers: …_\n- _Where we talk during an incident: …_\n");
    out.push_str("\n## First look\n\n");
    let kinds = [
        (Kind::Health, "Is it up?"),
        (Kind::Logs, "What does it say?"),
        (Kind::Database, "The database"),
        (Kind::Cache, "The cache"),
        (Kind::Resources, "Processor, memory, disk"),
    ];
    let mut any = false;
    for (kind, title) in kinds {
        any |= commands(&mut out, from, title, &|it| it.kind == kind && it.risk == Risk::ReadOnly);
    }
    if !any {
        out.push_str("_Which command shows whether it is up, and where are its logs?_\n");
    }
    if !from.services.is_empty() {
        out.push_str("\n## What runs\n\n| Service | Written in | What fails without it |\n| --- | --- | --- |\n");
        for (service, place) in &from.services {
            let _ = writeln!(out, "| {} | `{}` | _…_ |", cell(service), cell(place));
        }
    }
    out.push_str("\n## Where to look\n\n");
    for (title, files) in &from.roles {
        let _ = writeln!(out, "- **{}**", cell(title));
        for Found { path, line, why, owners } in files {
            let why = if why.is_empty() { String::new() } else { format!(": {}", cell(why)) };
            let owners =
                if owners.is_empty() { String::new() } else { format!(" ({})", cell(owners)) };
            let _ = writeln!(out, "  - `{}:{line}`{why}{owners}", cell(path));
        }
    }
    if !from.missing.is_empty() {
        let _ = writeln!(
            out,
            "\nNot found, so decide whether it is missing: {}.",
            from.missing.join(", ")
        );
    }
    out.push_str("\n## Roll back\n\n");
    let back = |it: &Command| it.kind == Kind::Deploy;
    if !commands(&mut out, from, "What changes a deployment; read before running", &back) {
        out.push_str("_How is the last release taken back, and how long does that take?_\n");
    }
    out.push_str("\n## Afterwards\n\n1. `navi incident report` drafts the post-mortem.\n2. Add what was missing here.\n");
    out
}

fn commands(out: &mut String, from: &Draft, title: &str, of: &dyn Fn(&Command) -> bool) -> bool {
    let shown: Vec<&Command> = from.commands.iter().filter(|it| of(it)).take(COMMANDS).collect();
    if shown.is_empty() {
        return false;
    }
    let _ = writeln!(out, "### {title}\n");
    for it in shown {
        let place = format!("{}:{}", it.place.path.display(), it.place.line);
        let _ = writeln!(
            out,
            "- {} (`navi run {}`, from `{}`)",
            cell(&it.title),
            cell(&it.id),
            cell(&place)
        );
    }
    out.push('\n');
    true
}

/// Text within a line or a cell.
fn cell(said: &str) -> String {
    text::clean(said).replace('|', "\\|").replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_repository_gets_the_questions() {
        let out = draft(&Draft {
            name: "shop".into(),
            missing: vec!["Health".into()],
            ..Draft::default()
        });
        assert!(out.starts_with("# Runbook: shop\n"));
        assert!(out.contains("_Which command shows whether it is up"));
        assert!(out.contains("Not found, so decide whether it is missing: Health."));
        assert!(out.contains("_How is the last release taken back"));
    }

    #[test]
    fn what_was_found_is_named_with_its_place() {
        let file = Found {
            path: "api/auth.py".into(),
            line: 42,
            why: "file name".into(),
            owners: "@team".into(),
        };
        let out = draft(&Draft {
            name: "shop".into(),
            roles: vec![("Authentication".into(), vec![file])],
            services: vec![("postgres".into(), "compose.yml:5".into())],
            ..Draft::default()
        });
        assert!(out.contains("  - `api/auth.py:42`: file name (@team)\n"), "{out}");
        assert!(out.contains("| postgres | `compose.yml:5` | _…_ |"), "{out}");
    }
}
