//! A layer that moves as it is told: only the tracers change.

use super::census::census_of_tile;
use crate::cases::{Point, PrescribedStream, ShallowWater};
use crate::comm::Communicator;
use crate::config::Dynamics;
use crate::dynamics::StepLimits;
use crate::dynamics::euler::Census;
use crate::dynamics::sphere::TileGeometry;
use crate::dynamics::sphere::transport::{FaceFluxes, FluxKind, SphereTransport, TileFluxes};
use crate::mesh::{CubedSphere, Footprint, Mesh, Tile, footprint};
use crate::model::Core;
use crate::monitor::{Phase, Timers};
use crate::real::Real;
use crate::state::TileState;
use rayon::prelude::*;

/// Transport by a prescribed stream function psi (m2/s): the volume flux through a face is the exact difference of
/// psi between its ends, so that a layer of constant depth keeps it. Where psi changes with time, its value in the
/// middle of a step counts, and the momentum is that of the wind at the end.
pub struct PrescribedCore<T> {
    limits: StepLimits,
    stream: Box<dyn PrescribedStream>,
    depth: f64,
    /// In s, at the start of the next step.
    time: f64,
    geometry: Vec<TileGeometry<T>>,
    transport: SphereTransport<T>,
    /// By tile.
    places: Vec<TilePlaces>,
    fluxes: Vec<TileFluxes<T>>,
}

/// Where psi and the wind of a tile are taken.
struct TilePlaces {
    size: [usize; 2],
    /// Corners of the cells and of two rings of cells around them, and psi there.
    corners: Vec<Point>,
    psi: Vec<f64>,
    /// The cells, where the wind changes.
    cells: Vec<Footprint>,
}

impl<T: Real> PrescribedCore<T> {
    /// The core of a case that prescribes `stream`, where the depth is the same everywhere.
    pub fn new(
        dynamics: &Dynamics,
        mesh: &Mesh,
        sphere: &CubedSphere,
        case: &dyn ShallowWater,
        stream: Box<dyn PrescribedStream>,
        communicator: &dyn Communicator,
    ) -> Self {
        let tiles = mesh.local_tiles();
        let somewhere = case.initial(Point { x: 0.0, y: 0.0, z: 0.0 });
        let depth = somewhere.surface - somewhere.ground;
        let fluxes =
            |tile: &Tile| TileFluxes { levels: vec![FaceFluxes::new([tile.ni, tile.nj])], vertical: None };
        let mut core = PrescribedCore {
            limits: StepLimits::of_shallow_water(sphere),
            depth,
            time: 0.0,
            geometry: tiles.iter().map(|tile| TileGeometry::new(sphere, tile, dynamics)).collect(),
            transport: SphereTransport::new(mesh, dynamics, FluxKind::OfFace, communicator),
            places: tiles.iter().map(|tile| TilePlaces::new(sphere, tile, stream.is_steady())).collect(),
            fluxes: tiles.iter().map(fluxes).collect(),
            stream,
        };
        core.flow_at(0.0);
        core
    }

    /// Takes the fluxes of a time in s.
    fn flow_at(&mut self, time: f64) {
        let PrescribedCore { stream, depth, places, fluxes, .. } = self;
        places.par_iter_mut().zip(fluxes).for_each(|(places, fluxes)| {
            places.mass_fluxes(*depth, &**stream, time, &mut fluxes.levels[0]);
        });
    }

    /// Gives the tiles the wind of a time in s.
    fn blow_at(&self, time: f64, tiles: &mut [TileState<T>]) {
        let (stream, depth) = (&*self.stream, self.depth);
        tiles.par_iter_mut().zip(&self.places).for_each(|(tile, places)| {
            places.momentum(depth, stream, time, tile);
        });
    }
}

