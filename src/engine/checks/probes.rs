//! Judges of what is no product's: HTTP and TCP probes, the lists of the container engine, and the
//! exit status of anything else.

use serde_json::Value;

use super::containers::{Health, State, containers};
use super::{Answer, Finding, Judge, Rung, telling};
use crate::engine::commands::Status;

/// A health endpoint that takes longer is on its way to a timeout; people notice a second.
const HTTP_SLOW_MS: u64 = 2000;
/// A container this near to its memory limit is killed at the next burst.
const MEMORY_MUCH: f64 = 90.0;

/// Reads an answer; `None` for what is a product's.
pub fn judge(judge: &Judge, answer: &Answer<'_>) -> Option<Finding> {
    Some(match (judge.product, judge.question) {
        ("http", question) => http(question != "answers", answer),
        ("tcp", _) => tcp(answer),
        ("compose", _) => compose_ps(answer),
        ("docker", _) => docker_stats(answer),
        ("generic" | super::products::HEALTHCHECK, _) => by_exit(answer),
        _ => return None,
    })
}

/// By the exit status alone.
pub fn by_exit(answer: &Answer<'_>) -> Finding {
    let outcome = answer.outcome;
    if outcome.status == Status::Ok {
        return Finding::ok(format!("exit 0 in {}", telling::millis(outcome.ms)));
    }
    let exit = outcome.exit.map_or_else(String::new, |it| format!("exit {it}: "));
    let line = telling::line(answer);
    if line.starts_with("exit ") {
        Finding::fail(line)
    } else {
        Finding::fail(format!("{exit}{line}"))
    }
}

/// The status in the first line of an HTTP answer, such as `HTTP/1.1 503 Service Unavailable`.
fn http_status(out: &str) -> Option<u16> {
    let mut words = out.lines().next()?.split_whitespace();
    words.next().filter(|it| it.starts_with("HTTP"))?;
    words.next()?.parse().ok().filter(|it| (100..600).contains(it))
}

/// A probe by HTTP. For a health endpoint all but success is a fault; of any other page only that
/// the server itself failed.
fn http(health: bool, answer: &Answer<'_>) -> Finding {
    let ms = answer.outcome.ms;
    let Some(status) = http_status(answer.out) else {
        let line = telling::line(answer);
        // What speaks something else on a port that was only guessed to speak HTTP is alive.
        return if !health && line.contains("this is no HTTP") {
            Finding::ok("answers, and not by HTTP")
        } else {
            Finding::mute(line)
        };
    };
    let took = telling::millis(ms);
    let body = answer.out.split_once("\n\n").map_or("", |it| it.1);
    let said = failing_parts(body).map_or_else(String::new, |it| format!(": {it}"));
    let text = format!("HTTP {status} in {took}{said}");
    match status {
        500.. => Finding::fail(text),
        401 | 403 | 429 if health => Finding::warn(text),
        400.. if health => Finding::fail(text),
        _ if ms >= HTTP_SLOW_MS => Finding::warn(text),
        _ => Finding::ok(text),
    }
}

/// Words by which health reports say that a part is not fine.
const SICK: &[&str] =
    &["down", "fail", "failed", "failing", "error", "unhealthy", "critical", "out_of_service"];

