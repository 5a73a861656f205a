//! The model: equations, boundaries and physics put together into one step.

use crate::boundary::{Inflow, OpenSides, RelaxationZones, Sponge, TerrainSponge};
use crate::cases::Case;
use crate::comm::Communicator;
use crate::config::{Configuration, Dynamics, Setting};
use crate::dynamics::euler::Census;
use crate::dynamics::euler::plane::PlaneCore;
use crate::dynamics::euler::sphere::SphereCore;
use crate::dynamics::euler::terrain::{Rates, TerrainCore};
use crate::dynamics::shallow_water::diagnosis::{LayerDiagnosis, LayerFields};
use crate::dynamics::shallow_water::{self, ShallowWaterCore};
use crate::dynamics::sphere::transport::SphereTransport;
use crate::dynamics::sphere::viscosity::SphereViscosity;
use crate::dynamics::{Reference, StepLimits};
use crate::halo::Repeated;
use crate::initial::initial_wind;
use crate::mesh::{Geometry, Mesh};
use crate::monitor::{Phase, Timers};
use crate::physics::Physics;
use crate::real::Real;
use crate::state::{State, TileState, water};
use crate::thermodynamics::Water;
use crate::turbulence::Turbulence;
use rayon::prelude::*;

/// A set of equations with its numerics on one geometry, on this rank's tiles.
pub trait Core<T>: Send {
    /// Advances the tiles by one step of `dt` s and returns the census of their state at its start.
    fn step(&mut self, tiles: &mut [TileState<T>], dt: f64, timers: &mut Timers) -> Census;

    /// The census of this rank's part of the state.
    fn census(&self, tiles: &[TileState<T>]) -> Census;

    /// Says the time in s at the start of the next step, to a core whose forces depend on it.
    fn set_time(&mut self, _seconds: f64) {}

    /// What changes the air of the tiles in every stage of the next steps, of cores that take it.
    fn rates(&mut self) -> &mut [Rates<T>] {
        &mut []
    }

    /// Fills those halos of the tiles that diagnostics read, if there are such. Collective.
    fn fill_halos(&mut self, _tiles: &mut [TileState<T>]) {}

    /// What limits the step.
    fn limits(&self) -> &StepLimits;
}

/// The model on this rank's tiles.
pub struct Model<T> {
    pub reference: Reference,
    core: Box<dyn Core<T>>,
    /// That of the globe; in flat boxes it belongs to the dynamics.
    viscosity: Option<SphereViscosity<T>>,
    /// That of boxes over terrain.
    terrain_viscosity: Option<Turbulence<T>>,
    pub turbulence: Option<Turbulence<T>>,
    physics: Option<Physics>,
    sponge: Option<Sponge<T>>,
    /// In place of the other over terrain.
    terrain_sponge: Option<TerrainSponge<T>>,
    relaxation: Option<RelaxationZones<T>>,
    /// What is known of a layer of shallow water, as of the last [`Model::diagnose`].
    pub layer: Option<LayerDiagnosis>,
}

impl<T: Real> Model<T> {
    pub fn new(
        configuration: &Configuration,
        mesh: &Mesh,
        case: &dyn Case,
        communicator: &dyn Communicator,
    ) -> Self {
        let dynamics = &configuration.dynamics;
        let reference = Reference::on_mesh(case, dynamics.constants, mesh);
        let core: Box<dyn Core<T>> = match (&mesh.geometry, dynamics.setting) {
            (Geometry::Plane(plane), _) => {
                let inflow = inflow(dynamics, case);
                let open = OpenSides::new(&configuration.boundary, mesh, plane, &reference, &inflow);
                if mesh.terrain.is_some() {
                    let is_mixed = Turbulence::<T>::count(configuration) > 0;
                    Box::new(TerrainCore::new(
                        dynamics,
                        open,
                        mesh,
                        plane,
                        &reference,
                        communicator,
                        is_mixed,
                    ))
                } else {
                    Box::new(PlaneCore::new(dynamics, open, mesh, plane, &reference, communicator))
                }
            }
            (Geometry::CubedSphere(sphere), Setting::ShallowWater) => {
                shallow_water::core(dynamics, mesh, sphere, case, communicator)
            }
            (Geometry::CubedSphere(sphere), _) => {
                Box::new(SphereCore::new(dynamics, mesh, sphere, &reference, communicator))
            }
        };
        let sponge = configuration.boundary.sponge.as_ref();
        let wind = sponge.filter(|sponge| sponge.to_initial);
        let wind = wind.map(|_| initial_wind(configuration, mesh, case, &reference));
        let over_terrain = |sponge| TerrainSponge::new(sponge, mesh, &reference, wind.as_deref());
        let terrain_sponge = sponge.filter(|_| mesh.terrain.is_some()).map(over_terrain);
        let sponge = sponge.filter(|_| mesh.terrain.is_none());
        let sponge = sponge.map(|sponge| Sponge::new(sponge, &mesh.vertical, &reference, wind));
        let boundary = &configuration.boundary;
        let relaxation = boundary.relaxation.as_ref().zip(mesh.plane());
        let relaxation =
            relaxation.map(|(zone, plane)| RelaxationZones::new(zone, boundary, mesh, plane, &reference));
        let viscosity = SphereViscosity::new(configuration, mesh, &reference, communicator);
        let terrain_viscosity = Turbulence::of_constants(configuration, mesh, &reference, communicator);
        let turbulence = Turbulence::new(configuration, mesh, &reference, communicator);
        let physics = Physics::new(configuration, mesh, &reference);
        let layer = match (&mesh.geometry, dynamics.setting) {
            (Geometry::CubedSphere(sphere), Setting::ShallowWater) => {
                Some(LayerDiagnosis::new(configuration, mesh, sphere, communicator))
            }
            _ => None,
        };
        Model {
            reference,
            core,
            viscosity,
            terrain_viscosity,
            turbulence,
            physics,
            sponge,
            terrain_sponge,
            relaxation,
            layer,
        }
    }

