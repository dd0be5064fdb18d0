//! Screens without a terminal and without threads: the real state machine, search and preview, called
//! inline, drawn into ratatui's test backend.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use navi::app::keymap::{self, Chord};
use navi::app::layout::Place;
use navi::app::{App, Effect, Event, Start, What};
use navi::base::Diagnostic;
use navi::base::toml::Text;
use navi::engine::files::FileKeeper;
use navi::engine::history::{Kind, Side};
use navi::engine::index::{Index, Snapshot, Update, bring_up_to_date};
use navi::engine::owners::Owners;
use navi::engine::preview::Viewer;
use navi::engine::roles::RoleSet;
use navi::engine::search::{Ask, Finder};
use navi::engine::walk;
use navi::protocol::{
    Board, BoardFile, BoardShelf, Change, ChangeLog, ChangedFile, CheckNews, IndexStatus,
    LastChange, Offers, Patch, PatchLine, Phase, RecordAsk, RecordEntry, RecordLog, RecordNews,
    Report, Request, RunningIncident,
};
use navi::tui::theme::{self, Depth, Slot, Theme};
use navi::tui::view::{self, Look};
use navi::workers::Librarian;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use crate::support::Tree;

/// The screen, driven without a terminal.
pub struct Nav {
    pub app: App,
    finder: Finder,
    snapshot: Snapshot,
    viewer: Viewer,
    librarian: Librarian,
    theme: Theme,
    pub ascii: bool,
    size: (u16, u16),
    pub left: Option<u8>,
    pub opened: Option<String>,
    /// What the Commands panel is answered with.
    pub offers: Offers,
    /// What was asked of those who run commands.
    pub asked: Vec<Request>,
    pub copied: Vec<String>,
    /// What was to be written: path and text.
    pub saved: Vec<(String, String)>,
    /// How far its clock is ahead.
    ahead: Duration,
    /// What the Checks panel is answered with.
    pub checks: navi::engine::checks::Board,
}

