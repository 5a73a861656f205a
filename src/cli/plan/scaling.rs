//! The table over numbers of ranks: strong scaling of the grid as it is, or weak scaling of one that grows.

use super::costs::Costs;
use super::estimate::Estimate;
use super::network::Network;
use super::prediction::Prediction;
use crate::config::{Configuration, Geometry};
use crate::error::{Error, Result};
use crate::monitor::human;
use std::num::NonZeroUsize;

/// The run on one number of ranks.
pub struct Point {
    pub columns: [usize; 2],
    pub plan: Estimate,
    pub prediction: Prediction,
    /// Cells stepped in a s by a core over the same at the first point.
    pub efficiency: f64,
}

/// Plans the run for every number of ranks. The configuration's grid is that of the first of them; with `weak` the
/// others have as many columns a rank.
///
/// # Errors
/// If the case cannot be built, or a grid has too few tiles for the ranks.
pub fn points(
    configuration: &Configuration,
    ranks: &[NonZeroUsize],
    weak: bool,
    costs: &Costs,
    network: &Network,
) -> Result<Vec<Point>> {
    let threads = configuration.parallel.threads.unwrap_or(1);
    let Some(first) = ranks.first() else {
        return Err(Error::Usage("--ranks: at least one number is needed".into()));
    };
    let mut points: Vec<Point> = Vec::new();
    for &number in ranks {
        let mut grown = configuration.clone();
        if weak {
            grow(&mut grown, number.get() as f64 / first.get() as f64);
        }
        let plan = Estimate::new(&grown, number.get())?;
        let prediction = Prediction::new(&plan, threads, costs, network);
        let rate = |plan: &Estimate, prediction: &Prediction| {
            plan.mesh.cells() as f64 / (plan.ranks.len() + plan.writers) as f64 / prediction.step.total()
        };
        let of_first =
            points.first().map_or(rate(&plan, &prediction), |first| rate(&first.plan, &first.prediction));
        let efficiency = rate(&plan, &prediction) / of_first;
        points.push(Point { columns: [grown.grid.nx, grown.grid.ny], plan, prediction, efficiency });
    }
    Ok(points)
}

/// Gives the grid `factor` times as many columns: along both directions where there are two, of the same size in a box
/// and smaller ones on the globe.
fn grow(configuration: &mut Configuration, factor: f64) {
    let grid = &mut configuration.grid;
    let is_row = grid.ny == 1;
    let along = if is_row { factor } else { factor.sqrt() };
    let grown = |n: usize| ((n as f64 * along).round() as usize).max(1);
    grid.nx = grown(grid.nx);
    if !is_row {
        grid.ny = grown(grid.ny);
    }
    if let Geometry::Sphere(_) = grid.geometry {
        grid.dx /= along;
        grid.dy /= along;
    }
}

/// The table, one line a number of ranks.
pub fn table(configuration: &Configuration, points: &[Point], weak: bool) -> String {
    let heading = [
        "ranks",
        "columns",
        "cells a core",
        "tiles a rank",
        "memory a rank",
        "neighbours",
        "messages",
        "halo",
        "work",
        "copies",
        "waiting",
        "step",
        "efficiency",
        "stepping",
        "output",
    ];
    let units = ["", "", "", "", "", "", "a step", "a step", "ms", "ms", "ms", "ms", "%", "", ""];
    let mut rows = [heading, units].map(|row| row.map(String::from).to_vec()).to_vec();
    rows.extend(points.iter().map(|point| line(configuration, point)));
    let kind = if weak { "weak" } else { "strong" };
    format!(
        "{}: {kind} scaling, {} thread(s) a rank, {} levels, {} stages a step\n",
        configuration.case.name,
        configuration.parallel.threads.unwrap_or(1),
        configuration.grid.nz,
        points.first().map_or(0, |point| point.plan.stages),
    ) + &crate::cli::table(&rows, 0)
}

fn line(configuration: &Configuration, point: &Point) -> Vec<String> {
    let Point { columns: [nx, ny], plan, prediction, efficiency } = point;
    let ranks = plan.ranks.len();
    let cores = ranks * configuration.parallel.threads.unwrap_or(1);
    let panels = if configuration.grid.sphere().is_some() { "6 x " } else { "" };
    let busiest = |value: &dyn Fn(usize) -> usize| (0..ranks).map(value).max().unwrap_or(0);
    let tiles = plan.ranks.iter().map(|rank| rank.tiles);
    let memory = busiest(&|rank| plan.ranks[rank].memory) as u64;
    let step = &prediction.step;
    let ms = |seconds: f64| human::significant(1e3 * seconds, 3);
    vec![
        (ranks + plan.writers).to_string(),
        format!("{panels}{nx} x {ny}"),
        human::count((plan.mesh.cells() / cores) as u64),
        super::range(tiles),
        human::bytes(memory),
        plan.neighbours().to_string(),
        busiest(&|rank| plan.messages(rank)).to_string(),
        human::bytes(busiest(&|rank| plan.received(rank)) as u64),
        ms(step.stages + step.besides),
        ms(step.copies),
        ms(step.waiting + step.reduction),
        ms(step.total()),
        format!("{:.0}", 100.0 * efficiency),
        human::duration(prediction.stepping),
        human::duration(prediction.writing),
    ]
}
