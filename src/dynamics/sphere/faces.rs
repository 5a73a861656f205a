//! Fluxes at face centres, and what they do to cells: the loops over rows that all equations share.

use super::metric::TileMetric;
use super::panel_edge::{OuterValues, Variable};
use super::sheet::Sheet;
use super::stencils::{
    Upwinding, both_sides, face_value, partly_upwind, second_difference, second_difference_at_end,
    twenty_fourth, upwind,
};
use crate::dynamics::operators::six_rows;
pub use crate::dynamics::operators::{Stencil, at, cut};
use crate::mesh::cubed_sphere::Side;
use crate::real::Real;

/// The cells around the x-faces of row `j`, from face -1 on: face f lies between the cells f - 1 and f.
#[inline(always)]
pub fn around_x<T: Real>(sheet: &Sheet<T>, j: isize) -> Stencil<'_, T> {
    six_rows(|m| sheet.from(m as isize - 4, j))
}

/// The cells around the y-faces `f`, from column -1 on.
#[inline(always)]
pub fn around_y<T: Real>(sheet: &Sheet<T>, f: isize) -> Stencil<'_, T> {
    six_rows(|m| sheet.from(-1, f - 3 + m as isize))
}

/// Where a row of faces lies on a side of the panel, the values from outside.
#[derive(Clone, Copy)]
pub enum Outer<'a, T> {
    /// Nowhere: both values come from the row's own stencil.
    Nowhere,
    /// On the southern side: the left values are these.
    Left(&'a [T]),
    /// On the northern side: the right values are these.
    Right(&'a [T]),
}

/// The values from outside for the y-faces `f` of a tile.
pub fn outer_of_row<'a, T: Real>(
    metric: &TileMetric<T>,
    outer: &'a OuterValues<T>,
    f: isize,
) -> Outer<'a, T> {
    if f == 0 && metric.is_on(Side::South) {
        Outer::Left(outer.side(Side::South))
    } else if f == metric.nj as isize && metric.is_on(Side::North) {
        Outer::Right(outer.side(Side::North))
    } else {
        Outer::Nowhere
    }
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

/// flux = `combine(mass flux, values of both sides)`, for faces whose values all come from the stencil or, from outside,
/// `outer`.
fn upwind_row<T: Real>(
    q: &Stencil<'_, T>,
    outer: Outer<'_, T>,
    mass: &[T],
    flux: &mut [T],
    combine: impl Fn(T, [T; 2]) -> T,
) {
    match outer {
        Outer::Nowhere => upwind_inside(q, mass, flux, combine),
        Outer::Left(left) => upwind_with_left(q, left, mass, flux, combine),
        Outer::Right(right) => upwind_with_right(q, right, mass, flux, combine),
    }
}

#[inline(never)]
fn upwind_inside<T: Real>(q: &Stencil<'_, T>, mass: &[T], flux: &mut [T], combine: impl Fn(T, [T; 2]) -> T) {
    let n = flux.len();
    let (q, mass) = (cut(q, n), &mass[..n]);
    for i in 0..n {
        flux[i] = combine(mass[i], both_sides(at(&q, i)));
    }
}

#[inline(never)]
fn upwind_with_left<T: Real>(
    q: &Stencil<'_, T>,
    left: &[T],
    mass: &[T],
    flux: &mut [T],
    combine: impl Fn(T, [T; 2]) -> T,
) {
    let n = flux.len();
    let (q, mass, left) = (cut(q, n), &mass[..n], &left[..n]);
    for i in 0..n {
        let [_, right] = both_sides(at(&q, i));
        flux[i] = combine(mass[i], [left[i], right]);
    }
}

#[inline(never)]
fn upwind_with_right<T: Real>(
    q: &Stencil<'_, T>,
    right: &[T],
    mass: &[T],
    flux: &mut [T],
    combine: impl Fn(T, [T; 2]) -> T,
) {
    let n = flux.len();
    let (q, mass, right) = (cut(q, n), &mass[..n], &right[..n]);
    for i in 0..n {
        let [left, _] = both_sides(at(&q, i));
        flux[i] = combine(mass[i], [left, right[i]]);
    }
}

