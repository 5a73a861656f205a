//! Relaxation zones along the sides of a box: a second sponge, for what a side does not let out.
//!
//! Along every side that is not periodic, density, wind and rho theta (and so theta and the pressure) relax
//! to the reference state at the rate cos^2(pi/2 d/width)/time, d being the distance from the nearest of those
//! sides, implicitly and once a step (after Davies 1976, Q. J. R. Meteorol. Soc. 102, 405-418). Tracers keep their
//! mixing ratios. Over terrain the reference wind blows along the levels.

use crate::config::{self, Boundary, LateralBoundary};
use crate::dynamics::{Reference, TileReference};
use crate::math;
use crate::mesh::{Layout, Mesh, Plane, Tile};
use crate::per_cell::{Everywhere, PerCell};
use crate::real::Real;
use crate::state::{Field, TileState};
use rayon::prelude::*;
use std::f64::consts::FRAC_PI_2;

/// The zones on this rank's tiles.
#[derive(Clone, Debug)]
pub struct RelaxationZones<T> {
    /// By local tile; nothing where a tile lies outside the zones.
    zones: Vec<Option<Zone<T>>>,
    /// Reference density, and reference momentum along x and y, by level over flat ground.
    density: Vec<T>,
    momentum: [Vec<T>; 2],
}

/// The part of the zones that lies in a tile.
#[derive(Clone, Debug)]
struct Zone<T> {
    /// Rates in 1/s of the columns, row by row.
    rates: Vec<T>,
    ground: Option<OverTerrain<T>>,
}

/// The reference over terrain: density, and the momentum along x, y and, of wind along the levels, upwards.
#[derive(Clone, Debug)]
struct OverTerrain<T> {
    density: Field<T>,
    momentum: [Field<T>; 2],
    upward: Field<T>,
}

impl<T: Real> RelaxationZones<T> {
    pub fn new(
        zone: &config::Relaxation,
        boundary: &Boundary,
        mesh: &Mesh,
        plane: &Plane,
        reference: &Reference,
    ) -> Self {
        let of_tile = |(index, tile): (usize, &Tile)| -> Option<Zone<T>> {
            let columns = (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (i, j)));
            let distance = |i: usize, j: usize| distance(boundary, plane, tile.i0 + i, tile.j0 + j);
            let rates: Vec<f64> = columns.map(|(i, j)| rate(zone, distance(i, j))).collect();
            let is_inside = rates.iter().any(|&rate| rate > 0.0);
            is_inside.then(|| Zone {
                rates: rates.into_iter().map(T::of).collect(),
                ground: reference.tiles.get(index).map(OverTerrain::new),
            })
        };
        let momentum = |wind: &[f64]| {
            wind.iter().zip(&reference.density).map(|(wind, density)| T::of(wind * density)).collect()
        };
        RelaxationZones {
            zones: mesh.local_tiles().iter().enumerate().map(of_tile).collect(),
            density: reference.density.iter().map(|&density| T::of(density)).collect(),
            momentum: [momentum(&reference.u), momentum(&reference.v)],
        }
    }

    /// Relaxes this rank's tiles over `dt` s.
    pub fn apply(&self, tiles: &mut [TileState<T>], dt: f64) {
        let dt = T::of(dt);
        tiles.par_iter_mut().zip(&self.zones).for_each(|(tile, zone)| {
            let Some(Zone { rates, ground }) = zone else { return };
            for (j, rates) in rates.chunks_exact(tile.density.layout().ni).enumerate() {
                for k in 0..self.density.len() {
                    match ground {
                        None => self.relax_row(tile, j, k, rates, dt),
                        Some(ground) => ground.relax_row(tile, j, k, rates, dt),
                    }
                }
            }
        });
    }

    fn relax_row(&self, tile: &mut TileState<T>, j: usize, k: usize, rates: &[T], dt: T) {
        let [u, v] = self.momentum.each_ref().map(|momentum| Everywhere(momentum[k]));
        let base = Row { density: Everywhere(self.density[k]), u, v, w: Everywhere(T::ZERO) };
        base.relax(tile, [j, k], rates, dt);
    }
}

