//! Columns of moist air in hydrostatic balance, from potential temperature and humidity over height.
//!
//! dPi/dz = -g/(cp theta_rho) is integrated upwards from the ground by the trapezoidal rule in steps of 10 m, with
//! the water at each height where it depends on the pressure there.

use super::Base;
use crate::constants::{Constants, REFERENCE_PRESSURE};
use crate::math;
use crate::thermodynamics::Water;

/// Distance of the heights in the table, in m.
const SPACING: f64 = 10.0;
/// Rounds of the implicit trapezoidal rule: each gains three digits and more.
const ROUNDS: usize = 8;

/// Air at one height: potential temperature in K, vapour and cloud as mixing ratios to dry air.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MoistAir {
    pub theta: f64,
    pub vapour: f64,
    pub cloud: f64,
}

impl MoistAir {
    /// Its water as fractions of the whole mass.
    pub fn water(&self) -> Water {
        Water::of_mixing_ratios(self.vapour, self.cloud)
    }

    /// The density potential temperature in K.
    pub fn theta_rho(&self, constants: &Constants) -> f64 {
        self.theta * self.water().gas_factor(constants)
    }
}

/// The air at a height (m) under an Exner function.
pub type Profile = Box<dyn Fn(f64, f64) -> MoistAir + Send + Sync>;

/// A column in hydrostatic balance from z = 0 up to the lid.
pub struct MoistColumn {
    constants: Constants,
    profile: Profile,
    /// The Exner function at the multiples of the spacing.
    exner: Vec<f64>,
}

impl MoistColumn {
    /// The column over a pressure at the ground in Pa, up to `top` m.
    pub fn new(constants: Constants, surface_pressure: f64, top: f64, profile: Profile) -> Self {
        let kappa = constants.gas_constant / constants.heat_capacity;
        let surface = math::pow(surface_pressure / REFERENCE_PRESSURE, kappa);
        let mut column = MoistColumn { constants, profile, exner: vec![surface] };
        for n in 0..(top / SPACING).ceil() as usize {
            let above = column.step(n as f64 * SPACING, column.exner[n], SPACING);
            column.exner.push(above);
        }
        column
    }

    /// The Exner function `distance` m above the height `z` where it is `exner`.
    fn step(&self, z: f64, exner: f64, distance: f64) -> f64 {
        if distance == 0.0 {
            return exner;
        }
        let inverse = |z: f64, exner: f64| 1.0 / (self.profile)(z, exner).theta_rho(&self.constants);
        let rate = self.constants.gravity / self.constants.heat_capacity * distance;
        let below = inverse(z, exner);
        let mut above = exner - rate * below;
        for _ in 0..ROUNDS {
            above = exner - rate * 0.5 * (below + inverse(z + distance, above));
        }
        above
    }

    /// The Exner function at a height in m.
    fn exner(&self, z: f64) -> f64 {
        let n = ((z / SPACING).floor().max(0.0) as usize).min(self.exner.len() - 1);
        let below = n as f64 * SPACING;
        self.step(below, self.exner[n], z - below)
    }

    /// The air at a height in m.
    pub fn air(&self, z: f64) -> MoistAir {
        (self.profile)(z, self.exner(z))
    }

    /// The reference state at a height in m, moving with the wind (u, v) in m/s.
    pub fn base(&self, z: f64, [u, v]: [f64; 2]) -> Base {
        let exner = self.exner(z);
        let potential_temperature = (self.profile)(z, exner).theta_rho(&self.constants);
        Base { potential_temperature, exner, u, v }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn neutral_air_has_a_linear_exner_function() {
        let constants = Constants::default();
        let neutral = |_: f64, _: f64| MoistAir { theta: 300.0, vapour: 0.0, cloud: 0.0 };
        let column = MoistColumn::new(constants, 1e5, 8000.0, Box::new(neutral));
        for z in [0.0, 3.7, 10.0, 4321.0, 8000.0] {
            let expected = 1.0 - constants.gravity * z / (constants.heat_capacity * 300.0);
            assert_relative_eq!(column.base(z, [0.0; 2]).exner, expected, max_relative = 1e-13);
        }
    }
}
