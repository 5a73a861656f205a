//! What the cases of shallow water share.

use super::{Case, Point, Setup, ShallowWater};
use crate::math;

/// The planet of a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Planet {
    /// Radius a in m.
    pub radius: f64,
    /// Angular speed Omega in 1/s.
    pub rotation: f64,
    /// Acceleration of gravity in m/s2.
    pub gravity: f64,
}

impl Planet {
    /// The configured planet; on a plane, which no case of shallow water is built for, one of 1 m.
    pub fn new(setup: &Setup<'_>) -> Self {
        let dynamics = &setup.configuration.dynamics;
        let radius = setup.configuration.grid.sphere().map_or(1.0, |sphere| sphere.radius);
        Planet { radius, rotation: dynamics.rotation, gravity: dynamics.constants.gravity }
    }

    /// Eastward velocity of a solid-body rotation that takes 12 days, as in most cases of Williamson et al. 1992.
    pub fn speed_of_twelve_days(&self) -> f64 {
        2.0 * std::f64::consts::PI * self.radius / (12.0 * 86_400.0)
    }

    /// How far the surface of a layer in geostrophic balance with a solid-body rotation, `speed` m/s at the equator,
    /// lies below that at the equator.
    pub fn balanced_drop(&self, speed: f64, latitude: f64) -> f64 {
        let sine = math::sin(latitude);
        (self.radius * self.rotation * speed + 0.5 * speed * speed) * (sine * sine) / self.gravity
    }
}

/// A cone of 2000 m at 270 degrees east, 30 degrees north, of 20 degrees radius.
pub fn mountain(at: Point) -> f64 {
    use std::f64::consts::{FRAC_PI_2, FRAC_PI_6, PI};
    let radius = PI / 9.0;
    let mut east = at.x + FRAC_PI_2;
    if east > PI {
        east -= 2.0 * PI;
    }
    let north = at.y - FRAC_PI_6;
    let distance = math::sqrt((east * east + north * north).min(radius * radius));
    2000.0 * (1.0 - distance / radius)
}

/// A case that is a layer of shallow water.
pub struct LayerCase<L>(pub L);

impl<L: ShallowWater> Case for LayerCase<L> {
    fn shallow_water(&self) -> Option<&dyn ShallowWater> {
        Some(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mountain_is_a_cone() {
        let at = |longitude: f64, latitude: f64| {
            mountain(Point { x: longitude.to_radians(), y: latitude.to_radians(), z: 0.0 })
        };
        assert!((at(-90.0, 30.0) - 2000.0).abs() < 1e-9);
        assert!((at(-90.0, 40.0) - 1000.0).abs() < 1e-9);
        assert!((at(-80.0, 30.0) - 1000.0).abs() < 1e-9);
        assert_eq!(at(-90.0, 51.0), 0.0);
        assert_eq!(at(100.0, 30.0), 0.0);
    }
}
