//! The wind of the globe at the start, in the components that the dynamics carry.

use super::initial_state;
use crate::cases::Case;
use crate::config::Configuration;
use crate::dynamics::Reference;
use crate::mesh::Mesh;
use crate::real::Real;
use crate::state::{Field, TileState};

/// Velocities in m/s along the two axes of the panel and the third, of one tile, at cell centres, without the halo.
pub type Wind<T> = [Field<T>; 3];

/// The wind of this rank's tiles: their momentum divided by their density.
pub fn initial_wind<T: Real>(
    configuration: &Configuration,
    mesh: &Mesh,
    case: &dyn Case,
    reference: &Reference,
) -> Vec<Wind<T>> {
    let state = initial_state::<T>(configuration, mesh, case);
    let tiles = state.tiles.into_iter().enumerate();
    tiles.map(|(index, tile)| velocities(reference, index, tile)).collect()
}

fn velocities<T: Real>(reference: &Reference, index: usize, tile: TileState<T>) -> Wind<T> {
    let TileState { density, momentum_x, momentum_y, momentum_n, .. } = tile;
    let layout = density.layout();
    let mut wind = [momentum_x, momentum_y, momentum_n.unwrap_or_else(|| Field::new(layout))];
    for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
        for (i, deviation) in density.cells(j, k).iter().enumerate() {
            let over_terrain = reference.tiles.get(index);
            let base = over_terrain.map_or(reference.density[k], |tile| tile.density.cells(j, k)[i]);
            for component in &mut wind {
                let cell = &mut component.cells_mut(j, k)[i];
                *cell = T::of(cell.to_f64() / (base + deviation.to_f64()));
            }
        }
    }
    wind
}
