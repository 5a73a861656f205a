//! Turbulence below the grid, and what the ground gives to the air: an eddy viscosity for large-eddy simulation.
//!
//! Once a step, over flat ground after the dynamics, with K the eddy viscosity and K_h the eddy diffusivity:
//!
//! ```text
//! d(rho u_i)/dt   = d(tau_ij)/dx_j             tau_ij = rho K (du_i/dx_j + du_j/dx_i)
//! d(rho theta)/dt = div(rho K_h grad theta)    and likewise rho q of every tracer
//! ```
//!
//! theta is the whole potential temperature, that of the reference state included: eddies mix all of it. At the ground tau and the fluxes are those of
//! [`surface`]; through the lid and through walls nothing passes.
//!
//! Closures for K (`eddies`):
//!
//! ```text
//! constant      K and K_h = K/Pr given
//! smagorinsky   K = l^2 sqrt(S^2 - N^2/Pr), K_h = K/Pr, l = c_s D          Lilly 1962
//! tke           K = c_k l sqrt(e), K_h = (1 + 2 l/D) K                     Deardorff 1980
//!               de/dt = K S^2 - K_h N^2 - c_e e^(3/2)/l + div(2 K grad e)
//!               l = min(D, 0.76 sqrt(e)/N), c_e = 0.19 + 0.74 l/D
//! ```
//!
//! with S^2 = 2 S_ij S_ij, S_ij = (du_i/dx_j + du_j/dx_i)/2, N^2 = g/theta dtheta/dz, in clouds that of saturated air
//! (`clouds`), and D = (dx dy dz)^(1/3). Where
//! the ground brakes the wind, l of the first follows the distance from it: 1/l^2 = 1/(c_s D)^2 + 1/(0.4 z)^2 (Mason
//! and Thomson 1992). e is carried as a tracer by the dynamics.
//!
//! All fluxes are second order and explicit in time, from one exchange of halos; K is computed in a ring of one cell
//! around the tile as well, so that both sides of a face have the same flux to the last bit. `row` holds the order of
//! the work on a tile, `eddies`, `fluxes` and `surface` its parts, `terrain` those over terrain.
//!
//! Over terrain a step begins with this, and the changes of the air are rates that the stages of the dynamics have.
//! There the constant viscosity and diffusivity of the dynamics is here too: div(rho K grad q) of the velocity,
//! of the deviation theta' and of the tracers, the same work a second time with fluxes of the gradient in place of
//! tau, over ground without friction.

mod clouds;
mod eddies;
mod fluxes;
mod gradients;
mod ground;
mod row;
mod scales;
pub mod surface;
mod terrain;

pub use fluxes::VerticalFluxes;

use crate::boundary::OpenSides;
use crate::comm::Communicator;
use crate::config::{self, Closure, Configuration, Setting, Surface, SurfaceHeat, SurfaceMomentum};
use crate::dynamics::Reference;
use crate::dynamics::euler::plane::KINDS;
use crate::dynamics::euler::terrain::Rates;
use crate::dynamics::euler::{Census, Levels};
use crate::halo::{HaloExchange, HaloFields, Kind, Reach, Repeated};
use crate::mesh::{Mesh, Plane};
use crate::monitor::{Phase, Timers};
use crate::parallel::PerThread;
use crate::real::Real;
use crate::state::{DYNAMIC_FIELDS, Field, TileState};
use ground::Flat;
use rayon::prelude::*;
use row::{Scratch, ScratchKind};
use scales::{Scales, mixing_length_squared};
use terrain::{Metric, Sloped};

/// Name of the tracer that holds the turbulent kinetic energy e in m2/s2, as rho e.
pub const ENERGY: &str = "turbulent_kinetic_energy";

/// Tags of the messages: of the turbulence, and of the constants of the dynamics.
const TAG: u16 = 8;
const TAG_OF_CONSTANTS: u16 = 10;

/// Ground without friction that gives nothing.
const SMOOTH: Surface =
    Surface { momentum: SurfaceMomentum::FreeSlip, heat: SurfaceHeat::None, vapour_flux: 0.0 };

/// The mixing by eddies on this rank's tiles of the plane.
pub struct Turbulence<T> {
    scales: Scales<T>,
    /// Of this rank's tiles, over terrain.
    metrics: Vec<Metric<T>>,
    halo: HaloExchange<T>,
    open: Option<OpenSides<T>>,
    work: PerThread<Scratch<T>>,
}

/// The prognostic fields of the plane, tracers included.
struct Prognostic<'a, T>(&'a mut [TileState<T>]);

