//! The table of programs: which only look, which destroy, and whose arguments decide.
//!
//! To add a program, add its name to a line of [`PROGRAMS`]; what is on none of them changes
//! something. A program belongs to those that only look when no argument makes it do anything else.

use super::{
    Arg, Judgement, Line, Walk, by_words, clouds, containers, data, files, network, services,
    sources, stores,
};
use super::{split_verb, wrappers};

/// How a program is judged.
pub(super) enum Rule {
    /// It only looks, whatever its arguments.
    Reads,
    /// It does nothing outside its shell.
    Nothing,
    /// It changes something; the phrase goes on behind its name.
    Changes(&'static str),
    /// It destroys; the phrase goes on behind its name.
    Destroys(&'static str),
    /// Its first words decide.
    Verbs(&'static Verbs),
    /// Its arguments decide.
    By(fn(&mut Walk<'_>, &Line<'_>) -> Judgement),
}

/// A program whose first words say what it does.
pub(super) struct Verbs {
    /// Options before the verb that take a value.
    pub values: &'static [&'static str],
    /// Options before the verb that take none.
    pub flags: &'static [&'static str],
    /// What only looks, in one word, two or three. Where a first word stands with a second, it has to have
    /// one of its second words.
    pub reads: &'static [&'static str],
    /// What destroys, in the same form.
    pub destroys: &'static [&'static str],
    /// Options that make what looks do more.
    pub writes: &'static [&'static str],
}

impl Verbs {
    /// Judges a command by its first words.
    pub fn judge(&self, line: &Line<'_>) -> Judgement {
        if asks_version(line) {
            return Judgement::reads(format!("`{}` tells its version", line.name));
        }
        let Some((_, rest)) = split_verb(line.args, self.values, self.flags) else {
            return Judgement::changes(format!("what `{}` does is not known", line.name))
                .or_worse(by_words(&format!("`{}`", line.name), line.args));
        };
        self.judge_verb(line, rest)
    }

    /// Judges a command whose verb is the first of `rest`.
    pub fn judge_verb(&self, line: &Line<'_>, rest: &[Arg]) -> Judgement {
        let first = rest.first().map_or("", |it| it.text.as_str());
        let second = rest.get(1).filter(|it| !it.is_option()).map_or("", |it| it.text.as_str());
        let third = rest.get(2).filter(|it| !it.is_option()).map_or("", |it| it.text.as_str());
        let said = [first, second, third];
        let shown = line.shown(&if self.two(first) { vec![first, second] } else { vec![first] });
        let shown = crate::base::text::clean(&shown).into_owned();
        if first.is_empty() {
            return Judgement::changes(format!("what `{}` does is not known", line.name));
        }
        if self.holds(self.destroys, said) {
            return Judgement::destroys(format!("{shown} takes something away"));
        }
        if self.holds(self.reads, said) {
            let wide = !self.writes.is_empty() && rest.iter().any(|it| it.wide);
            if line.may_have(self.writes) || wide {
                return Judgement::changes(format!("{shown} does more with some options"));
            }
            return Judgement::reads(format!("{shown} only looks"));
        }
        let judged = by_words(&shown, rest);
        if judged.risk == super::Risk::Changes {
            return Judgement::changes(format!("{shown} does more than look"));
        }
        judged
    }

    fn two(&self, first: &str) -> bool {
        let all = self.reads.iter().chain(self.destroys);
        all.filter_map(|it| it.split_once(' ')).any(|it| it.0 == first)
    }

    fn holds(&self, list: &[&str], [first, second, third]: [&str; 3]) -> bool {
        list.iter().any(|it| {
            let mut words = it.split(' ');
            let rest = [first, second, third];
            rest.iter().all(|word| words.next().is_none_or(|it| it == *word || it == "*"))
        })
    }
}

