//! Clouds with ice in three waters: the temperature says what of the cloud is ice, and what of the rain is snow and
//! graupel.
//!
//! Khairoutdinov, M. F. and D. A. Randall (2003): Cloud resolving modeling of the ARM summer 1997 IOP: Model formulation,
//! results, uncertainties, and sensitivities. J. Atmos. Sci. 60, 607-625, appendix; fall speeds and numbers of drops
//! after Lin, Farley and Orville (1983) and Rutledge and Hobbs (1984). Rain, snow and graupel (m) have diameters D by the
//! law N0m exp(-lambda D) and fall at a_m D^b_m sqrt(rho0/rho). With x_m = rho r_m/(pi rho_m N0m) = lambda^-4:
//!
//! ```text
//! ice of the cloud  1 - w_n, w_n = (T - 253.16 K)/20 K, from 0 to 1; snow and graupel of the rain 1 - w_p,
//!                   w_p = (T - 268.16 K)/15 K; graupel of these w_g = (T - 223.16 K)/60 K
//! saturation        w_n es(water) + (1 - w_n) es(ice)
//! fall speed        V_m = a_m Gamma(4 + b_m)/6 x_m^(b_m/4) sqrt(rho0/rho), in the mean over the masses
//! collection        dr/dt = -r pi/4 a_m N0m E_m Gamma(3 + b_m) sqrt(rho0/rho) x_m^((3 + b_m)/4) of liquid and frozen cloud
//! autoconversion    0.001/s (r - 1 g/kg) of liquid, 0.001/s exp(0.025 (T - 273.16 K)) (r - 0.1 g/kg) of frozen cloud
//! evaporation       2 pi C_m N0m (1 - S)/(rho (A + B)) [f_m x_m^(1/2)
//!                   + g_m Gamma((5 + b_m)/2) sqrt(rho a_m/mu) (rho0/rho)^(1/4) x_m^((5 + b_m)/8)]
//!                   with A = L/(K T) (L/(Rv T) - 1), B = Rv T/(D es)
//! ```
//!
//! Frozen drops evaporate with the heat of sublimation and over ice. The cloud does not fall. Heat capacities are exact
//! (`mixture`): what freezes as it cools sets free its heat, and snow takes its own along.

use super::exact_rain::{Drops, Exact};
use super::mixture::{Part, Phases};
use super::rain::{Cell, LEAST_RAIN, Rain};
use super::{Process, ProcessInfo};
use crate::config::Setting;
use crate::constants::Constants;
use crate::math;
use crate::thermodynamics::{
    VAPOUR_GAS_CONSTANT, latent_heat, latent_heat_of_fusion, saturation_growth, saturation_growth_over_ice,
    saturation_pressure, saturation_pressure_over_ice,
};
use std::f64::consts::PI;

pub(super) const INFO: ProcessInfo = ProcessInfo {
    name: "simple_ice",
    title: "rain, snow, graupel and cloud ice by temperature, with exact heat capacities",
    reference: "Khairoutdinov and Randall 2003, J. Atmos. Sci. 60, 607-625",
    settings: &[Setting::Plane],
    waters: 3,
    has_ice: true,
    tracers: &[],
    moves_air: false,
    sees_rise: true,
    default_of: &[],
    build,
};

fn build(constants: &Constants) -> Box<dyn Process> {
    Box::new(Rain(Exact { constants: *constants, drops: SimpleIce }))
}

/// Where the cloud begins to freeze as it cools, and where all of it is ice, in K; the same of rain, and of graupel that
/// becomes snow.
const CLOUD_FREEZES: Ramp = Ramp { low: 253.16, high: 273.16 };
const RAIN_FREEZES: Ramp = Ramp { low: 268.16, high: 283.16 };
const GRAUPEL: Ramp = Ramp { low: 223.16, high: 283.16 };
/// Rates (1/s) and thresholds (kg/kg) of autoconversion, of liquid and of frozen cloud.
const AUTOCONVERSION: [f64; 2] = [0.001, 0.001];
const THRESHOLD: [f64; 2] = [1e-3, 1e-4];
/// Density in kg/m3 at which drops fall as measured.
const DENSITY: f64 = 1.29;
/// Conductivity for heat in W/(m K), diffusivity of vapour in m2/s, dynamic viscosity in kg/(m s).
const CONDUCTIVITY: f64 = 2.4e-2;
const DIFFUSIVITY: f64 = 2.21e-5;
const VISCOSITY: f64 = 1.717e-5;

/// A kind of falling drops.
struct Kind {
    is_ice: bool,
    /// a in m^(1-b)/s and b of the fall speed.
    speed: f64,
    power: f64,
    /// rho_m in kg/m3 and N0 in 1/m4.
    density: f64,
    number: f64,
    /// C: a sphere's capacity over its diameter's, and what ventilation adds: f and g.
    shape: f64,
    ventilation: [f64; 2],
    /// E: which part of liquid and of frozen cloud in its way a drop collects.
    efficiency: [f64; 2],
    /// Gamma of 3 + b, of 4 + b and of (5 + b)/2.
    gamma: [f64; 3],
}

