//! Turbulence below the grid, and what the ground gives to the air: an eddy viscosity for large-eddy simulation.
//!
//! Once a step, after the dynamics, with K the eddy viscosity and K_h the eddy diffusivity:
//!
//! ```text
//! d(rho u_i)/dt   = d(tau_ij)/dx_j             tau_ij = rho K (du_i/dx_j + du_j/dx_i)
//! d(rho theta)/dt = div(rho K_h grad theta)    and likewise rho q of every tracer
//! ```
//!
//! theta is the whole potential temperature, that of the reference state included: eddies mix all of it (the
//! constant diffusivity of the dynamics acts on the deviation alone). At the ground tau and the fluxes are those of
//! [`surface`]; through the lid and through walls nothing passes.
//!
//! Closures for K (`eddies`):
//!
//! ```text
//! smagorinsky   K = l^2 sqrt(S^2 - N^2/Pr), K_h = K/Pr, l = c_s D          Lilly 1962
//! tke           K = c_k l sqrt(e), K_h = (1 + 2 l/D) K                     Deardorff 1980
//!               de/dt = K S^2 - K_h N^2 - c_e e^(3/2)/l + div(2 K grad e)
//!               l = min(D, 0.76 sqrt(e)/N), c_e = 0.19 + 0.74 l/D
//! ```
//!
//! with S^2 = 2 S_ij S_ij, S_ij = (du_i/dx_j + du_j/dx_i)/2, N^2 = g/theta dtheta/dz and D = (dx dy dz)^(1/3). Where
//! the ground brakes the wind, l of the first follows the distance from it: 1/l^2 = 1/(c_s D)^2 + 1/(0.4 z)^2 (Mason
//! and Thomson 1992). e is carried as a tracer by the dynamics.
//!
//! All fluxes are second order and explicit in time, from one exchange of halos; K is computed in a ring of one cell
//! around the tile as well, so that both sides of a face have the same flux to the last bit. `row` holds the order of
//! the work on a tile, `eddies`, `fluxes` and `surface` its parts.

mod eddies;
mod fluxes;
mod row;
mod scales;
pub mod surface;

pub use fluxes::VerticalFluxes;

use crate::boundary::OpenSides;
use crate::comm::Communicator;
use crate::config::Configuration;
use crate::dynamics::Reference;
use crate::dynamics::euler::plane::KINDS;
use crate::dynamics::euler::{Census, Levels};
use crate::halo::{HaloExchange, HaloFields, Kind, Reach, Repeated};
use crate::mesh::Mesh;
use crate::monitor::{Phase, Timers};
use crate::parallel::PerThread;
use crate::real::Real;
use crate::state::{DYNAMIC_FIELDS, Field, TileState};
use rayon::prelude::*;
use row::Scratch;
use scales::Scales;

/// Name of the tracer that holds the turbulent kinetic energy e in m2/s2, as rho e.
pub const ENERGY: &str = "turbulent_kinetic_energy";

/// Tag of the turbulence's messages.
const TAG: u16 = 8;

/// The mixing by eddies on this rank's tiles of the plane.
pub struct Turbulence<T> {
    scales: Scales<T>,
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
        let turbulence = configuration.turbulence.as_ref()?;
        let plane = mesh.plane()?;
        let dynamics = &configuration.dynamics;
        let tracers = dynamics.tracers.len();
        let nz = mesh.vertical.nz();
        let levels = Levels::new(mesh, reference, dynamics);
        let scales = Scales::new(turbulence, &dynamics.tracers, plane, &mesh.vertical, reference, levels);
        let kinds: Vec<Kind> = KINDS.into_iter().chain(vec![Kind::Scalar; tracers]).collect();
        let heights: Vec<usize> = [nz, nz, nz, nz + 1, nz].into_iter().chain(vec![nz; tracers]).collect();
        let halo = HaloExchange::new(mesh, reach(mesh), &kinds, &heights, communicator, TAG);
        let scratch = Scratch::new(nz, mesh.widest_row(), mesh.has_y(), tracers);
        let open = OpenSides::new(&configuration.boundary, mesh, plane, reference, &[]);
        Some(Turbulence { scales, halo, open, work: PerThread::new(&scratch) })
    }

    /// Number of values that [`Turbulence::new`] allocates.
    pub fn values(configuration: &Configuration, mesh: &Mesh) -> usize {
        if configuration.turbulence.is_none() {
            return 0;
        }
        let tracers = configuration.dynamics.tracers.len();
        let threads = configuration.parallel.threads.unwrap_or(1);
        threads * Scratch::<T>::len(mesh.vertical.nz(), mesh.widest_row(), mesh.has_y(), tracers)
    }

    /// The halo exchange of a step.
    pub fn exchanges(configuration: &Configuration, mesh: &Mesh) -> Option<Repeated> {
        let fields = DYNAMIC_FIELDS + configuration.dynamics.tracers.len();
        let values = fields * mesh.vertical.nz() + 1;
        configuration.turbulence.is_some().then(|| Repeated::waiting(reach(mesh), values, 1))
    }

    /// Fills the halos of all prognostic fields.
    fn fill_halos(&mut self, tiles: &mut [TileState<T>]) {
        self.halo.exchange(&mut Prognostic(tiles));
        if let Some(open) = &self.open {
            open.continue_all(tiles, row::REACH);
        }
    }

    /// Mixes the tiles for `dt` s, and returns a census of the largest rate of diffusion.
    pub fn step(&mut self, tiles: &mut [TileState<T>], dt: f64, timers: &mut Timers) -> Census {
        timers.start(Phase::Halo);
        self.fill_halos(tiles);
        timers.start(Phase::Turbulence);
        let Turbulence { scales, work, .. } = self;
        let largest = tiles
            .par_iter_mut()
            .with_max_len(1)
            .map(|tile| work.with(|scratch| row::mix_tile(scales, tile, dt, scratch)))
            .reduce(|| 0.0, f64::max);
        Census { diffusion: largest, ..Census::EMPTY }
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
        let Turbulence { scales, work, .. } = self;
        let survey = |tile: &TileState<T>| {
            let mut part = new();
            work.with(|scratch| {
                row::survey_tile(scales, tile, scratch, |j, fluxes| visit(&mut part, tile, j, fluxes));
            });
            part
        };
        tiles.par_iter().with_max_len(1).map(survey).reduce(&new, join)
    }
}

/// What the halos of the stencils reach.
fn reach(mesh: &Mesh) -> Reach {
    let depth = Reach::of_plane(mesh).depth.map(|depth| depth.min(row::REACH));
    Reach { depth, corners: true, beyond_panel: 0 }
}

#[cfg(test)]
mod tests;
