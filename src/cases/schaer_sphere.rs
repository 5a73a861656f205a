//! Nonhydrostatic mountain waves on a small planet.
//!
//! Ullrich, P. A., C. Jablonowski, J. Kent, P. H. Lauritzen, R. D. Nair and M. A. Taylor (2012): Dynamical Core Model
//! Intercomparison Project (DCMIP) test case document, version 1.7, tests 2-1 (no shear) and 2-2.
//!
//! Set-up: a planet of radius 6.37122e6 m/500 that does not turn, g = 9.80616, R = 287, cp = 1004.5, lid at 30 km;
//! with the latitude phi, c = 0 (2-1) or 2.5e-4 1/m (2-2), T = 300 K (1 - c U^2/g sin^2 phi),
//! u = U cos phi sqrt(600 K c z/T + T/300 K), U = 20 m/s, p = 1000 hPa exp(-U^2/(2 R 300 K) sin^2 phi - g z/(R T)); the ground
//! is h exp(-(r/d)^2) cos^2(pi r/l), h = 250 m, d = 5 km, l = 4 km, r the distance from (45 E, 0 N). The wind above
//! 20 km relaxes to that of the start within 25 s at the lid; 2 h.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::Constants;
use crate::math;
use std::f64::consts::PI;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "schaer_sphere",
    title: "Mountain waves on a small planet",
    reference: "Ullrich et al. 2012, DCMIP test case document, tests 2-1 and 2-2",
    parameters: &[
        Parameter::new("height_m", "m", 250.0, [-5000.0, 20e3], "height of the mountain"),
        Parameter::new("half_width_m", "m", 5000.0, [1.0, 1e8], "half width of the mountain"),
        Parameter::new("wavelength_m", "m", 4000.0, [1.0, 1e8], "of its ridges"),
        Parameter::new("centre_longitude_deg", "1", 45.0, [-180.0, 360.0], "longitude of its top"),
        Parameter::new("temperature_k", "K", 300.0, [100.0, 1000.0], "at the equator"),
        Parameter::new(
            "wind_m_per_s",
            "m/s",
            20.0,
            [-150.0, 150.0],
            "eastward wind at the ground of the equator",
        ),
        Parameter::new("shear_per_m", "1/m", 0.0, [0.0, 1e-3], "c, half the growth of u^2/U^2 with height"),
    ],
    setting: Setting::Sphere,
    build,
};

struct Schaer {
    constants: Constants,
    reference: Atmosphere,
    radius: f64,
    temperature: f64,
    wind: f64,
    shear: f64,
    height: f64,
    half_width: f64,
    wavelength: f64,
    centre: Point,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let (constants, temperature) = (setup.constants(), setup.get("temperature_k"));
    Box::new(Schaer {
        constants,
        reference: Atmosphere::isothermal(constants, temperature),
        radius: setup.sphere().radius,
        temperature,
        wind: setup.get("wind_m_per_s"),
        shear: setup.get("shear_per_m"),
        height: setup.get("height_m"),
        half_width: setup.get("half_width_m"),
        wavelength: setup.get("wavelength_m"),
        centre: Point { x: setup.get("centre_longitude_deg").to_radians(), y: 0.0, z: 0.0 },
    })
}

impl Case for Schaer {
    fn base(&self, z: f64) -> Base {
        self.reference.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let Constants { gravity, gas_constant, .. } = self.constants;
        let (sine, square) = (math::sin(at.y), self.wind * self.wind);
        let temperature = self.temperature * (1.0 - self.shear * square / gravity * (sine * sine));
        let log_pressure = -square / (2.0 * gas_constant * self.temperature) * (sine * sine)
            - gravity * at.z / (gas_constant * temperature);
        let warmth = temperature / self.temperature;
        let growth = math::sqrt(2.0 * self.shear * at.z / warmth + warmth);
        let wind = [self.wind * math::cos(at.y) * growth, 0.0];
        Air::of_state(base, &self.constants, temperature, log_pressure, wind)
    }

    fn ground(&self, at: Point) -> Option<f64> {
        let distance = self.radius * at.angle_to(&self.centre);
        let (bell, ridges) = (distance / self.half_width, math::cos(PI * distance / self.wavelength));
        Some(self.height * math::exp(-bell * bell) * (ridges * ridges))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::globe;
    use super::super::{Point, build};
    use crate::constants::REFERENCE_PRESSURE;
    use approx::assert_relative_eq;

    #[test]
    fn the_wind_with_shear_is_in_balance() {
        let mut configuration = globe("schaer_sphere", 8, 10, 30e3);
        configuration.case.parameters.insert("shear_per_m".into(), 2.5e-4);
        let case = build(&configuration).unwrap();
        let constants = configuration.dynamics.constants;
        let radius = configuration.grid.sphere().unwrap().radius;
        // Density, ln p and the wind at a latitude and a height.
        let air = |y: f64, z: f64| {
            let base = case.base(z);
            let air = case.initial(Point { x: 1.0, y, z }, &base);
            let density = base.density(&constants);
            let heat = density * base.potential_temperature + air.heat;
            let pressure = constants.gamma() * f64::ln(heat * constants.gas_constant / REFERENCE_PRESSURE);
            (density + air.density, pressure, air.u)
        };
        for (y, z) in [(0.3, 2e3), (-1.2, 25e3)] {
            let (density, log_pressure, u) = air(y, z);
            let pressure = REFERENCE_PRESSURE * log_pressure.exp();
            let (dz, dy) = (1.0, 1e-4);
            let up = pressure * (air(y, z + dz).1 - air(y, z - dz).1) / (2.0 * dz);
            assert_relative_eq!(up, -density * constants.gravity, max_relative = 1e-6);
            let north = pressure * (air(y + dy, z).1 - air(y - dy, z).1) / (2.0 * dy * radius);
            assert_relative_eq!(north, -density * u * u * y.tan() / radius, max_relative = 1e-5);
        }
    }
}
