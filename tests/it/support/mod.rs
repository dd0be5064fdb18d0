//! What the integration tests are made of: small trees, the real binary, a real terminal.

mod cli;
#[cfg(unix)]
mod pty;
mod tree;

pub use cli::{Cli, Home};
#[cfg(unix)]
pub use pty::{Keys, Pty};
pub use tree::Tree;
