//! The command line: one file per subcommand.

pub mod cases;
pub mod check;
pub mod compare;
pub mod ensemble;
pub mod info;
pub mod keys;
pub mod plan;
pub mod plot;
pub mod run;
pub mod slurm;
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
A nonhydrostatic atmospheric model on tiles: boxes of air and the globe, from a laptop to a cluster.

A run is described by one TOML file. The results are bit-for-bit the same for any number of \
ranks, threads and tiles, and after any restart.";

const EXAMPLES: &str = "\
Examples:
  gale cases density_current                            what a case is
  gale keys output                                      what may be written in [output]
  gale check configs/plane/density_current.toml         what a configuration does
  gale plan configs/plane/warm_bubble.toml --ranks 4    how large the run is
  gale slurm my.toml --nodes 4 --ranks-per-node 8 > my.sbatch   a batch script for it
  gale run configs/plane/density_current.toml           run it on this machine's cores
  mpirun -n 4 gale run configs/plane/warm_bubble.toml   run it on four ranks
  mpirun -n 8 gale ensemble my.toml --members 20 --groups 4 --set case.seed={member}
  gale info runs/density_current/snapshots.h5           what is in a file
  gale plot runs/density_current/snapshots.h5 theta_perturbation -o theta.png
  gale compare a/snapshots.h5 b/snapshots.h5            whether two files hold the same numbers
  gale verify density_current                           measured beside published

Exit status: 0 finished (compare, verify: the same, passed); 1 compare: different, verify: failed;
2 usage or configuration; 3 the state became non-finite or left its bounds; 4 input or output;
85 stopped early with a good checkpoint (resume it); 101 internal error.";

/// Exit status of a comparison that found differences, or of a verification that failed.
const DIFFERENT: u8 = 1;

/// The subcommands. Each has its arguments and its work in a file of its own.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a configuration, alone or under mpirun
    Run(run::RunArgs),
    /// Run many members of one configuration in one job, each on a part of the ranks
    Ensemble(ensemble::EnsembleArgs),
    /// Check a configuration and say what it does
    Check(check::CheckArgs),
    /// Show the size of a run: tiles, memory, files, steps, messages
    Plan(plan::PlanArgs),
    /// Write a Slurm batch script for a configuration: a chain of jobs that ends when the run is finished
    Slurm(slurm::SlurmArgs),
    /// List the built-in cases, or describe one
    Cases(cases::CasesArgs),
    /// List the configuration keys
    Keys(keys::KeysArgs),
    /// Say what is in a snapshot, series or checkpoint file
    Info(info::InfoArgs),
    /// Compare all variables of two files
    Compare(compare::CompareArgs),
    /// Draw a variable as a PNG picture
    ///
    /// A variable with three directions is shown in the section along x through the middle of y, unless
    /// --level, --y or --x chooses another; with two of them chosen, and for the scalars of series.h5, the
    /// picture is a curve. What covers the globe, on the panels of the cubed sphere or on latitudes and
    /// longitudes, gives a map of the middle level unless --level chooses another, one panel with --panel,
    /// or a section over latitude with --zonal-mean. Indices count from 0; negative ones from the end.
    Plot(plot::PlotArgs),
    /// Run the cases that have a published or exact answer, and compare
    Verify(verify::VerifyArgs),
}

impl Command {
    /// Carries the command out and returns the exit status; errors are printed.
    pub fn execute(&self) -> u8 {
        let outcome = match self {
            Command::Run(args) => return run::execute(args),
            Command::Ensemble(args) => return ensemble::execute(args),
            Command::Check(args) => check::execute(args).map(|()| true),
            Command::Plan(args) => plan::execute(args).map(|()| true),
            Command::Slurm(args) => slurm::execute(args).map(|()| true),
            Command::Cases(args) => cases::execute(args).map(|()| true),
            Command::Keys(args) => keys::execute(args).map(|()| true),
            Command::Info(args) => info::execute(args).map(|()| true),
            Command::Compare(args) => compare::execute(args),
            Command::Plot(args) => plot::execute(args).map(|()| true),
            Command::Verify(args) => verify::execute(args),
        };
        match outcome {
            Ok(true) => 0,
            Ok(false) => DIFFERENT,
            Err(error) => {
                eprintln!("{}", crate::comm::describe(&error));
                error.exit_status()
            }
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

/// Rows of cells as text with aligned columns, the first `left` of them to the left, the others to the right.
pub(crate) fn table(rows: &[Vec<String>], left: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(
                |(column, (cell, &width))| {
                    if column < left { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                },
            )
            .collect();
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
        let rows = [vec!["a".to_string(), "b".into()], vec!["long".into(), "ccc".into()]];
        assert_eq!(table(&rows, 1), "  a       b\n  long  ccc\n");
    }
}
