//! Gradients across the faces of a tile, by differences of second order.
//!
//! Across an x-face, with D the angle of a cell and n_x . n_y = sin alpha sin beta,
//!
//! ```text
//! n_x . grad q = d [cos alpha dq/dalpha + cos beta (n_x . n_y) dq/dbeta]/a
//! ```
//!
//! and likewise across a y-face. The derivative along a face is the mean of those of the two cells beside it; beyond the
//! outermost cells of a panel values are extrapolated. Across a side of a panel the two cells are mirror images of each
//! other, so that their difference over their distance is the gradient where the line between them meets the side. Values
//! are taken so far along the side that this is the centre of the face.

use crate::dynamics::sphere::sheet::Sheet;
use crate::math;
use crate::mesh::{CubedSphere, Tile};
use crate::real::Real;

/// Weights of the differences across and along the faces of one direction, with the lengths of the faces: what they
/// give times rho K is a flux per thickness. At a side of the panel the second is for the difference of the differences
/// along it, else for their sum.
#[derive(Clone, Debug)]
pub struct Gradients<T> {
    pub across: Sheet<T>,
    pub along: Sheet<T>,
}

impl<T: Real> Gradients<T> {
    /// Those of the faces across x and across y.
    pub fn of_tile(sphere: &CubedSphere, tile: &Tile) -> [Self; 2] {
        let size = [tile.ni, tile.nj];
        let new = || Gradients { across: Sheet::new(size), along: Sheet::new(size) };
        let [mut x, mut y] = [new(), new()];
        for j in 0..=tile.nj {
            for i in 0..=tile.ni {
                // Faces beyond the last row or column of cells belong to no cell of the tile.
                if j < tile.nj {
                    x.set([i, j], weights(sphere, tile.i0 + i, tile.j0 + j));
                }
                if i < tile.ni {
                    y.set([i, j], weights(sphere, tile.j0 + j, tile.i0 + i));
                }
            }
        }
        [x, y]
    }

    fn set(&mut self, [i, j]: [usize; 2], [across, along]: [f64; 2]) {
        self.across.set(i as isize, j as isize, T::of(across));
        self.along.set(i as isize, j as isize, T::of(along));
    }
}

/// Weights at the face `f` of one direction in the row (or column) `m` of cells.
fn weights(sphere: &CubedSphere, f: usize, m: usize) -> [f64; 2] {
    let (x, y) = (sphere.tan_face(f), sphere.tan_centre(m));
    let (radius, step) = (sphere.radius, sphere.step());
    let (square_x, square_y) = (1.0 + x * x, 1.0 + y * y);
    let square_d = 1.0 + (x * x + y * y);
    let length = radius * step * square_y * math::sqrt(square_x) / square_d;
    if f == 0 || f == sphere.n {
        let inside = sphere.tan_centre(if f == 0 { 0 } else { sphere.n - 1 }).abs();
        let (partner, angle) = partner_of_face(inside, x.abs(), y);
        let across = length / (2.0 * radius * angle);
        return [across, 0.5 * across * (math::atan(partner) - math::atan(y)) / step];
    }
    let (cosine_x, cosine_y) = (1.0 / math::sqrt(square_x), 1.0 / math::sqrt(square_y));
    let rate = length * math::sqrt(square_d) / (radius * step);
    // The derivative along the face is a quarter of four differences.
    [rate * cosine_x, 0.25 * rate * cosine_y * (x * cosine_x) * (y * cosine_y)]
}

/// Where a cell's X is given, Y of the point that lies straight inwards from the centre of the face at Y of a side of the
/// panel, where X is `side`, and the angle between the two.
fn partner_of_face(x: f64, side: f64, y: f64) -> (f64, f64) {
    let square = 1.0 + side * side;
    // (X, Y', 1) without its part along the normal (-1, 0, side)/sqrt(1 + side^2) points to (side, Y, 1).
    let partner = y * (1.0 + x * side) / square;
    let d = math::sqrt(1.0 + (x * x + partner * partner));
    (partner, math::asin((side - x) / (math::sqrt(square) * d)))
}
