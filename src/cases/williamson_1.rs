//! A cosine bell carried around the globe.
//!
//! Set-up (Williamson et al. 1992, J. Comput. Phys. 102, 211-224, test 1): solid-body rotation along the equator,
//! once in 12 days; tracer `bell`. The flow stays along the geographic equator; grid.tilt_deg turns the grid (45
//! degrees takes the bell over four corners of the cube).

use super::shallow_water::{LayerCase, Planet};
use super::{Case, CaseInfo, Layer, Parameter, Point, PrescribedStream, Setting, Setup, ShallowWater};
use crate::math;
use std::f64::consts::PI;

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "williamson_1",
    title: "Cosine bell carried around the globe",
    reference: "Williamson et al. 1992, J. Comput. Phys. 102, 211-224, test 1",
    parameters: &[Parameter::new(
        "period_s",
        "s",
        12.0 * 86_400.0,
        [3600.0, 1e9],
        "time in which the wind carries the tracers once around",
    )],
    setting: Setting::ShallowWater,
    build,
};

/// Depth of the layer in m, of no consequence.
const DEPTH: f64 = 1000.0;

#[derive(Clone, Copy)]
struct Carousel {
    radius: f64,
    /// Angular speed in rad/s.
    speed: f64,
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let speed = 2.0 * PI / setup.get("period_s");
    Box::new(LayerCase(Carousel { radius: Planet::new(setup).radius, speed }))
}

impl ShallowWater for Carousel {
    fn initial(&self, at: Point) -> Layer {
        let [u, v] = self.wind(at, 0.0);
        Layer { surface: DEPTH, ground: 0.0, u, v }
    }

    fn exact(&self, at: Point, _time: f64) -> Option<Layer> {
        Some(self.initial(at))
    }

    fn upstream(&self, at: Point, time: f64) -> Option<Point> {
        Some(Point { x: at.x - self.speed * time, ..at })
    }

    fn prescribed_stream(&self) -> Option<Box<dyn PrescribedStream>> {
        Some(Box::new(*self))
    }
}

impl PrescribedStream for Carousel {
    fn at(&self, at: Point, _time: f64) -> f64 {
        -self.radius * self.radius * self.speed * math::sin(at.y)
    }

    fn wind(&self, at: Point, _time: f64) -> [f64; 2] {
        [self.radius * self.speed * math::cos(at.y), 0.0]
    }
}
