//! A list of groups: headings with rows below them, as the Critical paths panel and the audit show.
//!
//! While no filter is typed, rows that lead somewhere carry a small letter and headings a capital, so
//! that each is one key away.

use super::list::ListCursor;
use crate::base::RepoPath;

/// What a heading tells besides its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// Nothing.
    #[default]
    Plain,
    /// What is looked for is not there.
    Missing,
    /// All is well.
    Good,
    /// In part.
    Middling,
    /// Not well.
    Bad,
    /// It cannot be told.
    Unknown,
}

/// The title of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heading {
    /// Its name.
    pub title: String,
    /// A number or a word beside it.
    pub count: String,
    /// What it tells.
    pub mark: Mark,
    /// Id of the role, for its colour; empty when it is none.
    pub role: String,
    /// What there is to say, where it has no rows.
    pub says: Vec<String>,
}

/// One row of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// Where it leads, with the line.
    pub place: Option<(RepoPath, Option<u64>)>,
    /// Whether it can be entered, though it is no place.
    pub goes: bool,
    /// Shown as the row, where it is no path alone.
    pub text: String,
    /// How it stands with it.
    pub mark: Mark,
    /// A word to the right: what somebody noted.
    pub note: String,
    /// Why the row is here; it gives way to what nobody can guess.
    pub reason: String,
    /// Who is asked.
    pub owner: String,
    /// How long ago it changed, and by whom.
    pub changed: String,
    /// Whether the two are shown in a narrow list as well.
    pub keeps: bool,
    /// All there is to say about it, piece by piece.
    pub says: Vec<String>,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// The title of a group.
    Heading(Heading),
    /// A row below it.
    Row(Row),
}

/// The lines, and which of them is selected.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outline {
    lines: Vec<Line>,
    /// The selected line and the first on screen.
    pub cursor: ListCursor,
    /// Whether the user chose the selected line.
    chosen: bool,
}

/// Letters for rows, in the order in which they are given out, then those for headings.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The letters that no key of the keymap takes away.
pub fn letters(taken: impl Fn(char) -> bool) -> Vec<char> {
    LETTERS.chars().filter(|&it| !taken(it)).collect()
}

impl Outline {
    /// The lines.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Puts other lines in place. The selected place stays selected, when it is still there.
    pub fn replace(&mut self, lines: Vec<Line>, rows: usize) {
        let kept = self.selected_line().cloned();
        let down = self.cursor.selected.saturating_sub(self.cursor.top);
        self.lines = lines;
        let same = |line: &Line| match (line, &kept) {
            (Line::Row(one), Some(Line::Row(other))) => {
                one.place == other.place && one.text == other.text
            }
            (Line::Heading(one), Some(Line::Heading(other))) => one.title == other.title,
            _ => false,
        };
        let found = self.lines.iter().position(same);
        match found {
            Some(line) => {
                self.cursor.top = line.saturating_sub(down);
                self.put(line, rows);
            }
            None => self.first(rows),
        }
    }

    /// Replaces the lines of a list that is still coming in: unless the user chose a line, the first is
    /// selected, whatever comes in above.
    pub fn replace_coming(&mut self, lines: Vec<Line>, rows: usize) {
        let chosen = self.chosen;
        self.replace(lines, rows);
        if !chosen {
            self.first(rows);
        }
    }

    /// Selects the first line that can be.
    pub fn first(&mut self, rows: usize) {
        self.cursor = ListCursor::default();
        self.chosen = false;
        let line = (0..self.lines.len()).find(|&it| self.selectable(it)).unwrap_or(0);
        self.put(line, rows);
    }

    /// Whether the cursor rests here: on rows, and on headings without any.
    fn selectable(&self, line: usize) -> bool {
        match self.lines.get(line) {
            Some(Line::Row(_)) => true,
            Some(Line::Heading(_)) => !matches!(self.lines.get(line + 1), Some(Line::Row(_))),
            None => false,
        }
    }

    /// Moves by so many lines that can be selected, or to the end.
    pub fn travel(&mut self, by: isize, rows: usize) {
        let stops: Vec<usize> = (0..self.lines.len()).filter(|&it| self.selectable(it)).collect();
        let Some(last) = stops.len().checked_sub(1) else { return };
        let now = stops.partition_point(|&it| it < self.cursor.selected);
        let next = now.saturating_add_signed(by).min(last);
        if let Some(&line) = stops.get(next) {
            self.select(line, rows);
        }
    }

    /// Selects a line, which the user chose.
    pub fn select(&mut self, line: usize, rows: usize) {
        self.chosen = true;
        self.put(line, rows);
    }

    /// Puts the selection on a line, and scrolls as little as shows it with its heading.
    fn put(&mut self, line: usize, rows: usize) {
        let len = self.lines.len();
        // Of a group's heading, its first row is meant.
        let line = if self.selectable(line) { line } else { line + 1 };
        self.cursor.select(line, len, rows);
        let above = self.cursor.selected.saturating_sub(1);
        let heads = matches!(self.lines.get(above), Some(Line::Heading(_)));
        if heads && self.cursor.top == self.cursor.selected && rows > 1 {
            self.cursor.top = above;
        }
    }

    /// Brings the selection back on a screen that has changed.
    pub fn settle(&mut self, rows: usize) {
        self.put(self.cursor.selected, rows);
    }

    /// The selected line.
    pub fn selected_line(&self) -> Option<&Line> {
        self.lines.get(self.cursor.selected).filter(|_| self.selectable(self.cursor.selected))
    }

