//! Exact names first: the complaints about other finders as cases, all of which must come out right.
//!
//! The cases are data, in `tests/fixtures/ranking.toml`.

use navi::engine::files::FileKeeper;
use navi::engine::index::Snapshot;
use navi::engine::owners::Owners;
use navi::engine::roles::RoleSet;
use navi::engine::search::{Ask, Finder, Results, Session};
use navi::engine::walk::{Found, Stamp};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    source: String,
    query: String,
    files: Vec<String>,
    top: String,
    line: Option<u64>,
}

/// Who searches, and files that exist only by name.
fn searched(files: &[String]) -> (Finder, Snapshot) {
    let roles = Arc::new(RoleSet::builtin().0);
    let mut keeper = FileKeeper::default();
    for path in files {
        let stamp = Stamp { size: 1, modified: 1, changed: 1 };
        keeper.put(&Found { path: path.as_str().into(), stamp, link: false }, &roles);
    }
    let finder = Finder {
        root: std::env::temp_dir().join("navi-no-such-folder"),
        roles,
        owners: Arc::new(Owners::default()),
        habits: std::sync::Arc::default(),
        file_limit: 1,
        crew: navi::workers::crew,
        threads: 2,
    };
    (finder, Snapshot::of_files(keeper.list()))
}

fn find(files: &[String], query: &str, unfinished: bool) -> Results {
    let (finder, snapshot) = searched(files);
    let mut last = Results::default();
    let ask = Ask { limit: 100, unfinished, count_all: true, now: 0 };
    finder.find(&snapshot, query, ask, &|| false, &mut |it| last = it);
    last
}

