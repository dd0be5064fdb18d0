//! The state machine without threads, terminal or sleeping.

use super::*;
use crate::base::toml::Text;
use crate::engine::audit::{Audit, Check, Evidence, Verdict};
use crate::engine::history::{Kind, Side};
use crate::engine::preview;
use crate::engine::search::{Hit, Tier};
use crate::protocol::{
    Board, BoardFile, BoardShelf, Change, ChangeLog, ChangedFile, IndexStatus, Patch, PatchLine,
    Phase, Report,
};

fn keymap() -> Keymap {
    let source = |name: &str| {
        (name == "default").then(|| Text {
            origin: "built-in default".into(),
            text: include_str!("../../keymaps/default.toml").into(),
        })
    };
    keymap::load("default", &source).0
}

struct Screen {
    app: App,
    now: Instant,
}

impl Screen {
    fn new(history: &[&str]) -> Self {
        let (app, effects) = App::new(Start {
            repo: "r".into(),
            branch: None,
            keymap: keymap(),
            preview: PreviewPlace::Auto,
            limit: 100,
            query: String::new(),
            history: history.iter().map(|it| (*it).to_owned()).collect(),
            print: false,
            panel: Panel::Find,
            drill: (crate::engine::drills::Mode::Alone, 1),
            outputs: "~/kept".into(),
            diagnostics: Vec::new(),
        });
        assert!(matches!(effects[..], [Effect::Ask(Request::Search { .. })]));
        let mut screen = Self { app, now: Instant::now() };
        screen.event(What::Resize(120, 36));
        screen
    }

    fn event(&mut self, what: What) -> Vec<Effect> {
        self.app.update(Event { at: self.now, what })
    }

    fn keys(&mut self, keys: &str) -> Vec<Effect> {
        let chords = Chord::parse_sequence(keys).unwrap();
        chords.into_iter().flat_map(|chord| self.event(What::Key(chord))).collect()
    }

    fn answer(&mut self, paths: &[&str], finished: bool) -> Vec<Effect> {
        let hits = paths
            .iter()
            .map(|path| Hit {
                file: 0,
                path: (*path).into(),
                line: Some(7),
                column: Some(3),
                tier: Tier::Name,
                score: 1.0,
                snippet: None,
                why: vec!["exact name".into()],
                roles: Vec::new(),
                owners: Vec::new(),
                marks: Vec::new(),
                signals: None,
            })
            .collect::<Vec<_>>();
        let results = Results { total: hits.len(), hits, finished, ..Results::default() };
        let generation = self.app.asked;
        self.event(What::Report(Report::Search { generation, results }))
    }

    fn selected(&self) -> String {
        self.app.model().selected().map(|it| it.path.display()).unwrap_or_default()
    }
}

#[test]
fn typing_asks_and_old_answers_are_dropped() {
    let mut screen = Screen::new(&[]);
    let effects = screen.keys("a u");
    assert_eq!(effects.len(), 2);
    let results = Results { total: 9, finished: true, ..Results::default() };
    screen.event(What::Report(Report::Search { generation: 1, results }));
    assert_eq!(screen.app.model().results.total, 0);
    screen.answer(&["a", "b"], true);
    assert_eq!(screen.app.model().results.total, 2);
    assert_eq!(screen.app.model().query.text(), "au");
}

#[test]
fn what_an_earlier_query_found_is_not_opened() {
    let mut screen = Screen::new(&[]);
    screen.keys("a");
    screen.answer(&["src/a.rs"], true);
    assert!(screen.keys("b enter").iter().all(|it| !matches!(it, Effect::OpenEditor(_))));
    assert_eq!(screen.app.model().message.as_ref().unwrap().text, "still searching");
    screen.answer(&["src/ab.rs"], true);
    assert!(screen.keys("enter").iter().any(|it| matches!(it, Effect::OpenEditor(_))));
}