/// Parts of a health report that say they are not fine, with why. Known: lists of parts with `ok` or
/// `status`, and maps from names to such parts, as Spring Boot, ASP.NET, Terminus and many
/// hand-made ones write them.
fn failing_parts(body: &str) -> Option<String> {
    /// Parts that are named.
    const NAMED: usize = 3;
    let report: Value = serde_json::from_str(body.trim()).ok()?;
    let mut found: Vec<String> = Vec::new();
    let mut look = vec![(String::new(), &report, 0)];
    while let Some((name, value, depth)) = look.pop() {
        if found.len() >= NAMED || depth > 4 {
            continue;
        }
        match value {
            Value::Object(map) => {
                let own = ["name", "check", "component", "service"]
                    .iter()
                    .find_map(|key| map.get(*key).and_then(Value::as_str));
                let name = own.unwrap_or(&name);
                let status = ["status", "state", "health"]
                    .iter()
                    .find_map(|key| map.get(*key).and_then(Value::as_str));
                let sick = ["ok", "healthy", "up"]
                    .iter()
                    .any(|key| map.get(*key) == Some(&Value::Bool(false)))
                    || status.is_some_and(|it| SICK.contains(&it.to_lowercase().as_str()));
                if sick && !name.is_empty() {
                    let why = ["detail", "error", "message", "output"]
                        .iter()
                        .find_map(|key| map.get(*key).and_then(Value::as_str));
                    found.push(why.map_or_else(|| name.to_owned(), |why| format!("{name} {why}")));
                    continue;
                }
                look.extend(map.iter().rev().map(|(key, value)| {
                    let plain = matches!(
                        key.as_str(),
                        "components"
                            | "checks"
                            | "details"
                            | "entries"
                            | "results"
                            | "info"
                            | "error"
                            | "data"
                    );
                    (if plain { String::new() } else { key.clone() }, value, depth + 1)
                }));
            }
            Value::Array(all) => {
                look.extend(all.iter().rev().take(50).map(|it| (name.clone(), it, depth + 1)));
            }
            Value::String(text)
                if SICK.contains(&text.to_lowercase().as_str())
                    && !name.is_empty()
                    && name != "status" =>
            {
                found.push(name);
            }
            _ => {}
        }
    }
    found.dedup();
    (!found.is_empty()).then(|| found.join(", "))
}

fn tcp(answer: &Answer<'_>) -> Finding {
    if answer.outcome.status == Status::Ok {
        Finding::ok(format!("connects in {}", telling::millis(answer.outcome.ms)))
    } else {
        Finding::mute(telling::line(answer))
    }
}

fn compose_ps(answer: &Answer<'_>) -> Finding {
    if answer.outcome.status != Status::Ok {
        return by_exit(answer);
    }
    let Some(all) = containers(answer.out) else {
        return Finding::warn(format!(
            "an answer that navi cannot read: {}",
            telling::line(answer)
        ));
    };
    if all.is_empty() {
        let nothing = Finding::fail("no container of this project");
        return Finding { rung: Some(Rung::Project), ..nothing };
    }
    let name = |it: &super::Container| {
        if it.service.is_empty() { it.name.clone() } else { it.service.clone() }
    };
    let mut faults: Vec<String> = Vec::new();
    let mut unhealthy = Vec::new();
    let mut starting = Vec::new();
    let mut up = 0;
    for it in &all {
        let exit = it.exit.map_or_else(String::new, |it| format!(" ({it})"));
        match (it.state, it.health) {
            (State::Running, Some(Health::Unhealthy)) => {
                unhealthy.push(format!("{} unhealthy", name(it)));
            }
            (State::Running, Some(Health::Starting)) => starting.push(name(it)),
            (State::Running, _) => up += 1,
            (State::Restarting, _) => faults.push(format!("{} restarting{exit}", name(it))),
            // What prepares something ends when it is done.
            (State::Exited, _) if it.exit == Some(0) => {}
            (State::Exited | State::Dead, _) => faults.push(format!("{} ended{exit}", name(it))),
            (State::Paused, _) => faults.push(format!("{} paused", name(it))),
            (State::Created, _) => faults.push(format!("{} not started", name(it))),
        }
    }
    let on = |rung, finding: Finding| Finding { rung: Some(rung), ..finding };
    let contained = !faults.is_empty();
    faults.extend(unhealthy);
    if !faults.is_empty() {
        let rung = if contained { Rung::Container } else { Rung::Health };
        return on(rung, Finding::fail(faults.join(", ")));
    }
    if !starting.is_empty() {
        return on(Rung::Health, Finding::warn(format!("{} starting", starting.join(", "))));
    }
    if up == 0 {
        return on(Rung::Container, Finding::fail("every container has ended"));
    }
    let ended = all.len() - up;
    let ended = if ended > 0 { format!(", {ended} done") } else { String::new() };
    Finding::ok(format!("{up} up{ended}"))
}

