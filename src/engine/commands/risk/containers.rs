//! Containers and clusters: docker, Compose, kubectl, helm, Terraform.

use super::programs::Verbs;
use super::{Arg, Judgement, Line, Walk, by_words, split_verb};

const DOCKER: Verbs = Verbs {
    values: &[
        "-H",
        "--host",
        "--context",
        "-c",
        "-l",
        "--log-level",
        "--tlscacert",
        "--tlscert",
        "--tlskey",
    ],
    flags: &["-D", "--debug", "--tls", "--tlsverify"],
    reads: &[
        "ps",
        "images",
        "inspect",
        "logs",
        "stats",
        "top",
        "version",
        "info",
        "port",
        "diff",
        "history",
        "search",
        "events",
        "wait",
        "system df",
        "system info",
        "system events",
        "volume ls",
        "volume list",
        "volume inspect",
        "network ls",
        "network list",
        "network inspect",
        "image ls",
        "image list",
        "image inspect",
        "image history",
        "container ls",
        "container list",
        "container ps",
        "container inspect",
        "container logs",
        "container top",
        "container stats",
        "container port",
        "container diff",
        "context ls",
        "context show",
        "context inspect",
        "node ls",
        "node ps",
        "node inspect",
        "service ls",
        "service ps",
        "service inspect",
        "service logs",
        "stack ls",
        "stack ps",
        "stack services",
        "buildx ls",
        "buildx inspect",
        "buildx du",
        "manifest inspect",
        "secret ls",
        "secret inspect",
        "config ls",
        "config inspect",
        "plugin ls",
        "pod ps",
        "healthcheck run",
    ],
    destroys: &[
        "rm",
        "rmi",
        "kill",
        "stop",
        "pause",
        "system prune",
        "system reset",
        "volume rm",
        "volume prune",
        "volume remove",
        "network rm",
        "network prune",
        "image rm",
        "image prune",
        "container rm",
        "container prune",
        "container stop",
        "container kill",
        "container pause",
        "swarm leave",
        "stack rm",
        "service rm",
        "secret rm",
        "config rm",
        "node rm",
        "buildx prune",
        "buildx rm",
        "builder prune",
        "context rm",
        "plugin rm",
        "pod rm",
        "pod stop",
        "pod kill",
        "network disconnect",
    ],
    writes: &[],
};

/// `docker`
pub(super) fn docker(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let Some((_, rest)) = split_verb(line.args, DOCKER.values, DOCKER.flags) else {
        return by_words("`docker` in a way that is not known", line.args);
    };
    let words = |at: usize| rest.get(at).map_or("", |it| it.text.as_str());
    let skip = usize::from(words(0) == "container");
    match words(skip) {
        "compose" if skip == 0 => {
            let args = rest.get(1..).unwrap_or_default();
            compose(walk, &Line { name: "docker compose", args, input: line.input })
        }
        "exec" => {
            let args = rest.get(skip + 1..).unwrap_or_default();
            inside(walk, line, args, &EXEC_VALUES, EXEC_FLAGS)
        }
        "run" | "create" => {
            let made = Judgement::changes("`docker run` starts a container");
            let values: Vec<&str> = EXEC_VALUES.iter().chain(RUN_VALUES).copied().collect();
            let flags: Vec<&str> = EXEC_FLAGS.iter().chain(RUN_FLAGS).copied().collect();
            let inner =
                inside(walk, line, rest.get(skip + 1..).unwrap_or_default(), &values, &flags);
            // An image alone, or an option that is not known: nothing is said about what is inside.
            if inner.risk == super::Risk::Destroys { made.or_worse(inner) } else { made }
        }
        _ => DOCKER.judge_verb(line, rest),
    }
}

const EXEC_VALUES: [&str; 10] = [
    "-e",
    "--env",
    "-u",
    "--user",
    "-w",
    "--workdir",
    "--env-file",
    "--detach-keys",
    "--index",
    "-l",
];
const EXEC_FLAGS: &[&str] = &[
    "-i",
    "-t",
    "-it",
    "-ti",
    "-T",
    "-d",
    "--interactive",
    "--tty",
    "--no-TTY",
    "--detach",
    "--privileged",
    "--no-tty",
    "-iT",
    "-Ti",
    "--interactive=false",
];
const RUN_VALUES: &[&str] = &[
    "-v",
    "--volume",
    "-p",
    "--publish",
    "--name",
    "--network",
    "--net",
    "--entrypoint",
    "--mount",
    "--platform",
    "--hostname",
    "-h",
    "--restart",
    "--memory",
    "-m",
    "--cpus",
    "--label",
];
const RUN_FLAGS: &[&str] =
    &["--rm", "--no-deps", "--service-ports", "--quiet-pull", "--build", "-P", "--init"];

