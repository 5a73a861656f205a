//! The implicit part over terrain: as [`crate::dynamics::euler::column`], with Omega in place of W.
//!
//! The horizontal momentum of the stage is known before the solve, and with it G = s_x U + s_y V. The equation of
//! W = Omega + G becomes one for Omega with the explicit part W* - G; the equations of r and T hold Omega alone. With
//! hs = c2 alpha dt, h the thickness of the cells, d the distance of their centres, C = (gamma p/rho theta)*/h:
//! ```text
//! Omega_k - (hs^2/d)[C_k th_{k+1} Omega_{k+1} - (C_k + C_{k-1}) th_k Omega_k + C_{k-1} th_{k-1} Omega_{k-1}]
//!     - (hs^2 g/2 d)(Omega_{k+1} - Omega_{k-1}) = W*_k - G_k - hs [(p*_k - p*_{k-1})/d + g (wu r*_k + wd r*_{k-1})]
//! ```

use super::fluxes::contravariant_flux;
use super::{Columns, Slopes};
use crate::dynamics::euler::column::{StageSetting, advance};
use crate::dynamics::euler::fluxes::Tendencies;
use crate::dynamics::euler::levels::power_deviation;
use crate::dynamics::euler::{Inputs, Levels};
use crate::dynamics::slab::Slab;
use crate::real::Real;
use crate::state::{Field, TileState};

/// Scratch rows of the column solve.
#[derive(Clone, Debug)]
pub struct ColumnWork<T> {
    /// theta~ at interfaces.
    pub theta_interface: Slab<T>,
    /// Omega of Y_{i-1}, and of Y^n where that is another state.
    pub omega: Slab<T>,
    omega_start: Slab<T>,
    /// G of Y_i, then Omega of Y_i.
    slope_flux: Slab<T>,
    omega_next: Slab<T>,
    pressure: Slab<T>,
    stiffness: Slab<T>,
    upper: Slab<T>,
    solution: Slab<T>,
}

impl<T: Real> ColumnWork<T> {
    /// Number of values for every value of a row of cells, for the memory estimate.
    pub const SLABS: usize = 9;

    pub fn new(nz: usize, row: usize) -> Self {
        let centre = Slab::new(nz, row);
        let interface = Slab::new(nz + 1, row);
        ColumnWork {
            theta_interface: interface.clone(),
            omega: interface.clone(),
            omega_start: interface.clone(),
            slope_flux: interface.clone(),
            omega_next: interface.clone(),
            pressure: centre.clone(),
            stiffness: centre,
            upper: interface.clone(),
            solution: interface,
        }
    }
}

/// What does not change during the update of a row.
pub struct Column<'a, T> {
    pub levels: &'a Levels<T>,
    pub columns: &'a Columns<T>,
    pub slopes: &'a dyn Slopes<T>,
    pub stage: &'a StageSetting<T>,
    pub inputs: Inputs<'a, T>,
    pub j: usize,
}

