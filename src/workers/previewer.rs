//! Shows parts of files, the latest request first; counts the lines of huge ones while idle.

use std::path::PathBuf;
use std::time::Duration;

use super::{Mailbox, Sink};
use crate::engine::preview::{self, FindAsk, Viewer, WindowAsk};
use crate::protocol::{Generation, Report};

/// What is asked.
pub enum Ask {
    /// A part of a file.
    Window(Generation, WindowAsk),
    /// A search inside a file.
    Find(Generation, FindAsk),
}

/// One piece of counting between two looks at the mailbox.
const COUNTING: Duration = Duration::from_millis(30);

/// Works until the mailbox is closed.
pub fn run(root: PathBuf, inbox: &Mailbox<Ask>, sink: &Sink) {
    preview::warm();
    let mut viewer = Viewer::new(root);
    while let Some(ask) = inbox.take() {
        let overtaken = || inbox.is_overtaken();
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