#[test]
fn late_results_do_not_move_the_row_under_the_cursor() {
    let mut screen = Screen::new(&[]);
    screen.keys("a");
    screen.answer(&["a", "b", "c"], false);
    assert!(screen.app.model().searching, "the count is that so far");
    screen.keys("down");
    assert_eq!(screen.selected(), "b");
    screen.answer(&["a", "x", "b", "c"], true);
    assert_eq!(screen.selected(), "b");
    screen.keys("b");
    screen.answer(&["q", "b"], true);
    assert_eq!(screen.selected(), "q", "a new query starts at its best row");
}

#[test]
fn rows_that_are_still_to_come_keep_the_cursor() {
    let mut screen = Screen::new(&[]);
    screen.keys("a");
    screen.answer(&["a", "b", "c"], true);
    screen.keys("down down");
    screen.event(What::Report(Report::Changed { paths: Vec::new() }));
    assert!(!screen.app.model().searching, "a fresh look says nothing");
    screen.answer(&["a"], false);
    assert!(!screen.app.model().searching, "nor does its beginning");
    assert_eq!(screen.app.model().results.hits.len(), 3);
    let mut part = screen.app.model().results.clone();
    part.hits.truncate(2);
    let generation = screen.app.asked;
    screen.event(What::Report(Report::Search { generation, results: part }));
    assert_eq!((screen.selected().as_str(), screen.app.model().results.hits.len()), ("c", 3));
    screen.answer(&["x", "a", "b", "c"], true);
    assert_eq!(screen.selected(), "c");
}

#[test]
fn the_file_before_stays_in_the_preview_for_a_moment() {
    let mut screen = Screen::new(&[]);
    screen.keys("a");
    screen.answer(&["a", "b"], true);
    let shown = |screen: &Screen| {
        let preview = &screen.app.model().preview;
        (preview.window.is_some(), preview.current().is_some())
    };
    let show = |screen: &mut Screen| {
        let path = screen.app.model().preview.path.clone().unwrap();
        let total = preview::Total::Exact(0);
        let window = preview::Window {
            path,
            lines: Vec::new(),
            total,
            bytes: 0,
            left: 0,
            coloured: false,
            note: None,
            truncated: false,
            at_end: true,
            language: None,
        };
        let generation = screen.app.model().preview.asked;
        screen.event(What::Report(Report::Preview { generation, window }));
    };
    show(&mut screen);
    screen.keys("down");
    assert_eq!(shown(&screen), (true, false));
    show(&mut screen);
    assert_eq!((shown(&screen), screen.app.next_deadline()), ((true, true), None));
    screen.keys("up");
    screen.now = screen.app.next_deadline().unwrap();
    screen.event(What::Tick);
    assert_eq!((shown(&screen), screen.app.next_deadline()), ((false, false), None));
}

#[test]
fn enter_opens_the_place_and_remembers_the_query() {
    let mut screen = Screen::new(&[]);
    screen.keys("a");
    screen.answer(&["src/a.rs"], true);
    let effects = screen.keys("enter");
    assert!(matches!(&effects[0], Effect::Remember(query, Some(_)) if query == "a"));
    let Effect::OpenEditor(place) = &effects[1] else { panic!("{effects:?}") };
    assert_eq!((place.to_text().as_str(), place.column), ("src/a.rs:7", Some(3)));
    assert!(matches!(&screen.keys("ctrl-y")[..], [Effect::Copy(text)] if text == "src/a.rs:7"));
}

#[test]
fn esc_goes_back_step_by_step_and_ctrl_c_at_once() {
    let mut screen = Screen::new(&[]);
    screen.keys("a ctrl-/");
    assert!(screen.app.model().overlay.is_some());
    screen.keys("esc");
    assert!(screen.app.model().overlay.is_none());
    screen.keys("esc");
    assert_eq!(screen.app.model().query.text(), "");
    assert!(matches!(&screen.keys("esc")[..], [Effect::Quit(Leave { status: 130, .. })]));
    screen.keys("a ctrl-/");
    assert!(matches!(&screen.keys("ctrl-c")[..], [Effect::Quit(_)]));
}

