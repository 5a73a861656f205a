//! Values at the centres of the cells, from cell averages.

use crate::dynamics::sphere::TileMetric;
use crate::dynamics::sphere::points::points_of_field;
use crate::halo::{HaloFields, Kind};
use crate::mesh::Tile;
use crate::real::Real;
use crate::state::{Field, TileState};

/// Point values of the scalars of one tile.
#[derive(Clone, Debug)]
pub struct Points<T> {
    pub density: Field<T>,
    pub heat: Field<T>,
    pub momentum_z: Field<T>,
}

impl<T: Real> Points<T> {
    pub fn new(tile: &Tile) -> Self {
        let centre = Field::new(tile.layout(tile.nz));
        Points { density: centre.clone(), heat: centre, momentum_z: Field::new(tile.layout(tile.nz + 1)) }
    }

    /// Computes the point values of one tile, whose neighbouring columns on the panel must be there.
    pub fn fill(&mut self, metric: &TileMetric<T>, state: &TileState<T>) {
        let pairs = [
            (&state.density, &mut self.density),
            (&state.heat, &mut self.heat),
            (&state.momentum_z, &mut self.momentum_z),
        ];
        for (averages, points) in pairs {
            points_of_field(metric, averages, points);
        }
    }
}

/// Kinds of the averages whose neighbours on the panel are exchanged.
pub const AVERAGES: [Kind; 3] = [Kind::Scalar; 3];

/// The averages of density, heat and vertical momentum.
pub struct Averages<'a, T>(pub &'a mut [TileState<T>]);

impl<T: Real> HaloFields<T> for Averages<'_, T> {
    fn field(&self, tile: usize, n: usize) -> &Field<T> {
        let TileState { density, heat, momentum_z, .. } = &self.0[tile];
        [density, heat, momentum_z][n]
    }
    fn field_mut(&mut self, tile: usize, n: usize) -> &mut Field<T> {
        let TileState { density, heat, momentum_z, .. } = &mut self.0[tile];
        [density, heat, momentum_z].into_iter().nth(n).expect("one of the averages")
    }
}

/// Kinds of the point values that are exchanged: horizontal momentum, then the scalars.
pub const POINTS: [Kind; 6] = [
    Kind::Component { first: 0, axis: 0 },
    Kind::Component { first: 0, axis: 1 },
    Kind::Component { first: 0, axis: 2 },
    Kind::Scalar,
    Kind::Scalar,
    Kind::Scalar,
];

/// Horizontal momentum and the point values of the scalars.
pub struct PointFields<'a, T> {
    pub states: &'a mut [TileState<T>],
    pub points: &'a mut [Points<T>],
}

/// Every state on the sphere has it.
const HAS_THIRD: &str = "the horizontal momentum has three components on the sphere";

impl<T: Real> HaloFields<T> for PointFields<'_, T> {
    fn field(&self, tile: usize, n: usize) -> &Field<T> {
        let TileState { momentum_x, momentum_y, momentum_n, .. } = &self.states[tile];
        let Points { density, heat, momentum_z } = &self.points[tile];
        [momentum_x, momentum_y, momentum_n.as_ref().expect(HAS_THIRD), density, heat, momentum_z][n]
    }
    fn field_mut(&mut self, tile: usize, n: usize) -> &mut Field<T> {
        let TileState { momentum_x, momentum_y, momentum_n, .. } = &mut self.states[tile];
        let Points { density, heat, momentum_z } = &mut self.points[tile];
        let third = momentum_n.as_mut().expect(HAS_THIRD);
        let all = [momentum_x, momentum_y, third, density, heat, momentum_z];
        all.into_iter().nth(n).expect("one of the point values")
    }
}
