//! Clouds and rain with the exact heat capacities of [`super::mixture`].

use super::Columns;
use super::mixture::{Mixture, Phases, inner_heat, saturated_density};
use super::rain::{Cell, Gain, Microphysics};
use crate::constants::Constants;
use crate::math;
use crate::state::water::{CLOUD, RAIN, VAPOUR};
use crate::thermodynamics::{VAPOUR_GAS_CONSTANT, WATER_HEAT_CAPACITY, latent_heat_of_fusion};

/// How fast drops change, the phase of the water being known.
pub(super) trait Drops: Phases {
    /// Speed of the falling rain in m/s.
    fn fall_speed(&self, cell: &Cell) -> f64;
    /// The cloud (kg/kg) that turns into rain in `dt` s.
    fn collected(&self, cell: &Cell, dt: f64) -> f64;
    /// The rate of evaporation of rain in 1/s under the mixing ratio `saturated`.
    fn evaporation(&self, cell: &Cell, saturated: f64) -> f64;
}

/// A scheme of these drops.
pub(super) struct Exact<D> {
    pub constants: Constants,
    pub drops: D,
}

impl<D: Drops> Microphysics for Exact<D> {
    fn vapour_ratio(&self) -> f64 {
        VAPOUR_GAS_CONSTANT / self.constants.gas_constant
    }

    #[inline(always)]
    fn saturated_vapour(&self, temperature: f64, _pressure: f64, _dry: f64) -> f64 {
        saturated_density(&self.drops, temperature)
    }

    fn fall_speed(&self, cell: &Cell) -> f64 {
        self.drops.fall_speed(cell)
    }

    fn frozen(&self, cell: &Cell) -> f64 {
        self.drops.frozen(cell.temperature())[1].part
    }

    fn convert(&self, cell: &mut Cell, gain: Gain, dt: f64) {
        let Exact { constants, drops } = self;
        let temperature = cell.temperature();
        // Rain that enters brings its ice, and takes on the temperature.
        let energy = mixture(cell).energy(constants, drops) + WATER_HEAT_CAPACITY * temperature * gain.all
            - latent_heat_of_fusion(temperature) * gain.ice;
        let rain = cell.rain;
        let product = drops.collected(cell, dt);
        cell.cloud -= product;
        cell.rain = (cell.rain + product + gain.all / cell.dry).max(0.0);
        if rain > 0.0 {
            let [pressure, growth] = drops.saturation(temperature);
            let saturated = pressure / (VAPOUR_GAS_CONSTANT * temperature) / cell.dry;
            let air = mixture(cell);
            let cooling = saturated * cell.dry * (growth - 1.0 / temperature) * inner_heat(temperature)
                / air.capacity(constants);
            // What saturates the air when the cloud is gone.
            let lack = (saturated - cell.vapour) / (1.0 + cooling) - cell.cloud;
            if lack > 0.0 {
                let evaporated = (dt * drops.evaporation(cell, saturated)).min(lack).min(cell.rain);
                cell.rain -= evaporated;
                cell.vapour += evaporated;
            }
        }
        let air = mixture(cell).settled(constants, drops, energy);
        cell.vapour = air.vapour / cell.dry;
        cell.cloud = (air.cloud / cell.dry).max(0.0);
        cell.theta = air.temperature / cell.exner;
    }

    fn heating(&self, columns: &mut Columns, [i, k]: [usize; 2], cell: &Cell, vapour: f64) -> f64 {
        let n = columns.n;
        let constants = &self.constants;
        let pressure =
            cell.temperature() * (constants.gas_constant * cell.dry + VAPOUR_GAS_CONSTANT * vapour);
        let jump = pressure / columns.pressure.row(k, n)[i] - 1.0;
        columns.jump.row_mut(k, n)[i] = jump;
        let heat = columns.profiles.heat.row(k, n)[i] + columns.heat.row(k, n)[i];
        heat * math::expm1(math::log1p(jump) / constants.gamma())
    }

    fn finish(&self, columns: &mut Columns, dt: f64) {
        let n = columns.n;
        let power = 1.0 / self.constants.gamma();
        for k in 0..columns.nz() {
            for i in 0..n {
                let [vapour, cloud, rain] = [VAPOUR, CLOUD, RAIN].map(|m| columns.water.mass(m).row(k, n)[i]);
                let dry = columns.density.row(k, n)[i] - ((vapour + cloud) + rain);
                let air = Mixture { dry, vapour, cloud, rain, temperature: 0.0 };
                let expansion =
                    columns.rise(i, k, dt) / columns.pressure.row(k, n)[i] - columns.jump.row(k, n)[i];
                let growth = air.growth_by_capacities(&self.constants, expansion);
                // (1 + growth)^power - 1.
                let of_heat = power * growth * (1.0 + 0.5 * (power - 1.0) * growth);
                let heat = columns.profiles.heat.row(k, n)[i] + columns.heat.row(k, n)[i];
                columns.heat.row_mut(k, n)[i] += heat * of_heat;
            }
        }
    }
}

/// The air of a cell.
fn mixture(cell: &Cell) -> Mixture {
    let [vapour, cloud, rain] = [cell.vapour, cell.cloud, cell.rain].map(|ratio| ratio * cell.dry);
    Mixture { dry: cell.dry, vapour, cloud, rain, temperature: cell.temperature() }
}
