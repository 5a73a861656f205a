//! Boxes.

use crate::cases::tracers::{Extent, mixing_ratio};
use crate::cases::{Base, Case, Point};
use crate::config::Configuration;
use crate::mesh::{Plane, Terrain, Tile, VerticalGrid};
use crate::real::Real;
use crate::state::TileState;
use crate::thermodynamics::Water;

/// Fills one tile with the case's initial state: values at cell centres.
pub fn fill<T: Real>(
    configuration: &Configuration,
    plane: &Plane,
    vertical: &VerticalGrid,
    case: &dyn Case,
    tile: &Tile,
    fields: &mut TileState<T>,
) {
    let extent = Extent::new(&configuration.grid);
    for (k, &z) in vertical.centres.iter().enumerate() {
        let base = case.base(z);
        for j in 0..tile.nj {
            for i in 0..tile.ni {
                let at = Point { x: plane.x(tile.i0 + i), y: plane.y(tile.j0 + j), z };
                fill_cell(configuration, &extent, case, (at, &base), [i, j, k], fields);
            }
        }
    }
}

/// The same over terrain: values at the true heights of the cell centres.
pub fn fill_over<T: Real>(
    configuration: &Configuration,
    plane: &Plane,
    terrain: &Terrain,
    case: &dyn Case,
    tile: &Tile,
    fields: &mut TileState<T>,
) {
    let extent = Extent::new(&configuration.grid);
    for k in 0..tile.nz {
        for j in 0..tile.nj {
            for i in 0..tile.ni {
                let (column_i, column_j) = (tile.i0 + i, tile.j0 + j);
                let interface = |k: usize| terrain.interface(column_i, column_j, k);
                let z = 0.5 * (interface(k) + interface(k + 1));
                let at = Point { x: plane.x(column_i), y: plane.y(column_j), z };
                fill_cell(configuration, &extent, case, (at, &case.base(z)), [i, j, k], fields);
            }
        }
    }
}

/// Fills the cell (i, j, k) of a tile, which lies at a point with its reference state.
fn fill_cell<T: Real>(
    configuration: &Configuration,
    extent: &Extent,
    case: &dyn Case,
    (at, base): (Point, &Base),
    [i, j, k]: [usize; 3],
    fields: &mut TileState<T>,
) {
    let air = case.initial(at, base);
    let density = base.density(&configuration.dynamics.constants) + air.density;
    fields.density.cells_mut(j, k)[i] = T::of(air.density);
    fields.heat.cells_mut(j, k)[i] = T::of(air.heat);
    fields.momentum_x.cells_mut(j, k)[i] = T::of(density * air.u);
    fields.momentum_y.cells_mut(j, k)[i] = T::of(density * air.v);
    let waters = fields.waters;
    let water = if waters > 0 { case.water(at, base) } else { Water::default() };
    let water = [water.vapour, water.cloud, water.rain];
    for ((n, name), tracer) in configuration.dynamics.tracers.iter().enumerate().zip(&mut fields.tracers) {
        let q = if n < waters { water[n] } else { mixing_ratio(name, at, extent) };
        tracer.cells_mut(j, k)[i] = T::of(density * q);
    }
}