fn text(kind: &str, name: &str) -> Option<Text> {
    let path = format!("{}/{kind}/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    Some(Text { text: std::fs::read_to_string(&path).ok()?, origin: path })
}

impl Nav {
    pub fn open(tree: &Tree, size: (u16, u16)) -> Self {
        let root = tree.path().to_owned();
        let roles = Arc::new(RoleSet::builtin().0);
        let keeper = Mutex::new(FileKeeper::default());
        walk::walk(&root, 1, None, &|batch| {
            for found in &batch {
                keeper.lock().unwrap().put(found, &roles);
            }
            true
        });
        let keeper = keeper.into_inner().unwrap();
        let finder = Finder {
            root: root.clone(),
            roles,
            owners: Arc::new(Owners::read(&root)),
            habits: std::sync::Arc::default(),
            file_limit: 1 << 20,
            crew: navi::workers::crew,
            threads: 2,
        };
        let index = Index::in_memory();
        let files = keeper.list();
        let update = Update {
            root: &root,
            files: &files,
            roles: &finder.roles,
            limit: finder.file_limit,
            crew: navi::workers::crew,
            threads: 2,
        };
        bring_up_to_date(&index, &keeper, &update, &|_, _| {}).unwrap();
        let snapshot = index.snapshots().unwrap().take(&keeper, false).unwrap();
        let (app, effects) = App::new(Start {
            outputs: "~/kept".into(),
            repo: "service".into(),
            branch: Some("main".into()),
            keymap: keymap::load("default", &|name| text("keymaps", name)).0,
            preview: Place::Auto,
            limit: 100,
            query: String::new(),
            history: Vec::new(),
            print: false,
            panel: navi::app::model::Panel::Find,
            drill: (navi::engine::drills::Mode::Alone, 1),
            diagnostics: Vec::new(),
        });
        let theme = theme::load("ansi", &|name| text("themes", name), Depth::Sixteen).0;
        let librarian = Librarian::new(root.clone(), Arc::clone(&finder.roles));
        let viewer = Viewer::new(root);
        let mut nav = Self {
            app,
            finder,
            snapshot,
            viewer,
            librarian,
            theme,
            ascii: false,
            size,
            left: None,
            opened: None,
            offers: Offers::default(),
            asked: Vec::new(),
            copied: Vec::new(),
            saved: Vec::new(),
            ahead: Duration::ZERO,
            checks: navi::engine::checks::Board::default(),
        };
        nav.resize(size);
        let files = files.len();
        let status = IndexStatus { phase: Phase::Live, files, ..IndexStatus::default() };
        nav.happen(What::Report(Report::Index(status)));
        nav.perform(effects);
        nav
    }

    pub fn resize(&mut self, size: (u16, u16)) {
        self.size = size;
        self.happen(What::Resize(size.0, size.1));
    }

    pub fn happen(&mut self, what: What) {
        let effects = self.app.update(Event { at: Instant::now() + self.ahead, what });
        self.perform(effects);
    }

    /// So many seconds pass.
    pub fn after(&mut self, seconds: u64) {
        self.ahead += Duration::from_secs(seconds);
        self.happen(What::Tick);
    }

    /// Carries out effects at once, and their answers, until nothing is left.
    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let mut reports = Vec::new();
            match effect {
                Effect::Ask(Request::Search { generation, query, limit, .. }) => {
                    let ask = Ask { limit, unfinished: true, count_all: false, now: 0 };
                    self.finder.find(&self.snapshot, &query, ask, &|| false, &mut |results| {
                        reports.push(Report::Search { generation, results });
                    });
                }
                Effect::Ask(Request::Preview { generation, ask }) => {
                    self.viewer.window(&ask, &|| false, &mut |window| {
                        reports.push(Report::Preview { generation, window });
                    });
                }
                Effect::Ask(Request::FindInFile { generation, ask }) => {
                    let found = self.viewer.find(&ask, &|| false, &mut |_| {});
                    reports.push(Report::FoundInFile { generation, found });
                }
                Effect::Ask(Request::Critical { generation }) => {
                    reports.push(Report::Critical { generation, board: board() });
                }
                Effect::Ask(Request::Changes { generation }) => {
                    reports.push(Report::Changes { generation, log: change_log() });
                }
                Effect::Ask(Request::Patch { generation, commit, path }) => {
                    let line =
                        |side, number, text: &str| PatchLine { side, number, text: text.into() };
                    let lines = vec![
                        line(None, 3, "@@ -3,2 +3,2 @@"),
                        line(Some(Side::Both), 3, "def login(form):"),
                        line(Some(Side::Old), 4, "    return None"),
                        line(Some(Side::New), 4, "    return form"),
                    ];
                    let patch = Patch { commit, path, lines, note: None };
                    reports.push(Report::Patch { generation, patch });
                }
                Effect::Ask(Request::Commands { generation }) => {
                    reports.push(Report::Commands { generation, offers: self.offers.clone() });
                }
                Effect::Ask(
                    it @ (Request::Run { .. } | Request::StopRun { .. } | Request::Trust { .. }),
                ) => self.asked.push(it),
                Effect::Ask(Request::Checks { generation }) => {
                    let news = CheckNews::Finished(self.checks.clone());
                    reports.push(Report::Checks { generation, news });
                }
                Effect::Ask(Request::Runbooks { generation, around }) => {
                    let files = Arc::clone(&self.snapshot.files);
                    let library = self.librarian.list(&files, &around, &|| false).unwrap();
                    reports.push(Report::Runbooks { generation, library });
                }
                Effect::Ask(Request::Runbook { generation, path, width }) => {
                    let opened = self.librarian.open(&self.snapshot.files, &path, width);
                    reports.push(Report::Runbook { generation, opened });
                }
                Effect::Ask(Request::Record(RecordAsk::Look | RecordAsk::LookAway)) => {}
                Effect::Ask(it @ Request::Record(_)) => self.asked.push(it),
                Effect::Copy(text) => self.copied.push(text),
                Effect::Save { path, text } => self.saved.push((path, text)),
                Effect::OpenEditor(place) => self.opened = Some(place.to_text()),
                Effect::Quit(leave) => self.left = Some(leave.status),
                Effect::Ask(
                    Request::Rescan
                    | Request::Audit { .. }
                    | Request::Opened { .. }
                    | Request::Drill { .. },
                )
                | Effect::Interact { .. }
                | Effect::EditCopy { .. }
                | Effect::Played(_)
                | Effect::Bury(_)
                | Effect::Remember(..)
                | Effect::Suspend
                | Effect::Redraw => {}
            }
            for report in reports {
                self.happen(What::Report(report));
            }
        }
    }

    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for chord in Chord::parse_sequence(keys).unwrap() {
            self.happen(What::Key(chord));
        }
        self
    }

    pub fn types(&mut self, text: &str) -> &mut Self {
        self.happen(What::Paste(text.into()));
        self
    }

    fn buffer(&self) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        let look = Look { theme: &self.theme, ascii: self.ascii };
        terminal.draw(|frame| view::draw(frame, &self.app, &look)).unwrap();
        terminal.backend().buffer().clone()
    }

    pub fn rows(&self) -> Vec<String> {
        let buffer = self.buffer();
        let row = |y| (0..self.size.0).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..self.size.1).map(|y| row(y).trim_end().to_owned()).collect()
    }

    pub fn screen(&self) -> String {
        self.rows().join("\n")
    }
}

