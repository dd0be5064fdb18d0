//! The Commands panel: what it shows, what it asks before something runs, and how output is read.
//! The machine is driven inline; runs are told by hand.

use navi::app::What;
use navi::engine::commands::{
    Command, Consent, Kind, Outcome, Parameter, Passing, Place, Risk, Status, Target, Trust, Work,
};
use navi::engine::output::{Line, Parser, Stream};
use navi::protocol::{Grant, LastChange, Offer, Offers, Report, Request, RunNews, Taken};

use crate::screens::Nav;
use crate::support::Tree;

fn offer(id: &str, kind: Kind, risk: Risk, trust: Trust) -> Offer {
    let command = Command {
        id: id.into(),
        title: format!("Title of {id}"),
        kind,
        work: Work::Program(vec!["make".into(), id.into()]),
        env: Vec::new(),
        cwd: "".into(),
        place: Place { path: "Makefile".into(), line: 7 },
        risk,
        risk_why: "known to be so".into(),
        body: String::new(),
        files: Vec::new(),
        parameters: Vec::new(),
        follows: false,
        interactive: false,
        service: None,
        judge: None,
        deadline_s: None,
    };
    Offer {
        command,
        trust,
        text: vec![format!("run: make {id}"), "    curl localhost".into()],
        fault: None,
        targets: Vec::new(),
        changed: Some(LastChange { age_s: 3 * 86_400, who: "Ana".into() }),
    }
}

fn offers() -> Offers {
    let mut grep = offer("make.grep", Kind::Logs, Risk::ReadOnly, Trust::Trusted);
    grep.command.parameters = vec![Parameter {
        name: "WORD".into(),
        default: None,
        passing: Passing::Assignment,
        says: Some("what to look for".into()),
    }];
    let before = "run: make logs\n    curl -X POST localhost\n".to_owned();
    Offers {
        offers: vec![
            offer("make.health", Kind::Health, Risk::ReadOnly, Trust::Trusted),
            offer("make.logs", Kind::Logs, Risk::ReadOnly, Trust::Changed { since: 0, before }),
            grep,
            offer("make.migrate", Kind::Database, Risk::Changes, Trust::Trusted),
            offer("make.clean", Kind::Other, Risk::Destroys, Trust::Trusted),
            offer("make.odd", Kind::Other, Risk::ReadOnly, Trust::Unknown),
        ],
        read_only: false,
    }
}

fn panel() -> (Tree, Nav) {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (120, 36));
    nav.offers = offers();
    nav.keys("alt-4");
    (tree, nav)
}

/// Filters for a command and asks for its run.
fn select(nav: &mut Nav, id: &str) {
    nav.keys("/").types(id).keys("enter");
}

fn said(nav: &mut Nav, run: u64, text: &str) {
    let mut lines: Vec<Line> = Vec::new();
    let mut parser = Parser::new(Stream::Out);
    parser.feed(text.as_bytes(), &mut |line| {
        lines.push(line);
        true
    });
    let (open, taken) = (Vec::new(), Taken::default());
    let news = RunNews::Lines { lines, open, dropped_bytes: 0, taken };
    nav.happen(What::Report(Report::Run { run, news }));
}

fn ended(nav: &mut Nav, run: u64, status: Status, exit: i32) {
    let outcome =
        Outcome { status, exit: Some(exit), ms: 1240, dropped_bytes: 0, notes: Vec::new() };
    nav.happen(What::Report(Report::Run { run, news: RunNews::Finished(outcome) }));
}

fn last_run(nav: &Nav) -> (u64, String, Vec<(String, String)>, Consent) {
    match nav.asked.last() {
        Some(Request::Run { run, command, values, consent }) => {
            (*run, command.id.clone(), values.clone(), consent.clone())
        }
        other => panic!("no run: {other:?}\n{}", nav.screen()),
    }
}

