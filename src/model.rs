//! The model: equations, boundaries and transport put together into one step.

use crate::boundary::Sponge;
use crate::cases::tracers::{Extent, mixing_ratio};
use crate::cases::{Case, Point};
use crate::comm::Communicator;
use crate::config::Configuration;
use crate::dynamics::euler::timestep::StepLimits;
use crate::dynamics::euler::{
    Census, Inputs, Levels, Outputs, StageSetting, Workspace, advance_tile, census_of_tile,
};
use crate::dynamics::tracers::TracerTransport;
use crate::dynamics::{MassFluxes, Reference};
use crate::halo::{HaloExchange, Parity};
use crate::mesh::{Mesh, Tile};
use crate::monitor::{Phase, Timers};
use crate::parallel::PerThread;
use crate::real::Real;
use crate::state::{DYNAMIC_FIELDS, Field, State, TileState};
use crate::time::StageTable;
use rayon::prelude::*;

/// Mirror parities of the dynamic fields, in their order.
pub const PARITIES: [Parity; DYNAMIC_FIELDS] =
    [Parity::Even, Parity::OddX, Parity::OddY, Parity::Even, Parity::Even];

/// Tag of the dynamics' messages.
const TAG: u16 = 1;

/// The dry nonhydrostatic model on this rank's tiles.
pub struct Model<T> {
    pub reference: Reference,
    pub limits: StepLimits,
    levels: Levels<T>,
    table: StageTable,
    halo: HaloExchange<T>,
    /// States of the stages; a stage reads one and writes the other.
    odd: Vec<TileState<T>>,
    even: Vec<TileState<T>>,
    /// The W part of f_I(Y^n), by tile.
    buoyancy: Vec<Field<T>>,
    /// Mass fluxes of the last stage by tile, where tracers need them.
    mass_fluxes: Vec<Option<MassFluxes<T>>>,
    tracers: Option<TracerTransport<T>>,
    sponge: Option<Sponge>,
    work: PerThread<Workspace<T>>,
}

impl<T: Real> Model<T> {
    pub fn new(
        configuration: &Configuration,
        mesh: &Mesh,
        case: &dyn Case,
        communicator: &dyn Communicator,
    ) -> Self {
        let dynamics = &configuration.dynamics;
        let reference = Reference::new(case, dynamics.constants, &mesh.vertical);
        let table = StageTable::new(dynamics.integrator);
        let nz = mesh.vertical.nz();
        let tiles = mesh.local_tiles();
        let stages: Vec<TileState<T>> = tiles.iter().map(|tile| TileState::new(tile, 0)).collect();
        let has_tracers = !dynamics.tracers.is_empty();
        let widest = tiles.iter().map(|tile| tile.layout(nz).row_length()).max().unwrap_or(0);
        Model {
            limits: StepLimits::new(mesh, &reference, dynamics, &table),
            levels: Levels::new(mesh, &reference, dynamics),
            reference,
            table,
            halo: HaloExchange::new(mesh, &PARITIES, &[nz, nz, nz, nz + 1, nz], communicator, TAG),
            odd: stages.clone(),
            even: stages,
            buoyancy: tiles.iter().map(|tile| Field::new(tile.layout(nz + 1))).collect(),
            mass_fluxes: tiles.iter().map(|tile| has_tracers.then(|| MassFluxes::new(tile))).collect(),
            tracers: has_tracers.then(|| TracerTransport::new(mesh, dynamics, communicator)),
            sponge: configuration.boundary.sponge.as_ref().map(|sponge| Sponge::new(sponge, &mesh.vertical)),
            work: PerThread::new(&Workspace::new(nz, widest, mesh.has_y())),
        }
    }

    /// Bytes that the state and the model keep on this rank.
    pub fn memory(configuration: &Configuration, mesh: &Mesh) -> u64 {
        let nz = mesh.vertical.nz();
        let tracers = configuration.dynamics.tracers.len();
        let threads = configuration.parallel.threads.unwrap_or(1);
        let tile_values = |tile: &Tile| {
            let (centre, interface) = (tile.layout(nz).len(), tile.layout(nz + 1).len());
            let dynamic = 3 * (4 * centre + interface) + interface;
            let transported = if tracers > 0 { 2 * centre + interface + 3 * tracers * centre } else { 0 };
            dynamic + transported
        };
        let widest = mesh.local_tiles().iter().map(|tile| tile.layout(nz).row_length()).max().unwrap_or(0);
        let values = mesh.local_tiles().iter().map(tile_values).sum::<usize>()
            + threads * Workspace::<T>::len(nz, widest, mesh.has_y());
        (values * size_of::<T>()) as u64
    }

    /// Advances `state` by one step of `dt` s (the clock is the caller's) and returns the census of this
    /// rank's state at the step's start.
    pub fn step(&mut self, state: &mut State<T>, dt: f64, timers: &mut Timers) -> Census {
        let mut census = Census::EMPTY;
        for number in 0..self.table.stages.len() {
            census = census.merge(self.stage(number, &mut state.tiles, dt, timers));
        }
        if let Some(tracers) = &mut self.tracers {
            timers.start(Phase::Tracers);
            tracers.step(&self.levels, &self.mass_fluxes, &mut state.tiles, dt);
        }
        timers.start(Phase::Dynamics);
        self.adopt(&mut state.tiles);
        if let Some(sponge) = &self.sponge {
            let levels = &self.levels;
            state.tiles.par_iter_mut().for_each(|tile| sponge.apply(levels, tile, dt));
        }
        timers.start(Phase::Other);
        census
    }

