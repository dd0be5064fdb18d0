//! `navi changes`: recent commits and files, by role.

use std::collections::{BTreeMap, HashMap};
use std::io::IsTerminal;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::{Fresh, refresh, wanted_roles};
use crate::app::model::grouped;
use crate::app::outline::age;
use crate::base::{Diagnostic, text};
use crate::cli::args::Changes;
use crate::cli::failure::{Failure, Kind};
use crate::cli::scope::{Scope, under};
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::engine::history::{Commit, Git, History, Sides, Since, hex, size};
use crate::workers::{Options, history_of};

/// Files of a role that are named.
const FILES: usize = 20;
/// Lines are counted for this long; what comes after has no numbers.
const COUNTING: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Body {
    since: Option<String>,
    /// The time or the commit that this stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    since_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since_commit: Option<String>,
    total: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repositories: Vec<json::Repository>,
    commits: Vec<CommitBody>,
    roles: Vec<RoleBody>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct CommitBody {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    short: String,
    author: String,
    time: i64,
    age_s: u64,
    subject: String,
    merge: bool,
    fix: bool,
    files: Vec<FileBody>,
    files_total: usize,
}

#[derive(Serialize)]
struct FileBody {
    path: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    roles: Vec<String>,
    added: Option<u32>,
    removed: Option<u32>,
    #[serde(skip)]
    bytes: Vec<u8>,
    #[serde(skip)]
    from_bytes: Option<Vec<u8>>,
}

#[derive(Serialize)]
struct RoleBody {
    role: String,
    title: String,
    commits: usize,
    files: Vec<RoleFile>,
}

#[derive(Serialize)]
struct RoleFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    path: String,
    commits: usize,
}

/// What was found in one repository.
struct Part {
    since: Option<Since>,
    total: usize,
    commits: Vec<CommitBody>,
    roles: Vec<RoleBody>,
    said: Vec<Diagnostic>,
}