#[test]
fn the_last_search_comes_back() {
    let mut screen = Screen::new(&["old", "newer"]);
    screen.keys("alt-r");
    assert_eq!(screen.app.model().query.text(), "newer");
    screen.keys("alt-p alt-p");
    assert_eq!(screen.app.model().query.text(), "old");
    screen.keys("alt-n");
    assert_eq!(screen.app.model().query.text(), "newer");
}

#[test]
fn the_palette_finds_and_does() {
    let mut screen = Screen::new(&[]);
    screen.keys("ctrl-x");
    screen.event(What::Paste("every file".into()));
    assert!(matches!(&screen.keys("enter")[..], [Effect::Ask(Request::Rescan)]));
    assert!(screen.app.model().overlay.is_none());
}

#[test]
fn messages_go_by_themselves() {
    let mut screen = Screen::new(&[]);
    screen.keys("ctrl-r");
    assert!(screen.app.model().message.is_some());
    screen.now = screen.app.next_deadline().unwrap();
    screen.event(What::Tick);
    assert!(screen.app.model().message.is_none());
    assert_eq!(screen.app.next_deadline(), None);
}

#[test]
fn any_key_in_any_state_is_survived() {
    let mut screen = Screen::new(&["x"]);
    screen.answer(&["a", "b", "c"], true);
    for size in [(120, 36), (80, 24), (40, 10), (1, 1), (300, 100)] {
        screen.event(What::Resize(size.0, size.1));
        for action in Action::ALL {
            screen.app.act(*action, screen.now);
            for x in [0, size.0 / 2, size.0 - 1] {
                for mouse in [Mouse::Press, Mouse::WheelUp, Mouse::WheelDown] {
                    screen.event(What::Mouse(mouse, x, size.1 / 2));
                }
            }
        }
    }
}

#[test]
fn each_panel_keeps_what_was_typed_and_answers_of_the_other_are_dropped() {
    let mut screen = Screen::new(&[]);
    for key in ["a", "b"] {
        screen.keys(key);
    }
    screen.answer(&["ab.rs"], true);
    let effects = screen.keys("alt-2");
    assert!(matches!(&effects[..], [Effect::Ask(Request::Critical { .. })]));
    assert_eq!(screen.app.model().query.text(), "");
    screen.keys("/ x");
    assert_eq!(screen.app.model().query.text(), "x");
    let effects = screen.keys("f1");
    assert!(matches!(&effects[..], [Effect::Ask(Request::Search { query, .. })] if query == "ab"));
    let old = screen.app.asked - 1;
    screen.event(What::Report(Report::Search { generation: old, results: Results::default() }));
    assert!(screen.app.model().stale, "an old answer is none");
    screen.keys("f2");
    assert_eq!(screen.app.model().query.text(), "x");
    assert!(screen.app.model().filtering);
}

fn board() -> Board {
    let file = |path: &str, note: Option<&str>| BoardFile {
        path: path.into(),
        line: 7,
        why: vec!["named so".into()],
        note: note.map(str::to_owned),
        owners: vec!["@team".into()],
        changed: None,
    };
    let shelf = |id: &str, title: &str, total, files| BoardShelf {
        id: id.into(),
        title: title.into(),
        why: "told".into(),
        total,
        files,
    };
    let auth = vec![file("api/auth.py", None), file("web/guard.ts", Some("begin here"))];
    Board {
        shelves: vec![
            shelf("entry-point", "Entry points", 1, vec![file("main.py", None)]),
            shelf("auth", "Authentication", 12, auth),
            shelf("cache", "Caching", 0, Vec::new()),
        ],
    }
}

impl Screen {
    fn critical(&mut self, board: Board) -> Vec<Effect> {
        let generation = self.app.model().critical.asked;
        self.event(What::Report(Report::Critical { generation, board }))
    }

