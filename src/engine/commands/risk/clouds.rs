//! The command lines of clouds and of where source is kept.

use super::programs::Verbs;
use super::{Arg, Judgement, Line, Walk, by_words};

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
                && !["object", "secret-value", "login-password", "sdk", "export", "job-output",
                    "media", "clip", "snapshot-block", "thing-shadow", "credentials"]
                    .iter()
                    .any(|it| verb.strip_prefix("get-").is_some_and(|verb| verb.starts_with(it)))
                // What follows the verb without an option is a file to write.
                && rest.get(2).is_none_or(Arg::is_option))
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
            "delete",
            "create",
            "update",
            "set",
            "remove",
            "stop",
            "start",
            "restart",
            "deploy",
            "add",
            "reset",
            "ssh",
            "invoke",
            "run",
            "exec",
            "deallocate",
            "failover",
            "purge",
            "import",
            "export",
            "move",
            "resize",
            "attach",
            "detach",
            "patch",
            "rollback",
            "promote",
            "cancel",
            "disable",
            "enable",
            "reboot",
            "power",
            "scale",
            "snapshot",
            "submit",
            "drain",
            "restore",
            "clone",
            "reimage",
            "redeploy",
            "suspend",
            "resume",
            "kill",
            "revoke",
            "login",
            "activate",
            "upload",
            "download",
            "sync",
            "copy",
            "cp",
            "mv",
            "rm",
            "action",
            "rest",
            "assign",
            "migrate",
            "swap",
            "upgrade",
            "apply",
        ]
        .iter()
        .any(|word| it.split('-').any(|part| part == *word))
    });
    if looks && harmless && !line.is_open() {
        return Judgement::reads(format!("`{}` only looks", line.name));
    }
    by_words(&format!("`{}`", line.name), line.args)
}