#[test]
fn commands_stand_by_kind_with_risk_place_and_trust_at_each_size() {
    let (_tree, mut nav) = panel();
    for size in [(120, 36), (80, 24), (40, 10), (300, 100)] {
        nav.resize(size);
        let screen = nav.screen();
        let wide = size.0 >= 80;
        for wanted in ["H Health", "a Title of make.hea", "a-z row", "enter run"] {
            assert!(screen.contains(wanted), "{wanted} at {size:?}\n{screen}");
        }
        for wanted in ["4 Commands", "6 commands · 2 not trusted", "read-only"] {
            assert!(screen.contains(wanted) || !wide, "{wanted} at {size:?}\n{screen}");
        }
    }
    nav.resize((120, 36));
    for wanted in ["curl localhost", "from    Makefile:7 · changed 3 d ago by Ana"] {
        assert!(nav.screen().contains(wanted), "{wanted}\n{}", nav.screen());
    }
    nav.ascii = true;
    assert_eq!(nav.screen().chars().find(|it| !it.is_ascii()), None, "{}", nav.screen());
    for size in [(1, 1), (2, 3), (5, 2), (20, 4), (1000, 1), (3, 200)] {
        nav.resize(size);
        nav.keys("enter");
        assert_eq!(nav.rows().len(), usize::from(size.1));
    }
}

#[test]
fn what_is_trusted_and_reads_runs_at_once_and_its_output_is_read() {
    let (_tree, mut nav) = panel();
    nav.keys("enter");
    let (run, id, values, consent) = last_run(&nav);
    assert_eq!((id.as_str(), values.len(), consent), ("make.health", 0, Consent::Trusted));
    said(&mut nav, run, "starting\n\x1b[31mERROR: no pool\x1b[0m\n{\"level\":\"warn\"}\nlast\n");
    assert!(nav.screen().contains("running"), "{}", nav.screen());
    ended(&mut nav, run, Status::Failed, 3);
    for wanted in
        ["$ make make.health", "✗ERROR: no pool", "✗ Title of make.health", "exit 3 · 1.2 s"]
    {
        assert!(nav.screen().contains(wanted), "{wanted}\n{}", nav.screen());
    }
    nav.keys("tab e");
    assert!(nav.screen().contains("▸ERROR: no pool"), "{}", nav.screen());
    nav.keys("y");
    assert_eq!(nav.copied, ["ERROR: no pool"]);
    nav.keys("&").types("last").keys("enter");
    assert!(
        !nav.screen().contains("starting") && nav.screen().contains("last"),
        "{}",
        nav.screen()
    );
    nav.keys("&").keys("alt-u enter");
    nav.keys("m");
    assert!(nav.copied[1].contains("$ make make.health") && nav.copied[1].contains("exit 3"));
    nav.keys("/").types("pool").keys("enter n");
    assert!(nav.screen().contains("▸ERROR: no pool"), "{}", nav.screen());
    // The same key again runs it anew; what went well before is compared with.
    nav.keys("r");
    let (again, ..) = last_run(&nav);
    assert_ne!(run, again);
    nav.keys("x");
    assert!(matches!(nav.asked.last(), Some(Request::StopRun { run }) if *run == again));
}

#[test]
fn a_place_in_the_output_leads_to_the_source() {
    let (_tree, mut nav) = panel();
    nav.keys("enter");
    let (run, ..) = last_run(&nav);
    said(&mut nav, run, "up\n  File \"/app/api/auth.py\", line 2, in login\nValueError: x\n");
    ended(&mut nav, run, Status::Failed, 1);
    nav.keys("tab").keys("/").types("auth.py").keys("enter o");
    let model = nav.app.model();
    assert!(model.results.hits[0].path.display().ends_with("auth.py"), "{}", nav.screen());
    assert!(nav.screen().contains("1 Find") && nav.screen().contains("auth.py:"));
}

