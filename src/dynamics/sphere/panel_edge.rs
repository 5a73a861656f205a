//! Beyond the sides of a panel: ghost cells on the continued grid lines, and the neighbour's state at the edge.
//!
//! After a halo exchange the cells beyond a side hold the neighbour's cells as they are. A ghost cell at depth k
//! and angle beta lies exactly on the neighbour's grid line of depth k, at
//! beta' = atan(tan(beta)/tan(pi/4 + (k + 1/2) D)): four-point interpolation along that line gives its value.
//! The face on the side itself takes its outer value from the neighbour's own interpolation towards it, which needs
//! the neighbour's ghost cells in turn; these come from this panel's cells. So both panels know both values, and
//! compute the same flux to the last bit.

use super::metric::TileMetric;
use super::sheet::Sheet;
use super::stencils::face_value;
use crate::math;
use crate::mesh::cubed_sphere::Side;
use crate::mesh::{CubedSphere, Tile};
use crate::real::Real;
use std::f64::consts::FRAC_PI_4;

/// Depth of the ghost cells that are interpolated.
const DEPTH: usize = 2;

/// Four-point interpolation in deviation form, exact for constants:
/// q1 + w0 (q0 - q1) + w2 (q2 - q1) + w3 (q3 - q1).
#[derive(Clone, Copy, Debug)]
struct Interpolation<T> {
    /// Index of q0 along the side, on this tile (where the source is the neighbour, in this tile's count).
    first: isize,
    /// Step of the index from one cell to the next: -1 where the source counts the other way.
    step: isize,
    weights: [T; 3],
}

impl<T: Real> Interpolation<T> {
    #[inline(always)]
    fn of(&self, cell: impl Fn(isize) -> T) -> T {
        let q: [T; 4] = std::array::from_fn(|m| cell(self.first + m as isize * self.step));
        let [w0, w2, w3] = self.weights;
        q[1] + (w0 * (q[0] - q[1]) + (w2 * (q[2] - q[1]) + w3 * (q[3] - q[1])))
    }
}

/// A side of a tile that is a side of its panel.
#[derive(Clone, Debug)]
struct TileSide<T> {
    side: Side,
    /// Columns across the side: the index of the first inside is 0 or this minus 1.
    across: isize,
    /// First index along the side, and for every index from there on the interpolations from the neighbour's cells
    /// (for this panel's ghosts) and from this panel's cells (for the neighbour's), by depth.
    first: isize,
    inward: Vec<[Interpolation<T>; DEPTH]>,
    outward: Vec<[Interpolation<T>; DEPTH]>,
}

impl<T: Real> TileSide<T> {
    /// Indices (i, j) of the cell `depth` steps beyond the side (negative: inside, -1 the first).
    #[inline(always)]
    fn place(&self, depth: isize, along: isize) -> (isize, isize) {
        match self.side {
            Side::West => (-1 - depth, along),
            Side::East => (self.across + depth, along),
            Side::South => (along, -1 - depth),
            Side::North => (along, self.across + depth),
        }
    }

    /// Interpolates a line of ghost cells from the line of the neighbour's cells that lies in its place.
    fn replace_line(&self, depth: usize, sheet: &mut Sheet<T>, line: &mut [T]) {
        for (ghost, inward) in line.iter_mut().zip(&self.inward) {
            *ghost = inward[depth].of(|along| {
                let (i, j) = self.place(depth as isize, along);
                sheet.at(i, j)
            });
        }
        for (index, ghost) in line.iter().enumerate().take(self.inward.len()) {
            let (i, j) = self.place(depth as isize, self.first + index as isize);
            sheet.set(i, j, *ghost);
        }
    }
}

/// All sides of a tile that are sides of its panel.
#[derive(Clone, Debug)]
pub struct PanelEdges<T> {
    sides: Vec<TileSide<T>>,
}

/// The neighbour's values at the faces of the sides of a tile, for one variable: rows from index -1 along each side.
#[derive(Clone, Debug)]
pub struct OuterValues<T> {
    values: [Vec<T>; 4],
    /// Room for a line of ghost cells.
    line: Vec<T>,
}

