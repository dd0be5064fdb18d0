//! navi: emergency navigation for on-call engineers.
//!
//! Layers, each of which may use only those to its left (checked by `tests/it/architecture.rs`):
//! `base < engine < config < protocol < workers | app < tui < cli`; `sample` stands alone.
//! `docs/architecture.md` is the map.

pub mod app;
pub mod base;
pub mod cli;
pub mod config;
pub mod engine;
pub mod protocol;
pub mod sample;
pub mod tui;
pub mod workers;
