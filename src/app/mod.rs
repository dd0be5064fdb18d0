//! The state machine of the screen: what a key, an answer or a tick changes.
//!
//! Nothing here reads files, asks a clock, starts a thread or knows that there is a terminal.

pub mod action;
pub mod keymap;
