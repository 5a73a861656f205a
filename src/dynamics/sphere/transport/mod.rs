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
//! In air the vertical fluxes are those of the plane: upwind values of the mixing ratio of the averages times the
//! mean mass fluxes of the step.
//!
//! With the positive limiter the fluxes out of a cell in the last stage are scaled down where together they would
//! take more than the cell holds (Smolarkiewicz 1989; Skamarock and Weisman 2009).

mod columns;
mod faces;

use super::faces::{DivergenceRow, for_each_row};
use super::points::points_of_field;
use super::sheet::Sheet;
use super::{EdgeLines, TileGeometry, TileMetric, Variable, largest};
use crate::comm::Communicator;
use crate::config::{Dynamics, TracerLimiter};
use crate::dynamics::operators::add_divergence_z;
use crate::halo::{HaloExchange, Kind, Reach, Repeated};
use crate::mesh::{Mesh, Tile};
use crate::parallel::PerThread;
use crate::real::Real;
use crate::state::{Field, TileState};
use columns::{ColumnRows, add_mass, add_outflow};
use faces::{Carrier, limit};
use rayon::prelude::*;

/// Runge-Kutta stages.
const ALPHAS: [f64; 3] = [1.0 / 3.0, 0.5, 1.0];

/// Tags of the messages.
const AVERAGES_TAG: u16 = 3;
const POINTS_TAG: u16 = 4;
const SHARES_TAG: u16 = 5;

/// The neighbouring columns, whose shares the limiter looks at.
const REACH_OF_SHARES: Reach = Reach { depth: [1; 2], corners: false, beyond_panel: 1 };

/// How far below its content the limiter keeps what leaves a cell: more than rounding.
const AFFORDABLE: f64 = 1.0 - 1e-6;

/// Mass fluxes through the faces of one level of a tile (faces 0 to ni of the rows -1 to nj, and likewise across y),
/// mass per time: the flux through a whole face, or that at its centre times its length ([`FluxKind`]).
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

    /// Takes over the mass fluxes through the faces of a tile and of the cells around it.
    pub fn keep(&mut self, metric: &TileMetric<T>, [x, y]: [&Sheet<T>; 2]) {
        let (faces, columns) = (metric.ni + 1, metric.ni + 2);
        for j in -1..=metric.nj as isize {
            self.x.from_mut(0, j)[..faces].copy_from_slice(&x.from(0, j)[..faces]);
        }
        for f in 0..=metric.nj as isize {
            self.y.from_mut(-1, f)[..columns].copy_from_slice(&y.from(-1, f)[..columns]);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        for sheet in [&mut self.x, &mut self.y] {
            sheet.clear();
        }
    }
}

/// The mean mass fluxes of a step on one tile.
#[derive(Clone, Debug)]
pub struct TileFluxes<T> {
    /// Through the faces, by level.
    pub levels: Vec<FaceFluxes<T>>,
    /// Through the interfaces between levels, upwards, in mass per area and time; a layer has none.
    pub vertical: Option<Field<T>>,
}

impl<T: Real> TileFluxes<T> {
    /// Zeros for the levels of `tile`.
    pub fn of_air(tile: &Tile) -> Self {
        TileFluxes {
            levels: vec![FaceFluxes::new([tile.ni, tile.nj]); tile.nz],
            vertical: Some(Field::new(tile.layout(tile.nz + 1))),
        }
    }

    /// Zeros for one layer.
    pub fn of_layer(tile: &Tile) -> Self {
        TileFluxes { levels: vec![FaceFluxes::new([tile.ni, tile.nj])], vertical: None }
    }

