//! The equiangular gnomonic cubed sphere: six panels of n x n cells.
//!
//! On a panel the angles alpha and beta run from -pi/4 to pi/4 in steps D = pi/(2n); with X = tan alpha,
//! Y = tan beta and d^2 = 1 + X^2 + Y^2 a point is r = (X, Y, 1)/d in the panel's own axes (e_x, e_y, e_n)
//! (Ronchi, Iacono and Paolucci 1996, J. Comput. Phys. 124, 93-114). Everything that depends on (i, j) alone is
//! the same on all panels, and symmetric under mirrors to the last bit. Horizontal vectors are kept as three
//! components along the panel's axes: on the way to another panel they are permuted and change signs.

use super::plane::Source;
use super::rotation::Rotation;
use crate::math;
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

/// Number of panels.
pub const PANELS: usize = 6;

/// A vector of three Cartesian components.
pub type Vector = [f64; 3];

/// Axes of the panels (e_x, e_y, e_n) in the axes of the grid: four panels around the equator, then north
/// and south.
const AXES: [[[i8; 3]; 3]; PANELS] = [
    [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
    [[-1, 0, 0], [0, 0, 1], [0, 1, 0]],
    [[0, -1, 0], [0, 0, 1], [-1, 0, 0]],
    [[1, 0, 0], [0, 0, 1], [0, -1, 0]],
    [[0, 1, 0], [-1, 0, 0], [0, 0, 1]],
    [[0, 1, 0], [1, 0, 0], [0, 0, -1]],
];

/// A side of a panel (or of a tile).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    West,
    East,
    South,
    North,
}

impl Side {
    /// All sides, in the order of the tables.
    pub const ALL: [Side; 4] = [Side::West, Side::East, Side::South, Side::North];

    /// Whether the coordinate along the side is y.
    pub fn is_along_y(self) -> bool {
        matches!(self, Side::West | Side::East)
    }
}

/// What lies beyond a side of a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    pub panel: usize,
    /// Its side that touches.
    pub side: Side,
    /// The index along the side runs the other way there.
    pub reversed: bool,
}

/// Horizontal geometry of the globe.
#[derive(Clone, Debug, PartialEq)]
pub struct CubedSphere {
    /// Cells along the edge of a panel.
    pub n: usize,
    /// Radius of the planet in m.
    pub radius: f64,
    /// Angle in rad by which the grid is turned against the geographic axes, about the axis through
    /// the equator at 90 degrees east.
    pub tilt: f64,
    /// tan of alpha (or beta) at cell centres and at faces.
    tan_centre: Vec<f64>,
    tan_face: Vec<f64>,
    neighbours: Box<[[Neighbour; 4]; PANELS]>,
}

impl CubedSphere {
    /// A sphere of 6 n^2 columns; `n` must be at least 1, `tilt` is in rad.
    pub fn new(n: usize, radius: f64, tilt: f64) -> Self {
        let half_step = FRAC_PI_4 / n as f64;
        // Whole multiples of the half step, so that mirrored points have the same bits.
        let tangent = |halves: i64| match halves.unsigned_abs() as usize {
            0 => 0.0,
            m if m == n => 1.0f64.copysign(halves as f64),
            m => math::tan(m as f64 * half_step).copysign(halves as f64),
        };
        let last = n as i64;
        CubedSphere {
            n,
            radius,
            tilt,
            tan_centre: (0..last).map(|i| tangent(2 * i + 1 - last)).collect(),
            tan_face: (0..=last).map(|i| tangent(2 * i - last)).collect(),
            neighbours: Box::new(std::array::from_fn(|panel| Side::ALL.map(|side| neighbour(panel, side)))),
        }
    }

    /// The largest (g^aa + g^bb)/(a D)^2 in 1/m2, in the middle of the sides of the panels: what 1/dx^2 + 1/dy^2 is on
    /// the plane, the rate of a diffusion of 1 m2/s.
    pub fn largest_spreading(&self) -> f64 {
        3.0 / (self.radius * self.step()).powi(2)
    }

