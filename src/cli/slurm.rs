//! `gale slurm`: a batch script for a configuration, with the memory and time that `gale plan` predicts.
//!
//! The script is `slurm/chain.sbatch` with its settings filled in.

use super::ConfigurationArgs;
use super::plan::estimate::Estimate;
use super::plan::{Costs, Network, Prediction};
use crate::config::Configuration;
use crate::error::{Error, Result};
use crate::io::directory::STOP_FILE;
use crate::monitor::human;
use crate::simulation::volume::Output;
use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// The script that is filled in.
const TEMPLATE: &str = include_str!("../../slurm/chain.sbatch");
/// Room beyond what state and model keep: for buffers of output, by this factor...
const MEMORY_FACTOR: f64 = 1.25;
/// ...and for the MPI and HDF5 libraries, in bytes a rank.
const LIBRARIES: f64 = 256.0 * MEBIBYTE;
const MEBIBYTE: f64 = 1024.0 * 1024.0;
/// A job is asked for so many times the predicted time...
const TIME_FACTOR: f64 = 2.0;
/// ...at least and at most, in s, unless --time says.
const TIME_RANGE: [f64; 2] = [600.0, 86_400.0];

/// What starts the ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Launcher {
    Srun,
    Mpirun,
}

/// How a chain goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Next {
    /// By a new job
    Resubmit,
    /// By putting the same job into the queue again
    Requeue,
}

/// Arguments of `gale slurm`.
#[derive(Clone, Debug, clap::Args)]
pub struct SlurmArgs {
    #[command(flatten)]
    pub configuration: ConfigurationArgs,
    /// Number of nodes
    #[arg(long, value_name = "N", default_value = "1")]
    pub nodes: NonZeroUsize,
    /// Ranks (processes) on each node
    #[arg(long, value_name = "R", default_value = "1")]
    pub ranks_per_node: NonZeroUsize,
    /// Threads of each rank, every one on a core of its own
    #[arg(long, value_name = "T", default_value = "1")]
    pub threads: NonZeroUsize,
    /// Time limit of a job, as Slurm writes it [default: twice the predicted time, at most a day]
    #[arg(long, value_name = "HH:MM:SS", value_parser = parse_time)]
    pub time: Option<u64>,
    /// Folder of the run, in place of output.directory
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Partition (queue) of the jobs
    #[arg(long, value_name = "NAME")]
    pub partition: Option<String>,
    /// Account that the jobs are charged to
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// What starts the ranks
    #[arg(long, value_enum, default_value = "srun")]
    pub launcher: Launcher,
    /// How the chain goes on when a job stopped with a checkpoint
    #[arg(long, value_enum, default_value = "resubmit")]
    pub next: Next,
}

/// Prints the script; what speaks against it goes to the standard error.
///
/// # Errors
/// If the configuration has faults, or the grid has too few tiles for the ranks.
pub fn execute(args: &SlurmArgs) -> Result<()> {
    let mut configuration = args.configuration.load()?;
    configuration.parallel.threads = Some(args.threads.get());
    let plan = Estimate::new(&configuration, args.nodes.get() * args.ranks_per_node.get())?;
    let job = Job::new(args, &configuration, &plan)?;
    for warning in job.warnings(args, &plan) {
        eprintln!("warning: {warning}");
    }
    super::print(&job.script(args, &plan))
}

/// What a job is asked for.
struct Job {
    name: String,
    /// In s.
    limit: u64,
    /// Predicted time of the run in s.
    predicted: f64,
    /// Memory of a node in MiB.
    memory: u64,
    gale: PathBuf,
    output: PathBuf,
}

