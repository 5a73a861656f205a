//! What a run needs, worked out from its configuration alone.

use crate::cases;
use crate::config::{Configuration, Dynamics, Precision, Setting, StepChoice};
use crate::dynamics::Reference;
use crate::dynamics::euler::Census;
use crate::dynamics::euler::timestep::StepLimits;
use crate::error::Result;
use crate::halo::Reach;
use crate::halo::plan::transfers_into;
use crate::mesh::{Geometry, Mesh, Tile};
use crate::model::Model;
use crate::simulation::volume::{checkpoint_bytes, snapshot_bytes};
use crate::state::variables;
use crate::time::{Schedule, StageTable, ticks};
use std::collections::BTreeMap;

/// The part of one rank.
#[derive(Clone, Debug, PartialEq)]
pub struct RankShare {
    pub tiles: usize,
    pub columns: usize,
    /// Bytes that the state and the model keep.
    pub memory: usize,
    /// Bytes received of the dynamic fields in the halo exchanges of a stage, by neighbour.
    pub received: BTreeMap<usize, usize>,
}

/// The size of a run.
#[derive(Clone, Debug)]
pub struct Estimate {
    pub tiles: usize,
    /// Size of the largest tile.
    pub tile: [usize; 2],
    pub ranks: Vec<RankShare>,
    pub cells: usize,
    pub snapshot_bytes: usize,
    pub snapshots: usize,
    pub checkpoint_bytes: usize,
    pub checkpoints: usize,
    /// Longest stable step in s in air at rest: what sound and viscosity allow.
    pub stable_step: f64,
    /// Length in s of the steps.
    pub step: f64,
    pub steps: i64,
    pub stages: usize,
    /// Time in s that the steps would take on one core; a rough guess, see `stage_seconds`.
    pub core_seconds: f64,
}

impl Estimate {
    /// The size of the run on `ranks` ranks; the threads are those of the configuration.
    ///
    /// # Errors
    /// If the case cannot be built, or there are fewer tiles than ranks.
    pub fn new(configuration: &Configuration, ranks: usize) -> Result<Self> {
        let mesh = Mesh::new(configuration, 0, ranks)?;
        let case = cases::build(configuration)?;
        let reference = Reference::new(case.as_ref(), configuration.dynamics.constants, &mesh.vertical);
        let table = StageTable::new(configuration.dynamics.integrator);
        let limits = match &mesh.geometry {
            Geometry::Plane(plane) => {
                let steepest = mesh.terrain.as_ref().map_or(0.0, |terrain| terrain.steepest(plane));
                StepLimits::of_plane(plane, &mesh.vertical, &reference, &configuration.dynamics, &table)
                    .over_slopes(steepest)
            }
            Geometry::CubedSphere(sphere) => StepLimits::of_sphere(sphere, &reference, &table),
        };
        let stable_step = limits.stable_step(&Census::EMPTY);
        let end = configuration.time.end;
        let step = match configuration.time.step {
            StepChoice::Fixed(step) => step,
            StepChoice::Auto { fraction, longest } => (fraction * stable_step).min(longest).min(end),
        };
        let steps = steps(end, step, configuration.output.every);
        let cell_stages = mesh.cells() as f64 * steps as f64 * table.stages.len() as f64;
        let count = |every| Schedule::every(every).count(ticks(end));
        Ok(Estimate {
            tiles: mesh.tiles.len(),
            tile: largest_tile(&mesh.tiles),
            ranks: shares(&mesh, configuration),
            cells: mesh.cells(),
            snapshot_bytes: snapshot_bytes(configuration),
            snapshots: count(configuration.output.every),
            checkpoint_bytes: checkpoint_bytes(configuration),
            // None is due at time 0.
            checkpoints: count(configuration.checkpoint.every).saturating_sub(1),
            stable_step,
            step,
            steps,
            stages: table.stages.len(),
            core_seconds: cell_stages * stage_seconds(&configuration.dynamics),
        })
    }

    /// Memory of all ranks in bytes.
    pub fn memory(&self) -> usize {
        self.ranks.iter().map(|rank| rank.memory).sum()
    }
}

