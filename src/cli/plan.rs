//! `gale plan`: the size of a run before it is started.

mod costs;
pub mod estimate;
mod measure;
mod network;
mod picture;
mod prediction;
mod scaling;

use super::{ConfigurationArgs, table};
use crate::config::{Configuration, StepChoice};
use crate::error::{Error, Result};
use crate::monitor::human;
pub use costs::Costs;
use estimate::Estimate;
pub use network::Network;
pub use prediction::Prediction;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Arguments of `gale plan`.
#[derive(Clone, Debug, clap::Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub configuration: ConfigurationArgs,
    /// Numbers of ranks (processes); several of them, such as 1,100,10000, give a table of the scaling
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1")]
    pub ranks: Vec<NonZeroUsize>,
    /// Let the grid grow with the ranks, from that of the configuration for the first of them
    #[arg(long)]
    pub weak: bool,
    /// Threads of each rank [default: parallel.threads, else 1]
    #[arg(long, value_name = "T")]
    pub threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub network: Network,
    /// Step a piece of the grid on this machine, in place of the built-in costs
    #[arg(long)]
    pub measure: bool,
    /// Also draw the efficiency over the ranks, of strong and weak scaling, as a PNG picture
    #[arg(long, value_name = "OUT.png")]
    pub picture: Option<PathBuf>,
}

/// Prints tiles, columns, memory, files, steps, messages and the time they take.
///
/// # Errors
/// If the configuration has faults, or the grid has too few tiles for the ranks.
pub fn execute(args: &PlanArgs) -> Result<()> {
    let mut configuration = args.configuration.load()?;
    let threads = args.threads.map(NonZeroUsize::get).or(configuration.parallel.threads);
    configuration.parallel.threads = Some(threads.unwrap_or(1));
    let mut costs = Costs::of(&configuration);
    if args.measure {
        measure::correct(&mut costs, &configuration, args.ranks.iter().max().map_or(1, |most| most.get()))?;
    }
    let points = |weak| scaling::points(&configuration, &args.ranks, weak, &costs, &args.network);
    if let Some(path) = &args.picture {
        if args.ranks.iter().all(|ranks| *ranks == args.ranks[0]) {
            return Err(Error::Usage(
                "--picture: give several numbers of ranks, as in --ranks 1,10,100".into(),
            ));
        }
        picture::draw(&configuration, &args.network, [&points(false)?, &points(true)?], path)?;
    }
    let points = points(args.weak)?;
    match points.as_slice() {
        [point] => super::print(&text(&configuration, &point.plan, &point.prediction)),
        points => super::print(&scaling::table(&configuration, points, args.weak)),
    }
}

/// The plan as a table of two columns.
fn text(configuration: &Configuration, plan: &Estimate, prediction: &Prediction) -> String {
    let ranks = &plan.ranks;
    let mut rows = vec![
        ["cells".into(), plan.mesh.cells().to_string()],
        [
            "tiles".into(),
            format!("{} of at most {} x {} columns", plan.mesh.tiles.len(), plan.tile[0], plan.tile[1]),
        ],
        ["tiles a rank".into(), range(ranks.iter().map(|rank| rank.tiles))],
        ["columns a rank".into(), range(ranks.iter().map(|rank| rank.columns))],
        ["memory a rank".into(), format!("about {}", byte_range(ranks.iter().map(|rank| rank.memory)))],
        ["memory in all".into(), format!("about {}", bytes(plan.memory()))],
        ["step".into(), step_text(configuration, plan)],
        ["steps".into(), format!("about {} of {} stages", plan.steps, plan.stages)],
        ["a step takes".into(), parts_text(prediction)],
        ["time".into(), time_text(configuration, plan, prediction)],
    ];
    rows.extend(plan.output.iter().map(|output| {
        [
            output.name.into(),
            format!(
                "{} of {} (uncompressed), {} in all",
                output.records,
                bytes(output.bytes),
                bytes(output.total())
            ),
        ]
    }));
    rows.push(["checkpoints".into(), checkpoint_text(configuration, plan)]);
    if plan.writers > 0 {
        let writers = format!(
            "{} more ranks, which take {} of snapshots meanwhile",
            plan.writers,
            bytes(plan.handed_over())
        );
        rows.push(["writers".into(), writers]);
    }
    if ranks.len() > 1 {
        let of_ranks =
            |value: fn(&Estimate, usize) -> usize| (0..ranks.len()).map(move |rank| value(plan, rank));
        let messages = format!("{} received a step and rank", range(of_ranks(Estimate::messages)));
        rows.push(["messages".into(), messages]);
        let halo = format!("{} received a step and rank", byte_range(of_ranks(Estimate::received)));
        rows.push(["halo".into(), halo]);
    }
    let rows: Vec<_> = rows.into_iter().map(|row| row.to_vec()).collect();
    let threads = configuration.parallel.threads.unwrap_or(1);
    let heading = format!(
        "{} on {} rank{} of {threads} thread{}\n",
        configuration.case.name,
        ranks.len(),
        plural(ranks.len()),
        plural(threads),
    );
    heading + &table(&rows, usize::MAX)
}

/// What the slowest rank spends a step on.
fn parts_text(prediction: &Prediction) -> String {
    let step = &prediction.step;
    let parts = [
        ("stages", step.stages),
        ("tracers, eddies and processes", step.besides),
        ("halos", step.copies),
        ("waiting", step.waiting + step.reduction),
    ];
    let ms = |seconds: f64| human::significant(1e3 * seconds, 3);
    let parts = parts.iter().filter(|(_, seconds)| *seconds > 0.0);
    let parts: Vec<String> = parts.map(|(name, seconds)| format!("{name} {}", ms(*seconds))).collect();
    format!("about {} ms: {}", ms(step.total()), parts.join(", "))
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

fn time_text(configuration: &Configuration, plan: &Estimate, prediction: &Prediction) -> String {
    let cores = (plan.ranks.len() + plan.writers) * configuration.parallel.threads.unwrap_or(1);
    let hours = prediction.stepping * cores as f64 / 3600.0;
    format!(
        "about {hours:.3} core hours, {} on {cores} core{}, and {} of writing",
        human::duration(prediction.stepping),
        plural(cores),
        human::duration(prediction.writing)
    )
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
pub(crate) fn range(values: impl Iterator<Item = usize> + Clone) -> String {
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
mod tests;
