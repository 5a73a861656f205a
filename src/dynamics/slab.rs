//! Scratch storage for one row of columns: levels by x.

use crate::real::Real;

/// Rows along x, one for each level, of one y index.
#[derive(Clone, Debug)]
pub struct Slab<T> {
    values: Vec<T>,
    row: usize,
}

impl<T: Real> Slab<T> {
    /// Zeros: `levels` rows of `row` values.
    pub fn new(levels: usize, row: usize) -> Self {
        Slab { values: vec![T::ZERO; levels * row], row }
    }

    #[inline(always)]
    pub fn row(&self, k: usize) -> &[T] {
        &self.values[k * self.row..(k + 1) * self.row]
    }

    #[inline(always)]
    pub fn row_mut(&mut self, k: usize) -> &mut [T] {
        &mut self.values[k * self.row..(k + 1) * self.row]
    }

    /// Row `k` for writing and row `k - 1` for reading.
    #[inline(always)]
    pub fn row_and_below(&mut self, k: usize) -> (&mut [T], &[T]) {
        let (below, here) = self.values.split_at_mut(k * self.row);
        (&mut here[..self.row], &below[(k - 1) * self.row..])
    }
}