/// Critical paths of the service: one with all there can be beside it, and a gap.
fn board() -> Board {
    let file = |path: &str, note: Option<&str>, changed| BoardFile {
        path: path.into(),
        line: 4,
        why: vec!["named for it".into()],
        note: note.map(str::to_owned),
        owners: vec!["@platform-auth".into()],
        changed,
    };
    let shelf = |id: &str, title: &str, files: Vec<BoardFile>| BoardShelf {
        id: id.into(),
        title: title.into(),
        why: "told".into(),
        total: 3 * files.len(),
        files,
    };
    let changed = Some(LastChange { age_s: 2 * 86_400, who: "Ana".into() });
    let auth = vec![file("api/auth.py", Some("tokens begin here"), changed)];
    let cache = vec![file("api/cache.py", None, None)];
    Board {
        shelves: vec![
            shelf("auth", "Authentication", auth),
            shelf("websocket", "WebSocket", Vec::new()),
            shelf("cache", "Caching", cache),
        ],
    }
}

#[test]
fn critical_paths_show_letters_counts_gaps_owners_and_keys_at_each_size() {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (120, 36));
    nav.keys("alt-2");
    for size in [(120, 36), (80, 24), (40, 10), (300, 100)] {
        nav.resize(size);
        let screen = nav.screen();
        for wanted in [
            "A Authentication  1 of 3",
            "a auth.py:4",
            "W WebSocket  ✗ missing",
            "b cache.py:4",
            "a-z row",
            "live",
        ] {
            assert!(screen.contains(wanted), "{wanted} at {size:?}\n{screen}");
        }
        let wide = size.0 >= 80;
        assert_eq!(screen.contains("platform-auth"), wide, "{size:?}\n{screen}");
        assert_eq!(screen.contains("def login"), wide, "the preview: {size:?}\n{screen}");
    }
    nav.resize((80, 24));
    for wanted in ["tokens begin here", "2 d ago · Ana", "/ filter", "! audit"] {
        assert!(nav.screen().contains(wanted), "{wanted}\n{}", nav.screen());
    }
    nav.keys("b");
    assert!(nav.screen().contains("▸ b cache.py:4") && nav.screen().contains("import redis"));
    nav.keys("shift-w");
    assert!(nav.screen().contains("pin it in .navi.toml"), "{}", nav.screen());
    nav.keys("/").types("nowhere").keys("down");
    assert!(nav.screen().contains("nothing holds these words"), "{}", nav.screen());
    nav.keys("esc /").types("tokens");
    assert!(nav.screen().contains(" / tokens") && !nav.screen().contains("cache.py"));
    nav.keys("enter");
    assert_eq!(nav.opened.as_deref(), Some("api/auth.py:4"));
    nav.ascii = true;
    nav.keys("esc");
    assert_eq!(nav.screen().chars().find(|it| !it.is_ascii()), None, "{}", nav.screen());
    for size in [(1, 1), (2, 3), (5, 2), (20, 4), (1000, 1), (3, 200)] {
        nav.resize(size);
        assert_eq!(nav.rows().len(), usize::from(size.1));
    }
}

