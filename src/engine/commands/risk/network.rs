//! Requests, sockets, and the network of the machine.

use super::{Arg, Input, Judgement, Line, Walk, by_words, files};

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
            if let Some(odd) = address(text) {
                return odd;
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
            let known = had && arg.known || !had && line.args.get(at).is_some_and(|it| it.known);
            let told = value.clone().or_else(|| line.args.get(at).map(|it| it.text.clone()));
            let told = told.unwrap_or_default();
            let format = matches!(name.as_str(), "-w" | "--write-out");
            // A format may be kept in a file, and may name one to write.
            if told.contains("%output")
                || told.contains("%{output")
                || (format && (!known || told.starts_with('@')))
            {
                return Judgement::changes("`curl` writes a file");
            }
            if name == "--url"
                && let Some(odd) = address(&told)
            {
                return odd;
            }
            if told.to_ascii_lowercase().contains("method-override") {
                return Judgement::changes("`curl` asks for another method");
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

/// Why a GET of this address does more than look.
fn address(text: &str) -> Option<Judgement> {
    /// What is asked for in a path only by those who want it done.
    const DOES: &[&str] = &[
        "shutdown",
        "restart",
        "reboot",
        "reset",
        "delete",
        "destroy",
        "drop",
        "flush",
        "purge",
        "clear",
        "kill",
        "stop",
        "quit",
        "exit",
        "abort",
        "truncate",
        "wipe",
        "remove",
        "quitquitquit",
        "abortabortabort",
    ];
    let scheme = text.split_once("://").map(|it| it.0);
    if !matches!(scheme, None | Some("http" | "https")) {
        return Some(Judgement::changes("`curl` speaks another protocol than HTTP"));
    }
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.split('/').skip(if scheme.is_some() { 3 } else { 1 });
    let does = parts
        .find(|it| DOES.contains(&it.trim_start_matches('_').to_ascii_lowercase().as_str()))?;
    let shown = crate::base::diag::quote(does);
    Some(Judgement::changes(format!("a request for {shown} may do more than ask")))
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
    // A word of letters before an address is the method.
    let upper = first.to_ascii_uppercase();
    let known = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"].contains(&first);
    let method = !first.is_empty()
        && first.chars().all(|it| it.is_ascii_alphabetic())
        && (known || words.len() > 1);
    if method && !matches!(upper.as_str(), "GET" | "HEAD" | "OPTIONS") {
        return request(&upper, line.name);
    }
    // Without one, whatever can be read from the standard input is posted.
    let reads = method || line.has(&["--ignore-stdin", "-I"]);
    let plain = [
        "-v",
        "--verbose",
        "-h",
        "--headers",
        "-b",
        "--body",
        "-p",
        "--print",
        "--pretty",
        "-s",
        "--style",
        "-S",
        "--stream",
        "-a",
        "--auth",
        "-A",
        "--auth-type",
        "--timeout",
        "-F",
        "--follow",
        "--max-redirects",
        "--verify",
        "--check-status",
        "--ignore-stdin",
        "-I",
        "-q",
        "--quiet",
        "--json",
        "-j",
    ];
    let odd = line
        .args
        .iter()
        .filter(|it| it.is_option())
        .any(|it| !plain.contains(&it.text.split('=').next().unwrap_or_default()));
    let sends = words.iter().skip(1 + usize::from(method)).any(|it| {
        let text = it.text.replace("==", "");
        text.contains(['=', '@']) || text.contains(":=")
    });
    if sends
        || odd
        || !reads
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
    if looks
        && !line.is_open()
        && !line.args.iter().any(|it| {
            let text = it.text.trim_start_matches('-');
            it.is_option() && (text == "b" || text.starts_with("ba") || text.starts_with('f'))
        })
    {
        return Judgement::reads("`ip` only looks");
    }
    by_words("`ip`", line.args)
}

/// Options of `openssl` that neither write nor load anything.
const OPENSSL: &[&str] = &[
    "connect",
    "servername",
    "showcerts",
    "brief",
    "verify",
    "verify_return_error",
    "verify_hostname",
    "CAfile",
    "CApath",
    "tls1_1",
    "tls1_2",
    "tls1_3",
    "starttls",
    "quiet",
    "ign_eof",
    "alpn",
    "status",
    "prexit",
    "cert",
    "key",
    "proxy",
    "4",
    "6",
    "host",
    "port",
    "state",
    "debug",
    "msg",
    "in",
    "noout",
    "text",
    "dates",
    "enddate",
    "startdate",
    "subject",
    "issuer",
    "serial",
    "fingerprint",
    "sha256",
    "sha1",
    "md5",
    "purpose",
    "checkend",
    "ext",
    "email",
    "hash",
    "pubkey",
    "modulus",
    "inform",
    "nameopt",
    "alias",
    "ocsp_uri",
    "checkhost",
    "untrusted",
    "verbose",
    "crl_check",
    "partial_chain",
    "show_chain",
    "trusted",
    "a",
    "v",
    "d",
    "b",
    "o",
    "f",
    "p",
    "V",
    "s",
    "stdname",
    "nextupdate",
    "lastupdate",
];

/// Programs that look without arguments, or with a few.
pub(super) fn looking(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let first = line.args.first().map_or("", |it| it.text.as_str());
    let looks = match line.name {
        "ss" => {
            !['K', 'D'].into_iter().any(|it| line.has_short(it))
                && !line.may_have(&["--kill", "--diag"])
        }
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
        "nft" => first == "list" && !line.args.iter().any(Arg::is_option),
        "ufw" => first == "status",
        "sysctl" => {
            !line.may_have(&["--write", "--load", "--system"])
                && !['w', 'p', 'f'].into_iter().any(|it| line.has_short(it))
                && line.args.iter().all(|it| {
                    !it.text.contains('=')
                        && !it.text.starts_with("-p")
                        && !it.text.starts_with("-w")
                })
        }
        "mount" => line.args.is_empty() || (first == "-l" && line.args.len() == 1),
        "openssl" => {
            matches!(first, "s_client" | "x509" | "version" | "verify" | "crl" | "ciphers")
                && line
                    .args
                    .iter()
                    .filter(|it| it.is_option())
                    .all(|it| OPENSSL.contains(&it.text.trim_start_matches('-')))
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
