//! Saturated, nearly neutral air over a ridge: orographic rain, and waves in clouds.
//!
//! Miglietta, M. M. and R. Rotunno (2005): Simulations of moist nearly neutral flow over a ridge. J. Atmos. Sci. 62,
//! 1410-1427.
//!
//! Set-up: a uniform wind of saturated air over a bell; 1000 hPa at the ground, the same moist buoyancy frequency N_m
//! everywhere below the tropopause, isothermal above it. N_m^2 = g d/dz ln(theta_rho/theta_rho of a parcel that rises
//! from just below), where the parcel condenses as the chosen process has it: reversibly (`saturation`), or with the
//! constants of `kessler`; without water N_m = N. Small ridges under enough cloud leave the air saturated: then the
//! waves are the linear ones of N_m (Durran, D. R. and J. B. Klemp (1982): On the effects of moisture on the
//! Brunt-Vaisala frequency. J. Atmos. Sci. 39, 2152-2158).

use super::bryan_fritsch_moist::saturated;
use super::moist_column::{MoistAir, MoistColumn};
use super::mountain_waves::LinearWave;
use super::{Air, Base, Case, CaseInfo, ExactColumn, Parameter, Point, Setting, Setup};
use crate::constants::{Constants, REFERENCE_PRESSURE};
use crate::math;
use crate::physics::kessler::{LATENT_HEAT, saturated_vapour, vapour_growth};
use crate::thermodynamics::{Water, equivalent_potential_temperature, saturation_mixing_ratio};

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "moist_ridge",
    title: "Saturated, nearly neutral air over a ridge",
    reference: "Miglietta and Rotunno 2005, J. Atmos. Sci. 62, 1410-1427",
    parameters: &[
        Parameter::new("surface_temperature_k", "K", 285.0, [250.0, 310.0], "temperature at z = 0"),
        Parameter::new("moist_brunt_vaisala_per_s", "1/s", 0.00173, [0.0, 0.05], "moist buoyancy frequency"),
        Parameter::new("cloud_g_per_kg", "1", 0.0, [0.0, 5.0], "mixing ratio of cloud, g/kg"),
        Parameter::new("tropopause_m", "m", 11e3, [1e3, 1e5], "height above which it is isothermal"),
        Parameter::new("wind_m_per_s", "m/s", 10.0, [0.0, 150.0], "uniform wind along x"),
    ],
    setting: Setting::Plane,
    build,
};

/// Distance of the heights in the table in m.
const SPACING: f64 = 10.0;
/// Below this temperature in K saturated air holds no vapour to speak of.
const DRIEST: f64 = 150.0;
/// Rounds of the implicit rules, and steps of Newton's method.
const ROUNDS: usize = 4;
const STEPS: usize = 5;
/// Rounds that find saturated air of a density: each gains a digit.
const DENSITY_ROUNDS: usize = 24;

struct MoistRidge {
    column: MoistColumn,
    wind: f64,
    /// Where everything below the lid has the one frequency.
    wave: Option<LinearWave>,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let (wind, frequency) = (setup.get("wind_m_per_s"), setup.get("moist_brunt_vaisala_per_s"));
    let (tropopause, cloud) = (setup.get("tropopause_m"), 1e-3 * setup.get("cloud_g_per_kg"));
    let condensation = Condensation::of(setup);
    let cloud = if setup.has_water() { cloud } else { 0.0 };
    let depth = tropopause.min(setup.top());
    let table = condensation.column(setup.get("surface_temperature_k"), frequency, cloud, depth);
    let [theta, exner] = *table.last().expect("it begins at the ground");
    let (temperature, vapour) = (theta * exner, condensation.saturated(theta, exner));
    let profile = move |z: f64, exner: f64| {
        if z > tropopause {
            let theta = temperature / exner;
            return MoistAir { theta, vapour: vapour.min(condensation.saturated(theta, exner)), cloud: 0.0 };
        }
        let below = ((z / SPACING).max(0.0) as usize).min(table.len() - 2);
        let [low, high] = [table[below][0], table[below + 1][0]];
        condensation.air(low + (high - low) * (z / SPACING - below as f64), exner, cloud)
    };
    let column = MoistColumn::new(setup.constants(), REFERENCE_PRESSURE, setup.top(), Box::new(profile));
    let has_waves = wind > 0.0 && frequency > 0.0 && tropopause >= setup.top();
    let wave = has_waves.then(|| LinearWave::new(setup, column.base(0.0, [0.0; 2]), wind, frequency));
    Box::new(MoistRidge { column, wind, wave })
}

