//! Tracers on the cubed sphere: density times mixing ratio, carried by mass fluxes that stay the same over a step.
//!
//! Three Runge-Kutta stages (alpha = 1/3, 1/2, 1) from the start of the step:
//! (h q)_i = (h q)^n - alpha dt div(F q_{i-1}), h_i = h^n - alpha dt div(F). The mixing ratio at the centre of a
//! cell is the quotient of the point values of h q and h; at faces it comes from upwind. With the mass flux F of
//! a whole face the flux of the tracer is, to fourth order and exactly F where q = 1,
//!
//! ```text
//! F q + (d^2(F q) - q d^2 F)/24 = F q + sum over the neighbours along the face of F_nb (q_nb - q)/24.
//! ```
//!
//! With the positive limiter the fluxes out of a cell in the last stage are scaled down where together they would
//! take more than the cell holds (Smolarkiewicz 1989; Skamarock and Weisman 2009).

use super::faces::{DivergenceRow, average_x, average_y, upwind_values_x, upwind_values_y};
use super::points::points_of_field;
use super::sheet::{MARGIN, Sheet};
use super::stencils::{extrapolated, twenty_fourth};
use super::{EdgeLines, TileGeometry, TileMetric, Variable, largest};
use crate::comm::Communicator;
use crate::config::{Dynamics, TracerLimiter};
use crate::halo::{HaloExchange, Kind, Reach};
use crate::mesh::Mesh;
use crate::mesh::cubed_sphere::Side;
use crate::parallel::PerThread;
use crate::real::Real;
use crate::state::{Field, TileState};
use rayon::prelude::*;

/// Runge-Kutta stages.
const ALPHAS: [f64; 3] = [1.0 / 3.0, 0.5, 1.0];

/// Tags of the messages.
const AVERAGES_TAG: u16 = 3;
const POINTS_TAG: u16 = 4;
const SHARES_TAG: u16 = 5;

/// How far below its content the limiter keeps what leaves a cell: more than rounding.
const AFFORDABLE: f64 = 1.0 - 1e-6;

/// Mass fluxes through the faces of one level of a tile (faces 0 to ni of the rows -1 to nj, and likewise across y):
/// those of whole faces, mass per time.
#[derive(Clone, Debug)]
pub struct FaceFluxes<T> {
    pub x: Sheet<T>,
    pub y: Sheet<T>,
}

impl<T: Real> FaceFluxes<T> {
    /// Zeros for a tile of `ni` x `nj` columns.
    pub fn new(size: [usize; 2]) -> Self {
        FaceFluxes { x: Sheet::new(size), y: Sheet::new(size) }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        for sheet in [&mut self.x, &mut self.y] {
            sheet.clear();
        }
    }
}

/// What mass fluxes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FluxKind {
    /// Values at the centres of the faces, times their lengths.
    AtCentre,
    /// Averages along the faces, times their lengths.
    OfFace,
}

/// Transport of all tracers of this rank's tiles.
pub struct SphereTransport<T> {
    limiter: TracerLimiter,
    kind: FluxKind,
    /// By tile: the density (whole, not a deviation) at the start of the step; the caller writes it.
    pub density: Vec<Field<T>>,
    /// Density and tracers of the running stage, by tile: averages.
    stage: Vec<Vec<Field<T>>>,
    /// Mixing ratios at points; the first is scratch for the density.
    points: Vec<Vec<Field<T>>>,
    /// What share of its outgoing fluxes a cell can afford, by tracer.
    shares: Vec<Vec<Field<T>>>,
    beside: HaloExchange<T>,
    halo: HaloExchange<T>,
    halo_of_shares: HaloExchange<T>,
    work: PerThread<Workspace<T>>,
}

/// Scratch of one thread.
#[derive(Clone)]
struct Workspace<T> {
    mixing: [Variable<T>; 1],
    lines: EdgeLines<T, 1>,
    /// Upwind values at faces, and fluxes of whole faces: of the tracer and of mass.
    values: FaceFluxes<T>,
    fluxes: FaceFluxes<T>,
    mass: FaceFluxes<T>,
}