impl<T: Real> Core<T> for PrescribedCore<T> {
    fn step(&mut self, tiles: &mut [TileState<T>], dt: f64, timers: &mut Timers) -> Census {
        let census = self.census(tiles);
        timers.start(Phase::Tracers);
        if !self.stream.is_steady() {
            self.flow_at(self.time + 0.5 * dt);
        }
        for (density, tile) in self.transport.density.iter_mut().zip(&*tiles) {
            density.values_mut().copy_from_slice(tile.density.values());
        }
        self.transport.step(&self.geometry, &self.fluxes, tiles, dt);
        if !self.stream.is_steady() {
            self.blow_at(self.time + dt, tiles);
        }
        census
    }

    /// There are no waves.
    fn census(&self, tiles: &[TileState<T>]) -> Census {
        tiles.par_iter().map(|tile| census_of_tile(T::ZERO, tile)).reduce(|| Census::EMPTY, Census::merge)
    }

    fn set_time(&mut self, seconds: f64) {
        self.time = seconds;
    }

    fn limits(&self) -> &StepLimits {
        &self.limits
    }
}

impl TilePlaces {
    fn new(sphere: &CubedSphere, tile: &Tile, is_steady: bool) -> Self {
        let last = sphere.n as isize;
        let face = |i: isize| sphere.tan_face(i.clamp(0, last) as usize);
        let (ni, nj) = (tile.ni as isize, tile.nj as isize);
        let of_row = |j: isize| (-1..=ni + 2).map(move |i| (tile.i0 as isize + i, tile.j0 as isize + j));
        let corner = |(i, j): (isize, isize)| {
            let (x, y) = footprint::place(sphere, tile.panel, face(i), face(j));
            Point { x, y, z: 0.0 }
        };
        let corners: Vec<Point> = (-1..=nj + 2).flat_map(of_row).map(corner).collect();
        let cells = (0..tile.nj).flat_map(|j| (0..tile.ni).map(move |i| (i, j))).filter(|_| !is_steady);
        let footprint = |(i, j)| Footprint::new(sphere, tile.panel, tile.i0 + i, tile.j0 + j);
        TilePlaces {
            size: [tile.ni, tile.nj],
            psi: vec![0.0; corners.len()],
            corners,
            cells: cells.map(footprint).collect(),
        }
    }

    /// Depth times the differences of psi along the faces: u = -dpsi/dy, v = dpsi/dx.
    fn mass_fluxes<T: Real>(
        &mut self,
        depth: f64,
        stream: &dyn PrescribedStream,
        time: f64,
        fluxes: &mut FaceFluxes<T>,
    ) {
        for (psi, corner) in self.psi.iter_mut().zip(&self.corners) {
            *psi = stream.at(*corner, time);
        }
        let [ni, nj] = self.size;
        let psi = |i: isize, j: isize| self.psi[(j + 1) as usize * (ni + 4) + (i + 1) as usize];
        for j in -1..=nj as isize + 1 {
            for i in -1..=ni as isize + 1 {
                fluxes.x.set(i, j, T::of(depth * (psi(i, j) - psi(i, j + 1))));
                fluxes.y.set(i, j, T::of(depth * (psi(i + 1, j) - psi(i, j))));
            }
        }
    }

    /// Depth times the wind of a time in s.
    fn momentum<T: Real>(
        &self,
        depth: f64,
        stream: &dyn PrescribedStream,
        time: f64,
        tile: &mut TileState<T>,
    ) {
        let ni = self.size[0];
        let TileState { momentum_x, momentum_y, momentum_n, .. } = tile;
        for (m, cell) in self.cells.iter().enumerate() {
            let (x, y) = cell.centre();
            let [u, v] = stream.wind(Point { x, y, z: 0.0 }, time);
            let fields = [&mut *momentum_x, momentum_y].into_iter().chain(momentum_n.as_mut());
            for (field, wind) in fields.zip(cell.wind(u, v)) {
                field.cells_mut(m / ni, 0)[m % ni] = T::of(depth * wind);
            }
        }
    }
}