impl<T: Real> Column<'_, T> {
    /// Ends the stage for the row: explicit update of all variables, implicit solve, back substitution.
    /// `pressure` is that of Y_{i-1} by level; `buoyancy` keeps the W part of f_I(Y^n) from the first stage.
    pub fn update<'b>(
        &self,
        pressure: impl Fn(usize) -> &'b [T],
        tendencies: &mut Tendencies<T>,
        work: &mut ColumnWork<T>,
        buoyancy: &mut Field<T>,
        next: &mut TileState<T>,
    ) where
        T: 'b,
    {
        let Inputs { initial, previous, .. } = self.inputs;
        let (j, stage) = (self.j, self.stage);
        if !stage.is_first {
            contravariant_flux(self.columns, self.slopes, initial, j, &mut work.omega_start);
        }
        self.explicit_part(tendencies, work, next);
        let n = initial.density.layout().ni;
        for k in 1..self.levels.nz {
            let columns = [self.columns.inverse_spacing.cells(j, k), self.columns.weight_above.cells(j, k)];
            let pressure = [pressure(k), pressure(k - 1)];
            if stage.is_first {
                let density = [initial.density.cells(j, k), initial.density.cells(j, k - 1)];
                vertical_force(self.levels.gravity, columns, pressure, density, buoyancy.cells_mut(j, k));
            }
            if stage.implicit[1] != T::ZERO {
                let density = [previous.density.cells(j, k), previous.density.cells(j, k - 1)];
                let tendency = &mut tendencies.w.row_mut(k)[..n];
                add_vertical_force(
                    self.levels.gravity,
                    stage.implicit[1],
                    columns,
                    pressure,
                    density,
                    tendency,
                );
            }
            self.slopes.flux(self.columns, next, j, k, &mut work.slope_flux.row_mut(k)[..n]);
            self.eliminate(k, buoyancy.cells(j, k), tendencies, work);
        }
        self.substitute(tendencies, work, next);
    }

    /// Horizontal momentum of the new stage; r* and T* (kept in the tendencies), p* and C.
    fn explicit_part(
        &self,
        tendencies: &mut Tendencies<T>,
        work: &mut ColumnWork<T>,
        next: &mut TileState<T>,
    ) {
        let (j, stage, initial) = (self.j, self.stage, self.inputs.initial);
        let n = initial.density.layout().ni;
        let start = if stage.is_first { &work.omega } else { &work.omega_start };
        for k in 0..self.levels.nz {
            let u = &tendencies.u.row(k)[..n];
            advance(u, initial.momentum_x.cells(j, k), stage.length, next.momentum_x.cells_mut(j, k));
            let v = &tendencies.v.row(k)[..n];
            advance(v, initial.momentum_y.cells(j, k), stage.length, next.momentum_y.cells_mut(j, k));
            if let (Some(rate), Some(start), Some(out)) =
                (&tendencies.n, &initial.momentum_n, &mut next.momentum_n)
            {
                advance(&rate.row(k)[..n], start.cells(j, k), stage.length, out.cells_mut(j, k));
            }
            predict(
                PredictorConstants {
                    length: stage.length,
                    start: stage.implicit[0],
                    before: stage.implicit[1],
                    gamma_minus_one: self.levels.gamma_minus_one,
                },
                &self.levels.pressure_polynomial,
                [
                    self.columns.inverse_thickness.cells(j, k),
                    self.columns.inverse_heat.cells(j, k),
                    self.columns.pressure.cells(j, k),
                ],
                [initial.density.cells(j, k), initial.heat.cells(j, k)],
                [start.row(k), start.row(k + 1)],
                [work.omega.row(k), work.omega.row(k + 1)],
                [work.theta_interface.row(k), work.theta_interface.row(k + 1)],
                &mut tendencies.density.row_mut(k)[..n],
                &mut tendencies.heat.row_mut(k)[..n],
                &mut work.pressure.row_mut(k)[..n],
                &mut work.stiffness.row_mut(k)[..n],
            );
        }
    }

    /// Forward elimination at interface `k`.
    fn eliminate(&self, k: usize, buoyancy: &[T], tendencies: &Tendencies<T>, work: &mut ColumnWork<T>) {
        let (j, stage) = (self.j, self.stage);
        let (upper, upper_below) = work.upper.row_and_below(k);
        let (solution, solution_below) = work.solution.row_and_below(k);
        let n = buoyancy.len();
        eliminate_row(
            EliminationConstants {
                length: stage.length,
                start: stage.length * stage.implicit[0],
                implicit: stage.length * stage.implicit[2],
                gravity: self.levels.gravity,
            },
            [self.columns.inverse_spacing.cells(j, k), self.columns.weight_above.cells(j, k)],
            [work.stiffness.row(k), work.stiffness.row(k - 1)],
            [work.pressure.row(k), work.pressure.row(k - 1)],
            [tendencies.density.row(k), tendencies.density.row(k - 1)],
            [work.theta_interface.row(k + 1), work.theta_interface.row(k), work.theta_interface.row(k - 1)],
            [
                tendencies.w.row(k),
                buoyancy,
                self.inputs.initial.momentum_z.cells(j, k),
                work.slope_flux.row(k),
            ],
            [upper_below, solution_below],
            &mut upper[..n],
            &mut solution[..n],
        );
    }

    /// Back substitution from the lid down; W, r and T from the new Omega.
    fn substitute(&self, tendencies: &Tendencies<T>, work: &mut ColumnWork<T>, next: &mut TileState<T>) {
        let j = self.j;
        let n = next.density.layout().ni;
        let hs = self.stage.length * self.stage.implicit[2];
        for k in (0..self.levels.nz).rev() {
            if k > 0 {
                let (above, here) = work.omega_next.row_and_above(k);
                back_substitute(work.upper.row(k), work.solution.row(k), above, &mut here[..n]);
                sum(work.omega_next.row(k), work.slope_flux.row(k), next.momentum_z.cells_mut(j, k));
            }
            finish(
                hs,
                self.columns.inverse_thickness.cells(j, k),
                [work.omega_next.row(k), work.omega_next.row(k + 1)],
                [work.theta_interface.row(k), work.theta_interface.row(k + 1)],
                [tendencies.density.row(k), tendencies.heat.row(k)],
                next.density.cells_mut(j, k),
                next.heat.cells_mut(j, k),
            );
        }
    }

    /// Keeps the mean vertical mass flux of the last stage in `kept`, after the update.
    pub fn keep_vertical(&self, work: &ColumnWork<T>, kept: &mut Field<T>) {
        let [c0, c1, c2] = self.stage.implicit;
        let start = if self.stage.is_first { &work.omega } else { &work.omega_start };
        for k in 1..self.levels.nz {
            let (start, before, now) = (start.row(k), work.omega.row(k), work.omega_next.row(k));
            for (i, mean) in kept.cells_mut(self.j, k).iter_mut().enumerate() {
                *mean = c0 * start[i] + c1 * before[i] + c2 * now[i];
            }
        }
    }
}

