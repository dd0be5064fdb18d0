//! Requests, sockets, services of the machine, and the command lines of clouds.

use super::programs::Verbs;
use super::{Arg, Input, Judgement, Line, Walk, by_words, files};

const SYSTEMCTL: Verbs = Verbs {
    values: &[
        "-t",
        "--type",
        "--state",
        "-p",
        "--property",
        "-n",
        "--lines",
        "-o",
        "--output",
        "-H",
        "--host",
        "-M",
        "--machine",
    ],
    flags: &[
        "--user",
        "--system",
        "--no-pager",
        "-l",
        "--full",
        "-a",
        "--all",
        "--failed",
        "-q",
        "--quiet",
        "--no-legend",
        "--plain",
        "--value",
    ],
    reads: &[
        "status",
        "show",
        "list-units",
        "list-unit-files",
        "is-active",
        "is-enabled",
        "is-failed",
        "cat",
        "list-timers",
        "list-sockets",
        "list-dependencies",
        "list-jobs",
        "get-default",
        "show-environment",
        "is-system-running",
        "help",
    ],
    destroys: &[
        "stop",
        "kill",
        "mask",
        "isolate",
        "poweroff",
        "reboot",
        "halt",
        "suspend",
        "hibernate",
        "disable",
        "rescue",
        "emergency",
        "kexec",
        "soft-reboot",
        "exit",
    ],
    writes: &[],
};

/// `supervisorctl`
pub(super) const SUPERVISOR: Verbs = Verbs {
    values: &["-c", "-s", "-u", "-p", "--configuration", "--serverurl"],
    flags: &[],
    reads: &["status", "tail", "avail", "pid", "maintail", "version"],
    destroys: &["stop", "shutdown", "remove", "clear"],
    writes: &[],
};

/// `pm2`
pub(super) const PM2: Verbs = Verbs {
    values: &[],
    flags: &["-s", "--silent"],
    reads: &[
        "list",
        "ls",
        "l",
        "status",
        "ps",
        "logs",
        "log",
        "describe",
        "show",
        "info",
        "monit",
        "prettylist",
        "jlist",
        "env",
        "id",
        "pid",
        "ping",
    ],
    destroys: &["stop", "delete", "del", "kill", "flush", "unstartup"],
    writes: &[],
};

/// GitHub's `gh` and GitLab's `glab`
pub(super) const GH: Verbs = Verbs {
    values: &["-R", "--repo"],
    flags: &[],
    reads: &[
        "run list",
        "run view",
        "run watch",
        "pr list",
        "pr view",
        "pr status",
        "pr checks",
        "pr diff",
        "issue list",
        "issue view",
        "issue status",
        "repo view",
        "repo list",
        "release list",
        "release view",
        "workflow list",
        "workflow view",
        "auth status",
        "status",
        "search *",
        "cache list",
        "ci list",
        "ci view",
        "ci status",
        "mr list",
        "mr view",
        "mr diff",
    ],
    destroys: &["repo delete", "release delete", "run cancel", "run delete", "cache delete"],
    writes: &["-w", "--web"],
};

/// `heroku`
pub(super) const HEROKU: Verbs = Verbs {
    values: &["-a", "--app", "-r", "--remote"],
    flags: &[],
    reads: &[
        "logs",
        "ps",
        "pg:info",
        "pg:ps",
        "pg:locks",
        "pg:blocking",
        "pg:diagnose",
        "releases",
        "releases:info",
        "addons",
        "apps",
        "config",
        "domains",
        "status",
        "redis:info",
        "apps:info",
    ],
    destroys: &[
        "pg:reset",
        "pg:kill",
        "pg:killall",
        "apps:destroy",
        "addons:destroy",
        "ps:stop",
        "ps:kill",
        "maintenance:on",
        "domains:remove",
    ],
    writes: &[],
};

/// `fly`
pub(super) const FLY: Verbs = Verbs {
    values: &["-a", "--app", "-c", "--config"],
    flags: &["--json"],
    reads: &[
        "status",
        "logs",
        "releases",
        "checks list",
        "machine list",
        "machine status",
        "info",
        "apps list",
        "volumes list",
        "ips list",
        "secrets list",
        "doctor",
        "services list",
    ],
    destroys: &[
        "apps destroy",
        "machine destroy",
        "machine stop",
        "volumes destroy",
        "destroy",
        "machine kill",
        "suspend",
    ],
    writes: &[],
};