impl<T: Real> OuterValues<T> {
    /// Zeros for tiles of at most `ni` x `nj` columns.
    pub fn new([ni, nj]: [usize; 2]) -> Self {
        let zeros = |n: usize| vec![T::ZERO; n + 2];
        OuterValues { values: [nj, nj, ni, ni].map(zeros), line: zeros(ni.max(nj)) }
    }

    /// The values of a side from index -1 on.
    #[inline(always)]
    pub fn side(&self, side: Side) -> &[T] {
        &self.values[side as usize]
    }
}

impl<T: Real> PanelEdges<T> {
    pub fn new(sphere: &CubedSphere, tile: &Tile, metric: &TileMetric<T>) -> Self {
        let weights = [0, 1].map(|depth| weights(sphere, depth));
        let sides = Side::ALL.into_iter().filter(|&side| metric.is_on(side)).map(|side| {
            let (across, start, count) =
                if side.is_along_y() { (tile.ni, tile.j0, tile.nj) } else { (tile.nj, tile.i0, tile.ni) };
            let n = sphere.n as isize;
            let start = start as isize;
            // One beyond the tile, where the panel goes on.
            let first = (-1).max(-start);
            let last = (count as isize).min(n - 1 - start);
            let reversed = sphere.neighbour(tile.panel, side).reversed;
            let build = |reversed: bool| {
                let of = |along: isize| {
                    let here = along + start;
                    let there = if reversed { n - 1 - here } else { here };
                    [0, 1].map(|depth: usize| {
                        let (base, weights) = weights[depth][there as usize];
                        let mine = if reversed { n - 1 - base } else { base };
                        Interpolation {
                            first: mine - start,
                            step: if reversed { -1 } else { 1 },
                            weights: weights.map(T::of),
                        }
                    })
                };
                (first..=last).map(of).collect()
            };
            TileSide { side, across: across as isize, first, inward: build(reversed), outward: build(false) }
        });
        PanelEdges { sides: sides.collect() }
    }

    /// Turns the neighbours' cells in the margin of `sheet` into ghost cells of this panel, and gives the
    /// neighbours' values at the faces of the sides.
    pub fn close(&self, sheet: &mut Sheet<T>, outer: &mut OuterValues<T>) {
        for side in &self.sides {
            let values = &mut outer.values[side.side as usize];
            for (index, outward) in side.outward.iter().enumerate() {
                let along = side.first + index as isize;
                let cell = |depth: isize, along: isize| {
                    let (i, j) = side.place(depth, along);
                    sheet.at(i, j)
                };
                let ghost = |depth: usize| outward[depth].of(|along| cell(-1 - depth as isize, along));
                let theirs = [cell(2, along), cell(1, along), cell(0, along), ghost(0), ghost(1)];
                values[(along + 1) as usize] = face_value(theirs);
            }
            // The ghosts replace the cells that they come from, line by line.
            for depth in 0..DEPTH {
                side.replace_line(depth, sheet, &mut outer.line);
            }
        }
    }
}

/// For every cell along a side of a panel and a depth: the first of the four cells of the neighbour's line, and the
/// weights of the deviations.
fn weights(sphere: &CubedSphere, depth: usize) -> Vec<(isize, [f64; 3])> {
    let n = sphere.n;
    let line = math::tan(FRAC_PI_4 + (depth as f64 + 0.5) * sphere.step());
    (0..n)
        .map(|s| {
            let angle = math::atan(sphere.tan_centre(s) / line);
            let t = (angle + FRAC_PI_4) / sphere.step() - 0.5;
            let base = (t.floor() as isize - 1).clamp(0, n as isize - 4);
            let x = t - base as f64;
            let weight = |m: f64| {
                let others = [0.0, 1.0, 2.0, 3.0].into_iter().filter(|&other| other != m);
                others.map(|other| (x - other) / (m - other)).product()
            };
            (base, [weight(0.0), weight(2.0), weight(3.0)])
        })
        .collect()
}