/// Upwind fluxes of one variable through the x-faces -1 to ni + 1 of row `j`, sides of the panel included.
pub fn upwind_x<T: Real>(
    upwinding: Upwinding<T>,
    metric: &TileMetric<T>,
    variable: &Variable<T>,
    j: isize,
    mass: &Sheet<T>,
    flux: &mut Sheet<T>,
) {
    match upwinding {
        Upwinding::Full => {
            combine_x(metric, variable, j, mass, flux, |mass, sides| mass * upwind(mass, sides));
        }
        Upwinding::Part(part) => {
            let combine = |mass, sides| mass * partly_upwind(part, mass, sides);
            combine_x(metric, variable, j, mass, flux, combine);
        }
    }
}

/// Upwind values of one variable at the same faces.
pub fn upwind_values_x<T: Real>(
    metric: &TileMetric<T>,
    variable: &Variable<T>,
    j: isize,
    mass: &Sheet<T>,
    values: &mut Sheet<T>,
) {
    combine_x(metric, variable, j, mass, values, upwind);
}

fn combine_x<T: Real>(
    metric: &TileMetric<T>,
    variable: &Variable<T>,
    j: isize,
    mass: &Sheet<T>,
    flux: &mut Sheet<T>,
    combine: impl Fn(T, [T; 2]) -> T + Copy,
) {
    let faces = metric.ni + 3;
    upwind_row(
        &around_x(&variable.cells, j),
        Outer::Nowhere,
        &mass.from(-1, j)[..faces],
        &mut flux.from_mut(-1, j)[..faces],
        combine,
    );
    if metric.is_on(Side::West) {
        let mass = mass.at(0, j);
        flux.set(0, j, combine(mass, values_on_side(variable, Side::West, 0, j)));
    }
    if metric.is_on(Side::East) {
        let f = metric.ni as isize;
        let mass = mass.at(f, j);
        flux.set(f, j, combine(mass, values_on_side(variable, Side::East, f, j)));
    }
}

/// Upwind fluxes of one variable through the y-faces `f`, columns -1 to ni, sides of the panel included.
pub fn upwind_y<T: Real>(
    upwinding: Upwinding<T>,
    metric: &TileMetric<T>,
    variable: &Variable<T>,
    f: isize,
    mass: &Sheet<T>,
    flux: &mut Sheet<T>,
) {
    match upwinding {
        Upwinding::Full => {
            combine_y(metric, variable, f, mass, flux, |mass, sides| mass * upwind(mass, sides));
        }
        Upwinding::Part(part) => {
            let combine = |mass, sides| mass * partly_upwind(part, mass, sides);
            combine_y(metric, variable, f, mass, flux, combine);
        }
    }
}

/// Upwind values of one variable at the same faces.
pub fn upwind_values_y<T: Real>(
    metric: &TileMetric<T>,
    variable: &Variable<T>,
    f: isize,
    mass: &Sheet<T>,
    values: &mut Sheet<T>,
) {
    combine_y(metric, variable, f, mass, values, upwind);
}

fn combine_y<T: Real>(
    metric: &TileMetric<T>,
    variable: &Variable<T>,
    f: isize,
    mass: &Sheet<T>,
    flux: &mut Sheet<T>,
    combine: impl Fn(T, [T; 2]) -> T,
) {
    let columns = metric.ni + 2;
    upwind_row(
        &around_y(&variable.cells, f),
        outer_of_row(metric, &variable.outer, f),
        &mass.from(-1, f)[..columns],
        &mut flux.from_mut(-1, f)[..columns],
        combine,
    );
}

/// Rows of scratch for the divergence of one tile.
#[derive(Clone, Debug)]
pub struct DivergenceRows<T> {
    x: Vec<T>,
    south: Vec<T>,
    north: Vec<T>,
}

impl<T: Real> DivergenceRows<T> {
    /// Zeros for tiles of at most `ni` columns.
    pub fn new(ni: usize) -> Self {
        let zeros = vec![T::ZERO; ni + 2];
        DivergenceRows { x: zeros.clone(), south: zeros.clone(), north: zeros }
    }
}