/// Two commits, one of them tagged.
fn change_log() -> ChangeLog {
    let file = |path: &str| ChangedFile {
        path: path.into(),
        kind: Kind::Modified,
        from: None,
        roles: vec!["auth".into()],
    };
    let commit = |number: u8, subject: &str, age_s: u64, tags: &[&str]| Change {
        id: [number; 20],
        hex: format!("{number:02x}").repeat(20),
        age_s,
        when: "2026-11-01 14:30".into(),
        author: "Ana Bel".into(),
        subject: subject.into(),
        body: vec!["It failed after a reset of the password.".into()],
        tags: tags.iter().map(|it| (*it).to_owned()).collect(),
        fix: true,
        roles: vec!["auth".into()],
        files: vec![file("api/auth.py"), file("api/cache.py")],
        total: 2,
        known: true,
        ..Change::default()
    };
    ChangeLog {
        commits: vec![
            commit(0xab, "Fix the login", 1800, &[]),
            commit(0xcd, "Keep one pool", 90_000, &["deploy-7"]),
        ],
        total: 12_345,
        git: true,
    }
}

#[test]
fn changes_show_commits_files_and_lines_at_each_size() {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (120, 36));
    nav.keys("alt-5");
    for size in [(120, 36), (80, 24), (40, 10), (300, 100)] {
        nav.resize(size);
        let screen = nav.screen();
        for wanted in ["Changes  2 of 12,345", "H Hour  1 commit", "abababa Fix the", "b cdcdcdc"] {
            assert!(screen.contains(wanted), "{wanted} at {size:?}\n{screen}");
        }
        let wide = size.0 >= 80;
        assert_eq!(screen.contains("It failed after a reset"), wide, "{size:?}\n{screen}");
        assert!(screen.contains("(deploy-7) ") || !wide, "{size:?}\n{screen}");
        assert!(screen.contains("30 m ago") || !wide, "{size:?}\n{screen}");
    }
    nav.resize((120, 36));
    nav.keys("b enter");
    for size in [(120, 36), (80, 24), (40, 10), (300, 100)] {
        nav.resize(size);
        let screen = nav.screen();
        for wanted in ["cdcdcdcdc Keep", "a auth.py", "b cache.py"] {
            assert!(screen.contains(wanted), "{wanted} at {size:?}\n{screen}");
        }
        let wide = size.0 >= 80;
        for line in ["@@ -3,2 +3,2 @@", "-    return None", "4 +    return form", "modified +1 -1"]
        {
            assert_eq!(screen.contains(line), wide, "{line} at {size:?}\n{screen}");
        }
    }
    nav.keys("enter");
    assert_eq!(nav.opened.as_deref(), Some("api/auth.py:4"));
    nav.ascii = true;
    for size in [(120, 36), (1, 1), (2, 3), (5, 2), (20, 4), (1000, 1), (3, 200)] {
        nav.resize(size);
        assert_eq!(nav.rows().len(), usize::from(size.1));
        assert_eq!(nav.screen().chars().find(|it| !it.is_ascii()), None, "{}", nav.screen());
    }
}

#[test]
fn every_size_shows_the_query_the_best_row_and_the_keys() {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (120, 36));
    nav.types("cache.py");
    for size in [(120, 36), (80, 24), (40, 10), (300, 100)] {
        nav.resize(size);
        let rows = nav.rows();
        let screen = nav.screen();
        assert!(rows.iter().any(|row| row.contains("> cache.py")), "{size:?}\n{screen}");
        let best = rows.iter().find(|row| row.contains("▸ cache.py")).expect(&screen);
        assert!(best.contains("exact name"), "a reason on every row: {best}");
        assert!(rows.last().unwrap().contains("enter open"), "{size:?}\n{screen}");
        assert!(screen.contains("live"), "the freshness is always there: {size:?}\n{screen}");
        let previewed = screen.contains("import redis");
        assert_eq!(previewed, size.0 >= 80, "{size:?}\n{screen}");
    }
}

