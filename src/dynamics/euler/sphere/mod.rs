//! The Euler equations on the cubed sphere (shallow atmosphere): the plane's column solve and stages with the
//! fourth-order horizontal scheme of [`crate::dynamics::sphere`].
//!
//! Density, heat and vertical momentum are horizontal cell averages, the horizontal momentum U is a point value with
//! three components:
//!
//! ```text
//! dU/dt = P[-div(F u)] - grad p' - f r x U - d(W u)/dz,     P = 1 - r r^T
//! ```
//!
//! Over [`terrain`] the same stages end in columns of their own.

mod census;
mod level;
mod points;
pub mod terrain;

use super::census::Census;
use super::column::{ColumnWork, update_row};
use super::fluxes::{FaceRows, Tendencies, advect_upwards, advect_w_upwards, theta_of_interfaces};
use super::levels::power_deviation;
use super::primitives::vertical_velocity;
use super::{Levels, StageSetting};
use crate::comm::Communicator;
use crate::config::{Configuration, Dynamics, Setting};
use crate::dynamics::mass_fluxes::keep_vertical_fluxes;
use crate::dynamics::slab::Slab;
use crate::dynamics::sphere::momentum::remove_radial_part;
use crate::dynamics::sphere::transport::{Carried, FluxKind, SphereTransport, TileFluxes};
use crate::dynamics::sphere::{TileGeometry, largest};
use crate::dynamics::{Reference, StageStates, StepLimits};
use crate::halo::{HaloExchange, Reach, Repeated};
use crate::mesh::{CubedSphere, Layout, Mesh, Tile};
use crate::model::Core;
use crate::monitor::{Phase, Timers};
use crate::parallel::PerThread;
use crate::real::Real;
use crate::state::{Field, TileState};
use crate::time::StageTable;
use census::CensusRows;
use level::LevelWork;
use points::{AVERAGES, Averages, POINTS, PointFields, Points};
use rayon::prelude::*;
use terrain::{Ground, GroundRow};

/// Tags of the messages.
const AVERAGES_TAG: u16 = 1;
const POINTS_TAG: u16 = 2;

/// The dry nonhydrostatic equations on this rank's tiles of the sphere.
pub struct SphereCore<T> {
    limits: StepLimits,
    levels: Levels<T>,
    table: StageTable,
    geometry: Vec<TileGeometry<T>>,
    /// By tile; none over flat ground.
    grounds: Vec<Ground<T>>,
    beside: HaloExchange<T>,
    halo: HaloExchange<T>,
    points: Vec<Points<T>>,
    stages: StageStates<T>,
    /// The W part of f_I(Y^n), by tile.
    buoyancy: Vec<Field<T>>,
    tracers: Option<Carried<T>>,
    work: PerThread<Workspace<T>>,
}

/// Scratch of one thread.
#[derive(Clone)]
struct Workspace<T> {
    level: LevelWork<T>,
    /// Explicit tendencies of every row of a tile.
    tendencies: Vec<Tendencies<T>>,
    column: RowWork<T>,
    /// In place of the former over terrain.
    over_ground: Option<GroundRow<T>>,
}

/// Scratch for the columns of a row.
#[derive(Clone)]
struct RowWork<T> {
    rows: FaceRows<T>,
    solve: ColumnWork<T>,
    /// Point values of the velocity, and w, theta - theta0 and p' of the averages.
    velocity: [Slab<T>; 3],
    w: Slab<T>,
    theta: Slab<T>,
    pressure: Slab<T>,
    census: CensusRows<T>,
}

/// What a stage reads and writes on a tile.
struct TileStage<'a, T> {
    initial: &'a TileState<T>,
    previous: &'a TileState<T>,
    points: &'a Points<T>,
    next: &'a mut TileState<T>,
    buoyancy: &'a mut Field<T>,
    /// The mass fluxes of the last stage, where tracers need them.
    fluxes: Option<&'a mut TileFluxes<T>>,
}

