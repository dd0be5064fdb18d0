//! `navi`: the screen.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app::Start;
use crate::app::layout::Place;
use crate::app::model;
use crate::base::Diagnostic;
use crate::cli::args::{Common, Panel, Screen};
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::cli::scope::Scope;
use crate::config::state::SearchLog;
use crate::config::{Outputs, PreviewPlace};
use crate::engine::drills::Mode;
use crate::engine::search::Habits;
use crate::tui::{self, Home, Homes, Startup, Work};
use crate::workers::Recording;

pub fn run(common: &Common, args: Screen) -> Result<u8, Failure> {
    let scope = Scope::of(common, &args.paths())?;
    let panel = match args.panel.unwrap_or_default() {
        Panel::Find => model::Panel::Find,
        Panel::Critical => model::Panel::Critical,
        Panel::Audit => model::Panel::Audit,
        Panel::Checks => model::Panel::Checks,
        Panel::Commands => model::Panel::Commands,
        Panel::Changes => model::Panel::Changes,
        Panel::Runbooks => model::Panel::Runbooks,
        Panel::Incident => model::Panel::Incident,
        Panel::Drill => model::Panel::Drill,
    };
    let shown = Shown { panel, ..Shown::default() };
    show(scope, args.query.unwrap_or_default(), args.print, shown)
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
pub fn show(scope: Scope, query: String, print: bool, shown: Shown) -> Result<u8, Failure> {
    let setup = &scope.base;
    let (theme, faults) = setup.theme(&setup.settings.theme.value);
    let mut diagnostics = scope.said();
    diagnostics.extend(faults);
    let (keymap, faults) = setup.keymap(&setup.settings.keymap.value);
    diagnostics.extend(faults);
    let (homes, mut history, habits) = homes(&scope, &mut diagnostics);
    history.reverse();
    let settings = &setup.settings;
    let state = setup.locations.state.as_deref().filter(|_| !setup.no_state);
    let outputs = Outputs::new(state, setup.environment.home.as_deref());
    let start = Start {
        repo: scope.name.clone(),
        branch: scope.says.clone(),
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
        outputs: outputs.shown(),
        diagnostics,
    };
    let (ascii, mouse) = (settings.ui.ascii.value, settings.ui.mouse.value);
    let editor = settings.editor_command(&setup.environment).map(|it| it.value);
    let roots: Vec<(String, PathBuf)> = scope
        .members
        .iter()
        .map(|(label, setup)| (label.clone(), setup.repo.root.clone()))
        .collect();
    let leave = tui::run(Startup {
        start,
        theme,
        ascii,
        mouse,
        editor,
        homes,
        outputs,
        work: work(scope, habits),
    })?;
    if let Some(place) = leave.chosen {
        // Raw bytes: another program opens what is printed. Of several repositories it knows none.
        let mut line = place.path.as_bytes().to_vec();
        let (label, inside) = place.path.split_first();
        if let Some((_, root)) = roots.iter().find(|it| it.0.as_bytes() == label) {
            line = inside.on_disk(root).into_os_string().into_encoded_bytes();
        }
        if let Some(number) = place.line {
            line.extend_from_slice(format!(":{number}").as_bytes());
        }
        print::out_bytes(&line);
    }
    Ok(leave.status)
}

/// Where the repositories are at home, the queries of all, newest first, and what was opened in each.
fn homes(scope: &Scope, said: &mut Vec<Diagnostic>) -> (Homes, Vec<String>, Vec<Habits>) {
    let (mut homes, mut queries, mut habits) = (Vec::new(), Vec::new(), Vec::new());
    let keep = scope.base.settings.search.history.value;
    let state = scope.base.locations.state.as_deref().filter(|_| !scope.base.no_state);
    let each = scope.each();
    let roots: Vec<&Path> = each.iter().map(|(_, setup)| setup.repo.root.as_path()).collect();
    let (past, faults) = SearchLog::read_all(state, &roots, keep);
    said.extend(faults);
    for ((label, setup), past) in each.into_iter().zip(past) {
        homes.push(Home {
            label: label.to_owned(),
            root: setup.repo.root.clone(),
            log: SearchLog::new(state, &setup.repo.root, keep),
            drills: setup.drill_log(),
        });
        queries.extend(past.queries);
        habits.push(Habits::of(past.opened));
    }
    queries.truncate(keep.max(1));
    (Homes(homes), queries, habits)
}

/// What the workers work on.
fn work(scope: Scope, habits: Vec<Habits>) -> Work {
    let setup = &scope.base;
    let state = setup.locations.state.as_deref().filter(|_| !setup.no_state);
    let recording = Recording {
        state: state.map(Path::to_owned),
        secrets_of: setup.secrets_of.clone(),
        who: super::incident::who(),
    };
    let mut habits = habits.into_iter().map(Arc::new);
    if !scope.is_workspace() {
        let mut options = setup.options();
        options.recording = Some(recording);
        options.finder.habits = habits.next().unwrap_or_default();
        return Work::One(Box::new(options));
    }
    Work::Several(Box::new(move || {
        let mut members = scope.members();
        for (member, habits) in members.all.iter_mut().zip(habits) {
            member.options.finder.habits = habits;
        }
        members.recording = Some((recording, scope.base.repo.root.clone()));
        members
    }))
}

/// Shows the screen with the drill's panel.
pub fn drill(scope: Scope, mode: Mode, seed: Option<u64>) -> Result<u8, Failure> {
    show(scope, String::new(), false, Shown { panel: model::Panel::Drill, mode, seed })
}
