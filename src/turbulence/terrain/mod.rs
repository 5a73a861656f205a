//! Mixing over terrain, where levels and the ground have slopes.
//!
//! With h the thickness of a cell, s the slopes, D differences along the level and F the fluxes of flat ground at the
//! same place, written in the gradients of the true coordinates:
//!
//! ```text
//! h dq/dt = D(h F_x) + D(h F_y) + d(F_z - s_x F_x - s_y F_y)
//! dq/dx   = D q - s_x dq/dz
//! ```
//!
//! The flux through an interface is (1 + s^2) K dq/dz - s K D q. Differences across a face are those of its two cells;
//! differences along it are means over the cells on both sides. So the mixing of one variable takes from its variance
//! whatever the slopes, and no pattern from cell to cell escapes it. Next to the ground and the lid the vertical
//! differences are one-sided. Air at the ground flows along it, or rests where it touches it.

mod eddies;
mod fluxes;
mod metric;
#[cfg(test)]
mod tests;

pub use metric::Metric;

use super::eddies::{Eddies, EddyWork};
use super::fluxes::{Fluxes, VerticalFluxes};
use super::ground::{Cells, Ground, RowFluxes};
use super::row::{Air, divide};
use super::scales::Scales;
use crate::dynamics::euler::terrain::primitives::{ground_velocity, share_to_ground, vertical_velocity_of};
use crate::real::Real;
use crate::state::TileState;

/// The stencils on one tile over terrain.
#[derive(Clone, Copy)]
pub struct Sloped<'a, T> {
    pub scales: &'a Scales<T>,
    pub metric: &'a Metric<T>,
}

impl<T: Real> Ground<T> for Sloped<'_, T> {
    fn scales(&self) -> &Scales<T> {
        self.scales
    }

    fn fill_air(self, tile: &TileState<T>, j: isize, out: &mut Air<T>) {
        let (metric, levels) = (self.metric, &self.scales.levels);
        let layout = tile.density.layout();
        let n = layout.row_length();
        out.columns = layout.ni;
        for k in 0..levels.nz {
            primitives(
                [metric.density.row(j, k), metric.theta.row(j, k)],
                [
                    tile.density.row(j, k),
                    tile.momentum_x.row(j, k),
                    tile.momentum_y.row(j, k),
                    tile.heat.row(j, k),
                ],
                &mut out.density.row_mut(k)[..n],
                &mut out.u.row_mut(k)[..n],
                &mut out.v.row_mut(k)[..n],
                &mut out.theta.row_mut(k)[..n],
            );
            let density = &out.density.row(k)[..n];
            for (q, tracer) in out.tracers.iter_mut().zip(&tile.tracers) {
                divide(tracer.row(j, k), density, &mut q.row_mut(k)[..n]);
            }
            if k > 0 {
                let weight = metric.weight_above.row(j, k);
                let density = [density, &out.density.row(k - 1)[..n]];
                vertical_velocity_of(weight, density, tile.momentum_z.row(j, k), &mut out.w.row_mut(k)[..n]);
            }
        }
        let Air { u, v, w, .. } = out;
        if self.scales.surface.holds_air() {
            w.row_mut(0).fill(T::ZERO);
            return;
        }
        ground_velocity(
            share_to_ground(levels),
            [0, 1].map(|axis| metric.tilt[axis].row(j, 0)),
            [u.row(0), u.row(1)],
            [v.row(0), v.row(1)],
            &mut w.row_mut(0)[..n],
        );
    }

    fn fill_eddies(self, j: isize, air: [&Air<T>; 3], out: &mut Eddies<T>, work: &mut EddyWork<T>) {
        self.eddies(j, air, out, work);
    }

    fn x_fluxes(self, j: isize, air: [&Air<T>; 3], eddies: &Eddies<T>, out: &mut Fluxes<T>) {
        self.through_x(j, air[1], eddies, out);
    }

    fn y_fluxes(self, j: isize, air: [&Air<T>; 2], eddies: [&Eddies<T>; 2], out: &mut Fluxes<T>) {
        self.through_y(j, air, eddies, out);
    }

    fn z_fluxes(self, j: isize, air: [&Air<T>; 3], eddies: &Eddies<T>, out: &mut VerticalFluxes<T>) {
        self.through_z(j, air[1], eddies, out);
    }

    fn spread(self, dt: T, Cells { j, k, are_interfaces }: Cells, faces: RowFluxes<'_, T>, out: &mut [T]) {
        let (levels, n) = (&self.scales.levels, out.len());
        let inverse =
            if are_interfaces { &self.metric.inverse_spacing } else { &self.metric.inverse_thickness };
        let RowFluxes { x, y, z } = faces;
        let rates = [dt * levels.inverse_dx, dt * levels.inverse_dy, dt];
        let y = y.unwrap_or([x; 2]);
        add_divergence(rates, [&x[..n], &x[1..][..n]], y, z, inverse.cells(j, k), out);
    }
}

#[inline(never)]
fn primitives<T: Real>(
    [density0, theta0]: [&[T]; 2],
    [deviation, momentum_x, momentum_y, heat]: [&[T]; 4],
    density: &mut [T],
    u: &mut [T],
    v: &mut [T],
    theta: &mut [T],
) {
    let n = density.len();
    let (density0, theta0) = (&density0[..n], &theta0[..n]);
    let (deviation, momentum_x, momentum_y) = (&deviation[..n], &momentum_x[..n], &momentum_y[..n]);
    let (heat, u, v, theta) = (&heat[..n], &mut u[..n], &mut v[..n], &mut theta[..n]);
    for i in 0..n {
        density[i] = density0[i] + deviation[i];
        let specific_volume = T::ONE / density[i];
        u[i] = momentum_x[i] * specific_volume;
        v[i] = momentum_y[i] * specific_volume;
        theta[i] = (heat[i] - theta0[i] * deviation[i]) * specific_volume;
    }
}

/// The pairs are the fluxes through the faces before and behind the cells, along x, y and z; those of the sides are
/// per width, times the height of the face.
#[inline(never)]
fn add_divergence<T: Real>(
    [along_x, along_y, dt]: [T; 3],
    [west, east]: [&[T]; 2],
    [south, north]: [&[T]; 2],
    [below, above]: [&[T]; 2],
    inverse_height: &[T],
    out: &mut [T],
) {
    let n = out.len();
    let (west, east, south, north) = (&west[..n], &east[..n], &south[..n], &north[..n]);
    let (below, above, inverse_height) = (&below[..n], &above[..n], &inverse_height[..n]);
    for i in 0..n {
        let sides = (east[i] - west[i]) * along_x + (north[i] - south[i]) * along_y;
        out[i] += (sides + (above[i] - below[i]) * dt) * inverse_height[i];
    }
}