impl<T: Real> SphereCore<T> {
    pub fn new(
        dynamics: &Dynamics,
        mesh: &Mesh,
        sphere: &CubedSphere,
        reference: &Reference,
        communicator: &dyn Communicator,
    ) -> Self {
        let table = StageTable::new(dynamics.integrator);
        let nz = mesh.vertical.nz();
        let tiles = mesh.local_tiles();
        let geometry = tiles.iter().map(|tile| TileGeometry::new(sphere, tile, dynamics));
        let grounds = tiles.par_iter().zip(&reference.tiles);
        let tracers = (!dynamics.tracers.is_empty()).then(|| Carried {
            transport: transport(mesh, dynamics, communicator),
            fluxes: tiles.iter().map(TileFluxes::of_air).collect(),
        });
        SphereCore {
            limits: StepLimits::of_sphere(sphere, reference, dynamics, &table).over_slopes(mesh),
            levels: Levels::new(mesh, reference, dynamics),
            table,
            geometry: geometry.collect(),
            grounds: grounds
                .map(|(tile, reference)| Ground::new(sphere, tile, reference, dynamics))
                .collect(),
            beside: HaloExchange::new(
                mesh,
                Reach::BESIDE,
                &AVERAGES,
                &[nz, nz, nz + 1],
                communicator,
                AVERAGES_TAG,
            ),
            halo: HaloExchange::new(
                mesh,
                Reach::SPHERE,
                &POINTS,
                &[nz, nz, nz, nz, nz, nz + 1],
                communicator,
                POINTS_TAG,
            ),
            points: tiles.iter().map(Points::new).collect(),
            stages: StageStates::new(mesh, Setting::Sphere),
            buoyancy: tiles.iter().map(|tile| Field::new(tile.layout(nz + 1))).collect(),
            tracers,
            work: PerThread::new(&Workspace::new(nz, largest(tiles), mesh.terrain.is_some())),
        }
    }

    /// Number of values that the state and the core keep on this rank.
    pub fn values(configuration: &Configuration, mesh: &Mesh) -> usize {
        let nz = mesh.vertical.nz();
        let threads = configuration.parallel.threads.unwrap_or(1);
        let tracers = configuration.dynamics.tracers.len();
        let has_ground = mesh.terrain.is_some();
        let of_tile = |tile: &Tile| {
            let (centre, interface) = (tile.layout(nz).len(), tile.layout(nz + 1).len());
            let carried =
                if tracers > 0 { tracers * centre + SphereTransport::<T>::values(tile, tracers) } else { 0 };
            let ground = if has_ground { Ground::<T>::FIELDS * centre } else { 0 };
            3 * (5 * centre + interface) + (2 * centre + interface) + interface + carried + ground
        };
        let tiles = mesh.local_tiles();
        let size = largest(tiles);
        let row = nz * (size[0] + 2);
        let slabs = if has_ground { 11 + GroundRow::<T>::SLABS } else { 11 };
        tiles.iter().map(of_tile).sum::<usize>()
            + threads * (LevelWork::<T>::len(size) + (slabs + 6 * size[1]) * row)
    }

    /// The halo exchanges of a step.
    pub fn exchanges(dynamics: &Dynamics, mesh: &Mesh) -> Vec<Repeated> {
        let stages = StageTable::new(dynamics.integrator).stages.len();
        let nz = mesh.vertical.nz();
        let mut exchanges = vec![
            Repeated::waiting(Reach::BESIDE, AVERAGES.len() * nz + 1, stages),
            Repeated::overlapping(Reach::SPHERE, POINTS.len() * nz + 1, stages),
        ];
        if !dynamics.tracers.is_empty() {
            exchanges.extend(SphereTransport::<T>::exchanges(dynamics, mesh));
        }
        exchanges
    }

