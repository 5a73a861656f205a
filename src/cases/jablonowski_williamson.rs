//! A baroclinic wave over the ground that balances a jet on levels of constant pressure.
//!
//! Jablonowski, C. and D. L. Williamson (2006): A baroclinic instability test case for atmospheric model dynamical
//! cores. Q. J. R. Meteorol. Soc. 132, 2943-2975.
//!
//! Set-up: a = 6.371229e6 m, 7.29212e-5 1/s, g = 9.80616, R = 287, cp = 1004.5; eta = p/1000 hPa, v = (eta - 0.252)
//! pi/2, phi the latitude:
//!
//! ```text
//! u   = 35 m/s cos^(3/2) v sin^2 2 phi
//! T   = <T> + 3/4 eta pi u0/R sin v cos^(1/2) v (2 A u0 cos^(3/2) v + B a Omega)
//! gz  = <gz> + u0 cos^(3/2) v (A u0 cos^(3/2) v + B a Omega)
//! A   = -2 sin^6 phi (cos^2 phi + 1/3) + 10/63,   B = 8/5 cos^3 phi (sin^2 phi + 2/3) - pi/4
//! <T> = 288 K eta^(R Gamma/g) + 4.8e5 K (0.2 - eta)^5 (the latter for eta < 0.2),   Gamma = 5 K/km
//! ```
//!
//! with `<gz>` the geopotential of `<T>`. The ground is at gz of eta = 1, where the pressure is 1000 hPa everywhere. The
//! wave starts from 1 m/s exp(-(d/0.1)^2) more wind at all heights, d the angle from (20 E, 40 N) in rad; without it the
//! state is steady. Other models: lowest surface pressure about 990 to 992 hPa at day 6, 986 at day 7, 972 at day 8 and
//! 940 to 947 at day 9. The reference state is `<T>`.

use super::{Air, Base, Case, CaseInfo, ExactColumn, Parameter, Point, Setting, Setup};
use crate::constants::Constants;
use crate::math;
use std::f64::consts::{FRAC_PI_2, PI};

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "jablonowski_williamson",
    title: "Baroclinic wave over balanced ground",
    reference: "Jablonowski and Williamson 2006, Q. J. R. Meteorol. Soc. 132, 2943-2975",
    parameters: &[Parameter::new(
        "perturbation_m_per_s",
        "m/s",
        1.0,
        [-20.0, 20.0],
        "disturbance of the wind; 0: the steady state",
    )],
    setting: Setting::Sphere,
    build,
};

/// Centre of the disturbance (20 E, 40 N), and the angle in rad over which it decays.
const CENTRE: Point = Point { x: PI / 9.0, y: 2.0 * PI / 9.0, z: 0.0 };
const RADIUS: f64 = 0.1;

/// eta of the jet and of the tropopause, the jet in m/s, the temperature at the ground in K, its fall in K/m, and the
/// warming of the stratosphere in K.
const JET: f64 = 0.252;
const TROPOPAUSE: f64 = 0.2;
const SPEED: f64 = 35.0;
const WARM: f64 = 288.0;
const LAPSE_RATE: f64 = 0.005;
const STRATOSPHERE: f64 = 4.8e5;

/// Steps of Newton's method from a height to a pressure: the error is squared in every one.
const STEPS: usize = 12;

struct Wave {
    constants: Constants,
    /// a Omega in m/s.
    turning: f64,
    perturbation: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    Box::new(Wave {
        constants: setup.constants(),
        turning: setup.sphere().radius * setup.configuration.dynamics.rotation,
        perturbation: setup.get("perturbation_m_per_s"),
    })
}

/// Temperature in K and geopotential in m2/s2.
struct Level {
    temperature: f64,
    geopotential: f64,
}

