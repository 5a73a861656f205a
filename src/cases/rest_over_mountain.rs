//! Air at rest with an inversion over steep ridges, which must stay at rest.
//!
//! Klemp, J. B. (2011): A terrain-following coordinate with smoothed coordinate surfaces. Mon. Wea. Rev. 139,
//! 2163-2169.
//!
//! Set-up: h = 1000 m exp(-(x/5 km)^2) cos^2(pi x/4 km), 200 km x 20 km, cells of 500 m, walls; theta = 288 K at z = 0,
//! N = 0.01 1/s, in the inversion from 2 to 3 km 0.02 1/s; 5 h. The reference state has no inversion, so that what the
//! levels make of a sounding that is not the reference shows as wind. Largest |w| in 5 h: about 7 m/s with basic levels
//! and the plain gradient of the pressure (Klemp 2011), 0.37 m/s with a curl-free one (Shaw and Weller 2016, Mon. Wea.
//! Rev. 144, 2085-2099).

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::Constants;
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "rest_over_mountain",
    title: "Air at rest over a mountain",
    reference: "Klemp 2011, Mon. Wea. Rev. 139, 2163-2169",
    parameters: &[
        Parameter::new("surface_theta_k", "K", 288.0, [100.0, 1000.0], "potential temperature at z = 0"),
        Parameter::new("brunt_vaisala_per_s", "1/s", 0.01, [0.001, 0.1], "Brunt-Vaisala frequency"),
        Parameter::new(
            "inversion_brunt_vaisala_per_s",
            "1/s",
            0.02,
            [0.001, 0.1],
            "Brunt-Vaisala frequency in the inversion",
        ),
        Parameter::new("inversion_base_m", "m", 2000.0, [0.0, 1e5], "height of the inversion's base"),
        Parameter::new("inversion_depth_m", "m", 1000.0, [0.0, 1e5], "depth of the inversion"),
    ],
    setting: Setting::Plane,
    build,
};

struct RestOverMountain {
    constants: Constants,
    atmosphere: Atmosphere,
    frequency: f64,
    inversion_frequency: f64,
    /// Heights of the base and the top of the inversion in m.
    inversion: [f64; 2],
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    let (theta, frequency) = (setup.get("surface_theta_k"), setup.get("brunt_vaisala_per_s"));
    let base = setup.get("inversion_base_m");
    Box::new(RestOverMountain {
        constants,
        atmosphere: Atmosphere::stratified(constants, theta, frequency),
        frequency,
        inversion_frequency: setup.get("inversion_brunt_vaisala_per_s"),
        inversion: [base, base + setup.get("inversion_depth_m")],
    })
}

impl RestOverMountain {
    /// Potential temperature and Exner function at height `z`: layers of constant frequency, from the ground up.
    fn sounding(&self, z: f64) -> [f64; 2] {
        let Base { potential_temperature: mut theta, mut exner, .. } =
            self.atmosphere.base(z.min(self.inversion[0]));
        let [bottom, top] = self.inversion;
        let layers = [(bottom, top, self.inversion_frequency), (top, f64::INFINITY, self.frequency)];
        let (g, cp) = (self.constants.gravity, self.constants.heat_capacity);
        for (low, high, frequency) in layers {
            let depth = z.min(high) - low;
            if depth > 0.0 {
                let n2 = frequency * frequency;
                exner += g * g / (cp * theta * n2) * math::expm1(-n2 * depth / g);
                theta *= math::exp(n2 * depth / g);
            }
        }
        [theta, exner]
    }
}

impl Case for RestOverMountain {
    fn base(&self, z: f64) -> Base {
        self.atmosphere.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        if at.z <= self.inversion[0] {
            return Air::default();
        }
        let [theta, exner] = self.sounding(at.z);
        let log_pressure = math::log(exner) * self.constants.heat_capacity / self.constants.gas_constant;
        Air::of_state(base, &self.constants, theta * exner, log_pressure, [0.0; 2])
    }
}
