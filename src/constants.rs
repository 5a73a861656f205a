//! Physical constants and the thermodynamics of dry air.

use crate::math;

/// Constants of the air and the planet that a case may change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constants {
    /// Acceleration of gravity g in m/s2.
    pub gravity: f64,
    /// Specific gas constant of dry air R in J/(kg K).
    pub gas_constant: f64,
    /// Specific heat of dry air at constant pressure cp in J/(kg K).
    pub heat_capacity: f64,
}

/// Reference pressure of the potential temperature, p00 in Pa.
pub const REFERENCE_PRESSURE: f64 = 1.0e5;

impl Default for Constants {
    /// The values of the dry benchmark cases (Straka et al. 1993): g = 9.81, R = 287, cp = 1004.
    fn default() -> Self {
        Constants { gravity: 9.81, gas_constant: 287.0, heat_capacity: 1004.0 }
    }
}

impl Constants {
    /// Ratio of specific heats, gamma = cp/cv.
    pub fn gamma(&self) -> f64 {
        self.heat_capacity / (self.heat_capacity - self.gas_constant)
    }

    /// Pressure in Pa from the Exner function.
    pub fn pressure_of_exner(&self, exner: f64) -> f64 {
        REFERENCE_PRESSURE * math::pow(exner, self.heat_capacity / self.gas_constant)
    }
}
