//! Lifting a parcel: convective available potential energy and inhibition.
//!
//! The air of the lowest level, or that of the greatest equivalent potential temperature near the ground, rises dry-adiabatically until its vapour saturates and then pseudo-adiabatically,
//! dropping what condenses (American Meteorological Society, Glossary: dT/dp of a saturated parcel). Its buoyancy
//! g (Tv - Tv_env)/Tv_env, with virtual temperatures, is integrated over height.

use crate::constants::Constants;
use crate::math;
use crate::thermodynamics::{
    VAPOUR_GAS_CONSTANT, Water, equivalent_potential_temperature, latent_heat, saturation_mixing_ratio,
};

/// Steps between two levels.
const STEPS: usize = 4;
/// Depth in Pa of the air near the ground in which the most unstable parcel is looked for.
const DEPTH: f64 = 3e4;

/// The air at one level of a column.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// In m.
    pub height: f64,
    /// In Pa.
    pub pressure: f64,
    /// In K.
    pub temperature: f64,
    /// Mixing ratio of vapour to dry air in kg/kg.
    pub vapour: f64,
}

/// What lifting it gives, in J/kg.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parcel {
    /// Of all layers where it is lighter than the air around it, above the first.
    pub available_energy: f64,
    /// What it needs to get there; 0 if it never does.
    pub inhibition: f64,
}

impl Parcel {
    /// Lifts the air of the greatest equivalent potential temperature within 300 hPa of the lowest of `levels` levels,
    /// of the lowest such level if there are several. Its inhibition counts from its own level on.
    pub fn most_unstable(constants: &Constants, levels: usize, level: impl Fn(usize) -> Level) -> Parcel {
        let top = level(0).pressure - DEPTH;
        let (mut start, mut greatest) = (0, f64::NEG_INFINITY);
        for k in 0..levels {
            let Level { pressure, temperature, vapour, .. } = level(k);
            if pressure < top {
                break;
            }
            let water = Water::of_mixing_ratios(vapour, 0.0);
            let theta_e = equivalent_potential_temperature(constants, temperature, pressure, &water);
            if theta_e > greatest {
                (start, greatest) = (k, theta_e);
            }
        }
        Parcel::lifted(constants, levels - start, |k| level(start + k))
    }

    /// Lifts the air of the lowest of `levels` levels.
    pub fn lifted(constants: &Constants, levels: usize, level: impl Fn(usize) -> Level) -> Parcel {
        let mut air = level(0);
        let (mut parcel, mut needed) = (Parcel::default(), 0.0);
        let mut before = 0.0;
        for k in 1..levels {
            let around = level(k);
            air = lifted_to(constants, air, around.pressure);
            let virtual_around = virtual_temperature(constants, &around);
            let excess = virtual_temperature(constants, &air) - virtual_around;
            let buoyancy = constants.gravity * excess / virtual_around;
            let distance = around.height - level(k - 1).height;
            let work = 0.5 * (before + buoyancy) * distance;
            before = buoyancy;
            if work > 0.0 {
                parcel.available_energy += work;
                if parcel.inhibition == 0.0 {
                    parcel.inhibition = needed;
                }
            } else if parcel.available_energy == 0.0 {
                needed -= work;
            }
        }
        parcel
    }
}

fn virtual_temperature(constants: &Constants, air: &Level) -> f64 {
    let ratio = VAPOUR_GAS_CONSTANT / constants.gas_constant;
    air.temperature * (1.0 + ratio * air.vapour) / (1.0 + air.vapour)
}

/// The air after a rise to a pressure: Heun's method in the logarithm of the pressure.
fn lifted_to(constants: &Constants, air: Level, pressure: f64) -> Level {
    let step = math::log(pressure / air.pressure) / STEPS as f64;
    let mut air = air;
    for _ in 0..STEPS {
        let slope = temperature_slope(constants, &air);
        let pressure = air.pressure * math::exp(step);
        let ahead = Level { temperature: air.temperature + step * slope, pressure, ..air };
        let mean = 0.5 * (slope + temperature_slope(constants, &ahead));
        let temperature = air.temperature + step * mean;
        let vapour = air.vapour.min(saturation_mixing_ratio(constants, temperature, pressure));
        air = Level { temperature, pressure, vapour, ..air };
    }
    air
}

/// dT/d ln p: Rd T/cp of dry air, less where vapour condenses.
fn temperature_slope(constants: &Constants, air: &Level) -> f64 {
    let Constants { gas_constant, heat_capacity, .. } = *constants;
    let Level { temperature, pressure, .. } = *air;
    let saturated = saturation_mixing_ratio(constants, temperature, pressure);
    if air.vapour < saturated {
        return gas_constant * temperature / heat_capacity;
    }
    let heat = latent_heat(temperature) * saturated;
    let ratio = gas_constant / VAPOUR_GAS_CONSTANT;
    let capacity =
        heat_capacity + latent_heat(temperature) * heat * ratio / (gas_constant * temperature * temperature);
    (gas_constant * temperature + heat) / capacity
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Air of constant lapse rate (K/m) from 300 K and 1000 hPa in levels of 100 m, one of them with `vapour`.
    fn air(lapse: f64, moist_level: usize, vapour: f64) -> impl Fn(usize) -> Level {
        let Constants { gravity, gas_constant, .. } = Constants::default();
        move |k: usize| {
            let height = 100.0 * k as f64;
            let temperature = 300.0 - lapse * height;
            let exponent = gravity / (gas_constant * lapse);
            let pressure = 1e5 * f64::powf(temperature / 300.0, exponent);
            Level { height, pressure, temperature, vapour: if k == moist_level { vapour } else { 0.0 } }
        }
    }

    /// The lowest level lifted.
    fn parcel(lapse: f64, vapour: f64) -> Parcel {
        Parcel::lifted(&Constants::default(), 120, air(lapse, 0, vapour))
    }

    #[test]
    fn dry_air_in_a_dry_adiabat_is_neutral() {
        let parcel = parcel(9.81 / 1004.0, 0.0);
        assert!(parcel.available_energy < 0.1, "{parcel:?}");
    }

    #[test]
    fn moist_air_rises_where_dry_air_does_not() {
        assert_eq!(parcel(7e-3, 0.0).available_energy, 0.0);
        let moist = parcel(7e-3, 0.016);
        // By hand from a tephigram: about 7 K warmer on average over 9 km.
        assert!((1500.0..4000.0).contains(&moist.available_energy), "{moist:?}");
    }

    #[test]
    fn moist_air_aloft_is_found() {
        let constants = Constants::default();
        let aloft = air(7e-3, 10, 0.012);
        assert_eq!(Parcel::lifted(&constants, 120, &aloft).available_energy, 0.0);
        let parcel = Parcel::most_unstable(&constants, 120, &aloft);
        assert!(parcel.available_energy > 500.0, "{parcel:?}");
        // It is the parcel of the column that starts there.
        assert_eq!(parcel, Parcel::lifted(&constants, 110, |k| aloft(10 + k)));
    }

    #[test]
    fn moist_air_far_up_is_not_near_the_ground() {
        let constants = Constants::default();
        // 4 km: 390 hPa above the ground.
        let far_up = air(7e-3, 40, 0.012);
        assert_eq!(Parcel::most_unstable(&constants, 120, &far_up), Parcel::lifted(&constants, 120, &far_up));
    }

    #[test]
    fn the_lowest_air_is_the_most_unstable_where_it_is_the_moistest() {
        let constants = Constants::default();
        let surface = air(7e-3, 0, 0.016);
        assert_eq!(Parcel::most_unstable(&constants, 120, &surface), parcel(7e-3, 0.016));
    }
}
