//! The implicit part: vertical sound and buoyancy, one tridiagonal system for W in every column.
//!
//! With hs = c2 alpha dt, * the explicit part, C = (gamma p / rho theta)* / dz and theta~ at interfaces:
//! eliminating r and T from their implicit equations leaves
//! ```text
//! W_k - (hs^2/dzh)[C_k th_{k+1} W_{k+1} - (C_k + C_{k-1}) th_k W_k + C_{k-1} th_{k-1} W_{k-1}]
//!     - (hs^2 g / 2 dzh)(W_{k+1} - W_{k-1}) = W*_k - hs [(p*_k - p*_{k-1})/dzh + g (wu r*_k + wd r*_{k-1})]
//! ```
//! The systems of a row of columns are solved side by side, so that the loops vectorise along x.

use super::Levels;
use super::fluxes::Tendencies;
use super::levels::power_deviation;
use crate::aligned::Aligned;
use crate::dynamics::slab::Slab;
use crate::prefetch;
use crate::real::Real;
use crate::state::{Field, TileState};
use crate::time::StageTable;

/// The implicit weights and lengths of a stage, in the precision of the state.
#[derive(Clone, Copy, Debug)]
pub struct StageSetting<T> {
    /// alpha dt, in s.
    pub length: T,
    /// Weights (c0, c1, c2) of the implicit part at the start of the step, at the previous stage, and now.
    pub implicit: [T; 3],
    /// The first stage of the step: the previous state is the step's start.
    pub is_first: bool,
}

impl<T: Real> StageSetting<T> {
    /// The setting of stage `number` (from 0) of a step of `dt` s.
    pub fn of(table: &StageTable, number: usize, dt: f64) -> Self {
        let stage = &table.stages[number];
        StageSetting {
            length: T::of(stage.alpha * dt),
            implicit: stage.implicit.map(T::of),
            is_first: number == 0,
        }
    }
}

/// Levels between asking for the rows of a level and working on them.
const AHEAD: usize = 2;

/// Scratch rows of the column solve.
#[derive(Clone, Debug)]
pub struct ColumnWork<T> {
    /// theta~ at interfaces.
    pub theta_interface: Slab<T>,
    pressure: Slab<T>,
    stiffness: Slab<T>,
    upper: Slab<T>,
    solution: Slab<T>,
    w_above: Aligned<T>,
}

impl<T: Real> ColumnWork<T> {
    pub fn new(nz: usize, row: usize) -> Self {
        let centre = Slab::new(nz, row);
        let interface = Slab::new(nz + 1, row);
        ColumnWork {
            theta_interface: interface.clone(),
            pressure: centre.clone(),
            stiffness: centre,
            upper: interface.clone(),
            solution: interface,
            w_above: Aligned::zeros(row),
        }
    }
}

/// Ends the stage for row `j`: explicit update of all variables, implicit solve, back substitution.
///
/// `initial` is Y^n, `previous` Y_{i-1} with pressure deviation `previous_pressure` by level; `buoyancy` keeps
/// the W part of f_I(Y^n) from the first stage for the later ones.
#[expect(clippy::too_many_arguments, reason = "the stage's inputs and outputs are separate by nature")]
pub fn update_row<'a, T: Real>(
    levels: &Levels<T>,
    stage: &StageSetting<T>,
    j: usize,
    initial: &TileState<T>,
    previous: &TileState<T>,
    previous_pressure: impl Fn(usize) -> &'a [T],
    tendencies: &mut Tendencies<T>,
    work: &mut ColumnWork<T>,
    buoyancy: &mut Field<T>,
    out: &mut TileState<T>,
) {
    explicit_part(levels, stage, j, initial, previous, tendencies, work, out);
    let n = initial.density.layout().ni;
    for k in 1..levels.nz {
        let forces =
            [levels.inverse_spacing[k], levels.gravity, levels.weight_above[k], levels.weight_below[k]];
        let pressure = [previous_pressure(k), previous_pressure(k - 1)];
        if stage.is_first {
            let density = [initial.density.cells(j, k), initial.density.cells(j, k - 1)];
            vertical_force(forces, pressure, density, buoyancy.cells_mut(j, k));
        }
        if stage.implicit[1] != T::ZERO {
            let density = [previous.density.cells(j, k), previous.density.cells(j, k - 1)];
            let tendency = &mut tendencies.w.row_mut(k)[..n];
            add_vertical_force(forces, stage.implicit[1], pressure, density, tendency);
        }
        for field in [&out.momentum_z, &out.density, &out.heat] {
            prefetch::to_write(field.cells(j, k));
        }
        if k + AHEAD < levels.nz {
            prefetch::to_read(buoyancy.cells(j, k + AHEAD));
        }
        eliminate(levels, stage, k, buoyancy.cells(j, k), initial.momentum_z.cells(j, k), tendencies, work);
    }
    substitute(levels, stage, j, tendencies, work, out);
}

