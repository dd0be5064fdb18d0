//! Everything that knows it is a terminal: keys come in here, the screen goes out.
//!
//! Nothing below this layer may name ratatui or crossterm.

mod handover;
mod homes;
pub mod input;
mod pen;
mod reader;
mod runtime;
pub mod screen;
mod signals;
pub mod theme;
pub mod view;

pub use handover::interact;
pub use homes::{Home, Homes};
pub use runtime::{Startup, TuiError, Work, run};