    fn place(&self) -> String {
        let place = self.app.model().selected_place();
        place.map_or_else(String::new, |(path, line, _)| {
            format!("{}:{}", path.display(), line.unwrap())
        })
    }
}

#[test]
fn each_critical_path_is_one_key_away() {
    let mut screen = Screen::new(&[]);
    screen.keys("alt-2");
    let effects = screen.critical(board());
    assert!(matches!(&effects[..], [Effect::Ask(Request::Preview { .. })]), "{effects:?}");
    assert_eq!(screen.place(), "main.py:7");
    let effects = screen.keys("c");
    assert!(matches!(&effects[..], [Effect::Ask(Request::Preview { .. })]), "{effects:?}");
    assert_eq!(screen.place(), "web/guard.ts:7");
    let effects = screen.keys("enter");
    assert!(
        matches!(&effects[..], [Effect::OpenEditor(place)] if place.to_text() == "web/guard.ts:7")
    );
    assert!(matches!(&screen.keys("ctrl-y")[..], [Effect::Copy(text)] if text == "web/guard.ts:7"));
    screen.keys("z");
    assert!(screen.app.model().message.as_ref().unwrap().text.contains("no row"));
    assert_eq!(screen.place(), "web/guard.ts:7");
    // The gap can be looked at, and leads nowhere.
    screen.keys("end");
    assert_eq!(screen.place(), "");
    assert!(screen.app.model().critical.outline.says()[1].contains(".navi.toml"));
    screen.keys("enter");
    assert_eq!(screen.app.model().message.as_ref().unwrap().text, "this row is no place in a file");
    screen.keys("esc");
    assert_eq!(screen.app.model().panel, Panel::Find);
}

#[test]
fn typing_after_a_slash_filters_and_a_fresh_board_keeps_the_row() {
    let mut screen = Screen::new(&[]);
    screen.keys("alt-2");
    screen.critical(board());
    let titles = |screen: &Screen| -> Vec<String> {
        let lines = screen.app.model().critical.outline.lines();
        lines
            .iter()
            .filter_map(|it| match it {
                outline::Line::Heading(it) => Some(format!("{} {}", it.title, it.count)),
                outline::Line::Row(_) => None,
            })
            .collect()
    };
    assert_eq!(
        titles(&screen),
        ["Entry points 1 of 1", "Authentication 2 of 12", "Caching missing"]
    );
    screen.keys("/");
    screen.event(What::Paste("begin".into()));
    assert_eq!(
        (titles(&screen).as_slice(), screen.place().as_str()),
        (&["Authentication 1 of 12".to_owned()][..], "web/guard.ts:7")
    );
    screen.keys("esc");
    assert_eq!(titles(&screen).len(), 3);
    assert!(!screen.app.model().filtering);
    assert_eq!(screen.place(), "web/guard.ts:7", "the row stays selected");
    screen.critical(board());
    assert_eq!(screen.place(), "web/guard.ts:7");
    // An answer to an earlier question is dropped.
    let generation = screen.app.model().critical.asked - 1;
    screen.keys("alt-1 alt-2");
    screen.event(What::Report(Report::Critical { generation, board: Board::default() }));
    assert_eq!(titles(&screen).len(), 3);
}

