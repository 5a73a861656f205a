//! What the parts of a step cost on one core: measured figures.
//!
//! Measured on one core of an AMD EPYC (Zen 5, 40 GB/s of triad) with boxes of 128 x 128 and 120 x 120 columns and
//! globes of 32 and 48 cells an edge, cut into tiles of 8 x 8 to 128 x 128 columns; user time of ten steps less that of
//! two. Other cores differ by up to a factor of two: [`super::measure`] corrects the figures on the machine at hand.

use super::estimate::Estimate;
use crate::config::{Configuration, Dynamics, Precision, Setting};
use crate::mesh::Tile;
use crate::monitor::Phase;

/// Time in s that a value of a long row of a halo takes to be copied, packed or unpacked.
const HALO_VALUE: f64 = 0.6e-9;
/// Time in s that a process takes for a cell and step.
const PROCESS: f64 = 8e-9;

/// How much longer the dynamics take over terrain.
const OVER_TERRAIN: f64 = 1.85;

/// The parts of a step whose costs are kept apart.
pub const PARTS: [Phase; 5] =
    [Phase::Dynamics, Phase::Tracers, Phase::Turbulence, Phase::Physics, Phase::Halo];

/// The costs of a configuration's step on one core.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// Columns that the start of every row costs as much as, and rows that are computed beside a tile.
    margin: [f64; 2],
    /// Time in s for a cell: of a stage of the dynamics, and of a step for the tracers, the turbulence and the
    /// processes together.
    pub stage: f64,
    pub tracers: f64,
    pub turbulence: f64,
    pub physics: f64,
    /// Time in s that a value of a long row of a halo takes to be copied, packed or unpacked.
    pub halo_value: f64,
}

impl Costs {
    /// The measured figures for a configuration.
    pub fn of(configuration: &Configuration) -> Self {
        let Dynamics { setting, precision, tracers, .. } = &configuration.dynamics;
        let (margin, stage, tracer, turbulence) = match (setting, precision) {
            (Setting::Plane, Precision::Double) => ([52.0, 1.7], 12.8e-9, 14e-9, 12e-9),
            (Setting::Plane, Precision::Single) => ([60.0, 1.7], 7.5e-9, 8e-9, 7e-9),
            (Setting::Sphere, Precision::Double) => ([40.0, 2.5], 40e-9, 45e-9, 0.0),
            (Setting::Sphere, Precision::Single) => ([40.0, 2.5], 26e-9, 35e-9, 0.0),
            (Setting::ShallowWater, _) => ([40.0, 2.5], 16e-9, 11e-9, 0.0),
        };
        let over_terrain = if configuration.terrain.is_some() { OVER_TERRAIN } else { 1.0 };
        let processes = configuration.physics.processes.len() + usize::from(configuration.forcing.is_some());
        Costs {
            margin,
            stage: stage * over_terrain,
            tracers: tracer * tracers.len() as f64,
            turbulence: if configuration.turbulence.is_some() { turbulence } else { 0.0 },
            physics: PROCESS * processes as f64,
            halo_value: HALO_VALUE,
        }
    }

    /// The work on a level of a tile, in cells: with what short rows and the surroundings of a tile cost.
    pub fn cells(&self, tile: &Tile) -> f64 {
        let beside = if tile.halo_y > 0 { self.margin[1] } else { 0.0 };
        (tile.ni as f64 + self.margin[0]) * (tile.nj as f64 + beside)
    }

    /// Time in s that a tile takes in a step besides the stages of the dynamics.
    pub fn besides_stages(&self, tile: &Tile) -> f64 {
        let nz = tile.nz as f64;
        nz * (self.cells(tile) * (self.tracers + self.turbulence) + tile.columns() as f64 * self.physics)
    }

    /// Time in s that a tile takes in a stage of the dynamics.
    pub fn of_stage(&self, tile: &Tile) -> f64 {
        self.cells(tile) * tile.nz as f64 * self.stage
    }

    /// Time in s that a part of the step of a run on one rank takes.
    pub fn of_part(&self, part: Phase, plan: &Estimate) -> f64 {
        let tiles = || plan.mesh.tiles.iter();
        let cells = || tiles().map(|tile| self.cells(tile) * tile.nz as f64).sum::<f64>();
        match part {
            Phase::Dynamics => plan.stages as f64 * cells() * self.stage,
            Phase::Tracers => cells() * self.tracers,
            Phase::Turbulence => cells() * self.turbulence,
            Phase::Physics => plan.mesh.cells() as f64 * self.physics,
            _ => {
                plan.exchanges.iter().map(|exchange| exchange.copied_values() as f64 * self.halo_value).sum()
            }
        }
    }

    /// Multiplies the cost of a part.
    pub fn scale(&mut self, part: Phase, factor: f64) {
        match part {
            Phase::Dynamics => self.stage *= factor,
            Phase::Tracers => self.tracers *= factor,
            Phase::Turbulence => self.turbulence *= factor,
            Phase::Physics => self.physics *= factor,
            _ => self.halo_value *= factor,
        }
    }
}
