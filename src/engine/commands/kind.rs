//! What a command is good for, told from its name, else from what it runs.

use super::Kind;
use super::shell;

/// Words of names, strongest kind first: `logs-db` shows logs, `test-db` runs tests.
const NAMES: &[(Kind, &[&str])] = &[
    (Kind::Logs, &["log", "logs", "tail", "journal", "logging"]),
    (
        Kind::Tests,
        &[
            "test",
            "tests",
            "lint",
            "lints",
            "linter",
            "check",
            "checks",
            "typecheck",
            "e2e",
            "spec",
            "specs",
            "coverage",
            "unit",
            "integration",
            "pytest",
            "jest",
            "vitest",
            "mypy",
            "eslint",
            "clippy",
            "phpunit",
            "rspec",
            "cypress",
            "playwright",
            "tsc",
            "vet",
        ],
    ),
    (
        Kind::Health,
        &[
            "health",
            "healthz",
            "healthcheck",
            "status",
            "ping",
            "ready",
            "readiness",
            "alive",
            "smoke",
            "ps",
            "doctor",
            "uptime",
            "liveness",
        ],
    ),
    (Kind::Cache, &["cache", "caches", "redis", "memcached", "valkey"]),
    (
        Kind::Database,
        &[
            "db",
            "database",
            "databases",
            "psql",
            "postgres",
            "postgresql",
            "pg",
            "mysql",
            "mariadb",
            "mongo",
            "mongodb",
            "sql",
            "sqlite",
            "migrate",
            "migration",
            "migrations",
            "makemigrations",
            "seed",
            "seeds",
            "seeder",
            "schema",
            "alembic",
            "prisma",
            "flyway",
            "tables",
            "backup",
            "restore",
            "sequelize",
            "typeorm",
            "knex",
            "drizzle",
        ],
    ),
    (
        Kind::Resources,
        &["stats", "top", "usage", "resources", "disk", "memory", "mem", "cpu", "df"],
    ),
    (
        Kind::Deploy,
        &[
            "deploy",
            "deployment",
            "release",
            "rollout",
            "rollback",
            "up",
            "down",
            "start",
            "stop",
            "restart",
            "dev",
            "serve",
            "server",
            "run",
            "provision",
            "scale",
            "promote",
            "publish",
            "ship",
            "undeploy",
            "compose",
            "watch",
        ],
    ),
];

/// Words with which a name that speaks of a service begins when the service is what is moved.
const MOVES: &[&str] = &["start", "stop", "restart", "up", "down", "deploy", "rollback", "scale"];

/// Programs by what they are asked for.
const PROGRAMS: &[(Kind, &[&str])] = &[
    (Kind::Logs, &["logs", "journalctl", "stern"]),
    (
        Kind::Database,
        &[
            "psql",
            "pg_dump",
            "pg_restore",
            "pg_isready",
            "mysql",
            "mariadb",
            "mongosh",
            "mongo",
            "sqlite3",
            "mysqldump",
            "alembic",
            "dropdb",
            "createdb",
            "clickhouse-client",
            "cqlsh",
        ],
    ),
    (Kind::Cache, &["redis-cli", "valkey-cli"]),
    (
        Kind::Tests,
        &[
            "pytest",
            "jest",
            "vitest",
            "phpunit",
            "rspec",
            "eslint",
            "ruff",
            "flake8",
            "mypy",
            "cypress",
            "playwright",
            "golangci-lint",
            "tox",
            "nox",
            "mocha",
            "rubocop",
        ],
    ),
    (Kind::Health, &["curl", "wget", "http", "ping", "ps", "status", "pg_isready", "nc", "pods"]),
    (Kind::Resources, &["stats", "top", "df", "free", "htop", "du", "vmstat", "iostat", "uptime"]),
    (
        Kind::Deploy,
        &["up", "down", "restart", "start", "stop", "rollout", "apply", "upgrade", "rollback"],
    ),
];

/// The kind of a command by its name, such as `db-reset` or `test:unit`.
pub fn of_name(name: &str) -> Option<Kind> {
    let mut words: Vec<String> = Vec::new();
    for part in name.split(|it: char| !it.is_alphanumeric()) {
        // `testUnit` is two words.
        let mut word = String::new();
        for letter in part.chars() {
            if letter.is_uppercase() && word.chars().last().is_some_and(char::is_lowercase) {
                words.push(std::mem::take(&mut word));
            }
            word.extend(letter.to_lowercase());
        }
        words.push(word);
    }
    if words.first().is_some_and(|it| MOVES.contains(&it.as_str())) {
        return Some(Kind::Deploy);
    }
    let has = |list: &[&str]| words.iter().any(|it| list.contains(&it.as_str()));
    NAMES.iter().find(|it| has(it.1)).map(|it| it.0)
}

/// The kind of what a shell runs, by the programs in it.
pub fn of_text(text: &str) -> Option<Kind> {
    let script = shell::read(text);
    let mut words: Vec<String> = Vec::new();
    for simple in &script.simples {
        for word in simple.words.iter().take(12) {
            let Some(text) = word.known() else { continue };
            // A value such as `-d start` is no verb; neither is a long text.
            if text.len() < 24 && !text.starts_with('-') {
                words.push(text.rsplit('/').next().unwrap_or(&text).to_ascii_lowercase());
            }
        }
    }
    let has = |list: &[&str]| words.iter().any(|it| list.contains(&it.as_str()));
    PROGRAMS.iter().find(|it| has(it.1)).map(|it| it.0)
}

/// The kind by name, else by what runs.
pub fn of(name: &str, text: &str) -> Kind {
    of_name(name).or_else(|| of_text(text)).unwrap_or(Kind::Other)
}

/// Whether a name says that this is worth knowing in an emergency.
pub fn is_telling(name: &str) -> bool {
    of_name(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_programs_tell_the_kind() {
        for (name, text, kind) in [
            ("health", "", Kind::Health),
            ("logs-web", "", Kind::Logs),
            ("db-shell", "", Kind::Database),
            ("cache-info", "", Kind::Cache),
            ("test-api", "", Kind::Tests),
            ("test:e2e", "", Kind::Tests),
            ("testUnit", "", Kind::Tests),
            ("deploy-prod", "", Kind::Deploy),
            ("restart-redis", "", Kind::Deploy),
            ("dev", "", Kind::Deploy),
            ("x", "docker stats --no-stream", Kind::Resources),
            ("x", "docker compose logs api", Kind::Logs),
            ("x", "docker compose exec db psql -c '\\dt'", Kind::Database),
            ("x", "docker compose exec -T redis redis-cli info", Kind::Cache),
            ("x", "curl http://localhost/health", Kind::Health),
            ("x", "kubectl rollout status deployment/a", Kind::Health),
            ("x", "cat y", Kind::Other),
        ] {
            assert_eq!(of(name, text), kind, "{name} {text}");
        }
    }
}