#[test]
fn what_was_not_seen_is_shown_before_it_runs() {
    let (_tree, mut nav) = panel();
    select(&mut nav, "make.odd");
    for wanted in ["run this?", "not trusted yet", "r run once", "t trust and run", "curl local"] {
        assert!(nav.screen().contains(wanted), "{wanted}\n{}", nav.screen());
    }
    assert!(nav.asked.is_empty());
    nav.keys("enter");
    assert!(nav.asked.is_empty(), "enter alone runs nothing");
    nav.keys("t");
    assert!(matches!(&nav.asked[0], Request::Trust { seen, grant: Grant::Allow }
        if seen.len() == 1 && seen[0].0.id == "make.odd"));
    assert_eq!(last_run(&nav).3, Consent::Once);

    let (_tree, mut nav) = panel();
    select(&mut nav, "make.logs");
    for wanted in ["changed since it was trusted", "-   curl -X POST", "+   curl localhost"] {
        let squeezed = nav.screen().replace("    ", "   ");
        assert!(
            squeezed.contains(wanted) || nav.screen().contains(wanted.trim()),
            "{wanted}\n{}",
            nav.screen()
        );
    }
    nav.keys("a");
    assert!(
        matches!(&nav.asked[0], Request::Trust { seen, grant: Grant::Allow } if seen.len() == 2)
    );
    assert_eq!(nav.asked.len(), 1, "trusting all runs nothing");
}

#[test]
fn a_card_names_its_keys_and_what_has_to_be_typed_on_every_screen() {
    let (_tree, mut nav) = panel();
    nav.offers.offers[3].command.risk_why =
        "a reason that is far too long for any screen".repeat(4);
    nav.offers.offers[4].command.risk_why =
        "a reason that is far too long for any screen".repeat(4);
    nav.offers.offers[0].trust = Trust::Unknown;
    nav.offers.offers[0].command.parameters = vec![Parameter {
        name: "URL".into(),
        default: Some("localhost".into()),
        passing: Passing::Assignment,
        says: None,
    }];
    nav.keys("alt-1 alt-4");
    for size in [(120, 36), (80, 24), (40, 10)] {
        nav.resize(size);
        for (id, wanted) in [
            ("make.health", ["r run once", "t trust and run", "esc leave it"]),
            ("make.migrate", ["r run", "changes", "esc leave it"]),
            ("make.clean", ["type make.clean to run it", "name =", "esc leave it"]),
        ] {
            select(&mut nav, id);
            for part in wanted {
                assert!(
                    nav.screen().contains(part),
                    "{part} of {id} at {size:?}\n{}",
                    nav.screen()
                );
            }
            nav.keys("esc esc");
        }
    }
    // What has a default is not in the way of the keys; trusted, it runs at once.
    select(&mut nav, "make.health");
    nav.keys("r");
    let (run, _, values, _) = last_run(&nav);
    assert_eq!(values, [("URL".to_owned(), "localhost".to_owned())]);
    ended(&mut nav, run, Status::Ok, 0);
    nav.offers.offers[0].trust = Trust::Trusted;
    nav.keys("esc alt-1 alt-4");
    select(&mut nav, "make.health");
    assert_eq!((last_run(&nav).1.as_str(), last_run(&nav).3), ("make.health", Consent::Trusted));
}

#[test]
fn what_changes_is_confirmed_and_what_destroys_is_typed_out() {
    let (_tree, mut nav) = panel();
    select(&mut nav, "make.migrate");
    nav.keys("enter");
    assert!(nav.asked.is_empty());
    nav.keys("r");
    assert_eq!(last_run(&nav).3, Consent::Once);

    let (_tree, mut nav) = panel();
    select(&mut nav, "make.clean");
    assert!(nav.screen().contains("type make.clean to run it"), "{}", nav.screen());
    nav.keys("r enter");
    assert!(nav.asked.is_empty(), "a letter is a letter of the name");
    nav.keys("alt-u").types("make.clean").keys("enter");
    assert_eq!(last_run(&nav).3, Consent::Typed("make.clean".into()));

    let (_tree, mut nav) = panel();
    nav.offers.offers[3].targets = vec![Target {
        name: "prod-eu".into(),
        reach: navi::engine::commands::Reach::KubeContext,
        production: true,
    }];
    nav.keys("alt-1 alt-4");
    select(&mut nav, "make.migrate");
    assert!(nav.screen().contains("the kube context prod-eu"), "{}", nav.screen());
    nav.types("make.migrate").keys("enter");
    assert!(nav.asked.is_empty());
    nav.keys("alt-u").types("prod-eu").keys("enter");
    assert_eq!(last_run(&nav).3, Consent::Typed("prod-eu".into()));

    let (_tree, mut nav) = panel();
    nav.offers.read_only = true;
    nav.keys("alt-1 alt-4");
    select(&mut nav, "make.migrate");
    assert!(nav.screen().contains("navi is read-only"), "{}", nav.screen());
    assert!(nav.asked.is_empty());
}