const KINDS: [Kind; 3] = [
    // Rain.
    Kind {
        is_ice: false,
        speed: 842.0,
        power: 0.8,
        density: 1000.0,
        number: 8e6,
        shape: 1.0,
        ventilation: [0.78, 0.31],
        efficiency: [1.0, 0.0],
        gamma: [4.694174205740421, 17.8378619818136, 1.8273550806240353],
    },
    // Snow.
    Kind {
        is_ice: true,
        speed: 4.84,
        power: 0.25,
        density: 100.0,
        number: 3e6,
        shape: 2.0 / PI,
        ventilation: [0.65, 0.44],
        efficiency: [1.0, 0.1],
        gamma: [2.5492569667185285, 8.28508514183522, 1.4569332050919714],
    },
    // Graupel.
    Kind {
        is_ice: true,
        speed: 94.5,
        power: 0.5,
        density: 400.0,
        number: 4e6,
        shape: 1.0,
        ventilation: [0.78, 0.31],
        efficiency: [1.0, 0.1],
        gamma: [3.323350970447842, 11.631728396567446, 1.608359421985546],
    },
];

/// A part that grows with the temperature, linearly from 0 to 1.
struct Ramp {
    low: f64,
    high: f64,
}

impl Ramp {
    fn part(&self, temperature: f64) -> f64 {
        ((temperature - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// What is missing to 1.
    fn rest(&self, temperature: f64) -> Part {
        let part = 1.0 - self.part(temperature);
        let growth = if part > 0.0 && part < 1.0 { -1.0 / (self.high - self.low) } else { 0.0 };
        Part { part, growth }
    }
}

/// The parts of what falls that are rain, snow and graupel at a temperature in K.
pub fn falling_parts(temperature: f64) -> [f64; 3] {
    let rain = RAIN_FREEZES.part(temperature);
    let graupel = (1.0 - rain) * GRAUPEL.part(temperature);
    [rain, 1.0 - rain - graupel, graupel]
}

/// The part of the cloud that is ice at a temperature in K.
pub fn frozen_cloud(temperature: f64) -> f64 {
    CLOUD_FREEZES.rest(temperature).part
}

/// The radar reflectivity factor of `content` kg/m3 of what falls at a temperature in K, in mm6/m3: 720 N0 lambda^-7 of rain,
/// of dry ice 0.224 (rho_m/1000 kg/m3)^2 of that (Smith, P. L. (1984): Equivalent radar reflectivity factors for snow and
/// ice particles. J. Climate Appl. Meteor. 23, 1258-1260).
pub fn reflectivity_factor(temperature: f64, content: f64) -> f64 {
    let of_kind = |(kind, part): (&Kind, f64)| {
        if part == 0.0 {
            return 0.0;
        }
        let size = part * content / (PI * kind.density * kind.number);
        let squared = kind.density / 1000.0 * (kind.density / 1000.0);
        let ice = if kind.is_ice { 0.224 * squared } else { 1.0 };
        ice * 1e18 * 720.0 * kind.number * math::exp(1.75 * math::log(size))
    };
    KINDS.iter().zip(falling_parts(temperature)).map(of_kind).sum()
}

struct SimpleIce;

impl Phases for SimpleIce {
    // The phases have kinks, over which the method takes a step or two more.
    const STEPS: usize = 6;

    fn frozen(&self, temperature: f64) -> [Part; 2] {
        [CLOUD_FREEZES.rest(temperature), RAIN_FREEZES.rest(temperature)]
    }

    fn saturation(&self, temperature: f64) -> [f64; 2] {
        let ice = CLOUD_FREEZES.rest(temperature);
        if ice.part == 0.0 {
            return [saturation_pressure(temperature), saturation_growth(temperature)];
        }
        let over_water = (1.0 - ice.part) * saturation_pressure(temperature);
        let over_ice = ice.part * saturation_pressure_over_ice(temperature);
        let pressure = over_water + over_ice;
        let of_parts = match ice.part < 1.0 {
            true => ice.growth * (over_ice / ice.part - over_water / (1.0 - ice.part)),
            false => 0.0,
        };
        let growth = over_water * saturation_growth(temperature)
            + over_ice * saturation_growth_over_ice(temperature)
            + of_parts;
        [pressure, growth / pressure]
    }
}

impl SimpleIce {
    /// Of every kind that is there: the kind, its part of the rain, and ln x.
    fn kinds(cell: &Cell) -> impl Iterator<Item = (&'static Kind, f64, f64)> {
        let rain = if cell.rain > 0.0 { cell.dry * cell.rain.max(LEAST_RAIN) } else { 0.0 };
        let parts = falling_parts(cell.temperature());
        let present = KINDS.iter().zip(parts).filter(move |(_, part)| rain * part > 0.0);
        present
            .map(move |(kind, part)| (kind, part, math::log(part * rain / (PI * kind.density * kind.number))))
    }
}

impl Drops for SimpleIce {
    fn fall_speed(&self, cell: &Cell) -> f64 {
        let mean = |(kind, part, log): (&Kind, f64, f64)| {
            let speed = kind.speed * kind.gamma[1] / 6.0;
            part * speed * math::exp_of_moderate(0.25 * kind.power * log)
        };
        Self::kinds(cell).map(mean).sum::<f64>() * math::sqrt(DENSITY / cell.dry)
    }

    fn collected(&self, cell: &Cell, dt: f64) -> f64 {
        if cell.cloud == 0.0 {
            return 0.0;
        }
        let temperature = cell.temperature();
        let ice = frozen_cloud(temperature);
        let mut rates = [0.0; 2];
        for (kind, _, log) in Self::kinds(cell) {
            let swept = 0.25 * PI * kind.speed * kind.number * kind.gamma[0];
            let swept = swept * math::exp_of_moderate(0.25 * (3.0 + kind.power) * log);
            rates.iter_mut().zip(kind.efficiency).for_each(|(rate, part)| *rate += part * swept);
        }
        let thinness = math::sqrt(DENSITY / cell.dry);
        let slowness = [1.0, math::exp_of_moderate(0.025 * (temperature - CLOUD_FREEZES.high))];
        let clouds = [(1.0 - ice) * cell.cloud, ice * cell.cloud];
        let collected = |phase: usize| {
            let cloud = clouds[phase];
            let rate = AUTOCONVERSION[phase] * slowness[phase];
            let beyond = dt * rate * (cloud - THRESHOLD[phase]).max(0.0);
            cloud - (cloud - beyond) / (1.0 + dt * thinness * rates[phase])
        };
        (collected(0) + collected(1)).clamp(0.0, cell.cloud)
    }

    fn evaporation(&self, cell: &Cell, saturated: f64) -> f64 {
        let temperature = cell.temperature();
        let lack = (1.0 - cell.vapour / saturated).max(0.0);
        let thinness = math::sqrt(DENSITY / cell.dry);
        let rate = |(kind, _, log): (&Kind, f64, f64)| {
            let (heat, pressure) = match kind.is_ice {
                false => (latent_heat(temperature), saturation_pressure(temperature)),
                true => (
                    latent_heat(temperature) + latent_heat_of_fusion(temperature),
                    saturation_pressure_over_ice(temperature),
                ),
            };
            let of_heat =
                heat / (CONDUCTIVITY * temperature) * (heat / (VAPOUR_GAS_CONSTANT * temperature) - 1.0);
            let of_vapour = VAPOUR_GAS_CONSTANT * temperature / (DIFFUSIVITY * pressure);
            let [still, blown] = kind.ventilation;
            let blown = blown * kind.gamma[2] * math::sqrt(cell.dry * kind.speed * thinness / VISCOSITY);
            let size = still * math::exp_of_moderate(0.5 * log)
                + blown * math::exp_of_moderate(0.125 * (5.0 + kind.power) * log);
            2.0 * PI * kind.shape * kind.number * size / (of_heat + of_vapour)
        };
        lack / cell.dry * Self::kinds(cell).map(rate).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::mixture::{Mixture, saturated_density};
    use approx::assert_relative_eq;

    const CONSTANTS: Constants = Constants { gravity: 9.81, gas_constant: 287.0, heat_capacity: 1004.0 };
    const ICE: Rain<Exact<SimpleIce>> = Rain(Exact { constants: CONSTANTS, drops: SimpleIce });

    /// Air at rest of a lapse of 6.5 K/km below 300 K, with the mixing ratios of vapour, cloud and rain.
    fn column(water: impl Fn(usize) -> [f64; 3]) -> Vec<Cell> {
        let of_level = |k: usize| {
            let [vapour, cloud, rain] = water(k);
            let (temperature, pressure) = (300.0 - 3.25 * k as f64, 1e5 * math::exp(-0.06 * k as f64));
            let gas = CONSTANTS.gas_constant + VAPOUR_GAS_CONSTANT * vapour;
            let dry = pressure / (gas * temperature);
            let exner = math::exp(2.0 / 7.0 * math::log(pressure / 1e5));
            Cell {
                dry,
                pressure,
                exner,
                theta: temperature / exner,
                vapour,
                cloud,
                rain,
                thinness: 1.0,
                thickness: 500.0,
                saturated: 0.0,
                ..Cell::default()
            }
        };
        (0..24).map(of_level).collect()
    }

    fn mixture(cell: &Cell) -> Mixture {
        let [vapour, cloud, rain] = [cell.vapour, cell.cloud, cell.rain].map(|ratio| ratio * cell.dry);
        Mixture { dry: cell.dry, vapour, cloud, rain, temperature: cell.temperature() }
    }

    #[test]
    fn parts_of_the_rain_are_one() {
        for temperature in [200.0, 240.0, 268.16, 272.0, 280.0, 283.16, 300.0] {
            let parts = falling_parts(temperature);
            assert!(parts.iter().all(|part| (0.0..=1.0).contains(part)), "{temperature}: {parts:?}");
            assert_relative_eq!(parts.iter().sum::<f64>(), 1.0, epsilon = 1e-15);
        }
        assert_eq!(falling_parts(300.0), [1.0, 0.0, 0.0]);
        assert_eq!(frozen_cloud(230.0), 1.0);
    }

    #[test]
    fn drops_fall_as_fast_as_measured() {
        // 1 g/m3 of rain falls at some 5 m/s, of snow at 1 m/s, of graupel at 3 m/s (Rutledge and Hobbs 1984).
        for (level, low, high) in [(0, 4.0, 6.5), (23, 0.7, 1.6)] {
            let mut cell = column(|_| [0.0, 0.0, 0.0])[level];
            cell.dry = DENSITY;
            cell.rain = 1e-3 / DENSITY;
            let speed = SimpleIce.fall_speed(&cell);
            assert!((low..high).contains(&speed), "{level}: {speed}");
        }
    }

    #[test]
    fn rain_reflects_as_marshall_and_palmer_say_and_snow_less() {
        // 1 g/m3: 43.1 dBZ of rain (Smith, Myers and Orville 1975).
        let decibels = |temperature: f64| 10.0 * reflectivity_factor(temperature, 1e-3).log10();
        assert_relative_eq!(decibels(290.0), 43.1, epsilon = 0.5);
        assert!(decibels(240.0) < decibels(290.0) - 3.0, "{}", decibels(240.0));
    }

    #[test]
    fn saturation_grows_as_its_derivative_says() {
        for temperature in [220.0, 253.0, 260.0, 270.0, 272.9, 290.0] {
            let ln = |temperature: f64| math::log(SimpleIce.saturation(temperature)[0]);
            let growth = (ln(temperature + 0.01) - ln(temperature - 0.01)) / 0.02;
            assert_relative_eq!(SimpleIce.saturation(temperature)[1], growth, max_relative = 1e-4);
        }
    }

    #[test]
    fn equilibrium_keeps_the_energy() {
        for temperature in [225.0, 252.5, 255.0, 262.0, 267.0, 270.0, 272.8, 282.0, 295.0] {
            let saturated = saturated_density(&SimpleIce, temperature);
            for [vapour, cloud, rain] in [[1.1, 3e-3, 4e-3], [0.8, 1e-3, 1e-3], [1.03, 0.0, 2e-3]] {
                let vapour = vapour * saturated;
                let air = Mixture { dry: 0.8, vapour, cloud, rain, temperature };
                let energy = air.energy(&CONSTANTS, &SimpleIce);
                let settled = air.settled(&CONSTANTS, &SimpleIce, energy);
                // The last step moves vapour with the temperature of the step before.
                let again = settled.energy(&CONSTANTS, &SimpleIce);
                assert_relative_eq!(again, energy, max_relative = 1e-8);
                assert_relative_eq!(settled.vapour + settled.cloud, vapour + cloud, max_relative = 1e-14);
            }
        }
    }

    #[test]
    fn water_is_conserved_and_melting_cools() {
        let mut cells = column(|k| [0.0, 0.0, if k > 10 { 4e-3 } else { 0.0 }]);
        let sum = |cells: &[Cell]| -> f64 {
            cells.iter().map(|cell| cell.dry * (cell.vapour + cell.cloud + cell.rain) * cell.thickness).sum()
        };
        let energy = |cells: &[Cell]| -> f64 {
            cells.iter().map(|cell| mixture(cell).energy(&CONSTANTS, &SimpleIce) * cell.thickness).sum()
        };
        let before = (sum(&cells), energy(&cells), cells.clone());
        let mut ground = 0.0;
        for _ in 0..200 {
            ground += ICE.fall(&mut cells, 6.0);
        }
        assert_relative_eq!(sum(&cells) + ground, before.0, max_relative = 1e-13);
        assert!(cells.iter().all(|cell| cell.rain >= 0.0 && cell.cloud >= 0.0 && cell.vapour >= 0.0));
        // Where snow melts and evaporates, above the 280 K level, the air has cooled.
        assert!(cells[7].temperature() < before.2[7].temperature() - 0.1);
        assert!(energy(&cells).is_finite() && before.1.is_finite());
    }
}
