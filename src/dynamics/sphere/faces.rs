//! Fluxes at face centres, and what they do to cells: the loops over rows that all equations share.

use super::metric::TileMetric;
use super::panel_edge::Variable;
use super::sheet::{Sheet, runs};
use super::stencils::{
    Upwinding, both_sides, face_value, partly_upwind, second_difference, second_difference_at_end,
    twenty_fourth, upwind, upwind_of_cells,
};
pub use crate::dynamics::operators::{Stencil, at, cut};
use crate::dynamics::operators::{blend, six_rows};
use crate::mesh::cubed_sphere::Side;
use crate::real::Real;

/// The cells around the x-faces of row `j`, from face -1 on: face f lies between the cells f - 1 and f.
#[inline(always)]
pub fn around_x<T: Real>(sheet: &Sheet<T>, j: isize) -> Stencil<'_, T> {
    six_rows(|m| sheet.onward(m as isize - 4, j))
}

/// The cells around the y-faces `f`, from column -1 on.
#[inline(always)]
pub fn around_y<T: Real>(sheet: &Sheet<T>, f: isize) -> Stencil<'_, T> {
    six_rows(|m| sheet.onward(-1, f - 3 + m as isize))
}

/// The two values at the x-face on a side of the panel, in row `j`.
#[inline(always)]
pub fn values_on_side<T: Real>(variable: &Variable<T>, side: Side, f: isize, j: isize) -> [T; 2] {
    let Variable { cells: sheet, outer } = variable;
    let beyond = outer.side(side)[(j + 1) as usize];
    let inward = |m: isize| if side == Side::West { sheet.at(f + m, j) } else { sheet.at(f - 1 - m, j) };
    let inner = face_value([inward(2), inward(1), inward(0), inward(-1), inward(-2)]);
    if side == Side::West { [beyond, inner] } else { [inner, beyond] }
}

/// The x-faces of a tile that lie on sides of the panel.
pub fn faces_on_sides<T: Real>(metric: &TileMetric<T>) -> impl Iterator<Item = (Side, isize)> + use<T> {
    let west = metric.is_on(Side::West).then_some((Side::West, 0));
    let east = metric.is_on(Side::East).then_some((Side::East, metric.ni as isize));
    west.into_iter().chain(east)
}

/// The rows of y-faces of a tile that lie on sides of the panel.
pub fn rows_on_sides<T: Real>(metric: &TileMetric<T>) -> impl Iterator<Item = (Side, isize)> + use<T> {
    let south = metric.is_on(Side::South).then_some((Side::South, 0));
    let north = metric.is_on(Side::North).then_some((Side::North, metric.nj as isize));
    south.into_iter().chain(north)
}

/// The values of both sides of a face of a southern or northern side of the panel, of which one comes from outside.
#[inline(always)]
pub fn with_outer<T: Real, const IS_SOUTH: bool>(outer: T, [left, right]: [T; 2]) -> [T; 2] {
    if IS_SOUTH { [outer, right] } else { [left, outer] }
}

/// What a face makes of its mass flux and the values of a variable around it.
trait Rule<T>: Copy {
    /// From the values of both sides.
    fn of_sides(self, mass: T, sides: [T; 2]) -> T;
    /// From the six cells around the face.
    fn of_cells(self, mass: T, cells: [T; 6]) -> T;
}

/// The flux of the upwind value.
#[derive(Clone, Copy)]
struct UpwindFlux;

/// The flux of a value that is so much of the way from the mean of both sides to the upwind one.
#[derive(Clone, Copy)]
struct PartlyUpwindFlux<T>(T);

/// The upwind value itself.
#[derive(Clone, Copy)]
struct UpwindValue;

impl<T: Real> Rule<T> for UpwindFlux {
    #[inline(always)]
    fn of_sides(self, mass: T, sides: [T; 2]) -> T {
        mass * upwind(mass, sides)
    }
    #[inline(always)]
    fn of_cells(self, mass: T, cells: [T; 6]) -> T {
        mass * upwind_of_cells(mass, cells)
    }
}

impl<T: Real> Rule<T> for PartlyUpwindFlux<T> {
    #[inline(always)]
    fn of_sides(self, mass: T, sides: [T; 2]) -> T {
        mass * partly_upwind(self.0, mass, sides)
    }
    #[inline(always)]
    fn of_cells(self, mass: T, cells: [T; 6]) -> T {
        self.of_sides(mass, both_sides(cells))
    }
}