    /// One stage: point values, their halo, then everything else tile by tile; tiles whose halo comes from this
    /// rank are advanced while messages travel.
    fn stage(&mut self, number: usize, initial: &mut [TileState<T>], dt: f64, timers: &mut Timers) -> Census {
        let setting = StageSetting::of(&self.table, number, dt);
        timers.start(Phase::Halo);
        let SphereCore { beside, halo, points, stages, geometry, .. } = self;
        let previous = stages.previous(number, initial);
        beside.exchange(&mut Averages(previous));
        timers.start(Phase::Dynamics);
        points.par_iter_mut().zip(&*previous).zip(&*geometry).with_max_len(1).for_each(
            |((points, state), geometry)| {
                points.fill(&geometry.metric, state);
            },
        );
        timers.start(Phase::Halo);
        let mut fields = PointFields { states: previous, points };
        halo.start(&fields);
        halo.copy_local(&mut fields);
        timers.start(Phase::Dynamics);
        let inner = self.advance(number, &setting, initial, true);
        if !self.halo.has_messages() {
            return inner;
        }
        timers.start(Phase::Wait);
        self.halo.wait();
        timers.start(Phase::Halo);
        let SphereCore { halo, points, stages, .. } = self;
        let states = stages.previous(number, initial);
        halo.unpack(&mut PointFields { states, points });
        timers.start(Phase::Dynamics);
        inner.merge(self.advance(number, &setting, initial, false))
    }

    /// Advances the inner tiles, or the others.
    fn advance(
        &mut self,
        number: usize,
        setting: &StageSetting<T>,
        initial: &[TileState<T>],
        inner: bool,
    ) -> Census {
        let is_last = number + 1 == self.table.stages.len();
        let SphereCore { levels, halo, stages, buoyancy, points, geometry, grounds, tracers, work, .. } =
            self;
        let carried = tracers.as_mut().filter(|_| is_last).map(|carried| carried.fluxes.iter_mut());
        let mut fluxes: Vec<Option<&mut TileFluxes<T>>> = carried.into_iter().flatten().map(Some).collect();
        fluxes.resize_with(points.len(), || None);
        let is_inner = halo.inner();
        let (previous, next) = stages.around(number, initial);
        next.par_iter_mut()
            .zip(buoyancy.par_iter_mut())
            .zip(fluxes)
            .enumerate()
            .with_max_len(1)
            .filter(|(tile, _)| is_inner[*tile] == inner)
            .map(|(tile, ((next, buoyancy), fluxes))| {
                let stage = TileStage {
                    initial: &initial[tile],
                    previous: &previous[tile],
                    points: &points[tile],
                    next,
                    buoyancy,
                    fluxes,
                };
                let geometry = &geometry[tile];
                work.with(|work| match grounds.get(tile) {
                    None => advance_tile(levels, geometry, setting, stage, work),
                    Some(ground) => advance_tile_over(levels, geometry, ground, setting, stage, work),
                })
            })
            .reduce(|| Census::EMPTY, Census::merge)
    }

