//! A layer that moves as it is told: only the tracers change.

use super::census::census_of_tile;
use crate::cases::{Point, PrescribedStream, ShallowWater};
use crate::comm::Communicator;
use crate::config::Dynamics;
use crate::dynamics::StepLimits;
use crate::dynamics::euler::Census;
use crate::dynamics::sphere::TileGeometry;
use crate::dynamics::sphere::transport::{FaceFluxes, FluxKind, SphereTransport, TileFluxes};
use crate::mesh::{CubedSphere, Mesh, Tile, footprint};
use crate::model::Core;
use crate::monitor::{Phase, Timers};
use crate::real::Real;
use crate::state::TileState;
use rayon::prelude::*;

/// Transport by a prescribed stream function psi (m2/s): the volume flux through a face is the exact difference of
/// psi between its ends, so that a layer of constant depth keeps it.
pub struct PrescribedCore<T> {
    limits: StepLimits,
    geometry: Vec<TileGeometry<T>>,
    transport: SphereTransport<T>,
    /// By tile.
    fluxes: Vec<TileFluxes<T>>,
}

impl<T: Real> PrescribedCore<T> {
    /// The core of a case that prescribes `stream`, where the depth is the same everywhere.
    pub fn new(
        dynamics: &Dynamics,
        mesh: &Mesh,
        sphere: &CubedSphere,
        case: &dyn ShallowWater,
        stream: &dyn PrescribedStream,
        communicator: &dyn Communicator,
    ) -> Self {
        let tiles = mesh.local_tiles();
        let somewhere = case.initial(Point { x: 0.0, y: 0.0, z: 0.0 });
        let depth = somewhere.surface - somewhere.ground;
        PrescribedCore {
            limits: StepLimits::of_shallow_water(sphere),
            geometry: tiles.iter().map(|tile| TileGeometry::new(sphere, tile, dynamics)).collect(),
            transport: SphereTransport::new(mesh, dynamics, FluxKind::OfFace, communicator),
            fluxes: tiles
                .iter()
                .map(|tile| TileFluxes {
                    levels: vec![mass_fluxes(sphere, tile, depth, stream)],
                    vertical: None,
                })
                .collect(),
        }
    }
}

impl<T: Real> Core<T> for PrescribedCore<T> {
    fn step(&mut self, tiles: &mut [TileState<T>], dt: f64, timers: &mut Timers) -> Census {
        let census = self.census(tiles);
        timers.start(Phase::Tracers);
        for (density, tile) in self.transport.density.iter_mut().zip(&*tiles) {
            density.values_mut().copy_from_slice(tile.density.values());
        }
        self.transport.step(&self.geometry, &self.fluxes, tiles, dt);
        census
    }

    /// There are no waves.
    fn census(&self, tiles: &[TileState<T>]) -> Census {
        tiles.par_iter().map(|tile| census_of_tile(T::ZERO, tile)).reduce(|| Census::EMPTY, Census::merge)
    }

    fn limits(&self) -> &StepLimits {
        &self.limits
    }
}

/// Depth times the differences of psi along the faces of a tile: u = -dpsi/dy, v = dpsi/dx.
fn mass_fluxes<T: Real>(
    sphere: &CubedSphere,
    tile: &Tile,
    depth: f64,
    stream: &dyn PrescribedStream,
) -> FaceFluxes<T> {
    let last = sphere.n as isize;
    let face = |i: isize| sphere.tan_face(i.clamp(0, last) as usize);
    let psi = |i: isize, j: isize| {
        let (x, y) = (face(tile.i0 as isize + i), face(tile.j0 as isize + j));
        let (longitude, latitude) = footprint::place(sphere, tile.panel, x, y);
        stream.at(Point { x: longitude, y: latitude, z: 0.0 })
    };
    let mut fluxes = FaceFluxes::new([tile.ni, tile.nj]);
    for j in -1..=tile.nj as isize + 1 {
        for i in -1..=tile.ni as isize + 1 {
            fluxes.x.set(i, j, T::of(depth * (psi(i, j) - psi(i, j + 1))));
            fluxes.y.set(i, j, T::of(depth * (psi(i + 1, j) - psi(i, j))));
        }
    }
    fluxes
}
