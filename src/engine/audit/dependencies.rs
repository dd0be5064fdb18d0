//! Dependency clarity: import paths show at a glance what depends on what.
//!
//! Judged by what makes them lie: applications that reach into each other, parts that refer to each
//! other in a circle, and manifests without a lock file, which tell what is wanted but not what is
//! used.

use std::collections::BTreeMap;

use super::parts::{Crossing, Kind};
use super::{Check, Evidence, FEW, Subject, Verdict, done, not_judged};
use crate::base::path::name_of;
use crate::engine::files::FileId;
use crate::engine::standing::Standing;

/// Manifests with the lock files that may stand beside them or above. Libraries of some languages
/// are kept without one, and Maven and Gradle have none by default; so these are not here.
const LOCKS: &[(&str, &[&str])] = &[
    (
        "package.json",
        &[
            "package-lock.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "bun.lock",
            "bun.lockb",
            "npm-shrinkwrap.json",
        ],
    ),
    ("gemfile", &["gemfile.lock"]),
    ("composer.json", &["composer.lock"]),
    ("mix.exs", &["mix.lock"]),
    ("pipfile", &["pipfile.lock"]),
    ("go.mod", &["go.sum", "go.work.sum"]),
    ("cargo.toml", &["cargo.lock"]),
    (
        "pyproject.toml",
        &[
            "poetry.lock",
            "uv.lock",
            "pdm.lock",
            "pixi.lock",
            "requirements.txt",
            "requirements-base.txt",
            "requirements.lock",
            "pylock.toml",
        ],
    ),
];

/// What the lower-case name of a manifest wants beside it.
fn locks_of(name: &[u8]) -> Option<&'static [&'static str]> {
    let name = std::str::from_utf8(name).ok()?;
    LOCKS.iter().find(|(manifest, _)| *manifest == name).map(|(_, locks)| *locks)
}

pub fn dependency_clarity(subject: &Subject<'_>) -> Check {
    let name = ("dependency-clarity", "Dependency clarity");
    let manifests = manifests(subject);
    if subject.sources.len() < FEW && manifests.is_empty() {
        return not_judged(name, "too few source files to judge, and no manifest");
    }
    let mut evidence = Vec::new();
    let unlocked: Vec<FileId> =
        manifests.iter().filter(|(_, locked)| !locked).map(|(id, _)| *id).collect();
    if !manifests.is_empty() {
        let locked = manifests.len() - unlocked.len();
        evidence.push(Evidence::from(format!(
            "{locked} of {} manifests have a lock file",
            manifests.len()
        )));
    }
    let crossings = &subject.crossings;
    let inside: Vec<&Crossing> =
        crossings.iter().filter(|it| reaches_inside(subject, it)).collect();
    let circles = circles(subject, crossings);
    let parts = subject.parts.all.len();
    if parts > 1 {
        let said = format!(
            "{parts} parts: {} of {} references between them reach into an application, {} circles",
            inside.len(),
            crossings.len(),
            circles.len()
        );
        evidence.push(Evidence::from(said));
    } else {
        evidence.push(Evidence::from("one application: no references between parts".to_owned()));
    }
    evidence.extend(inside.iter().map(|it| {
        let to = &subject.parts.all[it.to];
        let target = subject.files.repo_path(it.target).display();
        let said = format!("reaches into the application `{}`: {target}", to.name());
        Evidence::at(subject.files.repo_path(it.file), u64::from(it.line), said)
    }));
    evidence.extend(circles.iter().map(|(there, back)| {
        let said = format!(
            "`{}` refers to `{}`, which refers back in {}:{}",
            subject.parts.all[there.from].name(),
            subject.parts.all[there.to].name(),
            subject.files.repo_path(back.file).display(),
            back.line
        );
        Evidence::at(subject.files.repo_path(there.file), u64::from(there.line), said)
    }));
    evidence.extend(unlocked.iter().map(|&id| {
        let said = "has no lock file: each installation chooses versions anew";
        Evidence::of(subject.files.repo_path(id), said)
    }));
    let verdict = if !inside.is_empty() || !circles.is_empty() {
        Verdict::Fail
    } else if !unlocked.is_empty() {
        Verdict::Warn
    } else {
        Verdict::Pass
    };
    let fix = match verdict {
        Verdict::Fail => "move what applications share into a library that knows none of them",
        _ => "commit the lock file that the package manager writes for each application",
    };
    done(name, verdict, evidence, fix)
}

/// The manifests that want a lock file, each with whether one stands beside it or above.
fn manifests(subject: &Subject<'_>) -> Vec<(FileId, bool)> {
    let files = subject.files;
    let mut folders: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
    for id in subject.listed() {
        let lower = files.lower(id);
        let name = name_of(lower);
        folders.entry(&lower[..lower.len() - name.len()]).or_default().push(name);
    }
    let has = |folder: &[u8], locks: &[&str]| {
        let names = folders.get(folder).map_or(&[][..], Vec::as_slice);
        names.iter().any(|name| locks.iter().any(|lock| lock.as_bytes() == *name))
    };
    let own = subject.listed().filter(|&id| {
        !matches!(
            files.facts(id).standing,
            Standing::Test
                | Standing::Example
                | Standing::Vendored
                | Standing::Generated
                | Standing::Docs
        )
    });
    own.filter_map(|id| {
        let lower = files.lower(id);
        let name = name_of(lower);
        let locks = locks_of(name)?;
        let mut folder = &lower[..lower.len() - name.len()];
        let locked = loop {
            if has(folder, locks) {
                break true;
            }
            let Some(inner) = folder.strip_suffix(b"/") else { break false };
            folder = &inner[..inner.len() - name_of(inner).len()];
        };
        // What wants nothing, or is only a library of a Cargo workspace, has nothing to lock.
        let wants = locked || subject.wants_packages(id);
        wants.then_some((id, locked))
    })
    .collect()
}

/// Whether an application or a library refers to what is inside of another application.
fn reaches_inside(subject: &Subject<'_>, it: &Crossing) -> bool {
    subject.parts.all[it.to].kind == Kind::App
}

/// Pairs of parts that refer to each other, with one reference of each.
fn circles<'a>(
    subject: &Subject<'_>,
    crossings: &'a [Crossing],
) -> Vec<(&'a Crossing, &'a Crossing)> {
    let mut first: BTreeMap<(usize, usize), &Crossing> = BTreeMap::new();
    for it in crossings {
        first.entry((it.from, it.to)).or_insert(it);
    }
    let pairs = first.iter().filter(|((from, to), _)| from < to);
    pairs
        .filter_map(|((from, to), there)| first.get(&(*to, *from)).map(|back| (*there, *back)))
        .filter(|(there, _)| {
            // Those that reach into an application are told already.
            let kinds = [there.from, there.to].map(|it| subject.parts.all[it].kind);
            kinds == [Kind::Lib, Kind::Lib]
        })
        .collect()
}
