//! The horizontal pressure gradient.
//!
//! Along x (likewise y), D6 and s the difference and the slope along the level, those of the interfaces s_k below and
//! s_k+1 above the cell:
//!
//! ```text
//! dp'/dx = D6 p' - s dp'/dz,   D6 q = [45 (q1 - q-1) - 9 (q2 - q-2) + (q3 - q-3)] / 60 dx
//! s dp'/dz = [s_k (a_k - g r) + s_k+1 (a_k+1 - g r)] / 2,   a = dp'/dz + g r at an interface, 0 at the lid
//! ```
//!
//! a is the imbalance of the column, which accelerates the air downwards. The work of its part is, to the last bit of
//! the sum, what the slopes' part G of the flux through the interfaces (see [`super::metric::Slopes`]) takes from the
//! air. The weight g r is that of the cell itself and not of its neighbours: a wind along the levels that turns
//! around from level to level has no G, yet carries theta0 along the level, and the weight of the theta' that this
//! leaves must push back. A mere difference of p' in place of a - g r, of two levels or four, sees nothing of
//! that: over a slope of 0.78 in air of N = 0.01 1/s waves of two levels then grow e-fold in 2000 s.
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

use super::primitives::share_to_ground;
use super::{Columns, Metric};
use crate::aligned::Aligned;
use crate::dynamics::euler::fluxes::Tendencies;
use crate::dynamics::euler::{Levels, Primitives};
use crate::dynamics::operators::along_x;
use crate::mesh::HALO;
use crate::real::Real;
use crate::state::{Field, TileState};

/// The seven rows whose cells lie around the cells of an output row.
pub type Centred<'a, T> = [&'a [T]; 7];

/// Scratch rows.
#[derive(Clone, Debug)]
pub struct GradientRows<T> {
    /// The imbalance at the interfaces below and above the cells.
    below: Aligned<T>,
    above: Aligned<T>,
    vertical: Aligned<T>,
    along_x: Aligned<T>,
    along_y: Aligned<T>,
}

impl<T: Real> GradientRows<T> {
    pub fn new(row: usize) -> Self {
        let zeros = Aligned::zeros(row);
        GradientRows {
            below: zeros.clone(),
            above: zeros.clone(),
            vertical: zeros.clone(),
            along_x: zeros.clone(),
            along_y: zeros,
        }
    }
}

/// Adds the pressure gradient force of row `j`. `around` are the primitives of the rows j - 3 to j + 3, where there
/// is a y direction.
#[expect(clippy::too_many_arguments, reason = "inputs and outputs of a row are separate by nature")]
pub fn add_pressure_gradient<'a, T: Real>(
    levels: &Levels<T>,
    metric: &'a Metric<T>,
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
    let pressure = |k: usize| &here.pressure.row(k)[HALO..];
    imbalance(levels, &metric.columns, [j, 1], pressure, &state.density, &mut rows.above[..n]);
    for k in 1..levels.nz {
        std::mem::swap(&mut rows.below, &mut rows.above);
        imbalance(levels, &metric.columns, [j, k + 1], pressure, &state.density, &mut rows.above[..n]);
        let imbalances = [&rows.below[..n], &rows.above[..n]];
        let density = state.density.cells(j, k);
        let slopes = |slope: &'a Field<T>| [slope.cells(j, k), slope.cells(j, k + 1)];
        add_gradient(
            &x(k),
            [levels.inverse_dx, levels.gravity],
            slopes(&metric.slope_x),
            imbalances,
            density,
            &mut out.u.row_mut(k)[..n],
        );
        if let Some(y) = y(k) {
            add_gradient(
                &y,
                [levels.inverse_dy, levels.gravity],
                slopes(&metric.slope_y),
                imbalances,
                density,
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
        [&metric.slope_x, &metric.slope_y].map(|slope| [slope.cells(j, 0), slope.cells(j, 1)]),
        [&rows.along_x, &rows.along_y],
        &rows.vertical,
        &mut out.u.row_mut(0)[..n],
        &mut out.v.row_mut(0)[..n],
    );
}

/// The imbalance dp'/dz + g r at the interface `k` of row `j` above the ground, 0 at the lid.
pub fn imbalance<'a, T: Real>(
    levels: &Levels<T>,
    columns: &Columns<T>,
    [j, k]: [usize; 2],
    pressure: impl Fn(usize) -> &'a [T],
    density: &Field<T>,
    out: &mut [T],
) {
    if k == levels.nz {
        out.fill(T::ZERO);
        return;
    }
    imbalance_row(
        levels.gravity,
        columns.weight_above.cells(j, k),
        columns.inverse_spacing.cells(j, k),
        [pressure(k), pressure(k - 1)],
        [density.cells(j, k), density.cells(j, k - 1)],
        out,
    );
}

