//! Health endpoints that the code declares, asked at the port that a Compose stack publishes for the
//! service whose code they are.

use super::{Draft, Found, Source, compose, id, place};
use crate::engine::checks::Judge;
use crate::engine::commands::tree::{Item, Tree};
use crate::engine::commands::{Kind, Work};
use crate::engine::routes::{Route, Segment, routes_of};
use crate::engine::standing::Standing;

/// See the module.
pub const SOURCE: Source = Source { takes, find };

/// Files that are read for their routes.
const MOST_FILES: usize = 60;
/// Words that make a route one that tells how things are.
const WORDS: &[&str] = &[
    "health",
    "healthz",
    "healthcheck",
    "health-check",
    "ready",
    "readyz",
    "readiness",
    "live",
    "livez",
    "liveness",
    "alive",
    "ping",
    "status",
    "heartbeat",
    "_health",
    "up",
    "__health__",
];

fn takes(item: &Item) -> bool {
    item.health && matches!(item.standing, Standing::Source)
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    if found.stacks.is_empty() {
        return;
    }
    for item in items.iter().take(MOST_FILES) {
        // Without a published port there is nothing to ask.
        let serving = compose::serving(&found.stacks, &item.path);
        let Some((service, host, port)) = serving.first() else { continue };
        let Some(text) = tree.text(&item.path) else { continue };
        for route in routes_of(&item.path, text.as_bytes()) {
            let Some(path) = path_of(&route) else { continue };
            let url = format!("http://{host}:{port}{path}");
            // The same endpoint by the stack's own health check.
            let known = found
                .drafts
                .iter()
                .any(|it| matches!(&it.command.work, Work::Http { url: other } if *other == url));
            if known {
                continue;
            }
            let line = u32::try_from(route.line).unwrap_or(1);
            let name = path.trim_matches('/').replace('/', "-");
            let mut draft = Draft::new(
                id(&["http", &service.name, &name]),
                &format!("{}: GET {path}", service.name),
                Kind::Health,
                Work::Http { url },
                place(&item.path, line),
            )
            .ranked(11);
            draft.command.service = Some(service.name.clone());
            draft.command.judge = Some(Judge::HTTP_HEALTH);
            draft.command.deadline_s = Some(5);
            found.drafts.push(draft);
        }
    }
}

/// The path of a route that tells how things are, when all of it is known.
fn path_of(route: &Route) -> Option<String> {
    if !(route.verbs.is_empty() || route.verbs.iter().any(|it| it == "GET" || it == "HEAD")) {
        return None;
    }
    let mut path = String::new();
    let mut told = false;
    for segment in &route.segments {
        let Segment::Text(text) = segment else { return None };
        let plain = text.chars().all(|it| it.is_ascii_alphanumeric() || "-_.~".contains(it));
        if !plain || text.is_empty() {
            return None;
        }
        told |= WORDS.contains(&text.as_str());
        path.push('/');
        path.push_str(text);
    }
    told.then_some(path)
}
