//! A Rossby-Haurwitz wave of wavenumber 4.
//!
//! Set-up (Williamson et al. 1992, J. Comput. Phys. 102, 211-224, test 6): omega = K = 7.848e-6 1/s, h0 = 8000 m,
//! R = 4. The wave moves east at about 12 degrees a day; it is unstable (Thuburn and Li 2000), so that grids break
//! it up sooner or later.

use super::shallow_water::{LayerCase, Planet};
use super::{Case, CaseInfo, Layer, Point, Setting, Setup, ShallowWater};
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "williamson_6",
    title: "Rossby-Haurwitz wave of shallow water",
    reference: "Williamson et al. 1992, J. Comput. Phys. 102, 211-224, test 6",
    parameters: &[],
    setting: Setting::ShallowWater,
    build,
};

/// Angular speed of the zonal flow and amplitude of the wave in 1/s.
const OMEGA: f64 = 7.848e-6;
const WAVE: f64 = 7.848e-6;
/// Depth at the poles in m.
const DEPTH: f64 = 8000.0;

struct RossbyHaurwitz {
    planet: Planet,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    Box::new(LayerCase(RossbyHaurwitz { planet: Planet::new(setup) }))
}

impl ShallowWater for RossbyHaurwitz {
    fn initial(&self, at: Point) -> Layer {
        let Planet { radius, rotation, gravity } = self.planet;
        let (sine, cosine) = (math::sin(at.y), math::cos(at.y));
        let c2 = cosine * cosine;
        let (c3, c4) = (c2 * cosine, c2 * c2);
        let c8 = c4 * c4;
        let (wave, twice) = (math::cos(4.0 * at.x), math::cos(8.0 * at.x));
        // A, B and C of the paper for R = 4; in A the factor cos^(2 R) times 2 R^2/cos^2 is 32 cos^6.
        let a = 0.5 * OMEGA * (2.0 * rotation + OMEGA) * c2
            + 0.25 * WAVE * WAVE * (c8 * (5.0 * c2 + 26.0) - 32.0 * c4 * c2);
        let b = 2.0 * (rotation + OMEGA) * WAVE / 30.0 * c4 * (26.0 - 25.0 * c2);
        let c = 0.25 * WAVE * WAVE * c8 * (5.0 * c2 - 6.0);
        Layer {
            surface: DEPTH + radius * radius / gravity * (a + b * wave + c * twice),
            ground: 0.0,
            u: radius * OMEGA * cosine + radius * WAVE * c3 * (4.0 * sine * sine - c2) * wave,
            v: -4.0 * radius * WAVE * c3 * sine * math::sin(4.0 * at.x),
        }
    }
}
