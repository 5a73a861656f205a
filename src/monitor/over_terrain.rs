//! What [`super::measure`](mod@super::measure) adds up over terrain, where heights and the reference state differ from column to
//! column.

use super::ExactSum;
use super::budgets::Extremes;
use super::measure::{EXTREMES, SUMS, Wind};
use crate::constants::Constants;
use crate::dynamics::TileReference;
use crate::math;
use crate::real::Real;
use crate::state::{TileState, water};

/// Adds the columns of row `j`, from the ground up, to the sums of the row and the extremes; `wind(cell, density)` is
/// the wind there.
pub fn add_row<T: Real>(
    constants: &Constants,
    terrain: &TileReference,
    fields: &TileState<T>,
    wind: impl Fn([usize; 3], f64) -> Wind,
    j: usize,
    sums: &mut [Vec<f64>],
    extremes: &mut [Extremes; EXTREMES],
) {
    for k in 0..fields.density.layout().levels {
        cells(constants, terrain, fields, &wind, [j, k], sums, extremes);
        faces(terrain, fields, [j, k], &mut sums[4], &mut extremes[2]);
    }
}

/// Level `k` of row `j`: everything at cell centres.
fn cells<T: Real>(
    constants: &Constants,
    terrain: &TileReference,
    fields: &TileState<T>,
    wind: &impl Fn([usize; 3], f64) -> Wind,
    [j, k]: [usize; 2],
    sums: &mut [Vec<f64>],
    extremes: &mut [Extremes; EXTREMES],
) {
    let (gamma, gravity) = (constants.gamma(), constants.gravity);
    for i in 0..fields.density.layout().ni {
        let (column_i, column_j) = (i as isize, j as isize);
        let (dz, z) = (terrain.thickness(column_i, column_j, k), terrain.centre(column_i, column_j, k));
        let [rho0, theta0, heat0, p0] =
            [&terrain.density, &terrain.potential_temperature, &terrain.heat, &terrain.pressure]
                .map(|field| field.cells(j, k)[i]);
        let [rho_deviation, heat_deviation] =
            [&fields.density, &fields.heat].map(|field| field.cells(j, k)[i].to_f64());
        let rho = rho0 + rho_deviation;
        let wind = wind([i, j, k], rho);
        let amounts = [
            rho_deviation,
            heat_deviation,
            p0 * math::expm1(gamma * math::log1p(heat_deviation / heat0)) / (gamma - 1.0),
            gravity * z * rho_deviation,
            wind.kinetic,
            wind.momentum[0],
            wind.momentum[1],
        ];
        for (sum, amount) in sums.iter_mut().zip(amounts) {
            sum[i] += amount * dz;
        }
        for (sum, tracer) in sums[SUMS..].iter_mut().zip(&fields.tracers) {
            sum[i] += tracer.cells(j, k)[i].to_f64() * dz;
        }
        extremes[0].include(wind.u);
        extremes[1].include(wind.v);
        let theta_deviation = (heat_deviation - theta0 * rho_deviation) / rho;
        extremes[3].include(match fields.waters {
            0 => theta_deviation,
            _ => {
                let factor = water::in_cell(fields, rho, [i, j, k]).gas_factor(constants);
                (theta0 + theta_deviation) / factor - theta0 / terrain.gas_factor.cells(j, k)[i]
            }
        });
    }
}

/// The interface below level `k` of row `j`: vertical kinetic energy, with the mass of the half cells around it. The
/// vertical wind along the ground is not prognostic and does not count.
fn faces<T: Real>(
    terrain: &TileReference,
    fields: &TileState<T>,
    [j, k]: [usize; 2],
    kinetic: &mut [f64],
    extremes: &mut Extremes,
) {
    if k == 0 {
        extremes.include(0.0);
        return;
    }
    for (i, momentum) in fields.momentum_z.cells(j, k).iter().enumerate() {
        let (column_i, column_j) = (i as isize, j as isize);
        let rho = |k: usize| terrain.density.cells(j, k)[i] + fields.density.cells(j, k)[i].to_f64();
        let weight = terrain.weight_above(column_i, column_j, k);
        let momentum = momentum.to_f64();
        let w = momentum / (weight * rho(k) + (1.0 - weight) * rho(k - 1));
        let spacing = terrain.centre(column_i, column_j, k) - terrain.centre(column_i, column_j, k - 1);
        kinetic[i] += 0.5 * momentum * w * spacing;
        extremes.include(w);
    }
}

/// Adds mass, heat, internal and potential energy of the reference state of a tile, by column times `area(i, j)`.
pub fn add_reference(
    constants: &Constants,
    terrain: &TileReference,
    area: impl Fn(usize, usize) -> f64,
    sums: &mut [ExactSum],
) {
    let layout = terrain.density.layout();
    let gamma = constants.gamma();
    for (j, i) in (0..layout.nj).flat_map(|j| (0..layout.ni).map(move |i| (j, i))) {
        let mut column = [0.0; 4];
        for k in 0..layout.levels {
            let (column_i, column_j) = (i as isize, j as isize);
            let [density, heat, pressure] =
                [&terrain.density, &terrain.heat, &terrain.pressure].map(|field| field.cells(j, k)[i]);
            let height_energy = constants.gravity * terrain.centre(column_i, column_j, k);
            let amounts = [density, heat, pressure / (gamma - 1.0), density * height_energy];
            for (total, amount) in column.iter_mut().zip(amounts) {
                *total += amount * terrain.thickness(column_i, column_j, k);
            }
        }
        let area = area(i, j);
        sums.iter_mut().zip(column).for_each(|(sum, value)| sum.add(value * area));
    }
}
