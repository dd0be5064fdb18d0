//! Where a command really lands: container engine, cluster, hosts. By files and variables alone;
//! no program is asked.
//!
//! Docker: `DOCKER_HOST`, `DOCKER_CONTEXT`, `currentContext` of `config.json`, the context's
//! endpoint in `contexts/meta/SHA-256 OF ITS NAME/meta.json`. Kubernetes: `current-context` of the
//! files of `KUBECONFIG`. Options in the command itself win.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Command, Risk, Work, hex};
use crate::base::text::clean;
use crate::engine::regular;

/// What a command could reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// A docker context.
    DockerContext,
    /// A container engine at an address.
    DockerHost,
    /// A cluster, by the context of its configuration.
    KubeContext,
    /// An account, by the profile of a cloud's tools.
    Profile,
    /// A host that is named.
    Host,
}

/// A place where a command lands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name. Cleaned.
    pub name: String,
    /// What it is.
    pub reach: Reach,
    /// Whether it looks like production.
    pub production: bool,
}

impl Target {
    fn new(name: &str, reach: Reach, also: &str) -> Self {
        let production = looks_like_production(name) || looks_like_production(also);
        Self { name: clean(name).into_owned(), reach, production }
    }

    /// As a phrase: `the docker context prod`.
    pub fn says(&self) -> String {
        let what = match self.reach {
            Reach::DockerContext => "the docker context",
            Reach::DockerHost => "the container engine at",
            Reach::KubeContext => "the kube context",
            Reach::Profile => "the profile",
            Reach::Host => "the host",
        };
        format!("{what} {}", self.name)
    }
}

/// What targets are told by.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The user's home.
    pub home: Option<PathBuf>,
    /// The environment.
    pub variables: Vec<(String, String)>,
}

impl Surroundings {
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.variables.iter().find(|(it, _)| it == name)?;
        (!found.1.is_empty()).then_some(&*found.1)
    }
}

/// Whether a name has a part that says production: `prod-eu`, `db.prod.example.com`, and not
/// `preprod` or `non-prod`.
pub fn looks_like_production(name: &str) -> bool {
    let mut last = String::new();
    for part in name.split(|it: char| !it.is_ascii_alphanumeric()) {
        let part = part.to_ascii_lowercase();
        let bare = part.trim_end_matches(|it: char| it.is_ascii_digit());
        let says = matches!(bare, "prod" | "prd" | "production" | "live" | "produs" | "prodeu");
        if says && !matches!(last.as_str(), "non" | "not" | "no" | "pre") {
            return true;
        }
        last = part;
    }
    false
}

/// Where the command lands, as far as that can be told; nothing for this machine alone.
pub fn targets(command: &Command, root: &Path, around: &Surroundings) -> Vec<Target> {
    let words = words(command);
    let set = |name: &str| {
        let own = command.env.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
        own.filter(|it| !it.is_empty()).or_else(|| around.get(name))
    };
    let mut found = Vec::new();
    let uses = |programs: &[&str]| {
        words.iter().any(|it| {
            programs.contains(&it.trim_start_matches('-').rsplit('/').next().unwrap_or(it))
        })
    };
    if uses(&["docker", "docker-compose", "podman", "podman-compose"]) {
        found.extend(docker(&words, &set, around));
    }
    if uses(&[
        "kubectl",
        "helm",
        "k9s",
        "stern",
        "kustomize",
        "kubectx",
        "oc",
        "helmfile",
        "skaffold",
    ]) {
        found.extend(kube(&words, &set, root, around));
    }
    if uses(&["aws", "terraform", "tofu", "gcloud", "az", "eksctl", "sam", "cdk", "pulumi"]) {
        let options = option(&words, &["--profile", "--project"]);
        let variables = ["AWS_PROFILE", "AWS_VAULT", "CLOUDSDK_CORE_PROJECT", "TF_WORKSPACE"];
        let profile = options.or_else(|| variables.iter().find_map(|it| set(it)));
        found.extend(profile.map(|it| Target::new(it, Reach::Profile, "")));
    }
    // Addresses in the command and in what it is given; those in all of the environment say
    // nothing of this command.
    let given = command.env.iter().map(|(_, value)| value.as_str());
    let defaults = command.parameters.iter().filter_map(|it| it.default.as_deref());
    for host in words.iter().map(String::as_str).chain(given).chain(defaults).filter_map(host) {
        found.push(Target::new(&host, Reach::Host, ""));
    }
    if let Work::Tcp { host, .. } = &command.work
        && !is_here(host)
    {
        found.push(Target::new(host, Reach::Host, ""));
    }
    if command.risk != Risk::ReadOnly {
        found.extend(set_in_files(command, root));
    }
    let mut unique: Vec<Target> = Vec::new();
    for it in found {
        if !unique.contains(&it) {
            unique.push(it);
        }
    }
    // What is production is never behind the others.
    unique.sort_by_key(|it| !it.production);
    unique
}

