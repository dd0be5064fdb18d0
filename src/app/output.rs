//! Reading the output of a command: scrolling, searching, filtering, copying, and going from a line
//! to the source.

use std::time::Instant;

use super::App;
use super::action::Action;
use super::edit::TextField;
use super::event::Effect;
use super::model::{Panel, PromptFor};
use super::transcript::Transcript;
use crate::engine::output::{Level, Needle, amount, markdown, next_match, plain};
use crate::engine::symptom;

/// Bytes that are copied at most: many terminals take less from OSC 52, hardly any takes more.
const MOST_COPIED: usize = 1 << 20;
/// Columns of one step to the side.
const SIDE: usize = 16;

impl App {
    /// Rows of output on screen.
    pub(super) fn output_rows(&self) -> usize {
        usize::from(self.model.layout().preview_text().height).saturating_sub(1).max(1)
    }

    /// Columns of output on screen, without the marks at their sides.
    fn output_columns(&self) -> usize {
        usize::from(self.model.layout().preview_text().width).saturating_sub(3).max(1)
    }

    /// Does an action on the output of the selected command; `None` for what is no such action.
    pub(super) fn output_act(&mut self, action: Action, at: Instant) -> Option<Vec<Effect>> {
        let about = matches!(action.group(), "output" | "preview");
        if self.model.panel != Panel::Commands {
            if action.group() == "output" {
                self.say("this is for the output of a command: alt-4 lists them", true, at);
                return Some(Vec::new());
            }
            return None;
        }
        if self.model.prompt.is_some() || !about || is_of_layout(action) {
            return None;
        }
        let rows = self.output_rows();
        let page = rows as isize;
        let columns = self.output_columns();
        let name = self.model.commands.offer().map(|it| file_name(&it.command.id));
        let Some(run) = self.model.commands.run_mut() else {
            if action.group() == "output" || action == Action::PreviewFind {
                self.say("this command has not run yet: enter runs it", true, at);
            }
            return Some(Vec::new());
        };
        match action {
            Action::PreviewLineDown => run.scroll(1, rows),
            Action::PreviewLineUp => run.scroll(-1, rows),
            Action::PreviewHalfDown => run.scroll(page / 2, rows),
            Action::PreviewHalfUp => run.scroll(-(page / 2), rows),
            Action::PreviewPageDown => run.scroll(page - 1, rows),
            Action::PreviewPageUp => run.scroll(1 - page, rows),
            Action::PreviewTop => run.go_to_end(false),
            Action::PreviewBottom => run.go_to_end(true),
            Action::PreviewLeft => run.left = run.left.saturating_sub(SIDE),
            Action::PreviewRight => run.left += SIDE,
            Action::OutputFollow => run.toggle_follow(rows),
            Action::OutputWrap => {
                run.wrap = !run.wrap;
                run.left = 0;
            }
            Action::PreviewFind => self.open_prompt(PromptFor::OutputFind),
            Action::OutputFilter => self.open_prompt(PromptFor::OutputFilter),
            Action::PreviewFindNext | Action::PreviewFindPrevious => {
                let forward = action == Action::PreviewFindNext;
                if run.needle.is_none() {
                    self.say("nothing is searched for: / searches", true, at);
                } else if run.find(forward, rows) {
                    run.bring_sideways(columns);
                } else {
                    self.say("this text is not in the output", true, at);
                }
            }
            Action::OutputNextError | Action::OutputPreviousError => {
                if !run.find_loud(action == Action::OutputNextError, rows) {
                    self.say("no line of the output reads like an error or a warning", false, at);
                }
            }
            Action::OutputLoud => {
                run.least = match run.least {
                    Level::Plain => Level::Warning,
                    Level::Warning | Level::Error => Level::Plain,
                };
                run.go_to_end(true);
            }
            Action::OutputCompare => {
                let known = run.good.is_some();
                run.comparing = known && !run.comparing;
                run.go_to_end(true);
                if !known {
                    self.say("no earlier run of this command went well", true, at);
                }
            }
            Action::OutputCopyLine => {
                let line = run.row_meant(rows).and_then(|row| run.ring.line(row));
                let line = line.map(|it| Effect::Copy(it.text.clone()));
                if line.is_none() {
                    self.say("there is no line to copy", true, at);
                }
                return Some(line.into_iter().collect());
            }
            Action::OutputCopyAll => {
                let text = plain(&run.ring);
                return Some(self.copy_output(text, at));
            }
            Action::OutputCopyBlock => {
                let text = block(run);
                return Some(self.copy_output(text, at));
            }
            Action::OutputSave => {
                let place = format!("{}/{}.md", self.model.outputs, name.unwrap_or_default());
                self.open_prompt(PromptFor::SaveAs);
                self.model.prompt = Some(TextField::new(place));
            }
            Action::OutputSource => {
                let Some(text) = around(run, rows) else {
                    self.say("there is no line to look for", true, at);
                    return Some(Vec::new());
                };
                return Some(self.find_source(&text));
            }
            _ => return None,
        }
        Some(Vec::new())
    }

