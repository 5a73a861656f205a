//! Values at any place of the cubed sphere from those at its columns.
//!
//! A place lies on one panel, on which 4 x 4 columns around it give the value by the Lagrange polynomial in alpha
//! and beta: exact for cubics, fourth order. A rim of ghost columns around every panel keeps the stencil centred at
//! its sides: they lie on the great circles of the panel's grid beyond the side, which are those of the neighbour's
//! columns, and get their values from the neighbour's own columns. Values are taken as those at the centres.

use crate::math;
use crate::mesh::CubedSphere;
use crate::mesh::cubed_sphere::{PANELS, Vector};
use std::f64::consts::FRAC_PI_4;

/// Columns of the stencil along each direction: a panel has as many at least.
pub const WIDTH: usize = 4;

/// Ghost columns beyond every side of a panel.
const RIM: usize = 2;

/// A place on a panel: along x and y in columns, 0 at the centre of the first one.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub panel: usize,
    pub x: f64,
    pub y: f64,
}

impl Place {
    /// Where a geographic direction lies.
    pub fn of(sphere: &CubedSphere, direction: Vector) -> Self {
        let (panel, alpha, beta) = sphere.locate(direction);
        let place = |angle: f64| (angle + FRAC_PI_4) / sphere.step() - 0.5;
        Place { panel, x: place(alpha), y: place(beta) }
    }
}

/// Where the ghost columns of all panels get their values.
#[derive(Clone, Debug)]
pub struct Rim {
    n: usize,
    /// Index among the columns with their rims, and the place on a neighbour.
    ghosts: Vec<(usize, Place)>,
}

impl Rim {
    /// The rims of the panels of `sphere`.
    ///
    /// # Panics
    /// If a panel has fewer than 4 x 4 columns.
    pub fn new(sphere: &CubedSphere) -> Self {
        assert!(sphere.n >= WIDTH, "a panel holds the stencil");
        let (n, rim) = (sphere.n, RIM as isize);
        let padded = n + 2 * RIM;
        let tangent = |index: isize| math::tan((index as f64 + 0.5) * sphere.step() - FRAC_PI_4);
        let outside = |index: isize| !(0..n as isize).contains(&index);
        let mut ghosts = Vec::new();
        for panel in 0..PANELS {
            for (j, i) in (-rim..n as isize + rim).flat_map(|j| (-rim..n as isize + rim).map(move |i| (j, i)))
            {
                if outside(i) || outside(j) {
                    let direction = CubedSphere::position(tangent(i), tangent(j));
                    let place = Place::of(sphere, sphere.to_geographic(panel, direction));
                    let [row, column] = [j, i].map(|index| (index + rim) as usize);
                    ghosts.push(((panel * padded + row) * padded + column, place));
                }
            }
        }
        Rim { n, ghosts }
    }

    /// The values at all columns (panel, y, x) with their rims.
    pub fn pad(&self, level: &[f64]) -> Padded {
        let (n, padded) = (self.n, self.n + 2 * RIM);
        let mut values = vec![0.0; PANELS * padded * padded];
        for (row, source) in level.chunks_exact(n).enumerate() {
            let start = (row / n * padded + row % n + RIM) * padded + RIM;
            values[start..start + n].copy_from_slice(source);
        }
        for (ghost, place) in &self.ghosts {
            values[*ghost] = Stencil::new(place, n, 0).apply(level);
        }
        Padded { n, values }
    }
}

/// Values at all columns and around the panels.
#[derive(Clone, Debug)]
pub struct Padded {
    n: usize,
    values: Vec<f64>,
}

impl Padded {
    /// The value at a place; not a number if one of the stencil is missing.
    pub fn at(&self, place: &Place) -> f64 {
        Stencil::new(place, self.n, RIM).apply(&self.values)
    }
}

/// The columns around a place, and their weights.
struct Stencil {
    /// The first column, and the distance from one row to the next.
    first: usize,
    stride: usize,
    along_x: [f64; WIDTH],
    along_y: [f64; WIDTH],
}

impl Stencil {
    /// The stencil on panels of n x n columns with `rim` more beyond every side.
    fn new(place: &Place, n: usize, rim: usize) -> Self {
        let stride = n + 2 * rim;
        let (i, along_x) = weights(place.x + rim as f64, stride);
        let (j, along_y) = weights(place.y + rim as f64, stride);
        Stencil { first: (place.panel * stride + j) * stride + i, stride, along_x, along_y }
    }

    fn apply(&self, level: &[f64]) -> f64 {
        let dot = |weights: &[f64; WIDTH], values: [f64; WIDTH]| {
            let products: [f64; WIDTH] = std::array::from_fn(|m| weights[m] * values[m]);
            (products[0] + products[3]) + (products[1] + products[2])
        };
        let row = |j: usize| {
            let start = self.first + j * self.stride;
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

    /// A front that runs along a side of a panel must look the same from both sides.
    #[test]
    fn values_are_continuous_across_the_sides() {
        let sphere = CubedSphere::new(24, 1.0, 0.3);
        let front = |v: Vector| (6.0 * (v[0] - v[1] + 0.3 * v[2])).tanh();
        let columns = (0..PANELS * 24 * 24).map(|c| front(sphere.centre(c / 576, c % 24, c / 24 % 24)));
        let padded = Rim::new(&sphere).pad(&columns.collect::<Vec<_>>());
        let mut largest = 0.0_f64;
        for step in 0..200 {
            let y = -0.4 + step as f64 * 24.0 / 201.0;
            let beta = (y + 0.5) * sphere.step() - FRAC_PI_4;
            let beside = |alpha: f64| {
                let direction = sphere.to_geographic(0, CubedSphere::position(alpha.tan(), beta.tan()));
                padded.at(&Place::of(&sphere, direction))
            };
            largest = largest.max((beside(FRAC_PI_4 - 1e-9) - beside(FRAC_PI_4 + 1e-9)).abs());
        }
        // Stencils that end at the side leave steps of 0.09.
        assert!(largest < 5e-3, "{largest}");
    }
}