/// What runs inside a container: `[options] NAME PROGRAM…`.
fn inside(
    walk: &mut Walk<'_>,
    line: &Line<'_>,
    args: &[Arg],
    values: &[&str],
    flags: &[&str],
) -> Judgement {
    let Some((told, rest)) = split_verb(args, values, flags) else {
        return by_words("what runs in the container", args);
    };
    // What is set there may make a program run another, as it may here.
    let steered = told.windows(2).any(|it| {
        matches!(it, [option, value] if matches!(option.text.as_str(), "-e" | "--env")
            && (!value.known && !value.text.contains('=')
                || super::walk::steers(value.text.split('=').next().unwrap_or_default())))
    }) || told.iter().any(|it| {
        let glued = it.text.strip_prefix("--env=").or_else(|| it.text.strip_prefix("-e"));
        it.text.starts_with("--env-file")
            || glued.is_some_and(|it| super::walk::steers(it.split('=').next().unwrap_or_default()))
    });
    if steered {
        return by_words("what runs in the container", args);
    }
    let Some((_, inner)) = rest.split_first().filter(|it| !it.1.is_empty()) else {
        return Judgement::changes("what runs in the container is not known");
    };
    let mut judged = walk.elsewhere_run(inner, line.input);
    judged.why = format!("in the container: {}", judged.why);
    judged
}

const COMPOSE: Verbs = Verbs {
    values: &[
        "-f",
        "--file",
        "-p",
        "--project-name",
        "--profile",
        "--env-file",
        "--project-directory",
        "--ansi",
        "--parallel",
        "--progress",
        "-H",
        "--host",
        "--context",
        "-c",
        "--log-level",
    ],
    flags: &[
        "--compatibility",
        "--dry-run",
        "--no-ansi",
        "--verbose",
        "--all-resources",
        "-D",
        "--debug",
    ],
    reads: &[
        "ps", "logs", "top", "images", "port", "version", "ls", "events", "stats", "config",
        "convert", "volumes", "wait", "help",
    ],
    destroys: &["down", "rm", "kill", "stop", "pause"],
    writes: &["-o", "--output", "--lock-image-digests", "--down-project"],
};

/// `docker compose`, `docker-compose`, `podman-compose`
pub(super) fn compose(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let Some((_, rest)) = split_verb(line.args, COMPOSE.values, COMPOSE.flags) else {
        return by_words("Compose in a way that is not known", line.args);
    };
    let elsewhere = |it: &&Arg| it.text.contains("://") || it.text.contains("git@");
    let fetched = line.args.len() - rest.len();
    if line.args.iter().take(fetched).any(|it| elsewhere(&it)) {
        return by_words("Compose with files of another machine", line.args);
    }
    let verb = rest.first().map_or("", |it| it.text.as_str());
    let after = rest.get(1..).unwrap_or_default();
    let has = |options: &[&str]| after.iter().any(|it| options.contains(&it.text.as_str()));
    match verb {
        "exec" => inside(walk, line, after, &EXEC_VALUES, EXEC_FLAGS),
        "run" => {
            let made = Judgement::changes("`docker compose run` starts a container");
            let values: Vec<&str> = EXEC_VALUES.iter().chain(RUN_VALUES).copied().collect();
            let flags: Vec<&str> = EXEC_FLAGS.iter().chain(RUN_FLAGS).copied().collect();
            let inner = inside(walk, line, after, &values, &flags);
            if inner.risk == super::Risk::Destroys { made.or_worse(inner) } else { made }
        }
        "down" if has(&["-v", "--volumes", "--volume"]) => {
            Judgement::destroys("`docker compose down -v` removes containers and their data")
        }
        "down" => Judgement::destroys("`docker compose down` stops and removes the containers"),
        "stop" | "kill" | "pause" => {
            Judgement::destroys(format!("`docker compose {verb}` takes services away"))
        }
        "up" if has(&["-V", "--renew-anon-volumes"]) => {
            Judgement::destroys("`docker compose up -V` throws volumes away")
        }
        "up" | "start" | "create" => {
            Judgement::changes(format!("`docker compose {verb}` starts services"))
        }
        "restart" | "unpause" => Judgement::changes("`docker compose restart` restarts services"),
        "scale" if after.iter().any(|it| it.text.ends_with("=0")) => {
            Judgement::destroys("`docker compose scale` to 0 takes a service away")
        }
        // Output is a file only here; for `logs` and `ps` these letters mean other things.
        "ps" | "logs" | "top" | "port" | "images" | "events" | "stats" => {
            Judgement::reads(format!("`docker compose {verb}` only looks"))
        }
        _ => COMPOSE
            .judge_verb(&Line { name: "docker compose", args: line.args, input: line.input }, rest),
    }
}

