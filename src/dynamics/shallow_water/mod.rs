//! The shallow-water equations on the cubed sphere, with the fourth-order scheme of [`crate::dynamics::sphere`].
//!
//! The depth h is a cell average, the momentum h V a point value with three components along the panel's axes:
//!
//! ```text
//! dh/dt    = -div(h V)
//! d(hV)/dt = P[-div(h V V)] - g h grad(h + b) - f r x h V,     P = 1 - r r^T
//! ```
//!
//! b is the height of the ground: given at face centres, and at cell centres from its averages by the operator that
//! h goes through, so that a lake at rest stays at rest. Steps are those of the strong-stability-preserving
//! Runge-Kutta scheme of three stages (Shu and Osher 1988): Y1 = Y + dt L(Y), Y2 = 3/4 Y + 1/4 (Y1 + dt L(Y1)),
//! Y = 1/3 Y + 2/3 (Y2 + dt L(Y2)).

mod census;
pub mod diagnosis;
mod exchange;
pub mod ground;
mod layer;
pub mod prescribed;

use super::euler::Census;
use super::sphere::momentum::remove_radial_part;
use super::sphere::points::points_of_field;
use super::sphere::sheet::Sheet;
use super::sphere::transport::{Carried, FaceFluxes, FluxKind, SphereTransport, TileFluxes};
use super::sphere::{TileGeometry, largest};
use super::{StageStates, StepLimits};
use crate::cases::{Case, ShallowWater};
use crate::comm::Communicator;
use crate::config::{Configuration, Dynamics, Setting};
use crate::halo::{HaloExchange, Kind, Reach, Repeated};
use crate::mesh::{CubedSphere, Mesh, Tile};
use crate::model::Core;
use crate::monitor::{Phase, Timers};
use crate::parallel::PerThread;
use crate::real::Real;
use crate::state::{Field, TileState};
use census::census_of_tile;
use exchange::{Depth, POINTS, PointFields};
use ground::Ground;
use layer::{LayerWork, TileLayer};
use prescribed::PrescribedCore;
use rayon::prelude::*;

/// Tags of the messages.
const AVERAGES_TAG: u16 = 1;
const POINTS_TAG: u16 = 2;

/// A stage: Y_next = start Y^n + (1 - start) (Y + dt L(Y)), and the weight of L(Y) in the whole step.
#[derive(Clone, Copy, Debug)]
pub struct Stage {
    start: f64,
    weight: f64,
}

/// The stages of a step.
pub const STAGES: [Stage; 3] = [
    Stage { start: 0.0, weight: 1.0 / 6.0 },
    Stage { start: 0.75, weight: 1.0 / 6.0 },
    Stage { start: 1.0 / 3.0, weight: 2.0 / 3.0 },
];

/// The core of a case of shallow water: its own dynamics, or those that it prescribes.
///
/// # Panics
/// If `case` is none of shallow water, which the setting of its registry entry rules out.
pub fn core<T: Real>(
    dynamics: &Dynamics,
    mesh: &Mesh,
    sphere: &CubedSphere,
    case: &dyn Case,
    communicator: &dyn Communicator,
) -> Box<dyn Core<T>> {
    let case = case.shallow_water().expect("the setting is that of the case");
    match case.prescribed_stream() {
        Some(stream) => Box::new(PrescribedCore::new(dynamics, mesh, sphere, case, stream, communicator)),
        None => Box::new(ShallowWaterCore::new(dynamics, mesh, sphere, case, communicator)),
    }
}

/// The shallow-water equations on this rank's tiles.
pub struct ShallowWaterCore<T> {
    limits: StepLimits,
    gravity: T,
    geometry: Vec<TileGeometry<T>>,
    grounds: Vec<Ground<T>>,
    /// Point values of the ground, halo included.
    ground_points: Vec<Field<T>>,
    depth_points: Vec<Field<T>>,
    beside: HaloExchange<T>,
    halo: HaloExchange<T>,
    stages: StageStates<T>,
    tracers: Option<Carried<T>>,
    work: PerThread<LayerWork<T>>,
}

