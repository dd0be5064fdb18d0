//! The command line: headless commands, their JSON, and the way into the screen.
//!
//! Nothing else prints. `docs/cli.md` has the promises that scripts rely on.

mod args;
mod commands;
mod failure;
mod json;
mod print;
mod scope;
mod setup;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use failure::{Failure, Kind};
use scope::Scope;

/// Found nothing, or a check found a fault.
const NOTHING: u8 = 1;

/// Runs navi with this process's arguments.
pub fn main() -> ExitCode {
    // The message of a panic may hold outside text, such as the line that was cut wrongly.
    std::panic::set_hook(Box::new(|info| {
        // Empty unless RUST_BACKTRACE asks for it.
        let trace = std::backtrace::Backtrace::capture();
        let trace = match trace.status() {
            std::backtrace::BacktraceStatus::Captured => format!("\n{trace}"),
            _ => String::new(),
        };
        print::err(&format!("navi failed: {info}{trace}"));
    }));
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return failure::usage(&error),
    };
    let json = args.json();
    match run(args) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            failure.show(json);
            ExitCode::from(2)
        }
    }
}

fn run(args: Args) -> Result<u8, Failure> {
    let common = args.common;
    if args.command.is_some()
        && let Some(typed) = args.screen.typed()
    {
        let message = format!("{typed} is for the screen, not for a command");
        return Err(Failure::new(Kind::Usage, message)
            .hint("name the folder with --root DIR, and put a command's own options after it"));
    }
    let scope = || Scope::of(&common, &[]);
    let one = || scope()?.single();
    match args.command {
        None => commands::screen::run(&common, args.screen),
        Some(Command::Demo(it)) => commands::demo::run(&common, it),
        Some(Command::Find(it)) => commands::find::run(&scope()?, &it),
        Some(Command::Trace(it)) => commands::trace::run(&scope()?, &it),
        Some(Command::Catalogue(it)) => commands::catalogue::run(&scope()?, &it),
        Some(Command::Changes(it)) => commands::changes::run(&scope()?, &it),
        Some(Command::Check(it)) => commands::check::run(&scope()?, &it),
        Some(Command::Commands(it)) => commands::list::run(&scope()?, &it),
        Some(Command::Audit(it)) => commands::audit::run(&scope()?, &it),
        Some(Command::Drill(it)) => commands::drill::run(scope()?, &it),
        Some(Command::Incident(it)) => commands::incident::run(&scope()?.base, &it),
        Some(Command::Init(it)) => commands::init::run(&one()?, it),
        Some(Command::Index(it)) => commands::index::run(&one()?, &it),
        Some(Command::Doctor(it)) => commands::doctor::run(&one()?, it.json),
        Some(Command::Keys(it)) => commands::settings::keys(&scope()?.base, &it),
        Some(Command::Themes(it)) => commands::settings::themes(&scope()?.base, &it),
        Some(Command::Config(it)) => commands::settings::config(&scope()?.base, it.json),
        Some(Command::Completions { shell }) => commands::shell::completions(shell),
        Some(Command::Run(it)) => commands::run::run(&scope()?, &it),
        Some(Command::Trust(it)) => commands::trust::run(&one()?, &it),
        Some(Command::Man) => commands::shell::man(),
        Some(Command::Supervise(it)) => commands::run::supervise(it),
    }
}
