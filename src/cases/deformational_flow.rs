//! Tracers in a wind that draws them out into filaments and back again while it carries them around the globe.
//!
//! Nair, R. D. and P. H. Lauritzen (2010): A class of deformational flow test cases for linear transport problems on the
//! sphere. J. Comput. Phys. 229, 8868-8887, case 4:
//!
//! ```text
//! u = 10 a/T sin^2(l) sin(2 phi) cos(pi t/T) + 2 pi a/T cos(phi)     l = lambda - 2 pi t/T
//! v = 10 a/T sin(2 l) cos(phi) cos(pi t/T)
//! ```
//!
//! After T = 12 days everything is where it was. By default the tracers are the chlorine of
//! [`crate::physics::terminator`], whose sum is the same everywhere and must stay so: transport with limiters, which
//! is not linear, fails at the edge of the light.

use super::shallow_water::{LayerCase, Planet};
use super::{Case, CaseInfo, Layer, Parameter, Point, PrescribedStream, Setting, Setup, ShallowWater};
use crate::math;
use std::f64::consts::PI;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "deformational_flow",
    title: "Tracers in a wind that deforms them and turns back",
    reference: "Nair and Lauritzen 2010, J. Comput. Phys. 229, 8868-8887, case 4",
    parameters: &[
        Parameter::new(
            "period_s",
            "s",
            12.0 * 86_400.0,
            [3600.0, 1e9],
            "time after which everything is where it was",
        ),
        Parameter::new("deformation", "1", 10.0, [0.0, 100.0], "strength of the flow that deforms, in a/T"),
    ],
    setting: Setting::ShallowWater,
    build,
};

/// Depth of the layer in m, of no consequence.
const DEPTH: f64 = 1000.0;

#[derive(Clone, Copy)]
struct Deformation {
    radius: f64,
    period: f64,
    strength: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let radius = Planet::new(setup).radius;
    let (period, strength) = (setup.get("period_s"), setup.get("deformation"));
    Box::new(LayerCase(Deformation { radius, period, strength }))
}

impl Deformation {
    /// The longitude in the frame that moves around the globe, and the factor of the deforming flow in m/s.
    fn deforming(&self, longitude: f64, time: f64) -> [f64; 2] {
        let phase = time / self.period;
        let factor = self.strength * self.radius / self.period * math::cos(PI * phase);
        [longitude - 2.0 * PI * phase, factor]
    }

    /// Speed of the flow around the globe at the equator in m/s.
    fn around(&self) -> f64 {
        2.0 * PI * self.radius / self.period
    }
}

impl ShallowWater for Deformation {
    fn initial(&self, at: Point) -> Layer {
        let [u, v] = self.wind(at, 0.0);
        Layer { surface: DEPTH, ground: 0.0, u, v }
    }

    /// The depth is constant.
    fn exact(&self, at: Point, time: f64) -> Option<Layer> {
        let [u, v] = self.wind(at, time);
        Some(Layer { surface: DEPTH, ground: 0.0, u, v })
    }

    /// Known after whole periods.
    fn upstream(&self, at: Point, time: f64) -> Option<Point> {
        (time % self.period == 0.0).then_some(at)
    }

    fn prescribed_stream(&self) -> Option<Box<dyn PrescribedStream>> {
        Some(Box::new(*self))
    }
}

impl PrescribedStream for Deformation {
    fn at(&self, at: Point, time: f64) -> f64 {
        let [longitude, factor] = self.deforming(at.x, time);
        let across = math::sin(longitude) * math::cos(at.y);
        self.radius * (factor * (across * across) - self.around() * math::sin(at.y))
    }

    fn wind(&self, at: Point, time: f64) -> [f64; 2] {
        let [longitude, factor] = self.deforming(at.x, time);
        let (sine, cosine) = (math::sin(longitude), math::cos(at.y));
        let u = factor * (sine * sine) * math::sin(2.0 * at.y) + self.around() * cosine;
        [u, factor * math::sin(2.0 * longitude) * cosine]
    }

    fn is_steady(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const FLOW: Deformation = Deformation { radius: 6.37122e6, period: 12.0 * 86_400.0, strength: 10.0 };

    #[test]
    fn the_wind_belongs_to_the_stream() {
        for (x, y, days) in [(0.4, 0.3, 0.0), (-2.0, -0.9, 3.5), (3.0, 1.2, 8.0)] {
            let (time, step) = (days * 86_400.0, 1e-5);
            let stream = |x: f64, y: f64| FLOW.at(Point { x, y, z: 0.0 }, time);
            let along = (stream(x + step, y) - stream(x - step, y)) / (2.0 * step * FLOW.radius * y.cos());
            let across = (stream(x, y + step) - stream(x, y - step)) / (2.0 * step * FLOW.radius);
            let [u, v] = FLOW.wind(Point { x, y, z: 0.0 }, time);
            assert_relative_eq!(u, -across, epsilon = 1e-6);
            assert_relative_eq!(v, along, epsilon = 1e-6);
        }
    }

    #[test]
    fn the_deformation_turns_back() {
        // In the frame that moves around, the second half is the first one backwards.
        let (x, y) = (0.7, 0.4);
        let deforming = |days: f64| {
            let time = days * 86_400.0;
            let at = Point { x: x + 2.0 * PI * days / 12.0, y, z: 0.0 };
            FLOW.wind(at, time)[1]
        };
        assert_relative_eq!(deforming(2.0), -deforming(10.0), max_relative = 1e-9);
        assert!(deforming(6.0).abs() < 1e-9);
    }
}
