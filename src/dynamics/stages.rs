//! The states between the stages of a step.

use crate::config::Setting;
use crate::mesh::Mesh;
use crate::real::Real;
use crate::state::TileState;

/// States of the stages, by local tile and without tracers. A stage reads one and writes the other, so that none is
/// changed in place; the first reads the state at the start of the step.
pub struct StageStates<T> {
    odd: Vec<TileState<T>>,
    even: Vec<TileState<T>>,
}

impl<T: Real> StageStates<T> {
    /// Zeros on this rank's tiles.
    pub fn new(mesh: &Mesh, setting: Setting) -> Self {
        let states: Vec<TileState<T>> =
            mesh.local_tiles().iter().map(|tile| TileState::new(tile, setting, 0)).collect();
        StageStates { odd: states.clone(), even: states }
    }

    /// Y_{i-1}, which stage `number` (from 0) reads; `initial` is Y^n.
    pub fn previous<'a>(
        &'a mut self,
        number: usize,
        initial: &'a mut [TileState<T>],
    ) -> &'a mut [TileState<T>] {
        match number {
            0 => initial,
            n if n % 2 == 1 => &mut self.odd,
            _ => &mut self.even,
        }
    }

    /// Y_{i-1} and Y_i: what stage `number` reads and writes.
    pub fn around<'a>(
        &'a mut self,
        number: usize,
        initial: &'a [TileState<T>],
    ) -> (&'a [TileState<T>], &'a mut [TileState<T>]) {
        match number {
            0 => (initial, &mut self.odd),
            n if n % 2 == 1 => (&self.odd, &mut self.even),
            _ => (&self.even, &mut self.odd),
        }
    }

    /// Makes the result of the last of `count` stages the state; its tracers stay as they are.
    pub fn adopt(&mut self, count: usize, state: &mut [TileState<T>]) {
        let last = if count % 2 == 1 { &mut self.odd } else { &mut self.even };
        for (tile, last) in state.iter_mut().zip(last) {
            let dynamic = last.prognostic_mut();
            tile.prognostic_mut().zip(dynamic).for_each(|(field, last)| std::mem::swap(field, last));
        }
    }
}