    /// D = pi/(2n), the step of alpha and beta in rad.
    pub fn step(&self) -> f64 {
        FRAC_PI_2 / self.n as f64
    }

    /// tan alpha at the centre of column `i` (or tan beta of row `i`).
    pub fn tan_centre(&self, i: usize) -> f64 {
        self.tan_centre[i]
    }

    /// tan alpha at the face between the columns `i - 1` and `i`.
    pub fn tan_face(&self, i: usize) -> f64 {
        self.tan_face[i]
    }

    /// What lies beyond a side of a panel.
    pub fn neighbour(&self, panel: usize, side: Side) -> Neighbour {
        self.neighbours[panel][side as usize]
    }

    /// Where the cell (i, j) of a panel's indices, which may lie beyond one of its sides, is. Beyond a
    /// corner there is nothing. Cells beyond a side are those of the neighbour in rows parallel to the
    /// side; they lie beside the continued grid lines, not on them.
    pub fn source(&self, panel: usize, i: isize, j: isize) -> Option<Source> {
        let n = self.n as isize;
        let inside = |index: isize| (0..n).contains(&index);
        let (side, depth, along) = match (inside(i), inside(j)) {
            (true, true) => {
                let rotation = Rotation::IDENTITY;
                return Some(Source { panel, i: i as usize, j: j as usize, rotation });
            }
            (false, true) if i < 0 => (Side::West, -1 - i, j),
            (false, true) => (Side::East, i - n, j),
            (true, false) if j < 0 => (Side::South, -1 - j, i),
            (true, false) => (Side::North, j - n, i),
            (false, false) => return None,
        };
        let there = self.neighbour(panel, side);
        if depth >= n {
            return None;
        }
        let along = if there.reversed { n - 1 - along } else { along };
        let (i, j) = match there.side {
            Side::West => (depth, along),
            Side::East => (n - 1 - depth, along),
            Side::South => (along, depth),
            Side::North => (along, n - 1 - depth),
        };
        let rotation = rotation(panel, there.panel);
        Some(Source { panel: there.panel, i: i as usize, j: j as usize, rotation })
    }

    /// The unit vector of the point (X, Y) = (tan alpha, tan beta) in the panel's axes.
    pub fn position(x: f64, y: f64) -> Vector {
        let d = math::sqrt(1.0 + (x * x + y * y));
        [x / d, y / d, 1.0 / d]
    }

    /// The unit normal of the grid line of tangent `across` (the same all along it, a great circle): its components
    /// across the line and along the panel's normal.
    pub fn face_normal(across: f64) -> [f64; 2] {
        let cosine = 1.0 / math::sqrt(1.0 + across * across);
        [cosine, -across * cosine]
    }

    /// A vector in the panel's axes, given in geographic ones: x towards (0 E, 0 N), y towards 90 E, z north.
    pub fn to_panel(&self, panel: usize, v: Vector) -> Vector {
        let (c, s) = (math::cos(self.tilt), math::sin(self.tilt));
        // Geographic x, y, z in the axes of the grid: (c, 0, s), (0, 1, 0), (-s, 0, c).
        let grid = if self.tilt == 0.0 { v } else { [c * v[0] - s * v[2], v[1], s * v[0] + c * v[2]] };
        std::array::from_fn(|axis| {
            let axis = AXES[panel][axis];
            f64::from(axis[0]) * grid[0] + f64::from(axis[1]) * grid[1] + f64::from(axis[2]) * grid[2]
        })
    }

    /// A vector in geographic axes, given in those of a panel: the inverse of [`CubedSphere::to_panel`].
    pub fn to_geographic(&self, panel: usize, v: Vector) -> Vector {
        let axes = &AXES[panel];
        let grid: Vector = std::array::from_fn(|c| {
            v[0] * f64::from(axes[0][c]) + v[1] * f64::from(axes[1][c]) + v[2] * f64::from(axes[2][c])
        });
        if self.tilt == 0.0 {
            return grid;
        }
        let (c, s) = (math::cos(self.tilt), math::sin(self.tilt));
        [c * grid[0] + s * grid[2], grid[1], -s * grid[0] + c * grid[2]]
    }

