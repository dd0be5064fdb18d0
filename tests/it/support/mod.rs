//! What the integration tests are made of: small trees, the real binary, a real terminal.

mod cli;
mod git;
#[cfg(unix)]
mod pty;
mod tree;
#[cfg(unix)]
mod watch;

pub use cli::{Cli, Home};
pub use git::{GitTree, START, git_in};
#[cfg(unix)]
pub use pty::{Keys, Pty};
pub use tree::Tree;
#[cfg(unix)]
pub use watch::{Watching, can_unshare, eventually};
