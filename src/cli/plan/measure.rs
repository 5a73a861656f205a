//! Costs corrected on this machine: a few steps of a piece of the grid, as large as a tile.

use super::costs::{Costs, PARTS};
use super::estimate::Estimate;
use crate::cases;
use crate::comm::World;
use crate::comm::single::Single;
use crate::config::{Configuration, Geometry, Precision};
use crate::error::Result;
use crate::initial::initial_state;
use crate::mesh::{Mesh, SPHERE_TILE};
use crate::monitor::Phase;
use crate::parallel::start_threads;
use crate::real::Real;
use crate::simulation::Engine;
use std::sync::Arc;

/// Steps that are not looked at, and how often how many are measured; the fastest count.
const WARM_UP: usize = 2;
const ROUNDS: usize = 4;
const STEPS: usize = 3;

/// A time in ticks that no step reaches.
const FAR: i64 = i64::MAX / 4;

/// Makes the costs those of a tile that `ranks` ranks have, measured on one core.
///
/// # Errors
/// If the piece cannot be built, or becomes unstable.
pub fn correct(costs: &mut Costs, configuration: &Configuration, ranks: usize) -> Result<()> {
    let piece = piece(configuration, Estimate::new(configuration, ranks)?.tile);
    start_threads(1);
    let seconds = match configuration.dynamics.precision {
        Precision::Single => step_parts::<f32>(&piece),
        Precision::Double => step_parts::<f64>(&piece),
    }?;
    let plan = Estimate::new(&piece, 1)?;
    for (part, seconds) in PARTS.into_iter().zip(seconds) {
        let expected = costs.of_part(part, &plan);
        if expected > 0.0 {
            costs.scale(part, seconds / expected);
        }
    }
    Ok(())
}

/// The middle of a box, of so many columns, or a globe with such panels.
fn piece(configuration: &Configuration, [ni, nj]: [usize; 2]) -> Configuration {
    let mut piece = configuration.clone();
    let (x, y) = (configuration.grid.x_centre(), configuration.grid.y_centre());
    let grid = &mut piece.grid;
    if let Geometry::Sphere(_) = grid.geometry {
        let n = ni.min(nj).max(SPHERE_TILE);
        grid.dx *= grid.nx as f64 / n as f64;
        grid.dy = grid.dx;
        (grid.nx, grid.ny) = (n, n);
    } else {
        (grid.nx, grid.ny) = (ni, nj);
        grid.x_min = x - 0.5 * ni as f64 * grid.dx;
        grid.y_min = y - 0.5 * nj as f64 * grid.dy;
    }
    piece.parallel.tile = None;
    piece.parallel.threads = Some(1);
    piece
}

/// Seconds that a step takes, by part.
fn step_parts<T: Real>(piece: &Configuration) -> Result<[f64; PARTS.len()]> {
    let world: World = Arc::new(Single);
    let mesh = Mesh::new(piece, 0, 1)?;
    let case = cases::build(piece)?;
    let state = initial_state::<T>(piece, &mesh, &*case);
    let mut engine = Engine::new(piece, mesh, &*case, state, &world);
    let mut fastest = [f64::INFINITY; PARTS.len()];
    for steps in std::iter::once(WARM_UP).chain([STEPS; ROUNDS]) {
        let before = PARTS.map(|part| engine.timers.seconds(part));
        for _ in 0..steps {
            engine.step(FAR, false)?;
        }
        engine.timers.start(Phase::Other);
        for (part, phase) in PARTS.into_iter().enumerate() {
            let a_step = (engine.timers.seconds(phase) - before[part]) / steps as f64;
            fastest[part] = fastest[part].min(a_step);
        }
    }
    Ok(fastest)
}
