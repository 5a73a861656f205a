//! Kessler's warm rain: vapour condenses to cloud, cloud becomes rain, rain falls and evaporates.
//!
//! Klemp, J. B. and R. B. Wilhelmson (1978): The simulation of three-dimensional convective storm dynamics.
//! J. Atmos. Sci. 35, 1070-1096, as the intercomparison DCMIP2016 gives it (Ullrich et al. 2017, Geosci. Model Dev.
//! 10, 4477-4509, and its `kessler.f90`), with mixing ratios r to dry air, rho_d in kg/m3, and in units of DCMIP
//! r = 0.001 rho_d:
//!
//! ```text
//! r_vs = 380 Pa/p exp(17.27 (T - 273)/(T - 36))
//! V    = 36.34 (0.001 rho_d r_r)^0.1364 sqrt(rho_d(ground)/rho_d)            fall speed in m/s
//! cloud to rain:  r_c falls by r_c - [r_c - dt max(0.001 (r_c - 0.001), 0)]/(1 + dt 2.2 r_r^0.875)
//! condensation:   C = (r_v - r_vs)/(1 + r_vs 237.3 17.27 L/cp/(T - 36)^2), at least -r_c
//! evaporation:    dt (1.6 + 124.9 (0.001 rho_d r_r)^0.2046)(0.001 rho_d r_r)^0.525 max(r_vs - r_v, 0)
//!                 / [(2.55e8 Pa/(p r_vs) + 5.4e5) 0.001 rho_d r_vs], at most r_r and what saturation leaves
//! dtheta = L/(cp Pi) (C - evaporation), L = 2.5e6 J/kg
//! ```
//!
//! It falls as `rain` says, by fluxes; DCMIP divides by distances of centres instead, which does not conserve.

use super::rain::{Cell, Gain, LEAST_RAIN, Microphysics, Rain, potential_temperature};
use super::{Columns, Process, ProcessInfo};
use crate::config::Setting;
use crate::constants::Constants;
use crate::math;
use crate::state::water::VAPOUR;
use crate::thermodynamics::VAPOUR_GAS_CONSTANT;

/// Latent heat in J/kg.
pub const LATENT_HEAT: f64 = 2.5e6;
/// Rate (1/s) at which cloud beyond the threshold (kg/kg) turns into rain, and that of its collection.
const AUTOCONVERSION: f64 = 0.001;
const THRESHOLD: f64 = 0.001;
const COLLECTION: f64 = 2.2;
pub(super) const INFO: ProcessInfo = ProcessInfo {
    name: "kessler",
    title: "warm rain after Kessler: condensation, rain, its fall and evaporation",
    reference: "Klemp and Wilhelmson 1978, J. Atmos. Sci. 35, 1070-1096",
    settings: &[Setting::Plane, Setting::Sphere],
    waters: 3,
    has_ice: false,
    tracers: &[],
    moves_air: false,
    sees_rise: false,
    default_of: &[
        "supercell",
        "weisman_klemp",
        "squall_line",
        "sounding",
        "moist_ridge",
        "moist_baroclinic_wave",
        "supercell_sphere",
    ],
    build,
};

fn build(constants: &Constants) -> Box<dyn Process> {
    Box::new(Rain(Kessler {
        vapour_ratio: VAPOUR_GAS_CONSTANT / constants.gas_constant,
        heating: LATENT_HEAT / constants.heat_capacity,
    }))
}

struct Kessler {
    /// Rv/Rd.
    vapour_ratio: f64,
    /// L/cp in K.
    heating: f64,
}

impl Microphysics for Kessler {
    fn vapour_ratio(&self) -> f64 {
        self.vapour_ratio
    }

    #[inline(always)]
    fn saturated_vapour(&self, temperature: f64, pressure: f64, dry: f64) -> f64 {
        dry * saturated_vapour(temperature, pressure)
    }

    fn fall_speed(&self, cell: &Cell) -> f64 {
        fall_speed(cell)
    }

    fn frozen(&self, _: &Cell) -> f64 {
        0.0
    }