impl<T: Real> HaloFields<T> for Prognostic<'_, T> {
    fn field(&self, tile: usize, n: usize) -> &Field<T> {
        let tile = &self.0[tile];
        if n < DYNAMIC_FIELDS { tile.dynamic()[n] } else { &tile.tracers[n - DYNAMIC_FIELDS] }
    }

    fn field_mut(&mut self, tile: usize, n: usize) -> &mut Field<T> {
        let tile = &mut self.0[tile];
        if n >= DYNAMIC_FIELDS {
            return &mut tile.tracers[n - DYNAMIC_FIELDS];
        }
        tile.dynamic_mut().into_iter().nth(n).expect("one of the dynamic fields")
    }
}

impl<T: Real> Turbulence<T> {
    /// What the configuration asks for; `None` without turbulence.
    pub fn new(
        configuration: &Configuration,
        mesh: &Mesh,
        reference: &Reference,
        communicator: &dyn Communicator,
    ) -> Option<Self> {
        let (turbulence, plane) = (configuration.turbulence.as_ref()?, mesh.plane()?);
        let scales = Self::scales(turbulence, configuration, mesh, plane, reference);
        Some(Self::of(scales, turbulence, configuration, mesh, plane, reference, communicator, TAG))
    }

    /// The constant viscosity and diffusivity of the dynamics in a box over terrain; `None` elsewhere.
    pub fn of_constants(
        configuration: &Configuration,
        mesh: &Mesh,
        reference: &Reference,
        communicator: &dyn Communicator,
    ) -> Option<Self> {
        let plane = mesh.plane().filter(|_| has_constants(configuration))?;
        let dynamics = &configuration.dynamics;
        let nothing = config::Turbulence {
            closure: Closure::Constant,
            viscosity: 0.0,
            smagorinsky_constant: 0.0,
            prandtl: 1.0,
            energy_constant: 0.0,
            is_separate: false,
            sees_clouds: false,
            surface: SMOOTH,
        };
        let scales = Self::scales(&nothing, configuration, mesh, plane, reference);
        let scales = scales.plain(dynamics.viscosity, dynamics.diffusivity);
        let tag = TAG_OF_CONSTANTS;
        Some(Self::of(scales, &nothing, configuration, mesh, plane, reference, communicator, tag))
    }

    fn scales(
        turbulence: &config::Turbulence,
        configuration: &Configuration,
        mesh: &Mesh,
        plane: &Plane,
        reference: &Reference,
    ) -> Scales<T> {
        let dynamics = &configuration.dynamics;
        let levels = Levels::new(mesh, reference, dynamics);
        Scales::new(turbulence, &dynamics.tracers, plane, &mesh.vertical, reference, levels)
    }

    #[expect(clippy::too_many_arguments, reason = "what a rank is made of")]
    fn of(
        scales: Scales<T>,
        turbulence: &config::Turbulence,
        configuration: &Configuration,
        mesh: &Mesh,
        plane: &Plane,
        reference: &Reference,
        communicator: &dyn Communicator,
        tag: u16,
    ) -> Self {
        let tracers = configuration.dynamics.tracers.len();
        let nz = mesh.vertical.nz();
        let kinds: Vec<Kind> = KINDS.into_iter().chain(vec![Kind::Scalar; tracers]).collect();
        let heights: Vec<usize> = [nz, nz, nz, nz + 1, nz].into_iter().chain(vec![nz; tracers]).collect();
        let kind = ScratchKind { over_terrain: mesh.terrain.is_some(), is_separate: scales.along.is_some() };
        let scratch = Scratch::new(nz, mesh.widest_row(), mesh.has_y(), tracers, kind);
        let length = |length: f64, z: f64| match turbulence.closure {
            Closure::Energy => length,
            _ => mixing_length_squared(turbulence, length, z),
        };
        let tiles = mesh.local_tiles().par_iter().zip(&reference.tiles);
        let metric = |(tile, of_tile)| Metric::new(tile, plane, of_tile, &reference.constants, &length);
        Turbulence {
            metrics: tiles.map(metric).collect(),
            halo: HaloExchange::new(mesh, reach(mesh), &kinds, &heights, communicator, tag),
            open: OpenSides::new(&configuration.boundary, mesh, plane, reference, &[]),
            work: PerThread::new(&scratch),
            scales,
        }
    }

    /// How many times a step mixes.
    pub fn count(configuration: &Configuration) -> usize {
        usize::from(configuration.turbulence.is_some()) + usize::from(has_constants(configuration))
    }

