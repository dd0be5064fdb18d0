//! Shows parts of files, the latest request first; counts the lines of huge ones while idle.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::shared::Latest;
use super::{Mailbox, Sink};
use crate::base::RepoPath;
use crate::engine::preview::{self, FindAsk, Viewer, WindowAsk};
use crate::protocol::{Generation, Report};

/// What is asked.
pub enum Ask {
    /// A part of a file.
    Window(Generation, WindowAsk),
    /// A search inside a file.
    Find(Generation, FindAsk),
}

impl Ask {
    fn path(&self) -> &RepoPath {
        match self {
            Self::Window(_, ask) => &ask.path,
            Self::Find(_, ask) => &ask.path,
        }
    }
}

/// The folder in which a file is looked at: that of a fix card where it lies there.
fn root_of(root: &Path, latest: &Latest, path: &RepoPath) -> PathBuf {
    let overlay = latest.overlay().filter(|it| path.on_disk(it).is_file());
    overlay.unwrap_or_else(|| root.to_owned())
}

/// One piece of counting between two looks at the mailbox.
const COUNTING: Duration = Duration::from_millis(30);

/// Works until the mailbox is closed.
pub fn run(root: &Path, inbox: &Mailbox<Ask>, latest: &Latest, sink: &Sink) {
    preview::warm();
    let mut shown = root.to_owned();
    let mut viewer = Viewer::new(shown.clone());
    while let Some(ask) = inbox.take() {
        let overtaken = || inbox.is_overtaken();
        let wanted = root_of(root, latest, ask.path());
        if wanted != shown {
            shown.clone_from(&wanted);
            viewer = Viewer::new(wanted);
        }
        match ask {
            Ask::Window(generation, ask) => {
                viewer.window(&ask, &overtaken, &mut |window| {
                    sink(Report::Preview { generation, window });
                });
                while !overtaken() {
                    let Some(window) = viewer.count_more(COUNTING) else { break };
                    sink(Report::Preview { generation, window });
                }
            }
            Ask::Find(generation, ask) => {
                let found = viewer.find(&ask, &overtaken, &mut |_| {});
                sink(Report::FoundInFile { generation, found });
            }
        }
    }
}
