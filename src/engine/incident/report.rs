//! The draft of a post-mortem in Markdown.

use std::collections::HashMap;
use std::fmt::Write;

use super::told::{ended, of_day, word};
use super::{Clock, Timeline, What, duration, told};
use crate::base::text;
use crate::engine::checks::Verdict;
use crate::engine::commands::Risk;

/// Searches and copies are left out of the timeline of a report beyond this many entries.
const LONG: usize = 400;

/// The draft: what is known is filled in, what only people know is asked for. `now` is in
/// milliseconds since 1970. Texts are cleaned.
pub fn report(timeline: &Timeline, clock: &Clock<'_>, now: u64) -> String {
    let mut out = String::new();
    let title = if timeline.title.is_empty() { "untitled" } else { &timeline.title };
    line(&mut out, &format!("# Incident: {}", plain(title)));
    line(&mut out, "");
    line(
        &mut out,
        "Draft made by navi from what was recorded; secrets are blanked out. Fill in what is in italics.",
    );
    line(&mut out, "");
    head(&mut out, timeline, clock, now);
    section(&mut out, "Impact");
    line(&mut out, "_Who noticed what, from when to when, and how many were affected?_");
    section(&mut out, "Cause");
    line(&mut out, "_What was wrong, and why did it get this far? Which change brought it?_");
    section(&mut out, "What was done about it");
    line(&mut out, "_What ended the impact, and what was tried before?_");
    changed(&mut out, timeline, clock);
    times(&mut out, timeline, clock);
    lists(&mut out, timeline, clock);
    section(&mut out, "What follows");
    line(&mut out, "- _What keeps this from happening again? Who does it, until when?_");
    line(&mut out, "- _What would have shown it sooner?_");
    line(&mut out, "- _Which runbook was missing, or wrong?_");
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn section(out: &mut String, title: &str) {
    // Writing to a String cannot fail.
    let _ = write!(out, "\n## {title}\n\n");
}

/// Text as it may stand in a paragraph or in a cell: cleaned, on one line, and no Markdown.
fn plain(said: &str) -> String {
    let mut out = String::with_capacity(said.len());
    for character in text::clean(&said.replace(['\n', '\r', '\t'], " ")).chars() {
        if matches!(character, '|' | '*' | '_' | '<' | '[' | '\\' | '#') {
            out.push('\\');
        }
        out.push(character);
    }
    // What was quoted stays so.
    if out.matches('`').count() % 2 == 1 { out.replace('`', "\\`") } else { out }
}

/// Text as code.
fn code(said: &str) -> String {
    let shown = text::clean(&said.replace(['\n', '\r', '\t'], " ")).replace('|', "\\|");
    let fence = if shown.contains('`') { "``" } else { "`" };
    let pad = if fence.len() == 2 { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

fn head(out: &mut String, timeline: &Timeline, clock: &Clock<'_>, now: u64) {
    let both = |at: u64| {
        format!("{} UTC ({} local, {})", clock.utc(at), of_day(&clock.local(at)), clock.zone(at))
    };
    line(out, "| | |");
    line(out, "| --- | --- |");
    let mut row = |name: &str, said: &str| {
        if !said.is_empty() {
            let _ = writeln!(out, "| {name} | {said} |");
        }
    };
    row("Declared", &timeline.started.map_or_else(String::new, both));
    row("Over", &timeline.stopped.map_or_else(|| "not yet".to_owned(), both));
    row("Took", &duration(timeline.length(now)));
    row("Repository", &plain(&timeline.root));
    row("Branch", &plain(&timeline.branch));
    row("Severity", "_to fill in_");
    row("Who was there", "_to fill in_");
}

/// The commands that may have changed something: what a reader looks for first.
fn changed(out: &mut String, timeline: &Timeline, clock: &Clock<'_>) {
    let runs = timeline.runs();
    let changing: Vec<_> = runs.iter().filter(|it| it.risk != Risk::ReadOnly).collect();
    if changing.is_empty() {
        return;
    }
    line(out, "");
    line(out, "Commands that change something:");
    line(out, "");
    for run in changing {
        let at = clock.utc(run.at);
        let targets = run.targets.join(", ");
        let on =
            if targets.is_empty() { String::new() } else { format!(", on {}", plain(&targets)) };
        let end = ended(run.status, run.exit, run.ms);
        let _ = writeln!(
            out,
            "- {} UTC: {} ({}{on}): {end}",
            of_day(&at),
            code(run.line),
            run.risk.id()
        );
    }
}

fn times(out: &mut String, timeline: &Timeline, clock: &Clock<'_>) {
    section(out, "Timeline");
    let zone = timeline.entries.first().map_or_else(String::new, |it| clock.zone(it.at));
    let _ = writeln!(out, "| UTC | local ({zone}) | what |\n| --- | --- | --- |");
    let long = timeline.entries.len() > LONG;
    let mut left = 0;
    let mut day = String::new();
    let mut verdicts: HashMap<&str, Verdict> = HashMap::new();
    let mut fine: Option<(u64, usize)> = None;
    let mut row = |out: &mut String, at: u64, said: &str| {
        let (utc, local) = (clock.utc(at), clock.local(at));
        let date = utc.split(' ').next().unwrap_or_default();
        // The date where it changes; the time alone reads faster.
        let utc_shown = if date == day { of_day(&utc) } else { &utc };
        let _ = writeln!(out, "| {utc_shown} | {} | {said} |", of_day(&local));
        date.clone_into(&mut day);
    };
    for entry in &timeline.entries {
        if let What::Check { id, verdict, .. } = &entry.what {
            let before = verdicts.insert(id, *verdict).unwrap_or(Verdict::Ok);
            // What was fine and still is would hide what is not.
            if (before, *verdict) == (Verdict::Ok, Verdict::Ok) {
                fine.get_or_insert((entry.at, 0)).1 += 1;
                continue;
            }
        }
        if let Some((at, checks)) = fine.take() {
            row(out, at, &all_fine(checks));
        }
        if long && matches!(entry.what, What::Search { .. } | What::Copy { .. }) {
            left += 1;
            continue;
        }
        let mut said = plain(&told(entry));
        if matches!(entry.what, What::Start { .. } | What::Stop | What::Note { .. }) {
            said = format!("**{said}**");
        }
        row(out, entry.at, &said);
    }
    if let Some((at, checks)) = fine {
        row(out, at, &all_fine(checks));
    }
    if left > 0 {
        let _ =
            writeln!(out, "\n{left} searches and copies are left out; the JSON report has them.");
    }
}

fn all_fine(checks: usize) -> String {
    let plural = if checks == 1 { "" } else { "s" };
    format!("{checks} check{plural} ok, as before")
}

fn lists(out: &mut String, timeline: &Timeline, clock: &Clock<'_>) {
    let checks = timeline.checks();
    if !checks.is_empty() {
        section(out, "Checks, as they last were");
        for (id, verdict, summary) in checks {
            let _ = writeln!(out, "- {} {}: {}", word(verdict), plain(id), plain(summary));
        }
    }
    let runs = timeline.runs();
    if !runs.is_empty() {
        section(out, "Commands");
        for run in runs {
            let at = clock.utc(run.at);
            let digest = run.digest.get(..12).unwrap_or(run.digest);
            let digest =
                if digest.is_empty() { String::new() } else { format!(", output sha256 {digest}") };
            let end = ended(run.status, run.exit, run.ms);
            let _ = writeln!(out, "- {} UTC: {}: {end}{digest}", of_day(&at), code(run.line));
        }
    }
    let files = timeline.files();
    if !files.is_empty() {
        section(out, "Files looked at");
        for seen in files {
            let lines: Vec<String> = seen.lines.iter().map(u64::to_string).collect();
            let lines =
                if lines.is_empty() { String::new() } else { format!(":{}", lines.join(",")) };
            let path = seen.path.display();
            let times =
                if seen.times > 1 { format!(", {} times", seen.times) } else { String::new() };
            let _ = writeln!(out, "- {}{times}", code(&format!("{path}{lines}")));
        }
    }
    let commits = timeline.commits();
    if !commits.is_empty() {
        section(out, "Commits looked at");
        for (id, subject) in commits {
            let _ = writeln!(out, "- {} {}", code(id.get(..12).unwrap_or(id)), plain(subject));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::Status;
    use crate::engine::incident::Entry;

    fn sample() -> Timeline {
        let start = What::Start {
            title: "logins fail | 500".into(),
            root: "/srv/shop".into(),
            branch: "main".into(),
        };
        let run = What::Command {
            id: "make.migrate".into(),
            line: "make migrate | tee `x`".into(),
            risk: Risk::Changes,
            targets: vec!["docker context default".into()],
            status: Status::Failed,
            exit: Some(2),
            ms: 1500,
            digest: "ab".repeat(32),
        };
        let check =
            What::Check { id: "pg.up".into(), verdict: Verdict::Fail, summary: "no answer".into() };
        let all = [
            start,
            What::Search { query: "login 401".into(), hits: 14 },
            What::Open { path: "api/auth.py".into(), line: Some(42) },
            What::Note { text: "pool is *full*\nsince 3".into() },
            run,
            check,
            What::Commit { id: "c0ffee".repeat(7), subject: "pool: less".into() },
            What::Stop,
        ];
        let entry = |(at, what)| Entry {
            at: 1_764_040_447_000 + at as u64 * 60_000,
            who: "a".into(),
            number: at as u64 + 1,
            what,
        };
        Timeline::of(all.into_iter().enumerate().map(entry).collect())
    }

    #[test]
    fn the_draft_has_what_is_known_and_asks_for_the_rest() {
        let clock = Clock { offset: &|_| 3600 };
        let out = report(&sample(), &clock, 0);
        for part in [
            "# Incident: logins fail \\| 500\n",
            "| Declared | 2025-11-25 03:14:07 UTC (04:14:07 local, +01:00) |",
            "| Took | 7 m 0 s |",
            "## Impact\n",
            "## Cause\n",
            "| 2025-11-25 03:14:07 | 04:14:07 | **incident declared: logins fail \\| 500** |",
            "| 03:15:07 | 04:15:07 | searched `login 401`: 14 found |",
            "| 03:17:07 | 04:17:07 | **note: pool is \\*full\\* since 3** |",
            "- 03:18:07 UTC: `` make migrate \\| tee `x` `` (changes, on docker context default): exit 2",
            "- FAIL pg.up: no answer\n",
            "- `api/auth.py:42`\n",
            "- `c0ffeec0ffee` pool: less\n",
            "output sha256 abababababab\n",
        ] {
            assert!(out.contains(part), "{part}\n---\n{out}");
        }
    }

    #[test]
    fn checks_that_stay_fine_are_one_row() {
        let check =
            |id: &str, verdict| What::Check { id: id.into(), verdict, summary: "as seen".into() };
        let all = [
            check("a", Verdict::Ok),
            check("b", Verdict::Ok),
            check("c", Verdict::Fail),
            check("a", Verdict::Ok),
            check("c", Verdict::Ok),
            check("c", Verdict::Ok),
        ];
        let entry = |(at, what)| Entry { at: at as u64, who: "a".into(), number: at as u64, what };
        let timeline = Timeline::of(all.into_iter().enumerate().map(entry).collect());
        let out = report(&timeline, &Clock { offset: &|_| 0 }, 0);
        let told: Vec<&str> = out
            .lines()
            .filter(|it| it.starts_with("| "))
            .filter(|it| it.contains("check"))
            .collect();
        let said: Vec<&str> = told.iter().filter_map(|it| it.split(" | ").nth(2)).collect();
        assert_eq!(
            said,
            [
                "2 checks ok, as before |",
                "check c: FAIL, as seen |",
                "1 check ok, as before |",
                "check c: ok, as seen |",
                "1 check ok, as before |",
            ]
        );
    }

    #[test]
    fn an_empty_record_is_a_draft_as_well() {
        let clock = Clock { offset: &|_| 0 };
        let out = report(&Timeline::default(), &clock, 5000);
        assert!(out.starts_with("# Incident: untitled\n") && out.contains("| Over | not yet |"));
    }
}
