//! Compose files: which belong together, and what is asked of each of their services.
//!
//! A folder's `compose.yaml` (or one of its older names) with its override is a stack. A variant
//! such as `docker-compose.prod.yml` is a stack of its own when each of its services says what it
//! runs, else it is laid over the stack beside it. The stack that the repository's own commands
//! name most has the short ids, `compose.SERVICE.QUESTION`; the others have a name before.

mod read;
mod values;

use super::{Draft, Found, Source, argument, id, place};
use crate::engine::checks::{self, Judge, Question, Way};
use crate::engine::commands::risk::Tool;
use crate::engine::commands::tree::{Item, Tree, below, folder_of, name_of};
use crate::engine::commands::{Kind, Service, Stack, Work};
use crate::engine::standing::Standing;
use read::{Documents, Whole};

/// See the module.
pub const SOURCE: Source = Source { takes, find };

/// Stacks of one repository that are offered.
const MOST_STACKS: usize = 12;
/// Services of which a stack that is not the first is asked.
const MOST_OF_OTHERS: usize = 12;

/// Parts of paths of stacks that are not what runs.
const ASIDE: &[&str] = &[
    "test",
    "tests",
    "testing",
    "ci",
    "e2e",
    "cypress",
    "devcontainer",
    "github",
    "circleci",
    "benchmark",
];

