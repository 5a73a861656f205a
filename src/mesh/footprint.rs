//! Averages over the cells of the sphere: the points at which functions of longitude and latitude are taken.

use super::CubedSphere;
use super::cubed_sphere::{Vector, east_north, longitude_latitude};
use crate::math;

/// Points a cell along each direction.
const ALONG: usize = 3;
/// Points of a cell.
pub const POINTS: usize = ALONG * ALONG;
/// Index of the point at the centre.
pub const CENTRE: usize = POINTS / 2;

/// A cell of the sphere: 3 x 3 Gauss points in the angles alpha and beta with the weight
/// J = (1 + X^2)(1 + Y^2)/d^3 of the area, and the axes at its centre.
#[derive(Clone, Debug)]
pub struct Footprint {
    /// Longitude and latitude of the points in rad.
    pub points: [(f64, f64); POINTS],
    /// Their weights, of sum 1.
    weights: [f64; POINTS],
    /// The unit vectors towards east and north and upwards at the centre, in the panel's axes.
    east: Vector,
    north: Vector,
    up: Vector,
}

impl Footprint {
    /// The cell (i, j) of a panel.
    pub fn new(sphere: &CubedSphere, panel: usize, i: usize, j: usize) -> Self {
        let (x, y) = (tangents(sphere, i), tangents(sphere, j));
        let mut points = [(0.0, 0.0); POINTS];
        let mut weights = [0.0; POINTS];
        for (b, (y, weight_y)) in y.into_iter().enumerate() {
            for (a, (x, weight_x)) in x.into_iter().enumerate() {
                let d = math::sqrt(1.0 + (x * x + y * y));
                let jacobian = (1.0 + x * x) * (1.0 + y * y) / (d * d * d);
                points[ALONG * b + a] = place(sphere, panel, x, y);
                weights[ALONG * b + a] = (weight_x * weight_y) * jacobian;
            }
        }
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        let up = CubedSphere::position(sphere.tan_centre(i), sphere.tan_centre(j));
        let (east, north) = east_north(sphere.centre(panel, i, j));
        let [east, north] = [east, north].map(|vector| sphere.to_panel(panel, vector));
        Footprint { points, weights, east, north, up }
    }

    /// Longitude and latitude of the centre in rad.
    pub fn centre(&self) -> (f64, f64) {
        self.points[CENTRE]
    }

    /// The average over the cell of values at the points; equal values give themselves.
    pub fn mean(&self, values: [f64; POINTS]) -> f64 {
        let centre = values[CENTRE];
        let part = |m: usize| self.weights[m] * (values[m] - centre);
        let row = |m: usize| (part(m) + part(m + 2)) + part(m + 1);
        centre + ((row(0) + row(6)) + row(3))
    }

    /// A wind at the centre, eastward and northward, in the panel's axes and tangent to the sphere.
    pub fn wind(&self, u: f64, v: f64) -> Vector {
        self.momentum(1.0, u, v)
    }

    /// The same times a density.
    pub fn momentum(&self, density: f64, u: f64, v: f64) -> Vector {
        let free: Vector = std::array::from_fn(|c| density * (u * self.east[c] + v * self.north[c]));
        let radial: f64 = (0..3).map(|c| free[c] * self.up[c]).sum();
        std::array::from_fn(|c| free[c] - radial * self.up[c])
    }
}

/// Longitude and latitude in rad of the point (X, Y) of a panel; the same bits from both panels at an edge.
pub fn place(sphere: &CubedSphere, panel: usize, x: f64, y: f64) -> (f64, f64) {
    longitude_latitude(sphere.to_geographic(panel, CubedSphere::position(x, y)))
}

/// tan alpha and the weight of the Gauss points of column `i`.
fn tangents(sphere: &CubedSphere, i: usize) -> [(f64, f64); ALONG] {
    let half_step = 0.5 * sphere.step();
    let centre = (2 * i + 1) as f64 - sphere.n as f64;
    let offset = math::sqrt(0.6);
    [
        (math::tan((centre - offset) * half_step), 5.0 / 18.0),
        (sphere.tan_centre(i), 8.0 / 18.0),
        (math::tan((centre + offset) * half_step), 5.0 / 18.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn averages_add_up_to_the_integral() {
        let sphere = CubedSphere::new(8, 1.0, 0.7);
        let (mut square, mut total) = (0.0, 0.0);
        for (panel, j, i) in (0..6).flat_map(|p| (0..8).flat_map(move |j| (0..8).map(move |i| (p, j, i)))) {
            let cell = Footprint::new(&sphere, panel, i, j);
            let sine = |(_, latitude): (f64, f64)| math::sin(latitude);
            square += sphere.area(i, j) * cell.mean(cell.points.map(|at| sine(at) * sine(at)));
            total += sphere.area(i, j);
            assert_eq!(cell.mean([0.1; POINTS]), 0.1);
        }
        assert_relative_eq!(square / total, 1.0 / 3.0, epsilon = 1e-6);
    }

    #[test]
    fn winds_are_tangent() {
        let sphere = CubedSphere::new(8, 1.0, 0.7);
        let cell = Footprint::new(&sphere, 4, 1, 6);
        let wind = cell.wind(3.0, -4.0);
        let along = |axis: &Vector| (0..3).map(|c| wind[c] * axis[c]).sum::<f64>();
        assert_relative_eq!(along(&cell.east), 3.0, epsilon = 1e-14);
        assert_relative_eq!(along(&cell.north), -4.0, epsilon = 1e-14);
        let speed = (0..3).map(|c| wind[c] * wind[c]).sum::<f64>().sqrt();
        assert_relative_eq!(speed, 5.0, max_relative = 1e-14);
        assert!((0..3).map(|c| wind[c] * cell.up[c]).sum::<f64>().abs() < 1e-15);
    }
}