impl<T: Real> Workspace<T> {
    fn new(size: [usize; 2]) -> Self {
        let fluxes = FaceFluxes::new(size);
        Workspace {
            mixing: [Variable::new(size)],
            lines: EdgeLines::new(size),
            values: fluxes.clone(),
            fluxes: fluxes.clone(),
            mass: fluxes,
        }
    }
}

impl<T: Real> SphereTransport<T> {
    /// Prepares the transport of the configured tracers by mass fluxes of the given kind.
    pub fn new(mesh: &Mesh, dynamics: &Dynamics, kind: FluxKind, communicator: &dyn Communicator) -> Self {
        let count = dynamics.tracers.len();
        let (tiles, nz) = (mesh.local_tiles(), mesh.vertical.nz());
        let fields = |count: usize| -> Vec<Vec<Field<T>>> {
            tiles.iter().map(|tile| vec![Field::new(tile.layout(nz)); count]).collect()
        };
        let exchange = |reach: Reach, count: usize, tag: u16| {
            HaloExchange::new(mesh, reach, &vec![Kind::Scalar; count], &vec![nz; count], communicator, tag)
        };
        let beyond = Reach { depth: [1; 2], corners: false, beyond_panel: 1 };
        SphereTransport {
            limiter: dynamics.tracer_limiter,
            kind,
            density: tiles.iter().map(|tile| Field::new(tile.layout(nz))).collect(),
            stage: fields(count + 1),
            points: fields(count + 1),
            shares: fields(if dynamics.tracer_limiter == TracerLimiter::None { 0 } else { count }),
            beside: exchange(Reach::BESIDE, count + 1, AVERAGES_TAG),
            halo: exchange(Reach::SPHERE, count + 1, POINTS_TAG),
            halo_of_shares: exchange(beyond, count, SHARES_TAG),
            work: PerThread::new(&Workspace::new(largest(tiles))),
        }
    }

    /// Carries the tracers of `state` (those of the start of the step) over a step of `dt` s with the mean mass
    /// fluxes `fluxes`, by tile and level.
    pub fn step(
        &mut self,
        geometry: &[TileGeometry<T>],
        fluxes: &[Vec<FaceFluxes<T>>],
        state: &mut [TileState<T>],
        dt: f64,
    ) {
        for ((stage, density), state) in self.stage.iter_mut().zip(&self.density).zip(&*state) {
            for (stage, start) in stage.iter_mut().zip([density].into_iter().chain(&state.tracers)) {
                stage.values_mut().copy_from_slice(start.values());
            }
        }
        for alpha in ALPHAS {
            let length = T::of(alpha * dt);
            self.fill_points(geometry);
            let is_limited = alpha == 1.0 && self.limiter == TracerLimiter::Positive;
            if is_limited {
                self.fill_shares(geometry, fluxes, state, length);
            }
            let SphereTransport { kind, density, stage, points, shares, work, .. } = self;
            stage.par_iter_mut().enumerate().with_max_len(1).for_each(|(tile, stage)| {
                let shares = is_limited.then_some(shares[tile].as_slice());
                let carrier = Carrier { geometry: &geometry[tile], fluxes: &fluxes[tile], kind: *kind };
                work.with(|work| {
                    let starts = (&density[tile], state[tile].tracers.as_slice());
                    advance(&carrier, starts, &points[tile], shares, length, stage, work);
                });
            });
        }
        for (stage, state) in self.stage.iter_mut().zip(state) {
            for (stage, tracer) in stage[1..].iter_mut().zip(&mut state.tracers) {
                std::mem::swap(stage, tracer);
            }
        }
    }

