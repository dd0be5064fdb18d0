//! The triage board: what every check found, what is broken first, with what changed near it.

use super::{Finding, Rung, Verdict, telling};
use crate::base::RepoPath;
use crate::base::text;
use crate::engine::commands::{Command, Kind, Service, Stack};
use crate::engine::history::History;

/// Commits older than this are not what broke it tonight.
const RECENT_S: i64 = 7 * 86_400;
/// Commits beside one check.
const MOST_COMMITS: usize = 5;

/// A recent commit that touched a check's service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// Its id in hexadecimal.
    pub id: String,
    /// How old it is, in seconds.
    pub age_s: u64,
    /// The first line of its message, cleaned.
    pub subject: String,
}

/// How a check came out the last time that it was fine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastGood {
    /// How long ago, in seconds.
    pub age_s: u64,
    /// Its telling line.
    pub summary: String,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// A check on the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The command's id.
    pub id: String,
    /// What it does, in a few words.
    pub title: String,
    /// What it is good for.
    pub kind: Kind,
    /// The service that it looks at.
    pub service: Option<String>,
    /// What it found.
    pub finding: Finding,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// The last time that it was fine, for one that is not.
    pub last_good: Option<LastGood>,
    /// What changed near it, newest first, for one that is not fine.
    pub commits: Vec<Recent>,
}

impl Row {
    /// What differs from the last good run, as a phrase; `None` when that is not known.
    pub fn differs(&self) -> Option<String> {
        let before = self.last_good.as_ref()?;
        let ago = telling::span(before.age_s);
        Some(format!("was ok {ago} ago: {} in {}", before.summary, telling::millis(before.ms)))
    }
}

/// The board.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Board {
    /// The checks, what is broken first.
    pub rows: Vec<Row>,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

impl Board {
    /// Puts rows in the order of the board: by verdict; a fault that explains others (the engine, a
    /// container) before what may only follow from it; then by kind and id.
    pub fn sort(&mut self) {
        let key = |it: &Row| (it.finding.verdict, it.finding.rung.map_or(9, rank), it.kind);
        self.rows
            .sort_by(|one, other| key(one).cmp(&key(other)).then_with(|| one.id.cmp(&other.id)));
    }

    /// Whether no check found a fault. What was skipped, and what is only odd, is none.
    pub fn is_ok(&self) -> bool {
        !self.rows.iter().any(|it| matches!(it.finding.verdict, Verdict::Fail | Verdict::Timeout))
    }
}

fn rank(rung: Rung) -> u8 {
    match rung {
        Rung::Daemon => 0,
        Rung::Project => 1,
        Rung::Container => 2,
        Rung::Health => 3,
        Rung::App => 4,
        // What cannot be asked here says nothing of what is broken.
        Rung::Tool => 5,
    }
}

/// The service that a command looks at, with its stack.
pub fn service_of<'a>(command: &Command, stacks: &'a [Stack]) -> Option<(&'a Stack, &'a Service)> {
    let name = command.service.as_deref()?;
    let of = |stack: &'a Stack| Some((stack, stack.services.iter().find(|it| it.name == name)?));
    // Of several stacks with such a service the one whose file the command is from.
    let own = stacks.iter().filter(|it| it.files.contains(&command.place.path));
    own.chain(stacks).find_map(of)
}

/// The stack that a command asks: that of its service, or of the file that it is written in.
pub fn stack_of<'a>(command: &Command, stacks: &'a [Stack]) -> Option<&'a Stack> {
    let by_service = service_of(command, stacks).map(|it| it.0);
    by_service.or_else(|| {
        let by_file = stacks.iter().find(|it| it.files.contains(&command.place.path));
        by_file.filter(|_| command.judge == Some(super::Judge::COMPOSE_PS))
    })
}

