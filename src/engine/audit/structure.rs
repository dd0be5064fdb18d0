//! What the tree itself tells: folders with one purpose, room to grow, tests and documentation
//! close by.

use std::collections::{BTreeMap, BTreeSet};

use super::navigation::CRITICAL;
use super::signs::Sign;
use super::{Check, Evidence, FEW, Subject, Verdict, done, not_judged};
use crate::base::path::{name_of, stem_of};
use crate::engine::files::FileId;
use crate::engine::roles::Language;
use crate::engine::standing::Standing;

/// Source files directly in one folder beyond which it has more than one purpose.
const CROWDED: usize = 60;
/// The same for folders whose name gives no purpose.
const CROWDED_BAG: usize = 15;
/// Names that give none.
const BAGS: &[&str] = &["util", "utils", "helpers", "helper", "misc", "common", "stuff", "tools"];
/// Roles that the files of one folder may have before it has no purpose of its own.
const MIXED: usize = 7;
/// Files from which that is asked.
const MIXED_FROM: usize = 25;
/// Bytes of a source file beyond which nobody keeps it in mind.
const HUGE: u64 = 80_000;
/// Roles whose critical files should have tests of their own.
const TESTED: &[&str] = &[
    "auth",
    "route",
    "service",
    "model",
    "database",
    "middleware",
    "error-handling",
    "websocket",
    "cache",
];

fn folder_of(path: &[u8]) -> &[u8] {
    &path[..path.len() - name_of(path).len()]
}

pub fn responsibility_isolation(subject: &Subject<'_>) -> Check {
    let name = ("responsibility-isolation", "Responsibility isolation");
    let mut folders: BTreeMap<&[u8], Vec<FileId>> = BTreeMap::new();
    // Of schema changes there is one after the other, wherever they lie.
    for &id in subject.sources.iter().filter(|&&id| !subject.changes_schema(id)) {
        folders.entry(folder_of(subject.files.path(id))).or_default().push(id);
    }
    if folders.len() < 2 {
        return not_judged(name, "all source lies in one folder");
    }
    let mut faults: Vec<Evidence> = Vec::new();
    for (folder, ids) in &folders {
        let shown = String::from_utf8_lossy(folder).into_owned();
        let last =
            shown.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_lowercase();
        let bag = BAGS.contains(&last.as_str());
        let count = ids.len();
        let mut roles = BTreeSet::new();
        for &id in ids {
            roles.extend(subject.roles_of(id).into_iter().filter(|it| TESTED.contains(it)));
        }
        let said = if count > CROWDED {
            format!("{count} source files in one folder")
        } else if bag && count > CROWDED_BAG {
            format!("{count} source files in a folder whose name gives no purpose")
        } else if count >= MIXED_FROM && roles.len() >= MIXED {
            let roles: Vec<&str> = roles.into_iter().collect();
            format!("{count} source files of {} kinds: {}", roles.len(), roles.join(", "))
        } else {
            continue;
        };
        // The largest of its files stands for the folder, so that it can be looked at.
        let size = |id: &&FileId| subject.files.facts(**id).stamp.size;
        if let Some(&largest) = ids.iter().max_by_key(size) {
            let path = subject.files.repo_path(largest);
            faults.push(Evidence::of(
                path,
                format!("{}: {said}; this is its largest", folder_name(&shown)),
            ));
        }
    }
    let share = 1.0 - faults.len() as f64 / folders.len() as f64;
    let verdict = if faults.is_empty() { Verdict::Pass } else { Verdict::of(share, 2.0, 0.95) };
    let first = format!("{} of {} folders have more than one purpose", faults.len(), folders.len());
    let mut evidence = vec![Evidence::from(first)];
    evidence.extend(faults);
    done(name, verdict, evidence, "split these folders by what their files are for")
}

fn folder_name(folder: &str) -> &str {
    if folder.is_empty() { "the top folder" } else { folder }
}

