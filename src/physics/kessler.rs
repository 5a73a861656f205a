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
//! Columns without drops whose vapour is below saturation are left alone.
//!
//! The step is cut so that rain falls through at most 0.8 cells at once. Rain falls by fluxes through the
//! interfaces, upstream: what leaves a cell enters the one below or the ground, and water is conserved to rounding.
//! DCMIP divides by distances of centres instead, which does not conserve. Dry air, the Exner function of the step
//! and the heat of the drops stay as they are; rho and rho r_r change as rain falls, and rho theta_rho does not.

use super::{Columns, Process, ProcessInfo};
use crate::config::Setting;
use crate::constants::Constants;
use crate::math;
use crate::state::water::{CLOUD, RAIN, VAPOUR};
use crate::thermodynamics::VAPOUR_GAS_CONSTANT;

/// Latent heat in J/kg.
pub const LATENT_HEAT: f64 = 2.5e6;
/// Rate (1/s) at which cloud beyond the threshold (kg/kg) turns into rain, and that of its collection.
const AUTOCONVERSION: f64 = 0.001;
const THRESHOLD: f64 = 0.001;
const COLLECTION: f64 = 2.2;
/// Rain (kg/kg) below which its powers do not shrink further, so that traces of it evaporate.
const LEAST_RAIN: f64 = 1e-12;
/// The part of a cell that rain may fall through at once.
const COURANT: f64 = 0.8;

pub(super) const INFO: ProcessInfo = ProcessInfo {
    name: "kessler",
    title: "warm rain after Kessler: condensation, rain, its fall and evaporation",
    reference: "Klemp and Wilhelmson 1978, J. Atmos. Sci. 35, 1070-1096",
    settings: &[Setting::Plane, Setting::Sphere],
    waters: 3,
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
    Box::new(Kessler {
        vapour_ratio: VAPOUR_GAS_CONSTANT / constants.gas_constant,
        heating: LATENT_HEAT / constants.heat_capacity,
    })
}

struct Kessler {
    /// Rv/Rd.
    vapour_ratio: f64,
    /// L/cp in K.
    heating: f64,
}

/// A cell of a column: its air, and its water as mixing ratios to dry air in kg/kg.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cell {
    /// Density of the dry air in kg/m3.
    dry: f64,
    pressure: f64,
    exner: f64,
    theta: f64,
    vapour: f64,
    cloud: f64,
    rain: f64,
    /// sqrt(rho_d(ground)/rho_d): rain falls faster in thin air.
    thinness: f64,
    /// Thickness in m.
    thickness: f64,
    /// r_vs at the start of the step, and whether it still is.
    saturated: f64,
    is_fresh: bool,
    /// Whether there are no drops and no vapour beyond saturation, so that nothing happens.
    is_idle: bool,
    /// What falling rain has brought in the step, in kg/m3.
    gain: f64,
}

impl Process for Kessler {
    fn apply(&self, columns: &mut Columns, dt: f64) {
        let n = columns.n;
        let mut busy = std::mem::take(&mut columns.busy);
        let mut cells = std::mem::take(&mut columns.cells);
        self.screen(columns, &mut busy[..n]);
        columns.water.has_fallen = false;
        for (i, busy) in busy[..n].iter().enumerate() {
            let cells = &mut cells[..*busy as usize];
            (cells.len()..columns.nz()).for_each(|k| columns.water.gain.row_mut(k, n)[i] = 0.0);
            self.load(columns, i, cells);
            columns.water.ground[i] = self.rain(cells, dt);
            self.store(columns, i, cells);
        }
        (columns.busy, columns.cells) = (busy, cells);
    }
}

impl Kessler {
    /// Computes the saturation, and for every column the number of levels up to the highest where something
    /// happens: with drops, or with more vapour than saturated air holds.
    fn screen(&self, columns: &mut Columns, busy: &mut [f64]) {
        let n = columns.n;
        busy.fill(0.0);
        for k in 0..columns.nz() {
            let water = [VAPOUR, CLOUD, RAIN].map(|water| columns.water.mass(water).row(k, n));
            let air = [columns.density.row(k, n), columns.pressure.row(k, n)];
            let constants = [self.vapour_ratio, columns.profiles.gas_constant, k as f64 + 1.0];
            screen_level(constants, air, water, columns.saturated.row_mut(k, n), busy);
        }
    }

