//! The `navi` binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    navi::cli::main()
}
