//! The mass fluxes with which a step changed the density: what carries the tracers.

use super::euler::{Inputs, StageSetting};
use super::slab::Slab;
use crate::mesh::Tile;
use crate::real::Real;
use crate::state::{Field, TileState};

/// Mass fluxes through the faces of one tile, in kg/(m2 s), constant over a step:
/// rho^{n+1} = rho^n - dt div(F) holds with them to round-off.
#[derive(Clone, Debug)]
pub struct MassFluxes<T> {
    /// Through x-faces: value f of a row (from its start) belongs to the face between cells f - 1 and f.
    pub x: Field<T>,
    /// Through y-faces: row j belongs to the faces between rows j - 1 and j, cells as in other fields.
    pub y: Field<T>,
    /// Through interfaces: c0 W^n + c1 W_{s-1} + c2 W^{n+1}.
    pub z: Field<T>,
}

impl<T: Real> MassFluxes<T> {
    pub fn new(tile: &Tile) -> Self {
        MassFluxes {
            x: Field::new(tile.layout(tile.nz)),
            y: Field::new(tile.layout(tile.nz)),
            z: Field::new(tile.layout(tile.nz + 1)),
        }
    }

    /// Keeps the fluxes through the southern and northern faces of row `j`.
    pub fn keep_y(&mut self, j: usize, south: &Slab<T>, north: &Slab<T>) {
        let layout = self.y.layout();
        for (row, slab) in [(j, south), (j + 1, north)] {
            if row == j && j > 0 {
                continue;
            }
            for k in 0..layout.levels {
                let start = layout.at(0, row as isize, k);
                self.y.values_mut()[start..start + layout.ni].copy_from_slice(&slab.row(k)[..layout.ni]);
            }
        }
    }

    /// Keeps the mean vertical mass flux of the last stage.
    pub fn keep_vertical(&mut self, stage: &StageSetting<T>, inputs: Inputs<'_, T>, next: &TileState<T>) {
        keep_vertical_fluxes(&mut self.z, stage, [inputs.initial, inputs.previous], next);
    }
}

/// Keeps the mean vertical mass flux of the last stage, from its `[initial, previous]` states and its result.
pub fn keep_vertical_fluxes<T: Real>(
    kept: &mut Field<T>,
    stage: &StageSetting<T>,
    [initial, previous]: [&TileState<T>; 2],
    next: &TileState<T>,
) {
    let layout = kept.layout();
    let [c0, c1, c2] = stage.implicit;
    for j in 0..layout.nj {
        for k in 0..layout.levels {
            let start = initial.momentum_z.cells(j, k);
            let before = previous.momentum_z.cells(j, k);
            let now = next.momentum_z.cells(j, k);
            for (i, mean) in kept.cells_mut(j, k).iter_mut().enumerate() {
                *mean = c0 * start[i] + c1 * before[i] + c2 * now[i];
            }
        }
    }
}
