//! Fluxes of tracers through the faces of one level of a tile.

use super::{FaceFluxes, FluxKind, Workspace};
use crate::dynamics::sphere::TileGeometry;
use crate::dynamics::sphere::TileMetric;
use crate::dynamics::sphere::faces::{average_x, average_y, upwind_values_x, upwind_values_y};
use crate::dynamics::sphere::sheet::{MARGIN, Sheet};
use crate::dynamics::sphere::stencils::{extrapolated, twenty_fourth};
use crate::mesh::cubed_sphere::Side;
use crate::real::Real;
use crate::state::Field;

/// What carries the tracers of a tile.
pub(super) struct Carrier<'a, T> {
    pub geometry: &'a TileGeometry<T>,
    /// By level.
    pub fluxes: &'a [FaceFluxes<T>],
    pub kind: FluxKind,
}

impl<T: Real> Carrier<'_, T> {
    /// The mass fluxes of level `k`, of whole faces: rows 0 to nj - 1 of `x`, rows 0 to nj of `y`.
    pub fn mass_fluxes(&self, k: usize, out: &mut FaceFluxes<T>) {
        let metric = &self.geometry.metric;
        let FaceFluxes { x, y } = &self.fluxes[k];
        match self.kind {
            FluxKind::AtCentre => {
                average_x(metric, x, &mut out.x);
                average_y(metric, y, &mut out.y);
            }
            FluxKind::OfFace => {
                for j in 0..metric.nj as isize {
                    out.x.from_mut(0, j)[..=metric.ni].copy_from_slice(&x.from(0, j)[..=metric.ni]);
                }
                for f in 0..=metric.nj as isize {
                    out.y.from_mut(0, f)[..metric.ni].copy_from_slice(&y.from(0, f)[..metric.ni]);
                }
            }
        }
    }

    /// The fluxes of a tracer of mixing ratio `q` (point values with their halo) in level `k`, of whole faces, into
    /// `work.fluxes`; the mass fluxes go into `work.mass`.
    pub fn tracer_fluxes(&self, q: &Field<T>, k: usize, work: &mut Workspace<T>) {
        let Workspace { mixing, lines, values, fluxes, mass, .. } = work;
        let metric = &self.geometry.metric;
        let (margin, width) = (MARGIN as isize, metric.ni + 2 * MARGIN);
        for j in -margin..metric.nj as isize + margin {
            mixing[0].cells.row_mut(j)[..width].copy_from_slice(q.row(j, k));
        }
        self.geometry.edges.close(mixing, lines);
        self.mass_fluxes(k, mass);
        let around = &self.fluxes[k];
        upwind_values_x(metric, &mixing[0], &around.x, &mut values.x);
        upwind_values_y(metric, &mixing[0], &around.y, &mut values.y);
        for j in 0..metric.nj as isize {
            fluxes_x(metric, j, &around.x, &values.x, &mass.x, &mut fluxes.x);
        }
        for f in 0..=metric.nj as isize {
            fluxes_y(metric, f, &around.y, &values.y, &mass.y, &mut fluxes.y);
        }
    }
}

/// The fluxes of a tracer through the x-faces of row `j`.
fn fluxes_x<T: Real>(
    metric: &TileMetric<T>,
    j: isize,
    around: &Sheet<T>,
    values: &Sheet<T>,
    mass: &Sheet<T>,
    flux: &mut Sheet<T>,
) {
    let faces = metric.ni + 1;
    let row = |j: isize| [&around.from(0, j)[..faces], &values.from(0, j)[..faces]];
    let (mass, flux) = (&mass.from(0, j)[..faces], &mut flux.from_mut(0, j)[..faces]);
    let here = values.from(0, j);
    if j == 0 && metric.is_on(Side::South) {
        correct_at_end(mass, here, [1, 2, 3].map(row), flux);
    } else if j + 1 == metric.nj as isize && metric.is_on(Side::North) {
        correct_at_end(mass, here, [1, 2, 3].map(|m| row(j - m)), flux);
    } else {
        correct_inside(mass, here, [row(j - 1), row(j + 1)], flux);
    }
}