pub fn scalability_readiness(subject: &Subject<'_>) -> Check {
    let name = ("scalability-readiness", "Scalability readiness");
    let sources = &subject.sources;
    if sources.len() < FEW {
        return not_judged(name, "too few source files to judge");
    }
    let size = |id: &FileId| subject.files.facts(*id).stamp.size;
    let mut huge: Vec<FileId> = sources.iter().copied().filter(|id| size(id) > HUGE).collect();
    huge.sort_by_key(|id| std::cmp::Reverse(size(id)));
    let share = 1.0 - huge.len() as f64 / sources.len() as f64;
    let first =
        format!("{} of {} source files are beyond {} kB", huge.len(), sources.len(), HUGE / 1000);
    let mut evidence = vec![Evidence::from(first)];
    // Where most lies flat in one folder, ten times as much will not fit.
    let mut folders: BTreeMap<&[u8], usize> = BTreeMap::new();
    for &id in sources {
        *folders.entry(folder_of(subject.files.path(id))).or_default() += 1;
    }
    let fullest = folders.iter().max_by_key(|(_, count)| **count);
    let flat = fullest.filter(|(_, count)| **count >= 30 && **count * 10 > sources.len() * 6);
    if let Some((folder, count)) = flat {
        let folder = String::from_utf8_lossy(folder).into_owned();
        let said = format!(
            "{count} of {} source files lie flat in {}",
            sources.len(),
            folder_name(&folder)
        );
        evidence.push(Evidence::from(said));
    }
    // An interface without versions cannot change under those who use it.
    let versioned = subject.entries("route", usize::MAX).find(|(id, _)| {
        let text = String::from_utf8_lossy(subject.files.lower(*id)).into_owned();
        let digit = |it: &str| it.strip_prefix('v').is_some_and(|it| it.parse::<u8>().is_ok());
        text.split(['/', '.', '_']).any(digit)
    });
    if let Some((id, line)) = versioned {
        let path = subject.files.repo_path(id);
        evidence.push(Evidence::at(path, line, "the interface has versions"));
    }
    evidence.extend(huge.iter().map(|&id| {
        Evidence::of(subject.files.repo_path(id), format!("{} kB in one file", size(&id) / 1000))
    }));
    let mut verdict = Verdict::of(share, 0.99, 0.95);
    if flat.is_some() {
        verdict = verdict.at_best(Verdict::Warn);
    }
    let fix = "split these files and folders by subject before they grow on";
    done(name, verdict, evidence, fix)
}

/// Letters and digits of a file's stem without the words that make it a test.
fn tested_name(stem: &[u8]) -> String {
    let stem = String::from_utf8_lossy(stem).to_lowercase();
    let words = stem.split(|it: char| !it.is_alphanumeric());
    let rest: String =
        words.filter(|it| !matches!(*it, "test" | "tests" | "spec" | "specs")).collect();
    let rest = rest.strip_suffix("tests").or_else(|| rest.strip_suffix("test")).unwrap_or(&rest);
    rest.strip_prefix("test").unwrap_or(rest).to_owned()
}

pub fn testing_integration(subject: &Subject<'_>) -> Check {
    let name = ("testing-integration", "Testing integration");
    if subject.sources.len() < FEW {
        return not_judged(name, "too few source files to judge");
    }
    let files = subject.files;
    let tests: Vec<FileId> = subject
        .listed()
        .filter(|&id| {
            let language = Language::of(name_of(files.lower(id)));
            files.facts(id).standing == Standing::Test
                && !matches!(language, None | Some(Language::Data | Language::Shell))
        })
        .collect();
    let inline: BTreeSet<FileId> = subject.signs.of(Sign::InlineTest).map(|it| it.file).collect();
    let names: BTreeSet<String> =
        tests.iter().map(|&id| tested_name(stem_of(name_of(files.path(id))))).collect();
    let mut critical: Vec<(FileId, u64)> = TESTED
        .iter()
        .flat_map(|role| subject.entries(role, CRITICAL))
        .filter(|(id, _)| subject.sources.contains(id))
        .collect();
    critical.sort_unstable();
    critical.dedup_by_key(|it| it.0);
    let bare: Vec<(FileId, u64)> = critical
        .iter()
        .copied()
        .filter(|(id, _)| {
            let own = tested_name(stem_of(name_of(files.path(*id))));
            // A test that is named for more says so: `test_auth_service` is for `auth`.
            !inline.contains(id) && !names.iter().any(|it| own.len() > 2 && it.contains(&own))
        })
        .collect();
    let ratio = (tests.len() + inline.len()) as f64 / subject.sources.len() as f64;
    let mut evidence = vec![Evidence::from(format!(
        "{} test files for {} source files",
        tests.len() + inline.len(),
        subject.sources.len()
    ))];
    if let Some(&first) = tests.first() {
        let beside: BTreeSet<Vec<u8>> =
            subject.sources.iter().map(|&id| near(files.lower(id))).collect();
        let close = tests.iter().filter(|&&id| beside.contains(&near(files.lower(id)))).count();
        let said =
            format!("{close} of {} tests lie beside their source, such as this one", tests.len());
        let shown = tests.iter().copied().find(|&id| beside.contains(&near(files.lower(id))));
        evidence.push(Evidence::of(
            files.repo_path(shown.unwrap_or(first)),
            if shown.is_some() {
                said
            } else {
                "tests lie apart from the source, such as this one".to_owned()
            },
        ));
    }
    let covered = critical.len() - bare.len();
    if !critical.is_empty() {
        let said =
            format!("{covered} of {} critical files have a test of their name", critical.len());
        evidence.push(Evidence::from(said));
    }
    evidence.extend(bare.iter().map(|&(id, line)| {
        Evidence::at(files.repo_path(id), line, "critical, and no test has its name")
    }));
    let named = if critical.is_empty() { 1.0 } else { covered as f64 / critical.len() as f64 };
    let verdict = if ratio < 0.03 {
        Verdict::Fail
    } else if ratio >= 0.15 && named >= 0.3 {
        Verdict::Pass
    } else {
        Verdict::Warn
    };
    done(name, verdict, evidence, "put tests beside the source, beginning with these files")
}

