//! `navi catalogue`: the files that matter in an emergency, by role.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::wanted_roles;
use crate::base::Diagnostic;
use crate::cli::args::Catalogue;
use crate::cli::failure::{Failure, Kind};
use crate::cli::scope::{Scope, under};
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::engine::catalogue::{self, Look};
use crate::engine::files::FileList;
use crate::engine::history;
use crate::engine::index::read_raw;
use crate::workers::{Options, list_files, look_at_all};

#[derive(Serialize)]
struct Body {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repositories: Vec<json::Repository>,
    roles: Vec<RoleBody>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct RoleBody {
    role: String,
    title: String,
    missing: bool,
    total: usize,
    files: Vec<FileBody>,
}

#[derive(Serialize)]
struct FileBody {
    rank: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    path: String,
    line: u32,
    score: f64,
    why: Vec<String>,
    owners: Vec<String>,
    pinned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<ChangedBody>,
}

#[derive(Serialize)]
struct ChangedBody {
    age_s: u64,
    author: String,
}

pub fn run(scope: &Scope, args: &Catalogue) -> Result<u8, Failure> {
    let limit = if args.all { usize::MAX } else { args.limit };
    if limit == 0 {
        return Err(Failure::new(Kind::Usage, "--limit 0 would show nothing")
            .hint("give a limit of 1 or more"));
    }
    wanted_roles(&scope.roles(), &args.role)?;
    let mut parts = Vec::new();
    let mut said = Vec::new();
    for (label, setup) in scope.each() {
        let (roles, own) = of_repository(label, setup, args, limit);
        parts.push(roles);
        said.extend(own.iter().map(|it| under(label, it)));
    }
    let roles = together(parts);
    let nothing = roles.iter().all(|it| it.missing);
    if args.json {
        let mut all = scope.said();
        all.extend(said);
        let repositories = json::repositories(scope);
        print::out(&json::object(&Body { repositories, roles, diagnostics: json::said(&all) }));
    } else {
        scope.warn(&said);
        show(&roles);
    }
    Ok(if nothing { NOTHING } else { 0 })
}

/// The roles of several repositories as one: for each the best file of each repository, then the
/// second best.
fn together(parts: Vec<Vec<RoleBody>>) -> Vec<RoleBody> {
    let mut all: Vec<RoleBody> = Vec::new();
    for role in parts.into_iter().flatten() {
        match all.iter_mut().find(|it| it.role == role.role) {
            Some(known) => {
                known.missing &= role.missing;
                known.total += role.total;
                known.files.extend(role.files);
            }
            None => all.push(role),
        }
    }
    for role in &mut all {
        // Stable: of one rank, in the order of the repositories.
        role.files.sort_by_key(|it| it.rank);
        for (place, file) in role.files.iter_mut().enumerate() {
            file.rank = place + 1;
        }
    }
    all
}

fn of_repository(
    label: &str,
    setup: &Setup,
    args: &Catalogue,
    limit: usize,
) -> (Vec<RoleBody>, Vec<Diagnostic>) {
    let options = setup.options();
    let (catalogue, _, files, said) = gather(setup, &options, limit);
    // What has been read of the history; `navi changes` and the screen read more.
    let history = options.folder.as_deref().and_then(history::load).unwrap_or_default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
    let changed = |path: &str| {
        let commit = history.commit(*history.of(path.as_bytes()).first()?)?;
        let age_s = now.saturating_sub(commit.time()).max(0) as u64;
        Some(ChangedBody { age_s, author: commit.author().into_owned() })
    };
    let mut roles = Vec::new();
    for shelf in &catalogue.shelves {
        let role = &setup.roles.roles()[shelf.role];
        if !args.role.is_empty() && !args.role.contains(&role.id) {
            continue;
        }
        let files = shelf.files.iter().enumerate().map(|(place, entry)| {
            let path = files.repo_path(entry.id).to_text().into_owned();
            FileBody {
                rank: place + 1,
                repository: Some(label.to_owned()).filter(|it| !it.is_empty()),
                line: entry.line,
                score: (f64::from(entry.score) * 1000.0).round() / 1000.0,
                why: entry.why.clone(),
                owners: match &entry.owner {
                    Some(owner) => vec![owner.clone()],
                    None => options.finder.owners.of(&path).to_vec(),
                },
                pinned: entry.pinned,
                note: entry.note.clone(),
                changed: changed(&path),
                path,
            }
        });
        roles.push(RoleBody {
            role: role.id.clone(),
            title: role.title.clone(),
            missing: shelf.files.is_empty(),
            total: shelf.total,
            files: files.collect(),
        });
    }
    (roles, said)
}

/// The catalogue of the repository as it is now, with what `.navi.toml` says about it, and what
/// was seen of each file.
pub fn gather(
    setup: &Setup,
    options: &Options,
    limit: usize,
) -> (catalogue::Catalogue, Vec<Look>, Arc<FileList>, Vec<Diagnostic>) {
    let (keeper, mut said) = list_files(options);
    let files = keeper.list();
    let (catalogue, looks, drift) = gather_of(setup, options, &files, limit);
    said.extend(drift);
    (catalogue, looks, files, said)
}

/// The same of a list of files.
pub fn gather_of(
    setup: &Setup,
    options: &Options,
    files: &FileList,
    limit: usize,
) -> (catalogue::Catalogue, Vec<Look>, Vec<Diagnostic>) {
    let looks = look_at_all(options, files, &|| false);
    let most = limit.saturating_add(setup.critical.len());
    let mut catalogue = catalogue::build(&setup.roles, files, &looks, most);
    let read = |path: &str| {
        let path = crate::base::RepoPath::from(path);
        let limit = setup.settings.index.max_file_bytes.value;
        read_raw(&setup.repo.root, &path, limit).ok().flatten().map(|it| it.0)
    };
    let said = setup.critical.apply(&mut catalogue, files, &read);
    for shelf in &mut catalogue.shelves {
        shelf.files.truncate(limit);
    }
    (catalogue, looks, said)
}

fn show(roles: &[RoleBody]) {
    for role in roles {
        if role.missing {
            print::out(&format!("{}: none found", role.title));
            continue;
        }
        print::out(&format!("{} ({} of {})", role.title, role.files.len(), role.total));
        for file in &role.files {
            let label = file.repository.as_ref().map_or_else(String::new, |it| format!("{it}/"));
            let path = crate::base::text::clean(&format!("{label}{}", file.path)).into_owned();
            let mut why = file.why.join(", ");
            if let Some(note) = &file.note {
                why = format!("{note}; {why}");
            }
            let why = crate::base::text::clean(&why).into_owned();
            print::out(&format!("  {path}:{}  ({why})", file.line));
        }
    }
}