impl Case for MoistRidge {
    fn base(&self, z: f64) -> Base {
        self.column.base(z, [self.wind, 0.0])
    }

    fn base_water(&self, z: f64) -> Water {
        self.column.air(z).water()
    }

    fn initial(&self, _at: Point, base: &Base) -> Air {
        Air { u: base.u, v: base.v, ..Air::default() }
    }

    /// w of the linear wave; the other fields are those of the undisturbed air.
    fn exact(&self, x: f64, _y: f64, centres: &[f64], interfaces: &[f64], _time: f64) -> Option<ExactColumn> {
        self.wave.as_ref()?.column(x, [centres, interfaces], |z| self.base(z))
    }
}

/// How the air of the run condenses.
#[derive(Clone, Copy)]
struct Condensation {
    constants: Constants,
    has_water: bool,
    is_kessler: bool,
}

impl Condensation {
    fn of(setup: &Setup<'_>) -> Self {
        let processes = &setup.configuration.physics.processes;
        let is_kessler = processes.iter().any(|name| name == "kessler");
        Condensation { constants: setup.constants(), has_water: setup.has_water(), is_kessler }
    }

    /// The mixing ratio of saturated vapour; 0 without water.
    fn saturated(&self, theta: f64, exner: f64) -> f64 {
        let (temperature, pressure) = (theta * exner, self.constants.pressure_of_exner(exner));
        match (self.has_water && temperature > DRIEST, self.is_kessler) {
            (false, _) => 0.0,
            (true, true) => saturated_vapour(temperature, pressure),
            (true, false) => saturation_mixing_ratio(&self.constants, temperature, pressure),
        }
    }

    fn air(&self, theta: f64, exner: f64, cloud: f64) -> MoistAir {
        MoistAir { theta, vapour: self.saturated(theta, exner), cloud }
    }

    /// Saturated air of a density potential temperature in K.
    fn of_density(&self, theta_rho: f64, exner: f64, cloud: f64) -> MoistAir {
        let mut air = self.air(theta_rho, exner, cloud);
        for _ in 0..DENSITY_ROUNDS {
            air = self.air(theta_rho / air.water().gas_factor(&self.constants), exner, cloud);
        }
        air
    }

    /// Saturated air after a rise from one Exner function to another.
    fn lifted(&self, air: MoistAir, [from, to]: [f64; 2]) -> MoistAir {
        if air.vapour == 0.0 {
            return air;
        }
        let total = air.vapour + air.cloud;
        if !self.is_kessler {
            let (temperature, pressure) = (air.theta * from, self.constants.pressure_of_exner(from));
            let theta_e =
                equivalent_potential_temperature(&self.constants, temperature, pressure, &air.water());
            return saturated(&self.constants, to, total, theta_e, air.theta * to);
        }
        // theta + L r_v/(cp Pi) stays.
        let heating = LATENT_HEAT / (self.constants.heat_capacity * 0.5 * (from + to));
        let mut theta = air.theta;
        for _ in 0..STEPS {
            let vapour = self.saturated(theta, to);
            let slope = 1.0 + heating * to * vapour_growth(theta * to, vapour);
            theta += (air.theta - theta + heating * (air.vapour - vapour)) / slope;
        }
        let vapour = self.saturated(theta, to);
        MoistAir { theta, vapour, cloud: total - vapour }
    }

