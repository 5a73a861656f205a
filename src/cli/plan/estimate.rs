//! What a run needs, worked out from its configuration alone.

use crate::cases;
use crate::cases::{Case, Layer, Point};
use crate::config::{Configuration, Precision, Setting, StepChoice};
use crate::dynamics::Reference;
use crate::dynamics::euler::Census;
use crate::dynamics::euler::timestep::StepLimits;
use crate::dynamics::shallow_water::STAGES;
use crate::error::{Error, Result};
use crate::halo::{Reach, Repeated, Traffic};
use crate::io::directory::SNAPSHOTS;
use crate::mesh::cubed_sphere::longitude_latitude;
use crate::mesh::{Geometry, Mesh, Tile};
use crate::model::Model;
use crate::simulation::volume::{self, Output};
use crate::time::{Schedule, StageTable, ticks};
use std::collections::BTreeMap;

/// The part of one rank.
#[derive(Clone, Debug, PartialEq)]
pub struct RankShare {
    pub tiles: usize,
    pub columns: usize,
    /// Bytes that the state, the model and the buffers of messages take.
    pub memory: usize,
}

/// A halo exchange of the step with what it moves.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub repeated: Repeated,
    pub traffic: Traffic,
    /// Columns that every rank sends, by receiver.
    pub sent: Vec<BTreeMap<usize, usize>>,
    /// Bytes of a value.
    pub value: usize,
}

impl Exchange {
    /// Messages that a rank receives at a time.
    pub fn messages(&self, rank: usize) -> usize {
        self.traffic.received[rank].len()
    }

    /// Bytes that a rank receives at a time.
    pub fn received(&self, rank: usize) -> usize {
        self.traffic.received[rank].values().sum::<usize>() * self.column()
    }

    /// Bytes that a rank sends at a time.
    pub fn sent(&self, rank: usize) -> usize {
        self.sent[rank].values().sum::<usize>() * self.column()
    }

    /// The work of the copies between tiles of the same rank in a step, on all ranks: in values of long rows.
    pub fn copied_values(&self) -> usize {
        let columns: usize = self.traffic.tiles.iter().map(|[_, local]| local).sum();
        self.repeated.times * self.repeated.values * columns
    }

    /// Bytes of a column.
    pub fn column(&self) -> usize {
        self.repeated.values * self.value
    }
}

/// The size of a run.
#[derive(Clone, Debug)]
pub struct Estimate {
    pub mesh: Mesh,
    /// Size of the largest tile.
    pub tile: [usize; 2],
    /// The ranks that step.
    pub ranks: Vec<RankShare>,
    /// How many more only write snapshots.
    pub writers: usize,
    /// The halo exchanges of a step.
    pub exchanges: Vec<Exchange>,
    /// Everything that is written but checkpoints.
    pub output: Vec<Output>,
    pub checkpoint_bytes: usize,
    pub checkpoints: usize,
    /// Longest stable step in s in air at rest: what sound and viscosity allow.
    pub stable_step: f64,
    /// Length in s of the steps.
    pub step: f64,
    pub steps: i64,
    pub stages: usize,
}

impl Estimate {
    /// The size of the run on `ranks` ranks; the threads are those of the configuration.
    ///
    /// # Errors
    /// If the case cannot be built, there are fewer tiles than ranks, or fewer ranks would step than write.
    pub fn new(configuration: &Configuration, ranks: usize) -> Result<Self> {
        let writers = configuration.parallel.writer_ranks;
        let steppers = steppers(ranks, writers)?;
        let mesh = Mesh::new(configuration, 0, steppers)?;
        let case = cases::build(configuration)?;
        let stable_step = stable_step_on(configuration, &mesh, case.as_ref());
        let end = configuration.time.end;
        let step = match configuration.time.step {
            StepChoice::Fixed(step) => step,
            StepChoice::Auto { fraction, longest } => (fraction * stable_step).min(longest).min(end),
        };
        let repeated = match configuration.dynamics.precision {
            Precision::Single => Model::<f32>::exchanges,
            Precision::Double => Model::<f64>::exchanges,
        }(configuration, &mesh, case.as_ref());
        let exchanges = exchanges(&mesh, repeated, configuration.dynamics.precision.bytes());
        Ok(Estimate {
            tile: largest_tile(&mesh.tiles),
            ranks: shares(&mesh, configuration, &exchanges),
            writers,
            exchanges,
            output: volume::outputs(configuration),
            checkpoint_bytes: volume::checkpoint_bytes(configuration),
            // None is due at time 0.
            checkpoints: Schedule::every(configuration.checkpoint.every).count(ticks(end)).saturating_sub(1),
            stable_step,
            step,
            steps: steps(end, step, configuration.output.every),
            stages: match configuration.dynamics.setting {
                Setting::ShallowWater if is_carried_alone(case.as_ref()) => 0,
                Setting::ShallowWater => STAGES.len(),
                _ => StageTable::new(configuration.dynamics.integrator).stages.len(),
            },
            mesh,
        })
    }

    /// Memory of all ranks that step in bytes.
    pub fn memory(&self) -> usize {
        self.ranks.iter().map(|rank| rank.memory).sum()
    }

    /// Bytes that the ranks that step write.
    pub fn written(&self) -> usize {
        let output: usize = self.output.iter().map(Output::total).sum();
        output - self.handed_over() + self.checkpoints * self.checkpoint_bytes
    }

    /// Bytes that other ranks write meanwhile.
    pub fn handed_over(&self) -> usize {
        let snapshots = self.output.iter().filter(|output| self.writers > 0 && output.name == SNAPSHOTS);
        snapshots.map(Output::total).sum()
    }