/// `systemctl`, which lists units when it is asked for nothing.
pub(super) fn systemctl(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let rest = super::split_verb(line.args, SYSTEMCTL.values, SYSTEMCTL.flags);
    if rest.is_some_and(|it| it.1.is_empty()) && !line.is_open() {
        return Judgement::reads("`systemctl` lists units");
    }
    SYSTEMCTL.judge(line)
}

/// `service NAME VERB`
pub(super) fn service(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let words: Vec<&str> = line.args.iter().map(|it| it.text.as_str()).collect();
    match words.as_slice() {
        ["--status-all"] | [_, "status"] if !line.is_open() => {
            Judgement::reads("`service` tells a status")
        }
        [_, "stop", ..] => Judgement::destroys("`service` stops a service"),
        _ => Judgement::changes("`service` changes a service"),
    }
}

/// `journalctl`
pub(super) fn journalctl(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let removes = line.args.iter().any(|it| it.text.starts_with("--vac"));
    if removes {
        return Judgement::destroys("`journalctl` removes logs");
    }
    let writes =
        ["--rotate", "--flush", "--sync", "--update-catalog", "--setup-keys", "--relinquish-var"];
    if line.may_have(&writes)
        || line.args.iter().any(|it| it.open && !it.known && it.text.starts_with('…'))
    {
        return Judgement::changes("`journalctl` changes how logs are kept");
    }
    Judgement::reads("`journalctl` only looks")
}

/// `curl`: an allow-list of options.
pub(super) fn curl(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    /// Short options without and with a value.
    const FLAGS: &str = "fsSkLIiv0123456gNzqajlR#pn";
    const VALUES: &str = "mHuAebcyYwrxECPt";
    const LONG_FLAGS: &[&str] = &[
        "--silent",
        "--show-error",
        "--fail",
        "--fail-with-body",
        "--location",
        "--head",
        "--include",
        "--insecure",
        "--verbose",
        "--compressed",
        "--get",
        "--http1.1",
        "--http2",
        "--ipv4",
        "--ipv6",
        "--no-buffer",
        "--no-progress-meter",
        "--retry-connrefused",
        "--retry-all-errors",
        "--globoff",
        "--http1.0",
        "--no-keepalive",
        "--http3",
        "--progress-bar",
        "--next",
        "--tlsv1.2",
        "--tlsv1.3",
        "--location-trusted",
        "--negotiate",
        "--basic",
        "--digest",
        "--netrc",
        "--no-sessionid",
    ];
    const LONG_VALUES: &[&str] = &[
        "--max-time",
        "--connect-timeout",
        "--header",
        "--user",
        "--user-agent",
        "--retry",
        "--retry-delay",
        "--retry-max-time",
        "--write-out",
        "--resolve",
        "--connect-to",
        "--cacert",
        "--cert",
        "--key",
        "--unix-socket",
        "--referer",
        "--range",
        "--max-redirs",
        "--url",
        "--proxy",
        "--noproxy",
        "--interface",
        "--cookie",
        "--oauth2-bearer",
        "--capath",
        "--ciphers",
        "--limit-rate",
        "--speed-limit",
        "--speed-time",
        "--url-query",
        "--aws-sigv4",
        "--cert-type",
    ];
    let gets = line.has(&["-G", "--get"]);
    let mut at = 0;
    while let Some(arg) = line.args.get(at) {
        at += 1;
        let text = arg.text.as_str();
        if arg.open {
            return Judgement::changes(
                "where `curl` goes and what it sends is known only when it runs",
            );
        }
        if !arg.is_option() {
            let scheme = text.split_once("://").map(|it| it.0);
            if !matches!(scheme, None | Some("http" | "https")) {
                return Judgement::changes("`curl` speaks another protocol than HTTP");
            }
            continue;
        }
        let (name, mut value) = match text.split_once('=') {
            Some((name, value)) if text.starts_with("--") => {
                (name.to_owned(), Some(value.to_owned()))
            }
            _ => (text.to_owned(), None),
        };
        // `-sSo /dev/null`, `-XPOST`: letters up to the first that takes a value.
        let mut name = name;
        if !name.starts_with("--") {
            let letters: Vec<char> = name.chars().skip(1).collect();
            let place = letters.iter().position(|it| !FLAGS.contains(*it) && *it != 'G');
            let Some(place) = place else { continue };
            let letter = letters.get(place).copied().unwrap_or('?');
            let rest: String = letters.iter().skip(place + 1).collect();
            if !rest.is_empty() {
                value = Some(rest);
            }
            name = format!("-{letter}");
        }
        if LONG_FLAGS.contains(&name.as_str()) {
            continue;
        }
        let plain = name.len() == 2 && name.chars().nth(1).is_some_and(|it| VALUES.contains(it));
        let next = |at: &mut usize| {
            let next = line.args.get(*at);
            *at += 1;
            next.filter(|it| it.known).map(|it| it.text.clone())
        };
        let had = value.is_some();
        if (plain && !matches!(name.as_str(), "-c")) || LONG_VALUES.contains(&name.as_str()) {
            let told = value.clone().or_else(|| line.args.get(at).map(|it| it.text.clone()));
            if told.is_some_and(|it| it.contains("%output") || it.contains("%{output")) {
                return Judgement::changes("`curl` writes a file");
            }
            if !had {
                // What is in a header may be a secret that nobody knows here; it is no option.
                at += 1;
            }
            continue;
        }
        let value = value.or_else(|| next(&mut at));
        let value = value.unwrap_or_default();
        match name.as_str() {
            "-X" | "--request" => {
                if !matches!(value.as_str(), "GET" | "HEAD" | "OPTIONS") {
                    return request(&value, "curl");
                }
            }
            "-o" | "--output" | "-D" | "--dump-header" | "--stderr" | "--trace-ascii" => {
                let one = files::written(&value);
                if one.risk > super::Risk::ReadOnly {
                    return one;
                }
            }
            "-d" | "--data" | "--data-urlencode" | "--data-raw" | "--data-binary" if gets => {}
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-urlencode" | "--json"
            | "-F" | "--form" | "-T" | "--upload-file" | "--data-ascii" | "--form-string" => {
                return Judgement::changes("`curl` sends data");
            }
            _ => return Judgement::changes("`curl` with an option that may write"),
        }
    }
    Judgement::reads("`curl` only asks")
}