/// Asks for the rows of a level that [`explicit_part`] reads from, and writes to, memory.
fn prefetch_level<T: Real>(initial: &TileState<T>, out: &TileState<T>, j: usize, k: usize) {
    for field in initial.dynamic() {
        prefetch::to_read(field.cells(j, k));
    }
    for field in [&out.momentum_x, &out.momentum_y] {
        prefetch::to_write(field.cells(j, k));
    }
}

/// Horizontal momentum of the new stage; r* and T* (kept in the tendencies), p* and C.
#[expect(clippy::too_many_arguments, reason = "the stage's inputs and outputs are separate by nature")]
fn explicit_part<T: Real>(
    levels: &Levels<T>,
    stage: &StageSetting<T>,
    j: usize,
    initial: &TileState<T>,
    previous: &TileState<T>,
    tendencies: &mut Tendencies<T>,
    work: &mut ColumnWork<T>,
    out: &mut TileState<T>,
) {
    let n = initial.density.layout().ni;
    for k in 0..levels.nz {
        if k + AHEAD < levels.nz {
            prefetch_level(initial, out, j, k + AHEAD);
        }
        let u = &tendencies.u.row(k)[..n];
        advance(u, initial.momentum_x.cells(j, k), stage.length, out.momentum_x.cells_mut(j, k));
        let v = &tendencies.v.row(k)[..n];
        advance(v, initial.momentum_y.cells(j, k), stage.length, out.momentum_y.cells_mut(j, k));
        if let (Some(rate), Some(start), Some(out)) =
            (&tendencies.n, &initial.momentum_n, &mut out.momentum_n)
        {
            advance(&rate.row(k)[..n], start.cells(j, k), stage.length, out.cells_mut(j, k));
        }
        predict(
            PredictorConstants {
                length: stage.length,
                start: stage.implicit[0] * levels.inverse_dz[k],
                before: stage.implicit[1] * levels.inverse_dz[k],
                inverse_heat: levels.inverse_heat[k],
                pressure: levels.pressure[k],
                stiffness: levels.stiffness[k] * levels.inverse_dz[k],
                stiffness_slope: levels.stiffness[k]
                    * levels.inverse_dz[k]
                    * levels.inverse_heat[k]
                    * levels.gamma_minus_one,
            },
            &levels.pressure_polynomial,
            [initial.density.cells(j, k), initial.heat.cells(j, k)],
            [initial.momentum_z.cells(j, k), initial.momentum_z.cells(j, k + 1)],
            [previous.momentum_z.cells(j, k), previous.momentum_z.cells(j, k + 1)],
            [work.theta_interface.row(k), work.theta_interface.row(k + 1)],
            &mut tendencies.density.row_mut(k)[..n],
            &mut tendencies.heat.row_mut(k)[..n],
            &mut work.pressure.row_mut(k)[..n],
            &mut work.stiffness.row_mut(k)[..n],
        );
    }
}

/// Forward elimination at interface `k`.
fn eliminate<T: Real>(
    levels: &Levels<T>,
    stage: &StageSetting<T>,
    k: usize,
    buoyancy: &[T],
    initial_w: &[T],
    tendencies: &Tendencies<T>,
    work: &mut ColumnWork<T>,
) {
    let hs = stage.length * stage.implicit[2];
    let (upper, upper_below) = work.upper.row_and_below(k);
    let (solution, solution_below) = work.solution.row_and_below(k);
    let n = buoyancy.len();
    eliminate_row(
        EliminationConstants {
            length: stage.length,
            start: stage.length * stage.implicit[0],
            pressure: hs * levels.inverse_spacing[k],
            weight: [
                hs * levels.gravity * levels.weight_above[k],
                hs * levels.gravity * levels.weight_below[k],
            ],
            sound: hs * hs * levels.inverse_spacing[k],
            buoyancy: T::of(0.5) * hs * hs * levels.gravity * levels.inverse_spacing[k],
        },
        [work.stiffness.row(k), work.stiffness.row(k - 1)],
        [work.pressure.row(k), work.pressure.row(k - 1)],
        [tendencies.density.row(k), tendencies.density.row(k - 1)],
        [work.theta_interface.row(k + 1), work.theta_interface.row(k), work.theta_interface.row(k - 1)],
        [tendencies.w.row(k), buoyancy, initial_w],
        [upper_below, solution_below],
        &mut upper[..n],
        &mut solution[..n],
    );
}

