//! The geometry of a tile of the cubed sphere, in the precision of the state.
//!
//! See [`crate::mesh::cubed_sphere`] for X, Y and d. J = (1 + X^2)(1 + Y^2)/d^3 is the area element; the gradient
//! on the sphere is grad q = (a^alpha dq/dalpha + a^beta dq/dbeta) / a with a^alpha = d cos(alpha) n_x and
//! a^beta = d cos(beta) n_y; n_x = (cos alpha, 0, -sin alpha) and n_y = (0, cos beta, -sin beta) are the unit normals
//! of the faces, constant along a grid line, which is a great circle.

use super::sheet::{MARGIN, Sheet};
use crate::config::Dynamics;
use crate::math;
use crate::mesh::cubed_sphere::Side;
use crate::mesh::{CubedSphere, Tile};
use crate::real::Real;

/// Cosine and minus sine of the angle of a grid line: a face normal without its zero.
#[derive(Clone, Copy, Debug, Default)]
pub struct Normal<T> {
    pub along: T,
    pub out: T,
}

/// The normals of all faces across one direction.
#[derive(Clone, Debug)]
pub struct FaceNormals<T> {
    pub along: Sheet<T>,
    pub out: Sheet<T>,
}

impl<T: Real> FaceNormals<T> {
    /// The normal of one face.
    #[inline(always)]
    pub fn at(&self, i: isize, j: isize) -> Normal<T> {
        Normal { along: self.along.at(i, j), out: self.out.at(i, j) }
    }
}

/// The geometry of one tile.
#[derive(Clone, Debug)]
pub struct TileMetric<T> {
    pub ni: usize,
    pub nj: usize,
    /// Whether the tile's sides are sides of the panel, in the order of [`Side::ALL`].
    pub on_panel_side: [bool; 4],
    /// J and 1/(24 J) at cells.
    pub jacobian: Sheet<T>,
    pub inverse_24_jacobian: Sheet<T>,
    /// 1/area of cells in 1/m2, and 1/(a^2 J D^2), the same at a point.
    pub inverse_area: Sheet<T>,
    pub inverse_point_area: Sheet<T>,
    /// Lengths of faces across x and y at their centres in m.
    pub length_x: Sheet<T>,
    pub length_y: Sheet<T>,
    /// 1/d at cells.
    pub inverse_d: Sheet<T>,
    /// Coriolis parameter at cells in 1/s.
    pub coriolis: Sheet<T>,
    /// X of columns and Y of rows, from index -[`MARGIN`] on.
    x: Vec<T>,
    y: Vec<T>,
    /// cos and -sin of alpha at x-faces, the same in every row, and of beta at y-faces, the same in every column.
    pub normal_x: FaceNormals<T>,
    pub normal_y: FaceNormals<T>,
    /// cos^2 and -cos sin of alpha at columns: a^alpha/d.
    pub gradient_x: [Vec<T>; 2],
    gradient_y: [Vec<T>; 2],
    /// 1/(a D) in 1/m.
    pub inverse_spacing: T,
}

