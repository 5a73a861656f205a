//! Thermodynamics of moist air.
//!
//! The density rho is that of everything: dry air, vapour, cloud and rain, with the fractions q_d, q_v, q_c and
//! q_r of the mass. Mixing ratios r = q/q_d are those to dry air. The heat variable of the dynamics is rho theta_rho
//! with the density potential temperature (Emanuel, K. A. (1994): Atmospheric Convection, eq. 4.3.6)
//!
//! ```text
//! theta_rho = theta (q_d + q_v Rv/Rd) = theta (1 + r_v Rv/Rd)/(1 + r_v + r_c + r_r)
//! ```
//!
//! so that p = p00 (Rd rho theta_rho/p00)^(cp/cv) as in dry air, and the weight of vapour and drops is in rho.
//!
//! Exact constants are those of Bryan, G. H. and J. M. Fritsch (2002), Mon. Wea. Rev. 130, 2917-2928.

use crate::constants::{Constants, REFERENCE_PRESSURE};
use crate::math;

/// Gas constant of vapour in J/(kg K).
pub const VAPOUR_GAS_CONSTANT: f64 = 461.5;
/// Heat capacities of vapour at constant pressure and of liquid water in J/(kg K).
pub const VAPOUR_HEAT_CAPACITY: f64 = 1870.0;
pub const WATER_HEAT_CAPACITY: f64 = 4190.0;
/// Heat capacity of ice in J/(kg K).
pub const ICE_HEAT_CAPACITY: f64 = 2106.0;
/// Latent heat of evaporation in J/kg at the freezing point in K.
const LATENT_HEAT_AT_FREEZING: f64 = 2.501e6;
/// Latent heat of melting in J/kg there.
const FUSION_HEAT_AT_FREEZING: f64 = 3.337e5;
const FREEZING: f64 = 273.15;

/// Latent heat of evaporation in J/kg at a temperature in K: linear, as the heat capacities are constant.
#[inline(always)]
pub fn latent_heat(temperature: f64) -> f64 {
    LATENT_HEAT_AT_FREEZING - (WATER_HEAT_CAPACITY - VAPOUR_HEAT_CAPACITY) * (temperature - FREEZING)
}

/// Saturation pressure of vapour over water in Pa (Bolton, D. (1980): Mon. Wea. Rev. 108, 1046-1053, eq. 10).
#[inline(always)]
pub fn saturation_pressure(temperature: f64) -> f64 {
    611.2 * math::exp_of_moderate(17.67 * (temperature - FREEZING) / (temperature - 29.65))
}

/// d ln es/dT in 1/K.
#[inline(always)]
pub fn saturation_growth(temperature: f64) -> f64 {
    let above = temperature - 29.65;
    17.67 * 243.5 / (above * above)
}

/// Latent heat of melting in J/kg at a temperature in K.
#[inline(always)]
pub fn latent_heat_of_fusion(temperature: f64) -> f64 {
    FUSION_HEAT_AT_FREEZING + (WATER_HEAT_CAPACITY - ICE_HEAT_CAPACITY) * (temperature - FREEZING)
}

/// Saturation pressure of vapour over ice in Pa (World Meteorological Organization, Guide to Instruments and Methods
/// of Observation, WMO-No. 8, annex 4.B).
#[inline(always)]
pub fn saturation_pressure_over_ice(temperature: f64) -> f64 {
    611.2 * math::exp_of_moderate(22.46 * (temperature - FREEZING) / (temperature - 0.53))
}

/// The growth of its logarithm in 1/K.
#[inline(always)]
pub fn saturation_growth_over_ice(temperature: f64) -> f64 {
    let above = temperature - 0.53;
    22.46 * 272.62 / (above * above)
}

/// The mixing ratio of saturated vapour to dry air at a temperature (K) and the pressure of the moist air (Pa).
#[inline(always)]
pub fn saturation_mixing_ratio(constants: &Constants, temperature: f64, pressure: f64) -> f64 {
    // Hot thin air, where water would boil, holds any amount.
    let vapour = saturation_pressure(temperature).min(0.5 * pressure);
    constants.gas_constant / VAPOUR_GAS_CONSTANT * vapour / (pressure - vapour)
}

