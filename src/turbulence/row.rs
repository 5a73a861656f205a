//! The order of the work on one tile: row by row, each from the state before any row was changed.
//!
//! Rows of primitives are kept in a ring, two ahead of the row that is changed and one behind.

use super::eddies::{Eddies, EddyWork};
use super::fluxes::{Fluxes, VerticalFluxes};
use super::gradients;
use super::ground::{Cells, Ground, RowFluxes};
use crate::dynamics::euler::Levels;
use crate::dynamics::euler::primitives::vertical_velocity;
use crate::dynamics::euler::terrain::Rates;
use crate::dynamics::slab::Slab;
use crate::mesh::{HALO, Layout};
use crate::real::Real;
use crate::state::{Field, TileState};

/// Cells of the halo that the eddies around a tile need.
pub const REACH: usize = 2;
/// Rows of primitives and of eddies in their rings.
const AIR_RING: usize = 4;
const EDDY_RING: usize = 2;

/// One row of columns, x halo included.
#[derive(Clone, Debug)]
pub struct Air<T> {
    /// Columns without the halo.
    pub columns: usize,
    /// rho in kg/m3.
    pub density: Slab<T>,
    pub u: Slab<T>,
    pub v: Slab<T>,
    /// At interfaces.
    pub w: Slab<T>,
    /// theta - theta0.
    pub theta: Slab<T>,
    /// q of every tracer.
    pub tracers: Vec<Slab<T>>,
}

/// What the scratch of a thread must have room for.
#[derive(Clone, Copy, Debug)]
pub struct ScratchKind {
    /// Gradients over terrain.
    pub over_terrain: bool,
    /// Eddies along the ground that differ from those upwards.
    pub is_separate: bool,
}

/// Scratch memory of one thread.
#[derive(Clone, Debug)]
pub struct Scratch<T> {
    air: Vec<Air<T>>,
    eddies: Vec<Eddies<T>>,
    work: EddyWork<T>,
    x: Fluxes<T>,
    south: Fluxes<T>,
    north: Fluxes<T>,
    vertical: VerticalFluxes<T>,
}

impl<T: Real> Scratch<T> {
    /// Scratch for tiles of `nz` levels whose rows are at most `row` values long.
    pub fn new(nz: usize, row: usize, has_y: bool, tracers: usize, kind: ScratchKind) -> Self {
        let [air_rows, eddy_rows] = rings(has_y);
        let gradients = if kind.over_terrain { gradients::TRACERS + tracers } else { 0 };
        let faces = Fluxes::new([nz, nz + 1], row, tracers);
        Scratch {
            air: vec![Air::new(nz, row, tracers); air_rows],
            eddies: vec![Eddies::new(nz, row, gradients, kind.is_separate); eddy_rows],
            work: EddyWork::new(nz, row),
            x: faces.clone(),
            south: faces.clone(),
            north: faces,
            vertical: Fluxes::new([nz + 1, nz], row, tracers),
        }
    }

    /// Number of values that [`Scratch::new`] allocates, for the memory estimate.
    pub fn len(nz: usize, row: usize, has_y: bool, tracers: usize, kind: ScratchKind) -> usize {
        let [air_rows, eddy_rows] = rings(has_y);
        let gradients = if kind.over_terrain { 3 * (gradients::TRACERS + tracers) } else { 0 };
        let along = if kind.is_separate { 2 } else { 0 };
        (air_rows * (5 + tracers) + eddy_rows * (4 + along + gradients) + 2 + 4 * (4 + tracers)) * nz * row
    }

    /// Prepares what comes before the first row.
    fn begin(&mut self, ground: impl Ground<T>, tile: &TileState<T>) {
        self.work.clear();
        let layout = tile.density.layout();
        if layout.halo_y == 0 {
            return;
        }
        for j in -2..=1 {
            ground.fill_air(tile, j, &mut self.air[slot(layout, j, AIR_RING)]);
        }
        self.fill_eddies(ground, layout, -1);
        self.fill_eddies(ground, layout, 0);
        self.fill_north(ground, layout, 0);
    }

    /// Computes all fluxes of row `j`, after those of the rows before.
    fn fill_fluxes(&mut self, ground: impl Ground<T>, tile: &TileState<T>, j: isize) {
        let layout = tile.density.layout();
        if layout.halo_y > 0 {
            std::mem::swap(&mut self.south, &mut self.north);
            ground.fill_air(tile, j + 2, &mut self.air[slot(layout, j + 2, AIR_RING)]);
            self.fill_eddies(ground, layout, j + 1);
            self.fill_north(ground, layout, j + 1);
        } else {
            ground.fill_air(tile, j, &mut self.air[0]);
            self.fill_eddies(ground, layout, j);
        }
        let Scratch { air, eddies, x, vertical, .. } = self;
        let (air, eddies) = (around(air, layout, j), &eddies[slot(layout, j, EDDY_RING)]);
        ground.x_fluxes(j, air, eddies, x);
        ground.z_fluxes(j, air, eddies, vertical);
    }

