//! Boxes.

use crate::cases::tracers::{Extent, mixing_ratio};
use crate::cases::{Case, Point};
use crate::config::Configuration;
use crate::mesh::{Plane, Tile, VerticalGrid};
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
    let constants = &configuration.dynamics.constants;
    let waters = fields.waters;
    let extent = Extent::new(&configuration.grid);
    for (k, &z) in vertical.centres.iter().enumerate() {
        let base = case.base(z);
        let density0 = base.density(constants);
        for j in 0..tile.nj {
            for i in 0..tile.ni {
                let at = Point { x: plane.x(tile.i0 + i), y: plane.y(tile.j0 + j), z };
                let air = case.initial(at, &base);
                let density = density0 + air.density;
                fields.density.cells_mut(j, k)[i] = T::of(air.density);
                fields.heat.cells_mut(j, k)[i] = T::of(air.heat);
                fields.momentum_x.cells_mut(j, k)[i] = T::of(density * air.u);
                fields.momentum_y.cells_mut(j, k)[i] = T::of(density * air.v);
                let water = if waters > 0 { case.water(at, &base) } else { Water::default() };
                let water = [water.vapour, water.cloud, water.rain];
                let names = configuration.dynamics.tracers.iter().enumerate();
                for ((n, name), tracer) in names.zip(&mut fields.tracers) {
                    let q = if n < waters { water[n] } else { mixing_ratio(name, at, &extent) };
                    tracer.cells_mut(j, k)[i] = T::of(density * q);
                }
            }
        }
    }
}
