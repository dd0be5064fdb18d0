//! systemd units that the repository brings: their status and their journal.

use super::{Draft, Found, Source, id, is_plain_name, place};
use crate::engine::commands::tree::{Item, Tree};
use crate::engine::commands::{Kind, Work};
use crate::engine::standing::Standing;

/// See the module.
pub const SOURCE: Source = Source { takes, find };

fn takes(item: &Item) -> bool {
    let name = item.name();
    let kind = name.rsplit_once('.').map_or("", |it| it.1);
    matches!(kind, "service" | "timer" | "socket")
        && !item.is_foreign()
        && item.standing != Standing::Test
        && is_plain_name(name)
        // A template needs an instance that nobody knows here.
        && !name.contains('@')
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    for item in items {
        let Some(text) = tree.text(&item.path) else { continue };
        if !text
            .lines()
            .any(|it| matches!(it.trim(), "[Unit]" | "[Service]" | "[Timer]" | "[Socket]"))
        {
            continue;
        }
        let unit = item.name();
        let says = text.lines().find_map(|it| it.strip_prefix("Description=")).unwrap_or(unit);
        let line = text.lines().position(|it| it.starts_with("Description=")).unwrap_or(0) + 1;
        let words = |all: &[&str]| Work::Program(all.iter().map(|it| (*it).to_owned()).collect());
        let flag = format!("--unit={unit}");
        let all: [(&str, Kind, &str, Work); 3] = [
            (
                "status",
                Kind::Health,
                "status of",
                words(&["systemctl", "status", "--no-pager", "-l", unit]),
            ),
            (
                "logs",
                Kind::Logs,
                "the last lines of",
                words(&["journalctl", &flag, "--no-pager", "-n", "200", "-o", "short-iso"]),
            ),
            ("restart", Kind::Deploy, "restarts", words(&["systemctl", "restart", unit])),
        ];
        for (what, kind, verb, work) in all {
            let draft = Draft::new(
                id(&["systemd", unit, what]),
                &format!("{verb} {says}"),
                kind,
                work,
                place(&item.path, line as u32),
            );
            found.drafts.push(draft.ranked(65));
        }
    }
}
