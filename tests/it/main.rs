//! The one integration test binary. What each file is for: `docs/testing.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and tests start the program themselves"
)]

#[cfg(target_os = "linux")]
mod answering;
mod architecture;
mod audit;
mod catalogue;
mod changes;
mod cli;
mod commands;
mod complete;
mod corpus;
#[cfg(unix)]
mod damage;
mod dialects;
mod discovery;
mod docs;
#[cfg(unix)]
mod drills;
#[path = "../../fuzz/exercises.rs"]
mod exercises;
mod history;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod incident;
#[cfg(unix)]
mod instances;
#[cfg(target_os = "linux")]
mod panel;
mod properties;
#[cfg(unix)]
mod pty;
mod ranking;
mod redaction;
#[cfg(target_os = "linux")]
mod run;
#[cfg(unix)]
mod runbooks;
#[cfg(target_os = "linux")]
mod running;
mod screens;
#[cfg(unix)]
mod scripted;
#[cfg(unix)]
mod stack;
mod support;
mod trace;
mod tracked;
#[cfg(target_os = "linux")]
mod trust;
#[cfg(unix)]
mod watching;
#[cfg(unix)]
mod workspace;
