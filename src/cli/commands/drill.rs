//! `navi drill`: practise finding. `list`, `report` and `selfcheck` work without the screen.

use std::collections::HashSet;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::catalogue::gather_of;
use super::{past, refresh};
use crate::base::{Diagnostic, text};
use crate::cli::args::{
    Drill, DrillCommand, DrillList, DrillMode, DrillReport, DrillSelfcheck, ReportForm,
};
use crate::cli::failure::{Failure, Kind};
use crate::cli::scope::{Scope, under};
use crate::cli::setup::Setup;
use crate::cli::{NOTHING, json, print};
use crate::engine::audit::CRITICAL;
use crate::engine::catalogue::{Catalogue, Look};
use crate::engine::drills::{
    self, Card, Coverage, Deck, Given, Kind as CardKind, Mode, Own, Results, RoleResult, buried_in,
};
use crate::engine::history::{Git, History};
use crate::engine::index::Snapshot;
use crate::protocol::DrillDeck;
use crate::workers::Options;
use crate::workers::workspace::labels::{Outward, split_id};
use crate::workers::workspace::merge;

pub fn run(scope: Scope, args: &Drill) -> Result<u8, Failure> {
    match &args.command {
        Some(DrillCommand::List(it)) => list(&scope, it),
        Some(DrillCommand::Report(it)) => report(&scope.single()?, *it),
        Some(DrillCommand::Selfcheck(it)) => selfcheck(&scope, *it),
        None => super::screen::drill(scope, mode(args.mode), args.seed),
    }
}