    /// Number of values that [`Turbulence::new`] and [`Turbulence::of_constants`] allocate, with the core's rates.
    pub fn values(configuration: &Configuration, mesh: &Mesh) -> usize {
        let (tracers, nz) = (configuration.dynamics.tracers.len(), mesh.vertical.nz());
        let threads = configuration.parallel.threads.unwrap_or(1);
        let has_terrain = mesh.terrain.is_some();
        let is_separate = configuration.turbulence.as_ref().is_some_and(|turbulence| turbulence.is_separate);
        let kind = ScratchKind { over_terrain: has_terrain, is_separate };
        let scratch = Scratch::<T>::len(nz, mesh.widest_row(), mesh.has_y(), tracers, kind);
        let cells = |tile: &crate::mesh::Tile| tile.layout(nz).len();
        let cells = mesh.local_tiles().iter().map(cells).sum::<usize>();
        let [metric, rates] = [Metric::<T>::FIELDS, Rates::<T>::FIELDS].map(|fields| fields * cells);
        let count = Self::count(configuration);
        let over_terrain = if has_terrain { count * metric + count.min(1) * rates } else { 0 };
        count * threads * scratch + over_terrain
    }

    /// The halo exchanges of a step.
    pub fn exchanges(configuration: &Configuration, mesh: &Mesh) -> Vec<Repeated> {
        let fields = DYNAMIC_FIELDS + configuration.dynamics.tracers.len();
        let values = fields * mesh.vertical.nz() + 1;
        vec![Repeated::waiting(reach(mesh), values, 1); Self::count(configuration)]
    }

    /// Fills the halos of all prognostic fields.
    fn fill_halos(&mut self, tiles: &mut [TileState<T>]) {
        self.halo.exchange(&mut Prognostic(tiles));
        if let Some(open) = &self.open {
            open.continue_all(tiles, row::REACH);
        }
    }

    /// Whether the work is that over terrain, where a step begins with it; elsewhere it ends with it.
    pub fn is_over_terrain(&self) -> bool {
        !self.metrics.is_empty()
    }

    /// Mixes the tiles for `dt` s, and returns a census of the largest rate of diffusion. Where there are `rates`, the air
    /// gets its part through them.
    pub fn step(
        &mut self,
        tiles: &mut [TileState<T>],
        rates: &mut [Rates<T>],
        dt: f64,
        timers: &mut Timers,
    ) -> Census {
        timers.start(Phase::Halo);
        self.fill_halos(tiles);
        timers.start(Phase::Turbulence);
        let Turbulence { scales, metrics, work, .. } = self;
        let largest = if metrics.is_empty() {
            let mix = |tile| work.with(|scratch| row::mix_tile(Flat(scales), tile, None, dt, scratch));
            tiles.par_iter_mut().with_max_len(1).map(mix).reduce(|| 0.0, f64::max)
        } else {
            let mix = |((tile, rates), metric)| {
                let ground = Sloped { scales, metric };
                work.with(|scratch| row::mix_tile(ground, tile, Some(rates), dt, scratch))
            };
            let tiles = tiles.par_iter_mut().zip(rates).zip(&*metrics).with_max_len(1);
            tiles.map(mix).reduce(|| 0.0, f64::max)
        };
        // The limits of the step know the constants of the dynamics.
        Census { diffusion: if scales.is_plain { 0.0 } else { largest }, ..Census::EMPTY }
    }

    /// Hands the vertical fluxes of every row, as a step would have them, to `visit(&mut part, tile, j, fluxes)`, with
    /// a part for every tile, and joins the parts.
    pub fn survey<R: Send>(
        &mut self,
        tiles: &mut [TileState<T>],
        new: impl Fn() -> R + Sync + Send,
        visit: impl Fn(&mut R, &TileState<T>, usize, &VerticalFluxes<T>) + Sync,
        join: impl Fn(R, R) -> R + Sync + Send,
    ) -> R {
        self.fill_halos(tiles);
        let Turbulence { scales, metrics, work, .. } = self;
        let survey = |(number, tile): (usize, &TileState<T>)| {
            let mut part = new();
            work.with(|scratch| {
                let visit = |j: usize, fluxes: &VerticalFluxes<T>| visit(&mut part, tile, j, fluxes);
                match metrics.get(number) {
                    Some(metric) => row::survey_tile(Sloped { scales, metric }, tile, scratch, visit),
                    None => row::survey_tile(Flat(scales), tile, scratch, visit),
                }
            });
            part
        };
        tiles.par_iter().enumerate().with_max_len(1).map(survey).reduce(&new, join)
    }
}

/// Whether the constants of the dynamics mix over terrain.
fn has_constants(configuration: &Configuration) -> bool {
    let dynamics = &configuration.dynamics;
    let is_box = dynamics.setting == Setting::Plane && configuration.terrain.is_some();
    is_box && dynamics.viscosity.max(dynamics.diffusivity) > 0.0
}

/// What the halos of the stencils reach.
fn reach(mesh: &Mesh) -> Reach {
    let depth = Reach::of_plane(mesh).depth.map(|depth| depth.min(row::REACH));
    Reach { depth, corners: true, beyond_panel: 0 }
}

#[cfg(test)]
mod tests;
