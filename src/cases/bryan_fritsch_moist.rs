//! Moist warm bubble in saturated neutral air: reversible clouds.
//!
//! Bryan, G. H. and J. M. Fritsch (2002): A benchmark simulation for moist nonhydrostatic numerical models.
//! Mon. Wea. Rev. 130, 2917-2928.
//!
//! Set-up: 20 km x 10 km, 100 m, 1000 s, free-slip walls, no viscosity. The air is saturated everywhere, holds
//! 20 g/kg of water in all and has an equivalent potential temperature of 320 K; 1000 hPa at the ground. The bubble
//! has the buoyancy of the dry one of 2 K, theta_rho'/theta_rho = 2 K/300 K cos^2(pi L/2) in units of the water's
//! weight, saturated at the pressure of the air around it. Published at 1000 s (100 m): theta_e' -0.306 .. 4.095 K,
//! w -9.93 .. 15.71 m/s.
//!
//! It needs the process `saturation`; with the constants g = 9.81, Rd = 287.04, cp = 1005.7.

use super::moist_column::{MoistAir, MoistColumn};
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::{Constants, REFERENCE_PRESSURE};
use crate::math;
use crate::thermodynamics::{
    VAPOUR_GAS_CONSTANT, Water, equivalent_potential_temperature, saturation_mixing_ratio,
};

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "bryan_fritsch_moist",
    title: "Moist warm bubble of 2 K in saturated air",
    reference: "Bryan and Fritsch 2002, Mon. Wea. Rev. 130, 2917-2928",
    parameters: &[
        Parameter::new("amplitude_k", "K", 2.0, [-50.0, 50.0], "warmth of the centre, as of a dry bubble"),
        Parameter::new("water_g_per_kg", "1", 20.0, [0.0, 30.0], "mixing ratio of all water, g/kg"),
        Parameter::new("theta_e_k", "K", 320.0, [280.0, 380.0], "equivalent potential temperature"),
        Parameter::wind(0.0),
    ],
    setting: Setting::Plane,
    build,
};

/// Potential temperature that the warmth of the dry bubble refers to, in K.
const DRY_THETA: f64 = 300.0;
/// Height of the bubble's centre and its radius in m.
const CENTRE_HEIGHT: f64 = 2000.0;
const RADIUS: f64 = 2000.0;
/// Steps of Newton's method, and rounds of the bubble's saturation.
const STEPS: usize = 12;
const ROUNDS: usize = 30;

struct BryanFritschMoist {
    constants: Constants,
    column: MoistColumn,
    x_centre: f64,
    amplitude: f64,
    wind: f64,
    /// Mixing ratio of all water in kg/kg.
    total: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    // Without a process of water the air is dry and neutral.
    let total = if setup.has_water() { 1e-3 * setup.get("water_g_per_kg") } else { 0.0 };
    let theta_e = setup.get("theta_e_k");
    let profile = move |_: f64, exner: f64| match total {
        0.0 => MoistAir { theta: DRY_THETA, vapour: 0.0, cloud: 0.0 },
        _ => saturated(&constants, exner, total, theta_e, 290.0 * exner),
    };
    Box::new(BryanFritschMoist {
        constants,
        column: MoistColumn::new(constants, REFERENCE_PRESSURE, setup.top(), Box::new(profile)),
        x_centre: setup.x_centre(),
        amplitude: setup.get("amplitude_k"),
        wind: setup.get("wind_m_per_s"),
        total,
    })
}

/// Saturated air of a given equivalent potential temperature that holds `total` kg/kg of water; the search begins at
/// the temperature `near` in K.
pub(super) fn saturated(constants: &Constants, exner: f64, total: f64, theta_e: f64, near: f64) -> MoistAir {
    let pressure = constants.pressure_of_exner(exner);
    let air = |temperature: f64| {
        let vapour = saturation_mixing_ratio(constants, temperature, pressure).min(total);
        MoistAir { theta: temperature / exner, vapour, cloud: total - vapour }
    };
    let excess = |temperature: f64| {
        let water = air(temperature).water();
        equivalent_potential_temperature(constants, temperature, pressure, &water) - theta_e
    };
    let mut temperature = near;
    for _ in 0..STEPS {
        let slope = (excess(temperature + 0.01) - excess(temperature - 0.01)) / 0.02;
        temperature -= excess(temperature) / slope;
    }
    air(temperature)
}

impl BryanFritschMoist {
    /// Saturated air at the pressure of the reference state, as much lighter as a dry bubble.
    fn bubble(&self, base: &Base, warmth: f64) -> MoistAir {
        let pressure = self.constants.pressure_of_exner(base.exner);
        let ratio = VAPOUR_GAS_CONSTANT / self.constants.gas_constant;
        let mut air = MoistAir { theta: base.potential_temperature, vapour: 0.0, cloud: 0.0 };
        for _ in 0..ROUNDS {
            let saturated = saturation_mixing_ratio(&self.constants, air.theta * base.exner, pressure);
            air.vapour = saturated.min(self.total);
            air.cloud = self.total - air.vapour;
            let lightness = warmth / DRY_THETA + (1.0 + self.total) / (1.0 + air.vapour);
            air.theta =
                lightness * base.potential_temperature * (1.0 + air.vapour) / (1.0 + air.vapour * ratio);
        }
        air
    }

    fn warmth(&self, at: Point) -> f64 {
        let (across, up) = ((at.x - self.x_centre) / RADIUS, (at.z - CENTRE_HEIGHT) / RADIUS);
        self.amplitude * math::cosine_squared_bell(math::sqrt(across * across + up * up))
    }
}

impl Case for BryanFritschMoist {
    fn base(&self, z: f64) -> Base {
        self.column.base(z, [self.wind, 0.0])
    }

    fn base_water(&self, z: f64) -> Water {
        self.column.air(z).water()
    }

    fn water(&self, at: Point, base: &Base) -> Water {
        match self.warmth(at) {
            0.0 => self.base_water(at.z),
            warmth => self.bubble(base, warmth).water(),
        }
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        match self.warmth(at) {
            0.0 => Air::warmer(base, &self.constants, 0.0),
            warmth => {
                let theta_rho = self.bubble(base, warmth).theta_rho(&self.constants);
                Air::warmer(base, &self.constants, theta_rho - base.potential_temperature)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn the_column_is_that_of_the_paper() {
        // Computed by the program that its authors publish, at the centres of levels of 100 m.
        let constants = Constants { gravity: 9.81, gas_constant: 287.04, heat_capacity: 1005.7 };
        let profile = move |_: f64, exner: f64| saturated(&constants, exner, 0.020, 320.0, 290.0 * exner);
        let column = MoistColumn::new(constants, 1e5, 1e4, Box::new(profile));
        for (z, theta, vapour) in [
            (50.0, 290.109131, 11.93911e-3),
            (150.0, 290.630066, 11.73005e-3),
            (250.0, 291.150909, 11.52214e-3),
            (650.0, 293.231781, 10.70201e-3),
        ] {
            let air = column.air(z);
            assert_relative_eq!(air.theta, theta, epsilon = 5e-3);
            assert_relative_eq!(air.vapour, vapour, epsilon = 2e-6);
        }
    }
}