/// The folder of a file without the folders that only hold tests.
fn near(lower: &[u8]) -> Vec<u8> {
    let folder = folder_of(lower);
    let parts = folder
        .split(|&it| it == b'/')
        .filter(|it| !matches!(*it, b"tests" | b"test" | b"__tests__" | b"spec" | b"specs"));
    parts.collect::<Vec<_>>().join(&b'/')
}

pub fn documentation_proximity(subject: &Subject<'_>) -> Check {
    let name = ("documentation-proximity", "Documentation proximity");
    let mut sources: BTreeMap<String, usize> = BTreeMap::new();
    for &id in &subject.sources {
        let path = subject.files.repo_path(id).to_text().into_owned();
        let mut parts = path.split('/');
        let (Some(one), Some(two)) = (parts.next(), parts.next()) else { continue };
        let group = matches!(one, "apps" | "libs" | "packages" | "services" | "crates");
        let folder = match parts.next() {
            Some(_) if group => format!("{one}/{two}"),
            _ => one.to_owned(),
        };
        *sources.entry(folder).or_default() += 1;
    }
    sources.retain(|_, count| *count >= FEW);
    if sources.is_empty() {
        return not_judged(name, "no folder has enough source to need a README");
    }
    let mut with: BTreeMap<String, FileId> = BTreeMap::new();
    for id in subject.listed() {
        let path = subject.files.repo_path(id).to_text().into_owned();
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
        if file.to_lowercase().starts_with("readme") {
            with.entry(folder.to_owned()).or_insert(id);
        }
    }
    // The README at the top speaks for the only major folder there is.
    let alone = sources.len() == 1 && with.contains_key("");
    let bare: Vec<&String> =
        sources.keys().filter(|it| !alone && !with.contains_key(*it)).collect();
    let share = 1.0 - bare.len() as f64 / sources.len() as f64;
    let mut evidence = vec![Evidence::from(format!(
        "{} of {} major folders have a README",
        sources.len() - bare.len(),
        sources.len()
    ))];
    let own = sources.keys().filter_map(|it| with.get(it)).chain(with.get("")).next();
    evidence.extend(own.map(|&id| Evidence::of(subject.files.repo_path(id), "tells what this is")));
    evidence.extend(
        bare.iter().map(|it| Evidence::from(format!("{it}/ has none for {} files", sources[*it]))),
    );
    let mut verdict = Verdict::of(share, 0.7, 0.3);
    if !with.contains_key("") {
        evidence.insert(1, Evidence::from("the top folder has no README".to_owned()));
        verdict = verdict.at_best(Verdict::Warn);
    }
    let fix = "say in a README of each of these folders what it is for and where to begin";
    done(name, verdict, evidence, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_named_for_what_they_test() {
        for stem in [
            "auth_service",
            "test_auth_service",
            "AuthServiceTest",
            "auth-service.spec",
            "auth_service_test",
        ] {
            assert_eq!(tested_name(stem.as_bytes()), "authservice", "{stem}");
        }
        assert_eq!(tested_name(b"tests"), "");
        assert_eq!(near(b"app/auth/__tests__/a.ts"), near(b"app/auth/a.ts"));
        assert_ne!(near(b"tests/app/a.py"), near(b"src/app/a.py"));
    }
}
