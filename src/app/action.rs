//! Everything a key can be bound to, from one table: the enum, its dotted names, its help.
//!
//! Help, the palette, the documentation and `navi keys` all read [`Action::ALL`]. Ticks, answers
//! and resizes are events, not actions, so that no key can be bound to one.

use std::fmt;

use crate::base::suggest::did_you_mean;

macro_rules! actions {
    ($( #[doc = $doc:literal] $variant:ident $name:literal, )+) => {
        /// Something the user can ask for with a key or from the palette.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $( #[doc = $doc] $variant, )+
        }

        impl Action {
            /// Every action, in the order in which help shows them.
            pub const ALL: &[Self] = &[ $( Self::$variant, )+ ];

            /// The dotted name, as keymaps write it.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )+ }
            }

            /// What it does, in one sentence.
            pub fn doc(self) -> &'static str {
                match self { $( Self::$variant => $doc.trim_ascii(), )+ }
            }

            /// The action of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $( $name => Some(Self::$variant), )+ _ => None }
            }
        }
    };
}

actions! {
    /// Leave navi.
    AppQuit "app.quit",
    /// Go back one step: close what is open, leave the preview, clear the query, leave navi.
    AppBack "app.back",
    /// Put navi to sleep and return to the shell.
    AppSuspend "app.suspend",
    /// Draw the whole screen afresh.
    AppRedraw "app.redraw",
    /// Show the keys that work here.
    HelpOpen "help.open",
    /// List everything that can be done.
    PaletteOpen "palette.open",
    /// Show what was wrong with settings, keys, colours and files.
    DiagnosticsOpen "diagnostics.open",
    /// Look at every file of the repository again.
    IndexRescan "index.rescan",
    /// Go to the Find panel.
    PanelFind "panel.find",
    /// Go to the Critical paths panel: the files that matter in an emergency, by role.
    PanelCritical "panel.critical",
    /// Go to the structure audit: what of the checklist holds here, with places and fixes; and back.
    PanelAudit "panel.audit",
    /// Go to the Changes panel: the recent commits, their files and what they changed.
    PanelChanges "panel.changes",
    /// Go to the Runbooks panel: the runbooks and documents of the repository, to read.
    PanelRunbooks "panel.runbooks",
    /// Go to the Incident panel: what is recorded of what you do.
    PanelIncident "panel.incident",
    /// Note something in the record.
    IncidentNote "incident.note",
    /// Declare an incident; what was recorded in the last hour becomes its beginning.
    IncidentStart "incident.start",
    /// End the incident that runs.
    IncidentStop "incident.stop",
    /// Copy ten lines for whoever takes over.
    IncidentHandover "incident.handover",
    /// Copy the draft of the post-mortem.
    IncidentReport "incident.report",
    /// Keep the draft of the post-mortem in a file of navi's state folder.
    IncidentSave "incident.save",
    /// Go to the Checks panel: every trusted check that only reads, what is broken first.
    PanelChecks "panel.checks",
    /// Go to the Commands panel: what the repository offers to run, by kind, with its risk.
    PanelCommands "panel.commands",
    /// Go to the Drill panel: timed questions about this repository.
    PanelDrill "panel.drill",
    /// In a drill, ask for a hint; it costs ten seconds.
    DrillHint "drill.hint",
    /// In a drill, give the card back.
    DrillSkip "drill.skip",
    /// In a drill, take the card out of the deck for good.
    DrillBury "drill.bury",
    /// In a drill, put the question into the query line, as a trace is pasted.
    DrillPaste "drill.paste",
    /// Type words that the rows of the panel must hold.
    FilterOpen "filter.open",
    /// Move to the next row.
    ListNext "list.next",
    /// Move to the previous row.
    ListPrevious "list.previous",
    /// Move one page of rows down.
    ListPageDown "list.page-down",
    /// Move one page of rows up.
    ListPageUp "list.page-up",
    /// Move to the first row.
    ListFirst "list.first",
    /// Move to the last row.
    ListLast "list.last",
    /// Open the selected place.
    OpenSelected "open.selected",
    /// Open the selected place in the editor and come back afterwards.
    OpenEditor "open.editor",
    /// Copy the selected place as path:line.
    CopyPlace "copy.place",
    /// Copy the path of the selected file.
    CopyPath "copy.path",
    /// Copy the command that reverts the selected commit; it is not run.
    CopyRevert "copy.revert",
    /// Move between the list and the preview.
    PreviewFocus "preview.focus",
    /// Show or hide the preview.
    PreviewToggle "preview.toggle",
    /// Scroll the preview one line down.
    PreviewLineDown "preview.line-down",
    /// Scroll the preview one line up.
    PreviewLineUp "preview.line-up",
    /// Scroll the preview half a page down.
    PreviewHalfDown "preview.half-down",
    /// Scroll the preview half a page up.
    PreviewHalfUp "preview.half-up",
    /// Scroll the preview one page down.
    PreviewPageDown "preview.page-down",
    /// Scroll the preview one page up.
    PreviewPageUp "preview.page-up",
    /// Go to the first line of the preview.
    PreviewTop "preview.top",
    /// Go to the last line of the preview.
    PreviewBottom "preview.bottom",
    /// Scroll the preview to the left.
    PreviewLeft "preview.left",
    /// Scroll the preview to the right.
    PreviewRight "preview.right",
    /// Search inside the previewed file.
    PreviewFind "preview.find",
    /// Go to the next match inside the previewed file.
    PreviewFindNext "preview.find-next",
    /// Go to the previous match inside the previewed file.
    PreviewFindPrevious "preview.find-previous",
    /// Scroll the preview back to the line that was found.
    PreviewMatch "preview.match",
    /// Stop the selected command.
    CommandStop "command.stop",
    /// Run the selected command again and again, so many seconds after each end; or no longer.
    CommandRepeat "command.repeat",
    /// Keep the output of the selected command on screen, beside that of others; or no longer.
    CommandPin "command.pin",
    /// Show what would run, and decide whether it is trusted.
    CommandCard "command.card",
    /// Scroll with new output; or no longer.
    OutputFollow "output.follow",
    /// Break long lines of the output, or cut them.
    OutputWrap "output.wrap",
    /// Show only lines of the output that hold a text.
    OutputFilter "output.filter",
    /// Show only errors and warnings of the output; then all lines again.
    OutputLoud "output.loud",
    /// Go to the next error of the output.
    OutputNextError "output.next-error",
    /// Go to the previous error of the output.
    OutputPreviousError "output.previous-error",
    /// Show only what differs from the last run that went well; then all lines again.
    OutputCompare "output.compare",
    /// Copy the line of the output.
    OutputCopyLine "output.copy-line",
    /// Copy the whole output.
    OutputCopyAll "output.copy-all",
    /// Copy the output as a block of Markdown, with the command, its exit status and the time.
    OutputCopyBlock "output.copy-block",
    /// Write the output into a new file; its path can be changed before.
    OutputSave "output.save",
    /// Go to the source that the line of the output speaks of.
    OutputSource "output.source",
    /// Bring back the last search of this repository.
    SearchResume "search.resume",
    /// Put the previous query of the history into the query line.
    SearchPrevious "search.previous",
    /// Put the next query of the history into the query line.
    SearchNext "search.next",
    /// Empty the query line.
    SearchClear "search.clear",
    /// Move the cursor one character to the left.
    EditLeft "edit.left",
    /// Move the cursor one character to the right.
    EditRight "edit.right",
    /// Move the cursor one word to the left.
    EditWordLeft "edit.word-left",
    /// Move the cursor one word to the right.
    EditWordRight "edit.word-right",
    /// Move the cursor to the start of the line.
    EditStart "edit.start",
    /// Move the cursor to the end of the line.
    EditEnd "edit.end",
    /// Delete the character before the cursor.
    EditDeleteBack "edit.delete-back",
    /// Delete the character at the cursor.
    EditDeleteForward "edit.delete-forward",
    /// Delete the word before the cursor.
    EditDeleteWordBack "edit.delete-word-back",
    /// Delete the word after the cursor.
    EditDeleteWordForward "edit.delete-word-forward",
    /// Delete everything before the cursor.
    EditDeleteToStart "edit.delete-to-start",
    /// Delete everything after the cursor.
    EditDeleteToEnd "edit.delete-to-end",
    /// Take the selected row or the typed text of what is open.
    OverlayAccept "overlay.accept",
}

