//! Layers of shallow water: averages of the depth over the cells, momentum at their centres.

use crate::cases::tracers::on_globe;
use crate::cases::{Layer, Point, ShallowWater};
use crate::config::Configuration;
use crate::mesh::{CubedSphere, Footprint, Tile};
use crate::real::Real;
use crate::state::TileState;

/// Fills one tile with the case's initial state.
pub fn fill<T: Real>(
    configuration: &Configuration,
    sphere: &CubedSphere,
    case: &dyn ShallowWater,
    tile: &Tile,
    fields: &mut TileState<T>,
) {
    let point = |(x, y): (f64, f64)| Point { x, y, z: 0.0 };
    let depth = |layer: Layer| layer.surface - layer.ground;
    let TileState { density, momentum_x, momentum_y, momentum_n, tracers, .. } = fields;
    for j in 0..tile.nj {
        for i in 0..tile.ni {
            let cell = Footprint::new(sphere, tile.panel, tile.i0 + i, tile.j0 + j);
            let depths = cell.points.map(|at| depth(case.initial(point(at))));
            density.cells_mut(j, 0)[i] = T::of(cell.mean(depths));
            let centre = case.initial(point(cell.centre()));
            let wind = cell.wind(centre.u, centre.v);
            let momentum = [&mut *momentum_x, momentum_y].into_iter().chain(momentum_n.as_mut());
            for (field, wind) in momentum.zip(wind) {
                field.cells_mut(j, 0)[i] = T::of(depth(centre) * wind);
            }
            for (name, tracer) in configuration.dynamics.tracers.iter().zip(&mut *tracers) {
                let mut masses = depths;
                for (mass, at) in masses.iter_mut().zip(cell.points) {
                    *mass *= on_globe(name, point(at));
                }
                tracer.cells_mut(j, 0)[i] = T::of(cell.mean(masses));
            }
        }
    }
}
