//! Passive tracers that any case can carry: named shapes of the mixing ratio at the start.
//!
//! | name | mixing ratio in kg/kg |
//! |---|---|
//! | `one` | 1 everywhere; must stay 1 |
//! | `bell` | a cosine bell in the centre of the domain, a quarter of its extent in radius |
//! | `block` | 1 within an eighth of the extent from the centre, 0 outside: what limiters are for |
//! | `layer` | 1 in the lowest quarter of the domain, 0 above |
//!
//! The chlorine of [`terminator`] starts in equilibrium with the light. On the sphere the centre of the domain is the point of longitude and latitude 0, and its extent is 360
//! degrees of longitude and 180 degrees of latitude.

use super::Point;
use crate::config::Grid;
use crate::math;
use crate::physics::terminator;
use crate::turbulence::ENERGY;
use std::f64::consts::PI;

/// Names of the shapes, as configurations write them.
pub const NAMES: &[&str] = &["one", "bell", "block", "layer"];

/// The box that the shapes are scaled with: centre and size along x, y and z in m, on the sphere in rad
/// along x and y.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    pub centre: Point,
    pub size: Point,
    /// Height of the ground in m.
    pub ground: f64,
}

impl Extent {
    /// The extent of the configured domain.
    pub fn new(grid: &Grid) -> Self {
        let (ground, top) = (grid.interfaces[0], grid.interfaces[grid.nz]);
        let (depth, middle) = (top - ground, 0.5 * (ground + top));
        if grid.sphere().is_some() {
            let size = Point { x: 2.0 * PI, y: PI, z: depth };
            return Extent { centre: Point { x: 0.0, y: 0.0, z: middle }, size, ground };
        }
        let size = Point { x: grid.nx as f64 * grid.dx, y: grid.ny as f64 * grid.dy, z: depth };
        let centre = Point { x: grid.x_centre(), y: grid.y_centre(), z: middle };
        Extent { centre, size, ground }
    }

    /// Where the air at `at` was before it moved by (`x`, `y`) in a periodic domain.
    pub fn upstream(&self, at: Point, x: f64, y: f64) -> Point {
        Point {
            x: self.centre.x + wrapped(at.x - x - self.centre.x, self.size.x),
            y: self.centre.y + wrapped(at.y - y - self.centre.y, self.size.y),
            z: at.z,
        }
    }

    /// Offset from the centre as a fraction of the extent: -1/2 to 1/2 along each axis.
    fn relative(&self, at: Point) -> [f64; 3] {
        [
            (at.x - self.centre.x) / self.size.x,
            (at.y - self.centre.y) / self.size.y,
            (at.z - self.centre.z) / self.size.z,
        ]
    }
}

/// The distance nearest to zero that differs from `distance` by a multiple of `period`.
pub(super) fn wrapped(distance: f64, period: f64) -> f64 {
    distance - period * (distance / period).round()
}

/// The initial mixing ratio of the tracer `name` at a point, in kg/kg.
///
/// # Panics
/// If `name` is not one of [`NAMES`], which a checked configuration rules out.
pub fn mixing_ratio(name: &str, at: Point, extent: &Extent) -> f64 {
    let inside = |yes: bool| if yes { 1.0 } else { 0.0 };
    match name {
        "one" => 1.0,
        "bell" => {
            let [x, y, z] = extent.relative(at).map(|offset| offset / 0.25);
            math::cosine_squared_bell(math::sqrt((x * x + y * y) + z * z))
        }
        "block" => inside(extent.relative(at).iter().all(|offset| offset.abs() < 0.125)),
        "layer" => inside(at.z < extent.ground + 0.25 * extent.size.z),
        ENERGY => 0.0,
        name if terminator::NAMES.contains(&name) => terminator::initial(name, at),
        _ => panic!("`{name}` is not a tracer shape"),
    }
}

/// Centre of the shapes on the globe: longitude and latitude in rad (270 degrees east, on the equator).
const GLOBAL_CENTRE: [f64; 2] = [-std::f64::consts::FRAC_PI_2, 0.0];
/// Their radius as an angle in rad.
const GLOBAL_RADIUS: f64 = 1.0 / 3.0;

/// The initial mixing ratio of the tracer `name` at a point of the globe, in a layer without depth: the bell is that
/// of Williamson et al. 1992, the block has its radius, and the layer is all there is.
///
/// # Panics
/// As [`mixing_ratio`].
pub fn on_globe(name: &str, at: Point) -> f64 {
    let [longitude, latitude] = GLOBAL_CENTRE;
    let cosine = math::sin(latitude) * math::sin(at.y)
        + math::cos(latitude) * math::cos(at.y) * math::cos(at.x - longitude);
    let distance = math::acos(cosine.clamp(-1.0, 1.0)) / GLOBAL_RADIUS;
    match name {
        "one" | "layer" => 1.0,
        "bell" => math::cosine_squared_bell(distance),
        "block" if distance < 1.0 => 1.0,
        "block" => 0.0,
        name if terminator::NAMES.contains(&name) => terminator::initial(name, at),
        _ => panic!("`{name}` is not a tracer shape"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent() -> Extent {
        let size = Point { x: 100.0, y: 10.0, z: 8.0 };
        Extent { centre: Point { x: 50.0, y: 5.0, z: 4.0 }, size, ground: 0.0 }
    }

    #[test]
    fn every_shape_lies_between_zero_and_one() {
        for name in NAMES {
            for i in 0..100 {
                let at = Point { x: i as f64 + 0.5, y: 5.0, z: i as f64 * 0.08 };
                assert!((0.0..=1.0).contains(&mixing_ratio(name, at, &extent())), "{name}");
            }
            let largest = mixing_ratio(name, Point { x: 50.0, y: 5.0, z: 4.0 }, &extent()).max(mixing_ratio(
                name,
                Point { x: 50.0, y: 5.0, z: 0.1 },
                &extent(),
            ));
            assert_eq!(largest, 1.0, "{name}");
        }
    }

    #[test]
    fn air_returns_after_a_period() {
        let at = Point { x: 12.5, y: 2.5, z: 1.0 };
        assert_eq!(extent().upstream(at, 100.0, 20.0), at);
        assert_eq!(extent().upstream(at, 25.0, 0.0).x, 87.5);
    }
}
