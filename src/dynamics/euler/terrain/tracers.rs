//! Transport of tracers over terrain.
//!
//! With the thickness h of the cells, the mass fluxes over terrain change h rho as those over flat ground change rho
//! where all cells are 1 m thick. So the transport of flat ground carries h rho q, without a reference state.

use super::Metric;
use crate::boundary::OpenSides;
use crate::comm::Communicator;
use crate::config::Dynamics;
use crate::dynamics::MassFluxes;
use crate::dynamics::euler::Levels;
use crate::dynamics::tracers::TracerTransport;
use crate::mesh::{Mesh, Tile};
use crate::real::Real;
use crate::state::{Field, TileState};
use rayon::prelude::*;

/// Transport of all tracers of this rank's tiles.
pub struct TerrainTracers<T> {
    transport: TracerTransport<T>,
    /// Levels 1 m thick without a reference state.
    levels: Levels<T>,
    /// h rho and h rho q at the start of a step, then h rho q at its end.
    columns: Vec<TileState<T>>,
}

impl<T: Real> TerrainTracers<T> {
    pub fn new(
        mesh: &Mesh,
        levels: &Levels<T>,
        dynamics: &Dynamics,
        communicator: &dyn Communicator,
    ) -> Self {
        let mut levels = levels.clone();
        levels.density.fill(T::ZERO);
        levels.inverse_dz.fill(T::ONE);
        levels.inverse_spacing.fill(T::ONE);
        // Mixed where the slopes are known: `crate::turbulence`.
        levels.diffusivity = T::ZERO;
        let count = dynamics.tracers.len();
        TerrainTracers {
            transport: TracerTransport::new(mesh, dynamics, communicator),
            levels,
            columns: mesh.local_tiles().iter().map(|tile| columns(tile, count)).collect(),
        }
    }

    /// Carries the tracers of `state`, the start of a step of `dt` s, over that step.
    pub fn step(
        &mut self,
        metrics: &[Metric<T>],
        fluxes: &[Option<MassFluxes<T>>],
        open: Option<&OpenSides<T>>,
        state: &mut [TileState<T>],
        dt: f64,
    ) {
        let TerrainTracers { transport, levels, columns } = self;
        columns.par_iter_mut().zip(metrics).zip(&*state).for_each(|((columns, metric), tile)| {
            weigh(metric, tile, columns);
        });
        // Open sides look at the momentum.
        exchange_momentum(state, columns);
        transport.step(levels, fluxes, open, columns, dt);
        exchange_momentum(state, columns);
        state.par_iter_mut().zip(metrics).zip(columns).for_each(|((tile, metric), columns)| {
            for (tracer, column) in tile.tracers.iter_mut().zip(&columns.tracers) {
                // Divided, not multiplied by the inverse: the rounding of h (1/h) would add up over the steps.
                let thickness = metric.columns.thickness.values();
                let cells = tracer.values_mut().iter_mut().zip(column.values()).zip(thickness);
                for ((tracer, column), thickness) in cells.filter(|(_, thickness)| **thickness > T::ZERO) {
                    *tracer = *column / *thickness;
                }
            }
        });
    }
}

/// Hands the horizontal momentum from one to the other.
fn exchange_momentum<T>(state: &mut [TileState<T>], columns: &mut [TileState<T>]) {
    for (tile, columns) in state.iter_mut().zip(columns) {
        std::mem::swap(&mut tile.momentum_x, &mut columns.momentum_x);
        std::mem::swap(&mut tile.momentum_y, &mut columns.momentum_y);
    }
}

/// A tile with density and tracers alone.
fn columns<T: Real>(tile: &Tile, tracers: usize) -> TileState<T> {
    let (centre, nothing) = (Field::new(tile.layout(tile.nz)), Field::new(tile.layout(0)));
    TileState {
        density: centre.clone(),
        momentum_x: nothing.clone(),
        momentum_y: nothing.clone(),
        momentum_n: None,
        momentum_z: nothing.clone(),
        heat: nothing,
        tracers: vec![centre; tracers],
        waters: 0,
        fallen_rain: None,
    }
}

/// h rho and h rho q of a tile.
fn weigh<T: Real>(metric: &Metric<T>, tile: &TileState<T>, columns: &mut TileState<T>) {
    let layout = tile.density.layout();
    for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
        let (thickness, density0) =
            (metric.columns.thickness.cells(j, k), metric.columns.density.cells(j, k));
        let density = tile.density.cells(j, k);
        for (i, out) in columns.density.cells_mut(j, k).iter_mut().enumerate() {
            *out = (density0[i] + density[i]) * thickness[i];
        }
        for (tracer, column) in tile.tracers.iter().zip(&mut columns.tracers) {
            let tracer = tracer.cells(j, k);
            for (i, out) in column.cells_mut(j, k).iter_mut().enumerate() {
                *out = tracer[i] * thickness[i];
            }
        }
    }
}
