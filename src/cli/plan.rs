//! `gale plan`: the size of a run before it is started.

pub mod estimate;

use super::{ConfigurationArgs, table};
use crate::config::{Configuration, StepChoice};
use crate::error::Result;
use crate::monitor::human;
use estimate::{Estimate, RankShare};
use std::num::NonZeroUsize;

/// Arguments of `gale plan`.
#[derive(Clone, Debug, clap::Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub configuration: ConfigurationArgs,
    /// Number of ranks (processes)
    #[arg(long, value_name = "N", default_value = "1")]
    pub ranks: NonZeroUsize,
    /// Threads of each rank [default: parallel.threads, else 1]
    #[arg(long, value_name = "T")]
    pub threads: Option<NonZeroUsize>,
}

/// Prints tiles, columns, memory, files, steps and messages.
///
/// # Errors
/// If the configuration has faults, or the grid has too few tiles for the ranks.
pub fn execute(args: &PlanArgs) -> Result<()> {
    let mut configuration = args.configuration.load()?;
    let threads = args.threads.map(NonZeroUsize::get).or(configuration.parallel.threads);
    configuration.parallel.threads = Some(threads.unwrap_or(1));
    let estimate = Estimate::new(&configuration, args.ranks.get())?;
    super::print(&text(&configuration, &estimate))
}

/// The plan as a table of two columns.
fn text(configuration: &Configuration, plan: &Estimate) -> String {
    let ranks = &plan.ranks;
    let over_ranks = |value: fn(&RankShare) -> usize| range(ranks.iter().map(value));
    let received = |rank: &RankShare| rank.received.values().sum::<usize>();
    let mut rows = vec![
        ["cells".into(), plan.cells.to_string()],
        ["tiles".into(), format!("{} of at most {} x {} columns", plan.tiles, plan.tile[0], plan.tile[1])],
        ["tiles a rank".into(), over_ranks(|rank| rank.tiles)],
        ["columns a rank".into(), over_ranks(|rank| rank.columns)],
        ["memory a rank".into(), format!("about {}", byte_range(ranks.iter().map(|rank| rank.memory)))],
        ["memory in all".into(), format!("about {}", bytes(plan.memory()))],
        ["step".into(), step_text(configuration, plan)],
        ["steps".into(), format!("about {} of {} stages", plan.steps, plan.stages)],
        ["time".into(), time_text(configuration, plan)],
        ["snapshots".into(), files_text(plan.snapshots, plan.snapshot_bytes)],
        ["checkpoints".into(), checkpoint_text(configuration, plan)],
    ];
    if ranks.len() > 1 {
        let messages = format!("{} received a stage and rank", over_ranks(|rank| rank.received.len()));
        rows.push(["messages".into(), messages]);
        let exchange = format!("{} received a stage and rank", byte_range(ranks.iter().map(received)));
        rows.push(["halo".into(), exchange]);
    }
    let rows: Vec<_> = rows.into_iter().map(|row| row.to_vec()).collect();
    let heading = format!(
        "{} on {} rank{} of {} thread{}\n",
        configuration.case.name,
        ranks.len(),
        plural(ranks.len()),
        configuration.parallel.threads.unwrap_or(1),
        plural(configuration.parallel.threads.unwrap_or(1)),
    );
    heading + &table(&rows, usize::MAX)
}

fn step_text(configuration: &Configuration, plan: &Estimate) -> String {
    let share = plan.step / plan.stable_step;
    match configuration.time.step {
        StepChoice::Auto { .. } => {
            format!("about {:.4} s ({share:.2} of the largest stable one at rest)", plan.step)
        }
        StepChoice::Fixed(step) if share > 1.0 => {
            format!("{step} s, TOO LONG: sound and viscosity allow {:.4} s", plan.stable_step)
        }
        StepChoice::Fixed(step) => format!("{step} s ({share:.2} of the largest stable one at rest)"),
    }
}

/// A rough guess: messages, output, physics and crowded memory make it longer.
fn time_text(configuration: &Configuration, plan: &Estimate) -> String {
    let cores = plan.ranks.len() * configuration.parallel.threads.unwrap_or(1);
    let wall = human::duration(plan.core_seconds / cores as f64);
    format!("about {:.3} core hours, {wall} on {cores} core{}", plan.core_seconds / 3600.0, plural(cores))
}

fn files_text(count: usize, each: usize) -> String {
    match count {
        0 => "none".into(),
        _ => format!("{count} of {} (uncompressed), {} in all", bytes(each), bytes(count * each)),
    }
}

fn checkpoint_text(configuration: &Configuration, plan: &Estimate) -> String {
    let each = bytes(plan.checkpoint_bytes);
    match plan.checkpoints {
        0 => format!("{each}, only when stopped early"),
        count => {
            let kept = configuration.checkpoint.keep.min(count);
            format!("{count} of {each}, {} on disk ({kept} kept)", bytes(kept * plan.checkpoint_bytes))
        }
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// Smallest and largest value, or the one value.
fn range(values: impl Iterator<Item = usize> + Clone) -> String {
    let (least, most) = extremes(values);
    if least == most { least.to_string() } else { format!("{least} to {most}") }
}

fn byte_range(values: impl Iterator<Item = usize> + Clone) -> String {
    let (least, most) = extremes(values);
    if bytes(least) == bytes(most) { bytes(most) } else { format!("{} to {}", bytes(least), bytes(most)) }
}

fn extremes(values: impl Iterator<Item = usize> + Clone) -> (usize, usize) {
    (values.clone().min().unwrap_or(0), values.max().unwrap_or(0))
}

/// A number of bytes with a binary unit.
fn bytes(count: usize) -> String {
    let mut value = count as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if value < 1024.0 {
            let decimals = if unit == "B" || value >= 100.0 { 0 } else { 1 };
            return format!("{value:.decimals$} {unit}");
        }
        value /= 1024.0;
    }
    format!("{value:.1} TiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_readable() {
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(3 << 40), "3.0 TiB");
    }
}