/// Minus the divergence of scalar fluxes given at face centres, row by row: `keep(j, rates)`. Along each face the flux is
/// averaged to fourth order, F + d^2 F / 24 with the second difference along the face.
pub fn scalar_divergence<T: Real>(
    metric: &TileMetric<T>,
    x: &Sheet<T>,
    y: &Sheet<T>,
    rows: &mut DivergenceRows<T>,
    mut keep: impl FnMut(usize, DivergenceRow<'_, T>),
) {
    let n = metric.ni;
    average_y(metric, y, 0, &mut rows.south[..n]);
    for j in 0..metric.nj {
        average_x(metric, x, j, &mut rows.x[..=n]);
        average_y(metric, y, j as isize + 1, &mut rows.north[..n]);
        let inverse_area = &metric.inverse_area.from(0, j as isize)[..n];
        keep(
            j,
            DivergenceRow {
                x: &rows.x[..=n],
                south: &rows.south[..n],
                north: &rows.north[..n],
                inverse_area,
            },
        );
        std::mem::swap(&mut rows.south, &mut rows.north);
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

/// Fluxes of the x-faces of row `j`, averaged along the faces.
pub fn average_x<T: Real>(metric: &TileMetric<T>, flux: &Sheet<T>, j: usize, out: &mut [T]) {
    let row = |m: isize| flux.from(0, m);
    match at_end(metric, j) {
        Some((first, step)) => {
            average_at_end(
                [row(first), row(first + step), row(first + 2 * step), row(first + 3 * step)],
                out,
            );
        }
        None => {
            let j = j as isize;
            average_inside([row(j - 1), row(j), row(j + 1)], out);
        }
    }
}

/// Fluxes of the y-faces `f`, averaged along the faces.
pub fn average_y<T: Real>(metric: &TileMetric<T>, flux: &Sheet<T>, f: isize, out: &mut [T]) {
    let n = out.len();
    average_inside([flux.from(-1, f), flux.from(0, f), flux.from(1, f)], out);
    let cells = &flux.from(0, f)[..n];
    if metric.is_on(Side::West) {
        out[0] = averaged_at_end([cells[0], cells[1], cells[2], cells[3]]);
    }
    if metric.is_on(Side::East) {
        out[n - 1] = averaged_at_end([cells[n - 1], cells[n - 2], cells[n - 3], cells[n - 4]]);
    }
}

/// Where row `j` lies at a southern or northern side of the panel: itself, and the step inwards.
#[inline(always)]
fn at_end<T: Real>(metric: &TileMetric<T>, j: usize) -> Option<(isize, isize)> {
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
    let n = out.len();
    let j = j as isize;
    differences_inside([q.from(-1, j), q.from(0, j), q.from(1, j), q.from(2, j)], out);
    let faces = &q.from(0, j)[..n + 1];
    if metric.is_on(Side::West) {
        out[0] = difference_at_end([faces[0], faces[1], faces[2], faces[3], faces[4]]);
    }
    if metric.is_on(Side::East) {
        let last = [faces[n], faces[n - 1], faces[n - 2], faces[n - 3], faces[n - 4]];
        out[n - 1] = -difference_at_end(last);
    }
}

/// Adds the differences across the cells of row `j` of values at y-faces.
pub fn add_difference_y<T: Real>(metric: &TileMetric<T>, q: &Sheet<T>, j: usize, sum: &mut [T]) {
    let face = |f: isize| q.from(0, f);
    match at_end(metric, j) {
        Some((_, step)) => {
            let first = if step > 0 { 0 } else { j as isize + 1 };
            let faces = [
                face(first),
                face(first + step),
                face(first + 2 * step),
                face(first + 3 * step),
                face(first + 4 * step),
            ];
            add_differences_at_end(faces, if step > 0 { T::ONE } else { -T::ONE }, sum);
        }
        None => {
            let j = j as isize;
            add_differences([face(j - 1), face(j), face(j + 1), face(j + 2)], sum);
        }
    }
}

#[inline(never)]
fn differences_inside<T: Real>([a, b, c, d]: [&[T]; 4], out: &mut [T]) {
    let n = out.len();
    let (a, b, c, d) = (&a[..n], &b[..n], &c[..n], &d[..n]);
    for i in 0..n {
        out[i] = difference([a[i], b[i], c[i], d[i]]);
    }
}

#[inline(never)]
fn add_differences<T: Real>([a, b, c, d]: [&[T]; 4], sum: &mut [T]) {
    let n = sum.len();
    let (a, b, c, d) = (&a[..n], &b[..n], &c[..n], &d[..n]);
    for i in 0..n {
        sum[i] += difference([a[i], b[i], c[i], d[i]]);
    }
}

/// Faces counted from the side of the panel inwards; `sign` is -1 where that is against the index.
#[inline(never)]
fn add_differences_at_end<T: Real>([a, b, c, d, e]: [&[T]; 5], sign: T, sum: &mut [T]) {
    let n = sum.len();
    let (a, b, c, d, e) = (&a[..n], &b[..n], &c[..n], &d[..n], &e[..n]);
    for i in 0..n {
        sum[i] += sign * difference_at_end([a[i], b[i], c[i], d[i], e[i]]);
    }
}
