//! Where things are on the screen, from its size alone.
//!
//! The state machine needs it for paging and the mouse; drawing uses the same numbers.

/// A rectangle in cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Area {
    /// Columns from the left.
    pub x: u16,
    /// Rows from the top.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// Whether the cell lies inside.
    pub fn holds(self, x: u16, y: u16) -> bool {
        x >= self.x && x < self.x + self.width && y >= self.y && y < self.y + self.height
    }

    fn new(x: u16, y: u16, width: u16, height: u16) -> Self {
        Self { x, y, width, height }
    }
}

/// Where the preview goes when there is room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// To the right on wide screens, below on high ones.
    #[default]
    Auto,
    /// To the right of the list.
    Right,
    /// Below the list.
    Below,
    /// Nowhere.
    Off,
}

/// The parts of the screen; those without room are empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Layout {
    /// Name of the repository, freshness.
    pub header: Area,
    /// The names of the panels.
    pub tabs: Area,
    /// The query.
    pub query: Area,
    /// The rows.
    pub list: Area,
    /// The preview with its title line.
    pub preview: Area,
    /// Whether the preview stands beside the list.
    pub beside: bool,
    /// The reason of the selected row.
    pub detail: Area,
    /// Keys and messages.
    pub footer: Area,
}

/// Least width at which the preview stands beside the list.
const WIDE: u16 = 100;
/// Least height at which the panels are named.
const TABS: u16 = 20;
/// Least height at which the preview stands below the list.
const HIGH: u16 = 18;

impl Layout {
    /// The layout of a screen of `width` × `height` cells.
    pub fn of(width: u16, height: u16, place: Place) -> Self {
        Self::shared(width, height, place, 45, 2)
    }

    /// The same for panels in which the rows matter more than the preview.
    pub fn for_rows(width: u16, height: u16, place: Place) -> Self {
        Self::shared(width, height, place, 55, 3)
    }

    /// The same where the output beside or below the rows is what is read.
    pub fn for_output(width: u16, height: u16, place: Place) -> Self {
        Self::shared(width, height, place, 40, 2)
    }

    /// The same for documents: while one is read on a small screen, it has all of it.
    pub fn for_reading(width: u16, height: u16, place: Place, reading: bool) -> Self {
        let mut layout = Self::shared(width, height, place, 36, 2);
        if reading && !layout.beside {
            let (top, below) = (layout.list, layout.preview);
            layout.preview = Area::new(0, top.y, width, top.height + below.height);
            layout.list = Area::new(0, top.y, width, 0);
        }
        layout
    }

    /// The same, so many rows further down.
    #[must_use]
    pub fn below(mut self, rows: u16) -> Self {
        for area in [
            &mut self.header,
            &mut self.tabs,
            &mut self.query,
            &mut self.list,
            &mut self.preview,
            &mut self.detail,
            &mut self.footer,
        ] {
            area.y += rows;
        }
        self
    }

    /// With `percent` of the columns for the list, or `fifths` of the rows.
    fn shared(width: u16, height: u16, place: Place, percent: u16, fifths: u16) -> Self {
        let mut layout = Self::default();
        let mut y = 0;
        let mut row = |wanted: bool| {
            if !wanted || y >= height {
                return Area::new(0, y, width, 0);
            }
            y += 1;
            Area::new(0, y - 1, width, 1)
        };
        layout.header = row(height >= 12);
        layout.tabs = row(height >= TABS);
        layout.query = row(true);
        let footer = u16::from(height >= 4);
        let detail = u16::from(height >= 14);
        let body = height.saturating_sub(y + footer + detail);
        let beside = match place {
            Place::Auto => width >= WIDE && body >= 5,
            Place::Right => width >= 60 && body >= 5,
            Place::Below | Place::Off => false,
        };
        let below = match place {
            Place::Auto => !beside && body >= HIGH - 5 && width >= 30,
            Place::Below => body >= 8,
            Place::Right | Place::Off => false,
        };
        layout.beside = beside;
        if beside {
            let list = (width * percent / 100).clamp(30, 2 * percent);
            layout.list = Area::new(0, y, list, body);
            layout.preview = Area::new(list, y, width - list, body);
        } else if below {
            let list = (body * fifths / 5).clamp(4, 10 * fifths);
            layout.list = Area::new(0, y, width, list);
            layout.preview = Area::new(0, y + list, width, body - list);
        } else {
            layout.list = Area::new(0, y, width, body);
            layout.preview = Area::new(0, y + body, width, 0);
        }
        layout.detail = Area::new(0, y + body, width, detail);
        layout.footer = Area::new(0, y + body + detail, width, footer);
        layout
    }

    /// The text part of the preview: without its title and, beside the list, without the border.
    pub fn preview_text(&self) -> Area {
        let all = self.preview;
        if all.height == 0 {
            return all;
        }
        let left = u16::from(self.beside);
        Area::new(all.x + left, all.y + 1, all.width.saturating_sub(left), all.height - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_has_a_list_and_nothing_overlaps() {
        for width in [1, 20, 40, 80, 99, 100, 120, 300] {
            for height in [1, 2, 5, 10, 14, 24, 36, 100] {
                for place in [Place::Auto, Place::Right, Place::Below, Place::Off] {
                    for it in
                        [Layout::of(width, height, place), Layout::for_rows(width, height, place)]
                    {
                        let rows = it.header.height
                            + it.tabs.height
                            + it.query.height
                            + it.list.height.max(it.preview.height)
                            + if it.beside { 0 } else { it.list.height.min(it.preview.height) }
                            + it.detail.height
                            + it.footer.height;
                        assert_eq!(rows, height, "{width}x{height} {place:?}");
                        assert!(height < 5 || it.list.height >= 3, "{width}x{height}");
                        assert!(it.preview.x + it.preview.width <= width);
                    }
                }
            }
        }
    }

    #[test]
    fn the_named_sizes() {
        assert!(Layout::of(120, 36, Place::Auto).beside);
        let small = Layout::of(80, 24, Place::Auto);
        assert!(!small.beside && small.preview.height >= 10 && small.list.height >= 7);
        let tiny = Layout::of(40, 10, Place::Auto);
        assert_eq!((tiny.preview.height, tiny.list.height), (0, 8));
    }
}
