//! Interpolation of a level from the cubed sphere to the points of a latitude-longitude grid.

use super::LatLonGrid;
use super::panels::{Place, Rim};
use crate::mesh::CubedSphere;
use rayon::prelude::*;

/// Where the points of the grid lie on the panels.
#[derive(Clone, Debug)]
pub struct Interpolation {
    grid: LatLonGrid,
    rim: Rim,
    /// Of all points, longitude running fastest.
    points: Vec<Place>,
}

impl Interpolation {
    /// Finds the points of `grid` on `sphere`, which has at least 4 x 4 columns on a panel.
    pub fn new(sphere: &CubedSphere, grid: LatLonGrid) -> Self {
        let [_, columns] = grid.shape();
        let locate = |index: usize| Place::of(sphere, grid.position(index % columns, index / columns));
        let points = (0..grid.points()).into_par_iter().map(locate).collect();
        Interpolation { grid, rim: Rim::new(sphere), points }
    }

    /// The grid.
    pub fn grid(&self) -> &LatLonGrid {
        &self.grid
    }

    /// The values (lat, lon) of a scalar, given at all columns (panel, y, x).
    pub fn scalar(&self, level: &[f64]) -> Vec<f64> {
        let padded = self.rim.pad(level);
        self.points.par_iter().map(|point| padded.at(point)).collect()
    }

    /// The eastward and the northward wind (lat, lon), given by its components along the geographic axes at
    /// all columns: these are smooth at the poles, where east and north are not.
    pub fn wind(&self, level: &[Vec<f64>; 3]) -> [Vec<f64>; 2] {
        let [_, columns] = self.grid.shape();
        let padded = level.each_ref().map(|component| self.rim.pad(component));
        let wind = |(index, point): (usize, &Place)| {
            let [x, y, z] = padded.each_ref().map(|component| component.at(point));
            let (east, north) = self.grid.east_north(index % columns, index / columns);
            (x * east[0] + y * east[1], (x * north[0] + y * north[1]) + z * north[2])
        };
        let (u, v) = self.points.par_iter().enumerate().map(wind).unzip();
        [u, v]
    }
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
