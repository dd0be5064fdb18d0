//! What helps while it runs: monitoring, recovery from failure, room for more load.

use super::signs::Sign;
use super::{Check, Evidence, Subject, Verdict, counted, done, not_judged};
use crate::base::path::name_of;
use crate::engine::files::FileId;
use crate::engine::standing::Standing;

/// Places of swallowed faults from which there are too many, for each hundred source files.
const TOO_MANY: f64 = 5.0;
/// Bytes that are read of a description of how things run.
const MOST_BYTES: u64 = 128 << 10;

/// One thing that should be there, as evidence; tells whether it is.
fn wanted(
    subject: &Subject<'_>,
    evidence: &mut Vec<Evidence>,
    found: Option<(FileId, u64)>,
    said: &str,
    lacking: &str,
) -> bool {
    evidence.push(match found {
        Some((id, line)) => Evidence::at(subject.files.repo_path(id), line, said),
        None => Evidence::from(lacking.to_owned()),
    });
    found.is_some()
}

fn first_sign(subject: &Subject<'_>, sign: Sign) -> Option<(FileId, u64)> {
    subject.signs.of(sign).next().map(|it| (it.file, u64::from(it.line)))
}

pub fn monitoring_integration(subject: &Subject<'_>) -> Check {
    let name = ("monitoring-integration", "Monitoring integration");
    if !subject.runs() {
        return not_judged(name, "nothing here starts or answers requests");
    }
    let mut evidence = Vec::new();
    let logging = subject.entries("logging", 1).next();
    let health = subject.entries("health", 1).next();
    let config = subject.file_named(&[
        "prometheus.yml",
        "prometheus.yaml",
        "alerting-rules.yml",
        "alerts.yml",
        "otel-collector-config.yaml",
        "newrelic.yml",
        "datadog.yaml",
        "sentry.properties",
    ]);
    let metrics = first_sign(subject, Sign::Metrics).or(config.map(|id| (id, 1)));
    let there = [
        wanted(
            subject,
            &mut evidence,
            logging,
            "logging is set up here",
            "no file sets up logging",
        ),
        wanted(
            subject,
            &mut evidence,
            health,
            "tells whether it is well",
            "no health endpoint or check was found",
        ),
        wanted(
            subject,
            &mut evidence,
            metrics,
            "counts or reports what happens",
            "no metrics, traces or fault reports were found",
        ),
    ];
    let count = there.iter().filter(|it| **it).count();
    let verdict = match count {
        3 => Verdict::Pass,
        2 => Verdict::Warn,
        _ => Verdict::Fail,
    };
    let fixes = [
        "set up logging in one module",
        "answer /health with what it depends on",
        "count requests and report faults (Prometheus, OpenTelemetry, Sentry)",
    ];
    let fix: Vec<&str> =
        there.iter().zip(fixes).filter(|(there, _)| !**there).map(|it| it.1).collect();
    done(name, verdict, evidence, &fix.join("; "))
}

pub fn failure_recovery(subject: &Subject<'_>) -> Check {
    let name = ("failure-recovery", "Failure recovery");
    if !subject.runs() {
        return not_judged(name, "nothing here starts or answers requests");
    }
    let mut evidence = Vec::new();
    let mut fixes = Vec::new();
    let mut verdict = Verdict::Pass;
    let handler = subject.entries("error-handling", 1).next();
    if !wanted(subject, &mut evidence, handler, "faults are handled here", "no file handles faults")
    {
        verdict = Verdict::Fail;
        fixes.push("handle faults in one place");
    }
    let health = subject.entries("health", 1).next();
    if !wanted(
        subject,
        &mut evidence,
        health,
        "tells whether it is well",
        "no health check was found",
    ) {
        verdict = verdict.at_best(Verdict::Warn);
        fixes.push("answer health checks");
    }
    if let Some((id, line)) = subject.entries("migration", 1).next() {
        let back = subject.signs.of(Sign::Rollback).find(|it| subject.changes_schema(it.file));
        let back = back.map(|it| (it.file, u64::from(it.line))).or_else(|| {
            let down = |id: &FileId| {
                let name = name_of(subject.files.lower(*id));
                name.ends_with(b".down.sql") || name == b"down.sql" || name.starts_with(b"u0")
            };
            subject.listed().find(down).map(|id| (id, 1))
        });
        if let Some((id, line)) = back {
            let said = "schema changes can be taken back";
            evidence.push(Evidence::at(subject.files.repo_path(id), line, said));
        } else {
            let said = "schema changes, and no way back was found";
            evidence.push(Evidence::at(subject.files.repo_path(id), line, said));
            verdict = verdict.at_best(Verdict::Warn);
            fixes.push("write for each schema change how it is taken back");
        }
    }
    if subject.calls().next().is_some() {
        if let Some((id, line)) = first_sign(subject, Sign::Patience) {
            let said = "calls are bounded in time or repeated";
            evidence.push(Evidence::at(subject.files.repo_path(id), line, said));
        } else {
            let said =
                "other services are called, and no limit in time or circuit breaker was found";
            evidence.push(Evidence::from(said.to_owned()));
            verdict = verdict.at_best(Verdict::Warn);
            fixes.push("give calls to other services a limit in time and a circuit breaker");
        }
    }
    let swallowed = subject.signs.of(Sign::Swallowed).count();
    let each = swallowed as f64 * 100.0 / subject.sources.len().max(1) as f64;
    evidence.push(Evidence::from(format!(
        "{} a fault for nothing",
        counted(swallowed, "place catches", "places catch")
    )));
    if subject.signs.left > 0 {
        let said = format!("{} source files beyond the first were not read", subject.signs.left);
        evidence.push(Evidence::from(said));
    }
    if swallowed > 0 {
        let worst = if each > TOO_MANY && swallowed > 10 { Verdict::Fail } else { Verdict::Warn };
        verdict = verdict.at_best(worst);
        fixes.push("log what is caught, or let it go on");
        evidence.extend(
            subject.signs.of(Sign::Swallowed).map(|it| {
                Evidence::at(subject.files.repo_path(it.file), u64::from(it.line), it.word)
            }),
        );
    }
    done(name, verdict, evidence, &fixes.join("; "))
}