    /// Takes column `i` out of the rows. Drops below zero, a flaw of transport, count as none: vapour makes up for them.
    fn load(&self, columns: &Columns, i: usize, cells: &mut [Cell]) {
        let n = columns.n;
        for (k, cell) in cells.iter_mut().enumerate() {
            let [vapour, cloud, rain] = [VAPOUR, CLOUD, RAIN].map(|m| columns.water.mass(m).row(k, n)[i]);
            let dry = columns.density.row(k, n)[i] - ((vapour + cloud) + rain);
            let saturated = columns.saturated.row(k, n)[i];
            *cell = Cell {
                dry,
                pressure: columns.pressure.row(k, n)[i],
                exner: columns.exner.row(k, n)[i],
                theta: self.theta(columns, [i, k], dry, vapour),
                vapour: vapour / dry,
                cloud: cloud.max(0.0) / dry,
                rain: rain.max(0.0) / dry,
                thickness: columns.profiles.thickness.row(k, n)[i],
                thinness: 1.0,
                gain: 0.0,
                saturated: saturated / dry,
                is_fresh: true,
                is_idle: cloud == 0.0 && rain == 0.0 && vapour <= saturated,
            };
        }
        let lowest = cells.first().map_or(1.0, |cell| cell.dry);
        cells.iter_mut().for_each(|cell| cell.thinness = math::sqrt(lowest / cell.dry));
    }

    /// The potential temperature of cell `k` of column `i`, that holds `dry` and `vapour` kg/m3.
    #[inline(always)]
    fn theta(&self, columns: &Columns, [i, k]: [usize; 2], dry: f64, vapour: f64) -> f64 {
        let n = columns.n;
        let gas = columns.profiles.gas_constant * (dry + vapour * self.vapour_ratio);
        columns.pressure.row(k, n)[i] / (gas * columns.exner.row(k, n)[i])
    }

    /// Puts the changes of column `i` back.
    fn store(&self, columns: &mut Columns, i: usize, cells: &[Cell]) {
        let n = columns.n;
        for (k, cell) in cells.iter().enumerate() {
            if cell.is_idle {
                columns.water.gain.row_mut(k, n)[i] = 0.0;
                continue;
            }
            let old = [VAPOUR, CLOUD, RAIN].map(|m| columns.water.mass(m).row(k, n)[i]);
            let new = [cell.vapour, cell.cloud, cell.rain].map(|ratio| ratio * cell.dry);
            // Vapour closes the balance of what has not fallen, so that no rounding is lost.
            let [_, cloud, rain] = new;
            let vapour = ((old[0] + (old[1] - cloud)) + (old[2] - rain)) + cell.gain;
            columns.water.mass_mut(VAPOUR).row_mut(k, n)[i] = vapour;
            columns.water.mass_mut(CLOUD).row_mut(k, n)[i] = cloud;
            columns.water.mass_mut(RAIN).row_mut(k, n)[i] = rain;
            columns.water.gain.row_mut(k, n)[i] = cell.gain;
            columns.water.has_fallen |= cell.gain != 0.0;
            let theta = self.theta(columns, [i, k], cell.dry, old[0]);
            let change =
                cell.dry * (cell.theta - theta) + self.vapour_ratio * (vapour * cell.theta - old[0] * theta);
            columns.heat.row_mut(k, n)[i] += change;
        }
    }
}

impl Kessler {
    /// What happens in a column in `dt` s. Returns the rain that reaches the ground in kg/m2.
    fn rain(&self, cells: &mut [Cell], dt: f64) -> f64 {
        let quickest = cells.iter().map(|cell| cell.fall_speed() / cell.thickness).fold(0.0, f64::max);
        let cuts = (dt * quickest / COURANT).ceil().max(1.0);
        let length = dt / cuts;
        let mut ground = 0.0;
        for _ in 0..cuts as usize {
            let mut leaving = cells.first().map_or(0.0, |lowest| lowest.leaving(length));
            ground += leaving;
            for k in 0..cells.len() {
                let entering = cells.get(k + 1).map_or(0.0, |above| above.leaving(length));
                let gain = (entering - leaving) / cells[k].thickness;
                self.convert(&mut cells[k], gain, length);
                leaving = entering;
            }
        }
        ground
    }