impl Action {
    /// The known name nearest to a mistyped one; part of it (`quit`) counts too.
    pub fn nearest(name: &str) -> Option<&'static str> {
        let names = || Self::ALL.iter().map(|action| action.name());
        did_you_mean(name, names()).or_else(|| {
            let last = |full: &'static str| full.rsplit_once('.').map_or(full, |(_, last)| last);
            names().find(|full| last(full) == name)
        })
    }

    /// The part of the name before the dot: what help groups by.
    pub fn group(self) -> &'static str {
        self.name().split_once('.').map_or(self.name(), |(group, _)| group)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_dotted_and_known() {
        for (at, action) in Action::ALL.iter().enumerate() {
            let name = action.name();
            assert_eq!(Action::from_name(name), Some(*action));
            assert_eq!(Action::ALL.iter().position(|it| it.name() == name), Some(at), "{name}");
            assert_eq!(name.split('.').count(), 2, "{name}");
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || "-.".contains(c)), "{name}");
            assert!(action.doc().ends_with('.') && !action.doc().starts_with(' '), "{name}");
        }
        assert_eq!(Action::from_name("app.tick"), None);
    }

    #[test]
    fn mistyped_names_have_a_neighbour() {
        assert_eq!(Action::nearest("list.nxt"), Some("list.next"));
        assert_eq!(Action::nearest("quit"), Some("app.quit"));
        assert_eq!(Action::nearest("frobnicate"), None);
    }
}