    fn convert(&self, cell: &mut Cell, gain: Gain, dt: f64) {
        let rain = cell.rain;
        let product = collected(cell, dt);
        cell.cloud -= product;
        cell.rain = (cell.rain + product + gain.all / cell.dry).max(0.0);
        let temperature = cell.temperature();
        let saturated = match cell.is_fresh {
            true => cell.saturated,
            false => saturated_vapour(temperature, cell.pressure),
        };
        let above_36 = temperature - 36.0;
        let excess = (cell.vapour - saturated)
            / (1.0 + saturated * (237.3 * 17.27 * self.heating) / (above_36 * above_36));
        let evaporated = match rain > 0.0 && excess < 0.0 {
            true => {
                let rate = evaporation(cell, saturated);
                (dt * rate).min((-excess - cell.cloud).max(0.0)).min(cell.rain)
            }
            false => 0.0,
        };
        let condensed = excess.max(-cell.cloud);
        cell.cloud += condensed;
        cell.rain -= evaporated;
        cell.vapour -= condensed - evaporated;
        cell.theta += self.heating / cell.exner * (condensed - evaporated);
    }

    fn heating(&self, columns: &mut Columns, place: [usize; 2], cell: &Cell, vapour: f64) -> f64 {
        let [i, k] = place;
        let old = columns.water.mass(VAPOUR).row(k, columns.n)[i];
        let theta = potential_temperature(self.vapour_ratio, columns, place, cell.dry, old);
        cell.dry * (cell.theta - theta) + self.vapour_ratio * (vapour * cell.theta - old * theta)
    }
}

/// The cloud (kg/kg) that turns into rain in `dt` s.
pub(super) fn collected(cell: &Cell, dt: f64) -> f64 {
    if cell.rain == 0.0 && cell.cloud == 0.0 {
        return 0.0;
    }
    let slowly = dt * (AUTOCONVERSION * (cell.cloud - THRESHOLD)).max(0.0);
    let collected = 1.0 + dt * COLLECTION * rain_power(cell, 0.875, false);
    (cell.cloud - (cell.cloud - slowly) / collected).clamp(0.0, cell.cloud)
}

/// A power of the rain: of r_r, or of 0.001 rho_d r_r.
fn rain_power(cell: &Cell, exponent: f64, by_volume: bool) -> f64 {
    if cell.rain == 0.0 {
        return 0.0;
    }
    let rain = cell.rain.max(LEAST_RAIN);
    let rain = if by_volume { 0.001 * cell.dry * rain } else { rain };
    math::exp_of_moderate(exponent * math::log(rain))
}

/// V in m/s.
pub(super) fn fall_speed(cell: &Cell) -> f64 {
    36.34 * rain_power(cell, 0.1364, true) * cell.thinness
}

/// The rate of evaporation in 1/s under the mixing ratio `saturated`.
pub(super) fn evaporation(cell: &Cell, saturated: f64) -> f64 {
    let ventilation = (1.6 + 124.9 * rain_power(cell, 0.2046, true)) * rain_power(cell, 0.525, true);
    let resistance = 2.55e8 / (cell.pressure * saturated) + 5.4e5;
    ventilation / resistance * (saturated - cell.vapour).max(0.0) / (0.001 * cell.dry * saturated)
}

/// r_vs over water at a temperature in K and a pressure in Pa.
#[inline(always)]
pub fn saturated_vapour(temperature: f64, pressure: f64) -> f64 {
    380.0 / pressure * math::exp_of_moderate(17.27 * (temperature - 273.0) / (temperature - 36.0))
}

