//! `navi`: the screen.

use std::path::Path;
use std::sync::Arc;

use crate::app::Start;
use crate::app::layout::Place;
use crate::app::model;
use crate::cli::args::{Common, Panel, Screen};
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::cli::setup::Setup;
use crate::config::PreviewPlace;
use crate::config::state::SearchLog;
use crate::engine::drills::Mode;
use crate::engine::search::Habits;
use crate::tui::{self, Startup};
use crate::workers::Recording;

pub fn run(common: &Common, args: Screen) -> Result<u8, Failure> {
    let setup = Setup::new(common, args.path.as_deref())?;
    let panel = match args.panel.unwrap_or_default() {
        Panel::Find => model::Panel::Find,
        Panel::Critical => model::Panel::Critical,
        Panel::Audit => model::Panel::Audit,
        Panel::Changes => model::Panel::Changes,
        Panel::Runbooks => model::Panel::Runbooks,
        Panel::Incident => model::Panel::Incident,
        Panel::Drill => model::Panel::Drill,
    };
    let shown = Shown { panel, ..Shown::default() };
    show(setup, args.query.unwrap_or_default(), args.print, shown)
}

/// What the screen begins with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shown {
    /// The panel.
    pub panel: model::Panel,
    /// How a drill is played.
    pub mode: Mode,
    /// The seed of its deck, where it is not the day.
    pub seed: Option<u64>,
}

/// Shows the screen, and prints what was chosen.
pub fn show(setup: Setup, query: String, print: bool, shown: Shown) -> Result<u8, Failure> {
    let (theme, faults) = setup.theme(&setup.settings.theme.value);
    let mut diagnostics = setup.said.clone();
    diagnostics.extend(faults);
    let (keymap, faults) = setup.keymap(&setup.settings.keymap.value);
    diagnostics.extend(faults);
    let state = setup.locations.state.as_deref().filter(|_| !setup.no_state);
    let log = SearchLog::new(state, &setup.repo.root, setup.settings.search.history.value);
    let (past, faults) = log.read();
    diagnostics.extend(faults);
    let mut options = setup.options();
    options.recording = Some(Recording {
        state: state.map(Path::to_owned),
        secrets_of: vec![setup.repo.root.clone()],
        who: super::incident::who(),
    });
    options.finder.habits = Arc::new(Habits::of(past.opened));
    let mut history = past.queries;
    history.reverse();
    let settings = &setup.settings;
    let leave = tui::run(Startup {
        start: Start {
            repo: setup.repo.name(),
            branch: setup.repo.branch(),
            keymap,
            preview: match settings.ui.preview.value {
                PreviewPlace::Auto => Place::Auto,
                PreviewPlace::Right => Place::Right,
                PreviewPlace::Below => Place::Below,
                PreviewPlace::Off => Place::Off,
            },
            limit: settings.search.limit.value,
            query,
            history,
            print,
            panel: shown.panel,
            drill: (shown.mode, shown.seed.unwrap_or_else(super::drill::day)),
            diagnostics,
        },
        theme,
        ascii: settings.ui.ascii.value,
        mouse: settings.ui.mouse.value,
        editor: settings.editor_command(&setup.environment).map(|it| it.value),
        log,
        options,
    })?;
    if let Some(place) = leave.chosen {
        // Raw bytes: another program opens what is printed.
        let mut line = place.path.as_bytes().to_vec();
        if let Some(number) = place.line {
            line.extend_from_slice(format!(":{number}").as_bytes());
        }
        print::out_bytes(&line);
    }
    Ok(leave.status)
}

/// Shows the screen with the drill's panel.
pub fn drill(setup: Setup, mode: Mode, seed: Option<u64>) -> Result<u8, Failure> {
    show(setup, String::new(), false, Shown { panel: model::Panel::Drill, mode, seed })
}