#[test]
fn the_right_file_is_on_top_in_every_case() {
    let cases: Cases = toml::from_str(include_str!("../fixtures/ranking.toml")).unwrap();
    assert!(cases.case.len() >= 40);
    let mut wrong = Vec::new();
    for case in &cases.case {
        let results = find(&case.files, &case.query, false);
        let first = results.hits.first();
        let got = first.map(|hit| hit.path.to_text().into_owned()).unwrap_or_default();
        let line_ok = case.line.is_none() || first.and_then(|hit| hit.line) == case.line;
        if got != case.top || !line_ok {
            let list: Vec<String> = results
                .hits
                .iter()
                .take(3)
                .map(|hit| format!("{} {:?} {:.0}", hit.path.to_text(), hit.tier, hit.score))
                .collect();
            wrong.push(format!(
                "{} ({}): `{}` wants {}, got {list:#?}",
                case.name, case.source, case.query, case.top
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} wrong:\n{}",
        wrong.len(),
        cases.case.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_order_does_not_depend_on_the_order_of_the_files() {
    let cases: Cases = toml::from_str(include_str!("../fixtures/ranking.toml")).unwrap();
    for case in &cases.case {
        let order = |files: &[String]| -> Vec<String> {
            let hits = find(files, &case.query, false).hits;
            hits.iter().map(|hit| hit.path.to_text().into_owned()).collect()
        };
        let mut turned = case.files.clone();
        turned.reverse();
        assert_eq!(order(&case.files), order(&turned), "{}", case.name);
    }
}

#[test]
fn the_answer_does_not_depend_on_what_was_typed_before() {
    let cases: Cases = toml::from_str(include_str!("../fixtures/ranking.toml")).unwrap();
    for case in &cases.case {
        let (finder, snapshot) = searched(&case.files);
        let mut session = Session::default();
        session.rows = 2;
        for (end, _) in case.query.char_indices().chain([(case.query.len(), ' ')]) {
            let query = &case.query[..end];
            let mut answers: Vec<Results> = Vec::new();
            let ask = Ask { limit: 100, unfinished: true, count_all: true, now: 0 };
            finder.find_again(&mut session, &snapshot, query, ask, &|| false, &mut |it| {
                answers.push(it);
            });
            let fresh = find(&case.files, query, true);
            assert_eq!(answers.last(), Some(&fresh), "{}: `{query}`", case.name);
            let first = answers.iter().find(|it| it.finished).unwrap();
            assert_eq!(first.total, fresh.total);
            assert_eq!(first.hits, fresh.hits[..first.hits.len()], "{}: `{query}`", case.name);
            assert!(first.hits.len() == 2 || first.hits.len() == fresh.hits.len());
        }
    }
}

#[test]
fn exact_texts_fill_the_screen_before_all_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..300).map(|number| format!("src/part{number}.rs")).collect();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    for name in &names {
        std::fs::write(folder.path().join(name), "fn look() { /* needle here */ }\n").unwrap();
    }
    let (mut finder, snapshot) = searched(&names);
    folder.path().clone_into(&mut finder.root);
    finder.file_limit = 1000;
    let mut session = Session::default();
    session.rows = 5;
    let ask = Ask { limit: 200, unfinished: true, count_all: false, now: 0 };
    let mut answers: Vec<Results> = Vec::new();
    finder.find_again(&mut session, &snapshot, "\"needle here\"", ask, &|| false, &mut |it| {
        answers.push(it);
    });
    let (first, last) = (&answers[0], answers.last().unwrap());
    assert!(!first.finished && first.open_ended && last.finished);
    assert!(first.total < last.total, "{} of {}", first.total, last.total);
    assert_eq!(first.hits, last.hits[..5]);
    assert_eq!(last.hits.len(), 200);
}

#[test]
fn exact_texts_typed_key_by_key_are_what_is_found_at_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    let texts = ["fn Needle_here() {}", "a needle, hereby", "need less\nneedles", "nothing"];
    let names: Vec<String> = (0..400).map(|number| format!("src/part{number}.rs")).collect();
    for (name, text) in names.iter().zip(texts.iter().cycle()) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let (mut finder, snapshot) = searched(&names);
    folder.path().clone_into(&mut finder.root);
    finder.file_limit = 1000;
    let queries = [
        ("'need", 300),
        ("'needl", 300),
        ("'needle", 300),
        ("'needle_", 100),
        ("'needle", 300),
        ("'Needle", 100),
        ("'Needles", 0),
        ("'needles", 100),
        ("\"needle", 300),
        ("\"needle,", 100),
        ("\"needle, h", 100),
        ("\"needle, hx", 0),
        ("\"need l", 100),
        ("\"need less\"", 100),
    ];
    for limit in [90, 1000] {
        let ask = Ask { limit, unfinished: true, count_all: false, now: 0 };
        let found = |session: &mut Session, query: &str| {
            let mut last = Results::default();
            finder.find_again(session, &snapshot, query, ask, &|| false, &mut |it| last = it);
            last.hits
        };
        let mut typing = Session::default();
        for (query, all) in queries {
            let hits = found(&mut typing, query);
            assert_eq!(hits, found(&mut Session::default(), query), "{query}");
            assert_eq!(hits.len(), limit.min(all), "{query}");
        }
    }
}

#[test]
fn scattered_letters_of_thousands_of_paths_count_where_they_stand_out() {
    let mut names: Vec<String> = (0..2100).map(|it| format!("xpx/ycy/ziz/ap{it}.txt")).collect();
    names.push("platform/core/io/path.rs".to_owned());
    names.push("lib/xpxcxixp.rs".to_owned());
    let (finder, snapshot) = searched(&names);
    let ask = Ask { limit: 1000, unfinished: true, count_all: false, now: 0 };
    let found = |session: &mut Session, query: &str| -> Vec<String> {
        let mut last = Results::default();
        finder.find_again(session, &snapshot, query, ask, &|| false, &mut |it| last = it);
        last.hits.iter().map(|hit| hit.path.display()).collect()
    };
    let mut typing = Session::default();
    // Once few hold the letters, all of them count.
    for (query, all) in [("pci", false), ("pcip", false), ("pcip2", true), ("pcip209", true)] {
        let hits = found(&mut typing, query);
        assert_eq!(hits, found(&mut Session::default(), query), "{query}");
        let digits: String = query.chars().filter(char::is_ascii_digit).collect();
        let holds = |it: &&String| it.starts_with("xpx") && it.contains(&digits);
        let wanted = if all { names.iter().filter(holds).count() } else { 2 };
        assert_eq!(hits.len(), wanted, "{query}: {:?}", hits.first());
    }
}
