//! The globe over terrain: as [`super::sphere`], at the true heights of the cells.
//!
//! The averages over the cells come from the values at the centres of the cells around: the heights of the levels are
//! known at centres alone. q + s/(24 J) with s the sum of J_nb (q_nb - q) over the four neighbours is the inverse, to
//! fourth order, of what the dynamics do to get values at centres (`dynamics::sphere::stencils`).

use super::sphere::Balance;
use crate::cases::tracers::{Extent, mixing_ratio};
use crate::cases::{Base, Case, Point};
use crate::config::Configuration;
use crate::dynamics::euler::levels::power_coefficients;
use crate::dynamics::sphere::stencils::extrapolated;
use crate::math;
use crate::mesh::footprint::Footprint;
use crate::mesh::{CubedSphere, Terrain, Tile};
use crate::real::Real;
use crate::state::TileState;
use crate::thermodynamics::Water;

/// Places in [`Points::values`]: the deviations of density (in balance, and meant to be out of it) and of heat, the whole
/// density, and the masses of the tracers.
const DENSITY: usize = 0;
const BUOYANT: usize = 1;
const HEAT: usize = 2;
const MASS: usize = 3;
const TRACERS: usize = 4;

/// Fills one tile with the case's initial state.
pub fn fill<T: Real>(
    configuration: &Configuration,
    sphere: &CubedSphere,
    terrain: &Terrain,
    case: &dyn Case,
    tile: &Tile,
    fields: &mut TileState<T>,
) {
    let source = Source { configuration, sphere, terrain, case, waters: fields.waters };
    let mut points = Points::new(sphere, tile, TRACERS + fields.tracers.len());
    for (j, i) in (-1..=tile.nj as isize).flat_map(|j| (-1..=tile.ni as isize).map(move |i| (j, i))) {
        if points.is_on_panel(i, j) {
            source.fill_points(&mut points, i, j, fields);
        }
    }
    for (j, i) in (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (j, i))) {
        source.fill_column(&points, i, j, fields);
    }
}

/// Where the values come from.
struct Source<'a> {
    configuration: &'a Configuration,
    sphere: &'a CubedSphere,
    terrain: &'a Terrain,
    case: &'a dyn Case,
    waters: usize,
}

/// Values at the centres of the cells of a tile and of those around it on the panel.
struct Points<'a> {
    sphere: &'a CubedSphere,
    tile: &'a Tile,
    quantities: usize,
    /// By column (those around the tile too), level and quantity.
    values: Vec<f64>,
}

impl Source<'_> {
    /// Heights of the interfaces of the column (i, j) of a tile, which may lie around it.
    fn interfaces(&self, tile: &Tile, i: isize, j: isize) -> Vec<f64> {
        let column = (tile.i0 as isize + i) as usize;
        let row = tile.panel * self.sphere.n + (tile.j0 as isize + j) as usize;
        (0..=tile.nz).map(|k| self.terrain.interface(column, row, k)).collect()
    }

    /// The values at the centres of a column, and the momentum, which is one of them, where it lies in the tile.
    fn fill_points<T: Real>(&self, points: &mut Points<'_>, i: isize, j: isize, fields: &mut TileState<T>) {
        let tile = points.tile;
        let [column, row] = [tile.i0 as isize + i, tile.j0 as isize + j].map(|index| index as usize);
        let footprint = Footprint::new(self.sphere, tile.panel, column, row);
        let (x, y) = footprint.centre();
        let is_inside = (0..tile.ni as isize).contains(&i) && (0..tile.nj as isize).contains(&j);
        for (k, pair) in self.interfaces(tile, i, j).windows(2).enumerate() {
            let at = Point { x, y, z: 0.5 * (pair[0] + pair[1]) };
            let base = self.case.base(at.z);
            let air = self.case.initial(at, &base);
            let density = base.density(&self.configuration.dynamics.constants) + air.density;
            let buoyant = self.case.buoyant_density(at, &base);
            points.set(i, j, k, DENSITY, air.density - buoyant);
            points.set(i, j, k, BUOYANT, buoyant);
            points.set(i, j, k, HEAT, air.heat);
            points.set(i, j, k, MASS, density);
            for n in 0..fields.tracers.len() {
                points.set(i, j, k, TRACERS + n, density * self.mixing_ratio(n, at, &base));
            }
            if is_inside {
                let momentum = footprint.momentum(density, air.u, air.v);
                let (i, j) = (i as usize, j as usize);
                fields.momentum_x.cells_mut(j, k)[i] = T::of(momentum[0]);
                fields.momentum_y.cells_mut(j, k)[i] = T::of(momentum[1]);
                if let Some(momentum_n) = &mut fields.momentum_n {
                    momentum_n.cells_mut(j, k)[i] = T::of(momentum[2]);
                }
            }
        }
    }

    /// The mixing ratio of the `n`-th tracer.
    fn mixing_ratio(&self, n: usize, at: Point, base: &Base) -> f64 {
        if n >= self.waters {
            let Configuration { grid, dynamics, .. } = self.configuration;
            return mixing_ratio(&dynamics.tracers[n], at, &Extent::new(grid));
        }
        let Water { vapour, cloud, rain } = self.case.water(at, base);
        [vapour, cloud, rain][n]
    }

    /// The averages of a column, in the balance of the discrete equations.
    fn fill_column<T: Real>(&self, points: &Points<'_>, i: usize, j: usize, fields: &mut TileState<T>) {
        let constants = &self.configuration.dynamics.constants;
        let (column_i, column_j) = (i as isize, j as isize);
        let interfaces = self.interfaces(points.tile, column_i, column_j);
        let nz = points.tile.nz;
        let centre = |k: usize| 0.5 * (interfaces[k] + interfaces[k + 1]);
        let bases: Vec<Base> = (0..nz).map(|k| self.case.base(centre(k))).collect();
        let density0: Vec<f64> = bases.iter().map(|base| base.density(constants)).collect();
        let heat0: Vec<f64> =
            bases.iter().zip(&density0).map(|(base, rho)| rho * base.potential_temperature).collect();
        let pressure: Vec<f64> = bases.iter().map(|base| constants.pressure_of_exner(base.exner)).collect();
        let thickness: Vec<f64> = interfaces.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let inside = |value: &dyn Fn(usize) -> f64| -> Vec<f64> {
            (0..=nz).map(|k| if k == 0 || k == nz { 0.0 } else { value(k) }).collect()
        };
        let mean =
            |n: usize| -> Vec<f64> { (0..nz).map(|k| points.average(column_i, column_j, k, n)).collect() };
        let (mut density, heat) = (mean(DENSITY), mean(HEAT));
        Balance {
            gravity: constants.gravity,
            polynomial: power_coefficients(constants.gamma()),
            pressure: &pressure,
            heat: &heat0,
            spacing: &inside(&|k| centre(k) - centre(k - 1)),
            weight_above: &inside(&|k| thickness[k] / (thickness[k] + thickness[k - 1])),
            weight_below: &inside(&|k| thickness[k - 1] / (thickness[k] + thickness[k - 1])),
        }
        .apply(&heat, &mut density);
        let (buoyant, mass) = (mean(BUOYANT), mean(MASS));
        let masses: Vec<Vec<f64>> = (0..fields.tracers.len()).map(|n| mean(TRACERS + n)).collect();
        for k in 0..nz {
            fields.density.cells_mut(j, k)[i] = T::of(density[k] + buoyant[k]);
            fields.heat.cells_mut(j, k)[i] = T::of(heat[k]);
            for (n, (tracer, of_tracer)) in fields.tracers.iter_mut().zip(&masses).enumerate() {
                let ratio = of_tracer[k] / mass[k];
                // Where vapour thins out fast the average of few points can fall below zero.
                let ratio = if n < self.waters { ratio.max(0.0) } else { ratio };
                tracer.cells_mut(j, k)[i] = T::of((density0[k] + (density[k] + buoyant[k])) * ratio);
            }
        }
    }
}