    /// Gives the transport the density at the start of the step, over terrain times the thickness of the cells.
    fn keep_density(&mut self, tiles: &[TileState<T>]) {
        let SphereCore { tracers: Some(Carried { transport, .. }), levels, grounds, .. } = self else {
            return;
        };
        transport.density.par_iter_mut().zip(tiles).enumerate().for_each(|(index, (kept, tile))| {
            let layout = kept.layout();
            for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
                let (kept, density) = (kept.cells_mut(j, k), tile.density.cells(j, k));
                match grounds.get(index) {
                    None => {
                        for (kept, deviation) in kept.iter_mut().zip(density) {
                            *kept = levels.density[k] + *deviation;
                        }
                    }
                    Some(Ground { columns, .. }) => {
                        let (density0, thickness) =
                            (columns.density.cells(j, k), columns.thickness.cells(j, k));
                        for (i, kept) in kept.iter_mut().enumerate() {
                            *kept = (density0[i] + density[i]) * thickness[i];
                        }
                    }
                }
            }
        });
    }

    /// Carries the tracers over the step; over terrain what a cell holds per horizontal area.
    fn carry_tracers(&mut self, tiles: &mut [TileState<T>], dt: f64) {
        let SphereCore { tracers: Some(Carried { transport, fluxes }), geometry, grounds, .. } = self else {
            return;
        };
        tiles.par_iter_mut().zip(&*grounds).for_each(|(tile, ground)| {
            each_cell(tile, ground, |tracer, thickness| tracer * thickness);
        });
        transport.step(geometry, fluxes, tiles, dt);
        tiles.par_iter_mut().zip(&*grounds).for_each(|(tile, ground)| {
            // Divided, not multiplied by the inverse: the rounding of h (1/h) would add up over the steps.
            each_cell(tile, ground, |tracer, thickness| tracer / thickness);
        });
    }
}

/// Changes all tracers of a tile as `change(value, thickness of the cell)` says.
fn each_cell<T: Real>(tile: &mut TileState<T>, ground: &Ground<T>, change: impl Fn(T, T) -> T) {
    let layout = tile.density.layout();
    for tracer in &mut tile.tracers {
        for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
            let cells = tracer.cells_mut(j, k).iter_mut().zip(ground.columns.thickness.cells(j, k));
            cells.for_each(|(value, thickness)| *value = change(*value, *thickness));
        }
    }
}

/// The transport of the tracers.
fn transport<T: Real>(
    mesh: &Mesh,
    dynamics: &Dynamics,
    communicator: &dyn Communicator,
) -> SphereTransport<T> {
    let transport = SphereTransport::new(mesh, dynamics, FluxKind::AtCentre, communicator);
    if mesh.terrain.is_some() { transport.per_area() } else { transport }
}

impl<T: Real> Core<T> for SphereCore<T> {
    fn step(&mut self, tiles: &mut [TileState<T>], dt: f64, timers: &mut Timers) -> Census {
        let mut census = Census::EMPTY;
        self.keep_density(tiles);
        for number in 0..self.table.stages.len() {
            census = census.merge(self.stage(number, tiles, dt, timers));
        }
        if self.tracers.is_some() {
            timers.start(Phase::Tracers);
            self.carry_tracers(tiles, dt);
            timers.start(Phase::Dynamics);
        }
        self.stages.adopt(self.table.stages.len(), tiles);
        let geometry = self.geometry.par_iter().zip(tiles);
        geometry.for_each(|(geometry, tile)| remove_radial_part(&geometry.metric, tile));
        census
    }

    fn census(&self, tiles: &[TileState<T>]) -> Census {
        let (levels, work, grounds) = (&self.levels, &self.work, &self.grounds);
        tiles
            .par_iter()
            .enumerate()
            .map(|(index, tile)| work.with(|work| census_of_tile(levels, grounds.get(index), tile, work)))
            .reduce(|| Census::EMPTY, Census::merge)
    }

    fn limits(&self) -> &StepLimits {
        &self.limits
    }
}

impl<T: Real> Workspace<T> {
    fn new(nz: usize, size: [usize; 2], has_ground: bool) -> Self {
        Workspace {
            level: LevelWork::new(size),
            tendencies: vec![Tendencies::new(nz, size[0] + 2, true); size[1]],
            column: RowWork::new(nz, size[0] + 2),
            over_ground: has_ground.then(|| GroundRow::new(nz, size)),
        }
    }
}

impl<T: Real> RowWork<T> {
    fn new(nz: usize, row: usize) -> Self {
        let centre = Slab::new(nz, row);
        RowWork {
            rows: FaceRows::new(row),
            solve: ColumnWork::new(nz, row),
            velocity: [centre.clone(), centre.clone(), centre.clone()],
            w: Slab::new(nz + 1, row),
            theta: centre.clone(),
            pressure: centre,
            census: CensusRows::new(row),
        }
    }
}

