//! What navi knows: repositories, files, roles, the index, search, preview.
//!
//! No terminal, no thread of its own, no environment, and the clock only for time budgets: plain
//! functions that tests call inline. To add a role, see `roles/`; a language's
//! definitions, `symbols/`; a query filter, `search/parse.rs`.

pub mod audit;
pub mod catalogue;
pub mod checks;
pub mod commands;
pub mod crew;
pub mod drills;
pub mod editor;
pub mod files;
pub mod history;
pub mod incident;
pub mod index;
pub mod kept;
pub mod literals;
pub mod output;
pub mod owners;
pub mod preview;
pub mod redact;
pub mod regular;
pub mod repo;
pub mod roles;
pub mod routes;
pub mod runbook;
pub mod search;
pub mod standing;
pub mod symbols;
pub mod symptom;
pub mod tokens;
pub mod tracked;
pub mod walk;