    /// Number of values of [`TileFluxes::of_air`], for the memory estimate.
    pub fn len_of_air(tile: &Tile) -> usize {
        2 * tile.nz * Sheet::<T>::len([tile.ni, tile.nj]) + tile.layout(tile.nz + 1).len()
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

/// What carries the tracers of equations that keep the mean mass fluxes of their steps.
pub struct Carried<T> {
    pub transport: SphereTransport<T>,
    /// Mean mass fluxes of the step, by tile.
    pub fluxes: Vec<TileFluxes<T>>,
}

/// Transport of all tracers of this rank's tiles.
pub struct SphereTransport<T> {
    limiter: TracerLimiter,
    kind: FluxKind,
    /// 1 / thickness of the levels.
    inverse_dz: Vec<T>,
    /// By tile: the density (whole, not a deviation) at the start of the step; the caller writes it.
    pub density: Vec<Field<T>>,
    /// Density and tracers of the running stage, by tile: averages.
    stage: Vec<Vec<Field<T>>>,
    /// The same of the next stage.
    next: Vec<Vec<Field<T>>>,
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
    columns: ColumnRows<T>,
}

impl<T: Real> Workspace<T> {
    fn new(nz: usize, size: [usize; 2]) -> Self {
        let fluxes = FaceFluxes::new(size);
        Workspace {
            mixing: [Variable::new(size)],
            lines: EdgeLines::new(size),
            values: fluxes.clone(),
            fluxes: fluxes.clone(),
            mass: fluxes,
            columns: ColumnRows::new(nz, size[0]),
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
        SphereTransport {
            limiter: dynamics.tracer_limiter,
            kind,
            inverse_dz: mesh.vertical.thickness.iter().map(|dz| T::of(1.0 / dz)).collect(),
            density: tiles.iter().map(|tile| Field::new(tile.layout(nz))).collect(),
            stage: fields(count + 1),
            next: fields(count + 1),
            points: fields(count + 1),
            shares: fields(if dynamics.tracer_limiter == TracerLimiter::None { 0 } else { count }),
            beside: exchange(Reach::BESIDE, count + 1, AVERAGES_TAG),
            halo: exchange(Reach::SPHERE, count + 1, POINTS_TAG),
            halo_of_shares: exchange(REACH_OF_SHARES, count, SHARES_TAG),
            work: PerThread::new(&Workspace::new(nz, largest(tiles))),
        }
    }

    /// The same for levels 1 m thick: mass and tracers per horizontal area.
    pub fn per_area(mut self) -> Self {
        self.inverse_dz.fill(T::ONE);
        self
    }

    /// Number of values that a transport of `count` tracers keeps on a tile of air, for the memory estimate.
    pub fn values(tile: &Tile, count: usize) -> usize {
        TileFluxes::<T>::len_of_air(tile) + (4 * count + 4) * tile.layout(tile.nz).len()
    }

    /// The halo exchanges of a step: averages and points of every stage, and the shares of the limiter.
    pub fn exchanges(dynamics: &Dynamics, mesh: &Mesh) -> Vec<Repeated> {
        let (nz, count) = (mesh.vertical.nz(), dynamics.tracers.len());
        let values = (count + 1) * nz;
        let mut exchanges = [Reach::BESIDE, Reach::SPHERE]
            .map(|reach| Repeated::waiting(reach, values, ALPHAS.len()))
            .to_vec();
        if count > 0 && dynamics.tracer_limiter == TracerLimiter::Positive {
            exchanges.push(Repeated::waiting(REACH_OF_SHARES, count * nz, 1));
        }
        exchanges
    }

    /// Carries the tracers of `state` (those of the start of the step) over a step of `dt` s with the mean mass
    /// fluxes `fluxes`, by tile.
    pub fn step(
        &mut self,
        geometry: &[TileGeometry<T>],
        fluxes: &[TileFluxes<T>],
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
            let SphereTransport { kind, inverse_dz, density, stage, next, points, shares, work, .. } = self;
            let stages =
                Stages { kind: *kind, inverse_dz, geometry, fluxes, density, state, stage, points, length };
            next.par_iter_mut().enumerate().with_max_len(1).for_each(|(tile, next)| {
                let shares = is_limited.then_some(shares[tile].as_slice());
                work.with(|work| stages.of_tile(tile).advance(shares, next, work));
            });
            std::mem::swap(&mut self.stage, &mut self.next);
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
        fluxes: &[TileFluxes<T>],
        state: &[TileState<T>],
        length: T,
    ) {
        let SphereTransport {
            kind, inverse_dz, density, stage, points, shares, halo_of_shares, work, ..
        } = self;
        let stages =
            Stages { kind: *kind, inverse_dz, geometry, fluxes, density, state, stage, points, length };
        shares.par_iter_mut().enumerate().with_max_len(1).for_each(|(tile, shares)| {
            work.with(|work| stages.of_tile(tile).fill_shares(shares, work));
        });
        halo_of_shares.exchange(shares.as_mut_slice());
    }
}

/// What one stage knows about all tiles of this rank.
struct Stages<'a, T> {
    kind: FluxKind,
    inverse_dz: &'a [T],
    geometry: &'a [TileGeometry<T>],
    fluxes: &'a [TileFluxes<T>],
    density: &'a [Field<T>],
    state: &'a [TileState<T>],
    stage: &'a [Vec<Field<T>>],
    points: &'a [Vec<Field<T>>],
    length: T,
}

impl<'a, T: Real> Stages<'a, T> {
    fn of_tile(&self, tile: usize) -> Stage<'a, T> {
        let fluxes = &self.fluxes[tile];
        Stage {
            carrier: Carrier { geometry: &self.geometry[tile], fluxes: &fluxes.levels, kind: self.kind },
            vertical: fluxes.vertical.as_ref(),
            inverse_dz: self.inverse_dz,
            density: &self.density[tile],
            tracers: &self.state[tile].tracers,
            averages: &self.stage[tile],
            points: &self.points[tile],
            length: self.length,
        }
    }
}

/// What one stage knows about a tile.
struct Stage<'a, T> {
    carrier: Carrier<'a, T>,
    vertical: Option<&'a Field<T>>,
    inverse_dz: &'a [T],
    /// Density and tracers at the start of the step.
    density: &'a Field<T>,
    tracers: &'a [Field<T>],
    /// Density and tracers of the running stage, and the mixing ratios at points after a place for the density.
    averages: &'a [Field<T>],
    points: &'a [Field<T>],
    /// alpha dt in s.
    length: T,
}