/// Hosts of production that the `.env` files name which such a command reads: a migration lands
/// where `DATABASE_URL` leads. The other hosts there say little.
fn set_in_files(command: &Command, root: &Path) -> Vec<Target> {
    let mut folders = vec![root.to_owned(), command.cwd.on_disk(root)];
    let argv = command.work.argv();
    // Compose reads that of its first file's folder.
    let file = option(&argv, &["-f", "--file"]).and_then(|it| Path::new(it).parent());
    folders.extend(file.map(|it| command.cwd.on_disk(root).join(it)));
    folders.sort_unstable();
    folders.dedup();
    let mut found = Vec::new();
    for folder in folders {
        let Ok(text) = regular::read_below(root, &folder.join(".env")) else { continue };
        for line in text.lines().filter(|it| !it.trim_start().starts_with('#')) {
            let Some((name, value)) = line.split_once('=') else { continue };
            let value = value.trim().trim_matches(['"', '\'']);
            let name = name.trim().to_ascii_uppercase();
            let names_host = ["HOST", "HOSTNAME", "SERVER", "ENDPOINT"];
            let bare = names_host.iter().any(|it| name.ends_with(it)) && !value.contains("://");
            let named = if bare { authority(value) } else { host(value) };
            let target = named.map(|it| Target::new(&it, Reach::Host, ""));
            found.extend(target.filter(|it| it.production));
        }
    }
    found
}

/// All words of a command: of what runs and of what it would run in the end.
fn words(command: &Command) -> Vec<String> {
    let mut words = match &command.work {
        Work::Program(argv) => argv.clone(),
        Work::Shell(text) => split(text),
        Work::Http { url } => vec![url.clone()],
        Work::Tcp { .. } => Vec::new(),
    };
    words.extend(split(&command.body));
    words
}

fn split(text: &str) -> Vec<String> {
    let parts = text.split(|it: char| it.is_whitespace() || "'\"`;|&()".contains(it));
    // What make reads before a recipe's line, as in `@docker`.
    let bare = parts.map(|it| it.trim_start_matches(['@', '+']));
    bare.filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// The value of the first of these options: `--context X`, `--context=X`.
fn option<'a>(words: &'a [String], names: &[&str]) -> Option<&'a str> {
    words.iter().enumerate().find_map(|(at, word)| {
        names.iter().find_map(|name| {
            let rest = word.strip_prefix(name)?;
            match rest.strip_prefix('=') {
                Some(value) => Some(value),
                None if rest.is_empty() => words.get(at + 1).map(String::as_str),
                None => None,
            }
        })
    })
}