impl<T: Real> ShallowWaterCore<T> {
    pub fn new(
        dynamics: &Dynamics,
        mesh: &Mesh,
        sphere: &CubedSphere,
        case: &dyn ShallowWater,
        communicator: &dyn Communicator,
    ) -> Self {
        let tiles = mesh.local_tiles();
        let geometry: Vec<TileGeometry<T>> =
            tiles.iter().map(|tile| TileGeometry::new(sphere, tile, dynamics)).collect();
        let work = PerThread::new(&LayerWork::new(largest(tiles)));
        let mut grounds: Vec<Ground<T>> = tiles.iter().map(|tile| Ground::new(sphere, tile, case)).collect();
        let ground_points = ground_points(mesh, &geometry, &mut grounds, communicator);
        let tracers = (!dynamics.tracers.is_empty()).then(|| Carried {
            transport: SphereTransport::new(mesh, dynamics, FluxKind::AtCentre, communicator),
            fluxes: tiles.iter().map(TileFluxes::of_layer).collect(),
        });
        ShallowWaterCore {
            limits: StepLimits::of_shallow_water(sphere),
            gravity: T::of(dynamics.constants.gravity),
            depth_points: ground_points.clone(),
            ground_points,
            geometry,
            grounds,
            beside: HaloExchange::new(mesh, Reach::BESIDE, &[Kind::Scalar], &[1], communicator, AVERAGES_TAG),
            halo: HaloExchange::new(mesh, Reach::SPHERE, &POINTS, &[1; 4], communicator, POINTS_TAG),
            stages: StageStates::new(mesh, Setting::ShallowWater),
            tracers,
            work,
        }
    }

    /// Number of values that the state and the core keep on this rank.
    pub fn values(configuration: &Configuration, mesh: &Mesh) -> usize {
        let threads = configuration.parallel.threads.unwrap_or(1);
        let tracers = configuration.dynamics.tracers.len();
        let carried = |tile: &Tile| match tracers {
            0 => 0,
            // Density, and of the stages, the points, the shares and the state as many fields as tracers or one more.
            count => (5 * count + 4) * tile.layout(1).len() + 2 * Sheet::<T>::len([tile.ni, tile.nj]),
        };
        let of_tile = |tile: &Tile| (3 * 4 + 3) * tile.layout(1).len() + carried(tile);
        let tiles = mesh.local_tiles();
        tiles.iter().map(of_tile).sum::<usize>() + threads * LayerWork::<T>::len(largest(tiles))
    }

    /// The halo exchanges of a step.
    pub fn exchanges(dynamics: &Dynamics, mesh: &Mesh) -> Vec<Repeated> {
        let mut exchanges = vec![
            Repeated::waiting(Reach::BESIDE, 1, STAGES.len()),
            Repeated::overlapping(Reach::SPHERE, POINTS.len(), STAGES.len()),
        ];
        if !dynamics.tracers.is_empty() {
            exchanges.extend(SphereTransport::<T>::exchanges(dynamics, mesh));
        }
        exchanges
    }

    /// One stage: point values of the depth, the halo, then everything else tile by tile; tiles whose halo comes
    /// from this rank are advanced while messages travel.
    fn stage(&mut self, number: usize, initial: &mut [TileState<T>], dt: f64, timers: &mut Timers) {
        timers.start(Phase::Halo);
        let ShallowWaterCore { beside, halo, depth_points, stages, geometry, .. } = self;
        let previous = stages.previous(number, initial);
        beside.exchange(&mut Depth(previous));
        timers.start(Phase::Dynamics);
        depth_points.par_iter_mut().zip(&*previous).zip(&*geometry).with_max_len(1).for_each(
            |((points, state), geometry)| {
                points_of_field(&geometry.metric, &state.density, points);
            },
        );
        timers.start(Phase::Halo);
        let mut fields = PointFields { states: previous, depth: depth_points };
        halo.start(&fields);
        halo.copy_local(&mut fields);
        timers.start(Phase::Dynamics);
        self.advance(number, dt, initial, true);
        if !self.halo.has_messages() {
            return;
        }
        timers.start(Phase::Wait);
        self.halo.wait();
        timers.start(Phase::Halo);
        let ShallowWaterCore { halo, depth_points, stages, .. } = self;
        let states = stages.previous(number, initial);
        halo.unpack(&mut PointFields { states, depth: depth_points });
        timers.start(Phase::Dynamics);
        self.advance(number, dt, initial, false);
    }

