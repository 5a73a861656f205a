//! A barotropically unstable jet.
//!
//! Set-up (Galewsky, Scott and Polvani 2004, Tellus 56A, 429-440): a jet of 80 m/s at 45 degrees north,
//! u = (u_max/e_n) exp(1/((phi - phi0)(phi - phi1))) between phi0 = pi/7 and phi1 = pi/2 - phi0, in balance with the
//! depth, whose mean is 10 km; a hill of the surface sets the instability off. Without it the jet must stay zonal:
//! a test for what the grid leaves in the flow.

use super::shallow_water::{LayerCase, Planet};
use super::{Case, CaseInfo, Layer, Parameter, Point, Setting, Setup, ShallowWater};
use crate::math;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "galewsky",
    title: "Barotropically unstable jet of shallow water",
    reference: "Galewsky, Scott and Polvani 2004, Tellus 56A, 429-440",
    parameters: &[Parameter::new(
        "perturbation_m",
        "m",
        120.0,
        [0.0, 1000.0],
        "height of the hill of the surface that sets the instability off",
    )],
    setting: Setting::ShallowWater,
    build,
};

/// Largest speed in m/s.
const FASTEST: f64 = 80.0;
/// Edges of the jet in rad.
const SOUTH: f64 = PI / 7.0;
const NORTH: f64 = FRAC_PI_2 - SOUTH;
/// Mean depth in m.
const MEAN_DEPTH: f64 = 10_000.0;
/// Intervals of the table of the depth.
const INTERVALS: usize = 4096;

struct Jet {
    planet: Planet,
    perturbation: f64,
    /// Depth south of the jet in m.
    southern_depth: f64,
    /// How far the depth has fallen at the table's latitudes from the southern edge to the northern, in m.
    drops: Vec<f64>,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    Box::new(LayerCase(Jet::new(Planet::new(setup), setup.get("perturbation_m"))))
}

impl Jet {
    fn new(planet: Planet, perturbation: f64) -> Self {
        let mut jet = Jet { planet, perturbation, southern_depth: 0.0, drops: vec![0.0] };
        let mut drop = 0.0;
        for m in 0..INTERVALS {
            let slope = |offset: f64| jet.slope(SOUTH + (m as f64 + offset) * step());
            drop += step() / 6.0 * (slope(0.0) + 4.0 * slope(0.5) + slope(1.0));
            jet.drops.push(drop);
        }
        jet.southern_depth = MEAN_DEPTH + jet.mean_drop();
        jet
    }

    /// dD/dphi of the drop D: a u (f + u tan(phi)/a)/g.
    fn slope(&self, latitude: f64) -> f64 {
        let Planet { radius, rotation, gravity } = self.planet;
        let u = speed(latitude);
        u * (radius * 2.0 * rotation * math::sin(latitude) + u * math::tan(latitude)) / gravity
    }

    /// The drop at a latitude: cubic between the values and slopes of the table.
    fn drop_at(&self, latitude: f64) -> f64 {
        let place = (latitude - SOUTH) / step();
        if place <= 0.0 {
            return 0.0;
        }
        if place >= INTERVALS as f64 {
            return self.drops[INTERVALS];
        }
        let m = (place as usize).min(INTERVALS - 1);
        let t = place - m as f64;
        let slope = |m: usize| step() * self.slope(SOUTH + m as f64 * step());
        let (low, high) = (self.drops[m], self.drops[m + 1]);
        let blend = t * t * (3.0 - 2.0 * t);
        low + (high - low) * blend + t * (1.0 - t) * ((1.0 - t) * slope(m) - t * slope(m + 1))
    }

    /// The mean of the drop over the globe: half of its integral over sin(phi), by parts.
    fn mean_drop(&self) -> f64 {
        let weighed = |latitude: f64| (1.0 - math::sin(latitude)) * self.slope(latitude);
        let integral: f64 = (0..INTERVALS)
            .map(|m| {
                let at = |offset: f64| weighed(SOUTH + (m as f64 + offset) * step());
                step() / 6.0 * (at(0.0) + 4.0 * at(0.5) + at(1.0))
            })
            .sum();
        0.5 * integral
    }
}

/// Distance of the table's latitudes in rad.
fn step() -> f64 {
    (NORTH - SOUTH) / INTERVALS as f64
}

/// Eastward velocity in m/s.
fn speed(latitude: f64) -> f64 {
    if latitude <= SOUTH || latitude >= NORTH {
        return 0.0;
    }
    let width = NORTH - SOUTH;
    let exponent = 1.0 / ((latitude - SOUTH) * (latitude - NORTH)) + 4.0 / (width * width);
    FASTEST * math::exp(exponent)
}

impl ShallowWater for Jet {
    fn initial(&self, at: Point) -> Layer {
        let (east, north) = (3.0 * at.x, 15.0 * (FRAC_PI_4 - at.y));
        let hill = self.perturbation * math::cos(at.y) * math::exp(-(east * east) - north * north);
        let surface = self.southern_depth - self.drop_at(at.y) + hill;
        Layer { surface, ground: 0.0, u: speed(at.y), v: 0.0 }
    }

    /// Without a perturbation nothing changes.
    fn exact(&self, at: Point, _time: f64) -> Option<Layer> {
        (self.perturbation == 0.0).then(|| self.initial(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn depths_are_the_published_ones() {
        let planet = Planet { radius: 6.37122e6, rotation: 7.292e-5, gravity: 9.80616 };
        let jet = Jet::new(planet, 0.0);
        let depth = |y: f64| jet.initial(Point { x: 0.3, y, z: 0.0 }).surface;
        assert_relative_eq!(depth(-1.0), 10_158.186, epsilon = 1e-2);
        assert_relative_eq!(depth(FRAC_PI_2), 9071.208, epsilon = 1e-2);
        assert_relative_eq!(speed(FRAC_PI_4), 80.0, max_relative = 1e-12);
        // In balance: the slope of the surface is that of the wind.
        for y in [0.7, 0.8, 1.0] {
            let slope = (depth(y - 1e-5) - depth(y + 1e-5)) / 2e-5;
            assert_relative_eq!(slope, jet.slope(y), max_relative = 1e-6);
        }
    }
}