/// Advances one tile by one stage: the horizontal part level by level, then the columns row by row. The first stage
/// also takes the census of Y^n.
fn advance_tile<T: Real>(
    levels: &Levels<T>,
    geometry: &TileGeometry<T>,
    setting: &StageSetting<T>,
    stage: TileStage<'_, T>,
    work: &mut Workspace<T>,
) -> Census {
    let TileStage { initial, previous, points, next, buoyancy, mut fluxes } = stage;
    let Workspace { level, tendencies, column, .. } = work;
    for k in 0..levels.nz {
        let kept = fluxes.as_mut().map(|fluxes| &mut fluxes.levels[k]);
        level.tendencies(levels, &geometry.metric, &geometry.edges, k, previous, points, tendencies, kept);
    }
    column.census.clear();
    for (j, tendencies) in tendencies.iter_mut().enumerate().take(geometry.metric.nj) {
        column.primitives(levels, previous, j);
        if setting.is_first {
            column.take_census(levels, previous, j);
        }
        column.velocities(levels, previous, points, j);
        column.advect(levels, previous, points, j, tendencies);
        let RowWork { solve, pressure, .. } = column;
        update_row(
            levels,
            setting,
            j,
            initial,
            previous,
            |k| pressure.row(k),
            tendencies,
            solve,
            buoyancy,
            next,
        );
    }
    if let Some(vertical) = fluxes.and_then(|fluxes| fluxes.vertical.as_mut()) {
        keep_vertical_fluxes(vertical, setting, [initial, previous], next);
    }
    column.census.total()
}

/// The same over terrain.
fn advance_tile_over<T: Real>(
    levels: &Levels<T>,
    geometry: &TileGeometry<T>,
    ground: &Ground<T>,
    setting: &StageSetting<T>,
    mut stage: TileStage<'_, T>,
    work: &mut Workspace<T>,
) -> Census {
    let Workspace { level, tendencies, over_ground: Some(column), .. } = work else { return Census::EMPTY };
    for k in 0..levels.nz {
        let kept = stage.fluxes.as_mut().map(|fluxes| &mut fluxes.levels[k]);
        level.tendencies_over(
            levels,
            geometry,
            ground,
            k,
            stage.previous,
            stage.points,
            tendencies,
            &mut column.lowest,
            kept,
        );
    }
    column.clear_census();
    for (j, tendencies) in tendencies.iter_mut().enumerate().take(geometry.metric.nj) {
        column.advance(levels, ground, setting, &mut stage, j, tendencies);
    }
    column.census()
}

/// The census of one tile, outside a step.
fn census_of_tile<T: Real>(
    levels: &Levels<T>,
    ground: Option<&Ground<T>>,
    state: &TileState<T>,
    work: &mut Workspace<T>,
) -> Census {
    let Workspace { column, over_ground, .. } = work;
    let rows = 0..state.density.layout().nj;
    if let (Some(ground), Some(column)) = (ground, over_ground) {
        column.clear_census();
        rows.for_each(|j| column.take_census(levels, ground, state, j));
        return column.census();
    }
    column.census.clear();
    for j in rows {
        column.primitives(levels, state, j);
        column.take_census(levels, state, j);
    }
    column.census.total()
}

impl<T: Real> RowWork<T> {
    /// Velocities of row `j` at the cells' centres.
    fn velocities(&mut self, levels: &Levels<T>, state: &TileState<T>, points: &Points<T>, j: usize) {
        let Layout { ni, halo_x, .. } = state.density.layout();
        let third = state.momentum_n.as_ref().unwrap_or(&state.momentum_x);
        for (velocity, momentum) in
            self.velocity.iter_mut().zip([&state.momentum_x, &state.momentum_y, third])
        {
            let rows = points.density.levels(j as isize).zip(momentum.levels(j as isize));
            for (k, (density, momentum)) in rows.enumerate() {
                let cells = &mut velocity.row_mut(k)[..ni];
                divide(levels.density[k], &density[halo_x..], &momentum[halo_x..], cells);
            }
        }
    }