/// Recent commits that touched what a command looks at: the folder that its service is built from,
/// the file that it is written in, files whose name has the service's name as a word.
pub fn recent_commits(
    command: &Command,
    stacks: &[Stack],
    history: &History,
    now: i64,
) -> Vec<Recent> {
    let service = service_of(command, stacks);
    let folder = service.and_then(|it| it.1.build.as_ref());
    let name = command.service.as_deref().map(str::to_lowercase);
    let touches = |path: &[u8]| {
        path == command.place.path.as_bytes()
            || folder.is_some_and(|it| is_below(path, it))
            || name.as_deref().is_some_and(|it| is_named(path, it))
            || command.files.iter().any(|it| it.as_bytes() == path)
    };
    let fresh = history.commits().filter(|it| now.saturating_sub(it.time()) <= RECENT_S);
    // What a merge brings is told by the commits that it brings.
    let touching = fresh.filter(|it| !it.is_merge() && it.changed_files().any(|it| touches(it.0)));
    let recent = touching.map(|it| Recent {
        id: it.hex(),
        age_s: now.saturating_sub(it.time()).max(0) as u64,
        subject: text::clean(it.subject()).into_owned(),
    });
    recent.take(MOST_COMMITS).collect()
}

fn is_below(path: &[u8], folder: &RepoPath) -> bool {
    let folder = folder.as_bytes();
    // A service that is built from the root would claim every commit.
    !folder.is_empty()
        && path.strip_prefix(folder).is_some_and(|it| it.first() == Some(&b'/') || it.is_empty())
}

/// Whether a file is named for a service: `redis.conf`, `redis_client.py`, but not `credits.txt`.
fn is_named(path: &[u8], service: &str) -> bool {
    let name = path.rsplit(|it| *it == b'/').next().unwrap_or_default();
    let name = String::from_utf8_lossy(name).to_lowercase();
    let plain = |it: char| !it.is_alphanumeric();
    name.match_indices(service).any(|(at, found)| {
        let before = name.get(..at).and_then(|it| it.chars().next_back());
        let after = name.get(at + found.len()..).and_then(|it| it.chars().next());
        before.is_none_or(plain) && after.is_none_or(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, verdict: Verdict, rung: Option<Rung>) -> Row {
        let finding = Finding { verdict, rung, ..Finding::ok("x") };
        Row {
            id: id.into(),
            title: String::new(),
            kind: Kind::Health,
            service: None,
            finding,
            ms: 1,
            last_good: None,
            commits: vec![],
        }
    }

    #[test]
    fn what_is_broken_comes_first_and_causes_before_what_follows() {
        let mut board = Board {
            rows: vec![
                row("ok", Verdict::Ok, None),
                row("skipped", Verdict::Skipped, None),
                row("timeout", Verdict::Timeout, Some(Rung::App)),
                row("app", Verdict::Fail, Some(Rung::App)),
                row("warn", Verdict::Warn, Some(Rung::App)),
                row("container", Verdict::Fail, Some(Rung::Container)),
            ],
            ms: 0,
        };
        assert!(!board.is_ok());
        board.sort();
        let order: Vec<&str> = board.rows.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(order, ["container", "app", "timeout", "warn", "skipped", "ok"]);
        board.rows.retain(|it| it.finding.verdict >= Verdict::Warn);
        assert!(board.is_ok());
    }

    #[test]
    fn files_are_named_for_a_service_by_whole_words() {
        for (path, service, is) in [
            ("tools/docker/configs/redis.conf", "redis", true),
            ("apps/api/app/cache/redis_client.py", "redis", true),
            ("docs/credis.md", "redis", false),
            ("apps/api/main.py", "api", false),
            ("deploy/API.yaml", "api", true),
        ] {
            assert_eq!(is_named(path.as_bytes(), service), is, "{path}");
        }
        let folder = RepoPath::from("apps/api");
        assert!(is_below(b"apps/api/main.py", &folder));
        assert!(!is_below(b"apps/api-gateway/main.py", &folder));
        assert!(!is_below(b"main.py", &RepoPath::from("")));
    }
}
