//! Answers searches on the latest snapshot, the latest request first.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use super::shared::Latest;
use super::{Mailbox, Sink};
use crate::engine::search::{Ask, Finder, Session};
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
}

/// Works until the mailbox is closed.
pub fn run(finder: &Finder, inbox: &Mailbox<Search>, latest: &Latest, sink: &Sink) {
    let mut session = Session::default();
    let mut finder = finder.clone();
    while let Some(search) = inbox.take() {
        let mut snapshot = latest.get();
        snapshot.past = latest.past();
        if let Some(roles) = latest.roles().filter(|it| !Arc::ptr_eq(it, &finder.roles)) {
            finder.roles = roles;
            session = Session::default();
        }
        if let Some(habits) = latest.habits() {
            finder.habits = habits;
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
