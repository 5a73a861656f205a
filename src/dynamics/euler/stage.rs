//! One stage on one tile: a pipeline over its rows of columns.
//!
//! The rows of primitives that the y-faces of a block of rows need are kept in a ring; every row needs just one new
//! row of primitives and one new row of y-faces.

use super::Levels;
use super::census::{Census, CensusRows};
use super::column::{ColumnWork, update_row};
use super::diffusion::add_diffusion;
use super::fluxes::{
    FaceRows, Tendencies, add_coriolis, horizontal_tendencies, vertical_tendencies, y_fluxes,
};
use super::ring::{BLOCK, Ring, YFaces, block_of};
use crate::boundary::OpenSides;
use crate::dynamics::MassFluxes;
use crate::mesh::{HALO, Layout};
use crate::real::Real;
use crate::state::{Field, TileState};
use std::ops::Range;

pub use super::column::StageSetting;

/// Rows of primitives besides those of a block that its y-faces need.
const BESIDE: usize = 5;

/// Scratch memory of one thread.
#[derive(Clone, Debug)]
pub struct Workspace<T> {
    ring: Ring<T>,
    y_faces: YFaces<T>,
    rows: FaceRows<T>,
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
            tendencies: Tendencies::new(nz, row, false),
            column: ColumnWork::new(nz, row),
            census: CensusRows::new(row),
        }
    }

    /// Most values that [`Workspace::new`] allocates, for the memory estimate.
    pub fn len(nz: usize, row: usize, has_y: bool) -> usize {
        let centre = nz * row;
        let ring = 5 * if has_y { (BLOCK + BESIDE) + (BLOCK + 1) } else { 1 };
        (ring + 5 + 6) * centre + 20 * row
    }
}

/// What a stage reads on a tile: Y^n and Y_{i-1}, the latter with its halo filled; the open sides of the
/// domain, if it has any, with the tile's number.
#[derive(Clone, Copy)]
pub struct Inputs<'a, T> {
    pub initial: &'a TileState<T>,
    pub previous: &'a TileState<T>,
    pub open: Option<(&'a OpenSides<T>, usize)>,
}

/// What a stage writes on a tile.
pub struct Outputs<'a, T> {
    /// Y_i, without its halo.
    pub next: &'a mut TileState<T>,
    /// The W part of f_I(Y^n): written in the first stage, read in the others.
    pub buoyancy: &'a mut Field<T>,
    /// The mass fluxes of the last stage, where tracers need them.
    pub mass_fluxes: Option<&'a mut MassFluxes<T>>,
}

/// Advances one tile by one stage; the first stage also takes the census of Y^n.
pub fn advance_tile<T: Real>(
    levels: &Levels<T>,
    stage: &StageSetting<T>,
    inputs: Inputs<'_, T>,
    outputs: Outputs<'_, T>,
    work: &mut Workspace<T>,
) -> Census {
    let Outputs { next, buoyancy, mut mass_fluxes } = outputs;
    let layout = inputs.previous.density.layout();
    work.census.clear();
    start_pipeline(levels, inputs.previous, layout, work);
    for j in 0..layout.nj {
        if let Some(block) = work.y_faces.block(j, layout.nj) {
            start_block(levels, inputs.previous, block, work);
        }
        explicit_tendencies(levels, inputs.previous, j, mass_fluxes.as_deref_mut(), work);
        let here = work.ring.row(j as isize);
        if let Some((open, tile)) = inputs.open {
            open.radiate((tile, j), stage.length, inputs.previous, here, &mut work.tendencies);
        }
        if stage.is_first {
            work.census.add(levels, inputs.previous, j, here);
        }
        update_row(
            levels,
            stage,
            j,
            inputs.initial,
            inputs.previous,
            |k| &here.pressure.row(k)[HALO..],
            &mut work.tendencies,
            &mut work.column,
            buoyancy,
            next,
        );
    }
    if let Some(fluxes) = mass_fluxes {
        fluxes.keep_vertical(stage, inputs, next);
    }
    work.census.total()
}

/// The census of one tile, outside a step.
pub fn census_of_tile<T: Real>(levels: &Levels<T>, state: &TileState<T>, work: &mut Workspace<T>) -> Census {
    let here = work.ring.row_mut(0);
    work.census.clear();
    for j in 0..state.density.layout().nj {
        here.fill(levels, state, j as isize);
        work.census.add(levels, state, j, here);
    }
    work.census.total()
}

/// Fills the ring up to the row before the first new one, and computes the southernmost y-faces.
fn start_pipeline<T: Real>(
    levels: &Levels<T>,
    state: &TileState<T>,
    layout: Layout,
    work: &mut Workspace<T>,
) {
    if layout.halo_y == 0 {
        return;
    }
    let depth = layout.halo_y as isize;
    for j in -depth..depth {
        work.ring.row_mut(j).fill(levels, state, j);
    }
    y_fluxes(levels, state, 0, &work.ring, work.y_faces.southernmost());
}

/// Fills the ring for a block of rows, and computes the northern faces of its rows.
fn start_block<T: Real>(
    levels: &Levels<T>,
    state: &TileState<T>,
    block: Range<isize>,
    work: &mut Workspace<T>,
) {
    let depth = state.density.layout().halo_y as isize;
    for newest in block.start + depth..block.end + depth {
        work.ring.row_mut(newest).fill(levels, state, newest);
    }
    if depth > 0 {
        y_fluxes(levels, state, block.start + 1, &work.ring, work.y_faces.northern(block));
    }
}

/// All explicit tendencies of row `j`, into `work.tendencies` and theta~.
fn explicit_tendencies<T: Real>(
    levels: &Levels<T>,
    state: &TileState<T>,
    j: usize,
    mass_fluxes: Option<&mut MassFluxes<T>>,
    work: &mut Workspace<T>,
) {
    let row = j as isize;
    let here = work.ring.row(row);
    let y_faces = work.y_faces.beside(j);
    let tendencies = &mut work.tendencies;
    match mass_fluxes {
        None => {
            horizontal_tendencies(levels, state, row, here, y_faces, &mut work.rows, tendencies, |_, _| {})
        }
        Some(fluxes) => {
            let keep = |k: usize, mass: &[T]| fluxes.x.row_mut(row, k)[..mass.len()].copy_from_slice(mass);
            horizontal_tendencies(levels, state, row, here, y_faces, &mut work.rows, tendencies, keep);
            if let Some([south, north]) = y_faces {
                fluxes.keep_y(j, &south.mass, &north.mass);
            }
        }
    }
    let theta_interface = &mut work.column.theta_interface;
    vertical_tendencies(levels, state, j, here, &mut work.rows, tendencies, theta_interface);
    if levels.viscosity > T::ZERO || levels.diffusivity > T::ZERO {
        let beside = [row - 1, row, row + 1].map(|j| work.ring.row(j));
        add_diffusion(levels, state, row, beside, tendencies);
    }
    if levels.coriolis != T::ZERO {
        add_coriolis(levels, state, j, tendencies);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::testing::configuration;
    use crate::dynamics::euler::ring::testing::assert_blocks_change_nothing;

    #[test]
    fn blocks_of_rows_give_the_same_bits() {
        let mut configuration = configuration("warm_bubble", [5e3, 1e4], [10, 9]);
        configuration.grid.ny = 8;
        assert_blocks_change_nothing(&configuration, |block, mesh, _, levels, stage, inputs, outputs| {
            let mut work = Workspace::of_blocks(block, levels.nz, mesh.widest_row(), true);
            advance_tile(levels, stage, inputs, outputs, &mut work);
        });
    }
}