/// Its growth with the temperature in 1/K, where it is `saturated`.
pub fn vapour_growth(temperature: f64, saturated: f64) -> f64 {
    let above_36 = temperature - 36.0;
    17.27 * 237.0 * saturated / (above_36 * above_36)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const KESSLER: Rain<Kessler> =
        Rain(Kessler { vapour_ratio: 461.5 / 287.0, heating: LATENT_HEAT / 1004.0 });

    /// Air of 290 K at 900 hPa in cells of 100 m to 400 m.
    fn column(cell: impl Fn(usize) -> [f64; 3]) -> Vec<Cell> {
        let exner = f64::powf(0.9, 2.0 / 7.0);
        let of_level = |k: usize| {
            let [vapour, cloud, rain] = cell(k);
            Cell {
                dry: 1.1 - 0.05 * k as f64,
                pressure: 9e4,
                exner,
                theta: 290.0 / exner,
                vapour,
                cloud,
                rain,
                thinness: f64::sqrt(1.1 / (1.1 - 0.05 * k as f64)),
                thickness: 100.0 + 100.0 * (k % 4) as f64,
                gain: 0.0,
                saturated: saturated_vapour(290.0, 9e4),
                is_fresh: true,
                is_idle: cloud == 0.0 && rain == 0.0 && vapour <= saturated_vapour(290.0, 9e4),
            }
        };
        (0..8).map(of_level).collect()
    }

    fn water(cells: &[Cell]) -> f64 {
        cells.iter().map(|cell| cell.dry * (cell.vapour + cell.cloud + cell.rain) * cell.thickness).sum()
    }

    #[test]
    fn water_is_conserved_as_rain_falls_and_evaporates() {
        for rain in [1e-9, 1e-4, 5e-3] {
            let mut cells =
                column(|k| [0.010, if k > 3 { 3e-3 } else { 0.0 }, if k > 1 { rain } else { 0.0 }]);
            let before = water(&cells);
            let mut ground = 0.0;
            for _ in 0..60 {
                ground += KESSLER.fall(&mut cells, 20.0);
                for cell in &cells {
                    assert!(cell.vapour > 0.0 && cell.cloud >= 0.0 && cell.rain >= 0.0);
                }
            }
            assert_relative_eq!(water(&cells) + ground, before, max_relative = 1e-14);
            assert!(ground > 0.0, "{rain}");
        }
    }

    #[test]
    fn the_mass_that_falls_is_noted() {
        let mut cells = column(|k| [0.016, 0.0, 1e-3 * k as f64]);
        let ground = KESSLER.fall(&mut cells, 30.0);
        let gained: f64 = cells.iter().map(|cell| cell.gain * cell.thickness).sum();
        assert_relative_eq!(gained, -ground, max_relative = 1e-12);
    }

    #[test]
    fn air_below_saturation_without_drops_does_not_change() {
        let mut cells = column(|_| [0.005, 0.0, 0.0]);
        let before = cells.clone();
        assert_eq!(KESSLER.fall(&mut cells, 10.0), 0.0);
        for (cell, before) in cells.iter().zip(&before) {
            assert_eq!((cell.theta, cell.vapour), (before.theta, before.vapour));
        }
    }

    #[test]
    fn vapour_beyond_saturation_condenses_and_warms() {
        let mut cells = column(|_| [0.018, 0.0, 0.0]);
        let theta = cells[0].theta;
        for _ in 0..3 {
            KESSLER.fall(&mut cells, 5.0);
        }
        let cell = &cells[0];
        let saturated = saturated_vapour(cell.theta * cell.exner, cell.pressure);
        assert_relative_eq!(cell.vapour, saturated, max_relative = 1e-4);
        let warming = LATENT_HEAT / 1004.0 / cell.exner * (0.018 - cell.vapour);
        assert_relative_eq!(cell.theta - theta, warming, max_relative = 1e-9);
    }

    #[test]
    fn traces_of_drops_in_dry_air_vanish() {
        let mut cells = column(|_| [0.005, 1e-13, 1e-13]);
        KESSLER.fall(&mut cells, 5.0);
        assert!(cells.iter().all(|cell| cell.cloud == 0.0 && cell.rain == 0.0));
    }

    #[test]
    fn rain_falls_as_fast_as_published() {
        // 1 g/kg in air of 1.1 kg/m3: 36.34 (0.001 x 1.1 x 0.001)^0.1364.
        let speed = fall_speed(&column(|_| [0.0, 0.0, 1e-3])[0]);
        assert_relative_eq!(speed, 36.34 * f64::powf(1.1e-6, 0.1364), max_relative = 1e-9);
    }
}
