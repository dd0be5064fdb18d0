//! The latest moment of all repositories of a workspace as one, for whoever searches them together.
//!
//! It is made anew when it is asked for and something has changed: ten repositories that change at
//! the same time cost one look, and nobody who searches nothing pays for it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::engine::files::Part;
use crate::engine::history::Past;
use crate::engine::index::Snapshot;
use crate::engine::roles::RoleSet;
use crate::engine::search::Habits;
use crate::workers::shared::Latest;

/// A repository, as far as searching goes.
pub struct Source {
    /// What its paths begin with.
    pub label: String,
    /// Its root.
    pub root: PathBuf,
    /// The roles of its start.
    pub roles: Arc<RoleSet>,
    /// Its latest moment.
    pub latest: Arc<Latest>,
}

/// What a repository had when it was looked at.
struct Seen {
    snapshot: Snapshot,
    past: Option<Arc<Past>>,
    roles: Arc<RoleSet>,
    habits: Option<Arc<Habits>>,
}

impl Seen {
    fn of(source: &Source) -> Self {
        Self {
            snapshot: source.latest.get(),
            past: source.latest.past(),
            roles: source.latest.roles().unwrap_or_else(|| Arc::clone(&source.roles)),
            habits: source.latest.habits(),
        }
    }

    fn has_other_habits(&self, other: &Self) -> bool {
        !same(self.habits.as_ref(), other.habits.as_ref())
    }

    fn is_same(&self, other: &Self) -> bool {
        self.snapshot.is_same(&other.snapshot)
            && same(self.past.as_ref(), other.past.as_ref())
            && Arc::ptr_eq(&self.roles, &other.roles)
    }
}

fn same<T>(one: Option<&Arc<T>>, other: Option<&Arc<T>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// See the module.
pub struct Joined {
    sources: Vec<Source>,
    seen: Mutex<Vec<Seen>>,
    latest: Arc<Latest>,
}

impl Joined {
    /// The repositories as one; nothing is looked at yet.
    pub fn new(sources: Vec<Source>) -> Self {
        Self { sources, seen: Mutex::default(), latest: Arc::default() }
    }

    /// The latest moment, as of the last [`Joined::look`].
    pub fn latest(&self) -> &Latest {
        &self.latest
    }

    /// Brings [`Joined::latest`] up to date.
    pub fn look(&self) {
        // A panic while it was locked is reported; then all is made anew.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now: Vec<Seen> = self.sources.iter().map(Seen::of).collect();
        let pairs = || seen.iter().zip(&now);
        let first = seen.len() != now.len();
        let habits = first || pairs().any(|(before, now)| before.has_other_habits(now));
        let others = first || pairs().any(|(before, now)| !before.is_same(now));
        if habits {
            let opened = now.iter().zip(&self.sources).flat_map(|(it, source)| {
                it.habits.iter().flat_map(|it| it.opened(&source.label)).collect::<Vec<_>>()
            });
            self.latest.set_habits(Arc::new(Habits::of(opened.collect())));
        }
        if others {
            let (snapshot, roles) = self.join(&now);
            self.latest.set_past(snapshot.past.clone());
            self.latest.set(snapshot);
            self.latest.set_roles(roles);
        }
        *seen = now;
    }

    fn join(&self, now: &[Seen]) -> (Snapshot, Arc<RoleSet>) {
        let (roles, places) = all_roles(now.iter().map(|it| &it.roles));
        let with_past = |it: &Seen| match &it.past {
            Some(past) => it.snapshot.clone().with_past(Arc::clone(past)),
            None => it.snapshot.clone(),
        };
        let snapshots: Vec<Snapshot> = now.iter().map(with_past).collect();
        let parts: Vec<(Part<'_>, &Snapshot)> = self
            .sources
            .iter()
            .zip(&snapshots)
            .zip(&places)
            .map(|((source, snapshot), roles)| {
                let (label, root) = (source.label.as_str(), source.root.as_path());
                (Part { label, root, files: &snapshot.files, roles }, snapshot)
            })
            .collect();
        (Snapshot::joined(&parts), roles)
    }
}

/// The roles of all together, and for each set the places of its roles among them.
pub fn all_roles<'a>(
    sets: impl IntoIterator<Item = &'a Arc<RoleSet>>,
) -> (Arc<RoleSet>, Vec<Vec<Option<usize>>>) {
    let mut sets = sets.into_iter();
    let Some(first) = sets.next() else { return Default::default() };
    let mut all = RoleSet::clone(first);
    let mut places = vec![(0..first.roles().len()).map(Some).collect()];
    places.extend(sets.map(|it| all.take_in(it)));
    (Arc::new(all), places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::files::FileKeeper;
    use crate::engine::search::Opened;
    use crate::engine::walk::{Found, Stamp};

    fn source(label: &str, paths: &[&str]) -> Source {
        let (roles, latest) = (Arc::new(RoleSet::builtin().0), Arc::<Latest>::default());
        set(&latest, &roles, paths);
        Source { label: label.into(), root: format!("/{label}").into(), roles, latest }
    }

    fn set(latest: &Latest, roles: &RoleSet, paths: &[&str]) {
        let mut keeper = FileKeeper::default();
        for path in paths {
            let stamp = Stamp { size: 1, modified: 1, changed: 1 };
            keeper.put(&Found { path: (*path).into(), stamp, link: false }, roles);
        }
        latest.set(Snapshot::of_files(keeper.list()));
    }

    fn paths(joined: &Joined) -> Vec<String> {
        joined.look();
        let files = joined.latest().get().files;
        files.living().map(|it| files.repo_path(it).display()).collect()
    }

    #[test]
    fn it_follows_each_repository_and_rests_while_nothing_changes() {
        let (one, other) = (source("api", &["a.rs"]), source("web", &["b.ts"]));
        let (latest, roles) = (Arc::clone(&other.latest), Arc::clone(&other.roles));
        let joined = Joined::new(vec![one, other]);
        assert_eq!(paths(&joined), ["api/a.rs", "web/b.ts"]);
        let before = joined.latest().get();
        joined.look();
        assert!(before.is_same(&joined.latest().get()), "nothing was made anew");
        set(&latest, &roles, &["b.ts", "c.ts"]);
        assert_eq!(paths(&joined), ["api/a.rs", "web/b.ts", "web/c.ts"]);
    }

    #[test]
    fn what_was_opened_lifts_under_its_label() {
        let one = source("api", &["a.rs"]);
        let latest = Arc::clone(&one.latest);
        let joined = Joined::new(vec![one]);
        joined.look();
        assert!(joined.latest().habits().is_some_and(|it| it.is_empty()));
        latest.add_opened("login".into(), &"a.rs".into());
        joined.look();
        let habits = joined.latest().habits().unwrap();
        let opened: Vec<Opened> = habits.opened("w").collect();
        assert_eq!(opened[0].path, b"w/api/a.rs");
    }

    #[test]
    fn roles_of_one_repository_have_a_place_among_all() {
        let mut own = RoleSet::default();
        own.add("x", "id = \"payment\"\n", &mut Vec::new());
        let (all, places) = all_roles([&Arc::new(RoleSet::builtin().0), &Arc::new(own)]);
        assert_eq!(all.place("payment"), places[1][0]);
        assert_eq!(places[0].len(), RoleSet::builtin().0.roles().len());
        assert!(all_roles([]).1.is_empty());
    }
}
