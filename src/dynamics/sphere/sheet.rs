//! Scratch storage for one level of a tile: rows by columns, with a margin.

use crate::aligned::Aligned;
use crate::mesh::SPHERE_HALO;
use crate::mesh::tile::ROW_GRAIN;
use crate::real::Real;

/// Columns beyond the western end of a row, and rows beyond the southern end, that a sheet holds.
pub const MARGIN: usize = SPHERE_HALO;
/// The same at the other ends: one more, for faces.
const FAR_MARGIN: usize = MARGIN + 1;

/// Values of one level at cells or faces. Face f lies between the cells f - 1 and f.
#[derive(Clone, Debug)]
pub struct Sheet<T> {
    values: Aligned<T>,
    stride: usize,
}

impl<T: Real> Sheet<T> {
    /// Zeros, for tiles of at most `ni` x `nj` columns.
    pub fn new([ni, nj]: [usize; 2]) -> Self {
        let stride = (ROW_GRAIN + ni + FAR_MARGIN).next_multiple_of(ROW_GRAIN);
        Sheet { values: Aligned::zeros((MARGIN + nj + FAR_MARGIN) * stride), stride }
    }

    /// Number of values that [`Sheet::new`] allocates.
    pub fn len([ni, nj]: [usize; 2]) -> usize {
        (MARGIN + nj + FAR_MARGIN) * (ROW_GRAIN + ni + FAR_MARGIN).next_multiple_of(ROW_GRAIN)
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        self.values.fill(T::ZERO);
    }

    /// The row `j`, from i = -[`MARGIN`] on.
    #[inline(always)]
    pub fn row(&self, j: isize) -> &[T] {
        let start = self.start(j);
        &self.values.as_slice()[start..start + self.stride - (ROW_GRAIN - MARGIN)]
    }

    /// The row `j`, mutable.
    #[inline(always)]
    pub fn row_mut(&mut self, j: isize) -> &mut [T] {
        let (start, stride) = (self.start(j), self.stride);
        &mut self.values.as_mut_slice()[start..start + stride - (ROW_GRAIN - MARGIN)]
    }

    /// The row `j` from column (or face) `i` on.
    #[inline(always)]
    pub fn from(&self, i: isize, j: isize) -> &[T] {
        &self.row(j)[(i + MARGIN as isize) as usize..]
    }

    /// The row `j` from column (or face) `i` on, mutable.
    #[inline(always)]
    pub fn from_mut(&mut self, i: isize, j: isize) -> &mut [T] {
        &mut self.row_mut(j)[(i + MARGIN as isize) as usize..]
    }

    /// The column `i` from row `j` on.
    #[inline(always)]
    pub fn column(&self, i: isize, j: isize) -> impl Iterator<Item = &T> {
        self.values[self.start(j) + (i + MARGIN as isize) as usize..].iter().step_by(self.stride)
    }

    /// The column `i` from row `j` on, mutable.
    #[inline(always)]
    pub fn column_mut(&mut self, i: isize, j: isize) -> impl Iterator<Item = &mut T> {
        let (start, stride) = (self.start(j), self.stride);
        self.values[start + (i + MARGIN as isize) as usize..].iter_mut().step_by(stride)
    }

    #[inline(always)]
    pub fn at(&self, i: isize, j: isize) -> T {
        self.values[self.start(j) + (i + MARGIN as isize) as usize]
    }

    #[inline(always)]
    pub fn set(&mut self, i: isize, j: isize, value: T) {
        let place = self.start(j) + (i + MARGIN as isize) as usize;
        self.values[place] = value;
    }

    #[inline(always)]
    fn start(&self, j: isize) -> usize {
        (j + MARGIN as isize) as usize * self.stride + ROW_GRAIN - MARGIN
    }
}
