//! The failure ladder: how far a check got before it failed, and what to look at next.
//!
//! tool missing → engine down → wrong project → container missing, stopped, restarting, out of
//! memory → unhealthy → the program inside. What the run itself said tells the upper rungs
//! ([`trouble`]); for the rest the engine's list of containers is asked once for all checks
//! ([`climb`]). The texts are those of Docker 20 to 29, Compose 1 and 2 and Podman.

use super::containers::{Container, Health, State};
use super::{Answer, Finding, Rung, Verdict, telling};
use crate::base::RepoPath;
use crate::engine::commands::{Command, Stack, Status, Work};
use crate::engine::output::shown;

/// What a container engine or its Compose said of a run that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// The program that asks is not there.
    NoTool,
    /// The engine is there and has no Compose.
    NoCompose,
    /// The program inside the container is not there, or has no such file.
    NoProgramInside,
    /// The engine does not answer.
    NoEngine,
    /// The engine answers, and not to this user.
    NotAllowed,
    /// The Compose file cannot be used.
    BadFile,
    /// The Compose file has no such service.
    NoService,
    /// The service has no running container in this project.
    NotRunning,
    /// Its container restarts over and over.
    Restarting,
    /// Its container is paused.
    Paused,
}

impl Trouble {
    /// Its rung.
    pub fn rung(self) -> Rung {
        match self {
            Self::NoTool | Self::NoCompose => Rung::Tool,
            Self::NoEngine | Self::NotAllowed => Rung::Daemon,
            Self::BadFile | Self::NoService => Rung::Project,
            Self::NotRunning | Self::Restarting | Self::Paused => Rung::Container,
            Self::NoProgramInside => Rung::App,
        }
    }

    /// The telling line, of which `line` is what was really said.
    pub fn says(self, line: &str) -> String {
        match self {
            Self::NoTool => format!("not installed here: {line}"),
            Self::NoCompose => "this docker has no `compose`".to_owned(),
            Self::NoProgramInside => format!("its container has no such program: {line}"),
            Self::NoEngine => "the container engine does not answer".to_owned(),
            Self::NotAllowed => "this user may not talk to the container engine".to_owned(),
            Self::BadFile => format!("the Compose file cannot be used: {line}"),
            Self::NoService => format!("the Compose project has no such service: {line}"),
            Self::NotRunning => "its container does not run".to_owned(),
            Self::Restarting => "its container restarts over and over".to_owned(),
            Self::Paused => "its container is paused".to_owned(),
        }
    }

    /// The command that looks further, where the list of containers tells nothing better.
    fn next(self) -> Option<&'static str> {
        match self {
            Self::NoTool => None,
            Self::NoCompose => Some("docker compose version; docker-compose version"),
            Self::NoEngine => Some("docker info; systemctl status docker"),
            Self::NotAllowed => Some("id -nG; ls -l /var/run/docker.sock"),
            Self::BadFile | Self::NoService => Some("docker compose ls --all"),
            Self::NotRunning | Self::Restarting | Self::Paused => Some("docker ps --all"),
            Self::NoProgramInside => None,
        }
    }
}