fn mode(mode: DrillMode) -> Mode {
    match mode {
        DrillMode::Alone => Mode::Alone,
        DrillMode::Host => Mode::Host,
        DrillMode::ExpertAway => Mode::ExpertAway,
        DrillMode::Degraded => Mode::Degraded,
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Days since 1970: the deck of a day stays as it is.
pub fn day() -> u64 {
    now() / 86_400
}

/// What decks and checks are made from.
struct Gathered {
    options: Options,
    snapshot: Snapshot,
    catalogue: Catalogue,
    looks: Vec<Look>,
    history: History,
    git: Option<Git>,
    said: Vec<Diagnostic>,
}

fn gathered(setup: &Setup) -> Result<Gathered, Failure> {
    let options = setup.options();
    let mut fresh = refresh(&options);
    let mut said = std::mem::take(&mut fresh.said);
    let snapshot = fresh.snapshot()?;
    let (catalogue, looks, drift) = gather_of(setup, &options, &snapshot.files, CRITICAL);
    said.extend(drift);
    let history = past(&options, &mut said);
    // Why it cannot be read has been said with the history.
    let git = Git::open(&setup.repo).ok().flatten();
    Ok(Gathered { options, snapshot, catalogue, looks, history, git, said })
}

/// The deck as it is asked: without what this user or the repository has buried.
fn deck(setup: &Setup, gathered: &Gathered, seed: u64, must_lead: bool) -> Deck {
    let (kept, faults) = setup.drill_log().read();
    let mut buried: HashSet<String> = kept.buried;
    buried.extend(buried_in(&setup.repo.root));
    let given = Given {
        finder: &gathered.options.finder,
        snapshot: &gathered.snapshot,
        catalogue: &gathered.catalogue,
        looks: &gathered.looks,
        history: &gathered.history,
        git: gathered.git.as_ref(),
        player: &gathered.options.player,
        buried: &buried,
        mode: Mode::Alone,
        must_lead,
        now: i64::try_from(now()).unwrap_or(i64::MAX),
        seed,
        cancelled: &|| false,
    };
    let mut deck = drills::build(&given, &Own::read(&setup.repo.root));
    deck.said.extend(faults);
    deck
}

#[derive(Serialize)]
struct ListBody {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repositories: Vec<json::Repository>,
    cards: Vec<CardBody>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct CardBody {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    kind: &'static str,
    prompt: String,
    seconds: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<Vec<AnswerBody>>,
}

#[derive(Serialize)]
struct AnswerBody {
    path: String,
    line: Option<u32>,
}

fn list(scope: &Scope, args: &DrillList) -> Result<u8, Failure> {
    let kind = args.kind.as_deref().map(kind_of).transpose()?;
    if args.limit == Some(0) {
        return Err(Failure::new(Kind::Usage, "--limit 0 would show nothing")
            .hint("give a limit of 1 or more"));
    }
    let (mut decks, mut labels, mut said) = (Vec::new(), Vec::new(), Vec::new());
    for (label, setup) in scope.each() {
        let gathered = gathered(setup)?;
        let Deck { mut cards, said: faults } = deck(setup, &gathered, args.seed, true);
        cards.retain(|it| kind.is_none_or(|kind| it.kind == kind));
        said.extend(gathered.said.iter().chain(&faults).map(|it| under(label, it)));
        let deck = DrillDeck { cards, ..DrillDeck::default() };
        decks.push(if label.is_empty() { deck } else { deck.labelled(label) });
        labels.push(label.to_owned());
    }
    let mut cards = match (&mut decks[..], scope.is_workspace()) {
        ([only], false) => std::mem::take(&mut only.cards),
        _ => merge::decks(&decks, &labels, args.seed).cards,
    };
    cards.truncate(args.limit.unwrap_or(usize::MAX));
    let nothing = cards.is_empty();
    if args.json {
        let mut all = scope.said();
        all.extend(said);
        let body = ListBody {
            repositories: json::repositories(scope),
            cards: cards.iter().map(|it| card_body(scope, it, args.answers)).collect(),
            diagnostics: json::said(&all),
        };
        print::out(&json::object(&body));
    } else {
        scope.warn(&said);
        for card in &cards {
            show_card(card, args.answers);
        }
    }
    Ok(if nothing { NOTHING } else { 0 })
}

fn kind_of(name: &str) -> Result<CardKind, Failure> {
    CardKind::of(name).ok_or_else(|| {
        let known = CardKind::ALL.map(CardKind::id);
        let failure = Failure::new(Kind::Usage, format!("unknown kind of card `{name}`"));
        match crate::base::suggest::did_you_mean(name, known) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("known: {}", known.join(", "))),
        }
    })
}

fn card_body(scope: &Scope, card: &Card, answers: bool) -> CardBody {
    let answer = |it: &drills::Answer| AnswerBody {
        path: scope.apart(&it.path).1.to_text().into_owned(),
        line: it.line,
    };
    let label = split_id(&card.id).filter(|_| scope.is_workspace());
    CardBody {
        repository: label.map(|it| it.0.to_owned()),
        id: card.id.clone(),
        kind: card.kind.id(),
        prompt: card.prompt.clone(),
        seconds: card.seconds,
        role: answers.then(|| card.role.clone()),
        answers: answers.then(|| card.answers.iter().map(answer).collect()),
    }
}

fn show_card(card: &Card, answers: bool) {
    let mut lines = card.prompt.lines();
    print::out(&format!("{}  {} s  {}", card.id, card.seconds, lines.next().unwrap_or_default()));
    for line in lines {
        print::out(&format!("    {line}"));
    }
    for answer in card.answers.iter().filter(|_| answers) {
        let line = answer.line.map_or_else(String::new, |it| format!(":{it}"));
        print::out(&format!("    -> {}{line}", answer.path.display()));
    }
}

#[derive(Serialize)]
struct ReportBody<'a> {
    rounds: usize,
    skipped: usize,
    found: usize,
    credit: f64,
    within_30s: usize,
    p50_s: Option<f64>,
    p90_s: Option<f64>,
    hints: u32,
    wrong_opens: u32,
    searches: u32,
    trend: Option<TrendBody>,
    sparkline: &'a str,
    by_role: Vec<RoleBody<'a>>,
    by_folder: Vec<FolderBody<'a>>,
    coverage: Vec<CoverageBody<'a>>,
    never_found: Vec<&'a str>,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct TrendBody {
    last_five_s: f64,
    before_s: f64,
}

#[derive(Serialize)]
struct RoleBody<'a> {
    role: &'a str,
    rounds: usize,
    found: usize,
    p50_s: Option<f64>,
}

#[derive(Serialize)]
struct FolderBody<'a> {
    folder: &'a str,
    rounds: usize,
    found: usize,
    p50_s: Option<f64>,
}