/// Whether nothing but the version or the help is asked for.
pub(super) fn asks_version(line: &Line<'_>) -> bool {
    const KNOWN: &[&str] = &[
        "node",
        "npm",
        "yarn",
        "pnpm",
        "bun",
        "python",
        "python3",
        "pip",
        "pip3",
        "ruby",
        "go",
        "java",
        "mvn",
        "php",
        "composer",
        "docker",
        "kubectl",
        "helm",
        "git",
        "terraform",
        "make",
        "just",
        "task",
        "aws",
        "gcloud",
        "az",
        "psql",
        "mysql",
        "redis-cli",
        "nginx",
        "bash",
        "dotnet",
        "elixir",
        "mix",
        "deno",
        "uv",
        "poetry",
        "gcc",
        "g++",
        "clang",
        "docker-compose",
        "podman",
        "mongod",
        "mongosh",
        "openssl",
        "curl",
        "wget",
        "jq",
        "yq",
    ];
    let [one] = line.args else { return false };
    let asks = matches!(one.text.as_str(), "--version" | "--help" | "version" | "-V")
        || (one.text == "-v"
            && !matches!(line.name, "bash" | "python" | "make" | "psql" | "mysql"));
    asks && KNOWN.contains(&line.name)
}

/// How the program of this name is judged.
pub(super) fn rule(name: &str) -> Option<&'static Rule> {
    PROGRAMS.iter().find(|(names, _)| names.contains(&name)).map(|(_, rule)| rule)
}

