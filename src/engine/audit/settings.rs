//! Configuration management: what differs between environments stands in one place, clearly apart.

use std::collections::BTreeSet;

use super::navigation::CRITICAL;
use super::signs::{Seen, Sign};
use super::{Check, Evidence, Subject, Verdict, done, not_judged};
use crate::base::path::name_of;
use crate::engine::files::FileId;
use crate::engine::standing::Standing;

/// Files that read the environment themselves that are no fault, however few files there are.
const FEW_READERS: usize = 2;

/// Words that name an environment in a file's or a folder's name.
const ENVIRONMENTS: &[&str] =
    &["prod", "production", "staging", "stage", "dev", "development", "local", "qa", "preprod"];

pub fn configuration_management(subject: &Subject<'_>) -> Check {
    let name = ("configuration-management", "Configuration management");
    let readers = subject.signs.first_in_each(Sign::Environment);
    // What reads them comes before what lists them.
    let own: Vec<(FileId, u64)> = subject.entries("config", CRITICAL).collect();
    let reads = own.iter().find(|(id, _)| subject.sources.contains(id));
    let settings = reads.or(own.first()).copied();
    if !subject.runs() && readers.is_empty() && settings.is_none() {
        return not_judged(name, "nothing here starts or reads settings");
    }
    let scattered: Vec<&Seen> =
        readers.iter().copied().filter(|it| !may_read(subject, it.file)).collect();
    let mut evidence = Vec::new();
    let mut verdict = Verdict::Pass;
    let mut fixes = Vec::new();
    if let Some((id, line)) = settings {
        evidence.push(Evidence::at(
            subject.files.repo_path(id),
            line,
            "the settings are read here",
        ));
    } else {
        evidence.push(Evidence::from("no file that holds the settings was found".to_owned()));
        verdict = Verdict::Fail;
        fixes.push("keep settings in one module that the rest asks");
    }
    evidence.push(Evidence::from(format!(
        "the environment is read in {} files, {} of which are not for settings",
        readers.len(),
        scattered.len()
    )));
    let share = scattered.len() as f64 / subject.sources.len().max(1) as f64;
    if scattered.len() > FEW_READERS && share > 0.02 {
        let worst = if share > 0.1 { Verdict::Fail } else { Verdict::Warn };
        verdict = verdict.at_best(worst);
        fixes.push("read the environment in the settings module only, and hand values on");
    }
    let (apart, examples) = separated(subject);
    match apart.first() {
        Some((id, word)) => {
            let said = format!("{} files are for one environment, such as {word}", apart.len());
            evidence.push(Evidence::of(subject.files.repo_path(*id), said));
        }
        None if subject.runs() => {
            evidence.push(Evidence::from("no file is for one environment alone".to_owned()));
        }
        None => {}
    }
    match examples.first() {
        Some(&id) => {
            let said = "lists the variables that are to be set";
            evidence.push(Evidence::of(subject.files.repo_path(id), said));
        }
        None if !scattered.is_empty() && apart.is_empty() => {
            evidence.push(Evidence::from("no .env.example lists what is to be set".to_owned()));
            verdict = verdict.at_best(Verdict::Warn);
            fixes.push(
                "list the variables in an .env.example, or keep one file for each environment",
            );
        }
        None => {}
    }
    evidence.extend(scattered.iter().map(|it| {
        let said = format!("reads the environment itself: {}", it.word);
        Evidence::at(subject.files.repo_path(it.file), u64::from(it.line), said)
    }));
    done(name, verdict, evidence, &fixes.join("; "))
}

/// Whether a file is where the environment may be read: settings, what starts a program, what
/// configures a tool, scripts.
fn may_read(subject: &Subject<'_>, id: FileId) -> bool {
    let lower = subject.files.lower(id);
    let name = String::from_utf8_lossy(name_of(lower)).into_owned();
    let own = subject.roles_of(id);
    own.iter().any(|it| matches!(*it, "config" | "script" | "infra" | "entry-point" | "test"))
        || name.contains("config")
        || name.contains("settings")
        || name.starts_with("env")
        || memchr::memmem::find(lower, b"/environments/").is_some()
        || memchr::memmem::find(lower, b"config/").is_some()
}

/// Files that are for one environment, with its word, and files that are patterns for such.
fn separated(subject: &Subject<'_>) -> (Vec<(FileId, String)>, Vec<FileId>) {
    let mut apart = Vec::new();
    let mut examples = Vec::new();
    let mut seen = BTreeSet::new();
    for id in subject.listed() {
        let lower = subject.files.lower(id);
        let standing = subject.files.facts(id).standing;
        if matches!(
            standing,
            Standing::Test | Standing::Vendored | Standing::Generated | Standing::Docs
        ) {
            continue;
        }
        let text = String::from_utf8_lossy(lower).into_owned();
        let name = name_of(lower);
        if name.starts_with(b".env") || name.ends_with(b".env") || name.starts_with(b"env.") {
            let pattern = ["example", "sample", "template", "dist", "defaults"];
            if pattern.iter().any(|it| text.contains(it)) {
                examples.push(id);
                continue;
            }
        }
        let parts: Vec<&str> = text.rsplit('/').take(2).collect();
        // `environment.prod.ts`, `values-prod.yaml`, `environments/production.rb`, `.env.staging`.
        let words = parts[0].split(['.', '-', '_']).skip(1);
        let holder = parts.get(1).copied().unwrap_or_default();
        let inside =
            matches!(holder, "environments" | "envs" | "env" | "overlays" | "settings" | "config");
        let of_folder = if inside { parts[0].split('.').next() } else { None };
        let in_folder = text
            .rsplit('/')
            .nth(2)
            .filter(|it| matches!(*it, "environments" | "overlays" | "envs"))
            .map(|_| holder);
        let word = words
            .chain(of_folder)
            .chain(in_folder)
            .find(|it| ENVIRONMENTS.contains(it) && settles(parts[0], holder));
        if let Some(word) = word
            && seen.insert((holder.to_owned(), word.to_owned()))
        {
            apart.push((id, word.to_owned()));
        }
    }
    (apart, examples)
}

/// Whether a file of this name can hold settings: by its name, its kind or its folder.
fn settles(name: &str, holder: &str) -> bool {
    let kind = name.rsplit('.').next().unwrap_or_default();
    let told = ["env", "config", "settings", "application", "appsettings", "values", "compose"];
    told.iter().any(|it| name.contains(it) || holder.contains(it))
        || matches!(kind, "tfvars" | "env")
        || matches!(holder, "overlays")
        || holder.contains("prod")
        || holder.contains("stag")
}