impl<'a> Points<'a> {
    fn new(sphere: &'a CubedSphere, tile: &'a Tile, quantities: usize) -> Self {
        let columns = (tile.ni + 2) * (tile.nj + 2);
        Points { sphere, tile, quantities, values: vec![0.0; columns * tile.nz * quantities] }
    }

    fn place(&self, i: isize, j: isize, k: usize, n: usize) -> usize {
        let column = (j + 1) as usize * (self.tile.ni + 2) + (i + 1) as usize;
        (column * self.tile.nz + k) * self.quantities + n
    }

    fn set(&mut self, i: isize, j: isize, k: usize, n: usize, value: f64) {
        let place = self.place(i, j, k, n);
        self.values[place] = value;
    }

    /// Whether the column (i, j) of the tile's indices lies on its panel.
    fn is_on_panel(&self, i: isize, j: isize) -> bool {
        let inside = |index: isize| (0..self.sphere.n as isize).contains(&index);
        inside(self.tile.i0 as isize + i) && inside(self.tile.j0 as isize + j)
    }

    /// J times the difference from `here`, of a column on the panel.
    fn difference(&self, i: isize, j: isize, k: usize, n: usize, here: f64) -> f64 {
        self.jacobian(i, j) * (self.values[self.place(i, j, k, n)] - here)
    }

    /// (1 + X^2)(1 + Y^2)/d^3.
    fn jacobian(&self, i: isize, j: isize) -> f64 {
        let tangent = |index: usize, step: isize| self.sphere.tan_centre((index as isize + step) as usize);
        let (x, y) = (tangent(self.tile.i0, i), tangent(self.tile.j0, j));
        let d2 = 1.0 + (x * x + y * y);
        (1.0 + x * x) * (1.0 + y * y) / (d2 * math::sqrt(d2))
    }

    /// The average over a cell of the tile.
    fn average(&self, i: isize, j: isize, k: usize, n: usize) -> f64 {
        let here = self.values[self.place(i, j, k, n)];
        let along = |di: isize, dj: isize| {
            let at = |step: isize| self.difference(i + step * di, j + step * dj, k, n, here);
            match (self.is_on_panel(i - di, j - dj), self.is_on_panel(i + di, j + dj)) {
                (true, true) => at(-1) + at(1),
                (false, _) => extrapolated([at(1), at(2), at(3)]),
                (true, false) => extrapolated([at(-1), at(-2), at(-3)]),
            }
        };
        here + (along(1, 0) + along(0, 1)) / (24.0 * self.jacobian(i, j))
    }
}
