//! Interpolation of a level from the cubed sphere to the points of a latitude-longitude grid.
//!
//! Each point belongs to one panel, on which 4 x 4 columns around it give the value by the Lagrange polynomial in
//! alpha and beta: exact for cubics, fourth order. Beside the sides of a panel the columns are the nearest four of
//! the same panel. Values are taken as those at the centres of the columns.

use super::LatLonGrid;
use crate::mesh::CubedSphere;
use rayon::prelude::*;
use std::f64::consts::FRAC_PI_4;

/// Columns of the stencil along each direction.
const WIDTH: usize = 4;

/// Where the points of the grid lie on the panels.
#[derive(Clone, Debug)]
pub struct Interpolation {
    grid: LatLonGrid,
    /// Columns along the edge of a panel.
    n: usize,
    /// Of all points, longitude running fastest.
    points: Vec<Point>,
}

/// A point on a panel: its place along x and y in columns, 0 at the centre of the first one.
#[derive(Clone, Copy, Debug)]
struct Point {
    panel: u32,
    x: f64,
    y: f64,
}

impl Interpolation {
    /// Finds the points of `grid` on `sphere`, which has at least 4 x 4 columns on a panel.
    pub fn new(sphere: &CubedSphere, grid: LatLonGrid) -> Self {
        assert!(sphere.n >= WIDTH, "a panel holds the stencil");
        let [_, columns] = grid.shape();
        let step = sphere.step();
        let locate = |index: usize| {
            let (panel, alpha, beta) = sphere.locate(grid.position(index % columns, index / columns));
            let place = |angle: f64| (angle + FRAC_PI_4) / step - 0.5;
            Point { panel: panel as u32, x: place(alpha), y: place(beta) }
        };
        let points = (0..grid.points()).into_par_iter().map(locate).collect();
        Interpolation { grid, n: sphere.n, points }
    }

    /// The grid.
    pub fn grid(&self) -> &LatLonGrid {
        &self.grid
    }

    /// The values (lat, lon) of a scalar, given at all columns (panel, y, x).
    pub fn scalar(&self, level: &[f64]) -> Vec<f64> {
        self.points.par_iter().map(|point| Stencil::of(point, self.n).apply(level)).collect()
    }

    /// The eastward and the northward wind (lat, lon), given by its components along the geographic axes at
    /// all columns: these are smooth at the poles, where east and north are not.
    pub fn wind(&self, level: &[Vec<f64>; 3]) -> [Vec<f64>; 2] {
        let [_, columns] = self.grid.shape();
        let wind = |(index, point): (usize, &Point)| {
            let stencil = Stencil::of(point, self.n);
            let [x, y, z] = [0, 1, 2].map(|c| stencil.apply(&level[c]));
            let (east, north) = self.grid.east_north(index % columns, index / columns);
            (x * east[0] + y * east[1], (x * north[0] + y * north[1]) + z * north[2])
        };
        let (u, v) = self.points.par_iter().enumerate().map(wind).unzip();
        [u, v]
    }
}

/// The columns around a point, and their weights.
struct Stencil {
    /// The first column, and the distance from one row to the next.
    first: usize,
    n: usize,
    along_x: [f64; WIDTH],
    along_y: [f64; WIDTH],
}

impl Stencil {
    fn of(point: &Point, n: usize) -> Self {
        let (i, along_x) = weights(point.x, n);
        let (j, along_y) = weights(point.y, n);
        Stencil { first: (point.panel as usize * n + j) * n + i, n, along_x, along_y }
    }

    /// Not a number if a value of the stencil is missing.
    fn apply(&self, level: &[f64]) -> f64 {
        let dot = |weights: &[f64; WIDTH], values: [f64; WIDTH]| {
            let products: [f64; WIDTH] = std::array::from_fn(|m| weights[m] * values[m]);
            (products[0] + products[3]) + (products[1] + products[2])
        };
        let row = |j: usize| {
            let start = self.first + j * self.n;
            dot(&self.along_x, std::array::from_fn(|i| level[start + i]))
        };
        dot(&self.along_y, std::array::from_fn(row))
    }
}

