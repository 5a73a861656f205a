//! The command line: one file per subcommand.

pub mod cases;
pub mod check;
pub mod keys;
pub mod plan;
pub mod verify;

use crate::error::{Error, Result};
use clap::{Parser, Subcommand};
use std::io::Write;

/// A nonhydrostatic atmospheric model on tiles.
#[derive(Debug, Parser)]
#[command(name = "gale", version, about, long_about = ABOUT, after_long_help = EXAMPLES, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

const ABOUT: &str = "\
A nonhydrostatic atmospheric model on tiles: boxes and the globe, laptop to cluster.

A run is described by one TOML file. The results are bit-for-bit the same for any number of \
ranks, threads and tiles, and after any restart.";

const EXAMPLES: &str = "\
Examples:
  gale cases density_current                           what a case is
  gale check configs/plane/density_current.toml        what a configuration does
  gale plan configs/plane/warm_bubble.toml --ranks 4   how large the run is
  gale keys output                                     what may be written in [output]

Exit status: 0 finished; 2 usage or configuration; 3 the state became non-finite or left its
bounds; 4 input or output; 85 stopped early with a good checkpoint (resume it); 101 internal error.";

/// The subcommands. Each has its arguments and its `execute` in a file of its own.
#[derive(Debug, Subcommand)]
pub enum Command {
    // The commands that compute or read results belong here: run, info, compare, plot, verify.
    /// Check a configuration and say what it does
    Check(check::CheckArgs),
    /// Show the size of a run: tiles, memory, files, steps, messages
    Plan(plan::PlanArgs),
    /// List the built-in cases, or describe one
    Cases(cases::CasesArgs),
    /// List the configuration keys
    Keys(keys::KeysArgs),
}

impl Command {
    /// Carries the command out.
    ///
    /// # Errors
    /// Those of the command.
    pub fn execute(&self) -> Result<()> {
        match self {
            Command::Check(args) => check::execute(args),
            Command::Plan(args) => plan::execute(args),
            Command::Cases(args) => cases::execute(args),
            Command::Keys(args) => keys::execute(args),
        }
    }
}

/// The configuration file and what to change in it, for every command that takes one.
#[derive(Clone, Debug, clap::Args)]
pub struct ConfigurationArgs {
    /// The configuration file (TOML)
    #[arg(value_name = "CONFIG.toml")]
    pub path: std::path::PathBuf,
    /// Set a key, in place of what the file says; may be repeated
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE")]
    pub overrides: Vec<String>,
}

impl ConfigurationArgs {
    /// Reads and checks the configuration.
    ///
    /// # Errors
    /// See [`crate::config::load`].
    pub fn load(&self) -> Result<crate::config::Configuration> {
        crate::config::load(&self.path, &self.overrides)
    }
}

/// Writes `text` to standard output. A reader that has gone away (`gale keys | head`) is no error.
///
/// # Errors
/// If standard output cannot be written.
pub fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::Io { path: "standard output".into(), message: cause.to_string() })
        }
        _ => Ok(()),
    }
}

/// Rows of cells as text with aligned columns, two blanks apart, indented by two.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(format!("  {}", cells.join("  ")).trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn tables_align() {
        let rows = [vec!["a".to_string(), "b".into()], vec!["long".into(), "c".into()]];
        assert_eq!(table(&rows), "  a     b\n  long  c\n");
    }
}