#[test]
fn hostile_sizes_are_drawn() {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (80, 24));
    nav.types("a").keys("ctrl-/");
    for size in [(1, 1), (2, 3), (5, 2), (20, 4), (1000, 1), (3, 200)] {
        nav.resize(size);
        assert_eq!(nav.rows().len(), usize::from(size.1));
    }
}

#[test]
fn the_selection_is_seen_without_colours() {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (80, 24));
    nav.theme = theme::load("navi-dark", &|name| text("themes", name), Depth::None).0;
    nav.types("py");
    let buffer = nav.buffer();
    let reversed = |y| buffer[(2, y)].modifier.contains(Modifier::REVERSED);
    assert!(reversed(3) && !reversed(4), "{}", nav.screen());
    for cell in buffer.content() {
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset), "no colour at all");
    }
}

#[test]
fn plain_characters_are_enough() {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (120, 36));
    nav.ascii = true;
    nav.types("cache.py");
    let odd = |it: &char| !it.is_ascii();
    assert_eq!(nav.screen().chars().find(odd), None, "{}", nav.screen());
    assert!(nav.screen().contains("> cache.py"));
}

#[test]
fn help_palette_and_diagnostics_open_and_close() {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (80, 24));
    nav.keys("ctrl-/");
    assert!(nav.screen().contains(" help ") && nav.screen().contains("'text"), "{}", nav.screen());
    nav.keys("esc ctrl-x").types("copy");
    assert!(nav.screen().contains("Copy the selected place"), "{}", nav.screen());
    nav.keys("esc");
    let fault = Diagnostic::warning("unknown key `thme`").maybe_meant(Some("theme"));
    nav.happen(What::Report(Report::Said(fault)));
    nav.keys("ctrl-g");
    assert!(nav.screen().contains("did you mean `theme`?"), "{}", nav.screen());
    nav.keys("esc esc");
    assert_eq!(nav.left, Some(130));
}

#[test]
fn the_preview_is_searched_and_opened_where_it_was_found() {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (120, 36));
    nav.types("cache.py").keys("ctrl-f").types("Redis(");
    assert!(nav.rows().last().unwrap().contains("find: Redis("), "{}", nav.screen());
    nav.keys("enter enter");
    assert_eq!(nav.opened.as_deref(), Some("api/cache.py:3"));
}

#[test]
fn the_found_line_and_the_match_stand_out() {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (120, 36));
    nav.types("'redis.Redis()");
    let rows = nav.rows();
    let y = rows
        .iter()
        .position(|row| row.contains("▸   3 client"))
        .unwrap_or_else(|| panic!("{}", nav.screen()));
    let x = rows[y].chars().position(|it| it == 'R').unwrap() as u16;
    let marked = nav.theme.style(Slot::PreviewMatch);
    let cell = nav.buffer()[(x, y as u16)].clone();
    assert!(cell.modifier.contains(marked.add_modifier), "{cell:?} {marked:?}");
    assert!(rows.iter().any(|row| row.contains("cache.py:3")), "{}", nav.screen());
}

#[test]
fn nothing_found_says_what_to_do() {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (80, 24));
    nav.types("'no such text anywhere'");
    assert!(nav.screen().contains("nothing found"), "{}", nav.screen());
    assert!(nav.screen().contains("0 of 6"), "{}", nav.screen());
    nav.keys("enter");
    assert!(nav.screen().contains("nothing is selected"), "{}", nav.screen());
}

/// A runbook with all that can be in one.
const RUNBOOK: &str = "# Login is down\n\nLook at `api/auth.py:4` and [the other](other.md#pools) first.\n\n\
    ## Sessions\n\n1. look\n2. restart\n\n```sh\nmake restart-sessions\n```\n\n\
    | alert | do |\n| --- | --- |\n| full | make room |\n\n> careful\n";