fn docker_stats(answer: &Answer<'_>) -> Finding {
    if answer.outcome.status != Status::Ok {
        return by_exit(answer);
    }
    let rows = stats_rows(answer.out);
    let Some((name, memory, _)) = rows.iter().max_by(|one, other| one.1.total_cmp(&other.1)) else {
        return Finding::warn("no container runs");
    };
    if *memory >= MEMORY_MUCH {
        return Finding::warn(format!("{name} uses {memory:.0} % of its memory"));
    }
    let busiest = rows.iter().max_by(|one, other| one.2.total_cmp(&other.2));
    let busy =
        busiest.map_or_else(String::new, |it| format!(", {} {:.0} % of a processor", it.0, it.2));
    Finding::ok(format!("{} containers; most: {name} {memory:.0} % of memory{busy}", rows.len()))
}

/// Name, share of memory, share of a processor.
fn stats_rows(out: &str) -> Vec<(String, f64, f64)> {
    let share = |text: &str| text.trim().trim_end_matches('%').parse::<f64>().ok();
    if out.trim_start().starts_with('{') {
        let read = |line: &str| {
            let row: Value = serde_json::from_str(line).ok()?;
            let text = |key: &str| row.get(key)?.as_str().map(str::to_owned);
            Some((text("Name")?, share(&text("MemPerc")?)?, share(&text("CPUPerc")?)?))
        };
        return out.lines().filter_map(read).collect();
    }
    let cells = |line: &str| -> Vec<String> {
        line.split("  ").map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    let mut lines = out.lines();
    let Some(heading) = lines.by_ref().find(|it| it.contains("CPU %")).map(cells) else {
        return Vec::new();
    };
    let place = |name: &str| heading.iter().position(|it| it == name);
    let (Some(name), Some(memory), Some(cpu)) = (place("NAME"), place("MEM %"), place("CPU %"))
    else {
        return Vec::new();
    };
    let read = |line: &str| {
        let cells = cells(line);
        Some((cells.get(name)?.clone(), share(cells.get(memory)?)?, share(cells.get(cpu)?)?))
    };
    lines.filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use crate::engine::commands::Outcome;

    fn told(judge: Judge, status: Status, ms: u64, out: &str) -> Finding {
        let exit = Some(i32::from(status != Status::Ok));
        let outcome = Outcome { status, exit, ms, dropped_bytes: 0, notes: vec![] };
        super::super::judge(&judge, &Answer { outcome: &outcome, out, err: "" })
    }

    #[test]
    fn http_is_judged_by_what_was_asked() {
        let degraded = "HTTP/1.1 503 Service Unavailable\ncontent-type: application/json\n\n\
            {\"status\":\"degraded\",\"release\":\"dev\",\"checks\":[{\"name\":\"database\",\"ok\":false,\
            \"detail\":\"TimeoutError\"},{\"name\":\"redis\",\"ok\":true,\"detail\":\"0.4 ms\"}]}";
        let finding = told(Judge::HTTP_HEALTH, Status::Failed, 2100, degraded);
        assert_eq!(finding.summary, "HTTP 503 in 2.1 s: database TimeoutError");
        assert_eq!((finding.verdict, finding.rung), (Verdict::Fail, Some(Rung::App)));
        for (judge, status, ms, verdict) in [
            (Judge::HTTP_HEALTH, 200, 12, Verdict::Ok),
            (Judge::HTTP_HEALTH, 200, 2500, Verdict::Warn),
            (Judge::HTTP_HEALTH, 404, 12, Verdict::Fail),
            (Judge::HTTP_HEALTH, 401, 12, Verdict::Warn),
            (Judge::HTTP_ANSWERS, 404, 12, Verdict::Ok),
            (Judge::HTTP_ANSWERS, 302, 12, Verdict::Ok),
            (Judge::HTTP_ANSWERS, 502, 12, Verdict::Fail),
        ] {
            let ended = if status < 400 { Status::Ok } else { Status::Failed };
            let finding = told(judge, ended, ms, &format!("HTTP/1.1 {status} x\n\n"));
            assert_eq!(finding.verdict, verdict, "{judge:?} {status}");
        }
        let other = "this is no HTTP: 220 mail.local ESMTP";
        assert_eq!(told(Judge::HTTP_ANSWERS, Status::Failed, 3, other).verdict, Verdict::Ok);
        assert_eq!(told(Judge::HTTP_HEALTH, Status::Failed, 3, other).verdict, Verdict::Fail);
        let refused = told(Judge::TCP, Status::Failed, 3, "connection refused");
        assert_eq!((refused.verdict, refused.rung), (Verdict::Fail, None));
        assert_eq!(
            told(Judge::HTTP_HEALTH, Status::Timeout, 5000, "").summary,
            "no answer in 5.0 s"
        );
    }

    #[test]
    fn health_reports_of_several_kinds_name_their_sick_parts() {
        for (body, said) in [
            (
                r#"{"status":"DOWN","components":{"db":{"status":"DOWN","details":{"error":"x"}},"ping":{"status":"UP"}}}"#,
                Some("db"),
            ),
            (r#"{"status":"Unhealthy","entries":{"redis":{"status":"Unhealthy"}}}"#, Some("redis")),
            (
                r#"{"status":"error","info":{},"error":{"database":{"status":"down","message":"no"}}}"#,
                Some("database no"),
            ),
            (r#"{"database":"down","cache":"up"}"#, Some("database")),
            (r#"{"status":"ok"}"#, None),
            ("<html>", None),
        ] {
            assert_eq!(failing_parts(body).as_deref(), said, "{body}");
        }
    }

    #[test]
    fn the_stack_is_told_by_what_does_not_run() {
        let ps = |rows: &str| {
            let text = format!("NAME   IMAGE   SERVICE   STATUS\n{rows}");
            told(Judge::COMPOSE_PS, Status::Ok, 40, &text)
        };
        assert_eq!(ps("a-1    x       a         Up 2 minutes\nb-1    x       b         Exited (0) 1 m ago\n").summary, "1 up, 1 done");
        let finding = ps(
            "a-1    x       a         Exited (137) 1 m ago\nb-1    x       b         Up 2 minutes (unhealthy)\n",
        );
        assert_eq!(finding.summary, "a ended (137), b unhealthy");
        assert_eq!(finding.rung, Some(Rung::Container));
        assert_eq!(ps("").rung, Some(Rung::Project));
    }

    #[test]
    fn memory_near_its_limit_is_told() {
        let table = "\
CONTAINER ID   NAME                  CPU %     MEM USAGE / LIMIT     MEM %     NET I/O          BLOCK I/O     PIDS
cc24f0d41c23   tech-platform-api-1   0.15%     72.24MiB / 23.54GiB   0.30%     6.21kB / 5.1kB   0B / 0B       9
cc24f0d41c24   tech-platform-web-1   80.15%    940MiB / 1GiB         94.00%    6.21kB / 5.1kB   0B / 0B       9\n";
        let finding = told(Judge::DOCKER_STATS, Status::Ok, 40, table);
        assert_eq!(finding.summary, "tech-platform-web-1 uses 94 % of its memory");
        let json = "{\"Name\":\"a\",\"CPUPerc\":\"1.5%\",\"MemPerc\":\"3.0%\"}\n";
        assert_eq!(told(Judge::DOCKER_STATS, Status::Ok, 40, json).verdict, Verdict::Ok);
    }
}
