//! Robert's Gaussian warm bubble.
//!
//! Robert, A. (1993): Bubble convection experiments with a semi-implicit formulation of the Euler equations.
//! J. Atmos. Sci. 50, 1865-1873.
//!
//! Set-up: 1 km wide, lid at 1.5 km, 10 m, 18 min, walls, no viscosity. theta = 303.15 K; theta' = A inside
//! the radius a around (xc, zc), A exp(-(r - a)^2/s^2) outside, with A = 0.5 K, a = 50 m, s = 100 m and
//! zc = 260 m; reference pressure. The paper gives contour plots and no extremes: in the exact solution
//! theta' stays between 0 and A, and the bubble remains symmetric about its axis.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::Constants;
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "robert_bubble",
    title: "Gaussian warm bubble",
    reference: "Robert 1993, J. Atmos. Sci. 50, 1865-1873",
    parameters: &[
        Parameter::new("surface_theta_k", "K", 303.15, [100.0, 1000.0], "potential temperature of the air"),
        Parameter::new("amplitude_k", "K", 0.5, [-50.0, 50.0], "potential temperature excess of the core"),
        Parameter::new("core_radius_m", "m", 50.0, [0.0, 1e6], "radius of the uniform core"),
        Parameter::new("decay_m", "m", 100.0, [1e-3, 1e6], "width of the Gaussian around the core"),
        Parameter::new("centre_height_m", "m", 260.0, [-1e6, 1e6], "height of the bubble's centre"),
    ],
    setting: Setting::Plane,
    build,
};

struct RobertBubble {
    constants: Constants,
    atmosphere: Atmosphere,
    x_centre: f64,
    z_centre: f64,
    amplitude: f64,
    core_radius: f64,
    decay: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    Box::new(RobertBubble {
        constants,
        atmosphere: Atmosphere::neutral(constants, setup.get("surface_theta_k")),
        x_centre: setup.x_centre(),
        z_centre: setup.get("centre_height_m"),
        amplitude: setup.get("amplitude_k"),
        core_radius: setup.get("core_radius_m"),
        decay: setup.get("decay_m"),
    })
}

impl Case for RobertBubble {
    fn base(&self, z: f64) -> Base {
        self.atmosphere.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let (across, up) = (at.x - self.x_centre, at.z - self.z_centre);
        let outside = (math::sqrt(across * across + up * up) - self.core_radius).max(0.0) / self.decay;
        Air::warmer(base, &self.constants, self.amplitude * math::exp(-outside * outside))
    }
}