    /// Copies what a terminal's clipboard can be expected to take.
    fn copy_output(&mut self, text: String, at: Instant) -> Vec<Effect> {
        if text.len() > MOST_COPIED {
            let size = amount(text.len() as u64);
            self.say(format!("{size} are too much for a clipboard: s saves them"), true, at);
            return Vec::new();
        }
        vec![Effect::Copy(text)]
    }

    pub(super) fn open_prompt(&mut self, of: PromptFor) {
        self.model.overlay = None;
        self.model.prompt_for = of;
        let old = self.model.commands.run().and_then(|run| match of {
            PromptFor::OutputFilter => run.filter.clone(),
            _ => None,
        });
        let old = old.or_else(|| (of == PromptFor::Every).then(|| "5".to_owned()));
        self.model.prompt = Some(TextField::new(old.unwrap_or_default()));
    }

    /// Something was typed in the prompt of the output.
    pub(super) fn output_prompted(&mut self) {
        let Some(text) = self.model.prompt.as_ref().map(|it| it.text().to_owned()) else { return };
        let (of, rows) = (self.model.prompt_for, self.output_rows());
        let columns = self.output_columns();
        let Some(run) = self.model.commands.run_mut() else { return };
        let text = (!text.is_empty()).then_some(text);
        match of {
            PromptFor::OutputFind => {
                run.needle = text;
                run.at = None;
                // Of what is on screen the last is what was just looked at.
                if let Some(needle) = run.needle.as_deref().and_then(Needle::new)
                    && let Some(row) = next_match(&run.ring, None, false, &needle)
                {
                    run.at = row.checked_sub(1);
                    run.find(true, rows);
                    run.bring_sideways(columns);
                }
            }
            PromptFor::OutputFilter => {
                run.filter = text;
                run.go_to_end(true);
            }
            // What counts only once it is whole, and prompts of others.
            PromptFor::SaveAs
            | PromptFor::Every
            | PromptFor::Preview
            | PromptFor::Page
            | PromptFor::Note
            | PromptFor::Title
            | PromptFor::End => {}
        }
    }

    /// The prompt of the output was left; what was typed counts, or not.
    pub(super) fn output_prompt_left(&mut self, counts: bool, at: Instant) -> Vec<Effect> {
        let of = self.model.prompt_for;
        let typed = self.model.prompt.take().map(|it| it.text().to_owned()).unwrap_or_default();
        if of == PromptFor::Every {
            return if counts { self.start_repeat(&typed, at) } else { Vec::new() };
        }
        let Some(run) = self.model.commands.run_mut() else { return Vec::new() };
        match of {
            PromptFor::SaveAs if counts => {
                return vec![Effect::Save { path: typed, text: block(run) }];
            }
            PromptFor::OutputFind if counts => self.model.in_preview |= run.needle.is_some(),
            PromptFor::OutputFilter if counts => self.model.in_preview |= run.filter.is_some(),
            PromptFor::OutputFind => run.needle = None,
            PromptFor::OutputFilter => run.filter = None,
            PromptFor::SaveAs
            | PromptFor::Every
            | PromptFor::Preview
            | PromptFor::Page
            | PromptFor::Note
            | PromptFor::Title
            | PromptFor::End => {}
        }
        Vec::new()
    }

    /// Goes to Find with what was read: a stack trace, a log line, a place.
    fn find_source(&mut self, text: &str) -> Vec<Effect> {
        let mut effects = self.go_to(Panel::Find);
        effects.extend(self.set_query(symptom::on_one_line(text)));
        effects
    }
}

/// What concerns the preview as a part of the screen.
fn is_of_layout(action: Action) -> bool {
    matches!(action, Action::PreviewToggle | Action::PreviewFocus | Action::PreviewMatch)
}

/// The output as Markdown.
fn block(run: &Transcript) -> String {
    let outcome = run.ended.as_ref().map(|(outcome, _)| outcome);
    markdown(&run.argv, outcome, &run.clock, &run.ring)
}

/// The name of a file for the output of this command.
fn file_name(id: &str) -> String {
    let plain = |it: char| if it.is_ascii_alphanumeric() || "-_.".contains(it) { it } else { '_' };
    let name: String = id.chars().map(plain).take(100).collect();
    name.trim_start_matches(['.', '-']).to_owned()
}

/// The line that is meant, with the stack trace in which it stands.
fn around(run: &Transcript, rows: usize) -> Option<String> {
    let row = run.row_meant(rows)?;
    let line = |row: usize| run.ring.line(row).map(|it| it.text.as_str());
    let trace = symptom::trace_around(line, row);
    let text: Vec<&str> = trace.into_iter().filter_map(line).collect();
    Some(text.join("\n"))
}
