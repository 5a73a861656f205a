//! From the conserved to the primitive variables, one row of columns at a time.

use super::Levels;
use super::levels::power_deviation;
use crate::dynamics::slab::Slab;
use crate::real::Real;
use crate::state::TileState;

/// Primitive variables of one row of columns, x halo included.
#[derive(Clone, Debug)]
pub struct Primitives<T> {
    /// Velocities; w at interfaces.
    pub u: Slab<T>,
    pub v: Slab<T>,
    pub w: Slab<T>,
    /// theta - theta0.
    pub theta: Slab<T>,
    /// p' = p - p0.
    pub pressure: Slab<T>,
}

impl<T: Real> Primitives<T> {
    pub fn new(nz: usize, row: usize) -> Self {
        let centre = Slab::with_halo(nz, row);
        Primitives {
            u: centre.clone(),
            v: centre.clone(),
            w: Slab::with_halo(nz + 1, row),
            theta: centre.clone(),
            pressure: centre,
        }
    }

    /// Computes the row of columns `j` of `state`; w at the ground and the lid stays 0.
    pub fn fill(&mut self, levels: &Levels<T>, state: &TileState<T>, j: isize) {
        for k in 0..levels.nz {
            let density = state.density.row(j, k);
            let n = density.len();
            thermodynamics(
                [levels.density[k], levels.theta[k], levels.inverse_heat[k], levels.pressure[k]],
                &levels.pressure_polynomial,
                [density, state.momentum_x.row(j, k), state.momentum_y.row(j, k), state.heat.row(j, k)],
                &mut self.u.row_mut(k)[..n],
                &mut self.v.row_mut(k)[..n],
                &mut self.theta.row_mut(k)[..n],
                &mut self.pressure.row_mut(k)[..n],
            );
            if k > 0 {
                let (above, below) = (levels.weight_above[k], levels.weight_below[k]);
                let base = above * levels.density[k] + below * levels.density[k - 1];
                vertical_velocity(
                    [base, above, below],
                    density,
                    state.density.row(j, k - 1),
                    state.momentum_z.row(j, k),
                    &mut self.w.row_mut(k)[..n],
                );
            }
        }
    }
}

#[inline(never)]
fn thermodynamics<T: Real>(
    [density0, theta0, inverse_heat0, pressure0]: [T; 4],
    polynomial: &[T; 7],
    [density, momentum_x, momentum_y, heat]: [&[T]; 4],
    u: &mut [T],
    v: &mut [T],
    theta: &mut [T],
    pressure: &mut [T],
) {
    let n = u.len();
    let (v, theta, pressure) = (&mut v[..n], &mut theta[..n], &mut pressure[..n]);
    let (density, heat) = (&density[..n], &heat[..n]);
    let (momentum_x, momentum_y) = (&momentum_x[..n], &momentum_y[..n]);
    let polynomial = *polynomial;
    for i in 0..n {
        let specific_volume = T::ONE / (density0 + density[i]);
        u[i] = momentum_x[i] * specific_volume;
        v[i] = momentum_y[i] * specific_volume;
        theta[i] = (heat[i] - theta0 * density[i]) * specific_volume;
        pressure[i] = pressure0 * power_deviation(heat[i] * inverse_heat0, &polynomial);
    }
}

/// w = W / rho at an interface: `[base, above, below]` are the reference density there and the weights of the cells.
#[inline(never)]
pub fn vertical_velocity<T: Real>(
    [base, above, below]: [T; 3],
    density: &[T],
    density_below: &[T],
    momentum_z: &[T],
    w: &mut [T],
) {
    let n = w.len();
    let (density, density_below, momentum_z) = (&density[..n], &density_below[..n], &momentum_z[..n]);
    for i in 0..n {
        w[i] = momentum_z[i] / (base + (above * density[i] + below * density_below[i]));
    }
}