fn request(method: &str, program: &str) -> Judgement {
    let shown = crate::base::text::clean(method);
    if method.eq_ignore_ascii_case("delete") {
        return Judgement::destroys(format!("`{program}` sends DELETE"));
    }
    Judgement::changes(format!("`{program}` sends {shown}"))
}

/// `wget`, which writes a file unless it is told not to.
pub(super) fn wget(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    const SAFE: &[&str] = &[
        "-q",
        "--quiet",
        "-S",
        "--server-response",
        "--spider",
        "-nv",
        "--no-verbose",
        "-4",
        "-6",
        "--no-check-certificate",
        "-T",
        "--timeout",
        "-t",
        "--tries",
        "--header",
        "-O",
        "-qO",
        "--output-document",
        "--no-proxy",
        "-Y",
        "--connect-timeout",
        "-U",
        "--user-agent",
        "-c",
    ];
    let mut target = None;
    let mut at = 0;
    while let Some(arg) = line.args.get(at) {
        at += 1;
        if arg.open {
            return Judgement::changes("what `wget` does is known only when it runs");
        }
        if !arg.is_option() {
            continue;
        }
        let text = arg.text.as_str();
        let name = text.split('=').next().unwrap_or(text);
        if let Some(value) = text.strip_prefix("-qO").or_else(|| text.strip_prefix("-O"))
            && !value.is_empty()
        {
            target = Some(value.to_owned());
        } else if matches!(name, "-O" | "-qO" | "--output-document" | "-SO" | "-qSO") {
            target = text.split_once('=').map(|it| it.1.to_owned());
            if target.is_none() {
                target = line.args.get(at).map(|it| it.text.clone());
                at += 1;
            }
        } else if matches!(name, "-T" | "-t" | "--header" | "-U" | "-Y") && !text.contains('=') {
            at += 1;
        } else if !SAFE.contains(&name)
            && name
                .strip_prefix("-T")
                .or_else(|| name.strip_prefix("-t"))
                .is_none_or(|it| it.parse::<u32>().is_err())
        {
            return Judgement::changes("`wget` with an option that may write or send");
        }
    }
    match target {
        Some(it) => Judgement::reads("`wget` only asks").or_worse(files::written(&it)),
        None if line.has(&["--spider"]) => Judgement::reads("`wget --spider` only asks"),
        None => Judgement::changes("`wget` writes a file"),
    }
}

