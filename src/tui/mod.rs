//! Everything that knows it is a terminal: keys come in here, the screen goes out.
//!
//! Nothing below this layer may name ratatui or crossterm.

pub mod input;
pub mod theme;