impl<T: Real> TileMetric<T> {
    pub fn new(sphere: &CubedSphere, tile: &Tile, dynamics: &Dynamics) -> Self {
        let size = [tile.ni, tile.nj];
        let n = sphere.n as isize;
        let (i0, j0) = (tile.i0 as isize, tile.j0 as isize);
        let margin = MARGIN as isize;
        let centre = |i: isize| sphere.tan_centre(i.clamp(0, n - 1) as usize);
        let face = |i: isize| sphere.tan_face(i.clamp(0, n) as usize);
        let line = |first: isize, count: usize, tangent: &dyn Fn(isize) -> f64| -> Vec<f64> {
            (0..count as isize + 2 * margin + 1).map(|m| tangent(first - margin + m)).collect()
        };
        let sheet = |value: &dyn Fn(isize, isize) -> f64| {
            let mut sheet = Sheet::new(size);
            for j in -margin..tile.nj as isize + margin {
                for i in -margin..tile.ni as isize + margin {
                    sheet.set(i, j, T::of(value(i0 + i, j0 + j)));
                }
            }
            sheet
        };
        let cosine = |x: f64| 1.0 / math::sqrt(1.0 + x * x);
        let normals = |tangent: &dyn Fn(isize, isize) -> f64| FaceNormals {
            along: sheet(&|i, j| cosine(tangent(i, j))),
            out: sheet(&|i, j| -tangent(i, j) * cosine(tangent(i, j))),
        };
        let (radius, step) = (sphere.radius, sphere.step());
        let square = |x: f64| 1.0 + x * x;
        let d = |x: f64, y: f64| math::sqrt(1.0 + (x * x + y * y));
        let jacobian = |i: isize, j: isize| {
            let (x, y) = (centre(i), centre(j));
            square(x) * square(y) / (d(x, y) * d(x, y) * d(x, y))
        };
        let length = |across: f64, along: f64| {
            let d2 = 1.0 + (across * across + along * along);
            radius * step * square(along) * math::sqrt(square(across)) / d2
        };
        let coriolis = |i: isize, j: isize| {
            let inside = |index: isize| index.clamp(0, n - 1) as usize;
            2.0 * dynamics.rotation * sphere.centre(tile.panel, inside(i), inside(j))[2]
        };
        let area = |i: isize, j: isize| sphere.area(i.clamp(0, n - 1) as usize, j.clamp(0, n - 1) as usize);
        let (columns, rows) = (line(i0, tile.ni, &centre), line(j0, tile.nj, &centre));
        let gradient = |line: &[f64]| {
            let along = line.iter().map(|&x| T::of(cosine(x) * cosine(x))).collect();
            let out = line.iter().map(|&x| T::of(-x * cosine(x) * cosine(x))).collect();
            [along, out]
        };
        TileMetric {
            ni: tile.ni,
            nj: tile.nj,
            on_panel_side: [i0 == 0, i0 + tile.ni as isize == n, j0 == 0, j0 + tile.nj as isize == n],
            jacobian: sheet(&jacobian),
            inverse_24_jacobian: sheet(&|i, j| 1.0 / (24.0 * jacobian(i, j))),
            inverse_area: sheet(&|i, j| 1.0 / area(i, j)),
            inverse_point_area: sheet(&|i, j| 1.0 / (radius * radius * step * step * jacobian(i, j))),
            length_x: sheet(&|i, j| length(face(i), centre(j))),
            length_y: sheet(&|i, j| length(face(j), centre(i))),
            inverse_d: sheet(&|i, j| 1.0 / d(centre(i), centre(j))),
            coriolis: sheet(&coriolis),
            gradient_x: gradient(&columns),
            gradient_y: gradient(&rows),
            x: columns.into_iter().map(T::of).collect(),
            y: rows.into_iter().map(T::of).collect(),
            normal_x: normals(&|i, _| face(i)),
            normal_y: normals(&|_, j| face(j)),
            inverse_spacing: T::of(1.0 / (radius * step)),
        }
    }

    /// Whether a side of the tile is a side of the panel.
    pub fn is_on(&self, side: Side) -> bool {
        self.on_panel_side[side as usize]
    }

    /// X of the columns from 0 on.
    pub fn x(&self) -> &[T] {
        &self.x[MARGIN..MARGIN + self.ni]
    }

    /// Y of row `j`.
    pub fn y(&self, j: usize) -> T {
        self.y[MARGIN + j]
    }

    /// a^alpha/d of the columns from 0 on: components along x and the panel's normal.
    pub fn gradient_x(&self) -> [&[T]; 2] {
        [0, 1].map(|c| &self.gradient_x[c][MARGIN..MARGIN + self.ni])
    }

    /// a^beta/d of row `j`: components along y and the panel's normal.
    pub fn gradient_y(&self, j: usize) -> [T; 2] {
        [0, 1].map(|c| self.gradient_y[c][MARGIN + j])
    }
}

/// Columns along the sides of the block over which [`rate_at_corners`] takes its mean.
const GROWING_ROOM: usize = 32;

/// The factor by which the metric shortens the stable step: sqrt(g^aa + g^bb + 2 |g^ab|), 1.41 at a panel's centre and
/// 2.12 at its corners. A wave that the time step amplifies moves on while it grows and needs room to be found: runs
/// with 16 to 96 columns along a panel stay stable up to c dt = 0.88 to 1.0 a D, far beyond the 0.6 of the corner
/// itself. So the factor is the mean over a block of 32 x 32 columns at a corner, which tends to the corner's
/// for fine grids.
pub fn rate_at_corners(sphere: &CubedSphere) -> f64 {
    let room = sphere.n.min(GROWING_ROOM);
    let mut sum = 0.0;
    for j in 0..room {
        for i in 0..room {
            let (x, y) = (sphere.tan_centre(i), sphere.tan_centre(j));
            let d2 = 1.0 + x * x + y * y;
            let (cx, cy) = (1.0 / (1.0 + x * x), 1.0 / (1.0 + y * y));
            sum += math::sqrt(d2 * cx + d2 * cy + 2.0 * d2 * cx * cy * (x * y).abs());
        }
    }
    sum / (room * room) as f64
}