    /// Mixing ratios at points, with their halo.
    fn fill_points(&mut self, geometry: &[TileGeometry<T>]) {
        let SphereTransport { stage, points, beside, halo, .. } = self;
        beside.exchange(stage.as_mut_slice());
        points.par_iter_mut().zip(&*stage).zip(geometry).with_max_len(1).for_each(
            |((points, stage), geometry)| {
                for (points, averages) in points.iter_mut().zip(stage) {
                    points_of_field(&geometry.metric, averages, points);
                }
                let Some((density, tracers)) = points.split_first_mut() else { return };
                let layout = density.layout();
                for tracer in tracers {
                    for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
                        for (value, density) in tracer.cells_mut(j, k).iter_mut().zip(density.cells(j, k)) {
                            *value = *value / *density;
                        }
                    }
                }
            },
        );
        halo.exchange(points.as_mut_slice());
    }

    /// What the cells can afford in a stage of `length` s.
    fn fill_shares(
        &mut self,
        geometry: &[TileGeometry<T>],
        fluxes: &[Vec<FaceFluxes<T>>],
        state: &[TileState<T>],
        length: T,
    ) {
        let SphereTransport { kind, points, shares, halo_of_shares, work, .. } = self;
        shares.par_iter_mut().enumerate().with_max_len(1).for_each(|(tile, shares)| {
            let carrier = Carrier { geometry: &geometry[tile], fluxes: &fluxes[tile], kind: *kind };
            work.with(|work| {
                for (n, share) in shares.iter_mut().enumerate() {
                    for k in 0..share.layout().levels {
                        carrier.tracer_fluxes(&points[tile][n + 1], k, work);
                        for_each_row(&carrier.geometry.metric, &work.fluxes, |j, row| {
                            share_row(
                                &row,
                                length,
                                state[tile].tracers[n].cells(j, k),
                                share.cells_mut(j, k),
                            );
                        });
                    }
                }
            });
        });
        halo_of_shares.exchange(shares.as_mut_slice());
    }
}

/// What carries the tracers of a tile.
struct Carrier<'a, T> {
    geometry: &'a TileGeometry<T>,
    /// By level.
    fluxes: &'a [FaceFluxes<T>],
    kind: FluxKind,
}

impl<T: Real> Carrier<'_, T> {
    /// The mass fluxes of level `k`, of whole faces: rows 0 to nj - 1 of `x`, rows 0 to nj of `y`.
    fn mass_fluxes(&self, k: usize, out: &mut FaceFluxes<T>) {
        let metric = &self.geometry.metric;
        let FaceFluxes { x, y } = &self.fluxes[k];
        for j in 0..metric.nj as isize {
            let out = &mut out.x.from_mut(0, j)[..=metric.ni];
            match self.kind {
                FluxKind::AtCentre => average_x(metric, x, j as usize, out),
                FluxKind::OfFace => out.copy_from_slice(&x.from(0, j)[..=metric.ni]),
            }
        }
        for f in 0..=metric.nj as isize {
            let out = &mut out.y.from_mut(0, f)[..metric.ni];
            match self.kind {
                FluxKind::AtCentre => average_y(metric, y, f, out),
                FluxKind::OfFace => out.copy_from_slice(&y.from(0, f)[..metric.ni]),
            }
        }
    }

    /// The fluxes of a tracer of mixing ratio `q` (point values with their halo) in level `k`, of whole faces, into
    /// `work.fluxes`; the mass fluxes go into `work.mass`.
    fn tracer_fluxes(&self, q: &Field<T>, k: usize, work: &mut Workspace<T>) {
        let Workspace { mixing, lines, values, fluxes, mass } = work;
        let metric = &self.geometry.metric;
        let (margin, width) = (MARGIN as isize, metric.ni + 2 * MARGIN);
        for j in -margin..metric.nj as isize + margin {
            mixing[0].cells.row_mut(j)[..width].copy_from_slice(q.row(j, k));
        }
        self.geometry.edges.close(mixing, lines);
        self.mass_fluxes(k, mass);
        let around = &self.fluxes[k];
        for j in -1..=metric.nj as isize {
            upwind_values_x(metric, &mixing[0], j, &around.x, &mut values.x);
        }
        for f in 0..=metric.nj as isize {
            upwind_values_y(metric, &mixing[0], f, &around.y, &mut values.y);
        }
        for j in 0..metric.nj as isize {
            fluxes_x(metric, j, &around.x, &values.x, &mass.x, &mut fluxes.x);
        }
        for f in 0..=metric.nj as isize {
            fluxes_y(metric, f, &around.y, &values.y, &mass.y, &mut fluxes.y);
        }
    }
}

