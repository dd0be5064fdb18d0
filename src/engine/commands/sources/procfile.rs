//! Procfiles: the processes that an application is made of.

use super::{Draft, Found, Source, id, label, place, tidy};
use crate::engine::commands::tree::{Item, Tree};
use crate::engine::commands::{Kind, Work, kind};

/// See the module.
pub const SOURCE: Source = Source { takes, find };

fn takes(item: &Item) -> bool {
    (item.name() == "Procfile" || item.name().starts_with("Procfile.")) && !item.is_foreign()
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    for item in items {
        let Some(text) = tree.text(&item.path) else { continue };
        let variant = item.name().strip_prefix("Procfile.").unwrap_or_default();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            let Some((name, command)) = line.split_once(':').filter(|_| !line.starts_with('#'))
            else {
                continue;
            };
            let plain = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
            if name.is_empty() || !name.chars().all(plain) || command.trim().is_empty() {
                continue;
            }
            let kind = match kind::of_name(name) {
                Some(Kind::Database) => Kind::Database,
                _ => Kind::Deploy,
            };
            let mut draft = Draft::new(
                id(&["procfile", &label(item.folder()), variant, name]),
                &format!("{name}: {}", tidy(command)),
                kind,
                // What heroku and foreman hand to a shell.
                Work::Shell(command.trim().to_owned()),
                place(&item.path, at as u32 + 1),
            )
            .within(item.folder())
            .ranked(70);
            draft.command.follows = name != "release";
            found.drafts.push(draft);
        }
    }
}