#[test]
fn the_audit_is_asked_for_once_and_again_when_files_have_changed() {
    let mut screen = Screen::new(&[]);
    screen.keys("alt-2");
    let asks = |effects: &[Effect]| {
        effects.iter().any(|it| matches!(it, Effect::Ask(Request::Audit { .. })))
    };
    assert!(!asks(&screen.keys("!")), "of half the files nothing can be said");
    let status = IndexStatus { phase: Phase::Live, ..IndexStatus::default() };
    assert!(asks(&screen.event(What::Report(Report::Index(status)))));
    let check = |id, title, verdict, fix: &str| Check {
        id,
        title,
        verdict,
        evidence: vec![Evidence::at("a.py".into(), 3, "seen")],
        fix: fix.into(),
    };
    let audit = Audit {
        checks: vec![
            check("one", "One", Verdict::Pass, ""),
            check("two", "Two", Verdict::Fail, "mend it"),
        ],
        score: 0.5,
        ..Audit::default()
    };
    let generation = screen.app.model().audit.asked;
    screen.event(What::Report(Report::Audit { generation, audit }));
    assert_eq!(screen.place(), "a.py:3");
    let lines = screen.app.model().audit.outline.lines().to_vec();
    assert!(
        matches!(&lines[0], outline::Line::Heading(it) if it.title == "Two" && it.count == "FAIL")
    );
    assert!(matches!(&lines[2], outline::Line::Row(it) if it.text == "fix: mend it"));
    screen.keys("b");
    assert!(matches!(&screen.keys("enter")[..], [Effect::OpenEditor(_)]));
    screen.keys("/");
    screen.event(What::Paste("a.py pass".into()));
    assert_eq!(screen.app.model().audit.outline.lines().len(), 2, "one check with one row");
    screen.keys("esc esc");
    assert_eq!(screen.app.model().panel, Panel::Critical);
    assert!(!asks(&screen.keys("!")), "what was judged is shown");
    screen.event(What::Report(Report::Changed { paths: Vec::new() }));
    assert!(screen.app.model().audit.outdated);
    screen.keys("!");
    assert!(asks(&screen.keys("!")));
    assert!(asks(&screen.keys("ctrl-r")));
}

fn change(number: u8, subject: &str, age_s: u64, merge: bool, paths: &[(&str, Kind)]) -> Change {
    let file = |(path, kind): &(&str, Kind)| ChangedFile {
        path: (*path).into(),
        kind: *kind,
        from: None,
        roles: vec!["auth".into()],
    };
    Change {
        id: [number; 20],
        hex: format!("{number:02x}").repeat(20),
        age_s,
        when: "2026-11-01 14:30".into(),
        author: "Ada".into(),
        subject: subject.into(),
        merge,
        files: paths.iter().map(file).collect(),
        total: paths.len(),
        known: true,
        ..Change::default()
    }
}

fn change_log() -> ChangeLog {
    let commits = vec![
        change(
            1,
            "Fix login",
            60,
            false,
            &[("api/auth.py", Kind::Modified), ("old.py", Kind::Deleted)],
        ),
        change(2, "Merge side", 7200, true, &[("web/a.ts", Kind::Added)]),
        change(3, "Fix login", 7200, false, &[("api/pool.py", Kind::Modified)]),
    ];
    ChangeLog { commits, total: 3, git: true }
}

fn patch(commit: u8, path: &str) -> Patch {
    let line = |side, number, text: &str| PatchLine { side, number, text: text.into() };
    let mut lines = vec![line(None, 5, "@@ -5,2 +5,2 @@"), line(Some(Side::Both), 5, "a")];
    lines.extend((6..60).map(|it| line(Some(Side::New), it, "b")));
    Patch { commit: [commit; 20], path: path.into(), lines, note: None }
}

