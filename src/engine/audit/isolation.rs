//! Isolation boundaries: features apart, the database and other services behind something of their
//! own.

use std::collections::BTreeSet;

use super::parts::Kind;
use super::signs::{Seen, Sign};
use super::{Check, Evidence, Subject, Verdict, counted, done, is_browsers, not_judged};
use crate::engine::files::FileId;

/// Share of the files that answer requests which may ask the database or others themselves.
const FEW: f64 = 0.1;
/// Beyond this share there is no boundary.
const MANY: f64 = 0.4;

pub fn isolation_boundaries(subject: &Subject<'_>) -> Check {
    let name = ("isolation-boundaries", "Isolation boundaries");
    let routes: BTreeSet<FileId> =
        subject.sources.iter().copied().filter(|&id| answers(subject, id)).collect();
    if routes.is_empty() {
        return not_judged(name, "no file answers requests, so there is no boundary to cross");
    }
    let direct = |sign: Sign| -> Vec<&Seen> {
        let found = subject.signs.first_in_each(sign).into_iter();
        let found = found.filter(|it| routes.contains(&it.file));
        found
            .filter(|it| sign != Sign::Call || !is_browsers(subject.files.lower(it.file)))
            .collect()
    };
    let (queries, calls) = (direct(Sign::Query), direct(Sign::Call));
    let crossing: BTreeSet<FileId> = queries.iter().chain(&calls).map(|it| it.file).collect();
    let share = crossing.len() as f64 / routes.len() as f64;
    let mut verdict = Verdict::of(1.0 - share, 1.0 - FEW, 1.0 - MANY);
    if crossing.len() <= 1 && routes.len() > 2 {
        verdict = Verdict::Pass;
    }
    let mut evidence = vec![Evidence::from(format!(
        "{} of {} files that answer requests ask a database themselves, {} call other services",
        queries.len(),
        routes.len(),
        calls.len()
    ))];
    match subject.entries("database", 1).next() {
        Some((id, line)) => {
            let said = "the database is reached here";
            evidence.push(Evidence::at(subject.files.repo_path(id), line, said));
        }
        None if subject.signs.of(Sign::Query).next().is_some() => {
            evidence.push(Evidence::from("no module stands for the database".to_owned()));
            verdict = verdict.at_best(Verdict::Warn);
        }
        None => {}
    }
    let inside = subject.crossings.iter().filter(|it| subject.parts.all[it.to].kind == Kind::App);
    let reached = inside.count();
    if reached > 0 {
        let files = counted(reached, "file reaches", "files reach");
        let said = format!("{files} into another application; see dependency clarity");
        evidence.push(Evidence::from(said));
        verdict = verdict.at_best(Verdict::Warn);
    }
    let told = [(queries, "asks the database itself"), (calls, "calls another service itself")];
    evidence.extend(told.into_iter().flat_map(|(seen, said)| {
        seen.into_iter().map(move |it| {
            let path = subject.files.repo_path(it.file);
            Evidence::at(path, u64::from(it.line), format!("{said}: {}", it.word))
        })
    }));
    let fix = "put queries behind a repository and calls behind a client, and let routes ask these";
    done(name, verdict, evidence, fix)
}

/// Whether a file answers requests and is nothing else that may ask a database.
fn answers(subject: &Subject<'_>, id: FileId) -> bool {
    let roles = subject.roles_of(id);
    let other = ["database", "model", "service", "migration", "cache", "test", "script", "config"];
    roles.contains(&"route") && !roles.iter().any(|it| other.contains(it))
}
