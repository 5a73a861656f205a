//! The water in a row of columns, and how rain that falls changes the mass of the air.

use super::Profiles;
use super::columns::{Levels, round, widen};
use crate::real::Real;
use crate::state::{TileState, water};

/// Vapour, cloud and rain of a row of columns in kg/m3.
#[derive(Clone, Debug)]
pub struct WaterRows {
    /// How many of them there are.
    count: usize,
    masses: [Levels; water::NAMES.len()],
    /// What the density of the air has gained by falling rain, in kg/m3.
    pub gain: Levels,
    /// Whether rain has fallen anywhere.
    pub has_fallen: bool,
    /// What has reached the ground in this step, in kg/m2.
    pub ground: Vec<f64>,
}

impl WaterRows {
    /// Room for no water yet, as wide as `levels`.
    pub(super) fn new(levels: Levels) -> Self {
        let ground = vec![0.0; levels.width()];
        WaterRows {
            count: 0,
            masses: std::array::from_fn(|_| levels.clone()),
            gain: levels,
            has_fallen: false,
            ground,
        }
    }

    /// Says how many waters there are.
    pub fn set_count(&mut self, count: usize) {
        self.count = count;
    }

    /// A water by its place among the tracers, in kg/m3.
    pub fn mass(&self, water: usize) -> &Levels {
        &self.masses[water]
    }

    /// The same, mutable.
    pub fn mass_mut(&mut self, water: usize) -> &mut Levels {
        &mut self.masses[water]
    }

    /// Takes the `n` columns of row `j` out of a tile.
    pub(super) fn load<T: Real>(&mut self, tile: &TileState<T>, n: usize, j: usize) {
        self.has_fallen = false;
        for (mass, field) in self.masses[..self.count].iter_mut().zip(&tile.tracers) {
            for k in 0..field.layout().levels {
                widen(field.cells(j, k), 0.0, mass.row_mut(k, n));
            }
        }
    }

    /// Puts them back. Where rain has fallen the density changes with it and the velocity does not: rain takes its
    /// momentum along.
    pub(super) fn store<T: Real>(
        &self,
        profiles: &Profiles,
        density: &Levels,
        tile: &mut TileState<T>,
        n: usize,
        j: usize,
    ) {
        for (mass, field) in self.masses[..self.count].iter().zip(&mut tile.tracers) {
            for k in 0..field.layout().levels {
                round(mass.row(k, n), field.cells_mut(j, k));
            }
        }
        if !self.has_fallen {
            return;
        }
        for k in 0..tile.density.layout().levels {
            let (rho, gain) = (density.row(k, n), self.gain.row(k, n));
            for momentum in [&mut tile.momentum_x, &mut tile.momentum_y] {
                keep_velocity(rho, gain, momentum.cells_mut(j, k));
            }
            if let Some(momentum) = &mut tile.momentum_n {
                keep_velocity(rho, gain, momentum.cells_mut(j, k));
            }
            if k > 0 {
                let weights = [profiles.weight_above.row(k, n), profiles.weight_below.row(k, n)];
                let below = [density.row(k - 1, n), self.gain.row(k - 1, n)];
                keep_vertical_velocity(weights, [rho, gain], below, tile.momentum_z.cells_mut(j, k));
            }
            for (density, gain) in tile.density.cells_mut(j, k).iter_mut().zip(gain) {
                *density = T::of(density.to_f64() + gain);
            }
        }
        if let Some(fallen) = &mut tile.fallen_rain {
            for (fallen, ground) in fallen.cells_mut(j, 0).iter_mut().zip(&self.ground[..n]) {
                *fallen = T::of(fallen.to_f64() + ground);
            }
        }
    }
}

/// The momentum of air of the density `rho` that has gained mass at its own velocity.
fn keep_velocity<T: Real>(rho: &[f64], gain: &[f64], momentum: &mut [T]) {
    for ((momentum, rho), gain) in momentum.iter_mut().zip(rho).zip(gain) {
        *momentum = T::of(momentum.to_f64() * (1.0 + gain / rho));
    }
}

/// The same at an interface between two cells.
fn keep_vertical_velocity<T: Real>(
    [weight_above, weight_below]: [&[f64]; 2],
    [rho, gain]: [&[f64]; 2],
    [rho_below, gain_below]: [&[f64]; 2],
    momentum: &mut [T],
) {
    for (i, momentum) in momentum.iter_mut().enumerate() {
        let density = weight_above[i] * rho[i] + weight_below[i] * rho_below[i];
        let gain = weight_above[i] * gain[i] + weight_below[i] * gain_below[i];
        *momentum = T::of(momentum.to_f64() * (1.0 + gain / density));
    }
}
