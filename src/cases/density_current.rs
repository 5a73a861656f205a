//! Nonlinear density current: a cold pool falls to the ground and spreads.
//!
//! Straka, J. M., R. B. Wilhelmson, L. J. Wicker, J. R. Anderson and K. K. Droegemeier (1993): Numerical
//! solutions of a non-linear density current: a benchmark solution and comparisons. Int. J. Numer. Meth.
//! Fluids 17, 1-22.
//!
//! Set-up: x from -25.6 to 25.6 km, lid at 6.4 km, 900 s, viscosity and diffusivity 75 m2/s, free-slip walls.
//! theta = 300 K; T' = -15 K (1 + cos(pi L))/2 for L = |(x - xc)/4 km, (z - 3 km)/2 km| < 1, at the
//! reference pressure. Reference solution at 900 s (25 m): front, where theta' = -1 K at the ground, 15.54 km
//! from the centre; theta' min -9.77 K; w -15.95 .. 12.93 m/s; three Kelvin-Helmholtz rotors.
//!
//! Many codes cool the potential temperature by 15 K instead, which is 10 % less at the bubble's height
//! (Giraldo and Restelli 2008, case 3): `theta_variant = 1`, front 14.77 km at 50 m. In a uniform wind
//! (`wind_m_per_s = 20`, periodic) the two fronts must stay symmetric about the moving centre.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::Constants;
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "density_current",
    title: "Nonlinear density current",
    reference: "Straka et al. 1993, Int. J. Numer. Meth. Fluids 17, 1-22",
    parameters: &[
        Parameter::new(
            "temperature_drop_k",
            "K",
            15.0,
            [0.0, 100.0],
            "how much colder the bubble's centre is",
        ),
        Parameter::new("theta_variant", "1", 0.0, [0.0, 1.0], "1: the drop is in potential temperature"),
        Parameter::wind(0.0),
    ],
    setting: Setting::Plane,
    build,
};

/// Potential temperature of the air around the bubble in K.
const THETA: f64 = 300.0;
/// Height of the bubble's centre and its radii in m.
const CENTRE_HEIGHT: f64 = 3000.0;
const HORIZONTAL_RADIUS: f64 = 4000.0;
const VERTICAL_RADIUS: f64 = 2000.0;

struct DensityCurrent {
    constants: Constants,
    atmosphere: Atmosphere,
    x_centre: f64,
    drop: f64,
    in_theta: bool,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    Box::new(DensityCurrent {
        constants,
        atmosphere: Atmosphere::neutral(constants, THETA).with_wind(setup.get("wind_m_per_s"), 0.0),
        x_centre: setup.x_centre(),
        drop: setup.get("temperature_drop_k"),
        in_theta: setup.get("theta_variant") >= 0.5,
    })
}

impl Case for DensityCurrent {
    fn base(&self, z: f64) -> Base {
        self.atmosphere.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let across = (at.x - self.x_centre) / HORIZONTAL_RADIUS;
        let up = (at.z - CENTRE_HEIGHT) / VERTICAL_RADIUS;
        let drop = self.drop * math::cosine_squared_bell(math::sqrt(across * across + up * up));
        let theta_drop = if self.in_theta { drop } else { drop / base.exner };
        Air::warmer(base, &self.constants, -theta_drop)
    }
}
