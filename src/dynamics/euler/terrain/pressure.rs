//! The horizontal pressure gradient.
//!
//! Along x (likewise y), D6 and s the difference and the slope along the level:
//!
//! ```text
//! dp'/dx = D6 p' - s dp'/dz,   D6 q = [45 (q1 - q-1) - 9 (q2 - q-2) + (q3 - q-3)] / 60 dx
//! ```
//!
//! dp'/dz is the difference of the pressure along the column divided by that of the height: of fourth order over
//! five levels, of second order over three next to the lowest and the highest cell, one-sided in the highest.
//!
//! In the lowest cell dp'/dz is the mean of the value at its upper interface and that at the ground. There a parcel
//! slides along the slope grad h, so that its vertical acceleration follows from the horizontal one P = -dp'/dx:
//!
//! ```text
//! dp'/dz = -g r - grad h . P - rho (u^2 h_xx + 2 u v h_xy + v^2 h_yy)
//! ```
//!
//! with r extrapolated to the ground. This leaves (I + s s^T/2) P = B + s c/2 with B = -D6 p' and c the terms
//! without P, whose solution is P = B + s (c - s.B)/(2 + s.s). Extrapolating p' below the ground instead makes
//! air at rest move by metres a second, and is unstable where it is of higher than first order.

use super::Metric;
use super::primitives::share_to_ground;
use crate::aligned::Aligned;
use crate::dynamics::euler::fluxes::Tendencies;
use crate::dynamics::euler::{Levels, Primitives};
use crate::dynamics::operators::along_x;
use crate::mesh::HALO;
use crate::real::Real;
use crate::state::TileState;

/// The seven rows whose cells lie around the cells of an output row.
pub type Centred<'a, T> = [&'a [T]; 7];

/// Scratch rows.
#[derive(Clone, Debug)]
pub struct GradientRows<T> {
    vertical: Aligned<T>,
    along_x: Aligned<T>,
    along_y: Aligned<T>,
}

impl<T: Real> GradientRows<T> {
    pub fn new(row: usize) -> Self {
        let zeros = Aligned::zeros(row);
        GradientRows { vertical: zeros.clone(), along_x: zeros.clone(), along_y: zeros }
    }
}

/// Adds the pressure gradient force of row `j`. `around` are the primitives of the rows j - 3 to j + 3, where there
/// is a y direction.
#[expect(clippy::too_many_arguments, reason = "inputs and outputs of a row are separate by nature")]
pub fn add_pressure_gradient<'a, T: Real>(
    levels: &Levels<T>,
    metric: &Metric<T>,
    state: &TileState<T>,
    j: usize,
    here: &'a Primitives<T>,
    around: Option<[&'a Primitives<T>; 7]>,
    rows: &mut GradientRows<T>,
    out: &mut Tendencies<T>,
) {
    let n = state.density.layout().ni;
    let x = |k: usize| {
        let row = here.pressure.row(k);
        let [a, b, c, d, e, f] = along_x(row);
        [a, b, c, d, e, f, &row[6..]]
    };
    let y = |k: usize| around.map(|around| around.map(|slab| &slab.pressure.row(k)[HALO..]));
    for k in 1..levels.nz {
        let vertical = &mut rows.vertical[..n];
        vertical_difference(|level| &here.pressure.row(level)[HALO..], k, levels.nz, vertical);
        add_gradient(
            &x(k),
            levels.inverse_dx,
            metric.tilt_x.cells(j, k),
            vertical,
            &mut out.u.row_mut(k)[..n],
        );
        if let Some(y) = y(k) {
            add_gradient(
                &y,
                levels.inverse_dy,
                metric.tilt_y.cells(j, k),
                vertical,
                &mut out.v.row_mut(k)[..n],
            );
        }
    }
    force_along_level(&x(0), levels.inverse_dx, &mut rows.along_x[..n]);
    match y(0) {
        Some(y) => force_along_level(&y, levels.inverse_dy, &mut rows.along_y[..n]),
        None => rows.along_y[..n].fill(T::ZERO),
    }
    vertical_terms(levels, metric, state, j, here, &mut rows.vertical[..n]);
    add_lowest(
        [metric.tilt_x.cells(j, 0), metric.tilt_y.cells(j, 0)],
        [&rows.along_x, &rows.along_y],
        &rows.vertical,
        &mut out.u.row_mut(0)[..n],
        &mut out.v.row_mut(0)[..n],
    );
}

/// The difference of the pressure along the column that belongs to [`Metric::tilt_x`].
pub fn vertical_difference<'a, T: Real>(
    level: impl Fn(usize) -> &'a [T],
    k: usize,
    nz: usize,
    out: &mut [T],
) {
    match k {
        k if k + 1 == nz => difference(level(k), level(k - 1), out),
        k if k == 1 || k + 2 == nz => difference(level(k + 1), level(k - 1), out),
        _ => difference_of_four([level(k - 2), level(k - 1), level(k + 1), level(k + 2)], out),
    }
}

