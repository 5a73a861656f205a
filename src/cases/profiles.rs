//! Hydrostatic reference atmospheres that several cases share. All have p = p00 at z = 0.

use super::Base;
use crate::constants::Constants;
use crate::math;

/// A reference atmosphere with uniform wind.
#[derive(Clone, Copy, Debug)]
pub struct Atmosphere {
    constants: Constants,
    stratification: Stratification,
    u: f64,
    v: f64,
}

/// What stays the same with height.
#[derive(Clone, Copy, Debug)]
enum Stratification {
    /// The Brunt-Vaisala frequency N in 1/s (0: neutral), from a surface potential temperature in K.
    Buoyancy { surface_theta: f64, frequency: f64 },
    /// The temperature in K.
    Temperature(f64),
    /// The growth of the potential temperature in K/m, from that at the ground in K.
    Gradient { surface_theta: f64, gradient: f64 },
}

impl Atmosphere {
    /// theta = theta_s exp(N^2 z/g), Exner function 1 + g^2/(cp theta_s N^2) (exp(-N^2 z/g) - 1).
    pub fn stratified(constants: Constants, surface_theta: f64, frequency: f64) -> Self {
        let stratification = Stratification::Buoyancy { surface_theta, frequency };
        Atmosphere { constants, stratification, u: 0.0, v: 0.0 }
    }

    /// theta = theta_0, Exner function 1 - g z/(cp theta_0).
    pub fn neutral(constants: Constants, theta: f64) -> Self {
        Atmosphere::stratified(constants, theta, 0.0)
    }

    /// T = T_0, Exner function exp(-g z/(cp T_0)).
    pub fn isothermal(constants: Constants, temperature: f64) -> Self {
        Atmosphere { constants, stratification: Stratification::Temperature(temperature), u: 0.0, v: 0.0 }
    }

    /// theta = theta_s + gamma z, Exner function 1 - g/(cp gamma) ln(1 + gamma z/theta_s).
    pub fn of_gradient(constants: Constants, surface_theta: f64, gradient: f64) -> Self {
        if gradient == 0.0 {
            return Atmosphere::neutral(constants, surface_theta);
        }
        let stratification = Stratification::Gradient { surface_theta, gradient };
        Atmosphere { constants, stratification, u: 0.0, v: 0.0 }
    }

    /// The same atmosphere moving along x and y at the given speeds in m/s.
    pub fn with_wind(self, u: f64, v: f64) -> Self {
        Atmosphere { u, v, ..self }
    }

    /// The reference state at height `z` (m).
    pub fn base(&self, z: f64) -> Base {
        let (g, cp) = (self.constants.gravity, self.constants.heat_capacity);
        let (potential_temperature, exner) = match self.stratification {
            Stratification::Buoyancy { surface_theta, frequency: 0.0 } => {
                (surface_theta, 1.0 - g * z / (cp * surface_theta))
            }
            Stratification::Buoyancy { surface_theta, frequency } => {
                let n2 = frequency * frequency;
                let height = n2 * z / g;
                let exner = 1.0 + g * g / (cp * surface_theta * n2) * math::expm1(-height);
                (surface_theta * math::exp(height), exner)
            }
            Stratification::Gradient { surface_theta, gradient } => {
                let growth = math::log1p(gradient * z / surface_theta);
                (surface_theta + gradient * z, 1.0 - g / (cp * gradient) * growth)
            }
            Stratification::Temperature(temperature) => {
                let exner = math::exp(-g * z / (cp * temperature));
                (temperature / exner, exner)
            }
        };
        Base { potential_temperature, exner, u: self.u, v: self.v }
    }
}