    /// Computes the eddies of row `j`.
    fn fill_eddies(&mut self, ground: impl Ground<T>, layout: Layout, j: isize) {
        let Scratch { air, eddies, work, .. } = self;
        ground.fill_eddies(j, around(air, layout, j), &mut eddies[slot(layout, j, EDDY_RING)], work);
    }

    /// Computes the fluxes through the faces between the rows `j - 1` and `j`.
    fn fill_north(&mut self, ground: impl Ground<T>, layout: Layout, j: isize) {
        let Scratch { air, eddies, north, .. } = self;
        let rows = [j - 1, j];
        let air = rows.map(|j| &air[slot(layout, j, AIR_RING)]);
        ground.y_fluxes(j, air, rows.map(|j| &eddies[slot(layout, j, EDDY_RING)]), north);
    }
}

/// Rows in the rings of primitives and of eddies.
fn rings(has_y: bool) -> [usize; 2] {
    if has_y { [AIR_RING, EDDY_RING] } else { [1, 1] }
}

/// Place of row `j` in a ring.
fn slot(layout: Layout, j: isize, ring: usize) -> usize {
    if layout.halo_y == 0 { 0 } else { (j + layout.halo_y as isize) as usize % ring }
}

/// The rows j - 1, j and j + 1.
fn around<T>(air: &[Air<T>], layout: Layout, j: isize) -> [&Air<T>; 3] {
    [j - 1, j, j + 1].map(|j| &air[slot(layout, j, AIR_RING)])
}

/// Mixes one tile for `dt` s and returns the largest rate of diffusion in 1/s. Where there are `rates`, what changes the
/// air is added to them.
pub fn mix_tile<T: Real>(
    ground: impl Ground<T>,
    tile: &mut TileState<T>,
    mut rates: Option<&mut Rates<T>>,
    dt: f64,
    scratch: &mut Scratch<T>,
) -> f64 {
    scratch.begin(ground, tile);
    for j in 0..tile.density.layout().nj {
        scratch.fill_fluxes(ground, tile, j as isize);
        apply(ground, tile, rates.as_deref_mut(), j, T::of(dt), scratch);
    }
    scratch.work.largest()
}

/// Hands the vertical fluxes of every row of one tile to `visit`.
pub fn survey_tile<T: Real>(
    ground: impl Ground<T>,
    tile: &TileState<T>,
    scratch: &mut Scratch<T>,
    mut visit: impl FnMut(usize, &VerticalFluxes<T>),
) {
    scratch.begin(ground, tile);
    for j in 0..tile.density.layout().nj {
        scratch.fill_fluxes(ground, tile, j as isize);
        visit(j, &scratch.vertical);
    }
}

impl<T: Real> Air<T> {
    fn new(nz: usize, row: usize, tracers: usize) -> Self {
        let centre = Slab::with_halo(nz, row);
        Air {
            columns: 0,
            density: centre.clone(),
            u: centre.clone(),
            v: centre.clone(),
            w: Slab::with_halo(nz + 1, row),
            theta: centre.clone(),
            tracers: vec![centre; tracers],
        }
    }

    /// The variables in the order of [`gradients`].
    pub fn variable(&self, number: usize) -> &Slab<T> {
        match number {
            gradients::U => &self.u,
            gradients::V => &self.v,
            gradients::W => &self.w,
            gradients::THETA => &self.theta,
            _ => &self.tracers[number - gradients::TRACERS],
        }
    }

    /// Computes the row of columns `j` of `tile` over flat ground; w at the ground and the lid stays 0.
    pub fn fill(&mut self, levels: &Levels<T>, tile: &TileState<T>, j: isize) {
        let layout = tile.density.layout();
        let n = layout.row_length();
        self.columns = layout.ni;
        for k in 0..levels.nz {
            let deviation = tile.density.row(j, k);
            primitives(
                [levels.density[k], levels.theta[k]],
                [deviation, tile.momentum_x.row(j, k), tile.momentum_y.row(j, k), tile.heat.row(j, k)],
                &mut self.density.row_mut(k)[..n],
                &mut self.u.row_mut(k)[..n],
                &mut self.v.row_mut(k)[..n],
                &mut self.theta.row_mut(k)[..n],
            );
            for (q, tracer) in self.tracers.iter_mut().zip(&tile.tracers) {
                divide(tracer.row(j, k), &self.density.row(k)[..n], &mut q.row_mut(k)[..n]);
            }
            if k > 0 {
                let (above, below) = (levels.weight_above[k], levels.weight_below[k]);
                let base = above * levels.density[k] + below * levels.density[k - 1];
                let w = &mut self.w.row_mut(k)[..n];
                let densities = [deviation, tile.density.row(j, k - 1)];
                vertical_velocity(
                    [base, above, below],
                    densities[0],
                    densities[1],
                    tile.momentum_z.row(j, k),
                    w,
                );
            }
        }
    }
}