/// The first of the four columns around the place `t`, and the weights of the cubic through them.
fn weights(t: f64, n: usize) -> (usize, [f64; WIDTH]) {
    let first = (t.floor() as isize - 1).clamp(0, (n - WIDTH) as isize) as usize;
    let s = t - first as f64;
    let [a, b, c, d] = [s, s - 1.0, s - 2.0, s - 3.0];
    (first, [-b * c * d / 6.0, a * c * d / 2.0, -a * b * d / 2.0, a * b * c / 6.0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::cubed_sphere::{PANELS, Vector};

    const TILT: f64 = 0.6;

    /// The values of a function of the direction at all columns.
    fn at_columns(sphere: &CubedSphere, function: impl Fn(Vector) -> f64) -> Vec<f64> {
        let n = sphere.n;
        (0..PANELS * n * n)
            .map(|index| function(sphere.centre(index / (n * n), index % n, index / n % n)))
            .collect()
    }

    fn smooth([x, y, z]: Vector) -> f64 {
        (2.0 * x - y).sin() + z * z * y + (3.0 * z).cos()
    }

    fn largest_error(n: usize) -> f64 {
        let sphere = CubedSphere::new(n, 1.0, TILT);
        let grid = LatLonGrid::new(4.0).unwrap();
        let values = Interpolation::new(&sphere, grid).scalar(&at_columns(&sphere, smooth));
        let error =
            |(index, value): (usize, &f64)| (value - smooth(grid.position(index % 90, index / 90))).abs();
        values.iter().enumerate().map(error).fold(0.0, f64::max)
    }

    #[test]
    fn errors_fall_with_the_fourth_power_of_the_spacing() {
        let errors = [16, 32, 64].map(largest_error);
        for pair in errors.windows(2) {
            let order = (pair[0] / pair[1]).log2();
            assert!(order > 3.5, "{errors:?}");
        }
        assert!(errors[2] < 1e-5, "{errors:?}");
    }

    #[test]
    fn a_constant_stays_constant() {
        let sphere = CubedSphere::new(12, 1.0, TILT);
        let interpolation = Interpolation::new(&sphere, LatLonGrid::new(2.0).unwrap());
        for value in interpolation.scalar(&vec![280.0; 6 * 12 * 12]) {
            assert!((value - 280.0).abs() < 1e-12, "{value}");
        }
    }

    #[test]
    fn a_missing_value_stays_in_its_neighbourhood() {
        let sphere = CubedSphere::new(20, 1.0, 0.0);
        let mut level = vec![1.0; 6 * 20 * 20];
        // The column at longitude and latitude 0 + half a step, on panel 0.
        level[10 * 20 + 10] = f64::NAN;
        let grid = LatLonGrid::new(5.0).unwrap();
        let values = Interpolation::new(&sphere, grid).scalar(&level);
        let missing = values.iter().filter(|value| value.is_nan()).count();
        assert!((9..=16).contains(&missing), "{missing}");
        assert!(values[18 * 72].is_nan() && values[30 * 72].is_finite());
    }

    /// A flow over the pole: east and north turn round there, the wind does not.
    #[test]
    fn solid_body_rotation_is_smooth_at_the_poles() {
        let axis = [0.8, -0.36, 0.48];
        let wind = |[x, y, z]: Vector| {
            [axis[1] * z - axis[2] * y, axis[2] * x - axis[0] * z, axis[0] * y - axis[1] * x]
        };
        let error = |n: usize| {
            let sphere = CubedSphere::new(n, 1.0, 0.0);
            let grid = LatLonGrid::new(2.0).unwrap();
            let components = [0, 1, 2].map(|c| at_columns(&sphere, |position| wind(position)[c]));
            let [u, v] = Interpolation::new(&sphere, grid).wind(&components);
            let mut largest = 0.0f64;
            for j in [0, 1, 88, 89] {
                for i in 0..180 {
                    let (exact, (east, north)) = (wind(grid.position(i, j)), grid.east_north(i, j));
                    let dot = |a: Vector| (0..3).map(|c| a[c] * exact[c]).sum::<f64>();
                    largest = largest.max((u[j * 180 + i] - dot(east)).abs());
                    largest = largest.max((v[j * 180 + i] - dot(north)).abs());
                }
            }
            largest
        };
        assert!(error(24) < 2e-5, "{}", error(24));
        assert!(error(48) < error(24) / 10.0);
    }
}