/// What is said for each trouble, in small letters. The first match counts, so that what is said of
/// the whole stands before what is said of a part.
const TEXTS: &[(&str, Trouble)] = &[
    // docker without its Compose plugin: 20–24, then 25 and later; with `-f` it complains of that.
    ("'compose' is not a docker command", Trouble::NoCompose),
    ("unknown command: docker compose", Trouble::NoCompose),
    ("unknown shorthand flag: 'f' in -f", Trouble::NoCompose),
    ("unknown shorthand flag: 'p' in -p", Trouble::NoCompose),
    ("unknown flag: --project-name", Trouble::NoCompose),
    ("looking up compose provider failed", Trouble::NoCompose),
    // A socket that this user may not open says "connect: permission denied" of the same address.
    ("permission denied while trying to connect to the docker", Trouble::NotAllowed),
    ("got permission denied", Trouble::NotAllowed),
    ("permissionerror(13", Trouble::NotAllowed),
    ("cannot connect to the docker daemon", Trouble::NoEngine),
    ("failed to connect to the docker api", Trouble::NoEngine),
    ("couldn't connect to docker daemon", Trouble::NoEngine),
    ("error while fetching server api version", Trouble::NoEngine),
    ("error during connect", Trouble::NoEngine),
    ("cannot connect to podman", Trouble::NoEngine),
    ("unable to connect to podman", Trouble::NoEngine),
    ("read timed out. (read timeout=", Trouble::NoEngine),
    ("connection.ping", Trouble::NoEngine),
    ("docker.sock: connect: connection refused", Trouble::NoEngine),
    ("docker.sock: connect: no such file", Trouble::NoEngine),
    ("no configuration file provided", Trouble::BadFile),
    ("can't find a suitable configuration file", Trouble::BadFile),
    ("is invalid because:", Trouble::BadFile),
    (".filenotfounderror: ", Trouble::BadFile),
    ("yaml: ", Trouble::BadFile),
    ("no such service:", Trouble::NoService),
    ("no container found for", Trouble::NotRunning),
    ("is not running", Trouble::NotRunning),
    ("no such container", Trouble::NotRunning),
    ("no container with name or id", Trouble::NotRunning),
    ("container state improper", Trouble::NotRunning),
    ("can only create exec sessions on running containers", Trouble::NotRunning),
    ("is restarting, wait until the container is running", Trouble::Restarting),
    ("is paused, unpause the container", Trouble::Paused),
    ("oci runtime exec failed: exec failed", Trouble::NoProgramInside),
    ("executable file not found in $path", Trouble::NoProgramInside),
];

/// Lines of an answer that are looked through: engines say it early or last, and at once.
const LOOKED_THROUGH: usize = 200;

/// What the engine or its Compose said, where it was them that failed. What the program inside said
/// is none of it.
pub fn trouble(answer: &Answer<'_>) -> Option<Trouble> {
    let outcome = answer.outcome;
    // What runs things inside says on standard output that it could not.
    let inside = answer.out.lines().take(1).filter(|it| it.starts_with("OCI runtime"));
    let lines = answer.err.lines().take(LOOKED_THROUGH).chain(inside);
    let said: Vec<String> = lines.map(str::to_lowercase).collect();
    let known = TEXTS.iter().find(|(text, _)| said.iter().any(|line| line.contains(text)));
    if let Some((_, trouble)) = known {
        return Some(*trouble);
    }
    // Compose 2 of a file that is not there.
    let missing =
        |it: &String| it.starts_with("open ") && it.ends_with("no such file or directory");
    if said.first().is_some_and(missing) {
        return Some(Trouble::BadFile);
    }
    // A program that is not there: by a shell's status for it, or by not starting at all.
    (outcome.status == Status::NotStarted || outcome.exit == Some(127)).then_some(Trouble::NoTool)
}

/// The engine's list of containers; its columns are told apart by what no name holds. As [`super::containers`] reads it.
pub fn list_argv() -> Vec<String> {
    let label = |name: &str| format!("{{{{.Label \"com.docker.compose.{name}\"}}}}");
    let columns = [
        label("project"),
        label("service"),
        "{{.Names}}".to_owned(),
        "{{.State}}".to_owned(),
        "{{.Status}}".to_owned(),
        label("project.config_files"),
    ];
    let mut argv: Vec<String> =
        ["docker", "ps", "--all", "--no-trunc", "--filter", "label=com.docker.compose.service"]
            .map(str::to_owned)
            .into();
    argv.extend(["--format".to_owned(), columns.join("|")]);
    argv
}

/// What is asked of containers that have ended: name, whether memory ran out, restarts.
pub fn inspect_argv(names: &[&str]) -> Vec<String> {
    let form = "{{.Name}}|{{.State.OOMKilled}}|{{.RestartCount}}";
    let mut argv: Vec<String> = ["docker", "inspect", "--format", form].map(str::to_owned).into();
    argv.extend(names.iter().map(|it| (*it).to_owned()));
    argv
}

/// What the engine told of its containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listing {
    /// It was not asked.
    Unasked,
    /// Its containers; with each of those that ended, whether memory ran out and its restarts.
    Listed {
        /// All that belong to a Compose project.
        containers: Vec<Container>,
        /// Name, whether memory ran out, how often it was started again.
        ended: Vec<(String, bool, u32)>,
    },
    /// It did not answer in time.
    Silent,
    /// It could not be asked.
    Failed(Trouble),
}