/// The fluxes of a tracer through the y-faces `f`.
fn fluxes_y<T: Real>(
    metric: &TileMetric<T>,
    f: isize,
    around: &Sheet<T>,
    values: &Sheet<T>,
    mass: &Sheet<T>,
    flux: &mut Sheet<T>,
) {
    let n = metric.ni;
    let shifted = |i: isize| [&around.from(i, f)[..n], &values.from(i, f)[..n]];
    let (mass, flux) = (&mass.from(0, f)[..n], &mut flux.from_mut(0, f)[..n]);
    correct_inside(mass, values.from(0, f), [shifted(-1), shifted(1)], flux);
    let one = |i: isize| [&around.from(i, f)[..1], &values.from(i, f)[..1]];
    if metric.is_on(Side::West) {
        correct_at_end(&mass[..1], values.from(0, f), [1, 2, 3].map(one), &mut flux[..1]);
    }
    if metric.is_on(Side::East) {
        let last = n as isize - 1;
        let cells = [1, 2, 3].map(|m| one(last - m));
        correct_at_end(&mass[n - 1..], values.from(last, f), cells, &mut flux[n - 1..]);
    }
}

/// Fluxes of whole faces from the values `here` and the mass fluxes and values on both sides along the faces.
#[inline(never)]
fn correct_inside<T: Real>(
    mass: &[T],
    here: &[T],
    [[mass_before, before], [mass_after, after]]: [[&[T]; 2]; 2],
    flux: &mut [T],
) {
    let n = flux.len();
    let (mass, here, mass_before, before) = (&mass[..n], &here[..n], &mass_before[..n], &before[..n]);
    let (mass_after, after) = (&mass_after[..n], &after[..n]);
    for i in 0..n {
        let q = here[i];
        let sides = mass_before[i] * (before[i] - q) + mass_after[i] * (after[i] - q);
        flux[i] = mass[i] * q + sides * twenty_fourth();
    }
}

/// The same at a side of the panel, from the three next inwards.
#[inline(never)]
fn correct_at_end<T: Real>(mass: &[T], here: &[T], inward: [[&[T]; 2]; 3], flux: &mut [T]) {
    let n = flux.len();
    let (mass, here) = (&mass[..n], &here[..n]);
    let inward = inward.map(|pair| pair.map(|row| &row[..n]));
    for i in 0..n {
        let q = here[i];
        let [first, second, third] = inward.map(|[mass, value]| mass[i] * (value[i] - q));
        flux[i] = mass[i] * q + extrapolated([first, second, third]) * twenty_fourth();
    }
}

/// Scales the fluxes of level `k` by the share that the cell they leave can afford.
pub(super) fn limit<T: Real>(
    metric: &TileMetric<T>,
    shares: &Field<T>,
    k: usize,
    fluxes: &mut FaceFluxes<T>,
) {
    let n = metric.ni;
    for j in 0..metric.nj as isize {
        let row = &shares.row(j, k)[MARGIN - 1..];
        limit_row([row, &row[1..]], &mut fluxes.x.from_mut(0, j)[..=n]);
    }
    for f in 0..=metric.nj as isize {
        let rows = [f - 1, f].map(|j| &shares.row(j, k)[MARGIN..]);
        limit_row(rows, &mut fluxes.y.from_mut(0, f)[..n]);
    }
}

#[inline(never)]
pub(super) fn limit_row<T: Real>([before, after]: [&[T]; 2], flux: &mut [T]) {
    let n = flux.len();
    let (before, after) = (&before[..n], &after[..n]);
    for i in 0..n {
        let share = if flux[i] > T::ZERO { before[i] } else { after[i] };
        flux[i] = flux[i] * share;
    }
}