impl<T: Real> Rule<T> for UpwindValue {
    #[inline(always)]
    fn of_sides(self, mass: T, sides: [T; 2]) -> T {
        upwind(mass, sides)
    }
    #[inline(always)]
    fn of_cells(self, mass: T, cells: [T; 6]) -> T {
        upwind_of_cells(mass, cells)
    }
}

/// Faces whose values all come from the cells around them.
#[inline(never)]
fn inside<T: Real>(rule: impl Rule<T>, q: &Stencil<'_, T>, mass: &[T], out: &mut [T]) {
    let n = out.len();
    let (q, mass) = (cut(q, n), &mass[..n]);
    for i in 0..n {
        out[i] = rule.of_cells(mass[i], at(&q, i));
    }
}

/// Faces of a southern or northern side of the panel.
#[inline(never)]
fn on_side<T: Real, const IS_SOUTH: bool>(
    rule: impl Rule<T>,
    q: &Stencil<'_, T>,
    outer: &[T],
    mass: &[T],
    out: &mut [T],
) {
    let n = out.len();
    let (q, mass, outer) = (cut(q, n), &mass[..n], &outer[..n]);
    for i in 0..n {
        out[i] = rule.of_sides(mass[i], with_outer::<T, IS_SOUTH>(outer[i], both_sides(at(&q, i))));
    }
}

/// Upwind fluxes of one variable through the x-faces -1 to ni + 1 of the rows -1 to nj, sides of the panel included.
pub fn upwind_x<T: Real>(
    upwinding: Upwinding<T>,
    metric: &TileMetric<T>,
    variable: &Variable<T>,
    mass: &Sheet<T>,
    flux: &mut Sheet<T>,
) {
    match upwinding {
        Upwinding::Full => at_faces_x(UpwindFlux, metric, variable, mass, flux),
        Upwinding::Part(part) => at_faces_x(PartlyUpwindFlux(part), metric, variable, mass, flux),
    }
}

/// Upwind values of one variable at the same faces.
pub fn upwind_values_x<T: Real>(
    metric: &TileMetric<T>,
    variable: &Variable<T>,
    mass: &Sheet<T>,
    values: &mut Sheet<T>,
) {
    at_faces_x(UpwindValue, metric, variable, mass, values);
}

fn at_faces_x<T: Real>(
    rule: impl Rule<T>,
    metric: &TileMetric<T>,
    variable: &Variable<T>,
    mass: &Sheet<T>,
    out: &mut Sheet<T>,
) {
    let rows = -1..metric.nj as isize + 1;
    for (j, n) in runs([&variable.cells, mass, out], rows.clone(), metric.ni + 3) {
        inside(rule, &around_x(&variable.cells, j), mass.onward(-1, j), &mut out.onward_mut(-1, j)[..n]);
    }
    for (side, f) in faces_on_sides(metric) {
        for j in rows.clone() {
            out.set(f, j, rule.of_sides(mass.at(f, j), values_on_side(variable, side, f, j)));
        }
    }
}

/// Upwind fluxes of one variable through the y-faces -1 to nj + 1, columns -1 to ni, sides of the panel included.
pub fn upwind_y<T: Real>(
    upwinding: Upwinding<T>,
    metric: &TileMetric<T>,
    variable: &Variable<T>,
    mass: &Sheet<T>,
    flux: &mut Sheet<T>,
) {
    match upwinding {
        Upwinding::Full => at_faces_y(UpwindFlux, metric, variable, mass, flux),
        Upwinding::Part(part) => at_faces_y(PartlyUpwindFlux(part), metric, variable, mass, flux),
    }
}

/// Upwind values of one variable at the same faces.
pub fn upwind_values_y<T: Real>(
    metric: &TileMetric<T>,
    variable: &Variable<T>,
    mass: &Sheet<T>,
    values: &mut Sheet<T>,
) {
    at_faces_y(UpwindValue, metric, variable, mass, values);
}

fn at_faces_y<T: Real>(
    rule: impl Rule<T>,
    metric: &TileMetric<T>,
    variable: &Variable<T>,
    mass: &Sheet<T>,
    out: &mut Sheet<T>,
) {
    let (rows, columns) = (-1..metric.nj as isize + 2, metric.ni + 2);
    for (f, n) in runs([&variable.cells, mass, out], rows, columns) {
        inside(rule, &around_y(&variable.cells, f), mass.onward(-1, f), &mut out.onward_mut(-1, f)[..n]);
    }
    for (side, f) in rows_on_sides(metric) {
        let (cells, outer) = (around_y(&variable.cells, f), variable.outer.side(side));
        let (mass, out) = (mass.from(-1, f), &mut out.from_mut(-1, f)[..columns]);
        if side == Side::South {
            on_side::<T, true>(rule, &cells, outer, mass, out);
        } else {
            on_side::<T, false>(rule, &cells, outer, mass, out);
        }
    }
}