impl Listing {
    /// Reads the answer to [`list_argv`].
    pub fn of(answer: &Answer<'_>) -> Self {
        match answer.outcome.status {
            Status::Timeout => Self::Silent,
            Status::Cancelled => Self::Unasked,
            Status::Ok => match super::containers(answer.out) {
                Some(containers) => Self::Listed { containers, ended: Vec::new() },
                None => Self::Unasked,
            },
            Status::Failed | Status::NotStarted => {
                trouble(answer).map_or(Self::Unasked, Self::Failed)
            }
        }
    }

    /// Whether a stack has containers at all, running or not, under whatever project; `None` when
    /// that is not known.
    pub fn has(&self, stack: &Stack, root: &str) -> Option<bool> {
        let Self::Listed { containers, .. } = self else { return None };
        let named = |it: &Container| stack.services.iter().any(|own| own.name == it.service);
        Some(containers.iter().any(|it| named(it) && is_of(it, stack, root)))
    }

    /// Names of the containers that [`inspect_argv`] tells more of.
    pub fn to_inspect(&self) -> Vec<&str> {
        let Self::Listed { containers, .. } = self else { return Vec::new() };
        let ended = containers.iter().filter(|it| {
            it.state == State::Restarting || (it.state == State::Exited && it.exit != Some(0))
        });
        // Names with a dash in front would be options; no engine makes such.
        ended.map(|it| it.name.as_str()).filter(|it| !it.starts_with('-')).take(50).collect()
    }

    /// Takes over the answer to [`inspect_argv`].
    pub fn add_inspected(&mut self, out: &str) {
        let Self::Listed { ended, .. } = self else { return };
        ended.extend(out.lines().filter_map(|line| {
            let mut columns = line.split('|').map(str::trim);
            let name = columns.next()?.trim_start_matches('/').to_owned();
            let memory = columns.next()? == "true";
            Some((name, memory, columns.next()?.parse().ok()?))
        }));
    }
}

/// Puts a finding on its rung by what the engine told of the service's containers, and says what to
/// look at next. What is fine stays as it is.
pub fn climb(
    finding: Finding,
    command: &Command,
    stack: Option<&Stack>,
    root: &str,
    listing: &Listing,
) -> Finding {
    if matches!(finding.verdict, Verdict::Ok | Verdict::Skipped) {
        return finding;
    }
    let native = matches!(command.work, Work::Http { .. } | Work::Tcp { .. });
    // What the program inside said for itself is the deepest that can be known, and a tool that is
    // missing says nothing of what is behind it.
    let answered = finding.rung == Some(Rung::App) && finding.verdict != Verdict::Timeout;
    let at_service = command.service.is_some();
    let by_engine = at_service || runs_engine(command);
    let below = match listing {
        _ if !by_engine || (finding.rung == Some(Rung::Tool) && !native) => None,
        Listing::Silent | Listing::Failed(Trouble::NoEngine) if !answered => {
            let next = Trouble::NoEngine.next().map(str::to_owned);
            let summary = match finding.rung {
                Some(Rung::Daemon) => finding.summary.clone(),
                _ => telling::summary(&format!(
                    "{}; the container engine is silent",
                    finding.summary
                )),
            };
            Some(Finding { summary, rung: Some(Rung::Daemon), next, ..finding.clone() })
        }
        Listing::Listed { containers, ended } if native || !answered => {
            let service = command.service.as_deref();
            service.and_then(|service| {
                let seen = Seen { service, containers, ended, root, stack };
                seen.explains(&finding, answered)
            })
        }
        _ => None,
    };
    let mut finding = below.unwrap_or(finding);
    // Nothing above it is known to be at fault.
    finding.rung = finding.rung.or(Some(Rung::App));
    if finding.next.is_none() {
        finding.next = match (finding.rung, stack, &command.service) {
            (Some(Rung::App | Rung::Health), Some(stack), Some(service)) => {
                Some(compose(stack, None, &["logs", "--tail", "50", service]))
            }
            (Some(Rung::Project), Some(stack), Some(service)) => {
                Some(compose(stack, None, &["up", "-d", service]))
            }
            (Some(rung), ..) => next_of(rung).map(str::to_owned),
            (None, ..) => None,
        };
    }
    finding
}