#[test]
fn the_changes_panel_goes_from_commits_to_files_to_lines_and_back() {
    let mut screen = Screen::new(&[]);
    let effects = screen.keys("alt-5");
    let Some(Effect::Ask(Request::Changes { generation })) = effects.first() else { panic!() };
    let (generation, log) = (*generation, change_log());
    let late = Report::Changes { generation: generation - 1, log: ChangeLog::default() };
    screen.event(What::Report(late));
    assert!(screen.app.model().changes.log.is_none());
    screen.event(What::Report(Report::Changes { generation, log: log.clone() }));
    let commit = |screen: &Screen| screen.app.model().changes.commit().map(|it| it.id[0]);
    assert_eq!(commit(&screen), Some(1));
    // Commits carry letters, groups capitals.
    screen.keys("c");
    assert_eq!(commit(&screen), Some(3));
    screen.keys("shift-d");
    assert_eq!(commit(&screen), Some(2));
    let copied = screen.keys("alt-g");
    assert!(
        matches!(&copied[..], [Effect::Copy(it)] if *it == format!("git revert -m 1 {}", "02".repeat(20)))
    );
    screen.keys("home");
    assert!(matches!(&screen.keys("ctrl-y")[..], [Effect::Copy(it)] if *it == "01".repeat(20)));
    // Into the commit: its first file's difference is asked for.
    let effects = screen.keys("enter");
    let [Effect::Ask(Request::Patch { generation, commit: asked, path })] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((asked[0], path), (1, &"api/auth.py".into()));
    let generation = *generation;
    screen.event(What::Report(Report::Patch { generation, patch: patch(1, "api/auth.py") }));
    assert_eq!(screen.place(), "api/auth.py:6", "the first line that is new");
    screen.keys("ctrl-d");
    assert!(screen.app.model().changes.top > 0);
    assert!(
        matches!(&screen.keys("enter")[..], [Effect::OpenEditor(place)] if place.line > Some(6))
    );
    let copied = screen.keys("alt-g");
    assert!(
        matches!(&copied[..], [Effect::Copy(it)] if *it == format!("git revert {}", "01".repeat(20)))
    );
    // A deleted file is shown and cannot be opened.
    let effects = screen.keys("down");
    assert!(matches!(&effects[..], [Effect::Ask(Request::Patch { .. })]), "{effects:?}");
    assert!(screen.app.model().changes.current_patch().is_none());
    assert!(screen.keys("enter").is_empty());
    assert!(screen.app.model().message.as_ref().unwrap().text.contains("deleted"));
    // Back to the same commit, also when the list has grown meanwhile.
    screen.keys("esc");
    assert_eq!((commit(&screen), screen.app.model().changes.inside), (Some(1), None));
    let mut grown = log;
    grown.commits.insert(0, change(9, "Newest", 1, false, &[]));
    let generation = screen.app.model().changes.asked;
    screen.event(What::Report(Report::Changes { generation, log: grown }));
    assert_eq!(commit(&screen), Some(1));
    screen.keys("esc");
    assert_eq!(screen.app.model().panel, Panel::Find);
}

#[test]
fn commits_are_filtered_by_what_is_known_of_them() {
    let mut screen = Screen::new(&[]);
    screen.keys("alt-5");
    let generation = screen.app.model().changes.asked;
    screen.event(What::Report(Report::Changes { generation, log: change_log() }));
    let shown = |screen: &Screen| screen.app.model().changes.counts().0;
    screen.keys("/");
    screen.event(What::Paste("fix pool".into()));
    assert_eq!((shown(&screen), screen.app.model().changes.commit().unwrap().id[0]), (1, 3));
    screen.keys("enter");
    assert_eq!(screen.app.model().query.text(), "", "the filter was for commits");
    screen.keys("esc");
    assert_eq!((screen.app.model().query.text(), shown(&screen)), ("fix pool", 1));
    screen.keys("esc");
    assert_eq!(shown(&screen), 3);
    screen.keys("/");
    screen.event(What::Paste("nonsense".into()));
    assert_eq!(shown(&screen), 0);
    assert!(screen.keys("enter").is_empty() && screen.keys("alt-g").is_empty());
}

#[test]
fn checks_wait_until_the_files_are_known() {
    let mut screen = Screen::new(&[]);
    let checks = |effects: &[Effect]| {
        effects.iter().filter(|it| matches!(it, Effect::Ask(Request::Checks { .. }))).count()
    };
    let effects = screen.keys("alt-3");
    assert_eq!(checks(&effects), 0, "nothing is known, so nothing can be fine");
    let status = |phase| IndexStatus { phase, ..IndexStatus::default() };
    let known = status(Phase::Checking { age_s: 7 });
    let effects = screen.event(What::Report(Report::Index(known)));
    assert_eq!(checks(&effects), 1);
    let effects = screen.event(What::Report(Report::Index(status(Phase::Live))));
    assert_eq!(checks(&effects), 0, "once");
}