/// Every program that is known.
const PROGRAMS: &[(&[&str], Rule)] = &[
    (
        &[
            "cat",
            "head",
            "tail",
            "grep",
            "egrep",
            "fgrep",
            "zgrep",
            "wc",
            "cut",
            "tr",
            "ls",
            "ll",
            "tac",
            "rev",
            "nl",
            "fold",
            "fmt",
            "paste",
            "join",
            "comm",
            "cmp",
            "diff",
            "column",
            "expand",
            "more",
            "zcat",
            "bzcat",
            "xzcat",
            "zless",
            "strings",
            "od",
            "hexdump",
            "base64",
            "md5sum",
            "sha1sum",
            "sha256sum",
            "sha512sum",
            "cksum",
            "b2sum",
            "stat",
            "du",
            "df",
            "realpath",
            "readlink",
            "basename",
            "dirname",
            "pwd",
            "jq",
        ],
        Rule::Reads,
    ),
    (
        &[
            "ps",
            "pgrep",
            "pidof",
            "pstree",
            "free",
            "uptime",
            "vmstat",
            "iostat",
            "mpstat",
            "nproc",
            "lscpu",
            "lsblk",
            "lsmem",
            "lspci",
            "lsusb",
            "lsof",
            "netstat",
            "w",
            "who",
            "whoami",
            "last",
            "id",
            "groups",
            "uname",
            "arch",
            "getent",
            "tty",
            "locale",
            "printenv",
            "iotop",
            "htop",
            "numastat",
            "slabtop",
            "findmnt",
            "blkid",
            "pmap",
            "systemd-cgtop",
            "lsmod",
            "getconf",
            "tput",
        ],
        Rule::Reads,
    ),
    (
        &[
            "ping",
            "ping6",
            "traceroute",
            "tracepath",
            "mtr",
            "dig",
            "nslookup",
            "host",
            "whois",
            "pg_isready",
            "hadolint",
            "shellcheck",
        ],
        Rule::Reads,
    ),
    (
        &[
            "echo", "true", "false", ":", "test", "[", "[[", "sleep", "exit", "return", "shift",
            "break", "continue", "cal", "seq", "yes", "expr", "bc", "set", "shopt", "ulimit",
            "umask", "wait", "unset", "export", "local", "declare", "readonly", "typeset", "type",
            "which", "whereis", "let", "bg", "fg", "disown", "help", "clear", "stty", "factor",
            "figlet", "]]",
        ],
        Rule::Nothing,
    ),
    (&["cd", "pushd", "popd"], Rule::By(wrappers::cd)),
    (&["printf", "read", "mapfile", "readarray", "getopts"], Rule::By(wrappers::sets_variables)),
    (&["find", "gfind", "fd", "fdfind", "rg", "ag"], Rule::By(files::find)),
    (&["sed", "gsed"], Rule::By(files::sed)),
    (&["awk", "gawk", "mawk", "nawk"], Rule::By(files::awk)),
    (
        &[
            "sort",
            "uniq",
            "xxd",
            "yq",
            "date",
            "hostname",
            "less",
            "file",
            "tree",
            "top",
            "dmesg",
            "sar",
            "atop",
            "pidstat",
            "actionlint",
        ],
        Rule::By(files::mostly_reads),
    ),
    (&["tar", "gzip", "gunzip", "unzip", "zip", "bzip2", "xz", "zstd"], Rule::By(files::archive)),
    (&["tee", "sponge"], Rule::By(files::tee)),
    (&["rm", "rmdir", "unlink", "rimraf", "del-cli", "trash"], Rule::By(files::remove)),
    (
        &[
            "mkdir", "touch", "cp", "mv", "ln", "chmod", "chown", "chgrp", "install", "patch",
            "rename", "mktemp", "vi", "vim", "nvim", "nano", "emacs", "code", "ed", "split",
        ],
        Rule::Changes("changes files"),
    ),
    (&["rsync", "rclone"], Rule::By(files::sync)),
    (
        &[
            "dd",
            "mkfs",
            "mkfs.ext4",
            "mkfs.xfs",
            "shred",
            "wipefs",
            "fdisk",
            "parted",
            "sgdisk",
            "truncate",
            "mkswap",
            "lvremove",
            "vgremove",
            "pvremove",
            "blkdiscard",
            "srm",
        ],
        Rule::Destroys("overwrites or removes data"),
    ),
    (
        &["shutdown", "reboot", "halt", "poweroff", "init", "telinit"],
        Rule::Destroys("takes the machine away"),
    ),
    (&["kill", "pkill", "killall", "skill", "fuser", "xkill"], Rule::By(files::kill)),
    (
        &["umount", "swapoff", "userdel", "groupdel", "deluser"],
        Rule::Destroys("takes something away"),
    ),
    (&["crontab"], Rule::By(files::crontab)),
    (
        &[
            "sudo",
            "doas",
            "env",
            "nohup",
            "nice",
            "ionice",
            "timeout",
            "gtimeout",
            "stdbuf",
            "time",
            "exec",
            "builtin",
            "setsid",
            "chronic",
            "unbuffer",
            "command",
            "flock",
            "caffeinate",
            "winpty",
        ],
        Rule::By(wrappers::wrapped),
    ),
    (&["xargs", "parallel"], Rule::By(wrappers::xargs)),
    (&["watch"], Rule::By(wrappers::watch)),
    (&["eval", "trap"], Rule::By(wrappers::evaluated)),
    (&["sh", "bash", "dash", "ash", "zsh", "ksh", "fish", "su"], Rule::By(wrappers::shell)),
    (&["source", "."], Rule::By(wrappers::sourced)),
    (&["ssh", "mosh", "autossh"], Rule::By(wrappers::ssh)),
    (
        &[
            "poetry",
            "pipenv",
            "uv",
            "pdm",
            "rye",
            "hatch",
            "bundle",
            "npx",
            "dotenv",
            "bunx",
            "dotenvx",
            "cross-env",
            "direnv",
            "doppler",
            "op",
            "aws-vault",
            "nix-shell",
            "concurrently",
            "tsx",
        ],
        Rule::By(wrappers::runs_another),
    ),
    (
        &[
            "make",
            "gmake",
            "just",
            "task",
            "go-task",
            "npm",
            "yarn",
            "pnpm",
            "bun",
            "composer",
            "rake",
            "mise",
            "poe",
            "run-s",
            "run-p",
            "npm-run-all",
        ],
        Rule::By(wrappers::recipe),
    ),
    (&["docker", "podman", "nerdctl"], Rule::By(containers::docker)),
    (&["docker-compose", "podman-compose"], Rule::By(containers::compose)),
    (&["kubectl", "oc", "k", "microk8s.kubectl"], Rule::By(containers::kubectl)),
    (&["helm"], Rule::Verbs(&containers::HELM)),
    (&["terraform", "tofu"], Rule::Verbs(&containers::TERRAFORM)),
    (&["stern", "kail", "ctop", "dive", "kubectx", "kubens"], Rule::By(containers::small)),
    (&["systemctl"], Rule::By(services::systemctl)),
    (&["service"], Rule::By(services::service)),
    (&["journalctl"], Rule::By(services::journalctl)),
    (&["supervisorctl"], Rule::Verbs(&services::SUPERVISOR)),
    (&["pm2"], Rule::Verbs(&services::PM2)),
    (&["curl"], Rule::By(network::curl)),
    (&["wget"], Rule::By(network::wget)),
    (&["http", "https", "xh"], Rule::By(network::httpie)),
    (&["nc", "ncat", "netcat", "telnet"], Rule::By(network::netcat)),
    (&["ip"], Rule::By(network::ip)),
    (
        &[
            "ss",
            "ifconfig",
            "arp",
            "iptables",
            "ip6tables",
            "nft",
            "ufw",
            "sysctl",
            "mount",
            "openssl",
        ],
        Rule::By(network::looking),
    ),
    (
        &[
            "nginx",
            "apachectl",
            "httpd",
            "haproxy",
            "caddy",
            "traefik",
            "php-fpm",
            "sshd",
            "named-checkconf",
        ],
        Rule::By(network::proxy),
    ),
    (&["aws"], Rule::By(clouds::aws)),
    (
        &["gcloud", "az", "doctl", "ibmcloud", "oci", "linode-cli", "hcloud"],
        Rule::By(clouds::cloud),
    ),
    (&["gh", "glab"], Rule::Verbs(&clouds::GH)),
    (&["heroku"], Rule::Verbs(&clouds::HEROKU)),
    (&["fly", "flyctl"], Rule::Verbs(&clouds::FLY)),
    (&["git"], Rule::By(sources::git)),
    (&["cargo"], Rule::By(sources::cargo)),
    (&["go"], Rule::Verbs(&sources::GO)),
    (
        &[
            "pytest",
            "py.test",
            "tox",
            "nox",
            "jest",
            "vitest",
            "mocha",
            "ava",
            "cypress",
            "playwright",
            "phpunit",
            "pest",
            "rspec",
            "ctest",
            "bats",
            "karma",
            "behave",
            "locust",
            "k6",
            "artillery",
            "gotestsum",
            "nextest",
        ],
        Rule::Changes("runs the project's tests"),
    ),
    (
        &[
            "eslint",
            "ruff",
            "flake8",
            "mypy",
            "pylint",
            "black",
            "isort",
            "prettier",
            "tsc",
            "vue-tsc",
            "golangci-lint",
            "rubocop",
            "stylelint",
            "biome",
            "pyright",
            "bandit",
            "clippy",
            "phpstan",
            "phpcs",
            "pre-commit",
            "yamllint",
            "markdownlint",
            "ktlint",
            "gofmt",
        ],
        Rule::Changes("runs the project's checks, which may write"),
    ),
    (
        &[
            "psql",
            "mysql",
            "mariadb",
            "sqlite3",
            "clickhouse-client",
            "cqlsh",
            "cockroach",
            "sqlcmd",
        ],
        Rule::By(data::sql_shell),
    ),
    (
        &["pg_dump", "pg_dumpall", "mysqldump", "mariadb-dump", "mongodump", "pg_basebackup"],
        Rule::By(data::dump),
    ),
    (&["pg_restore", "mongorestore"], Rule::By(data::restore)),
    (&["dropdb", "dropuser"], Rule::Destroys("removes a database")),
    (&["pg_ctl", "pg_ctlcluster", "mysqladmin", "mariadb-admin"], Rule::By(data::server)),
    (&["redis-cli", "valkey-cli", "keydb-cli"], Rule::By(stores::redis)),
    (&["mongosh", "mongo"], Rule::By(stores::mongo)),
    (&["rabbitmqctl", "rabbitmq-diagnostics"], Rule::By(stores::rabbit)),
    (
        &[
            "kafka-topics",
            "kafka-topics.sh",
            "kafka-consumer-groups",
            "kafka-consumer-groups.sh",
            "kafka-configs",
            "kafka-configs.sh",
            "kafka-broker-api-versions.sh",
            "kafka-broker-api-versions",
            "kafka-log-dirs.sh",
            "kafka-log-dirs",
        ],
        Rule::By(stores::kafka),
    ),
    (&["etcdctl"], Rule::Verbs(&stores::ETCD)),
    (&["consul"], Rule::Verbs(&stores::CONSUL)),
    (&["vault"], Rule::Verbs(&stores::VAULT)),
    (&["nomad"], Rule::Verbs(&stores::NOMAD)),
    (&["nodetool"], Rule::Verbs(&stores::NODETOOL)),
    (&["rpk"], Rule::Verbs(&stores::RPK)),
    (&["nats"], Rule::Verbs(&stores::NATS)),
    (&["mc"], Rule::Verbs(&stores::MINIO)),
    (&["celery"], Rule::By(stores::celery)),
];