fn docker<'a>(
    words: &'a [String],
    set: &dyn Fn(&str) -> Option<&'a str>,
    around: &Surroundings,
) -> Option<Target> {
    // `-H` and `--context` before `DOCKER_HOST` before `DOCKER_CONTEXT` before the file. A `-H` that
    // is another program's is looked at all the same: seen too much is better than too little.
    if let Some(address) = option(words, &["--host", "-H"]).filter(|it| it.contains("://")) {
        return engine(address);
    }
    let named = option(words, &["--context"]);
    if named.is_none()
        && let Some(address) = set("DOCKER_HOST")
    {
        return engine(address);
    }
    let folder = set("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| around.home.as_ref().map(|it| it.join(".docker")));
    let from_file = || {
        let text = regular::read(&folder.as_ref()?.join("config.json")).ok()?;
        let value: serde_json::Value = serde_json::from_str(&text).ok()?;
        Some(value.get("currentContext")?.as_str()?.to_owned())
    };
    let named = named.or_else(|| set("DOCKER_CONTEXT")).map(str::to_owned).or_else(from_file)?;
    if named.is_empty() || named == "default" {
        return None;
    }
    let endpoint = || {
        let digest = hex(&Sha256::digest(named.as_bytes()));
        let path = folder.as_ref()?.join("contexts/meta").join(digest).join("meta.json");
        let value: serde_json::Value = serde_json::from_str(&regular::read(&path).ok()?).ok()?;
        Some(value.pointer("/Endpoints/docker/Host")?.as_str()?.to_owned())
    };
    let endpoint = endpoint().unwrap_or_default();
    // Such as `desktop-linux` and `colima`: another engine on this machine.
    if endpoint.starts_with("unix:") || endpoint.starts_with("npipe:") {
        return None;
    }
    Some(Target::new(&named, Reach::DockerContext, &endpoint))
}

fn engine(address: &str) -> Option<Target> {
    let here = address.starts_with("unix:") || address.starts_with("npipe:");
    let away = !here && host(address).is_none_or(|it| !is_here(&it));
    away.then(|| Target::new(address, Reach::DockerHost, ""))
}

fn kube<'a>(
    words: &'a [String],
    set: &dyn Fn(&str) -> Option<&'a str>,
    root: &Path,
    around: &Surroundings,
) -> Option<Target> {
    if let Some(named) = option(words, &["--context", "--kube-context"]) {
        return Some(Target::new(named, Reach::KubeContext, ""));
    }
    let files: Vec<PathBuf> = match option(words, &["--kubeconfig"]).or_else(|| set("KUBECONFIG")) {
        // The program reads them from the folder that it runs in; the root is where most do.
        Some(list) => list.split(':').filter(|it| !it.is_empty()).map(|it| root.join(it)).collect(),
        None => around.home.iter().map(|it| it.join(".kube/config")).collect(),
    };
    files.iter().find_map(|path| {
        let text = regular::read(path).ok()?;
        let named = text.lines().find_map(|it| it.strip_prefix("current-context:"))?;
        let named = named.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        (!named.is_empty()).then(|| Target::new(named, Reach::KubeContext, ""))
    })
}

/// The host of an address, unless it is this machine: `postgres://user:pw@db:5432/x`, `user@host`
/// as ssh has it.
fn host(word: &str) -> Option<String> {
    let rest = if let Some((_, rest)) = word.split_once("://") {
        rest
    } else {
        let (user, rest) = word.split_once('@')?;
        let plain = |it: &str| {
            !it.is_empty()
                && it.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it))
        };
        // A package with its version, such as `left-pad@1.3`, is no host.
        let address = rest.split('.').count() == 4;
        let number = |it: char| it.is_ascii_digit() || it == '^' || it == '~';
        let version = rest.starts_with(number) && !address;
        (plain(user) && !version && rest != "latest").then_some(rest)?
    };
    authority(rest)
}

/// The host of what stands after `://`, unless it is this machine.
fn authority(rest: &str) -> Option<String> {
    let rest = rest.split(['/', '?', '#', ',']).next()?;
    let rest = rest.rsplit('@').next()?;
    let host = match rest.strip_prefix('[') {
        Some(six) => six.split(']').next()?,
        None => rest.split(':').next()?,
    };
    (!host.is_empty() && !host.starts_with('$') && !is_here(host)).then(|| host.to_owned())
}

