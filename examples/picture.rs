//! Makes `docs/find.svg` and `docs/critical.svg`: real frames of the Find panel and of the critical
//! paths on the sample repository.
//!
//! Run with `cargo run --example picture`. The state machine, the searcher and the previewer are
//! navi's own, called inline; only the terminal is a buffer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a tool of this project, run by hand"
)]

use std::fmt::Write;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Instant, SystemTime};

use navi::app::keymap::Chord;
use navi::app::layout::Place;
use navi::app::{App, Effect, Event, Start, What, keymap};
use navi::base::toml::Text;
use navi::config::drills::DrillLog;
use navi::engine::catalogue::Overrides;
use navi::engine::drills::Player;
use navi::engine::files::FileKeeper;
use navi::engine::index::{Index, Update, bring_up_to_date};
use navi::engine::owners::Owners;
use navi::engine::preview::Viewer;
use navi::engine::repo::Repo;
use navi::engine::roles::RoleSet;
use navi::engine::search::{Ask, Finder};
use navi::engine::walk;
use navi::protocol::{IndexStatus, Phase, Report, Request};
use navi::tui::theme::{self, Depth};
use navi::tui::view::{self, Look};
use navi::workers::{Options, Rules, Running, Sink, Turns, Workers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

const COLUMNS: u16 = 116;
const ROWS: u16 = 30;
const QUERY: &str = "login 401 after password reset";

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("tech-platform");
    navi::sample::unpack(&root, SystemTime::now()).expect("the sample");
    let roles = Arc::new(RoleSet::builtin().0);
    let keeper = std::sync::Mutex::new(FileKeeper::default());
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
    bring_up_to_date(&index, &keeper, &update, &|_, _| {}).expect("an index");
    let snapshot = index.snapshots().unwrap().take(&keeper, false).unwrap();
    let mut viewer = Viewer::new(root);

    let at = Instant::now();
    let source = |kind: &'static str| {
        move |name: &str| {
            let path = format!("{}/{kind}/{name}.toml", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(&path).ok()?;
            Some(Text { origin: path, text })
        }
    };
    let (mut app, _) = App::new(Start {
        outputs: "~".into(),
        repo: "tech-platform".into(),
        branch: Some("main".into()),
        keymap: keymap::load("default", &source("keymaps")).0,
        preview: Place::Auto,
        limit: 100,
        query: String::new(),
        history: Vec::new(),
        print: false,
        panel: navi::app::model::Panel::Find,
        drill: (navi::engine::drills::Mode::Alone, 1),
        diagnostics: Vec::new(),
    });
    let status = IndexStatus { phase: Phase::Live, files: files.len(), ..IndexStatus::default() };
    let mut waiting = vec![
        What::Resize(COLUMNS, ROWS),
        What::Report(Report::Index(status)),
        What::Paste(QUERY.into()),
    ];
    while !waiting.is_empty() {
        let what = waiting.remove(0);
        for effect in app.update(Event { at, what }) {
            match effect {
                Effect::Ask(Request::Search { generation, query, limit, .. }) => {
                    let ask = Ask { limit, unfinished: true, count_all: false, now: 0 };
                    finder.find(&snapshot, &query, ask, &|| false, &mut |results| {
                        waiting.push(What::Report(Report::Search { generation, results }));
                    });
                }
                Effect::Ask(Request::Preview { generation, ask }) => {
                    viewer.window(&ask, &|| false, &mut |window| {
                        waiting.push(What::Report(Report::Preview { generation, window }));
                    });
                }
                _ => {}
            }
        }
    }
    let (theme, _) = theme::load("navi-dark", &source("themes"), Depth::True);
    let look = Look { theme: &theme, ascii: false };
    draw(&app, &look, "find", "The Find panel of navi");

    // The catalogue comes from navi's own workers.
    let rules: Rules = Arc::new(|| (Arc::new(RoleSet::builtin().0), Overrides::default(), vec![]));
    let root = finder.root.clone();
    let options = Options {
        repo: Repo::at(&finder.root).unwrap(),
        finder,
        folder: None,
        watch: true,
        cores: 2,
        rules,
        drills: DrillLog::new(None, &root),
        player: Player::default(),
        recording: None,
        reply: None,
        running: Running::nothing(&root),
        turns: Turns::new(2),
    };
    let (inbox, heard) = channel();
    let sink: Sink = Arc::new(move |report| _ = inbox.send(report));
    let workers = Workers::start(&options, &sink).expect("workers");
    let keys = Chord::parse_sequence("alt-2 i").unwrap();
    let mut waiting: Vec<What> = vec![What::Key(keys[0])];
    let mut shown = false;
    let (mut listed, mut chosen) = (false, false);
    while !(chosen && shown) {
        let what = match waiting.pop() {
            Some(what) => what,
            None => What::Report(heard.recv().expect("a report")),
        };
        listed |= matches!(&what, What::Report(Report::Critical { board, .. })
            if !board.shelves.iter().all(|it| it.files.is_empty()));
        let window =
            matches!(&what, What::Report(Report::Preview { window, .. }) if window.coloured);
        shown = chosen && window;
        for effect in app.update(Event { at, what }) {
            if let Effect::Ask(request) = effect {
                workers.ask(request);
            }
        }
        if listed && !chosen && app.model().index.phase == Phase::Live {
            chosen = true;
            waiting.push(What::Key(keys[1]));
        }
    }
    draw(&app, &look, "critical", "The critical paths of a repository in navi");
}