impl<T: Real> OverTerrain<T> {
    fn new(reference: &TileReference) -> Self {
        let layout = reference.density.layout();
        let momentum = |wind: &Field<f64>, i: isize, j: isize, k: usize| {
            reference.density.get(i, j, k) * wind.get(i, j, k)
        };
        let upward = |i: isize, j: isize, k: usize| {
            if k == 0 || k == layout.levels {
                return 0.0;
            }
            let slopes = reference.slopes(i, j, k);
            let above = reference.weight_above(i, j, k);
            let along = |wind: &Field<f64>| {
                above * momentum(wind, i, j, k) + (1.0 - above) * momentum(wind, i, j, k - 1)
            };
            slopes[0] * along(&reference.u) + slopes[1] * along(&reference.v)
        };
        OverTerrain {
            density: Field::of_cells(layout, |i, j, k| reference.density.get(i, j, k)),
            momentum: [&reference.u, &reference.v]
                .map(|wind| Field::of_cells(layout, |i, j, k| momentum(wind, i, j, k))),
            upward: Field::of_cells(Layout { levels: layout.levels + 1, ..layout }, upward),
        }
    }

    fn relax_row(&self, tile: &mut TileState<T>, j: usize, k: usize, rates: &[T], dt: T) {
        let [u, v] = self.momentum.each_ref().map(|field| field.cells(j, k));
        let base = Row { density: self.density.cells(j, k), u, v, w: self.upward.cells(j, k) };
        base.relax(tile, [j, k], rates, dt);
    }
}

/// The reference of a row of cells: density, momentum along x and y, and upwards through the interfaces below.
struct Row<B> {
    density: B,
    u: B,
    v: B,
    w: B,
}

impl<B> Row<B> {
    fn relax<T: Real>(self, tile: &mut TileState<T>, [j, k]: [usize; 2], rates: &[T], dt: T)
    where
        B: PerCell<T>,
    {
        let TileState { density, momentum_x, momentum_y, momentum_z, heat, tracers, .. } = tile;
        for tracer in tracers {
            keep_mixing_ratio(self.density, rates, dt, density.cells(j, k), tracer.cells_mut(j, k));
        }
        let no_deviation = Everywhere(T::ZERO);
        relax(no_deviation, rates, dt, density.cells_mut(j, k));
        relax(no_deviation, rates, dt, heat.cells_mut(j, k));
        relax(self.u, rates, dt, momentum_x.cells_mut(j, k));
        relax(self.v, rates, dt, momentum_y.cells_mut(j, k));
        relax(self.w, rates, dt, momentum_z.cells_mut(j, k));
    }
}

/// q = base + (q - base)/(1 + dt rate); outside the zone q stays to the last bit, as it does in tiles outside.
#[inline(never)]
fn relax<T: Real>(base: impl PerCell<T>, rates: &[T], dt: T, q: &mut [T]) {
    let n = q.len();
    let (base, rates) = (base.cut(n), &rates[..n]);
    for i in 0..n {
        let base = base.at(i);
        let relaxed = base + (q[i] - base) / (T::ONE + dt * rates[i]);
        q[i] = if rates[i] > T::ZERO { relaxed } else { q[i] };
    }
}

/// Scales rho q as the density is going to change.
#[inline(never)]
fn keep_mixing_ratio<T: Real>(base: impl PerCell<T>, rates: &[T], dt: T, density: &[T], tracer: &mut [T]) {
    let n = tracer.len();
    let (base, rates, density) = (base.cut(n), &rates[..n], &density[..n]);
    for i in 0..n {
        let base = base.at(i);
        let relaxed = base + density[i] / (T::ONE + dt * rates[i]);
        tracer[i] = tracer[i] * (relaxed / (base + density[i]));
    }
}

/// The rate in 1/s at a distance in m from the nearest side.
fn rate(zone: &config::Relaxation, distance: f64) -> f64 {
    if distance >= zone.width {
        return 0.0;
    }
    let s = math::cos(FRAC_PI_2 * distance / zone.width);
    s * s / zone.time
}

/// Distance in m of the centre of a column from the nearest side that is not periodic.
fn distance(boundary: &Boundary, plane: &Plane, i: usize, j: usize) -> f64 {
    let along = |kind: LateralBoundary, n: usize, index: usize, d: f64| {
        let cells = index.min(n - 1 - index) as f64 + 0.5;
        if kind == LateralBoundary::Periodic { f64::INFINITY } else { cells * d }
    };
    let x = along(boundary.x, plane.nx, i, plane.dx);
    let y = if plane.ny > 1 { along(boundary.y, plane.ny, j, plane.dy) } else { f64::INFINITY };
    x.min(y)
}