fn next_of(rung: Rung) -> Option<&'static str> {
    match rung {
        Rung::Daemon => Trouble::NoEngine.next(),
        Rung::Project => Trouble::NoService.next(),
        Rung::Container => Trouble::NotRunning.next(),
        Rung::Tool | Rung::Health | Rung::App => None,
    }
}

/// Whether a command's program is a container engine or its Compose.
fn runs_engine(command: &Command) -> bool {
    let Work::Program(argv) = &command.work else { return false };
    let program = argv.first().and_then(|it| it.rsplit('/').next()).unwrap_or_default();
    matches!(program, "docker" | "docker-compose" | "podman" | "podman-compose" | "nerdctl")
}

/// A call of Compose for a stack, from the repository's root, as text that may be copied: names come
/// from files and labels that anybody may have written, so a shell has to take them as they are.
fn compose(stack: &Stack, project: Option<&str>, rest: &[&str]) -> String {
    let mut argv = vec!["docker".to_owned(), "compose".to_owned()];
    argv.extend(project.into_iter().flat_map(|it| ["-p".to_owned(), it.to_owned()]));
    argv.extend(stack.files.iter().flat_map(|it| ["-f".to_owned(), it.to_text().into_owned()]));
    argv.extend(rest.iter().map(|it| (*it).to_owned()));
    shown(&argv)
}

/// What is known of a service's containers.
struct Seen<'a> {
    service: &'a str,
    containers: &'a [Container],
    ended: &'a [(String, bool, u32)],
    root: &'a str,
    stack: Option<&'a Stack>,
}

impl Seen<'_> {
    /// What explains a failing check, if the containers do. `said` is that the program inside, or
    /// somebody in its place, gave an answer.
    fn explains(&self, finding: &Finding, said: bool) -> Option<Finding> {
        let of_service = || self.containers.iter().filter(|it| it.service == self.service);
        let mine =
            || of_service().filter(|it| self.stack.is_none_or(|stack| is_of(it, stack, self.root)));
        let on = |rung, summary: String, next: Option<String>| {
            let verdict = Verdict::Fail;
            Some(Finding { verdict, summary: telling::summary(&summary), rung: Some(rung), next })
        };
        let call = |rest: &[&str]| self.stack.map(|it| compose(it, None, rest));
        let (service, was) = (self.service, &finding.summary);
        // Compose looks for another project than the one that runs.
        let lost = matches!(finding.rung, Some(Rung::Container | Rung::Project));
        let running = |it: &&Container| it.state == State::Running && !it.project.is_empty();
        let elsewhere = match mine().next() {
            Some(_) => mine().find(running),
            // Of all that is called so on this machine only another checkout of the same is meant.
            None => of_service().filter(|it| self.is_alike(it)).find(running),
        };
        if let Some(other) = elsewhere.filter(|_| lost) {
            let project = &other.project;
            let summary =
                format!("it runs as {} of project {project}, not of this one", other.name);
            let next = self.stack.map(|it| compose(it, Some(project), &["ps"]));
            return on(Rung::Project, summary, next);
        }
        let Some(container) = mine().max_by_key(|it| it.state == State::Running) else {
            // Somebody answers in its place, or it runs without a container at all.
            if said {
                return None;
            }
            let names = |stack: &Stack, it: &Container| {
                is_of(it, stack, self.root)
                    && stack.services.iter().any(|own| own.name == it.service)
            };
            let any =
                self.stack.is_some_and(|stack| self.containers.iter().any(|it| names(stack, it)));
            let up = call(&["up", "-d", service]);
            return if any {
                on(Rung::Container, format!("no container of {service}: {was}"), up)
            } else {
                on(Rung::Project, "nothing of this stack is up".to_owned(), up)
            };
        };
        let more = self.ended.iter().find(|it| it.0 == container.name);
        let memory = more.is_some_and(|it| it.1);
        let exit = container.exit.map_or_else(String::new, |it| format!(" ({it})"));
        let logs = call(&["logs", "--tail", "50", service]);
        let start = call(&["up", "-d", service]);
        match container.state {
            State::Restarting => {
                let times = more.map_or_else(String::new, |it| format!(", {} times so far", it.2));
                let why = if memory {
                    "out of memory, it restarts".to_owned()
                } else {
                    format!("restarts over and over{exit}")
                };
                on(Rung::Container, format!("{} {why}{times}", container.name), logs)
            }
            State::Exited | State::Dead if memory => {
                on(Rung::Container, format!("{} was killed: out of memory", container.name), start)
            }
            State::Exited | State::Dead => {
                let killed = if container.exit == Some(137) { ", killed" } else { "" };
                let ago = ago(&container.status);
                on(
                    Rung::Container,
                    format!("{} has ended{exit}{killed}{ago}", container.name),
                    start,
                )
            }
            State::Created => {
                on(Rung::Container, format!("{} was never started", container.name), start)
            }
            State::Paused => {
                let next = call(&["unpause", service]);
                on(Rung::Container, format!("{} is paused", container.name), next)
            }
            State::Running => match container.health {
                Some(Health::Unhealthy) if !said => Some(Finding {
                    summary: telling::summary(&format!("{was}; its container says unhealthy")),
                    rung: Some(Rung::Health),
                    next: logs,
                    ..finding.clone()
                }),
                Some(Health::Starting) if !said => Some(Finding {
                    summary: telling::summary(&format!("{was}; its container is still starting")),
                    rung: Some(Rung::Health),
                    next: logs,
                    ..finding.clone()
                }),
                _ => Some(Finding { rung: Some(Rung::App), next: logs, ..finding.clone() }),
            },
        }
    }
}

