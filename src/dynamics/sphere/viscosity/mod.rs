//! Constant viscosity and diffusivity of the globe's air along the levels: div(rho K grad q) for the velocity, w, theta'
//! and tracers.
//!
//! There is none across the levels, where it would mix away the layers of the air: the 1500 m2/s of a storm reach 5 km
//! in two hours. Once a step, after the dynamics, explicit in time. The components of the horizontal velocity along the panel's axes
//! are diffused as scalars and the result is projected onto the sphere. Fluxes are of second order and the same bits
//! from both sides of a face; those of tracers leave them positive.

mod gradients;
mod rows;

use super::TileMetric;
use crate::comm::Communicator;
use crate::config::{Configuration, Setting};
use crate::dynamics::Reference;
use crate::dynamics::euler::Levels;
use crate::halo::{HaloExchange, Kind, Reach, Repeated};
use crate::mesh::cubed_sphere::Side;
use crate::mesh::{Mesh, Tile};
use crate::monitor::{Phase, Timers};
use crate::parallel::PerThread;
use crate::real::Real;
use crate::state::{Field, TileState};
use gradients::Gradients;
use rayon::prelude::*;
use rows::{FaceCells, apply, divergence, extrapolate, extrapolated, face_fluxes};

/// Tag of the messages.
const TAG: u16 = 9;
/// The cells around a tile, over the sides of a panel too.
const REACH: Reach = Reach { depth: [1; 2], corners: true, beyond_panel: 1 };

/// Places of what is exchanged; the tracers follow.
const DENSITY: usize = 0;
const VELOCITY: usize = 1;
const W: usize = 4;
const THETA: usize = 5;
const TRACERS: usize = 6;

/// The diffusion on this rank's tiles of the globe.
pub struct SphereViscosity<T> {
    levels: Levels<T>,
    halo: HaloExchange<T>,
    metric: Vec<TileMetric<T>>,
    gradients: Vec<[Gradients<T>; 2]>,
    /// What is diffused, by tile, and the density at the interfaces.
    fields: Vec<Vec<Field<T>>>,
    interface_density: Vec<Field<T>>,
    work: PerThread<Rows<T>>,
}

/// Scratch of one thread: fluxes through the faces of a row of cells, and the rates of up to three components.
#[derive(Clone)]
struct Rows<T> {
    /// Values beyond a side of the panel.
    beyond: Vec<T>,
    x: Vec<T>,
    south: Vec<T>,
    north: Vec<T>,
    rates: [Vec<T>; 3],
}

/// A tile, for the work on it.
struct Place<'a, T> {
    levels: &'a Levels<T>,
    metric: &'a TileMetric<T>,
    gradients: &'a [Gradients<T>; 2],
}

/// Whether a configuration has it.
fn is_wanted(configuration: &Configuration) -> bool {
    let dynamics = &configuration.dynamics;
    dynamics.setting == Setting::Sphere && dynamics.viscosity.max(dynamics.diffusivity) > 0.0
}

impl<T: Real> SphereViscosity<T> {
    /// The configured diffusion; `None` if there is none.
    pub fn new(
        configuration: &Configuration,
        mesh: &Mesh,
        reference: &Reference,
        communicator: &dyn Communicator,
    ) -> Option<Self> {
        let sphere = mesh.sphere().filter(|_| is_wanted(configuration))?;
        let dynamics = &configuration.dynamics;
        let (tiles, nz, tracers) = (mesh.local_tiles(), mesh.vertical.nz(), dynamics.tracers.len());
        let component = |axis: usize| Kind::Component { first: VELOCITY, axis };
        let air = [Kind::Scalar, component(0), component(1), component(2), Kind::Scalar, Kind::Scalar];
        let kinds: Vec<Kind> = air.into_iter().chain(vec![Kind::Scalar; tracers]).collect();
        let heights: Vec<usize> = (0..kinds.len()).map(|n| if n == W { nz + 1 } else { nz }).collect();
        let new = |tile: &Tile| heights.iter().map(|&height| Field::new(tile.layout(height))).collect();
        Some(SphereViscosity {
            levels: Levels::new(mesh, reference, dynamics),
            halo: HaloExchange::new(mesh, REACH, &kinds, &heights, communicator, TAG),
            metric: tiles.iter().map(|tile| TileMetric::new(sphere, tile, dynamics)).collect(),
            gradients: tiles.iter().map(|tile| Gradients::of_tile(sphere, tile)).collect(),
            fields: tiles.iter().map(new).collect(),
            interface_density: tiles.iter().map(|tile| Field::new(tile.layout(nz + 1))).collect(),
            work: PerThread::new(&Rows::new(mesh.widest_row())),
        })
    }