    /// Messages that a rank receives in a step.
    pub fn messages(&self, rank: usize) -> usize {
        self.exchanges.iter().map(|exchange| exchange.repeated.times * exchange.messages(rank)).sum()
    }

    /// Bytes that a rank receives in a step.
    pub fn received(&self, rank: usize) -> usize {
        self.exchanges.iter().map(|exchange| exchange.repeated.times * exchange.received(rank)).sum()
    }

    /// The most ranks from which one receives.
    pub fn neighbours(&self) -> usize {
        let of_exchange = |exchange: &Exchange| exchange.traffic.received.iter().map(BTreeMap::len).max();
        self.exchanges.iter().filter_map(of_exchange).max().unwrap_or(0)
    }
}

/// How many of the ranks step, if there are enough for so many writers.
fn steppers(ranks: usize, writers: usize) -> Result<usize> {
    if 2 * writers > ranks {
        return Err(Error::Configuration(format!(
            "parallel.writer_ranks = {writers} needs at least {} ranks, one that steps for every one that writes: add \
             --ranks {}, or --set parallel.writer_ranks=0",
            2 * writers,
            2 * writers
        )));
    }
    Ok(ranks - writers)
}

/// Whether a case prescribes the wind of a layer of shallow water.
fn is_carried_alone(case: &dyn Case) -> bool {
    case.shallow_water().is_some_and(|layer| layer.prescribed_stream().is_some())
}

/// The longest stable step in s at the start.
///
/// # Errors
/// If the case or the mesh cannot be built.
pub fn stable_step(configuration: &Configuration) -> Result<f64> {
    let mesh = Mesh::new(configuration, 0, 1)?;
    Ok(stable_step_on(configuration, &mesh, cases::build(configuration)?.as_ref()))
}

fn stable_step_on(configuration: &Configuration, mesh: &Mesh, case: &dyn Case) -> f64 {
    let reference = Reference::new(case, configuration.dynamics.constants, &mesh.vertical);
    limits(configuration, mesh, &reference).stable_step(&census_at_start(configuration, mesh, case))
}

fn limits(configuration: &Configuration, mesh: &Mesh, reference: &Reference) -> StepLimits {
    let dynamics = &configuration.dynamics;
    let table = StageTable::new(dynamics.integrator);
    match &mesh.geometry {
        Geometry::Plane(plane) => {
            StepLimits::of_plane(plane, &mesh.vertical, reference, dynamics, &table).over_slopes(mesh)
        }
        Geometry::CubedSphere(sphere) if dynamics.setting == Setting::ShallowWater => {
            StepLimits::of_shallow_water(sphere)
        }
        Geometry::CubedSphere(sphere) => {
            StepLimits::of_sphere(sphere, reference, dynamics, &table).over_slopes(mesh)
        }
    }
}

/// Columns along a panel at which a layer of shallow water is looked at.
const SAMPLES: usize = 24;

/// The census at the start, of a layer of shallow water alone: the waves in air depend on the wind little.
fn census_at_start(configuration: &Configuration, mesh: &Mesh, case: &dyn Case) -> Census {
    let (Some(layer), Some(sphere)) = (case.shallow_water(), mesh.sphere()) else { return Census::EMPTY };
    let gravity = configuration.dynamics.constants.gravity;
    let place = |n: usize| n * sphere.n / SAMPLES;
    let places = (0..mesh.geometry.panels() * SAMPLES * SAMPLES)
        .map(|n| sphere.centre(n / (SAMPLES * SAMPLES), place(n % SAMPLES), place(n / SAMPLES % SAMPLES)));
    places.fold(Census::EMPTY, |census, position| {
        let (x, y) = longitude_latitude(position);
        let Layer { surface, ground, u, v } = layer.initial(Point { x, y, z: 0.0 });
        let depth = if is_carried_alone(case) { 0.0 } else { (surface - ground).max(0.0) };
        let here = Census { u: u.hypot(v), gravity_wave: (gravity * depth).sqrt(), ..Census::EMPTY };
        census.merge(here)
    })
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

/// The exchanges with their traffic, which is worked out once for each reach.
fn exchanges(mesh: &Mesh, repeated: Vec<Repeated>, value: usize) -> Vec<Exchange> {
    let mut known: Vec<(Reach, Traffic)> = Vec::new();
    let mut found = Vec::new();
    for repeated in repeated {
        let place = known.iter().position(|(reach, _)| *reach == repeated.reach).unwrap_or_else(|| {
            known.push((repeated.reach, Traffic::new(mesh, repeated.reach)));
            known.len() - 1
        });
        let traffic = known[place].1.clone();
        found.push(Exchange { repeated, sent: traffic.sent(), traffic, value });
    }
    found
}

fn shares(mesh: &Mesh, configuration: &Configuration, exchanges: &[Exchange]) -> Vec<RankShare> {
    let memory = match configuration.dynamics.precision {
        Precision::Single => Model::<f32>::memory,
        Precision::Double => Model::<f64>::memory,
    };
    let mut seen_from = mesh.clone();
    let share = |rank: usize| {
        seen_from.rank = rank;
        let tiles = seen_from.local_tiles();
        let buffers = exchanges.iter().map(|exchange| exchange.received(rank) + exchange.sent(rank));
        RankShare {
            tiles: tiles.len(),
            columns: tiles.iter().map(Tile::columns).sum(),
            memory: memory(configuration, &seen_from) as usize + buffers.sum::<usize>(),
        }
    };
    (0..mesh.owned.len()).map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stop_at_every_output() {
        assert_eq!(steps(900.0, 0.5, None), 1800);
        assert_eq!(steps(10.0, 3.0, Some(4.0)), 2 + 2 + 1);
        assert_eq!(steps(10.0, 100.0, Some(20.0)), 1);
    }
}