impl Seen<'_> {
    /// Whether a container was made from files of the same names, in whatever folder.
    fn is_alike(&self, container: &Container) -> bool {
        let Some(stack) = self.stack else { return false };
        let ends = |file: &RepoPath| {
            let end = format!("/{}", file.to_text());
            container.files.split(',').any(|it| it.ends_with(&end))
        };
        container.files.is_empty() || stack.files.iter().any(ends)
    }
}

/// Whether a container was made from a stack's files. One that does not tell is taken for it.
fn is_of(container: &Container, stack: &Stack, root: &str) -> bool {
    let made_from = |file: &RepoPath| {
        let own = format!("{root}/{}", file.to_text());
        container.files.split(',').any(|it| it == own)
    };
    container.files.is_empty() || stack.files.is_empty() || stack.files.iter().any(made_from)
}

/// What to say of a check whose stack is not up while another one of the repository is: whatever
/// answered was not what it looks at.
pub fn not_up(stack: &Stack) -> Finding {
    let next = Some(compose(stack, None, &["up", "-d"]));
    Finding { next, ..Finding::skipped("nothing of this stack is up") }
}

/// `, 3 seconds ago` of `Exited (137) 3 seconds ago`.
fn ago(status: &str) -> String {
    let rest = status.split_once(") ").map(|it| it.1).filter(|it| it.ends_with(" ago"));
    rest.map_or_else(String::new, |it| format!(", {it}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::checks::{Judge, judge};
    use crate::engine::commands::{Kind, Outcome, Place, Risk, Service};

    fn ended(status: Status, exit: Option<i32>) -> Outcome {
        Outcome { status, exit, ms: 40, dropped_bytes: 0, notes: vec![] }
    }

    /// Taken from what the programs really print.
    #[test]
    fn what_engines_and_composes_say() {
        for (exit, err, trouble_is) in [
            // docker 28, and 20.10, without their plugin.
            (
                125,
                "unknown shorthand flag: 'f' in -f\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n",
                Some(Trouble::NoCompose),
            ),
            (
                1,
                "docker: unknown command: docker compose\n\nRun 'docker --help' for more information\n",
                Some(Trouble::NoCompose),
            ),
            (
                1,
                "docker: 'compose' is not a docker command.\nSee 'docker --help'\n",
                Some(Trouble::NoCompose),
            ),
            (127, "sh: 1: docker: not found\n", Some(Trouble::NoTool)),
            (127, "bash: line 1: docker-compose: command not found\n", Some(Trouble::NoTool)),
            // docker 20–28, 29, by TCP, of an unknown host.
            (
                1,
                "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n",
                Some(Trouble::NoEngine),
            ),
            (
                1,
                "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory\n",
                Some(Trouble::NoEngine),
            ),
            (
                1,
                "error during connect: Get \"http://nosuch.invalid:2375/v1.50/containers/json\": dial tcp: lookup nosuch.invalid: no such host\n",
                Some(Trouble::NoEngine),
            ),
            // Compose 1.
            (
                1,
                "Traceback (most recent call last):\n  File \"x.py\", line 30, in connect\nFileNotFoundError: [Errno 2] No such file or directory\n\ndocker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', FileNotFoundError(2, 'No such file or directory'))\n",
                Some(Trouble::NoEngine),
            ),
            (
                1,
                "PermissionError: [Errno 13] Permission denied\ndocker.errors.DockerException: Error while fetching server API version: ('Connection aborted.', PermissionError(13, 'Permission denied'))\n",
                Some(Trouble::NotAllowed),
            ),
            (
                1,
                "UnixHTTPConnectionPool(host='localhost', port=None): Read timed out. (read timeout=60)\n",
                Some(Trouble::NoEngine),
            ),
            (1, "ERROR: No container found for postgres_1\n", Some(Trouble::NotRunning)),
            (1, "ERROR: No such service: nosuch\n", Some(Trouble::NoService)),
            (
                1,
                "The Compose file './docker-compose.yml' is invalid because:\n'name' does not match any of the regexes: '^x-'\n",
                Some(Trouble::BadFile),
            ),
            (
                1,
                "\n        Can't find a suitable configuration file in this directory or any\n        parent. Are you in the right directory?\n",
                Some(Trouble::BadFile),
            ),
            (
                1,
                ".FileNotFoundError: [Errno 2] No such file or directory: './nosuch.yml'\n",
                Some(Trouble::BadFile),
            ),
            // Compose 2.
            (14, "no configuration file provided: not found\n", Some(Trouble::BadFile)),
            (14, "open /tmp/nosuch.yml: no such file or directory\n", Some(Trouble::BadFile)),
            (1, "service \"redis\" is not running\n", Some(Trouble::NotRunning)),
            (1, "service \"redis\" is not running container #1\n", Some(Trouble::NotRunning)),
            (1, "no such service: nosuch\n", Some(Trouble::NoService)),
            (
                1,
                "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.50/containers/json\": dial unix /var/run/docker.sock: connect: permission denied\n",
                Some(Trouble::NotAllowed),
            ),
            (
                1,
                "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock\n",
                Some(Trouble::NotAllowed),
            ),
            // The engine, of one container.
            (
                1,
                "Error response from daemon: Container bf30c4b913cb is not running\n",
                Some(Trouble::NotRunning),
            ),
            (
                1,
                "Error response from daemon: container bf30c4b913cb is not running\n",
                Some(Trouble::NotRunning),
            ),
            (1, "Error response from daemon: No such container: api\n", Some(Trouble::NotRunning)),
            (
                1,
                "Error response from daemon: Container bf30 is paused, unpause the container before exec\n",
                Some(Trouble::Paused),
            ),
            (
                1,
                "Error response from daemon: Container 92b4 is restarting, wait until the container is running\n",
                Some(Trouble::Restarting),
            ),
            // Podman.
            (
                125,
                "Error: no container with name or ID \"p_db_1\" found: no such container\n",
                Some(Trouble::NotRunning),
            ),
            (
                255,
                "Error: can only create exec sessions on running containers: container state improper\n",
                Some(Trouble::NotRunning),
            ),
            (
                125,
                "Cannot connect to Podman. Please verify your connection to the Linux system using `podman system connection list`, or try `podman machine init` and `podman machine start`\n",
                Some(Trouble::NoEngine),
            ),
            (
                125,
                "Error: looking up compose provider failed\n7 errors occurred:\n",
                Some(Trouble::NoCompose),
            ),
            // What a program inside says is its own.
            (
                2,
                "psql: error: connection to server on socket failed: Connection refused\n\tIs the server running locally and accepting connections on that socket?\n",
                None,
            ),
            (1, "Could not connect to Redis at 127.0.0.1:6379: Connection refused\n", None),
        ] {
            let outcome = ended(Status::Failed, Some(exit));
            let found = trouble(&Answer { outcome: &outcome, out: "", err });
            assert_eq!(found, trouble_is, "{err}");
        }
        let outcome = ended(Status::Failed, Some(126));
        let out = "OCI runtime exec failed: exec failed: unable to start container process: exec: \"psql\": executable file not found in $PATH: unknown\n";
        let answer = Answer { outcome: &outcome, out, err: "" };
        assert_eq!(trouble(&answer), Some(Trouble::NoProgramInside));
        let outcome = ended(Status::NotStarted, None);
        assert_eq!(trouble(&Answer { outcome: &outcome, out: "", err: "" }), Some(Trouble::NoTool));
    }

    fn stack() -> Stack {
        let service = |name: &str| Service {
            name: name.into(),
            place: Place { path: RepoPath::from("ops/compose.yml"), line: 3 },
            image: None,
            build: None,
            command: String::new(),
            ports: vec![],
            environment: vec![],
            healthcheck: vec![],
            container_name: None,
            profiles: vec![],
            depends_on: vec![],
        };
        Stack {
            files: vec![RepoPath::from("ops/compose.yml")],
            folder: Some(RepoPath::from("ops")),
            name: None,
            services: vec![service("db"), service("api")],
        }
    }

    fn check(work: Work) -> Command {
        Command {
            id: "compose.db.status".into(),
            title: String::new(),
            kind: Kind::Database,
            work,
            env: vec![],
            cwd: RepoPath::from(""),
            place: Place { path: RepoPath::from("ops/compose.yml"), line: 3 },
            risk: Risk::ReadOnly,
            risk_why: String::new(),
            body: String::new(),
            files: vec![],
            parameters: vec![],
            follows: false,
            interactive: false,
            service: Some("db".into()),
            judge: None,
            deadline_s: None,
        }
    }

    fn listed(rows: &str, inspected: &str) -> Listing {
        let outcome = ended(Status::Ok, Some(0));
        let mut listing = Listing::of(&Answer { outcome: &outcome, out: rows, err: "" });
        listing.add_inspected(inspected);
        listing
    }

    #[test]
    fn each_rung_is_named_with_its_next_command() {
        let exec = || Work::Program(vec!["docker".into(), "compose".into()]);
        let http = || Work::Http { url: "http://localhost:1/".into() };
        let lost = "service \"db\" is not running\n";
        let of = "-f ops/compose.yml";
        let row = |project: &str, state: &str, status: &str| {
            format!("{project}|db|{project}-db-1|{state}|{status}|/r/ops/compose.yml\n")
        };
        let gone = row("p", "exited", "Exited (137) 3 seconds ago");
        let table = [
            (
                exec(),
                1,
                lost,
                row("other", "running", "Up 2 hours"),
                "",
                Rung::Project,
                "it runs as other-db-1 of project other, not of this one",
                format!("docker compose -p other {of} ps"),
            ),
            (
                exec(),
                1,
                lost,
                String::new(),
                "",
                Rung::Project,
                "nothing of this stack is up",
                format!("docker compose {of} up -d db"),
            ),
            (
                exec(),
                1,
                lost,
                gone.replace("|db|", "|api|"),
                "",
                Rung::Container,
                "no container of db: its container does not run",
                format!("docker compose {of} up -d db"),
            ),
            (
                exec(),
                1,
                lost,
                gone.clone(),
                "/p-db-1|false|0\n",
                Rung::Container,
                "p-db-1 has ended (137), killed, 3 seconds ago",
                format!("docker compose {of} up -d db"),
            ),
            (
                exec(),
                1,
                lost,
                gone.clone(),
                "/p-db-1|true|0\n",
                Rung::Container,
                "p-db-1 was killed: out of memory",
                format!("docker compose {of} up -d db"),
            ),
            (
                exec(),
                1,
                lost,
                row("p", "restarting", "Restarting (1) 2 seconds ago"),
                "/p-db-1|false|7\n",
                Rung::Container,
                "p-db-1 restarts over and over (1), 7 times so far",
                format!("docker compose {of} logs --tail 50 db"),
            ),
            (
                exec(),
                1,
                "Error response from daemon: Container a is paused, unpause the container before exec\n",
                row("p", "paused", "Up 2 minutes (Paused)"),
                "",
                Rung::Container,
                "p-db-1 is paused",
                format!("docker compose {of} unpause db"),
            ),
            (
                exec(),
                1,
                "psql: error: no\n",
                row("p", "running", "Up 2 minutes (unhealthy)"),
                "",
                Rung::App,
                "psql: error: no",
                format!("docker compose {of} logs --tail 50 db"),
            ),
            (
                http(),
                1,
                "connection refused",
                row("p", "running", "Up 2 minutes (unhealthy)"),
                "",
                Rung::Health,
                "connection refused; its container says unhealthy",
                format!("docker compose {of} logs --tail 50 db"),
            ),
            (
                http(),
                1,
                "connection refused",
                gone.clone(),
                "",
                Rung::Container,
                "p-db-1 has ended (137), killed, 3 seconds ago",
                format!("docker compose {of} up -d db"),
            ),
            (
                http(),
                1,
                "connection refused",
                row("p", "running", "Up 2 minutes"),
                "",
                Rung::App,
                "connection refused",
                format!("docker compose {of} logs --tail 50 db"),
            ),
        ];
        for (work, exit, err, rows, inspected, rung, summary, next) in table {
            let outcome = ended(Status::Failed, Some(exit));
            let how = if matches!(work, Work::Http { .. }) {
                Judge::HTTP_HEALTH
            } else {
                Judge { product: "postgres", question: "status" }
            };
            let finding = judge(&how, &Answer { outcome: &outcome, out: "", err });
            let found =
                climb(finding, &check(work), Some(&stack()), "/r", &listed(&rows, inspected));
            assert_eq!(
                (found.verdict, found.rung, found.summary.as_str(), found.next.as_deref()),
                (Verdict::Fail, Some(rung), summary, Some(next.as_str()))
            );
        }
    }

    #[test]
    fn what_may_be_copied_is_quoted_and_other_repositories_are_left_alone() {
        let mut stack = stack();
        stack.services[0].name = "db; rm -rf ~".into();
        let text = compose(&stack, Some("$(id)"), &["up", "-d", "db; rm -rf ~"]);
        assert_eq!(text, "docker compose -p '$(id)' -f ops/compose.yml up -d 'db; rm -rf ~'");
        let lost = Finding { rung: Some(Rung::Container), ..Finding::fail("gone") };
        let exec = check(Work::Program(vec!["docker".into()]));
        let of = |files: &str| {
            let row = format!("other|db|other-db-1|running|Up 2 hours|{files}\n");
            climb(lost.clone(), &exec, Some(&super::tests::stack()), "/r", &listed(&row, ""))
                .summary
        };
        assert_eq!(of("/elsewhere/docker-compose.yml"), "nothing of this stack is up");
        assert!(of("/copy/ops/compose.yml").contains("of project other"));
    }

    #[test]
    fn an_engine_that_is_frozen_or_gone_is_named_for_all_that_needs_it() {
        let exec = check(Work::Program(vec!["docker".into()]));
        let slow = Finding {
            verdict: Verdict::Timeout,
            rung: None,
            ..Finding::fail("no answer in 5.0 s")
        };
        let found = climb(slow.clone(), &exec, Some(&stack()), "/r", &Listing::Silent);
        assert_eq!((found.verdict, found.rung), (Verdict::Timeout, Some(Rung::Daemon)));
        assert_eq!(found.summary, "no answer in 5.0 s; the container engine is silent");
        let own = Command { service: None, work: Work::Shell("make test".into()), ..exec.clone() };
        assert_eq!(climb(slow.clone(), &own, None, "/r", &Listing::Silent).rung, Some(Rung::App));
        let http = check(Work::Http { url: "http://localhost:1/".into() });
        let found = climb(Finding::fail("HTTP 500 in 2 ms"), &http, None, "/r", &Listing::Silent);
        assert_eq!(found.rung, Some(Rung::App));
        let fine = Finding::ok("HTTP 200 in 2 ms");
        assert_eq!(climb(fine.clone(), &http, None, "/r", &Listing::Silent), fine);
        let waits = climb(slow, &exec, Some(&stack()), "/r", &listed("", ""));
        assert_eq!(waits.rung, Some(Rung::Project));
    }
}
