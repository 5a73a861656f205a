//! The stages of a step over terrain, with halos and transport.

use super::stage::{Ground, Workspace, advance_tile, census_of_tile};
use super::tracers::TerrainTracers;
use super::{Metric, Rates};
use crate::boundary::OpenSides;
use crate::comm::Communicator;
use crate::config::{Configuration, Dynamics, Setting};
use crate::dynamics::euler::plane::{KINDS, TAG};
use crate::dynamics::euler::{Census, Inputs, Levels, Outputs, StageSetting};
use crate::dynamics::{MassFluxes, Reference};
use crate::dynamics::{StageStates, StepLimits};
use crate::halo::{HaloExchange, Reach};
use crate::mesh::{Mesh, Plane, Tile};
use crate::model::Core;
use crate::monitor::{Phase, Timers};
use crate::parallel::PerThread;
use crate::real::Real;
use crate::state::{Field, TileState};
use crate::time::StageTable;
use rayon::prelude::*;

/// The dry nonhydrostatic equations over terrain on this rank's tiles of the plane.
pub struct TerrainCore<T> {
    limits: StepLimits,
    levels: Levels<T>,
    metrics: Vec<Metric<T>>,
    table: StageTable,
    halo: HaloExchange<T>,
    open: Option<OpenSides<T>>,
    stages: StageStates<T>,
    /// By tile, where something mixes the air.
    rates: Vec<Rates<T>>,
    /// The W part of f_I(Y^n), by tile.
    buoyancy: Vec<Field<T>>,
    /// Mass fluxes of the last stage by tile, where tracers need them.
    mass_fluxes: Vec<Option<MassFluxes<T>>>,
    tracers: Option<TerrainTracers<T>>,
    work: PerThread<Workspace<T>>,
}

impl<T: Real> TerrainCore<T> {
    /// A core on a mesh with terrain; `reference` is that of this mesh. Something mixes the air or not.
    pub fn new(
        dynamics: &Dynamics,
        open: Option<OpenSides<T>>,
        mesh: &Mesh,
        plane: &Plane,
        reference: &Reference,
        communicator: &dyn Communicator,
        is_mixed: bool,
    ) -> Self {
        let table = StageTable::new(dynamics.integrator);
        let nz = mesh.vertical.nz();
        let tiles = mesh.local_tiles();
        let has_tracers = !dynamics.tracers.is_empty();
        let levels = Levels::new(mesh, reference, dynamics);
        let metrics = tiles.par_iter().zip(&reference.tiles);
        TerrainCore {
            limits: StepLimits::of_plane(plane, &mesh.vertical, reference, dynamics, &table)
                .over_slopes(mesh),
            metrics: metrics.map(|(tile, reference)| Metric::new(tile, reference, dynamics)).collect(),
            table,
            halo: HaloExchange::new(
                mesh,
                Reach::of_plane(mesh),
                &KINDS,
                &[nz, nz, nz, nz + 1, nz],
                communicator,
                TAG,
            ),
            open,
            stages: StageStates::new(mesh, Setting::Plane),
            rates: if is_mixed { tiles.iter().map(Rates::new).collect() } else { Vec::new() },
            buoyancy: tiles.iter().map(|tile| Field::new(tile.layout(nz + 1))).collect(),
            mass_fluxes: tiles.iter().map(|tile| has_tracers.then(|| MassFluxes::new(tile))).collect(),
            tracers: has_tracers.then(|| TerrainTracers::new(mesh, &levels, dynamics, communicator)),
            work: PerThread::new(&Workspace::new(nz, mesh.widest_row(), mesh.has_y())),
            levels,
        }
    }

    /// Number of values that the state and the core keep on this rank.
    pub fn values(configuration: &Configuration, mesh: &Mesh) -> usize {
        let nz = mesh.vertical.nz();
        let tracers = configuration.dynamics.tracers.len();
        let threads = configuration.parallel.threads.unwrap_or(1);
        let tile_values = |tile: &Tile| {
            let (centre, interface) = (tile.layout(nz).len(), tile.layout(nz + 1).len());
            let dynamic = 3 * (4 * centre + interface) + interface + Metric::<T>::FIELDS * centre;
            let transported = if tracers > 0 { 4 * centre + interface + 4 * tracers * centre } else { 0 };
            dynamic + transported
        };
        mesh.local_tiles().iter().map(tile_values).sum::<usize>()
            + threads * Workspace::<T>::len(nz, mesh.widest_row(), mesh.has_y())
    }