#[derive(Serialize)]
struct CoverageBody<'a> {
    path: &'a str,
    rounds: usize,
    found: usize,
}

fn seconds(ms: Option<u64>) -> Option<f64> {
    ms.map(|it| (it as f64 / 100.0).round() / 10.0)
}

fn report(setup: &Setup, args: DrillReport) -> Result<u8, Failure> {
    let (kept, said) = setup.drill_log().read();
    let results = kept.record.results();
    if args.json {
        let all: Vec<_> = setup.said.iter().chain(&said).cloned().collect();
        print::out(&json::object(body(&results, &all)));
    } else {
        setup.warn(&said);
        let text = match args.format {
            ReportForm::Text => plain(&results),
            ReportForm::Md => markdown(&setup.repo.name(), &results),
        };
        print::out(text.trim_end());
    }
    Ok(if results.rounds == 0 { NOTHING } else { 0 })
}

fn body<'a>(results: &'a Results, said: &[Diagnostic]) -> ReportBody<'a> {
    let round = |it: f64| (it * 10.0).round() / 10.0;
    ReportBody {
        rounds: results.rounds,
        skipped: results.skipped,
        found: results.found,
        credit: results.credit,
        within_30s: results.within_30s,
        p50_s: seconds(results.p50_ms),
        p90_s: seconds(results.p90_ms),
        hints: results.hints,
        wrong_opens: results.wrong,
        searches: results.searches,
        trend: results
            .trend
            .map(|(now, before)| TrendBody { last_five_s: round(now), before_s: round(before) }),
        sparkline: &results.spark,
        by_role: results.by_role.iter().map(role_body).collect(),
        by_folder: results.by_folder.iter().map(folder_body).collect(),
        coverage: results.coverage.iter().map(coverage_body).collect(),
        never_found: results.never_found(),
        diagnostics: json::said(said),
    }
}

fn role_body(it: &RoleResult) -> RoleBody<'_> {
    RoleBody { role: &it.name, rounds: it.rounds, found: it.found, p50_s: seconds(it.p50_ms) }
}

fn folder_body(it: &RoleResult) -> FolderBody<'_> {
    FolderBody { folder: &it.name, rounds: it.rounds, found: it.found, p50_s: seconds(it.p50_ms) }
}

fn coverage_body(it: &Coverage) -> CoverageBody<'_> {
    CoverageBody { path: &it.path, rounds: it.rounds, found: it.found }
}

/// Rows of the coverage map that are told.
const COVERAGE: usize = 15;

fn time(ms: Option<u64>) -> String {
    seconds(ms).map_or_else(|| "-".to_owned(), |it| format!("{it:.1} s"))
}

/// What is told in every form, as pairs.
fn figures(results: &Results) -> Vec<(&'static str, String)> {
    let share = |part: usize| format!("{part} of {}", results.rounds);
    let mut rows = vec![
        ("rounds", format!("{} ({} given back)", results.rounds, results.skipped)),
        ("found", share(results.found)),
        ("within 30 s", share(results.within_30s)),
        ("half took", time(results.p50_ms)),
        ("nine of ten took", time(results.p90_ms)),
        (
            "hints, wrong files, searches",
            format!("{}, {}, {}", results.hints, results.wrong, results.searches),
        ),
    ];
    if let Some((now, before)) = results.trend {
        rows.push(("last five, and the five before", format!("{now:.1} s, {before:.1} s")));
    }
    rows
}

fn plain(results: &Results) -> String {
    if results.rounds == 0 {
        return "no round has been played here: `navi drill` begins".to_owned();
    }
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    for (name, value) in figures(results) {
        line(format!("{name:32} {value}"));
    }
    line(format!("{:32} {}", "last rounds", results.spark));
    for (title, groups) in [("by role", &results.by_role), ("by folder", &results.by_folder)] {
        line(format!("\n{title}"));
        for it in groups {
            let name = text::clean(&it.name);
            line(format!("  {name:30} {} of {}  {}", it.found, it.rounds, time(it.p50_ms)));
        }
    }
    line("\nwhat is found least".to_owned());
    for it in results.coverage.iter().take(COVERAGE) {
        line(format!("  {} of {}  {}", it.found, it.rounds, text::clean(&it.path)));
    }
    out
}

