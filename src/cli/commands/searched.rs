//! What is searched: one repository, or several as one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{refresh, with_past};
use crate::base::Diagnostic;
use crate::cli::failure::Failure;
use crate::cli::scope::{Scope, under};
use crate::engine::files::Part;
use crate::engine::index::Snapshot;
use crate::engine::search::Finder;
use crate::workers::workspace::all_roles;
use crate::workers::{Options, crew};

/// See the module.
pub struct Searched {
    /// Who searches.
    pub finder: Finder,
    /// In what.
    pub snapshot: Snapshot,
    /// Whether the contents of some files cannot be searched.
    pub paths_only: bool,
    /// Whether another navi writes an index.
    pub reader: bool,
    /// What was wrong.
    pub said: Vec<Diagnostic>,
}

impl Searched {
    /// Brings all indexes up to date.
    pub fn of(scope: &Scope) -> Result<Self, Failure> {
        if !scope.is_workspace() {
            return Self::one(&scope.base.options());
        }
        let members = scope.members();
        let looked: Vec<Mutex<Option<Result<Self, Failure>>>> =
            members.all.iter().map(|_| Mutex::default()).collect();
        let next = AtomicUsize::new(0);
        let cores = members.all.first().map_or(1, |it| it.options.cores);
        crew(cores, &|_| {
            while let Some(number) = Some(next.fetch_add(1, Ordering::Relaxed))
                && let (Some(member), Some(place)) = (members.all.get(number), looked.get(number))
            {
                let one = Self::one(&member.options);
                *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(one);
            }
        });
        let finder = members.finder().unwrap_or_else(|| scope.base.options().finder);
        let (_, places) = all_roles(members.all.iter().map(|it| &it.options.finder.roles));
        let mut all = Vec::new();
        for place in looked {
            all.extend(place.into_inner().unwrap_or_else(PoisonError::into_inner).transpose()?);
        }
        let of_all = || members.all.iter().zip(&all);
        let parts: Vec<(Part<'_>, &Snapshot)> = of_all()
            .zip(&places)
            .map(|((member, it), roles)| {
                let (label, root) = (member.label.as_str(), member.options.repo.root.as_path());
                (Part { label, root, files: &it.snapshot.files, roles }, &it.snapshot)
            })
            .collect();
        Ok(Self {
            finder,
            snapshot: Snapshot::joined(&parts),
            paths_only: all.iter().any(|it| it.paths_only),
            reader: all.iter().any(|it| it.reader),
            said: of_all()
                .flat_map(|(member, it)| it.said.iter().map(|said| under(&member.label, said)))
                .collect(),
        })
    }

    fn one(options: &Options) -> Result<Self, Failure> {
        let mut fresh = refresh(options);
        let snapshot = with_past(options, fresh.snapshot()?, &mut fresh.said);
        Ok(Self {
            finder: options.finder.clone(),
            snapshot,
            paths_only: fresh.index.is_none(),
            reader: fresh.reader,
            said: fresh.said,
        })
    }
}
