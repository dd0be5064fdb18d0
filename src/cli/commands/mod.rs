//! One file a command.

pub mod audit;
mod card;
pub mod catalogue;
pub mod changes;
pub mod check;
pub mod demo;
pub mod doctor;
pub mod drill;
pub mod find;
mod found;
pub mod incident;
pub mod index;
pub mod init;
pub mod list;
pub mod run;
pub mod screen;
mod searched;
pub mod settings;
pub mod shell;
pub mod trace;
pub mod trust;

pub use found::Question;

use std::io::IsTerminal;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::base::Diagnostic;
use crate::base::suggest::did_you_mean;
use crate::cli::failure::{Failure, Kind};
use crate::cli::print;
use crate::cli::setup::Setup;
use crate::engine::files::FileKeeper;
use crate::engine::history::{History, Past};
use crate::engine::index::{
    Counts, Index, IndexError, Plan, Snapshot, Update, bring_up_to_date, build_threads, chain,
    note_use, probe,
};
use crate::engine::kept;
use crate::engine::roles::RoleSet;
use crate::workers::{Options, crew, history_of, list_files};

/// Progress is told of what takes longer than this.
const LONG: Duration = Duration::from_millis(800);

/// Places of the roles of these names.
pub fn wanted_roles(roles: &RoleSet, names: &[String]) -> Result<Vec<usize>, Failure> {
    let place = |name: &String| {
        roles.place(name).ok_or_else(|| {
            let known = roles.roles().iter().map(|it| it.id.as_str());
            let failure = Failure::new(Kind::Usage, format!("unknown role `{name}`"));
            match did_you_mean(name, known.clone()) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint(format!("known: {}", known.collect::<Vec<_>>().join(", "))),
            }
        })
    };
    names.iter().map(place).collect()
}

/// The files and the index, brought up to date.
pub struct Fresh {
    /// The files.
    pub keeper: FileKeeper,
    /// The index, unless none can be kept.
    pub index: Option<Index>,
    /// What was done.
    pub counts: Counts,
    /// Whether the index was new or damaged.
    pub from_nothing: bool,
    /// Another navi writes it.
    pub reader: bool,
    /// Whether the index could not be brought up to date.
    pub failed: bool,
    /// What was wrong.
    pub said: Vec<Diagnostic>,
}

/// Walks and updates the index. An index that cannot be used is a diagnostic: paths still work.
pub fn refresh(options: &Options) -> Fresh {
    let (keeper, said) = list_files(options);
    let mut fresh = Fresh {
        keeper,
        index: None,
        counts: Counts::default(),
        from_nothing: false,
        reader: false,
        failed: false,
        said,
    };
    let opened = match &options.folder {
        Some(folder) => Index::open(folder),
        None => Ok((Index::in_memory(), None)),
    };
    if let Err(IndexError::Busy { .. }) = &opened {
        let text = "only paths are searched: another navi is mending the index";
        fresh.said.push(Diagnostic::warning(text));
        fresh.reader = true;
        return fresh;
    }
    let (index, damage) = opened.unwrap_or_else(|error| {
        fresh.said.push(
            Diagnostic::warning(format!("the index is kept in memory only: {}", chain(&error)))
                .hint("`navi doctor` looks at its folder"),
        );
        (Index::in_memory(), None)
    });
    if let Some(damage) = damage {
        let text = format!("the index was damaged and is built anew: {damage}");
        fresh.said.push(Diagnostic::note(text));
    }
    let mut index = index;
    let mut outcome = update(&index, options, &mut fresh);
    if let (Err(error), Some(folder)) = (&outcome, &options.folder)
        && probe(folder).is_ok()
        && let Ok(anew) = Index::renew(folder)
    {
        let text = format!("the index was damaged and is built anew: {}", chain(error));
        fresh.said.push(Diagnostic::warning(text));
        index = anew;
        outcome = update(&index, options, &mut fresh);
    }
    if let Err(error) = outcome {
        let text = format!("contents are those of before: {}", chain(&error));
        fresh.said.push(Diagnostic::warning(text).hint("`navi doctor` looks at the index folder"));
        fresh.failed = true;
    }
    fresh.index = Some(index);
    fresh
}

