//! Words that every layer speaks: paths, diagnostics, cleaned text.
//!
//! Nothing here knows of files' meaning, of threads or of the terminal, and nothing here imports
//! another layer.

pub mod diag;
pub mod path;
pub mod suggest;
pub mod text;
pub mod toml;
pub mod yaml;

pub use diag::{Checked, Diagnostic, Origin, Severity};
pub use path::RepoPath;
