//! Beyond the sides of a panel: ghost cells on the continued grid lines, and the neighbour's state at the edge.
//!
//! After a halo exchange the cells beyond a side hold the neighbour's cells as they are. A ghost cell at depth k
//! and angle beta lies exactly on the neighbour's grid line of depth k, at
//! beta' = atan(tan(beta)/tan(pi/4 + (k + 1/2) D)): four-point interpolation along that line gives its value.
//! The face on the side itself takes its outer value from the neighbour's own interpolation towards it, which needs
//! the neighbour's ghost cells in turn; these come from this panel's cells. So both panels know both values, and
//! compute the same flux to the last bit.

use super::metric::TileMetric;
use super::sheet::{MARGIN, Sheet};
use super::stencils::face_value;
use crate::math;
use crate::mesh::cubed_sphere::Side;
use crate::mesh::{CubedSphere, Tile};
use crate::real::Real;
use std::f64::consts::FRAC_PI_4;

/// Depth of the ghost cells that are interpolated.
const DEPTH: usize = 2;

/// Lines of cells parallel to a side that enter: three of the neighbour's and two of this panel's.
const LINES: usize = 3 + DEPTH;

/// Four-point interpolation in deviation form, exact for constants:
/// q1 + w0 (q0 - q1) + w2 (q2 - q1) + w3 (q3 - q1).
#[derive(Clone, Copy, Debug)]
struct Interpolation<T> {
    /// Place of q0 in a line, which begins [`MARGIN`] cells before the tile.
    first: usize,
    /// The source counts the other way: q1 to q3 lie before q0.
    is_reversed: bool,
    weights: [T; 3],
}

impl<T: Real> Interpolation<T> {
    /// The values of all variables.
    #[inline(always)]
    fn of<const V: usize>(&self, line: &[[T; V]]) -> [T; V] {
        let q = if self.is_reversed {
            let q = &line[self.first - 3..][..4];
            [&q[3], &q[2], &q[1], &q[0]]
        } else {
            let q = &line[self.first..][..4];
            [&q[0], &q[1], &q[2], &q[3]]
        };
        let [w0, w2, w3] = self.weights;
        let mut values = *q[1];
        for (v, value) in values.iter_mut().enumerate() {
            let pivot = *value;
            *value += w0 * (q[0][v] - pivot) + (w2 * (q[2][v] - pivot) + w3 * (q[3][v] - pivot));
        }
        values
    }
}

/// A side of a tile that is a side of its panel.
#[derive(Clone, Debug)]
struct TileSide<T> {
    side: Side,
    /// Columns along and across the side.
    along: usize,
    across: isize,
    /// First index along the side, -1 or 0, and for every index from there on the interpolations from the neighbour's
    /// cells (for this panel's ghosts) and from this panel's cells (for the neighbour's), by depth.
    first: isize,
    inward: Vec<[Interpolation<T>; DEPTH]>,
    outward: Vec<[Interpolation<T>; DEPTH]>,
}

impl<T: Real> TileSide<T> {
    /// Index across the side of the line `depth` steps beyond it (negative: inside, -1 the first).
    fn line(&self, depth: isize) -> isize {
        match self.side {
            Side::West | Side::South => -1 - depth,
            Side::East | Side::North => self.across + depth,
        }
    }

    /// Copies a line of cells with its margins, variable `v` of the line.
    fn read<const V: usize>(&self, sheet: &Sheet<T>, depth: isize, v: usize, line: &mut [[T; V]]) {
        let (count, across) = (self.along + 2 * MARGIN, self.line(depth));
        let line = &mut line[..count];
        if self.side.is_along_y() {
            let column = sheet.column(across, -(MARGIN as isize));
            line.iter_mut().zip(column).for_each(|(values, cell)| values[v] = *cell);
        } else {
            line.iter_mut().zip(sheet.row(across)).for_each(|(values, cell)| values[v] = *cell);
        }
    }