    /// Advances the inner tiles, or the others.
    fn advance(&mut self, number: usize, dt: f64, initial: &[TileState<T>], inner: bool) {
        let ShallowWaterCore { gravity, halo, stages, geometry, grounds, work, tracers, .. } = self;
        let (ground_points, depth_points) = (&self.ground_points, &self.depth_points);
        let is_inner = halo.inner();
        let (previous, next) = stages.around(number, initial);
        let Stage { start, weight } = STAGES[number];
        let [start, length, weight] = [start, (1.0 - start) * dt, weight].map(T::of);
        let mut none = Vec::new();
        let fluxes = tracers.as_mut().map_or(&mut none, |tracers| &mut tracers.fluxes);
        let mut means: Vec<Option<&mut FaceFluxes<T>>> =
            fluxes.iter_mut().map(|tile| tile.levels.first_mut()).collect();
        means.resize_with(next.len(), || None);
        next.par_iter_mut()
            .zip(means)
            .enumerate()
            .with_max_len(1)
            .filter(|(tile, _)| is_inner[*tile] == inner)
            .for_each(|(tile, (next, mean))| {
                let layer = TileLayer {
                    geometry: &geometry[tile],
                    ground: &grounds[tile],
                    ground_points: &ground_points[tile],
                    depth_points: &depth_points[tile],
                };
                work.with(|work| {
                    work.tendencies(*gravity, layer, &previous[tile], next);
                    if let Some(mean) = mean {
                        work.add_mass_fluxes(&layer.geometry.metric, weight, mean);
                    }
                });
                combine_tile([start, length], &initial[tile], &previous[tile], next);
            });
    }
}

impl<T: Real> Core<T> for ShallowWaterCore<T> {
    fn step(&mut self, tiles: &mut [TileState<T>], dt: f64, timers: &mut Timers) -> Census {
        let census = self.census(tiles);
        if let Some(Carried { transport, fluxes }) = &mut self.tracers {
            fluxes.iter_mut().flat_map(|tile| &mut tile.levels).for_each(FaceFluxes::clear);
            for (density, tile) in transport.density.iter_mut().zip(&*tiles) {
                density.values_mut().copy_from_slice(tile.density.values());
            }
        }
        for number in 0..STAGES.len() {
            self.stage(number, tiles, dt, timers);
        }
        self.stages.adopt(STAGES.len(), tiles);
        let geometry = self.geometry.par_iter().zip(tiles.par_iter_mut());
        geometry.for_each(|(geometry, tile)| remove_radial_part(&geometry.metric, tile));
        if let Some(Carried { transport, fluxes }) = &mut self.tracers {
            timers.start(Phase::Tracers);
            transport.step(&self.geometry, fluxes, tiles, dt);
        }
        census
    }

    fn census(&self, tiles: &[TileState<T>]) -> Census {
        let gravity = self.gravity;
        tiles.par_iter().map(|tile| census_of_tile(gravity, tile)).reduce(|| Census::EMPTY, Census::merge)
    }

    fn limits(&self) -> &StepLimits {
        &self.limits
    }
}

/// Point values of the ground, with their halo.
fn ground_points<T: Real>(
    mesh: &Mesh,
    geometry: &[TileGeometry<T>],
    grounds: &mut [Ground<T>],
    communicator: &dyn Communicator,
) -> Vec<Field<T>> {
    let exchange = |reach: Reach, fields: &mut [Vec<Field<T>>]| {
        HaloExchange::new(mesh, reach, &[Kind::Scalar], &[1], communicator, AVERAGES_TAG).exchange(fields);
    };
    let mut averages: Vec<Vec<Field<T>>> =
        grounds.iter().map(|ground| vec![ground.averages.clone()]).collect();
    exchange(Reach::BESIDE, &mut averages);
    let mut points = averages.clone();
    for ((points, averages), geometry) in points.iter_mut().zip(&averages).zip(geometry) {
        points_of_field(&geometry.metric, &averages[0], &mut points[0]);
    }
    exchange(Reach::SPHERE, &mut points);
    points.into_iter().flatten().collect()
}

/// next = Y + start (Y^n - Y) + length rate, where `next` holds the rate: in this form rounded weights lose no mass.
fn combine_tile<T: Real>(
    weights: [T; 2],
    initial: &TileState<T>,
    previous: &TileState<T>,
    next: &mut TileState<T>,
) {
    for ((initial, previous), next) in
        initial.prognostic().zip(previous.prognostic()).zip(next.prognostic_mut())
    {
        for j in 0..next.layout().nj {
            combine_row(weights, initial.cells(j, 0), previous.cells(j, 0), next.cells_mut(j, 0));
        }
    }
}

#[inline(never)]
fn combine_row<T: Real>([start, length]: [T; 2], initial: &[T], previous: &[T], next: &mut [T]) {
    let n = next.len();
    let (initial, previous) = (&initial[..n], &previous[..n]);
    for i in 0..n {
        next[i] = previous[i] + (start * (initial[i] - previous[i]) + length * next[i]);
    }
}