impl<T: Real> Stage<'_, T> {
    /// Density and tracers at the end of the stage.
    fn advance(&self, shares: Option<&[Field<T>]>, next: &mut [Field<T>], work: &mut Workspace<T>) {
        let Some((density, tracers)) = next.split_first_mut() else { return };
        for (n, tracer) in tracers.iter_mut().enumerate() {
            let share = shares.map(|shares| &shares[n]);
            self.advance_horizontally(n, share, tracer, work);
            if let Some(mass) = self.vertical {
                let fields = [&self.averages[0], &self.averages[n + 1]];
                work.columns.for_each_row(mass, fields, share, |j, k, below, above| {
                    let factor = self.length * self.inverse_dz[k];
                    add_divergence_z(below, above, factor, tracer.cells_mut(j, k));
                });
            }
        }
        let metric = &self.carrier.geometry.metric;
        for k in 0..density.layout().levels {
            self.carrier.mass_fluxes(k, &mut work.mass);
            for_each_row(metric, [&work.mass.x, &work.mass.y], |j, row| {
                advance_row(&row, self.length, self.density.cells(j, k), density.cells_mut(j, k));
            });
        }
        if let Some(mass) = self.vertical {
            add_mass(mass, |k| self.length * self.inverse_dz[k], density);
        }
    }

    /// Tracer `n` after the fluxes through the faces of the levels.
    fn advance_horizontally(
        &self,
        n: usize,
        share: Option<&Field<T>>,
        tracer: &mut Field<T>,
        work: &mut Workspace<T>,
    ) {
        let metric = &self.carrier.geometry.metric;
        for k in 0..tracer.layout().levels {
            self.carrier.tracer_fluxes(&self.points[n + 1], k, work);
            if let Some(share) = share {
                limit(metric, share, k, &mut work.fluxes);
            }
            for_each_row(metric, [&work.fluxes.x, &work.fluxes.y], |j, row| {
                advance_row(&row, self.length, self.tracers[n].cells(j, k), tracer.cells_mut(j, k));
            });
        }
    }

    /// The share of its outgoing fluxes that every cell can afford, for all tracers.
    fn fill_shares(&self, shares: &mut [Field<T>], work: &mut Workspace<T>) {
        let metric = &self.carrier.geometry.metric;
        for (n, share) in shares.iter_mut().enumerate() {
            let layout = share.layout();
            for k in 0..layout.levels {
                self.carrier.tracer_fluxes(&self.points[n + 1], k, work);
                for_each_row(metric, [&work.fluxes.x, &work.fluxes.y], |j, row| {
                    outflow_row(&row, self.length, share.cells_mut(j, k));
                });
            }
            if let Some(mass) = self.vertical {
                let fields = [&self.averages[0], &self.averages[n + 1]];
                work.columns.for_each_row(mass, fields, None, |j, k, below, above| {
                    add_outflow(below, above, self.length * self.inverse_dz[k], share.cells_mut(j, k));
                });
            }
            for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
                share_row(self.tracers[n].cells(j, k), share.cells_mut(j, k));
            }
        }
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

/// What leaves a row of cells through its faces.
#[inline(never)]
fn outflow_row<T: Real>(row: &DivergenceRow<'_, T>, length: T, outflow: &mut [T]) {
    let n = outflow.len();
    let (west, east) = (&row.x[..n], &row.x[1..][..n]);
    let (south, north, inverse_area) = (&row.south[..n], &row.north[..n], &row.inverse_area[..n]);
    let outward = |flux: T| flux.most(T::ZERO);
    for i in 0..n {
        let x = outward(east[i]) + outward(-west[i]);
        let y = outward(north[i]) + outward(-south[i]);
        outflow[i] = length * (x + y) * inverse_area[i];
    }
}

/// The share of its outflow, in whose place it comes, that the content of a row of cells can afford.
#[inline(never)]
fn share_row<T: Real>(content: &[T], share: &mut [T]) {
    let n = share.len();
    let content = &content[..n];
    for i in 0..n {
        let (outflow, affordable) = (share[i], T::of(AFFORDABLE) * content[i].most(T::ZERO));
        share[i] = if outflow > affordable { affordable / outflow } else { T::ONE };
    }
}
