//! The latitude-longitude grid.

use crate::math;
use crate::mesh::cubed_sphere::Vector;

/// A regular grid of cell-centred points: half a spacing from the poles, and from longitude 0 on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatLonGrid {
    /// Number of latitudes; there are twice as many longitudes.
    rows: usize,
}

impl LatLonGrid {
    /// The grid with the given spacing in degrees; `None` unless a whole number of them makes 180 degrees.
    pub fn new(spacing: f64) -> Option<Self> {
        let rows = 180.0 / spacing;
        // 180 degrees by a spacing that is rounded, such as 0.1, is a whole number but for a few bits.
        let near = rows.round();
        let whole = near >= 2.0 && (rows - near).abs() <= 1e-9 * near;
        whole.then_some(LatLonGrid { rows: near as usize })
    }

    /// Numbers of latitudes and longitudes.
    pub fn shape(&self) -> [usize; 2] {
        [self.rows, 2 * self.rows]
    }

    /// Number of points.
    pub fn points(&self) -> usize {
        2 * self.rows * self.rows
    }

    /// Latitude of row `j` in degrees, from south to north; opposite ones have the same bits.
    pub fn latitude(&self, j: usize) -> f64 {
        (2 * j as i64 + 1 - self.rows as i64) as f64 * 90.0 / self.rows as f64
    }

    /// Longitude of column `i` in degrees, from 0 to 360.
    pub fn longitude(&self, i: usize) -> f64 {
        (2 * i + 1) as f64 * 90.0 / self.rows as f64
    }

    /// The bounds of the cells of a row in degrees.
    pub fn latitude_bounds(&self, j: usize) -> [f64; 2] {
        [j, j + 1].map(|edge| (2 * edge as i64 - self.rows as i64) as f64 * 90.0 / self.rows as f64)
    }

    /// The bounds of the cells of a column in degrees.
    pub fn longitude_bounds(&self, i: usize) -> [f64; 2] {
        [i, i + 1].map(|edge| (2 * edge) as f64 * 90.0 / self.rows as f64)
    }

    /// The geographic unit vector of a point.
    pub fn position(&self, i: usize, j: usize) -> Vector {
        let [(sin_lat, cos_lat), (sin_lon, cos_lon)] = self.angles(i, j);
        [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
    }

    /// The unit vectors towards east and north at a point.
    pub fn east_north(&self, i: usize, j: usize) -> (Vector, Vector) {
        let [(sin_lat, cos_lat), (sin_lon, cos_lon)] = self.angles(i, j);
        ([-sin_lon, cos_lon, 0.0], [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat])
    }

    /// Sine and cosine of latitude and longitude.
    fn angles(&self, i: usize, j: usize) -> [(f64, f64); 2] {
        [self.latitude(j), self.longitude(i)].map(|degrees| {
            let angle = degrees.to_radians();
            (math::sin(angle), math::cos(angle))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lie_in_the_middle_of_their_cells() {
        let grid = LatLonGrid::new(0.1).unwrap();
        assert_eq!(grid.shape(), [1800, 3600]);
        let grid = LatLonGrid::new(30.0).unwrap();
        assert_eq!(grid.shape(), [6, 12]);
        let latitudes: Vec<f64> = (0..6).map(|j| grid.latitude(j)).collect();
        assert_eq!(latitudes, [-75.0, -45.0, -15.0, 15.0, 45.0, 75.0]);
        assert_eq!((grid.longitude(0), grid.longitude(11)), (15.0, 345.0));
        assert_eq!((grid.latitude_bounds(0), grid.longitude_bounds(11)), ([-90.0, -60.0], [330.0, 360.0]));
    }

    #[test]
    fn a_spacing_must_divide_half_a_circle() {
        for spacing in [0.7, 180.0, 179.0, f64::NAN, 0.0, -1.0] {
            assert_eq!(LatLonGrid::new(spacing), None, "{spacing}");
        }
        assert!(LatLonGrid::new(180.0 / 7.0).is_some());
    }

    #[test]
    fn east_and_north_lie_at_right_angles() {
        let grid = LatLonGrid::new(10.0).unwrap();
        let dot = |a: Vector, b: Vector| (0..3).map(|c| a[c] * b[c]).sum::<f64>();
        for (i, j) in [(0, 0), (7, 3), (35, 17)] {
            let (position, (east, north)) = (grid.position(i, j), grid.east_north(i, j));
            for product in [dot(position, east), dot(position, north), dot(east, north)] {
                assert!(product.abs() < 1e-15);
            }
            assert!((dot(north, north) - 1.0).abs() < 1e-15);
        }
    }
}
