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

/// How many steps beyond the side they lie, negative inside.
const DEPTHS: [isize; LINES] = [2, 1, 0, -1, -2];

/// Four-point interpolation in deviation form, exact for constants:
/// q1 + w0 (q0 - q1) + w2 (q2 - q1) + w3 (q3 - q1).
#[derive(Clone, Copy, Debug)]
struct Interpolation<T> {
    /// Places of q0 to q3 in a line, which begins [`MARGIN`] cells before the tile.
    cells: [usize; 4],
    weights: [T; 3],
}

/// Interpolates all variables from one line to places along it.
#[inline(never)]
fn interpolate<T: Real, const V: usize>(places: &[Interpolation<T>], line: &[[T; V]], out: &mut [[T; V]]) {
    for (place, out) in places.iter().zip(out) {
        let Interpolation { cells: [a, b, c, d], weights: [w0, w2, w3] } = *place;
        let (q0, q1, q2, q3) = (&line[a], &line[b], &line[c], &line[d]);
        for v in 0..V {
            let pivot = q1[v];
            out[v] = pivot + (w0 * (q0[v] - pivot) + (w2 * (q2[v] - pivot) + w3 * (q3[v] - pivot)));
        }
    }
}

/// The values at the faces of a side from the five cells across it.
#[inline(never)]
fn face_values<T: Real>([a, b, c, d, e]: [&[T]; 5], out: &mut [T]) {
    let n = out.len();
    let (a, b, c, d, e) = (&a[..n], &b[..n], &c[..n], &d[..n], &e[..n]);
    for i in 0..n {
        out[i] = face_value([a[i], b[i], c[i], d[i], e[i]]);
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
    inward: [Vec<Interpolation<T>>; DEPTH],
    outward: [Vec<Interpolation<T>>; DEPTH],
}

impl<T: Real> TileSide<T> {
    /// Index across the side of the line `depth` steps beyond it (negative: inside, -1 the first).
    fn line(&self, depth: isize) -> isize {
        match self.side {
            Side::West | Side::South => -1 - depth,
            Side::East | Side::North => self.across + depth,
        }
    }

    /// Copies the lines of cells along the side with their margins, variable `v` of each.
    fn read<const V: usize>(&self, sheet: &Sheet<T>, v: usize, lines: &mut [Vec<[T; V]>; LINES]) {
        let count = self.along + 2 * MARGIN;
        let [third, second, first, inner, second_inner] = lines;
        if self.side.is_along_y() {
            let is_west = self.side == Side::West;
            let start = if is_west { self.line(2) } else { self.line(-2) };
            let (third, second, first) = (&mut third[..count], &mut second[..count], &mut first[..count]);
            let (inner, second_inner) = (&mut inner[..count], &mut second_inner[..count]);
            let rows = sheet.rows_onward(start, -(MARGIN as isize));
            for (m, row) in (0..count).zip(rows) {
                let row = &row[..LINES];
                let outwards = if is_west {
                    [row[0], row[1], row[2], row[3], row[4]]
                } else {
                    [row[4], row[3], row[2], row[1], row[0]]
                };
                third[m][v] = outwards[0];
                second[m][v] = outwards[1];
                first[m][v] = outwards[2];
                inner[m][v] = outwards[3];
                second_inner[m][v] = outwards[4];
            }
        } else {
            for (line, depth) in [third, second, first, inner, second_inner].into_iter().zip(DEPTHS) {
                let cells = sheet.row(self.line(depth));
                line[..count].iter_mut().zip(cells).for_each(|(values, cell)| values[v] = *cell);
            }
        }
    }

    /// Writes ghost cells from index `first` on, variable `v` of each, nearest to the side first.
    fn write<const V: usize>(&self, sheet: &mut Sheet<T>, v: usize, [near, far]: [&[[T; V]]; DEPTH]) {
        if self.side.is_along_y() {
            let is_west = self.side == Side::West;
            let start = if is_west { self.line(1) } else { self.line(0) };
            for ((near, far), row) in near.iter().zip(far).zip(sheet.rows_onward_mut(start, self.first)) {
                let row = &mut row[..DEPTH];
                [row[0], row[1]] = if is_west { [far[v], near[v]] } else { [near[v], far[v]] };
            }
        } else {
            for (depth, ghosts) in [near, far].into_iter().enumerate() {
                let row = sheet.from_mut(self.first, self.line(depth as isize));
                row.iter_mut().zip(ghosts).for_each(|(cell, values)| *cell = values[v]);
            }
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
    outer: Vec<[T; V]>,
    ghosts: [Vec<[T; V]>; DEPTH],
}

impl<T: Real, const V: usize> EdgeLines<T, V> {
    /// Zeros for tiles of at most `ni` x `nj` columns.
    pub fn new([ni, nj]: [usize; 2]) -> Self {
        let line = || vec![[T::ZERO; V]; ni.max(nj) + 2 * MARGIN];
        EdgeLines { lines: std::array::from_fn(|_| line()), outer: line(), ghosts: [line(), line()] }
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
                [0, 1].map(|depth: usize| {
                    let of = |along: isize| {
                        let here = along + start;
                        let there = if is_reversed { n - 1 - here } else { here };
                        let (base, weights) = weights[depth][there as usize];
                        // Where the neighbour counts the other way, q1 to q3 lie before q0.
                        let (mine, step) = if is_reversed { (n - 1 - base, -1) } else { (base, 1) };
                        let cell = |m: isize| (mine + m * step - start + MARGIN as isize) as usize;
                        Interpolation { cells: [0, 1, 2, 3].map(cell), weights: weights.map(T::of) }
                    };
                    (first..=last).map(of).collect()
                })
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
        let EdgeLines { lines, outer, ghosts } = work;
        for side in &self.sides {
            let count = side.outward[0].len();
            for (v, variable) in variables.iter().enumerate() {
                side.read(&variable.cells, v, lines);
            }
            let [third, second, first, inner, second_inner] = &*lines;
            let (outer, [near, far]) = (&mut outer[..count], &mut *ghosts);
            let (near, far) = (&mut near[..count], &mut far[..count]);
            // The neighbour's ghost cells first, for its values at the faces.
            interpolate(&side.outward[0], inner, near);
            interpolate(&side.outward[1], second_inner, far);
            let place = (side.first + MARGIN as isize) as usize;
            let theirs = [third, second, first].map(|line| line[place..].as_flattened());
            let across = [theirs[0], theirs[1], theirs[2], near.as_flattened(), far.as_flattened()];
            face_values(across, outer.as_flattened_mut());
            interpolate(&side.inward[0], first, near);
            interpolate(&side.inward[1], second, far);
            for (v, variable) in variables.iter_mut().enumerate() {
                let places = &mut variable.outer.values[side.side as usize][(side.first + 1) as usize..];
                places.iter_mut().zip(&*outer).for_each(|(place, values)| *place = values[v]);
                side.write(&mut variable.cells, v, [near, far]);
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