#[inline(never)]
fn difference<T: Real>(above: &[T], below: &[T], out: &mut [T]) {
    let n = out.len();
    let (above, below) = (&above[..n], &below[..n]);
    for i in 0..n {
        out[i] = above[i] - below[i];
    }
}

#[inline(never)]
fn difference_of_four<T: Real>([lowest, below, above, highest]: [&[T]; 4], out: &mut [T]) {
    let n = out.len();
    let (lowest, below, above, highest) = (&lowest[..n], &below[..n], &above[..n], &highest[..n]);
    for i in 0..n {
        out[i] = T::of(8.0) * (above[i] - below[i]) - (highest[i] - lowest[i]);
    }
}

/// D6 of seven values.
#[inline(always)]
fn difference6<T: Real>(q: &Centred<'_, T>, i: usize) -> T {
    (q[4][i] - q[2][i]) * T::of(45.0 / 60.0)
        + ((q[5][i] - q[1][i]) * T::of(-9.0 / 60.0) + (q[6][i] - q[0][i]) * T::of(1.0 / 60.0))
}

#[inline(never)]
fn add_gradient<T: Real>(
    q: &Centred<'_, T>,
    inverse_distance: T,
    tilt: &[T],
    vertical: &[T],
    tendency: &mut [T],
) {
    let n = tendency.len();
    let q = q.map(|row| &row[..n]);
    let (tilt, vertical) = (&tilt[..n], &vertical[..n]);
    for i in 0..n {
        tendency[i] += tilt[i] * vertical[i] - difference6(&q, i) * inverse_distance;
    }
}

#[inline(never)]
fn force_along_level<T: Real>(q: &Centred<'_, T>, inverse_distance: T, out: &mut [T]) {
    let n = out.len();
    let q = q.map(|row| &row[..n]);
    for (i, out) in out.iter_mut().enumerate() {
        *out = -(difference6(&q, i) * inverse_distance);
    }
}

/// The terms c of the lowest cells: the vertical pressure gradient at their upper interface, and what of that at the
/// ground does not depend on the horizontal one.
fn vertical_terms<T: Real>(
    levels: &Levels<T>,
    metric: &Metric<T>,
    state: &TileState<T>,
    j: usize,
    here: &Primitives<T>,
    out: &mut [T],
) {
    let [xx, xy, yy] = metric.curvature.each_ref().map(|field| field.cells(j, 0));
    lowest_row(
        [levels.gravity, share_to_ground(levels)],
        metric.columns.inverse_spacing.cells(j, 1),
        [&here.pressure.row(0)[HALO..], &here.pressure.row(1)[HALO..]],
        metric.columns.density.cells(j, 0),
        [state.density.cells(j, 0), state.density.cells(j, 1)],
        [&here.u.row(0)[HALO..], &here.v.row(0)[HALO..]],
        [xx, xy, yy],
        out,
    );
}

#[expect(clippy::too_many_arguments, reason = "inputs and outputs of a row are separate by nature")]
#[inline(never)]
fn lowest_row<T: Real>(
    [gravity, share]: [T; 2],
    inverse_spacing: &[T],
    [pressure, pressure_above]: [&[T]; 2],
    density0: &[T],
    [density, density_above]: [&[T]; 2],
    [u, v]: [&[T]; 2],
    [xx, xy, yy]: [&[T]; 3],
    out: &mut [T],
) {
    let n = out.len();
    let (inverse_spacing, density0) = (&inverse_spacing[..n], &density0[..n]);
    let (pressure, pressure_above) = (&pressure[..n], &pressure_above[..n]);
    let (density, density_above) = (&density[..n], &density_above[..n]);
    let (u, v, xx, xy, yy) = (&u[..n], &v[..n], &xx[..n], &xy[..n], &yy[..n]);
    for i in 0..n {
        let at_ground = density[i] + share * (density[i] - density_above[i]);
        let bend = u[i] * u[i] * xx[i] + (T::of(2.0) * u[i] * v[i] * xy[i] + v[i] * v[i] * yy[i]);
        out[i] = (pressure_above[i] - pressure[i]) * inverse_spacing[i]
            - gravity * at_ground
            - (density0[i] + density[i]) * bend;
    }
}

/// Adds P = B + s (c - s.B)/(2 + s.s).
#[inline(never)]
fn add_lowest<T: Real>(
    [slope_x, slope_y]: [&[T]; 2],
    [force_x, force_y]: [&[T]; 2],
    vertical: &[T],
    u: &mut [T],
    v: &mut [T],
) {
    let n = u.len();
    let (slope_x, slope_y) = (&slope_x[..n], &slope_y[..n]);
    let (force_x, force_y, vertical, v) = (&force_x[..n], &force_y[..n], &vertical[..n], &mut v[..n]);
    for i in 0..n {
        let (x, y) = (slope_x[i], slope_y[i]);
        let along = x * force_x[i] + y * force_y[i];
        let share = (vertical[i] - along) / (T::of(2.0) + (x * x + y * y));
        u[i] += force_x[i] + x * share;
        v[i] += force_y[i] + y * share;
    }
}
