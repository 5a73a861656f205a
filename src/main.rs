//! Runs the command line; turns an error into a message and an exit status.

use clap::Parser;
use gale::cli::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    match Arguments::parse().command.execute() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", error.to_string().trim_end());
            ExitCode::from(error.exit_status())
        }
    }
}