    /// One stage: tiles whose halo comes from this rank are advanced while messages travel.
    fn stage(&mut self, number: usize, initial: &mut [TileState<T>], dt: f64, timers: &mut Timers) -> Census {
        let setting = StageSetting::of(&self.table, number, dt);
        timers.start(Phase::Halo);
        let TerrainCore { halo, stages, .. } = self;
        let previous = stages.previous(number, initial);
        halo.start(previous);
        halo.copy_local(previous);
        self.fill_beyond_open_sides(number, initial, true);
        timers.start(Phase::Dynamics);
        let inner = self.advance(number, &setting, initial, true);
        if !self.halo.has_messages() {
            return inner;
        }
        timers.start(Phase::Wait);
        let TerrainCore { halo, stages, .. } = self;
        let previous = stages.previous(number, initial);
        halo.wait();
        timers.start(Phase::Halo);
        halo.unpack(previous);
        self.fill_beyond_open_sides(number, initial, false);
        timers.start(Phase::Dynamics);
        inner.merge(self.advance(number, &setting, initial, false))
    }

    /// Fills the ghost cells of Y_{i-1} that lie outside the domain, of the inner tiles or the others.
    fn fill_beyond_open_sides(&mut self, number: usize, initial: &mut [TileState<T>], inner: bool) {
        let TerrainCore { halo, open, stages, .. } = self;
        let is_inner = halo.inner();
        if let Some(open) = open {
            let previous = stages.previous(number, initial);
            open.fill(previous, |tile| is_inner[tile] == inner);
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
        let TerrainCore { levels, metrics, halo, open, stages, rates, buoyancy, mass_fluxes, work, .. } =
            self;
        let open = open.as_ref();
        let is_inner = halo.inner();
        let (previous, next) = stages.around(number, initial);
        next.par_iter_mut()
            .zip(buoyancy.par_iter_mut())
            .zip(mass_fluxes.par_iter_mut())
            .enumerate()
            .with_max_len(1)
            .filter(|(tile, _)| is_inner[*tile] == inner)
            .map(|(tile, ((next, buoyancy), mass_fluxes))| {
                let ground = Ground { levels, metric: &metrics[tile], rates: rates.get(tile) };
                let open = open.map(|open| (open, tile));
                let inputs = Inputs { initial: &initial[tile], previous: &previous[tile], open };
                let mass_fluxes = if is_last { mass_fluxes.as_mut() } else { None };
                let outputs = Outputs { next, buoyancy, mass_fluxes };
                work.with(|work| advance_tile(ground, setting, inputs, outputs, work))
            })
            .reduce(|| Census::EMPTY, Census::merge)
    }
}

impl<T: Real> Core<T> for TerrainCore<T> {
    fn step(&mut self, tiles: &mut [TileState<T>], dt: f64, timers: &mut Timers) -> Census {
        let mut census = Census::EMPTY;
        for number in 0..self.table.stages.len() {
            census = census.merge(self.stage(number, tiles, dt, timers));
        }
        if let Some(tracers) = &mut self.tracers {
            timers.start(Phase::Tracers);
            tracers.step(&self.metrics, &self.mass_fluxes, self.open.as_ref(), tiles, dt);
        }
        timers.start(Phase::Dynamics);
        self.stages.adopt(self.table.stages.len(), tiles);
        census
    }

    fn census(&self, tiles: &[TileState<T>]) -> Census {
        let (levels, work) = (&self.levels, &self.work);
        tiles
            .par_iter()
            .zip(&self.metrics)
            .map(|(tile, metric)| {
                work.with(|work| census_of_tile(Ground { levels, metric, rates: None }, tile, work))
            })
            .reduce(|| Census::EMPTY, Census::merge)
    }

    fn rates(&mut self) -> &mut [Rates<T>] {
        &mut self.rates
    }

    fn fill_halos(&mut self, tiles: &mut [TileState<T>]) {
        self.halo.exchange(tiles);
        if let Some(open) = &self.open {
            open.fill(tiles, |_| true);
        }
    }

    fn limits(&self) -> &StepLimits {
        &self.limits
    }
}
