//! Security: who asks is checked in one clear place, what comes in is checked, and secrets stay
//! outside.

use super::secrets;
use super::signs::Sign;
use super::{Check, Evidence, Subject, Verdict, done, not_judged};

pub fn security_boundaries(subject: &Subject<'_>) -> Check {
    let name = ("security-boundaries", "Security boundaries");
    let leaks = secrets::find(subject);
    if !leaks.is_empty() {
        let fix = "take these out of the tree and its history, and put others in their place; keep \
                   an .env.example without values";
        return done(name, Verdict::Fail, leaks, fix);
    }
    let auth: Vec<_> = subject.entries("auth", 3).collect();
    let Some(&(first, line)) = auth.first() else {
        let Some((route, at)) = subject.entries("route", 1).next() else {
            let what =
                "nothing answers requests, so nobody has to be checked; no secrets were found";
            return not_judged(name, what);
        };
        let said = "answers requests, and no file was found that checks who asks";
        let evidence = vec![Evidence::at(subject.files.repo_path(route), at, said)];
        let fix = "check who asks in one module, before requests are answered";
        return done(name, Verdict::Fail, evidence, fix);
    };
    let used = subject.graph.incoming(first);
    let who = if used >= 1.0 {
        format!(", and {} files refer to it", used as u32)
    } else {
        String::new()
    };
    let said = format!("who asks is checked here{who}");
    let mut evidence = vec![Evidence::at(subject.files.repo_path(first), line, said)];
    evidence.extend(
        auth.iter()
            .skip(1)
            .map(|&(id, line)| Evidence::at(subject.files.repo_path(id), line, "and here")),
    );
    evidence.push(Evidence::from("no secrets were found in the tree".to_owned()));
    done(name, Verdict::Pass, evidence, "")
}

pub fn security_principle(subject: &Subject<'_>) -> Check {
    let name = ("security-principle", "Security boundaries by design");
    if subject.entries("route", 1).next().is_none() {
        return not_judged(name, "nothing here answers requests");
    }
    let mut evidence = Vec::new();
    let mut fixes = Vec::new();
    let mut there = 0;
    let parts = [
        (
            "auth",
            "who asks is checked here",
            "no file checks who asks",
            "check who asks in one module",
        ),
        (
            "middleware",
            "stands in the way of every request",
            "nothing stands in the way of every request",
            "put the check into middleware or a guard that no route can forget",
        ),
        (
            "config",
            "settings come in here",
            "no file holds the settings",
            "take secrets from settings",
        ),
    ];
    for (role, said, lacking, fix) in parts {
        if let Some((id, line)) = subject.entries(role, 1).next() {
            there += 1;
            evidence.push(Evidence::at(subject.files.repo_path(id), line, said));
        } else {
            evidence.push(Evidence::from(lacking.to_owned()));
            fixes.push(fix);
        }
    }
    let checked = subject.signs.first_in_each(Sign::Validation);
    if let Some(first) = checked.first() {
        there += 1;
        let said = format!("what comes in is checked in {} files, such as here", checked.len());
        let path = subject.files.repo_path(first.file);
        evidence.push(Evidence::at(path, u64::from(first.line), said));
    } else {
        evidence.push(Evidence::from("no library checks what comes in".to_owned()));
        fixes.push("check what comes in by a schema, at every entry point");
    }
    let verdict = match there {
        4 => Verdict::Pass,
        3 => Verdict::Warn,
        _ => Verdict::Fail,
    };
    done(name, verdict, evidence, &fixes.join("; "))
}