/// The means, by the weights `shares`, of the mass fluxes through the same faces of a level and of the one below:
/// those of the half cells around the interface between.
pub fn blend_faces<T: Real>(
    metric: &TileMetric<T>,
    [share, share_below]: [T; 2],
    [mass, mass_below]: [&Sheet<T>; 2],
    out: &mut Sheet<T>,
) {
    for (j, n) in runs([mass, mass_below, out], -1..metric.nj as isize + 2, metric.ni + 3) {
        let (mass, below) = (mass.onward(-1, j), mass_below.onward(-1, j));
        blend(mass, below, share, share_below, &mut out.onward_mut(-1, j)[..n]);
    }
}

/// Scratch for the divergence of one tile: the fluxes through the faces across x and across y, averaged along them.
#[derive(Clone, Debug)]
pub struct AveragedFluxes<T> {
    x: Sheet<T>,
    y: Sheet<T>,
}

impl<T: Real> AveragedFluxes<T> {
    /// Zeros for tiles of at most `ni` x `nj` columns.
    pub fn new(size: [usize; 2]) -> Self {
        AveragedFluxes { x: Sheet::new(size), y: Sheet::new(size) }
    }
}

/// Minus the divergence of scalar fluxes given at face centres, row by row: `keep(j, rates)`. Along each face the flux is
/// averaged to fourth order, F + d^2 F / 24 with the second difference along the face.
pub fn scalar_divergence<T: Real>(
    metric: &TileMetric<T>,
    x: &Sheet<T>,
    y: &Sheet<T>,
    averaged: &mut AveragedFluxes<T>,
    keep: impl FnMut(usize, DivergenceRow<'_, T>),
) {
    average_x(metric, x, &mut averaged.x);
    average_y(metric, y, &mut averaged.y);
    for_each_row(metric, [&averaged.x, &averaged.y], keep);
}

/// Hands the averaged fluxes around every row of cells to `keep(j, row)`.
pub fn for_each_row<T: Real>(
    metric: &TileMetric<T>,
    [x, y]: [&Sheet<T>; 2],
    mut keep: impl FnMut(usize, DivergenceRow<'_, T>),
) {
    for j in 0..metric.nj {
        let row = j as isize;
        keep(
            j,
            DivergenceRow {
                x: x.from(0, row),
                south: y.from(0, row),
                north: y.from(0, row + 1),
                inverse_area: metric.inverse_area.from(0, row),
            },
        );
    }
}

/// The averaged fluxes around a row of cells.
#[derive(Clone, Copy)]
pub struct DivergenceRow<'a, T> {
    pub x: &'a [T],
    pub south: &'a [T],
    pub north: &'a [T],
    pub inverse_area: &'a [T],
}

impl<T: Real> DivergenceRow<'_, T> {
    /// rate = -div F.
    #[inline(never)]
    pub fn store(&self, rate: &mut [T]) {
        let n = rate.len();
        let (west, east) = (&self.x[..n], &self.x[1..][..n]);
        let (south, north, inverse_area) = (&self.south[..n], &self.north[..n], &self.inverse_area[..n]);
        for i in 0..n {
            rate[i] = ((west[i] - east[i]) + (south[i] - north[i])) * inverse_area[i];
        }
    }
}

/// Fluxes of the x-faces 0 to ni of all rows, averaged along the faces.
pub fn average_x<T: Real>(metric: &TileMetric<T>, flux: &Sheet<T>, out: &mut Sheet<T>) {
    let faces = metric.ni + 1;
    for (j, n) in runs([flux, out], 0..metric.nj as isize, faces) {
        let around = [flux.onward(0, j - 1), flux.onward(0, j), flux.onward(0, j + 1)];
        average_inside(around, &mut out.onward_mut(0, j)[..n]);
    }
    for j in 0..metric.nj {
        if let Some((first, step)) = at_end(metric, j) {
            let inwards = [0, 1, 2, 3].map(|m| flux.from(0, first + m * step));
            average_at_end(inwards, &mut out.from_mut(0, j as isize)[..faces]);
        }
    }
}