    /// Potential temperature and Exner function of the saturated column at the multiples of the spacing, from the
    /// temperature at the ground in K up to `depth` m.
    fn column(&self, temperature: f64, frequency: f64, cloud: f64, depth: f64) -> Vec<[f64; 2]> {
        let Constants { gravity, heat_capacity, .. } = self.constants;
        let growth = math::exp(frequency * frequency * SPACING / gravity);
        let rate = 0.5 * SPACING * gravity / heat_capacity;
        let (mut air, mut exner) = (self.air(temperature, 1.0, cloud), 1.0);
        let mut table = vec![[air.theta, exner]];
        for _ in 0..(depth / SPACING).ceil() as usize {
            let below = air.theta_rho(&self.constants);
            let mut above = below;
            let exner_above = |above: f64| exner - rate * (1.0 / below + 1.0 / above);
            for _ in 0..ROUNDS {
                above = growth * self.lifted(air, [exner, exner_above(above)]).theta_rho(&self.constants);
            }
            exner = exner_above(above);
            air = self.of_density(above, exner, cloud);
            table.push([air.theta, exner]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::super::{build, testing::configuration};
    use super::*;
    use crate::state::water;
    use approx::assert_relative_eq;

    fn ridge(process: &str, frequency: f64) -> Box<dyn Case> {
        let mut configuration = configuration("moist_ridge", [400e3, 20e3], [10, 10]);
        configuration.case.parameters.insert("moist_brunt_vaisala_per_s".into(), frequency);
        configuration.case.parameters.insert("cloud_g_per_kg".into(), 0.5);
        if !process.is_empty() {
            configuration.dynamics.tracers = water::NAMES[..2].iter().map(|name| name.to_string()).collect();
            configuration.physics.processes = vec![process.into()];
        }
        build(&configuration).unwrap()
    }

    #[test]
    fn without_water_the_frequency_is_that_of_dry_air() {
        let case = ridge("", 0.01);
        for z in [0.0, 1234.0, 9876.5] {
            let expected = 285.0 * f64::exp(1e-4 * z / 9.81);
            assert_relative_eq!(case.base(z).potential_temperature, expected, max_relative = 1e-6);
        }
    }

    /// To 1e-5 1/s2: eq. 36 of Durran and Klemp 1982 leaves the heat capacity of the water out.
    #[test]
    fn clouds_have_the_frequency_of_durran_and_klemp() {
        let constants = Constants::default();
        for (process, frequency) in [("saturation", 0.01), ("saturation", 0.006), ("kessler", 0.01)] {
            let case = ridge(process, frequency);
            let state = |z: f64| {
                let (base, water) = (case.base(z), case.base_water(z));
                let theta = base.potential_temperature / water.gas_factor(&constants);
                let [vapour, total] =
                    [water.vapour, water.vapour + water.cloud].map(|fraction| fraction / water.dry());
                (theta, theta * base.exner, vapour, total)
            };
            for z in [500.0, 2000.0, 5000.0] {
                let ((_, temperature, vapour, _), low, high) = (state(z), state(z - 10.0), state(z + 10.0));
                let slope = |above: f64, below: f64| (above - below) / 20.0;
                let heat = 2.5e6 * vapour / (287.0 * temperature);
                let capacity =
                    1.0 + 2.5e6 * 2.5e6 * 0.622 * vapour / (1004.0 * 287.0 * temperature * temperature);
                let warming =
                    slope(high.0.ln(), low.0.ln()) + 2.5e6 / (1004.0 * temperature) * slope(high.2, low.2);
                let squared = 9.81 * ((1.0 + heat) / capacity * warming - slope(high.3, low.3));
                assert_relative_eq!(squared, frequency * frequency, epsilon = 1e-5);
            }
        }
    }
}