/// out = a + b, without traces.
#[inline(never)]
fn sum<T: Real>(a: &[T], b: &[T], out: &mut [T]) {
    let n = out.len();
    let (a, b) = (&a[..n], &b[..n]);
    for i in 0..n {
        out[i] = (a[i] + b[i]).without_trace();
    }
}

/// Numbers of the predictor that all cells share.
#[derive(Clone, Copy)]
struct PredictorConstants<T> {
    length: T,
    start: T,
    before: T,
    gamma_minus_one: T,
}

/// r*, T* in place of their tendencies, p* and C, the latter linear in T.
#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn predict<T: Real>(
    c: PredictorConstants<T>,
    polynomial: &[T; 7],
    [inverse_thickness, inverse_heat, pressure0]: [&[T]; 3],
    [density, heat]: [&[T]; 2],
    [start_below, start_above]: [&[T]; 2],
    [before_below, before_above]: [&[T]; 2],
    [theta_below, theta_above]: [&[T]; 2],
    density_star: &mut [T],
    heat_star: &mut [T],
    pressure: &mut [T],
    stiffness: &mut [T],
) {
    let n = density_star.len();
    let (inverse_thickness, inverse_heat) = (&inverse_thickness[..n], &inverse_heat[..n]);
    let (pressure0, density, heat) = (&pressure0[..n], &density[..n], &heat[..n]);
    let (start_below, start_above) = (&start_below[..n], &start_above[..n]);
    let (before_below, before_above) = (&before_below[..n], &before_above[..n]);
    let (theta_below, theta_above) = (&theta_below[..n], &theta_above[..n]);
    let (heat_star, pressure, stiffness) = (&mut heat_star[..n], &mut pressure[..n], &mut stiffness[..n]);
    let polynomial = *polynomial;
    let gamma = T::ONE + c.gamma_minus_one;
    for i in 0..n {
        let below = c.start * start_below[i] + c.before * before_below[i];
        let above = c.start * start_above[i] + c.before * before_above[i];
        density_star[i] = density[i] + c.length * (density_star[i] + (below - above) * inverse_thickness[i]);
        let flux = (below * theta_below[i] - above * theta_above[i]) * inverse_thickness[i];
        let t = heat[i] + c.length * (heat_star[i] + flux);
        heat_star[i] = t;
        let ratio = t * inverse_heat[i];
        pressure[i] = pressure0[i] * power_deviation(ratio, &polynomial);
        let stiff = gamma * pressure0[i] * inverse_heat[i] * inverse_thickness[i];
        stiffness[i] = stiff + stiff * c.gamma_minus_one * ratio;
    }
}

/// -(p'_k - p'_{k-1})/d - g (wu r_k + wd r_{k-1}).
#[inline(always)]
fn force<T: Real>(
    gravity: T,
    [inverse_spacing, weight]: [T; 2],
    [pressure, pressure_below]: [T; 2],
    [density, density_below]: [T; 2],
) -> T {
    (pressure_below - pressure) * inverse_spacing
        - gravity * (weight * density + (T::ONE - weight) * density_below)
}

#[inline(never)]
fn vertical_force<T: Real>(
    gravity: T,
    [inverse_spacing, weight]: [&[T]; 2],
    [pressure, pressure_below]: [&[T]; 2],
    [density, density_below]: [&[T]; 2],
    out: &mut [T],
) {
    let n = out.len();
    let (inverse_spacing, weight) = (&inverse_spacing[..n], &weight[..n]);
    let (pressure, pressure_below) = (&pressure[..n], &pressure_below[..n]);
    let (density, density_below) = (&density[..n], &density_below[..n]);
    for i in 0..n {
        out[i] = force(
            gravity,
            [inverse_spacing[i], weight[i]],
            [pressure[i], pressure_below[i]],
            [density[i], density_below[i]],
        );
    }
}

