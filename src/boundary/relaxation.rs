//! Relaxation zones along the sides of a box: a second sponge, for what a side does not let out.
//!
//! Along every side that is not periodic, density, wind and rho theta (and so theta and the pressure) relax
//! to the reference state at the rate cos^2(pi/2 d/width)/time, d being the distance from the nearest of those
//! sides, implicitly and once a step (after Davies 1976, Q. J. R. Meteorol. Soc. 102, 405-418). Tracers keep their
//! mixing ratios.

use crate::config::{self, Boundary, LateralBoundary};
use crate::dynamics::Reference;
use crate::math;
use crate::mesh::{Mesh, Plane, Tile};
use crate::real::Real;
use crate::state::TileState;
use rayon::prelude::*;
use std::f64::consts::FRAC_PI_2;

/// The zones on this rank's tiles.
#[derive(Clone, Debug)]
pub struct RelaxationZones<T> {
    /// Rates in 1/s of the columns by local tile, row by row; nothing where a tile lies outside the zones.
    rates: Vec<Option<Vec<T>>>,
    /// Reference density, and reference momentum along x and y, by level.
    density: Vec<T>,
    momentum: [Vec<T>; 2],
}

impl<T: Real> RelaxationZones<T> {
    pub fn new(
        zone: &config::Relaxation,
        boundary: &Boundary,
        mesh: &Mesh,
        plane: &Plane,
        reference: &Reference,
    ) -> Self {
        let rates = |tile: &Tile| -> Option<Vec<T>> {
            let columns = (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (i, j)));
            let distance = |i: usize, j: usize| distance(boundary, plane, tile.i0 + i, tile.j0 + j);
            let rates: Vec<f64> = columns.map(|(i, j)| rate(zone, distance(i, j))).collect();
            let is_inside = rates.iter().any(|&rate| rate > 0.0);
            is_inside.then(|| rates.into_iter().map(T::of).collect())
        };
        let momentum = |wind: &[f64]| {
            wind.iter().zip(&reference.density).map(|(wind, density)| T::of(wind * density)).collect()
        };
        RelaxationZones {
            rates: mesh.local_tiles().iter().map(rates).collect(),
            density: reference.density.iter().map(|&density| T::of(density)).collect(),
            momentum: [momentum(&reference.u), momentum(&reference.v)],
        }
    }

    /// Relaxes this rank's tiles over `dt` s.
    pub fn apply(&self, tiles: &mut [TileState<T>], dt: f64) {
        let dt = T::of(dt);
        tiles.par_iter_mut().zip(&self.rates).for_each(|(tile, rates)| {
            let Some(rates) = rates else { return };
            for (j, rates) in rates.chunks_exact(tile.density.layout().ni).enumerate() {
                for k in 0..self.density.len() {
                    self.relax_row(tile, j, k, rates, dt);
                }
            }
        });
    }

    fn relax_row(&self, tile: &mut TileState<T>, j: usize, k: usize, rates: &[T], dt: T) {
        let TileState { density, momentum_x, momentum_y, momentum_z, heat, tracers, .. } = tile;
        for tracer in tracers {
            keep_mixing_ratio(self.density[k], rates, dt, density.cells(j, k), tracer.cells_mut(j, k));
        }
        relax(T::ZERO, rates, dt, density.cells_mut(j, k));
        relax(T::ZERO, rates, dt, heat.cells_mut(j, k));
        relax(self.momentum[0][k], rates, dt, momentum_x.cells_mut(j, k));
        relax(self.momentum[1][k], rates, dt, momentum_y.cells_mut(j, k));
        relax(T::ZERO, rates, dt, momentum_z.cells_mut(j, k));
    }
}

/// q = base + (q - base)/(1 + dt rate).
#[inline(never)]
fn relax<T: Real>(base: T, rates: &[T], dt: T, q: &mut [T]) {
    let n = q.len();
    let rates = &rates[..n];
    for i in 0..n {
        q[i] = base + (q[i] - base) / (T::ONE + dt * rates[i]);
    }
}

/// Scales rho q as the density is going to change.
#[inline(never)]
fn keep_mixing_ratio<T: Real>(base: T, rates: &[T], dt: T, density: &[T], tracer: &mut [T]) {
    let n = tracer.len();
    let (rates, density) = (&rates[..n], &density[..n]);
    for i in 0..n {
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
