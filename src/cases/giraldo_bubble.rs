//! Rising warm bubble with a cosine profile.
//!
//! Giraldo, F. X. and M. Restelli (2008): A study of spectral element and discontinuous Galerkin methods
//! for the Navier-Stokes equations in nonhydrostatic mesoscale atmospheric modeling. J. Comput. Phys. 227,
//! 3849-3877, case 2.
//!
//! Set-up: 1 km x 1 km, 700 s, walls, no viscosity. theta = 300 K; theta' = 0.25 K (1 + cos(pi r/250 m))
//! within 250 m of (500 m, 350 m), reference pressure. Published at 700 s and 5 m (spectral element,
//! discontinuous Galerkin): theta' max 0.570, 0.538 K; w max 2.536, 2.543 m/s; w min -1.911, -1.915 m/s; u
//! max 2.073, 2.081 m/s. In the exact solution theta' stays between 0 and 0.5 K: what exceeds it measures
//! the dispersion.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::Constants;
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "giraldo_bubble",
    title: "Rising warm bubble, cosine profile",
    reference: "Giraldo and Restelli 2008, J. Comput. Phys. 227, 3849-3877, case 2",
    parameters: &[
        Parameter::new("amplitude_k", "K", 0.5, [-50.0, 50.0], "potential temperature excess of the centre"),
        Parameter::new("radius_m", "m", 250.0, [1e-3, 1e6], "radius of the bubble"),
        Parameter::new("centre_height_m", "m", 350.0, [-1e6, 1e6], "height of the bubble's centre"),
    ],
    setting: Setting::Plane,
    build,
};

/// Potential temperature of the air around the bubble in K.
const THETA: f64 = 300.0;

struct GiraldoBubble {
    constants: Constants,
    atmosphere: Atmosphere,
    x_centre: f64,
    z_centre: f64,
    amplitude: f64,
    radius: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    Box::new(GiraldoBubble {
        constants,
        atmosphere: Atmosphere::neutral(constants, THETA),
        x_centre: setup.x_centre(),
        z_centre: setup.get("centre_height_m"),
        amplitude: setup.get("amplitude_k"),
        radius: setup.get("radius_m"),
    })
}

impl Case for GiraldoBubble {
    fn base(&self, z: f64) -> Base {
        self.atmosphere.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let (across, up) = ((at.x - self.x_centre) / self.radius, (at.z - self.z_centre) / self.radius);
        // (1 + cos(pi r))/2 = cos(pi/2 r)^2
        let bell = math::cosine_squared_bell(math::sqrt(across * across + up * up));
        Air::warmer(base, &self.constants, self.amplitude * bell)
    }
}
