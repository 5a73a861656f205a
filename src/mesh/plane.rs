//! The plane: one panel of equal rectangular cells.

use super::rotation::Rotation;
use crate::config::{Boundary, Grid, LateralBoundary};

/// Horizontal geometry of a box.
#[derive(Clone, Debug)]
pub struct Plane {
    /// Cells along x and y.
    pub nx: usize,
    pub ny: usize,
    /// Cell size in m.
    pub dx: f64,
    pub dy: f64,
    /// Western and southern edge in m.
    pub x_min: f64,
    pub y_min: f64,
    pub x_boundary: LateralBoundary,
    pub y_boundary: LateralBoundary,
}

impl Plane {
    pub fn new(grid: &Grid, boundary: &Boundary) -> Self {
        Plane {
            nx: grid.nx,
            ny: grid.ny,
            dx: grid.dx,
            dy: grid.dy,
            x_min: grid.x_min,
            y_min: grid.y_min,
            x_boundary: boundary.x,
            y_boundary: boundary.y,
        }
    }

    /// x of the centre of column `i` in m.
    pub fn x(&self, i: usize) -> f64 {
        self.x_min + (i as f64 + 0.5) * self.dx
    }

    /// y of the centre of row `j` in m.
    pub fn y(&self, j: usize) -> f64 {
        self.y_min + (j as f64 + 0.5) * self.dy
    }

    /// Where the cell (i, j), which may lie outside, takes its values from, and the mirrors on
    /// the way; nothing in the domain fills what lies beyond an open side.
    pub fn source(&self, i: isize, j: isize) -> Option<Source> {
        let (i, flip_x) = source_index(i, self.nx, self.x_boundary)?;
        let (j, flip_y) = source_index(j, self.ny, self.y_boundary)?;
        Some(Source { panel: 0, i, j, rotation: Rotation::mirror(flip_x, flip_y) })
    }
}

/// The cell that a ghost cell copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    pub panel: usize,
    pub i: usize,
    pub j: usize,
    /// What happens to vectors on the way.
    pub rotation: Rotation,
}

/// Index inside `0..n` that the index `i` refers to, and whether it lies behind an odd number of mirrors.
fn source_index(i: isize, n: usize, boundary: LateralBoundary) -> Option<(usize, bool)> {
    let n = n as isize;
    match boundary {
        LateralBoundary::Periodic => Some((i.rem_euclid(n) as usize, false)),
        LateralBoundary::Wall => {
            let unfolded = i.rem_euclid(2 * n);
            let is_mirrored = unfolded >= n;
            Some((if is_mirrored { 2 * n - 1 - unfolded } else { unfolded } as usize, is_mirrored))
        }
        LateralBoundary::Open => (0..n).contains(&i).then_some((i as usize, false)),
    }
}
