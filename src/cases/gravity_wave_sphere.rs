//! Gravity waves from a warm spot on a small planet.
//!
//! Ullrich, P. A., C. Jablonowski, J. Kent, P. H. Lauritzen, R. D. Nair and M. A. Taylor (2012): Dynamical
//! Core Model Intercomparison Project (DCMIP) test case document, version 1.7, test 3-1.
//!
//! Set-up: a planet of radius 6.37122e6/125 m that does not turn, lid at 10 km; N = 0.01 1/s, 300 K at the
//! equator, solid-body wind 20 m/s cos(latitude) in balance; theta' = 1 K d^2/(d^2 + r^2) sin(2 pi z/20 km),
//! d = 5 km, r the distance from (120 E, 0 N), at unchanged pressure. After one hour theta' lies between
//! about -0.08 and 0.14 K in other models, symmetric about the equator; the outer front runs at 32 m/s
//! against the wind. The reference profile is the column at the equator.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::Constants;
use crate::math;
use std::f64::consts::PI;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "gravity_wave_sphere",
    title: "Gravity waves on a small planet",
    reference: "Ullrich et al. 2012, DCMIP test case document, test 3-1",
    parameters: &[
        Parameter::new("amplitude_k", "K", 1.0, [-20.0, 20.0], "potential temperature excess"),
        Parameter::new("half_width_m", "m", 5000.0, [1.0, 1e8], "half width of the warm spot"),
        Parameter::new("vertical_wavelength_m", "m", 2e4, [1.0, 1e6], "of the warm spot"),
        Parameter::new("centre_longitude_deg", "1", 120.0, [-180.0, 180.0], "longitude of the warm spot"),
        Parameter::new("equator_temperature_k", "K", 300.0, [100.0, 1000.0], "at the ground of the equator"),
        Parameter::new("brunt_vaisala_per_s", "1/s", 0.01, [1e-4, 0.1], "Brunt-Vaisala frequency"),
        Parameter::new("wind_m_per_s", "m/s", 20.0, [-150.0, 150.0], "eastward wind at the equator"),
    ],
    setting: Setting::Sphere,
    build,
};

struct GravityWave {
    constants: Constants,
    reference: Atmosphere,
    radius: f64,
    rotation: f64,
    wind: f64,
    equator: f64,
    frequency: f64,
    spot: Spot,
}

/// The warm spot.
struct Spot {
    amplitude: f64,
    width: f64,
    wavelength: f64,
    centre: Point,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    let (equator, frequency) = (setup.get("equator_temperature_k"), setup.get("brunt_vaisala_per_s"));
    let longitude = setup.get("centre_longitude_deg").to_radians();
    Box::new(GravityWave {
        constants,
        reference: Atmosphere::stratified(constants, equator, frequency),
        radius: setup.sphere().radius,
        rotation: setup.configuration.dynamics.rotation,
        wind: setup.get("wind_m_per_s"),
        equator,
        frequency,
        spot: Spot {
            amplitude: setup.get("amplitude_k"),
            width: setup.get("half_width_m"),
            wavelength: setup.get("vertical_wavelength_m"),
            centre: Point { x: longitude, y: 0.0, z: 0.0 },
        },
    })
}

/// The balanced air at a point: temperature in K and ln(p/p00).
struct Background {
    temperature: f64,
    log_pressure: f64,
}

impl GravityWave {
    fn background(&self, at: Point) -> Background {
        let Constants { gravity, gas_constant, heat_capacity } = self.constants;
        let n2 = self.frequency * self.frequency;
        let g = gravity * gravity / (n2 * heat_capacity);
        // cos(2 latitude) - 1
        let sine = math::sin(at.y);
        let away = -2.0 * sine * sine;
        let turning = self.wind * (self.wind + 2.0 * self.rotation * self.radius);
        let surface = g + (self.equator - g) * math::exp(-turning * n2 / (4.0 * gravity * gravity) * away);
        let kappa = gas_constant / heat_capacity;
        let surface_log =
            turning / (4.0 * g * gas_constant) * away + math::log(surface / self.equator) / kappa;
        let height = n2 * at.z / gravity;
        let temperature = surface * math::exp(height) - g * math::expm1(height);
        let exner_ratio = 1.0 + g / surface * math::expm1(-height);
        Background { temperature, log_pressure: surface_log + math::log(exner_ratio) / kappa }
    }