fn markdown(repo: &str, results: &Results) -> String {
    let cell = |it: &str| text::clean(it).replace('|', "\\|");
    let mut out = format!("# Drill report: {}\n\n", cell(repo));
    if results.rounds == 0 {
        return out + "No round has been played here.\n";
    }
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line("| what | how much |\n| --- | --- |".to_owned());
    for (name, value) in figures(results) {
        line(format!("| {name} | {value} |"));
    }
    line(format!("| last rounds | {} |", results.spark));
    for (title, groups) in [("role", &results.by_role), ("folder", &results.by_folder)] {
        line(format!("\n## By {title}\n\n| {title} | found | half took |\n| --- | --- | --- |"));
        for it in groups {
            let name = cell(&it.name);
            line(format!("| {name} | {} of {} | {} |", it.found, it.rounds, time(it.p50_ms)));
        }
    }
    line("\n## What is found least\n\n| file | found |\n| --- | --- |".to_owned());
    for it in results.coverage.iter().take(COVERAGE) {
        line(format!("| `{}` | {} of {} |", cell(&it.path), it.found, it.rounds));
    }
    out
}

#[derive(Serialize)]
struct CheckBody {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repositories: Vec<json::Repository>,
    checked: usize,
    in_first_five: usize,
    share: f64,
    missed: Vec<MissedBody>,
    fixes: FixesBody,
    diagnostics: Vec<json::Said>,
}

#[derive(Serialize)]
struct MissedBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    path: String,
    query: String,
    rank: Option<usize>,
}

#[derive(Serialize)]
struct FixesBody {
    checked: usize,
    in_first_five: usize,
    share: f64,
}

fn selfcheck(scope: &Scope, args: DrillSelfcheck) -> Result<u8, Failure> {
    if !(0.0..=1.0).contains(&args.threshold) {
        return Err(Failure::new(Kind::Usage, "--threshold is a share between 0 and 1"));
    }
    let (mut asked, mut fixes, mut fixes_found) = (0, 0, 0);
    let (mut missed, mut said) = (Vec::new(), Vec::new());
    for (label, setup) in scope.each() {
        let gathered = gathered(setup)?;
        let Deck { cards, said: faults } = deck(setup, &gathered, 1, false);
        let (finder, snapshot) = (&gathered.options.finder, &gathered.snapshot);
        let check = drills::check(finder, snapshot, &gathered.catalogue, &cards, 1, &|| false);
        asked += check.critical.asked;
        fixes += check.fixes;
        fixes_found += check.fixes_found;
        missed.extend(check.critical.missed.into_iter().map(|it| (label, it)));
        said.extend(gathered.said.iter().chain(&faults).map(|it| under(label, it)));
    }
    let share = |found: usize, of: usize| if of == 0 { 1.0 } else { found as f64 / of as f64 };
    let found = asked - missed.len();
    let round = |it: f64| (it * 1000.0).round() / 1000.0;
    if args.json {
        let mut all = scope.said();
        all.extend(said);
        print::out(&json::object(&CheckBody {
            repositories: json::repositories(scope),
            checked: asked,
            in_first_five: found,
            share: round(share(found, asked)),
            missed: missed
                .iter()
                .map(|(label, it)| MissedBody {
                    repository: Some((*label).to_owned()).filter(|it| !it.is_empty()),
                    path: it.path.to_text().into_owned(),
                    query: it.query.clone(),
                    rank: it.row,
                })
                .collect(),
            fixes: FixesBody {
                checked: fixes,
                in_first_five: fixes_found,
                share: round(share(fixes_found, fixes)),
            },
            diagnostics: json::said(&all),
        }));
    } else {
        scope.warn(&said);
        print::out(&format!("critical files  {found} of {asked} among the first five"));
        for (label, it) in missed {
            let row =
                it.row.map_or("not among the first fifty".to_owned(), |it| format!("row {it}"));
            let query = text::clean(&it.query);
            let path = if label.is_empty() { it.path } else { it.path.under(label) };
            print::out(&format!("  {}  by `{query}`: {row}", path.display()));
        }
        print::out(&format!("past fixes      {fixes_found} of {fixes} among the first five"));
    }
    Ok(if share(found, asked) < args.threshold { NOTHING } else { 0 })
}
