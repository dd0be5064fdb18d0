//! Judges the structure of the repository when it is asked to, on what the cataloguer keeps.

use std::sync::Arc;

use super::cataloguer::Shared;
use super::shared::Latest;
use super::thread::crew;
use super::{Mailbox, Options, Sink};
use crate::engine::audit::{CRITICAL, Given, Navigation, People, judge};
use crate::engine::index::build_threads;
use crate::protocol::{Generation, Report};

/// Works until the mailbox is closed.
pub fn run(
    options: &Options,
    inbox: &Mailbox<Generation>,
    shared: &Shared,
    latest: &Latest,
    sink: &Sink,
) {
    while let Some(generation) = inbox.take() {
        let snapshot = latest.get();
        let overtaken = || inbox.is_overtaken();
        let Some(gathered) = shared.gather(options, &snapshot.files, &overtaken, sink) else {
            continue;
        };
        let (files, mut catalogue) = (gathered.files, gathered.catalogue);
        for shelf in &mut catalogue.shelves {
            shelf.files.truncate(CRITICAL);
        }
        let mut finder = options.finder.clone();
        finder.roles = Arc::clone(&gathered.roles);
        let navigation = Navigation::measure(&finder, &snapshot, &files, &catalogue, &overtaken);
        let audit = judge(&Given {
            root: &options.repo.root,
            roles: &gathered.roles,
            files: &files,
            catalogue: &catalogue,
            looks: &gathered.looks,
            owners: &finder.owners,
            navigation: &navigation,
            people: People::of(&latest.history()),
            crew,
            threads: build_threads(options.cores),
            cancelled: &overtaken,
        });
        if !inbox.is_overtaken() {
            sink(Report::Audit { generation, audit });
        }
    }
}
