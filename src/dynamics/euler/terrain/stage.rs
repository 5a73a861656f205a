//! One stage on one tile over terrain: a pipeline over its rows of columns, as over flat ground.
//!
//! Seven rows of primitives are kept in a ring, enough for the stencil of a y-face and of the pressure gradient.

use super::column::{Column, ColumnWork};
use super::fluxes::{
    FaceRows, add_coriolis, add_rates, contravariant_flux, horizontal_tendencies, vertical_tendencies,
    y_fluxes,
};
use super::pressure::{GradientRows, add_pressure_gradient};
use super::primitives::{fill, fill_ground};
use super::{Metric, Rates};
use crate::dynamics::MassFluxes;
use crate::dynamics::euler::census::CensusRows;
use crate::dynamics::euler::fluxes::{FaceFluxes, Tendencies};
use crate::dynamics::euler::{Census, Inputs, Levels, Outputs, Primitives, StageSetting};
use crate::dynamics::slab::Slab;
use crate::mesh::{HALO, Layout};
use crate::real::Real;
use crate::state::TileState;

/// Rows of primitives in the ring: the width of the stencil of the pressure gradient.
const RING: usize = 7;

/// Scratch memory of one thread.
#[derive(Clone, Debug)]
pub struct Workspace<T> {
    ring: Vec<Primitives<T>>,
    south: FaceFluxes<T>,
    north: FaceFluxes<T>,
    rows: FaceRows<T>,
    gradient: GradientRows<T>,
    tendencies: Tendencies<T>,
    column: ColumnWork<T>,
    census: CensusRows<T>,
}

impl<T: Real> Workspace<T> {
    /// Scratch for tiles of `nz` levels whose rows are at most `row` values long.
    pub fn new(nz: usize, row: usize, has_y: bool) -> Self {
        let faces = FaceFluxes::new(if has_y { nz } else { 0 }, row);
        Workspace {
            ring: vec![Primitives::new(nz, row); if has_y { RING } else { 1 }],
            south: faces.clone(),
            north: faces,
            rows: FaceRows::new(row),
            gradient: GradientRows::new(row),
            tendencies: Tendencies::new(nz, row, false),
            column: ColumnWork::new(nz, row),
            census: CensusRows::new(row),
        }
    }

    /// Number of values that [`Workspace::new`] allocates, for the memory estimate.
    pub fn len(nz: usize, row: usize, has_y: bool) -> usize {
        let ring = 5 * if has_y { RING + 2 } else { 1 };
        (ring + 5 + ColumnWork::<T>::SLABS) * nz * row + 20 * row
    }
}

/// What a tile's stages need besides its states.
#[derive(Clone, Copy)]
pub struct Ground<'a, T> {
    pub levels: &'a Levels<T>,
    pub metric: &'a Metric<T>,
    /// What changes the air besides the dynamics.
    pub rates: Option<&'a Rates<T>>,
}

/// Advances one tile by one stage; the first stage also takes the census of Y^n.
pub fn advance_tile<T: Real>(
    ground: Ground<'_, T>,
    stage: &StageSetting<T>,
    inputs: Inputs<'_, T>,
    outputs: Outputs<'_, T>,
    work: &mut Workspace<T>,
) -> Census {
    let Outputs { next, buoyancy, mut mass_fluxes } = outputs;
    let Ground { levels, metric, .. } = ground;
    let layout = inputs.previous.density.layout();
    work.census.clear();
    start_pipeline(ground, inputs.previous, layout, work);
    for j in 0..layout.nj {
        explicit_tendencies(ground, inputs.previous, j, mass_fluxes.as_deref_mut(), work);
        let here = &work.ring[slot(layout, j as isize)];
        if let Some((open, tile)) = inputs.open {
            open.radiate((tile, j), stage.length, inputs.previous, here, &mut work.tendencies);
        }
        if stage.is_first {
            work.census.add_over(metric, inputs.previous, j, here, &work.column.omega);
        }
        let column = Column { levels, columns: &metric.columns, slopes: metric, stage, inputs, j };
        let pressure = |k: usize| &here.pressure.row(k)[HALO..];
        column.update(pressure, &mut work.tendencies, &mut work.column, buoyancy, next);
        if let Some(fluxes) = mass_fluxes.as_deref_mut() {
            column.keep_vertical(&work.column, &mut fluxes.z);
        }
        std::mem::swap(&mut work.south, &mut work.north);
    }
    work.census.total()
}

/// The census of one tile, outside a step.
pub fn census_of_tile<T: Real>(
    ground: Ground<'_, T>,
    state: &TileState<T>,
    work: &mut Workspace<T>,
) -> Census {
    let Ground { levels, metric, .. } = ground;
    let here = &mut work.ring[0];
    work.census.clear();
    for j in 0..state.density.layout().nj {
        fill(levels, metric, state, j as isize, here);
        contravariant_flux(&metric.columns, metric, state, j, &mut work.column.omega);
        work.census.add_over(metric, state, j, here, &work.column.omega);
    }
    work.census.total()
}

/// Place of row `j` in the ring.
fn slot(layout: Layout, j: isize) -> usize {
    if layout.halo_y == 0 { 0 } else { (j + layout.halo_y as isize) as usize % RING }
}

/// The rows j - 3, j - 2 and so on.
fn around<T, const N: usize>(ring: &[Primitives<T>], layout: Layout, j: isize) -> [&Primitives<T>; N] {
    std::array::from_fn(|m| &ring[slot(layout, j - 3 + m as isize)])
}