    /// The temperature excess of the spot in K.
    fn excess(&self, at: Point, background: &Background) -> f64 {
        let Spot { amplitude, width, wavelength, centre } = &self.spot;
        let distance = self.radius * at.angle_to(centre);
        let bell = width * width / (width * width + distance * distance);
        let theta = amplitude * bell * math::sin(2.0 * PI * at.z / wavelength);
        theta
            * math::exp(background.log_pressure * self.constants.gas_constant / self.constants.heat_capacity)
    }
}

impl Case for GravityWave {
    fn base(&self, z: f64) -> Base {
        self.reference.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let background = self.background(at);
        let temperature = background.temperature + self.excess(at, &background);
        let wind = [self.wind * math::cos(at.y), 0.0];
        Air::of_state(base, &self.constants, temperature, background.log_pressure, wind)
    }

    fn buoyant_density(&self, at: Point, base: &Base) -> f64 {
        let background = self.background(at);
        let excess = self.excess(at, &background);
        let air = |temperature: f64| {
            Air::of_state(base, &self.constants, temperature, background.log_pressure, [0.0; 2]).density
        };
        air(background.temperature + excess) - air(background.temperature)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::globe;
    use super::super::{Point, build};
    use crate::constants::REFERENCE_PRESSURE;
    use approx::assert_relative_eq;

    #[test]
    fn the_background_is_hydrostatic_and_in_balance_with_the_wind() {
        let mut configuration = globe("gravity_wave_sphere", 8, 10, 10e3);
        configuration.case.parameters.insert("amplitude_k".into(), 0.0);
        configuration.dynamics.rotation = 1e-3;
        let case = build(&configuration).unwrap();
        let constants = configuration.dynamics.constants;
        let radius = configuration.grid.sphere().unwrap().radius;
        let gas = constants.gas_constant;
        // Density and ln p at a latitude and a height.
        let air = |y: f64, z: f64| {
            let base = case.base(z);
            let air = case.initial(Point { x: 1.0, y, z }, &base);
            let density = base.density(&constants);
            let heat = density * base.potential_temperature + air.heat;
            (density + air.density, constants.gamma() * f64::ln(heat * gas / REFERENCE_PRESSURE), air.u)
        };
        for (y, z) in [(0.3, 2e3), (-1.2, 8e3)] {
            let (density, log_pressure, u) = air(y, z);
            let pressure = REFERENCE_PRESSURE * log_pressure.exp();
            let (dz, dy) = (1.0, 1e-4);
            let up = pressure * (air(y, z + dz).1 - air(y, z - dz).1) / (2.0 * dz);
            assert_relative_eq!(up, -density * constants.gravity, max_relative = 1e-6);
            let north = pressure * (air(y + dy, z).1 - air(y - dy, z).1) / (2.0 * dy * radius);
            let turning = 2e-3 * y.sin() * u + u * u * y.tan() / radius;
            assert_relative_eq!(north, -density * turning, max_relative = 1e-5);
        }
    }

    #[test]
    fn the_warm_spot_has_the_published_amplitude() {
        let configuration = globe("gravity_wave_sphere", 8, 10, 10e3);
        let case = build(&configuration).unwrap();
        let at = Point { x: 2.0 * std::f64::consts::PI / 3.0, y: 0.0, z: 5e3 };
        let base = case.base(at.z);
        let air = case.initial(at, &base);
        let density = base.density(&configuration.dynamics.constants);
        // At the equator's pressure: the heat is that of the reference, the air is 1 K warmer.
        assert_relative_eq!(air.heat, 0.0, epsilon = 1e-9);
        let theta = density * base.potential_temperature / (density + air.density);
        assert_relative_eq!(theta - base.potential_temperature, 1.0, max_relative = 1e-9);
        assert_relative_eq!(case.buoyant_density(at, &base), air.density, max_relative = 1e-9);
    }
}