#[test]
fn values_are_asked_for_and_passed_on_as_they_are() {
    let (_tree, mut nav) = panel();
    select(&mut nav, "make.grep");
    assert!(nav.screen().contains("WORD =") && nav.screen().contains("what to look for"));
    nav.keys("enter");
    assert!(
        nav.asked.is_empty() && nav.screen().contains("WORD needs a value"),
        "{}",
        nav.screen()
    );
    nav.types("$(touch x); rm").keys("enter");
    let (_, id, values, _) = last_run(&nav);
    assert_eq!(
        (id.as_str(), &values[..]),
        ("make.grep", &[("WORD".to_owned(), "$(touch x); rm".to_owned())][..])
    );
}

#[test]
fn an_output_is_saved_under_a_name_that_can_be_changed() {
    let (_tree, mut nav) = panel();
    nav.keys("s");
    assert!(nav.saved.is_empty(), "there is no output yet");
    nav.keys("enter");
    let (run, ..) = last_run(&nav);
    let (argv, clock) = (vec!["make".to_owned()], "2026-11-25 03:14:07 +01:00".to_owned());
    let news = RunNews::Started { argv, note: None, clock };
    nav.happen(What::Report(Report::Run { run, news }));
    said(&mut nav, run, "up\n");
    ended(&mut nav, run, Status::Ok, 0);
    nav.keys("tab s");
    assert!(nav.screen().contains("save as: ~/kept/make.health.md"), "{}", nav.screen());
    nav.keys("esc");
    assert!(nav.saved.is_empty());
    nav.keys("s").types(".x").keys("enter");
    let [(path, text)] = &nav.saved[..] else { panic!("{:?}", nav.saved) };
    assert_eq!(path, "~/kept/make.health.md.x");
    assert!(text.contains("$ make\nup\n"), "{text}");
    assert!(text.ends_with("2026-11-25 03:14:07 +01:00: ok, exit 0, 1.2 s\n"), "{text}");
    nav.happen(What::Saved(Err("no space left".into())));
    assert!(nav.screen().contains("not written: no space left"), "{}", nav.screen());
}

#[test]
fn a_command_runs_again_every_so_many_seconds_until_it_is_stopped() {
    let (_tree, mut nav) = panel();
    nav.keys("tab i");
    assert!(nav.screen().contains("again every how many seconds? 5"), "{}", nav.screen());
    nav.keys("alt-u").types("soon").keys("enter");
    assert!(nav.screen().contains("a number of seconds is needed"), "{}", nav.screen());
    assert!(nav.asked.is_empty());
    nav.keys("i alt-u").types("30").keys("enter");
    let (first, ..) = last_run(&nav);
    assert!(nav.screen().contains("every 30 s"), "{}", nav.screen());
    ended(&mut nav, first, Status::Ok, 0);
    nav.after(29);
    assert_eq!(last_run(&nav).0, first);
    nav.after(2);
    let (second, ..) = last_run(&nav);
    assert_ne!(first, second);
    nav.keys("i");
    ended(&mut nav, second, Status::Ok, 0);
    nav.after(60);
    assert_eq!(last_run(&nav).0, second);
    assert!(!nav.screen().contains("every 30 s"), "{}", nav.screen());
    // What changes something is never run by itself.
    nav.keys("q /").types("make.migrate").keys("enter esc");
    nav.keys("tab i");
    assert!(nav.screen().contains("only a trusted command that reads"), "{}", nav.screen());
}

