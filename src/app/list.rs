//! A cursor in a list of rows: which is selected, and which is the first on screen.

/// Selection and scroll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ListCursor {
    /// The selected row.
    pub selected: usize,
    /// The first row on screen.
    pub top: usize,
}

impl ListCursor {
    /// Moves by `by` rows among `len`, of which `rows` are on screen.
    pub fn travel(&mut self, by: isize, len: usize, rows: usize) {
        self.select(self.selected.saturating_add_signed(by), len, rows);
    }

    /// Selects a row, and scrolls as little as that needs.
    pub fn select(&mut self, row: usize, len: usize, rows: usize) {
        self.selected = row.min(len.saturating_sub(1));
        let rows = rows.max(1);
        if self.selected < self.top {
            self.top = self.selected;
        } else if self.selected >= self.top + rows {
            self.top = self.selected + 1 - rows;
        }
        self.top = self.top.min(len.saturating_sub(rows));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selection_stays_inside_and_on_screen() {
        let mut cursor = ListCursor::default();
        cursor.travel(5, 10, 3);
        assert_eq!(cursor, ListCursor { selected: 5, top: 3 });
        cursor.travel(-9, 10, 3);
        assert_eq!(cursor, ListCursor { selected: 0, top: 0 });
        cursor.travel(99, 10, 3);
        assert_eq!(cursor, ListCursor { selected: 9, top: 7 });
        cursor.select(9, 2, 3);
        assert_eq!(cursor, ListCursor { selected: 1, top: 0 });
        cursor.select(3, 0, 3);
        assert_eq!(cursor, ListCursor { selected: 0, top: 0 });
    }
}