/// Time in s that a stage takes for a cell on one core, as measured for the table in the README on a server of 2025;
/// tracers at a tenth of the dry model each. Older cores take up to twice as long.
fn stage_seconds(dynamics: &Dynamics) -> f64 {
    let dry = match (dynamics.setting, dynamics.precision) {
        (Setting::Plane, Precision::Double) => 19e-9,
        (Setting::Plane, Precision::Single) => 12e-9,
        (_, Precision::Double) => 83e-9,
        (_, Precision::Single) => 54e-9,
    };
    dry * (1.0 + 0.1 * dynamics.tracers.len() as f64)
}

/// Number of steps of at most `longest` s, the outputs and the end being hit exactly.
fn steps(end: f64, longest: f64, every: Option<f64>) -> i64 {
    let (end, longest) = (ticks(end), ticks(longest).max(1));
    let interval = every.map_or(end, |every| ticks(every).clamp(1, end));
    let within = |length: i64| length / longest + i64::from(length % longest > 0);
    end / interval * within(interval) + within(end % interval)
}

fn largest_tile(tiles: &[Tile]) -> [usize; 2] {
    let largest = |size: fn(&Tile) -> usize| tiles.iter().map(size).max().unwrap_or(0);
    [largest(|tile| tile.ni), largest(|tile| tile.nj)]
}

fn shares(mesh: &Mesh, configuration: &Configuration) -> Vec<RankShare> {
    let memory = match configuration.dynamics.precision {
        Precision::Single => Model::<f32>::memory,
        Precision::Double => Model::<f64>::memory,
    };
    let mut seen_from = mesh.clone();
    let Dynamics { setting, precision, .. } = configuration.dynamics;
    let dynamic = variables::prognostic(setting, &[]);
    let levels: usize = dynamic.iter().map(|variable| variable.location.levels(mesh.vertical.nz())).sum();
    let received = received(mesh, levels * precision.bytes());
    let share = |(rank, received)| {
        seen_from.rank = rank;
        let tiles = seen_from.local_tiles();
        RankShare {
            tiles: tiles.len(),
            columns: tiles.iter().map(Tile::columns).sum(),
            memory: memory(configuration, &seen_from) as usize,
            received,
        }
    };
    received.into_iter().enumerate().map(share).collect()
}

/// Bytes that every rank receives of the dynamic fields in the exchanges of a stage, by the rank that sends them;
/// `column` is the size of the fields of a column.
fn received(mesh: &Mesh, column: usize) -> Vec<BTreeMap<usize, usize>> {
    let reaches = match &mesh.geometry {
        Geometry::Plane(_) => vec![Reach::of_plane(mesh)],
        Geometry::CubedSphere(_) => vec![Reach::BESIDE, Reach::SPHERE],
    };
    let transfers =
        |destination| reaches.iter().flat_map(move |reach| transfers_into(mesh, destination, *reach));
    let mut received = vec![BTreeMap::new(); mesh.owned.len()];
    for destination in 0..mesh.tiles.len() {
        let receiver = mesh.owner(destination);
        for transfer in transfers(destination) {
            let sender = mesh.owner(transfer.source);
            if sender != receiver {
                *received[receiver].entry(sender).or_insert(0) += transfer.columns() * column;
            }
        }
    }
    received
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LateralBoundary::Periodic;
    use crate::mesh::{HALO, Plane};

    #[test]
    fn two_ranks_of_a_periodic_row_exchange_both_halos() {
        let (nx, nz) = (16, 4);
        let plane = Plane {
            nx,
            ny: 1,
            dx: 1.0,
            dy: 1.0,
            x_min: 0.0,
            y_min: 0.0,
            x_boundary: Periodic,
            y_boundary: Periodic,
        };
        let interfaces: Vec<_> = (0..=nz).map(|k| k as f64).collect();
        let mesh = Mesh::of_plane(plane, &interfaces, [8, 1], 0, 2).unwrap();
        let column = (4 * nz + nz + 1) * 8;
        let bytes = 2 * HALO * column;
        assert_eq!(received(&mesh, column), [BTreeMap::from([(1, bytes)]), BTreeMap::from([(0, bytes)])]);
    }

    #[test]
    fn steps_stop_at_every_output() {
        assert_eq!(steps(900.0, 0.5, None), 1800);
        assert_eq!(steps(10.0, 3.0, Some(4.0)), 2 + 2 + 1);
        assert_eq!(steps(10.0, 100.0, Some(20.0)), 1);
    }
}
