//! `gale run`: from a configuration to snapshots, series and checkpoints.

use crate::comm::{self, World};
use crate::config::{self, Configuration, Precision};
use crate::error::{Error, Result};
use crate::parallel::start_threads;
use crate::simulation::{self, Options};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// Arguments of `gale run`.
#[derive(Clone, Debug, clap::Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub configuration: super::ConfigurationArgs,
    /// Folder of the run, in place of output.directory
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Go on from the newest good checkpoint in the folder, or from the start if there is none
    #[arg(long)]
    pub resume: bool,
    /// Threads of each rank, in place of parallel.threads [default: the rank's share of the cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Print nothing but errors and warnings
    #[arg(long)]
    pub quiet: bool,
    /// Replace the files of an earlier run
    #[arg(long, conflicts_with = "resume")]
    pub overwrite: bool,
}

/// Runs the model on all ranks and returns the exit status; errors are printed.
pub fn execute(args: &RunArgs) -> u8 {
    // Before MPI starts, which writes files of its own.
    simulation::report_file_size_limit();
    simulation::listen();
    comm::with_world(|world| {
        let configuration = configure(args, world)?;
        start_threads(configuration.parallel.threads.unwrap_or(1));
        let options = Options { resume: args.resume, quiet: args.quiet };
        run_in_its_precision(&configuration, world, options)
    })
}

/// Runs a configuration in the precision that it asks for.
pub(super) fn run_in_its_precision(
    configuration: &Configuration,
    world: &World,
    options: Options,
) -> Result<()> {
    match configuration.dynamics.precision {
        Precision::Single => simulation::run::<f32>(configuration, world, options),
        Precision::Double => simulation::run::<f64>(configuration, world, options),
    }
}

/// The text of the configuration file, the same on all ranks: rank 0 reads it.
pub(super) fn shared_text(path: &Path, world: &World) -> Result<String> {
    let mut text = String::new();
    let read = if world.is_root() { config::read(path).map(|contents| text = contents) } else { Ok(()) };
    world.agree(read)?;
    Ok(world.broadcast_text(&text))
}

/// The configuration, the same on all ranks.
fn configure(args: &RunArgs, world: &World) -> Result<Configuration> {
    let path = &args.configuration.path;
    let text = shared_text(path, world)?;
    let mut configuration = config::parse(&path.display().to_string(), &text, &args.configuration.overrides)?;
    if let Some(directory) = &args.output {
        configuration.output.directory.clone_from(directory);
    }
    configuration.output.overwrite = args.overwrite;
    let threads = args.threads.map(NonZeroUsize::get).or(configuration.parallel.threads);
    configuration.parallel.threads = Some(match threads {
        Some(threads) => threads,
        None => comm::launch::default_threads(world),
    });
    if configuration.output.directory.as_os_str().is_empty() {
        return Err(Error::Usage("the folder of the run must have a name (--output DIR)".into()));
    }
    Ok(configuration)
}