impl Job {
    fn new(args: &SlurmArgs, configuration: &Configuration, plan: &Estimate) -> Result<Self> {
        let network = Network::with_ranks_per_node(args.ranks_per_node);
        let prediction = Prediction::new(plan, args.threads.get(), &Costs::of(configuration), &network);
        let predicted = prediction.seconds();
        let generous = (TIME_FACTOR * predicted).clamp(TIME_RANGE[0], TIME_RANGE[1]);
        let here = |path: &Path| std::path::absolute(path).map_err(|cause| Error::io(path, cause));
        let gale = std::env::current_exe().map_err(|cause| Error::io(Path::new("gale"), cause))?;
        Ok(Job {
            name: configuration.case.name.clone(),
            limit: args.time.unwrap_or((generous / 600.0).ceil() as u64 * 600),
            predicted,
            memory: memory_of_a_node(plan, args.ranks_per_node.get()),
            gale,
            output: here(args.output.as_deref().unwrap_or(&configuration.output.directory))?,
        })
    }

    fn warnings(&self, args: &SlurmArgs, plan: &Estimate) -> Vec<String> {
        let mut warnings = Vec::new();
        let threads = args.threads.get();
        if let Some(rank) = plan.ranks.iter().find(|rank| rank.tiles < threads) {
            warnings.push(format!(
                "a rank has {} tiles for {threads} threads, so that some idle: use fewer threads, or smaller tiles \
                 (--set parallel.tile=[{}, {}])",
                rank.tiles,
                (plan.tile[0] / 2).max(1),
                (plan.tile[1] / 2).max(1)
            ));
        }
        if self.predicted > self.limit as f64 {
            let jobs = (self.predicted / self.limit as f64).ceil();
            warnings.push(format!(
                "the run is expected to take {}, about {jobs} jobs of {}",
                human::duration(self.predicted),
                human::duration(self.limit as f64)
            ));
        }
        warnings
    }

    fn script(&self, args: &SlurmArgs, plan: &Estimate) -> String {
        let options = TEMPLATE.find("#SBATCH").unwrap_or(0);
        let mut script = format!("#!/usr/bin/env bash\n{}", self.heading(args, plan));
        for line in TEMPLATE[options..].lines() {
            let replaced = self.replacement(args, line);
            writeln!(script, "{}", replaced.as_deref().unwrap_or(line))
                .expect("a text takes all that is written");
        }
        script
    }

    fn heading(&self, args: &SlurmArgs, plan: &Estimate) -> String {
        let files = plan.output.iter().map(Output::total).sum::<usize>() + plan.checkpoint_bytes;
        format!(
            "# A chain of jobs that ends when the run of {} is finished, written by `gale slurm`.\n\
             #\n\
             # {} cells on {} nodes x {} ranks x {} threads, {} steps: about {} (gale plan),\n\
             # {} of memory in all, {} of files and a checkpoint (uncompressed).\n\
             # This ends the chain with a checkpoint: touch {}\n\
             #\n",
            self.name,
            human::count(plan.mesh.cells() as u64),
            args.nodes,
            args.ranks_per_node,
            args.threads,
            human::count(plan.steps.unsigned_abs()),
            human::duration(self.predicted),
            human::bytes(plan.memory() as u64),
            human::bytes(files as u64),
            self.output.join(STOP_FILE).display(),
        )
    }

    /// The line that stands in place of a line of the template; `None` keeps it.
    fn replacement(&self, args: &SlurmArgs, line: &str) -> Option<String> {
        let (start, _) = line.split_once('=').unwrap_or((line, ""));
        let default = |name: &str, value: &str| format!("{name}=${{{name}:-{}}}", quoted(value));
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let text = match start {
            "#SBATCH --job-name" => format!("{start}={}", self.name),
            "#SBATCH --nodes" => format!("{start}={}", args.nodes),
            "#SBATCH --ntasks-per-node" => format!("{start}={}", args.ranks_per_node),
            "#SBATCH --cpus-per-task" => format!("{start}={}", args.threads),
            "#SBATCH --time" => self.limits(args),
            "GALE" => default(start, &path(&self.gale)),
            "CONFIG" => default(start, &path(&absolute(&args.configuration.path))),
            "OUTPUT" => default(start, &path(&self.output)),
            "LAUNCHER" => default(start, name_of(&args.launcher).as_str()),
            "NEXT" => default(start, name_of(&args.next).as_str()),
            _ if line.starts_with("read -ra arguments") => {
                let words = args.configuration.overrides.iter().map(|key| format!("--set {}", quoted(key)));
                format!("arguments=({})", words.collect::<Vec<_>>().join(" "))
            }
            _ => return None,
        };
        Some(text)
    }