/// Back substitution from the lid down, and r and T from the new W.
fn substitute<T: Real>(
    levels: &Levels<T>,
    stage: &StageSetting<T>,
    j: usize,
    tendencies: &Tendencies<T>,
    work: &mut ColumnWork<T>,
    out: &mut TileState<T>,
) {
    let n = out.density.layout().ni;
    let hs = stage.length * stage.implicit[2];
    let above = &mut work.w_above[..n];
    above.fill(T::ZERO);
    for k in (0..levels.nz).rev() {
        let factor = hs * levels.inverse_dz[k];
        let theta = [work.theta_interface.row(k), work.theta_interface.row(k + 1)];
        let star = [tendencies.density.row(k), tendencies.heat.row(k)];
        let (density, heat) = (out.density.cells_mut(j, k), out.heat.cells_mut(j, k));
        if k > 0 {
            let solved = [work.upper.row(k), work.solution.row(k)];
            back_substitute(
                factor,
                solved,
                theta,
                star,
                above,
                out.momentum_z.cells_mut(j, k),
                density,
                heat,
            );
        } else {
            finish_lowest(factor, above, theta[1], star, density, heat);
        }
    }
}

/// out = start + length * tendency, without traces.
#[inline(never)]
pub(super) fn advance<T: Real>(tendency: &[T], start: &[T], length: T, out: &mut [T]) {
    let n = out.len();
    let (tendency, start) = (&tendency[..n], &start[..n]);
    for i in 0..n {
        out[i] = (start[i] + length * tendency[i]).without_trace();
    }
}

/// Numbers of the predictor that depend on the level alone.
#[derive(Clone, Copy)]
struct PredictorConstants<T> {
    length: T,
    start: T,
    before: T,
    inverse_heat: T,
    pressure: T,
    stiffness: T,
    stiffness_slope: T,
}

/// r*, T* in place of their tendencies, p* and C = (gamma p / rho theta)* / dz, the latter linear in T.
#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn predict<T: Real>(
    c: PredictorConstants<T>,
    polynomial: &[T; 7],
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
    let (density, heat) = (&density[..n], &heat[..n]);
    let (start_below, start_above) = (&start_below[..n], &start_above[..n]);
    let (before_below, before_above) = (&before_below[..n], &before_above[..n]);
    let (theta_below, theta_above) = (&theta_below[..n], &theta_above[..n]);
    let (heat_star, pressure, stiffness) = (&mut heat_star[..n], &mut pressure[..n], &mut stiffness[..n]);
    let polynomial = *polynomial;
    for i in 0..n {
        let below = c.start * start_below[i] + c.before * before_below[i];
        let above = c.start * start_above[i] + c.before * before_above[i];
        density_star[i] = density[i] + c.length * (density_star[i] + (below - above));
        let t = heat[i] + c.length * (heat_star[i] + (below * theta_below[i] - above * theta_above[i]));
        heat_star[i] = t;
        pressure[i] = c.pressure * power_deviation(t * c.inverse_heat, &polynomial);
        stiffness[i] = c.stiffness + c.stiffness_slope * t;
    }
}

/// -(p'_k - p'_{k-1}) / dzh - g (wu r_k + wd r_{k-1}).
#[inline(never)]
fn vertical_force<T: Real>(
    [inverse_spacing, gravity, weight_above, weight_below]: [T; 4],
    [pressure, pressure_below]: [&[T]; 2],
    [density, density_below]: [&[T]; 2],
    force: &mut [T],
) {
    let n = force.len();
    let (pressure, pressure_below) = (&pressure[..n], &pressure_below[..n]);
    let (density, density_below) = (&density[..n], &density_below[..n]);
    for i in 0..n {
        force[i] = (pressure_below[i] - pressure[i]) * inverse_spacing
            - gravity * (weight_above * density[i] + weight_below * density_below[i]);
    }
}

/// Adds `factor` times the vertical force to a tendency.
#[inline(never)]
fn add_vertical_force<T: Real>(
    [inverse_spacing, gravity, weight_above, weight_below]: [T; 4],
    factor: T,
    [pressure, pressure_below]: [&[T]; 2],
    [density, density_below]: [&[T]; 2],
    tendency: &mut [T],
) {
    let n = tendency.len();
    let (pressure, pressure_below) = (&pressure[..n], &pressure_below[..n]);
    let (density, density_below) = (&density[..n], &density_below[..n]);
    for i in 0..n {
        let force = (pressure_below[i] - pressure[i]) * inverse_spacing
            - gravity * (weight_above * density[i] + weight_below * density_below[i]);
        tendency[i] += factor * force;
    }
}

