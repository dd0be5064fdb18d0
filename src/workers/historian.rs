//! Reads the repository's history and keeps it, a part at a time and never in the way.

use super::Options;
use crate::base::Diagnostic;
use crate::engine::history::{self, Git, History, Step};

/// The history of the commit that is checked out: what was kept of it, with what is new since,
/// which is kept in turn. When `cancelled`, as far as it was read.
pub fn history_of(
    options: &Options,
    cancelled: &dyn Fn() -> bool,
    told: &mut dyn FnMut(Step),
) -> (History, Vec<Diagnostic>) {
    let known = options.folder.as_deref().and_then(history::load).unwrap_or_default();
    bring_up_to_date(options, &known, cancelled, told)
}

fn bring_up_to_date(
    options: &Options,
    known: &History,
    cancelled: &dyn Fn() -> bool,
    told: &mut dyn FnMut(Step),
) -> (History, Vec<Diagnostic>) {
    let read = match Git::open(&options.repo) {
        Ok(None) => return (History::default(), Vec::new()),
        Ok(Some(git)) => history::read(&git, known, cancelled, told),
        Err(error) => Err(error),
    };
    match read {
        Ok(new) => {
            if let Some(folder) = &options.folder
                && !new.is_same(known)
            {
                // It only spares the next start some time: that it cannot be kept is no fault.
                let _ = history::save(folder, &new);
            }
            (new, Vec::new())
        }
        Err(error) => {
            let text = format!("the repository's history cannot be read: {error}");
            let said = Diagnostic::warning(text).hint("all else works without it");
            (known.clone(), vec![said])
        }
    }
}