#[inline(never)]
fn imbalance_row<T: Real>(
    gravity: T,
    weight: &[T],
    inverse_spacing: &[T],
    [pressure, pressure_below]: [&[T]; 2],
    [density, density_below]: [&[T]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (weight, inverse_spacing) = (&weight[..n], &inverse_spacing[..n]);
    let (pressure, pressure_below) = (&pressure[..n], &pressure_below[..n]);
    let (density, density_below) = (&density[..n], &density_below[..n]);
    for i in 0..n {
        let mean = weight[i] * density[i] + (T::ONE - weight[i]) * density_below[i];
        out[i] = (pressure[i] - pressure_below[i]) * inverse_spacing[i] + gravity * mean;
    }
}

/// s dp'/dz from the slopes and the imbalances below and above a cell and its weight.
#[inline(always)]
fn slope_share<T: Real>(slopes: [T; 2], imbalances: [T; 2], weight: T) -> T {
    let below = slopes[0] * (imbalances[0] - weight);
    let above = slopes[1] * (imbalances[1] - weight);
    T::of(0.5) * (below + above)
}

/// Adds s dp'/dz of a row to a tendency.
#[inline(never)]
pub fn add_slope_share<T: Real>(
    gravity: T,
    [slope_below, slope_above]: [&[T]; 2],
    [below, above]: [&[T]; 2],
    density: &[T],
    tendency: &mut [T],
) {
    let n = tendency.len();
    let (slope_below, slope_above) = (&slope_below[..n], &slope_above[..n]);
    let (below, above, density) = (&below[..n], &above[..n], &density[..n]);
    for i in 0..n {
        tendency[i] +=
            slope_share([slope_below[i], slope_above[i]], [below[i], above[i]], gravity * density[i]);
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
    [inverse_distance, gravity]: [T; 2],
    [slope_below, slope_above]: [&[T]; 2],
    [below, above]: [&[T]; 2],
    density: &[T],
    tendency: &mut [T],
) {
    let n = tendency.len();
    let q = q.map(|row| &row[..n]);
    let (slope_below, slope_above) = (&slope_below[..n], &slope_above[..n]);
    let (below, above, density) = (&below[..n], &above[..n], &density[..n]);
    for i in 0..n {
        let share = slope_share([slope_below[i], slope_above[i]], [below[i], above[i]], gravity * density[i]);
        tendency[i] += share - difference6(&q, i) * inverse_distance;
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

/// Adds P = B + s (c - s.B)/(2 + s.s), with s from the slopes below and above.
#[inline(never)]
fn add_lowest<T: Real>(
    [slope_x, slope_y]: [[&[T]; 2]; 2],
    [force_x, force_y]: [&[T]; 2],
    vertical: &[T],
    u: &mut [T],
    v: &mut [T],
) {
    let n = u.len();
    let [slope_x, slope_y] = [slope_x, slope_y].map(|slopes| slopes.map(|row| &row[..n]));
    let (force_x, force_y, vertical, v) = (&force_x[..n], &force_y[..n], &vertical[..n], &mut v[..n]);
    for i in 0..n {
        let [x, y] = [slope_x, slope_y].map(|[below, above]| T::of(0.5) * (below[i] + above[i]));
        let along = x * force_x[i] + y * force_y[i];
        let share = (vertical[i] - along) / (T::of(2.0) + (x * x + y * y));
        u[i] += force_x[i] + x * share;
        v[i] += force_y[i] + y * share;
    }
}