    /// Where the selected line leads.
    pub fn selected_place(&self) -> Option<&(RepoPath, Option<u64>)> {
        match self.selected_line() {
            Some(Line::Row(row)) => row.place.as_ref(),
            _ => None,
        }
    }

    /// What there is to say about the selected line.
    pub fn says(&self) -> &[String] {
        match self.selected_line() {
            Some(Line::Row(row)) => &row.says,
            Some(Line::Heading(heading)) => &heading.says,
            None => &[],
        }
    }

    /// The lines that have a letter, each with it: rows on a screen of so many rows, and headings
    /// everywhere, which have capitals.
    pub fn labels(&self, letters: &[char], rows: usize) -> Vec<(usize, char)> {
        let shown = self.lines.iter().enumerate().skip(self.cursor.top).take(rows);
        let leads = |line: &Line| match line {
            Line::Row(row) => row.place.is_some() || row.goes,
            Line::Heading(_) => false,
        };
        let rows = shown.filter(|(_, it)| leads(it)).map(|(at, _)| at);
        let small = letters.iter().copied().filter(|it| !it.is_ascii_uppercase());
        let mut labels: Vec<(usize, char)> = rows.zip(small).collect();
        labels.extend(capitals(&self.lines, letters));
        labels
    }

    /// Selects the first row of the group at `line`, with its heading on top of the list.
    pub fn select_group(&mut self, line: usize, rows: usize) {
        self.select(line, rows);
        if rows > 1 {
            self.cursor.top = line.min(self.lines.len().saturating_sub(rows));
        }
    }
}

/// The capital letter of each heading that has one, in their order: the first of its title that is
/// still free and among `letters`.
fn capitals(lines: &[Line], letters: &[char]) -> Vec<(usize, char)> {
    let mut out: Vec<(usize, char)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Line::Heading(heading) = line else { continue };
        let own = heading.title.chars().filter(char::is_ascii_alphabetic);
        let free = |it: &char| letters.contains(it) && !out.iter().any(|(_, taken)| taken == it);
        if let Some(letter) = own.map(|it| it.to_ascii_uppercase()).find(free) {
            out.push((at, letter));
        }
    }
    out
}

/// How long ago, in the largest unit that fits.
pub fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} m", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(title: &str) -> Line {
        Line::Heading(Heading { title: title.into(), ..Heading::default() })
    }

    fn row(path: &str) -> Line {
        Line::Row(Row { place: Some((path.into(), None)), ..Row::default() })
    }

    fn outline() -> Outline {
        let mut it = Outline::default();
        let text = Line::Row(Row { text: "fix".into(), ..Row::default() });
        it.replace(
            vec![
                heading("one"),
                row("a"),
                row("b"),
                heading("gap"),
                heading("two"),
                row("c"),
                text,
            ],
            3,
        );
        it
    }

    #[test]
    fn the_cursor_rests_on_rows_and_gaps_and_shows_the_heading() {
        let mut it = outline();
        assert_eq!((it.cursor.selected, it.cursor.top), (1, 0));
        it.travel(1, 3);
        it.travel(1, 3);
        assert_eq!(it.cursor.selected, 3, "a heading without rows");
        it.travel(1, 3);
        assert_eq!((it.cursor.selected, it.cursor.top), (5, 3));
        it.travel(isize::MAX / 2, 3);
        assert_eq!(it.cursor.selected, 6);
        it.travel(isize::MIN / 2, 3);
        assert_eq!((it.cursor.selected, it.cursor.top), (1, 0));
        Outline::default().travel(1, 3);
    }

    #[test]
    fn letters_go_to_rows_on_screen_that_lead_somewhere() {
        let mut it = outline();
        let letters = letters(|it| it == 'b');
        let groups = [(0, 'O'), (3, 'G'), (4, 'T')];
        assert_eq!(it.labels(&letters, 7), [&[(1, 'a'), (2, 'c'), (5, 'd')], &groups[..]].concat());
        it.travel(isize::MAX / 2, 3);
        assert_eq!(it.labels(&letters, 3), [&[(5, 'a')], &groups[..]].concat());
        it.select_group(0, 3);
        assert_eq!((it.cursor.selected, it.cursor.top), (1, 0));
        let lines = [heading("on"), heading("Open"), heading("o"), heading("é")];
        let twins = capitals(&lines, &letters);
        assert_eq!(twins, [(0, 'O'), (1, 'P')]);
    }

    #[test]
    fn other_lines_keep_what_was_selected_where_it_was() {
        let mut it = outline();
        it.travel(1, 3);
        it.replace(vec![heading("zero"), row("z"), heading("one"), row("b")], 9);
        assert_eq!(it.selected_place().unwrap().0, "b".into());
        it.replace(vec![heading("zero"), row("z")], 9);
        assert_eq!(it.selected_place().unwrap().0, "z".into());
        it.replace(Vec::new(), 9);
        assert_eq!(it.selected_place(), None);
    }

    #[test]
    fn what_comes_in_above_is_selected_until_the_user_chooses() {
        let mut it = outline();
        it.replace_coming(vec![heading("worse"), row("z"), heading("one"), row("a")], 9);
        assert_eq!(it.selected_place().unwrap().0, "z".into());
        it.travel(1, 9);
        it.replace_coming(vec![heading("worst"), row("y"), heading("one"), row("a")], 9);
        assert_eq!(it.selected_place().unwrap().0, "a".into());
    }
}