/// `http`, of `HTTPie`
pub(super) fn httpie(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let words: Vec<&Arg> = line.operands().collect();
    let first = words.first().map_or("", |it| it.text.as_str());
    let method = !first.is_empty() && first.chars().all(|it| it.is_ascii_uppercase());
    if method && !matches!(first, "GET" | "HEAD" | "OPTIONS") {
        return request(first, line.name);
    }
    let sends = words.iter().skip(1 + usize::from(method)).any(|it| {
        let text = it.text.replace("==", "");
        text.contains(['=', '@']) || text.contains(":=")
    });
    if sends
        || line.is_open()
        || line.has(&["-d", "--download", "-o", "--output", "--session", "--raw", "-f", "--form"])
        || *line.input != Input::None
    {
        return Judgement::changes(format!("`{}` sends data or writes", line.name));
    }
    Judgement::reads(format!("`{}` only asks", line.name))
}

/// `nc`: looking whether a port is open, or a few words that only ask.
pub(super) fn netcat(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let harmful = ['l', 'e', 'c', 'k'].iter().any(|it| line.has_short(*it))
        || line.has(&["--listen", "--exec", "--sh-exec", "--lua-exec", "--keep-open"]);
    if !harmful && !line.is_open() && line.name != "telnet" {
        if line.has_short('z') {
            return Judgement::reads("`nc -z` only connects");
        }
        let asks =
            ["stats", "version", "quit", "ping", "info", "ruok", "stat", "mntr", "srvr", "show"];
        if let Input::Text(text) = line.input
            && text.lines().all(|it| {
                let word = it.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
                word.is_empty() || asks.contains(&word.trim_end_matches("\\r"))
            })
        {
            return Judgement::reads("`nc` only asks");
        }
    }
    Judgement::changes(format!("what `{}` sends is not known", line.name))
}

/// `ip`
pub(super) fn ip(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let words: Vec<&str> = line.operands().map(|it| it.text.as_str()).collect();
    let looks = match words.as_slice() {
        [_] | [] => true,
        [_, verb, ..] => matches!(*verb, "show" | "list" | "ls" | "get" | "s" | "sh" | "l"),
    };
    if looks && !line.is_open() && !line.has(&["-b", "-batch", "-force"]) {
        return Judgement::reads("`ip` only looks");
    }
    by_words("`ip`", line.args)
}

/// Programs that look without arguments, or with a few.
pub(super) fn looking(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let first = line.args.first().map_or("", |it| it.text.as_str());
    let looks = match line.name {
        "ss" => !line.has_short('K') && !line.has(&["--kill"]),
        "ifconfig" | "arp" => {
            line.args.iter().all(|it| matches!(it.text.as_str(), "-a" | "-n" | "-an"))
        }
        "iptables" | "ip6tables" => {
            (line.has_short('L') || line.has_short('S') || line.has(&["--list", "--list-rules"]))
                && !['A', 'D', 'I', 'R', 'F', 'X', 'P', 'N', 'Z', 'E']
                    .iter()
                    .any(|it| line.has_short(*it))
                && !line.args.iter().any(|it| {
                    [
                        "--append",
                        "--delete",
                        "--insert",
                        "--flush",
                        "--policy",
                        "--zero",
                        "--new",
                        "--replace",
                        "--rename",
                    ]
                    .iter()
                    .any(|long| it.text.starts_with(long))
                })
        }
        "nft" => first == "list",
        "ufw" => first == "status",
        "sysctl" => {
            !line.has(&["-w", "-p", "--write", "--load", "--system"])
                && line.args.iter().all(|it| {
                    !it.text.contains('=')
                        && !it.text.starts_with("-p")
                        && !it.text.starts_with("-w")
                })
        }
        "mount" => line.args.is_empty() || (first == "-l" && line.args.len() == 1),
        "openssl" => {
            matches!(first, "s_client" | "x509" | "version" | "verify" | "crl" | "ciphers")
                && !line.args.iter().any(|it| {
                    it.text.contains("out") && it.text != "-noout"
                        || it.text.contains("sign")
                        || it.text.contains("engine")
                        || it.text.contains("keylog")
                })
        }
        _ => false,
    };
    if looks && !line.is_open() {
        return Judgement::reads(format!("`{}` only looks", line.name));
    }
    by_words(&format!("`{}`", line.name), line.args)
}