    /// Writes ghost cells from index `first` on.
    fn write<const V: usize>(&self, sheet: &mut Sheet<T>, depth: isize, v: usize, ghosts: &[[T; V]]) {
        let across = self.line(depth);
        if self.side.is_along_y() {
            let column = sheet.column_mut(across, self.first);
            column.zip(ghosts).for_each(|(cell, values)| *cell = values[v]);
        } else {
            let row = sheet.from_mut(self.first, across);
            row.iter_mut().zip(ghosts).for_each(|(cell, values)| *cell = values[v]);
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
}

impl<T: Real> OuterValues<T> {
    /// Zeros for tiles of at most `ni` x `nj` columns.
    pub fn new([ni, nj]: [usize; 2]) -> Self {
        OuterValues { values: [nj, nj, ni, ni].map(|n| vec![T::ZERO; n + 2]) }
    }

    /// The values of a side from index -1 on.
    #[inline(always)]
    pub fn side(&self, side: Side) -> &[T] {
        &self.values[side as usize]
    }
}

/// A variable at cells, with its values beyond the sides of the panel.
#[derive(Clone, Debug)]
pub struct Variable<T> {
    pub cells: Sheet<T>,
    pub outer: OuterValues<T>,
}

impl<T: Real> Variable<T> {
    /// Zeros for tiles of at most `ni` x `nj` columns.
    pub fn new(size: [usize; 2]) -> Self {
        Variable { cells: Sheet::new(size), outer: OuterValues::new(size) }
    }
}

/// Scratch for the lines along one side: at every place the values of all `V` variables side by side, so that
/// the loops over them vectorise.
#[derive(Clone, Debug)]
pub struct EdgeLines<T, const V: usize> {
    lines: [Vec<[T; V]>; LINES],
    ghosts: Vec<[T; V]>,
}

impl<T: Real, const V: usize> EdgeLines<T, V> {
    /// Zeros for tiles of at most `ni` x `nj` columns.
    pub fn new([ni, nj]: [usize; 2]) -> Self {
        let line = || vec![[T::ZERO; V]; ni.max(nj) + 2 * MARGIN];
        EdgeLines { lines: std::array::from_fn(|_| line()), ghosts: line() }
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
            let build = |is_reversed: bool| {
                let of = |along: isize| {
                    let here = along + start;
                    let there = if is_reversed { n - 1 - here } else { here };
                    [0, 1].map(|depth: usize| {
                        let (base, weights) = weights[depth][there as usize];
                        let mine = if is_reversed { n - 1 - base } else { base };
                        Interpolation {
                            first: (mine - start + MARGIN as isize) as usize,
                            is_reversed,
                            weights: weights.map(T::of),
                        }
                    })
                };
                (first..=last).map(of).collect()
            };
            TileSide {
                side,
                along: count,
                across: across as isize,
                first,
                inward: build(reversed),
                outward: build(false),
            }
        });
        PanelEdges { sides: sides.collect() }
    }

    /// Turns the neighbours' cells in the margins of the variables into ghost cells of this panel, and finds the
    /// neighbours' values at the faces of the sides.
    pub fn close<const V: usize>(&self, variables: &mut [Variable<T>; V], work: &mut EdgeLines<T, V>) {
        let EdgeLines { lines, ghosts } = work;
        for side in &self.sides {
            for (line, depth) in lines.iter_mut().zip([2, 1, 0, -1, -2]) {
                for (v, variable) in variables.iter().enumerate() {
                    side.read(&variable.cells, depth, v, line);
                }
            }
            let [third, second, first, inner, second_inner] = &*lines;
            let place = (side.first + MARGIN as isize) as usize;
            let ghosts = &mut ghosts[..side.outward.len()];
            for (index, (values, outward)) in ghosts.iter_mut().zip(&side.outward).enumerate() {
                let m = place + index;
                let theirs = [outward[0].of(inner), outward[1].of(second_inner)];
                let (third, second, first) = (&third[m], &second[m], &first[m]);
                for (v, value) in values.iter_mut().enumerate() {
                    *value = face_value([third[v], second[v], first[v], theirs[0][v], theirs[1][v]]);
                }
            }
            for (v, variable) in variables.iter_mut().enumerate() {
                let outer = &mut variable.outer.values[side.side as usize][(side.first + 1) as usize..];
                outer.iter_mut().zip(&*ghosts).for_each(|(outer, values)| *outer = values[v]);
            }
            for (depth, line) in [first, second].into_iter().enumerate() {
                for (ghost, inward) in ghosts.iter_mut().zip(&side.inward) {
                    *ghost = inward[depth].of(line);
                }
                for (v, variable) in variables.iter_mut().enumerate() {
                    side.write(&mut variable.cells, depth as isize, v, ghosts);
                }
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