/// Fluxes of the y-faces 0 to nj of all columns, averaged along the faces.
pub fn average_y<T: Real>(metric: &TileMetric<T>, flux: &Sheet<T>, out: &mut Sheet<T>) {
    let rows = 0..metric.nj as isize + 1;
    for (f, n) in runs([flux, out], rows.clone(), metric.ni) {
        let around = [flux.onward(-1, f), flux.onward(0, f), flux.onward(1, f)];
        average_inside(around, &mut out.onward_mut(0, f)[..n]);
    }
    let last = metric.ni as isize - 1;
    for (side, first, step) in [(Side::West, 0, 1), (Side::East, last, -1)] {
        if metric.is_on(side) {
            for f in rows.clone() {
                let inwards = [0, 1, 2, 3].map(|m| flux.at(first + m * step, f));
                out.set(first, f, averaged_at_end(inwards));
            }
        }
    }
}

/// Where row `j` lies at a southern or northern side of the panel: itself, and the step inwards.
#[inline(always)]
pub(super) fn at_end<T: Real>(metric: &TileMetric<T>, j: usize) -> Option<(isize, isize)> {
    if j == 0 && metric.is_on(Side::South) {
        Some((0, 1))
    } else if j + 1 == metric.nj && metric.is_on(Side::North) {
        Some((j as isize, -1))
    } else {
        None
    }
}

#[inline(always)]
fn averaged_at_end<T: Real>(q: [T; 4]) -> T {
    q[0] + second_difference_at_end(q) * twenty_fourth()
}

#[inline(never)]
fn average_inside<T: Real>([before, here, after]: [&[T]; 3], out: &mut [T]) {
    let n = out.len();
    let (before, here, after) = (&before[..n], &here[..n], &after[..n]);
    for i in 0..n {
        out[i] = here[i] + second_difference(before[i], here[i], after[i]) * twenty_fourth();
    }
}

#[inline(never)]
fn average_at_end<T: Real>([a, b, c, d]: [&[T]; 4], out: &mut [T]) {
    let n = out.len();
    let (a, b, c, d) = (&a[..n], &b[..n], &c[..n], &d[..n]);
    for i in 0..n {
        out[i] = averaged_at_end([a[i], b[i], c[i], d[i]]);
    }
}

/// The difference across a cell to fourth order for the value at its centre, D - d^2 D / 24, from the four faces
/// around it.
#[inline(always)]
fn difference<T: Real>([a, b, c, d]: [T; 4]) -> T {
    let here = c - b;
    here - second_difference(b - a, here, d - c) * twenty_fourth()
}

/// The same at a side of the panel, from the five faces counted inwards.
#[inline(always)]
fn difference_at_end<T: Real>([a, b, c, d, e]: [T; 5]) -> T {
    let q = [b - a, c - b, d - c, e - d];
    q[0] - second_difference_at_end(q) * twenty_fourth()
}

/// Differences across the cells of row `j` of values at x-faces.
pub fn difference_x<T: Real>(metric: &TileMetric<T>, q: &Sheet<T>, j: usize, out: &mut [T]) {
    differences(columns_around(q, j), out);
    let n = metric.ni;
    if metric.is_on(Side::West) {
        out[0] = difference_on_west(q, j);
    }
    if metric.is_on(Side::East) {
        out[n - 1] = difference_on_east(q, n, j);
    }
}

/// Differences across the cells of row `j` of values at y-faces.
pub fn difference_y<T: Real>(metric: &TileMetric<T>, q: &Sheet<T>, j: usize, out: &mut [T]) {
    match faces_from_side(metric, q, j) {
        Some((faces, sign)) => differences_at_end(faces, sign, out),
        None => differences(rows_around(q, j), out),
    }
}

/// The sums of the differences across the cells of row `j` of values at x-faces and at y-faces.
pub fn difference_xy<T: Real>(metric: &TileMetric<T>, [x, y]: [&Sheet<T>; 2], j: usize, out: &mut [T]) {
    let along_x = columns_around(x, j);
    let n = metric.ni;
    let west = metric.is_on(Side::West).then(|| (0, difference_on_west(x, j)));
    let east = metric.is_on(Side::East).then(|| (n - 1, difference_on_east(x, n, j)));
    // The cells in the first and the last column of a panel have their own differences along x.
    if let Some((faces, sign)) = faces_from_side(metric, y, j) {
        sums_at_end(along_x, faces, sign, out);
        for (i, along_x) in [west, east].into_iter().flatten() {
            let [a, b, c, d, e] = faces;
            out[i] = along_x + sign * difference_at_end([a[i], b[i], c[i], d[i], e[i]]);
        }
    } else {
        let faces = rows_around(y, j);
        sums(along_x, faces, out);
        for (i, along_x) in [west, east].into_iter().flatten() {
            let [a, b, c, d] = faces;
            out[i] = along_x + difference([a[i], b[i], c[i], d[i]]);
        }
    }
}