/// Water in air as fractions of the mass of everything, in kg/kg.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Water {
    pub vapour: f64,
    pub cloud: f64,
    pub rain: f64,
}

impl Water {
    /// From mixing ratios to dry air.
    pub fn of_mixing_ratios(vapour: f64, cloud: f64) -> Water {
        let dry = 1.0 / (1.0 + (vapour + cloud));
        Water { vapour: vapour * dry, cloud: cloud * dry, rain: 0.0 }
    }

    /// The fraction of dry air.
    pub fn dry(&self) -> f64 {
        1.0 - ((self.vapour + self.cloud) + self.rain)
    }

    /// R/Rd of the mixture, which is theta_rho/theta.
    #[inline(always)]
    pub fn gas_factor(&self, constants: &Constants) -> f64 {
        self.dry() + self.vapour * (VAPOUR_GAS_CONSTANT / constants.gas_constant)
    }
}

/// The equivalent potential temperature in K of air that keeps its drops (Emanuel 1994, eq. 4.5.11): what a
/// reversible process does not change, in saturated air that of Bryan and Fritsch 2002, eq. 39.
pub fn equivalent_potential_temperature(
    constants: &Constants,
    temperature: f64,
    pressure: f64,
    water: &Water,
) -> f64 {
    let dry = water.dry();
    let vapour = (water.vapour / dry).max(0.0);
    let total = vapour + (water.cloud + water.rain) / dry;
    let capacity = constants.heat_capacity + WATER_HEAT_CAPACITY * total;
    let ratio = constants.gas_constant / VAPOUR_GAS_CONSTANT;
    let dry_pressure = pressure * ratio / (ratio + vapour);
    let humidity = (pressure - dry_pressure) / saturation_pressure(temperature);
    let of_dryness =
        if vapour > 0.0 { vapour * VAPOUR_GAS_CONSTANT / capacity * math::log(humidity) } else { 0.0 };
    let of_pressure = constants.gas_constant / capacity * math::log(REFERENCE_PRESSURE / dry_pressure);
    let of_heat = latent_heat(temperature) * vapour / (capacity * temperature);
    temperature * math::exp(of_pressure - of_dryness + of_heat)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const BRYAN: Constants = Constants { gravity: 9.81, gas_constant: 287.04, heat_capacity: 1005.7 };

    #[test]
    fn known_saturation() {
        // Bolton 1980: 23.37 hPa at 20 C, 6.112 hPa at 0 C, to 0.1 %.
        assert_relative_eq!(saturation_pressure(293.15), 2337.0, max_relative = 1e-3);
        assert_relative_eq!(saturation_pressure(273.15), 611.2, max_relative = 1e-9);
        // The ground of the moist case of Bryan and Fritsch: 12.044 g/kg at 289.8486 K and 1000 hPa.
        assert_relative_eq!(saturation_mixing_ratio(&BRYAN, 289.8486, 1e5), 12.044e-3, max_relative = 1e-4);
    }

    #[test]
    fn saturated_air_of_bryan_and_fritsch_has_320_k() {
        let water = Water::of_mixing_ratios(12.044e-3, 0.020 - 12.044e-3);
        let theta_e = equivalent_potential_temperature(&BRYAN, 289.8486, 1e5, &water);
        assert_relative_eq!(theta_e, 320.0, epsilon = 0.01);
    }

    #[test]
    fn dry_air_keeps_its_potential_temperature() {
        let theta_e = equivalent_potential_temperature(&BRYAN, 280.0, 8e4, &Water::default());
        assert_relative_eq!(theta_e, 280.0 * f64::powf(1.25, 287.04 / 1005.7), max_relative = 1e-12);
        assert_eq!(Water::default().gas_factor(&BRYAN), 1.0);
    }
}
