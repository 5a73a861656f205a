//! Inertia-gravity waves in a channel.
//!
//! Skamarock, W. C. and J. B. Klemp (1994): Efficiency and accuracy of the Klemp-Wilhelmson time-splitting
//! technique. Mon. Wea. Rev. 122, 2623-2630.
//!
//! Set-up (nonhydrostatic): periodic, 300 km long, lid at H = 10 km, wind 20 m/s, N = 0.01 1/s, theta_s =
//! 300 K, theta' = 0.01 K sin(pi z/H)/(1 + ((x - xc)/a)^2) with a = 5 km, xc = 100 km, reference pressure;
//! 3000 s. Hydrostatic scale: 6000 km long, a = 100 km, xc = 1000 km, f = 1e-4 1/s, 60000 s. Boussinesq
//! solution at z = 5 km: theta' -1.446e-3 .. 2.731e-3 K, w -2.54e-3 .. 2.71e-3 m/s (nonhydrostatic);
//! -2.387e-3 .. 3.130e-3 K (hydrostatic). Compressible models give a little more: -1.52e-3 .. 2.78e-3 K
//! (Giraldo and Restelli 2008, 250 m). The waves are symmetric about xc + U t.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::Constants;
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "inertia_gravity_wave",
    title: "Inertia-gravity waves in a channel",
    reference: "Skamarock and Klemp 1994, Mon. Wea. Rev. 122, 2623-2630",
    parameters: &[
        Parameter::new("surface_theta_k", "K", 300.0, [100.0, 1000.0], "potential temperature at the ground"),
        Parameter::new("brunt_vaisala_per_s", "1/s", 0.01, [0.0, 0.1], "Brunt-Vaisala frequency"),
        Parameter::new("amplitude_k", "K", 0.01, [-50.0, 50.0], "potential temperature excess"),
        Parameter::new("half_width_m", "m", 5000.0, [1e-3, 1e8], "half width of the perturbation"),
        Parameter::new("centre_x_m", "m", 1e5, [-1e9, 1e9], "x of the perturbation's centre"),
        Parameter::wind(20.0),
    ],
    setting: Setting::Plane,
    build,
};

struct InertiaGravityWave {
    constants: Constants,
    atmosphere: Atmosphere,
    amplitude: f64,
    half_width: f64,
    x_centre: f64,
    top: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    let (theta, frequency) = (setup.get("surface_theta_k"), setup.get("brunt_vaisala_per_s"));
    Box::new(InertiaGravityWave {
        constants,
        atmosphere: Atmosphere::stratified(constants, theta, frequency)
            .with_wind(setup.get("wind_m_per_s"), 0.0),
        amplitude: setup.get("amplitude_k"),
        half_width: setup.get("half_width_m"),
        x_centre: setup.get("centre_x_m"),
        top: setup.top(),
    })
}

impl Case for InertiaGravityWave {
    fn base(&self, z: f64) -> Base {
        self.atmosphere.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let across = (at.x - self.x_centre) / self.half_width;
        let up = math::sin(std::f64::consts::PI * at.z / self.top);
        Air::warmer(base, &self.constants, self.amplitude * up / (1.0 + across * across))
    }
}