/// Numbers of the elimination that depend on the interface alone.
#[derive(Clone, Copy)]
struct EliminationConstants<T> {
    length: T,
    start: T,
    pressure: T,
    weight: [T; 2],
    sound: T,
    buoyancy: T,
}

#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn eliminate_row<T: Real>(
    c: EliminationConstants<T>,
    [stiffness, stiffness_below]: [&[T]; 2],
    [pressure, pressure_below]: [&[T]; 2],
    [density, density_below]: [&[T]; 2],
    [theta_above, theta, theta_below]: [&[T]; 3],
    [tendency, buoyancy, initial]: [&[T]; 3],
    [upper_below, solution_below]: [&[T]; 2],
    upper: &mut [T],
    solution: &mut [T],
) {
    let n = upper.len();
    let solution = &mut solution[..n];
    let (stiffness, stiffness_below) = (&stiffness[..n], &stiffness_below[..n]);
    let (pressure, pressure_below) = (&pressure[..n], &pressure_below[..n]);
    let (density, density_below) = (&density[..n], &density_below[..n]);
    let (theta_above, theta, theta_below) = (&theta_above[..n], &theta[..n], &theta_below[..n]);
    let (tendency, buoyancy, initial) = (&tendency[..n], &buoyancy[..n], &initial[..n]);
    let (upper_below, solution_below) = (&upper_below[..n], &solution_below[..n]);
    for i in 0..n {
        let star = initial[i] + (c.length * tendency[i] + c.start * buoyancy[i]);
        let (stiff, stiff_below) = (c.sound * stiffness[i], c.sound * stiffness_below[i]);
        let lower = c.buoyancy - stiff_below * theta_below[i];
        let diagonal = T::ONE + (stiff + stiff_below) * theta[i];
        let right = star + (pressure_below[i] - pressure[i]) * c.pressure
            - (c.weight[0] * density[i] + c.weight[1] * density_below[i]);
        let pivot = T::ONE / (diagonal - lower * upper_below[i]);
        upper[i] = -(stiff * theta_above[i] + c.buoyancy) * pivot;
        solution[i] = (right - lower * solution_below[i]) * pivot;
    }
}

/// W at an interface from that `above`, which it replaces, and r and T of the cell between them, without traces.
#[expect(
    clippy::too_many_arguments,
    reason = "each output row is an argument of its own so that the loop vectorises"
)]
#[inline(never)]
fn back_substitute<T: Real>(
    factor: T,
    [upper, solution]: [&[T]; 2],
    [theta, theta_above]: [&[T]; 2],
    [density_star, heat_star]: [&[T]; 2],
    above: &mut [T],
    momentum_z: &mut [T],
    density: &mut [T],
    heat: &mut [T],
) {
    let n = density.len();
    let (upper, solution, theta, theta_above) = (&upper[..n], &solution[..n], &theta[..n], &theta_above[..n]);
    let (density_star, heat_star, above) = (&density_star[..n], &heat_star[..n], &mut above[..n]);
    let (momentum_z, heat) = (&mut momentum_z[..n], &mut heat[..n]);
    for i in 0..n {
        let w_above = above[i];
        let w = solution[i] - upper[i] * w_above;
        density[i] = (density_star[i] + (w - w_above) * factor).without_trace();
        heat[i] = (heat_star[i] + (w * theta[i] - w_above * theta_above[i]) * factor).without_trace();
        momentum_z[i] = w.without_trace();
        above[i] = w;
    }
}

/// The same in the lowest cell, where nothing passes the ground.
#[inline(never)]
fn finish_lowest<T: Real>(
    factor: T,
    above: &[T],
    theta_above: &[T],
    [density_star, heat_star]: [&[T]; 2],
    density: &mut [T],
    heat: &mut [T],
) {
    let n = density.len();
    let (above, theta_above) = (&above[..n], &theta_above[..n]);
    let (density_star, heat_star, heat) = (&density_star[..n], &heat_star[..n], &mut heat[..n]);
    for i in 0..n {
        density[i] = (density_star[i] + (T::ZERO - above[i]) * factor).without_trace();
        heat[i] = (heat_star[i] + (T::ZERO - above[i] * theta_above[i]) * factor).without_trace();
    }
}