#[test]
fn after_a_run_the_next_filter_begins_anew() {
    let (_tree, mut nav) = panel();
    select(&mut nav, "make.health");
    assert_eq!(last_run(&nav).1, "make.health");
    // The selection stays where the output is; what is typed next is another filter.
    assert!(nav.screen().contains("/ make.health"), "{}", nav.screen());
    nav.keys("/ m i g");
    assert!(nav.screen().contains("/ mig "), "{}", nav.screen());
    nav.keys("esc");
    select(&mut nav, "make.health");
    nav.keys("backspace");
    assert!(nav.screen().contains("/ make.healt "), "who edits it keeps it\n{}", nav.screen());
}

#[test]
fn several_outputs_stay_beside_each_other() {
    let (_tree, mut nav) = panel();
    nav.keys("enter");
    let (run, ..) = last_run(&nav);
    said(&mut nav, run, "of the first\n");
    nav.keys("alt-s");
    select(&mut nav, "make.migrate");
    nav.keys("r");
    let (run, ..) = last_run(&nav);
    said(&mut nav, run, "of the second\n");
    nav.keys("alt-s esc");
    select(&mut nav, "make.odd");
    nav.keys("r");
    let (run, ..) = last_run(&nav);
    said(&mut nav, run, "of the third\n");
    for wanted in
        ["of the first", "of the second", "of the third", " make.health · ", " make.migrate · "]
    {
        assert!(nav.screen().contains(wanted), "{wanted}\n{}", nav.screen());
    }
    nav.keys("esc /").types("make.health").keys("enter alt-s");
    assert!(!nav.screen().contains("of the third") && nav.screen().contains("of the second"));
}

#[test]
fn one_output_stays_beside_another() {
    let (_tree, mut nav) = panel();
    nav.keys("enter");
    let (run, ..) = last_run(&nav);
    said(&mut nav, run, "of the first\n");
    nav.keys("alt-s");
    select(&mut nav, "make.migrate");
    nav.keys("r");
    let (run, ..) = last_run(&nav);
    said(&mut nav, run, "of the second\n");
    assert!(nav.screen().contains("of the first") && nav.screen().contains("of the second"));
}

#[test]
fn the_board_shows_what_is_broken_first_and_leads_to_its_command() {
    use navi::engine::checks::{Board, Finding, Recent, Row, Rung, Verdict};
    let row = |id: &str, verdict, summary: &str, rung| Row {
        id: id.into(),
        title: "Title".into(),
        kind: Kind::Database,
        service: Some("postgres".into()),
        finding: Finding {
            verdict,
            summary: summary.into(),
            rung,
            next: Some("navi run compose.postgres.blocked".into()),
        },
        ms: 41,
        last_good: None,
        commits: vec![Recent { id: "ab".repeat(20), age_s: 7200, subject: "Widen a lock".into() }],
    };
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (120, 36));
    nav.offers = offers();
    nav.checks = Board {
        rows: vec![
            row("compose.postgres.blocked", Verdict::Fail, "3 blocked", Some(Rung::App)),
            row("make.health", Verdict::Ok, "exit 0", None),
        ],
        ms: 1200,
    };
    nav.keys("alt-3");
    for size in [(120, 36), (80, 24), (40, 10)] {
        nav.resize(size);
        let screen = nav.screen();
        for wanted in ["B Broken  ✗ 1", "✗ postgres.blocked  3 blocked", "F Fine  ✓ 1"] {
            assert!(screen.contains(wanted), "{wanted} at {size:?}\n{screen}");
        }
        let wide = size.0 >= 80;
        for wanted in ["1 broken · 1 fine · in 1.2 s", "next: navi run", "2 h ago  Widen a lock"]
        {
            assert_eq!(screen.contains(wanted), wide, "{wanted} at {size:?}\n{screen}");
        }
    }
    nav.resize((120, 36));
    nav.keys("F enter");
    assert!(
        nav.screen().contains("▸ a") && nav.screen().contains("[make.health]")
            || nav.screen().contains("make.health ─"),
        "{}",
        nav.screen()
    );
    nav.ascii = true;
    nav.keys("alt-3");
    assert_eq!(nav.screen().chars().find(|it| !it.is_ascii()), None, "{}", nav.screen());
}
