//! Rates of change of the air from processes that a step knows at its start.

use crate::mesh::Tile;
use crate::real::Real;
use crate::state::Field;

/// Of one tile, in units of the momentum and of the heat per s, constant over a step.
///
/// All stages have them. A change between the steps would instead leave pulses of the pressure wherever heat comes and
/// goes, which air over level ground does not feel, but over slopes is driven by.
#[derive(Clone, Debug)]
pub struct Rates<T> {
    pub momentum_x: Field<T>,
    pub momentum_y: Field<T>,
    pub momentum_z: Field<T>,
    pub heat: Field<T>,
}

impl<T: Real> Rates<T> {
    /// Number of fields with as many values as the state has cells, for the memory estimate.
    pub const FIELDS: usize = 4;

    /// Zeros.
    pub fn new(tile: &Tile) -> Self {
        let centre = Field::new(tile.layout(tile.nz));
        Rates {
            momentum_x: centre.clone(),
            momentum_y: centre.clone(),
            momentum_z: Field::new(tile.layout(tile.nz + 1)),
            heat: centre,
        }
    }

    pub fn clear(&mut self) {
        for field in [&mut self.momentum_x, &mut self.momentum_y, &mut self.momentum_z, &mut self.heat] {
            field.values_mut().fill(T::ZERO);
        }
    }
}