    /// Number of values that [`SphereViscosity::new`] keeps.
    pub fn values(configuration: &Configuration, mesh: &Mesh) -> usize {
        if !is_wanted(configuration) {
            return 0;
        }
        let fields = TRACERS + configuration.dynamics.tracers.len() + 1;
        let of_tile = |tile: &Tile| fields * tile.layout(tile.nz + 1).len() + 12 * tile.layout(1).len();
        mesh.local_tiles().iter().map(of_tile).sum()
    }

    /// The halo exchange of a step.
    pub fn exchanges(configuration: &Configuration, mesh: &Mesh) -> Option<Repeated> {
        let values = (TRACERS + configuration.dynamics.tracers.len()) * mesh.vertical.nz() + 1;
        is_wanted(configuration).then(|| Repeated::waiting(REACH, values, 1))
    }

    /// Diffuses the tiles for `dt` s.
    pub fn step(&mut self, tiles: &mut [TileState<T>], dt: f64, timers: &mut Timers) {
        timers.start(Phase::Dynamics);
        let SphereViscosity { levels, halo, metric, gradients, fields, interface_density, work } = self;
        let levels = &*levels;
        fields.par_iter_mut().zip(&*tiles).for_each(|(fields, tile)| fill(levels, tile, fields));
        timers.start(Phase::Halo);
        halo.exchange(fields.as_mut_slice());
        timers.start(Phase::Dynamics);
        let dt = T::of(dt);
        tiles
            .par_iter_mut()
            .zip(&*fields)
            .zip(interface_density)
            .zip(metric.par_iter().zip(&*gradients))
            .with_max_len(1)
            .for_each(|(((tile, fields), interface_density), (metric, gradients))| {
                density_of_interfaces(levels, &fields[DENSITY], interface_density);
                let place = Place { levels, metric, gradients };
                work.with(|rows| place.diffuse(dt, tile, fields, interface_density, rows));
            });
    }
}

impl<T: Real> Rows<T> {
    fn new(row: usize) -> Self {
        let row = vec![T::ZERO; row + 2];
        Rows {
            beyond: row.clone(),
            x: row.clone(),
            south: row.clone(),
            north: row.clone(),
            rates: std::array::from_fn(|_| row.clone()),
        }
    }
}

/// Density, velocities, theta' and mixing ratios of the cells of a tile.
fn fill<T: Real>(levels: &Levels<T>, tile: &TileState<T>, fields: &mut [Field<T>]) {
    let (air, tracers) = fields.split_at_mut(TRACERS);
    let [density, u, v, n, w, theta] = air else { return };
    let third = tile.momentum_n.as_ref().unwrap_or(&tile.momentum_x);
    for (j, k) in (0..tile.density.layout().nj).flat_map(|j| (0..levels.nz).map(move |k| (j, k))) {
        let rho = density.cells_mut(j, k);
        rho.iter_mut().zip(tile.density.cells(j, k)).for_each(|(rho, r)| *rho = levels.density[k] + *r);
        let rho = density.cells(j, k);
        let quotients = [(&tile.momentum_x, &mut *u), (&tile.momentum_y, &mut *v), (third, &mut *n)];
        for (masses, out) in quotients.into_iter().chain(tile.tracers.iter().zip(&mut *tracers)) {
            quotient(masses.cells(j, k), rho, out.cells_mut(j, k));
        }
        theta_deviation(
            levels.theta[k],
            [tile.heat.cells(j, k), tile.density.cells(j, k), rho],
            theta.cells_mut(j, k),
        );
        if k > 0 {
            let below = density.cells(j, k - 1);
            let weights = [levels.weight_above[k], levels.weight_below[k]];
            rise(weights, [tile.momentum_z.cells(j, k), rho, below], w.cells_mut(j, k));
        }
    }
}

#[inline(never)]
fn quotient<T: Real>(masses: &[T], rho: &[T], out: &mut [T]) {
    for ((out, mass), rho) in out.iter_mut().zip(masses).zip(rho) {
        *out = *mass / *rho;
    }
}

#[inline(never)]
fn theta_deviation<T: Real>(theta0: T, [heat, deviation, rho]: [&[T]; 3], out: &mut [T]) {
    let n = out.len();
    let (heat, deviation, rho) = (&heat[..n], &deviation[..n], &rho[..n]);
    for i in 0..n {
        out[i] = (heat[i] - theta0 * deviation[i]) / rho[i];
    }
}

