//! One variable on one tile, with its halo.

use crate::mesh::{HALO, Layout};
use crate::real::Real;

/// Values of one variable on one tile, halo included.
#[derive(Clone, Debug)]
pub struct Field<T> {
    layout: Layout,
    values: Vec<T>,
}

impl<T: Real> Field<T> {
    /// Zeros.
    pub fn new(layout: Layout) -> Self {
        Field { layout, values: vec![T::ZERO; layout.len()] }
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// All values, halo and padding included.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// The whole row of y index `j` and level `k`, from i = -[`HALO`] to the end of the padding.
    #[inline(always)]
    pub fn row(&self, j: isize, k: usize) -> &[T] {
        let start = self.layout.row_start(j, k);
        &self.values[start..start + self.layout.row]
    }

    /// The whole row, mutable.
    #[inline(always)]
    pub fn row_mut(&mut self, j: isize, k: usize) -> &mut [T] {
        let start = self.layout.row_start(j, k);
        &mut self.values[start..start + self.layout.row]
    }

    /// The `ni` cells of a row, without the halo.
    #[inline(always)]
    pub fn cells(&self, j: usize, k: usize) -> &[T] {
        &self.row(j as isize, k)[HALO..HALO + self.layout.ni]
    }

    /// The `ni` cells of a row, mutable.
    #[inline(always)]
    pub fn cells_mut(&mut self, j: usize, k: usize) -> &mut [T] {
        let ni = self.layout.ni;
        &mut self.row_mut(j as isize, k)[HALO..HALO + ni]
    }

    /// The value of cell (i, j, k).
    pub fn get(&self, i: isize, j: isize, k: usize) -> T {
        self.values[self.layout.at(i, j, k)]
    }
}
