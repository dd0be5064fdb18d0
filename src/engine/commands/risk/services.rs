//! Services of the machine, and what keeps processes up.

use super::programs::Verbs;
use super::{Judgement, Line, Walk};

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
    let writes = [
        "--rotate",
        "--flush",
        "--sync",
        "--update-catalog",
        "--setup-keys",
        "--relinquish-var",
        "--smart-relinquish-var",
        "--cursor-file",
        "--image",
    ];
    if line.may_have(&writes)
        || line.args.iter().any(|it| it.open && !it.known && it.text.starts_with('…'))
    {
        return Judgement::changes("`journalctl` changes how logs are kept");
    }
    Judgement::reads("`journalctl` only looks")
}
