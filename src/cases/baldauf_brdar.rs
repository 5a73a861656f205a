//! Linear gravity and sound waves in an isothermal channel, with an exact solution.
//!
//! Baldauf, M. and S. Brdar (2013): An analytic solution for linear gravity waves in a channel as a test
//! for numerical models using the non-hydrostatic, compressible Euler equations. Q. J. R. Meteorol. Soc.
//! 139, 1977-1989.
//!
//! Set-up (small scale): periodic, 300 km long, lid at H = 10 km, T = 250 K, wind 20 m/s, 1800 s, g =
//! 9.80665, R = 287.05, cp = 1005. rho' = -rho_s dT/T exp(-(x - xc)^2/d^2) sin(pi z/H) exp(-g z/(2 R T)) at
//! the reference pressure, dT = 0.01 K, d = 5 km, xc = 100 km. Exact at 1800 s: T' -2.537e-3 .. 3.042e-3 K,
//! w -2.336e-3 .. 3.333e-3 m/s. Large scale: 6000 km long, d = 100 km, no wind, f = 1.03126e-4 1/s, 28800
//! s. The exact solution is [`super::linear_waves`]; the model must converge to it at second order or
//! better.

use super::linear_waves::{Bell, Channel};
use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, ExactColumn, Parameter, Point, Setting, Setup};

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "baldauf_brdar",
    title: "Linear gravity waves in an isothermal channel",
    reference: "Baldauf and Brdar 2013, Q. J. R. Meteorol. Soc. 139, 1977-1989",
    parameters: &[
        Parameter::new("temperature_k", "K", 250.0, [50.0, 1000.0], "temperature of the air"),
        Parameter::new("amplitude_k", "K", 0.01, [-10.0, 10.0], "temperature excess (keep it small: linear)"),
        Parameter::new("half_width_m", "m", 5000.0, [1e-3, 1e8], "width of the Gaussian perturbation"),
        Parameter::new("centre_x_m", "m", 1e5, [-1e9, 1e9], "x of the perturbation's centre"),
        Parameter::wind(20.0),
    ],
    setting: Setting::Plane,
    build,
};

struct BaldaufBrdar {
    atmosphere: Atmosphere,
    channel: Channel,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let temperature = setup.get("temperature_k");
    let wind = setup.get("wind_m_per_s");
    Box::new(BaldaufBrdar {
        atmosphere: Atmosphere::isothermal(setup.constants(), temperature).with_wind(wind, 0.0),
        channel: Channel {
            constants: setup.constants(),
            temperature,
            wind,
            coriolis: setup.configuration.dynamics.coriolis,
            length: setup.length(),
            height: setup.top(),
            bell: Bell {
                amplitude: setup.get("amplitude_k"),
                width: setup.get("half_width_m"),
                x_centre: setup.get("centre_x_m"),
            },
        },
    })
}

impl Case for BaldaufBrdar {
    fn base(&self, z: f64) -> Base {
        self.atmosphere.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        Air { density: self.channel.initial_density(at.x, at.z), heat: 0.0, u: base.u, v: base.v }
    }

    fn exact(&self, x: f64, _y: f64, centres: &[f64], interfaces: &[f64], time: f64) -> Option<ExactColumn> {
        Some(self.channel.column(x, centres, interfaces, time))
    }
}
