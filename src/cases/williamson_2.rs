//! Steady zonal flow in geostrophic balance.
//!
//! Set-up (Williamson et al. 1992, J. Comput. Phys. 102, 211-224, test 2): solid-body rotation in 12 days;
//! g h = g h0 - (a Omega u0 + u0^2/2) sin^2(phi), g h0 = 2.94e4 m2/s2. Nothing changes: the error is the scheme's.
//! grid.tilt_deg turns the grid under the flow (45 degrees is the hardest).

use super::shallow_water::{LayerCase, Planet};
use super::{Case, CaseInfo, Layer, Point, Setting, Setup, ShallowWater};
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "williamson_2",
    title: "Steady zonal flow of shallow water",
    reference: "Williamson et al. 1992, J. Comput. Phys. 102, 211-224, test 2",
    parameters: &[],
    setting: Setting::ShallowWater,
    build,
};

/// g h at the equator in m2/s2.
const GEOPOTENTIAL: f64 = 2.94e4;

struct SteadyFlow {
    planet: Planet,
    speed: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let planet = Planet::new(setup);
    Box::new(LayerCase(SteadyFlow { planet, speed: planet.speed_of_twelve_days() }))
}

impl ShallowWater for SteadyFlow {
    fn initial(&self, at: Point) -> Layer {
        let surface = GEOPOTENTIAL / self.planet.gravity - self.planet.balanced_drop(self.speed, at.y);
        Layer { surface, ground: 0.0, u: self.speed * math::cos(at.y), v: 0.0 }
    }

    fn exact(&self, at: Point, _time: f64) -> Option<Layer> {
        Some(self.initial(at))
    }
}
