//! Dry warm bubble of 2 K in neutral air.
//!
//! Bryan, G. H. and J. M. Fritsch (2002): A benchmark simulation for moist nonhydrostatic numerical models.
//! Mon. Wea. Rev. 130, 2917-2928 (the dry bubble, after Wicker and Skamarock 1998, Mon. Wea. Rev. 126,
//! 1992-1999).
//!
//! Set-up: 20 km x 10 km, 100 m, 1000 s, free-slip walls, no viscosity. theta = 300 K; theta' = 2 K cos(pi
//! L/2)^2 for L = |(x - xc, z - 2 km)|/2 km < 1, reference pressure. Published at 1000 s (100 m): theta'
//! -0.144 .. 2.073 K, w -8.58 .. 14.54 m/s. The flow is inviscid, so that extremes grow with resolution:
//! compare at 100 m. With `wind_m_per_s = 20` in a periodic domain the bubble is back at the centre at 1000
//! s (Wicker and Skamarock 1998).

use super::profiles::Atmosphere;
use super::{Air, Base, Case, CaseInfo, Parameter, Point, Setting, Setup};
use crate::constants::Constants;
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "bryan_fritsch",
    title: "Dry warm bubble of 2 K",
    reference: "Bryan and Fritsch 2002, Mon. Wea. Rev. 130, 2917-2928",
    parameters: &[
        Parameter::new("amplitude_k", "K", 2.0, [-50.0, 50.0], "potential temperature excess of the centre"),
        Parameter::wind(0.0),
    ],
    setting: Setting::Plane,
    build,
};

/// Potential temperature of the air around the bubble in K.
const THETA: f64 = 300.0;
/// Height of the bubble's centre and its radius in m.
const CENTRE_HEIGHT: f64 = 2000.0;
const RADIUS: f64 = 2000.0;

struct BryanFritsch {
    constants: Constants,
    atmosphere: Atmosphere,
    x_centre: f64,
    amplitude: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let constants = setup.constants();
    Box::new(BryanFritsch {
        constants,
        atmosphere: Atmosphere::neutral(constants, THETA).with_wind(setup.get("wind_m_per_s"), 0.0),
        x_centre: setup.x_centre(),
        amplitude: setup.get("amplitude_k"),
    })
}

impl Case for BryanFritsch {
    fn base(&self, z: f64) -> Base {
        self.atmosphere.base(z)
    }

    fn initial(&self, at: Point, base: &Base) -> Air {
        let (across, up) = ((at.x - self.x_centre) / RADIUS, (at.z - CENTRE_HEIGHT) / RADIUS);
        let bell = math::cosine_squared_bell(math::sqrt(across * across + up * up));
        Air::warmer(base, &self.constants, self.amplitude * bell)
    }
}