    /// w, theta - theta0 and p' of row `j`.
    fn primitives(&mut self, levels: &Levels<T>, state: &TileState<T>, j: usize) {
        let n = state.density.layout().ni;
        for k in 0..levels.nz {
            let density = state.density.cells(j, k);
            heat_and_pressure(
                [levels.density[k], levels.theta[k], levels.inverse_heat[k], levels.pressure[k]],
                &levels.pressure_polynomial,
                [density, state.heat.cells(j, k)],
                &mut self.theta.row_mut(k)[..n],
                &mut self.pressure.row_mut(k)[..n],
            );
            if k > 0 {
                let (above, below) = (levels.weight_above[k], levels.weight_below[k]);
                let base = above * levels.density[k] + below * levels.density[k - 1];
                vertical_velocity(
                    [base, above, below],
                    density,
                    state.density.cells(j, k - 1),
                    state.momentum_z.cells(j, k),
                    &mut self.w.row_mut(k)[..n],
                );
            }
        }
    }

    /// Adds the vertical advection to the tendencies.
    fn advect(
        &mut self,
        levels: &Levels<T>,
        state: &TileState<T>,
        points: &Points<T>,
        j: usize,
        tendencies: &mut Tendencies<T>,
    ) {
        let n = state.density.layout().ni;
        let RowWork { rows, solve, velocity, w, theta, .. } = self;
        let at_points = |k: usize| points.momentum_z.cells(j, k);
        let averages = |k: usize| state.momentum_z.cells(j, k);
        let Tendencies { u, v, n: normal, w: w_rate, .. } = tendencies;
        for (velocity, rate) in velocity.iter().zip([u, v].into_iter().chain(normal)) {
            advect_upwards(levels, n, |level| velocity.row(level), at_points, rows, rate);
        }
        advect_w_upwards(levels, n, |level| w.row(level), averages, rows, w_rate);
        theta_of_interfaces(levels, n, |level| theta.row(level), averages, &mut solve.theta_interface);
    }

    /// Takes row `j` into the census; the largest speed stands for u.
    fn take_census(&mut self, levels: &Levels<T>, state: &TileState<T>, j: usize) {
        let Some(third) = &state.momentum_n else { return };
        for k in 0..levels.nz {
            let horizontal = [state.momentum_x.cells(j, k), state.momentum_y.cells(j, k), third.cells(j, k)];
            self.census.add(
                [levels.density[k], levels.inverse_spacing[k], levels.inverse_heat[k]],
                horizontal,
                [state.density.cells(j, k), self.w.row(k), state.heat.cells(j, k)],
            );
        }
    }
}

#[inline(never)]
fn divide<T: Real>(density0: T, density: &[T], momentum: &[T], velocity: &mut [T]) {
    let n = velocity.len();
    let (density, momentum) = (&density[..n], &momentum[..n]);
    for i in 0..n {
        velocity[i] = momentum[i] / (density0 + density[i]);
    }
}

#[inline(never)]
fn heat_and_pressure<T: Real>(
    [density0, theta0, inverse_heat0, pressure0]: [T; 4],
    polynomial: &[T; 7],
    [density, heat]: [&[T]; 2],
    theta: &mut [T],
    pressure: &mut [T],
) {
    let n = theta.len();
    let (density, heat, pressure) = (&density[..n], &heat[..n], &mut pressure[..n]);
    let polynomial = *polynomial;
    for i in 0..n {
        theta[i] = (heat[i] - theta0 * density[i]) / (density0 + density[i]);
        pressure[i] = pressure0 * power_deviation(heat[i] * inverse_heat0, &polynomial);
    }
}
