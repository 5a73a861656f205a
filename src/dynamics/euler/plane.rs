//! The Euler equations on the plane: the stages of a step, with halos and transport.

use crate::boundary::OpenSides;
use crate::comm::Communicator;
use crate::config::{Boundary, Configuration, Dynamics, Setting};
use crate::dynamics::StepLimits;
use crate::dynamics::euler::{
    Census, Inputs, Levels, Outputs, StageSetting, Workspace, advance_tile, census_of_tile,
};
use crate::dynamics::tracers::TracerTransport;
use crate::dynamics::{MassFluxes, Reference};
use crate::halo::{HaloExchange, Kind, Reach};
use crate::mesh::{Mesh, Plane, Tile};
use crate::model::Core;
use crate::monitor::{Phase, Timers};
use crate::parallel::PerThread;
use crate::real::Real;
use crate::state::{DYNAMIC_FIELDS, Field, TileState};
use crate::time::StageTable;
use rayon::prelude::*;

/// Kinds of the dynamic fields on the plane, in their order.
pub const KINDS: [Kind; DYNAMIC_FIELDS] = [
    Kind::Scalar,
    Kind::Component { first: 1, axis: 0 },
    Kind::Component { first: 1, axis: 1 },
    Kind::Scalar,
    Kind::Scalar,
];

/// Tag of the dynamics' messages.
const TAG: u16 = 1;

/// The dry nonhydrostatic equations on this rank's tiles of the plane.
pub struct PlaneCore<T> {
    limits: StepLimits,
    levels: Levels<T>,
    table: StageTable,
    halo: HaloExchange<T>,
    open: Option<OpenSides<T>>,
    /// States of the stages; a stage reads one and writes the other.
    odd: Vec<TileState<T>>,
    even: Vec<TileState<T>>,
    /// The W part of f_I(Y^n), by tile.
    buoyancy: Vec<Field<T>>,
    /// Mass fluxes of the last stage by tile, where tracers need them.
    mass_fluxes: Vec<Option<MassFluxes<T>>>,
    tracers: Option<TracerTransport<T>>,
    work: PerThread<Workspace<T>>,
}

impl<T: Real> PlaneCore<T> {
    pub fn new(
        dynamics: &Dynamics,
        boundary: &Boundary,
        mesh: &Mesh,
        plane: &Plane,
        reference: &Reference,
        communicator: &dyn Communicator,
    ) -> Self {
        let table = StageTable::new(dynamics.integrator);
        let nz = mesh.vertical.nz();
        let tiles = mesh.local_tiles();
        let stages: Vec<TileState<T>> =
            tiles.iter().map(|tile| TileState::new(tile, Setting::Plane, 0)).collect();
        let has_tracers = !dynamics.tracers.is_empty();
        PlaneCore {
            limits: StepLimits::of_plane(plane, &mesh.vertical, reference, dynamics, &table),
            levels: Levels::new(mesh, reference, dynamics),
            table,
            halo: HaloExchange::new(
                mesh,
                Reach::of_plane(mesh),
                &KINDS,
                &[nz, nz, nz, nz + 1, nz],
                communicator,
                TAG,
            ),
            open: OpenSides::new(boundary, &dynamics.tracers, mesh, plane, reference),
            odd: stages.clone(),
            even: stages,
            buoyancy: tiles.iter().map(|tile| Field::new(tile.layout(nz + 1))).collect(),
            mass_fluxes: tiles.iter().map(|tile| has_tracers.then(|| MassFluxes::new(tile))).collect(),
            tracers: has_tracers.then(|| TracerTransport::new(mesh, dynamics, communicator)),
            work: PerThread::new(&Workspace::new(nz, mesh.widest_row(), mesh.has_y())),
        }
    }

    /// Number of values that the state and the core keep on this rank.
    pub fn values(configuration: &Configuration, mesh: &Mesh) -> usize {
        let nz = mesh.vertical.nz();
        let tracers = configuration.dynamics.tracers.len();
        let threads = configuration.parallel.threads.unwrap_or(1);
        let tile_values = |tile: &Tile| {
            let (centre, interface) = (tile.layout(nz).len(), tile.layout(nz + 1).len());
            let dynamic = 3 * (4 * centre + interface) + interface;
            let transported = if tracers > 0 { 3 * centre + interface + 3 * tracers * centre } else { 0 };
            dynamic + transported
        };
        mesh.local_tiles().iter().map(tile_values).sum::<usize>()
            + threads * Workspace::<T>::len(nz, mesh.widest_row(), mesh.has_y())
    }

    /// One stage: tiles whose halo comes from this rank are advanced while messages travel.
    fn stage(&mut self, number: usize, initial: &mut [TileState<T>], dt: f64, timers: &mut Timers) -> Census {
        let setting = self.setting(number, dt);
        timers.start(Phase::Halo);
        let (halo, previous) = self.halo_and_previous(number, initial);
        halo.start(previous);
        halo.copy_local(previous);
        self.fill_beyond_open_sides(number, initial, true);
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
        self.fill_beyond_open_sides(number, initial, false);
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

    /// Fills the ghost cells of Y_{i-1} that lie outside the domain, of the inner tiles or the others.
    fn fill_beyond_open_sides(&mut self, number: usize, initial: &mut [TileState<T>], inner: bool) {
        let PlaneCore { levels, halo, open, odd, even, .. } = self;
        let is_inner = halo.inner();
        if let Some(open) = open {
            let previous = match number {
                0 => initial,
                n if n % 2 == 1 => odd,
                _ => even,
            };
            open.fill(levels, previous, |tile| is_inner[tile] == inner);
        }
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
        let PlaneCore { levels, halo, open, odd, even, buoyancy, mass_fluxes, work, .. } = self;
        let open = open.as_ref();
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
                let open = open.map(|open| (open, tile));
                let inputs = Inputs { initial: &initial[tile], previous: &previous[tile], open };
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

impl<T: Real> Core<T> for PlaneCore<T> {
    fn step(&mut self, tiles: &mut [TileState<T>], dt: f64, timers: &mut Timers) -> Census {
        let mut census = Census::EMPTY;
        for number in 0..self.table.stages.len() {
            census = census.merge(self.stage(number, tiles, dt, timers));
        }
        if let Some(tracers) = &mut self.tracers {
            timers.start(Phase::Tracers);
            tracers.step(&self.levels, &self.mass_fluxes, self.open.as_ref(), tiles, dt);
        }
        timers.start(Phase::Dynamics);
        self.adopt(tiles);
        census
    }

    fn census(&self, tiles: &[TileState<T>]) -> Census {
        let (levels, work) = (&self.levels, &self.work);
        tiles
            .par_iter()
            .map(|tile| work.with(|work| census_of_tile(levels, tile, work)))
            .reduce(|| Census::EMPTY, Census::merge)
    }

    fn fill_halos(&mut self, tiles: &mut [TileState<T>]) {
        self.halo.exchange(tiles);
        if let Some(open) = &self.open {
            open.fill(&self.levels, tiles, |_| true);
        }
    }

    fn limits(&self) -> &StepLimits {
        &self.limits
    }
}