    /// The geographic unit vector of the centre of a column.
    pub fn centre(&self, panel: usize, i: usize, j: usize) -> Vector {
        self.to_geographic(panel, Self::position(self.tan_centre[i], self.tan_centre[j]))
    }

    /// Area of a column in m2: exact, the same on all panels.
    pub fn area(&self, i: usize, j: usize) -> f64 {
        let solid = |x: f64, y: f64| math::atan(x * y / math::sqrt(1.0 + (x * x + y * y)));
        let (west, east) = (self.tan_face[i], self.tan_face[i + 1]);
        let (south, north) = (self.tan_face[j], self.tan_face[j + 1]);
        // Grouped so that mirrored and transposed cells have the same bits.
        let angle = (solid(east, north) + solid(west, south)) - (solid(west, north) + solid(east, south));
        angle * self.radius * self.radius
    }

    /// The panel and the angles (alpha, beta) of a geographic direction.
    pub fn locate(&self, v: Vector) -> (usize, f64, f64) {
        let mut best = (0, self.to_panel(0, v));
        for panel in 1..PANELS {
            let local = self.to_panel(panel, v);
            if local[2] > best.1[2] {
                best = (panel, local);
            }
        }
        let (panel, [x, y, up]) = best;
        (panel, math::atan2(x, up), math::atan2(y, up))
    }
}

/// Longitude and latitude in rad of a geographic direction; longitude from -pi to pi.
pub fn longitude_latitude(v: Vector) -> (f64, f64) {
    let horizontal = math::sqrt(v[0] * v[0] + v[1] * v[1]);
    (math::atan2(v[1], v[0]), math::atan2(v[2], horizontal))
}

/// The unit vectors towards east and north at a geographic direction; at the poles those of longitude 0.
pub fn east_north(v: Vector) -> (Vector, Vector) {
    let horizontal = math::sqrt(v[0] * v[0] + v[1] * v[1]);
    let (c, s) = if horizontal > 0.0 { (v[0] / horizontal, v[1] / horizontal) } else { (1.0, 0.0) };
    ([-s, c, 0.0], [-v[2] * c, -v[2] * s, horizontal])
}

/// The vector map from panel `q` to panel `p`: component c of p is sign[c] times component from[c] of q.
fn rotation(p: usize, q: usize) -> Rotation {
    let mut rotation = Rotation::IDENTITY;
    for (c, mine) in AXES[p].iter().enumerate() {
        for (from, theirs) in AXES[q].iter().enumerate() {
            let product: i8 = mine.iter().zip(theirs).map(|(a, b)| a * b).sum();
            if product != 0 {
                rotation.from[c] = from as u8;
                rotation.sign[c] = product;
            }
        }
    }
    rotation
}