/// Adds `factor` times the vertical force to a tendency.
#[inline(never)]
fn add_vertical_force<T: Real>(
    gravity: T,
    factor: T,
    [inverse_spacing, weight]: [&[T]; 2],
    [pressure, pressure_below]: [&[T]; 2],
    [density, density_below]: [&[T]; 2],
    tendency: &mut [T],
) {
    let n = tendency.len();
    let (inverse_spacing, weight) = (&inverse_spacing[..n], &weight[..n]);
    let (pressure, pressure_below) = (&pressure[..n], &pressure_below[..n]);
    let (density, density_below) = (&density[..n], &density_below[..n]);
    for i in 0..n {
        let force = force(
            gravity,
            [inverse_spacing[i], weight[i]],
            [pressure[i], pressure_below[i]],
            [density[i], density_below[i]],
        );
        tendency[i] += factor * force;
    }
}

/// Numbers of the elimination that all columns share.
#[derive(Clone, Copy)]
struct EliminationConstants<T> {
    length: T,
    start: T,
    /// hs.
    implicit: T,
    gravity: T,
}

#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn eliminate_row<T: Real>(
    c: EliminationConstants<T>,
    [inverse_spacing, weight]: [&[T]; 2],
    [stiffness, stiffness_below]: [&[T]; 2],
    [pressure, pressure_below]: [&[T]; 2],
    [density, density_below]: [&[T]; 2],
    [theta_above, theta, theta_below]: [&[T]; 3],
    [tendency, buoyancy, initial, slope_flux]: [&[T]; 4],
    [upper_below, solution_below]: [&[T]; 2],
    upper: &mut [T],
    solution: &mut [T],
) {
    let n = upper.len();
    let solution = &mut solution[..n];
    let (inverse_spacing, weight) = (&inverse_spacing[..n], &weight[..n]);
    let (stiffness, stiffness_below) = (&stiffness[..n], &stiffness_below[..n]);
    let (pressure, pressure_below) = (&pressure[..n], &pressure_below[..n]);
    let (density, density_below) = (&density[..n], &density_below[..n]);
    let (theta_above, theta, theta_below) = (&theta_above[..n], &theta[..n], &theta_below[..n]);
    let (tendency, buoyancy) = (&tendency[..n], &buoyancy[..n]);
    let (initial, slope_flux) = (&initial[..n], &slope_flux[..n]);
    let (upper_below, solution_below) = (&upper_below[..n], &solution_below[..n]);
    let square = c.implicit * c.implicit;
    let half_weight = T::of(0.5) * square * c.gravity;
    for i in 0..n {
        let star = initial[i] + (c.length * tendency[i] + c.start * buoyancy[i]);
        let sound = square * inverse_spacing[i];
        let (stiff, stiff_below) = (sound * stiffness[i], sound * stiffness_below[i]);
        let weight_term = half_weight * inverse_spacing[i];
        let lower = weight_term - stiff_below * theta_below[i];
        let diagonal = T::ONE + (stiff + stiff_below) * theta[i];
        let force = force(
            c.gravity,
            [inverse_spacing[i], weight[i]],
            [pressure[i], pressure_below[i]],
            [density[i], density_below[i]],
        );
        let right = (star - slope_flux[i]) + c.implicit * force;
        let pivot = T::ONE / (diagonal - lower * upper_below[i]);
        upper[i] = -(stiff * theta_above[i] + weight_term) * pivot;
        solution[i] = (right - lower * solution_below[i]) * pivot;
    }
}

#[inline(never)]
fn back_substitute<T: Real>(upper: &[T], solution: &[T], above: &[T], out: &mut [T]) {
    let n = out.len();
    let (upper, solution, above) = (&upper[..n], &solution[..n], &above[..n]);
    for i in 0..n {
        out[i] = solution[i] - upper[i] * above[i];
    }
}

#[inline(never)]
fn finish<T: Real>(
    length: T,
    inverse_thickness: &[T],
    [omega, omega_above]: [&[T]; 2],
    [theta, theta_above]: [&[T]; 2],
    [density_star, heat_star]: [&[T]; 2],
    density: &mut [T],
    heat: &mut [T],
) {
    let n = density.len();
    let inverse_thickness = &inverse_thickness[..n];
    let (omega, omega_above, theta, theta_above) =
        (&omega[..n], &omega_above[..n], &theta[..n], &theta_above[..n]);
    let (density_star, heat_star, heat) = (&density_star[..n], &heat_star[..n], &mut heat[..n]);
    for i in 0..n {
        let factor = length * inverse_thickness[i];
        density[i] = (density_star[i] + (omega[i] - omega_above[i]) * factor).without_trace();
        let flux = omega[i] * theta[i] - omega_above[i] * theta_above[i];
        heat[i] = (heat_star[i] + flux * factor).without_trace();
    }
}