pub fn run(scope: &Scope, args: &Changes) -> Result<u8, Failure> {
    if args.limit == 0 {
        return Err(Failure::new(Kind::Usage, "--limit 0 would show nothing")
            .hint("give a limit of 1 or more"));
    }
    wanted_roles(&scope.roles(), &args.role)?;
    let (mut parts, mut said, mut failed) = (Vec::new(), Vec::new(), None);
    for (label, setup) in scope.each() {
        match of_repository(label, setup, args) {
            Ok(part) => {
                said.extend(part.said.iter().map(|it| under(label, it)));
                parts.push(part);
            }
            // A tag of one repository need not be one of another, nor need all have a history.
            Err(failure) if scope.is_workspace() => {
                said.push(under(label, &Diagnostic::warning(failure.message())));
                failed.get_or_insert(failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    if let (true, Some(failure)) = (parts.is_empty(), failed) {
        return Err(failure);
    }
    let since = parts.iter().find_map(|it| it.since.as_ref()).filter(|_| !scope.is_workspace());
    let (since_time, since_commit) = match since {
        Some(Since::Time(time)) => (Some(*time), None),
        Some(Since::Commit(id)) => (None, Some(hex(id))),
        None => (None, None),
    };
    let total = parts.iter().map(|it| it.total).sum();
    let (mut commits, mut roles) = (Vec::new(), Vec::<RoleBody>::new());
    for part in parts {
        commits.extend(part.commits);
        for role in part.roles {
            match roles.iter_mut().find(|it| it.role == role.role) {
                Some(known) => {
                    known.commits += role.commits;
                    known.files.extend(role.files);
                }
                None => roles.push(role),
            }
        }
    }
    if scope.is_workspace() {
        // Stable: of one second, in the order of the repositories.
        commits.sort_by_key(|it| std::cmp::Reverse(it.time));
        commits.truncate(args.limit);
        for role in &mut roles {
            role.files.sort_by_key(|it| std::cmp::Reverse(it.commits));
            role.files.truncate(FILES);
        }
    }
    let found = !commits.is_empty();
    if args.json {
        let mut all = scope.said();
        all.extend(said);
        print::out(&json::object(&Body {
            since: args.since.clone(),
            since_time,
            since_commit,
            total,
            repositories: json::repositories(scope),
            commits,
            roles,
            diagnostics: json::said(&all),
        }));
    } else {
        scope.warn(&said);
        show(&commits, total, &roles);
        if !found {
            let since = args.since.as_ref().map_or_else(String::new, |it| format!(" since {it}"));
            print::err(&text::clean(&format!("nothing changed{since}")));
        }
    }
    Ok(if found { 0 } else { NOTHING })
}

fn of_repository(label: &str, setup: &Setup, args: &Changes) -> Result<Part, Failure> {
    let place = |id: &String| setup.roles.place(id);
    let wanted: Vec<usize> = args.role.iter().filter_map(place).collect();
    let options = setup.options();
    let git = open(&options)?;
    // Their roles are told by their contents, too.
    let mut fresh = refresh(&options);
    let _ = fresh.snapshot()?;
    let (history, said) = read(&options);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
    let since = args.since.as_deref().map(|it| since(&git, &history, it, now)).transpose()?;
    let of = RolesOf { label, setup, fresh: &fresh };
    let mut numbers = match &since {
        Some(since) => since.commits(&git, &history),
        None => (0..history.len() as u32).collect(),
    };
    if !args.role.is_empty() {
        numbers.retain(|it| {
            let files = history.commit(*it).into_iter().flat_map(|it| it.changed_files());
            files.map(|it| of.places(it.0)).any(|it| it.iter().any(|it| wanted.contains(it)))
        });
    }
    if since.is_none() {
        numbers.truncate(args.limit);
    }
    let roles = by_role(&history, &numbers, &wanted, &of);
    let shown = numbers.iter().take(args.limit).filter_map(|it| history.commit(*it));
    let mut commits: Vec<CommitBody> = shown.map(|it| wire(&it, now, &wanted, &of)).collect();
    count_lines(&git, &history, &numbers, &mut commits);
    let said = fresh.said.iter().chain(&said).cloned().collect();
    Ok(Part { since, total: numbers.len(), commits, roles, said })
}

fn open(options: &Options) -> Result<Git, Failure> {
    match Git::open(&options.repo) {
        Ok(Some(git)) => Ok(git),
        Ok(None) => {
            let folder = options.repo.root.display();
            Err(Failure::new(Kind::Environment, format!("{folder} has no git history"))
                .hint("`navi find changed:2d` lists files by the time of their last change"))
        }
        Err(error) => Err(Failure::new(
            Kind::Environment,
            format!("the repository's history cannot be read: {error}"),
        )),
    }
}

fn read(options: &Options) -> (History, Vec<Diagnostic>) {
    let show = std::io::stderr().is_terminal();
    let mut told = Instant::now();
    let mut any = false;
    let out = history_of(options, &|| false, &mut |step| {
        if show && told.elapsed() > Duration::from_millis(300) {
            told = Instant::now();
            any = true;
            print::progress(&format!("reading the history: {} commits", grouped(step.done)));
        }
    });
    if any {
        print::progress("");
    }
    out
}

fn since(git: &Git, history: &History, text: &str, now: i64) -> Result<Since, Failure> {
    Since::read(git, history, text, now).map_err(|error| {
        let failure = Failure::new(Kind::Usage, error.to_string());
        match error {
            crate::engine::history::SinceError::Unknown { near: Some(near), .. } => {
                failure.hint(format!("did you mean `{near}`?"))
            }
            crate::engine::history::SinceError::Unknown { near: None, .. } => {
                failure.hint("write 24h, 2d, 2026-11-01, a tag, a branch or a commit's id")
            }
            crate::engine::history::SinceError::Ambiguous(_) => {
                failure.hint("give more digits of the commit's id")
            }
        }
    })
}

/// Tells the roles of files, by their contents where they still exist.
struct RolesOf<'a> {
    /// The label of the repository, where there are several.
    label: &'a str,
    setup: &'a Setup,
    fresh: &'a Fresh,
}

impl RolesOf<'_> {
    fn repository(&self) -> Option<String> {
        Some(self.label.to_owned()).filter(|it| !it.is_empty())
    }

    /// Places of the roles in the list of roles.
    fn places(&self, path: &[u8]) -> Vec<usize> {
        let roles = &self.setup.roles;
        let id = self.fresh.keeper.id(path);
        let bits = match id {
            Some(id) => self.fresh.keeper.list().facts(id).roles,
            None => roles.of_path(path),
        };
        (0..roles.roles().len()).filter(|place| bits.has(*place)).collect()
    }

    fn names(&self, places: &[usize]) -> Vec<String> {
        let roles = self.setup.roles.roles();
        places.iter().filter_map(|it| roles.get(*it)).map(|it| it.id.clone()).collect()
    }
}

fn by_role(
    history: &History,
    numbers: &[u32],
    wanted: &[usize],
    of: &RolesOf<'_>,
) -> Vec<RoleBody> {
    #[derive(Default)]
    struct Gathered<'h> {
        commits: usize,
        files: HashMap<&'h [u8], usize>,
    }
    let mut known: HashMap<&[u8], Vec<usize>> = HashMap::new();
    let mut roles: BTreeMap<usize, Gathered<'_>> = BTreeMap::new();
    for commit in numbers.iter().filter_map(|it| history.commit(*it)) {
        // Those of a merge are those of the commits that it brings.
        if commit.is_merge() {
            continue;
        }
        let mut seen = Vec::new();
        for (path, _) in commit.changed_files() {
            for &role in known.entry(path).or_insert_with(|| of.places(path)).iter() {
                if !wanted.is_empty() && !wanted.contains(&role) {
                    continue;
                }
                let gathered = roles.entry(role).or_default();
                *gathered.files.entry(path).or_default() += 1;
                if !seen.contains(&role) {
                    seen.push(role);
                    gathered.commits += 1;
                }
            }
        }
    }
    let all = of.setup.roles.roles();
    let body = |(place, gathered): (usize, Gathered<'_>)| {
        let role = all.get(place)?;
        let mut files: Vec<(&[u8], usize)> = gathered.files.into_iter().collect();
        files.sort_unstable_by(|one, other| (other.1, one.0).cmp(&(one.1, other.0)));
        let files = files.into_iter().take(FILES).map(|(path, commits)| RoleFile {
            repository: of.repository(),
            path: String::from_utf8_lossy(path).into_owned(),
            commits,
        });
        Some(RoleBody {
            role: role.id.clone(),
            title: role.title.clone(),
            commits: gathered.commits,
            files: files.collect(),
        })
    };
    roles.into_iter().filter_map(body).collect()
}

fn wire(commit: &Commit<'_>, now: i64, wanted: &[usize], of: &RolesOf<'_>) -> CommitBody {
    let moved: Vec<(&[u8], &[u8])> = commit.moved().collect();
    let mut files = Vec::new();
    for (path, kind) in commit.changed_files() {
        if moved.iter().any(|(from, _)| *from == path) {
            continue;
        }
        let places = of.places(path);
        if !wanted.is_empty() && !places.iter().any(|it| wanted.contains(it)) {
            continue;
        }
        let from = moved.iter().find(|(_, to)| *to == path).map(|it| it.0);
        files.push(FileBody {
            path: String::from_utf8_lossy(path).into_owned(),
            kind: if from.is_some() { "moved" } else { kind.name() },
            from: from.map(|it| String::from_utf8_lossy(it).into_owned()),
            roles: of.names(&places),
            added: None,
            removed: None,
            bytes: path.to_vec(),
            from_bytes: from.map(<[u8]>::to_vec),
        });
    }
    let id = commit.hex();
    CommitBody {
        short: id.get(..9).unwrap_or(&id).to_owned(),
        id,
        repository: of.repository(),
        author: commit.author().into_owned(),
        time: commit.time(),
        age_s: now.saturating_sub(commit.time()).max(0) as u64,
        subject: commit.subject().to_owned(),
        merge: commit.is_merge(),
        fix: commit.is_fix(),
        files,
        files_total: commit.files_total().saturating_sub(moved.len()),
    }
}

/// Counts the lines that each file gained and lost, while there is time.
fn count_lines(git: &Git, history: &History, numbers: &[u32], commits: &mut [CommitBody]) {
    let started = Instant::now();
    for (number, body) in numbers.iter().zip(commits) {
        let commit = history.commit(*number).filter(Commit::is_known);
        let Some(sides) = commit.and_then(|it| git.sides(&it.id())) else { continue };
        let sides: Sides = sides;
        for file in &mut body.files {
            if started.elapsed() > COUNTING {
                return;
            }
            if let Some((added, removed)) =
                size(git, sides, &file.bytes, file.from_bytes.as_deref())
            {
                (file.added, file.removed) = (Some(added), Some(removed));
            }
        }
    }
}

fn show(commits: &[CommitBody], total: usize, roles: &[RoleBody]) {
    let out = |line: &str| print::out(&text::clean(line));
    for commit in commits {
        let sign = match (commit.merge, commit.fix) {
            (true, _) => " (merge)",
            (_, true) => " (fix)",
            _ => "",
        };
        let (short, age, author) = (&commit.short, age(commit.age_s), &commit.author);
        let label = commit.repository.as_ref().map_or_else(String::new, |it| format!("{it}  "));
        out(&format!("{short}  {age:>5}  {label}{author}: {}{sign}", commit.subject));
        for file in &commit.files {
            let roles = if file.roles.is_empty() {
                String::new()
            } else {
                format!("  [{}]", file.roles.join(", "))
            };
            let lines = match (file.added, file.removed) {
                (Some(added), Some(removed)) => format!("  +{added} -{removed}"),
                _ => String::new(),
            };
            let from = file.from.as_ref().map_or_else(String::new, |it| format!(" from {it}"));
            out(&format!("    {:<8} {}{from}{lines}{roles}", file.kind, file.path));
        }
        let more = commit.files_total.saturating_sub(commit.files.len());
        if more > 0 {
            out(&format!("    and {} files more", grouped(more)));
        }
    }
    if total > commits.len() {
        out(&format!("{} commits of {}", grouped(commits.len()), grouped(total)));
    }
    for role in roles {
        out(&format!("{}: {} commits", role.title, grouped(role.commits)));
        for file in role.files.iter().take(5) {
            let label = file.repository.as_ref().map_or_else(String::new, |it| format!("{it}/"));
            out(&format!("    {:>3}  {label}{}", file.commits, file.path));
        }
    }
}