#[inline(never)]
fn rise<T: Real>([above, below]: [T; 2], [momentum, rho, rho_below]: [&[T]; 3], out: &mut [T]) {
    let n = out.len();
    let (momentum, rho, rho_below) = (&momentum[..n], &rho[..n], &rho_below[..n]);
    for i in 0..n {
        out[i] = momentum[i] / (above * rho[i] + below * rho_below[i]);
    }
}

/// The density at the interfaces inside, in the cells of a tile and one around it.
fn density_of_interfaces<T: Real>(levels: &Levels<T>, density: &Field<T>, out: &mut Field<T>) {
    let rows = density.layout().nj as isize;
    for (j, k) in (-1..=rows).flat_map(|j| (1..levels.nz).map(move |k| (j, k))) {
        let (above, below) = (levels.weight_above[k], levels.weight_below[k]);
        let pairs = density.row(j, k).iter().zip(density.row(j, k - 1));
        for (out, (rho, rho_below)) in out.row_mut(j, k).iter_mut().zip(pairs) {
            *out = above * *rho + below * *rho_below;
        }
    }
}

impl<T: Real> Place<'_, T> {
    /// Diffuses a tile for `dt` s.
    fn diffuse(
        &self,
        dt: T,
        tile: &mut TileState<T>,
        fields: &[Field<T>],
        interface_density: &Field<T>,
        rows: &mut Rows<T>,
    ) {
        let levels = self.levels;
        let n = self.metric.ni;
        let (viscous, diffusive) = (dt * levels.viscosity, dt * levels.diffusivity);
        let rho = &fields[DENSITY];
        for (j, k) in (0..self.metric.nj).flat_map(|j| (0..levels.nz).map(move |k| (j, k))) {
            if viscous > T::ZERO {
                self.diffuse_wind(viscous, tile, fields, (j, k), rows);
                if k > 0 {
                    self.rate::<false>(&fields[W], interface_density, (j, k), 0, rows);
                    apply(viscous, &rows.rates[0][..n], tile.momentum_z.cells_mut(j, k));
                }
            }
            if diffusive > T::ZERO {
                self.rate::<false>(&fields[THETA], rho, (j, k), 0, rows);
                apply(diffusive, &rows.rates[0][..n], tile.heat.cells_mut(j, k));
                for (q, tracer) in fields[TRACERS..].iter().zip(&mut tile.tracers) {
                    self.rate::<true>(q, rho, (j, k), 0, rows);
                    apply(diffusive, &rows.rates[0][..n], tracer.cells_mut(j, k));
                }
            }
        }
    }

    /// The three components of the velocity of row `j`, without what points upwards.
    fn diffuse_wind(
        &self,
        factor: T,
        tile: &mut TileState<T>,
        fields: &[Field<T>],
        (j, k): (usize, usize),
        rows: &mut Rows<T>,
    ) {
        let n = self.metric.ni;
        for component in 0..3 {
            let q = &fields[VELOCITY + component];
            self.rate::<false>(q, &fields[DENSITY], (j, k), component, rows);
        }
        let [x, y, out] = rows.rates.each_mut().map(|rate| &mut rate[..n]);
        let inverse_d = &self.metric.inverse_d.from(0, j as isize)[..n];
        project([self.metric.x(), inverse_d], self.metric.y(j), [&mut *x, &mut *y, &mut *out]);
        let TileState { momentum_x, momentum_y, momentum_n, .. } = tile;
        apply(factor, x, momentum_x.cells_mut(j, k));
        apply(factor, y, momentum_y.cells_mut(j, k));
        if let Some(momentum_n) = momentum_n {
            apply(factor, out, momentum_n.cells_mut(j, k));
        }
    }

    /// The horizontal part of row `j` and level `k` into the rate of a component.
    fn rate<const IS_BOUND: bool>(
        &self,
        q: &Field<T>,
        rho: &Field<T>,
        (j, k): (usize, usize),
        component: usize,
        rows: &mut Rows<T>,
    ) {
        let n = self.metric.ni;
        let row = j as isize;
        let Rows { beyond, x, south, north, rates } = rows;
        self.fluxes_x::<IS_BOUND>(q, rho, (row, k), beyond, &mut x[..=n]);
        self.fluxes_y::<IS_BOUND>(q, rho, (row, k), &mut south[..n]);
        self.fluxes_y::<IS_BOUND>(q, rho, (row + 1, k), &mut north[..n]);
        let inverse_area = self.metric.inverse_area.from(0, row);
        divergence(inverse_area, x, [south, north], &mut rates[component][..n]);
    }

    /// Fluxes through the x-faces of row `j`; `beyond` is scratch.
    fn fluxes_x<const IS_BOUND: bool>(
        &self,
        q: &Field<T>,
        rho: &Field<T>,
        (j, k): (isize, usize),
        beyond: &mut [T],
        flux: &mut [T],
    ) {
        let [Gradients { across, along }, _] = self.gradients;
        let (across, along) = (across.from(0, j), along.from(0, j));
        let first = q.layout().halo_x - 1;
        let (last, is_on) = (self.metric.nj as isize - 1, |side| self.metric.is_on(side));
        let (at_south, at_north) = (j == 0 && is_on(Side::South), j == last && is_on(Side::North));
        // Beyond a side of the panel rows run elsewhere.
        let beyond = &mut beyond[..flux.len() + 1];
        let inwards = if at_south { 1 } else { -1 };
        extrapolate([0, 1, 2].map(|m| &q.row(j + m * inwards, k)[first..]), beyond);
        let before = if at_south { &*beyond } else { &q.row(j - 1, k)[first..] };
        let behind = if at_north { &*beyond } else { &q.row(j + 1, k)[first..] };
        let cells = FaceCells {
            density: pair(&rho.row(j, k)[first..]),
            values: pair(&q.row(j, k)[first..]),
            before: pair(before),
            behind: pair(behind),
        };
        face_fluxes::<T, IS_BOUND, false>(&cells, across, along, flux);
        let end = flux.len() - 1;
        if is_on(Side::West) {
            flux[0] = cells.flux::<IS_BOUND, true>(across, along, 0);
        }
        if is_on(Side::East) {
            flux[end] = cells.flux::<IS_BOUND, true>(across, along, end);
        }
    }

    /// Fluxes through the row `f` of y-faces.
    fn fluxes_y<const IS_BOUND: bool>(
        &self,
        q: &Field<T>,
        rho: &Field<T>,
        (f, k): (isize, usize),
        flux: &mut [T],
    ) {
        let is_south = f == 0 && self.metric.is_on(Side::South);
        let is_north = f == self.metric.nj as isize && self.metric.is_on(Side::North);
        match is_south || is_north {
            true => self.fluxes_of_row::<IS_BOUND, true>(q, rho, (f, k), flux),
            false => self.fluxes_of_row::<IS_BOUND, false>(q, rho, (f, k), flux),
        }
    }

    fn fluxes_of_row<const IS_BOUND: bool, const IS_SIDE: bool>(
        &self,
        q: &Field<T>,
        rho: &Field<T>,
        (f, k): (isize, usize),
        flux: &mut [T],
    ) {
        let [_, Gradients { across, along }] = self.gradients;
        let (across, along) = (across.from(0, f), along.from(0, f));
        let first = q.layout().halo_x;
        let (south, north) = (q.row(f - 1, k), q.row(f, k));
        let cells = FaceCells {
            density: [&rho.row(f - 1, k)[first..], &rho.row(f, k)[first..]],
            values: [&south[first..], &north[first..]],
            before: [&south[first - 1..], &north[first - 1..]],
            behind: [&south[first + 1..], &north[first + 1..]],
        };
        face_fluxes::<T, IS_BOUND, IS_SIDE>(&cells, across, along, flux);
        let end = flux.len() - 1;
        let at_end = |i: usize, inwards: fn(usize, usize) -> usize| {
            cells.values.map(|row| extrapolated([0, 1, 2].map(|m| row[inwards(i, m)])))
        };
        if self.metric.is_on(Side::West) {
            let (before, behind) = (at_end(0, |i, m| i + m), cells.behind.map(|row| row[0]));
            flux[0] = cells.flux_of::<IS_BOUND, IS_SIDE>([across[0], along[0]], before, behind, 0);
        }
        if self.metric.is_on(Side::East) {
            let (before, behind) = (cells.before.map(|row| row[end]), at_end(end, |i, m| i - m));
            flux[end] = cells.flux_of::<IS_BOUND, IS_SIDE>([across[end], along[end]], before, behind, end);
        }
    }
}

/// A row from its first value on, and from its second.
fn pair<T>(row: &[T]) -> [&[T]; 2] {
    [row, &row[1..]]
}

/// Takes the part along r = (X, Y, 1)/d away from the vectors of a row.
#[inline(never)]
fn project<T: Real>([x, inverse_d]: [&[T]; 2], y: T, [u, v, n]: [&mut [T]; 3]) {
    let width = u.len();
    let (x, inverse_d) = (&x[..width], &inverse_d[..width]);
    let (v, n) = (&mut v[..width], &mut n[..width]);
    for i in 0..width {
        let upwards = ((u[i] * x[i] + v[i] * y) + n[i]) * (inverse_d[i] * inverse_d[i]);
        u[i] -= upwards * x[i];
        v[i] -= upwards * y;
        n[i] -= upwards;
    }
}

#[cfg(test)]
mod tests;