/// The snapshot with what the repository's history says of its files. Without git, or when it cannot
/// be read, searching goes without.
pub fn with_past(options: &Options, snapshot: Snapshot, said: &mut Vec<Diagnostic>) -> Snapshot {
    let history = past(options, said);
    if history.is_empty() {
        return snapshot;
    }
    let past = Past::of(&history, &snapshot.files);
    snapshot.with_past(Arc::new(past))
}

/// The repository's history, with progress on stderr when it takes long.
pub fn past(options: &Options, said: &mut Vec<Diagnostic>) -> History {
    let started = Instant::now();
    let mut shown = false;
    let terminal = std::io::stderr().is_terminal();
    let (history, faults) = history_of(options, &|| false, &mut |step| {
        if terminal && started.elapsed() > LONG {
            shown = true;
            print::progress(&format!("reading the history, {} commits", step.done));
        }
    });
    if shown {
        print::progress("");
    }
    said.extend(faults);
    history
}

fn update(index: &Index, options: &Options, fresh: &mut Fresh) -> Result<(), IndexError> {
    let files = fresh.keeper.list();
    let update = Update {
        root: &options.repo.root,
        files: &files,
        roles: &options.finder.roles,
        limit: options.finder.file_limit,
        crew,
        threads: build_threads(options.cores),
    };
    let started = Instant::now();
    let told: Mutex<Option<Instant>> = Mutex::new(None);
    let show = std::io::stderr().is_terminal();
    let outcome = bring_up_to_date(index, &fresh.keeper, &update, &|counts, total| {
        let Ok(mut told) = told.try_lock() else { return };
        let due = told.is_none_or(|it| it.elapsed() > Duration::from_millis(100));
        if show && due && started.elapsed() > LONG {
            *told = Some(Instant::now());
            print::progress(&format!("indexing {} of {total} files", counts.indexed));
        }
    });
    if told.into_inner().is_ok_and(|it| it.is_some()) {
        print::progress("");
    }
    match outcome {
        Ok((counts, plan)) => {
            fresh.from_nothing = counts.unchanged == 0 && plan.put.iter().all(|(_, new)| *new);
            fresh.counts = counts;
            if let Some(folder) = &options.folder {
                // Both only spare the next start some time.
                let _ = note_use(folder, &options.repo.root);
                if !plan.is_empty() {
                    let _ = kept::save(folder, &fresh.keeper);
                }
            }
        }
        Err(IndexError::Busy { .. }) => {
            fresh.reader = true;
            let behind = await_writer(index, &fresh.keeper)?;
            if behind > 0 {
                let text = format!(
                    "another navi is writing the index: {behind} changed files are still to be read"
                );
                fresh
                    .said
                    .push(Diagnostic::warning(text).hint("names and exact text are those on disk"));
            }
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// The longest that a command waits for the navi that writes.
const PATIENCE: Duration = Duration::from_millis(400);
/// With more files than this to read, the other navi takes longer than that.
const SOON: usize = 1000;

/// Gives the navi that writes a moment to read what has just changed; tells how many files are
/// left.
fn await_writer(index: &Index, keeper: &FileKeeper) -> Result<usize, IndexError> {
    let started = Instant::now();
    let mut maker = index.snapshots()?;
    loop {
        let plan = Plan::compare(keeper, Some(&mut maker))?;
        let left = plan.put.len() + plan.remove.len();
        if left == 0 || left > SOON || started.elapsed() > PATIENCE {
            return Ok(left);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl Fresh {
    /// What searches run on.
    pub fn snapshot(&mut self) -> Result<Snapshot, Failure> {
        match &self.index {
            Some(index) => Ok(index.snapshots()?.take_tagged(&mut self.keeper, false)?),
            None => Ok(Snapshot::of_files(self.keeper.list())),
        }
    }

    /// How the index stands against the files, without bringing it up to date; the last value
    /// tells what was damaged in it.
    pub fn compare(
        setup: &Setup,
        options: &Options,
    ) -> Result<Option<(Plan, usize, Option<String>)>, Failure> {
        let (keeper, _) = list_files(options);
        let Some(folder) = setup.index_folder().filter(|it| it.join("meta.json").exists()) else {
            return Ok(None);
        };
        let (index, damage) = Index::open(&folder)?;
        let plan = Plan::compare(&keeper, Some(&mut index.snapshots()?))?;
        Ok(Some((plan, keeper.list().len(), damage)))
    }
}