fn draw(app: &App, look: &Look<'_>, name: &str, title: &str) {
    let mut terminal = Terminal::new(TestBackend::new(COLUMNS, ROWS)).unwrap();
    terminal.draw(|frame| view::draw(frame, app, look)).unwrap();
    let path = format!("{}/docs/{name}.svg", env!("CARGO_MANIFEST_DIR"));
    std::fs::write(path, svg(terminal.backend().buffer(), title)).expect("docs can be written");
    println!("docs/{name}.svg is made");
}

/// The buffer as SVG: one text element for each run of cells that look alike.
fn svg(buffer: &Buffer, title: &str) -> String {
    let (wide, high) = (8.4, 18.0);
    let (width, height) = (f64::from(COLUMNS) * wide + 16.0, f64::from(ROWS) * high + 16.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, \
         Consolas, monospace\" font-size=\"14\">\n<title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>\n",
        colour(buffer[(0, 0)].bg, "#1e1e1e")
    );
    for y in 0..ROWS {
        let mut x = 0;
        while x < COLUMNS {
            let cell = &buffer[(x, y)];
            let start = x;
            let mut text = String::new();
            while x < COLUMNS && buffer[(x, y)].style() == cell.style() {
                text.push_str(buffer[(x, y)].symbol());
                x += 1;
            }
            let (mut fg, mut bg) = (colour(cell.fg, "#d8dee9"), colour(cell.bg, "#1e1e1e"));
            if cell.modifier.contains(Modifier::REVERSED) {
                std::mem::swap(&mut fg, &mut bg);
            }
            let left = 8.0 + f64::from(start) * wide;
            let top = 8.0 + f64::from(y) * high;
            let run = f64::from(x - start) * wide;
            if bg != colour(buffer[(0, 0)].bg, "#1e1e1e") {
                let _ = writeln!(
                    out,
                    "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{run:.1}\" height=\"{high}\" fill=\"{bg}\"/>"
                );
            }
            if text.trim().is_empty() {
                continue;
            }
            let weight =
                if cell.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
            let faint = if cell.modifier.contains(Modifier::DIM) { " opacity=\"0.7\"" } else { "" };
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let _ = writeln!(
                out,
                "<text x=\"{left:.1}\" y=\"{:.1}\" textLength=\"{run:.1}\" fill=\"{fg}\"{weight}{faint} \
                 xml:space=\"preserve\">{text}</text>",
                top + 14.0
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

fn colour(colour: Color, default: &str) -> String {
    match colour {
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        _ => default.to_owned(),
    }
}