/// The base names in the order in which Compose looks for them.
const BASES: &[&str] =
    &["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

fn takes(item: &Item) -> bool {
    !item.is_foreign() && variant(item.name()).is_some()
}

/// What a file name says: nothing for a base, else `prod` of `docker-compose.prod.yml`.
fn variant(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let stem = lower.strip_suffix(".yml").or_else(|| lower.strip_suffix(".yaml"))?;
    for base in ["docker-compose", "compose", "podman-compose", "container-compose"] {
        if stem == base {
            return Some(String::new());
        }
        let rest = stem.strip_prefix(base).and_then(|it| it.strip_prefix(['.', '-', '_']));
        if let Some(rest) = rest {
            return Some(rest.to_owned());
        }
        let rest = stem.strip_suffix(base).and_then(|it| it.strip_suffix(['.', '-', '_']));
        if let Some(rest) = rest {
            return Some(rest.to_owned());
        }
    }
    None
}

/// Files that are laid over each other.
struct Group {
    files: Vec<String>,
    /// The file that it is about: the base, or the variant that is laid over it.
    own: String,
    /// What its ids begin with when it is not the first.
    label: String,
    standing: Standing,
    /// How often the repository's own commands name it.
    named: usize,
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    let mut documents = Documents::default();
    let mut groups = groups(tree, items, &mut documents);
    for group in &mut groups {
        group.named = named(found, group);
    }
    // The one that is meant: named by the repository's commands, then the furthest up.
    groups.sort_by(|one, other| {
        let key = |it: &Group| {
            // Stacks for tests, pipelines and editors are not what runs.
            let mut parts = it.own.split(['/', '.', '-', '_']);
            let aside = matches!(it.standing, Standing::Test | Standing::Example)
                || parts.any(|it| ASIDE.contains(&it));
            let base = BASES.contains(&name_of(&it.own));
            (
                aside,
                std::cmp::Reverse(it.named.min(1000)),
                it.own.matches('/').count(),
                !base,
                it.own.clone(),
            )
        };
        key(one).cmp(&key(other))
    });
    for (at, group) in groups.iter().enumerate().take(MOST_STACKS) {
        let whole = read::read(tree, &mut documents, &group.files, found);
        if whole.stack.services.is_empty() {
            continue;
        }
        let label = if at == 0 { "" } else { group.label.as_str() };
        offer(&whole, label, at as u32, group, found);
        found.stacks.push(whole.stack);
    }
    found.said.extend(documents.into_said());
}

/// How often what other sources found names the first file of a stack.
fn named(found: &Found, group: &Group) -> usize {
    let first = &group.own;
    let name = name_of(first);
    let mut count = 0;
    for ((tool, folder), book) in &found.books {
        for recipe in book.recipes.values() {
            let asks = |what: &str| {
                ["-f ", "-f=", "--file ", "--file=", "-f ./"]
                    .iter()
                    .any(|it| recipe.text.contains(&format!("{it}{what}")))
            };
            let here = *tool != Tool::Rake && folder_of(first) == folder;
            let plain = || {
                let asks_compose = recipe.text.contains("docker compose")
                    || recipe.text.contains("docker-compose ");
                BASES.contains(&name) && asks_compose && !recipe.text.contains(" -f")
            };
            if asks(first) || (here && (asks(name) || plain())) {
                count += 1;
            }
        }
    }
    count
}

fn groups(tree: &Tree<'_>, items: &[&Item], documents: &mut Documents) -> Vec<Group> {
    let mut out: Vec<Group> = Vec::new();
    for item in items {
        let Some(variant) = variant(item.name()) else { continue };
        let folder = item.folder();
        let base = BASES.iter().map(|it| below(folder, it)).find(|it| tree.has(it));
        let is_base = BASES.contains(&item.name());
        if is_base && base.as_deref() != Some(item.path.as_str()) {
            continue;
        }
        let mut files = vec![item.path.clone()];
        if is_base {
            let stem = item.name().rsplit_once('.').map_or(item.name(), |it| it.0);
            let over = ["yml", "yaml"].map(|it| below(folder, &format!("{stem}.override.{it}")));
            files.extend(over.into_iter().find(|it| tree.has(it)));
        } else {
            if variant == "override" {
                continue;
            }
            let alone = stands_alone(tree, documents, &item.path);
            match (alone, base) {
                (Some(true), _) => {}
                (Some(false), Some(base)) => files.insert(0, base),
                (Some(false), None) | (None, _) => continue,
            }
        }
        let label = if folder.is_empty() {
            if variant.is_empty() { "root".to_owned() } else { variant }
        } else {
            let folder = folder.replace('/', "-");
            if variant.is_empty() { folder } else { format!("{folder}-{variant}") }
        };
        let own = item.path.clone();
        out.push(Group { files, own, label, standing: item.standing, named: 0 });
    }
    let mut seen: Vec<String> = Vec::new();
    for group in &mut out {
        let mut label = group.label.clone();
        let mut number = 2;
        while seen.contains(&label) {
            label = format!("{}-{number}", group.label);
            number += 1;
        }
        seen.push(label.clone());
        group.label = label;
    }
    out
}

/// Whether each service of a file says what it runs; `None` when it has none.
fn stands_alone(tree: &Tree<'_>, documents: &mut Documents, path: &str) -> Option<bool> {
    let services = documents.get(tree, path)?.get("services")?;
    let entries = services.entries();
    let whole = |node: &crate::base::yaml::Node| {
        ["image", "build", "extends"].iter().any(|it| node.get(it).is_some())
    };
    (!entries.is_empty()).then(|| entries.iter().all(|it| whole(&it.node)))
}

/// The address at which a port can be asked from here.
fn reachable(service: &Service, target: u16) -> Option<(String, u16)> {
    let port = service.ports.iter().find(|it| it.target == target)?;
    let host = match port.host.as_deref() {
        None | Some("0.0.0.0" | "" | "::" | "[::]" | "*") => "localhost",
        Some(host) => host,
    };
    let plain = host.chars().all(|it| it.is_ascii_alphanumeric() || ".:-[]".contains(it));
    plain.then_some((host.to_owned(), port.published?))
}

/// What is offered of a stack.
fn offer(whole: &Whole, label: &str, order: u32, group: &Group, found: &mut Found) {
    let stack = &whole.stack;
    let mut base = vec!["docker".to_owned(), "compose".to_owned()];
    for file in &group.files {
        base.extend(["-f".to_owned(), argument(file)]);
    }
    let first = group.files.first().map_or("", String::as_str);
    let later = order * 200;
    let mut put = |draft: Draft| {
        let mut draft = draft;
        let argv = draft.command.work.argv();
        if argv.get(1).is_some_and(|it| it == "compose") {
            draft.command.files = whole.files.iter().map(|it| it.as_str().into()).collect();
        }
        draft.rank += later;
        found.drafts.push(draft);
    };
    let of = |words: &[&str]| {
        let mut argv = base.clone();
        argv.extend(words.iter().map(|it| (*it).to_owned()));
        Work::Program(argv)
    };
    let top = place(first, 1);
    let here = which(label);
    let all = id(&["compose", label, "ps"]);
    let title = format!("{here}All containers");
    let mut list = Draft::new(all, &title, Kind::Health, of(&["ps", "-a"]), top.clone()).ranked(8);
    list.command.judge = Some(Judge::COMPOSE_PS);
    list.command.deadline_s = Some(10);
    put(list);
    if order == 0 {
        let stats = ["docker", "stats", "--no-stream"].map(str::to_owned).to_vec();
        let title = "Processor and memory of all containers";
        let work = Work::Program(stats);
        let id = "docker.stats".to_owned();
        let mut stats = Draft::new(id, title, Kind::Resources, work, top.clone()).ranked(5);
        stats.command.judge = Some(Judge::DOCKER_STATS);
        stats.command.deadline_s = Some(10);
        put(stats);
        let disk = ["docker", "system", "df"].map(str::to_owned).to_vec();
        put(Draft::new(
            "docker.disk".into(),
            "Disk taken by images, containers and volumes",
            Kind::Resources,
            Work::Program(disk),
            top.clone(),
        )
        .ranked(6));
    }
    let up = id(&["compose", label, "up"]);
    put(Draft::new(up, &format!("{here}Start all services"), Kind::Deploy, of(&["up", "-d"]), top)
        .ranked(30));
    let most = if order == 0 { usize::MAX } else { MOST_OF_OTHERS };
    for service in stack.services.iter().take(most) {
        for draft in of_service(&base, label, order > 0, service) {
            put(draft);
        }
    }
}

/// What tells the commands of a further stack from those of the first, before all else: rows are cut
/// at their end.
fn which(label: &str) -> String {
    if label.is_empty() { String::new() } else { format!("{label} · ") }
}

fn of_service(base: &[String], label: &str, brief: bool, service: &Service) -> Vec<Draft> {
    let name = service.name.as_str();
    let mut out = Vec::new();
    let mut base = base.to_vec();
    if let Some(profile) = service.profiles.first().filter(|it| super::is_plain_name(it)) {
        base.extend(["--profile".to_owned(), profile.clone()]);
    }
    let of = |words: &[&str]| {
        let mut argv = base.clone();
        argv.extend(words.iter().map(|it| (*it).to_owned()));
        Work::Program(argv)
    };
    let new = |what: &str, title: &str, kind: Kind, work: Work, rank: u32| {
        let mut draft = Draft::new(
            id(&["compose", label, name, what]),
            &format!("{}{name}: {title}", which(label)),
            kind,
            work,
            service.place.clone(),
        )
        .ranked(rank);
        draft.command.service = Some(name.to_owned());
        draft
    };
    let mut probed = Vec::new();
    let (mut told, mut http) = (false, false);
    for question in checks::questions(service) {
        if let Some(draft) = ask(&base, service, &question, &new) {
            told |= question.kind == Kind::Health && question.judge.is_some();
            http |= question.id == "http";
            if let Work::Http { url } = &draft.command.work {
                probed.push(url.clone());
            }
            out.push(draft);
        }
    }
    if let Some((port, path)) = probe(&service.healthcheck)
        && let Some((host, port)) = reachable(service, port)
    {
        let url = format!("http://{host}:{port}{path}");
        if !probed.contains(&url) {
            let what = if http { "health" } else { "http" };
            let title = format!("{path} by its health check");
            let mut draft = new(what, &title, Kind::Health, Work::Http { url }, 10);
            draft.command.judge = Some(Judge::HTTP_HEALTH);
            draft.command.deadline_s = Some(5);
            out.push(draft);
        }
    }
    if !service.healthcheck.is_empty() && !told {
        let mut words = vec!["exec", "-T", name];
        words.extend(service.healthcheck.iter().map(String::as_str));
        let mut draft = new("healthcheck", "its own health check", Kind::Health, of(&words), 12);
        draft.command.judge = Some(Judge::HEALTHCHECK);
        draft.command.deadline_s = Some(10);
        out.push(draft);
    }
    out.push(new(
        "logs",
        "the last 200 lines",
        Kind::Logs,
        of(&["logs", "--tail", "200", name]),
        20,
    ));
    out.push(new("restart", "restart it", Kind::Deploy, of(&["restart", name]), 36));
    if brief {
        // What is opened or followed by hand is wanted of the stack that is worked with.
        out.retain(|it| {
            it.command.judge.is_some() || !matches!(it.judged, super::Judged::Known(..))
        });
        return out;
    }
    let words = ["logs", "--tail", "50", "--follow", name];
    let mut follow = new("follow", "lines as they come", Kind::Logs, of(&words), 25);
    follow.command.follows = true;
    out.push(follow);
    out.push(new("top", "its processes", Kind::Resources, of(&["top", name]), 30));
    out.push(new("up", "start it", Kind::Deploy, of(&["up", "-d", name]), 35));
    out
}

/// The command that asks a question.
fn ask(
    base: &[String],
    service: &Service,
    question: &Question,
    new: &dyn Fn(&str, &str, Kind, Work, u32) -> Draft,
) -> Option<Draft> {
    let work = match &question.way {
        Way::Exec(argv) => {
            let mut words = base.to_vec();
            words.push("exec".to_owned());
            if !question.interactive {
                words.push("-T".to_owned());
            }
            words.push(service.name.clone());
            words.extend(argv.iter().cloned());
            Work::Program(words)
        }
        Way::Http { port, path } => {
            let (host, port) = reachable(service, *port)?;
            Work::Http { url: format!("http://{host}:{port}{path}") }
        }
        Way::Tcp { port } => {
            let (host, port) = reachable(service, *port)?;
            Work::Tcp { host, port }
        }
    };
    let mut draft = new(question.id, &question.title, question.kind, work, 10);
    draft.judged = super::Judged::Known(question.risk, question.risk_why.to_owned());
    draft.command.judge = question.judge;
    draft.command.interactive = question.interactive;
    draft.command.deadline_s = Some(question.deadline_s);
    Some(draft)
}

/// The port and the path that a health check by curl or wget asks on this host.
fn probe(healthcheck: &[String]) -> Option<(u16, String)> {
    let text = healthcheck.join(" ");
    if !text.contains("curl") && !text.contains("wget") {
        return None;
    }
    let at = text.find("http://")?;
    let rest = text.get(at + "http://".len()..)?;
    let end = rest.find([' ', '"', '\'', '|', ';', ')', '&']).unwrap_or(rest.len());
    let address = rest.get(..end)?;
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let (name, port) = host.rsplit_once(':').unwrap_or((host, "80"));
    let local = matches!(name, "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]");
    let plain = path.chars().all(|it| it.is_ascii_alphanumeric() || "/-._~?=%+".contains(it));
    (local && plain).then_some((port.parse().ok()?, format!("/{path}")))
}

/// The stacks' services whose code lies in a folder, with the address of their first port.
pub fn serving(stacks: &[Stack], path: &str) -> Vec<(Service, String, u16)> {
    let mut out = Vec::new();
    for service in stacks.iter().flat_map(|it| &it.services) {
        let Some(build) = &service.build else { continue };
        let build = build.to_text();
        let inside = build.is_empty() || path.starts_with(&format!("{build}/"));
        // A whole repository as context says nothing of which code is meant.
        if !inside || build.is_empty() {
            continue;
        }
        let address = service.ports.iter().find_map(|it| reachable(service, it.target));
        if let Some((host, port)) = address {
            out.push((service.clone(), host, port));
        }
    }
    out
}

#[cfg(test)]
mod tests;
