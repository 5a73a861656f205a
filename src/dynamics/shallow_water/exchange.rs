//! The fields whose halos are exchanged.

use crate::halo::{HaloFields, Kind};
use crate::real::Real;
use crate::state::{Field, TileState};

/// The averages of the depth.
pub struct Depth<'a, T>(pub &'a mut [TileState<T>]);

impl<T: Real> HaloFields<T> for Depth<'_, T> {
    fn field(&self, tile: usize, _n: usize) -> &Field<T> {
        &self.0[tile].density
    }
    fn field_mut(&mut self, tile: usize, _n: usize) -> &mut Field<T> {
        &mut self.0[tile].density
    }
}

/// Kinds of the point values: momentum, then the depth.
pub const POINTS: [Kind; 4] = [
    Kind::Component { first: 0, axis: 0 },
    Kind::Component { first: 0, axis: 1 },
    Kind::Component { first: 0, axis: 2 },
    Kind::Scalar,
];

/// Momentum and the point values of the depth.
pub struct PointFields<'a, T> {
    pub states: &'a mut [TileState<T>],
    pub depth: &'a mut [Field<T>],
}

/// Every state on the sphere has it.
const HAS_THIRD: &str = "the horizontal momentum has three components on the sphere";

impl<T: Real> HaloFields<T> for PointFields<'_, T> {
    fn field(&self, tile: usize, n: usize) -> &Field<T> {
        let TileState { momentum_x, momentum_y, momentum_n, .. } = &self.states[tile];
        [momentum_x, momentum_y, momentum_n.as_ref().expect(HAS_THIRD), &self.depth[tile]][n]
    }
    fn field_mut(&mut self, tile: usize, n: usize) -> &mut Field<T> {
        let TileState { momentum_x, momentum_y, momentum_n, .. } = &mut self.states[tile];
        let third = momentum_n.as_mut().expect(HAS_THIRD);
        let all = [momentum_x, momentum_y, third, &mut self.depth[tile]];
        all.into_iter().nth(n).expect("one of the point values")
    }
}