/// Density and tracers of a tile at the end of a stage of `length` s.
fn advance<T: Real>(
    carrier: &Carrier<'_, T>,
    (density, tracers): (&Field<T>, &[Field<T>]),
    points: &[Field<T>],
    shares: Option<&[Field<T>]>,
    length: T,
    stage: &mut [Field<T>],
    work: &mut Workspace<T>,
) {
    let metric = &carrier.geometry.metric;
    let Some((next_density, next)) = stage.split_first_mut() else { return };
    for k in 0..density.layout().levels {
        for (n, next) in next.iter_mut().enumerate() {
            carrier.tracer_fluxes(&points[n + 1], k, work);
            if let Some(shares) = shares {
                limit(metric, &shares[n], k, &mut work.fluxes);
            }
            for_each_row(metric, &work.fluxes, |j, row| {
                advance_row(&row, length, tracers[n].cells(j, k), next.cells_mut(j, k));
            });
        }
        carrier.mass_fluxes(k, &mut work.mass);
        for_each_row(metric, &work.mass, |j, row| {
            advance_row(&row, length, density.cells(j, k), next_density.cells_mut(j, k));
        });
    }
}

/// Hands the fluxes around every row of cells to `visit(j, row)`.
fn for_each_row<T: Real>(
    metric: &TileMetric<T>,
    fluxes: &FaceFluxes<T>,
    mut visit: impl FnMut(usize, DivergenceRow<'_, T>),
) {
    for j in 0..metric.nj {
        let row = j as isize;
        let cells = DivergenceRow {
            x: fluxes.x.from(0, row),
            south: fluxes.y.from(0, row),
            north: fluxes.y.from(0, row + 1),
            inverse_area: metric.inverse_area.from(0, row),
        };
        visit(j, cells);
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

/// next = start - length div F.
#[inline(never)]
fn advance_row<T: Real>(row: &DivergenceRow<'_, T>, length: T, start: &[T], next: &mut [T]) {
    row.store(next);
    let n = next.len();
    let start = &start[..n];
    for i in 0..n {
        next[i] = start[i] + length * next[i];
    }
}

/// The share of the fluxes out of a row of cells that its content can afford.
#[inline(never)]
fn share_row<T: Real>(row: &DivergenceRow<'_, T>, length: T, content: &[T], share: &mut [T]) {
    let n = share.len();
    let (west, east) = (&row.x[..n], &row.x[1..][..n]);
    let (south, north, inverse_area) = (&row.south[..n], &row.north[..n], &row.inverse_area[..n]);
    let content = &content[..n];
    let outward = |flux: T| flux.most(T::ZERO);
    for i in 0..n {
        let x = outward(east[i]) + outward(-west[i]);
        let y = outward(north[i]) + outward(-south[i]);
        let outflow = length * (x + y) * inverse_area[i];
        let affordable = T::of(AFFORDABLE) * content[i].most(T::ZERO);
        share[i] = if outflow > affordable { affordable / outflow } else { T::ONE };
    }
}

/// Scales the fluxes of level `k` by the share that the cell they leave can afford.
fn limit<T: Real>(metric: &TileMetric<T>, shares: &Field<T>, k: usize, fluxes: &mut FaceFluxes<T>) {
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
fn limit_row<T: Real>([before, after]: [&[T]; 2], flux: &mut [T]) {
    let n = flux.len();
    let (before, after) = (&before[..n], &after[..n]);
    for i in 0..n {
        let share = if flux[i] > T::ZERO { before[i] } else { after[i] };
        flux[i] = flux[i] * share;
    }
}