    /// The lines on time, memory, partition and account.
    fn limits(&self, args: &SlurmArgs) -> String {
        let mut text = format!("#SBATCH --time={}\n#SBATCH --mem={}M", slurm_time(self.limit), self.memory);
        for (option, value) in [("partition", &args.partition), ("account", &args.account)] {
            if let Some(value) = value {
                write!(text, "\n#SBATCH --{option}={value}").expect("a text takes all that is written");
            }
        }
        text
    }
}

/// What the fullest node needs, in MiB.
fn memory_of_a_node(plan: &Estimate, ranks_per_node: usize) -> u64 {
    let nodes = plan.ranks.chunks(ranks_per_node);
    let most = nodes.map(|ranks| ranks.iter().map(|rank| rank.memory).sum::<usize>()).max().unwrap_or(0);
    ((most as f64 * MEMORY_FACTOR + LIBRARIES * ranks_per_node as f64) / MEBIBYTE).ceil() as u64
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.into())
}

fn name_of(choice: &impl clap::ValueEnum) -> String {
    choice.to_possible_value().map_or_else(String::new, |value| value.get_name().into())
}

/// A text as one word of the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `D-HH:MM:SS`
fn slurm_time(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
    if days > 0 { format!("{days}-{clock}") } else { clock }
}

/// Seconds in a time limit as Slurm writes them: `MM`, `MM:SS`, `HH:MM:SS`, `D-HH`, `D-HH:MM`, `D-HH:MM:SS`.
fn parse_time(text: &str) -> std::result::Result<u64, String> {
    let fault = || "write a time limit as MM, HH:MM:SS or D-HH:MM:SS".to_string();
    let (days, clock) = text.split_once('-').map_or((None, text), |(days, clock)| (Some(days), clock));
    let numbers: Option<Vec<u64>> = clock.split(':').map(|number| number.parse().ok()).collect();
    let days = days.map_or(Ok(None), |days| days.parse::<u64>().map(Some)).map_err(|_| fault())?;
    let seconds = match (days, numbers.as_deref()) {
        (None, Some([minutes])) => minutes * 60,
        (None, Some([minutes, seconds])) => minutes * 60 + seconds,
        (None, Some([hours, minutes, seconds])) => hours * 3600 + minutes * 60 + seconds,
        (Some(days), Some([hours, rest @ ..])) if rest.len() < 3 => {
            let [minutes, seconds] = [0, 1].map(|place| rest.get(place).copied().unwrap_or(0));
            days * 86_400 + hours * 3600 + minutes * 60 + seconds
        }
        _ => return Err(fault()),
    };
    if seconds == 0 { Err(fault()) } else { Ok(seconds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_limits_are_read_as_slurm_reads_them() {
        let cases =
            [("90", 5400), ("1:30", 90), ("08:00:00", 28_800), ("1-12", 129_600), ("2-00:00:30", 172_830)];
        for (text, seconds) in cases {
            assert_eq!(parse_time(text), Ok(seconds), "{text}");
        }
        for text in ["", "0", "1:2:3:4", "a", "1-", "1-2:3:4:5", "-5"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
        assert_eq!([slurm_time(28_800), slurm_time(172_830)], ["08:00:00", "2-00:00:30"]);
    }

    #[test]
    fn the_template_has_every_line_that_is_filled_in() {
        let names = ["job-name", "nodes", "ntasks-per-node", "cpus-per-task", "time"];
        let options = names.map(|name| format!("#SBATCH --{name}="));
        let settings = ["GALE=", "CONFIG=", "OUTPUT=", "LAUNCHER=", "NEXT=", "read -ra arguments"];
        for start in options.iter().map(String::as_str).chain(settings) {
            let count = TEMPLATE.lines().filter(|line| line.starts_with(start)).count();
            assert_eq!(count, 1, "{start}");
        }
    }

    #[test]
    fn words_survive_the_shell() {
        assert_eq!(quoted("a 'b' $c"), r"'a '\''b'\'' $c'");
    }
}
