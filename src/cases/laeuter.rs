//! An unsteady flow with an exact solution: solid-body rotation about an axis that stays in space while the planet
//! turns below it.
//!
//! Set-up (Laeuter, Handorf and Dethloff 2005, J. Comput. Phys. 210, 535-553, example 3): with the axis e(t), 45
//! degrees off the pole and turning west once a day, the wind is (u0/a) e x r, the depth
//! g h = k1 - (u0 e.r/a + Omega k.r)^2/2 and the ground g b = (Omega k.r)^2/2; u0 takes 12 days around,
//! k1 = 133681 m2/s2.

use super::shallow_water::{LayerCase, Planet};
use super::{Case, CaseInfo, Layer, Point, Setting, Setup, ShallowWater};
use crate::math;
use std::f64::consts::FRAC_PI_4;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "laeuter",
    title: "Unsteady solid-body rotation of shallow water",
    reference: "Laeuter, Handorf and Dethloff 2005, J. Comput. Phys. 210, 535-553, example 3",
    parameters: &[],
    setting: Setting::ShallowWater,
    build,
};

/// k1 in m2/s2.
const GEOPOTENTIAL: f64 = 133_681.0;

struct TurningAxis {
    planet: Planet,
    speed: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let planet = Planet::new(setup);
    Box::new(LayerCase(TurningAxis { planet, speed: planet.speed_of_twelve_days() }))
}

impl TurningAxis {
    fn layer(&self, at: Point, time: f64) -> Layer {
        let Planet { radius, rotation, gravity } = self.planet;
        let (sine, cosine) = (math::sin(at.y), math::cos(at.y));
        let (tilt, straight) = (math::sin(FRAC_PI_4), math::cos(FRAC_PI_4));
        let longitude = at.x + rotation * time;
        let (east, north) = (math::sin(longitude), math::cos(longitude));
        let planetary = radius * rotation * sine;
        let absolute = self.speed * (straight * sine - tilt * cosine * north) + planetary;
        let ground = 0.5 * planetary * planetary / gravity;
        Layer {
            surface: ground + (GEOPOTENTIAL - 0.5 * absolute * absolute) / gravity,
            ground,
            u: self.speed * (straight * cosine + tilt * sine * north),
            v: -self.speed * tilt * east,
        }
    }
}

impl ShallowWater for TurningAxis {
    fn initial(&self, at: Point) -> Layer {
        self.layer(at, 0.0)
    }

    fn exact(&self, at: Point, time: f64) -> Option<Layer> {
        Some(self.layer(at, time))
    }
}