/// Finds the neighbour from the axes: where a point just beyond the side lies.
fn neighbour(panel: usize, side: Side) -> Neighbour {
    let axes = &AXES[panel];
    // In units in which the panel reaches from -4 to 4: half a unit beyond the side, at 1 along it.
    let (x, y) = match side {
        Side::West => (-9, 2),
        Side::East => (9, 2),
        Side::South => (2, -9),
        Side::North => (2, 9),
    };
    let point: [i32; 3] = std::array::from_fn(|c| {
        x * i32::from(axes[0][c]) + y * i32::from(axes[1][c]) + 8 * i32::from(axes[2][c])
    });
    let local = |q: usize| -> [i32; 3] {
        std::array::from_fn(|axis| (0..3).map(|c| point[c] * i32::from(AXES[q][axis][c])).sum())
    };
    let there = (0..PANELS).max_by_key(|&q| local(q)[2]).expect("there are panels");
    let [x, y, _] = local(there);
    let (touching, along) = if x.abs() > y.abs() {
        (if x < 0 { Side::West } else { Side::East }, y)
    } else {
        (if y < 0 { Side::South } else { Side::North }, x)
    };
    Neighbour { panel: there, side: touching, reversed: along < 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn the_table_of_neighbours() {
        // Neighbour and its side, for W, E, S, N of every panel; * where the index is reversed.
        let table = [
            ["3E", "1W", "5N", "4S"],
            ["0E", "2W", "5E*", "4E"],
            ["1E", "3W", "5S*", "4N*"],
            ["2E", "0W", "5W", "4W*"],
            ["3N*", "1N", "0N", "2N*"],
            ["3S", "1S*", "2S*", "0S"],
        ];
        let sphere = CubedSphere::new(8, 1.0, 0.0);
        for (panel, row) in table.iter().enumerate() {
            for (side, expected) in Side::ALL.into_iter().zip(row) {
                let found = sphere.neighbour(panel, side);
                let letter = ["W", "E", "S", "N"][found.side as usize];
                let star = if found.reversed { "*" } else { "" };
                assert_eq!(format!("{}{letter}{star}", found.panel), **expected, "{panel} {side:?}");
                let back = sphere.neighbour(found.panel, found.side);
                assert_eq!((back.panel, back.side, back.reversed), (panel, side, found.reversed));
            }
        }
    }

    #[test]
    fn rotations_carry_vectors_between_panels() {
        let sphere = CubedSphere::new(8, 1.0, 0.3);
        let v = [0.3, -1.2, 2.7];
        for p in 0..PANELS {
            for q in 0..PANELS {
                let (mine, theirs) = (sphere.to_panel(p, v), sphere.to_panel(q, v));
                let turned = rotation(p, q);
                for c in 0..3 {
                    assert_eq!(mine[c], f64::from(turned.sign[c]) * theirs[turned.from[c] as usize]);
                }
            }
        }
    }

    #[test]
    fn cells_beyond_a_side_lie_beside_it() {
        let sphere = CubedSphere::new(12, 1.0, 0.7);
        let n = 12;
        for panel in 0..PANELS {
            for (i, j) in [(-1, 3), (n, 8), (5, -1), (7, n)] {
                let there = sphere.source(panel, i, j).unwrap();
                let (a, b) = (i.clamp(0, n - 1) as usize, j.clamp(0, n - 1) as usize);
                let (here, there) =
                    (sphere.centre(panel, a, b), sphere.centre(there.panel, there.i, there.j));
                let distance = (0..3).map(|c| (here[c] - there[c]).powi(2)).sum::<f64>().sqrt();
                assert!(distance < 1.3 * sphere.step(), "{panel} ({i}, {j}): {distance}");
            }
            assert!(sphere.source(panel, -1, -1).is_none());
            assert!(sphere.source(panel, n, n).is_none());
        }
    }

    #[test]
    fn areas_cover_the_sphere() {
        let sphere = CubedSphere::new(9, 2.0, 0.0);
        let mut total = 0.0;
        for (i, j) in (0..9).flat_map(|j| (0..9).map(move |i| (i, j))) {
            total += 6.0 * sphere.area(i, j);
            assert_eq!(sphere.area(i, j), sphere.area(j, i));
            assert_eq!(sphere.area(i, j), sphere.area(8 - i, j));
        }
        assert_relative_eq!(total, 16.0 * std::f64::consts::PI, max_relative = 1e-14);
    }

    #[test]
    fn directions_are_found_again() {
        let sphere = CubedSphere::new(10, 1.0, 0.785);
        for panel in 0..PANELS {
            for (i, j) in [(0, 0), (3, 7), (9, 4), (9, 9)] {
                let (found, alpha, beta) = sphere.locate(sphere.centre(panel, i, j));
                assert_eq!(found, panel);
                assert_relative_eq!(alpha, (i as f64 + 0.5) * sphere.step() - FRAC_PI_4, epsilon = 1e-14);
                assert_relative_eq!(beta, (j as f64 + 0.5) * sphere.step() - FRAC_PI_4, epsilon = 1e-14);
            }
        }
    }
}
