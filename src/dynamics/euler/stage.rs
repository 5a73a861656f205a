//! One stage on one tile: a pipeline over its rows of columns.
//!
//! Six rows of primitives are kept in a ring, enough for the stencil of a y-face; every row needs just
//! one new row of primitives and one new row of y-faces. All scratch data of a row fit the cache.

use super::census::{Census, CensusRows};
use super::column::{ColumnWork, update_row};
use super::diffusion::add_diffusion;
use super::fluxes::{
    FaceFluxes, FaceRows, Tendencies, add_coriolis, horizontal_tendencies, vertical_tendencies, y_fluxes,
};
use super::{Levels, Primitives};
use crate::boundary::OpenSides;
use crate::dynamics::MassFluxes;
use crate::mesh::{HALO, Layout};
use crate::real::Real;
use crate::state::{Field, TileState};

pub use super::column::StageSetting;

/// Rows of primitives in the ring: the width of the stencil of a y-face.
const RING: usize = 6;

/// Scratch memory of one thread.
#[derive(Clone, Debug)]
pub struct Workspace<T> {
    ring: Vec<Primitives<T>>,
    south: FaceFluxes<T>,
    north: FaceFluxes<T>,
    rows: FaceRows<T>,
    tendencies: Tendencies<T>,
    column: ColumnWork<T>,
    census: CensusRows<T>,
}

impl<T: Real> Workspace<T> {
    /// Scratch for tiles of `nz` levels whose rows are at most `row` values long.
    pub fn new(nz: usize, row: usize, has_y: bool) -> Self {
        let ring = vec![Primitives::new(nz, row); if has_y { RING } else { 1 }];
        let faces = FaceFluxes::new(if has_y { nz } else { 0 }, row);
        Workspace {
            ring,
            south: faces.clone(),
            north: faces,
            rows: FaceRows::new(row),
            tendencies: Tendencies::new(nz, row, false),
            column: ColumnWork::new(nz, row),
            census: CensusRows::new(row),
        }
    }

    /// Number of values that [`Workspace::new`] allocates, for the memory estimate.
    pub fn len(nz: usize, row: usize, has_y: bool) -> usize {
        let centre = nz * row;
        let ring = 5 * if has_y { RING + 2 } else { 1 };
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
        explicit_tendencies(levels, inputs.previous, j, mass_fluxes.as_deref_mut(), work);
        let here = &work.ring[slot(layout, j as isize)];
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
        std::mem::swap(&mut work.south, &mut work.north);
    }
    if let Some(fluxes) = mass_fluxes {
        fluxes.keep_vertical(stage, inputs, next);
    }
    work.census.total()
}

/// The census of one tile, outside a step.
pub fn census_of_tile<T: Real>(levels: &Levels<T>, state: &TileState<T>, work: &mut Workspace<T>) -> Census {
    let here = &mut work.ring[0];
    work.census.clear();
    for j in 0..state.density.layout().nj {
        here.fill(levels, state, j as isize);
        work.census.add(levels, state, j, here);
    }
    work.census.total()
}

/// Place of row `j` in the ring.
fn slot(layout: Layout, j: isize) -> usize {
    if layout.halo_y == 0 { 0 } else { (j + layout.halo_y as isize) as usize % RING }
}

/// The rows of the ring around the y-face between `j - 1` and `j`.
fn around<T>(ring: &[Primitives<T>], layout: Layout, j: isize) -> [&Primitives<T>; 6] {
    std::array::from_fn(|m| &ring[slot(layout, j - 3 + m as isize)])
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
        work.ring[slot(layout, j)].fill(levels, state, j);
    }
    y_fluxes(levels, state, 0, around(&work.ring, layout, 0), &mut work.south);
}

/// All explicit tendencies of row `j`, into `work.tendencies` and theta~.
fn explicit_tendencies<T: Real>(
    levels: &Levels<T>,
    state: &TileState<T>,
    j: usize,
    mass_fluxes: Option<&mut MassFluxes<T>>,
    work: &mut Workspace<T>,
) {
    let layout = state.density.layout();
    let has_y = layout.halo_y > 0;
    let row = j as isize;
    let newest = row + layout.halo_y as isize;
    work.ring[slot(layout, newest)].fill(levels, state, newest);
    if has_y {
        let ring = around(&work.ring, layout, row + 1);
        y_fluxes(levels, state, row + 1, ring, &mut work.north);
    }
    let here = &work.ring[slot(layout, row)];
    let y_faces = has_y.then_some([&work.south, &work.north]);
    let tendencies = &mut work.tendencies;
    match mass_fluxes {
        None => {
            horizontal_tendencies(levels, state, row, here, y_faces, &mut work.rows, tendencies, |_, _| {})
        }
        Some(fluxes) => {
            let keep = |k: usize, mass: &[T]| fluxes.x.row_mut(row, k)[..mass.len()].copy_from_slice(mass);
            horizontal_tendencies(levels, state, row, here, y_faces, &mut work.rows, tendencies, keep);
            if has_y {
                fluxes.keep_y(j, &work.south.mass, &work.north.mass);
            }
        }
    }
    let theta_interface = &mut work.column.theta_interface;
    vertical_tendencies(levels, state, j, here, &mut work.rows, tendencies, theta_interface);
    if levels.viscosity > T::ZERO || levels.diffusivity > T::ZERO {
        let beside = [row - 1, row, row + 1].map(|j| &work.ring[slot(layout, j)]);
        add_diffusion(levels, state, row, beside, tendencies);
    }
    if levels.coriolis != T::ZERO {
        add_coriolis(levels, state, j, tendencies);
    }
}