/// Proxies: testing what they are told looks, the rest does not.
pub(super) fn proxy(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let words: Vec<&str> = line.args.iter().map(|it| it.text.as_str()).collect();
    let stops = words.windows(2).any(|it| matches!(it, ["-s" | "-k", "stop" | "quit"]))
        || words.first() == Some(&"stop");
    if stops {
        return Judgement::destroys(format!("stops `{}`", line.name));
    }
    let looks = match line.name {
        "nginx" => matches!(words.as_slice(), ["-t" | "-T" | "-v" | "-V" | "-tq"]),
        "apachectl" | "httpd" => {
            matches!(words.as_slice(), ["-t" | "-S" | "-v" | "-M" | "configtest" | "status"])
        }
        "haproxy" => words.contains(&"-c") && !words.contains(&"-D"),
        "caddy" => matches!(words.first(), Some(&("validate" | "version" | "adapt"))),
        "traefik" => matches!(words.first(), Some(&("healthcheck" | "version"))),
        "php-fpm" | "sshd" => matches!(words.as_slice(), ["-t" | "-T" | "-v"]),
        _ => true,
    };
    if looks && !line.is_open() {
        return Judgement::reads(format!("`{}` only looks", line.name));
    }
    Judgement::changes(format!("`{}` starts or steers a server", line.name))
}

/// `aws SERVICE VERB-NOUN`
pub(super) fn aws(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let values =
        ["--region", "--profile", "--output", "--query", "--endpoint-url", "--cli-read-timeout"];
    let flags = ["--no-cli-pager", "--no-paginate", "--no-verify-ssl", "--debug"];
    let Some((_, rest)) = super::split_verb(line.args, &values, &flags) else {
        return by_words("`aws`", line.args);
    };
    let service = rest.first().map_or("", |it| it.text.as_str());
    let verb = rest.get(1).map_or("", |it| it.text.as_str());
    let looks =
        ["describe-", "list-", "head-", "filter-", "lookup-"].iter().any(|it| verb.starts_with(it))
            || (verb.starts_with("get-")
                && !matches!(verb, "get-object" | "get-secret-value" | "get-login-password"))
            || matches!(
                (service, verb),
                ("s3", "ls") | ("logs", "tail") | (_, "wait") | ("configure", "list")
            );
    if looks && !line.has(&["--generate-cli-skeleton"]) && rest.get(1).is_some_and(|it| it.known) {
        return Judgement::reads(format!("`aws {service} {verb}` only looks"));
    }
    by_words(&format!("`aws {service} {verb}`"), line.args)
}

/// Other clouds: groups of nouns, then a verb.
pub(super) fn cloud(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let words: Vec<&str> =
        line.args.iter().take_while(|it| !it.is_option()).map(|it| it.text.as_str()).collect();
    let looks =
        words.iter().take(5).any(|it| matches!(*it, "list" | "describe" | "show" | "read" | "get"));
    let harmless = !words.iter().any(|it| {
        [
            "delete", "create", "update", "set", "remove", "stop", "start", "restart", "deploy",
            "add", "reset", "ssh", "invoke", "run", "exec",
        ]
        .contains(it)
    });
    if looks && harmless && !line.is_open() {
        return Judgement::reads(format!("`{}` only looks", line.name));
    }
    by_words(&format!("`{}`", line.name), line.args)
}
