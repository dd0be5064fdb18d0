//! The Checks panel: what the triage board says of itself, and of the selected check.

use ratatui::Frame;

use super::{Look, pane, rows};
use crate::app::layout::Layout;
use crate::app::model::{Model, grouped};
use crate::app::transcript::duration;
use crate::base::text;
use crate::engine::checks::Verdict;

/// What stands beside the panel's name.
pub fn told(model: &Model) -> String {
    let checks = &model.checks;
    if checks.busy {
        let (done, total) = checks.progress();
        return format!("{done} of {total} checks have answered");
    }
    let Some(board) = &checks.board else { return "nothing was checked so far".to_owned() };
    let counted = [
        (checks.count(Verdict::Fail), "broken"),
        (checks.count(Verdict::Timeout), "without an answer"),
        (checks.count(Verdict::Warn), "odd"),
        (checks.count(Verdict::Ok), "fine"),
        (checks.count(Verdict::Skipped), "not run"),
    ];
    let mut parts: Vec<String> = counted
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", grouped(count)))
        .collect();
    parts.push(format!("in {}", duration(board.ms)));
    parts.join(" · ")
}

/// What stands in the list while it is empty.
pub fn empty(model: &Model) -> &'static str {
    match &model.checks.board {
        _ if model.checks.busy => "asking …",
        None if model.checks.waits => "reading what can be checked …",
        None => "ctrl-r runs every trusted check that only reads",
        Some(it) if it.rows.is_empty() => {
            "nothing here can be checked: no Compose file, no health endpoint; see docs/checks.md"
        }
        Some(_) => "nothing holds these words",
    }
}

/// All there is to say about the selected check.
pub fn preview(frame: &mut Frame<'_>, layout: &Layout, model: &Model, look: &Look<'_>) {
    if layout.preview.height == 0 {
        return;
    }
    let title = model.checks.selected().map(|id| pane::Title {
        left: text::clean(id).into_owned(),
        right: "enter goes to its command".to_owned(),
    });
    pane::draw(frame, layout, title.as_ref(), model.in_preview, look);
    rows::told(frame, layout.preview_text(), &model.checks.outline, look);
}
