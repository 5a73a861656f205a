//! The rows of primitives and y-faces around the row that is worked on.
//!
//! A y-face needs the primitives of six rows. Where those are more than the core's own caches hold, every face would
//! fetch them again from far away, though faces beside each other share five of them: there, the faces of several rows
//! are computed together, level by level. Where they fit, one row at a time is faster.

use super::Primitives;
use super::fluxes::FaceFluxes;
use crate::cache;
use crate::mesh::HALO;
use crate::real::Real;
use std::ops::Range;

/// Most rows whose northern faces are computed together.
pub const BLOCK: usize = 3;
/// Values by level and column that a row needs in its turn: the primitives of six rows, the fluxes through the faces on
/// both sides, and ten of its own.
const VALUES: usize = 6 * 5 + 2 * 5 + 10;

/// How many rows' northern faces to compute together, of `nz` levels and rows of `row` values: more than one where its
/// scratch takes more than three quarters of the cache, as what passes through from memory takes some, too.
pub fn block_of<T>(nz: usize, row: usize) -> usize {
    let scratch = VALUES * nz * row * size_of::<T>();
    if 4 * scratch > 3 * cache::second_level() { BLOCK } else { 1 }
}

/// Primitives of the rows around, each in the place of one that is no longer needed.
#[derive(Clone, Debug)]
pub struct Ring<T> {
    rows: Vec<Primitives<T>>,
}

impl<T: Real> Ring<T> {
    /// Room for `count` rows of `row` values and `nz` levels; for a single one where there is no y direction.
    pub fn new(count: usize, nz: usize, row: usize, has_y: bool) -> Self {
        Ring { rows: vec![Primitives::new(nz, row); if has_y { count } else { 1 }] }
    }

    /// Place of row `j`, which may lie in the southern halo.
    fn slot(&self, j: isize) -> usize {
        (j + HALO as isize) as usize % self.rows.len()
    }

    #[inline(always)]
    pub fn row(&self, j: isize) -> &Primitives<T> {
        &self.rows[self.slot(j)]
    }

    pub fn row_mut(&mut self, j: isize) -> &mut Primitives<T> {
        let slot = self.slot(j);
        &mut self.rows[slot]
    }

    /// The rows j - 3, j - 2 and so on: those around the y-face between `j - 1` and `j` are six.
    #[inline(always)]
    pub fn around<const N: usize>(&self, j: isize) -> [&Primitives<T>; N] {
        std::array::from_fn(|m| self.row(j - 3 + m as isize))
    }
}

/// Fluxes through the y-faces beside the rows of a block.
#[derive(Clone, Debug)]
pub struct YFaces<T> {
    /// The southern faces of the block's first row, then the northern ones of every row.
    faces: Vec<FaceFluxes<T>>,
    /// Rows of a block.
    block: usize,
}

impl<T: Real> YFaces<T> {
    /// Room for blocks of so many rows of `row` values and `nz` levels; for none where there is no y direction.
    pub fn new(block: usize, nz: usize, row: usize, has_y: bool) -> Self {
        YFaces { faces: vec![FaceFluxes::new(nz, row); if has_y { block + 1 } else { 0 }], block }
    }

    /// The rows of the block that begins with row `j` of a tile with `nj` rows; nothing where none begins there.
    pub fn block(&self, j: usize, nj: usize) -> Option<Range<isize>> {
        j.is_multiple_of(self.block).then(|| j as isize..(j + self.block).min(nj) as isize)
    }

    /// The southernmost faces of a tile.
    pub fn southernmost(&mut self) -> &mut [FaceFluxes<T>] {
        &mut self.faces[..1]
    }

    /// The northern faces of the rows of a block.
    pub fn northern(&mut self, block: Range<isize>) -> &mut [FaceFluxes<T>] {
        if block.start > 0 {
            self.faces.swap(0, self.block);
        }
        &mut self.faces[1..][..block.len()]
    }

    /// The southern and northern faces of row `j`; nothing where there is no y direction.
    pub fn beside(&self, j: usize) -> Option<[&FaceFluxes<T>; 2]> {
        let south = j % self.block;
        (!self.faces.is_empty()).then(|| [&self.faces[south], &self.faces[south + 1]])
    }
}

#[cfg(test)]
pub mod testing {
    use super::BLOCK;
    use crate::cases;
    use crate::config::{Configuration, Setting};
    use crate::dynamics::Reference;
    use crate::dynamics::euler::{Inputs, Levels, Outputs, StageSetting};
    use crate::mesh::Mesh;
    use crate::state::{Field, State, TileState};
    use crate::time::StageTable;

    /// Asserts that a stage of a tile gives the same bits however many rows are worked on together; `advance` gets
    /// the rows of a block first.
    pub fn assert_blocks_change_nothing(
        configuration: &Configuration,
        advance: impl Fn(usize, &Mesh, &Reference, &Levels<f64>, &StageSetting<f64>, Inputs<f64>, Outputs<f64>),
    ) {
        let mesh = Mesh::new(configuration, 0, 1).unwrap();
        let case = cases::build(configuration).unwrap();
        let reference = Reference::on_mesh(&*case, configuration.dynamics.constants, &mesh);
        let levels = Levels::new(&mesh, &reference, &configuration.dynamics);
        let stage = StageSetting::of(&StageTable::new(configuration.dynamics.integrator), 0, 1.0);
        let state = rough_state(&mesh);
        let advanced = |block: usize| {
            let mut next = state.clone();
            let mut buoyancy = Field::new(mesh.tiles[0].layout(levels.nz + 1));
            let inputs = Inputs { initial: &state, previous: &state, open: None };
            let outputs = Outputs { next: &mut next, buoyancy: &mut buoyancy, mass_fluxes: None };
            advance(block, &mesh, &reference, &levels, &stage, inputs, outputs);
            next.dynamic().map(|field| field.values().to_vec())
        };
        assert_ne!(advanced(1)[0], state.density.values());
        assert_eq!(advanced(BLOCK), advanced(1));
    }

    /// A state of the first tile that differs from cell to cell, in the halo too.
    fn rough_state(mesh: &Mesh) -> TileState<f64> {
        let mut state = State::<f64>::new(mesh, Setting::Plane, 0).tiles.swap_remove(0);
        for (number, field) in state.dynamic_mut().into_iter().enumerate() {
            for (place, value) in field.values_mut().iter_mut().enumerate() {
                *value = 1e-3 * ((37 * place + 11 * number) as f64).sin();
            }
        }
        state
    }
}