/// The difference along x of the cell of row `j` at a western side of the panel.
#[inline(always)]
fn difference_on_west<T: Real>(q: &Sheet<T>, j: usize) -> T {
    let faces = q.from(0, j as isize);
    difference_at_end([faces[0], faces[1], faces[2], faces[3], faces[4]])
}

/// The same at an eastern side, which is face `n`.
#[inline(always)]
fn difference_on_east<T: Real>(q: &Sheet<T>, n: usize, j: usize) -> T {
    let faces = &q.from(0, j as isize)[n - 4..=n];
    -difference_at_end([faces[4], faces[3], faces[2], faces[1], faces[0]])
}

/// The x-faces around the cells of row `j`.
#[inline(always)]
fn columns_around<T: Real>(q: &Sheet<T>, j: usize) -> [&[T]; 4] {
    let row = q.from(-1, j as isize);
    [row, &row[1..], &row[2..], &row[3..]]
}

/// The four rows of y-faces around the cells of row `j`.
#[inline(always)]
fn rows_around<T: Real>(q: &Sheet<T>, j: usize) -> [&[T]; 4] {
    let j = j as isize;
    [q.from(0, j - 1), q.from(0, j), q.from(0, j + 1), q.from(0, j + 2)]
}

/// If row `j` lies at a southern or northern side of the panel: the five rows of y-faces from there inwards, and -1
/// where that is against the index.
#[inline(always)]
fn faces_from_side<'a, T: Real>(
    metric: &TileMetric<T>,
    q: &'a Sheet<T>,
    j: usize,
) -> Option<([&'a [T]; 5], T)> {
    let (_, step) = at_end(metric, j)?;
    let first = if step > 0 { 0 } else { j as isize + 1 };
    let face = |m: isize| q.from(0, first + m * step);
    Some(([face(0), face(1), face(2), face(3), face(4)], if step > 0 { T::ONE } else { -T::ONE }))
}

#[inline(never)]
fn differences<T: Real>([a, b, c, d]: [&[T]; 4], out: &mut [T]) {
    let n = out.len();
    let (a, b, c, d) = (&a[..n], &b[..n], &c[..n], &d[..n]);
    for i in 0..n {
        out[i] = difference([a[i], b[i], c[i], d[i]]);
    }
}

/// Faces counted from the side of the panel inwards; `sign` is -1 where that is against the index.
#[inline(never)]
fn differences_at_end<T: Real>([a, b, c, d, e]: [&[T]; 5], sign: T, out: &mut [T]) {
    let n = out.len();
    let (a, b, c, d, e) = (&a[..n], &b[..n], &c[..n], &d[..n], &e[..n]);
    for i in 0..n {
        out[i] = sign * difference_at_end([a[i], b[i], c[i], d[i], e[i]]);
    }
}

/// Differences along x plus those along y.
#[inline(never)]
fn sums<T: Real>([a, b, c, d]: [&[T]; 4], [e, f, g, h]: [&[T]; 4], out: &mut [T]) {
    let n = out.len();
    let (a, b, c, d) = (&a[..n], &b[..n], &c[..n], &d[..n]);
    let (e, f, g, h) = (&e[..n], &f[..n], &g[..n], &h[..n]);
    for i in 0..n {
        out[i] = difference([a[i], b[i], c[i], d[i]]) + difference([e[i], f[i], g[i], h[i]]);
    }
}

/// The same at a southern or northern side of the panel, as in [`differences_at_end`].
#[inline(never)]
fn sums_at_end<T: Real>([a, b, c, d]: [&[T]; 4], [e, f, g, h, k]: [&[T]; 5], sign: T, out: &mut [T]) {
    let n = out.len();
    let (a, b, c, d) = (&a[..n], &b[..n], &c[..n], &d[..n]);
    let (e, f, g, h, k) = (&e[..n], &f[..n], &g[..n], &h[..n], &k[..n]);
    for i in 0..n {
        let along_y = sign * difference_at_end([e[i], f[i], g[i], h[i], k[i]]);
        out[i] = difference([a[i], b[i], c[i], d[i]]) + along_y;
    }
}
