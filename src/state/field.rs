//! One variable on one tile, with its halo.

use crate::aligned::Aligned;
use crate::mesh::Layout;
use crate::real::Real;

/// Values of one variable on one tile, halo included.
#[derive(Clone, Debug)]
pub struct Field<T> {
    layout: Layout,
    values: Aligned<T>,
}

impl<T: Real> Field<T> {
    /// Zeros.
    pub fn new(layout: Layout) -> Self {
        Field { layout, values: Aligned::zeros(layout.len()) }
    }

    /// The values `value(i, j, k)` in the cells of the tile, and zeros in its halo.
    pub fn of_cells(layout: Layout, value: impl Fn(isize, isize, usize) -> f64) -> Self {
        let mut field = Field::new(layout);
        for (j, k) in (0..layout.nj).flat_map(|j| (0..layout.levels).map(move |k| (j, k))) {
            for (i, cell) in field.cells_mut(j, k).iter_mut().enumerate() {
                *cell = T::of(value(i as isize, j as isize, k));
            }
        }
        field
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// All values, halo and padding included; rows lie as [`Layout`] says.
    pub fn values(&self) -> &[T] {
        self.values.as_slice()
    }

    pub fn values_mut(&mut self) -> &mut [T] {
        self.values.as_mut_slice()
    }

    /// The whole row of y index `j` and level `k`, with its halo: i from -`halo_x` to `ni` + `halo_x`.
    #[inline(always)]
    pub fn row(&self, j: isize, k: usize) -> &[T] {
        let start = self.layout.row_start(j, k);
        &self.values()[start..start + self.layout.row_length()]
    }

    /// The whole row, mutable.
    #[inline(always)]
    pub fn row_mut(&mut self, j: isize, k: usize) -> &mut [T] {
        let start = self.layout.row_start(j, k);
        &mut self.values.as_mut_slice()[start..start + self.layout.row_length()]
    }

    /// The rows of y index `j`, level by level from the lowest on, each from i = -`halo_x` on.
    #[inline(always)]
    pub fn levels(&self, j: isize) -> impl Iterator<Item = &[T]> {
        self.values()[self.layout.row_start(j, 0)..].chunks(self.layout.stride).take(self.layout.levels)
    }

    /// The same, mutable.
    #[inline(always)]
    pub fn levels_mut(&mut self, j: isize) -> impl Iterator<Item = &mut [T]> {
        let Layout { stride, levels, .. } = self.layout;
        let start = self.layout.row_start(j, 0);
        self.values.as_mut_slice()[start..].chunks_mut(stride).take(levels)
    }

    /// The `ni` cells of a row, without the halo.
    #[inline(always)]
    pub fn cells(&self, j: usize, k: usize) -> &[T] {
        &self.row(j as isize, k)[self.layout.halo_x..][..self.layout.ni]
    }

    /// The `ni` cells of a row, mutable.
    #[inline(always)]
    pub fn cells_mut(&mut self, j: usize, k: usize) -> &mut [T] {
        let Layout { ni, halo_x, .. } = self.layout;
        &mut self.row_mut(j as isize, k)[halo_x..][..ni]
    }

    /// The value of cell (i, j, k).
    pub fn get(&self, i: isize, j: isize, k: usize) -> T {
        self.values()[self.layout.at(i, j, k)]
    }
}