#[inline(never)]
fn primitives<T: Real>(
    [density0, theta0]: [T; 2],
    [deviation, momentum_x, momentum_y, heat]: [&[T]; 4],
    density: &mut [T],
    u: &mut [T],
    v: &mut [T],
    theta: &mut [T],
) {
    let n = density.len();
    let (deviation, momentum_x, momentum_y) = (&deviation[..n], &momentum_x[..n], &momentum_y[..n]);
    let (heat, u, v, theta) = (&heat[..n], &mut u[..n], &mut v[..n], &mut theta[..n]);
    for i in 0..n {
        density[i] = density0 + deviation[i];
        let specific_volume = T::ONE / density[i];
        u[i] = momentum_x[i] * specific_volume;
        v[i] = momentum_y[i] * specific_volume;
        theta[i] = (heat[i] - theta0 * deviation[i]) * specific_volume;
    }
}

#[inline(never)]
pub fn divide<T: Real>(content: &[T], density: &[T], q: &mut [T]) {
    let n = q.len();
    let (content, density) = (&content[..n], &density[..n]);
    for i in 0..n {
        q[i] = content[i] / density[i];
    }
}

/// Adds the divergence of the fluxes to row `j` of the state or, of the air, to its rates; and the sources of e.
fn apply<T: Real>(
    ground: impl Ground<T>,
    tile: &mut TileState<T>,
    rates: Option<&mut Rates<T>>,
    j: usize,
    dt: T,
    scratch: &Scratch<T>,
) {
    let layout = tile.density.layout();
    let Scratch { x, south, north, vertical, .. } = scratch;
    let y = (layout.halo_y > 0).then_some([south, north]);
    let TileState { momentum_x, momentum_y, momentum_z, heat, tracers, .. } = tile;
    let (length, [momentum_x, momentum_y, momentum_z, heat]) = match rates {
        None => (dt, [momentum_x, momentum_y, momentum_z, heat]),
        Some(Rates { momentum_x, momentum_y, momentum_z, heat }) => {
            (T::ONE, [momentum_x, momentum_y, momentum_z, heat])
        }
    };
    let spread = |dt: T, x: &Slab<T>, y: Option<[&Slab<T>; 2]>, z: &Slab<T>, field: &mut Field<T>| {
        for k in 0..layout.levels {
            let z = [z.row(k), z.row(k + 1)];
            let faces = RowFluxes { x: x.row(k), y: y.map(|y| y.map(|slab| slab.row(k))), z };
            ground.spread(dt, Cells { j, k, are_interfaces: false }, faces, field.cells_mut(j, k));
        }
    };
    spread(length, &x.u, y.map(|y| y.map(|faces| &faces.u)), &vertical.u, momentum_x);
    spread(length, &x.v, y.map(|y| y.map(|faces| &faces.v)), &vertical.v, momentum_y);
    spread(length, &x.theta, y.map(|y| y.map(|faces| &faces.theta)), &vertical.theta, heat);
    for (number, tracer) in tracers.iter_mut().enumerate() {
        let y = y.map(|y| y.map(|faces| &faces.tracers[number]));
        spread(dt, &x.tracers[number], y, &vertical.tracers[number], tracer);
    }
    for k in 1..layout.levels {
        let z = [vertical.w.row(k - 1), vertical.w.row(k)];
        let faces = RowFluxes { x: x.w.row(k), y: y.map(|y| y.map(|faces| faces.w.row(k))), z };
        ground.spread(length, Cells { j, k, are_interfaces: true }, faces, momentum_z.cells_mut(j, k));
    }
    let Some(energy) = ground.scales().energy else { return };
    let eddies = &scratch.eddies[slot(layout, j as isize, EDDY_RING)];
    let air = &scratch.air[slot(layout, j as isize, AIR_RING)];
    for k in 0..layout.levels {
        let cells = [&air.density, &eddies.gain, &eddies.loss].map(|slab| &slab.row(k)[HALO..][..layout.ni]);
        grow(dt, cells, tracers[energy].cells_mut(j, k));
    }
}

/// e grows by its gain and then shrinks implicitly; what transport has left below 0 counts as 0.
#[inline(never)]
fn grow<T: Real>(dt: T, [density, gain, loss]: [&[T]; 3], content: &mut [T]) {
    let n = content.len();
    let (density, gain, loss) = (&density[..n], &gain[..n], &loss[..n]);
    for i in 0..n {
        let grown = content[i].most(T::ZERO) + dt * density[i] * gain[i];
        content[i] = grown / (T::ONE + dt * loss[i]);
    }
}
