//! Zonal flow over an isolated mountain.
//!
//! Set-up (Williamson et al. 1992, J. Comput. Phys. 102, 211-224, test 5): solid-body rotation of 20 m/s below a
//! surface of 5960 m, over a cone of 2000 m.

use super::shallow_water::{LayerCase, Planet, mountain};
use super::{Case, CaseInfo, Layer, Point, Setting, Setup, ShallowWater};
use crate::math;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "williamson_5",
    title: "Zonal flow of shallow water over a mountain",
    reference: "Williamson et al. 1992, J. Comput. Phys. 102, 211-224, test 5",
    parameters: &[],
    setting: Setting::ShallowWater,
    build,
};

/// Speed at the equator in m/s, and height of the surface there in m.
const SPEED: f64 = 20.0;
const SURFACE: f64 = 5960.0;

struct MountainFlow {
    planet: Planet,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    Box::new(LayerCase(MountainFlow { planet: Planet::new(setup) }))
}

impl ShallowWater for MountainFlow {
    fn initial(&self, at: Point) -> Layer {
        let surface = SURFACE - self.planet.balanced_drop(SPEED, at.y);
        Layer { surface, ground: mountain(at), u: SPEED * math::cos(at.y), v: 0.0 }
    }
}