impl Wave {
    /// The mean over the globe at `eta`.
    fn mean(&self, eta: f64) -> Level {
        let Constants { gravity, gas_constant, .. } = self.constants;
        let power = math::exp(gas_constant * LAPSE_RATE / gravity * math::log(eta));
        let (mut temperature, mut geopotential) = (WARM * power, WARM * gravity / LAPSE_RATE * (1.0 - power));
        if eta < TROPOPAUSE {
            let t = TROPOPAUSE;
            let (t2, e2) = (t * t, eta * eta);
            let below = (t - eta) * (t - eta);
            temperature += STRATOSPHERE * (below * below * (t - eta));
            let part = (math::log(eta / t) + 137.0 / 60.0) * (t2 * t2 * t) - 5.0 * t2 * t2 * eta
                + 5.0 * t2 * t * e2
                - 10.0 / 3.0 * t2 * e2 * eta
                + 1.25 * t * e2 * e2
                - 0.2 * e2 * e2 * eta;
            geopotential -= gas_constant * STRATOSPHERE * part;
        }
        Level { temperature, geopotential }
    }

    /// The balanced air at a latitude and `eta`.
    fn at(&self, latitude: f64, eta: f64) -> Level {
        let Level { temperature, geopotential } = self.mean(eta);
        let (s, c) = (math::sin(latitude), math::cos(latitude));
        let (s2, c2) = (s * s, c * c);
        let a = -2.0 * s2 * s2 * s2 * (c2 + 1.0 / 3.0) + 10.0 / 63.0;
        let b = 1.6 * c2 * c * (s2 + 2.0 / 3.0) - 0.25 * PI;
        let v = (eta - JET) * FRAC_PI_2;
        let root = math::sqrt(math::cos(v));
        let wind = SPEED * root * root * root;
        let share = 0.75 * eta * PI * SPEED / self.constants.gas_constant * math::sin(v) * root;
        Level {
            temperature: temperature + share * (2.0 * a * wind + b * self.turning),
            geopotential: geopotential + wind * (a * wind + b * self.turning),
        }
    }

    /// eta at a height, for a column of levels.
    fn eta(&self, z: f64, column: impl Fn(f64) -> Level) -> f64 {
        let Constants { gravity, gas_constant, .. } = self.constants;
        // In ln eta, which falls by g dz/(R T).
        let mut log = -gravity * z / (gas_constant * WARM);
        for _ in 0..STEPS {
            let Level { temperature, geopotential } = column(math::exp(log));
            log += (geopotential - gravity * z) / (gas_constant * temperature);
        }
        math::exp(log)
    }

    /// The balanced eastward wind in m/s.
    fn wind(latitude: f64, eta: f64) -> f64 {
        let root = math::sqrt(math::cos((eta - JET) * FRAC_PI_2));
        let sine = math::sin(2.0 * latitude);
        SPEED * root * root * root * (sine * sine)
    }
}

impl Case for Wave {
    fn base(&self, z: f64) -> Base {
        let eta = self.eta(z, |eta| self.mean(eta));
        let Constants { gas_constant, heat_capacity, .. } = self.constants;
        let exner = math::exp(gas_constant / heat_capacity * math::log(eta));
        Base { potential_temperature: self.mean(eta).temperature / exner, exner, u: 0.0, v: 0.0 }
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let eta = self.eta(at.z, |eta| self.at(at.y, eta));
        let distance = at.angle_to(&CENTRE) / RADIUS;
        let disturbance = self.perturbation * math::exp(-distance * distance);
        let wind = [Wave::wind(at.y, eta) + disturbance, 0.0];
        Air::of_state(base, &self.constants, self.at(at.y, eta).temperature, math::log(eta), wind)
    }

    fn ground(&self, at: Point) -> Option<f64> {
        Some(self.at(at.y, 1.0).geopotential / self.constants.gravity)
    }

    fn exact(&self, _x: f64, y: f64, centres: &[f64], interfaces: &[f64], _time: f64) -> Option<ExactColumn> {
        if self.perturbation != 0.0 {
            return None;
        }
        let mut column = ExactColumn::unchanged(centres.len(), interfaces.len());
        for (k, &z) in centres.iter().enumerate() {
            let (eta, base) = (self.eta(z, |eta| self.at(y, eta)), self.base(z));
            column.temperature[k] = self.at(y, eta).temperature - base.potential_temperature * base.exner;
            let pressure = |exner: f64| self.constants.pressure_of_exner(exner);
            column.pressure[k] = crate::constants::REFERENCE_PRESSURE * eta - pressure(base.exner);
            column.u[k] = Wave::wind(y, eta);
        }
        Some(column)
    }
}
