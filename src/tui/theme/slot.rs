//! The closed table of what a theme can colour, each slot with the one it falls back to.
//!
//! `role.ID` is the one open family, since roles are; it is kept by the theme itself.

macro_rules! slots {
    ($( #[doc = $doc:literal] $variant:ident $name:literal $parent:expr, )+) => {
        /// Something that a theme gives a style.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Slot {
            $( #[doc = $doc] $variant, )+
        }

        impl Slot {
            /// Every slot; a parent comes before its children.
            pub const ALL: &[Self] = &[ $( Self::$variant, )+ ];

            /// The dotted name, as themes write it.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )+ }
            }

            /// What it colours, in one sentence.
            pub fn doc(self) -> &'static str {
                match self { $( Self::$variant => $doc.trim_ascii(), )+ }
            }

            /// The slot of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $( $name => Some(Self::$variant), )+ _ => None }
            }

            /// Where what a theme leaves out comes from.
            pub fn parent(self) -> Option<Self> {
                #[allow(clippy::enum_glob_use, reason = "the table names slots without a prefix")]
                use Slot::*;
                match self { $( $variant => $parent, )+ }
            }
        }
    };
}

slots! {
    /// The whole screen, behind everything else.
    Background "background" None,
    /// Ordinary text.
    Text "text" None,
    /// Text that matters less.
    TextDim "text.dim" Some(Text),
    /// Text that matters more.
    TextStrong "text.strong" Some(Text),
    /// A row of a list.
    List "list" Some(Text),
    /// The row under the cursor.
    ListSelected "list.selected" Some(List),
    /// The part of a row that the query matched.
    ListMatch "list.match" Some(List),
    /// The same on the row under the cursor.
    ListSelectedMatch "list.selected.match" Some(ListSelected),
    /// Why a row is here.
    ListReason "list.reason" Some(TextDim),
    /// The query.
    Query "query" Some(Text),
    /// The sign before the query.
    QueryPrompt "query.prompt" Some(Query),
    /// Lines between the parts of the screen.
    Border "border" Some(TextDim),
    /// The same round what has the focus.
    BorderFocused "border.focused" Some(Border),
    /// The name of a part of the screen.
    Title "title" Some(TextStrong),
    /// The top line.
    Header "header" Some(Text),
    /// What the results are made of.
    Badge "badge" Some(TextDim),
    /// The index follows every change.
    BadgeLive "badge.live" Some(Badge),
    /// The index is being built.
    BadgeBusy "badge.busy" Some(Badge),
    /// The index is out of date.
    BadgeStale "badge.stale" Some(Badge),
    /// The message line.
    Status "status" Some(TextDim),
    /// Something could not be done.
    StatusError "status.error" Some(Status),
    /// Something was dropped or is limited.
    StatusWarning "status.warning" Some(Status),
    /// Something was done.
    StatusSuccess "status.success" Some(Status),
    /// A key in a hint.
    Key "key" Some(TextStrong),
    /// What the key does.
    KeyHint "key.hint" Some(TextDim),
    /// Line numbers of the preview.
    PreviewLineNumber "preview.line-number" Some(TextDim),
    /// The line that was found; laid under the colours of the text.
    PreviewCurrentLine "preview.current-line" Some(Text),
    /// What was searched for inside the preview.
    PreviewMatch "preview.match" Some(ListMatch),
    /// A line that a change put in.
    DiffAdded "diff.added" Some(StatusSuccess),
    /// A line that a change took out.
    DiffRemoved "diff.removed" Some(StatusError),
    /// The line that says where in a file a change is.
    DiffPlace "diff.place" Some(Title),
    /// The name of a role without a colour of its own.
    Role "role" Some(TextDim),
    /// Source text that is nothing of the following.
    Syntax "syntax" Some(Text),
    /// Comments.
    SyntaxComment "syntax.comment" Some(TextDim),
    /// Strings and characters.
    SyntaxString "syntax.string" Some(Syntax),
    /// Numbers.
    SyntaxNumber "syntax.number" Some(SyntaxConstant),
    /// Constants.
    SyntaxConstant "syntax.constant" Some(Syntax),
    /// Keywords.
    SyntaxKeyword "syntax.keyword" Some(Syntax),
    /// Functions.
    SyntaxFunction "syntax.function" Some(Syntax),
    /// Types.
    SyntaxType "syntax.type" Some(Syntax),
    /// Variables.
    SyntaxVariable "syntax.variable" Some(Syntax),
    /// Tags of markup.
    SyntaxTag "syntax.tag" Some(SyntaxKeyword),
    /// Attributes of tags, decorators.
    SyntaxAttribute "syntax.attribute" Some(SyntaxType),
    /// Operators.
    SyntaxOperator "syntax.operator" Some(Syntax),
    /// Punctuation.
    SyntaxPunctuation "syntax.punctuation" Some(Syntax),
    /// Headings of prose.
    SyntaxHeading "syntax.heading" Some(Title),
    /// What is not valid in its language.
    SyntaxInvalid "syntax.invalid" Some(Syntax),
    /// What is laid over a panel.
    Overlay "overlay" Some(Text),
    /// The line round it.
    OverlayBorder "overlay.border" Some(BorderFocused),
    /// Its row under the cursor.
    OverlaySelected "overlay.selected" Some(ListSelected),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_chains_end() {
        for (at, slot) in Slot::ALL.iter().enumerate() {
            assert_eq!(Slot::from_name(slot.name()), Some(*slot));
            assert_eq!(*slot as usize, at);
            let mut seen = 0;
            let mut above = slot.parent();
            while let Some(parent) = above {
                above = parent.parent();
                seen += 1;
                assert!(seen < 8, "{slot:?}");
            }
        }
    }
}