    /// Bytes that the state and the model keep on this rank.
    pub fn memory(configuration: &Configuration, mesh: &Mesh) -> u64 {
        let values = match configuration.dynamics.setting {
            Setting::Plane if mesh.terrain.is_some() => TerrainCore::<T>::values(configuration, mesh),
            Setting::Plane => PlaneCore::<T>::values(configuration, mesh),
            Setting::ShallowWater => ShallowWaterCore::<T>::values(configuration, mesh),
            Setting::Sphere => SphereCore::<T>::values(configuration, mesh),
        };
        let values = values + SphereViscosity::<T>::values(configuration, mesh);
        let values = values + Turbulence::<T>::values(configuration, mesh);
        (values * size_of::<T>() + Physics::bytes(configuration, mesh)) as u64
    }

    /// The halo exchanges of a step.
    pub fn exchanges(configuration: &Configuration, mesh: &Mesh, case: &dyn Case) -> Vec<Repeated> {
        let dynamics = &configuration.dynamics;
        let is_prescribed = || case.shallow_water().is_some_and(|case| case.prescribed_stream().is_some());
        let mut exchanges = match dynamics.setting {
            Setting::Plane => PlaneCore::<T>::exchanges(dynamics, mesh),
            Setting::ShallowWater if is_prescribed() => SphereTransport::<T>::exchanges(dynamics, mesh),
            Setting::ShallowWater => ShallowWaterCore::<T>::exchanges(dynamics, mesh),
            Setting::Sphere => SphereCore::<T>::exchanges(dynamics, mesh),
        };
        exchanges.extend(SphereViscosity::<T>::exchanges(configuration, mesh));
        exchanges.extend(Turbulence::<T>::exchanges(configuration, mesh));
        exchanges
    }

    /// Advances `state` by one step of `dt` s (the clock is the caller's) and returns the census of this
    /// rank's state at the step's start.
    pub fn step(&mut self, state: &mut State<T>, dt: f64, timers: &mut Timers) -> Census {
        self.core.set_time(state.clock.seconds());
        let mut census = self.mix(state, dt, timers);
        census = census.merge(self.core.step(&mut state.tiles, dt, timers));
        if let Some(viscosity) = &mut self.viscosity {
            viscosity.step(&mut state.tiles, dt, timers);
        }
        if let Some(turbulence) = self.turbulence.as_mut().filter(|turbulence| !turbulence.is_over_terrain())
        {
            census = census.merge(turbulence.step(&mut state.tiles, &mut [], dt, timers));
        }
        timers.start(Phase::Physics);
        if let Some(physics) = &self.physics {
            physics.apply(&self.reference, &mut state.tiles, dt);
        }
        timers.start(Phase::Dynamics);
        if let Some(sponge) = &self.sponge {
            state.tiles.par_iter_mut().enumerate().for_each(|(index, tile)| sponge.apply(index, tile, dt));
        }
        if let Some(sponge) = &self.terrain_sponge {
            state.tiles.par_iter_mut().enumerate().for_each(|(index, tile)| sponge.apply(index, tile, dt));
        }
        if let Some(relaxation) = &self.relaxation {
            relaxation.apply(&mut state.tiles, dt);
        }
        timers.start(Phase::Other);
        census
    }

    /// Over terrain: finds the rates with which viscosity and eddies change the air during the step.
    fn mix(&mut self, state: &mut State<T>, dt: f64, timers: &mut Timers) -> Census {
        let rates = self.core.rates();
        rates.par_iter_mut().for_each(Rates::clear);
        let eddies = self.turbulence.as_mut().filter(|turbulence| turbulence.is_over_terrain());
        let mut census = Census::EMPTY;
        for process in self.terrain_viscosity.iter_mut().chain(eddies) {
            census = census.merge(process.step(&mut state.tiles, rates, dt, timers));
        }
        census
    }

    /// The census of this rank's part of `state`.
    pub fn census(&self, state: &State<T>) -> Census {
        self.core.census(&state.tiles)
    }

    /// Brings what diagnostics need up to `state`: halos in a box, what is known of a layer of shallow water.
    /// Collective.
    pub fn diagnose(&mut self, state: &mut State<T>) {
        self.core.fill_halos(&mut state.tiles);
        if let Some(layer) = &mut self.layer {
            layer.update(state);
        }
    }

    /// What was diagnosed of a layer of shallow water, by local tile; nothing in air.
    pub fn layer_fields(&self) -> &[LayerFields] {
        self.layer.as_ref().map_or(&[], |layer| &layer.fields)
    }

    /// What limits the step.
    pub fn limits(&self) -> &StepLimits {
        self.core.limits()
    }
}

/// Mixing ratios of the air that enters through open sides, by tracer: waters of the reference state, and nothing else.
fn inflow<'a>(dynamics: &Dynamics, case: &'a dyn Case) -> Vec<Inflow<'a>> {
    let waters = water::count(&dynamics.tracers);
    let of_height = |n: usize| -> Inflow<'a> {
        if n >= waters {
            return Box::new(|_| 0.0);
        }
        Box::new(move |z| {
            let Water { vapour, cloud, rain } = case.base_water(z);
            [vapour, cloud, rain][n]
        })
    };
    (0..dynamics.tracers.len()).map(of_height).collect()
}