/// Fills the ring up to the row before the first new one, and computes the southernmost y-faces.
fn start_pipeline<T: Real>(
    Ground { levels, metric, .. }: Ground<'_, T>,
    state: &TileState<T>,
    layout: Layout,
    work: &mut Workspace<T>,
) {
    if layout.halo_y == 0 {
        return;
    }
    let depth = layout.halo_y as isize;
    for j in -depth..depth {
        fill(levels, metric, state, j, &mut work.ring[slot(layout, j)]);
    }
    let ring = around(&work.ring, layout, 0);
    y_fluxes(levels, metric, state, 0, ring, &mut work.rows, &mut work.south);
}

/// All explicit tendencies of row `j`, into `work.tendencies`, theta~ and Omega.
fn explicit_tendencies<T: Real>(
    Ground { levels, metric, rates: mixing }: Ground<'_, T>,
    state: &TileState<T>,
    j: usize,
    mass_fluxes: Option<&mut MassFluxes<T>>,
    work: &mut Workspace<T>,
) {
    let layout = state.density.layout();
    let has_y = layout.halo_y > 0;
    let row = j as isize;
    let newest = row + layout.halo_y as isize;
    let Workspace { ring, south, north, rows, gradient, tendencies, column, .. } = work;
    fill(levels, metric, state, newest, &mut ring[slot(layout, newest)]);
    fill_ground(levels, metric, j, &mut ring[slot(layout, row)]);
    if has_y {
        y_fluxes(levels, metric, state, row + 1, around(ring, layout, row + 1), rows, north);
    }
    let here = &ring[slot(layout, row)];
    let y_faces = has_y.then_some([&*south, &*north]);
    match mass_fluxes {
        None => horizontal_tendencies(levels, metric, state, row, here, y_faces, rows, tendencies, |_, _| {}),
        Some(fluxes) => {
            let keep = |k: usize, mass: &[T]| fluxes.x.row_mut(row, k)[..mass.len()].copy_from_slice(mass);
            horizontal_tendencies(levels, metric, state, row, here, y_faces, rows, tendencies, keep);
            if has_y {
                fluxes.keep_y(j, &south.mass, &north.mass);
            }
        }
    }
    contravariant_flux(&metric.columns, metric, state, j, &mut column.omega);
    let theta_interface = &mut column.theta_interface;
    vertical_tendencies(&metric.columns, j, here, &column.omega, rows, tendencies, theta_interface);
    let around = has_y.then(|| around(ring, layout, row));
    add_pressure_gradient(levels, metric, state, j, here, around, gradient, tendencies);
    if levels.coriolis != T::ZERO {
        add_coriolis(levels.coriolis, metric, state, j, tendencies);
    }
    if let Some(mixing) = mixing {
        add_rates(mixing, j, tendencies);
    }
}

impl<T: Real> CensusRows<T> {
    /// Takes in row `j` over terrain; what crosses the levels is the flow relative to them.
    fn add_over(
        &mut self,
        metric: &Metric<T>,
        state: &TileState<T>,
        j: usize,
        here: &Primitives<T>,
        omega: &Slab<T>,
    ) {
        let layout = state.density.layout();
        let n = layout.ni;
        for k in 0..layout.levels {
            // Nothing crosses the ground, whose vertical wind is diagnosed.
            let w = if k == 0 { omega.row(0) } else { &here.w.row(k)[HALO..] };
            count_row(
                [
                    metric.columns.density.cells(j, k),
                    metric.columns.inverse_thickness.cells(j, k),
                    metric.columns.inverse_heat.cells(j, k),
                ],
                [state.density.cells(j, k), state.heat.cells(j, k)],
                [&here.u.row(k)[HALO..], &here.v.row(k)[HALO..], w, omega.row(k)],
                [&mut self.u[..n], &mut self.v[..n], &mut self.w[..n]],
                &mut self.w_rate[..n],
                &mut self.heat_ratio[..n],
                &mut self.sum[..n],
            );
        }
    }
}

#[inline(never)]
fn count_row<T: Real>(
    [density0, inverse_thickness, inverse_heat]: [&[T]; 3],
    [density, heat]: [&[T]; 2],
    [u, v, w, omega]: [&[T]; 4],
    [max_u, max_v, max_w]: [&mut [T]; 3],
    max_rate: &mut [T],
    max_ratio: &mut [T],
    sum: &mut [T],
) {
    let n = sum.len();
    let (density0, inverse_thickness, inverse_heat) =
        (&density0[..n], &inverse_thickness[..n], &inverse_heat[..n]);
    let (density, heat, u, v, w, omega) = (&density[..n], &heat[..n], &u[..n], &v[..n], &w[..n], &omega[..n]);
    let (max_u, max_v, max_w) = (&mut max_u[..n], &mut max_v[..n], &mut max_w[..n]);
    let (max_rate, max_ratio) = (&mut max_rate[..n], &mut max_ratio[..n]);
    for i in 0..n {
        let (u, v, w, ratio) = (u[i].abs(), v[i].abs(), w[i].abs(), (heat[i] * inverse_heat[i]).abs());
        let rate = (omega[i] / (density0[i] + density[i])).abs() * inverse_thickness[i];
        max_u[i] = max_u[i].most(u);
        max_v[i] = max_v[i].most(v);
        max_w[i] = max_w[i].most(w);
        max_rate[i] = max_rate[i].most(rate);
        max_ratio[i] = max_ratio[i].most(ratio);
        sum[i] += (u + v) + (w + ratio);
    }
}
