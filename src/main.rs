//! Runs the command line and ends with its exit status.

use clap::Parser;
use gale::cli::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(Arguments::parse().command.execute())
}
