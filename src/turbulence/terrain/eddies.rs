//! The strain, the stability and the eddies of one row of columns over terrain.

use super::Sloped;
use crate::config::Closure;
use crate::mesh::HALO;
use crate::real::Real;
use crate::state::Field;
use crate::turbulence::eddies::{Eddies, EddyWork, FIRST, two, wall_shear};
use crate::turbulence::gradients::{self, Gradient, U, V, W};
use crate::turbulence::row::Air;

impl<T: Real> Sloped<'_, T> {
    /// Computes gradients and eddies of row `j`, the one in the middle of three.
    pub fn eddies(self, j: isize, air: [&Air<T>; 3], out: &mut Eddies<T>, work: &mut EddyWork<T>) {
        let (scales, metric, here) = (self.scales, self.metric, air[1]);
        let (n, nz) = (here.columns + 2, scales.levels.nz);
        gradients::fill(metric, &scales.levels, j, air, &mut out.gradients);
        if scales.closure != Closure::Constant {
            self.interfaces(j, n, here, &out.gradients, work);
        }
        if scales.surface.has_drag() {
            let wind = [&here.u, &here.v].map(|slab| &slab.row(0)[FIRST..][..n]);
            let drag = &mut out.drag.row_mut(0)[FIRST..][..n];
            let spots = metric.spots(j);
            scales.surface.drag(|i| spots[i], wind, &here.theta.row(0)[FIRST..][..n], drag);
            wall_shear(around(&metric.wall, j, 0, n), wind, drag, &mut work.shear.row_mut(0)[..n]);
        }
        for k in 0..nz {
            if scales.closure != Closure::Constant {
                self.strain(j, n, k, here, &out.gradients, &mut work.strain[..n]);
            }
            let [length, rate] = [&metric.length, &metric.rate].map(|field| around(field, j, k, n));
            out.close(scales, k, here, [length, rate], work);
        }
    }

    /// Shear and stability at the interfaces between cells.
    fn interfaces(
        self,
        j: isize,
        n: usize,
        here: &Air<T>,
        gradients: &[Gradient<T>],
        work: &mut EddyWork<T>,
    ) {
        let metric = self.metric;
        for k in 1..self.scales.levels.nz {
            let w = &gradients[W];
            vertical_shear(
                around(&metric.inverse_spacing, j, k, n),
                [0, 1].map(|axis| around(&metric.tilt[axis], j, k, n)),
                two(&here.u, k, n),
                two(&here.v, k, n),
                [&w.along[0], &w.along[1], &w.upwards].map(|slab| &slab.row(k)[FIRST..][..n]),
                &mut work.shear.row_mut(k)[..n],
            );
            stability(
                [&metric.buoyancy, &metric.theta_gradient, &metric.inverse_spacing]
                    .map(|field| around(field, j, k, n)),
                two(&here.theta, k, n),
                &mut work.stability.row_mut(k)[..n],
            );
            let profiles =
                [&metric.interface_theta, &metric.theta_gradient, &metric.exner, &metric.inverse_spacing];
            work.fill_clouds(self.scales, k, here, profiles.map(|field| around(field, j, k, n)), n);
        }
    }

    /// 2 ((du/dx)^2 + (dv/dy)^2 + (dw/dz)^2) + (du/dy + dv/dx)^2 in level `k`.
    fn strain(
        self,
        j: isize,
        n: usize,
        k: usize,
        here: &Air<T>,
        gradients: &[Gradient<T>],
        strain: &mut [T],
    ) {
        let metric = self.metric;
        let of = |number: usize| {
            let Gradient { along: [x, y], upwards } = &gradients[number];
            [x, y, upwards].map(|slab| &slab.row(k)[FIRST..][..n])
        };
        strain_row(
            [0, 1].map(|axis| around(&metric.slope[axis], j, k, n)),
            around(&metric.inverse_thickness, j, k, n),
            of(U),
            of(V),
            [&here.w.row(k + 1)[FIRST..][..n], &here.w.row(k)[FIRST..][..n]],
            strain,
        );
    }
}

/// `n` values of row `j` from the column before the tile on.
fn around<T: Real>(field: &Field<T>, j: isize, k: usize, n: usize) -> &[T] {
    &field.row(j, k)[HALO - 1..][..n]
}

/// (du/dz + dw/dx)^2 + (dv/dz + dw/dy)^2; u and v are given above and below, of w the gradient.
#[inline(never)]
fn vertical_shear<T: Real>(
    inverse_spacing: &[T],
    [slope_x, slope_y]: [&[T]; 2],
    [u_above, u_below]: [&[T]; 2],
    [v_above, v_below]: [&[T]; 2],
    [w_x, w_y, w_up]: [&[T]; 3],
    shear: &mut [T],
) {
    let n = shear.len();
    let (inverse_spacing, slope_x, slope_y) = (&inverse_spacing[..n], &slope_x[..n], &slope_y[..n]);
    let (u_above, u_below, v_above, v_below) = (&u_above[..n], &u_below[..n], &v_above[..n], &v_below[..n]);
    let (w_x, w_y, w_up) = (&w_x[..n], &w_y[..n], &w_up[..n]);
    for i in 0..n {
        let x = (u_above[i] - u_below[i]) * inverse_spacing[i] + (w_x[i] - slope_x[i] * w_up[i]);
        let y = (v_above[i] - v_below[i]) * inverse_spacing[i] + (w_y[i] - slope_y[i] * w_up[i]);
        shear[i] = x * x + y * y;
    }
}

/// N^2 = g/theta0 (dtheta0/dz + dtheta'/dz).
#[inline(never)]
fn stability<T: Real>(
    [buoyancy, gradient, inverse_spacing]: [&[T]; 3],
    [theta_above, theta_below]: [&[T]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (buoyancy, gradient, inverse_spacing) = (&buoyancy[..n], &gradient[..n], &inverse_spacing[..n]);
    let (theta_above, theta_below) = (&theta_above[..n], &theta_below[..n]);
    for i in 0..n {
        out[i] = buoyancy[i] * (gradient[i] + (theta_above[i] - theta_below[i]) * inverse_spacing[i]);
    }
}

/// Of u and v the gradients are given, of w the values above and below.
#[inline(never)]
fn strain_row<T: Real>(
    [slope_x, slope_y]: [&[T]; 2],
    inverse_thickness: &[T],
    [u_x, u_y, u_up]: [&[T]; 3],
    [v_x, v_y, v_up]: [&[T]; 3],
    [w_above, w_below]: [&[T]; 2],
    strain: &mut [T],
) {
    let n = strain.len();
    let (slope_x, slope_y, inverse_thickness) = (&slope_x[..n], &slope_y[..n], &inverse_thickness[..n]);
    let (u_x, u_y, u_up) = (&u_x[..n], &u_y[..n], &u_up[..n]);
    let (v_x, v_y, v_up) = (&v_x[..n], &v_y[..n], &v_up[..n]);
    let (w_above, w_below) = (&w_above[..n], &w_below[..n]);
    for i in 0..n {
        let x = u_x[i] - slope_x[i] * u_up[i];
        let y = v_y[i] - slope_y[i] * v_up[i];
        let z = (w_above[i] - w_below[i]) * inverse_thickness[i];
        let shear = (u_y[i] - slope_y[i] * u_up[i]) + (v_x[i] - slope_x[i] * v_up[i]);
        strain[i] = T::of(2.0) * ((x * x + y * y) + z * z) + shear * shear;
    }
}
