//! `navi completions` and `navi man`: made from the definition of the command line.

use clap::CommandFactory;

use crate::cli::args::Args;
use crate::cli::failure::{Failure, Kind};
use crate::cli::print;

pub fn completions(shell: clap_complete::Shell) -> Result<u8, Failure> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "navi", &mut out);
    print::out(String::from_utf8_lossy(&out).trim_end());
    Ok(0)
}

pub fn man() -> Result<u8, Failure> {
    let mut out = Vec::new();
    clap_mangen::Man::new(Args::command()).render(&mut out).map_err(|error| {
        Failure::new(Kind::Internal, format!("the manual page cannot be made: {error}"))
    })?;
    print::out(String::from_utf8_lossy(&out).trim_end());
    Ok(0)
}
