//! Answers searches on the latest snapshot, the latest request first.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::shared::Latest;
use super::{Mailbox, Sink};
use crate::engine::index::Snapshot;
use crate::engine::search::{Ask, Finder, Session, Sight};
use crate::protocol::{Generation, Report};

/// One search.
pub struct Search {
    /// Comes back with the answers.
    pub generation: Generation,
    /// What was typed.
    pub query: String,
    /// Most hits.
    pub limit: usize,
    /// Hits that are wanted first.
    pub rows: usize,
    /// What may be looked at.
    pub sight: Sight,
}

/// Works until the mailbox is closed. `before` is called before each search, for what `latest`
/// holds to be the latest.
pub fn run(
    finder: &Finder,
    inbox: &Mailbox<Search>,
    latest: &Latest,
    before: &dyn Fn(),
    sink: &Sink,
) {
    let mut session = Session::default();
    let mut finder = finder.clone();
    let (usual, none) = (Arc::clone(&finder.habits), Arc::default());
    while let Some(search) = inbox.take() {
        before();
        let mut snapshot = latest.get();
        snapshot.past = latest.past();
        if let Some(roles) = latest.roles().filter(|it| !Arc::ptr_eq(it, &finder.roles)) {
            finder.roles = roles;
            session = Session::default();
        }
        finder.habits = match search.sight {
            Sight::All => latest.habits().unwrap_or_else(|| Arc::clone(&usual)),
            Sight::NoPast | Sight::NamesOnly => Arc::clone(&none),
        };
        match search.sight {
            Sight::All => {}
            Sight::NoPast => snapshot = snapshot.without_past(),
            Sight::NamesOnly => snapshot = Snapshot::of_files(Arc::clone(&snapshot.files)),
        }
        let ask = Ask { limit: search.limit, unfinished: true, count_all: false, now: now() };
        session.rows = search.rows;
        let overtaken = || inbox.is_overtaken();
        finder.find_again(
            &mut session,
            &snapshot,
            &search.query,
            ask,
            &overtaken,
            &mut |results| {
                sink(Report::Search { generation: search.generation, results });
            },
        );
    }
}

/// Nanoseconds since 1970.
fn now() -> i64 {
    let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(age.as_nanos()).unwrap_or(i64::MAX)
}
