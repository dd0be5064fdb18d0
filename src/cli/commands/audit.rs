//! `navi audit`: the structure-validation checklist.

use serde::Serialize;

use super::catalogue::gather;
use super::{past, refresh};
use crate::base::{Diagnostic, RepoPath, text};
use crate::cli::args::Audit;
use crate::cli::failure::{Failure, Kind};
use crate::cli::scope::{Scope, under};
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::engine::audit::{
    Audit as Judged, CRITICAL, Check, Evidence, Given, Navigation, People, Verdict, judge,
};
use crate::workers::crew;
use crate::workers::workspace::labels::Outward;
use crate::workers::workspace::merge;

#[derive(Serialize)]
struct Body {
    score: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repositories: Vec<json::Repository>,
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
    places: Vec<PlaceBody>,
    fix: String,
}

#[derive(Serialize)]
struct PlaceBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    path: String,
    line: Option<u64>,
}

#[derive(Serialize)]
struct AdviceBody {
    repositories: String,
    evidence: Vec<String>,
}

pub fn run(scope: &Scope, args: &Audit) -> Result<u8, Failure> {
    if !(0.0..=1.0).contains(&args.threshold) {
        return Err(Failure::new(Kind::Usage, "--threshold is a share between 0 and 1"));
    }
    let (mut parts, mut said) = (Vec::new(), Vec::new());
    for (label, setup) in scope.each() {
        let (audit, own) = of_repository(setup)?;
        parts.push(if label.is_empty() { audit } else { audit.labelled(label) });
        said.extend(own.iter().map(|it| under(label, it)));
    }
    let audit = match (parts.pop(), scope.is_workspace()) {
        (Some(only), false) => only,
        (last, _) => {
            parts.extend(last);
            merge::audits(&parts)
        }
    };
    if args.json {
        let mut all = scope.said();
        all.extend(said);
        print::out(&json::object(&Body {
            score: (audit.score * 1000.0).round() / 1000.0,
            repositories: json::repositories(scope),
            checks: audit.checks.iter().map(|it| wire(scope, it)).collect(),
            advice: AdviceBody {
                repositories: audit.advice.clone(),
                evidence: audit.shape.iter().map(Evidence::to_text).collect(),
            },
            diagnostics: json::said(&all),
        }));
    } else {
        scope.warn(&said);
        for check in &audit.checks {
            show(check);
        }
        print::out(&format!("advice   {}", audit.advice));
        for it in &audit.shape {
            print::out(&format!("         {}", text::clean(&it.to_text())));
        }
        print::out(&format!("score    {:.2}", audit.score));
    }
    Ok(if audit.score < args.threshold { NOTHING } else { 0 })
}

fn of_repository(setup: &Setup) -> Result<(Judged, Vec<Diagnostic>), Failure> {
    let options = setup.options();
    let (catalogue, looks, files, mut said) = gather(setup, &options, CRITICAL);
    let mut fresh = refresh(&options);
    said.extend(fresh.said.iter().cloned());
    let snapshot = fresh.snapshot()?;
    let navigation = Navigation::measure(&options.finder, &snapshot, &files, &catalogue, &|| false);
    let audit = judge(&Given {
        root: &setup.repo.root,
        roles: &setup.roles,
        files: &files,
        catalogue: &catalogue,
        looks: &looks,
        owners: &options.finder.owners,
        navigation: &navigation,
        people: People::of(&past(&options, &mut said)),
        crew,
        threads: options.cores,
        cancelled: &|| false,
    });
    Ok((audit, said))
}

fn wire(scope: &Scope, check: &Check) -> CheckBody {
    let place = |(path, line): &(RepoPath, Option<u64>)| {
        let (repository, path) = scope.apart(path);
        PlaceBody { repository, path: path.to_text().into_owned(), line: *line }
    };
    CheckBody {
        id: check.id,
        title: check.title,
        verdict: check.verdict.word(),
        evidence: check.evidence.iter().map(Evidence::to_text).collect(),
        places: check.evidence.iter().filter_map(|it| it.place.as_ref()).map(place).collect(),
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
        print::out(&format!("         {}", text::clean(&it.to_text())));
    }
    if !check.fix.is_empty() {
        print::out(&format!("         fix: {}", check.fix));
    }
}