fn is_here(host: &str) -> bool {
    matches!(host, "localhost" | "::1" | "0.0.0.0" | "host.docker.internal" | "[::1]")
        || host.starts_with("127.")
        || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::super::tests::command;
    use super::*;
    use std::fs;

    fn around(home: &Path, variables: &[(&str, &str)]) -> Surroundings {
        let variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Surroundings { home: Some(home.into()), variables: variables.collect() }
    }

    fn said(argv: &[&str], around: &Surroundings) -> Vec<String> {
        let found = targets(&command("a", argv), Path::new("/r"), around);
        found
            .iter()
            .map(|it| format!("{}{}", if it.production { "! " } else { "" }, it.says()))
            .collect()
    }

    #[test]
    fn names_of_production() {
        for yes in
            ["prod", "prod-eu", "db.prod.example.com", "gke_x_production_y", "PRD2", "app.live"]
        {
            assert!(looks_like_production(yes), "{yes}");
        }
        for no in
            ["preprod", "non-prod", "pre-prod", "product", "staging", "reproduce", "delivery", ""]
        {
            assert!(!looks_like_production(no), "{no}");
        }
    }

    #[test]
    fn docker_lands_where_its_context_says() {
        let home = tempfile::tempdir().unwrap();
        let none = around(home.path(), &[]);
        let up = ["docker", "compose", "up", "-d"];
        assert!(said(&up, &none).is_empty());
        fs::create_dir(home.path().join(".docker")).unwrap();
        let file = home.path().join(".docker/config.json");
        fs::write(&file, r#"{"auths":{},"currentContext":"blue"}"#).unwrap();
        assert_eq!(said(&up, &none), ["the docker context blue"]);
        // sha256("blue")
        let digest = hex(&Sha256::digest(b"blue"));
        let meta = home.path().join(".docker/contexts/meta").join(digest);
        fs::create_dir_all(&meta).unwrap();
        let endpoint = |host: &str| {
            let text = format!(r#"{{"Name":"blue","Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
            fs::write(meta.join("meta.json"), text).unwrap();
        };
        endpoint("ssh://ops@web.prod.example.com");
        assert_eq!(said(&up, &none), ["! the docker context blue"]);
        endpoint("unix:///home/x/.colima/docker.sock");
        assert!(said(&up, &none).is_empty());
        let host = around(home.path(), &[("DOCKER_HOST", "tcp://10.1.2.3:2376")]);
        assert_eq!(said(&up, &host), ["the container engine at tcp://10.1.2.3:2376"]);
        let local = around(home.path(), &[("DOCKER_HOST", "unix:///run/docker.sock")]);
        assert!(said(&up, &local).is_empty());
        assert_eq!(
            said(&["docker", "--context", "prod", "ps"], &host),
            ["! the docker context prod"]
        );
        fs::write(&file, "not json").unwrap();
        assert!(said(&up, &none).is_empty());
        assert!(said(&["ls"], &host).is_empty());
    }

    #[test]
    fn kubectl_lands_where_its_context_says() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".kube")).unwrap();
        let file = home.path().join(".kube/config");
        fs::write(&file, "apiVersion: v1\ncontexts:\n- name: a\ncurrent-context: \"eu-prod\"\n")
            .unwrap();
        let plain = around(home.path(), &[]);
        assert_eq!(said(&["kubectl", "get", "pods"], &plain), ["! the kube context eu-prod"]);
        assert_eq!(
            said(&["kubectl", "--context=dev", "get", "pods"], &plain),
            ["the kube context dev"]
        );
        let other = home.path().join("other");
        fs::write(&other, "current-context: kind-dev # here\n").unwrap();
        let set = around(home.path(), &[("KUBECONFIG", other.to_str().unwrap())]);
        assert_eq!(said(&["helm", "ls"], &set), ["the kube context kind-dev"]);
    }

    #[test]
    fn hosts_in_the_command_are_told() {
        let home = tempfile::tempdir().unwrap();
        let plain = around(home.path(), &[("DATABASE_URL", "postgres://x@elsewhere/db")]);
        assert_eq!(
            said(&["psql", "postgres://u:secret@db.prod.example.com:5432/x"], &plain),
            ["! the host db.prod.example.com"]
        );
        assert_eq!(said(&["ssh", "ops@10.0.0.1", "uptime"], &plain), ["the host 10.0.0.1"]);
        assert!(said(&["curl", "http://localhost:8000/health"], &plain).is_empty());
        assert!(said(&["npm", "i", "left-pad@1.3.0", "x@latest"], &plain).is_empty());
        let mut it = command("a", &["make", "deploy"]);
        it.body = "deploy:\n\tkubectl --context prod apply -f k8s\n".into();
        assert_eq!(targets(&it, Path::new("/r"), &plain)[0].name, "prod");
        it.body = "deploy:\n\techo\n".into();
        it.env = vec![("API".into(), "https://api.live.example.com".into())];
        assert!(targets(&it, Path::new("/r"), &plain)[0].production);
        let root = home.path();
        fs::create_dir(root.join("docker")).unwrap();
        let text = "# X=postgres://old.prod.example.com/x\nA=1\nDB_URL=\"postgres://u:p@db.prod.example.com/x\"\n";
        fs::write(root.join("docker/.env"), text).unwrap();
        fs::write(root.join(".env"), "REDIS_HOST=cache-prod\nOTHER=https://dev.example.com\n")
            .unwrap();
        let root = &fs::canonicalize(root).unwrap();
        let mut up = command("a", &["docker", "compose", "-f", "docker/a.yml", "up", "-d"]);
        let names = |it: &Command| {
            targets(it, root, &plain).into_iter().map(|it| it.name).collect::<Vec<_>>()
        };
        assert!(names(&up).is_empty(), "what only reads is not held up by them");
        up.risk = Risk::Changes;
        assert_eq!(names(&up), ["cache-prod", "db.prod.example.com"]);
        let aws = around(home.path(), &[("AWS_PROFILE", "acme-prod")]);
        assert_eq!(said(&["aws", "s3", "ls"], &aws), ["! the profile acme-prod"]);
    }
}