    /// One cut of the step in a cell that gains `gain` kg/m3 of falling rain.
    fn convert(&self, cell: &mut Cell, gain: f64, dt: f64) {
        if cell.is_idle && gain == 0.0 {
            return;
        }
        cell.is_idle = false;
        let rain = cell.rain;
        cell.gain += gain;
        if rain > 0.0 || cell.cloud > 0.0 {
            let slowly = dt * (AUTOCONVERSION * (cell.cloud - THRESHOLD)).max(0.0);
            let collected = 1.0 + dt * COLLECTION * cell.rain_power(0.875, false);
            let product = (cell.cloud - (cell.cloud - slowly) / collected).clamp(0.0, cell.cloud);
            cell.cloud -= product;
            cell.rain += product;
        }
        cell.rain = (cell.rain + gain / cell.dry).max(0.0);
        let temperature = cell.exner * cell.theta;
        let saturated = match cell.is_fresh {
            true => cell.saturated,
            false => saturated_vapour(temperature, cell.pressure),
        };
        cell.is_fresh = false;
        let above_36 = temperature - 36.0;
        let excess = (cell.vapour - saturated)
            / (1.0 + saturated * (237.3 * 17.27 * self.heating) / (above_36 * above_36));
        let evaporated = match rain > 0.0 && excess < 0.0 {
            true => {
                let rate = cell.evaporation(saturated);
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
}

impl Cell {
    /// A power of the rain: of r_r, or of 0.001 rho_d r_r.
    fn rain_power(&self, exponent: f64, by_volume: bool) -> f64 {
        if self.rain == 0.0 {
            return 0.0;
        }
        let rain = self.rain.max(LEAST_RAIN);
        let rain = if by_volume { 0.001 * self.dry * rain } else { rain };
        math::exp_of_moderate(exponent * math::log(rain))
    }

    /// V in m/s.
    fn fall_speed(&self) -> f64 {
        36.34 * self.rain_power(0.1364, true) * self.thinness
    }

    /// The rain that leaves downwards in `dt` s, in kg/m2: never more than there is.
    fn leaving(&self, dt: f64) -> f64 {
        if self.rain == 0.0 {
            return 0.0;
        }
        self.dry * self.rain * (self.fall_speed() * dt).min(self.thickness)
    }

    /// The rate of evaporation in 1/s under the mixing ratio `saturated`.
    fn evaporation(&self, saturated: f64) -> f64 {
        let ventilation = (1.6 + 124.9 * self.rain_power(0.2046, true)) * self.rain_power(0.525, true);
        let resistance = 2.55e8 / (self.pressure * saturated) + 5.4e5;
        ventilation / resistance * (saturated - self.vapour).max(0.0) / (0.001 * self.dry * saturated)
    }
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

/// The mass of vapour in saturated air of a level, and its `number` in `busy` where it has drops or more vapour.
#[inline(never)]
fn screen_level(
    [vapour_ratio, gas_constant, number]: [f64; 3],
    [density, pressure]: [&[f64]; 2],
    [vapour, cloud, rain]: [&[f64]; 3],
    saturated: &mut [f64],
    busy: &mut [f64],
) {
    let n = busy.len();
    let (density, pressure, saturated) = (&density[..n], &pressure[..n], &mut saturated[..n]);
    let (vapour, cloud, rain) = (&vapour[..n], &cloud[..n], &rain[..n]);
    for i in 0..n {
        let dry = density[i] - ((vapour[i] + cloud[i]) + rain[i]);
        let temperature = pressure[i] / (gas_constant * (dry + vapour[i] * vapour_ratio));
        saturated[i] = dry * saturated_vapour(temperature, pressure[i]);
        let is_busy = (cloud[i] != 0.0) | (rain[i] != 0.0) | (vapour[i] > saturated[i]);
        busy[i] = if is_busy { number } else { busy[i] };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const KESSLER: Kessler = Kessler { vapour_ratio: 461.5 / 287.0, heating: LATENT_HEAT / 1004.0 };

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
                ground += KESSLER.rain(&mut cells, 20.0);
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
        let ground = KESSLER.rain(&mut cells, 30.0);
        let gained: f64 = cells.iter().map(|cell| cell.gain * cell.thickness).sum();
        assert_relative_eq!(gained, -ground, max_relative = 1e-12);
    }

    #[test]
    fn air_below_saturation_without_drops_does_not_change() {
        let mut cells = column(|_| [0.005, 0.0, 0.0]);
        let before = cells.clone();
        assert_eq!(KESSLER.rain(&mut cells, 10.0), 0.0);
        for (cell, before) in cells.iter().zip(&before) {
            assert_eq!((cell.theta, cell.vapour), (before.theta, before.vapour));
        }
    }

    #[test]
    fn vapour_beyond_saturation_condenses_and_warms() {
        let mut cells = column(|_| [0.018, 0.0, 0.0]);
        let theta = cells[0].theta;
        for _ in 0..3 {
            KESSLER.rain(&mut cells, 5.0);
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
        KESSLER.rain(&mut cells, 5.0);
        assert!(cells.iter().all(|cell| cell.cloud == 0.0 && cell.rain == 0.0));
    }

    #[test]
    fn rain_falls_as_fast_as_published() {
        // 1 g/kg in air of 1.1 kg/m3: 36.34 (0.001 x 1.1 x 0.001)^0.1364.
        let speed = column(|_| [0.0, 0.0, 1e-3])[0].fall_speed();
        assert_relative_eq!(speed, 36.34 * f64::powf(1.1e-6, 0.1364), max_relative = 1e-9);
    }
}