pub fn scalability_preparation(subject: &Subject<'_>) -> Check {
    let name = ("scalability-preparation", "Scalability preparation");
    if subject.entries("route", 1).next().is_none() {
        return not_judged(name, "nothing here answers requests");
    }
    let files = subject.files;
    let own = |id: &FileId| {
        let standing = files.facts(*id).standing;
        !matches!(standing, Standing::Test | Standing::Example | Standing::Vendored)
    };
    let find = |fits: &dyn Fn(&[u8]) -> bool| {
        subject.listed().filter(own).find(|&id| fits(files.lower(id))).map(|id| (id, 1))
    };
    let image = find(&|it| {
        let name = name_of(it);
        name == b"dockerfile"
            || name.starts_with(b"dockerfile.")
            || name == b"procfile"
            || name == b"app.yaml"
    });
    let many = find(&|it| {
        let name = name_of(it);
        name.ends_with(b"nginx.conf")
            || name == b"haproxy.cfg"
            || name.starts_with(b"traefik")
            || name == b"caddyfile"
            || name.starts_with(b"ingress")
            || name.starts_with(b"hpa")
            || name == b"chart.yaml"
            || name == b"kustomization.yaml"
    })
    .or_else(|| {
        let described = subject.listed().filter(own).filter(|&id| {
            let lower = files.lower(id);
            (lower.ends_with(b".yml") || lower.ends_with(b".yaml"))
                && subject.roles_of(id).contains(&"infra")
        });
        let words = ["replicas:", "HorizontalPodAutoscaler", "kind: Ingress"];
        let line = |id| subject.line_with(id, &words, MOST_BYTES).map(|line| (id, line));
        described.take(200).find_map(line)
    });
    let mut evidence = Vec::new();
    let database = subject.entries("database", 1).next();
    let cache = subject.entries("cache", 1).next();
    let there = [
        wanted(
            subject,
            &mut evidence,
            image,
            "describes how one more is started",
            "nothing describes how one more is started",
        ),
        wanted(
            subject,
            &mut evidence,
            many,
            "spreads load over several",
            "nothing spreads load over several",
        ),
        wanted(
            subject,
            &mut evidence,
            database,
            "the database is reached in one place",
            "no module stands for the database",
        ),
        wanted(
            subject,
            &mut evidence,
            cache,
            "what was asked before is kept",
            "nothing keeps what was asked before",
        ),
    ];
    let count = there.iter().filter(|it| **it).count();
    let verdict = match count {
        4 | 3 => Verdict::Pass,
        2 => Verdict::Warn,
        _ => Verdict::Fail,
    };
    let fixes = [
        "describe an image or a process that can be started twice",
        "put a proxy or an orchestrator in front",
        "reach the database through one module",
        "keep a cache behind a module of its own",
    ];
    let fix: Vec<&str> =
        there.iter().zip(fixes).filter(|(there, _)| !**there).map(|it| it.1).collect();
    done(name, verdict, evidence, &fix.join("; "))
}