const KUBECTL: Verbs = Verbs {
    values: &[
        "-n",
        "--namespace",
        "--context",
        "--cluster",
        "--user",
        "-s",
        "--server",
        "--as",
        "--as-group",
        "--request-timeout",
        "--cache-dir",
        "-v",
        "--v",
        "--token",
        "-l",
        "-o",
        "--certificate-authority",
    ],
    flags: &["--insecure-skip-tls-verify", "-A", "--all-namespaces", "--match-server-version"],
    reads: &[
        "get",
        "describe",
        "logs",
        "top",
        "explain",
        "version",
        "cluster-info",
        "api-resources",
        "api-versions",
        "auth can-i",
        "auth whoami",
        "config current-context",
        "config view",
        "config get-contexts",
        "config get-clusters",
        "config get-users",
        "rollout status",
        "rollout history",
        "events",
        "wait",
        "options",
        "plugin list",
    ],
    destroys: &["delete", "drain"],
    writes: &[
        "--output-directory",
        "--raw",
        "--kubeconfig",
        "--profile-output",
        "--cache-dir",
        "--log-file",
        "--log-dir",
    ],
};

/// `kubectl`
pub(super) fn kubectl(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let Some((_, rest)) = split_verb(line.args, KUBECTL.values, KUBECTL.flags) else {
        return by_words("`kubectl` in a way that is not known", line.args);
    };
    let verb = rest.first().map_or("", |it| it.text.as_str());
    let after = rest.get(1..).unwrap_or_default();
    let has = |texts: &[&str]| after.iter().any(|it| texts.contains(&it.text.as_str()));
    match verb {
        "exec" => {
            let Some(at) = after.iter().position(|it| it.text == "--") else {
                return by_words("what runs in the container", after);
            };
            let inner = after.get(at + 1..).unwrap_or_default();
            if inner.is_empty() {
                return Judgement::changes("what runs in the container is not known");
            }
            let mut judged = walk.elsewhere_run(inner, line.input);
            judged.why = format!("in the container: {}", judged.why);
            judged
        }
        "scale"
            if after.iter().any(|it| matches!(it.text.as_str(), "--replicas=0")) || has(&["0"]) =>
        {
            Judgement::destroys("`kubectl scale` to 0 takes the service away")
        }
        "replace" if has(&["--force"]) => {
            Judgement::destroys("`kubectl replace --force` removes first")
        }
        "apply" if after.iter().any(|it| it.text == "--prune" || it.text == "--prune=true") => {
            Judgement::destroys("`kubectl apply --prune` removes what is not in the files")
        }
        "rollout"
            if matches!(
                after.first().map(|it| it.text.as_str()),
                Some("restart" | "undo" | "pause" | "resume")
            ) =>
        {
            Judgement::changes("`kubectl rollout` changes what runs")
        }
        "get"
            if after.iter().any(|it| {
                it.text.split([',', '/']).any(|it| matches!(it, "secret" | "secrets"))
            }) =>
        {
            Judgement::changes("`kubectl get secret` shows secrets")
        }
        _ => KUBECTL.judge_verb(line, rest),
    }
}

/// `helm`
pub(super) const HELM: Verbs = Verbs {
    values: &["-n", "--namespace", "--kube-context"],
    flags: &["--debug"],
    reads: &[
        "list",
        "ls",
        "status",
        "history",
        "hist",
        "get *",
        "show *",
        "search *",
        "env",
        "version",
        "verify",
        "repo list",
        "template",
        "lint",
        "dependency list",
    ],
    destroys: &["uninstall", "delete", "del", "un"],
    writes: &["--output-dir", "--post-renderer", "--kubeconfig", "--repository-config"],
};

/// `terraform`
pub(super) const TERRAFORM: Verbs = Verbs {
    values: &["-chdir"],
    flags: &["-version"],
    reads: &[
        "show",
        "output",
        "validate",
        "version",
        "graph",
        "state list",
        "state show",
        "state pull",
        "workspace list",
        "workspace show",
    ],
    destroys: &[
        "destroy",
        "apply",
        "taint",
        "force-unlock",
        "state rm",
        "state mv",
        "state push",
        "workspace delete",
        "run-all",
    ],
    writes: &[],
};

/// Small programs around containers.
pub(super) fn small(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    match line.name {
        "kubectx" | "kubens" if !line.args.is_empty() => {
            Judgement::changes(format!("`{}` changes where commands go", line.name))
        }
        _ => Judgement::reads(format!("`{}` only looks", line.name)),
    }
}
