//! From the conserved to the primitive variables over terrain, one row of columns at a time.

use super::Metric;
use crate::dynamics::euler::levels::power_deviation;
use crate::dynamics::euler::{Levels, Primitives};
use crate::mesh::HALO;
use crate::real::Real;
use crate::state::TileState;

/// Computes the row of columns `j` of `state`, all but w at the ground.
pub fn fill<T: Real>(
    levels: &Levels<T>,
    metric: &Metric<T>,
    state: &TileState<T>,
    j: isize,
    out: &mut Primitives<T>,
) {
    for k in 0..levels.nz {
        let density = state.density.row(j, k);
        let n = density.len();
        thermodynamics(
            [metric.columns.density.row(j, k), metric.columns.theta.row(j, k)],
            [metric.columns.inverse_heat.row(j, k), metric.columns.pressure.row(j, k)],
            &levels.pressure_polynomial,
            [density, state.momentum_x.row(j, k), state.momentum_y.row(j, k), state.heat.row(j, k)],
            &mut out.u.row_mut(k)[..n],
            &mut out.v.row_mut(k)[..n],
            &mut out.theta.row_mut(k)[..n],
            &mut out.pressure.row_mut(k)[..n],
        );
        if k > 0 {
            vertical_velocity(
                metric.columns.weight_above.row(j, k),
                [metric.columns.density.row(j, k), metric.columns.density.row(j, k - 1)],
                [density, state.density.row(j, k - 1)],
                state.momentum_z.row(j, k),
                &mut out.w.row_mut(k)[..n],
            );
        }
    }
}

/// w at the ground, of air that flows along it: the slopes times the velocity extrapolated to the ground.
pub fn fill_ground<T: Real>(levels: &Levels<T>, metric: &Metric<T>, j: usize, out: &mut Primitives<T>) {
    let n = metric.slope_x.layout().ni;
    let share = share_to_ground(levels);
    let Primitives { u, v, w, .. } = out;
    ground_velocity(
        share,
        [metric.slope_x.cells(j, 0), metric.slope_y.cells(j, 0)],
        [&u.row(0)[HALO..], &u.row(1)[HALO..]],
        [&v.row(0)[HALO..], &v.row(1)[HALO..]],
        &mut w.row_mut(0)[HALO..][..n],
    );
}

/// How far the ground lies below the lowest centre, as a share of the distance between the lowest two: of nominal
/// levels, as the terrain stretches both alike.
pub fn share_to_ground<T: Real>(levels: &Levels<T>) -> T {
    T::of(0.5) * levels.inverse_spacing[1] / levels.inverse_dz[0]
}

#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn thermodynamics<T: Real>(
    [density0, theta0]: [&[T]; 2],
    [inverse_heat0, pressure0]: [&[T]; 2],
    polynomial: &[T; 7],
    [density, momentum_x, momentum_y, heat]: [&[T]; 4],
    u: &mut [T],
    v: &mut [T],
    theta: &mut [T],
    pressure: &mut [T],
) {
    let n = u.len();
    let (v, theta, pressure) = (&mut v[..n], &mut theta[..n], &mut pressure[..n]);
    let (density0, theta0) = (&density0[..n], &theta0[..n]);
    let (inverse_heat0, pressure0) = (&inverse_heat0[..n], &pressure0[..n]);
    let (density, heat) = (&density[..n], &heat[..n]);
    let (momentum_x, momentum_y) = (&momentum_x[..n], &momentum_y[..n]);
    let polynomial = *polynomial;
    for i in 0..n {
        let specific_volume = T::ONE / (density0[i] + density[i]);
        u[i] = momentum_x[i] * specific_volume;
        v[i] = momentum_y[i] * specific_volume;
        theta[i] = (heat[i] - theta0[i] * density[i]) * specific_volume;
        pressure[i] = pressure0[i] * power_deviation(heat[i] * inverse_heat0[i], &polynomial);
    }
}

/// w = W / rho at an interface, of the mass-weighted density.
#[inline(never)]
pub fn vertical_velocity<T: Real>(
    weight: &[T],
    [above0, below0]: [&[T]; 2],
    [above, below]: [&[T]; 2],
    momentum_z: &[T],
    w: &mut [T],
) {
    let n = w.len();
    let (weight, above0, below0) = (&weight[..n], &above0[..n], &below0[..n]);
    let (above, below, momentum_z) = (&above[..n], &below[..n], &momentum_z[..n]);
    for i in 0..n {
        let (upper, lower) = (above0[i] + above[i], below0[i] + below[i]);
        w[i] = momentum_z[i] / (weight[i] * upper + (T::ONE - weight[i]) * lower);
    }
}

/// w = W / rho at an interface, of whole densities.
#[inline(never)]
pub fn vertical_velocity_of<T: Real>(weight: &[T], [above, below]: [&[T]; 2], momentum_z: &[T], w: &mut [T]) {
    let n = w.len();
    let (weight, above, below, momentum_z) = (&weight[..n], &above[..n], &below[..n], &momentum_z[..n]);
    for i in 0..n {
        w[i] = momentum_z[i] / (weight[i] * above[i] + (T::ONE - weight[i]) * below[i]);
    }
}

/// w of air that flows along the ground: its slopes times the velocity extrapolated there.
#[inline(never)]
pub fn ground_velocity<T: Real>(
    share: T,
    [slope_x, slope_y]: [&[T]; 2],
    [u, u_above]: [&[T]; 2],
    [v, v_above]: [&[T]; 2],
    w: &mut [T],
) {
    let n = w.len();
    let (slope_x, slope_y) = (&slope_x[..n], &slope_y[..n]);
    let (u, u_above, v, v_above) = (&u[..n], &u_above[..n], &v[..n], &v_above[..n]);
    for i in 0..n {
        let along_x = u[i] + share * (u[i] - u_above[i]);
        let along_y = v[i] + share * (v[i] - v_above[i]);
        w[i] = slope_x[i] * along_x + slope_y[i] * along_y;
    }
}