#[test]
fn runbooks_are_listed_read_searched_and_followed_at_each_size() {
    let tree = Tree::service();
    tree.write("docs/runbooks/login down.md", RUNBOOK);
    tree.write("docs/runbooks/other.md", "# Other\n\ntext\n\n## Pools\n\nPool text.\n");
    let mut nav = Nav::open(&tree, (120, 36));
    nav.types("auth.py").keys("alt-6");
    for size in [(120, 36), (80, 24), (40, 10), (300, 100)] {
        nav.resize(size);
        let screen = nav.screen();
        for wanted in ["Near api/auth.py  1", "Login is down", "Runbooks  2", "Other doc"] {
            let small = size.1 < 14 && wanted.starts_with("Other");
            assert!(screen.contains(wanted) || small, "{wanted} at {size:?}\n{screen}");
        }
        let wide = size.0 >= 80;
        assert_eq!(screen.contains("names this file"), wide, "{size:?}\n{screen}");
        assert_eq!(screen.contains("Look at api/auth.py:4 and the other"), wide, "{screen}");
    }
    nav.resize((80, 24));
    nav.keys("enter");
    let screen = nav.screen();
    for wanted in ["Sessions", "2. restart", "│ make restart-sessions", "full  │ make room"] {
        assert!(screen.contains(wanted), "{wanted}\n{screen}");
    }
    for size in [(120, 36), (40, 10)] {
        nav.resize(size);
        let screen = nav.screen();
        assert!(screen.contains("Look at api/auth.py:4"), "{size:?}\n{screen}");
    }
    nav.resize((80, 24));
    nav.keys("l");
    assert!(nav.screen().contains("enter opens api/auth.py:4"), "{}", nav.screen());
    nav.keys("enter");
    assert_eq!(nav.opened.as_deref(), Some("api/auth.py:4"));
    nav.keys("l enter");
    let screen = nav.screen();
    assert!(screen.contains("docs/runbooks/other.md") && screen.contains("Pool text."), "{screen}");
    // Back to the document before, then to the third stop, which is code.
    nav.keys("esc esc").keys("l l l");
    assert!(nav.screen().contains("copies this block"), "{}", nav.screen());
    nav.keys("y");
    assert_eq!(nav.copied, ["make restart-sessions"]);
    nav.keys("g g /").types("CAREFUL").keys("enter");
    assert!(nav.screen().contains("careful"), "{}", nav.screen());
    nav.keys("/").types("nowhere").keys("enter");
    assert!(nav.screen().contains("`nowhere` is not in this document"), "{}", nav.screen());
    // The headings, and from there to the list.
    nav.keys("esc");
    let screen = nav.screen();
    assert!(screen.contains("b   Sessions"), "{screen}");
    nav.keys("b enter");
    assert!(
        nav.screen().lines().nth(4).is_some_and(|it| it.contains("Sessions")),
        "{}",
        nav.screen()
    );
    nav.keys("esc esc");
    assert!(nav.screen().contains("Runbooks  2"), "{}", nav.screen());
    nav.ascii = true;
    for size in [(120, 36), (1, 1), (2, 3), (5, 2), (20, 4), (1000, 1), (3, 200)] {
        nav.resize(size);
        assert_eq!(nav.screen().chars().find(|it| !it.is_ascii()), None, "{}", nav.screen());
    }
}

#[test]
fn without_runbooks_the_panel_says_how_to_get_one() {
    let tree = Tree::of(&[("main.py", "x = 1\n")]);
    let mut nav = Nav::open(&tree, (80, 24));
    nav.keys("alt-6");
    assert!(nav.screen().contains("`navi init --runbook` drafts one"), "{}", nav.screen());
}

