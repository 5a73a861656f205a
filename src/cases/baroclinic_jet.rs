//! A zonal jet in hydrostatic and gradient-wind balance on the sphere, which several cases share.
//!
//! Ullrich, P. A., T. Melvin, C. Jablonowski and A. Staniforth (2014): A proposed baroclinic wave test case
//! for deep- and shallow-atmosphere dynamical cores. Q. J. R. Meteorol. Soc. 140, 1590-1602; here the shallow
//! atmosphere, dry. p = p00 at the ground everywhere.

use super::Base;
use crate::config::Sphere;
use crate::constants::Constants;
use crate::math;

/// Temperature at the equator's and at the poles' surface in K.
const EQUATOR: f64 = 310.0;
const POLE: f64 = 240.0;
const MEAN: f64 = 0.5 * (EQUATOR + POLE);
/// Half width of the jet in scale heights, its width parameter and the lapse rate in K/m. The powers of the
/// cosine below are written out for this width.
const HALF_WIDTH: f64 = 2.0;
const WIDTH: f64 = 3.0;
const LAPSE: f64 = 0.005;

/// The balanced state on a planet.
#[derive(Clone, Copy, Debug)]
pub struct Jet {
    constants: Constants,
    radius: f64,
    rotation: f64,
}

/// The state at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JetAir {
    /// Temperature in K.
    pub temperature: f64,
    /// ln(p/p00).
    pub log_pressure: f64,
    /// Eastward wind in m/s.
    pub u: f64,
}

impl Jet {
    /// The jet on a planet that turns at `rotation` (1/s).
    pub fn new(constants: Constants, sphere: Sphere, rotation: f64) -> Self {
        Jet { constants, radius: sphere.radius, rotation }
    }

    /// The state at a latitude (rad) and a height (m).
    pub fn at(&self, latitude: f64, z: f64) -> JetAir {
        let Constants { gravity, gas_constant, .. } = self.constants;
        let scaled = z * gravity / (HALF_WIDTH * gas_constant * MEAN);
        let decay = math::exp(-scaled * scaled);
        let growth = LAPSE * z / MEAN;
        let middle = (MEAN - POLE) / (MEAN * POLE);
        let contrast = 0.5 * (WIDTH + 2.0) * (EQUATOR - POLE) / (EQUATOR * POLE);
        // 1/T is tau1 - tau2 h(latitude); the integrals of both from the ground give the pressure.
        let bend = (1.0 - 2.0 * scaled * scaled) * decay;
        let (tau1, tau2) = (math::exp(growth) / MEAN + middle * bend, contrast * bend);
        let integral1 = math::expm1(growth) / LAPSE + middle * z * decay;
        let integral2 = contrast * z * decay;
        let cosine = math::cos(latitude);
        let cubed = cosine * cosine * cosine;
        let h = cubed - WIDTH / (WIDTH + 2.0) * (cubed * cosine * cosine);
        let temperature = 1.0 / (tau1 - tau2 * h);
        let log_pressure = -(gravity / gas_constant) * (integral1 - integral2 * h);
        let slope = cosine * cosine - cubed * cosine;
        let forcing = gravity * WIDTH / self.radius * integral2 * slope * temperature;
        let (turning, arm) = (self.rotation * self.radius * cosine, self.radius * cosine);
        let u = math::sqrt(turning * turning + arm * forcing) - turning;
        JetAir { temperature, log_pressure, u }
    }

    /// The column at 45 degrees north as a reference state, at rest.
    pub fn base(&self, z: f64) -> Base {
        let JetAir { temperature, log_pressure, .. } = self.at(std::f64::consts::FRAC_PI_4, z);
        let exner = math::exp(log_pressure * self.constants.gas_constant / self.constants.heat_capacity);
        Base { potential_temperature: temperature / exner, exner, u: 0.0, v: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::constants::REFERENCE_PRESSURE;
    use approx::assert_relative_eq;

    /// The planet and the air of the publication.
    fn jet() -> Jet {
        let constants = Constants { gravity: 9.80616, gas_constant: 287.0, heat_capacity: 1004.5 };
        Jet::new(constants, Sphere { radius: 6.37122e6, tilt: 0.0 }, 7.292e-5)
    }

    #[test]
    fn spot_values_of_the_formulae() {
        // Latitude in degrees, height in m, wind in m/s, temperature in K and pressure in Pa.
        for (latitude, z, u, temperature, pressure) in [
            (45.0, 0.0, 0.0, 278.97589, 1e5),
            (45.0, 5e3, 20.77251, 253.52033, 52607.745),
            (45.0, 1e4, 27.88918, 229.70537, 25909.832),
            (0.0, 0.0, 0.0, 310.0, 1e5),
            (0.0, 1e4, 0.0, 232.67904, 28161.295),
            (60.0, 5e3, 14.67417, 238.78291, 49965.293),
        ] {
            let air = jet().at(f64::to_radians(latitude), z);
            assert_relative_eq!(air.u, u, epsilon = 6e-6);
            assert_relative_eq!(air.temperature, temperature, epsilon = 6e-6);
            assert_relative_eq!(
                REFERENCE_PRESSURE * air.log_pressure.exp(),
                pressure,
                max_relative = 1e-12,
                epsilon = 6e-4
            );
        }
    }

    #[test]
    fn the_jet_is_in_gradient_wind_balance() {
        let jet = jet();
        for (latitude, z) in [(0.7, 8e3), (-1.1, 3e3), (0.2, 15e3)] {
            let (air, step) = (jet.at(latitude, z), 1e-5);
            let [south, north] = [-step, step].map(|step| jet.at(latitude + step, z).log_pressure);
            // (1/rho) dp/dy = R T d(ln p)/dy
            let gradient = 287.0 * air.temperature * (north - south) / (2.0 * step * jet.radius);
            let (sine, tangent) = (f64::sin(latitude), f64::tan(latitude));
            let turning = 2.0 * jet.rotation * sine * air.u + air.u * air.u * tangent / jet.radius;
            assert_relative_eq!(gradient, -turning, max_relative = 1e-7);
        }
    }

    #[test]
    fn columns_are_hydrostatic() {
        let jet = jet();
        for (latitude, z) in [(0.0, 2e3), (0.8, 11e3), (1.4, 25e3)] {
            let [below, above] = [-1.0, 1.0].map(|step| jet.at(latitude, z + step).log_pressure);
            let expected = -9.80616 / (287.0 * jet.at(latitude, z).temperature);
            assert_relative_eq!((above - below) / 2.0, expected, max_relative = 1e-7);
        }
    }
}
