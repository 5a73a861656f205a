//! The picture of the scaling: the efficiency over the number of ranks.

use super::network::Network;
use super::scaling::Point;
use crate::config::Configuration;
use crate::error::Result;
use crate::monitor::human;
use crate::plot::{Line, Lines, draw_lines};
use std::path::Path;

/// Draws the efficiency of the strong and the weak series.
///
/// # Errors
/// If the picture cannot be written.
pub fn draw(
    configuration: &Configuration,
    network: &Network,
    [strong, weak]: [&[Point]; 2],
    path: &Path,
) -> Result<()> {
    let line = |label: String, points: &[Point]| Line {
        label,
        points: points
            .iter()
            .map(|point| [point.plan.ranks.len() as f64, 100.0 * point.efficiency])
            .collect(),
    };
    let cells = |points: &[Point], place: fn(&[Point]) -> Option<&Point>| {
        let plan = place(points).map(|point| &point.plan);
        plan.map_or_else(String::new, |plan| human::count((plan.mesh.cells() / plan.ranks.len()) as u64))
    };
    let ends = [cells(strong, |points| points.first()), cells(strong, |points| points.last())];
    let lines = Lines {
        title: format!("{}: predicted efficiency", configuration.case.name),
        subtitle: format!(
            "messages of {} μs, nodes of {} ranks that receive {} GB/s",
            human::significant(1e6 * network.latency_s, 3),
            network.ranks_per_node,
            human::significant(1e-9 * network.bandwidth, 3)
        ),
        along: "ranks".into(),
        values: "efficiency in %".into(),
        lines: vec![
            line(format!("strong scaling: {} to {} cells a rank", ends[0], ends[1]), strong),
            line(format!("weak scaling: {} cells a rank", ends[0]), weak),
        ],
    };
    draw_lines(&lines, path)
}
