//! One stage on one tile over terrain: a pipeline over its rows of columns, as over flat ground.
//!
//! The rows of primitives that the y-faces of a block of rows need, and the pressure gradients, are kept in a ring.

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
use crate::dynamics::euler::fluxes::Tendencies;
use crate::dynamics::euler::ring::{BLOCK, Ring, YFaces, block_of};
use crate::dynamics::euler::{Census, Inputs, Levels, Outputs, Primitives, StageSetting};
use crate::dynamics::slab::Slab;
use crate::mesh::{HALO, Layout};
use crate::real::Real;
use crate::state::TileState;
use std::ops::Range;

/// Rows of primitives besides those of a block that its y-faces and pressure gradients need.
const BESIDE: usize = 6;

/// Scratch memory of one thread.
#[derive(Clone, Debug)]
pub struct Workspace<T> {
    ring: Ring<T>,
    y_faces: YFaces<T>,
    rows: FaceRows<T>,
    gradient: GradientRows<T>,
    tendencies: Tendencies<T>,
    column: ColumnWork<T>,
    census: CensusRows<T>,
}

impl<T: Real> Workspace<T> {
    /// Scratch for tiles of `nz` levels whose rows are at most `row` values long.
    pub fn new(nz: usize, row: usize, has_y: bool) -> Self {
        Workspace::of_blocks(block_of::<T>(nz, row), nz, row, has_y)
    }

    /// The same, for blocks of `block` rows.
    fn of_blocks(block: usize, nz: usize, row: usize, has_y: bool) -> Self {
        Workspace {
            ring: Ring::new(block + BESIDE, nz, row, has_y),
            y_faces: YFaces::new(block, nz, row, has_y),
            rows: FaceRows::new(row),
            gradient: GradientRows::new(row),
            tendencies: Tendencies::new(nz, row, false),
            column: ColumnWork::new(nz, row),
            census: CensusRows::new(row),
        }
    }

    /// Most values that [`Workspace::new`] allocates, for the memory estimate.
    pub fn len(nz: usize, row: usize, has_y: bool) -> usize {
        let ring = 5 * if has_y { (BLOCK + BESIDE) + (BLOCK + 1) } else { 1 };
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
        if let Some(block) = work.y_faces.block(j, layout.nj) {
            start_block(ground, inputs.previous, block, work);
        }
        explicit_tendencies(ground, inputs.previous, j, mass_fluxes.as_deref_mut(), work);
        let here = work.ring.row(j as isize);
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
    let here = work.ring.row_mut(0);
    work.census.clear();
    for j in 0..state.density.layout().nj {
        fill(levels, metric, state, j as isize, here);
        contravariant_flux(&metric.columns, metric, state, j, &mut work.column.omega);
        work.census.add_over(metric, state, j, here, &work.column.omega);
    }
    work.census.total()
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
        fill(levels, metric, state, j, work.ring.row_mut(j));
    }
    y_fluxes(levels, metric, state, 0, &work.ring, &mut work.rows, work.y_faces.southernmost());
}

/// Fills the ring for a block of rows, and computes the northern faces of its rows.
fn start_block<T: Real>(
    Ground { levels, metric, .. }: Ground<'_, T>,
    state: &TileState<T>,
    block: Range<isize>,
    work: &mut Workspace<T>,
) {
    let Workspace { ring, y_faces, rows, .. } = work;
    let depth = state.density.layout().halo_y as isize;
    for newest in block.start + depth..block.end + depth {
        fill(levels, metric, state, newest, ring.row_mut(newest));
    }
    for j in block.clone() {
        fill_ground(levels, metric, j as usize, ring.row_mut(j));
    }
    if depth > 0 {
        y_fluxes(levels, metric, state, block.start + 1, ring, rows, y_faces.northern(block));
    }
}

/// All explicit tendencies of row `j`, into `work.tendencies`, theta~ and Omega.
fn explicit_tendencies<T: Real>(
    Ground { levels, metric, rates: mixing }: Ground<'_, T>,
    state: &TileState<T>,
    j: usize,
    mass_fluxes: Option<&mut MassFluxes<T>>,
    work: &mut Workspace<T>,
) {
    let Workspace { ring, y_faces, rows, gradient, tendencies, column, .. } = work;
    let row = j as isize;
    let here = ring.row(row);
    let y_faces = y_faces.beside(j);
    match mass_fluxes {
        None => horizontal_tendencies(levels, metric, state, row, here, y_faces, rows, tendencies, |_, _| {}),
        Some(fluxes) => {
            let keep = |k: usize, mass: &[T]| fluxes.x.row_mut(row, k)[..mass.len()].copy_from_slice(mass);
            horizontal_tendencies(levels, metric, state, row, here, y_faces, rows, tendencies, keep);
            if let Some([south, north]) = y_faces {
                fluxes.keep_y(j, &south.mass, &north.mass);
            }
        }
    }
    contravariant_flux(&metric.columns, metric, state, j, &mut column.omega);
    let theta_interface = &mut column.theta_interface;
    vertical_tendencies(&metric.columns, j, here, &column.omega, rows, tendencies, theta_interface);
    let around = y_faces.map(|_| ring.around(row));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::testing::configuration;
    use crate::config::{Terrain, TerrainCoordinate, TerrainShape};
    use crate::dynamics::euler::ring::testing::assert_blocks_change_nothing;

    #[test]
    fn blocks_of_rows_give_the_same_bits() {
        let mut configuration = configuration("warm_bubble", [5e3, 1e4], [10, 9]);
        configuration.grid.ny = 8;
        let shape = TerrainShape::Hill { height: 900.0, half_width: 900.0, centre: [2800.0, 2300.0] };
        let coordinate = TerrainCoordinate::Hybrid { decay: 3e3, small_decay: 2e3, split: 800.0 };
        configuration.terrain = Some(Terrain { shape, coordinate });
        let dynamics = &configuration.dynamics;
        assert_blocks_change_nothing(
            &configuration,
            |block, mesh, reference, levels, stage, inputs, outputs| {
                let metric = &Metric::new(&mesh.tiles[0], &reference.tiles[0], dynamics);
                let mut work = Workspace::of_blocks(block, levels.nz, mesh.widest_row(), true);
                advance_tile(Ground { levels, metric, rates: None }, stage, inputs, outputs, &mut work);
            },
        );
    }
}
