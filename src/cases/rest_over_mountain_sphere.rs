//! Air at rest over rings of ridges on a globe that does not turn, which must stay at rest.
//!
//! Ullrich, P. A., C. Jablonowski, J. Kent, P. H. Lauritzen, R. D. Nair and M. A. Taylor (2012): Dynamical Core Model
//! Intercomparison Project (DCMIP) test case document, version 1.7, test 2-0-0.
//!
//! Set-up: a = 6.37122e6 m, g = 9.80616, R = 287, cp = 1004.5; T = 300 K - 6.5 K/km z, p = 1000 hPa at z = 0, lid at
//! 12 km; with r the angle from (270 E, 0 N) the ground is h/2 (1 + cos(pi r/R)) cos^2(pi r/l) for r < R = 135 degrees,
//! h = 2 km, l = 11.25 degrees; 6 days. The reference state is another one, isothermal, so that what the levels make of
//! a sounding that is not the reference shows as wind. Other models: largest |u| of 0.1 to 1 m/s.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::Constants;
use crate::math;
use std::f64::consts::PI;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "rest_over_mountain_sphere",
    title: "Air at rest over ridges on the globe",
    reference: "Ullrich et al. 2012, DCMIP test case document, test 2-0-0",
    parameters: &[
        Parameter::new("height_m", "m", 2000.0, [-5000.0, 20e3], "height of the mountain"),
        Parameter::new("radius_deg", "1", 135.0, [1.0, 180.0], "where the mountain ends"),
        Parameter::new("wavelength_deg", "1", 11.25, [1e-3, 1e6], "of its ridges"),
        Parameter::new("centre_longitude_deg", "1", -90.0, [-180.0, 360.0], "longitude of its top"),
        Parameter::new("centre_latitude_deg", "1", 0.0, [-90.0, 90.0], "latitude of its top"),
        Parameter::new("temperature_k", "K", 300.0, [100.0, 1000.0], "at height 0"),
        Parameter::new("lapse_rate_k_per_m", "K/m", 0.0065, [0.0, 0.009], "fall of the temperature"),
        Parameter::new("reference_temperature_k", "K", 260.0, [100.0, 1000.0], "of the reference state"),
    ],
    setting: Setting::Sphere,
    build,
};

struct RestOverMountain {
    constants: Constants,
    reference: Atmosphere,
    temperature: f64,
    lapse_rate: f64,
    is_reference: bool,
    height: f64,
    /// In rad.
    radius: f64,
    wavelength: f64,
    centre: Point,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    let [temperature, lapse_rate, reference] =
        ["temperature_k", "lapse_rate_k_per_m", "reference_temperature_k"].map(|name| setup.get(name));
    let radians = |name: &str| setup.get(name).to_radians();
    Box::new(RestOverMountain {
        constants,
        reference: Atmosphere::isothermal(constants, reference),
        temperature,
        lapse_rate,
        is_reference: lapse_rate == 0.0 && temperature == reference,
        height: setup.get("height_m"),
        radius: radians("radius_deg"),
        wavelength: radians("wavelength_deg"),
        centre: Point { x: radians("centre_longitude_deg"), y: radians("centre_latitude_deg"), z: 0.0 },
    })
}

impl Case for RestOverMountain {
    fn base(&self, z: f64) -> Base {
        self.reference.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        if self.is_reference {
            return Air::default();
        }
        let Constants { gravity, gas_constant, .. } = self.constants;
        let temperature = self.temperature - self.lapse_rate * at.z;
        let log_pressure = if self.lapse_rate == 0.0 {
            -gravity * at.z / (gas_constant * self.temperature)
        } else {
            gravity / (gas_constant * self.lapse_rate) * math::log(temperature / self.temperature)
        };
        Air::of_state(base, &self.constants, temperature, log_pressure, [0.0; 2])
    }

    fn ground(&self, at: Point) -> Option<f64> {
        let distance = at.angle_to(&self.centre);
        if distance >= self.radius {
            return Some(0.0);
        }
        let ridges = math::cos(PI * distance / self.wavelength);
        Some(0.5 * self.height * (1.0 + math::cos(PI * distance / self.radius)) * (ridges * ridges))
    }
}