    /// One stage: tiles whose halo comes from this rank are advanced while messages travel.
    fn stage(&mut self, number: usize, initial: &mut [TileState<T>], dt: f64, timers: &mut Timers) -> Census {
        let setting = self.setting(number, dt);
        timers.start(Phase::Halo);
        let (halo, previous) = self.halo_and_previous(number, initial);
        halo.start(previous);
        halo.copy_local(previous);
        timers.start(Phase::Dynamics);
        let inner = self.advance(number, &setting, initial, true);
        if !self.halo.has_messages() {
            return inner;
        }
        timers.start(Phase::Wait);
        let (halo, previous) = self.halo_and_previous(number, initial);
        halo.wait();
        timers.start(Phase::Halo);
        halo.unpack(previous);
        timers.start(Phase::Dynamics);
        inner.merge(self.advance(number, &setting, initial, false))
    }

    /// The exchange and Y_{i-1}, whose halo a stage needs.
    fn halo_and_previous<'a>(
        &'a mut self,
        number: usize,
        initial: &'a mut [TileState<T>],
    ) -> (&'a mut HaloExchange<T>, &'a mut [TileState<T>]) {
        let previous = match number {
            0 => initial,
            n if n % 2 == 1 => &mut self.odd,
            _ => &mut self.even,
        };
        (&mut self.halo, previous)
    }

    /// The census of this rank's part of `state`.
    pub fn census(&self, state: &State<T>) -> Census {
        let (levels, work) = (&self.levels, &self.work);
        state
            .tiles
            .par_iter()
            .map(|tile| work.with(|work| census_of_tile(levels, tile, work)))
            .reduce(|| Census::EMPTY, Census::merge)
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
        let Model { levels, halo, odd, even, buoyancy, mass_fluxes, work, .. } = self;
        let is_inner = halo.inner();
        let (previous, next): (&[TileState<T>], &mut [TileState<T>]) = match number {
            0 => (initial, odd),
            n if n % 2 == 1 => (odd, even),
            _ => (even, odd),
        };
        next.par_iter_mut()
            .zip(buoyancy.par_iter_mut())
            .zip(mass_fluxes.par_iter_mut())
            .enumerate()
            .with_max_len(1)
            .filter(|(tile, _)| is_inner[*tile] == inner)
            .map(|(tile, ((next, buoyancy), mass_fluxes))| {
                let inputs = Inputs { initial: &initial[tile], previous: &previous[tile] };
                let mass_fluxes = if is_last { mass_fluxes.as_mut() } else { None };
                let outputs = Outputs { next, buoyancy, mass_fluxes };
                work.with(|work| advance_tile(levels, setting, inputs, outputs, work))
            })
            .reduce(|| Census::EMPTY, Census::merge)
    }

    fn setting(&self, number: usize, dt: f64) -> StageSetting<T> {
        let stage = &self.table.stages[number];
        StageSetting {
            length: T::of(stage.alpha * dt),
            implicit: stage.implicit.map(T::of),
            is_first: number == 0,
        }
    }

    /// Makes the last stage's result the state.
    fn adopt(&mut self, state: &mut [TileState<T>]) {
        let last = if self.table.stages.len() % 2 == 1 { &mut self.odd } else { &mut self.even };
        for (tile, last) in state.iter_mut().zip(last) {
            for (field, last) in tile.dynamic_mut().into_iter().zip(last.dynamic_mut()) {
                std::mem::swap(field, last);
            }
        }
    }
}

/// The initial state of a case.
pub fn initial_state<T: Real>(configuration: &Configuration, mesh: &Mesh, case: &dyn Case) -> State<T> {
    let tracers = &configuration.dynamics.tracers;
    let mut state = State::new(mesh, tracers.len());
    mesh.local_tiles()
        .par_iter()
        .zip(&mut state.tiles)
        .for_each(|(tile, fields)| fill_tile(configuration, mesh, case, tile, fields));
    state
}

/// Fills one tile with the case's initial state.
fn fill_tile<T: Real>(
    configuration: &Configuration,
    mesh: &Mesh,
    case: &dyn Case,
    tile: &Tile,
    fields: &mut TileState<T>,
) {
    let constants = &configuration.dynamics.constants;
    let extent = Extent::new(&configuration.grid);
    for (k, &z) in mesh.vertical.centres.iter().enumerate() {
        let base = case.base(z);
        let density0 = base.density(constants);
        for j in 0..tile.nj {
            for i in 0..tile.ni {
                let at = Point { x: mesh.plane.x(tile.i0 + i), y: mesh.plane.y(tile.j0 + j), z };
                let air = case.initial(at, &base);
                let density = density0 + air.density;
                fields.density.cells_mut(j, k)[i] = T::of(air.density);
                fields.heat.cells_mut(j, k)[i] = T::of(air.heat);
                fields.momentum_x.cells_mut(j, k)[i] = T::of(density * air.u);
                fields.momentum_y.cells_mut(j, k)[i] = T::of(density * air.v);
                for (name, tracer) in configuration.dynamics.tracers.iter().zip(&mut fields.tracers) {
                    let q = mixing_ratio(name, at, &extent);
                    tracer.cells_mut(j, k)[i] = T::of(density * q);
                }
            }
        }
    }
}
