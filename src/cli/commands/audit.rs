//! `navi audit`: the structure-validation checklist.

use serde::Serialize;

use super::catalogue::gather;
use super::refresh;
use crate::base::path::{name_of, stem_of};
use crate::base::text;
use crate::cli::args::Audit;
use crate::cli::failure::{Failure, Kind};
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::engine::audit::{Check, Navigation, Subject, Verdict, run as checks_of, score, shape};
use crate::engine::roles::words_of;
use crate::engine::search::{Ask, Results};

/// Files of each role that must be found.
const CRITICAL: usize = 3;
/// Rows among which they must be.
const ROWS: usize = 5;

#[derive(Serialize)]
struct Body {
    score: f64,
    checks: Vec<CheckBody>,
    advice: AdviceBody,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct CheckBody {
    id: &'static str,
    title: &'static str,
    verdict: &'static str,
    evidence: Vec<String>,
    fix: String,
}

#[derive(Serialize)]
struct AdviceBody {
    repositories: &'static str,
    evidence: Vec<String>,
}

pub fn run(setup: &Setup, args: &Audit) -> Result<u8, Failure> {
    if !(0.0..=1.0).contains(&args.threshold) {
        return Err(Failure::new(Kind::Usage, "--threshold is a share between 0 and 1"));
    }
    let options = setup.options();
    let (catalogue, files, mut said) = gather(setup, &options, CRITICAL);
    let mut fresh = refresh(&options);
    said.extend(fresh.said.iter().cloned());
    let snapshot = fresh.snapshot()?;
    let mut navigation = Navigation::default();
    for shelf in &catalogue.shelves {
        for entry in &shelf.files {
            let path = files.repo_path(entry.id);
            let query = plain_words(path.as_bytes());
            let ask = Ask { limit: ROWS, unfinished: false, count_all: false, now: 0 };
            let mut results = Results::default();
            options.finder.find(&snapshot, &query, ask, &|| false, &mut |it| results = it);
            navigation.asked += 1;
            if !results.hits.iter().take(ROWS).any(|it| it.path == path) {
                navigation.missed.push((path.to_text().into_owned(), query));
            }
        }
    }
    let subject = Subject {
        roles: &setup.roles,
        files: &files,
        catalogue: &catalogue,
        navigation: &navigation,
    };
    let checks = checks_of(&subject);
    let total = score(&checks);
    let (advice, evidence) = shape(&subject);
    if args.json {
        let all: Vec<_> = setup.said.iter().chain(&said).cloned().collect();
        print::out(&json::object(&Body {
            score: (total * 1000.0).round() / 1000.0,
            checks: checks.iter().map(wire).collect(),
            advice: AdviceBody { repositories: advice, evidence },
            diagnostics: json::said(&all),
        }));
    } else {
        setup.warn(&said);
        for check in &checks {
            show(check);
        }
        print::out(&format!("advice   {advice}"));
        for it in evidence {
            print::out(&format!("         {}", text::clean(&it)));
        }
        print::out(&format!("score    {total:.2}"));
    }
    Ok(if total < args.threshold { NOTHING } else { 0 })
}

/// What somebody would type for a file whose name they half remember: the words of its name, and
/// those of its folder.
fn plain_words(path: &[u8]) -> String {
    let name = name_of(path);
    let folder = path[..path.len() - name.len()].strip_suffix(b"/").unwrap_or_default();
    let text = |part: &[u8]| -> Vec<String> {
        // Two words joined are for rules; people type them apart.
        let words = words_of(part).into_iter().map(|it| it.0);
        let words: Vec<String> =
            words.map(|it| String::from_utf8_lossy(&it).into_owned()).collect();
        words.into_iter().step_by(2).collect()
    };
    let mut words = text(stem_of(name));
    words.extend(text(name_of(folder)));
    words.dedup();
    words.truncate(6);
    words.join(" ")
}

fn wire(check: &Check) -> CheckBody {
    CheckBody {
        id: check.id,
        title: check.title,
        verdict: check.verdict.word(),
        evidence: check.evidence.clone(),
        fix: check.fix.clone(),
    }
}

fn show(check: &Check) {
    let word = match check.verdict {
        Verdict::Pass => "pass",
        Verdict::Warn => "warn",
        Verdict::Fail => "FAIL",
        Verdict::NotApplicable => "n/a",
    };
    print::out(&format!("{word:8} {}", check.title));
    for it in &check.evidence {
        print::out(&format!("         {}", text::clean(it)));
    }
    if !check.fix.is_empty() {
        print::out(&format!("         fix: {}", check.fix));
    }
}