fn record() -> RecordLog {
    let entry = |time: &str, kind, says: &str, place| RecordEntry {
        day: "2025-11-25".into(),
        time: time.into(),
        utc: format!("2025-11-25 {time}"),
        kind,
        says: says.into(),
        bad: kind == "command",
        other: kind == "check",
        place,
    };
    let place = Some(("api/auth.py".into(), Some(4)));
    RecordLog {
        keeps: true,
        running: Some(RunningIncident {
            id: "20251125-0310-logins".into(),
            title: "logins answer 500".into(),
            since: "2025-11-25 03:10:00".into(),
            for_ms: 252_000,
        }),
        entries: vec![
            entry("03:14:12", "note", "note: the pool is full", None),
            entry("03:13:40", "command", "ran `make ready`: exit 2 after 1.5 s", None),
            entry("03:12:02", "check", "check pg.up: FAIL, no answer", None),
            entry("03:11:00", "open", "opened api/auth.py:4", place),
        ],
        total: 4,
        zone: "+01:00".into(),
    }
}

#[test]
fn the_record_is_a_timeline_with_notes_at_each_size() {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (120, 36));
    nav.keys("alt-8");
    nav.happen(What::Report(Report::Record(RecordNews::Log(record()))));
    for size in [(120, 36), (80, 24), (40, 10), (300, 100)] {
        nav.resize(size);
        let screen = nav.screen();
        for wanted in
            ["RUNNING: logins", "2025-11-25  +01:00", "03:14:12  note: the pool", "03:11:00"]
        {
            assert!(screen.contains(wanted), "{wanted} at {size:?}\n{screen}");
        }
        let wide = size.0 >= 80;
        assert_eq!(screen.contains("since 03:10:00, 4 m 12 s"), wide, "{size:?}\n{screen}");
        assert!(screen.contains("alt-m note"), "{size:?}\n{screen}");
    }
    // The file that was opened is there to look at, and to open again.
    nav.keys("end");
    assert!(nav.screen().contains("def login(form):") || nav.size.1 < 20, "{}", nav.screen());
    nav.keys("enter");
    assert_eq!(nav.opened.as_deref(), Some("api/auth.py:4"));
    nav.keys("/").types("pool");
    let screen = nav.screen();
    assert!(screen.contains("the pool is full") && !screen.contains("03:11:00"), "{screen}");
    nav.ascii = true;
    for size in [(120, 36), (1, 1), (2, 3), (5, 2), (20, 4), (1000, 1), (3, 200)] {
        nav.resize(size);
        assert_eq!(nav.screen().chars().find(|it| !it.is_ascii()), None, "{}", nav.screen());
    }
}

#[test]
fn what_is_done_is_noted_from_every_panel() {
    let tree = Tree::service();
    let mut nav = Nav::open(&tree, (80, 24));
    nav.types("no form was").keys("enter");
    nav.app
        .take_noted()
        .iter()
        .for_each(|it| assert!(matches!(it.kind(), "search" | "open"), "{it:?}"));
    nav.keys("alt-5 enter");
    let kinds: Vec<&str> =
        nav.app.take_noted().iter().map(navi::engine::incident::What::kind).collect();
    assert_eq!(kinds, ["commit"]);
    nav.keys("alt-m")
        .types("it was the pool")
        .keys("backspace enter")
        .keys("alt-m esc alt-i")
        .types("logins fail");
    assert!(nav.screen().contains("what fails? logins fail"), "{}", nav.screen());
    nav.keys("enter alt-e").types("no");
    nav.keys("enter alt-e").types("end");
    nav.keys("enter alt-o");
    let asked: Vec<String> = nav
        .asked
        .iter()
        .map(|it| match it {
            Request::Record(RecordAsk::Note(what)) => format!("{what:?}"),
            Request::Record(RecordAsk::Start { title, branch }) => format!("{title} {branch:?}"),
            other => format!("{other:?}"),
        })
        .collect();
    let expected = [
        "Note { text: \"it was the poo\" }",
        "logins fail Some(\"main\")",
        "Record(Stop)",
        "Record(Handover)",
    ];
    assert_eq!(asked, expected);
    nav.happen(What::Report(Report::Record(RecordNews::Text("ten lines".into()))));
    assert_eq!(nav.copied, ["ten lines"]);
}
